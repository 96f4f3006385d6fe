-- trust_issuer.sql: issuers whose JWTs clients exchange for tokens: what can be said of one, and by whom.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;

CREATE ROLE regress_trust;
CREATE ROLE regress_trust_stranger;
CREATE SCHEMA regress_trust AUTHORIZATION regress_trust;
CREATE FUNCTION regress_trust.who(issuer text, claims jsonb) RETURNS text LANGUAGE sql AS $$ SELECT claims ->> 'email' $$;
CREATE FUNCTION regress_trust.number(issuer text, claims jsonb) RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$;
CREATE FUNCTION regress_trust.one(issuer text) RETURNS text LANGUAGE sql AS $$ SELECT issuer $$;
CREATE FUNCTION regress_trust.many(issuer text, claims jsonb) RETURNS SETOF text LANGUAGE sql AS $$ SELECT issuer $$;
ALTER FUNCTION regress_trust.who(text, jsonb) OWNER TO regress_trust;
\set keys '{"keys": [{"kty": "EC", "crv": "P-256", "kid": "a", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}'
CREATE FUNCTION pg_temp.try(call text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'SELECT ' || call;
	RETURN 'good';
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ': ' || SQLERRM;
END $$;

\echo -- with keys, with a place for keys, with everything
SELECT oauth_trust_issuer('https://keys.example', jwks => :'keys');
SELECT oauth_trust_issuer('https://uri.example', jwks_uri => 'https://uri.example/jwks');
SELECT oauth_trust_issuer('accounts.example', jwks_uri => 'https://accounts.example/jwks', subject_function => 'regress_trust.who', audience => 'ours');
SELECT issuer, audience, keys_from, subject_function, fetched_at, problem FROM oauth.trusted_issuer_overview ORDER BY issuer;
\echo -- said again, it is changed
SELECT oauth_trust_issuer('accounts.example', jwks => :'keys');
SELECT issuer, audience, keys_from, subject_function FROM oauth.trusted_issuer_overview WHERE issuer = 'accounts.example';
\echo -- a document that could not be had
INSERT INTO oauth.document (url, failed_at, problem) VALUES ('https://uri.example/jwks', now(), 'there was no answer');
SELECT problem FROM oauth.trusted_issuer_overview WHERE issuer = 'https://uri.example';
DELETE FROM oauth.document;

\echo -- what cannot be
SELECT issuer, pg_temp.try(format('oauth_trust_issuer(%L, jwks_uri => %L)', issuer, 'https://a.example/jwks')) FROM unnest(ARRAY[NULL, '', ' ', 'https://a.example ', 'https://a|b', 'https://ä.example', 'a"b', 'a\b', E'a\nb', repeat('a', 201)]) issuer;
SET oauth.issuer = 'https://here.example';
SELECT pg_temp.try($$oauth_trust_issuer('https://here.example', jwks_uri => 'https://here.example/oauth2/jwks')$$);
RESET oauth.issuer;
SELECT pg_temp.try($$oauth_trust_issuer('https://a.example')$$);
SELECT pg_temp.try(format('oauth_trust_issuer(%L, %L, %L)', 'https://a.example', :'keys', 'https://a.example/jwks'));
\echo -- keys that verify nothing, or must stay secret
SELECT jwks, pg_temp.try(format('oauth_trust_issuer(%L, %L)', 'https://a.example', jwks)) FROM (VALUES (1, '{}'), (2, '[]'), (3, '"a"'), (4, '{"keys": []}'), (5, '{"keys": {}}'), (6, '{"keys": [{"kty": "oct", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T"}]}'),
	(7, '{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}]}'),
	(8, (:'keys'::jsonb || jsonb_build_object('keys', :'keys'::jsonb -> 'keys' || '[{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}]'))::text)) v (n, jwks) ORDER BY n;
\echo -- places that nobody is sent to
SELECT uri, pg_temp.try(format('oauth_trust_issuer(%L, jwks_uri => %L)', 'https://a.example', uri)) FROM unnest('{"",http://a.example/jwks,https://127.0.0.1/jwks,https://[::1]/jwks,https://localhost/jwks,https://a.example:22/jwks,https://me@a.example/jwks,file:///etc/passwd,https://2130706433/jwks}'::text[]) uri;
\echo -- functions that there are not, and other words
SELECT function, pg_temp.try(format('oauth_trust_issuer(%L, jwks_uri => %L, subject_function => %L)', 'https://a.example', 'https://a.example/jwks', function)) FROM unnest('{who,"",regress_trust.none,regress_trust.one,regress_trust.number,regress_trust.many,"regress_trust.who(text)"}'::text[]) function;
SELECT audience, pg_temp.try(format('oauth_trust_issuer(%L, jwks_uri => %L, audience => %L)', 'https://a.example', 'https://a.example/jwks', audience)) FROM unnest('{""," ","a b"}'::text[]) audience;
SELECT issuer FROM oauth.trusted_issuer WHERE issuer = 'https://a.example';

\echo -- the function belongs to who names it, and only its owner takes it away
GRANT EXECUTE ON FUNCTION oauth_trust_issuer, oauth_distrust_issuer TO regress_trust, regress_trust_stranger;
SET ROLE regress_trust;
SELECT pg_temp.try($$oauth_trust_issuer('https://a.example', jwks_uri => 'https://a.example/jwks', subject_function => 'regress_trust.who(text, jsonb)')$$);
SET ROLE regress_trust_stranger;
SELECT pg_temp.try($$oauth_trust_issuer('https://b.example', jwks_uri => 'https://b.example/jwks', subject_function => 'regress_trust.who')$$);
SELECT pg_temp.try($$oauth_trust_issuer('https://a.example', jwks_uri => 'https://stranger.example/jwks')$$);
SELECT pg_temp.try($$oauth_distrust_issuer('https://a.example')$$);
RESET ROLE;
REVOKE EXECUTE ON FUNCTION oauth_trust_issuer, oauth_distrust_issuer FROM regress_trust, regress_trust_stranger;
SET ROLE regress_trust;
SELECT pg_temp.try($$oauth_distrust_issuer('https://a.example')$$);
RESET ROLE;
SELECT issuer, jwks_uri FROM oauth.trusted_issuer WHERE issuer ~ '/[ab].example';

\echo -- trusted no longer
SELECT i, oauth_distrust_issuer(i), oauth_distrust_issuer(i) FROM unnest('{https://a.example,https://keys.example,https://uri.example,accounts.example}'::text[]) i;
SELECT count(*) FROM oauth.trusted_issuer;
SELECT detail FROM oauth.event WHERE event = 'configure' AND detail ~ '^issuer .*(keys|uri|accounts|/a)[.]example' ORDER BY handle;
DROP SCHEMA regress_trust CASCADE;
DROP ROLE regress_trust, regress_trust_stranger;
