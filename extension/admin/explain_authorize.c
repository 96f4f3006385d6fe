/*
 * explain_authorize.c
 *		Why an authorization request would be refused: at /oauth2/authorize, and at /oauth2/par.
 *
 * A request object is taken through the checks that the endpoint makes, one a row.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/admin.h"
#include "client/client.h"
#include "oauth2/authorization.h"
#include "oauth2/request_object.h"
#include "setting.h"
#include "store/client.h"
#include "store/session.h"
#include "text/text.h"
#include "user/user.h"

/* The length of the common beginning of two strings. */
static int
common_start(const char *one, const char *other)
{
	int			n = 0;

	while (one[n] != '\0' && one[n] == other[n])
		n++;
	return n;
}

static void
explain_redirect_uri(OAuthExplanation *explanation, const OAuthClient *client, const char *uri)
{
	const char *nearest = NULL;
	ListCell   *cell;

	if (oauth2_redirect_uri_of(client, uri) != NULL)
	{
		oauth_explain_step(explanation, "redirect_uri", OAUTH_EXPLAIN_OK,
						   oauth_explain_shown(oauth2_redirect_uri_of(client, uri)), NULL);
		return;
	}
	foreach(cell, client->redirect_uris)
		if (uri != NULL &&
			(nearest == NULL || common_start(uri, lfirst(cell)) > common_start(uri, nearest)))
			nearest = lfirst(cell);
	oauth_explain_step(explanation, "redirect_uri", OAUTH_EXPLAIN_REFUSED,
					   uri == NULL ? psprintf("none was sent, and the client has %d",
											  list_length(client->redirect_uris)) :
					   nearest == NULL ? "the client has none" :
					   psprintf("%s is not registered; the nearest is %s, which "
								"differs from character %d on",
								oauth_explain_shown(uri), nearest,
								common_start(uri, nearest) + 1),
					   client->redirect_uris ?
					   psprintf("registered: %s", oauth_words_join(client->redirect_uris)) :
					   oauth_explain_update(client, "redirect_uris", "[\"https://...\"]"));
}

/* A check of a request object that is tried. */
typedef struct Attempt
{
	const OAuth2RequestObjectCheck *check;
	OAuth2RequestObject *object;
	OAuthFault *fault;
} Attempt;

static void
attempt(void *argument)
{
	Attempt    *a = argument;

	a->fault = a->check->check(a->object);
}

/* What the check says.  That keys are wanted, which are fetched then, is undone. */
static OAuthFault *
try_check(const OAuth2RequestObjectCheck *check, OAuth2RequestObject *object)
{
	Attempt		one = {.check = check, .object = object};
	ErrorData  *error = oauth_try(attempt, &one, false);

	if (error != NULL)
		ReThrowError(error);
	return one.fault;
}

/* The request object, check by check; its parameters, or false if it cannot be believed. */
static bool
explain_object(OAuthExplanation *explanation, const OAuthClient *client, const char *token,
			   OAuthParams *params)
{
	OAuth2RequestObject object = {.client = client, .token = token};
	const OAuth2RequestObjectCheck *check;

	for (size_t i = 0; (check = oauth2_request_object_check(i)) != NULL; i++)
	{
		OAuthFault *fault = try_check(check, &object);

		if (fault != NULL && fault->code == OAUTH_FETCH)
			oauth_explain_step(explanation, check->name, OAUTH_EXPLAIN_OPEN,
							   psprintf("the keys of the client at %s are fetched first",
										oauth_explain_shown(fault->description)), NULL);
		else
			oauth_explain_fault(explanation, check->name, fault, check->remedy);
		if (fault != NULL)
			return false;
	}
	*params = object.params;
	return true;
}

/* How a request has to come that came in another way. */
static const char *
way_remedy(const OAuthClient *client, const OAuthFault *fault)
{
	if (fault->code == OAUTH_REQUEST_URI_NOT_SUPPORTED)
		return "POST the request to /oauth2/par, and send the request_uri of its answer";
	if (fault->code == OAUTH_REGISTRATION_NOT_SUPPORTED)
		return "register the client first, and leave registration out";
	if (!client->require_pushed_authorization_requests &&
		oauth_setting_require_pushed_authorization_requests)
		return "the setting oauth.require_pushed_authorization_requests asks it of every client";
	if (!client->require_pushed_authorization_requests && !client->require_signed_request_object)
		return NULL;
	return psprintf("the client asked for that itself: %s",
					oauth_explain_update(client, client->require_pushed_authorization_requests ?
										 "require_pushed_authorization_requests" :
										 "require_signed_request_object", "false"));
}

/* The request_uri, and what was pushed under it; false if that is not good. */
static bool
explain_pushed(OAuthExplanation *explanation, OAuth2Authorization *way)
{
	OAuthFault *fault = oauth2_check_pushed_request(way);

	if (fault == NULL && way->pushed == NULL)
		return true;
	return !oauth_explain_fault(explanation, "request_uri", fault,
								way->is_being_pushed ? "push the request itself" :
								"each is good for one answer, in oauth.request_uri_lifetime, and "
								"then while the person logs in: the client pushes anew to "
								"/oauth2/par");
}

/* Fills in the parameters that count, whichever way they came; false if none do. */
static bool
explain_way(OAuthExplanation *explanation, OAuth2Authorization *way)
{
	const char *object;
	OAuthFault *fault;

	if (!explain_pushed(explanation, way))
		return false;
	fault = oauth_params_get(&way->params, "request", &object);
	if (fault == NULL && object != NULL && way->pushed == NULL)
	{
		if (!explain_object(explanation, way->client, object, &way->params))
			return false;
		way->is_signed = true;
	}
	if (fault == NULL)
		fault = oauth2_check_way(way);
	return fault == NULL ||
		!oauth_explain_fault(explanation, "way", fault, way_remedy(way->client, fault));
}

/* The other checks of the endpoint, until one fails; those that have rows already add none. */
static void
explain_checks(OAuthExplanation *explanation, OAuth2Authorization *way)
{
	static const char *const explained[] = {"way", "scope", "authorization_details"};
	const OAuth2AuthorizationCheck *check;
	OAuthFault *fault = NULL;

	for (size_t i = 0; fault == NULL && (check = oauth2_authorization_check_of(i)) != NULL; i++)
	{
		fault = check->check(way);
		if (fault != NULL && fault->code == OAUTH_INVALID_TARGET)
			(void) oauth_explain_fault(explanation, "resource", fault,
									   "SELECT resource FROM oauth.resource_overview;");
		else if (fault != NULL && OAUTH_FIND_NAMED(explained, check->name) == NULL)
			(void) oauth_explain_fault(explanation, check->name, fault, NULL);
	}
}

/* What is asked for.  is_decided: the subject is known, and the application would be asked. */
static void
explain_asked(OAuthExplanation *explanation, OAuth2Authorization *way, bool is_decided)
{
	OAuthFault *fault = oauth2_check_redirect_uri(way);

	if (fault != NULL && oauth2_redirect_uri_of(way->client, way->sent_uri) != NULL)
		(void) oauth_explain_fault(explanation, "redirect_uri", fault,
								   "the client must send one that it registered");
	else
		explain_redirect_uri(explanation, way->client, way->sent_uri);
	oauth_explain_scope(explanation, way->client, &way->params);
	oauth_explain_details(explanation, way->client, &way->params, is_decided);
	if (fault == NULL)
		explain_checks(explanation, way);
}

/* /oauth2/authorize; there is nothing to explain about the form that the consent page sends. */
void
oauth2_explain_authorize(OAuthExplanation *explanation, const OAuthRequest *request)
{
	bool		is_post = strcmp(request->method, "POST") == 0;
	OAuth2Authorization way = {.http = request};
	const char *client_id;
	OAuthSession *session;
	OAuthFault *fault = is_post ?
		oauth_params_parse(request->body, request->body_length, &way.sent) :
		oauth_params_parse(request->query ? request->query : "",
						   request->query ? strlen(request->query) : 0, &way.sent);

	if (strcmp(request->path, "/oauth2/authorize") != 0 ||
		oauth_explain_fault(explanation, "parameters", fault, NULL) ||
		oauth_params_get(&way.sent, "client_id", &client_id) != NULL)
		return;
	if (!oauth2_explain_client_document(explanation, client_id, &way.client))
		way.client = oauth_explain_client(explanation, client_id, NULL);
	way.params = way.sent;
	if (way.client == NULL || !explain_way(explanation, &way))
		return;
	session = oauth_session_of(request);
	explain_asked(explanation, &way, session != NULL);
	oauth_explain_step(explanation, "login", OAUTH_EXPLAIN_OPEN,
					   session ? psprintf("subject %s is logged in", session->subject) :
					   oauth_session_of_cookie(request) ?
					   "the session began with a password alone, and its user has to show a second "
					   "factor, so the login page comes first" :
					   "nobody is logged in, so the login page comes first",
					   NULL);
}

/* /oauth2/par */
void
oauth2_explain_par(OAuthExplanation *explanation, const OAuthRequest *request)
{
	OAuth2Credentials credentials = {0};
	OAuth2Authorization way = {.http = request, .is_being_pushed = true};
	OAuthClient *document;

	if (!oauth_explain_form(explanation, request, &way.sent))
		return;
	(void) oauth2_read_credentials(request, &way.sent, &credentials);
	if (oauth2_explain_client_document(explanation, credentials.client_id, &document) &&
		(document == NULL || oauth_store_find_client(document->client_id, NULL) == NULL))
		return;
	way.client = oauth_explain_credentials(explanation, request, &way.sent);
	way.params = way.sent;
	if (way.client == NULL || !explain_way(explanation, &way))
		return;
	explain_asked(explanation, &way, false);
	oauth2_explain_pushed_proof(explanation, request, way.client, &way.params);
}
