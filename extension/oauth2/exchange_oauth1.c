/*
 * exchange_oauth1.c
 *		An OAuth 1.0a token for tokens of OAuth 2 (RFC 8693), so that clients can move on without
 *		asking their users.
 *
 * The token of OAuth 1.0a is no bearer token: its name travels in the clear with every signed
 * request.  So the subject_token is the whole of the credentials, the very form that answered RFC
 * 5849, section 2.3 (oauth_token=...&oauth_token_secret=...), and its type is a name of our own,
 * since none is registered.
 *
 * The old token goes on; the new ones have a grant of their own, for the same subject and scope.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "oauth2/exchange.h"
#include "secret/secret.h"
#include "store/client.h"
#include "store/event.h"
#include "store/oauth1.h"
#include "text/text.h"
#include "token/token.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_exchange_token);

static OAuthFault *
invalid_subject_token(void)
{
	return oauth_fault(OAUTH_INVALID_REQUEST,
					   "The subject_token is unknown, has ended, or its secret is wrong.  It is "
					   "the form "
					   "oauth_token=...&oauth_token_secret=... of an OAuth 1.0a token of this "
					   "client.");
}

/* The living OAuth 1.0a token of that name, or NULL. */
static OAuth1Token *
find_living(const char *name)
{
	OAuth1Token *token = oauth_find_oauth1_token(name, strlen(name));

	if (token == NULL || token->is_ended ||
		(token->expires_at != 0 && token->expires_at <= GetCurrentTimestamp()))
		return NULL;
	return token;
}

static bool
has_secret(const OAuth1Token *token, const char *secret)
{
	char	   *stored = oauth_unseal(token->secret_sealed,
									  oauth_seal_binding(OAUTH1_TOKEN, token->handle));
	uint8		hashes[2][OAUTH_HASH_LENGTH];

	oauth_sha256(stored, strlen(stored), hashes[0]);
	oauth_sha256(secret, strlen(secret), hashes[1]);
	return timingsafe_bcmp(hashes[0], hashes[1], OAUTH_HASH_LENGTH) == 0;
}

static OAuthFault *
find_subject_token(const OAuthClient *client, const char *subject_token, OAuth1Token **token)
{
	OAuthParams form;
	const char *name;
	const char *secret;

	if (oauth_params_parse(subject_token, strlen(subject_token), &form) != NULL ||
		oauth_params_get(&form, "oauth_token", &name) != NULL || name == NULL ||
		oauth_params_get(&form, "oauth_token_secret", &secret) != NULL || secret == NULL)
		return invalid_subject_token();
	*token = find_living(name);
	if (*token == NULL || strcmp((*token)->grant.client_id, client->client_id) != 0 ||
		!has_secret(*token, secret))
		return invalid_subject_token();
	return NULL;
}

/* What this exchange has not: other types of tokens, actors, and other places for the token. */
static OAuthFault *
check_parameters(const OAuth2Exchange *exchange)
{
	if (exchange->requested_token_type != NULL &&
		strcmp(exchange->requested_token_type, OAUTH2_ACCESS_TOKEN_TYPE) != 0)
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "requested_token_type can only be " OAUTH2_ACCESS_TOKEN_TYPE ".");
	if (exchange->actor_token != NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "Nobody can act for another here: leave out actor_token.");
	if (exchange->resource != NULL)
		return oauth_fault(OAUTH_INVALID_TARGET,
						   "The token is for the places of the old one: leave out resource and "
						   "audience.");
	return NULL;
}

/* The exchange of a token of OAuth 1.0a. */
OAuthFault *
oauth2_exchange_oauth1(const OAuth2Exchange *exchange, OAuthIssued **issued)
{
	const OAuthClient *client = exchange->request->client;
	OAuthIssue	issue = {
		.client = client, .cnf = exchange->request->cnf, .grant_type = OAUTH_GRANT_TOKEN_EXCHANGE,
		.scope = exchange->scope
	};
	OAuth1Token *token = NULL;
	OAuthFault *fault;

	if ((fault = check_parameters(exchange)) != NULL ||
		(fault = find_subject_token(client, exchange->subject_token, &token)) != NULL ||
		(fault = oauth2_scope_narrow(token->grant.scope, &issue.scope)) != NULL)
		return fault;
	issue.subject = token->grant.subject;
	issue.refresh = oauth_client_may(client, OAUTH_GRANT_REFRESH_TOKEN);
	*issued = oauth_issue(&issue);
	(*issued)->issued_token_type = OAUTH2_ACCESS_TOKEN_TYPE;
	return NULL;
}

/*
 * oauth_exchange_token(oauth_token text, refresh boolean)
 *		RETURNS TABLE (access_token text, token_type text, expires_in integer, refresh_token text,
 *		scope text)
 */
Datum
oauth_exchange_token(PG_FUNCTION_ARGS)
{
	OAuth1Token *token = find_living(oauth_argument(fcinfo, 0, "oauth_token"));
	OAuthIssue	issue = {.grant_type = OAUTH_GRANT_TOKEN_EXCHANGE};
	OAuthEvent	event = {.event = "issue"};
	OAuthIssued *issued;

	if (token == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("there is no living OAuth 1.0a token of that name"),
						errhint("SELECT * FROM oauth.token_overview WHERE kind = 'oauth1' says "
								"which live, and why others do not.")));
	issue.client = oauth_client_required(token->grant.client_id);
	oauth_client_require_unbound(issue.client);
	issue.subject = token->grant.subject;
	issue.scope = token->grant.scope;
	issue.refresh = oauth_required_flag_argument(fcinfo, 1, "refresh");
	issued = oauth_issue(&issue);
	event.grant = issued->grant;
	oauth_issue_note(NULL, issue.client, &event);
	return oauth_issued_row(fcinfo, issued);
}
