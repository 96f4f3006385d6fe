/*
 * request_token.c
 *		Temporary credentials (RFC 5849, section 2.1).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth1/oauth1.h"
#include "secret/secret.h"
#include "setting.h"
#include "store/client.h"
#include "store/oauth1.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_oauth1_request_token);

/*
 * The callback: a registered one, or, if the client registered none, any that it could have
 * registered.
 *
 * "oauth_callback: [...] If the client is unable to receive callbacks or a callback URI has been
 * established via other means, the parameter value MUST be set to "oob" (case sensitive)"
 */
static OAuthFault *
check_callback(const OAuthClient *client, const char *callback)
{
	if (strcmp(callback, "oob") == 0 || oauth2_redirect_uri_of(client, callback) != NULL)
		return NULL;
	if (client->redirect_uris != NIL)
		return oauth_fault(OAUTH1_PARAMETER_REJECTED,
						   "oauth_callback is not one that the client registered.");
	if (oauth2_redirect_uri_check_strange(callback) != NULL)
		return oauth_fault(OAUTH1_PARAMETER_REJECTED,
						   "oauth_callback must be oob, or an absolute URI without fragment that a "
						   "browser may be sent to.");
	return NULL;
}

/* The requested scope: a parameter of our own beside those of the RFC. */
static OAuthFault *
decide_scope(const OAuth1Call *call, const char **scope)
{
	const char *requested = oauth1_parameter(&call->parameters, "scope");
	OAuthFault *fault = oauth2_scope_decide(call->client,
											requested && requested[0] ? requested : NULL, scope);

	return fault ? oauth_fault(OAUTH1_PARAMETER_REJECTED, fault->description) : NULL;
}

static OAuthResponse *
issue_request_token(const OAuthRequest *request, const OAuth1Call *call, const char *callback,
					const char *scope)
{
	OAuth1RequestToken token = {
		.handle = oauth_handle_next(), .client_id = call->client->client_id,
		.expires_at = oauth_seconds_from_now(oauth_setting_request_token_lifetime),
		.callback = unconstify(char *, callback), .scope = unconstify(char *, scope)
	};
	char	   *string = oauth_random_token(OAUTH1_REQUEST_TOKEN, token.handle);
	char	   *secret = oauth_shared_secret_string();
	OAuthUndo	undo;

	token.secret_sealed = oauth_seal(secret,
									 oauth_seal_binding(OAUTH1_REQUEST_TOKEN, token.handle));
	oauth_undo_begin(request, &undo);
	oauth_store_insert_request_token(&token, string);
	oauth_undo_end(&undo, false);
	return oauth1_credentials(string, secret, true);
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	OAuth1Call	call = {0};
	const char *callback;
	const char *scope;
	OAuthFault *fault;

	if ((fault = oauth1_require_confidential(request)) != NULL ||
		(fault = oauth1_parameters_from_request(request, &call.parameters)) != NULL)
		return oauth1_problem(fault, "oauth");
	callback = oauth1_parameter(&call.parameters, "oauth_callback");
	if (callback == NULL || callback[0] == '\0')
		return oauth1_problem(oauth_fault(OAUTH1_PARAMETER_ABSENT,
										  "oauth_callback is missing; oob if there is none."),
							  "oauth");
	if ((fault = oauth1_verify(request, OAUTH1_EXPECTS_NO_TOKEN, &call)) != NULL)
		return oauth1_problem(fault, "oauth");
	if (!oauth_client_may(call.client, OAUTH_GRANT_OAUTH1))
		fault = oauth_fault(OAUTH1_CONSUMER_KEY_REJECTED,
							"The client is not registered for oauth1.");
	if (fault != NULL || (fault = check_callback(call.client, callback)) != NULL ||
		(fault = decide_scope(&call, &scope)) != NULL)
		return oauth1_problem(fault, "oauth");
	return issue_request_token(request, &call, callback, scope);
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.summary = "Temporary credentials of OAuth 1.0a",
		.by = "oauth1",
		.takes = "oauth_consumer_key oauth_signature_method oauth_signature "
		"oauth_timestamp oauth_nonce oauth_version oauth_callback scope",
		.answers = "200:Credentials 400:Problem 401:Problem 429:Problem"
	},
	{0}
};

const OAuthEndpoint oauth1_request_token_endpoint = {
	.function = "oauth1_request_token",
	.first_lane = OAUTH_LANE_WRITING,
	.routes = {{"/oauth/request_token", "GET POST", OAUTH_CORS_NOBODY}},
	.answer = answer,
	.operations = operations
};

/* oauth.oauth1_request_token(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_oauth1_request_token(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth1_request_token_endpoint);
}
