/*
 * check_response_type.c
 *		Check of an authorization request: what is asked for.
 *
 * - response_type is there and is code (RFC 6749, section 3.1.1); the implicit grant and the hybrid
 *   flow are not here (RFC 9700, section 2.1.2)
 * - the client is registered for the grant authorization_code
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "oauth2/authorization.h"

OAuthFault *
oauth2_check_response_type(OAuth2Authorization *request)
{
	const char *type;
	OAuthFault *fault = oauth_params_get(&request->params, "response_type", &type);

	if (fault != NULL)
		return fault;
	if (type == NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST, "No response_type was sent.");
	if (strcmp(type, "code") != 0)
		return oauth_fault(OAUTH_UNSUPPORTED_RESPONSE_TYPE, "The only response_type here is code.");
	if (!oauth_client_may(request->client, OAUTH_GRANT_AUTHORIZATION_CODE))
		return oauth_fault(OAUTH_UNAUTHORIZED_CLIENT,
						   "The client is not registered for authorization_code.");
	return NULL;
}
