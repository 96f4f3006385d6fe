-- explain.sql: oauth_explain_request(): why a request would be refused, without changing anything or showing a secret.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;

-- A database of its own, where everything can be counted.
\set main :DBNAME
CREATE DATABASE regress_oauth_explain TEMPLATE template0 ENCODING 'UTF8';
\c regress_oauth_explain
SET client_min_messages = warning;
CREATE EXTENSION oauth CASCADE;
SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://auth.example.com';
CREATE TABLE secret (secret text);
CREATE FUNCTION everything() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	r regclass;
	n text;
	every text := '';
BEGIN
	FOR r IN SELECT oid FROM pg_class WHERE relnamespace = 'oauth'::regnamespace AND relkind = 'r' ORDER BY relname LOOP
		EXECUTE format('SELECT count(*) || coalesce(md5(string_agg(t::text, '' '' ORDER BY t::text)), '''') FROM %s t', r) INTO n;
		every := every || r || n;
	END LOOP;
	RETURN md5(every);
END $$;
-- The rows, with words for ids, tokens and times; an error if something has changed, or a secret is shown.
CREATE FUNCTION explain(method text, target text, headers text[], body text DEFAULT NULL, scheme text DEFAULT 'https') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	before text := everything();
	lines text[];
BEGIN
	SELECT array_agg(format('%s %s: %s | %s%s', step, CASE ok WHEN true THEN 'ok' WHEN false THEN 'NO' ELSE '??' END, "check", detail, ' | -> ' || remedy) ORDER BY step) INTO lines
		FROM oauth_explain_request(ROW(method, target, headers, convert_to(body, 'UTF8'), scheme, '127.0.0.1'));
	ASSERT before = everything(), 'something has changed';
	ASSERT NOT EXISTS (SELECT FROM secret s, unnest(lines) l WHERE strpos(l, s.secret) > 0), 'a secret is shown';
	RETURN QUERY SELECT regexp_replace(regexp_replace(regexp_replace(regexp_replace(l, '[0-9a-f]{32}', '(id)', 'g'), '\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+', '(time)', 'g'), '(o[a-z0-9]{2}_)[-_A-Za-z0-9]{20,}', '\1...', 'g'),
		'oauth_(nonce|timestamp)%3D[^%&]*|clock is [0-3] s (ahead of|behind)|(?<=clock is )\d+', '(...)', 'g') FROM unnest(lines) l;
END $$;
CREATE FUNCTION form(body text, path text DEFAULT '/oauth2/token', headers text[] DEFAULT '{}') RETURNS SETOF text LANGUAGE sql AS $$
	SELECT explain('POST', path, headers || 'Content-Type: application/x-www-form-urlencoded'::text, body) $$;
CREATE FUNCTION call(path text, token text, method text DEFAULT 'GET') RETURNS SETOF text LANGUAGE sql AS $$ SELECT explain(method, path, ARRAY['Authorization: Bearer ' || token]) $$;

SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('Photo printer', grant_types => '{client_credentials,refresh_token,authorization_code}', redirect_uris => '{https://p.example/back,https://p.example/other}', scope => 'read') \gset
SELECT client_id AS other, client_secret AS other_secret FROM oauth_register_client('Other', grant_types => '{password}', token_endpoint_auth_method => 'client_secret_basic') \gset
SELECT client_id AS app FROM oauth_register_client('App', redirect_uris => '{https://app.example/back}', client_type => 'public', scope => 'read') \gset
SELECT oauth_create_user('alice', 'wonderland') AS alice \gset
INSERT INTO secret VALUES (:'secret'), (:'other_secret'), ('wonderland');
SELECT 'client_id=' || :'id' || '&client_secret=' || :'secret' || '&' AS client \gset

\echo -- the request itself: path, method, form, grant_type
SELECT explain('GET', '/nowhere', '{}');
SELECT explain('GET', '/oauth2/token', '{}');
SELECT explain('POST', '/oauth2/token?client_secret=x', '{}', 'a=b');
SELECT explain('POST', '/oauth2/token/', '{Content-Type: application/json}', '{}');
SELECT form('a=b');
SELECT form('grant_type=implicit');
\echo -- the client: none, unknown, wrong secret, white space, old secret, another way, public, disabled, deleted
SELECT form('grant_type=client_credentials');
SELECT form('grant_type=client_credentials&client_id=nob%1Body');
SELECT form('grant_type=client_credentials&client_id=' || :'id');
SELECT form('grant_type=client_credentials&client_id=' || :'id' || '&client_secret=guess');
SELECT form('grant_type=client_credentials&client_id=' || :'id' || '&client_secret=' || :'secret' || '%0A');
SELECT form('grant_type=password&username=alice&password=guess&client_id=' || :'other' || '&client_secret=' || :'other_secret');
SELECT form('grant_type=authorization_code&client_id=' || :'app' || '&client_secret=x');
SELECT oauth_rotate_client_secret(:'other', '1 hour') AS new_secret \gset
INSERT INTO secret VALUES (:'new_secret');
UPDATE oauth.client SET old_secret_expires_at = now() - interval '1 minute' WHERE client_id = :'other';
SELECT form('grant_type=password&username=alice&password=guess', headers => ARRAY['Authorization: Basic ' || replace(encode(convert_to(:'other' || ':' || :'other_secret', 'UTF8'), 'base64'), E'\n', '')]);
\echo -- nothing of that came to the audit log, nor was it counted as guesses
SELECT count(*) FROM oauth.event WHERE event = 'authenticate';
SELECT count(*) FROM oauth.throttle;
\echo -- a password is not tried, right or wrong
SELECT 'Authorization: Basic ' || replace(encode(convert_to(:'other' || ':' || :'new_secret', 'UTF8'), 'base64'), E'\n', '') AS basic \gset
SELECT form('grant_type=password&username=alice&password=wonderland', headers => ARRAY[:'basic']);
SELECT array_agg(f) = (SELECT array_agg(g) FROM form('grant_type=password&username=alice&password=guess', headers => ARRAY[:'basic']) g) FROM form('grant_type=password&username=alice&password=wonderland', headers => ARRAY[:'basic']) f;
SELECT form('grant_type=password&username=bob&password=guess', headers => ARRAY[:'basic']);
\echo -- the grant and the scope
SELECT form(:'client' || 'grant_type=password&username=alice&password=guess');
SELECT form(:'client' || 'grant_type=client_credentials&scope=write');
SELECT form(:'client' || 'grant_type=client_credentials&scope=none%20such');
SELECT form(:'client' || 'grant_type=client_credentials&scope=%22');
\echo -- R216: a remedy is pasted, so what a stranger sent is quoted
SELECT form(:'client' || 'grant_type=client_credentials&scope=x''%29;DROP%20TABLE%20oauth.client;--');
SELECT oauth_register_scope('it''s', 'Quoted') IS NULL;
SELECT form(:'client' || 'grant_type=client_credentials&scope=it''s');
SELECT form(:'client' || 'grant_type=password%20refresh_token');
\echo -- all is well, and yet no token was issued
SELECT form(:'client' || 'grant_type=client_credentials');

\echo -- codes: another thing, unknown, damaged, of another client, redirect_uri, PKCE, used, expired, ended
INSERT INTO oauth.subject VALUES ('alice-2') ON CONFLICT DO NOTHING;
CREATE FUNCTION code(client text, challenge text DEFAULT NULL, uri text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	h bigint := ((extract(epoch FROM clock_timestamp() - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint << 11) + 1000;
	c text;
BEGIN
	SELECT regexp_replace(access_token, '^oat_', 'oac_') INTO c FROM public.oauth_issue_token(client, 'alice-2');
	SELECT handle INTO h FROM oauth.access_token WHERE token_hash = sha256(convert_to(regexp_replace(c, '^oac_', 'oat_'), 'UTF8'));
	DELETE FROM oauth.access_token WHERE handle = h;
	INSERT INTO oauth.authorization_code (handle, grant_handle, expires_at, code_hash, redirect_uri, code_challenge)
		SELECT h, max(handle), now() + interval '1 minute', sha256(convert_to(c, 'UTF8')), uri, challenge FROM oauth.grant;
	INSERT INTO secret VALUES (c);
	RETURN c;
END $$;
SELECT code(:'id', NULL, 'https://p.example/back') AS code \gset
SELECT form(:'client' || 'grant_type=authorization_code');
SELECT form(:'client' || 'grant_type=authorization_code&code=x');
SELECT form(:'client' || 'grant_type=authorization_code&code=' || left(:'code', -1) || CASE right(:'code', 1) WHEN 'A' THEN 'E' ELSE 'A' END);
SELECT form('client_id=' || :'app' || '&grant_type=authorization_code&code=' || :'code');
SELECT form(:'client' || 'grant_type=authorization_code&code=' || :'code');
SELECT form(:'client' || 'grant_type=authorization_code&redirect_uri=https://p.example/other&code=' || :'code');
SELECT form(:'client' || 'grant_type=authorization_code&redirect_uri=https://p.example/back&code=' || :'code');
\echo -- (it still is good, once)
SELECT status FROM oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to(:'client' || 'grant_type=authorization_code&redirect_uri=https://p.example/back&code=' || :'code', 'UTF8'), 'https', NULL));
SELECT form(:'client' || 'grant_type=authorization_code&redirect_uri=https://p.example/back&code=' || :'code');
SELECT code(:'app', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM') AS code \gset
SELECT form('client_id=' || :'app' || '&grant_type=authorization_code&code=' || :'code');
SELECT form('client_id=' || :'app' || '&grant_type=authorization_code&code_verifier=' || repeat('x', 43) || '&code=' || :'code');
SELECT form('client_id=' || :'app' || '&grant_type=authorization_code&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk&code=' || :'code');
UPDATE oauth.authorization_code SET expires_at = now() - interval '1 s' WHERE code_hash = sha256(convert_to(:'code', 'UTF8'));
SELECT form('client_id=' || :'app' || '&grant_type=authorization_code&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk&code=' || :'code');
SELECT oauth_revoke_subject('alice-2') > 0;
SELECT form('client_id=' || :'app' || '&grant_type=authorization_code&code=' || :'code');
DELETE FROM oauth.authorization_code;
SELECT form('client_id=' || :'app' || '&grant_type=authorization_code&code=' || :'code');

\echo -- refresh tokens: an access token instead, used, of another client
SELECT access_token AS access, refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', 'read', refresh => true) \gset
INSERT INTO secret VALUES (:'access'), (:'refresh');
SELECT form(:'client' || 'grant_type=refresh_token&refresh_token=' || :'access');
SELECT form(:'client' || 'grant_type=refresh_token&refresh_token=' || :'refresh');
SELECT form(:'client' || 'grant_type=refresh_token&scope=write&refresh_token=' || :'refresh');
SELECT form('client_id=' || :'app' || '&grant_type=refresh_token&refresh_token=' || :'refresh');
SELECT status FROM oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to(:'client' || 'grant_type=refresh_token&refresh_token=' || :'refresh', 'UTF8'), 'https', NULL));
SELECT form(:'client' || 'grant_type=refresh_token&refresh_token=' || :'refresh');
SET oauth.refresh_grace = 0;
SELECT form(:'client' || 'grant_type=refresh_token&refresh_token=' || :'refresh');
RESET oauth.refresh_grace;
SELECT count(*) FROM oauth.grant WHERE ended_reason ~ 'reuse|twice|used';

\echo -- bearer tokens: none, a refresh token, unknown, living, expired, revoked, ended; scope, method, function
CREATE FUNCTION public.photos(oauth.http_request) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN RAISE 'called'; END $$;
SELECT oauth_protect('/api/photos', 'public.photos', 'read'), oauth_protect('/api/edit', 'public.photos', 'write', '{POST}');
SELECT explain('GET', '/api/photos', '{}');
SELECT explain('GET', '/api/photos?access_token=' || :'access', '{}');
SELECT call('/api/photos', :'refresh');
SELECT call('/api/photos', 'oat_' || repeat('A', 54));
SELECT access_token AS token FROM oauth_issue_token(:'id', 'app-7') \gset
INSERT INTO secret VALUES (:'token');
SELECT call('/api/photos', :'token');
SELECT call('/api/', :'token');
SELECT call('/auth?scope=write', :'token');
SELECT call('/api/photos', left(:'token', -1) || CASE right(:'token', 1) WHEN 'A' THEN 'E' ELSE 'A' END);
SELECT call('/api/edit', :'token', 'POST');
SELECT call('/api/edit', :'token', 'GET');
SELECT call('/api/none', :'token');
UPDATE oauth.access_token SET expires_at = now() - interval '1 s' WHERE token_hash = sha256(convert_to(:'token', 'UTF8'));
SELECT call('/api/photos', :'token');
UPDATE oauth.access_token SET expires_at = now() + interval '1 h';
SELECT oauth_revoke_token(:'token');
SELECT call('/api/photos', :'token');
SELECT access_token AS token FROM oauth_issue_token(:'id', 'app-8') \gset
SELECT oauth_disable_client(:'id');
SELECT call('/auth', :'token');
SELECT form(:'client' || 'grant_type=client_credentials');
SELECT form('client_id=' || :'app' || '&token=oat_cut-off', '/oauth2/revoke');
\echo -- revocation and introspection answer 200, whatever the token is
SELECT form('client_id=' || :'app' || '&token=' || :'token', '/oauth2/revoke');
SELECT form('token=nonsense', '/oauth2/introspect', ARRAY[:'basic']);
SELECT oauth_delete_client(:'id');
SELECT form(:'client' || 'grant_type=client_credentials');

\echo -- authorization requests: client, redirect_uri with the nearest, PKCE, scope, login
SELECT 'response_type=code&state=s&client_id=' || :'app' || '&redirect_uri=https%3A%2F%2Fapp.example%2F' AS ask \gset
SELECT explain('GET', '/oauth2/authorize', '{}');
SELECT explain('GET', '/oauth2/authorize?client_id=nobody', '{}');
SELECT explain('GET', '/oauth2/authorize?' || :'ask' || 'backk', '{}');
SELECT explain('GET', '/oauth2/authorize?' || :'ask' || 'back', '{}');
\set good '&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256'
SELECT explain('GET', '/oauth2/authorize?' || :'ask' || 'back&scope=write&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256', '{}');
SELECT explain('GET', '/oauth2/authorize?' || :'ask' || 'back&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256', '{}');
\echo -- each check of the endpoint that fails is a row, and its answer the last
SELECT query, array_to_string(ARRAY(SELECT regexp_replace(l, '^\d+ NO: ', '') FROM explain('GET', '/oauth2/authorize?' || replace(:'ask', 'response_type=code', type) || 'back' || query, '{}') l WHERE l ~ '^\d+ NO'), E'\n') AS refused FROM (VALUES
	('', 'response_type=code'), ('&code_challenge=x', 'response_type=code'), (:'good' || '&response_mode=fragment', 'response_type=code'), (:'good', 'response_type=token'), (:'good', ''), (:'good' || '&prompt=none+login', 'response_type=code'), (:'good' || '&max_age=abc', 'response_type=code'),
	(:'good' || '&id_token_hint=x', 'response_type=code'), (:'good' || '&claims=x', 'response_type=code'), (:'good' || '&dpop_jkt=x', 'response_type=code'), (:'good' || '&nonce=a&nonce=b', 'response_type=code'), (:'good' || '&resource=x', 'response_type=code')) v (query, type);
SELECT oauth_register_client('two', redirect_uris => '{https://a.example/,https://b.example/}') IS NOT NULL;
SELECT explain('GET', '/oauth2/authorize?response_type=code&client_id=' || client_id, '{}') FROM oauth.client WHERE client_name = 'two';

\echo -- authorization details (RFC 9396): a type that is missing, one that the client may not have, the form
SELECT oauth_register_authorization_details_type('photo');
SELECT explain('GET', '/oauth2/authorize?' || :'ask' || 'back&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&authorization_details=' || details, '{}') FROM unnest(ARRAY['[{"type":"unknown"}]', '[{"type":"photo"}]', '[{"type":"photo","type":"photo"}]']) details;
SELECT oauth_update_client(:'app', '{"authorization_details_types": ["photo"]}') IS NOT NULL;
SELECT explain('GET', '/oauth2/authorize?' || :'ask' || 'back&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&authorization_details=[{"type":"photo"}]', '{}');
SELECT oauth_unregister_authorization_details_type('photo');

\echo -- requests that are pushed, or signed (RFC 9126, 9101)
SELECT oauth_create_signing_key('ES256') IS NOT NULL;
SELECT r ->> 'client_id' AS signs, r ->> 'client_secret' AS signs_secret FROM oauth_register_client_metadata(jsonb_build_object('client_name', 'Signs', 'redirect_uris', '["https://signs.example/back"]'::jsonb, 'grant_types', '["authorization_code"]'::jsonb,
	'token_endpoint_auth_method', 'client_secret_post', 'scope', 'read', 'require_signed_request_object', true, 'jwks', oauth_jwks())) r \gset
INSERT INTO secret VALUES (:'signs_secret');
SELECT 'client_id=' || :'signs' || '&client_secret=' || :'signs_secret' AS signs_auth, '{"iss": "' || :'signs' || '", "aud": "https://auth.example.com", "client_id": "' || :'signs' || '", "response_type": "code", "scope": "read"}' AS claims \gset
CREATE FUNCTION signed(claims jsonb, typ text DEFAULT 'oauth-authz-req+jwt') RETURNS text LANGUAGE sql AS $$ SELECT oauth_sign_jwt(claims, 'ES256', typ) $$;
SELECT form(:'signs_auth' || '&response_type=code', '/oauth2/par');
SELECT form(:'signs_auth' || '&request_uri=x', '/oauth2/par');
SELECT form(:'signs_auth' || '&request=x', '/oauth2/par');
SELECT form(:'signs_auth' || '&request=a.b.c.d.e', '/oauth2/par');
SELECT form(:'signs_auth' || '&request=' || signed(:'claims', 'JWT'), '/oauth2/par');
SELECT form(:'signs_auth' || '&request=' || signed(:'claims'::jsonb || '{"aud": "https://elsewhere.example", "exp": 1}'), '/oauth2/par');
SELECT form(:'signs_auth' || '&request=' || signed(:'claims'::jsonb || '{"exp": 1}'), '/oauth2/par');
SELECT form(:'signs_auth' || '&request=' || signed(:'claims'::jsonb || '{"redirect_uri": "https://signs.example/backk", "scope": "write"}'), '/oauth2/par');
SELECT form(:'signs_auth' || '&request=' || signed(:'claims'), '/oauth2/par');
SELECT explain('GET', '/oauth2/authorize?client_id=' || :'signs' || '&request=' || signed(:'claims'::jsonb || jsonb_build_object('sub', :'signs')), '{}');
SELECT explain('GET', '/oauth2/authorize?client_id=' || :'signs' || '&request=' || signed(:'claims'), '{}');
SELECT explain('GET', '/oauth2/authorize?client_id=' || :'signs' || '&response_type=code', '{}');
SELECT explain('GET', '/oauth2/authorize?client_id=' || :'signs' || '&response_type=code&request_uri=https%3A%2F%2Fsigns.example%2F', '{}');
SELECT convert_from((oauth.par(ROW('POST', '/oauth2/par', '{Content-Type: application/x-www-form-urlencoded}', convert_to(:'signs_auth' || '&request=' || signed(:'claims'), 'UTF8'), 'https', NULL))).body, 'UTF8')::jsonb ->> 'request_uri' AS uri \gset
SELECT explain('GET', '/oauth2/authorize?client_id=' || :'signs' || '&request_uri=' || :'uri', '{}');
SELECT explain('GET', '/oauth2/authorize?client_id=' || :'app' || '&request_uri=' || :'uri', '{}');
SELECT explain('GET', '/oauth2/authorize?client_id=' || :'signs' || '&request_uri=' || :'uri' || 'x', '{}');
UPDATE oauth.pushed_request SET open_until = now();
SELECT explain('GET', '/oauth2/authorize?client_id=' || :'signs' || '&request_uri=' || :'uri', '{}');
UPDATE oauth.pushed_request SET used_at = now();
SELECT explain('GET', '/oauth2/authorize?client_id=' || :'signs' || '&request_uri=' || :'uri', '{}');
\echo -- keys that have to be fetched
SELECT FROM oauth_update_client(:'signs', '{"jwks": null, "jwks_uri": "https://signs.example/keys"}');
SELECT form(:'signs_auth' || '&request=' || signed(:'claims'), '/oauth2/par');
SELECT FROM oauth_keep_document('https://signs.example/keys', '{"keys": []}');
SELECT form(:'signs_auth' || '&request=' || signed(:'claims'), '/oauth2/par');
\echo -- OAuth 1.0a
SELECT client_id AS key, client_secret AS key_secret FROM oauth_register_client('Old printer', grant_types => '{oauth1_two_legged,oauth1,oauth1_xauth}') \gset
INSERT INTO secret VALUES (:'key_secret');
CREATE FUNCTION encode(plain text) RETURNS text LANGUAGE sql AS $$ SELECT left(public.oauth_signature('PLAINTEXT', '', plain), -1) $$;
CREATE FUNCTION signed(target text, key text, secret text, at text DEFAULT 'https://localhost', token text DEFAULT NULL, token_secret text DEFAULT '', shift integer DEFAULT 0, sign text DEFAULT 'HMAC-SHA1', body text DEFAULT NULL, signed_body text DEFAULT NULL, nonce text DEFAULT 'n') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	header text := format('OAuth oauth_consumer_key="%s", oauth_nonce="%s", oauth_timestamp="%s", oauth_signature_method="%s"', key, nonce, extract(epoch FROM now())::bigint + shift, sign) || coalesce(format(', oauth_token="%s"', token), '');
	signature text := oauth_signature(sign, oauth_signature_base_string('POST', at || target, header, signed_body), secret, token_secret);
BEGIN
	RETURN QUERY SELECT explain('POST', target, ARRAY['Host: localhost', 'Content-Type: application/x-www-form-urlencoded', 'Authorization: ' || header || ', oauth_signature="' || encode(signature) || '"'], coalesce(body, ''));
END $$;
SELECT signed('/api/', :'key', :'key_secret');
SELECT signed('/api/?b=2&a=1', :'key', :'key_secret', body => 'c=3', signed_body => 'c=3');
\echo -- the mistakes that are made most
SELECT signed('/api/', 'nobody', 'x');
SELECT signed('/api/', :'key', 'wrong');
SELECT signed('/api/', :'key', :'key_secret', at => 'http://localhost');
SELECT signed('/api/', :'key', :'key_secret', body => 'c=3');
SELECT signed('/api/', :'key', :'key_secret', shift => -310);
SELECT signed('/api/', :'key', :'key_secret', shift => 100000);
SELECT signed('/api/', :'app', 'x');
SELECT oauth_update_client(:'key', '{"signature_methods": ["HMAC-SHA256"]}') IS NOT NULL;
SELECT signed('/api/', :'key', :'key_secret');
SELECT oauth_update_client(:'key', '{"signature_methods": null}') IS NOT NULL;
SELECT signed('/api/', :'key', :'key_secret', token => 'o1t_x');
\echo -- a nonce that has been used; explaining does not use it
SELECT 'OAuth oauth_consumer_key="' || :'key' || '", oauth_nonce="once", oauth_timestamp="' || extract(epoch FROM now())::bigint || '", oauth_signature_method="PLAINTEXT", oauth_signature="' || :'key_secret' || '%26"' AS plain \gset
SELECT explain('GET', '/api', ARRAY['Host: localhost', 'Authorization: ' || :'plain']);
SELECT status FROM oauth.resource(ROW('GET', '/api', ARRAY['Host: localhost', 'Authorization: ' || :'plain'], NULL, 'https', NULL));
SELECT explain('GET', '/api', ARRAY['Host: localhost', 'Authorization: ' || :'plain']);
\echo -- temporary credentials; a password of xAuth is neither shown nor tried
SELECT explain('POST', '/oauth/request_token', ARRAY['Host: localhost', 'Authorization: OAuth oauth_consumer_key="x"'], '');
SELECT signed('/oauth/access_token', :'key', :'key_secret', body => 'x_auth_mode=client_auth&x_auth_username=alice&x_auth_password=wonderland', signed_body => 'x_auth_mode=client_auth&x_auth_username=alice&x_auth_password=wonderland');
SELECT signed('/oauth/access_token', :'key', :'key_secret', token => 'o1r_x');

\echo -- a secret that was imported may be weak, and is not tried either; a claims function is not called
UPDATE oauth.client SET secret_hash = NULL, old_secret_hash = NULL, old_secret_expires_at = NULL, imported_from = 'test', imported_secret_hash = crypt('weak', gen_salt('bf', 4)), token_endpoint_auth_method = NULL WHERE client_id = :'other';
SELECT form('token=nonsense&client_id=' || :'other' || '&client_secret=' || secret, '/oauth2/introspect') FROM unnest(ARRAY['weak']) secret;
SELECT array_agg(f) = (SELECT array_agg(g) FROM form('token=nonsense&client_id=' || :'other' || '&client_secret=guess', '/oauth2/introspect') g) FROM form('token=nonsense&client_id=' || :'other' || '&client_secret=weak', '/oauth2/introspect') f;
CREATE FUNCTION public.claims(text, text, text) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN RAISE 'called'; END $$;
SELECT oauth_set_claims_function('public.claims');
SELECT access_token AS token FROM oauth_issue_token(:'app', 'app-9') \gset
SELECT call('/api', :'token');
SELECT form('client_id=' || :'app' || '&token=' || :'token', '/oauth2/introspect');
SELECT call('/oauth2/userinfo', :'token');
SELECT oauth_set_claims_function(NULL);
SELECT call('/oauth2/userinfo', :'token');
\echo -- a registration, which is not made
SELECT explain('POST', '/oauth2/register', '{Content-Type: application/json}', '{"redirect_uris": ["javascript:x"]}');
SET oauth.registration = open;
SELECT explain('POST', '/oauth2/register', '{Content-Type: application/json}', '{"redirect_uris": ["javascript:x"]}');
SELECT explain('POST', '/oauth2/register', '{Content-Type: application/json}', '{"redirect_uris": ["https://r.example/"]}');
SELECT explain('GET', '/oauth2/register/nobody', '{Authorization: Bearer ora_x}');
\echo -- in pieces, also with the whole address; null; R217: hostile input is shown without its control characters
SELECT "check", detail FROM oauth_explain_request('GET', 'https://id.example.com:8443/api?a=b', ARRAY['Authorization: OAuth oauth_consumer_key="x"']) WHERE "check" = 'base string';
SELECT "check", detail FROM oauth_explain_request('GET', 'http://id.example.com?a=b', '{"Authorization: OAuth oauth_consumer_key=\"x\"",Host: other}') WHERE "check" = 'path';
SELECT "check", detail FROM oauth_explain_request('GET', 'http://id.example.com/auth', '{"Authorization: OAuth oauth_consumer_key=\"x\"",Host: other}') WHERE "check" = 'base string';
SELECT count(*), bool_and(ok) FROM oauth_explain_request('POST', '/oauth2/token', '{"Content-Type: application/x-www-form-urlencoded"}', 'grant_type=password');
SELECT step, "check", ok FROM oauth_explain_request('GET', '/api/');
SELECT oauth_explain_request(NULL);
SELECT oauth_explain_request(NULL, '/api');
SELECT oauth_explain_request('GET', NULL);
SELECT count(*) FROM oauth_explain_request('GET', '/api', NULL, NULL, NULL);
SELECT bool_or(detail ~ '[^ -~]') FROM oauth_explain_request(E'\e[2J', E'/\e[31m', ARRAY[NULL, '', E'\e', repeat('x', 100000)], repeat(E'\e=%zz&', 10000), E'\e');
SELECT bool_or(detail ~ '[^ -~]') FROM unnest(ARRAY['/oauth2/token', '/oauth2/authorize', '/oauth2/revoke', '/oauth2/introspect', '/oauth2/device_authorization', '/oauth/request_token', '/oauth/access_token', '/api/x', '/auth', '/oauth2/authorize/confirm']) path,
	unnest(ARRAY['grant_type=%1b%5B', 'client_id=%1b&client_secret=%1b', 'code=&token=&refresh_token=', repeat('a=b&', 5000), '&&&=', '%00', '%ff', 'oauth_token=%1b&oauth_consumer_key=%1b']) body,
	LATERAL oauth_explain_request('POST', path || '?' || body, ARRAY['Content-Type: application/x-www-form-urlencoded', 'Authorization: OAuth ' || body], body);
\echo -- it is for administrators, and no role may forge an identity with it
CREATE ROLE regress_oauth_explainer;
SET ROLE regress_oauth_explainer;
SELECT oauth_explain_request('GET', '/api/');
RESET ROLE;
GRANT EXECUTE ON FUNCTION oauth_explain_request(text, text, text[], text, text) TO regress_oauth_explainer;
SET ROLE regress_oauth_explainer;
SELECT count(*) > 0 FROM oauth_explain_request('GET', '/api/');
RESET ROLE;
SELECT access_token AS token FROM oauth_issue_token(:'app', 'somebody') \gset
SELECT access_token AS mine FROM oauth_issue_token(:'app', 'me') \gset
BEGIN;
SELECT oauth_authenticate('Bearer ' || :'mine');
SELECT count(*) > 0 FROM oauth_explain_request('GET', '/api/', ARRAY['Authorization: Bearer ' || :'token']);
SELECT oauth_subject();
COMMIT;
DROP OWNED BY regress_oauth_explainer;
DROP ROLE regress_oauth_explainer;

\echo -- a JWT as a grant: no JWT, of nobody, keys that are not here, a signature, an audience, a time, a subject
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('Agent', grant_types => '{client_credentials,urn:ietf:params:oauth:grant-type:jwt-bearer,urn:ietf:params:oauth:grant-type:token-exchange}') \gset
SELECT client_id AS other FROM oauth_register_client('Another') \gset
INSERT INTO secret VALUES (:'secret');
SELECT 'client_id=' || :'id' || '&client_secret=' || :'secret' || '&' AS client \gset
SELECT oauth_create_signing_key('ES256') IS NOT NULL;
SELECT oauth_jwks() AS keys \gset
CREATE FUNCTION jwt(change jsonb DEFAULT '{}', typ text DEFAULT 'JWT') RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT oauth_sign_jwt(jsonb_build_object('iss', 'https://idp.example', 'sub', 'a-1', 'aud', 'https://auth.example.com', 'exp', floor(extract(epoch FROM now())) + 120.0) || change, 'ES256', typ) $$;
CREATE FUNCTION bearer(client text, assertion text) RETURNS SETOF text LANGUAGE sql AS $$ SELECT regexp_replace(regexp_replace(l, '(?<=kid )[-_A-Za-z0-9]{43}', '(kid)'), '\d+ seconds (ahead|ago)', '(n) seconds \1', 'g') FROM form(client || 'grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=' || assertion) l $$;
SELECT bearer(:'client', 'x');
SELECT bearer(:'client', jwt());
SELECT bearer(:'client', jwt('{"iss": "https://auth.example.com"}'));
SELECT oauth_trust_issuer('https://idp.example', jwks_uri => 'https://idp.example/jwks');
SELECT bearer(:'client', jwt());
INSERT INTO oauth.document (url, failed_at, problem) VALUES ('https://idp.example/jwks', now(), 'there was no answer');
SELECT bearer(:'client', jwt());
DELETE FROM oauth.document;
SELECT oauth_trust_issuer('https://idp.example', '{"keys": [{"kty": "EC", "crv": "P-256", "kid": "a", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}');
SELECT bearer(:'client', jwt());
INSERT INTO oauth.document (url, body, media_type, fetched_at, fresh_until) SELECT 'https://idp.example/jwks', jwks, 'application/json', now() - interval '2 minutes', now() + interval '1 hour' FROM oauth.trusted_issuer;
SELECT oauth_trust_issuer('https://idp.example', jwks_uri => 'https://idp.example/jwks');
SELECT bearer(:'client', jwt());
DELETE FROM oauth.document;
SELECT oauth_trust_issuer('https://idp.example', :'keys');
SELECT bearer(:'client', jwt());
SELECT bearer(:'client', jwt('{"aud": "https://there.example", "exp": 1000000000, "client_id": "another"}', 'oauth-id-jag+jwt'));
\echo -- each rule of the endpoint is a step that fails: the refused steps of each, the answer last
SELECT what, array_to_string(ARRAY(SELECT regexp_replace(b, '^\d+ NO: ', '') FROM bearer(:'client', jwt(change::jsonb, typ)) b WHERE b ~ '^\d+ NO'), E'\n') AS refused FROM (VALUES
	('exp far ahead', format('{"exp": %s}', floor(extract(epoch FROM now())) + 395), 'JWT'),
	('iat in the future', format('{"iat": %s}', floor(extract(epoch FROM now())) + 3600), 'JWT'),
	('another typ', '{}', 'logout+jwt'),
	('a logout token without a typ', '{"events": {}}', 'JWT'),
	('an ID token', '{"nonce": "n"}', 'JWT'),
	('no sub', '{"sub": ""}', 'JWT'),
	('another aud', '{"aud": "https://x/"}', 'JWT'),
	('jti is no text', '{"jti": 7}', 'JWT'),
	('another client', '{"client_id": "x"}', 'JWT'),
	('an identity assertion without a client', '{}', 'oauth-id-jag+jwt'),
	('another key', '{"cnf": {"jkt": "x"}}', 'JWT')) v (what, change, typ);
SELECT oauth_trust_issuer('https://idp.example', :'keys', audience => 'https://aud.example/');
SELECT bearer(:'client', jwt());
CREATE FUNCTION who(issuer text, claims jsonb) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'called'; END $$;
SET client_min_messages = error;
SELECT oauth_trust_issuer('https://idp.example', :'keys', subject_function => 'public.who');
SET client_min_messages = warning;
SELECT bearer(:'client', jwt());
\echo -- an exchange: of a token of its own, of one of another client, of a JWT
CREATE FUNCTION exchanged(client text, token text, type text) RETURNS SETOF text LANGUAGE sql AS $$ SELECT regexp_replace(l, '(?<=kid )[-_A-Za-z0-9]{43}', '(kid)') FROM form(client || 'grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token=' || token || '&subject_token_type=urn:ietf:params:oauth:token-type:' || type) l $$;
SELECT exchanged(:'client', (SELECT access_token FROM oauth_issue_token(:'id')), 'access_token');
SELECT exchanged(:'client', (SELECT access_token FROM oauth_issue_token(:'other', 'x-1')), 'access_token');
SELECT exchanged(:'client', jwt('{"iss": "https://nobody.example"}'), 'jwt');
SELECT exchanged(:'client', 'x', 'id_token');
SELECT oauth_distrust_issuer('https://idp.example');
\c :main
DROP DATABASE regress_oauth_explain;

\echo -- the table of paths that it uses; every path has its function, and a lane to begin on
SELECT r.path, r.methods, r.lane FROM oauth.routes() r WHERE r.function IN ('token', 'resource') ORDER BY r.path COLLATE "C";
SELECT r.path FROM oauth.routes() r WHERE r.lane NOT IN ('reading', 'writing') OR to_regprocedure(format('oauth.%I(oauth.http_request)', r.function)) IS NULL;
