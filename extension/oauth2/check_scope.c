/*
 * check_scope.c
 *		Check of an authorization request: scope and resource.
 *
 * - every word of scope exists and is one that the client may ask for; without scope it is the
 *   default (RFC 6749, section 3.3)
 * - each resource is an absolute URI without a fragment (RFC 8707, section 2)
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "oauth2/authorization.h"

OAuthFault *
oauth2_check_scope(OAuth2Authorization *request)
{
	const char *scope;
	OAuthFault *fault;

	if ((fault = oauth_params_get(&request->params, "scope", &scope)) != NULL ||
		(fault = oauth2_scope_decide(request->client, scope, &request->scope)) != NULL)
		return fault;
	return oauth2_resource_read(&request->params, &request->resource);
}
