/*
 * bulk.c
 *		Rows of a batch of requests that are written together.
 *
 * A statement for each row costs the start and the end of an executor, a look for its foreign key,
 * and a record of the write-ahead log of its own.  So while the requests of a batch are answered,
 * new rows wait, and are written as COPY writes rows: the records share a header, and what the
 * rows refer to is locked by one statement, in the order of the keys.
 *
 * Nobody can tell: the answers leave when the batch has committed.  A request of the batch that
 * asks about them has them written first (oauth_store_settle_for()).  Within a subtransaction,
 * which may be undone, nothing waits; where rows of the batch were written in one that was undone
 * after all, the batch fails, and its requests are run again one by one.
 *
 * A table that an administrator gave a trigger, a default, a foreign key or row security gets its
 * rows from ordinary statements.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "store/statement.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/tuptable.h"
#include "nodes/execnodes.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/syscache.h"

#define MAX_INSERTS 4

/* The first two arguments of each. */
enum
{
	HANDLE, PARENT
};

typedef struct Waiting
{
	OAuthInsert *insert;
	List	   *rows;			/* of OAuthArguments * */
} Waiting;

/* The batch that is being answered; its context is NULL while there is none. */
static MemoryContext context = NULL;
static int	level;				/* of subtransactions */
static ResourceOwner owner;		/* not that of a cursor which calls a function meanwhile */
static int	settled_level;		/* the deepest that rows were written at; 0: none was */
static bool is_lost;			/* they were undone there */
static Waiting waiting[MAX_INSERTS];
static int	n_waiting;			/* rows, of all */

OAuthStatement oauth_store_hold_grants = {
	.sql = "SELECT FROM oauth.grant WHERE handle = ANY ($1) ORDER BY handle FOR KEY SHARE",
	.n_arguments = 1, .argument_types = {INT8ARRAYOID}
};

static void
forget_rows(void)
{
	memset(waiting, 0, sizeof(waiting));
	n_waiting = 0;
}

static void
on_subtransaction(SubXactEvent event, SubTransactionId mine, SubTransactionId parent,
				  void *argument)
{
	if (event == SUBXACT_EVENT_ABORT_SUB && context != NULL &&
		GetCurrentTransactionNestLevel() <= settled_level)
		is_lost = true;
}

/* From here to oauth_store_end_batch(), new tokens wait.  False if they do already. */
bool
oauth_store_begin_batch(void)
{
	static bool is_registered = false;

	if (context != NULL)
		return false;
	if (!is_registered)
		RegisterSubXactCallback(on_subtransaction, NULL);
	is_registered = true;
	context = AllocSetContextCreate(CurrentMemoryContext, "oauth batch", ALLOCSET_DEFAULT_SIZES);
	level = GetCurrentTransactionNestLevel();
	owner = CurrentResourceOwner;
	settled_level = 0;
	is_lost = false;
	forget_rows();
	return true;
}

/*
 * The memory of the batch that is being answered; NULL where there is none, or what is done now may
 * be undone, or let go, without the batch.
 */
MemoryContext
oauth_store_batch(void)
{
	return GetCurrentTransactionNestLevel() == level && CurrentResourceOwner == owner ? context :
		NULL;
}

/*
 * Nothing waits from here on.  is_answered: not after an error; what waits has been written before.
 */
void
oauth_store_end_batch(bool is_answered)
{
	MemoryContext ended = context;

	if (is_answered)
		oauth_store_end_scans();
	else
		oauth_store_forget_scans();
	context = NULL;
	forget_rows();
	MemoryContextDelete(ended);
}

static OAuthArguments *
copy_arguments(const OAuthArguments *arguments, const OAuthStatement *statement)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	OAuthArguments *copy = palloc(sizeof(OAuthArguments));

	copy->n = arguments->n;
	memcpy(copy->nulls, arguments->nulls, arguments->n);
	for (int i = 0; i < arguments->n; i++)
		copy->values[i] = arguments->nulls[i] == 'n' ? (Datum) 0 :
			datumCopy(arguments->values[i], get_typbyval(statement->argument_types[i]),
					  get_typlen(statement->argument_types[i]));
	MemoryContextSwitchTo(old);
	return copy;
}

static Waiting *
waiting_for(OAuthInsert *insert)
{
	for (int i = 0; i < MAX_INSERTS; i++)
		if (waiting[i].insert == insert || waiting[i].insert == NULL)
		{
			waiting[i].insert = insert;
			return &waiting[i];
		}
	elog(ERROR, "too many tables in a batch");
}

/* Inserts a row: now, or with the others of the batch. */
void
oauth_store_insert(OAuthInsert *insert, OAuthArguments *arguments)
{
	OAuthArguments *row;
	MemoryContext old;
	Waiting    *rows;

	if (oauth_store_batch() == NULL)
	{
		oauth_store_count(&insert->statement, arguments);
		return;
	}
	row = copy_arguments(arguments, &insert->statement);
	rows = waiting_for(insert);
	old = MemoryContextSwitchTo(context);
	rows->rows = lappend(rows->rows, row);
	MemoryContextSwitchTo(old);
	n_waiting++;
}

static int
compare_numbers(const void *a, const void *b)
{
	int64		one = DatumGetInt64(*(const Datum *) a);
	int64		other = DatumGetInt64(*(const Datum *) b);

	return one < other ? -1 : one > other;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(TextDatumGetCString(*(const Datum *) a), TextDatumGetCString(*(const Datum *) b));
}

/* The keys that rows refer to which are held by that statement, each once; *n: how many. */
static Datum *
parents_of(const Waiting *rows, int n_rows, const OAuthStatement *hold, Oid type, int *n)
{
	int			(*compare) (const void *, const void *) = compare_texts;
	Datum	   *keys = palloc(n_rows * sizeof(Datum));
	int			found = 0;

	if (type == INT8OID)
		compare = compare_numbers;
	for (int i = 0; i < MAX_INSERTS && rows[i].insert != NULL; i++)
	{
		ListCell   *cell;

		foreach(cell, rows[i].insert->hold == hold ? rows[i].rows : NIL)
			keys[found++] = ((OAuthArguments *) lfirst(cell))->values[PARENT];
	}
	qsort(keys, found, sizeof(Datum), compare);
	*n = 0;
	for (int i = 0; i < found; i++)
		if (i == 0 || compare(&keys[i], &keys[*n - 1]) != 0)
			keys[(*n)++] = keys[i];
	return keys;
}

/*
 * What the foreign keys would do for each row: what they refer to is there, and stays until commit.
 * Raises 23503 unless all is there.
 */
static void
hold_parents(const Waiting *rows, int n_rows, OAuthStatement *hold, Oid type)
{
	OAuthArguments keys = {0};
	int			n;
	Datum	   *parents = parents_of(rows, n_rows, hold, type, &n);
	int16		length;
	bool		by_value;
	char		align;

	get_typlenbyvalalign(type, &length, &by_value, &align);
	oauth_add_value(&keys,
					PointerGetDatum(construct_array(parents, n, type, length, by_value, align)));
	if (oauth_store_count(hold, &keys) != (uint64) n)
		ereport(ERROR, (errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
						errmsg("what a new row refers to was removed meanwhile"),
						errhint("Send the request again.")));
	pfree(parents);
}

/* Each of the statements that hold, once. */
static void
hold_all_parents(const Waiting *rows, int n_rows)
{
	for (int i = 0; i < MAX_INSERTS && rows[i].insert != NULL; i++)
	{
		OAuthInsert *insert = rows[i].insert;
		bool		is_held = false;

		for (int j = 0; j < i; j++)
			is_held = is_held || rows[j].insert->hold == insert->hold;
		if (!is_held)
			hold_parents(rows, n_rows, insert->hold, insert->statement.argument_types[PARENT]);
	}
}

/*
 * Those of the foreign keys do not count, nor those that are called before a statement.  That of a
 * deferrable unique constraint does.
 */
static bool
has_trigger(Relation relation)
{
	for (int i = 0; relation->trigdesc != NULL && i < relation->trigdesc->numtriggers; i++)
	{
		const		Trigger *trigger = &relation->trigdesc->triggers[i];

		if ((trigger->tgtype & TRIGGER_TYPE_INSERT) != 0 &&
			(!trigger->tgisinternal || trigger->tgfoid == F_UNIQUE_KEY_RECHECK) &&
			!TRIGGER_TYPE_MATCHES(trigger->tgtype, TRIGGER_TYPE_STATEMENT, TRIGGER_TYPE_BEFORE,
								  TRIGGER_TYPE_INSERT))
			return true;
	}
	return false;
}

/* A foreign key that hold_parents() does not look for: the extension has none. */
static bool
has_other_foreign_key(Relation relation, const OAuthInsert *insert)
{
	Oid			parent = oauth_store_relation(insert->parent);	/* before the list, which may go */
	ListCell   *cell;

	foreach(cell, RelationGetFKeyList(relation))
	{
		const		ForeignKeyCacheInfo *key = lfirst(cell);

		if (key->nkeys != 1 || key->conkey[0] != insert->numbers[PARENT] ||
			key->confrelid != parent)
			return true;
	}
	return false;
}

static bool
is_ours(const OAuthInsert *insert, Form_pg_attribute column)
{
	for (int i = 0; i < insert->statement.n_arguments; i++)
		if (strcmp(insert->columns[i], NameStr(column->attname)) == 0)
			return true;
	return false;
}

/* No domain, or one of the extension's, which take null and have no default. */
static bool
takes_null(Form_pg_attribute column)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(column->atttypid));
	Form_pg_type type = HeapTupleIsValid(tuple) ? (Form_pg_type) GETSTRUCT(tuple) : NULL;
	bool		takes = type != NULL && (type->typtype != TYPTYPE_DOMAIN ||
										 type->typnamespace == get_rel_namespace(column->attrelid));

	if (type != NULL)
		ReleaseSysCache(tuple);
	return takes;
}

/*
 * A column that an INSERT which does not name it leaves null, as far as its table has no default
 * for it.
 */
bool
oauth_store_is_left_null(Form_pg_attribute column)
{
	return column->attisdropped ||
		(!column->attnotnull && column->attidentity == '\0' && takes_null(column));
}

/* A column of an administrator's for which an INSERT would do more than leave it null. */
static bool
has_default(TupleDesc desc, const OAuthInsert *insert)
{
	if (desc->constr != NULL && desc->constr->num_defval > 0)
		return true;
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, i);

		if (!is_ours(insert, column) && !oauth_store_is_left_null(column))
			return true;
	}
	return false;
}

/* Whether a row of it is only stored, as far as triggers and constraints do not say otherwise. */
bool
oauth_store_is_plain(Relation relation)
{
	return relation->rd_rel->relkind == RELKIND_RELATION && relation->rd_rules == NULL &&
		!relation->rd_rel->relrowsecurity;
}

/* Finds the columns; false if rows need more than being stored, or a column has another type. */
static bool
find_columns(Relation relation, OAuthInsert *insert)
{
	TupleDesc	desc = RelationGetDescr(relation);

	if (!oauth_store_is_plain(relation) || has_trigger(relation) ||
		has_default(desc, insert))
		return false;
	for (int i = 0; i < insert->statement.n_arguments; i++)
	{
		AttrNumber	number = get_attnum(RelationGetRelid(relation), insert->columns[i]);

		if (number <= InvalidAttrNumber ||
			getBaseType(TupleDescAttr(desc, number - 1)->atttypid) !=
			insert->statement.argument_types[i])
			return false;
		insert->numbers[i] = number;
	}
	return !has_other_foreign_key(relation, insert);
}

/* Raises 23514 for a value that is not of the column's domain. */
static void
check_domain(Relation relation, OAuthInsert *insert, int i, Datum value)
{
	Oid			type = TupleDescAttr(RelationGetDescr(relation), insert->numbers[i] - 1)->atttypid;

	if (type != insert->statement.argument_types[i])
		domain_check(value, false, type, &insert->domains[i], TopMemoryContext);
}

static TupleTableSlot *
slot_of(Relation relation, OAuthInsert *insert, const OAuthArguments *row)
{
	TupleTableSlot *slot = table_slot_create(relation, NULL);

	ExecStoreAllNullTuple(slot);
	for (int i = 0; i < row->n; i++)
	{
		if (row->nulls[i] == 'n')
			continue;
		check_domain(relation, insert, i, row->values[i]);
		slot->tts_values[insert->numbers[i] - 1] = row->values[i];
		slot->tts_isnull[insert->numbers[i] - 1] = false;
	}
	slot->tts_tableOid = RelationGetRelid(relation);
	return slot;
}

static void
add_to_indexes(ResultRelInfo * result, EState * estate, TupleTableSlot * slot, bool only_summaries)
{
	ResetPerTupleExprContext(estate);
#if PG_VERSION_NUM >= 160000
	list_free(ExecInsertIndexTuples(result, slot, estate, false, false, NULL, NIL,
									only_summaries));
#else
	list_free(ExecInsertIndexTuples(result, slot, estate, false, false, NULL, NIL));
#endif
}

/* A version of a row that is at a new place; only_summaries: all other indexes find it there. */
void
oauth_store_index_row(Relation relation, TupleTableSlot * slot, bool only_summaries)
{
	EState	   *estate = CreateExecutorState();
	ResultRelInfo *result = makeNode(ResultRelInfo);

	InitResultRelInfo(result, relation, 0, NULL, 0);
	ExecOpenIndices(result, false);
	if (result->ri_NumIndices > 0)
		add_to_indexes(result, estate, slot, only_summaries);
	ExecCloseIndices(result);
	FreeExecutorState(estate);
}

static void
write_together(Relation relation, OAuthInsert *insert, List *rows)
{
	EState	   *estate = CreateExecutorState();
	ResultRelInfo *result = makeNode(ResultRelInfo);
	int			n = list_length(rows);
	TupleTableSlot **slots = palloc(n * sizeof(TupleTableSlot *));

	InitResultRelInfo(result, relation, 0, NULL, 0);
	ExecOpenIndices(result, false);
	AfterTriggerBeginQuery();
	ExecBSInsertTriggers(estate, result);
	AfterTriggerEndQuery(estate);
	for (int i = 0; i < n; i++)
	{
		slots[i] = slot_of(relation, insert, list_nth(rows, i));
		if (RelationGetDescr(relation)->constr != NULL)
			ExecConstraints(result, slots[i], estate);
	}
	table_multi_insert(relation, slots, n, GetCurrentCommandId(true), 0, NULL);
	for (int i = 0; i < n && result->ri_NumIndices > 0; i++)
		add_to_indexes(result, estate, slots[i], false);
	for (int i = 0; i < n; i++)
		ExecDropSingleTupleTableSlot(slots[i]);
	pfree(slots);
	ExecCloseIndices(result);
	FreeExecutorState(estate);
}

static void
write_rows(OAuthInsert *insert, List *rows)
{
	Relation	relation = table_open(oauth_store_relation(insert->table), RowExclusiveLock);
	ListCell   *cell;

	if (list_length(rows) > 1 && find_columns(relation, insert))
		write_together(relation, insert, rows);
	else
		foreach(cell, rows)
			oauth_store_count(&insert->statement, lfirst(cell));
	table_close(relation, NoLock);
}

/* Writes the rows that wait. */
void
oauth_store_settle(void)
{
	Waiting		rows[MAX_INSERTS];
	int			n = n_waiting;

	if (is_lost)
		ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
						errmsg("tokens were written in a subtransaction that was undone"),
						errhint("Send the requests again, one by one.")));
	if (n == 0)
		return;
	memcpy(rows, waiting, sizeof(rows));
	forget_rows();
	settled_level = GetCurrentTransactionNestLevel() > level ?
		Max(settled_level, GetCurrentTransactionNestLevel()) : settled_level;
	if (n > 1)
		hold_all_parents(rows, n);
	for (int i = 0; i < MAX_INSERTS && rows[i].insert != NULL; i++)
		write_rows(rows[i].insert, rows[i].rows);
}

/* Writes them if the row of that handle is one. */
void
oauth_store_settle_handle(int64 handle)
{
	bool		waits = false;

	if (n_waiting == 0)
		return;
	for (int i = 0; i < MAX_INSERTS; i++)
	{
		ListCell   *cell;

		foreach(cell, waiting[i].rows)
			waits = waits ||
				DatumGetInt64(((OAuthArguments *) lfirst(cell))->values[HANDLE]) == handle;
	}
	if (waits)
		oauth_store_settle();
}

static bool
is_about(const OAuthStatement *statement, const OAuthInsert *insert)
{
	const char *at = statement->sql;
	size_t		length = strlen(insert->table);

	while ((at = strstr(at, "oauth.")) != NULL)
	{
		at += strlen("oauth.");
		if (strncmp(at, insert->table, length) == 0)
			return true;
	}
	return false;
}

/* Writes them if the statement, which is about to be run, may ask about them. */
void
oauth_store_settle_for(OAuthStatement *statement, const OAuthArguments *arguments)
{
	if (n_waiting == 0)
		return;
	if (statement->is_of_handle)
		oauth_store_settle_handle(DatumGetInt64(arguments->values[0]));
	else
		for (int i = 0; i < MAX_INSERTS && waiting[i].insert != NULL; i++)
			if (is_about(statement, waiting[i].insert))
			{
				oauth_store_settle();
				return;
			}
}
