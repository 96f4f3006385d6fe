/*
 * client_certificate.c
 *		Client certificates: tls_client_auth and self_signed_tls_client_auth (RFC 8705, section 2).
 *
 * TLS ends at a proxy, which verifies that the client has the private key of its certificate, and
 * passes the certificate on.  The shim takes it from trusted proxies only, in whichever form, and
 * hands on one: Client-Cert (RFC 9440, section 2.2), with X-SSL-Client-Verify as the proxy said it.
 * Unless that is SUCCESS, nobody has verified who issued the certificate.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "http/http.h"
#include "oauth2/oauth2.h"
#include "store/client.h"
#include "text/text.h"

/* The certificate of the connection; NULL if there is none, or it cannot be read. */
OAuthCertificate *
oauth2_certificate_of(const OAuthRequest *request)
{
	char	   *field;
	char	   *der;
	size_t		length;
	int			der_length;

	if (oauth_request_header(request, "Client-Cert", &field) != 1)
		return NULL;
	/* sf-binary = ":" *(base64) ":" (RFC 8941, section 3.3.5) */
	length = strlen(field);
	if (length < 3 || field[0] != ':' || field[length - 1] != ':')
		return NULL;
	der = oauth_base64_decode(field + 1, length - 2, &der_length);
	return der ? oauth_certificate_read((uint8 *) der, der_length) : NULL;
}

/*
 * What tokens are bound to that are bound to it: the "x5t#S256" Confirmation Method (RFC 8705,
 * section 3.1); NULL if there is none.
 */
char *
oauth2_certificate_cnf(const OAuthRequest *request)
{
	OAuthCertificate *certificate = oauth2_certificate_of(request);

	return certificate ? psprintf("x5t#S256:%s", oauth_base64url(certificate->thumbprint,
																 OAUTH_HASH_LENGTH)) : NULL;
}

/* Whether the proxy has verified the chain: FAILED:... and NONE say that it has not. */
static bool
is_verified(const OAuthRequest *request)
{
	char	   *verify;

	return oauth_request_header(request, "X-SSL-Client-Verify", &verify) == 1 &&
		strcmp(verify, "SUCCESS") == 0;
}

/* ---- tls_client_auth ---- */

/*
 * "the authorization server [...] verifies that the certificate [...] has the subject information
 * configured or registered for that client"  (section 2.1)
 */
static bool
has_registered_name(const OAuthCertificate *certificate, const OAuthClient *client)
{
	const char *const names[] = {
		[OAUTH_NAME_DNS] = client->tls_client_auth_san_dns,
		[OAUTH_NAME_URI] = client->tls_client_auth_san_uri,
		[OAUTH_NAME_IP] = client->tls_client_auth_san_ip,
		[OAUTH_NAME_EMAIL] = client->tls_client_auth_san_email
	};

	if (client->tls_client_auth_subject_dn != NULL)
		return oauth_certificate_has_subject(certificate, client->tls_client_auth_subject_dn);
	for (size_t i = 0; i < lengthof(names); i++)
		if (names[i] != NULL)
			return oauth_certificate_has_name(certificate, i, names[i]);
	return false;
}

static const char *
why_not_issued(const OAuthRequest *request, const OAuthCertificate *certificate,
			   const OAuthClient *client)
{
	/* "The PKI method [...] relies on a validated certificate chain" */
	if (!is_verified(request))
		return "The proxy did not say that it had verified the certificate "
			"(X-SSL-Client-Verify: SUCCESS).";
	return has_registered_name(certificate, client) ? NULL :
		"The certificate does not have the name that the client registered (tls_client_auth_...).";
}

/* ---- self_signed_tls_client_auth ---- */

/*
 * The certificate itself where the key came with one (x5c), otherwise any certificate of that key.
 */
static bool
is_certificate_of(const OAuthCertificate *certificate, const OAuthJwk *key)
{
	uint8		thumbprint[OAUTH_HASH_LENGTH];

	if (!oauth_certificate_has_key(certificate, key->key))
		return false;
	if (key->certificate == NULL)
		return true;
	oauth_sha256(key->certificate, key->certificate_length, thumbprint);
	return memcmp(thumbprint, certificate->thumbprint, OAUTH_HASH_LENGTH) == 0;
}

/*
 * "the client is successfully authenticated if the certificate that it presented during the
 * handshake matches one of the certificates configured or registered for that particular client";
 * "the certificate chain is not validated"  (section 2.2).  A certificate that the document lacks
 * may be new there.
 */
static OAuthFault *
why_not_registered(const OAuthCertificate *certificate, const OAuthClient *client,
				   const char **problem)
{
	OAuthClientKeys keys;
	OAuthFault *fault = oauth_client_keys(client, &keys);
	ListCell   *cell;

	if (fault != NULL)
		return fault;
	foreach(cell, keys.keys)
		if (is_certificate_of(certificate, lfirst(cell)))
			return NULL;
	*problem = keys.problem ? keys.problem : "The certificate is none of the client's keys.";
	return keys.document ? oauth_document_get_newer(client->jwks_uri, keys.document) : NULL;
}

/*
 * Whether the certificate of the connection is the client's: *problem is NULL, or why not, which
 * only those learn who run this server.  A fault has the keys of the client fetched.
 */
OAuthFault *
oauth2_certificate_problem(const OAuthRequest *request, const OAuthClient *client,
						   const char **problem)
{
	OAuthCertificate *certificate = oauth2_certificate_of(request);

	*problem = NULL;
	if (certificate == NULL)
	{
		*problem = "No certificate came with the request, or none that can be read: a trusted "
			"proxy has to pass it on (Client-Cert, or X-SSL-Client-Cert).";
		return NULL;
	}
	if (oauth_client_authenticates_by(client, "self_signed_tls_client_auth"))
		return why_not_registered(certificate, client, problem);
	*problem = why_not_issued(request, certificate, client);
	return NULL;
}
