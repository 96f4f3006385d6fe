/*
 * authorization.h
 *		What the files of the authorization endpoint share: the request as it is being checked, its
 *		checks, and its answers.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_AUTHORIZATION_H
#define OAUTH_AUTHORIZATION_H

#include "http/http.h"
#include "oauth2/id_token_hint.h"
#include "oauth2/oauth2.h"
#include "page/page.h"
#include "store/client.h"
#include "store/request.h"
#include "store/session.h"
#include "store/token.h"

#define OAUTH2_AUTHORIZE	"/oauth2/authorize"
#define OAUTH2_CONFIRM		OAUTH2_AUTHORIZE "/confirm"

typedef struct OAuth2Authorization
{
	const OAuthRequest *http;	/* NULL: nobody waits for an answer */
	OAuthParams sent;			/* as they came */
	OAuthParams params;			/* those that count: as sent, as pushed, or of the request object */
	OAuthClient *client;
	const char *sent_uri;		/* redirect_uri, NULL if none was sent */
	const char *redirect_uri;	/* where the answer goes; NULL until it is known to be good */
	const char *state;
	bool		by_post;		/* response_mode form_post */
	bool		by_jwt;			/* the answer is signed: response_mode jwt and the like */
	const char *scope;
	const char *resource;
	const char *authorization_details;	/* JSON; NULL: none */
	const char *code_challenge;
	const char *nonce;
	const char *prompt;
	int			max_age;		/* seconds, OAUTH_NO_MAX_AGE: any */
	List	   *acr_values;		/* of char *, the best first; NIL: any */
	bool		acr_is_essential;
	OAuth2IdTokenHint hint;		/* who it must be */
	const char *subject;		/* likewise, as the client names them; NULL: anybody */
	const char *claims;			/* the claims parameter; NULL: none */
	const char *dpop_jkt;		/* the key that the code is for; NULL: any */
	const char *visit;			/* of the browser; NULL: it has made none */
	TimestampTz login_since;	/* this request sent the person to the login then; 0: it has not */
	int64		chosen_session; /* the handle of what was chosen on our page; 0: none was */
	bool		is_being_pushed;	/* to /oauth2/par */
	bool		is_signed;		/* by the client, as a request object */
	const char *request_uri;	/* of ours, under which it is kept; NULL: it is not */
	OAuthPushedRequest *pushed; /* what it says was kept there */
	const char *answer;			/* the decision on the consent page; NULL: none was made there */
	bool		is_used;		/* what was pushed has been used up for this answer */
} OAuth2Authorization;

/* A check reads what it is about from the parameters. */
typedef struct OAuth2AuthorizationCheck
{
	const char *name;
	OAuthFault *(*check) (OAuth2Authorization *request);
} OAuth2AuthorizationCheck;

extern OAuthFault *oauth2_check_client(OAuth2Authorization *request);
extern OAuthFault *oauth2_check_redirect_uri(OAuth2Authorization *request);
extern OAuthFault *oauth2_check_pushed_request(OAuth2Authorization *request);
extern OAuthFault *oauth2_check_request_object(OAuth2Authorization *request);
extern OAuthFault *oauth2_check_response_mode(OAuth2Authorization *request);
extern OAuthFault *oauth2_check_way(OAuth2Authorization *request);
extern OAuthFault *oauth2_check_response_type(OAuth2Authorization *request);
extern OAuthFault *oauth2_check_pkce(OAuth2Authorization *request);
extern OAuthFault *oauth2_check_scope(OAuth2Authorization *request);
extern OAuthFault *oauth2_check_authorization_details(OAuth2Authorization *request);
extern OAuthFault *oauth2_check_prompt(OAuth2Authorization *request);
extern OAuthFault *oauth2_check_max_age(OAuth2Authorization *request);
extern OAuthFault *oauth2_check_id_token_hint(OAuth2Authorization *request);
extern OAuthFault *oauth2_check_claims(OAuth2Authorization *request);
extern OAuthFault *oauth2_check_acr_values(OAuth2Authorization *request);
extern void oauth2_read_response_mode(OAuth2Authorization *request);
extern OAuthFault *oauth2_check_dpop_jkt(OAuth2Authorization *request);
extern bool oauth2_prompts(const OAuth2Authorization *request, const char *what);

/* ---- authorize.c ---- */

extern const OAuth2AuthorizationCheck *oauth2_authorization_check_of(size_t i);
extern OAuthFault *oauth2_authorization_check(OAuth2Authorization *request);

/* ---- pushed_request.c ---- */

extern bool oauth2_is_pushed_request_uri(const char *uri);
extern OAuthFault *oauth2_pushed_request_count(const OAuthRequest *http);
extern OAuthFault *oauth2_push(OAuth2Authorization *request, int seconds, char **request_uri);
extern OAuthFault *oauth2_pushed_request_hold(OAuth2Authorization *request);
extern OAuthFault *oauth2_pushed_request_use(OAuth2Authorization *request);

/* ---- authorize_answer.c ---- */

extern OAuthResponse *oauth2_authorize_tell_user(const OAuthRequest *http,
												 const OAuthFault *fault);
extern OAuthResponse *oauth2_authorize_tell_client(const OAuthRequest *http,
												   OAuth2Authorization *request,
												   const OAuthFault *fault);
extern OAuthResponse *oauth2_authorize_code(const OAuthRequest *http,
											const OAuth2Authorization *request, const char *code);

/* ---- authorize_jwt.c ---- */

extern OAuthResponse *oauth2_authorize_jwt_elsewhere(const OAuth2Authorization *request);
extern char *oauth2_authorize_jwt(const OAuth2Authorization *request, const List *names,
								  const List *values);

/* ---- authorize_address.c ---- */

extern void oauth2_authorize_read_proofs(OAuth2Authorization *request);
extern void oauth2_authorize_visit(OAuth2Authorization *request);
extern OAuthResponse *oauth2_authorize_keep_visit(const OAuth2Authorization *request,
												  OAuthResponse *response);
extern bool oauth2_authorize_is_opened(const OAuth2Authorization *request);
extern char *oauth2_authorize_query(const OAuth2Authorization *request);
extern char *oauth2_authorize_address(const OAuth2Authorization *request, TimestampTz login_since,
									  int64 chosen_session);

/* ---- authorize_login.c ---- */

extern void oauth2_authorize_about(const OAuth2Authorization *request, OAuthLoginRequest *login);
extern OAuthFault *oauth2_authorize_login_fault(const OAuth2Authorization *request,
												const char *subject,
												const OAuthAuthentication *authentication);
extern OAuthResponse *oauth2_authorize_login(const OAuthRequest *http,
											 OAuth2Authorization *request,
											 const OAuthSession *session);

/* ---- authorize_consent.c ---- */

extern OAuthResponse *oauth2_authorize_details(const OAuthRequest *http,
											   OAuth2Authorization *request, const char *subject);

extern OAuthResponse *oauth2_authorize_grant(const OAuthRequest *http,
											 OAuth2Authorization *request,
											 const char *subject,
											 const OAuthAuthentication *authentication,
											 const char *answer_token);
extern OAuthResponse *oauth2_authorize_consent(const OAuthRequest *http,
											   OAuth2Authorization *request,
											   const OAuthSession *session);

#endif							/* OAUTH_AUTHORIZATION_H */
