/*
 * phc.c
 *		PHC strings of Argon2 (RFC 9106), scrypt (RFC 7914) and PBKDF2 (RFC 8018):
 *		$name$parameters$salt$hash.
 *
 * The parameters must be in the order of the string format.  PBKDF2 is also read as passlib writes
 * it, with the bare number of iterations.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "password/scheme.h"

#include <argon2.h>
#include <openssl/evp.h>

#define MIN_KEY			16
#define MAX_KEY			64
#define MAX_LOG_N		30
#define MIN_ARGON2_SALT	8

/* Reads salt and hash, the last two fields of every string. */
static bool
read_salt_and_key(const char **rest, OAuthPasswordHash *hash)
{
	return oauth_password_base64(rest, '$', false, &hash->salt, &hash->salt_length) &&
		oauth_password_base64(rest, '\0', false, &hash->key, &hash->key_length) &&
		hash->key_length >= MIN_KEY && hash->key_length <= MAX_KEY;
}

/* i=iterations,l=length$salt$hash or iterations$salt$hash */
bool
oauth_password_read_pbkdf2(const char *rest, OAuthPasswordHash *hash)
{
	int			digest_length = EVP_MD_get_size(EVP_get_digestbyname(hash->digest));
	int			blocks;
	uint32		length = 0;
	bool		is_read = oauth_password_word(&rest, "i=") ?
		oauth_password_number(&rest, ',', &hash->iterations) && oauth_password_word(&rest, "l=") &&
		oauth_password_number(&rest, '$', &length) :
		oauth_password_number(&rest, '$', &hash->iterations);

	if (!is_read || !read_salt_and_key(&rest, hash) ||
		(length != 0 && length != (uint32) hash->key_length))
		return false;
	blocks = (hash->key_length + digest_length - 1) / digest_length;
	hash->work = (double) hash->iterations * blocks;
	return true;
}

/* "N must be larger than 1, a power of 2" (RFC 7914, section 2).  Also computes the work. */
bool
oauth_password_cost_scrypt(OAuthPasswordHash *hash)
{
	hash->space = 128.0 * hash->block_size * ((double) hash->memory + hash->lanes);
	hash->work = (double) hash->memory * hash->block_size * hash->lanes;
	return hash->memory > 1 && (hash->memory & (hash->memory - 1)) == 0;
}

/* ln=log2(N),r=r,p=p$salt$hash */
bool
oauth_password_read_scrypt(const char *rest, OAuthPasswordHash *hash)
{
	uint32		log_n;

	if (!oauth_password_word(&rest, "ln=") || !oauth_password_number(&rest, ',', &log_n) ||
		log_n > MAX_LOG_N || !oauth_password_word(&rest, "r=") ||
		!oauth_password_number(&rest, ',', &hash->block_size) ||
		!oauth_password_word(&rest, "p=") || !oauth_password_number(&rest, '$', &hash->lanes) ||
		!read_salt_and_key(&rest, hash))
		return false;
	hash->memory = UINT32_C(1) << log_n;
	return oauth_password_cost_scrypt(hash);
}

static bool
read_variant(const char **rest, OAuthPasswordHash *hash)
{
	if (oauth_password_word(rest, "id$"))
		hash->variant = Argon2_id;
	else if (oauth_password_word(rest, "i$"))
		hash->variant = Argon2_i;
	else if (oauth_password_word(rest, "d$"))
		hash->variant = Argon2_d;
	else
		return false;
	return true;
}

/* Version 16 is the first one, which was not written down. */
static bool
read_version(const char **rest, OAuthPasswordHash *hash)
{
	hash->version = ARGON2_VERSION_10;
	return !oauth_password_word(rest, "v=") ||
		(oauth_password_number(rest, '$', &hash->version) &&
		 (hash->version == ARGON2_VERSION_10 || hash->version == ARGON2_VERSION_13));
}

/* variant$v=version$m=KiB,t=passes,p=lanes$salt$hash */
bool
oauth_password_read_argon2(const char *rest, OAuthPasswordHash *hash)
{
	if (!read_variant(&rest, hash) || !read_version(&rest, hash) ||
		!oauth_password_word(&rest, "m=") || !oauth_password_number(&rest, ',', &hash->memory) ||
		!oauth_password_word(&rest, "t=") ||
		!oauth_password_number(&rest, ',', &hash->iterations) ||
		!oauth_password_word(&rest, "p=") || !oauth_password_number(&rest, '$', &hash->lanes) ||
		!read_salt_and_key(&rest, hash))
		return false;
	hash->work = (double) hash->memory * hash->iterations;
	hash->space = (double) hash->memory * 1024;
	return hash->salt_length >= MIN_ARGON2_SALT && hash->lanes <= ARGON2_MAX_LANES &&
		hash->memory >= 2 * ARGON2_SYNC_POINTS * hash->lanes;
}
