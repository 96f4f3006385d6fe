/*
 * bearer.c
 *		Bearer tokens at protected resources (RFC 6750).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/store.h"
#include "token/token.h"
#include "user/user.h"

#define REALM "realm=\"api\""

static OAuthFault *
no_credentials(void)
{
	return oauth_fault(OAUTH_NO_CREDENTIALS, "Send an access token: Authorization: Bearer <token>");
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

/* credentials = "Bearer" 1*SP b64token.  *token stays NULL if the header is of another scheme. */
OAuthFault *
oauth2_bearer_from_header(const char *authorization, char **token)
{
	static const char scheme[] = "Bearer";
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
						   "Authorization: Bearer needs one token, without spaces or commas.");
	*token = pstrdup(authorization);
	return NULL;
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

/*
 * "Clients MUST NOT use more than one method to transmit the token in each request."  (section 2)
 */
OAuthFault *
oauth2_bearer_from_request(const OAuthRequest *request, char **token)
{
	char	   *authorization;
	char	   *in_header = NULL;
	const char *in_body;
	OAuthFault *fault;
	int			n = oauth_request_header(request, "Authorization", &authorization);

	if (n > 1)
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "The request has more than one Authorization header.");
	if ((n == 1 && (fault = oauth2_bearer_from_header(authorization, &in_header)) != NULL) ||
		(fault = from_body(request, &in_body)) != NULL ||
		(fault = refuse_in_query(request)) != NULL)
		return fault;
	if (in_header != NULL && in_body != NULL)
		return oauth_fault(OAUTH_INVALID_REQUEST,
						   "The request has an access token in the header and in the body.");
	*token = in_header ? in_header : unconstify(char *, in_body);
	return *token ? NULL : no_credentials();
}

typedef OAuthToken *(*TokenFinder) (const OAuthTokenString *string);

static OAuthFault *
find_token(TokenFinder find, const char *bearer, const char *resource, OAuthToken **token)
{
	OAuthTokenString string;

	*token = oauth_token_locate(bearer, strlen(bearer), OAUTH_ACCESS_TOKEN, &string) ?
		find(&string) : NULL;
	if (*token == NULL)
		return oauth_fault(OAUTH_INVALID_TOKEN, "The access token is unknown, expired or revoked.");
	if (!oauth2_resource_admits((*token)->resource, resource))
		return oauth_fault(OAUTH_INVALID_TOKEN, "The access token is for another resource.");
	return NULL;
}

/* The living token with that string, if it is good at that resource (RFC 8707; NULL: here). */
OAuthFault *
oauth2_bearer_verify(const char *bearer, const char *resource, OAuthToken **token)
{
	return find_token(oauth_store_find_access_token, bearer, resource, token);
}

/*
 * The same on a connection where the application must not be asked about its users.  If it has to
 * be, *lane becomes the application's lane, and the token only says whose the request is.  A bad
 * token is refused here, so that invented tokens take no time there.
 */
OAuthFault *
oauth2_bearer_verify_or_move(const char *bearer, const char *resource, OAuthToken **token,
							 OAuthLane *lane)
{
	OAuthFault *fault;

	*lane = OAUTH_LANE_ANY;
	if (!oauth_users_need_application_lane())
		return oauth2_bearer_verify(bearer, resource, token);
	fault = find_token(oauth_store_find_unasked_access_token, bearer, resource, token);
	if (fault == NULL && (*token)->subject != NULL)
		*lane = OAUTH_LANE_APPLICATION;
	return fault;
}

/*
 * The refusal of a request, section 3.
 *
 * "If the request lacks any authentication information [...], the resource server SHOULD NOT
 * include an error code or other error information."  (section 3.1)
 */
OAuthResponse *
oauth2_bearer_challenge(const OAuthFault *fault, const char *required_scope)
{
	OAuthResponse *response = oauth_response_fault(fault);
	const char *metadata = oauth2_resource_metadata_uri("");
	StringInfoData challenge;

	initStringInfo(&challenge);
	appendStringInfoString(&challenge, "Bearer " REALM);
	if (oauth_fault_name(fault) != NULL)
		appendStringInfo(&challenge, ", error=\"%s\", error_description=\"%s\"",
						 oauth_fault_name(fault), fault->description);
	if (metadata != NULL && oauth_fault_status(fault) == 401)
		appendStringInfo(&challenge, ", resource_metadata=\"%s\"", metadata);
	if (required_scope != NULL && fault->code == OAUTH_INSUFFICIENT_SCOPE)
		appendStringInfo(&challenge, ", scope=\"%s\"", required_scope);
	if (fault->acr_values != NULL)
		appendStringInfo(&challenge, ", acr_values=\"%s\"", fault->acr_values);
	if (fault->max_age != 0)
		appendStringInfo(&challenge, ", max_age=\"%d\"", fault->max_age);
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
