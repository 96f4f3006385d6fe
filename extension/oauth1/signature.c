/*
 * signature.c
 *		Making and comparing signatures (RFC 5849, section 3.4).
 *
 * HMAC and PLAINTEXT signatures are computed and compared as strings, so that no other spelling of
 * the same bytes passes.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "oauth1/oauth1.h"
#include "text/text.h"

#include "common/base64.h"

/*
 * "key is set to the concatenated values of: the client shared-secret, after being encoded; an "&"
 * character [...] even when either secret is empty; the token shared-secret, after being encoded"
 * (section 3.4.2)
 */
static void
make_key(StringInfo key, const char *secret, const char *token_secret)
{
	initStringInfo(key);
	oauth1_append_encoded(key, secret);
	appendStringInfoChar(key, '&');
	oauth1_append_encoded(key, token_secret);
}

static char *
hmac(OAuth1SignatureMethod *method, const char *base_string, const StringInfoData *key)
{
	const void *parts[] = {base_string};
	size_t		lengths[] = {strlen(base_string)};
	uint8		result[OAUTH_MAX_HMAC_LENGTH];
	int			room = pg_b64_enc_len(method->length) + 1;
	char	   *signature = palloc0(room);

	oauth_hmac(&method->hmac, key->data, key->len, parts, lengths, 1, result);
	if (pg_b64_encode((const void *) result, method->length, signature, room) < 0)
		elog(ERROR, "no room for a signature");
	return signature;
}

/* The signature; NULL if the key of an RSA method cannot sign. */
char *
oauth1_sign(OAuth1SignatureMethod *method, const char *base_string, const char *secret_or_key,
			const char *token_secret)
{
	StringInfoData key;
	char	   *signature;

	if (method->kind == OAUTH1_RSA)
		return oauth1_rsa_sign(method->hmac.digest, base_string, secret_or_key);
	make_key(&key, secret_or_key, token_secret);
	signature = method->kind == OAUTH1_HMAC ? hmac(method, base_string, &key) : pstrdup(key.data);
	oauth_wipe(key.data, key.len);
	return signature;
}

/* Whether the signature is that of the base string. */
bool
oauth1_signature_verify(OAuth1SignatureMethod *method, const char *base_string,
						const char *signature, const char *secret_or_key, const char *token_secret)
{
	char	   *expected;
	bool		holds;

	if (method->kind == OAUTH1_RSA)
		return oauth1_rsa_verify(method->hmac.digest, base_string, signature, secret_or_key);
	expected = oauth1_sign(method, base_string, secret_or_key, token_secret);
	holds = oauth_secrets_match(expected, signature);
	oauth_wipe(expected, strlen(expected));
	return holds;
}
