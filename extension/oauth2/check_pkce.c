/*
 * check_pkce.c
 *		Check of an authorization request: PKCE (RFC 7636).
 *
 * - "public clients MUST use PKCE" (RFC 9700, section 2.1.1); confidential ones where they or the
 *   setting oauth.require_pkce say so
 * - code_challenge is the BASE64URL of a SHA-256, and code_challenge_method is S256: plain is
 *   refused, also where it is implied (RFC 9700, section 2.1.1)
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth2/authorization.h"
#include "setting.h"

OAuthFault *
oauth2_check_pkce(OAuth2Authorization *request)
{
	const char *method;
	OAuthFault *fault;

	if ((fault = oauth_params_get(&request->params, "code_challenge",
								  &request->code_challenge)) != NULL ||
		(fault = oauth_params_get(&request->params, "code_challenge_method", &method)) != NULL)
		return fault;
	if (request->code_challenge != NULL)
		return oauth2_pkce_check_challenge(request->code_challenge, method);
	if (request->client->is_public || request->client->require_pkce || oauth_setting_require_pkce)
		return oauth_fault(OAUTH_INVALID_REQUEST, "A code_challenge is required (PKCE, RFC 7636).");
	return NULL;
}
