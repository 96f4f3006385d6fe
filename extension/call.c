/*
 * call.c
 *		What every SQL-callable function does: reading its arguments, returning its rows.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/*
 * Whether argument n is null, or does not exist: between `make install` and ALTER EXTENSION UPDATE,
 * sessions call this library through the SQL functions of an older version, which may have fewer
 * arguments.
 */
bool
oauth_argument_is_null(FunctionCallInfo fcinfo, int n)
{
	return n >= PG_NARGS() || PG_ARGISNULL(n);
}

static void
require(FunctionCallInfo fcinfo, int n, const char *name)
{
	if (oauth_argument_is_null(fcinfo, n))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" cannot be null", name),
				 errhint("Give it a value, or leave it out if it has a default: \\df %s lists the "
						 "arguments.",
						 get_func_name(fcinfo->flinfo->fn_oid))));
}

/* A text that is required; raises 22004 if it is null. */
char *
oauth_argument(FunctionCallInfo fcinfo, int n, const char *name)
{
	require(fcinfo, n, name);
	return text_to_cstring(PG_GETARG_TEXT_PP(n));
}

/* The text, or NULL for null. */
char *
oauth_optional_argument(FunctionCallInfo fcinfo, int n)
{
	return oauth_argument_is_null(fcinfo, n) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(n));
}

List *
oauth_list_argument(FunctionCallInfo fcinfo, int n, const char *name)
{
	require(fcinfo, n, name);
	return oauth_list_from_array(PG_GETARG_ARRAYTYPE_P(n));
}

Jsonb *
oauth_jsonb_argument(FunctionCallInfo fcinfo, int n, const char *name)
{
	require(fcinfo, n, name);
	return PG_GETARG_JSONB_P(n);
}

/* The flag, or false for null. */
bool
oauth_flag_argument(FunctionCallInfo fcinfo, int n)
{
	return !oauth_argument_is_null(fcinfo, n) && PG_GETARG_BOOL(n);
}

/* A flag that is true by default, so that null says nothing: raises 22004 for it. */
bool
oauth_required_flag_argument(FunctionCallInfo fcinfo, int n, const char *name)
{
	require(fcinfo, n, name);
	return PG_GETARG_BOOL(n);
}

/*
 * An interval in seconds, 0 for null.  Raises 22008 unless it is at least a second and fits an
 * integer.
 */
int
oauth_seconds_argument(FunctionCallInfo fcinfo, int n, const char *name)
{
	Interval   *interval;
	double		seconds;

	if (oauth_argument_is_null(fcinfo, n))
		return 0;
	interval = PG_GETARG_INTERVAL_P(n);
	seconds = (double) interval->time / USECS_PER_SEC + (double) interval->day * SECS_PER_DAY +
		(double) interval->month * DAYS_PER_MONTH * SECS_PER_DAY;
	if (seconds < 1 || seconds > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("argument \"%s\" is out of range", name),
				 errhint("Give an interval from 1 second to 68 years.")));
	return (int) seconds;
}

static void
add_value(OAuthResult *row, Datum value, bool is_null)
{
	if (row->n >= OAUTH_MAX_RESULT_COLUMNS)
		elog(ERROR, "a row has more than %d columns", OAUTH_MAX_RESULT_COLUMNS);
	row->values[row->n] = is_null ? (Datum) 0 : value;
	row->nulls[row->n++] = is_null;
}

void
oauth_row_null(OAuthResult *row)
{
	add_value(row, (Datum) 0, true);
}

/* Any value that is not null. */
void
oauth_row_value(OAuthResult *row, Datum value)
{
	add_value(row, value, false);
}

/* Null for NULL. */
void
oauth_row_text(OAuthResult *row, const char *text)
{
	add_value(row, text ? CStringGetTextDatum(text) : (Datum) 0, text == NULL);
}

void
oauth_row_bool(OAuthResult *row, bool value)
{
	add_value(row, BoolGetDatum(value), false);
}

void
oauth_row_int32(OAuthResult *row, int32 number)
{
	add_value(row, Int32GetDatum(number), false);
}

void
oauth_row_int64(OAuthResult *row, int64 number)
{
	add_value(row, Int64GetDatum(number), false);
}

/* Null for 0. */
void
oauth_row_timestamp(OAuthResult *row, TimestampTz at)
{
	add_value(row, TimestampTzGetDatum(at), at == 0);
}

/*
 * A row may have more columns than the function returns: an older version of it may return fewer.
 * If it has fewer, the script is newer than this library.
 */
static void
check_columns(const OAuthResult *row, TupleDesc desc)
{
	if (row->n < desc->natts)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("a function of extension \"oauth\" returns %d columns, and this library "
						"knows %d of them",
						desc->natts, row->n),
				 errhint("Install the library of the version that SELECT extversion FROM "
						 "pg_extension WHERE extname = 'oauth' names, and connect again.")));
}

/*
 * Returns the one row of a function that RETURNS TABLE or has OUT arguments.
 *
 * The executor says which row it expects where it can, which is cheaper than asking the catalog.
 */
Datum
oauth_row_return(FunctionCallInfo fcinfo, OAuthResult *row)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	TupleDesc	desc;

	if (result != NULL && IsA(result, ReturnSetInfo) && result->expectedDesc != NULL)
		desc = result->expectedDesc;
	else if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	check_columns(row, desc);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), row->values, row->nulls));
}

/* Adds a row to the result of a function that returns a set. */
void
oauth_row_put(ReturnSetInfo *set, OAuthResult *row)
{
	check_columns(row, set->setDesc);
	tuplestore_putvalues(set->setResult, set->setDesc, row->values, row->nulls);
}

/* A text[] as a list of C strings; raises 22004 if it has a null. */
List *
oauth_list_from_array(ArrayType *array)
{
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	List	   *list = NIL;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("an array argument contains a null"),
					 errhint("array_remove(..., NULL) removes it.")));
		list = lappend(list, TextDatumGetCString(elements[i]));
	}
	return list;
}

Datum
oauth_array_from_list(List *list)
{
	Datum	   *elements = palloc(sizeof(Datum) * Max(list_length(list), 1));
	int			n = 0;
	ListCell   *cell;

	foreach(cell, list)
		elements[n++] = CStringGetTextDatum((char *) lfirst(cell));
	return PointerGetDatum(construct_array(elements, n, TEXTOID, -1, false, TYPALIGN_INT));
}
