-- batch.sql: functions that answer many requests in one call: each as if it were alone, tokens written together.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA batch;
CREATE FUNCTION batch.post(path text, form text) RETURNS oauth.http_request LANGUAGE sql AS $$
	SELECT ROW('POST', path, ARRAY['Content-Type: application/x-www-form-urlencoded'], convert_to(form, 'UTF8'), 'http', NULL)::oauth.http_request $$;
CREATE FUNCTION batch.auth(token text) RETURNS oauth.http_request LANGUAGE sql AS $$
	SELECT ROW('GET', '/auth', ARRAY['Authorization: Bearer ' || token], NULL, 'http', NULL)::oauth.http_request $$;
SELECT client_id AS id, client_secret AS secret, format('client_id=%s&client_secret=%s', client_id, client_secret) AS client
	FROM oauth_register_client('batch', grant_types => '{client_credentials,refresh_token,introspection}', scope => 'read') \gset

\echo -- no request, one, one that is null
SELECT count(*) FROM oauth.token_batch('{}');
SELECT status FROM oauth.token_batch(ARRAY[batch.post('/oauth2/token', :'client' || '&grant_type=client_credentials')]);
SELECT status, headers IS NULL FROM oauth.token_batch(ARRAY[NULL, batch.post('/oauth2/token', 'grant_type=client_credentials')]);

\echo -- answers are in the order of the requests, and a refusal is the affair of one
CREATE TABLE batch.answer AS SELECT n, status, convert_from(body, 'UTF8')::jsonb AS body FROM oauth.token_batch(ARRAY[
	batch.post('/oauth2/token', :'client' || '&grant_type=client_credentials&scope=read'),
	batch.post('/oauth2/token', 'client_id=' || :'id' || '&client_secret=wrong&grant_type=client_credentials'),
	batch.post('/oauth2/token', :'client' || '&grant_type=client_credentials'),
	batch.post('/oauth2/token', :'client' || '&grant_type=unheard'),
	batch.post('/oauth2/token', :'client' || '&grant_type=client_credentials')]) WITH ORDINALITY a (status, headers, body, n);
SELECT n, status, body ->> 'error', body ->> 'scope' FROM batch.answer ORDER BY n;
SELECT array_agg(active ORDER BY n), count(DISTINCT body ->> 'access_token') FROM batch.answer, oauth_verify_token(body ->> 'access_token') t WHERE status = 200;
SELECT status FROM oauth.forward_auth_batch((SELECT array_agg(batch.auth(coalesce(body ->> 'access_token', 'x')) ORDER BY n) FROM batch.answer)) WITH ORDINALITY a (status, headers, body, n);
SELECT convert_from(body, 'UTF8')::jsonb ->> 'active' FROM oauth.introspect_batch((SELECT array_agg(batch.post('/oauth2/introspect',
	:'client' || '&token=' || coalesce(body ->> 'access_token', 'x')) ORDER BY n) FROM batch.answer)) WITH ORDINALITY a (status, headers, body, n) ORDER BY n;

\echo -- a refresh token that comes twice in a batch: one rotation, one answer for both, while oauth.refresh_grace lasts
SELECT refresh_token AS refresh, access_token AS access FROM oauth_issue_token(:'id', 'batch-1', refresh => true) \gset
CREATE TABLE batch.rotation AS SELECT n, status, convert_from(body, 'UTF8')::jsonb AS body FROM oauth.token_batch(ARRAY[
	batch.post('/oauth2/token', :'client' || '&grant_type=refresh_token&refresh_token=' || :'refresh'),
	batch.post('/oauth2/token', :'client' || '&grant_type=client_credentials'),
	batch.post('/oauth2/token', :'client' || '&grant_type=refresh_token&refresh_token=' || :'refresh')]) WITH ORDINALITY a (status, headers, body, n);
SELECT array_agg(status ORDER BY n), count(DISTINCT body ->> 'refresh_token'), count(DISTINCT body ->> 'access_token') FROM batch.rotation;
SELECT count(*), count(used_at) FROM oauth.refresh_token r JOIN oauth.grant g ON g.handle = r.grant_handle WHERE g.subject = 'batch-1';
\echo -- without the grace the second use ends the grant, the tokens of the first with it
SET oauth.refresh_grace = 0;
SELECT refresh_token AS refresh FROM oauth_issue_token(:'id', 'batch-2', refresh => true) \gset
CREATE TABLE batch.reuse AS SELECT n, status, convert_from(body, 'UTF8')::jsonb AS body FROM oauth.token_batch(ARRAY[
	batch.post('/oauth2/token', :'client' || '&grant_type=refresh_token&refresh_token=' || :'refresh'),
	batch.post('/oauth2/token', :'client' || '&grant_type=refresh_token&refresh_token=' || :'refresh')]) WITH ORDINALITY a (status, headers, body, n);
SELECT n, status, body ->> 'error' FROM batch.reuse ORDER BY n;
SELECT count(*) FROM batch.reuse, oauth_verify_token(body ->> 'access_token') t WHERE status = 200 AND active;
SELECT ended_at IS NOT NULL, (SELECT count(*) FROM oauth.access_token a WHERE a.grant_handle = g.handle) FROM oauth.grant g WHERE subject = 'batch-2';
RESET oauth.refresh_grace;

\echo -- rows that nobody sees any more: the batch notes on its way that their entries in the indexes are dead
CREATE TABLE batch.token AS SELECT n, t.access_token, sha256(convert_to(t.access_token, 'UTF8')) AS hash
	FROM generate_series(1, 60) n CROSS JOIN LATERAL oauth_issue_token(:'id', 'batch-' || n) t;
DELETE FROM oauth.access_token USING batch.token t WHERE token_hash = t.hash AND t.n % 3 > 0;
SELECT status, count(*), count(DISTINCT n % 60) FROM oauth.forward_auth_batch((SELECT array_agg(ROW('GET', '/auth',
	ARRAY[repeat('x', 12000), 'Authorization: Bearer ' || access_token], NULL, 'http', NULL)::oauth.http_request ORDER BY r, n)
	FROM batch.token, generate_series(1, 3) r)) WITH ORDINALITY a (status, headers, body, n) GROUP BY status ORDER BY status;
\echo -- a trigger that an administrator made is called for each row
CREATE TABLE batch.seen (handle bigint);
CREATE FUNCTION batch.see() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO batch.seen VALUES (NEW.handle);
	RETURN NEW;
END $$;
CREATE TRIGGER see AFTER INSERT ON oauth.access_token FOR EACH ROW EXECUTE FUNCTION batch.see();
SELECT status FROM oauth.token_batch(array_fill(batch.post('/oauth2/token', :'client' || '&grant_type=client_credentials'), '{3}'));
SELECT count(*), count(DISTINCT s.handle) FROM batch.seen s JOIN oauth.access_token USING (handle);
DROP TRIGGER see ON oauth.access_token;
TRUNCATE batch.seen;
\echo -- and for each that is used up; what is used up is found by an index that was added, and not used up against a constraint
CREATE TRIGGER see AFTER UPDATE ON oauth.refresh_token FOR EACH ROW EXECUTE FUNCTION batch.see();
SELECT refresh_token AS refresh FROM oauth_issue_token(:'id', 'batch-6', refresh => true) \gset
SELECT status FROM oauth.token_batch(ARRAY[batch.post('/oauth2/token', :'client' || '&grant_type=refresh_token&refresh_token=' || :'refresh')]);
SELECT r.used_at IS NOT NULL, r.rotation_salt IS NULL FROM batch.seen s JOIN oauth.refresh_token r USING (handle);
DROP TRIGGER see ON oauth.refresh_token;
CREATE INDEX batch_successor ON oauth.refresh_token (successor);
SELECT refresh_token AS refresh FROM oauth_issue_token(:'id', 'batch-7', refresh => true) \gset
SELECT status, convert_from(body, 'UTF8')::jsonb ->> 'refresh_token' AS next FROM oauth.token_batch(ARRAY[
	batch.post('/oauth2/token', :'client' || '&grant_type=refresh_token&refresh_token=' || :'refresh')]) \gset
SELECT handle AS successor FROM oauth.refresh_token WHERE token_hash = sha256(convert_to(:'next', 'UTF8')) \gset
BEGIN;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SELECT used_at IS NOT NULL, token_hash = sha256(convert_to(:'refresh', 'UTF8')) FROM oauth.refresh_token WHERE successor = :successor;
COMMIT;
DROP INDEX oauth.batch_successor;
ALTER TABLE oauth.refresh_token ADD CONSTRAINT never_used CHECK (used_at IS NULL) NOT VALID;
SELECT status FROM oauth.token_batch(ARRAY[batch.post('/oauth2/token', :'client' || '&grant_type=refresh_token&refresh_token=' || :'next')]);
ALTER TABLE oauth.refresh_token DROP CONSTRAINT never_used;
SELECT used_at IS NULL FROM oauth.refresh_token WHERE handle = :successor;
SET default_transaction_read_only = on;
SELECT status FROM oauth.token_batch(ARRAY[batch.post('/oauth2/token', :'client' || '&grant_type=refresh_token&refresh_token=' || :'next')]);
RESET default_transaction_read_only;
SELECT status FROM oauth.token_batch(ARRAY[batch.post('/oauth2/token', :'client' || '&grant_type=refresh_token&refresh_token=' || :'next')]);
\echo -- a column that was added, with and without a default
ALTER TABLE oauth.access_token ADD COLUMN noted text;
SELECT status FROM oauth.token_batch(array_fill(batch.post('/oauth2/token', :'client' || '&grant_type=client_credentials'), '{2}'));
ALTER TABLE oauth.access_token ALTER COLUMN noted SET DEFAULT 'here';
SELECT status FROM oauth.token_batch(array_fill(batch.post('/oauth2/token', :'client' || '&grant_type=client_credentials'), '{2}'));
SELECT noted, count(*) FROM (SELECT noted FROM oauth.access_token ORDER BY handle DESC LIMIT 4) t GROUP BY 1 ORDER BY 1;
ALTER TABLE oauth.access_token DROP COLUMN noted;
\echo -- what the tables do not take, a batch does not write: the error is theirs, and nothing stays
SELECT count(*) AS before FROM oauth.access_token \gset
ALTER TABLE oauth.access_token ADD CONSTRAINT no_more CHECK (scope = 'unheard') NOT VALID;
SELECT status FROM oauth.token_batch(array_fill(batch.post('/oauth2/token', :'client' || '&grant_type=client_credentials'), '{2}'));
ALTER TABLE oauth.access_token DROP CONSTRAINT no_more;
SELECT count(*) = :before FROM oauth.access_token;
\echo -- after that error nothing waits any more
SELECT count(access_token) FROM oauth_issue_token(:'id', 'batch-3');
SELECT count(*) - :before FROM oauth.access_token;

\echo -- pushed requests are written together: each has its own answer, and is opened by it
SET oauth.issuer = 'https://id.example.com';
SELECT client_id AS web, format('client_id=%s&client_secret=%s', client_id, client_secret) AS web_form FROM oauth_register_client('web',
	grant_types => '{authorization_code}', redirect_uris => '{https://web.example.com/back}', scope => 'read openid') \gset
\set asked '&response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&scope=read'
CREATE TABLE batch.pushed AS SELECT n, status, convert_from(body, 'UTF8')::jsonb AS body FROM oauth.par_batch(ARRAY[
	batch.post('/oauth2/par', :'web_form' || :'asked' || '&state=1'),
	batch.post('/oauth2/par', :'web_form' || '&response_type=code'),
	batch.post('/oauth2/par', :'client' || :'asked'),
	batch.post('/oauth2/par', :'web_form' || :'asked' || '&state=2')]) WITH ORDINALITY a (status, headers, body, n);
SELECT n, status, body ->> 'error', body ->> 'expires_in' FROM batch.pushed ORDER BY n;
SELECT count(*), count(DISTINCT request_uri_hash) FROM oauth.pushed_request WHERE client_id = :'web';
SELECT status, (SELECT count(*) FROM unnest(headers) h WHERE h LIKE 'Location: %') FROM oauth.authorize_batch((SELECT array_agg(
	ROW('GET', format('/oauth2/authorize?client_id=%s&request_uri=%s', :'web', body ->> 'request_uri'), NULL, NULL, 'https', NULL)::oauth.http_request
	ORDER BY n) FROM batch.pushed WHERE status = 201));
\echo -- userinfo
SELECT access_token AS who FROM oauth_issue_token(:'web', 'batch-5', scope => 'openid') \gset
SELECT status, convert_from(body, 'UTF8')::jsonb ->> 'sub' FROM oauth.userinfo_batch(ARRAY[
	ROW('GET', '/oauth2/userinfo', ARRAY['Authorization: Bearer ' || :'who'], NULL, 'https', NULL)::oauth.http_request,
	ROW('GET', '/oauth2/userinfo', NULL, NULL, 'https', NULL)::oauth.http_request,
	ROW('GET', '/oauth2/userinfo', ARRAY['Authorization: Bearer ' || :'who'], NULL, 'https', NULL)::oauth.http_request]);
SELECT oauth_delete_client(:'web');
RESET oauth.issuer;

\echo -- a HEAD whose function fails, where somebody catches that: the user is still the one who called
CREATE ROLE regress_batch_caller;
GRANT USAGE ON SCHEMA oauth, batch TO regress_batch_caller;
GRANT EXECUTE ON FUNCTION oauth.resource(oauth.http_request), oauth.userinfo_batch(oauth.http_request[]) TO regress_batch_caller;
CREATE FUNCTION public.batch_fails(oauth.http_request) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN RAISE 'it fails'; END $$;
CREATE FUNCTION public.batch_claims_fail(subject text, scope text, client_id text) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN RAISE 'they fail'; END $$;
SELECT oauth_protect('/api/batch', 'public.batch_fails'), oauth_set_claims_function('public.batch_claims_fail');
SELECT access_token AS head FROM oauth_issue_token(:'id', 'batch-8') \gset
SELECT set_config('batch.head', :'head', false) <> '' AS kept;
SET ROLE regress_batch_caller;
DO $$
BEGIN
	FOR i IN 1 .. 2 LOOP
		BEGIN
			IF i = 1 THEN
				PERFORM oauth.resource(ROW('HEAD', '/api/batch', ARRAY['Authorization: Bearer ' || current_setting('batch.head')], NULL, 'https', NULL)::oauth.http_request);
			ELSE
				PERFORM oauth.userinfo_batch(ARRAY[ROW('HEAD', '/oauth2/userinfo', ARRAY['Authorization: Bearer ' || current_setting('batch.head')], NULL, 'https', NULL)::oauth.http_request]);
			END IF;
		EXCEPTION WHEN OTHERS THEN
			RAISE WARNING 'caught %', SQLERRM;
		END;
		RAISE WARNING 'as %, with %', current_user, current_setting('search_path');
	END LOOP;
END $$;
SELECT current_user;
SELECT (oauth.resource(ROW('HEAD', '/api/batch', ARRAY['Authorization: Bearer ' || current_setting('batch.head')], NULL, 'https', NULL)::oauth.http_request)).status;
SELECT 'and the session goes on';
RESET ROLE;
SELECT oauth_unprotect('/api/batch'), oauth_set_claims_function(NULL);
DROP FUNCTION public.batch_fails, public.batch_claims_fail;
REVOKE ALL ON SCHEMA oauth, batch FROM regress_batch_caller;
REVOKE ALL ON FUNCTION oauth.resource(oauth.http_request), oauth.userinfo_batch(oauth.http_request[]) FROM regress_batch_caller;
DROP ROLE regress_batch_caller;
\echo -- a function that is called in a loop over a query, in the middle of a batch: what it reads is let go with the loop
CREATE FUNCTION batch.loop() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
	FOR r IN SELECT active FROM public.oauth_verify_token('oat_x'), public.oauth_sign_jwt('{"sub": "x"}') LOOP
	END LOOP;
	RETURN NULL;
END $$;
CREATE TRIGGER loop AFTER UPDATE ON oauth.refresh_token FOR EACH ROW EXECUTE FUNCTION batch.loop();
SET oauth.issuer = 'https://id.example.com';
SELECT refresh_token AS refresh FROM oauth_issue_token(:'id', 'batch-9', refresh => true) \gset
SELECT status FROM oauth.token_batch(ARRAY[batch.post('/oauth2/token', :'client' || '&grant_type=refresh_token&refresh_token=' || :'refresh')]);
DROP TRIGGER loop ON oauth.refresh_token;
RESET oauth.issuer;
SELECT status FROM oauth.token_batch(ARRAY[batch.post('/oauth2/token', :'client' || '&grant_type=client_credentials')]);
\echo -- a foreign key on what is written is asked, and a rule is followed
SELECT refresh_token AS refresh FROM oauth_issue_token(:'id', 'batch-10', refresh => true) \gset
CREATE TABLE batch.allowed (successor bigint PRIMARY KEY);
ALTER TABLE oauth.refresh_token ADD CONSTRAINT batch_allowed FOREIGN KEY (successor) REFERENCES batch.allowed NOT VALID;
SELECT status FROM oauth.token_batch(ARRAY[batch.post('/oauth2/token', :'client' || '&grant_type=refresh_token&refresh_token=' || :'refresh')]);
ALTER TABLE oauth.refresh_token DROP CONSTRAINT batch_allowed;
TRUNCATE batch.seen;
CREATE RULE batch_seen AS ON UPDATE TO oauth.refresh_token DO ALSO INSERT INTO batch.seen VALUES (NEW.handle);
SELECT status FROM oauth.token_batch(ARRAY[batch.post('/oauth2/token', :'client' || '&grant_type=refresh_token&refresh_token=' || :'refresh')]);
SELECT count(*) FROM batch.seen;
DROP RULE batch_seen ON oauth.refresh_token;

\echo -- so are a foreign key and a deferred unique constraint on what is written together, and a value that a column finds by itself
CREATE TABLE batch.word (scope text PRIMARY KEY);
ALTER TABLE oauth.access_token ADD CONSTRAINT batch_word FOREIGN KEY (scope) REFERENCES batch.word NOT VALID;
SELECT status FROM oauth.token_batch(array_fill(batch.post('/oauth2/token', :'client' || '&grant_type=client_credentials'), '{2}'));
ALTER TABLE oauth.access_token DROP CONSTRAINT batch_word;
CREATE TABLE batch.parent (handle bigint PRIMARY KEY);
ALTER TABLE oauth.access_token ADD CONSTRAINT batch_parent FOREIGN KEY (grant_handle) REFERENCES batch.parent NOT VALID;
SELECT status FROM oauth.token_batch(array_fill(batch.post('/oauth2/token', :'client' || '&grant_type=client_credentials'), '{2}'));
ALTER TABLE oauth.access_token DROP CONSTRAINT batch_parent;
SELECT client_id AS pusher, format('client_id=%s&client_secret=%s', client_id, client_secret) AS pusher_form FROM oauth_register_client('pusher',
	grant_types => '{authorization_code}', redirect_uris => '{https://web.example.com/back}', scope => 'read') \gset
DELETE FROM oauth.pushed_request;
ALTER TABLE oauth.pushed_request ADD CONSTRAINT batch_one UNIQUE (client_id) DEFERRABLE INITIALLY DEFERRED;
SELECT status FROM oauth.par_batch(array_fill(batch.post('/oauth2/par', :'pusher_form' || '&response_type=code&redirect_uri=https%3A%2F%2Fweb.example.com%2Fback&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'), '{2}'));
ALTER TABLE oauth.pushed_request DROP CONSTRAINT batch_one;
SELECT count(*) FROM oauth.pushed_request;
SELECT oauth_delete_client(:'pusher');
CREATE DOMAIN batch.place AS text DEFAULT 'here';
ALTER TABLE oauth.access_token ADD COLUMN noted batch.place;
ALTER TABLE oauth.access_token ALTER COLUMN noted DROP DEFAULT;
SELECT status FROM oauth.token_batch(array_fill(batch.post('/oauth2/token', :'client' || '&grant_type=client_credentials'), '{2}'));
SELECT noted, count(*) FROM (SELECT noted FROM oauth.access_token ORDER BY handle DESC LIMIT 2) t GROUP BY 1;
ALTER TABLE oauth.access_token DROP COLUMN noted;
CREATE DOMAIN batch.wanted AS text CHECK (VALUE IS NOT NULL);
BEGIN;
DELETE FROM oauth.access_token;
ALTER TABLE oauth.access_token ADD COLUMN noted batch.wanted;
SELECT status FROM oauth.token_batch(array_fill(batch.post('/oauth2/token', :'client' || '&grant_type=client_credentials'), '{2}'));
ROLLBACK;
ALTER TABLE oauth.access_token ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;
SELECT status FROM oauth.token_batch(array_fill(batch.post('/oauth2/token', :'client' || '&grant_type=client_credentials'), '{2}'));
SELECT count(DISTINCT number) FROM (SELECT number FROM oauth.access_token ORDER BY handle DESC LIMIT 2) t;
ALTER TABLE oauth.access_token DROP COLUMN number;

\echo -- a trigger that issues tokens of its own while those of the batch are written
CREATE FUNCTION batch.again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF pg_trigger_depth() = 1 THEN
		PERFORM public.oauth_issue_token(g.client_id, 'batch-again', refresh => true) FROM oauth.grant g WHERE g.handle = NEW.grant_handle;
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER again AFTER INSERT ON oauth.access_token FOR EACH ROW EXECUTE FUNCTION batch.again();
SELECT status FROM oauth.token_batch(array_fill(batch.post('/oauth2/token', :'client' || '&grant_type=client_credentials'), '{2}'));
DROP TRIGGER again ON oauth.access_token;
SELECT count(DISTINCT g.handle), count(a.handle), count(r.handle) FROM oauth.grant g LEFT JOIN oauth.access_token a ON a.grant_handle = g.handle
	LEFT JOIN oauth.refresh_token r ON r.grant_handle = g.handle WHERE subject = 'batch-again';

\echo -- nobody has the functions but whom they are given to
SELECT count(*) FROM pg_proc WHERE pronamespace = 'oauth'::regnamespace AND proname LIKE '%\_batch' AND has_function_privilege('pg_monitor', oid, 'EXECUTE');
DROP SCHEMA batch CASCADE;
SELECT oauth_delete_client(:'id');
