/*
 * session.c
 *		SQL of sessions.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "store/session.h"
#include "store/statement.h"
#include "store/token.h"

#include "utils/fmgroids.h"

enum
{
	SESSION_HANDLE, SESSION_SUBJECT, SESSION_EXPIRES_AT, SESSION_ENDED_AT, SESSION_HASH,
	SESSION_AUTHENTICATED_AT, SESSION_ACR, SESSION_AMR, SESSION_SID
};
static OAuthTable session_table = {
	.name = "session", .equals = F_INT8EQ,
	.columns = {"handle", "subject", "expires_at", "ended_at", "token_hash", "authenticated_at",
	"acr", "amr", "sid"}
};

static OAuthStatement insert_session = {
	.sql = "INSERT INTO oauth.session (handle, subject, expires_at, token_hash, peer, browser,"
	" authenticated_at, acr, amr, sid) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
	.n_arguments = 10,
	.argument_types = {INT8OID, TEXTOID, TIMESTAMPTZOID, BYTEAOID, INETOID, TEXTOID, TIMESTAMPTZOID,
	TEXTOID, TEXTOID, TEXTOID}
};

static OAuthStatement living_sessions = {
	.sql = "SELECT handle = $2, browser, host(peer), to_char(" OAUTH_TIME_OF("handle")
	" AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')"
	" FROM oauth.session WHERE subject = $1 AND ended_at IS NULL AND expires_at > clock_timestamp()"
	" ORDER BY handle = $2 DESC, handle DESC LIMIT 50",
	.sees_latest = true,
	.n_arguments = 2, .argument_types = {TEXTOID, INT8OID}
};

static OAuthStatement strengthen_session = {
	.sql = "UPDATE oauth.session SET handle = $2, token_hash = $3, acr = $4, amr = $5,"
	" authenticated_at = coalesce(authenticated_at, " OAUTH_TIME_OF("handle") ")"
	" WHERE handle = $1 AND ended_at IS NULL",
	.n_arguments = 5, .argument_types = {INT8OID, INT8OID, BYTEAOID, TEXTOID, TEXTOID}
};

/* string: the cookie. */
void
oauth_store_insert_session(const OAuthSession *session, const char *string, TimestampTz expires_at,
						   Datum peer, const char *browser)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, session->handle);
	oauth_add_text(&arguments, session->subject);
	oauth_add_timestamp(&arguments, expires_at);
	oauth_add_digest(&arguments, string);
	oauth_add_pointer(&arguments, DatumGetPointer(peer));
	oauth_add_text(&arguments, browser);
	oauth_add_authentication(&arguments, &session->authentication);
	oauth_store_count(&insert_session, &arguments);
}

/* string: the new cookie. */
void
oauth_store_strengthen_session(int64 handle, int64 new_handle, const char *string,
							   const OAuthAuthentication *authentication)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	oauth_add_int64(&arguments, new_handle);
	oauth_add_digest(&arguments, string);
	oauth_add_text(&arguments, authentication->acr);
	oauth_add_text(&arguments, authentication->amr);
	oauth_store_count(&strengthen_session, &arguments);
}

static void *
read_login(uint64 row)
{
	OAuthLogin *login = SPI_palloc(sizeof(OAuthLogin));

	login->is_this = oauth_store_bool(row, 1);
	login->browser = oauth_store_string(row, 2);
	login->address = oauth_store_string(row, 3);
	login->since = oauth_store_string(row, 4);
	return login;
}

/* Where the subject of the session is logged in, as OAuthLogin; the session itself comes first. */
List *
oauth_store_logins(const OAuthSession *session)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, session->subject);
	oauth_add_int64(&arguments, session->handle);
	return oauth_store_list(&living_sessions, &arguments, read_login);
}

static OAuthSession *
read_session(const OAuthTokenString *presented)
{
	OAuthSession *session = NULL;
	OAuthRow	row;

	if (oauth_store_open_row(&row, &session_table, Int64GetDatum(presented->handle)) &&
		oauth_store_row_has_hash(&row, SESSION_HASH, presented->hash) &&
		oauth_store_row_is_null(&row, SESSION_ENDED_AT) &&
		oauth_store_row_int64(&row, SESSION_EXPIRES_AT) > GetCurrentTimestamp())
	{
		session = palloc0(sizeof(OAuthSession));
		session->handle = presented->handle;
		session->subject = oauth_store_row_string(&row, SESSION_SUBJECT);
		oauth_store_row_authentication(&row, SESSION_AUTHENTICATED_AT, &session->authentication);
		if (session->authentication.at == 0)
			session->authentication.at = oauth_handle_time(session->handle);
	}
	oauth_store_close_row(&row);
	return session;
}

/* The living session of a living subject, or NULL. */
OAuthSession *
oauth_store_find_session(const OAuthTokenString *presented)
{
	OAuthSession *session;

	oauth_store_begin_latest();
	session = read_session(presented);
	if (session != NULL && !oauth_store_subject_is_enabled(session->subject))
		session = NULL;
	oauth_store_end_latest();
	return session;
}
