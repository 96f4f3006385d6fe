/*
 * pushed_request.c
 *		Authorization requests that are kept here, under a request_uri (RFC 9126): those that a
 *		client has pushed, and request objects (RFC 9101) while a person logs in and decides.
 *
 * What is kept is the request, all of it.  Addresses and pages carry client_id and request_uri, and
 * nothing of the request: neither the history of a browser nor a proxy's log learns what was
 * pushed.
 *
 * A pushed request is opened within oauth.request_uri_lifetime.  A login takes longer than that, so
 * a browser that has opened it in time may go on for oauth.login_request_lifetime, from each page
 * on; so does a reload of a page.  The address that the login leads back to proves that it was
 * opened (authorize_address.c), as does the cookie of the browser.  Any other browser is too late.
 *
 * It is good for one answer.  The row is used up before the answer is given, so of two browsers one
 * gets a code.  A form that is sent twice, by a double click, is answered as it was.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "crypto/crypto.h"
#include "oauth2/authorization.h"
#include "setting.h"
#include "store/request.h"
#include "text/text.h"

#define URN "urn:ietf:params:oauth:request_uri:"
#define URN_LENGTH ((int) sizeof(URN) - 1)
#define MAX_PARAMETERS 65536	/* bytes of the form */

bool
oauth2_is_pushed_request_uri(const char *uri)
{
	return strncmp(uri, URN, URN_LENGTH) == 0;
}

/* ---- to keep ---- */

/* What is in the request for the endpoint, and dpop_jkt, which may come otherwise. */
static bool
is_left_out(const char *name)
{
	static const char *const names[] = {
		"client_secret", "client_assertion", "client_assertion_type", "request", "dpop_jkt"
	};

	return OAUTH_FIND_NAMED(names, name) != NULL;
}

/*
 * Each request that is kept is a row, so those that anybody could send are counted by address:
 * those of clients without a secret, and those that were signed once.
 */
OAuthFault *
oauth2_pushed_request_count(const OAuthRequest *http)
{
	return oauth_throttle_visit(http, "pushed_request", oauth_setting_pushed_request_rate);
}

/*
 * Keeps the request, which has been checked, for that many seconds; *request_uri is good for any
 * browser meanwhile.
 */
OAuthFault *
oauth2_push(OAuth2Authorization *request, int seconds, char **request_uri)
{
	OAuthPushedRequest *pushed = palloc0(sizeof(OAuthPushedRequest));
	char	   *string;

	pushed->handle = oauth_handle_next();
	pushed->client_id = request->client->client_id;
	pushed->parameters = psprintf("%s%s%s", oauth_params_encode(&request->params, is_left_out),
								  request->dpop_jkt ? "&dpop_jkt=" : "",
								  request->dpop_jkt ? request->dpop_jkt : "");
	if (strlen(pushed->parameters) > MAX_PARAMETERS)
		return oauth_fault(OAUTH_INVALID_REQUEST, "The request is too long.");
	pushed->open_until = pushed->expires_at = oauth_seconds_from_now(seconds);
	pushed->is_signed = request->is_signed;
	string = oauth_random_token(OAUTH_PUSHED_REQUEST, pushed->handle);
	oauth_store_insert_pushed_request(pushed, string);
	*request_uri = psprintf(URN "%s", string);
	return NULL;
}

/*
 * A person is going to be asked something: what the address cannot carry is here until they are
 * back.
 */
OAuthFault *
oauth2_pushed_request_hold(OAuth2Authorization *request)
{
	TimestampTz until = oauth_seconds_from_now(oauth_setting_login_request_lifetime);
	char	   *uri;
	OAuthFault *fault;

	if (request->pushed != NULL)
		oauth_store_open_pushed_request(request->pushed->handle, until,
										oauth_cookie(request->http, "browser"));
	if (request->pushed != NULL || !request->is_signed || request->request_uri != NULL)
		return NULL;
	/* anybody who has seen the object can send it again */
	if ((fault = oauth2_pushed_request_count(request->http)) != NULL)
		return fault;
	if ((fault = oauth2_push(request, oauth_setting_login_request_lifetime, &uri)) == NULL)
		request->request_uri = uri;
	return fault;
}

/* ---- to find ---- */

static OAuthPushedRequest *
find(const char *uri, const char *browser, const char *answer)
{
	OAuthTokenString parsed;

	return oauth_token_parse(uri + URN_LENGTH, strlen(uri) - URN_LENGTH, OAUTH_PUSHED_REQUEST,
							 &parsed) ?
		oauth_store_find_pushed_request(&parsed, browser, answer) : NULL;
}

static OAuthFault *
refuse(const char *description)
{
	return oauth_fault(OAUTH_INVALID_REQUEST_URI, description);
}

/* Whether a browser that has it may still go on. */
static bool
is_living(const OAuth2Authorization *request, const OAuthPushedRequest *pushed)
{
	TimestampTz now = GetCurrentTimestamp();

	/* nobody asks: somebody reads what a login is about */
	if (request->http == NULL)
		return true;
	if (pushed->expires_at <= now)
		return false;
	return pushed->open_until > now || pushed->is_of_browser ||
		oauth2_authorize_is_opened(request);
}

/*
 * "the authorization server MUST treat request_uri values as one-time use"; "An expired request_uri
 * MUST be rejected as invalid" (RFC 9126, section 4); "the client_id [...] the request_uri was
 * bound to" (section 2.2)
 */
static OAuthFault *
check(const OAuth2Authorization *request, const OAuthPushedRequest *pushed)
{
	if (pushed == NULL)
		return refuse("The request_uri is unknown. Begin again at the application.");
	if (strcmp(pushed->client_id, request->client->client_id) != 0)
		return refuse("The request_uri belongs to another client.");
	if (pushed->is_used && !pushed->is_of_answer && request->http != NULL)
		return refuse("The request was answered before. Begin again at the application.");
	if (!is_living(request, pushed))
		return refuse("The request_uri has expired. Begin again at the application.");
	return NULL;
}

/*
 * Check of an authorization request: a request_uri of ours.  What was pushed replaces whatever else
 * was sent.
 */
OAuthFault *
oauth2_check_pushed_request(OAuth2Authorization *request)
{
	const char *uri;
	const char *object;
	OAuthFault *fault;

	if ((fault = oauth_params_get(&request->sent, "request_uri", &uri)) != NULL ||
		(fault = oauth_params_get(&request->sent, "request", &object)) != NULL)
		return fault;
	if (uri == NULL)
		return NULL;
	/* "Reject the request if the request_uri [...] parameter is provided" (RFC 9126, 2.1) */
	if (request->is_being_pushed)
		return oauth_fault(OAUTH_INVALID_REQUEST, "A request_uri cannot be pushed.");
	/* "request and request_uri MUST NOT be used together" (RFC 9101, section 5) */
	if (object != NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST, "There is request or request_uri, not both.");
	if (!oauth2_is_pushed_request_uri(uri))
		return NULL;
	request->request_uri = uri;
	request->pushed = find(uri, request->http ? oauth_cookie(request->http, "browser") : NULL,
						   request->answer);
	if ((fault = check(request, request->pushed)) != NULL)
		return fault;
	request->is_signed = request->pushed->is_signed;
	return oauth_params_parse(request->pushed->parameters, strlen(request->pushed->parameters),
							  &request->params);
}

/* What the request at that address of the authorization endpoint says; false: its query says it. */
bool
oauth2_authorize_is_kept(const char *query, OAuthParams *params)
{
	OAuthRequest address = {.query = query};
	OAuthPushedRequest *pushed;
	const char *uri;

	oauth_page_query(&address, params);
	uri = oauth_page_parameter(params, "request_uri");
	if (!oauth2_is_pushed_request_uri(uri))
		return false;
	pushed = find(uri, NULL, NULL);
	if (pushed == NULL || strcmp(pushed->client_id, oauth_page_parameter(params, "client_id")) != 0)
		params->n = 0;
	else if (oauth_params_parse(pushed->parameters, strlen(pushed->parameters), params) != NULL)
		elog(ERROR, "a pushed request cannot be read");
	return true;
}

/* ---- to use ---- */

/*
 * Uses the request up, before it is answered; a fault if another answer was first.  An answer that
 * comes again, and one to a request that is not kept, is given.
 */
OAuthFault *
oauth2_pushed_request_use(OAuth2Authorization *request)
{
	if (request->pushed == NULL || request->is_used || request->pushed->is_of_answer ||
		oauth_store_use_pushed_request(request->pushed->handle, request->answer))
	{
		request->is_used = true;
		return NULL;
	}
	request->pushed = find(request->request_uri, oauth_cookie(request->http, "browser"),
						   request->answer);
	return check(request, request->pushed);
}
