-- default_privileges.sql: what ALTER DEFAULT PRIVILEGES gives is taken back where nobody granted it.  R220, R221.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\set main :DBNAME
CREATE ROLE regress_oauth_anon;
CREATE ROLE regress_oauth_chief;
CREATE ROLE regress_oauth_gate LOGIN NOINHERIT;
GRANT regress_oauth_anon TO regress_oauth_gate;
CREATE DATABASE regress_oauth_default TEMPLATE template0 ENCODING 'UTF8';
\c regress_oauth_default
SET client_min_messages = warning;
SELECT current_user AS owner \gset
CREATE SCHEMA regress_api;
CREATE EXTENSION pgcrypto;

-- Every object of the extension, and each right on it that is not its owner's.
CREATE VIEW member AS
	SELECT d.classid::regclass AS kind, pg_describe_object(d.classid, d.objid, 0) AS object, p.oid AS function, p.proname, acl.acl, acl.owner
	FROM pg_extension e JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
	LEFT JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
	LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
	LEFT JOIN pg_type t ON d.classid = 'pg_type'::regclass AND t.oid = d.objid
	LEFT JOIN pg_namespace n ON d.classid = 'pg_namespace'::regclass AND n.oid = d.objid
	CROSS JOIN LATERAL (VALUES (coalesce(p.proacl, c.relacl, t.typacl, n.nspacl), coalesce(p.proowner, c.relowner, t.typowner, n.nspowner))) acl (acl, owner)
	WHERE e.extname = 'oauth';
CREATE VIEW of_others AS
	SELECT m.kind, m.object, a.grantee::regrole::text AS role, a.privilege_type FROM member m, aclexplode(m.acl) a WHERE a.grantee NOT IN (0, m.owner);
CREATE VIEW of_public AS
	SELECT DISTINCT m.kind::text || ' ' || a.privilege_type AS may FROM member m, aclexplode(coalesce(m.acl, acldefault(CASE m.kind::text WHEN 'pg_proc' THEN 'f' WHEN 'pg_class' THEN 'r' WHEN 'pg_type' THEN 'T' ELSE 'n' END::"char", m.owner))) a
	WHERE a.grantee = 0 ORDER BY 1;
-- What the script left is what pg_dump takes for granted.
CREATE VIEW kept AS SELECT i.objoid, a.grantee::regrole FROM pg_init_privs i, aclexplode(i.initprivs) a JOIN pg_roles r ON r.oid = a.grantee WHERE r.rolname ~ '^regress_oauth';

\echo -- without default privileges
CREATE EXTENSION oauth;
SELECT count(*) FROM of_others WHERE privilege_type <> 'MAINTAIN';
SELECT * FROM of_public;
SELECT array_agg(DISTINCT proname::text ORDER BY proname::text) FROM member WHERE has_function_privilege('public', function, 'EXECUTE');
DROP EXTENSION oauth;

\echo -- of the schema of the API
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON FUNCTIONS TO regress_oauth_anon;
CREATE EXTENSION oauth;
SELECT count(*) FROM of_others WHERE privilege_type <> 'MAINTAIN';
SELECT has_function_privilege('regress_oauth_anon', 'oauth_issue_token(text, text, text, interval, boolean, text)', 'EXECUTE'), has_function_privilege('regress_oauth_anon', 'oauth_subject()', 'EXECUTE');
SET ROLE regress_oauth_anon;
SELECT oauth_create_user('intruder', 'intruder');
\echo :SQLSTATE
SELECT oauth_subject() IS NULL;
RESET ROLE;
DROP EXTENSION oauth;

\echo -- of everything and everywhere, to pass on, to PUBLIC too, in a schema of its own
ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO regress_oauth_anon, regress_oauth_chief WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT ALL ON TABLES TO regress_oauth_anon, PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO regress_oauth_anon WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TYPES TO regress_oauth_anon WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO regress_oauth_anon, PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA regress_api GRANT ALL ON ROUTINES TO PUBLIC;
CREATE EXTENSION oauth SCHEMA regress_api;
SELECT * FROM of_others;
SELECT * FROM of_public;
SELECT array_agg(DISTINCT proname::text ORDER BY proname::text) FROM member WHERE has_function_privilege('public', function, 'EXECUTE');
SELECT * FROM kept;
SELECT severity, subject, finding FROM regress_api.oauth_check() WHERE subject ~ 'regress_oauth|^type|^schema' OR finding ~ 'regress_oauth|everybody|PUBLIC';
DROP EXTENSION oauth;

\echo -- PUBLIC has what is meant for it, where default privileges take that away too
ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC, regress_oauth_anon, regress_oauth_chief;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TYPES FROM PUBLIC, regress_oauth_anon;
ALTER DEFAULT PRIVILEGES IN SCHEMA regress_api REVOKE ALL ON ROUTINES FROM PUBLIC;
CREATE EXTENSION oauth SCHEMA regress_api;
SELECT * FROM of_public;
SELECT count(*) FROM of_others WHERE privilege_type <> 'MAINTAIN';

\echo -- what an administrator grants stays, also through an upgrade, which takes defaults from what is new
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO regress_oauth_anon, PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA oauth GRANT ALL ON TABLES TO regress_oauth_anon;
GRANT EXECUTE ON FUNCTION regress_api.oauth_issue_token TO regress_oauth_chief;
GRANT USAGE ON SCHEMA oauth TO regress_oauth_chief;
GRANT SELECT ON oauth.client_overview TO regress_oauth_chief;
SELECT regress_api._oauth_revoke_default_privileges();
SELECT object, role, privilege_type FROM of_others ORDER BY object COLLATE "C";
BEGIN;
CREATE FUNCTION regress_api.oauth_new() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE TABLE oauth.new (n integer GENERATED ALWAYS AS IDENTITY);
ALTER EXTENSION oauth ADD FUNCTION regress_api.oauth_new();
ALTER EXTENSION oauth ADD TABLE oauth.new;
SAVEPOINT s;
CREATE TYPE oauth.newer AS (n integer);
ALTER EXTENSION oauth ADD TYPE oauth.newer;
RELEASE s;
SELECT count(*) FROM of_others WHERE privilege_type <> 'MAINTAIN';
SELECT regress_api._oauth_revoke_default_privileges() > 0;
SELECT object, role, privilege_type FROM of_others ORDER BY object COLLATE "C";
SELECT proname FROM member WHERE has_function_privilege('public', function, 'EXECUTE') AND proname ~ 'new';
COMMIT;
\echo -- and when it was granted in the transaction of the installation
DROP EXTENSION oauth;
BEGIN;
CREATE EXTENSION oauth SCHEMA regress_api;
GRANT EXECUTE ON FUNCTION regress_api.oauth_issue_token TO regress_oauth_chief;
SELECT regress_api._oauth_revoke_default_privileges();
SELECT object ~ 'oauth_issue_token', role, privilege_type FROM of_others;
COMMIT;
\echo -- nobody else may call it
GRANT USAGE ON SCHEMA regress_api TO regress_oauth_chief;
SET ROLE regress_oauth_chief;
SELECT regress_api._oauth_revoke_default_privileges();
\echo :SQLSTATE
RESET ROLE;
DROP EXTENSION oauth;

\echo -- oauth_check: what no guide hands out is a finding, and pasting its remedy ends it
CREATE EXTENSION oauth;
CREATE VIEW finding AS SELECT severity, subject, finding, remedy FROM oauth_check() WHERE subject ~ '(regress_oauth|^type|^oauth\.)' AND subject <> 'oauth.issuer' OR finding ~ '(regress_oauth|everybody|PUBLIC)';
CREATE FUNCTION remedy() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	remedies text[] := array(SELECT f.remedy FROM finding f);
BEGIN
	FOR i IN 1 .. cardinality(remedies) LOOP
		EXECUTE remedies[i];
	END LOOP;
	RETURN cardinality(remedies);
END $$;
SELECT * FROM finding;
GRANT EXECUTE ON FUNCTION oauth_create_user, oauth_rotate_master_key TO regress_oauth_anon, regress_oauth_chief;
SELECT * FROM finding;
SELECT remedy();
SELECT * FROM finding;
\echo -- all of it
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO regress_oauth_anon;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oauth TO regress_oauth_anon;
SELECT severity, subject, regexp_replace(finding, '\d+ others', '(n) others') FROM finding;
SELECT remedy();
SELECT * FROM finding;
SELECT object, role FROM of_others WHERE object !~ '(oauth_authenticate|oauth_subject|oauth_client|oauth_scope|oauth_has_scope|signature)';
\echo -- rights that are passed on
GRANT EXECUTE ON FUNCTION oauth_verify_token TO regress_oauth_anon WITH GRANT OPTION;
GRANT SELECT ON oauth.client_overview TO regress_oauth_anon WITH GRANT OPTION;
GRANT USAGE ON TYPE oauth.http_request TO regress_oauth_anon WITH GRANT OPTION;
SET ROLE regress_oauth_anon;
GRANT EXECUTE ON FUNCTION oauth_verify_token TO PUBLIC;
GRANT SELECT ON oauth.client_overview TO regress_oauth_chief;
GRANT USAGE ON TYPE oauth.http_request TO regress_oauth_chief;
RESET ROLE;
SELECT * FROM finding;
SELECT remedy() > 0;
SELECT * FROM finding;
SELECT object, role FROM of_others WHERE object ~ '(overview|oauth_verify_token|type)';
\echo -- by somebody to whom it was passed on
GRANT EXECUTE ON FUNCTION oauth_create_user TO regress_oauth_chief WITH GRANT OPTION;
SET ROLE regress_oauth_chief;
GRANT EXECUTE ON FUNCTION oauth_create_user TO regress_oauth_anon;
RESET ROLE;
SELECT remedy FROM finding;
SELECT remedy() > 0;
SELECT * FROM finding;
\echo -- what the guides hand out is none
GRANT EXECUTE ON FUNCTION oauth_issue_token, oauth_verify_token, oauth_revoke_token, oauth_register_client, oauth_accept_login, oauth_check TO regress_oauth_anon;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oauth TO regress_oauth_chief;
GRANT SELECT ON oauth.recent_event TO regress_oauth_anon;
SELECT * FROM finding;

\c :main
DROP DATABASE regress_oauth_default;
DROP ROLE regress_oauth_anon, regress_oauth_chief, regress_oauth_gate;
