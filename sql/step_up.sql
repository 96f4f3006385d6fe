-- step_up.sql: a resource needs a stronger, or a newer, login than the one behind the token (RFC 9470).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.issuer = 'https://auth.example.com';
SET TimeZone = 'UTC';

SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('step up', grant_types => '{authorization_code,client_credentials,introspection,refresh_token}', redirect_uris => '{https://app.example/back}', scope => 'read write') \gset
SELECT access_token AS token, refresh_token AS refresh FROM oauth_issue_token(:'id', subject => 'step up ann', scope => 'read', refresh => true) \gset
SELECT access_token AS machine FROM oauth_issue_token(:'id') \gset
CREATE FUNCTION pg_temp.says(acr text, at interval) RETURNS void LANGUAGE sql AS $$ UPDATE oauth.grant SET acr = says.acr, auth_time = now() - says.at WHERE subject = 'step up ann' $$;
CREATE SCHEMA step_up;
CREATE FUNCTION step_up.pay(oauth.http_request) RETURNS jsonb STABLE LANGUAGE sql AS $$ SELECT to_jsonb(oauth_subject()) $$;
-- Status and challenge.
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT r.status || coalesce(' ' || (SELECT substr(h, 19) FROM unnest(r.headers) h WHERE h LIKE 'WWW-Authenticate: %'), '') || CASE WHEN r.status = 400 THEN ' ' || convert_from(r.body, 'UTF8') ELSE '' END $$;
CREATE FUNCTION pg_temp.api(path text, token text) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT pg_temp.show(oauth.resource(ROW('GET', path, ARRAY['Authorization: Bearer ' || token], NULL, 'https', '127.0.0.1'))) $$;
CREATE FUNCTION pg_temp.auth(query text, token text) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT pg_temp.show(oauth.forward_auth(ROW('GET', '/auth?' || query, ARRAY['Authorization: Bearer ' || token], NULL, 'https', '127.0.0.1'))) $$;
CREATE FUNCTION pg_temp.api_with(acr text, at interval, token text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_temp.says(acr, at); RETURN pg_temp.api('/api/step-up', token); END $$;

\echo -- what a path needs is said where it is published, and is part of what is replaced
SELECT oauth_protect('/api/step-up', 'step_up.pay', required_scope => 'read', acr_values => 'urn:oauth:acr:mfa  urn:app:key', max_age => '5 minutes');
SELECT acr_values, max_age FROM oauth.protected_function WHERE path = '/api/step-up';
SELECT oauth_protect('/api/step-up/free', 'step_up.pay');
SELECT acr_values, max_age FROM oauth.protected_function WHERE path = '/api/step-up/free';
\set VERBOSITY terse
SELECT oauth_protect('/api/step-up/x', 'step_up.pay', acr_values => 'a"b');
\echo :SQLSTATE
SELECT oauth_protect('/api/step-up/x', 'step_up.pay', acr_values => '');
\echo :SQLSTATE
SELECT oauth_protect('/api/step-up/x', 'step_up.pay', max_age => '0');
\echo :SQLSTATE
SELECT oauth_protect('/api/step-up/x', 'step_up.pay', max_age => '-1 s');
\echo :SQLSTATE
\set VERBOSITY default

\echo -- RFC 9470, section 3: "insufficient_user_authentication [...] the HTTP 401 status code [...] acr_values [...] max_age"
SELECT pg_temp.api('/api/step-up', :'token'), pg_temp.api('/api/step-up', :'machine');
SELECT acr, at, pg_temp.api_with(acr, at, :'token') FROM (VALUES ('urn:oauth:acr:pwd', interval '10 s'), ('urn:app:key', '301 s'), ('urn:app:key', '290 s'), ('urn:oauth:acr:mfa', '0'), ('urn:app:keys', '0'), ('URN:APP:KEY', '0'), (NULL, '0'), ('urn:app:key', NULL)) v (acr, at);
SELECT pg_temp.api('/api/step-up/free', :'token'), pg_temp.api('/api/step-up/below', :'token');
\echo -- the scope comes first, for no login mends it
SELECT access_token AS other FROM oauth_issue_token(:'id', subject => 'step up ann', scope => 'write') \gset
SELECT pg_temp.api('/api/step-up', :'other');

\echo -- /auth for a proxy
SELECT pg_temp.says('urn:oauth:acr:pwd', '100 s');
SELECT query, pg_temp.auth(query, :'token') FROM unnest(ARRAY['scope=', 'resource=', 'scope=read&scope=', 'acr_values=urn:oauth:acr:pwd', 'acr_values=urn:oauth:acr:mfa', 'acr_values=urn:oauth:acr:mfa+urn:oauth:acr:pwd', 'max_age=200', 'max_age=50', 'max_age=50&acr_values=x&scope=read', 'scope=write&max_age=50', 'max_age=0', 'max_age=-1', 'max_age=x', 'max_age=9999999999', 'max_age=1&max_age=2', 'acr_values=%22', 'acr_values=', 'max_age=']) query;
SELECT pg_temp.auth('max_age=50', :'machine'), pg_temp.auth('acr_values=urn:oauth:acr:pwd', :'machine');
\echo -- a stronger login than the one asked for does
SELECT pg_temp.says('urn:oauth:acr:mfa', '100 s');
SELECT pg_temp.auth('acr_values=urn:oauth:acr:pwd', :'token');

\echo -- in SQL
BEGIN;
SELECT acr_values, max_age, oauth_authenticate('Bearer ' || :'token', acr_values => acr_values, max_age => max_age), oauth_subject(), oauth_authenticate_request(ROW('GET', '/x', ARRAY['Authorization: Bearer ' || :'token'], NULL, 'https', NULL), 'read', NULL, acr_values, max_age)
	FROM (VALUES (NULL, NULL::interval), ('urn:oauth:acr:mfa', '200 s'), ('x', '200 s'), ('urn:oauth:acr:mfa', '50 s')) v (acr_values, max_age);
SELECT oauth_subject() IS NULL;
ROLLBACK;

\echo -- RFC 9470, section 6.2: introspection says it, of access tokens and of refresh tokens
SELECT j ->> 'acr', (j ->> 'auth_time')::bigint BETWEEN extract(epoch FROM now())::bigint - 110 AND extract(epoch FROM now())::bigint - 90 FROM unnest(ARRAY[:'token', :'refresh']) token, oauth_introspect_token(token) j;
SELECT j ? 'acr', j ? 'auth_time' FROM oauth_introspect_token(:'machine') j;

\echo -- and oauth_explain_request says what to do
UPDATE oauth.grant SET acr = 'urn:oauth:acr:pwd', auth_time = '2026-01-02 03:04:05+00' WHERE subject = 'step up ann';
SELECT "check", ok, detail, remedy FROM oauth_explain_request(ROW('GET', '/api/step-up', ARRAY['Authorization: Bearer ' || :'token'], NULL, 'https', '127.0.0.1')) WHERE "check" = 'step-up';
SELECT "check", ok, detail, remedy FROM oauth_explain_request(ROW('GET', '/auth?max_age=5&scope=write', ARRAY['Authorization: Bearer ' || :'token'], NULL, 'https', '127.0.0.1')) WHERE "check" IN ('step-up', 'scope', 'requirements');
SELECT "check", ok FROM oauth_explain_request(ROW('GET', '/auth?max_age=x', ARRAY['Authorization: Bearer ' || :'token'], NULL, 'https', '127.0.0.1')) WHERE "check" IN ('step-up', 'scope', 'requirements');
SELECT "check", ok, detail FROM oauth_explain_request(ROW('GET', '/auth?acr_values=urn:oauth:acr:pwd', ARRAY['Authorization: Bearer ' || :'token'], NULL, 'https', '127.0.0.1')) WHERE "check" IN ('step-up', 'scope', 'requirements');
SELECT oauth_unprotect(path) FROM unnest('{/api/step-up,/api/step-up/free}'::text[]) path;
DROP SCHEMA step_up CASCADE;
