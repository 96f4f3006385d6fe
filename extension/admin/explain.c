/*
 * explain.c
 *		oauth_explain_request(): why a request would be refused.
 *
 * The function takes the steps of the endpoint one by one and shows what the endpoint's answer
 * omits; then it asks the endpoint itself, in a subtransaction that is rolled back, and that answer
 * has the last word.  So nothing is used up, issued, counted or noted.  A password is never tried:
 * otherwise everybody who may call this could guess passwords without being counted.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/admin.h"
#include "api/api.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth1/oauth1.h"
#include "oauth2/oauth2.h"
#include "page/page.h"
#include "text/text.h"

#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "access/xact.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(oauth_explain_request);
PG_FUNCTION_INFO_V1(oauth_explain_http);

#define MAX_SHOWN 1000

/* An endpoint, and the function that explains its refusals. */
typedef struct Explained
{
	const OAuthEndpoint *endpoint;
	void		(*explain) (OAuthExplanation *explanation, const OAuthRequest *request);
} Explained;

static void explain_page(OAuthExplanation *explanation, const OAuthRequest *request);

static const Explained endpoints[] = {
	{&oauth2_token_endpoint, oauth2_explain_token},
	{&oauth2_authorize_endpoint, oauth2_explain_authorize},
	{&oauth2_revoke_endpoint, oauth2_explain_about_token},
	{&oauth2_introspect_endpoint, oauth2_explain_about_token},
	{&oauth2_par_endpoint, oauth2_explain_par},
	{&oauth2_device_authorization_endpoint, oauth2_explain_client_only},
	{&oauth2_userinfo_endpoint, oauth_explain_caller},
	{&oauth2_register_endpoint, NULL},
	{&oauth1_request_token_endpoint, oauth1_explain},
	{&oauth1_access_token_endpoint, oauth1_explain},
	{&oauth_resource_endpoint, oauth_explain_caller},
	{&oauth_forward_auth_endpoint, oauth_explain_caller},
	{&oauth2_jwks_endpoint, NULL},
	{&oauth2_protected_resource_metadata_endpoint, NULL},
	{&oauth_openapi_endpoint, NULL},
	{&oauth2_device_endpoint, explain_page},
	{&oauth1_authorize_endpoint, explain_page},
	{&oauth_login_endpoint, explain_page},
	{&oauth_logout_endpoint, explain_page},
	{&oauth_account_endpoint, explain_page},
	{&oauth2_end_session_endpoint, explain_page},
	{&oauth2_metadata_endpoint, NULL},	/* after those whose paths it also ends */
};

/* The endpoints one after the other; NULL behind the last. */
const OAuthEndpoint *
oauth_explained_endpoint(size_t i)
{
	return i < lengthof(endpoints) ? endpoints[i].endpoint : NULL;
}

/* A value that somebody sent, made fit for a terminal. */
char *
oauth_explain_shown(const char *sent)
{
	char	   *shown = pnstrdup(sent, Min(strlen(sent), MAX_SHOWN));

	for (char *c = shown; *c; c++)
		if ((unsigned char) *c < ' ' || (unsigned char) *c >= 0x7F)
			*c = '?';
	return shown;
}

/* Adds one row. */
void
oauth_explain_step(OAuthExplanation *explanation, const char *check, OAuthVerdict verdict,
				   const char *detail, const char *remedy)
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

/* Adds a row for a check of the endpoint itself; true if the endpoint refuses there. */
bool
oauth_explain_fault(OAuthExplanation *explanation, const char *check, const OAuthFault *fault,
					const char *remedy)
{
	oauth_explain_step(explanation, check, fault ? OAUTH_EXPLAIN_REFUSED : OAUTH_EXPLAIN_OK,
					   fault ? fault->description : NULL, fault ? remedy : NULL);
	return fault != NULL;
}

/* Using something up, which is good once. */
typedef struct Use
{
	OAuthFault *(*use) (void *thing);
	void	   *thing;
	OAuthFault *fault;
} Use;

static bool
use_up(void *argument)
{
	Use		   *one = argument;

	one->fault = one->use(one->thing);
	return false;
}

/*
 * Calls use(thing) and undoes it; adds a row if the thing, which is good once, was used before.
 * Where nothing can be written, only the endpoint's answer says so.
 */
void
oauth_explain_use(OAuthExplanation *explanation, const char *check,
				  OAuthFault *(*use) (void *thing), void *thing)
{
	Use			one = {.use = use, .thing = thing};

	if (XactReadOnly)
		return;
	oauth_in_subtransaction(use_up, &one);
	if (one.fault != NULL)
		(void) oauth_explain_fault(explanation, check, one.fault,
								   "the client must make a new one for each request");
}

/* ---- what the endpoint says ---- */

/*
 * Does not call the application's function at /api/, because a rollback may not undo what it does.
 */
static OAuthResponse *
response_of(const OAuthEndpoint *endpoint, const OAuthRequest *request)
{
	if (endpoint == &oauth_resource_endpoint)
		return oauth_resource_answer(request, (Datum) 0);
	return oauth_endpoint_respond(endpoint, request);
}

/* A request that is tried. */
typedef struct Attempt
{
	const OAuthEndpoint *endpoint;
	const OAuthRequest *request;
	OAuthResponse *response;
} Attempt;

static void
attempt(void *argument)
{
	Attempt    *a = argument;

	a->response = response_of(a->endpoint, a->request);
}

/* The answer, whose writes are undone; NULL and *error if it was an error. */
static OAuthResponse *
try_request(const OAuthEndpoint *endpoint, const OAuthRequest *request, ErrorData **error)
{
	Attempt		one = {.endpoint = endpoint, .request = request};

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

/*
 * error and error_description of a redirect; NULL if it carries anything else, which is not shown.
 */
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

/* An answer that is no refusal, in a few words: its body may contain tokens. */
static char *
success_of(const OAuthResponse *response, const char *location)
{
	if (location == NULL)
		return psprintf("%d", response->status);
	return psprintf("%d to %.*s", response->status, (int) strcspn(location, "?#"), location);
}

/* What a refusal says. */
static char *
refusal_of(const OAuthResponse *response)
{
	const char *challenge = header_of(response, "WWW-Authenticate");
	const char *words = challenge ? challenge : "";

	if (strncmp(response->body.data, "<!", 2) == 0)
		words = "on a page, to the user";
	else if (response->body.len > 0)
		words = response->body.data;
	return psprintf("%d %s", response->status, words);
}

static void
explain_response(OAuthExplanation *explanation, const OAuthRequest *request,
				 const OAuthResponse *response)
{
	bool		would_call = strncmp(request->path, "/api/", 5) == 0 && response->status == 204;
	const char *location = header_of(response, "Location");
	char	   *error = location ? error_of_location(location) : NULL;
	OAuthVerdict verdict = OAUTH_EXPLAIN_REFUSED;
	char	   *detail;

	if (error != NULL)
		detail = psprintf("%d to the client, with %s", response->status, error);
	else if (response->status >= 400)
		detail = refusal_of(response);
	else if (response->status == 0)
	{
		verdict = OAUTH_EXPLAIN_OPEN;
		detail = "none yet: a document would be fetched, and the request asked again";
	}
	else
	{
		verdict = OAUTH_EXPLAIN_OK;
		detail = would_call ? "that of the function, which would be called" :
			success_of(response, location);
	}
	oauth_explain_step(explanation, "answer", verdict, detail, NULL);
}

static void
explain_answer(OAuthExplanation *explanation, const OAuthEndpoint *endpoint,
			   const OAuthRequest *request)
{
	ErrorData  *error = NULL;
	OAuthResponse *response;

	if (explanation->not_asked != NULL)
	{
		oauth_explain_step(explanation, "answer", OAUTH_EXPLAIN_OPEN,
						   psprintf("not asked for: %s", explanation->not_asked), NULL);
		return;
	}
	response = try_request(endpoint, request, &error);
	if (response != NULL)
		explain_response(explanation, request, response);
	else
		oauth_explain_step(explanation, "answer", OAUTH_EXPLAIN_REFUSED,
						   psprintf("500, for %s: %s", unpack_sql_state(error->sqlerrcode),
									error->message),
						   error->hint);
}

/* ---- the request ---- */

/*
 * A page's answer depends on the cookies of a browser; passwords and codes that people type are not
 * tried here.
 */
static void
explain_page(OAuthExplanation *explanation, const OAuthRequest *request)
{
	explanation->not_asked = "it is a page for a person with a browser";
}

/* The paths of all endpoints, without the paths below them. */
static char *
all_paths(void)
{
	StringInfoData paths;

	initStringInfo(&paths);
	for (size_t i = 0; i < lengthof(endpoints); i++)
		for (const OAuthRoute *route = endpoints[i].endpoint->routes; route->path != NULL; route++)
			if (route->path[strlen(route->path) - 1] != '/')
				appendStringInfo(&paths, "%s%s", paths.len > 0 ? ", " : "", route->path);
	return paths.data;
}

static const Explained *
find_endpoint(OAuthExplanation *explanation, const OAuthRequest *request)
{
	for (size_t i = 0; i < lengthof(endpoints); i++)
		if (oauth_endpoint_route(endpoints[i].endpoint, request->path) != NULL)
			return &endpoints[i];
	oauth_explain_step(explanation, "path", OAUTH_EXPLAIN_REFUSED,
					   psprintf("%s is not explained here", oauth_explain_shown(request->path)),
					   psprintf("there are %s", all_paths()));
	return NULL;
}

static bool
explain_method(OAuthExplanation *explanation, const OAuthEndpoint *endpoint,
			   const OAuthRequest *request)
{
	const OAuthRoute *route = oauth_endpoint_route(endpoint, request->path);
	bool		is_taken = oauth_route_takes(route, request->method);

	oauth_explain_step(explanation, "path and method",
					   is_taken ? OAUTH_EXPLAIN_OK : OAUTH_EXPLAIN_REFUSED,
					   psprintf("%s %s is answered by oauth.%s()",
								oauth_explain_shown(request->method),
								oauth_explain_shown(request->path), endpoint->function),
					   is_taken ? NULL : psprintf("the method is %s there", route->methods));
	return is_taken;
}

/* The steps of an endpoint. */
typedef struct Steps
{
	const Explained *found;
	OAuthExplanation *explanation;
	const OAuthRequest *request;
} Steps;

static void
run_steps(void *argument)
{
	Steps	   *steps = argument;

	steps->found->explain(steps->explanation, steps->request);
}

/*
 * Adds the steps, and undoes whatever they write.  Where one is an error of the machine, as it is
 * for the endpoint, the answer says so; the rows so far stay.
 */
static void
explain_steps(OAuthExplanation *explanation, const Explained *found, const OAuthRequest *request)
{
	Steps		steps = {found, explanation, request};
	ErrorData  *error = oauth_try(run_steps, &steps, false);

	if (error != NULL &&
		ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION)
		ReThrowError(error);
}

static void
explain(FunctionCallInfo fcinfo, Datum datum)
{
	OAuthRequest *request = oauth_request_from_datum(datum);
	OAuthExplanation explanation = {0};
	const Explained *found;

	InitMaterializedSRF(fcinfo, 0);
	explanation.result = (ReturnSetInfo *) fcinfo->resultinfo;
	found = find_endpoint(&explanation, request);
	if (found == NULL || !explain_method(&explanation, found->endpoint, request))
		return;
	if (found->explain != NULL)
		explain_steps(&explanation, found, request);
	explain_answer(&explanation, found->endpoint, request);
}

/* oauth_explain_request(request oauth.http_request)
 *		RETURNS TABLE (step integer, "check" text, ok boolean, detail text, remedy text) */
Datum
oauth_explain_request(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("argument \"request\" cannot be null"),
						errhint("ROW('POST', '/oauth2/token', ARRAY['Name: value'], 'body', "
								"'https', NULL)")));
	explain(fcinfo, PG_GETARG_DATUM(0));
	return (Datum) 0;
}

/* Of two header lines with one name, the endpoint reads the first. */
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

/*
 * A whole URI, as curl takes it: its scheme counts, and its host if no Host is among the headers.
 */
static Datum
request_of_uri(const char *method, const char *uri, Datum headers, const char *body)
{
	const char *authority = strstr(uri, "://") + 3;
	size_t		length = strcspn(authority, "/?");
	Datum		host = CStringGetTextDatum(psprintf("Host: %s", pnstrdup(authority, length)));
	const char *target = authority[length] == '/' ? authority + length :
		psprintf("/%s", authority + length);

	if (headers == 0)
		headers = PointerGetDatum(construct_empty_array(TEXTOID));
	headers = PointerGetDatum(with_line(DatumGetArrayTypeP(headers), host));
	return oauth_request_datum(method, target, headers, body, pnstrdup(uri, strcspn(uri, ":")));
}

/*
 * oauth_explain_request(method text, target text, headers text[], body text, scheme text): the same
 */
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
		explain(fcinfo, oauth_request_datum(method, target, headers, body,
											oauth_optional_argument(fcinfo, 4)));
	return (Datum) 0;
}
