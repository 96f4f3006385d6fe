/*
 * wire.c
 *	  The connection that a worker serves: what it receives, what it sends, and how it ends.
 *
 * The head of a request arrives here, within a size and a total time, and behind it what
 * is here of the body, or of the next request (body.c receives the rest of a body). Answers
 * leave here, also from the threads of the database connections.
 *
 * In this program recv() and poll() are those of guard.c, so this file asks the dynamic
 * linker for the C library's.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define FIRST_SIZE 2048			/* of the buffer for received bytes; most requests fit */
#define PIECE_ROOM 1024			/* behind a head, for pieces of a body in chunks */
#define LINGER_MS 1000			/* for a client to notice that it was refused */
#define LINGER_BYTES (1 << 20)

ssize_t		(*shim_libc_recv) (int, void *, size_t, int);
int			(*shim_libc_poll) (struct pollfd *, nfds_t, int);

/* Requests that have begun, and whose answers are not out yet. */
atomic_int	shim_in_flight;

/* Of a CivetWeb worker thread; NULL on all other threads. */
static _Thread_local ShimWire *my_wire;

/* Before any thread starts. dlsym, since under AddressSanitizer the next recv is not libc's. */
void
shim_wire_init(void)
{
	*(void **) &shim_libc_recv = dlsym(RTLD_NEXT, "recv");
	*(void **) &shim_libc_poll = dlsym(RTLD_NEXT, "poll");
	if (shim_libc_recv == NULL || shim_libc_poll == NULL)
		abort();
}

/* A worker thread begins. */
ShimWire *
shim_wire_enter(void)
{
	ShimWire   *wire = calloc(1, sizeof(*wire));

	if (wire == NULL)
		abort();
	pthread_mutex_init(&wire->lock, NULL);
	sem_init(&wire->answered, 0, 0);
	wire->fd = -1;
	my_wire = wire;
	shim_crowd_join(wire);
	return wire;
}

/* A worker thread ends. */
void
shim_wire_leave(ShimWire *wire)
{
	my_wire = NULL;
	shim_crowd_quit(wire);
	sem_destroy(&wire->answered);
	pthread_mutex_destroy(&wire->lock);
	free(wire);
}

/* The wire of this thread; NULL where it is no worker of CivetWeb. */
ShimWire *
shim_wire_mine(void)
{
	return my_wire;
}

/* The worker serves the connection of that socket, and the work on it has come to that point. */
void
shim_wire_attach(ShimWire *wire, ShimWireState state, int fd)
{
	pthread_mutex_lock(&wire->lock);
	if (wire->state != state)
		wire->since = shim_clock_ms();
	wire->state = state;
	wire->fd = fd;
	pthread_mutex_unlock(&wire->lock);
}

/* The connection is as it was, the work on its request has come to another point. */
void
shim_wire_state(ShimWire *wire, ShimWireState state)
{
	shim_wire_attach(wire, state, wire->fd);
}

/* Wait for input until the deadline. */
static bool
await_input(int fd, int64_t deadline)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int			ready;

	do
		ready = shim_libc_poll(&p, 1, shim_clock_left(deadline));
	while (ready < 0 && errno == EINTR);
	return ready > 0;
}

/*
 * Receive up to max bytes: their number, 0 at the deadline, -1 when the client is gone. Most often
 * they are here already.
 */
ssize_t
shim_wire_receive(const ShimWire *wire, char *at, size_t max, int64_t deadline)
{
	for (;;)
	{
		ssize_t		n = shim_libc_recv(wire->fd, at, max, MSG_DONTWAIT);

		if (n > 0)
			return n;
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			return -1;
		if (errno == EAGAIN && !await_input(wire->fd, deadline))
			return 0;
	}
}

/* Room for so many more bytes than have arrived. */
static bool
make_room(ShimWire *wire, size_t room)
{
	size_t		size = wire->size ? wire->size : FIRST_SIZE;
	char	   *bytes;

	while (size - wire->len < room)
		size *= 2;
	if (size == wire->size)
		return true;
	bytes = shim_grow(wire->bytes, wire->len, size);
	if (bytes == NULL)
		return false;
	wire->bytes = bytes;
	wire->size = size;
	return true;
}

/* Bytes of a head that have been received already; false when there is no memory for them. */
bool
shim_wire_take(ShimWire *wire, const char *bytes, size_t len)
{
	if (!make_room(wire, len))
		return false;
	memcpy(wire->bytes + wire->len, bytes, len);
	wire->len += len;
	return true;
}

static ShimFault
head_too_large(const ShimWire *wire)
{
	if (memchr(wire->bytes, '\n', wire->len) == NULL)
		return (ShimFault) {414, "the request target is too long"};
	return (ShimFault) {431, "the header fields are too large"};
}

/* Receive more of a head that is not whole: at most as much as a head may have. */
static ssize_t
receive_head(ShimWire *wire, int64_t deadline)
{
	size_t		room = wire->size - wire->len;
	size_t		allowed = shim_options.head_limit - wire->len;

	return shim_wire_receive(wire, wire->bytes + wire->len, room < allowed ? room : allowed,
							 deadline);
}

/*
 * Receive one head. False when the connection is gone before there was anything to
 * answer; otherwise the head is whole, or wire->fault says what is wrong with it.
 * The deadline is for all of it, so that a byte now and then does not prolong it.
 */
bool
shim_wire_head(ShimWire *wire)
{
	int64_t		deadline = shim_clock_ms() + shim_options.head_timeout;
	ssize_t		n;

	wire->fault = SHIM_NO_FAULT;
	for (;;)
	{
		ShimScan	scan = shim_head_scan(wire->bytes, wire->len, &wire->scanned, &wire->head_len);

		wire->request_len = wire->head_len;
		if (scan == SHIM_SCAN_BAD)
			wire->fault = (ShimFault) {400, "the request head is malformed"};
		else if (wire->head_len > shim_options.head_limit ||
				 (scan == SHIM_SCAN_MORE && wire->len >= shim_options.head_limit))
			wire->fault = head_too_large(wire);
		else if (!make_room(wire, scan == SHIM_SCAN_WHOLE ? PIECE_ROOM : 1))
			return false;
		if (scan == SHIM_SCAN_WHOLE || wire->fault.status != 0)
			return true;

		n = receive_head(wire, deadline);
		if (n < 0)
			return false;
		wire->len += (size_t) n;
		if (n == 0)
			wire->fault = (ShimFault) {408, "the request head took too long"};
		if (n == 0)
			return wire->len > 0;
	}
}

/* Send what the socket takes without waiting: how much, -1 when the client is gone. */
static ssize_t
send_some(int fd, const char *bytes, size_t len)
{
	size_t		sent = 0;

	while (sent < len)
	{
		ssize_t		n = send(fd, bytes + sent, len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0)
			sent += (size_t) n;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			break;
		else if (errno != EINTR)
			return -1;
	}
	return (ssize_t) sent;
}

/* Send all of it, waiting for a slow client within the time for a body. */
static bool
send_all(int fd, const char *bytes, size_t len)
{
	int64_t		deadline = shim_clock_ms() + shim_options.body_timeout;
	struct pollfd p = {.fd = fd, .events = POLLOUT};

	for (;;)
	{
		ssize_t		n = send_some(fd, bytes, len);

		if (n < 0 || (size_t) n == len)
			return n >= 0;
		bytes += n;
		len -= (size_t) n;
		if (shim_libc_poll(&p, 1, shim_clock_left(deadline)) <= 0 && shim_clock_left(deadline) == 0)
			return false;
	}
}

/*
 * Write an answer. The worker waits where the client is slow to read; another thread
 * leaves the rest to the worker, and wakes it by an end of file on its socket. False
 * when the client is gone: the connection is of no more use.
 */
bool
shim_wire_send(ShimWire *wire, const char *bytes, size_t len)
{
	ssize_t		n;
	bool		done;

	if (wire == my_wire)
		done = send_all(wire->fd, bytes, len);
	else
	{
		n = send_some(wire->fd, bytes, len);
		if (n >= 0 && (size_t) n < len)
		{
			shim_text_append(&wire->unsent, bytes + n, len - (size_t) n);
			shutdown(wire->fd, SHUT_RD);
		}
		done = n >= 0 && !wire->unsent.failed;
	}
	if (!done)
		shutdown(wire->fd, SHUT_RDWR);
	return done;
}

/* The rest of an answer that another thread began; false if there was none. */
bool
shim_wire_flush(ShimWire *wire)
{
	bool		some = wire->unsent.len > 0;

	if (some && !send_all(wire->fd, wire->unsent.data, wire->unsent.len))
		shutdown(wire->fd, SHUT_RDWR);
	shim_text_free(&wire->unsent);
	return some;
}

/*
 * The request has its answer. Bytes behind it begin the next one. unread: the connection
 * ends, with bytes outstanding that nobody will read.
 */
void
shim_wire_done(ShimWire *wire, bool unread)
{
	size_t		used = wire->request_len;

	wire->unread = unread;
	if (wire->body != NULL)
	{
		explicit_bzero(wire->body, wire->body_len);
		free(wire->body);
		wire->body = NULL;
		wire->body_len = 0;
	}
	if (unread || used > wire->len)
		used = wire->len;
	wire->len -= used;
	if (wire->len > 0)
		memmove(wire->bytes, wire->bytes + used, wire->len);
	if (used > 0)
		explicit_bzero(wire->bytes + wire->len, used);
	wire->scanned = 0;
	wire->head_len = wire->request_len = 0;
	wire->handed = NULL;
	shim_wire_state(wire, SHIM_WIRE_IDLE);
}

/*
 * Before CivetWeb closes a connection whose client may still be sending: closing now
 * would send a reset, which can overtake the answer that says why.
 */
void
shim_wire_linger(ShimWire *wire)
{
	int64_t		deadline = shim_clock_ms() + LINGER_MS;
	char		scrap[4096];
	ssize_t		n;
	size_t		total = 0;

	if (!wire->unread || wire->fd < 0)
		return;
	shutdown(wire->fd, SHUT_WR);
	while (total < LINGER_BYTES &&
		   (n = shim_wire_receive(wire, scrap, sizeof(scrap), deadline)) > 0)
		total += (size_t) n;
}

/* The connection ends: forget its bytes, and give back the memory. */
void
shim_wire_closed(ShimWire *wire)
{
	shim_wire_attach(wire, SHIM_WIRE_CLOSED, -1);
	if (wire->bytes != NULL)
		explicit_bzero(wire->bytes, wire->size);
	free(wire->bytes);
	wire->bytes = NULL;
	shim_text_free(&wire->job.text);
	shim_head_free(&wire->exchange.head);
	wire->len = wire->size = wire->scanned = wire->head_len = wire->request_len = 0;
	wire->unread = wire->is_kept = wire->sleeps = false;
	wire->moved.kind.route = NULL;
}
