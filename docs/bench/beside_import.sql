-- beside_import.sql: access tokens of django-oauth-toolkit to be imported, number :from to :to.
-- SPDX-License-Identifier: PostgreSQL
CREATE SCHEMA IF NOT EXISTS old_site;
CREATE TABLE IF NOT EXISTS old_site.oauth2_provider_application (id int PRIMARY KEY, client_id text, client_secret text,
	name text, client_type text, authorization_grant_type text, redirect_uris text);
CREATE TABLE IF NOT EXISTS old_site.oauth2_provider_accesstoken (id bigint PRIMARY KEY, token text, expires timestamptz,
	scope text, application_id int, user_id bigint, created timestamptz);
CREATE TABLE IF NOT EXISTS old_site.oauth2_provider_refreshtoken (id bigint PRIMARY KEY, token text, application_id int,
	access_token_id bigint, revoked timestamptz);
INSERT INTO old_site.oauth2_provider_application VALUES (1, 'old-printer', 'its old secret', 'Old printer', 'confidential',
	'authorization-code', 'https://printer.example/') ON CONFLICT DO NOTHING;
INSERT INTO old_site.oauth2_provider_accesstoken
	SELECT n, left(encode(sha256(int8send(n)), 'hex'), 30), now() + interval '1 day', 'read', 1, n % 100000,
		now() - interval '30 days' + n * interval '1 millisecond'
	FROM generate_series(:from, :to) n;
VACUUM (ANALYZE) old_site.oauth2_provider_accesstoken;
