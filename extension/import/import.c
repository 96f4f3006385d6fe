/*
 * import.c
 *		Moving in from another provider whose tables are in the same database: what all imports
 *		share.
 *
 * An import is one statement of SQL and so one transaction.  It returns a report: how many of each
 * kind were taken, how many were skipped, and why.  A dry run does everything and rolls it back.
 *
 * Each source has a file of its own, which knows its tables and reads them, by two or three
 * queries, into one form of rows; import/client.c and import/token.c read these rows.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "import/import.h"
#include "secret/secret.h"
#include "store/scope.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/varlena.h"

/* One line of the report. */
typedef struct Line
{
	const char *kind;
	const char *action;
	const char *reason;			/* NULL: nothing to explain */
	int64		n;
} Line;

static bool
is_same(const char *a, const char *b)
{
	return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

/* Adds to a line of the report. */
void
oauth_import_count(OAuthImport *import, const char *kind, const char *action, const char *reason,
				   int64 n)
{
	MemoryContext old;
	ListCell   *cell;
	Line	   *line;

	foreach(cell, import->report)
	{
		line = lfirst(cell);
		if (is_same(line->kind, kind) && is_same(line->action, action) &&
			is_same(line->reason, reason))
		{
			line->n += n;
			return;
		}
	}
	old = MemoryContextSwitchTo(import->context);
	line = palloc(sizeof(Line));
	line->kind = pstrdup(kind);
	line->action = pstrdup(action);
	line->reason = reason ? pstrdup(reason) : NULL;
	line->n = n;
	import->report = lappend(import->report, line);
	MemoryContextSwitchTo(old);
}

static void
check_schema(const char *schema)
{
	if (!oauth_store_source_schema(schema))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA), errmsg("schema \"%s\" does not exist", schema),
				 errhint("Give the schema that the tables of the other provider are in; many keep "
						 "them in public.")));
}

/* Prepares an import from the schema of the first argument. */
static OAuthImport *
new_import(FunctionCallInfo fcinfo, const char *source)
{
	OAuthImport *import = palloc0(sizeof(OAuthImport));

	import->source = source;
	import->schema = oauth_argument(fcinfo, 0, "schema");
	import->time_zone = "UTC";
	import->started = GetCurrentTimestamp();
	import->noticed = import->started;
	import->users_join = "";
	import->user_refusal = "NULL";
	import->context = AllocSetContextCreate(CurrentMemoryContext, "oauth import",
											ALLOCSET_DEFAULT_SIZES);
	import->batch = AllocSetContextCreate(CurrentMemoryContext, "oauth import batch",
										  ALLOCSET_DEFAULT_SIZES);
	check_schema(import->schema);
	return import;
}

static void
run_import(FunctionCallInfo fcinfo, OAuthImport *import, OAuthImportBody body)
{
	oauth_store_hold_import();
	oauth_store_seed_scopes();
	body(fcinfo, import);
}

/* The import that a dry run tries. */
typedef struct DryRun
{
	FunctionCallInfo fcinfo;
	OAuthImport *import;
	OAuthImportBody body;
} DryRun;

static void
dry_run(void *argument)
{
	DryRun	   *dry = argument;

	run_import(dry->fcinfo, dry->import, dry->body);
}

/* Runs the import in a subtransaction that is rolled back. */
static void
run_dry(FunctionCallInfo fcinfo, OAuthImport *import, OAuthImportBody body)
{
	DryRun		dry = {.fcinfo = fcinfo, .import = import, .body = body};
	ErrorData  *error = oauth_try(dry_run, &dry, false);

	if (error != NULL)
		ReThrowError(error);
}

static void
answer(FunctionCallInfo fcinfo, const OAuthImport *import)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, import->report)
	{
		Line	   *line = lfirst(cell);
		OAuthResult row = {0};

		oauth_row_text(&row, line->kind);
		oauth_row_text(&row, line->action);
		oauth_row_text(&row, line->reason);
		oauth_row_int64(&row, line->n);
		oauth_row_put(result, &row);
	}
}

/* Runs the import and returns the report.  dry_run is the number of that argument. */
Datum
oauth_import_run(FunctionCallInfo fcinfo, const char *source, int dry_run, OAuthImportBody body)
{
	OAuthImport *import = new_import(fcinfo, source);

	import->is_dry = oauth_flag_argument(fcinfo, dry_run);
	if (import->is_dry)
		run_dry(fcinfo, import, body);
	else
		run_import(fcinfo, import, body);
	answer(fcinfo, import);
	MemoryContextDelete(import->batch);
	MemoryContextDelete(import->context);
	return (Datum) 0;
}

/*
 * Seals a value that is stored for good.  A dry run does not use the master key, which it could be
 * the first to use.
 */
bytea *
oauth_import_seal(const OAuthImport *import, const char *plain, const char *bound_to)
{
	return import->is_dry ? oauth_bytea("", 0) : oauth_seal(plain, bound_to);
}

/*
 * The table of that name in the source.  All tables of a source have one owner, with whose rights
 * they are read.
 */
Oid
oauth_import_table(OAuthImport *import, const char *name, bool required)
{
	Oid			owner = InvalidOid;
	Oid			table = oauth_store_source_table(import->schema, name, &owner);

	if (!OidIsValid(table) && required)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("there is no table \"%s\" in schema \"%s\"", name, import->schema),
						errhint("This is not the schema of %s, or of a version of it that is not "
								"known here; docs/moving-in.md "
								"lists the tables.",
								import->source)));
	if (OidIsValid(table) && !OidIsValid(import->owner))
		import->owner = owner;
	if (OidIsValid(table) && owner != import->owner)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("table \"%s.%s\" has another owner than the tables before it",
							   import->schema, name),
						errhint("They are read with the rights of one owner: ALTER TABLE ... OWNER "
								"TO gives them the same.")));
	return table;
}

/* The name of the table, quoted for SQL. */
const char *
oauth_import_name(OAuthImport *import, const char *table)
{
	return quote_qualified_identifier(import->schema, table);
}

/* Whether the table exists and has that column. */
bool
oauth_import_has(OAuthImport *import, const char *table, const char *column)
{
	Oid			relation = oauth_import_table(import, table, false);

	return OidIsValid(relation) && OidIsValid(oauth_store_source_column(relation, column));
}

/* A time without a zone counts in the time zone of the other provider. */
static const char *
column_as(OAuthImport *import, Oid type, const char *alias, const char *column)
{
	char	   *name = quote_qualified_identifier(alias, column);

	if (type == TIMESTAMPTZOID || type == BOOLOID)
		return psprintf("%s::%s", name, type == BOOLOID ? "boolean" : "timestamptz");
	if (type == TIMESTAMPOID)
		return psprintf("(%s::timestamp AT TIME ZONE %s)", name,
						quote_literal_cstr(import->time_zone));
	return psprintf("%s::text", name);
}

/*
 * SQL for a time, boolean or text column, or the given default if this version of the source lacks
 * it.
 */
const char *
oauth_import_optional(OAuthImport *import, const char *table, const char *alias, const char *column,
					  const char *otherwise)
{
	Oid			relation = oauth_import_table(import, table, false);
	Oid			type = OidIsValid(relation) ?
		oauth_store_source_column(relation, column) : InvalidOid;

	return OidIsValid(type) ? column_as(import, type, alias, column) : otherwise;
}

/* The same for a column that every version has. */
const char *
oauth_import_column(OAuthImport *import, const char *table, const char *alias, const char *column)
{
	const char *sql = oauth_import_optional(import, table, alias, column, NULL);

	if (sql == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("table \"%s.%s\" has no column \"%s\"", import->schema, table, column),
				 errhint("It is not a table of %s, or of a version of it that is not known here.",
						 import->source)));
	return sql;
}

/* The table of users as the caller wrote it: with its schema, or in that of the source. */
static void
parse_users(OAuthImport *import, const char *users, char **schema, char **name)
{
	List	   *names = textToQualifiedNameList(cstring_to_text(users));

	*schema = list_length(names) > 1 ? strVal(linitial(names)) : unconstify(char *, import->schema);
	*name = strVal(llast(names));
}

/* A table that an argument names, which need not be in the source. */
static void
check_users(const char *schema, const char *name)
{
	Oid			owner;
	Oid			table = oauth_store_source_table(schema, name, &owner);

	if (OidIsValid(table))
		oauth_store_check_readable(table, name);
}

static void
join_users(OAuthImport *import, const char *from, const char *schema, const char *name,
		   const char *key, const char *subject)
{
	OAuthImport users = *import;
	const char *id;

	users.schema = schema;
	users.source = "users";
	oauth_import_table(&users, name, true);
	id = oauth_import_column(&users, name, "u", key);
	import->owner = users.owner;
	import->users_join = psprintf(" LEFT JOIN %s u ON %s = %s",
								  quote_qualified_identifier(schema, name), id, from);
	if (subject != NULL)
		import->subject = oauth_import_column(&users, name, "u", subject);
	import->user_refusal = psprintf("CASE WHEN %s IS NULL THEN NULL WHEN %s IS NULL THEN 'its user "
									"does not exist'%s END",
									from, id,
									oauth_import_has(&users, name, "is_active") ?
									" WHEN NOT u.is_active THEN 'its user is not active'" :
									"");
}

/* Whether the query finds any row in the source. */
bool
oauth_import_any(OAuthImport *import, const char *sql)
{
	OAuthSourceReader source = {0};
	bool		found;

	oauth_store_open_source(&source, sql, import->owner);
	found = oauth_store_fetch_source(&source, 1) > 0;
	oauth_store_close_source(&source);
	return found;
}

/*
 * Whose the tokens are: the value of a column of the token table, or a column of the user row that
 * it refers to.
 *
 * users is a table and key the column that is referred to; both are NULL to follow the foreign key,
 * if there is one.  If the user table has a column is_active, only active users go on.
 */
void
oauth_import_users(OAuthImport *import, const char *table, const char *alias, const char *column,
				   const char *users, const char *key, const char *subject)
{
	const char *from = oauth_import_column(import, table, alias, column);
	char	   *schema;
	char	   *name;
	char	   *referenced;

	import->subject = from;
	if (users != NULL)
	{
		parse_users(import, users, &schema, &name);
		check_users(schema, name);
		join_users(import, from, schema, name, key ? key : "id", subject);
	}
	else if (oauth_store_source_reference(oauth_import_table(import, table, true), column, &schema,
										  &name, &referenced))
		join_users(import, from, schema, name, referenced, subject);
	else if (subject != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"subject\" needs a table of users"),
				 errhint("Give users => 'schema.table'; no foreign key of %s says which it is.",
						 oauth_import_name(import, table))));
}

/* Reports the progress every few seconds; total is 0 if nobody has counted. */
void
oauth_import_notice(OAuthImport *import, const char *what, int64 n, int64 total)
{
	TimestampTz now = GetCurrentTimestamp();

	CHECK_FOR_INTERRUPTS();
	if (now - import->noticed < 5 * USECS_PER_SEC)
		return;
	import->noticed = now;
	if (total > 0)
		ereport(NOTICE, (errmsg("read " INT64_FORMAT " of " INT64_FORMAT " %s", n, total, what)));
	else
		ereport(NOTICE, (errmsg("read " INT64_FORMAT " %s", n, what)));
}

/*
 * Reads the rows of a query over the source, one by one.  Memory allocated for a row lives as long
 * as its batch.
 */
void
oauth_import_each(OAuthImport *import, const char *what, const char *sql, OAuthImportRow import_row,
				  const void *state)
{
	OAuthSourceReader source = {0};
	MemoryContext old = MemoryContextSwitchTo(import->batch);
	int64		done = 0;
	uint64		n;

	oauth_store_open_source(&source, sql, import->owner);
	while ((n = oauth_store_fetch_source(&source, oauth_import_rows_a_batch(import))) > 0)
	{
		for (uint64 row = 0; row < n; row++)
			import_row(import, &source, row, state);
		MemoryContextReset(import->batch);
		oauth_import_notice(import, what, done += n, 0);
		oauth_import_pace(import);
	}
	oauth_store_close_source(&source);
	MemoryContextSwitchTo(old);
}
