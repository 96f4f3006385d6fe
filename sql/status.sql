-- status.sql: oauth_status() and oauth_settings(), and what settings refuse.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;

-- A database of its own, where nothing else is counted.
\set main :DBNAME
CREATE DATABASE regress_oauth_status TEMPLATE template0 ENCODING 'UTF8';
\c regress_oauth_status
SET client_min_messages = warning;
CREATE EXTENSION oauth CASCADE;
SET oauth.bcrypt_cost = 4;
\pset expanded on
SELECT s.*, master_key_file <> '' AS master_key_file FROM oauth_status() s;
\pset expanded off
\pset tuples_only on

\echo -- what lives is counted: clients, users, subjects, grants, access tokens, refresh tokens
CREATE VIEW pg_temp.living AS SELECT clients, users, subjects, grants, access_tokens, refresh_tokens, expired_rows FROM oauth_status();
SELECT client_id AS id FROM oauth_register_client('status', grant_types => '{password}') \gset
SELECT client_id AS other FROM oauth_register_client('status other', grant_types => '{password}') \gset
SELECT oauth_create_user('status', 'wonderland') AS subject \gset
SELECT access_token AS one FROM oauth_issue_token(:'id', :'subject', refresh => true) \gset
SELECT access_token AS two FROM oauth_issue_token(:'id', 'status-app') \gset
SELECT access_token AS three FROM oauth_issue_token(:'id') \gset
SELECT * FROM pg_temp.living;
SELECT oauth_revoke_token(:'two');
SELECT * FROM pg_temp.living;
SELECT oauth_disable_client(:'other'), oauth_disable_user('status');
SELECT * FROM pg_temp.living;
SELECT oauth_enable_client(:'other'), oauth_enable_user('status');
SELECT * FROM pg_temp.living;
SELECT oauth_delete_client(:'other'), oauth_delete_user('status');
SELECT * FROM pg_temp.living;
\echo -- no key was needed until now
SELECT master_key_created_at IS NULL FROM oauth_status();
SELECT client_id FROM oauth_register_client('status signs', grant_types => '{oauth1}') \gset
SELECT master_key_created_at BETWEEN now() - interval '1 minute' AND now() FROM oauth_status();

\echo -- nor one that signs
SELECT signing_keys, signing_key_used_from FROM oauth_status();
SELECT oauth_create_signing_key('ES256'), oauth_create_signing_key('EdDSA', now() + interval '1 day') \gset
SELECT signing_keys, signing_key_used_from BETWEEN now() - interval '1 minute' AND now() FROM oauth_status();

\echo -- every setting has a meaning, and is what it was to begin with unless it was changed
SELECT * FROM oauth_settings() WHERE name IN ('oauth.refresh_grace', 'oauth.bcrypt_cost') ORDER BY name;
SELECT name FROM oauth_settings() WHERE meaning = '' OR name NOT IN (SELECT name FROM pg_settings);
SELECT name FROM pg_settings WHERE name LIKE 'oauth.%' AND name NOT IN (SELECT name FROM oauth_settings());
SELECT name, value, "default" FROM oauth_settings() WHERE value IS DISTINCT FROM "default" AND name <> 'oauth.master_key_file' AND coalesce(value, '') <> '' ORDER BY name;
SET oauth.access_token_lifetime = '1 h';
SELECT access_token_lifetime FROM oauth_status();
SELECT value FROM oauth_settings() WHERE name = 'oauth.access_token_lifetime';
RESET oauth.access_token_lifetime;

\echo -- only superusers change them; roles that may call the functions see them
CREATE ROLE regress_oauth_operator;
GRANT EXECUTE ON FUNCTION oauth_status, oauth_settings TO regress_oauth_operator;
SET ROLE regress_oauth_operator;
SET oauth.access_token_lifetime = '100 years';
\echo :SQLSTATE
SET oauth.issuer = 'https://evil.example';
\echo :SQLSTATE
SET oauth.master_key_file = '/etc/passwd';
\echo :SQLSTATE
SET oauth.bcrypt_cost = 4;
\echo :SQLSTATE
SELECT clients FROM oauth_status();
SELECT count(*) > 5 FROM oauth_settings() WHERE value IS NOT NULL;
RESET ROLE;
DROP OWNED BY regress_oauth_operator;
DROP ROLE regress_oauth_operator;
\echo -- out of range, or no issuer (RFC 8414, section 2)
-- (in words that differ between versions of PostgreSQL)
\set VERBOSITY sqlstate
SET oauth.bcrypt_cost = 3;
SET oauth.bcrypt_cost = 15;
SET oauth.access_token_lifetime = 0;
SET oauth.refresh_grace = '1 h';
SET oauth.purge_batch = 0;
\set VERBOSITY default
SET oauth.lane = 'fast';
SET oauth.no_such_setting = 1;
SET oauth.issuer = 'example.com';
SET oauth.issuer = 'https://example.com/';
SET oauth.issuer = 'https://example.com/?x';
SET oauth.issuer = 'https://example.com/a b';
SET oauth.issuer = 'https://example.com/tenant';
SHOW oauth.issuer;

\c :main
DROP DATABASE regress_oauth_status;
