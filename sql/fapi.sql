-- fapi.sql: clients with the FAPI 2.0 Security Profile and Message Signing.
-- SPDX-License-Identifier: PostgreSQL
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on

\set jwks '{"keys":[{"kty":"EC","crv":"P-256","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"}]}'

CREATE FUNCTION pg_temp.register(metadata jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	client jsonb;
BEGIN
	client := oauth_register_client_metadata(metadata);
	RETURN client - '{client_id,client_id_issued_at,client_name,jwks}'::text[];
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

SELECT jsonb_build_object('client_name', 'Bank', 'profile', 'fapi2', 'redirect_uris', '["https://bank.example/cb"]'::jsonb,
	'grant_types', '["authorization_code","refresh_token"]'::jsonb, 'token_endpoint_auth_method', 'private_key_jwt', 'jwks', :'jwks'::jsonb) AS good \gset

\echo -- the profile sets what it needs (section 5.3.2)
SELECT pg_temp.register(:'good');
SELECT pg_temp.register(:'good'::jsonb || '{"profile": "fapi2_message_signing"}');

\echo -- and refuses what contradicts it
SELECT pg_temp.register(:'good'::jsonb || more) FROM (VALUES (1, jsonb '{"profile": "fapi1"}'), (2, '{"token_endpoint_auth_method": "none"}'),
	(3, '{"token_endpoint_auth_method": "client_secret_basic"}'), (4, '{"token_endpoint_auth_method": "client_secret_jwt", "jwks": null}'),
	(5, '{"grant_types": ["password"]}'), (6, '{"grant_types": ["authorization_code", "oauth1"]}'), (7, '{"id_token_signed_response_alg": "RS256"}'),
	(8, '{"token_endpoint_auth_signing_alg": "ES384"}'), (9, '{"request_object_signing_alg": "PS384"}'), (10, '{"userinfo_signed_response_alg": "RS512"}'),
	(11, '{"authorization_signed_response_alg": "RS256"}'), (12, '{"introspection_signed_response_alg": "RS256"}'),
	(13, '{"redirect_uris": ["http://127.0.0.1/cb"], "application_type": null}')) v (n, more) ORDER BY n;
SELECT pg_temp.register(:'good'::jsonb || '{"redirect_uris": ["http://127.0.0.1/cb"], "application_type": "native", "id_token_signed_response_alg": "EdDSA"}') LIKE '{%';
