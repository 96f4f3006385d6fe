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
#include "store/store.h"
#include "text/text.h"
#include "token/token.h"
#include "user/user.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_login_request);
PG_FUNCTION_INFO_V1(oauth_accept_login);
PG_FUNCTION_INFO_V1(oauth_accept_consent);
PG_FUNCTION_INFO_V1(oauth_deny);

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

/* The answer to the browser, now that the request is decided. */
static OAuthResponse *
go_on(const OAuthRequest *request, const OAuthLoginRequest *login)
{
	const char *query;
	const OAuthFlow *flow = oauth_flow_of(login->address, &query);

	if (flow != NULL && flow->decided != NULL &&
		(login->is_denied || login->accepted_scope != NULL))
		return flow->decided(request, query, login);
	if (login->is_denied)
		return oauth_page_message(request, 200, OAUTH_TEXT_DENIED, OAUTH_TEXT_DENIED_TOLD);
	return oauth_page_redirect(login->address);
}

/* The login request of that verifier, in whatever state; NULL if there is none. */
static OAuthLoginRequest *
find(const char *verifier)
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
use(const OAuthRequest *request, const OAuthLoginRequest *login)
{
	char	   *browser = oauth_cookie(request, "browser");

	return login != NULL && browser != NULL &&
		oauth_store_use_login_request(login->handle, browser) &&
		(login->is_denied || oauth_store_subject_is_enabled(login->subject));
}

/* The browser has come back with the verifier. */
OAuthResponse *
oauth_handoff_return(const OAuthRequest *request, const char *verifier)
{
	OAuthLoginRequest *login = find(verifier);
	OAuthEvent	event = {.event = "login", .detail = "by the application"};
	OAuthResponse *response;

	if (!use(request, login))
		return oauth_page_way_on(403, oauth_words(request), OAUTH_TEXT_STALE,
								 login ? login->address : "/account");
	if (login->is_login)
		login->authentication.sid = oauth_random_id();
	response = go_on(request, login);
	if (login->is_login && !login->is_denied)
	{
		oauth_session_switch(request, response, login->subject, &login->authentication);
		event.subject = login->subject;
		oauth_event_note(request, &event);
	}
	return response;
}

/* ---- what the application says meanwhile ---- */

/* The login request, undecided.  Raises 42704 if there is none, 55000 if it is over. */
static OAuthLoginRequest *
waiting_request(FunctionCallInfo fcinfo)
{
	char	   *string = oauth_argument(fcinfo, 0, "handle");
	OAuthTokenString parsed;
	OAuthLoginRequest *login = NULL;

	if (oauth_token_parse(string, strlen(string), OAUTH_LOGIN_REQUEST, &parsed))
		login = oauth_store_find_login_request(&parsed, false);
	if (login == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("there is no login request of that handle"),
						errhint("The handle is the parameter request of the address that the "
								"browser arrived with.")));
	if (login->is_used || login->is_denied || login->accepted_scope != NULL ||
		login->expires_at <= GetCurrentTimestamp())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the login request has been decided, or has expired"),
				 errhint("Send the browser back to the client, which begins again.")));
	return login;
}

/* Another session decided between two statements of this one. */
static void
raise_decided(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("another session has decided the login request")));
}

/* The address for the browser to go on to; it ends the verifiers of earlier calls. */
static Datum
address_back(const OAuthLoginRequest *login)
{
	char	   *verifier = oauth_random_token(OAUTH_LOGIN_VERIFIER, login->handle);

	oauth_store_set_login_verifier(login->handle, verifier);
	return CStringGetTextDatum(psprintf("%s/login?verifier=%s", oauth_issuer(), verifier));
}

/*
 * oauth_login_request(handle text)
 *		RETURNS TABLE (client_id text, client_name text, scope text, subject text, login_hint text,
 *		ui_locales text, expires_at timestamptz)
 */
Datum
oauth_login_request(PG_FUNCTION_ARGS)
{
	OAuthLoginRequest *login = waiting_request(fcinfo);
	OAuthClient *client = login->client_id ? oauth_store_find_client(login->client_id, NULL) : NULL;
	OAuthRequest address = {.query = strchr(login->address, '?') ? strchr(login->address, '?') + 1 :
		NULL};
	OAuthParams query;
	const char *texts[6];
	OAuthResult row = {0};

	oauth_page_query(&address, &query);
	texts[0] = login->client_id;
	texts[1] = client ? oauth_readable_name(client->client_name, client->client_id) : NULL;
	texts[2] = login->scope;
	texts[3] = login->subject;
	texts[4] = oauth_page_parameter(&query, "login_hint");
	texts[5] = oauth_page_parameter(&query, "ui_locales");
	for (int i = 0; i < 6; i++)
	{
		/* the query of the address can say anything */
		if (texts[i] != NULL &&
			(texts[i][0] == '\0' || (i >= 4 && !oauth_is_plain(texts[i], OAUTH_MAX_SUBJECT))))
			texts[i] = NULL;
		oauth_row_text(&row, texts[i]);
	}
	oauth_row_timestamp(&row, login->expires_at);
	return oauth_row_return(fcinfo, &row);
}

/* oauth_accept_login(handle text, subject text) RETURNS text: the address */
Datum
oauth_accept_login(PG_FUNCTION_ARGS)
{
	OAuthLoginRequest *login = waiting_request(fcinfo);
	char	   *subject = oauth_argument(fcinfo, 1, "subject");

	if (login->subject != NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("the user of this login request is known already"),
						errhint("SELECT oauth_accept_consent(...) or oauth_deny(...) decides what "
								"the client may.")));
	oauth_use_subject(subject);
	login->subject = subject;
	login->authentication.at = GetCurrentTimestamp();
	if (!oauth_store_accept_login(login))
		raise_decided();
	PG_RETURN_DATUM(address_back(login));
}

/* The scope that the client asked for, or the part of it that is accepted. */
static const char *
accepted_scope(const OAuthLoginRequest *login, char *scope)
{
	List	   *words;
	OAuthFault *fault;

	if (scope == NULL)
		return login->scope;
	if ((fault = oauth2_scope_parse(scope, &words)) != NULL)
		oauth_fault_raise(fault, NULL);
	scope = oauth_words_join(words);
	fault = oauth2_scope_refuse(OAUTH_INVALID_SCOPE, login->scope, scope,
								"The client did not ask for this");
	if (fault != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the scope is not within what the client asked for"),
						errdetail("%s", fault->description),
						errhint("It asked for \"%s\". SELECT oauth_deny(...) refuses all of it.",
								login->scope)));
	return scope;
}

/* oauth_accept_consent(handle text, scope text, remember boolean) RETURNS text: the address */
Datum
oauth_accept_consent(PG_FUNCTION_ARGS)
{
	OAuthLoginRequest *login = waiting_request(fcinfo);
	const char *scope;

	if (login->subject == NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("nobody has logged in for this request yet"),
						errhint("SELECT oauth_accept_login(handle, subject) first, in the same "
								"transaction if you like.")));
	if (login->scope == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("no client asks for consent in this request"),
				 errhint("Send the browser to the address that oauth_accept_login returned.")));
	scope = accepted_scope(login, oauth_optional_argument(fcinfo, 1));
	if (!oauth_store_accept_consent(login->handle, scope))
		raise_decided();
	if (oauth_flag_argument(fcinfo, 2))
		oauth_store_keep_consent(login->subject, login->client_id, scope);
	PG_RETURN_DATUM(address_back(login));
}

/* oauth_deny(handle text) RETURNS text: the address */
Datum
oauth_deny(PG_FUNCTION_ARGS)
{
	OAuthLoginRequest *login = waiting_request(fcinfo);

	if (!oauth_store_deny_login_request(login->handle))
		raise_decided();
	PG_RETURN_DATUM(address_back(login));
}
