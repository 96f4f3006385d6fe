/*
 * value.c
 *	  Request values and response values in SQL's binary form.
 *
 * A batch is one array of oauth.http_request: what kind of array, and its elements.
 * An element is a row: how many columns, and for each its type and its value. A value
 * stands behind its length, an element too. Numbers are in network order. The types
 * of the columns are the server's own, whose OIDs never change; that of the row is
 * the extension's, and the connection asks for it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

#include <arpa/inet.h>
#include <string.h>

enum
{
	BYTEA_TYPE = 17,
	TEXT_TYPE = 25,
	INET_TYPE = 869,
	TEXT_ARRAY_TYPE = 1009
};

static void
put_int(ShimText *text, size_t number)
{
	uint32_t	raw = htonl((uint32_t) number);

	shim_text_append(text, &raw, sizeof(raw));
}

/* A value whose length is known when it is there: begin, append, end. */
static size_t
begin_value(ShimText *text)
{
	put_int(text, 0);
	return text->len;
}

static void
end_value(ShimText *text, size_t begun)
{
	uint32_t	raw = htonl((uint32_t) (text->len - begun));

	if (!text->failed)
		memcpy(text->data + begun - sizeof(raw), &raw, sizeof(raw));
}

static void
put_column(ShimText *text, unsigned type, ShimSlice s)
{
	put_int(text, type);
	put_int(text, s.len);
	shim_text_append(text, s.at, s.len);
}

/* The head of an array of one dimension without NULLs, whose lower bound is 1. */
void
shim_value_array(ShimText *text, unsigned element_type, size_t n)
{
	put_int(text, n > 0 ? 1 : 0);
	put_int(text, 0);
	put_int(text, element_type);
	if (n == 0)
		return;
	put_int(text, n);
	put_int(text, 1);
}

static void
put_headers(ShimText *text, const ShimRequest *request)
{
	size_t		headers;

	put_int(text, TEXT_ARRAY_TYPE);
	headers = begin_value(text);
	shim_value_array(text, TEXT_TYPE, (size_t) request->nfields);
	for (int i = 0; i < request->nfields; i++)
	{
		const ShimField *field = shim_request_field(request, i);
		size_t		line = begin_value(text);

		shim_text_append(text, field->name.at, field->name.len);
		shim_text_append(text, ": ", 2);
		shim_text_append_utf8(text, field->value);
		end_value(text, line);
	}
	end_value(text, headers);
}

/*
 * inet: the family as the server numbers it, bits of the network, not a cidr, bytes of the address.
 */
static void
put_address(ShimText *text, const struct in6_addr *address)
{
	bool		is_four = IN6_IS_ADDR_V4MAPPED(address);
	size_t		skipped = is_four ? 12 : 0;
	char		value[4 + sizeof(address->s6_addr)] = {
		is_four ? 2 : 3, is_four ? 32 : (char) 128, 0, is_four ? 4 : 16
	};

	memcpy(value + 4, address->s6_addr + skipped, sizeof(address->s6_addr) - skipped);
	put_column(text, INET_TYPE, (ShimSlice) {value, sizeof(value) - skipped});
}

/* Append one element of the array: (method, target, headers, body, scheme, peer). */
void
shim_value_request(ShimText *text, const ShimRequest *request)
{
	size_t		row = begin_value(text);

	put_int(text, 6);
	put_column(text, TEXT_TYPE, request->method);
	put_column(text, TEXT_TYPE, request->target);
	put_headers(text, request);
	put_column(text, BYTEA_TYPE, request->body);
	put_column(text, TEXT_TYPE, shim_slice(request->scheme));
	put_address(text, &request->address);
	end_value(text, row);
}

/* Take a 32-bit integer in network order off the value. */
static bool
take_int(ShimSlice *value, int32_t *number)
{
	uint32_t	raw;

	if (value->len < sizeof(raw))
		return false;
	memcpy(&raw, value->at, sizeof(raw));
	*number = (int32_t) ntohl(raw);
	value->at += sizeof(raw);
	value->len -= sizeof(raw);
	return true;
}

/*
 * text[] in binary form: dimensions, a flag for NULLs, the element type, for the one
 * dimension its size and lower bound, and then each element behind its length.
 */
static bool
read_lines(ShimSlice value, ShimResponse *response)
{
	int32_t		dimensions,
				has_null,
				type,
				count = 0,
				lower;

	if (!take_int(&value, &dimensions) || !take_int(&value, &has_null) || !take_int(&value, &type))
		return false;
	if (dimensions == 0)
		return true;
	if (dimensions != 1 || !take_int(&value, &count) || !take_int(&value, &lower) ||
		count > SHIM_MAX_FIELDS)
		return false;
	for (int i = 0; i < count; i++)
	{
		int32_t		len;

		if (!take_int(&value, &len) || len < 0 || (size_t) len > value.len)
			return false;
		response->lines[response->nlines++] = (ShimSlice) {value.at, (size_t) len};
		value.at += len;
		value.len -= (size_t) len;
	}
	return true;
}

static ShimSlice
column(const PGresult *result, int row, int i)
{
	return (ShimSlice) {PQgetvalue(result, row, i), (size_t) PQgetlength(result, row, i)};
}

/* False when the row is no response value. NULL headers or body are none. */
bool
shim_value_response(const PGresult *result, int row, ShimResponse *response)
{
	ShimSlice	status = column(result, row, 0);
	int32_t		number;

	response->nlines = 0;
	response->body = column(result, row, 2);
	if (!take_int(&status, &number))
		return false;
	response->status = number;
	return PQgetisnull(result, row, 1) || read_lines(column(result, row, 1), response);
}
