/*
 * confirmation.c
 *		What the tokens of a request are bound to (RFC 7800, section 3.1): the key that it proves to
 *		have (RFC 9449), or the certificate that it came with (RFC 8705).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "oauth2/oauth2.h"
#include "setting.h"
#include "store/client.h"
#include "store/token.h"

/* ---- the token endpoint ---- */

/*
 * "the client makes protected resource requests [...] over a mutually authenticated TLS connection
 * using the same certificate that was used [...] at the token endpoint" (RFC 8705, section 3)
 */
static OAuthFault *
confirm_by_certificate(const OAuthRequest *http, const char **cnf)
{
	*cnf = oauth2_certificate_cnf(http);
	return *cnf != NULL ? NULL :
		oauth_fault(OAUTH_INVALID_REQUEST,
					"The tokens of this client are bound to its certificate, and none came with "
					"the request.");
}

/*
 * Sets *cnf to what the tokens that this request asks for are bound to, NULL: to nothing.  The
 * client has been authenticated.  Uses up the proof, which is undone if the request has to come
 * again (endpoint/endpoint.c).
 */
OAuthFault *
oauth2_confirmation(const OAuthRequest *http, const OAuthClient *client, const char **cnf)
{
	char	   *jkt;
	OAuthFault *fault = oauth2_dpop_check(http, client, &jkt);

	*cnf = NULL;
	if (fault != NULL)
		return fault;
	if (jkt != NULL)
		*cnf = oauth_cnf_of_key(jkt);

	/*
	 * "If the value is true, the authorization server MUST reject token requests from the client
	 * that do not contain the DPoP header." (RFC 9449, section 5.2)
	 */
	if (jkt == NULL && client->dpop_bound_access_tokens)
		return oauth2_dpop_refused(http,
								   oauth_fault(OAUTH_INVALID_DPOP_PROOF,
											   "The tokens of this client are bound to a key: "
											   "send a DPoP proof."),
								   client->client_id, 0);
	return *cnf == NULL && client->tls_client_certificate_bound_access_tokens ?
		confirm_by_certificate(http, cnf) : NULL;
}

/* ---- protected resources ---- */

static OAuthFault *
about_binding(OAuthFault *fault)
{
	if (fault != NULL)
		fault->is_about_binding = true;
	return fault;
}

/* Whether the request has a proof that is used up where rows can be written. */
bool
oauth2_confirmation_writes(const OAuth2Presented *presented, const OAuthToken *token)
{
	return presented->is_dpop && oauth_cnf_is_key(token->cnf);
}

/* The client of the token is read only where its profile decides. */
static OAuthFault *
check_algorithm(const OAuthToken *token, const OAuth2Proof *proof)
{
	OAuthClient *client = oauth_profile_admits(proof->alg) ? NULL :
		oauth_store_find_client(token->client_id, NULL);

	return client ? oauth2_dpop_check_algorithm(client, proof) : NULL;
}

/*
 * "a resource server MUST check that a DPoP proof was also received in the DPoP header field of the
 * HTTP request, check the DPoP proof according to the rules in Section 4.3, and check that the
 * public key of the DPoP proof matches the public key to which the access token is bound" (RFC
 * 9449, section 7.1)
 */
static OAuthFault *
confirm_key(const OAuthRequest *http, const char *string, const OAuthToken *token)
{
	OAuth2Proof *proof;
	OAuthFault *fault;

	if ((fault = oauth2_dpop_read(http, string, &proof)) != NULL)
		return fault;
	if (proof == NULL)
		return oauth_fault(OAUTH_INVALID_DPOP_PROOF, "The request has no DPoP header.");
	if (!oauth_cnf_equals(token->cnf, oauth_cnf_of_key(proof->jkt)))
		return oauth_fault(OAUTH_INVALID_TOKEN,
						   "The DPoP proof was made with another key than the token is bound to.");
	fault = check_algorithm(token, proof);
	return fault ? fault : oauth2_dpop_use(proof);
}

/*
 * "The protected resource MUST obtain [...] the client certificate used for mutual TLS and MUST
 * verify that the certificate matches the certificate associated with the access token.  If they do
 * not match, the resource access attempt MUST be rejected with an error, [...] using an HTTP 401
 * status code and the "invalid_token" error code." (RFC 8705, section 3)
 */
static OAuthFault *
confirm_certificate(const OAuthRequest *http, const OAuth2Presented *presented,
					const OAuthToken *token)
{
	const char *cnf = http ? oauth2_certificate_cnf(http) : NULL;

	if (cnf == NULL)
		return oauth_fault(OAUTH_INVALID_TOKEN,
						   "The access token is bound to a certificate, and none came with the "
						   "request.");
	if (!oauth_cnf_equals(token->cnf, cnf))
		return oauth_fault(OAUTH_INVALID_TOKEN,
						   "The access token is bound to another certificate than the one that "
						   "came with the request.");
	return presented->is_dpop ?
		oauth_fault(OAUTH_INVALID_TOKEN,
					"The access token is bound to a certificate: send it as Authorization: "
					"Bearer.") : NULL;
}

/*
 * Whether the request proves what the token is bound to.  http is the request that the client sent,
 * NULL: there is none; the proof is used up, so call this once, and where
 * oauth2_confirmation_writes() rows can be written.
 *
 * "such a protected resource MUST reject a DPoP-bound access token received as a bearer token"
 * (RFC 9449, section 7.2)
 */
OAuthFault *
oauth2_confirm(const OAuthRequest *http, const OAuth2Presented *presented, const OAuthToken *token)
{
	OAuthFault *fault;

	/* "dpop_bound_access_tokens_required" (RFC 9728, section 2) */
	if (oauth_setting_require_dpop && !oauth_cnf_is_key(token->cnf))
		return about_binding(oauth_fault(OAUTH_INVALID_TOKEN,
										 "Only access tokens that are bound to a key are taken "
										 "here: ask for one with a DPoP proof."));
	if (token->cnf == NULL)
		return presented->is_dpop ?
			oauth_fault(OAUTH_INVALID_TOKEN,
						"The access token is bound to no key: it is a bearer token.") : NULL;
	if (!oauth_cnf_is_key(token->cnf))
		return confirm_certificate(http, presented, token);
	if (!presented->is_dpop)
		return about_binding(oauth_fault(OAUTH_INVALID_TOKEN,
										 "The access token is bound to a key: send it as "
										 "Authorization: DPoP, with a proof."));
	fault = confirm_key(http, presented->token, token);
	return fault == NULL ? NULL :
		about_binding(oauth2_dpop_refused(http, fault, token->client_id, token->grant));
}
