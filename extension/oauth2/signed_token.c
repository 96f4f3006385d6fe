/*
 * signed_token.c
 *		Access tokens that are JWTs with a slow signature (RFC 9068): they are made on the lane for
 *		that.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "secret/secret.h"
#include "store/client.h"
#include "token/token.h"

/*
 * The answer that sends the request to the lane of slow signatures; NULL if the access token can be
 * made here.  It is asked before anything is written.
 */
OAuthIssued *
oauth2_access_token_elsewhere(const OAuthClient *client, const char *resource)
{
	OAuthTokenRules rules = oauth_token_rules(client, resource);
	OAuthIssued *issued;

	if (!rules.is_jwt || !oauth_signing_is_slow(rules.signing_alg) ||
		!oauth_response_is_other_lane(OAUTH_LANE_SIGNING))
		return NULL;
	issued = palloc0(sizeof(OAuthIssued));
	issued->elsewhere = oauth_response_lane(OAUTH_LANE_SIGNING);
	return issued;
}
