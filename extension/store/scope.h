/*
 * scope.h
 *		Scopes.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_SCOPE_H
#define OAUTH_STORE_SCOPE_H

#include "oauth.h"

/* ---- scope.c ---- */

extern void oauth_store_register_scope(const char *scope, const char *description, bool is_default,
									   bool is_advertised);
extern void oauth_store_seed_scopes(void);
extern bool oauth_store_add_scope(const char *scope, const char *description);
extern List *oauth_store_unknown_scopes(List *scopes);
extern List *oauth_store_scope_descriptions(const char *scope);
extern bool oauth_store_scope_is_given(const char *scope);
extern bool oauth_store_default_is_used(void);
extern char *oauth_store_default_scope(void);
extern char *oauth_store_all_scopes(void);
extern char *oauth_store_advertised_scopes(void);
extern bool oauth_store_scope_is_withheld(const char *scope);

#endif							/* OAUTH_STORE_SCOPE_H */
