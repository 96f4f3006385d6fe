/*
 * imported.c
 *		SQL of what other providers issued and works here: names of tokens, keys, client secrets.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/client.h"
#include "store/statement.h"
#include "store/token.h"

#include "utils/fmgroids.h"
#include "utils/uuid.h"

static OAuthTable imported_token_table = {
	.name = "imported_token", .equals = F_UUID_EQ, .columns = {"digest", "handle", "is_signature"}
};

static OAuthStatement settle_secret = {
	.sql = "UPDATE oauth.client SET secret_hash = $2, imported_secret_hash = NULL"
	" WHERE client_id = $1 AND imported_secret_hash = $3",
	.n_arguments = 3, .argument_types = {TEXTOID, BYTEAOID, TEXTOID}
};

static OAuthStatement insert_imported_key = {.sql = "INSERT INTO oauth.imported_key (key_hash, "
	"key_sealed) VALUES ($1, $2) ON CONFLICT DO "
	"NOTHING",
	.n_arguments = 2,
.argument_types = {BYTEAOID, BYTEAOID}};

static OAuthStatement imported_keys = {
	.sql = "SELECT key_sealed FROM oauth.imported_key",
	.only_reads = true
};

/* Stores the name of a token, which is the hash of its string. */
Datum
oauth_store_imported_digest(const uint8 *hash)
{
	pg_uuid_t  *digest = palloc(sizeof(pg_uuid_t));

	memcpy(digest->data, hash, UUID_LEN);
	return UUIDPGetDatum(digest);
}

/*
 * The handle of an imported token, by the hash of its string; 0 if there is none.  In the snapshot
 * of the caller.  is_signature: the hash is that of a verified signature.
 */
int64
oauth_store_imported_handle(const uint8 *hash, bool is_signature)
{
	OAuthRow	row;
	int64		handle = 0;

	if (oauth_store_open_row(&row, &imported_token_table, oauth_store_imported_digest(hash)) &&
		DatumGetBool(oauth_store_row_value(&row, 2)) == is_signature)
		handle = oauth_store_row_int64(&row, 1);
	oauth_store_close_row(&row);
	return handle;
}

/* The same, including what this transaction did. */
int64
oauth_store_imported_handle_now(const uint8 *hash)
{
	int64		handle;

	oauth_store_begin_latest();
	handle = oauth_store_imported_handle(hash, false);
	oauth_store_end_latest();
	return handle;
}

/* Whether the sealed string is that key. */
void
oauth_store_add_imported_key(const uint8 *key_hash, bytea *sealed)
{
	OAuthArguments arguments = {0};

	oauth_add_bytes(&arguments, key_hash, OAUTH_HASH_LENGTH);
	oauth_add_pointer(&arguments, sealed);
	oauth_store_count(&insert_imported_key, &arguments);
}

/* All keys, sealed. */
List *
oauth_store_imported_keys(void)
{
	MemoryContext caller = CurrentMemoryContext;
	uint64		n = oauth_store_run(&imported_keys, NULL);
	MemoryContext old = MemoryContextSwitchTo(caller);
	List	   *keys = NIL;

	for (uint64 row = 0; row < n; row++)
	{
		bool		is_null;

		keys = lappend(keys, DatumGetByteaPCopy(oauth_store_column(row, 1, &is_null)));
	}
	MemoryContextSwitchTo(old);
	oauth_store_end();
	return keys;
}

/*
 * From here on the client is known by a digest of its own secret, and no longer by the other
 * provider's hash.
 */
void
oauth_store_settle_secret(const OAuthClient *client, const char *secret)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, client->client_id);
	oauth_add_digest(&arguments, secret);
	oauth_add_text(&arguments, client->imported_secret_hash);
	oauth_store_count(&settle_secret, &arguments);
}
