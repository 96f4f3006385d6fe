/*
 * explain_client.c
 *		Why a client assertion or a certificate would be refused (see explain.c): which key or name
 *		was wanted, and which one came.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "admin/admin.h"
#include "client/client.h"
#include "http/http.h"
#include "jose/jose.h"
#include "oauth2/oauth2.h"
#include "store/client.h"
#include "store/document.h"
#include "text/text.h"

#include "utils/builtins.h"

static const char *
registered(const OAuthClient *client)
{
	return client->token_endpoint_auth_method ? client->token_endpoint_auth_method :
		"client_secret_basic or client_secret_post";
}

static bool
refused(OAuthExplanation *explanation, const char *check, const char *detail, const char *remedy)
{
	oauth_explain_step(explanation, check, OAUTH_EXPLAIN_REFUSED, detail, remedy);
	return false;
}

/* Whether the keys of the client are here; if not, the request would wait for them. */
static bool
explain_keys(OAuthExplanation *explanation, const OAuthClient *client)
{
	const char *url = client->jwks_uri;
	OAuthDocument *document = url ? oauth_store_find_document(url) : NULL;

	if (url == NULL || (document != NULL && document->body != NULL))
		return true;
	if (document != NULL)
		return refused(explanation, "keys of the client",
					   psprintf("%s could not be fetched: %s", url, document->problem),
					   "it is tried again a minute later; SELECT * FROM oauth.document;");
	explanation->not_asked = "the keys of the client would be fetched first";
	oauth_explain_step(explanation, "keys of the client", OAUTH_EXPLAIN_OPEN,
					   psprintf("%s would be fetched first", url), NULL);
	return false;
}

/* The kids of the keys that the client has now. */
static char *
kids_of(const OAuthClient *client)
{
	OAuthClientKeys keys;
	List	   *kids = NIL;
	ListCell   *cell;

	if (oauth_client_keys(client, &keys) != NULL)
		return "unknown";
	foreach(cell, keys.keys)
	{
		const OAuthJwk *key = lfirst(cell);

		kids = lappend(kids, key->kid ? oauth_explain_shown(key->kid) : "(none)");
	}
	return kids ? oauth_words_join(kids) : "none";
}

/* ---- private_key_jwt, client_secret_jwt ---- */

static bool
explain_method(OAuthExplanation *explanation, const OAuth2Credentials *credentials,
			   const OAuthClient *client)
{
	if (oauth_client_authenticates_by(client, credentials->method))
		return true;
	return refused(explanation, "client authentication",
				   psprintf("the client came with %s, and is registered for %s",
							credentials->method, registered(client)),
				   oauth_explain_update(client, "token_endpoint_auth_method",
										psprintf("\"%s\"", credentials->method)));
}

static char *
described(const OAuthJws *jws)
{
	return psprintf("alg %s, kid %s", jws->algorithm ? jws->algorithm->name : "unknown",
					jws->kid ? oauth_explain_shown(jws->kid) : "(none)");
}

/* How a client proves who it is, and what is wrong with that. */
typedef struct Proof
{
	const OAuth2Credentials *credentials;
	const OAuthRequest *request;
	const OAuthClient *client;
	const char *problem;
	OAuthFault *fault;
} Proof;

static bool
look_at_assertion(void *argument)
{
	Proof	   *proof = argument;

	proof->fault = oauth2_assertion_problem(proof->credentials, proof->client, &proof->problem);
	return false;
}

static bool
look_at_certificate(void *argument)
{
	Proof	   *proof = argument;

	proof->fault = oauth2_certificate_problem(proof->request, proof->client, &proof->problem);
	return false;
}

static OAuthFault *
use_assertion(void *thing)
{
	Proof	   *proof = thing;

	return oauth2_assertion_use(proof->credentials, proof->client);
}

/* Has the keys fetched again, if the endpoint would: which is not done here. */
static bool
explain_signature(OAuthExplanation *explanation, const OAuth2Credentials *credentials,
				  const OAuthClient *client)
{
	const OAuthJws *jws = &credentials->assertion->jws;
	Proof		proof = {.credentials = credentials, .client = client};
	OAuthFault *fault;

	oauth_in_subtransaction(look_at_assertion, &proof);
	if (proof.fault != NULL)
		explanation->not_asked = "the keys of the client would be fetched again";
	if (proof.problem == NULL)
	{
		oauth_explain_step(explanation, "client assertion", OAUTH_EXPLAIN_OK,
						   psprintf("a key of the client has signed it (%s)", described(jws)),
						   NULL);
		fault = oauth2_assertion_check_profile(credentials, client);
		if (fault != NULL)
			return !oauth_explain_fault(explanation, "profile of the client", fault,
										psprintf("the client has the profile %s",
												 client->profile));
		oauth_explain_use(explanation, "client assertion jti", use_assertion, &proof);
		return true;
	}
	return refused(explanation, "client assertion",
				   psprintf("%s It has %s; kids of the client: %s", proof.problem, described(jws),
							oauth_client_authenticates_by(client, "private_key_jwt") ?
							kids_of(client) : "none, it signs with its secret"),
				   client->token_endpoint_auth_signing_alg ?
				   psprintf("the client is registered for %s",
							client->token_endpoint_auth_signing_alg) : NULL);
}

/* ---- tls_client_auth, self_signed_tls_client_auth ---- */

static char *
wanted_name(const OAuthClient *client)
{
	if (client->tls_client_auth_subject_dn != NULL)
		return psprintf("the subject %s", client->tls_client_auth_subject_dn);
	if (client->tls_client_auth_san_dns != NULL)
		return psprintf("the host name %s", client->tls_client_auth_san_dns);
	if (client->tls_client_auth_san_uri != NULL)
		return psprintf("the URI %s", client->tls_client_auth_san_uri);
	if (client->tls_client_auth_san_ip != NULL)
		return psprintf("the address %s", client->tls_client_auth_san_ip);
	return client->tls_client_auth_san_email ?
		psprintf("the mail address %s", client->tls_client_auth_san_email) : "a key of its own";
}

static bool
explain_certificate(OAuthExplanation *explanation, const OAuthRequest *request,
					const OAuthClient *client)
{
	OAuthCertificate *certificate = oauth2_certificate_of(request);
	const char *subject = certificate ? oauth_certificate_subject(certificate) : NULL;
	Proof		proof = {.request = request, .client = client};
	char	   *other;

	oauth_in_subtransaction(look_at_certificate, &proof);
	if (proof.fault != NULL)
		explanation->not_asked = "the keys of the client would be fetched again";
	if (certificate == NULL && oauth_request_header(request, "X-SSL-Client-Cert", &other) > 0)
		return refused(explanation, "client certificate",
					   "the request has X-SSL-Client-Cert, which only the shim reads",
					   "it hands that on as Client-Cert (RFC 9440), if a trusted proxy sent it: "
					   "ask about that");
	if (proof.problem != NULL)
		return refused(explanation, "client certificate",
					   psprintf("%s The client is to have %s%s%s", proof.problem,
								wanted_name(client), subject ? "; the certificate is of " : "",
								subject ? oauth_explain_shown(subject) : ""),
					   certificate ? NULL :
					   "nginx.conf shows it; start the shim with --trusted-proxy");
	oauth_explain_step(explanation, "client certificate", OAUTH_EXPLAIN_OK,
					   psprintf("it is the client's: %s", oauth_explain_shown(subject)), NULL);
	return true;
}

/* ---- either ---- */

/* Whether the client proves itself with something else than a secret, in this request or ever. */
bool
oauth_explain_has_proof(const OAuth2Credentials *credentials, const OAuthClient *client)
{
	const OAuthAuthMethod *method = oauth_auth_method(client->token_endpoint_auth_method);

	return credentials->assertion != NULL ||
		(method != NULL && (method->signs || method->has_certificate));
}

/* Adds the steps; true if the proof is the client's. */
bool
oauth_explain_proof(OAuthExplanation *explanation, const OAuthRequest *request,
					const OAuth2Credentials *credentials, const OAuthClient *client)
{
	if (credentials->assertion != NULL)
		return explain_method(explanation, credentials, client) &&
			explain_keys(explanation, client) &&
			explain_signature(explanation, credentials, client);
	if (oauth_auth_method(client->token_endpoint_auth_method)->has_certificate &&
		strcmp(credentials->method, "none") == 0)
		return (oauth_client_authenticates_by(client, "tls_client_auth") ||
				explain_keys(explanation, client)) &&
			explain_certificate(explanation, request, client);
	return refused(explanation, "client authentication",
				   psprintf("the client came with %s, and is registered for %s",
							credentials->method, registered(client)), NULL);
}
