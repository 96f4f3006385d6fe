-- bearer.sql: protected resources (RFC 6750): /api/ and /auth.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;

SELECT client_id AS id FROM oauth_register_client('bearer', grant_types => '{password}', scope => 'read write') \gset
SELECT access_token AS access, refresh_token AS refresh FROM oauth_issue_token(:'id', 'bearer-1', refresh => true) \gset
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || regexp_replace(convert_from(r.body, 'UTF8'), '[0-9a-f]{32}', '<id>') || coalesce(' | ' || (SELECT string_agg(regexp_replace(h, '[0-9a-f]{32}', '<id>'), ' | ') FROM unnest(r.headers) h WHERE h ~ '^(WWW|X-|Allow)'), '') $$;
CREATE FUNCTION pg_temp.api(headers text[], method text DEFAULT 'GET', target text DEFAULT '/api/', body text DEFAULT '') RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.show(oauth.resource(ROW(method, target, headers, convert_to(body, 'UTF8'), 'http', '127.0.0.1'))) $$;
CREATE FUNCTION pg_temp.auth(headers text[], target text DEFAULT '/auth') RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.show(oauth.forward_auth(ROW('GET', target, headers, NULL, 'http', '127.0.0.1'))) $$;
SELECT 'Authorization: Bearer ' || :'access' AS good \gset

\echo -- who is calling
SELECT pg_temp.api(ARRAY[:'good']);
SELECT pg_temp.auth(ARRAY[:'good']);
\echo -- R139: no token, no error code (section 3.1)
SELECT pg_temp.api('{}');
SELECT pg_temp.auth(NULL);
SELECT pg_temp.api('{Authorization: Basic YTpi}');
\echo -- R140, R147: tokens that are not good, or are something else
SELECT pg_temp.api(ARRAY['Authorization: Bearer ' || token]) FROM (VALUES ('x'), (:'refresh'), (left(:'access', 57)), (:'access' || 'A'), ('oat_' || repeat('A', 54))) v (token);
\echo -- R141: insufficient scope
SELECT pg_temp.auth(ARRAY[:'good'], '/auth?scope=write');
SELECT pg_temp.auth(ARRAY[:'good'], '/auth?scope=read');
SELECT pg_temp.auth(ARRAY[:'good'], '/auth?scope=%22');
\echo -- R142: two methods at once (section 2)
SELECT pg_temp.api(ARRAY[:'good', 'Content-Type: application/x-www-form-urlencoded'], 'POST', body => 'access_token=' || :'access');
SELECT pg_temp.api(ARRAY[:'good', :'good']);
\echo -- R143: never in the query
SELECT pg_temp.api('{}', target => '/api/?access_token=' || :'access');
SELECT pg_temp.api(ARRAY[:'good'], target => '/api/?access_token=');
\echo -- R144: in the body only of a POST with a form (section 2.2)
SELECT pg_temp.api('{Content-Type: application/x-www-form-urlencoded}', 'POST', body => 'access_token=' || :'access');
SELECT pg_temp.api('{Content-Type: application/x-www-form-urlencoded}', 'GET', body => 'access_token=' || :'access');
SELECT pg_temp.api('{Content-Type: application/json}', 'POST', body => 'access_token=' || :'access');
SELECT pg_temp.api('{Content-Type: application/x-www-form-urlencoded}', 'POST', body => 'access_token=a&access_token=b');
\echo -- R145: the scheme is case-insensitive, and has one token behind it (section 2.1)
SELECT pg_temp.api(ARRAY['authorization: bEARER   ' || :'access']);
SELECT header, pg_temp.api(ARRAY['Authorization: ' || header]) FROM (VALUES ('Bearer'), ('Bearer '), ('Bearer a b'), ('Bearer a, Bearer b'), ('Bearer "x"'), ('Bearer =')) v (header);
\echo -- R146: nothing that was sent comes back in a header
SELECT pg_temp.api(ARRAY['Authorization: Bearer x"' || chr(13) || chr(10) || 'X-Evil: 1']);
\echo -- ended: token, grant, subject, client; and time
SELECT oauth_revoke_token(:'access');
SELECT pg_temp.auth(ARRAY[:'good']);
SELECT access_token AS access FROM oauth_issue_token(:'id', 'bearer-1') \gset
SELECT oauth_revoke_subject('bearer-1');
SELECT pg_temp.auth(ARRAY['Authorization: Bearer ' || :'access']);
SELECT access_token AS access FROM oauth_issue_token(:'id', 'bearer-1') \gset
UPDATE oauth.access_token SET expires_at = now() WHERE token_hash = sha256(convert_to(:'access', 'UTF8'));
SELECT pg_temp.auth(ARRAY['Authorization: Bearer ' || :'access']);
SELECT access_token AS access FROM oauth_issue_token(:'id', 'bearer-1') \gset
SELECT oauth_disable_client(:'id');
SELECT pg_temp.auth(ARRAY['Authorization: Bearer ' || :'access']);
SELECT oauth_enable_client(:'id');
SELECT pg_temp.auth(ARRAY['Authorization: Bearer ' || :'access']);
