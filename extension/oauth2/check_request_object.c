/*
 * check_request_object.c
 *		Check of an authorization request: request objects.
 *
 * - request, request_uri and registration are refused, each with its own error (OpenID Connect
 *   Core, section 3.1.2.6): a request object, passed by value or by reference, would need a
 *   signature that is not read here, and nobody registers by asking for a code
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth2/authorization.h"

OAuthFault *
oauth2_check_request_object(OAuth2Authorization *request)
{
	static const struct
	{
		const char *name;
		OAuthFaultCode code;
		const char *description;
	}			refused[] = {
		{"request", OAUTH_REQUEST_NOT_SUPPORTED, "Request objects are not supported."},
		{"request_uri", OAUTH_REQUEST_URI_NOT_SUPPORTED, "request_uri is not supported."},
		{"registration", OAUTH_REGISTRATION_NOT_SUPPORTED, "registration is not supported."}
	};

	for (size_t i = 0; i < lengthof(refused); i++)
	{
		const char *value;
		OAuthFault *fault = oauth_params_get(&request->params, refused[i].name, &value);

		if (fault != NULL)
			return fault;
		if (value != NULL)
			return oauth_fault(refused[i].code, refused[i].description);
	}
	return NULL;
}
