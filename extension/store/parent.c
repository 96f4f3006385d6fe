/*
 * parent.c
 *		What new rows refer to: held as a foreign key holds it.
 *
 * A foreign key runs a statement for each row.  Rows that are written straight into their table
 * (insert.c) have the rows that they refer to locked here, or their keys (guard.c), each once and
 * in the order of the keys, so that two sessions never wait for each other.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"

#include "access/tableam.h"
#include "access/transam.h"
#include "access/xact.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

static OAuthTable grants = {
	.name = "grant", .equals = F_INT8EQ, .columns = {"handle"}
};
static OAuthTable clients = {
	.name = "client", .equals = F_TEXTEQ, .places = &oauth_store_client_places,
	.columns = {"client_id"}
};
static OAuthTable subjects = {
	.name = "subject", .equals = F_TEXTEQ, .places = &oauth_store_subject_places,
	.columns = {"subject"}
};

OAuthParent oauth_store_grants = {
	.table = &grants,
	.hold = {
		.sql = "SELECT FROM oauth.grant WHERE handle = $1 FOR KEY SHARE",
		.n_arguments = 1, .argument_types = {INT8OID}
	}
};
OAuthParent oauth_store_clients = {
	.table = &clients,
	.hold = {
		.sql = "SELECT FROM oauth.client WHERE client_id = $1 FOR KEY SHARE",
		.n_arguments = 1, .argument_types = {TEXTOID}
	},
	.has_guard = true
};
OAuthParent oauth_store_subjects = {
	.table = &subjects,
	.hold = {
		.sql = "SELECT FROM oauth.subject WHERE subject = $1 FOR KEY SHARE",
		.n_arguments = 1, .argument_types = {TEXTOID}
	},
	.has_guard = true
};

static int
compare_numbers(const void *a, const void *b)
{
	int64		one = DatumGetInt64(*(const Datum *) a);
	int64		other = DatumGetInt64(*(const Datum *) b);

	return one < other ? -1 : one > other;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(TextDatumGetCString(*(const Datum *) a), TextDatumGetCString(*(const Datum *) b));
}

/*
 * Whether this transaction made that version of the row: then nobody else can remove it, nor change
 * its key, before the transaction ends.
 */
static bool
is_ours(TupleTableSlot * slot)
{
	bool		is_null;
	Datum		made_by = slot_getsysattr(slot, MinTransactionIdAttributeNumber, &is_null);

	return TransactionIdIsCurrentTransactionId(DatumGetTransactionId(made_by));
}

/*
 * The grant that was inserted last, and by whom: nobody else sees it before the transaction ends,
 * so that its tokens need not look for it.
 */
static TransactionId new_grant_made_by = InvalidTransactionId;
static int64 new_grant;

void
oauth_store_note_new_grant(int64 handle)
{
	new_grant_made_by = GetCurrentTransactionId();
	new_grant = handle;
}

static bool
is_new_grant(const OAuthParent *parent, Datum key)
{
	return parent == &oauth_store_grants && new_grant == DatumGetInt64(key) &&
		TransactionIdIsCurrentTransactionId(new_grant_made_by);
}

/* False also where the row changes under our hands. */
static bool
lock_row(const OAuthRow *row)
{
	Relation	relation = oauth_store_relation_of(row->scan);
	ItemPointerData place = row->slot->tts_tid;
	TM_FailureData failure;

	if (is_ours(row->slot))
		return true;
	LockRelationOid(RelationGetRelid(relation), RowShareLock);
	return table_tuple_lock(relation, &place, GetActiveSnapshot(), row->slot,
							GetCurrentCommandId(false), LockTupleKeyShare, LockWaitBlock,
							TUPLE_LOCK_FLAG_LOCK_UPDATE_IN_PROGRESS, &failure) == TM_Ok;
}

static bool
hold_by_statement(OAuthParent *parent, Datum key)
{
	OAuthArguments arguments = {0};

	oauth_add_value(&arguments, key);
	return oauth_store_count(&parent->hold, &arguments) > 0;
}

/* Locks the row of that key, in whatever way that is possible. */
static bool
lock_anyhow(OAuthParent *parent, const OAuthRow *row, Datum key, OAuthHeld held)
{
	oauth_store_let_key(parent, key, held);
	return (row->slot != NULL && lock_row(row)) || hold_by_statement(parent, key);
}

/* Raises 23503 unless the row is there. */
static void
hold_row(OAuthParent *parent, Datum key, OAuthHeld held)
{
	OAuthRow	row;
	bool		is_held = (oauth_store_open_row(&row, parent->table, key) &&
						   oauth_store_is_kept(parent, key, row.slot, held)) ||
		lock_anyhow(parent, &row, key, held);

	oauth_store_close_row(&row);
	if (!is_held)
		ereport(ERROR, (errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
						errmsg("what a new row refers to was removed meanwhile"),
						errdetail("It was a row of oauth.%s.", parent->table->name),
						errhint("Send the request again.")));
}

/* By its key, where that is possible. */
static void
hold_guarded(OAuthParent *parent, Datum key)
{
	OAuthHeld	held = oauth_store_hold_key(parent, key);

	oauth_store_begin_latest();
	hold_row(parent, key, held);
	oauth_store_end_latest();
}

static void
hold_rows(OAuthParent *parent, const Datum *keys, int n)
{
	oauth_store_begin_latest();
	for (int i = 0; i < n; i++)
		hold_row(parent, keys[i], OAUTH_NOT_HELD);
	oauth_store_end_latest();
}

/* Each key once; how many those are. */
static int
sort_keys(const OAuthParent *parent, Datum *keys, int n)
{
	int			(*compare) (const void *, const void *) =
	parent->hold.argument_types[0] == INT8OID ? compare_numbers : compare_texts;
	int			n_distinct = 0;

	qsort(keys, n, sizeof(Datum), compare);
	for (int i = 0; i < n; i++)
		if (i == 0 || compare(&keys[i], &keys[i - 1]) != 0)
			keys[n_distinct++] = keys[i];
	return n_distinct;
}

/*
 * Locks the rows of those keys until the transaction ends, so that they stay; sorts the keys, which
 * may be there twice.  Raises 23503 unless all rows are there, and 25006 where nothing can be
 * written.
 */
void
oauth_store_hold_parents(OAuthParent *parent, Datum *keys, int n)
{
	PreventCommandIfReadOnly("INSERT");
	if (n == 1 && is_new_grant(parent, keys[0]))
		return;
	n = sort_keys(parent, keys, n);
	if (parent->has_guard)
		for (int i = 0; i < n; i++)
			hold_guarded(parent, keys[i]);
	else
		hold_rows(parent, keys, n);
}
