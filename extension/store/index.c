/*
 * index.c
 *		Entering rows into the indexes of their table.
 *
 * Half of the indexes here are partial, and leave out nearly every new row: a grant has not ended,
 * and few have a session or an issuer.  An executor opens each of them and makes its predicate
 * ready anew for each statement, which takes longer than to put an entry into one.  So what their
 * predicates ask for is kept, as far as they only ask which columns are null, and an index that
 * none of the rows belongs to is not opened.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"

#include "access/genam.h"
#include "catalog/index.h"
#include "executor/executor.h"
#include "nodes/execnodes.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#define MAX_CONDITIONS 4

/* An index, and which of its rows belong to it. */
typedef struct KnownIndex
{
	Oid			index;
	bool		is_understood;	/* nothing else is asked for than the conditions */
	int			n_conditions;
	AttrNumber	columns[MAX_CONDITIONS];
	bool		are_null[MAX_CONDITIONS];
} KnownIndex;

/* Those of a table. */
typedef struct KnownIndexes
{
	Oid			relation;		/* the key */
	uint64		generation;		/* when they were looked at; 0: not yet */
	int			n;
	KnownIndex *indexes;
} KnownIndexes;

/* ---- what is known of them ---- */

static bool
add_condition(KnownIndex *known, const Node *condition)
{
	const		NullTest *test = (const NullTest *) condition;

	if (!IsA(condition, NullTest) || test->argisrow || !IsA(test->arg, Var) ||
		known->n_conditions == MAX_CONDITIONS)
		return false;
	known->columns[known->n_conditions] = ((const Var *) test->arg)->varattno;
	known->are_null[known->n_conditions++] = test->nulltesttype == IS_NULL;
	return true;
}

static KnownIndex
look_at(Oid index)
{
	KnownIndex	known = {.index = index, .is_understood = true};
	Relation	relation = index_open(index, AccessShareLock);
	ListCell   *cell;

	foreach(cell, RelationGetIndexPredicate(relation))
		known.is_understood = known.is_understood && add_condition(&known, lfirst(cell));
	index_close(relation, AccessShareLock);
	return known;
}

static void
look_at_all(KnownIndexes *known, Relation relation, uint64 generation)
{
	List	   *list = RelationGetIndexList(relation);
	int			n = list_length(list);
	KnownIndex *indexes = palloc((n + 1) * sizeof(KnownIndex));

	for (int i = 0; i < n; i++)
		indexes[i] = look_at(list_nth_oid(list, i));
	if (known->indexes != NULL)
		pfree(known->indexes);
	known->indexes = NULL;
	known->indexes = MemoryContextAlloc(TopMemoryContext, (n + 1) * sizeof(KnownIndex));
	memcpy(known->indexes, indexes, n * sizeof(KnownIndex));
	known->n = n;
	known->generation = generation;
	pfree(indexes);
	list_free(list);
}

/* The table is locked, so that it gets no index, and loses none, meanwhile. */
static const KnownIndexes *
indexes_of(Relation relation)
{
	static HTAB *tables = NULL;
	uint64		generation = oauth_store_generation();
	Oid			oid = RelationGetRelid(relation);
	KnownIndexes *known;
	bool		is_found;

	if (tables == NULL)
		tables = hash_create("oauth indexes", 16,
							 &(HASHCTL) {.keysize = sizeof(Oid), .entrysize = sizeof(KnownIndexes)},
							 HASH_ELEM | HASH_BLOBS);
	known = hash_search(tables, &oid, HASH_ENTER, &is_found);
	if (!is_found)
		*known = (KnownIndexes) {.relation = oid};
	if (known->generation != generation)
		look_at_all(known, relation, generation);
	return known;
}

/* ---- which of them are needed ---- */

static bool
belongs_to(const KnownIndex *known, TupleTableSlot * slot)
{
	for (int i = 0; i < known->n_conditions; i++)
		if (slot_attisnull(slot, known->columns[i]) != known->are_null[i])
			return false;
	return true;
}

static int
count_members(const KnownIndex *known, TupleTableSlot * *slots, int n)
{
	int			members = 0;

	for (int i = 0; i < n; i++)
		members += belongs_to(known, slots[i]);
	return members;
}

/* As ExecOpenIndices(), but those that none of the rows belongs to. */
static void
open_indexes(ResultRelInfo * result, TupleTableSlot * *slots, int n)
{
	const KnownIndexes *known = indexes_of(result->ri_RelationDesc);

	result->ri_IndexRelationDescs = palloc((known->n + 1) * sizeof(Relation));
	result->ri_IndexRelationInfo = palloc((known->n + 1) * sizeof(IndexInfo *));
	for (int i = 0; i < known->n; i++)
	{
		int			members = count_members(&known->indexes[i], slots, n);
		Relation	index;
		IndexInfo  *info;

		if (members == 0)
			continue;
		index = index_open(known->indexes[i].index, RowExclusiveLock);
		info = BuildIndexInfo(index);
		if (members == n && known->indexes[i].is_understood)
			info->ii_Predicate = NIL;
		result->ri_IndexRelationDescs[result->ri_NumIndices] = index;
		result->ri_IndexRelationInfo[result->ri_NumIndices++] = info;
	}
}

/* ---- writing ---- */

/* InitResultRelInfo() copies the triggers, too, of which none is run here. */
ResultRelInfo *
oauth_store_result_for(Relation relation)
{
	ResultRelInfo *result = makeNode(ResultRelInfo);

	result->ri_RelationDesc = relation;
	return result;
}

/*
 * conflict: NULL, or becomes true where another row has the key, which raises no error then;
 * only_summaries: all other indexes find the row already.
 */
void
oauth_store_add_to_indexes(ResultRelInfo * result, EState * estate, TupleTableSlot * slot,
						   bool *conflict, bool only_summaries)
{
	ResetPerTupleExprContext(estate);
#if PG_VERSION_NUM >= 160000
	list_free(ExecInsertIndexTuples(result, slot, estate, false, conflict != NULL, conflict, NIL,
									only_summaries));
#else
	list_free(ExecInsertIndexTuples(result, slot, estate, false, conflict != NULL, conflict, NIL));
#endif
}

/*
 * Enters rows, which are in the table, into our own indexes and those that an administrator added.
 * The last row comes first: where rows are in order, that widens a summary of a block range index
 * once, instead of a little for each row.
 */
void
oauth_store_index_slots(ResultRelInfo * result, EState * estate, TupleTableSlot * *slots, int n,
						bool only_summaries)
{
	open_indexes(result, slots, n);
	for (int i = n - 1; i >= 0 && result->ri_NumIndices > 0; i--)
		oauth_store_add_to_indexes(result, estate, slots[i], NULL, only_summaries);
	ExecCloseIndices(result);
}
