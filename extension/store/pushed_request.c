/*
 * pushed_request.c
 *		SQL of authorization requests that are kept here, under a request_uri (RFC 9126).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "store/request.h"
#include "store/statement.h"

#include "utils/fmgroids.h"

enum
{
	PUSHED_HANDLE,
	PUSHED_CLIENT,
	PUSHED_OPEN_UNTIL,
	PUSHED_EXPIRES_AT,
	PUSHED_USED_AT,
	PUSHED_HASH,
	PUSHED_PARAMETERS,
	PUSHED_IS_SIGNED,
	PUSHED_BROWSER_HASH,
	PUSHED_ANSWER_HASH
};
static OAuthTable pushed_request_table = {
	.name = "pushed_request", .equals = F_INT8EQ,
	.columns = {"handle", "client_id", "open_until", "expires_at", "used_at", "request_uri_hash",
	"parameters", "is_signed", "browser_hash", "answer_hash"}
};

static OAuthInsert insert_pushed_request = {
	.table = {
		.name = "pushed_request",
		.columns = {"handle", "client_id", "open_until", "expires_at", "request_uri_hash",
		"parameters", "is_signed"}
	},
	.parents = {&oauth_store_clients},
	.constraints = {"answers_use_requests_up"},
	.statement = {
		.sql = "INSERT INTO oauth.pushed_request (handle, client_id, open_until, expires_at,"
		" request_uri_hash, parameters, is_signed) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		.is_of_handle = true,
		.n_arguments = 7,
		.argument_types = {INT8OID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, BYTEAOID, TEXTOID,
		BOOLOID}
	}
};

static OAuthStatement open_pushed_request = {
	.sql = "UPDATE oauth.pushed_request SET expires_at = greatest(expires_at, $2),"
	" browser_hash = coalesce($3, browser_hash) WHERE handle = $1 AND used_at IS NULL",
	.n_arguments = 3, .argument_types = {INT8OID, TIMESTAMPTZOID, BYTEAOID}
};

/*
 * Only one session wins: a second one waits for the row, which then no longer fits the condition.
 */
static OAuthStatement use_pushed_request = {
	.sql = "UPDATE oauth.pushed_request SET used_at = clock_timestamp(), answer_hash = $2"
	" WHERE handle = $1 AND used_at IS NULL AND expires_at > clock_timestamp()",
	.n_arguments = 2, .argument_types = {INT8OID, BYTEAOID}
};

void
oauth_store_insert_pushed_request(const OAuthPushedRequest *request, const char *string)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, request->handle);
	oauth_add_text(&arguments, request->client_id);
	oauth_add_timestamp(&arguments, request->open_until);
	oauth_add_timestamp(&arguments, request->expires_at);
	oauth_add_digest(&arguments, string);
	oauth_add_text(&arguments, request->parameters);
	oauth_add_bool(&arguments, request->is_signed);
	oauth_store_insert(&insert_pushed_request, &arguments);
}

/* Whether the digest in that column is the one of the secret, which may be NULL. */
static bool
is_digest_of(const OAuthRow *row, int column, const char *secret)
{
	uint8		hash[OAUTH_HASH_LENGTH];

	if (secret == NULL || oauth_store_row_is_null(row, column))
		return false;
	oauth_sha256(secret, strlen(secret), hash);
	return oauth_store_row_has_hash(row, column, hash);
}

static OAuthPushedRequest *
read_request(const OAuthRow *row, const char *browser, const char *answer)
{
	OAuthPushedRequest *request = palloc0(sizeof(OAuthPushedRequest));

	request->client_id = oauth_store_row_string(row, PUSHED_CLIENT);
	request->open_until = oauth_store_row_int64(row, PUSHED_OPEN_UNTIL);
	request->expires_at = oauth_store_row_int64(row, PUSHED_EXPIRES_AT);
	request->is_used = !oauth_store_row_is_null(row, PUSHED_USED_AT);
	request->parameters = oauth_store_row_string(row, PUSHED_PARAMETERS);
	request->is_signed = DatumGetBool(oauth_store_row_value(row, PUSHED_IS_SIGNED));
	request->is_of_browser = is_digest_of(row, PUSHED_BROWSER_HASH, browser);
	request->is_of_answer = is_digest_of(row, PUSHED_ANSWER_HASH, answer);
	return request;
}

/*
 * In whatever state; NULL if there is no request of that handle and hash.  browser is the value of
 * its cookie, answer what the person answered; either may be NULL.
 */
OAuthPushedRequest *
oauth_store_find_pushed_request(const OAuthTokenString *presented, const char *browser,
								const char *answer)
{
	OAuthPushedRequest *request = NULL;
	OAuthRow	row;

	oauth_store_settle_handle(presented->handle);
	oauth_store_begin_latest();
	if (oauth_store_open_row(&row, &pushed_request_table, Int64GetDatum(presented->handle)) &&
		oauth_store_row_has_hash(&row, PUSHED_HASH, presented->hash))
	{
		request = read_request(&row, browser, answer);
		request->handle = presented->handle;
	}
	oauth_store_close_row(&row);
	oauth_store_end_latest();
	return request;
}

/*
 * A browser is at the pages of the request, which lives at least until then.  browser: the value of
 * its cookie, NULL if it has none yet.
 */
void
oauth_store_open_pushed_request(int64 handle, TimestampTz expires_at, const char *browser)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	oauth_add_timestamp(&arguments, expires_at);
	oauth_add_digest(&arguments, browser);
	oauth_store_count(&open_pushed_request, &arguments);
}

/* True for the one session that may answer.  answer: what the person answered, or NULL. */
bool
oauth_store_use_pushed_request(int64 handle, const char *answer)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	oauth_add_digest(&arguments, answer);
	return oauth_store_count(&use_pushed_request, &arguments) > 0;
}
