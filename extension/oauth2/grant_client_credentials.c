/*
 * grant_client_credentials.c
 *		The client acts for itself (RFC 6749, section 4.4).
 *
 * "The client credentials grant type MUST only be used by confidential clients": a constraint of
 * oauth.client ensures that.  "A refresh token SHOULD NOT be included" (section 4.4.3), and none
 * is.  The token has no subject, so it cannot be mistaken for a user's (RFC 9700, section 4.15).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "token/token.h"

OAuthFault *
oauth2_grant_client_credentials(const OAuth2TokenRequest *request, OAuthIssued **issued)
{
	OAuthIssue	issue = {.client = request->client,
		.cnf = request->cnf,
		.grant_type = OAUTH_GRANT_CLIENT_CREDENTIALS};
	const char *scope;
	OAuthFault *fault;

	if ((fault = oauth_params_get(&request->params, "scope", &scope)) != NULL ||
		(fault = oauth2_resource_read(&request->params, &issue.resource)) != NULL ||
		(fault = oauth2_scope_decide(request->client, scope, &issue.scope)) != NULL ||
		(fault = oauth2_resource_check_scope(request->client, issue.resource,
											 issue.scope)) != NULL ||
		(fault = oauth2_details_read(request->client, &request->params,
									 &issue.authorization_details)) != NULL)
		return fault;
	if ((*issued = oauth2_details_elsewhere(request->client,
											issue.authorization_details)) != NULL ||
		(*issued = oauth2_access_token_elsewhere(request->client, issue.resource)) != NULL)
		return NULL;
	if ((fault = oauth_details_decide(request->client, NULL, &issue.authorization_details)) != NULL)
		return fault;
	*issued = oauth_issue(&issue);
	return NULL;
}
