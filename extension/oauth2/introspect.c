/*
 * introspect.c
 *		Introspection (RFC 7662): what is this token?  introspect_jwt.c has the answer as a JWT.
 *
 * "the introspection endpoint MUST also require some form of authorization to access this endpoint"
 * (section 2.1): the client must authenticate.  It may ask about its own tokens; a client that is
 * registered for introspection, such as a resource server, about everybody's access tokens.  Only
 * its own client may ask about a refresh token, so that no resource server takes one for an access
 * token.  The name of an OAuth 1.0a token is never active here: it travels unencrypted, and an
 * eavesdropper could use it as a bearer token where only its activity is checked.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "setting.h"
#include "store/client.h"
#include "store/token.h"
#include "text/text.h"
#include "token/token.h"
#include "user/user.h"

#include "access/xlog.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_introspect);
PG_FUNCTION_INFO_V1(oauth_endpoint_introspect_batch);
PG_FUNCTION_INFO_V1(oauth_introspect_token);

/*
 * The members of section 2.2 that both kinds of token have; the object is left open.  caller NULL:
 * SQL, which sees the subject itself; any other sees the one that the client of the token sees,
 * and a name only if that client may see it.
 */
static void
describe(StringInfo json, const OAuthClient *caller, const char *client_id, const char *subject,
		 const char *scope, const char *resource, const char *token_type, int64 handle,
		 TimestampTz expires_at)
{
	bool		is_pairwise = false;
	const char *seen = subject && caller ?
		oauth_subject_seen_by(client_id, subject, &is_pairwise) : subject;
	const char *username = subject && (!is_pairwise || oauth_words_include(scope, "profile")) ?
		oauth_username(subject) : NULL;

	appendStringInfoString(json, "{\"active\": true");
	oauth_json_member(json, "scope", scope);
	oauth_json_member(json, "client_id", client_id);
	if (username != NULL)
		oauth_json_member(json, "username", username);
	if (token_type != NULL)
		oauth_json_member(json, "token_type", token_type);
	if (expires_at != DT_NOEND)
		oauth_json_number(json, "exp", timestamptz_to_time_t(expires_at));
	oauth_json_number(json, "iat", timestamptz_to_time_t(oauth_handle_time(handle)));
	oauth_json_member(json, "sub", seen ? seen : client_id);
	if (oauth_setting_issuer != NULL && oauth_setting_issuer[0] != '\0')
		oauth_json_member(json, "iss", oauth_setting_issuer);
	if (resource != NULL)
		oauth_json_words(json, "aud", resource);
}

/* When and how strongly its user had logged in (RFC 9470, section 6.2). */
static void
describe_login(StringInfo json, const OAuthAuthentication *authentication)
{
	if (authentication->acr != NULL)
		oauth_json_member(json, "acr", authentication->acr);
	if (authentication->at != 0)
		oauth_json_number(json, "auth_time", timestamptz_to_time_t(authentication->at));
}

static OAuthLane
describe_access_token(StringInfo json, const OAuthClient *caller, const OAuthToken *token)
{
	Jsonb	   *claims;
	OAuthLane	lane = oauth_claims_about(token, &claims);

	if (lane != OAUTH_LANE_ANY)
		return lane;
	describe(json, caller, token->client_id, token->subject, token->scope, token->resource,
			 oauth_cnf_token_type(token->cnf), token->handle, token->expires_at);
	describe_login(json, &token->authentication);
	oauth_cnf_append(json, token->cnf);
	oauth_json_raw(json, "authorization_details", token->authorization_details);
	oauth_json_raw(json, "act", token->act);
	oauth_claims_append(json, claims, NULL);
	appendStringInfoChar(json, '}');
	return lane;
}

static void
describe_refresh_token(StringInfo json, const OAuthClient *caller, const OAuthRefreshToken *token)
{
	const OAuthGrant *grant = &token->grant;

	describe(json, caller, grant->client_id, grant->subject, grant->scope, grant->resource, NULL,
			 token->handle, token->expires_at);
	describe_login(json, &grant->authentication);
	oauth_cnf_append(json, grant->cnf);
	oauth_json_raw(json, "authorization_details", grant->authorization_details);
	appendStringInfoChar(json, '}');
}

static bool
may_learn(const OAuthClient *caller, const char *client_id, bool is_access_token)
{
	return caller == NULL || strcmp(caller->client_id, client_id) == 0 ||
		(is_access_token && oauth_client_may(caller, OAUTH_GRANT_INTROSPECTION));
}

/* A refresh token that still works, or NULL. */
static OAuthRefreshToken *
find_refresh_token(const char *token)
{
	OAuthRefreshToken *refresh = oauth_find_refresh_token(token, strlen(token), true);

	if (refresh == NULL || refresh->used_at != 0 || refresh->is_ended ||
		refresh->expires_at <= GetCurrentTimestamp())
		return NULL;
	return refresh;
}

/*
 * Appends the answer about a token (NULL is none) for that caller, NULL for one who may know
 * everything; or appends nothing and returns the lane that it needs.
 *
 * "If the introspection call is properly authorized but the token is not active, does not exist on
 * this server, or the protected resource is not allowed to introspect this particular token, then
 * the authorization server MUST return an introspection response with the "active" field set to
 * "false" [and] SHOULD NOT include any additional information"
 */
OAuthLane
oauth2_introspection(StringInfo json, const char *token, const OAuthClient *caller)
{
	OAuthToken *access = token ? oauth_find_access_token(token, strlen(token)) : NULL;
	OAuthRefreshToken *refresh = token && access == NULL ? find_refresh_token(token) : NULL;

	if (access != NULL && may_learn(caller, access->client_id, true))
		return describe_access_token(json, caller, access);
	if (refresh != NULL && may_learn(caller, refresh->grant.client_id, false))
		describe_refresh_token(json, caller, refresh);
	else
		appendStringInfoString(json, "{\"active\": false}");
	return OAUTH_LANE_ANY;
}

/* The answer, or *response stays NULL and *lane is the lane that it needs. */
static OAuthFault *
describe_token(const OAuthRequest *request, OAuthResponse **response, OAuthLane *lane)
{
	bool		is_jwt = oauth2_introspection_wants_jwt(request);
	OAuthResponse *json = oauth_response_json(200);
	OAuthParams params;
	OAuthClient *client;
	const char *token;
	OAuthFault *fault;

	if ((fault = oauth2_form_read(request, &params)) != NULL ||
		(fault = oauth_params_get(&params, "token", &token)) != NULL ||
		(fault = oauth2_authenticate_client(request, &params, &client)) != NULL)
		return fault;
	if (client->is_public)
		return oauth_fault(OAUTH_INVALID_CLIENT,
						   "A client that cannot prove who it is may not introspect.");
	if (token == NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST, "No token was sent.");
	if (is_jwt && (*response = oauth2_introspection_elsewhere(client)) != NULL)
		return NULL;
	*lane = oauth2_introspection(&json->body, token, client);
	if (*lane == OAUTH_LANE_ANY)
		*response = is_jwt ? oauth2_introspection_jwt(client, json->body.data) : json;
	return NULL;
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	OAuthResponse *response = NULL;
	OAuthLane	lane = OAUTH_LANE_ANY;
	OAuthFault *fault = describe_token(request, &response, &lane);

	/* a wrong secret is counted, where that can be written */
	if (fault != NULL && fault->code == OAUTH_INVALID_CLIENT &&
		oauth_response_is_other_lane(OAUTH_LANE_WRITING) && !RecoveryInProgress())
		return oauth_response_lane(OAUTH_LANE_WRITING);
	if (lane != OAUTH_LANE_ANY)
		return oauth_response_lane(lane);
	return fault ? oauth2_form_refuse(fault) : response;
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.summary = "Ask what a token is",
		.by = "client",
		.takes = "token! token_type_hint client_id client_secret client_assertion_type "
		"client_assertion",
		.answers = "200:Introspection 400:Error 401:Error 429:Error",
		.example = "token=oat_..."
	},
	{0}
};

const OAuthEndpoint oauth2_introspect_endpoint = {
	.function = "introspect",
	.first_lane = OAUTH_LANE_READING,
	.routes = {{"/oauth2/introspect", "POST", OAUTH_CORS_NOBODY}},
	.needs_users = true,
	.answer = answer,
	.operations = operations
};

/* oauth.introspect(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_introspect(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_introspect_endpoint);
}

/* oauth.introspect_batch(oauth.http_request[]) RETURNS SETOF oauth.http_response */
Datum
oauth_endpoint_introspect_batch(PG_FUNCTION_ARGS)
{
	return oauth_answer_batch(fcinfo, &oauth2_introspect_endpoint);
}

/* oauth_introspect_token(token text) RETURNS jsonb */
Datum
oauth_introspect_token(PG_FUNCTION_ARGS)
{
	StringInfoData json;

	if (!PG_ARGISNULL(0))
		oauth_token_notice_scheme(PG_GETARG_TEXT_PP(0));
	initStringInfo(&json);
	(void) oauth2_introspection(&json,
								PG_ARGISNULL(0) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(0)),
								NULL);
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}
