/*
 * privileges.c
 *		Privileges on the extension's objects that come from default privileges.
 *
 * ALTER DEFAULT PRIVILEGES grants rights on everything that is created later, the objects of an
 * extension script included: REVOKE ...  FROM PUBLIC leaves the rights of every other role.  So the
 * last statement of the script, and of each upgrade script, calls the function below.  It looks at
 * the objects that were added to the extension in this transaction, and at the rights that the
 * script left on each (pg_init_privs, or the object's own list if no script granted or revoked),
 * and revokes everything that is neither the owner's nor meant for PUBLIC.  Objects from earlier
 * transactions keep what administrators granted.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"

#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "fmgr.h"

PG_FUNCTION_INFO_V1(oauth_revoke_default_privileges);
PG_FUNCTION_INFO_V1(oauth_grant_again);

/*
 * Each object: its name in a GRANT, its owner, its list of rights, and the rights that PUBLIC is
 * meant to have.
 */
#define OBJECTS \
	"SELECT 'pg_proc'::regclass AS classid, p.oid AS objid, CASE p.prokind" \
	" WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END || p.oid::regprocedure AS object," \
	" p.proowner AS owner, coalesce(p.proacl, acldefault('f', p.proowner)) AS acl, CASE" \
	" WHEN " OAUTH_IS_FOR_PUBLIC " THEN 'EXECUTE' END AS for_public FROM pg_catalog.pg_proc p" \
	" UNION ALL SELECT 'pg_class'::regclass, c.oid, CASE c.relkind WHEN 'S' THEN 'SEQUENCE '" \
	" ELSE 'TABLE ' END || c.oid::regclass, c.relowner, coalesce(c.relacl," \
	" acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\", c.relowner)), NULL" \
	" FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') UNION ALL " \
	"SELECT 'pg_type'::regclass, t.oid, 'TYPE ' || format('%I.%I', n.nspname, t.typname), " \
	"t.typowner, coalesce(t.typacl, acldefault('T', t.typowner)), 'USAGE'" \
	" FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace" \
	" WHERE t.typcategory <> 'A' UNION ALL " \
	"SELECT 'pg_namespace'::regclass, n.oid, 'SCHEMA ' || n.oid::regnamespace, n.nspowner," \
	" coalesce(n.nspacl, acldefault('n', n.nspowner)), 'USAGE' FROM pg_catalog.pg_namespace n"

/*
 * The role that added the object to the extension, and a statement; roles that were dropped have no
 * privileges any more.
 */
static OAuthStatement corrections =
{.sql = "WITH member AS MATERIALIZED (SELECT d.xmin AS by, o.object, o.owner, o.for_public, "
	"coalesce(i.initprivs, o.acl) AS acl"
	" FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_depend d ON d.refclassid = "
	"'pg_extension'::regclass"
	" AND d.refobjid = e.oid AND d.deptype = 'e' JOIN (" OBJECTS
	") o ON o.classid = d.classid AND o.objid = d.objid"
	" LEFT JOIN pg_catalog.pg_init_privs i ON i.classoid = d.classid AND i.objoid = "
	"d.objid AND i.objsubid = 0"
	" WHERE e.extname = 'oauth')"
	" SELECT m.by, format('REVOKE %s ON %s FROM %s CASCADE', a.privilege_type, m.object,"
	" CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(r.rolname) END)"
	" FROM member m CROSS JOIN LATERAL aclexplode(m.acl) a LEFT JOIN pg_catalog.pg_roles r "
	"ON r.oid = a.grantee"
	" WHERE a.grantee <> m.owner AND (a.grantee = 0 OR r.oid IS NOT NULL)"
	" AND (a.grantee <> 0 OR a.privilege_type IS DISTINCT FROM m.for_public)"
	" UNION ALL "
	"SELECT m.by, format('GRANT %s ON %s TO PUBLIC', m.for_public, m.object) FROM member m "
	"WHERE m.for_public IS NOT NULL"
	" AND NOT EXISTS (SELECT FROM aclexplode(m.acl) a WHERE a.grantee = 0 AND "
	"a.privilege_type = m.for_public)",
.only_reads = true};

static void *
read_correction(uint64 row)
{
	bool		is_null;
	TransactionId by = DatumGetTransactionId(oauth_store_column(row, 1, &is_null));

	return TransactionIdIsCurrentTransactionId(by) ? oauth_store_string(row, 2) : NULL;
}

/* The statements that this transaction's objects need, in the caller's memory context. */
static List *
needed(void)
{
	return oauth_store_list(&corrections, NULL, read_correction);
}

/* Runs statements that change privileges; how many there were. */
static int64
change_privileges(List *statements)
{
	ListCell   *cell;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
	foreach(cell, statements)
	{
		int			result = SPI_execute(lfirst(cell), false, 0);

		if (result != SPI_OK_UTILITY)
			elog(ERROR, "could not change a privilege: %s", SPI_result_code_string(result));
	}
	SPI_finish();
	return list_length(statements);
}

/* _oauth_revoke_default_privileges() RETURNS bigint */
Datum
oauth_revoke_default_privileges(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(change_privileges(needed()));
}

/*
 * _oauth_grant_again(statements text[]) RETURNS bigint
 *
 * An upgrade script that makes a function anew, with other arguments, gives it the rights that
 * administrators had given to the one before.  What a script grants is part of the extension, and
 * no dump has it; so here the script does not count as the one who grants.
 */
Datum
oauth_grant_again(PG_FUNCTION_ARGS)
{
	bool		was_creating = creating_extension;
	List	   *statements = oauth_list_argument(fcinfo, 0, "statements");
	int64		n = 0;

	if (!was_creating)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("only an upgrade script calls _oauth_grant_again()"),
						errhint("GRANT and REVOKE change what others may do.")));
	PG_TRY();
	{
		creating_extension = false;
		n = change_privileges(statements);
	}
	PG_FINALLY();
	{
		creating_extension = was_creating;
	}
	PG_END_TRY();
	PG_RETURN_INT64(n);
}
