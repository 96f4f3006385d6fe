-- insert.sql: grants and tokens are written straight into their tables, and what an administrator adds to those counts all the same.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA added;
CREATE TABLE added.seen (what text, subject text);
CREATE FUNCTION added.see() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO added.seen VALUES (format('%s %s %s', TG_TABLE_NAME, TG_WHEN, TG_LEVEL),
		CASE WHEN TG_LEVEL = 'ROW' THEN to_jsonb(NEW) ->> 'subject' END);
	RETURN NEW;
END $$;
SELECT client_id AS id FROM oauth_register_client('insert', grant_types => '{client_credentials,refresh_token}', scope => 'read') \gset
-- Two tokens, each by itself.
CREATE TABLE added.by AS SELECT :'id' AS id;
CREATE FUNCTION added.issue() RETURNS bigint LANGUAGE sql AS $$
	SELECT count(access_token) FROM added.by, generate_series(1, 2) n CROSS JOIN LATERAL oauth_issue_token(id, 'insert-' || n, refresh => true) $$;
SELECT added.issue();

\echo -- what is written is what the statement would have written
SELECT subject, grant_type, scope, resource IS NULL, ended_at IS NULL, sid IS NULL FROM oauth.grant WHERE client_id = :'id' ORDER BY handle;
SELECT count(*), count(DISTINCT grant_handle), min(octet_length(token_hash)) FROM oauth.access_token JOIN oauth.grant g ON g.handle = grant_handle WHERE client_id = :'id';
SELECT count(*) FROM oauth.grant WHERE client_id = :'id' AND subject = 'insert-1';
SET enable_seqscan = off;
SELECT count(*) FROM oauth.grant WHERE subject = 'insert-1';
RESET enable_seqscan;

\echo -- triggers of rows and of statements
CREATE TRIGGER see_row AFTER INSERT ON oauth.grant FOR EACH ROW EXECUTE FUNCTION added.see();
CREATE TRIGGER see_statement BEFORE INSERT ON oauth.access_token EXECUTE FUNCTION added.see();
CREATE TRIGGER see_end AFTER INSERT ON oauth.refresh_token EXECUTE FUNCTION added.see();
SELECT added.issue();
SELECT what, subject, count(*) FROM added.seen GROUP BY 1, 2 ORDER BY 1, 2;
DROP TRIGGER see_row ON oauth.grant;
DROP TRIGGER see_statement ON oauth.access_token;
DROP TRIGGER see_end ON oauth.refresh_token;
TRUNCATE added.seen;
SELECT added.issue();
SELECT count(*) FROM added.seen;

\echo -- defaults, identity, generated columns
ALTER TABLE oauth.grant ADD COLUMN noted text DEFAULT 'here', ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY,
	ADD COLUMN length integer GENERATED ALWAYS AS (length(subject)) STORED;
SELECT added.issue();
SELECT noted, count(DISTINCT number), min(length) FROM (SELECT * FROM oauth.grant ORDER BY handle DESC LIMIT 2) g GROUP BY 1;
ALTER TABLE oauth.grant DROP COLUMN noted, DROP COLUMN number, DROP COLUMN length;

\echo -- a column that may not be null
ALTER TABLE oauth.grant ADD COLUMN noted text NOT NULL DEFAULT 'here';
ALTER TABLE oauth.grant ALTER COLUMN noted DROP DEFAULT;
SELECT added.issue();
ALTER TABLE oauth.grant DROP COLUMN noted;

\echo -- constraints: of an administrator, of ours, which holds anyway, and one of ours that was taken away
SELECT added.issue();
ALTER TABLE oauth.grant ADD CONSTRAINT added_short CHECK (length(subject) < 3) NOT VALID;
SELECT added.issue();
ALTER TABLE oauth.grant DROP CONSTRAINT added_short;
BEGIN;
ALTER TABLE oauth.grant DROP CONSTRAINT ends_have_a_reason;
SELECT added.issue();
ROLLBACK;

\echo -- foreign keys, unique columns, domains
CREATE TABLE added.word (scope text PRIMARY KEY);
ALTER TABLE oauth.grant ADD CONSTRAINT added_word FOREIGN KEY (scope) REFERENCES added.word NOT VALID;
SELECT added.issue();
ALTER TABLE oauth.grant DROP CONSTRAINT added_word;
CREATE TABLE added.client (client_id text COLLATE "C" PRIMARY KEY);
ALTER TABLE oauth.grant ADD CONSTRAINT added_client FOREIGN KEY (client_id) REFERENCES added.client NOT VALID;
SELECT added.issue();
ALTER TABLE oauth.grant DROP CONSTRAINT added_client;
CREATE UNIQUE INDEX added_one ON oauth.grant (subject) WHERE subject LIKE 'once-%';
SELECT count(access_token) FROM oauth_issue_token(:'id', 'once-1');
SELECT count(access_token) FROM oauth_issue_token(:'id', 'once-1');
DROP INDEX oauth.added_one;
CREATE DOMAIN added.place AS text DEFAULT 'here';
ALTER TABLE oauth.grant ADD COLUMN noted added.place;
ALTER TABLE oauth.grant ALTER COLUMN noted DROP DEFAULT;
SELECT added.issue();
SELECT noted, count(*) FROM (SELECT noted FROM oauth.grant ORDER BY handle DESC LIMIT 2) g GROUP BY 1;
ALTER TABLE oauth.grant DROP COLUMN noted;

\echo -- a rule
CREATE RULE added_seen AS ON INSERT TO oauth.grant DO ALSO INSERT INTO added.seen VALUES ('rule', NEW.subject);
SELECT added.issue();
SELECT * FROM added.seen ORDER BY subject;
DROP RULE added_seen ON oauth.grant;

\echo -- an index that was added finds the rows, one that summarizes too
CREATE INDEX added_upper ON oauth.grant (upper(subject)) WHERE subject IS NOT NULL;
CREATE INDEX added_range ON oauth.grant USING brin (handle);
SELECT added.issue();
SET enable_seqscan = off;
SELECT count(*) = (SELECT count(*) FROM oauth.grant WHERE subject || '' = 'insert-2') FROM oauth.grant WHERE upper(subject) = 'INSERT-2';
RESET enable_seqscan;
DROP INDEX oauth.added_upper, oauth.added_range;

\echo -- nothing is written where nothing may be, and what is undone is gone
CREATE TEMP TABLE before AS SELECT (SELECT count(*) FROM oauth.grant) AS grants, (SELECT count(*) FROM oauth.access_token) AS tokens;
BEGIN READ ONLY;
SELECT added.issue();
ROLLBACK;
BEGIN;
SAVEPOINT one;
SELECT added.issue();
ROLLBACK TO one;
SELECT (SELECT count(*) FROM oauth.grant) = grants, (SELECT count(*) FROM oauth.access_token) = tokens FROM before;
COMMIT;

\echo -- seen at once in the transaction that wrote it, and it can be revoked there
BEGIN;
SELECT access_token AS token FROM oauth_issue_token(:'id', 'insert-3') \gset
SELECT active, subject FROM oauth_verify_token(:'token');
SELECT oauth_revoke_token(:'token');
SELECT active FROM oauth_verify_token(:'token');
COMMIT;

\echo -- a dump can be loaded in any order as before: what stands before INSERT and COPY is still there
SELECT count(*) FROM pg_trigger WHERE tgname = 'before_load' AND tgrelid IN ('oauth.grant'::regclass, 'oauth.access_token'::regclass);
DROP SCHEMA added CASCADE;
SELECT oauth_delete_client(:'id');
