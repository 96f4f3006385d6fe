/*
 * pgcrypto.c
 *		The functions of pgcrypto that passwords need.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"
#include "store/store.h"

/*
 * Finds the function by its membership in the extension, never by name through a path.  The types
 * are quoted if quote_all_identifiers is on.
 */
static OAuthStatement pgcrypto_function = {
	.sql = "SELECT p.oid FROM pg_catalog.pg_proc p"
	" JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid ="
	" p.oid AND d.deptype = 'e'"
	" JOIN pg_catalog.pg_extension e ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND"
	" d.refobjid = e.oid"
	" WHERE e.extname = 'pgcrypto' AND p.proname = split_part($1, '(', 1)"
	" AND translate(oidvectortypes(p.proargtypes), ' \"', '') || ')' = split_part($1, '(', 2)",
	.only_reads = true,
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/* signature is 'name(type,type)'.  Raises 42883 if pgcrypto has no such function. */
Oid
oauth_store_pgcrypto_function(const char *signature)
{
	OAuthArguments arguments = {0};
	Oid			function = InvalidOid;
	bool		is_null;

	oauth_add_text(&arguments, signature);
	if (oauth_store_run(&pgcrypto_function, &arguments) > 0)
		function = DatumGetObjectId(oauth_store_column(0, 1, &is_null));
	oauth_store_end();
	if (!OidIsValid(function))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("extension pgcrypto has no function %s", signature),
				 errhint("CREATE EXTENSION pgcrypto")));
	return function;
}
