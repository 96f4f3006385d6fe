/*
 * network.c
 *	  The thread that asks other servers, for all requests and messages, and has a connection to the
 *	  database of its own for what it fetches (fetch.c) and sends (deliver.c).
 *
 * It waits for the network, never for one server: all transfers go on at the same time. Readiness
 * does not depend on it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STACK_SIZE (1024 * 1024)
#define CONNECT_EVERY 1000		/* ms */

static pthread_t thread;
static bool is_started;

static void
connect_again(ShimConnection *c)
{
	static int64_t next;

	if (!shim_lanes_have_begun() || shim_clock_left(next) > 0 || shim_lane_closing(c->lane))
		return;
	next = shim_clock_ms() + CONNECT_EVERY;
	if (shim_connection_open(c) &&
		!shim_connection_listen(c, "LISTEN oauth_delivery; LISTEN oauth_changed"))
		shim_connection_close(c);
}

/* Take what the database has told meanwhile; a connection that is gone is closed. */
static void
look_at_connection(ShimConnection *c)
{
	if (c->pg != NULL && !shim_connection_alive(c))
	{
		shim_log_error("network: the server closed the connection");
		shim_connection_close(c);
	}
	if (c->pg == NULL)
		connect_again(c);
	if (c->has_messages)
		shim_deliver_told();
	c->has_messages = false;
}

static int
patience(const ShimConnection *c)
{
	int			fetching = shim_fetch_patience();
	int			delivering = shim_deliver_patience();

	if (c->pg == NULL)
		return 100;
	return fetching < delivering ? fetching : delivering;
}

/* To the end of what is under way. */
static void *
work(void *arg)
{
	ShimConnection *c = arg;

	while (!shim_lane_closing(c->lane) || shim_transfers_active() > 0)
	{
		look_at_connection(c);
		if (c->pg != NULL)
			shim_fetch_work(c);
		if (c->pg != NULL)
			shim_deliver_work(c);
		if (c->pg == NULL)
			shim_fetch_lost();
		shim_transfers_wait(c->pg ? PQsocket(c->pg) : -1, patience(c));
		shim_transfers_run();
	}
	if (c->pg != NULL)
		shim_deliver_work(c);
	shim_connection_close(c);
	free(c);
	return NULL;
}

bool
shim_network_start(void)
{
	ShimConnection *c = calloc(1, sizeof(*c));
	pthread_attr_t attr;

	if (c == NULL)
		return false;
	c->lane = &shim_network_lane;
	shim_network_lane.wake = shim_transfers_wake;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	is_started = pthread_create(&thread, &attr, work, c) == 0;
	pthread_attr_destroy(&attr);
	return is_started;
}

/* What is under way is finished, if that takes no longer. */
void
shim_network_stop(int64_t deadline)
{
	struct timespec until = {.tv_sec = deadline / 1000, .tv_nsec = deadline % 1000 * 1000000};

	shim_deliver_stop();
	shim_lane_close(&shim_network_lane);
	shim_transfers_wake();
	if (is_started)
		(void) pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &until);
}
