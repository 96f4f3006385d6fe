/*
 * identity.c
 *		The hashes of ASP.NET Core Identity: base64 of a version and what it has.
 *
 * Version 3: the byte 1, then as four bytes each the number of the digest, the iterations and the
 * length of the salt, the salt, and the key to the end.  Version 2: the byte 0, 16 bytes of salt
 * and 32 of key, by 1,000 iterations with SHA-1.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "password/scheme.h"

#include <openssl/evp.h>

#include "port/pg_bswap.h"

#define HEADER_LENGTH	13
#define MIN_SALT		8
#define MIN_KEY			16
#define MAX_KEY			64
#define OLD_LENGTH		49
#define OLD_SALT		16
#define OLD_ITERATIONS	1000
#define SHA1_ENOUGH		1.3e6
#define SHA512_ENOUGH	2.1e5

static uint32
number_at(const uint8 *bytes)
{
	uint32		number;

	memcpy(&number, bytes, sizeof(number));
	return pg_ntoh32(number);
}

/* What the digests are called, and the work of their iterations as if all were of SHA-256. */
static bool
set_digest(uint32 number, OAuthPasswordHash *hash)
{
	static const char *const digests[] = {"SHA1", "SHA256", "SHA512"};
	static const double enough[] = {SHA1_ENOUGH, OAUTH_PBKDF2_SHA256_ENOUGH, SHA512_ENOUGH};
	int			length;

	if (number >= lengthof(digests))
		return false;
	hash->digest = digests[number];
	length = EVP_MD_get_size(EVP_get_digestbyname(hash->digest));
	hash->work = (double) hash->iterations * ((hash->key_length + length - 1) / length) *
		OAUTH_PBKDF2_SHA256_ENOUGH / enough[number];
	return true;
}

/* The prefix, which says version 3, is part of what is encoded. */
bool
oauth_password_read_identity(const char *rest, OAuthPasswordHash *hash)
{
	uint8	   *bytes;
	int			length;
	uint32		salt_length;

	rest -= strlen(OAUTH_IDENTITY_PREFIX);
	if (!oauth_password_base64(&rest, '\0', true, &bytes, &length) ||
		length < HEADER_LENGTH + MIN_SALT + MIN_KEY)
		return false;
	hash->iterations = number_at(bytes + 5);
	salt_length = number_at(bytes + 9);
	if (bytes[0] != 1 || hash->iterations == 0 || hash->iterations > PG_INT32_MAX ||
		salt_length < MIN_SALT || salt_length > (uint32) (length - HEADER_LENGTH - MIN_KEY))
		return false;
	hash->salt = bytes + HEADER_LENGTH;
	hash->salt_length = (int) salt_length;
	hash->key = hash->salt + salt_length;
	hash->key_length = length - HEADER_LENGTH - (int) salt_length;
	return hash->key_length <= MAX_KEY && set_digest(number_at(bytes + 1), hash);
}

bool
oauth_password_read_identity_old(const char *rest, OAuthPasswordHash *hash)
{
	uint8	   *bytes;
	int			length;

	if (!oauth_password_base64(&rest, '\0', true, &bytes, &length) || length != OLD_LENGTH ||
		bytes[0] != 0)
		return false;
	hash->iterations = OLD_ITERATIONS;
	hash->salt = bytes + 1;
	hash->salt_length = OLD_SALT;
	hash->key = hash->salt + OLD_SALT;
	hash->key_length = OLD_LENGTH - 1 - OLD_SALT;
	return set_digest(0, hash);
}
