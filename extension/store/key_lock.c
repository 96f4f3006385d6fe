/*
 * key_lock.c
 *		Locks of keys that need no row: of what is counted, and of what may be used once.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "setting.h"
#include "store/statement.h"
#include "store/token.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/lsyscache.h"
#include "utils/resowner.h"

/* The table of that name; InvalidOid if there is none. */
Oid
oauth_store_relation(const char *name)
{
	return get_relname_relid(name, get_namespace_oid("oauth", false));
}

/*
 * Of the key, which is a digest, six bytes are enough.  The lock is one of an object that belongs
 * to the table: unlike an advisory lock, no SQL can take it, so nobody can stand in the way.
 */
LOCKTAG
oauth_store_tag_of_key(Oid table, const void *key)
{
	uint32		object;
	uint16		part;
	LOCKTAG		tag;

	memcpy(&object, key, sizeof(object));
	memcpy(&part, (const char *) key + sizeof(object), sizeof(part));
	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, table, object, part);
	return tag;
}

/*
 * What is locked from here on, to oauth_store_end_owning(), is the transaction's: what a cursor
 * locked would be let go where the cursor fails in a savepoint, and what it had written before
 * would stay.
 */
ResourceOwner
oauth_store_begin_owning(void)
{
	ResourceOwner before = CurrentResourceOwner;

	CurrentResourceOwner = CurTransactionResourceOwner;
	return before;
}

void
oauth_store_end_owning(ResourceOwner before)
{
	CurrentResourceOwner = before;
}

/* Locks the key for the transaction; false if another session holds it, unless wait. */
bool
oauth_store_lock_key(Oid table, const void *key, bool wait)
{
	LOCKTAG		tag = oauth_store_tag_of_key(table, key);
	ResourceOwner owner = oauth_store_begin_owning();
	LockAcquireResult result = LockAcquire(&tag, ExclusiveLock, false, !wait);

	oauth_store_end_owning(owner);
	return result != LOCKACQUIRE_NOT_AVAIL;
}

/* The same, and nobody waits. */
bool
oauth_store_try_lock(Oid table, const void *key)
{
	return oauth_store_lock_key(table, key, false);
}

/* A number that no other transaction of this session has. */
LocalTransactionId
oauth_store_transaction_number(void)
{
#if PG_VERSION_NUM >= 170000
	return MyProc->vxid.lxid;
#else
	return MyProc->lxid;
#endif
}

/*
 * Holds the grant, or another one-time thing, for this transaction, so that batches of several
 * connections cannot wait for one another: a batch waits only while it holds nothing and has
 * written nothing.  False if it would have to wait later than that; then the request has to be sent
 * again.  Where each request has a transaction of its own, or a caller of SQL has several, the
 * locks of rows do.  A standby changes nothing, and has no such locks: what writes fails there.
 */
bool
oauth_store_hold(int64 handle)
{
	static LocalTransactionId holder = InvalidLocalTransactionId;
	uint64		key;
	bool		may_wait;

	if ((oauth_setting_lane != OAUTH_LANE_WRITING && oauth_setting_lane != OAUTH_LANE_SIGNING) ||
		RecoveryInProgress())
		return true;
	key = hash_any_extended((const unsigned char *) &handle, sizeof(handle), 0);
	may_wait = holder != oauth_store_transaction_number() &&
		!TransactionIdIsValid(GetTopTransactionIdIfAny());
	holder = oauth_store_transaction_number();
	return oauth_store_lock_key(oauth_store_relation("grant"), &key, may_wait);
}
