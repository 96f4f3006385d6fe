-- throttle.sql: guessing is slow (R112, R158, R174, R213).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never

-- A database of its own, where nobody else guesses.
\set main :DBNAME
CREATE DATABASE regress_oauth_throttle TEMPLATE template0 ENCODING 'UTF8';
\c regress_oauth_throttle
SET client_min_messages = warning;
CREATE EXTENSION oauth CASCADE;
SET oauth.bcrypt_cost = 4;
SET oauth.failed_attempts = 3;
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('throttle', grant_types => '{password,client_credentials}') \gset
SELECT format('client_id=%s&client_secret=%s', :'id', :'secret') AS auth \gset
SELECT oauth_create_user('alice', 'wonderland') AS alice, oauth_create_user('bob', 'builder') AS bob \gset
CREATE FUNCTION pg_temp.send(form text, peer inet) RETURNS oauth.http_response LANGUAGE sql AS $$
	SELECT oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'], convert_to(form, 'UTF8'), 'http', peer)) $$;
CREATE FUNCTION pg_temp.status(form text, peer inet DEFAULT '192.0.2.1') RETURNS integer LANGUAGE sql AS $$ SELECT (pg_temp.send(form, peer)).status $$;
CREATE FUNCTION pg_temp.login(auth text, username text, password text, peer inet DEFAULT '192.0.2.1') RETURNS integer LANGUAGE sql AS $$
	SELECT pg_temp.status(concat(auth, '&grant_type=password&username=', username, '&password=', password), peer) $$;
-- Later, without waiting.
CREATE FUNCTION pg_temp.later(step interval) RETURNS void LANGUAGE sql AS $$ UPDATE oauth.throttle SET last_at = last_at - step $$;

\echo -- so many are free, and then even the right password waits
SELECT pg_temp.login(:'auth', 'alice', 'wrong') FROM generate_series(1, 4);
-- a slow machine must not wait its time by itself
SELECT pg_temp.later('-20 s');
SELECT pg_temp.login(:'auth', 'alice', 'wonderland');
SELECT r.status, regexp_replace(convert_from(r.body, 'UTF8'), '\d+', 'N'), (SELECT substr(h, 14)::int BETWEEN 15 AND 21 FROM unnest(r.headers) h WHERE h ~ '^Retry-After') FROM pg_temp.send(:'auth' || '&grant_type=password&username=alice&password=wonderland', '192.0.2.1') r;
\echo -- a wait that was not waited for costs nothing more
SELECT failures, allowance, kind, account = :'alice', host(address) FROM oauth.throttle ORDER BY address NULLS FIRST, account;
\echo -- each wait is twice the one before, up to a quarter of an hour
SELECT pg_temp.later('20 s');
CREATE FUNCTION pg_temp.wait_after(failed integer) RETURNS integer LANGUAGE sql VOLATILE AS $$
	UPDATE oauth.throttle SET failures = failed, last_at = clock_timestamp() WHERE address IS NOT NULL AND account IS NOT NULL;
	SELECT substr(h, 14)::int FROM pg_temp.send(current_setting('test.form'), '192.0.2.1') r, unnest(r.headers) h WHERE h ~ '^Retry-After' $$;
SELECT set_config('test.form', :'auth' || '&grant_type=password&username=alice&password=wrong', false) IS NOT NULL;
SELECT failed, pg_temp.wait_after(failed) FROM unnest(ARRAY[6, 7, 8, 9, 12, 13, 60, 2000000000]) failed;
SELECT pg_temp.later('15 minutes');
SELECT pg_temp.login(:'auth', 'alice', 'wrong'), pg_temp.login(:'auth', 'alice', 'wrong');
SELECT pg_temp.later('15 minutes');
\echo -- the right one is taken when its time has come, and forgets what was counted for it here
SELECT pg_temp.login(:'auth', 'alice', 'wonderland');
SELECT failures, kind, account = :'alice', host(address) FROM oauth.throttle ORDER BY address NULLS FIRST, account;
SELECT pg_temp.login(:'auth', 'alice', 'wrong'), pg_temp.login(:'auth', 'alice', 'wonderland');
TRUNCATE oauth.throttle;

\echo -- R213: who guesses from elsewhere does not lock out the owner
SELECT pg_temp.login(:'auth', 'alice', 'wrong', '198.51.100.9') FROM generate_series(1, 8);
SELECT pg_temp.login(:'auth', 'alice', 'wonderland', '192.0.2.1');
\echo -- R213: but an account has its limit, from however many addresses
SELECT status, count(*) FROM (SELECT pg_temp.login(:'auth', 'alice', 'wrong', ('203.0.113.' || n)::inet) AS status FROM generate_series(1, 40) n) x GROUP BY 1 ORDER BY 1;
SELECT pg_temp.login(:'auth', 'bob', 'builder', '192.0.2.1');
TRUNCATE oauth.throttle;
\echo -- and an address, with however many names; IPv6 as networks of 64 bits
SELECT status, count(*) FROM (SELECT pg_temp.login(:'auth', 'name' || n, 'wrong', '2001:db8::1') AS status FROM generate_series(1, 40) n) x GROUP BY 1 ORDER BY 1;
SELECT pg_temp.login(:'auth', 'bob', 'builder', '2001:db8::ffff:1'), pg_temp.login(:'auth', 'bob', 'builder', '2001:db8:0:1::1'), pg_temp.login(:'auth', 'bob', 'builder', NULL);
\echo -- addresses that nobody knows are not one address
TRUNCATE oauth.throttle;
SELECT status, count(*) FROM (SELECT pg_temp.login(:'auth', 'name' || n, 'wrong', NULL) AS status FROM generate_series(1, 40) n) x GROUP BY 1 ORDER BY 1;
SELECT status, count(*) FROM (SELECT pg_temp.login(:'auth', 'bob', 'wrong', NULL) AS status FROM generate_series(1, 5) n) x GROUP BY 1 ORDER BY 1;
\echo -- what a socket of IPv6 says of IPv4 is that address, and not one network with all others
TRUNCATE oauth.throttle;
SELECT status, count(*) FROM (SELECT pg_temp.login(:'auth', 'name' || n, 'wrong', '::ffff:192.0.2.77') AS status FROM generate_series(1, 40) n) x GROUP BY 1 ORDER BY 1;
SELECT pg_temp.login(:'auth', 'bob', 'builder', '192.0.2.77'), pg_temp.login(:'auth', 'bob', 'builder', '::ffff:192.0.2.78');
SELECT DISTINCT host(address) FROM oauth.throttle WHERE failures > 30;
TRUNCATE oauth.throttle;
SELECT pg_temp.login(:'auth', 'name' || n, 'wrong', '2001:db8::1') FROM generate_series(1, 2) n;
\echo -- names are one name in any case, and typed ones are not written down
SELECT count(*), count(account) FROM oauth.throttle WHERE address IS NULL;
TRUNCATE oauth.throttle;
SELECT pg_temp.login(:'auth', name, 'wrong') FROM unnest(ARRAY['Nobody', 'NOBODY', 'nobody', 'nObOdY']) name;
SELECT failures, account, host(address) FROM oauth.throttle ORDER BY address NULLS FIRST, failures;
TRUNCATE oauth.throttle;

\echo -- an hour without a failure is forgotten
SELECT pg_temp.login(:'auth', 'alice', 'wrong') FROM generate_series(1, 4);
SELECT pg_temp.later('61 minutes');
SELECT pg_temp.login(:'auth', 'alice', 'wrong') FROM generate_series(1, 4);
SELECT pg_temp.later('3 hours');
SELECT oauth_purge_expired(), (SELECT count(*) FROM oauth.throttle);

\echo -- an address that many share is not kept out by a wrong password now and then, however long that goes on
CREATE FUNCTION pg_temp.now_and_then(auth text, every interval) RETURNS TABLE (status integer, n bigint) LANGUAGE plpgsql AS $$
DECLARE
	statuses integer[];
BEGIN
	FOR i IN 1 .. 60 LOOP
		statuses := statuses || pg_temp.login(auth, 'name' || i, 'wrong');
		PERFORM pg_temp.later(every);
	END LOOP;
	RETURN QUERY SELECT s, count(*) FROM unnest(statuses) s GROUP BY 1 ORDER BY 1;
END $$;
SELECT * FROM pg_temp.now_and_then(:'auth', '150 s');
SELECT pg_temp.login(:'auth', 'bob', 'builder');
TRUNCATE oauth.throttle;
\echo -- but by many it is
SELECT * FROM pg_temp.now_and_then(:'auth', '15 s');
SELECT pg_temp.login(:'auth', 'bob', 'builder');
TRUNCATE oauth.throttle;

\echo -- an administrator ends a wait, by name, subject or client_id
SELECT pg_temp.login(:'auth', 'alice', 'wrong') FROM generate_series(1, 4);
SELECT oauth_unlock('alice'), oauth_unlock(:'alice'), oauth_unlock('nobody');
SELECT pg_temp.login(:'auth', 'alice', 'wonderland');
\echo -- a name that is spelled like a subject is not that subject, so that no wait can be hidden behind it
SELECT pg_temp.login(:'auth', :'alice', 'wrong') FROM generate_series(1, 4);
SELECT pg_temp.login(:'auth', 'alice', 'wrong') FROM generate_series(1, 4);
SELECT oauth_unlock('alice'), pg_temp.login(:'auth', 'alice', 'wonderland');
\echo -- nor does a wait last longer because the clock was set back
SELECT pg_temp.login(:'auth', 'alice', 'wrong') FROM generate_series(1, 4);
SELECT pg_temp.later('-3 hours');
SELECT pg_temp.login(:'auth', 'alice', 'wonderland');
SELECT oauth_unlock(NULL);
\echo :SQLSTATE
TRUNCATE oauth.throttle;

\echo -- R112: client secrets: wrong ones are counted, the right one is always taken
SELECT pg_temp.status(:'auth' || 'x&grant_type=client_credentials') FROM generate_series(1, 5);
SELECT pg_temp.status(:'auth' || '&grant_type=client_credentials');
SELECT pg_temp.status('client_id=nobody&client_secret=x&grant_type=client_credentials') FROM generate_series(1, 5);
SELECT kind, failures, account = :'id' FROM oauth.throttle WHERE address IS NOT NULL ORDER BY 2, 3;
\echo -- no secret is no guess
SELECT pg_temp.status('client_id=' || :'id' || '&grant_type=client_credentials') FROM generate_series(1, 5);
TRUNCATE oauth.throttle;
\echo -- R158: at introspection as well; what only reads counts nothing
SELECT (oauth.introspect(ROW('POST', '/oauth2/introspect', ARRAY['Content-Type: application/x-www-form-urlencoded'], convert_to(:'auth' || 'x&token=y', 'UTF8'), 'http', '192.0.2.1'))).status FROM generate_series(1, 4);
BEGIN READ ONLY;
SELECT (oauth.introspect(ROW('POST', '/oauth2/introspect', ARRAY['Content-Type: application/x-www-form-urlencoded'], convert_to(:'auth' || 'x&token=y', 'UTF8'), 'http', '192.0.2.1'))).status FROM generate_series(1, 2);
COMMIT;
SET oauth.lane = reading;
TRUNCATE oauth.throttle;
BEGIN READ ONLY;
SELECT r.status, r.headers FROM oauth.introspect(ROW('POST', '/oauth2/introspect', ARRAY['Content-Type: application/x-www-form-urlencoded'], convert_to(:'auth' || 'x&token=y', 'UTF8'), 'http', '192.0.2.1')) r;
SELECT r.status FROM oauth.introspect(ROW('POST', '/oauth2/introspect', ARRAY['Content-Type: application/x-www-form-urlencoded'], convert_to(:'auth' || '&token=y', 'UTF8'), 'http', '192.0.2.1')) r;
COMMIT;
RESET oauth.lane;

\echo -- 0 counts nothing
SET oauth.failed_attempts = 0;
TRUNCATE oauth.throttle;
SELECT pg_temp.login(:'auth', 'alice', 'wrong') FROM generate_series(1, 5);
SELECT count(*) FROM oauth.throttle;

\c :main
DROP DATABASE regress_oauth_throttle;
