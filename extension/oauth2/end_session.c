/*
 * end_session.c
 *		/oauth2/end_session: a client sends a person here to log out (OpenID Connect RP-Initiated
 *		Logout 1.0).
 *
 * "The OP MUST ask the End-User this question if an id_token_hint was not provided or if the
 * supplied ID Token does not belong to the current OP session with the RP and/or currently logged
 * in End-User" (section 2).  The holder of such an ID token is the client of that session, and no
 * page of another site.
 *
 * The browser goes on to an address that the client has registered, and to no other one, and by
 * itself only if the person was asked or a hint came.  A request that names another address is
 * refused on a page, and nobody is logged out.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/authorization.h"
#include "oauth2/id_token_hint.h"
#include "page/page.h"
#include "store/client.h"
#include "store/event.h"
#include "store/session.h"
#include "text/text.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_end_session);

#define PATH "/oauth2/end_session"

/* A logout request, as it is being checked. */
typedef struct Logout
{
	OAuthParams params;
	const char *client_id;		/* NULL: nobody says */
	OAuthClient *client;		/* of that id */
	OAuth2IdTokenHint hint;
	const char *redirect_uri;	/* post_logout_redirect_uri; NULL: none */
	const char *state;
} Logout;

/* ---- checks, in the order of section 2 ---- */

/* "OpenID Providers MUST support the use of the HTTP GET and POST methods" */
static OAuthFault *
read_parameters(const OAuthRequest *http, Logout *logout)
{
	bool		is_post = strcmp(http->method, "POST") == 0;
	const char *encoded = http->query ? http->query : "";
	int			length = strlen(encoded);
	OAuthFault *fault;

	if (is_post && !oauth_request_has_form(http))
		return oauth_fault(OAUTH_INVALID_REQUEST, "The body must be a form.");
	if (is_post)
	{
		encoded = http->body;
		length = http->body_length;
	}
	fault = oauth_params_parse(encoded, length, &logout->params);
	if (fault != NULL)
		logout->params.n = 0;
	return fault;
}

/*
 * "The OP MUST validate that it was the issuer of the ID Token.  [...] OPs [...] SHOULD accept ID
 * Tokens when the RP identified by the ID Token's aud claim [...] has [...] a recent session, [...]
 * even when the exp time has passed."  (section 2)  "When both client_id and id_token_hint are
 * present, the OP MUST verify that the Client Identifier matches the one used when issuing the ID
 * Token."
 */
static OAuthFault *
check_hint(Logout *logout)
{
	const char *sent;
	OAuthFault *fault = oauth_params_get(&logout->params, OAUTH2_ID_TOKEN_HINT, &sent);

	if (fault != NULL || sent == NULL || sent[0] == '\0')
		return fault;
	if (!oauth2_id_token_hint_read(sent, logout->client_id, &logout->hint))
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "The id_token_hint is not an ID token that the client got here.");
	logout->client_id = logout->hint.client_id;
	return NULL;
}

static OAuthFault *
check_client(Logout *logout)
{
	if (logout->client_id == NULL)
		return NULL;
	logout->client = oauth_store_find_client(logout->client_id, NULL);
	return logout->client != NULL && !logout->client->is_disabled ? NULL :
		oauth_fault(OAUTH_INVALID_REQUEST, "The client is unknown or disabled.");
}

/*
 * "The OP MUST NOT perform post-logout redirection if the post_logout_redirect_uri value supplied
 * does not exactly match one of the previously registered post_logout_redirect_uris values."
 * (section 3)
 */
static OAuthFault *
check_redirect_uri(Logout *logout)
{
	OAuthFault *fault = oauth_params_get(&logout->params, "post_logout_redirect_uri",
										 &logout->redirect_uri);

	if (fault != NULL || logout->redirect_uri == NULL)
		return fault;
	if (logout->client == NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "A post_logout_redirect_uri needs a client_id or an id_token_hint.");
	return oauth_list_has(logout->client->post_logout_redirect_uris, logout->redirect_uri) ? NULL :
		oauth_fault(OAUTH_INVALID_REQUEST,
					"The post_logout_redirect_uri is not registered for the client.");
}

static OAuthFault *
read_and_check(const OAuthRequest *http, Logout *logout)
{
	OAuthFault *fault = read_parameters(http, logout);

	if (fault != NULL ||
		(fault = oauth_params_get(&logout->params, "client_id", &logout->client_id)) != NULL ||
		(fault = oauth_params_get(&logout->params, "state", &logout->state)) != NULL ||
		(fault = check_hint(logout)) != NULL || (fault = check_client(logout)) != NULL)
		return fault;
	return check_redirect_uri(logout);
}

/* ---- answers ---- */

static void
add_parameter(StringInfo target, const char *name, const char *value)
{
	if (value != NULL && value[0] != '\0')
		appendStringInfo(target, "%c%s=%s", strchr(target->data, '?') ? '&' : '?', name,
						 oauth1_encode(value));
}

/*
 * The request as a page, whichever method asked for it.  Of its query only what counts here is
 * kept, and a reference stands for the ID token: an address is logged, and kept in histories.
 */
static OAuthRequest *
as_page(const OAuthRequest *http, const Logout *logout)
{
	StringInfoData target;

	initStringInfo(&target);
	appendStringInfoString(&target, PATH);
	add_parameter(&target, "client_id", logout->client_id);
	if (logout->hint.client_id != NULL)
		add_parameter(&target, OAUTH2_ID_TOKEN_HINT, oauth2_id_token_hint_reference(&logout->hint));
	add_parameter(&target, "post_logout_redirect_uri", logout->redirect_uri);
	add_parameter(&target, "state", logout->state);
	add_parameter(&target, "ui_locales", oauth_page_parameter(&logout->params, "ui_locales"));
	return oauth_request_about(http, "GET", target.data);
}

/*
 * "If included in the logout request, the OP passes this value back to the RP using the state
 * parameter"
 */
static char *
address_of(const Logout *logout)
{
	const char *uri = logout->redirect_uri;

	return logout->state == NULL ? pstrdup(uri) :
		psprintf("%s%cstate=%s", uri, strchr(uri, '?') ? '&' : '?', oauth1_encode(logout->state));
}

static OAuthResponse *
lead_on(const Logout *logout, const OAuthWords *words)
{
	return logout->redirect_uri != NULL ? oauth_page_redirect(address_of(logout)) :
		oauth_page_farewell(words, OAUTH_TEXT_LOGOUT, OAUTH_TEXT_LOGGED_OUT);
}

/*
 * Nobody is logged in and no hint came: anybody can register a client, and an address of theirs, so
 * the person sees where the link leads before the browser goes there (RFC 9700, section 4.11.2:
 * "The authorization server MUST only automatically redirect the user agent if it trusts the
 * redirect URI").
 */
static OAuthResponse *
offer_to_go_on(const Logout *logout, const OAuthWords *words)
{
	OAuthResponse *page = oauth_page_open(200, words, words->texts[OAUTH_TEXT_LOGOUT], "");

	oauth_html(&page->body,
			   "<p>%s</p>\n<p class=\"who\">%s <strong>%n</strong></p>\n<a class=\"button\" "
			   "href=\"%s\">%s</a>\n",
			   words->texts[OAUTH_TEXT_LOGGED_OUT], words->texts[OAUTH_TEXT_GOES_TO],
			   oauth_origin(logout->redirect_uri), address_of(logout),
			   words->texts[OAUTH_TEXT_GO_ON]);
	return oauth_page_close(page);
}

static OAuthResponse *
answer_nobody(const Logout *logout, const OAuthWords *words)
{
	return logout->redirect_uri != NULL && logout->hint.client_id == NULL ?
		offer_to_go_on(logout, words) : lead_on(logout, words);
}

static OAuthResponse *
log_out(const OAuthRequest *http, const Logout *logout, const OAuthWords *words,
		const OAuthSession *session)
{
	OAuthResponse *response = lead_on(logout, words);
	OAuthEvent	event = {.event = "logout", .subject = session->subject,
		.client_id = logout->client_id};

	oauth_session_end(http, response, session);
	oauth_event_note(http, &event);
	return response;
}

/* What the form is about, so that its token is good for nothing else. */
static char *
purpose_of(const Logout *logout)
{
	return psprintf("end_session %s %s %s", logout->client_id ? logout->client_id : "",
					logout->redirect_uri ? logout->redirect_uri : "",
					logout->state ? oauth1_encode(logout->state) : "-");
}

static void
add_hidden_field(StringInfo html, const char *name, const char *value)
{
	if (value != NULL)
		oauth_html(html, "<input type=\"hidden\" name=\"%s\" value=\"%s\">\n", name, value);
}

/* A page with a button; is_stale: the form before this one could not be accepted. */
static OAuthResponse *
ask_to_log_out(const OAuthRequest *http, const Logout *logout, const OAuthWords *words,
			   const OAuthSession *session, bool is_stale)
{
	OAuthResponse *page = oauth_page_open(is_stale ? 403 : 200, words,
										  words->texts[OAUTH_TEXT_LOGOUT],
										  logout->redirect_uri ? NULL : "");
	StringInfo	html = &page->body;

	if (is_stale)
		oauth_html(html, "<p class=\"bad\" role=\"alert\">%s</p>\n",
				   words->texts[OAUTH_TEXT_STALE]);
	oauth_html(html, "<p class=\"who\">%s <strong>%n</strong></p>\n",
			   words->texts[OAUTH_TEXT_LOGGED_IN_AS], oauth_session_name(session));
	if (logout->redirect_uri != NULL)
		oauth_html(html, "<p class=\"who\">%s <strong>%n</strong></p>\n",
				   words->texts[OAUTH_TEXT_GOES_TO], oauth_origin(logout->redirect_uri));
	oauth_html(html, "<form method=\"post\" action=\"%s\">\n", oauth_page_address(words, PATH));
	add_hidden_field(html, "token",
					 oauth_form_token(oauth_browser(http, page), session, purpose_of(logout)));
	add_hidden_field(html, "client_id", logout->client_id);
	add_hidden_field(html, "post_logout_redirect_uri", logout->redirect_uri);
	add_hidden_field(html, "state", logout->state);
	oauth_html(html, "<button>%s</button>\n</form>\n", words->texts[OAUTH_TEXT_LOGOUT]);
	return oauth_page_close(page);
}

/* ---- the endpoint ---- */

/* Whether the hint is of this session, and of the person that is logged in. */
static bool
is_of_session(const Logout *logout, const OAuthSession *session)
{
	const char *sid = session->authentication.sid;

	return logout->hint.client_id != NULL &&
		oauth2_id_token_hint_is_of(&logout->hint,
								   oauth_subject_for(logout->client, session->subject)) &&
		oauth2_id_token_hint_is_in(&logout->hint,
								   sid ? oauth_sid_for(logout->client, sid) : NULL);
}

/*
 * A form of another site comes without the cookie of the session (SameSite=Lax); a browser that is
 * sent on by GET brings it.
 */
static bool
may_lack_cookie(const OAuthRequest *http)
{
	return strcmp(http->method, "POST") == 0 && oauth_cookie(http, "session") == NULL;
}

static OAuthResponse *
answer(const OAuthRequest *http)
{
	Logout		logout = {0};
	OAuthFault *fault = read_and_check(http, &logout);
	OAuthRequest *page = as_page(http, &logout);
	OAuthWords *words = oauth_words(page);
	OAuthSession *session = oauth_session_of_cookie(http);
	const char *token = oauth_page_parameter(&logout.params, "token");

	if (fault != NULL)
		return oauth2_authorize_tell_user(page, fault);
	if (may_lack_cookie(http))
		return oauth_page_redirect(page->target);
	if (session == NULL)
		return answer_nobody(&logout, words);
	if (strcmp(http->method, "POST") == 0 && token[0] != '\0')
		return oauth_form_is_ours(http, session, purpose_of(&logout), token) ?
			log_out(http, &logout, words, session) :
			ask_to_log_out(http, &logout, words, session, true);
	return is_of_session(&logout, session) ? log_out(http, &logout, words, session) :
		ask_to_log_out(http, &logout, words, session, false);
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.summary = "Log a person out for a client",
		.by = "session",
		.takes = "id_token_hint client_id post_logout_redirect_uri state ui_locales",
		.answers = "200:Page 303 400:Page 403:Page",
		.example = "client_id=oc_...&state=af0ifjsldkj"
	},
	{0}
};

const OAuthEndpoint oauth2_end_session_endpoint = {
	.function = "end_session",
	.first_lane = OAUTH_LANE_WRITING,
	.routes = {{PATH, "GET POST", OAUTH_CORS_NOBODY}},
	.needs_users = true,
	.undoes_head = true,
	.answer = answer,
	.operations = operations
};

/* oauth.end_session(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_end_session(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_end_session_endpoint);
}
