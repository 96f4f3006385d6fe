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

\echo -- what to ask for: "the required scope of the access token for accessing the requested resource" (RFC 6750, section 3), in every challenge, all of it
\echo -- the metadata of the resource itself (RFC 9728, section 3.1; RFC 9728, section 5.1), at 403 too
SET oauth.issuer = 'https://auth.example.com';
CREATE SCHEMA regress_bearer;
CREATE FUNCTION regress_bearer.hello(oauth.http_request) RETURNS jsonb LANGUAGE sql AS $$SELECT '"hello"'::jsonb$$;
SET client_min_messages = error;
SELECT oauth_protect('/api/mcp', 'regress_bearer.hello', required_scope => 'read write');
SELECT oauth_protect('/api/q"\x', 'regress_bearer.hello');
RESET client_min_messages;
SELECT access_token AS access FROM oauth_issue_token(:'id', 'bearer-1') \gset
SELECT 'Authorization: Bearer ' || :'access' AS good \gset
SELECT pg_temp.api('{}', target => '/api/mcp');
SELECT pg_temp.api('{}', 'POST', '/api/mcp/tools?x=1');
SELECT pg_temp.api('{Authorization: Bearer x}', target => '/api/mcp');
SELECT pg_temp.api(ARRAY[:'good'], target => '/api/mcp');
SELECT pg_temp.api('{}', target => '/api/nothing');
SELECT pg_temp.api('{}', target => '/api/q"\x');
SELECT pg_temp.api(ARRAY[:'good', :'good'], target => '/api/mcp');
\echo -- RFC 9728, section 2; RFC 9728, section 3; RFC 9728, section 3.1; RFC 9728, section 3.3: the document that the challenge names is about that resource, and lists the scope
CREATE FUNCTION pg_temp.document(uri text) RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || convert_from(r.body, 'UTF8') FROM oauth.protected_resource_metadata(ROW('GET', '/' || split_part(uri, '/', 4) || '/' || substr(uri, length(split_part(uri, '/', 1) || split_part(uri, '/', 3) || split_part(uri, '/', 4)) + 5), ARRAY['Host: ' || split_part(uri, '/', 3)], NULL, 'https', NULL)) r $$;
SELECT pg_temp.document('https://auth.example.com/.well-known/oauth-protected-resource/api/mcp');
SELECT pg_temp.document('https://auth.example.com/.well-known/oauth-protected-resource/api/mcp/tools');
SELECT pg_temp.document('https://auth.example.com/.well-known/oauth-protected-resource/api/nothing');
\echo -- RFC 9728, section 3.1: by GET; RFC 9728, section 3.2: 200 and application/json, and no member that is empty
SELECT method, r.status, (SELECT string_agg(h, ' | ') FROM unnest(r.headers) h WHERE h ~ '^(Content-Type|Allow)') FROM unnest('{GET,HEAD,POST,PUT,DELETE}'::text[]) method, oauth.protected_resource_metadata(ROW(method, '/.well-known/oauth-protected-resource/api/mcp', '{}', NULL, 'https', NULL)) r;
SELECT count(*) FILTER (WHERE key IN ('resource', 'authorization_servers')), count(*) FILTER (WHERE value IN ('[]', '""', 'null', '{}')) FROM jsonb_each(convert_from((oauth.protected_resource_metadata(ROW('GET', '/.well-known/oauth-protected-resource/api/mcp', '{}', NULL, 'https', NULL))).body, 'UTF8')::jsonb);
\echo -- RFC 9728, section 3.1; RFC 9728, section 3.3; RFC 9728, section 5.1: /auth: the scope of its query; the metadata of its resource, if that is registered
SELECT pg_temp.auth('{}', '/auth?scope=read+write');
SELECT pg_temp.auth(ARRAY[:'good'], '/auth?scope=read+write&resource=https://mcp.example.com/v1');
SELECT oauth_register_resource('https://mcp.example.com/v1', scope => 'write'), oauth_register_resource('https://Plain.example.com');
SELECT pg_temp.auth(ARRAY[:'good'], '/auth?scope=read+write&resource=https://MCP.example.com:443/v1');
SELECT pg_temp.auth('{}', '/auth?resource=https://plain.example.com');
SELECT pg_temp.document('https://mcp.example.com/.well-known/oauth-protected-resource/v1');
SELECT pg_temp.document('https://MCP.example.com:443/.well-known/oauth-protected-resource/v1/');
SELECT pg_temp.document('https://plain.example.com/.well-known/oauth-protected-resource/');
SELECT host, r.status, convert_from(r.body, 'UTF8')::jsonb ->> 'resource' FROM unnest(ARRAY['mcp.example.com', 'evil.example', 'auth.example.com@mcp.example.com', 'mcp.example.com/x', '', 'mcp.example.com:x', '[', 'é']) host,
	oauth.protected_resource_metadata(ROW('GET', '/.well-known/oauth-protected-resource/v1', ARRAY['Host: ' || host], NULL, 'https', NULL)) r;
SELECT oauth_unregister_resource('https://mcp.example.com/v1'), oauth_unregister_resource('https://plain.example.com');
\echo -- oauth_authenticate_request() and oauth_authenticate(): the same answer, for applications that answer by themselves
BEGIN;
SELECT oauth_challenge();
SELECT oauth_authenticate_request(ROW('GET', '/', ARRAY[:'good'], NULL, 'https', NULL), 'read write'), pg_temp.show(oauth_challenge());
SELECT oauth_authenticate_request(ROW('GET', '/', '{}', NULL, 'https', NULL), 'read write'), pg_temp.show(oauth_challenge());
SELECT oauth_authenticate_request(ROW('GET', '/', '{Authorization: Bearer x}', NULL, 'https', NULL), 'write'), pg_temp.show(oauth_challenge());
SELECT oauth_authenticate_request(NULL), pg_temp.show(oauth_challenge());
SELECT oauth_authenticate('Bearer ' || :'access', 'write', acr_values => 'x'), pg_temp.show(oauth_challenge());
SELECT oauth_authenticate('Bearer ' || :'access', acr_values => 'x'), pg_temp.show(oauth_challenge());
SELECT oauth_authenticate('Bearer ' || :'access', 'read'), oauth_challenge() IS NULL, oauth_subject();
SELECT count(*) FILTER (WHERE oauth_authenticate('Bearer ' || i)), max(pg_temp.show(oauth_challenge())) FROM generate_series(1, 1000) i;
SAVEPOINT s;
SELECT oauth_authenticate('Bearer x y');
ROLLBACK TO s;
SELECT pg_temp.show(oauth_challenge());
COMMIT;
SELECT oauth_challenge() IS NULL;
SELECT oauth_unprotect('/api/mcp'), oauth_unprotect('/api/q"\x');
DROP FUNCTION regress_bearer.hello;
DROP SCHEMA regress_bearer;
