-- import_memory.sql: an import takes as much memory for many tokens as for few, and a time in which one can wait.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;

CREATE SCHEMA import_many;
SET search_path = import_many;
CREATE TABLE users (id bigint PRIMARY KEY);
CREATE TABLE oauth_applications (id bigint PRIMARY KEY, name varchar, uid varchar, secret varchar, redirect_uri text, scopes varchar);
CREATE TABLE oauth_access_tokens (id bigint PRIMARY KEY, resource_owner_id bigint REFERENCES users, application_id bigint,
	token varchar, refresh_token varchar, expires_in integer, scopes varchar, created_at timestamp, revoked_at timestamp);
INSERT INTO users SELECT generate_series(1, 5000);
INSERT INTO oauth_applications SELECT n, 'Many ' || n, 'many-' || n, 'secret-' || n, 'https://many.example/' || n, 'read' FROM generate_series(1, 20) n;
INSERT INTO oauth_access_tokens SELECT n, 1 + n % 5000, 1 + n % 20, 'many-' || n, CASE WHEN n % 2 = 0 THEN 'many-refresh-' || n END, 99999999, 'read',
	now() AT TIME ZONE 'UTC' - interval '1 year' + n / 3 * interval '1 second' FROM generate_series(1, 50000) n;
-- How much the backend has, each time that a batch has been written.
CREATE TABLE memory (n serial, rows bigint, bytes bigint);
CREATE FUNCTION weigh() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO import_many.memory (rows, bytes) SELECT (SELECT count(*) FROM written), sum(total_bytes) FROM pg_catalog.pg_backend_memory_contexts;
	RETURN NULL;
END $$;
CREATE TRIGGER weigh AFTER INSERT ON oauth.imported_token REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION import_many.weigh();
RESET search_path;
SELECT * FROM oauth_import_doorkeeper('import_many') ORDER BY kind;
SELECT count(*) >= 50 FROM import_many.memory;
\echo -- from the first batch to the last of as many rows (fewer where others want the processor), it is the same but for a little
SELECT max(batches) >= 10, bool_and(growth < 1000000) FROM (SELECT count(*) AS batches, (array_agg(bytes ORDER BY n DESC))[1] - (array_agg(bytes ORDER BY n))[1] AS growth
	FROM import_many.memory GROUP BY rows) m;
DROP TRIGGER weigh ON oauth.imported_token;
\echo -- tokens are there in the order of their time, each with its own handle
SELECT count(*), count(DISTINCT handle), bool_and(grant_handle < handle) FROM oauth.access_token WHERE grant_handle IN (SELECT handle FROM oauth.grant WHERE client_id LIKE 'many-%');
SELECT corr(h, n) > 0.999999 FROM (SELECT row_number() OVER (ORDER BY a.handle) AS h, t.id AS n FROM import_many.oauth_access_tokens t
	JOIN oauth.access_token a ON a.token_hash = sha256(convert_to(t.token, 'UTF8'))) o;
SELECT count(*) FROM import_many.oauth_access_tokens, oauth_verify_token(token) WHERE active AND subject = resource_owner_id::text AND client_id = 'many-' || application_id;
\echo -- handles of that time that are taken already
DELETE FROM oauth.imported_token;
DELETE FROM import_many.oauth_access_tokens WHERE id > 5000;
UPDATE import_many.oauth_access_tokens SET token = 'again-' || token, refresh_token = NULL;
SELECT * FROM oauth_import_doorkeeper('import_many') ORDER BY kind;
SELECT count(*), count(DISTINCT handle) FROM oauth.access_token WHERE grant_handle IN (SELECT handle FROM oauth.grant WHERE client_id LIKE 'many-%');
\echo -- a second time
SELECT * FROM oauth_import_doorkeeper('import_many') ORDER BY kind;

DELETE FROM oauth.imported_token;
DROP SCHEMA import_many CASCADE;
SELECT count(oauth_delete_client(client_id)) FROM oauth.client WHERE client_id LIKE 'many-%';
