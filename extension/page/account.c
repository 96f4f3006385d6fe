/*
 * account.c
 *		/account: what has access, to what, and how to end it; where the user is logged in; changing
 *		the password; the second factor (account_factor.c); logging out.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "page/page.h"
#include "store/consent.h"
#include "store/event.h"
#include "store/request.h"
#include "store/session.h"
#include "store/token.h"
#include "store/user.h"
#include "text/text.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_account);

#define PURPOSE			"account"

/* The hidden fields that every form here begins with. */
void
oauth_account_open_form(StringInfo html, const OAuthWords *words, const char *token,
						const char *action)
{
	oauth_html(html,
			   "<form method=\"post\" action=\"%s\">\n<input type=\"hidden\" name=\"token\" "
			   "value=\"%s\">\n"
			   "<input type=\"hidden\" name=\"action\" value=\"%s\">\n",
			   oauth_page_address(words, "/account"), token, action);
}

static void
show_applications(StringInfo html, const OAuthWords *words, const OAuthSession *session,
				  const char *token)
{
	List	   *applications = oauth_store_connected(session->subject);
	ListCell   *cell;

	oauth_html(html, "<h2>%s</h2>\n", words->texts[OAUTH_TEXT_APPLICATIONS]);
	if (applications == NIL)
		oauth_html(html, "<p>%s</p>\n", words->texts[OAUTH_TEXT_NO_APPLICATIONS]);
	else
		appendStringInfoString(html, "<ul class=\"apps\">\n");
	foreach(cell, applications)
	{
		const OAuthConnected *application = lfirst(cell);
		const char *name = oauth_readable_name(application->client_name, application->client_id);

		appendStringInfoString(html, "<li class=\"app\">");
		oauth_html_mark(html, name);
		oauth_html(html,
				   "\n<p><strong>%n</strong>\n<span class=\"when\">%s <time>%s</time></span></p>\n",
				   name, words->texts[OAUTH_TEXT_LAST_USED], application->last_token);
		oauth_account_open_form(html, words, token, "revoke");
		oauth_html(html, "<input type=\"hidden\" name=\"client_id\" value=\"%s\">\n"
				   "<button class=\"plain\" aria-label=\"%s: %s\">%s</button>\n</form>\n",
				   application->client_id, words->texts[OAUTH_TEXT_REVOKE], name,
				   words->texts[OAUTH_TEXT_REVOKE]);
		if (application->scope != NULL && application->scope[0] != '\0')
			oauth_page_released(html, words, application->scope, NIL);
		appendStringInfoString(html, "</li>\n");
	}
	if (applications != NIL)
		appendStringInfoString(html, "</ul>\n");
}

/* One browser: its name, its address, its first login. */
static void
show_login(StringInfo html, const OAuthWords *words, const OAuthLogin *login)
{
	oauth_html(html, "<li><strong>%s</strong>",
			   login->browser ? login->browser : words->texts[OAUTH_TEXT_UNKNOWN_BROWSER]);
	if (login->is_this)
		oauth_html(html, " <em>%s</em>", words->texts[OAUTH_TEXT_THIS_BROWSER]);
	oauth_html(html, "\n<span class=\"when\">%s <time datetime=\"%sZ\"><bdi>%s UTC</bdi></time>",
			   words->texts[OAUTH_TEXT_LOGGED_IN_AT], login->since, login->since);
	if (login->address != NULL)
		oauth_html(html, " \u00b7 %n", login->address);
	appendStringInfoString(html, "</span></li>\n");
}

static void
show_logins(StringInfo html, const OAuthWords *words, const OAuthSession *session,
			const char *token)
{
	ListCell   *cell;

	oauth_html(html, "<h2>%s</h2>\n<ul class=\"logins\">\n", words->texts[OAUTH_TEXT_SESSIONS]);
	foreach(cell, oauth_store_logins(session))
		show_login(html, words, lfirst(cell));
	appendStringInfoString(html, "</ul>\n");
	oauth_account_open_form(html, words, token, "logout");
	oauth_html(html, "<button class=\"plain\">%s</button>\n</form>\n",
			   words->texts[OAUTH_TEXT_LOG_OUT_EVERYWHERE]);
}

static void
show_password_form(StringInfo html, const OAuthWords *words, const char *username,
				   const char *token)
{
	oauth_html(html, "<h2>%s</h2>\n", words->texts[OAUTH_TEXT_CHANGE_PASSWORD]);
	oauth_account_open_form(html, words, token, "password");
	/* tells the browser's password manager whose password it is */
	oauth_html(html, "<input name=\"username\" value=\"%s\" autocomplete=\"username\" hidden>\n",
			   username);
	oauth_html(html,
			   "<label for=\"old\">%s</label>\n<input id=\"old\" name=\"password\" "
			   "type=\"password\" "
			   "autocomplete=\"current-password\" required>\n<label for=\"new\">%s</label>\n"
			   "<input id=\"new\" name=\"new_password\" type=\"password\" "
			   "autocomplete=\"new-password\" minlength=\"8\" "
			   "aria-describedby=\"rule\" required>\n<p class=\"hint\" "
			   "id=\"rule\">%s</p>\n<button>%s</button>\n</form>\n",
			   words->texts[OAUTH_TEXT_OLD_PASSWORD], words->texts[OAUTH_TEXT_NEW_PASSWORD],
			   words->texts[OAUTH_TEXT_PASSWORD_REFUSED], words->texts[OAUTH_TEXT_CHANGE_PASSWORD]);
}

/* said: what has just happened, NULL if nothing has. */
OAuthResponse *
oauth_account_show(const OAuthRequest *request, const OAuthSession *session, int status,
				   OAuthText said)
{
	OAuthWords *words = oauth_words(request);
	OAuthResponse *page = oauth_page_open(status, words, words->texts[OAUTH_TEXT_ACCOUNT], "");
	char	   *browser = oauth_browser(request, page);
	char	   *token = oauth_form_token(browser, session, PURPOSE);

	if (said != OAUTH_TEXT_ACCOUNT)
		oauth_html(&page->body, status == 200 ? "<p class=\"good\" role=\"status\">%s</p>\n" :
				   "<p class=\"bad\" role=\"alert\">%s</p>\n", words->texts[said]);
	oauth_html(&page->body, "<p class=\"who\">%s <strong>%n</strong></p>\n",
			   words->texts[OAUTH_TEXT_LOGGED_IN_AS], oauth_session_name(session));
	show_applications(&page->body, words, session, token);
	show_logins(&page->body, words, session, token);
	if (oauth_user_may_change_password(session->subject))
		show_password_form(&page->body, words, session->username, token);
	oauth_account_show_factor(&page->body, words, session, token);
	oauth_page_logout_form(page, words, session, browser);
	return oauth_page_close(page);
}

/*
 * Somebody who knew the old password is logged out everywhere, in every browser and application,
 * this browser included.
 */
static OAuthResponse *
change_password(const OAuthRequest *request, const OAuthSession *session, const OAuthParams *form)
{
	const char *new_password = oauth_page_parameter(form, "new_password");
	OAuthWords *words = oauth_words(request);
	OAuthEvent	event = {.event = "configure",
		.subject = session->subject,
		.detail = "password was changed"};
	OAuthUser  *user;
	OAuthFault *fault;
	OAuthResponse *page;

	if (oauth_password_problem(new_password) != NULL)
		return oauth_account_show(request, session, 400, OAUTH_TEXT_PASSWORD_REFUSED);
	if (oauth_response_is_other_lane(OAUTH_LANE_SLOW))
		return oauth_response_lane(OAUTH_LANE_SLOW);
	if (!oauth_user_may_change_password(session->subject))
		return oauth_account_show(request, session, 400, OAUTH_TEXT_WRONG_PASSWORD);
	if ((fault = oauth_login_password(request, session->username,
									  oauth_page_parameter(form, "password"), &user)) != NULL)
		return oauth_account_show(request, session, oauth_fault_status(fault),
								  oauth_text_of_fault(fault));
	/* the name may belong to another user meanwhile */
	if (strcmp(user->subject, session->subject) != 0)
		return oauth_account_show(request, session, 400, OAUTH_TEXT_WRONG_PASSWORD);
	oauth_login_complete(request, user->subject, user, NULL);
	if (!oauth_user_set_password(user, new_password))
		return oauth_account_show(request, session, 400, OAUTH_TEXT_PASSWORD_REFUSED);
	oauth_event_note(request, &event);
	page = oauth_page_farewell(words, OAUTH_TEXT_CHANGE_PASSWORD, OAUTH_TEXT_PASSWORD_CHANGED);
	oauth_session_end(request, page, NULL);
	return page;
}

/* Ends the sessions in every browser, this one included; applications keep their access. */
static OAuthResponse *
log_out_everywhere(const OAuthRequest *request, const OAuthSession *session)
{
	OAuthEvent	event = {.event = "logout", .subject = session->subject, .detail = "everywhere"};
	OAuthResponse *page = oauth_page_farewell(oauth_words(request), OAUTH_TEXT_LOGOUT,
											  OAUTH_TEXT_LOGGED_OUT_EVERYWHERE);

	oauth_store_end_sessions(session->subject);
	oauth_session_end(request, page, NULL);
	oauth_event_note(request, &event);
	return page;
}

static void
revoke_client(const OAuthRequest *request, const OAuthSession *session, const char *client_id)
{
	static const char reason[] = "removed on the account page";
	OAuthEvent	event = {
		.event = "revoke", .subject = session->subject, .client_id = client_id, .detail = reason
	};

	if (oauth_store_end_grants_between(session->subject, client_id, reason) > 0)
		oauth_event_note(request, &event);
}

static OAuthResponse *
act_on_form(const OAuthRequest *request, const OAuthSession *session)
{
	OAuthParams form;
	const char *action;
	OAuthResponse *page;

	if (!oauth_page_form(request, &form) ||
		!oauth_form_is_ours(request, session, PURPOSE, oauth_page_parameter(&form, "token")))
		return oauth_account_show(request, session, 403, OAUTH_TEXT_STALE);
	action = oauth_page_parameter(&form, "action");
	if (strcmp(action, "password") == 0)
		return change_password(request, session, &form);
	if (strcmp(action, "logout") == 0)
		return log_out_everywhere(request, session);
	if (strcmp(action, "revoke") == 0)
	{
		revoke_client(request, session, oauth_page_parameter(&form, "client_id"));
		return oauth_account_show(request, session, 200, OAUTH_TEXT_REVOKED);
	}
	page = oauth_account_act_on_factor(request, session, action, &form);
	return page ? page : oauth_account_show(request, session, 400, OAUTH_TEXT_ACCOUNT);
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	OAuthSession *session = oauth_session_of(request);
	OAuthLoginRequest login = {.address = "/account", .is_login = true, .max_age = -1};

	if (session == NULL)
		return oauth_login_redirect(request, &login, false);
	return strcmp(request->method, "POST") == 0 ? act_on_form(request, session) :
		oauth_account_show(request, session, 200, OAUTH_TEXT_ACCOUNT);
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.methods = "GET",
		.summary = "The page of a person: connected applications, password, second factor",
		.by = "session",
		.answers = "200:Page 302 303"
	},
	{
		.methods = "POST",
		.summary = "Change something there",
		.by = "session",
		.takes = "token! action do client_id password new_password code",
		.answers = "200:Page 303 400:Page 403:Page 429:Page"
	},
	{0}
};

const OAuthEndpoint oauth_account_endpoint = {
	.function = "account",
	.first_lane = OAUTH_LANE_WRITING,
	.routes = {{"/account", "GET POST", OAUTH_CORS_NOBODY}},
	.needs_users = true,
	.undoes_head = true,
	.answer = answer,
	.operations = operations
};

/* oauth.account(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_account(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth_account_endpoint);
}
