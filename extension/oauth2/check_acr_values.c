/*
 * check_acr_values.c
 *		Check of an authorization request: how strong a login is asked for.
 *
 * - acr_values are words, the best first (OpenID Connect Core, section 3.1.2.1).  A name that is
 * not
 *   known here is one that the application may know; a malformed parameter asks for nothing
 * - without them, the default_acr_values that the client registered count (OpenID Connect Dynamic
 *   Client Registration, section 2)
 * - the claims parameter may ask for the claim acr instead, also as an essential one (OpenID
 *   Connect Core, section 5.5.1.1), and then it has been read already
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "oauth2/authorization.h"

OAuthFault *
oauth2_check_acr_values(OAuth2Authorization *request)
{
	const char *values;
	List	   *words = NIL;
	OAuthFault *fault = oauth_params_get(&request->params, "acr_values", &values);

	if (fault != NULL)
		return fault;
	if (values != NULL && oauth2_scope_parse(values, &words) != NULL)
		words = NIL;
	if (request->acr_values == NIL)
		request->acr_values = values ? words : request->client->default_acr_values;
	return NULL;
}
