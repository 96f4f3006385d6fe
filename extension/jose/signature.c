/*
 * signature.c
 *		Signatures over bytes: RFC 7518, sections 3.2 to 3.5; RFC 8037, section 3.1.
 *
 * A context of OpenSSL is prepared on first use and kept with its key, and digests are looked up
 * once: both take as long as an ECDSA signature.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "jose/key.h"
#include "text/text.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#define MAX_DER		128			/* bytes of an ECDSA signature in DER, up to P-384 */

enum
{
	SIGN,
	VERIFY
};

/* The digest as OpenSSL holds it, looked up once; NULL if it has none of that name. */
static const EVP_MD *
find_digest(const char *name)
{
	static struct
	{
		const char *name;
		EVP_MD	   *digest;
	}			known[] = {{"SHA256", NULL}, {"SHA384", NULL}, {"SHA512", NULL}};

	for (size_t i = 0; i < lengthof(known); i++)
	{
		if (strcmp(known[i].name, name) != 0)
			continue;
		if (known[i].digest == NULL)
			known[i].digest = EVP_MD_fetch(NULL, name, NULL);
		return known[i].digest;
	}
	return NULL;
}

static bool
set_padding(EVP_PKEY_CTX *context, const OAuthJwsAlgorithm *algorithm, const EVP_MD *digest)
{
	if (algorithm->kty != OAUTH_KTY_RSA)
		return true;
	if (!algorithm->is_pss)
		return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;

	/* "The size of the salt value is the same size as the hash function output" (3.5) */
	return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
		EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) == 1 &&
		EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

/* The context of the key for RSA or ECDSA; NULL if OpenSSL makes none. */
static EVP_PKEY_CTX *
prepare(OAuthJwk *key, const OAuthJwsAlgorithm *algorithm, const EVP_MD *digest, int what)
{
	EVP_PKEY_CTX *context = key->context[what];

	if (context != NULL && key->prepared_for[what] == algorithm)
		return context;
	if (context == NULL)
		context = key->context[what] = EVP_PKEY_CTX_new_from_pkey(NULL, key->key, NULL);
	key->prepared_for[what] = NULL;
	if (context == NULL ||
		(what == SIGN ? EVP_PKEY_sign_init(context) : EVP_PKEY_verify_init(context)) != 1 ||
		EVP_PKEY_CTX_set_signature_md(context, digest) != 1 ||
		!set_padding(context, algorithm, digest))
		return NULL;
	key->prepared_for[what] = algorithm;
	return context;
}

/* Prepares a key that is kept to verify such signatures; false if OpenSSL refuses. */
bool
oauth_signature_prepare(const OAuthJwsAlgorithm *algorithm, OAuthJwk *key)
{
	const EVP_MD *digest = algorithm->digest ? find_digest(algorithm->digest) : NULL;
	bool		is_prepared = algorithm->digest == NULL ||
		(digest != NULL && prepare(key, algorithm, digest, VERIFY) != NULL);

	ERR_clear_error();
	return is_prepared;
}

/* ---- ECDSA: r and s one after the other instead of DER (RFC 7518, section 3.4) ---- */

/* From DER to r || s; false if it is no signature of that size. */
static bool
numbers_from_der(const uint8 *der, size_t der_length, int number_length, uint8 *numbers)
{
	ECDSA_SIG  *signature = d2i_ECDSA_SIG(NULL, &der, (long) der_length);
	bool		done = signature != NULL &&
		BN_bn2binpad(ECDSA_SIG_get0_r(signature), numbers, number_length) == number_length &&
		BN_bn2binpad(ECDSA_SIG_get0_s(signature), numbers + number_length, number_length) ==
		number_length;

	ECDSA_SIG_free(signature);
	return done;
}

/*
 * From r || s to DER, 0 if that cannot be.  With r and s of 0 a broken verifier says yes to every
 * message (CVE-2022-21449); OpenSSL refuses them and what is not below the order of the curve.
 */
static int
der_from_numbers(const uint8 *numbers, int number_length, uint8 *der)
{
	ECDSA_SIG  *signature = ECDSA_SIG_new();
	BIGNUM	   *r = BN_bin2bn(numbers, number_length, NULL);
	BIGNUM	   *s = BN_bin2bn(numbers + number_length, number_length, NULL);
	int			length = 0;

	if (signature != NULL && r != NULL && s != NULL && !BN_is_zero(r) && !BN_is_zero(s) &&
		ECDSA_SIG_set0(signature, r, s) == 1)
	{
		r = s = NULL;			/* they are the signature's now */
		if (i2d_ECDSA_SIG(signature, NULL) <= MAX_DER)
			length = i2d_ECDSA_SIG(signature, &der);
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(signature);
	return Max(length, 0);
}

/* ---- by kind ---- */

static int
sign_digest(const OAuthJwsAlgorithm *algorithm, const OAuthJwk *key, const char *input, int length,
			uint8 *signature)
{
	const EVP_MD *digest = find_digest(algorithm->digest);
	EVP_PKEY_CTX *context = digest ? prepare((OAuthJwk *) key, algorithm, digest, SIGN) : NULL;
	uint8		hash[EVP_MAX_MD_SIZE];
	unsigned int hash_length;
	uint8		der[MAX_DER];
	size_t		written = algorithm->kty == OAUTH_KTY_EC ? sizeof(der) : OAUTH_MAX_SIGNATURE;

	if (context == NULL || EVP_Digest(input, length, hash, &hash_length, digest, NULL) != 1 ||
		EVP_PKEY_sign(context, algorithm->kty == OAUTH_KTY_EC ? der : signature, &written, hash,
					  hash_length) != 1)
		return 0;
	if (algorithm->kty != OAUTH_KTY_EC)
		return (int) written;
	return numbers_from_der(der, written, algorithm->number_length, signature) ?
		2 * algorithm->number_length : 0;
}

static bool
digest_holds(const OAuthJwsAlgorithm *algorithm, const OAuthJwk *key, const char *input, int length,
			 const uint8 *signature, int signature_length)
{
	const EVP_MD *digest = find_digest(algorithm->digest);
	EVP_PKEY_CTX *context = digest ? prepare((OAuthJwk *) key, algorithm, digest, VERIFY) : NULL;
	uint8		hash[EVP_MAX_MD_SIZE];
	unsigned int hash_length;
	uint8		der[MAX_DER];

	if (context == NULL || EVP_Digest(input, length, hash, &hash_length, digest, NULL) != 1)
		return false;
	if (algorithm->kty == OAUTH_KTY_EC)
	{
		/* "The octet sequence is 64 octets" and nothing else */
		if (signature_length != 2 * algorithm->number_length)
			return false;
		signature_length = der_from_numbers(signature, algorithm->number_length, der);
		signature = der;
	}
	/* "If the length of the signature S is not k octets" (RFC 8017, sections 8.1.2 and 8.2.2) */
	else if (signature_length != EVP_PKEY_get_size(key->key))
		return false;
	return signature_length > 0 &&
		EVP_PKEY_verify(context, signature, signature_length, hash, hash_length) == 1;
}

static int
sign_eddsa(const OAuthJwk *key, const char *input, int length, uint8 *signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t		written = OAUTH_MAX_SIGNATURE;
	bool		done = context != NULL &&
		EVP_DigestSignInit(context, NULL, NULL, NULL, key->key) == 1 &&
		EVP_DigestSign(context, signature, &written, (const uint8 *) input, length) == 1;

	EVP_MD_CTX_free(context);
	return done ? (int) written : 0;
}

static bool
eddsa_holds(const OAuthJwk *key, const char *input, int length, const uint8 *signature,
			int signature_length)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool		holds = context != NULL &&
		EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->key) == 1 &&
		EVP_DigestVerify(context, signature, signature_length, (const uint8 *) input, length) == 1;

	EVP_MD_CTX_free(context);
	return holds;
}

static void
hs256(const OAuthJwk *key, const char *input, int length, uint8 *mac)
{
	static OAuthHmac hmac = {.digest = "SHA256"};
	const void *parts[] = {input};
	const size_t lengths[] = {length};

	oauth_hmac(&hmac, key->secret, key->secret_length, parts, lengths, 1, mac);
}

/* The length of the signature, 0 if OpenSSL makes none. */
int
oauth_signature_make(const OAuthJwsAlgorithm *algorithm, const OAuthJwk *key, const char *input,
					 int length, uint8 *signature)
{
	int			written;

	if (algorithm->kty == OAUTH_KTY_OCT)
	{
		hs256(key, input, length, signature);
		return OAUTH_HASH_LENGTH;
	}
	written = algorithm->digest ? sign_digest(algorithm, key, input, length, signature) :
		sign_eddsa(key, input, length, signature);
	ERR_clear_error();
	return written;
}

bool
oauth_signature_holds(const OAuthJwsAlgorithm *algorithm, const OAuthJwk *key, const char *input,
					  int length, const uint8 *signature, int signature_length)
{
	uint8		mac[OAUTH_MAX_HMAC_LENGTH];
	bool		holds;

	if (algorithm->kty == OAUTH_KTY_OCT)
	{
		hs256(key, input, length, mac);
		return signature_length == OAUTH_HASH_LENGTH &&
			CRYPTO_memcmp(mac, signature, OAUTH_HASH_LENGTH) == 0;
	}
	holds = algorithm->digest ?
		digest_holds(algorithm, key, input, length, signature, signature_length) :
		eddsa_holds(key, input, length, signature, signature_length);
	ERR_clear_error();
	return holds;
}

/*
 * "the base64url encoding of the left-most half of the hash of the octets of the ASCII
 * representation of the access_token value, where the hash algorithm used is the hash algorithm
 * used in the alg Header Parameter of the ID Token's JOSE Header" (OpenID Connect Core, section
 * 3.1.3.6).
 */
char *
oauth_jws_half_hash(const char *alg, const char *text)
{
	const OAuthJwsAlgorithm *algorithm = oauth_jws_algorithm(alg);
	const EVP_MD *digest = algorithm ? find_digest(algorithm->hash) : NULL;
	uint8		hash[EVP_MAX_MD_SIZE];
	unsigned int length;
	bool		done = digest != NULL &&
		EVP_Digest(text, strlen(text), hash, &length, digest, NULL) == 1;

	ERR_clear_error();
	if (!done)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
						errmsg("OpenSSL computes no digest for %s", alg),
						errhint("The configuration of OpenSSL may forbid it; another algorithm may "
								"be allowed.")));
	return oauth_base64url(hash, length / 2);
}
