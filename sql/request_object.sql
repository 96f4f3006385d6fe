-- request_object.sql: authorization requests that the client has signed (RFC 9101; OpenID Connect Core, section 6.1), R182.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://auth.example.com';

SELECT oauth_create_user('object alice', 'wonderland') AS alice \gset
-- the keys of the client: those of this server, whose private half signs here
SELECT oauth_create_signing_key(alg) IS NOT NULL FROM unnest('{RS256,ES256,EdDSA,Ed25519}'::text[]) alg;
-- The keys of the client are those with which the server signs here; other tests may have retired some.
SELECT jsonb_build_object('keys', jsonb_agg(k)) AS jwks FROM jsonb_array_elements(oauth_jwks() -> 'keys') k
WHERE k ->> 'kid' IN (SELECT kid FROM oauth.signing_key_overview WHERE state = 'used') \gset
SELECT jsonb_build_object('redirect_uris', '["https://app.example/back", "https://app.example/other"]'::jsonb, 'grant_types', '["authorization_code"]'::jsonb, 'client_name', 'object app', 'scope', 'openid read write', 'token_endpoint_auth_method', 'client_secret_post', 'jwks', :'jwks'::jsonb) AS metadata \gset
SELECT r ->> 'client_id' AS id, r ->> 'client_secret' AS secret FROM oauth_register_client_metadata(:'metadata') r \gset
SELECT client_id AS keyless FROM oauth_register_client('object keyless', redirect_uris => '{https://keyless.example/back}', grant_types => '{authorization_code}', scope => 'read') \gset

CREATE FUNCTION pg_temp.shape(t text) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(regexp_replace(regexp_replace(regexp_replace(t, 'opr_[-_A-Za-z0-9]{54}', '<opr>', 'g'), 'oac_[-_A-Za-z0-9]{54}', '<code>', 'g'),
		'(opened|login_since|chosen)(%3D|=)[0-9]+[.][-_A-Za-z0-9]{43}', '\1\2<proof>', 'g'), '[0-9a-f]{32}', '<id>', 'g') $$;
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.shape(r.status || ' ' || coalesce((SELECT substr(h, 11) FROM unnest(r.headers) h WHERE h LIKE 'Location:%' OR h LIKE 'Fetch:%'),
		CASE WHEN (SELECT bool_or(h LIKE '%json') FROM unnest(r.headers) h) THEN convert_from(r.body, 'UTF8') END,
		(SELECT string_agg(m[1], ' / ') FROM regexp_matches(convert_from(r.body, 'UTF8'), '<(?:h1|p|li|button)[^>]*>([^\n]*?)</(?:h1|p|li|button)>', 'g') m))) $$;
-- Why it was refused, or where it led.
CREATE FUNCTION pg_temp.why(t text) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(substring(t FROM '"error": "([^"]*)"') || ': ' || substring(t FROM '"error_description": "([^"]*)"'),
		replace(substring(t FROM '[?&]error=([^&]*)') || ': ' || substring(t FROM 'error_description=([^&]*)'), '%20', ' '), t) $$;
CREATE FUNCTION pg_temp.cookie(session text) RETURNS text[] LANGUAGE sql AS $$ SELECT ARRAY['Cookie: oauth_browser=00000000000000000000000000000000; oauth_session=' || session] $$;
CREATE FUNCTION pg_temp.go(query text, session text DEFAULT '') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.authorize(ROW('GET', '/oauth2/authorize?' || query, pg_temp.cookie(session), NULL, 'http', '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.ask(query text, session text DEFAULT '') RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT pg_temp.show(pg_temp.go(query, session)) $$;
CREATE FUNCTION pg_temp.par(form text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.show(oauth.par(ROW('POST', '/oauth2/par', '{Content-Type: application/x-www-form-urlencoded}', convert_to(form, 'UTF8'), 'https', '192.0.2.1'))) $$;
CREATE FUNCTION pg_temp.log_in(name text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT substring(h FROM 'oauth_session=(oas_[-_A-Za-z0-9]+)') FROM (SELECT oauth.login(ROW('GET', '/login', pg_temp.cookie(''), NULL, 'http', '127.0.0.1')) AS page) p,
	LATERAL (SELECT (oauth.login(ROW('POST', '/login', pg_temp.cookie('') || 'Content-Type: application/x-www-form-urlencoded'::text,
		convert_to('token=' || substring(convert_from((page).body, 'UTF8') FROM 'name="token" value="([^"]*)') || '&username=' || name || '&password=wonderland', 'UTF8'), 'http', '127.0.0.1'))).headers) l,
	unnest(l.headers) h WHERE h LIKE 'Set-Cookie: oauth_session%' $$;

SELECT extract(epoch FROM now())::bigint AS now \gset
SELECT jsonb_build_object('iss', :'id', 'aud', 'https://auth.example.com', 'exp', :now + 300, 'nbf', :now, 'client_id', :'id', 'response_type', 'code', 'redirect_uri', 'https://app.example/back', 'scope', 'read', 'state', 'inside', 'jti', 'x') AS good \gset
CREATE FUNCTION pg_temp.sign(claims jsonb, alg text DEFAULT 'ES256', typ text DEFAULT 'oauth-authz-req+jwt') RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT oauth_sign_jwt(claims, alg, typ) $$;
SELECT 'client_id=' || :'id' || '&request=' AS beside, 'client_id=' || :'id' || '&client_secret=' || :'secret' || '&request=' AS push \gset
SELECT pg_temp.log_in('object+alice') AS session \gset

\echo -- only what is in the object counts (RFC 9101, section 5; RFC 9101, section 6.3: "MUST only use the parameters included in the Request Object")
SELECT pg_temp.ask(:'beside' || pg_temp.sign(:'good'), :'session');
SELECT pg_temp.ask(:'beside' || pg_temp.sign(:'good'::jsonb || '{"prompt": "none"}') || '&' || more, :'session') FROM unnest(ARRAY['', 'redirect_uri=https%3A%2F%2Fapp.example%2Fother', 'state=beside', 'scope=write', 'response_type=token', 'response_mode=form_post', 'nonce=beside&prompt=login']) more;
SELECT key, pg_temp.why(pg_temp.ask(:'beside' || pg_temp.sign(:'good'::jsonb - key || '{"prompt": "none"}') || '&scope=write&response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fother', :'session')) FROM unnest('{scope,response_type,redirect_uri}'::text[]) key;
\echo -- RFC 9101, section 6.2: with every kind of key
SELECT alg, pg_temp.why(pg_temp.ask(:'beside' || pg_temp.sign(:'good'::jsonb || '{"prompt": "none"}', alg), :'session')) FROM unnest('{RS256,ES256,EdDSA,Ed25519}'::text[]) alg;
\echo -- a login and a decision take longer than the object lives: it is kept meanwhile, and nothing of it is in the address (10.4)
SELECT pg_temp.ask(:'beside' || pg_temp.sign(:'good'::jsonb || '{"login_hint": "the-hint", "nonce": "the-nonce"}'));
SELECT replace(parameters, :'id', '<client>'), is_signed, expires_at - now() > '14 minutes' FROM oauth.pushed_request ORDER BY handle DESC LIMIT 1;
SELECT convert_from((pg_temp.go(:'beside' || pg_temp.sign(:'good'::jsonb || '{"nonce": "the-nonce"}'), :'session')).body, 'UTF8') AS page \gset
SELECT pg_temp.shape(substring(:'page' FROM 'name="request" value="([^"]*)'));
SELECT pg_temp.show(oauth.authorize(ROW('POST', '/oauth2/authorize/confirm', pg_temp.cookie(:'session') || 'Content-Type: application/x-www-form-urlencoded'::text,
	convert_to(format('request=%s&token=%s&decision=approve', replace(replace(replace(replace(substring(:'page' FROM 'name="request" value="([^"]*)'), '&amp;', '&'), '%', '%25'), '&', '%26'), '=', '%3D'), substring(:'page' FROM 'name="token" value="([^"]*)')), 'UTF8'), 'http', '127.0.0.1')));
SELECT c.nonce, g.scope FROM oauth.authorization_code c JOIN oauth.grant g ON g.handle = c.grant_handle ORDER BY c.handle DESC LIMIT 1;
\echo -- what was allowed before is answered at once, and nothing is kept
SELECT count(*) AS n FROM oauth.pushed_request \gset
SELECT pg_temp.ask(:'beside' || pg_temp.sign(:'good'), :'session');
SELECT count(*) - :n FROM oauth.pushed_request;
\echo -- R213: who has seen a signed request can send it again: one address gets so many kept in an hour
SET oauth.pushed_request_rate = 3;
SELECT left(pg_temp.why(pg_temp.ask(:'beside' || o || '&redirect_uri=https%3A%2F%2Fapp.example%2Fback')), 30) FROM pg_temp.sign(:'good') o, generate_series(1, 5);
UPDATE oauth.throttle SET last_at = last_at - interval '1 hour' WHERE kind = 'pushed_request';
RESET oauth.pushed_request_rate;
\echo -- pushed (RFC 9126, section 3), and then by its request_uri
SELECT pg_temp.par(:'push' || pg_temp.sign(:'good') || '&scope=write&state=beside');
SELECT replace(parameters, :'id', '<client>'), is_signed FROM oauth.pushed_request ORDER BY handle DESC LIMIT 1;
SELECT pg_temp.why(pg_temp.par('client_id=' || :'id' || '&request=' || pg_temp.sign(:'good')));
\echo -- RFC 9126, section 3: of the client that is authenticated, and of no other
SELECT r ->> 'client_id' AS pusher, r ->> 'client_secret' AS pusher_secret FROM oauth_register_client_metadata(:'metadata'::jsonb || '{"token_endpoint_auth_method": "client_secret_basic", "client_name": "object pusher"}') r \gset
SELECT whose, pg_temp.why(pg_temp.show(oauth.par(ROW('POST', '/oauth2/par', ARRAY['Content-Type: application/x-www-form-urlencoded', 'Authorization: Basic ' || translate(encode(convert_to(:'pusher' || ':' || :'pusher_secret', 'UTF8'), 'base64'), E'\n', '')], convert_to('request=' || pg_temp.sign(:'good'::jsonb || jsonb_build_object('iss', iss, 'client_id', client)), 'UTF8'), 'https', '192.0.2.1'))))
FROM (VALUES (1, 'its own', :'pusher', :'pusher'), (2, 'of another', :'id', :'id'), (3, 'that says both', :'pusher', :'id'), (4, 'that says both', :'id', :'pusher')) v (n, whose, iss, client) ORDER BY n;

\echo -- types (RFC 9101, section 4): numbers, arrays and objects where a parameter has them, and nowhere else
SELECT more, pg_temp.why(pg_temp.par(:'push' || pg_temp.sign(:'good'::jsonb || more::jsonb))) FROM unnest(ARRAY['{"max_age": 86400}', '{"max_age": "86400"}', '{"max_age": 1.5}', '{"max_age": -1}', '{"max_age": true}', '{"max_age": null}', '{"claims": {"userinfo": {"email": {"essential": true}}}}', '{"claims": "{\"userinfo\": {}}"}', '{"claims": []}',
	'{"resource": "https://api.example/"}', '{"resource": ["https://api.example/", "https://b.example/"]}', '{"resource": ["https://api.example/", 1]}', '{"resource": {}}', '{"scope": ["read"]}', '{"state": 1}', '{"redirect_uri": ["https://app.example/back"]}', '{"response_type": null}', '{"prompt": {}}', '{"nonce": false}', '{"unknown": {"a": [1]}, "more": 1, "else": null}', '{"registration": {}}', '{"registration": "{}"}']) more;
SELECT regexp_matches(parameters, '(?:claims|max_age|resource)=[^&]*', 'g') FROM oauth.pushed_request WHERE parameters ~ 'claims|max_age|resource' ORDER BY handle;

\echo -- Core, section 6.1; RFC 7519, section 4.1.3; RFC 8725, section 3.9: iss, aud, client_id, sub, times, and what is within (RFC 9101, section 4; RFC 9101, section 5; RFC 9101, section 6.3; RFC 9101, section 7; RFC 9101, section 10.8)
SELECT more, pg_temp.why(pg_temp.par(:'push' || pg_temp.sign(:'good'::jsonb || replace(more, '(id)', :'id')::jsonb))) FROM unnest(ARRAY['{"iss": "other"}', '{"iss": null}', '{"iss": ["(id)"]}', '{"iss": "https://auth.example.com"}', '{"aud": "https://other.example"}', '{"aud": ["https://auth.example.com", "https://other.example"]}', '{"aud": ["https://other.example"]}', '{"aud": []}', '{"aud": null}', '{"aud": "https://auth.example.com/"}', '{"aud": ["https://auth.example.com", 1]}', '{"aud": {"a": "https://auth.example.com"}}',
	'{"client_id": "other"}', '{"client_id": null}', '{"client_id": ["(id)"]}', '{"sub": "(id)"}', '{"sub": "somebody"}', '{"request": "x"}', '{"request": null}', '{"request_uri": "urn:ietf:params:oauth:request_uri:x"}', '{"request_uri": "https://app.example/"}', '{"exp": 1}', '{"nbf": 9999999999}', '{"iat": 9999999999}']) more;
SELECT key, pg_temp.why(pg_temp.par(:'push' || pg_temp.sign(:'good'::jsonb - key))) FROM unnest('{client_id,exp,nbf,jti,aud}'::text[]) key;
SELECT seconds, pg_temp.why(pg_temp.par(:'push' || pg_temp.sign(:'good'::jsonb || jsonb_build_object('exp', extract(epoch FROM now())::bigint + seconds)))) FROM unnest('{-60,-5,5}'::int[]) seconds;
SELECT seconds, pg_temp.why(pg_temp.par(:'push' || pg_temp.sign(:'good'::jsonb || jsonb_build_object('nbf', extract(epoch FROM now())::bigint + seconds)))) FROM unnest('{5,60}'::int[]) seconds;
\echo -- oauth_sign_jwt() adds an iss where there is none: which is that of the server
SELECT pg_temp.why(pg_temp.par(:'push' || pg_temp.sign(:'good'::jsonb - 'iss')));

\echo -- typ (RFC 9101, section 10.8): its own where there is one; a token of another kind is no request
SELECT typ, pg_temp.why(pg_temp.par(:'push' || pg_temp.sign(:'good', 'ES256', typ))) FROM unnest('{oauth-authz-req+jwt,application/oauth-authz-req+jwt,OAuth-Authz-Req+JWT,JWT,at+jwt,dpop+jwt,logout+jwt,client-authentication+jwt,oauth-id-jag+jwt}'::text[]) typ;
\echo -- RFC 9101, section 6.2; RFC 9101, section 10.1; RFC 9101, section 10.5; Core, section 6.3.2; Dynamic Registration 1.0, section 2: alg: what the client registered, and only that; never none, never a secret
BEGIN;
SELECT FROM oauth_update_client(:'id', '{"request_object_signing_alg": "ES256"}');
SELECT alg, pg_temp.why(pg_temp.par(:'push' || pg_temp.sign(:'good', alg))) FROM unnest('{RS256,ES256,EdDSA,Ed25519}'::text[]) alg;
SELECT FROM oauth_update_client(:'id', '{"request_object_signing_alg": "none"}');
\echo :SQLSTATE
ROLLBACK;
SELECT FROM oauth_update_client(:'id', '{"request_object_signing_alg": "HS256"}');
\echo :SQLSTATE
CREATE FUNCTION pg_temp.b64(t bytea) RETURNS text LANGUAGE sql AS $$ SELECT rtrim(translate(encode(t, 'base64'), E'+/\n', '-_'), '=') $$;
SELECT pg_temp.b64(convert_to(:'good', 'UTF8')) AS payload, split_part(pg_temp.sign(:'good'), '.', 3) AS signature \gset
SELECT header, pg_temp.why(pg_temp.par(:'push' || pg_temp.b64(convert_to(header, 'UTF8')) || '.' || :'payload' || '.')), left(pg_temp.why(pg_temp.par(:'push' || pg_temp.b64(convert_to(header, 'UTF8')) || '.' || :'payload' || '.' || :'signature')), 22) FROM unnest(ARRAY['{"alg":"none"}', '{"alg":"None"}', '{}', '{"alg":"HS256"}', '{"alg":"ES256"}', '{"alg":"RS256"}']) header;
SELECT pg_temp.why(pg_temp.par(:'push' || input || '.' || pg_temp.b64(hmac(convert_to(input, 'UTF8'), convert_to(:'secret', 'UTF8'), 'sha256')))) FROM (SELECT pg_temp.b64('{"alg":"HS256"}') || '.' || :'payload' AS input) i;
\echo -- RFC 9101, section 6.1; RFC 9101, section 6.2; RFC 9101, section 10.2; Core, section 6.3.2: changed after it was signed; encrypted; other keys; no keys
SELECT pg_temp.why(pg_temp.par(:'push' || split_part(o, '.', 1) || '.' || pg_temp.b64(convert_to((:'good'::jsonb || '{"scope": "write"}')::text, 'UTF8')) || '.' || split_part(o, '.', 3))) FROM pg_temp.sign(:'good') o;
SELECT pg_temp.why(pg_temp.par(:'push' || o)) FROM unnest(ARRAY['a.b.c.d.e', 'eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.x.y.z.w', 'a.b', 'a.b.c.d', 'a', '..', pg_temp.sign(:'good') || '.x', repeat('x', 20000)]) o;
SELECT pg_temp.why(pg_temp.ask('client_id=' || :'keyless' || '&request=' || pg_temp.sign(:'good'::jsonb || jsonb_build_object('iss', :'keyless', 'client_id', :'keyless', 'redirect_uri', 'https://keyless.example/back'))));
\echo -- RFC 9101, section 6.2: "If a kid Header Parameter is present, the key identified MUST be the key used": the key that signed is there, by another name
BEGIN;
SELECT FROM oauth_update_client(:'id', jsonb_build_object('jwks', jsonb_build_object('keys', (SELECT jsonb_agg(k || jsonb_build_object('kid', CASE k ->> 'alg' WHEN 'ES256' THEN 'another' ELSE k ->> 'kid' END)) FROM jsonb_array_elements(:'jwks'::jsonb -> 'keys') k))));
SELECT alg, pg_temp.why(pg_temp.par(:'push' || pg_temp.sign(:'good', alg))) FROM unnest('{ES256,EdDSA}'::text[]) alg;
ROLLBACK;
BEGIN;
SELECT FROM oauth_rotate_signing_keys(true);
SELECT pg_temp.why(pg_temp.par(:'push' || pg_temp.sign(:'good')));
ROLLBACK;
\echo -- where its keys are elsewhere they are fetched; while they cannot be had, no object is good
BEGIN;
SELECT FROM oauth_update_client(:'id', '{"jwks": null, "jwks_uri": "https://app.example/keys"}');
SELECT pg_temp.par(:'push' || pg_temp.sign(:'good')), pg_temp.ask(:'beside' || pg_temp.sign(:'good'));
SELECT FROM oauth_keep_document('https://app.example/keys', :'jwks');
SELECT pg_temp.par(:'push' || pg_temp.sign(:'good'));
ROLLBACK;

\echo -- RFC 9101, section 6.3; RFC 9101, section 5: a refusal is told to the client where a registered redirect_uri is beside the object, else to the person
SELECT pg_temp.ask(:'beside' || 'x&state=beside&redirect_uri=https%3A%2F%2Fapp.example%2Fback');
SELECT pg_temp.ask(:'beside' || 'x&state=beside&response_mode=form_post&redirect_uri=https%3A%2F%2Fapp.example%2Fback');
SELECT pg_temp.ask(:'beside' || 'x&state=beside'), pg_temp.ask(:'beside' || 'x&redirect_uri=https%3A%2F%2Fevil.example%2F');
SELECT pg_temp.ask('client_id=nobody&request=' || pg_temp.sign(:'good')), pg_temp.ask('request=' || pg_temp.sign(:'good')), pg_temp.ask('client_id=' || :'keyless' || '&request=' || pg_temp.sign(:'good'));
SELECT pg_temp.ask(:'beside' || pg_temp.sign(:'good'::jsonb || '{"redirect_uri": "https://evil.example/"}') || '&redirect_uri=https%3A%2F%2Fapp.example%2Fback');
SELECT pg_temp.ask(:'beside' || pg_temp.sign(:'good') || '&request=' || pg_temp.sign(:'good'));
SELECT pg_temp.ask(:'beside' || pg_temp.sign(:'good') || '&request_uri=' || uri) FROM unnest(ARRAY['https%3A%2F%2Fapp.example%2F', 'urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Ax']) uri;
\echo -- Core, section 6.3.3: what is wrong in an object that is good is told as in any request
SELECT more, pg_temp.ask(:'beside' || pg_temp.sign(:'good'::jsonb || more::jsonb), :'session') FROM unnest(ARRAY['{"scope": "admin"}', '{"prompt": "none login"}', '{"response_type": "token"}', '{"response_mode": "fragment"}', '{"max_age": 0, "prompt": "none"}']) more;

\echo -- R180: RFC 9101, section 10.5; RFC 9126, section 2.3: a client that has to sign: "MUST reject" others; pushed or not
BEGIN;
SELECT FROM oauth_update_client(:'id', '{"require_signed_request_object": true}');
SELECT 'redirect_uri=https%3A%2F%2Fapp.example%2Fback&response_type=code&scope=read&state=s' AS plain \gset
SELECT pg_temp.why(pg_temp.ask('client_id=' || :'id' || '&' || :'plain', :'session')), pg_temp.why(pg_temp.par('client_id=' || :'id' || '&client_secret=' || :'secret' || '&' || :'plain'));
SELECT pg_temp.ask(:'beside' || pg_temp.sign(:'good'), :'session');
SELECT convert_from((oauth.par(ROW('POST', '/oauth2/par', '{Content-Type: application/x-www-form-urlencoded}', convert_to(:'push' || pg_temp.sign(:'good'), 'UTF8'), 'https', '192.0.2.1'))).body, 'UTF8')::jsonb ->> 'request_uri' AS uri \gset
SELECT pg_temp.ask('client_id=' || :'id' || '&request_uri=' || :'uri', :'session');
\echo -- and one that has to push, too
SELECT FROM oauth_update_client(:'id', '{"require_pushed_authorization_requests": true}');
SELECT pg_temp.why(pg_temp.ask(:'beside' || pg_temp.sign(:'good'), :'session'));
SELECT pg_temp.par(:'push' || pg_temp.sign(:'good'));
ROLLBACK;
\echo -- FAPI 2.0 Message Signing, section 5.3.1: nbf and exp, an hour apart at most
BEGIN;
UPDATE oauth.client SET profile = 'fapi2_message_signing' WHERE client_id = :'id';
SELECT pg_temp.why(pg_temp.ask(:'beside' || pg_temp.sign(:'good'::jsonb - 'exp' - 'nbf' || more))) LIKE '%an hour%' FROM (VALUES ('{}'), (jsonb_build_object('exp', :now + 300)::text), (jsonb_build_object('nbf', :now)::text), (jsonb_build_object('nbf', :now, 'exp', :now + 3700)::text), (jsonb_build_object('nbf', :now - 3700, 'exp', :now + 60)::text)) v (t), LATERAL (SELECT t::jsonb AS more) m;
SELECT pg_temp.why(pg_temp.ask(:'beside' || pg_temp.sign(:'good'::jsonb || jsonb_build_object('nbf', :now, 'exp', :now + 3500)))) LIKE '%an hour%';
ROLLBACK;

\echo -- RFC 9101, section 10.8: an object is no client assertion, and an assertion no object
SELECT status, convert_from(body, 'UTF8') FROM oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to('grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=' || pg_temp.sign(:'good'), 'UTF8'), 'https', '192.0.2.1'));

\echo -- metadata
SELECT j -> 'request_parameter_supported', j -> 'request_uri_parameter_supported', j -> 'require_request_uri_registration', j -> 'request_object_signing_alg_values_supported' FROM (SELECT convert_from((oauth.metadata(ROW('GET', '/.well-known/openid-configuration', '{}', NULL, 'https', NULL))).body, 'UTF8')::jsonb AS j) m;

\echo -- the audit log has the objects that were refused, each once, where they were sent and where they were pushed; as often as wrong secrets
DELETE FROM oauth.throttle;
SELECT max(handle) AS before FROM oauth.event \gset
SELECT pg_temp.why(pg_temp.ask(:'beside' || pg_temp.sign(:'good'::jsonb || '{"aud": "https://other.example"}'), :'session'));
SELECT pg_temp.why(pg_temp.par(:'push' || pg_temp.sign(:'good'::jsonb || '{"iss": "other"}')));
SELECT e.event, e.outcome, c.client_name, e.detail FROM oauth.event e JOIN oauth.client c USING (client_id) WHERE e.handle > :before ORDER BY e.handle;
SELECT count(pg_temp.ask(:'beside' || 'x')) FROM generate_series(1, 40);
SELECT count(*) BETWEEN 3 AND 11 FROM oauth.event WHERE handle > :before;
DELETE FROM oauth.throttle;
