/*
 * extension.c
 *		SQL of the extension itself: the schema that it is installed in.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"
#include "store/store.h"

static OAuthStatement api_schema = {.sql = "SELECT n.nspname::text FROM pg_catalog.pg_extension e "
	"JOIN pg_catalog.pg_namespace n ON n.oid = "
	"e.extnamespace"
	" WHERE e.extname = 'oauth'",
.only_reads = true};

/* The schema that the oauth_* functions are in. */
char *
oauth_store_api_schema(void)
{
	char	   *schema;

	oauth_store_run(&api_schema, NULL);
	schema = oauth_store_string(0, 1);
	oauth_store_end();
	return schema;
}
