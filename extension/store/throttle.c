/*
 * throttle.c
 *		SQL of counting wrong guesses.
 *
 * A row counts failures for one account from one address, for one account from anywhere, or from
 * one address.  Some failures are free; after that each wait is twice as long as the one before, up
 * to a quarter of an hour.  Nobody is locked out for longer, even if the clock was set back, and
 * after an hour without a failure the count is forgotten.
 *
 * An address that many people share sees a wrong password now and then, and never has an hour
 * without one: so each hour forgives as many failures as are free, in proportion to the time since
 * the last one.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "setting.h"
#include "store/statement.h"
#include "store/throttle.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/lsyscache.h"

/*
 * The limit of an account from anywhere and of an address, as a multiple of what is free for an
 * account from an address.
 */
#define MANY		10
/* The limit of a site, as a multiple of that of one of its networks. */
#define SITE_MANY	3

/*
 * Intervals, where t is the row: the wait after its last failure, and whether that failure is
 * forgotten.
 */
#define WAIT \
	"CASE WHEN t.failures < excluded.allowance THEN interval '0'" \
	" ELSE least(2 ^ least(t.failures - excluded.allowance, 20), 900) * interval '1 second' END"
#define IS_FORGOTTEN \
	"(t.last_at < clock_timestamp() - interval '1 hour' OR t.last_at > clock_timestamp() + " \
	"interval '1 minute')"

/* What is left of earlier failures. */
#define FORGIVEN \
	"greatest(floor(extract(epoch FROM clock_timestamp() - t.last_at) * excluded.allowance / " \
	"3600), 0)::integer"
#define REMAINING \
	"CASE WHEN " IS_FORGOTTEN " THEN 0 ELSE greatest(t.failures - " FORGIVEN ", 0) END"

/* The end of a count: nothing is returned if it is too early for that row. */
#define UNLESS_TOO_EARLY \
	" ON CONFLICT (key) DO UPDATE SET last_at = excluded.last_at, allowance = excluded.allowance," \
	" failures = " REMAINING " + 1" \
	" WHERE " IS_FORGOTTEN " OR t.last_at + " WAIT " <= clock_timestamp() RETURNING 1"

/*
 * Reads the counts of the address and its site; then counts for the account from this address, and
 * then from the site, so that a stranger who is refused there does not add to the account's count
 * everywhere.  A second session waits for the row, and then sees the new count.
 *
 * $1 kind, $5 account; the keys and allowances of the account from here ($2, $7) at $6, from
 * anywhere ($3, $8), of the address ($4, $8), of the account from the site ($9, $13) at $11, of the
 * site ($10, $12).
 */
static OAuthStatement count_attempt = {
	.sql = "WITH here AS ("
	" INSERT INTO oauth.throttle AS t (key, kind, account, address, allowance, failures, last_at)"
	" SELECT $2, $1, $5, $6, $7, 1, clock_timestamp()"
	" WHERE NOT EXISTS (SELECT FROM oauth.throttle t"
	" JOIN (VALUES ($4, $8), ($10, $12)) excluded (key, allowance) ON t.key = excluded.key"
	" WHERE NOT (" IS_FORGOTTEN ") AND t.last_at + " WAIT " > clock_timestamp())"
	UNLESS_TOO_EARLY
	"), site AS ("
	" INSERT INTO oauth.throttle AS t (key, kind, account, address, allowance, failures, last_at)"
	" SELECT $9, $1, $5, $11, $13, 1, clock_timestamp()"
	" WHERE $9 IS NOT NULL AND EXISTS (SELECT FROM here)"
	UNLESS_TOO_EARLY
	"), anywhere AS ("
	" INSERT INTO oauth.throttle AS t (key, kind, account, address, allowance, failures, last_at)"
	" SELECT $3, $1, $5, NULL, $8, 1, clock_timestamp()"
	" WHERE EXISTS (SELECT FROM here) AND ($9 IS NULL OR EXISTS (SELECT FROM site))"
	UNLESS_TOO_EARLY
	") SELECT EXISTS (SELECT FROM anywhere)",
	.n_arguments = 13,
	.argument_types = {TEXTOID, UUIDOID, UUIDOID, UUIDOID, TEXTOID, INETOID, INT4OID, INT4OID,
	UUIDOID, UUIDOID, INETOID, INT4OID, INT4OID}
};

static OAuthStatement count_address = {
	.sql = "INSERT INTO oauth.throttle AS t"
	" (key, kind, account, address, allowance, failures, last_at)"
	" VALUES ($2, $1, NULL, $3, $4, 1, clock_timestamp())"
	UNLESS_TOO_EARLY,
	.n_arguments = 4, .argument_types = {TEXTOID, UUIDOID, INETOID, INT4OID}
};

/* Whether the address, or its site, still has to wait. */
static OAuthStatement address_waits = {
	.sql = "SELECT FROM oauth.throttle t JOIN (VALUES ($1, $2), ($3, $4)) excluded (key, allowance)"
	" ON t.key = excluded.key WHERE NOT"
	" (" IS_FORGOTTEN ") AND t.last_at + " WAIT " > clock_timestamp()",
	.n_arguments = 4, .argument_types = {UUIDOID, INT4OID, UUIDOID, INT4OID}
};

/* The longest of the waits, in whole seconds. */
static OAuthStatement find_wait = {
	.sql = "SELECT coalesce(max(ceil(extract(epoch FROM t.last_at + "
	"CASE WHEN t.failures < t.allowance THEN interval '0'"
	" ELSE least(2 ^ least(t.failures - t.allowance, 20), 900) * interval '1 second' END -"
	" clock_timestamp()))), 1)::int"
	" FROM oauth.throttle t WHERE t.key = ANY (ARRAY[$1, $2, $3, $4, $5])",
	.n_arguments = 5, .argument_types = {UUIDOID, UUIDOID, UUIDOID, UUIDOID, UUIDOID}
};

static OAuthStatement forget_here = {
	.sql = "DELETE FROM oauth.throttle WHERE key = $1",
	.n_arguments = 1, .argument_types = {UUIDOID}
};

static OAuthStatement uncount = {
	.sql = "UPDATE oauth.throttle SET failures = failures - 1 WHERE key = $1 AND failures > 0",
	.n_arguments = 1, .argument_types = {UUIDOID}
};

static OAuthStatement forget_account = {
	.sql = "DELETE FROM oauth.throttle WHERE account = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/*
 * An attempt locks the rows of its account in an order of its own: skip the rows of an attempt that
 * is under way.
 */
static OAuthStatement remove_forgotten = {
	.sql = "DELETE FROM oauth.throttle WHERE key = ANY (ARRAY(SELECT key FROM oauth.throttle"
	" WHERE last_at < now() - interval '2 hours' ORDER BY last_at LIMIT $1 FOR UPDATE SKIP"
	" LOCKED))",
	.n_arguments = 1, .argument_types = {INT4OID}
};

/* False if another session is counting the same. */
bool
oauth_store_try_counts(const OAuthThrottle *throttle)
{
	Oid			table = oauth_store_relation("throttle");

	return oauth_store_try_lock(table, throttle->counted_here) &&
		oauth_store_try_lock(table, throttle->counted_anywhere) &&
		oauth_store_try_lock(table, throttle->address_key) &&
		(throttle->site_key == NULL ||
		 (oauth_store_try_lock(table, throttle->site_here) &&
		  oauth_store_try_lock(table, throttle->site_key)));
}

/*
 * Counts an attempt before its outcome is known; false if it comes too early and must not be looked
 * at.
 */
bool
oauth_store_count_attempt(const OAuthThrottle *throttle)
{
	OAuthArguments arguments = {0};
	bool		may_go_on;

	oauth_add_text(&arguments, throttle->kind);
	oauth_add_pointer(&arguments, throttle->counted_here);
	oauth_add_pointer(&arguments, throttle->counted_anywhere);
	oauth_add_pointer(&arguments, throttle->address_key);
	oauth_add_text(&arguments, throttle->account);
	oauth_add_pointer(&arguments, DatumGetPointer(throttle->address));
	oauth_add_int32(&arguments, throttle->allowance);
	oauth_add_int32(&arguments, MANY * throttle->allowance);
	oauth_add_pointer(&arguments, throttle->site_here);
	oauth_add_pointer(&arguments, throttle->site_key);
	oauth_add_pointer(&arguments, DatumGetPointer(throttle->site));
	oauth_add_int32(&arguments, SITE_MANY * MANY * throttle->allowance);
	oauth_add_int32(&arguments, SITE_MANY * throttle->allowance);
	oauth_store_run(&count_attempt, &arguments);
	may_go_on = oauth_store_bool(0, 1);
	oauth_store_end();
	return may_go_on;
}

static void
count_failure_of(const OAuthThrottle *throttle, Datum address, const void *key, int allowance)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, throttle->kind);
	oauth_add_pointer(&arguments, key);
	oauth_add_value(&arguments, address);
	oauth_add_int32(&arguments, allowance);
	if (address != 0)
		oauth_store_count(&count_address, &arguments);
}

/*
 * The attempt failed: counts for the address as well, if that is known; unknown addresses share no
 * count.
 */
void
oauth_store_count_failure(const OAuthThrottle *throttle)
{
	count_failure_of(throttle, throttle->address, throttle->address_key,
					 MANY * throttle->allowance);
	count_failure_of(throttle, throttle->site, throttle->site_key,
					 SITE_MANY * MANY * throttle->allowance);
}

static bool
count_for(const OAuthThrottle *throttle, const void *key, Datum address, int allowance)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, throttle->kind);
	oauth_add_pointer(&arguments, key);
	oauth_add_value(&arguments, address);
	oauth_add_int32(&arguments, allowance);
	return oauth_store_count(&count_address, &arguments) > 0;
}

/*
 * Counts for the address and its site; false if it comes too early, and then it is not counted.
 * While another session counts for the same address it is not counted either, but must wait like
 * the ones before it.
 */
bool
oauth_store_count_visit(const OAuthThrottle *throttle)
{
	Oid			table = oauth_store_relation("throttle");
	int			of_site = SITE_MANY * throttle->allowance;
	OAuthArguments arguments = {0};

	oauth_add_pointer(&arguments, throttle->address_key);
	oauth_add_int32(&arguments, throttle->allowance);
	oauth_add_pointer(&arguments, throttle->site_key);
	oauth_add_int32(&arguments, of_site);
	if (oauth_store_count(&address_waits, &arguments) > 0)
		return false;
	if (!oauth_store_try_lock(table, throttle->address_key) ||
		(throttle->site_key != NULL && !oauth_store_try_lock(table, throttle->site_key)))
		return true;
	return count_for(throttle, throttle->address_key, throttle->address, throttle->allowance) &&
		(throttle->site_key == NULL ||
		 count_for(throttle, throttle->site_key, throttle->site, of_site));
}

/*
 * The attempt succeeded: the count for this account and address begins anew, and the others return
 * to what they were.
 */
void
oauth_store_forget_attempt(const OAuthThrottle *throttle)
{
	OAuthArguments here = {0};
	OAuthArguments site = {0};
	OAuthArguments anywhere = {0};

	oauth_add_pointer(&here, throttle->counted_here);
	oauth_store_count(&forget_here, &here);
	oauth_add_pointer(&site, throttle->site_here);
	if (throttle->site_here != NULL)
		oauth_store_count(&uncount, &site);
	oauth_add_pointer(&anywhere, throttle->counted_anywhere);
	oauth_store_count(&uncount, &anywhere);
}

/* Seconds until the next attempt, at least 1. */
int
oauth_store_throttle_wait(const OAuthThrottle *throttle)
{
	OAuthArguments arguments = {0};
	int			seconds;

	oauth_add_pointer(&arguments, throttle->counted_here);
	oauth_add_pointer(&arguments, throttle->counted_anywhere);
	oauth_add_pointer(&arguments, throttle->address_key);
	oauth_add_pointer(&arguments, throttle->site_here);
	oauth_add_pointer(&arguments, throttle->site_key);
	oauth_store_run(&find_wait, &arguments);
	seconds = oauth_store_int32(0, 1);
	oauth_store_end();
	return Max(seconds, 1);
}

/* Forgets the counts of a subject or client; returns how many there were. */
int64
oauth_store_forget_account(const char *account)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, account);
	return (int64) oauth_store_count(&forget_account, &arguments);
}

int64
oauth_store_purge_throttle(void)
{
	OAuthArguments batch = {0};

	oauth_add_int32(&batch, oauth_setting_purge_batch);
	return (int64) oauth_store_count(&remove_forgotten, &batch);
}
