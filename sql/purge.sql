-- purge.sql: removing what has ended: what goes, what must stay, in batches (R218).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;

-- A database of its own, where nothing else has ended.
\set main :DBNAME
CREATE DATABASE regress_oauth_purge TEMPLATE template0 ENCODING 'UTF8';
\c regress_oauth_purge
SET client_min_messages = warning;
-- With events, ended grants stay for them to name (sql/event.sql).
SET oauth.event_retention = 0;
CREATE EXTENSION oauth CASCADE;
CREATE FUNCTION pg_temp.rows() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT format('clients %s, subjects %s, grants %s, access %s, refresh %s', (SELECT count(*) FROM oauth.client), (SELECT count(*) FROM oauth.subject),
		(SELECT count(*) FROM oauth.grant), (SELECT count(*) FROM oauth.access_token), (SELECT count(*) FROM oauth.refresh_token)) $$;
CREATE FUNCTION pg_temp.hash(token text) RETURNS bytea LANGUAGE sql AS $$ SELECT sha256(convert_to(token, 'UTF8')) $$;

\echo -- nothing yet
SELECT oauth_purge_expired(), pg_temp.rows();
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('purge', grant_types => '{password,client_credentials,refresh_token}') \gset
SELECT access_token AS access, refresh_token AS refresh FROM oauth_issue_token(:'id', 'purge-1', refresh => true) \gset
SELECT access_token AS only_access FROM oauth_issue_token(:'id', 'purge-2') \gset
SELECT access_token AS own FROM oauth_issue_token(:'id') \gset
SELECT oauth_purge_expired(), pg_temp.rows();

\echo -- what has just expired is refused and stays for an hour
UPDATE oauth.access_token SET expires_at = now() - interval '59 minutes';
SELECT oauth_purge_expired(), pg_temp.rows(), active FROM oauth_verify_token(:'access');
\echo -- then it goes, with the grant that has become empty; the grant of a refresh token stays, and the one the client has for itself
UPDATE oauth.access_token SET expires_at = now() - interval '61 minutes';
SELECT expired_rows FROM oauth_status();
SELECT oauth_purge_expired();
SELECT pg_temp.rows(), (SELECT expired_rows FROM oauth_status());
SELECT coalesce(subject, 'itself') FROM oauth.grant ORDER BY 1;
SELECT oauth_introspect_token(:'refresh') ->> 'sub';
\echo -- such a refresh token still brings tokens
SELECT convert_from(body, 'UTF8')::jsonb ->> 'refresh_token' AS next FROM oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'],
	convert_to(format('grant_type=refresh_token&client_id=%s&client_secret=%s&refresh_token=%s', :'id', :'secret', :'refresh'), 'UTF8'), 'http', NULL)) \gset
\echo -- a used one stays while it could be used again, for a second use must be seen
SELECT oauth_purge_expired(), pg_temp.rows();
UPDATE oauth.refresh_token SET expires_at = now() - interval '61 minutes' WHERE used_at IS NOT NULL;
SELECT oauth_purge_expired();
SELECT pg_temp.rows(), oauth_introspect_token(:'next') ->> 'active';
\echo -- the salt of a rotation goes when the grace has ended, however long the token lives
SELECT count(rotation_salt) FROM oauth.refresh_token;
SET oauth.refresh_grace = 0;
SELECT oauth_purge_expired();
SELECT count(*), count(rotation_salt) FROM oauth.refresh_token;
RESET oauth.refresh_grace;

\echo -- revoked: ended at once, removed an hour later, whatever its tokens had left
SELECT oauth_revoke_subject('purge-1');
SELECT oauth_purge_expired(), pg_temp.rows();
UPDATE oauth.grant SET ended_at = now() - interval '61 minutes' WHERE ended_at IS NOT NULL;
SELECT oauth_purge_expired() > 0;
SELECT pg_temp.rows();
\echo -- the grant of a client for itself goes only when it has ended
SELECT access_token AS own FROM oauth_issue_token(:'id') \gset
SELECT oauth_revoke_client(:'id');
UPDATE oauth.grant SET ended_at = now() - interval '61 minutes' WHERE ended_at IS NOT NULL;
SELECT oauth_purge_expired();
SELECT pg_temp.rows();

\echo -- deleted clients and users: grants end, tokens go, and then they go themselves; a subject of the application stays
SELECT client_id AS other FROM oauth_register_client('purge other', grant_types => '{password}') \gset
SET oauth.bcrypt_cost = 4;
SELECT oauth_create_user('purge', 'wonderland') AS user \gset
SELECT count(*) FROM generate_series(1, 3) n, oauth_issue_token(:'other', 'purge-' || n);
SELECT count(*) FROM generate_series(1, 2) n, oauth_issue_token(CASE n WHEN 1 THEN :'id' ELSE :'other' END, :'user');
SELECT oauth_delete_client(:'other'), oauth_delete_user('purge');
SELECT oauth_purge_expired(), pg_temp.rows(), (SELECT count(*) FROM oauth.grant WHERE ended_at IS NOT NULL);
SELECT DISTINCT ended_reason FROM oauth.grant ORDER BY 1;
UPDATE oauth.client SET deleted_at = now() - interval '61 minutes' WHERE deleted_at IS NOT NULL;
UPDATE oauth.subject SET deleted_at = now() - interval '61 minutes' WHERE deleted_at IS NOT NULL;
\echo -- not while their grants are there
SELECT oauth_purge_expired(), pg_temp.rows();
UPDATE oauth.grant SET ended_at = now() - interval '61 minutes' WHERE ended_at IS NOT NULL;
SELECT oauth_purge_expired() > 0;
SELECT pg_temp.rows(), (SELECT string_agg(subject, ' ' ORDER BY subject) FROM oauth.subject);

\echo -- batches: so many of a kind in a call, and 0 only when nothing is left
SET oauth.purge_batch = 4;
SELECT count(*) FROM generate_series(1, 10) n, oauth_issue_token(:'id', 'purge-' || n, refresh => true);
UPDATE oauth.access_token SET expires_at = now() - interval '61 minutes';
UPDATE oauth.refresh_token SET expires_at = now() - interval '61 minutes';
SELECT oauth_purge_expired();
SELECT pg_temp.rows();
SELECT oauth_purge_expired();
SELECT pg_temp.rows();
SELECT oauth_purge_expired();
SELECT oauth_purge_expired(), pg_temp.rows();
\echo -- access tokens are found from whichever page the last purge stopped at, before it and behind it, in a table that has become shorter too
SELECT count(*) FROM generate_series(1, 300) n, oauth_issue_token(:'id', 'purge-' || n);
UPDATE oauth.access_token SET expires_at = now() - interval '61 minutes';
SET oauth.purge_batch = 10000;
UPDATE oauth.sweep SET position = 2 WHERE sweep = 'access tokens';
SELECT oauth_purge_expired(), pg_temp.rows(), (SELECT position FROM oauth.sweep WHERE sweep = 'access tokens');
SELECT count(*) FROM generate_series(1, 300) n, oauth_issue_token(:'id', 'purge-' || n);
UPDATE oauth.access_token SET expires_at = now() - interval '61 minutes';
UPDATE oauth.sweep SET position = 4000000000 WHERE sweep = 'access tokens';
SELECT oauth_purge_expired(), pg_temp.rows();
\echo -- and those that are left when a batch is full
SELECT count(*) FROM generate_series(1, 300) n, oauth_issue_token(:'id', 'purge-' || n);
UPDATE oauth.access_token SET expires_at = now() - interval '61 minutes';
SET oauth.purge_batch = 100;
SELECT oauth_purge_expired() FROM generate_series(1, 4);
SELECT pg_temp.rows();
SET oauth.purge_batch = 4;
\echo -- in a transaction that rolls back it did nothing
SELECT access_token AS access FROM oauth_issue_token(:'id', 'purge-1') \gset
UPDATE oauth.access_token SET expires_at = now() - interval '61 minutes';
BEGIN;
SELECT oauth_purge_expired();
ROLLBACK;
SELECT pg_temp.rows();
\echo -- it writes, so not on a standby
BEGIN READ ONLY;
SELECT oauth_purge_expired();
\echo :SQLSTATE
ROLLBACK;

\echo -- VACUUM does not lock out requests to make a table shorter; who wants the room back says so
SELECT count(*) > 0 AS tables, count(*) FILTER (WHERE 'vacuum_truncate=off' = ANY (reloptions)) = count(*) AS stay FROM pg_class
	WHERE relkind = 'r' AND relnamespace = 'oauth'::regnamespace;
SELECT count(*) > 0 AS toast_tables, count(*) FILTER (WHERE 'vacuum_truncate=off' = ANY (t.reloptions)) = count(*) AS stay
	FROM pg_class t JOIN pg_class c ON t.oid = c.reltoastrelid WHERE c.relkind = 'r' AND c.relnamespace = 'oauth'::regnamespace;
SET oauth.purge_batch = 10000;
SELECT count(*) FROM generate_series(1, 3000) n, oauth_issue_token(:'id', 'purge-' || n);
UPDATE oauth.access_token SET expires_at = now() - interval '61 minutes';
SELECT oauth_purge_expired() > 0;
SELECT pg_relation_size('oauth.access_token') AS size \gset
VACUUM oauth.access_token;
SELECT pg_relation_size('oauth.access_token') = :size AND :size > 0 AS is_as_long;
VACUUM (TRUNCATE) oauth.access_token;
SELECT pg_relation_size('oauth.access_token') < :size AS is_shorter;

\c :main
DROP DATABASE regress_oauth_purge;
