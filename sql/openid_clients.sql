-- openid_clients.sql: clients of OpenID Connect (Dynamic Client Registration 1.0), over HTTP and by SQL.  R164, R203.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET oauth.registration_rate = 0;
SET oauth.registration = open;
SET oauth.issuer = 'https://auth.example.com';

CREATE FUNCTION pg_temp.ask(method text, path text, metadata jsonb, token text DEFAULT NULL) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT convert_from(r.body, 'UTF8')::jsonb || jsonb_build_object('status', r.status)
	FROM oauth.register(ROW(method, '/oauth2/register' || path, ARRAY['Content-Type: application/json'] || CASE WHEN token IS NOT NULL THEN ARRAY['Authorization: Bearer ' || token] ELSE '{}' END,
		convert_to(metadata::text, 'UTF8'), 'https', '192.0.2.1')) r $$;
-- The answer for one more member, but for what every answer has; or why there is none.
CREATE FUNCTION pg_temp.of(answer jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce((answer ->> 'error') || ': ' || (answer ->> 'error_description'),
		(answer - '{status,scope,client_id,client_name,grant_types,client_secret,redirect_uris,response_types,client_id_issued_at,client_secret_expires_at,token_endpoint_auth_method,registration_client_uri,registration_access_token}'::text[])::text) $$;
CREATE FUNCTION pg_temp.new(metadata jsonb) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.of(pg_temp.ask('POST', '', '{"redirect_uris": ["https://app.example/cb"]}'::jsonb || metadata)) $$;
CREATE FUNCTION pg_temp.only(metadata jsonb) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.of((SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(pg_temp.ask('POST', '', '{"redirect_uris": ["https://app.example/cb"]}'::jsonb || metadata)) WHERE metadata ? key OR key ~ 'error')) $$;

\echo -- Dynamic Registration 1.0, section 2: what is in force where nothing is said
SELECT pg_temp.new('{}');
SELECT pg_temp.new('{"scope": "read"}');

\echo -- "application_type: [...] The defined values are native or web."
SELECT metadata, pg_temp.only(metadata) FROM (VALUES ('{"application_type": "web"}'::jsonb), ('{"application_type": "native"}'), ('{"application_type": "browser"}'), ('{"application_type": ""}'), ('{"application_type": "web native"}'), ('{"application_type": 1}'), ('{"application_type": null}')) v (metadata);
\echo -- "Native Clients MUST only register redirect_uris using custom URI schemes or loopback URLs using the http scheme"
SELECT uris, pg_temp.only(jsonb_build_object('application_type', 'native', 'redirect_uris', uris::jsonb)) FROM (VALUES ('["com.example.app:/cb"]'), ('["http://127.0.0.1/cb", "http://[::1]:7/cb", "http://localhost/cb"]'), ('["https://app.example/cb"]'), ('["http://app.example/cb"]'), ('["com.example.app:/cb", "https://app.example/cb"]'), ('["https://127.0.0.1/cb"]')) v (uris);
\echo -- what a browser is sent on with is no scheme of another program
SELECT uris, pg_temp.only(jsonb_build_object('application_type', 'web', 'redirect_uris', uris::jsonb)) FROM (VALUES ('["com.example.app:/cb"]'), ('["http://localhost/cb"]'), ('["https://app.example/cb"]'), ('["http://app.example/cb"]')) v (uris);
\echo -- "The default, if omitted, is web"; one that can only be native is told so, and clients of RFC 7591 are held to neither
SELECT uris, pg_temp.new(jsonb_build_object('redirect_uris', uris::jsonb)) FROM (VALUES ('["com.example.app:/cb"]'), ('["com.example.app:/cb", "https://app.example/cb"]'), ('["http://127.0.0.1/cb"]')) v (uris);

\echo -- Core, section 8; Core, section 8.1: "If there are multiple hostnames in the registered redirect_uris, the Client MUST register a sector_identifier_uri."
SELECT metadata, pg_temp.only(metadata) FROM (VALUES ('{"subject_type": "pairwise"}'::jsonb), ('{"subject_type": "pairwise", "redirect_uris": ["https://app.example/cb", "https://APP.example:8443/other"]}'),
	('{"subject_type": "pairwise", "redirect_uris": ["https://app.example/cb", "https://www.app.example/cb"]}'), ('{"subject_type": "pairwise", "redirect_uris": ["com.example.app:/cb"]}'), ('{"subject_type": "private"}'),
	('{"subject_type": "public", "redirect_uris": ["https://app.example/cb", "https://www.app.example/cb"]}')) v (metadata);
SELECT DISTINCT sector_identifier FROM oauth.client WHERE subject_type = 'pairwise' AND redirect_uris[1] LIKE 'https://app.example/%';

\echo -- Dynamic Registration 1.0, section 5; Dynamic Registration 1.0, section 7: "The values of the registered redirect_uris MUST be included in the elements of the array"; the shim fetches the document
\set uris '{"subject_type": "pairwise", "redirect_uris": ["https://app.example/cb", "https://www.app.example/cb"], "sector_identifier_uri": "https://Sector.example/uris.json"}'
SELECT status, headers FROM oauth.register(ROW('POST', '/oauth2/register', ARRAY['Content-Type: application/json', 'Origin: https://app.example'], convert_to(:'uris', 'UTF8'), 'https', '192.0.2.1'));
SELECT url, wanted_at IS NOT NULL FROM oauth.document;
CREATE FUNCTION pg_temp.only_with(body text, metadata jsonb) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM oauth_keep_document('https://Sector.example/uris.json', body); RETURN pg_temp.only(metadata); END $$;
SELECT body, pg_temp.only_with(body, :'uris') FROM unnest(ARRAY['["https://app.example/cb"]', '["https://app.example/cb", ["https://www.app.example/cb"]]', '{"https://app.example/cb": 1, "https://www.app.example/cb": 1}', '"https://app.example/cb"', '[]',
	'["https://app.example/cb", "https://www.app.example/cb/"]', '["x", 1, "https://www.app.example/cb", "https://app.example/cb"]']) body;
SELECT DISTINCT sector_identifier FROM oauth.client WHERE sector_identifier_uri IS NOT NULL;
\echo -- what cannot be had says nothing of why to a stranger
SELECT oauth_forget_document('https://Sector.example/uris.json');
SELECT status FROM oauth.register(ROW('POST', '/oauth2/register', '{Content-Type: application/json}', convert_to(:'uris', 'UTF8'), 'https', '192.0.2.1'));
UPDATE oauth.document SET body = NULL, wanted_at = NULL, fetched_at = NULL, fresh_until = NULL, is_by_hand = false, failed_at = clock_timestamp(), problem = 'connection refused';
SELECT pg_temp.only(:'uris');
\echo -- SQL callers fetch it themselves; a client that stays as it was needs no document
SELECT oauth_forget_document('https://Sector.example/uris.json');
\set VERBOSITY default
SELECT oauth_register_client_metadata(:'uris');
\set VERBOSITY terse
SELECT client_id AS sector FROM oauth.client WHERE sector_identifier_uri IS NOT NULL LIMIT 1 \gset
SELECT oauth_update_client(:'sector', '{"client_name": "Sector"}') ->> 'client_name';
SELECT oauth_update_client(:'sector', '{"redirect_uris": ["https://www.app.example/cb"]}') -> 'redirect_uris';
SELECT oauth_update_client(:'sector', '{"redirect_uris": ["https://www.app.example/new"]}');
\echo -- algorithms: those of the server, and never none (Core, section 2; Dynamic Registration 1.0, section 2)
SELECT member, alg, pg_temp.only(jsonb_build_object(member, alg)) FROM unnest(ARRAY['id_token_signed_response_alg', 'userinfo_signed_response_alg', 'request_object_signing_alg', 'token_endpoint_auth_signing_alg']) member,
	unnest(ARRAY['RS256', 'ES256', 'EdDSA', 'Ed25519', 'ed25519', 'Ed448', 'HS256', 'none', 'rs256', 'HS512', '']) alg;
\echo -- this server does not encrypt
SELECT member, pg_temp.new(jsonb_build_object(member, 'RSA-OAEP')) FROM unnest(ARRAY['id_token_encrypted_response_alg', 'id_token_encrypted_response_enc', 'userinfo_encrypted_response_alg', 'userinfo_encrypted_response_enc',
	'request_object_encryption_alg', 'request_object_encryption_enc', 'authorization_encrypted_response_alg', 'authorization_encrypted_response_enc', 'introspection_encrypted_response_alg', 'introspection_encrypted_response_enc']) member;
SELECT pg_temp.new('{"id_token_encrypted_response_alg": null, "scope": "read"}');

\echo -- "jwks_uri and jwks parameters MUST NOT both be present" (Dynamic Registration 1.0, section 2; RFC 7591, section 2); a set has keys (RFC 7517, section 5)
\set key '{"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM", "kid": "1"}'
SELECT pg_temp.only(jsonb_build_object('jwks', jsonb_build_object('keys', jsonb_build_array(:'key'::jsonb))));
SELECT pg_temp.only(jsonb_build_object('jwks', jsonb_build_object('keys', jsonb_build_array(:'key'::jsonb)), 'jwks_uri', 'https://app.example/jwks'));
SELECT pg_temp.only(jsonb_build_object('jwks', jsonb_build_object('keys', jsonb_build_array(:'key'::jsonb || '{"d": "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}'))));
SELECT pg_temp.only(jsonb_build_object('jwks', jsonb_build_object('keys', jsonb_build_array(:'key'::jsonb || '{"y": "5Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}'))));
SELECT pg_temp.only(jsonb_build_object('jwks', :'key'::jsonb));
\echo -- what the server itself asks or tells (Back-Channel Logout 1.0, section 2.2): https, on the ports of https, and not this machine
SELECT uri, pg_temp.only(jsonb_build_object('jwks_uri', uri)) FROM unnest(ARRAY['https://app.example/jwks', 'https://app.example:8443/jwks?a=b', 'https://app.example:443/', 'https://app.example:22/', 'http://app.example/jwks', 'http://127.0.0.1/jwks', 'https://127.0.0.1/jwks', 'https://localhost/', 'https://[::1]/',
	'https://user@app.example/', 'https://app.example/#a', 'https:///jwks', 'ftp://app.example/', 'jwks', '', 'https://app.example/ä', 'https://' || repeat('a', 2000)]) uri;
SELECT member, pg_temp.only(jsonb_build_object(member, 'http://app.example/')), pg_temp.only(jsonb_build_object(member, 'https://app.example/' || member)) FROM unnest(ARRAY['backchannel_logout_uri', 'initiate_login_uri']) member;
SELECT uri, pg_temp.only(jsonb_build_object('backchannel_logout_uri', uri)) FROM unnest(ARRAY['https://app.example/logout?a=b', 'https://app.example/logout#a', '/logout', '']) uri;
\echo -- Core, section 8.1; Dynamic Registration 1.0, section 2: "sector_identifier_uri [...] URL using the https scheme"
SELECT uri, pg_temp.only(jsonb_build_object('subject_type', 'pairwise', 'sector_identifier_uri', uri)) FROM unnest(ARRAY['http://sector.example/uris.json', 'https://sector.example/#uris', 'com.example.app:/uris', '']) uri;
\echo -- however this machine is spelled (RFC 6761, section 6.3; server-side request forgery: R166)
SELECT uri, pg_temp.only(jsonb_build_object('jwks_uri', uri)) FROM unnest(ARRAY['https://LocalHost/', 'https://localhost./', 'https://a.localhost/', 'https://127.1/', 'https://127.0.0.1./', 'https://127.255.255.254/', 'https://0177.0.0.1/', 'https://0x7f.1/', 'https://0x7f000001/', 'https://2130706433/', 'https://1.2.3/', 'https://1.2.3.4.5/', 'https://1.2.3.256/', 'https://1.2.3.0x4/', 'https://a.0x/',
	'https://[0:0:0:0:0:0:0:1]/', 'https://[::ffff:127.0.0.1]/', 'https://[::ffff:7f00:1]/', 'https://[::1', 'https://[fe80::1%25eth0]/', 'https://[::1]x/', 'https://[v1.a]/', 'https://1.2.3.4/', 'https://[2001:4860::8888]/',
	'https://a..example/', 'https://.example/', 'https://a%2eexample/', 'https://a b/', 'https://a\b/', 'https://app.example:/', 'https://app.example:0443/', 'https://app.example:443:443/', 'https://app.example:0/', 'https://app.example:x/', 'https://app.example:70000/', 'https://app.example@127.0.0.1/', 'https://app.example\@127.0.0.1/', 'https:app.example/', 'HTTPS://app.example/', 'https://app.example', 'https://xn--bcher-kva.example./']) uri;
\echo -- a server for its own machine may ask that machine
BEGIN;
SET LOCAL oauth.issuer = 'http://localhost:8000';
SELECT uri, pg_temp.only(jsonb_build_object('backchannel_logout_uri', uri)) FROM unnest(ARRAY['http://127.0.0.1:9000/logout', 'https://localhost:9000/logout', 'http://127.0.0.1:9000/#logout', 'http://app.example/', 'http://127.0.0.1.example/']) uri;
ROLLBACK;

\echo -- RP-Initiated Logout 1.0, section 3.1: compared character by character, so each is as right as a redirect URI
SELECT uri, pg_temp.only(jsonb_build_object('post_logout_redirect_uris', jsonb_build_array(uri))) FROM unnest(ARRAY['https://app.example/bye?x=1', 'com.example.app:/bye', 'http://localhost:3000/', 'http://app.example/', 'javascript:alert(1)', 'https://app.example/#a', 'myapp:/bye', 'https://app.example/?state=1', '/bye', '']) uri;
SELECT pg_temp.only(jsonb_build_object('post_logout_redirect_uris', (SELECT jsonb_agg('https://app.example/' || i) FROM generate_series(1, 51) i)));

\echo -- numbers, flags and words
SELECT metadata, pg_temp.only(metadata) FROM (VALUES ('{"default_max_age": 0}'::jsonb), ('{"default_max_age": 3600}'), ('{"default_max_age": -1}'), ('{"default_max_age": "60"}'), ('{"default_max_age": 1e300}'), ('{"default_max_age": null}'),
	('{"require_auth_time": true}'), ('{"require_auth_time": "true"}'), ('{"default_acr_values": ["a", "b"]}'), ('{"default_acr_values": ["a b"]}'), ('{"default_acr_values": [""]}'), ('{"default_acr_values": "a"}'),
	('{"id_token_lifetime": 60}'), ('{"id_token_lifetime": 86400}'), ('{"id_token_lifetime": 86401}'), ('{"id_token_lifetime": 0}'),
	('{"claims_in_id_token": true}'), ('{"access_token_format": "jwt"}'), ('{"access_token_format": "saml"}'), ('{"backchannel_logout_session_required": true}'), ('{"backchannel_logout_session_required": 1}'),
	('{"contacts": ["a@app.example"], "logo_uri": "https://app.example/logo.png"}')) v (metadata);

\echo -- Dynamic Registration 1.0, section 2.1: members in other languages
SELECT pg_temp.only('{"client_name#fr": "Mon application", "client_name#ja-Jpan-JP": "クライアント名", "tos_uri#de": "https://app.example/de", "tos_uri#en": "javascript:1", "client_name#": "x", "client_name#a b": "x", "scope#fr": "lire", "#fr": "x"}');
SELECT pg_temp.new((SELECT jsonb_object_agg('client_name#a' || i, 'x') FROM generate_series(1, 51) i));

\echo -- Dynamic Registration 1.0, section 4.3; RFC 7592, section 2.2: "omitted fields [...] MUST be treated as null or empty values"
SELECT pg_temp.ask('POST', '', jsonb_build_object('redirect_uris', '["https://app.example/cb"]'::jsonb, 'jwks', jsonb_build_object('keys', jsonb_build_array(:'key'::jsonb)), 'subject_type', 'pairwise', 'default_max_age', 5, 'require_auth_time', true,
	'client_name#fr', 'x', 'post_logout_redirect_uris', '["https://app.example/bye"]'::jsonb, 'application_type', 'web', 'access_token_format', 'jwt', 'id_token_lifetime', 5, 'id_token_signed_response_alg', 'ES256', 'token_endpoint_auth_method', 'client_secret_post')) AS answer \gset
SELECT pg_temp.of(:'answer');
SELECT :'answer'::jsonb ->> 'client_id' AS id, :'answer'::jsonb ->> 'registration_access_token' AS token \gset
SELECT pg_temp.of(pg_temp.ask('GET', '/' || :'id', '{}', :'token')) = pg_temp.of(:'answer');
SELECT pg_temp.of(pg_temp.ask('PUT', '/' || :'id', jsonb_build_object('client_id', :'id', 'redirect_uris', '["com.example.app:/cb"]'::jsonb), :'token'));
SELECT pg_temp.of(pg_temp.ask('PUT', '/' || :'id', jsonb_build_object('client_id', :'id', 'redirect_uris', '["com.example.app:/cb"]'::jsonb, 'subject_type', 'pairwise'), :'token'));

\echo -- a client is of a sector because codes go there only: with a grant that needs no redirect, a client that names the addresses of others would join them
\set device '{"grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"]}'
SELECT oauth_keep_document('https://victim.example/uris.json', '["https://victim.example/cb", "com.example.victim:/cb", "https://victim.example/jwks"]');
SELECT what, pg_temp.only(metadata) FROM (VALUES ('no redirect URI', '{"subject_type": "pairwise", "redirect_uris": [], "grant_types": ["urn:ietf:params:oauth:grant-type:device_code"], "sector_identifier_uri": "https://victim.example/uris.json"}'::jsonb),
	('theirs', '{"subject_type": "pairwise", "redirect_uris": ["https://victim.example/cb"], "sector_identifier_uri": "https://victim.example/uris.json"}' || :'device'::jsonb), ('without their document', '{"subject_type": "pairwise", "redirect_uris": ["https://victim.example/cb"]}' || :'device'::jsonb),
	('their keys', '{"subject_type": "pairwise", "redirect_uris": [], "jwks_uri": "https://victim.example/jwks", "grant_types": ["urn:ietf:params:oauth:grant-type:device_code"], "sector_identifier_uri": "https://victim.example/uris.json"}'),
	('public, for later', '{"redirect_uris": [], "grant_types": ["urn:ietf:params:oauth:grant-type:device_code"], "sector_identifier_uri": "https://victim.example/uris.json"}'), ('public, with codes', '{"redirect_uris": ["https://victim.example/cb"], "sector_identifier_uri": "https://victim.example/uris.json"}' || :'device'::jsonb)) v (what, metadata);
\echo -- nor is the device itself a sector, or a scheme that any program can have
SELECT uris, pg_temp.only(jsonb_build_object('subject_type', 'pairwise', 'redirect_uris', uris::jsonb)) FROM unnest('{"[\"http://127.0.0.1/cb\"]","[\"http://localhost/cb\"]","[\"com.example.app://victim.example/cb\"]","[\"https://app.example/cb\", \"com.example.app://app.example/cb\"]"}'::text[]) uris;
\echo -- one that the document lists is, as the sector says so
SELECT pg_temp.only('{"subject_type": "pairwise", "redirect_uris": ["com.example.victim:/cb"], "sector_identifier_uri": "https://victim.example/uris.json"}');
\echo -- a client that changes itself stays in its sector, and sees its users as before, also where it does not say how
SELECT pg_temp.ask('POST', '', '{"redirect_uris": ["https://app.example/cb"]}') AS public, pg_temp.ask('POST', '', '{"redirect_uris": ["https://app.example/cb"], "subject_type": "pairwise"}') AS pairwise \gset
SELECT oauth_keep_document('https://Sector.example/uris.json', '["https://app.example/cb", "https://www.app.example/cb", "https://app.example/new"]');
SELECT pg_temp.ask('POST', '', :'uris') AS of_sector \gset
CREATE FUNCTION pg_temp.put(client jsonb, metadata jsonb) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT concat_ws(' ', pg_temp.of((SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(pg_temp.ask('PUT', '/' || (client ->> 'client_id'), jsonb_build_object('client_id', client ->> 'client_id', 'redirect_uris', '["https://app.example/cb"]'::jsonb) || metadata, client ->> 'registration_access_token')) WHERE key ~ 'error|subject|sector'))) $$;
SELECT metadata, pg_temp.put(:'pairwise', metadata) FROM unnest('{"{}","{\"subject_type\": null}","{\"subject_type\": \"pairwise\"}","{\"subject_type\": \"public\"}","{\"redirect_uris\": [\"https://app.example/other\"]}","{\"redirect_uris\": [\"https://victim.example/cb\"]}","{\"redirect_uris\": [\"com.example.victim:/cb\"], \"sector_identifier_uri\": \"https://victim.example/uris.json\"}"}'::jsonb[]) metadata;
SELECT pg_temp.put(:'pairwise', :'device');
SELECT metadata, pg_temp.put(:'of_sector', metadata) FROM unnest('{"{}","{\"sector_identifier_uri\": null}","{\"subject_type\": \"public\", \"sector_identifier_uri\": null}","{\"redirect_uris\": [\"https://app.example/new\"]}","{\"redirect_uris\": [\"https://app.example/none\"]}","{\"sector_identifier_uri\": \"https://victim.example/uris.json\"}"}'::jsonb[]) metadata;
SELECT metadata, pg_temp.put(:'public', metadata) FROM unnest('{"{}","{\"subject_type\": \"pairwise\"}","{\"subject_type\": \"public\"}"}'::jsonb[]) metadata;
\echo -- what an administrator made of it, it cannot undo
SELECT oauth_update_client(:'public'::jsonb ->> 'client_id', '{"subject_type": "pairwise"}') ->> 'subject_type';
SELECT metadata, pg_temp.put(:'public', metadata) FROM unnest('{"{}","{\"subject_type\": \"public\"}"}'::jsonb[]) metadata;

\echo -- the same by SQL: an update changes what it names, null brings the default back
CREATE FUNCTION pg_temp.update(id text, metadata jsonb) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN pg_temp.of(oauth_update_client(id, metadata)); EXCEPTION WHEN others THEN RETURN sqlerrm; END $$;
SELECT pg_temp.of(metadata) FROM oauth_register_client_metadata('{"redirect_uris": ["https://app.example/cb"], "scope": "openid", "subject_type": "pairwise", "backchannel_logout_uri": "https://app.example/told", "default_max_age": 60}') metadata;
SELECT client_id AS id FROM oauth.client WHERE backchannel_logout_uri = 'https://app.example/told' \gset
SELECT pg_temp.update(:'id', metadata) FROM (VALUES (1, '{"jwks_uri": "https://app.example/jwks"}'::jsonb), (2, jsonb_build_object('jwks', jsonb_build_object('keys', jsonb_build_array(:'key'::jsonb)))), (3, '{"jwks": null, "default_max_age": null, "client_name#fr": "Un"}'),
	(4, '{"redirect_uris": ["https://app.example/cb", "https://other.example/cb"]}'), (5, '{"id_token_signed_response_alg": "HS256"}'), (6, '{"client_name#fr": null, "subject_type": null, "redirect_uris": ["com.example.app:/cb"]}'), (7, '{"application_type": "web"}'), (8, '{}')) v (n, metadata) ORDER BY n;
SELECT subject_type, sector_identifier, jwks_uri, jwks, application_type, metadata FROM oauth.client WHERE client_id = :'id';

\echo -- what cannot be written down
UPDATE oauth.client SET subject_type = 'pairwise', sector_identifier = NULL WHERE client_id = :'id';
UPDATE oauth.client SET jwks = '{}', jwks_uri = 'https://app.example/jwks' WHERE client_id = :'id';
UPDATE oauth.client SET id_token_lifetime = 86401 WHERE client_id = :'id';
