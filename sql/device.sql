-- device.sql: device authorization (RFC 8628): the device's side, and the page of the person.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://auth.example.com';

SELECT client_id AS tv FROM oauth_register_client('A <TV>', grant_types => '{urn:ietf:params:oauth:grant-type:device_code,refresh_token}', client_type => 'public', scope => 'read write') \gset
SELECT client_id AS other FROM oauth_register_client('Another TV', grant_types => '{urn:ietf:params:oauth:grant-type:device_code}', client_type => 'public') \gset
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('A box', grant_types => '{urn:ietf:params:oauth:grant-type:device_code}') \gset
SELECT client_id AS none FROM oauth_register_client('No TV', grant_types => '{refresh_token}', client_type => 'public') \gset
SELECT oauth_create_user('device alice', 'wonderland') AS alice \gset
CREATE FUNCTION pg_temp.json(r oauth.http_response) RETURNS jsonb LANGUAGE sql AS $$ SELECT convert_from(r.body, 'UTF8')::jsonb $$;
CREATE FUNCTION pg_temp.begin(form text) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.device_authorization(ROW('POST', '/oauth2/device_authorization', '{Content-Type: application/x-www-form-urlencoded}', convert_to(form, 'UTF8'), 'https', '192.0.2.1')) $$;
CREATE FUNCTION pg_temp.poll(client text, code text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.json(oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}',
		convert_to('grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id=' || client || coalesce('&device_code=' || code, ''), 'UTF8'), 'https', '192.0.2.1'))) $$;
CREATE FUNCTION pg_temp.said(answer jsonb) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(answer ->> 'error', 'tokens for ' || (answer ->> 'scope') || coalesce(', to be refreshed' || left(answer ->> 'refresh_token', 0), '')) $$;
CREATE FUNCTION pg_temp.cookie(session text) RETURNS text[] LANGUAGE sql AS $$ SELECT ARRAY['Content-Type: application/x-www-form-urlencoded', 'Cookie: oauth_browser=00000000000000000000000000000000; oauth_session=' || session] $$;
CREATE FUNCTION pg_temp.login() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT substring(h FROM 'oauth_session=(oas_[-_A-Za-z0-9]+)') FROM (
	SELECT oauth.login(ROW('GET', '/login', pg_temp.cookie(''), NULL, 'http', '127.0.0.1')) AS page) p,
	LATERAL (SELECT (oauth.login(ROW('POST', '/login', pg_temp.cookie(''), convert_to('token=' || substring(convert_from((page).body, 'UTF8') FROM 'name="token" value="([^"]*)') || '&username=device+alice&password=wonderland', 'UTF8'), 'http', '127.0.0.1'))).headers) l,
	unnest(l.headers) h WHERE h LIKE 'Set-Cookie: oauth_session%' $$;
CREATE FUNCTION pg_temp.see(session text, query text DEFAULT '', language text DEFAULT 'en') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.device(ROW('GET', '/oauth2/device' || query, pg_temp.cookie(session) || ('Accept-Language: ' || language), NULL, 'http', '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.post(session text, form text) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.device(ROW('POST', '/oauth2/device', pg_temp.cookie(session), convert_to(form, 'UTF8'), 'http', '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.field(r oauth.http_response, name text) RETURNS text LANGUAGE sql AS $$ SELECT substring(convert_from(r.body, 'UTF8') FROM 'name="' || name || '" value="([^"]*)"') $$;
CREATE FUNCTION pg_temp.typed(session text, code text) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$ SELECT pg_temp.post(session, 'token=' || pg_temp.field(pg_temp.see(session), 'token') || '&user_code=' || code) $$;
CREATE FUNCTION pg_temp.decide(session text, page oauth.http_response, decision text) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.post(session, format('request=%s&token=%s&decision=%s', pg_temp.field(page, 'request'), pg_temp.field(page, 'token'), decision)) $$;
CREATE FUNCTION pg_temp.text(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || regexp_replace(coalesce((SELECT substr(h, 11) FROM unnest(r.headers) h WHERE h LIKE 'Location:%'),
		(SELECT string_agg(m[1], ' / ') FROM regexp_matches(convert_from(r.body, 'UTF8'), '<(?:h1|p|li|button|label)[^>]*>([^\n]*?)</(?:h1|p|li|button|label)>', 'g') m)), '[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}', 'XXXX-XXXX', 'g') $$;

\echo -- R171: what the device gets
SELECT pg_temp.begin('client_id=' || :'tv' || '&scope=read') AS answer \gset
SELECT (:'answer'::oauth.http_response).status, regexp_replace(regexp_replace(regexp_replace(convert_from((:'answer'::oauth.http_response).body, 'UTF8'), 'expires_in": 59\d', 'expires_in": <time>'), 'odc_[-_A-Za-z0-9]{54}"', 'odc_..."'), '[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}', 'XXXX-XXXX', 'g');
SELECT (:'answer'::oauth.http_response).headers;
SELECT j ->> 'device_code' AS code, j ->> 'user_code' AS user_code FROM pg_temp.json(:'answer'::oauth.http_response) j \gset
SELECT count(*) FROM oauth.device_code WHERE code_hash = sha256(convert_to(:'code', 'UTF8')) AND user_code_hash = sha256(convert_to(replace(:'user_code', '-', ''), 'UTF8'));
SELECT pg_temp.said(pg_temp.json(pg_temp.begin(form))) FROM (VALUES ('client_id=nobody'), ('client_id=' || :'none'), ('client_id=' || :'id'), ('client_id=' || :'id' || '&client_secret=x'), ('client_id=' || :'tv' || '&scope=admin'), ('')) v (form);
SELECT pg_temp.json(pg_temp.begin('client_id=' || :'id' || '&client_secret=' || :'secret')) ? 'device_code';
\echo -- R172: too early, too often
SELECT pg_temp.said(pg_temp.poll(:'tv', :'code'));
SELECT pg_temp.said(pg_temp.poll(:'tv', :'code'));
SELECT interval_seconds FROM oauth.device_code WHERE code_hash = sha256(convert_to(:'code', 'UTF8'));
UPDATE oauth.device_code SET polled_at = polled_at - interval '11 s' WHERE code_hash = sha256(convert_to(:'code', 'UTF8'));
SELECT pg_temp.said(pg_temp.poll(:'tv', :'code'));
\echo -- R113, R173: another client, garbage, none
SELECT pg_temp.said(pg_temp.poll(:'other', :'code')), pg_temp.said(pg_temp.poll(:'tv', 'odc_' || repeat('A', 54))), pg_temp.said(pg_temp.poll(:'tv', NULL)), pg_temp.said(pg_temp.poll(:'none', :'code'));
\echo -- R174: login first, the code goes along
SELECT pg_temp.text(pg_temp.see('', '?user_code=' || :'user_code')), pg_temp.text(pg_temp.see(''));
SELECT pg_temp.login() AS session \gset
SELECT pg_temp.text(pg_temp.see(:'session'));
SELECT pg_temp.text(pg_temp.see(:'session', language => 'de'));
\echo -- a link shows the code to compare, and decides nothing
SELECT pg_temp.text(pg_temp.see(:'session', '?user_code=' || :'user_code')), pg_temp.field(pg_temp.see(:'session', '?user_code=' || :'user_code'), 'user_code') = :'user_code';
SELECT pg_temp.field(pg_temp.see(:'session', '?user_code=%22%3E%3Cb%3E'), 'user_code');
\echo -- the form of this session; the code as people type it
SELECT status FROM pg_temp.post(:'session', 'token=x&user_code=' || :'user_code');
SELECT status FROM pg_temp.post(:'session', 'user_code=' || :'user_code' || '&decision=approve&request=' || replace(:'user_code', '-', '') || '&token=x');
SELECT pg_temp.text(pg_temp.typed(:'session', lower(replace(:'user_code', '-', '+'))));
SELECT pg_temp.typed(:'session', :'user_code') AS page \gset
SELECT status FROM pg_temp.decide(:'session', :'page'::oauth.http_response, 'perhaps');
SELECT status FROM pg_temp.decide(pg_temp.login(), :'page'::oauth.http_response, 'approve');
SELECT pg_temp.said(pg_temp.poll(:'tv', :'code')) IN ('slow_down', 'authorization_pending');
\echo -- allowed, once; and tokens, once
SELECT pg_temp.text(pg_temp.decide(:'session', :'page'::oauth.http_response, 'approve'));
SELECT pg_temp.text(pg_temp.decide(:'session', :'page'::oauth.http_response, 'deny'));
SELECT pg_temp.said(pg_temp.poll(:'other', :'code'));
SELECT pg_temp.poll(:'tv', :'code') AS tokens \gset
SELECT pg_temp.said(:'tokens'::jsonb);
SELECT active, client_id = :'tv', subject = :'alice', scope FROM oauth_verify_token(:'tokens'::jsonb ->> 'access_token');
SELECT pg_temp.said(pg_temp.poll(:'tv', :'code'));
SELECT pg_temp.text(pg_temp.typed(:'session', :'user_code'));
\echo -- R172: denied, expired
SELECT j ->> 'device_code' AS code, j ->> 'user_code' AS user_code FROM pg_temp.json(pg_temp.begin('client_id=' || :'tv')) j \gset
SELECT pg_temp.text(pg_temp.decide(:'session', pg_temp.typed(:'session', :'user_code'), 'deny'));
SELECT pg_temp.said(pg_temp.poll(:'tv', :'code'));
SELECT j ->> 'device_code' AS code, j ->> 'user_code' AS user_code FROM pg_temp.json(pg_temp.begin('client_id=' || :'tv')) j \gset
SELECT pg_temp.typed(:'session', :'user_code') AS page \gset
UPDATE oauth.device_code SET expires_at = now() - interval '1 second' WHERE code_hash = sha256(convert_to(:'code', 'UTF8'));
SELECT pg_temp.said(pg_temp.poll(:'tv', :'code'));
SELECT (pg_temp.decide(:'session', :'page'::oauth.http_response, 'approve')).status, (pg_temp.typed(:'session', :'user_code')).status;
\echo -- R175: the user who allowed it is disabled by then, or the client is
SELECT j ->> 'device_code' AS code, j ->> 'user_code' AS user_code FROM pg_temp.json(pg_temp.begin('client_id=' || :'tv')) j \gset
SELECT status FROM pg_temp.decide(:'session', pg_temp.typed(:'session', :'user_code'), 'approve');
BEGIN;
SELECT oauth_disable_user('device alice');
SELECT pg_temp.said(pg_temp.poll(:'tv', :'code'));
ROLLBACK;
BEGIN;
SELECT oauth_disable_client(:'tv');
SELECT pg_temp.said(pg_temp.poll(:'tv', :'code'));
ROLLBACK;
\echo -- R174: five wrong codes, and it is over for this login
SELECT pg_temp.login() AS session \gset
SELECT code, (pg_temp.typed(:'session', code)).status FROM unnest(ARRAY['BCDF-GHJK', 'x', '', 'AEIO-UAEI', 'BCDFGHJKL', 'BCDF-GHJL']) code;
SELECT j ->> 'user_code' AS user_code FROM pg_temp.json(pg_temp.begin('client_id=' || :'tv')) j \gset
SELECT pg_temp.text(pg_temp.typed(:'session', :'user_code'));
SELECT (pg_temp.typed(pg_temp.login(), :'user_code')).status;
\echo -- it ends by itself, or by an administrator
SELECT oauth_unlock((SELECT account FROM oauth.throttle WHERE kind = 'user_code' AND account = :'alice' LIMIT 1)) AS x \gset
SELECT (pg_temp.typed(pg_temp.login(), :'user_code')).status;
\echo -- attempts are counted alone in their transaction, on the slow lane, for counting may wait
SELECT pg_temp.login() AS session \gset
SET oauth.lane = writing;
SELECT r.status, r.headers FROM pg_temp.typed(:'session', 'BCDF-GHJK') r;
SELECT (pg_temp.see(:'session')).status;
RESET oauth.lane;
SET oauth.device_rate = 0;
\echo -- R210: codes are of their alphabet, and no two are the same
SELECT count(*), count(DISTINCT j ->> 'user_code'), count(DISTINCT j ->> 'device_code'), bool_and(j ->> 'user_code' ~ '^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$') FROM generate_series(1, 2000), LATERAL (SELECT pg_temp.json(pg_temp.begin('client_id=' || :'tv' || repeat('', generate_series))) j) c;
\echo -- expired ones are removed
UPDATE oauth.device_code SET expires_at = now() - interval '2 hours';
SELECT oauth_purge_expired() > 2000;
SELECT count(*) FROM oauth.device_code;
\echo -- R213: one address gets so many in an hour, then it waits; others do not, and who is refused anyway counts for nothing
SET oauth.device_rate = 3;
CREATE FUNCTION pg_temp.from(peer inet, body text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT regexp_replace(concat_ws(' ', r.status, convert_from(r.body, 'UTF8')::jsonb ->> 'error', (SELECT string_agg(h, ' ') FROM unnest(r.headers) h WHERE h ~ '^Retry')), 'Retry-After: \d+$', 'Retry-After: n')
	FROM oauth.device_authorization(ROW('POST', '/oauth2/device_authorization', '{Content-Type: application/x-www-form-urlencoded}', convert_to(body, 'UTF8'), 'https', peer)) r $$;
SELECT DISTINCT pg_temp.from('198.51.100.1', 'client_id=' || :'tv' || '&scope=no-such') FROM generate_series(1, 5);
SELECT n, pg_temp.from('198.51.100.1', 'client_id=' || :'tv') FROM generate_series(1, 5) n;
SELECT pg_temp.from('198.51.100.2', 'client_id=' || :'tv'), pg_temp.from(NULL, 'client_id=' || :'tv');
SELECT count(*) FROM oauth.device_code;
UPDATE oauth.throttle SET last_at = last_at - interval '1 hour' WHERE kind = 'device_authorization';
SELECT pg_temp.from('198.51.100.1', 'client_id=' || :'tv');
RESET oauth.device_rate;
