/*
 * identity.c
 *		The identity of the caller, for the rest of the transaction.
 *
 * It is held here, in C, where no SET, set_config, RESET or SET ROLE reaches it: a policy that
 * reads oauth_subject() can be trusted even if the SQL around it cannot.  It ends with the
 * transaction; ROLLBACK TO SAVEPOINT restores the identity at the savepoint; PREPARE TRANSACTION
 * clears it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "store/token.h"
#include "text/text.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(oauth_subject);
PG_FUNCTION_INFO_V1(oauth_client);
PG_FUNCTION_INFO_V1(oauth_scope);
PG_FUNCTION_INFO_V1(oauth_has_scope);
PG_FUNCTION_INFO_V1(oauth_authorization_details);

/* The identity that was set at one level of subtransactions. */
typedef struct Identity
{
	struct Identity *outer;		/* of an outer level */
	int			level;
	OAuthIdentity set;
} Identity;

/* The innermost entry, in TopTransactionContext like all of them. */
static Identity *identity;

/* The entry of the current level; made empty if there is none. */
static Identity *
entry_of_level(int level)
{
	if (identity == NULL || identity->level < level)
	{
		Identity   *entry = MemoryContextAllocZero(TopTransactionContext, sizeof(Identity));

		entry->outer = identity;
		entry->level = level;
		identity = entry;
	}
	memset(&identity->set, 0, sizeof(identity->set));
	return identity;
}

/*
 * Raises an error in a parallel worker.  The identity is in the memory of the session's own
 * process; a worker has none, and null there would be a wrong answer: a policy that says subject IS
 * NOT DISTINCT FROM oauth_subject() would show rows that belong to nobody.
 */
static void
refuse_in_worker(void)
{
	if (IsParallelWorker())
		ereport(ERROR, (errcode(ERRCODE_INVALID_TRANSACTION_STATE),
						errmsg("a parallel worker does not know who is calling"),
						errhint("A function that calls it is marked PARALLEL SAFE, and must "
								"not be: ALTER FUNCTION ... PARALLEL RESTRICTED.")));
}

/* The identity of the caller; empty if nobody is calling. */
static const OAuthIdentity *
current_identity(void)
{
	static const OAuthIdentity nobody = {0};

	refuse_in_worker();
	return identity ? &identity->set : &nobody;
}

void
oauth_identity_set(const OAuthToken *token)
{
	Identity   *entry;

	refuse_in_worker();
	entry = entry_of_level(GetCurrentTransactionNestLevel());
	entry->set.client_id = MemoryContextStrdup(TopTransactionContext, token->client_id);
	if (token->subject != NULL)
		entry->set.subject = MemoryContextStrdup(TopTransactionContext, token->subject);
	entry->set.scope = MemoryContextStrdup(TopTransactionContext, token->scope);
	if (token->authorization_details != NULL)
		entry->set.authorization_details = MemoryContextStrdup(TopTransactionContext,
															   token->authorization_details);
}

/* Forgets the caller. */
void
oauth_identity_clear(void)
{
	if (identity != NULL)
		entry_of_level(GetCurrentTransactionNestLevel());
}

/*
 * Hides the caller while code runs that does not act for the caller.  Pass the result to
 * oauth_identity_restore(), unless the level of subtransactions ends before.
 */
OAuthIdentity
oauth_identity_hide(void)
{
	OAuthIdentity hidden = {0};

	if (identity != NULL)
		hidden = identity->set;
	oauth_identity_clear();
	return hidden;
}

/* Restores the caller that oauth_identity_hide() returned. */
void
oauth_identity_restore(const OAuthIdentity *hidden)
{
	if (identity != NULL)
		entry_of_level(GetCurrentTransactionNestLevel())->set = *hidden;
}

/* Forgets the identity before its memory goes, and before anything runs in the next transaction. */
static void
at_end_of_transaction(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_PARALLEL_COMMIT:
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PARALLEL_ABORT:
		case XACT_EVENT_PREPARE:
			identity = NULL;
			break;
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PARALLEL_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			break;
	}
}

/*
 * A subtransaction that aborts forgets what was set in it; one that commits hands it to the level
 * around it.
 */
static void
at_end_of_subtransaction(SubXactEvent event, SubTransactionId mine, SubTransactionId parent,
						 void *arg)
{
	int			level = GetCurrentTransactionNestLevel();

	if (identity == NULL || identity->level < level)
		return;
	if (event == SUBXACT_EVENT_ABORT_SUB)
		identity = identity->outer;
	else if (event == SUBXACT_EVENT_COMMIT_SUB)
	{
		identity->level = level - 1;
		if (identity->outer != NULL && identity->outer->level == level - 1)
			identity->outer = identity->outer->outer;
	}
}

void
oauth_identity_init(void)
{
	RegisterXactCallback(at_end_of_transaction, NULL);
	RegisterSubXactCallback(at_end_of_subtransaction, NULL);
}

static Datum
text_or_null(FunctionCallInfo fcinfo, const char *value)
{
	if (value == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(value));
}

/* oauth_subject() RETURNS text */
Datum
oauth_subject(PG_FUNCTION_ARGS)
{
	return text_or_null(fcinfo, current_identity()->subject);
}

/* oauth_client() RETURNS text */
Datum
oauth_client(PG_FUNCTION_ARGS)
{
	return text_or_null(fcinfo, current_identity()->client_id);
}

/* oauth_scope() RETURNS text */
Datum
oauth_scope(PG_FUNCTION_ARGS)
{
	return text_or_null(fcinfo, current_identity()->scope);
}

/* oauth_has_scope(scope text) RETURNS boolean: false for NULL, which nobody can hold */
Datum
oauth_has_scope(PG_FUNCTION_ARGS)
{
	const char *scope = current_identity()->scope;

	if (scope == NULL || PG_ARGISNULL(0))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(oauth_words_include(scope, text_to_cstring(PG_GETARG_TEXT_PP(0))));
}

/* oauth_authorization_details() RETURNS jsonb */
Datum
oauth_authorization_details(PG_FUNCTION_ARGS)
{
	const char *details = current_identity()->authorization_details;

	if (details == NULL)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(details)));
}
