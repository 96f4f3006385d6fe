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

#include "common/base64.h"
#include "common/cryptohash.h"
#include "common/hmac.h"
#include "common/sha1.h"
#include "common/sha2.h"

typedef enum Kind
{
	HMAC_METHOD,
	RSA_METHOD,
	PLAINTEXT_METHOD
} Kind;

typedef struct Method
{
	const char *name;
	Kind		kind;
	pg_cryptohash_type hash;	/* of HMAC */
	int			length;			/* of its result */
	const char *digest;			/* of RSA, as OpenSSL names it */
} Method;

static const Method methods[] = {
	{"HMAC-SHA1", HMAC_METHOD, PG_SHA1, SHA1_DIGEST_LENGTH, NULL},
	{"HMAC-SHA256", HMAC_METHOD, PG_SHA256, PG_SHA256_DIGEST_LENGTH, NULL},
	{"HMAC-SHA512", HMAC_METHOD, PG_SHA512, PG_SHA512_DIGEST_LENGTH, NULL},
	{"RSA-SHA1", RSA_METHOD, PG_SHA1, 0, "SHA1"},
	{"RSA-SHA256", RSA_METHOD, PG_SHA256, 0, "SHA256"},
	{"RSA-SHA512", RSA_METHOD, PG_SHA512, 0, "SHA512"},
	{"PLAINTEXT", PLAINTEXT_METHOD, PG_SHA1, 0, NULL},
};

/* "the values are case sensitive" (section 3.1); NULL for a name unknown here. */
static const Method *
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

static char *
hmac(const Method *method, const char *base_string, const StringInfoData *key)
{
	uint8		mac[PG_SHA512_DIGEST_LENGTH];
	int			room = pg_b64_enc_len(method->length) + 1;
	char	   *signature = palloc0(room);
	pg_hmac_ctx *context = pg_hmac_create(method->hash);
	bool		done = context != NULL &&
		pg_hmac_init(context, (const uint8 *) key->data, key->len) == 0 &&
		pg_hmac_update(context, (const uint8 *) base_string, strlen(base_string)) == 0 &&
		pg_hmac_final(context, mac, method->length) == 0;

	if (context != NULL)
		pg_hmac_free(context);
	if (!done || pg_b64_encode((const void *) mac, method->length, signature, room) < 0)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not compute %s", method->name)));
	return signature;
}

/* The signature; NULL if the key of an RSA method cannot sign. */
char *
oauth1_sign(const char *name, const char *base_string, const char *secret_or_key, const char *token_secret)
{
	const Method *method = find_method(name);
	StringInfoData key;
	char	   *signature;

	if (method->kind == RSA_METHOD)
		return oauth1_rsa_sign(method->digest, base_string, secret_or_key);
	make_key(&key, secret_or_key, token_secret);
	signature = method->kind == HMAC_METHOD ? hmac(method, base_string, &key) : pstrdup(key.data);
	oauth_wipe(key.data, key.len);
	return signature;
}

/* Whether the signature is that of the base string.  The method is a known one. */
bool
oauth1_signature_verify(const char *name, const char *base_string, const char *signature, const char *secret_or_key,
						const char *token_secret)
{
	const Method *method = find_method(name);
	char	   *expected;
	size_t		length;
	bool		holds;

	if (method->kind == RSA_METHOD)
		return oauth1_rsa_verify(method->digest, base_string, signature, secret_or_key);
	expected = oauth1_sign(name, base_string, secret_or_key, token_secret);
	length = strlen(expected);
	holds = strlen(signature) == length && timingsafe_bcmp(expected, signature, length) == 0;
	oauth_wipe(expected, length);
	return holds;
}
