/*
 * login_request.c
 *		SQL of logins and decisions that the application takes over.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "store/request.h"
#include "store/statement.h"

#include "utils/fmgroids.h"

enum
{
	LOGIN_HANDLE,
	LOGIN_EXPIRES_AT,
	LOGIN_HASH,
	LOGIN_VERIFIER_HASH,
	LOGIN_ADDRESS,
	LOGIN_CLIENT,
	LOGIN_SCOPE,
	LOGIN_IS_LOGIN,
	LOGIN_SUBJECT,
	LOGIN_ACCEPTED_SCOPE,
	LOGIN_DENIED_AT,
	LOGIN_USED_AT,
	LOGIN_ACR_VALUES,
	LOGIN_MAX_AGE,
	LOGIN_PROMPT,
	LOGIN_SESSION_LIFETIME,
	LOGIN_AUTH_TIME,
	LOGIN_ACR,
	LOGIN_AMR,
	LOGIN_SID,
	LOGIN_DETAILS,
	LOGIN_ACCEPTED_DETAILS
};
static OAuthTable login_request_table = {
	.name = "login_request", .equals = F_INT8EQ,
	.columns = {"handle", "expires_at", "token_hash", "verifier_hash", "address", "client_id",
		"scope", "is_login", "subject", "accepted_scope", "denied_at", "used_at", "acr_values",
		"max_age", "prompt", "session_lifetime", "auth_time", "acr", "amr", "sid",
	"authorization_details", "accepted_authorization_details"}
};

static OAuthStatement insert_login_request = {
	.sql = "INSERT INTO oauth.login_request (handle, expires_at, token_hash, browser_hash, address,"
	" client_id, scope, is_login, subject, acr_values, max_age, prompt, auth_time, acr, amr, sid,"
	" authorization_details)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, nullif($11, -1), $12, $13, $14, $15, $16,"
	" $17)",
	.n_arguments = 17,
	.argument_types = {INT8OID, TIMESTAMPTZOID, BYTEAOID, BYTEAOID, TEXTOID, TEXTOID, TEXTOID,
		BOOLOID, TEXTOID, TEXTOID, INT4OID, TEXTOID, TIMESTAMPTZOID, TEXTOID, TEXTOID, TEXTOID,
	JSONBOID}
};

/* Only a request that the application can still decide. */
#define IS_WAITING \
	" WHERE handle = $1 AND denied_at IS NULL AND accepted_scope IS NULL AND used_at IS NULL" \
	" AND expires_at > clock_timestamp()"

static OAuthStatement accept_login = {
	.sql = "UPDATE oauth.login_request SET subject = $2, auth_time = $3, acr = $4, amr = $5,"
	" sid = $6, session_lifetime = nullif($7, 0)" IS_WAITING " AND subject IS NULL",
	.n_arguments = 7,
	.argument_types = {INT8OID, TEXTOID, TIMESTAMPTZOID, TEXTOID, TEXTOID, TEXTOID, INT4OID}
};

static OAuthStatement accept_consent = {
	.sql = "UPDATE oauth.login_request SET accepted_scope = $2,"
	" accepted_authorization_details = $3" IS_WAITING " AND subject IS NOT NULL",
	.n_arguments = 3, .argument_types = {INT8OID, TEXTOID, JSONBOID}
};

static OAuthStatement deny = {
	.sql = "UPDATE oauth.login_request SET denied_at = clock_timestamp()" IS_WAITING,
	.n_arguments = 1, .argument_types = {INT8OID}
};

static OAuthStatement set_login_verifier = {
	.sql = "UPDATE oauth.login_request SET verifier_hash = $2 WHERE handle = $1",
	.n_arguments = 2, .argument_types = {INT8OID, BYTEAOID}
};

/* Only one session wins, in the browser that began. */
static OAuthStatement use_login_request =
{.sql = "UPDATE oauth.login_request SET used_at = clock_timestamp() WHERE handle = $1 AND "
	"browser_hash = $2"
	" AND (subject IS NOT NULL OR denied_at IS NOT NULL) AND used_at IS NULL AND "
	"expires_at > clock_timestamp()",
	.n_arguments = 2,
.argument_types = {INT8OID, BYTEAOID}};

/* browser: the value of its cookie. */
void
oauth_store_insert_login_request(const OAuthLoginRequest *request, const char *string,
								 const char *browser)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, request->handle);
	oauth_add_timestamp(&arguments, request->expires_at);
	oauth_add_digest(&arguments, string);
	oauth_add_digest(&arguments, browser);
	oauth_add_text(&arguments, request->address);
	oauth_add_text(&arguments, request->client_id);
	oauth_add_text(&arguments, request->scope);
	oauth_add_bool(&arguments, request->is_login);
	oauth_add_text(&arguments, request->subject);
	oauth_add_text(&arguments, request->acr_values);
	oauth_add_int32(&arguments, request->max_age);
	oauth_add_text(&arguments, request->prompt);
	oauth_add_authentication(&arguments, &request->authentication);
	oauth_add_jsonb(&arguments, request->authorization_details);
	oauth_store_count(&insert_login_request, &arguments);
}

static void
read_decision(const OAuthRow *row, OAuthLoginRequest *request)
{
	request->subject = oauth_store_row_string(row, LOGIN_SUBJECT);
	request->accepted_scope = oauth_store_row_string(row, LOGIN_ACCEPTED_SCOPE);
	request->accepted_details = oauth_store_row_json(row, LOGIN_ACCEPTED_DETAILS);
	request->is_denied = !oauth_store_row_is_null(row, LOGIN_DENIED_AT);
	request->is_used = !oauth_store_row_is_null(row, LOGIN_USED_AT);
	oauth_store_row_authentication(row, LOGIN_AUTH_TIME, &request->authentication);
	request->authentication.session_lifetime = oauth_store_row_int32(row, LOGIN_SESSION_LIFETIME);
}

/*
 * In whatever state; NULL if there is no request with that handle and hash, which are those of the
 * request or of its verifier.
 */
OAuthLoginRequest *
oauth_store_find_login_request(const OAuthTokenString *presented, bool by_verifier)
{
	int			hash = by_verifier ? LOGIN_VERIFIER_HASH : LOGIN_HASH;
	OAuthLoginRequest *request = NULL;
	OAuthRow	row;

	oauth_store_begin_latest();
	if (oauth_store_open_row(&row, &login_request_table, Int64GetDatum(presented->handle)) &&
		oauth_store_row_has_hash(&row, hash, presented->hash))
	{
		request = palloc0(sizeof(OAuthLoginRequest));
		request->handle = presented->handle;
		request->expires_at = oauth_store_row_int64(&row, LOGIN_EXPIRES_AT);
		request->address = oauth_store_row_string(&row, LOGIN_ADDRESS);
		request->client_id = oauth_store_row_string(&row, LOGIN_CLIENT);
		request->scope = oauth_store_row_string(&row, LOGIN_SCOPE);
		request->is_login = DatumGetBool(oauth_store_row_value(&row, LOGIN_IS_LOGIN));
		request->acr_values = oauth_store_row_string(&row, LOGIN_ACR_VALUES);
		request->max_age = oauth_store_row_is_null(&row, LOGIN_MAX_AGE) ? -1 :
			oauth_store_row_int32(&row, LOGIN_MAX_AGE);
		request->prompt = oauth_store_row_string(&row, LOGIN_PROMPT);
		request->authorization_details = oauth_store_row_json(&row, LOGIN_DETAILS);
		read_decision(&row, request);
	}
	oauth_store_close_row(&row);
	oauth_store_end_latest();
	return request;
}

/* These return false if the request is already decided or has expired. */
bool
oauth_store_accept_login(const OAuthLoginRequest *login)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, login->handle);
	oauth_add_text(&arguments, login->subject);
	oauth_add_authentication(&arguments, &login->authentication);
	oauth_add_int32(&arguments, login->authentication.session_lifetime);
	return oauth_store_count(&accept_login, &arguments) > 0;
}

bool
oauth_store_accept_consent(int64 handle, const char *scope, const char *details)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	oauth_add_text(&arguments, scope);
	oauth_add_jsonb(&arguments, details);
	return oauth_store_count(&accept_consent, &arguments) > 0;
}

bool
oauth_store_deny_login_request(int64 handle)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	return oauth_store_count(&deny, &arguments) > 0;
}

void
oauth_store_set_login_verifier(int64 handle, const char *verifier)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	oauth_add_digest(&arguments, verifier);
	oauth_store_count(&set_login_verifier, &arguments);
}

/* True for the one session that may continue, in that browser. */
bool
oauth_store_use_login_request(int64 handle, const char *browser)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	oauth_add_digest(&arguments, browser);
	return oauth_store_count(&use_login_request, &arguments) > 0;
}
