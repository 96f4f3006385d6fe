-- disabled.sql: who is disabled is looked for once by the requests of a batch, and in no other way than each alone would.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA disabled;
SELECT client_id AS one FROM oauth_register_client('one', grant_types => '{client_credentials}', scope => 'read') \gset
SELECT client_id AS other FROM oauth_register_client('other', grant_types => '{client_credentials}', scope => 'read') \gset
CREATE TABLE disabled.token AS SELECT n, client_id, subject, t.access_token AS token
	FROM unnest(ARRAY[:'one', :'other', :'one', :'other', :'one', :'other'], '{a,a,b,b,c,c}'::text[]) WITH ORDINALITY r (client_id, subject, n)
	CROSS JOIN LATERAL oauth_issue_token(client_id, subject, scope => 'read') t ORDER BY n;
-- the requests twice over, answered in one batch: which tokens were good, each time
CREATE FUNCTION disabled.requests() RETURNS oauth.http_request[] LANGUAGE sql AS $$
	SELECT array_agg(ROW('GET', '/auth', ARRAY['Authorization: Bearer ' || token], NULL, 'http', NULL)::oauth.http_request ORDER BY turn, n)
	FROM disabled.token, generate_series(1, 2) turn $$;
CREATE FUNCTION disabled.good(OUT first text, OUT second text) LANGUAGE sql AS $$
	SELECT string_agg(CASE status WHEN 200 THEN '+' WHEN 401 THEN '-' ELSE status::text END, '' ORDER BY n) FILTER (WHERE n <= 6),
		string_agg(CASE status WHEN 200 THEN '+' WHEN 401 THEN '-' ELSE status::text END, '' ORDER BY n) FILTER (WHERE n > 6)
	FROM oauth.forward_auth_batch(disabled.requests()) WITH ORDINALITY a (status, headers, body, n) $$;
CREATE FUNCTION disabled.scans() RETURNS TABLE (scans bigint) LANGUAGE sql AS $$
	SELECT pg_stat_get_xact_numscans('oauth.client_disabled'::regclass) + pg_stat_get_xact_numscans('oauth.subject_disabled'::regclass) $$;

\echo -- nobody is, whatever other tests left: each index is looked at once, not for each of twelve requests
BEGIN;
DROP INDEX oauth.client_disabled, oauth.subject_disabled;
CREATE INDEX client_disabled ON oauth.client (client_id) WHERE disabled_at IS NOT NULL AND client_id = '';
CREATE INDEX subject_disabled ON oauth.subject (subject) WHERE disabled_at IS NOT NULL AND subject = '';
SELECT scans AS begun FROM disabled.scans() \gset
SELECT * FROM disabled.good();
SELECT scans - :begun FROM disabled.scans();
ROLLBACK;

\echo -- a client, subjects, both, nobody again
UPDATE oauth.client SET disabled_at = now() WHERE client_id = :'other';
SELECT * FROM disabled.good();
UPDATE oauth.subject SET disabled_at = now() WHERE subject = 'b';
SELECT * FROM disabled.good();
UPDATE oauth.subject SET disabled_at = now() WHERE subject = 'c';
SELECT * FROM disabled.good();
UPDATE oauth.client SET disabled_at = NULL WHERE client_id = :'other';
SELECT * FROM disabled.good();
UPDATE oauth.subject SET disabled_at = now() WHERE subject = 'a';
SELECT * FROM disabled.good();
UPDATE oauth.subject SET disabled_at = NULL WHERE subject IN ('a', 'b', 'c');
SELECT * FROM disabled.good();

\echo -- in one transaction, also where it is undone
BEGIN;
SELECT * FROM disabled.good();
UPDATE oauth.subject SET disabled_at = now() WHERE subject = 'a';
SELECT * FROM disabled.good();
SAVEPOINT s;
UPDATE oauth.client SET disabled_at = now() WHERE client_id = :'one';
SELECT * FROM disabled.good();
ROLLBACK TO s;
SELECT * FROM disabled.good();
ROLLBACK;
SELECT * FROM disabled.good();

\echo -- an older snapshot sees who was enabled, a newer one does not, in turn
BEGIN;
DECLARE older CURSOR FOR SELECT n, good.first FROM generate_series(1, 4) n CROSS JOIN LATERAL (SELECT g.first FROM disabled.good() g WHERE n > 0 OFFSET 0) good;
FETCH older;
UPDATE oauth.subject SET disabled_at = now() WHERE subject = 'a';
FETCH older;
SELECT * FROM disabled.good();
UPDATE oauth.subject SET disabled_at = NULL WHERE subject = 'a';
UPDATE oauth.subject SET disabled_at = now() WHERE subject = 'c';
FETCH older;
SELECT * FROM disabled.good();
ROLLBACK;

\echo -- within a batch, but in newer snapshots: a trigger on each token of it asks about all the others, and then disables one more subject
SELECT format('client_id=%s&client_secret=%s&grant_type=client_credentials', client_id, client_secret) AS form
	FROM oauth_register_client('disabled', grant_types => '{client_credentials}', scope => 'read') \gset
CREATE TABLE disabled.seen (n bigserial, first text, second text);
CREATE FUNCTION disabled.look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO disabled.seen (first, second) SELECT * FROM disabled.good();
	UPDATE oauth.subject SET disabled_at = now() WHERE subject = (SELECT min(subject) FROM oauth.subject WHERE disabled_at IS NULL AND subject IN ('a', 'b', 'c'));
	RETURN NULL;
END $$;
BEGIN;
CREATE TRIGGER look AFTER INSERT ON oauth.access_token FOR EACH ROW EXECUTE FUNCTION disabled.look();
SELECT array_agg(status) FROM oauth.token_batch(array_fill(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'],
	convert_to(:'form', 'UTF8'), 'http', NULL)::oauth.http_request, ARRAY[4]));
SELECT first, second FROM disabled.seen ORDER BY n;
ROLLBACK;

\echo -- a serializable transaction leaves its mark, so it asks for each
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT scans AS begun FROM disabled.scans() \gset
SELECT * FROM disabled.good();
SELECT scans - :begun FROM disabled.scans();
COMMIT;

\echo -- without its index nobody passes for enabled
BEGIN;
DROP INDEX oauth.subject_disabled;
SELECT * FROM disabled.good();
ROLLBACK;

\echo -- nor where an administrator has put an index of another kind in its place
BEGIN;
UPDATE oauth.subject SET disabled_at = now() WHERE subject = 'a';
UPDATE oauth.client SET disabled_at = now() WHERE client_id = :'other';
DROP INDEX oauth.subject_disabled;
DROP INDEX oauth.client_disabled;
CREATE INDEX subject_disabled ON oauth.subject USING hash (subject) WHERE disabled_at IS NOT NULL;
CREATE INDEX client_disabled ON oauth.client USING hash (client_id) WHERE disabled_at IS NOT NULL;
SELECT * FROM disabled.good();
DROP INDEX oauth.subject_disabled;
CREATE INDEX subject_disabled ON oauth.subject (subject DESC NULLS FIRST) WHERE disabled_at IS NOT NULL;
SELECT * FROM disabled.good();
ROLLBACK;
SELECT * FROM disabled.good();

\echo -- in whatever snapshot the index was looked at before: one of a refresh, and then that of an exchange
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('exchange',
	grant_types => '{refresh_token,urn:ietf:params:oauth:grant-type:token-exchange,client_credentials}', scope => 'read') \gset
SELECT access_token, refresh_token FROM oauth_issue_token(:'id', 'c', scope => 'read', refresh => true) \gset
SELECT format('client_id=%s&client_secret=%s&grant_type=', :'id', :'secret') AS form \gset
CREATE FUNCTION disabled.posts(VARIADIC forms text[]) RETURNS TABLE (statuses int[]) LANGUAGE sql AS $$
	SELECT array_agg(status ORDER BY n) FROM oauth.token_batch((SELECT array_agg(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'],
		convert_to(form, 'UTF8'), 'http', NULL)::oauth.http_request ORDER BY i) FROM unnest(forms) WITH ORDINALITY f (form, i))) WITH ORDINALITY a (status, headers, body, n) $$;
SELECT * FROM disabled.posts(:'form' || 'refresh_token&refresh_token=' || :'refresh_token',
	:'form' || 'urn:ietf:params:oauth:grant-type:token-exchange&subject_token_type=urn:ietf:params:oauth:token-type:access_token&subject_token=' || :'access_token',
	:'form' || 'urn:ietf:params:oauth:grant-type:token-exchange&subject_token_type=urn:ietf:params:oauth:token-type:access_token&subject_token=' || :'access_token');

\echo -- and strings that only look like tokens mislead nobody
SELECT array_agg(status ORDER BY n) FROM oauth.forward_auth_batch((SELECT array_agg(ROW('GET', '/auth',
	ARRAY['X: oat_', 'Y: oat_oat_oat_oat_', 'Z: oat_+/+/+/+/+/+/', repeat('oat_', 500), 'Authorization: Bearer ' || token], convert_to(repeat('oat_A', 99), 'UTF8'), 'http', NULL)::oauth.http_request ORDER BY n)
	FROM (SELECT n, token FROM disabled.token UNION ALL SELECT 7, 'oat_' || repeat('_', 54) UNION ALL SELECT 8, 'oat_' UNION ALL SELECT 9, 'oat_' || repeat('A', 54)) t)) WITH ORDINALITY a (status, headers, body, n);
