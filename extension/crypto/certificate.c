/*
 * certificate.c
 *		X.509 certificates that clients show (RFC 5280): their names, their key, their thumbprint.
 *
 * Whether a certificate is to be trusted was for the proxy to say, which ended TLS; here it is only
 * read.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "text/text.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

typedef struct OwnedCertificate
{
	OAuthCertificate certificate;
	MemoryContextCallback callback;
} OwnedCertificate;

static void
free_certificate(void *argument)
{
	X509_free(((OAuthCertificate *) argument)->x509);
}

/*
 * The certificate in DER, which lives as long as the current memory context; NULL if it is none, or
 * if anything follows it.
 */
OAuthCertificate *
oauth_certificate_read(const uint8 *der, int length)
{
	const unsigned char *end = der;
	X509	   *x509 = length <= OAUTH_MAX_CERTIFICATE ? d2i_X509(NULL, &end, length) : NULL;
	OwnedCertificate *owned;

	ERR_clear_error();
	if (x509 == NULL || end != der + length)
	{
		X509_free(x509);
		return NULL;
	}
	owned = palloc0(sizeof(OwnedCertificate));
	owned->certificate.x509 = x509;
	oauth_sha256(der, length, owned->certificate.thumbprint);
	owned->callback.func = free_certificate;
	owned->callback.arg = &owned->certificate;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &owned->callback);
	return &owned->certificate;
}

/* Whether it is the certificate of that key. */
bool
oauth_certificate_has_key(const OAuthCertificate *certificate, const EVP_PKEY *key)
{
	EVP_PKEY   *own = X509_get0_pubkey(certificate->x509);
	bool		is_same = own != NULL && key != NULL && EVP_PKEY_eq(own, key) == 1;

	ERR_clear_error();
	return is_same;
}

/* Whether that is its subject: compared as RFC 5280 says in section 7.1, without case. */
bool
oauth_certificate_has_subject(const OAuthCertificate *certificate, const char *dn)
{
	X509_NAME  *name = oauth_distinguished_name(dn);
	bool		is_same = name != NULL &&
		X509_NAME_cmp(name, X509_get_subject_name(certificate->x509)) == 0;

	X509_NAME_free(name);
	ERR_clear_error();
	return is_same;
}

/* Its subject as RFC 4514 writes it, for administrators. */
char *
oauth_certificate_subject(const OAuthCertificate *certificate)
{
	BIO		   *bio = BIO_new(BIO_s_mem());
	char	   *text = pstrdup("");
	char	   *data;
	long		length;

	if (bio != NULL &&
		X509_NAME_print_ex(bio, X509_get_subject_name(certificate->x509), 0,
						   XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0 &&
		(length = BIO_get_mem_data(bio, &data)) > 0)
		text = pnstrdup(data, length);

	BIO_free(bio);
	ERR_clear_error();
	return text;
}

/* ---- subject alternative names ---- */

/* An address of IPv4 or IPv6 as it is in a certificate: 4 or 16 bytes; 0 if it is none. */
static int
address_of(const char *text, uint8 *bytes)
{
	if (inet_pton(AF_INET, text, bytes) == 1)
		return 4;
	return inet_pton(AF_INET6, text, bytes) == 1 ? 16 : 0;
}

bool
oauth_is_address(const char *text)
{
	uint8		bytes[16];

	return address_of(text, bytes) > 0;
}

static bool
is_name(const GENERAL_NAME * name, int type, const void *expected, int length)
{
	int			found;
	const		ASN1_STRING *value = GENERAL_NAME_get0_value(name, &found);

	if (found != type || ASN1_STRING_length(value) != length)
		return false;
	/* names of hosts have no case (RFC 4343) */
	return type == GEN_DNS ?
		pg_strncasecmp((const char *) ASN1_STRING_get0_data(value), expected, length) == 0 :
		memcmp(ASN1_STRING_get0_data(value), expected, length) == 0;
}

static bool
has_name(const OAuthCertificate *certificate, int type, const void *expected, int length)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate->x509, NID_subject_alt_name, NULL, NULL);
	bool		is_there = false;

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && !is_there; i++)
		is_there = is_name(sk_GENERAL_NAME_value(names, i), type, expected, length);
	GENERAL_NAMES_free(names);
	ERR_clear_error();
	return is_there;
}

/* Whether the certificate has that subject alternative name: the whole of it, and no pattern. */
bool
oauth_certificate_has_name(const OAuthCertificate *certificate, OAuthCertificateName kind,
						   const char *expected)
{
	static const int types[] = {[OAUTH_NAME_DNS] = GEN_DNS,[OAUTH_NAME_URI] = GEN_URI,
		[OAUTH_NAME_EMAIL] = GEN_EMAIL};
	uint8		bytes[16];

	if (kind == OAUTH_NAME_IP)
		return has_name(certificate, GEN_IPADD, bytes, address_of(expected, bytes));
	return has_name(certificate, types[kind], expected, strlen(expected));
}
