/*
 * store_key.c
 *		SQL of oauth.master_key, and of sealing anew.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store.h"

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

static OAuthStatement current_key = {
	.sql = "SELECT key_id FROM oauth.master_key WHERE retired_at IS NULL"
};

static OAuthStatement hold_current_key = {
	.sql = "SELECT key_id FROM oauth.master_key WHERE retired_at IS NULL FOR SHARE"
};

static OAuthStatement insert_key = {
	.sql = "INSERT INTO oauth.master_key (key_id) VALUES ($1) ON CONFLICT DO NOTHING",
	.n_arguments = 1, .argument_types = {BYTEAOID}
};

static OAuthStatement retire_keys = {
	.sql = "UPDATE oauth.master_key SET retired_at = now() WHERE retired_at IS NULL"
};

static OAuthStatement sealed_secrets = {
	.sql = "SELECT client_id, secret_sealed, old_secret_sealed FROM oauth.client"
	" WHERE secret_sealed IS NOT NULL OR old_secret_sealed IS NOT NULL FOR UPDATE"
};

static OAuthStatement update_sealed = {
	.sql = "UPDATE oauth.client SET secret_sealed = $2, old_secret_sealed = $3 WHERE client_id = $1",
	.n_arguments = 3, .argument_types = {TEXTOID, BYTEAOID, BYTEAOID}
};

static OAuthStatement imported_keys = {
	.sql = "SELECT key_hash, key_sealed FROM oauth.imported_key FOR UPDATE"
};

static OAuthStatement update_imported_key = {
	.sql = "UPDATE oauth.imported_key SET key_sealed = $2 WHERE key_hash = $1",
	.n_arguments = 2, .argument_types = {BYTEAOID, BYTEAOID}
};

/* Credentials of OAuth 1.0a: there may be millions, so they are taken a batch at a time, in the order of their key. */
typedef struct Credentials
{
	OAuthTokenKind kind;
	OAuthStatement select;
	OAuthStatement update;
} Credentials;

#define BATCH "1000"

static Credentials credentials[] = {
	{
		OAUTH1_TOKEN,
		{
			.sql = "SELECT handle, secret_sealed FROM oauth.oauth1_token WHERE handle > $1 ORDER BY handle LIMIT " BATCH
			" FOR UPDATE",
			.n_arguments = 1, .argument_types = {INT8OID}
		},
		{
			.sql = "UPDATE oauth.oauth1_token SET secret_sealed = $2 WHERE handle = $1",
			.n_arguments = 2, .argument_types = {INT8OID, BYTEAOID}
		}
	},
	{
		OAUTH1_REQUEST_TOKEN,
		{
			.sql = "SELECT handle, secret_sealed FROM oauth.request_token WHERE handle > $1 ORDER BY handle LIMIT " BATCH
			" FOR UPDATE",
			.n_arguments = 1, .argument_types = {INT8OID}
		},
		{
			.sql = "UPDATE oauth.request_token SET secret_sealed = $2 WHERE handle = $1",
			.n_arguments = 2, .argument_types = {INT8OID, BYTEAOID}
		}
	},
};

/* The id of the key that seals; false if there is none yet.  for_sealing holds off a rotation. */
bool
oauth_store_current_key(uint8 *key_id, bool for_sealing)
{
	bool		found = oauth_store_run(for_sealing ? &hold_current_key : &current_key, NULL, NULL) > 0;

	if (found)
	{
		bool		is_null;
		bytea	   *value = DatumGetByteaPP(oauth_store_column(0, 1, &is_null));

		memcpy(key_id, VARDATA_ANY(value), OAUTH_KEY_ID_LENGTH);
	}
	oauth_store_end();
	return found;
}

/*
 * Only one session at a time changes which key is current: the first use of a key, and rotations.  False if another one is
 * at it, unless wait.  The lock is on the table, which nobody but the owner can lock.
 */
bool
oauth_store_hold_keys(bool wait)
{
	Oid			table = get_relname_relid("master_key", get_namespace_oid("oauth", false));

	if (!wait)
		return ConditionalLockRelationOid(table, ShareUpdateExclusiveLock);
	LockRelationOid(table, ShareUpdateExclusiveLock);
	return true;
}

/* Does nothing if another session was first. */
void
oauth_store_insert_key(const uint8 *key_id)
{
	Datum		arguments[] = {PointerGetDatum(oauth_bytea(key_id, OAUTH_KEY_ID_LENGTH))};

	oauth_store_count(&insert_key, arguments, NULL);
}

/* The value under the current key, bound to what it was bound to; null stays null. */
static Datum
reseal(uint64 row, int column, const char *bound_to, char *null)
{
	bool		is_null;
	Datum		sealed = oauth_store_column(row, column, &is_null);
	char	   *plain;
	bytea	   *resealed;

	*null = is_null ? 'n' : ' ';
	if (is_null)
		return (Datum) 0;
	plain = oauth_unseal(DatumGetByteaP(sealed), bound_to);
	resealed = oauth_seal(plain, bound_to);
	oauth_wipe(plain, strlen(plain));
	return PointerGetDatum(resealed);
}

/* One batch of credentials behind *position, which moves on; how many they were. */
static uint64
reseal_batch(Credentials *table, int64 *position)
{
	Datum		from[] = {Int64GetDatum(*position)};
	uint64		n = oauth_store_run(&table->select, from, NULL);
	SPITupleTable *rows = SPI_tuptable;

	for (uint64 row = 0; row < n; row++)
	{
		char		null;
		Datum		arguments[2];

		SPI_tuptable = rows;
		*position = oauth_store_int64(row, 1);
		arguments[0] = Int64GetDatum(*position);
		arguments[1] = reseal(row, 2, oauth1_bound_to(table->kind, *position), &null);
		oauth_store_count(&table->update, arguments, NULL);
	}
	oauth_store_end();
	return n;
}

static int64
reseal_credentials(Credentials *table)
{
	MemoryContext batch = AllocSetContextCreate(CurrentMemoryContext, "oauth reseal", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(batch);
	int64		position = 0;
	int64		total = 0;
	uint64		n;

	while ((n = reseal_batch(table, &position)) > 0)
	{
		total += (int64) n;
		MemoryContextReset(batch);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(batch);
	return total;
}

/* The secrets of clients; how many rows there were. */
static int64
reseal_clients(void)
{
	uint64		n = oauth_store_run(&sealed_secrets, NULL, NULL);

	for (uint64 row = 0; row < n; row++)
	{
		char	   *client_id = SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, 1);
		SPITupleTable *rows = SPI_tuptable;
		char		nulls[4] = "   ";
		Datum		arguments[] = {
			CStringGetTextDatum(client_id),
			reseal(row, 2, client_id, &nulls[1]),
			reseal(row, 3, client_id, &nulls[2])
		};

		oauth_store_count(&update_sealed, arguments, nulls);
		SPI_tuptable = rows;
	}
	oauth_store_end();
	return (int64) n;
}

/* The keys of tokens that were imported; how many there are. */
static int64
reseal_imported_keys(void)
{
	uint64		n = oauth_store_run(&imported_keys, NULL, NULL);
	SPITupleTable *rows = SPI_tuptable;

	for (uint64 row = 0; row < n; row++)
	{
		char		null;
		bool		is_null;
		Datum		arguments[2];

		SPI_tuptable = rows;
		arguments[0] = oauth_store_column(row, 1, &is_null);
		arguments[1] = reseal(row, 2, "imported key", &null);
		oauth_store_count(&update_imported_key, arguments, NULL);
	}
	oauth_store_end();
	return (int64) n;
}

/* Makes that key current and seals every value with it; returns how many rows there were. */
int64
oauth_store_rotate_key(const uint8 *key_id)
{
	int64		n;

	oauth_store_count(&retire_keys, NULL, NULL);
	oauth_store_insert_key(key_id);
	n = reseal_clients() + reseal_imported_keys();
	for (size_t i = 0; i < lengthof(credentials); i++)
		n += reseal_credentials(&credentials[i]);
	return n;
}
