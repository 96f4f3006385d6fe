-- id_token.sql: ID tokens (OpenID Connect Core, sections 2, 3.1.3 and 12), verified with the keys that are published (R199),
-- the claims in them and at userinfo (R201), and pairwise subjects (R203).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://op.example';

SELECT oauth_create_user('id_token alice', 'wonderland') AS alice \gset
CREATE TEMP TABLE rp (name text PRIMARY KEY, id text, secret text);
INSERT INTO rp SELECT n, r.* FROM unnest('{plain,es,ed,full}'::text[]) n, oauth_register_client('id_token ' || n, redirect_uris => '{https://rp.example/cb}',
	grant_types => '{authorization_code,refresh_token,urn:ietf:params:oauth:grant-type:device_code}', scope => 'openid profile email address phone offline_access read') r;
SELECT oauth_update_client(id, jsonb_build_object('id_token_signed_response_alg', CASE name WHEN 'es' THEN 'ES256' WHEN 'ed' THEN 'EdDSA' ELSE 'Ed25519' END)) ->> 'id_token_signed_response_alg' FROM rp WHERE name IN ('es', 'ed', 'full') ORDER BY name;
SELECT id AS plain FROM rp WHERE name = 'plain' \gset

-- Alice, whose browser is logged in, asks for a code and approves.
CREATE FUNCTION pg_temp.go(path text, cookies text DEFAULT '', form text DEFAULT NULL) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT CASE WHEN path LIKE '/login%' THEN oauth.login(r) WHEN path LIKE '/oauth2/device%' THEN oauth.device(r) ELSE oauth.authorize(r) END
	FROM (SELECT ROW(CASE WHEN form IS NULL THEN 'GET' ELSE 'POST' END, path, ARRAY['Content-Type: application/x-www-form-urlencoded', 'Cookie: __Host-oauth_browser=00000000000000000000000000000001; ' || cookies], convert_to(form, 'UTF8'), 'https', '127.0.0.1')::oauth.http_request) x (r) $$;
CREATE FUNCTION pg_temp.field(r oauth.http_response, name text) RETURNS text LANGUAGE sql AS $$ SELECT replace(substring(convert_from(r.body, 'UTF8') FROM 'name="' || name || '" value="([^"]*)"'), '&amp;', '&') $$;
CREATE FUNCTION pg_temp.location(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT substr(h, 11) FROM unnest(r.headers) h WHERE h LIKE 'Location: %' $$;
CREATE FUNCTION pg_temp.login() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT '__Host-oauth_session=' || substring(h FROM '=(oas_[^;]*)') FROM unnest((pg_temp.go('/login', '', 'username=id_token+alice&password=wonderland&token=' || pg_temp.field(pg_temp.go('/login'), 'token'))).headers) h WHERE h LIKE 'Set-Cookie: __Host-oauth_session=oas_%' $$;
SELECT pg_temp.login() AS session \gset
CREATE FUNCTION pg_temp.esc(t text) RETURNS text LANGUAGE sql AS $$ SELECT replace(replace(replace(replace(replace($1, '%', '%25'), '&', '%26'), '"', '%22'), ' ', '%20'), '#', '%23') $$;
CREATE FUNCTION pg_temp.code(who text, scope text, session text, more text DEFAULT '') RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	page oauth.http_response;
BEGIN
	page := pg_temp.go(format('/oauth2/authorize?client_id=%s&response_type=code&scope=%s%s', (SELECT id FROM rp WHERE name = who), replace(scope, ' ', '%20'), more), session);
	IF page.status = 200 THEN
		page := pg_temp.go('/oauth2/authorize/confirm', session, format('request=%s&token=%s&decision=approve', pg_temp.esc(pg_temp.field(page, 'request')), pg_temp.field(page, 'token')));
	END IF;
	RETURN coalesce(substring(pg_temp.location(page) FROM 'code=([^&]*)'), page.status || ' ' || pg_temp.location(page));
END $$;
CREATE FUNCTION pg_temp.token(who text, form text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT CASE (a).status WHEN 0 THEN to_jsonb((a).headers) ELSE convert_from((a).body, 'UTF8')::jsonb END FROM (SELECT oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}',
		convert_to(format('client_id=%s&client_secret=%s&%s', id, secret, form), 'UTF8'), 'https', '127.0.0.1')) AS a FROM rp WHERE name = who OFFSET 0) x $$;
CREATE FUNCTION pg_temp.exchange(who text, code text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$ SELECT pg_temp.token(who, 'grant_type=authorization_code&redirect_uri=https://rp.example/cb&code=' || code) $$;
CREATE FUNCTION pg_temp.claims(tokens jsonb) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT CASE WHEN v.valid THEN v.claims ELSE to_jsonb(coalesce(v.problem, tokens::text)) END FROM oauth_verify_jwt(tokens ->> 'id_token', oauth_jwks(), '{RS256,ES256,EdDSA,Ed25519}', 'JWT') v $$;

CREATE FUNCTION pg_temp.base64url(b bytea) RETURNS text LANGUAGE sql AS $$ SELECT rtrim(translate(encode($1, 'base64'), E'+/\n', '-_'), '=') $$;
CREATE FUNCTION pg_temp.half(hash bytea) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.base64url(substr($1, 1, octet_length($1) / 2)) $$;
CREATE FUNCTION pg_temp.userinfo(token text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT CASE (a).status WHEN 0 THEN to_jsonb((a).headers) ELSE convert_from((a).body, 'UTF8')::jsonb END FROM (SELECT oauth.userinfo(ROW('GET', '/oauth2/userinfo', ARRAY['Authorization: Bearer ' || token], NULL, 'https', NULL)) AS a OFFSET 0) x $$;

\echo -- Core, section 3.1.2.1; Core, section 3.1.3.2; Core, section 3.1.3.3: with scope openid, and not without, the answer to a code has an id_token, and "MUST include" no-store
SELECT pg_temp.exchange('plain', pg_temp.code('plain', 'openid', :'session', '&nonce=n-0S6_WzA2Mj')) AS tokens \gset
SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(:'tokens') k;
SELECT headers FROM oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to(format('client_id=%s&client_secret=%s&grant_type=refresh_token&refresh_token=%s', :'plain', (SELECT secret FROM rp WHERE name = 'plain'), :'tokens'::jsonb ->> 'refresh_token'), 'UTF8'), 'https', '127.0.0.1'));
SELECT pg_temp.exchange('plain', pg_temp.code('plain', 'read', :'session', '&nonce=n')) ? 'id_token';
\echo -- Core, section 2: what is REQUIRED, and what is known of the login (auth_time for require_auth_time, too: Dynamic Registration 1.0, section 2; Core, section 15.1)
SELECT pg_temp.claims(:'tokens') AS claims \gset
SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(:'claims') k;
\echo -- "The Issuer Identifier", "the OAuth 2.0 client_id of the Relying Party as an audience value", "its value is a JSON number", "passed through unmodified"
SELECT j -> 'iss', j -> 'sub' = to_jsonb(:'alice'::text), j -> 'aud' = to_jsonb(:'plain'::text), (j -> 'exp')::int - (j -> 'iat')::int AS lifetime, to_timestamp((j -> 'iat')::int) BETWEEN now() - interval '1 min' AND clock_timestamp() + interval '1 s' AS now, j -> 'nonce', j -> 'acr', j -> 'amr',
	(j -> 'auth_time')::int = floor(extract(epoch FROM s.authenticated_at)) AS auth_time, j ->> 'sid' = s.sid AS sid FROM (SELECT :'claims'::jsonb AS j) x, oauth.session s WHERE s.subject = :'alice';
\echo -- without a nonce in the request there is none: "If present in the Authentication Request, [...] MUST include a nonce Claim"
SELECT pg_temp.claims(pg_temp.exchange('plain', pg_temp.code('plain', 'openid', :'session'))) ? 'nonce';
\echo -- the vector of Core, appendix A.3
SELECT pg_temp.half(sha256('jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y')) = '77QmUPtjPfzWtF2AnpK9RQ';
\echo -- Core, section 3.1.3.6; Core, section 10.1; Core, section 15.1; RFC 7519, section 5.1: the left half of the hash of the access token, by the alg of the token: SHA-256, SHA-256, and SHA-512 for Ed25519
CREATE TEMP TABLE got AS SELECT name, pg_temp.exchange(name, pg_temp.code(name, 'openid', :'session')) AS tokens FROM rp;
SELECT name, v.valid, v.header ->> 'alg' AS alg, v.header ->> 'typ' AS typ, oauth_jwks() -> 'keys' @> jsonb_build_array(jsonb_build_object('kid', v.header ->> 'kid', 'alg', v.header ->> 'alg', 'use', 'sig')) AS published,
	v.claims ->> 'at_hash' = pg_temp.half(CASE WHEN name IN ('ed', 'full') THEN sha512(t) ELSE sha256(t) END) AS at_hash
FROM got, convert_to(tokens ->> 'access_token', 'UTF8') t, oauth_verify_jwt(tokens ->> 'id_token', oauth_jwks(), '{RS256,ES256,EdDSA,Ed25519}', 'JWT') v ORDER BY name;
SELECT name, v.valid FROM got, oauth_verify_jwt(tokens ->> 'id_token', oauth_jwks(), '{PS256,ES384}') v ORDER BY name;
\echo -- the lifetime: of the client, else of the setting
SELECT oauth_update_client(:'plain', '{"id_token_lifetime": 120}') ->> 'id_token_lifetime';
SET oauth.id_token_lifetime = '2h';
SELECT name, (j -> 'exp')::int - (j -> 'iat')::int FROM (SELECT name, pg_temp.claims(pg_temp.exchange(name, pg_temp.code(name, 'openid', :'session'))) AS j FROM rp WHERE name <> 'ed') x ORDER BY name;
RESET oauth.id_token_lifetime;
SELECT oauth_update_client(:'plain', '{"id_token_lifetime": null}') ? 'id_token_lifetime';

\echo -- Core, section 12.2: a refresh brings one with the same iss, sub, aud, auth_time, sid, acr and amr, an iat of its own, and no nonce
SELECT pg_temp.exchange('es', pg_temp.code('es', 'openid offline_access', :'session', '&nonce=once')) AS first \gset
UPDATE oauth.session SET ended_at = now() WHERE subject = :'alice';
SELECT pg_temp.token('es', 'grant_type=refresh_token&refresh_token=' || (:'first'::jsonb ->> 'refresh_token')) AS second \gset
SELECT pg_temp.claims(:'first') - '{iat,exp,nonce,at_hash}'::text[] = pg_temp.claims(:'second') - '{iat,exp,at_hash}'::text[] AS same, pg_temp.claims(:'first') -> 'nonce', pg_temp.claims(:'second') ? 'nonce', (pg_temp.claims(:'second') -> 'iat')::int >= (pg_temp.claims(:'first') -> 'iat')::int,
	pg_temp.claims(:'second') ->> 'at_hash' = pg_temp.half(sha256(convert_to(:'second'::jsonb ->> 'access_token', 'UTF8')));
\echo -- also when the answer was lost and is repeated; and none where openid was left out
SELECT pg_temp.token('es', 'grant_type=refresh_token&refresh_token=' || (:'first'::jsonb ->> 'refresh_token')) AS again \gset
SELECT :'again'::jsonb -> 'access_token' = :'second'::jsonb -> 'access_token', pg_temp.claims(:'again') - '{iat,exp}'::text[] = pg_temp.claims(:'second') - '{iat,exp}'::text[];
SELECT pg_temp.token('es', 'grant_type=refresh_token&scope=offline_access&refresh_token=' || (:'second'::jsonb ->> 'refresh_token')) ? 'id_token';
\echo -- nobody logged in for a token that SQL issues
SELECT refresh_token AS issued FROM oauth_issue_token((SELECT id FROM rp WHERE name = 'es'), :'alice', 'openid', refresh => true) \gset
SELECT t ? 'access_token', t ? 'id_token' FROM pg_temp.token('es', 'grant_type=refresh_token&refresh_token=' || :'issued') t;

\echo -- the device grant: of the login that approved
SELECT pg_temp.login() AS session \gset
SELECT convert_from(body, 'UTF8')::jsonb AS device FROM rp, oauth.device_authorization(ROW('POST', '/oauth2/device_authorization', '{Content-Type: application/x-www-form-urlencoded}', convert_to(format('client_id=%s&client_secret=%s&scope=openid', id, secret), 'UTF8'), 'https', '127.0.0.1')) WHERE name = 'es' \gset
SELECT pg_temp.go('/oauth2/device', :'session', 'token=' || pg_temp.field(pg_temp.go('/oauth2/device', :'session'), 'token') || '&user_code=' || (:'device'::jsonb ->> 'user_code')) AS page \gset
SELECT (pg_temp.go('/oauth2/device', :'session', format('request=%s&token=%s&decision=approve', pg_temp.esc(pg_temp.field(:'page', 'request')), pg_temp.field(:'page', 'token')))).status;
SELECT j ->> 'sub' = :'alice' AS sub, j ->> 'sid' = s.sid AS sid, j -> 'amr', (j -> 'auth_time')::int = floor(extract(epoch FROM s.authenticated_at)) AS auth_time, j ? 'nonce' AS nonce
FROM pg_temp.claims(pg_temp.token('es', 'grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=' || (:'device'::jsonb ->> 'device_code'))) j, oauth.session s WHERE s.subject = :'alice' AND s.ended_at IS NULL;

\echo -- Core, section 5.4; Core, section 5.6: scopes ask for claims, answered at userinfo; in the ID token where the client wants them
CREATE ROLE regress_id_token;
CREATE SCHEMA regress_id_token AUTHORIZATION regress_id_token;
SET ROLE regress_id_token;
CREATE FUNCTION regress_id_token.about(text, text, text) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT '{"name": "Alice", "name#ja": "アリス", "given_name": "Alice", "family_name": "", "middle_name": null, "nickname": "al", "profile": "https://a.example/", "picture": "https://a.example/p", "website": "https://a.example/w", "gender": "female", "birthdate": "0000-02-29", "zoneinfo": "Europe/Oslo", "locale": "nb-NO",
		"updated_at": 1311280970, "email": "alice@example.com", "email_verified": false, "address": {"locality": "Oslo"}, "phone_number": "+47", "phone_number_verified": true, "roles": ["a", "b"], "level": 7,
		"nobody": null, "sub": "mallory", "iss": "https://evil.example", "aud": "x", "nonce": "forged", "auth_time": 1, "at_hash": "x", "acr": "urn:strong", "azp": "x", "sid": "x"}'::jsonb $$;
RESET ROLE;
SELECT oauth_set_claims_function('regress_id_token.about');
CREATE FUNCTION pg_temp.names(j jsonb) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(k, ' ' ORDER BY k) FROM jsonb_object_keys($1) k WHERE k <> ALL ('{sub,iss,aud,exp,iat,auth_time,nonce,acr,amr,sid,azp,at_hash}') $$;
SELECT s, pg_temp.names(pg_temp.claims(t)) AS id_token, pg_temp.names(pg_temp.userinfo(t ->> 'access_token')) AS userinfo
FROM unnest('{openid,openid profile,openid email,openid address,openid phone,openid email phone}'::text[]) s, LATERAL pg_temp.exchange('es', pg_temp.code('es', s, :'session')) t;
\echo -- types are kept (Core, section 5.1; Core, section 5.1.1; Core, section 5.2); null and empty are left out (Core, section 5.3.2); the sub "MUST always be returned"
SELECT pg_temp.userinfo(pg_temp.exchange('es', pg_temp.code('es', 'openid profile email address phone', :'session')) ->> 'access_token') - 'sub' AS userinfo \gset
SELECT :'userinfo';
SELECT oauth_update_client(id, '{"claims_in_id_token": true}') -> 'claims_in_id_token' FROM rp WHERE name = 'es';
SELECT pg_temp.exchange('es', pg_temp.code('es', 'openid profile email address phone', :'session', '&nonce=real')) AS tokens \gset
SELECT pg_temp.claims(:'tokens') @> (:'userinfo'::jsonb - '{nonce,auth_time,at_hash,acr,azp,sid}'::text[]) AS the_same, pg_temp.names(pg_temp.claims(pg_temp.exchange('es', pg_temp.code('es', 'openid email', :'session'))));
\echo -- what only the provider says, the application cannot
SELECT j ->> 'sub' = :'alice', j -> 'iss', j -> 'nonce', (j -> 'auth_time')::int > 1, j -> 'acr', length(j ->> 'at_hash'), j ? 'azp', j ->> 'sid' ~ '^[0-9a-f]{32}$' FROM pg_temp.claims(:'tokens') j;
SELECT oauth_update_client(id, '{"claims_in_id_token": false}') -> 'claims_in_id_token' FROM rp WHERE name = 'es';

\echo -- Core, section 5.5; Core, section 5.5.1: the claims parameter asks for single claims, at either place, with or without a value
CREATE TEMP TABLE s AS SELECT :'session' AS v;
CREATE FUNCTION pg_temp.asked(claims text, scope text DEFAULT 'openid') RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT format('%s | %s', coalesce(pg_temp.names(pg_temp.claims(t)), '-'), coalesce(pg_temp.names(pg_temp.userinfo(t ->> 'access_token') - '{roles,level}'::text[]), '-')) FROM pg_temp.exchange('es', pg_temp.code('es', scope, (SELECT v FROM s), '&claims=' || pg_temp.esc(claims))) t $$;
SELECT c, pg_temp.asked(c) FROM unnest(ARRAY['{"userinfo": {"email": null}}', '{"id_token": {"email": null, "roles": null}}', '{"id_token": {"email": {"essential": true}, "nobody": {"essential": true}, "made_up": null}, "userinfo": {"phone_number": {"purpose": "to call"}}}',
	'{"id_token": {"email": {"value": "alice@example.com"}}}', '{"id_token": {"email": {"value": "bob@example.com"}}}', '{"id_token": {"level": {"values": [6, 7]}, "roles": {"value": ["a", "b"]}, "email_verified": {"value": false}}}', '{"id_token": {"level": {"values": [6, "7"]}, "email_verified": {"value": true}}}',
	'{"id_token": {"level": {"values": []}}}', '{"id_token": {"name#ja": null}}', '{"id_token": {"preferred_username": null}}', '{"id_token": {"auth_time": {"essential": true}, "acr": null}}', '{}', '{"other": {"email": null}}']) c;
SELECT pg_temp.claims(pg_temp.exchange('es', pg_temp.code('es', 'openid', :'session', '&claims=' || pg_temp.esc('{"id_token": {"roles": null, "level": null, "preferred_username": null}}')))) - '{sub,iss,aud,exp,iat,auth_time,acr,amr,sid,at_hash}'::text[];
\echo -- Core, section 14: strings are compared by code point: of letters of half width, in another case, or with another accent nothing is the same
SELECT c, pg_temp.asked(c) FROM unnest(ARRAY['{"id_token": {"name#ja": {"value": "\u30a2\u30ea\u30b9"}, "locale": {"value": "nb-NO"}}}', '{"id_token": {"name#ja": {"value": "\uff71\uff98\uff7d"}, "locale": {"value": "nb-no"}}}',
	'{"id_token": {"NAME#ja": null, "locale": {"value": "nb-N\u00d3"}}}']) c;
\echo -- what a scope opens stays open, whatever value the request would like; and a refresh goes on with the request
SELECT pg_temp.asked('{"userinfo": {"email": {"value": "bob@example.com"}}}', 'openid email');
SELECT pg_temp.exchange('es', pg_temp.code('es', 'openid', :'session', '&claims=' || pg_temp.esc('{"id_token": {"email": null}, "userinfo": {"phone_number": null}}'))) AS tokens \gset
SELECT pg_temp.names(pg_temp.claims(t)), pg_temp.names(pg_temp.userinfo(t ->> 'access_token')) FROM pg_temp.token('es', 'grant_type=refresh_token&refresh_token=' || (:'tokens'::jsonb ->> 'refresh_token')) t;

\echo -- code of the application runs on its own lane: nothing is used before the request has moved there
SELECT pg_temp.code('es', 'openid', :'session', '&claims=' || pg_temp.esc('{"id_token": {"email": null}}')) AS code, pg_temp.code('es', 'openid', :'session') AS plain_code \gset
SET oauth.lane = 'writing';
SELECT headers[1], headers[2] ~ '^Share: [0-9a-f]{16}$' FROM (SELECT ARRAY(SELECT jsonb_array_elements_text(pg_temp.exchange('es', :'code'))) AS headers) x;
SELECT pg_temp.claims(pg_temp.exchange('es', :'plain_code')) ->> 'sub' = :'alice';
SELECT headers[1] FROM (SELECT ARRAY(SELECT jsonb_array_elements_text(pg_temp.token('es', 'grant_type=refresh_token&refresh_token=' || refresh_token))) AS headers FROM (SELECT :'tokens'::jsonb ->> 'refresh_token' AS refresh_token) t) x;
SET oauth.lane = 'application';
SELECT pg_temp.names(pg_temp.claims(pg_temp.exchange('es', :'code')));
RESET oauth.lane;
\echo -- an RSA signature is slow: where others wait it is not made, and the code stays unused; the signing lane makes it
SELECT pg_temp.code('plain', 'openid', :'session') AS code, pg_temp.code('plain', 'read', :'session') AS plain_code \gset
SET oauth.lane = 'writing';
SELECT pg_temp.exchange('plain', :'code');
SELECT pg_temp.exchange('plain', :'plain_code') ? 'access_token';
SET oauth.lane = 'signing';
SELECT pg_temp.exchange('plain', :'code') AS tokens \gset
SELECT pg_temp.claims(:'tokens') ->> 'sub' = :'alice' AS is_alice, :'tokens'::jsonb ->> 'refresh_token' AS refresh \gset
SELECT :'is_alice';
SET oauth.lane = 'writing';
SELECT pg_temp.token('plain', 'grant_type=refresh_token&refresh_token=' || :'refresh');
RESET oauth.lane;
SELECT pg_temp.claims(pg_temp.token('plain', 'grant_type=refresh_token&refresh_token=' || :'refresh')) ->> 'sub' = :'alice';
\echo -- an error of the application leaves the code unused
SELECT pg_temp.code('es', 'openid', :'session', '&claims=' || pg_temp.esc('{"id_token": {"email": null}}')) AS code \gset
SET ROLE regress_id_token;
CREATE OR REPLACE FUNCTION regress_id_token.about(text, text, text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE 'not now' USING ERRCODE = 'P0042'; END $$;
RESET ROLE;
SELECT pg_temp.exchange('es', :'code');
SELECT oauth_set_claims_function(NULL);
SELECT pg_temp.claims(pg_temp.exchange('es', :'code')) ->> 'sub' = :'alice';
SELECT pg_temp.exchange('es', :'code') -> 'error';

\echo -- Core, section 5.3.2: a signed answer where the client registered for one, with iss and aud, as application/jwt
SELECT access_token AS access FROM oauth_issue_token((SELECT id FROM rp WHERE name = 'es'), :'alice', 'openid profile') \gset
SELECT oauth_update_client(id, '{"userinfo_signed_response_alg": "ES256"}') ->> 'userinfo_signed_response_alg' FROM rp WHERE name = 'es';
SELECT method, status, headers, v.valid, v.header ->> 'alg', v.claims ->> 'sub' = :'alice', v.claims -> 'iss', v.claims ->> 'aud' = (SELECT id FROM rp WHERE name = 'es'), v.claims -> 'preferred_username'
FROM unnest('{GET,POST}'::text[]) method, oauth.userinfo(ROW(method, '/oauth2/userinfo', ARRAY['Authorization: Bearer ' || :'access'], NULL, 'https', NULL)) r, oauth_verify_jwt(convert_from(r.body, 'UTF8'), oauth_jwks(), '{ES256}', 'JWT') v;
SET oauth.lane = 'reading';
SELECT pg_temp.userinfo(:'access');
SELECT oauth_create_signing_key('PS256') IS NOT NULL;
SELECT oauth_update_client(id, '{"userinfo_signed_response_alg": "PS256"}') ->> 'userinfo_signed_response_alg' FROM rp WHERE name = 'es';
SELECT pg_temp.userinfo(:'access');
RESET oauth.lane;
SELECT oauth_update_client(id, '{"userinfo_signed_response_alg": null}') ? 'userinfo_signed_response_alg' FROM rp WHERE name = 'es';
\echo -- "The UserInfo Endpoint MUST accept Access Tokens as OAuth 2.0 Bearer Token Usage", by GET and POST (Core, section 5.3); errors as RFC 6750 says (Core, section 5.3.3)
SELECT status, headers FROM oauth.userinfo(ROW('GET', '/oauth2/userinfo', ARRAY['Authorization: Bearer ' || 'oat_x'], NULL, 'https', NULL));

\echo -- Core, section 8; Core, section 8.1: pairwise subjects differ from sector to sector, and are the same within one
INSERT INTO rp SELECT n, j ->> 'client_id', j ->> 'client_secret' FROM unnest('{one,two,far}'::text[]) n, oauth_register_client_metadata(jsonb_build_object('client_name', 'id_token ' || n, 'redirect_uris', ARRAY['https://' || CASE n WHEN 'far' THEN 'far' ELSE 'near' END || '.example/cb'], 'subject_type', 'pairwise', 'token_endpoint_auth_method', 'client_secret_post',
	'grant_types', '{authorization_code,refresh_token}'::text[], 'scope', 'openid profile', 'id_token_signed_response_alg', 'ES256')) j;
CREATE FUNCTION pg_temp.pairwise(who text, session text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.token(who, format('grant_type=authorization_code&redirect_uri=https://%s.example/cb&code=', CASE who WHEN 'far' THEN 'far' ELSE 'near' END) || pg_temp.code(who, 'openid profile', session)) $$;
CREATE TEMP TABLE seen AS SELECT name, pg_temp.pairwise(name, :'session') AS tokens FROM rp WHERE name IN ('one', 'two', 'far');
ALTER TABLE seen ADD sub text;
UPDATE seen SET sub = pg_temp.claims(tokens) ->> 'sub';
SELECT count(DISTINCT sub), bool_and(sub <> :'alice'), bool_and(sub ~ '^[A-Za-z0-9_-]{43}$'), (SELECT sub FROM seen WHERE name = 'one') = (SELECT sub FROM seen WHERE name = 'two') FROM seen;
\echo -- nor does the sid tell clients of two sectors that they share a session
SELECT count(DISTINCT sid), bool_and(sid ~ '^[A-Za-z0-9_-]{64}$'), (SELECT bool_or(n.sid = pg_temp.claims(o.tokens) ->> 'sid') FROM oauth.session n, seen o) AS raw FROM (SELECT pg_temp.claims(tokens) ->> 'sid' AS sid FROM seen) s;
SELECT pg_temp.claims(pg_temp.pairwise('far', :'session')) ->> 'sid' = pg_temp.claims(tokens) ->> 'sid' AS same FROM seen WHERE name = 'far';
\echo -- Core, section 5.3.2: "The sub Claim in the UserInfo Response MUST be verified to exactly match the sub Claim in the ID Token"; the client sees no other anywhere
SELECT name, pg_temp.userinfo(tokens ->> 'access_token') ->> 'sub' = sub AS userinfo, i ->> 'sub' = sub AS introspection, i -> 'username' AS username,
	a ->> 'subject' = sub AS api, a -> 'username' AS api_username
FROM seen JOIN rp USING (name), LATERAL (SELECT convert_from(body, 'UTF8')::jsonb FROM oauth.introspect(ROW('POST', '/oauth2/introspect', '{Content-Type: application/x-www-form-urlencoded}', convert_to(format('client_id=%s&client_secret=%s&token=%s', id, secret, tokens ->> 'access_token'), 'UTF8'), 'https', NULL))) x (i),
	LATERAL (SELECT convert_from(body, 'UTF8')::jsonb FROM oauth.resource(ROW('GET', '/api/', ARRAY['Authorization: Bearer ' || (tokens ->> 'access_token')], NULL, 'https', NULL))) y (a) ORDER BY name;
\echo -- nor in a JWT access token
SELECT oauth_update_client(id, '{"access_token_format": "jwt"}') ->> 'access_token_format' FROM rp WHERE name = 'one';
SELECT v.valid, v.claims ->> 'sub' = seen.sub, pg_temp.claims(t) ->> 'at_hash' = pg_temp.half(sha256(convert_to(t ->> 'access_token', 'UTF8'))) FROM seen, pg_temp.pairwise('one', :'session') t, oauth_verify_jwt(t ->> 'access_token', oauth_jwks(), '{ES256,RS256}', 'at+jwt') v WHERE name = 'one';
SELECT oauth_update_client(id, '{"access_token_format": "opaque"}') ->> 'access_token_format' FROM rp WHERE name = 'one';
\echo -- without scope profile it learns no name either
SELECT access_token AS narrow FROM rp, oauth_issue_token(id, :'alice', 'openid') WHERE name = 'one' \gset
SELECT i ? 'username', a ? 'username' FROM rp, LATERAL (SELECT convert_from(body, 'UTF8')::jsonb FROM oauth.introspect(ROW('POST', '/oauth2/introspect', '{Content-Type: application/x-www-form-urlencoded}', convert_to(format('client_id=%s&client_secret=%s&token=%s', id, secret, :'narrow'), 'UTF8'), 'https', NULL))) x (i),
	LATERAL (SELECT convert_from(body, 'UTF8')::jsonb FROM oauth.resource(ROW('GET', '/api/', ARRAY['Authorization: Bearer ' || :'narrow'], NULL, 'https', NULL))) y (a) WHERE name = 'one';
\echo -- services of the application, behind the proxy that asks /auth, see the subject itself (docs/claims.md)
SELECT bool_and('X-OAuth-Subject: ' || :'alice' = ANY (headers)), bool_and(a ->> 'subject' = sub) AS api_differs FROM seen, oauth.forward_auth(ROW('GET', '/auth', ARRAY['Authorization: Bearer ' || (tokens ->> 'access_token')], NULL, 'https', NULL)) f,
	LATERAL (SELECT convert_from(body, 'UTF8')::jsonb FROM oauth.resource(ROW('GET', '/api/', ARRAY['Authorization: Bearer ' || (tokens ->> 'access_token')], NULL, 'https', NULL))) y (a);
\echo -- SQL sees the subject itself: in introspection, policies, grants and the audit log
BEGIN;
SELECT oauth_authenticate('Bearer ' || (tokens ->> 'access_token')) FROM seen WHERE name = 'far';
SELECT oauth_subject() = :'alice';
COMMIT;
SELECT bool_and(oauth_introspect_token(tokens ->> 'access_token') ->> 'sub' = :'alice') FROM seen;
SELECT count(*) FROM oauth.event e JOIN seen ON e.subject = seen.sub;
SELECT count(*) FROM oauth.grant g JOIN seen ON g.subject = seen.sub;
\echo -- Core, section 8.1: "the algorithm MUST be deterministic": the same at a refresh, in an id_token_hint, and after the master key has been rotated
SELECT bool_and(pg_temp.claims(pg_temp.token(name, 'grant_type=refresh_token&refresh_token=' || (tokens ->> 'refresh_token'))) ->> 'sub' = sub) FROM seen WHERE name <> 'far';
SELECT pg_temp.location(pg_temp.go(format('/oauth2/authorize?client_id=%s&response_type=code&scope=openid%%20profile&prompt=none&id_token_hint=%s', id, tokens ->> 'id_token'), :'session')) ~ 'code=' FROM seen JOIN rp USING (name) WHERE name = 'far';
SELECT key_sealed AS sealed FROM oauth.pairwise_key \gset
SELECT oauth_rotate_master_key() > 0;
SELECT key_sealed <> :'sealed', substr(key_sealed, 1, 8) = (SELECT key_id FROM oauth.master_key WHERE retired_at IS NULL) FROM oauth.pairwise_key;
SELECT pg_temp.claims(pg_temp.pairwise('far', :'session')) ->> 'sub' = sub FROM seen WHERE name = 'far';
SELECT pg_temp.claims(pg_temp.pairwise('far', :'session')) ->> 'sid' = pg_temp.claims(tokens) ->> 'sid' AS sid FROM seen WHERE name = 'far';
\echo -- the hint of such a client is of its session, and oauth_end_session() takes the sid that it knows
BEGIN;
SELECT array_to_string(headers, ' ') ~ 'Set-Cookie: [^ ]*oauth_session=;' AS is_logged_out, convert_from(body, 'UTF8') ~ '<form' AS is_asked FROM seen, oauth.end_session(ROW('GET', '/oauth2/end_session?id_token_hint=' || (tokens ->> 'id_token'), ARRAY['Cookie: ' || :'session'], NULL, 'https', NULL)) WHERE name = 'far';
ROLLBACK;
BEGIN;
SELECT oauth_end_session('nobody', pg_temp.claims(tokens) ->> 'sid'), oauth_end_session(sid => pg_temp.claims(tokens) ->> 'sid'), oauth_end_session(:'alice', pg_temp.claims(tokens) ->> 'sid') FROM seen WHERE name = 'far';
ROLLBACK;
SELECT sid, oauth_end_session(sid => sid) FROM unnest(ARRAY['', 'A', repeat('A', 22), repeat('A', 64), repeat('_', 64), repeat('A', 65), repeat('A', 200), 'ü']) sid;
\echo -- Core, section 8.1: "MUST NOT be reversible by any party other than the OpenID Provider": with another key everybody is somebody else
BEGIN;
DELETE FROM oauth.pairwise_key;
SELECT pg_temp.claims(pg_temp.pairwise('far', :'session')) ->> 'sub' = sub FROM seen WHERE name = 'far';
ROLLBACK;
\echo -- there is one key, and it stays
SELECT oauth_update_client(id, '{"subject_type": "pairwise"}') ->> 'subject_type' FROM rp WHERE name = 'far';
INSERT INTO oauth.pairwise_key (key_sealed) VALUES ('x');
SELECT count(*) FROM oauth.pairwise_key;
UPDATE oauth.client SET subject_type = 'public' WHERE client_name LIKE 'id_token %';
DROP SCHEMA regress_id_token CASCADE;
DROP ROLE regress_id_token;
