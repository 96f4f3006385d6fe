/*
 * account_factor.c
 *		The part of /account about the second factor: setting it up, new recovery codes, removing
 *		it.
 *
 * Setting up asks for the password again, and everything else for a code: somebody who finds a
 * browser where somebody is logged in can do neither.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "page/page.h"
#include "store/event.h"
#include "store/session.h"
#include "store/user.h"
#include "user/user.h"

static void
show_none(StringInfo html, const OAuthWords *words, const char *token)
{
	oauth_html(html, "<p>%s</p>\n", words->texts[OAUTH_TEXT_FACTOR_OFF]);
	oauth_account_open_form(html, words, token, "factor_begin");
	oauth_html(html, "<button class=\"plain\">%s</button>\n</form>\n",
			   words->texts[OAUTH_TEXT_FACTOR_SET_UP]);
}

/* A code, and a button for each thing that can be done with it. */
static void
show_confirmed(StringInfo html, const OAuthWords *words, const OAuthSession *session,
			   const char *token)
{
	oauth_html(html, "<p id=\"left\">%s %s %s</p>\n", words->texts[OAUTH_TEXT_FACTOR_ON],
			   words->texts[OAUTH_TEXT_RECOVERY_CODES_LEFT],
			   psprintf("%d", oauth_recovery_codes_left(session->subject)));
	oauth_account_open_form(html, words, token, "factor");
	oauth_page_code_field(html, words, "code", "left", false);
	oauth_html(html, "<button class=\"plain\" name=\"do\" value=\"codes\">%s</button>\n",
			   words->texts[OAUTH_TEXT_RECOVERY_CODES_NEW]);
	if (!oauth_second_factor_is_required(session->subject))
		oauth_html(html, "<button class=\"plain\" name=\"do\" value=\"remove\">%s</button>\n",
				   words->texts[OAUTH_TEXT_FACTOR_REMOVE]);
	appendStringInfoString(html, "</form>\n");
}

/* Nothing for users who are not offered one. */
void
oauth_account_show_factor(StringInfo html, const OAuthWords *words, const OAuthSession *session,
						  const char *token)
{
	OAuthSecondFactor factor = oauth_second_factor(session->subject);

	if (factor == OAUTH_FACTOR_NOT_OFFERED || session->username == NULL)
		return;
	oauth_html(html, "<h2>%s</h2>\n", words->texts[OAUTH_TEXT_SECOND_FACTOR]);
	if (factor == OAUTH_FACTOR_CONFIRMED)
		show_confirmed(html, words, session, token);
	else
		show_none(html, words, token);
}

/* Opens a page of this part.  said: what was wrong, OAUTH_TEXT_SECOND_FACTOR if nothing was. */
static OAuthResponse *
open_page(const OAuthWords *words, const OAuthFault *fault, OAuthText said)
{
	OAuthResponse *page = oauth_page_open(fault ? oauth_fault_status(fault) : 200, words,
										  words->texts[OAUTH_TEXT_SECOND_FACTOR], "");

	if (fault != NULL)
	{
		oauth_html(&page->body, "<p class=\"bad\" role=\"alert\">%s</p>\n", words->texts[said]);
		oauth_response_retry_after(page, fault);
	}
	return page;
}

/* The page that asks for the password before a secret is shown. */
static OAuthResponse *
ask_password(const OAuthRequest *request, const OAuthSession *session, const char *token,
			 const OAuthFault *fault)
{
	OAuthWords *words = oauth_words(request);
	OAuthResponse *page = open_page(words, fault, fault ? oauth_text_of_fault(fault) :
									OAUTH_TEXT_SECOND_FACTOR);

	oauth_html(&page->body, "<p>%s</p>\n", words->texts[OAUTH_TEXT_FACTOR_OFF]);
	oauth_account_open_form(&page->body, words, token, "factor_begin");
	oauth_html(&page->body,
			   "<input name=\"username\" value=\"%s\" autocomplete=\"username\" hidden>\n"
			   "<label for=\"password\">%s</label>\n<input id=\"password\" name=\"password\" "
			   "type=\"password\" autocomplete=\"current-password\" required autofocus>\n"
			   "<button>%s</button>\n</form>\n",
			   session->username, words->texts[OAUTH_TEXT_OLD_PASSWORD],
			   words->texts[OAUTH_TEXT_FACTOR_SET_UP]);
	return oauth_page_close(page);
}

static void
append_code_form(StringInfo html, const OAuthWords *words, const char *token)
{
	oauth_account_open_form(html, words, token, "factor_confirm");
	oauth_page_code_field(html, words, "code", "told", true);
	oauth_html(html, "<button>%s</button>\n</form>\n", words->texts[OAUTH_TEXT_FACTOR_CONFIRM]);
}

/* The page with a new secret, which waits for a first code. */
static OAuthResponse *
show_secret(const OAuthRequest *request, const OAuthSession *session, const char *token)
{
	OAuthWords *words = oauth_words(request);
	OAuthResponse *page = open_page(words, NULL, OAUTH_TEXT_SECOND_FACTOR);
	char	   *secret = oauth_second_factor_begin(session->subject);

	if (secret == NULL)
		return oauth_account_show(request, session, 200, OAUTH_TEXT_ACCOUNT);
	oauth_page_secret(&page->body, words, session->username, secret);
	append_code_form(&page->body, words, token);
	return oauth_page_close(page);
}

/*
 * The page after a wrong code.  The secret is shown only to a user who has just said the password.
 */
static OAuthResponse *
ask_code_again(const OAuthRequest *request, const char *token, const OAuthFault *fault)
{
	OAuthWords *words = oauth_words(request);
	OAuthResponse *page = open_page(words, fault, oauth_text_of_code_fault(fault));

	oauth_html(&page->body, "<p id=\"told\">%s</p>\n",
			   words->texts[OAUTH_TEXT_FACTOR_CODE_TOLD]);
	append_code_form(&page->body, words, token);
	return oauth_page_close(page);
}

/* A new secret, for a user who knows the password. */
static OAuthResponse *
begin_factor(const OAuthRequest *request, const OAuthSession *session, const OAuthParams *form)
{
	const char *token = oauth_page_parameter(form, "token");
	const char *password = oauth_page_parameter(form, "password");
	OAuthUser  *user;
	OAuthFault *fault;

	if (password[0] == '\0')
		return ask_password(request, session, token, NULL);
	if (oauth_response_is_other_lane(OAUTH_LANE_SLOW))
		return oauth_response_lane(OAUTH_LANE_SLOW);
	fault = oauth_login_password(request, session->username, password, &user);
	if (fault != NULL)
		return ask_password(request, session, token, fault);
	/* the name may belong to another user meanwhile */
	if (strcmp(user->subject, session->subject) != 0)
		return oauth_account_show(request, session, 400, OAUTH_TEXT_WRONG_PASSWORD);
	return show_secret(request, session, token);
}

static OAuthResponse *
confirm_factor(const OAuthRequest *request, const OAuthSession *session, const OAuthParams *form)
{
	List	   *codes;
	OAuthResponse *page;
	OAuthFault *fault = oauth_second_factor_confirm(request, session->subject,
													oauth_page_parameter(form, "code"), &codes);

	if (fault != NULL)
		return ask_code_again(request, oauth_page_parameter(form, "token"), fault);
	page = oauth_page_recovery_codes(request, codes, "/account");
	oauth_login_with_new_factor(request, page, session);
	return page;
}

static OAuthResponse *
remove_factor(const OAuthRequest *request, const OAuthSession *session)
{
	OAuthEvent	event = {
		.event = "configure", .subject = session->subject, .detail = "second factor was removed"
	};

	oauth_store_remove_second_factor(session->subject);
	oauth_event_note(request, &event);
	return oauth_account_show(request, session, 200, OAUTH_TEXT_FACTOR_REMOVED);
}

static OAuthResponse *
renew_codes(const OAuthRequest *request, const OAuthSession *session)
{
	OAuthEvent	event = {
		.event = "configure", .subject = session->subject, .detail = "recovery codes were renewed"
	};

	oauth_event_note(request, &event);
	return oauth_page_recovery_codes(request, oauth_recovery_codes_make(session->subject),
									 "/account");
}

/* What a code is needed for. */
static OAuthResponse *
act_with_code(const OAuthRequest *request, const OAuthSession *session, const OAuthParams *form)
{
	const char *what = oauth_page_parameter(form, "do");
	bool		removes = strcmp(what, "remove") == 0;
	OAuthFault *fault;
	OAuthResponse *page;

	if ((!removes && strcmp(what, "codes") != 0) ||
		(removes && oauth_second_factor_is_required(session->subject)))
		return oauth_account_show(request, session, 400, OAUTH_TEXT_ACCOUNT);
	fault = oauth_second_factor_check(request, session->subject,
									  oauth_page_parameter(form, "code"));
	if (fault == NULL)
		return removes ? remove_factor(request, session) : renew_codes(request, session);
	page = oauth_account_show(request, session, oauth_fault_status(fault),
							  oauth_text_of_code_fault(fault));
	oauth_response_retry_after(page, fault);
	return page;
}

/* The answer to a form of this part; NULL if the action is of another part. */
OAuthResponse *
oauth_account_act_on_factor(const OAuthRequest *request, const OAuthSession *session,
							const char *action, const OAuthParams *form)
{
	OAuthSecondFactor factor = oauth_second_factor(session->subject);

	if (factor == OAUTH_FACTOR_NOT_OFFERED || session->username == NULL)
		return NULL;
	if (factor == OAUTH_FACTOR_CONFIRMED)
		return strcmp(action, "factor") == 0 ? act_with_code(request, session, form) : NULL;
	if (strcmp(action, "factor_begin") == 0)
		return begin_factor(request, session, form);
	return strcmp(action, "factor_confirm") == 0 ? confirm_factor(request, session, form) : NULL;
}
