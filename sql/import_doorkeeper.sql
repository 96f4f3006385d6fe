-- import_doorkeeper.sql: moving in from doorkeeper, by oauth_import_doorkeeper().
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never

-- What came of it: the answer, or SQLSTATE, message, detail and hint in one line.
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	message text;
	detail text;
	hint text;
BEGIN
	EXECUTE statement INTO answer;
	RETURN answer;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE, message, nullif(detail, ''), nullif(hint, ''));
END $$;

-- The tables as the migration of 5.8 makes them on PostgreSQL; times are UTC, whatever the session says.
SET timezone = 'America/New_York';
CREATE SCHEMA import_doorkeeper;
SET search_path = import_doorkeeper;
CREATE TABLE users (id bigserial PRIMARY KEY, email varchar NOT NULL, is_active boolean NOT NULL);
CREATE TABLE oauth_applications (id bigserial PRIMARY KEY, name varchar NOT NULL, uid varchar NOT NULL UNIQUE, secret varchar,
	redirect_uri text, scopes varchar NOT NULL DEFAULT '', confidential boolean NOT NULL DEFAULT true,
	created_at timestamp(6) NOT NULL DEFAULT now(), updated_at timestamp(6) NOT NULL DEFAULT now());
CREATE TABLE oauth_access_tokens (id bigserial PRIMARY KEY, resource_owner_id bigint, application_id bigint NOT NULL REFERENCES oauth_applications,
	token varchar NOT NULL UNIQUE, refresh_token varchar UNIQUE, expires_in integer, scopes varchar,
	created_at timestamp(6) NOT NULL, revoked_at timestamp(6), previous_refresh_token varchar NOT NULL DEFAULT '');
INSERT INTO users VALUES (1, 'alice@example.org', true), (2, 'gone@example.org', false);
INSERT INTO oauth_applications (id, name, uid, secret, redirect_uri, scopes, confidential) VALUES
	(1, 'Web', 'door-web', 'web-secret', E'https://web.example/a\r\nhttps://web.example/b\nurn:ietf:wg:oauth:2.0:oob', '', true),
	(2, 'App', 'door-app', NULL, E'com.example.app:/back\ncursor://example/back\njavascript:alert(1)', 'public', false),
	(3, 'No secret', 'door-nosecret', NULL, '', '', true);
INSERT INTO oauth_access_tokens (id, resource_owner_id, application_id, token, refresh_token, expires_in, scopes, created_at, revoked_at) VALUES
	(1, 1, 1, 'door-1', 'door-refresh-1', 7200, 'public door:write', now() AT TIME ZONE 'UTC' - interval '1 hour', NULL),
	(2, 1, 1, 'door-2', 'door-refresh-2', 7200, 'public', now() AT TIME ZONE 'UTC' - interval '3 hours', NULL),
	(3, 1, 1, 'door-3', 'door-refresh-3', 7200, 'public', now() AT TIME ZONE 'UTC' - interval '1 hour', now() AT TIME ZONE 'UTC' - interval '1 minute'),
	(4, 1, 2, 'door-4', NULL, NULL, NULL, now() AT TIME ZONE 'UTC' - interval '1 hour', NULL),
	(5, NULL, 1, 'door-5', NULL, 7200, '', now() AT TIME ZONE 'UTC' - interval '1 hour', NULL),
	(6, 1, 1, 'door-6', 'door-refresh-6', 7200, 'public', now() AT TIME ZONE 'UTC' - interval '1 hour', now() AT TIME ZONE 'UTC' + interval '10 minutes'),
	(7, 1, 3, 'door-7', NULL, 7200, 'public', now() AT TIME ZONE 'UTC' - interval '1 hour', NULL),
	(8, 2, 1, 'door-8', NULL, 7200, 'public', now() AT TIME ZONE 'UTC' - interval '1 hour', NULL),
	(9, 1, 1, 'door-same', 'door-same', 7200, 'public', now() AT TIME ZONE 'UTC' - interval '1 hour', NULL);
RESET search_path;

CREATE TEMPORARY TABLE report AS SELECT * FROM oauth_import_doorkeeper('import_doorkeeper', users => 'users');
SELECT * FROM report ORDER BY kind, action DESC, reason COLLATE "C";
SELECT sum(n) FILTER (WHERE kind = 'client' AND action <> 'changed') = (SELECT count(*) FROM import_doorkeeper.oauth_applications),
	sum(n) FILTER (WHERE kind = 'access_token') = (SELECT count(*) FROM import_doorkeeper.oauth_access_tokens),
	sum(n) FILTER (WHERE kind = 'refresh_token') = (SELECT count(refresh_token) FROM import_doorkeeper.oauth_access_tokens) FROM report;
SELECT client_id, client_type, grant_types, redirect_uris, scope, secret_hash = sha256('web-secret') FROM oauth.client WHERE imported_from = 'doorkeeper' ORDER BY 1;
SELECT token, v.client_id, v.subject, v.scope, CASE WHEN isfinite(v.expires_at) THEN round(extract(epoch FROM v.expires_at - now()) / 60) END AS minutes
FROM import_doorkeeper.oauth_access_tokens t, oauth_verify_token(t.token) v WHERE v.active ORDER BY id;
SELECT refresh_token, oauth_introspect_token(refresh_token) - '{iat,iss,exp}'::text[] FROM import_doorkeeper.oauth_access_tokens WHERE refresh_token IS NOT NULL ORDER BY id;
SELECT oauth_introspect_token('door-4') - '{iat,iss}'::text[];
\echo -- the access token of a refresh token ends with it
SELECT oauth_revoke_token('door-refresh-1'), (oauth_verify_token('door-1')).active;
SELECT (oauth_verify_token('door-1')).active;

\echo -- hashed: 64 hexadecimal digits are a digest or a token, which somebody has to say
SET search_path = import_doorkeeper;
UPDATE oauth_access_tokens SET token = encode(sha256(convert_to('hashed-' || token, 'UTF8')), 'hex'), refresh_token = encode(sha256(convert_to('hashed-' || refresh_token, 'UTF8')), 'hex');
UPDATE oauth_applications SET uid = 'hashed-' || uid, secret = encode(sha256(convert_to(secret, 'UTF8')), 'hex');
RESET search_path;
SELECT pg_temp.try($$SELECT oauth_import_doorkeeper('import_doorkeeper')$$);
SELECT pg_temp.try($$SELECT oauth_import_doorkeeper('import_doorkeeper', hashed_tokens => true)$$);
SELECT * FROM oauth_import_doorkeeper('import_doorkeeper', hashed_tokens => true, hashed_secrets => true, grant_types => '{password}') WHERE action = 'taken' ORDER BY 1;
SELECT token, client_id, subject FROM unnest('{hashed-door-1,hashed-door-4,hashed-door-5}'::text[]) token, oauth_verify_token(token);
SELECT grant_types, secret_hash = sha256('web-secret'), imported_secret_hash FROM oauth.client WHERE client_id = 'hashed-door-web';
\echo -- the digest itself opens nothing
SELECT active FROM import_doorkeeper.oauth_access_tokens, oauth_verify_token(token) WHERE id = 1;
\echo -- taken for tokens, they are tokens
SELECT * FROM oauth_import_doorkeeper('import_doorkeeper', hashed_tokens => false, hashed_secrets => true) WHERE action = 'taken' ORDER BY 1;
SELECT active FROM import_doorkeeper.oauth_access_tokens, oauth_verify_token(token) WHERE id = 1;

\echo -- bcrypt
SET search_path = import_doorkeeper;
UPDATE oauth_applications SET uid = 'bcrypt-' || uid, secret = public.crypt('a secret long enough to be random', public.gen_salt('bf', 4)) WHERE id = 1;
UPDATE oauth_access_tokens SET token = 'bcrypt-' || token, refresh_token = 'bcrypt-' || refresh_token;
RESET search_path;
SELECT * FROM oauth_import_doorkeeper('import_doorkeeper') WHERE kind = 'client' ORDER BY 2, 3;
SELECT left(imported_secret_hash, 7) FROM oauth.client WHERE client_id = 'bcrypt-hashed-door-web';
SELECT t.status FROM oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'],
	'grant_type=client_credentials&client_id=bcrypt-hashed-door-web&client_secret=a+secret+long+enough+to+be+random&scope=public', 'http', '127.0.0.1')::oauth.http_request) t;
SELECT imported_secret_hash, secret_hash = sha256('a secret long enough to be random') FROM oauth.client WHERE client_id = 'bcrypt-hashed-door-web';

\echo -- owners of several types
ALTER TABLE import_doorkeeper.oauth_access_tokens ADD resource_owner_type varchar;
UPDATE import_doorkeeper.oauth_access_tokens SET token = 'typed-' || id, refresh_token = NULL, resource_owner_type = CASE WHEN id < 3 THEN 'User' WHEN id <> 5 THEN 'Admin' END, revoked_at = NULL, expires_in = 99999;
SELECT pg_temp.try($$SELECT oauth_import_doorkeeper('import_doorkeeper')$$);
SELECT * FROM oauth_import_doorkeeper('import_doorkeeper', resource_owner_type => 'User', users => 'import_doorkeeper.users', subject => 'email') WHERE kind = 'access_token' ORDER BY 2 DESC, 3;
SELECT token, subject FROM unnest('{typed-1,typed-4,typed-5}'::text[]) token, oauth_verify_token(token);

\echo -- before 5.0: every application is confidential
ALTER TABLE import_doorkeeper.oauth_applications DROP confidential, DROP scopes;
ALTER TABLE import_doorkeeper.oauth_access_tokens DROP resource_owner_type;
UPDATE import_doorkeeper.oauth_applications SET uid = 'old-' || uid;
SELECT * FROM oauth_import_doorkeeper('import_doorkeeper') WHERE kind = 'client' ORDER BY 2, 3;
SELECT pg_temp.try($$SELECT oauth_import_doorkeeper('import_doorkeeper', grant_types => '{implicit}')$$) IS NOT NULL;
SELECT pg_temp.try($$SELECT oauth_import_doorkeeper('import_doorkeeper', grant_types => NULL)$$);
SELECT pg_temp.try($$SELECT oauth_import_doorkeeper('nowhere')$$);
SELECT pg_temp.try($$SELECT oauth_import_doorkeeper('public')$$);

DELETE FROM oauth.imported_token;
SET client_min_messages = warning;
DROP SCHEMA import_doorkeeper CASCADE;
DELETE FROM oauth.scope WHERE scope IN ('public', 'door:write');
