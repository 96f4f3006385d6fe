/*
 * token.h
 *		Issuing and rotating tokens.  Knows no HTTP.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_TOKEN_H
#define OAUTH_TOKEN_H

#include "audit/audit.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "store/client.h"
#include "store/oauth1.h"
#include "store/token.h"

/* ---- find.c ---- */

extern OAuthToken *oauth_find_access_token(const char *token, int length);
extern OAuthRefreshToken *oauth_find_refresh_token(const char *token, int length, bool read_only);
extern OAuth1Token *oauth_find_oauth1_token(const char *token, int length);

/* ---- hold.c ---- */

extern OAuthFault *oauth_hold(int64 handle);

/* ---- imported.c ---- */

extern bool oauth_token_locate(const char *token, int length, OAuthTokenKind kind,
							   OAuthTokenString *located);

/* ---- imported_hydra.c ---- */

extern void oauth_hydra_hash(const char *signature, uint8 *hash);
extern void oauth_hydra_add_key(const char *system_secret);
extern bool oauth_hydra_signature_hash(const char *token, int length, uint8 *hash);

/* ---- issue.c ---- */

typedef struct OAuthIssue
{
	int64		grant;			/* 0: a new one */
	const OAuthClient *client;
	const char *subject;		/* NULL: the client itself */
	const char *grant_type;
	const char *scope;
	const char *resource;		/* URIs, space-separated; NULL: any */
	int			lifetime;		/* seconds, 0 for the client's */
	TimestampTz not_after;		/* when the access token ends at the latest; 0: whenever */
	bool		refresh;
	const OAuthAuthentication *authentication;	/* of the subject; NULL: no browser was there */
	const char *cnf;			/* what the tokens are bound to; NULL: nothing */
	const char *authorization_details;	/* JSON; NULL: none */
	const char *act;			/* who acts for the subject, JSON; NULL: nobody */
	const char *issuer;			/* that is trusted, and whose JWT this is for; NULL: nobody's */
} OAuthIssue;

typedef struct OAuthIssued
{
	char	   *access_token;
	char	   *refresh_token;	/* NULL if none */
	char	   *scope;			/* of the access token */
	const char *asked_scope;	/* what was asked for, of which the resources may not know all */
	TimestampTz expires_at;
	int64		grant;			/* 0: the answer is one that was given before */
	char	   *id_token;		/* NULL if none */
	OAuthResponse *elsewhere;	/* nothing was issued: asks again on another lane; else NULL */
	const char *issued_token_type;	/* of a token exchange, else NULL */
	const char *cnf;			/* what the access token is bound to; NULL: nothing */
	const char *authorization_details;	/* of the access token, JSON; NULL: none */
} OAuthIssued;

extern void oauth_issue_note(const OAuthRequest *request, const OAuthClient *client,
							 const OAuthEvent *event);
extern OAuthIssued *oauth_issue(const OAuthIssue *issue);
extern TimestampTz oauth_within_grant(int64 grant, TimestampTz expires_at);
extern TimestampTz oauth_access_token_end(const OAuthClient *client, const OAuthTokenRules *rules,
										  int lifetime);
extern TimestampTz oauth_refresh_token_end(const OAuthClient *client, int64 grant);

/* ---- cnf.c ---- */

extern bool oauth_cnf_is_key(const char *cnf);
extern char *oauth_cnf_of_key(const char *jkt);
extern const char *oauth_cnf_token_type(const char *cnf);
extern void oauth_cnf_append(StringInfo json, const char *cnf);
extern bool oauth_cnf_equals(const char *one, const char *other);

/* ---- jwt.c ---- */

extern char *oauth_access_token_jwt(const OAuthAccessToken *token, const char *alg);

/* ---- rotate.c ---- */

extern OAuthIssued *oauth_rotate(const OAuthClient *client, const OAuthRefreshToken *old,
								 const char *presented, const char *scope, const char *resource,
								 const char *details, const char *cnf);
extern OAuthIssued *oauth_repeat_rotation(const OAuthClient *client, const OAuthRefreshToken *old,
										  const char *presented, const char *cnf);

/* ---- renew.c ---- */

extern OAuthIssued *oauth_renew(const OAuthClient *client, const OAuthRefreshToken *refresh,
								const char *scope, const char *resource, const char *details,
								const char *cnf);

/* ---- functions.c ---- */

extern Datum oauth_issued_row(FunctionCallInfo fcinfo, const OAuthIssued *issued);
extern void oauth_use_subject(const char *subject);
extern void oauth_token_notice_scheme(const text *token);

#endif							/* OAUTH_TOKEN_H */
