/*
 * user_source.c
 *		SQL of oauth.user_source, which says where the application's own users are, and the triggers
 *		on that table.
 *
 * A table has triggers that end the tokens of users who are deleted (application_user_trigger.c).
 * Any other relation, and a table without these triggers, is asked again at each verification.  The
 * backend remembers which of these holds until the catalog changes, so that a verification costs
 * nothing extra if no users are mapped.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"
#include "store/store.h"
#include "store/user.h"

#include "access/parallel.h"
#include "access/table.h"
#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "parser/parse_coerce.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#define TRIGGER_FUNCTION "_oauth_users_changed"

enum
{
	SOURCE_KEY,
	SOURCE_SCHEMA,
	SOURCE_NAME,
	SOURCE_ID,
	SOURCE_USERNAME,
	SOURCE_PASSWORD,
	SOURCE_ACTIVE,
	SOURCE_SCHEME,
	SOURCE_FUNCTION_SCHEMA,
	SOURCE_FUNCTION_NAME,
	SOURCE_ALLOW_LEGACY,
	SOURCE_UPGRADE
};
static OAuthTable user_source_table = {
	.name = "user_source", .equals = F_BOOLEQ,
	.columns = {"is_only_row", "relation_schema", "relation_name", "id_column", "username_column",
		"password_column", "active_column", "scheme", "function_schema", "function_name",
	"allow_legacy", "upgrade"}
};

static OAuthStatement hold_user_source = {
	.sql = "LOCK TABLE oauth.user_source IN SHARE ROW EXCLUSIVE MODE"
};

static OAuthStatement insert_user_source =
{.sql = "INSERT INTO oauth.user_source (relation_schema, relation_name, id_column, "
	"username_column, password_column,"
	" active_column, scheme, function_schema, function_name, allow_legacy, upgrade)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
	.n_arguments = 11,
	.argument_types = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID,
TEXTOID, BOOLOID, BOOLOID}};

static OAuthStatement delete_user_source = {
	.sql = "DELETE FROM oauth.user_source"
};

/* By any name: a table may have been renamed since. */
static OAuthStatement find_triggers = {
	.sql = "SELECT format('DROP TRIGGER %I ON %I.%I', t.tgname, n.nspname, c.relname) FROM "
	"pg_catalog.pg_trigger t"
	" JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON "
	"n.oid = c.relnamespace"
	" JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid JOIN pg_catalog.pg_language l ON l.oid "
	"= p.prolang"
" WHERE p.proname = '" TRIGGER_FUNCTION "' AND l.lanname = 'c' AND t.tgparentid = 0"};

/* What a verification must know. */
typedef enum Mapping
{
	UNKNOWN,
	BUILT_IN,
	TOLD,						/* by triggers */
	ASKED
} Mapping;

static Mapping known_mapping = UNKNOWN;
static uint64 changes;			/* of what it depends on */
static Oid	source_relation;
static Oid	users_relation;

static void
note_change(Datum argument, Oid relation)
{
	if (relation == InvalidOid || relation == source_relation || relation == users_relation)
	{
		known_mapping = UNKNOWN;
		changes++;
	}
}

static void
fill_in(const OAuthRow *row, OAuthUserSource *source)
{
	source->schema = oauth_store_row_string(row, SOURCE_SCHEMA);
	source->name = oauth_store_row_string(row, SOURCE_NAME);
	source->id = oauth_store_row_string(row, SOURCE_ID);
	source->username = oauth_store_row_string(row, SOURCE_USERNAME);
	source->password = oauth_store_row_string(row, SOURCE_PASSWORD);
	source->active = oauth_store_row_string(row, SOURCE_ACTIVE);
	source->scheme = oauth_store_row_string(row, SOURCE_SCHEME);
	source->function_schema = oauth_store_row_string(row, SOURCE_FUNCTION_SCHEMA);
	source->function_name = oauth_store_row_string(row, SOURCE_FUNCTION_NAME);
	source->allow_legacy = DatumGetBool(oauth_store_row_value(row, SOURCE_ALLOW_LEGACY));
	source->upgrade = DatumGetBool(oauth_store_row_value(row, SOURCE_UPGRADE));
}

/* What is stored, in the active snapshot; NULL for built-in users. */
static OAuthUserSource *
read_source(void)
{
	OAuthUserSource *source = NULL;
	OAuthRow	row;

	if (oauth_store_open_row(&row, &user_source_table, BoolGetDatum(true)))
	{
		source = palloc0(sizeof(OAuthUserSource));
		fill_in(&row, source);
	}
	oauth_store_close_row(&row);
	return source;
}

/* Whether it is a relation whose triggers see every change of its rows. */
bool
oauth_store_user_source_can_tell(Oid relation)
{
	return get_rel_relkind(relation) == RELKIND_RELATION && !IsCatalogRelationOid(relation) &&
		!has_subclass(relation) && !has_superclass(relation);
}

/* In any schema that the extension is in; only a superuser can create functions in C. */
static bool
is_our_function(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Form_pg_proc row;
	bool		is_ours;

	if (!HeapTupleIsValid(tuple))
		return false;
	row = (Form_pg_proc) GETSTRUCT(tuple);
	is_ours = row->prolang == ClanguageId && strcmp(NameStr(row->proname), TRIGGER_FUNCTION) == 0;
	ReleaseSysCache(tuple);
	return is_ours;
}

/* Whether it is such a relation and has all of our triggers, enabled. */
static bool
relation_tells(Oid relation)
{
	Relation	users;
	int			events = 0;

	if (!oauth_store_user_source_can_tell(relation))
		return false;
	users = table_open(relation, AccessShareLock);
	for (int i = 0; users->trigdesc != NULL && i < users->trigdesc->numtriggers; i++)
	{
		const		Trigger *trigger = &users->trigdesc->triggers[i];

		if (is_our_function(trigger->tgfoid) && trigger->tgenabled != TRIGGER_DISABLED &&
			trigger->tgenabled != TRIGGER_FIRES_ON_REPLICA)
			events |= trigger->tgtype &
				(TRIGGER_TYPE_DELETE | TRIGGER_TYPE_UPDATE | TRIGGER_TYPE_TRUNCATE);
	}
	table_close(users, AccessShareLock);
	return events == (TRIGGER_TYPE_DELETE | TRIGGER_TYPE_UPDATE | TRIGGER_TYPE_TRUNCATE);
}

/*
 * A missing relation counts as one to be asked, which raises an error: better than accepting tokens
 * of users who may be gone with it.
 */
static Mapping
look_at_mapping(void)
{
	OAuthUserSource *source = read_source();

	if (source == NULL)
		return BUILT_IN;
	users_relation = get_relname_relid(source->name, get_namespace_oid(source->schema, true));
	return OidIsValid(users_relation) && relation_tells(users_relation) ? TOLD : ASKED;
}

/*
 * Remembers the latest state, whatever the caller's snapshot is; a parallel query cannot take a
 * snapshot, and reads it itself.
 */
static Mapping
look_up_mapping(void)
{
	static bool is_registered = false;
	uint64		changes_before;
	Mapping		mapping;

	if (IsInParallelMode())
		return look_at_mapping();
	if (!is_registered)
		CacheRegisterRelcacheCallback(note_change, (Datum) 0);
	is_registered = true;
	source_relation = oauth_store_relation(user_source_table.name);
	changes_before = changes;
	PushActiveSnapshot(GetLatestSnapshot());
	mapping = look_at_mapping();
	PopActiveSnapshot();
	if (changes == changes_before && (mapping != ASKED || OidIsValid(users_relation)))
		known_mapping = mapping;
	return mapping;
}

static inline Mapping
current_mapping(void)
{
	return known_mapping != UNKNOWN ? known_mapping : look_up_mapping();
}

/* Whether users are the application's own. */
bool
oauth_store_users_are_external(void)
{
	return current_mapping() != BUILT_IN;
}

/* Whether a verification must ask about the user, because the relation does not report changes. */
bool
oauth_store_must_check_user(void)
{
	return current_mapping() == ASKED;
}

/* What a column is for, and which types it can have. */
typedef enum Purpose
{
	FOR_ID,
	FOR_NAME,
	FOR_PASSWORD,
	FOR_ACTIVE
} Purpose;

static const char *const hints[] = {
	[FOR_ID] = "An id is smallint, integer, bigint, uuid, text, varchar or citext; a view can cast "
	"others.",
	[FOR_NAME] = "A name is text, varchar or citext; a view can cast others.",
	[FOR_PASSWORD] = "A password hash is text or varchar.",
	[FOR_ACTIVE] = "Users are active where a boolean is true, or a time is null.",
};

/*
 * Only types whose input and output functions belong to a superuser: they run here with our rights.
 * Domains are reduced to their base types, so that their constraints do not run.
 */
static bool
type_fits(Oid type, Purpose purpose)
{
	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case UUIDOID:
			return purpose == FOR_ID;
		case BOOLOID:
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return purpose == FOR_ACTIVE;
		case NAMEOID:
		case CHAROID:
		case BPCHAROID:
		case UNKNOWNOID:
			return false;
		default:
			return purpose != FOR_ACTIVE && get_typtype(type) == TYPTYPE_BASE &&
				TypeCategory(type) == TYPCATEGORY_STRING;
	}
}

static Oid
type_of_column(const OAuthUserSource *source, const char *column, Purpose purpose)
{
	AttrNumber	number = column ? get_attnum(source->relation, column) : InvalidAttrNumber;
	Oid			type;

	if (column == NULL)
		return InvalidOid;
	if (number <= 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
						errmsg("relation %s.%s has no column \"%s\"", source->schema, source->name,
							   column),
						errhint("Users are looked for there: SELECT oauth_use_users(...) names "
								"other columns.")));
	type = getBaseType(get_atttype(source->relation, number));
	if (!type_fits(type, purpose))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of relation %s.%s cannot be used for users: it has type %s",
						column, source->schema, source->name, format_type_be(type)),
				 errhint("%s", hints[purpose])));
	return type;
}

/*
 * Looks up the relation and its columns; raises 42P01, 42703 or 42804 if they are not as described.
 */
void
oauth_store_resolve_user_source(OAuthUserSource *source)
{
	HeapTuple	tuple;
	Form_pg_class row;

	source->relation = get_relname_relid(source->name, get_namespace_oid(source->schema, true));
	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(source->relation));
	if (!HeapTupleIsValid(tuple))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("relation %s.%s does not exist", source->schema, source->name),
						errhint("Users are looked for there: SELECT oauth_use_users(...) names "
								"another relation, and"
								" oauth_use_builtin_users() none.")));
	row = (Form_pg_class) GETSTRUCT(tuple);
	source->owner = row->relowner;
	source->kind = row->relkind;
	ReleaseSysCache(tuple);
	source->id_type = type_of_column(source, source->id, FOR_ID);
	source->username_type = type_of_column(source, source->username, FOR_NAME);
	type_of_column(source, source->password, FOR_PASSWORD);
	source->active_type = type_of_column(source, source->active, FOR_ACTIVE);
}

/* What is stored now, whether or not the relation exists; NULL for built-in users. */
OAuthUserSource *
oauth_store_stored_user_source(void)
{
	OAuthUserSource *source;

	if (!IsInParallelMode())
		PushActiveSnapshot(GetLatestSnapshot());
	source = read_source();
	if (!IsInParallelMode())
		PopActiveSnapshot();
	if (source != NULL)
		source->relation = get_relname_relid(source->name, get_namespace_oid(source->schema, true));
	return source;
}

/* Where users are now; NULL for built-in users. */
OAuthUserSource *
oauth_store_user_source(void)
{
	OAuthUserSource *source = oauth_store_stored_user_source();

	if (source != NULL)
		oauth_store_resolve_user_source(source);
	return source;
}

/* Prevents others from changing where users are. */
void
oauth_store_hold_user_source(void)
{
	oauth_store_count(&hold_user_source, NULL);
}

/* Statements that cannot be prepared: they are DDL, with names in them. */
static void
run_command(const char *command)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
	if (SPI_execute(command, false, 0) < 0)
		elog(ERROR, "could not execute a command");
	SPI_finish();
}

static void
drop_triggers(void)
{
	uint64		n = oauth_store_run(&find_triggers, NULL);
	List	   *commands = NIL;
	ListCell   *cell;

	for (uint64 row = 0; row < n; row++)
		commands = lappend(commands,
						   SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, 1));
	foreach(cell, commands)
		run_command(lfirst(cell));
	oauth_store_end();
}

/* The condition that a value of a column differs; NULL columns are left out. */
static void
append_difference(StringInfo condition, const char *column)
{
	if (column != NULL)
		appendStringInfo(condition, "%sOLD.%s IS DISTINCT FROM NEW.%s",
						 condition->len > 0 ? " OR " : "", quote_identifier(column),
						 quote_identifier(column));
}

/*
 * The triggers that report changes: they belong to the application's table.  Those of UPDATE are
 * for each row, because only these can have a condition: an UPDATE of other columns, of any number
 * of rows, does not call them.
 */
static void
create_triggers(const OAuthUserSource *source)
{
	char	   *relation = quote_qualified_identifier(source->schema, source->name);
	char	   *function = quote_qualified_identifier(oauth_store_api_schema(), TRIGGER_FUNCTION);
	char	   *call = psprintf("EXECUTE FUNCTION %s(%s, %s, %s)", function,
								quote_literal_cstr(source->id),
								quote_literal_cstr(source->active ? source->active : ""),
								quote_literal_cstr(source->password ? source->password : ""));
	StringInfoData condition;

	initStringInfo(&condition);
	append_difference(&condition, source->id);
	append_difference(&condition, source->active);
	append_difference(&condition, source->password);
	run_command(psprintf("CREATE TRIGGER oauth_users_deleted AFTER DELETE ON %s"
						 " REFERENCING OLD TABLE AS gone FOR EACH STATEMENT %s",
						 relation, call));
	run_command(psprintf("CREATE TRIGGER oauth_users_updated AFTER UPDATE ON %s"
						 " FOR EACH ROW WHEN (%s) %s",
						 relation, condition.data, call));
	run_command(psprintf("CREATE TRIGGER oauth_users_truncated AFTER TRUNCATE ON %s"
						 " FOR EACH STATEMENT %s",
						 relation, call));
}

/* Users are there from now on, and no longer where they were. */
void
oauth_store_set_user_source(const OAuthUserSource *source)
{
	const char *texts[] = {source->schema, source->name,
		source->id, source->username,
		source->password, source->active,
		source->scheme, source->function_schema,
		source->function_name};
	OAuthArguments arguments = {0};

	oauth_store_forget_user_source();
	for (size_t i = 0; i < lengthof(texts); i++)
		oauth_add_text(&arguments, texts[i]);
	oauth_add_bool(&arguments, source->allow_legacy);
	oauth_add_bool(&arguments, source->upgrade);
	oauth_store_count(&insert_user_source, &arguments);
	if (oauth_store_user_source_can_tell(source->relation))
		create_triggers(source);
}

/* True if users were the application's own. */
bool
oauth_store_forget_user_source(void)
{
	drop_triggers();
	CacheInvalidateRelcacheByRelid(oauth_store_relation(user_source_table.name));
	return oauth_store_count(&delete_user_source, NULL) > 0;
}
