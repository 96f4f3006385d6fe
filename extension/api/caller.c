/*
 * caller.c
 *		Who calls a protected resource: whoever has a bearer token (RFC 6750), or signs with OAuth
 *		1.0a (RFC 5849).
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
#include "store/store.h"
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
 * What a client may do that signs for itself: all that it is registered for, as it has no way to
 * ask for less.
 */
static OAuthFault *
two_legged(const OAuthClient *client, OAuthToken *token)
{
	if (!oauth_client_may(client, "oauth1_two_legged"))
		return oauth_fault(OAUTH1_CONSUMER_KEY_REJECTED,
						   "The client is not registered for oauth1_two_legged, requests without a "
						   "token.");
	token->scope = client->scope ? client->scope : oauth_store_default_scope();
	token->expires_at = DT_NOEND;
	return NULL;
}

/* The caller of a signed request; its nonce is used up. */
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

static OAuthFault *
bearer_caller(const OAuthRequest *request, const char *resource, OAuthToken **caller,
			  OAuthLane *lane)
{
	char	   *bearer;
	OAuthFault *fault = oauth2_bearer_from_request(request, &bearer);

	return fault ? fault : oauth2_bearer_verify_or_move(bearer, resource, caller, lane);
}

/*
 * The caller of a request.  signed_request is what a signature would be over: the request itself,
 * or the one that a proxy asks about.  resource is what it is about (RFC 8707), NULL for this
 * provider.
 *
 * A signed request uses up its nonce and so must run where rows can be written: on a connection for
 * other work, *lane is set to signed_lane instead, and nothing has been done.  Where the
 * application has to be asked about its user, *lane is that for its code; *caller is then set for a
 * bearer token, and tells no more than whose share of the lane this is.
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
		fault = bearer_caller(request, resource, caller, lane);
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

/* The refusal, in the words of the scheme that the fault is of. */
OAuthResponse *
oauth_caller_challenge(const OAuthFault *fault, const char *required_scope)
{
	return fault->code >= OAUTH1_PARAMETER_ABSENT ? oauth1_problem(fault, "api") :
		oauth2_bearer_challenge(fault, required_scope);
}

/* The user of the token that a signed request names, if there is one that lives; NULL if not. */
static const char *
named_subject(const char *token)
{
	OAuthTokenString string;
	OAuth1Token *found;

	oauth_token_locate(token, strlen(token), OAUTH1_TOKEN, &string);
	found = string.handle > 0 ? oauth_store_find_unasked_oauth1_token(&string) : NULL;
	return found ? found->grant.subject : NULL;
}

/*
 * Whom a signed request claims to be of, before the signature is verified: a user or a client that
 * there is, at the network that it comes from, for anybody may name those of somebody else.  NULL
 * if it names nobody who is here: names can be invented in any number, so the address counts.
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

/*
 * Status 0, for another lane, and whose share of it the request is as far as that is known by now.
 */
OAuthResponse *
oauth_caller_elsewhere(const OAuthRequest *signed_request, const OAuthToken *caller, OAuthLane lane)
{
	char	   *whose;

	if (lane != OAUTH_LANE_APPLICATION)
		return oauth_response_lane(lane);
	if (caller != NULL)
		return oauth_response_application(caller->client_id, caller->subject);
	whose = claimed_signer(signed_request);
	return whose ? oauth_response_application_of(whose) : oauth_response_lane(lane);
}
