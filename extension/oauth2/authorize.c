/*
 * authorize.c
 *		The authorization endpoint (RFC 6749, sections 3.1 and 4.1; OpenID Connect Core, section
 *		3.1.2; RFC 7636, 8252, 8707, 9207, 9700): the list of its steps.
 *
 * The order of the checks is that of RFC 6749, section 4.1.2.1: until the client and its redirect
 * URI are known to be good, nothing is sent to that URI; from then on every answer goes there, with
 * state and iss.  Each check is a file that opens with the rules it holds the request to.
 *
 * A request in the address is kept nowhere: the consent page carries it, with a token over it and
 * the session (page/consent.c), and it is checked anew, whole, when the answer comes.  One that was
 * pushed, or that the client signed, is kept under a request_uri (pushed_request.c), which the page
 * then carries.  The code is the only way
 * to get a token; the implicit grant is not here (RFC 9700, section 2.1.2).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "endpoint/endpoint.h"
#include "oauth2/authorization.h"
#include "store/client.h"
#include "store/consent.h"
#include "store/request.h"
#include "store/session.h"
#include "text/text.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_authorize);
PG_FUNCTION_INFO_V1(oauth_endpoint_authorize_batch);

static OAuthFault *
read_state_and_nonce(OAuth2Authorization *request)
{
	OAuthFault *fault;

	/* what is wrong from here on is told in the way that the client wants */
	oauth2_read_response_mode(request);
	fault = oauth_params_get(&request->params, "state", &request->state);
	return fault ? fault : oauth_params_get(&request->params, "nonce", &request->nonce);
}

/* What is wrong here is for the eyes of the person only. */
static const OAuth2AuthorizationCheck first_checks[] = {
	{"client", oauth2_check_client},
	{"request_uri", oauth2_check_pushed_request},
	{"request", oauth2_check_request_object},
	{"redirect_uri", oauth2_check_redirect_uri}
};

/* What is wrong from here on is told to the client. */
static const OAuth2AuthorizationCheck checks[] = {
	{"state and nonce", read_state_and_nonce},
	{"response_mode", oauth2_check_response_mode},
	{"way", oauth2_check_way},
	{"response_type", oauth2_check_response_type},
	{"PKCE", oauth2_check_pkce},
	{"dpop_jkt", oauth2_check_dpop_jkt},
	{"prompt", oauth2_check_prompt},
	{"scope", oauth2_check_scope},
	{"authorization_details", oauth2_check_authorization_details},
	{"max_age", oauth2_check_max_age},
	{"id_token_hint", oauth2_check_id_token_hint},
	{"claims", oauth2_check_claims},
	{"acr_values", oauth2_check_acr_values}
};

/* The checks of what is asked for, in their order; NULL behind the last. */
const OAuth2AuthorizationCheck *
oauth2_authorization_check_of(size_t i)
{
	return i < lengthof(checks) ? &checks[i] : NULL;
}

static OAuthFault *
run_checks(const OAuth2AuthorizationCheck *list, size_t n, OAuth2Authorization *request)
{
	OAuthFault *fault = NULL;

	for (size_t i = 0; i < n && fault == NULL; i++)
		fault = list[i].check(request);
	return fault;
}

/*
 * Checks all of what was sent.  What is wrong is for the person while request->redirect_uri is
 * NULL.
 */
OAuthFault *
oauth2_authorization_check(OAuth2Authorization *request)
{
	OAuthFault *fault;

	request->params = request->sent;
	fault = run_checks(first_checks, lengthof(first_checks), request);
	return fault ? fault : run_checks(checks, lengthof(checks), request);
}

/* Reads the request and checks it. */
static OAuthFault *
read_request(const char *query, OAuth2Authorization *request)
{
	OAuthFault *fault = oauth_params_parse(query, strlen(query), &request->sent);

	if (fault != NULL || (fault = oauth2_authorization_check(request)) != NULL)
		return fault;
	oauth2_authorize_read_proofs(request);
	return NULL;
}

/* The same; NULL if it is in order and can be answered on this lane, else the answer. */
static OAuthResponse *
read_and_check(const OAuthRequest *http, const char *query, OAuth2Authorization *request)
{
	OAuthFault *fault;

	request->http = http;
	if ((fault = read_request(query, request)) == NULL)
		return oauth2_authorize_jwt_elsewhere(request);
	return request->redirect_uri == NULL ? oauth2_authorize_tell_user(http, fault) :
		oauth2_authorize_tell_client(http, request, fault);
}

/*
 * The request of the browser, in the language that the request of the client asks for: where that
 * is not in the address, the pages would not know.
 */
static const OAuthRequest *
in_language(const OAuthRequest *http, const OAuth2Authorization *request)
{
	const char *locales = oauth_page_parameter(&request->params, "ui_locales");
	OAuthRequest *copy;

	if (request->params.items == request->sent.items || locales[0] == '\0')
		return http;
	copy = palloc(sizeof(OAuthRequest));
	*copy = *http;
	copy->query = psprintf("ui_locales=%s", oauth1_encode(locales));
	return copy;
}

/* A request, by GET or by POST (OpenID Connect Core, section 3.1.2.1). */
static OAuthResponse *
begin_request(const OAuthRequest *http)
{
	OAuth2Authorization request = {0};
	const char *query = http->query ? http->query : "";
	OAuthSession *session;
	OAuthResponse *response;

	if (strcmp(http->method, "POST") == 0)
	{
		if (!oauth_request_has_form(http))
			return oauth2_authorize_tell_user(http, oauth_fault(OAUTH_INVALID_REQUEST,
																"The body must be a form."));
		query = pnstrdup(http->body, http->body_length);
	}
	if ((response = read_and_check(http, query, &request)) != NULL)
		return response;
	http = in_language(http, &request);
	session = oauth_session_of(http);
	response = oauth2_authorize_login(http, &request, session);
	if (response == NULL)
		response = oauth2_authorize_details(http, &request, session->subject);
	return response ? response : oauth2_authorize_consent(http, &request, session);
}

static void
keep_consent(const OAuth2Authorization *request, const char *subject)
{
	OAuthKeptConsent kept = {
		.scope = request->scope,
		.claims = oauth_claims_asked(request->claims, request->scope),
		.authorization_details = request->authorization_details
	};

	oauth_store_keep_consent(subject, request->client->client_id, &kept);
}

/* The answer of the consent page. */
static OAuthResponse *
take_decision(const OAuthRequest *http)
{
	OAuth2Authorization request = {0};
	OAuthSession *session = oauth_session_of(http);
	OAuthConsentAnswer *answer = session ?
		oauth_page_consent_answer(http, session, OAUTH2_CONFIRM) : NULL;
	OAuthResponse *response;
	OAuthFault *fault;

	if (answer == NULL)
		return oauth_page_stale(http, psprintf(OAUTH2_AUTHORIZE "?%s",
											   oauth_page_consent_about(http)));
	request.answer = psprintf("%s %s", answer->is_approval ? "approve" : "deny", answer->token);
	if ((response = read_and_check(http, answer->request, &request)) != NULL)
		return response;
	if (answer->is_approval &&
		(response = oauth2_authorize_details(http, &request, session->subject)) != NULL)
		return response;
	/* what the application grants now is not what the page showed: the page is shown again */
	if (answer->is_approval && !oauth_page_consent_showed(answer, request.authorization_details))
		return oauth_page_stale(http, psprintf(OAUTH2_AUTHORIZE "?%s",
											   oauth_page_consent_about(http)));
	if ((fault = oauth2_pushed_request_use(&request)) != NULL)
		return oauth2_authorize_tell_user(http, fault);
	oauth_event_consent(http, request.client->client_id, session->subject, answer->is_approval);
	if (!answer->is_approval)
		return oauth2_authorize_tell_client(http, &request, oauth_fault(OAUTH_ACCESS_DENIED,
																		"The user refused."));
	keep_consent(&request, session->subject);
	return oauth2_authorize_grant(http, &request, session->subject, &session->authentication,
								  answer->token);
}

/* The application allowed something, or refused. */
OAuthResponse *
oauth2_authorize_decided(const OAuthRequest *http, const char *query,
						 const OAuthLoginRequest *login)
{
	OAuth2Authorization request = {0};
	const char *scope = login->is_denied ? NULL : login->accepted_scope;
	OAuthFault *fault;
	OAuthResponse *response = read_and_check(http, query, &request);

	if (response != NULL)
		return response;
	if ((fault = oauth2_pushed_request_use(&request)) != NULL)
		return oauth2_authorize_tell_user(http, fault);
	oauth_event_consent(http, request.client->client_id, login->subject, scope != NULL);
	if (scope == NULL)
		fault = oauth_fault(OAUTH_ACCESS_DENIED, "The user refused.");
	else
		fault = oauth2_authorize_login_fault(&request, login->subject, &login->authentication);
	/* what the client may have, or has by default, may have become less meanwhile */
	if (fault == NULL)
		fault = oauth2_scope_refuse(OAUTH_INVALID_SCOPE, request.scope, scope,
									"The client may not have this scope any more");
	if (fault != NULL)
		return oauth2_authorize_tell_client(http, &request, fault);
	if (!oauth_words_include(scope, login->scope))
		request.claims = oauth_claims_narrow(request.claims, scope);
	request.scope = scope;
	request.authorization_details = login->accepted_details;
	return oauth2_authorize_grant(http, &request, login->subject, &login->authentication, NULL);
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

/* What the login for the request of that query has to know. */
void
oauth2_authorize_login_about(const char *query, OAuthLoginRequest *login)
{
	OAuth2Authorization request = {0};

	if (read_request(query, &request) == NULL)
		oauth2_authorize_about(&request, login);
}

/*
 * The answer that sends a login for the request of that query to another lane, where what becomes
 * of it can be told; NULL if it can be told here.  It is asked before anything is written.
 */
OAuthResponse *
oauth2_authorize_elsewhere(const OAuthRequest *http, const char *query)
{
	OAuth2Authorization request = {0};

	return read_request(query, &request) == NULL ? oauth2_authorize_jwt_elsewhere(&request) : NULL;
}

static OAuthResponse *
begin_or_confirm(const OAuthRequest *http)
{
	return strcmp(http->path, OAUTH2_CONFIRM) == 0 ? take_decision(http) : begin_request(http);
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.at = "/oauth2/authorize",
		.summary = "Ask the user; a browser is sent back with a code, or an error",
		.by = "session",
		.takes = "response_type! client_id! redirect_uri scope state code_challenge "
		"code_challenge_method response_mode nonce prompt max_age acr_values "
		"claims login_hint id_token_hint ui_locales resource "
		"authorization_details dpop_jkt request request_uri",
		.answers = "200:Page 302 303 400:Page 403:Page 429:Page",
		.example = "response_type=code&client_id=oc_...&redirect_uri=https:"
		"//client.example/back&scope=read&state=af0ifjsldkj&"
		"code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&"
		"code_challenge_method=S256"
	},
	{
		.at = "/oauth2/authorize/confirm",
		.summary = "The answer of the consent page",
		.by = "session",
		.takes = "request! token! decision! details",
		.answers = "200:Page 302 303 400:Page 403:Page"
	},
	{0}
};

const OAuthEndpoint oauth2_authorize_endpoint = {
	.function = "authorize",
	.first_lane = OAUTH_LANE_WRITING,
	.routes = {
		{OAUTH2_AUTHORIZE, "GET POST", OAUTH_CORS_NOBODY},
		{OAUTH2_CONFIRM, "POST", OAUTH_CORS_NOBODY}
	},
	.needs_users = true,
	.undoes_head = true,
	.answer = begin_or_confirm,
	.operations = operations
};

/* oauth.authorize(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_authorize(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_authorize_endpoint);
}

/* oauth.authorize_batch(oauth.http_request[]) RETURNS SETOF oauth.http_response */
Datum
oauth_endpoint_authorize_batch(PG_FUNCTION_ARGS)
{
	return oauth_answer_batch(fcinfo, &oauth2_authorize_endpoint);
}
