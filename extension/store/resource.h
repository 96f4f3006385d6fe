/*
 * resource.h
 *		Registered resources.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_RESOURCE_H
#define OAUTH_STORE_RESOURCE_H

#include "oauth.h"

/* ---- registered_resource.c ---- */

typedef struct OAuthRegisteredResource
{
	const char *uri;			/* as it was registered */
	const char *scope;			/* words that its tokens can have; NULL: any */
	const char *access_token_format;	/* "opaque" or "jwt" */
	int			access_token_lifetime;	/* seconds; 0: it says nothing */
	const char *signing_alg;	/* NULL: the usual one */
} OAuthRegisteredResource;

extern OAuthRegisteredResource *oauth_store_find_resource(const char *normal_uri);
extern void oauth_store_register_resource(const char *normal_uri,
										  const OAuthRegisteredResource *resource);
extern bool oauth_store_unregister_resource(const char *normal_uri);

#endif							/* OAUTH_STORE_RESOURCE_H */
