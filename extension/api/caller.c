/*
 * caller.c
 *		Who calls a protected resource: the holder of an access token (RFC 6750), who may have to
 *		prove a key (RFC 9449), or a client that signs with OAuth 1.0a (RFC 5849).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "api/api.h"
#include "audit/audit.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "oauth1/oauth1.h"
#include "oauth2/oauth2.h"
#include "store/client.h"
#include "store/oauth1.h"
#include "store/scope.h"
#include "store/token.h"
#include "token/token.h"
#include "user/user.h"

/* Whether the request attempts OAuth 1.0a in its header. */
static bool
has_oauth1_header(const OAuthRequest *request)
{
	char	   *authorization;

	return oauth_request_header(request, "Authorization", &authorization) == 1 &&
		oauth1_is_scheme(authorization);
}

/*
 * The scope of a client that signs for itself: all that it is registered for, because it has no way
 * to ask for less.
 */
static OAuthFault *
two_legged(const OAuthClient *client, OAuthToken *token)
{
	if (!oauth_client_may(client, OAUTH_GRANT_OAUTH1_TWO_LEGGED))
		return oauth_fault(OAUTH1_CONSUMER_KEY_REJECTED,
						   "The client is not registered for oauth1_two_legged, requests without a "
						   "token.");
	token->scope = client->scope ? client->scope : oauth_store_default_scope();
	token->expires_at = DT_NOEND;
	return NULL;
}

/* The caller of a signed request; uses up its nonce. */
static OAuthFault *
signed_caller(const OAuthRequest *request, OAuth1Call *call, OAuthToken **caller)
{
	OAuthToken *token = palloc0(sizeof(OAuthToken));
	OAuthFault *fault = oauth1_verify(request, OAUTH1_EXPECTS_TOKEN, call);

	if (fault != NULL)
		return fault;
	token->is_signed = true;
	token->client_id = call->client->client_id;
	*caller = token;
	if (call->token == NULL)
		return two_legged(call->client, token);
	token->handle = call->token->handle;
	token->subject = unconstify(char *, call->token->grant.subject);
	token->scope = unconstify(char *, call->token->grant.scope);
	token->expires_at = call->token->expires_at ? call->token->expires_at : DT_NOEND;
	return NULL;
}

/*
 * The signature of a proof takes longer than all else, so proofs are looked at on several
 * connections.
 */
static OAuthLane
lane_of_proofs(OAuthLane signed_lane)
{
	return Max(signed_lane, OAUTH_LANE_SIGNING);
}

/* The holder of an access token; signed is the request that a proof must be for. */
static OAuthFault *
token_caller(const OAuthRequest *request, const OAuthRequest *signed_request, const char *resource,
			 OAuthLane signed_lane, OAuthToken **caller, OAuthLane *lane)
{
	OAuthLane	proof_lane = lane_of_proofs(signed_lane);
	OAuth2Presented presented;
	OAuthFault *fault;

	if ((fault = oauth2_token_from_request(request, &presented)) != NULL ||
		(fault = oauth2_token_verify_or_move(presented.token, resource, caller, lane)) != NULL ||
		*lane != OAUTH_LANE_ANY)
		return fault;
	if (oauth2_confirmation_writes(&presented, *caller) &&
		oauth_response_is_other_lane(proof_lane))
	{
		*lane = proof_lane;
		return NULL;
	}
	return oauth2_confirm(signed_request, &presented, *caller);
}

/*
 * Finds the caller of a request.  signed_request is what a signature or a proof must be over: the
 * request itself, or the one that a proxy asks about.  resource is the resource asked for (RFC
 * 8707), NULL for this provider.
 *
 * A signed request uses up its nonce, and one with a proof uses that up; so they must run where
 * rows can be written: on any other connection *lane becomes signed_lane, or that of proofs, and
 * nothing is done.  If the application has to be asked about the user, *lane becomes the
 * application's lane.  Then *caller is set for an access token, but only says whose share of the
 * lane this request takes.
 */
OAuthFault *
oauth_caller(const OAuthRequest *request, const OAuthRequest *signed_request, const char *resource,
			 OAuthLane signed_lane, OAuthToken **caller, OAuthLane *lane)
{
	OAuth1Call	call = {0};
	OAuthFault *fault = NULL;

	*caller = NULL;
	*lane = OAUTH_LANE_ANY;
	if (!has_oauth1_header(request))
	{
		fault = token_caller(request, signed_request, resource, signed_lane, caller, lane);
		if (fault == NULL || fault->code != OAUTH_NO_CREDENTIALS ||
			!oauth1_is_attempted(signed_request))
			return fault;
	}
	if (oauth_users_need_application_lane())
		signed_lane = OAUTH_LANE_APPLICATION;
	if (oauth_response_is_other_lane(signed_lane))
	{
		*lane = signed_lane;
		return NULL;
	}
	if ((fault = oauth1_parameters_from_request(signed_request, &call.parameters)) != NULL)
		return fault;
	return signed_caller(signed_request, &call, caller);
}

/*
 * The refusal, in the words of the scheme that the fault belongs to.  metadata: where the resource
 * describes itself; NULL: nowhere.
 */
OAuthResponse *
oauth_caller_challenge(const OAuthRequest *request, const OAuthFault *fault,
					   const char *required_scope, const char *metadata)
{
	return oauth_fault_is_oauth1(fault) ? oauth1_problem(fault, "api") :
		oauth2_token_challenge(request, fault, required_scope, metadata);
}

/* The user of the token that a signed request names, if that token lives; otherwise NULL. */
static const char *
named_subject(const char *token)
{
	OAuthTokenString string;
	OAuth1Token *found = oauth_token_locate(token, strlen(token), OAUTH1_TOKEN, &string) ?
		oauth_store_find_unasked_oauth1_token(&string) : NULL;

	return found ? found->grant.subject : NULL;
}

/*
 * Whose share of the lane a signed request takes, before its signature is verified: the user or
 * client that it claims, if that exists, together with its network, because anybody can name
 * somebody else.  NULL if the claim names nobody: such names can be invented in any number, so the
 * address counts.
 */
static char *
claimed_signer(const OAuthRequest *request)
{
	OAuth1Parameters parameters = {0};
	const char *client_id;
	const char *token;
	const char *subject;

	if (request->peer == 0 || oauth1_parameters_from_request(request, &parameters) != NULL)
		return NULL;
	client_id = oauth1_parameter(&parameters, "oauth_consumer_key");
	token = oauth1_parameter(&parameters, "oauth_token");
	subject = token ? named_subject(token) : NULL;
	if (subject == NULL && (client_id == NULL || oauth_store_find_client(client_id, NULL) == NULL))
		return NULL;
	return psprintf("signed\n%s\n%s\n%s", oauth_throttle_network(request->peer),
					subject ? "subject" : "client", subject ? subject : client_id);
}

/* Status 0, for another lane, with the share that is known so far. */
OAuthResponse *
oauth_caller_elsewhere(const OAuthRequest *signed_request, const OAuthToken *caller, OAuthLane lane)
{
	char	   *whose;

	if (lane != OAUTH_LANE_APPLICATION)
		return oauth_response_lane_of_scheme(lane);
	if (caller != NULL)
		return oauth_response_application(caller->client_id, caller->subject);
	whose = claimed_signer(signed_request);
	return whose ? oauth_response_application_of(whose) : oauth_response_lane(lane);
}
