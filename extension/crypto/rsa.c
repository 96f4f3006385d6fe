/*
 * rsa.c
 *		RSASSA-PKCS1-v1_5 signatures (RFC 5849, section 3.4.3), by OpenSSL.
 *
 * Parsing a PEM takes longer than verifying a signature, so a few parsed public keys are kept.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "common/base64.h"

#define MAX_SIGNATURE	2048	/* bytes: a key of 16,384 bits */
#define MAX_KEPT		32

/* A parsed public key, found by the digest of its PEM. */
typedef struct KeptKey
{
	uint8		hash[OAUTH_HASH_LENGTH];
	EVP_PKEY   *key;
	uint64		used;			/* the higher, the more recently */
} KeptKey;

static KeptKey kept[MAX_KEPT];
static uint64 uses;

/* The RSA key of a PEM, to be freed by the caller; NULL if it is not one. */
static EVP_PKEY *
parse_key(const char *pem, bool is_private)
{
	EVP_PKEY   *key = oauth_pem_read(pem, is_private);

	if (key != NULL &&
		(EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || EVP_PKEY_get_size(key) > MAX_SIGNATURE))
	{
		EVP_PKEY_free(key);
		key = NULL;
	}
	return key;
}

/* The public key of a PEM, kept here and not to be freed. */
static EVP_PKEY *
public_key(const char *pem)
{
	uint8		hash[OAUTH_HASH_LENGTH];
	KeptKey    *oldest = &kept[0];
	EVP_PKEY   *key;

	oauth_sha256(pem, strlen(pem), hash);
	for (int i = 0; i < MAX_KEPT; i++)
	{
		if (kept[i].key != NULL && memcmp(kept[i].hash, hash, sizeof(hash)) == 0)
		{
			kept[i].used = ++uses;
			return kept[i].key;
		}
		if (kept[i].used < oldest->used)
			oldest = &kept[i];
	}
	if ((key = parse_key(pem, false)) == NULL)
		return NULL;
	EVP_PKEY_free(oldest->key);
	oldest->key = key;
	oldest->used = ++uses;
	memcpy(oldest->hash, hash, sizeof(hash));
	return key;
}

bool
oauth1_rsa_key_is_usable(const char *pem)
{
	return public_key(pem) != NULL;
}

/*
 * Tells an algorithm that this system refuses from a key or signature that does not fit.  The first
 * is an error of the machine.
 */
static void
raise_unsupported(const char *digest)
{
	ERR_clear_error();
	ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("OpenSSL refuses RSA signatures with %s here", digest),
					errhint("The configuration of OpenSSL forbids them; a method with SHA-256 may "
							"be allowed.")));
}

/*
 * The base64 of the signature; NULL if pem is no private key, or the key is too short for that
 * digest.
 */
char *
oauth1_rsa_sign(const char *digest, const char *base_string, const char *pem)
{
	uint8		signature[MAX_SIGNATURE];
	size_t		length = sizeof(signature);
	EVP_PKEY   *key = parse_key(pem, true);
	EVP_MD_CTX *context = key ? EVP_MD_CTX_new() : NULL;
	bool		started = context != NULL &&
		EVP_DigestSignInit_ex(context, NULL, digest, NULL, NULL, key, NULL) == 1;
	bool		done = started &&
		EVP_DigestSign(context, signature, &length, (const uint8 *) base_string,
					   strlen(base_string)) == 1;
	char	   *encoded;

	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	if (key != NULL && !started)
		raise_unsupported(digest);
	ERR_clear_error();
	if (!done)
		return NULL;
	encoded = palloc0(pg_b64_enc_len(length) + 1);
	if (pg_b64_encode((const void *) signature, length, encoded, pg_b64_enc_len(length) + 1) < 0)
		elog(ERROR, "base64 buffer is too small");
	return encoded;
}

/* Only the canonical base64 of a signature is read, no other spelling of the same bytes. */
static bool
decode(const char *signature, uint8 *bytes, int *length)
{
	int			encoded_length = strlen(signature);
	char		again[(MAX_SIGNATURE + 2) / 3 * 4 + 1];

	if (encoded_length % 4 != 0 || encoded_length >= (int) sizeof(again))
		return false;
	*length = pg_b64_decode(signature, encoded_length, (void *) bytes, MAX_SIGNATURE);
	return *length > 0 &&
		pg_b64_encode((const void *) bytes, *length, again, sizeof(again)) == encoded_length &&
		memcmp(again, signature, encoded_length) == 0;
}

bool
oauth1_rsa_verify(const char *digest, const char *base_string, const char *signature,
				  const char *pem)
{
	uint8		bytes[MAX_SIGNATURE];
	int			length;
	EVP_PKEY   *key = public_key(pem);
	EVP_MD_CTX *context;
	bool		started;
	bool		holds;

	if (key == NULL || !decode(signature, bytes, &length))
		return false;
	context = EVP_MD_CTX_new();
	started = context != NULL &&
		EVP_DigestVerifyInit_ex(context, NULL, digest, NULL, NULL, key, NULL) == 1;
	holds = started && EVP_DigestVerify(context, bytes, length, (const uint8 *) base_string,
										strlen(base_string)) == 1;
	EVP_MD_CTX_free(context);
	if (!started)
		raise_unsupported(digest);
	ERR_clear_error();
	return holds;
}
