-- import_django_oauth2_provider.sql: moving in from django-oauth2-provider, by oauth_import_django_oauth2_provider().  R132, R151.
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

-- The tables as the migrations of 0.2.6 make them, of an owner who may do nothing else.
CREATE ROLE regress_import_django;
CREATE SCHEMA import_provider AUTHORIZATION regress_import_django;
SET ROLE regress_import_django;
SET search_path = import_provider;
CREATE TABLE auth_user (id serial PRIMARY KEY, username varchar(30) NOT NULL UNIQUE, is_active boolean NOT NULL);
CREATE TABLE oauth2_client (id serial PRIMARY KEY, user_id integer REFERENCES auth_user DEFERRABLE INITIALLY DEFERRED,
	name varchar(255) NOT NULL, url varchar(200) NOT NULL, redirect_uri varchar(200) NOT NULL,
	client_id varchar(255) NOT NULL, client_secret varchar(255) NOT NULL, client_type integer NOT NULL);
CREATE TABLE oauth2_accesstoken (id serial PRIMARY KEY,
	user_id integer NOT NULL REFERENCES auth_user DEFERRABLE INITIALLY DEFERRED, token varchar(255) NOT NULL,
	client_id integer NOT NULL REFERENCES oauth2_client DEFERRABLE INITIALLY DEFERRED, expires timestamptz NOT NULL,
	scope integer NOT NULL);
CREATE TABLE oauth2_refreshtoken (id serial PRIMARY KEY,
	user_id integer NOT NULL REFERENCES auth_user DEFERRABLE INITIALLY DEFERRED, token varchar(255) NOT NULL,
	access_token_id integer NOT NULL UNIQUE REFERENCES oauth2_accesstoken DEFERRABLE INITIALLY DEFERRED,
	client_id integer NOT NULL REFERENCES oauth2_client DEFERRABLE INITIALLY DEFERRED, expired boolean NOT NULL);
INSERT INTO auth_user VALUES (1, 'alice', true), (2, 'bob', true), (3, 'gone', false);
INSERT INTO oauth2_client VALUES
	(1, 1, 'Photo printer', 'https://printer.example/', 'https://printer.example/back', 'printer', 'printer-secret', 0),
	(2, 1, U&'A\0009na\200Bme \202Ewith <b>control</b>\000Achara\00ADcters\3164', '', 'http://phone.example/back', 'phone', 'phone-secret', 1),
	(3, NULL, '', 'javascript:alert(1)', 'https://evil.example/#fragment', 'nameless', 'n', 0),
	(4, NULL, 'No secret', '', 'https://a.example/', 'nosecret', '', 0),
	(5, NULL, 'Space', '', 'https://a.example/', 'a client', 'secret', 0),
	(6, NULL, 'Empty', '', 'https://a.example/', '', 'secret', 0),
	(7, NULL, 'Umlaut', '', 'https://a.example/', 'cliönt', 'secret', 0),
	(8, NULL, 'Old copy', '', 'https://a.example/', 'copied', 'old', 0),
	(9, NULL, 'New copy', '', 'https://a.example/', 'copied', 'new', 0),
	(10, NULL, 'Somebody else''s', '', 'https://a.example/', 'taken', 'secret', 0);
INSERT INTO oauth2_accesstoken VALUES
	(1, 1, 'access-alive', 1, now() + interval '1 day', 2),
	(2, 1, 'access-expired', 1, now() - interval '1 day', 6),
	(3, 2, 'access-both', 1, now() + interval '1 year', 6),
	(4, 3, 'access-inactive', 1, now() + interval '1 day', 2),
	(5, 1, 'access-public', 2, now() + interval '1 day', 4),
	(6, 1, 'access-noclient', 4, now() + interval '1 day', 2),
	(7, 1, 'access-zero', 1, now() + interval '1 day', 0),
	(8, 1, 'access-unknown-bits', 1, now() + interval '1 day', 42),
	(9, 1, 'access-twice', 1, now() + interval '1 day', 2),
	(10, 1, 'access-twice', 1, now() + interval '1 day', 4),
	(11, 1, '', 1, now() + interval '1 day', 2),
	(12, 1, 'pbkdf2_sha256$1000$salt$hash', 1, now() + interval '1 day', 2),
	(13, 1, 'access-of-copy', 8, now() + interval '1 day', 2),
	(14, 1, 'access-of-taken', 10, now() + interval '1 day', 2),
	(15, 1, 'oat_' || repeat('A', 54), 1, now() + interval '1 day', 2),
	(16, 1, 'access-of-2000', 1, '2000-01-01 00:00:00+00', 2);
INSERT INTO oauth2_refreshtoken VALUES
	(1, 1, 'refresh-alive', 1, 1, false), (2, 1, 'refresh-of-expired', 2, 1, false), (3, 2, 'refresh-used', 3, 1, true),
	(4, 3, 'refresh-inactive', 4, 1, false), (5, 1, 'refresh-public', 5, 2, false);
RESET ROLE;
SET search_path = public;
INSERT INTO oauth.client (client_id, client_name, client_type, grant_types, redirect_uris, secret_hash)
	VALUES ('taken', 'Registered here', 'confidential', '{}', '{}', sha256('mine'));

\echo -- a dry run says what would be done, and does nothing
CREATE TEMPORARY TABLE dry AS SELECT * FROM oauth_import_django_oauth2_provider('import_provider', dry_run => true);
SELECT count(*) FROM oauth.client WHERE imported_from IS NOT NULL;
SELECT count(*) FROM oauth.imported_token;
SELECT count(*) FROM oauth.subject WHERE subject IN ('1', '2', '3');
\echo -- the report
CREATE TEMPORARY TABLE report AS SELECT * FROM oauth_import_django_oauth2_provider('import_provider');
SELECT * FROM report ORDER BY kind, action DESC, reason COLLATE "C";
SELECT count(*) AS "differs from the dry run" FROM ((TABLE dry EXCEPT TABLE report) UNION ALL (TABLE report EXCEPT TABLE dry)) d;
\echo -- every row is accounted for
SELECT sum(n) FILTER (WHERE kind = 'client' AND action <> 'changed') = (SELECT count(*) FROM import_provider.oauth2_client),
	sum(n) FILTER (WHERE kind = 'access_token') = (SELECT count(*) FROM import_provider.oauth2_accesstoken),
	sum(n) FILTER (WHERE kind = 'refresh_token') = (SELECT count(*) FROM import_provider.oauth2_refreshtoken) FROM report;

\echo -- clients
SELECT client_id, client_name, client_type, grant_types, redirect_uris, scope, metadata, secret_hash = sha256(convert_to(client_id || '-secret', 'UTF8')), secret_sealed IS NULL, imported_secret_hash
FROM oauth.client WHERE imported_from = 'django-oauth2-provider' ORDER BY client_id;
SELECT client_name, secret_hash = sha256('new') FROM oauth.client WHERE client_id = 'copied';
SELECT client_name, imported_from FROM oauth.client WHERE client_id = 'taken';
\echo -- tokens: client, subject, scope, end
SELECT t.token, v.active, v.client_id, v.subject, v.scope, date_trunc('hour', v.expires_at) = date_trunc('hour', a.expires)
FROM import_provider.oauth2_accesstoken a, LATERAL (SELECT a.token) t, oauth_verify_token(a.token) v ORDER BY a.id;
SELECT oauth_introspect_token('refresh-alive') - '{exp,iat,iss}'::text[];
SELECT r.token, oauth_introspect_token(r.token) ->> 'active' FROM import_provider.oauth2_refreshtoken r ORDER BY id;
SELECT r.expires_at > now() + interval '29 days', i.expires_at FROM oauth.refresh_token r JOIN oauth.imported_token i USING (handle) WHERE i.digest = substring(encode(sha256('refresh-alive'), 'hex') FOR 32)::uuid;
BEGIN READ ONLY;
SELECT active FROM oauth_verify_token('access-alive');
COMMIT;
\echo -- a dump would hold no string of the old provider
SELECT count(*) FROM oauth.client c WHERE c::text ~ 'secret"|printer-secret|phone-secret';
SELECT count(*) FROM oauth.access_token t WHERE t::text ~ 'access-';
SELECT count(*) FROM oauth.imported_token t WHERE t::text ~ 'access-|refresh-';

\echo -- a second time adds nothing, and what has ended here stays ended
SELECT oauth_revoke_token('access-zero'), oauth_revoke_token('access-zero');
SELECT * FROM oauth_import_django_oauth2_provider('import_provider') WHERE action = 'taken' OR reason = 'already here' ORDER BY 1;
SELECT active FROM oauth_verify_token('access-zero');
\echo -- what is new is taken; a new refresh token of a known access token joins its grant
INSERT INTO import_provider.oauth2_accesstoken VALUES (20, 2, 'access-new', 1, now() + interval '1 day', 2);
INSERT INTO import_provider.oauth2_refreshtoken VALUES (20, 2, 'refresh-new', 20, 1, false), (21, 1, 'refresh-later', 9, 1, false), (22, 1, 'refresh-of-twice', 10, 1, false);
SELECT * FROM oauth_import_django_oauth2_provider('import_provider') WHERE action = 'taken' ORDER BY 1;
SELECT a.grant_handle = r.grant_handle FROM oauth.access_token a, oauth.refresh_token r
WHERE a.token_hash = sha256('access-twice') AND r.token_hash = sha256('refresh-of-twice');
\echo -- old refresh tokens rotate like others: a retry gets the same pair, a use after that ends the grant
SELECT secret_hash IS NOT NULL FROM oauth.client WHERE client_id = 'printer';
CREATE FUNCTION pg_temp.refresh(token text, secret text, id text DEFAULT 'printer') RETURNS TABLE (status integer, answer jsonb) LANGUAGE sql AS $$
	SELECT t.status, convert_from(t.body, 'UTF8')::jsonb FROM oauth.token(ROW('POST', '/oauth2/access_token/',
	ARRAY['Content-Type: application/x-www-form-urlencoded'], convert_to(format('grant_type=refresh_token&client_id=%s&client_secret=%s&refresh_token=%s', id, secret, token), 'UTF8'),
	'http', '127.0.0.1')::oauth.http_request) t $$;
SELECT status, answer ->> 'error' FROM pg_temp.refresh('refresh-alive', 'wrong');
SELECT answer AS first FROM pg_temp.refresh('refresh-alive', 'printer-secret') \gset
SELECT status, answer - 'expires_in' = :'first'::jsonb - 'expires_in', answer ->> 'scope', answer ->> 'refresh_token' LIKE 'ort\_%' FROM pg_temp.refresh('refresh-alive', 'printer-secret');
SELECT status FROM pg_temp.refresh(:'first'::jsonb ->> 'refresh_token', 'printer-secret');
SELECT status, answer ->> 'error' FROM pg_temp.refresh('refresh-alive', 'printer-secret');
SELECT active FROM oauth_verify_token('access-alive');
\echo -- a public client may send its secret, or none, but no other
SELECT status FROM pg_temp.refresh('refresh-public', 'wrong', 'phone');
SELECT answer ->> 'refresh_token' AS next FROM pg_temp.refresh('refresh-public', 'phone-secret', 'phone') \gset
SELECT status FROM pg_temp.refresh(:'next', '', 'phone');
\echo -- revoking a refresh token, a client, a subject ends theirs
SELECT oauth_revoke_token('refresh-new'), (SELECT active FROM oauth_verify_token('access-new'));
SELECT active FROM oauth_verify_token('access-new');
SELECT oauth_revoke_subject('2') > 0, oauth_disable_client('phone');
SELECT token, active FROM unnest('{access-both,access-public}'::text[]) token, oauth_verify_token(token);
\echo -- a disabled client stays so, and its new tokens are not taken
INSERT INTO import_provider.oauth2_accesstoken VALUES (30, 1, 'access-of-disabled', 2, now() + interval '1 day', 2);
SELECT * FROM oauth_import_django_oauth2_provider('import_provider') WHERE kind = 'client' AND reason ~ 'disabled' OR action = 'taken';

\echo -- what is no token of anybody
SELECT left(t, 20), active FROM (VALUES (NULL), (''), ('access'), ('access-alive '), ('ACCESS-ALIVE'), (repeat('a', 70000)), (E'access-\u00fc')) v (t), oauth_verify_token(t);
\echo -- an access token is no refresh token, nor the other way round
SELECT status, answer ->> 'error' FROM pg_temp.refresh('access-twice', 'printer-secret');
SELECT active FROM oauth_verify_token('refresh-of-expired');

\echo -- versions: scopes that are rows, times without a zone, no names, ids that are uuid or bigint, a subject of another column
CREATE SCHEMA import_provider_3 AUTHORIZATION regress_import_django;
SET ROLE regress_import_django;
SET search_path = import_provider_3;
CREATE TABLE person (id uuid PRIMARY KEY, email text);
CREATE TABLE oauth2_client (id bigserial PRIMARY KEY, user_id uuid, redirect_uri varchar(200), client_id varchar(255), client_secret varchar(255), client_type integer);
CREATE TABLE oauth2_accesstoken (id uuid PRIMARY KEY, user_id uuid, token varchar(255), client_id bigint, expires timestamp);
CREATE TABLE oauth2_refreshtoken (id bigserial PRIMARY KEY, user_id uuid, token varchar(255), access_token_id uuid, client_id bigint, expired boolean);
CREATE TABLE oauth2_scope (name varchar(50) PRIMARY KEY, description varchar(256));
CREATE TABLE oauth2_accesstoken_scope (id serial, accesstoken_id uuid, scope_id varchar(50));
INSERT INTO person VALUES (md5('1')::uuid, 'alice@example.org'), (md5('2')::uuid, ' space'), (md5('3')::uuid, NULL);
INSERT INTO oauth2_client VALUES (1, NULL, 'https://three.example/', 'three', 'three-secret', 0);
INSERT INTO oauth2_scope VALUES ('photos', 'Your photos'), ('contacts:read', U&'Your\000A\2066con\FEFFtacts'), ('bad "scope"', 'Bad'), ('read', 'Not the words here');
INSERT INTO oauth2_accesstoken VALUES (md5('1')::uuid, md5('1')::uuid, 'three-1', 1, now() AT TIME ZONE 'Asia/Tokyo' + interval '1 hour'),
	(md5('2')::uuid, md5('2')::uuid, 'three-2', 1, now() AT TIME ZONE 'Asia/Tokyo' + interval '1 hour'),
	(md5('3')::uuid, md5('3')::uuid, 'three-3', 1, now() AT TIME ZONE 'Asia/Tokyo' + interval '1 hour'),
	(md5('4')::uuid, md5('nobody')::uuid, 'three-4', 1, now() AT TIME ZONE 'Asia/Tokyo' + interval '1 hour'),
	(md5('5')::uuid, md5('1')::uuid, 'three-5', 1, now() AT TIME ZONE 'Asia/Tokyo' - interval '1 hour'),
	(md5('6')::uuid, NULL, 'three-6', 1, now() AT TIME ZONE 'Asia/Tokyo' + interval '1 hour');
CREATE TABLE oauth2_clientsecret (id serial, client_id bigint, secret_prefix varchar(6), secret_hash varchar(255), expiration_date date);
INSERT INTO oauth2_clientsecret VALUES (1, 1, 'abcdef', 'pbkdf2_sha256$1000$salt$hash');
ALTER TABLE oauth2_client ADD auto_authorize boolean NOT NULL DEFAULT true;
INSERT INTO oauth2_accesstoken_scope (accesstoken_id, scope_id) VALUES (md5('1')::uuid, 'photos'), (md5('1')::uuid, 'contacts:read');
RESET ROLE;
SET search_path = public;
SELECT * FROM oauth_import_django_oauth2_provider('import_provider_3', users => 'person', subject => 'email', time_zone => 'Asia/Tokyo') ORDER BY kind, action DESC, reason COLLATE "C";
SELECT token, subject, scope, extract(minute FROM expires_at - now()) FROM unnest('{three-1,three-3,three-6}'::text[]) token, oauth_verify_token(token);
SELECT scope, description FROM oauth.scope WHERE scope IN ('photos', 'contacts:read', 'read') ORDER BY 1;
SELECT client_name, scope FROM oauth.client WHERE client_id = 'three';
SELECT oauth_introspect_token('three-6') - '{exp,iat,iss}'::text[];

\echo -- views and functions of the source run with the rights of their owner
CREATE SCHEMA import_hostile AUTHORIZATION regress_import_django;
SET ROLE regress_import_django;
SET search_path = import_hostile;
CREATE TABLE oauth2_client AS TABLE import_provider_3.oauth2_client;
CREATE TABLE oauth2_refreshtoken AS TABLE import_provider_3.oauth2_refreshtoken;
CREATE FUNCTION whoami() RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
	RAISE NOTICE 'running as %, search_path %', current_user, current_setting('search_path');
	BEGIN PERFORM 1 FROM oauth.client; EXCEPTION WHEN OTHERS THEN RAISE NOTICE '%', SQLERRM; END;
	BEGIN SET ROLE NONE; EXCEPTION WHEN OTHERS THEN RAISE NOTICE '%', SQLERRM; END;
	BEGIN EXECUTE 'CREATE TEMPORARY TABLE t ()'; EXCEPTION WHEN OTHERS THEN RAISE NOTICE '%', SQLERRM; END;
	PERFORM set_config('search_path', 'import_hostile, pg_catalog', false);
	RETURN 1;
END $$;
CREATE FUNCTION steal(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'an operator of mine, running as %', current_user; RETURN true; END $$;
CREATE OPERATOR = (FUNCTION = steal, LEFTARG = bigint, RIGHTARG = bigint);
CREATE VIEW oauth2_accesstoken AS SELECT md5('h')::uuid AS id, 1 AS user_id, 'hostile-' || whoami() AS token, 1 AS client_id, now() + interval '1 day' AS expires, 2 AS scope;
RESET ROLE;
SET search_path = public;
SELECT kind, action, n FROM oauth_import_django_oauth2_provider('import_hostile') WHERE kind <> 'client';
SELECT current_user = session_user, current_setting('search_path');
\echo -- and its errors take everything back
SET ROLE regress_import_django;
UPDATE import_hostile.oauth2_client SET client_id = 'hostile';
CREATE OR REPLACE FUNCTION import_hostile.whoami() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
RESET ROLE;
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('import_hostile')$$);
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('import_hostile', dry_run => true)$$);
SELECT current_user = session_user, (SELECT count(*) FROM oauth.client WHERE client_id = 'hostile');

\echo -- what it does not know
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider(NULL)$$);
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('nowhere')$$);
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('public')$$);
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('import_provider"; DROP SCHEMA oauth')$$);
SELECT pg_temp.try(format($$SELECT oauth_import_django_oauth2_provider('import_provider', scopes => %L)$$, scopes)) FROM (VALUES
	(NULL), ('[]'), ('"read"'), ('{"read": "2"}'), ('{"2": 2}'), ('{"2": ["read"]}'), ('{"-2": "read"}'), ('{"": "read"}'), ('{"99999999999999999999": "read"}')) v (scopes);
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('import_provider', users => 'nobody')$$);
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('import_provider', subject => 'nothing')$$);
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('import_provider_3', subject => 'email')$$);
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('import_provider', users => 'pg_catalog.pg_authid', user_key => 'oid', subject => 'rolpassword')$$);
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('import_provider_3', time_zone => 'Nowhere/Land')$$);
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('import_provider', time_zone => NULL)$$);
ALTER TABLE import_hostile.oauth2_client RENAME client_id TO client;
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('import_hostile')$$);
ALTER TABLE import_hostile.oauth2_client RENAME client TO client_id;
\echo -- columns of other types
ALTER TABLE import_hostile.oauth2_client ALTER client_id TYPE timestamptz USING now();
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('import_hostile')$$);
ALTER TABLE import_hostile.oauth2_client ALTER client_id TYPE boolean USING true;
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('import_hostile')$$);
ALTER TABLE import_hostile.oauth2_client ALTER client_id TYPE text USING 'hostile', ALTER client_type TYPE boolean USING true;
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('import_hostile')$$);
ALTER TABLE import_hostile.oauth2_client ALTER client_type TYPE text USING '0', ALTER redirect_uri TYPE bytea USING '\x00';
DROP VIEW import_hostile.oauth2_accesstoken;
CREATE VIEW import_hostile.oauth2_accesstoken AS SELECT 1 AS id, 1 AS user_id, 'hostile-2' AS token, 1 AS client_id, 'tomorrow' AS expires, 2 AS scope;
ALTER VIEW import_hostile.oauth2_accesstoken OWNER TO regress_import_django;
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('import_hostile')$$);
DROP VIEW import_hostile.oauth2_accesstoken;
CREATE VIEW import_hostile.oauth2_accesstoken AS SELECT 1 AS id, true AS user_id, now() AS token, true AS client_id, now() AS expires, now() AS scope;
ALTER VIEW import_hostile.oauth2_accesstoken OWNER TO regress_import_django;
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('import_hostile')$$);
DROP VIEW import_hostile.oauth2_accesstoken;
CREATE VIEW import_hostile.oauth2_accesstoken AS SELECT 1 AS id, 1 AS user_id, 1 / 0 AS token, 1 AS client_id, now() AS expires, 2 AS scope;
ALTER VIEW import_hostile.oauth2_accesstoken OWNER TO regress_import_django;
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('import_hostile')$$);
ALTER TABLE import_hostile.oauth2_refreshtoken OWNER TO CURRENT_USER;
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('import_hostile')$$);
SET ROLE regress_import_django;
SELECT pg_temp.try($$SELECT oauth_import_django_oauth2_provider('import_provider')$$);
RESET ROLE;

\echo -- names go when the tokens have gone where they came from, and not before
SELECT count(*) FROM oauth.imported_token WHERE expires_at IS NULL;
UPDATE oauth.imported_token SET expires_at = now() - interval '2 hours' WHERE expires_at IS NOT NULL;
SELECT oauth_purge_expired() > 0;
SELECT count(*), count(expires_at) FROM oauth.imported_token;
DELETE FROM oauth.imported_token;

SET client_min_messages = warning;
DROP OWNED BY regress_import_django CASCADE;
DELETE FROM oauth.scope WHERE scope IN ('photos', 'contacts:read');
DROP ROLE regress_import_django;
