/*
 * oauth1.h
 *		OAuth 1.0a: request tokens, tokens and nonces.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_OAUTH1_H
#define OAUTH_STORE_OAUTH1_H

#include "crypto/crypto.h"
#include "store/token.h"

/* ---- oauth1.c ---- */

/* Temporary credentials (RFC 5849, section 2.1), in whatever state. */
typedef struct OAuth1RequestToken
{
	int64		handle;
	char	   *client_id;
	bytea	   *secret_sealed;
	char	   *callback;		/* a URI, or oob */
	char	   *scope;
	char	   *subject;		/* NULL until one has approved */
	TimestampTz expires_at;
	int			failed_attempts;
	bool		is_denied;
	bool		is_used;
} OAuth1RequestToken;

/* Token credentials (section 2.3), in whatever state. */
typedef struct OAuth1Token
{
	int64		handle;
	OAuthGrant	grant;
	bytea	   *secret_sealed;
	TimestampTz expires_at;		/* 0: when it is revoked */
	bool		is_ended;		/* it was revoked, or its grant, client or subject has ended */
} OAuth1Token;

#define OAUTH1_MAX_ATTEMPTS 5

extern void oauth_store_insert_request_token(const OAuth1RequestToken *token, const char *string);
extern OAuth1RequestToken *oauth_store_find_request_token(const OAuthTokenString *token);
extern bool oauth_store_approve_request_token(int64 handle, const char *subject,
											  const char *verifier);
extern bool oauth_store_deny_request_token(int64 handle);
extern bool oauth_store_use_request_token(int64 handle, const char *verifier);
extern void oauth_store_insert_oauth1_token(const OAuth1Token *token, const char *string);
extern OAuth1Token *oauth_store_find_oauth1_token(const OAuthTokenString *token);
extern OAuth1Token *oauth_store_find_unasked_oauth1_token(const OAuthTokenString *token);

/* ---- nonce.c ---- */

typedef enum OAuthNonceResult
{
	OAUTH_NONCE_NEW,			/* and now used */
	OAUTH_NONCE_USED,
	OAUTH_NONCE_STALE			/* the timestamp is outside the window */
} OAuthNonceResult;

/* Timestamps that are acceptable now, counted from 1970. */
typedef struct OAuthNonceWindow
{
	int64		earliest;
	int64		latest;
	int			seconds;		/* either way */
} OAuthNonceWindow;

extern bool oauth_store_try_nonce(const uint8 *digest);
extern OAuthNonceResult oauth_store_use_nonce(int64 timestamp, const uint8 *digest,
											  const OAuthNonceWindow *window);
extern void oauth_store_purge_nonces(const OAuthNonceWindow *window);

#endif							/* OAUTH_STORE_OAUTH1_H */
