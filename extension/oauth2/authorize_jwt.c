/*
 * authorize_jwt.c
 *		Answers to authorization requests that are signed (JWT Secured Authorization Response Mode
 *		for OAuth 2.0, JARM).
 *
 * The browser carries one parameter, response, and can neither change nor mix what is in it: iss
 * says who answers, aud whom, exp until when.  Errors are signed as well.
 *
 * An RSA signature is slow, and made on the lane for that.  A request that may be answered with one
 * moves there before anything is written.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth2/authorization.h"
#include "secret/secret.h"
#include "store/client.h"

/* "The default, if omitted, is RS256." (section 3) */
#define DEFAULT_ALG "RS256"

/* "A maximum JWT lifetime of 10 minutes is RECOMMENDED." (section 2.1) */
#define LIFETIME (10 * SECS_PER_MINUTE)

static const char *
alg_of(const OAuthClient *client)
{
	return client->authorization_signed_response_alg ? client->authorization_signed_response_alg :
		DEFAULT_ALG;
}

/* The answer that sends the request to another lane; NULL if it can be answered here. */
OAuthResponse *
oauth2_authorize_jwt_elsewhere(const OAuth2Authorization *request)
{
	return request->by_jwt ? oauth2_sign_elsewhere(alg_of(request->client)) : NULL;
}

/*
 * The parameters of an answer, signed: "iss [...] the issuer URL of the authorization server", "aud
 * [...] the client_id of the client the response is intended for", "exp", and "further [...]
 * parameters [...] as defined" for the response (section 2.1).  iss is among them (RFC 9207).
 */
char *
oauth2_authorize_jwt(const OAuth2Authorization *request, const List *names, const List *values)
{
	StringInfoData json;
	ListCell   *name;
	ListCell   *value;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	oauth_json_member(&json, "aud", request->client->client_id);
	oauth_json_number(&json, "exp", timestamptz_to_time_t(GetCurrentTimestamp()) + LIFETIME);
	forboth(name, names, value, values)
		oauth_json_member(&json, lfirst(name), lfirst(value));
	appendStringInfoChar(&json, '}');
	return oauth_sign_jwt(alg_of(request->client), "JWT", json.data);
}
