/*
 * value.c
 *	  Request values as SQL text, response values from SQL's binary form.
 *
 * A batch is one array of oauth.http_request in text format, so that no type OID
 * is needed that a reinstalled extension would change. Its syntax nests: a header
 * line is an element of an array, in a field of a row, in an element of an array,
 * each in quotes, and each level escapes the quotes and backslashes of the next.
 * What stands inside d quoted levels has 2^d - 1 backslashes before it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

#include <arpa/inet.h>
#include <string.h>

/* Nesting of the parts: inside so many pairs of quotes. */
enum
{
	ELEMENT_QUOTE = 0,
	FIELD_QUOTE = 1,
	FIELD_TEXT = 2,
	LINE_QUOTE = 2,
	LINE_TEXT = 3
};

static const char backslashes[] = "\\\\\\\\\\\\\\";

/* A quote or backslash inside depth pairs of quotes. */
static void
put_special(ShimText *text, char c, int depth)
{
	shim_text_append(text, backslashes, (1u << depth) - 1);
	shim_text_char(text, c);
}

static void
put_escaped(ShimText *text, ShimSlice s, int depth)
{
	size_t		from = 0;

	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] == '"' || s.at[i] == '\\')
		{
			shim_text_append(text, s.at + from, i - from);
			put_special(text, s.at[i], depth);
			from = i + 1;
		}
	shim_text_append(text, s.at + from, s.len - from);
}

static void
put_field(ShimText *text, ShimSlice s)
{
	put_special(text, '"', FIELD_QUOTE);
	put_escaped(text, s, FIELD_TEXT);
	put_special(text, '"', FIELD_QUOTE);
}

static void
put_headers(ShimText *text, const ShimRequest *request)
{
	put_special(text, '"', FIELD_QUOTE);
	shim_text_char(text, '{');
	for (int i = 0; i < request->nfields; i++)
	{
		if (i > 0)
			shim_text_char(text, ',');
		put_special(text, '"', LINE_QUOTE);
		put_escaped(text, request->fields[i].name, LINE_TEXT);
		shim_text_puts(text, ": ");
		put_escaped(text, request->fields[i].value, LINE_TEXT);
		put_special(text, '"', LINE_QUOTE);
	}
	shim_text_char(text, '}');
	put_special(text, '"', FIELD_QUOTE);
}

/* bytea in hex format */
static void
put_body(ShimText *text, ShimSlice body)
{
	static const char digits[] = "0123456789abcdef";
	char		chunk[256];
	size_t		used = 0;

	put_special(text, '"', FIELD_QUOTE);
	put_special(text, '\\', FIELD_TEXT);
	shim_text_char(text, 'x');
	for (size_t i = 0; i < body.len; i++)
	{
		unsigned char c = (unsigned char) body.at[i];

		chunk[used++] = digits[c >> 4];
		chunk[used++] = digits[c & 15];
		if (used == sizeof(chunk) || i + 1 == body.len)
		{
			shim_text_append(text, chunk, used);
			used = 0;
		}
	}
	put_special(text, '"', FIELD_QUOTE);
}

/* Append one element of the array: (method, target, headers, body, scheme, peer) in quotes. */
void
shim_value_request(ShimText *text, const ShimRequest *request)
{
	put_special(text, '"', ELEMENT_QUOTE);
	shim_text_char(text, '(');
	put_field(text, request->method);
	shim_text_char(text, ',');
	put_field(text, request->target);
	shim_text_char(text, ',');
	put_headers(text, request);
	shim_text_char(text, ',');
	put_body(text, request->body);
	shim_text_char(text, ',');
	put_field(text, shim_slice(request->scheme));
	shim_text_char(text, ',');
	put_field(text, shim_slice(request->peer));
	shim_text_char(text, ')');
	put_special(text, '"', ELEMENT_QUOTE);
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
	if (dimensions != 1 || !take_int(&value, &count) || !take_int(&value, &lower) || count > SHIM_MAX_FIELDS)
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
