/*
 * secret_memory.c
 *		Memory for secrets: it is wiped when its memory context is reset or deleted, also after an
 *		error.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"

#include "utils/memutils.h"

/* The callback and the memory that it wipes are one chunk, so that neither outlives the other. */
typedef struct Secret
{
	MemoryContextCallback callback;
	size_t		length;
	char		bytes[FLEXIBLE_ARRAY_MEMBER];
} Secret;

static void
wipe(void *argument)
{
	Secret	   *secret = argument;

	oauth_wipe(secret->bytes, secret->length);
}

/*
 * Zeroed memory.  A caller who needs it no longer calls oauth_wipe() and never pfree(): the context
 * still refers to it.
 */
void *
oauth_secret_alloc(size_t length)
{
	Secret	   *secret = palloc0(offsetof(Secret, bytes) + length);

	secret->length = length;
	secret->callback.func = wipe;
	secret->callback.arg = secret;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &secret->callback);
	return secret->bytes;
}
