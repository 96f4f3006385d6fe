/*
 * claims.c
 *		SQL of oauth.claims_function, whose one row is kept in memory.
 *
 * Every introspection asks whether there is a claims function, and reading the row would take a
 * tenth of its time.  So a session keeps what it read until an invalidation message arrives, as it
 * does with catalogs: a trigger sends one for the table at every change.  As with catalogs, the
 * session reads the latest row rather than that of the snapshot: an older row must not be kept
 * after the message that replaced it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/function.h"
#include "store/statement.h"
#include "store/store.h"

#include "commands/trigger.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(oauth_claims_changed);

enum
{
	CLAIMS_IS_ONLY_ROW, CLAIMS_SCHEMA, CLAIMS_NAME
};
static OAuthTable claims_table = {
	.name = "claims_function", .equals = F_BOOLEQ,
	.columns = {"is_only_row", "function_schema", "function_name"}
};

/* The row; name is NULL if there is none. */
typedef struct KeptRow
{
	bool		is_valid;
	MemoryContext context;
	char	   *schema;
	char	   *name;
	uint64		messages;		/* Counts invalidations, whatever they are about. */
} KeptRow;

static KeptRow kept;

static OAuthStatement set_claims = {.sql = "INSERT INTO oauth.claims_function (is_only_row, "
	"function_schema, function_name) VALUES (true, $1, $2)"
	" ON CONFLICT (is_only_row) DO UPDATE SET "
	"function_schema = excluded.function_schema,"
	" function_name = excluded.function_name",
	.n_arguments = 2,
.argument_types = {TEXTOID, TEXTOID}};

/* Prevents others from changing it until the transaction ends. */
static OAuthStatement hold_claims = {
.sql = "LOCK TABLE oauth.claims_function IN SHARE ROW EXCLUSIVE MODE"};

static OAuthStatement remove_claims = {.sql = "DELETE FROM oauth.claims_function"};

static void
forget_function(Datum arg, Oid relation)
{
	kept.messages++;

	if (relation == InvalidOid || relation == claims_table.relation)
		kept.is_valid = false;
}

void
oauth_store_claims_init(void)
{
	CacheRegisterRelcacheCallback(forget_function, (Datum) 0);
}

/*
 * _oauth_claims_changed() RETURNS trigger: tells every session, with the commit, to read the row
 * again.
 */
Datum
oauth_claims_changed(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("_oauth_claims_changed() is called as a trigger only")));
	CacheInvalidateRelcache(((TriggerData *) fcinfo->context)->tg_relation);
	return PointerGetDatum(NULL);
}

/* If an invalidation arrives while the row is read, the row is read again next time. */
static void
read_row(void)
{
	OAuthRow	row;
	MemoryContext old;
	uint64		messages = kept.messages;
	bool		found;

	if (kept.context == NULL)
		kept.context = AllocSetContextCreate(TopMemoryContext, "claims function of oauth",
											 ALLOCSET_SMALL_SIZES);

	MemoryContextReset(kept.context);
	kept.schema = kept.name = NULL;

	PushActiveSnapshot(GetLatestSnapshot());
	found = oauth_store_open_row(&row, &claims_table, BoolGetDatum(true));
	old = MemoryContextSwitchTo(kept.context);
	if (found)
	{
		kept.schema = oauth_store_row_string(&row, CLAIMS_SCHEMA);
		kept.name = oauth_store_row_string(&row, CLAIMS_NAME);
	}
	MemoryContextSwitchTo(old);
	oauth_store_close_row(&row);
	PopActiveSnapshot();
	kept.is_valid = messages == kept.messages;
}

/* Whether there is a claims function. */
bool
oauth_store_has_claims_function(void)
{
	if (!kept.is_valid)
		read_row();
	return kept.name != NULL;
}

/* The name of the claims function, if there is one. */
bool
oauth_store_find_claims_function(OAuthApplicationFunction *function)
{
	if (!oauth_store_has_claims_function())
		return false;
	function->schema = pstrdup(kept.schema);
	function->name = pstrdup(kept.name);
	function->api_schema = oauth_store_api_schema();
	return true;
}

void
oauth_store_hold_claims_function(void)
{
	oauth_store_count(&hold_claims, NULL);
}

/* NULL removes the function. */
void
oauth_store_set_claims_function(const OAuthApplicationFunction *function)
{
	if (function == NULL)
		oauth_store_count(&remove_claims, NULL);
	else
	{
		OAuthArguments arguments = {0};

		oauth_add_text(&arguments, function->schema);
		oauth_add_text(&arguments, function->name);
		oauth_store_count(&set_claims, &arguments);
	}
}
