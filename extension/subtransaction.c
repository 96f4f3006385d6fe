/*
 * subtransaction.c
 *		Work that can be undone, and whose errors are caught.
 *
 * An error must not leave the subtransaction behind: an outer handler would take the innermost
 * subtransaction for its own.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

#include "access/xact.h"
#include "utils/resowner.h"

/* Notes where the caller is, to come back to. */
static void
note(OAuthSubtransaction *subtransaction)
{
	subtransaction->context = CurrentMemoryContext;
	subtransaction->owner = CurrentResourceOwner;
	subtransaction->level = GetCurrentTransactionNestLevel();
}

/* Begins; the memory context stays the caller's. */
void
oauth_subtransaction_begin(OAuthSubtransaction *subtransaction)
{
	note(subtransaction);
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(subtransaction->context);
}

/* Ends: keeps the work, or undoes it, with what an error has left open within. */
void
oauth_subtransaction_end(const OAuthSubtransaction *subtransaction, bool is_kept)
{
	if (is_kept)
		ReleaseCurrentSubTransaction();
	while (GetCurrentTransactionNestLevel() > subtransaction->level)
		RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(subtransaction->context);
	CurrentResourceOwner = subtransaction->owner;
}

/*
 * Calls work(argument).  An error goes on to the caller when the subtransactions have ended that it
 * left open: a handler that catches it would end one of those, which began as another user, in the
 * place of its own.
 */
void
oauth_contain(void (*work) (void *argument), void *argument)
{
	OAuthSubtransaction outside;

	note(&outside);
	PG_TRY();
	{
		work(argument);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		if (GetCurrentTransactionNestLevel() == outside.level)
			PG_RE_THROW();
		MemoryContextSwitchTo(outside.context);
		error = CopyErrorData();
		FlushErrorState();
		oauth_subtransaction_end(&outside, false);
		ReThrowError(error);
	}
	PG_END_TRY();
}

/*
 * Calls work(argument) in a subtransaction.  Returns the error that it raised, in the caller's
 * memory, or NULL.  The work is undone after an error, and unless is_kept.
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

/*
 * Whether an error is about the transaction or the server (SQLSTATE classes 40, 53 and 57), rather
 * than about what was tried: who caught it raises it anyway.
 */
bool
oauth_error_is_of_server(int sqlstate)
{
	int			category = ERRCODE_TO_CATEGORY(sqlstate);

	return category == ERRCODE_TRANSACTION_ROLLBACK || category == ERRCODE_INSUFFICIENT_RESOURCES ||
		category == ERRCODE_OPERATOR_INTERVENTION;
}

/* Work in a subtransaction, which is undone unless it returns true. */
typedef struct Undoable
{
	bool		(*work) (void *argument);
	void	   *argument;
} Undoable;

static void
run(void *argument)
{
	const Undoable *undoable = argument;
	OAuthSubtransaction subtransaction;
	bool		is_kept;

	oauth_subtransaction_begin(&subtransaction);
	is_kept = undoable->work(undoable->argument);
	oauth_subtransaction_end(&subtransaction, is_kept);
}

/*
 * Calls work(argument) in a subtransaction, whose work is undone unless it returns true.  An error
 * goes on to the caller.  Without this, the session would be left in a failed transaction: the
 * server ends a transaction by itself, and a subtransaction only by command.
 */
void
oauth_in_subtransaction(bool (*work) (void *argument), void *argument)
{
	Undoable	undoable = {.work = work, .argument = argument};

	oauth_contain(run, &undoable);
}
