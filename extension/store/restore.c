/*
 * restore.c
 *		SQL that finds out whether a dump was restored in full.
 *
 * A dump restores all rows of a table or, if loading them failed, none.  So oauth.dumped lists the
 * tables that had rows when the dump was made (the condition of its pg_extension_config_dump
 * computes its rows at that time), and a purge deletes the entries of tables that have rows here.
 * A table without its rows is also named by the tables that refer to it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"

/* A finding if a row refers to one that does not exist. */
#define LOST(child, child_column, parent, parent_column) \
	"SELECT 'high', 'oauth." child "', 'some rows have a " child_column " that" \
	" is not in oauth." parent ": it was restored in part'," REMEDY \
	" WHERE EXISTS (SELECT FROM oauth." child " c WHERE c." child_column " IS NOT NULL" \
	" AND NOT EXISTS (SELECT FROM oauth." parent " p" \
	" WHERE p." parent_column " = c." child_column "))"
#define OF_CLIENT(child) LOST(child, "client_id", "client", "client_id")
#define OF_SUBJECT(child) LOST(child, "subject", "subject", "subject")
#define OF_GRANT(child) LOST(child, "grant_handle", "grant", "handle")
#define REMEDY " '-- restore the dump again, into an empty database: docs/operations.md'"

#define HAS_ROWS(name) " WHEN '" name "' THEN EXISTS (SELECT FROM oauth." name ")"
#define HAS_ITS_ROWS \
	"CASE d.relation" HAS_ROWS("access_token") HAS_ROWS("claims_function") HAS_ROWS("client") \
	HAS_ROWS("client_origin") HAS_ROWS("consent") HAS_ROWS("grant") HAS_ROWS("imported_key") \
	HAS_ROWS("imported_token") HAS_ROWS("master_key") HAS_ROWS("oauth1_token") \
	HAS_ROWS("page") HAS_ROWS("protected_function") HAS_ROWS("refresh_token") HAS_ROWS("scope") \
	HAS_ROWS("session") HAS_ROWS("signing_key") HAS_ROWS("subject") \
	HAS_ROWS("user") HAS_ROWS("user_source") " ELSE true END"

static OAuthStatement checks[] = {
	{							/* rows without the rows that they refer to */
		.sql = OF_CLIENT("client_origin") " UNION ALL " OF_SUBJECT("user")
		" UNION ALL " OF_CLIENT("grant") " UNION ALL " OF_SUBJECT("grant")
		" UNION ALL " OF_GRANT("access_token") " UNION ALL " OF_GRANT("refresh_token")
		" UNION ALL " OF_GRANT("authorization_code") " UNION ALL " OF_GRANT("oauth1_token")
		" UNION ALL " OF_CLIENT("request_token") " UNION ALL " OF_SUBJECT("request_token")
		" UNION ALL " OF_SUBJECT("consent") " UNION ALL " OF_CLIENT("consent")
		" UNION ALL " OF_SUBJECT("session")
		" UNION ALL " OF_CLIENT("login_request") " UNION ALL " OF_SUBJECT("login_request")
		" UNION ALL " OF_CLIENT("device_code") " UNION ALL " OF_SUBJECT("device_code"),
		.only_reads = true
	},
	{							/* tables without the rows that the dump had */
		.sql = "SELECT 'high', format('oauth.%I', d.relation),"
		" format('had rows in the dump that was restored here (%s), and has none', d.rows),"
		" format('-- restore the dump again: docs/operations.md.  If they are gone for good:"
		" DELETE FROM oauth.dumped WHERE relation = %L;', d.relation) FROM oauth.dumped d"
		" WHERE NOT " HAS_ITS_ROWS " ORDER BY d.relation",
		.only_reads = true
	},
};

static OAuthStatement forget_restored = {
	.sql = "DELETE FROM oauth.dumped d WHERE " HAS_ITS_ROWS
};

/* One of the checks, or NULL after the last one. */
OAuthStatement *
oauth_store_restore_check(size_t number)
{
	return number < lengthof(checks) ? &checks[number] : NULL;
}

/* Runs before the first purge removes anything that was restored. */
void
oauth_store_forget_restored(void)
{
	oauth_store_count(&forget_restored, NULL, NULL);
}
