-- ending.sql: ending tokens, subjects and clients by oauth_revoke_token(), _subject() and _client().
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
SELECT client_id AS id FROM oauth_register_client('ending', grant_types => '{password,refresh_token}') \gset
SELECT client_id AS other FROM oauth_register_client('ending other', grant_types => '{password}') \gset
-- Two grants of a subject, one of another, one of another client.
CREATE TEMPORARY TABLE token (name text PRIMARY KEY, access_token text, refresh_token text);
CREATE FUNCTION pg_temp.issue(id text, other text) RETURNS void LANGUAGE sql AS $$
	DELETE FROM token;
	INSERT INTO token SELECT 'first', t.access_token, t.refresh_token FROM oauth_issue_token(id, 'ending-1', refresh => true) t;
	INSERT INTO token SELECT 'second', t.access_token, t.refresh_token FROM oauth_issue_token(id, 'ending-1', refresh => true) t;
	INSERT INTO token SELECT 'another subject', t.access_token, t.refresh_token FROM oauth_issue_token(id, 'ending-2', refresh => true) t;
	INSERT INTO token SELECT 'another client', t.access_token, t.refresh_token FROM oauth_issue_token(other, 'ending-1', refresh => true) t;
	INSERT INTO token SELECT 'itself', t.access_token FROM oauth_issue_token(id) t $$;
CREATE VIEW pg_temp.living AS SELECT name, active, oauth_introspect_token(refresh_token) ->> 'active' AS refresh FROM token, oauth_verify_token(access_token) ORDER BY name;
SELECT pg_temp.issue(:'id', :'other');
SELECT * FROM pg_temp.living;

\echo -- an access token ends alone
SELECT oauth_revoke_token(access_token), oauth_revoke_token(access_token) FROM token WHERE name = 'first';
SELECT * FROM pg_temp.living;
\echo -- a refresh token ends its grant, also when it is found ended
SELECT oauth_revoke_token(refresh_token), oauth_revoke_token(refresh_token) FROM token WHERE name = 'second';
SELECT * FROM pg_temp.living;
SELECT DISTINCT ended_reason FROM oauth.grant WHERE subject = 'ending-1' AND ended_at IS NOT NULL;
\echo -- one that was used still stands for its grant
SELECT pg_temp.issue(:'id', :'other');
UPDATE oauth.refresh_token SET used_at = now(), successor = 1 WHERE token_hash = (SELECT sha256(convert_to(refresh_token, 'UTF8')) FROM token WHERE name = 'first');
SELECT oauth_revoke_token(refresh_token) FROM token WHERE name = 'first';
SELECT * FROM pg_temp.living;
\echo -- what is no token ends nothing
SELECT oauth_revoke_token(token) FROM (VALUES (NULL), (''), ('x'), ('oat_' || repeat('A', 54)), ('ort_' || repeat('A', 54)), ((SELECT replace(access_token, 'oat_', 'ort_') FROM token WHERE name = 'second'))) v (token);
SELECT oauth_revoke_token(left(refresh_token, 57)), oauth_revoke_token(refresh_token || 'A') FROM token WHERE name = 'second';

\echo -- a subject: its grants of every client; an unknown one has none
SELECT pg_temp.issue(:'id', :'other');
SELECT oauth_revoke_subject('ending-1') >= 3, oauth_revoke_subject('ending-1'), oauth_revoke_subject('nobody'), oauth_revoke_subject('');
SELECT * FROM pg_temp.living;
\echo -- revoking is not disabling
SELECT t.token_type FROM oauth_issue_token(:'id', 'ending-1') t;
\echo -- a client: its grants, the one for itself too
SELECT pg_temp.issue(:'id', :'other');
SELECT oauth_revoke_client(:'id') >= 4, oauth_revoke_client(:'id');
SELECT * FROM pg_temp.living;
SELECT t.token_type FROM oauth_issue_token(:'id') t;
SELECT count(*) FILTER (WHERE ended_at IS NULL), count(*) FROM oauth.grant WHERE client_id = :'id' AND subject IS NULL;
SELECT pg_temp.try('SELECT oauth_revoke_client(''nobody'')');

\echo -- all of it in the transaction of the caller
SELECT pg_temp.issue(:'id', :'other');
BEGIN;
SELECT oauth_revoke_token(access_token) FROM token WHERE name = 'first';
SAVEPOINT a;
SELECT oauth_revoke_subject('ending-2');
SELECT * FROM pg_temp.living;
ROLLBACK TO a;
SELECT * FROM pg_temp.living;
ROLLBACK;
SELECT * FROM pg_temp.living;
\echo -- who deletes a row of the application and revokes does both or neither
CREATE TEMPORARY TABLE customer (id text PRIMARY KEY);
INSERT INTO customer VALUES ('ending-2');
CREATE FUNCTION pg_temp.customer_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM oauth_revoke_subject(old.id); RETURN old; END $$;
CREATE TRIGGER customer_gone AFTER DELETE ON customer FOR EACH ROW EXECUTE FUNCTION pg_temp.customer_gone();
BEGIN;
DELETE FROM customer;
SELECT active FROM token, oauth_verify_token(access_token) WHERE name = 'another subject';
ROLLBACK;
SELECT active FROM token, oauth_verify_token(access_token) WHERE name = 'another subject';
DELETE FROM customer;
SELECT active FROM token, oauth_verify_token(access_token) WHERE name = 'another subject';

\echo -- without the index of who may do nothing any more, or where it is not valid, nobody is taken for one who may
SELECT pg_temp.issue(:'id', :'other');
BEGIN;
DROP INDEX oauth.subject_disabled;
SELECT pg_temp.try(format('SELECT active FROM oauth_verify_token(%L)', access_token)) FROM token WHERE name = 'first';
ROLLBACK;
BEGIN;
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'oauth.client_disabled'::regclass;
SELECT pg_temp.try(format('SELECT active FROM oauth_verify_token(%L)', access_token)) FROM token WHERE name = 'first';
ROLLBACK;
BEGIN;
ALTER TABLE oauth.access_token DROP CONSTRAINT access_token_pkey;
SELECT pg_temp.try(format('SELECT active FROM oauth_verify_token(%L)', access_token)) FROM token WHERE name = 'first';
ROLLBACK;
SELECT active FROM token, oauth_verify_token(access_token) WHERE name = 'first';
