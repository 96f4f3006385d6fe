-- signing_keys.sql: the keys that sign: made, used, superseded, retired, gone.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;

-- A database of its own, where there are no other keys.
\set main :DBNAME
CREATE DATABASE regress_oauth_signing_keys TEMPLATE template0 ENCODING 'UTF8';
\c regress_oauth_signing_keys
SET client_min_messages = warning;
CREATE EXTENSION oauth CASCADE;
SET oauth.issuer = 'https://auth.example.com';
CREATE FUNCTION pg_temp.parts(token text) RETURNS text[] LANGUAGE sql AS $$
	SELECT array_agg(convert_from(decode(rpad(translate(part, '-_', '+/'), (length(part) + 3) / 4 * 4, '='), 'base64'), 'UTF8') ORDER BY n)
		FROM unnest((string_to_array(token, '.'))[:2]) WITH ORDINALITY u (part, n) $$;
CREATE FUNCTION pg_temp.kid(token text) RETURNS text LANGUAGE sql AS $$ SELECT (pg_temp.parts(token))[1]::jsonb ->> 'kid' $$;
-- Which of the keys, by what they are called here, are published, sign, and are what the overview says.
CREATE TABLE pg_temp.name (kid text PRIMARY KEY, name text);
CREATE VIEW pg_temp.keys AS SELECT alg, state, n.name, oauth_jwks() -> 'keys' @> jsonb_build_array(jsonb_build_object('kid', k.kid)) AS in_set,
	(SELECT private_key_sealed IS NOT NULL FROM oauth.signing_key s WHERE s.kid = k.kid) AS can_sign
	FROM oauth.signing_key_overview k LEFT JOIN pg_temp.name n USING (kid) ORDER BY alg, k.created_at, name;

\echo -- no key yet: the set is empty and nobody is to keep it
SELECT oauth_jwks(), (SELECT count(*) FROM oauth.signing_key_overview);
SELECT status, headers, convert_from(body, 'UTF8') FROM oauth.jwks(ROW('GET', '/oauth2/jwks', '{}', NULL, 'https', NULL));

\echo -- the first key of an algorithm is made when it is needed, and is used from then on
SELECT oauth_sign_jwt('{"sub": "alice"}', 'ES256') AS token \gset
SELECT oauth_sign_jwt('{"sub": "bob"}', 'ES256') AS token2 \gset
SELECT pg_temp.kid(:'token') = pg_temp.kid(:'token2');
INSERT INTO pg_temp.name SELECT pg_temp.kid(:'token'), 'first';
SELECT * FROM pg_temp.keys;
SELECT bits, age < '1 hour', used_from = created_at, retired_at, published_until FROM oauth.signing_key_overview;
\echo -- RFC 7515, section 4.1; RFC 7519, section 5.1: alg, typ and kid; iss, iat and jti are added (RFC 7519, section 4.1; RFC 7519, section 4.1.7)
SELECT jsonb_object_keys((pg_temp.parts(:'token'))[1]::jsonb) ORDER BY 1;
SELECT (pg_temp.parts(:'token'))[1]::jsonb - 'kid';
SELECT claims - 'iat' - 'jti', (claims ->> 'iat')::bigint - extract(epoch FROM now())::bigint BETWEEN -60 AND 60, length(claims ->> 'jti') > 20
	FROM (SELECT (pg_temp.parts(:'token'))[2]::jsonb) c (claims);
\echo -- unless they are given
SELECT (pg_temp.parts(oauth_sign_jwt('{"iss": "me", "iat": 1, "jti": "x"}', 'EdDSA', 'logout+jwt')))[2];
SELECT (pg_temp.parts(oauth_sign_jwt('{}', 'EdDSA', 'logout+jwt')))[1]::jsonb ->> 'typ';
\echo -- R120: and verify with what is published (Core, section 10.1; RFC 7515, section 5.1; RFC 7519, section 7.1), for who names the algorithm, and no other (RFC 7515, section 5.2; RFC 8725, section 3.1)
SELECT valid, header ->> 'alg', claims ->> 'sub', problem FROM oauth_verify_jwt(:'token', oauth_jwks(), '{ES256}', 'JWT');
CREATE TABLE pg_temp.signed AS SELECT alg, oauth_sign_jwt('{"sub": "alice"}', alg) AS token
	FROM unnest('{RS256,RS384,RS512,PS256,PS384,PS512,ES256,ES384,EdDSA,Ed25519}'::text[]) alg;
SELECT s.alg, v.valid, v.problem, o.valid AS otherwise FROM pg_temp.signed s, LATERAL oauth_verify_jwt(token, oauth_jwks(), ARRAY[s.alg]) v,
	LATERAL oauth_verify_jwt(token, oauth_jwks(), array_remove('{RS256,RS384,RS512,PS256,PS384,PS512,ES256,ES384,EdDSA,Ed25519,HS256}', s.alg)) o ORDER BY 1;
\echo -- RFC 7518, section 3.4: "a 64-octet sequence", and 96 for P-384; of RSA it is as long as the modulus
SELECT alg, octet_length(decode(rpad(translate(part, '-_', '+/'), (length(part) + 3) / 4 * 4, '='), 'base64')) FROM pg_temp.signed, split_part(token, '.', 3) part ORDER BY 1;
\echo -- a key is for one algorithm, has no private member (RFC 7518, section 6.2.2; RFC 7518, section 6.3.2; RFC 8037, section 2), and a kid that is its thumbprint (RFC 7638, section 3; RFC 7638, section 3.2; RFC 7638, section 3.3)
SELECT k.alg, k.public_key ->> 'alg' = k.alg, k.public_key ->> 'use', k.public_key ->> 'kid' = k.kid, (SELECT string_agg(m, ' ' ORDER BY m) FROM jsonb_object_keys(k.public_key) m), bits
	FROM oauth.signing_key k JOIN oauth.signing_key_overview USING (kid) ORDER BY k.alg;
SELECT kid = rtrim(translate(encode(sha256(convert_to(CASE public_key ->> 'kty' WHEN 'RSA' THEN format('{"e":%s,"kty":"RSA","n":%s}', public_key -> 'e', public_key -> 'n')
	WHEN 'EC' THEN format('{"crv":%s,"kty":"EC","x":%s,"y":%s}', public_key -> 'crv', public_key -> 'x', public_key -> 'y') ELSE format('{"crv":%s,"kty":"OKP","x":%s}', public_key -> 'crv', public_key -> 'x') END, 'UTF8')), 'base64'), '+/', '-_'), '='), count(*)
	FROM oauth.signing_key GROUP BY 1;
\echo -- and cannot be written down with one
\set VERBOSITY terse
UPDATE oauth.signing_key SET public_key = public_key || '{"d": "x"}' WHERE alg = 'ES256';
\set VERBOSITY default
\echo -- RFC 7517, section 9.2: no private key is in the tables, and what is sealed belongs to its row
SELECT count(*) FROM oauth.signing_key WHERE position('PRIVATE' IN encode(private_key_sealed, 'escape')) > 0 OR length(private_key_sealed) < 60;
SELECT oauth_create_signing_key('ES256') AS moved \gset
UPDATE oauth.signing_key SET private_key_sealed = (SELECT private_key_sealed FROM oauth.signing_key WHERE alg = 'ES384') WHERE kid = :'moved';
SELECT oauth_sign_jwt('{}', 'ES256');
DELETE FROM oauth.signing_key WHERE kid = :'moved';
\echo -- row by row
DELETE FROM oauth.signing_key WHERE alg <> 'ES256';

\echo -- Core, section 10.1.1: a successor is due after the lifetime, published a lead before, and used from then on
SELECT oauth_rotate_signing_keys(), oauth_purge_expired();
UPDATE oauth.signing_key SET created_at = created_at - interval '88 days', used_from = used_from - interval '88 days';
SELECT oauth_rotate_signing_keys(), oauth_purge_expired();
UPDATE oauth.signing_key SET created_at = created_at - interval '1 day 1 minute', used_from = used_from - interval '1 day 1 minute';
SELECT oauth_purge_expired();
INSERT INTO pg_temp.name SELECT kid, 'second' FROM oauth.signing_key ON CONFLICT DO NOTHING;
SELECT * FROM pg_temp.keys;
SELECT used_from - now() BETWEEN interval '23 hours 58 minutes' AND '1 day 1 minute' FROM oauth.signing_key_overview WHERE state = 'published';
\echo -- once, however many ask
SELECT oauth_rotate_signing_keys(), oauth_purge_expired();
SELECT name FROM pg_temp.name WHERE kid = pg_temp.kid(oauth_sign_jwt('{}', 'ES256'));
\echo -- a key that somebody made for a far day is no successor yet, and no reason to wait for one
BEGIN;
DELETE FROM oauth.signing_key WHERE used_from > now();
SELECT oauth_create_signing_key('ES256', now() + interval '100 years') IS NOT NULL;
UPDATE oauth.signing_key SET created_at = created_at - interval '9 days', used_from = used_from - interval '9 days' WHERE used_from < now();
SELECT count(*) FROM oauth_check() WHERE finding ~ 'signs since';
SELECT oauth_rotate_signing_keys(), oauth_rotate_signing_keys();
SELECT count(*) FROM oauth_check() WHERE finding ~ 'signs since';
ROLLBACK;
\echo -- the successor's time has come
UPDATE oauth.signing_key SET created_at = created_at - interval '1 day 1 minute', used_from = used_from - interval '1 day 1 minute';
SELECT name FROM pg_temp.name WHERE kid = pg_temp.kid(oauth_sign_jwt('{}', 'ES256'));
SELECT alg, state, name, in_set FROM pg_temp.keys;
\echo -- a purge writes that down and erases the private key; what it signed verifies until it has expired
SELECT oauth_purge_expired();
SELECT * FROM pg_temp.keys;
SELECT o.retired_at = (SELECT used_from FROM oauth.signing_key WHERE retired_at IS NULL), published_until - o.retired_at FROM oauth.signing_key_overview o WHERE state = 'retired';
SELECT valid FROM oauth_verify_jwt(:'token', oauth_jwks(), '{ES256}');
UPDATE oauth.signing_key SET retired_at = now() - interval '24 hours 50 minutes' WHERE retired_at IS NOT NULL;
SELECT oauth_purge_expired();
SELECT * FROM pg_temp.keys;
UPDATE oauth.signing_key SET retired_at = now() - interval '25 hours 10 minutes' WHERE retired_at IS NOT NULL;
SELECT oauth_purge_expired();
SELECT * FROM pg_temp.keys;
SELECT valid, problem FROM oauth_verify_jwt(:'token', oauth_jwks(), '{ES256}');
\echo -- its row stays for a while
UPDATE oauth.signing_key SET unpublished_at = now() - interval '91 days' WHERE unpublished_at IS NOT NULL;
SELECT oauth_purge_expired();
SELECT * FROM pg_temp.keys;

\echo -- what is signed for longer keeps its key for longer
SELECT oauth_sign_jwt(jsonb_build_object('exp', extract(epoch FROM now() + interval '30 days')::bigint), 'ES256') AS lasting \gset
SELECT oauth_sign_jwt(jsonb_build_object('exp', extract(epoch FROM now() + interval '30 days')::bigint), 'ES256') IS NOT NULL;
SELECT s.kid = pg_temp.kid(:'lasting'), expires_at >= now() + interval '30 days', expires_at < now() + interval '40 days' FROM oauth.lasting_signature s;
SELECT oauth_retire_signing_key(pg_temp.kid(:'lasting'));
UPDATE oauth.signing_key SET created_at = now() - interval '10 days', used_from = now() - interval '10 days', retired_at = now() - interval '9 days';
SELECT oauth_purge_expired();
SELECT state, published_until - now() > '30 days' FROM oauth.signing_key_overview;
SELECT valid FROM oauth_verify_jwt(:'lasting', oauth_jwks(), '{ES256}');
UPDATE oauth.lasting_signature SET expires_at = now() - interval '2 hours';
SELECT oauth_purge_expired();
SELECT state, (SELECT count(*) FROM oauth.lasting_signature) FROM oauth.signing_key_overview;
\echo -- for ever, if need be
SELECT oauth_sign_jwt('{"exp": 1e20}', 'ES256') AS token \gset
SELECT expires_at FROM oauth.lasting_signature;
DELETE FROM oauth.lasting_signature;

\echo -- what no verifier would read is not signed
SELECT oauth_sign_jwt('{"exp": 1e300}', 'ES256');
SELECT oauth_sign_jwt(format('{"x": %s%s}', repeat('[', 40), repeat(']', 40))::jsonb, 'ES256');

\echo -- a retired key signs no more, in a session that has opened it, too; a superseded one does not come back
SELECT name FROM pg_temp.name WHERE kid = pg_temp.kid(:'token');
SELECT pg_temp.kid(:'token') AS used \gset
SET client_min_messages = notice;
SELECT oauth_retire_signing_key(:'used'), oauth_retire_signing_key(:'used');
SET client_min_messages = warning;
SELECT oauth_sign_jwt('{}', 'ES256') AS token \gset
SELECT pg_temp.kid(:'token') <> :'used';
SELECT state, count(*) FROM oauth.signing_key_overview GROUP BY state ORDER BY state;
SELECT oauth_retire_signing_key('nobody');
SELECT oauth_retire_signing_key(NULL);
\echo -- a published successor comes into use when the key before it is retired
SELECT oauth_create_signing_key('ES256', now() + interval '1 day') AS next \gset
SELECT pg_temp.kid(oauth_sign_jwt('{}', 'ES256')) = pg_temp.kid(:'token');
SELECT oauth_retire_signing_key(pg_temp.kid(:'token'));
SELECT pg_temp.kid(oauth_sign_jwt('{}', 'ES256')) = :'next', count(*) FILTER (WHERE retired_at IS NULL) FROM oauth.signing_key;
\echo -- one that was retired before it was used supersedes nobody, and goes at once
SELECT oauth_create_signing_key('ES256', now() + interval '1 day') AS unused \gset
SELECT oauth_retire_signing_key(:'unused');
UPDATE oauth.signing_key SET created_at = created_at - interval '2 days', used_from = used_from - interval '2 days', retired_at = retired_at - interval '2 days';
SELECT pg_temp.kid(oauth_sign_jwt('{}', 'ES256')) = :'next';
SELECT oauth_purge_expired();
SELECT state FROM oauth.signing_key_overview WHERE kid = :'unused';
SELECT pg_temp.kid(oauth_sign_jwt('{}', 'ES256')) = :'next';

\echo -- at once: a new key for every algorithm, used now, and nothing else signs
SELECT oauth_create_signing_key('EdDSA', now() + interval '1 day') AS unused \gset
SELECT oauth_sign_jwt('{}', 'ES256') AS token \gset
SELECT oauth_rotate_signing_keys(at_once => true);
SELECT alg, state, count(*) FROM oauth.signing_key_overview WHERE state IN ('used', 'published') GROUP BY alg, state ORDER BY alg, state;
SELECT count(*) FROM oauth.signing_key WHERE retired_at IS NOT NULL AND private_key_sealed IS NOT NULL;
SELECT pg_temp.kid(oauth_sign_jwt('{}', 'ES256')) <> :'next', pg_temp.kid(oauth_sign_jwt('{}', 'EdDSA')) <> :'unused';
SELECT valid FROM oauth_verify_jwt(:'token', oauth_jwks(), '{ES256}');
\echo -- by hand (oauth.signing_key_lifetime 0) a purge makes none, and the next signature makes one
SET oauth.signing_key_lifetime = 0;
UPDATE oauth.signing_key SET created_at = created_at - interval '1 year', used_from = used_from - interval '1 year', retired_at = retired_at - interval '1 year';
SELECT oauth_purge_expired() >= 0, oauth_rotate_signing_keys(), oauth_rotate_signing_keys();
SELECT alg, state, used_from - now() > '23 hours' FROM oauth.signing_key_overview WHERE state IN ('used', 'published') ORDER BY alg, state;
RESET oauth.signing_key_lifetime;

\echo -- what cannot be: a key for none, or a signature (RFC 8725, section 3.2)
SELECT oauth_create_signing_key('none');
SELECT oauth_create_signing_key('HS256');
SELECT oauth_create_signing_key(NULL);
SELECT oauth_create_signing_key('ES256', 'infinity');
SELECT oauth_sign_jwt('{}', 'HS256');
SELECT oauth_sign_jwt('{}', 'none');
SELECT oauth_sign_jwt('[]');
SELECT oauth_sign_jwt(NULL);
SELECT oauth_sign_jwt('{}', 'ES256', '');
SELECT oauth_sign_jwt('{}', 'ES256', NULL);
SELECT oauth_sign_jwt('{}', 'ES256', E'a\nb');
SELECT oauth_sign_jwt('{"exp": "tomorrow"}', 'ES256');
SELECT oauth_sign_jwt('{"exp": null}', 'ES256');
SELECT oauth_sign_jwt(jsonb_build_object('x', repeat('x', 20000)), 'ES256');
RESET oauth.issuer;
SELECT oauth_sign_jwt('{}', 'ES256');
SELECT oauth_sign_jwt('{"iss": "me"}', 'ES256') IS NOT NULL;
SET oauth.issuer = 'https://auth.example.com';
\echo -- NULL is now, and a time that has passed is now
SELECT oauth_create_signing_key('ES384', NULL) AS new \gset
SELECT created_at = used_from FROM oauth.signing_key WHERE kid = :'new';
SELECT oauth_create_signing_key('ES384', '-infinity') AS new \gset
SELECT created_at = used_from FROM oauth.signing_key WHERE kid = :'new';
SELECT oauth_create_signing_key('ES384', '2000-01-01') AS new \gset
SELECT created_at = used_from FROM oauth.signing_key WHERE kid = :'new';

\echo -- a read-only transaction signs with a key that is there, and makes none
BEGIN READ ONLY;
SELECT oauth_sign_jwt('{}', 'ES256') IS NOT NULL;
SAVEPOINT s;
SELECT oauth_sign_jwt('{}', 'PS256');
ROLLBACK TO s;
SELECT oauth_create_signing_key('PS256');
ROLLBACK;
\echo -- what is rolled back was never there, though the session has opened it
BEGIN;
SELECT oauth_sign_jwt('{}', 'PS256') AS token \gset
ROLLBACK;
SELECT count(*) FROM oauth.signing_key WHERE alg = 'PS256';
SELECT pg_temp.kid(oauth_sign_jwt('{}', 'PS256')) <> pg_temp.kid(:'token');


\echo -- the audit log says which keys there were, and who made them
SELECT regexp_replace(detail, '[A-Za-z0-9_-]{43}', '(kid)'), role = session_user, count(*) FROM oauth.event WHERE event = 'configure' AND detail ~ '^signing key .* of E' GROUP BY 1, 2 ORDER BY 1;
\echo -- rotation of the master key seals them anew, and sessions that have not opened them sign
SELECT alg, token IS NOT NULL FROM pg_temp.signed, LATERAL oauth_sign_jwt('{}', alg) WHERE alg IN ('ES256', 'PS256') ORDER BY alg;
SELECT key_id AS before FROM oauth.master_key WHERE retired_at IS NULL \gset
SELECT oauth_rotate_master_key() = (SELECT count(private_key_sealed) FROM oauth.signing_key);
SELECT count(*) FROM oauth.signing_key WHERE substr(private_key_sealed, 1, 8) = :'before';
SELECT kid AS used FROM oauth.signing_key_overview WHERE alg = 'ES256' AND state = 'used' \gset
\c
SELECT oauth_sign_jwt('{"iss": "me"}', 'ES256') AS token \gset
SELECT valid, header ->> 'kid' = :'used' FROM oauth_verify_jwt(:'token', oauth_jwks(), '{ES256}');
\c :main
DROP DATABASE regress_oauth_signing_keys;
