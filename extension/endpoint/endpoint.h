/*
 * endpoint.h
 *		What all endpoints have in common: a record says which paths and methods an endpoint takes,
 *		which scripts may read its answer, and where it runs.  Knows no endpoint.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_ENDPOINT_H
#define OAUTH_ENDPOINT_H

#include "http/http.h"

#define OAUTH_MAX_ROUTES 6

/* Which scripts of web pages may call a path. */
typedef enum OAuthCors
{
	OAUTH_CORS_NOBODY,			/* only those of this provider's own pages */
	OAUTH_CORS_CLIENT,			/* those on pages of the client's origins: oauth_cors_allow() */
	OAUTH_CORS_WHILE_OPEN,		/* all, while anybody may register a client */
	OAUTH_CORS_ALL
} OAuthCors;

/*
 * One path, or all paths below it if it ends in a slash; with an asterisk for what stands before
 * it, a path that no other route has.
 */
typedef struct OAuthRoute
{
	const char *path;
	const char *methods;		/* space-separated; HEAD comes with GET; NULL: any */
	OAuthCors	cors;
} OAuthRoute;

/*
 * What a path takes by a method, and what it answers.  The description at /openapi.json is made of
 * these and of the routes (admin/openapi.c).
 */
typedef struct OAuthOperation
{
	const char *at;				/* path, with {name} for what varies; NULL: each of the endpoint */
	const char *methods;		/* space-separated; NULL: each of the path */
	const char *summary;		/* NULL behind the last operation */
	const char *when;			/* the settings that switch it on or off; NULL: none does */
	const char *by;				/* who asks: client, token, ... (admin/openapi_operation.c) */
	const char *takes;			/* parameters, space-separated, '!' behind the required: of the
								 * query by GET, of a form by POST */
	const char *json;			/* instead of a form: the schema of the body */
	const char *answers;		/* "status:Schema", space-separated; some have no schema */
	const char *example;		/* forms, one a line; JSON if the body is */
} OAuthOperation;

typedef struct OAuthEndpoint
{
	const char *function;		/* in schema oauth */
	OAuthLane	first_lane;		/* where the shim asks it first */
	OAuthRoute	routes[OAUTH_MAX_ROUTES];	/* up to the first without a path */
	bool		needs_users;	/* looked up by name or session: where that runs code of the
								 * application, the request moves to its lane */
	/* Whether the request checks a password; NULL: never. */
	bool		(*is_login) (const OAuthRequest *request);
	bool		undoes_head;	/* what a HEAD writes is undone (http/undo.c); otherwise answer
								 * sees to that */
	OAuthResponse *(*answer) (const OAuthRequest *request);
	const OAuthOperation *operations;	/* what the description says of them */
} OAuthEndpoint;

extern const OAuthRoute *oauth_endpoint_route(const OAuthEndpoint *endpoint, const char *path);
extern bool oauth_route_takes(const OAuthRoute *route, const char *method);
extern char *oauth_route_methods(const OAuthRoute *route);
extern OAuthResponse *oauth_endpoint_respond(const OAuthEndpoint *endpoint,
											 const OAuthRequest *request);
extern Datum oauth_answer(FunctionCallInfo fcinfo, const OAuthEndpoint *endpoint);
extern Datum oauth_answer_batch(FunctionCallInfo fcinfo, const OAuthEndpoint *endpoint);

#endif							/* OAUTH_ENDPOINT_H */
