/*
 * application_user_trigger.c
 *		The triggers on the application's table of users: when a user's row is deleted or
 *		deactivated, that user's tokens end in the same transaction.
 *
 * The trigger function runs with the rights of its definer, in any transaction of the application,
 * so it runs no code of the application: it reads rows in C, and calls only the output functions of
 * the types that oauth_use_users() allows.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "store/event.h"
#include "store/user.h"
#include "text/text.h"
#include "user/user.h"

#include "commands/trigger.h"
#include "executor/tuptable.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(oauth_users_changed);

/* The columns that the trigger was created for; 0 for those that it does not watch. */
typedef struct Columns
{
	AttrNumber	id;
	AttrNumber	active;
	AttrNumber	password;
} Columns;

static AttrNumber
column(const TriggerData * data, int argument)
{
	const		Trigger *trigger = data->tg_trigger;
	const char *name = argument < trigger->tgnargs ? trigger->tgargs[argument] : "";
	AttrNumber	number;

	if (name[0] == '\0')
		return 0;
	number = get_attnum(RelationGetRelid(data->tg_relation), name);
	if (number <= 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
						errmsg("relation \"%s\" has no column \"%s\"",
							   RelationGetRelationName(data->tg_relation), name),
						errhint("SELECT oauth_use_users(...) says where users are now; "
								"oauth_use_builtin_users() removes the trigger.")));
	return number;
}

/* The value as text, or NULL. */
static char *
text_of(TupleTableSlot * slot, AttrNumber number)
{
	bool		is_null;
	Datum		value = slot_getattr(slot, number, &is_null);
	Oid			output;
	bool		is_varlena;

	if (is_null)
		return NULL;
	getTypeOutputInfo(getBaseType(TupleDescAttr(slot->tts_tupleDescriptor, number - 1)->atttypid),
					  &output, &is_varlena);
	return OidOutputFunctionCall(output, value);
}

static bool
differ(TupleTableSlot * old, TupleTableSlot * new, AttrNumber number)
{
	char	   *before = text_of(old, number);
	char	   *after = text_of(new, number);

	return before == NULL || after == NULL ? before != after : strcmp(before, after) != 0;
}

/*
 * Reads the column as oauth_use_users() does: active is a boolean that is true, or a time that is
 * null.
 */
static bool
is_active(TupleTableSlot * slot, AttrNumber number)
{
	bool		is_null;
	Datum		value = slot_getattr(slot, number, &is_null);

	if (getBaseType(TupleDescAttr(slot->tts_tupleDescriptor, number - 1)->atttypid) != BOOLOID)
		return is_null;
	return !is_null && DatumGetBool(value);
}

/* The subject of a row, or NULL if its id cannot be one. */
static char *
subject_of(TupleTableSlot * slot, const Columns *columns)
{
	char	   *id = text_of(slot, columns->id);

	return id != NULL && oauth_is_subject(id) ? id : NULL;
}

/* Notes in the audit log what ended, if anything did.  subject is NULL for a number of users. */
static void
note_ended(int64 n, const char *subject, const char *what)
{
	OAuthEvent	event = {.event = "revoke", .subject = subject, .detail = what};

	if (n == 0)
		return;
	if (subject == NULL)
		event.detail = psprintf("%s: " INT64_FORMAT " subjects", what, n);
	oauth_event_note(NULL, &event);
}

/* Handles all rows of the statement at once. */
static void
end_deleted(const TriggerData * data, const Columns *columns)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(RelationGetDescr(data->tg_relation),
													&TTSOpsMinimalTuple);
	List	   *subjects = NIL;

	tuplestore_rescan(data->tg_oldtable);
	while (tuplestore_gettupleslot(data->tg_oldtable, true, false, slot))
	{
		char	   *subject = subject_of(slot, columns);

		if (subject != NULL)
			subjects = lappend(subjects, subject);
	}
	ExecDropSingleTupleTableSlot(slot);
	if (subjects != NIL)
		note_ended(oauth_store_end_subjects(subjects, true),
				   list_length(subjects) == 1 ? linitial(subjects) : NULL,
				   "user was deleted in the application's table");
}

static void
end_updated(const TriggerData * data, const Columns *columns)
{
	TupleTableSlot *old = data->tg_trigslot;
	TupleTableSlot *new = data->tg_newslot;
	char	   *subject = subject_of(old, columns);

	if (subject == NULL)
		return;
	if (differ(old, new, columns->id))
		note_ended(oauth_store_end_subjects(list_make1(subject), true), subject,
				   "user got another id in the application's table");
	else if (columns->active != 0 && is_active(old, columns->active) &&
			 !is_active(new, columns->active))
		note_ended(oauth_store_end_subjects(list_make1(subject), false), subject,
				   "user was deactivated in the application's table");
	else if (columns->password != 0 && differ(old, new, columns->password) &&
			 !oauth_store_is_replacing_hash(text_of(new, columns->password)))
		note_ended(oauth_store_end_access(subject, "password was changed"), subject,
				   "password was changed in the application's table");
}

/* _oauth_users_changed() RETURNS trigger */
Datum
oauth_users_changed(PG_FUNCTION_ARGS)
{
	TriggerData *data = (TriggerData *) fcinfo->context;
	Columns		columns;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(data->tg_event))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("_oauth_users_changed() is for the triggers that oauth_use_users() "
							   "creates")));
	columns.id = column(data, 0);
	columns.active = column(data, 1);
	columns.password = column(data, 2);
	if (TRIGGER_FIRED_BY_TRUNCATE(data->tg_event))
		note_ended(oauth_store_end_every_subject(), NULL, "the application's table was truncated");
	else if (TRIGGER_FIRED_BY_DELETE(data->tg_event) && data->tg_oldtable != NULL)
		end_deleted(data, &columns);
	else if (TRIGGER_FIRED_BY_UPDATE(data->tg_event) && TRIGGER_FIRED_FOR_ROW(data->tg_event))
		end_updated(data, &columns);
	return PointerGetDatum(NULL);
}
