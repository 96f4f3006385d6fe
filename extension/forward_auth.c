/*
 * forward_auth.c
 *		/auth: says yes or no for a proxy that asks before it passes a request on (nginx auth_request).
 *
 * The proxy passes the Authorization header of the original request, and names what is required in its own query,
 * /auth?scope=write, which the client cannot change.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_forward_auth);

static OAuthFault *
required_scope(const OAuthRequest *request, const char **scope)
{
	OAuthParams params;
	OAuthFault *fault;

	*scope = NULL;
	if (request->query == NULL)
		return NULL;
	if ((fault = oauth_params_parse(request->query, strlen(request->query), &params)) != NULL)
		return fault;
	return oauth_params_get(&params, "scope", scope);
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	OAuthResponse *response;
	OAuthToken *token;
	const char *scope = NULL;
	char	   *bearer;
	OAuthFault *fault;
	List	   *words;

	if ((fault = required_scope(request, &scope)) != NULL ||
		(scope != NULL && (fault = oauth2_scope_parse(scope, &words)) != NULL))
		return oauth_response_fault(fault);
	if ((fault = oauth2_bearer_from_request(request, &bearer)) != NULL ||
		(fault = oauth2_bearer_verify(bearer, scope, &token)) != NULL)
		return oauth2_bearer_challenge(fault, scope);
	response = oauth_response(200);
	oauth_response_header(response, "Cache-Control", "no-store");
	if (token->subject != NULL)
		oauth_response_header(response, "X-OAuth-Subject", token->subject);
	oauth_response_header(response, "X-OAuth-Client", token->client_id);
	oauth_response_header(response, "X-OAuth-Scope", token->scope);
	return response;
}

/* oauth.forward_auth(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_forward_auth(PG_FUNCTION_ARGS)
{
	OAuthRequest *request = oauth_request_from_datum(PG_GETARG_DATUM(0));

	oauth_identity_clear();
	return oauth_response_datum(fcinfo, answer(request));
}
