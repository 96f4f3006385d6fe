/*
 * signed_token.c
 *		Where answers and access tokens are signed (RFC 9068): what is slow has a lane for that.
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

/*
 * The lane where an answer can be signed with that algorithm, unless it is this one.  The first
 * signature with an algorithm makes a key, so none is made where nothing is written.
 */
OAuthLane
oauth2_lane_to_sign(const char *alg)
{
	OAuthLane	lane = oauth_signing_is_slow(alg) ? OAUTH_LANE_SIGNING : OAUTH_LANE_WRITING;

	return oauth_response_is_other_lane(lane) ? lane : OAUTH_LANE_ANY;
}
