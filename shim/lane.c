/*
 * lane.c
 *	  Queues between the HTTP workers and the database connections.
 *
 * A worker puts its job into a lane; a connection that is free takes the first job
 * and all others of the same function, up to the lane's limit. Nobody waits for a
 * batch to fill: it fills while a connection is busy. A second connection begins only
 * where that one takes long or a whole batch waits, because two halves of a batch
 * cost more than the batch. A job that no connection takes
 * in time is withdrawn; once taken, it is always answered by the connection, which
 * has deadlines of its own.
 *
 * A private key of RSA signs for half a millisecond, and in a batch each request waits for the
 * signatures of all; but alone each would wait for the disk. So the batches of the signing lane are
 * small, and those that wait are divided among its connections, one a processor.
 *
 * Where requests may take long, connections and places in the queue are shared out:
 * each job has a share, and who has many jobs waits behind who has few.
 *
 * Signatures and passwords compute for long, and take all processors while nobody else does. Once
 * requests of the reading and writing lanes wait for one another, one processor is left to them,
 * unless the server is on another machine.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PAUSE 2					/* ms between the beginnings of batches beside another one */
#define STUCK_AFTER 50			/* ms that a batch may take before it is thought to wait for
								 * something */
#define LOCK_TIMEOUT 3000		/* ms, long enough for deadlock detection to come first */
#define BLOCKED_LOCK_TIMEOUT 100	/* ms, where the one before has waited in vain */
#define ROOM_PATIENCE 50		/* ms */
#define LATE 1000				/* ms from the start until no first connection is waited for */
#define STUCK_ALONE_AFTER 500	/* ms, the same where a request has a batch of its own */
#define CROWDED_FOR 10			/* ms */

ShimLane	shim_lanes[SHIM_LANES] = {
	[SHIM_READING] = {.name = "reading",
		.connections = 2,
		.queue_limit = 1024,
		.wait_limit = 5000,
		.statement_timeout = 5000,
		.lock_timeout = 1000,
		.patience = 2,
	.read_only = true},
	/* a full batch computes for 3 to 8 ms; what takes longer waits for the disk, or a lock */
	[SHIM_WRITING] = {.name = "writing",
		.connections = 1,
		.queue_limit = 1024,
		.patience = 10,
	.lock_timeout = LOCK_TIMEOUT},
	[SHIM_SIGNING] = {.name = "signing",
		.batch_limit = 16,
		.is_divided = true,
		.computes = true,
		.queue_limit = 1024,
	.lock_timeout = LOCK_TIMEOUT},
	[SHIM_SLOW] = {.name = "slow",
		.connections = 2,
		.queue_limit = 256,
		.wait_limit = 15000,
		.statement_timeout = 15000,
		.lock_timeout = LOCK_TIMEOUT,
		.is_shared_out = true,
	.computes = true},
	[SHIM_APPLICATION] = {.name = "application",
		.connections = 4,
		.queue_limit = 256,
		.wait_limit = 15000,
		.statement_timeout = 15000,
		.lock_timeout = LOCK_TIMEOUT,
		.is_shared_out = true,
	.reserve = 1},
};

/* Where requests wait for documents, which network.c fetches. */
ShimLane	shim_network_lane = {.name = "network",
	.connections = 1,
	.queue_limit = 256,
	.wait_limit = 15000,
	.statement_timeout = 5000,
	.lock_timeout = 1000,
.is_shared_out = true};

static atomic_int held;			/* workers, by all lanes */
static atomic_int cold = SHIM_LANES;	/* lanes whose first connection is yet to come */
static int64_t started;			/* when, in ms */
static atomic_llong last_let_go;	/* when a worker came free, in ms */
static atomic_llong last_crowd; /* when requests of a quick lane waited for one another, in ms */
static int	processors;
static atomic_bool is_server_here;	/* and uses the same ones */
static uint32_t hash_seed;

/* How many processors the program may run on, as those that set it up allow. */
int
shim_processors(void)
{
	cpu_set_t	allowed;

	/* it fails where there are more than a thousand */
	return sched_getaffinity(0, sizeof(allowed), &allowed) == 0 ? CPU_COUNT(&allowed) :
		(int) sysconf(_SC_NPROCESSORS_ONLN);
}

/*
 * How many workers a lane may hold: an eighth of them is not for any one lane, and what may take
 * long leaves some to the others together as well. Few workers are not divided; those that server.c
 * has to spare stay free.
 */
void
shim_lanes_limit(int threads)
{
	for (ShimLane *lane = shim_lanes; lane < shim_lanes + SHIM_LANES; lane++)
		lane->hold_limit = threads - threads / 8;
	/* the half of it is for those that arrive while fetch.c finds out who has to go */
	shim_network_lane.hold_limit = threads >= 32 ? threads / 2 : threads - threads / 8;
	if (threads >= 32)
	{
		shim_lanes[SHIM_SLOW].hold_limit = threads / 4;
		shim_lanes[SHIM_APPLICATION].hold_limit = threads * 5 / 8;
	}
}

void
shim_lane_init(ShimLane *lane)
{
	pthread_mutexattr_t spinning;

	pthread_mutexattr_init(&spinning);
	pthread_mutexattr_settype(&spinning, PTHREAD_MUTEX_ADAPTIVE_NP);
	pthread_mutex_init(&lane->lock, &spinning);
	pthread_mutexattr_destroy(&spinning);
}

void
shim_lanes_init(void)
{
	hash_seed = (uint32_t) shim_clock_us();
	started = shim_clock_ms();
	processors = shim_processors();
	for (ShimLane *lane = shim_lanes; lane < shim_lanes + SHIM_LANES; lane++)
		shim_lane_init(lane);
	shim_lane_init(&shim_network_lane);
}

ShimLaneId
shim_lane_named(ShimSlice name)
{
	for (int i = 0; i < SHIM_LANES; i++)
		if (shim_slice_is(name, shim_lanes[i].name))
			return (ShimLaneId) i;
	return SHIM_NO_LANE;
}

static struct timespec
as_timespec(int64_t ms)
{
	return (struct timespec) {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
}

/* The lane is locked. */
static void
unlink_job(ShimLane *lane, ShimJob *job)
{
	if (job->prev)
		job->prev->next = job->next;
	else
		lane->first = job->next;
	if (job->next)
		job->next->prev = job->prev;
	else
		lane->last = job->prev;
	job->queued = false;
	lane->depth--;
	lane->shares[job->share].waiting--;
}

/* The lane is locked. */
static void
link_job(ShimLane *lane, ShimJob *job)
{
	job->next = NULL;
	job->prev = lane->last;
	if (lane->last)
		lane->last->next = job;
	else
		lane->first = job;
	lane->last = job;
	job->queued = true;
	lane->depth++;
	lane->shares[job->share].waiting++;
}

/* A job begins (1) or ceases (-1) to hold a worker in this lane, which is locked. */
static void
hold(ShimLane *lane, int change)
{
	lane->held += change;
	atomic_fetch_add(&held, change);
	if (change < 0)
		atomic_store(&last_let_go, shim_clock_ms());
}

/* FNV-1a.  Two names may have the same hash, which nobody outside can foresee. */
uint32_t
shim_lane_hash(ShimSlice name)
{
	uint32_t	hash = 2166136261u ^ hash_seed;

	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (unsigned char) name.at[i]) * 16777619u;
	return hash ^ (hash >> 16);
}

/*
 * Whose requests these are, as a number that the lanes count by; what it is made of is not for the
 * lanes to know.  A share that two parties happen to have in common is smaller, and nothing worse.
 */
unsigned
shim_lane_share(ShimSlice name)
{
	return shim_lane_hash(name) % SHIM_SHARES;
}

/*
 * The lane is full, and locked. The job that came last of those who have most jobs waiting gives
 * way, if that is more than the newcomer's; the newcomer otherwise.
 */
static ShimJob *
choose_refused(ShimLane *lane, ShimJob *newcomer)
{
	ShimJob    *refused = newcomer;
	int			most = lane->shares[newcomer->share].waiting + 1;

	for (ShimJob *job = lane->last; job != NULL; job = job->prev)
		if (lane->shares[job->share].waiting > most)
		{
			most = lane->shares[job->share].waiting;
			refused = job;
		}
	return refused;
}

/* So many connections of a lane, or more, are busy, on the processors that the shim has too. */
static bool
are_busy_here(const ShimLane *lane, int n)
{
	return lane->busy > 0 && lane->busy >= n && atomic_load(&is_server_here);
}

/*
 * Requests of this lane compute for long, and leave a processor to those that wait and would be
 * answered soon; but for one that is stuck none is left. The lane is locked.
 */
static bool
leaves_room(const ShimLane *lane)
{
	int64_t		now = shim_clock_ms();
	int			limit = lane->is_shared_out ? STUCK_ALONE_AFTER : STUCK_AFTER;

	return lane->computes && are_busy_here(lane, processors - 1) && now - lane->newest <= limit &&
		now - atomic_load(&last_crowd) <= CROWDED_FOR;
}

/* More writing batches than processors would only be smaller, and wait for each other. */
static bool
are_enough(const ShimLane *lane)
{
	return !lane->read_only && !lane->computes && are_busy_here(lane, processors) &&
		shim_clock_ms() - lane->newest <= STUCK_AFTER;
}

/*
 * Until when what waits is left to a connection that is busy: one whose batch has just begun, or
 * any, while another one was run a moment ago; the lane is locked.
 */
static int64_t
left_until(const ShimLane *lane)
{
	int64_t		pause = lane->begun + PAUSE;
	int64_t		patience = lane->newest + lane->patience;

	return pause > patience ? pause : patience;
}

/*
 * A connection is busy, and what waits is left to it for now; the lane is locked. Between small
 * batches beside a long one there is a pause so, in which the server gets a processor for that if
 * it lost its own. Where requests may take long, none is waited for.
 */
static bool
is_busy_not_long(const ShimLane *lane)
{
	if (lane->busy == 0 || lane->is_shared_out)
		return false;
	if (lane->is_divided)
		return leaves_room(lane);
	return are_enough(lane) || shim_clock_ms() <= left_until(lane);
}

/* What waits is left to a connection that is busy and soon free. */
static bool
is_left_to_busy(const ShimLane *lane)
{
	return (lane->is_divided || lane->depth < lane->batch_limit) && is_busy_not_long(lane);
}

/* Jobs wait, and nobody who is awake will see to them in time; the lane is locked. */
static bool
has_to_wake(const ShimLane *lane)
{
	return lane->first != NULL && lane->sleepers != NULL &&
		(lane->watching == 0 || !is_left_to_busy(lane));
}

/* ---- connections that are free ---- */

/*
 * The connection may be woken: as the first one if it has worked, else as the last; the lane is
 * locked.
 */
static void
lie_down(ShimLane *lane, ShimSleeper *sleeper, bool has_worked)
{
	ShimSleeper **link = &lane->sleepers;

	while (!has_worked && *link != NULL)
		link = &(*link)->next;
	sleeper->next = *link;
	sleeper->is_called = false;
	*link = sleeper;
}

/* The connection is not to be woken any more; the lane is locked. */
static void
get_up(ShimLane *lane, ShimSleeper *sleeper)
{
	ShimSleeper **link = &lane->sleepers;

	if (sleeper->is_called)
		return;
	while (*link != sleeper)
		link = &(*link)->next;
	*link = sleeper->next;
}

/*
 * Wake the connection that worked last, for its session has most in the caches; the others are for
 * when that one is busy. The lane is locked, so that the sleeper is not gone meanwhile.
 */
static void
wake_one(ShimLane *lane)
{
	ShimSleeper *sleeper = lane->sleepers;

	if (sleeper == NULL)
		return;
	get_up(lane, sleeper);
	sleeper->is_called = true;
	pthread_cond_signal(&sleeper->called);
}

/* The lane is locked. */
static void
wake_all(ShimLane *lane)
{
	while (lane->sleepers != NULL)
		wake_one(lane);
}

/*
 * Returns the job that finds no place, this one or another; NULL for none. From here on the job
 * belongs to the caller that takes it, and one that is returned to the caller.
 */
ShimJob *
shim_lane_put(ShimLane *lane, ShimJob *job)
{
	ShimJob    *refused = NULL;

	pthread_mutex_lock(&lane->lock);
	if (lane->closing)
		refused = job;
	else if (lane->depth >= lane->queue_limit ||
			 (lane->is_shared_out && lane->held >= lane->hold_limit))
		refused = choose_refused(lane, job);
	if (refused != NULL && refused != job)
	{
		unlink_job(lane, refused);
		hold(lane, -1);
	}
	if (refused != job)
	{
		atomic_store(&job->since, shim_clock_ms());
		atomic_store(&job->lane, lane);
		link_job(lane, job);
		hold(lane, 1);
	}
	if (has_to_wake(lane))
		wake_one(lane);
	pthread_mutex_unlock(&lane->lock);
	if (lane->wake != NULL)
		lane->wake();
	return refused;
}

static bool
has_room(ShimLane *lane)
{
	bool		has;

	pthread_mutex_lock(&lane->lock);
	has = lane->held < lane->hold_limit;
	pthread_mutex_unlock(&lane->lock);
	return has && atomic_load(&held) < shim_options.threads;
}

/*
 * May a worker put its job into that lane? A job holds the worker of its connection, and no lane
 * may hold all of them: who only asks whether the shim lives must not wait. While the lanes answer,
 * room is waited for; it comes in milliseconds.
 */
bool
shim_lane_has_room(ShimLane *lane)
{
	const struct timespec pause = {.tv_nsec = 1000000L};
	int64_t		until = shim_clock_ms() + ROOM_PATIENCE;

	while (!has_room(lane))
	{
		int64_t		now = shim_clock_ms();

		if (now >= until || now - atomic_load(&last_let_go) > ROOM_PATIENCE)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

/*
 * Take the job back out of its queue, unless a connection has it already, or has moved it to
 * another lane.
 */
bool
shim_job_withdraw(ShimJob *job, bool only_if_nobody)
{
	ShimLane   *lane = atomic_load(&job->lane);
	bool		withdrawn;

	pthread_mutex_lock(&lane->lock);
	withdrawn = atomic_load(&job->lane) == lane && job->queued &&
		(!only_if_nobody || lane->live == 0);
	if (withdrawn)
	{
		unlink_job(lane, job);
		hold(lane, -1);
	}
	pthread_mutex_unlock(&lane->lock);
	return withdrawn;
}

/* Connections that would be free if one more were taken; the lane is locked. */
static int
free_after(const ShimLane *lane)
{
	return lane->live - lane->busy - 1;
}

/*
 * The last connection that is free is not for a function that has kept another one for a while: it
 * may be waiting for a lock that other functions do not need.
 */
static bool
is_stuck_elsewhere(const ShimLane *lane, const ShimJob *job)
{
	const ShimRun *run = &lane->runs[shim_route_function(job->route)];

	return lane->live > 1 && free_after(lane) <= 0 && run->batches > 0 &&
		shim_clock_ms() - run->since > STUCK_AFTER;
}

/*
 * In a lane that is shared out, the first job of those whose share has least under way; and who has
 * something under way already does not get the last connection that is free.
 */
static ShimJob *
choose_fairly(ShimLane *lane)
{
	bool		is_last = lane->live > 1 &&
		(free_after(lane) < lane->reserve || leaves_room(lane));
	ShimJob    *chosen = NULL;

	for (ShimJob *job = lane->first; job != NULL; job = job->next)
	{
		int			running = lane->shares[job->share].running;

		if (running > 0 && is_last)
			continue;
		if (chosen == NULL || running < lane->shares[chosen->share].running)
			chosen = job;
		if (running == 0)
			break;
	}
	return chosen;
}

/* The job that a connection takes next, NULL if none may be taken now; the lane is locked. */
static ShimJob *
choose_job(ShimLane *lane)
{
	if (lane->is_shared_out)
		return choose_fairly(lane);
	if (is_left_to_busy(lane))
		return NULL;
	for (ShimJob *job = lane->first; job != NULL; job = job->next)
		if (!is_stuck_elsewhere(lane, job))
			return job;
	return NULL;
}

/*
 * When a connection that is free looks up again: while another one is busy, to see whether that
 * takes long, and while jobs are left because others need the processor, whether they still do. The
 * lane is locked.
 */
static int64_t
look_up_at(const ShimLane *lane)
{
	if (leaves_room(lane) && (lane->is_divided || lane->first != NULL))
		return shim_clock_ms() + CROWDED_FOR;
	if (!is_busy_not_long(lane))
		return INT64_MAX;
	return are_enough(lane) ? shim_clock_ms() + CROWDED_FOR : left_until(lane) + 1;
}

/* Sleep until a job arrives, or until then; the lane is locked. */
static void
sleep_in(ShimLane *lane, ShimSleeper *sleeper, int64_t until)
{
	int64_t		at = lane->watching == 0 ? look_up_at(lane) : INT64_MAX;
	bool		watches = at < until;
	struct timespec end = as_timespec(watches ? at : until);

	if (sleeper->is_called)
		lie_down(lane, sleeper, true);
	lane->watching += watches;
	pthread_cond_clockwait(&sleeper->called, &lane->lock, CLOCK_MONOTONIC, &end);
	lane->watching -= watches;
}

/*
 * Wait for jobs that may be taken, at most ms; true when there are some. has_worked: since the last
 * time.
 */
bool
shim_lane_await(ShimLane *lane, int ms, bool has_worked)
{
	int64_t		until = shim_clock_ms() + ms;
	ShimSleeper sleeper = {.called = PTHREAD_COND_INITIALIZER};
	bool		some;

	pthread_mutex_lock(&lane->lock);
	lie_down(lane, &sleeper, has_worked);
	while (!(some = choose_job(lane) != NULL) && !lane->closing && shim_clock_ms() < until)
		sleep_in(lane, &sleeper, until);
	get_up(lane, &sleeper);
	pthread_mutex_unlock(&lane->lock);
	return some;
}

/* The batch of that job begins (1) or ends (-1); the lane is locked. */
static void
count_run(ShimLane *lane, const ShimJob *job, int change)
{
	ShimRun    *run = &lane->runs[shim_route_function(job->route)];

	lane->busy += change;
	run->batches += change;
	run->since = shim_clock_ms();
	if (change > 0)
	{
		lane->begun = lane->newest = run->since;
		lane->batches++;
	}
	else if (job->batch == lane->batches)
		lane->newest = 0;
}

/* How many jobs a connection takes at most: where they are divided, its part of those that wait. */
static int
part_of(const ShimLane *lane, int max)
{
	int			part = lane->live > 0 ? (lane->depth + lane->live - 1) / lane->live : max;

	return lane->is_divided && part < max ? part : max;
}

/* Take a job and those behind it that the same statement can run: their number, 0 for none. */
int
shim_lane_take(ShimLane *lane, ShimJob **jobs, int max)
{
	int			n = 0;
	ShimJob    *next;

	pthread_mutex_lock(&lane->lock);
	max = part_of(lane, max);
	for (ShimJob *job = choose_job(lane); job != NULL && n < max; job = next)
	{
		next = job->next;
		if (n > 0 && strcmp(job->route->stem, jobs[0]->route->stem) != 0)
			continue;
		unlink_job(lane, job);
		lane->shares[job->share].running++;
		job->batch = lane->batches + 1;
		jobs[n++] = job;
	}
	if (n > 0)
		count_run(lane, jobs[0], 1);
	/* what is left is for another connection */
	if (has_to_wake(lane))
		wake_one(lane);
	pthread_mutex_unlock(&lane->lock);
	return n;
}

/* The server is on this machine, or is not. */
void
shim_lanes_note_server(bool is_here)
{
	atomic_store(&is_server_here, is_here);
}

/* Several requests of this lane have been answered together, and so have waited for one another. */
void
shim_lane_note_crowd(const ShimLane *lane)
{
	if (!lane->computes && !lane->is_shared_out)
		atomic_store(&last_crowd, shim_clock_ms());
}

/*
 * A function has waited for a lock in vain, or has not: the next batch of it need not wait long to
 * find out the same.
 */
void
shim_lane_note_lock(ShimLane *lane, const ShimRoute *route, bool in_vain)
{
	atomic_store(&lane->runs[shim_route_function(route)].is_blocked, in_vain);
}

/* How long a batch of that function waits for a lock, in ms. */
int
shim_lane_lock_timeout(ShimLane *lane, const ShimRoute *route)
{
	return atomic_load(&lane->runs[shim_route_function(route)].is_blocked) ? BLOCKED_LOCK_TIMEOUT :
		lane->lock_timeout;
}

/* Jobs of a batch have been run, the last of it perhaps, and are about to be answered. */
void
shim_lane_done(ShimLane *lane, ShimJob **jobs, int n, bool is_last)
{
	pthread_mutex_lock(&lane->lock);
	if (is_last)
		count_run(lane, jobs[0], -1);
	for (int i = 0; i < n; i++)
		lane->shares[jobs[i]->share].running--;
	hold(lane, -n);
	/* what nobody could take may be taken now; elsewhere this connection does, if it lives */
	if (lane->first != NULL && (lane->is_shared_out || lane->live < lane->connections))
		wake_one(lane);
	pthread_mutex_unlock(&lane->lock);
}

/* A connection came to life (1) or was lost (-1). */
void
shim_lane_live(ShimLane *lane, int change)
{
	pthread_mutex_lock(&lane->lock);
	lane->live += change;
	/* what it would have taken is for another one */
	if (change < 0)
		wake_all(lane);
	pthread_mutex_unlock(&lane->lock);
}

/* Nothing more is taken. */
void
shim_lane_close(ShimLane *lane)
{
	pthread_mutex_lock(&lane->lock);
	lane->closing = true;
	wake_all(lane);
	pthread_mutex_unlock(&lane->lock);
}

bool
shim_lane_closing(ShimLane *lane)
{
	bool		closing;

	pthread_mutex_lock(&lane->lock);
	closing = lane->closing;
	pthread_mutex_unlock(&lane->lock);
	return closing;
}

/* The first connection of a lane is warmed up. */
void
shim_lane_begun(void)
{
	atomic_fetch_sub(&cold, 1);
}

/* The start was so long ago that what has not come since is not waited for. */
bool
shim_lanes_are_late(void)
{
	return shim_clock_left(started + LATE) == 0;
}

/*
 * At the start, has each lane a connection that is warmed up? The requests that come first wait for
 * no more than those, so nothing else takes the processors before.
 */
bool
shim_lanes_have_begun(void)
{
	return atomic_load(&cold) == 0 || shim_lanes_are_late();
}

bool
shim_lanes_ready(void)
{
	bool		ready = shim_lanes_have_begun();

	for (ShimLane *lane = shim_lanes; lane < shim_lanes + SHIM_LANES; lane++)
	{
		pthread_mutex_lock(&lane->lock);
		ready = ready && lane->live > 0;
		pthread_mutex_unlock(&lane->lock);
	}
	return ready;
}
