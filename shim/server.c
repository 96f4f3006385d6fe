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

atomic_bool shim_draining;
atomic_int	shim_in_flight;

void
shim_server_healthz(ShimExchange *x)
{
	shim_reply_text(x, 200, "text/plain; charset=utf-8", shim_slice("ok\n"));
}

void
shim_server_readyz(ShimExchange *x)
{
	if (shim_lanes_ready())
		shim_reply_text(x, 200, "text/plain; charset=utf-8", shim_slice("ready\n"));
	else
		shim_reply_fault(x, (ShimFault) {503, "a lane has no database connection"}, NULL);
}

void
shim_server_metrics(ShimExchange *x)
{
	ShimText	text = {0};

	shim_metrics_print(&text);
	shim_reply_text(x, 200, "text/plain; version=0.0.4; charset=utf-8", (ShimSlice) {text.data, text.len});
	shim_text_free(&text);
}

static void
reply_not_allowed(ShimExchange *x, ShimFault fault, unsigned methods)
{
	char		names[SHIM_METHOD_NAMES];
	char		allow[SHIM_METHOD_NAMES + 16];

	shim_method_names(methods, names, sizeof(names));
	snprintf(allow, sizeof(allow), "Allow: %s\r\n", names);
	shim_reply_fault(x, fault, allow);
}

/* Status 0 is no answer but the name of the lane where the function must run. */
static ShimLaneId
lane_wanted(const ShimResponse *response)
{
	static const char prefix[] = "Lane: ";
	size_t		len = sizeof(prefix) - 1;

	if (response->status != 0 || response->nlines != 1 ||
		!shim_slice_starts_nocase(response->lines[0], prefix))
		return SHIM_NO_LANE;
	return shim_lane_named((ShimSlice) {response->lines[0].at + len, response->lines[0].len - len});
}

static void
reply_outcome(ShimExchange *x, ShimOutcome outcome)
{
	if (outcome == SHIM_OVERLOADED)
		shim_reply_fault(x, (ShimFault) {503, "too many requests are waiting"}, NULL);
	else if (outcome == SHIM_UNAVAILABLE)
		shim_reply_fault(x, (ShimFault) {503, "the database cannot answer now"}, NULL);
	else
		shim_reply_fault(x, (ShimFault) {500, "the request failed in the database"}, NULL);
}

/* Ask in one lane. True when answered; else x->lane is the lane to ask next. */
static bool
ask_lane(ShimExchange *x, ShimJob *job)
{
	ShimLaneId	asked = x->lane;
	ShimResponse response;

	shim_lane_run(&shim_lanes[asked], job);
	if (job->outcome != SHIM_ANSWERED)
	{
		reply_outcome(x, job->outcome);
		return true;
	}
	if (!shim_value_response(job->batch->result, job->row, &response))
		response.status = -1;
	if (response.status == 0)
		x->lane = lane_wanted(&response);
	else
		shim_reply_response(x, &response);
	shim_job_release(job);
	return response.status != 0 || x->lane == asked;
}

static ShimKind
kind_of(const ShimExchange *x)
{
	ShimKind	kind = {.route = x->route};

	for (int i = 0; i < x->head.nfields; i++)
	{
		ShimSlice	value = x->head.fields[i].value;
		size_t		len = 0;

		if (!shim_slice_is_nocase(x->head.fields[i].name, "Authorization"))
			continue;
		while (len < value.len && len < sizeof(kind.scheme) - 1 && value.at[len] != ' ')
			len++;
		memcpy(kind.scheme, value.at, len);
		break;
	}
	return kind;
}

/*
 * Where a request begins: its route's lane, or the writing one if that is where the last of its kind on this connection
 * ended up. A function that only has to read does so there as well, so a wrong guess costs nothing but time.
 */
static ShimLaneId
first_lane(const ShimExchange *x, const ShimKind *kind)
{
	const ShimKind *moved = &x->wire->moved;

	if (moved->route == kind->route && strcasecmp(moved->scheme, kind->scheme) == 0)
		return SHIM_WRITING;
	return x->route->lane;
}

static void
ask_database(ShimExchange *x)
{
	ShimText	text = {0};
	ShimJob		job = {.route = x->route, .request = &text, .wire = x->wire};
	ShimKind	kind = kind_of(x);
	bool		answered = false;

	shim_value_request(&text, &x->request);
	x->lane = first_lane(x, &kind);
	if (text.failed)
		reply_outcome(x, SHIM_UNAVAILABLE);
	/* from reading to writing to slow at the longest */
	for (int asked = 0; asked < SHIM_LANES && !text.failed && !answered && x->lane != SHIM_NO_LANE; asked++)
		answered = ask_lane(x, &job);
	if (x->route->lane == SHIM_READING && x->lane == SHIM_WRITING)
		x->wire->moved = kind;
	if (x->status == 0)
	{
		shim_log_error("%s asked for a lane that it cannot have", x->route->stem);
		reply_outcome(x, SHIM_FAILED);
	}
	shim_text_free(&text);
}

/* Find the route. False when the answer is given already. */
static bool
check_route(ShimExchange *x)
{
	unsigned	method = shim_method_bit(x->head.method);

	if (shim_slice_is(x->head.target, "*"))
	{
		/* RFC 9110, section 9.3.7: OPTIONS * asks about the server as such */
		char		names[SHIM_METHOD_NAMES];
		char		allow[SHIM_METHOD_NAMES + 16];

		shim_method_names(SHIM_ANY, names, sizeof(names));
		snprintf(allow, sizeof(allow), "Allow: %s\r\n", names);
		shim_reply_empty(x, 204, allow);
		return false;
	}
	x->route = shim_route_find(x->head.path);
	if (x->route != NULL && (x->route->methods & method))
		return true;
	if (x->route != NULL)
		reply_not_allowed(x, (ShimFault) {405, "this method is not allowed here"}, x->route->methods);
	else if (method == 0)
		reply_not_allowed(x, (ShimFault) {501, "this method is not known"}, SHIM_ANY);
	else
		shim_reply_fault(x, (ShimFault) {404, "there is nothing at this path"}, NULL);
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
	size_t		len = x->head.content_length;

	if (x->head.expects_continue && x->head.minor == 1 && wire->len - wire->head_len < len)
		shim_reply_continue(x);
	return shim_wire_body(wire, len, body);
}

static void
refuse(ShimExchange *x, ShimFault fault)
{
	x->close = true;
	if (fault.status < 500 || fault.status == 501 || fault.status == 505)
		shim_metrics_refused();
	if (fault.status == 501)
		reply_not_allowed(x, fault, SHIM_ANY);
	else
		shim_reply_fault(x, fault, NULL);
}

/* The steps of a request. Until the body is read, an early answer ends the connection. */
static void
serve(ShimExchange *x, const char *connected_from)
{
	ShimFault	fault = x->wire->fault;
	ShimSlice	body = {"", 0};

	if (fault.status == 0)
		fault = shim_head_parse(x->wire->bytes, x->wire->head_len, &x->head);
	if (fault.status == 0 && atomic_load(&shim_draining))
		fault = (ShimFault) {503, "the server is stopping"};
	if (fault.status == 0)
		fault = check_body(x);
	if (fault.status != 0)
	{
		refuse(x, fault);
		return;
	}
	x->close = !x->head.keep_alive || x->head.content_length > 0;
	if (!check_route(x))
		return;
	fault = receive_body(x, &body);
	if (fault.status == 0)
	{
		x->close = !x->head.keep_alive;
		fault = shim_request_make(x, connected_from, body);
	}
	if (fault.status != 0)
		refuse(x, fault);
	else if (x->route->own != NULL)
		x->route->own(x);
	else
		ask_database(x);
}

static void
record(ShimExchange *x)
{
	double		seconds = (double) (shim_clock_us() - x->wire->begun) / 1e6;

	shim_metrics_request(x, seconds);
	shim_log_request(x, seconds * 1000);
}

static int
begin_request(struct mg_connection *conn)
{
	const struct mg_request_info *seen = mg_get_request_info(conn);
	ShimWire   *wire = mg_get_thread_pointer(conn);
	ShimExchange x = {.conn = conn, .wire = wire, .lane = SHIM_NO_LANE, .close = true};
	size_t		body_len;

	if (!shim_wire_vouches(wire, seen))
	{
		shim_log_error("CivetWeb has parsed a request that did not pass guard.c");
		shim_reply_fault(&x, (ShimFault) {500, "the server is not set up properly"}, NULL);
		mg_disable_connection_keep_alive(conn);
		return x.status;
	}
	atomic_fetch_add(&shim_in_flight, 1);
	snprintf(x.request.peer, sizeof(x.request.peer), "%.45s", seen->remote_addr);
	serve(&x, seen->remote_addr);
	body_len = x.close ? 0 : x.head.content_length;
	if (x.close)
		mg_disable_connection_keep_alive(conn);
	record(&x);
	shim_wire_done(wire, body_len, x.close && x.head.keep_alive);
	atomic_fetch_sub(&shim_in_flight, 1);
	return x.status;
}

/* CivetWeb has nothing to complain of in the stand-in; what it says when it does is not for clients. */
static int
http_error(struct mg_connection *conn, int status, const char *message)
{
	static const char answer[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

	(void) status;
	(void) message;
	mg_write(conn, answer, sizeof(answer) - 1);
	mg_disable_connection_keep_alive(conn);
	return 0;
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
	const char *loopback = shim_options.allow_non_loopback ? "+0.0.0.0/0" : "-0.0.0.0/0,+127.0.0.0/8";
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

	snprintf(threads, sizeof(threads), "%d", shim_options.threads);
	snprintf(idle_timeout, sizeof(idle_timeout), "%d", shim_options.idle_timeout);
	mg_init_library(0);
	return mg_start(&callbacks, NULL, options) != NULL;
}
