-- cors.sql: which scripts of web pages may read an answer (the Fetch standard, section 3.2; RFC 9700, section 2.6).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never

SET oauth.issuer = 'https://auth.example.com';
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text; BEGIN EXECUTE statement INTO result; RETURN result; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM; END $$;
CREATE FUNCTION pg_temp.cors(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT r.status || coalesce(' ' || (convert_from(r.body, 'UTF8')::jsonb ->> 'error'), '') || coalesce(' | ' || (SELECT string_agg(h, ' | ') FROM unnest(r.headers) h WHERE h ~ '^(Vary|Access|Allow)'), '')
	FROM (SELECT CASE WHEN length(r.body) > 0 THEN r.body ELSE '{}' END) v (body) $$;
CREATE FUNCTION pg_temp.cors_of(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT r.status || coalesce(' | ' || (SELECT string_agg(h, ' | ') FROM unnest(r.headers) h WHERE h ~ '^(Vary|Access|Allow)'), '') $$;
CREATE FUNCTION pg_temp.form(path text, body text, VARIADIC headers text[]) RETURNS oauth.http_request LANGUAGE sql AS $$
	SELECT ROW('POST', path, ARRAY['Content-Type: application/x-www-form-urlencoded'] || headers, convert_to(body, 'UTF8'), 'https', '192.0.2.1')::oauth.http_request $$;
CREATE FUNCTION pg_temp.preflight(path text, method text, origin text) RETURNS oauth.http_request LANGUAGE sql AS $$
	SELECT ROW('OPTIONS', path, array_remove(ARRAY['Origin: ' || origin, 'Access-Control-Request-Method: ' || method], NULL), NULL, 'https', '192.0.2.1')::oauth.http_request $$;

\echo -- an origin is written as browsers write it; each once
SELECT client_id AS app FROM oauth_register_client('App', '{https://app.example/cb}', '{authorization_code,refresh_token,urn:ietf:params:oauth:grant-type:device_code}', client_type => 'public', cors_origins => '{https://app.example,http://localhost:5173,https://app.example}') \gset
SELECT client_id AS other, client_secret AS secret FROM oauth_register_client('Other', grant_types => '{client_credentials}', cors_origins => '{https://other.example:8443}') \gset
SELECT origin FROM oauth.client_origin WHERE client_id = :'app' ORDER BY origin;
SELECT origin, pg_temp.try(format('SELECT ''good'' FROM oauth_register_client(''x'', grant_types => ''{}'', cors_origins => ARRAY[%L])', origin)) FROM (VALUES ('https://a.example', 1), ('https://xn--e1afmkfd.example', 2), ('http://127.0.0.1:1', 3), ('http://[::1]:65535', 4), ('https://[2001:db8::1]', 5), ('https://192.0.2.1', 6),
	('*', 7), ('null', 8), ('', 9), ('https://', 10), ('https://a.example/', 11), ('https://a.example/x', 12), ('https://A.example', 13), ('HTTPS://a.example', 14), ('https://a.example:443', 15), ('http://localhost:80', 16), ('https://a.example:', 17), ('https://a.example:0', 18),
	('https://a.example:080', 19), ('https://a.example:65536', 20), ('https://a.example:1x', 21), ('http://a.example', 22), ('http://localhost.a.example', 23), ('http://127.0.0.1.a.example', 24), ('https://*.example', 25), ('https://u@a.example', 26), ('https://a.example?x', 27), ('https://a.example#', 28),
	('https://ä.example', 29), (E'https://a.example\r\nX: y', 30), ('https://a.example https://b.example', 31), ('chrome-extension://abc', 32), ('https://[::1', 33), ('https://[]', 34), ('a.example', 35), (NULL, 36), ('https://' || repeat('a', 260), 37), ('http:', 38)) v (origin, n) ORDER BY n;
SELECT pg_temp.try('SELECT ''good'' FROM oauth_register_client(''x'', grant_types => ''{}'', cors_origins => (SELECT array_agg(''https://a'' || n) FROM generate_series(1, 21) n))');
SELECT count(*) FROM oauth.client_origin WHERE origin ~ '^https://a[0-9]';
\echo -- in metadata: shown, changed, kept by what does not name it, and taken back by null
SELECT m -> 'cors_origins' FROM oauth_register_client_metadata('{"redirect_uris": ["https://b.example/cb"], "cors_origins": ["https://b.example", "https://a.example"]}') m;
SELECT oauth_update_client(:'app', change) -> 'cors_origins' FROM (VALUES ('{}'::jsonb, 1), ('{"cors_origins": ["https://new.example"]}', 2), ('{"client_name": "New"}', 3), ('{"cors_origins": null}', 4), ('{"cors_origins": ["https://app.example", "http://localhost:5173"]}', 5)) v (change, n) ORDER BY n;
SELECT pg_temp.try(format('SELECT oauth_update_client(%L, %L)', :'app', change)) FROM (VALUES ('{"cors_origins": "https://a.example"}', 1), ('{"cors_origins": [1]}', 2), ('{"cors_origins": ["*"]}', 3), ('{"cors_origins": [null]}', 4)) v (change, n) ORDER BY n;
SELECT string_agg(origin, ' ' ORDER BY origin) FROM oauth.client_origin WHERE client_id = :'app';

\echo -- R26: origins of the client, and nobody else, with success and with faults
SELECT refresh_token AS refresh, access_token AS access FROM oauth_issue_token(:'app', 'cors-1', refresh => true) \gset
SELECT access_token AS gone FROM oauth_issue_token(:'app', 'cors-2') \gset
SELECT origin, pg_temp.cors(oauth.revoke(pg_temp.form('/oauth2/revoke', format('client_id=%s&token=no', :'app'), origin))) FROM unnest(ARRAY['Origin: https://app.example', 'origin: http://localhost:5173', 'Origin: https://other.example:8443', 'Origin: https://evil.example', 'Origin: null', 'Origin: *', 'Origin: ', 'Origin: HTTPS://APP.EXAMPLE', 'Origin: https://app.example/', 'Origin: https://app.example.', 'Referer: https://app.example']) origin;
SELECT pg_temp.cors(oauth.revoke(pg_temp.form('/oauth2/revoke', format('client_id=%s&token=%s', :'app', :'gone'), 'Origin: https://app.example')));
\echo -- two Origins are none
SELECT pg_temp.cors(oauth.revoke(pg_temp.form('/oauth2/revoke', format('client_id=%s&token=no', :'app'), 'Origin: https://app.example', 'Origin: https://app.example')));
\echo -- a confidential client, and one that is not known yet: then the origins of all enabled clients may see the refusal
SELECT pg_temp.cors(oauth.revoke(pg_temp.form('/oauth2/revoke', format('client_id=%s&client_secret=%s&token=x', :'other', :'secret'), origin))) FROM unnest(ARRAY['Origin: https://other.example:8443', 'Origin: https://app.example']) origin;
SELECT body, pg_temp.cors(oauth.revoke(pg_temp.form('/oauth2/revoke', body, origin))) FROM unnest(ARRAY['client_id=nobody&token=x', 'token=x', 'x=%']) body, unnest(ARRAY['Origin: https://app.example', 'Origin: https://evil.example']) origin;
SELECT pg_temp.cors(oauth.revoke(pg_temp.form('/oauth2/revoke', format('client_id=%s&client_secret=wrong&token=x', :'other'), origin))) FROM unnest(ARRAY['Origin: https://app.example', 'Origin: https://evil.example']) origin;
\echo -- token and userinfo: every page, with success and with faults, of every client
SELECT origin, pg_temp.cors(oauth.token(pg_temp.form('/oauth2/token', format('grant_type=refresh_token&client_id=%s&refresh_token=%s', client, CASE origin WHEN 'Origin: https://evil.example' THEN :'refresh' ELSE 'no' END), origin))) FROM unnest(ARRAY['Origin: https://app.example', 'Origin: https://evil.example', 'Origin: null', 'Referer: https://app.example']) origin, unnest(ARRAY[:'app', 'nobody']) client;
SELECT n, pg_temp.cors(oauth.userinfo(ROW('GET', '/oauth2/userinfo', ARRAY['Origin: https://evil.example', 'Authorization: Bearer ' || token], NULL, 'https', NULL))) FROM (VALUES (1, 'no'), (2, :'access')) v (n, token) ORDER BY n;
SELECT path, pg_temp.cors_of(CASE path WHEN '/oauth2/token' THEN oauth.token(r) ELSE oauth.userinfo(r) END) FROM unnest(ARRAY['/oauth2/token', '/oauth2/userinfo']) path, LATERAL pg_temp.preflight(path, 'POST', 'https://evil.example') r;
\echo -- the other endpoints that scripts call
SELECT pg_temp.cors(oauth.revoke(pg_temp.form('/oauth2/revoke', format('client_id=%s&token=x', :'app'), origin))) FROM unnest(ARRAY['Origin: https://app.example', 'Origin: https://evil.example']) origin;
SELECT pg_temp.cors(oauth.device_authorization(pg_temp.form('/oauth2/device_authorization', format('client_id=%s', :'app'), origin))) FROM unnest(ARRAY['Origin: https://app.example', 'Origin: https://evil.example']) origin;
SELECT path, origin, pg_temp.cors(oauth.resource(ROW('GET', path, ARRAY[origin, 'Authorization: Bearer ' || :'access'], NULL, 'https', NULL))) FROM unnest(ARRAY['/api/', '/api/nothing']) path, unnest(ARRAY['Origin: https://app.example', 'Origin: https://other.example:8443']) origin;
SELECT origin, pg_temp.cors(oauth.resource(ROW('GET', '/api/', ARRAY[origin, 'Authorization: Bearer oat_old'], NULL, 'https', NULL))) FROM unnest(ARRAY['Origin: https://app.example', 'Origin: https://evil.example']) origin;
\echo -- never where only servers or people call: no header that begins so
SELECT count(*) FROM unnest((oauth.introspect(pg_temp.form('/oauth2/introspect', format('client_id=%s&client_secret=%s&token=x', :'other', :'secret'), 'Origin: https://other.example:8443'))).headers) h WHERE h ~* '^access-control';
SELECT count(*) FROM (SELECT oauth.authorize(ROW('GET', '/oauth2/authorize?client_id=' || :'app', '{Origin: https://app.example}', NULL, 'https', NULL)) UNION ALL SELECT oauth.authorize(ROW('GET', '/oauth2/authorize?client_id=no', '{Origin: https://app.example}', NULL, 'https', NULL)) UNION ALL
	SELECT oauth.login(ROW('GET', '/login', '{Origin: https://app.example}', NULL, 'https', NULL)) UNION ALL SELECT oauth.account(ROW('GET', '/account', '{Origin: https://app.example}', NULL, 'https', NULL)) UNION ALL SELECT oauth.device(ROW('GET', '/oauth2/device', '{Origin: https://app.example}', NULL, 'https', NULL)) UNION ALL
	SELECT oauth.forward_auth(ROW('GET', '/auth', ARRAY['Origin: https://app.example', 'Authorization: Bearer ' || :'access'], NULL, 'https', NULL))) v (r), unnest((r).headers) h WHERE h ~* '^access-control';

\echo -- a function of the application that says itself who may read it is left alone
CREATE ROLE regress_cors;
CREATE SCHEMA cors AUTHORIZATION regress_cors;
SET ROLE regress_cors;
CREATE FUNCTION cors.own(r oauth.http_request) RETURNS oauth.http_response LANGUAGE sql AS $$ SELECT ROW(200, '{access-control-allow-origin: https://its.example}', '{}')::oauth.http_response $$;
CREATE FUNCTION cors.plain(r oauth.http_request) RETURNS jsonb LANGUAGE sql AS $$ SELECT '{}'::jsonb $$;
RESET ROLE;
SELECT oauth_protect('/api/cors/own', 'cors.own'), oauth_protect('/api/cors/plain', 'cors.plain');
SELECT path, (oauth.resource(ROW('GET', path, ARRAY['Origin: https://app.example', 'Authorization: Bearer ' || :'access'], NULL, 'https', NULL))).headers FROM unnest(ARRAY['/api/cors/own', '/api/cors/plain']) path;

\echo -- R26: preflights
SELECT path, origin, pg_temp.cors_of(CASE path WHEN '/oauth2/revoke' THEN oauth.revoke(r) WHEN '/oauth2/device_authorization' THEN oauth.device_authorization(r) WHEN '/oauth2/register/x' THEN oauth.register(r) ELSE oauth.resource(r) END)
	FROM unnest(ARRAY['/oauth2/revoke', '/oauth2/device_authorization', '/oauth2/register/x', '/api/anything']) path, unnest(ARRAY['https://app.example', 'https://evil.example', 'null']) origin, LATERAL pg_temp.preflight(path, 'POST', origin) r;
\echo -- R26: the fields that a script asks for: names, each once, so many
CREATE FUNCTION pg_temp.asked(VARIADIC lines text[]) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(CASE WHEN h ~ '^Access-Control-Allow-Headers' AND length(h) > 300 THEN length(h) || ' ' || right(h, 20) ELSE h END, ' | ') FROM oauth.revoke(ROW('OPTIONS', '/oauth2/revoke', ARRAY['Origin: https://app.example', 'Access-Control-Request-Method: POST'] || lines, NULL, 'https', '192.0.2.1')) r, unnest(r.headers) h WHERE h ~ '^(Vary|Access-Control-(Allow-Headers|Max))' $$;
SELECT asked, pg_temp.asked('Access-Control-Request-Headers: ' || asked) FROM unnest(ARRAY['baggage,sentry-trace,traceparent,x-requested-with', 'Content-Type, X-Custom ,authorization', '', ',,', 'a b', 'x"y', E'x\ty', 'ä', '<script>', 'x:y', 'x;y', repeat('x', 101) || ',ok', 'a,A,a', '*',
	(SELECT string_agg('h' || n, ',') FROM generate_series(1, 1000) n)]) asked;
SELECT pg_temp.asked('Access-Control-Request-Headers: a', 'Access-Control-Request-Headers: b'), pg_temp.asked('X: y');
\echo -- the page of nobody gets none
SELECT (oauth.revoke(ROW('OPTIONS', '/oauth2/revoke', '{Origin: https://evil.example,Access-Control-Request-Method: POST,Access-Control-Request-Headers: baggage}', NULL, 'https', NULL))).headers;
\echo -- OPTIONS that is no preflight
SELECT pg_temp.cors_of(oauth.token(pg_temp.preflight('/oauth2/token', NULL, 'https://app.example'))), pg_temp.cors_of(oauth.token(pg_temp.preflight('/oauth2/token', 'POST', NULL))), pg_temp.cors_of(oauth.resource(pg_temp.preflight('/api/', NULL, 'https://app.example')));
\echo -- a disabled client has no origin
SELECT oauth_disable_client(:'other');
SELECT pg_temp.cors_of(oauth.revoke(pg_temp.preflight('/oauth2/revoke', 'POST', 'https://other.example:8443')));
SELECT pg_temp.cors(oauth.revoke(pg_temp.form('/oauth2/revoke', format('client_id=%s&client_secret=%s&token=x', :'other', :'secret'), 'Origin: https://other.example:8443')));

\echo -- metadata: every page
SELECT pg_temp.cors_of(oauth.metadata(pg_temp.preflight('/.well-known/oauth-authorization-server', 'GET', 'https://evil.example'))), pg_temp.cors_of(oauth.protected_resource_metadata(pg_temp.preflight('/.well-known/oauth-protected-resource', 'GET', 'https://evil.example')));
SELECT path, pg_temp.cors_of(oauth.metadata(ROW('GET', path, '{Origin: https://evil.example}', NULL, 'https', NULL))) FROM unnest(ARRAY['/.well-known/oauth-authorization-server', '/.well-known/oauth-authorization-server/x']) path;

\echo -- registration: every page where it is open, none where it takes a token or is closed
CREATE FUNCTION pg_temp.registration(method text, path text, body text, VARIADIC headers text[]) RETURNS oauth.http_response LANGUAGE sql AS $$
	SELECT oauth.register(ROW(method, '/oauth2/register' || path, ARRAY['Content-Type: application/json'] || headers, convert_to(body, 'UTF8'), 'https', NULL)) $$;
SET oauth.registration = closed;
SELECT pg_temp.cors_of(pg_temp.registration('OPTIONS', '', '', 'Origin: https://app.example', 'Access-Control-Request-Method: POST')), pg_temp.cors(pg_temp.registration('POST', '', '{}', 'Origin: https://app.example'));
SET oauth.registration = token;
SELECT pg_temp.cors_of(pg_temp.registration('OPTIONS', '', '', 'Origin: https://app.example', 'Access-Control-Request-Method: POST')), pg_temp.cors(pg_temp.registration('POST', '', '{}', 'Origin: https://app.example'));
SELECT pg_temp.cors(pg_temp.registration('POST', '', '{"redirect_uris": ["https://app.example/"]}', 'Origin: https://app.example', 'Authorization: Bearer ' || oauth_create_initial_access_token()));
SET oauth.registration = open;
SELECT pg_temp.cors_of(pg_temp.registration('OPTIONS', '', '', 'Origin: https://evil.example', 'Access-Control-Request-Method: POST')), pg_temp.cors(pg_temp.registration('POST', '', '{}', 'Origin: https://evil.example'));
\echo -- a page that registers itself: the client has its origin if the browser comes back to it
SELECT metadata, pg_temp.cors(r), convert_from((r).body, 'UTF8')::jsonb -> 'cors_origins' FROM (VALUES ('{"redirect_uris": ["https://spa.example:8443/cb", "https://b.example/"]}', 1), ('{"redirect_uris": ["https://b.example/"]}', 2), ('{"redirect_uris": ["https://spa.example:8443.b.example/"]}', 3),
	('{"redirect_uris": ["https://spa.example:8443/cb"], "cors_origins": []}', 4), ('{"redirect_uris": ["https://spa.example:8443/cb"], "cors_origins": ["https://b.example"]}', 5), ('{"redirect_uris": ["https://spa.example:8443/cb"], "cors_origins": ["*"]}', 6)) v (metadata, n), LATERAL pg_temp.registration('POST', '', metadata, 'Origin: https://spa.example:8443') r ORDER BY n;
SELECT convert_from((pg_temp.registration('POST', '', '{"redirect_uris": ["https://spa.example:8443/cb"], "token_endpoint_auth_method": "none"}', 'Origin: https://spa.example:8443')).body, 'UTF8')::jsonb AS spa \gset
SELECT :'spa'::jsonb ->> 'client_id' AS spa, 'Authorization: Bearer ' || (:'spa'::jsonb ->> 'registration_access_token') AS bearer \gset
SELECT origin, pg_temp.cors(pg_temp.registration('GET', '/' || :'spa', '', origin, :'bearer')) FROM unnest(ARRAY['Origin: https://spa.example:8443', 'Origin: https://app.example']) origin;
SELECT pg_temp.cors(pg_temp.registration('GET', '/' || :'spa', '', origin, 'Authorization: Bearer ora_wrong')) FROM unnest(ARRAY['Origin: https://spa.example:8443', 'Origin: https://evil.example']) origin;
SELECT convert_from((pg_temp.registration('PUT', '/' || :'spa', format('{"client_id": "%s", "redirect_uris": ["https://spa.example:8443/new"]}', :'spa')::jsonb::text, 'Origin: https://spa.example:8443', :'bearer')).body, 'UTF8')::jsonb ->> 'error_description';
SELECT convert_from((pg_temp.registration('PUT', '/' || :'spa', format('{"client_id": "%s", "redirect_uris": ["https://spa.example:8443/new"], "token_endpoint_auth_method": "none", "cors_origins": ["https://b.example"]}', :'spa'), 'Origin: https://spa.example:8443', :'bearer')).body, 'UTF8')::jsonb -> 'cors_origins';
SELECT pg_temp.cors_of(pg_temp.registration('DELETE', '/' || :'spa', '', 'Origin: https://b.example', :'bearer'));
\echo -- what is removed for good takes its origins along
DELETE FROM oauth.client WHERE client_id = :'spa';
SELECT count(*) FROM oauth.client_origin WHERE client_id = :'spa';
\echo -- no header of ours ever lets cookies in
SELECT count(*) FROM unnest((oauth.token(pg_temp.preflight('/oauth2/token', 'POST', 'https://app.example'))).headers || (oauth.resource(ROW('GET', '/api/', ARRAY['Origin: https://app.example', 'Authorization: Bearer ' || :'access'], NULL, 'https', NULL))).headers) h WHERE h ~* 'credentials';
\set VERBOSITY terse
SET client_min_messages = error;
DROP SCHEMA cors CASCADE;
DELETE FROM oauth.protected_function;
DROP ROLE regress_cors;
