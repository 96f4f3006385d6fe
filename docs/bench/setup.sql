-- setup.sql: the database of the benchmark: plain tables to compare with, the extension, a client for each load.
-- SPDX-License-Identifier: PostgreSQL
CREATE SCHEMA bench;

-- What a primary-key SELECT reads: rows of 100 bytes beside their key.
CREATE TABLE bench.plain (id bigint PRIMARY KEY, payload text NOT NULL);

-- What a durable INSERT writes.
CREATE TABLE bench.inserted (id uuid PRIMARY KEY, payload text NOT NULL);

-- What a token writes besides: its grant, itself and its event, with the same indexes as far as these rows are in them, and no constraint.
CREATE TABLE bench.written_grant (handle bigint PRIMARY KEY, client_id text COLLATE "C" NOT NULL, subject text COLLATE "C" NOT NULL,
	grant_type text NOT NULL, scope text NOT NULL) WITH (fillfactor = 90);
CREATE INDEX ON bench.written_grant (client_id);
CREATE INDEX ON bench.written_grant (subject);
CREATE TABLE bench.written_token (handle bigint PRIMARY KEY, grant_handle bigint NOT NULL, expires_at timestamptz NOT NULL, token_hash bytea NOT NULL,
	scope text NOT NULL);
CREATE INDEX ON bench.written_token (grant_handle);
CREATE TABLE bench.written_event (handle bigint NOT NULL, grant_handle bigint, event text NOT NULL, outcome text NOT NULL, client_id text, subject text, role text);
CREATE INDEX ON bench.written_event USING brin (handle);
CREATE SEQUENCE bench.written CACHE 1000;

-- Tokens for the load scripts, which the database itself does not keep.
CREATE TABLE bench.sample (token text NOT NULL);

CREATE EXTENSION oauth CASCADE;

CREATE TABLE bench.client AS
	SELECT 'service' AS load, * FROM oauth_register_client(client_name => 'Service',
		grant_types => '{client_credentials,introspection}', scope => 'read write')
	UNION ALL
	SELECT 'app', * FROM oauth_register_client(client_name => 'App',
		grant_types => '{password,refresh_token}', scope => 'read write')
	UNION ALL
	SELECT 'signer', * FROM oauth_register_client(client_name => 'Signer',
		grant_types => '{oauth1_two_legged}', scope => 'read write')
	UNION ALL
	SELECT 'service_jwt', * FROM oauth_register_client(client_name => 'Service with JWTs',
		grant_types => '{client_credentials}', scope => 'read write')
	UNION ALL
	SELECT load, c.* FROM unnest('{web,openid_es256,openid_rs256}'::text[]) load,
		LATERAL oauth_register_client(client_name => load, redirect_uris => '{https://bench.example/back}',
			grant_types => '{authorization_code,refresh_token}', scope => 'openid read write') c;
SELECT oauth_update_client(client_id, jsonb_build_object('id_token_signed_response_alg', upper(substr(load, 8))))
	FROM bench.client WHERE load LIKE 'openid_%';
SELECT oauth_update_client(client_id, '{"access_token_format": "jwt"}') FROM bench.client WHERE load = 'service_jwt';

-- Wrong passwords must cost their hash for as long as they are measured, and codes wait for their load.  Nothing ends while it is measured,
-- however long that takes.
DO $$
BEGIN
	EXECUTE format('ALTER DATABASE %I SET oauth.failed_attempts = 0', current_database());
	EXECUTE format('ALTER DATABASE %I SET oauth.issuer = ''https://bench.example''', current_database());
	EXECUTE format('ALTER DATABASE %I SET oauth.code_lifetime = 600', current_database());
	EXECUTE format('ALTER DATABASE %I SET oauth.access_token_lifetime = 86400', current_database());
	EXECUTE format('ALTER DATABASE %I SET oauth.session_lifetime = 86400', current_database());
END
$$;
SET oauth.issuer = 'https://bench.example';
SET oauth.session_lifetime = 86400;

-- Somebody who is logged in and has consented: the Cookie header of the browser.  The login is the application's.
CREATE TABLE bench.session (client_id text NOT NULL, subject text NOT NULL, cookie text NOT NULL);
CREATE FUNCTION bench.get(path text, cookie text) RETURNS oauth.http_request LANGUAGE sql IMMUTABLE AS $$
	SELECT ROW('GET', path, ARRAY['Cookie: ' || cookie], NULL, 'http', '127.0.0.1')::oauth.http_request
$$;
CREATE FUNCTION bench.header(answer oauth.http_response, pattern text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT substring(h FROM pattern) FROM unnest(answer.headers) h WHERE h ~ pattern
$$;
CREATE FUNCTION bench.authorize_path(client_id text, challenge text, scope text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT '/oauth2/authorize?response_type=code&scope=' || scope || '&redirect_uri=https%3A%2F%2Fbench.example%2Fback&client_id='
		|| client_id || '&code_challenge_method=S256&code_challenge=' || challenge
$$;
CREATE FUNCTION bench.log_in(client_id text, challenge text, scope text, who text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	browser text := 'oauth_browser=' || md5(who);
	answer oauth.http_response;
BEGIN
	PERFORM set_config('oauth.login_url', 'https://bench.example/login', true);
	answer := oauth.authorize(bench.get(bench.authorize_path(client_id, challenge, scope), browser));
	PERFORM oauth_accept_login(bench.header(answer, 'request=(.*)$'), who);
	answer := oauth.login(bench.get(replace(oauth_accept_consent(bench.header(answer, 'request=(.*)$'), remember => true),
		'https://bench.example', ''), browser));
	INSERT INTO bench.session VALUES (client_id, who, concat_ws('; ', bench.header(answer, '(oauth_session=[^;]*)'),
		bench.header(answer, '(oauth_browser=[^;]*)')));
END
$$;

-- The shim's role: the endpoint functions and nothing else.
CREATE ROLE oauth_shim LOGIN;
ALTER ROLE oauth_shim SET log_parameter_max_length = 0;
ALTER ROLE oauth_shim SET log_parameter_max_length_on_error = 0;
GRANT USAGE ON SCHEMA oauth TO oauth_shim;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oauth TO oauth_shim;
