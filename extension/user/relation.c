/*
 * relation.c
 *		SQL on the application's table or view of users: finds a user by id or by name.
 *
 * It runs with the user id of the relation's owner, in a security-restricted operation, with the
 * relation's schema as search_path: a view, a policy, a type or a cast can run code of the owner,
 * which gains no rights by it.  The statement itself names everything with its schema.  Names are
 * equal if the type of their column says so (citext too).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "store/statement.h"
#include "store/user.h"
#include "text/text.h"
#include "user/user.h"

#include "access/relation.h"
#include "catalog/pg_operator.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#define SAMPLE_BLOCKS	64
#define FEW_SAMPLES	100
#define FIRST_ROWS	" LIMIT 2000"

/* The queries on the relation; the plan of each is kept. */
typedef enum Question
{
	BY_ID,
	BY_ID_HELD,
	BY_NAME,
	HASHES,
	N_QUESTIONS
} Question;

typedef struct KeptPlan
{
	char	   *sql;
	Oid			argument_type;
	SPIPlanPtr	plan;
} KeptPlan;

static KeptPlan kept_plans[N_QUESTIONS];

/* The hash that is being written here; NULL at other times. */
static const char *replacing_hash;

/* How many queries are being executed: a view may lead to another one. */
static int	running;

static SPIPlanPtr
prepare(const char *sql, Oid argument_type)
{
	SPIPlanPtr	plan = SPI_prepare(sql, OidIsValid(argument_type) ? 1 : 0, &argument_type);

	if (plan == NULL)
		elog(ERROR, "could not prepare a question: %s", SPI_result_code_string(SPI_result));
	return plan;
}

/* The plan of the query for the current columns.  A plan that may be in use is not replaced. */
static SPIPlanPtr
kept_plan(Question question, const char *sql, Oid argument_type)
{
	KeptPlan   *kept = &kept_plans[question];
	SPIPlanPtr	plan;

	if (kept->plan != NULL && strcmp(kept->sql, sql) == 0 && kept->argument_type == argument_type)
		return kept->plan;
	plan = prepare(sql, argument_type);
	if (running > 1 || SPI_keepplan(plan) != 0)
		return plan;
	if (kept->plan != NULL)
	{
		SPI_freeplan(kept->plan);
		kept->plan = NULL;
		pfree(kept->sql);
	}
	kept->sql = MemoryContextStrdup(TopMemoryContext, sql);
	kept->argument_type = argument_type;
	kept->plan = plan;
	return plan;
}

static void
set_search_path(const OAuthUserSource *source)
{
	(void) set_config_option("search_path",
							 psprintf("%s, pg_temp", quote_identifier(source->schema)), PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/* The rows of the last statement as arrays of strings, in the caller's memory context. */
static List *
copy_rows(MemoryContext caller)
{
	MemoryContext old = MemoryContextSwitchTo(caller);
	int			n_columns = SPI_tuptable->tupdesc->natts;
	List	   *rows = NIL;

	for (uint64 row = 0; row < SPI_processed; row++)
	{
		char	  **values = palloc(n_columns * sizeof(char *));

		for (int column = 0; column < n_columns; column++)
			values[column] = SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc,
										  column + 1);
		rows = lappend(rows, values);
	}
	MemoryContextSwitchTo(old);
	return rows;
}

static List *
execute(Question question, const char *sql, Oid argument_type, Datum argument, bool read_only)
{
	MemoryContext caller = CurrentMemoryContext;
	List	   *rows;
	int			result;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
	result = SPI_execute_plan(kept_plan(question, sql, argument_type), &argument, NULL, read_only,
							  0);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "could not ask for users: %s", SPI_result_code_string(result));
	rows = copy_rows(caller);
	SPI_finish();
	return rows;
}

/* The user before the switch to the relation's owner. */
typedef struct Caller
{
	OAuthOneself oneself;
	OAuthIdentity identity;
} Caller;

/* After an error, the transaction or savepoint restores all of it. */
static void
become_owner(const OAuthUserSource *source, Caller *caller)
{
	caller->identity = oauth_identity_hide();
	caller->oneself = oauth_become_owner(source->owner, true);
	set_search_path(source);
}

static void
become_caller(const Caller *caller)
{
	oauth_become_oneself(&caller->oneself);
	oauth_identity_restore(&caller->identity);
}

/* Runs the query with the rights of the owner.  read_only: in the snapshot of the caller. */
static List *
ask_application(const OAuthUserSource *source, Question question, const char *sql,
				Oid argument_type, Datum argument, bool read_only)
{
	List	   *volatile rows = NIL;
	Caller		caller;

	become_owner(source, &caller);
	running++;
	PG_TRY();
	{
		rows = execute(question, sql, argument_type, argument, read_only);
	}
	PG_FINALLY();
	{
		running--;
	}
	PG_END_TRY();
	become_caller(&caller);
	return rows;
}

/* "column" OPERATOR(schema.=) $1, with the equality operator of the type. */
static char *
equals(const char *column, Oid type)
{
	Oid			operator = lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr;
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(operator));
	Form_pg_operator row;
	char	   *condition;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("type %s has no equality", format_type_be(type))));
	row = (Form_pg_operator) GETSTRUCT(tuple);
	condition = psprintf("u.%s OPERATOR(%s.%s) $1", quote_identifier(column),
						 quote_identifier(get_namespace_name(row->oprnamespace)),
						 NameStr(row->oprname));
	ReleaseSysCache(tuple);
	return condition;
}

static char *
as_text(const char *column)
{
	return column ? psprintf("u.%s::pg_catalog.text", quote_identifier(column)) : "NULL";
}

static char *
is_active(const OAuthUserSource *source)
{
	const char *column = source->active ? quote_identifier(source->active) : NULL;

	if (column == NULL)
		return "true";
	return psprintf(source->active_type == BOOLOID ? "u.%s IS TRUE" : "u.%s IS NULL", column);
}

/* The one user that the query finds, or NULL; an id that cannot be a subject counts as none. */
static OAuthUser *
find_one(const OAuthUserSource *source, Question question, const char *condition, Oid argument_type,
		 Datum argument, bool read_only)
{
	char	   *sql = psprintf("SELECT %s, %s, %s, %s FROM %s AS u WHERE %s LIMIT 2%s",
							   as_text(source->id), as_text(source->username),
							   as_text(source->password),
							   is_active(source),
							   quote_qualified_identifier(source->schema, source->name), condition,
							   question == BY_ID_HELD ? " FOR NO KEY UPDATE" : "");
	List	   *rows = ask_application(source, question, sql, argument_type, argument, read_only);
	char	  **row;
	OAuthUser  *user;

	if (list_length(rows) != 1)
		return NULL;
	row = linitial(rows);
	if (row[0] == NULL || row[1] == NULL || !oauth_is_subject(row[0]))
		return NULL;
	user = palloc0(sizeof(OAuthUser));
	user->subject = row[0];
	user->username = row[1];
	user->password_hash = row[2];
	user->is_disabled = strcmp(row[3], "t") != 0;
	return user;
}

static Datum
input(Oid type, const char *value)
{
	Oid			function;
	Oid			parameter;

	getTypeInputInfo(type, &function, &parameter);
	return OidInputFunctionCall(function, unconstify(char *, value), parameter, -1);
}

/* Whether the text is a number of that type, in the spelling of the type. */
static bool
is_integer(Oid type, const char *text)
{
	int64		most = type == INT2OID ? PG_INT16_MAX :
		type == INT4OID ? PG_INT32_MAX : PG_INT64_MAX;
	int64		number;

	errno = 0;
	number = strtoll(text, NULL, 10);
	return errno == 0 && number <= most && number >= -most - 1 &&
		strcmp(text, psprintf(INT64_FORMAT, number)) == 0;
}

static bool
is_uuid(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == 'x' ? text[i] == '\0' || strchr("0123456789abcdef", text[i]) == NULL :
			text[i] != form[i])
			return false;
	return true;
}

/* Whether a user with that id can exist; for other text the type would raise an error. */
static bool
can_be_id(Oid type, const char *id)
{
	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
			return is_integer(type, id);
		case UUIDOID:
			return is_uuid(id);
		default:
			return true;
	}
}

static OAuthUser *
find_by_id(const OAuthUserSource *source, Question question, const char *id, bool read_only)
{
	OAuthUser  *user;

	if (!can_be_id(source->id_type, id))
		return NULL;
	user = find_one(source, question, equals(source->id, source->id_type), source->id_type,
					input(source->id_type, id), read_only);
	return user != NULL && strcmp(user->subject, id) == 0 ? user : NULL;
}

/* The user whose id has exactly this text, or NULL. */
OAuthUser *
oauth_application_user_by_id(const OAuthUserSource *source, const char *id, bool read_only)
{
	return find_by_id(source, BY_ID, id, read_only);
}

/*
 * The same for a table, with the row locked against deletion and change until the transaction ends.
 */
OAuthUser *
oauth_application_user_lock(const OAuthUserSource *source, const char *id)
{
	return find_by_id(source, BY_ID_HELD, id, false);
}

/* The user with that name, or NULL; also NULL if two have it. */
OAuthUser *
oauth_application_user_by_name(const OAuthUserSource *source, const char *username)
{
	return find_one(source, BY_NAME, equals(source->username, source->username_type),
					source->username_type, input(source->username_type, username), false);
}

/*
 * All rows of some blocks of a table, the same ones each time: the first of them alone would be the
 * older ones.  Of a view, or of a relation without blocks, the first rows.
 */
static char *
sample_clause(const OAuthUserSource *source)
{
	Relation	relation = try_relation_open(source->relation, AccessShareLock);
	double		blocks = 0;

	if (relation == NULL)
		return "";
	if (relation->rd_rel->relkind == RELKIND_RELATION ||
		relation->rd_rel->relkind == RELKIND_MATVIEW)
		blocks = RelationGetNumberOfBlocks(relation);
	relation_close(relation, AccessShareLock);
	if (blocks == 0)
		return "";
	return psprintf(" TABLESAMPLE pg_catalog.system (%.9g) REPEATABLE (0)",
					100.0 * SAMPLE_BLOCKS / Max(blocks, SAMPLE_BLOCKS));
}

static List *
hashes_of(const OAuthUserSource *source, const char *sample)
{
	char	   *sql = psprintf("SELECT %s FROM %s AS u%s WHERE u.%s IS NOT NULL%s",
							   as_text(source->password),
							   quote_qualified_identifier(source->schema, source->name), sample,
							   quote_identifier(source->password),
							   sample[0] != '\0' ? "" : FIRST_ROWS);
	List	   *hashes = NIL;
	ListCell   *cell;

	foreach(cell, ask_application(source, HASHES, sql, InvalidOid, (Datum) 0, false))
		hashes = lappend(hashes, *(char **) lfirst(cell));
	return hashes;
}

/*
 * Sample hashes, as various as those of all users.  If the sampled blocks are nearly empty, any
 * rows are taken.
 */
List *
oauth_application_user_hashes(const OAuthUserSource *source)
{
	char	   *sample;
	List	   *hashes;

	if (source->password == NULL)
		return NIL;
	sample = sample_clause(source);
	hashes = hashes_of(source, sample);
	return sample[0] != '\0' && list_length(hashes) < FEW_SAMPLES ? hashes_of(source, "") : hashes;
}

/*
 * Whether the change of the application's row is our own, so that a trigger need not end anything.
 */
bool
oauth_store_is_replacing_hash(const char *hash)
{
	return replacing_hash != NULL && hash != NULL && strcmp(replacing_hash, hash) == 0;
}

static uint64
update_hash(const OAuthUserSource *source, const OAuthUser *user, const char *hash)
{
	char	   *sql = psprintf("UPDATE %s AS u SET %s = $2"
							   " WHERE %s AND %s OPERATOR(pg_catalog.=) $3",
							   quote_qualified_identifier(source->schema, source->name),
							   quote_identifier(source->password),
							   equals(source->id, source->id_type),
							   as_text(source->password));
	Oid			types[] = {source->id_type, TEXTOID, TEXTOID};
	Datum		values[] = {input(source->id_type, user->subject), CStringGetTextDatum(hash),
		CStringGetTextDatum(user->password_hash)};
	uint64		n;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
	if (SPI_execute_with_args(sql, lengthof(types), types, values, NULL, false, 0) != SPI_OK_UPDATE)
		elog(ERROR, "could not replace a hash");
	n = SPI_processed;
	SPI_finish();
	return n;
}

/*
 * Writes a new hash into the user's row, with the rights of the owner; false if the stored hash is
 * no longer the user's.
 */
bool
oauth_application_user_replace_hash(const OAuthUserSource *source, const OAuthUser *user,
									const char *hash)
{
	volatile uint64 n = 0;
	Caller		caller;

	become_owner(source, &caller);
	replacing_hash = hash;
	PG_TRY();
	{
		n = update_hash(source, user, hash);
	}
	PG_FINALLY();
	{
		replacing_hash = NULL;
	}
	PG_END_TRY();
	become_caller(&caller);
	return n == 1;
}
