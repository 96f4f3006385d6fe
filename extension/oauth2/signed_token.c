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
#include "setting.h"
#include "store/client.h"
#include "token/token.h"

/*
 * The answer that sends the request to where a signature of that algorithm can be made; NULL if it
 * can be made here.  It is asked before anything is written.
 *
 * The first signature makes a key, so none is made where nothing is written.  A key that takes long
 * to make is there before the request is answered: whatever that locks, others may wait for.
 */
OAuthResponse *
oauth2_sign_elsewhere(const char *alg)
{
	bool		is_slow = oauth_signing_is_slow(alg);
	OAuthLane	lane = is_slow ? OAUTH_LANE_SIGNING : OAUTH_LANE_WRITING;

	if (is_slow && oauth_setting_lane != OAUTH_LANE_ANY && !oauth_signing_has_key(alg))
		return oauth_response_key(alg);
	return oauth_response_is_other_lane(lane) ? oauth_response_lane(lane) : NULL;
}

/*
 * The answer that sends the request to where its access token can be signed; NULL if that is here.
 * It is asked before anything is written.
 */
OAuthIssued *
oauth2_access_token_elsewhere(const OAuthClient *client, const char *resource)
{
	OAuthTokenRules rules = oauth_token_rules(client, resource);
	OAuthResponse *elsewhere = rules.is_jwt ? oauth2_sign_elsewhere(rules.signing_alg) : NULL;
	OAuthIssued *issued = NULL;

	if (elsewhere != NULL)
	{
		issued = palloc0(sizeof(OAuthIssued));
		issued->elsewhere = elsewhere;
	}
	return issued;
}
