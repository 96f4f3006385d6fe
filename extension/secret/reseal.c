/*
 * reseal.c
 *		Sealing every value anew, under a master key that has just become the current one.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "secret/secret.h"
#include "store/key.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* The words that the values of a row are sealed to. */
static char *
bound_to(OAuthSealedTable table, const OAuthSealedRow *row)
{
	switch (table)
	{
		case OAUTH_SEALED_CLIENT:
			return TextDatumGetCString(row->key);
		case OAUTH_SEALED_IMPORTED_KEY:
			return "imported key";
		case OAUTH_SEALED_OAUTH1_TOKEN:
			return oauth_seal_binding(OAUTH1_TOKEN, DatumGetInt64(row->key));
		case OAUTH_SEALED_REQUEST_TOKEN:
			return oauth_seal_binding(OAUTH1_REQUEST_TOKEN, DatumGetInt64(row->key));
		case OAUTH_SEALED_SIGNING_KEY:
			return oauth_signing_key_binding(TextDatumGetCString(row->key));
		case OAUTH_SEALED_PAIRWISE_KEY:
			return OAUTH_PAIRWISE_KEY_BINDING;
		case OAUTH_SEALED_SECOND_FACTOR:
			return oauth_second_factor_binding(TextDatumGetCString(row->key));
	}
	elog(ERROR, "unknown table of sealed values");
}

/* The value under the current key; NULL stays NULL. */
static bytea *
reseal(bytea *sealed, const char *words)
{
	return sealed ? oauth_seal(oauth_unseal(sealed, words), words) : NULL;
}

/* Seals the values of a batch anew and returns its last row. */
static OAuthSealedRow *
reseal_batch(OAuthSealedTable table, List *rows)
{
	ListCell   *cell;

	foreach(cell, rows)
	{
		OAuthSealedRow *row = lfirst(cell);
		const char *words = bound_to(table, row);

		row->secret = reseal(row->secret, words);
		row->old_secret = reseal(row->old_secret, words);
		oauth_store_write_sealed(table, row);
	}
	return llast(rows);
}

/*
 * Seals every value of the table anew; returns the number of rows.  Each batch has a memory context
 * of its own, which is deleted after the next batch has been read.
 */
static int64
reseal_table(OAuthSealedTable table)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext previous = NULL;
	OAuthSealedRow *last = NULL;
	int64		total = 0;

	for (;;)
	{
		MemoryContext batch = AllocSetContextCreate(caller, "oauth reseal", ALLOCSET_DEFAULT_SIZES);
		List	   *rows;

		MemoryContextSwitchTo(batch);
		rows = oauth_store_sealed_rows(table, last);
		if (previous != NULL)
			MemoryContextDelete(previous);
		previous = batch;
		if (rows == NIL)
			break;
		total += list_length(rows);
		last = reseal_batch(table, rows);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(previous);
	return total;
}

/* Seals every value of the database under the current key; returns the number of rows. */
int64
oauth_reseal_all(void)
{
	int64		total = 0;

	for (int table = 0; table <= OAUTH_SEALED_SECOND_FACTOR; table++)
		total += reseal_table(table);
	return total;
}
