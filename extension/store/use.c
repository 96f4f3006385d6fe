/*
 * use.c
 *		Using a row up, straight in its table: for refresh tokens and authorization codes, each good
 *		once.
 *
 * The start and the end of an executor are a fifth of what a rotation costs.  So the row is read by
 * its key and written as an UPDATE would write it.  Where the table needs more than that, because
 * an administrator gave it a trigger, a rule, a constraint or row security, or where another
 * session is at the same row, the UPDATE itself decides.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"

#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_trigger.h"
#include "executor/executor.h"
#include "storage/lmgr.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#if PG_VERSION_NUM >= 160000
typedef TU_UpdateIndexes IndexesToUpdate;
#define NEEDS_INDEXES(indexes) ((indexes) != TU_None)
#define ONLY_SUMMARIES(indexes) ((indexes) == TU_Summarizing)
#else
typedef bool IndexesToUpdate;
#define NEEDS_INDEXES(indexes) (indexes)
#define ONLY_SUMMARIES(indexes) false
#endif

typedef enum Outcome
{
	USED, NOT_THERE, UNDECIDED
} Outcome;

static bool
has_update_trigger(Relation relation)
{
	for (int i = 0; relation->trigdesc != NULL && i < relation->trigdesc->numtriggers; i++)
	{
		const		Trigger *trigger = &relation->trigdesc->triggers[i];

		if ((trigger->tgtype & TRIGGER_TYPE_UPDATE) != 0 &&
			(!trigger->tgisinternal || trigger->tgfoid == F_UNIQUE_KEY_RECHECK))
			return true;
	}
	return false;
}

/* Whether the column, by its number in the list, becomes another value. */
static bool
is_written(const OAuthUse *use, int column, int n_arguments)
{
	bool		is_written = column == use->used_at || column == use->erased;

	for (int i = 1; i < n_arguments; i++)
		is_written = is_written || column == use->columns[i];
	return is_written;
}

/* Whether a foreign key is looked up for a column that is written: the extension has none. */
static bool
has_foreign_key(Relation relation, const OAuthUse *use)
{
	ListCell   *cell;

	foreach(cell, RelationGetFKeyList(relation))
	{
		const		ForeignKeyCacheInfo *key = lfirst(cell);

		for (int i = 0; i < key->nkeys; i++)
			for (int column = 1; use->table->columns[column] != NULL; column++)
				if (use->table->numbers[column] == key->conkey[i] &&
					is_written(use, column, use->statement.n_arguments))
					return true;
	}
	return false;
}

static bool
needs_statement(Relation relation, const OAuthUse *use)
{
	return XactReadOnly || !oauth_store_is_plain(relation) ||
		has_update_trigger(relation) || has_foreign_key(relation, use) ||
		oauth_store_has_other_checks(RelationGetDescr(relation)->constr, use->constraints);
}

static void
set(TupleTableSlot * slot, const OAuthTable *table, int column, Datum value, bool is_null)
{
	slot->tts_values[table->numbers[column] - 1] = value;
	slot->tts_isnull[table->numbers[column] - 1] = is_null;
}

/* The row as it is when it has been used up. */
static TupleTableSlot *
used_row(const OAuthUse *use, const OAuthArguments *arguments, TupleTableSlot * row)
{
	TupleDesc	desc = row->tts_tupleDescriptor;
	TupleTableSlot *used = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);

	slot_getallattrs(row);
	memcpy(used->tts_values, row->tts_values, desc->natts * sizeof(Datum));
	memcpy(used->tts_isnull, row->tts_isnull, desc->natts * sizeof(bool));
	set(used, use->table, use->used_at, TimestampTzGetDatum(GetCurrentTimestamp()), false);
	if (use->erased != 0)
		set(used, use->table, use->erased, (Datum) 0, true);
	for (int i = 1; i < arguments->n; i++)
		set(used, use->table, use->columns[i], arguments->values[i], arguments->nulls[i] == 'n');
	ExecStoreVirtualTuple(used);
	return used;
}

/* A version of a row that is at a new place. */
static void
index_row(Relation relation, TupleTableSlot * slot, bool only_summaries)
{
	EState	   *estate = CreateExecutorState();

	oauth_store_index_slots(oauth_store_result_for(relation), estate, &slot, 1, only_summaries);
	FreeExecutorState(estate);
}

static Outcome
replace_row(const OAuthUse *use, const OAuthArguments *arguments, TupleTableSlot * row,
			Relation relation)
{
	TupleTableSlot *used = used_row(use, arguments, row);
	ItemPointerData place = row->tts_tid;
	TM_FailureData failure;
	LockTupleMode lock;
	IndexesToUpdate indexes;
	TM_Result	result;

	CheckCmdReplicaIdentity(relation, CMD_UPDATE);
	result = table_tuple_update(relation, &place, used, GetCurrentCommandId(true),
								GetActiveSnapshot(), InvalidSnapshot, true, &failure, &lock,
								&indexes);
	if (result == TM_Ok && NEEDS_INDEXES(indexes))
		index_row(relation, used, ONLY_SUMMARIES(indexes));
	ExecDropSingleTupleTableSlot(used);
	return result == TM_Ok ? USED : UNDECIDED;
}

static Outcome
use_row(const OAuthUse *use, const OAuthArguments *arguments)
{
	OAuthRow	row;
	Relation	relation;
	Outcome		outcome = NOT_THERE;

	if (oauth_store_open_row(&row, use->table, arguments->values[0]) &&
		oauth_store_row_is_null(&row, use->used_at) &&
		oauth_store_row_int64(&row, use->expires_at) > GetCurrentTimestamp())
	{
		relation = oauth_store_relation_of(row.scan);
		LockRelationOid(RelationGetRelid(relation), RowExclusiveLock);
		outcome = needs_statement(relation, use) ? UNDECIDED :
			replace_row(use, arguments, row.slot, relation);
	}
	oauth_store_close_row(&row);
	return outcome;
}

/*
 * Uses up the row whose handle is the first argument; the others are what its columns become then.
 * True for the one session that may continue.
 */
bool
oauth_store_use(OAuthUse *use, OAuthArguments *arguments)
{
	Outcome		outcome;

	oauth_store_settle_for(&use->statement, arguments);
	oauth_store_begin_latest();
	outcome = use_row(use, arguments);
	oauth_store_end_latest();
	return outcome == UNDECIDED ? oauth_store_count(&use->statement, arguments) > 0 :
		outcome == USED;
}
