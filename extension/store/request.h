/*
 * request.h
 *		Requests that wait: for a login, or for the browser.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_REQUEST_H
#define OAUTH_STORE_REQUEST_H

#include "crypto/crypto.h"
#include "store/token.h"

/* ---- login_request.c ---- */

/* A login, or a decision, that the application takes over, in whatever state. */
typedef struct OAuthLoginRequest
{
	int64		handle;
	TimestampTz expires_at;
	char	   *address;		/* of the page to come back to */
	char	   *client_id;		/* NULL: no client asks */
	char	   *scope;			/* NULL: there is nothing to consent to */
	bool		is_login;		/* else somebody is logged in, and only the decision is open */
	char	   *subject;		/* NULL: nobody yet */
	char	   *accepted_scope; /* NULL: the pages here ask */
	const char *authorization_details;	/* that the client asks for, JSON; NULL: none */
	const char *accepted_details;	/* that are granted, JSON; NULL: none */
	bool		is_denied;
	bool		is_used;
	char	   *acr_values;		/* what the client asks for, space-separated; NULL: nothing */
	int			max_age;		/* seconds, -1: any */
	char	   *prompt;			/* NULL: none */
	OAuthAuthentication authentication; /* as the application says it, or of the session */
} OAuthLoginRequest;

extern void oauth_store_insert_login_request(const OAuthLoginRequest *request, const char *string,
											 const char *browser);
extern OAuthLoginRequest *oauth_store_find_login_request(const OAuthTokenString *presented,
														 bool by_verifier);
extern void oauth_store_set_login_verifier(int64 handle, const char *verifier);
extern bool oauth_store_accept_login(const OAuthLoginRequest *login);
extern bool oauth_store_accept_consent(int64 handle, const char *scope, const char *details);
extern bool oauth_store_deny_login_request(int64 handle);
extern bool oauth_store_use_login_request(int64 handle, const char *browser);

/* ---- pushed_request.c ---- */

/* An authorization request that is kept under a request_uri, in whatever state. */
typedef struct OAuthPushedRequest
{
	int64		handle;
	const char *client_id;
	const char *parameters;		/* a form */
	TimestampTz open_until;		/* any browser may open it until then */
	TimestampTz expires_at;		/* one that has opened it may go on until then */
	bool		is_used;		/* it has been answered */
	bool		is_signed;		/* the client signed it (RFC 9101) */
	bool		is_of_browser;	/* the one that asks has opened it */
	bool		is_of_answer;	/* that answer has used it */
} OAuthPushedRequest;

extern void oauth_store_insert_pushed_request(const OAuthPushedRequest *request,
											  const char *string);
extern OAuthPushedRequest *oauth_store_find_pushed_request(const OAuthTokenString *presented,
														   const char *browser, const char *answer);
extern void oauth_store_open_pushed_request(int64 handle, TimestampTz expires_at,
											const char *browser);
extern bool oauth_store_use_pushed_request(int64 handle, const char *answer);

#endif							/* OAUTH_STORE_REQUEST_H */
