/*
 * store.c
 *		Statements: each one is prepared at its first use and kept for the life of the backend.
 *
 * Only the files of this room contain SQL: whole statements, schema-qualified, with parameters.
 * They run inside definer functions, with a pinned search_path also where the function has none.
 * Only digests of secrets get here.
 *
 * Plans are generic, and use index scans only (bitmap scans where the index is one of GIN, which
 * has no others): every statement here looks up a key, and a plan that was made while a table was
 * small must still be good when the table has millions of rows.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "store/statement.h"

#include "catalog/namespace.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

#define SEARCH_PATH "pg_catalog, pg_temp"

/*
 * JIT is off too: the remaining scans have such a high cost that each execution would be compiled,
 * for 30 ms.
 */
static void
prefer_indexes(const OAuthStatement *statement)
{
	const char *const settings[][2] = {
		{"enable_seqscan", "off"}, {"enable_bitmapscan", statement->uses_gin ? "on" : "off"},
		{"jit", "off"}
	};

	for (size_t i = 0; i < lengthof(settings); i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
}

/* Between the installation of this library and the update of a database, tables lack something. */
static void
hint_at_update(void *argument)
{
	int			code = geterrcode();

	if (code == ERRCODE_UNDEFINED_COLUMN || code == ERRCODE_UNDEFINED_TABLE)
		errhint("ALTER EXTENSION oauth UPDATE, or between releases a new database.");
}

static void
prepare(OAuthStatement *statement)
{
	ErrorContextCallback callback = {.callback = hint_at_update, .previous = error_context_stack};

	error_context_stack = &callback;
	statement->plan = SPI_prepare_cursor(statement->sql, statement->n_arguments,
										 statement->argument_types, CURSOR_OPT_GENERIC_PLAN);
	error_context_stack = callback.previous;
	if (statement->plan == NULL)
		elog(ERROR, "could not prepare a statement: %s", SPI_result_code_string(SPI_result));
	if (SPI_keepplan(statement->plan) != 0)
		elog(ERROR, "could not keep a plan");
}

/* Parses the statement at its first use, and plans it if there is no valid plan. */
static void
plan(OAuthStatement *statement)
{
	int			nest_level;
	CachedPlan *cached;

	if (statement->plan == NULL)
		prepare(statement);
	else if (SPI_plan_is_valid(statement->plan))
		return;
	nest_level = NewGUCNestLevel();
	prefer_indexes(statement);
	cached = SPI_plan_get_cached_plan(statement->plan);
	if (cached != NULL)
		ReleaseCachedPlan(cached, CurrentResourceOwner);
	AtEOXact_GUC(true, nest_level);
}

/*
 * What the names in a statement mean is not for the caller of a function to say.  Most functions
 * pin the search_path for as long as they run.  That is a fifth of what oauth_verify_token() would
 * cost, which hardly ever comes here, for PostgreSQL 15 looks at each setting afterwards.  So it is
 * done here where the function did not.  Returns a level for unpin_search_path(), 0 for none.
 */
static int
pin_search_path(void)
{
	int			nest_level;

	if (strcmp(namespace_search_path, SEARCH_PATH) == 0)
		return 0;
	nest_level = NewGUCNestLevel();
	(void) set_config_option("search_path", SEARCH_PATH, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	return nest_level;
}

/* After an error, the transaction or savepoint does it. */
static void
unpin_search_path(int nest_level)
{
	if (nest_level > 0)
		AtEOXact_GUC(false, nest_level);
}

/*
 * Runs a statement; arguments is NULL for a statement without arguments.  The results are in
 * SPI_tuptable until oauth_store_end().
 */
uint64
oauth_store_run(OAuthStatement *statement, OAuthArguments *arguments)
{
	int			n = arguments != NULL ? arguments->n : 0;
	Datum	   *values = arguments != NULL ? arguments->values : NULL;
	const char *nulls = arguments != NULL ? arguments->nulls : NULL;
	int			nest_level;
	int			result;

	oauth_store_settle_for(statement, arguments);
	if (n != statement->n_arguments)
		elog(ERROR, "a statement with %d arguments was given %d", statement->n_arguments, n);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
	nest_level = pin_search_path();
	plan(statement);
	if (statement->sees_latest && IsolationUsesXactSnapshot())
		result = SPI_execute_snapshot(statement->plan, values, nulls, GetLatestSnapshot(),
									  InvalidSnapshot, false, true, 0);
	else
		result = SPI_execute_plan(statement->plan, values, nulls, statement->only_reads, 0);
	if (result < 0)
		elog(ERROR, "could not execute a statement: %s", SPI_result_code_string(result));
	unpin_search_path(nest_level);
	return SPI_processed;
}

void
oauth_store_end(void)
{
	SPI_finish();
}

/* For statements whose number of rows is the answer. */
uint64
oauth_store_count(OAuthStatement *statement, OAuthArguments *arguments)
{
	uint64		n = oauth_store_run(statement, arguments);

	oauth_store_end();
	return n;
}

/*
 * The number that a statement finds in a table as it is now, whatever the caller's snapshot is; 0
 * for null.
 */
int64
oauth_store_newest(OAuthStatement *statement)
{
	int64		newest;

	PushActiveSnapshot(GetLatestSnapshot());
	oauth_store_run(statement, NULL);
	newest = oauth_store_int64(0, 1);
	oauth_store_end();
	PopActiveSnapshot();
	return newest;
}

/* A column of a result row, counted from 1. */
Datum
oauth_store_column(uint64 row, int column, bool *is_null)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, is_null);
}

/* The same, copied to the caller's memory context; NULL for null. */
char *
oauth_store_string(uint64 row, int column)
{
	bool		is_null;
	Datum		value = oauth_store_column(row, column, &is_null);
	text	   *packed;
	char	   *copy;

	if (is_null)
		return NULL;
	packed = DatumGetTextPP(value);
	copy = SPI_palloc(VARSIZE_ANY_EXHDR(packed) + 1);
	memcpy(copy, VARDATA_ANY(packed), VARSIZE_ANY_EXHDR(packed));
	copy[VARSIZE_ANY_EXHDR(packed)] = '\0';
	return copy;
}

/* 0 for null, which is not the value of any number here. */
int64
oauth_store_int64(uint64 row, int column)
{
	bool		is_null;
	Datum		value = oauth_store_column(row, column, &is_null);

	return is_null ? 0 : DatumGetInt64(value);
}

int
oauth_store_int32(uint64 row, int column)
{
	bool		is_null;
	Datum		value = oauth_store_column(row, column, &is_null);

	return is_null ? 0 : DatumGetInt32(value);
}

bool
oauth_store_bool(uint64 row, int column)
{
	bool		is_null;
	Datum		value = oauth_store_column(row, column, &is_null);

	return !is_null && DatumGetBool(value);
}

/* The digest that is stored of a secret, as an argument. */
Datum
oauth_store_digest(const char *secret)
{
	uint8		hash[OAUTH_HASH_LENGTH];

	oauth_sha256(secret, strlen(secret), hash);
	return HASH_DATUM(hash);
}

/* A text[] as a list in the caller's memory context. */
List *
oauth_store_strings(uint64 row, int column, MemoryContext caller)
{
	bool		is_null;
	Datum		value = oauth_store_column(row, column, &is_null);
	MemoryContext old = MemoryContextSwitchTo(caller);
	List	   *strings = is_null ? NIL : oauth_list_from_array(DatumGetArrayTypeP(value));

	MemoryContextSwitchTo(old);
	return strings;
}

/*
 * Appends to the list in the caller's memory context: that of a statement ends with
 * oauth_store_end().
 */
List *
oauth_store_append(List *list, void *item, MemoryContext caller)
{
	MemoryContext old = MemoryContextSwitchTo(caller);

	list = lappend(list, item);
	MemoryContextSwitchTo(old);
	return list;
}

/*
 * A list of what read makes of each row of the statement; a row of which it makes NULL is left out.
 * read allocates with SPI_palloc, or by oauth_store_string.
 */
List *
oauth_store_list(OAuthStatement *statement, OAuthArguments *arguments, void *(*read) (uint64 row))
{
	MemoryContext caller = CurrentMemoryContext;
	List	   *list = NIL;
	uint64		n = oauth_store_run(statement, arguments);

	for (uint64 row = 0; row < n; row++)
	{
		void	   *item = read(row);

		if (item != NULL)
			list = oauth_store_append(list, item, caller);
	}
	oauth_store_end();
	return list;
}

/* For oauth_store_list: the text in the first column. */
void *
oauth_store_first_string(uint64 row)
{
	return oauth_store_string(row, 1);
}

/*
 * The bigints in the first column of the last statement's result, as an array in the caller's
 * memory context.
 */
Datum
oauth_store_handles(uint64 n, MemoryContext caller)
{
	MemoryContext old = MemoryContextSwitchTo(caller);
	Datum	   *handles = palloc(sizeof(Datum) * Max(n, 1));
	Datum		array;

	for (uint64 row = 0; row < n; row++)
		handles[row] = Int64GetDatum(oauth_store_int64(row, 1));
	array = PointerGetDatum(construct_array(handles, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL,
											TYPALIGN_DOUBLE));
	MemoryContextSwitchTo(old);
	return array;
}
