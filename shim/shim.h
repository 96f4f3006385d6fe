/*
 * shim.h
 *	  The words that the files of the HTTP shim share.
 *
 * In the order a request takes: guard.c keeps its bytes from CivetWeb, wire.c receives
 * its head, head.c parses that, server.c walks the request through the checks, routes.c
 * says where it goes, body.c and chunks.c receive its body, request.c makes the request
 * value, value.c writes it as SQL reads it, exchange.c puts it into a lane and takes the
 * answer, lane.c queues it, db.c runs it in a batch, reply.c writes the answer, wire.c
 * sends it. Where no function answers, own.c does; where one has answered the same a moment
 * ago, shared.c does. Where a function needs a document of
 * another server, network.c has it fetched, and exchange.c asks the function again.
 *
 * The functions are declared from the ground up: a file uses those of the files before it
 * only (.ci/floors).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef SHIM_H
#define SHIM_H

/* RTLD_NEXT, sem_clockwait and the like; so this header comes before all others */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <civetweb.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

#ifndef SHIM_VERSION
#define SHIM_VERSION "0.1.0"
#endif

/* Bytes that belong to someone else, not terminated. */
typedef struct ShimSlice
{
	const char *at;
	size_t		len;
} ShimSlice;

/* In the place of an initial value: a literal as a slice. */
#define SHIM_SLICE(literal) {literal, sizeof(literal) - 1}

/*
 * Each request is compared with some hundred names. Here, and not in text.c, so that the compiler
 * knows the length of a literal: most comparisons are one of lengths then.
 */
static inline ShimSlice
shim_slice(const char *string)
{
	return (ShimSlice) {string, strlen(string)};
}

static inline bool
shim_slice_is(ShimSlice slice, const char *string)
{
	return slice.len == strlen(string) && memcmp(slice.at, string, slice.len) == 0;
}

/* Header names and their keywords are ASCII; the C locale's strncasecmp is the right one. */
static inline bool
shim_slice_equals_nocase(ShimSlice slice, ShimSlice other)
{
	return slice.len == other.len && strncasecmp(slice.at, other.at, slice.len) == 0;
}

static inline bool
shim_slice_is_nocase(ShimSlice slice, const char *string)
{
	return shim_slice_equals_nocase(slice, shim_slice(string));
}

static inline bool
shim_slice_starts_nocase(ShimSlice slice, const char *prefix)
{
	size_t		len = strlen(prefix);

	return slice.len >= len && strncasecmp(slice.at, prefix, len) == 0;
}

/* A text that grows; after an allocation failed, failed stays set and appending does nothing. */
typedef struct ShimText
{
	char	   *data;
	size_t		len;
	size_t		size;
	bool		failed;
} ShimText;

/* Why a request is refused: status 0 is "it is not". why is ours, never a client's bytes. */
typedef struct ShimFault
{
	int			status;
	const char *why;
} ShimFault;

#define SHIM_NO_FAULT ((ShimFault) {0, NULL})

/*
 * Lanes
 */
typedef enum ShimLaneId
{
	SHIM_READING,
	SHIM_WRITING,
	SHIM_SIGNING,
	SHIM_SLOW,
	SHIM_APPLICATION,
	SHIM_LANES,
	SHIM_NO_LANE = SHIM_LANES
} ShimLaneId;

/*
 * Methods, as bits of a mask
 */
enum
{
	SHIM_GET = 1 << 0,
	SHIM_HEAD = 1 << 1,
	SHIM_POST = 1 << 2,
	SHIM_PUT = 1 << 3,
	SHIM_PATCH = 1 << 4,
	SHIM_DELETE = 1 << 5,
	SHIM_OPTIONS = 1 << 6,
	SHIM_ANY = (1 << 7) - 1
};

#define SHIM_MAX_ROUTES 64
#define SHIM_MAX_FIELDS 64		/* header fields of a request, more is 431 */
#define SHIM_OWN_FIELDS 4		/* Host, two of the client's certificate, the request's id */
#define SHIM_REQUEST_ID "X-Request-Id"
#define SHIM_MAX_REQUEST_ID 128
#define SHIM_METHOD_NAMES 64	/* room for the names of all methods in an Allow field */

/* A header field: the name as received, the value without the space around it. */
typedef struct ShimField
{
	ShimSlice	name;
	ShimSlice	value;
} ShimField;

/* The head of a request, as slices of the bytes received. */
typedef struct ShimHead
{
	ShimSlice	method;
	ShimSlice	target;			/* origin-form: path and query, or "*" */
	ShimSlice	path;
	ShimSlice	host;			/* Host field, or the authority of an absolute target */
	int			minor;			/* HTTP/1.minor */
	bool		keep_alive;
	bool		expects_continue;
	bool		expects_other;
	bool		has_length;
	bool		is_chunked;		/* then content_length is 0 */
	size_t		content_length;
	int			nfields;

	/* kept from one request of a connection to the next */
	ShimField  *fields;
	int			room;			/* for so many */
} ShimHead;

/*
 * What the shim answers by itself (own.c)
 */
typedef enum ShimOwn
{
	SHIM_NOT_OWN,
	SHIM_OWN_FRONT_DOOR,
	SHIM_OWN_TO_PEOPLE,
	SHIM_OWN_NOTHING,
	SHIM_OWN_HEALTHZ,
	SHIM_OWN_READYZ,
	SHIM_OWN_METRICS,
	SHIM_OWN_LAST = SHIM_OWN_METRICS
} ShimOwn;

/* A row of the route table. */
typedef struct ShimRoute
{
	const char *path;
	bool		prefix;			/* also everything below path */
	unsigned	methods;
	const char *stem;			/* the SQL function is oauth.<stem>, or NULL */
	ShimLaneId	lane;			/* where the request begins */
	ShimOwn		own;			/* without a function, what the shim answers by itself */
} ShimRoute;

/* What requests of one kind have in common: the route, and the scheme of Authorization. */
typedef struct ShimKind
{
	const ShimRoute *route;		/* NULL: no kind */
	char		scheme[16];		/* "" without Authorization */
} ShimKind;

/* Where the last request of a connection ended up that did not stay in its first lane. */
typedef struct ShimMove
{
	ShimKind	kind;
	ShimLaneId	lane;
	bool		is_of_credentials;	/* it tells of requests with the same Authorization only */
	uint32_t	credentials;	/* a hash of that field */
} ShimMove;

typedef enum ShimOutcome
{
	SHIM_FAILED,				/* the database refused the request */
	SHIM_UNAVAILABLE,			/* nobody can answer now, or nobody knows what happened */
	SHIM_READ_ONLY,				/* this database only reads */
	SHIM_OVERLOADED				/* there is no room in the lane */
} ShimOutcome;

/* A request on its way through a lane. The lane's lock guards all but route, text and wire. */
typedef struct ShimJob
{
	struct ShimJob *next;
	struct ShimJob *prev;
	const ShimRoute *route;
	ShimText	text;			/* array element, to be joined to others; the worker's memory */
	ShimText	url;			/* of the document that it waits for; likewise */
	struct ShimWire *wire;
				_Atomic(struct ShimLane *) lane;	/* where it was put last */
	atomic_llong since;			/* and when, in ms */
	bool		queued;
	unsigned	share;			/* of whom it is; fixed while it is in a lane */
	unsigned long batch;		/* of the lane's, which takes it */
} ShimJob;

#define SHIM_SHARES 1024

/* What the jobs of one share are up to in a lane. */
typedef struct ShimShare
{
	int			waiting;
	int			running;
} ShimShare;

/* What a function is up to in a lane. */
typedef struct ShimRun
{
	int			batches;		/* under way */
	int64_t		since;			/* the last of them began or ended, in ms */
	atomic_bool is_blocked;		/* the last waited for a lock in vain */
} ShimRun;

/* A connection that is free. */
typedef struct ShimSleeper
{
	pthread_cond_t called;
	bool		is_called;		/* and no longer among the sleepers */
	struct ShimSleeper *next;
} ShimSleeper;

/* A lane: a queue and the connections that serve it. */
typedef struct ShimLane
{
	const char *name;
	pthread_mutex_t lock;
	ShimSleeper *sleepers;		/* connections that are free; who worked last is the first */
	ShimJob    *first;
	ShimJob    *last;
	int			depth;
	int			live;			/* connections that can take jobs */
	int			watching;		/* of these, who wakes up if a busy one takes long */
	int64_t		begun;			/* when the last batch did, in ms */
	int64_t		newest;			/* the same; 0 when that one is over */
	unsigned long batches;		/* so far */
	void		(*wake) (void); /* who else sleeps until then; NULL: nobody */
	int			busy;			/* connections that run a batch */
	int			held;			/* workers whose job waits or is run here */
	ShimShare	shares[SHIM_SHARES];
	ShimRun		runs[SHIM_MAX_ROUTES];	/* by shim_route_function */
	bool		closing;

	/* settings */
	int			connections;
	int			batch_limit;
	int			queue_limit;
	int			wait_limit;		/* ms a job may wait for a connection */
	int			statement_timeout;	/* ms */
	int			lock_timeout;	/* ms */
	int			patience;		/* ms since a batch began, in which others wait for its end */
	int			hold_limit;		/* workers */
	int			reserve;		/* connections that are only for who has none */
	bool		is_divided;		/* a batch has no more than the connection's part of what waits */
	bool		is_shared_out;
	bool		computes;		/* a request takes a processor for long */
	bool		read_only;
} ShimLane;

/* The request value that the SQL function gets. */
typedef struct ShimRequest
{
	ShimSlice	method;
	ShimSlice	target;
	ShimSlice	body;
	const char *scheme;
	bool		is_of_proxy;	/* of one that is trusted */
	struct in6_addr address;	/* of the peer, IPv4 as ::ffff:a.b.c.d */
	char		peer[INET6_ADDRSTRLEN]; /* the same as text */
	const ShimHead *head;
	ShimField	own[SHIM_OWN_FIELDS];	/* that are not as the client sent them */
	int			nown;
	int			nfields;		/* that SQL sees; shim_request_field() */
	unsigned char fields[SHIM_MAX_FIELDS + SHIM_OWN_FIELDS];	/* a place among those of the head,
																 * or, behind that, our own */
} ShimRequest;

/* The response value that came back: slices of a PGresult. */
typedef struct ShimResponse
{
	int			status;
	ShimSlice	lines[SHIM_MAX_FIELDS];
	int			nlines;
	ShimSlice	body;
} ShimResponse;

/* One request and its answer, from the first check to the access log. */
typedef struct ShimExchange
{
	struct ShimWire *wire;
	const ShimRoute *route;
	char		id[SHIM_MAX_REQUEST_ID + 1];	/* of the request */
	ShimKind	kind;
	ShimLaneId	lane;			/* that answered */
	int			asked;			/* lanes so far */
	int			queued_again;	/* in the same lane, so far */
	int			fetched;		/* documents so far */
	unsigned long changes;		/* that the database had told of before (shared.c) */
	bool		close;			/* the connection ends with this answer */
	int			status;
	size_t		sent;			/* bytes of the answer's body */

	/* not cleared for each request: the memory of its header fields; see server.c */
	ShimHead	head;
	ShimRequest request;
} ShimExchange;

/*
 * What one worker thread knows of the connection it serves. lock guards fd,
 * state and since, which another thread reads when it looks for a connection to
 * close. Everything else belongs to the worker; but while pending is set, to the
 * thread of the database connection that will answer, until it posts answered.
 */
typedef enum ShimWireState
{
	SHIM_WIRE_CLOSED,
	SHIM_WIRE_IDLE,				/* waits for the first byte of a request */
	SHIM_WIRE_HEAD,				/* receives the head */
	SHIM_WIRE_BODY,				/* receives the body */
	SHIM_WIRE_BUSY				/* a request is being answered */
} ShimWireState;

#define SHIM_ID_BYTES 10		/* of a request's id: a letter or digit for each five bits */

/* Random bytes for the ids of requests, of which some are left; see request_id.c. */
typedef struct ShimDrawn
{
	unsigned char bytes[16 * SHIM_ID_BYTES];
	size_t		left;
} ShimDrawn;

typedef struct ShimWire
{
	pthread_mutex_t lock;
	ShimWireState state;
	int			fd;
	int64_t		since;			/* of the state, in ms */

	char	   *bytes;			/* received and not yet finished with */
	size_t		len;
	size_t		size;
	size_t		scanned;		/* of len, what the search for the end of the head has seen */
	size_t		head_len;
	size_t		request_len;	/* of bytes, what is the request's; may be more than len */
	int64_t		begun;			/* first byte of the request, in us */
	ShimFault	fault;			/* the head did not arrive whole and well */
	const char *handed;			/* where CivetWeb's buffer got the stand-in request */
	char	   *body;			/* when it did not fit into bytes */
	size_t		body_len;		/* what has arrived of it */
	bool		is_kept;		/* the connection has brought a request before */
	bool		sleeps;			/* recv() sleeps on its socket, see guard.c */
	bool		unread;			/* the client may still be sending what nobody will read */
	ShimMove	moved;
	ShimExchange exchange;		/* the request */
	ShimJob		job;			/* and its way through the lanes */
	bool		pending;		/* it is there; the worker's own */
	bool		waits;			/* the worker has to wait for the answer; likewise */
	sem_t		answered;		/* posted when it is not any more */
	ShimDrawn	drawn;
	ShimText	unsent;			/* of an answer that the socket did not take at once */
	struct ShimWire *next;
} ShimWire;

/* A request to another server (transfer.c), and what came of it. */
typedef enum ShimTransferOutcome
{
	SHIM_TRANSFER_GOOD,
	SHIM_TRANSFER_REJECTED,		/* a message: the receiver says that it is wrong */
	SHIM_TRANSFER_FAILED,		/* there was an answer, and it is none that is wanted */
	SHIM_TRANSFER_UNREACHABLE,	/* there was none */
	SHIM_TRANSFER_FORBIDDEN,	/* it is not asked, by the rules of transfer.c */
	SHIM_TRANSFER_OUTCOMES
} ShimTransferOutcome;

typedef struct ShimTransfer
{
	/* set by the owner, whose memory they are */
	const char *url;
	const char *form;			/* the body of a POST; NULL: GET */
	void		(*done) (struct ShimTransfer *t);

	/* the answer */
	ShimTransferOutcome outcome;
	int			status;			/* 0: there was none, and problem says why */
	const char *problem;
	char		type[128];		/* Content-Type, "" for none */
	char		cache_control[256];
	ShimText	body;

	/* transfer.c's own */
	void	   *easy;			/* what libcurl keeps of it */
	void	   *parsed;
	void	   *fields;
	size_t		head_len;
	long		head_status;	/* once the head is complete */
	bool		is_plain;		/* no TLS */
	bool		is_forbidden;
} ShimTransfer;

/* text.c */
extern char *shim_grow(char *bytes, size_t len, size_t size);
extern void shim_text_append(ShimText *text, const void *bytes, size_t len);
extern void shim_text_char(ShimText *text, char c);
extern void shim_text_puts(ShimText *text, const char *string);
extern void shim_text_number(ShimText *text, unsigned long number, int digits);
extern void shim_text_printf(ShimText *text, const char *format,...)
			__attribute__((format(printf, 2, 3)));
extern void shim_text_clear(ShimText *text);
extern void shim_text_free(ShimText *text);
extern ShimSlice shim_slice_trim(ShimSlice slice);
extern bool shim_slice_next(ShimSlice *list, ShimSlice *item);
extern bool shim_slices_include_nocase(const ShimSlice *slices, size_t n, ShimSlice slice);

/* utf8.c */
extern void shim_text_append_utf8(ShimText *text, ShimSlice bytes);

/* clock.c */
extern int64_t shim_clock_ms(void);
extern int64_t shim_clock_us(void);
extern int	shim_clock_left(int64_t deadline_ms);
extern const char *shim_clock_http_date(void);
extern const char *shim_clock_log_time(void);

/* cidr.c */
typedef struct ShimNetwork
{
	struct in6_addr address;	/* IPv4 as ::ffff:a.b.c.d */
	int			bits;
} ShimNetwork;

extern bool shim_address_parse(const char *text, struct in6_addr *address);
extern void shim_address_print(const struct in6_addr *address, char *text);
extern bool shim_network_parse(const char *text, ShimNetwork *network);
extern bool shim_network_has(const ShimNetwork *network, const struct in6_addr *address);

/* address.c */
extern bool shim_address_is_public(const struct in6_addr *address);
extern bool shim_address_is_loopback(const struct in6_addr *address);

/* head.c */
typedef enum ShimScan
{
	SHIM_SCAN_MORE,
	SHIM_SCAN_WHOLE,
	SHIM_SCAN_BAD
} ShimScan;

extern ShimScan shim_head_scan(const char *bytes, size_t len, size_t *scanned, size_t *head_len);
extern ShimFault shim_head_parse(const char *bytes, size_t len, ShimHead *head);
extern void shim_head_free(ShimHead *head);
extern void shim_request_add(ShimRequest *request, ShimField field);
extern const ShimField *shim_request_field(const ShimRequest *request, int i);
extern bool shim_head_is_token(char c);
extern bool shim_head_valid_host(ShimSlice host);
extern const ShimField *shim_head_field(const ShimHead *head, const char *name);

/* chunks.c */
typedef struct ShimChunks
{
	char	   *body;			/* decoded so far; has room for limit bytes */
	size_t		len;
	size_t		limit;
	int			state;
	bool		has_digit;		/* of the size of the chunk */
	size_t		left;			/* of its data, to come */
	size_t		aside;			/* bytes of extensions, trailer fields and needless zeros */
} ShimChunks;

extern ShimFault shim_chunks_decode(ShimChunks *chunks, ShimSlice *bytes);
extern bool shim_chunks_done(const ShimChunks *chunks);

/* request_id.c */
extern void shim_request_id_make(ShimDrawn *drawn, char *id);
extern void shim_request_id_take(const ShimHead *head, char *id);

/* client_cert.c */
extern bool shim_client_cert_is_field(ShimSlice name);
extern ShimFault shim_client_cert_take(ShimRequest *request);

/* accept.c */
extern bool shim_accept_html(const ShimHead *head);

/* routes.c */
extern const ShimRoute *shim_route_find(ShimSlice path);
extern const ShimRoute *shim_route_at(int i);
extern int	shim_route_count(void);
extern int	shim_route_index(const ShimRoute *route);
extern unsigned shim_route_methods(const ShimRoute *route);
extern int	shim_route_function(const ShimRoute *route);
extern unsigned shim_method_bit(ShimSlice method);
extern void shim_method_names(unsigned methods, char *names, size_t size);

/* value.c */
extern void shim_value_array(ShimText *text, unsigned element_type, size_t n);
extern void shim_value_request(ShimText *text, const ShimRequest *request);
extern bool shim_value_response(const PGresult *result, int row, ShimResponse *response);

/* request.c */
extern ShimFault shim_request_identify(ShimExchange *x, const char *connected_from);
extern ShimFault shim_request_make(ShimExchange *x, const char *connected_from, ShimSlice body);

/* lane.c */
extern ShimLane shim_lanes[SHIM_LANES];
extern ShimLane shim_network_lane;
extern int	shim_processors(void);
extern void shim_lane_init(ShimLane *lane);
extern void shim_lanes_init(void);
extern ShimLaneId shim_lane_named(ShimSlice name);
extern void shim_lanes_limit(int threads);
extern uint32_t shim_lane_hash(ShimSlice name);
extern unsigned shim_lane_share(ShimSlice name);
extern bool shim_lane_has_room(ShimLane *lane);
extern ShimJob *shim_lane_put(ShimLane *lane, ShimJob *job);
extern bool shim_job_withdraw(ShimJob *job, bool only_if_nobody);
extern int	shim_lane_take(ShimLane *lane, ShimJob **jobs, int max);
extern void shim_lane_done(ShimLane *lane, ShimJob **jobs, int n, bool is_last);
extern bool shim_lane_await(ShimLane *lane, int ms, bool has_worked);
extern void shim_lane_live(ShimLane *lane, int change);
extern void shim_lane_close(ShimLane *lane);
extern bool shim_lane_closing(ShimLane *lane);
extern void shim_lanes_note_server(bool is_here);
extern void shim_lane_note_crowd(const ShimLane *lane);
extern void shim_lane_note_lock(ShimLane *lane, const ShimRoute *route, bool in_vain);
extern int	shim_lane_lock_timeout(ShimLane *lane, const ShimRoute *route);
extern bool shim_lanes_ready(void);
extern void shim_lane_begun(void);
extern bool shim_lanes_have_begun(void);
extern bool shim_lanes_are_late(void);

/* log.c */
extern bool shim_log_open(void);
extern void shim_log_reopen(void);
extern void shim_log_flush(void);
extern void shim_log_request(const ShimExchange *x, int64_t us);
extern void shim_log_error(const char *format,...) __attribute__((format(printf, 1, 2)));
extern void shim_log_info(const char *format,...) __attribute__((format(printf, 1, 2)));
extern void shim_log_about(const ShimExchange *x, const char *format,...)
			__attribute__((format(printf, 2, 3)));
extern void shim_log_usage(const char *message);

/* transfer.c */
extern bool shim_transfers_init(void);
extern int	shim_transfers_active(void);
extern void shim_transfers_wake(void);
extern bool shim_transfer_start(ShimTransfer *t);
extern void shim_transfer_free(ShimTransfer *t);
extern void shim_transfers_run(void);
extern void shim_transfers_wait(int fd, int ms);

/* crowd.c */
extern void shim_crowd_join(ShimWire *wire);
extern void shim_crowd_quit(ShimWire *wire);
extern void shim_crowd_arrived(void);
extern void shim_crowd_departed(void);
extern void shim_crowd_make_room(void);
extern int	shim_crowd_size(void);

/* wire.c */
extern atomic_int shim_in_flight;
extern ssize_t (*shim_libc_recv) (int, void *, size_t, int);
extern int	(*shim_libc_poll) (struct pollfd *, nfds_t, int);
extern void shim_wire_init(void);
extern ShimWire *shim_wire_enter(void);
extern ShimWire *shim_wire_mine(void);
extern void shim_wire_leave(ShimWire *wire);
extern void shim_wire_attach(ShimWire *wire, ShimWireState state, int fd);
extern void shim_wire_state(ShimWire *wire, ShimWireState state);
extern ssize_t shim_wire_receive(const ShimWire *wire, char *at, size_t max, int64_t deadline);
extern bool shim_wire_take(ShimWire *wire, const char *bytes, size_t len);
extern bool shim_wire_head(ShimWire *wire);
extern bool shim_wire_send(ShimWire *wire, const char *bytes, size_t len);
extern bool shim_wire_flush(ShimWire *wire);
extern void shim_wire_done(ShimWire *wire, bool unread);
extern void shim_wire_linger(ShimWire *wire);
extern void shim_wire_closed(ShimWire *wire);

/* body.c */
extern ShimFault shim_wire_body(ShimWire *wire, const ShimHead *head, ShimSlice *body);

/* metrics.c */
extern void shim_metrics_init(void);
extern void shim_metrics_request(const ShimExchange *x, int64_t us);
extern void shim_metrics_batch(ShimLaneId lane, int requests);
extern void shim_metrics_fallback(void);
extern void shim_metrics_reconnect(void);
extern void shim_metrics_refused(void);
extern void shim_metrics_shared(void);
extern void shim_metrics_fetch(ShimTransferOutcome outcome);
extern void shim_metrics_delivery(ShimTransferOutcome outcome);
extern void shim_metrics_deliveries(unsigned long waiting, unsigned long oldest);
extern void shim_metrics_print(ShimText *text);

/* reply.c */
extern void shim_reply_fault(ShimExchange *x, ShimFault fault, const char *extra);
extern void shim_reply_not_found(ShimExchange *x);
extern void shim_reply_text(ShimExchange *x, int status, const char *type, ShimSlice body);
extern void shim_reply_empty(ShimExchange *x, int status, const char *extra);
extern bool shim_reply_fields(ShimText *text, const ShimResponse *response);
extern void shim_reply_again(ShimExchange *x, int status, ShimSlice fields, ShimSlice body);
extern void shim_reply_response(ShimExchange *x, const ShimResponse *response);
extern void shim_reply_continue(ShimExchange *x);

/* shared.c */
extern void shim_shared_forget(void);
extern bool shim_shared_answer(ShimExchange *x);
extern void shim_shared_keep(const ShimExchange *x, const ShimResponse *response, ShimSlice time);

/* exchange.c */
extern void shim_exchange_ask(ShimExchange *x);
extern bool shim_exchange_answer(ShimJob *job, const PGresult *result, int row);
extern void shim_exchange_fail(ShimJob *job, ShimOutcome outcome);
extern void shim_exchange_again(ShimJob *job);
extern int	shim_exchange_patience(const ShimWire *wire);
extern void shim_exchange_settle(ShimWire *wire);
extern void shim_exchange_end(ShimExchange *x);

/* connection.c */
typedef struct ShimConnection
{
	ShimLane   *lane;
	PGconn	   *pg;
	Oid			request_type;	/* oauth.http_request; 0: not asked for yet */
	Oid			batch_type;		/* and the array of it */
	char		batch_functions[256];	/* those that take a batch, between commas */
	bool		prepared[SHIM_MAX_ROUTES];
	bool		is_first;		/* of its lane, when the shim starts */
	bool		was_live;		/* since it was opened last, if only for a moment */
	unsigned	seed;			/* of the backoff's jitter */
	int			backend;		/* process of the server */
	int			lock_timeout;	/* that is set, in ms */
	bool		has_messages;	/* the database told of new ones */
	struct ShimConnection *next;
} ShimConnection;

extern bool shim_connection_open(ShimConnection *c);
extern void shim_connection_close(ShimConnection *c);
extern bool shim_connection_alive(ShimConnection *c);
extern bool shim_connection_prepare(ShimConnection *c, const ShimRoute *route, PGresult **error);
extern bool shim_connection_send(ShimConnection *c, const ShimRoute *route,
								 const ShimText *requests);
extern PGresult *shim_connection_receive(ShimConnection *c);
extern bool shim_connection_has_other_types(ShimConnection *c);
extern bool shim_connection_forget(ShimConnection *c);
extern bool shim_connection_reset(ShimConnection *c);
extern PGresult *shim_connection_ask(ShimConnection *c, const char *sql, int n,
									 const char *const *values);
extern bool shim_connection_listen(ShimConnection *c, const char *sql);
extern bool shim_connection_wait_for_locks(ShimConnection *c, int ms);
extern bool shim_connection_shares_session(ShimConnection *c, int backend);

/* fetch.c */
extern void shim_fetch_work(ShimConnection *c);
extern void shim_fetch_lost(void);
extern int	shim_fetch_patience(void);

/* deliver.c */
extern void shim_deliver_work(ShimConnection *c);
extern void shim_deliver_told(void);
extern void shim_deliver_stop(void);
extern int	shim_deliver_patience(void);

/* network.c */
extern bool shim_network_start(void);
extern void shim_network_stop(int64_t deadline);

/* watch.c */
extern bool shim_watch_start(void);
extern void shim_watch_stop(int64_t deadline);
extern const char *shim_watch_why(void);

/* db.c */
extern bool shim_db_start(void);
extern void shim_db_stop(void);

/* own.c */
extern void shim_own_answer(ShimExchange *x);

/* guard.c */
extern bool shim_guard_vouches(const ShimWire *wire, const struct mg_request_info *seen);

/* server.c */
extern atomic_bool shim_draining;
extern bool shim_server_start(void);

#endif							/* SHIM_H */
