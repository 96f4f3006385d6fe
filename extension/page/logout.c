/*
 * logout.c
 *		/logout: a page with a button, so that no link or image of another site logs anybody out.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "page/page.h"
#include "store/event.h"
#include "store/session.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_logout);

#define PURPOSE "logout"

/* The form that logs out, for any page. */
void
oauth_page_logout_form(OAuthResponse *page, const OAuthWords *words, const OAuthSession *session,
					   const char *browser)
{
	oauth_html(&page->body, "<form method=\"post\" action=\"%s\" class=\"leave\">\n"
			   "<input type=\"hidden\" name=\"token\" value=\"%s\">\n<button "
			   "class=\"plain\">%s</button>\n</form>\n",
			   oauth_page_address(words, "/logout"), oauth_form_token(browser, session, PURPOSE),
			   words->texts[OAUTH_TEXT_LOGOUT]);
}

/*
 * The page with the button.  said: what was wrong with the previous form, OAUTH_TEXT_LOGOUT if
 * there was none.
 */
static OAuthResponse *
ask_to_log_out(const OAuthRequest *request, const OAuthWords *words, const OAuthSession *session,
			   OAuthText said)
{
	bool		was_wrong = said != OAUTH_TEXT_LOGOUT;
	OAuthResponse *page = oauth_page_open(was_wrong ? 403 : 200, words,
										  words->texts[OAUTH_TEXT_LOGOUT], "");

	if (was_wrong)
		oauth_html(&page->body, "<p class=\"bad\" role=\"alert\">%s</p>\n", words->texts[said]);
	oauth_html(&page->body, "<p class=\"who\">%s <strong>%n</strong></p>\n",
			   words->texts[OAUTH_TEXT_LOGGED_IN_AS], oauth_session_name(session));
	oauth_page_logout_form(page, words, session, oauth_browser(request, page));
	return oauth_page_close(page);
}

static OAuthResponse *
show_page(const OAuthRequest *request, const OAuthWords *words, const OAuthSession *session)
{
	if (session == NULL)
		return oauth_page_farewell(words, OAUTH_TEXT_LOGOUT, OAUTH_TEXT_LOGGED_OUT);
	return ask_to_log_out(request, words, session, OAUTH_TEXT_LOGOUT);
}

static OAuthResponse *
log_out(const OAuthRequest *request, const OAuthWords *words, const OAuthSession *session)
{
	OAuthEvent	event = {.event = "logout"};
	OAuthResponse *page;
	OAuthParams form;

	if (session != NULL &&
		(!oauth_page_form(request, &form) ||
		 !oauth_form_is_ours(request, session, PURPOSE, oauth_page_parameter(&form, "token"))))
		return ask_to_log_out(request, words, session, OAUTH_TEXT_STALE);
	page = oauth_page_farewell(words, OAUTH_TEXT_LOGOUT, OAUTH_TEXT_LOGGED_OUT);
	/* a form of another site comes without the cookie, and must not remove it */
	if (session != NULL)
		oauth_session_end(request, page, session);
	if (session != NULL)
	{
		event.subject = session->subject;
		oauth_event_note(request, &event);
	}
	return page;
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	OAuthWords *words = oauth_words(request);
	OAuthSession *session = oauth_session_of_cookie(request);

	return strcmp(request->method, "POST") == 0 ? log_out(request, words, session) :
		show_page(request, words, session);
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.methods = "GET",
		.summary = "The page that asks whether to log out",
		.by = "session",
		.answers = "200:Page 303"
	},
	{
		.methods = "POST",
		.summary = "Log out",
		.by = "session",
		.takes = "token!",
		.answers = "200:Page 303 400:Page 403:Page"
	},
	{0}
};

const OAuthEndpoint oauth_logout_endpoint = {
	.function = "logout",
	.first_lane = OAUTH_LANE_WRITING,
	.routes = {{"/logout", "GET POST", OAUTH_CORS_NOBODY}},
	.needs_users = true,
	.undoes_head = true,
	.answer = answer,
	.operations = operations
};

/* oauth.logout(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_logout(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth_logout_endpoint);
}
