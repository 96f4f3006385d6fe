/*
 * logout_token.c
 *		The token that tells a client of a logout (OpenID Connect Back-Channel Logout 1.0, section
 *		2.4).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "oauth2/oauth2.h"
#include "secret/secret.h"
#include "store/client.h"
#include "store/delivery.h"

#define LIFETIME	120			/* seconds */
#define EVENT		"http://schemas.openid.net/event/backchannel-logout"

/*
 * iss, aud, iat, exp, jti, events, and sub or sid or both.  jti is of the message, so it is the
 * same each time that it is sent.  "A Logout Token MUST NOT contain a nonce".
 */
char *
oauth2_logout_token(const OAuthDelivery *delivery)
{
	OAuthClient *client = oauth_store_find_client(delivery->client_id, NULL);
	const char *alg = client ? oauth_client_id_token_alg(client) : "RS256";
	int64		now = (GetCurrentTimestamp() / USECS_PER_SEC) +
		(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
	StringInfoData claims;

	initStringInfo(&claims);
	appendStringInfoChar(&claims, '{');
	oauth_json_member(&claims, "iss", oauth_issuer());
	oauth_json_member(&claims, "aud", delivery->client_id);
	oauth_json_number(&claims, "iat", now);
	oauth_json_number(&claims, "exp", now + LIFETIME);
	oauth_json_member(&claims, "jti", psprintf(UINT64_FORMAT, (uint64) delivery->handle));
	appendStringInfoString(&claims, ", \"events\": {\"" EVENT "\": {}}");
	if (delivery->subject != NULL && client != NULL)
		oauth_json_member(&claims, "sub", oauth_subject_for(client, delivery->subject));
	if (delivery->sid != NULL && client != NULL)
		oauth_json_member(&claims, "sid", oauth_sid_for(client, delivery->sid));
	appendStringInfoChar(&claims, '}');
	return oauth_sign_jwt(alg, "logout+jwt", claims.data);
}
