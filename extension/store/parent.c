/*
 * parent.c
 *		What new rows refer to: held as a foreign key holds it.
 *
 * A foreign key runs a statement for each row.  Rows that are written straight into their table
 * (insert.c) have the rows that they refer to locked here, each once and in the order of the keys,
 * so that two sessions never wait for each other.
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
	.name = "subject", .equals = F_TEXTEQ, .columns = {"subject"}
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
	}
};
OAuthParent oauth_store_subjects = {
	.table = &subjects,
	.hold = {
		.sql = "SELECT FROM oauth.subject WHERE subject = $1 FOR KEY SHARE",
		.n_arguments = 1, .argument_types = {TEXTOID}
	}
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

/* Raises 23503 unless the row is there. */
static void
hold_row(OAuthParent *parent, Datum key)
{
	OAuthRow	row;
	bool		is_held = oauth_store_open_row(&row, parent->table, key) && lock_row(&row);

	oauth_store_close_row(&row);
	if (!is_held && !hold_by_statement(parent, key))
		ereport(ERROR, (errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
						errmsg("what a new row refers to was removed meanwhile"),
						errdetail("It was a row of oauth.%s.", parent->table->name),
						errhint("Send the request again.")));
}

/*
 * Locks the rows of those keys until the transaction ends, so that they stay; sorts the keys, which
 * may be there twice.  Raises 23503 unless all rows are there, and 25006 where nothing can be
 * written.
 */
void
oauth_store_hold_parents(OAuthParent *parent, Datum *keys, int n)
{
	int			(*compare) (const void *, const void *) = compare_texts;

	PreventCommandIfReadOnly("INSERT");
	if (parent->hold.argument_types[0] == INT8OID)
		compare = compare_numbers;
	qsort(keys, n, sizeof(Datum), compare);
	oauth_store_begin_latest();
	for (int i = 0; i < n; i++)
		if (i == 0 || compare(&keys[i], &keys[i - 1]) != 0)
			hold_row(parent, keys[i]);
	oauth_store_end_latest();
}
