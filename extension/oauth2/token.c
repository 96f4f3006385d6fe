/*
 * token.c
 *		The token endpoint (RFC 6749, section 3.2).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/event.h"
#include "text/text.h"
#include "token/token.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_token);
PG_FUNCTION_INFO_V1(oauth_endpoint_token_batch);

typedef struct Grant
{
	const char *grant_type;
	OAuthGrantHandler handle;
	OAuthLane	lane;			/* where it may run */
} Grant;

static const Grant grants[] = {
	{OAUTH_GRANT_AUTHORIZATION_CODE, oauth2_grant_authorization_code, OAUTH_LANE_WRITING},
	{OAUTH_GRANT_REFRESH_TOKEN, oauth2_grant_refresh_token, OAUTH_LANE_WRITING},
	{OAUTH_GRANT_CLIENT_CREDENTIALS, oauth2_grant_client_credentials, OAUTH_LANE_WRITING},
	{OAUTH_GRANT_DEVICE_CODE, oauth2_grant_device_code, OAUTH_LANE_WRITING},
	{OAUTH_GRANT_PASSWORD, oauth2_grant_password, OAUTH_LANE_SLOW},
	{OAUTH_GRANT_TOKEN_EXCHANGE, oauth2_grant_token_exchange, OAUTH_LANE_WRITING},
	{OAUTH_GRANT_JWT_BEARER, oauth2_grant_jwt_bearer, OAUTH_LANE_WRITING},
};

/* The grants with which authorization_details can be asked for (RFC 9396, section 6). */
static const char *const with_details[] = {
	OAUTH_GRANT_AUTHORIZATION_CODE, OAUTH_GRANT_REFRESH_TOKEN, OAUTH_GRANT_CLIENT_CREDENTIALS,
	OAUTH_GRANT_DEVICE_CODE
};

/* The grant types of this endpoint, space-separated. */
const char *
oauth2_grant_types(void)
{
	return OAUTH_NAMES_JOIN(grants);
}

/* A request in progress: its client, its grant, and the result. */
typedef struct Exchange
{
	OAuth2TokenRequest request;
	const char *grant_type;
	OAuthIssued *issued;
	OAuthLane	lane;			/* where it must run; OAUTH_LANE_ANY: it has run */
} Exchange;

/* The straight line of section 3.2. */
static OAuthFault *
run_grant(const OAuthRequest *request, Exchange *exchange)
{
	OAuthFault *fault;
	const Grant *grant;

	if ((fault = oauth2_form_read(request, &exchange->request.params)) != NULL ||
		(fault = oauth_params_get(&exchange->request.params, "grant_type",
								  &exchange->grant_type)) != NULL)
		return fault;
	if (exchange->grant_type == NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST, "No grant_type was sent.");
	if ((grant = OAUTH_FIND_NAMED(grants, exchange->grant_type)) == NULL)
		return oauth_fault(OAUTH_UNSUPPORTED_GRANT_TYPE, "This server has no such grant_type.");
	if (strcmp(grant->grant_type, OAUTH_GRANT_JWT_BEARER) == 0)
		exchange->request.client = oauth2_client_of_assertion(request, &exchange->request.params);
	if (exchange->request.client == NULL &&
		(fault = oauth2_authenticate_client(request, &exchange->request.params,
											&exchange->request.client)) != NULL)
		return fault;
	if (!oauth_client_may(exchange->request.client, exchange->grant_type))
		return oauth_fault(OAUTH_UNAUTHORIZED_CLIENT,
						   "The client is not registered for this grant_type.");
	if (OAUTH_FIND_NAMED(with_details, exchange->grant_type) == NULL &&
		(fault = oauth2_details_refuse(&exchange->request.params)) != NULL)
		return fault;
	if (oauth_response_is_other_lane(grant->lane))
	{
		exchange->lane = grant->lane;
		return NULL;
	}
	if ((fault = oauth2_confirmation(request, exchange->request.client,
									 &exchange->request.cnf)) != NULL ||
		(fault = oauth_client_check_binding(exchange->request.client,
											exchange->request.cnf)) != NULL)
		return fault;
	return grant->handle(&exchange->request, &exchange->issued);
}

/*
 * Whether the event is worth noting: not for unknown clients, nor for devices that wait, nor for
 * what is asked again on another lane or with a document.
 */
static bool
is_noteworthy(const Exchange *exchange, const OAuthFault *fault)
{
	if (fault == NULL)
		return exchange->issued != NULL && exchange->issued->grant != 0;
	return exchange->request.client != NULL && !fault->is_noted && oauth_fault_status(fault) != 0 &&
		fault->code != OAUTH_INVALID_CLIENT && fault->code != OAUTH_AUTHORIZATION_PENDING &&
		fault->code != OAUTH_SLOW_DOWN;
}

static void
note_outcome(const OAuthRequest *request, const Exchange *exchange, const OAuthFault *fault)
{
	OAuthEvent	event = {.event = "issue", .fault = fault};

	if (!is_noteworthy(exchange, fault))
		return;
	if (strcmp(exchange->grant_type, OAUTH_GRANT_REFRESH_TOKEN) == 0)
		event.event = "refresh";
	event.grant = fault ? fault->grant : exchange->issued->grant;
	if (event.grant == 0)
		event.client_id = exchange->request.client->client_id;
	oauth_issue_note(request, exchange->request.client, &event);
}

/* Section 5.1. */
static OAuthResponse *
answer_tokens(const OAuthIssued *issued)
{
	OAuthResponse *response = oauth_response_json(200);
	StringInfo	body = &response->body;

	appendStringInfoChar(body, '{');
	oauth_json_member(body, "access_token", issued->access_token);
	oauth_json_member(body, "token_type", oauth_cnf_token_type(issued->cnf));
	oauth_json_number(body, "expires_in", oauth_seconds_left(issued->expires_at));
	if (issued->refresh_token != NULL)
		oauth_json_member(body, "refresh_token", issued->refresh_token);
	if (issued->id_token != NULL)
		oauth_json_member(body, "id_token", issued->id_token);
	oauth_json_member(body, "scope", issued->scope);
	/* RFC 9396, section 7: "the AS MUST also return the authorization_details as granted" */
	oauth_json_raw(body, "authorization_details", issued->authorization_details);
	/* RFC 8693, section 2.2.1 */
	if (issued->issued_token_type != NULL)
		oauth_json_member(body, "issued_token_type", issued->issued_token_type);
	appendStringInfoChar(body, '}');
	return response;
}

static bool
is_login(const OAuthRequest *request)
{
	OAuthParams params;
	const char *grant_type = NULL;

	return oauth2_form_read(request, &params) == NULL &&
		oauth_params_get(&params, "grant_type", &grant_type) == NULL && grant_type != NULL &&
		strcmp(grant_type, OAUTH_GRANT_PASSWORD) == 0;
}

static OAuthResponse *
exchange_grant(const OAuthRequest *request)
{
	Exchange	exchange = {.request = {.http = request}, .lane = OAUTH_LANE_ANY};
	OAuthFault *fault = run_grant(request, &exchange);

	note_outcome(request, &exchange, fault);
	if (fault != NULL)
		return oauth2_form_refuse(fault);
	if (exchange.lane != OAUTH_LANE_ANY)
		return oauth_response_lane(exchange.lane);
	return exchange.issued->elsewhere ? exchange.issued->elsewhere : answer_tokens(exchange.issued);
}

static OAuthResponse *
answer(const OAuthRequest *request)
{
	return oauth2_dpop_answer(request, exchange_grant(request));
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.summary = "Get a token for a grant",
		.by = "client",
		.takes = "grant_type! client_id client_secret client_assertion_type "
		"client_assertion scope code redirect_uri code_verifier refresh_token "
		"username password device_code subject_token subject_token_type "
		"actor_token actor_token_type requested_token_type audience assertion "
		"resource authorization_details",
		.answers = "200:Token 400:Error 401:Error 429:Error",
		.example = "grant_type=client_credentials&scope=read\n"
		"grant_type=password&username=demo&password=wonderland&scope=read\n"
		"grant_type=refresh_token&refresh_token=ort_...\n"
		"grant_type=authorization_code&code=oac_...&redirect_uri=https:"
		"//client.example/back&"
		"code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk\n"
		"grant_type=urn:ietf:params:oauth:grant-type:device_code&"
		"device_code=odc_...\n"
		"grant_type=urn:ietf:params:oauth:grant-type:token-exchange&"
		"subject_token=oat_...&subject_token_type=urn:ietf:params:oauth:"
		"token-type:access_token"
	},
	{0}
};

const OAuthEndpoint oauth2_token_endpoint = {
	.function = "token",
	.first_lane = OAUTH_LANE_WRITING,
	.routes = {
		{"/oauth2/token", "POST", OAUTH_CORS_ALL},
		{"/oauth2/access_token", "POST", OAUTH_CORS_ALL}
	},
	.needs_users = true,
	.is_login = is_login,
	.answer = answer,
	.operations = operations
};

/* oauth.token(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_token(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_token_endpoint);
}

/* oauth.token_batch(oauth.http_request[]) RETURNS SETOF oauth.http_response */
Datum
oauth_endpoint_token_batch(PG_FUNCTION_ARGS)
{
	return oauth_answer_batch(fcinfo, &oauth2_token_endpoint);
}
