/*
 * device.c
 *		SQL of device codes (RFC 8628).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "store/code.h"
#include "store/session.h"
#include "store/statement.h"

#include "utils/fmgroids.h"

enum
{
	DEVICE_HANDLE,
	DEVICE_CLIENT,
	DEVICE_EXPIRES_AT,
	DEVICE_CODE_HASH,
	DEVICE_SCOPE,
	DEVICE_RESOURCE,
	DEVICE_SUBJECT,
	DEVICE_DENIED_AT,
	DEVICE_USED_AT,
	DEVICE_POLLED_AT,
	DEVICE_INTERVAL,
	DEVICE_AUTH_TIME,
	DEVICE_ACR,
	DEVICE_AMR,
	DEVICE_SID,
	DEVICE_DETAILS
};
static OAuthTable device_code_table = {
	.name = "device_code", .equals = F_INT8EQ,
	.columns = {"handle", "client_id", "expires_at", "code_hash", "scope", "resource", "subject",
		"denied_at", "used_at", "polled_at", "interval_seconds", "auth_time", "acr", "amr", "sid",
	"authorization_details"}
};

/* Inserts nothing if another living code has that user code. */
static OAuthStatement insert_device_code =
{.sql = "INSERT INTO oauth.device_code (handle, client_id, expires_at, code_hash, "
	"user_code_hash, scope, resource,"
	" interval_seconds, authorization_details) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
	" ON CONFLICT (user_code_hash) DO NOTHING",
	.n_arguments = 9,
	.argument_types = {INT8OID, TEXTOID, TIMESTAMPTZOID, BYTEAOID, BYTEAOID, TEXTOID, TEXTOID,
INT4OID, JSONBOID}};

/* Only a code that is undecided and has not expired. */
#define IS_WAITING \
	" WHERE user_code_hash = $1 AND subject IS NULL" \
	" AND denied_at IS NULL AND expires_at > clock_timestamp()"

static OAuthStatement find_user_code = {
	.sql = "SELECT client_id, scope, authorization_details::text FROM oauth.device_code" IS_WAITING,
	.n_arguments = 1, .argument_types = {BYTEAOID}
};

static OAuthStatement approve_device_code = {
	.sql = "UPDATE oauth.device_code SET subject = $2, auth_time = $3, acr = $4, amr = $5,"
	" sid = $6, authorization_details = $7" IS_WAITING,
	.n_arguments = 7,
	.argument_types = {BYTEAOID, TEXTOID, TIMESTAMPTZOID, TEXTOID, TEXTOID, TEXTOID, JSONBOID}
};

static OAuthStatement deny_device_code = {
	.sql = "UPDATE oauth.device_code SET denied_at = clock_timestamp()" IS_WAITING,
	.n_arguments = 1, .argument_types = {BYTEAOID}
};

/*
 * "MUST increase the polling interval by 5 seconds for this and all subsequent requests"  (section
 * 3.5)
 */
static OAuthStatement note_poll = {
	.sql = "UPDATE oauth.device_code SET polled_at = clock_timestamp(),"
	" interval_seconds = interval_seconds + CASE WHEN $2 THEN 5 ELSE 0 END WHERE handle = $1",
	.n_arguments = 2, .argument_types = {INT8OID, BOOLOID}
};

/* Only one session wins. */
static OAuthStatement use_device_code =
{.sql = "UPDATE oauth.device_code SET used_at = clock_timestamp() WHERE handle = $1 AND "
	"subject IS NOT NULL"
	" AND used_at IS NULL AND expires_at > clock_timestamp()",
	.n_arguments = 1,
.argument_types = {INT8OID}};

/* False if a living code has that user code. */
bool
oauth_store_insert_device_code(const OAuthDeviceCode *code, const char *string,
							   const char *user_code)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, code->handle);
	oauth_add_text(&arguments, code->client_id);
	oauth_add_timestamp(&arguments, code->expires_at);
	oauth_add_digest(&arguments, string);
	oauth_add_digest(&arguments, user_code);
	oauth_add_text(&arguments, code->scope);
	oauth_add_text(&arguments, code->resource);
	oauth_add_int32(&arguments, code->interval);
	oauth_add_jsonb(&arguments, code->authorization_details);
	return oauth_store_count(&insert_device_code, &arguments) > 0;
}

static void
read_device_code(const OAuthRow *row, OAuthDeviceCode *code)
{
	code->client_id = oauth_store_row_string(row, DEVICE_CLIENT);
	code->expires_at = oauth_store_row_int64(row, DEVICE_EXPIRES_AT);
	code->scope = oauth_store_row_string(row, DEVICE_SCOPE);
	code->resource = oauth_store_row_string(row, DEVICE_RESOURCE);
	code->subject = oauth_store_row_string(row, DEVICE_SUBJECT);
	code->is_denied = !oauth_store_row_is_null(row, DEVICE_DENIED_AT);
	code->is_used = !oauth_store_row_is_null(row, DEVICE_USED_AT);
	code->polled_at = oauth_store_row_int64(row, DEVICE_POLLED_AT);
	code->interval = oauth_store_row_int32(row, DEVICE_INTERVAL);
	oauth_store_row_authentication(row, DEVICE_AUTH_TIME, &code->authentication);
	code->authorization_details = oauth_store_row_json(row, DEVICE_DETAILS);
}

/* In whatever state; NULL if there is no code of that handle and hash. */
OAuthDeviceCode *
oauth_store_find_device_code(const OAuthTokenString *presented)
{
	OAuthDeviceCode *code = NULL;
	OAuthRow	row;

	oauth_store_begin_latest();
	if (oauth_store_open_row(&row, &device_code_table, Int64GetDatum(presented->handle)) &&
		oauth_store_row_has_hash(&row, DEVICE_CODE_HASH, presented->hash))
	{
		code = palloc0(sizeof(OAuthDeviceCode));
		code->handle = presented->handle;
		read_device_code(&row, code);
	}
	oauth_store_close_row(&row);
	oauth_store_end_latest();
	return code;
}

/* The device code that waits for a decision; NULL if there is none with that user code. */
OAuthDeviceCode *
oauth_store_find_user_code(const char *user_code)
{
	OAuthArguments arguments = {0};
	OAuthDeviceCode *code = NULL;

	oauth_add_digest(&arguments, user_code);
	if (oauth_store_run(&find_user_code, &arguments) > 0)
	{
		code = SPI_palloc(sizeof(OAuthDeviceCode));
		memset(code, 0, sizeof(OAuthDeviceCode));
		code->client_id = oauth_store_string(0, 1);
		code->scope = oauth_store_string(0, 2);
		code->authorization_details = oauth_store_string(0, 3);
	}
	oauth_store_end();
	return code;
}

/* details: those that are granted. */
bool
oauth_store_approve_device_code(const char *user_code, const OAuthSession *session,
								const char *details)
{
	OAuthArguments arguments = {0};

	oauth_add_digest(&arguments, user_code);
	oauth_add_text(&arguments, session->subject);
	oauth_add_authentication(&arguments, &session->authentication);
	oauth_add_jsonb(&arguments, details);
	return oauth_store_count(&approve_device_code, &arguments) > 0;
}

bool
oauth_store_deny_device_code(const char *user_code)
{
	OAuthArguments arguments = {0};

	oauth_add_digest(&arguments, user_code);
	return oauth_store_count(&deny_device_code, &arguments) > 0;
}

void
oauth_store_note_poll(int64 handle, bool was_too_soon)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	oauth_add_bool(&arguments, was_too_soon);
	oauth_store_count(&note_poll, &arguments);
}

/* True for the one session that may continue. */
bool
oauth_store_use_device_code(int64 handle)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	return oauth_store_count(&use_device_code, &arguments) > 0;
}
