/*
 * openapi.c
 *		/openapi.json: the description of every path and method (OpenAPI Specification 3.1.0).
 *
 * It is made of what there is already: the records of the endpoints, which hold their routes and
 * operations, and the comments of their SQL functions.  It is the same for everybody and for every
 * setting: where a setting switches an endpoint on or off, the description says so, and not how it
 * is set here.  Functions that the application published below /api/ are not named.
 *
 * `make reference` keeps the same document in docs/reference/.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/openapi.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "text/text.h"

#include "catalog/pg_proc.h"
#include "commands/comment.h"
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_openapi);

#define ALL_METHODS	"GET POST PUT PATCH DELETE"

/* The endpoints, and behind the last of them what the shim answers by itself. */
static const OAuthEndpoint *
described_endpoint(size_t i)
{
	const OAuthEndpoint *endpoint = oauth_explained_endpoint(i);

	if (endpoint == NULL && i > 0 && oauth_explained_endpoint(i - 1) != NULL)
		return &oauth_openapi_of_shim;
	return endpoint;
}

/* ---- paths ---- */

/*
 * Whether a path with a name in braces stands for that route: of "/a/" it is "/a/{rest}", and of an
 * asterisk and "/z" it is "/{before}/z".
 */
static bool
stands_for(const char *at, const OAuthRoute *route)
{
	size_t		length = strlen(route->path);
	const char *end = strchr(at, '}');

	if (route->path[0] == '*')
		return at[1] == '{' && end != NULL && strcmp(end + 1, route->path + 1) == 0;
	if (length > 1 && route->path[length - 1] == '/')
		return strncmp(at, route->path, length) == 0 && at[length] == '{' && end != NULL &&
			end[1] == '\0';
	return strcmp(at, route->path) == 0;
}

static bool
is_of_route(const OAuthOperation *operation, const OAuthRoute *route)
{
	return operation->at == NULL || stands_for(operation->at, route);
}

/* The operation for a method at a route; NULL if the endpoint's file says nothing of it. */
static const OAuthOperation *
find_operation(const OAuthEndpoint *endpoint, const OAuthRoute *route, const char *method)
{
	for (const OAuthOperation *o = endpoint->operations; o != NULL && o->summary != NULL; o++)
		if (is_of_route(o, route) &&
			(o->methods == NULL || oauth_words_include(o->methods, method)))
			return o;
	return NULL;
}

/* The path of a route as OpenAPI writes it. */
static const char *
path_of(const OAuthEndpoint *endpoint, const OAuthRoute *route)
{
	for (const OAuthOperation *o = endpoint->operations; o != NULL && o->summary != NULL; o++)
		if (o->at != NULL && stands_for(o->at, route))
			return o->at;
	if (route->path[0] == '*')
		return psprintf("/{before}%s", route->path + 1);
	return route->path[strlen(route->path) - 1] == '/' && route->path[1] != '\0' ?
		psprintf("%s{rest}", route->path) : route->path;
}

static void
put_path(StringInfo paths, const OAuthEndpoint *endpoint, const OAuthRoute *route)
{
	const char *path = path_of(endpoint, route);
	const char *methods = route->methods ? route->methods : ALL_METHODS;
	StringInfoData item;

	initStringInfo(&item);
	appendStringInfoChar(&item, '{');
	for (const char *c = methods; *c; c += strcspn(c, " "), c += strspn(c, " "))
	{
		char	   *method = pnstrdup(c, strcspn(c, " "));

		oauth_openapi_operation(&item, endpoint, find_operation(endpoint, route, method), path,
								method);
	}
	if (oauth_words_include(methods, "GET"))
		oauth_openapi_head(&item, endpoint, find_operation(endpoint, route, "GET"), path);
	if (route->cors != OAUTH_CORS_NOBODY || route->methods == NULL)
		oauth_openapi_options(&item, endpoint, path);
	appendStringInfoChar(&item, '}');
	oauth_json_raw(paths, path, item.data);
}

static char *
all_paths(void)
{
	StringInfoData paths;
	const OAuthEndpoint *endpoint;

	initStringInfo(&paths);
	appendStringInfoChar(&paths, '{');
	for (size_t i = 0; (endpoint = described_endpoint(i)) != NULL; i++)
		for (int j = 0; j < OAUTH_MAX_ROUTES && endpoint->routes[j].path != NULL; j++)
			put_path(&paths, endpoint, &endpoint->routes[j]);
	appendStringInfoChar(&paths, '}');
	return paths.data;
}

/* ---- the rest ---- */

/* What the SQL function of an endpoint is for, as its comment says. */
static const char *
comment_of(const OAuthEndpoint *endpoint)
{
	List	   *name = list_make2(makeString("oauth"),
								  makeString(unconstify(char *, endpoint->function)));
	Oid			type = oauth_request_type();
	Oid			function = LookupFuncName(name, 1, &type, true);

	return OidIsValid(function) ? GetComment(function, ProcedureRelationId, 0) : NULL;
}

/* A tag for each endpoint. */
static char *
all_tags(void)
{
	StringInfoData tags;
	const OAuthEndpoint *endpoint;

	initStringInfo(&tags);
	for (size_t i = 0; (endpoint = described_endpoint(i)) != NULL; i++)
	{
		const char *comment = endpoint == &oauth_openapi_of_shim ?
			"What the HTTP program answers by itself" : comment_of(endpoint);

		appendStringInfoString(&tags, i == 0 ? "[{" : ", {");
		oauth_json_member(&tags, "name", endpoint->function);
		if (comment != NULL)
			oauth_json_member(&tags, "description", comment);
		appendStringInfoChar(&tags, '}');
	}
	appendStringInfoChar(&tags, ']');
	return tags.data;
}

static char *
info(void)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	oauth_json_member(&json, "title", "oauth: an OAuth provider inside PostgreSQL");
	oauth_json_member(&json, "version", OAUTH_RELEASE);
	oauth_json_member(&json, "description",
					  "Every path and method.  A slash at the end of a path never matters.  An "
					  "unknown path is 404, another method 405 with the field Allow.  The document "
					  "is the same for every setting; x-when names the settings that switch a path "
					  "on or off.");
	oauth_json_raw(&json, "license",
				   "{\"name\": \"PostgreSQL License\", \"identifier\": \"PostgreSQL\"}");
	appendStringInfoChar(&json, '}');
	return json.data;
}

/* "relative to the location where the document [...] is being served": the origin. */
static void
describe(StringInfo json)
{
	appendStringInfoChar(json, '{');
	oauth_json_member(json, "openapi", "3.1.0");
	oauth_json_raw(json, "info", info());
	oauth_json_raw(json, "servers", "[{\"url\": \"/\"}]");
	oauth_json_raw(json, "tags", all_tags());
	oauth_json_raw(json, "paths", all_paths());
	oauth_json_raw(json, "components", oauth_openapi_components());
	appendStringInfoChar(json, '}');
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	OAuthResponse *response = oauth_response(200);

	oauth_response_header(response, "Content-Type", "application/json");
	oauth_response_header(response, "Cache-Control", "public, max-age=300");
	describe(&response->body);
	return response;
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{.summary = "This description", .answers = "200:Anything"},
	{0}
};

const OAuthEndpoint oauth_openapi_endpoint = {
	.function = "openapi",
	.first_lane = OAUTH_LANE_READING,
	.routes = {{"/openapi.json", "GET", OAUTH_CORS_ALL}},
	.answer = answer,
	.operations = operations
};

/* oauth.openapi(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_openapi(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth_openapi_endpoint);
}
