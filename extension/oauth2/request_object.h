/*
 * request_object.h
 *		What checks of a request object look like, for the endpoints and for explanations.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_REQUEST_OBJECT_H
#define OAUTH_REQUEST_OBJECT_H

#include "jose/jose.h"
#include "oauth2/oauth2.h"
#include "store/client.h"

/* A request object that is being read. */
typedef struct OAuth2RequestObject
{
	const OAuthClient *client;
	const char *token;
	OAuthJws	jws;
	Jsonb	   *claims;
	OAuthParams params;			/* that it says */
} OAuth2RequestObject;

/* One thing that has to be right with it. */
typedef struct OAuth2RequestObjectCheck
{
	const char *name;
	OAuthFault *(*check) (OAuth2RequestObject *object);
	const char *remedy;			/* what the client should do */
} OAuth2RequestObjectCheck;

extern const OAuth2RequestObjectCheck *oauth2_request_object_check(size_t i);
extern OAuthFault *oauth2_request_object_read(const OAuthClient *client, const char *token,
											  OAuthParams *params);

#endif							/* OAUTH_REQUEST_OBJECT_H */
