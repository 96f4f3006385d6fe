-- stand_in.sql: what a name costs that nobody has (R211), and hashes that follow oauth.bcrypt_cost.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never

-- A database of its own, where nobody else is a user.
\set main :DBNAME
CREATE DATABASE regress_oauth_stand_in TEMPLATE template0 ENCODING 'UTF8';
\c regress_oauth_stand_in
SET client_min_messages = warning;
CREATE EXTENSION oauth CASCADE;
SET oauth.bcrypt_cost = 4;
SET oauth.failed_attempts = 0;
SELECT format('client_id=%s&client_secret=%s', client_id, client_secret) AS auth FROM oauth_register_client('stand-in', grant_types => '{password,refresh_token}') \gset
SELECT set_config('test.auth', :'auth', false) IS NOT NULL;
CREATE FUNCTION pg_temp.answer(username text, password text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT convert_from(r.body, 'UTF8')::jsonb FROM oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'],
		convert_to(concat(current_setting('test.auth'), '&grant_type=password&username=', username, '&password=', password), 'UTF8'), 'http', '192.0.2.1')) r $$;
-- Seconds of the processor, where Linux says how many there were for this session until it last waited; else of the clock.
CREATE FUNCTION pg_temp.seconds_so_far() RETURNS float8 LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_sleep(0.001);
	RETURN coalesce(split_part(pg_read_file('/proc/self/schedstat', 0, 100, true), ' ', 1)::float8 / 1e9, extract(epoch FROM clock_timestamp()));
END $$;
-- Seconds of a wrong password, the shortest of five times: whatever else the machine does makes it longer.
CREATE FUNCTION pg_temp.seconds(username text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	began float8;
	shortest float8 := 'infinity';
BEGIN
	FOR i IN 1 .. 5 LOOP
		began := pg_temp.seconds_so_far();
		PERFORM pg_temp.answer(username, 'wrong');
		shortest := least(shortest, pg_temp.seconds_so_far() - began);
	END LOOP;
	RETURN shortest;
END $$;
-- Whether it never takes less than a third of those of a costly hash.
CREATE FUNCTION pg_temp.is_costly(username text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	began float8;
BEGIN
	FOR i IN 1 .. 8 LOOP
		began := pg_temp.seconds_so_far();
		PERFORM pg_temp.answer(username, 'wrong');
		IF pg_temp.seconds_so_far() - began < current_setting('test.costly')::float8 / 3 THEN
			RETURN false;
		END IF;
	END LOOP;
	RETURN true;
END $$;

\echo -- R211: where no user is yet, the cost that is set
SET oauth.bcrypt_cost = 4;
SELECT pg_temp.seconds('nobody') AS four \gset
SET oauth.bcrypt_cost = 10;
SELECT pg_temp.seconds('nobody') AS ten \gset
SELECT :ten > 5 * :four;
\echo -- R211: where a stored hash costs more than is set now, or less, an unknown name costs as much
SELECT oauth_create_user('alice', 'wonderland') IS NOT NULL;
SET oauth.bcrypt_cost = 4;
SELECT pg_temp.seconds('nobody') / pg_temp.seconds('alice') BETWEEN 0.4 AND 2.5;
DELETE FROM oauth.user;
SELECT oauth_create_user('bob', 'bob-the-builder') IS NOT NULL;
SET oauth.bcrypt_cost = 10;
SELECT pg_temp.seconds('nobody') < :ten / 3, pg_temp.seconds('bob') < :ten / 3;
\echo -- R211: where they differ, unknown names differ as much, each the same every time
SET oauth.bcrypt_cost = 7;
SELECT count(oauth_create_user('costly-' || n, 'wonderland')) FROM generate_series(1, 40) n;
SET oauth.bcrypt_cost = 4;
SELECT count(oauth_create_user('cheap-' || n, 'wonderland')) FROM generate_series(1, 40) n;
SELECT set_config('test.costly', pg_temp.seconds('costly-1')::text, false) IS NOT NULL;
CREATE TABLE unknown AS SELECT n, pg_temp.is_costly('unknown-' || n) AS is_costly FROM generate_series(1, 16) n;
SELECT count(*) FILTER (WHERE is_costly) BETWEEN 1 AND 15 FROM unknown;
SELECT count(*) FROM unknown WHERE is_costly <> pg_temp.is_costly('unknown-' || n);
\echo -- in whatever case it is typed
SELECT count(*) FROM unknown WHERE is_costly <> pg_temp.is_costly('UNKNOWN-' || n);
\echo -- but by the key of this installation: nobody else can tell which
SELECT oauth_rotate_master_key() >= 0;
SELECT count(*) BETWEEN 1 AND 15 FROM unknown WHERE is_costly <> pg_temp.is_costly('unknown-' || n);

\echo -- R211: the same where an application has the users, with hashes of two kinds
CREATE SCHEMA app;
SET client_min_messages = error;
CREATE TABLE app.users (id integer PRIMARY KEY, username text UNIQUE, password text);
SELECT password_hash AS costly_hash FROM oauth.user WHERE username = 'costly-1' \gset
INSERT INTO app.users SELECT n, 'user-' || n, CASE WHEN n <= 5000 THEN :'costly_hash' ELSE 'pbkdf2_sha256$1$salt$' || encode(sha256('x'), 'base64') END FROM generate_series(1, 10000) n;
SELECT oauth_use_users('app.users', password => 'password');
SELECT NOT pg_temp.is_costly('user-9999'), pg_temp.is_costly('user-1');
CREATE TABLE unknown_here AS SELECT n, pg_temp.is_costly('unknown-' || n) AS is_costly FROM generate_series(1, 24) n;
SELECT count(*) FILTER (WHERE is_costly) BETWEEN 4 AND 23 FROM unknown_here;
SELECT count(*) FROM unknown_here WHERE is_costly <> pg_temp.is_costly('UNKNOWN-' || n);
\echo -- users who have no password cost as much as their names would
UPDATE app.users SET password = NULL WHERE id BETWEEN 100 AND 131;
INSERT INTO unknown SELECT 1000 + n, pg_temp.is_costly('user-' || (99 + n)) FROM generate_series(1, 32) n;
SELECT count(*) FILTER (WHERE is_costly) BETWEEN 1 AND 31 FROM unknown WHERE n > 1000;
\echo -- the same of a view, and of a table that has lost most of its rows
CREATE VIEW app.people AS SELECT * FROM app.users WHERE id BETWEEN 4500 AND 5500;
SELECT oauth_use_users('app.people', password => 'password');
SELECT count(*) FILTER (WHERE pg_temp.is_costly('unknown-' || n)) BETWEEN 1 AND 15 FROM generate_series(1, 16) n;
DELETE FROM app.users WHERE id NOT IN (4999, 5000, 5001, 5002);
SELECT oauth_use_users('app.users', password => 'password');
SELECT count(*) FILTER (WHERE pg_temp.is_costly('unknown-' || n)) BETWEEN 1 AND 15 FROM generate_series(1, 16) n;
SELECT oauth_use_builtin_users();

\echo -- the hash of a built-in user follows oauth.bcrypt_cost at the next login, up and down; nothing ends by it
DELETE FROM oauth.user;
SET oauth.bcrypt_cost = 5;
SELECT oauth_create_user('alice', 'wonderland') AS alice \gset
CREATE FUNCTION pg_temp.cost() RETURNS text LANGUAGE sql AS $$ SELECT substr(password_hash, 1, 7) FROM oauth.user $$;
SELECT pg_temp.answer('alice', 'wonderland') ->> 'access_token' AS token \gset
SELECT password_hash AS hash, password_set_at AS set_at FROM oauth.user \gset
SELECT pg_temp.answer('alice', 'wonderland') ? 'access_token', password_hash = :'hash' FROM oauth.user;
SET oauth.bcrypt_cost = 6;
SELECT pg_temp.answer('alice', 'wrong') ->> 'error', pg_temp.cost();
SELECT pg_temp.answer('alice', 'wonderland') ? 'access_token', pg_temp.cost();
SELECT pg_temp.cost(), password_hash <> :'hash', password_set_at = :'set_at' FROM oauth.user;
SELECT active FROM oauth_verify_token(:'token');
SET oauth.bcrypt_cost = 4;
SELECT pg_temp.answer('alice', 'wonderland') ? 'access_token';
SELECT pg_temp.cost(), pg_temp.answer('alice', 'wrong') ->> 'error', pg_temp.answer('alice', 'wonderland') ? 'access_token';
\echo -- not of one who is disabled
SELECT oauth_disable_user('alice');
SET oauth.bcrypt_cost = 5;
SELECT pg_temp.answer('alice', 'wonderland') ->> 'error', pg_temp.cost();

\c :main
DROP DATABASE regress_oauth_stand_in;
