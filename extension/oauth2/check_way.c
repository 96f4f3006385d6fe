/*
 * check_way.c
 *		Check of an authorization request: how it got here.
 *
 * - a request_uri of others is refused, and never fetched (OpenID Connect Core, section 3.1.2.6;
 *   RFC 9101, section 10.4: the server could be made to fetch whatever an attacker likes)
 * - registration is refused: nobody registers by asking for a code (the same section)
 * - a client that has to push its requests, or to sign them, does: "the authorization server [...]
 *   MUST reject" others (RFC 9126, section 6; RFC 9101, section 10.5).  The setting
 *   oauth.require_pushed_authorization_requests says so for every client (RFC 9126, section 5)
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth2/authorization.h"
#include "setting.h"
#include "store/client.h"

/* A parameter that is refused wherever it is. */
static OAuthFault *
refuse_parameter(const OAuth2Authorization *request, const char *name, OAuthFaultCode code,
				 const char *description)
{
	const char *value;
	OAuthFault *fault = oauth_params_get(&request->params, name, &value);

	return fault != NULL || value == NULL ? fault : oauth_fault(code, description);
}

static bool
must_push(const OAuthClient *client)
{
	return client->require_pushed_authorization_requests ||
		oauth_setting_require_pushed_authorization_requests;
}

OAuthFault *
oauth2_check_way(OAuth2Authorization *request)
{
	OAuthFault *fault;

	if ((fault = refuse_parameter(request, "request_uri", OAUTH_REQUEST_URI_NOT_SUPPORTED,
								  "A request_uri is one that /oauth2/par answered with. Others are "
								  "not fetched.")) != NULL ||
		(fault = refuse_parameter(request, "registration", OAUTH_REGISTRATION_NOT_SUPPORTED,
								  "registration is not supported.")) != NULL)
		return fault;
	if (must_push(request->client) && !request->is_being_pushed && request->pushed == NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "The client must push its requests (RFC 9126) to /oauth2/par.");
	if (request->client->require_signed_request_object && !request->is_signed)
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "The client must sign its requests (RFC 9101).");
	return NULL;
}
