-- jwt_access_tokens.sql: access tokens that resource servers verify without asking (RFC 9068), and end here like all others.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\set main :DBNAME
CREATE DATABASE regress_oauth_jwt TEMPLATE template0 ENCODING 'UTF8';
\c regress_oauth_jwt
SET client_min_messages = warning;
CREATE EXTENSION oauth CASCADE;
SET oauth.issuer = 'https://auth.example.com';
SET oauth.bcrypt_cost = 4;

CREATE FUNCTION pg_temp.decoded(token text, n integer) RETURNS jsonb LANGUAGE sql AS $$
	SELECT convert_from(decode(rpad(translate(part, '-_', '+/'), (length(part) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::jsonb FROM split_part(token, '.', n) part $$;
CREATE FUNCTION pg_temp.ask(form text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('status', r.status) || convert_from(r.body, 'UTF8')::jsonb FROM oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'], convert_to(form, 'UTF8'), 'https', '127.0.0.1')) r $$;
CREATE FUNCTION pg_temp.status(token text, path text DEFAULT '/auth') RETURNS integer LANGUAGE sql AS $$
	SELECT (CASE path WHEN '/auth' THEN oauth.forward_auth(r) ELSE oauth.resource(r) END).status FROM (SELECT ROW('GET', path, ARRAY['Authorization: Bearer ' || token], NULL, 'https', '127.0.0.1')::oauth.http_request) v (r) $$;

CREATE TABLE given (name text PRIMARY KEY, client_id text, client_secret text);
CREATE FUNCTION pg_temp.form(what text, more text) RETURNS text LANGUAGE sql AS $$ SELECT format('client_id=%s&client_secret=%s&%s', client_id, client_secret, more) FROM given WHERE name = what $$;
INSERT INTO given SELECT 'jwt', r.* FROM oauth_register_client('JWTs', grant_types => '{client_credentials,password,refresh_token,authorization_code}', redirect_uris => '{https://app.example/cb}', scope => 'read write openid') r;
INSERT INTO given SELECT 'opaque', r.* FROM oauth_register_client('Opaque', grant_types => '{client_credentials,password,refresh_token}', scope => 'read write') r;
SELECT oauth_update_client(client_id, '{"access_token_format": "jwt"}') ->> 'access_token_format' FROM given WHERE name = 'jwt';
SELECT client_id AS id FROM given WHERE name = 'jwt' \gset
SELECT oauth_create_user('alice', 'wonderland') AS alice \gset

\echo -- RFC 9068, section 2.1: "JWT access tokens MUST be signed"; typ at+jwt, not none
SELECT pg_temp.ask(pg_temp.form('jwt', 'grant_type=client_credentials')) AS answer \gset
SELECT :'answer'::jsonb - 'access_token';
SELECT :'answer'::jsonb ->> 'access_token' AS token \gset
SELECT pg_temp.decoded(:'token', 1) - 'kid';
\echo -- RFC 9068, section 2.2; RFC 9068, section 2.2.3; RFC 9068, section 3: iss, exp, aud, sub, client_id, iat and jti are there; of a client itself sub is the client
SELECT string_agg(k, ' ' ORDER BY k) FROM jsonb_object_keys(pg_temp.decoded(:'token', 2)) k;
SELECT c ->> 'iss', c ->> 'aud', c ->> 'sub' = :'id', c ->> 'client_id' = :'id', c ->> 'scope', (c ->> 'exp')::bigint - (c ->> 'iat')::bigint, (c ->> 'iat')::bigint - extract(epoch FROM now())::bigint BETWEEN -60 AND 60 FROM pg_temp.decoded(:'token', 2) c;
\echo -- RFC 9068, section 4: it verifies with the key set, as a token of that type only (RFC 8725, section 3.11)
SELECT valid, claims ->> 'client_id' = :'id' FROM oauth_verify_jwt(:'token', oauth_jwks(), '{ES256}', 'at+jwt');
SELECT valid FROM oauth_verify_jwt(:'token', oauth_jwks(), '{ES256}', 'JWT');
\echo -- RFC 7519, section 4.1.7: no two have one jti, and all of them are in the tables by a digest
SELECT count(DISTINCT pg_temp.decoded(t ->> 'access_token', 2) ->> 'jti') FROM generate_series(1, 20) n, LATERAL pg_temp.ask(pg_temp.form('jwt', 'grant_type=client_credentials&n=' || n)) t;
SELECT count(*) FROM oauth.access_token WHERE token_hash = sha256(convert_to(:'token', 'UTF8'));

\echo -- R157: it is good here as any other: at /auth, /api/, in SQL, at introspection
SELECT pg_temp.status(:'token'), pg_temp.status(:'token', '/api/');
SELECT active, client_id = :'id', subject, scope, expires_at > now() + interval '23 hours' FROM oauth_verify_token(:'token');
SELECT oauth_introspect_token(:'token') - 'client_id' - 'sub' - 'exp' - 'iat';
SELECT kind, state FROM oauth.token_overview WHERE handle = (SELECT max(handle) FROM oauth.access_token WHERE token_hash = sha256(convert_to(:'token', 'UTF8')));
BEGIN;
SELECT oauth_authenticate('Bearer ' || :'token'), oauth_client() = :'id', oauth_scope();
COMMIT;
\echo -- R158: and is as unknown as any other when a byte of it is another one, whichever that is
SELECT count(*) FROM generate_series(1, length(:'token')) n, LATERAL (SELECT overlay(:'token' PLACING CASE substr(:'token', n, 1) WHEN 'A' THEN 'B' ELSE 'A' END FROM n) AS changed) c, LATERAL oauth_verify_token(c.changed) v WHERE v.active;
SELECT count(*) FROM generate_series(0, length(:'token') - 1) n, LATERAL oauth_verify_token(left(:'token', n)) v WHERE v.active;
SELECT active FROM (VALUES (:'token' || 'A'), (:'token' || '='), (' ' || :'token'), (split_part(:'token', '.', 1) || '.' || split_part(:'token', '.', 2) || '.'), (replace(:'token', '.', '..'))) t (token), LATERAL oauth_verify_token(t.token);
\echo -- RFC 9068, section 4: a JWT with its claims that others signed, or nobody, is unknown
SELECT active FROM oauth_verify_token((SELECT string_agg(rtrim(translate(encode(convert_to(p, 'UTF8'), 'base64'), E'+/\n', '-_'), '='), '.' ORDER BY n) || '.' FROM unnest(ARRAY['{"alg":"none","typ":"at+jwt"}', pg_temp.decoded(:'token', 2)::text]) WITH ORDINALITY u (p, n)));
SELECT active FROM oauth_verify_token(oauth_sign_jwt(pg_temp.decoded(:'token', 2), 'ES256', 'at+jwt'));
\echo -- RFC 8725, section 3.12: what else is signed here is no access token, and no refresh token
SELECT active FROM oauth_verify_token(oauth_sign_jwt(jsonb_build_object('sub', :'alice', 'jti', pg_temp.decoded(:'token', 2) ->> 'jti'), 'ES256'));
SELECT pg_temp.ask(pg_temp.form('jwt', 'grant_type=refresh_token&refresh_token=' || :'token')) ->> 'error';
\echo -- R149, R154, R156: revocation ends it at once, and only its client can
SELECT status FROM oauth.revoke(ROW('POST', '/oauth2/revoke', '{Content-Type: application/x-www-form-urlencoded}', convert_to(pg_temp.form('opaque', 'token=' || :'token'), 'UTF8'), 'https', NULL));
SELECT active FROM oauth_verify_token(:'token');
SELECT status FROM oauth.revoke(ROW('POST', '/oauth2/revoke', '{Content-Type: application/x-www-form-urlencoded}', convert_to(pg_temp.form('jwt', 'token=' || :'token'), 'UTF8'), 'https', NULL));
SELECT active FROM oauth_verify_token(:'token');
SELECT pg_temp.status(:'token'), oauth_introspect_token(:'token');

\echo -- R160: of a user; where user or client is disabled, it is not active here
SELECT access_token AS token, refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', 'read write', refresh => true) \gset
SELECT c ->> 'sub' = :'alice', c ->> 'scope' FROM pg_temp.decoded(:'token', 2) c;
SELECT active, subject = :'alice' FROM oauth_verify_token(:'token');
SELECT oauth_disable_user('alice');
SELECT active FROM oauth_verify_token(:'token');
SELECT oauth_enable_user('alice');
SELECT oauth_disable_client(:'id');
SELECT active FROM oauth_verify_token(:'token');
SELECT oauth_enable_client(:'id');
\echo -- RFC 9068, section 4: from exp on it is refused
BEGIN;
SELECT access_token AS brief FROM oauth_issue_token(:'id', :'alice') \gset
SELECT pg_temp.status(:'brief'), active FROM oauth_verify_token(:'brief');
UPDATE oauth.access_token SET expires_at = now() WHERE token_hash = sha256(convert_to(:'brief', 'UTF8'));
SELECT pg_temp.status(:'brief'), active FROM oauth_verify_token(:'brief');
ROLLBACK;
\echo -- rolled back, it was never issued
BEGIN;
SELECT access_token AS undone FROM oauth_issue_token(:'id', :'alice') \gset
ROLLBACK;
SELECT active FROM oauth_verify_token(:'undone');
\echo -- RFC 9068, section 2.2.1; RFC 9470, section 6.1: auth_time and acr are those of the grant
SELECT access_token AS token, refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', 'read write', refresh => true) \gset
UPDATE oauth.grant SET auth_time = '2026-01-02 03:04:05Z', acr = 'urn:example:strong' WHERE subject = :'alice';
SELECT pg_temp.ask(pg_temp.form('jwt', 'grant_type=refresh_token&refresh_token=' || :'refresh')) AS answer \gset
SELECT pg_temp.decoded(:'answer'::jsonb ->> 'access_token', 2) -> 'auth_time', to_timestamp((pg_temp.decoded(:'answer'::jsonb ->> 'access_token', 2) ->> 'auth_time')::bigint) = '2026-01-02 03:04:05Z', pg_temp.decoded(:'answer'::jsonb ->> 'access_token', 2) ->> 'acr';

\echo -- a refresh: a new JWT, and a lost answer again brings the same refresh token and an access token that is as good
SELECT :'answer'::jsonb - 'access_token' - 'refresh_token' - 'expires_in';
SELECT pg_temp.ask(pg_temp.form('jwt', 'grant_type=refresh_token&refresh_token=' || :'refresh')) AS again \gset
SELECT :'again'::jsonb ->> 'refresh_token' = :'answer'::jsonb ->> 'refresh_token', a.active, b.active, a.scope = b.scope, a.expires_at = b.expires_at, a.subject = b.subject
	FROM oauth_verify_token(:'answer'::jsonb ->> 'access_token') a, oauth_verify_token(:'again'::jsonb ->> 'access_token') b;
SELECT v.valid FROM oauth_verify_jwt(:'again'::jsonb ->> 'access_token', oauth_jwks(), '{ES256}', 'at+jwt') v;
SELECT pg_temp.decoded(:'again'::jsonb ->> 'access_token', 2) - 'jti' - 'iat' = pg_temp.decoded(:'answer'::jsonb ->> 'access_token', 2) - 'jti' - 'iat';
\echo -- both end with the grant; a retry after the successor was used is reuse
SELECT pg_temp.ask(pg_temp.form('jwt', 'grant_type=refresh_token&refresh_token=' || (:'again'::jsonb ->> 'refresh_token'))) ->> 'status';
SELECT pg_temp.ask(pg_temp.form('jwt', 'grant_type=refresh_token&refresh_token=' || :'refresh')) ->> 'error_description';
SELECT a.active, b.active FROM oauth_verify_token(:'answer'::jsonb ->> 'access_token') a, oauth_verify_token(:'again'::jsonb ->> 'access_token') b;
\echo -- after the grace, too
SELECT refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', 'read', refresh => true) \gset
SELECT pg_temp.ask(pg_temp.form('jwt', 'grant_type=refresh_token&refresh_token=' || :'refresh')) ->> 'status';
UPDATE oauth.refresh_token SET used_at = used_at - interval '11 seconds' WHERE used_at IS NOT NULL;
SELECT pg_temp.ask(pg_temp.form('jwt', 'grant_type=refresh_token&refresh_token=' || :'refresh')) ->> 'error';
\echo -- a client that changes to opaque tokens, and back, between an answer and its repetition
SELECT refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', 'read', refresh => true) \gset
SELECT pg_temp.ask(pg_temp.form('jwt', 'grant_type=refresh_token&refresh_token=' || :'refresh')) ->> 'access_token' ~ '^eyJ';
SELECT oauth_update_client(:'id', '{"access_token_format": "opaque"}') ->> 'access_token_format';
SELECT pg_temp.ask(pg_temp.form('jwt', 'grant_type=refresh_token&refresh_token=' || :'refresh')) AS again \gset
SELECT active, :'again'::jsonb ->> 'access_token' ~ '^eyJ' FROM oauth_verify_token(:'again'::jsonb ->> 'access_token');
SELECT pg_temp.ask(pg_temp.form('jwt', 'grant_type=refresh_token&refresh_token=' || (:'again'::jsonb ->> 'refresh_token'))) AS opaque \gset
SELECT :'opaque'::jsonb ->> 'access_token' ~ '^oat_';
SELECT oauth_update_client(:'id', '{"access_token_format": "jwt"}') ->> 'access_token_format';
SELECT pg_temp.ask(pg_temp.form('jwt', 'grant_type=refresh_token&refresh_token=' || (:'again'::jsonb ->> 'refresh_token'))) ->> 'access_token' = :'opaque'::jsonb ->> 'access_token';

\echo -- lifetimes are those of all tokens, and the key stays as long as the longest
SELECT (c ->> 'exp')::bigint - (c ->> 'iat')::bigint FROM oauth_issue_token(:'id', :'alice', lifetime => '10 minutes') t, pg_temp.decoded(t.access_token, 2) c;
SELECT count(*) FROM oauth.lasting_signature;
SELECT (c ->> 'exp')::bigint - (c ->> 'iat')::bigint FROM oauth_issue_token(:'id', :'alice', lifetime => '100 days') t, pg_temp.decoded(t.access_token, 2) c;
SELECT count(*), min(expires_at) > now() + interval '99 days' FROM oauth.lasting_signature;
\echo -- nothing is issued without an issuer, or without a key
RESET oauth.issuer;
SELECT oauth_issue_token(:'id', :'alice');
SET oauth.issuer = 'https://auth.example.com';
SELECT count(*) FROM oauth.access_token WHERE handle > (EXTRACT(epoch FROM clock_timestamp() - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint << 11;
\echo -- the next purge makes keys for what clients ask for, before they need them
DELETE FROM oauth.signing_key;
SELECT severity, subject, finding, remedy FROM oauth_check() WHERE subject = 'signing key' ORDER BY finding;
SELECT oauth_purge_expired() >= 0;
SELECT alg, state FROM oauth.signing_key_overview ORDER BY alg;
SELECT count(*) FROM oauth_check() WHERE subject = 'signing key';
\echo -- oauth_explain_request() knows such a token
SELECT access_token AS token FROM oauth_issue_token(:'id', :'alice', 'read') \gset
SELECT "check", ok, regexp_replace(regexp_replace(detail, 'at \S+( \S+)?( UTC)?', 'at (time)', 'g'), '\([^)]{20,}\)', '(id)', 'g') FROM oauth_explain_request('GET', '/auth', ARRAY['Authorization: Bearer ' || :'token']);
SELECT "check", ok, detail FROM oauth_explain_request('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', pg_temp.form('jwt', 'grant_type=refresh_token&refresh_token=' || :'token')) WHERE NOT ok ORDER BY step;

\c :main
DROP DATABASE regress_oauth_jwt;
