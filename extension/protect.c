/*
 * protect.c
 *		Functions of the application behind /api/: registering them, and calling them as their owners.
 *
 * The endpoint functions run as the owner of the extension, a superuser for whom row-level security is off.  Code of the
 * application never does: it runs with the user id of its own owner, in a security-restricted operation, and with its own
 * schema as search_path, so that whoever may write such a function gains nothing by it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

PG_FUNCTION_INFO_V1(oauth_protect);
PG_FUNCTION_INFO_V1(oauth_unprotect);

/* What the catalog says of a function that could be called. */
typedef struct Callee
{
	Oid			oid;
	Oid			owner;
	char	   *schema;
	char	   *name;
	bool		returns_jsonb;
} Callee;

static Oid
type_oid(const char *name)
{
	Oid			schema = get_namespace_oid("oauth", false);
	Oid			type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name), ObjectIdGetDatum(schema));

	if (!OidIsValid(type))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("type oauth.%s does not exist", name)));
	return type;
}

/* The function of that name with one argument oauth.http_request and a result we can send. */
static void
find_function(List *name, Callee *callee)
{
	Oid			request = type_oid("http_request");
	HeapTuple	tuple;
	Form_pg_proc function;

	callee->oid = LookupFuncName(name, 1, &request, true);
	if (!OidIsValid(callee->oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("function %s(oauth.http_request) does not exist", NameListToString(name)),
				 errhint("Create it with one argument of type oauth.http_request, and give its name with its schema.")));
	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(callee->oid));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", callee->oid);
	function = (Form_pg_proc) GETSTRUCT(tuple);
	callee->owner = function->proowner;
	callee->schema = get_namespace_name(function->pronamespace);
	callee->name = pstrdup(NameStr(function->proname));
	callee->returns_jsonb = function->prorettype == JSONBOID;
	if (function->prokind != PROKIND_FUNCTION || function->proretset ||
		(!callee->returns_jsonb && function->prorettype != type_oid("http_response")))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("function %s cannot answer a request", NameListToString(name)),
				 errhint("It must return jsonb or oauth.http_response.")));
	ReleaseSysCache(tuple);
}

/* oauth_protect() and oauth_unprotect() are run by their definer; what counts is who called them. */
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
 * Code that runs while somebody else maintains a table (the function of an index at REINDEX, say) has that somebody as
 * the outer user, and must not publish or withdraw in that name.
 */
static void
refuse_restricted_operation(void)
{
	if (InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("paths cannot be changed within a security-restricted operation"),
				 errhint("Call oauth_protect() and oauth_unprotect() in a statement of their own.")));
}

/* Of a function that has been dropped there is the schema left to ask for; of neither, nobody to ask. */
static bool
caller_owns(const OAuthProtectedFunction *entry)
{
	Oid			request = type_oid("http_request");
	Oid			function = LookupFuncName(list_make2(makeString(entry->schema), makeString(entry->name)), 1, &request, true);
	Oid			schema;

	if (OidIsValid(function))
		return caller_owns_function(function);
	schema = get_namespace_oid(entry->schema, true);
	return !OidIsValid(schema) || caller_owns_schema(schema);
}

/* Who publishes at a path takes it from whatever answers there now, at that path or one above it. */
static void
check_caller_may_replace(const OAuthProtectedFunction *entry, const char *path)
{
	if (entry != NULL && !caller_owns(entry))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("%s.%s answers at path \"%s\", and you do not own it", entry->schema, entry->name, path),
				 errdetail("It is registered for \"%s\" and all below it.", entry->path),
				 errhint("Choose another path, or let the owner of that function call this.")));
}

static void
check_ownership(const Callee *callee)
{
	if (!caller_owns_function(callee->oid))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_FUNCTION, callee->name);
	if (superuser_arg(callee->owner))
		ereport(WARNING,
				(errmsg("function %s.%s belongs to a superuser, for whom policies do not hold", callee->schema,
						callee->name),
				 errhint("ALTER FUNCTION %s(oauth.http_request) OWNER TO a role that may do no more than it must.",
						 quote_qualified_identifier(callee->schema, callee->name))));
}

/* schema.name, or schema.name(oauth.http_request). */
static List *
parse_function_name(const char *function)
{
	static const char signature[] = "(oauth.http_request)";
	size_t		length = strlen(function);
	size_t		tail = strlen(signature);
	List	   *name;

	if (length > tail && strcmp(function + length - tail, signature) == 0)
		length -= tail;
	name = textToQualifiedNameList(cstring_to_text_with_len(function, length));
	if (list_length(name) != 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("\"%s\" is not the name of a function with its schema", function),
				 errhint("For example 'public.photos'.")));
	return name;
}

static char *
check_path(char *path)
{
	size_t		length = strlen(path);
	bool		has_empty_segment = strstr(path, "//") != NULL;

	if (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
	if (strncmp(path, "/api/", 5) != 0 || length > 1000 || strpbrk(path, "?#%") != NULL || has_empty_segment)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("path \"%s\" cannot be protected", path),
				 errhint("A path begins with /api/ and has no empty segment, query or percent-encoding: /api/photos")));
	for (const char *c = path; *c; c++)
		if ((unsigned char) *c <= ' ' || (unsigned char) *c >= 0x7F)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a path has printable ASCII characters only")));
	return path;
}

static List *
check_methods(List *methods)
{
	ListCell   *cell;

	if (methods == NIL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("argument \"methods\" is empty")));
	foreach(cell, methods)
	{
		const char *method = lfirst(cell);
		size_t		length = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

		if (length == 0 || length > 20 || method[length] != '\0')
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"%s\" is not an HTTP method", method),
					 errhint("Methods are upper-case words, such as GET and POST.")));
	}
	return methods;
}

/* Every word must be registered: a scope that cannot be given protects from everybody. */
static char *
check_required_scope(const char *scope)
{
	List	   *words;
	OAuthFault *fault;

	if (scope == NULL)
		return NULL;
	if ((fault = oauth2_scope_parse(scope, &words)) != NULL)
		oauth_fault_raise(fault, NULL);
	oauth_store_seed_scopes();
	if (oauth_store_unknown_scopes(words) != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("scope \"%s\" is not registered", (char *) linitial(oauth_store_unknown_scopes(words))),
				 errhint("SELECT oauth_register_scope(...) adds it.")));
	return oauth2_scope_join(words);
}

/* oauth_protect(path text, function text, required_scope text, methods text[]) */
Datum
oauth_protect(PG_FUNCTION_ARGS)
{
	OAuthProtectedFunction entry = {0};
	Callee		callee;

	refuse_restricted_operation();
	entry.path = check_path(oauth_argument(fcinfo, 0, "path"));
	find_function(parse_function_name(oauth_argument(fcinfo, 1, "function")), &callee);
	check_ownership(&callee);
	entry.schema = callee.schema;
	entry.name = callee.name;
	entry.required_scope = check_required_scope(oauth_optional_argument(fcinfo, 2));
	entry.methods = check_methods(oauth_list_argument(fcinfo, 3, "methods"));
	check_caller_may_replace(oauth_store_hold_protected(entry.path), entry.path);
	oauth_store_protect(&entry);
	oauth_event_configured(NULL, NULL, psprintf("%s was put behind %s", quote_qualified_identifier(entry.schema, entry.name),
												entry.path));
	PG_RETURN_VOID();
}

/* oauth_unprotect(path text) RETURNS boolean */
Datum
oauth_unprotect(PG_FUNCTION_ARGS)
{
	char	   *path = check_path(oauth_argument(fcinfo, 0, "path"));
	OAuthProtectedFunction *entry;
	bool		was_there;

	refuse_restricted_operation();
	entry = oauth_store_hold_protected(path);
	if (entry == NULL || strcmp(entry->path, path) != 0)
		PG_RETURN_BOOL(false);
	check_caller_may_replace(entry, path);
	was_there = oauth_store_unprotect(path);
	if (was_there)
		oauth_event_configured(NULL, NULL, psprintf("nothing is behind %s any more", path));
	PG_RETURN_BOOL(was_there);
}

/* The schema of the function first, then that of the API, and temporary objects last. */
static void
set_search_path(const OAuthProtectedFunction *entry)
{
	char	   *path = psprintf("%s, %s, pg_temp", quote_identifier(entry->schema), quote_identifier(entry->api_schema));

	(void) set_config_option("search_path", path, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

static Datum
call(Oid function, Datum request, bool *is_null)
{
	LOCAL_FCINFO(fcinfo, 1);
	FmgrInfo	flinfo;
	Datum		result;

	fmgr_info(function, &flinfo);
	InitFunctionCallInfoData(*fcinfo, &flinfo, 1, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = request;
	fcinfo->args[0].isnull = false;
	result = FunctionCallInvoke(fcinfo);
	*is_null = fcinfo->isnull;
	return result;
}

/* User id, search_path and what else was set come back at an error with the transaction or savepoint. */
static Datum
call_as_owner(const Callee *callee, const OAuthProtectedFunction *entry, Datum request, bool *is_null)
{
	Oid			user;
	int			context;
	int			nest_level;
	Datum		result;

	GetUserIdAndSecContext(&user, &context);
	nest_level = NewGUCNestLevel();
	SetUserIdAndSecContext(callee->owner, context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
	set_search_path(entry);
	result = call(callee->oid, request, is_null);
	AtEOXact_GUC(false, nest_level);
	SetUserIdAndSecContext(user, context);
	return result;
}

/*
 * Calls the function; null is 204, jsonb is 200 with that body.
 *
 * The function is resolved by name at each call, so that pg_upgrade and pg_dump have no oid to lose.  What it raises goes
 * through to whoever called the endpoint function: the shim answers 500.
 */
OAuthResponse *
oauth_protected_call(const OAuthProtectedFunction *entry, Datum request)
{
	Callee		callee;
	OAuthResponse *response;
	Datum		result;
	bool		is_null;

	find_function(list_make2(makeString(entry->schema), makeString(entry->name)), &callee);
	result = call_as_owner(&callee, entry, request, &is_null);
	if (!is_null && !callee.returns_jsonb)
		return oauth_response_from_datum(result);
	response = oauth_response_json(is_null ? 204 : 200);
	if (!is_null)
	{
		Jsonb	   *json = DatumGetJsonbP(result);

		JsonbToCString(&response->body, &json->root, VARSIZE(json));
	}
	return response;
}
