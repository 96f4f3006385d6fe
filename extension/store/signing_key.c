/*
 * signing_key.c
 *		SQL of oauth.signing_key.
 *
 * Which key signs is read for each signature, as it is committed now, whatever snapshot the caller
 * has: a key that was retired must not sign in a transaction that began before.
 *
 * A key is superseded when another one of its algorithm comes into use; purges write down when that
 * was.  What signs is nevertheless never a superseded key, also not if the newer one is retired:
 * the older one may have been replaced because it was stolen.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "setting.h"
#include "store/key.h"
#include "store/statement.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/fmgroids.h"
#include "utils/snapmgr.h"

/* What is signed is good for a day at most, or has a row in oauth.lasting_signature. */
#define LONGEST "interval '1 day'"
#define GRACE "interval '1 hour'"

/* Rows of a key that is no longer published stay for so long: old ID tokens say whose they were. */
#define REMEMBERED "interval '90 days'"

enum
{
	USED_ALG,
	USED_KID,
	USED_FROM,
	USED_RETIRED_AT
};
static OAuthTable keys_by_use = {
	.name = "signing_key", .index = "signing_key_used", .equals = F_TEXTEQ,
	.columns = {"alg", "kid", "used_from", "retired_at"}
};

enum
{
	KEY_KID,
	KEY_PUBLIC,
	KEY_SEALED
};
static OAuthTable keys = {
	.name = "signing_key", .equals = F_TEXTEQ,
	.columns = {"kid", "public_key", "private_key_sealed"}
};

/* Whether that key came into use at all: one that was retired before that supersedes none. */
#define WAS_USED(key) \
	key ".used_from <= clock_timestamp() AND (" key ".retired_at IS NULL" \
	" OR " key ".retired_at > " key ".used_from)"

/* When the key was superseded; null: it has not been. */
#define SUPERSEDED_AT \
	"(SELECT min(n.used_from) FROM oauth.signing_key n WHERE n.alg = k.alg" \
	" AND n.used_from > k.used_from AND " WAS_USED("n") ")"

static OAuthStatement retire_superseded = {
	.sql = "UPDATE oauth.signing_key k SET retired_at = " SUPERSEDED_AT ","
	" private_key_sealed = NULL WHERE k.retired_at IS NULL AND " SUPERSEDED_AT " IS NOT NULL",
	.sees_latest = true
};

static OAuthStatement insert_signing_key = {
	.sql = "INSERT INTO oauth.signing_key (kid, alg, public_key, private_key_sealed,"
	" created_at, used_from) SELECT $1, $2, $3::jsonb, $4, now.clock, greatest($5,"
	" now.clock) FROM (SELECT clock_timestamp() AS clock) now ON CONFLICT DO NOTHING",
	.n_arguments = 5, .argument_types = {TEXTOID, TEXTOID, TEXTOID, BYTEAOID, TIMESTAMPTZOID}
};

/* The next of its algorithm is used from now on. */
static OAuthStatement use_published = {
	.sql = "UPDATE oauth.signing_key SET used_from = clock_timestamp() WHERE kid = (SELECT"
	" kid FROM oauth.signing_key WHERE alg = $1 AND retired_at IS NULL AND used_from >"
	" clock_timestamp() ORDER BY used_from, kid LIMIT 1)",
	.sees_latest = true, .n_arguments = 1, .argument_types = {TEXTOID}
};

/*
 * The set of public keys is another one, or in another order.  The shims listen: when the
 * transaction has committed, they forget the set that they gave to others a moment ago.
 */
static OAuthStatement tell = {.sql = "SELECT pg_notify('oauth_changed', '')"};

static OAuthStatement retire = {
	.sql = "UPDATE oauth.signing_key SET retired_at = clock_timestamp(), private_key_sealed"
	" = NULL WHERE kid = $1 AND retired_at IS NULL",
	.sees_latest = true, .n_arguments = 1, .argument_types = {TEXTOID}
};

/* All of the algorithm but the one that takes their place. */
static OAuthStatement retire_others = {
	.sql = "UPDATE oauth.signing_key SET retired_at = clock_timestamp(), private_key_sealed"
	" = NULL WHERE alg = $1 AND kid <> $2 AND retired_at IS NULL",
	.sees_latest = true, .n_arguments = 2, .argument_types = {TEXTOID, TEXTOID}
};

static OAuthStatement find_alg = {
	.sql = "SELECT alg FROM oauth.signing_key WHERE kid = $1",
	.sees_latest = true, .n_arguments = 1, .argument_types = {TEXTOID}
};

/*
 * Keys that are due for a successor, and from when that is to be used: when the key has been used
 * for its lifetime ($3), but published for the lead ($2) before.  With a lifetime of 0 they are due
 * whenever somebody asks; for one to be used at once ($1) all are.  A key that an administrator
 * made for a later time than that is no successor yet.
 */
static OAuthStatement due_keys = {
	.sql = "SELECT DISTINCT ON (k.alg) k.alg, greatest(clock_timestamp() + l.lead,"
	" k.used_from + l.lifetime) FROM oauth.signing_key k, (SELECT $2 * interval '1 second'"
	" AS lead, $3 * interval '1 second' AS lifetime) l WHERE k.retired_at IS NULL"
	" AND " SUPERSEDED_AT " IS NULL AND ($1 OR k.used_from <= clock_timestamp() AND ($3 = 0 OR"
	" k.used_from + l.lifetime - l.lead <= clock_timestamp()) AND NOT EXISTS (SELECT FROM"
	" oauth.signing_key n WHERE n.alg = k.alg AND n.retired_at IS NULL AND n.used_from >"
	" k.used_from AND n.used_from <= greatest(clock_timestamp() + l.lead, k.used_from +"
	" l.lifetime))) ORDER BY k.alg, k.used_from DESC, k.kid",
	.sees_latest = true, .n_arguments = 3, .argument_types = {BOOLOID, INT4OID, INT4OID}
};

/*
 * Those of the algorithms that are asked for, and have no key yet.  Because of CASE no client is
 * looked for where there is a key: all clients may ask for that one.
 */
static OAuthStatement wanted_algs = {
	.sql = "SELECT a.alg FROM unnest($1) a (alg) WHERE CASE WHEN EXISTS (SELECT FROM"
	" oauth.signing_key_overview k WHERE k.alg = a.alg AND k.state IN ('published', 'used'))"
	" THEN false ELSE EXISTS (SELECT FROM oauth.client_signing_algs c WHERE c.algs @>"
	" ARRAY[a.alg]) OR EXISTS (SELECT FROM oauth.registered_resource r WHERE"
	" (r.access_token_format = 'jwt' OR r.signing_alg IS NOT NULL) AND coalesce(r.signing_alg,"
	" 'ES256') = a.alg) OR a.alg = 'RS256' AND EXISTS (SELECT FROM oauth.scope s WHERE"
	" s.scope = 'openid' AND s.is_default) END ORDER BY a.alg",
	.sees_latest = true, .uses_gin = true, .n_arguments = 1, .argument_types = {TEXTARRAYOID}
};

/* Those that sign first: a client that looks for no kid takes the first that fits. */
static OAuthStatement published_keys = {
	.sql = "SELECT coalesce(string_agg(public_key::text, ', ' ORDER BY"
	" used_from > clock_timestamp(), used_from DESC, kid), '') FROM oauth.signing_key WHERE"
	" unpublished_at IS NULL",
	.only_reads = true
};

static OAuthStatement add_lasting = {
	.sql = "INSERT INTO oauth.lasting_signature (kid, expires_at) VALUES ($1, $2)",
	.n_arguments = 2, .argument_types = {TEXTOID, TIMESTAMPTZOID}
};

static OAuthStatement has_lasting = {
	.sql = "SELECT FROM oauth.lasting_signature WHERE kid = $1 AND expires_at >= $2 LIMIT 1",
	.sees_latest = true, .n_arguments = 2, .argument_types = {TEXTOID, TIMESTAMPTZOID}
};

/*
 * What was signed has expired: a day after the key was retired, and after what lasts longer.  A
 * transaction that began to write before that may have signed something that is not seen yet ($1:
 * when the oldest one began).
 */
static OAuthStatement unpublish = {
	.sql = "UPDATE oauth.signing_key k SET unpublished_at = clock_timestamp() WHERE"
	" k.unpublished_at IS NULL AND (k.retired_at <= k.used_from OR k.retired_at <"
	" least(clock_timestamp(), $1) - " LONGEST " - " GRACE ") AND NOT EXISTS (SELECT FROM"
	" oauth.lasting_signature s WHERE s.kid = k.kid AND s.expires_at >= clock_timestamp()"
	" - " GRACE ")",
	.sees_latest = true, .n_arguments = 1, .argument_types = {TIMESTAMPTZOID}
};

static OAuthStatement remove_keys = {
	.sql = "DELETE FROM oauth.signing_key WHERE unpublished_at < clock_timestamp()"
	" - " REMEMBERED,
	.sees_latest = true
};

static OAuthStatement remove_lasting = {
	.sql = "DELETE FROM oauth.lasting_signature s WHERE s.expires_at < clock_timestamp()"
	" - " GRACE " OR NOT EXISTS (SELECT FROM oauth.signing_key k WHERE k.kid = s.kid)",
	.sees_latest = true
};

/*
 * Only one session at a time makes keys of an algorithm; what the caller found out before, it must
 * look at again.  False if another one is at it, unless wait.  It is the lock of an object that
 * nobody can lock in SQL.
 */
bool
oauth_store_hold_signing_keys(const char *alg, bool wait)
{
	uint64		key = hash_any_extended((const unsigned char *) alg, strlen(alg), 0);

	return oauth_store_lock_key(oauth_store_relation("signing_key"), &key, wait);
}

static void
begin_newest(void)
{
	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
}

/* Whether the row is of a key that came into use, be it retired since. */
static bool
was_used(const OAuthRow *row, TimestampTz now)
{
	TimestampTz used_from = oauth_store_row_int64(row, USED_FROM);

	return used_from <= now && (oauth_store_row_is_null(row, USED_RETIRED_AT) ||
								oauth_store_row_int64(row, USED_RETIRED_AT) > used_from);
}

/*
 * The kid of the key that signs with that algorithm; NULL if there is none, or the last one was
 * retired.
 */
char *
oauth_store_signing_kid(const char *alg)
{
	TimestampTz now = GetCurrentTimestamp();
	char	   *kid = NULL;
	OAuthRow	row;
	bool		found;

	begin_newest();
	found = oauth_store_open_row(&row, &keys_by_use, CStringGetTextDatum(alg));
	while (found && !was_used(&row, now))
		found = oauth_store_next_row(&row);
	if (found && oauth_store_row_is_null(&row, USED_RETIRED_AT))
		kid = oauth_store_row_string(&row, USED_KID);
	oauth_store_close_row(&row);
	PopActiveSnapshot();
	return kid;
}

/* The private key of that kid under the master key; NULL if it is there no more. */
bytea *
oauth_store_sealed_signing_key(const char *kid)
{
	bytea	   *sealed = NULL;
	OAuthRow	row;

	begin_newest();
	if (oauth_store_open_row(&row, &keys, CStringGetTextDatum(kid)))
		sealed = oauth_store_row_bytea(&row, KEY_SEALED);
	oauth_store_close_row(&row);
	PopActiveSnapshot();
	return sealed;
}

/* The public key of that kid, a JWK, published or not any more; NULL if there is none. */
Jsonb *
oauth_store_public_signing_key(const char *kid)
{
	Jsonb	   *jwk = NULL;
	OAuthRow	row;

	PushActiveSnapshot(GetLatestSnapshot());
	if (oauth_store_open_row(&row, &keys, CStringGetTextDatum(kid)))
		jwk = DatumGetJsonbPCopy(oauth_store_row_value(&row, KEY_PUBLIC));
	oauth_store_close_row(&row);
	PopActiveSnapshot();
	return jwk;
}

/*
 * The published keys, as JSON texts with commas between; newest: as they are committed now,
 * whatever snapshot the caller has.
 */
char *
oauth_store_published_keys(bool newest)
{
	char	   *published;

	if (newest)
		begin_newest();
	oauth_store_run(&published_keys, NULL);
	published = oauth_store_string(0, 1);
	oauth_store_end();
	if (newest)
		PopActiveSnapshot();
	return published;
}

/* True if rows were changed; then the shims are told. */
static bool
change(OAuthStatement *statement, OAuthArguments *arguments)
{
	bool		has_changed = oauth_store_count(statement, arguments) > 0;

	if (has_changed && oauth_setting_notify_revocation)
		oauth_store_count(&tell, NULL);
	return has_changed;
}

/* False if there is a key of that kid. */
bool
oauth_store_insert_signing_key(const OAuthNewSigningKey *key)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, key->kid);
	oauth_add_text(&arguments, key->alg);
	oauth_add_text(&arguments, key->public_key);
	oauth_add_pointer(&arguments, key->private_key_sealed);
	oauth_add_timestamp(&arguments, key->used_from);
	return change(&insert_signing_key, &arguments);
}

/* Uses a key from now on that is published already; false if there is none. */
bool
oauth_store_use_published_key(const char *alg)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, alg);
	return change(&use_published, &arguments);
}

/* Retires the key; false if it had been. */
bool
oauth_store_retire_signing_key(const char *kid)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, kid);
	oauth_store_count(&retire_superseded, NULL);
	return oauth_store_count(&retire, &arguments) > 0;
}

/* Retires every key of the algorithm, but that one. */
void
oauth_store_retire_other_keys(const char *alg, const char *kid)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, alg);
	oauth_add_text(&arguments, kid);
	oauth_store_count(&retire_superseded, NULL);
	oauth_store_count(&retire_others, &arguments);
}

/* The algorithm of the key; NULL if there is no such key. */
char *
oauth_store_signing_key_alg(const char *kid)
{
	OAuthArguments arguments = {0};
	char	   *alg = NULL;

	oauth_add_text(&arguments, kid);
	if (oauth_store_run(&find_alg, &arguments) > 0)
		alg = oauth_store_string(0, 1);
	oauth_store_end();
	return alg;
}

static void *
read_due(uint64 row)
{
	OAuthNewSigningKey *key = SPI_palloc(sizeof(OAuthNewSigningKey));

	memset(key, 0, sizeof(*key));
	key->alg = oauth_store_string(row, 1);
	key->used_from = oauth_store_int64(row, 2);
	return key;
}

/* The successors that are due, as OAuthNewSigningKey with alg and used_from. */
List *
oauth_store_due_signing_keys(bool at_once)
{
	OAuthArguments arguments = {0};

	oauth_add_bool(&arguments, at_once);
	oauth_add_int32(&arguments, oauth_setting_signing_key_lead);
	oauth_add_int32(&arguments, oauth_setting_signing_key_lifetime);
	return oauth_store_list(&due_keys, &arguments, read_due);
}

/* Those of the algorithms that clients and resources ask for, and that have no key. */
List *
oauth_store_wanted_algs(List *algs)
{
	OAuthArguments arguments = {0};

	oauth_add_pointer(&arguments, DatumGetPointer(oauth_array_from_list(algs)));
	return oauth_store_list(&wanted_algs, &arguments, oauth_store_first_string);
}

/*
 * Keeps the key published until then, and for a quarter of the time longer, so that what is signed
 * next needs no row of its own.
 */
void
oauth_store_note_lasting_signature(const char *kid, TimestampTz expires_at)
{
	TimestampTz left = expires_at - GetCurrentTimestamp();
	TimestampTz lasts_until = left < DT_NOEND - expires_at ? expires_at + left / 4 : expires_at;
	OAuthArguments asked = {0};
	OAuthArguments added = {0};

	oauth_add_text(&asked, kid);
	oauth_add_timestamp(&asked, expires_at);
	if (oauth_store_count(&has_lasting, &asked) > 0)
		return;
	oauth_add_text(&added, kid);
	oauth_add_timestamp(&added, lasts_until);
	oauth_store_count(&add_lasting, &added);
}

/* Writes down what the time has made of the keys, and removes what nobody needs; how many rows. */
int64
oauth_store_purge_signing_keys(void)
{
	OAuthArguments since = {0};
	int64		n;

	oauth_add_timestamp(&since, oauth_store_writers_since());
	oauth_store_count(&retire_superseded, NULL);
	change(&unpublish, &since);
	n = oauth_store_count(&remove_keys, NULL);
	return n + oauth_store_count(&remove_lasting, NULL);
}
