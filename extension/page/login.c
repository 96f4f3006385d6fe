/*
 * login.c
 *		/login: a name and a password, exchanged for a session, or for the question of login_code.c.
 *
 * The user goes on to one of our own pages only (RFC 9700, section 4.11).  A wrong password gets
 * the form again, after the time that a right one takes.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "page/page.h"
#include "setting.h"
#include "store/client.h"
#include "store/request.h"
#include "store/session.h"
#include "store/user.h"
#include "text/text.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_login);

#define MAX_RETURN	8000
#define MAX_HINT	255
#define PURPOSE		"login"

/* Whether people may be sent to that address after the login: one of our pages, with its query. */
bool
oauth_login_returns_to(const char *address)
{
	const char *query;

	if (strlen(address) > MAX_RETURN)
		return false;
	for (const char *c = address; *c; c++)
		if ((unsigned char) *c <= ' ' || (unsigned char) *c >= 0x7F)
			return false;
	return oauth_flow_of(address, &query) != NULL;
}

/*
 * The name that a request expects to log in (login_hint, OpenID Connect Core, section 3.1.2.1); ""
 * if it cannot be a name.
 */
static const char *
hint_of(const OAuthParams *query)
{
	const char *hint = oauth_page_parameter(query, "login_hint");

	return oauth_is_plain(hint, MAX_HINT) ? hint : "";
}

/* The same of a request that is kept, and so not in any address. */
static const char *
kept_hint(const char *address)
{
	OAuthParams params;

	return oauth_flow_keeps(address, &params) ? hint_of(&params) : "";
}

/*
 * The request for a page, in the language that the request at address asks for, where it is kept.
 */
static const OAuthRequest *
in_kept_language(const OAuthRequest *request, const OAuthParams *query, const char *address)
{
	OAuthParams params;
	OAuthRequest *copy;

	if (oauth_page_parameter(query, "ui_locales")[0] != '\0' || !oauth_flow_keeps(address, &params))
		return request;
	copy = palloc(sizeof(OAuthRequest));
	*copy = *request;
	copy->query = psprintf("ui_locales=%s",
						   oauth1_encode(oauth_page_parameter(&params, "ui_locales")));
	return copy;
}

/*
 * Redirects to the login page, here or at the application, which leads back to the address.  again:
 * the user must log in even if logged in already.  The login hint and the language of the request
 * at address go along.
 */
OAuthResponse *
oauth_login_redirect(const OAuthRequest *from, const OAuthLoginRequest *login, bool again)
{
	const char *address = login->address;
	static const char *const hints[] = {"login_hint", "ui_locales"};
	OAuthRequest request = {.query = strchr(address, '?') ? strchr(address, '?') + 1 : NULL};
	OAuthParams query;
	StringInfoData location;

	if (oauth_setting_login_url[0] != '\0')
		return oauth_handoff(from, oauth_setting_login_url, login, again);
	initStringInfo(&location);
	appendStringInfo(&location, "/login?%sreturn=%s", again ? "again=1&" : "",
					 oauth1_encode(address));
	oauth_page_query(&request, &query);
	for (size_t i = 0; i < lengthof(hints); i++)
	{
		const char *hint = oauth_page_parameter(&query, hints[i]);

		if (hint[0] != '\0' && strlen(hint) <= MAX_HINT)
			appendStringInfo(&location, "&%s=%s", hints[i], oauth1_encode(hint));
	}
	return oauth_page_redirect(location.data);
}

/* The client that the address to go on to is about; NULL if it is about none. */
static OAuthClient *
client_of(const char *address)
{
	const char *query;
	const OAuthFlow *flow = oauth_flow_of(address, &query);

	return flow != NULL && flow->client != NULL ? flow->client(query) : NULL;
}

/* "to continue to Photo album" */
static void
show_purpose(StringInfo html, const OAuthWords *words, const char *address)
{
	OAuthClient *client = client_of(address);

	if (client == NULL)
		return;
	appendStringInfoString(html, "<p class=\"who\">");
	oauth_html_sentence(html, words->texts[OAUTH_TEXT_CONTINUE_TO],
						oauth_client_name_in(client, words->language));
	appendStringInfoString(html, "</p>\n");
}

/* Links for people who cannot log in, if settings name pages that help. */
static void
show_help(StringInfo html, const OAuthWords *words)
{
	const struct
	{
		const char *url;
		OAuthText text;
	}			links[] = {{oauth_setting_password_reset_url, OAUTH_TEXT_FORGOT_PASSWORD},
	{oauth_setting_sign_up_url, OAUTH_TEXT_SIGN_UP},
	{oauth_setting_help_url, OAUTH_TEXT_HELP}};
	bool		any = false;

	for (size_t i = 0; i < lengthof(links); i++)
	{
		if (links[i].url[0] == '\0')
			continue;
		appendStringInfoString(html, any ? " " : "<p class=\"who links foot\">");
		oauth_html(html, "<a href=\"%s\">%s</a>", links[i].url, words->texts[links[i].text]);
		any = true;
	}
	if (any)
		appendStringInfoString(html, "</p>\n");
}

/*
 * The form.  said: what was wrong with the previous one, OAUTH_TEXT_LOGIN if there was none.  There
 * is no form-action: after the form, the browser may follow redirects to the place of an
 * application.
 */
static OAuthResponse *
show_form(const OAuthRequest *request, int status, OAuthText said, const char *address,
		  const char *username)
{
	OAuthWords *words = oauth_words(request);
	OAuthResponse *page = oauth_page_open(status, words, words->texts[OAUTH_TEXT_LOGIN], NULL);
	StringInfo	html = &page->body;
	char	   *browser = oauth_browser(request, page);

	show_purpose(html, words, address);
	if (said != OAUTH_TEXT_LOGIN)
		oauth_html(html, "<p class=\"bad\" role=\"alert\">%s</p>\n", words->texts[said]);
	oauth_html(html,
			   "<form method=\"post\" action=\"%s\">\n<input type=\"hidden\" name=\"token\" "
			   "value=\"%s\">\n"
			   "<input type=\"hidden\" name=\"return\" value=\"%s\">\n",
			   oauth_page_address(words, "/login"), oauth_form_token(browser, NULL, PURPOSE),
			   address);
	oauth_html(html,
			   "<label for=\"username\">%s</label>\n<input id=\"username\" name=\"username\" "
			   "value=\"%s\" "
			   "autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" "
			   "dir=\"auto\" required",
			   words->texts[OAUTH_TEXT_USERNAME], username);
	appendStringInfoString(html, username[0] == '\0' ? " autofocus>\n" : ">\n");
	oauth_html(html,
			   "<label for=\"password\">%s</label>\n<input id=\"password\" name=\"password\" "
			   "type=\"password\" "
			   "autocomplete=\"current-password\" required",
			   words->texts[OAUTH_TEXT_PASSWORD]);
	appendStringInfoString(html, username[0] == '\0' ? ">\n" : " autofocus>\n");
	oauth_html(html, "<button>%s</button>\n</form>\n", words->texts[OAUTH_TEXT_LOG_IN]);
	show_help(html, words);
	return oauth_page_close(page);
}

/* If the application logs people in, this page logs in nobody, built-in users included. */
static OAuthResponse *
at_the_application(const OAuthRequest *request, const char *address, bool again)
{
	OAuthLoginRequest login = {.address = unconstify(char *, address), .is_login = true,
		.max_age = OAUTH_NO_MAX_AGE};
	const char *query;
	const OAuthFlow *flow = oauth_flow_of(address, &query);

	if (flow != NULL && flow->about != NULL)
		flow->about(query, &login);
	return oauth_login_redirect(request, &login, again);
}

/* The address to go on to that a query or a form names, otherwise the account. */
const char *
oauth_login_address(const OAuthParams *params)
{
	const char *address = oauth_page_parameter(params, "return");

	return oauth_login_returns_to(address) ? address : "/account";
}

static OAuthResponse *
show_login(const OAuthRequest *request)
{
	OAuthParams query;
	const char *address;
	bool		again;
	bool		is_whole;		/* a session that is here must not be made stronger */
	const char *hint;
	OAuthResponse *step_up;

	oauth_page_query(request, &query);
	if (oauth_page_parameter(&query, "verifier")[0] != '\0')
		return oauth_handoff_return(request, oauth_page_parameter(&query, "verifier"));
	address = oauth_login_address(&query);
	again = oauth_page_parameter(&query, "again")[0] != '\0';
	is_whole = strcmp(oauth_page_parameter(&query, "again"), "whole") == 0;
	if (!again && oauth_session_of(request) != NULL)
		return oauth_page_redirect(address);
	if (oauth_setting_login_url[0] != '\0')
		return at_the_application(request, address, again);
	request = in_kept_language(request, &query, address);
	step_up = is_whole ? NULL : oauth_login_step_up(request, address);
	if (step_up != NULL)
		return step_up;
	hint = hint_of(&query);
	return show_form(request, 200, OAUTH_TEXT_LOGIN, address,
					 hint[0] != '\0' ? hint : kept_hint(address));
}

/* The login page again, with the name that was typed. */
static char *
address_again(const char *address, const char *username, bool again)
{
	return psprintf("/login?%sreturn=%s%s%s", again ? "again=1&" : "", oauth1_encode(address),
					username[0] ? "&login_hint=" : "", oauth1_encode(username));
}

/*
 * A form that does not come from this page.  A user who logged in meanwhile, in another tab, goes
 * on; a browser with the cookie of our pages gets a new form.  A form from another site comes
 * without cookies, and changes none.
 */
OAuthResponse *
oauth_login_stale(const OAuthRequest *request, const OAuthParams *form)
{
	const char *address = oauth_login_address(form);
	const char *username = oauth_page_parameter(form, "username");
	OAuthSession *session = oauth_session_of(request);

	if (session != NULL && session->username != NULL &&
		strcmp(oauth_username_key(session->username), oauth_username_key(username)) == 0)
		return oauth_page_redirect(address);
	/* another user has logged in meanwhile, in another tab, than the one who was typed here */
	if (session != NULL)
		return oauth_page_choose(request, 403, session, address,
								 address_again(address, username, true));
	if (oauth_setting_login_url[0] != '\0')
		return oauth_page_stale(request, address);
	if (oauth_cookie(request, "browser") == NULL)
		return oauth_page_way_on(403, oauth_words(request), OAUTH_TEXT_NO_COOKIE,
								 address_again(address, username, false));
	return show_form(request, 403, OAUTH_TEXT_STALE, address, username);
}

static OAuthResponse *
attempt(const OAuthRequest *request)
{
	OAuthParams form;
	OAuthUser  *user;
	OAuthFault *fault;
	OAuthResponse *page;

	if (!oauth_page_form(request, &form))
		form.n = 0;
	if (oauth_page_parameter(&form, "about")[0] != '\0')
		return oauth_login_code(request, &form);
	if (!oauth_form_is_ours(request, NULL, PURPOSE, oauth_page_parameter(&form, "token")))
		return oauth_login_stale(request, &form);
	if (oauth_setting_login_url[0] != '\0')
		return at_the_application(request, oauth_login_address(&form), false);
	if (oauth_response_is_other_lane(OAUTH_LANE_SLOW))
		return oauth_response_lane(OAUTH_LANE_SLOW);
	fault = oauth_login_password(request, oauth_page_parameter(&form, "username"),
								 oauth_page_parameter(&form, "password"), &user);
	if (fault == NULL)
		return oauth_login_second_step(request, user, oauth_login_address(&form));
	page = show_form(request, oauth_fault_status(fault), oauth_text_of_fault(fault),
					 oauth_login_address(&form), oauth_page_parameter(&form, "username"));
	oauth_response_retry_after(page, fault);
	return page;
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	return strcmp(request->method, "POST") == 0 ? attempt(request) : show_login(request);
}

static bool
is_login(const OAuthRequest *request)
{
	return strcmp(request->method, "POST") == 0;
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.methods = "GET",
		.summary = "The login page",
		.takes = "return login_hint ui_locales verifier again",
		.answers = "200:Page 302 303 400:Page",
		.example = "ui_locales=de"
	},
	{
		.methods = "POST",
		.summary = "Log in with a name and a password, and with a code where there is a "
		"second factor",
		.takes = "username password token! return about code",
		.answers = "200:Page 303 400:Page 401:Page 403:Page 429:Page"
	},
	{0}
};

const OAuthEndpoint oauth_login_endpoint = {
	.function = "login",
	.first_lane = OAUTH_LANE_WRITING,
	.routes = {{"/login", "GET POST", OAUTH_CORS_NOBODY}},
	.needs_users = true,
	.is_login = is_login,
	.undoes_head = true,
	.answer = answer,
	.operations = operations
};

/* oauth.login(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_login(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth_login_endpoint);
}
