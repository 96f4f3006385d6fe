-- index.sql: rows that are written without a statement are in each index that they belong to, and in no other.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION amcheck;
CREATE EXTENSION pageinspect;
CREATE SCHEMA added;
CREATE TABLE added.client AS SELECT client_id, client_secret FROM oauth_register_client('index', grant_types => '{client_credentials,refresh_token}', scope => 'read');
CREATE TABLE added.issued (refresh_token text);
CREATE FUNCTION added.issue() RETURNS void LANGUAGE sql AS $$
	INSERT INTO added.issued SELECT refresh_token FROM generate_series(1, 20) i, added.client,
		LATERAL oauth_issue_token(client_id, subject => 'index-' || i % 3, refresh => i % 2 = 0) t $$;
CREATE FUNCTION added.refresh() RETURNS bigint LANGUAGE sql AS $$
	SELECT count(*) FROM added.client, added.issued, LATERAL oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}',
		convert_to(format('grant_type=refresh_token&refresh_token=%s&client_id=%s&client_secret=%s', refresh_token, client_id, client_secret), 'UTF8'), 'https', '127.0.0.1')) r
	WHERE r.status = 200 $$;
CREATE FUNCTION added.indexes() RETURNS SETOF pg_index LANGUAGE sql AS $$
	SELECT i.* FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam AND a.amname = 'btree'
	WHERE i.indrelid IN ('oauth.grant'::regclass, 'oauth.access_token'::regclass, 'oauth.refresh_token'::regclass) $$;
-- Raises an error where a row of a table is missing in an index of it.
CREATE FUNCTION added.check() RETURNS boolean LANGUAGE sql AS $$ SELECT count(bt_index_parent_check(indexrelid, true)) >= 12 FROM added.indexes() $$;
-- How many rows are in an index that they do not belong to.
CREATE FUNCTION added.strangers() RETURNS TABLE (index text, strangers bigint) LANGUAGE plpgsql AS $$
DECLARE
	i record;
BEGIN
	FOR i IN SELECT indexrelid::regclass AS name, relname, pg_get_expr(indpred, indrelid) AS condition, pg_relation_size(indexrelid) / 8192 - 1 AS pages FROM added.indexes() JOIN pg_class c ON c.oid = indrelid WHERE indpred IS NOT NULL
	LOOP
		index := i.name;
		EXECUTE format('SELECT count(*) FROM generate_series(1, $1) page, LATERAL bt_page_stats($2, page) s, LATERAL bt_page_items($2, page) e JOIN oauth.%I ON %1$I.ctid = e.htid OR %1$I.ctid = ANY (e.tids)
			WHERE s.type = ''l'' AND (%s) IS NOT TRUE', i.relname, i.condition) INTO strangers USING i.pages, index;
		CONTINUE WHEN strangers = 0;
		RETURN NEXT;
	END LOOP;
END $$;

\echo -- those of the extension
SELECT added.issue();
SELECT added.check();
SELECT * FROM added.strangers();

\echo -- those of an administrator: conditions about nulls, more of them than are kept, others, a whole row, expressions, unique ones
CREATE INDEX added_nulls ON oauth.grant (handle) WHERE subject IS NOT NULL AND resource IS NULL AND ended_at IS NULL;
CREATE INDEX added_no_nulls ON oauth.grant (handle) WHERE resource IS NOT NULL;
CREATE INDEX added_half ON oauth.grant (handle) WHERE subject IS NOT NULL AND resource IS NOT NULL;
CREATE INDEX added_more ON oauth.grant (handle) WHERE subject IS NOT NULL AND resource IS NULL AND ended_at IS NULL AND sid IS NULL AND acr IS NULL AND amr IS NOT NULL;
CREATE INDEX added_mixed ON oauth.grant (handle) WHERE subject IS NOT NULL AND subject > 'index-1';
CREATE INDEX added_other ON oauth.grant (handle) WHERE subject = 'index-2';
CREATE INDEX added_either ON oauth.grant (handle) WHERE resource IS NOT NULL OR subject IS NOT NULL;
CREATE INDEX added_whole ON oauth.grant (handle) WHERE "grant" IS NOT NULL;
CREATE INDEX added_expression ON oauth.grant (upper(subject), handle) WHERE upper(resource) IS NOT NULL;
CREATE UNIQUE INDEX added_unique ON oauth.access_token (handle) WHERE revoked_at IS NULL;
CREATE INDEX added_used ON oauth.refresh_token (handle) WHERE used_at IS NOT NULL;
CREATE INDEX added_unused ON oauth.refresh_token (used_at, handle) WHERE used_at IS NULL;
SELECT added.issue();
SELECT added.refresh();
SELECT added.check();
SELECT * FROM added.strangers();

\echo -- some go, and others come under their names
DROP INDEX oauth.added_nulls, oauth.added_more, oauth.added_used;
CREATE INDEX added_nulls ON oauth.grant (handle) WHERE subject IS NULL;
CREATE INDEX added_used ON oauth.refresh_token (handle) WHERE used_at IS NULL;
DELETE FROM added.issued;
SELECT added.issue();
SELECT added.refresh();
SELECT added.check();
SELECT * FROM added.strangers();
SELECT count(*) FROM oauth.grant WHERE subject LIKE 'index-_';

DROP SCHEMA added CASCADE;
DROP INDEX oauth.added_nulls, oauth.added_no_nulls, oauth.added_half, oauth.added_mixed, oauth.added_other, oauth.added_either, oauth.added_whole, oauth.added_expression, oauth.added_unique, oauth.added_used, oauth.added_unused;
DROP EXTENSION amcheck, pageinspect;
