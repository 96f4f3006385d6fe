/*
 * bulk.c
 *		Rows of a batch of requests that are written together.
 *
 * To write a row costs the start and the end of an executor, or nearly, a look for what it refers
 * to, and a record of the write-ahead log of its own.  So while the requests of a batch are
 * answered, new rows wait, and are written as COPY writes rows (insert.c): the records share a
 * header, and what the rows refer to is locked once, in the order of the keys (parent.c).
 *
 * Nobody can tell: the answers leave when the batch has committed.  A request of the batch that
 * asks about them has them written first (oauth_store_settle_for()).  Within a subtransaction,
 * which may be undone, nothing waits; where rows of the batch were written in one that was undone
 * after all, the batch fails, and its requests are run again one by one.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"

#include "access/xact.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"

#define MAX_INSERTS 4
#define HANDLE 0				/* the first argument of each */

typedef struct Waiting
{
	OAuthInsert *insert;
	List	   *rows;			/* of OAuthArguments * */
} Waiting;

/* The batch that is being answered; its context is NULL while there is none. */
static MemoryContext context = NULL;
static int	level;				/* of subtransactions */
static ResourceOwner owner;		/* not that of a cursor which calls a function meanwhile */
static Snapshot snapshot;		/* of the statement; NULL: it has none */
static int	settled_level;		/* the deepest that rows were written at; 0: none was */
static bool is_lost;			/* they were undone there */
static bool is_settling;		/* what comes meanwhile, of a trigger, does not wait */
static Waiting waiting[MAX_INSERTS];
static int	n_waiting;			/* rows, of all */
static void *shared[OAUTH_SHARED_KINDS];
static uint64 batch_number;		/* of the last one that began */

/* What is kept until it ends, in its memory. */
typedef struct Kept
{
	void	   *object;
	void		(*end) (void *object);
} Kept;

static List *kept = NIL;

static void
forget_rows(void)
{
	memset(waiting, 0, sizeof(waiting));
	n_waiting = 0;
}

static void
forget_shared(void)
{
	memset(shared, 0, sizeof(shared));
}

static void
on_subtransaction(SubXactEvent event, SubTransactionId mine, SubTransactionId parent,
				  void *argument)
{
	if (event == SUBXACT_EVENT_ABORT_SUB && context != NULL &&
		GetCurrentTransactionNestLevel() <= settled_level)
		is_lost = true;
}

/* From here to oauth_store_end_batch(), new tokens wait.  False if they do already. */
bool
oauth_store_begin_batch(void)
{
	static bool is_registered = false;

	if (context != NULL)
		return false;
	if (!is_registered)
		RegisterSubXactCallback(on_subtransaction, NULL);
	is_registered = true;
	context = AllocSetContextCreate(CurrentMemoryContext, "oauth batch", ALLOCSET_DEFAULT_SIZES);
	batch_number++;
	level = GetCurrentTransactionNestLevel();
	owner = CurrentResourceOwner;
	snapshot = ActiveSnapshotSet() ? GetActiveSnapshot() : NULL;
	settled_level = 0;
	is_lost = false;
	forget_rows();
	forget_shared();
	return true;
}

/*
 * The memory of the batch that is being answered; NULL where there is none, or what is done now may
 * be undone, or let go, without the batch.
 */
MemoryContext
oauth_store_batch(void)
{
	return GetCurrentTransactionNestLevel() == level && CurrentResourceOwner == owner ? context :
		NULL;
}

/* Whether there is one, even if what is done now may be undone without it. */
bool
oauth_store_is_batch(void)
{
	return context != NULL;
}

/*
 * The same as oauth_store_batch() while rows are read in the snapshot of the statement: what one
 * request finds then is there for all.  That snapshot stays active below others, so that no other
 * has its address.  NULL in a serializable transaction, of which the server has to know what it has
 * read.
 */
MemoryContext
oauth_store_batch_of_snapshot(void)
{
	return snapshot != NULL && GetActiveSnapshot() == snapshot && !IsolationIsSerializable() ?
		oauth_store_batch() : NULL;
}

/*
 * Where the requests of the batch leave what they have read for each other, in its memory: they
 * came before it began, so that what changes meanwhile need not concern any of them.  NULL where
 * oauth_store_batch() is.
 */
void **
oauth_store_shared(OAuthShared what)
{
	return oauth_store_batch() != NULL ? &shared[what] : NULL;
}

/* Tells what a batch keeps from what those before it kept; never 0 while there is one. */
uint64
oauth_store_batch_number(void)
{
	return batch_number;
}

/*
 * Keeps an object, made in the memory of the batch, until that has been answered, and calls end for
 * it then.  Where the batch fails, what the object holds is let go with the transaction.
 */
void
oauth_store_keep(void *object, void (*end) (void *object))
{
	MemoryContext old = MemoryContextSwitchTo(context);
	Kept	   *one = palloc(sizeof(Kept));

	*one = (Kept) {object, end};
	kept = lappend(kept, one);
	MemoryContextSwitchTo(old);
}

/*
 * Nothing waits from here on.  is_answered: not after an error; what waits has been written before.
 */
void
oauth_store_end_batch(bool is_answered)
{
	MemoryContext ended = context;
	ListCell   *cell;

	if (is_answered)
		foreach(cell, kept)
			((Kept *) lfirst(cell))->end(((Kept *) lfirst(cell))->object);
	kept = NIL;
	context = NULL;
	forget_rows();
	forget_shared();
	MemoryContextDelete(ended);
}

static OAuthArguments *
copy_arguments(const OAuthArguments *arguments, const OAuthStatement *statement)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	OAuthArguments *copy = palloc(sizeof(OAuthArguments));

	copy->n = arguments->n;
	memcpy(copy->nulls, arguments->nulls, arguments->n);
	for (int i = 0; i < arguments->n; i++)
		copy->values[i] = arguments->nulls[i] == 'n' ? (Datum) 0 :
			datumCopy(arguments->values[i], get_typbyval(statement->argument_types[i]),
					  get_typlen(statement->argument_types[i]));
	MemoryContextSwitchTo(old);
	return copy;
}

static Waiting *
waiting_for(OAuthInsert *insert)
{
	for (int i = 0; i < MAX_INSERTS; i++)
		if (waiting[i].insert == insert || waiting[i].insert == NULL)
		{
			waiting[i].insert = insert;
			return &waiting[i];
		}
	elog(ERROR, "too many tables in a batch");
}

/* Inserts a row: now, or with the others of the batch. */
void
oauth_store_insert(OAuthInsert *insert, OAuthArguments *arguments)
{
	OAuthArguments *row;
	MemoryContext old;
	Waiting    *rows;

	if (oauth_store_batch() == NULL || is_settling)
	{
		oauth_store_insert_at_once(insert, arguments);
		return;
	}
	row = copy_arguments(arguments, &insert->statement);
	rows = waiting_for(insert);
	old = MemoryContextSwitchTo(context);
	rows->rows = lappend(rows->rows, row);
	MemoryContextSwitchTo(old);
	n_waiting++;
}

/* Appends the keys of that parent's which the rows refer to; how many there are then. */
static int
add_keys(const OAuthParent *parent, const Waiting *rows, Datum *keys, int n)
{
	ListCell   *cell;

	for (int i = 0; i < OAUTH_MAX_PARENTS; i++)
		foreach(cell, rows->insert->parents[i] == parent ? rows->rows : NIL)
		{
			const OAuthArguments *row = lfirst(cell);

			if (row->nulls[1 + i] != 'n')
				keys[n++] = row->values[1 + i];
		}
	return n;
}

/* What all rows refer to, each of it once. */
static void
hold_all_parents(const Waiting *rows, int n_rows)
{
	List	   *held = NIL;
	Datum	   *keys = palloc(n_rows * OAUTH_MAX_PARENTS * sizeof(Datum));

	for (int i = 0; i < MAX_INSERTS * OAUTH_MAX_PARENTS; i++)
	{
		const OAuthInsert *insert = rows[i / OAUTH_MAX_PARENTS].insert;
		OAuthParent *parent = insert ? insert->parents[i % OAUTH_MAX_PARENTS] : NULL;
		int			n = 0;

		if (parent == NULL || list_member_ptr(held, parent))
			continue;
		for (int j = 0; j < MAX_INSERTS && rows[j].insert != NULL; j++)
			n = add_keys(parent, &rows[j], keys, n);
		oauth_store_hold_parents(parent, keys, n);
		held = lappend(held, parent);
	}
	pfree(keys);
	list_free(held);
}

static void
write_all(const Waiting *rows, int n_rows)
{
	hold_all_parents(rows, n_rows);
	for (int i = 0; i < MAX_INSERTS && rows[i].insert != NULL; i++)
		oauth_store_insert_rows(rows[i].insert, rows[i].rows);
}

/* Writes the rows that wait. */
void
oauth_store_settle(void)
{
	Waiting		rows[MAX_INSERTS];
	int			n = n_waiting;

	if (is_lost)
		ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
						errmsg("tokens were written in a subtransaction that was undone"),
						errhint("Send the requests again, one by one.")));
	if (n == 0)
		return;
	memcpy(rows, waiting, sizeof(rows));
	forget_rows();
	settled_level = GetCurrentTransactionNestLevel() > level ?
		Max(settled_level, GetCurrentTransactionNestLevel()) : settled_level;
	is_settling = true;
	PG_TRY();
	{
		write_all(rows, n);
	}
	PG_FINALLY();
	{
		is_settling = false;
	}
	PG_END_TRY();
}

/* Writes them if the row of that handle is one. */
void
oauth_store_settle_handle(int64 handle)
{
	bool		waits = false;

	if (n_waiting == 0)
		return;
	for (int i = 0; i < MAX_INSERTS; i++)
	{
		ListCell   *cell;

		foreach(cell, waiting[i].rows)
			waits = waits ||
				DatumGetInt64(((OAuthArguments *) lfirst(cell))->values[HANDLE]) == handle;
	}
	if (waits)
		oauth_store_settle();
}

static bool
is_about(const OAuthStatement *statement, const char *table)
{
	const char *at = statement->sql;
	size_t		length = strlen(table);

	while ((at = strstr(at, "oauth.")) != NULL)
	{
		at += strlen("oauth.");
		if (strncmp(at, table, length) == 0)
			return true;
	}
	return false;
}

/* Forgets what the statement, which is about to be run, may change. */
static void
forget_changed(const OAuthStatement *statement)
{
	static const char *const tables[OAUTH_SHARED_KINDS] = {
		[OAUTH_SHARED_CLIENTS] = "client",
		[OAUTH_SHARED_DEFAULT_SCOPE] = "scope",
		[OAUTH_SHARED_MASTER_KEY] = "master_key"
	};

	for (int i = 0; i < OAUTH_SHARED_KINDS; i++)
		if (shared[i] != NULL && is_about(statement, tables[i]))
			shared[i] = NULL;
}

/*
 * Writes the rows that wait if the statement, which is about to be run, may ask about them, and
 * forgets what it may change.
 */
void
oauth_store_settle_for(OAuthStatement *statement, const OAuthArguments *arguments)
{
	if (context != NULL && !statement->only_reads)
		forget_changed(statement);
	if (n_waiting == 0)
		return;
	if (statement->is_of_handle)
		oauth_store_settle_handle(DatumGetInt64(arguments->values[0]));
	else
		for (int i = 0; i < MAX_INSERTS && waiting[i].insert != NULL; i++)
			if (is_about(statement, waiting[i].insert->table.name))
			{
				oauth_store_settle();
				return;
			}
}
