-- import_django_oauth_toolkit.sql: moving in from django-oauth-toolkit, by oauth_import_django_oauth_toolkit().  R112.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never

-- The tables as the migrations of 3.0 make them, without the columns that nothing here looks at.
CREATE ROLE regress_import_toolkit;
CREATE SCHEMA import_toolkit AUTHORIZATION regress_import_toolkit;
SET ROLE regress_import_toolkit;
SET search_path = import_toolkit;
CREATE TABLE auth_user (id bigserial PRIMARY KEY, username varchar(150) NOT NULL UNIQUE, is_active boolean NOT NULL);
CREATE TABLE oauth2_provider_application (id bigserial PRIMARY KEY, client_id varchar(100) NOT NULL UNIQUE, redirect_uris text NOT NULL,
	post_logout_redirect_uris text NOT NULL DEFAULT '', client_type varchar(32) NOT NULL, authorization_grant_type varchar(44) NOT NULL,
	client_secret varchar(255) NOT NULL, hash_client_secret boolean NOT NULL DEFAULT true, name varchar(255) NOT NULL,
	user_id bigint REFERENCES auth_user, skip_authorization boolean NOT NULL DEFAULT false, created timestamptz NOT NULL DEFAULT now(),
	updated timestamptz NOT NULL DEFAULT now(), algorithm varchar(5) NOT NULL DEFAULT '', allowed_origins text NOT NULL DEFAULT '');
CREATE TABLE oauth2_provider_accesstoken (id bigserial PRIMARY KEY, token text NOT NULL, token_checksum varchar(64) NOT NULL UNIQUE,
	expires timestamptz NOT NULL, scope text NOT NULL, application_id bigint REFERENCES oauth2_provider_application,
	user_id bigint REFERENCES auth_user, created timestamptz NOT NULL, updated timestamptz NOT NULL DEFAULT now(),
	source_refresh_token_id bigint UNIQUE, id_token_id bigint UNIQUE);
CREATE TABLE oauth2_provider_refreshtoken (id bigserial PRIMARY KEY, token varchar(255) NOT NULL,
	access_token_id bigint UNIQUE REFERENCES oauth2_provider_accesstoken, application_id bigint NOT NULL REFERENCES oauth2_provider_application,
	user_id bigint NOT NULL REFERENCES auth_user, created timestamptz NOT NULL DEFAULT now(), updated timestamptz NOT NULL DEFAULT now(),
	revoked timestamptz, token_family uuid, UNIQUE (token, revoked));
INSERT INTO auth_user VALUES (1, 'alice', true), (2, 'gone', false);
-- secret of 1: 'a-long-secret-of-thirty-letters', of 2: 'test'; both pbkdf2_sha256 as Django computes it
INSERT INTO oauth2_provider_application (id, client_id, redirect_uris, client_type, authorization_grant_type, client_secret, name, skip_authorization) VALUES
	(1, 'hashed', E'https://a.example/one https://a.example/two\nhttp://127.0.0.1/cb http://a.example/', 'confidential', 'authorization-code', 'pbkdf2_sha256$1000$saltsalt12$eWx3CpgrTEN0+z4caQech5HFmamB1TVJI9t/hWzXvzA=', 'Hashed', true),
	(2, 'short', 'https://a.example/', 'confidential', 'client-credentials', 'pbkdf2_sha256$1000$seasalt12345$CEEeXvTf1xcVhH3fP9+sDd8KTv2vjelKJKhk6kjnQTA=', 'Short', false),
	(3, 'clear', '', 'confidential', 'password', 'pbkdf2 is not how this is kept$really', 'Clear', false),
	(4, 'implicit', 'https://spa.example/', 'public', 'implicit', 'x', 'Implicit', false),
	(5, 'public-cc', '', 'public', 'client-credentials', '', 'Public', false),
	(6, 'hybrid', 'https://a.example/', 'confidential', 'openid-hybrid', 'argon2$argon2id$v=19$m=99999999,t=2,p=8$c2FsdA$aGFzaA', 'Too costly', false),
	(7, 'broken', 'https://a.example/', 'confidential', 'authorization-code', 'pbkdf2_sha256$many$salt$hash', 'Broken', false),
	(8, 'device', '', 'public', 'urn:ietf:params:oauth:grant-type:device_code', '', 'Device', false);
INSERT INTO oauth2_provider_accesstoken (id, token, token_checksum, expires, scope, application_id, user_id, created) VALUES
	(1, 'toolkit-1', encode(sha256('toolkit-1'), 'hex'), now() + interval '1 day', 'read toolkit:groups', 1, 1, now() - interval '400 days'),
	(2, 'toolkit-2', encode(sha256('toolkit-2'), 'hex'), now() - interval '1 day', 'read', 1, 1, now() - interval '300 days'),
	(3, 'toolkit-3', encode(sha256('toolkit-3'), 'hex'), now() + interval '1 day', 'read', 2, NULL, now() - interval '300 days'),
	(4, 'toolkit-4', encode(sha256('toolkit-4'), 'hex'), now() + interval '1 day', 'read', NULL, 1, now() - interval '200 days'),
	(5, 'toolkit-5', encode(sha256('toolkit-5'), 'hex'), now() + interval '1 day', 'read', 1, 2, now() - interval '200 days'),
	(6, 'eyJhbGciOi.' || repeat('J', 2000) || '.sig', encode(sha256(convert_to('eyJhbGciOi.' || repeat('J', 2000) || '.sig', 'UTF8')), 'hex'), 'infinity', '', 3, 1, now() - interval '100 days'),
	(7, 'toolkit-7', encode(sha256('toolkit-7'), 'hex'), now() + interval '1 day', 'read', 6, 1, now() - interval '100 days');
INSERT INTO oauth2_provider_refreshtoken (id, token, access_token_id, application_id, user_id, revoked) VALUES
	(1, 'toolkit-refresh-1', 1, 1, 1, NULL), (2, 'toolkit-refresh-2', 2, 1, 1, NULL), (3, 'toolkit-refresh-3', NULL, 1, 1, now()),
	(4, 'toolkit-refresh-4', NULL, 1, 1, NULL), (5, 'toolkit-refresh-3', NULL, 1, 1, now() - interval '1 day');
RESET ROLE;
RESET search_path;

CREATE TEMPORARY TABLE dry AS SELECT * FROM oauth_import_django_oauth_toolkit('import_toolkit', dry_run => true);
SELECT count(*) FROM oauth.client WHERE imported_from = 'django-oauth-toolkit';
CREATE TEMPORARY TABLE report AS SELECT * FROM oauth_import_django_oauth_toolkit('import_toolkit');
SELECT * FROM report ORDER BY kind, action DESC, reason COLLATE "C";
SELECT count(*) FROM ((TABLE dry EXCEPT TABLE report) UNION ALL (TABLE report EXCEPT TABLE dry)) d;
SELECT sum(n) FILTER (WHERE kind = 'client' AND action <> 'changed') = (SELECT count(*) FROM import_toolkit.oauth2_provider_application),
	sum(n) FILTER (WHERE kind = 'access_token') = (SELECT count(*) FROM import_toolkit.oauth2_provider_accesstoken),
	sum(n) FILTER (WHERE kind = 'refresh_token') = (SELECT count(*) FROM import_toolkit.oauth2_provider_refreshtoken) FROM report;
SELECT client_id, client_type, token_endpoint_auth_method, grant_types, redirect_uris, scope, left(imported_secret_hash, 18), secret_hash IS NOT NULL
FROM oauth.client WHERE imported_from = 'django-oauth-toolkit' ORDER BY client_id;
\echo -- tokens, as old as they are
SELECT left(token, 11), v.client_id, v.subject, v.scope, v.expires_at = t.expires, v.active AND to_timestamp((oauth_introspect_token(token) ->> 'iat')::bigint) = date_trunc('second', t.created)
FROM import_toolkit.oauth2_provider_accesstoken t, oauth_verify_token(token) v ORDER BY id;
SELECT oauth_introspect_token(token) ? 'exp' FROM import_toolkit.oauth2_provider_accesstoken WHERE id = 6;
\echo -- the token of a client itself is of its standing grant
SELECT count(*) FROM oauth.grant WHERE client_id = 'short' AND subject IS NULL AND ended_at IS NULL;

-- A request for a token: lane or status, and error.
CREATE FUNCTION pg_temp.token(form text, id text DEFAULT NULL, secret text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', t.status, nullif(t.headers[1], 'Content-Type: application/json'), CASE WHEN t.body <> '' THEN convert_from(t.body, 'UTF8')::jsonb ->> 'error' END)
	FROM oauth.token(ROW('POST', '/oauth2/access_token/', ARRAY['Content-Type: application/x-www-form-urlencoded'] ||
	CASE WHEN id IS NOT NULL THEN ARRAY['Authorization: Basic ' || replace(encode(convert_to(id || ':' || secret, 'UTF8'), 'base64'), E'\n', '')] ELSE '{}' END, convert_to(form, 'UTF8'), 'http', '127.0.0.1')::oauth.http_request) t $$;
\echo -- a hashed secret is verified on the slow lane, once
SET oauth.lane = writing;
SELECT pg_temp.token('grant_type=refresh_token&refresh_token=toolkit-refresh-1', 'hashed', 'a-long-secret-of-thirty-letters');
SET oauth.lane = slow;
SELECT pg_temp.token('grant_type=refresh_token&refresh_token=toolkit-refresh-1', 'hashed', 'wrong');
SELECT pg_temp.token('grant_type=refresh_token&refresh_token=toolkit-refresh-1', 'hashed', '');
SELECT imported_secret_hash IS NOT NULL, secret_hash FROM oauth.client WHERE client_id = 'hashed';
SELECT pg_temp.token('grant_type=refresh_token&refresh_token=toolkit-refresh-1', 'hashed', 'a-long-secret-of-thirty-letters');
SELECT imported_secret_hash, secret_hash = sha256('a-long-secret-of-thirty-letters') FROM oauth.client WHERE client_id = 'hashed';
SET oauth.lane = writing;
SELECT pg_temp.token('grant_type=refresh_token&refresh_token=toolkit-refresh-2&client_id=hashed&client_secret=a-long-secret-of-thirty-letters');
SELECT pg_temp.token('grant_type=refresh_token&refresh_token=toolkit-refresh-2&client_id=hashed&client_secret=wrong');
\echo -- a short secret goes on being verified slowly
SET oauth.lane = 'any';
SELECT pg_temp.token('grant_type=client_credentials', 'short', 'test');
SELECT imported_secret_hash IS NOT NULL, secret_hash FROM oauth.client WHERE client_id = 'short';
\echo -- introspection and revocation authenticate clients in the same way
SET oauth.lane = reading;
SELECT (oauth.introspect(ROW('POST', '/oauth2/introspect', ARRAY['Content-Type: application/x-www-form-urlencoded'], 'token=x&client_id=short&client_secret=test', 'http', '127.0.0.1'))).headers;
SET oauth.lane = writing;
SELECT (oauth.revoke(ROW('POST', '/oauth2/revoke', ARRAY['Content-Type: application/x-www-form-urlencoded'], 'token=x&client_id=short&client_secret=test', 'http', '127.0.0.1'))).status;
RESET oauth.lane;
\echo -- guesses are counted
SET oauth.failed_attempts = 2;
SELECT pg_temp.token('grant_type=client_credentials', 'short', 'guess ' || n) FROM generate_series(1, 4) n;
SELECT oauth_unlock('short');
RESET oauth.failed_attempts;
\echo -- a new secret is the only one
SELECT length(oauth_rotate_client_secret('short', '1 day')) > 40;
SELECT imported_secret_hash, old_secret_expires_at FROM oauth.client WHERE client_id = 'short';
SELECT pg_temp.token('grant_type=client_credentials', 'short', 'test');

\echo -- 1.x: no checksum, no family, and no times but the end
SET search_path = import_toolkit;
ALTER TABLE oauth2_provider_accesstoken DROP token_checksum, DROP created, DROP updated;
ALTER TABLE oauth2_provider_refreshtoken DROP token_family, DROP revoked, DROP created;
ALTER TABLE oauth2_provider_application DROP skip_authorization, DROP hash_client_secret, DROP algorithm;
UPDATE oauth2_provider_application SET client_id = 'first-' || client_id;
UPDATE oauth2_provider_accesstoken SET token = 'first-' || token;
RESET search_path;
SELECT * FROM oauth_import_django_oauth_toolkit('import_toolkit') WHERE action = 'taken' ORDER BY 1;
SELECT client_id, scope FROM oauth_verify_token('first-toolkit-1');

DELETE FROM oauth.imported_token;
SET client_min_messages = warning;
DROP OWNED BY regress_import_toolkit CASCADE;
DROP ROLE regress_import_toolkit;
DELETE FROM oauth.scope WHERE scope = 'toolkit:groups';
