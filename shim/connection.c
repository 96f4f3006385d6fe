/*
 * connection.c
 *	  One connection to the database: open it, keep its statements, run one of them.
 *
 * Everything has a deadline, so a server that hangs looks like one that is gone.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDLE_IN_TRANSACTION_TIMEOUT 10000
#define GRACE 2000				/* ms that an answer may come after statement_timeout */
#define TRANSACTION_TIMEOUT_VERSION 170000

static pthread_mutex_t connections_lock = PTHREAD_MUTEX_INITIALIZER;
static ShimConnection *connections; /* that are open */

/* Notices may show values of requests; nobody reads them. */
static void
ignore_notice(void *arg, const PGresult *result)
{
	(void) arg;
	(void) result;
}

/* No option of the server is asked for: a pooler would refuse the connection. */
static PGconn *
start_connecting(void)
{
	/* what comes after dbname overrides the user's connection string */
	const char *keys[] = {"dbname", "client_encoding", "application_name", NULL};
	const char *values[] = {shim_options.database, "UTF8", "oauth-shim", NULL};

	return PQconnectStartParams(keys, values, 1);
}

/* Wait until the socket is readable or writable; false at the deadline. */
static bool
await_socket(PGconn *pg, short events, int64_t deadline)
{
	struct pollfd p = {.fd = PQsocket(pg), .events = events};
	int			ready;

	if (p.fd < 0)
		return false;
	do
		ready = poll(&p, 1, shim_clock_left(deadline));
	while (ready < 0 && errno == EINTR);
	return ready > 0;
}

static bool
finish_connecting(PGconn *pg)
{
	int64_t		deadline = shim_clock_ms() + shim_options.connect_timeout;
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;

	if (PQstatus(pg) == CONNECTION_BAD)
		return false;
	while (status != PGRES_POLLING_OK)
	{
		short		events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;

		if (status == PGRES_POLLING_FAILED || !await_socket(pg, events, deadline))
			return false;
		status = PQconnectPoll(pg);
	}
	return PQsetnonblocking(pg, 1) == 0;
}

/*
 * Why there is no connection, for the log: one line. Here libpq's message is shown,
 * since no request has been near this connection yet.
 */
static void
log_failure(const ShimConnection *c, const PGconn *pg)
{
	const char *why = pg ? PQerrorMessage(pg) : "out of memory";

	if (*why == '\0')
		why = "no answer in time";
	shim_log_error("%s lane: cannot connect: %.*s", c->lane->name, (int) strcspn(why, "\n"), why);
}

/*
 * Take what the server has told beside its answers. What this session changed itself is told
 * before the answer that says so.
 */
static void
hear(ShimConnection *c)
{
	PGnotify   *told;

	while ((told = PQnotifies(c->pg)) != NULL)
	{
		if (strcmp(told->relname, "oauth_changed") == 0)
			shim_shared_forget();
		else
			c->has_messages = true;
		PQfreemem(told);
	}
}

/*
 * While nothing is under way: has the server gone, or said goodbye, or was a transaction left open?
 * Asked before sending.
 */
bool
shim_connection_alive(ShimConnection *c)
{
	struct pollfd p = {.fd = PQsocket(c->pg), .events = POLLIN};

	if (PQstatus(c->pg) != CONNECTION_OK || p.fd < 0 ||
		PQtransactionStatus(c->pg) != PQTRANS_IDLE)
		return false;
	/* first its farewell is readable, then the end of the stream */
	while (poll(&p, 1, 0) > 0)
		if (PQconsumeInput(c->pg) == 0 || PQstatus(c->pg) != CONNECTION_OK)
			return false;
	hear(c);
	return true;
}

/* Send what is queued and wait for the answer to be complete; false when the connection is lost. */
static bool
await_answer(PGconn *pg, int64_t deadline)
{
	int			unsent = PQflush(pg);

	while (unsent > 0 || (unsent == 0 && PQisBusy(pg)))
	{
		if (!await_socket(pg, (short) (POLLIN | (unsent ? POLLOUT : 0)), deadline) ||
			PQconsumeInput(pg) == 0)
			return false;
		unsent = PQflush(pg);
	}
	return unsent == 0;
}

/*
 * The answer to what was sent, NULL when the connection is lost. A FATAL error is an
 * answer and then the end of the connection; that too is NULL, as the caller must not
 * believe that anything was or was not done.
 */
static PGresult *
get_answer(ShimConnection *c, int sent)
{
	int64_t		deadline = shim_clock_ms() + c->lane->statement_timeout + GRACE;
	PGresult   *answer = NULL;
	PGresult   *next;

	if (!sent)
		return NULL;
	while (await_answer(c->pg, deadline))
	{
		next = PQgetResult(c->pg);
		if (next == NULL)
		{
			hear(c);
			if (PQstatus(c->pg) == CONNECTION_OK)
				return answer;
			break;
		}
		PQclear(answer);
		answer = next;
	}
	PQclear(answer);
	return NULL;
}

/*
 * What a session must not take from its database, its role or its pooler, for an answer must not
 * depend on it. Functions of the application may have settings of their own (CREATE FUNCTION ...
 * SET).
 */
static const char fixed_settings[] =
"SET search_path = pg_catalog, pg_temp; SET client_encoding = 'UTF8'; SET client_min_messages = "
"warning;"
"SET default_transaction_isolation = 'read committed'; SET default_transaction_deferrable = off;"
"SET row_security = on; SET exit_on_error = off; SET idle_session_timeout = 0;"
"SET restrict_nonsystem_relation_kind = '';"
"SET DateStyle = 'ISO, MDY'; SET IntervalStyle = postgres; SET TimeZone = 'UTC'; SET "
"extra_float_digits = 1;"
"SET bytea_output = hex; SET xmlbinary = base64; SET xmloption = content; SET "
"quote_all_identifiers = off;"
"SET standard_conforming_strings = on; SET backslash_quote = safe_encoding; SET array_nulls = on;"
"SET transform_null_equals = off; SET gin_fuzzy_search_limit = 0; SET plpgsql.extra_errors = "
"'none';";

static int
lock_timeout(const ShimLane *lane)
{
	return lane->lock_timeout < lane->statement_timeout ? lane->lock_timeout :
		lane->statement_timeout;
}

/* What oauth.lane is: the connection that is of no lane does everything in place. */
static const char *
lane_setting(const ShimLane *lane)
{
	return lane >= shim_lanes && lane < shim_lanes + SHIM_LANES ? lane->name : "any";
}

/*
 * plan_cache_mode: a plan made for one batch has the batch in it, and with that its tokens, where a
 * log of plans (auto_explain.log_verbose) shows them. One for any batch has $1.
 */
static void
put_settings(ShimText *sql, const ShimConnection *c)
{
	const ShimLane *lane = c->lane;

	shim_text_puts(sql, fixed_settings);
	shim_text_printf(sql,
					 "SET oauth.lane = '%s'; SET statement_timeout = %d; SET lock_timeout = %d;"
					 "SET idle_in_transaction_session_timeout = %d; SET plan_cache_mode = "
					 "force_generic_plan;"
					 "SET default_transaction_read_only = %s;",
					 lane_setting(lane), lane->statement_timeout, lock_timeout(lane),
					 IDLE_IN_TRANSACTION_TIMEOUT, lane->read_only ? "on" : "off");
	if (PQserverVersion(c->pg) >= TRANSACTION_TIMEOUT_VERSION)
		shim_text_puts(sql, "SET transaction_timeout = 0;");
}

/* Several statements at once; false when one fails or the connection is lost. */
static bool
run_all(ShimConnection *c, const ShimText *sql)
{
	PGresult   *answer = sql->failed ? NULL : get_answer(c, PQsendQuery(c->pg, sql->data));
	bool		done = answer != NULL && PQresultStatus(answer) == PGRES_COMMAND_OK;

	PQclear(answer);
	return done;
}

/* The time that the session may have come with is not for what follows. */
static bool
apply_settings(ShimConnection *c)
{
	ShimText	times = {0};
	ShimText	sql = {0};
	bool		done;

	shim_text_printf(&times, "SET statement_timeout = %d; SET idle_session_timeout = 0",
					 c->lane->statement_timeout);
	put_settings(&sql, c);
	c->lock_timeout = lock_timeout(c->lane);
	done = run_all(c, &times) && run_all(c, &sql);
	shim_text_free(&times);
	shim_text_free(&sql);
	return done;
}

/*
 * Forget what a function of the application has left in the session: locks, cursors, temporary
 * tables, statements, what it listens to and what it has set. DISCARD ALL would forget the plans of
 * the provider as well, and they take time to make.
 */
bool
shim_connection_reset(ShimConnection *c)
{
	ShimText	sql = {0};
	bool		done;

	shim_text_puts(&sql, "RESET ALL; SELECT pg_catalog.pg_advisory_unlock_all(),"
				   " pg_catalog.setseed(pg_catalog.hashtext(pg_catalog.gen_random_uuid()::text) /"
				   " 2147483648.0);"
				   "CLOSE ALL; UNLISTEN *; DISCARD TEMP; DISCARD SEQUENCES; DEALLOCATE ALL;");
	put_settings(&sql, c);
	c->lock_timeout = lock_timeout(c->lane);
	done = run_all(c, &sql);
	shim_text_free(&sql);
	return done;
}

/* Set how long statements wait for locks; false when the connection is lost. */
bool
shim_connection_wait_for_locks(ShimConnection *c, int ms)
{
	ShimText	sql = {0};
	bool		done;

	if (ms > c->lane->statement_timeout)
		ms = c->lane->statement_timeout;
	if (c->lock_timeout == ms)
		return true;
	shim_text_printf(&sql, "SET lock_timeout = %d", ms);
	done = run_all(c, &sql);
	c->lock_timeout = ms;
	shim_text_free(&sql);
	return done;
}

/*
 * Run a statement whose n values are text, for an answer that may be an error; NULL when the
 * connection is lost.
 */
PGresult *
shim_connection_ask(ShimConnection *c, const char *sql, int n, const char *const *values)
{
	return get_answer(c, PQsendQueryParams(c->pg, sql, n, NULL, values, NULL, NULL, 0));
}

/*
 * Listen to what the database tells; LISTEN is what sql says. A standby cannot be listened to.
 * False when the connection is lost.
 */
bool
shim_connection_listen(ShimConnection *c, const char *sql)
{
	PGresult   *answer = shim_connection_ask(c, "SELECT pg_catalog.pg_is_in_recovery()", 0, NULL);
	bool		is_primary = answer != NULL && PQntuples(answer) == 1 &&
		strcmp(PQgetvalue(answer, 0, 0), "f") == 0;

	if (is_primary)
	{
		PQclear(answer);
		answer = get_answer(c, PQsendQuery(c->pg, sql));
	}
	PQclear(answer);
	return answer != NULL;
}

/*
 * The shim cannot change what the server logs, but it can say what should not stay so. A role
 * without its settings is easily made: a dump of the database does not have them.
 */
static void
look_at_session(ShimConnection *c)
{
	static atomic_flag warned = ATOMIC_FLAG_INIT;
	PGresult   *answer;

	answer = shim_connection_ask(c,
								 "SELECT current_setting('log_parameter_max_length') = '0'"
								 " AND current_setting('log_parameter_max_length_on_error') = '0',"
								 " pg_backend_pid()",
								 0, NULL);
	c->backend = 0;
	if (answer != NULL && PQntuples(answer) == 1)
	{
		c->backend = (int) strtol(PQgetvalue(answer, 0, 1), NULL, 10);
		if (strcmp(PQgetvalue(answer, 0, 0), "t") != 0 && !atomic_flag_test_and_set(&warned))
			shim_log_error("the server may log what clients send: ALTER ROLE ... SET "
						   "log_parameter_max_length = 0,"
						   " and log_parameter_max_length_on_error = 0");
	}
	PQclear(answer);
}

static void
join(ShimConnection *c)
{
	pthread_mutex_lock(&connections_lock);
	c->next = connections;
	connections = c;
	pthread_mutex_unlock(&connections_lock);
	shim_lane_live(c->lane, 1);
}

static void
quit(ShimConnection *c)
{
	ShimConnection **link = &connections;

	shim_lane_live(c->lane, -1);
	pthread_mutex_lock(&connections_lock);
	while (*link != c)
		link = &(*link)->next;
	*link = c->next;
	pthread_mutex_unlock(&connections_lock);
}

/*
 * Does the session of that process serve other connections too, or is it not the one that the
 * settings are for?
 */
bool
shim_connection_shares_session(ShimConnection *c, int backend)
{
	bool		shares = backend != c->backend;

	pthread_mutex_lock(&connections_lock);
	for (const ShimConnection *other = connections; other != NULL; other = other->next)
		shares |= other != c && other->backend == backend;
	pthread_mutex_unlock(&connections_lock);
	return shares;
}

void
shim_connection_close(ShimConnection *c)
{
	if (c->pg == NULL)
		return;
	quit(c);
	PQfinish(c->pg);
	c->pg = NULL;
}

/* The types of one request and of many, and the functions that take many. */
static const char types[] =
"SELECT 'oauth.http_request'::regtype::oid, 'oauth.http_request[]'::regtype::oid,"
" (SELECT ',' || pg_catalog.string_agg(b.proname, ',') || ',' FROM pg_catalog.pg_proc b"
" JOIN pg_catalog.pg_proc one ON one.pronamespace = b.pronamespace"
" AND b.proname = one.proname || '_batch' AND one.prolang = b.prolang"
" AND one.probin = b.probin AND one.proargtypes[0] = 'oauth.http_request'::regtype"
" WHERE b.pronamespace = 'oauth'::regnamespace"
" AND b.proargtypes[0] = 'oauth.http_request[]'::regtype"
" AND pg_catalog.has_function_privilege(b.oid, 'EXECUTE'))";

/* Ask for the type of a request value. Returns an error, or NULL with *lost or without. */
static PGresult *
find_types(ShimConnection *c, bool *lost)
{
	PGresult   *answer = get_answer(c, PQsendQuery(c->pg, types));

	*lost = answer == NULL;
	if (answer == NULL || PQresultStatus(answer) != PGRES_TUPLES_OK || PQntuples(answer) != 1)
		return answer;
	c->request_type = (Oid) strtoul(PQgetvalue(answer, 0, 0), NULL, 10);
	c->batch_type = (Oid) strtoul(PQgetvalue(answer, 0, 1), NULL, 10);
	snprintf(c->batch_functions, sizeof(c->batch_functions), "%s", PQgetvalue(answer, 0, 2));
	PQclear(answer);
	return NULL;
}

/* Have the types been made anew since they were asked for? */
bool
shim_connection_has_other_types(ShimConnection *c)
{
	Oid			before = c->batch_type;
	bool		lost;

	PQclear(find_types(c, &lost));
	return c->batch_type != before;
}

/*
 * Statements that are kept have a name. Beside code of the application, which may meet them, none
 * is: then there is none to be lost.
 */
static const char *
statement_name(const ShimConnection *c, const ShimRoute *route)
{
	return c->lane->is_shared_out ? "" : route->stem;
}

/*
 * Whether the extension has a function that takes a batch, which this role may execute.  Where
 * somebody has replaced the function that takes one request, as of when this connection began, that
 * one is called. Where code
 * of the application runs, requests do not share a call.
 */
static bool
takes_batches(const ShimConnection *c, const ShimRoute *route)
{
	char		name[64];

	snprintf(name, sizeof(name), ",%s_batch,", route->stem);
	return !c->lane->is_shared_out && strstr(c->batch_functions, name) != NULL;
}

/*
 * A function that takes one request is called once for each, in a subquery that OFFSET 0 keeps as
 * it is: (f(r)).* would call it once a column, and FROM f(r) costs a table function a request.
 */
static PGresult *
prepare(ShimConnection *c, const ShimRoute *route, bool *lost)
{
	char		sql[256];
	PGresult   *answer;

	snprintf(sql, sizeof(sql),
			 takes_batches(c, route) ? "SELECT status, headers, body FROM oauth.%s_batch($1)" :
			 "SELECT (t).status, (t).headers, (t).body"
			 " FROM (SELECT oauth.%s(r) AS t FROM pg_catalog.unnest($1) r OFFSET 0)"
			 " q", route->stem);
	answer = get_answer(c, PQsendPrepare(c->pg, statement_name(c, route), sql, 1, &c->batch_type));
	*lost = answer == NULL;
	if (answer == NULL || PQresultStatus(answer) != PGRES_COMMAND_OK)
		return answer;
	PQclear(answer);
	c->prepared[shim_route_function(route)] = !c->lane->is_shared_out;
	return NULL;
}

/*
 * Before a function is used on this connection. *error is the server's, if it has no such function;
 * false when the connection is lost.
 */
bool
shim_connection_prepare(ShimConnection *c, const ShimRoute *route, PGresult **error)
{
	bool		lost = false;

	*error = NULL;
	if (c->request_type == InvalidOid)
		*error = find_types(c, &lost);
	if (!lost && *error == NULL && !c->prepared[shim_route_function(route)])
		*error = prepare(c, route, &lost);
	return !lost;
}

/*
 * Send a batch, for shim_connection_receive to take its answer. False when the connection is lost.
 */
bool
shim_connection_send(ShimConnection *c, const ShimRoute *route, const ShimText *requests)
{
	static const int binary = 1;
	const char *value = requests->data;
	int			len = (int) requests->len;

	return PQsendQueryPrepared(c->pg, statement_name(c, route), 1, &value, &len, &binary, binary) &&
		PQflush(c->pg) >= 0;
}

/*
 * The answer to the batch that was sent, which may be an error, or NULL when the connection is
 * lost.
 */
PGresult *
shim_connection_receive(ShimConnection *c)
{
	return get_answer(c, 1);
}

/*
 * Prepare all anew: the statements are gone, or no longer fit, since somebody else has
 * been at the session or at the extension. False when the connection is lost.
 */
bool
shim_connection_forget(ShimConnection *c)
{
	PGresult   *answer = get_answer(c, PQsendQuery(c->pg, "DEALLOCATE ALL"));
	bool		done = answer != NULL && PQresultStatus(answer) == PGRES_COMMAND_OK;

	PQclear(answer);
	memset(c->prepared, 0, sizeof(c->prepared));
	c->request_type = InvalidOid;
	return done;
}

/* Run a function for no request; false when the connection is lost. */
static bool
run_for_none(ShimConnection *c, const ShimRoute *route)
{
	ShimText	none = {0};
	PGresult   *answer = NULL;
	bool		sent;

	shim_value_array(&none, c->request_type, 0);
	sent = !none.failed && shim_connection_send(c, route, &none);
	shim_text_free(&none);
	if (sent)
		answer = shim_connection_receive(c);
	PQclear(answer);
	return answer != NULL;
}

/*
 * The first request of a session would wait until the server has loaded the library, read its
 * catalog and made a plan. So the functions whose requests begin in the lane are run once for none;
 * where no statement is kept, one of them is, for the library. Requests that come meanwhile wait:
 * they would for the same. What fails, the request will hear of. False when the connection is lost.
 */
static bool
warm_up(ShimConnection *c)
{
	for (int i = 0; i < shim_route_count(); i++)
	{
		const ShimRoute *route = shim_route_at(i);
		bool		is_shared_out = c->lane->is_shared_out;
		PGresult   *error;

		if (route->stem == NULL || c->prepared[shim_route_function(route)] ||
			(!is_shared_out && &shim_lanes[route->lane] != c->lane))
			continue;
		if (!shim_connection_prepare(c, route, &error) ||
			(error == NULL && !run_for_none(c, route)))
			return false;
		PQclear(error);
		if (is_shared_out || c->request_type == InvalidOid)
			break;
	}
	return true;
}

/* Whether the server runs on this machine, as far as its address tells: a socket file has none. */
static bool
is_here(const PGconn *pg)
{
	const char *address = PQhostaddr(pg);

	return address == NULL || address[0] == '\0' || address[0] == '/' || address[0] == '@' ||
		strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

bool
shim_connection_open(ShimConnection *c)
{
	PGconn	   *pg = start_connecting();

	c->was_live = false;
	if (pg == NULL || !finish_connecting(pg))
	{
		log_failure(c, pg);
		PQfinish(pg);
		return false;
	}
	PQsetNoticeReceiver(pg, ignore_notice, NULL);
	memset(c->prepared, 0, sizeof(c->prepared));
	c->request_type = InvalidOid;
	c->pg = pg;
	if (!apply_settings(c))
	{
		shim_log_error("%s lane: the session does not take its settings", c->lane->name);
		PQfinish(pg);
		c->pg = NULL;
		return false;
	}
	look_at_session(c);
	shim_lanes_note_server(is_here(pg));
	/* where code of the application runs nothing is listened to for long; see fixed_settings */
	if (!c->lane->read_only && !c->lane->is_shared_out)
		(void) shim_connection_listen(c, "LISTEN oauth_changed");
	join(c);
	c->was_live = true;
	if (shim_lane_named(shim_slice(c->lane->name)) != SHIM_NO_LANE && !warm_up(c))
	{
		shim_log_error("%s lane: connection lost", c->lane->name);
		shim_connection_close(c);
	}
	return c->pg != NULL;
}
