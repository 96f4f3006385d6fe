-- metadata.sql: what the provider says of itself (RFC 8414, RFC 9728).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;

SELECT oauth_register_scope('photo:print', 'Print your photos');
CREATE FUNCTION pg_temp.server(target text DEFAULT '/.well-known/oauth-authorization-server') RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || jsonb_pretty(convert_from(r.body, 'UTF8')::jsonb) FROM oauth.metadata(ROW('GET', target, '{}', NULL, 'http', '127.0.0.1')) r $$;
CREATE FUNCTION pg_temp.resource(path text) RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || convert_from(r.body, 'UTF8') FROM oauth.protected_resource_metadata(ROW('GET', '/.well-known/oauth-protected-resource' || path, '{}', NULL, 'http', '127.0.0.1')) r $$;
\echo -- without an issuer there is nothing to say
SELECT pg_temp.server();
SELECT pg_temp.resource('');
SELECT headers FROM oauth.resource(ROW('GET', '/api/', '{}', NULL, 'http', NULL));
SET oauth.issuer = 'https://auth.example.com';
SELECT pg_temp.server();
SELECT pg_temp.server('/.well-known/oauth-authorization-server/?x=1');
SELECT (oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL, 'http', NULL))).headers;
SELECT pg_temp.server('/.well-known/oauth-authorization-server/tenant');
\echo -- R170: what is advertised can be asked for; what is not, is not listed, neither there nor by the resource
SELECT oauth_register_scope('photo:admin', 'Do it all', is_advertised => false);
SELECT DISTINCT convert_from((v.r).body, 'UTF8')::jsonb -> 'scopes_supported' FROM (SELECT oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL, 'http', NULL)) UNION ALL SELECT oauth.protected_resource_metadata(ROW('GET', '/.well-known/oauth-protected-resource', '{}', NULL, 'http', NULL))) v (r);
\echo -- also before anything has been registered
BEGIN;
DELETE FROM oauth.scope;
SELECT convert_from(r.body, 'UTF8')::jsonb -> 'scopes_supported' FROM oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL, 'http', NULL)) r;
SELECT oauth_register_scope('openid', 'My own words');
SELECT scope, description, is_default, is_advertised FROM oauth.scope ORDER BY scope;
ROLLBACK;
\echo -- R170: what it says there is, there is
SELECT grant_type, (convert_from((oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to('client_id=nobody&grant_type=' || grant_type, 'UTF8'), 'http', NULL))).body, 'UTF8')::jsonb ->> 'error')
	FROM oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL, 'http', NULL)) r, jsonb_array_elements_text(convert_from(r.body, 'UTF8')::jsonb -> 'grant_types_supported') grant_type ORDER BY grant_type COLLATE "C";
SELECT method, count(*) FROM oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL, 'http', NULL)) r, jsonb_array_elements_text(convert_from(r.body, 'UTF8')::jsonb -> 'token_endpoint_auth_methods_supported') method,
	LATERAL oauth_register_client_metadata(jsonb_build_object('client_name', 'metadata', 'redirect_uris', '{https://app.example/}'::text[], 'token_endpoint_auth_method', method) || CASE method WHEN 'tls_client_auth' THEN '{"tls_client_auth_san_dns":"app.example"}' ELSE '{"jwks_uri":"https://app.example/jwks"}' END::jsonb) GROUP BY method ORDER BY method COLLATE "C";
\echo -- Discovery 1.0, section 4.3; R170: the Host header says nothing
SELECT convert_from(body, 'UTF8')::jsonb ->> 'issuer' FROM oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{Host: evil.example}', NULL, 'http', '127.0.0.1'));
\echo -- Discovery 1.0, section 4; Discovery 1.0, section 4.1; Discovery 1.0, section 4.2: the same document, at its own path, by GET
SELECT convert_from((oauth.metadata(ROW('GET', '/.well-known/openid-configuration', '{}', NULL, 'http', NULL))).body, 'UTF8') = convert_from((oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL, 'http', NULL))).body, 'UTF8');
SELECT (oauth.metadata(ROW('GET', '/.well-known/openid-configuration', '{Origin: https://app.example}', NULL, 'http', NULL))).headers;
SELECT method, (oauth.metadata(ROW(method, '/.well-known/openid-configuration', '{}', NULL, 'http', NULL))).status FROM unnest(ARRAY['GET', 'HEAD', 'OPTIONS', 'POST', 'DELETE']) method;
\echo -- Discovery 1.0, section 3, REQUIRED: each member is there
SELECT name FROM unnest(ARRAY['issuer', 'authorization_endpoint', 'token_endpoint', 'jwks_uri', 'response_types_supported', 'subject_types_supported', 'id_token_signing_alg_values_supported']) name
	WHERE NOT convert_from((oauth.metadata(ROW('GET', '/.well-known/openid-configuration', '{}', NULL, 'http', NULL))).body, 'UTF8')::jsonb ? name;
\echo -- "The server MUST support the openid scope value"; "The algorithm RS256 MUST be included"; a claims list with zero elements MUST be omitted (Discovery 1.0, section 4.2)
SELECT j -> 'scopes_supported' ? 'openid', j -> 'id_token_signing_alg_values_supported' ? 'RS256', (SELECT count(*) FROM jsonb_each(j) WHERE value IN ('[]', '""', 'null'))
	FROM (SELECT convert_from((oauth.metadata(ROW('GET', '/.well-known/openid-configuration', '{}', NULL, 'http', NULL))).body, 'UTF8')::jsonb) v (j);
\echo -- no list of algorithms has none (Discovery 1.0, section 3); how strong a login can be, and that logouts are told, is said (RFC 9470, section 7; Back-Channel Logout 1.0, section 2.1)
SELECT count(*) FILTER (WHERE key LIKE '%alg_values_supported') > 3, count(*) FILTER (WHERE key LIKE '%alg_values_supported' AND value ? 'none') FROM jsonb_each(convert_from((oauth.metadata(ROW('GET', '/.well-known/openid-configuration', '{}', NULL, 'http', NULL))).body, 'UTF8')::jsonb);
SELECT key, value FROM jsonb_each(convert_from((oauth.metadata(ROW('GET', '/.well-known/openid-configuration', '{}', NULL, 'http', NULL))).body, 'UTF8')::jsonb) WHERE key ~ '^acr_values|^backchannel_logout' ORDER BY key COLLATE "C";
\echo -- every endpoint that is named is there, at the issuer, and so as https as that (Discovery 1.0, section 3; RP-Initiated Logout 1.0, section 2.1)
SELECT key FROM jsonb_each_text(convert_from((oauth.metadata(ROW('GET', '/.well-known/openid-configuration', '{}', NULL, 'http', NULL))).body, 'UTF8')::jsonb) WHERE (key LIKE '%endpoint' OR key LIKE '%_uri')
	AND NOT EXISTS (SELECT FROM oauth.routes() WHERE 'https://auth.example.com' || path = value);
\echo -- what the lists name can be registered, and asked for
SELECT member, count(*) FROM jsonb_each(convert_from((oauth.metadata(ROW('GET', '/.well-known/openid-configuration', '{}', NULL, 'http', NULL))).body, 'UTF8')::jsonb) e,
	(VALUES ('id_token_signing_alg_values_supported', 'id_token_signed_response_alg'), ('userinfo_signing_alg_values_supported', 'userinfo_signed_response_alg'), ('subject_types_supported', 'subject_type')) v (name, member),
	jsonb_array_elements(value) choice, LATERAL oauth_register_client_metadata(jsonb_build_object('redirect_uris', '["https://app.example/"]'::jsonb, 'scope', 'openid', member, choice)) m
	WHERE key = v.name AND m -> member = choice GROUP BY member ORDER BY member COLLATE "C";
\echo -- path insertion (RFC 8414, section 3.1; RFC 9728, section 3.1)
SET oauth.issuer = 'https://auth.example.com/tenant/~one';
SELECT path, left(pg_temp.server('/.well-known/oauth-authorization-server' || path), 3) FROM unnest(ARRAY['/tenant/~one', '/tenant/%7Eone', '/%74enant/~one/', '/Tenant/~one', '/tenant%2F~one', '/tenant/~one/x', '/tenant']) path;
\echo -- "concatenating the string /.well-known/openid-configuration to the Issuer" (Discovery 1.0, section 4), and as RFC 8414 has it
SELECT path, left(pg_temp.server(path), 3) FROM unnest(ARRAY['/tenant/~one/.well-known/openid-configuration', '/tenant/~one/.well-known/openid-configuration/', '/.well-known/openid-configuration', '/.well-known/openid-configuration/tenant/~one', '/tenant/.well-known/openid-configuration',
	'/x/tenant/~one/.well-known/openid-configuration', '/tenant/~one/.well-known/oauth-authorization-server', '//.well-known/openid-configuration', '/tenant/~one/.well-known/openid-configurationx', '/tenant/~one/.well-known/openid-configuration/x']) path;
SET oauth.issuer = 'https://auth.example.com';
SELECT pg_temp.resource('');
SELECT pg_temp.resource('/api');
SELECT pg_temp.resource('/a"b/');
SELECT path, (oauth.metadata(ROW('GET', path, '{}', NULL, 'http', NULL))).status, (oauth.protected_resource_metadata(ROW('GET', path, '{}', NULL, 'http', NULL))).status
	FROM (VALUES ('/'), (''), ('/.well-known/oauth-'), ('/.well-known/oauth-authorization-serverx'), ('/.well-known/oauth-protected-resourcex')) v (path);
SET oauth.issuer = 'https://auth.example.com/tenant';
SELECT left(pg_temp.server('/.well-known/oauth-authorization-server/tenant'), 3);
SELECT left(pg_temp.server('/.well-known/oauth-authorization-server/tenan'), 3);
SELECT pg_temp.resource('/tenant/api');
\echo -- a refusal says where to ask (RFC 9728, section 5.1)
SELECT headers FROM oauth.resource(ROW('GET', '/api/', '{}', NULL, 'http', NULL));
SELECT headers FROM oauth.resource(ROW('GET', '/api/', '{Authorization: Bearer x}', NULL, 'http', NULL));
\echo -- issuers that cannot be (Discovery 1.0, section 3; Discovery 1.0, section 4.1)
SET oauth.issuer = 'auth.example.com';
SET oauth.issuer = 'https://auth.example.com/';
SET oauth.issuer = 'https://auth.example.com?x';
DELETE FROM oauth.scope WHERE scope LIKE 'photo:%';
