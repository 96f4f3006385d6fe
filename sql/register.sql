-- register.sql: dynamic client registration (RFC 7591) and its management (RFC 7592).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.registration_rate = 0;

SET oauth.issuer = 'https://auth.example.com';
CREATE FUNCTION pg_temp.ask(method text, path text, body text DEFAULT NULL, token text DEFAULT NULL, type text DEFAULT 'application/json') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.register(ROW(method, '/oauth2/register' || path, CASE WHEN body IS NULL THEN '{}' ELSE ARRAY['Content-Type: ' || type] END || CASE WHEN token IS NULL THEN '{}' ELSE ARRAY['Authorization: Bearer ' || token] END, convert_to(body, 'UTF8'), 'https', '192.0.2.1')) $$;
CREATE FUNCTION pg_temp.json(r oauth.http_response) RETURNS jsonb LANGUAGE sql AS $$ SELECT convert_from(r.body, 'UTF8')::jsonb $$;
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || regexp_replace(regexp_replace(regexp_replace(regexp_replace(convert_from(r.body, 'UTF8'), '(o[a-z]{2}_)[-_A-Za-z0-9]+', '\1...', 'g'), '[0-9a-f]{32}', '<id>', 'g'), 'issued_at": \d+', 'issued_at": <time>'), '"client_secret": "[^"]*"', '"client_secret": "..."')
	|| coalesce(' | ' || (SELECT string_agg(h, ' | ') FROM unnest(r.headers) h WHERE h ~ '^(WWW|Allow)'), '') $$;
CREATE FUNCTION pg_temp.new(metadata text, token text DEFAULT NULL) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT pg_temp.show(pg_temp.ask('POST', '', metadata, token)) $$;

\echo -- R161: closed, unless the setting says otherwise
SELECT pg_temp.new('{"redirect_uris": ["https://app.example/cb"]}');
SELECT pg_temp.new('{"redirect_uris": ["https://app.example/cb"]}', oauth_create_initial_access_token());
SET oauth.registration = token;
\echo -- Dynamic Registration 1.0, section 3; R161: with an initial access token, so many
SELECT pg_temp.new('{"redirect_uris": ["https://app.example/cb"]}');
SELECT pg_temp.new('{"redirect_uris": ["https://app.example/cb"]}', token) FROM (VALUES ('x'), ('oia_' || repeat('A', 54)), ((SELECT access_token FROM oauth_register_client('register', grant_types => '{client_credentials}') c, LATERAL oauth_issue_token(c.client_id)))) v (token);
SELECT oauth_create_initial_access_token(uses => 2) AS token \gset
SELECT pg_temp.new('{"redirect_uris": "no"}', :'token');
SELECT pg_temp.new('{"redirect_uris": ["https://app.example/cb"]}', :'token');
SELECT pg_temp.new('{"grant_types": ["client_credentials"], "client_name": "A machine"}', :'token');
SELECT pg_temp.new('{"redirect_uris": ["https://app.example/cb"]}', :'token');
SELECT oauth_create_initial_access_token(interval '1 hour') AS token \gset
UPDATE oauth.initial_access_token SET expires_at = now() - interval '1 second' WHERE token_hash = sha256(convert_to(:'token', 'UTF8'));
SELECT pg_temp.new('{"redirect_uris": ["https://app.example/cb"]}', :'token');
SELECT oauth_create_initial_access_token(uses => 0);
SELECT oauth_create_initial_access_token(interval '-1 s');
SET oauth.registration = open;
\echo -- Dynamic Registration 1.0, section 2; Dynamic Registration 1.0, section 3.2; Dynamic Registration 1.0, section 4.1; R162: what comes back
SELECT pg_temp.ask('POST', '', '{"client_name": "Photos <b>", "redirect_uris": ["https://app.example/cb"], "grant_types": ["authorization_code", "refresh_token"], "token_endpoint_auth_method": "none", "scope": "read", "client_uri": "https://app.example/", "contacts": ["a@app.example"], "software_id": "x", "unknown": [1, {"a": null}]}') AS public \gset
SELECT pg_temp.show(:'public'::oauth.http_response);
SELECT (:'public'::oauth.http_response).headers;
SELECT pg_temp.ask('POST', '', '{"redirect_uris": ["https://app.example/cb"], "access_token_lifetime": 2000000000, "signature_methods": ["PLAINTEXT"]}') AS answer \gset
SELECT pg_temp.show(:'answer'::oauth.http_response);
SELECT j ->> 'client_id' AS id, j ->> 'client_secret' AS secret, j ->> 'registration_access_token' AS token FROM pg_temp.json(:'answer'::oauth.http_response) j \gset
SELECT count(*) FROM oauth.client WHERE client_id = :'id' AND registration_token_hash = sha256(convert_to(:'token', 'UTF8')) AND secret_hash = sha256(convert_to(:'secret', 'UTF8'));
\echo -- Dynamic Registration 1.0, section 3.2; R168: nobody chooses its own name
SELECT pg_temp.json(pg_temp.ask('POST', '', '{"client_id": "admin", "client_secret": "x", "redirect_uris": ["https://app.example/cb"]}')) ->> 'client_id' <> 'admin';
\echo -- what only an administrator gives
SELECT grant_type, pg_temp.json(pg_temp.ask('POST', '', jsonb_build_object('grant_types', ARRAY[grant_type], 'redirect_uris', ARRAY['https://app.example/cb'])::text)) ->> 'error'
	FROM unnest(ARRAY['password', 'client_credentials', 'introspection', 'oauth1', 'oauth1_two_legged', 'oauth1_xauth', 'urn:ietf:params:oauth:grant-type:token-exchange', 'urn:ietf:params:oauth:grant-type:device_code', 'implicit', '']) grant_type;
\echo -- R164: what the server does not give is left out, and the answer says what was given (RFC 7591, section 3.2.1)
CREATE FUNCTION pg_temp.given(metadata jsonb, token text DEFAULT NULL) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT coalesce(j ->> 'error', concat_ws(' | ', j ->> 'grant_types', j ->> 'response_types', j ->> 'token_endpoint_auth_method', j ->> 'scope', CASE WHEN j ? 'client_secret' THEN 'secret' END,
		nullif((j - '{scope,client_id,client_name,grant_types,client_secret,redirect_uris,response_types,client_id_issued_at,client_secret_expires_at,token_endpoint_auth_method,registration_client_uri,registration_access_token}'::text[])::text, '{}')))
	FROM pg_temp.json(pg_temp.ask('POST', '', ('{"redirect_uris": ["https://app.example/cb"], "scope": "read"}'::jsonb || metadata)::text, token)) j $$;
SELECT left(metadata::text, 170), pg_temp.given(metadata) FROM (VALUES
	('{"grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"], "response_types": ["code"], "token_endpoint_auth_method": "none"}'::jsonb),
	('{"grant_types": ["password", "authorization_code", "client_credentials", "introspection", "oauth1", "implicit", "authorization_code", ""]}'),
	('{"grant_types": ["urn:ietf:params:oauth:grant-type:device_code", "no-such"], "response_types": ["code"]}'),
	('{"grant_types": ["urn:ietf:params:oauth:grant-type:device_code", "authorization_code"], "response_types": ["token"]}'),
	('{"grant_types": ["implicit"], "response_types": ["token", "code"]}'), ('{"grant_types": ["refresh_token", "password"]}'), ('{"grant_types": []}'),
	('{"response_types": ["code", "token", "code id_token", "id_token", "none"]}'), ('{"response_types": []}'), ('{"response_types": ["id_token"]}'),
	('{"token_endpoint_auth_method": "private_key_jwt"}'), ('{"token_endpoint_auth_method": "tls_client_auth"}'), ('{"token_endpoint_auth_method": ""}'),
	('{"scope": "write no-such read admin:*"}'), ('{"scope": "no-such"}'), ('{"scope": "\u00e9 read \" write"}'), ('{"scope": ""}'), ('{"scope": "  "}'),
	(jsonb_build_object('scope', (SELECT string_agg('s' || n, ' ') || ' write' FROM generate_series(1, 300) n))),
	('{"cors_origins": ["*", "https://app.example", "null", "https://app.example/"]}')) v (metadata);
\echo -- what is not used is not looked at, and what cannot be shown is not kept
SELECT metadata, pg_temp.given(metadata) FROM (VALUES ('{"access_token_lifetime": "a day", "refresh_token_lifetime": -1, "signature_methods": "RSA-MD5", "jwks_uri": 7, "software_statement": {}, "application_type": "native"}'::jsonb),
	('{"client_uri": "javascript:alert(1)", "logo_uri": "data:image/png;base64,x", "tos_uri": "", "policy_uri": 1, "contacts": "me", "software_id": "\u0001", "software_version": "1.0"}'),
	('{"jwks": "x"}'), ('{"jwks": {"keys": []}}'), ('{"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "AQAB", "y": "AQAB"}, 1]}}'), ('{"jwks": {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}}')) v (metadata);
\echo -- an initial access token lets a client have client_credentials, if it has a secret
SELECT pg_temp.given(metadata, oauth_create_initial_access_token()) FROM (VALUES ('{"grant_types": ["client_credentials", "password", "authorization_code"]}'::jsonb), ('{"grant_types": ["client_credentials", "authorization_code"], "token_endpoint_auth_method": "none"}'), ('{"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none"}')) v (metadata);
\echo -- Dynamic Registration 1.0, section 2; Dynamic Registration 1.0, section 3.3; R163, R164: redirect URIs, types, keys (RFC 7518, section 6.4)
SELECT uri, pg_temp.json(pg_temp.ask('POST', '', jsonb_build_object('redirect_uris', ARRAY[uri])::text)) ->> 'error'
	FROM unnest(ARRAY['http://app.example/cb', 'javascript:alert(1)', 'https://app.example/#x', 'https://user@app.example/', '/cb', '', 'http://127.0.0.1/cb', 'com.example.app:/cb']) uri;
SELECT metadata, pg_temp.json(pg_temp.ask('POST', '', metadata)) ->> 'error' FROM (VALUES ('{}'), ('{"redirect_uris": []}'), ('{"redirect_uris": null}'),
	('{"redirect_uris": ["https://a.example/"], "response_types": ["token"]}'), ('{"redirect_uris": ["https://a.example/"], "scope": "no-such"}'), ('{"redirect_uris": ["https://a.example/"], "client_uri": "javascript:x"}'),
	('{"redirect_uris": ["https://a.example/"], "token_endpoint_auth_method": "private_key_jwt"}'), ('{"redirect_uris": ["https://a.example/"], "jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}'),
	('{"redirect_uris": ["https://a.example/"], "jwks": {"keys": []}, "jwks_uri": "https://a.example/keys"}'), ('{"redirect_uris": ["https://a.example/"], "jwks": {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB", "d": "AQAB"}]}}')) v (metadata);
SELECT pg_temp.json(pg_temp.ask('POST', '', jsonb_build_object('redirect_uris', array_agg('https://a.example/' || n))::text)) ->> 'error' FROM generate_series(1, 1000) n;
\echo -- RFC 7518, section 6.2.2; RFC 7518, section 6.3.2; RFC 8037, section 2: whatever part of a key is secret is known for that, in a set or alone
SELECT pg_temp.json(pg_temp.ask('POST', '', jsonb_build_object('redirect_uris', ARRAY['https://a.example/'], 'jwks', jwks)::text)) ->> 'error_description' AS description, count(*)
	FROM unnest('{d,k,p,q,dp,dq,qi,oth,priv}'::text[]) part, jsonb_build_object('kty', 'RSA', 'n', 'AQAB', 'e', 'AQAB', part, 'AQAB') key,
		LATERAL (VALUES (key), (jsonb_build_object('keys', jsonb_build_array('{"kty": "RSA", "n": "AQAB", "e": "AQAB"}'::jsonb, key)))) v (jwks) GROUP BY description;
\echo -- R163: where one is refused, the answer names it; a scheme that any program may claim is good where the setting names it
CREATE FUNCTION pg_temp.uris(VARIADIC uris text[]) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT coalesce(j ->> 'error_description', j ->> 'redirect_uris') FROM pg_temp.json(pg_temp.ask('POST', '', jsonb_build_object('redirect_uris', uris)::text)) j $$;
SELECT pg_temp.uris('http://127.0.0.1/cb', uri, 'http://[::1]/cb') FROM unnest(ARRAY['cursor://anysphere.cursor-mcp/oauth/callback', 'javascript:alert(1)', '/cb', '', E'https://a.example/\r\n"\\é', 'http://app.example/cb', 'HTTPS://a.example/cb', 'https:/a.example/cb', 'https://a.example:65536/', 'https://a.example/' || repeat('x', 3000)]) uri;
SET oauth.redirect_schemes = 'cursor';
SELECT pg_temp.uris('http://127.0.0.1/cb', uri, 'http://[::1]/cb') FROM unnest(ARRAY['cursor://anysphere.cursor-mcp/oauth/callback', 'CURSOR:/x', 'vscode:/x', 'data:x']) uri;
RESET oauth.redirect_schemes;
\echo -- one that an administrator gave it stays when it replaces itself
SELECT j ->> 'client_id' AS desk, j ->> 'registration_access_token' AS desk_token FROM pg_temp.json(pg_temp.ask('POST', '', '{"redirect_uris": ["http://localhost/callback"], "token_endpoint_auth_method": "none"}')) j \gset
SELECT oauth_update_client(:'desk', '{"redirect_uris": ["http://localhost/callback", "cursor:/cb"]}') -> 'redirect_uris';
SELECT coalesce(j ->> 'error_description', j ->> 'redirect_uris') FROM unnest(ARRAY['cursor:/cb', 'cursor:/other']) uri, pg_temp.json(pg_temp.ask('PUT', '/' || :'desk', jsonb_build_object('client_id', :'desk', 'token_endpoint_auth_method', 'none', 'redirect_uris', ARRAY['http://localhost/callback', uri])::text, :'desk_token')) j;
\echo -- RFC 8252, section 7.3: a program that listens on this machine takes any port there is
SELECT uri, (oauth.authorize(ROW('GET', '/oauth2/authorize?response_type=code&client_id=' || :'desk' || '&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&redirect_uri=' || replace(replace(replace(uri, '%', '%25'), '&', '%26'), '?', '%3F'), '{}', NULL, 'https', '192.0.2.1'))).status FROM unnest(ARRAY['http://localhost/callback', 'http://localhost:3118/callback', 'http://localhost:65535/callback', 'http://localhost:/callback', 'http://localhost:080/callback', 'cursor:/cb',
	'http://localhost:65536/callback', 'http://localhost:99999/callback', 'http://localhost:0/callback', 'http://localhost:18446744073709551697/callback', 'http://localhost:-1/callback', 'http://localhost:1x/callback', 'http://localhost:80@evil.example/callback', 'http://localhost.evil.example:80/callback',
	'http://LOCALHOST:80/callback', 'https://localhost:80/callback', 'http://127.0.0.1:80/callback', 'http://localhost:80/callback/', 'http://localhost:80/callback?x', 'http://localhost:80', 'cursor:/cb2']) uri;
\echo -- Dynamic Registration 1.0, section 3.1; R169: what is no metadata
SELECT left(body, 40), pg_temp.json(pg_temp.ask('POST', '', body)) ->> 'error' FROM (VALUES (''), ('{'), ('[]'), ('"x"'), ('1e400'), ('{"a": 1e999999}'), ('{"a": 0e99999999999}'), ('{"client_name": "\u0000"}'), ('{"client_name": "\ud800"}'),
	('{"client_name": "a", "client_name": "b", "redirect_uris": ["https://a.example/"]}'), (repeat('[', 60000)), ('{"a": ' || repeat('[', 30000) || repeat(']', 30000) || '}'), ('{"client_name": 1}')) v (body);
SELECT pg_temp.show(pg_temp.ask('POST', '', 'client_name=x', type => 'application/x-www-form-urlencoded'));
SELECT pg_temp.show(pg_temp.ask('POST', '', '{"redirect_uris": ["https://a.example/"]}', type => type)) FROM unnest(ARRAY['application/jsonx', 'text/plain']) type;
SELECT (pg_temp.ask('POST', '', '{"redirect_uris": ["https://a.example/"]}', type => 'application/json; charset=utf-8')).status;
SELECT convert_from(body, 'UTF8') FROM oauth.register(ROW('POST', '/oauth2/register', '{Content-Type: application/json}', '\x7b22ff223a317d', 'https', NULL));
SELECT convert_from(body, 'UTF8') FROM oauth.register(ROW('POST', '/oauth2/register', '{Content-Type: application/json}', '\x7b7d00', 'https', NULL));
\echo -- RFC 7517, section 4: a member that comes twice within a key makes two keys of it: which one is meant, each reader says differently
SELECT convert_from(body, 'UTF8') FROM (VALUES ('{"redirect_uris": ["https://a.example/"], "jwks": {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}}'), ('{"redirect_uris": ["https://a.example/"], "jwks": {"keys": [], "keys": []}}'), ('{"a": 1e999}'), ('{"a": "\ud800"}')) v (json), pg_temp.ask('POST', '', json);

\echo -- Dynamic Registration 1.0, section 4; Dynamic Registration 1.0, section 4.3; Dynamic Registration 1.0, section 4.4; R167: read, without the secret
SELECT pg_temp.show(pg_temp.ask('GET', '/' || :'id', token => :'token'));
SELECT pg_temp.json(:'public'::oauth.http_response) ->> 'registration_access_token' AS other_token, pg_temp.json(:'public'::oauth.http_response) ->> 'client_id' AS public \gset
SELECT method, pg_temp.show(pg_temp.ask(method, '/' || :'id', '{}', token)) FROM unnest(ARRAY['GET', 'PUT', 'DELETE']) method, unnest(ARRAY[NULL, 'x', :'other_token']) token;
SELECT pg_temp.show(pg_temp.ask('GET', path, token => :'token')) FROM unnest(ARRAY['/nobody', '/' || :'id' || '/x', '/' || :'public']) path;
SELECT pg_temp.show(pg_temp.ask('GET', '')), pg_temp.show(pg_temp.ask('POST', '/' || :'id', '{}', :'token'));
\echo -- R167: replace; what is left out is the default again, what it was not given stays out
SELECT pg_temp.show(pg_temp.ask('PUT', '/' || :'id', jsonb_build_object('client_id', :'id', 'client_secret', :'secret', 'client_name', 'New', 'redirect_uris', ARRAY['https://app.example/new'])::text, :'token'));
\echo -- R121: nor does it take back that it must use PKCE
SELECT oauth_update_client(:'id', '{"require_pkce": true}') ->> 'require_pkce';
SELECT pg_temp.json(pg_temp.ask('PUT', '/' || :'id', jsonb_build_object('client_id', :'id', 'require_pkce', false, 'redirect_uris', ARRAY['https://app.example/new'])::text, :'token')) ->> 'require_pkce';
SELECT oauth_update_client(:'id', '{"require_pkce": null}') ->> 'require_pkce';
SELECT change, pg_temp.json(pg_temp.ask('PUT', '/' || :'id', (jsonb_build_object('client_id', :'id', 'redirect_uris', ARRAY['https://app.example/new']) || change)::text, :'token')) ->> 'error_description' FROM (VALUES
	('{"client_id": "admin"}'::jsonb), ('{"client_secret": "mine"}'), ('{"grant_types": ["authorization_code", "password"]}'), ('{"grant_types": ["client_credentials"]}'), ('{"scope": "read write"}'), ('{"token_endpoint_auth_method": "none"}'),
	('{"registration_access_token": "x"}'), ('{"client_secret_expires_at": 0}'), ('{"redirect_uris": ["javascript:x"]}'), ('{"redirect_uris": []}')) v (change);
SELECT pg_temp.json(pg_temp.ask('PUT', '/' || :'id', '{"redirect_uris": ["https://app.example/new"]}', :'token')) ->> 'error_description';
SELECT client_name, redirect_uris, grant_types, scope FROM oauth.client WHERE client_id = :'id';
\echo -- nor by asking again and again: what an administrator gave stays, what goes beyond is left out
SELECT oauth_update_client(:'id', '{"grant_types": ["authorization_code", "password"], "scope": "write"}') -> 'scope';
SELECT j ->> 'grant_types', j ->> 'scope' FROM (VALUES ('{"grant_types": ["password", "client_credentials", "authorization_code"]}'::jsonb), ('{"scope": "read write"}'), ('{"scope": "read"}'), ('{}')) v (change), pg_temp.json(pg_temp.ask('PUT', '/' || :'id', (jsonb_build_object('client_id', :'id', 'redirect_uris', ARRAY['https://app.example/new']) || change)::text, :'token')) j;
SELECT oauth_update_client(:'id', '{"scope": null}') -> 'scope';
\echo -- R167: delete ends its tokens
SELECT access_token FROM oauth_issue_token(:'id', 'register-1') \gset
SELECT active FROM oauth_verify_token(:'access_token');
SELECT pg_temp.show(pg_temp.ask('DELETE', '/' || :'id', token => :'token')) IS NULL, (pg_temp.ask('GET', '/' || :'id', token => :'token')).status;
SELECT active FROM oauth_verify_token(:'access_token');
\echo -- a disabled client manages nothing
SELECT oauth_disable_client(:'public');
SELECT (pg_temp.ask('GET', '/' || :'public', token => :'other_token')).status;
SELECT oauth_enable_client(:'public');
\echo -- who registered and never came back is removed, others are not
UPDATE oauth.client SET updated_at = now() - interval '31 days' WHERE registration_token_hash IS NOT NULL;
SELECT access_token FROM oauth_issue_token(:'public', 'register-1') \gset
SELECT oauth_purge_expired() >= 0;
SELECT count(*) FILTER (WHERE deleted_at IS NULL), count(*) FILTER (WHERE client_id = :'public' AND deleted_at IS NULL) FROM oauth.client WHERE registration_token_hash IS NOT NULL;
SELECT count(*) FROM oauth.client WHERE registration_token_hash IS NULL AND deleted_at IS NOT NULL AND client_name = 'register';
\echo -- who says nothing of scope may ask for what is advertised, now and then, and gets the defaults if it asks for none
SELECT oauth_register_scope('register:files', 'See your files'), oauth_register_scope('register:admin', 'Do it all', is_advertised => false);
CREATE FUNCTION pg_temp.asked(client_id text, scope text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT r.status || ' ' || coalesce(convert_from(r.body, 'UTF8')::jsonb ->> 'error_description', '') FROM oauth.device_authorization(ROW('POST', '/oauth2/device_authorization', '{Content-Type: application/x-www-form-urlencoded}', convert_to('client_id=' || client_id || coalesce('&scope=' || replace(scope, ' ', '+'), ''), 'UTF8'), 'https', '192.0.2.1')) r $$;
SELECT j ->> 'client_id' AS open, j ->> 'registration_access_token' AS token, j ->> 'scope' AS scope FROM pg_temp.json(pg_temp.ask('POST', '', '{"redirect_uris": ["https://app.example/cb"], "grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"], "token_endpoint_auth_method": "none"}')) j \gset
SELECT :'scope' LIKE '%register:files%', :'scope' LIKE '%register:admin%';
SELECT string_agg(s, ' ') = :'scope' FROM oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL, 'https', NULL)) r, jsonb_array_elements_text(convert_from(r.body, 'UTF8')::jsonb -> 'scopes_supported') s;
SELECT scope, pg_temp.asked(:'open', scope) FROM (VALUES (NULL), ('write register:files openid'), ('read register:admin'), ('no-such register:admin'), ('a b c d e f g')) v (scope);
SELECT pg_temp.asked(:'open', :'scope');
SELECT scope FROM oauth.device_code WHERE client_id = :'open' ORDER BY handle;
SELECT oauth_register_scope('register:files', 'See your files', is_advertised => false), oauth_register_scope('register:more', 'See more');
SELECT scope, pg_temp.asked(:'open', scope) FROM (VALUES ('register:files'), ('register:more')) v (scope);
\echo -- one that names a scope has that one; it cannot name what is kept, unless it has an initial access token
SELECT pg_temp.given('{"scope": "register:more register:admin"}'), pg_temp.given('{"scope": "register:more register:admin"}', oauth_create_initial_access_token());
\echo -- nor does it give itself more later; an administrator does
SELECT j ->> 'scope' FROM (VALUES ('read register:admin'), ('register:files'), (NULL)) v (scope), pg_temp.json(pg_temp.ask('PUT', '/' || :'open', jsonb_strip_nulls(jsonb_build_object('client_id', :'open', 'redirect_uris', ARRAY['https://app.example/cb'], 'token_endpoint_auth_method', 'none', 'scope', scope))::text, :'token')) j;
SELECT oauth_update_client(:'open', '{"scope": "register:admin", "grant_types": ["urn:ietf:params:oauth:grant-type:device_code"]}') -> 'scope';
SELECT pg_temp.asked(:'open', 'register:admin');
\echo -- a client that an administrator registers without scope has the defaults
SELECT client_id AS own FROM oauth_register_client('register', grant_types => '{urn:ietf:params:oauth:grant-type:device_code}', client_type => 'public') \gset
SELECT scope, pg_temp.asked(:'own', scope) FROM (VALUES ('read'), ('write openid')) v (scope);
\echo -- who names no method of authentication may send the secret in either way; who names one is held to it
CREATE FUNCTION pg_temp.ways(metadata jsonb) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT concat_ws(' ', j ->> 'token_endpoint_auth_method', (SELECT token_endpoint_auth_method FROM oauth.client WHERE client_id = j ->> 'client_id'), basic.status, post.status)
	FROM pg_temp.json(pg_temp.ask('POST', '', ('{"redirect_uris": ["https://app.example/cb"]}'::jsonb || metadata)::text)) j,
	LATERAL oauth.revoke(ROW('POST', '/oauth2/revoke', ARRAY['Content-Type: application/x-www-form-urlencoded', 'Authorization: Basic ' || translate(encode(convert_to((j ->> 'client_id') || ':' || (j ->> 'client_secret'), 'UTF8'), 'base64'), E'\n', '')], convert_to('token=x', 'UTF8'), 'https', '192.0.2.1')) basic,
	LATERAL oauth.revoke(ROW('POST', '/oauth2/revoke', '{Content-Type: application/x-www-form-urlencoded}', convert_to(format('token=x&client_id=%s&client_secret=%s', j ->> 'client_id', j ->> 'client_secret'), 'UTF8'), 'https', '192.0.2.1')) post $$;
SELECT metadata, pg_temp.ways(metadata) FROM (VALUES ('{}'::jsonb), ('{"token_endpoint_auth_method": null}'), ('{"token_endpoint_auth_method": "of_tomorrow"}'), ('{"token_endpoint_auth_method": "client_secret_basic"}'), ('{"token_endpoint_auth_method": "client_secret_post"}')) v (metadata);
SELECT j ->> 'client_id' AS either, j ->> 'registration_access_token' AS either_token FROM pg_temp.json(pg_temp.ask('POST', '', '{"redirect_uris": ["https://app.example/cb"]}')) j \gset
SELECT method, (pg_temp.ask('PUT', '/' || :'either', jsonb_strip_nulls(jsonb_build_object('client_id', :'either', 'redirect_uris', ARRAY['https://app.example/cb'], 'token_endpoint_auth_method', method))::text, :'either_token')).status
	FROM (VALUES ('client_secret_post'), (NULL)) v (method);
SELECT token_endpoint_auth_method FROM oauth.client WHERE client_id = :'either';
\echo -- R213: open registration is slowed down by address, with a time to wait, and others go on; nothing is written then
CREATE FUNCTION pg_temp.from(peer inet, token text DEFAULT NULL) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT regexp_replace(concat_ws(' ', r.status, convert_from(r.body, 'UTF8')::jsonb ->> 'error', (SELECT string_agg(h, ' ') FROM unnest(r.headers) h WHERE h ~ '^Retry')), 'Retry-After: \d+$', 'Retry-After: n')
	FROM oauth.register(ROW('POST', '/oauth2/register', ARRAY['Content-Type: application/json'] || CASE WHEN token IS NULL THEN '{}' ELSE ARRAY['Authorization: Bearer ' || token] END, '{"redirect_uris": ["https://app.example/cb"]}', 'https', peer)) r $$;
SET oauth.registration_rate = 3;
SELECT n, pg_temp.from('198.51.100.1') FROM generate_series(1, 5) n;
SELECT pg_temp.from('198.51.100.2'), pg_temp.from('2001:db8::1'), pg_temp.from('::ffff:198.51.100.1'), pg_temp.from('198.51.100.1', oauth_create_initial_access_token()), pg_temp.from(NULL);
SELECT n, pg_temp.from(('2001:db8::' || n)::inet) FROM generate_series(2, 6) n;
\echo -- nor from one network of a site after the other
SELECT n, pg_temp.from(('2001:db8:0:' || n || '::1')::inet) FROM generate_series(1, 8) n;
SELECT pg_temp.from('2001:db8:1::1');
SELECT kind, account, address, failures, allowance FROM oauth.throttle WHERE kind = 'registration' ORDER BY address;
UPDATE oauth.throttle SET last_at = last_at - interval '20 minutes' WHERE kind = 'registration';
SELECT n, pg_temp.from('198.51.100.1') FROM generate_series(1, 2) n;
\echo -- the holder of an initial access token makes one client for each of its uses; but documents that the server fetches for them are counted
SELECT oauth_create_initial_access_token(uses => 20) AS token \gset
CREATE FUNCTION pg_temp.of_sector(n integer, token text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT regexp_replace(concat_ws(' ', r.status, CASE WHEN r.status > 0 THEN convert_from(r.body, 'UTF8')::jsonb ->> 'error' END, (SELECT string_agg(h, ' ') FROM unnest(r.headers) h WHERE h ~ '^(Retry|Fetch)')), 'Retry-After: \d+$', 'Retry-After: n')
	FROM oauth.register(ROW('POST', '/oauth2/register', ARRAY['Content-Type: application/json', 'Authorization: Bearer ' || token],
		convert_to('{"redirect_uris": ["https://app.example/cb"], "sector_identifier_uri": "https://counted.example/' || n || '"}', 'UTF8'), 'https', '203.0.113.7')) r $$;
SELECT n, pg_temp.of_sector(n, :'token') FROM generate_series(1, 5) n;
SELECT count(*) FROM oauth.document WHERE url LIKE 'https://counted.example/%' AND wanted_at IS NOT NULL;
SELECT pg_temp.from('203.0.113.7', :'token') FROM generate_series(1, 3);
\echo -- what is here already is not fetched, and not counted
SELECT oauth_keep_document('https://counted.example/9', '["https://app.example/cb"]');
SELECT pg_temp.of_sector(9, :'token') FROM generate_series(1, 3);
DELETE FROM oauth.document WHERE url LIKE 'https://counted.example/%';
DELETE FROM oauth.throttle WHERE kind = 'registration';
SET oauth.registration_rate = 0;
SELECT DISTINCT pg_temp.from('198.51.100.1') FROM generate_series(1, 10);
\echo -- those that nobody has granted anything are so many at most, and the oldest go first
SELECT access_token FROM oauth_issue_token(:'open', 'register-2', 'register:admin') \gset
SELECT count(*) > 20 FROM oauth.client WHERE registration_token_hash IS NOT NULL AND deleted_at IS NULL;
SET oauth.registration_limit = 5;
CREATE TEMPORARY TABLE young (client_id text, n integer);
-- each in a transaction of its own, for a client is as old as its transaction
SELECT format('INSERT INTO young SELECT j ->> ''client_id'', %s FROM pg_temp.json(pg_temp.ask(''POST'', '''', jsonb_build_object(''redirect_uris'', ARRAY[''https://app.example/%s''])::text)) j', n, n) FROM generate_series(1, 7) n \gexec
SELECT n, deleted_at IS NULL, disabled_at IS NULL FROM young JOIN oauth.client USING (client_id) ORDER BY n;
SELECT count(*) FROM oauth.client c WHERE registration_token_hash IS NOT NULL AND deleted_at IS NULL AND NOT EXISTS (SELECT FROM oauth.grant g WHERE g.client_id = c.client_id);
SELECT deleted_at IS NULL FROM oauth.client WHERE client_id = :'open';
SELECT count(*) > 0 FROM oauth.client WHERE registration_token_hash IS NULL AND deleted_at IS NULL;
UPDATE oauth.client SET updated_at = now() - n * interval '1 second' FROM young WHERE young.client_id = client.client_id;
SET oauth.registration_limit = 2;
SELECT oauth_purge_expired() >= 0;
SELECT n FROM young JOIN oauth.client USING (client_id) WHERE deleted_at IS NULL ORDER BY n;
\echo -- a flood takes neither those that came with an initial access token nor those that came just now, while there are older ones
SELECT oauth_create_initial_access_token() AS initial \gset
SELECT pg_temp.json(pg_temp.ask('POST', '', '{"redirect_uris": ["https://vouched.example/"]}', :'initial')) ->> 'client_id' AS vouched \gset
UPDATE oauth.client SET updated_at = now() - interval '1 day', created_at = now() - interval '1 day' WHERE client_id = :'vouched';
UPDATE oauth.client SET updated_at = now() - interval '11 minutes' WHERE client_id IN (SELECT client_id FROM young) AND deleted_at IS NULL;
SELECT pg_temp.json(pg_temp.ask('POST', '', '{"redirect_uris": ["https://first.example/"]}')) ->> 'client_id' AS first \gset
SET oauth.registration_limit = 1;
CREATE TEMPORARY TABLE flood (client_id text, n integer);
INSERT INTO flood SELECT pg_temp.json(pg_temp.ask('POST', '', '{"redirect_uris": ["https://flood.example/"]}')) ->> 'client_id', 1;
SELECT count(young.n) AS old, count(*) FILTER (WHERE client_id = :'first') AS first, count(*) FILTER (WHERE client_id = :'vouched') AS vouched, count(flood.n) AS flood
	FROM oauth.client LEFT JOIN young USING (client_id) LEFT JOIN flood USING (client_id) WHERE deleted_at IS NULL;
SELECT format('INSERT INTO flood SELECT pg_temp.json(pg_temp.ask(''POST'', '''', ''{"redirect_uris": ["https://flood.example/"]}'')) ->> ''client_id'', %s', n) FROM generate_series(2, 4) n \gexec
SELECT n FROM flood JOIN oauth.client USING (client_id) WHERE deleted_at IS NULL;
SELECT client_id = :'vouched' AS is_vouched, vouched_at IS NOT NULL FROM oauth.client WHERE client_id IN (:'first', :'vouched') AND deleted_at IS NULL;
SET oauth.registration_limit = 0;
SELECT count(pg_temp.from('198.51.100.1')) FROM generate_series(1, 10);
SELECT count(*) FROM oauth.client c WHERE registration_token_hash IS NOT NULL AND deleted_at IS NULL AND NOT EXISTS (SELECT FROM oauth.grant g WHERE g.client_id = c.client_id);
RESET oauth.registration_limit;
DELETE FROM oauth.scope WHERE scope LIKE 'register:%';
\echo -- discovery
SELECT (convert_from(body, 'UTF8')::jsonb) ->> 'registration_endpoint' FROM oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL, 'https', NULL));
