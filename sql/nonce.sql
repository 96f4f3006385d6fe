-- nonce.sql: timestamp and nonce of signed requests (RFC 5849, section 3.3).  SECURITY.md R57, R58, R59, R60, R62.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
-- Tests before this one left nonces behind, and a purge may find those out of reach: begin as in a new database.
TRUNCATE oauth.nonce_0, oauth.nonce_1, oauth.nonce_2, oauth.nonce_3, oauth.nonce_4, oauth.nonce_5, oauth.nonce_6, oauth.nonce_7;
DELETE FROM oauth.nonce_floor;
SELECT client_id AS one, client_secret AS one_secret FROM oauth_register_client('One', grant_types => '{oauth1_two_legged}') \gset
SELECT client_id AS two, client_secret AS two_secret FROM oauth_register_client('Two', grant_types => '{oauth1_two_legged}') \gset
SELECT extract(epoch FROM now())::bigint AS now \gset

-- RFC 3986, section 2.1, of what this test sends.
CREATE FUNCTION encoded(value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(string_agg(CASE WHEN c ~ '[A-Za-z0-9._~-]' THEN c
		ELSE upper(regexp_replace(encode(convert_to(c, 'UTF8'), 'hex'), '(..)', '%\1', 'g')) END, '' ORDER BY n), '')
	FROM regexp_split_to_table(value, '') WITH ORDINALITY AS t (c, n) $$;

-- A request with client credentials alone (section 3.4.2).
CREATE FUNCTION signed(client text, secret text, oauth_timestamp text, nonce text) RETURNS oauth.http_request
LANGUAGE sql IMMUTABLE AS $$
	SELECT ROW('GET', '/auth', ARRAY['Host: h.example', format('Authorization: OAuth oauth_consumer_key="%s",'
		'oauth_nonce="%s",oauth_signature_method="HMAC-SHA1",oauth_timestamp="%s",oauth_signature="%s"', client,
		encoded(nonce), encoded(oauth_timestamp), encoded(encode(hmac('GET&http%3A%2F%2Fh.example%2Fauth&' || encoded(format(
		'oauth_consumer_key=%s&oauth_nonce=%s&oauth_signature_method=HMAC-SHA1&oauth_timestamp=%s', client, encoded(nonce),
		encoded(oauth_timestamp))), encoded(secret) || '&', 'sha1'), 'base64')))], '', 'http', '127.0.0.1')::oauth.http_request $$;

-- What comes of it: the status, and the problem.
CREATE FUNCTION ask(request oauth.http_request) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', status, (SELECT substring(h FROM 'oauth_problem="?(\w+)') FROM unnest(headers) h
		WHERE h LIKE 'WWW-Authenticate: OAuth %')) FROM oauth.forward_auth(request) $$;

\echo -- R58: a nonce is used once by client and timestamp
SELECT ask(signed(:'one', :'one_secret', :'now', 'a'));
SELECT ask(signed(:'one', :'one_secret', :'now', 'a'));
SELECT ask(signed(:'one', :'one_secret', :'now', 'A'));
SELECT ask(signed(:'two', :'two_secret', :'now', 'a'));
SELECT ask(signed(:'one', :'one_secret', (:now - 100)::text, 'a'));
SELECT ask(signed(:'one', :'one_secret', (:now + 100)::text, 'a'));
SELECT ask(signed(:'one', :'one_secret', (:now - 100)::text, 'a'));

\echo -- R58: it was used, whichever function is asked
SELECT oauth_authenticate_request(signed(:'one', :'one_secret', :'now', 'a'));
SELECT oauth_authenticate_request(signed(:'one', :'one_secret', :'now', 'b'));
SELECT ask(signed(:'one', :'one_secret', :'now', 'b'));

\echo -- R59: a wrong signature uses up nothing
SELECT ask(signed(:'one', 'wrong', :'now', 'c'));
SELECT ask(signed(:'one', :'one_secret', :'now', 'c'));

\echo -- R57: what is no timestamp is a bad request
SELECT t, ask(signed(:'one', :'one_secret', t, 'd')) FROM unnest(ARRAY['', '0', '-1', '+1', ' 1', '1.5', '1e9', '0x1',
	'99999999999999999999', '9223372036854775807', '١']) t;

\echo -- R57: outside the window it is refused
SELECT past, ask(signed(:'one', :'one_secret', (extract(epoch FROM clock_timestamp())::bigint - past)::text, 'e'))
	FROM unnest(ARRAY[290, 310, 86400, -290, -310, -86400]) past;
SELECT ask(signed(:'one', :'one_secret', '999999999999', 'e'));

\echo -- R60: a nonce has 1 to 255 bytes
SELECT ask(signed(:'one', :'one_secret', :'now', ''));
SELECT ask(signed(:'one', :'one_secret', :'now', repeat('x', 255)));
SELECT ask(signed(:'one', :'one_secret', :'now', repeat('x', 256)));
SELECT ask(signed(:'one', :'one_secret', :'now', repeat('x', 255)));
SELECT ask(signed(:'one', :'one_secret', :'now', E'\'"&=%,é'));

\echo -- what is rolled back never happened, and did not use the nonce
BEGIN;
SELECT oauth_authenticate_request(signed(:'one', :'one_secret', :'now', 'f'));
ROLLBACK;
SELECT ask(signed(:'one', :'one_secret', :'now', 'f'));
SELECT ask(signed(:'one', :'one_secret', :'now', 'f'));

\echo -- R58, R62: in a batch and in one transaction, whatever happens between two uses
SELECT status FROM oauth.forward_auth_batch(ARRAY[signed(:'one', :'one_secret', :'now', 'g'), signed(:'one', :'one_secret', :'now', 'g'),
	signed(:'one', :'one_secret', (:now - 150)::text, 'g'), signed(:'two', :'two_secret', :'now', 'g'),
	signed(:'one', :'one_secret', (:now - 150)::text, 'g'), signed(:'one', 'wrong', :'now', 'h'), signed(:'one', :'one_secret', :'now', 'h'),
	signed(:'one', :'one_secret', :'now', 'h'), signed(:'one', :'one_secret', (:now - 400)::text, 'h')]);
SELECT status FROM oauth.forward_auth_batch(ARRAY[signed(:'one', :'one_secret', :'now', 'g'), signed(:'one', :'one_secret', :'now', 'i')]);
BEGIN;
SELECT ask(signed(:'one', :'one_secret', :'now', 'j'));
SAVEPOINT before;
SELECT ask(signed(:'one', :'one_secret', (:now - 200)::text, 'j'));
ROLLBACK TO before;
SELECT ask(signed(:'one', :'one_secret', (:now - 200)::text, 'j'));
SELECT ask(signed(:'one', :'one_secret', (:now - 200)::text, 'j'));
SELECT ask(signed(:'one', :'one_secret', :'now', 'k'));
SET LOCAL oauth.timestamp_window = 900;
SELECT oauth_purge_expired();
SELECT ask(signed(:'one', :'one_secret', :'now', 'k'));
SELECT ask(signed(:'one', :'one_secret', :'now', 'l'));
ROLLBACK;
SELECT ask(signed(:'one', :'one_secret', :'now', 'j'));
SELECT ask(signed(:'one', :'one_secret', :'now', 'g'));

\echo -- R62: a purge removes nothing that could be replayed
SELECT oauth_purge_expired();
SELECT ask(signed(:'one', :'one_secret', (:now - 100)::text, 'a'));
SELECT ask(signed(:'one', :'one_secret', :'now', 'f'));

\echo -- R62: what a purge removed is below the floor, and a wider window does not bring it back
CREATE VIEW nonces AS SELECT * FROM oauth.nonce_0 UNION ALL SELECT * FROM oauth.nonce_1 UNION ALL SELECT * FROM oauth.nonce_2
	UNION ALL SELECT * FROM oauth.nonce_3 UNION ALL SELECT * FROM oauth.nonce_4 UNION ALL SELECT * FROM oauth.nonce_5
	UNION ALL SELECT * FROM oauth.nonce_6 UNION ALL SELECT * FROM oauth.nonce_7;
TRUNCATE oauth.nonce_0, oauth.nonce_1, oauth.nonce_2, oauth.nonce_3, oauth.nonce_4, oauth.nonce_5, oauth.nonce_6, oauth.nonce_7;
CREATE FUNCTION ask_all(client text, secret text, newest bigint) RETURNS TABLE (answer text, n bigint) LANGUAGE sql AS $$
	SELECT a, count(*) FROM generate_series(newest - 770, newest, 110) t, LATERAL ask(signed(client, secret, t::text, 'g')) a
	GROUP BY 1 $$;
SET oauth.timestamp_window = 3600;
SELECT * FROM ask_all(:'one', :'one_secret', :now - 400);
SELECT count(*) FROM nonces;
SET oauth.timestamp_window = 300;
SELECT oauth_purge_expired();
-- One of the tables at least is out of reach for every request of now.
SELECT count(*) < 8 FROM nonces;
SELECT floor > :now - 1300 AND floor <= :now - 399 FROM oauth.nonce_floor;
SET oauth.timestamp_window = 3600;
SELECT sum(n) FROM ask_all(:'one', :'one_secret', :now - 400) WHERE answer IN ('401 nonce_used', '401 timestamp_refused');
SELECT sum(n) > 0 FROM ask_all(:'one', :'one_secret', :now - 400) WHERE answer = '401 timestamp_refused';
RESET oauth.timestamp_window;
SELECT ask(signed(:'one', :'one_secret', :'now', 'g'));

\echo -- tables are cut anew for another window: above the newest nonce all goes on
SET oauth.timestamp_window = 600;
SELECT oauth_purge_expired();
SELECT count(*) FROM nonces;
SELECT floor = :now + 1, seconds_a_table FROM oauth.nonce_floor;
SELECT ask(signed(:'one', :'one_secret', :'now', 'g'));
SELECT ask(signed(:'one', :'one_secret', (:now + 1)::text, 'g'));
RESET oauth.timestamp_window;
SELECT oauth_purge_expired();
SELECT floor = :now + 2, seconds_a_table FROM oauth.nonce_floor;
SELECT ask(signed(:'one', :'one_secret', (:now + 2)::text, 'g'));
SELECT ask(signed(:'one', :'one_secret', (:now + 2)::text, 'g'));

\echo -- a window shorter than DPoP proofs and assertions live cuts no tables, and refuses what is outside it
SET oauth.timestamp_window = 30;
SELECT oauth_purge_expired();
SELECT seconds_a_table FROM oauth.nonce_floor;
SELECT ask(signed(:'one', :'one_secret', (:now - 40)::text, 'i'));
RESET oauth.timestamp_window;

\echo -- R62: a floor that was made within a savepoint which is undone is made again
TRUNCATE oauth.nonce_0, oauth.nonce_1, oauth.nonce_2, oauth.nonce_3, oauth.nonce_4, oauth.nonce_5, oauth.nonce_6, oauth.nonce_7;
DELETE FROM oauth.nonce_floor;
BEGIN;
SAVEPOINT before;
SELECT ask(signed(:'one', :'one_secret', :'now', 'm'));
ROLLBACK TO before;
SELECT ask(signed(:'one', :'one_secret', :'now', 'm'));
COMMIT;
SELECT count(*) FROM oauth.nonce_floor;
SELECT ask(signed(:'one', :'one_secret', :'now', 'm'));

\echo -- a batch that fails after a nonce has used it for nobody, and leaves nothing to the next one
SELECT access_token AS bearer FROM oauth_issue_token(:'one') \gset
BEGIN;
ALTER TABLE oauth.access_token RENAME TO elsewhere;
SELECT status FROM oauth.forward_auth_batch(ARRAY[signed(:'one', :'one_secret', :'now', 'n'),
	ROW('GET', '/auth', ARRAY['Host: h.example', 'Authorization: Bearer ' || :'bearer'], '', 'http', '127.0.0.1')::oauth.http_request]);
ROLLBACK;
SELECT status FROM oauth.forward_auth_batch(ARRAY[signed(:'one', :'one_secret', :'now', 'n'), signed(:'one', :'one_secret', :'now', 'n'),
	ROW('GET', '/auth', ARRAY['Host: h.example', 'Authorization: Bearer ' || :'bearer'], '', 'http', '127.0.0.1')::oauth.http_request]);

\echo -- R62: on another server, timeline or table nothing is accepted that may have been before
SELECT extract(epoch FROM clock_timestamp())::bigint AS before \gset
UPDATE oauth.nonce_floor SET floor = 0, timeline = timeline + 1;
SELECT ask(signed(:'one', :'one_secret', (:now + 3)::text, 'h'));
SELECT ask(signed(:'one', :'one_secret', (:now + 290)::text, 'h'));
SELECT floor BETWEEN :before + 300 AND extract(epoch FROM clock_timestamp()) + 302 FROM oauth.nonce_floor;
UPDATE oauth.nonce_floor SET floor = 0, system_identifier = system_identifier + 1;
SELECT ask(signed(:'one', :'one_secret', (:now + 3)::text, 'h'));
SELECT extract(epoch FROM clock_timestamp())::bigint AS before \gset
UPDATE oauth.nonce_floor SET floor = 0, relation = 1;
SELECT oauth_purge_expired();
SELECT floor BETWEEN :before + 300 AND extract(epoch FROM clock_timestamp()) + 302, relation = 'oauth.nonce_floor'::regclass FROM oauth.nonce_floor;
SELECT ask(signed(:'one', :'one_secret', (:now + 3)::text, 'h'));
UPDATE oauth.nonce_floor SET floor = 0;
SELECT ask(signed(:'one', :'one_secret', (:now + 3)::text, 'h'));

\echo -- a transaction with one snapshot learns that the floor has risen
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT ask(signed(:'one', :'one_secret', (:now + 4)::text, 'i'));
SELECT ask(signed(:'one', :'one_secret', (:now + 4)::text, 'i'));
COMMIT;
SELECT ask(signed(:'one', :'one_secret', (:now + 4)::text, 'i'));

\echo -- who replays leaves one dead row behind in a session of the shim, not one each time, and in others none
CREATE FUNCTION written() RETURNS TABLE (written numeric) LANGUAGE sql AS $$
	SELECT sum(pg_stat_get_xact_tuples_inserted(oid)) FROM pg_class WHERE relname ~ '^nonce_[0-9]$' AND relnamespace = 'oauth'::regnamespace $$;
SELECT ask(signed(:'one', :'one_secret', (:now + 5)::text, 'j'));
\c -
BEGIN;
SELECT written AS begun FROM written() \gset
SELECT count(*), ask FROM (SELECT ask(signed(:'one', :'one_secret', (:now + 5 + 0 * i)::text, 'j')) FROM generate_series(1, 20) i) a GROUP BY ask;
SELECT written - :begun FROM written();
COMMIT;
BEGIN;
SELECT written AS begun FROM written() \gset
SELECT count(*), status FROM oauth.forward_auth_batch((SELECT array_agg(signed(:'one', :'one_secret', (:now + 5)::text, CASE WHEN i < 18 THEN 'j' ELSE i::text END)) FROM generate_series(1, 20) i))
	GROUP BY status ORDER BY status;
SELECT written - :begun FROM written();
COMMIT;
SELECT count(*) FROM nonces WHERE replace(nonce::text, '-', '') LIKE lpad(to_hex(:now + 5), 10, '0') || '%';

\echo -- R56: a batch looks for a client once, whether there is one or not: of many requests those of no client take no longer
CREATE FUNCTION looks() RETURNS TABLE (looks bigint) LANGUAGE sql AS $$ SELECT pg_stat_get_xact_numscans('oauth.client_pkey'::regclass) $$;
CREATE FUNCTION refused(client text) RETURNS TABLE (n bigint, status integer) LANGUAGE sql AS $$
	SELECT count(*), status FROM oauth.forward_auth_batch((SELECT array_agg(signed(client, 'wrong', i::text, 'k')) FROM generate_series(1, 20) i)) GROUP BY status $$;
BEGIN;
SELECT looks AS begun FROM looks() \gset
SELECT * FROM refused(:'one');
SELECT looks - :begun <= 1 AS is_once, looks AS begun FROM looks() \gset
\echo :is_once
SELECT * FROM refused('00000000000000000000000000000000');
SELECT looks - :begun = 1 AS is_once FROM looks();
COMMIT;
DROP FUNCTION looks(), refused(text);

DROP FUNCTION written();
DROP VIEW nonces;
DROP FUNCTION ask_all(text, text, bigint);
DROP FUNCTION ask(oauth.http_request);
DROP FUNCTION signed(text, text, text, text);
DROP FUNCTION encoded(text);
