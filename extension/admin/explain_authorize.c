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

/* The request object, check by check; its parameters, or false if it cannot be believed. */
static bool
explain_object(OAuthExplanation *explanation, const OAuthClient *client, const char *token,
			   OAuthParams *params)
{
	OAuth2RequestObject object = {.client = client, .token = token};
	const OAuth2RequestObjectCheck *check;

	for (size_t i = 0; (check = oauth2_request_object_check(i)) != NULL; i++)
	{
		OAuthFault *fault = check->check(&object);

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

/* What was pushed under a request_uri of ours, or why it is not good any more. */
static bool
explain_pushed(OAuthExplanation *explanation, const OAuthRequest *request,
			   const OAuthClient *client, OAuthParams *params)
{
	OAuth2Authorization pushed = {
		.http = request, .sent = *params, .client = unconstify(OAuthClient *, client)
	};
	OAuthFault *fault = oauth2_check_pushed_request(&pushed);

	if (oauth_explain_fault(explanation, "request_uri", fault,
							"each is good for one answer, in oauth.request_uri_lifetime, and then "
							"while the person logs in: the client pushes anew to /oauth2/par"))
		return false;
	*params = pushed.params;
	return true;
}

/* The parameters that count, whichever way they came. */
static bool
explain_way(OAuthExplanation *explanation, const OAuthRequest *request, OAuthClient *client,
			OAuthParams *params)
{
	OAuth2Authorization way = {.client = client};
	const char *uri;
	const char *object;
	bool		is_pushing = strcmp(request->path, "/oauth2/par") == 0;
	OAuthFault *fault;

	if ((fault = oauth_params_get(params, "request_uri", &uri)) != NULL ||
		(fault = oauth_params_get(params, "request", &object)) != NULL)
		return !oauth_explain_fault(explanation, "parameters", fault, NULL);
	if (uri != NULL && !is_pushing && oauth2_is_pushed_request_uri(uri))
		return explain_pushed(explanation, request, client, params);
	if (object != NULL && !explain_object(explanation, client, object, params))
		return false;
	way.params = *params;
	way.is_being_pushed = is_pushing;
	way.is_signed = object != NULL;
	fault = oauth2_check_way(&way);
	return fault == NULL ||
		!oauth_explain_fault(explanation, "way", fault,
							 "see require_pushed_authorization_requests and "
							 "require_signed_request_object of the client, and the setting "
							 "oauth.require_pushed_authorization_requests");
}

/* What is asked for. */
static void
explain_asked(OAuthExplanation *explanation, const OAuthClient *client, const OAuthParams *params)
{
	const char *uri;

	if (oauth_params_get(params, "redirect_uri", &uri) != NULL)
		return;
	explain_redirect_uri(explanation, client, uri);
	oauth_explain_scope(explanation, client, params);
}

/* /oauth2/authorize; there is nothing to explain about the form that the consent page sends. */
void
oauth2_explain_authorize(OAuthExplanation *explanation, const OAuthRequest *request)
{
	bool		is_post = strcmp(request->method, "POST") == 0;
	OAuthParams params = {0};
	const char *client_id;
	OAuthClient *client;
	OAuthSession *session;
	OAuthFault *fault = is_post ? oauth_params_parse(request->body, request->body_length, &params) :
		oauth_params_parse(request->query ? request->query : "",
						   request->query ? strlen(request->query) : 0,
						   &params);

	if (strcmp(request->path, "/oauth2/authorize") != 0 ||
		oauth_explain_fault(explanation, "parameters", fault, NULL) ||
		oauth_params_get(&params, "client_id", &client_id) != NULL ||
		(client = oauth_explain_client(explanation, client_id, NULL)) == NULL ||
		!explain_way(explanation, request, client, &params))
		return;
	explain_asked(explanation, client, &params);
	session = oauth_session_of(request);
	oauth_explain_step(explanation, "login", OAUTH_EXPLAIN_OPEN,
					   session ? psprintf("subject %s is logged in", session->subject) :
					   "nobody is logged in, so the login page comes first",
					   NULL);
}

/* /oauth2/par */
void
oauth2_explain_par(OAuthExplanation *explanation, const OAuthRequest *request)
{
	OAuthParams params;
	OAuthClient *client;

	if (oauth_explain_form(explanation, request, &params) &&
		(client = oauth_explain_credentials(explanation, request, &params)) != NULL &&
		explain_way(explanation, request, client, &params))
		explain_asked(explanation, client, &params);
}
