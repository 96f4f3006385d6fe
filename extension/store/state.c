/*
 * state.c
 *		SQL of oauth_explain_request(): what the answers to clients omit, for administrators.
 *
 * Tokens and codes are looked up by handle and digest, so that a damaged one is told from an
 * unknown one.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "store/statement.h"
#include "store/token.h"

#define AS_WORDS(time) "to_char(" time ", 'YYYY-MM-DD HH24:MI:SS TZ')"

static OAuthStatement token_state = {
	.sql = "SELECT v.kind, v.client_id, v.client_name,"
	" coalesce('user ' || v.username, 'subject ' || v.subject), v.scope, v.state, v.ended_reason,"
	" " AS_WORDS("v.issued_at") ", " AS_WORDS("v.expires_at") ", " AS_WORDS("v.ended_at") ","
	" EXISTS (SELECT FROM oauth.access_token t WHERE t.handle = $1 AND t.token_hash = $2)"
	" OR EXISTS (SELECT FROM oauth.refresh_token t WHERE t.handle = $1 AND t.token_hash = $2)"
	" OR EXISTS (SELECT FROM oauth.oauth1_token t WHERE t.handle = $1 AND t.token_hash = $2)"
	" FROM oauth.token_overview v WHERE v.handle = $1",
	.only_reads = true,
	.n_arguments = 2, .argument_types = {INT8OID, BYTEAOID}
};

static OAuthStatement code_state = {
	.sql = "SELECT g.client_id, c.client_name, o.redirect_uri, o.code_challenge, "
	AS_WORDS("o.used_at") ", CASE WHEN o.expires_at <= now() THEN " AS_WORDS("o.expires_at") " END,"
	" coalesce(g.ended_reason, CASE WHEN c.disabled_at IS NOT NULL THEN 'client is disabled'"
	" WHEN s.disabled_at IS NOT NULL THEN 'subject is disabled' END), o.code_hash = $2"
	" FROM oauth.authorization_code o JOIN oauth.grant g ON g.handle = o.grant_handle"
	" JOIN oauth.client c ON c.client_id = g.client_id"
	" JOIN oauth.subject s ON s.subject = g.subject WHERE o.handle = $1",
	.only_reads = true,
	.n_arguments = 2, .argument_types = {INT8OID, BYTEAOID}
};

static OAuthStatement request_token_state = {
	.sql = "SELECT client_id, CASE"
	" WHEN used_at IS NOT NULL THEN 'was used up at ' || " AS_WORDS("used_at")
	" WHEN denied_at IS NOT NULL THEN 'was refused by the user at ' || " AS_WORDS("denied_at")
	" WHEN expires_at <= now() THEN 'expired at ' || " AS_WORDS("expires_at")
	" WHEN subject IS NULL THEN 'waits for a user to approve it' ELSE 'is approved'"
	" END, token_hash = $2 FROM oauth.request_token WHERE handle = $1",
	.only_reads = true,
	.n_arguments = 2, .argument_types = {INT8OID, BYTEAOID}
};

static OAuthStatement client_end = {
	.sql = "SELECT CASE WHEN deleted_at IS NOT NULL THEN 'deleted at ' || " AS_WORDS("deleted_at")
	" WHEN disabled_at IS NOT NULL THEN 'disabled at ' || " AS_WORDS("disabled_at") " END"
	" FROM oauth.client WHERE client_id = $1",
	.only_reads = true,
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/* The first string is the secret's state: was good until then. */
static OAuthStatement old_secret_end = {
	.sql = "SELECT " AS_WORDS("old_secret_expires_at") " FROM oauth.client WHERE client_id = $1"
	" AND old_secret_hash = $2 AND old_secret_expires_at <= now()",
	.only_reads = true,
	.n_arguments = 2, .argument_types = {TEXTOID, BYTEAOID}
};

static OAuthStatement time_of_handle = {
	.sql = "SELECT " AS_WORDS(OAUTH_TIME_OF("$1")),
	.only_reads = true,
	.n_arguments = 1, .argument_types = {INT8OID}
};

/* NULL if there is none with that handle. */
OAuthTokenState *
oauth_store_token_state(const OAuthTokenString *string)
{
	OAuthArguments arguments = {0};
	OAuthTokenState *state = NULL;

	oauth_add_int64(&arguments, string->handle);
	oauth_add_bytes(&arguments, string->hash, OAUTH_HASH_LENGTH);
	if (oauth_store_run(&token_state, &arguments) > 0)
	{
		state = SPI_palloc(sizeof(OAuthTokenState));
		state->kind = oauth_store_string(0, 1);
		state->client_id = oauth_store_string(0, 2);
		state->client_name = oauth_store_string(0, 3);
		state->who = oauth_store_string(0, 4);
		state->scope = oauth_store_string(0, 5);
		state->state = oauth_store_string(0, 6);
		state->ended_reason = oauth_store_string(0, 7);
		state->issued_at = oauth_store_string(0, 8);
		state->expires_at = oauth_store_string(0, 9);
		state->ended_at = oauth_store_string(0, 10);
		state->matches = oauth_store_bool(0, 11);
	}
	oauth_store_end();
	return state;
}

OAuthCodeState *
oauth_store_code_state(const OAuthTokenString *string)
{
	OAuthArguments arguments = {0};
	OAuthCodeState *state = NULL;

	oauth_add_int64(&arguments, string->handle);
	oauth_add_bytes(&arguments, string->hash, OAUTH_HASH_LENGTH);
	if (oauth_store_run(&code_state, &arguments) > 0)
	{
		state = SPI_palloc(sizeof(OAuthCodeState));
		state->client_id = oauth_store_string(0, 1);
		state->client_name = oauth_store_string(0, 2);
		state->redirect_uri = oauth_store_string(0, 3);
		state->code_challenge = oauth_store_string(0, 4);
		state->used_at = oauth_store_string(0, 5);
		state->expired_at = oauth_store_string(0, 6);
		state->ended_reason = oauth_store_string(0, 7);
		state->matches = oauth_store_bool(0, 8);
	}
	oauth_store_end();
	return state;
}

/*
 * The state of temporary credentials of OAuth 1.0a, in words; NULL if there are none of that
 * handle.
 */
char *
oauth_store_request_token_state(const OAuthTokenString *string, char **client_id)
{
	OAuthArguments arguments = {0};
	char	   *state = NULL;

	oauth_add_int64(&arguments, string->handle);
	oauth_add_bytes(&arguments, string->hash, OAUTH_HASH_LENGTH);
	if (oauth_store_run(&request_token_state, &arguments) > 0 && oauth_store_bool(0, 3))
	{
		*client_id = oauth_store_string(0, 1);
		state = oauth_store_string(0, 2);
	}
	oauth_store_end();
	return state;
}

static char *
first_string(OAuthStatement *statement, OAuthArguments *arguments)
{
	bool		found = oauth_store_run(statement, arguments) > 0;
	char	   *string = found ? oauth_store_string(0, 1) : NULL;

	oauth_store_end();
	return string;
}

/* How and when the client ended; NULL if it has not. */
char *
oauth_store_client_end(const char *client_id)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, client_id);
	return first_string(&client_end, &arguments);
}

/* When the client's previous secret stopped working, if this is its digest; otherwise NULL. */
char *
oauth_store_old_secret_end(const char *client_id, const uint8 *hash)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, client_id);
	oauth_add_bytes(&arguments, hash, OAUTH_HASH_LENGTH);
	return first_string(&old_secret_end, &arguments);
}

/* When it was issued, in words. */
char *
oauth_store_time_of_handle(int64 handle)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	return first_string(&time_of_handle, &arguments);
}
