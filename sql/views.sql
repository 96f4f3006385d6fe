-- views.sql: what an administrator looks at: client_overview, token_overview, session_overview, recent_event.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;

-- A database of its own, where the rows are few.
\set main :DBNAME
CREATE DATABASE regress_oauth_views TEMPLATE template0 ENCODING 'UTF8';
\c regress_oauth_views
SET client_min_messages = warning;
CREATE EXTENSION oauth CASCADE;
SET oauth.bcrypt_cost = 4;
SET TimeZone = 'UTC';

\echo -- nothing is nothing
SELECT * FROM oauth.client_overview;
SELECT * FROM oauth.token_overview;
SELECT * FROM oauth.session_overview;
\pset tuples_only on

SELECT client_id AS id FROM oauth_register_client('Photo printer', grant_types => '{authorization_code,refresh_token}', redirect_uris => '{https://p.example/cb}', scope => 'read write') \gset
SELECT client_id AS signs FROM oauth_register_client('Old printer', grant_types => '{oauth1,client_credentials}') \gset
SELECT oauth_create_user('alice', 'wonderland') AS alice \gset
\echo -- a client without a token
SELECT client_name, client_type, grant_types, scope, state, living_tokens, subjects, created_at = now() AS now, last_token_at FROM oauth.client_overview ORDER BY client_name;

\echo -- tokens, with whose they are
SELECT access_token AS access, refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', 'read', refresh => true) \gset
SELECT access_token AS second FROM oauth_issue_token(:'id', 'app-7', 'read write', lifetime => '1 hour') \gset
SELECT access_token AS own FROM oauth_issue_token(:'signs') \gset
CREATE VIEW pg_temp.tokens AS SELECT kind, client_name, subject ~ '^app' AS is_of_app, username, scope, expires_at - issued_at BETWEEN '59 min' AND '61 min' AS an_hour, state, ended_reason FROM oauth.token_overview ORDER BY handle;
SELECT * FROM pg_temp.tokens;
\echo -- the time in a handle is the time of issue
SELECT DISTINCT now() - issued_at BETWEEN '-1 s' AND '1 min' FROM oauth.token_overview;
SELECT client_name, living_tokens, subjects, last_token_at = (SELECT max(issued_at) FROM oauth.token_overview t WHERE t.client_id = c.client_id AND kind = 'access') FROM oauth.client_overview c ORDER BY client_name;
\echo -- a token of OAuth 1.0a, which has no end
INSERT INTO oauth.grant (handle, client_id, subject, grant_type, scope) VALUES (7, :'signs', :'alice', 'oauth1', 'read');
INSERT INTO oauth.oauth1_token (handle, grant_handle, token_hash, secret_sealed) VALUES (8, 7, sha256('x'), 'sealed');
SELECT kind, client_name, username, scope, issued_at, expires_at, state FROM oauth.token_overview WHERE handle = 8;
SELECT client_name, living_tokens, subjects FROM oauth.client_overview ORDER BY client_name;

\echo -- each way to end says which it was: expired, revoked, used, ended
UPDATE oauth.access_token SET expires_at = now() - interval '1 s' WHERE token_hash = sha256(convert_to(:'second', 'UTF8'));
SELECT oauth_revoke_token(:'own');
UPDATE oauth.refresh_token SET used_at = now(), successor = 1;
SELECT kind, client_name, username, state, ended_reason FROM oauth.token_overview ORDER BY handle;
SELECT client_name, living_tokens, subjects FROM oauth.client_overview ORDER BY client_name;
SELECT oauth_revoke_subject(:'alice');
SELECT kind, client_name, username, state, ended_reason FROM oauth.token_overview ORDER BY handle;
\echo -- what had expired before its grant ended has expired
SELECT oauth_revoke_client(:'id');
SELECT state, ended_reason FROM oauth.token_overview WHERE subject = 'app-7';
\echo -- a view agrees with oauth_verify_token(), also about clients and subjects
SELECT access_token AS one FROM oauth_issue_token(:'id', :'alice') \gset
SELECT access_token AS two FROM oauth_issue_token(:'id', 'app-8') \gset
SELECT access_token AS three FROM oauth_issue_token(:'signs') \gset
CREATE VIEW pg_temp.verdict AS SELECT t.client_name, coalesce(t.username, t.subject), t.state, t.ended_reason FROM oauth.token_overview t WHERE kind = 'access' ORDER BY handle DESC LIMIT 3;
SELECT v.*, active FROM pg_temp.verdict v, LATERAL oauth_verify_token(CASE client_name WHEN 'Old printer' THEN :'three' ELSE CASE coalesce WHEN 'alice' THEN :'one' ELSE :'two' END END);
SELECT oauth_disable_user('alice'), oauth_disable_client(:'signs');
SELECT v.*, active FROM pg_temp.verdict v, LATERAL oauth_verify_token(CASE client_name WHEN 'Old printer' THEN :'three' ELSE CASE coalesce WHEN 'alice' THEN :'one' ELSE :'two' END END);
SELECT client_name, state, living_tokens, subjects FROM oauth.client_overview ORDER BY client_name;
SELECT oauth_delete_user('alice'), oauth_delete_client(:'signs');
SELECT client_name, ended_reason FROM pg_temp.verdict;
SELECT client_name, state, living_tokens, subjects FROM oauth.client_overview ORDER BY client_name;
\echo -- what no longer lives has a time since when
SELECT bool_and((ended_at IS NULL) = (state = 'living')), bool_and(ended_at <= now()) FROM oauth.token_overview;
\echo -- disabled, then enabled: the tokens of before stay ended
SELECT oauth_disable_client(:'id'), oauth_enable_client(:'id');
SELECT state, ended_reason FROM oauth.token_overview WHERE subject = 'app-8';

\echo -- logins
SELECT oauth_create_user('bob', 'wonderland') AS bob \gset
CREATE FUNCTION pg_temp.handle(at timestamptz) RETURNS bigint LANGUAGE sql AS $$ SELECT (extract(epoch FROM at - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint << 11 $$;
INSERT INTO oauth.session (handle, subject, expires_at, ended_at, token_hash) VALUES (pg_temp.handle('2026-01-01 12:00+00'), :'bob', 'infinity', NULL, sha256('1')),
	(pg_temp.handle('2026-01-02 12:00+00'), :'bob', '2026-01-03', NULL, sha256('2')), (pg_temp.handle('2026-01-03 12:00+00'), :'bob', 'infinity', '2026-01-04', sha256('3')),
	(pg_temp.handle('2026-01-04 12:00+00'), 'app-8', 'infinity', NULL, sha256('4'));
SELECT coalesce(username, subject) AS who, started_at, expires_at, state FROM oauth.session_overview ORDER BY handle DESC;
SELECT oauth_disable_user('bob');
SELECT DISTINCT username, state FROM oauth.session_overview ORDER BY username, state;

\echo -- with many rows a question about some reads only some: plans with a scan of a whole table of tokens or grants
INSERT INTO oauth.client (client_id, client_name, client_type, grant_types, redirect_uris, token_endpoint_auth_method)
	SELECT 'many-' || i, 'Many ' || i, 'public', '{}', '{}', 'none' FROM generate_series(1, 200) i;
INSERT INTO oauth.subject SELECT 'subject-' || i FROM generate_series(1, 5000) i;
SET session_replication_role = replica;
INSERT INTO oauth.grant (handle, client_id, subject, grant_type, scope) SELECT 1000 + i, 'many-' || i % 200 + 1, 'subject-' || i % 5000 + 1, 'password', 'read' FROM generate_series(1, 20000) i;
INSERT INTO oauth.access_token (handle, grant_handle, expires_at, token_hash, scope) SELECT 100000 + i, 1001 + i % 20000, now() + interval '1 h', sha256(''), 'read' FROM generate_series(1, 60000) i;
INSERT INTO oauth.refresh_token (handle, grant_handle, expires_at, access_token, token_hash) SELECT 200000 + i, 1001 + i % 20000, now() + interval '1 h', 100000 + i, sha256('') FROM generate_series(1, 40000) i;
INSERT INTO oauth.session (handle, subject, expires_at, token_hash) SELECT 1000 + i, 'subject-' || i % 5000 + 1, now() + interval '1 h', sha256('') FROM generate_series(1, 20000) i;
RESET session_replication_role;
ANALYZE oauth.client, oauth.subject, oauth.grant, oauth.access_token, oauth.refresh_token, oauth.oauth1_token, oauth.session;
CREATE FUNCTION pg_temp.scans(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP
		IF line ~ 'Seq Scan on (access_token|refresh_token|"?grant"?|session)( |$)' OR query ~ 'LIMIT' AND line ~ '^ *(->  )?Sort$' THEN
			RETURN NEXT query || ': ' || trim(line);
		END IF;
	END LOOP;
END $$;
SELECT pg_temp.scans('SELECT * FROM oauth.token_overview ORDER BY handle DESC LIMIT 20');
SELECT pg_temp.scans('SELECT * FROM oauth.token_overview WHERE state = ''living'' ORDER BY handle DESC LIMIT 20');
SELECT pg_temp.scans('SELECT * FROM oauth.token_overview WHERE client_id = ''many-7''');
SELECT pg_temp.scans('SELECT * FROM oauth.token_overview WHERE subject = ''subject-7'' AND state = ''living''');
SELECT pg_temp.scans('SELECT * FROM oauth.client_overview WHERE client_id = ''many-7''');
SELECT pg_temp.scans('SELECT client_id, client_name, state FROM oauth.client_overview');
SELECT pg_temp.scans('SELECT * FROM oauth.session_overview WHERE subject = ''subject-7''');
SELECT pg_temp.scans('SELECT * FROM oauth.session_overview ORDER BY handle DESC LIMIT 20');
\echo -- (the question can be answered wrong)
SELECT count(*) > 1 FROM pg_temp.scans('SELECT scope, handle + 0 FROM oauth.token_overview ORDER BY 2');
SELECT count(*), min(state), max(state) FROM (SELECT state FROM oauth.token_overview WHERE client_id = 'many-7') t;
SELECT living_tokens, subjects FROM oauth.client_overview WHERE client_id = 'many-7';

\echo -- events of a day, the newest first, with names; older ones are in the log
SELECT client_id AS last FROM oauth_register_client('Last', grant_types => '{client_credentials}') \gset
SELECT oauth_create_user('carol', 'wonderland') AS carol \gset
SELECT access_token AS token FROM oauth_issue_token(:'last', :'carol') \gset
SELECT status FROM oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to('grant_type=client_credentials&client_secret=x&client_id=' || :'last', 'UTF8'), 'https', '192.0.2.7'));
SELECT event, outcome, client_name, username, peer, role = session_user AS by_me, detail, occurred_at <= now() FROM oauth.recent_event LIMIT 4;
SELECT count(*) FROM oauth.recent_event \gset recent_
SELECT tableoid::regclass AS log FROM oauth.event_0 UNION ALL SELECT tableoid::regclass FROM oauth.event_1 UNION ALL SELECT tableoid::regclass FROM oauth.event_2 UNION ALL SELECT tableoid::regclass FROM oauth.event_3
	UNION ALL SELECT tableoid::regclass FROM oauth.event_4 UNION ALL SELECT tableoid::regclass FROM oauth.event_5 UNION ALL SELECT tableoid::regclass FROM oauth.event_6 UNION ALL SELECT tableoid::regclass FROM oauth.event_7 LIMIT 1 \gset
INSERT INTO :log (handle, event, client_id) SELECT pg_temp.handle(now() - interval '25 hours') - i, 'issue', 'many-7' FROM generate_series(1, 50000) i;
SELECT brin_summarize_new_values((:'log' || '_handle')::regclass) > 0;
ANALYZE :log;
SELECT count(*) = :recent_count FROM oauth.recent_event;
SELECT count(*) - :recent_count FROM oauth.event;
\echo -- and the question reads few of them
CREATE FUNCTION pg_temp.plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN (COSTS off) ' || query; END $$;
SELECT count(*) > 0 FROM pg_temp.plan('SELECT * FROM oauth.recent_event LIMIT 20') p WHERE p ~ ('Index Scan on ' || split_part(:'log', '.', 2) || '_handle');

\echo -- who may SELECT from a view may look, and no further; nobody else may
CREATE ROLE regress_oauth_auditor;
SET ROLE regress_oauth_auditor;
SELECT count(*) FROM oauth.token_overview;
RESET ROLE;
GRANT SELECT ON oauth.client_overview, oauth.token_overview, oauth.session_overview, oauth.recent_event TO regress_oauth_auditor;
SET ROLE regress_oauth_auditor;
SELECT count(*) > 0 FROM oauth.client_overview;
SELECT count(*) > 0 FROM oauth.token_overview;
SELECT count(*) > 0 FROM oauth.session_overview;
SELECT count(*) > 0 FROM oauth.recent_event;
SELECT count(*) FROM oauth.event;
SELECT count(*) FROM oauth.client;
SELECT count(*) FROM oauth.access_token;
RESET ROLE;
DROP OWNED BY regress_oauth_auditor;
DROP ROLE regress_oauth_auditor;

\echo -- names of users of the application: what its table says now, also to who may only look at the views
CREATE ROLE regress_oauth_app;
CREATE ROLE regress_oauth_auditor;
CREATE SCHEMA app AUTHORIZATION regress_oauth_app;
GRANT SELECT ON oauth.client_overview, oauth.token_overview, oauth.session_overview, oauth.recent_event TO regress_oauth_auditor;
CREATE TABLE app.person (id integer PRIMARY KEY, email text UNIQUE, password text);
INSERT INTO app.person SELECT i, 'person' || i || '@example.com', NULL FROM generate_series(1, 3000) i;
ALTER TABLE app.person OWNER TO regress_oauth_app;
SELECT oauth_use_users('app.person', id => 'id', username => 'email', password => 'password');
SELECT count(access_token) FROM generate_series(1, 4) i, LATERAL oauth_issue_token(:'last', subject => (7 + i % 2)::text);
INSERT INTO oauth.session (handle, subject, expires_at, token_hash) VALUES (1, '8', now() + interval '1 h', sha256('x'));
SET ROLE regress_oauth_auditor;
SELECT subject, username FROM oauth.token_overview ORDER BY handle DESC LIMIT 4;
SELECT subject, username FROM oauth.session_overview ORDER BY handle LIMIT 1;
SELECT event, subject, username FROM oauth.recent_event LIMIT 2;
\echo -- carol, who is a built-in user, keeps her name; a subject whom nobody knows has none
SELECT DISTINCT username, subject = :'carol' AS is_carol FROM oauth.token_overview WHERE subject IN (:'carol', 'subject-1') ORDER BY username;
SELECT kind, username FROM oauth.token_overview WHERE username = 'person7@example.com' AND subject = '7';
RESET ROLE;
UPDATE app.person SET email = 'new.name@example.com' WHERE id = 7;
SELECT DISTINCT username FROM oauth.token_overview WHERE subject = '7';
SELECT count(*), count(username) FROM (SELECT username FROM oauth.token_overview ORDER BY handle DESC LIMIT 20) t;
\echo -- the table of names is for subjects, and for nobody else
SELECT * FROM oauth.own_username WHERE '8' = subject;
SELECT * FROM oauth.own_username WHERE subject IN (SELECT subject FROM oauth.session ORDER BY handle LIMIT 1);
SELECT * FROM oauth.own_username;
SET ROLE regress_oauth_auditor;
SELECT * FROM oauth.own_username WHERE subject = '8';
RESET ROLE;

\echo -- the application is asked as its owner, once for a subject, for what is shown, and not where no name is
SET ROLE regress_oauth_app;
CREATE FUNCTION app.asked() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'asked as %', replace(current_user, session_user, '(a superuser)'); RETURN true; END $$;
CREATE VIEW app.people AS SELECT id, email, password FROM app.person WHERE app.asked();
RESET ROLE;
SELECT oauth_use_users('app.people', id => 'id', username => 'email', password => 'password');
SELECT count(*) > 1000 FROM oauth.token_overview;
SELECT subject, state FROM oauth.token_overview ORDER BY handle DESC LIMIT 1;
SELECT subject, username FROM oauth.token_overview ORDER BY handle DESC LIMIT 4;
SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
SELECT subject, username FROM oauth.token_overview WHERE issued_at > now() - interval '1 day' AND scope = 'read' AND subject IN ('7', '8') ORDER BY handle DESC;
RESET max_parallel_workers_per_gather; RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size;

\echo -- an error of the application, a column or a table that is gone: a warning, and rows without names
CREATE OR REPLACE FUNCTION app.asked() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE division_by_zero USING MESSAGE = 'the application is broken'; END $$;
SELECT subject, username FROM oauth.token_overview ORDER BY handle DESC LIMIT 4;
SELECT username FROM oauth.session_overview ORDER BY handle LIMIT 1;
SELECT username FROM oauth.recent_event LIMIT 1;
SELECT username FROM oauth.token_overview WHERE subject = :'carol' LIMIT 1;
CREATE OR REPLACE FUNCTION app.asked() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN DELETE FROM oauth.client; RETURN true; END $$;
SELECT subject, username FROM oauth.token_overview ORDER BY handle DESC LIMIT 1;
DROP VIEW app.people;
SELECT subject, username FROM oauth.token_overview ORDER BY handle DESC LIMIT 2;
SET ROLE regress_oauth_auditor;
SELECT subject, username FROM oauth.token_overview ORDER BY handle DESC LIMIT 1;
RESET ROLE;
\echo -- a statement that takes too long is cancelled
SELECT oauth_use_users('app.person', id => 'id', username => 'email', password => 'password');
ALTER TABLE app.person RENAME TO persons;
CREATE FUNCTION app.slow() RETURNS boolean LANGUAGE sql VOLATILE AS 'SELECT true FROM pg_sleep(600)';
CREATE VIEW app.person AS SELECT id, email, password FROM app.persons WHERE app.slow();
ALTER VIEW app.person OWNER TO regress_oauth_app;
ALTER FUNCTION app.slow() OWNER TO regress_oauth_app;
SET statement_timeout = '1s';
SELECT subject, username FROM oauth.token_overview ORDER BY handle DESC LIMIT 1;
RESET statement_timeout;
SELECT oauth_use_builtin_users();
SELECT subject, username FROM oauth.token_overview ORDER BY handle DESC LIMIT 1;
DROP OWNED BY regress_oauth_auditor;
DROP ROLE regress_oauth_auditor;
DROP SCHEMA app CASCADE;
DROP ROLE regress_oauth_app;

\c :main
DROP DATABASE regress_oauth_views;
