/*
 * handoff.c
 *		Login or consent at the application: oauth.login_url and oauth.consent_url.
 *
 * The browser arrives there with an opaque handle.  The application says in SQL, in its own
 * transaction, who the user is and what was decided; it gets an address, /login with a new
 * verifier, and sends the browser there.  The verifier works once, and only in the browser that
 * began.  So an attacker cannot make somebody else's browser log in as the attacker; and sending
 * somebody else to the application with one's own handle gains nothing, because the verifier goes
 * to the other browser.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "page/page.h"
#include "setting.h"
#include "store/event.h"
#include "store/request.h"
#include "store/session.h"
#include "store/token.h"
#include "text/text.h"
#include "token/token.h"
#include "user/user.h"

const OAuthFlow *oauth_flows = NULL;

/*
 * The flow that the page at that address belongs to, and the query after the '?'; NULL if a login
 * may not lead there.
 */
const OAuthFlow *
oauth_flow_of(const char *address, const char **query)
{
	size_t		length = strcspn(address, "?");

	if (oauth_flows == NULL)
		elog(ERROR, "nothing says which pages a login may lead to");
	for (const OAuthFlow *flow = oauth_flows; flow->path != NULL; flow++)
		if (strlen(flow->path) == length && strncmp(flow->path, address, length) == 0)
		{
			*query = address[length] == '?' ? address + length + 1 : "";
			return flow;
		}
	return NULL;
}

/* What the request says that the address leads to, where the address does not; false: it does. */
bool
oauth_flow_keeps(const char *address, OAuthParams *params)
{
	const char *query;
	const OAuthFlow *flow = oauth_flow_of(address, &query);

	return flow != NULL && flow->is_kept != NULL && flow->is_kept(query, params);
}

/* What the request says that the address leads to. */
void
oauth_flow_parameters(const char *address, OAuthParams *params)
{
	const char *question = strchr(address, '?');
	OAuthRequest request = {.query = question ? question + 1 : NULL};

	if (!oauth_flow_keeps(address, params))
		oauth_page_query(&request, params);
}

/* ---- there ---- */

/*
 * Sends the browser to the application at url.  about: the address to come back to, and what is
 * known of the client, the scope and, if only the decision is open, the subject.  again: the user
 * must log in even if logged in already.
 */
OAuthResponse *
oauth_handoff(const OAuthRequest *request, const char *url, const OAuthLoginRequest *about,
			  bool again)
{
	OAuthLoginRequest login = *about;
	OAuthResponse *response = oauth_response(303);
	char	   *string;

	login.handle = oauth_handle_next();
	login.expires_at = oauth_seconds_from_now(oauth_setting_login_request_lifetime);
	string = oauth_random_token(OAUTH_LOGIN_REQUEST, login.handle);
	oauth_store_insert_login_request(&login, string, oauth_browser(request, response));
	oauth_page_headers(response);
	oauth_response_header(response, "Location",
						  psprintf("%s%crequest=%s%s", url, strchr(url, '?') ? '&' : '?', string,
								   again ? "&prompt=login" : ""));
	return response;
}

/* ---- back ---- */

/* The flow that the decision is for; NULL: there is none, or nothing is decided yet. */
static const OAuthFlow *
decided_flow(const OAuthLoginRequest *login, const char **query)
{
	const OAuthFlow *flow = oauth_flow_of(login->address, query);

	return flow != NULL && flow->decided != NULL &&
		(login->is_denied || login->accepted_scope != NULL) ? flow : NULL;
}

/* The answer that sends the browser's request to another lane; NULL: it can be answered here. */
static OAuthResponse *
elsewhere(const OAuthRequest *request, const OAuthLoginRequest *login)
{
	const char *query;
	const OAuthFlow *flow = login ? decided_flow(login, &query) : NULL;

	return flow != NULL && flow->elsewhere != NULL ? flow->elsewhere(request, query) : NULL;
}

/* The answer to the browser, now that the request is decided. */
static OAuthResponse *
answer_decided(const OAuthRequest *request, const OAuthLoginRequest *login)
{
	const char *query;
	const OAuthFlow *flow = decided_flow(login, &query);

	if (flow != NULL)
		return flow->decided(request, query, login);
	if (login->is_denied)
		return oauth_page_message(request, 200, OAUTH_TEXT_DENIED, OAUTH_TEXT_DENIED_TOLD);
	return oauth_page_redirect(login->address);
}

/* The login request of that verifier, in whatever state; NULL if there is none. */
static OAuthLoginRequest *
find_request(const char *verifier)
{
	OAuthTokenString parsed;

	return oauth_token_parse(verifier, strlen(verifier), OAUTH_LOGIN_VERIFIER, &parsed) ?
		oauth_store_find_login_request(&parsed, true) : NULL;
}

/*
 * Uses the login request up; false if it is over, belongs to another browser, or is of somebody who
 * may not log in.
 */
static bool
use_request(const OAuthRequest *request, const OAuthLoginRequest *login)
{
	char	   *browser = oauth_cookie(request, "browser");

	return login != NULL && browser != NULL &&
		oauth_store_use_login_request(login->handle, browser) &&
		(login->is_denied || oauth_store_subject_is_enabled(login->subject));
}

/* Whether the user whose decision was open is still logged in in this browser. */
static bool
is_still_logged_in(const OAuthRequest *request, const OAuthLoginRequest *login)
{
	OAuthSession *session = oauth_session_of(request);

	return session != NULL && strcmp(session->subject, login->subject) == 0;
}

/* The browser has come back with the verifier. */
OAuthResponse *
oauth_handoff_return(const OAuthRequest *request, const char *verifier)
{
	OAuthLoginRequest *login = find_request(verifier);
	OAuthEvent	event = {.event = "login", .detail = "by the application"};
	OAuthResponse *response = elsewhere(request, login);

	if (response != NULL)
		return response;
	if (!use_request(request, login))
		return oauth_page_way_on(403, oauth_words(request), OAUTH_TEXT_STALE,
								 login ? login->address : "/account");
	if (login->is_login && !login->is_denied)
		login->authentication.sid = oauth_session_sid(request, login->subject);
	else if (!login->is_denied && !is_still_logged_in(request, login))
		return oauth_page_redirect(login->address);
	response = answer_decided(request, login);
	if (login->is_login && !login->is_denied)
	{
		oauth_session_switch(request, response, login->subject, &login->authentication);
		event.subject = login->subject;
		oauth_event_note(request, &event);
	}
	return response;
}
