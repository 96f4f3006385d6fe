/*
 * device_authorization.c
 *		Device authorization (RFC 8628): a device without a keyboard asks, a person elsewhere allows
 *		it (page/device.c), and the device, which asks again and again, gets its tokens.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/store.h"
#include "token/token.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_device_authorization);

#define GRANT_TYPE	"urn:ietf:params:oauth:grant-type:device_code"
#define PAGE		"/oauth2/device"
#define MAX_TRIES	10

/*
 * No vowels, so that no words arise, and nothing that looks like something else (section 6.1): 20^8
 * codes, 34 bits.
 */
static const char letters[] = "BCDFGHJKLMNPQRSTVWXZ";

#define N_LETTERS	((int) sizeof(letters) - 1)

/* A letter that is any of them with the same probability. */
static char
random_letter(void)
{
	uint8		byte;

	do
		oauth_random(&byte, 1);
	while (byte >= 256 / N_LETTERS * N_LETTERS);
	return letters[byte % N_LETTERS];
}

/*
 * What somebody typed, as it is stored: the letters alone, in upper case; NULL if these are not
 * eight.  "the server SHOULD [...] strip out punctuation, and perform case-insensitive matching"
 * (section 6.1)
 */
char *
oauth2_user_code(const char *typed)
{
	char	   *code = palloc0(OAUTH_USER_CODE_LENGTH + 1);
	int			n = 0;

	for (const char *c = typed; *c; c++)
	{
		char		letter = pg_ascii_toupper((unsigned char) *c);

		if (strchr(letters, letter) != NULL && n < OAUTH_USER_CODE_LENGTH)
			code[n++] = letter;
		else if (strchr(letters, letter) != NULL || strchr("- ._\t", *c) == NULL)
			return NULL;
	}
	return n == OAUTH_USER_CODE_LENGTH ? code : NULL;
}

/* WDJB-MJHT */
char *
oauth2_user_code_shown(const char *code)
{
	return psprintf("%.4s-%s", code, code + 4);
}

static char *
write_down(const OAuthDeviceCode *code, const char *string)
{
	for (int i = 0; i < MAX_TRIES; i++)
	{
		char	   *user_code = palloc0(OAUTH_USER_CODE_LENGTH + 1);

		for (int j = 0; j < OAUTH_USER_CODE_LENGTH; j++)
			user_code[j] = random_letter();
		if (oauth_store_insert_device_code(code, string, user_code))
			return user_code;
	}
	ereport(ERROR,
			(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
			 errmsg("no user code is free"),
			 errhint("SELECT oauth_purge_expired() removes those that have expired.")));
}

/* Section 3.2. */
static OAuthResponse *
success(const OAuthDeviceCode *code, const char *string, const char *user_code)
{
	OAuthResponse *response = oauth_response_json(200);
	StringInfo	body = &response->body;
	char	   *shown = oauth2_user_code_shown(user_code);

	appendStringInfoChar(body, '{');
	oauth_json_member(body, "device_code", string);
	oauth_json_member(body, "user_code", shown);
	oauth_json_member(body, "verification_uri", psprintf("%s" PAGE, oauth_issuer()));
	oauth_json_member(body, "verification_uri_complete",
					  psprintf("%s" PAGE "?user_code=%s", oauth_issuer(), shown));
	oauth_json_number(body, "expires_in", oauth_seconds_left(code->expires_at));
	oauth_json_number(body, "interval", code->interval);
	appendStringInfoChar(body, '}');
	return response;
}

/* Hands out a code; *client is whose request it is, once known. */
static OAuthFault *
begin(const OAuthRequest *request, OAuthClient **client, OAuthResponse **response)
{
	OAuthDeviceCode code = {.handle = oauth_handle_next(),
		.interval = oauth_setting_device_interval};
	OAuthParams params;
	const char *scope;
	const char *decided;
	char	   *string;
	OAuthFault *fault;

	if ((fault = oauth2_form_read(request, &params)) != NULL ||
		(fault = oauth_params_get(&params, "scope", &scope)) != NULL ||
		(fault = oauth2_authenticate_client(request, &params, client)) != NULL)
		return fault;
	if (!oauth_client_may(*client, GRANT_TYPE))
		return oauth_fault(OAUTH_UNAUTHORIZED_CLIENT,
						   "The client is not registered for this grant_type.");
	if ((fault = oauth2_scope_decide(*client, scope, &decided)) != NULL ||
		(fault = oauth2_resource_read(&params, &code.resource)) != NULL ||
		(fault = oauth_throttle_visit(request, "device_authorization",
									  oauth_setting_device_rate)) != NULL)
		return fault;
	code.client_id = (*client)->client_id;
	code.scope = decided;
	code.expires_at = oauth_seconds_from_now(oauth_setting_device_code_lifetime);
	string = oauth_random_token(OAUTH_DEVICE_CODE, code.handle);
	*response = success(&code, string, write_down(&code, string));
	return NULL;
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	OAuthClient *client = NULL;
	OAuthResponse *response = NULL;
	OAuthFault *fault = begin(request, &client, &response);

	return oauth2_form_answer(request, client, fault, response);
}

const OAuthEndpoint oauth2_device_authorization_endpoint = {
	.function = "device_authorization",
	.routes = {{"/oauth2/device_authorization", "POST", OAUTH_CORS_CLIENT}},
	.answer = answer
};

/* oauth.device_authorization(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_device_authorization(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_device_authorization_endpoint);
}

/*
 * Section 3.5: nobody has decided yet.  Whoever asks too often is told to slow down, and waits
 * longer from then on.
 */
static OAuthFault *
pending(const OAuthDeviceCode *code)
{
	bool		is_too_soon = code->polled_at != 0 &&
		GetCurrentTimestamp() < code->polled_at + code->interval * USECS_PER_SEC;

	oauth_store_note_poll(code->handle, is_too_soon);
	return is_too_soon ?
		oauth_fault(OAUTH_SLOW_DOWN,
					"Ask less often: five seconds more between requests from now on.") :
		oauth_fault(OAUTH_AUTHORIZATION_PENDING, "Nobody has decided yet.");
}

/* The code, decided and used up. */
static OAuthFault *
redeem(const OAuthClient *client, const char *presented, OAuthDeviceCode **code)
{
	OAuthTokenString string;

	oauth_token_parse(presented, strlen(presented), OAUTH_DEVICE_CODE, &string);
	*code = string.handle > 0 ? oauth_store_find_device_code(&string) : NULL;
	if (*code == NULL || (*code)->is_used || strcmp((*code)->client_id, client->client_id) != 0)
		return oauth_fault(OAUTH_INVALID_GRANT,
						   "The device_code is unknown, was used or belongs to another client.");
	if ((*code)->is_denied)
		return oauth_fault(OAUTH_ACCESS_DENIED, "The user refused.");
	if ((*code)->expires_at <= GetCurrentTimestamp())
		return oauth_fault(OAUTH_EXPIRED_TOKEN, "The device_code has expired. Begin again.");
	if ((*code)->subject == NULL)
		return pending(*code);
	if (!oauth_store_subject_is_enabled((*code)->subject) ||
		!oauth_store_use_device_code((*code)->handle))
		return oauth_fault(OAUTH_INVALID_GRANT,
						   "The device_code was used, or its user may no longer.");
	return NULL;
}

/* The grant of section 3.4. */
OAuthFault *
oauth2_grant_device_code(const OAuthRequest *request, const OAuthClient *client,
						 const OAuthParams *params, OAuthIssued **issued)
{
	OAuthIssue	issue = {.client = client, .grant_type = GRANT_TYPE};
	OAuthDeviceCode *code;
	const char *presented;
	OAuthFault *fault;

	if ((fault = oauth_params_get(params, "device_code", &presented)) != NULL)
		return fault;
	if (presented == NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST, "No device_code was sent.");
	if ((fault = redeem(client, presented, &code)) != NULL)
		return fault;
	issue.subject = code->subject;
	issue.scope = code->scope;
	issue.resource = code->resource;
	issue.authentication = &code->authentication;
	issue.refresh = oauth_client_may(client, "refresh_token");
	*issued = oauth_issue(&issue);
	return NULL;
}
