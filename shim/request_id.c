/*
 * request_id.c
 *	  One name for a request: in the logs here, in the database's audit log, and in the answer.
 *
 * A trusted proxy may have given it one, X-Request-Id; otherwise it is made here. What
 * anybody else sends under that name is not believed.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

#include <stdint.h>
#include <string.h>
#include <sys/random.h>

/*
 * Letters, digits and what proxies put between them: nothing that a log, a header or a query would
 * have to escape.
 */
static bool
is_well_formed(ShimSlice id)
{
	if (id.len == 0 || id.len > SHIM_MAX_REQUEST_ID)
		return false;
	for (size_t i = 0; i < id.len; i++)
	{
		char		c = id.at[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			  (c != '\0' && strchr("-_.~#:/=+@", c) != NULL)))
			return false;
	}
	return true;
}

/*
 * Take an id's worth of random bytes. The kernel is asked for many at a time: for each request it
 * would be a system call in four.
 */
static void
take_random(ShimDrawn *drawn, unsigned char *bytes)
{
	/* so few bytes are always there at once; if not, an id that is not unique is no harm */
	if (drawn->left == 0 &&
		getrandom(drawn->bytes, sizeof(drawn->bytes), 0) != (ssize_t) sizeof(drawn->bytes))
	{
		memset(bytes, 0, SHIM_ID_BYTES);
		return;
	}
	if (drawn->left == 0)
		drawn->left = sizeof(drawn->bytes);
	drawn->left -= SHIM_ID_BYTES;
	memcpy(bytes, drawn->bytes + drawn->left, SHIM_ID_BYTES);
}

/*
 * 80 random bits as sixteen digits of base32hex (RFC 4648, section 7), in small letters: enough to
 * tell requests apart, and short, for each token that is issued keeps one in the audit log.
 */
void
shim_request_id_make(ShimDrawn *drawn, char *id)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
	unsigned char bytes[SHIM_ID_BYTES];

	take_random(drawn, bytes);
	for (size_t i = 0; i < sizeof(bytes); i += 5)
	{
		uint64_t	bits = 0;

		for (int j = 0; j < 5; j++)
			bits = bits << 8 | bytes[i + j];
		for (int j = 7; j >= 0; j--, bits >>= 5)
			id[i / 5 * 8 + j] = digits[bits & 31];
	}
	id[sizeof(bytes) / 5 * 8] = '\0';
}

/*
 * The id that a trusted proxy gave, in the place of ours: if it is well-formed, and the only one.
 */
void
shim_request_id_take(const ShimHead *head, char *id)
{
	const ShimField *found = NULL;
	int			n = 0;

	for (int i = 0; i < head->nfields; i++)
		if (shim_slice_is_nocase(head->fields[i].name, SHIM_REQUEST_ID))
		{
			found = &head->fields[i];
			n++;
		}
	if (n != 1 || !is_well_formed(found->value))
		return;
	memcpy(id, found->value.at, found->value.len);
	id[found->value.len] = '\0';
}
