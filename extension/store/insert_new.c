/*
 * insert_new.c
 *		Rows whose key other sessions may be inserting too, as ON CONFLICT DO NOTHING inserts them.
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

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "storage/lmgr.h"
#include "utils/rel.h"
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

/* The lock of the table keeps off who changes it, so that it stays what it was when opened. */
static OAuthWriter *
kept_writer(OAuthInsert *insert, MemoryContext context)
{
	MemoryContext old;

	if (insert->writer != NULL && insert->batch == oauth_store_batch_number())
		return insert->writer;
	old = MemoryContextSwitchTo(context);
	insert->writer = begin_writer(insert);
	insert->batch = oauth_store_batch_number();
	MemoryContextSwitchTo(old);
	oauth_store_keep(insert->writer, end_writer);
	return insert->writer;
}

/* Whether there is a row with that key; waits for who is inserting or removing one. */
static bool
is_there(OAuthWriter *writer)
{
	ItemPointerData place;
#if PG_VERSION_NUM >= 180000
	ItemPointerData none;

	ItemPointerSetInvalid(&none);
	return !ExecCheckIndexConstraints(writer->result, writer->slot, writer->estate, &place, &none,
									  NIL);
#else
	return !ExecCheckIndexConstraints(writer->result, writer->slot, writer->estate, &place, NIL);
#endif
}

/* False if another session was first. */
static bool
write_speculatively(OAuthWriter *writer)
{
	uint32		token = SpeculativeInsertionLockAcquire(GetCurrentTransactionId());
	bool		conflict = false;

	table_tuple_insert_speculative(writer->relation, writer->slot, GetCurrentCommandId(true), 0,
								   NULL, token);
	oauth_store_add_to_indexes(writer->result, writer->estate, writer->slot, &conflict, false);
	table_tuple_complete_speculative(writer->relation, writer->slot, token, !conflict);
	SpeculativeInsertionLockRelease(GetCurrentTransactionId());
	return !conflict;
}

static bool
looks_first(void)
{
	return !oauth_store_is_batch() || GetCurrentStatementStartTimestamp() < careful_until;
}

static bool
write_row(OAuthWriter *writer, OAuthInsert *insert, const OAuthArguments *row)
{
	bool		is_written = false;

	oauth_store_fill_slot(writer->slot, writer->relation, insert, row);
	oauth_store_check_not_null(writer->result, writer->estate, writer->slot);
	while (!is_written && !(looks_first() && is_there(writer)))
	{
		CHECK_FOR_INTERRUPTS();
		is_written = write_speculatively(writer);
		if (!is_written)
			careful_until = GetCurrentStatementStartTimestamp() + CAREFUL_FOR * USECS_PER_SEC;
	}
	ExecClearTuple(writer->slot);
	ResetPerTupleExprContext(writer->estate);
	return is_written;
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
