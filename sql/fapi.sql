-- fapi.sql: clients with the FAPI 2.0 Security Profile and Message Signing.
-- SPDX-License-Identifier: PostgreSQL
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on

\set jwks '{"keys":[{"kty":"EC","crv":"P-256","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"}]}'

CREATE FUNCTION pg_temp.register(metadata jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	client jsonb;
BEGIN
	client := oauth_register_client_metadata(metadata);
	RETURN client - '{client_id,client_id_issued_at,client_name,jwks}'::text[];
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

SELECT jsonb_build_object('client_name', 'Bank', 'profile', 'fapi2', 'redirect_uris', '["https://bank.example/cb"]'::jsonb,
	'grant_types', '["authorization_code","refresh_token"]'::jsonb, 'token_endpoint_auth_method', 'private_key_jwt', 'jwks', :'jwks'::jsonb) AS good \gset

\echo -- the profile sets what it needs (section 5.3.2)
SELECT pg_temp.register(:'good');
SELECT pg_temp.register(:'good'::jsonb || '{"profile": "fapi2_message_signing"}');

\echo -- and refuses what contradicts it
SELECT pg_temp.register(:'good'::jsonb || more) FROM (VALUES (1, jsonb '{"profile": "fapi1"}'), (2, '{"token_endpoint_auth_method": "none"}'),
	(3, '{"token_endpoint_auth_method": "client_secret_basic"}'), (4, '{"token_endpoint_auth_method": "client_secret_jwt", "jwks": null}'),
	(5, '{"grant_types": ["password"]}'), (6, '{"grant_types": ["authorization_code", "oauth1"]}'), (7, '{"id_token_signed_response_alg": "RS256"}'),
	(8, '{"token_endpoint_auth_signing_alg": "ES384"}'), (9, '{"request_object_signing_alg": "PS384"}'), (10, '{"userinfo_signed_response_alg": "RS512"}'),
	(11, '{"authorization_signed_response_alg": "RS256"}'), (12, '{"introspection_signed_response_alg": "RS256"}'),
	(13, '{"redirect_uris": ["http://127.0.0.1/cb"], "application_type": null}')) v (n, more) ORDER BY n;
SELECT pg_temp.register(:'good'::jsonb || '{"redirect_uris": ["http://127.0.0.1/cb"], "application_type": "native", "id_token_signed_response_alg": "EdDSA"}') LIKE '{%';

\echo -- requests of such a client, whose keys are those of this server, which can sign in SQL
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET oauth.issuer = 'https://auth.example.com';
SELECT count(oauth_create_signing_key(alg)) >= 0 FROM unnest('{RS256,PS256,ES256,EdDSA,Ed25519}'::text[]) alg
WHERE NOT EXISTS (SELECT FROM oauth.signing_key_overview k WHERE k.alg = alg.alg AND state = 'used');
SELECT jsonb_build_object('keys', jsonb_agg(k)) AS own FROM jsonb_array_elements(oauth_jwks() -> 'keys') k
WHERE k ->> 'kid' IN (SELECT kid FROM oauth.signing_key_overview WHERE state = 'used') \gset
CREATE FUNCTION pg_temp.client(metadata jsonb) RETURNS text LANGUAGE sql AS $$ SELECT oauth_register_client_metadata(metadata) ->> 'client_id' $$;
SELECT pg_temp.client(:'good'::jsonb || jsonb_build_object('jwks', :'own'::jsonb)) AS bank,
	pg_temp.client(:'good'::jsonb || jsonb_build_object('jwks', :'own'::jsonb, 'profile', 'fapi2_message_signing')) AS signs,
	pg_temp.client(:'good'::jsonb || jsonb_build_object('jwks', :'own'::jsonb, 'grant_types', '["client_credentials"]'::jsonb)) AS machine \gset

CREATE FUNCTION pg_temp.now_and(seconds numeric) RETURNS numeric LANGUAGE sql AS $$ SELECT round(extract(epoch FROM clock_timestamp()) + seconds) $$;
CREATE FUNCTION pg_temp.assertion(client_id text, other jsonb DEFAULT '{}', alg text DEFAULT 'ES256') RETURNS text LANGUAGE sql AS $$
	SELECT 'client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=' || oauth_sign_jwt(jsonb_build_object(
		'iss', client_id, 'sub', client_id, 'aud', 'https://auth.example.com', 'exp', pg_temp.now_and(60), 'jti', gen_random_uuid()) || other, alg) $$;
CREATE FUNCTION pg_temp.object(client_id text, other jsonb DEFAULT '{}', alg text DEFAULT 'ES256') RETURNS text LANGUAGE sql AS $$
	SELECT '&request=' || oauth_sign_jwt(jsonb_strip_nulls(jsonb_build_object('iss', client_id, 'client_id', client_id, 'aud', 'https://auth.example.com', 'nbf', pg_temp.now_and(-1), 'exp', pg_temp.now_and(60),
		'response_type', 'code', 'redirect_uri', 'https://bank.example/cb', 'code_challenge_method', 'S256', 'code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM') || other), alg, 'oauth-authz-req+jwt') $$;
CREATE FUNCTION pg_temp.shown(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT r.status || CASE WHEN r.status < 400 THEN '' ELSE ' ' || regexp_replace(convert_from(r.body, 'UTF8'), '^.*"error": "([a-z_]+)".*"error_description": "(.*)".*$', '\1: \2') END $$;
CREATE FUNCTION pg_temp.post(path text, form text) RETURNS oauth.http_request LANGUAGE sql AS $$
	SELECT ROW('POST', path, '{Content-Type: application/x-www-form-urlencoded}', convert_to(form, 'UTF8'), 'https', '192.0.2.1')::oauth.http_request $$;
CREATE FUNCTION pg_temp.par(form text) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.shown(oauth.par(pg_temp.post('/oauth2/par', form))) $$;
CREATE FUNCTION pg_temp.token(form text) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.shown(oauth.token(pg_temp.post('/oauth2/token', form))) $$;
\set uri '&redirect_uri=https%3A%2F%2Fbank.example%2Fcb'
\set asked '&response_type=code&scope=read'
\set pkce '&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256'

\echo -- 5.3.2.2: "shall reject authorization requests sent without" PAR, "shall require PKCE [...] with S256", "shall require the redirect_uri parameter"
SELECT pg_temp.par(pg_temp.assertion(:'bank') || :'uri' || :'asked' || :'pkce');
SELECT pg_temp.par(pg_temp.assertion(:'bank') || :'asked' || :'pkce'), pg_temp.par(pg_temp.assertion(:'bank') || :'uri' || :'asked'), pg_temp.par(pg_temp.assertion(:'bank') || :'uri' || :'asked' || '&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
SELECT pg_temp.par('client_id=' || :'bank' || :'uri' || :'asked' || :'pkce');
SELECT r.status, h FROM oauth.authorize(ROW('GET', '/oauth2/authorize?client_id=' || :'bank' || :'uri' || :'asked' || :'pkce', '{}', NULL, 'https', '192.0.2.1')) r, unnest(r.headers) h WHERE h LIKE 'Location:%';

\echo -- "shall issue pushed authorization requests request_uri with expires_in values of less than 600 seconds", also where the setting says 600
SET oauth.request_uri_lifetime = 600;
SELECT convert_from(r.body, 'UTF8')::jsonb -> 'expires_in' FROM oauth.par(pg_temp.post('/oauth2/par', pg_temp.assertion(:'bank') || :'uri' || :'asked' || :'pkce')) r;
SELECT max(expires_at) < now() + interval '600 s' FROM oauth.pushed_request WHERE client_id = :'bank';
RESET oauth.request_uri_lifetime;

\echo -- 5.3.2.1: "shall only accept its issuer identifier value [...] as a string in the aud claim"; 5.4.1: the algorithms
SELECT other, pg_temp.token('grant_type=client_credentials&' || pg_temp.assertion(:'machine', other)) FROM (VALUES (jsonb '{"aud": "https://auth.example.com/oauth2/token"}'), ('{"aud": ["https://auth.example.com"]}')) v (other);
SELECT alg, pg_temp.par(pg_temp.assertion(:'bank', alg => alg) || :'uri' || :'asked' || :'pkce') FROM unnest('{RS256,PS256,ES256,EdDSA,Ed25519}'::text[]) alg;
\echo -- 5.3.2.1: "shall only issue sender-constrained access tokens"
SELECT pg_temp.token('grant_type=client_credentials&' || pg_temp.assertion(:'machine'));
SELECT FROM oauth_issue_token(:'machine');

\echo -- Message Signing, 5.3.1: signed requests, with nbf and exp at most 60 minutes apart; 5.4.1: signed answers
SELECT pg_temp.par(pg_temp.assertion(:'signs') || pg_temp.object(:'signs')), pg_temp.par(pg_temp.assertion(:'signs') || pg_temp.object(:'signs', '{"response_mode": "form_post.jwt"}'));
SELECT pg_temp.par(pg_temp.assertion(:'signs') || :'uri' || :'asked' || :'pkce');
SELECT n, pg_temp.par(pg_temp.assertion(:'signs') || pg_temp.object(:'signs', other, alg)) FROM (VALUES (1, jsonb '{"response_mode": "query"}', 'ES256'), (2, '{"response_mode": "form_post"}', 'ES256'), (3, '{"nbf": null}', 'ES256'), (4, '{"exp": null}', 'ES256'),
	(5, jsonb_build_object('nbf', pg_temp.now_and(-4000)), 'ES256'), (6, jsonb_build_object('exp', pg_temp.now_and(4000)), 'ES256'), (7, '{"aud": "https://other.example"}', 'ES256'), (8, '{}', 'RS256')) v (n, other, alg) ORDER BY n;

\echo -- 5.4.1: the fault of a request object names the algorithms of the profile, and of the client the one that it registered
SELECT alg, pg_temp.par(pg_temp.assertion(:'signs') || pg_temp.object(:'signs', alg => alg)) FROM unnest('{RS256,PS256,ES256,EdDSA,Ed25519}'::text[]) alg;
SELECT oauth_update_client(:'signs', '{"request_object_signing_alg": "PS256"}') ->> 'request_object_signing_alg';
SELECT alg, pg_temp.par(pg_temp.assertion(:'signs') || pg_temp.object(:'signs', alg => alg)) FROM unnest('{RS256,PS256,ES256}'::text[]) alg;
SELECT path, e."check", e.detail, e.remedy FROM unnest('{/oauth2/par,/oauth2/token}'::text[]) path, oauth_explain_request(pg_temp.post(path, pg_temp.assertion(:'bank', jsonb_build_object('aud', 'https://auth.example.com/oauth2/token')) || '&grant_type=client_credentials' || :'uri' || :'asked' || :'pkce')) e WHERE NOT e.ok;
SELECT e."check", e.detail, e.remedy FROM oauth_explain_request(pg_temp.post('/oauth2/par', pg_temp.assertion(:'signs') || pg_temp.object(:'signs', alg => 'RS256'))) e WHERE e."check" = 'alg';

\echo -- 5.4.1: "when creating or processing JWTs": the algorithms of grants and of tokens of an exchange too, of each signer
SELECT oauth_update_client(:'machine', '{"grant_types": ["client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:ietf:params:oauth:grant-type:token-exchange"], "tls_client_certificate_bound_access_tokens": true}') ->> 'profile';
SELECT oauth_trust_issuer('https://fapi.example', jwks => :'own');
CREATE FUNCTION pg_temp.signed(iss text, alg text) RETURNS text LANGUAGE sql AS $$
	SELECT oauth_sign_jwt(jsonb_build_object('iss', iss, 'sub', 'alice', 'aud', 'https://auth.example.com', 'exp', pg_temp.now_and(60), 'jti', gen_random_uuid()), alg) $$;
-- A token is bound to this certificate, because no statement can make a proof.
CREATE FUNCTION pg_temp.shown_with_certificate(form text) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.shown(oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded', 'Client-Cert: :MIIBeDCCAR2gAwIBAgIUNSI6KIwSC2E6qJFi1VmTAq+PQxowCgYIKoZIzj0EAwIwEDEOMAwGA1UEAwwFYWdhaW4wIBcNMjYxMTI4MjIyNjM4WhgPMjA4MTA4MzEyMjI2MzhaMBAxDjAMBgNVBAMMBWFnYWluMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8qSHRPx0R8CH/cuXQbvdYdZ1aRmJ5f6lDN0nhOids41yC5aG1kut1y3o+VaYgQmdJE9zsFMR37+uF/SECqZ48qNTMFEwHQYDVR0OBBYEFDt+qgLo+e4saTR4xFETXiOVpHVHMB8GA1UdIwQYMBaAFDt+qgLo+e4saTR4xFETXiOVpHVHMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAI7Is/pW6EfqKvSwXVAbm+Ix83RHBahGkyQ5d1nQ+SYVAiEAnUG/Ij7jKP8X/NDPPZmXjVpuOvDPQSn/mmw5YSp+ucs=:'],
		convert_to(form, 'UTF8'), 'https', '192.0.2.1'))) $$;
SELECT alg, iss = :'machine' AS own, pg_temp.shown_with_certificate('grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=' || pg_temp.signed(iss, alg) || '&' || pg_temp.assertion(:'machine'))
FROM unnest(ARRAY[:'machine', 'https://fapi.example']) WITH ORDINALITY i (iss, n), unnest('{RS256,PS256,ES256,EdDSA}'::text[]) WITH ORDINALITY a (alg, m) ORDER BY n, m;
SELECT alg, pg_temp.shown_with_certificate('grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token_type=urn:ietf:params:oauth:token-type:jwt&subject_token=' || pg_temp.signed('https://fapi.example', alg) || '&' || pg_temp.assertion(:'machine'))
FROM unnest('{RS256,PS256,ES256,EdDSA}'::text[]) alg;
SELECT e."check", e.ok, e.detail FROM oauth_explain_request(pg_temp.post('/oauth2/token', 'grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=' || pg_temp.signed('https://fapi.example', 'RS256') || '&' || pg_temp.assertion(:'machine'))) e WHERE e."check" = 'signature';
SELECT oauth_distrust_issuer('https://fapi.example');

\echo -- and those of JWT access tokens, whatever the resource says that they are for
CREATE FUNCTION pg_temp.alg_of(form text) RETURNS text LANGUAGE sql AS $$
	SELECT v.header ->> 'alg'
	FROM oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded', 'Client-Cert: :MIIBeDCCAR2gAwIBAgIUNSI6KIwSC2E6qJFi1VmTAq+PQxowCgYIKoZIzj0EAwIwEDEOMAwGA1UEAwwFYWdhaW4wIBcNMjYxMTI4MjIyNjM4WhgPMjA4MTA4MzEyMjI2MzhaMBAxDjAMBgNVBAMMBWFnYWluMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8qSHRPx0R8CH/cuXQbvdYdZ1aRmJ5f6lDN0nhOids41yC5aG1kut1y3o+VaYgQmdJE9zsFMR37+uF/SECqZ48qNTMFEwHQYDVR0OBBYEFDt+qgLo+e4saTR4xFETXiOVpHVHMB8GA1UdIwQYMBaAFDt+qgLo+e4saTR4xFETXiOVpHVHMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAI7Is/pW6EfqKvSwXVAbm+Ix83RHBahGkyQ5d1nQ+SYVAiEAnUG/Ij7jKP8X/NDPPZmXjVpuOvDPQSn/mmw5YSp+ucs=:'], convert_to(form, 'UTF8'), 'https', '192.0.2.1')) r, oauth_verify_jwt(convert_from(r.body, 'UTF8')::jsonb ->> 'access_token', oauth_jwks(), '{RS256,PS256,ES256,EdDSA}', 'at+jwt') v WHERE v.valid $$;
SELECT oauth_register_resource('https://' || lower(alg) || '.example/', access_token_format => 'jwt', signing_alg => alg) FROM unnest('{RS256,PS256,EdDSA}'::text[]) alg;
SELECT resource, pg_temp.alg_of('grant_type=client_credentials&resource=https%3A%2F%2F' || resource || '.example%2F&' || pg_temp.assertion(:'machine')) FROM unnest('{rs256,ps256,eddsa}'::text[]) resource;
SELECT oauth_unregister_resource('https://' || resource || '.example/') FROM unnest('{rs256,ps256,eddsa}'::text[]) resource;

\echo -- an administrator cannot take away what the profile needs, and keep the profile
SELECT c -> 'require_pkce', c -> 'require_pushed_authorization_requests' FROM oauth_update_client(:'bank', '{"require_pkce": false, "require_pushed_authorization_requests": false}') c;
SELECT FROM oauth_update_client(:'bank', '{"token_endpoint_auth_method": "client_secret_basic"}');
