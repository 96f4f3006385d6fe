-- authentication.sql: when and how somebody logged in, from the session over the grant to the tokens.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://auth.example.com';

SELECT oauth_create_user('authentication alice', 'wonderland') AS alice \gset
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('authentication', redirect_uris => '{https://app.example/back}', grant_types => '{authorization_code,refresh_token}', scope => 'read write') \gset
SELECT client_id AS tv FROM oauth_register_client('authentication tv', grant_types => '{urn:ietf:params:oauth:grant-type:device_code}', client_type => 'public', scope => 'read') \gset
CREATE FUNCTION pg_temp.go(path text, cookies text DEFAULT '', form text DEFAULT NULL) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT CASE WHEN path LIKE '/login%' THEN oauth.login(r) WHEN path LIKE '/oauth2/device%' THEN oauth.device(r) ELSE oauth.authorize(r) END
	FROM (SELECT ROW(CASE WHEN form IS NULL THEN 'GET' ELSE 'POST' END, path, ARRAY['Content-Type: application/x-www-form-urlencoded', 'Cookie: __Host-oauth_browser=00000000000000000000000000000001; ' || cookies], convert_to(form, 'UTF8'), 'https', '127.0.0.1')::oauth.http_request) x (r) $$;
CREATE FUNCTION pg_temp.field(r oauth.http_response, name text) RETURNS text LANGUAGE sql AS $$ SELECT replace(substring(convert_from(r.body, 'UTF8') FROM 'name="' || name || '" value="([^"]*)"'), '&amp;', '&') $$;
CREATE FUNCTION pg_temp.session(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT '__Host-oauth_session=' || substring(h FROM '=(oas_[^;]*)') FROM unnest(r.headers) h WHERE h LIKE 'Set-Cookie: __Host-oauth_session=oas_%' $$;
CREATE FUNCTION pg_temp.location(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT substr(h, 11) FROM unnest(r.headers) h WHERE h LIKE 'Location: %' $$;
CREATE FUNCTION pg_temp.login() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.session(pg_temp.go('/login', '', 'username=authentication+alice&password=wonderland&token=' || pg_temp.field(pg_temp.go('/login'), 'token'))) $$;
CREATE FUNCTION pg_temp.decide(page oauth.http_response, session text, path text DEFAULT '/oauth2/authorize/confirm') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.go(path, session, format('request=%s&token=%s&decision=approve', replace(replace(pg_temp.field(page, 'request'), '%', '%25'), '&', '%26'), pg_temp.field(page, 'token'))) $$;
SELECT '/oauth2/authorize?client_id=' || :'id' || '&response_type=code&state=s' AS ask \gset
CREATE VIEW pg_temp.newest AS SELECT * FROM oauth.grant ORDER BY handle DESC LIMIT 1;

\echo -- OpenID Connect Core, section 2: the built-in login is by password, now
SELECT pg_temp.login() AS session \gset
SELECT authenticated_at BETWEEN now() - interval '1 minute' AND now(), acr, amr, sid ~ '^[0-9a-f]{32}$' FROM oauth.session WHERE subject = :'alice';
\echo -- the grant of a code says it, and the code keeps the nonce
SELECT pg_temp.location(pg_temp.decide(pg_temp.go(:'ask' || '&nonce=n-0S6_WzA2Mj', :'session'), :'session')) AS back \gset
SELECT g.auth_time = s.authenticated_at, g.acr, g.amr, g.sid = s.sid, g.claims, c.nonce FROM pg_temp.newest g JOIN oauth.session s ON s.subject = g.subject JOIN oauth.authorization_code c ON c.grant_handle = g.handle;
\echo -- so does the one that nobody is asked for again
SELECT pg_temp.location(pg_temp.go(:'ask', :'session')) ~ '\?code=oac_';
SELECT g.auth_time = s.authenticated_at, g.acr, g.amr, g.sid = s.sid, c.nonce IS NULL FROM pg_temp.newest g JOIN oauth.session s ON s.subject = g.subject JOIN oauth.authorization_code c ON c.grant_handle = g.handle;
\echo -- and the one of a device: of the session that allowed it
SELECT convert_from((oauth.device_authorization(ROW('POST', '/oauth2/device_authorization', '{Content-Type: application/x-www-form-urlencoded}', convert_to('client_id=' || :'tv', 'UTF8'), 'https', '192.0.2.1'))).body, 'UTF8')::jsonb AS device \gset
SELECT pg_temp.go('/oauth2/device', :'session', 'token=' || pg_temp.field(pg_temp.go('/oauth2/device', :'session'), 'token') || '&user_code=' || (:'device'::jsonb ->> 'user_code')) AS page \gset
SELECT (pg_temp.decide(:'page', :'session', '/oauth2/device')).status;
SELECT convert_from((oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to('grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id=' || :'tv' || '&device_code=' || (:'device'::jsonb ->> 'device_code'), 'UTF8'), 'https', '192.0.2.1'))).body, 'UTF8')::jsonb ? 'access_token';
SELECT grant_type, g.auth_time = s.authenticated_at, g.acr, g.amr, g.sid = s.sid FROM pg_temp.newest g JOIN oauth.session s ON s.subject = g.subject;
\echo -- where there was no browser, nothing is said
SELECT access_token IS NOT NULL FROM oauth_issue_token(:'id', subject => 'authentication ben', scope => 'read');
SELECT auth_time, acr, amr, sid FROM pg_temp.newest;
\echo -- a session of before there was a time has that of its beginning
UPDATE oauth.session SET authenticated_at = NULL, acr = NULL, amr = NULL, sid = NULL WHERE subject = :'alice';
SELECT pg_temp.location(pg_temp.go(:'ask', :'session')) ~ '\?code=oac_';
SELECT g.auth_time = timestamptz '2000-01-01 00:00:00+00' + (s.handle >> 11) * interval '1 microsecond', g.acr, g.amr, g.sid FROM pg_temp.newest g JOIN oauth.session s ON s.subject = g.subject;
