/*
 * lane.c
 *	  Queues between the HTTP workers and the database connections.
 *
 * A worker puts its job into a lane; a connection that is free takes the first job
 * and all others of the same function, up to the lane's limit. Nobody waits for a
 * batch to fill: it fills while connections are busy. A job that no connection takes
 * in time is withdrawn; once taken, it is always answered by the connection, which
 * has deadlines of its own.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

ShimLane	shim_lanes[SHIM_LANES] = {
	[SHIM_READING] = {.name = "reading", .connections = 1, .queue_limit = 1024,
	.wait_limit = 5000, .statement_timeout = 5000, .read_only = true},
	[SHIM_WRITING] = {.name = "writing", .connections = 1, .queue_limit = 1024},
	[SHIM_SLOW] = {.name = "slow", .connections = 2, .queue_limit = 256,
	.wait_limit = 15000, .statement_timeout = 15000},
};

void
shim_lanes_init(void)
{
	pthread_mutexattr_t spinning;
	pthread_condattr_t attr;

	pthread_mutexattr_init(&spinning);
	pthread_mutexattr_settype(&spinning, PTHREAD_MUTEX_ADAPTIVE_NP);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	for (ShimLane *lane = shim_lanes; lane < shim_lanes + SHIM_LANES; lane++)
	{
		pthread_mutex_init(&lane->lock, &spinning);
		pthread_cond_init(&lane->arrived, &attr);
	}
	pthread_condattr_destroy(&attr);
	pthread_mutexattr_destroy(&spinning);
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
}

/* False when the queue is full. From here on the job belongs to whoever takes it. */
bool
shim_lane_put(ShimLane *lane, ShimJob *job)
{
	bool		fits;
	bool		wake;

	pthread_mutex_lock(&lane->lock);
	fits = lane->depth < lane->queue_limit && !lane->closing;
	if (fits)
	{
		atomic_store(&job->since, shim_clock_ms());
		atomic_store(&job->lane, lane);
		job->next = NULL;
		job->prev = lane->last;
		if (lane->last)
			lane->last->next = job;
		else
			lane->first = job;
		lane->last = job;
		lane->depth++;
		job->queued = true;
	}
	wake = fits && lane->waiting > 0;
	pthread_mutex_unlock(&lane->lock);
	if (wake)
		pthread_cond_signal(&lane->arrived);
	return fits;
}

/* Take the job back out of its queue, unless a connection has it already, or has moved it to another lane. */
bool
shim_job_withdraw(ShimJob *job, bool only_if_nobody)
{
	ShimLane   *lane = atomic_load(&job->lane);
	bool		withdrawn;

	pthread_mutex_lock(&lane->lock);
	withdrawn = atomic_load(&job->lane) == lane && job->queued && (!only_if_nobody || lane->live == 0);
	if (withdrawn)
		unlink_job(lane, job);
	pthread_mutex_unlock(&lane->lock);
	return withdrawn;
}

/* Wait for jobs to arrive, at most ms; true when there are some. */
bool
shim_lane_await(ShimLane *lane, int ms)
{
	struct timespec until = as_timespec(shim_clock_ms() + ms);
	bool		some;

	pthread_mutex_lock(&lane->lock);
	lane->waiting++;
	while (lane->first == NULL && !lane->closing &&
		   pthread_cond_timedwait(&lane->arrived, &lane->lock, &until) == 0)
		;
	lane->waiting--;
	some = lane->first != NULL;
	pthread_mutex_unlock(&lane->lock);
	return some;
}

/* Take the first job and those behind it that the same statement can run: their number, 0 for none. */
int
shim_lane_take(ShimLane *lane, ShimJob **jobs, int max)
{
	int			n = 0;
	bool		wake;
	ShimJob    *next;

	pthread_mutex_lock(&lane->lock);
	for (ShimJob *job = lane->first; job != NULL && n < max; job = next)
	{
		next = job->next;
		if (n > 0 && strcmp(job->route->stem, jobs[0]->route->stem) != 0)
			continue;
		unlink_job(lane, job);
		jobs[n++] = job;
	}
	wake = lane->first != NULL && lane->waiting > 0;
	pthread_mutex_unlock(&lane->lock);
	/* what is left is for another connection */
	if (wake)
		pthread_cond_signal(&lane->arrived);
	return n;
}

/* A connection came to life (1) or was lost (-1). */
void
shim_lane_live(ShimLane *lane, int change)
{
	pthread_mutex_lock(&lane->lock);
	lane->live += change;
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

bool
shim_lanes_ready(void)
{
	bool		ready = true;

	for (ShimLane *lane = shim_lanes; lane < shim_lanes + SHIM_LANES; lane++)
	{
		pthread_mutex_lock(&lane->lock);
		ready = ready && lane->live > 0;
		pthread_mutex_unlock(&lane->lock);
	}
	return ready;
}
