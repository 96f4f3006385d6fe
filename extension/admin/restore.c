/*
 * restore.c
 *		Loading a dump in any order.
 *
 * CREATE EXTENSION makes the tables with their foreign keys, and a dump brings the rows
 * afterwards.  pg_restore --jobs loads tables side by side: pg_dump writes down no order for the
 * tables of an extension (the entry of a table's data depends on the table alone), so a grant can
 * come before its client.  What a tool for copying databases does is no better.
 *
 * The trigger here stands before every INSERT and COPY on a table with a foreign key, once a
 * statement.  Where a superuser's own statement is a COPY into the table, or an INSERT of
 * pg_restore, it lets the statement run as on a replica: without foreign keys being looked at.
 * Nobody gains a right by it, for a superuser may SET session_replication_role too.  oauth_check()
 * looks at all foreign keys afterwards.
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

/* Whether the statement copies into the table. */
static bool
copies_into(const Node *statement, Oid table)
{
	const		CopyStmt *copy = (const CopyStmt *) statement;

	return statement != NULL && IsA(statement, CopyStmt) && copy->is_from &&
		copy->relation != NULL && RangeVarGetRelid(copy->relation, NoLock, true) == table;
}

/* Whether the statement inserts into the table, and pg_restore sent it (pg_dump --inserts). */
static bool
is_inserted_by_pg_restore(PlannedStmt * statement, Oid table)
{
	return statement->commandType == CMD_INSERT && application_name != NULL &&
		strcmp(application_name, "pg_restore") == 0 &&
		list_length(statement->resultRelations) == 1 &&
		rt_fetch(linitial_int(statement->resultRelations), statement->rtable)->relid == table;
}

/* What the session itself is running: a function that a statement calls does not load a dump. */
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
 * Foreign keys are not looked at until the statement has ended, in whichever way: its memory goes
 * then.  A trigger runs in a child of that memory.
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
