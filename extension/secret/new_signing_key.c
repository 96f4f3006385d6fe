/*
 * new_signing_key.c
 *		Signing keys that come to be: the first of an algorithm, successors, and those of others.
 *
 * A key of RSA takes up to a second to make.  So it is made before the lock is taken that lets one
 * session at a time add keys of its algorithm; a session that then finds the key of another one
 * throws its own away.  Requests of the shim have theirs made before they are answered, in a
 * transaction of its own (oauth_response_key, oauth_response_wanted_key); a purge makes all of its
 * keys before it adds one.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "jose/jose.h"
#include "secret/secret.h"
#include "setting.h"
#include "store/event.h"
#include "store/key.h"
#include "text/text.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#define FAILED_FOR 60			/* seconds */

/* 22023 unless a signing key can have that algorithm. */
void
oauth_signing_alg_check(const char *alg)
{
	const OAuthJwsAlgorithm *algorithm = oauth_jws_algorithm(alg);

	if (algorithm == NULL || algorithm->kty == OAUTH_KTY_OCT)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("\"%s\" is not an algorithm of signing keys", alg),
						errhint("They are %s.", oauth_words_join(oauth_jws_algorithms()))));
}

/* The private key under the master key. */
static bytea *
seal_key(const OAuthJwk *key, const char *kid)
{
	return oauth_seal(oauth_jwk_private_pem(key), oauth_signing_key_binding(kid));
}

/* Notes in the audit log what was done with a key. */
static void
note_key(const char *kid, const char *alg, const char *what)
{
	OAuthEvent	event = {.event = "configure",
		.detail = psprintf("signing key %s of %s %s", kid, alg, what)};

	if (oauth_setting_event_retention > 0)
		oauth_store_note_event(&event, NULL, (Datum) 0, GetUserNameFromId(GetSessionUserId(), true),
							   NULL);
}

/*
 * Publishes the key, which the caller has made sure nobody else does, and returns its kid; NULL if
 * it is published already.
 */
static char *
publish(OAuthJwk *key, const char *alg, TimestampTz used_from, const char *how)
{
	OAuthNewSigningKey row = {.alg = alg, .used_from = used_from};
	char	   *kid = oauth_jwk_thumbprint(key);

	key->kid = kid;
	key->alg = alg;
	key->use = "sig";
	row.kid = kid;
	row.public_key = oauth_jwk_public_json(key);
	row.private_key_sealed = seal_key(key, kid);
	if (!oauth_store_insert_signing_key(&row))
		return NULL;
	note_key(kid, alg, how);
	return kid;
}

/* A new key, which is not made if it could not be sealed. */
static OAuthJwk *
generate(const char *alg)
{
	oauth_master_key_require();
	return oauth_jwk_generate(alg);
}

/* A new key; used_from: 0 or a time that has passed for now. */
char *
oauth_signing_key_make(const char *alg, TimestampTz used_from)
{
	OAuthJwk   *key;

	oauth_signing_alg_check(alg);
	PreventCommandIfReadOnly("oauth_create_signing_key()");
	key = generate(alg);
	oauth_store_hold_signing_keys(alg, true);
	return publish(key, alg, used_from, "was made");
}

/*
 * A private key of another provider, as PEM; alg NULL: the usual one of such keys.  22023
 * unless it can be used.
 */
char *
oauth_signing_key_import(const char *pem, const char *alg, TimestampTz used_from)
{
	const char *problem = NULL;
	OAuthJwk   *key = oauth_jwk_from_pem(pem, &problem);
	char	   *kid;

	if (alg != NULL)
		oauth_signing_alg_check(alg);
	if (key != NULL && !key->is_private)
		problem = "This is a public key.";
	if (problem != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the private key cannot be used: %s", problem),
						errhint("Give one PEM without a passphrase, as openssl genpkey or openssl "
								"pkcs8 -topk8 -nocrypt prints it: -----BEGIN PRIVATE KEY-----")));
	if (alg == NULL)
		alg = oauth_jwk_default_algorithm(key);
	if (alg == NULL || !oauth_jwk_fits(key, oauth_jws_algorithm(alg)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the private key cannot be used for %s", alg ? alg : "any algorithm"),
				 errhint("RS256 and PS256 need RSA of %d to %d bits, ES256 the curve P-256, "
						 "ES384 P-384, EdDSA and Ed25519 a key of Ed25519.",
						 OAUTH_MIN_RSA_BITS, OAUTH_MAX_RSA_BITS)));
	PreventCommandIfReadOnly("oauth_import_signing_key()");
	oauth_store_hold_signing_keys(alg, true);
	kid = publish(key, alg, used_from, "was imported");
	if (kid == NULL)
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_OBJECT),
						errmsg("signing key \"%s\" is here already", oauth_jwk_thumbprint(key)),
						errhint("SELECT * FROM oauth.signing_key_overview shows its algorithm and "
								"state; a key has one algorithm, and does not come back.")));
	return kid;
}

/* The key of an algorithm that has none: one that is published comes into use, or a new one. */
char *
oauth_signing_key_first(const char *alg)
{
	OAuthJwk   *key;
	char	   *kid;

	oauth_signing_alg_check(alg);
	if (XactReadOnly)
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("there is no signing key for %s, and a read-only transaction makes none",
						alg),
				 errhint("SELECT oauth_create_signing_key('%s');", alg)));
	if (oauth_store_use_published_key(alg))
		return oauth_store_signing_kid(alg);
	key = generate(alg);
	oauth_store_hold_signing_keys(alg, true);
	kid = oauth_store_signing_kid(alg);
	return kid ? kid : publish(key, alg, 0, "was made, the first");
}

/* Whether the algorithm is among the successors that are due. */
static bool
is_due(List *due, const char *alg)
{
	ListCell   *cell;

	foreach(cell, due)
		if (strcmp(((OAuthNewSigningKey *) lfirst(cell))->alg, alg) == 0)
			return true;
	return false;
}

/*
 * Publishes a successor, unless another session was first, or unless wait is about to be; at_once:
 * it is used now, and no other.
 */
static bool
replace_key(const OAuthNewSigningKey *successor, OAuthJwk *key, bool at_once, bool wait)
{
	char	   *kid;

	if (!oauth_store_hold_signing_keys(successor->alg, wait) ||
		!is_due(oauth_store_due_signing_keys(at_once), successor->alg))
		return false;
	kid = publish(key, successor->alg, at_once ? 0 : successor->used_from,
				  at_once ? "was made, to be used at once" : "was made, a successor");
	if (at_once)
		oauth_store_retire_other_keys(successor->alg, kid);
	return true;
}

/*
 * Makes successors for the keys that are due, and returns how many.  at_once: for all, to be used
 * now, and those before them are retired.  Unless wait, makes none of an algorithm of which another
 * session makes one.
 */
int64
oauth_signing_keys_rotate(bool at_once, bool wait)
{
	List	   *due = oauth_store_due_signing_keys(at_once);
	List	   *made = NIL;
	ListCell   *planned;
	ListCell   *key;
	int64		n = 0;

	PreventCommandIfReadOnly("oauth_rotate_signing_keys()");
	foreach(planned, due)
		made = lappend(made, generate(((OAuthNewSigningKey *) lfirst(planned))->alg));
	forboth(planned, due, key, made)
		n += replace_key(lfirst(planned), lfirst(key), at_once, wait);
	return n;
}

/* A key that is made ahead. */
typedef struct Making
{
	const char *alg;
	OAuthJwk   *key;
	bool		waits;			/* for another session that makes one of its algorithm */
	bool		is_published;
} Making;

static void
generate_ahead(void *argument)
{
	Making	   *making = argument;

	PreventCommandIfReadOnly("oauth_create_signing_key()");
	making->key = generate(making->alg);
}

/* Publishes the first key of its algorithm, unless there is one by now, or is about to be. */
static void
publish_first(void *argument)
{
	Making	   *making = argument;

	if (!oauth_store_hold_signing_keys(making->alg, making->waits) ||
		oauth_store_wanted_algs(list_make1(unconstify(char *, making->alg))) == NIL)
		return;
	if (publish(making->key, making->alg, 0, "was made, the first") == NULL)
		elog(ERROR, "a new signing key was not inserted");
	making->is_published = true;
}

static void
rotate_due(void *argument)
{
	(void) oauth_signing_keys_rotate(false, false);
}

/*
 * Whether the error is of the server, and others will hear of it as well, or tells it to stop.  A
 * deadlock is over once the key is given up.
 */
static bool
concerns_all(const ErrorData *error)
{
	int			category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	if (category == ERRCODE_TRANSACTION_ROLLBACK)
		return false;
	return oauth_error_is_of_server(error->sqlerrcode) || category == ERRCODE_SYSTEM_ERROR ||
		error->sqlerrcode == ERRCODE_DATA_CORRUPTED || error->sqlerrcode == ERRCODE_INDEX_CORRUPTED;
}

/*
 * Does the work; false if it fails.  A key that cannot be made is no reason to give up what else is
 * done: without the file of the master key, for example, the others are published all the same.
 */
static bool
try_to(void (*work) (void *argument), Making *making)
{
	ErrorData  *error = oauth_try(work, making, true);

	if (error == NULL)
		return true;
	if (concerns_all(error))
		ReThrowError(error);
	ereport(WARNING, (errcode(error->sqlerrcode),
					  errmsg("a signing key is due, and cannot be made: %s", error->message),
					  error->hint ? errhint("%s", error->hint) : 0));
	return false;
}

/*
 * Makes keys before they are needed, so that they have been published when they are used: the first
 * of each algorithm that is asked for, or else successors that are due.
 */
static void
make_ahead(void)
{
	List	   *made = NIL;
	bool		is_enough = false;
	ListCell   *cell;

	foreach(cell, oauth_store_wanted_algs(oauth_jws_algorithms()))
	{
		Making	   *making = palloc0(sizeof(Making));

		making->alg = lfirst(cell);
		if (try_to(generate_ahead, making))
			made = lappend(made, making);
	}
	foreach(cell, made)
	{
		try_to(publish_first, lfirst(cell));
		is_enough = is_enough || ((Making *) lfirst(cell))->is_published;
	}
	if (!is_enough && oauth_setting_signing_key_lifetime > 0)
		try_to(rotate_due, NULL);
}

/*
 * Algorithms whose key could not be made, and until when this session does not try again: a while
 * after the last that failed.
 */
static List *failed = NIL;
static TimestampTz failed_until = 0;

static void
note_failed(const char *alg)
{
	MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);

	failed = lappend(failed, pstrdup(alg));
	failed_until = GetCurrentTimestamp() + FAILED_FOR * USECS_PER_SEC;
	MemoryContextSwitchTo(old);
}

/* Whether the key could not be made a while ago. */
static bool
has_failed(const char *alg)
{
	if (failed != NIL && GetCurrentTimestamp() >= failed_until)
	{
		list_free_deep(failed);
		failed = NIL;
	}
	return oauth_list_has(failed, alg);
}

/*
 * An algorithm that clients or resources ask for, and that has no key, so that one should be made
 * before it signs; NULL if there is none, or none can be made here: then *lacks_key says which.
 */
char *
oauth_signing_alg_wanted(bool *lacks_key)
{
	List	   *wanted = oauth_store_wanted_algs(oauth_jws_algorithms());
	const char *hint;
	ListCell   *cell;

	*lacks_key = wanted != NIL;
	if (wanted == NIL || RecoveryInProgress() || oauth_master_key_problem(&hint) != NULL)
		return NULL;
	foreach(cell, wanted)
		if (!has_failed(lfirst(cell)))
			return lfirst(cell);
	return NULL;
}

/*
 * Makes the first key of that algorithm, if it can be made.  A session that is about to make one is
 * waited for, but not for longer than lock_timeout.
 */
void
oauth_signing_key_try(const char *alg)
{
	Making		making = {.alg = alg, .waits = true};

	if (!try_to(generate_ahead, &making) || !try_to(publish_first, &making))
		note_failed(alg);
}

/*
 * What time makes of keys: new ones where they are due, and an end of those that nothing needs any
 * more; how many rows it removed.  Waits for nobody.
 */
int64
oauth_signing_keys_purge(void)
{
	make_ahead();
	return oauth_store_purge_signing_keys();
}
