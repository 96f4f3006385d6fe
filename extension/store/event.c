/*
 * event.c
 *		Writing the audit log, and keeping it short.
 *
 * Events are collected until the transaction commits, and then written together, as COPY writes
 * rows: a batch of requests makes one record of the write-ahead log.  Events of a transaction or
 * savepoint that is rolled back are never written.
 *
 * Where an administrator gave the table a trigger, a column, a constraint, a rule or row security,
 * each event is written by an ordinary INSERT, at once: at the end of a transaction nothing may run
 * that is not ours, for what it leaves to be done at commit would never be done.
 *
 * The log is a ring of tables, one for each sixth of oauth.event_retention.  The next table of the
 * ring contains only older events and is emptied with TRUNCATE, so there is nothing to delete and
 * nothing to vacuum.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "setting.h"
#include "store/event.h"
#include "store/statement.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "executor/tuptable.h"
#include "storage/lmgr.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#define TABLES			8
#define SHARES			6		/* of the retention: one table is being filled, one is empty */
#define MIN_SHARE		3600	/* seconds */
#define MAX_PENDING		512

/* The columns, in their order. */
enum
{
	HANDLE,
	GRANT_HANDLE,
	PEER,
	EVENT,
	OUTCOME,
	CLIENT_ID,
	SUBJECT,
	ROLE,
	DETAIL,
	REQUEST_ID,
	N_COLUMNS
};

static const Oid types[] = {INT8OID, INT8OID, INETOID, TEXTOID, TEXTOID,
TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID};

typedef struct EventTable
{
	const char *name;
	OAuthStatement insert;
	OAuthStatement newest;
	OAuthStatement empty;
	Oid			relation;		/* InvalidOid: the extension was dropped */
	bool		is_plain;		/* a row only has to be stored */
	uint64		generation;		/* when those were looked up */
} EventTable;

#define EVENT_TABLE(n) \
	{ \
		.name = "event_" #n, \
		.insert = {.sql = "INSERT INTO oauth.event_" #n \
			" (handle, grant_handle, peer, event, outcome, client_id, subject, role, detail," \
			" request_id)" \
			" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", \
			.n_arguments = N_COLUMNS, \
			.argument_types = {INT8OID, INT8OID, INETOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, \
			TEXTOID, TEXTOID, TEXTOID}}, \
		.newest = {.sql = "SELECT max(handle) FROM oauth.event_" #n, .only_reads = true}, \
		.empty = {.sql = "TRUNCATE oauth.event_" #n} \
	}

static EventTable tables[] = {
	EVENT_TABLE(0), EVENT_TABLE(1), EVENT_TABLE(2), EVENT_TABLE(3),
	EVENT_TABLE(4), EVENT_TABLE(5), EVENT_TABLE(6), EVENT_TABLE(7)
};

typedef struct Pending
{
	int			level;			/* of subtransactions */
	Datum		values[N_COLUMNS];
	bool		nulls[N_COLUMNS];
} Pending;

/* All of them are in TopTransactionContext. */
static Pending *pending;
static int	n_pending;
static int	room;

/* Where this transaction writes; NULL before its first event. */
static EventTable *chosen;

/* The table for that time; offset 1 is the next one. */
static EventTable *
table_at(TimestampTz time, int offset)
{
	int64		share = Max(oauth_setting_event_retention / SHARES, MIN_SHARE) * USECS_PER_SEC;

	return &tables[(time / share + offset) % TABLES];
}

/* InvalidOid if the extension was dropped meanwhile. */
static Oid
relation_of(const EventTable *table)
{
	Oid			schema = get_namespace_oid("oauth", true);

	return OidIsValid(schema) ? get_relname_relid(table->name, schema) : InvalidOid;
}

/*
 * Raises 55000 unless the table begins with the columns that are written here; an administrator may
 * have added columns and indexes.
 */
static void
check_columns(Relation relation)
{
	TupleDesc	desc = RelationGetDescr(relation);
	bool		fits = relation->rd_rel->relkind == RELKIND_RELATION && desc->natts >= N_COLUMNS;

	for (int i = 0; fits && i < N_COLUMNS; i++)
		fits = !TupleDescAttr(desc, i)->attisdropped &&
			TupleDescAttr(desc, i)->atttypid == types[i];
	if (!fits)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("table oauth.%s does not have the columns of the audit log",
							   RelationGetRelationName(relation)),
						errhint("It was changed, or is of an older version: then ALTER EXTENSION "
								"oauth UPDATE, or between releases a new "
								"database. SET oauth.event_retention = 0 goes on without a log.")));
}

/*
 * Whether a row only has to be stored, as in the table that the extension made: an administrator
 * may have added indexes, and columns that are null.
 */
static bool
is_plain(Relation relation)
{
	TupleDesc	desc = RelationGetDescr(relation);
	const		TupleConstr *constraints = desc->constr;

	for (int i = N_COLUMNS; i < desc->natts; i++)
		if (!oauth_store_is_left_null(TupleDescAttr(desc, i)))
			return false;
	return oauth_store_is_plain(relation) && relation->trigdesc == NULL &&
		(constraints == NULL || (constraints->num_check == 0 && constraints->num_defval == 0));
}

/* Opens the table, and looks at it where it may have changed; NULL if the extension was dropped. */
static Relation
open_table(EventTable *table)
{
	uint64		generation = oauth_store_generation();
	Relation	relation;

	if (table->generation != generation)
		table->relation = relation_of(table);
	if (!OidIsValid(table->relation))
		return NULL;
	relation = table_open(table->relation, RowExclusiveLock);
	if (table->generation != oauth_store_generation())
	{
		check_columns(relation);
		table->is_plain = is_plain(relation);
		table->generation = generation;
	}
	return relation;
}

/*
 * Chooses the table of the transaction; false if the extension was dropped meanwhile.  Keeps the
 * lock, so that no purge empties the table and nobody changes it.
 */
static bool
choose_table(void)
{
	EventTable *table;
	Relation	relation;

	if (chosen != NULL)
		return true;
	table = table_at(GetCurrentTimestamp(), 0);
	relation = open_table(table);
	if (relation == NULL)
		return false;
	chosen = table;
	table_close(relation, NoLock);
	return true;
}

/* An event as a row. */
static TupleTableSlot *
slot_of(Relation relation, const Pending *event)
{
	TupleTableSlot *slot = table_slot_create(relation, NULL);

	ExecStoreAllNullTuple(slot);
	memcpy(slot->tts_values, event->values, sizeof(event->values));
	memcpy(slot->tts_isnull, event->nulls, sizeof(event->nulls));
	return slot;
}

/* Frees what an event holds. */
static void
free_event(const Pending *event)
{
	for (int i = PEER; i < N_COLUMNS; i++)
		if (!event->nulls[i])
			pfree(DatumGetPointer(event->values[i]));
}

/*
 * Writes the events from that number on, which are the last ones.  Keeps the lock, so that no purge
 * empties the table.
 */
static void
write_from(int first)
{
	int			n = n_pending - first;
	Relation	relation = n > 0 && chosen != NULL ? open_table(chosen) : NULL;
	TupleTableSlot **slots;

	n_pending = first;
	if (relation == NULL)
		return;
	slots = palloc(n * sizeof(TupleTableSlot *));
	for (int i = 0; i < n; i++)
		slots[i] = slot_of(relation, &pending[first + i]);
	oauth_store_write_slots(relation, slots, n, true);
	for (int i = 0; i < n; i++)
	{
		ExecDropSingleTupleTableSlot(slots[i]);
		free_event(&pending[first + i]);
	}
	pfree(slots);
	table_close(relation, NoLock);
}

/*
 * Writes the events of this level, which are the last ones, so that undoing this level does not
 * undo the events of an outer one.
 */
static void
write_level(int level)
{
	int			first = n_pending;

	while (first > 0 && pending[first - 1].level == level)
		first--;
	write_from(first);
}

static Pending *
next_pending(void)
{
	int			level = GetCurrentTransactionNestLevel();

	if (n_pending >= MAX_PENDING)
		write_level(level);
	if (pending == NULL)
	{
		room = 64;
		pending = palloc(room * sizeof(Pending));
	}
	else if (n_pending == room)
	{
		room *= 2;
		pending = repalloc(pending, room * sizeof(Pending));
	}
	pending[n_pending].level = level;
	return &pending[n_pending++];
}

static void
set_text(Pending *row, int column, const char *value)
{
	row->nulls[column] = value == NULL;
	row->values[column] = value ? CStringGetTextDatum(value) : (Datum) 0;
}

/* What waits to be written together is there when a trigger looks for it. */
static void
insert_at_once(const Pending *row)
{
	OAuthArguments arguments = {0};

	for (int i = 0; i < N_COLUMNS; i++)
		if (row->nulls[i])
			oauth_add_null(&arguments);
		else
			oauth_add_value(&arguments, row->values[i]);
	oauth_store_settle();
	oauth_store_count(&chosen->insert, &arguments);
}

/*
 * Notes an event, to be written at commit, or at once.  peer: an inet, or 0 for none; role: the
 * session's, NULL for an HTTP client; request_id: of the request, NULL for none.
 */
void
oauth_store_note_event(const OAuthEvent *event, const char *outcome, Datum peer, const char *role,
					   const char *request_id)
{
	bool		is_chosen = choose_table();
	MemoryContext old;
	Pending		at_once;
	Pending    *row;

	if (!is_chosen)
		return;
	old = MemoryContextSwitchTo(chosen->is_plain ? TopTransactionContext : CurrentMemoryContext);
	row = chosen->is_plain ? next_pending() : &at_once;
	row->values[HANDLE] = Int64GetDatum(oauth_handle_next());
	row->nulls[HANDLE] = false;
	row->values[GRANT_HANDLE] = Int64GetDatum(event->grant);
	row->nulls[GRANT_HANDLE] = event->grant == 0;
	row->nulls[PEER] = peer == 0;
	row->values[PEER] = peer ? datumCopy(peer, false, -1) : (Datum) 0;
	set_text(row, EVENT, event->event);
	set_text(row, OUTCOME, outcome);
	set_text(row, CLIENT_ID, event->client_id);
	set_text(row, SUBJECT, event->subject);
	set_text(row, ROLE, role);
	set_text(row, DETAIL, event->detail);
	set_text(row, REQUEST_ID, request_id);
	MemoryContextSwitchTo(old);
	if (!chosen->is_plain)
		insert_at_once(row);
}

/* The last moment at which a transaction can write; its memory is freed afterwards. */
static void
at_end_of_transaction(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			if (n_pending > 0)
				write_from(0);
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			pending = NULL;
			n_pending = 0;
			chosen = NULL;
			break;
		case XACT_EVENT_PARALLEL_PRE_COMMIT:
		case XACT_EVENT_PARALLEL_COMMIT:
		case XACT_EVENT_PARALLEL_ABORT:
			break;
	}
}

/*
 * A subtransaction that aborts forgets its events; one that commits hands them to the level around
 * it, unless there are too many.
 */
static void
at_end_of_subtransaction(SubXactEvent event, SubTransactionId mine, SubTransactionId parent,
						 void *arg)
{
	int			level = GetCurrentTransactionNestLevel();

	if (event == SUBXACT_EVENT_ABORT_SUB)
		while (n_pending > 0 && pending[n_pending - 1].level >= level)
			n_pending--;
	else if (event == SUBXACT_EVENT_PRE_COMMIT_SUB && n_pending >= MAX_PENDING)
		write_level(level);
	else if (event == SUBXACT_EVENT_COMMIT_SUB)
		for (int i = n_pending - 1; i >= 0 && pending[i].level >= level; i--)
			pending[i].level = level - 1;
}

void
oauth_store_event_init(void)
{
	RegisterXactCallback(at_end_of_transaction, NULL);
	RegisterSubXactCallback(at_end_of_subtransaction, NULL);
}

static bool
is_over(EventTable *table, int64 before)
{
	int64		newest = oauth_store_newest(&table->newest);

	return newest > 0 && newest < before;
}

/*
 * Empties the next table of the ring, once everything in it is older than the retention.  A table
 * that somebody reads is emptied by a later purge.
 */
void
oauth_store_purge_events(void)
{
	TimestampTz now = GetCurrentTimestamp();
	EventTable *next = table_at(now, 1);
	int64		before = oauth_handle_before(now - oauth_setting_event_retention * USECS_PER_SEC);

	if (is_over(next, before) &&
		ConditionalLockRelationOid(relation_of(next), AccessExclusiveLock) && is_over(next, before))
		oauth_store_count(&next->empty, NULL);
}
