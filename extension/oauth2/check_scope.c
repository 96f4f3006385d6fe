/*
 * check_scope.c
 *		Check of an authorization request: scope and resource.
 *
 * - every word of scope exists and is one that the client may ask for; without scope it is the
 *   default (RFC 6749, section 3.3)
 * - offline_access is left out unless prompt has consent: "unless [...], then it MUST ignore the
 *   offline_access request" (OpenID Connect Core, section 11).  The person at a native application
 *   has it in hand, and is asked in any case.  Likewise of a client without the grant
 *   refresh_token
 * - each resource is an absolute URI without a fragment (RFC 8707, section 2), one that may be
 *   asked for, and knows a word of the scope
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "oauth2/authorization.h"
#include "store/client.h"
#include "text/text.h"

#define OFFLINE "offline_access"

static bool
is_web(const OAuthClient *client)
{
	return client->application_type == NULL || strcmp(client->application_type, "web") == 0;
}

/* A client that gets no refresh token cannot go on while its user is away. */
static bool
may_have_offline(const OAuth2Authorization *request)
{
	return oauth_client_may(request->client, OAUTH_GRANT_REFRESH_TOKEN) &&
		(!is_web(request->client) || oauth2_prompts(request, "consent"));
}

/* The scope without offline_access. */
static OAuthFault *
leave_offline_out(OAuth2Authorization *request)
{
	List	   *words;
	List	   *kept = NIL;
	ListCell   *cell;
	OAuthFault *fault = oauth2_scope_parse(request->scope, &words);

	if (fault != NULL)
		return fault;
	foreach(cell, words)
		if (strcmp(lfirst(cell), OFFLINE) != 0)
			kept = lappend(kept, lfirst(cell));
	if (kept == NIL)
		return oauth_fault(OAUTH_INVALID_SCOPE,
						   "The scope " OFFLINE " needs prompt=consent, and a client that may "
						   "refresh.");
	request->scope = oauth_words_join(kept);
	return NULL;
}

OAuthFault *
oauth2_check_scope(OAuth2Authorization *request)
{
	const char *scope;
	OAuthFault *fault;

	if ((fault = oauth_params_get(&request->params, "scope", &scope)) != NULL ||
		(fault = oauth2_scope_decide(request->client, scope, &request->scope)) != NULL)
		return fault;
	if (oauth_words_include(request->scope, OFFLINE) && !may_have_offline(request) &&
		(fault = leave_offline_out(request)) != NULL)
		return fault;
	if ((fault = oauth2_resource_read(&request->params, &request->resource)) != NULL)
		return fault;
	return oauth2_resource_check_scope(request->client, request->resource, request->scope);
}
