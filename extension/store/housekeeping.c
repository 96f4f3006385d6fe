/*
 * housekeeping.c
 *		SQL of removing what has ended, and of counting.
 *
 * A purge removes rows in batches, so that no call holds locks for long or makes a large
 * transaction.  Rows stay an hour beyond their end: then a request that was under way, or a clock
 * that is behind, finds them ended rather than missing.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "setting.h"
#include "store/client.h"
#include "store/statement.h"
#include "store/store.h"

#include "storage/lmgr.h"

#define SALTS "rotation salts"
#define ACCESS_TOKENS "access tokens"
#define MIN_STRETCH 4096		/* pages of a table that a purge looks at, at least */
#define STRETCHES 32			/* in so many purges it has seen a large table */
#define GRACE "now() - interval '1 hour'"

static OAuthStatement make_sweep = {
	.sql = "INSERT INTO oauth.sweep (sweep, position) VALUES ($1, 0) ON CONFLICT DO NOTHING",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/* Returns no row if another session is purging. */
static OAuthStatement hold_sweep = {
	.sql = "SELECT FROM oauth.sweep WHERE sweep = $1 FOR UPDATE SKIP LOCKED",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement find_sweep = {
	.sql = "SELECT position FROM oauth.sweep WHERE sweep = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement move_sweep = {
	.sql = "UPDATE oauth.sweep SET position = $2, swept_at = now() WHERE sweep = $1",
	.n_arguments = 2, .argument_types = {TEXTOID, INT8OID}
};

/* Where the sweep of the access tokens is, and how many pages they have. */
static OAuthStatement find_page = {
	.sql = "SELECT s.position, pg_relation_size('oauth.access_token')"
	" / current_setting('block_size')::bigint FROM (SELECT) o"
	" LEFT JOIN oauth.sweep s ON s.sweep = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement move_page = {
	.sql = "INSERT INTO oauth.sweep (sweep, position) VALUES ($1, $2)"
	" ON CONFLICT (sweep) DO UPDATE SET position = excluded.position",
	.n_arguments = 2, .argument_types = {TEXTOID, INT8OID}
};

/* When the oldest transaction that writes began: its rows cannot be seen yet. */
static OAuthStatement oldest_writer = {
	.sql = "SELECT min(xact_start) FROM pg_catalog.pg_stat_activity WHERE datname = "
	"current_database()"
" AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()"};

/* Retries can no longer use these salts, and old tokens must derive nothing. */
static OAuthStatement erase_salts = {
	.sql = "UPDATE oauth.refresh_token SET rotation_salt = NULL WHERE handle > $1 AND handle < $2"
	" AND rotation_salt IS NOT NULL",
	.n_arguments = 2, .argument_types = {INT8OID, INT8OID}
};

static OAuthStatement end_grants_of_deleted_clients =
{.sql = "UPDATE oauth.grant SET ended_at = now(), ended_reason = 'client was deleted' WHERE "
	"handle = ANY (ARRAY("
	"SELECT g.handle FROM oauth.client c JOIN oauth.grant g ON g.client_id = c.client_id"
	" WHERE c.deleted_at IS NOT NULL AND g.ended_at IS NULL LIMIT $1))",
	.n_arguments = 1,
.argument_types = {INT4OID}};

static OAuthStatement end_grants_of_deleted_subjects =
{.sql = "UPDATE oauth.grant SET ended_at = now(), ended_reason = 'subject was deleted' WHERE "
	"handle = ANY (ARRAY("
	"SELECT g.handle FROM oauth.subject s JOIN oauth.grant g ON g.subject = s.subject"
	" WHERE s.deleted_at IS NOT NULL AND g.ended_at IS NULL LIMIT $1))",
	.n_arguments = 1,
.argument_types = {INT4OID}};

/* Removes a batch of rows of the table: those whose keys the query returns. */
#define REMOVE(table, key, found) \
	"DELETE FROM oauth." table " WHERE " key " = ANY (ARRAY(" found " LIMIT $1))"

/* Removes what has expired. */
#define EXPIRED(table, key)                                                                        \
	REMOVE(table, key,                                                                             \
		   "SELECT " key " FROM oauth." table " WHERE expires_at < " GRACE " ORDER BY expires_at")

/* Removes what belongs to a grant that has ended. */
#define OF_ENDED_GRANT(table)                                                                      \
	REMOVE(table, "handle",                                                                        \
		   "SELECT t.handle FROM oauth.grant g JOIN oauth." table                                  \
		   " t ON t.grant_handle = g.handle"                                                       \
		   " WHERE g.ended_at < " GRACE " AND g.emptied_at IS NULL")

/* A statement whose argument is the size of the batch. */
#define BATCH(statement) {.sql = statement, .n_arguments = 1, .argument_types = {INT4OID}}

/* Removes what has expired between two pages of the access tokens, which no index lists by time. */
static OAuthStatement remove_access_tokens = {
	.sql = "DELETE FROM oauth.access_token WHERE ctid = ANY (ARRAY("
	"SELECT t.ctid FROM oauth.access_token t WHERE t.ctid >= $2 AND t.ctid < $3"
	" AND t.expires_at < " GRACE " LIMIT $1)) RETURNING grant_handle, ctid",
	.n_arguments = 3, .argument_types = {INT4OID, TIDOID, TIDOID}
};

/* Each of these removes tokens and returns their grants, which may have become empty. */
static OAuthStatement remove_tokens[] = {
	BATCH(EXPIRED("refresh_token", "handle") " RETURNING grant_handle"),
	BATCH(EXPIRED("authorization_code", "handle") " RETURNING grant_handle"),
	BATCH(EXPIRED("oauth1_token", "handle") " RETURNING grant_handle"),
	BATCH(OF_ENDED_GRANT("access_token") " RETURNING grant_handle"),
	BATCH(OF_ENDED_GRANT("refresh_token") " RETURNING grant_handle"),
	BATCH(OF_ENDED_GRANT("oauth1_token") " RETURNING grant_handle"),
	BATCH(OF_ENDED_GRANT("authorization_code") " RETURNING grant_handle"),
};

/* Each of these removes rows that no grant is waiting for. */
static OAuthStatement remove_expired[] = {
	BATCH(EXPIRED("request_token", "handle")),
	BATCH(EXPIRED("device_code", "handle")),
	BATCH(EXPIRED("login_request", "handle")),
	BATCH(EXPIRED("pushed_request", "handle")),
	BATCH(EXPIRED("session", "handle")),
	BATCH(EXPIRED("imported_token", "digest")),
};

static OAuthStatement remove_initial_tokens = {
	.sql = "DELETE FROM oauth.initial_access_token WHERE expires_at < " GRACE
};

/*
 * Clients that registered themselves, or come from a metadata document, and have no grant any more.
 * One with a document that was disabled stays: otherwise it would come back.
 */
static OAuthStatement delete_idle_clients = {
	.sql = "UPDATE oauth.client SET deleted_at = now(), disabled_at = coalesce(disabled_at, now())"
	" WHERE client_id = ANY (ARRAY(SELECT c.client_id FROM oauth.client c WHERE"
	" (c.registration_token_hash IS NOT NULL OR c.is_document AND c.disabled_at IS NULL)"
	" AND c.deleted_at IS NULL AND c.updated_at < now() - $2 * interval '1 second'"
	" AND NOT EXISTS (SELECT FROM oauth.grant g WHERE g.client_id = c.client_id) ORDER BY"
	" c.updated_at LIMIT $1))",
	.n_arguments = 2, .argument_types = {INT4OID, INT4OID}
};

#define IS_EMPTY \
	" AND NOT EXISTS (SELECT FROM oauth.access_token a WHERE a.grant_handle = g.handle)" \
	" AND NOT EXISTS (SELECT FROM oauth.refresh_token r WHERE r.grant_handle = g.handle)" \
	" AND NOT EXISTS (SELECT FROM oauth.authorization_code o WHERE o.grant_handle = g.handle)" \
	" AND NOT EXISTS (SELECT FROM oauth.oauth1_token t WHERE t.grant_handle = g.handle)"

/* A standing grant stays while it lives, with or without tokens. */
static OAuthStatement end_empty_grants = {
	.sql = "UPDATE oauth.grant g SET ended_at = now(), ended_reason = 'expired', emptied_at = now()"
	" WHERE g.handle = ANY ($1) AND g.subject IS NOT NULL AND g.ended_at IS NULL" IS_EMPTY,
	.n_arguments = 1, .argument_types = {INT8ARRAYOID}
};

static OAuthStatement note_emptied_grants = {.sql = "UPDATE oauth.grant SET emptied_at = now() "
	"WHERE handle = ANY (ARRAY(SELECT g.handle "
	"FROM oauth.grant g"
	" WHERE g.ended_at < " GRACE
	" AND g.emptied_at IS NULL" IS_EMPTY
	" LIMIT $1))",
	.n_arguments = 1,
.argument_types = {INT4OID}};

/* Events refer to the grant for its client and subject, so the grant stays as long as they do. */
static OAuthStatement remove_emptied_grants = {
	.sql = "DELETE FROM oauth.grant WHERE handle = ANY (ARRAY(SELECT g.handle FROM oauth.grant g"
	" WHERE g.emptied_at <= now() - $2 * interval '1 second' ORDER BY g.emptied_at LIMIT $1))",
	.n_arguments = 2, .argument_types = {INT4OID, INT4OID}
};

/* Clients and subjects that have been deleted. */
static OAuthStatement remove_consents = {.sql = "DELETE FROM oauth.consent c WHERE (c.subject, "
	"c.client_id) = ANY (SELECT o.subject, o.client_id"
	" FROM oauth.consent o JOIN oauth.client k ON "
	"k.client_id = o.client_id JOIN oauth.subject s ON "
	"s.subject = o.subject"
	" WHERE k.deleted_at < " GRACE
	" OR s.deleted_at < " GRACE " LIMIT $1)",
	.n_arguments = 1,
.argument_types = {INT4OID}};

static OAuthStatement remove_deleted_clients = {
	.sql = "DELETE FROM oauth.client c WHERE c.deleted_at < " GRACE
	" AND NOT EXISTS (SELECT FROM oauth.grant g WHERE g.client_id = c.client_id)"
	" AND NOT EXISTS (SELECT FROM oauth.request_token t WHERE t.client_id = c.client_id)"
	" AND NOT EXISTS (SELECT FROM oauth.device_code t WHERE t.client_id = c.client_id)"
	" AND NOT EXISTS (SELECT FROM oauth.login_request t WHERE t.client_id = c.client_id)"
	" AND NOT EXISTS (SELECT FROM oauth.pushed_request t WHERE t.client_id = c.client_id)"
	" AND NOT EXISTS (SELECT FROM oauth.consent t WHERE t.client_id = c.client_id)"
};

static OAuthStatement remove_deleted_subjects = {
	.sql = "DELETE FROM oauth.subject s WHERE s.deleted_at < " GRACE
	" AND NOT EXISTS (SELECT FROM oauth.grant g WHERE g.subject = s.subject)"
	" AND NOT EXISTS (SELECT FROM oauth.request_token t WHERE t.subject = s.subject)"
	" AND NOT EXISTS (SELECT FROM oauth.device_code t WHERE t.subject = s.subject)"
	" AND NOT EXISTS (SELECT FROM oauth.login_request t WHERE t.subject = s.subject)"
	" AND NOT EXISTS (SELECT FROM oauth.session t WHERE t.subject = s.subject)"
	" AND NOT EXISTS (SELECT FROM oauth.consent t WHERE t.subject = s.subject)"
};

static OAuthStatement tables = {
	.sql = "SELECT c.oid, c.relname::text FROM pg_catalog.pg_class c"
	" WHERE c.relnamespace = 'oauth'::regnamespace AND c.relkind = 'r'",
	.only_reads = true
};

static OAuthStatement count_everything = {
	.sql = "SELECT"
	" (SELECT count(*) FROM oauth.client WHERE disabled_at IS NULL),"
	" (SELECT count(*) FROM oauth.user u JOIN oauth.subject s ON s.subject = u.subject WHERE"
	" s.disabled_at IS NULL),"
	" (SELECT count(*) FROM oauth.subject WHERE disabled_at IS NULL),"
	" (SELECT count(*) FROM oauth.grant WHERE ended_at IS NULL),"
	" (SELECT count(*) FROM oauth.access_token WHERE expires_at > now() AND revoked_at IS NULL),"
	" (SELECT count(*) FROM oauth.refresh_token WHERE expires_at > now() AND used_at IS NULL),"
	" (SELECT count(*) FROM oauth.access_token WHERE expires_at < " GRACE ")"
	" + (SELECT count(*) FROM oauth.refresh_token WHERE expires_at < " GRACE "),"
	" (SELECT created_at FROM oauth.master_key WHERE retired_at IS NULL),"
	" (SELECT count(*) FROM oauth.oauth1_token WHERE (expires_at IS NULL OR expires_at > now())"
	" AND revoked_at IS NULL),"
	" (SELECT max(swept_at) FROM oauth.sweep),"
	" (SELECT count(*) FROM oauth.signing_key WHERE unpublished_at IS NULL),"
	" (SELECT min(used_from) FROM oauth.signing_key_overview WHERE state = 'used')",
	.only_reads = true
};

/* Ends the grants of n removed tokens, the result of the statement that ran last. */
static void
end_grants_of(uint64 n, MemoryContext caller)
{
	OAuthArguments grants = {0};

	oauth_add_value(&grants, oauth_store_handles(n, caller));
	oauth_store_end();
	if (n > 0)
		oauth_store_count(&end_empty_grants, &grants);
}

static Datum
page_start(int64 page)
{
	ItemPointer tid = palloc(sizeof(ItemPointerData));

	ItemPointerSet(tid, (BlockNumber) page, 0);
	return PointerGetDatum(tid);
}

/*
 * Removes access tokens from page *position to page end; sets *position to where there may be more.
 */
static int64
purge_pages(int64 *position, int64 end, int limit)
{
	MemoryContext caller = CurrentMemoryContext;
	OAuthArguments range = {0};
	uint64		n;

	oauth_add_int32(&range, limit);
	oauth_add_value(&range, page_start(*position));
	oauth_add_value(&range, page_start(end));
	n = oauth_store_run(&remove_access_tokens, &range);
	*position = n < (uint64) limit ? end : 0;
	for (uint64 row = 0; *position != end && row < n; row++)
	{
		bool		is_null;
		ItemPointer tid = (ItemPointer) DatumGetPointer(oauth_store_column(row, 2,
																		   &is_null));

		*position = Max(*position, ItemPointerGetBlockNumber(tid));
	}
	end_grants_of(n, caller);
	return (int64) n;
}

/*
 * An index of access tokens by their end would cost each of them more than finding the expired ones
 * costs: a purge looks at a stretch of the table, from where the last one stopped, and begins again
 * at its end.  Of a small table that is all of it.
 */
static int64
purge_access_tokens(void)
{
	OAuthArguments sweep = {0};
	int64		pages;
	int64		begun;
	int64		position;
	int64		left;
	int64		n;

	oauth_add_text(&sweep, ACCESS_TOKENS);
	oauth_store_run(&find_page, &sweep);
	position = oauth_store_int64(0, 1);
	pages = oauth_store_int64(0, 2);
	oauth_store_end();
	begun = position = position < pages ? position : 0;
	left = Min(pages, Max(MIN_STRETCH, pages / STRETCHES));
	n = purge_pages(&position, Min(pages, begun + left), oauth_setting_purge_batch);
	left -= pages - begun;
	if (position >= pages)
	{
		position = 0;
		if (left > 0 && n < oauth_setting_purge_batch)
			n += purge_pages(&position, left, oauth_setting_purge_batch - (int) n);
	}
	oauth_add_int64(&sweep, position);
	oauth_store_count(&move_page, &sweep);
	return n;
}

/* Removes tokens, and ends the grants that became empty. */
static int64
purge_tokens(OAuthStatement *statement, OAuthArguments *batch)
{
	MemoryContext caller = CurrentMemoryContext;
	uint64		n = oauth_store_run(statement, batch);

	end_grants_of(n, caller);
	return (int64) n;
}

/* The time until which every transaction that writes has committed or been rolled back. */
TimestampTz
oauth_store_writers_since(void)
{
	int64		since = 0;

	if (oauth_store_run(&oldest_writer, NULL) > 0)
		since = oauth_store_int64(0, 1);
	oauth_store_end();
	return since != 0 ? since : DT_NOEND;
}

/*
 * Continues where the last purge stopped: everything before has been erased, or was used and has no
 * salt.  So it must not go past a rotation that has not committed.
 */
static void
purge_salts(int64 position)
{
	TimestampTz grace_end = GetCurrentTimestamp() - oauth_setting_refresh_grace * USECS_PER_SEC;
	int64		end = oauth_handle_before(Min(grace_end, oauth_store_writers_since()));
	OAuthArguments range = {0};
	OAuthArguments sweep = {0};

	oauth_add_int64(&range, position);
	oauth_add_int64(&range, end);
	oauth_store_count(&erase_salts, &range);
	oauth_add_text(&sweep, SALTS);
	oauth_add_int64(&sweep, end);
	oauth_store_count(&move_sweep, &sweep);
}

/*
 * Makes this session the only one that purges until the end of the transaction; false at once if
 * another one is purging.
 *
 * The first purge inserts the row.  Inserting it each time would wait for a session that has just
 * changed it.
 */
bool
oauth_store_hold_purge(void)
{
	OAuthArguments sweep = {0};

	oauth_add_text(&sweep, SALTS);
	if (oauth_store_count(&hold_sweep, &sweep) > 0)
		return true;
	return oauth_store_count(&find_sweep, &sweep) == 0 &&
		oauth_store_count(&make_sweep, &sweep) > 0;
}

static int64
sweep_position(void)
{
	OAuthArguments sweep = {0};
	int64		position = 0;

	oauth_add_text(&sweep, SALTS);
	if (oauth_store_run(&find_sweep, &sweep) > 0)
		position = oauth_store_int64(0, 1);
	oauth_store_end();
	return position;
}

/*
 * Removes a batch of rows of each kind; returns how many there were.  The caller holds the purge.
 */
int64
oauth_store_purge(void)
{
	OAuthArguments batch = {0};
	OAuthArguments idle = {0};
	OAuthArguments retained = {0};
	int64		n = 0;

	oauth_add_int32(&batch, oauth_setting_purge_batch);
	oauth_add_int32(&idle, oauth_setting_purge_batch);
	oauth_add_int32(&idle, oauth_setting_registration_idle);
	oauth_add_int32(&retained, oauth_setting_purge_batch);
	oauth_add_int32(&retained, oauth_setting_event_retention);
	purge_salts(sweep_position());
	oauth_store_count(&end_grants_of_deleted_clients, &batch);
	oauth_store_count(&end_grants_of_deleted_subjects, &batch);
	n += purge_access_tokens();
	for (size_t i = 0; i < lengthof(remove_tokens); i++)
		n += purge_tokens(&remove_tokens[i], &batch);
	for (size_t i = 0; i < lengthof(remove_expired); i++)
		n += oauth_store_count(&remove_expired[i], &batch);
	n += oauth_store_count(&remove_initial_tokens, NULL);
	oauth_store_count(&note_emptied_grants, &batch);
	n += oauth_store_count(&remove_emptied_grants, &retained);
	if (oauth_setting_registration_idle > 0)
		oauth_store_count(&delete_idle_clients, &idle);
	oauth_store_make_room(oauth_setting_registration_limit, true);
	n += oauth_store_count(&remove_consents, &batch);
	n += oauth_store_count(&remove_deleted_clients, NULL);
	n += oauth_store_count(&remove_deleted_subjects, NULL);
	return n;
}

/* A table that cannot be written to at once, or NULL. */
char *
oauth_store_locked_table(void)
{
	uint64		n = oauth_store_run(&tables, NULL);
	char	   *locked = NULL;

	for (uint64 row = 0; row < n && locked == NULL; row++)
	{
		bool		is_null;
		Oid			table = DatumGetObjectId(oauth_store_column(row, 1, &is_null));

		if (!ConditionalLockRelationOid(table, RowExclusiveLock))
			locked = oauth_store_string(row, 2);
		else
			UnlockRelationOid(table, RowExclusiveLock);
	}
	oauth_store_end();
	return locked;
}

/* Counts the rows that have not ended. */
void
oauth_store_status(OAuthStatus *status)
{
	oauth_store_run(&count_everything, NULL);
	status->clients = oauth_store_int64(0, 1);
	status->users = oauth_store_int64(0, 2);
	status->subjects = oauth_store_int64(0, 3);
	status->grants = oauth_store_int64(0, 4);
	status->access_tokens = oauth_store_int64(0, 5);
	status->refresh_tokens = oauth_store_int64(0, 6);
	status->expired_rows = oauth_store_int64(0, 7);
	status->master_key_created_at = oauth_store_int64(0, 8);
	status->oauth1_tokens = oauth_store_int64(0, 9);
	status->purged_at = oauth_store_int64(0, 10);
	status->signing_keys = oauth_store_int64(0, 11);
	status->signing_key_used_from = oauth_store_int64(0, 12);
	oauth_store_end();
}
