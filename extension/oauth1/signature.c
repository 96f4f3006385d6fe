/*
 * signature.c
 *		Signatures (RFC 5849, section 3.4): a table of methods, and the comparison.
 *
 * HMAC and PLAINTEXT signatures are computed and compared as strings, so that no other spelling of the same bytes passes.
 * The methods with SHA-256 and SHA-512 are not in the RFC; the field has them under these names.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "common/base64.h"
#include "common/sha1.h"
#include "common/sha2.h"

typedef enum Kind
{
	HMAC_KIND,
	RSA_KIND,
	PLAINTEXT_KIND
} Kind;

typedef struct Method
{
	const char *name;
	Kind		kind;
	const char *digest;			/* as OpenSSL names it */
	int			length;			/* of the result of HMAC */
	EVP_MAC_CTX *mac;			/* of HMAC, made on first use and kept: to look it up takes longer than to use it */
} Method;

static Method methods[] = {
	{"HMAC-SHA1", HMAC_KIND, "SHA1", SHA1_DIGEST_LENGTH, NULL},
	{"HMAC-SHA256", HMAC_KIND, "SHA256", PG_SHA256_DIGEST_LENGTH, NULL},
	{"HMAC-SHA512", HMAC_KIND, "SHA512", PG_SHA512_DIGEST_LENGTH, NULL},
	{"RSA-SHA1", RSA_KIND, "SHA1", 0, NULL},
	{"RSA-SHA256", RSA_KIND, "SHA256", 0, NULL},
	{"RSA-SHA512", RSA_KIND, "SHA512", 0, NULL},
	{"PLAINTEXT", PLAINTEXT_KIND, NULL, 0, NULL},
};

/* "the values are case sensitive" (section 3.1); NULL for a name unknown here. */
static Method *
find_method(const char *name)
{
	for (size_t i = 0; i < lengthof(methods); i++)
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];
	return NULL;
}

bool
oauth1_signature_method_is_known(const char *name)
{
	return find_method(name) != NULL;
}

/* "key is set to the concatenated values of: the client shared-secret, after being encoded; an "&" character [...] even
 * when either secret is empty; the token shared-secret, after being encoded"  (section 3.4.2) */
static void
make_key(StringInfo key, const char *secret, const char *token_secret)
{
	initStringInfo(key);
	oauth1_append_encoded(key, secret);
	appendStringInfoChar(key, '&');
	oauth1_append_encoded(key, token_secret);
}

static EVP_MAC_CTX *
make_mac(const char *digest)
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

/* Afterwards the context holds nothing of the key. */
static bool
compute_mac(EVP_MAC_CTX *context, const StringInfoData *key, const char *base_string, uint8 *result)
{
	static const uint8 no_key[1] = {0};
	size_t		length;
	bool		done = EVP_MAC_init(context, (const uint8 *) key->data, key->len, NULL) == 1 &&
		EVP_MAC_update(context, (const uint8 *) base_string, strlen(base_string)) == 1 &&
		EVP_MAC_final(context, result, &length, PG_SHA512_DIGEST_LENGTH) == 1;

	return EVP_MAC_init(context, no_key, sizeof(no_key), NULL) == 1 && done;
}

static char *
hmac(Method *method, const char *base_string, const StringInfoData *key)
{
	uint8		result[PG_SHA512_DIGEST_LENGTH];
	int			room = pg_b64_enc_len(method->length) + 1;
	char	   *signature = palloc0(room);

	if (method->mac == NULL)
		method->mac = make_mac(method->digest);
	if (method->mac == NULL || !compute_mac(method->mac, key, base_string, result) ||
		pg_b64_encode((const void *) result, method->length, signature, room) < 0)
	{
		ERR_clear_error();
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not compute %s", method->name)));
	}
	return signature;
}

/* The signature; NULL if the key of an RSA method cannot sign. */
char *
oauth1_sign(const char *name, const char *base_string, const char *secret_or_key, const char *token_secret)
{
	Method	   *method = find_method(name);
	StringInfoData key;
	char	   *signature;

	if (method->kind == RSA_KIND)
		return oauth1_rsa_sign(method->digest, base_string, secret_or_key);
	make_key(&key, secret_or_key, token_secret);
	signature = method->kind == HMAC_KIND ? hmac(method, base_string, &key) : pstrdup(key.data);
	oauth_wipe(key.data, key.len);
	return signature;
}

/* Whether the signature is that of the base string.  The method is a known one. */
bool
oauth1_signature_verify(const char *name, const char *base_string, const char *signature, const char *secret_or_key,
						const char *token_secret)
{
	Method	   *method = find_method(name);
	char	   *expected;
	size_t		length;
	bool		holds;

	if (method->kind == RSA_KIND)
		return oauth1_rsa_verify(method->digest, base_string, signature, secret_or_key);
	expected = oauth1_sign(name, base_string, secret_or_key, token_secret);
	length = strlen(expected);
	holds = strlen(signature) == length && timingsafe_bcmp(expected, signature, length) == 0;
	oauth_wipe(expected, length);
	return holds;
}
