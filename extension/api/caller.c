/*
 * caller.c
 *		Who calls a protected resource: whoever has a bearer token (RFC 6750), or signs with OAuth 1.0a (RFC 5849).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "api/api.h"
#include "client/client.h"
#include "http/http.h"
#include "oauth1/oauth1.h"
#include "oauth2/oauth2.h"
#include "store/store.h"

#include "utils/builtins.h"

/* Whether the request attempts OAuth 1.0a in its header. */
static bool
has_oauth1_header(const OAuthRequest *request)
{
	char	   *authorization;

	return oauth_request_header(request, "Authorization", &authorization) == 1 && oauth1_is_scheme(authorization);
}

/* What a client may do that signs for itself: all that it is registered for, as it has no way to ask for less. */
static OAuthFault *
two_legged(const OAuthClient *client, OAuthToken *token)
{
	if (!oauth_client_may(client, "oauth1_two_legged"))
		return oauth_fault(OAUTH1_CONSUMER_KEY_REJECTED,
						   "The client is not registered for oauth1_two_legged, requests without a token.");
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
bearer_caller(const OAuthRequest *request, const char *resource, OAuthToken **caller)
{
	char	   *bearer;
	OAuthFault *fault = oauth2_bearer_from_request(request, &bearer);

	return fault ? fault : oauth2_bearer_verify(bearer, resource, caller);
}

/*
 * The caller of a request.  signed_request is what a signature would be over: the request itself, or the one that a
 * proxy asks about.  resource is what it is about (RFC 8707), NULL for this provider.
 *
 * A signed request uses up its nonce and so must run where rows can be written: on a connection for other work, *lane is
 * set to signed_lane instead, and nothing has been done.
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
		fault = bearer_caller(request, resource, caller);
		if (fault == NULL || fault->code != OAUTH_NO_CREDENTIALS || !oauth1_is_attempted(signed_request))
			return fault;
	}
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

/* The client and token that a signed request names, from where it came: anybody may name those of somebody else. */
static char *
claimed_signer(const OAuthRequest *request)
{
	OAuth1Parameters parameters = {0};
	const char *client_id;
	const char *token;

	if (request->peer == 0 || oauth1_parameters_from_request(request, &parameters) != NULL)
		return NULL;
	client_id = oauth1_parameter(&parameters, "oauth_consumer_key");
	token = oauth1_parameter(&parameters, "oauth_token");
	return psprintf("%s\n%s\n%s", DatumGetCString(DirectFunctionCall1(inet_out, request->peer)),
					client_id ? client_id : "", token ? token : "");
}

/*
 * What the request says of who sends it, before anything is verified: the bearer token, or the client and token of a
 * signature with the address it comes from; NULL if there is neither.
 */
char *
oauth_claimed_caller(const OAuthRequest *request)
{
	char	   *token;

	if (oauth2_bearer_from_request(request, &token) == NULL)
		return token;
	return oauth1_is_attempted(request) ? claimed_signer(request) : NULL;
}
