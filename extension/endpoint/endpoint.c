/*
 * endpoint.c
 *		What every endpoint does before and after its own work.
 *
 * The caller is forgotten here and nowhere else, before the request and after it, so that no
 * endpoint can leave the identity of one request to the next.  After an error, the transaction or
 * the savepoint forgets the caller (application/identity.c).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "secret/secret.h"
#include "setting.h"
#include "store/document.h"
#include "store/store.h"
#include "store/token.h"
#include "text/text.h"
#include "user/user.h"

#include "funcapi.h"
#include "utils/memutils.h"

#define MAX_SEARCHED (128 * 1024)	/* bytes of a batch, for tokens */
#define ALL_METHODS "GET POST PUT PATCH DELETE"

static bool
ends_with(const char *path, const char *end)
{
	size_t		length = strlen(path);

	return length >= strlen(end) && strcmp(path + length - strlen(end), end) == 0;
}

static bool
route_matches(const OAuthRoute *route, const char *path)
{
	size_t		length = strlen(route->path);

	if (route->path[0] == '*')
		return ends_with(path, route->path + 1);
	if (route->path[length - 1] == '/')
		return strncmp(path, route->path, length) == 0;
	return strcmp(path, route->path) == 0;
}

/* The route of that path, or NULL. */
const OAuthRoute *
oauth_endpoint_route(const OAuthEndpoint *endpoint, const char *path)
{
	for (int i = 0; i < OAUTH_MAX_ROUTES && endpoint->routes[i].path != NULL; i++)
		if (route_matches(&endpoint->routes[i], path))
			return &endpoint->routes[i];
	return NULL;
}

/* "all general-purpose servers MUST support the methods GET and HEAD"  (RFC 9110, section 9.1) */
bool
oauth_route_takes(const OAuthRoute *route, const char *method)
{
	const char *name = strcmp(method, "HEAD") == 0 ? "GET" : method;

	return route->methods == NULL ||
		(strchr(name, ' ') == NULL && oauth_words_include(route->methods, name));
}

/* The methods as the header Allow lists them. */
static char *
method_list(const OAuthRoute *route)
{
	StringInfoData list;

	initStringInfo(&list);
	for (const char *c = route->methods ? route->methods : ALL_METHODS; *c; c++)
		if (*c == ' ')
			appendStringInfoString(&list, strcmp(list.data, "GET") == 0 ? ", HEAD, " : ", ");
		else
			appendStringInfoChar(&list, *c);
	if (strcmp(list.data, "GET") == 0)
		appendStringInfoString(&list, ", HEAD");
	return list.data;
}

/* All methods that the route answers, as the field Allow lists them; NULL: any. */
char *
oauth_route_methods(const OAuthRoute *route)
{
	if (route->methods == NULL)
		return NULL;
	return psprintf("%s%s", method_list(route),
					route->cors == OAUTH_CORS_NOBODY ? "" : ", OPTIONS");
}

static bool
is_for_all(const OAuthRoute *route)
{
	return route->cors == OAUTH_CORS_ALL ||
		(route->cors == OAUTH_CORS_WHILE_OPEN && oauth_setting_registration == OAUTH_REGISTER_OPEN);
}

/*
 * The answer that moves the request to another lane because of where users are; NULL if it may
 * stay.  Whether it is a login is asked only if that matters: it may mean to read a form.
 */
static OAuthResponse *
users_elsewhere(const OAuthEndpoint *endpoint, const OAuthRequest *request)
{
	if (!endpoint->needs_users || !oauth_users_need_application_lane())
		return NULL;
	return oauth_users_elsewhere(endpoint->is_login != NULL && endpoint->is_login(request));
}

/*
 * If a route takes any method, an OPTIONS that is not a CORS preflight is answered like every other
 * method.
 */
static bool
is_options(const OAuthRoute *route, const OAuthRequest *request)
{
	if (route->cors != OAUTH_CORS_CLIENT && !is_for_all(route))
		return false;
	return route->methods == NULL ? oauth_cors_is_preflight(request) :
		strcmp(request->method, "OPTIONS") == 0;
}

/*
 * Whether it proves something with what is good once: an assertion, or a DPoP proof.  Where nothing
 * is written nothing is used up, so most requests are not looked through.
 */
static bool
has_proof(const OAuthRequest *request)
{
	static const char assertion[] = "assertion=";
	char	   *proof;

	if (oauth_response_is_other_lane(OAUTH_LANE_WRITING))
		return false;
	return oauth_request_header(request, "DPoP", &proof) > 0 ||
		(request->body_length > 0 &&
		 memmem(request->body, request->body_length, assertion, strlen(assertion)) != NULL);
}

/* What the response asks for under that name, which ends with ": "; NULL if it does not. */
static const char *
asked_for(const OAuthResponse *response, const char *name)
{
	ListCell   *cell;

	foreach(cell, response->headers)
		if (strncmp(lfirst(cell), name, strlen(name)) == 0)
			return (char *) lfirst(cell) + strlen(name);
	return NULL;
}

/* Notes again that the document is wanted for which the response asks, if it does. */
static void
want_again(const OAuthResponse *response)
{
	const char *url = asked_for(response, "Fetch: ");

	if (url != NULL)
		oauth_store_want_document(url);
}

/* Makes the signing key for which the response asks, if it does. */
static void
make_key(const OAuthResponse *response)
{
	const char *needed = asked_for(response, "Key: ");
	const char *wanted = asked_for(response, "Wanted-Key: ");

	if (needed != NULL)
		oauth_signing_key_current(needed);
	if (wanted != NULL)
		oauth_signing_key_try(wanted);
}

static OAuthResponse *
answer_of(const OAuthEndpoint *endpoint, const OAuthRequest *request)
{
	return endpoint->undoes_head ? oauth_undo_head(request, endpoint->answer) :
		endpoint->answer(request);
}

/*
 * Whether what was done has to be undone where the request comes again: what is good once; and
 * where a request may take long, what it wrote and locked before, which nobody has to wait for.
 */
static bool
is_undone(const OAuthRequest *request)
{
	return oauth_setting_lane >= OAUTH_LANE_SLOW || has_proof(request);
}

/* A request that is being answered. */
typedef struct Answering
{
	const OAuthEndpoint *endpoint;
	const OAuthRequest *request;
	OAuthResponse *response;
} Answering;

/* Status 0 says that nothing was done, and that the request comes again. */
static bool
answer_for_good(void *argument)
{
	Answering  *answering = argument;

	answering->response = answer_of(answering->endpoint, answering->request);
	return answering->response->status != 0;
}

/*
 * When a request has to come again its proof may have been used up, which is undone, so that it is
 * good then.  The document that it waits for is wanted nevertheless.
 */
static OAuthResponse *
respond_undoably(const OAuthEndpoint *endpoint, const OAuthRequest *request)
{
	Answering	answering = {.endpoint = endpoint, .request = request};

	oauth_in_subtransaction(answer_for_good, &answering);
	if (answering.response->status == 0)
		want_again(answering.response);
	return answering.response;
}

static OAuthResponse *
respond(const OAuthEndpoint *endpoint, const OAuthRequest *request)
{
	const OAuthRoute *route = oauth_endpoint_route(endpoint, request->path);
	OAuthResponse *response = users_elsewhere(endpoint, request);

	/* a SQL caller can give any path, for example one of a proxy */
	if (route == NULL)
		route = &endpoint->routes[0];
	if (response != NULL)
		return response;
	if (is_options(route, request))
		return oauth_cors_options(request, method_list(route), is_for_all(route));
	if (!oauth_route_takes(route, request->method))
		return oauth_response_wrong_method(method_list(route));
	response = is_undone(request) ? respond_undoably(endpoint, request) :
		answer_of(endpoint, request);
	if (response->status == 0)
		make_key(response);
	else if (is_for_all(route))
		response = oauth_cors_allow_all(request, response);
	return response;
}

static void
respond_for(void *argument)
{
	Answering  *answering = argument;

	answering->response = respond(answering->endpoint, answering->request);
}

/* The answer to the request; the caller is known only while it is made. */
OAuthResponse *
oauth_endpoint_respond(const OAuthEndpoint *endpoint, const OAuthRequest *request)
{
	Answering	answering = {.endpoint = endpoint, .request = request};

	oauth_identity_clear();
	oauth_contain(respond_for, &answering);
	oauth_identity_clear();
	return answering.response;
}

/*
 * What the SQL function of each endpoint does: oauth.<stem>(oauth.http_request) RETURNS
 * oauth.http_response
 */
Datum
oauth_answer(FunctionCallInfo fcinfo, const OAuthEndpoint *endpoint)
{
	OAuthRequest *request = oauth_request_from_datum(PG_GETARG_DATUM(0));

	return oauth_response_datum(fcinfo, oauth_endpoint_respond(endpoint, request));
}

/* Answers the requests in their order; one that is null has an answer that is. */
static void
answer_each(FunctionCallInfo fcinfo, const OAuthEndpoint *endpoint, ArrayType *requests)
{
	MemoryContext each = AllocSetContextCreate(CurrentMemoryContext, "oauth request",
											   ALLOCSET_DEFAULT_SIZES);
	ArrayIterator iterator = array_create_iterator(requests, 0, NULL);
	Datum		request;
	bool		is_null;

	while (array_iterate(iterator, &request, &is_null))
	{
		MemoryContext old = MemoryContextSwitchTo(each);

		oauth_response_put(fcinfo, is_null ? NULL :
						   oauth_endpoint_respond(endpoint, oauth_request_from_datum(request)));
		MemoryContextSwitchTo(old);
		MemoryContextReset(each);
	}
	array_free_iterator(iterator);
	MemoryContextDelete(each);
}

/*
 * Says which access tokens will be asked about: those that stand anywhere in the requests, but for
 * large ones.
 */
static void
expect_tokens(const ArrayType *requests)
{
	int64		handles[OAUTH_MAX_EXPECTED];
	int			n = oauth_token_handles((const char *) requests,
										Min(VARSIZE(requests), MAX_SEARCHED), handles,
										OAUTH_MAX_EXPECTED);

	oauth_store_expect_access_tokens(handles, n);
}

/*
 * The same for a batch: oauth.<stem>_batch(oauth.http_request[]) RETURNS SETOF oauth.http_response.
 * What a definer function costs, a fifth of the whole, is paid once, and new tokens are written
 * together.
 */
Datum
oauth_answer_batch(FunctionCallInfo fcinfo, const OAuthEndpoint *endpoint)
{
	ArrayType  *requests = PG_GETARG_ARRAYTYPE_P(0);
	bool		is_first;

	InitMaterializedSRF(fcinfo, 0);
	is_first = oauth_store_begin_batch();
	PG_TRY();
	{
		expect_tokens(requests);
		answer_each(fcinfo, endpoint, requests);
		if (is_first)
		{
			oauth_store_settle();
			oauth_store_end_batch(true);
		}
	}
	PG_CATCH();
	{
		if (is_first)
			oauth_store_end_batch(false);
		PG_RE_THROW();
	}
	PG_END_TRY();
	return (Datum) 0;
}
