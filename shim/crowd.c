/*
 * crowd.c
 *	  Keep a worker free: a connection holds a worker thread, also while it is idle.
 *
 * When a new connection takes the last free worker, the connection that has been
 * idle longest is closed, as RFC 9112, section 9.5, allows at any time. One that lets
 * its request drip in, head or body, counts as idle after a while. Without this, as
 * many such connections as there are workers keep everybody else waiting.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

#include <sys/socket.h>

#define IDLE_PATIENCE_MS 50		/* the pause of a busy client between two requests is shorter */
#define REQUEST_PATIENCE_MS 1000	/* a head or a body that takes longer counts as idle */

static pthread_mutex_t crowd_lock = PTHREAD_MUTEX_INITIALIZER;
static ShimWire *crowd;
static atomic_int connected;

void
shim_crowd_join(ShimWire *wire)
{
	pthread_mutex_lock(&crowd_lock);
	wire->next = crowd;
	crowd = wire;
	pthread_mutex_unlock(&crowd_lock);
}

void
shim_crowd_quit(ShimWire *wire)
{
	ShimWire  **link = &crowd;

	pthread_mutex_lock(&crowd_lock);
	while (*link != wire)
		link = &(*link)->next;
	*link = wire->next;
	pthread_mutex_unlock(&crowd_lock);
}

int
shim_crowd_size(void)
{
	return atomic_load(&connected);
}

/* How long a connection has been of no use, in ms; -1 when it is in use. */
static int64_t
idle_time(ShimWire *wire, int64_t now)
{
	int64_t		idle;
	bool		useless;

	pthread_mutex_lock(&wire->lock);
	idle = now - wire->since;
	useless = (wire->state == SHIM_WIRE_IDLE && idle >= IDLE_PATIENCE_MS) ||
		((wire->state == SHIM_WIRE_HEAD || wire->state == SHIM_WIRE_BODY) &&
		 idle >= REQUEST_PATIENCE_MS);
	pthread_mutex_unlock(&wire->lock);
	return useless ? idle : -1;
}

/*
 * Wakes the worker with an end of file; the worker closes. What has arrived it reads first, and it
 * answers, for it may have been about to: on a busy machine a worker waits for a processor.
 */
static void
send_home(ShimWire *wire)
{
	pthread_mutex_lock(&wire->lock);
	if (wire->fd >= 0 && wire->state != SHIM_WIRE_BUSY)
		shutdown(wire->fd, SHUT_RD);
	pthread_mutex_unlock(&wire->lock);
}

/*
 * Where all workers are taken, end the connection that has been idle longest. Called
 * when a connection arrives, and a few times a second for those that could not yet be
 * called idle then.
 */
void
shim_crowd_make_room(void)
{
	int64_t		now = shim_clock_ms();
	int64_t		longest = -1;
	ShimWire   *idlest = NULL;

	if (atomic_load(&connected) < shim_options.threads)
		return;
	pthread_mutex_lock(&crowd_lock);
	for (ShimWire *wire = crowd; wire != NULL; wire = wire->next)
	{
		int64_t		idle = idle_time(wire, now);

		if (idle > longest)
		{
			longest = idle;
			idlest = wire;
		}
	}
	if (idlest != NULL)
		send_home(idlest);
	pthread_mutex_unlock(&crowd_lock);
}

/* A worker took a new connection. */
void
shim_crowd_arrived(void)
{
	atomic_fetch_add(&connected, 1);
	shim_crowd_make_room();
}

void
shim_crowd_departed(void)
{
	atomic_fetch_sub(&connected, 1);
}
