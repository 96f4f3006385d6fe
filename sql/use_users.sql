-- use_users.sql: users of the application's own table or view.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;
SET oauth.failed_attempts = 0;

-- What came of it: the answer, or SQLSTATE, message, detail and hint in one line.
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	message text;
	detail text;
	hint text;
BEGIN
	EXECUTE statement INTO answer;
	RETURN coalesce(answer, 'null');
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE, message, nullif(detail, ''), nullif(hint, ''));
END $$;
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('own users', grant_types => '{password,refresh_token,client_credentials}') \gset
SELECT format('grant_type=password&client_id=%s&client_secret=%s', :'id', :'secret') AS auth \gset
-- Logs in by the token endpoint: whose the token is and what introspection calls the user, or the error.
CREATE FUNCTION pg_temp.login(auth text, username text, password text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	body jsonb;
BEGIN
	SELECT convert_from(r.body, 'UTF8')::jsonb INTO body FROM oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'],
		convert_to(concat(auth, '&username=', replace(username, ' ', '+'), '&password=', password), 'UTF8'), 'http', NULL)) r;
	IF body ? 'error' THEN
		RETURN body ->> 'error';
	END IF;
	RETURN (SELECT concat('in as ', i ->> 'sub', ', ', i ->> 'username') FROM oauth_introspect_token(body ->> 'access_token') i);
END $$;
-- Which of the tokens kept under a name live.
CREATE TEMPORARY TABLE kept (label text, token text);
CREATE FUNCTION pg_temp.keep(client text, label text, subject text) RETURNS text LANGUAGE sql AS $$
	INSERT INTO kept SELECT label, access_token FROM oauth_issue_token(client, subject) RETURNING label $$;
CREATE FUNCTION pg_temp.living() RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(label, ', ' ORDER BY label), 'none') FROM kept, oauth_verify_token(token) v WHERE v.active $$;

CREATE ROLE regress_oauth_app;
CREATE SCHEMA app AUTHORIZATION regress_oauth_app;
SET ROLE regress_oauth_app;
CREATE TABLE app.users (id integer PRIMARY KEY, email text UNIQUE, password_hash text, is_active boolean, seen timestamptz);
INSERT INTO app.users VALUES (1, 'ann@example.com', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', true),
	(2, 'bob@example.com', 'pbkdf2_sha256$1000$seasalt12345$CEEeXvTf1xcVhH3fP9+sDd8KTv2vjelKJKhk6kjnQTA=', true),
	(3, 'off@example.com', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', false),
	(4, 'old@example.com', '098f6bcd4621d373cade4e832627b4f6', true),
	(5, 'none@example.com', NULL, true), (6, 'bang@example.com', '!', true), (7, 'null@example.com', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', NULL),
	(8, 'empty@example.com', 'pbkdf2_sha256$10$saltsalt$2fPlk7xS7DBnXcIlKWqX8o/0g5o0RXaUB/ARXtFJvoQ=', true);
RESET ROLE;
SELECT oauth_create_user('builtin', 'secret-builtin') AS builtin \gset
SELECT access_token AS builtin_token FROM oauth_issue_token(:'id', :'builtin') \gset

\echo -- what cannot be taken for users
CREATE TYPE app.mood AS ENUM ('good', 'bad');
CREATE TABLE app.other (id integer, name text, n numeric, label name, fixed character(9), mood app.mood, ids integer[], raw bytea, at timestamptz);
CREATE SEQUENCE app.counter;
CREATE TABLE app.foreign_owner (id integer PRIMARY KEY, username text UNIQUE);
ALTER TABLE app.other OWNER TO regress_oauth_app;
SELECT call, pg_temp.try('SELECT oauth_use_users(' || call || ')') FROM (VALUES
	(1, 'NULL'), (2, $$''$$), (3, $$'users'$$), (4, $$'a.b.c'$$), (5, $$'app.nothing'$$), (6, $$'nowhere.users'$$), (7, $$'app.users; DROP TABLE app.users'$$), (8, $$'app.counter'$$), (9, $$'app.users_pkey'$$),
	(10, $$'app.users'$$), (11, $$'app.users', username => 'email', active => 'nothing'$$), (12, $$'app.users', username => 'email', password => 'pw'$$), (13, $$'app.users', id => NULL$$), (14, $$'app.users', id => 'ctid', username => 'email'$$),
	(15, $$'app.users', username => 'id'$$), (16, $$'app.users', username => 'email', active => 'email'$$), (17, $$'app.users', username => 'email', password => 'id'$$), (18, $$'app.users', username => 'email', password => 'password_hash', scheme => 'rot13'$$),
	(19, $$'app.users', username => 'email', password => 'password_hash', password_function => 'app.check'$$), (20, $$'app.users', username => 'email', upgrade => true$$), (21, $$'app.users', username => 'email', password_function => 'app.nothing'$$),
	(22, $$'app.users', username => 'email', password_function => 'check'$$), (23, $$'app.other', id => 'n', username => 'name'$$), (24, $$'app.other', username => 'label'$$), (25, $$'app.other', username => 'fixed'$$), (26, $$'app.other', username => 'mood'$$),
	(27, $$'app.other', id => 'ids', username => 'name'$$), (28, $$'app.other', id => 'mood', username => 'name'$$), (29, $$'app.other', username => 'name', password => 'raw'$$), (30, $$'app.users', username => 'email"; DROP TABLE app.users; --'$$)) v (n, call) ORDER BY n;
CREATE TEMPORARY TABLE mine (id integer PRIMARY KEY, username text UNIQUE);
SELECT regexp_replace(pg_temp.try(format('SELECT oauth_use_users(%L)', nspname || '.mine')), 'pg_temp_\d+', 'pg_temp_n', 'g') FROM pg_namespace WHERE oid = pg_my_temp_schema();
\echo -- nobody may say so who does not own the relation, whatever else is granted
CREATE ROLE regress_oauth_other;
GRANT EXECUTE ON FUNCTION oauth_use_users TO regress_oauth_other;
GRANT USAGE ON SCHEMA app TO regress_oauth_other;
GRANT ALL ON app.users TO regress_oauth_other;
SET ROLE regress_oauth_other;
SELECT pg_temp.try($$SELECT oauth_use_users('app.users', username => 'email')$$);
RESET ROLE;
SELECT count(*) FROM oauth.user_source;
SELECT pg_temp.login(:'auth', 'builtin', 'secret-builtin') = 'in as ' || :'builtin' || ', builtin';
\echo -- warnings: a relation of a superuser, no indexes, no passwords
BEGIN;
SELECT oauth_use_users('app.foreign_owner');
SELECT oauth_use_users('app.other', username => 'name');
ROLLBACK;

\echo -- a table: logging in by its hashes, whatever their scheme; unknown, wrong, inactive and unusable are one
SELECT oauth_use_users('app.users', username => 'email', password => 'password_hash', active => 'is_active');
SELECT name, password, pg_temp.login(:'auth', name || '@example.com', password) FROM (VALUES (1, 'ann', 'U*U'), (2, 'ann', 'u*u'), (3, 'bob', 'test'), (4, 'bob', 'Test'), (5, 'off', 'U*U'), (6, 'null', 'U*U'), (7, 'old', 'test'), (8, 'none', 'x'),
	(9, 'bang', '!'), (10, 'nobody', 'U*U'), (11, 'Ann', 'U*U'), (12, 'ann ', 'U*U'), (13, E'ann@example.com\' OR true --', 'U*U'), (14, 'ann%25', 'U*U')) v (n, name, password) ORDER BY n;
\echo -- an empty password is nobody, even where the hash is of one
SELECT oauth_check_password_hash(password_hash, '') FROM app.users WHERE id = 8;
SELECT pg_temp.login(:'auth', 'empty@example.com', '');
\echo -- nothing has been copied
SELECT count(*) FROM oauth.user WHERE username LIKE '%example.com';
\echo -- who does not own that table does not take it away
CREATE TABLE public.own_users_of_another (id integer PRIMARY KEY, username text UNIQUE);
ALTER TABLE public.own_users_of_another OWNER TO regress_oauth_other;
GRANT EXECUTE ON FUNCTION oauth_use_builtin_users TO regress_oauth_other;
SET ROLE regress_oauth_other;
SELECT pg_temp.try($$SELECT oauth_use_users('public.own_users_of_another')$$), pg_temp.try('SELECT oauth_use_builtin_users()');
RESET ROLE;
DROP TABLE public.own_users_of_another;
REVOKE ALL ON FUNCTION oauth_use_builtin_users FROM regress_oauth_other;
\echo -- built-in users wait; the functions for them say where users are
SELECT pg_temp.login(:'auth', 'builtin', 'secret-builtin');
SELECT pg_temp.try(call) FROM (VALUES (1, $$SELECT oauth_create_user('x', 'wonderland')$$), (2, $$SELECT oauth_set_password('builtin', 'x')$$), (3, $$SELECT oauth_disable_user('builtin')$$), (4, $$SELECT oauth_enable_user('builtin')$$), (5, $$SELECT oauth_delete_user('builtin')$$)) v (n, call) ORDER BY n;
SELECT active FROM oauth_verify_token(:'builtin_token');
\echo -- subjects are ids, of users who are there and active
SELECT subject, pg_temp.try(format('SELECT pg_temp.keep(%L, %L, %L)', :'id', 'ann', subject)) FROM (VALUES (1, '1'), (2, '3'), (3, '7'), (4, '99'), (5, '01'), (6, '+1'), (7, ' 1'), (8, '1.0'), (9, '99999999999999999999'), (10, '-2147483649'), (11, 'ann@example.com'), (12, 'x'), (13, '')) v (n, subject) ORDER BY n;
SELECT pg_temp.try(format('SELECT oauth_issue_token(%L, %L)', :'id', :'builtin')) ~ '^42704 . user "[0-9a-f]{32}" does not exist';
SELECT pg_temp.try($$SELECT oauth_revoke_subject('bob@example.com')$$), pg_temp.try($$SELECT oauth_revoke_subject('990099')$$);
\echo -- who is calling, with the name of now
SELECT token FROM kept \gset
SELECT convert_from(body, 'UTF8') ~ '"subject": "1", "username": "ann@example.com"' FROM oauth.resource(ROW('GET', '/api', ARRAY['Authorization: Bearer ' || :'token'], '', 'http', NULL));
BEGIN;
UPDATE app.users SET email = 'anna@example.com' WHERE id = 1;
SELECT oauth_introspect_token(:'token') ->> 'username';
ROLLBACK;

\echo -- who goes has no tokens, in the commit that says so, and has them back if it is rolled back
SELECT pg_temp.keep(:'id', 'bob', '2'), pg_temp.keep(:'id', 'old', '4'), pg_temp.keep(:'id', 'none', '5'), pg_temp.keep(:'id', 'bang', '6'), pg_temp.keep(:'id', 'empty', '8');
SELECT pg_temp.living();
BEGIN;
DELETE FROM app.users WHERE id IN (1, 3, 5);
SELECT pg_temp.living();
ROLLBACK;
SELECT pg_temp.living();
SET ROLE regress_oauth_app;
DELETE FROM app.users WHERE id IN (1, 3, 5);
RESET ROLE;
SELECT pg_temp.living();
\echo -- another role that may changes it
SET ROLE regress_oauth_other;
UPDATE app.users SET is_active = false WHERE id = 2;
RESET ROLE;
SELECT pg_temp.living();
UPDATE app.users SET is_active = NULL WHERE id = 4;
SELECT pg_temp.living();
\echo -- an id that changes is another person; other columns matter to nobody
UPDATE app.users SET id = 66 WHERE id = 6;
UPDATE app.users SET seen = now(), email = email, is_active = is_active, password_hash = password_hash;
SELECT pg_temp.living();
\echo -- a new password ends what was issued under the old one
SELECT pg_temp.keep(:'id', 'bang', '66');
UPDATE app.users SET password_hash = '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW' WHERE id = 8;
SELECT pg_temp.living();
SELECT DISTINCT ended_reason FROM oauth.grant WHERE subject = '8' AND client_id = :'id';
SELECT pg_temp.login(:'auth', 'empty@example.com', 'U*U');
\echo -- who is active again, or there again, has no tokens of before
SELECT subject, disabled_at IS NOT NULL AS disabled, deleted_at IS NOT NULL AS deleted FROM oauth.subject WHERE subject IN ('1', '2', '4', '6', '8', '66') ORDER BY subject;
INSERT INTO oauth.consent (subject, client_id, scope) SELECT s, :'id', 'read' FROM unnest('{1,2}'::text[]) s;
UPDATE app.users SET is_active = true WHERE id IN (2, 4);
INSERT INTO app.users VALUES (1, 'another.ann@example.com', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', true);
SELECT pg_temp.living();
SELECT pg_temp.login(:'auth', 'another.ann@example.com', 'U*U'), pg_temp.login(:'auth', 'bob@example.com', 'test');
SELECT pg_temp.living();
\echo -- what the former owner of an id had allowed does not hold for another; a user who was away finds it again
SELECT subject FROM oauth.consent WHERE client_id = :'id' ORDER BY 1;
\echo -- users whom nobody knows here leave nothing behind
SELECT count(*) FROM oauth.subject \gset before_
INSERT INTO app.users SELECT n, n || '@bulk.example', 'x', true FROM generate_series(1001, 3000) n;
UPDATE app.users SET is_active = false WHERE id BETWEEN 1001 AND 2000;
UPDATE app.users SET password_hash = 'y' WHERE id BETWEEN 2001 AND 2100;
DELETE FROM app.users WHERE id > 1000;
SELECT count(*) - :before_count FROM oauth.subject;
\echo -- many at once
INSERT INTO app.users SELECT n, n || '@bulk.example', 'x', true FROM generate_series(1001, 1300) n;
SELECT count(pg_temp.keep(:'id', 'bulk', n::text)) FROM generate_series(1001, 1300) n;
DELETE FROM app.users WHERE id > 1000;
SELECT count(*) FROM kept, oauth_verify_token(token) v WHERE label = 'bulk' AND v.active;
\echo -- TRUNCATE ends everybody but the built-in users
SELECT pg_temp.keep(:'id', 'bob', '2');
BEGIN;
TRUNCATE app.users;
SELECT pg_temp.living(), active FROM oauth_verify_token(:'builtin_token');
SELECT count(*) FROM oauth.subject s WHERE disabled_at IS NULL AND NOT EXISTS (SELECT FROM oauth.user u WHERE u.subject = s.subject);
ROLLBACK;
SELECT pg_temp.living();
DELETE FROM app.users;
SELECT pg_temp.living();

\echo -- and the audit log says who ended them, once for a statement
SELECT subject, detail, role = session_user AS by_session, count(*) FROM oauth.event WHERE event = 'revoke' AND (subject IN ('2', '4', '6', '8') OR detail LIKE '%: 300 subjects')
	AND detail LIKE '%application''s table%' GROUP BY 1, 2, 3 ORDER BY 2, 1;

\echo -- the triggers belong to the application, not to the extension, and stand in the way of nothing but DROP EXTENSION
SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'app.users'::regclass AND NOT tgisinternal ORDER BY 1;
SELECT count(*) FROM pg_depend WHERE classid = 'pg_trigger'::regclass AND deptype = 'e' AND objid IN (SELECT oid FROM pg_trigger WHERE tgrelid = 'app.users'::regclass);
SELECT pg_temp.try('DROP EXTENSION oauth') ~ 'depend on it';
SELECT pg_temp.try('CREATE TRIGGER mine AFTER INSERT ON app.other EXECUTE FUNCTION _oauth_users_changed()') FROM set_config('role', 'regress_oauth_app', true);
SELECT pg_temp.try('SELECT _oauth_users_changed()');

\echo -- citext, uuid, a domain, a time for those who may not, legacy hashes that are allowed
CREATE EXTENSION citext SCHEMA app;
SET ROLE regress_oauth_app;
CREATE DOMAIN app.address AS app.citext CHECK (VALUE ~ '@');
CREATE TABLE app.member (key uuid PRIMARY KEY, "E-mail" app.address UNIQUE, secret varchar(100), deleted_at timestamptz);
INSERT INTO app.member VALUES ('11111111-2222-4333-8444-abcdefabcdef', 'Cat@Example.com', '098f6bcd4621d373cade4e832627b4f6', NULL), ('11111111-2222-4333-8444-000000000000', 'gone@example.com', '098f6bcd4621d373cade4e832627b4f6', now());
RESET ROLE;
SELECT oauth_use_users('app.member', id => 'key', username => 'E-mail', password => 'secret', active => 'deleted_at', scheme => 'md5', allow_legacy => true);
SELECT pg_temp.login(:'auth', 'cat@example.COM', 'test'), pg_temp.login(:'auth', 'gone@example.com', 'test'), pg_temp.login(:'auth', 'no at sign', 'test');
\echo -- spaces around a name that was typed are let go; what letters are equal the column says; passwords are tried as typed, and composed
SELECT pg_temp.login(:'auth', name, 'test') FROM unnest(ARRAY['Cat@Example.com ', '  CAT@example.com  ', U&'cat@example.com\00A0', U&'\3000cat@example.com', 'c at@example.com', U&'\FF23at@example.com']) name;
INSERT INTO app.member VALUES ('11111111-2222-4333-8444-000000000001', U&'no\00EBl@example.com', md5(U&'caf\00E9 cr\00E8me'), NULL), ('11111111-2222-4333-8444-000000000002', 'apart@example.com', md5(U&'cafe\0301 cre\0300me'), NULL);
SELECT pg_temp.login(:'auth', U&'NO\00EBL@example.com ', password), pg_temp.login(:'auth', U&'noe\0308l@example.com', password), pg_temp.login(:'auth', 'apart@example.com', password)
	FROM unnest(ARRAY[U&'caf\00E9+cr\00E8me', U&'cafe\0301+cre\0300me', U&'caf\00E9\00A0cr\00E8me', 'cafe+creme']) password;
SELECT pg_temp.keep(:'id', 'cat', '11111111-2222-4333-8444-abcdefabcdef');
SELECT pg_temp.try(format('SELECT oauth_issue_token(%L, %L)', :'id', subject)) FROM (VALUES ('11111111-2222-4333-8444-ABCDEFABCDEF'), ('{11111111-2222-4333-8444-abcdefabcdef}'), ('11111111-2222-4333-8444-abcdefabcdef '), ('cat@example.com')) v (subject);
UPDATE app.member SET deleted_at = now() WHERE deleted_at IS NULL;
SELECT pg_temp.living();
\echo -- the triggers went with the mapping
SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE tgname ~ '^oauth_users' ORDER BY 2;
\echo -- two of one name, and ids that no token can name
SET ROLE regress_oauth_app;
CREATE TABLE app.twins (id text, username text, pw text);
INSERT INTO app.twins SELECT id, name, '098f6bcd4621d373cade4e832627b4f6' FROM (VALUES ('a', 'twin'), ('b', 'twin'), ('c', 'single'), ('d', 'shared'), ('d', 'sharing'), (NULL, 'nobody'), ('', 'empty'), (' e', 'space'), (repeat('x', 256), 'long'), (E'\n', 'break'), ('é☃', 'snow')) v (id, name);
RESET ROLE;
SET client_min_messages = error;
SELECT oauth_use_users('app.twins', password => 'pw', allow_legacy => true);
RESET client_min_messages;
SELECT n, pg_temp.login(:'auth', n, 'test') FROM unnest('{twin,single,shared,sharing,nobody,empty,space,long,break,snow}'::text[]) n;
\echo -- an id that is the subject of a built-in user is not taken for that user, and its going ends nothing of that user
INSERT INTO app.twins VALUES (:'builtin', 'impostor', '098f6bcd4621d373cade4e832627b4f6');
SELECT pg_temp.login(:'auth', 'impostor', 'test'), pg_temp.try(format('SELECT oauth_issue_token(%L, %L)', :'id', :'builtin')) ~ '^55000|^42704';
UPDATE app.twins SET pw = 'x' WHERE username = 'impostor';
DELETE FROM app.twins WHERE username = 'impostor';
DELETE FROM app.twins WHERE id IS NULL OR length(id) > 200;
SELECT active FROM oauth_verify_token(:'builtin_token');

\echo -- a view: whether the user is there and active is asked at each verification
SET ROLE regress_oauth_app;
CREATE TABLE app.account (number bigint PRIMARY KEY, login text UNIQUE, pw text, state text);
INSERT INTO app.account VALUES (10, 'dora', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'ok'), (11, 'emil', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'ok');
CREATE VIEW app.people AS SELECT number AS id, login AS username, pw, state = 'ok' AS active FROM app.account;
RESET ROLE;
SELECT oauth_use_users('app.people', password => 'pw', active => 'active');
SELECT pg_temp.login(:'auth', 'dora', 'U*U'), pg_temp.login(:'auth', 'dora', 'u*u'), pg_temp.login(:'auth', 'nobody', 'U*U');
SELECT pg_temp.keep(:'id', 'dora', '10'), pg_temp.keep(:'id', 'emil', '11');
SELECT refresh_token AS refresh FROM oauth_issue_token(:'id', '10', refresh => true) \gset
SELECT pg_temp.living(), active FROM oauth_verify_token(:'builtin_token');
UPDATE app.account SET state = 'locked' WHERE number = 10;
DELETE FROM app.account WHERE number = 11;
SELECT pg_temp.living(), active FROM oauth_verify_token(:'builtin_token');
SELECT convert_from(body, 'UTF8')::jsonb ->> 'error' FROM oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'], convert_to(replace(:'auth', 'password', 'refresh_token') || '&refresh_token=' || :'refresh', 'UTF8'), 'http', NULL));
SELECT pg_temp.try(format('SELECT oauth_issue_token(%L, %L)', :'id', '10')), pg_temp.try(format('SELECT oauth_issue_token(%L, %L)', :'id', '11')), pg_temp.login(:'auth', 'dora', 'U*U');
\echo -- the reading and the writing lane leave that to the slow one
CREATE FUNCTION pg_temp.in_lane(lane text, token text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	r oauth.http_response;
BEGIN
	PERFORM set_config('oauth.lane', lane, false);
	r := oauth.resource(ROW('GET', '/api', ARRAY['Authorization: Bearer ' || token], '', 'http', NULL));
	RETURN concat_ws(' ', r.status, r.headers[1]);
END $$;
SELECT lane, pg_temp.in_lane(lane, :'builtin_token') FROM unnest('{reading,writing,slow,application,any}'::text[]) lane;
SET oauth.lane = 'reading';
SELECT stem, (r).status FROM (VALUES ('resource', oauth.resource(ROW('GET', '/api', ARRAY['Authorization: Bearer ' || :'builtin_token'], '', 'http', NULL))), ('forward_auth', oauth.forward_auth(ROW('GET', '/auth', ARRAY['Authorization: Bearer ' || :'builtin_token'], '', 'http', NULL))), ('introspect', oauth.introspect(ROW('POST', '/oauth2/introspect', '{}', '', 'http', NULL))),
	('token', oauth.token(ROW('POST', '/oauth2/token', '{}', '', 'http', NULL))), ('authorize', oauth.authorize(ROW('GET', '/oauth2/authorize', '{}', '', 'http', NULL))), ('revoke', oauth.revoke(ROW('POST', '/oauth2/revoke', '{}', '', 'http', NULL))),
	('userinfo', oauth.userinfo(ROW('GET', '/oauth2/userinfo', ARRAY['Authorization: Bearer ' || :'builtin_token'], '', 'http', NULL))), ('account', oauth.account(ROW('GET', '/account', '{}', '', 'http', NULL))), ('login', oauth.login(ROW('GET', '/login', '{}', '', 'http', NULL))), ('logout', oauth.logout(ROW('GET', '/logout', '{}', '', 'http', NULL))),
	('device', oauth.device(ROW('GET', '/oauth2/device', '{}', '', 'http', NULL))), ('oauth1_authorize', oauth.oauth1_authorize(ROW('GET', '/oauth/authorize', '{}', '', 'http', NULL))), ('oauth1_access_token', oauth.oauth1_access_token(ROW('POST', '/oauth/access_token', '{}', '', 'https', NULL)))) v (stem, r) ORDER BY 1;
RESET oauth.lane;

\echo -- a view whose code is hostile: it runs as its owner, and gains nothing by it
CREATE TABLE app.seen (what text);
ALTER TABLE app.seen OWNER TO regress_oauth_app;
GRANT USAGE ON SCHEMA public TO regress_oauth_app;
SET ROLE regress_oauth_app;
CREATE FUNCTION app.attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'done: ' || statement;
EXCEPTION WHEN OTHERS THEN
	-- PostgreSQL 17 says it in other words
	RETURN SQLSTATE || ' ' || regexp_replace(SQLERRM, '^must be superuser to alter superuser roles.*', 'permission denied to alter role');
END $$;
CREATE FUNCTION app.evil(t text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO app.seen SELECT concat_ws(' | ', current_user, current_setting('search_path'), public.oauth_subject(),
		app.attempt('SET ROLE postgres'), app.attempt('SET SESSION AUTHORIZATION DEFAULT'), app.attempt('ALTER ROLE regress_oauth_app SUPERUSER'),
		app.attempt('SELECT * FROM oauth.client'), app.attempt('SELECT public.oauth_register_client(''x'')'), app.attempt('CREATE TEMPORARY TABLE t ()'), app.attempt('SELECT pg_read_file(''PG_VERSION'')'),
		app.attempt('SELECT public.oauth_use_builtin_users()'), app.attempt('DECLARE c CURSOR WITH HOLD FOR SELECT 1'));
	PERFORM public.oauth_authenticate('Bearer ' || current_setting('regress.token', true));
	PERFORM set_config('search_path', 'app', false), set_config('oauth.lane', 'slow', false);
	RETURN t;
END $$;
CREATE FUNCTION app.same(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO app.seen VALUES ('the operator was called'); RETURN true; END $$;
CREATE OPERATOR app.= (LEFTARG = text, RIGHTARG = text, FUNCTION = app.same);
CREATE DOMAIN app.label AS text CHECK (app.evil(VALUE) IS NOT NULL);
CREATE FUNCTION app.same(app.label, text) RETURNS boolean LANGUAGE sql AS $$ SELECT app.same($1::text, $2) $$;
CREATE OPERATOR app.= (LEFTARG = app.label, RIGHTARG = text, FUNCTION = app.same);
CREATE VIEW app.hostile AS SELECT number AS id, app.evil(login)::app.label AS username, pw FROM app.account;
RESET ROLE;
SET client_min_messages = error;
SELECT oauth_use_users('app.hostile', password => 'pw');
UPDATE app.account SET state = 'ok';
SELECT pg_temp.login(:'auth', 'dora', 'U*U'), pg_temp.login(:'auth', 'dora', 'wrong'), pg_temp.login(:'auth', 'somebody', 'U*U');
RESET client_min_messages;
SELECT DISTINCT unnest(string_to_array(what, ' | ')) FROM app.seen ORDER BY 1;
SELECT rolsuper FROM pg_roles WHERE rolname = 'regress_oauth_app';
SHOW search_path;
SHOW oauth.lane;
\echo -- nor does it decide who is calling: the transaction is who it was
SELECT set_config('regress.token', :'builtin_token', false) <> '';
BEGIN;
SELECT oauth_authenticate('Bearer ' || token) FROM kept WHERE label = 'dora';
SELECT oauth_subject();
SELECT v.active, oauth_subject() FROM kept, oauth_verify_token(token) v WHERE label = 'dora';
SELECT oauth_subject();
COMMIT;
\echo -- and where its owner may read less, less is read
SET ROLE regress_oauth_app;
ALTER TABLE app.account ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.account FORCE ROW LEVEL SECURITY;
CREATE POLICY others ON app.account USING (number <> 10);
RESET ROLE;
SELECT oauth_use_users('app.people', password => 'pw', active => 'active');
SELECT pg_temp.login(:'auth', 'dora', 'U*U'), pg_temp.living();
ALTER TABLE app.account NO FORCE ROW LEVEL SECURITY;
SELECT pg_temp.login(:'auth', 'dora', 'U*U'), pg_temp.living();
\echo -- in a parallel query, whose workers know nothing of it
SELECT set_config(name, 'on', false) IS NOT NULL FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SELECT count(*) FROM kept k, pg_class c, oauth_verify_token(k.token) v WHERE k.label = 'dora' AND v.active AND c.relname = 'account' AND c.relkind = 'r';
SELECT set_config(name, 'off', false) IS NOT NULL FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
RESET min_parallel_table_scan_size;
RESET parallel_setup_cost;
\echo -- a view that fails is an error with a cause, and no yes
CREATE OR REPLACE VIEW app.people AS SELECT number AS id, login AS username, pw, 1 / (number - 10) = 1 AS active FROM app.account;
SELECT pg_temp.try('SELECT pg_temp.living()'), pg_temp.try(format('SELECT pg_temp.login(%L, %L, %L)', :'auth', 'dora', 'U*U'));

\echo -- a table whose triggers are gone or disabled is asked, as a view is; one that is gone is an error
SELECT oauth_use_users('app.account', id => 'number', username => 'login', password => 'pw');
SELECT pg_temp.living();
ALTER TABLE app.account DISABLE TRIGGER oauth_users_deleted;
DELETE FROM app.account WHERE number = 10;
SELECT pg_temp.living();
INSERT INTO app.account VALUES (10, 'dora', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'ok');
ALTER TABLE app.account ENABLE TRIGGER oauth_users_deleted;
SELECT pg_temp.living();
BEGIN;
DROP TRIGGER oauth_users_truncated ON app.account;
SET LOCAL oauth.lane = 'reading';
SELECT (oauth.resource(ROW('GET', '/api', ARRAY['Authorization: Bearer ' || :'builtin_token'], '', 'http', NULL))).status;
ROLLBACK;
SET oauth.lane = 'reading';
SELECT (oauth.resource(ROW('GET', '/api', ARRAY['Authorization: Bearer ' || :'builtin_token'], '', 'http', NULL))).status;
RESET oauth.lane;
BEGIN;
ALTER TABLE app.account RENAME COLUMN number TO no;
SELECT pg_temp.try('DELETE FROM app.account');
SELECT pg_temp.try(format('SELECT pg_temp.login(%L, %L, %L)', :'auth', 'dora', 'U*U'));
ROLLBACK;
BEGIN;
DROP TABLE app.account CASCADE;
SELECT pg_temp.try('SELECT pg_temp.living()');
SELECT pg_temp.try(format('SELECT active FROM oauth_verify_token(%L)', :'builtin_token'));
SELECT access_token AS itself FROM oauth_issue_token(:'id') \gset
SELECT active FROM oauth_verify_token(:'itself');
ROLLBACK;
SELECT pg_temp.living();
\echo -- partitioned tables are asked too: a partition has triggers of its own
CREATE TABLE app.parted (id integer, username text, pw text) PARTITION BY LIST (id);
CREATE TABLE app.part PARTITION OF app.parted FOR VALUES IN (77);
INSERT INTO app.parted VALUES (77, 'paula', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW');
ALTER TABLE app.parted OWNER TO regress_oauth_app;
ALTER TABLE app.part OWNER TO regress_oauth_app;
SET client_min_messages = error;
SELECT oauth_use_users('app.parted', password => 'pw');
RESET client_min_messages;
SELECT pg_temp.login(:'auth', 'paula', 'U*U'), pg_temp.keep(:'id', 'paula', '77');
SELECT pg_temp.living();
TRUNCATE app.part;
SELECT pg_temp.living();

\echo -- a function of the application that checks passwords: it runs as its owner, and answers with the id
SET ROLE regress_oauth_app;
CREATE FUNCTION app.check_password(username text, password text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO app.seen VALUES (concat_ws(' | ', 'asked', current_user, current_setting('search_path'), username, oauth_subject()));
	RETURN CASE WHEN password = 'right' THEN CASE username WHEN 'alias' THEN '10' WHEN 'ghost' THEN '99' WHEN 'broken' THEN '1/0' WHEN 'number' THEN (length(username) / 0)::text ELSE '11' END END;
END $$;
CREATE FUNCTION app.check_number(text, text) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION app.check_many(text, text) RETURNS SETOF text LANGUAGE sql AS 'SELECT ''1''';
RESET ROLE;
CREATE FUNCTION app.check_super(text, text) RETURNS text LANGUAGE sql AS 'SELECT ''10''';
SELECT pg_temp.try(format($$SELECT oauth_use_users('app.account', id => 'number', username => 'login', password_function => %L)$$, f)) FROM unnest('{app.check_number,app.check_many}'::text[]) f;
BEGIN;
SELECT oauth_use_users('app.account', id => 'number', username => 'login', password_function => 'app.check_super');
ROLLBACK;
INSERT INTO app.account VALUES (11, 'emil', 'x', 'ok');
SELECT oauth_use_users('app.account', id => 'number', username => 'login', password_function => 'app.check_password(text, text)');
SELECT n, pg_temp.login(:'auth', n, 'right'), pg_temp.login(:'auth', n, 'wrong') FROM unnest('{alias,emil,ghost,broken}'::text[]) n;
\echo -- it is asked once, without the spaces around the name, and with the password as it was typed
SELECT pg_temp.login(:'auth', ' alias ', U&'cafe\0301'), pg_temp.login(:'auth', U&'\3000alias', 'right');
SELECT count(*) FROM app.seen WHERE what LIKE '%asked%alias%';
\echo -- R112: an error that it raises is no way around the count of attempts: what it did is undone, the attempt is counted
TRUNCATE oauth.throttle;
SET oauth.failed_attempts = 2;
SELECT pg_temp.login(:'auth', 'number', 'right') FROM generate_series(1, 4);
SELECT failures FROM oauth.throttle WHERE address IS NULL ORDER BY 1;
RESET oauth.failed_attempts;
TRUNCATE oauth.throttle;
SELECT DISTINCT what FROM app.seen WHERE what ~ '^asked' ORDER BY 1;
\echo -- a source without passwords: nobody logs in here, tokens are issued all the same
SELECT oauth_use_users('app.account', id => 'number', username => 'login');
SELECT pg_temp.login(:'auth', 'dora', 'U*U'), pg_temp.login(:'auth', 'nobody', 'U*U'), pg_temp.keep(:'id', 'nologin', '10');

\echo -- weak hashes are replaced when their user logs in, in the form that the application has; nothing else is, and no token ends
SET ROLE regress_oauth_app;
CREATE TABLE app.old (id integer PRIMARY KEY, username text UNIQUE, pw text, n integer DEFAULT 0);
CREATE FUNCTION app.count_writes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.n := OLD.n + 1; INSERT INTO app.seen VALUES ('written as ' || current_user); RETURN NEW; END $$;
CREATE TRIGGER counted BEFORE UPDATE ON app.old FOR EACH ROW EXECUTE FUNCTION app.count_writes();
INSERT INTO app.old SELECT n, 'u' || n, hash FROM (VALUES (1, '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'), (2, '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'), (3, '$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'),
	(4, 'bcrypt$$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'), (5, 'bcrypt_sha256$$2b$04$' || substr(public.crypt(encode(sha256('U*U'), 'hex'), '$2a$04$CCCCCCCCCCCCCCCCCCCCC.'), 8)),
	(6, 'sha1$salt$' || encode(public.digest('saltU*U', 'sha1'), 'hex')), (7, 'md5$$' || md5('U*U')), (8, 'crypt$$' || public.crypt('U*U', 'ab')), (9, md5('U*U')), (10, '$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$PhzUE093XfdLszlhkn/fLfh4bztsG26DSndLody41/E')) v (n, hash);
RESET ROLE;
SET oauth.bcrypt_cost = 6;
SELECT oauth_use_users('app.old', password => 'pw', allow_legacy => true, upgrade => true);
SELECT pg_temp.keep(:'id', 'u1', '1');
SELECT username, pg_temp.login(:'auth', username, 'wrong') FROM app.old WHERE id <= 2;
SELECT sum(n) FROM app.old;
SELECT username, pg_temp.login(:'auth', username, 'U*U') FROM app.old ORDER BY id;
SELECT id, n, substring(pw FROM '^(?:.*\$2.\$06\$|pbkdf2_sha256\$600000\$|\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$|[0-9a-f]+$)'), matches, weak FROM app.old, oauth_check_password_hash(pw, 'U*U', allow_legacy => true) ORDER BY id;
SELECT pg_temp.living();
SELECT username, pg_temp.login(:'auth', username, 'U*U') FROM app.old ORDER BY id;
SELECT max(n) FROM app.old;
SELECT DISTINCT what FROM app.seen WHERE what ~ '^written';
\echo -- a password that bcrypt would cut is not given another hash
UPDATE app.old SET pw = crypt(repeat('x', 80), '$2a$04$CCCCCCCCCCCCCCCCCCCCC.') WHERE id = 1;
SELECT pg_temp.login(:'auth', 'u1', repeat('x', 80)), pw LIKE '$2a$04%' FROM app.old WHERE id = 1;
\echo -- those of Spring become bcrypt with its id, those of WordPress 6.8 stay in their form; others are left alone
UPDATE app.old SET pw = v.pw FROM (VALUES (1, '{MD5}{salt}' || md5('U*U{salt}')), (2, '{bcrypt}' || crypt('U*U', '$2a$04$CCCCCCCCCCCCCCCCCCCCC.')),
	(3, '$wp' || overlay(crypt(encode(hmac('U*U', 'wp-sha384', 'sha384'), 'base64'), '$2a$04$CCCCCCCCCCCCCCCCCCCCC.') placing 'y' from 3)), (4, '$5$rounds=1000$saltstring$QTMEAJM8XtlGnH8mydl0lpvaoi8Tfx.zzYENctIj/S1')) v (n, pw) WHERE id = v.n;
SELECT id, pg_temp.login(:'auth', username, 'U*U') ~ '^in as' FROM app.old WHERE id <= 4 ORDER BY id;
SELECT id, substring(pw FROM '^(?:.*\$2.\$06\$|\$5\$rounds=1000)'), matches, weak FROM app.old, oauth_check_password_hash(pw, 'U*U') WHERE id <= 4 ORDER BY id;
SELECT id, pg_temp.login(:'auth', username, 'U*U') ~ '^in as', pg_temp.login(:'auth', username, 'U*U!') FROM app.old WHERE id <= 4 ORDER BY id;
\echo -- without upgrade => true nothing is written
SELECT oauth_use_users('app.old', password => 'pw', allow_legacy => true);
UPDATE app.old SET pw = 'md5$$' || md5('U*U'), n = 0 WHERE id = 7;
SELECT pg_temp.login(:'auth', 'u7', 'U*U'), pw FROM app.old WHERE id = 7;
SET oauth.bcrypt_cost = 4;

\echo -- whose share of the lane a request is where a view is asked: a header that the function does not go by makes no share
CREATE VIEW app.slowly AS SELECT id, username, pw FROM app.old;
ALTER TABLE app.old OWNER TO regress_oauth_app;
ALTER VIEW app.slowly OWNER TO regress_oauth_app;
SELECT oauth_use_users('app.slowly', password => 'pw', allow_legacy => true);
SET oauth.lane = writing;
SELECT path, split_part(field, ' ', 2) AS scheme, r.status, CASE r.status WHEN 0 THEN r.headers[1] END AS lane, r.headers[2] ~ '^Share: [0-9a-f]+$' AS has_share FROM (VALUES ('Authorization: Bearer x'), ('Authorization: OAuth oauth_consumer_key="x", oauth_token="y"')) f (field),
	(VALUES ('authorize', '/oauth2/authorize'), ('authorize', '/oauth/authorize'), ('account', '/account'), ('device', '/oauth2/device'), ('logout', '/logout'), ('login', '/login'),
		('token', '/oauth2/token'), ('revoke', '/oauth2/revoke'), ('introspect', '/oauth2/introspect'), ('userinfo', '/oauth2/userinfo'), ('api', '/api/'), ('auth', '/auth')) p (name, path),
	LATERAL (SELECT ROW('GET', path, ARRAY[field], ''::bytea, 'https', '192.0.2.7'::inet)::oauth.http_request AS request OFFSET 0) q,
	LATERAL (SELECT (CASE name WHEN 'authorize' THEN CASE path WHEN '/oauth/authorize' THEN oauth.oauth1_authorize(request) ELSE oauth.authorize(request) END
		WHEN 'account' THEN oauth.account(request) WHEN 'device' THEN oauth.device(request) WHEN 'logout' THEN oauth.logout(request) WHEN 'login' THEN oauth.login(request)
		WHEN 'token' THEN oauth.token(request) WHEN 'revoke' THEN oauth.revoke(request) WHEN 'introspect' THEN oauth.introspect(request) WHEN 'userinfo' THEN oauth.userinfo(request)
		WHEN 'api' THEN oauth.resource(request) ELSE oauth.forward_auth(request) END).*) r ORDER BY path, field;

\echo -- one user has one share with however many tokens of however many clients; a client of its own has one too, and what is invented none
SELECT client_id AS second FROM oauth_register_client('second', grant_types => '{authorization_code,client_credentials}', scope => 'read') \gset
SELECT client_id AS signer FROM oauth_register_client('signer', grant_types => '{oauth1,oauth1_two_legged}', scope => 'read') \gset
SELECT client_id AS other_signer FROM oauth_register_client('other signer', grant_types => '{oauth1,oauth1_two_legged}', scope => 'read') \gset
RESET oauth.lane;
CREATE TEMP TABLE sent (who text, field text);
INSERT INTO sent SELECT 'u1', 'Authorization: Bearer ' || access_token FROM unnest(ARRAY[:'id', :'id', :'second']) c, oauth_issue_token(c, '1', 'read');
INSERT INTO sent SELECT 'u2', 'Authorization: Bearer ' || access_token FROM oauth_issue_token(:'id', '2', 'read');
INSERT INTO sent SELECT 'client', 'Authorization: Bearer ' || access_token FROM oauth_issue_token(:'second', NULL, 'read');
INSERT INTO sent VALUES ('invented', 'Authorization: Bearer oat_invented'), ('none', 'Accept: */*');
INSERT INTO sent SELECT 'revoked', 'Authorization: Bearer ' || access_token FROM oauth_issue_token(:'id', '2', 'read');
SELECT oauth_revoke_token(split_part(field, ' ', 3)) FROM sent WHERE who = 'revoked';
INSERT INTO sent SELECT 'signer ' || who, format('Authorization: OAuth oauth_consumer_key="%s", oauth_token="%s", oauth_nonce="%s"', who, token, n)
	FROM (VALUES (:'signer', ''), (:'other_signer', ''), ('invented 1', ''), ('invented 2', 'x')) v (who, token), generate_series(1, 2) n;
UPDATE sent SET who = replace(replace(who, :'signer', 'one'), :'other_signer', 'two');
CREATE FUNCTION pg_temp.shares(peer inet) RETURNS TABLE (path text, who text, status integer, lane text, shares bigint, without bigint, share text) LANGUAGE sql AS $$
	SELECT p.path, sent.who, r.status, CASE r.status WHEN 0 THEN r.headers[1] END, count(DISTINCT r.headers[2]) FILTER (WHERE r.status = 0), count(*) FILTER (WHERE r.status = 0 AND r.headers[2] IS NULL), min(r.headers[2]) FILTER (WHERE r.status = 0)
	FROM sent, (VALUES ('/api/'), ('/auth'), ('/oauth2/userinfo')) p (path),
		LATERAL (SELECT ROW('GET', p.path, ARRAY[sent.field], ''::bytea, 'https', peer)::oauth.http_request AS request OFFSET 0) q,
		LATERAL (SELECT (CASE p.path WHEN '/api/' THEN oauth.resource(request) WHEN '/auth' THEN oauth.forward_auth(request) ELSE oauth.userinfo(request) END).*) r
	GROUP BY 1, 2, 3, 4 ORDER BY 1, 2 $$;
SET oauth.lane = reading;
SELECT path, who, status, lane, shares, without FROM pg_temp.shares('192.0.2.7');
SELECT count(DISTINCT share) AS parties FROM pg_temp.shares('192.0.2.7') WHERE status = 0 AND share IS NOT NULL;
SELECT count(DISTINCT share) AS one_network FROM unnest('{2001:db8::1,2001:db8::2,2001:db8::3}'::inet[]) peer, pg_temp.shares(peer) WHERE who = 'signer one';
SELECT count(DISTINCT share) AS three_networks FROM unnest('{2001:db8::1,2001:db8:0:1::2,192.0.2.1}'::inet[]) peer, pg_temp.shares(peer) WHERE who = 'signer one';
\echo -- what the application says of the user is asked where it may be asked, whatever is known before
RESET oauth.lane;
DELETE FROM app.old WHERE id = 1;
SELECT DISTINCT path, who, status FROM pg_temp.shares('192.0.2.7') WHERE who IN ('u1', 'u2') ORDER BY 1, 2;
SELECT count(*) FROM (SELECT oauth_delete_client(c) FROM unnest(ARRAY[:'second', :'signer', :'other_signer']) c) d;
RESET oauth.lane;

\echo -- back
SELECT oauth_use_builtin_users(), oauth_use_builtin_users();
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'app.users'::regclass AND NOT tgisinternal;
SELECT pg_temp.login(:'auth', 'builtin', 'secret-builtin') = 'in as ' || :'builtin' || ', builtin';
SET client_min_messages = error;
DROP SCHEMA app CASCADE;
RESET client_min_messages;
REVOKE ALL ON FUNCTION oauth_use_users FROM regress_oauth_other;
REVOKE ALL ON SCHEMA public FROM regress_oauth_app;
DROP ROLE regress_oauth_app, regress_oauth_other;
SELECT oauth_delete_user('builtin'), oauth_delete_client(:'id');
