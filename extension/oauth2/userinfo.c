/*
 * userinfo.c
 *		Who the user is whose token this is (OpenID Connect Core, section 5.3).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "client/client.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/store.h"
#include "text/text.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_userinfo);

#define SCOPE "openid"

/*
 * "access token obtained from an OpenID Connect Authentication Request", so it is of somebody and
 * has scope openid.
 */
static OAuthFault *
check_token(const OAuthToken *token)
{
	if (token->subject == NULL)
		return oauth_fault(OAUTH_INSUFFICIENT_SCOPE,
						   "The access token is of a client, not of a user.");
	return oauth_caller_check_scope(token, SCOPE);
}

/* The refusal; to a client's own token no scope would help. */
static OAuthResponse *
refuse(const OAuthFault *fault, const OAuthToken *token)
{
	return oauth2_bearer_challenge(fault, token != NULL && token->subject == NULL ? NULL : SCOPE);
}

/*
 * Section 5.3.2.  preferred_username belongs to the scope profile (section 5.4), and the
 * application may know better.
 */
static OAuthResponse *
success(const OAuthToken *token, Jsonb *claims)
{
	const char *username = oauth_words_include(token->scope, "profile") &&
		!oauth_claims_have(claims, "preferred_username") ?
		oauth_username(token->subject) :
		NULL;
	OAuthResponse *response = oauth_response_json(200);
	StringInfo	body = &response->body;

	appendStringInfoChar(body, '{');
	oauth_json_member(body, "sub", token->subject);
	if (username != NULL)
		oauth_json_member(body, "preferred_username", username);
	oauth_claims_append(body, claims);
	appendStringInfoChar(body, '}');
	return response;
}

/* *token is whose request it is, once known. */
static OAuthResponse *
answer_bearer(const OAuthRequest *request, OAuthToken **token)
{
	char	   *bearer;
	Jsonb	   *claims;
	OAuthUndo	undo;
	OAuthLane	lane;
	OAuthFault *fault;

	if ((fault = oauth2_bearer_from_request(request, &bearer)) != NULL ||
		(fault = oauth2_bearer_verify_or_move(bearer, NULL, token, &lane)) != NULL)
		return refuse(fault, *token);
	if (lane != OAUTH_LANE_ANY)
		return oauth_response_application((*token)->client_id, (*token)->subject);
	if ((fault = check_token(*token)) != NULL)
		return refuse(fault, *token);
	oauth_undo_begin(request, &undo);
	lane = oauth_claims_about(*token, &claims);
	oauth_undo_end(&undo, false);
	return lane != OAUTH_LANE_ANY ?
		oauth_response_application((*token)->client_id, (*token)->subject) :
		success(*token, claims);
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	OAuthToken *token = NULL;
	OAuthResponse *response = answer_bearer(request, &token);

	return oauth_cors_allow(request, token ? token->client_id : NULL, response);
}

const OAuthEndpoint oauth2_userinfo_endpoint = {
	.function = "userinfo",
	.first_lane = OAUTH_LANE_READING,
	.routes = {{"/oauth2/userinfo", "GET POST", OAUTH_CORS_CLIENT}},
	.answer = answer
};

/* oauth.userinfo(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_userinfo(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_userinfo_endpoint);
}
