/*
 * nonce.c
 *		SQL of the nonces of OAuth 1.0a: which were used, and the floor below which nothing is
 *		accepted any more.
 *
 * Nonces lie in a ring of ordinary tables, by the timestamp of their request.  The tables are
 * logged: a crash of one backend empties unlogged ones.  A table whose timestamps have all left the
 * window is emptied by TRUNCATE, and the floor rises above what was removed in the same commit.  So
 * a row that is gone is never a nonce that can be used again, whatever the clock or the window do
 * later.
 *
 * The table of a timestamp follows from how many seconds a table has, which fits the window and is
 * kept beside the floor.  When the window was changed, a purge empties all tables at once and the
 * floor rises above the newest nonce.
 *
 * Nonces can be lost without our doing: a standby takes over before it has them all, a backup is
 * restored.  The floor says of which server, timeline and table it speaks.  Anywhere else it rises
 * to the latest timestamp that may have been accepted before: honest clients wait for one window,
 * and nobody replays.
 *
 * A nonce finds the floor in one of three states, and two of them are left:
 *
 *	elsewhere  --(make it, or take it over)-->  ours, other seconds a table
 *	ours, other seconds a table  --(remember them)-->  ours, as remembered
 *	ours, as remembered: below the floor the nonce is stale, above it is new or used
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/oauth1.h"
#include "store/statement.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/uuid.h"

#define TABLES 8				/* tables.sql makes as many */
#define TIMESTAMP_BYTES 5		/* of what is kept of a nonce; 34,000 years of seconds */

/*
 * $1 and $2 are the system identifier and the timeline: those of another server differ, or of this
 * one before.
 */
#define FLOOR_IS_OURS "system_identifier = $1 AND timeline = $2 AND relation = tableoid"

typedef struct OAuthNonceTable
{
	OAuthInsert insert;
	OAuthStatement newest;
	OAuthStatement empty;
} OAuthNonceTable;

#define NONCE_TABLE(nonce_table)                                                                   \
	{                                                                                              \
		.insert = {.table = {.name = nonce_table, .columns = {"nonce"}},                           \
				   .statement = {.sql = "INSERT INTO oauth." nonce_table                           \
										" (nonce) VALUES ($1) ON CONFLICT DO NOTHING",             \
								 .n_arguments = 1,                                                 \
								 .argument_types = {UUIDOID}}},                                    \
		.newest = {.sql = "SELECT (SELECT ('x' || left(n, 8) || substr(n, 10, 2))::bit(40)::bigint"\
						  " FROM (SELECT nonce::text AS n FROM oauth." nonce_table                 \
						  " ORDER BY nonce DESC LIMIT 1) newest)",                                 \
				   .only_reads = true},                                                            \
		.empty = {                                                                                 \
			.sql = "TRUNCATE oauth." nonce_table                                                   \
		}                                                                                          \
	}

static OAuthNonceTable tables[TABLES] = {
	NONCE_TABLE("nonce_0"), NONCE_TABLE("nonce_1"), NONCE_TABLE("nonce_2"), NONCE_TABLE("nonce_3"),
	NONCE_TABLE("nonce_4"), NONCE_TABLE("nonce_5"), NONCE_TABLE("nonce_6"), NONCE_TABLE("nonce_7")
};

enum
{
	FLOOR_IS_ONLY_ROW,
	FLOOR_SYSTEM_IDENTIFIER,
	FLOOR_TIMELINE,
	FLOOR_RELATION,
	FLOOR_TIMESTAMP,
	FLOOR_SECONDS_A_TABLE
};
static OAuthTable floor_table = {
	.name = "nonce_floor", .equals = F_BOOLEQ,
	.columns = {"is_only_row", "system_identifier", "timeline", "relation", "floor",
	"seconds_a_table"}
};

typedef struct OAuthNonceFloor
{
	int64		timestamp;		/* the lowest that can be accepted */
	int64		seconds_a_table;
} OAuthNonceFloor;

static OAuthStatement make_floor =
{.sql = "INSERT INTO oauth.nonce_floor (is_only_row, system_identifier, timeline, relation, "
	"floor, seconds_a_table)"
	" VALUES (true, $1, $2, 'oauth.nonce_floor'::regclass, 0, $3) ON CONFLICT DO NOTHING",
	.n_arguments = 3,
.argument_types = {INT8OID, INT8OID, INT8OID}};

static OAuthStatement move_floor_here = {.sql = "UPDATE oauth.nonce_floor SET system_identifier = "
	"$1, timeline = $2, relation = tableoid,"
	" floor = greatest(floor, $3) WHERE is_only_row "
	"AND NOT (" FLOOR_IS_OURS ")",
	.n_arguments = 3,
.argument_types = {INT8OID, INT8OID, INT8OID}};

/* Nothing if a session is at it, or if no nonce was ever used. */
static OAuthStatement hold_floor = {
	.sql = "SELECT seconds_a_table FROM oauth.nonce_floor WHERE is_only_row FOR UPDATE SKIP LOCKED"
};

static OAuthStatement raise_floor = {.sql = "UPDATE oauth.nonce_floor SET floor = greatest(floor, "
	"$1), seconds_a_table = $2 WHERE is_only_row",
	.n_arguments = 2,
.argument_types = {INT8OID, INT8OID}};

/*
 * The window of both sides and a minute more span TABLES - 1 tables at most: between leaving the
 * window and coming in reach again, a table waits for longer than a minute, so that a purge every
 * minute finds it.
 */
static int64
seconds_for_window(int64 window)
{
	int64		span = 2 * window + SECS_PER_MINUTE;

	return (span + TABLES - 3) / (TABLES - 2);
}

static OAuthNonceTable *
table_of(int64 timestamp, int64 seconds_a_table)
{
	return &tables[timestamp / seconds_a_table % TABLES];
}

static Oid
relation_of(const OAuthNonceTable *table)
{
	return oauth_store_relation(table->insert.table.name);
}

static Datum
system_identifier(void)
{
	return Int64GetDatum((int64) GetSystemIdentifier());
}

/* On a standby there is none, and what writes fails with 25006. */
static Datum
timeline(void)
{
	return Int64GetDatum(RecoveryInProgress() ? 0 : GetWALInsertionTimeLine());
}

static bool
floor_is_ours(const OAuthRow *row)
{
	return oauth_store_row_int64(row, FLOOR_SYSTEM_IDENTIFIER) ==
		DatumGetInt64(system_identifier()) &&
		oauth_store_row_int64(row, FLOOR_TIMELINE) == DatumGetInt64(timeline()) &&
		DatumGetObjectId(oauth_store_row_value(row, FLOOR_RELATION)) == floor_table.relation;
}

/*
 * The floor as it is now: TRUNCATE heeds no snapshot, so neither must those who rely on what it
 * did.  False if it is not of this server, timeline and table, or has not been made.
 */
static bool
find_current_floor(OAuthNonceFloor *floor)
{
	OAuthRow	row;
	bool		found;

	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	found = oauth_store_open_row(&row, &floor_table, BoolGetDatum(true)) && floor_is_ours(&row);
	floor->timestamp = found ? oauth_store_row_int64(&row, FLOOR_TIMESTAMP) : 0;
	floor->seconds_a_table = found ? oauth_store_row_int64(&row, FLOOR_SECONDS_A_TABLE) : 0;
	oauth_store_close_row(&row);
	PopActiveSnapshot();
	return found;
}

/*
 * The same for nonces of a table that is locked, which is looked at once a transaction: as long as
 * the table is not emptied, what is below a floor that has risen meanwhile is still there, and is
 * found to be used.  Who empties it in this transaction changes a relation.  What a subtransaction
 * finds it may have made itself, and is undone with it, as its lock is.
 */
static bool
find_floor(const OAuthNonceTable *table, OAuthNonceFloor *floor)
{
	static LocalTransactionId transaction = InvalidLocalTransactionId;
	static uint64 generation;
	static const OAuthNonceTable *found_for;
	static OAuthNonceFloor found;
	uint64		now = oauth_store_generation();

	if (table != NULL && table == found_for && generation == now &&
		transaction == oauth_store_transaction_number())
	{
		*floor = found;
		return true;
	}
	if (!find_current_floor(floor))
		return false;
	if (GetCurrentTransactionNestLevel() > 1)
		return true;
	transaction = oauth_store_transaction_number();
	generation = now;
	found_for = table;
	found = *floor;
	return true;
}

/* latest is the highest timestamp that another server may have accepted. */
static void
take_over_floor(int64 latest)
{
	OAuthArguments arguments = {0};

	oauth_add_value(&arguments, system_identifier());
	oauth_add_value(&arguments, timeline());
	oauth_add_int64(&arguments, latest + 1);
	oauth_store_count(&move_floor_here, &arguments);
}

static void
make_or_take_over_floor(const OAuthNonceWindow *window)
{
	OAuthArguments arguments = {0};

	oauth_add_value(&arguments, system_identifier());
	oauth_add_value(&arguments, timeline());
	oauth_add_int64(&arguments, seconds_for_window(window->seconds));
	if (oauth_store_count(&make_floor, &arguments) == 0)
		take_over_floor(window->latest);
}

/*
 * What is kept of a nonce: the timestamp, most significant byte first, so that those of one time
 * lie together, and as much of the digest as has room.  Who wanted to use up a nonce of somebody
 * else would have to find another one with the same 88 bits, which he does not know, within the
 * window.
 */
static void
make_key(int64 timestamp, const uint8 *digest, pg_uuid_t *key)
{
	for (int i = 0; i < TIMESTAMP_BYTES; i++)
		key->data[i] = (uint8) (timestamp >> (TIMESTAMP_BYTES - 1 - i) * 8);
	memcpy(key->data + TIMESTAMP_BYTES, digest, UUID_LEN - TIMESTAMP_BYTES);
}

static bool
insert(int64 timestamp, const uint8 *digest, OAuthNonceTable *table)
{
	pg_uuid_t	key;
	OAuthArguments arguments = {0};

	make_key(timestamp, digest, &key);
	oauth_add_value(&arguments, UUIDPGetDatum(&key));
	return oauth_store_insert_new(&table->insert, &arguments);
}

/*
 * Keeps the digest for this transaction; false if another one is using it.  A caller of this never
 * waits in oauth_store_use_nonce() afterwards, so two batches that bring the same ones in opposite
 * order do not wait for each other.
 */
bool
oauth_store_try_nonce(const uint8 *digest)
{
	return oauth_store_try_lock(oauth_store_relation("nonce_floor"), digest);
}

/*
 * Records a nonce by its digest.
 *
 * The floor is looked at when the table of the nonce is locked: emptying a table needs that lock,
 * and raises the floor in the same commit.
 */
OAuthNonceResult
oauth_store_use_nonce(int64 timestamp, const uint8 *digest, const OAuthNonceWindow *window)
{
	static int64 seconds_a_table = 0;	/* when last looked, 0: not yet */

	for (;;)
	{
		OAuthNonceTable *table = seconds_a_table == 0 ? NULL :
			table_of(timestamp, seconds_a_table);
		OAuthNonceFloor floor;

		CHECK_FOR_INTERRUPTS();
		if (table != NULL)
			oauth_store_hold_table(&table->insert);
		if (!find_floor(table, &floor))
			make_or_take_over_floor(window);
		else if (timestamp < floor.timestamp)
			return OAUTH_NONCE_STALE;
		else if (table != NULL && floor.seconds_a_table == seconds_a_table)
			return insert(timestamp, digest, table) ? OAUTH_NONCE_NEW : OAUTH_NONCE_USED;
		else
			seconds_a_table = floor.seconds_a_table;
	}
}

static bool
is_over(OAuthNonceTable *table, int64 earliest)
{
	int64		newest = oauth_store_newest(&table->newest);

	return newest > 0 && newest < earliest;
}

/* Tables that are locked. */
static void
empty(OAuthNonceTable *first, int n, int64 seconds_a_table)
{
	OAuthArguments floor = {0};
	int64		lowest = 0;

	for (int i = 0; i < n; i++)
		lowest = Max(lowest, oauth_store_newest(&first[i].newest) + 1);
	oauth_add_int64(&floor, lowest);
	oauth_add_int64(&floor, seconds_a_table);
	oauth_store_count(&raise_floor, &floor);
	for (int i = 0; i < n; i++)
		oauth_store_count(&first[i].empty, NULL);
}

/*
 * Never waits for a lock, and so keeps nobody waiting behind it: a table that is in use has its
 * turn at a later purge.  The tables stay locked until the commit, which is why those are left
 * alone that a request could need by then.
 */
static void
empty_old_tables(int64 seconds_a_table, const OAuthNonceWindow *window)
{
	bool		is_in_reach[TABLES] = {false};

	for (int64 timestamp = window->earliest; timestamp < window->latest;
		 timestamp += seconds_a_table)
		is_in_reach[table_of(timestamp, seconds_a_table) - tables] = true;
	is_in_reach[table_of(window->latest, seconds_a_table) - tables] = true;
	for (int i = 0; i < TABLES; i++)
	{
		/* Looks again once it is locked: a session with a wider window may have come before. */
		if (!is_in_reach[i] && is_over(&tables[i], window->earliest) &&
			ConditionalLockRelationOid(relation_of(&tables[i]), AccessExclusiveLock) &&
			is_over(&tables[i], window->earliest))
			empty(&tables[i], 1, seconds_a_table);
	}
}

/* All tables or none. */
static bool
lock_all_tables(void)
{
	for (int i = 0; i < TABLES; i++)
	{
		if (ConditionalLockRelationOid(relation_of(&tables[i]), AccessExclusiveLock))
			continue;
		while (--i >= 0)
			UnlockRelationOid(relation_of(&tables[i]), AccessExclusiveLock);
		return false;
	}
	return true;
}

/*
 * Goes over to tables of so many seconds, between two requests.  Timestamps up to the newest one
 * are refused from here on: for as long as the clock of some client is ahead of the others.
 */
static void
change_tables(int64 seconds_a_table)
{
	bool		is_locked = lock_all_tables();

	for (int i = 0; i < 200 && !is_locked; i++)
	{
		CHECK_FOR_INTERRUPTS();
		pg_usleep(1000);
		is_locked = lock_all_tables();
	}
	if (is_locked)
		empty(tables, TABLES, seconds_a_table);
}

/* Empties the tables whose timestamps have all left the window. */
void
oauth_store_purge_nonces(const OAuthNonceWindow *window)
{
	int64		seconds_a_table = 0;

	take_over_floor(window->latest);
	if (oauth_store_run(&hold_floor, NULL) > 0)
		seconds_a_table = oauth_store_int64(0, 1);
	oauth_store_end();
	if (seconds_a_table == 0)
		return;
	if (seconds_a_table == seconds_for_window(window->seconds))
		empty_old_tables(seconds_a_table, window);
	else
		change_tables(seconds_for_window(window->seconds));
}
