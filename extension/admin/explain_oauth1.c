/*
 * explain_oauth1.c
 *		The steps of a signed request (RFC 5849, section 3.2), with what the refusal omits: above
 *		all the base string that this server signs, and whether the signature would hold for a
 *		request that differs in one detail.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/admin.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "oauth1/oauth1.h"
#include "setting.h"
#include "store/token.h"
#include "token/token.h"

#include <time.h>

/* The most frequent mistakes, each as the request that the client may have signed instead. */
typedef struct Variant
{
	const char *scheme;			/* NULL: as it came */
	const char *host;
	bool		without_body;
	bool		without_token;
	const char *meaning;
} Variant;

static OAuth1Expects
expectation(const OAuthRequest *request)
{
	if (strcmp(request->path, "/oauth/request_token") == 0)
		return OAUTH1_EXPECTS_NO_TOKEN;
	return strcmp(request->path, "/oauth/access_token") == 0 ? OAUTH1_EXPECTS_REQUEST_TOKEN :
		OAUTH1_EXPECTS_TOKEN;
}

/* The parameters, with a person's password hidden. */
static OAuth1Parameters
without_password(const OAuth1Parameters *parameters)
{
	OAuth1Parameters shown = *parameters;

	shown.items = palloc(sizeof(OAuth1Parameter) * Max(parameters->n, 1));
	for (int i = 0; i < shown.n; i++)
	{
		shown.items[i] = parameters->items[i];
		if (strcmp(shown.items[i].name, "x_auth_password") == 0)
			shown.items[i].value = pstrdup("***");
	}
	return shown;
}

static OAuth1Parameters
without_body(const OAuth1Parameters *parameters)
{
	OAuth1Parameters rest = *parameters;

	rest.n = 0;
	rest.items = palloc(sizeof(OAuth1Parameter) * Max(parameters->n, 1));
	for (int i = 0; i < parameters->n; i++)
		if (parameters->items[i].source != OAUTH1_BODY)
			rest.items[rest.n++] = parameters->items[i];
	return rest;
}

/* The signature methods and grants that a client has. */
static bool
explain_method(OAuthExplanation *explanation, const OAuth1Call *call)
{
	const char *method = oauth1_parameter(&call->parameters, "oauth_signature_method");
	bool		signs = oauth_client_signs(call->client);
	bool		may = signs && call->method != NULL &&
		oauth_client_signs_with(call->client, call->method);

	oauth_explain_step(explanation, "signature method",
					   may ? OAUTH_EXPLAIN_OK : OAUTH_EXPLAIN_REFUSED,
					   !signs ? "the client has no oauth1 grant" :
					   method == NULL ? "none was sent" :
					   may ? method :
					   psprintf("%s is not one that the client may use",
								oauth_explain_shown(method)),
					   may ? NULL :
					   !signs ? "register a client with grant_types => '{oauth1}'" :
					   oauth_explain_update(call->client, "signature_methods", "[...]"));
	return may;
}

static void
explain_timestamp(OAuthExplanation *explanation, const OAuth1Call *call)
{
	const char *timestamp = oauth1_parameter(&call->parameters, "oauth_timestamp");
	int64		difference;

	if (timestamp == NULL || strspn(timestamp, "0123456789") != strlen(timestamp) ||
		strlen(timestamp) > 12)
		return;
	difference = strtoll(timestamp, NULL, 10) - (int64) time(NULL);
	oauth_explain_step(explanation, "timestamp",
					   difference > oauth_setting_timestamp_window ||
					   -difference > oauth_setting_timestamp_window ?
					   OAUTH_EXPLAIN_REFUSED :
					   OAUTH_EXPLAIN_OK,
					   psprintf("the client's clock is " INT64_FORMAT
								" s %s this server's; %d s are allowed",
								difference < 0 ? -difference : difference,
								difference < 0 ? "behind" : "ahead of",
								oauth_setting_timestamp_window),
					   NULL);
}

/* A request token or a token, by its kind; false if this client has none of that name. */
static bool
explain_token(OAuthExplanation *explanation, OAuth1Call *call, OAuth1Expects expects,
			  const char *token)
{
	OAuthTokenString string;
	char	   *client_id = NULL;
	char	   *state = NULL;
	OAuthTokenState *of_token = NULL;
	bool		is_known = oauth1_find_token(call, expects, token);

	oauth_token_locate(token, strlen(token),
					   expects == OAUTH1_EXPECTS_REQUEST_TOKEN ? OAUTH1_REQUEST_TOKEN :
					   OAUTH1_TOKEN,
					   &string);
	if (string.handle > 0 && expects == OAUTH1_EXPECTS_REQUEST_TOKEN)
		state = oauth_store_request_token_state(&string, &client_id);
	else if (string.handle > 0 && (of_token = oauth_store_token_state(&string)) != NULL &&
			 of_token->matches)
	{
		client_id = of_token->client_id;
		state = psprintf("is %s%s%s", of_token->state, of_token->ended_reason ? ": " : "",
						 of_token->ended_reason ? of_token->ended_reason : "");
	}
	if (state == NULL)
		oauth_explain_step(explanation, "token", OAUTH_EXPLAIN_REFUSED,
						   "oauth_token is unknown here, or not of the kind "
						   "that belongs here",
						   NULL);
	else if (!is_known)
		oauth_explain_step(explanation, "token", OAUTH_EXPLAIN_REFUSED,
						   psprintf("oauth_token is of another client, %s", client_id), NULL);
	else
		oauth_explain_step(explanation, "token",
						   strcmp(state, "is living") == 0 || strcmp(state, "is approved") == 0 ?
						   OAUTH_EXPLAIN_OK :
						   OAUTH_EXPLAIN_REFUSED,
						   psprintf("oauth_token %s", state), NULL);
	return is_known;
}

/* Whether the signature is over this base string. */
static bool
holds_for(const OAuthRequest *request, const OAuth1Call *call, const char *host,
		  const Variant *variant)
{
	OAuth1Call	other = *call;
	char	   *base_string;

	if (variant->without_body)
		other.parameters = without_body(&call->parameters);
	if (variant->without_token)
	{
		other.token = NULL;
		other.request_token = NULL;
	}
	if (oauth1_base_string(request->method, variant->scheme ? variant->scheme : request->scheme,
						   variant->host ? variant->host : host, request->target, &other.parameters,
						   &base_string) != NULL)
		return false;
	return oauth1_signature_holds(&other, base_string);
}

static void
explain_signature(OAuthExplanation *explanation, const OAuthRequest *request,
				  const OAuth1Call *call, const char *host)
{
	bool		is_https = strcmp(request->scheme, "https") == 0;
	char	   *bare_host = pnstrdup(host, strcspn(host, ":"));
	Variant		variants[] = {
		{.meaning = NULL},
		{.scheme = is_https ? "http" : "https",
			.meaning = is_https ?
			"it holds for http: the client calls http, or signs it" :
		"it holds for https: the proxy in front must say X-Forwarded-Proto: https"},
		{.host = bare_host,
		.meaning = "it holds for the host without its port: the client must sign the port"},
		{.without_body = true,
		.meaning = "it holds without the form in the body, which is signed too"},
		{.without_token = true,
			.meaning = "it holds with an empty token secret: the client did not use that of "
		"oauth_token"},
	};

	for (size_t i = 0; i < lengthof(variants); i++)
		if (holds_for(request, call, host, &variants[i]))
		{
			oauth_explain_step(explanation, "signature",
							   i == 0 ? OAUTH_EXPLAIN_OK : OAUTH_EXPLAIN_REFUSED,
							   i == 0 ? "it holds" : variants[i].meaning, NULL);
			return;
		}
	oauth_explain_step(explanation, "signature", OAUTH_EXPLAIN_REFUSED, "it does not hold",
					   "compare the base string with the client's; if they are the same, a secret "
					   "is not");
}

/* The base string of the request, for a developer to compare with the client's. */
static bool
explain_base_string(OAuthExplanation *explanation, const OAuthRequest *request,
					const OAuth1Call *call, const char *host)
{
	OAuth1Parameters shown = without_password(&call->parameters);
	char	   *base_string = NULL;
	OAuthFault *fault = host ? oauth1_base_string(request->method, request->scheme, host,
												  request->target, &shown, &base_string) :
		oauth_fault(OAUTH1_PARAMETER_REJECTED, "The request has no Host.");

	oauth_explain_step(explanation, "base string",
					   fault ? OAUTH_EXPLAIN_REFUSED : OAUTH_EXPLAIN_OPEN,
					   fault ? fault->description : base_string, NULL);
	return fault == NULL;
}

/* /oauth/request_token, /oauth/access_token, and signed calls of /api/ and /auth */
void
oauth1_explain(OAuthExplanation *explanation, const OAuthRequest *request)
{
	OAuth1Call	call = {0};
	OAuth1Expects expects = expectation(request);
	const char *token;
	char	   *host;
	bool		is_known = true;

	if (oauth_explain_fault(explanation, "parameters",
							oauth1_parameters_from_request(request, &call.parameters),
							"Authorization: OAuth oauth_consumer_key=\"...\", ..."))
		return;
	if (oauth1_parameter(&call.parameters, "x_auth_password") != NULL)
		explanation->not_asked = "passwords are not tried here";
	oauth1_read_call(&call);
	token = oauth1_parameter(&call.parameters, "oauth_token");
	call.client = oauth_explain_client(explanation, call.client_id, NULL);
	if (call.client == NULL || !explain_method(explanation, &call))
		is_known = false;
	if (token != NULL && token[0] != '\0' && expects != OAUTH1_EXPECTS_NO_TOKEN &&
		!explain_token(explanation, &call, expects, token))
		is_known = false;
	explain_timestamp(explanation, &call);
	oauth_request_header(request, "Host", &host);
	if (explain_base_string(explanation, request, &call, host) && is_known &&
		call.signature != NULL)
		explain_signature(explanation, request, &call, host);
}
