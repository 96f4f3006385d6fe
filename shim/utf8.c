/*
 * utf8.c
 *	  Bytes of a client as text that the database takes (RFC 3629).
 *
 * A value that is no UTF-8 would be an error of the server, and spoil the batch it came
 * in. Each sequence that is ill-formed becomes one U+FFFD, as the Unicode Standard
 * recommends (section 3.9, substitution of maximal subparts); the text around it stays.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

/* How many bytes follow the first byte of a character; -1 when none begins so. */
static int
tail_length(unsigned char first)
{
	if (first < 0x80)
		return 0;
	if (first >= 0xc2 && first < 0xe0)
		return 1;
	if (first >= 0xe0 && first < 0xf0)
		return 2;
	if (first >= 0xf0 && first < 0xf5)
		return 3;
	return -1;
}

/* Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte. */
static bool
may_follow(unsigned char first, unsigned char second)
{
	unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	unsigned char most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

	return second >= least && second <= most;
}

/*
 * The character that begins here: its length; if it is ill-formed, minus the length of what is
 * wrong.
 */
static int
character(const unsigned char *p, size_t len)
{
	int			tail = tail_length(p[0]);
	int			n = 1;

	if (tail < 0)
		return -1;
	while (n <= tail && (size_t) n < len &&
		   (n == 1 ? may_follow(p[0], p[1]) : (p[n] & 0xc0) == 0x80))
		n++;
	return n > tail ? n : -n;
}

/* Append the bytes as UTF-8. */
void
shim_text_append_utf8(ShimText *text, ShimSlice bytes)
{
	size_t		from = 0;

	for (size_t i = 0; i < bytes.len;)
	{
		int			n = character((const unsigned char *) bytes.at + i, bytes.len - i);

		if (n < 0)
		{
			shim_text_append(text, bytes.at + from, i - from);
			shim_text_puts(text, "\xef\xbf\xbd");
			n = -n;
			from = i + (size_t) n;
		}
		i += (size_t) n;
	}
	shim_text_append(text, bytes.at + from, bytes.len - from);
}
