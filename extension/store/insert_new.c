/*
 * insert_new.c
 *		Rows whose key other sessions may be inserting too: one of them is stored, and a session
 *		that comes later learns that it is there.
 *
 * The request has to know at once whether its nonce is new, so these rows do not wait for the
 * others of their batch (bulk.c).  But what writes them does not end with the row: the table with
 * its indexes, and what an executor needs for them, is kept while the batch is answered, as its
 * scans are (scan.c); not where the request is answered in a subtransaction, as one with a proof.
 *
 * The index says whether a key is new when the row is entered there, so that to look before would
 * be to look twice.  But a row that comes too late is left behind, dead, and who replays what he
 * overheard could fill the table.  So once that has happened a session looks first for a while; and
 * so does one that answers no batches, for there may be as many of those as requests.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relscan.h"
#include "access/skey.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "storage/lmgr.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#define CAREFUL_FOR 60			/* seconds */

typedef struct OAuthWriter
{
	Relation	relation;
	ResultRelInfo *result;
	EState	   *estate;
	TupleTableSlot *slot;
} OAuthWriter;

/* Until then a row is looked for before one is written with its key. */
static TimestampTz careful_until = 0;

static OAuthWriter *
begin_writer(OAuthInsert *insert)
{
	OAuthWriter *writer = palloc(sizeof(OAuthWriter));

	writer->relation = oauth_store_open_for_insert(insert);
	writer->result = oauth_store_result_for(writer->relation);
	writer->estate = CreateExecutorState();
	writer->slot = table_slot_create(writer->relation, NULL);
	ExecOpenIndices(writer->result, true);
	return writer;
}

static void
end_writer(void *ended)
{
	OAuthWriter *writer = ended;

	ExecCloseIndices(writer->result);
	ExecDropSingleTupleTableSlot(writer->slot);
	FreeExecutorState(writer->estate);
	table_close(writer->relation, NoLock);
	pfree(writer);
}

/* The batch that is being answered has a writer for the table. */
static bool
is_kept(const OAuthInsert *insert)
{
	return insert->writer != NULL && insert->batch == oauth_store_batch_number();
}

/* The lock of the table keeps off who changes it, so that it stays what it was when opened. */
static OAuthWriter *
kept_writer(OAuthInsert *insert, MemoryContext context)
{
	MemoryContext old;

	if (is_kept(insert))
		return insert->writer;
	old = MemoryContextSwitchTo(context);
	insert->writer = begin_writer(insert);
	insert->batch = oauth_store_batch_number();
	MemoryContextSwitchTo(old);
	oauth_store_keep(insert->writer, end_writer);
	return insert->writer;
}

/*
 * Whether who is inserting the row has removed it again, as write_slot() does for another one that
 * he waits for.
 */
static bool
is_taken_back(TupleTableSlot * slot)
{
	HeapTupleHeader row = ExecFetchSlotHeapTuple(slot, false, NULL)->t_data;

	return (row->t_infomask & HEAP_XMAX_INVALID) == 0 &&
		!HEAP_XMAX_IS_LOCKED_ONLY(row->t_infomask) &&
		HeapTupleHeaderGetRawXmax(row) == HeapTupleHeaderGetRawXmin(row);
}

/*
 * Whether the scan finds a row.  *other becomes the transaction on which that depends, invalid if
 * on none.
 */
static bool
finds_row(IndexScanDesc scan, TupleTableSlot * slot, TransactionId *other)
{
	while (index_getnext_slot(scan, ForwardScanDirection, slot))
	{
		*other = TransactionIdIsValid(scan->xs_snapshot->xmin) ? scan->xs_snapshot->xmin :
			scan->xs_snapshot->xmax;
		if (!TransactionIdIsValid(*other) || !is_taken_back(slot))
			return true;
	}
	return false;
}

/*
 * Of the primary key, whose columns are not null: one that is ready, and not one that is being
 * made.  What indexes of an administrator say, the row hears when it is entered there.
 */
static bool
is_looked_at(const OAuthWriter *writer, int i)
{
	const		IndexInfo *info = writer->result->ri_IndexRelationInfo[i];

	return writer->result->ri_IndexRelationDescs[i]->rd_index->indisprimary &&
		info->ii_ReadyForInserts && info->ii_UniqueProcs != NULL;
}

/* The same, of the rows that have the key of the writer's in that index. */
static bool
is_in_index(OAuthWriter *writer, int i, TransactionId *other)
{
	Relation	index = writer->result->ri_IndexRelationDescs[i];
	IndexInfo  *info = writer->result->ri_IndexRelationInfo[i];
	TupleTableSlot *found = table_slot_create(writer->relation, NULL);
	Datum		values[INDEX_MAX_KEYS];
	bool		nulls[INDEX_MAX_KEYS];
	ScanKeyData keys[INDEX_MAX_KEYS];
	SnapshotData snapshot;
	IndexScanDesc scan;
	bool		is_found;

	FormIndexDatum(info, writer->slot, writer->estate, values, nulls);
	for (int k = 0; k < info->ii_NumIndexKeyAttrs; k++)
		ScanKeyEntryInitialize(&keys[k], 0, k + 1, info->ii_UniqueStrats[k], InvalidOid,
							   index->rd_indcollation[k], info->ii_UniqueProcs[k], values[k]);
	InitDirtySnapshot(snapshot);
	scan = OAUTH_BEGIN_SCAN(writer->relation, index, &snapshot, info->ii_NumIndexKeyAttrs);
	index_rescan(scan, keys, info->ii_NumIndexKeyAttrs, NULL, 0);
	is_found = finds_row(scan, found, other);
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(found);
	return is_found;
}

/* Whether there is a row with that key; waits for who is inserting or removing one. */
static bool
is_there(OAuthWriter *writer)
{
	for (int i = 0; i < writer->result->ri_NumIndices; i++)
	{
		TransactionId other;

		if (!is_looked_at(writer, i))
			continue;
		while (is_in_index(writer, i, &other))
		{
			if (!TransactionIdIsValid(other))
				return true;
			CHECK_FOR_INTERRUPTS();
			XactLockTableWait(other, writer->relation, &writer->slot->tts_tid,
							  XLTW_InsertIndexUnique);
		}
	}
	return false;
}

/*
 * False if another row has the key: ours goes again, and is dead once the transaction ends.  Of
 * rows that come at the same time the index finds one to be the first.  What ON CONFLICT does, to
 * say beforehand that the row may go again and afterwards that it stays, takes two thirds of the
 * time of an index entry; here a session that looks sees that the row has gone (is_taken_back()).
 *
 * Subscribers are not told: they would be told of a row that they have, and of its end.  They need
 * none of these rows, for on another server the floor rises.
 */
static bool
write_slot(OAuthWriter *writer)
{
	bool		conflict = false;

	table_tuple_insert(writer->relation, writer->slot, GetCurrentCommandId(true),
					   TABLE_INSERT_NO_LOGICAL, NULL);
	oauth_store_add_to_indexes(writer->result, writer->estate, writer->slot, &conflict, false);
	if (!conflict)
		return true;
	/* what a command has written, the next one may remove */
	CommandCounterIncrement();
	simple_table_tuple_delete(writer->relation, &writer->slot->tts_tid, SnapshotAny);
	return false;
}

static bool
looks_first(void)
{
	return !oauth_store_is_batch() || GetCurrentStatementStartTimestamp() < careful_until;
}

/*
 * Once more, where who was first has undone it.  Not for ever: rows of others who lost as well are
 * in the way of ours, and ours of theirs.
 */
static bool
write_row(OAuthWriter *writer, OAuthInsert *insert, const OAuthArguments *row)
{
	bool		is_written = false;

	oauth_store_fill_slot(writer->slot, writer->relation, insert, row);
	oauth_store_check_not_null(writer->result, writer->estate, writer->slot);
	for (int tries = 2; tries > 0 && !is_written; tries--)
	{
		if (looks_first() && is_there(writer))
			break;
		is_written = write_slot(writer);
		if (!is_written)
			careful_until = GetCurrentStatementStartTimestamp() + CAREFUL_FOR * USECS_PER_SEC;
	}
	ExecClearTuple(writer->slot);
	ResetPerTupleExprContext(writer->estate);
	return is_written;
}

/*
 * Locks the table as an INSERT does, until the transaction ends: nobody empties it meanwhile.  What
 * a batch has written to was held before; what a subtransaction locks it lets go with what it
 * undoes.
 */
void
oauth_store_hold_table(OAuthInsert *insert)
{
	ResourceOwner owner;

	if (oauth_store_batch() != NULL && is_kept(insert))
		return;
	owner = oauth_store_begin_owning();
	table_close(oauth_store_open_for_insert(insert), NoLock);
	oauth_store_end_owning(owner);
}

/*
 * Inserts a row, at once, into a table that is held (oauth_store_hold_table()); false if there is
 * one with its key.  Waits for another session that is inserting it.
 */
bool
oauth_store_insert_new(OAuthInsert *insert, OAuthArguments *arguments)
{
	MemoryContext context = oauth_store_batch();
	OAuthWriter *writer;
	bool		is_written;

	if (!insert->is_plain || XactReadOnly)
		return oauth_store_count(&insert->statement, arguments) > 0;
	writer = context != NULL ? kept_writer(insert, context) : begin_writer(insert);
	is_written = write_row(writer, insert, arguments);
	if (context == NULL)
		end_writer(writer);
	return is_written;
}
