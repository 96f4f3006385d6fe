/*
 * routes.c
 *		oauth.routes(): the paths of all endpoints, from their records.
 *
 * The shim has compiled in what it needs of this (shim/routes.c); a test compares the two.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/admin.h"
#include "endpoint/endpoint.h"

#include "funcapi.h"

PG_FUNCTION_INFO_V1(oauth_routes);

static void
put_route(ReturnSetInfo *result, const OAuthEndpoint *endpoint, const OAuthRoute *route)
{
	OAuthResult row = {0};

	oauth_row_text(&row, route->path);
	oauth_row_text(&row, oauth_route_methods(route));
	oauth_row_text(&row, endpoint->function);
	oauth_row_text(&row, oauth_lane_name(endpoint->first_lane));
	oauth_row_put(result, &row);
}

/* oauth.routes() RETURNS TABLE (path text, methods text, function text, lane text) */
Datum
oauth_routes(PG_FUNCTION_ARGS)
{
	const OAuthEndpoint *endpoint;

	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; (endpoint = oauth_explained_endpoint(i)) != NULL; i++)
		for (int j = 0; j < OAUTH_MAX_ROUTES && endpoint->routes[j].path != NULL; j++)
			put_route((ReturnSetInfo *) fcinfo->resultinfo, endpoint, &endpoint->routes[j]);
	return (Datum) 0;
}
