/*
 * token.h
 *		Grants and tokens: issuing, finding and ending them.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_TOKEN_H
#define OAUTH_STORE_TOKEN_H

#include "crypto/crypto.h"
#include "store/client.h"

/* ---- token.c ---- */

/* When and how somebody logged in (OpenID Connect Core, section 2). */
typedef struct OAuthAuthentication
{
	TimestampTz at;				/* auth_time; 0: unknown */
	const char *acr;			/* NULL: nobody said */
	const char *amr;			/* space-separated; NULL: nobody said */
	const char *sid;			/* the public id of the session; NULL: none */
	int			session_lifetime;	/* seconds, of a session that begins; 0: the setting */
} OAuthAuthentication;

/* What the login behind a token must be (RFC 9470); all zeros: it may be any. */
typedef struct OAuthLoginNeeded
{
	const char *acr_values;		/* one of these, space-separated; NULL: any */
	int			max_age;		/* seconds since it; 0: any */
} OAuthLoginNeeded;

typedef struct OAuthGrant
{
	int64		handle;
	const char *client_id;
	const char *subject;		/* NULL: the client itself */
	const char *grant_type;
	const char *scope;			/* NULL for the client itself */
	const char *resource;		/* URIs, space-separated; NULL: any */
	OAuthAuthentication authentication; /* of the subject, when it granted this */
	const char *claims;			/* the claims parameter of the request, JSON; NULL: none */
	const char *cnf;			/* what its refresh tokens are bound to; NULL: nothing */
	const char *authorization_details;	/* JSON; NULL: none */
	const char *issuer;			/* that is trusted, and whose JWT it is made by; NULL: nobody's */
} OAuthGrant;

/* A living access token with what it stands for. */
typedef struct OAuthToken
{
	int64		handle;
	int64		grant;
	char	   *client_id;
	char	   *subject;		/* NULL: the client itself */
	char	   *scope;
	char	   *resource;		/* URIs, space-separated; NULL: any */
	TimestampTz expires_at;
	bool		is_signed;		/* it came with an OAuth 1.0a signature */
	OAuthAuthentication authentication; /* of its grant: at and acr only */
	char	   *cnf;			/* what it is bound to, as jkt:...; NULL: nothing */
	char	   *authorization_details;	/* JSON; NULL: none */
	char	   *act;			/* who acts for the subject, JSON; NULL: nobody */
} OAuthToken;

/* An access token that is to be issued. */
typedef struct OAuthAccessToken
{
	int64		handle;
	int64		grant;
	const OAuthClient *client;
	const char *subject;		/* NULL: the client itself */
	const char *scope;
	const char *resource;		/* URIs, space-separated; NULL: any */
	const char *audience;		/* the same as the resources call themselves */
	TimestampTz expires_at;
	const OAuthAuthentication *authentication;	/* of the subject; NULL: unknown */
	const char *cnf;			/* what it is bound to; NULL: nothing */
	const char *authorization_details;	/* JSON; NULL: none */
	const char *act;			/* who acts for the subject, JSON; NULL: nobody */
} OAuthAccessToken;

/* A refresh token, living or used. */
typedef struct OAuthRefreshToken
{
	int64		handle;
	OAuthGrant	grant;
	TimestampTz expires_at;
	bool		is_ended;		/* its grant, client or subject has ended */
	TimestampTz used_at;		/* 0 if it has not been */
	int64		successor;
	int64		access_token;
	uint8		salt[OAUTH_SALT_LENGTH];	/* zeros if it has none */
	bool		has_salt;
} OAuthRefreshToken;

extern int64 oauth_store_standing_grant(const char *client_id);
extern bool oauth_store_bind_grant(int64 handle, const char *cnf);
extern int64 oauth_store_login_grant(const char *client_id, const char *sid, const char *subject);
extern void oauth_store_insert_grant(const OAuthGrant *grant);
extern void oauth_store_insert_access_token(const OAuthAccessToken *token, const char *string);
extern void oauth_store_insert_refresh_token(int64 handle, int64 grant, const char *token,
											 int64 access_token, const uint8 *salt,
											 TimestampTz expires_at);
extern bool oauth_store_issued_before(OAuthAccessToken *token, uint8 *hash);
extern bool oauth_store_use_refresh_token(int64 handle, int64 successor);
extern void oauth_store_extend_refresh_token(int64 handle, TimestampTz expires_at);

/* ---- key_lock.c ---- */

extern bool oauth_store_hold(int64 handle);

/* ---- disabled.c ---- */

extern bool (*oauth_store_user_is_active_hook) (const char *subject);
extern bool oauth_store_client_is_enabled(const char *client_id);
extern bool oauth_store_subject_is_disabled(const char *subject);
extern bool oauth_store_subject_is_enabled(const char *subject);

/* ---- lookup.c ---- */

#define OAUTH_MAX_EXPECTED 64

extern void oauth_store_expect_access_tokens(const int64 *tokens, int n);
extern OAuthToken *oauth_store_find_access_token(const OAuthTokenString *token);
extern bool oauth_store_read_grant(OAuthGrant *grant);
extern char *oauth_store_grant_claims(int64 grant);
extern OAuthToken *oauth_store_find_unasked_access_token(const OAuthTokenString *token);
extern OAuthRefreshToken *oauth_store_find_refresh_token(int64 handle, const uint8 *hash,
														 bool read_only);

/* ---- ending.c ---- */

/* What ends at once: a token or grant by its handle, all of a client or subject by its name. */
typedef enum OAuthEnding
{
	OAUTH_TOKEN_ENDED,
	OAUTH_GRANT_ENDED,
	OAUTH_CLIENT_ENDED,
	OAUTH_SUBJECT_ENDED,
	OAUTH_EVERY_SUBJECT_ENDED
} OAuthEnding;

extern void (*oauth_store_ended_hook) (OAuthEnding what, int64 handle, const char *name);
extern void oauth_store_tell_ended(OAuthEnding what, int64 handle, const char *name);
extern bool oauth_store_revoke_access_token(int64 handle);
extern bool oauth_store_end_grant(int64 grant, const char *reason);
extern int64 oauth_store_end_grants_of_subject(const char *subject, const char *reason);
extern int64 oauth_store_end_grants_of_client(const char *client_id, const char *reason);
extern bool oauth_store_revoke_oauth1_token(int64 handle);
extern int64 oauth_store_end_grants_of_session(const char *sid);
extern int64 oauth_store_end_online_grants(const char *subject);
extern int64 oauth_store_end_grants_of_issuer(const char *issuer, const char *reason);
extern int64 oauth_store_end_grants_between(const char *subject, const char *client_id,
											const char *reason);
extern void oauth_store_notify_revocation(void);

/* ---- imported.c ---- */

extern int64 oauth_store_imported_handle(const uint8 *hash, bool is_signature);
extern int64 oauth_store_imported_handle_now(const uint8 *hash);
extern void oauth_store_add_imported_key(const uint8 *key_hash, bytea *sealed);
extern List *oauth_store_imported_keys(void);
extern void oauth_store_settle_secret(const OAuthClient *client, const char *secret);

/* ---- state.c ---- */

/* What has become of a token, in words; NULL for what there is not. */
typedef struct OAuthTokenState
{
	char	   *kind;
	char	   *client_id;
	char	   *client_name;
	char	   *who;
	char	   *scope;
	char	   *state;
	char	   *ended_reason;
	char	   *issued_at;
	char	   *expires_at;
	char	   *ended_at;
	bool		matches;		/* the digest too, not the handle alone */
} OAuthTokenState;

typedef struct OAuthCodeState
{
	char	   *client_id;
	char	   *client_name;
	char	   *redirect_uri;
	char	   *code_challenge;
	char	   *used_at;
	char	   *expired_at;
	char	   *ended_reason;
	bool		matches;
} OAuthCodeState;

extern OAuthTokenState *oauth_store_token_state(const OAuthTokenString *string);
extern OAuthCodeState *oauth_store_code_state(const OAuthTokenString *string);
extern char *oauth_store_request_token_state(const OAuthTokenString *string, char **client_id);
extern char *oauth_store_client_end(const char *client_id);
extern char *oauth_store_old_secret_end(const char *client_id, const uint8 *hash);
extern char *oauth_store_time_of_handle(int64 handle);

#endif							/* OAUTH_STORE_TOKEN_H */
