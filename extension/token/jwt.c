/*
 * jwt.c
 *		Access tokens that resource servers verify without asking (RFC 9068).
 *
 * Such a token has its row like every other, found by the handle in its jti, so that it ends here
 * when its grant, client or subject does.  The jti is the first of its claims, where it is found
 * without reading the others (crypto/token_string.c).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "secret/secret.h"
#include "store/token.h"
#include "token/token.h"

/* Section 2.1: "It is RECOMMENDED that the "application/" prefix be omitted." */
#define TYP "at+jwt"

static int64
seconds_of(TimestampTz at)
{
	return (int64) timestamptz_to_time_t(at);
}

/*
 * "If the request does not include a "resource" parameter, the authorization server MUST use a
 * default resource indicator in the "aud" claim."  (section 3)  That is this provider.
 */
static void
add_audience(StringInfo claims, const char *audience)
{
	if (audience == NULL)
		oauth_json_member(claims, "aud", oauth_issuer());
	else if (strchr(audience, ' ') == NULL)
		oauth_json_member(claims, "aud", audience);
	else
		oauth_json_words(claims, "aud", audience);
}

/*
 * Section 2.2: iss, exp, aud, sub, client_id, iat and jti are REQUIRED.  "In cases of access tokens
 * obtained through grants where no resource owner is involved [...] the value of "sub" SHOULD
 * correspond to an identifier the authorization server uses to indicate the client application."
 */
static char *
claims_of(const OAuthAccessToken *token)
{
	StringInfoData claims;

	initStringInfo(&claims);
	appendStringInfo(&claims, OAUTH_JTI_OPENING "%s\"", oauth_jti(token->handle));
	oauth_json_member(&claims, "iss", oauth_issuer());
	oauth_json_member(&claims, "sub", token->subject ?
					  oauth_subject_for(token->client, token->subject) :
					  token->client->client_id);
	add_audience(&claims, token->audience);
	oauth_json_number(&claims, "exp", seconds_of(token->expires_at));
	oauth_json_number(&claims, "iat", seconds_of(oauth_handle_time(token->handle)));
	oauth_json_member(&claims, "client_id", token->client->client_id);
	oauth_json_member(&claims, "scope", token->scope);
	/* section 2.2.1 */
	if (token->authentication != NULL && token->authentication->at != 0)
		oauth_json_number(&claims, "auth_time", seconds_of(token->authentication->at));
	if (token->authentication != NULL && token->authentication->acr != NULL)
		oauth_json_member(&claims, "acr", token->authentication->acr);
	oauth_cnf_append(&claims, token->cnf);
	oauth_json_raw(&claims, "authorization_details", token->authorization_details);
	oauth_json_raw(&claims, "act", token->act);
	appendStringInfoChar(&claims, '}');
	return claims.data;
}

/* The JWT of an access token. */
char *
oauth_access_token_jwt(const OAuthAccessToken *token, const char *alg)
{
	return oauth_sign_lasting_jwt(alg, TYP, claims_of(token), token->expires_at);
}
