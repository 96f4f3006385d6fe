/*
 * introspect_jwt.c
 *		The answer of introspection as a JWT (RFC 9701), for resource servers that keep a proof of
 *		what they were told.
 *
 * - a client that accepts application/token-introspection+jwt gets one; refusals stay JSON
 * - iss, aud and iat beside token_introspection, and never sub and exp, so that nobody takes it for
 *   an access token or an ID token (sections 5 and 8.1); aud is the client that asked
 * - introspection_signed_response_alg of the client says how it is signed, RS256 unless it does
 *   (section 6)
 *
 * The client has authenticated (introspect.c), and is told no more than in the plain answer.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "secret/secret.h"
#include "store/client.h"

/* The type of the answer; the header of the JWT has the part behind the slash (section 5). */
#define TYP			"token-introspection+jwt"
#define MEDIA_TYPE	"application/" TYP

#define DEFAULT_ALG "RS256"

static const char *
alg_of(const OAuthClient *client)
{
	return client->introspection_signed_response_alg ? client->introspection_signed_response_alg :
		DEFAULT_ALG;
}

/* Whether the client wants a JWT at least as much as plain JSON. */
bool
oauth2_introspection_wants_jwt(const OAuthRequest *request)
{
	int			jwt = oauth_request_accepts(request, MEDIA_TYPE);

	return jwt > 0 && jwt >= oauth_request_accepts(request, "application/json");
}

/* The answer that sends the request to where the JWT can be signed; NULL if that is here. */
OAuthResponse *
oauth2_introspection_elsewhere(const OAuthClient *client)
{
	return oauth2_sign_elsewhere(alg_of(client));
}

/* The answer; introspection is the JSON of RFC 7662, section 2.2. */
OAuthResponse *
oauth2_introspection_jwt(const OAuthClient *client, const char *introspection)
{
	OAuthResponse *response = oauth_response_uncached(200, MEDIA_TYPE);
	StringInfoData claims;

	initStringInfo(&claims);
	appendStringInfoChar(&claims, '{');
	oauth_json_member(&claims, "iss", oauth_issuer());
	oauth_json_member(&claims, "aud", client->client_id);
	oauth_json_number(&claims, "iat", timestamptz_to_time_t(GetCurrentTimestamp()));
	oauth_json_raw(&claims, "token_introspection", introspection);
	appendStringInfoChar(&claims, '}');
	appendStringInfoString(&response->body, oauth_sign_jwt(alg_of(client), TYP, claims.data));
	return response;
}
