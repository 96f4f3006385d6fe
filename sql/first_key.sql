-- first_key.sql: the first key of RSA takes long to make, and so is made in a transaction that does nothing else: nobody waits meanwhile
-- for what a request has locked.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
SET client_min_messages = warning;
SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://op.example';
\echo -- the keys of other suites come back at the end
BEGIN;
SELECT count(oauth_retire_signing_key(kid)) >= 0 FROM oauth.signing_key WHERE retired_at IS NULL;

SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('first key', redirect_uris => '{https://app.example/back}',
	grant_types => '{authorization_code,refresh_token,client_credentials}', scope => 'openid read') \gset
SELECT oauth_update_client(:'id', '{"introspection_signed_response_alg": "RS256", "userinfo_signed_response_alg": "RS256", "authorization_signed_response_alg": "RS256"}') ->> 'client_name';
SELECT oauth_register_resource('https://first-key.example/', access_token_format => 'jwt', signing_alg => 'RS256');
SELECT access_token AS access, refresh_token AS refresh FROM oauth_issue_token(:'id', 'first key alice', 'openid read', refresh => true) \gset
UPDATE oauth.grant SET grant_type = 'authorization_code' WHERE client_id = :'id';

-- Of an endpoint, asked once on that lane: the status and what it asks the shim for, and how many keys there are then.
CREATE FUNCTION pg_temp.on_lane(lane text, function text, method text, path text, headers text[], form text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer oauth.http_response;
BEGIN
	PERFORM set_config('oauth.lane', lane, false);
	EXECUTE format('SELECT (a).* FROM (SELECT oauth.%I(ROW($1, $2, $3, $4, ''https'', NULL)) AS a OFFSET 0) q', function) INTO answer
		USING method, path, headers || '{Content-Type: application/x-www-form-urlencoded}', convert_to(form, 'UTF8');
	PERFORM set_config('oauth.lane', 'any', false);
	RETURN concat_ws(' ', lane || ':', answer.status, CASE WHEN answer.status = 0 THEN array_to_string(answer.headers, ', ') END,
		'(' || (SELECT count(*) FROM oauth.signing_key WHERE alg = 'RS256' AND retired_at IS NULL) || ')');
END $$;
-- From lane to lane, as the shim goes: a key that is missing is made on the slow lane, and only then is the request answered.
CREATE FUNCTION pg_temp.on_lanes(function text, method text, path text, headers text[] DEFAULT '{}', form text DEFAULT NULL) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM oauth_retire_signing_key(kid) FROM oauth.signing_key WHERE alg = 'RS256' AND retired_at IS NULL;
	RETURN NEXT function;
	RETURN QUERY SELECT pg_temp.on_lane(lane, function, method, path, headers, form) FROM unnest('{writing,signing,slow,slow}'::text[]) lane;
END $$;

SELECT format('client_id=%s&client_secret=%s', :'id', :'secret') AS me \gset
\echo -- an access token (RFC 9068), also where the request brings what is good once, which is undone
SELECT pg_temp.on_lanes('token', 'POST', '/oauth2/token', form => :'me' || '&grant_type=client_credentials&resource=https://first-key.example/');
SELECT pg_temp.on_lanes('token', 'POST', '/oauth2/token', form => :'me' || '&no_assertion=&grant_type=client_credentials&resource=https://first-key.example/');
SELECT grant_type, count(*) FROM oauth.grant WHERE client_id = :'id' GROUP BY grant_type ORDER BY grant_type;
\echo -- an ID token
SELECT pg_temp.on_lanes('token', 'POST', '/oauth2/token', form => :'me' || '&grant_type=refresh_token&refresh_token=' || :'refresh');
SELECT count(*) FROM oauth.refresh_token WHERE used_at IS NOT NULL AND grant_handle IN (SELECT handle FROM oauth.grant WHERE client_id = :'id');
\echo -- an answer that is given again: its JWT is signed again, so it moves likewise
SELECT convert_from((oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to(f || '&refresh_token=' || k.refresh_token, 'UTF8'), 'https', NULL))).body, 'UTF8')::jsonb ? 'access_token' AS rotated, f || '&refresh_token=' || k.refresh_token AS again
FROM (SELECT :'me' || '&grant_type=refresh_token&resource=https://first-key.example/') r (f), oauth_issue_token(:'id', 'first key bob', 'read', refresh => true) k \gset
SELECT pg_temp.on_lanes('token', 'POST', '/oauth2/token', form => :'again');
\echo -- a password: nobody is logged in before
SELECT FROM oauth_create_user('first key carol', 'wonderland');
SELECT client_id AS app, client_secret AS app_secret FROM oauth_register_client('first key app', grant_types => '{password}', scope => 'read') \gset
SELECT pg_temp.on_lanes('token', 'POST', '/oauth2/token', form => format('client_id=%s&client_secret=%s&grant_type=password&username=first+key+carol&password=wonderland&resource=https://first-key.example/', :'app', :'app_secret'));
\echo -- claims (OpenID Connect Core, section 5.3.2) and an introspection (RFC 9701), of which a lane that only reads knows as well
SELECT pg_temp.on_lanes('userinfo', 'GET', '/oauth2/userinfo', ARRAY['Authorization: Bearer ' || :'access']);
SELECT pg_temp.on_lanes('introspect', 'POST', '/oauth2/introspect', '{Accept: application/token-introspection+jwt}', :'me' || '&token=' || :'access');
SELECT oauth_retire_signing_key(kid) IS NULL FROM oauth.signing_key WHERE alg = 'RS256' AND retired_at IS NULL;
SELECT pg_temp.on_lane('reading', 'introspect', 'POST', '/oauth2/introspect', '{Accept: application/token-introspection+jwt}', :'me' || '&token=' || :'access');
\echo -- the answer of the authorization endpoint (JARM)
SELECT pg_temp.on_lanes('authorize', 'GET', format('/oauth2/authorize?client_id=%s&response_type=code&response_mode=jwt&prompt=none&scope=openid', :'id'));
\echo -- the key set, before anything is signed: the keys that are wanted are made one after another, and then it is answered
SELECT oauth_retire_signing_key(kid) IS NULL FROM oauth.signing_key WHERE alg = 'RS256' AND retired_at IS NULL;
SELECT pg_temp.on_lane('reading', 'jwks', 'GET', '/oauth2/jwks', '{}', NULL);
SELECT (array_agg(a ORDER BY n))[12] FROM (SELECT n, pg_temp.on_lane('slow', 'jwks', 'GET', '/oauth2/jwks', '{}', NULL) AS a FROM generate_series(1, 12) n) a;
\echo -- which clients ask for an algorithm, an index says: it has the expression of the view
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query; END $$;
SET LOCAL enable_seqscan = off;
SELECT count(*) FROM pg_temp.plan_of($$SELECT FROM oauth.client_signing_algs WHERE algs @> ARRAY['PS256']$$) line WHERE line ~ 'Index Scan on client_algs';
RESET enable_seqscan;
\echo -- code of the application may take long, but it makes the key before, too
SELECT oauth_retire_signing_key(kid) IS NULL FROM oauth.signing_key WHERE alg = 'RS256' AND retired_at IS NULL;
SELECT pg_temp.on_lane('application', 'userinfo', 'GET', '/oauth2/userinfo', ARRAY['Authorization: Bearer ' || :'access'], NULL) FROM generate_series(1, 2);
\echo -- what that wrote before the key was made is undone, for it is run again
CREATE TABLE regress_first_key (n serial);
CREATE FUNCTION regress_first_key_claims(text, text, text) RETURNS jsonb LANGUAGE sql AS $$ INSERT INTO regress_first_key DEFAULT VALUES RETURNING '{}'::jsonb $$;
SELECT oauth_set_claims_function('public.regress_first_key_claims');
SELECT oauth_retire_signing_key(kid) IS NULL FROM oauth.signing_key WHERE alg = 'RS256' AND retired_at IS NULL;
SELECT pg_temp.on_lane('application', 'userinfo', 'GET', '/oauth2/userinfo', ARRAY['Authorization: Bearer ' || :'access'], NULL) FROM generate_series(1, 2);
SELECT count(*), max(n) FROM regress_first_key;
SELECT oauth_set_claims_function(NULL);
\echo -- a curve needs no time, and in SQL nobody asks again
SELECT oauth_update_client(:'id', '{"introspection_signed_response_alg": "ES256"}') ->> 'introspection_signed_response_alg';
SELECT pg_temp.on_lane('writing', 'introspect', 'POST', '/oauth2/introspect', '{Accept: application/token-introspection+jwt}', :'me' || '&token=' || :'access');
SELECT oauth_retire_signing_key(kid) IS NULL FROM oauth.signing_key WHERE alg = 'RS256' AND retired_at IS NULL;
SELECT pg_temp.on_lane('any', 'userinfo', 'GET', '/oauth2/userinfo', ARRAY['Authorization: Bearer ' || :'access'], NULL);
ROLLBACK;
