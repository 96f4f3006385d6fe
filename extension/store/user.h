/*
 * user.h
 *		Users: built-in ones, those of the application, second factors, and where they are known.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_USER_H
#define OAUTH_STORE_USER_H

#include "oauth.h"

/* ---- user.c ---- */

typedef struct OAuthUser
{
	char	   *subject;
	char	   *username;
	char	   *password_hash;	/* NULL: an own user who has none */
	bool		is_disabled;
} OAuthUser;

extern OAuthUser *oauth_store_find_user(const char *username);
extern char *oauth_store_hash_at(const uint8 *place);
extern bool oauth_store_replace_hash(const OAuthUser *user, const char *hash);
extern OAuthUser *oauth_store_hold_user(const char *username);
extern char *oauth_store_find_username(const char *subject);
extern bool oauth_store_insert_user(const char *username, const char *subject,
									const char *password_hash);
extern void oauth_store_set_password(const char *username, const char *password_hash);
extern bool oauth_store_disable_subject(const char *subject);
extern bool oauth_store_enable_subject(const char *subject);
extern void oauth_store_delete_user(const char *username, const char *subject);
extern bool oauth_store_find_subject(const char *subject, bool *is_disabled);
extern bool oauth_store_use_subject(const char *subject);
extern bool oauth_store_has_subject(const char *subject);
extern bool oauth_store_hold_subject(const char *subject);
extern void oauth_store_revive_subject(const char *subject);
extern int64 oauth_store_end_subjects(List *subjects, bool are_deleted);
extern int64 oauth_store_end_every_subject(void);
extern int64 oauth_store_end_access(const char *subject, const char *reason);

/* ---- user_source.c ---- */

/* Where they are.  What is stored, and what the catalog says of it now. */
typedef struct OAuthUserSource
{
	char	   *schema;
	char	   *name;
	char	   *id;				/* columns */
	char	   *username;
	char	   *password;		/* NULL: none */
	char	   *active;			/* NULL: all are */
	char	   *scheme;
	char	   *function_schema;	/* that checks passwords; NULL: none */
	char	   *function_name;
	bool		allow_legacy;
	bool		upgrade;
	Oid			relation;
	Oid			owner;
	char		kind;			/* of relation, as pg_class has it */
	Oid			id_type;		/* of the columns, those of domains taken off */
	Oid			username_type;
	Oid			active_type;
} OAuthUserSource;

extern bool oauth_store_users_are_external(void);
extern bool oauth_store_must_check_user(void);
extern OAuthUserSource *oauth_store_stored_user_source(void);
extern OAuthUserSource *oauth_store_user_source(void);
extern void oauth_store_resolve_user_source(OAuthUserSource *source);
extern void oauth_store_hold_user_source(void);
extern void oauth_store_set_user_source(const OAuthUserSource *source);
extern bool oauth_store_forget_user_source(void);
extern bool oauth_store_user_source_can_tell(Oid relation);

/* ---- second_factor.c ---- */

typedef struct OAuthSecondFactorRow
{
	bool		is_required;
	bool		is_confirmed;
	bytea	   *secret_sealed;	/* NULL: none */
	int			n_recovery_codes;
} OAuthSecondFactorRow;

extern bool oauth_store_is_built_in(const char *subject);
extern void oauth_store_find_second_factor(const char *subject, OAuthSecondFactorRow *factor);
extern bool oauth_store_begin_second_factor(const char *subject, bytea *secret_sealed);
extern bool oauth_store_confirm_second_factor(const char *subject, bytea *secret_sealed,
											  int64 step);
extern bool oauth_store_use_totp_step(const char *subject, bytea *secret_sealed, int64 step);
extern bool oauth_store_use_recovery_code(const char *subject, const char *code);
extern void oauth_store_set_recovery_codes(const char *subject, List *codes);
extern bool oauth_store_remove_second_factor(const char *subject);
extern bool oauth_store_require_second_factor(const char *subject, bool is_required);

/* ---- known.c ---- */

extern bool oauth_store_knows_address(const uint8 *key);
extern void oauth_store_remember_address(const uint8 *key);
extern int64 oauth_store_purge_known(void);

#endif							/* OAUTH_STORE_USER_H */
