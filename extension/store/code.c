/*
 * code.c
 *		SQL of authorization codes.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "store/code.h"
#include "store/statement.h"
#include "store/token.h"

#include "utils/fmgroids.h"

enum
{
	CODE_HANDLE,
	CODE_GRANT,
	CODE_EXPIRES_AT,
	CODE_USED_AT,
	CODE_HASH,
	CODE_REDIRECT_URI,
	CODE_CHALLENGE,
	CODE_NONCE,
	CODE_DPOP_JKT
};
static OAuthTable code_table = {
	.name = "authorization_code", .equals = F_INT8EQ,
	.columns = {"handle", "grant_handle", "expires_at", "used_at", "code_hash", "redirect_uri",
	"code_challenge", "nonce", "dpop_jkt"}
};

static OAuthStatement insert_code =
{.sql = "INSERT INTO oauth.authorization_code (handle, grant_handle, expires_at, code_hash, "
	"redirect_uri,"
	" code_challenge, answer_id, nonce, dpop_jkt) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
	" ON CONFLICT (answer_id) WHERE answer_id IS NOT NULL DO NOTHING",
	.n_arguments = 9,
	.argument_types = {INT8OID, INT8OID, TIMESTAMPTZOID, BYTEAOID, TEXTOID, TEXTOID, UUIDOID,
TEXTOID, TEXTOID}};

static OAuthStatement find_answer = {.sql = "SELECT handle, used_at IS NULL AND expires_at > "
	"clock_timestamp() FROM oauth.authorization_code"
	" WHERE answer_id = $1",
	.n_arguments = 1,
.argument_types = {UUIDOID}};

/*
 * Only one session wins: a second one waits for the row, which then no longer fits the condition.
 */
static OAuthUse use_code = {
	.table = &code_table,
	.used_at = CODE_USED_AT,
	.expires_at = CODE_EXPIRES_AT,
	.statement = {
		.sql = "UPDATE oauth.authorization_code SET used_at = clock_timestamp()"
		" WHERE handle = $1 AND used_at IS NULL AND expires_at > clock_timestamp()",
		.is_of_handle = true,
		.n_arguments = 1, .argument_types = {INT8OID}
	}
};

/* What is stored of the token of a consent form: half of its digest. */
static Datum
answer_id(const char *answer_token)
{
	uint8	   *hash = palloc(OAUTH_HASH_LENGTH);

	oauth_sha256(answer_token, strlen(answer_token), hash);
	return PointerGetDatum(hash);
}

/*
 * The handle of the code that answered a consent form, 0 if there is none; *is_living if the code
 * can be used.
 */
int64
oauth_store_find_answer(const char *answer_token, bool *is_living)
{
	OAuthArguments arguments = {0};
	int64		handle = 0;

	oauth_add_value(&arguments, answer_id(answer_token));
	if (oauth_store_run(&find_answer, &arguments) > 0)
	{
		handle = oauth_store_int64(0, 1);
		*is_living = oauth_store_bool(0, 2);
	}
	oauth_store_end();
	return handle;
}

/* answer_token: of the consent form, or NULL.  False if that form has been answered. */
bool
oauth_store_insert_code(const OAuthAuthorizationCode *code, const char *string,
						const char *answer_token)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, code->handle);
	oauth_add_int64(&arguments, code->grant.handle);
	oauth_add_timestamp(&arguments, code->expires_at);
	oauth_add_digest(&arguments, string);
	oauth_add_text(&arguments, code->redirect_uri);
	oauth_add_text(&arguments, code->code_challenge);
	oauth_add_pointer(&arguments, answer_token ? DatumGetPointer(answer_id(answer_token)) : NULL);
	oauth_add_text(&arguments, code->nonce);
	oauth_add_text(&arguments, code->dpop_jkt);
	return oauth_store_count(&insert_code, &arguments) > 0;
}

static OAuthAuthorizationCode *
read_code(const OAuthTokenString *presented)
{
	OAuthAuthorizationCode *code = NULL;
	OAuthRow	row;

	if (oauth_store_open_row(&row, &code_table, Int64GetDatum(presented->handle)) &&
		oauth_store_row_has_hash(&row, CODE_HASH, presented->hash))
	{
		code = palloc0(sizeof(OAuthAuthorizationCode));
		code->handle = presented->handle;
		code->grant.handle = oauth_store_row_int64(&row, CODE_GRANT);
		code->expires_at = oauth_store_row_int64(&row, CODE_EXPIRES_AT);
		code->is_used = !oauth_store_row_is_null(&row, CODE_USED_AT);
		code->redirect_uri = oauth_store_row_string(&row, CODE_REDIRECT_URI);
		code->code_challenge = oauth_store_row_string(&row, CODE_CHALLENGE);
		code->nonce = oauth_store_row_string(&row, CODE_NONCE);
		code->dpop_jkt = oauth_store_row_string(&row, CODE_DPOP_JKT);
	}
	oauth_store_close_row(&row);
	return code;
}

/* NULL if there is no code of that handle and hash. */
OAuthAuthorizationCode *
oauth_store_find_code(const OAuthTokenString *presented)
{
	OAuthAuthorizationCode *code;

	oauth_store_begin_latest();
	code = read_code(presented);
	if (code != NULL)
		code->is_ended = !oauth_store_read_grant(&code->grant);
	oauth_store_end_latest();
	return code;
}

/* True for the one session that may continue. */
bool
oauth_store_use_code(int64 handle)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	return oauth_store_use(&use_code, &arguments);
}
