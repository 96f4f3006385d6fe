/*
 * body.c
 *	  Receive the body of a request: as long as Content-Length says, or in chunks.
 *
 * Both within the limit for bodies, and within one total time, so that a byte now and
 * then does not prolong it. While it is received the connection can be closed in favour
 * of others (crowd.c).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

#include <stdlib.h>
#include <string.h>

static ShimFault
not_received(ssize_t n, const char *why)
{
	return n == 0 ? (ShimFault) {408, "the request body took too long"} : (ShimFault) {400, why};
}

/*
 * wire->body_len says how much of the body is there, also when it is not whole: so much is wiped
 * later.
 */
static ShimFault
receive_length(ShimWire *wire, size_t len, int64_t deadline)
{
	while (wire->body_len < len)
	{
		ssize_t		n = shim_wire_receive(wire, wire->body + wire->body_len, len - wire->body_len,
										  deadline);

		if (n <= 0)
			return not_received(n, "the request body is shorter than Content-Length");
		wire->body_len += (size_t) n;
	}
	return SHIM_NO_FAULT;
}

/* Pieces arrive behind the head, where there is room for one; what follows the body stays there. */
static ShimFault
receive_chunks(ShimWire *wire, int64_t deadline)
{
	ShimChunks	chunks = {.body = wire->body, .limit = shim_options.body_limit};

	for (;;)
	{
		ShimSlice	piece = {wire->bytes + wire->head_len, wire->len - wire->head_len};
		ShimFault	fault = shim_chunks_decode(&chunks, &piece);
		ssize_t		n;

		wire->body_len = chunks.len;
		wire->request_len = wire->len - piece.len;
		if (fault.status != 0 || shim_chunks_done(&chunks))
			return fault;
		/* a shorter piece must not leave the end of this one behind */
		explicit_bzero(wire->bytes + wire->head_len, wire->len - wire->head_len);
		wire->len = wire->head_len;
		n = shim_wire_receive(wire, wire->bytes + wire->len, wire->size - wire->len, deadline);
		if (n <= 0)
			return not_received(n, "the request body ends before its last chunk");
		wire->len += (size_t) n;
	}
}

/* A body that is not here whole already. */
static ShimFault
receive_rest(ShimWire *wire, const ShimHead *head)
{
	int64_t		deadline = shim_clock_ms() + shim_options.body_timeout;
	size_t		have = wire->len - wire->head_len;
	ShimFault	fault;

	wire->body = malloc(head->is_chunked ? shim_options.body_limit + 1 : head->content_length);
	if (wire->body == NULL)
		return (ShimFault) {503, "out of memory"};
	shim_wire_state(wire, SHIM_WIRE_BODY);
	if (head->is_chunked)
		fault = receive_chunks(wire, deadline);
	else
	{
		memcpy(wire->body, wire->bytes + wire->head_len, have);
		wire->body_len = have;
		fault = receive_length(wire, head->content_length, deadline);
	}
	shim_wire_state(wire, SHIM_WIRE_BUSY);
	return fault;
}

/* The body. The slice holds until shim_wire_done. */
ShimFault
shim_wire_body(ShimWire *wire, const ShimHead *head, ShimSlice *body)
{
	ShimFault	fault;

	wire->request_len = wire->head_len + head->content_length;
	*body = (ShimSlice) {wire->bytes + wire->head_len, head->content_length};
	if (!head->is_chunked && wire->len >= wire->request_len)
		return SHIM_NO_FAULT;
	fault = receive_rest(wire, head);
	*body = (ShimSlice) {wire->body, wire->body_len};
	return fault;
}
