/*
 * par.c
 *		/oauth2/par: pushed authorization requests (RFC 9126).
 *
 * The client sends what it asks for here, itself, and gets a request_uri; the browser then carries
 * that, and nothing else.  The request is checked as the authorization endpoint would, by the same
 * checks in the same order, and once more there: what the client may have can become less
 * meanwhile.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/authorization.h"
#include "setting.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_par);
PG_FUNCTION_INFO_V1(oauth_endpoint_par_batch);

/* A client that authenticates in the header may leave client_id out of the form. */
static OAuthFault *
complete_client_id(OAuth2Authorization *request)
{
	const char *client_id;
	OAuthFault *fault = oauth_params_get(&request->sent, "client_id", &client_id);

	if (fault == NULL && client_id == NULL)
		oauth_params_add(&request->sent, "client_id", request->client->client_id);
	return fault;
}

/*
 * "the authorization server [...] error codes [...] of [RFC6749] section 5.2 [and] 4.1.2.1"
 * (section 2.3): neither has one for redirect URIs.
 */
static OAuthFault *
in_words_of_section(OAuthFault *fault)
{
	if (fault != NULL && fault->code == OAUTH_INVALID_REDIRECT_URI)
		fault->code = OAUTH_INVALID_REQUEST;
	return fault;
}

/*
 * The key that the client proves to have binds the code, as dpop_jkt does, and "If both mechanisms
 * are used at the same time, the authorization server MUST reject the request if the JWK Thumbprint
 * in dpop_jkt does not match the public key in the DPoP header" (RFC 9449, section 10.1).  Uses the
 * proof up, so it comes after all that may move the request.
 */
static OAuthFault *
bind_to_key(OAuth2Authorization *request)
{
	char	   *jkt;
	OAuthFault *fault = oauth2_dpop_check(request->http, request->client, &jkt);

	if (fault != NULL || jkt == NULL)
		return fault;
	if (request->dpop_jkt != NULL && strcmp(request->dpop_jkt, jkt) != 0)
		return oauth_fault(OAUTH_INVALID_REQUEST, "dpop_jkt is not the key of the DPoP proof.");
	request->dpop_jkt = jkt;
	return NULL;
}

/* The straight line of section 2.1. */
static OAuthFault *
push(const OAuthRequest *http, OAuth2Authorization *request, char **request_uri)
{
	OAuthFault *fault;

	if ((fault = oauth2_form_read(http, &request->sent)) != NULL ||
		(fault = oauth2_authenticate_newcomer(http, &request->sent, &request->client)) != NULL ||
		(fault = complete_client_id(request)) != NULL ||
		(fault = in_words_of_section(oauth2_authorization_check(request))) != NULL)
		return fault;
	if (request->client->is_public && (fault = oauth2_pushed_request_count(http)) != NULL)
		return fault;
	if ((fault = bind_to_key(request)) != NULL)
		return fault;
	return oauth2_push(request, oauth_client_request_uri_lifetime(request->client), request_uri);
}

/* Section 2.2. */
static OAuthResponse *
answer_uri(const OAuthClient *client, const char *request_uri)
{
	OAuthResponse *response = oauth_response_json(201);

	appendStringInfoChar(&response->body, '{');
	oauth_json_member(&response->body, "request_uri", request_uri);
	oauth_json_number(&response->body, "expires_in", oauth_client_request_uri_lifetime(client));
	appendStringInfoChar(&response->body, '}');
	return response;
}

static OAuthResponse *
answer(const OAuthRequest *http)
{
	OAuth2Authorization request = {.is_being_pushed = true, .http = http};
	char	   *request_uri = NULL;
	OAuthFault *fault = push(http, &request, &request_uri);

	return oauth2_dpop_answer(http, oauth2_form_answer(http, request.client, fault, fault ? NULL :
													   answer_uri(request.client, request_uri)));
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.summary = "Push an authorization request",
		.by = "client",
		.takes = "response_type! client_id redirect_uri scope state code_challenge "
		"code_challenge_method response_mode nonce prompt max_age acr_values "
		"claims login_hint id_token_hint ui_locales resource "
		"authorization_details dpop_jkt request client_secret "
		"client_assertion_type client_assertion",
		.answers = "201:PushedRequest 400:Error 401:Error 429:Error",
		.example = "response_type=code&redirect_uri=https://client.example/back&scope=read&"
		"code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&"
		"code_challenge_method=S256"
	},
	{0}
};

const OAuthEndpoint oauth2_par_endpoint = {
	.function = "par",
	.first_lane = OAUTH_LANE_WRITING,
	.routes = {{"/oauth2/par", "POST", OAUTH_CORS_CLIENT}},
	.answer = answer,
	.operations = operations
};

/* oauth.par(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_par(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_par_endpoint);
}

/* oauth.par_batch(oauth.http_request[]) RETURNS SETOF oauth.http_response */
Datum
oauth_endpoint_par_batch(PG_FUNCTION_ARGS)
{
	return oauth_answer_batch(fcinfo, &oauth2_par_endpoint);
}
