/*
 * resource.c
 *		/api/: who is calling, and the application's functions (RFC 6750, RFC 5849).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "api/api.h"
#include "application/application.h"
#include "client/client.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/function.h"
#include "store/token.h"
#include "text/text.h"
#include "token/token.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_resource);

/* Who the user is, as the client sees it (OpenID Connect Core, section 8.1). */
static void
append_user(StringInfo body, const OAuthToken *token)
{
	bool		is_pairwise;
	const char *seen = oauth_subject_seen_by(token->client_id, token->subject, &is_pairwise);
	const char *username = !is_pairwise || oauth_words_include(token->scope, "profile") ?
		oauth_username(token->subject) : NULL;

	oauth_json_member(body, "subject", seen);
	if (username != NULL)
		oauth_json_member(body, "username", username);
}

/* /api/ itself. */
static OAuthResponse *
who_is_calling(const OAuthRequest *request, const OAuthToken *token)
{
	OAuthResponse *response = oauth_response_json(200);
	StringInfo	body = &response->body;
	Jsonb	   *claims;
	OAuthUndo	undo;
	OAuthLane	lane;

	oauth_undo_begin(request, &undo);
	lane = oauth_claims_about(token, &claims);
	oauth_undo_end(&undo, false);
	if (lane != OAUTH_LANE_ANY)
		return oauth_response_application(token->client_id, token->subject);
	appendStringInfoChar(body, '{');
	if (token->subject != NULL)
		append_user(body, token);
	oauth_json_member(body, "client_id", token->client_id);
	oauth_json_member(body, "scope", token->scope);
	oauth_json_raw(body, "authorization_details", token->authorization_details);
	oauth_json_member(body, "auth", token->is_signed ? "oauth1" :
					  strcmp(oauth_cnf_token_type(token->cnf), "DPoP") == 0 ? "dpop" : "bearer");
	if (claims != NULL)
	{
		appendStringInfoString(body, ", \"claims\": ");
		JsonbToCString(body, &claims->root, VARSIZE(claims));
	}
	appendStringInfoChar(body, '}');
	return response;
}

static bool
lists_method(const OAuthProtectedFunction *entry, const char *method)
{
	ListCell   *cell;

	foreach(cell, entry->methods)
		if (strcmp(lfirst(cell), method) == 0)
			return true;
	return false;
}

static OAuthResponse *
method_not_allowed(const OAuthProtectedFunction *entry)
{
	StringInfoData allow;
	ListCell   *cell;

	initStringInfo(&allow);
	foreach(cell, entry->methods)
	{
		appendStringInfo(&allow, "%s%s", allow.len > 0 ? ", " : "", (char *) lfirst(cell));
		if (strcmp(lfirst(cell), "GET") == 0 && !lists_method(entry, "HEAD"))
			appendStringInfoString(&allow, ", HEAD");
	}
	return oauth_response_wrong_method(allow.data);
}

/*
 * Calls the function as the caller.  What it writes for a HEAD is undone, whatever it answers; a
 * function that is registered for GET alone is shown a GET.  The caller is forgotten when the
 * request is answered (endpoint.c).
 */
static OAuthResponse *
call_function(const OAuthRequest *request, const OAuthToken *token, OAuthProtectedFunction *entry,
			  Datum datum)
{
	OAuthRequest shown = *request;
	OAuthResponse *response;
	OAuthUndo	undo;

	if (strcmp(request->method, "HEAD") == 0 && !lists_method(entry, "HEAD"))
		shown.method = "GET";
	oauth_undo_begin(request, &undo);
	oauth_identity_set(token);
	response = oauth_protected_call(entry, oauth_request_without_proof(&shown, datum));
	oauth_undo_end(&undo, false);
	return response;
}

/*
 * The refusal.  It names the scope and the metadata of the function, also to those who come without
 * a token: they learn there what to ask for.
 */
static OAuthResponse *
refuse(const OAuthRequest *request, const OAuthFault *fault, const OAuthProtectedFunction *entry)
{
	return oauth_caller_challenge(request, fault, entry ? entry->required_scope : NULL,
								  oauth2_resource_metadata_uri(entry ? entry->path : ""));
}

/* Below /api/: calls the function registered there.  datum 0: answers 204 instead of calling it. */
static OAuthResponse *
run_function(const OAuthRequest *request, const OAuthToken *token, Datum datum)
{
	OAuthProtectedFunction *entry = oauth_store_find_protected(request->path);
	bool		is_taken;
	OAuthFault *fault;

	if (entry == NULL)
		return oauth_response_fault(oauth_fault(OAUTH_NOT_FOUND,
												"Nothing is registered for this path."));
	is_taken = lists_method(entry, request->method) ||
		(strcmp(request->method, "HEAD") == 0 && lists_method(entry, "GET"));
	if (!is_taken)
		return method_not_allowed(entry);
	if ((fault = oauth_caller_check_scope(token, entry->required_scope)) != NULL ||
		(fault = oauth_caller_check_login(token, &entry->login)) != NULL)
		return refuse(request, fault, entry);
	if (oauth_response_is_other_lane(OAUTH_LANE_APPLICATION))
		return oauth_response_application(token->client_id, token->subject);
	if (datum == 0)
		return oauth_response(204);
	return call_function(request, token, entry, datum);
}

/*
 * The answer to a request; with datum 0 only the provider's part of it, and no function of the
 * application is called.
 *
 * A signed request for a function of the application goes to the application's lane at once,
 * because its nonce is used up where it is verified.
 */
OAuthResponse *
oauth_resource_answer(const OAuthRequest *request, Datum datum)
{
	bool		asks_who = strcmp(request->path, "/api") == 0;
	bool		runs_application = !asks_who || oauth_store_has_claims_function();
	OAuthLane	signed_lane = runs_application ? OAUTH_LANE_APPLICATION : OAUTH_LANE_WRITING;
	OAuthToken *token;
	OAuthLane	lane;
	OAuthFault *fault = oauth_caller(request, request, NULL, signed_lane, &token, &lane);

	if (fault != NULL)
		return oauth_cors_allow(request, NULL,
								refuse(request, fault, oauth_store_find_protected(request->path)));
	if (lane != OAUTH_LANE_ANY)
		return oauth_caller_elsewhere(request, token, lane);
	if (asks_who && datum == 0)
		return oauth_response(200);
	return oauth_cors_allow(request, token->client_id,
							asks_who ? who_is_calling(request, token) :
							run_function(request, token, datum));
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	return oauth2_dpop_answer(request, oauth_resource_answer(request, request->datum));
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.at = "/api",
		.summary = "Who is calling",
		.by = "token oauth1",
		.answers = "200:Caller 400:Error 401:Error"
	},
	{
		.at = "/api/{path}",
		.summary = "A function of the application, where oauth_protect() has published one",
		.by = "token oauth1",
		.answers = "200:Anything 400:Error 401:Error 403:Error 404:Error 405:Error"
	},
	{0}
};

const OAuthEndpoint oauth_resource_endpoint = {
	.function = "resource",
	.first_lane = OAUTH_LANE_READING,
	.routes = {
		{"/api", NULL, OAUTH_CORS_CLIENT},
		{"/api/", NULL, OAUTH_CORS_CLIENT}
	},
	.answer = answer,
	.operations = operations
};

/* oauth.resource(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_resource(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth_resource_endpoint);
}
