/*
 * grant_device_code.c
 *		The grant of a device that somebody allowed (RFC 8628, sections 3.4 and 3.5).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/client.h"
#include "store/code.h"
#include "store/token.h"
#include "token/token.h"

/*
 * Section 3.5: nobody has decided yet.  A device that polls too often is told to slow down, and
 * must wait longer from then on.
 */
static OAuthFault *
pending(const OAuthDeviceCode *code)
{
	bool		is_too_soon = code->polled_at != 0 &&
		GetCurrentTimestamp() < code->polled_at + code->interval * USECS_PER_SEC;

	oauth_store_note_poll(code->handle, is_too_soon);
	return is_too_soon ?
		oauth_fault(OAUTH_SLOW_DOWN,
					"Ask less often: five seconds more between requests from now on.") :
		oauth_fault(OAUTH_AUTHORIZATION_PENDING, "Nobody has decided yet.");
}

/* What the user who approved granted. */
static OAuthGrant
grant_of(const OAuthDeviceCode *code)
{
	OAuthGrant	grant = {
		.client_id = code->client_id,
		.subject = code->subject,
		.grant_type = OAUTH_GRANT_DEVICE_CODE,
		.scope = code->scope,
		.resource = code->resource,
		.authorization_details = code->authorization_details,
		.authentication = code->authentication
	};

	return grant;
}

/*
 * The code, if it was allowed; uses it up.  *elsewhere: it was not used, because the request
 * belongs on another lane.
 */
static OAuthFault *
redeem(const OAuth2TokenRequest *request, const char *presented, OAuthDeviceCode **code,
	   const char **details, OAuthIssued **elsewhere)
{
	const OAuthClient *client = request->client;
	OAuthGrant	grant;
	OAuthTokenString string;
	OAuthFault *fault;

	*code = oauth_token_parse(presented, strlen(presented), OAUTH_DEVICE_CODE, &string) ?
		oauth_store_find_device_code(&string) : NULL;
	if (*code == NULL || (*code)->is_used || strcmp((*code)->client_id, client->client_id) != 0)
		return oauth_fault(OAUTH_INVALID_GRANT,
						   "The device_code is unknown, was used or belongs to another client.");
	if ((fault = oauth_hold((*code)->handle)) != NULL)
		return fault;
	if ((*code)->is_denied)
		return oauth_fault(OAUTH_ACCESS_DENIED, "The user refused.");
	if ((*code)->expires_at <= GetCurrentTimestamp())
		return oauth_fault(OAUTH_EXPIRED_TOKEN, "The device_code has expired. Begin again.");
	if ((*code)->subject == NULL)
		return pending(*code);
	grant = grant_of(*code);
	if ((fault = oauth2_details_narrow(&grant, &request->params, details)) != NULL)
		return fault;
	if ((*elsewhere = oauth2_id_token_elsewhere(client, &grant)) != NULL ||
		(*elsewhere = oauth2_access_token_elsewhere(client, (*code)->resource)) != NULL)
		return NULL;
	if (!oauth_store_subject_is_enabled((*code)->subject) ||
		!oauth_store_use_device_code((*code)->handle))
		return oauth_fault(OAUTH_INVALID_GRANT,
						   "The device_code was used, or its user may no longer.");
	return NULL;
}

/* The grant of section 3.4. */
OAuthFault *
oauth2_grant_device_code(const OAuth2TokenRequest *request, OAuthIssued **issued)
{
	OAuthIssue	issue = {.client = request->client,
		.cnf = request->cnf,
		.grant_type = OAUTH_GRANT_DEVICE_CODE};
	OAuthDeviceCode *code;
	OAuthGrant	grant;
	const char *presented;
	OAuthFault *fault;

	if ((fault = oauth_params_get(&request->params, "device_code", &presented)) != NULL)
		return fault;
	if (presented == NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST, "No device_code was sent.");
	fault = redeem(request, presented, &code, &issue.authorization_details, issued);
	if (fault != NULL || *issued != NULL)
		return fault;
	issue.subject = code->subject;
	issue.scope = code->scope;
	issue.resource = code->resource;
	issue.authentication = &code->authentication;
	issue.refresh = oauth_client_may(request->client, OAUTH_GRANT_REFRESH_TOKEN);
	*issued = oauth_issue(&issue);
	grant = grant_of(code);
	oauth2_add_id_token(*issued, request->client, &grant, NULL);
	return NULL;
}
