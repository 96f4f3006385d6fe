/*
 * key.c
 *		Keys as OpenSSL holds them: made of numbers, made anew, read from PEM and written as PEM.
 *
 * A key of others is looked at before it is used (RFC 8725, section 3.4): the size and the exponent
 * of RSA, whether a point is on its curve (RFC 7518, section 6.2.1; the invalid curve attack),
 * whether a point of Ed25519 has a small order, with which one signature would fit every message.
 *
 * Memory is taken before OpenSSL's objects are made, or with a memory context that frees them.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "jose/key.h"
#include "text/text.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "utils/memutils.h"

#define MAX_EXPONENT_BITS	64
#define MAX_COORDINATE		48
#define ED25519_LENGTH		32

typedef struct Curve
{
	const char *crv;
	const char *group;			/* as OpenSSL names it */
	int			length;			/* bytes of a coordinate */
} Curve;

static const Curve curves[] = {
	{"P-256", SN_X9_62_prime256v1, 32},
	{"P-384", SN_secp384r1, 48},
};

/* The key and the callback that frees it. */
typedef struct OwnedKey
{
	OAuthJwk	key;
	MemoryContextCallback callback;
} OwnedKey;

static void
free_key(void *argument)
{
	OAuthJwk   *key = argument;

	EVP_PKEY_CTX_free(key->context[0]);
	EVP_PKEY_CTX_free(key->context[1]);
	EVP_PKEY_free(key->key);
}

/* A key without numbers; what it gets is freed with the current memory context. */
OAuthJwk *
oauth_key_new(OAuthKeyType kty)
{
	OwnedKey   *owned = palloc0(sizeof(OwnedKey));

	owned->key.kty = kty;
	owned->key.may_verify = true;
	owned->callback.func = free_key;
	owned->callback.arg = &owned->key;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &owned->callback);
	return &owned->key;
}

static const Curve *
find_curve(const char *crv)
{
	for (size_t i = 0; i < lengthof(curves); i++)
		if (strcmp(curves[i].crv, crv) == 0)
			return &curves[i];
	return NULL;
}

/* Whether keys of that type with that crv are read here; NULL is no curve. */
bool
oauth_key_curve_is_ours(const char *kty, const char *crv)
{
	if (crv == NULL)
		return false;
	return strcmp(kty, "EC") == 0 ? find_curve(crv) != NULL : strcmp(crv, "Ed25519") == 0;
}

/* NULL if the parameters make no public key; frees the builder. */
static EVP_PKEY *
make_public(const char *type, OSSL_PARAM_BLD * builder)
{
	OSSL_PARAM *params = builder ? OSSL_PARAM_BLD_to_param(builder) : NULL;
	EVP_PKEY_CTX *context = params ? EVP_PKEY_CTX_new_from_name(NULL, type, NULL) : NULL;
	EVP_PKEY   *key = NULL;

	if (context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
		EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(builder);
	ERR_clear_error();
	return key;
}

/* ---- RSA ---- */

/*
 * "the RSA public exponent e is an integer between 3 and n - 1" (RFC 8017, section 3.1), and odd:
 * with 1 everybody's signature holds.  A long one would make a verification as slow as a signature.
 */
static const char *
rsa_problem(const EVP_PKEY *key)
{
	BIGNUM	   *n = NULL;
	BIGNUM	   *e = NULL;
	bool		is_read = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
		EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1;
	bool		is_sized = is_read && BN_num_bits(n) >= OAUTH_MIN_RSA_BITS &&
		BN_num_bits(n) <= OAUTH_MAX_RSA_BITS;
	bool		is_good = is_sized && BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e) &&
		BN_num_bits(e) <= MAX_EXPONENT_BITS;

	BN_free(n);
	BN_free(e);
	ERR_clear_error();
	if (!is_sized)
		return "An RSA key has from 2048 to 8192 bits (RFC 7518, section 3.3).";
	return is_good ? NULL : "The modulus of the RSA key is even, or its exponent is 1, even or "
		"longer than 64 bits.";
}

/*
 * "The octet sequence MUST utilize the minimum number of octets needed to represent the value" (RFC
 * 7518, section 2, Base64urlUInt).
 */
static bool
is_minimal(OAuthKeyNumber number, int max)
{
	return number.bytes != NULL && number.length > 0 && number.length <= max &&
		number.bytes[0] != 0;
}

const char *
oauth_key_set_rsa(OAuthJwk *key, OAuthKeyNumber n, OAuthKeyNumber e)
{
	OSSL_PARAM_BLD *builder;
	BIGNUM	   *modulus;
	BIGNUM	   *exponent;

	if (!is_minimal(n, OAUTH_MAX_RSA_BITS / 8) || !is_minimal(e, MAX_EXPONENT_BITS / 8))
		return "The members n and e of the RSA key are not numbers of its size (RFC 7518, section "
			"6.3.1).";
	builder = OSSL_PARAM_BLD_new();
	modulus = BN_bin2bn(n.bytes, n.length, NULL);
	exponent = BN_bin2bn(e.bytes, e.length, NULL);
	if (builder != NULL && modulus != NULL && exponent != NULL &&
		OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
		OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
		key->key = make_public("RSA", builder);
	else
		OSSL_PARAM_BLD_free(builder);
	BN_free(modulus);
	BN_free(exponent);
	return key->key ? rsa_problem(key->key) : "The RSA key is not one.";
}

/* ---- EC ---- */

static const char *
ec_problem(EVP_PKEY *key)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	bool		is_good = context != NULL && EVP_PKEY_public_check_quick(context) == 1;

	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	return is_good ? NULL : "The point of the EC key is not on its curve.";
}

const char *
oauth_key_set_ec(OAuthJwk *key, const char *crv, OAuthKeyNumber x, OAuthKeyNumber y)
{
	const Curve *curve = find_curve(crv);
	uint8		point[1 + 2 * MAX_COORDINATE] = {POINT_CONVERSION_UNCOMPRESSED};
	OSSL_PARAM_BLD *builder;

	/* "The length of this octet string MUST be the full size of a coordinate" (6.2.1.2) */
	if (x.bytes == NULL || y.bytes == NULL || x.length != curve->length ||
		y.length != curve->length)
		return "The members x and y of the EC key are not coordinates of its curve (RFC 7518, "
			"section 6.2.1).";
	key->crv = curve->crv;
	memcpy(point + 1, x.bytes, x.length);
	memcpy(point + 1 + x.length, y.bytes, y.length);
	builder = OSSL_PARAM_BLD_new();
	if (builder != NULL &&
		OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve->group, 0) ==
		1 &&
		OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point,
										 1 + 2 * curve->length) == 1)
		key->key = make_public("EC", builder);
	else
		OSSL_PARAM_BLD_free(builder);
	return key->key ? ec_problem(key->key) : "The point of the EC key is not on its curve.";
}

/* ---- OKP ---- */

/*
 * The y of the points whose order divides the cofactor, little-endian; and those that are not below
 * 2^255 - 19.  With such a key a signature says nothing.
 */
static bool
is_small_order(const uint8 *point)
{
	static const uint8 small[][ED25519_LENGTH] = {{0},
	{1},
	{0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0,
		0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
		0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39,
	0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
	{0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f,
		0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
		0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6,
	0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a}};
	uint8		y[ED25519_LENGTH];
	bool		is_high;

	memcpy(y, point, sizeof(y));
	y[ED25519_LENGTH - 1] &= 0x7F;	/* without the sign of x */
	for (size_t i = 0; i < lengthof(small); i++)
		if (memcmp(y, small[i], sizeof(y)) == 0)
			return true;
	/* from 2^255 - 20 on, which is -1 */
	is_high = y[ED25519_LENGTH - 1] == 0x7F && y[0] >= 0xEC;
	for (int i = 1; i < ED25519_LENGTH - 1; i++)
		is_high = is_high && y[i] == 0xFF;
	return is_high;
}

static const char *
okp_problem(const EVP_PKEY *key)
{
	uint8		point[ED25519_LENGTH];
	size_t		length = sizeof(point);
	bool		is_read = EVP_PKEY_get_raw_public_key(key, point, &length) == 1;

	ERR_clear_error();
	return is_read && length == sizeof(point) && !is_small_order(point) ? NULL :
		"The Ed25519 key is not a point that a key may be.";
}

const char *
oauth_key_set_okp(OAuthJwk *key, OAuthKeyNumber x)
{
	if (x.bytes == NULL || x.length != ED25519_LENGTH)
		return "The member x of the OKP key is not a key of its curve (RFC 8037, section 2).";
	key->crv = "Ed25519";
	key->key = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, x.bytes, x.length);
	ERR_clear_error();
	return key->key ? okp_problem(key->key) : "The Ed25519 key is not one.";
}

/* ---- numbers of a key ---- */

/* The number in base64url, of that length or, with 0, as short as it can be. */
char *
oauth_key_number(const OAuthJwk *key, const char *name, int length)
{
	BIGNUM	   *value = NULL;
	uint8		bytes[OAUTH_MAX_RSA_BITS / 8];
	int			written = 0;

	if (EVP_PKEY_get_bn_param(key->key, name, &value) == 1 &&
		BN_num_bytes(value) <= (int) sizeof(bytes))
		written = length ? BN_bn2binpad(value, bytes, length) : BN_bn2bin(value, bytes);
	BN_free(value);
	ERR_clear_error();
	if (written <= 0)
		elog(ERROR, "OpenSSL gives no number %s of a key", name);
	return oauth_base64url(bytes, written);
}

/* A coordinate of an EC key, or the x of an OKP key. */
char *
oauth_key_point(const OAuthJwk *key, bool is_y)
{
	uint8		point[ED25519_LENGTH];
	size_t		length = sizeof(point);

	if (key->kty == OAUTH_KTY_EC)
		return oauth_key_number(key, is_y ? OSSL_PKEY_PARAM_EC_PUB_Y : OSSL_PKEY_PARAM_EC_PUB_X,
								find_curve(key->crv)->length);
	if (EVP_PKEY_get_raw_public_key(key->key, point, &length) != 1)
		elog(ERROR, "OpenSSL gives no raw public key");
	return oauth_base64url(point, length);
}

/* ---- made here ---- */

/* A new key for an algorithm with a public key; an error if the machine cannot. */
OAuthJwk *
oauth_jwk_generate(const char *alg)
{
	const OAuthJwsAlgorithm *algorithm = oauth_jws_algorithm(alg);
	OAuthJwk   *key;

	if (algorithm == NULL || algorithm->kty == OAUTH_KTY_OCT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("there are no keys for the algorithm \"%s\"", alg),
				 errhint("Give one of %s.", oauth_words_join(oauth_jws_algorithms()))));
	key = oauth_key_new(algorithm->kty);
	key->crv = algorithm->crv;
	key->alg = algorithm->name;
	key->is_private = true;
	if (algorithm->kty == OAUTH_KTY_RSA)
		key->key = EVP_RSA_gen(OAUTH_RSA_BITS);
	else
		key->key = algorithm->kty == OAUTH_KTY_EC ? EVP_EC_gen(algorithm->crv) :
			EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	ERR_clear_error();
	if (key->key == NULL)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
						errmsg("OpenSSL made no key for %s", alg),
						errhint("The configuration of OpenSSL may forbid it; another algorithm may "
								"be allowed.")));
	key->kid = oauth_jwk_thumbprint(key);
	return key;
}

/* ---- PEM ---- */

/* Which curve it has; NULL: none of ours. */
static const char *
curve_of(const EVP_PKEY *key)
{
	char		group[64];
	size_t		length;

	if (EVP_PKEY_get_group_name(key, group, sizeof(group), &length) == 1)
		for (size_t i = 0; i < lengthof(curves); i++)
			if (strcmp(curves[i].group, group) == 0)
				return curves[i].crv;
	return NULL;
}

/* Sets kty and crv by what OpenSSL has read, and checks the public half. */
static const char *
take_type(OAuthJwk *key)
{
	switch (EVP_PKEY_get_base_id(key->key))
	{
		case EVP_PKEY_RSA:
			key->kty = OAUTH_KTY_RSA;
			return rsa_problem(key->key);
		case EVP_PKEY_EC:
			key->kty = OAUTH_KTY_EC;
			key->crv = curve_of(key->key);
			return key->crv ? ec_problem(key->key) :
				"The curve of the EC key is none of P-256 and P-384.";
		case EVP_PKEY_ED25519:
			key->kty = OAUTH_KTY_OKP;
			key->crv = "Ed25519";
			return okp_problem(key->key);
		default:
			return "The key is none of RSA, EC and Ed25519.";
	}
}

/* Whether the two halves belong together. */
static bool
is_pair(EVP_PKEY *key)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	bool		is_good = context != NULL && EVP_PKEY_pairwise_check(context) == 1;

	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	return is_good;
}

/* A PEM has the label at its beginning and at its end. */
static bool
has_several_private_keys(const char *pem)
{
	static const char label[] = " PRIVATE KEY-----";
	int			n = 0;

	for (const char *found = strstr(pem, label); found != NULL; found = strstr(found + 1, label))
		n++;
	return n > 2;
}

/*
 * One PEM of a private key (PKCS #8, or the older forms) or of a public key; its kid is the
 * thumbprint.  NULL and a problem if it cannot be used.
 */
OAuthJwk *
oauth_jwk_from_pem(const char *pem, const char **problem)
{
	static const char begin[] = "-----BEGIN ";
	const char *first = strstr(pem, begin);
	OAuthJwk   *key = oauth_key_new(OAUTH_KTY_RSA);

	*problem = NULL;
	if (has_several_private_keys(pem))
	{
		*problem = "There are several private keys in that text.";
		return NULL;
	}
	if (first != NULL && (key->key = oauth_pem_read(pem, true)) != NULL)
		key->is_private = true;
	else if (first != NULL && strstr(first + 1, begin) == NULL)
		key->key = oauth_pem_read(pem, false);
	if (key->key == NULL)
		*problem = "That is no key in PEM without a passphrase.";
	else if ((*problem = take_type(key)) == NULL && key->is_private && !is_pair(key->key))
		*problem = "The private half of the key does not belong to its public half.";
	if (*problem != NULL)
		return NULL;
	key->kid = oauth_jwk_thumbprint(key);
	return key;
}

/* PKCS #8 in PEM, in memory that is wiped with its context. */
char *
oauth_jwk_private_pem(const OAuthJwk *key)
{
	char	   *pem = oauth_secret_alloc(OAUTH_MAX_JWT);
	BIO		   *bio = BIO_new(BIO_s_secmem());
	int			length = bio && PEM_write_bio_PKCS8PrivateKey(bio, key->key, NULL, NULL, 0, NULL,
															  NULL) == 1 ?
		BIO_read(bio, pem, OAUTH_MAX_JWT - 1) : 0;

	BIO_free(bio);
	ERR_clear_error();
	if (length <= 0)
		elog(ERROR, "OpenSSL writes no PEM of a private key");
	return pem;
}

/* The algorithm that a key of that kind is for, unless somebody says another. */
const char *
oauth_jwk_default_algorithm(const OAuthJwk *key)
{
	switch (key->kty)
	{
		case OAUTH_KTY_RSA:
			return "RS256";
		case OAUTH_KTY_EC:
			return strcmp(key->crv, "P-384") == 0 ? "ES384" : "ES256";
		case OAUTH_KTY_OKP:
			return "EdDSA";
		default:
			return "HS256";
	}
}
