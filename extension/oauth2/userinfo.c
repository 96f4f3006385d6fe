/*
 * userinfo.c
 *		The claims about the user whose token this is (OpenID Connect Core, section 5.3).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "client/client.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "secret/secret.h"
#include "store/client.h"
#include "store/function.h"
#include "store/token.h"
#include "text/text.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_userinfo);
PG_FUNCTION_INFO_V1(oauth_endpoint_userinfo_batch);

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
	return oauth_caller_check_scope(token, OAUTH2_SCOPE_OPENID);
}

/* The refusal; to a client's own token no scope would help. */
static OAuthResponse *
refuse_token(const OAuthRequest *request, const OAuthFault *fault, const OAuthToken *token)
{
	return oauth2_token_challenge(request, fault, token != NULL && token->subject == NULL ? NULL :
								  OAUTH2_SCOPE_OPENID, oauth2_resource_metadata_uri(""));
}

/* Whose claims are answered to whom, and what the client may see of them. */
typedef struct Userinfo
{
	OAuthToken *token;
	OAuthClient *client;
	OAuthRelease release;
	Jsonb	   *claims;			/* of the application; NULL: none */
} Userinfo;

/* The name of a built-in user, if the client is to see it. */
static const char *
released_username(const Userinfo *userinfo)
{
	bool		is_asked_for = oauth_words_include(userinfo->release.scope, "profile") ||
		oauth_claims_ask_for(userinfo->release.requested, "preferred_username");

	return is_asked_for ? oauth_username(userinfo->token->subject) : NULL;
}

/*
 * Section 5.3.2: "The sub (subject) Claim MUST always be returned in the UserInfo Response", and
 * "if signed, the UserInfo Response MUST contain the Claims iss (issuer) and aud (audience) as
 * members".
 */
static char *
claims_to_answer(const Userinfo *userinfo)
{
	const OAuthClient *client = userinfo->client;
	Jsonb	   *claims = oauth_claims_with_name(userinfo->claims, released_username(userinfo));
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	if (client->userinfo_signed_response_alg != NULL)
	{
		oauth_json_member(&json, "iss", oauth_issuer());
		oauth_json_member(&json, "aud", client->client_id);
		oauth_json_number(&json, "iat", timestamptz_to_time_t(GetCurrentTimestamp()));
	}
	oauth_json_member(&json, "sub", oauth_subject_for(client, userinfo->token->subject));
	oauth_claims_append(&json, claims, &userinfo->release);
	appendStringInfoChar(&json, '}');
	return json.data;
}

/* "If the UserInfo Response is signed [...] the content-type MUST be application/jwt." */
static OAuthResponse *
answer_claims(const Userinfo *userinfo)
{
	const char *alg = userinfo->client->userinfo_signed_response_alg;
	char	   *claims = claims_to_answer(userinfo);
	OAuthResponse *response;

	response = alg ? oauth_response_uncached(200, "application/jwt") : oauth_response_json(200);
	appendStringInfoString(&response->body, alg ? oauth_sign_jwt(alg, "JWT", claims) : claims);
	return response;
}

/* Asks the application about the person, and answers. */
static OAuthResponse *
answer_about(const OAuthRequest *request, OAuthToken *token)
{
	Userinfo	userinfo = {
		.token = token,
		.client = oauth_store_find_client(token->client_id, NULL),
		.release = {.scope = token->scope, .has_claims_of_scope = true}
	};
	const char *alg;
	OAuthResponse *elsewhere;
	OAuthUndo	undo;
	OAuthLane	lane;

	if (userinfo.client == NULL)
		elog(ERROR, "the client of a living token is gone");
	userinfo.release.requested = oauth_claims_requested(oauth_store_grant_claims(token->grant),
														"userinfo");
	oauth_undo_begin(request, &undo);
	lane = oauth_claims_about(token, &userinfo.claims);
	oauth_undo_end(&undo, false);
	if (lane != OAUTH_LANE_ANY)
		return oauth_response_application(token->client_id, token->subject);
	alg = userinfo.client->userinfo_signed_response_alg;
	elsewhere = alg ? oauth2_sign_elsewhere(alg) : NULL;
	return elsewhere ? elsewhere : answer_claims(&userinfo);
}

/*
 * Where a request with a proof is answered: the proof is used up there, so nothing may move the
 * request from there.
 */
static OAuthLane
lane_of_proof(void)
{
	return oauth_store_has_claims_function() ? OAUTH_LANE_APPLICATION : OAUTH_LANE_SIGNING;
}

static OAuthResponse *
answer_caller(const OAuthRequest *request)
{
	OAuthToken *token = NULL;
	OAuth2Presented presented;
	OAuthLane	lane;
	OAuthFault *fault;

	if ((fault = oauth2_token_from_request(request, &presented)) != NULL ||
		(fault = oauth2_token_verify_or_move(presented.token, NULL, &token, &lane)) != NULL)
		return refuse_token(request, fault, token);
	if (lane == OAUTH_LANE_ANY && oauth2_confirmation_writes(&presented, token) &&
		oauth_response_is_other_lane(lane_of_proof()))
		lane = lane_of_proof();
	if (lane == OAUTH_LANE_APPLICATION)
		return oauth_response_application(token->client_id, token->subject);
	if (lane != OAUTH_LANE_ANY)
		return oauth_response_lane_of_scheme(lane);
	if ((fault = oauth2_confirm(request, &presented, token)) != NULL ||
		(fault = check_token(token)) != NULL)
		return refuse_token(request, fault, token);
	return answer_about(request, token);
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	return oauth2_dpop_answer(request, answer_caller(request));
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.summary = "The claims about the user of a token with scope openid",
		.by = "token",
		.answers = "200:Claims 400:Error 401:Error 403:Error"
	},
	{0}
};

const OAuthEndpoint oauth2_userinfo_endpoint = {
	.function = "userinfo",
	.first_lane = OAUTH_LANE_READING,
	.routes = {{"/oauth2/userinfo", "GET POST", OAUTH_CORS_ALL}},
	.answer = answer,
	.operations = operations
};

/* oauth.userinfo(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_userinfo(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_userinfo_endpoint);
}

/* oauth.userinfo_batch(oauth.http_request[]) RETURNS SETOF oauth.http_response */
Datum
oauth_endpoint_userinfo_batch(PG_FUNCTION_ARGS)
{
	return oauth_answer_batch(fcinfo, &oauth2_userinfo_endpoint);
}
