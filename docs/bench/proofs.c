/*
 * proofs.c
 *	  Make DPoP proofs (RFC 9449) beforehand, because wrk has no time to sign.
 *
 * usage: proofs URI KEYS COUNT BINDINGS <TOKENS >PROOFS
 *
 * Of the access tokens on standard input each is of one of so many keys, which BINDINGS says: token
 * and thumbprint. COUNT lines of token and proof follow, the tokens in turn.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#define COORDINATE 32
#define MAX_TOKENS 10000

typedef struct
{
	EVP_PKEY   *key;
	char		x[64],
				y[64],
				jkt[64];
} Key;

static void
base64url(const void *bytes, size_t length, char *text)
{
	size_t		n = (size_t) EVP_EncodeBlock((unsigned char *) text, bytes, (int) length);

	while (n > 0 && text[n - 1] == '=')
		n--;
	text[n] = '\0';
	for (char *c = text; *c; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
}

static void
digest64(const char *text, char *encoded)
{
	unsigned char hash[32];

	EVP_Digest(text, strlen(text), hash, NULL, EVP_sha256(), NULL);
	base64url(hash, sizeof(hash), encoded);
}

static void
coordinate(EVP_PKEY *key, const char *name, char *text)
{
	unsigned char bytes[COORDINATE];
	BIGNUM	   *number = NULL;

	EVP_PKEY_get_bn_param(key, name, &number);
	BN_bn2binpad(number, bytes, COORDINATE);
	BN_free(number);
	base64url(bytes, COORDINATE, text);
}

static void
make_key(Key *key)
{
	char		members[256];

	key->key = EVP_EC_gen("P-256");
	coordinate(key->key, OSSL_PKEY_PARAM_EC_PUB_X, key->x);
	coordinate(key->key, OSSL_PKEY_PARAM_EC_PUB_Y, key->y);
	snprintf(members, sizeof(members),
			 "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", key->x, key->y);
	digest64(members, key->jkt);
}

/* r and s one after the other (RFC 7518, section 3.4) */
static void
sign(const Key *key, const char *input, char *encoded)
{
	unsigned char der[128];
	const unsigned char *at = der;
	unsigned char numbers[2 * COORDINATE];
	size_t		length = sizeof(der);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	ECDSA_SIG  *signature;

	EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key->key);
	EVP_DigestSign(context, der, &length, (const unsigned char *) input, strlen(input));
	signature = d2i_ECDSA_SIG(NULL, &at, (long) length);
	BN_bn2binpad(ECDSA_SIG_get0_r(signature), numbers, COORDINATE);
	BN_bn2binpad(ECDSA_SIG_get0_s(signature), numbers + COORDINATE, COORDINATE);
	base64url(numbers, sizeof(numbers), encoded);
	ECDSA_SIG_free(signature);
	EVP_MD_CTX_free(context);
}

static void
print_proof(const Key *key, const char *uri, const char *token, long n)
{
	char		header[512],
				claims[1024],
				header64[1024],
				claims64[2048],
				ath[64],
				input[4096],
				signature[128];

	digest64(token, ath);
	snprintf(header, sizeof(header),
			 "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\","
			 "\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"}}",
			 key->x, key->y);
	snprintf(claims, sizeof(claims),
			 "{\"jti\":\"%lx-%ld\",\"htm\":\"GET\",\"htu\":\"%s\",\"iat\":%ld,\"ath\":\"%s\"}",
			 (long) clock() + (long) time(NULL), n, uri, (long) time(NULL), ath);
	base64url(header, strlen(header), header64);
	base64url(claims, strlen(claims), claims64);
	snprintf(input, sizeof(input), "%s.%s", header64, claims64);
	sign(key, input, signature);
	printf("%s %s.%s\n", token, input, signature);
}

int
main(int argc, char **argv)
{
	static char tokens[MAX_TOKENS][128];
	int			nkeys = argc == 5 ? (int) strtol(argv[2], NULL, 10) : 0;
	long		count = argc == 5 ? strtol(argv[3], NULL, 10) : 0;
	FILE	   *bindings = argc == 5 ? fopen(argv[4], "w") : NULL;
	Key		   *keys = calloc((size_t) nkeys + 1, sizeof(Key));
	int			ntokens = 0;

	if (bindings == NULL || keys == NULL || nkeys < 1)
		return 2;
	for (int i = 0; i < nkeys; i++)
		make_key(&keys[i]);
	while (ntokens < MAX_TOKENS && scanf("%127s", tokens[ntokens]) == 1)
	{
		fprintf(bindings, "%s\t%s\n", tokens[ntokens], keys[ntokens % nkeys].jkt);
		ntokens++;
	}
	fclose(bindings);
	for (long i = 0; i < count && ntokens > 0; i++)
		print_proof(&keys[i % ntokens % nkeys], argv[1], tokens[i % ntokens], i);
	return 0;
}
