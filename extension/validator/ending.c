/*
 * ending.c
 *		Ends the sessions of tokens that were revoked, where oauth.terminate_sessions is on.
 *
 * What a transaction ends is collected, and the sessions are looked for when it has committed: a
 * login that is under way then either finds the token ended, or is in the list already.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/token.h"
#include "validator/validator.h"

#include <signal.h>

#include "access/xact.h"
#include "utils/memutils.h"

/* What ended at one level of subtransactions. */
typedef struct Ended
{
	OAuthEnding what;
	int64		handle;
	uint8		name[OAUTH_HASH_LENGTH];	/* SHA-256 of the client or subject */
	int			level;
} Ended;

/* In TopTransactionContext. */
static Ended *ended;
static int	n_ended;
static int	n_places;

static Ended *
next_place(void)
{
	if (n_ended == n_places)
	{
		n_places = Max(64, 2 * n_places);
		ended = ended == NULL ?
			MemoryContextAllocHuge(TopTransactionContext, n_places * sizeof(Ended)) :
			repalloc_huge(ended, n_places * sizeof(Ended));
	}
	return &ended[n_ended++];
}

static void
collect(OAuthEnding what, int64 handle, const char *name)
{
	Ended	   *place;

	if (!oauth_setting_terminate_sessions)
		return;
	oauth_slots_attach();
	place = next_place();
	place->what = what;
	place->handle = handle;
	place->level = GetCurrentTransactionNestLevel();
	if (name != NULL)
		oauth_sha256(name, strlen(name), place->name);
}

static bool
ends(const Ended *each, const OAuthSlot *slot)
{
	switch (each->what)
	{
		case OAUTH_TOKEN_ENDED:
			return each->handle == slot->token;
		case OAUTH_GRANT_ENDED:
			return each->handle == slot->grant;
		case OAUTH_CLIENT_ENDED:
			return memcmp(each->name, slot->client, OAUTH_HASH_LENGTH) == 0;
		case OAUTH_SUBJECT_ENDED:
			return memcmp(each->name, slot->subject, OAUTH_HASH_LENGTH) == 0;
		case OAUTH_EVERY_SUBJECT_ENDED:
			return true;
	}
	return false;
}

/* No error is possible here: the transaction has committed. */
static bool
end_if_revoked(const OAuthSlot *slot, void *argument)
{
	for (int i = 0; i < n_ended; i++)
		if (ends(&ended[i], slot))
		{
			kill(slot->pid, SIGTERM);
			break;
		}
	return true;
}

static void
at_end_of_transaction(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_COMMIT:
			if (n_ended > 0)
				oauth_slots_visit(end_if_revoked, NULL);
			break;
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			break;
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
		case XACT_EVENT_PARALLEL_PRE_COMMIT:
		case XACT_EVENT_PARALLEL_COMMIT:
		case XACT_EVENT_PARALLEL_ABORT:
			return;
	}
	ended = NULL;
	n_ended = n_places = 0;
}

/* A subtransaction that aborts has ended nothing. */
static void
at_end_of_subtransaction(SubXactEvent event, SubTransactionId mine, SubTransactionId parent,
						 void *arg)
{
	int			level = GetCurrentTransactionNestLevel();

	if (event == SUBXACT_EVENT_ABORT_SUB)
		while (n_ended > 0 && ended[n_ended - 1].level >= level)
			n_ended--;
	else if (event == SUBXACT_EVENT_COMMIT_SUB)
		for (int i = n_ended - 1; i >= 0 && ended[i].level >= level; i--)
			ended[i].level = level - 1;
}

void
oauth_session_ending_init(void)
{
	oauth_store_ended_hook = collect;
	RegisterXactCallback(at_end_of_transaction, NULL);
	RegisterSubXactCallback(at_end_of_subtransaction, NULL);
}
