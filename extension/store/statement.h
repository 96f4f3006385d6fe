/*
 * statement.h
 *		What the files of the store share: statements, rows, and results as C values.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_STATEMENT_H
#define OAUTH_STORE_STATEMENT_H

#include "crypto/crypto.h"
#include "store/store.h"
#include "store/token.h"

#include "access/genam.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "storage/buf.h"
#include "storage/itemptr.h"
#include "storage/lock.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/relcache.h"
#include "utils/resowner.h"

#define OAUTH_MAX_ARGUMENTS 64

/*
 * A statement.  One that only reads uses the snapshot of the surrounding query, and works on a
 * standby.
 */
typedef struct OAuthStatement
{
	const char *sql;
	bool		only_reads;
	bool		sees_latest;	/* what is committed, whatever the isolation level */
	bool		uses_gin;		/* which has bitmap scans only */
	bool		is_of_handle;	/* asks about no token but that of its first argument */
	int			n_arguments;
	Oid			argument_types[OAUTH_MAX_ARGUMENTS];
	SPIPlanPtr	plan;
} OAuthStatement;

/* Initialize it with {0}; oauth_add_text() and the like add one argument each. */
typedef struct OAuthArguments
{
	int			n;
	Datum		values[OAUTH_MAX_ARGUMENTS];
	char		nulls[OAUTH_MAX_ARGUMENTS];
} OAuthArguments;

extern uint64 oauth_store_run(OAuthStatement *statement, OAuthArguments *arguments);
extern void oauth_store_end(void);
extern uint64 oauth_store_count(OAuthStatement *statement, OAuthArguments *arguments);
extern int64 oauth_store_newest(OAuthStatement *statement);
extern Datum oauth_store_column(uint64 row, int column, bool *is_null);
extern char *oauth_store_string(uint64 row, int column);
extern int64 oauth_store_int64(uint64 row, int column);
extern int	oauth_store_int32(uint64 row, int column);
extern bool oauth_store_bool(uint64 row, int column);
extern Datum oauth_store_digest(const char *secret);
extern Datum oauth_store_handles(uint64 n, MemoryContext caller);
extern List *oauth_store_append(List *list, void *item, MemoryContext caller);
extern List *oauth_store_list(OAuthStatement *statement, OAuthArguments *arguments,
							  void *(*read) (uint64 row));
extern void *oauth_store_first_string(uint64 row);
extern List *oauth_store_strings(uint64 row, int column, MemoryContext caller);

/* ---- key_lock.c ---- */

extern Oid	oauth_store_relation(const char *name);
extern bool oauth_store_lock_key(Oid table, const void *key, bool wait);
extern bool oauth_store_try_lock(Oid table, const void *key);
extern LOCKTAG oauth_store_tag_of_key(Oid table, const void *key);
extern ResourceOwner oauth_store_begin_owning(void);
extern void oauth_store_end_owning(ResourceOwner before);
extern LocalTransactionId oauth_store_transaction_number(void);

/* ---- arguments.c ---- */

extern void oauth_add_null(OAuthArguments *arguments);
extern void oauth_add_value(OAuthArguments *arguments, Datum value);
extern void oauth_add_text(OAuthArguments *arguments, const char *text);
extern void oauth_add_pointer(OAuthArguments *arguments, const void *value);
extern void oauth_add_bytes(OAuthArguments *arguments, const uint8 *bytes, size_t length);
extern void oauth_add_digest(OAuthArguments *arguments, const char *secret);
extern void oauth_add_int64(OAuthArguments *arguments, int64 number);
extern void oauth_add_int32(OAuthArguments *arguments, int32 number);
extern void oauth_add_bool(OAuthArguments *arguments, bool value);
extern void oauth_add_timestamp(OAuthArguments *arguments, TimestampTz at);
extern void oauth_add_jsonb(OAuthArguments *arguments, const char *json);
extern void oauth_add_authentication(OAuthArguments *arguments,
									 const OAuthAuthentication *authentication);

/* ---- row.c ---- */

#define OAUTH_MAX_COLUMNS 64

/* Where rows were found; see place.c. */
typedef struct OAuthPlaces
{
	uint32		limit;			/* of the size; 0: as large as is of use */
	struct OAuthPlace *entries;
	uint32		size;
	uint32		displaced;		/* that were of use, since it has that size */
} OAuthPlaces;

/*
 * A table with the columns that are read; the numbers are those of the relation that was looked up.
 */
typedef struct OAuthTable
{
	const char *name;
	const char *index;			/* that has the key; NULL: the primary key's */
	RegProcedure equals;		/* of the type of the key, which is the first column */
	OAuthPlaces *places;		/* of rows that are read often, by a primary key; else NULL */
	const char *columns[OAUTH_MAX_COLUMNS];
	Oid			relation;
	Oid			index_relation;
	AttrNumber	numbers[OAUTH_MAX_COLUMNS];
	uint64		generation;		/* when it was looked up */
	struct OAuthScan *scan;		/* of that batch; see scan.c */
	uint64		batch;
} OAuthTable;

/* A row that is being read. */
typedef struct OAuthRow
{
	const OAuthTable *table;
	struct OAuthScan *scan;
	TupleTableSlot *slot;
} OAuthRow;

extern uint64 oauth_store_generation(void);
extern Relation oauth_store_open_table(OAuthTable *table, LOCKMODE lock);
extern bool oauth_store_open_row(OAuthRow *row, OAuthTable *table, Datum key);
extern bool oauth_store_next_row(OAuthRow *row);
extern void oauth_store_close_row(OAuthRow *row);
extern void oauth_store_begin_latest(void);
extern void oauth_store_end_latest(void);
extern bool oauth_store_row_is_null(const OAuthRow *row, int column);
extern Datum oauth_store_row_value(const OAuthRow *row, int column);
extern char *oauth_store_row_string(const OAuthRow *row, int column);
extern int64 oauth_store_row_int64(const OAuthRow *row, int column);
extern int	oauth_store_row_int32(const OAuthRow *row, int column);
extern bytea *oauth_store_row_bytea(const OAuthRow *row, int column);
extern List *oauth_store_row_strings(const OAuthRow *row, int column);
extern bool oauth_store_row_has_hash(const OAuthRow *row, int column, const uint8 *hash);
extern char *oauth_store_row_json(const OAuthRow *row, int column);
extern void oauth_store_row_authentication(const OAuthRow *row, int column,
										   OAuthAuthentication *authentication);

/* ---- scan.c ---- */

#if PG_VERSION_NUM >= 180000
#define OAUTH_BEGIN_SCAN(relation, index, snapshot, n_keys) \
	index_beginscan(relation, index, snapshot, NULL, n_keys, 0)
#else
#define OAUTH_BEGIN_SCAN(relation, index, snapshot, n_keys) \
	index_beginscan(relation, index, snapshot, n_keys, 0)
#endif

typedef struct OAuthScan OAuthScan;

extern OAuthScan *oauth_store_begin_scan(OAuthTable *table, Datum key);
extern TupleTableSlot * oauth_store_scan_next(OAuthScan *scan);
extern void oauth_store_end_scan(OAuthScan *scan);
extern bool oauth_store_index_is_empty(OAuthTable *table);
extern Relation oauth_store_relation_of(const OAuthScan *scan);

/* ---- place.c ---- */

extern OAuthPlaces oauth_store_client_places;
extern OAuthPlaces oauth_store_subject_places;

extern bool oauth_store_recall_place(OAuthPlaces *places, uint64 key, ItemPointer at,
									 Buffer *buffer);
extern void oauth_store_remember_place(OAuthPlaces *places, uint64 key, ItemPointerData at,
									   Buffer buffer);
extern void oauth_store_move_place(OAuthPlaces *places, uint64 key, Buffer buffer);
extern void oauth_store_link_place(OAuthPlaces *places, uint64 key, uint64 next);
extern void oauth_store_forget_place(OAuthPlaces *places, uint64 key);
extern void oauth_store_expect_place(const OAuthPlaces *places, uint64 key);
extern uint64 oauth_store_expect_page(const OAuthPlaces *places, uint64 key);
extern void oauth_store_expect_row(const OAuthPlaces *places, uint64 key);

/* ---- parent.c ---- */

/* Rows that others refer to. */
typedef struct OAuthParent
{
	OAuthTable *table;			/* its first column is the key */
	OAuthStatement hold;		/* locks the row of that key as a foreign key does */
	bool		has_guard;		/* rows may be kept by their key; see guard.c */
	bool		is_guarded;		/* and nothing stands against it */
	uint64		generation;		/* when that was looked up */
} OAuthParent;

extern OAuthParent oauth_store_grants;
extern OAuthParent oauth_store_clients;
extern OAuthParent oauth_store_subjects;

extern void oauth_store_note_new_grant(int64 handle);
extern void oauth_store_hold_parents(OAuthParent *parent, Datum *keys, int n);

/* ---- guard.c ---- */

/* Whether this transaction holds a key. */
typedef enum OAuthHeld
{
	OAUTH_NOT_HELD,				/* its row has to be locked */
	OAUTH_HELD_NOW,
	OAUTH_HELD_BEFORE
} OAuthHeld;

extern OAuthHeld oauth_store_hold_key(OAuthParent *parent, Datum key);
extern bool oauth_store_is_kept(const OAuthParent *parent, Datum key, TupleTableSlot * slot,
								OAuthHeld held);
extern void oauth_store_let_key(const OAuthParent *parent, Datum key, OAuthHeld held);
extern void oauth_store_await_grants(const OAuthParent *parent, const char *key);
extern bool oauth_store_has_grants_under_way(const OAuthParent *parent, const char *key);

/* ---- index.c ---- */

extern ResultRelInfo * oauth_store_result_for(Relation relation);
extern void oauth_store_add_to_indexes(ResultRelInfo * result, EState * estate,
									   TupleTableSlot * slot, bool *conflict, bool only_summaries);
extern void oauth_store_index_slots(ResultRelInfo * result, EState * estate,
									TupleTableSlot * *slots, int n, bool only_summaries);

/* ---- insert.c ---- */

/* Inserts a row. */
#define OAUTH_MAX_PARENTS 2
#define OAUTH_MAX_CONSTRAINTS 8
typedef struct OAuthInsert
{
	OAuthTable	table;			/* its columns are as the arguments, and begin with the handle */
	OAuthStatement statement;	/* does the same, in words of SQL */
	OAuthParent *parents[OAUTH_MAX_PARENTS];	/* of the columns from the second on */
	const char *constraints[OAUTH_MAX_CONSTRAINTS]; /* the CHECKs of the extension, which hold for
													 * these rows; NULL after the last */
	bool		is_plain;		/* a row is only stored, and put into the indexes */
	uint64		generation;		/* when that was looked up */
	void	   *domains[OAUTH_MAX_ARGUMENTS];
	struct OAuthWriter *writer; /* of that batch; see insert_new.c */
	uint64		batch;
} OAuthInsert;

extern bool oauth_store_insert_rows(OAuthInsert *insert, List *rows);
extern bool oauth_store_insert_at_once(OAuthInsert *insert, OAuthArguments *arguments);
extern Relation oauth_store_open_for_insert(OAuthInsert *insert);
extern void oauth_store_check_not_null(ResultRelInfo * result, EState * estate,
									   TupleTableSlot * slot);
extern void oauth_store_fill_slot(TupleTableSlot * slot, Relation relation, OAuthInsert *insert,
								  const OAuthArguments *row);
extern bool oauth_store_is_plain(Relation relation);
extern bool oauth_store_has_other_checks(const TupleConstr * constraints, const char *const *own);
extern bool oauth_store_is_left_null(Form_pg_attribute column);
extern void oauth_store_write_slots(Relation relation, TupleTableSlot * *slots, int n,
									bool with_checks);

/* ---- insert_new.c ---- */

extern void oauth_store_hold_table(OAuthInsert *insert);
extern bool oauth_store_insert_new(OAuthInsert *insert, OAuthArguments *arguments);

/* ---- bulk.c ---- */

extern void oauth_store_insert(OAuthInsert *insert, OAuthArguments *arguments);
extern MemoryContext oauth_store_batch(void);
extern bool oauth_store_is_batch(void);
extern MemoryContext oauth_store_batch_of_snapshot(void);
extern uint64 oauth_store_batch_number(void);
extern void oauth_store_keep(void *object, void (*end) (void *object));

/* What the requests of a batch read once. */
typedef enum OAuthShared
{
	OAUTH_SHARED_CLIENTS,
	OAUTH_SHARED_DEFAULT_SCOPE,
	OAUTH_SHARED_MASTER_KEY
} OAuthShared;
#define OAUTH_SHARED_KINDS (OAUTH_SHARED_MASTER_KEY + 1)

extern void **oauth_store_shared(OAuthShared what);
extern void oauth_store_settle_handle(int64 handle);
extern void oauth_store_settle_for(OAuthStatement *statement, const OAuthArguments *arguments);

/* ---- use.c ---- */

#define OAUTH_MAX_USED 16

/* A row that is good once; numbers of columns are those of the table's list. */
typedef struct OAuthUse
{
	OAuthTable *table;
	OAuthStatement statement;	/* does the same, in words of SQL */
	const char *constraints[OAUTH_MAX_CONSTRAINTS]; /* the CHECKs of the extension, which hold for
													 * the row then; NULL after the last */
	int			used_at;
	int			expires_at;
	int			erased;			/* is null afterwards; 0: none */
	int			columns[OAUTH_MAX_USED];	/* of the arguments from the second on */
} OAuthUse;

extern bool oauth_store_use(OAuthUse *use, OAuthArguments *arguments);

/* ---- lookup.c ---- */

extern bool oauth_store_read_unasked_grant(OAuthGrant *grant);

/* ---- imported.c ---- */

extern Datum oauth_store_imported_digest(const uint8 *hash);

/* ---- privileges.c; checks.sql has the same list ---- */

/* The functions that PUBLIC may execute. */
#define OAUTH_IS_FOR_PUBLIC \
	"p.proname IN ('oauth_authenticate', 'oauth_authenticate_request', 'oauth_subject', " \
	"'oauth_client', 'oauth_scope'," \
	" 'oauth_has_scope', 'oauth_signature_base_string'," \
	" 'oauth_signature', 'oauth_verify_signature')"

/* ---- housekeeping.c ---- */

extern TimestampTz oauth_store_writers_since(void);

/* ---- restore.c ---- */


#define HASH_DATUM(hash) PointerGetDatum(oauth_bytea((hash), OAUTH_HASH_LENGTH))

#endif							/* OAUTH_STORE_STATEMENT_H */
