/*
 * grant_refresh_token.c
 *		Refreshing an access token (RFC 6749, section 6; RFC 9700, section 4.14).
 *
 * The rules are here; token/rotate.c has how a token is rotated.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/client.h"
#include "store/token.h"
#include "token/token.h"

static OAuthFault *
invalid_grant(const char *description)
{
	return oauth_fault(OAUTH_INVALID_GRANT, description);
}

/* A grant can end earlier than its refresh tokens would. */
static bool
has_expired(const OAuthRefreshToken *token)
{
	return oauth_within_grant(token->grant.handle, token->expires_at) <= GetCurrentTimestamp();
}

/*
 * A token that was used before is answered once more to a client that lost the answer.  Otherwise
 * "the authorization server cannot determine which party submitted the invalid refresh token, but
 * it will revoke the active refresh token" (RFC 9700, section 4.14.2): the whole grant ends.
 */
static OAuthFault *
repeat_or_end(const OAuth2TokenRequest *request, const OAuthRefreshToken *token,
			  const char *presented, OAuthIssued **issued)
{
	OAuthFault *fault;

	*issued = oauth_repeat_rotation(request->client, token, presented, request->cnf);
	if (*issued != NULL)
	{
		oauth2_add_id_token(*issued, request->client, &token->grant, NULL);
		return NULL;
	}
	oauth_store_end_grant(token->grant.handle, "refresh token used twice");
	fault = invalid_grant("The refresh token was used before. All tokens of its grant have ended.");
	fault->grant = token->grant.handle;
	return fault;
}

/*
 * A token that was used.  Where its answer is given again, a JWT in it is signed once more, most
 * probably for the same resource.
 */
static OAuthFault *
use_again(const OAuth2TokenRequest *request, const OAuthRefreshToken *token, const char *presented,
		  const char *resource, OAuthIssued **issued)
{
	if (oauth2_resource_narrow(&token->grant, &resource) == NULL &&
		(*issued = oauth2_access_token_elsewhere(request->client, resource)) != NULL)
		return NULL;
	return repeat_or_end(request, token, presented, issued);
}

/* Another request used the token up after it was read. */
static OAuthFault *
lose_race(const OAuth2TokenRequest *request, const char *presented, OAuthIssued **issued)
{
	OAuthRefreshToken *token = oauth_find_refresh_token(presented, strlen(presented), false);

	if (token == NULL || token->is_ended || token->used_at == 0)
		return invalid_grant("The refresh token has ended.");
	return repeat_or_end(request, token, presented, issued);
}

/*
 * "When an authorization server supporting DPoP issues a refresh token to a public client that
 * presents a valid DPoP proof at the token endpoint, the refresh token MUST be bound to the
 * respective public key."  (RFC 9449, section 5)  So is one that was issued without a proof.
 */
static bool
bind_to_key(const OAuth2TokenRequest *request, const OAuthRefreshToken *token)
{
	return !request->client->is_public || request->cnf == NULL || token->grant.cnf != NULL ||
		oauth_store_bind_grant(token->grant.handle, request->cnf);
}

/* Answers a refresh token; scope and resource NULL ask for all that was granted. */
static OAuthFault *
refresh(const OAuth2TokenRequest *request, const char *presented, const char *scope,
		const char *resource, OAuthIssued **issued)
{
	const OAuthClient *client = request->client;
	OAuthRefreshToken *token = oauth_find_refresh_token(presented, strlen(presented), false);
	const char *details;
	OAuthFault *fault;

	/*
	 * "The authorization server MUST [...] ensure that the refresh token was issued to the
	 * authenticated client, and [...] validate the refresh token" (section 6).  Another client
	 * learns nothing and changes nothing.
	 */
	if (token == NULL || strcmp(token->grant.client_id, client->client_id) != 0 || token->is_ended)
		return invalid_grant(
							 "The refresh token is unknown, has ended or belongs to another "
							 "client.");

	/*
	 * "The binding MUST be validated when the refresh token is later presented to get new access
	 * tokens." (RFC 9449, section 5)  A request without the key changes nothing either.
	 */
	if (token->grant.cnf != NULL && !oauth_cnf_equals(token->grant.cnf, request->cnf))
		return invalid_grant("The refresh token is bound to a key or certificate that this request "
							 "does not prove to have.");

	if ((*issued = oauth2_id_token_elsewhere(client, &token->grant)) != NULL)
		return NULL;
	if ((fault = oauth_hold(token->grant.handle)) != NULL)
		return fault;

	/*
	 * "Authorization servers MUST utilize one of these methods to detect refresh token replay"
	 * (RFC 9700, section 4.14.2).  "Used" is looked at before "expired", because an old token that
	 * appears again was copied, however old it is.
	 */
	if (token->used_at != 0)
		return use_again(request, token, presented, resource, issued);
	if (has_expired(token))
		return invalid_grant("The refresh token has expired.");

	/*
	 * "The requested scope MUST NOT include any scope not originally granted by the resource
	 * owner, and if omitted is treated as equal to the scope originally granted" (section 6).
	 */
	if ((fault = oauth2_scope_narrow(token->grant.scope, &scope)) != NULL ||
		(fault = oauth2_resource_narrow(&token->grant, &resource)) != NULL ||
		(fault = oauth2_resource_check_scope(client, resource, scope)) != NULL ||
		(fault = oauth2_details_narrow(&token->grant, &request->params, &details)) != NULL)
		return fault;
	if ((*issued = oauth2_access_token_elsewhere(client, resource)) != NULL)
		return NULL;
	if (!bind_to_key(request, token))
		return invalid_grant("The refresh token was bound to another key meanwhile.");
	*issued = oauth_client_is_fapi(client) ?
		oauth_renew(client, token, scope, resource, details, request->cnf) :
		oauth_rotate(client, token, presented, scope, resource, details, request->cnf);
	if (*issued == NULL)
		return lose_race(request, presented, issued);
	oauth2_add_id_token(*issued, request->client, &token->grant, NULL);
	return NULL;
}

OAuthFault *
oauth2_grant_refresh_token(const OAuth2TokenRequest *request, OAuthIssued **issued)
{
	const char *presented;
	const char *scope;
	const char *resource;
	OAuthFault *fault;

	if ((fault = oauth_params_get(&request->params, "refresh_token", &presented)) != NULL ||
		(fault = oauth_params_get(&request->params, "scope", &scope)) != NULL ||
		(fault = oauth2_resource_read(&request->params, &resource)) != NULL)
		return fault;
	if (presented == NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST, "No refresh_token was sent.");
	return refresh(request, presented, scope, resource, issued);
}
