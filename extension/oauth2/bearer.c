/*
 * bearer.c
 *		Access tokens at protected resources, with and without a proof (RFC 6750; RFC 9449, section
 *		7).
 *
 * What a token is bound to is checked in confirmation.c.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "setting.h"
#include "store/token.h"
#include "token/token.h"
#include "user/user.h"

#define REALM "realm=\"api\""

static OAuthFault *
no_credentials(void)
{
	return oauth_fault(OAUTH_NO_CREDENTIALS, oauth_setting_require_dpop ?
					   "Send an access token: Authorization: DPoP <token>" :
					   "Send an access token: Authorization: Bearer <token>");
}

/* b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="  (section 2.1) */
static bool
is_b64token(const char *token)
{
	size_t		length = strspn(token,
								"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
								"0123456789-._~+/");

	return length > 0 && token[length + strspn(token + length, "=")] == '\0';
}

/*
 * credentials = scheme 1*SP b64token (RFC 6750, section 2.1), and token68 of the same characters
 * (RFC 9449, section 7.1).  *token stays NULL if the header is of another scheme.
 */
static OAuthFault *
from_header(const char *authorization, const char *scheme, char **token)
{
	size_t		length = strlen(scheme);

	*token = NULL;
	if (pg_strncasecmp(authorization, scheme, length) != 0 ||
		strchr(" ", authorization[length]) == NULL)
		return NULL;
	authorization += length;
	while (*authorization == ' ')
		authorization++;
	if (!is_b64token(authorization))
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   psprintf("Authorization: %s needs one token, without spaces or commas.",
									scheme));
	*token = pstrdup(authorization);
	return NULL;
}

OAuthFault *
oauth2_bearer_from_header(const char *authorization, char **token)
{
	return from_header(authorization, "Bearer", token);
}

static OAuthFault *
from_body(const OAuthRequest *request, const char **token)
{
	OAuthParams params;
	OAuthFault *fault;

	*token = NULL;
	if (strcmp(request->method, "POST") != 0 || !oauth_request_has_form(request))
		return NULL;
	if ((fault = oauth_params_parse(request->body, request->body_length, &params)) != NULL)
		return fault;
	return oauth_params_get(&params, "access_token", token);
}

/* A token in a URI ends up in logs, histories and Referer headers (RFC 9700, section 4.3.2). */
static OAuthFault *
refuse_in_query(const OAuthRequest *request)
{
	OAuthParams params;
	OAuthFault *fault;

	if (request->query == NULL)
		return NULL;
	if ((fault = oauth_params_parse(request->query, strlen(request->query), &params)) != NULL)
		return fault;
	for (int i = 0; i < params.n; i++)
		if (strcmp(params.items[i].name, "access_token") == 0)
			return oauth_fault(OAUTH_INVALID_REQUEST,
							   "An access token in the URI is not accepted: send it in a header.");
	return NULL;
}

/* The token in the field Authorization; *presented has none if it is of another scheme. */
static OAuthFault *
from_authorization(const OAuthRequest *request, OAuth2Presented *presented)
{
	char	   *authorization;
	OAuthFault *fault;
	int			n = oauth_request_header(request, "Authorization", &authorization);

	presented->token = NULL;
	presented->is_dpop = false;
	if (n > 1)
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "The request has more than one Authorization header.");
	if (n == 0)
		return NULL;
	if ((fault = from_header(authorization, "DPoP", &presented->token)) != NULL ||
		presented->token != NULL)
	{
		presented->is_dpop = true;
		return fault;
	}
	return oauth2_bearer_from_header(authorization, &presented->token);
}

/*
 * "Clients MUST NOT use more than one method to transmit the token in each request."  (RFC 6750,
 * section 2)  A token that is bound to a key comes in the header only.
 */
OAuthFault *
oauth2_token_from_request(const OAuthRequest *request, OAuth2Presented *presented)
{
	const char *in_body;
	OAuthFault *fault;

	if ((fault = from_authorization(request, presented)) != NULL ||
		(fault = from_body(request, &in_body)) != NULL ||
		(fault = refuse_in_query(request)) != NULL)
		return fault;
	if (presented->token != NULL && in_body != NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "The request has an access token in the header and in the body.");
	if (presented->token == NULL)
		presented->token = unconstify(char *, in_body);
	return presented->token ? NULL : no_credentials();
}

typedef OAuthToken *(*TokenFinder) (const OAuthTokenString *string);

static OAuthFault *
find_token(TokenFinder find, const char *presented, const char *resource, OAuthToken **token)
{
	OAuthTokenString string;

	*token = oauth_token_locate(presented, strlen(presented), OAUTH_ACCESS_TOKEN, &string) ?
		find(&string) : NULL;
	if (*token == NULL)
		return oauth_fault(OAUTH_INVALID_TOKEN, "The access token is unknown, expired or revoked.");
	if (!oauth2_resource_admits((*token)->resource, resource))
		return oauth_fault(OAUTH_INVALID_TOKEN, "The access token is for another resource.");
	return NULL;
}

/*
 * The living token with that string, if it is good at that resource (RFC 8707; NULL: here).  What
 * it is bound to has still to be confirmed.
 */
OAuthFault *
oauth2_token_verify(const char *string, const char *resource, OAuthToken **token)
{
	return find_token(oauth_store_find_access_token, string, resource, token);
}

/*
 * The same on a connection where the application must not be asked about its users.  If it has to
 * be, *lane becomes the application's lane, and the token only says whose the request is.  A bad
 * token is refused here, so that invented tokens take no time there.
 */
OAuthFault *
oauth2_token_verify_or_move(const char *string, const char *resource, OAuthToken **token,
							OAuthLane *lane)
{
	OAuthFault *fault;

	*lane = OAUTH_LANE_ANY;
	if (!oauth_users_need_application_lane())
		return oauth2_token_verify(string, resource, token);
	fault = find_token(oauth_store_find_unasked_access_token, string, resource, token);
	if (fault == NULL && (*token)->subject != NULL)
		*lane = OAUTH_LANE_APPLICATION;
	return fault;
}

/* ---- the refusal: RFC 6750, section 3; RFC 9449, section 7.1 ---- */

/*
 * "If the request lacks any authentication information [...], the resource server SHOULD NOT
 * include an error code or other error information."  (RFC 6750, section 3.1)
 *
 * The scope is all that the resource needs, whatever the token has of it: "the required scope of
 * the access token for accessing the requested resource" (section 3).  It stands in every
 * challenge, so that a client knows before its first token what to ask for.  metadata: where the
 * resource describes itself (RFC 9728, section 5.1); NULL: nowhere.
 */
static void
append_error(StringInfo challenge, const OAuthFault *fault, int status, const char *required_scope,
			 const char *metadata)
{
	bool		helps_to_ask = status == 401 || status == 403;

	if (oauth_fault_name(fault) != NULL)
		appendStringInfo(challenge, ", error=\"%s\", error_description=\"%s\"",
						 oauth_fault_name(fault), fault->description);
	if (metadata != NULL && helps_to_ask)
		appendStringInfo(challenge, ", resource_metadata=\"%s\"", metadata);
	if (required_scope != NULL && helps_to_ask)
		appendStringInfo(challenge, ", scope=\"%s\"", required_scope);
	if (fault->acr_values != NULL)
		appendStringInfo(challenge, ", acr_values=\"%s\"", fault->acr_values);
	if (fault->max_age != 0)
		appendStringInfo(challenge, ", max_age=\"%d\"", fault->max_age);
}

/*
 * A challenge without an error, for who may use that scheme as well.  "algs [...] a space-delimited
 * list of JWS alg (Algorithm) header values" (RFC 9449, section 7.1)
 */
static void
append_other_scheme(StringInfo challenge, bool is_dpop)
{
	if (is_dpop)
		appendStringInfo(challenge, ", DPoP algs=\"%s\"", oauth2_dpop_algorithms());
	else
		appendStringInfoString(challenge, ", Bearer " REALM);
}

static bool
uses_dpop(const OAuthRequest *request)
{
	OAuth2Presented presented;

	if (request == NULL)
		return false;
	(void) from_authorization(request, &presented);
	return presented.is_dpop;
}

/* A proof that is not good: 400 at the token endpoint, and here a reason to authenticate anew. */
static int
status_of(const OAuthFault *fault)
{
	return fault->code == OAUTH_INVALID_DPOP_PROOF || fault->code == OAUTH_USE_DPOP_NONCE ? 401 :
		oauth_fault_status(fault);
}

/* Whether a token of the other scheme would have done; a login that is too weak is so in both. */
static bool
other_scheme_would_do(const OAuthFault *fault)
{
	return !fault->is_about_binding && !oauth_setting_require_dpop &&
		(fault->code == OAUTH_NO_CREDENTIALS || fault->code == OAUTH_INVALID_TOKEN);
}

/*
 * The refusal.  "If the mechanism used to attempt authentication could be established
 * unambiguously, then the corresponding challenge SHOULD be used to deliver error information"
 * (RFC 9449, section 7.2).  All challenges are in one field: a proxy that asks may pass on only the
 * first.
 */
OAuthResponse *
oauth2_token_challenge(const OAuthRequest *request, const OAuthFault *fault,
					   const char *required_scope, const char *metadata)
{
	OAuthResponse *response = oauth_response_fault(fault);
	bool		is_dpop = fault->is_about_binding || oauth_setting_require_dpop ||
		uses_dpop(request);
	StringInfoData challenge;

	if (response->status != 0)
		response->status = status_of(fault);
	initStringInfo(&challenge);
	appendStringInfo(&challenge, "%s " REALM, is_dpop ? "DPoP" : "Bearer");
	append_error(&challenge, fault, response->status, required_scope, metadata);
	if (is_dpop)
		appendStringInfo(&challenge, ", algs=\"%s\"", oauth2_dpop_algorithms());
	if (other_scheme_would_do(fault))
		append_other_scheme(&challenge, !is_dpop);
	oauth_response_header(response, "WWW-Authenticate", challenge.data);
	return response;
}

/* Whether the caller's token has every word of required_scope. */
OAuthFault *
oauth_caller_check_scope(const OAuthToken *caller, const char *required_scope)
{
	return oauth2_scope_refuse(caller->is_signed ? OAUTH1_PERMISSION_DENIED :
							   OAUTH_INSUFFICIENT_SCOPE,
							   caller->scope, required_scope,
							   "The access token does not hold the scope this needs");
}
