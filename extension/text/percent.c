/*
 * percent.c
 *		Percent-encoding as OAuth 1.0a wants it (RFC 5849, section 3.6).
 *
 * This differs from the encoding of forms: only the unreserved characters of RFC 3986 stay, a space
 * is %20, and the digits are upper case, because two encoded strings are compared in the end.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "text/text.h"

#include "mb/pg_wchar.h"

/* ALPHA, DIGIT, "-", ".", "_", "~" */
static bool
is_unreserved(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		c == '-' || c == '.' || c == '_' || c == '~';
}

/* Appends the encoding of a UTF-8 string. */
void
oauth1_append_encoded(StringInfo buffer, const char *plain)
{
	static const char digits[] = "0123456789ABCDEF";

	enlargeStringInfo(buffer, 3 * strlen(plain));
	for (const unsigned char *c = (const unsigned char *) plain; *c; c++)
	{
		if (is_unreserved(*c))
			buffer->data[buffer->len++] = *c;
		else
		{
			buffer->data[buffer->len++] = '%';
			buffer->data[buffer->len++] = digits[*c >> 4];
			buffer->data[buffer->len++] = digits[*c & 15];
		}
	}
	buffer->data[buffer->len] = '\0';
}

char *
oauth1_encode(const char *plain)
{
	StringInfoData buffer;

	initStringInfo(&buffer);
	oauth1_append_encoded(&buffer, plain);
	return buffer.data;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* The decoded bytes as a C string, or NULL if they are malformed, not UTF-8 or contain a NUL. */
char *
oauth_percent_decode(const char *encoded, int length, bool plus_is_space)
{
	char	   *decoded = palloc(length + 1);
	char	   *out = decoded;
	const char *end = encoded + length;

	for (const char *in = encoded; in < end; in++)
	{
		char		c = *in;

		if (c == '+' && plus_is_space)
			c = ' ';
		else if (c == '%')
		{
			bool		complete = end - in > 2;
			int			high = complete ? hex_digit(in[1]) : -1;
			int			low = complete ? hex_digit(in[2]) : -1;

			if (high < 0 || low < 0)
				return NULL;
			c = (char) (high << 4 | low);
			in += 2;
		}
		if (c == '\0')
			return NULL;
		*out++ = c;
	}
	*out = '\0';
	return pg_verify_mbstr(PG_UTF8, decoded, out - decoded, true) ? decoded : NULL;
}

/* In a form, '+' is a space. */
char *
oauth_form_decode(const char *encoded, int length)
{
	return oauth_percent_decode(encoded, length, true);
}
