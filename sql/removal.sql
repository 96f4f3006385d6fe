-- removal.sql: removing clients and subjects that tokens are issued for.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET client_min_messages = warning;
SELECT client_id AS id FROM oauth_register_client('removal', grant_types => '{client_credentials}', scope => 'read') \gset
SELECT count(access_token) FROM oauth_issue_token(:'id', 'removal-1');

\echo -- what has grants stays, also within the transaction that made them
BEGIN;
SELECT count(access_token) FROM oauth_issue_token(:'id', 'removal-2');
DELETE FROM oauth.subject WHERE subject = 'removal-2';
ROLLBACK;
DELETE FROM oauth.client WHERE client_id = :'id';
UPDATE oauth.client SET client_id = 'other' WHERE client_id = :'id';
UPDATE oauth.subject SET subject = 'other' WHERE subject = 'removal-1';
\echo -- what was removed in the transaction is no more
BEGIN;
INSERT INTO oauth.subject VALUES ('removal-3');
DELETE FROM oauth.subject WHERE subject = 'removal-3';
SELECT count(access_token) FROM oauth_issue_token(:'id', 'removal-3');
SELECT count(*) FROM oauth.subject WHERE subject = 'removal-3';
COMMIT;
\echo -- what has none goes
INSERT INTO oauth.subject VALUES ('removal-4'), ('removal-5');
UPDATE oauth.subject SET subject = 'removal-6' WHERE subject = 'removal-5';
DELETE FROM oauth.subject WHERE subject IN ('removal-4', 'removal-6');
SELECT count(*) FROM oauth.subject WHERE subject IN ('removal-4', 'removal-5', 'removal-6');

\echo -- many go at once, and hold no lock each; and many tokens are issued at once
SELECT count(DISTINCT access_token) FROM generate_series(1, 16000) i, LATERAL oauth_issue_token(:'id', subject => 'removal-many-' || i);
BEGIN;
SELECT count(access_token) FROM generate_series(1, 100) i, LATERAL oauth_issue_token(:'id', subject => 'removal-many-' || i);
SELECT count(*) <= current_setting('max_locks_per_transaction')::int FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'object';
COMMIT;
WITH gone AS (DELETE FROM oauth.access_token a USING oauth.grant g WHERE g.handle = a.grant_handle AND g.subject LIKE 'removal-many-%' RETURNING grant_handle) SELECT count(*) FROM gone;
DELETE FROM oauth.grant WHERE subject LIKE 'removal-many-%';
BEGIN;
DELETE FROM oauth.subject WHERE subject LIKE 'removal-many-%';
SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'object' AND classid = 'oauth.subject'::regclass;
COMMIT;
\echo -- a key that is null is refused as in any other table
UPDATE oauth.client SET client_id = NULL WHERE client_id = :'id';
UPDATE oauth.subject SET subject = NULL WHERE subject = 'removal-1';
\echo -- a grant that a trigger does not let in has no token
CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON oauth.grant FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse();
SELECT count(access_token) FROM oauth_issue_token(:'id', 'removal-1');
DROP TRIGGER refuse ON oauth.grant;

\echo -- the function is for its triggers
SELECT _oauth_before_removal();
CREATE TABLE pg_temp.other (subject text COLLATE "C" NOT NULL, maybe text, number int NOT NULL, name name NOT NULL);
INSERT INTO pg_temp.other VALUES ('a', NULL, 1, 'a');
CREATE FUNCTION pg_temp.try(events text, argument text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	said text := 'removed';
BEGIN
	EXECUTE format('CREATE TRIGGER other %s EXECUTE FUNCTION _oauth_before_removal(%s)', replace(events, 'ON', 'ON pg_temp.other FOR EACH'), argument);
	BEGIN
		INSERT INTO pg_temp.other VALUES ('b', NULL, 1, 'a');
		UPDATE pg_temp.other SET subject = subject || 'c';
		DELETE FROM pg_temp.other WHERE subject = 'bc';
		UPDATE pg_temp.other SET subject = 'a';
	EXCEPTION WHEN OTHERS THEN
		said := SQLSTATE || ': ' || SQLERRM;
	END;
	DROP TRIGGER other ON pg_temp.other;
	RETURN said;
END $$;
SELECT events, argument, pg_temp.try(events, argument) FROM (VALUES ('BEFORE DELETE OR UPDATE ON ROW', 'subject'), ('BEFORE DELETE ON ROW', ''), ('BEFORE DELETE ON ROW', 'subject, subject'), ('BEFORE DELETE ON ROW', 'missing'), ('BEFORE DELETE ON ROW', 'ctid'),
	('BEFORE DELETE ON ROW', 'maybe'), ('BEFORE UPDATE ON ROW', 'number'), ('BEFORE UPDATE ON ROW', 'name'), ('BEFORE INSERT ON ROW', 'subject'), ('AFTER DELETE ON ROW', 'subject'), ('BEFORE DELETE ON STATEMENT', 'subject')) t (events, argument);
SELECT subject FROM pg_temp.other;
SELECT oauth_delete_client(:'id');
