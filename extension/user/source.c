/*
 * source.c
 *		The SQL functions that say where users are: in a table or view of the application, or in
 *		oauth.user.
 *
 * Only one of these is used at a time.  Built-in users stay stored while the application's are
 * used, and are back when those are taken away.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "audit/audit.h"
#include "password/password.h"
#include "store/function.h"
#include "store/user.h"
#include "user/user.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/value.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

PG_FUNCTION_INFO_V1(oauth_use_users);
PG_FUNCTION_INFO_V1(oauth_use_builtin_users);

#define ARGUMENTS "text, text"

static const Oid argument_types[] = {TEXTOID, TEXTOID};

static bool
caller_owns(Oid relation)
{
#if PG_VERSION_NUM >= 160000
	return object_ownercheck(RelationRelationId, relation, GetOuterUserId());
#else
	return pg_class_ownercheck(relation, GetOuterUserId());
#endif
}

/*
 * Refuses a caller who does not own the relation used now, so that one application cannot take the
 * users of another away.  If the relation is gone, anybody who may execute this can replace it.
 */
static void
check_caller_may_replace(void)
{
	OAuthUserSource *now;

	oauth_store_hold_user_source();
	now = oauth_store_stored_user_source();
	if (now != NULL && OidIsValid(now->relation) && !caller_owns(now->relation))
		ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						errmsg("users are in %s.%s now, and you do not own it", now->schema,
							   now->name),
						errhint("Let its owner, or a superuser, call this.")));
}

/* The name of the relation with its schema: the search_path here is not the caller's. */
static void
parse_relation(const char *relation, OAuthUserSource *source)
{
	List	   *name = textToQualifiedNameList(cstring_to_text(relation));

	if (list_length(name) != 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("\"%s\" is not the name of a table or view with its schema", relation),
				 errhint("For example 'app.users'.")));
	source->schema = strVal(linitial(name));
	source->name = strVal(lsecond(name));
}

/*
 * Raises 42809 for a relation without rows, 42501 unless it is the caller's, 0A000 for one that
 * only this session sees.
 */
static void
check_relation(const OAuthUserSource *source)
{
	static const char readable[] = {RELKIND_RELATION, RELKIND_VIEW,
		RELKIND_MATVIEW, RELKIND_FOREIGN_TABLE,
		RELKIND_PARTITIONED_TABLE, '\0'};

	if (strchr(readable, source->kind) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s.%s is not a table or view", source->schema, source->name)));
	if (!caller_owns(source->relation))
		aclcheck_error(ACLCHECK_NOT_OWNER, get_relkind_objtype(source->kind), source->name);
	if (get_rel_persistence(source->relation) == RELPERSISTENCE_TEMP)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s.%s is temporary", source->schema, source->name),
				 errhint("Other sessions, which serve the requests, cannot read it.")));
	if (superuser_arg(source->owner))
		ereport(WARNING,
				(errmsg("%s.%s belongs to a superuser, with whose rights it will be read",
						source->schema, source->name),
				 errhint("ALTER TABLE %s OWNER TO a role that may do no more than it must.",
						 quote_qualified_identifier(source->schema, source->name))));
}

/* Whether an index can find the column; unique: and allows each value once. */
static bool
has_index(Relation relation, AttrNumber number, bool unique)
{
	List	   *indexes = RelationGetIndexList(relation);
	ListCell   *cell;
	bool		found = false;

	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);
		Form_pg_index row = index->rd_index;
		bool		is_whole = row->indisvalid &&
			heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL);

		found = found ||
			(is_whole && row->indkey.values[0] == number &&
			 (!unique || (row->indisunique && row->indimmediate && row->indnkeyatts == 1)));
		index_close(index, AccessShareLock);
	}
	return found;
}

/*
 * Raises notices about columns that will be slow to search, or ambiguous.  Views have no indexes,
 * and may still be neither.
 */
static void
warn_about_indexes(const OAuthUserSource *source)
{
	Relation	relation;

	if (source->kind == RELKIND_VIEW || source->kind == RELKIND_FOREIGN_TABLE)
		return;
	relation = relation_open(source->relation, AccessShareLock);
	if (!has_index(relation, get_attnum(source->relation, source->id), true))
		ereport(WARNING,
				(errmsg("column \"%s\" of %s.%s is not unique", source->id, source->schema,
						source->name),
				 errhint("A user who shares an id with another cannot log in: add a primary "
						 "key or a unique index.")));
	if (!has_index(relation, get_attnum(source->relation, source->username), false))
		ereport(WARNING, (errmsg("column \"%s\" of %s.%s has no index", source->username,
								 source->schema, source->name),
						  errhint("Each login will read the whole table. A user who shares a name "
								  "with another cannot log in; a unique"
								  " index sees to both.")));
	relation_close(relation, AccessShareLock);
}

/*
 * Finds the function that checks passwords; raises 42883 if there is none, 42809 if it does not
 * return text.
 */
void
oauth_users_find_function(OAuthApplicationFunction *function)
{
	function->arguments = ARGUMENTS;
	oauth_application_find(function, lengthof(argument_types), argument_types);
	if (function->result_type != TEXTOID)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("function %s.%s cannot check passwords", function->schema, function->name),
				 errhint("It must return text: the id of the user, or null.")));
}

static void
check_password_function(const char *given, OAuthUserSource *source)
{
	OAuthApplicationFunction function = {0};

	if (given == NULL)
		return;
	oauth_application_parse(given, ARGUMENTS, &function);
	oauth_users_find_function(&function);
	oauth_application_check_owner(&function);
	source->function_schema = function.schema;
	source->function_name = function.name;
}

/*
 * Passwords are checked in one way, and upgraded only where they are stored; without any, the
 * application must log users in itself.
 */
static void
check_passwords(const OAuthUserSource *source)
{
	if (source->password != NULL && source->function_name != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("passwords are checked by \"password\" or by \"password_function\", "
							   "not by both")));
	if (source->upgrade && (source->password == NULL || source->kind != RELKIND_RELATION))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"upgrade\" needs a column of passwords in a table")));
	if (source->password == NULL && source->function_name == NULL)
		ereport(NOTICE,
				(errmsg("nobody can log in here with a password"),
				 errhint("Give \"password\", the column of hashes, or \"password_function\".")));
}

/*
 * oauth_use_users(relation text, id text, username text, password text, active text, scheme text,
 * password_function text,
 *		allow_legacy boolean, upgrade boolean)
 */
Datum
oauth_use_users(PG_FUNCTION_ARGS)
{
	OAuthUserSource source = {0};

	oauth_application_refuse_restricted("oauth_use_users()");
	parse_relation(oauth_argument(fcinfo, 0, "relation"), &source);
	source.id = oauth_argument(fcinfo, 1, "id");
	source.username = oauth_argument(fcinfo, 2, "username");
	source.password = oauth_optional_argument(fcinfo, 3);
	source.active = oauth_optional_argument(fcinfo, 4);
	source.scheme = oauth_argument(fcinfo, 5, "scheme");
	source.allow_legacy = oauth_flag_argument(fcinfo, 7);
	source.upgrade = oauth_flag_argument(fcinfo, 8);
	oauth_password_check_scheme(source.scheme);
	check_caller_may_replace();
	oauth_store_resolve_user_source(&source);
	check_relation(&source);
	check_password_function(oauth_optional_argument(fcinfo, 6), &source);
	check_passwords(&source);
	warn_about_indexes(&source);
	oauth_store_set_user_source(&source);
	oauth_event_configured(NULL, NULL,
						   psprintf("users are in %s.%s", source.schema, source.name));
	PG_RETURN_VOID();
}

/* oauth_use_builtin_users() RETURNS boolean */
Datum
oauth_use_builtin_users(PG_FUNCTION_ARGS)
{
	bool		were_mapped;

	oauth_application_refuse_restricted("oauth_use_builtin_users()");
	check_caller_may_replace();
	were_mapped = oauth_store_forget_user_source();
	if (were_mapped)
		oauth_event_configured(NULL, NULL, "users are the built-in ones");
	PG_RETURN_BOOL(were_mapped);
}
