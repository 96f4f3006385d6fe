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

/*
 * ALPHA, DIGIT, "-", ".", "_", "~": a bit for each character of ASCII.  Nonces and signatures mix
 * letters and digits, so that the processor would guess wrong at every other comparison.
 */
static bool
is_unreserved(unsigned char c)
{
	static const uint64 unreserved[] = {
		UINT64CONST(0x03FF600000000000), UINT64CONST(0x47FFFFFE87FFFFFE)
	};

	return c < 128 && (unreserved[c / 64] >> c % 64 & 1) != 0;
}

/* Appends the encoding of a UTF-8 string. */
void
oauth1_append_encoded(StringInfo buffer, const char *plain)
{
	static const char digits[] = "0123456789ABCDEF";
	char	   *out;

	enlargeStringInfo(buffer, 3 * strlen(plain));
	out = buffer->data + buffer->len;
	for (const unsigned char *c = (const unsigned char *) plain; *c; c++)
	{
		if (is_unreserved(*c))
			*out++ = *c;
		else
		{
			*out++ = '%';
			*out++ = digits[*c >> 4];
			*out++ = digits[*c & 15];
		}
	}
	*out = '\0';
	buffer->len = out - buffer->data;
}

char *
oauth1_encode(const char *plain)
{
	StringInfoData buffer;

	initStringInfo(&buffer);
	oauth1_append_encoded(&buffer, plain);
	return buffer.data;
}

/* The encoding of a UTF-8 string: the string itself where nothing is to be encoded. */
const char *
oauth1_encoded(const char *plain)
{
	const unsigned char *c = (const unsigned char *) plain;

	while (is_unreserved(*c))
		c++;
	return *c == '\0' ? plain : oauth1_encode(plain);
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

/* The byte whose encoding begins there, -1 if it is malformed. */
static int
decode_byte(const char *percent, const char *end)
{
	bool		is_complete = end - percent > 2;
	int			high = is_complete ? hex_digit(percent[1]) : -1;
	int			low = is_complete ? hex_digit(percent[2]) : -1;

	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static void
make_spaces(char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] == '+')
			bytes[i] = ' ';
}

/* The decoded bytes as a C string, or NULL if they are malformed, not UTF-8 or contain a NUL. */
char *
oauth_percent_decode(const char *encoded, int length, bool plus_is_space)
{
	char	   *decoded = palloc(length + 1);
	char	   *out = decoded;
	const char *end = encoded + length;

	for (const char *in = encoded; in < end; in += strlen("%XX"))
	{
		const char *percent = memchr(in, '%', end - in);
		size_t		as_is = (percent ? percent : end) - in;
		int			byte = percent ? decode_byte(percent, end) : 0;

		if (byte < 0)
			return NULL;
		memcpy(out, in, as_is);
		if (plus_is_space)
			make_spaces(out, as_is);
		out += as_is;
		if (percent == NULL)
			break;
		*out++ = (char) byte;
		in = percent;
	}
	*out = '\0';
	if (memchr(decoded, '\0', out - decoded) != NULL)
		return NULL;
	return pg_verify_mbstr(PG_UTF8, decoded, out - decoded, true) ? decoded : NULL;
}

/* In a form, '+' is a space. */
char *
oauth_form_decode(const char *encoded, int length)
{
	return oauth_percent_decode(encoded, length, true);
}
