/*
 * django.c
 *		The hashes that Django stores: algorithm$...$salt$hash, in django.contrib.auth.hashers.
 *
 * The salts of PBKDF2, scrypt and the plain digests are used as the text that they are.  What
 * Django has of Argon2 and bcrypt is the usual string after its own prefix (phc.c, crypt.c).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "password/scheme.h"

#include <openssl/evp.h>

#define SCRYPT_KEY_LENGTH 64

static bool
is_whole_digest(const OAuthPasswordHash *hash)
{
	return hash->key_length == EVP_MD_get_size(EVP_get_digestbyname(hash->digest));
}

/* iterations$salt$base64 */
bool
oauth_password_read_django_pbkdf2(const char *rest, OAuthPasswordHash *hash)
{
	bool		is_read = oauth_password_number(&rest, '$', &hash->iterations) &&
		oauth_password_text(&rest, '$', &hash->salt, &hash->salt_length) &&
		hash->salt_length > 0 &&
		oauth_password_base64(&rest, '\0', true, &hash->key, &hash->key_length) &&
		is_whole_digest(hash);

	hash->work = hash->iterations;
	return is_read;
}

/* N$salt$r$p$base64 */
bool
oauth_password_read_django_scrypt(const char *rest, OAuthPasswordHash *hash)
{
	bool		is_read = oauth_password_number(&rest, '$', &hash->memory) &&
		oauth_password_text(&rest, '$', &hash->salt, &hash->salt_length) &&
		hash->salt_length > 0 && oauth_password_number(&rest, '$', &hash->block_size) &&
		oauth_password_number(&rest, '$', &hash->lanes) &&
		oauth_password_base64(&rest, '\0', true, &hash->key, &hash->key_length) &&
		hash->key_length == SCRYPT_KEY_LENGTH;

	return is_read && oauth_password_cost_scrypt(hash);
}

/* salt$hexadecimal; the salt is empty in the oldest ones */
bool
oauth_password_read_django_digest(const char *rest, OAuthPasswordHash *hash)
{
	return oauth_password_text(&rest, '$', &hash->salt, &hash->salt_length) &&
		oauth_password_hex(&rest, &hash->key, &hash->key_length) && is_whole_digest(hash);
}

/* hexadecimal and nothing else */
bool
oauth_password_read_bare_digest(const char *rest, OAuthPasswordHash *hash)
{
	return oauth_password_hex(&rest, &hash->key, &hash->key_length) && is_whole_digest(hash);
}
