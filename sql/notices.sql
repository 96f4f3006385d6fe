-- notices.sql: what administrators are told that they have not asked, and errors that say what to do.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never

-- A database of its own, where it is known which clients there are.
\set main :DBNAME
CREATE DATABASE regress_oauth_notices TEMPLATE template0 ENCODING 'UTF8';
\c regress_oauth_notices
SET client_min_messages = warning;
CREATE EXTENSION oauth CASCADE;
RESET client_min_messages;
-- The hint of the error that a statement raises.
CREATE FUNCTION pg_temp.hint(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hint text;
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN hint;
END $$;

\echo -- a client that cannot be used yet; one that can is no news
SELECT client_id AS id FROM oauth_register_client('Photo printer') \gset
SELECT client_id AS report FROM oauth_register_client('Report', grant_types => '{client_credentials}', scope => 'read') \gset
\echo -- a scope that nobody may ask for, one that somebody may, one that many get
SELECT oauth_register_scope('mail', 'Read your mail');
SELECT oauth_update_client(:'report', '{"scope": "read mail"}') IS NOT NULL;
SELECT oauth_register_scope('mail', 'Read your mail and your calendar');
SELECT oauth_register_scope('profile', 'Know your name', is_default => true);
SELECT oauth_update_client(:'id', '{"scope": "read"}') IS NOT NULL;
SELECT oauth_register_scope('profile', 'Know your name', is_default => true);
\echo -- a scope that strangers may ask users for: where they can register, or again
SELECT oauth_register_scope('admin', 'Do it all', is_advertised => false);
SET oauth.registration = open;
SELECT oauth_register_scope('admin', 'Do it all', is_advertised => false);
SELECT oauth_register_scope('files', 'See your files');
RESET oauth.registration;
SELECT oauth_register_scope('admin', 'Do all of it');
SELECT oauth_register_scope('admin', 'Do all of it');
\echo -- a secret that ends at once, and one that does not
SELECT length(oauth_rotate_client_secret(:'report'));
SELECT length(oauth_rotate_client_secret(:'report', overlap => '1 day'));
\echo -- a refresh token that is of no use, and one that is
SELECT scope FROM oauth_issue_token(:'report', 'user-1', 'mail', refresh => true);
SELECT scope FROM oauth_issue_token(:'id', 'user-1', refresh => true);
\echo -- nobody of that name
SELECT oauth_revoke_subject('user-2');
SELECT oauth_revoke_subject('user-1');
SELECT oauth_revoke_subject('user-1');

\echo -- errors say what to do
SELECT oauth_register_client('x', scope => 'it''s');
SELECT oauth_register_client('x', '{example.com}');
SELECT oauth_update_client(:'id', '{"redirect_uris": ["http://example.com/"]}');
SELECT oauth_register_client('x', ARRAY[NULL]);
SELECT oauth_issue_token(:'id', '');
SELECT oauth_exchange_token('x');
SELECT oauth_create_initial_access_token(uses => 0);
SELECT oauth_protect('/api/a b', 'public.x');
\echo -- traps of the first day in psql: types, lists and rights, of which the errors of the server say little
SELECT oauth_issue_token('x', subject => 42);
SELECT oauth_issue_token('x', 42::bigint, 'read');
SELECT oauth_issue_token('x', subject => '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid);
SELECT oauth_revoke_subject(42);
SELECT oauth_revoke_subject(42::smallint);
SELECT oauth_accept_login('x', subject => 42);
SELECT scope FROM oauth_issue_token(:'id', subject => 42::text);
SELECT oauth_issue_token('x', subject => '42', lifetime => 3600);
SELECT oauth_protect('/api/x', 'x.y', max_age => 300);
SELECT oauth_issue_token('x', subject => 42, lifetime => interval '1 hour');
SELECT oauth_register_client('x', access_token_lifetime => 60, refresh_token_lifetime => interval '1 d');
SELECT oauth_rotate_client_secret('x', 1);
SELECT oauth_update_client('x', scope => 'read');
SELECT oauth_update_client('x', '{}'::json);
SELECT oauth_register_client(client_name => 'x', redirect_uri => 'https://x.example/');
SELECT oauth_create_user('al');
SET search_path = oauth;
SELECT oauth_issue_token('x');
SELECT oauth.oauth_verify_token('x');
RESET search_path;
SELECT oauth_register_client('x', grant_types => 'authorization_code');
SELECT oauth_register_client('x', redirect_uris => 'https://app.example.com/cb');
CREATE ROLE regress_oauth_notices;
SET ROLE regress_oauth_notices;
SELECT oauth_issue_token('x');
SELECT oauth_verify_token('x');
RESET ROLE;
\echo -- rows are deleted by functions
INSERT INTO oauth.consent VALUES ('user-1', 'nobody', 'read');
DO $$ BEGIN DELETE FROM oauth.subject WHERE subject = 'user-1'; END $$;
\echo -- what is not about functions of the extension is left alone
SELECT no_oauth_function(1), my_oauth_issue_token(2);
SELECT '1'::integer[];
CREATE FUNCTION public.my_oauth_function(text) RETURNS text LANGUAGE sql AS 'SELECT $1';
REVOKE ALL ON FUNCTION public.my_oauth_function FROM PUBLIC;
SET ROLE regress_oauth_notices;
SELECT my_oauth_function('x');
RESET ROLE;
DROP FUNCTION public.my_oauth_function;
DROP ROLE regress_oauth_notices;
\echo -- scopes: with commas, in upper case, unknown
SELECT oauth_register_client('x', scope => 'read,write');
SELECT oauth_register_client('x', scope => 'read;mail');
SELECT oauth_register_client('x', scope => 'no,thing');
SELECT oauth_register_client('x', scope => 'read,''x');
SELECT oauth_issue_token(:'id', 'user-1', 'read,write');
SELECT oauth_issue_token(:'id', 'user-1', 'Read');
SELECT oauth_register_client('x', scope => 'READ mail');
SELECT oauth_register_client('x', scope => 'nothing');
SELECT oauth_update_client(:'id', '{"scope": "read,mail"}');
CREATE FUNCTION public.answer(oauth.http_request) RETURNS jsonb LANGUAGE sql RETURN '{}'::jsonb;
SET client_min_messages = error;
SELECT oauth_protect('/api/answer', 'public.answer', required_scope => 'read,mail');
SELECT oauth_protect('/api/answer', 'public.answer', required_scope => 'Mail');
RESET client_min_messages;
DROP FUNCTION public.answer;
SELECT oauth_register_scope('one,two', 'One and two');
\echo -- grants by the names of other things
SELECT oauth_register_client('x', grant_types => '{code}');
SELECT oauth_register_client('x', grant_types => ARRAY['say "x"']);
SELECT oauth_register_client('x', grant_types => ARRAY[repeat('x', 65)]);
SELECT 1 FROM oauth_register_client('x', grant_types => '{}');
\echo -- a wildcard in a redirect URI, said once
SELECT client_id AS wild FROM oauth_register_client('x', redirect_uris => '{https://*.example.com/cb,https://app.example.com/back/*}') \gset
SELECT oauth_update_client(:'wild', '{"client_name": "y"}') IS NOT NULL;
SELECT oauth_update_client(:'wild', '{"redirect_uris": ["https://*.example.com/cb", "https://app.example.com/*"]}') IS NOT NULL;
\echo -- a client for devices with a secret, and one without
SELECT 1 FROM oauth_register_client('tv', grant_types => '{urn:ietf:params:oauth:grant-type:device_code,refresh_token}');
SELECT 1 FROM oauth_register_client('tv', client_type => 'public', grant_types => '{urn:ietf:params:oauth:grant-type:device_code}');
\echo -- a member that nothing reads, and what may be meant; those of an answer come back with it
SELECT oauth_update_client(:'id', '{"redirect_uri": ["https://x.example/"]}') IS NOT NULL;
SELECT oauth_update_client(:'id', '{"scopes": "read", "grant_type": [], "Client_Name": "x", "name": "x"}') IS NOT NULL;
SELECT oauth_update_client(:'id', '{"acess_token_lifetime": 60, "token_endpoint_auth": "none", "jkws": {}}') IS NOT NULL;
SELECT oauth_update_client(:'id', oauth_update_client(:'id', '{}')) IS NOT NULL;
SELECT oauth_update_client(:'id', '{"client_name#de": "Fotodrucker", "contacts": ["redirect_uri"]}') IS NOT NULL;
SELECT oauth_register_client_metadata('{"grant_types": [], "redirecturis": []}') IS NOT NULL;
SELECT oauth_update_client(:'id', jsonb_build_object(repeat('x', 100000), 1)) IS NOT NULL;
\echo -- a client by its name: one, two of the name, none
SELECT replace(hint, :'report', 'ID') FROM pg_temp.hint('SELECT oauth_disable_client(''Report'')') hint;
SELECT 1 FROM oauth_register_client('tv', client_type => 'public', grant_types => '{password}');
SELECT oauth_issue_token('tv', 'user-1');
SELECT oauth_issue_token('Nobody', 'user-1');
\echo -- a header in the place of a token, and the other way round
SELECT access_token AS token FROM oauth_issue_token(:'report', 'user-1', 'mail') \gset
SELECT active FROM oauth_verify_token('Bearer ' || :'token');
SELECT oauth_introspect_token('bearer ' || :'token');
SELECT oauth_revoke_token('Bearer ' || :'token');
BEGIN;
SELECT oauth_authenticate(:'token');
SELECT oauth_authenticate('Bearer ' || :'token');
COMMIT;
SELECT active FROM oauth_verify_token('Bearer');
\c :main
DROP DATABASE regress_oauth_notices;
\echo -- what OpenID Connect has, and comes to nothing as the client is
SELECT oauth_register_client_metadata('{"redirect_uris": ["https://app.example/cb"], "scope": "read", "post_logout_redirect_uris": ["https://app.example/bye"]}') ->> 'client_id' AS id \gset
SELECT oauth_update_client(:'id', '{"scope": "openid read", "backchannel_logout_session_required": true}') ->> 'scope';
SELECT oauth_update_client(:'id', '{"backchannel_logout_uri": "https://app.example/logout"}') ->> 'scope';
SELECT oauth_update_client(:'id', '{"backchanel_logout_uri": "https://app.example/logout"}') ->> 'scope';
