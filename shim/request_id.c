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

/* 128 random bits in hexadecimal digits. */
void
shim_request_id_make(char *id)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[16] = {0};

	/* so few bytes are always there at once; if not, an id that is not unique is no harm */
	if (getrandom(bytes, sizeof(bytes), 0) < 0)
		memset(bytes, 0, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
	{
		id[2 * i] = digits[bytes[i] >> 4];
		id[2 * i + 1] = digits[bytes[i] & 15];
	}
	id[2 * sizeof(bytes)] = '\0';
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
