/*
 * base64.c
 *		Base64 of both alphabets (RFC 4648, sections 4 and 5).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "text/text.h"

#include "common/base64.h"

/* The unpadded base64url of data (RFC 4648, section 5). */
char *
oauth_base64url(const void *data, int length)
{
	int			room = pg_b64_enc_len(length) + 1;
	char	   *encoded = palloc0(room);

	if (pg_b64_encode(data, length, encoded, room) < 0)
		elog(ERROR, "base64 buffer is too small");
	for (char *c = encoded; *c; c++)
	{
		if (*c == '+')
			*c = '-';
		else if (*c == '/')
			*c = '_';
		else if (*c == '=')
			*c = '\0';
	}
	return encoded;
}

/*
 * The decoded bytes with a NUL after them, or NULL if encoded is not strict base64 (RFC 4648,
 * section 4).
 */
char *
oauth_base64_decode(const char *encoded, int length, int *decoded_length)
{
	int			room = pg_b64_dec_len(length) + 1;
	char	   *decoded = palloc0(room);

	if (length % 4 != 0)
		return NULL;
	*decoded_length = pg_b64_decode(encoded, length, (void *) decoded, room);
	return *decoded_length < 0 ? NULL : decoded;
}

/* Whatever the locale takes for a letter. */
static bool
is_base64url(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
		c == '_';
}

/*
 * The bytes of unpadded base64url, or NULL if it is not that.  Each sequence of bytes has one
 * spelling: "without any line breaks, whitespace, or other additional characters" (RFC 7515,
 * section 2), and with the bits that are left over zero (RFC 4648, section 3.5).
 */
uint8 *
oauth_base64url_decode(const char *encoded, int length, int *decoded_length)
{
	int			padded = (length + 3) / 4 * 4;
	char	   *base64 = palloc(padded + 1);
	uint8	   *decoded;

	for (int i = 0; i < padded; i++)
	{
		char		c = i < length ? encoded[i] : '=';

		if (i < length && !is_base64url(c))
			return NULL;
		base64[i] = c == '-' ? '+' : c == '_' ? '/' : c;
	}
	decoded = length % 4 == 1 ? NULL :
		(uint8 *) oauth_base64_decode(base64, padded, decoded_length);
	if (decoded == NULL || memcmp(oauth_base64url(decoded, *decoded_length), encoded, length) != 0)
		return NULL;
	return decoded;
}
