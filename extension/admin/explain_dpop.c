/*
 * explain_dpop.c
 *		Why a DPoP proof (RFC 9449) would be refused: what it says beside what it has to say, and
 *		which key it was made with beside the one that is wanted.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/admin.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "jose/jose.h"
#include "oauth2/oauth2.h"
#include "setting.h"
#include "store/client.h"
#include "store/code.h"
#include "store/token.h"
#include "text/text.h"
#include "token/token.h"

#include <math.h>

/* A claim, good or bad, made fit for a terminal. */
static const char *
shown(Jsonb *claims, const char *name)
{
	char	   *text = oauth_jwt_text(claims, name);

	return text ? oauth_explain_shown(text) : "(none)";
}

static const char *
age_of(Jsonb *claims)
{
	double		iat;

	if (oauth_jwt_seconds(claims, "iat", &iat) != NULL || isnan(iat))
		return "iat (none)";
	return psprintf("iat %.0f s ago", oauth_jwt_now(GetCurrentTimestamp()) - iat);
}

/* What the proof says, which may be a lie. */
static const char *
said(const char *jwt)
{
	OAuthJws	jws;
	Jsonb	   *claims;

	if (oauth_jwt_parse(jwt, strlen(jwt), &jws, &claims) != NULL)
		return "";
	return psprintf(" It says htm %s, htu %s, %s, nonce %s.", shown(claims, "htm"),
					shown(claims, "htu"), age_of(claims), shown(claims, "nonce"));
}

/* What it has to be for. */
static const char *
wanted(const OAuthRequest *request)
{
	const char *uri = oauth_request_uri(request);
	const char *other = oauth_request_uri_by_issuer(request);

	return psprintf(" The request is %s %s%s%s.", oauth_explain_shown(request->method),
					uri ? oauth_explain_shown(uri) : "(no Host, or none of oauth.allowed_hosts)",
					other && (uri == NULL || strcmp(uri, other) != 0) ? ", by the issuer " : "",
					other && (uri == NULL || strcmp(uri, other) != 0) ?
					oauth_explain_shown(other) : "");
}

static bool
explain_key(OAuthExplanation *explanation, const char *jkt, const char *cnf)
{
	bool		fits = oauth_cnf_equals(cnf, oauth_cnf_of_key(jkt));

	oauth_explain_step(explanation, "DPoP key", fits ? OAUTH_EXPLAIN_OK : OAUTH_EXPLAIN_REFUSED,
					   fits ? psprintf("the thumbprint is %s", jkt) :
					   psprintf("the thumbprint is %s, and it is bound to %s", jkt,
								oauth_explain_shown(cnf)),
					   fits ? NULL : "the client must keep the key that it began with");
	return fits;
}

/* A profile of the client may forbid the algorithm of the proof. */
static bool
explain_algorithm(OAuthExplanation *explanation, const OAuthClient *client,
				  const OAuth2Proof *proof)
{
	OAuthFault *fault = client ? oauth2_dpop_check_algorithm(client, proof) : NULL;

	if (fault != NULL)
		oauth_explain_step(explanation, "DPoP algorithm", OAUTH_EXPLAIN_REFUSED,
						   psprintf("%s It is signed with %s.", fault->description, proof->alg),
						   "the client must make its proofs with a key of another kind");
	return fault == NULL;
}

static OAuthFault *
use_proof(void *thing)
{
	return oauth2_dpop_use(thing);
}

/*
 * The proof of a request of that client, NULL: nobody knows whose.  access_token is what comes with
 * it, NULL at the token endpoint; cnf what the token, the code or the refresh token is bound to,
 * NULL: nothing; must: a proof is demanded.
 */
static void
explain_proof(OAuthExplanation *explanation, const OAuthRequest *request,
			  const OAuthClient *client, const char *access_token, const char *cnf,
			  bool must)
{
	OAuth2Proof *proof = NULL;
	OAuthFault *fault = oauth2_dpop_read(request, access_token, &proof);
	char	   *jwt;

	if (oauth_request_header(request, "DPoP", &jwt) == 0)
	{
		if (must || cnf != NULL)
			oauth_explain_step(explanation, "DPoP proof", OAUTH_EXPLAIN_REFUSED,
							   "the request has none, and one is demanded",
							   "the client must send the header DPoP, a new proof with each "
							   "request");
		return;
	}
	oauth_explain_step(explanation, "DPoP proof",
					   fault ? OAUTH_EXPLAIN_REFUSED : OAUTH_EXPLAIN_OK,
					   psprintf("%s%s%s", fault ? fault->description : "It holds.", said(jwt),
								wanted(request)),
					   fault == NULL ? NULL :
					   fault->code == OAUTH_USE_DPOP_NONCE ?
					   "the client must take the nonce of the answer's DPoP-Nonce" :
					   "method and URI are those that the client sees: a proxy must say them, and "
					   "be trusted (--trusted-proxy)");
	if (fault == NULL && explain_algorithm(explanation, client, proof) &&
		(cnf == NULL || explain_key(explanation, proof->jkt, cnf)))
		oauth_explain_use(explanation, "DPoP jti", use_proof, proof);
}

/* What a refresh token or a code of the form is bound to; NULL: to nothing, or it is unknown. */
static const char *
bound_to(const OAuthParams *params)
{
	OAuthTokenString string;
	OAuthAuthorizationCode *code;
	OAuthRefreshToken *token;
	const char *sent;

	if (oauth_params_get(params, "refresh_token", &sent) == NULL && sent != NULL)
	{
		token = oauth_find_refresh_token(sent, strlen(sent), true);
		return token ? token->grant.cnf : NULL;
	}
	if (oauth_params_get(params, "code", &sent) != NULL || sent == NULL ||
		!oauth_token_parse(sent, strlen(sent), OAUTH_AUTHORIZATION_CODE, &string) ||
		(code = oauth_store_find_code(&string)) == NULL || code->dpop_jkt == NULL)
		return NULL;
	return oauth_cnf_of_key(code->dpop_jkt);
}

/* The proof of a request for tokens. */
void
oauth2_explain_token_proof(OAuthExplanation *explanation, const OAuthRequest *request,
						   const OAuthClient *client, const OAuthParams *params)
{
	explain_proof(explanation, request, client, NULL, bound_to(params),
				  client->dpop_bound_access_tokens);
}

/* The proof of a pushed request, which need not have one: its key is that of the code then. */
void
oauth2_explain_pushed_proof(OAuthExplanation *explanation, const OAuthRequest *request,
							const OAuthClient *client, const OAuthParams *params)
{
	const char *jkt;
	char	   *jwt;

	if (oauth_request_header(request, "DPoP", &jwt) == 0)
		return;
	if (oauth_params_get(params, "dpop_jkt", &jkt) != NULL)
		jkt = NULL;
	explain_proof(explanation, request, client, NULL, jkt ? oauth_cnf_of_key(jkt) : NULL, false);
}

/* The certificate that a token is bound to (RFC 8705, section 3). */
static void
explain_bound_certificate(OAuthExplanation *explanation, const OAuthRequest *request,
						  const char *cnf)
{
	const char *came = request ? oauth2_certificate_cnf(request) : NULL;
	bool		fits = came != NULL && oauth_cnf_equals(cnf, came);

	oauth_explain_step(explanation, "certificate", fits ? OAUTH_EXPLAIN_OK : OAUTH_EXPLAIN_REFUSED,
					   fits ? psprintf("the token is bound to it: %s", cnf) :
					   psprintf("the token is bound to %s, and %s", cnf,
								came ? psprintf("%s came", came) : "none came with the request"),
					   fits ? NULL : "the client must send the certificate that it had when it got "
					   "the token, and a trusted proxy pass it on as Client-Cert");
}

/* The proof that comes with an access token; original is the request that the client sent. */
void
oauth2_explain_caller_proof(OAuthExplanation *explanation, const OAuthRequest *original,
							const OAuth2Presented *presented)
{
	OAuthToken *token;

	if (oauth2_token_verify(presented->token, NULL, &token) != NULL)
		return;
	if (oauth_setting_require_dpop && !oauth_cnf_is_key(token->cnf))
		oauth_explain_step(explanation, "scheme", OAUTH_EXPLAIN_REFUSED,
						   "the token is bound to no key, and oauth.require_dpop is on",
						   "the client must ask for its token with a DPoP proof");
	else if (presented->is_dpop && token->cnf == NULL)
		oauth_explain_step(explanation, "scheme", OAUTH_EXPLAIN_REFUSED,
						   "the token is bound to no key, and was sent as DPoP",
						   "Authorization: Bearer oat_...");
	else if (!presented->is_dpop && strcmp(oauth_cnf_token_type(token->cnf), "DPoP") == 0)
		oauth_explain_step(explanation, "scheme", OAUTH_EXPLAIN_REFUSED,
						   psprintf("the token is bound to a key (%s), and was sent as Bearer",
									token->cnf),
						   "Authorization: DPoP oat_..., with a proof in the header DPoP");
	else if (presented->is_dpop && !oauth_cnf_is_key(token->cnf))
		oauth_explain_step(explanation, "scheme", OAUTH_EXPLAIN_REFUSED,
						   "the token is bound to a certificate, and was sent as DPoP",
						   "Authorization: Bearer oat_...");
	else if (token->cnf != NULL && !oauth_cnf_is_key(token->cnf))
		explain_bound_certificate(explanation, original, token->cnf);
	else if (presented->is_dpop)
		explain_proof(explanation, original, oauth_store_find_client(token->client_id, NULL),
					  presented->token, token->cnf, true);
}
