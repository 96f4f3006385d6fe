/*
 * forward_auth.c
 *		/auth: says yes or no to a proxy that asks before it passes a request on (nginx
 *		auth_request).
 *
 * The proxy passes the Authorization header of the original request, and puts what it requires into
 * its own query, /auth?scope=write&resource=https://api.example.com/&max_age=300, which the client
 * cannot change.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "api/api.h"
#include "client/client.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/token.h"
#include "text/text.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_forward_auth);
PG_FUNCTION_INFO_V1(oauth_endpoint_forward_auth_batch);

#define MAX_DETAILS 2048		/* bytes in a field */

typedef struct Requirements
{
	const char *scope;			/* NULL: none */
	const char *resource;		/* NULL: this provider */
	OAuthLoginNeeded login;
} Requirements;

/*
 * Parameters without a value count as omitted elsewhere.  Here one says that the proxy has lost
 * what it requires, which must not let everybody in.
 */
OAuthFault *
oauth_forward_auth_check(const OAuthParams *params)
{
	for (int i = 0; i < params->n; i++)
		if (params->items[i].value[0] == '\0')
			return oauth_fault(OAUTH_INVALID_REQUEST,
							   psprintf("%s has no value: say what is required, or leave it out.",
										oauth_is_plain(params->items[i].name, 32) ?
										params->items[i].name : "A parameter"));
	return NULL;
}

static OAuthFault *
read_requirements(const OAuthRequest *request, Requirements *required)
{
	OAuthParams params;
	List	   *words;
	OAuthFault *fault;

	if (request->query == NULL)
		return NULL;
	if ((fault = oauth_params_parse(request->query, strlen(request->query), &params)) != NULL ||
		(fault = oauth_forward_auth_check(&params)) != NULL ||
		(fault = oauth_params_get(&params, "scope", &required->scope)) != NULL ||
		(fault = oauth_params_get(&params, "resource", &required->resource)) != NULL ||
		(fault = oauth2_resource_check(required->resource)) != NULL ||
		(fault = oauth2_step_up_read(&params, &required->login)) != NULL)
		return fault;
	return required->scope ? oauth2_scope_parse(required->scope, &words) : NULL;
}

/* The first of these fields that is present, or NULL. */
static char *
first_field(const OAuthRequest *request, const char *const *names, int n)
{
	char	   *value = NULL;

	for (int i = 0; i < n && value == NULL; i++)
		oauth_request_header(request, names[i], &value);
	return value;
}

/*
 * The request that the proxy received, which an OAuth 1.0a signature or a DPoP proof is over.  The
 * shim passes these fields from trusted proxies only.  A form in the body is not seen here, so a
 * signature over one does not hold.
 */
const OAuthRequest *
oauth_original_request(const OAuthRequest *request)
{
	static const char *const methods[] = {"X-Original-Method", "X-Forwarded-Method"};
	static const char *const targets[] = {"X-Original-URI", "X-Forwarded-Uri"};
	char	   *method = first_field(request, methods, lengthof(methods));
	char	   *target = first_field(request, targets, lengthof(targets));

	if (target == NULL || target[0] != '/')
		return request;
	return oauth_request_about(request, method ? method : request->method, target);
}

/*
 * The authorization details as JSON of one line in ASCII.  Proxies take a few KiB of header fields:
 * longer ones are left out, and a program that needs them asks the introspection endpoint.
 */
static void
add_details(OAuthResponse *response, const OAuthToken *token)
{
	const char *details = token->authorization_details ?
		oauth_json_ascii(token->authorization_details) : NULL;

	if (details != NULL && strlen(details) <= MAX_DETAILS)
		oauth_response_header(response, "X-OAuth-Authorization-Details", details);
}

static OAuthResponse *
answer_proxy(const OAuthRequest *request)
{
	const OAuthRequest *original;
	OAuthResponse *response;
	OAuthToken *token;
	OAuthLane	lane;
	Requirements required = {0};
	OAuthFault *fault;

	if ((fault = read_requirements(request, &required)) != NULL)
		return oauth_response_fault(fault);
	original = oauth_original_request(request);
	fault = oauth_caller(request, original, required.resource, OAUTH_LANE_WRITING, &token, &lane);
	if (fault == NULL && lane != OAUTH_LANE_ANY)
		return oauth_caller_elsewhere(original, token, lane);
	if (fault != NULL || (fault = oauth_caller_check_scope(token, required.scope)) != NULL ||
		(fault = oauth_caller_check_login(token, &required.login)) != NULL)
		return oauth_caller_challenge(request, fault, required.scope,
									  oauth2_metadata_uri_of(required.resource));
	response = oauth_response(200);
	oauth_response_header(response, "Cache-Control", "no-store");
	if (token->subject != NULL)
		oauth_response_header(response, "X-OAuth-Subject", token->subject);
	oauth_response_header(response, "X-OAuth-Client", token->client_id);
	oauth_response_header(response, "X-OAuth-Scope", token->scope);
	add_details(response, token);
	return response;
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	return oauth2_dpop_answer(request, answer_proxy(request));
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.summary = "For proxies: may this request pass?",
		.by = "token oauth1",
		.answers = "200 400:Error 401:Error 403:Error"
	},
	{0}
};

const OAuthEndpoint oauth_forward_auth_endpoint = {
	.function = "forward_auth",
	.first_lane = OAUTH_LANE_READING,
	.routes = {{"/auth", NULL, OAUTH_CORS_NOBODY}},
	.answer = answer,
	.operations = operations
};

/* oauth.forward_auth(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_forward_auth(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth_forward_auth_endpoint);
}

/* oauth.forward_auth_batch(oauth.http_request[]) RETURNS SETOF oauth.http_response */
Datum
oauth_endpoint_forward_auth_batch(PG_FUNCTION_ARGS)
{
	return oauth_answer_batch(fcinfo, &oauth_forward_auth_endpoint);
}
