-- document.sql: documents of other servers: who asks for one, who stores it, how long it is used.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\set main :DBNAME
CREATE DATABASE regress_oauth_document TEMPLATE template0 ENCODING 'UTF8';
\c regress_oauth_document
SET client_min_messages = warning;
CREATE EXTENSION oauth CASCADE;

-- A document is wanted as endpoints do it.
CREATE FUNCTION pg_temp.want(url text) RETURNS void LANGUAGE sql AS $$ INSERT INTO oauth.document (url, wanted_at)
	VALUES ($1, clock_timestamp()) ON CONFLICT (url) DO UPDATE SET wanted_at = excluded.wanted_at $$;
CREATE FUNCTION pg_temp.fetched(url text, headers text[], body bytea, status integer DEFAULT 200, why text DEFAULT NULL)
	RETURNS TABLE (fresh interval, problem text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_temp.want(url);
	ASSERT oauth.claim_document(url) = 'fetch';
	ASSERT oauth.keep_document(url, status, headers, body, why);
	RETURN QUERY SELECT date_trunc('second', d.fresh_until - d.fetched_at), d.problem FROM oauth.document d WHERE d.url = $1;
END $$;
\set json '{Content-Type: application/json}'

\echo -- nothing is stored for what nobody has asked for, nor without a claim
SELECT oauth.claim_document('https://never.example/keys'), oauth.keep_document('https://never.example/keys', 200, :'json', '{}');
SELECT pg_temp.want('https://a.example/keys');
SELECT oauth.keep_document('https://a.example/keys', 200, :'json', '{}');
SELECT url, body IS NULL FROM oauth.document;

\echo -- the one that has claimed it stores it, once
SELECT oauth.claim_document('https://a.example/keys');
SELECT claimed_by = pg_backend_pid(), claimed_until - clock_timestamp() BETWEEN '10 s' AND '15 s' FROM oauth.document;
SELECT oauth.keep_document('https://a.example/keys', 200, :'json', '{"keys": []}');
SELECT body, media_type, fresh_until - fetched_at, problem, wanted_at, claimed_by, claimed_until FROM oauth.document;
SELECT oauth.claim_document('https://a.example/keys'), oauth.keep_document('https://a.example/keys', 200, :'json', '{}');

\echo -- a claim of somebody else is waited for; one whose session has ended, or whose time is over, is not
SELECT pg_temp.want('https://a.example/keys');
SELECT min(pid) AS other FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'checkpointer' \gset
UPDATE oauth.document SET claimed_by = :other, claimed_until = clock_timestamp() + interval '10 s';
SELECT oauth.claim_document('https://a.example/keys'), oauth.keep_document('https://a.example/keys', 200, :'json', '{}');
UPDATE oauth.document SET claimed_until = clock_timestamp() - interval '1 s';
SELECT oauth.claim_document('https://a.example/keys');
UPDATE oauth.document SET claimed_by = 1, claimed_until = clock_timestamp() + interval '10 s';
SELECT oauth.claim_document('https://a.example/keys');
\echo -- nor is one of a clock that was set back
UPDATE oauth.document SET claimed_by = :other, claimed_until = clock_timestamp() + interval '1 day';
SELECT oauth.claim_document('https://a.example/keys');

\echo -- fresh for what Cache-Control says, within an hour to a day
SELECT line, f.* FROM unnest(ARRAY['Cache-Control: max-age=7200', 'cache-control: public, MAX-AGE=7200, x=1', 'Cache-Control: max-age=5', 'Cache-Control: no-store', 'Cache-Control: max-age=99999999999999999999', 'Cache-Control: max-age=-5', 'Cache-Control: s-max-age=7200', 'Cache-Control:', 'X-Cache-Control: max-age=7200', 'Cache-Control: max-age="7200"']) line,
	LATERAL pg_temp.fetched('https://b.example/', ARRAY['content-type: application/jwk-set+json; charset=utf-8', line], '{}') f;

\echo -- what is no document is a failure; what was fetched before is used while it is fresh
SELECT * FROM pg_temp.fetched('https://b.example/', :'json', '{"first": 1}');
SELECT f.problem FROM (VALUES
	(200, '{Content-Type: text/html}'::text[], '{}'::bytea), (200, '{}', '{}'), (200, '{Content-Type: application/jsonp}', '{}'), (200, '{Content-Type: text/json}', '{}'), (200, '{Content-Type: image/x+json}', '{}'),
	(200, '{Content-Type:}', '{}'), (200, '{Content-Type: application/}', '{}'),
	(200, :'json', ''), (200, :'json', '{"a":'), (200, :'json', '{} {}'), (200, :'json', '\x7b22ff227d'), (200, :'json', '\x7b7d00'), (200, :'json', NULL),
	(200, :'json', convert_to(repeat('[', 60000), 'UTF8')), (200, :'json', convert_to('"' || repeat('x', 65535) || '"', 'UTF8')),
	(301, :'json', '{}'), (204, :'json', '{}'), (206, :'json', '{}'), (404, :'json', '{}'), (500, :'json', '{}'), (0, NULL, NULL), (NULL, NULL, NULL)) v (status, headers, body),
	LATERAL pg_temp.fetched('https://b.example/', headers, body, status) f;
SELECT problem FROM pg_temp.fetched('https://b.example/', NULL, NULL, 0, 'the connection was refused');
SELECT body, fresh_until > clock_timestamp() FROM oauth.document WHERE url = 'https://b.example/';
\echo -- the largest is 64 KiB
SELECT * FROM pg_temp.fetched('https://b.example/', :'json', convert_to('"' || repeat('x', 65534) || '"', 'UTF8'));
SELECT length(body) FROM oauth.document WHERE url = 'https://b.example/';

\echo -- by hand, for as long as one likes
SELECT oauth_keep_document('https://c.example/keys', '{"keys": [1]}');
SELECT body, media_type, fresh_until, is_by_hand FROM oauth.document WHERE url = 'https://c.example/keys';
SELECT oauth_keep_document('https://c.example/keys', '{"keys": [2]}', 'application/jwk-set+json', fresh_until => '2100-01-01 00:00+00');
SELECT body, media_type, fresh_until AT TIME ZONE 'UTC', is_by_hand FROM oauth.document WHERE url = 'https://c.example/keys';
\echo -- a shim that was fetching it comes too late
SELECT pg_temp.want('https://c.example/keys'), oauth.claim_document('https://c.example/keys');
SELECT oauth_keep_document('https://c.example/keys', '{"keys": [3]}');
SELECT oauth.keep_document('https://c.example/keys', 200, :'json', '{}'), body FROM oauth.document WHERE url = 'https://c.example/keys';
SELECT oauth_forget_document('https://c.example/keys'), oauth_forget_document('https://c.example/keys');
SELECT oauth_keep_document('https://c.example/keys', '{"keys":');
\echo :SQLSTATE
SELECT oauth_keep_document('https://c.example/keys', NULL);
\echo :SQLSTATE
SELECT oauth_keep_document('https://c.example/keys', '{}', 'text/html');
\echo :SQLSTATE
SELECT oauth_keep_document('https://c.example/' || repeat('x', 2000), '{}');
SELECT oauth_keep_document('http://c.example/keys', '{}');
SELECT oauth_keep_document('ftp://c.example/keys', '{}');
SELECT oauth_keep_document('https://2130706433/keys', '{}');
SELECT oauth_keep_document('', '{}');
\echo :SQLSTATE
SELECT oauth_keep_document('https://c.example/keys', '"' || repeat('x', 65535) || '"');
\echo :SQLSTATE

\echo -- a request that needs a document says so, and is answered once it is there
ALTER DATABASE regress_oauth_document SET oauth.issuer = 'https://auth.example';
ALTER DATABASE regress_oauth_document SET oauth.registration = open;
\c
SET client_min_messages = warning;
SET client_encoding = 'UTF8';
CREATE FUNCTION pg_temp.register(uri text) RETURNS oauth.http_response LANGUAGE sql AS $$
	SELECT oauth.register(ROW('POST', '/oauth2/register', '{Content-Type: application/json}',
		convert_to(json_build_object('redirect_uris', '["https://app.example/cb"]'::json, 'sector_identifier_uri', uri)::text, 'UTF8'), 'https', '192.0.2.7')) $$;
\set sector 'https://app.example/sector.json'
BEGIN;
SET LOCAL oauth.lane = 'reading';
SELECT status, headers FROM pg_temp.register(:'sector');
ROLLBACK;
SELECT status, headers, convert_from(body, 'UTF8') FROM pg_temp.register(:'sector');
SELECT wanted_at IS NOT NULL, body, problem FROM oauth.document WHERE url = :'sector';
SELECT oauth_keep_document(:'sector', '["https://app.example/cb"]');
SELECT status FROM pg_temp.register(:'sector');
SELECT oauth_keep_document(:'sector', '["https://other.example/cb"]');
SELECT status, convert_from(body, 'UTF8')::json ->> 'error' FROM pg_temp.register(:'sector');
\echo -- what could not be fetched is refused for a minute, and then wanted again
SELECT oauth_forget_document(:'sector');
SELECT status FROM pg_temp.register(:'sector');
SELECT oauth.claim_document(:'sector');
SELECT oauth.keep_document(:'sector', 404, NULL, NULL);
SELECT status FROM pg_temp.register(:'sector');
UPDATE oauth.document SET failed_at = failed_at - interval '61 s' WHERE url = :'sector';
SELECT status, headers FROM pg_temp.register(:'sector');
\echo -- and so it is where a clock was set back
UPDATE oauth.document SET failed_at = now() + interval '1 hour', wanted_at = NULL WHERE url = :'sector';
SELECT status, headers FROM pg_temp.register(:'sector');
\echo -- no other server is wanted, whatever it is called
SELECT uri, status, headers FROM unnest(ARRAY['http://app.example/', 'https://localhost/', 'https://app.example:22/', 'https://user@app.example/', 'https://2130706433/']) uri, LATERAL (SELECT * FROM pg_temp.register(uri)) r;
\echo -- in SQL nothing is fetched
SELECT oauth_register_client_metadata(jsonb_build_object('redirect_uris', '["https://app.example/cb"]'::jsonb, 'sector_identifier_uri', :'sector'));
\echo :SQLSTATE

\echo -- only the role of the shim stores what was fetched, and nobody reads the table
CREATE ROLE regress_oauth_document;
GRANT USAGE ON SCHEMA oauth TO regress_oauth_document;
SET ROLE regress_oauth_document;
SELECT oauth.claim_document('https://a.example/keys');
SELECT oauth.keep_document('https://a.example/keys', 200, '{}', '{}');
SELECT oauth_keep_document('https://a.example/keys', '{}');
SELECT oauth_forget_document('https://a.example/keys');
SELECT FROM oauth.document;
RESET ROLE;

\echo -- a purge removes what is not used, and never what was put there by hand
TRUNCATE oauth.document;
INSERT INTO oauth.document (url, body, fetched_at, fresh_until, is_by_hand) VALUES
	('https://unused.example/', '{}', now() - interval '50 hours', now() - interval '25 hours', false),
	('https://used.example/', '{}', now() - interval '47 hours', now() - interval '23 hours', false),
	('https://byhand.example/', '{}', now() - interval '1 year', 'infinity', true);
INSERT INTO oauth.document (url, wanted_at) VALUES ('https://old.example/', now() - interval '61 minutes'), ('https://new.example/', now());
INSERT INTO oauth.document (url, failed_at, problem) VALUES ('https://failed.example/', now() - interval '61 minutes', 'x');
SELECT oauth_purge_expired() > 0;
SELECT url FROM oauth.document ORDER BY url;
\echo -- nor are there ever more than so many, or so large ones
INSERT INTO oauth.document (url, wanted_at) SELECT 'https://many.example/' || i, now() - i * interval '0.1 s' FROM generate_series(1, 10500) i;
SELECT oauth_purge_expired();
SELECT count(*) FROM oauth.document WHERE NOT is_by_hand;
SELECT count(*) FROM oauth.document WHERE url LIKE 'https://many.example/%' AND substr(url, 22)::integer > 10000;
TRUNCATE oauth.document;
INSERT INTO oauth.document (url, body, fetched_at, fresh_until) SELECT 'https://large.example/' || i, '"' || repeat('x', 65534) || '"', now() - i * interval '0.1 s', now() + interval '1 hour' FROM generate_series(1, 1100) i;
SELECT oauth_purge_expired();
SELECT sum(octet_length(body)) FROM oauth.document;

\c :main
SET client_min_messages = warning;
DROP DATABASE regress_oauth_document;
DROP ROLE regress_oauth_document;
