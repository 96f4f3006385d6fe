-- event.sql: the audit log: who did what from where, and how it ended.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never

-- A database of its own, where nothing else happens.
\set main :DBNAME
CREATE DATABASE regress_oauth_event TEMPLATE template0 ENCODING 'UTF8';
\c regress_oauth_event
SET client_min_messages = warning;
CREATE EXTENSION oauth CASCADE;
SET oauth.bcrypt_cost = 4;
SET oauth.registration = open;
SET oauth.issuer = 'https://op.example';
CREATE FUNCTION pg_temp.post(path text, form text, method text DEFAULT 'POST') RETURNS jsonb LANGUAGE sql AS $$
	SELECT convert_from((a.r).body, 'UTF8')::jsonb || jsonb_build_object('status', (a.r).status) FROM (SELECT CASE path
		WHEN '/oauth2/token' THEN oauth.token(v) WHEN '/oauth2/revoke' THEN oauth.revoke(v) ELSE oauth.introspect(v) END FROM
		(SELECT ROW(method, path, ARRAY['Content-Type: application/x-www-form-urlencoded'], convert_to(form, 'UTF8'), 'http', '192.0.2.7')::oauth.http_request) q (v) OFFSET 0) a (r) $$;
-- What has been noted since the last look, in the words of this test.
CREATE TABLE seen (handle bigint);
INSERT INTO seen VALUES (0);
CREATE FUNCTION pg_temp.news() RETURNS SETOF text LANGUAGE sql AS $$
	WITH last AS (UPDATE seen SET handle = coalesce((SELECT max(handle) FROM oauth.event), 0) RETURNING (SELECT handle FROM seen) AS before)
	SELECT concat_ws(' | ', e.event, e.outcome, c.client_name, coalesce(u.username, e.subject), host(e.peer), CASE WHEN e.role = session_user THEN 'session' ELSE e.role END, e.detail)
	FROM oauth.event e LEFT JOIN oauth.client c USING (client_id) LEFT JOIN oauth.user u ON u.subject = e.subject, last WHERE e.handle > last.before ORDER BY e.handle $$;

\echo -- administration by SQL: by which role
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('app', redirect_uris => '{https://app.example/}', grant_types => '{authorization_code,refresh_token,password,client_credentials}') \gset
SELECT oauth_register_client_metadata('{"client_name": "document", "redirect_uris": ["https://doc.example/"]}') ->> 'client_id' AS document \gset
SELECT oauth_create_user('alice', 'wonderland') AS alice \gset
SELECT oauth_set_password('alice', 'wonderland'), oauth_register_scope('mail', 'Read your mail');
SELECT oauth_update_client(:'document', '{"client_name": "document"}') IS NOT NULL, oauth_rotate_client_secret(:'document') IS NOT NULL,
	oauth_disable_client(:'document'), oauth_disable_client(:'document'), oauth_enable_client(:'document'), oauth_delete_client(:'document');
SELECT oauth_disable_user('alice'), oauth_enable_user('alice');
CREATE FUNCTION public.nothing(oauth.http_request) RETURNS jsonb LANGUAGE sql RETURN NULL::jsonb;
SELECT oauth_protect('/api/nothing', 'public.nothing'), oauth_unprotect('/api/nothing'), oauth_unprotect('/api/nothing');
SELECT oauth_set_page('login', 'Enter'), oauth_set_page('login', NULL), length(oauth_create_initial_access_token(uses => 3));
SELECT oauth_rotate_master_key() >= 0;
SELECT pg_temp.news();

\echo -- tokens by SQL and by HTTP: from which address; of a grant the log has client and subject
SELECT access_token AS token FROM oauth_issue_token(:'id', :'alice') \gset
SELECT access_token AS own FROM oauth_issue_token(:'id') \gset
SELECT format('client_id=%s&client_secret=%s', :'id', :'secret') AS auth \gset
SELECT j ->> 'refresh_token' AS refresh FROM pg_temp.post('/oauth2/token', :'auth' || '&grant_type=password&username=alice&password=wonderland') j \gset
SELECT pg_temp.post('/oauth2/token', :'auth' || '&grant_type=client_credentials') ->> 'status';
SELECT j ->> 'refresh_token' AS second FROM pg_temp.post('/oauth2/token', :'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh') j \gset
SELECT pg_temp.news();

\echo -- a client whose tokens are not noted: what is refused and ended is
SELECT oauth_update_client(:'id', '{"omit_issue_events": true}') -> 'omit_issue_events';
SELECT count(*) FROM oauth_issue_token(:'id', :'alice');
SELECT pg_temp.post('/oauth2/token', :'auth' || '&grant_type=client_credentials') ->> 'status';
SELECT j ->> 'refresh_token' AS unnoted FROM pg_temp.post('/oauth2/token', :'auth' || '&grant_type=password&username=alice&password=wonderland') j \gset
SELECT j ->> 'refresh_token' AS unnoted FROM pg_temp.post('/oauth2/token', :'auth' || '&grant_type=refresh_token&refresh_token=' || :'unnoted') j \gset
SELECT pg_temp.news();
SELECT pg_temp.post('/oauth2/token', :'auth' || '&grant_type=client_credentials&scope=unheard') ->> 'error';
SELECT pg_temp.post('/oauth2/revoke', :'auth' || '&token=' || :'unnoted') ->> 'status';
SELECT pg_temp.news();
SELECT oauth_update_client(:'id', '{"omit_issue_events": null}') -> 'omit_issue_events';
SELECT pg_temp.post('/oauth2/token', :'auth' || '&grant_type=client_credentials') ->> 'status';
SELECT pg_temp.news();

\echo -- the id that the shim gave the request; what is none is not kept, and SQL has none
CREATE FUNCTION pg_temp.identified(auth text, headers text[]) RETURNS integer LANGUAGE sql AS $$
	SELECT (a.r).status FROM (SELECT oauth.token(ROW('POST', '/oauth2/token', array_append(headers, 'Content-Type: application/x-www-form-urlencoded'), convert_to(auth || '&grant_type=client_credentials', 'UTF8'), 'http', '192.0.2.7')::oauth.http_request) OFFSET 0) a (r) $$;
SELECT pg_temp.identified(:'auth' || more, headers) FROM (VALUES ('', ARRAY['x-request-id: one'], 1), ('x', ARRAY['X-Request-Id: ' || repeat('x', 128)], 2), ('', '{}', 3), ('', ARRAY['X-Request-Id:'], 4),
	('', ARRAY['X-Request-Id: ' || repeat('x', 129)], 5), ('', ARRAY['X-Request-Id: a', 'X-Request-Id: b'], 6), ('', ARRAY[E'X-Request-Id: a\u202eb'], 7), ('', ARRAY[E'X-Request-Id: a\nb'], 8)) v (more, headers, n) ORDER BY n;
SELECT event, left(request_id, 5), length(request_id) FROM oauth.event ORDER BY handle DESC LIMIT 8;
SELECT count(*) > 0 FROM oauth.event WHERE role IS NOT NULL AND request_id IS NULL;
SELECT count(*) FROM oauth.event WHERE role IS NOT NULL AND request_id IS NOT NULL;
UPDATE seen SET handle = (SELECT max(handle) FROM oauth.event);

\echo -- a retry brings the same answer, and no event
SELECT pg_temp.post('/oauth2/token', :'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh') ->> 'refresh_token' = :'second';
SELECT pg_temp.news();

\echo -- what was refused, and why; secrets have no way into it, nor has what a stranger says
SELECT pg_temp.post('/oauth2/token', :'auth' || '&grant_type=password&username=alice&password=rabbit') ->> 'error';
SELECT pg_temp.post('/oauth2/token', :'auth' || '&grant_type=password&username=s3cret-typed-as-name&password=x') ->> 'error';
SELECT pg_temp.post('/oauth2/token', :'auth' || 'x&grant_type=client_credentials') ->> 'error';
SELECT pg_temp.post('/oauth2/introspect', 'client_id=nobody-of-that-name&client_secret=x&token=y') ->> 'error';
SELECT pg_temp.post('/oauth2/token', :'auth' || '&grant_type=client_credentials&scope=write') ->> 'error';
SELECT pg_temp.post('/oauth2/token', 'grant_type=client_credentials&client_id=' || :'id') ->> 'error';
SELECT pg_temp.post('/oauth2/token', :'auth') ->> 'error';
SELECT pg_temp.news();
SELECT count(*) FROM oauth.event e WHERE e::text ~ 's3cret|wonderland|rabbit|nobody-of-that-name|ocs_|oa[tcs]_|ort_';

\echo -- a refresh token that is used twice ends its grant: which one, the log says
SET oauth.refresh_grace = 0;
SELECT pg_temp.post('/oauth2/token', :'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh') ->> 'error';
SELECT pg_temp.news();
SELECT g.ended_reason FROM oauth.event e JOIN oauth.grant g ON g.handle = e.grant_handle WHERE e.outcome = 'invalid_grant' AND e.event = 'refresh';
RESET oauth.refresh_grace;

\echo -- revocation; what had ended before is no event
SELECT pg_temp.post('/oauth2/revoke', :'auth' || '&token=' || :'token') ->> 'status', pg_temp.post('/oauth2/revoke', :'auth' || '&token=' || :'token') ->> 'status';
SELECT oauth_revoke_token(:'own'), oauth_revoke_token(:'own');
SELECT refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', refresh => true) \gset
SELECT oauth_revoke_token(:'refresh');
SELECT access_token AS token FROM oauth_issue_token(:'id', :'alice') \gset
SELECT oauth_revoke_subject(:'alice') > 0, oauth_revoke_subject(:'alice');
SELECT oauth_revoke_client(:'id'), oauth_revoke_client(:'id');
SELECT pg_temp.news();

\echo -- what is rolled back was not done, also to a savepoint; what a committed savepoint did was
BEGIN;
SELECT token_type FROM oauth_issue_token(:'id', 'gone');
ROLLBACK;
BEGIN;
SELECT token_type FROM oauth_issue_token(:'id', 'kept');
SAVEPOINT a;
SELECT token_type FROM oauth_issue_token(:'id', 'gone with a');
SAVEPOINT b;
SELECT token_type FROM oauth_issue_token(:'id', 'gone with a, though b');
RELEASE b;
ROLLBACK TO a;
SAVEPOINT c;
SELECT token_type FROM oauth_issue_token(:'id', 'kept by c');
RELEASE c;
COMMIT;
SELECT pg_temp.news();

\echo -- many in one transaction, more than are held back, in the right order, and those of a savepoint gone
BEGIN;
SELECT count(*) FROM generate_series(1, 1500) n, LATERAL oauth_issue_token(:'id', 'many' || (n % 3)) t;
SAVEPOINT a;
SELECT count(*) FROM generate_series(1, 1500) n, LATERAL oauth_issue_token(:'id', 'undone' || (n % 3)) t;
ROLLBACK TO a;
SELECT count(*) FROM generate_series(1, 10) n, LATERAL oauth_issue_token(:'id', left('more' || n, 4)) t;
COMMIT;
SELECT subject, count(*) FROM oauth.event WHERE subject ~ '^(many|undone|more)' GROUP BY 1 ORDER BY 1;
UPDATE seen SET handle = (SELECT max(handle) FROM oauth.event);

\echo -- when it happened
SELECT bool_and(occurred_at BETWEEN now() - interval '5 minutes' AND clock_timestamp()) FROM oauth.event;

\echo -- nothing is noted with a retention of 0, nor by what only reads
SET oauth.event_retention = 0;
SELECT token_type FROM oauth_issue_token(:'id', 'unnoted');
RESET oauth.event_retention;
BEGIN READ ONLY;
SELECT pg_temp.post('/oauth2/introspect', :'auth' || 'x&token=y') ->> 'error';
COMMIT;
SELECT pg_temp.news();

\echo -- the ring: rows older than the retention go table by table, younger ones stay
CREATE FUNCTION pg_temp.age(hours integer) RETURNS bigint LANGUAGE sql AS $$
	SELECT (extract(epoch FROM now() - timestamptz '2000-01-01 00:00:00+00' - hours * interval '1 hour') * 1000000)::bigint << 11 $$;
-- shares of so many hours that the next table is not the one that has the events of above
SELECT h, h * 6 || ' h' AS retention, next FROM generate_series(1, 8) h,
	LATERAL (SELECT extract(epoch FROM now() - timestamptz '2000-01-01 00:00:00+00') AS now) t,
	LATERAL (SELECT (floor(t.now / (3600 * h))::bigint + 1) % 8 AS next) n
WHERE next <> (SELECT floor(t.now / (setting::bigint / 6))::bigint % 8 FROM pg_settings WHERE name = 'oauth.event_retention')
ORDER BY h LIMIT 1 \gset
SET oauth.event_retention = :'retention';
TRUNCATE oauth.event_:next;
INSERT INTO oauth.event_:next (handle, event) VALUES (pg_temp.age(8 * :h), 'old'), (pg_temp.age(5 * :h), 'young');
SELECT oauth_purge_expired() >= 0;
SELECT event FROM oauth.event_:next ORDER BY handle;
DELETE FROM oauth.event_:next WHERE event = 'young';
BEGIN;
SELECT oauth_purge_expired() >= 0;
SELECT count(*) FROM oauth.event_:next;
ROLLBACK;
SELECT count(*) FROM oauth.event_:next;
SELECT oauth_purge_expired() >= 0;
SELECT count(*) FROM oauth.event_:next;
SELECT count(*) > 1500 FROM oauth.event;
RESET oauth.event_retention;

\echo -- a grant outlives its tokens for as long as events may name it
SELECT token_type FROM oauth_issue_token(:'id', 'long gone');
UPDATE oauth.access_token SET expires_at = now() - interval '2 hours';
DO $$ BEGIN WHILE oauth_purge_expired() > 0 LOOP END LOOP; END $$;
SELECT ended_reason, emptied_at IS NOT NULL FROM oauth.grant WHERE subject = 'long gone';
SELECT pg_temp.news();
UPDATE oauth.grant SET emptied_at = now() - interval '91 days' WHERE subject = 'long gone';
SELECT oauth_purge_expired() > 0;
SELECT count(*) FROM oauth.grant WHERE subject = 'long gone';

\echo -- the log is found by time, through its block ranges
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT handle FROM oauth.event_0 WHERE handle > 1;
RESET enable_seqscan;

\echo -- what an administrator added to the log is done: columns with defaults, constraints, triggers
CREATE TABLE heard (number integer GENERATED ALWAYS AS IDENTITY, event text, site text, length integer);
CREATE FUNCTION hear() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	BEGIN
		PERFORM 1 / 0;
	EXCEPTION WHEN division_by_zero THEN NULL;
	END;
	IF NEW.site = 'loop' THEN
		PERFORM oauth_register_client('looped', grant_types => '{client_credentials}');
	END IF;
	INSERT INTO heard (event, site, length) VALUES (NEW.event, NEW.site, NEW.length);
	RETURN NEW;
END $$;
CREATE FUNCTION count_them() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
	INSERT INTO heard (event, site) SELECT 'all', string_agg(event, ' ' ORDER BY handle) FROM written;
	RETURN NULL;
END $$;
CREATE FUNCTION place() RETURNS text LANGUAGE sql AS $$ SELECT coalesce(nullif(current_setting('test.site', true), ''), 'here') $$;
CREATE PROCEDURE everywhere(command text) LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 0 .. 7 LOOP EXECUTE format(command, i); END LOOP;
END $$;
CALL everywhere($$ALTER TABLE oauth.event_%s ADD COLUMN site text NOT NULL DEFAULT public.place(),
	ADD COLUMN length integer GENERATED ALWAYS AS (length(event)) STORED, ADD CONSTRAINT known_site CHECK (site <> 'nowhere')$$);
CREATE VIEW sites AS SELECT handle, site, length FROM oauth.event_0 UNION ALL SELECT handle, site, length FROM oauth.event_1
	UNION ALL SELECT handle, site, length FROM oauth.event_2 UNION ALL SELECT handle, site, length FROM oauth.event_3
	UNION ALL SELECT handle, site, length FROM oauth.event_4 UNION ALL SELECT handle, site, length FROM oauth.event_5
	UNION ALL SELECT handle, site, length FROM oauth.event_6 UNION ALL SELECT handle, site, length FROM oauth.event_7;
SELECT token_type FROM oauth_issue_token(:'id', 'heard');
SELECT site, length FROM sites ORDER BY handle DESC LIMIT 1;
CALL everywhere('CREATE TRIGGER hear AFTER INSERT ON oauth.event_%s FOR EACH ROW EXECUTE FUNCTION hear()');
CALL everywhere('CREATE TRIGGER count_them AFTER INSERT ON oauth.event_%s REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION count_them()');
BEGIN;
SELECT token_type FROM oauth_issue_token(:'id', 'heard');
SELECT oauth_revoke_subject('heard') > 0;
SELECT count(*) FROM heard;
COMMIT;
SELECT event, site, length FROM heard ORDER BY number;
SET test.site = 'nowhere';
\set VERBOSITY sqlstate
SELECT token_type FROM oauth_issue_token(:'id', 'heard');
\set VERBOSITY default
RESET test.site;
SELECT token_type FROM oauth_issue_token(:'id', 'heard');
SELECT event, site, length FROM heard ORDER BY number DESC LIMIT 2;
\echo -- also what is only due when the transaction ends, in an open cursor, and for many events of one statement
TRUNCATE heard;
ALTER TABLE heard ADD CONSTRAINT heard_by_all UNIQUE (number, event) DEFERRABLE INITIALLY DEFERRED;
CREATE FUNCTION hear_at_last() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE left_open refcursor;
BEGIN
	OPEN left_open FOR SELECT * FROM heard;
	INSERT INTO heard (event, site) VALUES (NEW.event, 'at last');
	RETURN NULL;
END $$;
CALL everywhere('CREATE CONSTRAINT TRIGGER hear_at_last AFTER INSERT ON oauth.event_%s DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hear_at_last()');
SELECT count(*) FROM generate_series(1, 600) n, oauth_issue_token(:'id', 'heard-' || n) t;
SELECT site, count(*) FROM heard WHERE event = 'issue' GROUP BY 1 ORDER BY 1;
INSERT INTO heard (number, event) OVERRIDING SYSTEM VALUE VALUES (100000, 'issue');
ALTER TABLE heard ALTER COLUMN number RESTART WITH 100000;
\set VERBOSITY sqlstate
SELECT token_type FROM oauth_issue_token(:'id', 'heard');
\set VERBOSITY default
SELECT count(*) FROM heard WHERE number >= 100000;
ALTER TABLE heard ALTER COLUMN number RESTART WITH 200000;
\echo -- a trigger that does what is noted goes round, and is stopped
SET test.site = 'loop';
\set VERBOSITY sqlstate
SELECT token_type FROM oauth_issue_token(:'id', 'heard');
\set VERBOSITY default
RESET test.site;
SELECT count(*) FROM oauth.client WHERE client_name = 'looped';
SELECT token_type FROM oauth_issue_token(:'id', 'heard');

\c :main
DROP DATABASE regress_oauth_event;
