/*
 * trusted_jwt_subject.c
 *		Who the sub of an assertion is here, and that an assertion is used once.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "http/http.h"
#include "oauth2/trusted_jwt.h"
#include "store/issuer.h"
#include "store/oauth1.h"
#include "store/user.h"
#include "text/text.h"
#include "user/user.h"

/* The answer that moves the request to the lane of the application; NULL: it is not asked. */
OAuthResponse *
oauth2_trusted_jwt_elsewhere(const OAuth2TrustedJwt *assertion)
{
	const OAuthTrustedIssuer *issuer = assertion->issuer;

	return issuer != NULL && issuer->function.name != NULL &&
		oauth_response_is_other_lane(OAUTH_LANE_APPLICATION) ?
		oauth_response_application(assertion->request->client->client_id, NULL) : NULL;
}

static OAuthFault *
nobody(const OAuth2TrustedJwt *assertion)
{
	return oauth2_trusted_jwt_fault(assertion, "its sub is nobody here.");
}

/*
 * The subject here; NULL: the client itself, which has signed it.  Writes nothing, but for what a
 * function of the application does.
 */
OAuthFault *
oauth2_trusted_jwt_subject(const OAuth2TrustedJwt *assertion, const char **subject)
{
	const char *client_id = assertion->request->client->client_id;

	*subject = assertion->sub;
	if (assertion->issuer == NULL)
	{
		if (strcmp(assertion->sub, client_id) == 0)
			*subject = NULL;
		else if (!oauth_is_subject(assertion->sub))
			return nobody(assertion);
		return NULL;
	}
	*subject = oauth_issuer_subject(assertion->issuer, assertion->sub, assertion->claims);
	return *subject ? NULL : nobody(assertion);
}

/*
 * Makes sure that the issuer is trusted until the tokens are there: oauth_distrust_issuer() waits
 * meanwhile, and then ends them.  Comes last but for issuing, because strangers hold nothing.
 */
OAuthFault *
oauth2_trusted_jwt_hold_issuer(const OAuth2TrustedJwt *assertion)
{
	return assertion->issuer == NULL ||
		oauth_store_hold_trusted_issuer(assertion->issuer->issuer) ? NULL :
		oauth2_trusted_jwt_fault(assertion, "its iss is no issuer that is trusted here.");
}

/*
 * Makes sure that tokens can be issued for the subject: a user of the application who is active;
 * else any subject that is not disabled, and is not the name of a user, whose tokens nobody could
 * end.
 */
OAuthFault *
oauth2_trusted_jwt_hold(const OAuth2TrustedJwt *assertion, const char *subject)
{
	OAuthFault *fault = oauth2_trusted_jwt_hold_issuer(assertion);

	if (fault != NULL)
		return fault;
	if (oauth_store_users_are_external())
		return oauth_application_user_hold(subject) != NULL ? NULL : nobody(assertion);
	if (!oauth_store_has_subject(subject) && oauth_find_user(subject) != NULL)
		return nobody(assertion);
	return oauth_store_use_subject(subject) || oauth_store_hold_subject(subject) ?
		nobody(assertion) : NULL;
}

/*
 * Uses up the jti: "The authorization server MAY ensure that JWTs are not replayed by maintaining
 * the set of used "jti" values" (RFC 7523, section 3, item 7).  Called last, where rows are
 * written.
 */
OAuthFault *
oauth2_trusted_jwt_use_up(const OAuth2TrustedJwt *assertion)
{
	if (assertion->jti == NULL)
		return NULL;
	switch (oauth_replay_use_jti("assertion", assertion->iss, assertion->jti, assertion->made_at))
	{
		case OAUTH_NONCE_NEW:
			return NULL;
		case OAUTH_NONCE_USED:
			return oauth2_trusted_jwt_fault(assertion, "it was used before.");
		default:
			return oauth2_trusted_jwt_fault(assertion,
											"it is too old for this server to tell whether it was "
											"used before.");
	}
}
