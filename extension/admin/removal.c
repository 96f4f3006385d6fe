/*
 * removal.c
 *		Removing clients and subjects while tokens are issued for them.
 *
 * store/guard.c says why.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"
#include "store/store.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

PG_FUNCTION_INFO_V1(oauth_before_removal);

/* The number of the column that the trigger names; 0 if it is not one of ours. */
static AttrNumber
key_column(const TriggerData * data)
{
	TupleDesc	desc = RelationGetDescr(data->tg_relation);
	AttrNumber	column = data->tg_trigger->tgnargs == 1 ?
		get_attnum(RelationGetRelid(data->tg_relation), data->tg_trigger->tgargs[0]) : 0;

	if (!TRIGGER_FIRED_BEFORE(data->tg_event) || !TRIGGER_FIRED_FOR_ROW(data->tg_event) ||
		TRIGGER_FIRED_BY_INSERT(data->tg_event) || column <= 0 ||
		!TupleDescAttr(desc, column - 1)->attnotnull ||
		TupleDescAttr(desc, column - 1)->atttypid != TEXTOID)
		return 0;
	return column;
}

/* False for a row that has none: the column may not be null, but that is checked after triggers. */
static bool
get_key(const TriggerData * data, HeapTuple row, AttrNumber column, Datum *key)
{
	bool		is_null;

	*key = heap_getattr(row, column, RelationGetDescr(data->tg_relation), &is_null);
	return !is_null;
}

static bool
keeps_key(const TriggerData * data, AttrNumber column, Datum key)
{
	Datum		next;

	return TRIGGER_FIRED_BY_UPDATE(data->tg_event) &&
		get_key(data, data->tg_newtuple, column, &next) &&
		DatumGetBool(DirectFunctionCall2Coll(texteq, C_COLLATION_OID, key, next));
}

/* _oauth_before_removal() RETURNS trigger; its argument is the column of the key */
Datum
oauth_before_removal(PG_FUNCTION_ARGS)
{
	TriggerData *data = (TriggerData *) fcinfo->context;
	AttrNumber	column = CALLED_AS_TRIGGER(fcinfo) ? key_column(data) : 0;
	Datum		key;

	if (column == 0)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("_oauth_before_removal() is for the triggers that CREATE EXTENSION "
							   "makes")));
	if (get_key(data, data->tg_trigtuple, column, &key) && !keeps_key(data, column, key))
		oauth_store_await_removal(RelationGetRelid(data->tg_relation), key);
	return PointerGetDatum(TRIGGER_FIRED_BY_DELETE(data->tg_event) ? data->tg_trigtuple :
						   data->tg_newtuple);
}
