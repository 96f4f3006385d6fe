/*
 * store.h
 *		What the store_*.c files share.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_STORE_H
#define OAUTH_STORE_H

#include "oauth.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#define OAUTH_MAX_ARGUMENTS 12

/* A statement.  One that only reads uses the snapshot of the query it is part of, and works on a standby. */
typedef struct OAuthStatement
{
	const char *sql;
	bool		only_reads;
	int			n_arguments;
	Oid			argument_types[OAUTH_MAX_ARGUMENTS];
	SPIPlanPtr	plan;
} OAuthStatement;

extern uint64 oauth_store_run(OAuthStatement *statement, Datum *arguments, const char *nulls);
extern void oauth_store_end(void);
extern uint64 oauth_store_count(OAuthStatement *statement, Datum *arguments, const char *nulls);
extern Datum oauth_store_column(uint64 row, int column, bool *is_null);
extern char *oauth_store_string(uint64 row, int column);
extern int64 oauth_store_int64(uint64 row, int column);
extern int	oauth_store_int32(uint64 row, int column);
extern bool oauth_store_bool(uint64 row, int column);
extern List *oauth_store_strings(uint64 row, int column, MemoryContext caller);

#define HASH_DATUM(hash) PointerGetDatum(oauth_bytea((hash), OAUTH_HASH_LENGTH))

#endif							/* OAUTH_STORE_H */
