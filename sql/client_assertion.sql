-- client_assertion.sql: private_key_jwt and client_secret_jwt (RFC 7521, section 4.2; RFC 7523; OpenID Connect Core, section 9).
-- R109, R120.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET oauth.issuer = 'https://auth.example.com';

-- The keys of these clients are those of this server, which can sign in SQL.
SELECT count(*) FROM (SELECT oauth_create_signing_key(alg) FROM unnest('{RS256,PS256,ES256,EdDSA,Ed25519}'::text[]) alg) k;
SELECT oauth_jwks() AS jwks \gset
SELECT c ->> 'client_id' AS id FROM oauth_register_client_metadata(jsonb_build_object('client_name', 'assertion', 'token_endpoint_auth_method', 'private_key_jwt', 'jwks', :'jwks'::jsonb, 'grant_types', '{client_credentials,introspection}'::text[])) c \gset
SELECT c ->> 'client_id' AS sid, c ->> 'client_secret' AS secret FROM oauth_register_client_metadata('{"client_name":"assertion by HMAC","token_endpoint_auth_method":"client_secret_jwt","grant_types":["client_credentials"]}') c \gset

CREATE FUNCTION pg_temp.now_and(seconds numeric) RETURNS numeric LANGUAGE sql AS $$SELECT round(extract(epoch FROM clock_timestamp()) + seconds)$$;
-- Claims of a good assertion, and what is different; null takes a claim away.
CREATE FUNCTION pg_temp.claims(client_id text, other jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('iss', client_id, 'sub', client_id, 'aud', 'https://auth.example.com', 'exp', pg_temp.now_and(60), 'iat', pg_temp.now_and(0), 'jti', gen_random_uuid()) || other $$;
-- Of a client of client_secret_jwt, with claims that this server would not sign.
CREATE FUNCTION pg_temp.bare(claims jsonb) RETURNS text LANGUAGE sql AS $$SELECT jsonb_strip_nulls(claims)::text$$;
CREATE FUNCTION pg_temp.assertion(client_id text, other jsonb DEFAULT '{}', alg text DEFAULT 'ES256', typ text DEFAULT 'JWT') RETURNS text LANGUAGE sql AS $$SELECT oauth_sign_jwt(jsonb_strip_nulls(pg_temp.claims(client_id, other)), alg, typ)$$;
CREATE FUNCTION pg_temp.b64(data bytea) RETURNS text LANGUAGE sql AS $$SELECT translate(encode(data, 'base64'), E'+/=\n', '-_')$$;
CREATE FUNCTION pg_temp.hs256(secret text, header text, payload text) RETURNS text LANGUAGE sql AS $$
	SELECT i || '.' || pg_temp.b64(hmac(i::bytea, secret::bytea, 'sha256')) FROM (SELECT pg_temp.b64(convert_to(header, 'UTF8')) || '.' || pg_temp.b64(convert_to(payload, 'UTF8'))) x (i) $$;
CREATE FUNCTION pg_temp.encoded(value text) RETURNS text LANGUAGE sql AS $$SELECT replace(replace(replace(replace(value, '%', '%25'), '+', '%2B'), E'\n', '%0A'), '=', '%3D')$$;
CREATE FUNCTION pg_temp.form(assertion text) RETURNS text LANGUAGE sql AS $$SELECT 'client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=' || pg_temp.encoded(assertion)$$;
CREATE FUNCTION pg_temp.shown(r oauth.http_response) RETURNS text LANGUAGE sql AS $$SELECT r.status || CASE WHEN r.status = 0 THEN ' ' || array_to_string(r.headers, ' ') WHEN r.status < 400 THEN '' ELSE ' ' || regexp_replace(convert_from(r.body, 'UTF8'), '^.*"error": "([a-z_]+)".*"error_description": "(.*)".*$', '\1: \2') END$$;
CREATE FUNCTION pg_temp.send(form text, path text DEFAULT '/oauth2/token', headers text[] DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	request oauth.http_request := ROW('POST', path, headers || '{Content-Type: application/x-www-form-urlencoded}'::text[], convert_to(form, 'UTF8'), 'https', '192.0.2.1');
BEGIN
	RETURN pg_temp.shown(CASE path WHEN '/oauth2/introspect' THEN oauth.introspect(request) WHEN '/oauth2/revoke' THEN oauth.revoke(request) WHEN '/oauth2/device_authorization' THEN oauth.device_authorization(request) ELSE oauth.token(request) END);
END $$;
CREATE FUNCTION pg_temp.ask(assertion text, more text DEFAULT '') RETURNS text LANGUAGE sql AS $$SELECT pg_temp.send('grant_type=client_credentials&' || pg_temp.form(assertion) || more)$$;

\echo -- a client of private_key_jwt has no secret; one of client_secret_jwt has one that is sealed
SELECT client_name, token_endpoint_auth_method, secret_hash IS NULL, secret_sealed IS NULL FROM oauth.client WHERE client_id IN (:'id', :'sid') ORDER BY 1;
\echo -- RFC 7521, section 4.2; RFC 7521, section 6.2; RFC 7523, section 2.2; RFC 7523, section 5: a token for an assertion, with each algorithm, with and without client_id and typ
SELECT alg, pg_temp.ask(pg_temp.assertion(:'id', alg => alg)), pg_temp.ask(pg_temp.assertion(:'id', alg => alg), '&client_id=' || :'id') FROM unnest('{RS256,PS256,ES256,EdDSA,Ed25519}'::text[]) alg;
SELECT typ, pg_temp.ask(pg_temp.assertion(:'id', typ => typ)) FROM unnest('{jwt,application/JWT,client-authentication+jwt,oauth-authz-req+jwt,dpop+jwt,at+jwt,logout+jwt}'::text[]) typ;
SELECT pg_temp.ask(pg_temp.hs256(:'secret', '{"alg":"HS256"}', pg_temp.claims(:'sid')::text));
\echo -- Core, section 3.1.3.2; Core, section 9: client_secret_jwt is HS256 with the octets of the client_secret
SELECT pg_temp.ask(pg_temp.hs256(:'secret' || 'x', '{"alg":"HS256"}', pg_temp.claims(:'sid')::text)), pg_temp.ask(pg_temp.hs256('', '{"alg":"HS256"}', pg_temp.claims(:'sid')::text));

\echo -- RFC 7521, section 5.2; RFC 7521, section 4.2.1; RFC 7521, section 6.1; RFC 7523, section 3.2; Core, section 9; RFC 7519, section 4.1.1; RFC 7519, section 4.1.3; RFC 8725, section 3.8; RFC 8725, section 3.9; RFC 7523, section 3: "1. The JWT MUST contain an "iss" (issuer) claim", "2. [...] a "sub" (subject) claim [...] the subject MUST be the "client_id"", "3. [...] an "aud" (audience) claim [...] The authorization server MUST reject any JWT that does not contain its own identity as the intended audience", "4. [...] an "exp" (expiration time) claim", "The authorization server MUST reject any JWT with an expiration time that has passed", "5. [...] "nbf"", "6. [...] "iat"", "7. [...] "jti""; R120
SELECT other, pg_temp.ask(pg_temp.hs256(:'secret', '{"alg":"HS256"}', pg_temp.bare(pg_temp.claims(:'sid', other::jsonb)))) FROM (VALUES
	('{"iss":null}'), ('{"iss":""}'), ('{"iss":["a"]}'), ('{"iss":"somebody"}'), ('{"sub":null}'), ('{"sub":"somebody"}'), ('{"iss":"somebody","sub":"somebody"}'), ('{"iss":"","sub":""}'),
	('{"aud":null}'), ('{"aud":""}'), ('{"aud":[]}'), ('{"aud":{}}'), ('{"aud":1}'), ('{"aud":"https://auth.example.com/"}'), ('{"aud":"https://AUTH.example.com"}'), ('{"aud":"http://auth.example.com"}'), ('{"aud":"https://auth.example.com.evil.example"}'), ('{"aud":"https://auth.example.com/oauth2"}'), ('{"aud":"https://auth.example.com/oauth2/introspect"}'), ('{"aud":["https://evil.example"]}'), ('{"aud":["https://auth.example.com",1]}'), ('{"aud":[["https://auth.example.com"]]}'),
	('{"exp":null}'), ('{"exp":"9999999999"}'), ('{"exp":0}'), ('{"exp":-1}'), ('{"exp":1e300}'), ('{"exp":9999999999}'), ('{"iat":"x"}'), ('{"iat":9999999999}'), ('{"iat":1}'), ('{"nbf":"x"}'), ('{"nbf":9999999999}'),
	('{"jti":null}'), ('{"jti":""}'), ('{"jti":1}'), ('{"jti":["a"]}')) t (other);
\echo -- the good ones: other clients put the token endpoint into aud, or a list
SELECT other, pg_temp.ask(pg_temp.assertion(:'id', other::jsonb)) FROM (VALUES
	('{"aud":"https://auth.example.com/oauth2/token"}'), ('{"aud":["https://auth.example.com"]}'), ('{"aud":["https://auth.example.com","https://auth.example.com/oauth2/token"]}'), ('{"aud":["https://other.example","https://auth.example.com"]}'), ('{"iat":null}'), ('{"nbf":1}'), ('{"more":{"a":[1]}}')) t (other);
\echo -- RFC 7523, section 3: seconds: iat and nbf may be 10 ahead, not 60; exp at most oauth.assertion_lifetime (and 10), and 10 ago
SELECT name, seconds, pg_temp.ask(pg_temp.assertion(:'id', jsonb_build_object(name, pg_temp.now_and(seconds)))) FROM (VALUES
	('iat', 8), ('iat', 60), ('iat', -290), ('iat', -400), ('nbf', 8), ('nbf', 60), ('exp', -3), ('exp', -60), ('exp', 300), ('exp', 400)) t (name, seconds);
SET oauth.assertion_lifetime = 3600;
SELECT pg_temp.ask(pg_temp.assertion(:'id', jsonb_build_object('exp', pg_temp.now_and(3500))));
RESET oauth.assertion_lifetime;

\echo -- Core, section 9; RFC 7523, section 3: "the set of used "jti" values": once, at whatever endpoint
SELECT pg_temp.assertion(:'id', '{"jti":"once"}') AS once, access_token AS token FROM oauth_issue_token(:'id') \gset
SELECT pg_temp.ask(:'once');
SELECT pg_temp.ask(:'once');
SELECT path, pg_temp.send('token=x&' || pg_temp.form(:'once'), path) FROM unnest('{/oauth2/introspect,/oauth2/revoke,/oauth2/device_authorization}'::text[]) path;
\echo -- also in another assertion, which says that it was made at another time
SELECT pg_temp.ask(pg_temp.assertion(:'id', jsonb_build_object('jti', 'once', 'iat', pg_temp.now_and(seconds), 'exp', pg_temp.now_and(100 + seconds)))) FROM unnest('{-100,-1,1}'::int[]) seconds;
\echo -- whatever the second: also where the jti lies, 290 seconds after it was made, is the end of a period of 300
SELECT pg_temp.ask(pg_temp.assertion(:'id', jsonb_build_object('iat', period * 300 + 10 + seconds, 'exp', least(period * 300 + 310, pg_temp.now_and(299)))))
FROM floor(extract(epoch FROM clock_timestamp()) / 300) period, generate_series(-1, 0) seconds;
\echo -- a jti is of its client
SELECT pg_temp.ask(pg_temp.hs256(:'secret', '{"alg":"HS256"}', pg_temp.claims(:'sid', '{"jti":"once"}')::text));
\echo -- an assertion that was refused is not used up
SELECT pg_temp.assertion(:'id') AS good \gset
SELECT pg_temp.ask(left(:'good', -3) || 'AAA'), pg_temp.ask(:'good', '&client_id=x'), pg_temp.ask(:'good');
\echo -- each endpoint that authenticates clients takes them, with its own URL in aud too
SELECT path, pg_temp.send('token=' || :'token' || '&' || pg_temp.form(pg_temp.assertion(:'id', jsonb_build_object('aud', aud))), path) FROM (VALUES ('/oauth2/introspect', 'https://auth.example.com'), ('/oauth2/introspect', 'https://auth.example.com/oauth2/introspect'), ('/oauth2/introspect', 'https://auth.example.com/oauth2/token'), ('/oauth2/introspect', 'https://auth.example.com/oauth2/revoke'), ('/oauth2/revoke', 'https://auth.example.com/oauth2/revoke'), ('/oauth2/device_authorization', 'https://auth.example.com')) t (path, aud);

\echo -- Core, section 9; RFC 7521, section 4.2; RFC 7523, section 2.2: "client_assertion_type REQUIRED", "client_assertion REQUIRED. [...] It MUST contain a single assertion"; "client_id [...] MUST identify the same client"
SELECT form, pg_temp.send('grant_type=client_credentials&' || replace(replace(form, 'TYPE', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'), 'JWT', pg_temp.assertion(:'id'))) FROM (VALUES
	('client_assertion=JWT'), ('client_assertion_type=TYPE'), ('client_assertion_type=&client_assertion=JWT'), ('client_assertion_type=TYPE&client_assertion='), ('client_assertion_type=urn:ietf:params:oauth:client-assertion-type:saml2-bearer&client_assertion=JWT'), ('client_assertion_type=jwt-bearer&client_assertion=JWT'), ('client_assertion_type=TYPE&client_assertion=JWT&client_assertion=JWT'), ('client_assertion_type=TYPE&client_assertion_type=TYPE&client_assertion=JWT'), ('client_assertion_type=TYPE&client_assertion=JWT&client_id=somebody'), ('client_assertion_type=TYPE&client_assertion=JWT&client_id=a&client_id=a'),
	('client_assertion_type=TYPE&client_assertion=JWT.'), ('client_assertion_type=TYPE&client_assertion=.JWT'), ('client_assertion_type=TYPE&client_assertion=x'), ('client_assertion_type=TYPE&client_assertion=JWT JWT'), ('client_assertion_type=TYPE&client_assertion=e30.e30.'), ('client_assertion_type=TYPE&client_assertion=%00')) t (form);
\echo -- never in the URI
SELECT pg_temp.send('grant_type=client_credentials', '/oauth2/token?' || pg_temp.form(pg_temp.assertion(:'id')));
\echo -- R109; RFC 6749, section 2.3: "The client MUST NOT use more than one authentication method in each request."
SELECT pg_temp.ask(pg_temp.assertion(:'id'), '&client_secret=x'), pg_temp.ask(pg_temp.hs256(:'secret', '{"alg":"HS256"}', pg_temp.claims(:'sid')::text), '&client_secret=' || :'secret');
SELECT pg_temp.send('grant_type=client_credentials&' || pg_temp.form(pg_temp.assertion(:'id')), headers => ARRAY['Authorization: Basic ' || encode(convert_to(:'id' || ':x', 'UTF8'), 'base64')]);

\echo -- the method is the registered one
SELECT client_id AS plain, client_secret AS plain_secret FROM oauth_register_client('assertion plain', grant_types => '{client_credentials}') \gset
SELECT c ->> 'client_id' AS public FROM oauth_register_client_metadata(jsonb_build_object('client_name', 'assertion public', 'token_endpoint_auth_method', 'none', 'jwks', :'jwks'::jsonb, 'grant_types', '{refresh_token}'::text[])) c \gset
SELECT pg_temp.ask(pg_temp.hs256(:'plain_secret', '{"alg":"HS256"}', pg_temp.claims(:'plain')::text)), pg_temp.ask(pg_temp.assertion(:'plain')), pg_temp.ask(pg_temp.assertion(:'public')), pg_temp.ask(pg_temp.assertion(:'sid'));
SELECT pg_temp.send('grant_type=client_credentials&client_id=' || :'sid' || '&client_secret=' || :'secret'), pg_temp.send('grant_type=client_credentials&client_id=' || :'id' || '&client_secret=x'), pg_temp.send('grant_type=client_credentials&client_id=' || :'id');
\echo -- unknown and disabled clients have the answer of a wrong signature
SELECT pg_temp.ask(pg_temp.assertion('unknown'));
BEGIN;
SELECT oauth_disable_client(:'id');
SELECT pg_temp.ask(pg_temp.assertion(:'id'));
ROLLBACK;
\echo -- a signature cannot be guessed, so a wrong one is not counted, and nobody locks a client out
SELECT count(*) AS counted FROM oauth.throttle \gset
SELECT DISTINCT pg_temp.ask(left(pg_temp.assertion(:'id'), -3) || 'AAA') FROM generate_series(1, 30);
SELECT pg_temp.ask(pg_temp.assertion(:'id')), count(*) - :counted FROM oauth.throttle;

\echo -- RFC 7521, section 5.2; RFC 7523, section 3; Dynamic Registration 1.0, section 2: alg: none, an algorithm that was not registered, HS256 with the public key (RFC 8725, section 2.1)
SELECT pg_temp.ask(pg_temp.b64(convert_to('{"alg":"none"}', 'UTF8')) || '.' || pg_temp.b64(convert_to(pg_temp.claims(:'id')::text, 'UTF8')) || '.');
SELECT pg_temp.ask(pg_temp.hs256(key, '{"alg":"HS256"}', pg_temp.claims(:'id')::text)) FROM unnest(ARRAY[:'jwks', (:'jwks'::jsonb -> 'keys' -> 0)::text, jsonb_path_query_first(:'jwks', '$.keys[*].n') #>> '{}']) key;
BEGIN;
SELECT oauth_update_client(:'id', '{"token_endpoint_auth_signing_alg":"ES256"}') ->> 'token_endpoint_auth_signing_alg';
SELECT alg, pg_temp.ask(pg_temp.assertion(:'id', alg => alg)) FROM unnest('{RS256,PS256,ES256,EdDSA,Ed25519}'::text[]) alg;
ROLLBACK;
\echo -- R120: what is in the header where it does not belong, malformed, twice, padded, or too long
SELECT header, pg_temp.ask(pg_temp.hs256(:'secret', header, pg_temp.claims(:'sid')::text)) FROM (VALUES
	('{"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}}'), ('{"alg":"HS256","jku":"https://evil.example/"}'), ('{"alg":"HS256","x5u":"https://evil.example/"}'), ('{"alg":"HS256","x5c":["AAAA"]}'), ('{"alg":"HS256","crit":["exp"],"exp":1}'), ('{"alg":"HS256","crit":["b64"],"b64":true}'), ('{"alg":"HS256","b64":true}'), ('{"alg":"HS256","alg":"HS256"}'), ('{"alg":"none","alg":"HS256"}'), ('{"alg":"hs256"}'), ('{"alg":"HS512"}'), ('{"alg":"HS256","kid":"'' OR 1=1 --"}'), ('{"alg":"HS256","kid":"../../../../dev/null"}'), ('{"alg":"HS256","kid":1}'), ('{"alg":"HS256","typ":"at+jwt"}'), ('[]'), ('')) t (header);
SELECT payload, pg_temp.ask(pg_temp.hs256(:'secret', '{"alg":"HS256"}', replace(payload, 'GOOD', trim(BOTH '{}' FROM pg_temp.claims(:'sid')::text)))) FROM (VALUES
	('{GOOD,"sub":"x"}'), ('{"aud":"https://auth.example.com",GOOD}'), ('{GOOD,"x":{"a":1,"a":1}}'), ('[{GOOD}]'), ('{GOOD}{GOOD}'), ('{GOOD'), ('"x"'), (''), ('{GOOD,"exp":1e999}'), ('{GOOD,"x":0e99999999999}')) t (payload);
SELECT name, pg_temp.ask(token) FROM (SELECT pg_temp.hs256(:'secret', '{"alg":"HS256"}', pg_temp.claims(:'sid')::text)) g (good),
	LATERAL (VALUES ('padding', good || '='), ('line break', good || E'\n'), ('line break inside', overlay(good PLACING E'\n' FROM 40 FOR 0)), ('blank', ' ' || good), ('percent', replace(good, '.', '%2E')), ('too long', good || repeat('A', 16384)), ('without signature', substring(good FROM '^[^.]*\.[^.]*\.')), ('JSON', '{"payload":"","signatures":[]}')) t (name, token);

\echo -- rotation of the secret: both sign while both work
SELECT oauth_rotate_client_secret(:'sid', '1 hour') AS new_secret \gset
SELECT pg_temp.ask(pg_temp.hs256(secret, '{"alg":"HS256"}', pg_temp.claims(:'sid')::text)) FROM unnest(ARRAY[:'secret', :'new_secret']) secret;
UPDATE oauth.client SET old_secret_expires_at = now() - interval '1 second' WHERE client_id = :'sid';
SELECT pg_temp.ask(pg_temp.hs256(secret, '{"alg":"HS256"}', pg_temp.claims(:'sid')::text)) FROM unnest(ARRAY[:'secret', :'new_secret']) secret;

\echo -- keys at a jwks_uri: fetched first, here put there by hand; an unknown kid has them fetched again, at most once a minute
SELECT c ->> 'client_id' AS uid FROM oauth_register_client_metadata('{"client_name":"assertion by uri","token_endpoint_auth_method":"private_key_jwt","jwks_uri":"https://client.example/jwks","grant_types":["client_credentials"]}') c \gset
SELECT pg_temp.assertion(:'uid') AS of_uri \gset
SELECT pg_temp.ask(:'of_uri');
SELECT url, wanted_at IS NOT NULL FROM oauth.document;
SELECT oauth_keep_document('https://client.example/jwks', '{"keys":[]}');
SELECT pg_temp.ask(:'of_uri');
SELECT oauth_keep_document('https://client.example/jwks', '{"keys":[{"kty":"EC","crv":"P-256","kid":"old","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}');
SELECT pg_temp.ask(:'of_uri');
UPDATE oauth.document SET is_by_hand = false, fetched_at = now() - interval '2 minutes';
SELECT pg_temp.ask(:'of_uri');
UPDATE oauth.document SET wanted_at = NULL, fetched_at = now();
SELECT pg_temp.ask(:'of_uri');
SELECT oauth_keep_document('https://client.example/jwks', :'jwks');
SELECT pg_temp.ask(:'of_uri');
SELECT pg_temp.ask(:'of_uri');
\echo -- a document that cannot be had is no reason to wait, and says nothing of our network
UPDATE oauth.document SET body = NULL, fresh_until = NULL, fetched_at = NULL, is_by_hand = false, failed_at = clock_timestamp(), problem = 'no route to 10.0.0.1';
SELECT pg_temp.ask(pg_temp.assertion(:'uid'));

\echo -- oauth_check() says it to those who run the server
SELECT severity, regexp_replace(concat_ws('|', subject, finding, remedy), '[0-9a-f]{32}', '<id>', 'g') FROM oauth_check() WHERE finding ~ 'assertion by uri';
\echo -- status 0 says that nothing was done: the assertion is good when the request comes again on the lane that it needs
SELECT oauth_update_client(:'id', '{"grant_types":["client_credentials","introspection","password"]}') ->> 'grant_types';
SELECT pg_temp.assertion(:'id') AS moved \gset
SET oauth.lane = 'reading';
SELECT pg_temp.send('token=x&' || pg_temp.form(:'moved'), '/oauth2/introspect');
SET oauth.lane = 'writing';
SELECT pg_temp.send('token=x&' || pg_temp.form(:'moved'), '/oauth2/introspect'), pg_temp.send('token=x&' || pg_temp.form(:'moved'), '/oauth2/introspect');
SELECT pg_temp.assertion(:'id') AS moved \gset
SELECT pg_temp.send('grant_type=password&username=nobody&password=x&' || pg_temp.form(:'moved'));
SET oauth.lane = 'slow';
SELECT pg_temp.send('grant_type=password&username=nobody&password=x&' || pg_temp.form(:'moved')), pg_temp.send('grant_type=password&username=nobody&password=x&' || pg_temp.form(:'moved'));
RESET oauth.lane;
\echo -- and so is a document that another request wants: the note stays
DELETE FROM oauth.document;
DELETE FROM oauth.throttle;
SELECT pg_temp.ask(pg_temp.assertion(:'uid'));
SELECT url, wanted_at IS NOT NULL FROM oauth.document;

\echo -- FAPI 2.0 Security Profile, section 5.3.2.1: "shall only accept its issuer identifier value [...] as a string in the aud claim"
UPDATE oauth.client SET profile = 'fapi2' WHERE client_id = :'id';
SELECT aud, pg_temp.send('token=x&' || pg_temp.form(pg_temp.assertion(:'id', jsonb_build_object('aud', aud::jsonb))), '/oauth2/introspect') FROM unnest('{"\"https://auth.example.com/oauth2/token\"","[\"https://auth.example.com\"]","\"https://auth.example.com\""}'::text[]) aud;
UPDATE oauth.client SET profile = NULL WHERE client_id = :'id';

\echo -- oauth_explain_request() says why; ids as <id>
CREATE FUNCTION pg_temp.explain(form text, headers text[] DEFAULT '{}') RETURNS TABLE (shown text) LANGUAGE sql AS $$
	SELECT regexp_replace(regexp_replace(concat_ws('|', "check", ok, detail, remedy), '[0-9a-f]{32}|[A-Za-z0-9_-]{43}', '<id>', 'g'), '(<id> )+<id>', '<ids>') FROM oauth_explain_request(ROW('POST', '/oauth2/token', headers || '{Content-Type: application/x-www-form-urlencoded}'::text[], convert_to('grant_type=client_credentials&' || form, 'UTF8'), 'https', NULL)::oauth.http_request) OFFSET 2 $$;
SELECT * FROM pg_temp.explain(pg_temp.form(pg_temp.assertion(:'id')));
SELECT * FROM pg_temp.explain(pg_temp.form(:'once'));
SELECT * FROM pg_temp.explain(pg_temp.form(pg_temp.assertion(:'id', '{"aud":"x"}')));
SELECT * FROM pg_temp.explain(pg_temp.form(pg_temp.assertion('unknown')));
SELECT * FROM pg_temp.explain(pg_temp.form(left(pg_temp.assertion(:'id'), -3) || 'AAA'));
SELECT * FROM pg_temp.explain(pg_temp.form(pg_temp.assertion(:'plain')));
SELECT * FROM pg_temp.explain(pg_temp.form(pg_temp.hs256('x', '{"alg":"HS256"}', pg_temp.claims(:'sid')::text)));
SELECT * FROM pg_temp.explain('client_id=' || :'id' || '&client_secret=x');
DELETE FROM oauth.document;
SELECT * FROM pg_temp.explain(pg_temp.form(pg_temp.assertion(:'uid')));
SELECT count(*) FROM oauth.document;

\echo -- registration: what a method needs
CREATE FUNCTION pg_temp.registered(client jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN oauth_register_client_metadata('{"client_name":"assertion registered","grant_types":["client_credentials"]}' || client) ->> 'token_endpoint_auth_method';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT client, pg_temp.registered(client::jsonb || jsonb_build_object('jwks', nullif(:'jwks'::jsonb, client::jsonb -> 'jwks'))) FROM (VALUES ('{"token_endpoint_auth_method":"private_key_jwt"}'), ('{"token_endpoint_auth_method":"private_key_jwt","token_endpoint_auth_signing_alg":"HS256"}'), ('{"token_endpoint_auth_method":"private_key_jwt","token_endpoint_auth_signing_alg":"none"}'), ('{"token_endpoint_auth_method":"client_secret_jwt","token_endpoint_auth_signing_alg":"RS256"}'), ('{"token_endpoint_auth_method":"client_secret_jwt","token_endpoint_auth_signing_alg":"HS256"}')) t (client);
SELECT client, pg_temp.registered(client::jsonb) FROM (VALUES ('{"token_endpoint_auth_method":"private_key_jwt"}'), ('{"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[]}}'), ('{"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T"}]}}'), ('{"token_endpoint_auth_method":"private_key_jwt","jwks_uri":"http://client.example/"}'), ('{"token_endpoint_auth_method":"private_key_JWT"}'), ('{"token_endpoint_auth_method":"client_secret_jwt"}')) t (client);
\echo -- such clients cannot be written down either
\set VERBOSITY terse
UPDATE oauth.client SET jwks = NULL, rsa_public_key = NULL WHERE client_id = :'id';
UPDATE oauth.client SET secret_sealed = NULL WHERE client_id = :'sid';
\echo -- a secret of which there is a digest only signs nothing; from a key to a secret, the secret is made by hand
SELECT oauth_update_client(:'plain', '{"token_endpoint_auth_method":"client_secret_jwt"}');
SET client_min_messages = notice;
SELECT oauth_update_client(:'id', '{"token_endpoint_auth_method":"client_secret_basic"}') ->> 'token_endpoint_auth_method' = 'client_secret_basic';
DO $$BEGIN PERFORM oauth_rotate_client_secret(client_id) FROM oauth.client WHERE client_name = 'assertion by uri'; EXCEPTION WHEN OTHERS THEN RAISE NOTICE '%', regexp_replace(SQLERRM, '[0-9a-f]{32}', '<id>'); END$$;

\echo -- a client that registers itself with its keys gets no secret, and proves itself with them; it cannot go over to a secret that it does not have
SET client_min_messages = warning;
SET oauth.registration = 'open';
SELECT r.status, r.body ->> 'client_id' AS own, r.body ->> 'registration_access_token' AS own_token, r.body ? 'client_secret' AS has_secret FROM (SELECT status, convert_from(body, 'UTF8')::jsonb AS body FROM oauth.register(ROW('POST', '/oauth2/register', '{Content-Type: application/json}', convert_to(format('{"redirect_uris":["https://app.example/"],"token_endpoint_auth_method":"private_key_jwt","token_endpoint_auth_signing_alg":"ES256","jwks":%s}', :'jwks'), 'UTF8'), 'https', '192.0.2.1'))) r \gset
SELECT :status, :'has_secret', pg_temp.send('token=x&' || pg_temp.form(pg_temp.assertion(:'own')), '/oauth2/revoke');
SELECT method, r.status, convert_from(r.body, 'UTF8')::jsonb ->> 'error_description' FROM unnest('{private_key_jwt,client_secret_basic,client_secret_jwt,none}'::text[]) method,
	oauth.register(ROW('PUT', '/oauth2/register/' || :'own', ARRAY['Content-Type: application/json', 'Authorization: Bearer ' || :'own_token'], convert_to(format('{"client_id":"%s","redirect_uris":["https://app.example/"],"token_endpoint_auth_method":"%s","jwks":%s}', :'own', method, :'jwks'), 'UTF8'), 'https', '192.0.2.1')) r;
RESET oauth.registration;
DELETE FROM oauth.document;
DELETE FROM oauth.throttle;

\echo -- the audit log has what was refused, with its reason and the client that it names, and never the assertion; a stranger fills no table: as often as wrong secrets
SELECT c ->> 'client_id' AS noted FROM oauth_register_client_metadata(jsonb_build_object('client_name', 'noted', 'token_endpoint_auth_method', 'private_key_jwt', 'jwks', :'jwks'::jsonb, 'grant_types', '{client_credentials}'::text[])) c \gset
SELECT max(handle) AS before FROM oauth.event \gset
CREATE FUNCTION pg_temp.from_peer(peer inet, form text) RETURNS integer LANGUAGE sql AS $$
	SELECT (oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to('grant_type=client_credentials&' || form, 'UTF8'), 'https', peer))).status $$;
SELECT pg_temp.assertion(:'noted') AS good \gset
SELECT n, pg_temp.from_peer('198.51.100.1', pg_temp.form(a)) FROM (VALUES (1, pg_temp.assertion(:'noted', '{"aud": "https://other.example"}')), (2, pg_temp.assertion(:'noted', '{"exp": 1}')), (3, pg_temp.assertion(:'noted', '{"jti": null}')),
	(4, regexp_replace(:'good', '[^.]*$', repeat('A', 86))), (5, :'good'), (6, :'good'), (7, pg_temp.assertion('nobody')), (8, 'x'), (9, pg_temp.assertion(:'noted', '{"iss": "other"}')),
	(10, pg_temp.hs256('x', '{"alg":"HS256"}', pg_temp.claims(:'noted')::text))) v (n, a) ORDER BY n;
SELECT e.event, e.outcome, c.client_name, host(e.peer), e.detail FROM oauth.event e LEFT JOIN oauth.client c USING (client_id) WHERE e.handle > :before AND e.outcome IS NOT NULL ORDER BY e.handle;
SELECT count(*) FROM oauth.event e WHERE e.handle > :before AND to_jsonb(e)::text LIKE '%' || split_part(:'good', '.', 2) || '%';
-- from one address, by one client after the other and by nobody, by many addresses
SELECT max(handle) AS before FROM oauth.event \gset
SELECT pg_temp.from_peer('198.51.100.2', pg_temp.form(regexp_replace(:'good', '[^.]*$', repeat('A', 86)))) = 401, count(*) FROM generate_series(1, 60) GROUP BY 1;
SELECT c.client_name, count(*) BETWEEN 1 AND 11 FROM oauth.event e LEFT JOIN oauth.client c USING (client_id) WHERE e.handle > :before GROUP BY 1;
SELECT pg_temp.from_peer(('198.51.100.' || n % 200)::inet, pg_temp.form('x')) = 401, count(*) FROM generate_series(1, 2400) n GROUP BY 1;
SELECT count(*) <= 1000 * 11 / 10 FROM oauth.event e WHERE e.handle > :before AND client_id IS NULL;
SELECT pg_temp.from_peer('198.51.100.2', pg_temp.form(pg_temp.assertion(:'noted')));
DELETE FROM oauth.throttle;
