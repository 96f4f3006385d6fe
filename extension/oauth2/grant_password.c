/*
 * grant_password.c
 *		The resource owner's password (RFC 6749, section 4.3).
 *
 * RFC 9700, section 2.4 and OAuth 2.1 withdraw this grant; it exists for old clients, and only for
 * those that list it among their grant types.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/user.h"
#include "token/token.h"
#include "user/user.h"

OAuthFault *
oauth2_grant_password(const OAuth2TokenRequest *request, OAuthIssued **issued)
{
	OAuthIssue	issue = {.client = request->client,
		.cnf = request->cnf,
		.grant_type = OAUTH_GRANT_PASSWORD};
	const char *username;
	const char *password;
	const char *scope;
	OAuthUser  *user;
	OAuthFault *fault;

	if ((fault = oauth_params_get(&request->params, "username", &username)) != NULL ||
		(fault = oauth_params_get(&request->params, "password", &password)) != NULL ||
		(fault = oauth_params_get(&request->params, "scope", &scope)) != NULL ||
		(fault = oauth2_resource_read(&request->params, &issue.resource)) != NULL)
		return fault;
	if (username == NULL || password == NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST, "username and password must both be sent.");
	if ((fault = oauth2_scope_decide_for_user(request->client, scope, true,
											  &issue.scope)) != NULL ||
		(fault = oauth2_resource_check_scope(request->client, issue.resource, issue.scope)) != NULL)
		return fault;
	if ((*issued = oauth2_access_token_elsewhere(request->client, issue.resource)) != NULL)
		return NULL;
	if ((fault = oauth_login(request->http, username, password, &user)) != NULL)
		return fault;
	issue.subject = user->subject;
	issue.refresh = oauth_client_may(request->client, OAUTH_GRANT_REFRESH_TOKEN);
	*issued = oauth_issue(&issue);
	return NULL;
}
