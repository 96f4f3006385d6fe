/*
 * restore.c
 *		SQL of oauth.dumped, which helps to see whether a dump was restored in full.
 *
 * A dump restores all rows of a table or, if loading them failed, none.  So oauth.dumped lists the
 * tables that had rows when the dump was made (the condition of its pg_extension_config_dump
 * computes its rows at that time), and a purge deletes the entries of tables that have rows here.
 * The views check_restored_table and check_restored_reference (checks.sql) tell the administrator.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"
#include "store/store.h"

static OAuthStatement forget_restored = {
	.sql = "DELETE FROM oauth.dumped d WHERE NOT EXISTS (SELECT FROM oauth.check_restored_table c"
	" WHERE c.subject = format('oauth.%I', d.relation))"
};

/* Runs before the first purge removes anything that was restored. */
void
oauth_store_forget_restored(void)
{
	oauth_store_count(&forget_restored, NULL);
}
