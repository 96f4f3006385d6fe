/*
 * dpop.c
 *		DPoP proofs: RFC 9449.
 *
 * A proof is a JWT that a client signs for one request, with a key that it brings along.  Whether
 * it is good is decided by the proof, the request and the time alone; that it is used once, by the
 * tables that hold nonces (audit/replay.c), and comes last, so that a stranger fills no table.
 *
 * Which key a token is bound to is compared by those who know the token (confirmation.c).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "jose/jose.h"
#include "oauth2/oauth2.h"
#include "setting.h"
#include "store/oauth1.h"
#include "text/text.h"

#include <math.h>

/* The algorithms of proofs: "an identifier for a JWS asymmetric digital signature algorithm". */
const char *
oauth2_dpop_algorithms(void)
{
	return oauth_words_join(oauth_jws_algorithms());
}

static OAuthFault *
invalid_proof(const char *description)
{
	return oauth_fault(OAUTH_INVALID_DPOP_PROOF, description);
}

/* ---- the checks of section 4.3, by their numbers there ---- */

/*
 * 2 "The DPoP HTTP request header field value is a single and well-formed JWT."
 * 4 "The typ JOSE Header Parameter has the value dpop+jwt."
 * 5 "The alg JOSE Header Parameter indicates a registered asymmetric digital signature algorithm,
 *   is not none, is supported by the application, and is acceptable per local policy."
 * 6 "The JWT signature verifies with the public key contained in the jwk JOSE Header Parameter."
 * 7 "The jwk JOSE Header Parameter does not contain a private key."
 */
static OAuthFault *
check_signature(const char *proof, OAuthJws *jws, Jsonb **claims)
{
	OAuthJwsPolicy policy = {.algorithms = oauth_jws_algorithms(), .typ = "dpop+jwt",
		.key_is_in_header = true};
	const char *problem = oauth_jwt_verify(proof, strlen(proof), &policy, jws, claims);

	return problem ? invalid_proof(problem) : NULL;
}

/* 3 "All required claims per Section 4.2 are contained in the JWT." */
static OAuthFault *
read_text(Jsonb *claims, const char *name, char **text)
{
	*text = oauth_jwt_text(claims, name);
	if (*text !=NULL && (*text)[0] != '\0')
		return NULL;
	return invalid_proof(psprintf("The claim %s of the DPoP proof is missing, or is no text "
								  "(RFC 9449, section 4.2).", name));
}

/* 8 "The htm claim matches the HTTP method of the current request." */
static OAuthFault *
check_method(Jsonb *claims, const OAuth2ProofFor *wanted)
{
	char	   *htm;
	OAuthFault *fault = read_text(claims, "htm", &htm);

	if (fault != NULL || strcmp(htm, wanted->method) == 0)
		return fault;
	return invalid_proof("The DPoP proof is for another method (htm).");
}

static bool
is_uri(const char *htu, const char *uri)
{
	return uri != NULL &&
		oauth_uri_equals(pnstrdup(htu, strcspn(htu, "?#")), pnstrdup(uri, strcspn(uri, "?#")));
}

/*
 * 9 "The htu claim matches the HTTP URI value for the HTTP request in which the JWT was received,
 *   ignoring any query and fragment parts."  "servers SHOULD employ syntax-based normalization
 *   (Section 6.2.2 of [RFC3986]) and scheme-based normalization (Section 6.2.3 of [RFC3986])
 *   before comparing the htu claim."
 */
static OAuthFault *
check_uri(Jsonb *claims, const OAuth2ProofFor *wanted)
{
	char	   *htu;
	OAuthFault *fault = read_text(claims, "htu", &htu);

	if (fault != NULL || is_uri(htu, wanted->uri) || is_uri(htu, wanted->other_uri))
		return fault;
	return invalid_proof("The DPoP proof is for another URI (htu).");
}

/*
 * 10 "If the server provided a nonce value to the client, the nonce claim matches the
 *    server-provided nonce value."
 * 11 "The creation time of the JWT, as determined by either the iat claim or a server managed
 *    timestamp via the nonce claim, is within an acceptable window."
 */
static OAuthFault *
check_time(Jsonb *claims, const OAuth2ProofFor *wanted, int64 *made_at)
{
	double		now = oauth_jwt_now(wanted->at);
	double		iat;
	const char *problem = oauth_jwt_seconds(claims, "iat", &iat);

	if (problem == NULL)
		problem = oauth_jwt_time_problem(claims, wanted->at, OAUTH_JWT_SKEW);
	if (problem != NULL)
		return invalid_proof(problem);
	if (isnan(iat))
		return invalid_proof("The claim iat of the DPoP proof is missing (RFC 9449, section 4.2).");
	if (wanted->needs_nonce)
		return oauth2_dpop_nonce_check(oauth_jwt_text(claims, "nonce"), wanted->at, made_at);
	if (iat < now - OAUTH_PROOF_LIFETIME)
		return invalid_proof("The DPoP proof is too old (iat): each request has its own.");
	if (floor(iat) > floor(now) + OAUTH_JWT_SKEW)
		return invalid_proof("The DPoP proof is from the future (iat): set the clock of the "
							 "client.");
	*made_at = (int64) floor(iat);
	return NULL;
}

/*
 * 12 "If presented to a protected resource in conjunction with an access token, ensure that the
 *    value of the ath claim equals the hash of that access token"
 */
static OAuthFault *
check_token_hash(Jsonb *claims, const OAuth2ProofFor *wanted)
{
	uint8		hash[OAUTH_HASH_LENGTH];
	char	   *ath;
	OAuthFault *fault;

	if (wanted->access_token == NULL)
		return NULL;
	if ((fault = read_text(claims, "ath", &ath)) != NULL)
		return fault;
	oauth_sha256(wanted->access_token, strlen(wanted->access_token), hash);
	if (strcmp(ath, oauth_base64url(hash, sizeof(hash))) == 0)
		return NULL;
	return invalid_proof("The DPoP proof is for another access token (ath).");
}

/* Checks the proof (RFC 9449, section 4.3); *proof says whose it is. */
OAuthFault *
oauth2_dpop_verify(const char *jwt, const OAuth2ProofFor *wanted, OAuth2Proof *proof)
{
	OAuthJws	jws;
	Jsonb	   *claims;
	OAuthFault *fault;

	if ((fault = check_signature(jwt, &jws, &claims)) != NULL ||
		(fault = read_text(claims, "jti", &proof->jti)) != NULL ||
		(fault = check_method(claims, wanted)) != NULL ||
		(fault = check_uri(claims, wanted)) != NULL ||
		(fault = check_time(claims, wanted, &proof->made_at)) != NULL ||
		(fault = check_token_hash(claims, wanted)) != NULL)
		return fault;
	proof->jkt = oauth_jwk_thumbprint(jws.key);
	proof->alg = jws.algorithm->name;
	return NULL;
}

/* ---- the proof of a request ---- */

/* Whether the request has a proof, good or bad. */
bool
oauth2_dpop_is_attempted(const OAuthRequest *http)
{
	char	   *jwt;

	return oauth_request_header(http, "DPoP", &jwt) > 0;
}

/*
 * The proof that a request has, NULL if it has none, before it is used up.  access_token is what
 * comes with it; NULL at the token endpoint and where requests are pushed.
 */
OAuthFault *
oauth2_dpop_read(const OAuthRequest *http, const char *access_token, OAuth2Proof **proof)
{
	OAuth2ProofFor wanted = {
		.method = http->method,
		.access_token = access_token,
		.at = GetCurrentTimestamp(),
		.needs_nonce = oauth_setting_dpop_nonce
	};
	char	   *jwt;
	int			n = oauth_request_header(http, "DPoP", &jwt);

	*proof = NULL;
	if (n == 0)
		return NULL;
	/* 1 "There is not more than one DPoP HTTP request header field." */
	if (n > 1)
		return invalid_proof("The request has more than one DPoP header.");
	wanted.uri = oauth_request_uri(http);
	wanted.other_uri = oauth_request_uri_by_issuer(http);
	*proof = palloc(sizeof(OAuth2Proof));
	return oauth2_dpop_verify(jwt, &wanted, *proof);
}

/*
 * Uses up the proof.  "servers can store the jti value of each DPoP proof for the time window in
 * which the respective DPoP proof JWT would be accepted to prevent multiple uses of the same DPoP
 * proof" (section 11.1).
 */
OAuthFault *
oauth2_dpop_use(const OAuth2Proof *proof)
{
	switch (oauth_replay_use_jti("dpop", proof->jkt, proof->jti, proof->made_at))
	{
		case OAUTH_NONCE_NEW:
			return NULL;
		case OAUTH_NONCE_USED:
			return invalid_proof("The DPoP proof was used before (jti): each request has its own.");
		default:
			return invalid_proof("The DPoP proof is older than what this server remembers: make a "
								 "new one.");
	}
}

/* FAPI 2.0 Security Profile, section 5.4.1: a client with the profile has fewer algorithms. */
OAuthFault *
oauth2_dpop_check_algorithm(const OAuthClient *client, const OAuth2Proof *proof)
{
	const char *problem = oauth_profile_problem(client, "a DPoP proof", proof->alg);

	return problem ? invalid_proof(problem) : NULL;
}

/*
 * Notes the refusal of a proof of that client, and of that grant where it came with a token.  A
 * client that is given a nonce has done nothing wrong.
 */
OAuthFault *
oauth2_dpop_refused(const OAuthRequest *http, OAuthFault *fault, const char *client_id, int64 grant)
{
	OAuthEvent	event = {.event = "authenticate", .fault = fault, .client_id = client_id,
		.grant = grant};

	if (fault->code != OAUTH_USE_DPOP_NONCE && !fault->is_noted)
		oauth_event_refusal(http, &event);
	fault->is_noted = true;
	return fault;
}

/*
 * The key that a request of that client proves to have: *jkt is its thumbprint, NULL if the request
 * has no proof.  Uses the proof up, so call it once for a request, where rows can be written.
 */
OAuthFault *
oauth2_dpop_check(const OAuthRequest *http, const OAuthClient *client, char **jkt)
{
	OAuth2Proof *proof;
	OAuthFault *fault = oauth2_dpop_read(http, NULL, &proof);

	*jkt = NULL;
	if (fault != NULL || proof == NULL ||
		(fault = oauth2_dpop_check_algorithm(client, proof)) != NULL ||
		(fault = oauth2_dpop_use(proof)) != NULL)
		return fault ? oauth2_dpop_refused(http, fault, client->client_id, 0) : NULL;
	*jkt = proof->jkt;
	return NULL;
}
