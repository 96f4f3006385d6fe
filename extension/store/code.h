/*
 * code.h
 *		Codes: of authorization, and of devices.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_CODE_H
#define OAUTH_STORE_CODE_H

#include "crypto/crypto.h"
#include "store/session.h"
#include "store/token.h"

/* ---- code.c ---- */

/* An authorization code in whatever state. */
typedef struct OAuthAuthorizationCode
{
	int64		handle;
	OAuthGrant	grant;
	TimestampTz expires_at;
	bool		is_ended;		/* its grant, client or subject has ended */
	bool		is_used;
	char	   *redirect_uri;	/* NULL: the request sent none */
	char	   *code_challenge; /* NULL: none */
	char	   *nonce;			/* NULL: none */
	char	   *dpop_jkt;		/* thumbprint of the key that may exchange it; NULL: any */
} OAuthAuthorizationCode;

extern int64 oauth_store_find_answer(const char *answer_token, bool *is_living);
extern bool oauth_store_insert_code(const OAuthAuthorizationCode *code, const char *string,
									const char *answer_token);
extern OAuthAuthorizationCode *oauth_store_find_code(const OAuthTokenString *code);
extern bool oauth_store_use_code(int64 handle);

/* ---- device.c ---- */

/* A device code in whatever state. */
typedef struct OAuthDeviceCode
{
	int64		handle;
	const char *client_id;
	const char *scope;
	const char *resource;		/* URIs, space-separated; NULL: any */
	const char *authorization_details;	/* asked for, then granted, JSON; NULL: none */
	const char *subject;		/* NULL until one has approved */
	TimestampTz expires_at;
	TimestampTz polled_at;		/* 0 if it has not been */
	int			interval;		/* seconds */
	bool		is_denied;
	bool		is_used;
	OAuthAuthentication authentication; /* of the session that approved */
} OAuthDeviceCode;

extern bool oauth_store_insert_device_code(const OAuthDeviceCode *code, const char *string,
										   const char *user_code);
extern OAuthDeviceCode *oauth_store_find_device_code(const OAuthTokenString *presented);
extern OAuthDeviceCode *oauth_store_find_user_code(const char *user_code);
extern bool oauth_store_approve_device_code(const char *user_code, const OAuthSession *session,
											const char *details);
extern bool oauth_store_deny_device_code(const char *user_code);
extern void oauth_store_note_poll(int64 handle, bool was_too_soon);
extern bool oauth_store_use_device_code(int64 handle);

#endif							/* OAUTH_STORE_CODE_H */
