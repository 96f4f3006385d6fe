/*
 * identity.c
 *		The identity of the caller, for the rest of the transaction.
 *
 * It is held here, in C, where no SET, set_config, RESET or SET ROLE reaches it: a policy that
 * reads oauth_subject() can be trusted even if the SQL around it cannot.  It ends with the
 * transaction; ROLLBACK TO SAVEPOINT restores the identity at the savepoint; PREPARE TRANSACTION
 * clears it.
 *
 * Below all that is the identity of somebody who logged in to the server with a token (PostgreSQL
 * 18): it holds for the session, in the database that knows the token.  The token is looked up once
 * a transaction, so that it is good for nothing from the next one on after it has ended.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "store/token.h"
#include "text/text.h"

#include "access/htup_details.h"
#include "access/parallel.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

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

/* A login to the server with a token, and whose it is in this transaction. */
typedef struct ServerLogin
{
	OAuthTokenString token;
	Oid			database;		/* that knows the token; none: there was no such login */
	bool		is_asked;		/* the token was looked up in this transaction */
	OAuthIdentity whose;
} ServerLogin;

static ServerLogin login;

/* From now on, this session is that of the token's holder, in the database of that oid. */
void
oauth_identity_log_in(const OAuthTokenString *token, Oid database)
{
	login.token = *token;
	login.database = database;
}

/* Puts the identity of the login below all others, at the first use in a transaction. */
static void
begin_with_login(void)
{
	Identity   *entry;

	if (identity != NULL || !OidIsValid(login.database) || login.database != MyDatabaseId)
		return;
	entry = MemoryContextAllocZero(TopTransactionContext, sizeof(Identity));
	entry->set.is_login = true;
	identity = entry;
}

/* The entry of the current level; made empty if there is none. */
static Identity *
entry_of_level(int level)
{
	begin_with_login();
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

static void
take(const OAuthToken *token, OAuthIdentity *taken)
{
	memset(taken, 0, sizeof(*taken));
	taken->client_id = MemoryContextStrdup(TopTransactionContext, token->client_id);
	if (token->subject != NULL)
		taken->subject = MemoryContextStrdup(TopTransactionContext, token->subject);
	taken->scope = MemoryContextStrdup(TopTransactionContext, token->scope);
	if (token->authorization_details != NULL)
		taken->authorization_details = MemoryContextStrdup(TopTransactionContext,
														   token->authorization_details);
}

/* Who may read the tables. */
static Oid
owner_of_tables(void)
{
	Oid			table = get_relname_relid("access_token", get_namespace_oid("oauth", false));
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", table);
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/*
 * The token of the login, if it lives.  Looking it up may ask the application about its user, which
 * a definer function does as the owner of the tables; so the same is done here.
 */
static OAuthToken *
token_of_login(void)
{
	OAuthOneself oneself = oauth_become_owner(owner_of_tables(), false);
	OAuthToken *token = oauth_store_find_access_token(&login.token);

	oauth_become_oneself(&oneself);
	return token;
}

/* While the token is looked up, and if that fails, nobody is calling. */
static const OAuthIdentity *
identity_of_login(void)
{
	OAuthToken *token;

	if (login.is_asked)
		return &login.whose;
	login.is_asked = true;

	memset(&login.whose, 0, sizeof(login.whose));
	if ((token = token_of_login()) != NULL)
		take(token, &login.whose);
	return &login.whose;
}

/* The identity of the caller; empty if nobody is calling. */
static const OAuthIdentity *
current_identity(void)
{
	static const OAuthIdentity nobody = {0};

	refuse_in_worker();
	begin_with_login();
	if (identity == NULL)
		return &nobody;
	return identity->set.is_login ? identity_of_login() : &identity->set;
}

void
oauth_identity_set(const OAuthToken *token)
{
	refuse_in_worker();
	take(token, &entry_of_level(GetCurrentTransactionNestLevel())->set);
}

/* Forgets the caller. */
void
oauth_identity_clear(void)
{
	begin_with_login();
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

	begin_with_login();
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
			login.is_asked = false;

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
