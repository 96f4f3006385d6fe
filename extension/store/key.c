/*
 * key.c
 *		SQL of oauth.master_key.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "store/key.h"
#include "store/statement.h"

#include "storage/lmgr.h"

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

static bool
read_current_key(OAuthStatement *statement, uint8 *key_id)
{
	bool		found = oauth_store_run(statement, NULL) > 0;

	if (found)
	{
		bool		is_null;
		bytea	   *value = DatumGetByteaPP(oauth_store_column(0, 1, &is_null));

		memcpy(key_id, VARDATA_ANY(value), OAUTH_KEY_ID_LENGTH);
	}
	oauth_store_end();
	return found;
}

/* The id of the key that seals; false if there is none yet.  for_sealing blocks a rotation. */
bool
oauth_store_current_key(uint8 *key_id, bool for_sealing)
{
	void	  **kept = for_sealing ? NULL : oauth_store_shared(OAUTH_SHARED_MASTER_KEY);

	if (kept != NULL && *kept != NULL)
		memcpy(key_id, *kept, OAUTH_KEY_ID_LENGTH);
	else if (!read_current_key(for_sealing ? &hold_current_key : &current_key, key_id))
		return false;
	else if (kept != NULL)
	{
		*kept = MemoryContextAlloc(oauth_store_batch(), OAUTH_KEY_ID_LENGTH);
		memcpy(*kept, key_id, OAUTH_KEY_ID_LENGTH);
	}
	return true;
}

/*
 * Lets only one session at a time change which key is current: the first use of a key, and
 * rotations.  False if another session is doing that, unless wait.  The lock is on the table, which
 * nobody but the owner can lock.
 */
bool
oauth_store_hold_keys(bool wait)
{
	Oid			table = oauth_store_relation("master_key");

	if (!wait)
		return ConditionalLockRelationOid(table, ShareUpdateExclusiveLock);
	LockRelationOid(table, ShareUpdateExclusiveLock);
	return true;
}

/* Does nothing if another session was first. */
void
oauth_store_insert_key(const uint8 *key_id)
{
	OAuthArguments arguments = {0};

	oauth_add_pointer(&arguments, oauth_bytea(key_id, OAUTH_KEY_ID_LENGTH));
	oauth_store_count(&insert_key, &arguments);
}

/* Makes that key the current one. */
void
oauth_store_replace_key(const uint8 *key_id)
{
	oauth_store_count(&retire_keys, NULL);
	oauth_store_insert_key(key_id);
}
