/*
 * main.c
 *	  oauth-shim: serve the SQL functions of the oauth extension over HTTP.
 *
 * Transport only: it knows paths, methods and lanes, and nothing of OAuth.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TICK 100				/* ms between writes of the access log and looks at the crowd */

/*
 * libpq and libcurl bring GnuTLS along, for LDAP and RTMP, which nobody uses here; it is not to
 * make itself ready when the program starts, which takes a megabyte. What needs it all the same
 * does that then. GnuTLS asks this function.
 */
extern int	_gnutls_global_init_skip(void);

int
_gnutls_global_init_skip(void)
{
	return 1;
}

/* The main thread waits for the signals; all others, which inherit the mask, never see one. */
static void
block_signals(sigset_t *signals)
{
	sigemptyset(signals);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, SIGINT);
	sigaddset(signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, signals, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int
next_signal(const sigset_t *signals, int ms)
{
	struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

	return sigtimedwait(signals, NULL, &wait);
}

static void
serve_until_stopped(const sigset_t *signals)
{
	for (;;)
	{
		int			signo = next_signal(signals, TICK);

		if (signo == SIGTERM || signo == SIGINT)
			return;
		if (signo == SIGHUP)
			shim_log_reopen();
		shim_log_flush();
		shim_crowd_make_room();
	}
}

/*
 * Finish what was accepted; new requests get 503 meanwhile. mg_stop is not called: it
 * refuses to write the answers that are under way, and all it would free ends with the
 * process.
 */
static void
drain(void)
{
	int64_t		deadline = shim_clock_ms() + shim_options.stop_timeout;
	const struct timespec pause = {.tv_nsec = 5000000L};

	atomic_store(&shim_draining, true);
	shim_deliver_stop();
	while (atomic_load(&shim_in_flight) > 0 && shim_clock_left(deadline) > 0)
		nanosleep(&pause, NULL);
	if (atomic_load(&shim_in_flight) > 0)
		shim_log_error("stopping with %d requests unanswered", atomic_load(&shim_in_flight));
	shim_network_stop(deadline);
	shim_db_stop();
	shim_log_flush();
}

int
main(int argc, char **argv)
{
	sigset_t	signals;

	/* 256 threads with an arena each would hold many times the memory they use */
	mallopt(M_ARENA_MAX, 2);
	shim_wire_init();
	shim_lanes_init();
	shim_metrics_init();
	if (!shim_transfers_init())
	{
		shim_log_error("no eventfd can be had");
		return 1;
	}
	shim_options_read(argc, argv);
	block_signals(&signals);
	if (!shim_log_open())
	{
		shim_log_error("cannot open %s: %s", shim_options.access_log, strerror(errno));
		return 1;
	}
	if (!shim_db_start() || !shim_watch_start() || !shim_network_start() || !shim_server_start())
	{
		shim_log_error("cannot serve on %s", shim_options.listen);
		return 1;
	}
	shim_log_info("version " SHIM_VERSION " serves on %s", shim_options.listen);
	serve_until_stopped(&signals);
	drain();
	/* workers may still hold idle connections: exit handlers must not run beside them */
	_exit(0);
}
