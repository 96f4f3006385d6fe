-- introspect.sql: introspection (RFC 7662).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never

SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://auth.example.com';
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('introspect', grant_types => '{password,refresh_token}') \gset
SELECT client_id AS other, client_secret AS other_secret FROM oauth_register_client('introspect other', grant_types => '{client_credentials}') \gset
SELECT client_id AS server, client_secret AS server_secret FROM oauth_register_client('introspect server', grant_types => '{introspection}') \gset
SELECT client_id AS public FROM oauth_register_client('introspect public', grant_types => '{refresh_token}', client_type => 'public') \gset
SELECT oauth_register_client('introspect public', grant_types => '{introspection}', client_type => 'public');
SELECT oauth_create_user('introspect alice', 'wonderland') AS alice \gset
CREATE FUNCTION pg_temp.send(form text, type text DEFAULT 'application/x-www-form-urlencoded', target text DEFAULT '/oauth2/introspect') RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || regexp_replace(regexp_replace(convert_from(r.body, 'UTF8'), '[0-9a-f]{32}', '<id>', 'g'), '(exp|iat)": \d+', '\1": <time>', 'g')
	|| coalesce(' ' || (SELECT h FROM unnest(r.headers) h WHERE h LIKE 'WWW-%'), '')
	FROM oauth.introspect(ROW('POST', target, ARRAY['Content-Type: ' || type], convert_to(form, 'UTF8'), 'http', '127.0.0.1')) r $$;
SELECT 'client_id=' || :'id' || '&client_secret=' || :'secret' AS auth \gset
SELECT 'client_id=' || :'other' || '&client_secret=' || :'other_secret' AS other_auth \gset
SELECT 'client_id=' || :'server' || '&client_secret=' || :'server_secret' AS server_auth \gset
SELECT access_token AS access, refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', refresh => true) \gset

\echo -- R157: its own client learns of both kinds
SELECT pg_temp.send(:'auth' || '&token=' || :'access');
SELECT pg_temp.send(:'auth' || '&token_type_hint=access_token&token=' || :'refresh');
SELECT access_token AS client_access FROM oauth_issue_token(:'other') \gset
SELECT pg_temp.send(:'other_auth' || '&token=' || :'client_access');
SELECT (oauth.introspect(ROW('POST', '/oauth2/introspect', '{Content-Type: application/x-www-form-urlencoded}', convert_to(:'auth' || '&token=x', 'UTF8'), 'http', NULL))).headers;
\echo -- a resource server learns of access tokens only
SELECT pg_temp.send(:'server_auth' || '&token=' || :'access');
SELECT pg_temp.send(:'server_auth' || '&token=' || :'refresh');
\echo -- R155: other clients learn nothing, and strangers may not ask
SELECT pg_temp.send(:'other_auth' || '&token=' || :'access');
SELECT pg_temp.send(:'other_auth' || '&token=' || :'refresh');
SELECT pg_temp.send('token=' || :'access');
SELECT pg_temp.send('client_id=' || :'server' || '&client_secret=x&token=' || :'access');
SELECT pg_temp.send('client_id=' || :'public' || '&token=' || :'access');
\echo -- malformed
SELECT pg_temp.send(:'auth');
SELECT pg_temp.send(:'auth' || '&token=');
SELECT pg_temp.send(:'auth' || '&token=a&token=b');
SELECT pg_temp.send('{"token": "x"}', 'application/json');
SELECT pg_temp.send(:'auth', target => '/oauth2/introspect?token=' || :'access');
\echo -- R156, R160: whatever has ended is inactive and nothing else
SELECT pg_temp.send(:'auth' || '&token=' || token) FROM (VALUES ('x'), ('oat_' || repeat('A', 54)), (left(:'access', 57)), (:'access' || 'A')) v (token);
BEGIN;
SELECT oauth_disable_user('introspect alice');
SELECT pg_temp.send(:'server_auth' || '&token=' || :'access');
SELECT pg_temp.send(:'auth' || '&token=' || :'refresh');
ROLLBACK;
BEGIN;
SELECT oauth_disable_client(:'id');
SELECT pg_temp.send(:'server_auth' || '&token=' || :'access');
ROLLBACK;
BEGIN;
UPDATE oauth.access_token SET expires_at = now() - interval '1 second' WHERE token_hash = sha256(convert_to(:'access', 'UTF8'));
UPDATE oauth.refresh_token SET expires_at = now() - interval '1 second' WHERE token_hash = sha256(convert_to(:'refresh', 'UTF8'));
SELECT pg_temp.send(:'server_auth' || '&token=' || :'access');
SELECT pg_temp.send(:'auth' || '&token=' || :'refresh');
ROLLBACK;
BEGIN;
SELECT oauth_revoke_subject(:'alice');
SELECT pg_temp.send(:'server_auth' || '&token=' || :'access');
SELECT pg_temp.send(:'auth' || '&token=' || :'refresh');
ROLLBACK;
SELECT pg_temp.send(:'server_auth' || '&token=' || :'access');
\echo -- it reads only
BEGIN READ ONLY;
SELECT pg_temp.send(:'server_auth' || '&token=' || :'access');
COMMIT;
