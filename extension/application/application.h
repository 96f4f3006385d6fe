/*
 * application.h
 *		The application's functions, and the identity that they see.  Knows no rule of OAuth.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_APPLICATION_H
#define OAUTH_APPLICATION_H

#include "store/function.h"
#include "store/token.h"

/* ---- application.c ---- */

#define OAUTH_MAX_APPLICATION_ARGUMENTS 3

extern void oauth_application_parse(const char *given, const char *arguments,
									OAuthApplicationFunction *function);
extern void oauth_application_find(OAuthApplicationFunction *function, int n_arguments,
								   const Oid *types);
extern bool oauth_application_caller_owns(const OAuthApplicationFunction *function, int n_arguments,
										  const Oid *types);
extern void oauth_application_refuse_restricted(const char *what);
extern void oauth_application_check_owner(const OAuthApplicationFunction *function);
extern NullableDatum oauth_application_text(const char *words);
extern Datum oauth_application_call(const OAuthApplicationFunction *function, int n_arguments,
									const NullableDatum * arguments, bool *is_null);
extern bool oauth_application_try(const OAuthApplicationFunction *function, int n_arguments,
								  const NullableDatum * arguments, NullableDatum * result);

/* ---- owner.c ---- */

/* Who the user was before the owner. */
typedef struct OAuthOneself
{
	Oid			user;
	int			context;
	int			nest_level;
} OAuthOneself;

extern OAuthOneself oauth_become_owner(Oid owner, bool is_restricted);
extern void oauth_become_oneself(const OAuthOneself *oneself);

/* ---- release.c ---- */

/* What a client gets to see of the claims of a person. */
typedef struct OAuthRelease
{
	const char *scope;			/* that was granted */
	const Jsonb *requested;		/* by the claims parameter, for this place; NULL: nothing */
	bool		has_claims_of_scope;	/* those of its scopes, and the application's own */
} OAuthRelease;

extern const char *oauth_standard_claims(void);
extern const char *oauth_claim_scope(const char *name);
extern Jsonb *oauth_claims_requested(const char *parameter, const char *place);
extern bool oauth_claims_ask_for(const Jsonb *requested, const char *name);
extern bool oauth_claim_is_released(const OAuthRelease *release, const char *name,
									JsonbValue *value);

/* ---- claims.c ---- */

extern OAuthLane oauth_claims_about(const OAuthToken *token, Jsonb **claims);
extern void oauth_claims_append(StringInfo json, Jsonb *claims, const OAuthRelease *release);
extern bool oauth_claims_ask_application(const Jsonb *requested);
extern Jsonb *oauth_claims_with_name(Jsonb *claims, const char *username);

/* ---- identity.c ---- */

/*
 * The identity of the transaction; none if client_id is NULL.  All of it lives in
 * TopTransactionContext.
 */
typedef struct OAuthIdentity
{
	bool		is_login;		/* it is the one of the login to the server; the rest is NULL */
	char	   *client_id;
	char	   *subject;
	char	   *scope;
	char	   *authorization_details;	/* JSON; NULL: none */
} OAuthIdentity;

extern void oauth_identity_set(const OAuthToken *token);
extern void oauth_identity_clear(void);
extern OAuthIdentity oauth_identity_hide(void);
extern void oauth_identity_restore(const OAuthIdentity *hidden);
extern void oauth_identity_log_in(const OAuthTokenString *token, Oid database);
extern void oauth_identity_init(void);

#endif							/* OAUTH_APPLICATION_H */
