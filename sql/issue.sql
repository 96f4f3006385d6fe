-- issue.sql: tokens in the transaction of the caller.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never

-- What came of it: the answer, or SQLSTATE, message, detail and hint in one line.
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	message text;
	detail text;
	hint text;
BEGIN
	EXECUTE statement INTO answer;
	RETURN answer;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE, message, nullif(detail, ''), nullif(hint, ''));
END $$;
CREATE FUNCTION pg_temp.rows() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT concat_ws(' ', (SELECT count(*) FROM oauth.grant), (SELECT count(*) FROM oauth.access_token), (SELECT count(*) FROM oauth.refresh_token), (SELECT count(*) FROM oauth.subject)) $$;
SELECT client_id AS id FROM oauth_register_client('issue', grant_types => '{password,refresh_token}', scope => 'read write') \gset
SELECT client_id AS short FROM oauth_register_client('issue short', grant_types => '{password}', access_token_lifetime => '10 minutes', refresh_token_lifetime => '1 hour') \gset

\echo -- the answer, and what is kept of it: the SHA-256 of the whole token
SELECT access_token ~ '^oat_[-_A-Za-z0-9]{54}$', token_type, expires_in, refresh_token IS NULL, scope FROM oauth_issue_token(:'id', 'issue-1');
SELECT access_token AS token, refresh_token AS refresh FROM oauth_issue_token(:'id', 'issue-1', 'write read', refresh => true) \gset
SELECT :'refresh' ~ '^ort_[-_A-Za-z0-9]{54}$';
SELECT g.grant_type, g.subject, g.scope, a.scope, a.token_hash = sha256(convert_to(:'token', 'UTF8')), r.token_hash = sha256(convert_to(:'refresh', 'UTF8')), r.access_token = a.handle, r.rotation_salt IS NULL
	FROM oauth.access_token a JOIN oauth.refresh_token r ON r.access_token = a.handle JOIN oauth.grant g ON g.handle = a.grant_handle WHERE a.token_hash = sha256(convert_to(:'token', 'UTF8'));
SELECT active, client_id = :'id', subject, scope, expires_at BETWEEN now() + interval '86390 s' AND now() + interval '86400 s' FROM oauth_verify_token(:'token');
\echo -- for the client itself there is one grant, without a subject
SELECT access_token AS own FROM oauth_issue_token(:'id') \gset
SELECT active, client_id = :'id', subject, scope FROM oauth_verify_token(:'own');
SELECT count(*), count(t.token_type), min(g.grant_type) FROM generate_series(1, 3) n, oauth_issue_token(:'id', lifetime => make_interval(secs => n)) t, (SELECT grant_type FROM oauth.grant WHERE client_id = :'id' AND subject IS NULL) g;
\echo -- R210: no two are the same, and the handle grows with time
SELECT count(*), count(DISTINCT left(access_token, 16)), count(DISTINCT right(access_token, 43)) FROM generate_series(1, 2000) n, oauth_issue_token(:'id', lifetime => make_interval(secs => n)) t;
SELECT (SELECT handle FROM oauth.access_token WHERE token_hash = sha256(convert_to(:'token', 'UTF8'))) < (SELECT handle FROM oauth.access_token WHERE token_hash = sha256(convert_to(:'own', 'UTF8')));

\echo -- lifetimes: the argument, that of the client, the setting; expires_in counts what is left
SELECT expires_in FROM oauth_issue_token(:'id', 'issue-1', lifetime => '90 seconds');
SELECT expires_in FROM oauth_issue_token(:'short', 'issue-1', lifetime => '1 month');
SELECT expires_in FROM oauth_issue_token(:'short', 'issue-1');
SELECT refresh_token AS refresh_short FROM oauth_issue_token(:'short', 'issue-1', refresh => true) \gset
SELECT round(extract(epoch FROM r.expires_at - now()) / 10) * 10 FROM oauth.refresh_token r WHERE token_hash = sha256(convert_to(:'refresh_short', 'UTF8'));
SET oauth.access_token_lifetime = '2 min';
SET oauth.refresh_token_lifetime = '3 min';
SELECT expires_in FROM oauth_issue_token(:'id', 'issue-1');
SELECT expires_in FROM oauth_issue_token(:'short', 'issue-1');
RESET oauth.access_token_lifetime;
RESET oauth.refresh_token_lifetime;
\echo -- within a second of its end the token lives, and then it does not
SELECT access_token AS brief FROM oauth_issue_token(:'id', 'issue-1', lifetime => '1 second') \gset
UPDATE oauth.access_token SET expires_at = clock_timestamp() + interval '1 hour' WHERE token_hash = sha256(convert_to(:'brief', 'UTF8'));
SELECT active FROM oauth_verify_token(:'brief');
UPDATE oauth.access_token SET expires_at = clock_timestamp() WHERE token_hash = sha256(convert_to(:'brief', 'UTF8'));
SELECT * FROM oauth_verify_token(:'brief');

\echo -- a transaction that rolls back leaves nothing
SELECT pg_temp.rows() AS before \gset
BEGIN;
SELECT access_token AS gone, refresh_token AS gone_refresh FROM oauth_issue_token(:'id', 'issue-rolled-back', refresh => true) \gset
SELECT active FROM oauth_verify_token(:'gone');
ROLLBACK;
SELECT active, oauth_introspect_token(:'gone_refresh'), pg_temp.rows() = :'before' FROM oauth_verify_token(:'gone');
\echo -- savepoints
BEGIN;
SELECT access_token AS kept FROM oauth_issue_token(:'id', 'issue-2') \gset
SAVEPOINT a;
SELECT access_token AS gone FROM oauth_issue_token(:'id', 'issue-3') \gset
ROLLBACK TO a;
SELECT access_token AS also_kept FROM oauth_issue_token(:'id', 'issue-4') \gset
RELEASE a;
COMMIT;
SELECT a.active, b.active, c.active FROM oauth_verify_token(:'kept') a, oauth_verify_token(:'gone') b, oauth_verify_token(:'also_kept') c;
\echo -- a statement that fails later takes the token with it
SELECT pg_temp.rows() AS before \gset
SELECT t.access_token, 1 / (length(t.scope) - 4) FROM oauth_issue_token(:'id', 'issue-5', 'read') t;
SELECT pg_temp.rows() = :'before';
\echo -- in a read-only transaction there is none, and verifying works
BEGIN READ ONLY;
SELECT active, oauth_introspect_token(:'kept') ->> 'sub' FROM oauth_verify_token(:'kept');
SELECT oauth_introspect_token(:'refresh') ->> 'sub', (SELECT count(*) FROM oauth_status()), (SELECT count(*) > 5 FROM oauth_settings()), oauth_subject() IS NULL, oauth_has_scope('x');
SELECT oauth_authenticate('Bearer ' || :'kept'), oauth_subject();
SAVEPOINT a;
SELECT oauth_issue_token(:'id', 'issue-1');
\echo :SQLSTATE
ROLLBACK TO a;
SELECT oauth_revoke_token(:'kept');
\echo :SQLSTATE
ROLLBACK;

\echo -- verifying is STABLE: it sees what the statement it is part of saw
SELECT v.active FROM oauth_issue_token(:'id', 'issue-1') t, LATERAL oauth_verify_token(t.access_token) v;
SELECT oauth_revoke_token(:'kept'), v.active FROM oauth_verify_token(:'kept') v;
SELECT active FROM oauth_verify_token(:'kept');

\echo -- the labels hold when a parallel worker has to run what may run there
SELECT set_config(name, 'on', false) IS NOT NULL FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SELECT active, oauth_introspect_token(:'also_kept') ->> 'sub' FROM oauth_verify_token(:'also_kept');
SELECT count(*) > 1, bool_and(v.active) FROM oauth.scope s, oauth_verify_token(:'also_kept', 'read') v;
BEGIN;
SELECT oauth_authenticate('Bearer ' || :'also_kept');
SELECT oauth_subject(), oauth_client() = :'id', oauth_scope(), oauth_has_scope('read');
SELECT DISTINCT oauth_subject() FROM oauth.client;
COMMIT;
SELECT set_config(name, 'off', false) IS NOT NULL FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');

\echo -- subjects: what travels in a header and comes out as it went in, no longer than Core, section 2 has it
SELECT subject, pg_temp.try(format('SELECT v.subject FROM oauth_issue_token(%L, %L) t, LATERAL (SELECT convert_from(convert_to(%L, ''UTF8''), ''UTF8'') AS subject) v', :'id', subject, subject)) FROM (VALUES ('42', 1), ('a b', 2), ('ü ☃', 3), ('''"\;--%s', 4),
	('', 5), (' 42', 6), ('42 ', 7), (E'42\r\nX-OAuth-Scope: write', 8), (E'4\x012', 9), (E'42\x7f', 10)) v (subject, n) ORDER BY n;
SELECT pg_temp.try(format('SELECT length(repeat(%L, 255)) FROM oauth_issue_token(%L, repeat(%L, 255))', 'y', :'id', 'y')), pg_temp.try(format('SELECT 1 FROM oauth_issue_token(%L, repeat(%L, 128))', :'id', 'é'));
\echo -- the table says the same
SELECT subject, pg_temp.try(format('INSERT INTO oauth.subject VALUES (%L)', subject)) LIKE '23514 |%' FROM (VALUES (' 42'), ('42 '), (''), (E'4\n2')) v (subject);
\echo -- no refresh token for the client itself (section 4.4.3)
SELECT pg_temp.try(format('SELECT oauth_issue_token(%L, refresh => true)', :'id'));
\echo -- not for a client or a subject that is disabled
SELECT oauth_disable_client(:'short');
SELECT replace(pg_temp.try(format('SELECT oauth_issue_token(%L, %L)', :'short', 'issue-1')), :'short', 'ID');
UPDATE oauth.subject SET disabled_at = now() WHERE subject = 'issue-2';
SELECT pg_temp.try(format('SELECT oauth_issue_token(%L, %L)', :'id', 'issue-2'));
SELECT active FROM oauth_verify_token(:'also_kept');

\echo -- introspection (RFC 7662, section 2.2); a refresh token is not of type Bearer
SELECT jsonb_pretty(jsonb_set(oauth_introspect_token(:'also_kept'), '{client_id}', '"..."') - 'exp' - 'iat');
SELECT i ->> 'client_id' = :'id', to_timestamp((i ->> 'exp')::float) = date_trunc('second', expires_at), (i ->> 'exp')::int - (i ->> 'iat')::int FROM oauth_introspect_token(:'also_kept') i, oauth_verify_token(:'also_kept');
SELECT (i - 'exp' - 'iat' - 'client_id'), (i ->> 'exp')::int - (i ->> 'iat')::int FROM oauth_introspect_token(:'refresh') i;
SELECT i ->> 'sub' = i ->> 'client_id', i ? 'username' FROM oauth_introspect_token(:'own') i;
SET oauth.issuer = 'https://example.com';
SELECT oauth_introspect_token(:'own') ->> 'iss';
RESET oauth.issuer;
\echo -- always an answer, and nothing but active for what is not good
SELECT label, v::text, oauth_introspect_token(token) FROM (VALUES ('null', NULL, 1), ('empty', '', 2), ('x', 'x', 3), ('cut', left(:'also_kept', 57), 4), ('long', :'also_kept' || 'A', 5), ('refresh as access', replace(:'refresh', 'ort_', 'oat_'), 6), ('upper', upper(:'also_kept'), 7),
	('spaces', ' ' || :'also_kept', 8), ('zeros', 'oat_' || repeat('A', 54), 9), ('negative', 'oat__' || repeat('_', 53), 10), ('not base64', 'oat_' || repeat('=', 54), 11), ('plus', 'oat_' || repeat('+', 54), 12), ('é', 'oat_' || repeat('é', 27), 13)) l (label, token, n), oauth_verify_token(token) v ORDER BY n;
\echo -- another spelling of the same bytes is another token: the last letter has bits that base64 does not use
SELECT active FROM oauth_verify_token(left(:'also_kept', 57) || chr(ascii(right(:'also_kept', 1)) + 1));
