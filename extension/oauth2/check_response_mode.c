/*
 * check_response_mode.c
 *		Check of an authorization request: how the answer gets there.
 *
 * - response_mode is query, which is also the default, or form_post (OAuth 2.0 Multiple Response
 *   Type Encoding Practices, section 2.1; OAuth 2.0 Form Post Response Mode)
 * - fragment is refused: a code has no business there
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth2/authorization.h"

OAuthFault *
oauth2_check_response_mode(OAuth2Authorization *request)
{
	const char *mode;
	OAuthFault *fault = oauth_params_get(&request->params, "response_mode", &mode);

	if (fault != NULL || mode == NULL)
		return fault;
	request->by_post = strcmp(mode, "form_post") == 0;
	if (!request->by_post && strcmp(mode, "query") != 0)
		return oauth_fault(OAUTH_INVALID_REQUEST, "response_mode is query or form_post.");
	return NULL;
}
