/*
 * delivery.c
 *		SQL of oauth.delivery, the outbox: messages that the shim sends to other servers.
 *
 * A row is written in the transaction whose outcome it tells of.  Whichever shim is free takes
 * it, for as long as an attempt may last, and says what came of it; what a shim had taken when it
 * died is taken by another.  So a message arrives at least once, each time under the same handle.
 *
 * A client gets one message at a time, and so do only so many clients of one host.  Strangers can
 * register clients with addresses at any host: their clients have a share of their own, which is
 * smaller, and good for so many messages a minute.  After a failure each wait is twice as long as
 * the one before; a message that has not arrived after an hour has failed for good.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "setting.h"
#include "store/delivery.h"
#include "store/statement.h"

#include "access/xlog.h"
#include "miscadmin.h"

#define CHANNEL		"oauth_delivery"
#define HOLD		"interval '30 seconds'"
#define LIFETIME	"interval '1 hour'"

#define MOST_TO_HOST			"8" /* at a time */
#define MOST_OF_STRANGERS		"2" /* likewise, for clients that registered themselves */

#define MADE_AT(d)	OAUTH_TIME_OF(d ".handle")
#define WAITS(d)	d ".delivered_at IS NULL AND " d ".failed_at IS NULL"
#define IS_TAKEN(d) \
	d ".taken_until BETWEEN clock_timestamp() AND clock_timestamp() + " HOLD \
	" AND EXISTS (SELECT FROM pg_catalog.pg_stat_get_activity(" d ".taken_by))"

/* Whether anybody could have registered that client. */
#define IS_STRANGER(c)	"(" c ".registration_token_hash IS NOT NULL AND " c ".vouched_at IS NULL)"

/* How many messages of the same share are in a state. */
#define COUNT_OF_SHARE(state) \
	"(SELECT count(*) FROM oauth.delivery t JOIN oauth.client o ON o.client_id = t.client_id" \
	" WHERE t.host = s.host AND " IS_STRANGER("o") " = s.is_stranger AND " state ")"

static OAuthStatement add = {
	.sql = "INSERT INTO oauth.delivery (handle, kind, client_id, url, subject, sid, due_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp())",
	.n_arguments = 6, .argument_types = {INT8OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID}
};

/* The shims listen; it reaches them when the transaction has committed. */
static OAuthStatement tell = {.sql = "SELECT pg_notify('" CHANNEL "', '')"};

/*
 * For each client that is sent nothing now, the first message that is due, as far as there is room
 * at its host; those that have never failed go before the others.
 */
static OAuthStatement take = {
	.sql = "WITH RECURSIVE waiting AS ("
	"(SELECT d.client_id FROM oauth.delivery d WHERE " WAITS("d")
	" ORDER BY d.client_id LIMIT 1) UNION ALL"
	" SELECT (SELECT d.client_id FROM oauth.delivery d WHERE " WAITS("d")
	" AND d.client_id > w.client_id ORDER BY d.client_id LIMIT 1)"
	" FROM waiting w WHERE w.client_id IS NOT NULL),"
	" due AS (SELECT n.*, " IS_STRANGER("c") " AS is_stranger FROM waiting w"
	" JOIN oauth.client c ON c.client_id = w.client_id CROSS JOIN LATERAL ("
	"SELECT d.handle, d.attempts, d.due_at, d.host FROM oauth.delivery d WHERE " WAITS("d")
	" AND d.client_id = w.client_id AND d.due_at <= clock_timestamp()"
	" ORDER BY d.due_at, d.handle LIMIT 1) n"
	" WHERE NOT EXISTS (SELECT FROM oauth.delivery t WHERE " WAITS("t")
	" AND t.client_id = w.client_id AND t.taken_by IS NOT NULL AND " IS_TAKEN("t") ")),"
	" share AS (SELECT s.host, s.is_stranger, least(CASE WHEN s.is_stranger THEN "
	MOST_OF_STRANGERS " ELSE " MOST_TO_HOST " END"
	" - " COUNT_OF_SHARE(WAITS("t") " AND t.taken_by IS NOT NULL AND " IS_TAKEN("t"))
	", CASE WHEN s.is_stranger AND $2 > 0 THEN $2"
	" - " COUNT_OF_SHARE("t.attempted_at > clock_timestamp() - interval '1 minute'") " END) AS room"
	" FROM (SELECT DISTINCT host, is_stranger FROM due) s),"
	" ranked AS (SELECT d.*, row_number() OVER (PARTITION BY host, is_stranger"
	" ORDER BY attempts > 0, due_at, handle) AS n FROM due d),"
	" next AS (SELECT r.handle FROM ranked r JOIN share s USING (host, is_stranger)"
	" WHERE r.n <= s.room ORDER BY r.attempts > 0, r.due_at LIMIT $1)"
	" UPDATE oauth.delivery u SET taken_by = pg_backend_pid(),"
	" taken_until = clock_timestamp() + " HOLD ", attempted_at = clock_timestamp(),"
	" attempts = u.attempts + 1"
	" WHERE u.handle = ANY (ARRAY(SELECT l.handle FROM oauth.delivery l"
	" WHERE l.handle = ANY (ARRAY(SELECT handle FROM next)) AND " WAITS("l")
	" FOR UPDATE SKIP LOCKED))"
	" RETURNING u.handle, u.kind, u.client_id, u.url, u.subject, u.sid, u.attempts",
	.n_arguments = 2, .argument_types = {INT4OID, INT4OID}
};

/*
 * "If the logout succeeded, the RP MUST respond with an HTTP 200 OK", or a 204 that some framework
 * makes of it; "if the logout request was invalid or the logout failed, the RP MUST respond with an
 * HTTP 400 Bad Request" (Back-Channel Logout 1.0, section 2.8), and asking again changes neither.
 */
static OAuthStatement end = {
	.sql = "UPDATE oauth.delivery d SET status = nullif($3, 0), problem = $4,"
	" taken_by = NULL, taken_until = NULL, due_at = next.due_at,"
	" delivered_at = CASE WHEN $3 IN (200, 204) THEN clock_timestamp() END,"
	" failed_at = CASE WHEN $3 = 400 OR"
	" ($3 NOT IN (200, 204) AND next.due_at > " MADE_AT("d") " + " LIFETIME ")"
	" THEN clock_timestamp() END"
	" FROM (SELECT clock_timestamp() + least(5 * 2 ^ least($2 - 1, 20), 600) * interval '1 second'"
	" AS due_at) next"
	" WHERE d.handle = $1 AND d.attempts = $2 AND d.taken_by IS NOT NULL AND " WAITS("d")
	" RETURNING 1",
	.n_arguments = 4, .argument_types = {INT8OID, INT4OID, INT4OID, TEXTOID}
};

static OAuthStatement count_waiting = {
	.sql = "SELECT count(*), floor(extract(epoch FROM clock_timestamp() -"
	" " OAUTH_TIME_OF("min(d.handle)") "))::bigint FROM oauth.delivery d WHERE " WAITS("d"),
	.only_reads = true
};

/* What no shim has sent for a week, since none sends anything, is of no use any more either. */
static OAuthStatement remove_old = {
	.sql = "DELETE FROM oauth.delivery WHERE handle = ANY (ARRAY(SELECT d.handle"
	" FROM oauth.delivery d WHERE d.delivered_at < now() - interval '1 day'"
	" OR d.failed_at < now() - interval '7 days'"
	" OR (" WAITS("d") " AND " MADE_AT("d") " < now() - interval '7 days')"
	" ORDER BY d.handle LIMIT $1))",
	.n_arguments = 1, .argument_types = {INT4OID}
};

/* It is sent when the transaction has committed. */
void
oauth_store_add_delivery(const OAuthDelivery *delivery)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, oauth_handle_next());
	oauth_add_text(&arguments, delivery->kind);
	oauth_add_text(&arguments, delivery->client_id);
	oauth_add_text(&arguments, delivery->url);
	oauth_add_text(&arguments, delivery->subject);
	oauth_add_text(&arguments, delivery->sid);
	oauth_store_count(&add, &arguments);
	if (oauth_setting_notify_revocation)
		oauth_store_count(&tell, NULL);
}

/*
 * One shim takes at a time, or two would take two messages for one client: neither sees what the
 * other has not committed.  The lock is one of an object that belongs to the table, which no SQL
 * can take.
 */
static void
wait_for_turn(void)
{
	const uint8 key[8] = {0};

	oauth_store_lock_key(oauth_store_relation("delivery"), key, true);
}

static void *
read_delivery(uint64 row)
{
	OAuthDelivery *delivery = SPI_palloc(sizeof(OAuthDelivery));

	delivery->handle = oauth_store_int64(row, 1);
	delivery->kind = oauth_store_string(row, 2);
	delivery->client_id = oauth_store_string(row, 3);
	delivery->url = oauth_store_string(row, 4);
	delivery->subject = oauth_store_string(row, 5);
	delivery->sid = oauth_store_string(row, 6);
	delivery->attempt = oauth_store_int32(row, 7);
	return delivery;
}

/*
 * What this session is to send now, a list of OAuthDelivery: at most one for each client, and as
 * many for each host as there is room.  On a
 * standby there is nothing to send.
 */
List *
oauth_store_take_deliveries(int max)
{
	OAuthArguments arguments = {0};

	oauth_add_int32(&arguments, max);
	oauth_add_int32(&arguments, oauth_setting_delivery_rate);
	if (RecoveryInProgress())
		return NIL;
	wait_for_turn();
	return oauth_store_list(&take, &arguments, read_delivery);
}

/*
 * What came of an attempt; status 0: no answer came, and problem says why.  False if another
 * attempt has begun since, or the message has ended.
 */
bool
oauth_store_end_delivery(int64 handle, int attempt, int status, const char *problem)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	oauth_add_int32(&arguments, attempt);
	oauth_add_int32(&arguments, status);
	oauth_add_text(&arguments, problem);
	return oauth_store_count(&end, &arguments) > 0;
}

/* How many have not ended, and the age of the oldest. */
int64
oauth_store_waiting_deliveries(int64 *oldest_seconds)
{
	int64		n;

	oauth_store_run(&count_waiting, NULL);
	n = oauth_store_int64(0, 1);
	*oldest_seconds = oauth_store_int64(0, 2);
	oauth_store_end();
	return n;
}

int64
oauth_store_purge_deliveries(void)
{
	OAuthArguments batch = {0};

	oauth_add_int32(&batch, oauth_setting_purge_batch);
	return (int64) oauth_store_count(&remove_old, &batch);
}
