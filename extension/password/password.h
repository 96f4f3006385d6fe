/*
 * password.h
 *		Password hashes: of pgcrypto, and of other programs.  Knows no user.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_PASSWORD_H
#define OAUTH_PASSWORD_H

#include "oauth.h"

/* ---- crypt.c ---- */

extern const char oauth_crypt_alphabet[];

/* ---- password.c ---- */

#define OAUTH_MAX_BCRYPT_PASSWORD 72	/* bytes; bcrypt reads no more */

extern char *oauth_password_hash(const char *password);
extern bool oauth_password_is_ready_hash(const char *password);
extern bool oauth_password_matches(const char *password, const char *password_hash);
extern void oauth_password_dummy_check(const char *password, const char *like);
extern char *oauth_password_with_cost_set(const char *password, const char *password_hash);
extern char *oauth_pgcrypto_crypt(const char *password, const char *salt);
extern char *oauth_bcrypt_salt(void);

/* ---- scheme.c ---- */

typedef enum OAuthPasswordVerdict
{
	OAUTH_PASSWORD_WRONG,
	OAUTH_PASSWORD_MATCHES,
	OAUTH_PASSWORD_UNUSABLE		/* the hash: unknown, malformed, too costly, or legacy and not
								 * allowed */
} OAuthPasswordVerdict;

typedef struct OAuthPasswordInspection
{
	const char *scheme;			/* NULL if it is not known */
	bool		is_legacy;
	bool		is_weak;		/* legacy, or less work than it should be */
	const char *problem;		/* that keeps it from being used; NULL if none */
} OAuthPasswordInspection;

extern void oauth_password_check_scheme(const char *name);
extern void oauth_password_inspect(const char *stored, const char *scheme_name, bool allow_legacy,
								   OAuthPasswordInspection *look);
extern char *oauth_password_renew(const char *password, const char *stored);
extern bool oauth_password_can_be_renewed(const char *stored);
extern List *oauth_password_by_cost(List *hashes, const char *scheme_name, bool allow_legacy);
extern OAuthPasswordVerdict oauth_password_verify(const char *password, const char *stored,
												  const char *scheme_name, bool allow_legacy);

/* ---- stand_in.c ---- */

extern void oauth_stand_in(const char *name, uint8 *place);

#endif							/* OAUTH_PASSWORD_H */
