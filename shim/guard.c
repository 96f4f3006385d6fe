/*
 * guard.c
 *	  Stand between the socket and CivetWeb: it parses none of a client's bytes.
 *
 * CivetWeb's parser is not safe to show a client's bytes to: after leading blank
 * lines it reads on into what an earlier connection left in the thread's buffer,
 * it takes the first of two Content-Lengths, drops the fields after the 64th or
 * after a folded line, and waits for slow bodies without end. Its parser and ours
 * could also disagree about where a request ends, which is how requests are
 * smuggled. So there is one parser, ours:
 *
 * The executable defines recv() and poll(), and the dynamic linker gives them to
 * libcivetweb in place of the C library's. On a worker thread, recv() has wire.c
 * receive the head of a request, and hands CivetWeb a stand-in: always the same
 * few bytes. CivetWeb calls begin_request for it, and server.c works on the real
 * bytes. What remains CivetWeb's is to accept, to schedule and to close.
 *
 * All other threads (libpq's) get the C library's functions unchanged.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#define SLEEP_MS 1000			/* that recv() sleeps */
#define EARLY_SIZE 2048			/* bytes it takes then; most heads fit */

static const char stand_in[] = "GET /stand-in HTTP/1.1\r\n\r\n";

/*
 * What libcivetweb finds when it looks for recv and poll. Under names of their own here,
 * since the C library's headers attach promises to theirs that these do not keep.
 */
extern ssize_t shim_guard_recv(int fd, void *buf, size_t size, int flags) __asm__("recv");
extern int	shim_guard_poll(struct pollfd *fds, nfds_t nfds, int timeout) __asm__("poll");

/* recv() of a worker thread: the client's head stays here, CivetWeb gets the stand-in. */
static ssize_t
hand_over(ShimWire *wire, int fd, void *buf, size_t size)
{
	size_t		len = sizeof(stand_in) - 1;

	shim_exchange_settle(wire);
	/* inside a request CivetWeb has nothing to read: the stand-in has no body */
	if (wire->state == SHIM_WIRE_BUSY || size < len)
	{
		errno = ECONNRESET;
		return -1;
	}
	shim_wire_attach(wire, SHIM_WIRE_HEAD, fd);
	wire->begun = shim_clock_us();
	if (!shim_wire_head(wire))
		return 0;
	shim_wire_attach(wire, SHIM_WIRE_BUSY, fd);
	memset(buf, 0, size);
	memcpy(buf, stand_in, len);
	wire->handed = buf;
	wire->is_kept = true;
	return (ssize_t) len;
}

ssize_t
shim_guard_recv(int fd, void *buf, size_t size, int flags)
{
	ShimWire   *wire = shim_wire_mine();

	if (wire == NULL)
		return shim_libc_recv(fd, buf, size, flags);
	return hand_over(wire, fd, buf, size);
}

/* From now on recv() sleeps on that socket until there is something, or SLEEP_MS have passed. */
static bool
let_sleep(ShimWire *wire, int fd)
{
	struct timeval limit = {.tv_sec = SLEEP_MS / 1000, .tv_usec = SLEEP_MS % 1000 * 1000};
	int			flags = fcntl(fd, F_GETFL);

	wire->sleeps = flags >= 0 &&
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0 &&
		fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == 0;
	return wire->sleeps;
}

/*
 * Wait for a request, as poll() does. On a connection that has brought one before, the wait is for
 * its bytes themselves: one system call in the place of two. The wire may be another thread's until
 * they have come, so they are received beside it.
 */
static int
await_request(ShimWire *wire, struct pollfd *fds, int timeout)
{
	char		early[EARLY_SIZE];
	ssize_t		n;
	bool		taken;

	if (!wire->is_kept || timeout < SLEEP_MS || shim_options.head_limit < sizeof(early) ||
		(!wire->sleeps && !let_sleep(wire, fds->fd)))
		return shim_libc_poll(fds, 1, timeout);
	n = shim_libc_recv(fds->fd, early, sizeof(early), 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return shim_libc_poll(fds, 1, timeout - SLEEP_MS);
	shim_exchange_settle(wire);
	taken = n <= 0 || shim_wire_take(wire, early, (size_t) n);
	if (n > 0)
		explicit_bzero(early, (size_t) n);
	fds->revents = POLLIN;
	return taken ? 1 : -1;
}

/*
 * CivetWeb waits here for a request. Bytes of a pipelined one may be here already,
 * and the crowd learns which connection is idle. The answer to the last one may still
 * be on its way, from another thread.
 */
int
shim_guard_poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	ShimWire   *wire = shim_wire_mine();
	int			ready = 0;

	if (wire == NULL || nfds != 1 || !(fds->events & POLLIN))
		return shim_libc_poll(fds, nfds, timeout);
	if (wire->pending)
	{
		int			patience = shim_exchange_patience(wire);

		ready = await_request(wire, fds, timeout < patience ? timeout : patience);
		shim_exchange_settle(wire);
	}
	if (ready != 0)
		return ready;
	if (wire->len > 0)
	{
		fds->revents = POLLIN;
		return 1;
	}
	shim_wire_attach(wire, SHIM_WIRE_IDLE, fds->fd);
	return await_request(wire, fds, timeout);
}

/*
 * Is the request that CivetWeb announces the stand-in we handed it, at the very
 * byte where we put it? If not, recv() above is not in its place (another build of
 * the library, another linkage), and nothing may be served. The second line alone
 * stops the stale-buffer read, for there the request begins further up.
 */
bool
shim_guard_vouches(const ShimWire *wire, const struct mg_request_info *seen)
{
	return wire != NULL && wire->state == SHIM_WIRE_BUSY &&
		seen->request_method == wire->handed &&
		strcmp(seen->request_uri, "/stand-in") == 0 && seen->num_headers == 0;
}
