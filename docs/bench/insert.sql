-- insert.sql: pgbench, the plain durable INSERT that issuing tokens is compared with.
-- SPDX-License-Identifier: PostgreSQL
-- One row of 100 bytes (16 of them the uuid), uuid primary key, no foreign key.
INSERT INTO bench.inserted (id, payload) VALUES (gen_random_uuid(), repeat('x', 83));
