/*
 * application.c
 *		Functions of the application: finding them, and calling them as their owners.
 *
 * The endpoint functions run as the owner of the extension, a superuser to whom row-level security
 * does not apply.  The application's code never does: it runs with the user id of its own owner, in
 * a security-restricted operation, with its own schema as search_path.  So nobody gains rights by
 * writing such a function.
 *
 * Functions are stored by name and resolved at each call, so that pg_upgrade and pg_dump have no
 * oids to lose.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "store/function.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

/*
 * Reads schema.name, or schema.name(arguments), as a SQL caller gives it; raises 42602 for anything
 * else.
 */
void
oauth_application_parse(const char *given, const char *arguments,
						OAuthApplicationFunction *function)
{
	char	   *signature = psprintf("(%s)", arguments);
	size_t		length = strlen(given);
	size_t		tail = strlen(signature);
	List	   *name;

	if (length > tail && strcmp(given + length - tail, signature) == 0)
		length -= tail;
	name = textToQualifiedNameList(cstring_to_text_with_len(given, length));
	if (list_length(name) != 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("\"%s\" is not the name of a function with its schema", given),
				 errhint("For example 'public.photos'.")));
	function->schema = strVal(linitial(name));
	function->name = strVal(lsecond(name));
	function->arguments = arguments;
}

/*
 * Finds the function of that name and these arguments; raises 42883 if there is none, 42809 if it
 * is not a plain function.
 */
void
oauth_application_find(OAuthApplicationFunction *function, int n_arguments, const Oid *types)
{
	List	   *name = list_make2(makeString(function->schema), makeString(function->name));
	HeapTuple	tuple;
	Form_pg_proc row;
	bool		is_plain;

	function->oid = LookupFuncName(name, n_arguments, types, true);
	if (!OidIsValid(function->oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("function %s(%s) does not exist", NameListToString(name),
						function->arguments),
				 errhint("Create it with %s of type %s, and give its name with its schema.",
						 n_arguments == 1 ? "one argument" : "arguments", function->arguments)));
	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function->oid));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function->oid);
	row = (Form_pg_proc) GETSTRUCT(tuple);
	function->owner = row->proowner;
	function->result_type = row->prorettype;
	is_plain = row->prokind == PROKIND_FUNCTION && !row->proretset;
	ReleaseSysCache(tuple);
	if (!is_plain)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s is not a function that returns one value", NameListToString(name)),
				 errhint("It is a procedure, an aggregate, or returns a set.")));
}

/*
 * The user who called: functions that register others are security definer, so the current user is
 * their owner.
 */
static bool
caller_owns_function(Oid function)
{
#if PG_VERSION_NUM >= 160000
	return object_ownercheck(ProcedureRelationId, function, GetOuterUserId());
#else
	return pg_proc_ownercheck(function, GetOuterUserId());
#endif
}

static bool
caller_owns_schema(Oid schema)
{
#if PG_VERSION_NUM >= 160000
	return object_ownercheck(NamespaceRelationId, schema, GetOuterUserId());
#else
	return pg_namespace_ownercheck(schema, GetOuterUserId());
#endif
}

/*
 * Whether the registered function belongs to the caller.  If it was dropped, the owner of its
 * schema decides; if that is gone too, anybody may replace it.
 */
bool
oauth_application_caller_owns(const OAuthApplicationFunction *function, int n_arguments,
							  const Oid *types)
{
	List	   *name = list_make2(makeString(function->schema), makeString(function->name));
	Oid			oid = LookupFuncName(name, n_arguments, types, true);
	Oid			schema;

	if (OidIsValid(oid))
		return caller_owns_function(oid);
	schema = get_namespace_oid(function->schema, true);
	return !OidIsValid(schema) || caller_owns_schema(schema);
}

/*
 * Refuses code that runs while somebody else maintains a table (an index function at REINDEX, for
 * example): there the outer user is that somebody, in whose name nothing must be registered or
 * withdrawn.
 */
void
oauth_application_refuse_restricted(const char *what)
{
	if (InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("%s cannot be used within a security-restricted operation", what),
				 errhint("Call it in a statement of its own.")));
}

/* Raises 42501 unless the function belongs to the caller; warns if its owner is a superuser. */
void
oauth_application_check_owner(const OAuthApplicationFunction *function)
{
	if (!caller_owns_function(function->oid))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_FUNCTION, function->name);
	if (superuser_arg(function->owner))
		ereport(WARNING,
				(errmsg("function %s.%s belongs to a superuser, to whom policies do not apply",
						function->schema, function->name),
				 errhint("ALTER FUNCTION %s(%s) OWNER TO a role that may do no more than it must.",
						 quote_qualified_identifier(function->schema, function->name),
						 function->arguments)));
}

/*
 * The search_path of the call: the function's schema, that of the API, and temporary objects last.
 */
static void
set_search_path(const OAuthApplicationFunction *function)
{
	char	   *path = psprintf("%s, %s, pg_temp", quote_identifier(function->schema),
								quote_identifier(function->api_schema));

	(void) set_config_option("search_path", path, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true,
							 0, false);
}

static Datum
call(Oid function, int n_arguments, const NullableDatum * arguments, bool *is_null)
{
	LOCAL_FCINFO(fcinfo, OAUTH_MAX_APPLICATION_ARGUMENTS);
	FmgrInfo	flinfo;
	Datum		result;

	fmgr_info(function, &flinfo);
	InitFunctionCallInfoData(*fcinfo, &flinfo, n_arguments, DEFAULT_COLLATION_OID, NULL, NULL);
	for (int i = 0; i < n_arguments; i++)
	{
		fcinfo->args[i] = arguments[i];
		if (arguments[i].isnull && flinfo.fn_strict)
		{
			*is_null = true;
			return (Datum) 0;
		}
	}
	result = FunctionCallInvoke(fcinfo);
	*is_null = fcinfo->isnull;
	return result;
}

/* An argument; words NULL: null. */
NullableDatum
oauth_application_text(const char *words)
{
	NullableDatum datum = {.isnull = words == NULL};

	if (words != NULL)
		datum.value = CStringGetTextDatum(words);
	return datum;
}

/*
 * Calls the function as its owner.  After an error, the transaction or savepoint restores user id,
 * search_path and other settings.  An error of the function reaches the caller of the endpoint
 * function: the shim answers 500.
 */
Datum
oauth_application_call(const OAuthApplicationFunction *function, int n_arguments,
					   const NullableDatum * arguments, bool *is_null)
{
	OAuthOneself oneself = oauth_become_owner(function->owner, true);
	Datum		result;

	set_search_path(function);
	result = call(function->oid, n_arguments, arguments, is_null);
	oauth_become_oneself(&oneself);
	return result;
}

/* A call that may fail. */
typedef struct Attempt
{
	const OAuthApplicationFunction *function;
	int			n_arguments;
	const		NullableDatum *arguments;
	NullableDatum *result;
} Attempt;

static void
attempt(void *argument)
{
	Attempt    *a = argument;

	a->result->value = oauth_application_call(a->function, a->n_arguments, a->arguments,
											  &a->result->isnull);
}

/*
 * Calls the function where something must be kept although the function fails: for example, that a
 * guess was counted.  If it fails, what it did is undone, the log has its error, and the result is
 * false.
 */
bool
oauth_application_try(const OAuthApplicationFunction *function, int n_arguments,
					  const NullableDatum * arguments, NullableDatum * result)
{
	Attempt		one = {.function = function,
		.n_arguments = n_arguments,
		.arguments = arguments,
		.result = result};
	ErrorData  *error = oauth_try(attempt, &one, true);

	if (error == NULL)
		return true;
	if (oauth_error_is_of_server(error->sqlerrcode))
		ReThrowError(error);
	ereport(WARNING,
			(errcode(error->sqlerrcode), errmsg("function %s.%s raised an error: %s",
												function->schema, function->name, error->message)));
	return false;
}
