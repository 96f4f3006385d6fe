-- check.sql: oauth_check(): each finding appears where it is due and goes when its remedy has been run.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;

-- A database of its own; what the server itself is like is not what is asked here.
\set main :DBNAME
CREATE DATABASE regress_oauth_check TEMPLATE template0 ENCODING 'UTF8';
\c regress_oauth_check
SET client_min_messages = warning;
CREATE EXTENSION oauth CASCADE;
SET client_min_messages = error;
ALTER DATABASE regress_oauth_check SET synchronous_commit = on;
CREATE VIEW finding AS SELECT * FROM oauth_check() WITH ORDINALITY WHERE subject NOT IN ('fsync', 'full_page_writes', 'ssl', 'master key file')
	AND subject !~ '^(log_|debug_|auto_explain|pg_stat|PostgreSQL )' AND (subject !~ '^role' OR subject ~ 'regress_oauth_check');
-- The findings, with a word for ids, days and the owner.
CREATE FUNCTION look() RETURNS SETOF text LANGUAGE sql AS $$
	SELECT regexp_replace(format('%s | %s | %s | %s', severity, regexp_replace(f.subject, '^client .*', 'client'), finding, coalesce(replace(f.remedy, c.client_id, '(id)'), f.remedy)), '\d{4}-\d\d-\d\d|(?<=belongs to )[^ ,]+', '(word)', 'g')
	FROM finding f LEFT JOIN oauth.client c ON c.client_id = substr(f.subject, 8)
	ORDER BY array_position(ARRAY['high', 'medium', 'low'], severity), regexp_replace(f.subject, '^client .*', 'client'), c.client_name, finding $$;
-- Runs the remedies, as they stand or with a word in them replaced; how many there were.
CREATE FUNCTION remedy(subjects text DEFAULT '', word text DEFAULT '', by text DEFAULT '') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	remedies text[] := array(SELECT f.remedy FROM oauth_check() f WHERE f.subject ~ subjects AND f.subject IN (SELECT subject FROM finding UNION SELECT subject FROM oauth_check() WHERE subjects <> ''));
BEGIN
	FOR i IN 1 .. cardinality(remedies) LOOP
		EXECUTE replace(remedies[i], word, by);
	END LOOP;
	RETURN cardinality(remedies);
END $$;

-- The least minor versions without the holes, once more.
\echo -- a server with holes is a finding, and high; one without them is none
SELECT ARRAY(SELECT severity FROM oauth_check() WHERE subject ~ '^PostgreSQL ') = CASE WHEN v >= CASE v / 10000 WHEN 15 THEN 150020 WHEN 16 THEN 160016
	WHEN 17 THEN 170012 WHEN 18 THEN 180007 ELSE 0 END THEN '{}' ELSE '{high}'::text[] END FROM current_setting('server_version_num') s, LATERAL (SELECT s::integer) n (v);

\echo -- Discovery 1.0, section 3: the issuer is missing; then it is http; then all is well
SELECT * FROM look();
SELECT remedy();
\echo -- ALTER DATABASE holds for new sessions, and the check looks there; nothing changes in this session
SELECT * FROM look();
SHOW oauth.issuer;
ALTER DATABASE regress_oauth_check SET oauth.issuer = 'http://id.example.com/y';
SELECT severity, subject, finding FROM finding;
ALTER DATABASE regress_oauth_check RESET oauth.issuer;
SELECT severity, subject, finding FROM finding;
ALTER DATABASE regress_oauth_check SET oauth.issuer = 'https://id.example.com';
SET oauth.issuer = 'http://id.example.com/session';
SELECT severity, subject, finding FROM finding;
RESET oauth.issuer;
\c
SET client_min_messages = error;
ALTER DATABASE regress_oauth_check SET oauth.bcrypt_cost = 4;
ALTER DATABASE regress_oauth_check SET oauth.access_token_lifetime = '2 d';
SELECT severity, subject, finding FROM finding;
SELECT remedy();
SELECT * FROM finding;
SHOW oauth.access_token_lifetime;
ALTER DATABASE regress_oauth_check RESET ALL;
ALTER DATABASE regress_oauth_check SET synchronous_commit = on;
ALTER DATABASE regress_oauth_check SET oauth.issuer = 'https://id.example.com';
SELECT * FROM finding;
\c
SET client_min_messages = error;
SELECT * FROM look();
ALTER DATABASE regress_oauth_check SET oauth.issuer = 'http://id.example.com/x';
\c
SET client_min_messages = error;
SELECT * FROM look();
SELECT remedy();
\c
SET client_min_messages = error;
SHOW oauth.issuer;
SELECT * FROM look();
ALTER DATABASE regress_oauth_check SET oauth.issuer = 'http://localhost:8000';
\c
SET client_min_messages = error;
SELECT severity, subject, finding FROM finding;
ALTER DATABASE regress_oauth_check SET oauth.issuer = 'https://id.example.com';

\echo -- settings that are too generous
ALTER DATABASE regress_oauth_check SET synchronous_commit = off;
ALTER DATABASE regress_oauth_check SET oauth.registration = open;
ALTER DATABASE regress_oauth_check SET oauth.access_token_lifetime = '2 d';
ALTER DATABASE regress_oauth_check SET oauth.refresh_token_lifetime = '91 d';
ALTER DATABASE regress_oauth_check SET oauth.session_lifetime = '31 d';
ALTER DATABASE regress_oauth_check SET oauth.refresh_grace = '61 s';
ALTER DATABASE regress_oauth_check SET oauth.timestamp_window = '601 s';
ALTER DATABASE regress_oauth_check SET oauth.bcrypt_cost = 9;
ALTER DATABASE regress_oauth_check SET oauth.rsa_min_bits = 2047;
ALTER DATABASE regress_oauth_check SET oauth.failed_attempts = 0;
ALTER DATABASE regress_oauth_check SET oauth.event_retention = 0;
\c
SET client_min_messages = error;
SELECT * FROM look();
SELECT remedy();
\c
SET client_min_messages = error;
SELECT * FROM look();
\echo -- in the session alone
SET oauth.registration = open;
SELECT * FROM look();
SELECT remedy();
SELECT * FROM look();

\echo -- what would go to the log
ALTER DATABASE regress_oauth_check SET log_statement = 'all';
ALTER DATABASE regress_oauth_check SET log_min_duration_statement = '0';
ALTER DATABASE regress_oauth_check SET log_min_duration_sample = '999 ms';
ALTER DATABASE regress_oauth_check SET log_transaction_sample_rate = 0.5;
ALTER DATABASE regress_oauth_check SET debug_print_parse = on;
ALTER DATABASE regress_oauth_check SET debug_print_rewritten = on;
ALTER DATABASE regress_oauth_check SET debug_print_plan = on;
\c
SET client_min_messages = error;
SET debug_print_parse = off; SET debug_print_rewritten = off; SET debug_print_plan = off;
LOAD 'auto_explain';
SET auto_explain.log_min_duration = '1 ms';
SELECT severity, subject, finding, remedy FROM oauth_check() WHERE subject ~ '^(log_|auto_explain)' ORDER BY subject;
RESET debug_print_parse; RESET debug_print_rewritten; RESET debug_print_plan;
SELECT remedy('^(log_|debug_|auto_explain)');
SELECT subject, remedy FROM oauth_check() WHERE subject ~ '^auto_explain';
\c
SET client_min_messages = error;
SELECT severity, subject, finding, remedy FROM oauth_check() WHERE subject ~ '^(log_|debug_)';
\echo -- a second and more is not meant
SET log_min_duration_statement = '1 s';
SELECT subject FROM oauth_check() WHERE subject ~ '^log_min';
\echo -- of the role alone
CREATE ROLE regress_oauth_check_admin SUPERUSER LOGIN;
ALTER ROLE regress_oauth_check_admin SET log_statement = 'all';
ALTER ROLE regress_oauth_check_admin IN DATABASE regress_oauth_check SET oauth.bcrypt_cost = 4;
SELECT current_user AS owner \gset
\c - regress_oauth_check_admin
SELECT severity, subject, finding, remedy FROM oauth_check() WHERE subject IN ('log_statement', 'oauth.bcrypt_cost');
SELECT remedy('^(log_statement|oauth.bcrypt_cost)$');
\c - regress_oauth_check_admin
SELECT severity, subject, finding, remedy FROM oauth_check() WHERE subject IN ('log_statement', 'oauth.bcrypt_cost');
\c - :owner
SET client_min_messages = error;
DROP ROLE regress_oauth_check_admin;

\echo -- R221: what everybody may do, and who may touch the tables
CREATE ROLE regress_oauth_check_role;
GRANT EXECUTE ON FUNCTION oauth_issue_token, oauth.token TO PUBLIC;
GRANT SELECT ON oauth.scope, oauth.client_overview TO PUBLIC;
GRANT SELECT, UPDATE ON oauth.client TO regress_oauth_check_role;
GRANT SELECT ON oauth.grant TO regress_oauth_check_role;
GRANT SELECT (subject), UPDATE (subject) ON oauth.session TO regress_oauth_check_role;
GRANT SELECT, DELETE ON oauth.session_overview TO regress_oauth_check_role;
GRANT CREATE ON SCHEMA oauth TO regress_oauth_check_role;
GRANT CREATE ON SCHEMA public TO PUBLIC;
GRANT pg_write_all_data, pg_read_server_files, pg_write_server_files, pg_execute_server_program TO regress_oauth_check_role;
SELECT * FROM look();
SELECT remedy();
SELECT * FROM look();
\echo -- what is delegated is no finding
GRANT SELECT ON oauth.client_overview, oauth.token_overview, oauth.session_overview TO regress_oauth_check_role;
GRANT EXECUTE ON FUNCTION oauth_check, oauth_status, oauth_issue_token, oauth_purge_expired TO regress_oauth_check_role;
SELECT * FROM look();
\echo -- and who may ask sees what the owner sees
ALTER DATABASE regress_oauth_check SET oauth.bcrypt_cost = 4;
\c
SET client_min_messages = error;
SET ROLE regress_oauth_check_role;
SELECT severity, subject, remedy FROM oauth_check() WHERE subject ~ '^oauth';
RESET ROLE;
SELECT remedy();
\c
SET client_min_messages = error;
DROP OWNED BY regress_oauth_check_role;
DROP ROLE regress_oauth_check_role;

\echo -- R220: the role of the shim
CREATE ROLE regress_oauth_check_shim LOGIN;
CREATE ROLE regress_oauth_check_group;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oauth TO regress_oauth_check_shim;
SELECT * FROM look();
SELECT remedy();
SELECT * FROM look();
ALTER ROLE regress_oauth_check_shim SUPERUSER CREATEROLE BYPASSRLS REPLICATION CREATEDB;
ALTER ROLE regress_oauth_check_shim IN DATABASE regress_oauth_check SET log_parameter_max_length_on_error = -1;
GRANT EXECUTE ON FUNCTION oauth_issue_token, oauth_set_password TO regress_oauth_check_shim;
SELECT * FROM look();
SELECT remedy();
SELECT * FROM look();
\echo -- that it has it from a group makes no difference; one that cannot log in is no shim
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA oauth FROM regress_oauth_check_shim;
ALTER ROLE regress_oauth_check_shim RESET ALL;
ALTER ROLE regress_oauth_check_shim IN DATABASE regress_oauth_check RESET ALL;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oauth TO regress_oauth_check_group;
SELECT * FROM look();
GRANT regress_oauth_check_group TO regress_oauth_check_shim;
SELECT severity, subject, remedy FROM finding;
DROP OWNED BY regress_oauth_check_shim, regress_oauth_check_group;
DROP ROLE regress_oauth_check_shim, regress_oauth_check_group;

\echo -- published functions: of a superuser, without a scope, gone
CREATE ROLE regress_oauth_check_owner;
CREATE SCHEMA app;
GRANT ALL ON SCHEMA app TO regress_oauth_check_owner;
CREATE FUNCTION app.f(oauth.http_request) RETURNS jsonb LANGUAGE sql AS 'SELECT to_jsonb(1)';
CREATE FUNCTION app."It's gone"(oauth.http_request) RETURNS jsonb LANGUAGE sql AS 'SELECT to_jsonb(1)';
SELECT oauth_protect('/api/f', 'app.f', methods => '{GET,PUT}'), oauth_protect('/api/gone', 'app."It''s gone"', 'read');
DROP FUNCTION app."It's gone";
SELECT * FROM look();
SELECT remedy('', 'some_role', 'regress_oauth_check_owner');
SELECT * FROM look();
SELECT remedy();
SELECT * FROM look();
SELECT path, function_name, required_scope, methods FROM oauth.protected_function;
DELETE FROM oauth.protected_function;
\echo -- policies that nobody is held to: row-level security is off, or does not hold for the owner of a published function
CREATE TABLE app.photo (owner text);
CREATE TABLE app.other (owner text);
CREATE TABLE app.plain (owner text);
CREATE POLICY own ON app.photo USING (owner = oauth_subject());
CREATE POLICY own ON app.other USING (owner = (SELECT oauth_subject()) AND oauth_has_scope('read'));
CREATE POLICY own ON app.plain USING (owner = 'nobody');
SELECT severity, subject, finding, remedy FROM finding;
SELECT remedy();
SELECT severity, subject, finding, remedy FROM finding;
ALTER TABLE app.photo OWNER TO regress_oauth_check_owner;
CREATE FUNCTION app.f2(oauth.http_request) RETURNS jsonb LANGUAGE sql AS 'SELECT to_jsonb(1)';
SET client_min_messages = error;
SELECT oauth_protect('/api/f2', 'app.f2', 'read');
ALTER FUNCTION app.f2 OWNER TO regress_oauth_check_owner;
SELECT severity, subject, finding, remedy FROM finding;
SELECT remedy();
SELECT * FROM finding;
SELECT oauth_unprotect('/api/f2');
DROP FUNCTION app.f2;
DROP TABLE app.photo, app.other, app.plain;
\echo -- the functions for claims and for logins
CREATE FUNCTION app.claims(text, text, text) RETURNS jsonb LANGUAGE sql AS 'SELECT to_jsonb(1)';
CREATE FUNCTION app.login(text, text) RETURNS text LANGUAGE sql AS 'SELECT NULL::text';
SELECT oauth_set_claims_function('app.claims');
CREATE TABLE app.person (id integer PRIMARY KEY, name text UNIQUE);
INSERT INTO oauth.user_source (relation_schema, relation_name, id_column, username_column, scheme, function_schema, function_name, allow_legacy, upgrade) VALUES ('app', 'person', 'id', 'name', 'auto', 'app', 'login', false, false);
SELECT * FROM look();
SELECT remedy('', 'some_role', 'regress_oauth_check_owner');
SELECT * FROM look();
SELECT remedy();
SELECT * FROM look();
DROP FUNCTION app.claims, app.login;
SELECT * FROM look();
ALTER TABLE app.person RENAME TO people;
SELECT * FROM look();
SELECT remedy();
SELECT * FROM look();
DROP SCHEMA app CASCADE;
DROP OWNED BY regress_oauth_check_owner;
DROP ROLE regress_oauth_check_owner;

\echo -- trusted issuers: without a client, with keys that cannot be had, with a function of a superuser or none at all
CREATE SCHEMA app;
CREATE ROLE regress_oauth_check_owner;
GRANT ALL ON SCHEMA app TO regress_oauth_check_owner;
CREATE FUNCTION app.who(text, jsonb) RETURNS text LANGUAGE sql AS 'SELECT NULL::text';
SELECT oauth_trust_issuer('https://idp.example', jwks_uri => 'https://idp.example/jwks', subject_function => 'app.who');
SELECT * FROM look();
INSERT INTO oauth.document (url, failed_at, problem) VALUES ('https://idp.example/jwks', now(), 'there was no answer');
SELECT client_id AS a FROM oauth_register_client('agent', grant_types => '{urn:ietf:params:oauth:grant-type:jwt-bearer}') \gset
SELECT * FROM look();
DELETE FROM oauth.document;
SELECT remedy('', 'some_role', 'regress_oauth_check_owner');
SELECT * FROM look();
INSERT INTO oauth.user_source (relation_schema, relation_name, id_column, username_column, scheme, allow_legacy, upgrade) VALUES ('app', 'person', 'id', 'name', 'auto', false, false);
SELECT oauth_trust_issuer('https://idp.example', jwks_uri => 'https://idp.example/jwks');
SELECT subject, finding, remedy FROM finding WHERE subject ~ '^issuer';
DELETE FROM oauth.user_source;
SELECT oauth_trust_issuer('https://idp.example', jwks_uri => 'https://idp.example/jwks', subject_function => 'app.who');
DROP FUNCTION app.who;
SELECT * FROM look();
SELECT remedy();
SELECT * FROM look();
SELECT oauth_delete_client(:'a');
DROP SCHEMA app CASCADE;
DROP OWNED BY regress_oauth_check_owner;
DROP ROLE regress_oauth_check_owner;

\echo -- clients
ALTER DATABASE regress_oauth_check SET oauth.allowed_hosts = '';
SELECT client_id AS a FROM oauth_register_client('passwords only', grant_types => '{password}') \gset
SELECT client_id AS b FROM oauth_register_client('passwords too', grant_types => '{authorization_code,password,refresh_token,oauth1_xauth}', redirect_uris => '{http://localhost,http://localhost:1/cb,https://localhost/cb,http://127.0.0.1/x}', access_token_lifetime => '2 days', refresh_token_lifetime => '100 days') \gset
SELECT client_id AS c FROM oauth_register_client('signs', grant_types => '{oauth1,oauth1_xauth}') \gset
SELECT client_id AS d FROM oauth_register_client('plain', grant_types => '{oauth1}', signature_methods => '{PLAINTEXT,HMAC-SHA256}') \gset
SELECT m ->> 'client_id' AS deaf FROM oauth_register_client_metadata('{"client_name": "deaf", "redirect_uris": ["https://deaf.example/cb"], "scope": "openid read", "backchannel_logout_uri": "https://deaf.example/logout"}') m \gset
SELECT m ->> 'client_id' AS mute FROM oauth_register_client_metadata('{"client_name": "mute", "redirect_uris": ["https://mute.example/cb"], "scope": "read", "post_logout_redirect_uris": ["https://mute.example/bye"]}') m \gset
INSERT INTO oauth.delivery (handle, kind, client_id, url, sid, due_at, failed_at, status, problem) VALUES (1, 'backchannel_logout', :'deaf', 'https://deaf.example/logout', 'a', now(), now(), 500, NULL), (2, 'backchannel_logout', :'deaf', 'https://deaf.example/logout', 'b', now(), now(), NULL, 'connection refused');
SELECT m ->> 'client_id' AS dumb FROM oauth_register_client_metadata('{"client_name": "dumb", "redirect_uris": ["https://dumb.example/cb"], "scope": "read", "require_signed_request_object": true}') m \gset
SELECT client_id AS e FROM oauth_register_client('many', redirect_uris => array(SELECT 'https://many.example/' || i FROM generate_series(1, 11) i)) \gset
SELECT client_id AS f FROM oauth_register_client('old', grant_types => '{client_credentials}') \gset
UPDATE oauth.client SET secret_set_at = now() - interval '366 days' WHERE client_name = 'old';
SELECT replace(look, '"https://many.example/', '"') FROM look();
SELECT remedy();
\c
SET client_min_messages = error;
SELECT * FROM look();
SELECT client_name, grant_types, disabled_at IS NULL AS enabled, redirect_uris, signature_methods, access_token_lifetime, refresh_token_lifetime FROM oauth.client WHERE client_name IN ('passwords only', 'passwords too', 'signs', 'plain') ORDER BY client_name;
SELECT oauth_update_client(client_id, '{"redirect_uris": ["https://many.example/1"]}') IS NULL FROM oauth.client WHERE client_name = 'many';
SELECT * FROM look();
\echo -- one that registered itself, and has become important
SELECT client_id AS g FROM oauth_register_client('stranger', redirect_uris => '{https://stranger.example/}') \gset
UPDATE oauth.client SET registration_token_hash = sha256('x') WHERE client_id = :'g';
SELECT count(access_token) FROM generate_series(1, 100) i, LATERAL oauth_issue_token(:'g', 'user-' || i);
SELECT * FROM look();
SELECT access_token AS token FROM oauth_issue_token(:'g', 'user-101') \gset
SELECT * FROM look();
SELECT remedy();
SELECT * FROM look();

\echo -- and one that nobody registered; what a shim was told not to fetch
UPDATE oauth.client SET registration_token_hash = NULL, is_document = true WHERE client_id = :'g';
INSERT INTO oauth.document (url, failed_at, problem) VALUES ('https://app.example/c', now(), 'fetching is switched off (--fetch=off)'), ('https://app.example/old', now() - interval '2 days', 'fetching is switched off (--fetch=off)');
SET oauth.client_id_metadata_documents = on;
SELECT * FROM look();
DELETE FROM oauth.document;
RESET oauth.client_id_metadata_documents;
SELECT remedy();
SELECT * FROM look();

\echo -- the key, what waits to be purged, the version
UPDATE oauth.master_key SET created_at = now() - interval '366 days';
UPDATE oauth.access_token SET expires_at = now() - interval '25 hours' WHERE handle = (SELECT min(handle) FROM oauth.access_token);
UPDATE pg_extension SET extversion = '0.0.1' WHERE extname = 'oauth';
SELECT * FROM look() WHERE look !~ 'extension oauth';
SELECT severity, subject, finding ~ '^is 0.0.1, and .* is installed$', remedy FROM finding WHERE subject = 'extension oauth';
UPDATE pg_extension SET extversion = (SELECT default_version FROM pg_available_extensions WHERE name = 'oauth') WHERE extname = 'oauth';
SELECT remedy();
SELECT * FROM look();

\echo -- where everybody may register: what the clients of strangers may ask users for
SET oauth.registration = open;
SELECT oauth_register_scope('admin', 'Do it all'), oauth_register_scope('own', 'Kept for ours', is_advertised => false);
SELECT * FROM look();
SELECT remedy();
SET oauth.registration = open;
SELECT * FROM look();
SELECT scope, is_default, is_advertised FROM oauth.scope ORDER BY scope;
SET oauth.registration = closed;

\echo -- signing keys: too short, used before they were published for the lead, too old, and none where clients ask for one
DELETE FROM oauth.signing_key;
UPDATE oauth.client SET scope = NULL, registration_token_hash = NULL WHERE scope ~ 'openid' OR registration_token_hash IS NOT NULL;
SELECT * FROM look();
SELECT oauth_create_signing_key('ES256') AS kid \gset
SELECT * FROM look();
\echo -- the second of its algorithm, used at once
SELECT oauth_create_signing_key('ES256') AS second \gset
SELECT replace(l, :'second', '(kid)') FROM look() l;
UPDATE oauth.signing_key SET created_at = created_at - interval '1 day', used_from = used_from - interval '1 day';
SELECT * FROM look();
\echo -- about to be used too soon; the remedy waits
SELECT oauth_create_signing_key('ES256', now() + interval '1 hour') AS third \gset
SELECT regexp_replace(replace(l, :'third', '(kid)'), 'used_from = .*? WHERE', 'used_from = (time) WHERE') FROM look() l;
SELECT remedy();
SELECT * FROM look();
SELECT used_from = created_at + interval '1 day' FROM oauth.signing_key WHERE kid = :'third';
SELECT oauth_retire_signing_key(:'third');
\echo -- too old: by its lifetime, or where that is by hand, by a year
UPDATE oauth.signing_key SET created_at = created_at - interval '92 days', used_from = used_from - interval '92 days', retired_at = retired_at - interval '92 days';
SELECT replace(l, :'second', '(kid)') FROM look() l;
SET oauth.signing_key_lifetime = 0;
SELECT * FROM look();
UPDATE oauth.signing_key SET created_at = created_at - interval '1 year', used_from = used_from - interval '1 year', retired_at = retired_at - interval '1 year';
SELECT replace(l, :'second', '(kid)') FROM look() l;
RESET oauth.signing_key_lifetime;
SELECT remedy();
SELECT * FROM look();
DELETE FROM oauth.signing_key;
\echo -- too short, which only who writes the table can do
INSERT INTO oauth.signing_key (kid, alg, public_key, private_key_sealed, created_at, used_from)
	SELECT repeat('x', 43), 'RS256', jsonb_build_object('kty', 'RSA', 'n', repeat('x', 171), 'e', 'AQAB'), '', now(), now();
SELECT * FROM look();
SELECT remedy();
SELECT * FROM look();
DELETE FROM oauth.signing_key;
\echo -- none for what a client asks for
SELECT client_id AS asks FROM oauth_register_client('asks', grant_types => '{client_credentials}') \gset
SELECT oauth_update_client(:'asks', '{"access_token_format": "jwt"}') ->> 'access_token_format';
SELECT * FROM look();
SELECT remedy();
SELECT * FROM look();
DELETE FROM oauth.signing_key;
SELECT oauth_delete_client(:'asks');
SELECT * FROM look();
\echo -- settings with which nobody could keep the key set, or keys stay for ever
SET oauth.signing_key_lead = '10 min';
SET oauth.signing_key_lifetime = '400 d';
SELECT * FROM look();
RESET oauth.signing_key_lead;
RESET oauth.signing_key_lifetime;

\echo -- the gravest first
SELECT oauth_register_scope('read', 'Read', true);
CREATE ROLE regress_oauth_check_role;
GRANT INSERT, SELECT ON oauth.grant TO regress_oauth_check_role;
GRANT SELECT ON oauth.scope TO regress_oauth_check_role;
SET oauth.registration = open;
SET oauth.refresh_grace = 100;
SELECT severity FROM finding ORDER BY ordinality;
DROP OWNED BY regress_oauth_check_role;
DROP ROLE regress_oauth_check_role;

\echo -- no remedy or finding shows a secret
SELECT count(*) FROM oauth_check() f, oauth.client c WHERE f::text LIKE '%' || encode(c.secret_hash, 'hex') || '%';

\echo -- each kind of finding is a view, and oauth.finding has them all, in a session that has not loaded the library, too
ALTER DATABASE regress_oauth_check SET oauth.refresh_grace = 200;
\c regress_oauth_check
SELECT severity, subject, finding FROM oauth.check_setting WHERE subject = 'oauth.refresh_grace';
\c regress_oauth_check
SELECT f.severity, f.subject, f.finding, f.remedy FROM oauth.finding f
EXCEPT ALL SELECT severity, subject, finding, remedy FROM oauth_check();
SELECT severity, subject FROM oauth.check_issuer;
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'oauth'::regnamespace AND starts_with(c.relname, 'check_')
AND NOT pg_get_viewdef('oauth.finding'::regclass) ~ ('FROM oauth.' || c.relname || '\M');
SELECT count(*) > 30 AS many FROM pg_class WHERE relnamespace = 'oauth'::regnamespace AND starts_with(relname, 'check_');

\c :main
DROP DATABASE regress_oauth_check;
