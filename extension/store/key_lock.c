/*
 * key_lock.c
 *		Locks of keys that need no row: of what is counted, and of what may be used once.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"

#include "catalog/namespace.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/lsyscache.h"

/* The table of that name; InvalidOid if there is none. */
Oid
oauth_store_relation(const char *name)
{
	return get_relname_relid(name, get_namespace_oid("oauth", false));
}

/*
 * Locks the key for the transaction; false if another session holds it, and then nobody waits.  Of
 * the key, which is a digest, six bytes are enough.  The lock is one of an object that belongs to
 * the table: unlike an advisory lock, no SQL can take it, so nobody can stand in the way.
 */
bool
oauth_store_try_lock(Oid table, const void *key)
{
	uint32		object;
	uint16		part;
	LOCKTAG		tag;

	memcpy(&object, key, sizeof(object));
	memcpy(&part, (const char *) key + sizeof(object), sizeof(part));
	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, table, object, part);
	return LockAcquire(&tag, ExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL;
}
