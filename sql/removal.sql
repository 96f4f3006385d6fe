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

\echo -- a purge removes a thousand at once, and the rest after that
INSERT INTO oauth.subject (subject, disabled_at, deleted_at) SELECT 'removal-old-' || i, now() - interval '2 days', now() - interval '2 days' FROM generate_series(1, 1100) i;
SELECT oauth_purge_expired() >= 1000;
SELECT count(*) FROM oauth.subject WHERE subject LIKE 'removal-old-%';
SELECT oauth_purge_expired() >= 100;
SELECT count(*) FROM oauth.subject WHERE subject LIKE 'removal-old-%';

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
