/*
 * protect.c
 *		Functions of the application behind /api/: registering and calling them (application.c says
 *		with whose rights).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "api/api.h"
#include "application/application.h"
#include "audit/audit.h"
#include "client/client.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/function.h"
#include "store/scope.h"
#include "text/text.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#define ARGUMENTS "oauth.http_request"

PG_FUNCTION_INFO_V1(oauth_protect);
PG_FUNCTION_INFO_V1(oauth_unprotect);

static Oid
type_oid(const char *name)
{
	Oid			schema = get_namespace_oid("oauth", false);
	Oid			type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name),
									   ObjectIdGetDatum(schema));

	if (!OidIsValid(type))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("type oauth.%s does not exist", name)));
	return type;
}

/*
 * Finds the function, with one argument oauth.http_request; raises 42809 unless its result can be
 * sent.
 */
static void
find_function(OAuthApplicationFunction *function)
{
	Oid			request = type_oid("http_request");

	oauth_application_find(function, 1, &request);
	if (function->result_type != JSONBOID && function->result_type != type_oid("http_response"))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("function %s.%s cannot answer a request", function->schema, function->name),
				 errhint("It must return jsonb or oauth.http_response.")));
}

/*
 * Publishing at a path takes it away from the function that answers there now, at that path or one
 * above it.
 */
static void
check_caller_may_replace(const OAuthProtectedFunction *entry, const char *path)
{
	Oid			request = type_oid("http_request");

	if (entry != NULL && !oauth_application_caller_owns(&entry->function, 1, &request))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("%s.%s answers at path \"%s\", and you do not own it",
						entry->function.schema, entry->function.name, path),
				 errdetail("It is registered for \"%s\" and all below it.", entry->path),
				 errhint("Choose another path, or let the owner of that function call this.")));
}

static char *
check_path(char *path)
{
	size_t		length = strlen(path);
	bool		has_empty_segment = strstr(path, "//") != NULL;

	if (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
	if (strncmp(path, "/api/", 5) != 0 || length > 1000 || strpbrk(path, "?#%") != NULL ||
		has_empty_segment)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("path \"%s\" cannot be protected", path),
						errhint("A path begins with /api/ and has no empty segment, query or "
								"percent-encoding: /api/photos")));
	for (const char *c = path; *c; c++)
		if ((unsigned char) *c <= ' ' || (unsigned char) *c >= 0x7F)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("a path can contain printable ASCII characters only"),
							errhint("For example /api/photos.")));
	return path;
}

static List *
check_methods(List *methods)
{
	ListCell   *cell;

	if (methods == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("argument \"methods\" is empty"),
				 errhint("For example methods => '{GET,POST}'.")));
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

/* Every word must be registered: a scope that nobody can be granted would lock everybody out. */
static char *
check_required_scope(const char *scope)
{
	List	   *words;
	OAuthFault *fault;

	if (scope == NULL)
		return NULL;
	if ((fault = oauth2_scope_parse(scope, &words)) != NULL)
		oauth_fault_raise(fault, oauth2_scope_hint(scope));
	oauth_store_seed_scopes();
	if (oauth_store_unknown_scopes(words) != NIL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("scope \"%s\" is not registered",
							   (char *) linitial(oauth_store_unknown_scopes(words))),
						errhint("%s", oauth2_scope_hint(scope) ?
								oauth2_scope_hint(scope) :
								"SELECT oauth_register_scope(...) adds it.")));
	return oauth_words_join(words);
}

/*
 * oauth_protect(path text, function text, required_scope text, methods text[], acr_values text,
 *		max_age interval)
 */
Datum
oauth_protect(PG_FUNCTION_ARGS)
{
	OAuthProtectedFunction entry = {0};

	oauth_application_refuse_restricted("oauth_protect()");
	entry.path = check_path(oauth_argument(fcinfo, 0, "path"));
	oauth_application_parse(oauth_argument(fcinfo, 1, "function"), ARGUMENTS, &entry.function);
	find_function(&entry.function);
	oauth_application_check_owner(&entry.function);
	entry.required_scope = check_required_scope(oauth_optional_argument(fcinfo, 2));
	entry.methods = check_methods(oauth_list_argument(fcinfo, 3, "methods"));
	entry.login = oauth2_step_up_arguments(fcinfo, 4);
	check_caller_may_replace(oauth_store_hold_protected(entry.path), entry.path);
	oauth_store_protect(&entry);
	oauth_event_configured(NULL, NULL,
						   psprintf("%s was put behind %s",
									quote_qualified_identifier(entry.function.schema,
															   entry.function.name),
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

	oauth_application_refuse_restricted("oauth_unprotect()");
	entry = oauth_store_hold_protected(path);
	if (entry == NULL || strcmp(entry->path, path) != 0)
		PG_RETURN_BOOL(false);
	check_caller_may_replace(entry, path);
	was_there = oauth_store_unprotect(path);
	if (was_there)
		oauth_event_configured(NULL, NULL, psprintf("nothing is behind %s any more", path));
	PG_RETURN_BOOL(was_there);
}

/* Calls the function.  null becomes 204, jsonb becomes 200 with that body. */
OAuthResponse *
oauth_protected_call(OAuthProtectedFunction *entry, Datum request)
{
	NullableDatum argument = {.value = request};
	OAuthResponse *response;
	Datum		result;
	bool		is_null;

	entry->function.arguments = ARGUMENTS;
	find_function(&entry->function);
	result = oauth_application_call(&entry->function, 1, &argument, &is_null);
	if (!is_null && entry->function.result_type != JSONBOID)
		return oauth_response_from_datum(result);
	response = oauth_response_json(is_null ? 204 : 200);
	if (!is_null)
	{
		Jsonb	   *json = DatumGetJsonbP(result);

		JsonbToCString(&response->body, &json->root, VARSIZE(json));
	}
	return response;
}
