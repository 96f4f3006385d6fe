-- issue.sql: pgbench, oauth_issue_token for one of many subjects.
-- SPDX-License-Identifier: PostgreSQL
\set subject random(1, :subjects)
SELECT access_token FROM oauth_issue_token(:client, subject => :subject, scope => 'read');
