-- verify.sql: pgbench, oauth_verify_token.
-- SPDX-License-Identifier: PostgreSQL
-- pgbench has no random text, so each client fetches eight tokens when it starts and verifies those: with 64
-- clients 512 tokens from all over the table.  Eight statements a script run.
\if :fetched = 0
SELECT t[1] AS t1, t[2] AS t2, t[3] AS t3, t[4] AS t4, t[5] AS t5, t[6] AS t6, t[7] AS t7, t[8] AS t8
	FROM (SELECT array_agg(token) AS t FROM (SELECT token FROM bench.sample ORDER BY random() LIMIT 8) eight) s \gset
\set fetched 1
\endif
SELECT active FROM oauth_verify_token(:t1);
SELECT active FROM oauth_verify_token(:t2);
SELECT active FROM oauth_verify_token(:t3);
SELECT active FROM oauth_verify_token(:t4);
SELECT active FROM oauth_verify_token(:t5);
SELECT active FROM oauth_verify_token(:t6);
SELECT active FROM oauth_verify_token(:t7);
SELECT active FROM oauth_verify_token(:t8);
