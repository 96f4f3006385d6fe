/*
 * explain.c
 *		oauth_explain_request(): why a request would be refused.
 *
 * The steps that an endpoint takes are gone through one by one, with what its answer leaves out; then the endpoint itself
 * is asked, in a subtransaction that is rolled back, and has the last word.  So nothing is used up, issued, counted or
 * noted.  A password is never tried: whoever may explain could guess them here without being counted.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/admin.h"
#include "api/api.h"
#include "http/http.h"
#include "text/text.h"

#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(oauth_explain_request);
PG_FUNCTION_INFO_V1(oauth_explain_http);

#define MAX_SHOWN 1000

typedef struct Endpoint
{
	const char *path;
	const char *function;		/* in schema oauth */
	const char *methods;
	void		(*explain) (OAuthExplanation *explanation, const OAuthRequest *request);
} Endpoint;

static const Endpoint endpoints[] = {
	{"/oauth2/token", "token", "POST", oauth2_explain_token},
	{"/oauth2/access_token", "token", "POST", oauth2_explain_token},
	{"/oauth2/authorize", "authorize", "GET POST", oauth2_explain_authorize},
	{"/oauth2/authorize/confirm", "authorize", "POST", NULL},
	{"/oauth2/revoke", "revoke", "POST", oauth2_explain_about_token},
	{"/oauth2/introspect", "introspect", "POST", oauth2_explain_about_token},
	{"/oauth2/device_authorization", "device_authorization", "POST", oauth2_explain_client_only},
	{"/oauth2/userinfo", "userinfo", "GET POST", oauth_explain_caller},
	{"/oauth2/register", "register", "GET POST PUT DELETE", NULL},
	{"/oauth/request_token", "oauth1_request_token", "GET POST", oauth1_explain},
	{"/oauth/access_token", "oauth1_access_token", "GET POST", oauth1_explain},
	{"/api", "resource", NULL, oauth_explain_caller},
	{"/auth", "forward_auth", NULL, oauth_explain_caller},
};

/* What somebody sent, fit to be shown on a terminal. */
char *
oauth_explain_shown(const char *sent)
{
	char	   *shown = pnstrdup(sent, Min(strlen(sent), MAX_SHOWN));

	for (char *c = shown; *c; c++)
		if ((unsigned char) *c < ' ' || (unsigned char) *c >= 0x7F)
			*c = '?';
	return shown;
}

/* One row. */
void
oauth_explain_step(OAuthExplanation *explanation, const char *check, OAuthVerdict verdict, const char *detail,
				   const char *remedy)
{
	OAuthResult row = {0};

	oauth_row_int32(&row, ++explanation->step);
	oauth_row_text(&row, check);
	if (verdict == OAUTH_EXPLAIN_OPEN)
		oauth_row_null(&row);
	else
		oauth_row_bool(&row, verdict == OAUTH_EXPLAIN_OK);
	oauth_row_text(&row, detail);
	oauth_row_text(&row, remedy);
	oauth_row_put(explanation->result, &row);
}

/* A row for a check of the endpoint itself; true if that refuses. */
bool
oauth_explain_fault(OAuthExplanation *explanation, const char *check, const OAuthFault *fault, const char *remedy)
{
	oauth_explain_step(explanation, check, fault ? OAUTH_EXPLAIN_REFUSED : OAUTH_EXPLAIN_OK,
					   fault ? fault->description : NULL, fault ? remedy : NULL);
	return fault != NULL;
}

/* ---- what the endpoint says ---- */

static Datum
call_endpoint(const char *function, Datum request)
{
	Oid			type = oauth_request_type();
	Oid			endpoint = LookupFuncName(list_make2(makeString("oauth"), makeString(pstrdup(function))), 1, &type, false);

	return OidFunctionCall1(endpoint, request);
}

/* As the shim would read it. */
static OAuthResponse *
read_response(Datum datum)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(datum);
	bool		is_null;
	OAuthResponse *response = oauth_response(DatumGetInt32(GetAttributeByNum(header, 1, &is_null)));
	Datum		headers = GetAttributeByNum(header, 2, &is_null);
	Datum		body;

	if (!is_null)
		response->headers = oauth_list_from_array(DatumGetArrayTypeP(headers));
	body = GetAttributeByNum(header, 3, &is_null);
	if (!is_null)
		appendBinaryStringInfo(&response->body, VARDATA_ANY(DatumGetByteaPP(body)),
							   VARSIZE_ANY_EXHDR(DatumGetByteaPP(body)));
	return response;
}

/* The function of an application at /api/ is not called: what it does may not be undone by a rollback. */
static OAuthResponse *
response_of(const Endpoint *endpoint, const OAuthRequest *request, Datum datum)
{
	if (strcmp(endpoint->function, "resource") == 0)
		return oauth_resource_answer(request, (Datum) 0);
	return read_response(call_endpoint(endpoint->function, datum));
}

/* A request that is tried. */
typedef struct Attempt
{
	const Endpoint *endpoint;
	const OAuthRequest *request;
	Datum		datum;
	OAuthResponse *response;
} Attempt;

static void
attempt(void *argument)
{
	Attempt    *a = argument;

	a->response = response_of(a->endpoint, a->request, a->datum);
}

/* The answer, of which nothing remains; NULL and *error if it was an error. */
static OAuthResponse *
try_request(const Endpoint *endpoint, const OAuthRequest *request, Datum datum, ErrorData **error)
{
	Attempt		one = {.endpoint = endpoint, .request = request, .datum = datum};

	*error = oauth_try(attempt, &one, false);
	return *error ? NULL : one.response;
}

static const char *
header_of(const OAuthResponse *response, const char *name)
{
	ListCell   *cell;
	size_t		length = strlen(name);

	foreach(cell, response->headers)
	{
		const char *line = lfirst(cell);

		if (pg_strncasecmp(line, name, length) == 0 && line[length] == ':')
			return line + length + 1 + strspn(line + length + 1, " ");
	}
	return NULL;
}

/* error and error_description of a redirect; NULL if it brings something else, which is not shown. */
static char *
error_of_location(const char *location)
{
	const char *query = strchr(location, '?');
	OAuthParams params;
	const char *error;
	const char *description;

	if (query == NULL || oauth_params_parse(query + 1, strlen(query + 1), &params) != NULL ||
		oauth_params_get(&params, "error", &error) != NULL || error == NULL ||
		oauth_params_get(&params, "error_description", &description) != NULL)
		return NULL;
	return psprintf("%s: %s", error, description ? description : "");
}

/* What an answer that refuses says; bodies of answers that do not may hold tokens. */
static void
explain_response(OAuthExplanation *explanation, const OAuthRequest *request, const OAuthResponse *response)
{
	bool		would_call = strncmp(request->path, "/api/", 5) == 0 && response->status == 204;
	const char *location = header_of(response, "Location");
	const char *challenge = header_of(response, "WWW-Authenticate");
	char	   *error = location ? error_of_location(location) : NULL;
	bool		is_page = strncmp(response->body.data, "<!", 2) == 0;

	if (would_call)
		oauth_explain_step(explanation, "answer", OAUTH_EXPLAIN_OK, "that of the function, which would be called", NULL);
	else if (response->status < 400 && error == NULL)
		oauth_explain_step(explanation, "answer", OAUTH_EXPLAIN_OK,
						   psprintf("%d%s%s", response->status, location ? " to " : "",
									location ? pnstrdup(location, strcspn(location, "?#")) : ""), NULL);
	else if (error != NULL)
		oauth_explain_step(explanation, "answer", OAUTH_EXPLAIN_REFUSED, psprintf("%d to the client, with %s",
																				  response->status, error), NULL);
	else
		oauth_explain_step(explanation, "answer", OAUTH_EXPLAIN_REFUSED,
						   psprintf("%d %s", response->status, is_page ? "on a page, to the user" :
									response->body.len > 0 ? response->body.data : challenge ? challenge : ""), NULL);
}

static void
explain_answer(OAuthExplanation *explanation, const Endpoint *endpoint, const OAuthRequest *request, Datum datum)
{
	ErrorData  *error = NULL;
	OAuthResponse *response;

	if (explanation->not_asked != NULL)
	{
		oauth_explain_step(explanation, "answer", OAUTH_EXPLAIN_OPEN, psprintf("not asked for: %s", explanation->not_asked),
						   NULL);
		return;
	}
	response = try_request(endpoint, request, datum, &error);
	if (response != NULL)
		explain_response(explanation, request, response);
	else
		oauth_explain_step(explanation, "answer", OAUTH_EXPLAIN_REFUSED,
						   psprintf("500, for %s: %s", unpack_sql_state(error->sqlerrcode), error->message), error->hint);
}

/* ---- the request ---- */

static bool
is_below(const char *path, const char *above)
{
	size_t		length = strlen(above);
	bool		has_children = strcmp(above, "/api") == 0 || strcmp(above, "/oauth2/register") == 0;

	return strncmp(path, above, length) == 0 && (path[length] == '\0' || (path[length] == '/' && has_children));
}

static const Endpoint *
find_endpoint(OAuthExplanation *explanation, const OAuthRequest *request)
{
	StringInfoData paths;

	for (size_t i = 0; i < lengthof(endpoints); i++)
		if (is_below(request->path, endpoints[i].path))
			return &endpoints[i];
	initStringInfo(&paths);
	for (size_t i = 0; i < lengthof(endpoints); i++)
		appendStringInfo(&paths, "%s%s", i > 0 ? ", " : "", endpoints[i].path);
	oauth_explain_step(explanation, "path", OAUTH_EXPLAIN_REFUSED,
					   psprintf("%s is not explained here", oauth_explain_shown(request->path)),
					   psprintf("there are %s", paths.data));
	return NULL;
}

static bool
explain_method(OAuthExplanation *explanation, const Endpoint *endpoint, const OAuthRequest *request)
{
	const char *method = strcmp(request->method, "HEAD") == 0 ? "GET" : request->method;
	bool		is_taken = endpoint->methods == NULL || oauth_words_include(endpoint->methods, method);

	oauth_explain_step(explanation, "path and method", is_taken ? OAUTH_EXPLAIN_OK : OAUTH_EXPLAIN_REFUSED,
					   psprintf("%s %s is answered by oauth.%s()", oauth_explain_shown(request->method),
								oauth_explain_shown(request->path), endpoint->function),
					   is_taken ? NULL : psprintf("the method is %s there", endpoint->methods));
	return is_taken;
}

static void
explain(FunctionCallInfo fcinfo, Datum datum)
{
	OAuthRequest *request = oauth_request_from_datum(datum);
	OAuthExplanation explanation = {0};
	const Endpoint *endpoint;

	InitMaterializedSRF(fcinfo, 0);
	explanation.result = (ReturnSetInfo *) fcinfo->resultinfo;
	endpoint = find_endpoint(&explanation, request);
	if (endpoint == NULL || !explain_method(&explanation, endpoint, request))
		return;
	if (endpoint->explain != NULL)
		endpoint->explain(&explanation, request);
	explain_answer(&explanation, endpoint, request, datum);
}

/* oauth_explain_request(request oauth.http_request)
 *		RETURNS TABLE (step integer, "check" text, ok boolean, detail text, remedy text) */
Datum
oauth_explain_request(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"request\" cannot be null"),
				 errhint("ROW('POST', '/oauth2/token', ARRAY['Name: value'], 'body', 'https', NULL)")));
	explain(fcinfo, PG_GETARG_DATUM(0));
	return (Datum) 0;
}

/* The first of two lines of a name is the one that is read. */
static ArrayType *
with_line(ArrayType *headers, Datum line)
{
	Datum	   *lines;
	bool	   *nulls;
	int			n;
	int			lower = 1;

	deconstruct_array(headers, TEXTOID, -1, false, TYPALIGN_INT, &lines, &nulls, &n);
	lines = repalloc(lines, sizeof(Datum) * (n + 1));
	nulls = repalloc(nulls, sizeof(bool) * (n + 1));
	lines[n] = line;
	nulls[n++] = false;
	return construct_md_array(lines, nulls, 1, &n, &lower, TEXTOID, -1, false, TYPALIGN_INT);
}

/* A whole URI, as curl has it, is taken apart: its scheme counts, and its host where no Host is among the headers. */
static Datum
request_of_uri(const char *method, const char *uri, Datum headers, const char *body)
{
	const char *authority = strstr(uri, "://") + 3;
	size_t		length = strcspn(authority, "/?");
	Datum		host = CStringGetTextDatum(psprintf("Host: %s", pnstrdup(authority, length)));
	const char *target = authority[length] == '/' ? authority + length : psprintf("/%s", authority + length);

	if (headers == 0)
		headers = PointerGetDatum(construct_empty_array(TEXTOID));
	headers = PointerGetDatum(with_line(DatumGetArrayTypeP(headers), host));
	return oauth_request_datum(method, target, headers, body, pnstrdup(uri, strcspn(uri, ":")));
}

/* oauth_explain_request(method text, target text, headers text[], body text, scheme text): the same */
Datum
oauth_explain_http(PG_FUNCTION_ARGS)
{
	char	   *method = oauth_argument(fcinfo, 0, "method");
	char	   *target = oauth_argument(fcinfo, 1, "target");
	Datum		headers = PG_ARGISNULL(2) ? (Datum) 0 : PG_GETARG_DATUM(2);
	char	   *body = oauth_optional_argument(fcinfo, 3);

	if (strncmp(target, "https://", 8) == 0 || strncmp(target, "http://", 7) == 0)
		explain(fcinfo, request_of_uri(method, target, headers, body));
	else
		explain(fcinfo, oauth_request_datum(method, target, headers, body, oauth_optional_argument(fcinfo, 4)));
	return (Datum) 0;
}
