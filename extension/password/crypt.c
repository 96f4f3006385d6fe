/*
 * crypt.c
 *		Hashes of crypt(3) that pgcrypto computes: bcrypt in all its spellings, and traditional DES.
 *
 * pgcrypto knows $2a$ and $2x$, the flawed variant; given the $2b$ or $2y$ of other libraries, it
 * silently computes traditional DES.  So those are rewritten as $2a$ here, and the result is used
 * only if it begins with the setting that was asked for and has the right length.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "password/password.h"
#include "password/scheme.h"

#define BCRYPT_KEY_LENGTH	31
#define BCRYPT_SALT_LENGTH	22
#define BCRYPT_FIXED		7	/* $2a$10$ */
#define BCRYPT_MIN_COST		4
#define DES_KEY_LENGTH		11
#define DES_SALT_LENGTH		2

const char	oauth_crypt_alphabet[] =
"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/* What follows the prefix "$2": b$12$ and 53 characters. */
bool
oauth_password_read_bcrypt(const char *rest, OAuthPasswordHash *hash)
{
	const char *salt = rest + 5;
	int			cost;

	if (strlen(rest) != 5 + BCRYPT_SALT_LENGTH + BCRYPT_KEY_LENGTH ||
		strchr("abxy", rest[0]) == NULL || rest[1] != '$' || !isdigit((unsigned char) rest[2]) ||
		!isdigit((unsigned char) rest[3]) || rest[4] != '$' ||
		strspn(salt, oauth_crypt_alphabet) != BCRYPT_SALT_LENGTH + BCRYPT_KEY_LENGTH)
		return false;
	cost = (rest[2] - '0') * 10 + (rest[3] - '0');
	if (cost < BCRYPT_MIN_COST)
		return false;
	hash->work = cost;
	hash->variant = rest[0];
	hash->setting = psprintf("$2%c$%c%c$%.*s", rest[0] == 'x' ? 'x' : 'a', rest[2], rest[3],
							 BCRYPT_SALT_LENGTH, salt);
	hash->key = (uint8 *) pstrdup(salt + BCRYPT_SALT_LENGTH);
	hash->key_length = BCRYPT_KEY_LENGTH;
	return true;
}

/* Two characters of salt and eleven of hash. */
bool
oauth_password_read_des(const char *rest, OAuthPasswordHash *hash)
{
	if (strlen(rest) != DES_SALT_LENGTH + DES_KEY_LENGTH ||
		strspn(rest, oauth_crypt_alphabet) != strlen(rest))
		return false;
	hash->setting = pnstrdup(rest, DES_SALT_LENGTH);
	hash->key = (uint8 *) pstrdup(rest + DES_SALT_LENGTH);
	hash->key_length = DES_KEY_LENGTH;
	return true;
}

/*
 * bcrypt rewrites the last character of the salt, so only the part of the setting before the salt
 * must be the same.
 */
void
oauth_password_crypt(const char *password, const OAuthPasswordHash *hash, uint8 *key)
{
	size_t		setting_length = strlen(hash->setting);
	size_t		fixed = setting_length == DES_SALT_LENGTH ? DES_SALT_LENGTH : BCRYPT_FIXED;
	char	   *result = oauth_pgcrypto_crypt(password, hash->setting);

	if (strlen(result) != setting_length + hash->key_length ||
		memcmp(result, hash->setting, fixed) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("pgcrypto did not answer with the kind of hash it was asked for")));
	memcpy(key, result + setting_length, hash->key_length);
	oauth_wipe(result, strlen(result));
}

/* What Django's bcrypt_sha256 passes to bcrypt, so that passwords of any length count in full. */
char *
oauth_password_sha256_hex(const char *password)
{
	uint8		digest[OAUTH_HASH_LENGTH];
	char	   *hex = oauth_secret_alloc(2 * sizeof(digest) + 1);

	oauth_sha256(password, strlen(password), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	oauth_wipe(digest, sizeof(digest));
	return hex;
}

void
oauth_password_crypt_sha256(const char *password, const OAuthPasswordHash *hash, uint8 *key)
{
	oauth_password_crypt(oauth_password_sha256_hex(password), hash, key);
}
