/*
 * check_id_token_hint.c
 *		Check of an authorization request: id_token_hint, who the client thinks it is (OpenID
 *		Connect Core, section 3.1.2.1).
 *
 * - it is an ID token that was signed here for this client (id_token_hint.c)
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth2/authorization.h"

OAuthFault *
oauth2_check_id_token_hint(OAuth2Authorization *request)
{
	const char *sent;
	OAuthFault *fault = oauth_params_get(&request->params, OAUTH2_ID_TOKEN_HINT, &sent);

	if (fault != NULL || sent == NULL)
		return fault;
	return oauth2_id_token_hint_read(sent, request->client->client_id, &request->hint) ? NULL :
		oauth_fault(OAUTH_INVALID_REQUEST,
					"The id_token_hint is not an ID token that the client got here.");
}
