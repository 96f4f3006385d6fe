/*
 * derive.c
 *		Keys from passwords: PBKDF2 and scrypt by libcrypto, Argon2 by libargon2, and plain digests.
 *
 * None of these can be interrupted, so scheme.c limits the work before it begins.  None raises an
 * error before it has freed its memory.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "password/scheme.h"

#include <argon2.h>
#include <openssl/err.h>
#include <openssl/evp.h>

static void
require(bool is_done, const char *what)
{
	if (!is_done)
	{
		ERR_clear_error();
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not compute %s", what)));
	}
}

/* PBKDF2 (RFC 8018, section 5.2) */
void
oauth_password_pbkdf2(const char *password, const OAuthPasswordHash *hash, uint8 *key)
{
	require(PKCS5_PBKDF2_HMAC(password, strlen(password), hash->salt, hash->salt_length,
							  hash->iterations, EVP_get_digestbyname(hash->digest),
							  hash->key_length, key) == 1,
			"PBKDF2");
}

/* scrypt (RFC 7914).  libcrypto counts a little more memory than we do. */
void
oauth_password_scrypt(const char *password, const OAuthPasswordHash *hash, uint8 *key)
{
	uint64		memory = 2 * (uint64) hash->space + (UINT64_C(1) << 20);

	require(EVP_PBE_scrypt(password, strlen(password), hash->salt, hash->salt_length, hash->memory,
						   hash->block_size, hash->lanes, memory, key, hash->key_length) == 1,
			"scrypt");
}

/*
 * Argon2 (RFC 9106).  The lanes are computed one after the other, because a backend has no threads.
 */
void
oauth_password_argon2(const char *password, const OAuthPasswordHash *hash, uint8 *key)
{
	argon2_context context = {
		.out = key, .outlen = hash->key_length,
		.pwd = (uint8 *) unconstify(char *, password), .pwdlen = strlen(password),
		.salt = hash->salt, .saltlen = hash->salt_length,
		.t_cost = hash->iterations, .m_cost = hash->memory, .lanes = hash->lanes, .threads = 1,
		.version = hash->version, .flags = ARGON2_DEFAULT_FLAGS
	};

	require(argon2_ctx(&context, hash->variant) == ARGON2_OK, "Argon2");
}

/* One digest of salt and password, as old programs stored it. */
void
oauth_password_digest(const char *password, const OAuthPasswordHash *hash, uint8 *key)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool		done = context != NULL &&
		EVP_DigestInit_ex(context, EVP_get_digestbyname(hash->digest), NULL) == 1 &&
		EVP_DigestUpdate(context, hash->salt, hash->salt_length) == 1 &&
		EVP_DigestUpdate(context, password, strlen(password)) == 1 &&
		EVP_DigestFinal_ex(context, key, NULL) == 1;

	EVP_MD_CTX_free(context);
	require(done, hash->digest);
}
