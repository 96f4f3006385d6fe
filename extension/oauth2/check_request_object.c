/*
 * check_request_object.c
 *		Check of an authorization request: request objects.
 *
 * - request and request_uri are refused, each with its own error (OpenID Connect Core, section
 *   3.1.2.6): a request object, passed by value or by reference, would need a signature that is not
 *   read here
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth2/authorization.h"

OAuthFault *
oauth2_check_request_object(OAuth2Authorization *request)
{
	const char *value;
	OAuthFault *fault = oauth_params_get(&request->params, "request", &value);

	if (fault != NULL)
		return fault;
	if (value != NULL)
		return oauth_fault(OAUTH_REQUEST_NOT_SUPPORTED, "Request objects are not supported.");
	if ((fault = oauth_params_get(&request->params, "request_uri", &value)) != NULL)
		return fault;
	return value ? oauth_fault(OAUTH_REQUEST_URI_NOT_SUPPORTED, "request_uri is not supported.") :
		NULL;
}
