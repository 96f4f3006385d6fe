-- place.sql: a session remembers where it found the row of a token, and is not misled when another row, or none, is there.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set VERBOSITY terse
SET client_min_messages = warning;
SELECT client_id AS id FROM oauth_register_client('place', grant_types => '{client_credentials,refresh_token}', scope => 'read write') \gset
CREATE TABLE place (token text, handle bigint);
CREATE FUNCTION issue(id text, n int) RETURNS void LANGUAGE sql AS $$
	INSERT INTO place SELECT access_token FROM generate_series(1, n) i CROSS JOIN LATERAL oauth_issue_token(id, 'place-' || i, scope => 'read');
	UPDATE place SET handle = t.handle FROM oauth.access_token t WHERE t.token_hash = sha256(convert_to(place.token, 'UTF8')) AND place.handle IS NULL $$;
SELECT issue(:'id', 300);
SELECT token AS one FROM place ORDER BY handle LIMIT 1 \gset
SELECT token AS last FROM place ORDER BY handle DESC LIMIT 1 \gset
SELECT count(*) FROM place WHERE handle IS NOT NULL;

\echo -- the second time no index is asked
CREATE FUNCTION index_scans() RETURNS TABLE (scans bigint) LANGUAGE sql AS $$
	SELECT pg_stat_get_xact_numscans('oauth.access_token_pkey'::regclass) + pg_stat_get_xact_numscans('oauth.grant_pkey'::regclass) $$;
BEGIN;
SELECT scans AS begun FROM index_scans() \gset
SELECT active, subject FROM oauth_verify_token(:'one');
SELECT scans > :begun AS asked, scans AS begun FROM index_scans() \gset first_
\echo :first_asked
SELECT active, subject FROM oauth_verify_token(:'one');
SELECT scans - :first_begun FROM index_scans();
SELECT count(*) FILTER (WHERE active) FROM place CROSS JOIN LATERAL oauth_verify_token(token);
COMMIT;

\echo -- a serializable transaction leaves its mark in the index
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT scans AS begun FROM index_scans() \gset
SELECT active FROM oauth_verify_token(:'one');
SELECT scans - :begun FROM index_scans();
COMMIT;

\echo -- rows that moved: within their page, to another one, into another file
UPDATE oauth.access_token SET scope = 'write';
SELECT scope FROM oauth_verify_token(:'one');
UPDATE oauth.access_token SET scope = 'read', resource = repeat('x', 3000) WHERE token_hash < '\x80';
UPDATE oauth.access_token SET resource = NULL;
SELECT count(*) FILTER (WHERE active), min(scope), max(scope) FROM place CROSS JOIN LATERAL oauth_verify_token(token);
VACUUM FULL oauth.access_token;
VACUUM FULL oauth.grant;
SELECT count(*) FILTER (WHERE active) FROM place CROSS JOIN LATERAL oauth_verify_token(token);
SELECT active FROM oauth_verify_token(:'last');

\echo -- an older snapshot sees the older row, also after a newer one was found
UPDATE oauth.access_token SET scope = 'read';
BEGIN;
DECLARE older CURSOR FOR SELECT v.scope, v.active FROM generate_series(1, 3) i CROSS JOIN LATERAL oauth_verify_token(CASE i WHEN i THEN (SELECT min(token) FROM place) END) v;
FETCH older;
UPDATE oauth.access_token SET scope = 'write', act = jsonb_build_object('sub', repeat('y', 1500)) FROM (SELECT min(token) AS token FROM place) least JOIN place USING (token)
	WHERE access_token.handle = place.handle;
SELECT scope, active FROM oauth_verify_token((SELECT min(token) FROM place));
FETCH older;
SELECT scope, active FROM oauth_verify_token((SELECT min(token) FROM place));
ROLLBACK;
SELECT scope, active FROM oauth_verify_token((SELECT min(token) FROM place));

\echo -- a row that ended, and one whose grant ended
SELECT oauth_revoke_token(:'one');
SELECT active FROM oauth_verify_token(:'one');
SELECT token AS two FROM place ORDER BY handle OFFSET 1 LIMIT 1 \gset
SELECT active FROM oauth_verify_token(:'two');
UPDATE oauth.grant SET ended_at = now(), ended_reason = 'revoked' FROM oauth.access_token t, place p
	WHERE t.grant_handle = oauth.grant.handle AND t.handle = p.handle AND p.token = :'two';
SELECT active FROM oauth_verify_token(:'two');

\echo -- other rows in the same places
DELETE FROM oauth.access_token WHERE handle IN (SELECT handle FROM place);
VACUUM oauth.access_token;
SELECT count(*) FILTER (WHERE active) FROM place CROSS JOIN LATERAL oauth_verify_token(token);
SELECT issue(:'id', 300);
SELECT count(*) FILTER (WHERE active) FROM place CROSS JOIN LATERAL oauth_verify_token(token);
SELECT active FROM oauth_verify_token(:'last');

\echo -- a client that is gone, and another of that name
SELECT client_id AS gone FROM oauth_register_client('first', grant_types => '{client_credentials}') \gset
SELECT count(access_token) FROM oauth_issue_token(:'gone');
DELETE FROM oauth.access_token WHERE grant_handle IN (SELECT handle FROM oauth.grant WHERE client_id = :'gone');
DELETE FROM oauth.grant WHERE client_id = :'gone';
CREATE TABLE again AS SELECT * FROM oauth.client WHERE client_id = :'gone';
DELETE FROM oauth.client WHERE client_id = :'gone';
\set VERBOSITY sqlstate
SELECT count(access_token) FROM oauth_issue_token(:'gone');
\set VERBOSITY terse
INSERT INTO oauth.client SELECT * FROM again;
SELECT count(access_token) FROM oauth_issue_token(:'gone');
DROP TABLE again;

\echo -- pages that are there no more
SELECT token AS last FROM place ORDER BY handle DESC LIMIT 1 \gset
SELECT active FROM oauth_verify_token(:'last');
DELETE FROM oauth.access_token;
VACUUM (TRUNCATE) oauth.access_token;
SELECT active FROM oauth_verify_token(:'last');
SELECT issue(:'id', 1);
TRUNCATE oauth.access_token;
SELECT count(*) FILTER (WHERE active) FROM place CROSS JOIN LATERAL oauth_verify_token(token);

\echo -- more tokens than are remembered at first
SELECT issue(:'id', 3000);
SELECT count(*) FILTER (WHERE active) FROM place CROSS JOIN LATERAL oauth_verify_token(token);
SELECT count(*) FILTER (WHERE active) FROM place CROSS JOIN LATERAL oauth_verify_token(token);
DROP TABLE place;
DROP FUNCTION issue(text, int), index_scans();
