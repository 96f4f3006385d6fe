/*
 * server.c
 *	  Walk a request through the checks to its answer, in CivetWeb's callbacks.
 *
 * CivetWeb announces each request with begin_request; we always answer it there,
 * so that nothing else of CivetWeb (files, CGI, CORS, websockets, authentication)
 * is ever reached.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* CivetWeb's buffer holds the stand-in request of guard.c only. */
#define CIVETWEB_BUFFER "1024"

/* Workers beyond those that lanes may hold, for what the shim answers by itself. */
#define SPARE_THREADS 16

atomic_bool shim_draining;

/*
 * What the path, or the server, takes: a fault for what it does not, or 204 without one. A function
 * of its own, so that its texts are not on the stack of each worker: there are hundreds.
 */
static void
__attribute__((noinline))
reply_methods(ShimExchange *x, ShimFault fault, unsigned methods)
{
	char		names[SHIM_METHOD_NAMES];
	char		allow[SHIM_METHOD_NAMES + 16];

	shim_method_names(methods, names, sizeof(names));
	snprintf(allow, sizeof(allow), "Allow: %s\r\n", names);
	if (fault.status != 0)
		shim_reply_fault(x, fault, allow);
	else
		shim_reply_empty(x, 204, allow);
}

/* Find the route. False when the answer is given already. */
static bool
check_route(ShimExchange *x)
{
	unsigned	method = shim_method_bit(x->head.method);

	if (shim_slice_is(x->head.target, "*"))
	{
		/* RFC 9110, section 9.3.7: OPTIONS * asks about the server as such */
		reply_methods(x, SHIM_NO_FAULT, SHIM_ANY);
		return false;
	}
	x->route = shim_route_find(x->head.path);
	if (x->route != NULL && (shim_route_methods(x->route) & method))
		return true;
	if (x->route != NULL)
		reply_methods(x, (ShimFault) {405, "This path does not take that method."},
					  shim_route_methods(x->route));
	else if (method == 0)
		reply_methods(x, (ShimFault) {501, "this method is not known"}, SHIM_ANY);
	else
		shim_reply_not_found(x);
	return false;
}

static ShimFault
check_body(const ShimExchange *x)
{
	if (x->head.content_length > shim_options.body_limit)
		return (ShimFault) {413, "the request body is too large"};
	if (x->head.expects_other && x->head.minor == 1)
		return (ShimFault) {417, "only 100-continue can be expected"};
	return SHIM_NO_FAULT;
}

static ShimFault
receive_body(ShimExchange *x, ShimSlice *body)
{
	ShimWire   *wire = x->wire;
	size_t		have = wire->len - wire->head_len;

	if (x->head.expects_continue && x->head.minor == 1 &&
		(x->head.is_chunked ? have == 0 : have < x->head.content_length))
		shim_reply_continue(x);
	return shim_wire_body(wire, &x->head, body);
}

static void
refuse_request(ShimExchange *x, ShimFault fault)
{
	x->close = true;
	if (fault.status < 500 || fault.status == 501 || fault.status == 505)
		shim_metrics_refused();
	if (fault.status == 501)
		reply_methods(x, fault, SHIM_ANY);
	else
		shim_reply_fault(x, fault, NULL);
}

/*
 * The steps of a request. Until the body is read, an early answer ends the connection.
 * True when it ends; the exchange itself may belong to another thread by then.
 */
static bool
serve(ShimExchange *x, const char *connected_from)
{
	ShimFault	fault = x->wire->fault;
	ShimSlice	body = {"", 0};

	if (fault.status == 0)
		fault = shim_head_parse(x->wire->bytes, x->wire->head_len, &x->head);
	if (fault.status == 0)
		fault = shim_request_identify(x, connected_from);
	if (fault.status == 0 && atomic_load(&shim_draining))
		fault = (ShimFault) {503, "the server is stopping"};
	if (fault.status == 0)
		fault = check_body(x);
	if (fault.status != 0)
	{
		refuse_request(x, fault);
		return true;
	}
	x->close = !x->head.keep_alive || x->head.content_length > 0 || x->head.is_chunked;
	if (!check_route(x))
		return x->close;
	fault = receive_body(x, &body);
	if (fault.status == 0)
	{
		x->close = !x->head.keep_alive;
		fault = shim_request_make(x, connected_from, body);
	}
	if (fault.status != 0)
		refuse_request(x, fault);
	else if (x->route->own != SHIM_NOT_OWN)
		shim_own_answer(x);
	else
	{
		bool		close = x->close;

		shim_exchange_ask(x);
		return x->wire->pending ? close : x->close;
	}
	return x->close;
}

/*
 * CivetWeb has nothing to complain of in the stand-in; what it says when it does is not for
 * clients.
 */
static int
http_error(struct mg_connection *conn, int status, const char *message)
{
	static const char answer[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: "
		"close\r\n\r\n";

	(void) status;
	(void) message;
	mg_write(conn, answer, sizeof(answer) - 1);
	mg_disable_connection_keep_alive(conn);
	return status;
}

/* All but the header fields, of which there are as many as their number says. */
static void
clear(ShimExchange *x)
{
	memset(x, 0, offsetof(ShimExchange, head));
	memset(&x->head, 0, offsetof(ShimHead, fields));
	memset(&x->request, 0, offsetof(ShimRequest, fields));
}

/*
 * Where nothing stands in the way, the answer is left to the thread of the database
 * connection, and the worker goes back to CivetWeb, to sleep until the next request:
 * that saves waking it up for each answer. It waits where the connection ends with the
 * answer, or the next request has begun to arrive.
 */
static int
begin_request(struct mg_connection *conn)
{
	const struct mg_request_info *seen = mg_get_request_info(conn);
	ShimWire   *wire = mg_get_thread_pointer(conn);
	ShimExchange *x;
	bool		close;

	if (!shim_guard_vouches(wire, seen))
	{
		shim_log_error("CivetWeb has parsed a request that did not pass guard.c");
		return http_error(conn, 500, "");
	}
	atomic_fetch_add(&shim_in_flight, 1);
	x = &wire->exchange;
	clear(x);
	x->wire = wire;
	x->lane = SHIM_NO_LANE;
	x->close = true;
	shim_request_id_make(&wire->drawn, x->id);
	memcpy(x->request.peer, seen->remote_addr,
		   strnlen(seen->remote_addr, sizeof(x->request.peer) - 1));
	close = serve(x, seen->remote_addr);
	if (!wire->pending)
		shim_exchange_end(x);
	else if (wire->waits)
		shim_exchange_settle(wire);
	if (close)
		mg_disable_connection_keep_alive(conn);
	return 200;
}

/* At the start CivetWeb says here which port it cannot have; later nothing of interest. */
static int
log_message(const struct mg_connection *conn, const char *message)
{
	if (conn == NULL)
		shim_log_error("CivetWeb: %.200s", message);
	return 1;
}

static void *
init_thread(const struct mg_context *ctx, int thread_type)
{
	(void) ctx;
	return thread_type == 1 ? shim_wire_enter() : NULL;
}

static void
exit_thread(const struct mg_context *ctx, int thread_type, void *wire)
{
	(void) ctx;
	if (thread_type == 1)
		shim_wire_leave(wire);
}

static int
init_connection(const struct mg_connection *conn, void **data)
{
	(void) conn;
	(void) data;
	shim_crowd_arrived();
	return 0;
}

static void
connection_close(const struct mg_connection *conn)
{
	ShimWire   *wire = mg_get_thread_pointer(conn);

	shim_exchange_settle(wire);
	shim_wire_linger(wire);
	shim_wire_closed(wire);
	shim_crowd_departed();
}

/*
 * Most options say no to what CivetWeb would do by itself. The access control list is
 * a second lock on the loopback address, where nothing else was asked for.
 */
bool
shim_server_start(void)
{
	static const struct mg_callbacks callbacks = {
		.begin_request = begin_request,
		.http_error = http_error,
		.log_message = log_message,
		.init_thread = init_thread,
		.exit_thread = exit_thread,
		.init_connection = init_connection,
		.connection_close = connection_close,
	};
	char		threads[16];
	char		idle_timeout[16];
	const char *loopback = shim_options.allow_non_loopback ? "+0.0.0.0/0" :
		"-0.0.0.0/0,+127.0.0.0/8";
	const char *options[] = {
		"listening_ports", shim_options.listen,
		"access_control_list", loopback,
		"num_threads", threads,
		"request_timeout_ms", idle_timeout,
		"keep_alive_timeout_ms", idle_timeout,
		"enable_keep_alive", "yes",
		"max_request_size", CIVETWEB_BUFFER,
		"connection_queue", "128",
		"listen_backlog", "1024",
		"tcp_nodelay", "1",
		"decode_url", "no",
		"decode_query_string", "no",
		"enable_auth_domain_check", "no",
		"enable_directory_listing", "no",
		"allow_sendfile_call", "no",
		"access_control_allow_origin", "",
		"access_control_allow_methods", "",
		"access_control_allow_headers", "",
		NULL
	};

	snprintf(threads, sizeof(threads), "%d", shim_options.threads + SPARE_THREADS);
	snprintf(idle_timeout, sizeof(idle_timeout), "%d", shim_options.idle_timeout);
	mg_init_library(0);
	return mg_start(&callbacks, NULL, options) != NULL;
}
