/*
 * signing_key.c
 *		Signing with the keys of the provider, and publishing them (RFC 7515, 7517).
 *
 * Opening a private key takes longer than signing with it, so a session keeps those that it opened.
 * It asks the table for each signature which key signs now: one that was retired is not used again
 * once the transaction that retired it has committed.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "jose/jose.h"
#include "secret/secret.h"
#include "store/key.h"

#include "access/xlog.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define MAX_KEPT	16

/* A private key that was opened, in a memory context of its own. */
typedef struct KeptKey
{
	OAuthJwk   *key;			/* NULL: this place is free */
	MemoryContext context;
	uint64		used;			/* the higher, the more recently */
} KeptKey;

static KeptKey kept[MAX_KEPT];
static uint64 uses;

/* The words that a private key is sealed to. */
char *
oauth_signing_key_binding(const char *kid)
{
	return psprintf("signing_key %s", kid);
}

/* The private key of a sealed value, in the current memory context. */
static OAuthJwk *
unseal_key(const char *kid, const char *alg, bytea *sealed)
{
	char	   *pem = oauth_unseal(sealed, oauth_signing_key_binding(kid));
	const char *problem;
	OAuthJwk   *key = oauth_jwk_from_pem(pem, &problem);

	if (key == NULL)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("signing key \"%s\" is not a private key that OpenSSL reads", kid),
						errhint("SELECT oauth_retire_signing_key('%s'); the next signature is made "
								"with a new key.", kid)));
	key->kid = pstrdup(kid);
	key->alg = pstrdup(alg);
	return key;
}

/* Where that key is kept, or may be: the place that was not used for longest. */
static KeptKey *
place_of(const char *kid)
{
	KeptKey    *oldest = &kept[0];

	for (int i = 0; i < MAX_KEPT; i++)
	{
		if (kept[i].key != NULL && strcmp(kept[i].key->kid, kid) == 0)
			return &kept[i];
		if (kept[i].used < oldest->used)
			oldest = &kept[i];
	}
	return oldest;
}

static void
forget_key(KeptKey *place)
{
	MemoryContext context = place->context;

	place->key = NULL;
	place->used = 0;
	place->context = NULL;
	if (context != NULL)
		MemoryContextDelete(context);
}

/* Opens the key in a memory context that an error does away with, and then keeps both. */
static void
keep_key(KeptKey *place, const char *kid, const char *alg, bytea *sealed)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "signing key of oauth",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	OAuthJwk   *key = unseal_key(kid, alg, sealed);

	MemoryContextSwitchTo(caller);
	forget_key(place);
	MemoryContextSetParent(context, TopMemoryContext);
	place->context = context;
	place->key = key;
}

/* The private key of that kid, kept here; NULL if it was retired meanwhile. */
static const OAuthJwk *
private_key(const char *kid, const char *alg)
{
	KeptKey    *place = place_of(kid);

	if (place->key == NULL || strcmp(place->key->kid, kid) != 0)
	{
		bytea	   *sealed = oauth_store_sealed_signing_key(kid);

		if (sealed == NULL)
			return NULL;
		keep_key(place, kid, alg, sealed);
	}
	place->used = ++uses;
	return place->key;
}

/*
 * The key that signs now with that algorithm; it is good for this statement.  The first of its
 * algorithm is made here.
 */
const OAuthJwk *
oauth_signing_key_current(const char *alg)
{
	const OAuthJwk *key = NULL;

	if (RecoveryInProgress())
		ereport(ERROR, (errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
						errmsg("a standby signs nothing"),
						errhint("Ask the primary. A standby publishes the keys, and verifies.")));
	while (key == NULL)
	{
		char	   *kid = oauth_store_signing_kid(alg);

		CHECK_FOR_INTERRUPTS();
		key = private_key(kid ? kid : oauth_signing_key_first(alg), alg);
	}
	return key;
}

/* A JWT whose exp is within a day, or that has none.  payload is its claims, as JSON. */
char *
oauth_sign_jwt(const char *alg, const char *typ, const char *payload)
{
	return oauth_jws_sign(alg, typ, payload, strlen(payload), oauth_signing_key_current(alg));
}

/* A JWT that expires then, whenever that is. */
char *
oauth_sign_lasting_jwt(const char *alg, const char *typ, const char *payload,
					   TimestampTz expires_at)
{
	const OAuthJwk *key = oauth_signing_key_current(alg);

	if (expires_at - GetCurrentTimestamp() > USECS_PER_DAY)
		oauth_store_note_lasting_signature(key->kid, expires_at);
	return oauth_jws_sign(alg, typ, payload, strlen(payload), key);
}

/*
 * The keys that are published, as a JWK set (RFC 7517, section 5); newest: as they are committed
 * now, whatever snapshot the caller has.
 */
char *
oauth_jwks(bool newest, bool *is_empty)
{
	char	   *keys = oauth_store_published_keys(newest);

	*is_empty = keys[0] == '\0';
	return psprintf("{\"keys\": [%s]}", keys);
}

/* Whether a signature of that algorithm needs no new key. */
bool
oauth_signing_has_key(const char *alg)
{
	return oauth_store_signing_kid(alg) != NULL;
}

/* Whether a signature takes so long that it should not be made where others wait. */
bool
oauth_signing_is_slow(const char *alg)
{
	return oauth_jws_algorithm_is_slow(alg);
}

/*
 * Whether the string is a JWT of that typ that was signed here, expired or not, and its claims.
 * Keys that are no longer published count: what they signed has expired, and may still tell whose
 * it was.
 */
bool
oauth_verify_own_jwt(const char *token, const char *typ, Jsonb **claims)
{
	int			length = strlen(token);
	OAuthJwsPolicy policy = {.typ = typ};
	OAuthJws	jws;
	Jsonb	   *public_key;
	OAuthJwk   *key;
	const char *problem;
	double		seconds;

	if (oauth_jws_parse(token, length, &jws) != NULL || jws.kid == NULL ||
		(public_key = oauth_store_public_signing_key(jws.kid)) == NULL ||
		(key = oauth_jwk_read(public_key, 0, &problem)) == NULL)
		return false;
	policy.algorithms = list_make1(unconstify(char *, key->alg));
	policy.keys = list_make1(key);
	return oauth_jwt_verify(token, length, &policy, &jws, claims) == NULL &&
		oauth_jwt_seconds(*claims, "exp", &seconds) == NULL &&
		oauth_jwt_seconds(*claims, "iat", &seconds) == NULL;
}
