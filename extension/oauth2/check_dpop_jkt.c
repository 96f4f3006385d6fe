/*
 * check_dpop_jkt.c
 *		Check of an authorization request: which key the code is for.
 *
 * - dpop_jkt is the SHA-256 thumbprint of a key, in base64url (RFC 9449, section 10); who exchanges
 *   the code must prove to have that key (grant_authorization_code.c)
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "oauth2/authorization.h"
#include "text/text.h"

OAuthFault *
oauth2_check_dpop_jkt(OAuth2Authorization *request)
{
	OAuthFault *fault = oauth_params_get(&request->params, "dpop_jkt", &request->dpop_jkt);
	int			length;

	if (fault != NULL || request->dpop_jkt == NULL)
		return fault;
	if (oauth_base64url_decode(request->dpop_jkt, strlen(request->dpop_jkt), &length) == NULL ||
		length != OAUTH_HASH_LENGTH)
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "dpop_jkt must be a SHA-256 thumbprint in base64url.");
	return NULL;
}
