/*
 * random.c
 *		Random values, SHA-256, comparing secrets, and wiping them from memory.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "text/text.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <unistd.h>

/* Clears memory in a way that the compiler must keep. */
void
oauth_wipe(void *buffer, size_t length)
{
	explicit_bzero(buffer, length);
}

static void
make_random(void *buffer, size_t length)
{
	if (!pg_strong_random(buffer, length))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not get random bytes from the operating system")));
}

/*
 * Random bytes for secrets.  OpenSSL takes as long for 16 bytes as for 500, so it is asked for some
 * in advance; what has been given away is wiped.  A process never has bytes of its parent's.
 */
void
oauth_random(void *buffer, size_t length)
{
	static uint8 ready[512];
	static size_t n_ready = 0;
	static pid_t made_by = 0;

	if (length > sizeof(ready))
	{
		make_random(buffer, length);
		return;
	}
	if (n_ready < length || made_by != getpid())
	{
		n_ready = 0;
		make_random(ready, sizeof(ready));
		n_ready = sizeof(ready);
		made_by = getpid();
	}
	n_ready -= length;
	memcpy(buffer, ready + n_ready, length);
	oauth_wipe(ready + n_ready, length);
}

/* Whether two strings are the same; how long that takes tells their lengths and nothing else. */
bool
oauth_secrets_match(const char *a, const char *b)
{
	size_t		length = strlen(a);

	return strlen(b) == length && timingsafe_bcmp(a, b, length) == 0;
}

/*
 * SHA-256 by libcrypto itself: the server's pg_cryptohash looks SHA-256 up by name each time, which
 * takes longer than computing it.  The context is made once and kept; it holds nothing but the last
 * digest.
 */
void
oauth_sha256(const void *data, size_t length, uint8 *hash)
{
	static EVP_MD *sha256 = NULL;
	static EVP_MD_CTX *context = NULL;

	if (sha256 == NULL)
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (context == NULL)
		context = EVP_MD_CTX_new();
	if (sha256 == NULL || context == NULL || EVP_DigestInit_ex2(context, sha256, NULL) != 1 ||
		EVP_DigestUpdate(context, data, length) != 1 ||
		EVP_DigestFinal_ex(context, hash, NULL) != 1)
	{
		ERR_clear_error();
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not compute SHA-256")));
	}
}

static char *
random_secret(const char *prefix)
{
	uint8		secret[OAUTH_HASH_LENGTH];
	char	   *encoded;

	oauth_random(secret, sizeof(secret));
	encoded = oauth_base64url(secret, sizeof(secret));
	oauth_wipe(secret, sizeof(secret));
	return psprintf("%s%s", prefix, encoded);
}

/* A new client secret. */
char *
oauth_client_secret_string(void)
{
	return random_secret("ocs_");
}

/* A new shared secret of OAuth 1.0a credentials. */
char *
oauth_shared_secret_string(void)
{
	return random_secret("o1s_");
}

/* 128 random bits in hexadecimal: an id that needs no quoting on a command line. */
char *
oauth_random_id(void)
{
	uint8		raw[16];
	char	   *id = palloc(2 * sizeof(raw) + 1);

	oauth_random(raw, sizeof(raw));
	for (size_t i = 0; i < sizeof(raw); i++)
		snprintf(id + 2 * i, 3, "%02x", raw[i]);
	return id;
}

bytea *
oauth_bytea(const void *data, size_t length)
{
	bytea	   *result = palloc(VARHDRSZ + length);

	SET_VARSIZE(result, VARHDRSZ + length);
	memcpy(VARDATA(result), data, length);
	return result;
}
