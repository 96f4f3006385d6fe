/*
 * scan.c
 *		Index scans, which the requests of a batch share.
 *
 * To find one row by its key takes a few pages.  To open table and index, take their locks and
 * begin a scan takes longer than that, so while a batch is answered a scan is kept, and given
 * the next key.  A request that runs in a subtransaction begins scans of its own, because
 * what it pins is let go where it is undone.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"

#include "access/relscan.h"
#include "access/skey.h"
#include "access/table.h"
#include "access/tableam.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#if PG_VERSION_NUM >= 180000
#define BEGIN_SCAN(relation, index) \
	index_beginscan(relation, index, GetActiveSnapshot(), NULL, 1, 0)
#else
#define BEGIN_SCAN(relation, index) index_beginscan(relation, index, GetActiveSnapshot(), 1, 0)
#endif

struct OAuthScan
{
	IndexScanDesc scan;
	TupleTableSlot *slot;
	ScanKeyData key;
	MemoryContext context;		/* where an index keeps what it notes on its way */
	bool		is_kept;
	bool		is_in_use;
};

/* Those of the batch, in its memory. */
static List *kept = NIL;
static uint64 batch = 1;		/* tells its scans from those of batches before */

static OAuthScan *
begin_scan(OAuthTable *table)
{
	OAuthScan  *scan = palloc0(sizeof(OAuthScan));
	Relation	relation = oauth_store_open_table(table, AccessShareLock);
	Relation	index = index_open(table->index_relation, AccessShareLock);

	if (index->rd_index->indkey.values[0] != table->numbers[0])
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("index \"%s\" does not begin with column \"%s\"",
						RelationGetRelationName(index), table->columns[0]),
				 errhint("Create it as a new installation has it.")));
	ScanKeyEntryInitialize(&scan->key, 0, 1, BTEqualStrategyNumber, InvalidOid,
						   index->rd_indcollation[0], table->equals, (Datum) 0);
	scan->scan = BEGIN_SCAN(relation, index);
	scan->slot = table_slot_create(relation, NULL);
	scan->context = CurrentMemoryContext;
	return scan;
}

/*
 * Locks stay until the transaction ends, as those of a SELECT do: the next request finds them held.
 */
static void
end_scan(OAuthScan *scan)
{
	Relation	relation = scan->scan->heapRelation;
	Relation	index = scan->scan->indexRelation;

	ExecDropSingleTupleTableSlot(scan->slot);
	index_endscan(scan->scan);
	index_close(index, NoLock);
	table_close(relation, NoLock);
	pfree(scan);
}

/* The scan that the batch keeps for the table. */
static OAuthScan *
kept_scan(OAuthTable *table, MemoryContext context)
{
	MemoryContext old;

	if (table->scan != NULL && table->batch == batch)
		return table->scan;
	old = MemoryContextSwitchTo(context);
	table->scan = begin_scan(table);
	table->scan->is_kept = true;
	table->batch = batch;
	kept = lappend(kept, table->scan);
	MemoryContextSwitchTo(old);
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
	MemoryContext old = MemoryContextSwitchTo(scan->context);

	scan->is_in_use = true;
	scan->key.sk_argument = key;
	scan->scan->xs_snapshot = GetActiveSnapshot();
	index_rescan(scan->scan, &scan->key, 1, NULL, 0);
	MemoryContextSwitchTo(old);
	return scan;
}

/* The next row, which lasts until the one after it; NULL when there is none. */
TupleTableSlot *
oauth_store_scan_next(OAuthScan *scan)
{
	MemoryContext old = MemoryContextSwitchTo(scan->context);
	bool		found = index_getnext_slot(scan->scan, ForwardScanDirection, scan->slot);

	MemoryContextSwitchTo(old);
	return found ? scan->slot : NULL;
}

Relation
oauth_store_relation_of(const OAuthScan *scan)
{
	return scan->scan->heapRelation;
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
	table_index_fetch_reset(scan->scan->xs_heapfetch);
}

/* The batch has been answered. */
void
oauth_store_end_scans(void)
{
	ListCell   *cell;

	foreach(cell, kept)
		end_scan(lfirst(cell));
	oauth_store_forget_scans();
}

/* The batch has failed, and what its scans held is let go with the transaction. */
void
oauth_store_forget_scans(void)
{
	kept = NIL;
	batch++;
}
