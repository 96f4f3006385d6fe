-- jwks.sql: GET /oauth2/jwks, the keys that verify (RFC 7517, section 5; Discovery 1.0, section 3).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
BEGIN;
DELETE FROM oauth.signing_key;
SET LOCAL oauth.issuer = 'https://auth.example.com';
CREATE FUNCTION pg_temp.ask(method text DEFAULT 'GET', target text DEFAULT '/oauth2/jwks', headers text[] DEFAULT '{}') RETURNS oauth.http_response LANGUAGE sql AS $$
	SELECT oauth.jwks(ROW(method, target, headers, NULL, 'https', '127.0.0.1')) $$;

\echo -- no key yet, so that nobody is to keep the set
SELECT status, headers, convert_from(body, 'UTF8') FROM pg_temp.ask();
\echo -- RFC 7517, section 8.5: application/jwk-set+json; to be kept for a fraction of the lead
SELECT oauth_create_signing_key('ES256') AS es \gset
SELECT oauth_create_signing_key('EdDSA', now() + interval '1 day') AS ed \gset
SELECT status, headers FROM pg_temp.ask();
SET LOCAL oauth.signing_key_lead = '2 d';
SELECT headers[2] FROM pg_temp.ask();
SET LOCAL oauth.signing_key_lead = 0;
SELECT headers[2] FROM pg_temp.ask();
RESET oauth.signing_key_lead;
\echo -- what oauth_jwks() says, as bare keys (Core, section 15.2); those that sign are the first; no private member (Discovery 1.0, section 3; RFC 7517, section 9.2)
SELECT convert_from(body, 'UTF8')::jsonb = oauth_jwks() FROM pg_temp.ask();
SELECT k ->> 'kid' = ANY (ARRAY[:'es', :'ed']), k - 'kid' - 'x' - 'y' FROM jsonb_array_elements(oauth_jwks() -> 'keys') WITH ORDINALITY s (k, n) ORDER BY n;
SELECT oauth_retire_signing_key(:'es');
SELECT count(*) FROM jsonb_array_elements(oauth_jwks() -> 'keys');
\echo -- pages of any origin may read it; HEAD is GET; nothing else is taken
SELECT headers @> '{Access-Control-Allow-Origin: *}' FROM pg_temp.ask(headers => '{Origin: https://anywhere.example}');
SELECT status, headers[1] FROM pg_temp.ask('HEAD');
SELECT status FROM pg_temp.ask('OPTIONS', headers => '{Origin: https://anywhere.example,Access-Control-Request-Method: GET}');
SELECT status, headers FROM pg_temp.ask('POST');
SELECT status FROM pg_temp.ask(target => '/oauth2/jwks/');
SELECT status FROM pg_temp.ask(target => '/oauth2/jwks?x=1');
\echo -- the shim gives it to others for a moment, but not an empty set, and not what each can ask for in a way of their own
SELECT status, headers @> '{Shared: 100}' FROM pg_temp.ask();
SELECT status, headers @> '{Shared: 100}' FROM pg_temp.ask(target => '/oauth2/jwks?x=1');
DELETE FROM oauth.signing_key;
SELECT status, headers::text LIKE '%Shared%' FROM pg_temp.ask();
ROLLBACK;
