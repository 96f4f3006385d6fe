-- master_key_rotation.sql: oauth_rotate_master_key() seals the credentials of OAuth 1.0a too, more than a batch of them.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;

SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('rotation', grant_types => '{oauth1,oauth1_xauth}') \gset
SELECT oauth_create_user('rotation', 'wonderland') IS NOT NULL;
-- A request signed with HMAC-SHA1.
CREATE FUNCTION pg_temp.signed(path text, more text, secret text, token_secret text) RETURNS oauth.http_request LANGUAGE plpgsql AS $$
DECLARE
	header text := format('OAuth oauth_signature_method="HMAC-SHA1", oauth_timestamp="%s", oauth_nonce="%s", %s', extract(epoch FROM clock_timestamp())::bigint, gen_random_uuid(), more);
	base text := oauth_signature_base_string('POST', 'http://localhost' || path, header);
	signature text := oauth_signature('HMAC-SHA1', base, secret, token_secret);
BEGIN
	RETURN ROW('POST', path, ARRAY['Host: localhost', format('Authorization: %s, oauth_signature="%s"', header, replace(replace(replace(signature, '+', '%2B'), '/', '%2F'), '=', '%3D'))], NULL, 'http', '127.0.0.1')::oauth.http_request;
END $$;
CREATE FUNCTION pg_temp.member(r oauth.http_response, name text) RETURNS text LANGUAGE sql AS $$ SELECT substring(convert_from(r.body, 'UTF8') FROM name || '=([^&]*)') $$;

SELECT count(DISTINCT pg_temp.member(r, 'oauth_token')) FROM generate_series(1, 1100) i,
	LATERAL oauth.oauth1_request_token(pg_temp.signed('/oauth/request_token', format('realm="%s", oauth_consumer_key="%s", oauth_callback="oob"', i, :'id'), :'secret', '')) r WHERE r.status = 200;
SELECT pg_temp.member(r, 'oauth_token') AS token, pg_temp.member(r, 'oauth_token_secret') AS token_secret
	FROM oauth.oauth1_access_token(pg_temp.signed('/oauth/access_token?x_auth_mode=client_auth&x_auth_username=rotation&x_auth_password=wonderland', format('oauth_consumer_key="%s"', :'id'), :'secret', '')) r \gset
SELECT count(r.client_secret) FROM generate_series(1, 1100) i, LATERAL oauth_register_client('to be rotated ' || i, grant_types => '{oauth1}') r;
SELECT client_id AS rotated FROM oauth.client WHERE client_name = 'to be rotated 1' \gset
SELECT oauth_rotate_client_secret(:'rotated', '1 hour') IS NOT NULL;
SELECT key_id AS before FROM oauth.master_key WHERE retired_at IS NULL \gset
SELECT oauth_rotate_master_key() >= 2202;
SELECT key_id AS after FROM oauth.master_key WHERE retired_at IS NULL \gset
SELECT :'before' <> :'after';
\echo -- nothing is left under the old key
SELECT count(*) FROM oauth.request_token WHERE substr(secret_sealed, 1, 8) <> :'after';
SELECT count(*) FROM oauth.oauth1_token WHERE substr(secret_sealed, 1, 8) <> :'after';
SELECT count(*) FROM oauth.client WHERE substr(secret_sealed, 1, 8) <> :'after' OR substr(old_secret_sealed, 1, 8) <> :'after';
SELECT count(old_secret_sealed) FROM oauth.client WHERE client_name = 'to be rotated 1';
\echo -- and all of it opens
SELECT status FROM oauth.resource(pg_temp.signed('/api/', format('oauth_consumer_key="%s", oauth_token="%s"', :'id', :'token'), :'secret', :'token_secret'));
