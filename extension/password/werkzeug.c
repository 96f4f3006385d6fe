/*
 * werkzeug.c
 *		The hashes of Werkzeug, which Flask applications store: method:parameters$salt$hexadecimal.
 *
 * The salt is used as the text that it is.  A hash that does not say its parameters was made with
 * the defaults of some version, which cannot be known here.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "password/scheme.h"

#include <openssl/evp.h>

#define SCRYPT_KEY_LENGTH 64

static bool
read_salt_and_key(const char *rest, OAuthPasswordHash *hash)
{
	return oauth_password_text(&rest, '$', &hash->salt, &hash->salt_length) &&
		hash->salt_length > 0 && oauth_password_hex(&rest, &hash->key, &hash->key_length);
}

/* iterations$salt$hexadecimal, after the name of the digest */
bool
oauth_password_read_werkzeug_pbkdf2(const char *rest, OAuthPasswordHash *hash)
{
	bool		is_read = oauth_password_number(&rest, '$', &hash->iterations) &&
		read_salt_and_key(rest, hash);

	hash->work = hash->iterations;
	return is_read && hash->key_length == EVP_MD_get_size(EVP_get_digestbyname(hash->digest));
}

/* N:r:p$salt$hexadecimal */
bool
oauth_password_read_werkzeug_scrypt(const char *rest, OAuthPasswordHash *hash)
{
	return oauth_password_number(&rest, ':', &hash->memory) &&
		oauth_password_number(&rest, ':', &hash->block_size) &&
		oauth_password_number(&rest, '$', &hash->lanes) && read_salt_and_key(rest, hash) &&
		hash->key_length == SCRYPT_KEY_LENGTH && oauth_password_cost_scrypt(hash);
}
