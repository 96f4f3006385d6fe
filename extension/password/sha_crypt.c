/*
 * sha_crypt.c
 *		$5$ and $6$ of crypt(3), as /etc/shadow has them: SHA-256 and SHA-512 in many rounds,
 *		computed by libxcrypt, for pgcrypto knows them from PostgreSQL 18 on only.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "password/scheme.h"

#include <crypt.h>

#define MAX_SALT		16
#define SHA256_KEY		43
#define SHA512_KEY		86
#define MIN_ROUNDS		1000
#define DEFAULT_ROUNDS	5000

static const char alphabet[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/*
 * rounds=N$salt$hash or salt$hash; the prefix, which says which of the two it is, is part of the
 * setting.
 */
static bool
read_rounds(const char *rest, const char *prefix, int key_length, OAuthPasswordHash *hash)
{
	const char *field = rest;
	const char *salt;

	hash->iterations = DEFAULT_ROUNDS;
	if (oauth_password_word(&field, "rounds=") &&
		(!oauth_password_number(&field, '$', &hash->iterations) || hash->iterations < MIN_ROUNDS))
		return false;
	salt = field;
	field += strspn(field, alphabet);
	if (field - salt > MAX_SALT || *field++ != '$' || strlen(field) != (size_t) key_length ||
		strspn(field, alphabet) != (size_t) key_length)
		return false;
	hash->work = hash->iterations;
	hash->setting = psprintf("%s%.*s", prefix, (int) (field - rest), rest);
	hash->key = (uint8 *) pstrdup(field);
	hash->key_length = key_length;
	return true;
}

bool
oauth_password_read_sha256_crypt(const char *rest, OAuthPasswordHash *hash)
{
	return read_rounds(rest, "$5$", SHA256_KEY, hash);
}

bool
oauth_password_read_sha512_crypt(const char *rest, OAuthPasswordHash *hash)
{
	return read_rounds(rest, "$6$", SHA512_KEY, hash);
}

/* libxcrypt refuses passwords of more than 511 bytes, so such a password is wrong. */
void
oauth_password_sha_crypt(const char *password, const OAuthPasswordHash *hash, uint8 *key)
{
	struct crypt_data *data = palloc0(sizeof(struct crypt_data));
	size_t		setting_length = strlen(hash->setting);
	bool		is_too_long = strlen(password) >= CRYPT_MAX_PASSPHRASE_SIZE;
	const char *result = crypt_r(is_too_long ? "" : password, hash->setting, data);
	bool		is_done = result != NULL && strlen(result) == setting_length + hash->key_length &&
		strncmp(result, hash->setting, setting_length) == 0;

	if (is_done)
		memcpy(key, result + setting_length, hash->key_length);
	if (is_done && is_too_long)
		memset(key, 0, hash->key_length);
	oauth_wipe(data, sizeof(*data));
	pfree(data);
	if (!is_done)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("libcrypt did not answer with the kind of hash it was asked for")));
}
