/*
 * device.c
 *		/oauth2/device: where a person allows what a device asked for (RFC 8628, section 3.3).
 *
 * A code in the address is only filled in: the person must compare it with the one on the device
 * (section 5.4), because the sender of the link may have begun the request.  This page is where
 * codes could be guessed, so attempts are counted: a user who is logged in has a few, and must wait
 * after that (section 5.1).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "page/page.h"
#include "setting.h"
#include "store/client.h"
#include "store/code.h"
#include "store/request.h"
#include "store/session.h"
#include "store/throttle.h"
#include "text/text.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_device);

#define PATH			"/oauth2/device"
#define PURPOSE			"device"
#define MAX_ATTEMPTS	5

/* The address of the page with the code filled in. */
static char *
address_of(const char *typed)
{
	return typed[0] ? psprintf(PATH "?user_code=%s", oauth1_encode(typed)) : pstrdup(PATH);
}

/* The form for the code. */
static OAuthResponse *
show_form(const OAuthRequest *request, const OAuthSession *session, const char *typed,
		  bool was_wrong)
{
	OAuthWords *words = oauth_words(request);
	OAuthResponse *page = oauth_page_open(was_wrong ? 400 : 200, words,
										  words->texts[OAUTH_TEXT_DEVICE], "");
	char	   *browser = oauth_browser(request, page);
	StringInfo	html = &page->body;

	if (was_wrong)
		oauth_html(html, "<p class=\"bad\" role=\"alert\">%s</p>\n",
				   words->texts[OAUTH_TEXT_WRONG_USER_CODE]);
	oauth_html(html,
			   "<p>%s</p>\n<form method=\"post\" action=\"%s\">\n"
			   "<input type=\"hidden\" name=\"token\" value=\"%s\">\n",
			   words->texts[typed[0] ? OAUTH_TEXT_DEVICE_COMPARE : OAUTH_TEXT_DEVICE_TOLD],
			   oauth_page_address(words, PATH), oauth_form_token(browser, session, PURPOSE));
	oauth_html(html,
			   "<label for=\"user_code\">%s</label>\n<input id=\"user_code\" name=\"user_code\" "
			   "value=\"%s\" "
			   "autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\" "
			   "dir=\"ltr\" required autofocus>\n"
			   "<button>%s</button>\n</form>\n",
			   words->texts[OAUTH_TEXT_USER_CODE], typed, words->texts[OAUTH_TEXT_GO_ON]);
	return oauth_page_close(page);
}

static OAuthResponse *
too_many(const OAuthRequest *request, const OAuthFault *fault, const char *typed)
{
	OAuthResponse *page = oauth_page_way_on(oauth_fault_status(fault), oauth_words(request),
											OAUTH_TEXT_TOO_MANY_ATTEMPTS, address_of(typed));

	oauth_response_retry_after(page, fault);
	return page;
}

/*
 * Asks the application about what the device asks for, now that the subject is known; NULL if it
 * grants that, or the answer.  What it grants is in the code then; what it refuses is denied.
 */
static OAuthResponse *
ask_application(const OAuthRequest *request, const OAuthSession *session, const char *user_code,
				OAuthDeviceCode *code)
{
	OAuthClient *client;

	if (code == NULL || !oauth_details_need_application(code->authorization_details))
		return NULL;
	if (oauth_response_is_other_lane(OAUTH_LANE_APPLICATION))
		return oauth_response_application(code->client_id, session->subject);
	client = oauth_store_find_client(code->client_id, NULL);
	if (client == NULL ||
		oauth_details_decide(client, session->subject, &code->authorization_details) == NULL)
		return NULL;
	(void) oauth_store_deny_device_code(user_code);
	return oauth_page_message(request, 403, OAUTH_TEXT_DENIED, OAUTH_TEXT_DENIED_TOLD);
}

/* The lane where the code can be looked at; it is asked before an attempt is counted. */
static OAuthLane
lane_for(const char *user_code)
{
	OAuthDeviceCode *code = user_code ? oauth_store_find_user_code(user_code) : NULL;
	bool		asks = code != NULL && oauth_details_need_application(code->authorization_details);

	return asks ? OAUTH_LANE_APPLICATION : OAUTH_LANE_SLOW;
}

/* The consent page for the request of that code. */
static OAuthResponse *
ask_to_approve(const OAuthRequest *request, const OAuthSession *session, const char *typed)
{
	char	   *user_code = oauth2_user_code(typed);
	OAuthDeviceCode *code;
	OAuthClient *client;
	OAuthConsent consent = {.action = PATH};
	OAuthResponse *response;
	OAuthThrottle *throttle = oauth_throttle(request, "user_code", session->subject, true,
											 Min(oauth_setting_failed_attempts, MAX_ATTEMPTS));
	OAuthFault *fault;

	if ((fault = oauth_throttle_attempt(throttle)) != NULL)
		return too_many(request, fault, typed);
	code = user_code ? oauth_store_find_user_code(user_code) : NULL;
	client = code ? oauth_store_find_client(code->client_id, NULL) : NULL;
	if (client == NULL || client->is_disabled)
	{
		oauth_throttle_result(throttle, false);
		return show_form(request, session, typed, true);
	}
	oauth_throttle_result(throttle, true);
	if ((response = ask_application(request, session, user_code, code)) != NULL)
		return response;
	consent.authorization_details = code->authorization_details;
	consent.request = user_code;
	consent.client = client;
	consent.scope = code->scope;
	consent.page = psprintf(PATH "?user_code=%s", oauth2_user_code_shown(user_code));
	return oauth_page_consent(request, session, &consent);
}

/* Carries out what the person decided, once. */
static OAuthResponse *
take_decision(const OAuthRequest *request, const OAuthSession *session)
{
	OAuthConsentAnswer *answer = oauth_page_consent_answer(request, session, PATH);
	OAuthDeviceCode *code = answer ? oauth_store_find_user_code(answer->request) : NULL;

	OAuthResponse *response = answer && answer->is_approval ?
		ask_application(request, session, answer->request, code) : NULL;

	if (response != NULL)
		return response;
	/* what the application grants now may not be what the page showed */
	if (answer == NULL || (answer->is_approval && code != NULL &&
						   !oauth_page_consent_showed(answer, code->authorization_details)))
		return oauth_page_stale(request, address_of(oauth_page_consent_about(request)));
	if (code == NULL ||
		(answer->is_approval ? !oauth_store_approve_device_code(answer->request, session,
																code->authorization_details) :
		 !oauth_store_deny_device_code(answer->request)))
		return show_form(request, session, "", true);
	oauth_event_consent(request, code->client_id, session->subject, answer->is_approval);
	return answer->is_approval ?
		oauth_page_message(request, 200, OAUTH_TEXT_DEVICE_DONE, OAUTH_TEXT_DEVICE_DONE_TOLD) :
		oauth_page_message(request, 200, OAUTH_TEXT_DENIED, OAUTH_TEXT_DENIED_TOLD);
}

static OAuthResponse *
act_on_form(const OAuthRequest *request, const OAuthSession *session)
{
	OAuthParams form;
	OAuthLane	lane;

	if (!oauth_page_form(request, &form))
		form.n = 0;
	if (oauth_page_parameter(&form, "decision")[0] != '\0')
		return take_decision(request, session);
	if (!oauth_form_is_ours(request, session, PURPOSE, oauth_page_parameter(&form, "token")))
		return oauth_page_stale(request, address_of(oauth_page_parameter(&form, "user_code")));

	/*
	 * counting may wait for another session that counts the same; a batch that holds other counts
	 * must not wait
	 */
	lane = lane_for(oauth2_user_code(oauth_page_parameter(&form, "user_code")));
	if (oauth_response_is_other_lane(lane))
		return lane == OAUTH_LANE_SLOW ? oauth_response_lane(lane) :
			oauth_response_application("", session->subject);
	return ask_to_approve(request, session, oauth_page_parameter(&form, "user_code"));
}

/* The code in the address, or in a form that came after the session ended. */
static const char *
code_in(const OAuthRequest *request, const OAuthParams *query)
{
	const char *typed = oauth_page_parameter(query, "user_code");
	OAuthParams form;

	if (typed[0] == '\0' && oauth_page_form(request, &form))
		typed = oauth_page_parameter(&form, "user_code");
	return typed[0] != '\0' ? typed : oauth_page_consent_about(request);
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	OAuthSession *session = oauth_session_of(request);
	OAuthLoginRequest login = {.is_login = true, .max_age = -1};
	OAuthParams query;
	const char *typed;

	oauth_page_query(request, &query);
	typed = code_in(request, &query);
	if (session == NULL)
	{
		login.address = address_of(typed);
		return oauth_login_redirect(request, &login, false);
	}
	return strcmp(request->method, "POST") == 0 ? act_on_form(request, session) :
		show_form(request, session, typed, false);
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.methods = "GET",
		.summary = "The page where a person types a device's code",
		.by = "session",
		.takes = "user_code ui_locales",
		.answers = "200:Page 303 400:Page 429:Page",
		.example = "user_code=BCDF-GHJK"
	},
	{
		.methods = "POST",
		.summary = "The answer of that page",
		.by = "session",
		.takes = "user_code! token! decision",
		.answers = "200:Page 303 400:Page 403:Page 429:Page"
	},
	{0}
};

const OAuthEndpoint oauth2_device_endpoint = {
	.function = "device",
	.first_lane = OAUTH_LANE_WRITING,
	.routes = {{PATH, "GET POST", OAUTH_CORS_NOBODY}},
	.needs_users = true,
	.undoes_head = true,
	.answer = answer,
	.operations = operations
};

/* oauth.device(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_device(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_device_endpoint);
}
