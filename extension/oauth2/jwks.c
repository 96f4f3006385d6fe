/*
 * jwks.c
 *		The public keys that verify what is signed here, as a JWK set (RFC 7517, section 5; OpenID
 *		Connect Discovery, section 3, jwks_uri).
 *
 * Verifiers keep the set.  A new key is published for oauth.signing_key_lead before it
 * signs, so a set may be kept for a fraction of that; the rest of the time is for caches on the
 * way, and for those who ask late.  The first key of an algorithm signs at once, so the keys that
 * clients and resources will need are made when somebody asks for the set: most verifiers ask again
 * for a kid that they do not know, but not within a minute.  While there is no key at all, or one
 * is missing that cannot be made, nothing is kept.  The shim gives the same answer to all who ask
 * within a moment, and is told when keys change (store/signing_key.c).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "endpoint/endpoint.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "secret/secret.h"
#include "setting.h"

PG_FUNCTION_INFO_V1(oauth_endpoint_jwks);

#define PATH		"/oauth2/jwks"
#define FRACTION	24			/* of the lead: an hour of a day */

static OAuthResponse *
answer(const OAuthRequest *request)
{
	bool		is_shim = oauth_setting_lane != OAUTH_LANE_ANY;
	bool		lacks_key = false;
	char	   *wanted = is_shim ? oauth_signing_alg_wanted(&lacks_key) : NULL;
	OAuthResponse *response = oauth_response(200);
	int			max_age = oauth_setting_signing_key_lead / FRACTION;
	bool		is_empty;
	bool		is_kept;

	if (wanted != NULL)
		return oauth_response_wanted_key(wanted);
	appendStringInfoString(&response->body, oauth_jwks(is_shim, &is_empty));
	is_kept = !is_empty && !lacks_key;
	oauth_response_header(response, "Content-Type", "application/jwk-set+json");
	oauth_response_header(response, "Cache-Control", is_kept && max_age > 0 ?
						  psprintf("public, max-age=%d", max_age) : "no-cache");
	if (is_kept)
		oauth_response_shared(request, response);
	return response;
}

/* For /openapi.json. */
static const OAuthOperation operations[] = {
	{
		.summary = "The public keys that verify what is signed here",
		.answers = "200:Keys"
	},
	{0}
};

const OAuthEndpoint oauth2_jwks_endpoint = {
	.function = "jwks", .first_lane = OAUTH_LANE_READING,
	.routes = {{PATH, "GET", OAUTH_CORS_ALL}},
	.answer = answer,
	.operations = operations
};

/* oauth.jwks(oauth.http_request) RETURNS oauth.http_response */
Datum
oauth_endpoint_jwks(PG_FUNCTION_ARGS)
{
	return oauth_answer(fcinfo, &oauth2_jwks_endpoint);
}
