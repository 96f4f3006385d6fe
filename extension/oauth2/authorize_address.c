/*
 * authorize_address.c
 *		The address that an authorization request comes back to from the login page, and from the
 *		page that asks which account it is.
 *
 * It is the request as it came, whole, or client_id and the request_uri that it is kept under, with
 * a proof of where the person has been for it: since when the login has been asked for
 * (login_since), which session was chosen (chosen), or that the request was opened before it was
 * too late (opened).  The proofs are MACs over the request, and the first two over a cookie of the
 * browser, under the master key.  So nobody can make one, and one of another request, of another
 * browser, or of long ago, is worth nothing: without it the person is asked.  The cookie of the
 * forms would not do, since each login replaces it.  Because nothing of the request is taken out of
 * the address, nothing of it can be forgotten on the way: prompt=login, max_age and the like are
 * looked at again, and the answer is in the login that the session then has.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "oauth2/authorization.h"
#include "secret/secret.h"
#include "text/text.h"

#define PROOF_LABEL "oauth proof of an authorization request"
#define LOGIN_SINCE "login_since"
#define CHOSEN		"chosen"
#define OPENED		"opened"
#define MAX_DIGITS	19			/* of an int64 */
#define COOKIE		"visit"		/* of the browser, until it is closed */
#define GOOD_FOR	(SECS_PER_HOUR * USECS_PER_SEC)

static bool
is_proof(const char *name)
{
	return strcmp(name, LOGIN_SINCE) == 0 || strcmp(name, CHOSEN) == 0 || strcmp(name, OPENED) == 0;
}

/*
 * What was sent, but for an ID token: a reference stands for it in an address (id_token_hint.c).
 */
static OAuthParams
without_id_token(const OAuth2Authorization *request)
{
	OAuthParams sent = request->sent;

	if (request->hint.client_id == NULL)
		return sent;
	sent.items = palloc(sent.n * sizeof(OAuthParam));
	for (int i = 0; i < sent.n; i++)
	{
		sent.items[i] = request->sent.items[i];
		if (strcmp(sent.items[i].name, OAUTH2_ID_TOKEN_HINT) == 0)
			sent.items[i].value = oauth2_id_token_hint_reference(&request->hint);
	}
	return sent;
}

/* The request as it came, or where it is kept. */
static char *
plain_query(const OAuth2Authorization *request)
{
	OAuthParams sent;

	if (request->request_uri != NULL)
		return psprintf("client_id=%s&request_uri=%s", oauth1_encode(request->client->client_id),
						oauth1_encode(request->request_uri));
	sent = without_id_token(request);
	return oauth_params_encode(&sent, is_proof);
}

/* The value of the browser's cookie; NULL if it has none. */
static char *
visit_of(const OAuthRequest *http)
{
	char	   *visit = http != NULL ? oauth_cookie(http, COOKIE) : NULL;

	return visit != NULL && strlen(visit) == 32 && strspn(visit, "0123456789abcdef") == 32 ?
		visit : NULL;
}

/* visit: that of the browser, "" for a proof that is good in any. */
static char *
proof_of(const char *visit, const char *name, int64 number, const char *query)
{
	const void *parts[] = {name, &number, visit, query};
	size_t		lengths[] = {strlen(name) + 1, sizeof(number), strlen(visit) + 1, strlen(query)};
	uint8		mac[OAUTH_HASH_LENGTH];

	oauth_master_key_mac(NULL, PROOF_LABEL, parts, lengths, lengthof(parts), mac);
	return psprintf(INT64_FORMAT ".%s", number, oauth_base64url(mac, sizeof(mac)));
}

/* The number that the request proves; 0 if it does not, or visit is NULL. */
static int64
proven(const OAuth2Authorization *request, const char *visit, const char *name, const char *query)
{
	const char *sent = oauth_page_parameter(&request->sent, name);
	size_t		digits = strspn(sent, "0123456789");
	int64		number;

	if (visit == NULL || digits == 0 || digits > MAX_DIGITS || sent[digits] != '.')
		return 0;
	number = strtoll(sent, NULL, 10);
	return oauth_secrets_match(sent, proof_of(visit, name, number, query)) ? number : 0;
}

/* Reads where the person has been for this request. */
void
oauth2_authorize_read_proofs(OAuth2Authorization *request)
{
	char	   *query = plain_query(request);
	TimestampTz now = GetCurrentTimestamp();

	request->visit = visit_of(request->http);
	request->chosen_session = proven(request, request->visit, CHOSEN, query);
	request->login_since = proven(request, request->visit, LOGIN_SINCE, query);
	if (request->login_since < now - GOOD_FOR || request->login_since > now)
		request->login_since = 0;
}

/* Whether the person comes from an address that a page of this request led to. */
bool
oauth2_authorize_is_opened(const OAuth2Authorization *request)
{
	return proven(request, "", OPENED, plain_query(request)) != 0;
}

/* What is proven of the request from now on is so for this browser. */
void
oauth2_authorize_visit(OAuth2Authorization *request)
{
	if (request->visit == NULL)
		request->visit = oauth_random_id();
}

/* Gives the browser its cookie, unless it has it: it has to come with the next request. */
OAuthResponse *
oauth2_authorize_keep_visit(const OAuth2Authorization *request, OAuthResponse *response)
{
	if (visit_of(request->http) == NULL)
		oauth_set_cookie(request->http, response, COOKIE, request->visit, -1);
	return response;
}

static char *
with_proofs(const OAuth2Authorization *request, TimestampTz login_since, int64 chosen_session)
{
	char	   *query = plain_query(request);
	StringInfoData whole;

	initStringInfo(&whole);
	appendStringInfoString(&whole, query);
	if (login_since != 0)
		appendStringInfo(&whole, "&" LOGIN_SINCE "=%s",
						 proof_of(request->visit, LOGIN_SINCE, login_since, query));
	if (chosen_session != 0)
		appendStringInfo(&whole, "&" CHOSEN "=%s",
						 proof_of(request->visit, CHOSEN, chosen_session, query));
	if (request->request_uri != NULL)
		appendStringInfo(&whole, "&" OPENED "=%s",
						 proof_of("", OPENED, GetCurrentTimestamp() / USECS_PER_SEC, query));
	return whole.data;
}

/* The request as a query, with the proofs that came with it. */
char *
oauth2_authorize_query(const OAuth2Authorization *request)
{
	return with_proofs(request, request->login_since, request->chosen_session);
}

/* The address of the request, with these proofs; 0: without. */
char *
oauth2_authorize_address(const OAuth2Authorization *request, TimestampTz login_since,
						 int64 chosen_session)
{
	return psprintf(OAUTH2_AUTHORIZE "?%s", with_proofs(request, login_since, chosen_session));
}
