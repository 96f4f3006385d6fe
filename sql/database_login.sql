-- database_login.sql: what the validator of PostgreSQL 18 is told of a token, and sessions where nobody logged in with one.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
SELECT oauth_register_scope('db', 'Log in to the database');
SELECT client_id FROM oauth_register_client('psql', grant_types => '{client_credentials,refresh_token}', scope => 'db read openid') \gset
SELECT oauth_create_user('alice', 'wonderland') AS subject \gset

-- as the validator asks: the handle and the digest
CREATE FUNCTION asked(token text, scope text) RETURNS TABLE (refusal text, is_hers boolean, username text, is_here boolean)
	LANGUAGE sql AS $$ SELECT refusal, subject IS NOT NULL AND client_id IS NOT NULL AND grant_handle IS NOT NULL, username,
	database = (SELECT oid FROM pg_database WHERE datname = current_database())
	AND system_identifier = (SELECT system_identifier::text FROM pg_control_system())
	FROM oauth.validate_login((('x' || encode(substr(decode(translate(substr(token, 5), '-_', '+/') || '==', 'base64'), 1, 8), 'hex'))::bit(64))::bigint,
		sha256(convert_to(token, 'UTF8')), scope) $$;

\echo -- a person
SELECT access_token AS hers FROM oauth_issue_token(:'client_id', :'subject', 'db read') \gset
SELECT * FROM asked(:'hers', 'db');
SELECT * FROM asked(:'hers', 'db read');
\echo -- the scope
SELECT replace(refusal, :'subject', 'hers') FROM asked(:'hers', 'db write');
SELECT * FROM asked(:'hers', 'read');
SELECT * FROM asked(:'hers', 'openid  email read');
SELECT * FROM asked(:'hers', '');
SELECT * FROM asked(:'hers', '  ');
\echo -- another resource, and this provider
SELECT a.* FROM (SELECT access_token FROM oauth_issue_token(:'client_id', '42', 'db', resource => 'https://other.example/') OFFSET 0) t, asked(access_token, 'db') a;
SET oauth.issuer = 'https://id.example.com';
SELECT a.* FROM (SELECT access_token FROM oauth_issue_token(:'client_id', '42', 'db', resource => 'https://id.example.com/db') OFFSET 0) t, asked(access_token, 'db') a;
RESET oauth.issuer;
\echo -- the client itself
SELECT replace(a.refusal, :'client_id', 'it'), a.is_hers FROM (SELECT access_token FROM oauth_issue_token(:'client_id', scope => 'db') OFFSET 0) t, asked(access_token, 'db') a;
\echo -- bound to a key
SELECT access_token AS bound FROM oauth_issue_token(:'client_id', '42', 'db') \gset
UPDATE oauth.access_token SET cnf = 'jkt:' || repeat('A', 43) WHERE token_hash = sha256(convert_to(:'bound', 'UTF8'));
SELECT * FROM asked(:'bound', 'db');
\echo -- another string with the same handle, revoked, disabled
SELECT * FROM asked(overlay(:'hers' PLACING 'AAAA' FROM 50), 'db');
SELECT oauth_disable_user('alice');
SELECT * FROM asked(:'hers', 'db');
SELECT oauth_enable_user('alice');
SELECT * FROM asked(:'hers', 'db');
\echo -- what is no digest
SELECT * FROM oauth.validate_login(1, 'short', 'db');
\echo :SQLSTATE
SELECT * FROM oauth.validate_login(NULL, sha256('x'), 'db');

\echo -- sessions: this one is none
SELECT count(*) FROM oauth.database_session;
SELECT oauth_terminate_sessions(subject => '42'), oauth_terminate_sessions(client_id => 'x'), oauth_terminate_sessions('42', 'x');
SELECT oauth_terminate_sessions();
\echo :SQLSTATE
\echo -- a role that may look sees names, and no more
CREATE ROLE regress_oauth_look;
GRANT USAGE ON SCHEMA oauth TO regress_oauth_look;
GRANT SELECT ON oauth.database_session TO regress_oauth_look;
GRANT EXECUTE ON FUNCTION _oauth_database_sessions TO regress_oauth_look;
SET ROLE regress_oauth_look;
SELECT count(*) FROM oauth.database_session;
SELECT oauth_terminate_sessions('42');
\echo :SQLSTATE
SELECT * FROM oauth.validate_login(1, sha256('x'), 'db');
\echo :SQLSTATE
\echo -- the setting with the connection is for superusers
SELECT count(*) FROM pg_settings WHERE name = 'oauth.validator_conninfo';
RESET ROLE;
DROP OWNED BY regress_oauth_look;
DROP ROLE regress_oauth_look;
SET oauth.validator_conninfo = 'dbname=x';
\echo :SQLSTATE
ALTER DATABASE regression SET oauth.validator_superuser = on;
\echo :SQLSTATE

\echo -- no other test knows of them
DROP FUNCTION asked;
SELECT oauth_delete_user('alice'), oauth_delete_client(:'client_id');
DELETE FROM oauth.scope WHERE scope = 'db';
