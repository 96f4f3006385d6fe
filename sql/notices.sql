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
\c :main
DROP DATABASE regress_oauth_notices;
