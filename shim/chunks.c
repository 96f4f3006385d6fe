/*
 * chunks.c
 *	  Take a body out of its chunks (RFC 9112, section 7.1), strictly.
 *
 *	  chunked-body = *chunk last-chunk trailer-section CRLF
 *	  chunk        = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
 *	  last-chunk   = 1*("0") [ chunk-ext ] CRLF
 *	  chunk-ext    = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
 *
 * Extensions and zeros in front of a size are passed over and trailer fields are dropped, all
 * within a limit. What a proxy in front might read in another way is refused: a line that ends
 * without CRLF, a size with a sign, a prefix or white space that no extension follows, chunk data
 * without its CRLF.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

#include <stdint.h>
#include <string.h>

/* Another hexadecimal digit behind more than this, and it is larger than any size we could take. */
#define MAX_SIZE_SO_FAR (SIZE_MAX >> 8)

/* Bytes of extensions, trailer fields and zeros in front of sizes in one body. */
#define MAX_ASIDE 4096

enum
{
	SIZE,						/* the state a body begins in */
	BEFORE_EXTENSION,			/* white space that must be taken (RFC 9110, section 5.6.3) */
	EXTENSION,
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER,					/* where a line begins */
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	LAST_LF,
	DONE
};

static int
hex_value(char c)
{
	const char *digits = "0123456789abcdef";
	const char *found = c == '\0' ? NULL :
		strchr(digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c);

	return found ? (int) (found - digits) : -1;
}

/* Up to the semicolon of an extension. */
static int
skip_white(char c)
{
	return c == ';' ? EXTENSION : c == ' ' || c == '\t' ? BEFORE_EXTENSION : -1;
}

static int
read_size(ShimChunks *chunks, char c)
{
	int			value = hex_value(c);

	if (value >= 0)
	{
		bool		is_in_front = chunks->has_digit && chunks->left == 0;

		if (chunks->left > MAX_SIZE_SO_FAR || (is_in_front && ++chunks->aside > MAX_ASIDE))
			return -1;
		chunks->has_digit = true;
		chunks->left = chunks->left * 16 + (size_t) value;
		return SIZE;
	}
	if (!chunks->has_digit)
		return -1;
	chunks->has_digit = false;
	return c == '\r' ? SIZE_LF : skip_white(c);
}

/* Text up to the CR; other control characters have no place in a line. */
static int
skip_text(char c, int state, int at_cr)
{
	unsigned char u = (unsigned char) c;

	if (c == '\r')
		return at_cr;
	return (u < 0x20 && c != '\t') || u == 0x7f ? -1 : state;
}

static int
skip_name(char c)
{
	return c == ':' ? TRAILER_VALUE : shim_head_is_token(c) ? TRAILER_NAME : -1;
}

/* The state behind a byte that is not chunk data; -1 when the byte does not belong there. */
static int
next_state(ShimChunks *chunks, char c)
{
	switch (chunks->state)
	{
		case SIZE:
			return read_size(chunks, c);
		case BEFORE_EXTENSION:
			return skip_white(c);
		case EXTENSION:
			return skip_text(c, EXTENSION, SIZE_LF);
		case SIZE_LF:
			return c != '\n' ? -1 : chunks->left > 0 ? DATA : TRAILER;
		case DATA_CR:
			return c == '\r' ? DATA_LF : -1;
		case DATA_LF:
			return c == '\n' ? SIZE : -1;
		case TRAILER:
			return c == '\r' ? LAST_LF : shim_head_is_token(c) ? TRAILER_NAME : -1;
		case TRAILER_NAME:
			return skip_name(c);
		case TRAILER_VALUE:
			return skip_text(c, TRAILER_VALUE, TRAILER_LF);
		case TRAILER_LF:
			return c == '\n' ? TRAILER : -1;
		case LAST_LF:
			return c == '\n' ? DONE : -1;
	}
	return -1;
}

static bool
is_aside(int state)
{
	return state == BEFORE_EXTENSION || state == EXTENSION || state == TRAILER_NAME ||
		state == TRAILER_VALUE;
}

/* Move what is here of the chunk's data to the end of the body. */
static void
take_data(ShimChunks *chunks, ShimSlice *bytes)
{
	size_t		n = bytes->len < chunks->left ? bytes->len : chunks->left;

	memcpy(chunks->body + chunks->len, bytes->at, n);
	chunks->len += n;
	chunks->left -= n;
	bytes->at += n;
	bytes->len -= n;
	if (chunks->left == 0)
		chunks->state = DATA_CR;
}

/*
 * Decode the bytes that arrived next; those that are left over begin the next request.
 * A body that would not fit is refused when the size of the chunk is known, before its
 * data is read.
 */
ShimFault
shim_chunks_decode(ShimChunks *chunks, ShimSlice *bytes)
{
	while (bytes->len > 0 && chunks->state != DONE)
	{
		if (chunks->state == DATA)
		{
			take_data(chunks, bytes);
			continue;
		}
		chunks->state = next_state(chunks, *bytes->at);
		bytes->at++;
		bytes->len--;
		if (chunks->state < 0)
			return (ShimFault) {400, "the chunks of the request body are malformed"};
		if (is_aside(chunks->state) && ++chunks->aside > MAX_ASIDE)
			return (ShimFault) {400, "the chunk extensions and trailer fields are too long"};
		if (chunks->state == DATA && chunks->left > chunks->limit - chunks->len)
			return (ShimFault) {413, "the request body is too large"};
	}
	return SHIM_NO_FAULT;
}

/* The last chunk and what belongs to it were there. */
bool
shim_chunks_done(const ShimChunks *chunks)
{
	return chunks->state == DONE;
}
