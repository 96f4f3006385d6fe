/*
 * sealed.c
 *		The rows with sealed values, read a batch at a time and written back, for a rotation of the
 *		master key.
 *
 * A batch begins after the last row of the previous one, in the order of the primary key, because
 * there can be millions of rows.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/key.h"
#include "store/statement.h"

#include "utils/datum.h"

#define BATCH "1000"

/*
 * select takes a key, or null to begin at the first row; it returns key, value, and the second
 * value where there can be one.
 */
typedef struct SealedTable
{
	OAuthStatement select;
	OAuthStatement update;
} SealedTable;

/* A table with one secret a row.  lowest: what is below every key. */
#define ONE_SECRET(table, key, type, lowest, secret) { \
		.select = { \
			.sql = "SELECT " key ", " secret ", NULL::bytea FROM " table \
			" WHERE " secret " IS NOT NULL AND " key " > coalesce($1, " lowest ")" \
			" ORDER BY " key " LIMIT " BATCH " FOR UPDATE", \
			.n_arguments = 1, .argument_types = {type} \
		}, \
		.update = { \
			.sql = "UPDATE " table " SET " secret " = $2 WHERE " key " = $1", \
			.n_arguments = 2, .argument_types = {type, BYTEAOID} \
		} \
	}

static SealedTable tables[] = {
	[OAUTH_SEALED_CLIENT] = {
		.select = {
			.sql = "SELECT client_id, secret_sealed, old_secret_sealed FROM oauth.client"
			" WHERE (secret_sealed IS NOT NULL OR old_secret_sealed IS NOT NULL)"
			" AND client_id > coalesce($1, '') ORDER BY client_id LIMIT " BATCH " FOR UPDATE",
			.n_arguments = 1, .argument_types = {TEXTOID}
		},
		.update = {
			.sql = "UPDATE oauth.client SET secret_sealed = $2, old_secret_sealed = $3"
			" WHERE client_id = $1",
			.n_arguments = 3, .argument_types = {TEXTOID, BYTEAOID, BYTEAOID}
		}
	},
	[OAUTH_SEALED_IMPORTED_KEY] =
	ONE_SECRET("oauth.imported_key", "key_hash", BYTEAOID, "''", "key_sealed"),
	[OAUTH_SEALED_OAUTH1_TOKEN] =
	ONE_SECRET("oauth.oauth1_token", "handle", INT8OID, "0", "secret_sealed"),
	[OAUTH_SEALED_REQUEST_TOKEN] =
	ONE_SECRET("oauth.request_token", "handle", INT8OID, "0", "secret_sealed"),
	[OAUTH_SEALED_SIGNING_KEY] =
	ONE_SECRET("oauth.signing_key", "kid", TEXTOID, "''", "private_key_sealed"),
	[OAUTH_SEALED_PAIRWISE_KEY] = {
		.select = {
			.sql = "SELECT 'only'::text, key_sealed, NULL::bytea FROM oauth.pairwise_key"
			" WHERE $1 IS NULL FOR UPDATE",
			.n_arguments = 1, .argument_types = {TEXTOID}
		},
		.update = {
			.sql = "UPDATE oauth.pairwise_key SET key_sealed = $2 WHERE $1 = 'only'",
			.n_arguments = 2, .argument_types = {TEXTOID, BYTEAOID}
		}
	},
	[OAUTH_SEALED_SECOND_FACTOR] =
	ONE_SECRET("oauth.second_factor", "subject", TEXTOID, "''", "secret_sealed"),
};

/*
 * A column of the result in the caller's memory context; 0 for null.  A private key may be so long
 * that the table keeps it elsewhere.
 */
static Datum
copied_column(uint64 row, int column, Oid type, MemoryContext caller)
{
	bool		is_null;
	Datum		value = oauth_store_column(row, column, &is_null);
	MemoryContext old = MemoryContextSwitchTo(caller);

	if (is_null)
		value = (Datum) 0;
	else
		value = type == INT8OID ? datumCopy(value, FLOAT8PASSBYVAL, sizeof(int64)) :
			PointerGetDatum(PG_DETOAST_DATUM_COPY(value));
	MemoryContextSwitchTo(old);
	return value;
}

/*
 * The next batch of OAuthSealedRow, locked; NIL at the end.  after: the last row of the previous
 * batch, NULL for the first batch.
 */
List *
oauth_store_sealed_rows(OAuthSealedTable table, const OAuthSealedRow *after)
{
	MemoryContext caller = CurrentMemoryContext;
	OAuthStatement *select = &tables[table].select;
	OAuthArguments arguments = {0};
	uint64		n;
	List	   *rows = NIL;

	if (after != NULL)
		oauth_add_value(&arguments, after->key);
	else
		oauth_add_null(&arguments);
	n = oauth_store_run(select, &arguments);
	for (uint64 i = 0; i < n; i++)
	{
		OAuthSealedRow *row = SPI_palloc(sizeof(OAuthSealedRow));

		row->key = copied_column(i, 1, select->argument_types[0], caller);
		row->secret = (bytea *) DatumGetPointer(copied_column(i, 2, BYTEAOID, caller));
		row->old_secret = (bytea *) DatumGetPointer(copied_column(i, 3, BYTEAOID, caller));
		rows = oauth_store_append(rows, row, caller);
	}
	oauth_store_end();
	return rows;
}

/* Writes the values of a row back. */
void
oauth_store_write_sealed(OAuthSealedTable table, const OAuthSealedRow *row)
{
	OAuthStatement *update = &tables[table].update;
	OAuthArguments arguments = {0};

	oauth_add_value(&arguments, row->key);
	oauth_add_pointer(&arguments, row->secret);
	if (update->n_arguments > arguments.n)	/* if the table has a second value */
		oauth_add_pointer(&arguments, row->old_secret);
	oauth_store_count(update, &arguments);
}
