/*
 * public_key.c
 *		RSA public keys of clients: PEM in the database, JSON Web Keys in metadata (RFC 7517; RFC
 *		7518, section 6.3).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "setting.h"
#include "text/text.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#define MAX_BITS			16384
#define MAX_EXPONENT_BITS	64

/* The text is stored as it was given, and a file can contain the private key as well. */
static bool
is_one_pem(const char *pem)
{
	static const char begin[] = "-----BEGIN ";
	const char *first = strstr(pem, begin);

	return first != NULL && strstr(first + 1, begin) == NULL;
}

/*
 * "the RSA public exponent e is an integer between 3 and n - 1" (RFC 8017, section 3.1), and odd.
 * With exponent 1 every signature would hold; a long exponent would make a verification as slow as
 * a signature.
 */
static bool
has_good_exponent(const EVP_PKEY *key)
{
	BIGNUM	   *exponent = NULL;
	bool		is_good = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 &&
		BN_is_odd(exponent) && !BN_is_one(exponent) && BN_num_bits(exponent) <= MAX_EXPONENT_BITS;

	BN_free(exponent);
	return is_good;
}

/* Checks that this is the PEM of an RSA public key of a usable size. */
OAuthFault *
oauth_public_key_check(const char *pem)
{
	EVP_PKEY   *key = is_one_pem(pem) ? oauth_pem_read(pem, false) : NULL;
	bool		is_rsa = key != NULL && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
	int			bits = is_rsa ? EVP_PKEY_get_bits(key) : 0;
	bool		is_good = is_rsa && has_good_exponent(key);

	EVP_PKEY_free(key);
	if (!is_rsa)
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
						   "rsa_public_key must be one RSA public key in PEM, -----BEGIN PUBLIC "
						   "KEY-----.");
	if (bits < oauth_setting_rsa_min_bits || bits > MAX_BITS)
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
						   psprintf("rsa_public_key has %d bits; from %d to %d can be used "
									"(setting oauth.rsa_min_bits).",
									bits, oauth_setting_rsa_min_bits, MAX_BITS));
	if (!is_good)
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
						   "rsa_public_key has an exponent that is 1, even or longer than 64 "
						   "bits.");
	return NULL;
}

static EVP_PKEY *
key_from_numbers(BIGNUM *n, BIGNUM *e)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY   *key = NULL;

	if (builder != NULL && context != NULL && n != NULL && e != NULL &&
		OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
		OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1 &&
		(params = OSSL_PARAM_BLD_to_param(builder)) != NULL &&
		EVP_PKEY_fromdata_init(context) == 1 &&
		EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(builder);
	EVP_PKEY_CTX_free(context);
	return key;
}

/* The text of a memory BIO, which is freed; NULL if it is empty. */
static char *
take_text(BIO *bio)
{
	char	   *data;
	long		length = bio ? BIO_get_mem_data(bio, &data) : 0;
	char	   *copy = length > 0 ? palloc_extended(length + 1, MCXT_ALLOC_NO_OOM) : NULL;

	if (copy != NULL)
	{
		memcpy(copy, data, length);
		copy[length] = '\0';
	}
	BIO_free(bio);
	return copy;
}

/*
 * The PEM of the key with that modulus and exponent, both big-endian; NULL if they are not a key.
 */
char *
oauth_public_key_pem(const uint8 *modulus, int modulus_length, const uint8 *exponent,
					 int exponent_length)
{
	BIGNUM	   *n = modulus_length <= MAX_BITS / 8 ?
		BN_bin2bn(modulus, modulus_length, NULL) : NULL;
	BIGNUM	   *e = exponent_length <= MAX_EXPONENT_BITS / 8 ?
		BN_bin2bn(exponent, exponent_length, NULL) :
		NULL;
	EVP_PKEY   *key = key_from_numbers(n, e);
	BIO		   *bio = key ? BIO_new(BIO_s_mem()) : NULL;

	if (bio != NULL && PEM_write_bio_PUBKEY(bio, key) != 1)
	{
		BIO_free(bio);
		bio = NULL;
	}
	EVP_PKEY_free(key);
	BN_free(n);
	BN_free(e);
	ERR_clear_error();
	return take_text(bio);
}

/* A number of the key as base64url, NULL if the key has none. */
static char *
key_number(EVP_PKEY *key, const char *name)
{
	BIGNUM	   *value = NULL;
	uint8		bytes[MAX_BITS / 8];
	int			length = 0;

	if (EVP_PKEY_get_bn_param(key, name, &value) == 1 && BN_num_bytes(value) <= (int) sizeof(bytes))
		length = BN_bn2bin(value, bytes);
	BN_free(value);
	return length > 0 ? oauth_base64url(bytes, length) : NULL;
}

/* The members n and e of the key as a JSON Web Key. */
bool
oauth_public_key_numbers(const char *pem, char **modulus, char **exponent)
{
	EVP_PKEY   *key = oauth_pem_read(pem, false);

	if (key == NULL)
		return false;
	PG_TRY();
	{
		*modulus = key_number(key, OSSL_PKEY_PARAM_RSA_N);
		*exponent = key_number(key, OSSL_PKEY_PARAM_RSA_E);
	}
	PG_FINALLY();
	{
		EVP_PKEY_free(key);
		ERR_clear_error();
	}
	PG_END_TRY();
	return *modulus != NULL && *exponent != NULL;
}
