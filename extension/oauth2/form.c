/*
 * form.c
 *		What the endpoints that clients post to have in common: a form in, JSON out (RFC 6749,
 *		sections 3.2 and 5).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/client.h"
#include "text/text.h"

/*
 * Parameters are in a form body only: a secret in the URI would end up in logs and histories
 * (section 2.3.1).
 */
OAuthFault *
oauth2_form_read(const OAuthRequest *request, OAuthParams *params)
{
	static const char *const never_in_query[] = {
		"client_secret", "password", "refresh_token", "code", "token", "subject_token",
		"device_code", "client_assertion"
	};
	OAuthParams query = {0};
	OAuthFault *fault;

	if (request->query != NULL &&
		(fault = oauth_params_parse(request->query, strlen(request->query), &query)) != NULL)
		return fault;
	for (int i = 0; i < query.n; i++)
		if (OAUTH_FIND_NAMED(never_in_query, query.items[i].name) != NULL)
			return oauth_fault(OAUTH_INVALID_REQUEST,
							   "Parameters belong in the body, never in the URI.");
	if (!oauth_request_has_form(request))
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "The body must be application/x-www-form-urlencoded.");
	return oauth_params_parse(request->body, request->body_length, params);
}

/*
 * The final answer of those endpoints: the success or the refusal, readable for pages of the
 * client.
 */
OAuthResponse *
oauth2_form_answer(const OAuthRequest *request, const OAuthClient *client, const OAuthFault *fault,
				   OAuthResponse *response)
{
	return oauth_cors_allow(request, client ? client->client_id : NULL,
							fault ? oauth2_form_refuse(fault) : response);
}

/*
 * "If the client attempted to authenticate via the "Authorization" request header field, the
 * authorization server MUST respond with an HTTP 401 (Unauthorized) status code and include the
 * "WWW-Authenticate" response header field matching the authentication scheme used by the client."
 * (section 5.2)  Every 401 gets it, because RFC 9110 asks for one.
 */
OAuthResponse *
oauth2_form_refuse(const OAuthFault *fault)
{
	OAuthResponse *response = oauth_response_fault(fault);

	if (fault->code == OAUTH_INVALID_CLIENT)
		oauth_response_header(response, "WWW-Authenticate",
							  "Basic realm=\"oauth\", charset=\"UTF-8\"");
	return response;
}
