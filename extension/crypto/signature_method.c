/*
 * signature_method.c
 *		The signature methods of OAuth 1.0a (RFC 5849, section 3.4).
 *
 * The methods with SHA-256 and SHA-512 are not in the RFC; clients use them
 * under these names.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "text/text.h"

#include "common/sha1.h"
#include "common/sha2.h"

static OAuth1SignatureMethod methods[] = {
	{"HMAC-SHA1", OAUTH1_HMAC, {.digest = "SHA1"}, SHA1_DIGEST_LENGTH},
	{"HMAC-SHA256", OAUTH1_HMAC, {.digest = "SHA256"}, PG_SHA256_DIGEST_LENGTH},
	{"HMAC-SHA512", OAUTH1_HMAC, {.digest = "SHA512"}, PG_SHA512_DIGEST_LENGTH},
	{"RSA-SHA1", OAUTH1_RSA, {.digest = "SHA1"}, 0},
	{"RSA-SHA256", OAUTH1_RSA, {.digest = "SHA256"}, 0},
	{"RSA-SHA512", OAUTH1_RSA, {.digest = "SHA512"}, 0},
	{"PLAINTEXT", OAUTH1_PLAINTEXT, {.digest = NULL}, 0},
};

/* "the values are case sensitive" (section 3.1); NULL for a name unknown here. */
OAuth1SignatureMethod *
oauth1_signature_method(const char *name)
{
	return unconstify(void *, OAUTH_FIND_NAMED(methods, name));
}

/* The names, for people: "HMAC-SHA1, ... and PLAINTEXT". */
const char *
oauth1_signature_methods(void)
{
	return OAUTH_ENUMERATE(methods);
}

/* Whether the verifier needs the secret that signed, so that it must be recoverable. */
bool
oauth1_signature_method_is_symmetric(const OAuth1SignatureMethod *method)
{
	return method->kind != OAUTH1_RSA;
}
