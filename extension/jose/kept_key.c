/*
 * kept_key.c
 *		Keys that signatures brought along (RFC 9449), kept for the next signature of the same key.
 *
 * To make a key of its numbers, to look it over and to prepare OpenSSL for it takes as long as to
 * verify a signature, and a client signs many requests with one key.  A key is kept for one
 * algorithm, because what OpenSSL prepared is for one, and only after a signature with it has held.
 *
 * Each key has one place, which follows from its thumbprint and which the next key of that place
 * takes over, so that strangers with many keys cost time and no memory.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "jose/key.h"

#include <openssl/evp.h>

#include "utils/memutils.h"

#define PLACES	256

typedef struct Place
{
	MemoryContext context;		/* of the key; NULL: there is none */
	OAuthJwk   *key;
	const OAuthJwsAlgorithm *algorithm;
	uint8		thumbprint[OAUTH_HASH_LENGTH];
} Place;

static Place places[PLACES];

static Place *
place_of(const uint8 *thumbprint)
{
	return &places[thumbprint[0] % PLACES];
}

/*
 * The key with that thumbprint, ready to verify signatures with that algorithm; NULL if it is not
 * here.  It is good until the next key is kept, and says nothing of alg, kid and use.
 */
OAuthJwk *
oauth_key_kept(const OAuthJwsAlgorithm *algorithm, const uint8 *thumbprint)
{
	const Place *place = place_of(thumbprint);
	OAuthJwk   *key;

	if (place->context == NULL || place->algorithm != algorithm ||
		memcmp(place->thumbprint, thumbprint, OAUTH_HASH_LENGTH) != 0)
		return NULL;
	key = palloc(sizeof(OAuthJwk));
	*key = *place->key;
	return key;
}

/* Takes a reference to OpenSSL's key; NULL if that fails. */
static OAuthJwk *
copy_key(const OAuthJwsAlgorithm *algorithm, const OAuthJwk *key)
{
	OAuthJwk   *copy = oauth_key_new(key->kty);

	if (EVP_PKEY_up_ref(key->key) != 1)
		return NULL;
	copy->key = key->key;
	copy->crv = key->crv;
	return oauth_signature_prepare(algorithm, copy) ? copy : NULL;
}

/* Keeps a key whose signature with that algorithm has held. */
void
oauth_key_keep(const OAuthJwsAlgorithm *algorithm, const OAuthJwk *key)
{
	Place	   *place = place_of(key->thumbprint);
	MemoryContext before = place->context;
	MemoryContext caller = CurrentMemoryContext;

	if (before != NULL && place->algorithm == algorithm &&
		memcmp(place->thumbprint, key->thumbprint, OAUTH_HASH_LENGTH) == 0)
		return;
	place->context = NULL;
	if (before != NULL)
		MemoryContextDelete(before);
	before = AllocSetContextCreate(TopMemoryContext, "oauth key of a signature",
								   ALLOCSET_SMALL_SIZES);
	MemoryContextSwitchTo(before);
	place->key = copy_key(algorithm, key);
	MemoryContextSwitchTo(caller);
	if (place->key == NULL)
	{
		MemoryContextDelete(before);
		return;
	}
	place->key->thumbprint = place->thumbprint;
	memcpy(place->thumbprint, key->thumbprint, OAUTH_HASH_LENGTH);
	place->algorithm = algorithm;
	place->context = before;
}
