/*
 * guard.c
 *		Keeping clients and subjects without a lock of their rows.
 *
 * To lock a row for what refers to it costs a record of the write-ahead log and a page that is
 * written, and where many sessions hold the same client, a multixact for each of them: a list of
 * all who hold it, 25 at a time where 64 issue, and space that only VACUUM gives back.  So what
 * issues tokens shares a lock of the key, which is in memory.  A trigger (admin/removal.c) takes it
 * alone before a row is removed, or gets another key: the foreign key looks for grants after that.
 * What revives a client or a subject takes it alone, too.  Both have locked the row before.
 *
 * Where the trigger is missing or disabled, and in transactions that go on with an old snapshot,
 * the rows are locked (parent.c).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"
#include "store/store.h"

#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_trigger.h"
#include "common/hashfn.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/*
 * A transaction that removes more rows than that locks the table, so that the memory for locks,
 * which all sessions share, is not used up.
 */
#define MOST_KEYS 1000

#define GUARDING \
	(TRIGGER_TYPE_ROW | TRIGGER_TYPE_BEFORE | TRIGGER_TYPE_DELETE | TRIGGER_TYPE_UPDATE)

static bool
is_enabled(const Trigger * trigger)
{
	return trigger->tgenabled == TRIGGER_FIRES_ON_ORIGIN ||
		trigger->tgenabled == TRIGGER_FIRES_ALWAYS;
}

static bool
is_guard(const Trigger * trigger)
{
	char	   *name = get_func_name(trigger->tgfoid);

	return (trigger->tgtype & GUARDING) == GUARDING && trigger->tgqual == NULL &&
		is_enabled(trigger) && name != NULL && strcmp(name, "_oauth_before_removal") == 0;
}

static bool
has_guard(Relation relation)
{
	for (int i = 0; relation->trigdesc != NULL && i < relation->trigdesc->numtriggers; i++)
		if (is_guard(&relation->trigdesc->triggers[i]))
			return true;
	return false;
}

static uint64
digest(Datum key)
{
	text	   *bytes = DatumGetTextPP(key);

	return hash_bytes_extended((unsigned char *) VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), 0);
}

/*
 * Shares the keys, in their order, until the transaction ends: what a snapshot sees that is taken
 * afterwards stays.  False if rows have to be locked instead.
 */
bool
oauth_store_share_parents(OAuthParent *parent, const Datum *keys, int n)
{
	Relation	relation;

	if (IsolationUsesXactSnapshot())
		return false;
	relation = oauth_store_open_table(parent->table, RowShareLock);
	if (parent->generation != parent->table->generation)
	{
		parent->is_guarded = has_guard(relation);
		parent->generation = parent->table->generation;
	}
	table_close(relation, NoLock);
	for (int i = 0; parent->is_guarded && i < n; i++)
	{
		uint64		key = digest(keys[i]);

		oauth_store_share_key(parent->table->relation, &key);
	}
	return parent->is_guarded;
}

/*
 * Waits for grants of the client, or of the subject, that are under way, and keeps others off until
 * the transaction ends.  False if there is none.
 */
bool
oauth_store_hold_alone(OAuthParent *parent, const char *key)
{
	OAuthArguments arguments = {0};
	uint64		held;

	oauth_add_text(&arguments, key);
	if (oauth_store_count(&parent->hold_alone, &arguments) == 0)
		return false;
	held = digest(arguments.values[0]);
	return oauth_store_lock_key(oauth_store_relation(parent->table->name), &held, true);
}

/*
 * Before a row of that table is removed, or its key, a text, is changed: waits for those who share
 * the key, and keeps others off until the transaction ends.
 */
void
oauth_store_hold_removed(Oid table, Datum key)
{
	static LocalTransactionId holder = InvalidLocalTransactionId;
	static int	n;
	uint64		removed = digest(key);

	if (holder != oauth_store_transaction_number())
		n = 0;
	holder = oauth_store_transaction_number();
	if (n++ < MOST_KEYS)
		oauth_store_lock_key(table, &removed, true);
	else
		LockRelationOid(table, ExclusiveLock);
}
