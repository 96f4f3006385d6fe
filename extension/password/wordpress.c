/*
 * wordpress.c
 *		The hashes of WordPress: $wp$2y$..., bcrypt of an HMAC since version 6.8, and before that
 *		those of phpass, $P$..., which other programs in PHP have as well ($H$...).
 *
 * phpass: MD5 of salt and password, then of what came out and the password, so many times; what
 * comes out is written in base64 of its own.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "password/scheme.h"

#include <openssl/evp.h>

#define PHPASS_SALT_LENGTH	8
#define PHPASS_KEY_LENGTH	22
#define PHPASS_DIGEST		16
#define PHPASS_MIN_LOG		7
#define PHPASS_MAX_LOG		30
#define MAX_PASSWORD		4096	/* phpass takes no longer password */
#define WP_KEY				"wp-sha384"
#define SHA384_LENGTH		48

static const char alphabet[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* One character that says how often, eight of salt, and 22 of hash */
bool
oauth_password_read_phpass(const char *rest, OAuthPasswordHash *hash)
{
	int			log;

	if (strlen(rest) != 1 + PHPASS_SALT_LENGTH + PHPASS_KEY_LENGTH ||
		strspn(rest + 1 + PHPASS_SALT_LENGTH, alphabet) != PHPASS_KEY_LENGTH ||
		strchr(alphabet, rest[0]) == NULL)
		return false;
	log = (int) (strchr(alphabet, rest[0]) - alphabet);
	if (log < PHPASS_MIN_LOG || log > PHPASS_MAX_LOG)
		return false;
	hash->iterations = UINT32_C(1) << log;
	hash->work = hash->iterations;
	hash->salt = (uint8 *) pnstrdup(rest + 1, PHPASS_SALT_LENGTH);
	hash->salt_length = PHPASS_SALT_LENGTH;
	hash->key = (uint8 *) pstrdup(rest + 1 + PHPASS_SALT_LENGTH);
	hash->key_length = PHPASS_KEY_LENGTH;
	return true;
}

/* Three bytes are four characters, the lowest bits first; the last one is two. */
static void
encode(const uint8 *digest, uint8 *key)
{
	for (int i = 0; i < PHPASS_DIGEST; i += 3)
	{
		uint32		bits = digest[i];

		for (int k = 1; k < 3 && i + k < PHPASS_DIGEST; k++)
			bits |= (uint32) digest[i + k] << (8 * k);
		for (int k = 0; k < 4 && i / 3 * 4 + k < PHPASS_KEY_LENGTH; k++)
			key[i / 3 * 4 + k] = alphabet[bits >> (6 * k) & 0x3F];
	}
}

static bool
digest(EVP_MD_CTX *context, const EVP_MD *md5, const uint8 *first, int length, const char *password,
	   uint8 *result)
{
	return EVP_DigestInit_ex(context, md5, NULL) == 1 &&
		EVP_DigestUpdate(context, first, length) == 1 &&
		EVP_DigestUpdate(context, password, strlen(password)) == 1 &&
		EVP_DigestFinal_ex(context, result, NULL) == 1;
}

void
oauth_password_phpass(const char *password, const OAuthPasswordHash *hash, uint8 *key)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_MD	   *md5 = EVP_MD_fetch(NULL, "MD5", NULL);
	uint8		state[PHPASS_DIGEST];
	bool		done = context != NULL && md5 != NULL &&
		digest(context, md5, hash->salt, hash->salt_length, password, state);

	memset(key, 0, PHPASS_KEY_LENGTH);
	if (done && strlen(password) <= MAX_PASSWORD)
	{
		for (uint32 i = 0; done && i < hash->iterations; i++)
			done = digest(context, md5, state, sizeof(state), password, state);
		encode(state, key);
	}
	EVP_MD_CTX_free(context);
	EVP_MD_free(md5);
	oauth_wipe(state, sizeof(state));
	if (!done)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not compute MD5")));
}

/*
 * What WordPress gives to bcrypt: the HMAC of the password, without the white space around it, in
 * base64.
 */
char *
oauth_password_wordpress_mac(const char *password)
{
	static OAuthHmac sha384 = {.digest = "SHA384"};
	static const char space[] = " \t\n\r\v";
	const char *start = password + strspn(password, space);
	size_t		length = strlen(start);
	const void *parts[] = {start};
	uint8		mac[OAUTH_MAX_HMAC_LENGTH];
	char	   *encoded = oauth_secret_alloc(2 * SHA384_LENGTH);

	while (length > 0 && strchr(space, start[length - 1]) != NULL)
		length--;
	oauth_hmac(&sha384, WP_KEY, strlen(WP_KEY), parts, &length, 1, mac);
	EVP_EncodeBlock((unsigned char *) encoded, mac, SHA384_LENGTH);
	oauth_wipe(mac, sizeof(mac));
	return encoded;
}

void
oauth_password_wordpress(const char *password, const OAuthPasswordHash *hash, uint8 *key)
{
	oauth_password_crypt(oauth_password_wordpress_mac(password), hash, key);
}
