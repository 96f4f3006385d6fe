/*
 * access_token.c
 *		Token credentials (RFC 5849, section 2.3), also for a username and a password (xAuth).
 *
 * xAuth is a use of this endpoint that was never standardized: x_auth_mode=client_auth,
 * x_auth_username and x_auth_password among the signed parameters.  As with the password grant, a
 * client must be registered for it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth1/oauth1.h"
#include "secret/secret.h"
#include "setting.h"
#include "store/client.h"
#include "store/event.h"
#include "store/oauth1.h"
#include "store/token.h"
#include "store/user.h"
#include "token/token.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_oauth1_access_token);

/* Makes a grant and the token of it. */
static OAuthResponse *
issue_token(const OAuthRequest *request, const OAuthClient *client, const char *subject,
			const char *grant_type, const char *scope)
{
	OAuth1Token token = {
		.handle = oauth_handle_next(),
		.grant = {
			.handle = oauth_handle_next(), .client_id = client->client_id, .subject = subject,
			.grant_type = grant_type, .scope = scope
		}
	};
	char	   *string = oauth_random_token(OAUTH1_TOKEN, token.handle);
	char	   *secret = oauth_shared_secret_string();
	OAuthEvent	event = {.event = "issue"};

	if (oauth_setting_oauth1_token_lifetime > 0)
		token.expires_at = oauth_seconds_from_now(oauth_setting_oauth1_token_lifetime);
	token.secret_sealed = oauth_seal(secret, oauth_seal_binding(OAUTH1_TOKEN, token.handle));
	oauth_store_insert_grant(&token.grant);
	oauth_store_insert_oauth1_token(&token, string);
	event.grant = token.grant.handle;
	oauth_issue_note(request, client, &event);
	return oauth1_credentials(string, secret, false);
}

/*
 * "The server MUST [...] ensure that the temporary credentials have not expired or been used
 * before", that they were approved, and that the verifier is the one that the client received
 * through the resource owner.
 *
 * A few wrong verifiers end the credentials.
 */
static OAuthFault *
exchange(const OAuth1RequestToken *token, const char *verifier)
{
	if (token->is_used)
		return oauth_fault(OAUTH1_TOKEN_USED, "These temporary credentials were exchanged before.");
	if (token->is_denied)
		return oauth_fault(OAUTH1_USER_REFUSED, "The user refused.");
	if (token->expires_at <= GetCurrentTimestamp() || token->failed_attempts >= OAUTH1_MAX_ATTEMPTS)
		return oauth_fault(OAUTH1_TOKEN_EXPIRED, "These temporary credentials have expired.");
	if (token->subject == NULL)
		return oauth_fault(OAUTH1_TOKEN_REJECTED, "The user has not approved yet.");
	if (oauth_store_use_request_token(token->handle, oauth1_verifier(verifier, token->callback)))
		return NULL;
	return oauth_fault(OAUTH1_VERIFIER_INVALID,
					   "oauth_verifier is not the one of these temporary credentials.");
}

/* Notes that the credentials were exchanged. */
static OAuthResponse *
exchanged(const OAuthRequest *request, const OAuth1Call *call)
{
	if (!oauth_client_may(call->client, OAUTH_GRANT_OAUTH1))
		return oauth1_problem(oauth_fault(OAUTH1_CONSUMER_KEY_REJECTED,
										  "The client is not registered for oauth1."),
							  "oauth");
	if (oauth_store_use_subject(call->request_token->subject))
		return oauth1_problem(oauth_fault(OAUTH1_TOKEN_REJECTED,
										  "The user who approved is disabled."),
							  "oauth");
	return issue_token(request, call->client, call->request_token->subject, OAUTH_GRANT_OAUTH1,
					   call->request_token->scope);
}

/* A HEAD uses up the nonce and counts a wrong verifier, but exchanges nothing. */
static OAuthResponse *
three_legged(const OAuthRequest *request, OAuth1Call *call)
{
	const char *verifier = oauth1_parameter(&call->parameters, "oauth_verifier");
	OAuthResponse *response;
	OAuthUndo	undo;
	OAuthFault *fault;

	if (verifier == NULL || verifier[0] == '\0')
		return oauth1_problem(oauth_fault(OAUTH1_PARAMETER_ABSENT, "oauth_verifier is missing."),
							  "oauth");
	if ((fault = oauth1_verify(request, OAUTH1_EXPECTS_REQUEST_TOKEN, call)) != NULL)
		return oauth1_problem(fault, "oauth");
	oauth_undo_begin(request, &undo);
	fault = exchange(call->request_token, verifier);
	response = fault ? oauth1_problem(fault, "oauth") : exchanged(request, call);
	oauth_undo_end(&undo, fault != NULL);
	return response;
}

static OAuthFault *
check_xauth(const OAuthRequest *request, const OAuth1Call *call, OAuthUser **user,
			const char **scope)
{
	const char *mode = oauth1_parameter(&call->parameters, "x_auth_mode");
	const char *username = oauth1_parameter(&call->parameters, "x_auth_username");
	const char *password = oauth1_parameter(&call->parameters, "x_auth_password");
	OAuthFault *fault;

	if (strcmp(mode, "client_auth") != 0)
		return oauth_fault(OAUTH1_PARAMETER_REJECTED, "x_auth_mode is client_auth.");
	if (username == NULL || password == NULL)
		return oauth_fault(OAUTH1_PARAMETER_ABSENT,
						   "x_auth_username and x_auth_password must both be sent.");
	if (!oauth_client_may(call->client, OAUTH_GRANT_OAUTH1_XAUTH))
		return oauth_fault(OAUTH1_CONSUMER_KEY_REJECTED,
						   "The client is not registered for oauth1_xauth.");
	if (oauth2_scope_decide(call->client, NULL, scope) != NULL)
		return oauth_fault(OAUTH1_PERMISSION_DENIED, "The client has no default scope.");
	if ((fault = oauth_login(request, username, password, user)) != NULL)
		fault->code = fault->code == OAUTH_TOO_MANY_ATTEMPTS ? OAUTH1_TOO_MANY_ATTEMPTS :
			OAUTH1_LOGIN_REFUSED;
	return fault;
}

static OAuthResponse *
xauth(const OAuthRequest *request, OAuth1Call *call)
{
	OAuthUser  *user;
	const char *scope;
	OAuthResponse *response;
	OAuthUndo	undo;
	OAuthFault *fault;

	if ((fault = oauth1_verify(request, OAUTH1_EXPECTS_NO_TOKEN, call)) != NULL)
		return oauth1_problem(fault, "oauth");
	oauth_undo_begin(request, &undo);
	fault = check_xauth(request, call, &user, &scope);
	response = fault ? oauth1_problem(fault, "oauth") :
		issue_token(request, call->client, user->subject, OAUTH_GRANT_OAUTH1_XAUTH, scope);
	oauth_undo_end(&undo, fault != NULL);
	return response;
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	OAuth1Call	call = {0};
	OAuthFault *fault;

	if ((fault = oauth1_require_confidential(request)) != NULL ||
		(fault = oauth1_parameters_from_request(request, &call.parameters)) != NULL)
		return oauth1_problem(fault, "oauth");
	if (oauth1_parameter(&call.parameters, "x_auth_mode") == NULL)
		return three_legged(request, &call);
	/* hashing a password is slow; nothing has been written yet, not even the nonce */
	if (oauth_response_is_other_lane(OAUTH_LANE_SLOW))
		return oauth_response_lane(OAUTH_LANE_SLOW);
	return xauth(request, &call);
}

static bool
is_login(const OAuthRequest *request)
{
	OAuth1Parameters parameters = {0};

	return oauth1_parameters_from_request(request, &parameters) == NULL &&
		oauth1_parameter(&parameters, "x_auth_mode") != NULL;
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.summary = "Token credentials of OAuth 1.0a",
		.by = "oauth1",
		.takes = "oauth_consumer_key oauth_signature_method oauth_signature "
		"oauth_timestamp oauth_nonce oauth_version oauth_token oauth_verifier "
		"x_auth_mode x_auth_username x_auth_password",
		.answers = "200:Credentials 400:Problem 401:Problem 429:Problem"
	},
	{0}
};

const OAuthEndpoint oauth1_access_token_endpoint = {
	.function = "oauth1_access_token",
	.first_lane = OAUTH_LANE_WRITING,
	.routes = {{"/oauth/access_token", "GET POST", OAUTH_CORS_NOBODY}},
	.needs_users = true,
	.is_login = is_login,
	.answer = answer,
	.operations = operations
};

/* oauth.oauth1_access_token(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_oauth1_access_token(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth1_access_token_endpoint);
}
