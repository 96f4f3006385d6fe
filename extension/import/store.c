/*
 * store.c
 *		SQL of importing: stores what is taken, a batch at a time.
 *
 * The tables of another provider contain text from strangers.  C code hashes or seals the secrets
 * and puts the values into arrays; one statement stores an array at a time.
 *
 * SPDX-License-Identifier: PostgreSQL
 */

#include "crypto/crypto.h"
#include "import/import.h"
#include "store/statement.h"

#include "catalog/namespace.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"

static OAuthStatement client_origin = {.sql = "SELECT coalesce(imported_from, ''), disabled_at IS "
	"NOT NULL FROM oauth.client WHERE client_id = $1",
	.n_arguments = 1,
.argument_types = {TEXTOID}};

static OAuthStatement insert_subjects = {
	.sql = "INSERT INTO oauth.subject (subject) SELECT s FROM unnest($1) s ON CONFLICT DO NOTHING",
	.n_arguments = 1, .argument_types = {TEXTARRAYOID}
};

static OAuthStatement disabled_subjects = {.sql = "SELECT s.subject FROM unnest($1) u JOIN "
	"oauth.subject s ON s.subject = u WHERE "
	"s.disabled_at IS NOT NULL",
	.n_arguments = 1,
.argument_types = {TEXTARRAYOID}};

/* A handle of that time can be in use already: by a token issued here, or by an earlier import. */
static OAuthStatement used_handles = {
	.sql = "SELECT EXISTS (SELECT FROM oauth.grant WHERE handle BETWEEN $1 AND $2)"
	" OR EXISTS (SELECT FROM oauth.access_token WHERE handle BETWEEN $1 AND $2)"
	" OR EXISTS (SELECT FROM oauth.refresh_token WHERE handle BETWEEN $1 AND $2)"
	" OR EXISTS (SELECT FROM oauth.oauth1_token WHERE handle BETWEEN $1 AND $2)",
	.n_arguments = 2, .argument_types = {INT8OID, INT8OID}
};

/* Returns the keys in the order of the arrays, without those that exist already. */
static OAuthStatement insert_imported_tokens =
{.sql = "INSERT INTO oauth.imported_token (digest, handle, expires_at, imported_at, "
	"is_signature)"
	" SELECT t.digest, t.handle, t.expires_at, $4, $5 FROM unnest($1, $2, $3) t (digest, "
	"handle, expires_at)"
	" ON CONFLICT DO NOTHING RETURNING handle",
	.n_arguments = 5,
.argument_types = {UUIDARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID, TIMESTAMPTZOID, BOOLOID}};

/* In the order of the array. */
static OAuthStatement when_imported = {
	.sql = "SELECT t.handle, t.imported_at FROM unnest($1) WITH ORDINALITY d (digest, n)"
	" LEFT JOIN oauth.imported_token t ON t.digest = d.digest ORDER BY d.n",
	.n_arguments = 1, .argument_types = {UUIDARRAYOID}
};

static OAuthStatement grant_of_token = {
	.sql = "SELECT grant_handle FROM oauth.access_token WHERE handle = $1 UNION ALL"
	" SELECT grant_handle FROM oauth.refresh_token WHERE handle = $1",
	.n_arguments = 1, .argument_types = {INT8OID}
};

static OAuthStatement insert_grants =
{.sql = "INSERT INTO oauth.grant (handle, client_id, subject, grant_type, scope)"
	" SELECT g.handle, g.client_id, g.subject, $5, g.scope"
	" FROM unnest($1, $2, $3, $4) g (handle, client_id, subject, scope)",
	.n_arguments = 5,
.argument_types = {INT8ARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTOID}};

static OAuthStatement insert_access_tokens = {.sql = "INSERT INTO oauth.access_token (handle, "
	"grant_handle, expires_at, token_hash, scope)"
	" SELECT * FROM unnest($1, $2, $3, $4, $5)",
	.n_arguments = 5,
	.argument_types = {INT8ARRAYOID, INT8ARRAYOID,
		TIMESTAMPTZARRAYOID, BYTEAARRAYOID,
TEXTARRAYOID}};

static OAuthStatement insert_refresh_tokens = {.sql = "INSERT INTO oauth.refresh_token (handle, "
	"grant_handle, expires_at, token_hash, "
	"access_token)"
	" SELECT * FROM unnest($1, $2, $3, $4, $5)",
	.n_arguments = 5,
	.argument_types = {INT8ARRAYOID, INT8ARRAYOID,
		TIMESTAMPTZARRAYOID,
BYTEAARRAYOID, INT8ARRAYOID}};

static OAuthStatement insert_oauth1_tokens = {
	.sql = "INSERT INTO oauth.oauth1_token (handle, grant_handle, token_hash, secret_sealed)"
	" SELECT * FROM unnest($1, $2, $3, $4)",
	.n_arguments = 4, .argument_types = {INT8ARRAYOID, INT8ARRAYOID, BYTEAARRAYOID, BYTEAARRAYOID}
};

/* Allows one import at a time, without blocking verification or a purge. */
void
oauth_store_hold_import(void)
{
	LockRelationOid(get_relname_relid("imported_token", get_namespace_oid("oauth", false)),
					ShareUpdateExclusiveLock);
}

/*
 * Whether there is a client of that id, deleted ones included; *imported_from is the provider that
 * it came from, "" if it was registered here.
 */
bool
oauth_store_client_origin(const char *client_id, char **imported_from, bool *is_disabled)
{
	OAuthArguments arguments = {0};
	bool		found;

	oauth_add_text(&arguments, client_id);
	found = oauth_store_run(&client_origin, &arguments) > 0;
	if (found)
	{
		*imported_from = oauth_store_string(0, 1);
		*is_disabled = oauth_store_bool(0, 2);
	}
	oauth_store_end();
	return found;
}

/* Creates the subjects that do not exist; returns those that are disabled. */
List *
oauth_store_import_subjects(List *subjects)
{
	OAuthArguments arguments = {0};

	oauth_add_value(&arguments, oauth_array_from_list(subjects));
	oauth_store_count(&insert_subjects, &arguments);
	return oauth_store_list(&disabled_subjects, &arguments, oauth_store_first_string);
}

/* Whether all handles from first to last are free. */
bool
oauth_store_handles_are_used(int64 first, int64 last)
{
	OAuthArguments arguments = {0};
	bool		used;

	oauth_add_int64(&arguments, first);
	oauth_add_int64(&arguments, last);
	oauth_store_run(&used_handles, &arguments);
	used = oauth_store_bool(0, 1);
	oauth_store_end();
	return used;
}

/* The columns of a batch, as arrays. */
typedef struct Columns
{
	int			n;
	Datum	   *values[5];
	bool	   *nulls[5];
} Columns;

static void
make_columns(Columns *columns, int n_columns, int room)
{
	columns->n = 0;
	for (int i = 0; i < n_columns; i++)
	{
		columns->values[i] = palloc(Max(room, 1) * sizeof(Datum));
		columns->nulls[i] = palloc0(Max(room, 1) * sizeof(bool));
	}
}

static void
add_column(OAuthArguments *arguments, const Columns *columns, int i, Oid type)
{
	int16		length;
	bool		by_value;
	char		align;
	int			n = columns->n;
	int			lower = 1;

	get_typlenbyvalalign(type, &length, &by_value, &align);
	oauth_add_pointer(arguments, construct_md_array(columns->values[i], columns->nulls[i], 1, &n,
													&lower, type, length, by_value, align));
}

static void
set_text(Columns *columns, int i, const char *value)
{
	columns->nulls[i][columns->n] = value == NULL;
	columns->values[i][columns->n] = value ? CStringGetTextDatum(value) : (Datum) 0;
}

static void
set_time(Columns *columns, int i, TimestampTz value)
{
	columns->nulls[i][columns->n] = value == 0;
	columns->values[i][columns->n] = TimestampTzGetDatum(value);
}

/*
 * For tokens that are not new: whether this import took them from another row, or they were here
 * before.
 */
static void
look_at_known(OAuthImportedToken **tokens, int n, TimestampTz started)
{
	Columns		columns;
	OAuthArguments arguments = {0};
	uint64		n_known;

	make_columns(&columns, 1, n);
	for (int i = 0; i < n; i++)
		if (tokens[i]->state == OAUTH_IMPORT_KNOWN)
			columns.values[0][columns.n++] = oauth_store_imported_digest(tokens[i]->hash);
	if (columns.n == 0)
		return;
	add_column(&arguments, &columns, 0, UUIDOID);
	n_known = oauth_store_run(&when_imported, &arguments);
	for (uint64 row = 0, i = 0; row < n_known; row++, i++)
	{
		while (tokens[i]->state != OAUTH_IMPORT_KNOWN)
			i++;
		tokens[i]->handle = oauth_store_int64(row, 1);
		if (oauth_store_int64(row, 2) == started)
			tokens[i]->state = OAUTH_IMPORT_TWICE;
	}
	oauth_store_end();
}

/* The grant of an access or refresh token; 0 if the token is gone. */
int64
oauth_store_grant_of_token(int64 handle)
{
	OAuthArguments arguments = {0};
	int64		grant = 0;

	oauth_add_int64(&arguments, handle);
	if (oauth_store_run(&grant_of_token, &arguments) > 0)
		grant = oauth_store_int64(0, 1);
	oauth_store_end();
	return grant;
}

/*
 * Stores the names of tokens.  New names count as taken; for existing ones the stored handle is
 * returned.
 */
void
oauth_store_name_tokens(OAuthImportedToken **tokens, int n, TimestampTz started,
						bool are_signatures)
{
	Columns		columns;
	OAuthArguments arguments = {0};
	uint64		n_new;
	uint64		next = 0;

	make_columns(&columns, 3, n);
	for (; columns.n < n; columns.n++)
	{
		columns.values[0][columns.n] = oauth_store_imported_digest(tokens[columns.n]->hash);
		columns.values[1][columns.n] = Int64GetDatum(tokens[columns.n]->handle);
		set_time(&columns, 2, tokens[columns.n]->ends_at);
	}
	add_column(&arguments, &columns, 0, UUIDOID);
	add_column(&arguments, &columns, 1, INT8OID);
	add_column(&arguments, &columns, 2, TIMESTAMPTZOID);
	oauth_add_timestamp(&arguments, started);
	oauth_add_bool(&arguments, are_signatures);
	n_new = oauth_store_run(&insert_imported_tokens, &arguments);
	for (int i = 0; i < n; i++)
	{
		bool		is_new = next < n_new && oauth_store_int64(next, 1) == tokens[i]->handle;

		tokens[i]->state = is_new ? OAUTH_IMPORT_TAKEN : OAUTH_IMPORT_KNOWN;
		next += is_new;
	}
	oauth_store_end();
	look_at_known(tokens, n, started);
}

/* The grants of which a token was taken and that do not exist yet. */
static void
insert_new_grants(const OAuthImportedGrant *grants, int n, const char *grant_type)
{
	Columns		columns;
	OAuthArguments arguments = {0};

	make_columns(&columns, 4, n);
	for (int i = 0; i < n; i++)
	{
		if (!grants[i].is_new)
			continue;
		columns.values[0][columns.n] = Int64GetDatum(grants[i].handle);
		set_text(&columns, 1, grants[i].client_id);
		set_text(&columns, 2, grants[i].subject);
		set_text(&columns, 3, grants[i].scope);
		columns.n++;
	}
	if (columns.n == 0)
		return;
	add_column(&arguments, &columns, 0, INT8OID);
	for (int i = 1; i <= 3; i++)
		add_column(&arguments, &columns, i, TEXTOID);
	oauth_add_text(&arguments, grant_type);
	oauth_store_count(&insert_grants, &arguments);
}

/* The fifth column of the token table of that kind. */
static void
set_last(Columns *columns, const OAuthImportedGrant *grant, OAuthTokenKind kind)
{
	const OAuthImportedToken *tokens = grant->tokens;

	if (kind == OAUTH_ACCESS_TOKEN)
		set_text(columns, 4, grant->scope);
	else if (kind == OAUTH_REFRESH_TOKEN)
		columns->values[4][columns->n] = Int64GetDatum(tokens[OAUTH_IMPORT_ACCESS].handle);
	else
		columns->values[4][columns->n] = PointerGetDatum(tokens[OAUTH_IMPORT_OAUTH1].secret_sealed);
}

static void
insert_tokens(const OAuthImportedGrant *grants, int n, int which, OAuthTokenKind kind,
			  OAuthStatement *statement)
{
	Columns		columns;
	OAuthArguments arguments = {0};
	Oid			last = statement->argument_types[statement->n_arguments - 1];

	make_columns(&columns, 5, n);
	for (int i = 0; i < n; i++)
	{
		const OAuthImportedToken *token = &grants[i].tokens[which];

		if (token->state != OAUTH_IMPORT_TAKEN)
			continue;
		columns.values[0][columns.n] = Int64GetDatum(token->handle);
		columns.values[1][columns.n] = Int64GetDatum(grants[i].handle);
		set_time(&columns, 2, token->expires_at);
		columns.values[3][columns.n] = HASH_DATUM(token->hash);
		set_last(&columns, &grants[i], kind);
		columns.n++;
	}
	if (columns.n == 0)
		return;
	add_column(&arguments, &columns, 0, INT8OID);
	add_column(&arguments, &columns, 1, INT8OID);
	if (kind != OAUTH1_TOKEN)
		add_column(&arguments, &columns, 2, TIMESTAMPTZOID);
	add_column(&arguments, &columns, 3, BYTEAOID);
	add_column(&arguments, &columns, 4, get_element_type(last));
	oauth_store_count(statement, &arguments);
}

/* Stores the grants of which something was taken, with their tokens. */
void
oauth_store_import_grants(const OAuthImportedGrant *grants, int n, const char *grant_type)
{
	insert_new_grants(grants, n, grant_type);
	insert_tokens(grants, n, OAUTH_IMPORT_ACCESS, OAUTH_ACCESS_TOKEN, &insert_access_tokens);
	insert_tokens(grants, n, OAUTH_IMPORT_REFRESH, OAUTH_REFRESH_TOKEN, &insert_refresh_tokens);
	insert_tokens(grants, n, OAUTH_IMPORT_OAUTH1, OAUTH1_TOKEN, &insert_oauth1_tokens);
}
