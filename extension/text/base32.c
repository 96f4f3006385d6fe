/*
 * base32.c
 *		Base32 (RFC 4648, section 6), without padding: what people type, and what applications for
 *		one-time passwords read.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "text/text.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* Of a multiple of five bytes, which need no padding. */
void
oauth_base32_encode(const uint8 *data, int length, char *encoded)
{
	uint32		bits = 0;
	int			n_bits = 0;

	Assert(length % 5 == 0);
	for (int i = 0; i < length; i++)
	{
		bits = bits << 8 | data[i];
		for (n_bits += 8; n_bits >= 5; n_bits -= 5)
			*encoded++ = alphabet[bits >> (n_bits - 5) & 31];
	}
	*encoded = '\0';
}

/* How many bytes there were, at most size of them; -1 if encoded is not base32. */
int
oauth_base32_decode(const char *encoded, uint8 *data, int size)
{
	uint32		bits = 0;
	int			n_bits = 0;
	int			length = 0;

	for (const char *c = encoded; *c; c++)
	{
		const char *found = strchr(alphabet, *c);

		if (found == NULL || length >= size)
			return -1;
		bits = bits << 5 | (uint32) (found - alphabet);
		n_bits += 5;
		if (n_bits >= 8)
		{
			n_bits -= 8;
			data[length++] = bits >> n_bits & 0xFF;
		}
	}
	return length;
}
