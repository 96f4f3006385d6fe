/*
 * exchange.c
 *	  The way of a request through the lanes, and its end.
 *
 * A worker puts the request into a lane and goes on; the thread of the database
 * connection that runs it writes the answer. Between shim_lane_put and the post of
 * wire->answered the exchange belongs to that thread, unless the worker withdraws
 * the job, which only the lane's lock decides.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define NOBODY_LIMIT 1500		/* ms to wait for a lane that has no live connection */
#define LATER 1000				/* ms between looks after that */
#define MAX_TURNS 100			/* times that a request may queue again in a lane */
#define MAX_FETCHES 4			/* documents that a request may need, one after the other */

/* The request has its answer: forget its bytes. */
void
shim_exchange_end(ShimExchange *x)
{
	ShimWire   *wire = x->wire;

	shim_wire_done(wire, x->close && x->head.keep_alive);
	if (wire->unsent.len == 0)
		atomic_fetch_sub(&shim_in_flight, 1);
}

/* After the post everything is the worker's again. */
static void
hand_back(ShimWire *wire)
{
	shim_text_clear(&wire->job.text);
	shim_text_free(&wire->job.url);
	shim_exchange_end(&wire->exchange);
	sem_post(&wire->answered);
}

static void
reply_outcome(ShimExchange *x, ShimOutcome outcome)
{
	if (outcome == SHIM_OVERLOADED)
		shim_reply_fault(x, (ShimFault) {503, "too many requests are waiting"}, NULL);
	else if (outcome == SHIM_UNAVAILABLE)
		shim_reply_fault(x, (ShimFault) {503, "the database cannot answer now"}, NULL);
	else if (outcome == SHIM_READ_ONLY)
		shim_reply_fault(x, (ShimFault) {503, "this server only reads: ask the one that writes"},
						 NULL);
	else
		shim_reply_fault(x, (ShimFault) {500, "the request failed in the database"}, NULL);
}

/*
 * The job will have no answer of the database. Where there is no room the connection ends as well,
 * for it holds a worker; one that sleeps until the next request is woken.
 */
void
shim_exchange_fail(ShimJob *job, ShimOutcome outcome)
{
	ShimWire   *wire = job->wire;

	if (outcome == SHIM_OVERLOADED)
		wire->exchange.close = true;
	reply_outcome(&wire->exchange, outcome);
	if (outcome == SHIM_OVERLOADED && !wire->waits)
		shutdown(wire->fd, SHUT_RD);
	hand_back(wire);
}

/* The line of that name, whose value is all that is behind it; false if there is none. */
static bool
find_line(const ShimResponse *response, const char *name, ShimSlice *value)
{
	size_t		len = strlen(name);

	for (int i = 0; i < response->nlines; i++)
		if (shim_slice_starts_nocase(response->lines[i], name))
		{
			*value = (ShimSlice) {response->lines[i].at + len, response->lines[i].len - len};
			return true;
		}
	return false;
}

/*
 * Status 0 is no answer but the name of the lane where the function must run, and where it knows
 * that, a name for whose share of the lane the request is.
 */
static ShimLaneId
lane_wanted(const ShimResponse *response, ShimJob *job)
{
	ShimSlice	lane;
	ShimSlice	share;

	if (!find_line(response, "Lane: ", &lane))
		return SHIM_NO_LANE;
	if (find_line(response, "Share: ", &share))
		job->share = shim_lane_share(share);
	return shim_lane_named(lane);
}

/*
 * From reading to writing, or to slow and on to application, at the longest. The lane where it was
 * means that it was not its turn, or that what it needs has only now been made: it queues once
 * more, as often as that may happen by chance.
 */
static bool
may_move(ShimExchange *x, ShimLaneId lane)
{
	if (lane == SHIM_NO_LANE)
		return false;
	return lane == x->lane ? ++x->queued_again <= MAX_TURNS : ++x->asked < SHIM_LANES;
}

/* The first field of that name, or an empty slice. */
static ShimSlice
field_of(const ShimExchange *x, const char *name)
{
	const ShimField *field = shim_head_field(&x->head, name);

	return field ? field->value : (ShimSlice) {"", 0};
}

static uint32_t
credentials_of(const ShimExchange *x)
{
	return shim_lane_hash(field_of(x, "Authorization"));
}

/*
 * Where the next request of that kind had better begin: of the same scheme, where the function says
 * that the scheme decides, else of the same credentials. Without any nothing is known of the next.
 */
static void
remember_move(ShimExchange *x, ShimLaneId lane, bool is_of_scheme)
{
	if ((lane != SHIM_WRITING && lane != SHIM_SIGNING) || x->kind.scheme[0] == '\0')
		return;
	x->wire->moved = (ShimMove)
	{
		.kind = x->kind,
			.lane = lane,
			.is_of_credentials = !is_of_scheme,
			.credentials = credentials_of(x)
	};
}

static void
move_on(ShimJob *job, ShimLaneId lane, bool is_of_scheme)
{
	ShimExchange *x = &job->wire->exchange;
	ShimJob    *refused;

	if (!may_move(x, lane))
	{
		shim_log_about(x, "%s asked for a lane that it cannot have", x->route->stem);
		shim_exchange_fail(job, SHIM_FAILED);
		return;
	}
	remember_move(x, lane, is_of_scheme);
	x->lane = lane;
	refused = shim_lane_put(&shim_lanes[lane], job);
	if (refused != NULL)
		shim_exchange_fail(refused, SHIM_OVERLOADED);
}

/*
 * Status 0 with the URL of a document: the function cannot answer without it. It is fetched, with
 * no connection to the database held meanwhile, and then the function is asked again where it was.
 */
static void
wait_for_document(ShimJob *job, ShimSlice url)
{
	ShimExchange *x = &job->wire->exchange;
	ShimJob    *refused;

	shim_text_free(&job->url);
	shim_text_append(&job->url, url.at, url.len);
	if (++x->fetched > MAX_FETCHES || url.len == 0)
	{
		shim_log_about(x, "%s asked for more documents than it can have", x->route->stem);
		shim_exchange_fail(job, SHIM_FAILED);
		return;
	}
	refused = job->url.failed ? job : shim_lane_put(&shim_network_lane, job);
	if (refused != NULL)
		shim_exchange_fail(refused, SHIM_OVERLOADED);
}

/* Ask the function again where it was; the document is there, or it is known why it is not. */
void
shim_exchange_again(ShimJob *job)
{
	ShimJob    *refused = shim_lane_put(&shim_lanes[job->wire->exchange.lane], job);

	if (refused != NULL)
		shim_exchange_fail(refused, SHIM_OVERLOADED);
}

/* The database has answered the job in that row; false if that only moves it on. */
bool
shim_exchange_answer(ShimJob *job, const PGresult *result, int row)
{
	ShimResponse response;
	ShimSlice	url;
	ShimSlice	time;
	ShimSlice	kind;

	if (!shim_value_response(result, row, &response))
		response.status = -1;
	if (response.status == 0)
	{
		if (find_line(&response, "Fetch: ", &url))
			wait_for_document(job, url);
		else
			move_on(job, lane_wanted(&response, job), find_line(&response, "Kind: scheme", &kind));
		return false;
	}
	if (find_line(&response, "Shared: ", &time))
		shim_shared_keep(&job->wire->exchange, &response, time);
	shim_reply_response(&job->wire->exchange, &response);
	hand_back(job->wire);
	return true;
}

static ShimKind
kind_of(const ShimExchange *x)
{
	ShimKind	kind = {.route = x->route};
	ShimSlice	value = field_of(x, "Authorization");
	size_t		len = 0;

	while (len < value.len && len < sizeof(kind.scheme) - 1 && value.at[len] != ' ')
		len++;
	memcpy(kind.scheme, value.at, len);
	return kind;
}

/*
 * Where a request begins: OPTIONS, which is safe (RFC 9110, section 9.2.1), in the reading lane;
 * any other in its route's, or where the last of its kind on this connection ended up. A function
 * that only has to read, or that need not sign, does so there as well: a wrong guess costs nothing
 * but time.
 */
static ShimLaneId
first_lane(const ShimExchange *x)
{
	const ShimMove *moved = &x->wire->moved;

	if (shim_method_bit(x->head.method) == SHIM_OPTIONS)
		return SHIM_READING;
	if (moved->kind.route != x->kind.route ||
		strcasecmp(moved->kind.scheme, x->kind.scheme) != 0 ||
		(moved->is_of_credentials && moved->credentials != credentials_of(x)))
		return x->route->lane;
	return moved->lane;
}

/* There is no room for the request, which is in no lane: see shim_exchange_fail. */
static void
refuse_request(ShimExchange *x, ShimOutcome outcome)
{
	x->close = true;
	reply_outcome(x, outcome);
	shim_text_clear(&x->wire->job.text);
}

/*
 * Whose a request is as long as nobody knows better: the peer's. Of IPv6 one peer has a network of
 * 64 bits (RFC 6177).
 */
static unsigned
share_of_peer(const struct in6_addr *address)
{
	size_t		len = IN6_IS_ADDR_V4MAPPED(address) ? sizeof(address->s6_addr) : 8;

	return shim_lane_share((ShimSlice) {(const char *) address->s6_addr, len});
}

/*
 * Put the request into its first lane, unless another one has just got the same answer. Its share
 * is the peer's, until a function knows better.
 */
void
shim_exchange_ask(ShimExchange *x)
{
	ShimWire   *wire = x->wire;
	ShimJob    *job = &wire->job;
	ShimJob    *refused;

	if (shim_shared_answer(x))
		return;
	job->wire = wire;
	job->route = x->route;
	job->share = share_of_peer(&x->request.address);
	x->kind = kind_of(x);
	x->lane = first_lane(x);
	/* the connection ends with the answer, or the next request has begun to arrive */
	wire->waits = x->close || wire->len > wire->request_len;
	shim_value_request(&job->text, &x->request);
	if (job->text.failed || !shim_lane_has_room(&shim_lanes[x->lane]))
	{
		refuse_request(x, job->text.failed ? SHIM_UNAVAILABLE : SHIM_OVERLOADED);
		return;
	}
	wire->pending = true;
	refused = shim_lane_put(&shim_lanes[x->lane], job);
	wire->pending = refused != job;
	if (refused == job)
		refuse_request(x, SHIM_OVERLOADED);
	else if (refused != NULL)
		shim_exchange_fail(refused, SHIM_OVERLOADED);
}

static bool
await_answer(ShimWire *wire, int64_t deadline)
{
	struct timespec until = {.tv_sec = deadline / 1000, .tv_nsec = deadline % 1000 * 1000000};

	while (sem_clockwait(&wire->answered, CLOCK_MONOTONIC, &until) != 0)
		if (errno == ETIMEDOUT)
			return false;
	return true;
}

/*
 * The shortest time after which anything can be wrong: the job may move to another lane meanwhile.
 */
static int
first_look(void)
{
	int			first = NOBODY_LIMIT;

	for (int i = 0; i < SHIM_LANES; i++)
		if (shim_lanes[i].wait_limit < first)
			first = shim_lanes[i].wait_limit;
	return first;
}

/*
 * When to look after the job next: it waits a while for a lane without connections, longer for a
 * busy one.
 */
static int64_t
next_look(const ShimJob *job)
{
	int64_t		now = shim_clock_ms();
	int64_t		since = atomic_load(&job->since);
	int64_t		first = since + first_look();
	int64_t		limit = since + atomic_load(&job->lane)->wait_limit;

	if (now < first)
		return first;
	return now < limit ? limit : now + LATER;
}

/* How long a pending request may be left to itself, in ms. */
int
shim_exchange_patience(const ShimWire *wire)
{
	return shim_clock_left(next_look(&wire->job));
}

/* Take a job back that has waited too long where it is; it gets its 503 here. */
static void
look_after(ShimJob *job)
{
	int64_t		waited = shim_clock_ms() - atomic_load(&job->since);
	bool		is_late = waited >= atomic_load(&job->lane)->wait_limit;

	if ((is_late || waited >= NOBODY_LIMIT) && shim_job_withdraw(job, !is_late))
		shim_exchange_fail(job, SHIM_UNAVAILABLE);
}

/*
 * Wait for the answer of a request that is pending, or withdraw it. The wire is the worker's
 * afterwards.
 */
void
shim_exchange_settle(ShimWire *wire)
{
	if (!wire->pending)
		return;
	while (sem_trywait(&wire->answered) != 0)
	{
		look_after(&wire->job);
		if (await_answer(wire, next_look(&wire->job)))
			break;
	}
	wire->pending = false;
	if (shim_wire_flush(wire))
		atomic_fetch_sub(&shim_in_flight, 1);
}
