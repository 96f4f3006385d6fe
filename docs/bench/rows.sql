-- rows.sql: pgbench, the rows that oauth_issue_token writes, by plain INSERTs: nothing is looked up, checked or referred to.
-- SPDX-License-Identifier: PostgreSQL
\set subject random(1, :subjects)
WITH g AS (INSERT INTO bench.written_grant VALUES (nextval('bench.written'), :client, :subject, 'oauth_issue_token', 'read') RETURNING handle),
	t AS (INSERT INTO bench.written_token SELECT nextval('bench.written'), handle, now() + interval '1 hour', sha256(uuid_send(gen_random_uuid())), 'read' FROM g
		RETURNING grant_handle)
INSERT INTO bench.written_event SELECT nextval('bench.written'), grant_handle, 'token.issued', 'ok', :client, :subject, 'postgres' FROM t;
