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
SELECT oauth_create_user('alice', 'wonderland') AS alice, oauth_create_user('bob', 'bob-the-builder') AS bob \gset
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
SELECT pg_temp.login(:'auth', 'bob', 'bob-the-builder', '192.0.2.1');
TRUNCATE oauth.throttle;
\echo -- R213: strangers who can name a user do not keep the user out, from however many networks of one site
SELECT sum((status = 400)::integer) <= 13, count(*) FROM (SELECT pg_temp.login(:'auth', 'alice', 'wrong', ('2001:db8:1:' || to_hex(n) || '::1')::inet) AS status FROM generate_series(1, 13) n, generate_series(1, 9)) x;
SELECT pg_temp.login(:'auth', 'alice', 'wonderland', '2001:db8:2::1'), pg_temp.login(:'auth', 'alice', 'wonderland', '198.51.100.200');
SELECT masklen(address), max(failures) <= 10, max(allowance) FROM oauth.throttle WHERE account IS NOT NULL AND family(address) = 6 GROUP BY 1 ORDER BY 1;
\echo -- a site that guesses names waits as a whole, and another one does not
TRUNCATE oauth.throttle, oauth.known_address;
SELECT sum((status = 400)::integer) BETWEEN 90 AND 93 FROM (SELECT pg_temp.login(:'auth', 'name-' || n, 'wrong', ('2001:db8:1:' || to_hex(n / 20) || '::1')::inet) AS status FROM generate_series(1, 120) n) x;
SELECT pg_temp.login(:'auth', 'bob', 'bob-the-builder', '2001:db8:1:ffff::1'), pg_temp.login(:'auth', 'bob', 'bob-the-builder', '2001:db8:2::1');
TRUNCATE oauth.throttle, oauth.known_address;

-- A login on the page, and the cookie that says so.
CREATE FUNCTION pg_temp.known(username text, password text, cookies text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	cookie text := 'Cookie: oauth_browser=0123456789abcdef0123456789abcdef' || cookies;
	token text := substring(convert_from((oauth.login(ROW('GET', '/login', ARRAY[cookie], NULL, 'http', '192.0.2.9'))).body, 'UTF8') FROM 'name="token" value="([^"]*)"');
	answer oauth.http_response := oauth.login(ROW('POST', '/login', ARRAY[cookie, 'Content-Type: application/x-www-form-urlencoded'],
		convert_to(format('token=%s&username=%s&password=%s', token, username, password), 'UTF8'), 'http', '192.0.2.9'));
BEGIN
	RETURN (SELECT substring(h FROM 'oauth_known=([^;]*);') FROM unnest(answer.headers) h WHERE h ~ '^Set-Cookie: oauth_known=');
END $$;
-- A login with it from an address that nobody has seen.
CREATE FUNCTION pg_temp.login_with(auth text, cookie text, username text, password text, peer inet DEFAULT '198.51.100.77') RETURNS integer LANGUAGE sql AS $$
	SELECT (oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded', 'Cookie: other=1; oauth_known=' || cookie],
		convert_to(concat(auth, '&grant_type=password&username=', username, '&password=', password), 'UTF8'), 'http', peer))).status $$;
CREATE FUNCTION pg_temp.besiege(auth text, username text) RETURNS bigint LANGUAGE sql AS $$
	SELECT count(*) FROM generate_series(1, 40) n WHERE pg_temp.login(auth, username, 'wrong', ('203.0.113.' || n)::inet) = 429 $$;

\echo -- R213: from however many networks they guess: a known browser and a known address are let in
SELECT pg_temp.known('alice', 'wonderland') AS alice_known, pg_temp.known('bob', 'bob-the-builder') AS bob_known \gset
SELECT length(:'alice_known'), :'alice_known' <> :'bob_known', pg_temp.known('alice', 'wrong') IS NULL;
SELECT pg_temp.login(:'auth', 'alice', 'wonderland', '192.0.2.1'), pg_temp.login(:'auth', 'alice', 'wonderland', '2001:db8:5:5::1');
TRUNCATE oauth.throttle;
SELECT pg_temp.besiege(:'auth', 'alice') > 5;
SELECT pg_temp.login(:'auth', 'alice', 'wonderland', '198.51.100.77') AS unseen, pg_temp.login_with(:'auth', :'alice_known', 'alice', 'wonderland') AS browser,
	pg_temp.login(:'auth', 'alice', 'wonderland', '192.0.2.1') AS address, pg_temp.login(:'auth', 'alice', 'wonderland', '2001:db8:5:5::2') AS network;
\echo -- and one that logs in becomes one
SELECT pg_temp.login(:'auth', 'alice', 'wonderland', '198.51.100.77');
\echo -- a neighbour in the same site does not change that; a login from the very same address does, but not for a known browser
SELECT count(pg_temp.login(:'auth', 'alice', 'wrong', ('2001:db8:5:' || n || '::1')::inet)) FROM generate_series(10, 30) n;
SELECT pg_temp.login(:'auth', 'alice', 'wonderland', '2001:db8:5:5::2');
SELECT count(pg_temp.login(:'auth', 'alice', 'wrong', '192.0.2.1')) FROM generate_series(1, 9);
SELECT pg_temp.login(:'auth', 'alice', 'wonderland', '192.0.2.1') AS address, pg_temp.login_with(:'auth', :'alice_known', 'alice', 'wonderland', '192.0.2.1') AS browser;
\echo -- the cookie of another user, a forged one, one that says later, one cut off, and what is none say nothing
UPDATE oauth.known_address SET last_at = now() - interval '91 days';
UPDATE oauth.throttle SET failures = failures + 20;
SELECT pg_temp.login_with(:'auth', :'bob_known', 'alice', 'wonderland') AS another, pg_temp.login_with(:'auth', left(:'alice_known', -1) || CASE right(:'alice_known', 1) WHEN 'A' THEN 'Q' ELSE 'A' END, 'alice', 'wonderland') AS forged,
	pg_temp.login_with(:'auth', overlay(:'alice_known' placing CASE substr(:'alice_known', 3, 1) WHEN 'B' THEN 'C' ELSE 'B' END from 3), 'alice', 'wonderland') AS later, pg_temp.login_with(:'auth', left(:'alice_known', 40), 'alice', 'wonderland') AS cut,
	pg_temp.login_with(:'auth', repeat('A', 75), 'alice', 'wonderland') AS zero,
	pg_temp.login_with(:'auth', '', 'alice', 'wonderland') AS empty;
\echo -- of several users in one browser each is known, the last five of them
TRUNCATE oauth.throttle;
SELECT pg_temp.known('alice', 'wonderland', '; oauth_known=' || :'bob_known') AS both \gset
SELECT length(:'both'), split_part(:'both', '.', 2) = :'bob_known';
SELECT pg_temp.besiege(:'auth', 'alice') > 5;
SELECT pg_temp.login_with(:'auth', :'both', 'alice', 'wonderland', '198.51.100.79'), pg_temp.login_with(:'auth', '..' || :'both', 'alice', 'wonderland', '198.51.100.80');
SELECT length(pg_temp.known('alice', 'wonderland', '; oauth_known=' || :'both'));
SELECT length(pg_temp.known('alice', 'wonderland', '; oauth_known=' || string_agg(:'bob_known'::text, '.'))) FROM generate_series(1, 9);
\echo -- a stolen one is worth as many guesses as are free, from wherever; the owner then counts like others
UPDATE oauth.known_address SET last_at = now() - interval '91 days';
TRUNCATE oauth.throttle;
SELECT pg_temp.besiege(:'auth', 'alice') > 5;
SELECT status, count(*) FROM (SELECT pg_temp.login_with(:'auth', :'alice_known', 'alice', 'wrong', ('198.51.100.' || n)::inet) AS status FROM generate_series(100, 120) n) x GROUP BY 1 ORDER BY 1;
SELECT pg_temp.login_with(:'auth', :'alice_known', 'alice', 'wonderland', '198.51.100.121'), pg_temp.login_with(:'auth', split_part(:'both', '.', 1), 'alice', 'wonderland', '198.51.100.121');
\echo -- strangers without one do not use it up
TRUNCATE oauth.throttle;
SELECT pg_temp.besiege(:'auth', 'alice') > 5;
SELECT pg_temp.login_with(:'auth', :'alice_known', 'alice', 'wonderland', '198.51.100.122');
\echo -- after a change of the password nobody is known any more
SELECT count(*) FROM oauth.known_address WHERE last_at > now() - interval '1 day';
SELECT oauth_set_password('alice', 'looking-glass');
TRUNCATE oauth.throttle;
SELECT pg_temp.besiege(:'auth', 'alice') > 5;
SELECT pg_temp.login_with(:'auth', :'alice_known', 'alice', 'looking-glass', '198.51.100.122'), pg_temp.login_with(:'auth', :'both', 'alice', 'looking-glass', '192.0.2.9');
\echo -- nor after the master key has been changed
SELECT oauth_rotate_master_key() >= 0;
TRUNCATE oauth.throttle;
SELECT pg_temp.besiege(:'auth', 'bob') > 5;
SELECT pg_temp.login_with(:'auth', :'bob_known', 'bob', 'bob-the-builder');
\echo -- oauth_unlock forgets what browsers and addresses have counted; where somebody was is not written down, and forgotten
TRUNCATE oauth.throttle;
SELECT oauth_set_password('alice', 'wonderland');
SELECT pg_temp.known('alice', 'wonderland') AS alice_known \gset
SELECT count(pg_temp.login_with(:'auth', :'alice_known', 'alice', 'wrong')) FROM generate_series(1, 9);
SELECT pg_temp.login_with(:'auth', :'alice_known', 'alice', 'wonderland'), oauth_unlock('alice'), (SELECT count(*) FROM oauth.throttle WHERE account IS NOT NULL);
SELECT pg_temp.login_with(:'auth', :'alice_known', 'alice', 'wonderland');
SELECT attname FROM pg_attribute WHERE attrelid = 'oauth.known_address'::regclass AND attnum > 0 ORDER BY attnum;
TRUNCATE oauth.throttle;
UPDATE oauth.known_address SET last_at = now() - interval '91 days' WHERE key = (SELECT min(key::text)::uuid FROM oauth.known_address);
SELECT oauth_purge_expired() >= 1;
SELECT count(*) FROM oauth.known_address WHERE last_at < now() - interval '90 days';
TRUNCATE oauth.throttle, oauth.known_address;
SELECT oauth_set_password('bob', 'bob-the-builder');

\echo -- and an address, with however many names; IPv6 as networks of 64 bits
SELECT status, count(*) FROM (SELECT pg_temp.login(:'auth', 'name' || n, 'wrong', '2001:db8::1') AS status FROM generate_series(1, 40) n) x GROUP BY 1 ORDER BY 1;
SELECT pg_temp.login(:'auth', 'bob', 'bob-the-builder', '2001:db8::ffff:1'), pg_temp.login(:'auth', 'bob', 'bob-the-builder', '2001:db8:0:1::1'), pg_temp.login(:'auth', 'bob', 'bob-the-builder', NULL);
\echo -- addresses that nobody knows are not one address
TRUNCATE oauth.throttle;
SELECT status, count(*) FROM (SELECT pg_temp.login(:'auth', 'name' || n, 'wrong', NULL) AS status FROM generate_series(1, 40) n) x GROUP BY 1 ORDER BY 1;
SELECT status, count(*) FROM (SELECT pg_temp.login(:'auth', 'bob', 'wrong', NULL) AS status FROM generate_series(1, 5) n) x GROUP BY 1 ORDER BY 1;
\echo -- what a socket of IPv6 says of IPv4 is that address, and not one network with all others
TRUNCATE oauth.throttle;
SELECT status, count(*) FROM (SELECT pg_temp.login(:'auth', 'name' || n, 'wrong', '::ffff:192.0.2.77') AS status FROM generate_series(1, 40) n) x GROUP BY 1 ORDER BY 1;
SELECT pg_temp.login(:'auth', 'bob', 'bob-the-builder', '192.0.2.77'), pg_temp.login(:'auth', 'bob', 'bob-the-builder', '::ffff:192.0.2.78');
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
SELECT pg_temp.login(:'auth', 'bob', 'bob-the-builder');
TRUNCATE oauth.throttle;
\echo -- but by many it is
SELECT * FROM pg_temp.now_and_then(:'auth', '15 s');
SELECT pg_temp.login(:'auth', 'bob', 'bob-the-builder');
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
