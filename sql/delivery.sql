-- delivery.sql: messages for other servers: who takes one, what it says, when it is sent again, and for how long.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\set main :DBNAME
CREATE DATABASE regress_oauth_delivery TEMPLATE template0 ENCODING 'UTF8';
ALTER DATABASE regress_oauth_delivery SET oauth.issuer = 'https://auth.example';
\c regress_oauth_delivery
SET client_min_messages = warning;
CREATE EXTENSION oauth CASCADE;
SELECT client_id AS a FROM oauth_register_client('a', redirect_uris => '{https://a.example/cb}') \gset
SELECT client_id AS b FROM oauth_register_client('b', redirect_uris => '{https://b.example/cb}') \gset

-- Rows as a logout writes them; ago says when.
CREATE FUNCTION pg_temp.add(client_id text, subject text, sid text, ago interval DEFAULT '0') RETURNS void LANGUAGE sql AS $$
	INSERT INTO oauth.delivery (handle, kind, client_id, url, subject, sid, due_at)
	SELECT (extract(epoch FROM clock_timestamp() - ago - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint << 11,
		'backchannel_logout', client_id, 'https://' || c.client_name || '.example/logout', subject, sid, clock_timestamp() - ago
	FROM oauth.client c WHERE c.client_id = add.client_id $$;
CREATE FUNCTION pg_temp.later(step interval) RETURNS void LANGUAGE sql AS $$
	UPDATE oauth.delivery SET due_at = due_at - step, taken_until = taken_until - step, handle = handle - ((extract(epoch FROM step) * 1000000)::bigint << 11) $$;
CREATE FUNCTION pg_temp.claims(body text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT convert_from(decode(rpad(translate(split_part(split_part(body, '=', 2), '.', 2), '-_', '+/'), (length(split_part(body, '.', 2)) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::jsonb $$;
CREATE VIEW pg_temp.state AS SELECT client_name, subject, sid, state, attempts, status, problem FROM oauth.delivery_overview ORDER BY handle;

\echo -- one message for each client at a time, and each is taken once
SELECT pg_temp.add(:'a', 'alice', 's1', '3 s'), pg_temp.add(:'a', NULL, 's2', '2 s'), pg_temp.add(:'b', 'bob', NULL, '1 s');
SELECT waiting, oldest_seconds FROM oauth.waiting_deliveries();
CREATE TABLE taken AS SELECT * FROM oauth.take_deliveries(10);
SELECT attempt, url FROM taken ORDER BY url;
SELECT * FROM oauth.take_deliveries(10);
SELECT * FROM pg_temp.state;

\echo -- what it says: sub, sid or both, and nothing that an ID token has alone (Back-Channel Logout 1.0, section 2.4)
SELECT split_part(body, '=', 1), c - 'iat' - 'exp' - 'jti' - 'aud', c ->> 'aud' IN (:'a', :'b'), c ->> 'jti' = handle::text, (c ->> 'exp')::int - (c ->> 'iat')::int <= 600,
	convert_from(decode(rpad(translate(split_part(split_part(body, '=', 2), '.', 1), '-_', '+/'), (length(split_part(split_part(body, '=', 2), '.', 1)) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::jsonb - 'kid' FROM taken, pg_temp.claims(body) c ORDER BY url;

\echo -- 200 and 204 are a delivery; 400 is a failure, and asking again does not change it (section 2.8)
SELECT oauth.end_delivery(handle, attempt, 200) FROM taken WHERE url LIKE '%a.example%';
SELECT oauth.end_delivery(handle, attempt, 400, 'the answer had status 400') FROM taken WHERE url LIKE '%b.example%';
SELECT * FROM pg_temp.state;
\echo -- an end is noted once
SELECT oauth.end_delivery(handle, attempt, 204) FROM taken;
\echo -- then it is the turn of the next one
CREATE TABLE next AS SELECT * FROM oauth.take_deliveries(10);
SELECT pg_temp.claims(body) ->> 'sid' FROM next;

\echo -- what failed otherwise waits, each time twice as long, and then as long as before; its jti stays
SELECT oauth.end_delivery(handle, attempt, 503, 'the answer had status 503') FROM next;
SELECT * FROM pg_temp.state WHERE sid = 's2';
SELECT * FROM oauth.take_deliveries(10);
UPDATE oauth.delivery SET due_at = due_at - interval '5 s' WHERE sid = 's2';
SELECT t.attempt, pg_temp.claims(t.body) ->> 'jti' = pg_temp.claims(n.body) ->> 'jti' FROM oauth.take_deliveries(10) t, next n;
SELECT oauth.end_delivery(handle, attempt, 204) FROM next;
DO $$
DECLARE
	waited interval;
	row record;
BEGIN
	FOR n IN 2 .. 15 LOOP
		SELECT * INTO row FROM oauth.delivery WHERE sid = 's2';
		ASSERT oauth.end_delivery(row.handle, row.attempts, 0, 'there was no answer');
		SELECT date_trunc('second', due_at - clock_timestamp() + interval '0.5 s') INTO waited FROM oauth.delivery WHERE sid = 's2' AND failed_at IS NULL;
		RAISE WARNING 'after attempt % it waits %', n, coalesce(waited::text, 'no more');
		EXIT WHEN waited IS NULL;
		PERFORM pg_temp.later(waited);
		PERFORM FROM oauth.take_deliveries(10);
	END LOOP;
END $$;
SELECT * FROM pg_temp.state WHERE sid = 's2';
SELECT waiting, oldest_seconds FROM oauth.waiting_deliveries();

\echo -- what a shim had taken when it died is taken by another: its session has ended, or the time is over
SELECT pg_temp.add(:'a', 'alice', 's3');
SELECT attempt FROM oauth.take_deliveries(10);
UPDATE oauth.delivery SET taken_by = 1 WHERE sid = 's3';
SELECT attempt FROM oauth.take_deliveries(10);
SELECT * FROM oauth.take_deliveries(10);
UPDATE oauth.delivery SET taken_until = clock_timestamp() - interval '1 s' WHERE sid = 's3';
SELECT attempt FROM oauth.take_deliveries(10);
UPDATE oauth.delivery SET taken_until = clock_timestamp() + interval '1 day' WHERE sid = 's3';
SELECT attempt FROM oauth.take_deliveries(10);
\echo -- and what the first says then is not noted
SELECT oauth.end_delivery(handle, 1, 200), oauth.end_delivery(handle, 4, 200) FROM oauth.delivery WHERE sid = 's3';

\echo -- those that have never failed go first, and no more are taken than asked for
SELECT pg_temp.add(:'a', 'alice', 's4', '1 minute'), pg_temp.add(:'b', 'bob', 's5');
UPDATE oauth.delivery SET attempts = 3 WHERE sid = 's4';
SELECT url FROM oauth.take_deliveries(1);
SELECT url FROM oauth.take_deliveries(1);
SELECT url FROM oauth.take_deliveries(0);
SELECT url FROM oauth.take_deliveries(-1);
TRUNCATE oauth.delivery;

\echo -- one that cannot be made holds up no other
SELECT oauth_create_signing_key('ES256') IS NOT NULL;
UPDATE oauth.client SET id_token_signed_response_alg = 'ES256' WHERE client_id = :'a';
UPDATE oauth.signing_key SET private_key_sealed = '\x00' WHERE alg = 'ES256';
SELECT pg_temp.add(:'a', 'alice', 's6'), pg_temp.add(:'b', 'bob', 's7');
SELECT url FROM oauth.take_deliveries(10);
SELECT client_name, state, attempts, problem LIKE 'the message could not be made (SQLSTATE _____)' FROM oauth.delivery_overview ORDER BY client_name;

\echo -- a purge removes what arrived a day ago, or failed a week ago, or was not sent for a week
TRUNCATE oauth.delivery;
SELECT pg_temp.add(:'a', i::text, NULL, '8 days') FROM generate_series(1, 5) i;
UPDATE oauth.delivery SET delivered_at = now() - interval '25 hours' WHERE subject = '1';
UPDATE oauth.delivery SET delivered_at = now() - interval '23 hours' WHERE subject = '2';
UPDATE oauth.delivery SET failed_at = now() - interval '8 days' WHERE subject = '3';
UPDATE oauth.delivery SET failed_at = now() - interval '6 days' WHERE subject = '4';
SELECT pg_temp.add(:'a', '6', NULL, '6 days');
SELECT oauth_purge_expired();
SELECT subject, state FROM pg_temp.state;

\echo -- one host is sent a few messages at a time, whatever its name is written like; clients that strangers registered have a share of their own, which is smaller
TRUNCATE oauth.delivery;
CREATE FUNCTION pg_temp.crowd(name text, url text, n integer, is_stranger boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE id text; BEGIN
	FOR i IN 1 .. n LOOP
		SELECT c.client_id INTO id FROM oauth.client c WHERE c.client_name = name || i;
		IF id IS NULL THEN
			id := (oauth_register_client(name || i, redirect_uris => '{https://a.example/cb}')).client_id;
			UPDATE oauth.client SET registration_token_hash = CASE WHEN is_stranger THEN sha256(name::bytea) END WHERE client_id = id;
		END IF;
		PERFORM pg_temp.add(id, 'alice', name || i, make_interval(secs => 20 - i));
		UPDATE oauth.delivery SET url = replace(crowd.url, '%', i::text) WHERE client_id = id AND attempts = 0;
	END LOOP;
END $$;
CREATE VIEW pg_temp.hosts AS SELECT host, left(client_name, 1) AS whose, state, count(*) FROM oauth.delivery_overview GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
CREATE FUNCTION pg_temp.end_all(answer integer DEFAULT 200) RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT count(*) FILTER (WHERE oauth.end_delivery(handle, attempts, answer)) FROM oauth.delivery WHERE taken_by IS NOT NULL $$;
SELECT pg_temp.crowd('s', 'https://Victim.example/%', 5, true), pg_temp.crowd('t', 'https://victim.EXAMPLE.:8443/%', 3, true), pg_temp.crowd('o', 'https://victim.example:443?%', 12, false), pg_temp.crowd('e', 'https://[2001:DB8::1]:8443/%', 3, true);
SELECT count(*) FROM oauth.take_deliveries(64);
SELECT * FROM pg_temp.hosts;
SELECT count(*) FROM oauth.take_deliveries(64);
\echo -- what ends makes room, for the same share
SELECT count(oauth.end_delivery(d.handle, d.attempts, 200)) FROM oauth.delivery d JOIN oauth.client c USING (client_id) WHERE d.taken_by IS NOT NULL AND c.client_name = 's1';
SELECT url FROM oauth.take_deliveries(64) ORDER BY 1;
\echo -- so does what a shim that died had taken
UPDATE oauth.delivery SET taken_until = now() - interval '1 s', attempted_at = now() - interval '31 s' WHERE taken_by IS NOT NULL AND host LIKE 'victim%';
SELECT count(*) FROM oauth.take_deliveries(64);
SELECT pg_temp.end_all() > 0;
\echo -- and so many a minute, for clients of strangers; the wait is no failure
DELETE FROM oauth.delivery;
SET oauth.delivery_rate = 3;
SELECT pg_temp.crowd('s', 'https://victim.example/%', 5, true), pg_temp.crowd('o', 'https://victim.example/%', 5, false), pg_temp.crowd('e', 'https://other.example/%', 1, true);
SELECT count(*) FROM oauth.take_deliveries(64);
SELECT pg_temp.end_all();
SELECT count(*) FROM oauth.take_deliveries(64);
SELECT pg_temp.end_all();
SELECT count(*) FROM oauth.take_deliveries(64);
SELECT * FROM pg_temp.hosts;
UPDATE oauth.delivery SET attempted_at = attempted_at - interval '1 minute', handle = handle - ((3600::bigint * 1000000) << 11);
SELECT count(*) FROM oauth.take_deliveries(64);
SELECT pg_temp.end_all();
SELECT * FROM pg_temp.hosts;
\echo -- an attempt that failed counts as well; 0 is no limit; a client with an initial access token is no stranger
DELETE FROM oauth.delivery;
SELECT pg_temp.crowd('s', 'https://victim.example/%', 5, true);
SELECT count(*) FROM oauth.take_deliveries(64);
SELECT pg_temp.end_all(503);
SELECT count(*) FROM oauth.take_deliveries(64);
SELECT pg_temp.end_all(503);
SELECT count(*) FROM oauth.take_deliveries(64);
SELECT state, attempts, count(*) FROM oauth.delivery_overview GROUP BY 1, 2 ORDER BY 1, 2;
SET oauth.delivery_rate = 0;
SELECT count(*) FROM oauth.take_deliveries(64);
SET oauth.delivery_rate = 3;
DELETE FROM oauth.delivery;
UPDATE oauth.client SET vouched_at = now() WHERE client_name LIKE 's%';
SELECT pg_temp.crowd('s', 'https://victim.example/%', 5, true);
SELECT count(*) FROM oauth.take_deliveries(64);
RESET oauth.delivery_rate;

\echo -- only the role of the shim may
CREATE ROLE regress_oauth_delivery;
GRANT USAGE ON SCHEMA oauth TO regress_oauth_delivery;
SET ROLE regress_oauth_delivery;
SELECT oauth.take_deliveries(1);
SELECT oauth.end_delivery(1, 1, 200);
SELECT oauth.waiting_deliveries();
SELECT FROM oauth.delivery;
SELECT FROM oauth.delivery_overview;

RESET ROLE;
\c :main
SET client_min_messages = warning;
DROP DATABASE regress_oauth_delivery;
DROP ROLE regress_oauth_delivery;
