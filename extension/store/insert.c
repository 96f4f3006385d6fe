/*
 * insert.c
 *		Inserting rows straight into their table, as COPY does.
 *
 * A statement for each row costs the start and the end of an executor, its CHECK constraints read
 * anew from the catalog, and a statement for each foreign key: half of what a token costs.  Where
 * the table needs more than a row to be stored, because an administrator gave it a trigger, a
 * default, a constraint, a foreign key or row security, its rows come from ordinary statements.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "storage/lmgr.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* ---- whether a row only has to be stored ---- */

/*
 * What stands before the INSERTs of a table with a foreign key (admin/restore.c) is for those who
 * load a dump.
 */
static bool
is_before_load(const Trigger * trigger)
{
	char	   *name = get_func_name(trigger->tgfoid);

	return name != NULL && strcmp(name, "_oauth_before_load") == 0;
}

/* Those of the foreign keys do not count; that of a deferrable unique constraint does. */
static bool
has_trigger(Relation relation)
{
	for (int i = 0; relation->trigdesc != NULL && i < relation->trigdesc->numtriggers; i++)
	{
		const		Trigger *trigger = &relation->trigdesc->triggers[i];

		if ((trigger->tgtype & TRIGGER_TYPE_INSERT) != 0 &&
			(!trigger->tgisinternal || trigger->tgfoid == F_UNIQUE_KEY_RECHECK) &&
			!is_before_load(trigger))
			return true;
	}
	return false;
}

/* A foreign key that oauth_store_hold_parents() looks for, by its numbers. */
typedef struct HeldKey
{
	Oid			relation;
	AttrNumber	key;			/* there */
	AttrNumber	column;			/* here */
} HeldKey;

static int
held_keys(const OAuthInsert *insert, HeldKey *held)
{
	int			n = 0;

	for (; n < OAUTH_MAX_PARENTS && insert->parents[n] != NULL; n++)
	{
		const OAuthTable *parent = insert->parents[n]->table;

		held[n].relation = oauth_store_relation(parent->name);
		held[n].key = get_attnum(held[n].relation, parent->columns[0]);
		held[n].column = insert->table.numbers[1 + n];
	}
	return n;
}

static bool
is_held(const ForeignKeyCacheInfo * key, const HeldKey *held, int n)
{
	for (int i = 0; i < n; i++)
		if (key->nkeys == 1 && key->conkey[0] == held[i].column &&
			key->confrelid == held[i].relation && key->confkey[0] == held[i].key)
			return true;
	return false;
}

/* The extension has none.  The list may go while the catalog is looked at, so that comes before. */
static bool
has_other_foreign_key(Relation relation, const OAuthInsert *insert)
{
	HeldKey		held[OAUTH_MAX_PARENTS];
	int			n = held_keys(insert, held);
	ListCell   *cell;

	foreach(cell, RelationGetFKeyList(relation))
		if (!is_held(lfirst(cell), held, n))
			return true;
	return false;
}

static bool
is_ours(const OAuthInsert *insert, AttrNumber number)
{
	for (int i = 0; i < insert->statement.n_arguments; i++)
		if (insert->table.numbers[i] == number)
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
		if (!is_ours(insert, i + 1) && !oauth_store_is_left_null(TupleDescAttr(desc, i)))
			return true;
	return false;
}

/* Whether a row of it is only stored, as far as triggers and constraints do not say otherwise. */
bool
oauth_store_is_plain(Relation relation)
{
	return relation->rd_rel->relkind == RELKIND_RELATION && relation->rd_rules == NULL &&
		!relation->rd_rel->relrowsecurity && !relation->rd_rel->relispartition;
}

static bool
is_named(const char *const *names, const char *name)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* CHECKs that an administrator added to those of that list, which NULL ends; generated columns. */
bool
oauth_store_has_other_checks(const TupleConstr * constraints, const char *const *own)
{
	for (int i = 0; constraints != NULL && i < constraints->num_check; i++)
		if (!is_named(own, constraints->check[i].ccname))
			return true;
#if PG_VERSION_NUM >= 180000
	if (constraints != NULL && constraints->has_generated_virtual)
		return true;
#endif
	return constraints != NULL && constraints->has_generated_stored;
}

static bool
has_other_types(TupleDesc desc, const OAuthInsert *insert)
{
	for (int i = 0; i < insert->statement.n_arguments; i++)
		if (getBaseType(TupleDescAttr(desc, insert->table.numbers[i] - 1)->atttypid) !=
			insert->statement.argument_types[i])
			return true;
	return false;
}

static bool
needs_statement(Relation relation, const OAuthInsert *insert)
{
	TupleDesc	desc = RelationGetDescr(relation);

	return !oauth_store_is_plain(relation) || has_trigger(relation) ||
		has_other_types(desc, insert) || has_default(desc, insert) ||
		oauth_store_has_other_checks(desc->constr, insert->constraints) ||
		has_other_foreign_key(relation, insert);
}

/*
 * Opens the table, and looks at it where it may have changed: insert->is_plain is what was found.
 */
Relation
oauth_store_open_for_insert(OAuthInsert *insert)
{
	Relation	relation = oauth_store_open_table(&insert->table, RowExclusiveLock);

	if (insert->generation != insert->table.generation)
	{
		insert->is_plain = !needs_statement(relation, insert);
		insert->generation = insert->table.generation;
	}
	return relation;
}

/* ---- writing ---- */

/* Raises 23514 for a value that is not of the column's domain. */
static void
check_domain(Relation relation, OAuthInsert *insert, int i, Datum value)
{
	AttrNumber	number = insert->table.numbers[i];
	Oid			type = TupleDescAttr(RelationGetDescr(relation), number - 1)->atttypid;

	if (type != insert->statement.argument_types[i])
		domain_check(value, false, type, &insert->domains[i], TopMemoryContext);
}

/* Raises 23502 for a column of an administrator's, or of ours, that may not be null. */
void
oauth_store_check_not_null(ResultRelInfo * result, EState * estate, TupleTableSlot * slot)
{
	TupleDesc	desc = slot->tts_tupleDescriptor;

	for (int i = 0; i < desc->natts; i++)
		if (TupleDescAttr(desc, i)->attnotnull && slot->tts_isnull[i])
			ExecConstraints(result, slot, estate);
}

/* Makes the row ready to be stored.  Its values are not copied. */
void
oauth_store_fill_slot(TupleTableSlot * slot, Relation relation, OAuthInsert *insert,
					  const OAuthArguments *row)
{
	ExecStoreAllNullTuple(slot);
	for (int i = 0; i < row->n; i++)
	{
		if (row->nulls[i] == 'n')
			continue;
		check_domain(relation, insert, i, row->values[i]);
		slot->tts_values[insert->table.numbers[i] - 1] = row->values[i];
		slot->tts_isnull[insert->table.numbers[i] - 1] = false;
	}
	slot->tts_tableOid = RelationGetRelid(relation);
}

static void
store_slots(Relation relation, TupleTableSlot * *slots, int n)
{
	if (n == 1)
		table_tuple_insert(relation, slots[0], GetCurrentCommandId(true), 0, NULL);
	else
		table_multi_insert(relation, slots, n, GetCurrentCommandId(true), 0, NULL);
}

/*
 * Stores rows at once, and then the entries of each index.  with_checks: raises 23514 for a row
 * that a CHECK refuses, too.
 */
void
oauth_store_write_slots(Relation relation, TupleTableSlot * *slots, int n, bool with_checks)
{
	EState	   *estate = CreateExecutorState();
	ResultRelInfo *result = oauth_store_result_for(relation);

	for (int i = 0; i < n; i++)
	{
		if (!with_checks)
			oauth_store_check_not_null(result, estate, slots[i]);
		else if (RelationGetDescr(relation)->constr != NULL)
			ExecConstraints(result, slots[i], estate);
	}
	store_slots(relation, slots, n);
	oauth_store_index_slots(result, estate, slots, n, false);
	FreeExecutorState(estate);
}

static void
write_rows(Relation relation, OAuthInsert *insert, List *rows)
{
	int			n = list_length(rows);
	TupleTableSlot **slots = palloc(n * sizeof(TupleTableSlot *));

	for (int i = 0; i < n; i++)
	{
		slots[i] = table_slot_create(relation, NULL);
		oauth_store_fill_slot(slots[i], relation, insert, list_nth(rows, i));
	}
	oauth_store_write_slots(relation, slots, n, false);
	for (int i = 0; i < n; i++)
		ExecDropSingleTupleTableSlot(slots[i]);
	pfree(slots);
}

/* Inserts rows, whose parents are held; false if ordinary statements did, and what is with them. */
bool
oauth_store_insert_rows(OAuthInsert *insert, List *rows)
{
	Relation	relation = oauth_store_open_for_insert(insert);
	bool		is_direct = insert->is_plain && !XactReadOnly;
	ListCell   *cell;

	if (is_direct)
		write_rows(relation, insert, rows);
	else
		foreach(cell, rows)
			oauth_store_count(&insert->statement, lfirst(cell));
	table_close(relation, NoLock);
	return is_direct;
}

/* Inserts a row, without waiting for others; false if an ordinary statement did. */
bool
oauth_store_insert_at_once(OAuthInsert *insert, OAuthArguments *arguments)
{
	List	   *row = list_make1(arguments);
	bool		is_direct;

	for (int i = 0; i < OAUTH_MAX_PARENTS && insert->parents[i] != NULL; i++)
		if (arguments->nulls[1 + i] != 'n')
			oauth_store_hold_parents(insert->parents[i], &arguments->values[1 + i], 1);
	is_direct = oauth_store_insert_rows(insert, row);
	list_free(row);
	return is_direct;
}
