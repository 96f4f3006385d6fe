/*
 * routes.c
 *	  Which SQL function answers which path.
 *
 * A new endpoint is a new row. The path is compared byte for byte as it came:
 * nothing is decoded, nothing is normalized, so no spelling of one path reaches
 * another. A trailing slash never matters. An asterisk stands for whatever is
 * before the path of an issuer's document.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

#include <stdio.h>
#include <string.h>

static const ShimRoute routes[] = {
	/* path, and below, methods (HEAD comes with GET), SQL function, first lane, or answered here */
	{"/oauth2/token", false, SHIM_POST | SHIM_OPTIONS, "token", SHIM_WRITING, SHIM_NOT_OWN},
	{"/oauth2/access_token", false, SHIM_POST | SHIM_OPTIONS, "token", SHIM_WRITING, SHIM_NOT_OWN},
	{"/oauth2/authorize", false, SHIM_GET | SHIM_POST, "authorize", SHIM_WRITING, SHIM_NOT_OWN},
	{"/oauth2/authorize/confirm", false, SHIM_POST, "authorize", SHIM_WRITING, SHIM_NOT_OWN},
	{"/oauth2/revoke", false, SHIM_POST | SHIM_OPTIONS, "revoke", SHIM_WRITING, SHIM_NOT_OWN},
	{"/oauth2/par", false, SHIM_POST | SHIM_OPTIONS, "par", SHIM_WRITING, SHIM_NOT_OWN},
	{"/oauth2/device_authorization", false, SHIM_POST | SHIM_OPTIONS,
	"device_authorization", SHIM_WRITING, SHIM_NOT_OWN},
	{"/oauth2/device", false, SHIM_GET | SHIM_POST, "device", SHIM_WRITING, SHIM_NOT_OWN},
	{"/oauth2/register", true, SHIM_GET | SHIM_POST | SHIM_PUT | SHIM_DELETE | SHIM_OPTIONS,
	"register", SHIM_WRITING, SHIM_NOT_OWN},
	{"/oauth2/userinfo", false, SHIM_GET | SHIM_POST | SHIM_OPTIONS,
	"userinfo", SHIM_READING, SHIM_NOT_OWN},
	{"/oauth2/introspect", false, SHIM_POST, "introspect", SHIM_READING, SHIM_NOT_OWN},
	{"/oauth2/end_session", false, SHIM_GET | SHIM_POST,
	"end_session", SHIM_WRITING, SHIM_NOT_OWN},
	{"/oauth2/jwks", false, SHIM_GET | SHIM_OPTIONS, "jwks", SHIM_READING, SHIM_NOT_OWN},
	{"/.well-known/oauth-authorization-server", true, SHIM_GET | SHIM_OPTIONS,
	"metadata", SHIM_READING, SHIM_NOT_OWN},
	{"/.well-known/openid-configuration", true, SHIM_GET | SHIM_OPTIONS,
	"metadata", SHIM_READING, SHIM_NOT_OWN},
	{"*/.well-known/openid-configuration", false, SHIM_GET | SHIM_OPTIONS,
	"metadata", SHIM_READING, SHIM_NOT_OWN},
	{"/.well-known/oauth-protected-resource", true, SHIM_GET | SHIM_OPTIONS,
	"protected_resource_metadata", SHIM_READING, SHIM_NOT_OWN},
	{"/openapi.json", false, SHIM_GET | SHIM_OPTIONS, "openapi", SHIM_READING, SHIM_NOT_OWN},
	{"/oauth/request_token", false, SHIM_GET | SHIM_POST,
	"oauth1_request_token", SHIM_WRITING, SHIM_NOT_OWN},
	{"/oauth/authorize", false, SHIM_GET | SHIM_POST,
	"oauth1_authorize", SHIM_WRITING, SHIM_NOT_OWN},
	{"/login", false, SHIM_GET | SHIM_POST, "login", SHIM_WRITING, SHIM_NOT_OWN},
	{"/logout", false, SHIM_GET | SHIM_POST, "logout", SHIM_WRITING, SHIM_NOT_OWN},
	{"/account", false, SHIM_GET | SHIM_POST, "account", SHIM_WRITING, SHIM_NOT_OWN},
	{"/oauth/access_token", false, SHIM_GET | SHIM_POST,
	"oauth1_access_token", SHIM_WRITING, SHIM_NOT_OWN},
	{"/api", true, SHIM_ANY, "resource", SHIM_READING, SHIM_NOT_OWN},
	{"/auth", false, SHIM_ANY, "forward_auth", SHIM_READING, SHIM_NOT_OWN},
	{"/", false, SHIM_GET, NULL, SHIM_NO_LANE, SHIM_OWN_FRONT_DOOR},
	{"/.well-known/change-password", false, SHIM_GET, NULL, SHIM_NO_LANE, SHIM_OWN_TO_PEOPLE},
	{"/favicon.ico", false, SHIM_GET, NULL, SHIM_NO_LANE, SHIM_OWN_NOTHING},
	{"/healthz", false, SHIM_GET, NULL, SHIM_NO_LANE, SHIM_OWN_HEALTHZ},
	{"/readyz", false, SHIM_GET, NULL, SHIM_NO_LANE, SHIM_OWN_READYZ},
	{"/metrics", false, SHIM_GET, NULL, SHIM_NO_LANE, SHIM_OWN_METRICS},
};

#define NROUTES ((int) (sizeof(routes) / sizeof(routes[0])))

_Static_assert(sizeof(routes) / sizeof(routes[0]) <= SHIM_MAX_ROUTES, "raise SHIM_MAX_ROUTES");

static const struct
{
	const char *name;
	unsigned	bit;
}			methods[] =
{
	{"GET", SHIM_GET},
	{"HEAD", SHIM_HEAD},
	{"POST", SHIM_POST},
	{"PUT", SHIM_PUT},
	{"PATCH", SHIM_PATCH},
	{"DELETE", SHIM_DELETE},
	{"OPTIONS", SHIM_OPTIONS},
};

#define NMETHODS (sizeof(methods) / sizeof(methods[0]))

int
shim_route_count(void)
{
	return NROUTES;
}

const ShimRoute *
shim_route_at(int i)
{
	return &routes[i];
}

int
shim_route_index(const ShimRoute *route)
{
	return (int) (route - routes);
}

/* A number for the SQL function of a route, the same for all routes of that function. */
int
shim_route_function(const ShimRoute *route)
{
	int			i = 0;

	while (&routes[i] != route &&
		   (routes[i].stem == NULL || strcmp(routes[i].stem, route->stem) != 0))
		i++;
	return i;
}

static bool
ends_with(ShimSlice path, const char *end)
{
	size_t		len = strlen(end);

	if (path.len > 0 && path.at[path.len - 1] == '/')
		path.len--;
	return path.len >= len && memcmp(path.at + path.len - len, end, len) == 0;
}

static bool
route_matches(const ShimRoute *route, ShimSlice path)
{
	size_t		len = 0;

	if (route->path[0] == '*')
		return ends_with(path, route->path + 1);
	while (len < path.len && path.at[len] == route->path[len])
		len++;
	if (route->path[len] != '\0')
		return false;
	if (path.len == len)
		return true;
	return len > 1 && path.at[len] == '/' && (route->prefix || path.len == len + 1);
}

/*
 * What the path takes: HEAD wherever it takes GET, as "all general-purpose servers MUST support the
 * methods GET and HEAD" (RFC 9110, section 9.1). The SQL function answers it like GET and undoes
 * what it wrote; the body is not sent.
 */
unsigned
shim_route_methods(const ShimRoute *route)
{
	return route->methods & SHIM_GET ? route->methods | SHIM_HEAD : route->methods;
}

/* A path with an asterisk is the last choice, so that it takes nothing from /api. */
static size_t
precedence(const ShimRoute *route)
{
	return route->path[0] == '*' ? 0 : strlen(route->path);
}

/* The longest path wins; NULL is 404. */
const ShimRoute *
shim_route_find(ShimSlice path)
{
	const ShimRoute *best = NULL;

	for (const ShimRoute *route = routes; route < routes + NROUTES; route++)
		if (route_matches(route, path) && (best == NULL || precedence(route) > precedence(best)))
			best = route;
	return best;
}

/* Method names are case-sensitive (RFC 9110, section 9.1); 0 for those unknown here. */
unsigned
shim_method_bit(ShimSlice method)
{
	for (size_t i = 0; i < NMETHODS; i++)
		if (shim_slice_is(method, methods[i].name))
			return methods[i].bit;
	return 0;
}

/* The names of a mask as an Allow field lists them; size is SHIM_METHOD_NAMES at least. */
void
shim_method_names(unsigned mask, char *names, size_t size)
{
	size_t		used = 0;

	names[0] = '\0';
	for (size_t i = 0; i < NMETHODS; i++)
		if (mask & methods[i].bit)
			used += (size_t) snprintf(names + used, size - used, "%s%s", used ? ", " : "",
									  methods[i].name);
}
