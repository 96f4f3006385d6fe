/*
 * login_code.c
 *		The second step of a login at /login: the code of the second factor, after the password, or
 *		alone for a session that has to become stronger.
 *
 * The form says whose login it is and until when it may go on.  Its token binds that to the browser
 * and to what came before: the password as it is stored, or the session.  So a form is good for one
 * login in one browser, and for nothing once the password was changed or the session has ended.
 *
 * A user who must have a second factor and has none sets one up here, before the session begins.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "crypto/crypto.h"
#include "page/page.h"
#include "setting.h"
#include "store/client.h"
#include "store/request.h"
#include "store/session.h"
#include "store/token.h"
#include "store/user.h"
#include "text/text.h"
#include "user/user.h"

#define MINUTES			10
#define AFTER_PASSWORD	'p'
#define AFTER_SESSION	's'

static const OAuthAuthentication by_password = {.acr = OAUTH_ACR_PASSWORD, .amr = "pwd"};
static const OAuthAuthentication by_two_factors = {
	.acr = OAUTH_ACR_TWO_FACTORS, .amr = "pwd otp mfa"
};

/* The first step: what the code is added to. */
typedef struct FirstStep
{
	const char *about;			/* "p.<until>.<subject>", the until in seconds; s: a session */
	const char *subject;
	const char *username;
	const OAuthUser *user;		/* who typed the password; NULL: there is a session */
	const OAuthSession *session;
	const char *address;		/* to go on to */
} FirstStep;

static void
set_about(FirstStep *step)
{
	step->about = psprintf("%c." INT64_FORMAT ".%s", step->user ? AFTER_PASSWORD : AFTER_SESSION,
						   oauth_seconds_from_now(60 * MINUTES) / USECS_PER_SEC, step->subject);
}

/* What the token of the form stands for. */
static char *
purpose_of(const FirstStep *step)
{
	uint8		hash[OAUTH_HASH_LENGTH] = {0};

	if (step->user != NULL)
		oauth_sha256(step->user->password_hash, strlen(step->user->password_hash), hash);
	return psprintf("second factor\n%s\n%s", step->about, oauth_base64url(hash, sizeof(hash)));
}

/* The form of the step, up to its fields. */
static void
open_form(StringInfo html, const OAuthWords *words, const FirstStep *step, const char *browser)
{
	oauth_html(html,
			   "<form method=\"post\" action=\"%s\">\n<input type=\"hidden\" name=\"token\" "
			   "value=\"%s\">\n<input type=\"hidden\" name=\"about\" value=\"%s\">\n"
			   "<input type=\"hidden\" name=\"return\" value=\"%s\">\n",
			   oauth_page_address(words, "/login"),
			   oauth_form_token(browser, step->session, purpose_of(step)), step->about,
			   step->address);
}

/*
 * is_missing: the user has to set one up.  The secret is a new one for each login, for who knows
 * the password may have seen the one before.
 */
static void
show_factor(StringInfo html, const OAuthWords *words, const FirstStep *step, bool is_missing,
			bool is_first)
{
	char	   *secret = NULL;

	if (is_missing)
		secret = is_first ? oauth_second_factor_begin(step->subject) :
			oauth_second_factor_waiting(step->subject);
	if (secret != NULL)
	{
		oauth_html(html, "<p>%s</p>\n", words->texts[OAUTH_TEXT_FACTOR_REQUIRED]);
		oauth_page_secret(html, words, step->username, secret);
	}
	else
		oauth_html(html, "<p id=\"told\">%s</p>\n", words->texts[OAUTH_TEXT_FACTOR_CODE_TOLD]);
}

/*
 * The page that asks for the code.  fault: what was wrong with the previous one, NULL if there was
 * none.  As on the login page, there is no form-action.
 */
static OAuthResponse *
ask_code(const OAuthRequest *request, FirstStep *step, bool is_missing, const OAuthFault *fault)
{
	OAuthWords *words = oauth_words(request);
	OAuthResponse *page = oauth_page_open(fault ? oauth_fault_status(fault) : 200, words,
										  words->texts[OAUTH_TEXT_SECOND_FACTOR], NULL);
	StringInfo	html = &page->body;
	char	   *browser = oauth_browser(request, page);

	set_about(step);
	if (fault != NULL)
	{
		oauth_html(html, "<p class=\"bad\" role=\"alert\">%s</p>\n",
				   words->texts[oauth_text_of_code_fault(fault)]);
		oauth_response_retry_after(page, fault);
	}
	show_factor(html, words, step, is_missing, fault == NULL);
	open_form(html, words, step, browser);
	oauth_page_code_field(html, words, "code", "told", true);
	oauth_html(html, "<button>%s</button>\n</form>\n", words->texts[OAUTH_TEXT_LOG_IN]);
	oauth_html(html, "<p class=\"who links foot\"><a href=\"%s\">%s</a></p>\n",
			   oauth_page_address(words, psprintf("/login?again=whole&return=%s",
												  oauth1_encode(step->address))),
			   words->texts[OAUTH_TEXT_SWITCH]);
	return oauth_page_close(page);
}

/*
 * What the session of somebody who has just set a second factor up is.  The sessions by password
 * alone, in other browsers, end: a thief may have got in with a stolen password.
 */
void
oauth_login_with_new_factor(const OAuthRequest *request, OAuthResponse *response,
							const OAuthSession *session)
{
	oauth_session_strengthen(request, response, session, &by_two_factors);
	oauth_store_end_sessions_of_acr(session->subject, OAUTH_ACR_PASSWORD);
}

/* Logs the user in, or makes the session stronger; response is the page that comes next. */
static OAuthResponse *
log_in(const OAuthRequest *request, const FirstStep *step, bool by_two, OAuthResponse *response)
{
	const OAuthAuthentication *how = by_two ? &by_two_factors : &by_password;

	if (step->user == NULL)
		oauth_session_strengthen(request, response, step->session, how);
	else
	{
		oauth_session_switch(request, response, step->subject, how);
		oauth_remember_browser(request, response, step->user);
	}
	oauth_login_complete(request, step->subject, step->user, by_two ? "second factor" : NULL);
	return response;
}

/* The same for who has just set the second factor up: its recovery codes are shown. */
static OAuthResponse *
log_in_with_new_factor(const OAuthRequest *request, const FirstStep *step, List *codes)
{
	OAuthResponse *response = log_in(request, step, true,
									 oauth_page_recovery_codes(request, codes, step->address));

	oauth_store_end_sessions_of_acr(step->subject, OAUTH_ACR_PASSWORD);
	return response;
}

/* After the right password: the session, or the page that asks for the second factor. */
OAuthResponse *
oauth_login_second_step(const OAuthRequest *request, const OAuthUser *user, const char *address)
{
	FirstStep	step = {
		.subject = user->subject, .username = user->username, .user = user, .address = address
	};
	OAuthSecondFactor factor = oauth_second_factor(user->subject);

	if (factor == OAUTH_FACTOR_CONFIRMED || factor == OAUTH_FACTOR_MISSING)
		return ask_code(request, &step, factor == OAUTH_FACTOR_MISSING, NULL);
	return log_in(request, &step, false, oauth_page_redirect(address));
}

/* Whether a code is all that the request at that address lacks: it asks for no new password. */
static bool
wants_code_only(const char *address, const OAuthSession *session)
{
	OAuthLoginRequest login = {.max_age = OAUTH_NO_MAX_AGE};
	const char *query;
	const OAuthFlow *flow = oauth_flow_of(address, &query);
	TimestampTz at = session->authentication.at;

	if (flow == NULL)
		return false;
	if (flow->about != NULL)
		flow->about(query, &login);
	return (login.prompt == NULL || !oauth_words_include(login.prompt, "login")) &&
		(login.max_age == OAUTH_NO_MAX_AGE ||
		 at + login.max_age * USECS_PER_SEC >= GetCurrentTimestamp());
}

/*
 * The page that asks for the code alone, if that makes the session as strong as the request at the
 * address asks for; NULL if it does not, and the login begins with the password.
 */
OAuthResponse *
oauth_login_step_up(const OAuthRequest *request, const char *address)
{
	OAuthSession *session = oauth_session_of_cookie(request);
	FirstStep	step = {.session = session, .address = address};

	if (session == NULL || session->username == NULL || session->authentication.acr == NULL ||
		strcmp(session->authentication.acr, OAUTH_ACR_PASSWORD) != 0 ||
		!wants_code_only(address, session) ||
		oauth_second_factor(session->subject) != OAUTH_FACTOR_CONFIRMED)
		return NULL;
	step.subject = session->subject;
	step.username = session->username;
	return ask_code(request, &step, false, NULL);
}

/* Whose password it was, locked, so that it stays the password until the session is there. */
static const OAuthUser *
user_of(const char *subject)
{
	char	   *username = oauth_username(subject);
	const OAuthUser *user = username ? oauth_store_hold_user(username) : NULL;

	return user != NULL && !user->is_disabled && strcmp(user->subject, subject) == 0 ? user : NULL;
}

/* Reads whose login the form goes on with; false if it is not the one that was shown here. */
static bool
read_step(const OAuthRequest *request, const OAuthParams *form, FirstStep *step)
{
	const char *about = oauth_page_parameter(form, "about");
	const char *dot = about[0] && about[1] == '.' ? strchr(about + 2, '.') : NULL;

	step->about = about;
	step->address = oauth_login_address(form);
	if (dot == NULL || (about[0] != AFTER_PASSWORD && about[0] != AFTER_SESSION) ||
		strtoi64(about + 2, NULL, 10) < GetCurrentTimestamp() / USECS_PER_SEC ||
		!oauth_is_subject(dot + 1))
		return false;
	step->subject = dot + 1;
	if (about[0] == AFTER_SESSION)
		step->session = oauth_session_of_cookie(request);
	else
		step->user = user_of(step->subject);
	if (about[0] == AFTER_SESSION ?
		step->session == NULL || step->session->username == NULL ||
		strcmp(step->session->subject, step->subject) != 0 : step->user == NULL)
		return false;
	step->username = step->user ? step->user->username : step->session->username;
	return oauth_form_is_ours(request, step->session, purpose_of(step),
							  oauth_page_parameter(form, "token"));
}

/* A form of the second step, with a code. */
OAuthResponse *
oauth_login_code(const OAuthRequest *request, const OAuthParams *form)
{
	FirstStep	step = {0};
	const char *code = oauth_page_parameter(form, "code");
	OAuthSecondFactor factor;
	OAuthFault *fault = NULL;
	List	   *codes = NIL;

	if (oauth_setting_login_url[0] != '\0' || oauth_store_users_are_external() ||
		!read_step(request, form, &step))
		return oauth_login_stale(request, form);
	factor = oauth_second_factor(step.subject);
	if (factor == OAUTH_FACTOR_CONFIRMED)
		fault = oauth_second_factor_check(request, step.subject, code);
	else if (factor == OAUTH_FACTOR_MISSING && step.user != NULL)
		fault = oauth_second_factor_confirm(request, step.subject, code, &codes);
	else if (step.user == NULL)
		return oauth_page_redirect(step.address);
	if (fault != NULL)
		return ask_code(request, &step, factor == OAUTH_FACTOR_MISSING, fault);
	if (codes != NIL)
		return log_in_with_new_factor(request, &step, codes);
	return log_in(request, &step, factor == OAUTH_FACTOR_CONFIRMED,
				  oauth_page_redirect(step.address));
}
