/*
 * function.h
 *		Functions of the application: those that are published, and the one that says claims.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_FUNCTION_H
#define OAUTH_STORE_FUNCTION_H

#include "oauth.h"
#include "store/token.h"

/* A function by its name, and what the catalog says of it once it has been found. */
typedef struct OAuthApplicationFunction
{
	char	   *schema;
	char	   *name;
	const char *arguments;		/* their types, for people */
	char	   *api_schema;		/* where the oauth_* functions are; needed for a call */
	Oid			oid;
	Oid			owner;
	Oid			result_type;
} OAuthApplicationFunction;

/* ---- protect.c ---- */

typedef struct OAuthProtectedFunction
{
	char	   *path;
	OAuthApplicationFunction function;
	char	   *required_scope; /* NULL: none */
	List	   *methods;		/* of char * */
	OAuthLoginNeeded login;
} OAuthProtectedFunction;

extern OAuthProtectedFunction *oauth_store_find_protected(const char *path);
extern OAuthProtectedFunction *oauth_store_hold_protected(const char *path);
extern void oauth_store_protect(const OAuthProtectedFunction *entry);
extern bool oauth_store_unprotect(const char *path);

/* ---- claims.c ---- */

extern void oauth_store_claims_init(void);
extern bool oauth_store_has_claims_function(void);
extern bool oauth_store_find_claims_function(OAuthApplicationFunction *function);
extern void oauth_store_hold_claims_function(void);
extern void oauth_store_set_claims_function(const OAuthApplicationFunction *function);

#endif							/* OAUTH_STORE_FUNCTION_H */
