/*
 * authorize.c
 *		Resource owner authorization (RFC 5849, section 2.2): asks the user, and sends the verifier
 *		to the client.
 *
 * The callback is the one that the temporary credentials were made with; a callback in the address
 * of this page is ignored (session fixation, the flaw of OAuth Core 1.0).  Out of band the verifier
 * is short, for people to type, and few wrong ones are accepted (access_token.c).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "crypto/crypto.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth1/oauth1.h"
#include "page/page.h"
#include "store/client.h"
#include "store/oauth1.h"
#include "store/request.h"
#include "store/session.h"
#include "text/text.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_oauth1_authorize);

#define PATH "/oauth/authorize"

/* The 32 letters and digits that are not mistaken for each other. */
static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/* A verifier for people to type: ABCD-EFGH. */
static char *
short_verifier(void)
{
	uint8		bytes[8];
	char	   *verifier = palloc0(10);
	int			at = 0;

	oauth_random(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
	{
		if (i == 4)
			verifier[at++] = '-';
		verifier[at++] = alphabet[bytes[i] % 32];
	}
	return verifier;
}

/* The compared form of a verifier: people may type it in lower case, with or without the dash. */
char *
oauth1_verifier(const char *verifier, const char *callback)
{
	char	   *plain = pstrdup(verifier);
	char	   *out = plain;

	if (strcmp(callback, "oob") != 0)
		return plain;
	for (const char *c = verifier; *c; c++)
		if (*c != '-' && *c != ' ')
			*out++ = pg_ascii_toupper((unsigned char) *c);
	*out = '\0';
	return plain;
}

/*
 * "The server constructs the request URI by adding the following REQUIRED parameters to the
 * callback URI query".
 */
static OAuthResponse *
to_callback(const char *callback, const char *token, const char *name, const char *value)
{
	return oauth_page_redirect(psprintf("%s%coauth_token=%s&%s=%s", callback,
										strchr(callback, '?') ? '&' : '?', oauth1_encode(token),
										name, oauth1_encode(value)));
}

static OAuthResponse *
approve(const OAuthRequest *request, const OAuth1RequestToken *token, const char *string,
		const OAuthSession *session)
{
	bool		is_typed = strcmp(token->callback, "oob") == 0;
	char	   *verifier = is_typed ? short_verifier() : oauth_random_id();

	if (!oauth_store_approve_request_token(token->handle, session->subject,
										   oauth1_verifier(verifier, token->callback)))
		return NULL;
	return is_typed ? oauth_page_code(oauth_words(request), verifier) :
		to_callback(token->callback, string, "oauth_verifier", verifier);
}

static OAuthResponse *
deny(const OAuthRequest *request, const OAuth1RequestToken *token, const char *string)
{
	if (!oauth_store_deny_request_token(token->handle))
		return NULL;
	if (strcmp(token->callback, "oob") == 0)
		return oauth_page_message(request, 200, OAUTH_TEXT_DENIED, OAUTH_TEXT_DENIED_TOLD);
	return to_callback(token->callback, string, "oauth_problem", "user_refused");
}

/* The temporary credentials that wait for a decision, or NULL. */
static OAuth1RequestToken *
find_waiting(const char *string, OAuthClient **client)
{
	OAuthTokenString parsed;
	OAuth1RequestToken *token;

	token = oauth_token_parse(string, strlen(string), OAUTH1_REQUEST_TOKEN, &parsed) ?
		oauth_store_find_request_token(&parsed) : NULL;
	if (token == NULL || token->subject != NULL || token->is_denied || token->is_used ||
		token->expires_at <= GetCurrentTimestamp())
		return NULL;
	*client = oauth_store_find_client(token->client_id, NULL);
	return *client != NULL && !(*client)->is_disabled ? token : NULL;
}

/* The client that the page with that query is about; NULL if there is none. */
OAuthClient *
oauth1_authorize_client(const char *query)
{
	OAuthRequest address = {.query = query};
	OAuthParams params;
	OAuthClient *client;

	oauth_page_query(&address, &params);
	return find_waiting(oauth_page_parameter(&params, "oauth_token"), &client) ? client : NULL;
}

static OAuthResponse *
nothing_to_decide(const OAuthRequest *request)
{
	return oauth_page_message(request, 400, OAUTH_TEXT_ERROR, OAUTH_TEXT_ERROR_TOLD);
}

static OAuthResponse *
ask_user(const OAuthRequest *request, const OAuthSession *session)
{
	OAuthParams query;
	OAuthConsent consent = {.action = PATH};
	OAuth1RequestToken *token;
	OAuthClient *client;

	oauth_page_query(request, &query);
	consent.request = oauth_page_parameter(&query, "oauth_token");
	if ((token = find_waiting(consent.request, &client)) == NULL)
		return nothing_to_decide(request);
	consent.page = psprintf(PATH "?oauth_token=%s", oauth1_encode(consent.request));
	if (session == NULL)
	{
		OAuthLoginRequest login = {.address = unconstify(char *, consent.page),
			.client_id = client->client_id,
			.is_login = true,
			.max_age = -1};

		return oauth_login_redirect(request, &login, false);
	}
	consent.client = client;
	consent.scope = token->scope;
	consent.redirect_uri = strcmp(token->callback, "oob") == 0 ? NULL : token->callback;
	return oauth_page_consent(request, session, &consent);
}

/*
 * The application that logs people in has refused.  It cannot approve here, because it approves a
 * scope, which OAuth 1.0a does not have.
 */
OAuthResponse *
oauth1_authorize_decided(const OAuthRequest *request, const char *query,
						 const OAuthLoginRequest *login)
{
	OAuthRequest address = {.query = query};
	OAuthParams params;
	OAuthClient *client;
	OAuth1RequestToken *token;
	const char *string;
	OAuthResponse *response = NULL;

	oauth_page_query(&address, &params);
	string = oauth_page_parameter(&params, "oauth_token");
	if ((token = find_waiting(string, &client)) != NULL)
		response = deny(request, token, string);
	if (response == NULL)
		return nothing_to_decide(request);
	oauth_event_consent(request, client->client_id, NULL, false);
	return response;
}

static OAuthResponse *
take_decision(const OAuthRequest *request, const OAuthSession *session)
{
	OAuth1RequestToken *token;
	OAuthClient *client;
	OAuthResponse *response;
	OAuthConsentAnswer *answer = session ? oauth_page_consent_answer(request, session, PATH) : NULL;

	if (answer == NULL)
		return oauth_page_stale(request,
								psprintf(PATH "?oauth_token=%s",
										 oauth1_encode(oauth_page_consent_about(request))));
	if ((token = find_waiting(answer->request, &client)) == NULL)
		return nothing_to_decide(request);
	response = answer->is_approval ? approve(request, token, answer->request, session) :
		deny(request, token, answer->request);
	if (response == NULL)
		return nothing_to_decide(request);
	oauth_event_consent(request, client->client_id, session->subject, answer->is_approval);
	return response;
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	OAuthSession *session = oauth_session_of(request);

	return strcmp(request->method, "POST") == 0 ? take_decision(request, session) :
		ask_user(request, session);
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.summary = "Ask the user about a request token of OAuth 1.0a",
		.by = "session",
		.takes = "oauth_token ui_locales request token decision",
		.answers = "200:Page 302 303 400:Page 403:Page",
		.example = "oauth_token=o1r_..."
	},
	{0}
};

const OAuthEndpoint oauth1_authorize_endpoint = {
	.function = "oauth1_authorize",
	.first_lane = OAUTH_LANE_WRITING,
	.routes = {{PATH, "GET POST", OAUTH_CORS_NOBODY}},
	.needs_users = true,
	.undoes_head = true,
	.answer = answer,
	.operations = operations
};

/* oauth.oauth1_authorize(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_oauth1_authorize(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth1_authorize_endpoint);
}
