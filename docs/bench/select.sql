-- select.sql: pgbench, the plain primary-key SELECT that oauth_verify_token is compared with.
-- SPDX-License-Identifier: PostgreSQL
-- Eight statements a transaction, as in verify.sql.
\set id1 random(1, :rows)
\set id2 random(1, :rows)
\set id3 random(1, :rows)
\set id4 random(1, :rows)
\set id5 random(1, :rows)
\set id6 random(1, :rows)
\set id7 random(1, :rows)
\set id8 random(1, :rows)
SELECT payload FROM bench.plain WHERE id = :id1;
SELECT payload FROM bench.plain WHERE id = :id2;
SELECT payload FROM bench.plain WHERE id = :id3;
SELECT payload FROM bench.plain WHERE id = :id4;
SELECT payload FROM bench.plain WHERE id = :id5;
SELECT payload FROM bench.plain WHERE id = :id6;
SELECT payload FROM bench.plain WHERE id = :id7;
SELECT payload FROM bench.plain WHERE id = :id8;
