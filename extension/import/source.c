/*
 * source.c
 *		Reading the tables of another provider.
 *
 * They are read with the user id of their owner, in a security-restricted operation, and settings
 * that their functions change are restored: a view among them, or a function that it calls, gains
 * no rights.
 *
 * SPDX-License-Identifier: PostgreSQL
 */

#include "application/application.h"
#include "import/import.h"
#include "store/statement.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* The column of a table that the foreign key of another column points to. */
static OAuthStatement foreign_key =
{.sql =
	"SELECT n.nspname::text, c.relname::text, t.attname::text FROM pg_catalog.pg_constraint k"
	" JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attname = $2::name AND "
	"k.conkey = ARRAY[a.attnum]"
	" JOIN pg_catalog.pg_class c ON c.oid = k.confrelid JOIN pg_catalog.pg_namespace n ON "
	"n.oid = c.relnamespace"
	" JOIN pg_catalog.pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = k.confkey[1]"
	" WHERE k.conrelid = $1 AND k.contype = 'f' LIMIT 1",
	.n_arguments = 2,
.argument_types = {OIDOID, TEXTOID}};

bool
oauth_store_source_schema(const char *schema)
{
	return OidIsValid(get_namespace_oid(schema, true));
}

/* The table of that name, with its owner; InvalidOid if there is none. */
Oid
oauth_store_source_table(const char *schema, const char *name, Oid *owner)
{
	Oid			namespace = get_namespace_oid(schema, true);
	Oid			relation = OidIsValid(namespace) ? get_relname_relid(name, namespace) : InvalidOid;
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	*owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return relation;
}

/*
 * The caller names the table and will see its values, so the caller must have the right to read it.
 */
void
oauth_store_check_readable(Oid table, const char *name)
{
	AclResult	result = pg_class_aclcheck(table, GetOuterUserId(), ACL_SELECT);

	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_TABLE, name);
}

/* The type of the column; InvalidOid if there is none. */
Oid
oauth_store_source_column(Oid table, const char *name)
{
	AttrNumber	number = get_attnum(table, name);

	return number == InvalidAttrNumber ? InvalidOid : getBaseType(get_atttype(table, number));
}

/* The table and column that a column refers to; false if it has no foreign key. */
bool
oauth_store_source_reference(Oid table, const char *column, char **schema, char **name, char **key)
{
	OAuthArguments arguments = {0};
	bool		found;

	oauth_add_value(&arguments, ObjectIdGetDatum(table));
	oauth_add_text(&arguments, column);
	found = oauth_store_run(&foreign_key, &arguments) > 0;
	if (found)
	{
		*schema = oauth_store_string(0, 1);
		*name = oauth_store_string(0, 2);
		*key = oauth_store_string(0, 3);
	}
	oauth_store_end();
	return found;
}

/*
 * Begins to read a query over the tables of a source, with the snapshot of the caller's statement.
 * Until it is closed, statements of this file and others may run.
 */
void
oauth_store_open_source(OAuthSourceReader *source, const char *sql, Oid owner)
{
	MemoryContext caller = CurrentMemoryContext;
	OAuthOneself oneself;
	SPIPlanPtr	plan;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
	oneself = oauth_become_owner(owner, true);
	plan = SPI_prepare(sql, 0, NULL);
	if (plan == NULL)
		elog(ERROR, "could not prepare a query: %s", SPI_result_code_string(SPI_result));
	source->portal = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	source->owner = owner;
	oauth_become_oneself(&oneself);
	MemoryContextSwitchTo(caller);
}

/* Reads the next rows; 0 at the end.  They stay until the next call. */
uint64
oauth_store_fetch_source(OAuthSourceReader *source, long n)
{
	MemoryContext caller = CurrentMemoryContext;
	OAuthOneself oneself = oauth_become_owner(source->owner, true);

	if (source->rows != NULL)
		SPI_freetuptable(source->rows);
	SPI_cursor_fetch(source->portal, true, n);
	source->rows = SPI_tuptable;
	oauth_become_oneself(&oneself);
	MemoryContextSwitchTo(caller);
	return SPI_processed;
}

void
oauth_store_close_source(OAuthSourceReader *source)
{
	SPI_cursor_close(source->portal);
	SPI_finish();
}

/* Table owners choose names and types, so a column can have any type. */
static void
check_type(const OAuthSourceReader *source, int column, Oid type)
{
	if (TupleDescAttr(source->rows->tupdesc, column - 1)->atttypid != type)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column %d of the source, \"%s\", is of type %s instead of %s", column,
						NameStr(TupleDescAttr(source->rows->tupdesc, column - 1)->attname),
						format_type_be(TupleDescAttr(source->rows->tupdesc, column - 1)->atttypid),
						format_type_be(type)),
				 errhint("It is not a table of that provider, or of a version of it that is not "
						 "known here.")));
}

/*
 * A column of a row of the source, counted from 1; copied to the current memory context, NULL for
 * null.
 */
char *
oauth_store_source_string(const OAuthSourceReader *source, uint64 row, int column)
{
	bool		is_null;
	Datum		value = SPI_getbinval(source->rows->vals[row], source->rows->tupdesc, column,
									  &is_null);

	check_type(source, column, TEXTOID);
	return is_null ? NULL : TextDatumGetCString(value);
}

/* How many columns a row of the source has. */
int
oauth_store_source_width(const OAuthSourceReader *source)
{
	return source->rows->tupdesc->natts;
}

/*
 * A time of the source, 0 for null only: the first moment of 2000, which is 0 too, becomes the one
 * after it.
 */
TimestampTz
oauth_store_source_time(const OAuthSourceReader *source, uint64 row, int column)
{
	bool		is_null;
	Datum		value = SPI_getbinval(source->rows->vals[row], source->rows->tupdesc, column,
									  &is_null);

	check_type(source, column, TIMESTAMPTZOID);
	if (is_null)
		return 0;
	return DatumGetTimestampTz(value) != 0 ? DatumGetTimestampTz(value) : 1;
}
