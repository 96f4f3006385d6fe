-- setup.sql: the database of the benchmark: plain tables to compare with, the extension, a client for each load.
-- SPDX-License-Identifier: PostgreSQL
CREATE SCHEMA bench;

-- What a primary-key SELECT reads: rows of 100 bytes beside their key.
CREATE TABLE bench.plain (id bigint PRIMARY KEY, payload text NOT NULL);

-- What a durable INSERT writes.
CREATE TABLE bench.inserted (id uuid PRIMARY KEY, payload text NOT NULL);

-- Tokens for the load scripts, which the database itself does not keep.
CREATE TABLE bench.sample (token text NOT NULL);
CREATE TABLE bench.refresh_sample (token text NOT NULL);

CREATE EXTENSION oauth CASCADE;

CREATE TABLE bench.client AS
	SELECT 'service' AS load, * FROM oauth_register_client(client_name => 'Service',
		grant_types => '{client_credentials,introspection}', scope => 'read write')
	UNION ALL
	SELECT 'app', * FROM oauth_register_client(client_name => 'App',
		grant_types => '{password,refresh_token}', scope => 'read write')
	UNION ALL
	SELECT 'signer', * FROM oauth_register_client(client_name => 'Signer',
		grant_types => '{oauth1_two_legged}', scope => 'read write');

-- The shim's role: the endpoint functions and nothing else.
CREATE ROLE oauth_shim LOGIN;
ALTER ROLE oauth_shim SET log_parameter_max_length = 0;
ALTER ROLE oauth_shim SET log_parameter_max_length_on_error = 0;
GRANT USAGE ON SCHEMA oauth TO oauth_shim;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oauth TO oauth_shim;
