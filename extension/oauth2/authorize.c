/*
 * authorize.c
 *		The authorization endpoint (RFC 6749, sections 3.1 and 4.1; RFC 7636, 8252, 8707, 9207,
 *		9700).
 *
 * The order of the checks is that of RFC 6749, section 4.1.2.1: until the client and its redirect
 * URI are known to be good, nothing is sent to that URI; from then on every answer goes there, with
 * state and iss.
 *
 * The request is kept nowhere: the consent page carries it, with a token over it and the session
 * (consent.c), and it is checked anew, whole, when the answer comes.  The code is the only way to
 * get a token; the implicit grant is not here (RFC 9700, section 2.1.2).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "page/page.h"
#include "store/store.h"
#include "text/text.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_authorize);

#define PATH		"/oauth2/authorize"
#define CONFIRM		PATH "/confirm"

typedef struct Authorization
{
	OAuthParams params;
	const char *query;			/* the parameters, encoded, as they came */
	OAuthClient *client;
	const char *sent_uri;		/* redirect_uri, NULL if none was sent */
	const char *redirect_uri;	/* where the answer goes; NULL until it is known to be good */
	const char *state;
	bool		by_post;		/* response_mode form_post */
	const char *scope;
	const char *resource;
	const char *code_challenge;
	const char *nonce;
	const char *prompt;
	int			max_age;		/* seconds, -1: any */
} Authorization;

/* ---- what the request says ---- */

/* The client and where its answers go; what is wrong here is for the user's eyes only. */
static OAuthFault *
check_client(Authorization *request)
{
	const char *client_id;
	OAuthFault *fault;

	if ((fault = oauth_params_get(&request->params, "client_id", &client_id)) != NULL ||
		(fault = oauth_params_get(&request->params, "redirect_uri", &request->sent_uri)) != NULL)
		return fault;
	if (client_id != NULL)
		request->client = oauth_store_find_client(client_id, NULL);
	if (request->client == NULL || request->client->is_disabled)
		return oauth_fault(OAUTH_INVALID_CLIENT, "The client is unknown.");
	request->redirect_uri = oauth2_redirect_uri_of(request->client, request->sent_uri);
	if (request->redirect_uri == NULL)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI,
						   "The redirect_uri is not one that the client registered.");
	/* however it came to be registered */
	if (oauth2_redirect_uri_check_for_code(request->redirect_uri) != NULL)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI,
						   "The redirect_uri is not one that can be answered.");
	return NULL;
}

/* How the answer goes there: as a query unless it is asked for as a form. */
static OAuthFault *
check_response_mode(Authorization *request)
{
	const char *mode;
	OAuthFault *fault = oauth_params_get(&request->params, "response_mode", &mode);

	if (fault != NULL || mode == NULL)
		return fault;
	request->by_post = strcmp(mode, "form_post") == 0;
	if (!request->by_post && strcmp(mode, "query") != 0)
		return oauth_fault(OAUTH_INVALID_REQUEST, "response_mode is query or form_post.");
	return NULL;
}

static OAuthFault *
check_response_type(const Authorization *request)
{
	const char *type;
	OAuthFault *fault = oauth_params_get(&request->params, "response_type", &type);

	if (fault != NULL)
		return fault;
	if (type == NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST, "No response_type was sent.");
	if (strcmp(type, "code") != 0)
		return oauth_fault(OAUTH_UNSUPPORTED_RESPONSE_TYPE, "The only response_type here is code.");
	if (!oauth_client_may(request->client, "authorization_code"))
		return oauth_fault(OAUTH_UNAUTHORIZED_CLIENT,
						   "The client is not registered for authorization_code.");
	return NULL;
}

/*
 * "public clients MUST use PKCE" (RFC 9700, section 2.1.1); confidential ones where they or the
 * setting say so.
 */
static OAuthFault *
check_pkce(Authorization *request)
{
	const char *method;
	OAuthFault *fault;

	if ((fault = oauth_params_get(&request->params, "code_challenge",
								  &request->code_challenge)) != NULL ||
		(fault = oauth_params_get(&request->params, "code_challenge_method", &method)) != NULL)
		return fault;
	if (request->code_challenge != NULL)
		return oauth2_pkce_check_challenge(request->code_challenge, method);
	if (request->client->is_public || request->client->require_pkce || oauth_setting_require_pkce)
		return oauth_fault(OAUTH_INVALID_REQUEST, "A code_challenge is required (PKCE, RFC 7636).");
	return NULL;
}

static OAuthFault *
check_scope(Authorization *request)
{
	const char *scope;
	OAuthFault *fault;

	if ((fault = oauth_params_get(&request->params, "scope", &scope)) != NULL)
		return fault;
	return oauth2_scope_decide(request->client, scope, &request->scope);
}

/* OpenID Connect Core, section 3.1.2.1. */
static OAuthFault *
check_prompt(Authorization *request)
{
	static const char *const known[] = {"none", "login", "consent", "select_account"};
	const char *max_age;
	List	   *words = NIL;
	ListCell   *cell;
	OAuthFault *fault;

	request->max_age = -1;
	if ((fault = oauth_params_get(&request->params, "prompt", &request->prompt)) != NULL ||
		(fault = oauth_params_get(&request->params, "max_age", &max_age)) != NULL)
		return fault;
	if (max_age != NULL &&
		(strspn(max_age, "0123456789") != strlen(max_age) || strlen(max_age) > 9))
		return oauth_fault(OAUTH_INVALID_REQUEST, "max_age must be a number of seconds.");
	if (max_age != NULL)
		request->max_age = (int) strtol(max_age, NULL, 10);
	if (request->prompt == NULL)
		return NULL;
	if (oauth2_scope_parse(request->prompt, &words) != NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST, "prompt is malformed.");
	foreach(cell, words)
	{
		size_t		i = 0;

		while (i < lengthof(known) && strcmp(known[i], lfirst(cell)) != 0)
			i++;
		if (i == lengthof(known) || (i == 0 && list_length(words) > 1))
			return oauth_fault(OAUTH_INVALID_REQUEST,
							   "prompt is none, or one or more of login, consent, select_account.");
	}
	return NULL;
}

/*
 * Passed by value or by reference, a request object would need a signature that is not read here.
 */
static OAuthFault *
refuse_request_objects(const Authorization *request)
{
	const char *value;
	OAuthFault *fault;

	if ((fault = oauth_params_get(&request->params, "request", &value)) != NULL)
		return fault;
	if (value != NULL)
		return oauth_fault(OAUTH_REQUEST_NOT_SUPPORTED, "Request objects are not supported.");
	if ((fault = oauth_params_get(&request->params, "request_uri", &value)) != NULL)
		return fault;
	return value ? oauth_fault(OAUTH_REQUEST_URI_NOT_SUPPORTED, "request_uri is not supported.") :
		NULL;
}

/* What is wrong from here on is told to the client. */
static OAuthFault *
check_request(Authorization *request)
{
	OAuthFault *fault = oauth_params_get(&request->params, "state", &request->state);

	if (fault != NULL ||
		(fault = oauth_params_get(&request->params, "nonce", &request->nonce)) != NULL ||
		(fault = check_response_mode(request)) != NULL ||
		(fault = refuse_request_objects(request)) != NULL ||
		(fault = check_response_type(request)) != NULL || (fault = check_pkce(request)) != NULL ||
		(fault = check_scope(request)) != NULL ||
		(fault = oauth2_resource_read(&request->params, &request->resource)) != NULL ||
		(fault = check_prompt(request)) != NULL)
		return fault;
	return NULL;
}

static OAuthFault *
read_request(const char *query, Authorization *request)
{
	request->query = query;
	return oauth_params_parse(query, strlen(query), &request->params);
}

/* ---- answers ---- */

static OAuthResponse *
tell_user(const OAuthRequest *http, const OAuthFault *fault)
{
	OAuthWords *words = oauth_words(http);
	OAuthResponse *page = oauth_page_open(400, words, words->texts[OAUTH_TEXT_ERROR], "");

	oauth_html(&page->body, "<p>%s</p>\n<p class=\"who\" lang=\"en\">%s</p>\n",
			   words->texts[OAUTH_TEXT_ERROR_TOLD], fault->description);
	return oauth_page_close(page);
}

/*
 * response_mode form_post, with a button: there is no script to press it (OAuth 2.0 Form Post
 * Response Mode).
 */
static OAuthResponse *
answer_by_post(const OAuthRequest *http, const Authorization *request, List *names, List *values)
{
	OAuthWords *words = oauth_words(http);
	OAuthResponse *page = oauth_page_open(200, words, words->texts[OAUTH_TEXT_GO_ON], NULL);
	ListCell   *name;
	ListCell   *value;

	oauth_html(&page->body,
			   "<p class=\"who\">%s <strong>%n</strong></p>\n<form method=\"post\" "
			   "action=\"%s\">\n",
			   words->texts[OAUTH_TEXT_GOES_TO], oauth_origin(request->redirect_uri),
			   request->redirect_uri);
	forboth(name, names, value, values)
		oauth_html(&page->body, "<input type=\"hidden\" name=\"%s\" value=\"%s\">\n", lfirst(name),
				   lfirst(value));
	oauth_html(&page->body, "<button>%s</button>\n</form>\n", words->texts[OAUTH_TEXT_GO_ON]);
	return oauth_page_close(page);
}

/* To the client, with state and iss (RFC 9207). */
static OAuthResponse *
answer(const OAuthRequest *http, const Authorization *request, const char *name, const char *value,
	   const char *description)
{
	List	   *names = list_make1(unconstify(char *, name));
	List	   *values = list_make1(unconstify(char *, value));
	StringInfoData location;
	ListCell   *each_name;
	ListCell   *each_value;

	if (description != NULL)
	{
		names = lappend(names, "error_description");
		values = lappend(values, unconstify(char *, description));
	}
	if (request->state != NULL)
	{
		names = lappend(names, "state");
		values = lappend(values, unconstify(char *, request->state));
	}
	names = lappend(names, "iss");
	values = lappend(values, unconstify(char *, oauth_issuer()));
	if (request->by_post)
		return answer_by_post(http, request, names, values);
	initStringInfo(&location);
	appendStringInfoString(&location, request->redirect_uri);
	forboth(each_name, names, each_value, values)
		appendStringInfo(&location, "%c%s=%s", strchr(location.data, '?') ? '&' : '?',
						 (char *) lfirst(each_name), oauth1_encode(lfirst(each_value)));
	return oauth_page_redirect(location.data);
}

static OAuthResponse *
tell_client(const OAuthRequest *http, const Authorization *request, const OAuthFault *fault)
{
	return answer(http, request, "error", oauth_fault_name(fault), fault->description);
}

/* ---- the user ---- */

static bool
prompts(const Authorization *request, const char *what)
{
	return request->prompt != NULL && oauth_words_include(request->prompt, what);
}

/* The request as a query; without the prompts for a login, once that has been done. */
static char *
query_of(const Authorization *request, bool with_prompt)
{
	StringInfoData query;

	initStringInfo(&query);
	for (int i = 0; i < request->params.n; i++)
	{
		const OAuthParam *param = &request->params.items[i];

		if (!with_prompt && strcmp(param->name, "prompt") == 0 && prompts(request, "consent"))
			appendStringInfo(&query, "%sprompt=consent", query.len > 0 ? "&" : "");
		else if (with_prompt ||
				 (strcmp(param->name, "prompt") != 0 && strcmp(param->name, "max_age") != 0))
			appendStringInfo(&query, "%s%s=%s", query.len > 0 ? "&" : "",
							 oauth1_encode(param->name), oauth1_encode(param->value));
	}
	return query.data;
}

/* Whether this login is too old for the request. */
static bool
must_log_in(const Authorization *request, const OAuthSession *session)
{
	if (session == NULL || prompts(request, "login") || prompts(request, "select_account"))
		return true;
	return request->max_age >= 0 &&
		oauth_handle_time(session->handle) + request->max_age * USECS_PER_SEC <
		GetCurrentTimestamp();
}

/*
 * Whether the user's consent of before will do.  Never for a public client whose redirect another
 * application could have taken over (RFC 8252, section 8.6; RFC 6749, section 10.2).
 */
static bool
has_consent(const Authorization *request, const OAuthSession *session)
{
	if (prompts(request, "consent") ||
		(request->client->is_public && !oauth2_redirect_uri_is_claimed(request->redirect_uri)))
		return false;
	return oauth_words_include(oauth_store_consent(session->subject, request->client->client_id),
							   request->scope);
}

static OAuthResponse *
grant(const OAuthRequest *http, const Authorization *request, const char *subject,
	  const OAuthAuthentication *authentication, const char *answer_token)
{
	OAuthAuthorizationCode new_code = {
		.grant.client_id = request->client->client_id,
		.grant.subject = subject,
		.grant.grant_type = "authorization_code",
		.grant.scope = request->scope,
		.grant.resource = request->resource,
		.grant.authentication = *authentication,
		.redirect_uri = unconstify(char *, request->sent_uri),
		.code_challenge = unconstify(char *, request->code_challenge),
		.nonce = unconstify(char *, request->nonce)
	};
	char	   *code = oauth2_issue_code(&new_code, answer_token);

	return code ? answer(http, request, "code", code, NULL) :
		oauth_page_stale(http, psprintf(PATH "?%s", query_of(request, false)));
}

/*
 * For the application that takes over: what the request is about, and who is logged in, if that is
 * settled.
 */
static const OAuthLoginRequest *
about(const Authorization *request, const char *page, const OAuthSession *session)
{
	OAuthLoginRequest *login = palloc0(sizeof(OAuthLoginRequest));

	login->address = unconstify(char *, page);
	login->client_id = request->client->client_id;
	login->scope = unconstify(char *, request->scope);
	login->is_login = session == NULL;
	login->max_age = request->max_age;
	login->prompt = unconstify(char *, request->prompt);
	if (session != NULL)
	{
		login->subject = session->subject;
		login->authentication = session->authentication;
	}
	return login;
}

static OAuthResponse *
ask_consent(const OAuthRequest *http, const Authorization *request, const OAuthSession *session)
{
	OAuthConsent consent = {
		.action = CONFIRM, .request = query_of(request, false), .client = request->client,
		.scope = request->scope, .goes_to = request->redirect_uri
	};

	consent.page = psprintf(PATH "?%s", consent.request);
	if (oauth_setting_consent_url[0] != '\0')
		return oauth_handoff(http, oauth_setting_consent_url, about(request, consent.page, session),
							 false);
	return oauth_page_consent(http, session, &consent);
}

/* Logs in, asks, or answers at once. */
static OAuthResponse *
proceed(const OAuthRequest *http, const Authorization *request)
{
	OAuthSession *session = oauth_session_of(http);
	bool		silently = prompts(request, "none");
	char	   *address;

	if (must_log_in(request, session))
	{
		if (silently)
			return tell_client(http, request,
							   oauth_fault(OAUTH_LOGIN_REQUIRED, "Nobody is logged in."));
		address = psprintf(PATH "?%s", query_of(request, false));
		if (!oauth_login_returns_to(address))
			return tell_client(http, request,
							   oauth_fault(OAUTH_INVALID_REQUEST,
										   "The request is too long for a login."));
		return oauth_login_redirect(http, about(request, address, NULL), session != NULL);
	}
	if (has_consent(request, session))
		return grant(http, request, session->subject, &session->authentication, NULL);
	if (silently)
		return tell_client(http, request,
						   oauth_fault(OAUTH_CONSENT_REQUIRED, "The user has not consented yet."));
	return ask_consent(http, request, session);
}

/* A request, by GET or by POST (OpenID Connect Core, section 3.1.2.1). */
static OAuthResponse *
begin(const OAuthRequest *http)
{
	Authorization request = {0};
	const char *query = http->query ? http->query : "";
	OAuthFault *fault;

	if (strcmp(http->method, "POST") == 0)
	{
		if (!oauth_request_has_form(http))
			return tell_user(http, oauth_fault(OAUTH_INVALID_REQUEST, "The body must be a form."));
		query = pnstrdup(http->body, http->body_length);
	}
	if ((fault = read_request(query, &request)) != NULL || (fault = check_client(&request)) != NULL)
		return tell_user(http, fault);
	if ((fault = check_request(&request)) != NULL)
		return tell_client(http, &request, fault);
	return proceed(http, &request);
}

/* The client that the page with that query is about; NULL if there is none. */
OAuthClient *
oauth2_authorize_client(const char *query)
{
	OAuthRequest address = {.query = query};
	OAuthParams params;
	OAuthClient *client;

	oauth_page_query(&address, &params);
	client = oauth_store_find_client(oauth_page_parameter(&params, "client_id"), NULL);
	return client != NULL && !client->is_disabled ? client : NULL;
}

/* The application allowed something, or refused. */
OAuthResponse *
oauth2_authorize_decided(const OAuthRequest *http, const char *query,
						 const OAuthLoginRequest *login)
{
	Authorization request = {0};
	OAuthFault *fault;
	const char *scope = login->is_denied ? NULL : login->accepted_scope;

	if ((fault = read_request(query, &request)) != NULL || (fault = check_client(&request)) != NULL)
		return tell_user(http, fault);
	if ((fault = check_request(&request)) != NULL)
		return tell_client(http, &request, fault);
	oauth_event_consent(http, request.client->client_id, login->subject, scope != NULL);
	if (scope == NULL)
		return tell_client(http, &request, oauth_fault(OAUTH_ACCESS_DENIED, "The user refused."));
	/* what the client may have, or has by default, may have become less meanwhile */
	fault = oauth2_scope_refuse(OAUTH_INVALID_SCOPE, request.scope, scope,
								"The client may not have this scope any more");
	if (fault != NULL)
		return tell_client(http, &request, fault);
	request.scope = scope;
	return grant(http, &request, login->subject, &login->authentication, NULL);
}

/* The answer of the consent page. */
static OAuthResponse *
confirm(const OAuthRequest *http)
{
	Authorization request = {0};
	OAuthSession *session = oauth_session_of(http);
	OAuthConsentAnswer *answer = session ? oauth_page_consent_answer(http, session, CONFIRM) : NULL;
	OAuthFault *fault;

	if (answer == NULL)
		return oauth_page_stale(http, psprintf(PATH "?%s", oauth_page_consent_about(http)));
	if ((fault = read_request(answer->request, &request)) != NULL ||
		(fault = check_client(&request)) != NULL)
		return tell_user(http, fault);
	if ((fault = check_request(&request)) != NULL)
		return tell_client(http, &request, fault);
	oauth_event_consent(http, request.client->client_id, session->subject, answer->is_approval);
	if (!answer->is_approval)
		return tell_client(http, &request, oauth_fault(OAUTH_ACCESS_DENIED, "The user refused."));
	oauth_store_keep_consent(session->subject, request.client->client_id, request.scope);
	return grant(http, &request, session->subject, &session->authentication, answer->token);
}

static OAuthResponse *
begin_or_confirm(const OAuthRequest *http)
{
	return strcmp(http->path, CONFIRM) == 0 ? confirm(http) : begin(http);
}

const OAuthEndpoint oauth2_authorize_endpoint = {
	.function = "authorize",
	.routes = {
		{PATH, "GET POST", OAUTH_CORS_NOBODY},
		{CONFIRM, "POST", OAUTH_CORS_NOBODY}
	},
	.needs_users = true,
	.undoes_head = true,
	.answer = begin_or_confirm
};

/* oauth.authorize(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_authorize(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_authorize_endpoint);
}
