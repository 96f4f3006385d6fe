/*
 * dpop_function.c
 *		oauth_verify_dpop_proof(): the checks of a DPoP proof (RFC 9449, section 4.3) that need the
 *		proof, the request and the time alone.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth2/oauth2.h"

PG_FUNCTION_INFO_V1(oauth_verify_dpop_proof);

/*
 * oauth_verify_dpop_proof(proof text, method text, uri text, access_token text DEFAULT NULL,
 *		verified_at timestamptz DEFAULT now())
 *		RETURNS TABLE (valid boolean, jkt text, jti text, problem text)
 *
 * One row, whatever the proof is, also for null.
 */
Datum
oauth_verify_dpop_proof(PG_FUNCTION_ARGS)
{
	char	   *jwt = oauth_optional_argument(fcinfo, 0);
	OAuth2ProofFor wanted = {
		.method = oauth_argument(fcinfo, 1, "method"),
		.uri = oauth_argument(fcinfo, 2, "uri"),
		.access_token = oauth_optional_argument(fcinfo, 3),
		.at = PG_ARGISNULL(4) ? GetCurrentTimestamp() : PG_GETARG_TIMESTAMPTZ(4)
	};
	OAuth2Proof proof = {0};
	OAuthFault *fault = jwt ? oauth2_dpop_verify(jwt, &wanted, &proof) :
		oauth_fault(OAUTH_INVALID_DPOP_PROOF, "There is no proof.");
	OAuthResult row = {0};

	oauth_row_bool(&row, fault == NULL);
	oauth_row_text(&row, fault ? NULL : proof.jkt);
	oauth_row_text(&row, fault ? NULL : proof.jti);
	oauth_row_text(&row, fault ? fault->description : NULL);
	return oauth_row_return(fcinfo, &row);
}
