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

#define LOCK_TIMEOUT 3000		/* ms, long enough for deadlock detection to come first */
#define IDLE_IN_TRANSACTION_TIMEOUT 10000
#define GRACE 2000				/* ms that an answer may come after statement_timeout */

/* Notices may show values of requests; nobody reads them. */
static void
ignore_notice(void *arg, const PGresult *result)
{
	(void) arg;
	(void) result;
}

/* The user's own "options" of libpq, from the connection string or PGOPTIONS; to be freed. */
static char *
user_options(void)
{
	const char *conninfo = shim_options.database ? shim_options.database : "";
	PQconninfoOption *parsed = PQconninfoParse(conninfo, NULL);
	const char *value = getenv("PGOPTIONS");
	char	   *copy;

	for (PQconninfoOption *o = parsed; o != NULL && o->keyword != NULL; o++)
		if (strcmp(o->keyword, "options") == 0 && o->val != NULL)
			value = o->val;
	copy = strdup(value ? value : "");
	PQconninfoFree(parsed);
	return copy;
}

/*
 * plan_cache_mode: a plan made for one batch has the batch in it, and with that its tokens, where a log of plans
 * (auto_explain.log_verbose) shows them. One for any batch has $1.
 */
static PGconn *
start_connecting(const ShimLane *lane)
{
	ShimText	settings = {0};
	char	   *own = user_options();
	PGconn	   *pg = NULL;

	shim_text_printf(&settings,
					 "%s -c oauth.lane=%s -c statement_timeout=%d -c lock_timeout=%d"
					 " -c idle_in_transaction_session_timeout=%d -c plan_cache_mode=force_generic_plan%s",
					 own ? own : "", lane->name, lane->statement_timeout,
					 lane->statement_timeout < LOCK_TIMEOUT ? lane->statement_timeout : LOCK_TIMEOUT,
					 IDLE_IN_TRANSACTION_TIMEOUT,
					 lane->read_only ? " -c default_transaction_read_only=on" : "");
	if (own != NULL && !settings.failed)
	{
		/* what comes after dbname overrides the user's connection string */
		const char *keys[] = {"dbname", "options", "client_encoding", "application_name", NULL};
		const char *values[] = {shim_options.database, settings.data, "UTF8", "oauth-shim", NULL};

		pg = PQconnectStartParams(keys, values, 1);
	}
	shim_text_free(&settings);
	free(own);
	return pg;
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

void
shim_connection_close(ShimConnection *c)
{
	if (c->pg == NULL)
		return;
	shim_lane_live(c->lane, -1);
	PQfinish(c->pg);
	c->pg = NULL;
}

/* While nothing is under way: has the server gone, or said goodbye? Asked before sending. */
bool
shim_connection_alive(ShimConnection *c)
{
	struct pollfd p = {.fd = PQsocket(c->pg), .events = POLLIN};

	if (PQstatus(c->pg) != CONNECTION_OK || p.fd < 0)
		return false;
	/* first its farewell is readable, then the end of the stream */
	while (poll(&p, 1, 0) > 0)
		if (PQconsumeInput(c->pg) == 0 || PQstatus(c->pg) != CONNECTION_OK)
			return false;
	return true;
}

/* Send what is queued and wait for the answer to be complete; false when the connection is lost. */
static bool
await_answer(PGconn *pg, int64_t deadline)
{
	int			unsent = PQflush(pg);

	while (unsent > 0 || (unsent == 0 && PQisBusy(pg)))
	{
		if (!await_socket(pg, (short) (POLLIN | (unsent ? POLLOUT : 0)), deadline) || PQconsumeInput(pg) == 0)
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
 * The shim cannot change what the server logs, but it can say what should not stay so. A role without its settings is
 * easily made: a dump of the database does not have them.
 */
static void
warn_of_logging(ShimConnection *c)
{
	static atomic_flag warned = ATOMIC_FLAG_INIT;
	PGresult   *answer = get_answer(c, PQsendQuery(c->pg,
												   "SELECT current_setting('log_parameter_max_length') = '0'"
												   " AND current_setting('log_parameter_max_length_on_error') = '0'"));

	if (answer != NULL && PQntuples(answer) == 1 && strcmp(PQgetvalue(answer, 0, 0), "t") != 0 &&
		!atomic_flag_test_and_set(&warned))
		shim_log_error("the server may log what clients send: ALTER ROLE ... SET log_parameter_max_length = 0,"
					   " and log_parameter_max_length_on_error = 0");
	PQclear(answer);
}

bool
shim_connection_open(ShimConnection *c)
{
	PGconn	   *pg = start_connecting(c->lane);

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
	warn_of_logging(c);
	shim_lane_live(c->lane, 1);
	return true;
}

/* Ask for the type of a request value. Returns an error, or NULL with *lost or without. */
static PGresult *
find_types(ShimConnection *c, bool *lost)
{
	PGresult   *answer = get_answer(c, PQsendQuery(c->pg, "SELECT 'oauth.http_request'::regtype::oid,"
												   " 'oauth.http_request[]'::regtype::oid"));

	*lost = answer == NULL;
	if (answer == NULL || PQresultStatus(answer) != PGRES_TUPLES_OK || PQntuples(answer) != 1)
		return answer;
	c->request_type = (Oid) strtoul(PQgetvalue(answer, 0, 0), NULL, 10);
	c->batch_type = (Oid) strtoul(PQgetvalue(answer, 0, 1), NULL, 10);
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
 * The function is called once for a request, in a subquery that OFFSET 0 keeps as it is: (f(r)).* would call it
 * once a column, and FROM f(r) costs a table function a request.
 */
static PGresult *
prepare(ShimConnection *c, const ShimRoute *route, bool *lost)
{
	char		sql[256];
	PGresult   *answer;

	snprintf(sql, sizeof(sql),
			 "SELECT (t).status, (t).headers, (t).body"
			 " FROM (SELECT oauth.%s(r) AS t FROM unnest($1) r OFFSET 0) q", route->stem);
	answer = get_answer(c, PQsendPrepare(c->pg, route->path, sql, 1, &c->batch_type));
	*lost = answer == NULL;
	if (answer == NULL || PQresultStatus(answer) != PGRES_COMMAND_OK)
		return answer;
	PQclear(answer);
	c->prepared[shim_route_index(route)] = true;
	return NULL;
}

/*
 * Before a function is used on this connection. *error is the server's, if it has no such function; false when the
 * connection is lost.
 */
bool
shim_connection_prepare(ShimConnection *c, const ShimRoute *route, PGresult **error)
{
	bool		lost = false;

	*error = NULL;
	if (c->request_type == InvalidOid)
		*error = find_types(c, &lost);
	if (!lost && *error == NULL && !c->prepared[shim_route_index(route)])
		*error = prepare(c, route, &lost);
	return !lost;
}

/* Send a batch, for shim_connection_receive to take its answer. False when the connection is lost. */
bool
shim_connection_send(ShimConnection *c, const ShimRoute *route, const ShimText *requests)
{
	static const int binary = 1;
	const char *value = requests->data;
	int			len = (int) requests->len;

	return PQsendQueryPrepared(c->pg, route->path, 1, &value, &len, &binary, binary) && PQflush(c->pg) >= 0;
}

/* The answer to the batch that was sent, which may be an error, or NULL when the connection is lost. */
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
