/*
 * trusted_jwt.c
 *		Whether a JWT of a trusted issuer, or of the client itself, may be a grant or a token of an
 *		exchange: whose it is, who signed it, and what kind of token it is.
 *
 * The order is that of RFC 7523, section 3: iss says whose keys count, and nothing else is believed
 * before one of them has been found to have signed.  An issuer signs many kinds of JWTs.  "Using
 * explicit typing for JWTs is a way to prevent" that one is taken for another (RFC 8725, section
 * 3.11), so a typ that is there must be the one of this use.
 *
 * What was signed here is no assertion here: "the IdP MUST NOT issue access tokens in response to
 * an ID-JAG it issued itself" (draft-ietf-oauth-identity-assertion-authz-grant, section 8.3).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "http/http.h"
#include "jose/jose.h"
#include "oauth2/trusted_jwt.h"
#include "store/client.h"
#include "store/issuer.h"

#include "utils/builtins.h"

/*
 * A refusal.  Of a grant: "the value of the "error" parameter MUST be the "invalid_grant" error
 * code" (RFC 7521, section 4.1.1).  Of a token of an exchange: "if either the subject_token or
 * actor_token are invalid for any reason, or are unacceptable based on policy, [...]  The value of
 * the error parameter MUST be the invalid_request error code" (RFC 8693, section 2.2.2).
 */
OAuthFault *
oauth2_trusted_jwt_fault(const OAuth2TrustedJwt *assertion, const char *problem)
{
	return oauth_fault(assertion->use == OAUTH2_AS_GRANT ? OAUTH_INVALID_GRANT :
					   OAUTH_INVALID_REQUEST,
					   psprintf("The %s is not accepted: %s", assertion->name, problem));
}

/* ---- whose it is ---- */

/*
 * Sets the issuer whose keys count (NULL: the client's do), and returns what is wrong with iss;
 * NULL: nothing.  "The JWT MUST contain an "iss" (issuer) claim" (RFC 7523, section 3, item 1)
 */
const char *
oauth2_trusted_jwt_find_issuer(OAuth2TrustedJwt *assertion)
{
	const OAuthClient *client = assertion->request->client;

	assertion->iss = oauth_jwt_text(assertion->claims, "iss");
	if (assertion->iss == NULL)
		return "it has no iss.";
	if (strcmp(assertion->iss, oauth_issuer()) == 0)
		return "it was issued here.";
	assertion->issuer = oauth_store_find_trusted_issuer(assertion->iss);
	if (assertion->issuer != NULL ||
		(assertion->use == OAUTH2_AS_GRANT && strcmp(assertion->iss, client->client_id) == 0))
		return NULL;
	return "its iss is no issuer that is trusted here.";
}

/* ---- what kind of token it is ---- */

/* The typ that it must have.  The kinds that may have none are those from before RFC 8725. */
static void
choose_typ(OAuth2TrustedJwt *assertion, const OAuthJws *jws, OAuthJwsPolicy *policy)
{
	assertion->is_id_jag = assertion->use == OAUTH2_AS_GRANT && assertion->issuer != NULL &&
		jws->typ != NULL && oauth_typ_equals(jws->typ, OAUTH2_TYP_ID_JAG);
	if (assertion->is_id_jag)
		policy->typ = OAUTH2_TYP_ID_JAG;
	else if (assertion->use == OAUTH2_AS_ACCESS_TOKEN)
		policy->typ = "at+jwt";
	else
	{
		policy->typ = "JWT";
		policy->typ_may_be_absent = true;
	}
}

/* ---- who signed it ---- */

/*
 * "The JWT MUST be digitally signed or have a Message Authentication Code (MAC) applied by the
 * issuer" (item 9).  Of keys that cannot be read, only those who run the server learn why: it would
 * tell clients what is in our network.
 */
static OAuthFault *
check_signature(const OAuth2TrustedJwt *assertion, OAuthJws *jws, OAuthJwsPolicy *policy)
{
	const OAuthClient *signer = assertion->issuer ? oauth_issuer_keys(assertion->issuer) :
		assertion->request->client;
	const char *problem;
	OAuthFault *fault = oauth_client_verify(signer, policy, jws, &problem);

	if (fault != NULL || problem == NULL)
		return fault;
	return oauth2_trusted_jwt_fault(assertion, policy->keys == NIL ?
									"the keys of its issuer cannot be read now." : problem);
}

/*
 * What it must be, of the issuer that was found, but for the keys.  With the profile FAPI 2.0 JWTs
 * of every signer have one of its algorithms: "authorization servers, clients, and resource servers
 * when creating or processing JWTs" (Security Profile, section 5.4.1).
 */
OAuthJwsPolicy
oauth2_trusted_jwt_policy(OAuth2TrustedJwt *assertion, const OAuthJws *jws)
{
	OAuthJwsPolicy policy = {
		.algorithms = oauth_client_algorithms(assertion->request->client, NULL)
	};

	choose_typ(assertion, jws, &policy);
	return policy;
}

/* What is wrong with the claims of a JWT that its issuer has signed; NULL: nothing. */
static const char *
claims_problem(OAuth2TrustedJwt *assertion)
{
	const char *problem = NULL;

	for (const OAuth2ClaimCheck *check = oauth2_claim_checks;
		 problem == NULL && check->name != NULL; check++)
		problem = check->problem(assertion);
	return problem;
}

/*
 * Whether that token is a JWT that may be used so; or a fault, which can be that its issuer's keys
 * have to be fetched first.  use, name and request of the assertion are set; the rest is filled in.
 */
OAuthFault *
oauth2_trusted_jwt_verify(OAuth2TrustedJwt *assertion, const char *token)
{
	OAuthJws	jws;
	OAuthJwsPolicy policy;
	const char *problem = oauth_jwt_parse(token, strlen(token), &jws, &assertion->claims);
	OAuthFault *fault;

	if (problem != NULL || (problem = oauth2_trusted_jwt_find_issuer(assertion)) != NULL)
		return oauth2_trusted_jwt_fault(assertion, problem);
	policy = oauth2_trusted_jwt_policy(assertion, &jws);
	if ((fault = check_signature(assertion, &jws, &policy)) != NULL)
		return fault;
	problem = claims_problem(assertion);
	return problem ? oauth2_trusted_jwt_fault(assertion, problem) : NULL;
}
