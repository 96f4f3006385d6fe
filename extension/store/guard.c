/*
 * guard.c
 *		Keeping clients and subjects without a lock of their rows.
 *
 * To lock a row for what refers to it costs a record of the write-ahead log and a page that is
 * written, and where many sessions hold the same client, a multixact for each of them: a list of
 * all who hold it, 25 at a time where 64 issue, and space that only VACUUM gives back.  So what
 * issues tokens takes a lock of the key, which is in memory and which many have at once, and looks
 * whether somebody has locked the row to remove it.
 *
 * Who removes a row, or changes its key, locks the row first and then waits, in a trigger
 * (admin/removal.c), for those who have its key; the foreign key looks for grants after that.
 * Whichever of the two is first, the other sees it.  Nobody ever takes the lock of the key alone,
 * so nobody waits to get it.
 *
 * Rows are locked as a foreign key locks them (parent.c) where the trigger is missing or disabled,
 * by those who hold many keys already, and where somebody else is, or was, at the row: an old
 * snapshot shows rows that have been removed since.
 *
 * One thing is lost: a transaction that holds a key, and not the row, has to wait for who is
 * removing that row when it comes to the row by another way, an UPDATE or a foreign key of another
 * table.  Both then wait for each other, and PostgreSQL ends one of them (40P01).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"
#include "store/store.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_trigger.h"
#include "common/hashfn.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* ---- is there a trigger? ---- */

#define BEFORE_ROW (TRIGGER_TYPE_ROW | TRIGGER_TYPE_BEFORE)
#define GUARDING (BEFORE_ROW | TRIGGER_TYPE_DELETE | TRIGGER_TYPE_UPDATE)

static bool
has_type(const Trigger * trigger, int16 type)
{
	return (trigger->tgtype & type) == type;
}

static bool
is_enabled(const Trigger * trigger)
{
	return trigger->tgenabled == TRIGGER_FIRES_ON_ORIGIN ||
		trigger->tgenabled == TRIGGER_FIRES_ALWAYS;
}

/* Whether it is called for the key, of which it has to know. */
static bool
is_for_key(const Trigger * trigger, const OAuthTable *table)
{
	return (trigger->tgnattr == 0 || trigger->tgattr[0] == table->numbers[0]) &&
		trigger->tgnargs == 1 && strcmp(trigger->tgargs[0], table->columns[0]) == 0;
}

/* The list of triggers may go while the catalog is looked at, so that comes last. */
static bool
is_guard(const Trigger * trigger, const OAuthTable *table)
{
	char	   *name = has_type(trigger, GUARDING) && is_enabled(trigger) &&
		trigger->tgqual == NULL && is_for_key(trigger, table) ?
		get_func_name(trigger->tgfoid) : NULL;

	return name != NULL && strcmp(name, "_oauth_before_removal") == 0;
}

/* An administrator's trigger could change the key of a row that is updated. */
static bool
has_only_guard(Relation relation, const OAuthTable *table)
{
	int			guards = 0;
	int			others = 0;

	for (int i = 0; relation->trigdesc != NULL && i < relation->trigdesc->numtriggers; i++)
	{
		const		Trigger *trigger = &relation->trigdesc->triggers[i];
		bool		changes_rows = has_type(trigger, BEFORE_ROW | TRIGGER_TYPE_UPDATE);

		if (is_guard(trigger, table))
			guards++;
		else if (changes_rows)
			others++;
	}
	return guards == 1 && others == 0;
}

/*
 * The lock of the table keeps off who disables the trigger or adds another.  Only of a heap it is
 * known how a row shows who removes it.
 */
static bool
is_guarded(OAuthParent *parent)
{
	Relation	relation = oauth_store_open_table(parent->table, RowExclusiveLock);

	if (parent->generation != parent->table->generation)
	{
		parent->is_guarded = relation->rd_tableam == GetHeapamTableAmRoutine() &&
			has_only_guard(relation, parent->table);
		parent->generation = parent->table->generation;
	}
	table_close(relation, NoLock);
	return parent->is_guarded;
}

/* ---- who issues tokens ---- */

static LOCKTAG
tag_of(Oid table, Datum key)
{
	text	   *bytes = DatumGetTextPP(key);
	uint64		digest = hash_bytes_extended((unsigned char *) VARDATA_ANY(bytes),
											 VARSIZE_ANY_EXHDR(bytes), 0);

	return oauth_store_tag_of_key(table, &digest);
}

/*
 * Keys whose rows this transaction has found to stay.  They stay as long as their lock, which is
 * let go where a savepoint is undone.
 */
typedef struct KeptKey
{
	const OAuthParent *parent;
	char	   *key;
	SubTransactionId kept_by;
} KeptKey;

static LocalTransactionId holder = InvalidLocalTransactionId;
static int	n_asked;			/* keys that were to be held in that transaction */
static KeptKey *kept;
static int	n_kept;

/*
 * Half of the locks that a transaction may count on: the memory for them is shared with all
 * sessions.
 */
#define MOST_KEYS (max_locks_per_xact / 2)

static bool
may_hold_more(void)
{
	if (holder != oauth_store_transaction_number())
	{
		n_asked = n_kept = 0;
		kept = MemoryContextAlloc(TopTransactionContext, (MOST_KEYS + 1) * sizeof(KeptKey));
	}
	holder = oauth_store_transaction_number();
	return n_asked++ < MOST_KEYS;
}

static bool
holds(const LOCKTAG * tag)
{
#if PG_VERSION_NUM >= 170000
	return LockHeldByMe(tag, RowShareLock, false);
#else
	return LockHeldByMe(tag, RowShareLock);
#endif
}

static OAuthHeld
lock_key(Oid table, Datum key)
{
	LOCKTAG		tag = tag_of(table, key);

	if (!may_hold_more())
		return holds(&tag) ? OAUTH_HELD_BEFORE : OAUTH_NOT_HELD;
	return LockAcquire(&tag, RowShareLock, false, false) == LOCKACQUIRE_ALREADY_HELD ?
		OAUTH_HELD_BEFORE : OAUTH_HELD_NOW;
}

/*
 * Holds a key until the transaction ends, if that is to be had.  Take a snapshot afterwards, and
 * look at the row.
 */
OAuthHeld
oauth_store_hold_key(OAuthParent *parent, Datum key)
{
	ResourceOwner owner = oauth_store_begin_owning();
	OAuthHeld	held = is_guarded(parent) ? lock_key(parent->table->relation, key) :
		OAUTH_NOT_HELD;

	oauth_store_end_owning(owner);
	return held;
}

static void
remember(const OAuthParent *parent, Datum key)
{
	MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);

	if (n_kept < MOST_KEYS)
		kept[n_kept++] = (KeptKey) {parent, TextDatumGetCString(key), GetCurrentSubTransactionId()};
	MemoryContextSwitchTo(old);
}

/* Another key may have the same lock, so it is the key that counts. */
static bool
is_remembered(const OAuthParent *parent, Datum key)
{
	char	   *string = TextDatumGetCString(key);

	for (int i = 0; i < n_kept; i++)
		if (kept[i].parent == parent && strcmp(kept[i].key, string) == 0 &&
			SubTransactionIsActive(kept[i].kept_by))
			return true;
	return false;
}

/* Whether nobody has locked the row to remove it, nor made another version of it. */
static bool
is_left_alone(TupleTableSlot * slot)
{
	HeapTupleHeader row = ExecFetchSlotHeapTuple(slot, false, NULL)->t_data;

	return (row->t_infomask & HEAP_XMAX_INVALID) != 0 ||
		(HEAP_XMAX_IS_LOCKED_ONLY(row->t_infomask) && (row->t_infomask2 & HEAP_KEYS_UPDATED) == 0);
}

/*
 * Whether the row stays because its key is held.  Somebody may have locked the row to remove it
 * before that, or have made a version of it that we do not see and be removing that; who does so
 * later waits, and must not be waited for.
 */
bool
oauth_store_is_kept(const OAuthParent *parent, Datum key, TupleTableSlot * slot, OAuthHeld held)
{
	if (held == OAUTH_NOT_HELD)
		return false;
	if (!is_left_alone(slot))
		return held == OAUTH_HELD_BEFORE && is_remembered(parent, key);
	if (held == OAUTH_HELD_NOW)
		remember(parent, key);
	return true;
}

/* Who locks the row instead must not be waited for by those whom he may have to wait for. */
void
oauth_store_let_key(const OAuthParent *parent, Datum key, OAuthHeld held)
{
	ResourceOwner owner;
	LOCKTAG		tag;

	if (held != OAUTH_HELD_NOW)
		return;
	tag = tag_of(parent->table->relation, key);
	owner = oauth_store_begin_owning();
	LockRelease(&tag, RowShareLock, false);
	oauth_store_end_owning(owner);
}

/* ---- who waits for them ---- */

/*
 * Waits for transactions that hold the key of a row of that table, which the caller has locked to
 * remove it or to give it another key, a text.
 */
void
oauth_store_await_removal(Oid table, Datum key)
{
	WaitForLockers(tag_of(table, key), ExclusiveLock, false);
}

/*
 * Waits for grants of the client, or of the subject, that are under way: before the row is locked,
 * so that those who have long to do may still come to it, and after, for who came between.
 */
void
oauth_store_await_grants(const OAuthParent *parent, const char *key)
{
	oauth_store_await_removal(oauth_store_relation(parent->table->name), CStringGetTextDatum(key));
}

/* Whether there are any. */
bool
oauth_store_has_grants_under_way(const OAuthParent *parent, const char *key)
{
	LOCKTAG		tag = tag_of(oauth_store_relation(parent->table->name), CStringGetTextDatum(key));
	int			n;

	pfree(GetLockConflicts(&tag, ExclusiveLock, &n));
	return n > 0;
}
