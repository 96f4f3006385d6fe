/*
 * check_redirect_uri.c
 *		Check of an authorization request: where the answer goes.
 *
 * - redirect_uri is one that the client registered, compared as a string, but for the port of a
 *   loopback address (RFC 6749, section 3.1.2.3; RFC 9700, section 2.1; RFC 8252, section 7.3)
 * - only where the client registered exactly one may it be left out (RFC 6749, section 3.1.2.3)
 * - it is an address that a browser can be sent to without harm, however it came to be registered
 *   (RFC 9700, section 4.1.3)
 * - clients with FAPI 2.0 send it (FAPI 2.0 Security Profile, section 5.3.2.2: "shall require the
 *   redirect_uri parameter in pushed authorization requests")
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "oauth2/authorization.h"

OAuthFault *
oauth2_check_redirect_uri(OAuth2Authorization *request)
{
	OAuthFault *fault = oauth_params_get(&request->params, "redirect_uri", &request->sent_uri);
	const char *uri;

	if (fault != NULL)
		return fault;
	if (request->sent_uri == NULL && oauth_client_is_fapi(request->client))
		return oauth_fault(OAUTH_INVALID_REQUEST, "No redirect_uri was sent.");
	uri = oauth2_redirect_uri_of(request->client, request->sent_uri);
	if (uri == NULL)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI,
						   "The redirect_uri is not one that the client registered.");
	if (oauth2_redirect_uri_check_for_code(uri) != NULL)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI,
						   "The redirect_uri is not one that can be answered.");
	request->redirect_uri = uri;
	return NULL;
}
