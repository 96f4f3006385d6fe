-- grant_jwt_bearer.sql: JWTs of trusted issuers, and of clients, as grants (RFC 7521, RFC 7523), identity assertions among them
-- (draft-ietf-oauth-identity-assertion-authz-grant).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET oauth.issuer = 'https://here.example';
SET oauth.bcrypt_cost = 4;

\set bearer 'urn:ietf:params:oauth:grant-type:jwt-bearer'
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('bearer', grant_types => ARRAY[:'bearer', 'refresh_token'], scope => 'read write') \gset
SELECT client_id AS other, client_secret AS other_secret FROM oauth_register_client('bearer other', grant_types => ARRAY['client_credentials'], scope => 'read write') \gset
SELECT client_id AS public FROM oauth_register_client('bearer public', grant_types => ARRAY[:'bearer'], scope => 'read', client_type => 'public') \gset
SELECT oauth_create_user('bearer alice', 'wonderland') AS alice \gset
SELECT 'client_id=' || :'id' || '&client_secret=' || :'secret' AS auth, 'client_id=' || :'other' || '&client_secret=' || :'other_secret' AS other_auth \gset
-- The issuer signs with keys of here, which it has from here.
SELECT oauth_create_signing_key('ES256') AS kid \gset
\set rsa '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDJLF7iUTvNqbNP\nm2Ozm2VseaQHE7DRHTylu9GvEX+0O+GoespGSrUXtr3kzYBqYjqwERyAusyjxxCu\nqp8gMTIUH++rQvtgI80qyGe17WObz6axit5IsNNVAhLzvD9y5K/9OU07q1MTq1RM\nEMs3j3OuG4TqG/s1CBEQ+joxPmKrBab4KLO8uMtvpZT/GdHQT5yqe7fqupAd6LyW\n5Qvt+fBC86NvxJmeZO87ZcEnYxhwZr1kuXRr7nZKtQZZvl1cWmKQB8TXWt6xgLF0\nY8tl7+5+ocR89kw7AUxVmgkPz6k1ak9Oz0lYGJZvsbLesYWuD8HVm6T/I+HY3zO9\njEWOmlG1AgMBAAECggEAD4HnWuBNW8b0BCleYpBnyC3J87le77ERMABoretg0f1X\nYY6nluANkiNQ2OPw0nfkfhaE69/FGcSPrWXd0tQ1VUukmhSAKVLRLwtYQp6m8fJB\nmggyUYhUnhtaZ9ClfnSQ+WmS9yF3i7mxC5UJfpdaYOaM/3lCiyhmR7irnDNVf/PS\nWH0Iuppkf0IZtF+yibO7s6BSeuR0v/AQ2u3SMv1gArRq7lsKYXSVb2DR5HiDT7H+\nONCba6PGBStpkC16e+QWK6O6L7wsKnnLTPiXbFW3L4L9wAIzxR5oHPxp8Zu0HmfW\npEyggHcvaz36wvJGNjlS66VX8YtMsNEBs/DplZxG2QKBgQDnG73IlN72ucF1HqfH\n/qOmlyNgLZX1CXcKYkKexEmBAuKn/P8zEl6oV7Ah1K3jzpUAsL9kZJg6gb/8i9Sl\nmGLpfHvC6z7tdp+ZSc9nckXb+YuS7LEHLphebfd7KeIYgzsv/p1NY9m/zHIGfwW1\nwY+uRSZt9f3bZlSpNob9y6zlbQKBgQDe1z4KRES/Y+rBmFvDYzKNNX5rMfZLnJ0z\nn2Qe48oRK5Syn+bc5m/YMcWylM/7Gj9DraWi8vxWp0iaw9S7DaFVMBTaQl8h4/aH\nMSJ8OEldUMuFWTltb6dx4b87FVSCofqjgpXQM3ObwRAQqTbF4LmrGglgZCrkASPY\na4QKJSYYaQKBgQC+hCX9lov/hL4wWKcjvY0XJfzpqmq2Z6kUjFAzJckaa1CB/5Q5\ne+lAiZkPKo52/7Phr9L3Zd4ATToBbRxNrsPLiu1TkC59/44uBaTOuGtSnfMrmaeO\nLiE5pxmfFLXoUzaVqCXwyGGXNWjCZjBE114k4ah+eY1eMouUOvkpe5/6OQKBgD9V\nKTq9wFQsz5GJ/bqAPOPJKk7I+lju//al/EyTLODIZBCIRZLOo0bsjmV8ycdx5D0V\n4xd2u6TdElN6CMHI0+tkKOkHKAZ3xZ8SpdxsGt28krspaprhutMw96qRG12tL5C9\nElsD5H2F100E6p4+ikZIthWBInd+o3Nkyzge6r7RAoGAeqGVsVY4nYdGmVABat9x\n06EjrD9y5rC5h4jyMlYOI/d02tRRnguBCiYF/Nsxuq2kN9GUxIUbARFyp5dFh7Cm\n3HtQ5H7sRckxD+2XUYwndUJ5gnLG2tA9gEBo2kmmn7neIdyNE9Q1NMh5gFx186JS\nAtrvPoHvDAtz3xUl+mWjz7I=\n-----END PRIVATE KEY-----\n'
SELECT oauth_import_signing_key(:'rsa', 'RS256') AS rsa_kid \gset
SELECT oauth_jwks() AS keys \gset
SELECT oauth_trust_issuer('https://idp.example', :'keys');

-- An assertion with other claims than the usual ones; null takes one away.
CREATE FUNCTION pg_temp.jwt(change jsonb DEFAULT '{}', typ text DEFAULT 'JWT') RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT oauth_sign_jwt(jsonb_strip_nulls(jsonb_build_object('iss', 'https://idp.example', 'sub', 'a-1', 'aud', 'https://here.example', 'exp', floor(extract(epoch FROM now())) + 120, 'iat', floor(extract(epoch FROM now())), 'jti', gen_random_uuid()) || change), 'ES256', typ) $$;
CREATE FUNCTION pg_temp.jag(client text, change jsonb DEFAULT '{}') RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.jwt(jsonb_build_object('client_id', client) || change, 'oauth-id-jag+jwt') $$;
-- What oauth_sign_jwt() would complete, signed as it is.
CREATE FUNCTION pg_temp.b64(data text) RETURNS text LANGUAGE sql AS $$ SELECT translate(encode(convert_to(data, 'UTF8'), 'base64'), E'+/=\n', '-_') $$;
CREATE FUNCTION pg_temp.raw(claims jsonb, typ text, pem text) RETURNS text LANGUAGE sql AS $$ SELECT input || '.' || translate(oauth_signature('RSA-SHA256', input, pem), '+/=', '-_')
	FROM (SELECT pg_temp.b64(jsonb_strip_nulls(jsonb_build_object('alg', 'RS256', 'typ', typ))::text) || '.' || pg_temp.b64(jsonb_strip_nulls(claims)::text)) i (input) $$;
CREATE FUNCTION pg_temp.grant(auth text, assertion text, more text DEFAULT '') RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT convert_from(body, 'UTF8')::jsonb || jsonb_build_object('status', status) FROM oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}',
		convert_to(auth || '&grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=' || coalesce(assertion, '') || more, 'UTF8'), 'http', '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.said(answer jsonb) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT concat_ws(' ', answer ->> 'status', answer ->> 'error', answer ->> 'error_description', i ->> 'sub', i ->> 'scope', i ->> 'aud', i -> 'act', i ->> 'acr', i ->> 'auth_time', answer ->> 'refresh_token') FROM oauth_introspect_token(answer ->> 'access_token') i $$;
CREATE FUNCTION pg_temp.try(auth text, assertion text, more text DEFAULT '') RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT pg_temp.said(pg_temp.grant(auth, assertion, more)) $$;

\echo -- RFC 7521, section 4.1; RFC 7521, section 6.3; RFC 7523, section 2.1: somebody of that issuer: the subject is the issuer and its sub; no refresh token
SELECT pg_temp.grant(:'auth', pg_temp.jwt()) AS answer \gset
SELECT :'answer'::jsonb - '{access_token,expires_in}'::text[];
SELECT pg_temp.said(:'answer');
SELECT active, client_id = :'id', subject FROM oauth_verify_token(:'answer'::jsonb ->> 'access_token');
SELECT grant_type, subject FROM oauth.grant WHERE client_id = :'id';
\echo -- one that names several audiences, or the token endpoint: "The token endpoint URL of the authorization server MAY be used" (RFC 7523, section 3)
SELECT aud, pg_temp.try(:'auth', pg_temp.jwt(jsonb_build_object('aud', aud::jsonb))) FROM unnest(ARRAY['["https://here.example", "https://there.example"]', '"https://here.example/oauth2/token"', '"https://here.example/oauth2/access_token"']) aud;

\echo -- RFC 7521, section 4.1.1; RFC 7521, section 5.2; RFC 7523, section 3.1; RFC 7523, section 3: "The JWT MUST contain an iss", "a sub", "an aud containing a value that identifies the authorization server", "an exp"
SELECT change, pg_temp.try(:'auth', pg_temp.jwt(change::jsonb)) FROM unnest(ARRAY['{"iss": 1}', '{"iss": "https://nobody.example"}', '{"iss": "https://idp.example/"}', '{"iss": "https://here.example"}', '{"sub": null}', '{"sub": 1}', '{"sub": ""}', '{"sub": ["a"]}',
	'{"aud": null}', '{"aud": 1}', '{"aud": []}', '{"aud": {}}', '{"aud": "https://there.example"}', '{"aud": "https://here.example/"}', '{"aud": ["https://here.example", 1]}']) change;
\echo -- RFC 7521, section 5.2; RFC 7523, section 3: "The authorization server MUST reject any JWT with an expiration time that has passed, subject to allowable clock skew"; "MAY reject JWTs with an exp claim value that is unreasonably far in the future"
SELECT name, pg_temp.try(:'auth', pg_temp.jwt(jsonb_build_object(name, floor(extract(epoch FROM now())) + ahead))) FROM (VALUES (1, 'exp', -5), (2, 'exp', -20), (3, 'exp', 300), (4, 'exp', 400), (5, 'exp', 1e12), (6, 'nbf', 5), (7, 'nbf', 60), (8, 'iat', 5), (9, 'iat', 60), (10, 'iat', -1e9)) v (n, name, ahead) ORDER BY n;
\echo -- without one of these, or without a typ
CREATE FUNCTION pg_temp.now(ahead integer DEFAULT 0) RETURNS bigint LANGUAGE sql AS $$ SELECT extract(epoch FROM clock_timestamp())::bigint + ahead $$;
SELECT coalesce(gone, 'typ'), pg_temp.try(:'auth', pg_temp.raw(jsonb_build_object('iss', 'https://idp.example', 'sub', 'a-1', 'aud', 'https://here.example', 'exp', pg_temp.now(120), 'iat', pg_temp.now(), 'jti', gen_random_uuid()) - coalesce(gone, ''), CASE WHEN gone IS NOT NULL THEN 'JWT' END, :'rsa')) FROM unnest('{iss,sub,aud,exp,iat,NULL}'::text[]) gone;
\echo -- a time that is no number
SELECT value, pg_temp.try(:'auth', pg_temp.raw(jsonb_build_object('iss', 'https://idp.example', 'sub', 'a-1', 'aud', 'https://here.example', 'exp', pg_temp.now(120)) || value::jsonb, 'JWT', :'rsa')) FROM unnest(ARRAY['{"exp": "1e9"}', '{"exp": [1]}', '{"exp": 1e400}', '{"exp": -1e400}', '{"nbf": "x"}', '{"iat": "x"}', '{"iat": 1e400}', '{"iat": -1e400}']) value;
\echo -- "The authorization server MAY ensure that JWTs are not replayed": a jti is good once; without one, as long as it is good
SELECT pg_temp.jwt() AS once, pg_temp.raw(jsonb_build_object('iss', 'https://idp.example', 'sub', 'a-1', 'aud', 'https://here.example', 'exp', pg_temp.now(120)), 'JWT', :'rsa') AS often \gset
SELECT pg_temp.try(:'auth', once) FROM (VALUES (:'once'), (:'once'), (:'often'), (:'often')) v (once);
SELECT pg_temp.try(:'auth', pg_temp.jwt(change::jsonb)) FROM unnest(ARRAY['{"jti": ""}', '{"jti": 1}', '{"jti": {"a": 1}}']) change;
\echo -- a refused one is not used up by what is wrong with the request
SELECT pg_temp.jwt() AS good \gset
SELECT pg_temp.try(:'auth', :'good', '&scope=admin'), pg_temp.try(:'auth', :'good', '&resource=x');
SELECT pg_temp.try(:'auth', :'good');
\echo -- RFC 7521, section 5.2; RFC 7523, section 2.1; RFC 7523, section 3: "The JWT MUST be digitally signed [...] by the issuer. The authorization server MUST reject JWTs with an invalid signature"
SELECT pg_temp.jwt() AS good \gset
SELECT n, pg_temp.try(:'auth', token) FROM (VALUES (1, ''), (2, 'x'), (3, 'a.b.c'), (4, left(:'good', -4) || 'AAAA'), (5, split_part(:'good', '.', 1) || '.' || split_part(:'good', '.', 2) || '.'), (6, translate(encode('{"alg":"none"}', 'base64'), E'+/=\n', '-_') || '.' || split_part(:'good', '.', 2) || '.'),
	(7, translate(encode('{"alg":"HS256"}', 'base64'), E'+/=\n', '-_') || '.' || split_part(:'good', '.', 2) || '.' || split_part(:'good', '.', 3)), (8, repeat('a', 20000)), (9, :'good' || '%0A'), (10, :'good' || '&assertion=' || :'good')) v (n, token) ORDER BY n;
\echo -- RFC 8725, section 3.8: the keys "belong to the issuer": that of one issuer signs nothing of another
BEGIN;
SELECT oauth_trust_issuer('https://strange.example', '{"keys": [{"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}');
SELECT pg_temp.try(:'auth', pg_temp.jwt('{"iss": "https://strange.example"}'));
ROLLBACK;
\echo -- "A JWT that is used for authorization is not one that the issuer signs for something else": access tokens, logout tokens, other types; and what has no typ of its own
SELECT typ, pg_temp.try(:'auth', pg_temp.jwt(typ => typ)) FROM unnest('{at+jwt,logout+jwt,secevent+jwt,dpop+jwt,oauth-authz-req+jwt,token-introspection+jwt,JOSE,application/at+jwt}'::text[]) typ;
SELECT typ, pg_temp.try(:'auth', pg_temp.jwt(typ => typ)) FROM unnest('{jwt,application/jwt}'::text[]) typ;
SELECT change, pg_temp.try(:'auth', pg_temp.jwt(change::jsonb)) FROM unnest(ARRAY['{"nonce": "x"}', '{"at_hash": "x"}', '{"c_hash": "x"}', '{"events": {}}']) change;
\echo -- one that names another client is not for this one
SELECT change, pg_temp.try(:'auth', pg_temp.jwt(change::jsonb)) FROM unnest(ARRAY['{"client_id": "x"}', '{"azp": "x"}', '{"client_id": 1}']) change;
\echo -- RFC 7521, section 4.1: a client without the grant, one that is wrong about its secret, and no assertion
SELECT pg_temp.try(:'other_auth', pg_temp.jwt()), pg_temp.try('client_id=' || :'id' || '&client_secret=x', pg_temp.jwt()), pg_temp.try(:'auth', NULL);
\echo -- only an administrator gives it
BEGIN;
SET LOCAL oauth.registration = 'open';
SELECT convert_from(body, 'UTF8')::jsonb -> 'grant_types' FROM oauth.register(ROW('POST', '/oauth2/register', '{Content-Type: application/json}', convert_to(format('{"grant_types": ["authorization_code", %s], "redirect_uris": ["https://app.example/back"]}', to_json(:'bearer'::text)), 'UTF8'), 'http', '127.0.0.1'));
ROLLBACK;

\echo -- RFC 7521, section 4.1: scope: within what the client may have, and what the assertion says
SELECT change, more, pg_temp.try(:'auth', pg_temp.jwt(change::jsonb), more) FROM (VALUES (1, '{}', '&scope=write'), (2, '{}', '&scope=admin'), (3, '{"scope": "write"}', ''), (4, '{"scope": "read write admin"}', ''), (5, '{"scope": "admin"}', ''), (6, '{"scope": "write"}', '&scope=read'), (7, '{"scope": "read write"}', '&scope=write'), (8, '{"scope": ""}', ''), (9, '{"scope": ["read"]}', ''), (10, '{"scope": "a\"b"}', '')) v (n, change, more) ORDER BY n;
\echo -- resource: likewise (RFC 8707, section 2; RFC 8707, section 2.2)
SELECT change, more, pg_temp.try(:'auth', pg_temp.jwt(change::jsonb), more) FROM (VALUES (1, '{}', '&resource=https://api.example/a'), (2, '{"resource": "https://api.example/a"}', ''), (3, '{"resource": ["https://api.example/a", "https://api.example/b"]}', ''), (4, '{"resource": ["https://api.example/a", "https://api.example/b"]}', '&resource=https://api.example/b'), (5, '{"resource": "https://api.example/a"}', '&resource=https://api.example/c'),
	(6, '{"resource": "api"}', ''), (7, '{"resource": 1}', ''), (8, '{"resource": []}', ''), (9, '{"resource": ["https://api.example/a", 1]}', ''), (10, '{"resource": "https://api.example/a https://api.example/b"}', '')) v (n, change, more) ORDER BY n;
\echo -- who acts: of what act says, what says who that is (RFC 8693, section 4.1)
SELECT change, pg_temp.try(:'auth', pg_temp.jwt(change::jsonb)) FROM unnest(ARRAY['{"act": {"sub": "bot", "exp": 1, "x": {}}}', '{"act": {"iss": "https://idp.example", "sub": "bot", "act": {"client_id": "first"}}}', '{"act": "bot"}', '{"act": {}}', '{"act": {"sub": 1}}', '{"act": {"sub": "bot", "act": 1}}']) change;
SELECT pg_temp.try(:'auth', pg_temp.jwt((SELECT jsonb_build_object('act', (repeat('{"sub": "a", "act": ', n) || '{"sub": "z"}' || repeat('}', n))::jsonb)))) FROM unnest('{9,10}'::int[]) n;
\echo -- bound to a key that the request does not prove to have (RFC 7800, section 3.1)
SELECT change, pg_temp.try(:'auth', pg_temp.jwt(change::jsonb)) FROM unnest(ARRAY['{"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}', '{"cnf": {"x5t#S256": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}', '{"cnf": {}}', '{"cnf": 1}']) change;

\echo -- identity assertions: "The aud claim MAY be a string containing a single issuer identifier, or an array containing a single issuer identifier" (section 4.4.1 of the draft)
SELECT pg_temp.try(:'auth', pg_temp.jag(:'id', '{"scope": "read", "resource": "https://api.example/", "auth_time": 1000000000, "acr": "strong", "email": "a@example.com"}'));
SELECT aud, pg_temp.try(:'auth', pg_temp.jag(:'id', jsonb_build_object('aud', aud::jsonb))) FROM unnest(ARRAY['["https://here.example"]', '["https://here.example", "https://there.example"]', '["https://here.example", "https://here.example"]', '[]', '"https://here.example/oauth2/token"', '"https://there.example"']) aud;
\echo -- "The client_id claim MUST identify the same client as the client authentication in the request"
SELECT pg_temp.try(:'auth', pg_temp.jag(client)) FROM unnest(ARRAY[:'other', '', NULL]) client;
\echo -- jti, iat, exp and sub are REQUIRED (section 3.1)
SELECT gone, pg_temp.try(:'auth', pg_temp.raw(jsonb_build_object('iss', 'https://idp.example', 'client_id', :'id', 'sub', 'a-1', 'aud', 'https://here.example', 'exp', pg_temp.now(120), 'iat', pg_temp.now(), 'jti', gen_random_uuid()) - gone, 'oauth-id-jag+jwt', :'rsa')) FROM unnest('{iss,sub,aud,client_id,jti,exp,iat,none}'::text[]) gone;
\echo -- once
SELECT pg_temp.jag(:'id') AS once \gset
SELECT pg_temp.try(:'auth', once) FROM (VALUES (:'once'), (:'once')) v (once);
\echo -- "This specification SHOULD only be supported for confidential clients" (section 9.1); a public one that an administrator gave the grant may use another JWT
SELECT pg_temp.try('client_id=' || :'public', pg_temp.jag(:'public')), pg_temp.try('client_id=' || :'public', pg_temp.jwt());
\echo -- "the IdP MUST NOT issue access tokens in response to an ID-JAG it issued itself" (section 9.3)
SELECT pg_temp.try(:'auth', pg_temp.jag(:'id', '{"iss": "https://here.example"}'));

\echo -- a function of the application says who somebody is; it sees issuer and claims, and nobody calls
CREATE ROLE regress_bearer;
CREATE SCHEMA regress_bearer AUTHORIZATION regress_bearer;
SET ROLE regress_bearer;
CREATE TABLE regress_bearer.link (email text, subject text);
CREATE FUNCTION regress_bearer.who(issuer text, claims jsonb) RETURNS text LANGUAGE sql AS $$ SELECT l.subject FROM regress_bearer.link l WHERE l.email = claims ->> 'email' AND issuer = 'https://idp.example' AND public.oauth_subject() IS NULL AND public.oauth_client() IS NULL AND current_user = 'regress_bearer' $$;
RESET ROLE;
INSERT INTO regress_bearer.link VALUES ('alice@example.com', :'alice'), ('name@example.com', 'bearer alice'), ('new@example.com', 'new-1'), ('blank@example.com', ' '), ('long@example.com', repeat('a', 256));
SELECT oauth_trust_issuer('https://idp.example', :'keys', subject_function => 'regress_bearer.who', audience => 'what-they-call-us');
SELECT email, replace(pg_temp.try(:'auth', pg_temp.jwt(jsonb_build_object('email', email, 'aud', 'what-they-call-us'))), :'alice', '(alice)') FROM unnest('{alice,name,new,blank,long,nobody}'::text[]) name, LATERAL (SELECT name || '@example.com') e (email);
\echo -- the audience is that one, of an identity assertion the issuer as ever
SELECT replace(pg_temp.try(:'auth', token), :'alice', '(alice)') FROM (VALUES (pg_temp.jwt('{"email": "alice@example.com"}')), (pg_temp.jag(:'id', '{"email": "alice@example.com", "aud": "what-they-call-us"}')), (pg_temp.jag(:'id', '{"email": "alice@example.com"}'))) v (token);
\echo -- on a connection that is for other work it does not run
SET oauth.lane = 'writing';
SELECT status, headers[1] FROM oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to(:'auth' || '&grant_type=' || :'bearer' || '&assertion=' || pg_temp.jag(:'id'), 'UTF8'), 'http', '127.0.0.1'));
RESET oauth.lane;
\echo -- somebody who is disabled; and an error of the function is one of the server
BEGIN;
SELECT oauth_disable_user('bearer alice');
SELECT pg_temp.try(:'auth', pg_temp.jag(:'id', '{"email": "alice@example.com"}'));
ROLLBACK;
DROP TABLE regress_bearer.link;
SELECT pg_temp.try(:'auth', pg_temp.jag(:'id', '{"email": "alice@example.com"}'));
\echo :SQLSTATE
DROP SCHEMA regress_bearer CASCADE;
SELECT pg_temp.try(:'auth', pg_temp.jag(:'id'));
\echo :SQLSTATE
DROP ROLE regress_bearer;

\echo -- keys from a URL: asked for first, once
SELECT oauth_trust_issuer('https://idp.example', jwks_uri => 'https://idp.example/jwks');
SELECT pg_temp.jag(:'id') AS good \gset
SELECT status, headers FROM oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to(:'auth' || '&grant_type=' || :'bearer' || '&assertion=' || :'good', 'UTF8'), 'http', '127.0.0.1'));
SELECT url FROM oauth.document WHERE wanted_at IS NOT NULL;
SELECT oauth.claim_document('https://idp.example/jwks'), oauth.keep_document('https://idp.example/jwks', 200, '{Content-Type: application/json}', convert_to('{"keys": [{"kty": "EC", "crv": "P-256", "kid": "a", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}', 'UTF8'));
\echo -- an unknown kid: not within the minute, and then once more
SELECT pg_temp.try(:'auth', :'good');
UPDATE oauth.document SET fetched_at = now() - interval '2 minutes' WHERE url = 'https://idp.example/jwks';
SELECT status, headers FROM oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to(:'auth' || '&grant_type=' || :'bearer' || '&assertion=' || :'good', 'UTF8'), 'http', '127.0.0.1'));
SELECT oauth.claim_document('https://idp.example/jwks'), oauth.keep_document('https://idp.example/jwks', 200, '{Content-Type: application/json}', convert_to(:'keys', 'UTF8'));
SELECT pg_temp.try(:'auth', :'good');
\echo -- a document that cannot be had: nothing of it is told
UPDATE oauth.document SET failed_at = now(), problem = 'secret of our network', fresh_until = now() - interval '1 s' WHERE url = 'https://idp.example/jwks';
SELECT pg_temp.try(:'auth', pg_temp.jag(:'id'));
DELETE FROM oauth.document;
\echo -- what waited for a document or for another lane is no event
SELECT outcome, count(*) FROM oauth.event WHERE client_id = :'id' AND event = 'issue' AND outcome IS NOT NULL AND outcome NOT IN ('invalid_grant', 'invalid_scope', 'invalid_target', 'invalid_request') GROUP BY 1;
\echo -- who distrusts an issuer ends what clients got for its JWTs, and nothing else; or lets it go on, and ends it later
SELECT oauth_trust_issuer('https://idp.example', :'keys'), oauth_trust_issuer('https://else.example', :'keys');
SELECT pg_temp.grant(:'auth', pg_temp.jag(:'id')) ->> 'access_token' AS theirs, pg_temp.grant(:'auth', pg_temp.jwt('{"iss": "https://else.example"}')) ->> 'access_token' AS elses, access_token AS ours FROM oauth_issue_token(:'id', :'alice', 'read') \gset
CREATE FUNCTION pg_temp.living(VARIADIC tokens text[]) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(v.active::text, ' ' ORDER BY n) FROM unnest(tokens) WITH ORDINALITY t (token, n), oauth_verify_token(token) v $$;
SELECT issuer, count(*) FILTER (WHERE ended_at IS NULL) > 0 FROM oauth.grant WHERE client_id = :'id' GROUP BY 1 ORDER BY 1;
SELECT pg_temp.living(:'theirs', :'elses', :'ours');
SELECT oauth_distrust_issuer('https://idp.example', end_tokens => false), pg_temp.living(:'theirs', :'elses', :'ours');
SELECT oauth_distrust_issuer('https://idp.example'), pg_temp.living(:'theirs', :'elses', :'ours');
SELECT DISTINCT ended_reason FROM oauth.grant WHERE issuer = 'https://idp.example' AND ended_at IS NOT NULL;
SELECT oauth_distrust_issuer('https://else.example', NULL), pg_temp.living(:'theirs', :'elses', :'ours');
SELECT detail FROM oauth.event WHERE event = 'configure' AND detail LIKE '%no longer%' ORDER BY handle DESC LIMIT 2;
SELECT pg_temp.try(:'auth', pg_temp.jag(:'id'));

\echo -- the client itself, with a key of its jwks: iss is the client, sub whom it speaks for, or itself
SELECT pg_temp.try(:'auth', pg_temp.jwt(jsonb_build_object('iss', :'id', 'sub', :'alice')));
SELECT oauth_update_client(:'id', jsonb_build_object('jwks', :'keys'::jsonb)) IS NOT NULL;
SELECT replace(pg_temp.try(:'auth', pg_temp.jwt(jsonb_build_object('iss', :'id', 'sub', sub))), sub, '(sub)') FROM unnest(ARRAY[:'alice', 'anybody', :'id']) sub;
SELECT grant_type, subject IS NULL FROM oauth.grant g WHERE client_id = :'id' ORDER BY handle DESC LIMIT 1;
SELECT sub, pg_temp.try(:'auth', pg_temp.jwt(jsonb_build_object('iss', :'id', 'sub', sub))) FROM unnest(ARRAY['bearer alice', ' ', E'a\nb', repeat('a', 256)]) sub;
SELECT pg_temp.try(:'auth', pg_temp.jwt(jsonb_build_object('iss', :'id', 'sub', 'x', 'aud', 'https://there.example'))), pg_temp.try(:'auth', pg_temp.jwt(jsonb_build_object('iss', :'other', 'sub', 'x'))), pg_temp.try(:'auth', pg_temp.jag(:'id', jsonb_build_object('iss', :'id', 'sub', 'x')));
\echo -- then nothing else has to say which client it is ("the client_id parameter is only needed when a form of client authentication that relies on the parameter is used", RFC 7521, section 4.1), but nothing may say otherwise
SELECT n, pg_temp.try(auth, pg_temp.jwt(jsonb_build_object('iss', iss, 'sub', 'anybody'))) FROM (VALUES (1, 'a=b', :'id'), (2, 'client_id=' || :'id', :'id'), (3, 'client_secret=x', :'id'), (4, 'client_assertion=x', :'id'), (5, 'client_id=' || :'public', :'id'), (6, 'a=b', :'public'), (7, 'a=b', :'other'), (8, 'a=b', 'nobody'), (9, 'a=b', 'https://idp.example')) v (n, auth, iss) ORDER BY n;
SELECT pg_temp.try('a=b', left(pg_temp.jwt(jsonb_build_object('iss', :'id', 'sub', 'anybody')), -4) || 'AAAA'), pg_temp.try('a=b', 'x');
\echo -- nor where the issuer is trusted: then its keys count, and the client has to say who it is
SELECT oauth_trust_issuer(:'id', :'keys');
SELECT pg_temp.try('a=b', pg_temp.jwt(jsonb_build_object('iss', :'id', 'sub', 'anybody')));
SELECT oauth_distrust_issuer(:'id');
SELECT pg_temp.jwt(jsonb_build_object('iss', :'id', 'sub', 'anybody')) AS once \gset
SELECT pg_temp.try(:'auth', once) FROM (VALUES (:'once'), (:'once')) v (once);
BEGIN;
SELECT oauth_disable_user('bearer alice');
SELECT pg_temp.try(:'auth', pg_temp.jwt(jsonb_build_object('iss', :'id', 'sub', :'alice')));
ROLLBACK;
SELECT oauth_retire_signing_key(:'kid'), oauth_retire_signing_key(:'rsa_kid');
