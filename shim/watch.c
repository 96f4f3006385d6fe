/*
 * watch.c
 *	  Look after the database: can requests be answered there, and is what has expired removed?
 *
 * A connection of its own asks twice a second what would keep requests from being answered: no
 * extension, an old one, rights that were not given, a table that somebody has locked, a pooler
 * that gives each transaction another session.  /readyz says what it found last, the log says once
 * what helps, and nothing has to be restarted when it is mended.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STACK_SIZE (512 * 1024)
#define LOOK_EVERY 500			/* ms */
#define LOOK_AGAIN 200			/* ms, where something was found */
#define PURGE_ROUNDS 20			/* batches, one after each look */

/* What is the matter, for the client and for the log; why NULL: nothing. */
typedef struct Finding
{
	const char *why;
	ShimText	advice;
} Finding;

static ShimLane watch_lane = {.name = "watch",
	.connections = 1,
	.statement_timeout = 30000,
.lock_timeout = 1000};
static pthread_t thread;
static _Atomic(const char *) not_ready = "the database has not been asked yet";

/* NULL: requests can be answered. */
const char *
shim_watch_why(void)
{
	return atomic_load(&not_ready);
}

/* Each thing is said once, and the log has it before /readyz. */
static void
report_finding(const Finding *finding)
{
	if (finding->why != NULL && finding->why != shim_watch_why())
		shim_log_error("not ready: %s%s%s", finding->why, finding->advice.len > 0 ? ": " : "",
					   finding->advice.len > 0 ? finding->advice.data : "");
	atomic_store(&not_ready, finding->why);
}

/* The SQL functions that are called, as an array of text. */
static void
put_functions(ShimText *array)
{
	shim_text_puts(array, "{ready,claim_document,keep_document,take_deliveries,end_delivery,"
				   "waiting_deliveries");
	if (shim_options.purge_interval > 0)
		shim_text_puts(array, ",purge");
	for (int i = 0; i < shim_route_count(); i++)
		if (shim_route_at(i)->stem != NULL)
			shim_text_printf(array, ",%s", shim_route_at(i)->stem);
	shim_text_char(array, '}');
}

/* What look_at_catalog reads. */
enum
{
	N_ABSENT,
	ONE_ABSENT,
	NOT_EXECUTABLE,
	ARE_FEW,
	HAS_USAGE,
	HAS_EXTENSION,
	ROLE,
	DATABASE,
	BACKEND
};

static const char look[] =
"SELECT pg_catalog.count(*) FILTER (WHERE f.oid IS NULL),"
" pg_catalog.min(f.name) FILTER (WHERE f.oid IS NULL),"
" pg_catalog.string_agg(f.oid::pg_catalog.regprocedure::text, ', ' ORDER BY f.name)"
" FILTER (WHERE NOT pg_catalog.has_function_privilege(f.oid, 'EXECUTE')),"
" pg_catalog.count(*) FILTER (WHERE NOT pg_catalog.has_function_privilege(f.oid, 'EXECUTE')) <= 3,"
" (SELECT pg_catalog.has_schema_privilege(oid, 'USAGE') FROM pg_catalog.pg_namespace WHERE nspname"
" = 'oauth'),"
" EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'oauth'),"
" pg_catalog.quote_ident(current_user), pg_catalog.quote_ident(pg_catalog.current_database()),"
" pg_catalog.pg_backend_pid()"
" FROM (SELECT DISTINCT w.name, p.oid FROM pg_catalog.unnest($1::text[]) w (name) LEFT JOIN"
" (pg_catalog.pg_proc p"
" JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace AND n.nspname = 'oauth') ON p.proname ="
" w.name) f";

static const char *
column(const PGresult *result, int i)
{
	return PQgetvalue(result, 0, i);
}

static bool
is_true(const PGresult *result, int i)
{
	return strcmp(column(result, i), "t") == 0;
}

/* What the catalog says is missing, the first thing first. */
static void
judge(const PGresult *r, Finding *finding)
{
	const char *role = column(r, ROLE);

	if (strcmp(column(r, N_ABSENT), "0") != 0 && !is_true(r, HAS_EXTENSION))
	{
		finding->why = "the extension is not in this database";
		shim_text_printf(&finding->advice,
						 "in database %s, as a superuser: CREATE EXTENSION oauth CASCADE;",
						 column(r, DATABASE));
	}
	else if (strcmp(column(r, N_ABSENT), "0") != 0)
	{
		finding->why = "the extension is older than the shim needs";
		shim_text_printf(&finding->advice,
						 "there is no function oauth.%s. In database %s, as a superuser: ALTER "
						 "EXTENSION"
						 " oauth UPDATE; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oauth TO %s;",
						 column(r, ONE_ABSENT), column(r, DATABASE), role);
	}
	else if (!is_true(r, HAS_USAGE) || !PQgetisnull(r, 0, NOT_EXECUTABLE))
	{
		finding->why = "the role may not execute the functions of the extension";
		if (!is_true(r, HAS_USAGE))
			shim_text_printf(&finding->advice, "GRANT USAGE ON SCHEMA oauth TO %s; ", role);
		if (!PQgetisnull(r, 0, NOT_EXECUTABLE))
			shim_text_printf(&finding->advice, "GRANT EXECUTE ON %s%s TO %s;",
							 is_true(r, ARE_FEW) ? "FUNCTION " : "",
							 is_true(r, ARE_FEW) ? column(r, NOT_EXECUTABLE) :
							 "ALL FUNCTIONS IN SCHEMA oauth",
							 role);
	}
}

/* False when the connection is lost. */
static bool
look_at_catalog(ShimConnection *c, Finding *finding)
{
	ShimText	functions = {0};
	const char *value;
	PGresult   *answer;
	bool		done;

	put_functions(&functions);
	value = functions.data;
	answer = shim_connection_ask(c, look, 1, &value);
	done = answer != NULL && PQresultStatus(answer) == PGRES_TUPLES_OK && PQntuples(answer) == 1;
	if (done && shim_connection_shares_session(c, (int) strtol(column(answer, BACKEND), NULL, 10)))
	{
		finding->why = "a pooler gives each transaction another session";
		shim_text_puts(&finding->advice,
					   "the shim needs pool_mode = session (pgbouncer), or no pooler");
	}
	else if (done)
		judge(answer, finding);
	PQclear(answer);
	shim_text_free(&functions);
	return done;
}

/* The extension may know more. False when the connection is lost. */
static bool
look_at_extension(ShimConnection *c, Finding *finding)
{
	PGresult   *answer = shim_connection_ask(c, "SELECT oauth.ready()", 0, NULL);
	bool		done = answer != NULL;

	if (done && (PQresultStatus(answer) != PGRES_TUPLES_OK || PQntuples(answer) != 1))
	{
		const char *message = PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY);

		finding->why = "the extension does not answer";
		shim_text_puts(&finding->advice, message ? message : "see the log of the server");
	}
	else if (done && !PQgetisnull(answer, 0, 0))
	{
		finding->why = "the tables of the extension cannot be written to";
		shim_text_puts(&finding->advice, column(answer, 0));
	}
	PQclear(answer);
	return done;
}

/*
 * What lasts is reported; a table that is locked for a moment, for TRUNCATE or by autovacuum, is
 * none of it. False when the connection is lost.
 */
static bool
look_at_database(ShimConnection *c, bool *is_well)
{
	bool		was_well = *is_well;
	Finding		finding = {0};
	bool		done = look_at_catalog(c, &finding);

	if (done && finding.why == NULL)
		done = look_at_extension(c, &finding);
	if (done && (finding.why == NULL || !was_well || shim_watch_why() != NULL))
		report_finding(&finding);
	*is_well = done && finding.why == NULL;
	shim_text_free(&finding.advice);
	return done;
}

/* What this purge has done, and when there is something to do again. */
typedef struct Purge
{
	int			rounds;
	int64_t		next;			/* in ms */
} Purge;

/*
 * Remove a batch of what has expired; another shim, or anybody, may be at it. The next batch waits
 * for the next look: requests have the processor until then. False when the connection is lost.
 */
static bool
purge_batch(ShimConnection *c, Purge *purge)
{
	PGresult   *answer = shim_connection_ask(c, "SELECT oauth.purge()", 0, NULL);
	const char *sqlstate = answer ? PQresultErrorField(answer, PG_DIAG_SQLSTATE) : NULL;
	bool		is_over;

	/* a standby removes nothing, and a lock that somebody holds ends before the next time */
	if (sqlstate != NULL && strcmp(sqlstate, "25006") != 0 && strcmp(sqlstate, "55P03") != 0)
		shim_log_error("oauth.purge() failed with SQLSTATE %s", sqlstate);
	is_over = answer == NULL || sqlstate != NULL || strcmp(column(answer, 0), "0") == 0 ||
		++purge->rounds >= PURGE_ROUNDS;
	if (is_over)
		*purge = (Purge) {.next = shim_clock_ms() + (int64_t) shim_options.purge_interval * 1000};
	PQclear(answer);
	return answer != NULL;
}

/* Requests can be answered, and it is time. */
static bool
is_purge_due(const ShimConnection *c, const Purge *purge)
{
	return c->pg != NULL && shim_options.purge_interval > 0 && shim_watch_why() == NULL &&
		shim_clock_left(purge->next) == 0;
}

static void
connect_again(ShimConnection *c)
{
	if (!shim_connection_open(c))
		report_finding(&(Finding) {.why = "the database cannot be reached"});
}

static void *
watch_database(void *arg)
{
	ShimConnection *c = arg;
	Purge		expired = {.next = shim_clock_ms() + 1000};
	bool		is_well = true;

	while (!shim_lane_closing(c->lane))
	{
		if (c->pg == NULL)
			connect_again(c);
		if (c->pg != NULL && !look_at_database(c, &is_well))
		{
			shim_log_error("watch: connection lost");
			shim_connection_close(c);
		}
		if (is_purge_due(c, &expired) && !purge_batch(c, &expired))
			shim_connection_close(c);
		shim_lane_await(c->lane, is_well ? LOOK_EVERY : LOOK_AGAIN, false);
	}
	shim_connection_close(c);
	free(c);
	return NULL;
}

bool
shim_watch_start(void)
{
	ShimConnection *c = calloc(1, sizeof(*c));
	pthread_attr_t attr;
	bool		started;

	if (c == NULL)
		return false;
	shim_lane_init(&watch_lane);
	c->lane = &watch_lane;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	started = pthread_create(&thread, &attr, watch_database, c) == 0;
	pthread_attr_destroy(&attr);
	return started;
}

/* Before the lanes: what it does can be interrupted at any time. */
void
shim_watch_stop(int64_t deadline)
{
	struct timespec until = {.tv_sec = deadline / 1000, .tv_nsec = deadline % 1000 * 1000000};

	shim_lane_close(&watch_lane);
	(void) pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &until);
}
