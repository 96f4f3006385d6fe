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
 * removing that row when a foreign key of another table makes it lock the row after all.  Both then
 * wait for each other, and PostgreSQL ends one of them (40P01).
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

/* The list of triggers may go while the catalog is looked at, so that comes last. */
static bool
is_guard(const Trigger * trigger)
{
	char	   *name = has_type(trigger, GUARDING) && is_enabled(trigger) &&
		trigger->tgqual == NULL ? get_func_name(trigger->tgfoid) : NULL;

	return name != NULL && strcmp(name, "_oauth_before_removal") == 0;
}

/* An administrator's trigger could change the key of a row that is updated. */
static bool
has_only_guard(Relation relation)
{
	int			guards = 0;
	int			others = 0;

	for (int i = 0; relation->trigdesc != NULL && i < relation->trigdesc->numtriggers; i++)
	{
		const		Trigger *trigger = &relation->trigdesc->triggers[i];
		bool		changes_rows = has_type(trigger, BEFORE_ROW | TRIGGER_TYPE_UPDATE);

		if (is_guard(trigger))
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
			has_only_guard(relation);
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
 * Half of the locks that a transaction may count on: the memory for them is shared with all
 * sessions.
 */
static bool
may_hold_more(void)
{
	static LocalTransactionId holder = InvalidLocalTransactionId;
	static int	n;

	if (holder != oauth_store_transaction_number())
		n = 0;
	holder = oauth_store_transaction_number();
	return n++ < max_locks_per_xact / 2;
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
hold_key(Oid table, Datum key)
{
	LOCKTAG		tag = tag_of(table, key);

	if (!may_hold_more())
		return holds(&tag) ? OAUTH_HELD_BEFORE : OAUTH_NOT_HELD;
	return LockAcquire(&tag, RowShareLock, false, false) == LOCKACQUIRE_ALREADY_HELD ?
		OAUTH_HELD_BEFORE : OAUTH_HELD_NOW;
}

/*
 * Holds keys until the transaction ends, as far as that is to be had: held says so for each of
 * them.  Take a snapshot afterwards, and look at the rows.
 */
void
oauth_store_hold_keys_of(OAuthParent *parent, const Datum *keys, int n, OAuthHeld *held)
{
	bool		may_hold = parent->has_guard && is_guarded(parent);

	for (int i = 0; i < n; i++)
		held[i] = may_hold ? hold_key(parent->table->relation, keys[i]) : OAUTH_NOT_HELD;
}

/*
 * Whether the row stays because its key is held.  Somebody may have locked the row to remove it
 * before that, or have made a version of it that we do not see and be removing that; who does so
 * later waits.
 */
bool
oauth_store_is_kept(TupleTableSlot * slot, OAuthHeld held)
{
	HeapTupleHeader row;

	if (held != OAUTH_HELD_NOW)
		return held == OAUTH_HELD_BEFORE;
	row = ExecFetchSlotHeapTuple(slot, false, NULL)->t_data;
	return (row->t_infomask & HEAP_XMAX_INVALID) != 0 ||
		(HEAP_XMAX_IS_LOCKED_ONLY(row->t_infomask) && (row->t_infomask2 & HEAP_KEYS_UPDATED) == 0);
}

/* Who locks the row instead must not be waited for by those whom he may have to wait for. */
void
oauth_store_let_key(const OAuthParent *parent, Datum key, OAuthHeld held)
{
	LOCKTAG		tag;

	if (held != OAUTH_HELD_NOW)
		return;
	tag = tag_of(parent->table->relation, key);
	LockRelease(&tag, RowShareLock, false);
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

/* Waits for grants of the client, or of the subject, that are under way. */
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

	GetLockConflicts(&tag, ExclusiveLock, &n);
	return n > 0;
}
