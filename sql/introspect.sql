-- introspect.sql: introspection (RFC 7662).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never

SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://auth.example.com';
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('introspect', grant_types => '{password,refresh_token}') \gset
SELECT client_id AS other, client_secret AS other_secret FROM oauth_register_client('introspect other', grant_types => '{client_credentials}') \gset
SELECT client_id AS server, client_secret AS server_secret FROM oauth_register_client('introspect server', grant_types => '{introspection}') \gset
SELECT client_id AS public FROM oauth_register_client('introspect public', grant_types => '{refresh_token}', client_type => 'public') \gset
SELECT oauth_register_client('introspect public', grant_types => '{introspection}', client_type => 'public');
SELECT oauth_create_user('introspect alice', 'wonderland') AS alice \gset
CREATE FUNCTION pg_temp.send(form text, type text DEFAULT 'application/x-www-form-urlencoded', target text DEFAULT '/oauth2/introspect') RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || regexp_replace(regexp_replace(convert_from(r.body, 'UTF8'), '[0-9a-f]{32}', '<id>', 'g'), '(exp|iat)": \d+', '\1": <time>', 'g')
	|| coalesce(' ' || (SELECT h FROM unnest(r.headers) h WHERE h LIKE 'WWW-%'), '')
	FROM oauth.introspect(ROW('POST', target, ARRAY['Content-Type: ' || type], convert_to(form, 'UTF8'), 'http', '127.0.0.1')) r $$;
SELECT 'client_id=' || :'id' || '&client_secret=' || :'secret' AS auth \gset
SELECT 'client_id=' || :'other' || '&client_secret=' || :'other_secret' AS other_auth \gset
SELECT 'client_id=' || :'server' || '&client_secret=' || :'server_secret' AS server_auth \gset
SELECT access_token AS access, refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', refresh => true) \gset

\echo -- R157: its own client learns of both kinds
SELECT pg_temp.send(:'auth' || '&token=' || :'access');
SELECT pg_temp.send(:'auth' || '&token_type_hint=access_token&token=' || :'refresh');
SELECT access_token AS client_access FROM oauth_issue_token(:'other') \gset
SELECT pg_temp.send(:'other_auth' || '&token=' || :'client_access');
SELECT (oauth.introspect(ROW('POST', '/oauth2/introspect', '{Content-Type: application/x-www-form-urlencoded}', convert_to(:'auth' || '&token=x', 'UTF8'), 'http', NULL))).headers;
\echo -- a resource server learns of access tokens only
SELECT pg_temp.send(:'server_auth' || '&token=' || :'access');
SELECT pg_temp.send(:'server_auth' || '&token=' || :'refresh');
\echo -- R155; RFC 9701, section 9: other clients learn nothing, and strangers may not ask
SELECT pg_temp.send(:'other_auth' || '&token=' || :'access');
SELECT pg_temp.send(:'other_auth' || '&token=' || :'refresh');
SELECT pg_temp.send('token=' || :'access');
SELECT pg_temp.send('client_id=' || :'server' || '&client_secret=x&token=' || :'access');
SELECT pg_temp.send('client_id=' || :'public' || '&token=' || :'access');
\echo -- malformed
SELECT pg_temp.send(:'auth');
SELECT pg_temp.send(:'auth' || '&token=');
SELECT pg_temp.send(:'auth' || '&token=a&token=b');
SELECT pg_temp.send('{"token": "x"}', 'application/json');
SELECT pg_temp.send(:'auth', target => '/oauth2/introspect?token=' || :'access');
\echo -- R156, R160: whatever has ended is inactive and nothing else
SELECT pg_temp.send(:'auth' || '&token=' || token) FROM (VALUES ('x'), ('oat_' || repeat('A', 54)), (left(:'access', 57)), (:'access' || 'A')) v (token);
BEGIN;
SELECT oauth_disable_user('introspect alice');
SELECT pg_temp.send(:'server_auth' || '&token=' || :'access');
SELECT pg_temp.send(:'auth' || '&token=' || :'refresh');
ROLLBACK;
BEGIN;
SELECT oauth_disable_client(:'id');
SELECT pg_temp.send(:'server_auth' || '&token=' || :'access');
ROLLBACK;
BEGIN;
UPDATE oauth.access_token SET expires_at = now() - interval '1 second' WHERE token_hash = sha256(convert_to(:'access', 'UTF8'));
UPDATE oauth.refresh_token SET expires_at = now() - interval '1 second' WHERE token_hash = sha256(convert_to(:'refresh', 'UTF8'));
SELECT pg_temp.send(:'server_auth' || '&token=' || :'access');
SELECT pg_temp.send(:'auth' || '&token=' || :'refresh');
ROLLBACK;
BEGIN;
SELECT oauth_revoke_subject(:'alice');
SELECT pg_temp.send(:'server_auth' || '&token=' || :'access');
SELECT pg_temp.send(:'auth' || '&token=' || :'refresh');
ROLLBACK;
SELECT pg_temp.send(:'server_auth' || '&token=' || :'access');
\echo -- it reads only
BEGIN READ ONLY;
SELECT pg_temp.send(:'server_auth' || '&token=' || :'access');
COMMIT;

\echo -- as a JWT (RFC 9701)
SET oauth.issuer = 'https://auth.example.com';
CREATE FUNCTION pg_temp.jwt(form text, accept text[]) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.introspect(ROW('POST', '/oauth2/introspect', '{Content-Type: application/x-www-form-urlencoded}'::text[] || accept, convert_to(form, 'UTF8'), 'https', '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.type(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT r.status || ' ' || substr(h, 15) FROM unnest(r.headers) h WHERE h LIKE 'Content-Type:%' $$;
SELECT client_id AS signed, client_secret AS signed_secret FROM oauth_register_client('introspect as JWT', grant_types => '{introspection}') \gset
SELECT 'client_id=' || :'signed' || '&client_secret=' || :'signed_secret' AS signed_auth \gset
SELECT oauth_update_client(:'signed', '{"introspection_signed_response_alg": "ES256"}') ->> 'introspection_signed_response_alg';
SELECT pg_temp.jwt(:'signed_auth' || '&token=' || :'access', '{Accept: application/token-introspection+jwt}') AS answer \gset
\echo -- RFC 9701, section 4; RFC 9701, section 5: the media type of the answer is application/token-introspection+jwt, the typ of the JWT token-introspection+jwt
SELECT pg_temp.type(:'answer'::oauth.http_response), convert_from((:'answer'::oauth.http_response).body, 'UTF8') AS jwt \gset answer_
SELECT oauth_jwks() AS keys \gset
SELECT valid, header - 'kid', problem FROM oauth_verify_jwt(:'answer_jwt', :'keys', '{ES256}', 'token-introspection+jwt');
\echo -- RFC 9701, section 5: iss, aud and iat MUST be there, aud is the resource server that asked; token_introspection is the plain answer
SELECT claims - 'token_introspection' - 'iat' = jsonb_build_object('iss', 'https://auth.example.com', 'aud', :'signed'), to_timestamp((claims ->> 'iat')::numeric) BETWEEN now() - interval '1 minute' AND now() + interval '1 minute', jsonb_typeof(claims -> 'token_introspection'),
	claims -> 'token_introspection' = convert_from((pg_temp.jwt(:'signed_auth' || '&token=' || :'access', NULL)).body, 'UTF8')::jsonb FROM oauth_verify_jwt(:'answer_jwt', :'keys', '{ES256}', 'token-introspection+jwt');
\echo -- RFC 9701, section 5; RFC 9701, section 8.1: neither sub nor exp at the top: it is no access token and no ID token
SELECT claims ?| '{sub,exp,scope,client_id,jti}' FROM oauth_verify_jwt(:'answer_jwt', :'keys', '{ES256}');
SELECT oauth_introspect_token(:'answer_jwt'), (oauth.resource(ROW('GET', '/api/', ARRAY['Authorization: Bearer ' || :'answer_jwt'], NULL, 'https', NULL))).status;
\echo -- RFC 9701, section 5; RFC 9701, section 9: of a token that is not active, or not for the one who asks, active is false and other members MUST NOT be there
SELECT claims -> 'token_introspection' FROM (VALUES (:'signed_auth', 'x'), (:'signed_auth', :'refresh'), (:'signed_auth', 'oat_' || repeat('A', 54))) v (auth, token), convert_from((pg_temp.jwt(auth || '&token=' || token, '{Accept: application/token-introspection+jwt}')).body, 'UTF8') jwt, oauth_verify_jwt(jwt, :'keys', '{ES256}', 'token-introspection+jwt');
\echo -- an access token that is a JWT itself
SELECT oauth_update_client(:'id', '{"access_token_format": "jwt"}') ->> 'access_token_format';
SELECT access_token AS jwt_token FROM oauth_issue_token(:'id', :'alice', 'read') \gset
SELECT convert_from((pg_temp.jwt(:'signed_auth' || '&token=' || :'jwt_token', '{Accept: application/token-introspection+jwt}')).body, 'UTF8') AS jwt \gset
SELECT claims -> 'token_introspection' -> 'active', claims -> 'token_introspection' ->> 'scope' FROM oauth_verify_jwt(:'jwt', oauth_jwks(), '{ES256}', 'token-introspection+jwt');
SELECT oauth_update_client(:'id', '{"access_token_format": "opaque"}') ->> 'access_token_format' IS NULL;
\echo -- RFC 9701, section 4: what the client accepts: the JWT only if it is named, and not wanted less than JSON
SELECT accept, pg_temp.type(pg_temp.jwt(:'signed_auth' || '&token=x', accept)) FROM (VALUES ('{}'::text[]), ('{Accept: */*}'), ('{Accept: application/*}'), ('{Accept: application/json}'), ('{Accept: Application/Token-Introspection+JWT}'), ('{"Accept: application/json, application/token-introspection+jwt"}'), ('{"Accept: application/json;q=0.9,application/token-introspection+jwt;q=0.8"}'),
	('{"Accept: application/json;q=0.8, text/html, application/token-introspection+jwt; q=0.85"}'), ('{"Accept: application/token-introspection+jwt;q=0"}'), ('{"Accept: application/token-introspection+jwt;q=0.000"}'), ('{"Accept: application/token-introspection+jwt;q=x"}'), ('{"Accept: application/token-introspection+jwt;q=1.5"}'), ('{"Accept: application/token-introspection+jwt;q="}'),
	('{"Accept: application/token-introspection+jwt;v=1;Q=0.5"}'), ('{"Accept: application/token-introspection+jwtx"}'), ('{"Accept: xapplication/token-introspection+jwt"}'), ('{"Accept: application/token-introspection+jwt;x"}'), ('{"Accept: application/json","Accept: application/token-introspection+jwt"}'), ('{"Accept: application/jwt"}'), ('{"Accept: , ,"}'), ('{"Accept:"}'), ('{"Accept: ;q=1,application/token-introspection+jwt"}')) v (accept);
\echo -- RS256 unless the client says otherwise (RFC 9701, section 6)
SELECT convert_from((pg_temp.jwt(:'server_auth' || '&token=' || :'access', '{Accept: application/token-introspection+jwt}')).body, 'UTF8') AS jwt \gset
SELECT header ->> 'alg', valid FROM oauth_verify_jwt(:'jwt', oauth_jwks(), '{RS256}', 'token-introspection+jwt');
SELECT oauth_update_client(:'signed', jsonb_build_object('introspection_signed_response_alg', alg)) FROM unnest('{none}'::text[]) alg;
\echo :SQLSTATE
\echo -- a signature is made where that may take long, and the first one where a key can be written
SET oauth.lane = 'reading';
SELECT (pg_temp.jwt(auth || '&token=' || :'access', '{Accept: application/token-introspection+jwt}')).headers FROM unnest(ARRAY[:'server_auth', :'signed_auth']) auth;
RESET oauth.lane;
\echo -- refusals stay JSON (RFC 7662, section 2.3; RFC 9701, section 4; RFC 9701, section 9)
SELECT pg_temp.type(pg_temp.jwt(form, '{Accept: application/token-introspection+jwt}')) FROM unnest(ARRAY['client_id=' || :'signed' || '&client_secret=x&token=x', 'client_id=' || :'public' || '&token=x', :'signed_auth', :'signed_auth' || '&token=a&token=b', '%']) form;
\echo -- metadata (RFC 9701, section 7); registration (RFC 9701, section 6)
SELECT convert_from(m.body, 'UTF8')::jsonb -> 'introspection_signing_alg_values_supported' ? 'RS256', convert_from(m.body, 'UTF8')::jsonb -> 'introspection_signing_alg_values_supported' ? 'none' FROM oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL, 'https', NULL)) m;
SELECT alg, askers > 0 FROM oauth.wanted_signing_alg WHERE alg = 'ES256';
