/*
 * check_scope.c
 *		Check of an authorization request: scope and resource.
 *
 * - every word of scope exists and is one that the client may ask for; without scope it is the
 *   default (RFC 6749, section 3.3)
 * - offline_access is left out unless prompt has consent: "unless [...], then it MUST ignore the
 *   offline_access request" (OpenID Connect Core, section 11).  The person at a native application
 *   has it in hand, and is asked in any case
 * - each resource is an absolute URI without a fragment (RFC 8707, section 2), one that may be
 *   asked for, and knows a word of the scope
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "oauth2/authorization.h"
#include "store/client.h"
#include "text/text.h"

static bool
is_web(const OAuthClient *client)
{
	return client->application_type == NULL || strcmp(client->application_type, "web") == 0;
}

OAuthFault *
oauth2_check_scope(OAuth2Authorization *request)
{
	bool		is_asked = !is_web(request->client) || oauth2_prompts(request, "consent");
	const char *scope;
	OAuthFault *fault;

	if ((fault = oauth_params_get(&request->params, "scope", &scope)) != NULL ||
		(fault = oauth2_scope_decide_for_user(request->client, scope, is_asked,
											  &request->scope)) != NULL)
		return fault;
	if ((fault = oauth2_resource_read(&request->params, &request->resource)) != NULL)
		return fault;
	return oauth2_resource_check_scope(request->client, request->resource, request->scope);
}
