/*
 * revoke.c
 *		Revocation (RFC 7009).
 *
 * An access token, also one of OAuth 1.0a, ends alone; a refresh token ends its whole grant.  "the
 * authorization server [...] validates the client credentials [...] and then verifies whether the
 * token was issued to the client making the revocation request" (section 2.1): another client's
 * token is not changed, and the answer is the same, because it must not reveal whether the token
 * exists.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "crypto/crypto.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/client.h"
#include "store/event.h"
#include "store/oauth1.h"
#include "store/token.h"
#include "token/token.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_revoke);

/* For the audit log. */
static void
note_revocation(const OAuthRequest *request, const OAuthClient *client, const OAuthToken *access,
				const OAuthRefreshToken *refresh, const OAuth1Token *signing)
{
	OAuthEvent	event = {.event = "revoke", .client_id = client->client_id};

	event.subject = access ? access->subject :
		refresh ? refresh->grant.subject :
		signing->grant.subject;
	event.detail = access ? "access token" :
		refresh ? "refresh token, and its grant" :
		"token of OAuth 1.0a";
	oauth_event_note(request, &event);
}

/* Whether the grant is the client's, which must be held then; *fault: why it cannot be. */
static bool
is_to_end(const OAuthClient *client, const char *client_id, int64 grant, OAuthFault **fault)
{
	return strcmp(client_id, client->client_id) == 0 && (*fault = oauth_hold(grant)) == NULL;
}

/*
 * Ends the token if it is the client's; token_type_hint is not needed, because a token shows its
 * kind.
 */
static OAuthFault *
revoke_token(const OAuthRequest *request, const OAuthClient *client, const char *token)
{
	bool		was_alive = false;
	int			length = strlen(token);
	OAuthToken *access = oauth_find_access_token(token, length);
	OAuthRefreshToken *refresh = oauth_find_refresh_token(token, length, false);
	OAuth1Token *signing = oauth_find_oauth1_token(token, length);
	OAuthFault *fault = NULL;

	if (access != NULL && is_to_end(client, access->client_id, access->grant, &fault))
		was_alive = oauth_store_revoke_access_token(access->handle);
	if (refresh != NULL &&
		is_to_end(client, refresh->grant.client_id, refresh->grant.handle, &fault))
		was_alive = oauth_store_end_grant(refresh->grant.handle, "refresh token was revoked");
	if (signing != NULL &&
		is_to_end(client, signing->grant.client_id, signing->grant.handle, &fault))
		was_alive = oauth_store_revoke_oauth1_token(signing->handle);
	if (was_alive)
		note_revocation(request, client, access, refresh, signing);
	return fault;
}

/* Carries out the request; *client is its client, once it is known. */
static OAuthFault *
end_token(const OAuthRequest *request, OAuthClient **client)
{
	OAuthParams params;
	const char *token;
	OAuthFault *fault;

	if ((fault = oauth2_form_read(request, &params)) != NULL ||
		(fault = oauth_params_get(&params, "token", &token)) != NULL ||
		(fault = oauth2_authenticate_client(request, &params, client)) != NULL)
		return fault;
	if (token == NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST, "No token was sent.");
	return revoke_token(request, *client, token);
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	OAuthResponse *response = oauth_response_json(200);
	OAuthClient *client = NULL;
	OAuthFault *fault = end_token(request, &client);

	/*
	 * "The content of the response body is ignored by the client" (section 2.2); some parse it as
	 * JSON all the same
	 */
	appendStringInfoString(&response->body, "{}");
	return oauth2_form_answer(request, client, fault, response);
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.summary = "End a token",
		.by = "client",
		.takes = "token! token_type_hint client_id client_secret client_assertion_type "
		"client_assertion",
		.answers = "200:Empty 400:Error 401:Error 429:Error",
		.example = "token=oat_...&token_type_hint=access_token"
	},
	{0}
};

const OAuthEndpoint oauth2_revoke_endpoint = {
	.function = "revoke",
	.first_lane = OAUTH_LANE_WRITING,
	.routes = {{"/oauth2/revoke", "POST", OAUTH_CORS_CLIENT}},
	.needs_users = true,
	.answer = answer,
	.operations = operations
};

/* oauth.revoke(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_revoke(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_revoke_endpoint);
}
