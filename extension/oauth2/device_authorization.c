/*
 * device_authorization.c
 *		/oauth2/device_authorization: a device without a keyboard asks (RFC 8628, section 3.1).
 *
 * A person elsewhere allows it (device.c), and the device, which polls, gets its tokens
 * (grant_device_code.c).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "setting.h"
#include "store/client.h"
#include "store/code.h"
#include "token/token.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_device_authorization);

#define PAGE		"/oauth2/device"
#define MAX_TRIES	10

static char *
write_down(const OAuthDeviceCode *code, const char *string)
{
	for (int i = 0; i < MAX_TRIES; i++)
	{
		char	   *user_code = oauth2_new_user_code();

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
answer_codes(const OAuthDeviceCode *code, const char *string, const char *user_code)
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

/* Issues a code; *client is the client of the request, once it is known. */
static OAuthFault *
begin_authorization(const OAuthRequest *request, OAuthClient **client, OAuthResponse **response)
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
		(fault = oauth2_authenticate_newcomer(request, &params, client)) != NULL)
		return fault;
	if (!oauth_client_may(*client, OAUTH_GRANT_DEVICE_CODE))
		return oauth_fault(OAUTH_UNAUTHORIZED_CLIENT,
						   "The client is not registered for this grant_type.");
	if ((fault = oauth2_scope_decide_for_user(*client, scope, true, &decided)) != NULL ||
		(fault = oauth2_resource_read(&params, &code.resource)) != NULL ||
		(fault = oauth2_resource_check_scope(*client, code.resource, decided)) != NULL ||
		(fault = oauth2_details_read(*client, &params, &code.authorization_details)) != NULL ||
		(fault = oauth_throttle_visit(request, "device_authorization",
									  oauth_setting_device_rate)) != NULL)
		return fault;
	code.client_id = (*client)->client_id;
	code.scope = decided;
	code.expires_at = oauth_seconds_from_now(oauth_setting_device_code_lifetime);
	string = oauth_random_token(OAUTH_DEVICE_CODE, code.handle);
	*response = answer_codes(&code, string, write_down(&code, string));
	return NULL;
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	OAuthClient *client = NULL;
	OAuthResponse *response = NULL;
	OAuthFault *fault = begin_authorization(request, &client, &response);

	return oauth2_form_answer(request, client, fault, response);
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.summary = "A device without a keyboard asks for codes",
		.by = "client",
		.takes = "client_id client_secret client_assertion_type client_assertion scope "
		"resource authorization_details",
		.answers = "200:DeviceAuthorization 400:Error 401:Error 429:Error",
		.example = "scope=read"
	},
	{0}
};

const OAuthEndpoint oauth2_device_authorization_endpoint = {
	.function = "device_authorization",
	.first_lane = OAUTH_LANE_WRITING,
	.routes = {{"/oauth2/device_authorization", "POST", OAUTH_CORS_CLIENT}},
	.answer = answer,
	.operations = operations
};

/* oauth.device_authorization(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_device_authorization(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_device_authorization_endpoint);
}
