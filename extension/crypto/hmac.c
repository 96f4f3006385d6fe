/*
 * hmac.c
 *		HMAC (RFC 2104), by libcrypto.
 *
 * A context is made on first use and kept, because looking an algorithm up by name takes longer
 * than using it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "utils/memutils.h"

static EVP_MAC_CTX *
make_context(const char *digest)
{
	EVP_MAC    *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *context = mac ? EVP_MAC_CTX_new(mac) : NULL;
	OSSL_PARAM	parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, unconstify(char *, digest), 0),
		OSSL_PARAM_construct_end()
	};

	EVP_MAC_free(mac);
	if (context != NULL && EVP_MAC_CTX_set_params(context, parameters) == 1)
		return context;
	EVP_MAC_CTX_free(context);
	return NULL;
}

static void
report_failure(const char *digest)
{
	ERR_clear_error();
	ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
					errmsg("could not compute an HMAC with %s", digest)));
}

static bool
add_parts(EVP_MAC_CTX *context, const void *const *parts, const size_t *lengths, int n_parts,
		  uint8 *result)
{
	size_t		length;
	bool		done = true;

	for (int i = 0; done && i < n_parts; i++)
		done = EVP_MAC_update(context, parts[i], lengths[i]) == 1;
	return done && EVP_MAC_final(context, result, &length, OAUTH_MAX_HMAC_LENGTH) == 1;
}

/* The context keeps nothing of the key then. */
static void
forget_key(void *forgotten)
{
	static const uint8 no_key[1] = {0};
	OAuthHmac  *hmac = forgotten;

	hmac->has_key = false;
	oauth_wipe(hmac->key, sizeof(hmac->key));
	hmac->key_length = 0;
	if (EVP_MAC_init(hmac->context, no_key, sizeof(no_key), NULL) == 1)
		return;
	ERR_clear_error();
	EVP_MAC_CTX_free(hmac->context);
	hmac->context = NULL;
}

/* To take another key, so that this one is gone, costs as much: that is done once a transaction. */
static void
forget_at_end(OAuthHmac *hmac)
{
	if (hmac->has_key || hmac->keeps_key)
		return;
	hmac->has_key = true;
	hmac->forget = (MemoryContextCallback)
	{
		.func = forget_key, .arg = hmac
	};
	MemoryContextRegisterResetCallback(TopTransactionContext, &hmac->forget);
}

/*
 * To take a key costs as much as two blocks of a message, and the requests of a batch are often of
 * one client.  Before 3.0.3 OpenSSL computes nonsense with a key that it was to keep.
 */
static bool
take_key(OAuthHmac *hmac, const void *key, size_t length)
{
	bool		has_it = length > 0 && length == hmac->key_length &&
		CRYPTO_memcmp(key, hmac->key, length) == 0 && OpenSSL_version_num() >= 0x30000030L;
	bool		done = (has_it ? EVP_MAC_init(hmac->context, NULL, 0, NULL) :
						EVP_MAC_init(hmac->context, key, length, NULL)) == 1;

	hmac->key_length = done && length <= sizeof(hmac->key) ? length : 0;
	memcpy(hmac->key, key, hmac->key_length);
	return done;
}

/*
 * The HMAC of the concatenated parts.  key is not empty; result has room for OAUTH_MAX_HMAC_LENGTH
 * bytes.
 */
void
oauth_hmac(OAuthHmac *hmac, const void *key, size_t key_length, const void *const *parts,
		   const size_t *lengths, int n_parts, uint8 *result)
{
	if (hmac->context == NULL)
		hmac->context = make_context(hmac->digest);
	if (hmac->context == NULL)
		report_failure(hmac->digest);
	forget_at_end(hmac);
	if (!take_key(hmac, key, key_length) ||
		!add_parts(hmac->context, parts, lengths, n_parts, result))
		report_failure(hmac->digest);
}

/*
 * HMAC-SHA256 under a key of OAUTH_HASH_LENGTH bytes, by a context of that digest; mac has room for
 * as many.
 */
void
oauth_hmac_sha256_by(OAuthHmac *hmac, const uint8 *key, const void *const *parts,
					 const size_t *lengths, int n_parts, uint8 *mac)
{
	uint8		result[OAUTH_MAX_HMAC_LENGTH];

	oauth_hmac(hmac, key, OAUTH_HASH_LENGTH, parts, lengths, n_parts, result);
	memcpy(mac, result, OAUTH_HASH_LENGTH);
	oauth_wipe(result, sizeof(result));
}

/* The same, with a key that is not used again soon. */
void
oauth_hmac_sha256(const uint8 *key, const void *const *parts, const size_t *lengths, int n_parts,
				  uint8 *mac)
{
	static OAuthHmac sha256 = {.digest = "SHA256"};

	oauth_hmac_sha256_by(&sha256, key, parts, lengths, n_parts, mac);
}
