/*
 * check_request_object.c
 *		Check of an authorization request: a request object, passed by value (request_object.c).
 *
 * - only what is in the object counts, but for the client_id, which names the client whose keys
 *   verify it (RFC 9101, section 5)
 * - an object that cannot be believed says nothing, so not where to tell that either.  A
 *   redirect_uri beside it, as OpenID Connect Core, section 6.1, allows it, is as good for that as
 *   one of a request without an object: it has to be registered, and may be left out where only one
 *   is
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "oauth2/authorization.h"
#include "oauth2/request_object.h"

/* The refusal of the object is told as if there were none. */
static void
answer_as_sent(OAuth2Authorization *request)
{
	if (oauth2_check_redirect_uri(request) != NULL)
		return;
	oauth2_read_response_mode(request);
	(void) oauth_params_get(&request->params, "state", &request->state);
}

/* Where http is NULL, nobody asks: somebody reads what a login is about. */
static void
note_refusal(const OAuth2Authorization *request, const OAuthFault *fault)
{
	OAuthEvent	event = {.event = "authenticate", .fault = fault,
		.client_id = request->client->client_id};

	if (request->http != NULL)
		oauth_event_refusal(request->http, &event);
}

OAuthFault *
oauth2_check_request_object(OAuth2Authorization *request)
{
	const char *object;
	OAuthFault *fault;

	if (request->pushed != NULL)
		return NULL;
	if ((fault = oauth_params_get(&request->sent, "request", &object)) != NULL || object == NULL)
		return fault;
	fault = oauth2_request_object_read(request->client, object, &request->params);
	if (fault == NULL)
		request->is_signed = true;
	else if (fault->code == OAUTH_INVALID_REQUEST_OBJECT)
	{
		note_refusal(request, fault);
		answer_as_sent(request);
	}
	return fault;
}
