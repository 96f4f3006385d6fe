/*
 * check_id_token_hint.c
 *		Check of an authorization request: id_token_hint, who the client thinks it is (OpenID
 *		Connect Core, section 3.1.2.1).
 *
 * - it is an ID token that was signed here.  It may have expired: it says who somebody was, and
 * lets
 *   nobody in
 * - it is one of this client, to which the subject that it names belongs
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "jose/jose.h"
#include "oauth2/authorization.h"
#include "secret/secret.h"

OAuthFault *
oauth2_check_id_token_hint(OAuth2Authorization *request)
{
	const char *hint;
	Jsonb	   *claims;
	char	   *iss;
	OAuthFault *fault = oauth_params_get(&request->params, "id_token_hint", &hint);

	if (fault != NULL || hint == NULL)
		return fault;
	if (!oauth_verify_own_jwt(hint, "JWT", &claims) ||
		(iss = oauth_jwt_text(claims, "iss")) == NULL || strcmp(iss, oauth_issuer()) != 0 ||
		!oauth_jwt_is_for(claims, request->client->client_id) ||
		(request->subject = oauth_jwt_text(claims, "sub")) == NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "The id_token_hint is not an ID token that the client got here.");
	return NULL;
}
