/*
 * spring.c
 *		The hashes of Spring Security: {id}hash, where the id says which encoder made it
 *		(DelegatingPasswordEncoder).
 *
 * What an encoder does not write down is what it has by default under that id: the iterations of
 * PBKDF2, and how long its salt is, which stands before the key.  {bcrypt} and {argon2} are the
 * usual strings after the id (crypt.c, phc.c).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "password/scheme.h"

#include <openssl/evp.h>

#define KEY_LENGTH			32
#define OLD_SALT_LENGTH		8
#define OLD_ITERATIONS		185000
#define SALT_LENGTH			16
#define ITERATIONS			310000
#define DIGEST_ITERATIONS	1024

/* Hexadecimal of salt and key. */
static bool
read_salt_and_key(const char *rest, int salt_length, OAuthPasswordHash *hash)
{
	uint8	   *both;
	int			length;

	if (!oauth_password_hex(&rest, &both, &length) || length != salt_length + KEY_LENGTH)
		return false;
	hash->salt = both;
	hash->salt_length = salt_length;
	hash->key = both + salt_length;
	hash->key_length = KEY_LENGTH;
	return true;
}

/* {pbkdf2}, whose 32 bytes are two blocks of SHA-1 */
bool
oauth_password_read_spring_pbkdf2_old(const char *rest, OAuthPasswordHash *hash)
{
	hash->iterations = OLD_ITERATIONS;
	hash->work = 2.0 * OLD_ITERATIONS;
	return read_salt_and_key(rest, OLD_SALT_LENGTH, hash);
}

/* {pbkdf2@SpringSecurity_v5_8} */
bool
oauth_password_read_spring_pbkdf2(const char *rest, OAuthPasswordHash *hash)
{
	hash->iterations = ITERATIONS;
	hash->work = ITERATIONS;
	return read_salt_and_key(rest, SALT_LENGTH, hash);
}

/*
 * {scrypt}$parameters$salt$key; the parameters are one hexadecimal number, log2(N), r and p of
 * which take 8 bits each.
 */
bool
oauth_password_read_spring_scrypt(const char *rest, OAuthPasswordHash *hash)
{
	size_t		digits = strspn(rest, "0123456789abcdef");
	uint32		parameters = 0;

	if (digits < 5 || digits > 6 || rest[0] == '0' || rest[digits] != '$')
		return false;
	for (size_t i = 0; i < digits; i++)
		parameters = parameters << 4 | (rest[i] <= '9' ? rest[i] - '0' : rest[i] - 'a' + 10);
	rest += digits + 1;
	if (parameters >> 16 > 30)
		return false;
	hash->memory = UINT32_C(1) << (parameters >> 16);
	hash->block_size = parameters >> 8 & 0xFF;
	hash->lanes = parameters & 0xFF;
	return hash->block_size > 0 && hash->lanes > 0 &&
		oauth_password_base64(&rest, '$', true, &hash->salt, &hash->salt_length) &&
		oauth_password_base64(&rest, '\0', true, &hash->key, &hash->key_length) &&
		hash->key_length == KEY_LENGTH && oauth_password_cost_scrypt(hash);
}

/* {sha256}, the StandardPasswordEncoder */
bool
oauth_password_read_spring_sha256(const char *rest, OAuthPasswordHash *hash)
{
	hash->work = 1;
	return read_salt_and_key(rest, OLD_SALT_LENGTH, hash);
}

/* The digest of the digest and so on, 1,024 times, of salt and password */
void
oauth_password_spring_sha256(const char *password, const OAuthPasswordHash *hash, uint8 *key)
{
	oauth_password_digest(password, hash, key);
	for (int i = 1; i < DIGEST_ITERATIONS; i++)
		oauth_sha256(key, KEY_LENGTH, key);
}

/* {MD5}{salt}hexadecimal and its like; the salt may be missing, with its braces */
bool
oauth_password_read_spring_digest(const char *rest, OAuthPasswordHash *hash)
{
	const char *end = rest[0] == '{' ? strchr(rest, '}') : NULL;

	hash->salt_length = end ? (int) (end + 1 - rest) : 0;
	hash->salt = (uint8 *) pnstrdup(rest, hash->salt_length);
	rest += hash->salt_length;
	return oauth_password_hex(&rest, &hash->key, &hash->key_length) &&
		hash->key_length == EVP_MD_get_size(EVP_get_digestbyname(hash->digest));
}

/* The salt comes after the password, in its braces. */
void
oauth_password_spring_digest(const char *password, const OAuthPasswordHash *hash, uint8 *key)
{
	size_t		size = strlen(password) + strlen((char *) hash->salt) + 1;
	char	   *salted = oauth_secret_alloc(size);
	OAuthPasswordHash whole = {.digest = hash->digest};

	snprintf(salted, size, "%s%s", password, (char *) hash->salt);
	oauth_password_digest(salted, &whole, key);
}
