/*
 * resource.c
 *		/api/: who is calling, and the functions of the application (RFC 6750).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_resource);

/* /api/ itself. */
static OAuthResponse *
who_is_calling(const OAuthToken *token)
{
	const char *username = token->subject ? oauth_store_find_username(token->subject) : NULL;
	OAuthResponse *response = oauth_response_json(200);
	StringInfo	body = &response->body;

	appendStringInfoChar(body, '{');
	if (token->subject != NULL)
		oauth_json_member(body, "subject", token->subject);
	if (username != NULL)
		oauth_json_member(body, "username", username);
	oauth_json_member(body, "client_id", token->client_id);
	oauth_json_member(body, "scope", token->scope);
	oauth_json_member(body, "auth", "bearer");
	appendStringInfoChar(body, '}');
	return response;
}

static OAuthResponse *
method_not_allowed(const OAuthProtectedFunction *entry)
{
	OAuthResponse *response;
	StringInfoData allow;
	ListCell   *cell;

	initStringInfo(&allow);
	foreach(cell, entry->methods)
		appendStringInfo(&allow, "%s%s", allow.len > 0 ? ", " : "", (char *) lfirst(cell));
	response = oauth_response_fault(oauth_fault(OAUTH_METHOD_NOT_ALLOWED, "This path does not take that method."));
	oauth_response_header(response, "Allow", allow.data);
	return response;
}

/* A function for GET answers HEAD too; the body is not sent. */
static bool
takes_method(const OAuthProtectedFunction *entry, const char *method)
{
	ListCell   *cell;

	foreach(cell, entry->methods)
		if (strcmp(lfirst(cell), method) == 0 ||
			(strcmp(method, "HEAD") == 0 && strcmp(lfirst(cell), "GET") == 0))
			return true;
	return false;
}

/* Below /api/: the function that is registered there, as the caller. */
static OAuthResponse *
run_function(const OAuthRequest *request, const OAuthToken *token, Datum datum)
{
	OAuthProtectedFunction *entry = oauth_store_find_protected(request->path);
	OAuthResponse *response;

	if (entry == NULL)
		return oauth_response_fault(oauth_fault(OAUTH_NOT_FOUND, "Nothing is registered for this path."));
	if (!takes_method(entry, request->method))
		return method_not_allowed(entry);
	if (!oauth2_scope_includes(token->scope, entry->required_scope))
		return oauth2_bearer_challenge(oauth_fault(OAUTH_INSUFFICIENT_SCOPE,
												   "The access token does not hold the scope this needs."),
									   entry->required_scope);
	if (oauth_response_is_other_lane(OAUTH_LANE_SLOW))
		return oauth_response_lane(OAUTH_LANE_SLOW);
	oauth_identity_set(token);
	response = oauth_protected_call(entry, datum);
	oauth_identity_clear();
	return response;
}

static OAuthResponse *
answer(const OAuthRequest *request, Datum datum)
{
	OAuthToken *token;
	char	   *bearer;
	OAuthFault *fault;

	if ((fault = oauth2_bearer_from_request(request, &bearer)) != NULL ||
		(fault = oauth2_bearer_verify(bearer, NULL, &token)) != NULL)
		return oauth2_bearer_challenge(fault, NULL);
	if (strcmp(request->path, "/api") == 0)
		return who_is_calling(token);
	return run_function(request, token, datum);
}

/* oauth.resource(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_resource(PG_FUNCTION_ARGS)
{
	OAuthRequest *request = oauth_request_from_datum(PG_GETARG_DATUM(0));

	oauth_identity_clear();
	return oauth_response_datum(fcinfo, answer(request, PG_GETARG_DATUM(0)));
}
