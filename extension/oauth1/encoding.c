/*
 * encoding.c
 *		Percent-encoding as OAuth 1.0a wants it (RFC 5849, section 3.6).
 *
 * It is not that of forms: only the unreserved characters of RFC 3986 stay, a space is %20, and the digits are upper
 * case, because what is compared in the end are two strings.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

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
