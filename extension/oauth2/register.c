/*
 * register.c
 *		/oauth2/register: a client registers itself (RFC 7591).
 *
 * oauth.registration says who may register: nobody, holders of an initial access token, or
 * everybody.  A client that registers here gets less than an administrator can give: no grant that
 * takes passwords or acts for others, no later scope or grant that it did not have from the
 * beginning, no lifetimes of its own; what it asks for beyond that is left out, and the answer says
 * what it got.  What it says about itself is for people to read.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/registration.h"
#include "setting.h"
#include "store/client.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_register);

/* Who may register now.  *trusted is the initial access token of the request, if any. */
static OAuthFault *
check_door(const OAuthRequest *request, OAuthTokenString *trusted)
{
	OAuthFault *fault = NULL;
	char	   *token = oauth2_registration_bearer(request, &fault);

	if (oauth_setting_registration == OAUTH_REGISTER_CLOSED)
		return oauth_fault(OAUTH_ACCESS_DENIED, "Clients are registered by an administrator here.");
	if (fault != NULL)
		return fault;
	if (token == NULL && oauth_setting_registration == OAUTH_REGISTER_WITH_TOKEN)
		return oauth_fault(OAUTH_NO_CREDENTIALS,
						   "Send an initial access token: Authorization: Bearer <token>");
	return token ? oauth2_initial_token_check(token, trusted) : NULL;
}

/*
 * Nobody vouches for strangers, so an address that has registered many clients must wait (RFC 7591,
 * section 5).
 */
static OAuthFault *
check_rate(const OAuthRequest *request, const OAuthTokenString *trusted)
{
	return trusted->handle > 0 ?
		NULL :
		oauth_throttle_visit(request, "registration", oauth_setting_registration_rate);
}

/* The token is used up last, so that bad metadata costs nothing. */
static OAuthFault *
create_client(const OAuthRequest *request, OAuthResponse **response)
{
	OAuthClient client = {.is_self_registered = true};
	OAuthTokenString trusted = {0};
	Jsonb	   *metadata;
	char	   *token;
	char	   *secret;
	OAuthFault *fault;

	oauth_client_metadata_defaults(&client);
	if ((fault = check_door(request, &trusted)) != NULL ||
		(fault = oauth2_registration_body(request, &metadata)) != NULL ||
		(fault = oauth2_registration_check(request, &client, metadata, NULL,
										   trusted.handle > 0)) != NULL ||
		(fault = check_rate(request, &trusted)) != NULL ||
		(fault = oauth2_registration_check_sector_document(request, &client, NULL,
														   trusted.handle == 0)) != NULL)
		return fault;
	if (trusted.handle > 0 && (fault = oauth2_initial_token_use(&trusted)) != NULL)
		return fault;
	secret = oauth_client_create(&client);
	token = oauth_random_token(OAUTH_REGISTRATION_TOKEN, oauth_handle_next());
	oauth_store_set_registration_token(client.client_id, token, trusted.handle > 0);
	oauth_store_make_room(oauth_setting_registration_limit, false);
	*response = oauth2_registration_information(201, &client, secret, token);
	oauth2_registration_note(request, &client,
							 trusted.handle > 0 ? "with an initial access token" : NULL);
	return NULL;
}

/*
 * POST /oauth2/register.  If everybody may register, scripts of every page may too; there is
 * nothing to protect.
 */
static OAuthResponse *
answer_registration(const OAuthRequest *request)
{
	OAuthResponse *response = NULL;
	OAuthFault *fault = create_client(request, &response);

	return fault ? oauth2_registration_refuse(fault) : response;
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	size_t		length = strlen(OAUTH2_REGISTER "/");

	if (strncmp(request->path, OAUTH2_REGISTER "/", length) == 0)
		return oauth2_manage_registration(request, request->path + length);
	return answer_registration(request);
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.at = "/oauth2/register",
		.summary = "Register a client",
		.when = "oauth.registration: where it is closed, which is the default, the "
		"answer is 403; where it is token, an initial access token is needed",
		.by = "initial",
		.json = "ClientMetadata",
		.answers = "201:Client 400:Error 401:Error 403:Error 429:Error",
		.example = "{\"client_name\": \"Photo printer\", \"redirect_uris\": "
		"[\"https://client.example/back\"], \"grant_types\": "
		"[\"authorization_code\", \"refresh_token\"]}"
	},
	{
		.at = "/oauth2/register/{client_id}",
		.methods = "GET",
		.summary = "Read what is registered",
		.by = "registration",
		.answers = "200:Client 401:Error"
	},
	{
		.at = "/oauth2/register/{client_id}",
		.methods = "PUT",
		.summary = "Replace what is registered",
		.by = "registration",
		.json = "ClientMetadata",
		.answers = "200:Client 400:Error 401:Error",
		.example = "{\"client_id\": \"oc_...\", \"client_name\": \"Photo printer\", "
		"\"redirect_uris\": [\"https://client.example/back\"]}"
	},
	{
		.at = "/oauth2/register/{client_id}",
		.methods = "DELETE",
		.summary = "Delete the client",
		.by = "registration",
		.answers = "204 401:Error"
	},
	{0}
};

const OAuthEndpoint oauth2_register_endpoint = {
	.function = "register",
	.first_lane = OAUTH_LANE_WRITING,
	.routes = {
		{OAUTH2_REGISTER, "POST", OAUTH_CORS_WHILE_OPEN},
		{OAUTH2_REGISTER "/", "GET PUT DELETE", OAUTH_CORS_CLIENT}
	},
	.undoes_head = true,
	.answer = answer,
	.operations = operations
};

/* oauth.register(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_register(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_register_endpoint);
}
