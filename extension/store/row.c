/*
 * row.c
 *		Reading one row by its key, straight from the index.
 *
 * A kept plan of one SELECT with the three joins that a token needs takes 10 us a call, most of it
 * for starting and stopping an executor for each of its nodes; reading the same rows this way takes
 * 4.  So the hot paths read rows here, write them in bulk.c and use.c, and all else is a SQL
 * statement.
 *
 * Rows are those that the active snapshot sees.  In a STABLE function that is the caller's, so that
 * one statement has one answer and a standby can give it; a VOLATILE function takes a new snapshot
 * first (oauth_store_begin_latest), as SPI would.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"
#include "store/token.h"

#include "access/table.h"
#include "access/xact.h"
#include "storage/lmgr.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"

#if PG_VERSION_NUM >= 180000
#define PRIMARY_KEY_INDEX(relation) RelationGetPrimaryKeyIndex(relation, false)
#else
#define PRIMARY_KEY_INDEX(relation) RelationGetPrimaryKeyIndex(relation)
#endif

/*
 * Grows whenever a relation may have been created, changed or dropped, so that names are looked up
 * again only then.
 */
static uint64 generation = 0;

static void
on_relation_change(Datum argument, Oid relation)
{
	generation++;
}

/* It is the same as long as no relation changed; never 0. */
uint64
oauth_store_generation(void)
{
	if (generation == 0)
	{
		CacheRegisterRelcacheCallback(on_relation_change, (Datum) 0);
		generation = 1;
	}
	return generation;
}

static void
report_missing_index(const OAuthTable *table)
{
	if (table->index == NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("the primary key of table oauth.%s is missing", table->name),
						errhint("ALTER TABLE oauth.%s ADD PRIMARY KEY (%s)",
								table->name, table->columns[0])));
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("index oauth.%s is missing or not valid", table->index),
					errhint("REINDEX INDEX oauth.%s, or if it was dropped, create it as a new "
							"installation has it.",
							table->index)));
}

static Oid
primary_key_index(Oid relation)
{
	Relation	table = table_open(relation, AccessShareLock);
	Oid			index = PRIMARY_KEY_INDEX(table);

	table_close(table, NoLock);
	return index;
}

/*
 * Absence from a partial index is an answer too, so a missing or half-built index must raise an
 * error.
 */
static Oid
find_index(const OAuthTable *table, Oid relation)
{
	Oid			index = table->index == NULL ? primary_key_index(relation) :
		get_relname_relid(table->index, get_rel_namespace(relation));

	if (!OidIsValid(index) || !get_index_isvalid(index))
		report_missing_index(table);
	return index;
}

static void
look_up_columns(OAuthTable *table, Oid relation)
{
	for (int i = 0; i < OAUTH_MAX_COLUMNS && table->columns[i] != NULL; i++)
	{
		table->numbers[i] = get_attnum(relation, table->columns[i]);
		if (table->numbers[i] == InvalidAttrNumber)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("table oauth.%s has no column \"%s\"", table->name, table->columns[i]),
					 errhint("ALTER EXTENSION oauth UPDATE, or between releases a new database.")));
	}
	table->index_relation = find_index(table, relation);
	table->relation = relation;
}

/*
 * An unchanged table may have a new index under that name (REINDEX CONCURRENTLY), or a column in
 * another place.
 */
static void
look_up(OAuthTable *table, LOCKMODE lock)
{
	uint64		begun = oauth_store_generation();
	Oid			relation = oauth_store_relation(table->name);

	if (!OidIsValid(relation))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table oauth.%s does not exist", table->name),
				 errhint("CREATE EXTENSION oauth CASCADE")));
	LockRelationOid(relation, lock);
	look_up_columns(table, relation);
	table->generation = begun;
}

/*
 * Opens the table.  Taking the lock processes invalidations; once it is held, the table no longer
 * changes in a way that the lock keeps off.  It is the first one that is taken, for to take a
 * stronger one later is how deadlocks come about.  Afterwards table->index_relation is the index of
 * the key, and table->generation tells whether the table may have changed since another time.
 */
Relation
oauth_store_open_table(OAuthTable *table, LOCKMODE lock)
{
	if (table->generation != generation || generation == 0)
		look_up(table, lock);
	LockRelationOid(table->relation, lock);
	if (table->generation != generation)
		look_up(table, lock);
	return table_open(table->relation, NoLock);
}

/* Takes the next row that the scan finds, if there is one. */
bool
oauth_store_next_row(OAuthRow *row)
{
	row->slot = oauth_store_scan_next(row->scan);
	return row->slot != NULL;
}

/*
 * Finds the row of that key, the first one where the index has several; false if there is none.
 * Close it in both cases.
 */
bool
oauth_store_open_row(OAuthRow *row, OAuthTable *table, Datum key)
{
	row->table = table;
	row->scan = oauth_store_begin_scan(table, key);
	return oauth_store_next_row(row);
}

void
oauth_store_close_row(OAuthRow *row)
{
	oauth_store_end_scan(row->scan);
}

/*
 * From here to oauth_store_end_latest(), rows are read as they are now, including what this
 * transaction did.
 */
void
oauth_store_begin_latest(void)
{
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
}

void
oauth_store_end_latest(void)
{
	PopActiveSnapshot();
}

/*
 * Columns by their number in the table's list.  A value is part of the row, and invalid once that
 * is closed.
 */
bool
oauth_store_row_is_null(const OAuthRow *row, int column)
{
	return slot_attisnull(row->slot, row->table->numbers[column]);
}

Datum
oauth_store_row_value(const OAuthRow *row, int column)
{
	bool		is_null;

	return slot_getattr(row->slot, row->table->numbers[column], &is_null);
}

/* A copy; NULL for null. */
char *
oauth_store_row_string(const OAuthRow *row, int column)
{
	return oauth_store_row_is_null(row, column) ?
		NULL :
		TextDatumGetCString(oauth_store_row_value(row, column));
}

/* 0 for null, which is not the value of any number or time here. */
int64
oauth_store_row_int64(const OAuthRow *row, int column)
{
	return oauth_store_row_is_null(row, column) ? 0 :
		DatumGetInt64(oauth_store_row_value(row, column));
}

int
oauth_store_row_int32(const OAuthRow *row, int column)
{
	return oauth_store_row_is_null(row, column) ? 0 :
		DatumGetInt32(oauth_store_row_value(row, column));
}

/* A text[] as a list of copies. */
List *
oauth_store_row_strings(const OAuthRow *row, int column)
{
	return oauth_store_row_is_null(row, column) ? NIL :
		oauth_list_from_array(DatumGetArrayTypeP(oauth_store_row_value(row, column)));
}

/* A copy; NULL for null. */
bytea *
oauth_store_row_bytea(const OAuthRow *row, int column)
{
	return oauth_store_row_is_null(row, column) ?
		NULL :
		DatumGetByteaPCopy(oauth_store_row_value(row, column));
}

/* Whether the column contains that SHA-256; false for null. */
bool
oauth_store_row_has_hash(const OAuthRow *row, int column, const uint8 *hash)
{
	bytea	   *stored;

	if (oauth_store_row_is_null(row, column))
		return false;
	stored = DatumGetByteaPP(oauth_store_row_value(row, column));
	return VARSIZE_ANY_EXHDR(stored) == OAUTH_HASH_LENGTH &&
		timingsafe_bcmp(VARDATA_ANY(stored), hash, OAUTH_HASH_LENGTH) == 0;
}

/* A jsonb as text; NULL for null. */
char *
oauth_store_row_json(const OAuthRow *row, int column)
{
	Jsonb	   *json;

	if (oauth_store_row_is_null(row, column))
		return NULL;
	json = DatumGetJsonbP(oauth_store_row_value(row, column));
	return JsonbToCString(NULL, &json->root, VARSIZE(json));
}

/* Four columns from that one on: the time, acr, amr and sid. */
void
oauth_store_row_authentication(const OAuthRow *row, int column, OAuthAuthentication *authentication)
{
	authentication->at = oauth_store_row_int64(row, column);
	authentication->acr = oauth_store_row_string(row, column + 1);
	authentication->amr = oauth_store_row_string(row, column + 2);
	authentication->sid = oauth_store_row_string(row, column + 3);
}
