-- oauth1_access_token.sql: approval, verifiers and token credentials (RFC 5849, sections 2.2 and 2.3), and calls with them.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;

SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('three <legs>', grant_types => '{oauth1,oauth1_xauth,oauth1_two_legged}', scope => 'read write') \gset
SELECT client_id AS other, client_secret AS other_secret FROM oauth_register_client('three other', grant_types => '{oauth1}') \gset
SELECT oauth_create_user('three alice', 'wonderland') AS alice \gset
-- A request signed here: parameters are name=value, values are encoded; what is signed is not always what is sent.
CREATE FUNCTION pg_temp.encode(plain text) RETURNS text LANGUAGE sql AS $$ SELECT left(oauth_signature('PLAINTEXT', '', plain), -1) $$;
CREATE FUNCTION pg_temp.header(parameters text[]) RETURNS text LANGUAGE sql AS $$
	SELECT 'OAuth ' || string_agg(split_part(p, '=', 1) || '="' || pg_temp.encode(substr(p, strpos(p, '=') + 1)) || '"', ', ' ORDER BY n) FROM unnest(parameters) WITH ORDINALITY u (p, n) $$;
CREATE FUNCTION pg_temp.now_(seconds integer DEFAULT 0) RETURNS text LANGUAGE sql AS $$ SELECT 'oauth_timestamp=' || extract(epoch FROM clock_timestamp())::bigint + seconds $$;
CREATE FUNCTION pg_temp.nonce() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT 'oauth_nonce=' || gen_random_uuid() $$;
CREATE FUNCTION pg_temp.signed(path text, parameters text[], secret text, token_secret text DEFAULT '', signature_method text DEFAULT 'HMAC-SHA1', method text DEFAULT 'POST', peer inet DEFAULT '127.0.0.1', scheme text DEFAULT 'http')
RETURNS oauth.http_request LANGUAGE plpgsql AS $$
DECLARE
	header text := pg_temp.header(parameters || ('oauth_signature_method=' || signature_method));
	signature text := oauth_signature(signature_method, oauth_signature_base_string(method, scheme || '://localhost' || path, header), secret, token_secret);
BEGIN
	RETURN ROW(method, path, ARRAY['Host: localhost', 'Authorization: ' || header || ', oauth_signature="' || pg_temp.encode(signature) || '"'], NULL, scheme, peer)::oauth.http_request;
END $$;
CREATE FUNCTION pg_temp.member(r oauth.http_response, name text) RETURNS text LANGUAGE sql AS $$ SELECT substring(convert_from(r.body, 'UTF8') FROM name || '=([^&]*)') $$;
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || coalesce(pg_temp.member(r, 'oauth_problem'), regexp_replace(regexp_replace(convert_from(r.body, 'UTF8'), '(o1[rts]_)[-_A-Za-z0-9]+', '\1...', 'g'), '[0-9a-f]{32}', '<id>', 'g'))
	|| coalesce(' | ' || (SELECT h FROM unnest(r.headers) h WHERE h LIKE 'WWW-%'), '') $$;
CREATE FUNCTION pg_temp.rows() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT concat_ws(' ', (SELECT count(*) FROM oauth.request_token), (SELECT count(*) FROM oauth.oauth1_token), (SELECT count(*) FROM oauth.grant), (SELECT sum(n) FROM (SELECT count(*) AS n FROM oauth.nonce_0 UNION ALL SELECT count(*) FROM oauth.nonce_1 UNION ALL
	SELECT count(*) FROM oauth.nonce_2 UNION ALL SELECT count(*) FROM oauth.nonce_3 UNION ALL SELECT count(*) FROM oauth.nonce_4 UNION ALL SELECT count(*) FROM oauth.nonce_5 UNION ALL SELECT count(*) FROM oauth.nonce_6 UNION ALL SELECT count(*) FROM oauth.nonce_7) x)) $$;
CREATE FUNCTION pg_temp.cookie(session text) RETURNS text[] LANGUAGE sql AS $$ SELECT ARRAY['Content-Type: application/x-www-form-urlencoded', 'Cookie: oauth_browser=00000000000000000000000000000000; oauth_session=' || session] $$;
CREATE FUNCTION pg_temp.text(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || regexp_replace(regexp_replace(regexp_replace(coalesce((SELECT substr(h, 11) FROM unnest(r.headers) h WHERE h LIKE 'Location:%'),
		(SELECT string_agg(m[1], ' / ') FROM regexp_matches(convert_from(r.body, 'UTF8'), '<(?:h1|p|li|button)[^>]*>([^\n]*?)</(?:h1|p|li|button)>', 'g') m)),
		'o1r_[-_A-Za-z0-9]+', 'o1r_...', 'g'), '[0-9a-f]{32}', '<id>', 'g'), '[A-Z2-9]{4}-[A-Z2-9]{4}', 'XXXX-XXXX') $$;
CREATE FUNCTION pg_temp.see(token text, session text DEFAULT '', more text DEFAULT '') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.oauth1_authorize(ROW('GET', '/oauth/authorize?oauth_token=' || token || more, pg_temp.cookie(session), NULL, 'http', '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.decide(token text, session text, decision text, form text DEFAULT NULL) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.oauth1_authorize(ROW('POST', '/oauth/authorize', pg_temp.cookie(session), convert_to(format('request=%s&decision=%s&token=%s', token, decision,
		coalesce(form, substring(convert_from((pg_temp.see(token, session)).body, 'UTF8') FROM 'name="token" value="([^"]*)'))), 'UTF8'), 'http', '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.initiate(id text, secret text, callback text DEFAULT 'https://app.example/ready?x=1') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.oauth1_request_token(pg_temp.signed('/oauth/request_token', ARRAY['oauth_consumer_key=' || id, pg_temp.now_(), pg_temp.nonce(), 'oauth_callback=' || callback], secret)) $$;
CREATE FUNCTION pg_temp.exchange(id text, secret text, token text, token_secret text, verifier text) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.oauth1_access_token(pg_temp.signed('/oauth/access_token', ARRAY['oauth_consumer_key=' || id, 'oauth_token=' || token, pg_temp.now_(), pg_temp.nonce()] || coalesce('oauth_verifier=' || verifier, 'oauth_version=1.0'), secret, token_secret)) $$;
CREATE FUNCTION pg_temp.verifier(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT coalesce((SELECT substring(h FROM 'oauth_verifier=([^&]*)') FROM unnest(r.headers) h WHERE h LIKE 'Location:%'), substring(convert_from(r.body, 'UTF8') FROM '[A-Z2-9]{4}-[A-Z2-9]{4}')) $$;
SELECT substring(h FROM 'oauth_session=(oas_[-_A-Za-z0-9]+)') AS session FROM (
	SELECT oauth.login(ROW('GET', '/login', pg_temp.cookie(''), NULL, 'http', '127.0.0.1')) AS page) p,
	LATERAL (SELECT (oauth.login(ROW('POST', '/login', pg_temp.cookie(''), convert_to('token=' || substring(convert_from((page).body, 'UTF8') FROM 'name="token" value="([^"]*)') || '&username=three+alice&password=wonderland', 'UTF8'), 'http', '127.0.0.1'))).headers) l,
	unnest(l.headers) h WHERE h LIKE 'Set-Cookie: oauth_session%' \gset

\echo -- R38: nothing to decide
SELECT pg_temp.text(pg_temp.see(token, :'session')) FROM (VALUES (''), ('x'), ('o1r_' || repeat('A', 54))) v (token);
SELECT pg_temp.member(r, 'oauth_token') AS token, pg_temp.member(r, 'oauth_token_secret') AS token_secret FROM pg_temp.initiate(:'id', :'secret') r \gset
\echo -- R47: not approved yet
SELECT pg_temp.show(pg_temp.exchange(:'id', :'secret', :'token', :'token_secret', 'x'));
\echo -- R39: login first
SELECT pg_temp.text(pg_temp.see(:'token'));
\echo -- R40, R165: who asks, and R42: the callback of old is not looked at
SELECT pg_temp.text(pg_temp.see(:'token', :'session', '&oauth_callback=https%3A%2F%2Fevil.example%2F'));
\echo -- R50: the form of this session and this token
SELECT status FROM pg_temp.decide(:'token', :'session', 'approve', 'x');
SELECT status FROM pg_temp.decide(:'token', '', 'approve', 'x');
SELECT status FROM pg_temp.decide(:'token', :'session', 'perhaps');
\echo -- R41: approved
SELECT pg_temp.decide(:'token', :'session', 'approve') AS approved \gset
SELECT pg_temp.text(:'approved'::oauth.http_response);
SELECT pg_temp.verifier(:'approved'::oauth.http_response) AS verifier \gset
SELECT length(:'verifier');
SELECT pg_temp.text(pg_temp.see(:'token', :'session'));
\echo -- R46, R47: without verifier, by another client
SELECT pg_temp.show(pg_temp.exchange(:'id', :'secret', :'token', :'token_secret', NULL));
SELECT pg_temp.show(pg_temp.exchange(:'other', :'other_secret', :'token', :'token_secret', :'verifier'));
SELECT pg_temp.show(pg_temp.exchange(:'id', :'secret', :'token', 'wrong', :'verifier'));
SELECT pg_temp.show(pg_temp.exchange(:'id', :'secret', :'token', :'token_secret', 'wrong'));
\echo -- exchanged, once (R48)
SELECT pg_temp.exchange(:'id', :'secret', :'token', :'token_secret', :'verifier') AS credentials \gset
SELECT pg_temp.show(:'credentials'::oauth.http_response);
SELECT pg_temp.show(pg_temp.exchange(:'id', :'secret', :'token', :'token_secret', :'verifier'));
SELECT pg_temp.member(:'credentials'::oauth.http_response, 'oauth_token') AS access, pg_temp.member(:'credentials'::oauth.http_response, 'oauth_token_secret') AS access_secret \gset
\echo -- R44: denied
SELECT pg_temp.member(r, 'oauth_token') AS token, pg_temp.member(r, 'oauth_token_secret') AS token_secret FROM pg_temp.initiate(:'id', :'secret') r \gset
SELECT pg_temp.text(pg_temp.decide(:'token', :'session', 'deny'));
SELECT pg_temp.show(pg_temp.exchange(:'id', :'secret', :'token', :'token_secret', 'x'));
SELECT pg_temp.text(pg_temp.see(:'token', :'session'));
\echo -- R43: out of band, typed as people type; R45: five wrong ones end it
SELECT pg_temp.member(r, 'oauth_token') AS token, pg_temp.member(r, 'oauth_token_secret') AS token_secret FROM pg_temp.initiate(:'id', :'secret', 'oob') r \gset
SELECT pg_temp.decide(:'token', :'session', 'approve') AS approved \gset
SELECT pg_temp.text(:'approved'::oauth.http_response);
SELECT pg_temp.show(pg_temp.exchange(:'id', :'secret', :'token', :'token_secret', 'AAAA-AAA' || n)) FROM generate_series(2, 5) n;
SELECT left(pg_temp.show(pg_temp.exchange(:'id', :'secret', :'token', :'token_secret', lower(replace(pg_temp.verifier(:'approved'::oauth.http_response), '-', '')))), 16);
SELECT pg_temp.member(r, 'oauth_token') AS token, pg_temp.member(r, 'oauth_token_secret') AS token_secret FROM pg_temp.initiate(:'id', :'secret', 'oob') r \gset
SELECT pg_temp.decide(:'token', :'session', 'approve') AS approved \gset
SELECT pg_temp.show(pg_temp.exchange(:'id', :'secret', :'token', :'token_secret', 'AAAA-AAA' || n)) FROM generate_series(2, 6) n;
SELECT pg_temp.show(pg_temp.exchange(:'id', :'secret', :'token', :'token_secret', pg_temp.verifier(:'approved'::oauth.http_response)));
\echo -- R49: expired
SELECT pg_temp.member(r, 'oauth_token') AS token, pg_temp.member(r, 'oauth_token_secret') AS token_secret FROM pg_temp.initiate(:'id', :'secret') r \gset
SELECT pg_temp.verifier(pg_temp.decide(:'token', :'session', 'approve')) AS verifier \gset
UPDATE oauth.request_token SET expires_at = now() - interval '1 second' WHERE token_hash = sha256(convert_to(:'token', 'UTF8'));
SELECT pg_temp.show(pg_temp.exchange(:'id', :'secret', :'token', :'token_secret', :'verifier'));

\echo -- calls: signed with both secrets (R56, R63, R64)
CREATE FUNCTION pg_temp.call(id text, secret text, token text, token_secret text, method text DEFAULT 'HMAC-SHA1', peer inet DEFAULT '127.0.0.1', path text DEFAULT '/api/') RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.show(oauth.resource(pg_temp.signed(path, ARRAY['oauth_consumer_key=' || id, pg_temp.now_(), pg_temp.nonce()] || ('oauth_token=' || token), secret, token_secret, method, 'GET', peer))) $$;
SELECT method, pg_temp.call(:'id', :'secret', :'access', :'access_secret', method) FROM unnest(ARRAY['HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512', 'PLAINTEXT']) method;
SELECT pg_temp.call(:'id', :'secret', :'access', :'access_secret', 'PLAINTEXT', '192.0.2.1');
SELECT pg_temp.call(:'id', :'secret', :'access', '');
SELECT pg_temp.call(:'id', 'wrong', :'access', :'access_secret');
SELECT pg_temp.call(:'other', :'other_secret', :'access', :'access_secret');
SELECT pg_temp.call(:'id', :'secret', 'o1t_' || repeat('A', 54), :'access_secret');
SELECT pg_temp.call(:'id', :'secret', :'token', :'token_secret');
\echo -- without a token: the client itself, if it may
SELECT pg_temp.call(:'id', :'secret', '', '');
SELECT pg_temp.call(:'other', :'other_secret', '', '');
\echo -- R81: two schemes
SELECT (oauth.resource(ROW('GET', '/api/', ARRAY['Host: localhost', 'Authorization: Bearer x', 'Authorization: OAuth oauth_nonce="x"'], NULL, 'http', NULL))).status;
\echo -- R70, R72: what a proxy asks about; a form in the body is signed, another body is not
CREATE FUNCTION pg_temp.parameters(id text, token text) RETURNS text[] LANGUAGE sql VOLATILE AS $$ SELECT ARRAY['oauth_consumer_key=' || id, 'oauth_token=' || token, pg_temp.now_(), pg_temp.nonce()] $$;
SELECT r.status FROM pg_temp.signed('/photos?size=1', pg_temp.parameters(:'id', :'access'), :'secret', :'access_secret', method => 'DELETE') q, LATERAL oauth.forward_auth(ROW('GET', '/auth?scope=read', q.headers || ARRAY['X-Original-Method: DELETE', 'X-Original-URI: /photos?size=1'], NULL, 'http', '127.0.0.1')) r WHERE r.headers::text LIKE '%X-OAuth-Scope: read%';
SELECT r.status FROM pg_temp.signed('/photos?size=1', pg_temp.parameters(:'id', :'access'), :'secret', :'access_secret', method => 'DELETE') q, LATERAL oauth.forward_auth(ROW('GET', '/auth', q.headers || ARRAY['X-Original-Method: GET', 'X-Original-URI: /photos?size=1'], NULL, 'http', '127.0.0.1')) r;
SELECT r.status FROM pg_temp.signed('/auth?scope=write', pg_temp.parameters(:'id', :'access'), :'secret', :'access_secret', method => 'GET') q, LATERAL oauth.forward_auth(q) r;
SELECT type, r.status FROM unnest(ARRAY['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded; charset=UTF-8', 'application/json', 'multipart/form-data; boundary=x']) type,
	LATERAL pg_temp.signed('/api/' || repeat('', length(type)), pg_temp.parameters(:'id', :'access'), :'secret', :'access_secret', method => 'PUT') q, LATERAL oauth.resource(ROW('PUT', '/api/', q.headers || ('Content-Type: ' || type), 'a=1'::bytea, 'http', '127.0.0.1')) r;
\echo -- the transaction of the application
BEGIN;
SELECT oauth_authenticate_request(pg_temp.signed('/x', pg_temp.parameters(:'id', :'access'), :'secret', :'access_secret'));
SELECT oauth_subject() = :'alice', oauth_client() = :'id', oauth_scope();
SELECT oauth_authenticate_request(pg_temp.signed('/x', pg_temp.parameters(:'id', :'access'), :'secret', 'wrong'));
SELECT oauth_subject() IS NULL;
ROLLBACK;
\echo -- what has ended is told to who could sign
BEGIN;
UPDATE oauth.oauth1_token SET expires_at = now() - interval '1 second' WHERE token_hash = sha256(convert_to(:'access', 'UTF8'));
SELECT pg_temp.call(:'id', :'secret', :'access', :'access_secret');
ROLLBACK;
BEGIN;
SELECT oauth_revoke_subject(:'alice') > 0;
SELECT pg_temp.call(:'id', :'secret', :'access', :'access_secret');
SELECT pg_temp.call(:'id', :'secret', :'access', 'wrong');
ROLLBACK;
BEGIN;
SELECT oauth_disable_user('three alice');
SELECT pg_temp.call(:'id', :'secret', :'access', :'access_secret');
ROLLBACK;
\echo -- R63, R66: a client that registered a key signs with that key, and with nothing else
SELECT client_id AS rsa, coalesce(client_secret, 'none') AS rsa_secret FROM oauth_register_client('three rsa', grant_types => '{oauth1_two_legged}', rsa_public_key => $$-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAn1UGOmDO4FzoFg6kQiSi
mpQESk+yEewY27gD1WbfOsIMYb7f5ncPQI1M8WDn3cqeIBxpB6cJOSxX+rrmuG6c
6brc0D0Y1CxjhlMR4bcBC4BJwr8AxvHuUnZKK/WsJ0F2cFlh9HlViT2sGAVTesnJ
ETa2ApUNVP66MhPUOucvK6p3FhmeoDxAIIRQfw4JQLgDktqp8h+HloQ8DRDEueqc
mOZ/kFtpMhemDDDr5nih6s5cnJ7vgxCdCvgUNlcqc4uPcwEnRhKVgRQ8JbXUGLZL
VtGxXLVs0r5bbmB5g5oXXojlQuJVHVmbW8uASfLUt9J8we6ndOSwPJe93EM597h1
mQIDAQAB
-----END PUBLIC KEY-----
$$) \gset
\echo :rsa_secret
SELECT method, pg_temp.call(:'rsa', key, '', '', method) FROM (VALUES ('HMAC-SHA1', ''), ('PLAINTEXT', ''), ('HMAC-SHA1', 'none')) v (method, key);
SELECT pg_temp.call(:'rsa', (SELECT rsa_public_key FROM oauth.client WHERE client_id = :'rsa'), '', '');
\echo -- xAuth
CREATE FUNCTION pg_temp.xauth(id text, secret text, query text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.show(oauth.oauth1_access_token(pg_temp.signed('/oauth/access_token?' || query, ARRAY['oauth_consumer_key=' || id, pg_temp.now_(), pg_temp.nonce()], secret))) $$;
SELECT pg_temp.xauth(:'id', :'secret', 'x_auth_mode=client_auth&x_auth_username=three+alice&x_auth_password=wonderland');
SELECT query, pg_temp.xauth(:'id', :'secret', query) FROM (VALUES ('x_auth_mode=client_auth&x_auth_username=three+alice&x_auth_password=wrong'), ('x_auth_mode=client_auth&x_auth_username=nobody&x_auth_password=x'), ('x_auth_mode=client_auth&x_auth_username=three+alice'), ('x_auth_mode=reverse_auth&x_auth_username=a&x_auth_password=b')) v (query);
SELECT pg_temp.xauth(:'other', :'other_secret', 'x_auth_mode=client_auth&x_auth_username=three+alice&x_auth_password=wonderland');
