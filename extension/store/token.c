/*
 * token.c
 *		SQL of grants, access tokens and refresh tokens.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "store/statement.h"
#include "store/token.h"

#include "miscadmin.h"
#include "utils/fmgroids.h"

/* This index contains only living standing grants. */
static OAuthTable standing_grant_table = {
	.name = "grant", .index = "grant_standing", .equals = F_TEXTEQ,
	.columns = {"client_id", "handle"}
};

static OAuthStatement insert_standing_grant =
{.sql = "INSERT INTO oauth.grant (handle, client_id, grant_type) VALUES ($1, $2, "
	"'client_credentials')"
	" ON CONFLICT (client_id) WHERE subject IS NULL AND ended_at IS NULL DO NOTHING",
	.n_arguments = 2,
.argument_types = {INT8OID, TEXTOID}};

/* Each has a subject and a scope, and none has ended. */
static OAuthInsert insert_grant = {
	.table = {
		.name = "grant",
		.columns = {"handle", "client_id", "subject", "grant_type", "scope", "resource",
		"auth_time", "acr", "amr", "sid", "claims", "cnf", "authorization_details", "issuer"}
	},
	.parents = {&oauth_store_clients, &oauth_store_subjects},
	.constraints = {"clients_act_for_themselves_by_client_credentials",
	"grants_of_subjects_have_a_scope", "ends_have_a_reason", "only_ended_grants_are_emptied"},
	.statement = {
		.sql = "INSERT INTO oauth.grant (handle, client_id, subject, grant_type, scope, resource,"
		" auth_time, acr, amr, sid, claims, cnf, authorization_details, issuer)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
		.n_arguments = 14,
		.argument_types = {INT8OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID,
		TEXTOID, TEXTOID, TEXTOID, JSONBOID, TEXTOID, JSONBOID, TEXTOID}
	}
};

static OAuthStatement bind_grant = {
	.sql = "UPDATE oauth.grant SET cnf = $2 WHERE handle = $1 AND coalesce(cnf, $2) = $2",
	.n_arguments = 2, .argument_types = {INT8OID, TEXTOID}
};

static OAuthInsert insert_access_token = {
	.table = {
		.name = "access_token",
		.columns = {"handle", "grant_handle", "expires_at", "token_hash", "scope", "resource",
		"cnf", "authorization_details", "act"}
	},
	.parents = {&oauth_store_grants},
	.statement = {
		.sql = "INSERT INTO oauth.access_token (handle, grant_handle, expires_at, token_hash,"
		" scope, resource, cnf, authorization_details, act)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		.is_of_handle = true,
		.n_arguments = 9,
		.argument_types = {INT8OID, INT8OID, TIMESTAMPTZOID, BYTEAOID, TEXTOID, TEXTOID, TEXTOID,
		JSONBOID, JSONBOID}
	}
};

static OAuthInsert insert_refresh_token = {
	.table = {
		.name = "refresh_token",
		.columns = {"handle", "grant_handle", "expires_at", "token_hash", "access_token",
		"rotation_salt"}
	},
	.parents = {&oauth_store_grants},
	.constraints = {"used_tokens_have_a_successor"},
	.statement = {
		.sql = "INSERT INTO oauth.refresh_token (handle, grant_handle, expires_at, token_hash,"
		" access_token, rotation_salt) VALUES ($1, $2, $3, $4, $5, $6)",
		.is_of_handle = true,
		.n_arguments = 6,
		.argument_types = {INT8OID, INT8OID, TIMESTAMPTZOID, BYTEAOID, INT8OID, BYTEAOID}
	}
};

static OAuthStatement issued_before = {.sql = "SELECT scope, resource, expires_at, token_hash, "
	"cnf, authorization_details::text, act::text"
	" FROM oauth.access_token"
	" WHERE handle = $1 AND revoked_at IS NULL",
	.is_of_handle = true,
	.n_arguments = 1,
.argument_types = {INT8OID}};

/*
 * Only one session wins: a second one waits for the row, which then no longer fits the condition.
 */
enum
{
	USED_HANDLE, USED_AT, USED_EXPIRES_AT, USED_SUCCESSOR, USED_SALT
};
static OAuthTable used_token_table = {
	.name = "refresh_token", .equals = F_INT8EQ,
	.columns = {"handle", "used_at", "expires_at", "successor", "rotation_salt"}
};
static OAuthUse use_refresh_token = {
	.table = &used_token_table,
	.constraints = {"used_tokens_have_a_successor"},
	.used_at = USED_AT,
	.expires_at = USED_EXPIRES_AT,
	.erased = USED_SALT,
	.columns = {USED_HANDLE, USED_SUCCESSOR},
	.statement = {
		.sql = "UPDATE oauth.refresh_token SET used_at = clock_timestamp(), successor = $2,"
		" rotation_salt = NULL"
		" WHERE handle = $1 AND used_at IS NULL AND expires_at > clock_timestamp()",
		.is_of_handle = true,
		.n_arguments = 2,
		.argument_types = {INT8OID, INT8OID}
	}
};

static OAuthStatement extend_refresh_token = {
	.sql = "UPDATE oauth.refresh_token SET expires_at = $2 WHERE handle = $1 AND used_at IS NULL",
	.is_of_handle = true,
	.n_arguments = 2, .argument_types = {INT8OID, TIMESTAMPTZOID}
};

/* Without a sid, a subject's; the session of the sid has not ended. */
static OAuthStatement login_grant = {
	.sql = "SELECT g.handle FROM oauth.grant g WHERE g.client_id = $1 AND g.ended_at IS NULL"
	" AND g.subject = coalesce($3, g.subject) AND 'openid' = ANY (string_to_array(g.scope, ' '))"
	" AND ($2 IS NULL OR g.sid = $2 AND EXISTS (SELECT FROM oauth.session s WHERE s.sid = $2"
	" AND s.ended_at IS NULL)) ORDER BY g.handle DESC LIMIT 1",
	.sees_latest = true,
	.n_arguments = 3, .argument_types = {TEXTOID, TEXTOID, TEXTOID}
};

static int64
standing_grant(const char *client_id)
{
	OAuthRow	row;
	int64		handle = 0;

	oauth_store_begin_latest();
	if (oauth_store_open_row(&row, &standing_grant_table, CStringGetTextDatum(client_id)))
		handle = oauth_store_row_int64(&row, 1);
	oauth_store_close_row(&row);
	oauth_store_end_latest();
	return handle;
}

/* The grant under which a client acts for itself, made with its first token. */
int64
oauth_store_standing_grant(const char *client_id)
{
	int64		handle = standing_grant(client_id);

	/* Another session can insert or end the grant between two statements, but not every time. */
	while (handle == 0)
	{
		OAuthArguments arguments = {0};

		oauth_add_int64(&arguments, oauth_handle_next());
		oauth_add_text(&arguments, client_id);
		CHECK_FOR_INTERRUPTS();
		oauth_store_count(&insert_standing_grant, &arguments);
		handle = standing_grant(client_id);
	}
	return handle;
}

/*
 * The newest living grant for which the client got ID tokens in the session of that sid, unless
 * that has ended; sid NULL: for that subject.  0: there is none.
 */
int64
oauth_store_login_grant(const char *client_id, const char *sid, const char *subject)
{
	OAuthArguments arguments = {0};
	int64		handle = 0;

	oauth_add_text(&arguments, client_id);
	oauth_add_text(&arguments, sid);
	oauth_add_text(&arguments, subject);
	if (oauth_store_run(&login_grant, &arguments) > 0)
		handle = oauth_store_int64(0, 1);
	oauth_store_end();
	return handle;
}

void
oauth_store_insert_grant(const OAuthGrant *grant)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, grant->handle);
	oauth_add_text(&arguments, grant->client_id);
	oauth_add_text(&arguments, grant->subject);
	oauth_add_text(&arguments, grant->grant_type);
	oauth_add_text(&arguments, grant->scope);
	oauth_add_text(&arguments, grant->resource);
	oauth_add_authentication(&arguments, &grant->authentication);
	oauth_add_jsonb(&arguments, grant->claims);
	oauth_add_text(&arguments, grant->cnf);
	oauth_add_jsonb(&arguments, grant->authorization_details);
	oauth_add_text(&arguments, grant->issuer);
	if (oauth_store_insert_at_once(&insert_grant, &arguments))
		oauth_store_note_new_grant(grant->handle);
}

/*
 * Binds the refresh tokens of a grant to that, unless they are already; false if they are bound to
 * something else.
 */
bool
oauth_store_bind_grant(int64 handle, const char *cnf)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	oauth_add_text(&arguments, cnf);
	return oauth_store_count(&bind_grant, &arguments) > 0;
}

/* Writes down the token; string is what the client gets. */
void
oauth_store_insert_access_token(const OAuthAccessToken *token, const char *string)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, token->handle);
	oauth_add_int64(&arguments, token->grant);
	oauth_add_timestamp(&arguments, token->expires_at);
	oauth_add_digest(&arguments, string);
	oauth_add_text(&arguments, token->scope);
	oauth_add_text(&arguments, token->resource);
	oauth_add_text(&arguments, token->cnf);
	oauth_add_jsonb(&arguments, token->authorization_details);
	oauth_add_jsonb(&arguments, token->act);
	oauth_store_insert(&insert_access_token, &arguments);
}

/* salt is NULL for the first token of a family, whose secret is random. */
void
oauth_store_insert_refresh_token(int64 handle, int64 grant, const char *token, int64 access_token,
								 const uint8 *salt, TimestampTz expires_at)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	oauth_add_int64(&arguments, grant);
	oauth_add_timestamp(&arguments, expires_at);
	oauth_add_digest(&arguments, token);
	oauth_add_int64(&arguments, access_token);
	oauth_add_bytes(&arguments, salt, OAUTH_SALT_LENGTH);
	oauth_store_insert(&insert_refresh_token, &arguments);
}

/*
 * Reads what the token with that handle is, and its hash; false if it was revoked, or is there no
 * more.
 */
bool
oauth_store_issued_before(OAuthAccessToken *token, uint8 *hash)
{
	OAuthArguments arguments = {0};
	bool		found;

	oauth_add_int64(&arguments, token->handle);
	found = oauth_store_run(&issued_before, &arguments) > 0;
	if (found)
	{
		bool		is_null;
		bytea	   *stored = DatumGetByteaPP(oauth_store_column(0, 4, &is_null));

		token->scope = oauth_store_string(0, 1);
		token->resource = oauth_store_string(0, 2);
		token->expires_at = oauth_store_int64(0, 3);
		memcpy(hash, VARDATA_ANY(stored), OAUTH_HASH_LENGTH);
		token->cnf = oauth_store_string(0, 5);
		token->authorization_details = oauth_store_string(0, 6);
		token->act = oauth_store_string(0, 7);
	}
	oauth_store_end();
	return found;
}

/* True for the one session that may continue. */
bool
oauth_store_use_refresh_token(int64 handle, int64 successor)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	oauth_add_int64(&arguments, successor);
	return oauth_store_use(&use_refresh_token, &arguments);
}

/* A refresh token that stays after it was used lives until then. */
void
oauth_store_extend_refresh_token(int64 handle, TimestampTz expires_at)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	oauth_add_timestamp(&arguments, expires_at);
	oauth_store_count(&extend_refresh_token, &arguments);
}
