/*
 * restore.c
 *		Loading a dump in any order.
 *
 * CREATE EXTENSION makes the tables with their foreign keys, and a dump loads the rows afterwards.
 * pg_restore --jobs loads tables in parallel: pg_dump records no order for the tables of an
 * extension (the entry of a table's data depends on the table alone), so a grant can arrive before
 * its client.  Other tools that copy databases do no better.
 *
 * The trigger here runs before every INSERT and COPY on a table with a foreign key, once for each
 * statement.  If a superuser's top-level statement is a COPY into the table, or an INSERT from
 * pg_restore, the trigger lets it run as on a replica: without checking foreign keys.  Nobody gains
 * a right by it, because a superuser may SET session_replication_role too.  oauth_check() checks
 * all foreign keys afterwards.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"
#include "parser/parsetree.h"
#include "tcop/pquery.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(oauth_before_load);

/* Whether the statement is a COPY into the table. */
static bool
copies_into(const Node *statement, Oid table)
{
	const		CopyStmt *copy = (const CopyStmt *) statement;

	return statement != NULL && IsA(statement, CopyStmt) && copy->is_from &&
		copy->relation != NULL && RangeVarGetRelid(copy->relation, NoLock, true) == table;
}

/* Whether the statement is an INSERT into the table that pg_restore sent (pg_dump --inserts). */
static bool
is_inserted_by_pg_restore(PlannedStmt * statement, Oid table)
{
	return statement->commandType == CMD_INSERT && application_name != NULL &&
		strcmp(application_name, "pg_restore") == 0 &&
		list_length(statement->resultRelations) == 1 &&
		rt_fetch(linitial_int(statement->resultRelations), statement->rtable)->relid == table;
}

/*
 * Whether this is the session's own statement: a function that a statement calls does not load a
 * dump.
 */
static bool
is_loading(Oid table)
{
	PlannedStmt *statement;

	if (ActivePortal == NULL || list_length(ActivePortal->stmts) != 1)
		return false;
	statement = linitial_node(PlannedStmt, ActivePortal->stmts);
	return copies_into(statement->utilityStmt, table) ||
		is_inserted_by_pg_restore(statement, table);
}

static void
look_at_foreign_keys(void *role)
{
	SessionReplicationRole = (int) (intptr_t) role;
}

/*
 * Suspends the check of foreign keys until the statement ends, in whatever way: then its memory is
 * freed.  A trigger runs in a child of that memory context.
 */
static void
overlook_foreign_keys(void)
{
	MemoryContext statement = MemoryContextGetParent(CurrentMemoryContext);
	MemoryContextCallback *callback;

	if (statement == NULL || strcmp(statement->name, "ExecutorState") != 0)
		return;
	callback = MemoryContextAlloc(statement, sizeof(MemoryContextCallback));
	callback->func = look_at_foreign_keys;
	callback->arg = (void *) (intptr_t) SessionReplicationRole;
	MemoryContextRegisterResetCallback(statement, callback);
	SessionReplicationRole = SESSION_REPLICATION_ROLE_REPLICA;
}

/* _oauth_before_load() RETURNS trigger */
Datum
oauth_before_load(PG_FUNCTION_ARGS)
{
	TriggerData *data = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(data->tg_event) ||
		TRIGGER_FIRED_FOR_ROW(data->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("_oauth_before_load() is for the triggers that CREATE EXTENSION makes")));
	if (is_loading(RelationGetRelid(data->tg_relation)) && superuser())
		overlook_foreign_keys();
	return PointerGetDatum(NULL);
}
