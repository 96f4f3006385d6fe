/*
 * scan.c
 *		Index scans, which the requests of a batch share.
 *
 * To find one row by its key takes a few pages, or one where it is remembered (place.c).  To open
 * table and index, take their locks and begin a scan takes longer than that, so while a batch is
 * answered a scan is kept, and given the next key.  A request that runs in a subtransaction begins
 * scans of its own, because what it pins is let go where it is undone.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"

#include "access/heapam.h"
#include "access/relscan.h"
#include "access/skey.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "catalog/pg_collation.h"
#include "common/hashfn.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "storage/smgr.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#if PG_VERSION_NUM >= 160000
#define FILE_OF(relation) ((relation)->rd_locator)
#else
#define FILE_OF(relation) ((relation)->rd_node)
#endif

struct OAuthScan
{
	OAuthTable *table;
	Relation	relation;
	Oid			index;
	AttrNumber	column;			/* of the key */
	TupleTableSlot *slot;
	Snapshot	snapshot;
	Datum		key;
	IndexFetchTableData *fetch; /* of rows whose place is remembered; NULL before the first */
	IndexScanDesc scan;			/* NULL before the index is asked */
	ScanKeyData condition;
	bool		is_begun;		/* in the index, with this key */
	bool		is_over;
	MemoryContext context;		/* where an index keeps what it notes on its way */
	bool		is_kept;
	bool		is_in_use;
};

static OAuthScan *
begin_scan(OAuthTable *table)
{
	OAuthScan  *scan = palloc0(sizeof(OAuthScan));

	scan->table = table;
	scan->relation = oauth_store_open_table(table, AccessShareLock);
	scan->index = table->index_relation;
	scan->column = table->numbers[0];
	scan->slot = table_slot_create(scan->relation, NULL);
	scan->context = CurrentMemoryContext;
	return scan;
}

/*
 * Locks stay until the transaction ends, as those of a SELECT do: the next request finds them held.
 */
static void
end_scan(void *ended)
{
	OAuthScan  *scan = ended;

	ExecDropSingleTupleTableSlot(scan->slot);
	if (scan->fetch != NULL)
		table_index_fetch_end(scan->fetch);
	if (scan->scan != NULL)
	{
		Relation	index = scan->scan->indexRelation;

		index_endscan(scan->scan);
		index_close(index, NoLock);
	}
	table_close(scan->relation, NoLock);
	pfree(scan);
}

/* The scan that the batch keeps for the table. */
static OAuthScan *
kept_scan(OAuthTable *table, MemoryContext context)
{
	MemoryContext old;

	if (table->scan != NULL && table->batch == oauth_store_batch_number())
		return table->scan;
	old = MemoryContextSwitchTo(context);
	table->scan = begin_scan(table);
	table->scan->is_kept = true;
	table->batch = oauth_store_batch_number();
	MemoryContextSwitchTo(old);
	oauth_store_keep(table->scan, end_scan);
	return table->scan;
}

static OAuthScan *
free_scan(OAuthTable *table)
{
	MemoryContext context = oauth_store_batch();
	OAuthScan  *scan = context != NULL ? kept_scan(table, context) : NULL;

	return scan != NULL && !scan->is_in_use ? scan : begin_scan(table);
}

/* Begins to look for the rows of that key, in the active snapshot. */
OAuthScan *
oauth_store_begin_scan(OAuthTable *table, Datum key)
{
	OAuthScan  *scan = free_scan(table);

	scan->is_in_use = true;
	scan->is_begun = scan->is_over = false;
	scan->key = key;
	scan->snapshot = GetActiveSnapshot();
	return scan;
}

/* ---- by their place ---- */

/*
 * Of other table access methods it is not known what a place outlives.  A serializable transaction
 * has to leave its mark in the index, where it is found by one that inserts the key again.
 */
static bool
has_places(const OAuthScan *scan)
{
	return scan->table->places != NULL && !IsolationIsSerializable() &&
		scan->relation->rd_tableam == GetHeapamTableAmRoutine();
}

/*
 * Whether that page is there.  Pages may have gone before the table was locked; none goes since.
 * How many the session has seen is known without a system call until it hears that some have gone,
 * which it does when it takes the lock.
 */
static bool
is_in_table(OAuthScan *scan, ItemPointer at)
{
	BlockNumber block = ItemPointerGetBlockNumber(at);
	BlockNumber seen = RelationGetSmgr(scan->relation)->smgr_cached_nblocks[MAIN_FORKNUM];

	if (scan->fetch == NULL)
		scan->fetch = table_index_fetch_begin(scan->relation);
	return (seen != InvalidBlockNumber && block < seen) ||
		block < RelationGetNumberOfBlocks(scan->relation);
}

/* A handle, or the hash of a text. */
static uint64
place_key(const OAuthScan *scan)
{
	text	   *key;

	if (scan->table->equals == F_INT8EQ)
		return DatumGetUInt64(scan->key);
	key = DatumGetTextPP(scan->key);
	return hash_bytes_extended((unsigned char *) VARDATA_ANY(key), VARSIZE_ANY_EXHDR(key), 0);
}

static bool
has_key(const OAuthScan *scan)
{
	bool		is_null;
	Datum		key = slot_getattr(scan->slot, scan->column, &is_null);

	return !is_null && DatumGetBool(OidFunctionCall2Coll(scan->table->equals, C_COLLATION_OID, key,
														 scan->key));
}

/* The buffer of the page that was fetched last; table_index_fetch_tuple() finds it there. */
static Buffer *
buffer_of(IndexFetchTableData *fetch)
{
	return &((IndexFetchHeapData *) fetch)->xs_cbuf;
}

/* Pins the page if it is still in that buffer, so that it is not looked for. */
static void
pin_in_buffer(OAuthScan *scan, ItemPointer at, Buffer buffer)
{
	if (!BufferIsValid(buffer) || BufferIsValid(*buffer_of(scan->fetch)) ||
		!ReadRecentBuffer(FILE_OF(scan->relation), MAIN_FORKNUM, ItemPointerGetBlockNumber(at),
						  buffer))
		return;
	pgstat_count_buffer_read(scan->relation);
	pgstat_count_buffer_hit(scan->relation);
	*buffer_of(scan->fetch) = buffer;
}

/* Whether the row is where it was, as far as the snapshot sees it. */
static bool
find_at_place(OAuthScan *scan)
{
	ItemPointerData at;
	Buffer		buffer;
	bool		again = false;

	if (!has_places(scan) ||
		!oauth_store_recall_place(scan->table->places, place_key(scan), &at, &buffer) ||
		!is_in_table(scan, &at))
		return false;
	pin_in_buffer(scan, &at, buffer);
	if (!table_index_fetch_tuple(scan->fetch, &at, scan->snapshot, scan->slot, &again, NULL) ||
		!has_key(scan))
		return false;
	if (*buffer_of(scan->fetch) != buffer)
		oauth_store_move_place(scan->table->places, place_key(scan), *buffer_of(scan->fetch));
	return true;
}

/* ---- by the index ---- */

static void
open_index(OAuthScan *scan)
{
	const OAuthTable *table = scan->table;
	Relation	index = index_open(scan->index, AccessShareLock);

	if (index->rd_index->indkey.values[0] != scan->column)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("index \"%s\" does not begin with column \"%s\"",
						RelationGetRelationName(index), table->columns[0]),
				 errhint("Create it as a new installation has it.")));
	ScanKeyEntryInitialize(&scan->condition, 0, 1, BTEqualStrategyNumber, InvalidOid,
						   index->rd_indcollation[0], table->equals, (Datum) 0);
	scan->scan = OAUTH_BEGIN_SCAN(scan->relation, index, scan->snapshot, 1);
}

static void
ask_index(OAuthScan *scan, ScanKey condition)
{
	scan->scan->xs_snapshot = scan->snapshot;
	index_rescan(scan->scan, condition, 1, NULL, 0);
}

static void
begin_in_index(OAuthScan *scan)
{
	if (scan->scan == NULL)
		open_index(scan);
	scan->condition.sk_argument = scan->key;
	ask_index(scan, &scan->condition);
	scan->is_begun = true;
}

/* Only a key of one column has one row. */
static void
remember(OAuthScan *scan, ItemPointerData at)
{
	if (has_places(scan) && scan->scan->indexRelation->rd_index->indnkeyatts == 1)
		oauth_store_remember_place(scan->table->places, place_key(scan), at,
								   *buffer_of(scan->scan->xs_heapfetch));
}

/*
 * What index_getnext_slot() does, which does not tell the place that the index names: that of a row
 * which was updated within its page is the one where it was first.
 */
static bool
find_by_index(OAuthScan *scan)
{
	while (index_getnext_tid(scan->scan, ForwardScanDirection) != NULL)
	{
		ItemPointerData at = scan->scan->xs_heaptid;

		if (!index_fetch_heap(scan->scan, scan->slot))
			continue;
		remember(scan, at);
		return true;
	}
	if (has_places(scan))
		oauth_store_forget_place(scan->table->places, place_key(scan));
	return false;
}

static bool
find_next(OAuthScan *scan)
{
	if (!scan->is_begun && find_at_place(scan))
	{
		scan->is_over = true;	/* there is one row with that key */
		return true;
	}
	if (!scan->is_begun)
		begin_in_index(scan);
	return find_by_index(scan);
}

/* The next row, which lasts until the one after it; NULL when there is none. */
TupleTableSlot *
oauth_store_scan_next(OAuthScan *scan)
{
	MemoryContext old = MemoryContextSwitchTo(scan->context);
	bool		found = !scan->is_over && find_next(scan);

	MemoryContextSwitchTo(old);
	return found ? scan->slot : NULL;
}

/* In the order of the keys; other kinds of index say that they have none that is not null. */
static bool
has_any_entry(OAuthScan *scan)
{
	ScanKeyData any;

	ScanKeyEntryInitialize(&any, SK_ISNULL | SK_SEARCHNOTNULL, 1, InvalidStrategy, InvalidOid,
						   InvalidOid, InvalidOid, (Datum) 0);
	ask_index(scan, &any);
	return index_getnext_tid(scan->scan, ForwardScanDirection) != NULL;
}

/*
 * Whether the index has no entry at all, so that no snapshot which is in use sees a row there.  One
 * of a row that is gone, or is not there yet, counts.  False where the index is no btree, but
 * another one that an administrator put in its place.
 */
bool
oauth_store_index_is_empty(OAuthTable *table)
{
	OAuthScan  *scan = oauth_store_begin_scan(table, (Datum) 0);
	MemoryContext old = MemoryContextSwitchTo(scan->context);
	bool		is_empty;

	if (scan->scan == NULL)
		open_index(scan);
	is_empty = scan->scan->indexRelation->rd_rel->relam == BTREE_AM_OID && !has_any_entry(scan);
	MemoryContextSwitchTo(old);
	oauth_store_end_scan(scan);
	return is_empty;
}

Relation
oauth_store_relation_of(const OAuthScan *scan)
{
	return scan->relation;
}

/* Nobody looks at its rows any more. */
void
oauth_store_end_scan(OAuthScan *scan)
{
	scan->is_in_use = false;
	if (!scan->is_kept)
	{
		end_scan(scan);
		return;
	}
	ExecClearTuple(scan->slot);
	if (scan->fetch != NULL)
		table_index_fetch_reset(scan->fetch);
	if (scan->scan != NULL)
		table_index_fetch_reset(scan->scan->xs_heapfetch);
}
