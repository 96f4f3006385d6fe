-- delegation.sql: roles that administer a part: what docs/administration.md grants allows that part, and nothing else.  R220, R221.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never

CREATE ROLE regress_oauth_registrar;
CREATE ROLE regress_oauth_auditor;
CREATE ROLE regress_oauth_revoker;
CREATE ROLE regress_oauth_operator;
CREATE ROLE regress_oauth_shim;
CREATE ROLE regress_oauth_nobody;
GRANT EXECUTE ON FUNCTION oauth_register_client, oauth_register_client_metadata, oauth_update_client,
	oauth_rotate_client_secret, oauth_disable_client, oauth_enable_client, oauth_delete_client TO regress_oauth_registrar;
GRANT EXECUTE ON FUNCTION oauth_explain_request(oauth.http_request), oauth_explain_request(text, text, text[], text, text) TO regress_oauth_registrar;
GRANT SELECT ON oauth.client_overview TO regress_oauth_registrar;
GRANT EXECUTE ON FUNCTION oauth_status, oauth_settings, oauth_check TO regress_oauth_auditor;
GRANT SELECT ON oauth.client_overview, oauth.token_overview, oauth.session_overview, oauth.database_session, oauth.recent_event TO regress_oauth_auditor;
GRANT EXECUTE ON FUNCTION _oauth_database_sessions TO regress_oauth_auditor;
GRANT EXECUTE ON FUNCTION oauth_revoke_token, oauth_revoke_subject, oauth_revoke_client, oauth_end_session, oauth_terminate_sessions TO regress_oauth_revoker;
GRANT EXECUTE ON FUNCTION oauth_purge_expired, oauth_status, oauth_check TO regress_oauth_operator;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oauth TO regress_oauth_shim;

\echo -- every function and view of the extension, and who of these may use it
CREATE VIEW pg_temp.matrix AS
	SELECT o.object, o.is_function, r.role, coalesce(has_function_privilege(r.role, o.function, 'EXECUTE'), has_table_privilege(r.role, o.relation, 'SELECT')) AS may
	FROM (SELECT CASE WHEN p.pronamespace = 'oauth'::regnamespace THEN 'oauth.' ELSE '' END || p.proname AS object, true AS is_function, p.oid AS function, NULL::oid AS relation
			FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'oauth'
		UNION ALL
		SELECT c.oid::regclass::text, false, NULL, c.oid FROM pg_class c WHERE c.relnamespace = 'oauth'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'S', 'p', 'f')) o,
		(VALUES ('regress_oauth_registrar'), ('regress_oauth_auditor'), ('regress_oauth_revoker'), ('regress_oauth_operator'), ('regress_oauth_shim'), ('regress_oauth_nobody')) r (role);
SELECT object, CASE WHEN bool_and(may) THEN 'everybody' ELSE coalesce(string_agg(DISTINCT substr(role, 15), ', ') FILTER (WHERE may), '-') END
	FROM pg_temp.matrix WHERE is_function OR object ~ '(overview|event)$' GROUP BY object ORDER BY object COLLATE "C";
\echo -- no role may read or write a table, or a column of one
SELECT object, role FROM pg_temp.matrix WHERE NOT is_function AND may AND object !~ '(overview|recent_event)$';
SELECT c.oid::regclass, r.role, p.privilege FROM pg_class c, (SELECT DISTINCT role FROM pg_temp.matrix) r, (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('REFERENCES')) p (privilege)
	WHERE c.relnamespace = 'oauth'::regnamespace AND c.relkind IN ('r', 'v') AND has_any_column_privilege(r.role, c.oid, p.privilege) AND NOT (c.relkind = 'v' AND p.privilege = 'SELECT');

\echo -- it works under these roles: the registrar
SET ROLE regress_oauth_registrar;
SELECT client_id AS id FROM oauth_register_client('delegation', grant_types => '{client_credentials}') \gset
SELECT oauth_register_client_metadata('{"client_name": "delegation 2", "redirect_uris": ["https://d.example/cb"]}') ->> 'client_name';
SELECT oauth_update_client(:'id', '{"client_name": "delegation 3"}') ->> 'client_name';
SELECT oauth_rotate_client_secret(:'id') <> '', oauth_disable_client(:'id'), oauth_enable_client(:'id');
SELECT client_name, state FROM oauth.client_overview WHERE client_id = :'id';
SELECT count(*) > 0 FROM oauth_explain_request('GET', '/api/');
SELECT oauth_issue_token(:'id');
SELECT * FROM oauth.token_overview;
RESET ROLE;
SELECT access_token AS token FROM oauth_issue_token(:'id') \gset
\echo -- the auditor
SET ROLE regress_oauth_auditor;
SELECT state, count(*) FROM oauth.token_overview WHERE client_id = :'id' GROUP BY state;
SELECT access_tokens > 0 FROM oauth_status();
SELECT count(*) > 10 FROM oauth_settings();
SELECT count(*) > 0 FROM oauth_check();
SELECT count(*) >= 0 FROM oauth.session_overview;
SELECT count(*) >= 0 FROM oauth.recent_event;
SELECT oauth_revoke_client(:'id');
SELECT oauth_update_client(:'id', '{}');
SELECT oauth_verify_token(:'token');
SELECT secret_hash FROM oauth.client;
\echo -- the revoker
SET ROLE regress_oauth_revoker;
SELECT oauth_revoke_token(:'token'), oauth_revoke_client(:'id'), oauth_revoke_subject('nobody');
SELECT oauth_disable_client(:'id');
SELECT count(*) FROM oauth.client_overview;
\echo -- the operator
SET ROLE regress_oauth_operator;
SELECT oauth_purge_expired() >= 0;
SELECT expired_rows >= 0 FROM oauth_status();
SELECT oauth_rotate_master_key();
\echo -- the shim is none of these
SET ROLE regress_oauth_shim;
SELECT status FROM oauth.token(ROW('POST', '/oauth2/token', '{}', '', 'https', NULL));
SELECT count(*) FROM oauth.client_overview;
SELECT oauth_purge_expired();
\echo -- a right can be passed on only where it was granted so
SET ROLE regress_oauth_revoker;
GRANT EXECUTE ON FUNCTION oauth_revoke_token TO PUBLIC;
RESET ROLE;
SELECT has_function_privilege('public', 'oauth_revoke_token(text)', 'EXECUTE');

SELECT oauth_delete_client(client_id) FROM oauth.client WHERE client_name ~ '^delegation';
SET client_min_messages = error;
DROP OWNED BY regress_oauth_registrar, regress_oauth_auditor, regress_oauth_revoker, regress_oauth_operator, regress_oauth_shim;
DROP ROLE regress_oauth_registrar, regress_oauth_auditor, regress_oauth_revoker, regress_oauth_operator, regress_oauth_shim, regress_oauth_nobody;
