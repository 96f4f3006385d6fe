/*
 * store_nonce.c
 *		SQL of the nonces of OAuth 1.0a: which were used, and the floor below which nothing is accepted any more.
 *
 * Nonces lie in a ring of ordinary tables, by the timestamp of their request.  The tables are logged: a crash of one
 * backend empties unlogged ones.  A table whose timestamps have all left the window is emptied by TRUNCATE, and the
 * floor rises above what was removed in the same commit.  So a row that is gone is never a nonce that can be used again,
 * whatever the clock or the window do later.  The table of a timestamp depends on nothing but the timestamp.
 *
 * Nonces can be lost without our doing: a standby takes over before it has them all, a backup is restored.  The floor
 * says of which server, timeline and table it speaks.  Anywhere else it rises to the latest timestamp that may have been
 * accepted before: honest clients wait for one window, and nobody replays.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/uuid.h"

#define TABLES 8				/* tables.sql makes as many */
#define SECONDS_A_TABLE 200

/* Some table is always out of reach of every timestamp in the window, and can be emptied. */
StaticAssertDecl((TABLES - 2) * SECONDS_A_TABLE >= 2 * OAUTH1_MAX_TIMESTAMP_WINDOW, "the ring of nonces is too short");

/* $1 and $2 are the system identifier and the timeline: those of another server differ, or of this one before. */
#define FLOOR_IS_OURS "system_identifier = $1 AND timeline = $2 AND relation = tableoid"

typedef struct OAuthNonceTable
{
	const char *name;
	OAuthStatement use;
	OAuthStatement newest;
	OAuthStatement empty;
} OAuthNonceTable;

#define NONCE_TABLE(table) \
	{ \
		.name = table, \
		.use = { \
			.sql = "INSERT INTO oauth." table " (oauth_timestamp, digest) SELECT $3, $4 FROM oauth.nonce_floor" \
			" WHERE is_only_row AND " FLOOR_IS_OURS " AND floor <= $3 ON CONFLICT DO NOTHING", \
			.n_arguments = 4, .argument_types = {INT8OID, INT8OID, INT8OID, UUIDOID} \
		}, \
		.newest = { .sql = "SELECT max(oauth_timestamp) FROM oauth." table, .only_reads = true }, \
		.empty = { .sql = "TRUNCATE oauth." table } \
	}

static OAuthNonceTable tables[TABLES] = {
	NONCE_TABLE("nonce_0"), NONCE_TABLE("nonce_1"), NONCE_TABLE("nonce_2"), NONCE_TABLE("nonce_3"),
	NONCE_TABLE("nonce_4"), NONCE_TABLE("nonce_5"), NONCE_TABLE("nonce_6"), NONCE_TABLE("nonce_7")
};

static OAuthStatement find_floor = {
	.sql = "SELECT floor FROM oauth.nonce_floor WHERE is_only_row AND " FLOOR_IS_OURS,
	.n_arguments = 2, .argument_types = {INT8OID, INT8OID},
	.only_reads = true
};

static OAuthStatement make_floor = {
	.sql = "INSERT INTO oauth.nonce_floor (is_only_row, system_identifier, timeline, relation, floor)"
	" VALUES (true, $1, $2, 'oauth.nonce_floor'::regclass, 0) ON CONFLICT DO NOTHING",
	.n_arguments = 2, .argument_types = {INT8OID, INT8OID}
};

static OAuthStatement move_floor_here = {
	.sql = "UPDATE oauth.nonce_floor SET system_identifier = $1, timeline = $2, relation = tableoid,"
	" floor = greatest(floor, $3) WHERE is_only_row AND NOT (" FLOOR_IS_OURS ")",
	.n_arguments = 3, .argument_types = {INT8OID, INT8OID, INT8OID}
};

/* Nothing if a session is at it, or if no nonce was ever used. */
static OAuthStatement hold_floor = {
	.sql = "SELECT FROM oauth.nonce_floor WHERE is_only_row FOR UPDATE SKIP LOCKED"
};

static OAuthStatement raise_floor = {
	.sql = "UPDATE oauth.nonce_floor SET floor = greatest(floor, $1) WHERE is_only_row",
	.n_arguments = 1, .argument_types = {INT8OID}
};

static OAuthNonceTable *
table_of(int64 timestamp)
{
	return &tables[timestamp / SECONDS_A_TABLE % TABLES];
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

/* A number as it is now: TRUNCATE heeds no snapshot, so neither must those who rely on what it did. */
static bool
latest_number(OAuthStatement *statement, Datum *arguments, int64 *number)
{
	bool		is_null = true;

	PushActiveSnapshot(GetLatestSnapshot());
	if (oauth_store_run(statement, arguments, NULL) > 0)
		*number = DatumGetInt64(oauth_store_column(0, 1, &is_null));
	oauth_store_end();
	PopActiveSnapshot();
	return !is_null;
}

/* False if it is not of this server, timeline and table, or has not been made. */
static bool
current_floor(int64 *floor)
{
	Datum		arguments[] = {system_identifier(), timeline()};

	return latest_number(&find_floor, arguments, floor);
}

/* latest is the highest timestamp that another server may have accepted. */
static void
take_over_floor(int64 latest)
{
	Datum		arguments[] = {system_identifier(), timeline(), Int64GetDatum(latest + 1)};

	oauth_store_count(&move_floor_here, arguments, NULL);
}

/*
 * Records a nonce by its digest, of which half is enough.  latest is the highest timestamp that is acceptable now.
 *
 * One statement decides, and it sees a floor no older than the lock it holds on the table, unless the transaction keeps
 * one snapshot: then the floor may have risen since.
 */
OAuth1NonceResult
oauth_store_use_nonce(int64 timestamp, const uint8 *digest, int64 latest)
{
	pg_uuid_t	uuid;
	Datum		arguments[] = {system_identifier(), timeline(), Int64GetDatum(timestamp), UUIDPGetDatum(&uuid)};
	int64		floor;

	memcpy(uuid.data, digest, UUID_LEN);
	while (oauth_store_count(&table_of(timestamp)->use, arguments, NULL) == 0)
	{
		if (current_floor(&floor))
			return timestamp < floor ? OAUTH1_NONCE_STALE : OAUTH1_NONCE_USED;
		CHECK_FOR_INTERRUPTS();
		if (oauth_store_count(&make_floor, arguments, NULL) == 0)
			take_over_floor(latest);
	}
	if (IsolationUsesXactSnapshot() && (!current_floor(&floor) || timestamp < floor))
		return OAUTH1_NONCE_STALE;
	return OAUTH1_NONCE_NEW;
}

/* Whether all timestamps of a table are lower, and there are any. */
static bool
is_over(OAuthNonceTable *table, int64 earliest, int64 *newest)
{
	return latest_number(&table->newest, NULL, newest) && *newest < earliest;
}

/*
 * Empties a table that is over.  Never waits for its lock, and so keeps nobody waiting behind it; a table that is in use
 * has its turn at a later purge.
 */
static void
empty(OAuthNonceTable *table, int64 earliest)
{
	Oid			relation = get_relname_relid(table->name, get_namespace_oid("oauth", false));
	int64		newest;
	Datum		above;

	if (!is_over(table, earliest, &newest) || !ConditionalLockRelationOid(relation, AccessExclusiveLock))
		return;
	/* A session with a wider window may have come before the lock. */
	if (!is_over(table, earliest, &newest))
		return;
	above = Int64GetDatum(newest + 1);
	oauth_store_count(&raise_floor, &above, NULL);
	oauth_store_count(&table->empty, NULL, NULL);
}

static bool
is_in_reach(const OAuthNonceTable *table, int64 earliest, int64 latest)
{
	for (int64 timestamp = earliest; timestamp < latest; timestamp += SECONDS_A_TABLE)
		if (table == table_of(timestamp))
			return true;
	return table == table_of(latest);
}

/*
 * Empties the tables whose timestamps are all before the earliest that is acceptable now.  They stay locked until the
 * commit, so it leaves those alone that a request could need by then.
 */
void
oauth_store_purge_nonces(int64 earliest, int64 latest)
{
	take_over_floor(latest);
	if (oauth_store_count(&hold_floor, NULL, NULL) == 0)
		return;
	for (int i = 0; i < TABLES; i++)
		if (!is_in_reach(&tables[i], earliest, latest))
			empty(&tables[i], earliest);
}
