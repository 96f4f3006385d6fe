/*
 * grant_refresh_token.c
 *		Refreshing an access token (RFC 6749, section 6); issue.c has the rotation.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/store.h"
#include "token/token.h"

OAuthFault *
oauth2_grant_refresh_token(const OAuthRequest *request, const OAuthClient *client,
						   const OAuthParams *params, OAuthIssued **issued)
{
	const char *token;
	const char *scope;
	const char *resource;
	OAuthFault *fault;

	if ((fault = oauth_params_get(params, "refresh_token", &token)) != NULL ||
		(fault = oauth_params_get(params, "scope", &scope)) != NULL ||
		(fault = oauth2_resource_read(params, &resource)) != NULL)
		return fault;
	if (token == NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST, "No refresh_token was sent.");
	return oauth_reissue(client, token, scope, resource, issued);
}
