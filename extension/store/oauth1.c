/*
 * oauth1.c
 *		SQL of the temporary credentials and the tokens of OAuth 1.0a.
 *
 * Secrets are sealed to the row that they belong to.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "store/oauth1.h"
#include "store/statement.h"
#include "store/token.h"

#include "utils/fmgroids.h"

enum
{
	REQUEST_HANDLE,
	REQUEST_CLIENT,
	REQUEST_EXPIRES_AT,
	REQUEST_HASH,
	REQUEST_SECRET,
	REQUEST_CALLBACK,
	REQUEST_SCOPE,
	REQUEST_SUBJECT,
	REQUEST_FAILED_ATTEMPTS,
	REQUEST_DENIED_AT,
	REQUEST_USED_AT
};
static OAuthTable request_token_table = {
	.name = "request_token", .equals = F_INT8EQ,
	.columns = {"handle", "client_id", "expires_at", "token_hash", "secret_sealed", "callback",
	"scope", "subject", "failed_attempts", "denied_at", "used_at"}
};

enum
{
	TOKEN_HANDLE, TOKEN_GRANT, TOKEN_EXPIRES_AT, TOKEN_REVOKED_AT, TOKEN_HASH, TOKEN_SECRET
};
static OAuthPlaces oauth1_token_places;
static OAuthTable oauth1_token_table = {
	.name = "oauth1_token", .equals = F_INT8EQ, .places = &oauth1_token_places,
	.columns = {"handle", "grant_handle", "expires_at", "revoked_at", "token_hash", "secret_sealed"}
};

static OAuthStatement insert_request_token =
{.sql = "INSERT INTO oauth.request_token (handle, client_id, expires_at, token_hash, "
	"secret_sealed, callback, scope)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7)",
	.n_arguments = 7,
.argument_types = {INT8OID, TEXTOID, TIMESTAMPTZOID, BYTEAOID, BYTEAOID, TEXTOID, TEXTOID}};

/* Only credentials that can still be decided. */
#define IS_WAITING \
	" WHERE handle = $1 AND subject IS NULL AND denied_at IS NULL AND expires_at >" \
	" clock_timestamp()"

static OAuthStatement approve_request_token = {
	.sql = "UPDATE oauth.request_token SET subject = $2, verifier_hash = $3" IS_WAITING,
	.n_arguments = 3, .argument_types = {INT8OID, TEXTOID, BYTEAOID}
};

static OAuthStatement deny_request_token = {
	.sql = "UPDATE oauth.request_token SET denied_at = clock_timestamp()" IS_WAITING,
	.n_arguments = 1, .argument_types = {INT8OID}
};

/*
 * Only the one session with the right verifier wins; the same statement counts a wrong verifier, so
 * that simultaneous guesses are all counted.
 */
static OAuthStatement use_request_token =
{.sql = "UPDATE oauth.request_token SET used_at = CASE WHEN verifier_hash = $2 THEN "
	"clock_timestamp() END,"
	" failed_attempts = failed_attempts + CASE WHEN verifier_hash = $2 THEN 0 ELSE 1 END "
	"WHERE handle = $1"
	" AND used_at IS NULL AND failed_attempts < $3 AND expires_at > clock_timestamp() "
	"RETURNING used_at IS NOT NULL",
	.n_arguments = 3,
.argument_types = {INT8OID, BYTEAOID, INT4OID}};

static OAuthStatement insert_oauth1_token = {.sql = "INSERT INTO oauth.oauth1_token (handle, "
	"grant_handle, expires_at, token_hash, "
	"secret_sealed)"
	" VALUES ($1, $2, $3, $4, $5)",
	.n_arguments = 5,
	.argument_types = {INT8OID, INT8OID, TIMESTAMPTZOID,
BYTEAOID, BYTEAOID}};

void
oauth_store_insert_request_token(const OAuth1RequestToken *token, const char *string)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, token->handle);
	oauth_add_text(&arguments, token->client_id);
	oauth_add_timestamp(&arguments, token->expires_at);
	oauth_add_digest(&arguments, string);
	oauth_add_pointer(&arguments, token->secret_sealed);
	oauth_add_text(&arguments, token->callback);
	oauth_add_text(&arguments, token->scope);
	oauth_store_count(&insert_request_token, &arguments);
}

static void
read_request_token(const OAuthRow *row, OAuth1RequestToken *token)
{
	token->client_id = oauth_store_row_string(row, REQUEST_CLIENT);
	token->expires_at = oauth_store_row_int64(row, REQUEST_EXPIRES_AT);
	token->secret_sealed = oauth_store_row_bytea(row, REQUEST_SECRET);
	token->callback = oauth_store_row_string(row, REQUEST_CALLBACK);
	token->scope = oauth_store_row_string(row, REQUEST_SCOPE);
	token->subject = oauth_store_row_string(row, REQUEST_SUBJECT);
	token->failed_attempts = oauth_store_row_int32(row, REQUEST_FAILED_ATTEMPTS);
	token->is_denied = !oauth_store_row_is_null(row, REQUEST_DENIED_AT);
	token->is_used = !oauth_store_row_is_null(row, REQUEST_USED_AT);
}

/* NULL if there are no credentials of that handle and hash. */
OAuth1RequestToken *
oauth_store_find_request_token(const OAuthTokenString *presented)
{
	OAuth1RequestToken *token = NULL;
	OAuthRow	row;

	oauth_store_begin_latest();
	if (oauth_store_open_row(&row, &request_token_table, Int64GetDatum(presented->handle)) &&
		oauth_store_row_has_hash(&row, REQUEST_HASH, presented->hash))
	{
		token = palloc0(sizeof(OAuth1RequestToken));
		token->handle = presented->handle;
		read_request_token(&row, token);
	}
	oauth_store_close_row(&row);
	oauth_store_end_latest();
	return token;
}

/* False if the request is already decided or has expired. */
bool
oauth_store_approve_request_token(int64 handle, const char *subject, const char *verifier)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	oauth_add_text(&arguments, subject);
	oauth_add_digest(&arguments, verifier);
	return oauth_store_count(&approve_request_token, &arguments) > 0;
}

bool
oauth_store_deny_request_token(int64 handle)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	return oauth_store_count(&deny_request_token, &arguments) > 0;
}

/* True for the one session that may continue. */
bool
oauth_store_use_request_token(int64 handle, const char *verifier)
{
	OAuthArguments arguments = {0};
	bool		was_right;

	oauth_add_int64(&arguments, handle);
	oauth_add_digest(&arguments, verifier);
	oauth_add_int32(&arguments, OAUTH1_MAX_ATTEMPTS);
	was_right = oauth_store_run(&use_request_token, &arguments) > 0 &&
		oauth_store_bool(0, 1);
	oauth_store_end();
	return was_right;
}

void
oauth_store_insert_oauth1_token(const OAuth1Token *token, const char *string)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, token->handle);
	oauth_add_int64(&arguments, token->grant.handle);
	oauth_add_timestamp(&arguments, token->expires_at);
	oauth_add_digest(&arguments, string);
	oauth_add_pointer(&arguments, token->secret_sealed);
	oauth_store_count(&insert_oauth1_token, &arguments);
}

static OAuth1Token *
read_oauth1_token(const OAuthTokenString *presented)
{
	OAuth1Token *token = NULL;
	OAuthRow	row;

	if (oauth_store_open_row(&row, &oauth1_token_table, Int64GetDatum(presented->handle)) &&
		oauth_store_row_has_hash(&row, TOKEN_HASH, presented->hash))
	{
		token = palloc0(sizeof(OAuth1Token));
		token->handle = presented->handle;
		token->grant.handle = oauth_store_row_int64(&row, TOKEN_GRANT);
		token->expires_at = oauth_store_row_int64(&row, TOKEN_EXPIRES_AT);
		token->is_ended = !oauth_store_row_is_null(&row, TOKEN_REVOKED_AT);
		token->secret_sealed = oauth_store_row_bytea(&row, TOKEN_SECRET);
	}
	oauth_store_close_row(&row);
	return token;
}

/* NULL if there is no token of that handle and hash. */
OAuth1Token *
oauth_store_find_oauth1_token(const OAuthTokenString *presented)
{
	OAuth1Token *token;

	oauth_store_begin_latest();
	token = read_oauth1_token(presented);
	if (token != NULL && !oauth_store_read_grant(&token->grant))
		token->is_ended = true;
	oauth_store_end_latest();
	return token;
}

/*
 * A token whose grant has not ended, in the caller's snapshot; the application is not asked about
 * its user.
 */
OAuth1Token *
oauth_store_find_unasked_oauth1_token(const OAuthTokenString *presented)
{
	OAuth1Token *token = read_oauth1_token(presented);

	return token != NULL && oauth_store_read_unasked_grant(&token->grant) ? token : NULL;
}
