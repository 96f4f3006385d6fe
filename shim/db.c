/*
 * db.c
 *	  The threads of the database connections: take a batch, run it, hand out the rows.
 *
 * Three rules. An error of the server undid the whole batch, so its requests are
 * run again, one by one, and only the guilty one fails. A lost connection leaves
 * open what happened, so its requests are answered 503 and never run again. And
 * no text of the server reaches a client or the log, only its SQLSTATE.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STACK_SIZE (512 * 1024)
#define BACKOFF_FIRST 50		/* ms */
#define BACKOFF_LAST 2000
#define IDLE_CHECK 500			/* ms between looks at an idle connection */
#define STOP_LIMIT 1000			/* ms for a thread to say goodbye to the server */
#define TURN_CHECK 10			/* ms between looks whether it is the turn of a connection */

static pthread_t *threads;
static int	nthreads;
static atomic_flag is_someones_turn = ATOMIC_FLAG_INIT;

#define READ_ONLY	"25006"		/* SQLSTATE of a standby */

/* What may go away by itself, where the client should try again: SQLSTATE classes and codes. */
static bool
is_passing(const char *sqlstate)
{
	static const char *const passing[] = {
		"08",					/* connection exceptions */
		"53",					/* disk full, out of memory, too many connections */
		"57",					/* cancelled, shutting down */
		READ_ONLY,
		"40001", "40P01",		/* serialization failure, deadlock */
		"55P03",				/* lock not available */
	};

	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (strncmp(sqlstate, passing[i], strlen(passing[i])) == 0)
			return true;
	return false;
}

static const char *
sqlstate_of(const PGresult *result)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return sqlstate ? sqlstate : "XX000";
}

/* Did that function of the server raise the error, and nothing that was being run? */
static bool
is_raised_by(const PGresult *result, const char *function)
{
	const char *source = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);

	return source != NULL && strcmp(source, function) == 0 &&
		PQresultErrorField(result, PG_DIAG_CONTEXT) == NULL;
}

/*
 * The extension was made anew, and the type of the batch is no more: nothing has run. For that the
 * server has but the code of internal errors, so it is asked which types there are.
 */
static bool
is_without_type(ShimConnection *c, const PGresult *result)
{
	return strcmp(sqlstate_of(result), "XX000") == 0 && shim_connection_has_other_types(c);
}

/*
 * The prepared statement is gone, or its plan must not be kept: nothing has run. What a function of
 * the application raised is never taken for that: where those run, no statement is kept, and what
 * was sent was run.
 */
static bool
is_stale(ShimConnection *c, const PGresult *result, bool was_sent)
{
	const char *sqlstate = sqlstate_of(result);

	if (was_sent && c->lane->is_shared_out)
		return false;
	return (strcmp(sqlstate, "26000") == 0 && is_raised_by(result, "FetchPreparedStatement")) ||
		(strcmp(sqlstate, "0A000") == 0 && is_raised_by(result, "RevalidateCachedQuery")) ||
		is_without_type(c, result);
}

/* The last jobs of a batch. */
static void
finish_all(ShimConnection *c, ShimJob **jobs, int n, ShimOutcome outcome)
{
	shim_lane_done(c->lane, jobs, n, true);
	for (int i = 0; i < n; i++)
		shim_exchange_fail(jobs[i], outcome);
}

static bool
is_complete(const PGresult *result, int n)
{
	return result != NULL && PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == n &&
		PQnfields(result) == 3;
}

/* Requests that share a statement. */
typedef struct Batch
{
	ShimJob   **jobs;
	int			n;
	PGresult   *error;			/* of the preparation: the statement was not sent */
	bool		lost;			/* the connection went while it was sent */
} Batch;

/* Each job has a row of the result. */
static void
hand_out_rows(ShimConnection *c, Batch *batch, PGresult *result)
{
	int			answered = 0;

	shim_lane_note_lock(c->lane, batch->jobs[0]->route, false);
	for (int i = 0; i < batch->n; i++)
		answered += shim_exchange_answer(batch->jobs[i], result, i);
	if (answered > 1)
		shim_lane_note_crowd(c->lane);
	PQclear(result);
}

static void
send_batch(ShimConnection *c, Batch *batch)
{
	const ShimRoute *route = batch->jobs[0]->route;
	ShimText	array = {0};

	batch->lost = !shim_connection_wait_for_locks(c, shim_lane_lock_timeout(c->lane, route)) ||
		!shim_connection_prepare(c, route, &batch->error);
	if (batch->lost || batch->error != NULL)
		return;
	shim_value_array(&array, c->request_type, (size_t) batch->n);
	for (int i = 0; i < batch->n; i++)
		shim_text_append(&array, batch->jobs[i]->text.data, batch->jobs[i]->text.len);
	batch->lost = array.failed || !shim_connection_send(c, route, &array);
	shim_text_free(&array);
}

/* The answer to a batch that was sent, NULL when the connection is lost. */
static PGresult *
receive_batch(ShimConnection *c, Batch *batch)
{
	PGresult   *result = batch->lost ? NULL :
		batch->error ? batch->error :
		shim_connection_receive(c);

	if (result == NULL || PQresultStatus(result) != PGRES_FATAL_ERROR ||
		!is_stale(c, result, batch->error == NULL) || !shim_connection_forget(c))
		return result;
	PQclear(result);
	send_batch(c, batch);
	return batch->lost ? NULL : batch->error ? batch->error : shim_connection_receive(c);
}

static void
report_failure(const ShimConnection *c, const Batch *batch, const PGresult *result)
{
	const char *stem = batch->jobs[0]->route->stem;
	const ShimExchange *x = batch->n == 1 ? &batch->jobs[0]->wire->exchange : NULL;

	if (result == NULL)
		shim_log_about(x, "%s lane: connection lost, %d requests for %s have an unknown outcome",
					   c->lane->name, batch->n, stem);
	else if (PQresultStatus(result) == PGRES_TUPLES_OK)
		shim_log_about(x, "%s lane: %s gave %d rows for %d requests", c->lane->name, stem,
					   PQntuples(result), batch->n);
	else
		shim_log_about(x, "%s lane: %s failed with SQLSTATE %s for %d requests", c->lane->name,
					   stem, sqlstate_of(result), batch->n);
}

/* What a batch without a complete answer comes to. A connection that is lost is closed. */
static ShimOutcome
outcome_of(ShimConnection *c, const Batch *batch, const PGresult *result)
{
	report_failure(c, batch, result);
	if (result == NULL)
		shim_connection_close(c);
	else if (!c->lane->is_shared_out && strcmp(sqlstate_of(result), "55P03") == 0)
		shim_lane_note_lock(c->lane, batch->jobs[0]->route, true);
	if (result != NULL && strcmp(sqlstate_of(result), READ_ONLY) == 0)
		return SHIM_READ_ONLY;
	return result == NULL || is_passing(sqlstate_of(result)) ? SHIM_UNAVAILABLE : SHIM_FAILED;
}

/*
 * A lock that somebody holds, a server that lacks something or is told to stop: one by one the
 * requests would wait for the same, each as long as all of them did (SQLSTATE classes 53, 55 and
 * 57).
 */
static bool
concerns_all(const char *sqlstate)
{
	return strncmp(sqlstate, "53", 2) == 0 || strncmp(sqlstate, "55", 2) == 0 ||
		strncmp(sqlstate, "57", 2) == 0;
}

/* A batch without a complete answer; false when it may be run one by one. */
static bool
give_up(ShimConnection *c, Batch *batch, PGresult *result)
{
	ShimOutcome outcome = outcome_of(c, batch, result);
	bool		may_run_again = result != NULL && batch->n > 1 &&
		!concerns_all(sqlstate_of(result));

	PQclear(result);
	if (!may_run_again)
		finish_all(c, batch->jobs, batch->n, outcome);
	return !may_run_again;
}

/* One of a batch, in a transaction of its own. */
static void
run_single(ShimConnection *c, ShimJob **job, bool is_last)
{
	Batch		single = {.jobs = job, .n = 1};
	ShimOutcome outcome = SHIM_UNAVAILABLE;
	PGresult   *result;

	send_batch(c, &single);
	result = receive_batch(c, &single);
	if (!is_complete(result, 1))
		outcome = outcome_of(c, &single, result);
	shim_lane_done(c->lane, job, 1, is_last);
	if (is_complete(result, 1))
		hand_out_rows(c, &single, result);
	else
	{
		PQclear(result);
		shim_exchange_fail(*job, outcome);
	}
}

/*
 * One by one. The time for it is limited: with a statement_timeout for each, the last would wait
 * for minutes.
 */
static void
run_singly(ShimConnection *c, Batch *batch)
{
	int64_t		deadline = shim_clock_ms() + c->lane->statement_timeout;

	shim_metrics_fallback();
	for (int i = 0; i < batch->n; i++)
	{
		if (c->pg == NULL || shim_clock_ms() > deadline)
		{
			finish_all(c, batch->jobs + i, batch->n - i, SHIM_UNAVAILABLE);
			return;
		}
		run_single(c, batch->jobs + i, i == batch->n - 1);
	}
}

/*
 * Take what has arrived, and send it. Nothing is under way on the connection, and it was alive a
 * moment ago.
 */
static void
take_batch(ShimConnection *c, Batch *batch)
{
	batch->n = shim_lane_take(c->lane, batch->jobs, c->lane->batch_limit);
	if (batch->n == 0)
		return;
	shim_metrics_batch((ShimLaneId) (c->lane - shim_lanes), batch->n);
	send_batch(c, batch);
}

/*
 * Code of the application may have been run: once the client has its answer, nothing of it is left
 * in the session.
 */
static void
clean_up(ShimConnection *c)
{
	if (c->pg == NULL || shim_connection_reset(c))
		return;
	shim_log_error("%s lane: the session could not be reset", c->lane->name);
	shim_connection_close(c);
}

/*
 * Run batches as long as there are any. What arrived while one was run is sent before
 * the answers of that one are handed out, so that the server does not wait for us.
 */
static void
run_batches(ShimConnection *c, Batch *batch, Batch *next)
{
	take_batch(c, batch);
	while (batch->n > 0)
	{
		PGresult   *result = receive_batch(c, batch);
		Batch		done = *batch;

		next->n = 0;
		if (c->lane->is_shared_out && result != NULL)
			clean_up(c);
		if (is_complete(result, batch->n))
		{
			shim_lane_done(c->lane, batch->jobs, batch->n, true);
			if (!c->lane->is_shared_out && !shim_lane_closing(c->lane) && shim_connection_alive(c))
				take_batch(c, next);
			hand_out_rows(c, &done, result);
		}
		else if (!give_up(c, batch, result))
			run_singly(c, batch);
		*batch = *next;
		*next = (Batch) {.jobs = done.jobs};
	}
}

/* Sleep, but not past the end of the lane. */
static void
pause_for(const ShimConnection *c, int ms)
{
	int64_t		until = shim_clock_ms() + ms;

	while (!shim_lane_closing(c->lane) && shim_clock_left(until) > 0)
	{
		int			left = shim_clock_left(until);
		struct timespec slice = {.tv_nsec = (left < 50 ? left : 50) * 1000000L};

		nanosleep(&slice, NULL);
	}
}

/*
 * Try until there is a connection: doubled waits, with jitter so that shims do not march in step.
 */
static void
connect_again(ShimConnection *c)
{
	int			wait = BACKOFF_FIRST;

	while (!shim_lane_closing(c->lane) && !shim_connection_open(c))
	{
		/* lost again while it was warmed up: who asks now found the shim ready */
		if (c->was_live)
			wait = BACKOFF_FIRST;
		pause_for(c, wait / 2 + rand_r(&c->seed) % wait);
		wait = wait * 2 < BACKOFF_LAST ? wait * 2 : BACKOFF_LAST;
	}
}

/*
 * Those that are not the first of their lane come one after the other, so that they leave a
 * processor to the requests that are there by then; but nobody waits for one that does not come.
 * True while it is the turn of this one.
 */
static bool
await_turn(const ShimConnection *c)
{
	while (!shim_lane_closing(c->lane) && !shim_lanes_are_late())
	{
		if (shim_lanes_have_begun() && !atomic_flag_test_and_set(&is_someones_turn))
			return true;
		pause_for(c, TURN_CHECK);
	}
	return false;
}

/* The first time that this thread connects. */
static void
begin(ShimConnection *c)
{
	bool		has_turn = !c->is_first && await_turn(c);

	connect_again(c);
	if (has_turn)
		atomic_flag_clear(&is_someones_turn);
	if (c->is_first)
		shim_lane_begun();
}

/*
 * Jobs are taken only by a connection that was alive a moment ago. Until then they
 * keep their place in the queue, and a restart of the server costs them nothing.
 */
static void *
serve_lane(void *arg)
{
	ShimConnection *c = arg;
	size_t		limit = (size_t) c->lane->batch_limit;
	ShimJob   **jobs = calloc(2 * limit, sizeof(*jobs));
	Batch		batch = {.jobs = jobs};
	Batch		next = {.jobs = jobs + limit};
	bool		waiting = false;

	if (jobs == NULL)
		abort();
	begin(c);
	while (!shim_lane_closing(c->lane))
	{
		if (c->pg == NULL)
		{
			shim_metrics_reconnect();
			connect_again(c);
			continue;
		}
		waiting = shim_lane_await(c->lane, IDLE_CHECK, waiting);
		if (!shim_connection_alive(c))
		{
			shim_log_error("%s lane: the server closed the connection", c->lane->name);
			shim_connection_close(c);
		}
		else if (waiting)
			run_batches(c, &batch, &next);
	}
	shim_connection_close(c);
	free(jobs);
	free(c);
	return NULL;
}

static bool
start_thread(ShimLane *lane, bool is_first, const pthread_attr_t *attr)
{
	ShimConnection *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return false;
	c->lane = lane;
	c->is_first = is_first;
	c->seed = (unsigned) shim_clock_us() + (unsigned) nthreads;
	if (pthread_create(&threads[nthreads], attr, serve_lane, c) != 0)
	{
		free(c);
		return false;
	}
	nthreads++;
	return true;
}

bool
shim_db_start(void)
{
	pthread_attr_t attr;
	int			total = 0;
	bool		started = true;

	for (int i = 0; i < SHIM_LANES; i++)
		total += shim_lanes[i].connections;
	threads = calloc((size_t) total, sizeof(*threads));
	if (threads == NULL)
		return false;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	for (int i = 0; i < SHIM_LANES; i++)
		for (int j = 0; j < shim_lanes[i].connections && started; j++)
			started = start_thread(&shim_lanes[i], j == 0, &attr);
	pthread_attr_destroy(&attr);
	return started;
}

/*
 * Close the connections, so that the server's log has no lost ones; a hung server is not waited
 * for.
 */
void
shim_db_stop(void)
{
	struct timespec until;

	for (ShimLane *lane = shim_lanes; lane < shim_lanes + SHIM_LANES; lane++)
		shim_lane_close(lane);
	shim_watch_stop(shim_clock_ms() + STOP_LIMIT);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += STOP_LIMIT / 1000;
	for (int i = 0; i < nthreads; i++)
		if (pthread_clockjoin_np(threads[i], NULL, CLOCK_MONOTONIC, &until) != 0)
			return;
	free(threads);
}
