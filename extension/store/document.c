/*
 * document.c
 *		SQL of oauth.document: what the shim has fetched, or is to fetch.
 *
 * A request that needs a document notes that it is wanted, and its transaction commits.  A shim
 * claims the wanted documents, for as long as a fetch may take; so each document is fetched once,
 * however many requests and shims want it.  A claim ends with the connection of the shim that has
 * it.
 *
 * A row is only ever filled by the session that has claimed it, so nothing is stored for a URL that
 * no request has asked for.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/document.h"
#include "store/statement.h"

#define MAX_DOCUMENTS	"10000" /* what a purge leaves, but for those put there by hand */
#define MAX_WANTED		"12000" /* rows; a further URL has to wait for the next purge */
#define MAX_BYTES		"67108864"	/* of all bodies, likewise */
#define CLAIM			"interval '15 seconds'"
#define RETRY			"interval '1 minute'"

/* A time that is not long ago, and not in the future either, where a clock was set back. */
#define IS_RECENT(time) \
	time " > clock_timestamp() - " RETRY " AND " time " < clock_timestamp() + " RETRY

#define IS_FRESH \
	"fresh_until > clock_timestamp() AND (is_by_hand OR fetched_at < clock_timestamp() + " RETRY ")"

static OAuthStatement find = {
	.sql = "SELECT body, media_type, problem, coalesce(" IS_FRESH ", false),"
	" coalesce(" IS_RECENT("failed_at") ", false),"
	" NOT is_by_hand AND NOT coalesce(" IS_RECENT("fetched_at") ", false)"
	" AND NOT coalesce(" IS_RECENT("failed_at") ", false), fetched_at"
	" FROM oauth.document WHERE url = $1",
	.only_reads = true,
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement is_wanted = {
	.sql = "SELECT FROM oauth.document WHERE url = $1 AND wanted_at IS NOT NULL",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement want = {
	.sql = "INSERT INTO oauth.document AS d (url, wanted_at) SELECT $1, clock_timestamp()"
	" WHERE EXISTS (SELECT FROM oauth.document WHERE url = $1)"
	" OR (SELECT count(*) FROM oauth.document) < " MAX_WANTED
	" ON CONFLICT (url) DO UPDATE SET wanted_at = excluded.wanted_at WHERE d.wanted_at IS NULL"
	" AND NOT coalesce(" IS_RECENT("d.failed_at") ", false)"
	" AND NOT coalesce(" IS_RECENT("d.fetched_at") " AND d.fresh_until > clock_timestamp(), false)",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement has_row = {
	.sql = "SELECT FROM oauth.document WHERE url = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement claim = {
	.sql = "UPDATE oauth.document SET claimed_by = pg_backend_pid(), claimed_until ="
	" clock_timestamp() + " CLAIM " WHERE url = $1 AND wanted_at IS NOT NULL"
	" AND (claimed_by IS NULL OR claimed_by = pg_backend_pid()"
	" OR claimed_until NOT BETWEEN clock_timestamp() AND clock_timestamp() + " CLAIM
	" OR NOT EXISTS (SELECT FROM pg_catalog.pg_stat_get_activity(claimed_by))) RETURNING 1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

#define END_CLAIM " wanted_at = NULL, claimed_by = NULL, claimed_until = NULL"
#define IS_OURS \
	" WHERE url = $1 AND wanted_at IS NOT NULL AND claimed_by = pg_backend_pid() RETURNING 1"

static OAuthStatement keep = {
	.sql = "UPDATE oauth.document SET body = $2, media_type = $3, fetched_at = now.at,"
	" fresh_until = now.at + $4 * interval '1 second', failed_at = NULL, problem = NULL,"
	" is_by_hand = false," END_CLAIM " FROM (SELECT clock_timestamp() AS at) now" IS_OURS,
	.n_arguments = 4, .argument_types = {TEXTOID, TEXTOID, TEXTOID, INT4OID}
};

static OAuthStatement fail = {
	.sql = "UPDATE oauth.document SET failed_at = clock_timestamp(), problem = $2," END_CLAIM
	IS_OURS,
	.n_arguments = 2, .argument_types = {TEXTOID, TEXTOID}
};

static OAuthStatement put = {
	.sql = "INSERT INTO oauth.document (url, body, media_type, fetched_at, fresh_until, is_by_hand)"
	" VALUES ($1, $2, $3, clock_timestamp(), coalesce($4, 'infinity'), true) ON CONFLICT (url) DO"
	" UPDATE SET body = excluded.body, media_type = excluded.media_type, fetched_at ="
	" excluded.fetched_at, fresh_until = excluded.fresh_until, failed_at = NULL, problem = NULL,"
	" is_by_hand = true," END_CLAIM,
	.n_arguments = 4, .argument_types = {TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID}
};

static OAuthStatement forget = {
	.sql = "DELETE FROM oauth.document WHERE url = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/* A document that is used is fetched again within a day. */
static OAuthStatement remove_unused = {
	.sql = "DELETE FROM oauth.document WHERE NOT is_by_hand AND claimed_by IS NULL"
	" AND (body IS NULL OR fresh_until < now() - interval '1 day')"
	" AND greatest(fetched_at, failed_at, wanted_at) < now() - interval '1 hour'"
};

/* What goes first is what was fetched longest ago. */
static OAuthStatement remove_surplus = {
	.sql = "DELETE FROM oauth.document WHERE url = ANY (ARRAY(SELECT url FROM (SELECT url,"
	" row_number() OVER newest AS n, sum(octet_length(body)) OVER newest AS bytes"
	" FROM oauth.document WHERE NOT is_by_hand"
	" WINDOW newest AS (ORDER BY greatest(fetched_at, failed_at, wanted_at) DESC, url)) d"
	" WHERE n > " MAX_DOCUMENTS " OR bytes > " MAX_BYTES "))"
};

/*
 * What is known of the document at that URL: its body while it is fresh, or why a fetch has failed
 * within the last minute.  NULL: it has to be fetched.
 */
OAuthDocument *
oauth_store_find_document(const char *url)
{
	OAuthArguments arguments = {0};
	OAuthDocument *document = palloc0(sizeof(OAuthDocument));
	bool		is_known = false;

	oauth_add_text(&arguments, url);
	if (oauth_store_run(&find, &arguments) > 0)
	{
		bool		is_fresh = oauth_store_bool(0, 4);

		is_known = is_fresh || oauth_store_bool(0, 5);
		document->body = is_fresh ? oauth_store_string(0, 1) : NULL;
		document->media_type = oauth_store_string(0, 2);
		document->problem = is_fresh ? NULL : oauth_store_string(0, 3);
		document->may_refetch = oauth_store_bool(0, 6);
		document->fetched_at = oauth_store_int64(0, 7);
	}
	oauth_store_end();
	return is_known ? document : NULL;
}

/*
 * Notes that it is to be fetched, unless somebody has fetched it since it was looked for: then the
 * shim, which finds it not wanted, asks again.  False if so many are known that no further one is
 * noted.
 */
bool
oauth_store_want_document(const char *url)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, url);
	return oauth_store_count(&is_wanted, &arguments) > 0 ||
		oauth_store_count(&want, &arguments) > 0 ||
		oauth_store_count(&has_row, &arguments) > 0;
}

/* Makes this session the one that fetches it. */
OAuthClaim
oauth_store_claim_document(const char *url)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, url);
	if (oauth_store_count(&claim, &arguments) > 0)
		return OAUTH_CLAIM_OURS;
	return oauth_store_count(&is_wanted, &arguments) > 0 ? OAUTH_CLAIM_OF_OTHERS :
		OAUTH_CLAIM_NOT_WANTED;
}

/* Stores what this session has claimed and fetched; false if it has not claimed it. */
bool
oauth_store_keep_document(const char *url, const char *body, const char *media_type,
						  int fresh_seconds)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, url);
	oauth_add_text(&arguments, body);
	oauth_add_text(&arguments, media_type);
	oauth_add_int32(&arguments, fresh_seconds);
	return oauth_store_count(&keep, &arguments) > 0;
}

/* The fetch failed.  What was fetched before is used as long as it is fresh. */
bool
oauth_store_fail_document(const char *url, const char *problem)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, url);
	oauth_add_text(&arguments, problem);
	return oauth_store_count(&fail, &arguments) > 0;
}

/* Stores a document by hand; fresh_until 0: for ever. */
void
oauth_store_put_document(const char *url, const char *body, const char *media_type,
						 TimestampTz fresh_until)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, url);
	oauth_add_text(&arguments, body);
	oauth_add_text(&arguments, media_type);
	oauth_add_timestamp(&arguments, fresh_until);
	oauth_store_count(&put, &arguments);
}

bool
oauth_store_forget_document(const char *url)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, url);
	return oauth_store_count(&forget, &arguments) > 0;
}

int64
oauth_store_purge_documents(void)
{
	return (int64) (oauth_store_count(&remove_unused, NULL) +
					oauth_store_count(&remove_surplus, NULL));
}
