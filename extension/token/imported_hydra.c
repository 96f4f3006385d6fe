/*
 * imported_hydra.c
 *		Tokens of Ory Hydra that were imported.
 *
 * Such a token is ory_at_KEY.SIGNATURE, or ory_rt_, or in old versions without a prefix: base64url
 * of random bytes, and of their HMAC-SHA512/256 under the SHA-256 of Hydra's system secret.  Hydra
 * does not store KEY: of an access token it stores the SHA-384 of SIGNATURE, of a refresh token
 * SIGNATURE itself.  So its tables do not contain its tokens, and knowing them must not be enough
 * here either: the HMAC is computed, with keys that are stored sealed.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "secret/secret.h"
#include "store/token.h"
#include "text/text.h"
#include "token/token.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#define MIN_KEY			16		/* random bytes */
#define SEALED_TO		"imported key"

static bool
hmac_is(const uint8 *key, const uint8 *random, int length, const uint8 *expected)
{
	uint8		mac[EVP_MAX_MD_SIZE];
	unsigned int mac_length = 0;

	return HMAC(EVP_sha512_256(), key, OAUTH_HASH_LENGTH, random, length, mac,
				&mac_length) != NULL &&
		mac_length == OAUTH_HASH_LENGTH &&
		timingsafe_bcmp(mac, expected, OAUTH_HASH_LENGTH) == 0;
}

/* Whether one of the keys made that signature. */
static bool
is_signed(const uint8 *random, int length, const uint8 *signature)
{
	List	   *keys = oauth_store_imported_keys();
	ListCell   *cell;
	bool		holds = false;

	foreach(cell, keys)
	{
		char	   *encoded = oauth_unseal(lfirst(cell), SEALED_TO);
		int			key_length = 0;
		uint8	   *key = oauth_base64url_decode(encoded, strlen(encoded), &key_length);

		if (key == NULL || key_length != OAUTH_HASH_LENGTH)
			elog(ERROR, "an imported key is malformed");
		holds |= hmac_is(key, random, length, signature);
		oauth_wipe(key, key_length);
	}
	return holds;
}

/*
 * The hash of the row that a Hydra token has here, once its signature is verified; false if it is
 * not such a token.
 */
bool
oauth_hydra_signature_hash(const char *token, int length, uint8 *hash)
{
	const char *end = token + length;
	const char *dot;
	uint8	   *random;
	uint8	   *signature;
	int			random_length;
	int			signature_length;

	if (length > 7 && memcmp(token, "ory_", 4) == 0 && memcmp(token + 5, "t_", 2) == 0)
		token += 7;
	dot = memchr(token, '.', end - token);
	if (dot == NULL || memchr(dot + 1, '.', end - dot - 1) != NULL)
		return false;
	random = oauth_base64url_decode(token, dot - token, &random_length);
	signature = oauth_base64url_decode(dot + 1, end - dot - 1, &signature_length);
	if (random == NULL || random_length < MIN_KEY || signature == NULL ||
		signature_length != OAUTH_HASH_LENGTH || !is_signed(random, random_length, signature))
		return false;
	oauth_hydra_hash(oauth_base64url(signature, signature_length), hash);
	return true;
}

/*
 * The hash of a row, from the signature: the SHA-256 of its SHA-384 in hexadecimal, which Hydra
 * stores.
 */
void
oauth_hydra_hash(const char *signature, uint8 *hash)
{
	uint8		digest[EVP_MAX_MD_SIZE];
	char		hexadecimal[2 * EVP_MAX_MD_SIZE + 1];
	unsigned int length = 0;

	if (EVP_Digest(signature, strlen(signature), digest, &length, EVP_sha384(), NULL) != 1)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not compute SHA-384")));
	for (unsigned int i = 0; i < length; i++)
		snprintf(hexadecimal + 2 * i, 3, "%02x", digest[i]);
	oauth_sha256(hexadecimal, 2 * length, hash);
}

/* Stores the key that Hydra derives from a system secret. */
void
oauth_hydra_add_key(const char *system_secret)
{
	uint8		key[OAUTH_HASH_LENGTH];
	uint8		key_hash[OAUTH_HASH_LENGTH];
	char	   *encoded;

	oauth_sha256(system_secret, strlen(system_secret), key);
	oauth_sha256(key, sizeof(key), key_hash);
	encoded = oauth_base64url(key, sizeof(key));
	oauth_store_add_imported_key(key_hash, oauth_seal(encoded, SEALED_TO));
	oauth_wipe(key, sizeof(key));
	oauth_wipe(encoded, strlen(encoded));
}
