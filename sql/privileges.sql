-- privileges.sql: questions to the catalog whose answers must be no rows.  SECURITY.md R220, R221, R222.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on

\echo -- definer functions without a pinned search_path, beside the one whose statements pin it
SELECT p.oid::regprocedure FROM pg_proc p
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'oauth'
WHERE p.prosecdef AND NOT coalesce(p.proconfig, '{}') @> '{"search_path=pg_catalog, pg_temp"}'
AND p.proname <> 'oauth_verify_token';

\echo -- functions PUBLIC may execute beyond those that are meant for it
SELECT p.oid::regprocedure FROM pg_proc p
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'oauth'
WHERE has_function_privilege('public', p.oid, 'EXECUTE')
AND p.proname NOT IN ('oauth_authenticate', 'oauth_authenticate_request', 'oauth_subject', 'oauth_client', 'oauth_scope',
	'oauth_has_scope', 'oauth_signature_base_string', 'oauth_signature', 'oauth_verify_signature');

\echo -- functions that PUBLIC may execute, beside those that the checks believe are meant for it
SELECT * FROM (SELECT p.proname::text FROM pg_proc p
	JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
	JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'oauth'
	WHERE has_function_privilege('public', p.oid, 'EXECUTE')) f(name)
FULL JOIN oauth.public_function p USING (name) WHERE f IS NULL OR p IS NULL;

\echo -- functions that touch tables and are not definer functions
SELECT p.oid::regprocedure FROM pg_proc p
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'oauth'
WHERE NOT p.prosecdef
AND p.proname NOT IN ('oauth_subject', 'oauth_client', 'oauth_scope', 'oauth_has_scope', 'oauth_authorization_details', 'oauth_challenge', 'oauth_settings', '_oauth_before_load', '_oauth_before_removal', '_oauth_own_username_handler', '_oauth_username_key', 'routes',
	'oauth_signature_base_string', 'oauth_signature', 'oauth_verify_signature', 'oauth_verify_jwt', 'oauth_verify_dpop_proof', '_oauth_totp', '_oauth_grant_again');

\echo -- functions that are leakproof, or not written in C
SELECT p.oid::regprocedure FROM pg_proc p
JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'oauth'
JOIN pg_language l ON l.oid = p.prolang
WHERE p.proleakproof OR l.lanname <> 'c';

\echo -- tables that anybody but their owner may use
SELECT c.oid::regclass, c.relacl FROM pg_class c, aclexplode(c.relacl) a
WHERE c.relnamespace = 'oauth'::regnamespace AND c.relkind IN ('r', 'v', 'f', 'S') AND a.grantee <> c.relowner;

\echo -- tables that pg_dump would lose, or whose rows a fresh installation would bring twice
SELECT c.oid::regclass FROM pg_class c, pg_extension e
WHERE c.relnamespace = 'oauth'::regnamespace AND c.relkind IN ('r', 'S') AND e.extname = 'oauth'
AND NOT c.oid = ANY (e.extconfig);

\echo -- functions, tables, types and schemas without a comment
SELECT d.classid::regclass, pg_describe_object(d.classid, d.objid, 0) FROM pg_depend d
JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass AND e.extname = 'oauth'
LEFT JOIN pg_type t ON d.classid = 'pg_type'::regclass AND t.oid = d.objid
WHERE d.deptype = 'e'
AND NOT (d.classid = 'pg_class'::regclass AND (SELECT relkind FROM pg_class WHERE oid = d.objid) = 'c')
AND coalesce(t.typtype, 'c') = 'c' AND coalesce(t.typrelid, 0) NOT IN (SELECT oid FROM pg_class WHERE relkind IN ('r', 'v', 'f'))
AND obj_description(d.objid, d.classid::regclass::name) IS NULL;

\echo -- views with a column of secrets or digests
SELECT a.attrelid::regclass, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'oauth'::regnamespace AND c.relkind = 'v' AND (a.attname ~ '(hash|sealed|salt|secret|password)'
	OR a.atttypid IN ('bytea'::regtype, 'oauth.sha256'::regtype));

\echo -- foreign keys whose deletes would have to scan a table
SELECT con.conname FROM pg_constraint con
WHERE con.contype = 'f' AND con.connamespace = 'oauth'::regnamespace
AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = con.conrelid AND i.indkey[0] = con.conkey[1]);

\echo -- columns of secrets and digests that ANALYZE would sample
SELECT a.attrelid::regclass, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'oauth'::regnamespace AND c.relkind = 'r' AND a.attname ~ '(hash|sealed|salt)$'
AND a.attstattarget IS DISTINCT FROM 0;

\echo -- columns of secrets and digests that do not say of what
SELECT a.attrelid::regclass, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'oauth'::regnamespace AND c.relkind = 'r' AND a.attname ~ '(hash|sealed|salt)$'
AND col_description(c.oid, a.attnum) IS NULL;

\echo -- what the role of the shim may do, and what it may not
CREATE ROLE regress_oauth_shim;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oauth TO regress_oauth_shim;
SET ROLE regress_oauth_shim;
SELECT status FROM oauth.forward_auth(ROW('GET', '/auth', '{}', '', 'http', '127.0.0.1'));
SELECT count(*) FROM oauth.client;
\echo :SQLSTATE
SELECT oauth_create_user('intruder', 'intruder');
\echo :SQLSTATE
SELECT oauth_verify_token('x');
\echo :SQLSTATE
CREATE TABLE oauth.mine ();
\echo :SQLSTATE
SELECT oauth_authenticate('Bearer x');
RESET ROLE;
DROP OWNED BY regress_oauth_shim;
DROP ROLE regress_oauth_shim;
