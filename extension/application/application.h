/*
 * application.h
 *		The application's functions, and the identity that they see.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_APPLICATION_H
#define OAUTH_APPLICATION_H

#include "store/store.h"

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

/* ---- claims.c ---- */

extern OAuthLane oauth_claims_about(const OAuthToken *token, Jsonb **claims);
extern void oauth_claims_append(StringInfo json, Jsonb *claims);
extern bool oauth_claims_have(Jsonb *claims, const char *name);

/* ---- identity.c ---- */

/*
 * The identity of the transaction; none if client_id is NULL.  All of it lives in
 * TopTransactionContext.
 */
typedef struct OAuthIdentity
{
	char	   *client_id;
	char	   *subject;
	char	   *scope;
} OAuthIdentity;

extern void oauth_identity_set(const OAuthToken *token);
extern void oauth_identity_clear(void);
extern OAuthIdentity oauth_identity_hide(void);
extern void oauth_identity_restore(const OAuthIdentity *hidden);
extern void oauth_identity_init(void);

#endif							/* OAUTH_APPLICATION_H */
