/*
 * authorization_details.h
 *		Types of authorization_details (RFC 9396).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_AUTHORIZATION_DETAILS_H
#define OAUTH_STORE_AUTHORIZATION_DETAILS_H

#include "oauth.h"
#include "store/function.h"

/* ---- authorization_details_type.c ---- */

/* A type of authorization details (RFC 9396, section 2.1). */
typedef struct OAuthAuthorizationDetailsType
{
	const char *type;
	const char *description;	/* for the user who is asked; NULL: none */
	OAuthApplicationFunction function;	/* that checks each object; its name is NULL: none */
} OAuthAuthorizationDetailsType;

extern OAuthAuthorizationDetailsType *oauth_store_find_details_type(const char *name);
extern void oauth_store_hold_details_types(void);
extern void oauth_store_register_details_type(const OAuthAuthorizationDetailsType *type);
extern bool oauth_store_unregister_details_type(const char *name);
extern List *oauth_store_details_types(void);

#endif							/* OAUTH_STORE_AUTHORIZATION_DETAILS_H */
