/*
 * subtransaction.c
 *		Work that can be undone, and whose errors are caught.
 *
 * An error must not leave the subtransaction behind: who catches errors further up takes the
 * innermost one for his own.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

#include "access/xact.h"
#include "utils/resowner.h"

/* The memory context stays the caller's. */
void
oauth_subtransaction_begin(OAuthSubtransaction *subtransaction)
{
	subtransaction->context = CurrentMemoryContext;
	subtransaction->owner = CurrentResourceOwner;
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(subtransaction->context);
}

/* Keeps what was done in it, or undoes it. */
void
oauth_subtransaction_end(const OAuthSubtransaction *subtransaction, bool is_kept)
{
	if (is_kept)
		ReleaseCurrentSubTransaction();
	else
		RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(subtransaction->context);
	CurrentResourceOwner = subtransaction->owner;
}

/*
 * Calls work(argument) in a subtransaction.  The error that it raised, in the caller's memory, or
 * NULL.  What it did is undone at an error, and unless it is to be kept.
 */
ErrorData *
oauth_try(void (*work) (void *argument), void *argument, bool is_kept)
{
	OAuthSubtransaction subtransaction;
	ErrorData  *volatile error = NULL;
	volatile bool is_open = true;

	oauth_subtransaction_begin(&subtransaction);
	PG_TRY();
	{
		work(argument);
		if (is_kept)
		{
			oauth_subtransaction_end(&subtransaction, true);
			is_open = false;
		}
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(subtransaction.context);
		error = CopyErrorData();
		FlushErrorState();
	}
	PG_END_TRY();
	if (is_open)
		oauth_subtransaction_end(&subtransaction, false);
	return error;
}
