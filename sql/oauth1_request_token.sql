-- oauth1_request_token.sql: temporary credentials (RFC 5849, section 2.1), and what every signed request is refused for.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;

SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('initiate', grant_types => '{oauth1}') \gset
SELECT client_id AS bound, client_secret AS bound_secret FROM oauth_register_client('initiate bound', grant_types => '{oauth1}', redirect_uris => '{https://app.example/ready,http://127.0.0.1/ready}') \gset
SELECT client_id AS other, client_secret AS other_secret FROM oauth_register_client('initiate other', grant_types => '{oauth1_xauth}') \gset
SELECT client_id AS oauth2, client_secret AS oauth2_secret FROM oauth_register_client('initiate oauth2', grant_types => '{client_credentials}') \gset
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
CREATE FUNCTION pg_temp.ask(more text[], id text, secret text, path text DEFAULT '/oauth/request_token') RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.show(oauth.oauth1_request_token(pg_temp.signed(path, ARRAY['oauth_consumer_key=' || id, pg_temp.now_(), pg_temp.nonce()] || more, secret))) $$;
CREATE FUNCTION pg_temp.raw(authorization_ text, target text DEFAULT '/oauth/request_token', body text DEFAULT NULL, scheme text DEFAULT 'http', peer inet DEFAULT '127.0.0.1') RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.show(oauth.oauth1_request_token(ROW('POST', target, ARRAY['Host: localhost', 'Content-Type: application/x-www-form-urlencoded'] || ('Authorization: ' || authorization_), convert_to(body, 'UTF8'), scheme, peer))) $$;

\echo -- R31: what is handed out
SELECT pg_temp.ask('{oauth_callback=oob}', :'id', :'secret');
SELECT (oauth.oauth1_request_token(pg_temp.signed('/oauth/request_token', ARRAY['oauth_consumer_key=' || :'id', pg_temp.now_(), pg_temp.nonce(), 'oauth_callback=oob'], :'secret'))).headers;
SELECT pg_temp.rows() AS before \gset
\echo -- R32, R33, R34: the callback
SELECT pg_temp.ask('{}', :'id', :'secret');
SELECT callback, pg_temp.ask(ARRAY['oauth_callback=' || callback], :'id', :'secret') FROM (VALUES (''), ('OOB'), ('ready'), ('/ready'), ('javascript:alert(1)'), ('https://app.example/#x'), ('http://app.example/'), ('https://u@app.example/'), ('data:text/html,x')) v (callback);
SELECT callback, pg_temp.ask(ARRAY['oauth_callback=' || callback], :'id', :'secret') FROM (VALUES ('https://app.example/?x=1'), ('http://127.0.0.1:5000/ready'), ('com.example.app:/ready')) v (callback);
SELECT callback, pg_temp.ask(ARRAY['oauth_callback=' || callback], :'bound', :'bound_secret') FROM (VALUES ('https://app.example/ready'), ('http://127.0.0.1:5000/ready'), ('oob'), ('https://app.example/ready/'), ('https://app.example/Ready'), ('https://evil.example/')) v (callback);
\echo -- R35: an empty token is none; another is one too many
SELECT pg_temp.ask('{oauth_callback=oob,oauth_token=}', :'id', :'secret');
SELECT pg_temp.ask('{oauth_callback=oob,oauth_token=x}', :'id', :'secret');
\echo -- R36: GET works, as clients of old do it
SELECT pg_temp.show(oauth.oauth1_request_token(pg_temp.signed('/oauth/request_token', ARRAY['oauth_consumer_key=' || :'id', pg_temp.now_(), pg_temp.nonce(), 'oauth_callback=oob'], :'secret', method => 'GET')));
\echo -- R37: over TLS, or on this machine
SELECT peer, scheme, pg_temp.show(oauth.oauth1_request_token(pg_temp.signed('/oauth/request_token', ARRAY['oauth_consumer_key=' || :'id', pg_temp.now_(), pg_temp.nonce(), 'oauth_callback=oob'], :'secret', peer => peer, scheme => scheme)))
	FROM (VALUES ('192.0.2.1'::inet, 'http'), ('192.0.2.1', 'https'), ('::1', 'http'), ('::ffff:192.0.2.1', 'http'), ('127.1.2.3', 'http'), (NULL, 'http')) v (peer, scheme);
\echo -- scope
SELECT scope, pg_temp.ask('{oauth_callback=oob}', :'id', :'secret', '/oauth/request_token?scope=' || scope) FROM (VALUES ('read'), ('write'), ('%22'), ('')) v (scope);

SELECT pg_temp.rows() AS before \gset
\echo -- R51: what is missing
SELECT pg_temp.raw('OAuth oauth_callback="oob"');
SELECT left_out, pg_temp.raw(pg_temp.header(array_remove(ARRAY['oauth_callback=oob', 'oauth_consumer_key=x', 'oauth_signature_method=HMAC-SHA1', 'oauth_signature=x', 'oauth_timestamp=1', 'oauth_nonce=x'], left_out)))
	FROM unnest(ARRAY['oauth_consumer_key=x', 'oauth_signature_method=HMAC-SHA1', 'oauth_signature=x', 'oauth_timestamp=1', 'oauth_nonce=x']) left_out;
SELECT pg_temp.raw(pg_temp.header('{oauth_callback=oob,oauth_consumer_key=x,oauth_signature_method=PLAINTEXT,oauth_signature=x}'));
SELECT pg_temp.raw('Bearer x');
SELECT pg_temp.show(oauth.oauth1_request_token(ROW('POST', '/oauth/request_token', NULL, NULL, NULL, '127.0.0.1')));
\echo -- R52: methods; R55: versions
SELECT method, pg_temp.raw(pg_temp.header(ARRAY['oauth_callback=oob', 'oauth_consumer_key=x', 'oauth_signature_method=' || method, 'oauth_signature=x', 'oauth_timestamp=1', 'oauth_nonce=x'])) FROM unnest(ARRAY['HMAC-MD5', 'hmac-sha1', 'HMAC-SHA1 ', '', 'none']) method;
SELECT version, pg_temp.raw(pg_temp.header(ARRAY['oauth_callback=oob', 'oauth_consumer_key=x', 'oauth_signature_method=HMAC-SHA1', 'oauth_signature=x', 'oauth_timestamp=1', 'oauth_nonce=x', 'oauth_version=' || version])) FROM unnest(ARRAY['1.0', '1.0a', '2.0', '', '1']) version;
\echo -- R53, R54: twice, or in two places
SELECT pg_temp.raw('OAuth oauth_callback="oob", oauth_nonce="a", oauth_nonce="a"');
SELECT pg_temp.raw('OAuth oauth_callback="oob"', '/oauth/request_token?oauth_nonce=a');
SELECT pg_temp.raw('OAuth oauth_callback="oob"', body => 'oauth_nonce=a');
\echo -- R57, R60: timestamps and nonces that are none
SELECT stamp, pg_temp.raw(pg_temp.header(ARRAY['oauth_callback=oob', 'oauth_consumer_key=x', 'oauth_signature_method=HMAC-SHA1', 'oauth_signature=x', 'oauth_timestamp=' || stamp, 'oauth_nonce=x'])) FROM unnest(ARRAY['0', '-1', '+1', ' 1', '1.5', '1e9', '', '00', repeat('9', 20)]) stamp;
SELECT pg_temp.raw(pg_temp.header(ARRAY['oauth_callback=oob', 'oauth_consumer_key=x', 'oauth_signature_method=HMAC-SHA1', 'oauth_signature=x', 'oauth_timestamp=1', 'oauth_nonce=' || nonce])) FROM unnest(ARRAY['', repeat('x', 256)]) nonce;
\echo -- R56: one answer for a wrong signature and for a client that cannot sign
SELECT pg_temp.ask('{oauth_callback=oob}', :'id', 'wrong');
SELECT pg_temp.ask('{oauth_callback=oob}', 'nobody', 'wrong');
SELECT pg_temp.ask('{oauth_callback=oob}', :'oauth2', :'oauth2_secret');
SELECT count(DISTINCT convert_from(r.body, 'UTF8')) FROM unnest(ARRAY[:'id', 'nobody', :'oauth2']) id, LATERAL oauth.oauth1_request_token(pg_temp.signed('/oauth/request_token', ARRAY['oauth_consumer_key=' || id, pg_temp.now_(), pg_temp.nonce(), 'oauth_callback=oob'], 'wrong')) r;
BEGIN;
SELECT oauth_disable_client(:'id');
SELECT pg_temp.ask('{oauth_callback=oob}', :'id', :'secret');
ROLLBACK;
\echo -- a stale timestamp is told once the signature held
SELECT seconds, pg_temp.show(oauth.oauth1_request_token(pg_temp.signed('/oauth/request_token', ARRAY['oauth_consumer_key=' || :'id', pg_temp.now_(seconds), pg_temp.nonce(), 'oauth_callback=oob'], secret))) FROM (VALUES (-1000, :'secret'), (1000, :'secret'), (-1000, 'wrong')) v (seconds, secret);
\echo -- nothing of that was written
SELECT pg_temp.rows() = :'before';
\echo -- a client of another kind
SELECT pg_temp.ask('{oauth_callback=oob}', :'other', :'other_secret');
\echo -- hosts
SET oauth.allowed_hosts = 'auth.example.com';
SELECT pg_temp.ask('{oauth_callback=oob}', :'id', :'secret');
SET oauth.allowed_hosts = 'auth.example.com LOCALHOST';
SELECT left(pg_temp.ask('{oauth_callback=oob}', :'id', :'secret'), 3);
RESET oauth.allowed_hosts;
\echo -- a secret that was rotated works as long as it may
SELECT oauth_rotate_client_secret(:'id', overlap => '1 hour') AS second \gset
SELECT left(pg_temp.ask('{oauth_callback=oob}', :'id', :'secret'), 3), left(pg_temp.ask('{oauth_callback=oob}', :'id', :'second'), 3);
UPDATE oauth.client SET old_secret_expires_at = now() - interval '1 second' WHERE client_id = :'id';
SELECT left(pg_temp.ask('{oauth_callback=oob}', :'id', :'secret'), 3), left(pg_temp.ask('{oauth_callback=oob}', :'id', :'second'), 3);
