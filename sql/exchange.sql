-- exchange.sql: OAuth 1.0a tokens for tokens of OAuth 2 (RFC 8693), and their end.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;

SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('exchange', grant_types => '{oauth1,oauth1_xauth,refresh_token,urn:ietf:params:oauth:grant-type:token-exchange}', scope => 'read write') \gset
SELECT client_id AS other, client_secret AS other_secret FROM oauth_register_client('exchange other', grant_types => '{oauth1_xauth,urn:ietf:params:oauth:grant-type:token-exchange}', scope => 'read write') \gset
SELECT client_id AS old, client_secret AS old_secret FROM oauth_register_client('exchange stays', grant_types => '{oauth1_xauth}', scope => 'read write') \gset
SELECT oauth_create_user('exchange alice', 'wonderland') AS alice \gset
-- Credentials of OAuth 1.0a: the form of RFC 5849, section 2.3, by xAuth.
CREATE FUNCTION pg_temp.credentials(id text, secret text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT convert_from(body, 'UTF8') FROM oauth.oauth1_access_token(ROW('POST', '/oauth/access_token?x_auth_mode=client_auth&x_auth_username=exchange+alice&x_auth_password=wonderland',
		ARRAY['Host: localhost', format('Authorization: OAuth oauth_consumer_key="%s", oauth_signature_method="PLAINTEXT", oauth_signature="%s%%26"', id, secret)], NULL, 'http', '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.exchange(auth text, credentials text, more text DEFAULT '', type text DEFAULT 'urn:x-oauth:token-type:oauth1') RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT convert_from(body, 'UTF8')::jsonb || jsonb_build_object('status', status) FROM oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}',
		convert_to(auth || '&grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token_type=' || type || '&subject_token=' || replace(replace(credentials, '&', '%26'), '=', '%3D') || more, 'UTF8'), 'http', '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.show(answer jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT answer - 'expires_in' - 'error_description' || coalesce(jsonb_object_agg(key, left(value, 4)) FILTER (WHERE key IS NOT NULL), '{}') FROM (SELECT * FROM jsonb_each_text(answer) WHERE key IN ('access_token', 'refresh_token')) t $$;
CREATE FUNCTION pg_temp.revoke(auth text, token text) RETURNS integer LANGUAGE sql VOLATILE AS $$ SELECT status FROM oauth.revoke(ROW('POST', '/oauth2/revoke', '{Content-Type: application/x-www-form-urlencoded}', convert_to(auth || '&token=' || token, 'UTF8'), 'http', '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.call(id text, secret text, credentials text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT status || coalesce(' ' || substring(convert_from(body, 'UTF8') FROM 'oauth_problem=([a-z_]*)'), '') FROM oauth.resource(ROW('GET', '/api/', ARRAY['Host: localhost', format('Authorization: OAuth oauth_consumer_key="%s", oauth_token="%s", oauth_signature_method="PLAINTEXT", oauth_signature="%s%%26%s"',
		id, substring(credentials FROM 'oauth_token=([^&]*)'), secret, substring(credentials FROM 'oauth_token_secret=([^&]*)'))], NULL, 'http', '127.0.0.1')) $$;
SELECT 'client_id=' || :'id' || '&client_secret=' || :'secret' AS auth, 'client_id=' || :'other' || '&client_secret=' || :'other_secret' AS other_auth, 'client_id=' || :'old' || '&client_secret=' || :'old_secret' AS old_auth \gset
SELECT pg_temp.credentials(:'id', :'secret') AS credentials \gset
SELECT substring(:'credentials' FROM 'oauth_token=([^&]*)') AS token \gset
UPDATE oauth.grant SET scope = 'read write' WHERE client_id = :'id';

\echo -- the same subject and scope; the old token goes on
SELECT pg_temp.exchange(:'auth', :'credentials') AS answer \gset
SELECT pg_temp.show(:'answer'::jsonb);
SELECT active, client_id = :'id', subject = :'alice', scope FROM oauth_verify_token(:'answer'::jsonb ->> 'access_token');
SELECT pg_temp.call(:'id', :'secret', :'credentials');
\echo -- less scope, not more (the refresh token has what this exchange was given)
SELECT pg_temp.show(pg_temp.exchange(:'auth', :'credentials', '&scope=read'));
SELECT pg_temp.show(pg_temp.exchange(:'auth', :'credentials', '&scope=read+admin'));
\echo -- another client, a wrong secret, half of it, no such token: one answer
SELECT pg_temp.exchange(:'other_auth', :'credentials');
SELECT pg_temp.show(pg_temp.exchange(:'auth', subject_token)) FROM (VALUES (:'credentials' || 'x'), (:'token'), ('oauth_token=' || :'token'), ('oauth_token=o1t_' || repeat('A', 54) || '&oauth_token_secret=x'), ('x'), ('%zz')) v (subject_token);
\echo -- a client that is not registered for it
SELECT pg_temp.show(pg_temp.exchange(:'old_auth', pg_temp.credentials(:'old', :'old_secret')));
\echo -- what RFC 8693 has and this server has not
SELECT pg_temp.show(pg_temp.exchange(:'auth', :'credentials', type => 'urn:ietf:params:oauth:token-type:access_token'));
SELECT pg_temp.show(pg_temp.exchange(:'auth', :'credentials', '&requested_token_type=urn:ietf:params:oauth:token-type:jwt'));
SELECT pg_temp.show(pg_temp.exchange(:'auth', :'credentials', '&actor_token=x&actor_token_type=y'));
SELECT pg_temp.show(pg_temp.exchange(:'auth', :'credentials', '&requested_token_type=urn:ietf:params:oauth:token-type:access_token'));
\echo -- a disabled client or user gets nothing
BEGIN;
SELECT oauth_disable_user('exchange alice');
SELECT pg_temp.show(pg_temp.exchange(:'auth', :'credentials'));
ROLLBACK;
BEGIN;
SELECT oauth_disable_client(:'id');
SELECT pg_temp.show(pg_temp.exchange(:'auth', :'credentials'));
SELECT oauth_exchange_token(:'token');
ROLLBACK;
BEGIN;
UPDATE oauth.oauth1_token SET expires_at = now() - interval '1 second' WHERE token_hash = sha256(convert_to(:'token', 'UTF8'));
SELECT pg_temp.show(pg_temp.exchange(:'auth', :'credentials'));
ROLLBACK;
\echo -- by SQL
SELECT left(access_token, 4), token_type, left(refresh_token, 4), scope FROM oauth_exchange_token(:'token');
SELECT left(access_token, 4), token_type, left(refresh_token, 4), scope FROM oauth_exchange_token(:'token', refresh => true);
SELECT oauth_exchange_token('o1t_' || repeat('A', 54));
\echo :SQLSTATE
SELECT oauth_exchange_token(NULL);
\echo :SQLSTATE
SELECT oauth_exchange_token(:'token', NULL);
\echo :SQLSTATE

\echo -- its name is no bearer token, and introspection does not call it one
SELECT oauth_introspect_token(:'token'), (SELECT active FROM oauth_verify_token(:'token'));
\echo -- revoked by its own client only (RFC 7009), alone: what was exchanged has a grant of its own
SELECT pg_temp.revoke(:'other_auth', :'token');
SELECT pg_temp.call(:'id', :'secret', :'credentials');
SELECT pg_temp.revoke(:'auth', :'token');
SELECT pg_temp.call(:'id', :'secret', :'credentials');
SELECT pg_temp.show(pg_temp.exchange(:'auth', :'credentials'));
SELECT active FROM oauth_verify_token(:'answer'::jsonb ->> 'access_token');
SELECT oauth_revoke_token(:'token');
\echo -- and by SQL
SELECT pg_temp.credentials(:'id', :'secret') AS credentials \gset
SELECT oauth_revoke_token(substring(:'credentials' FROM 'oauth_token=([^&]*)'));
SELECT pg_temp.call(:'id', :'secret', :'credentials');
SELECT pg_temp.credentials(:'id', :'secret') AS credentials \gset
SELECT oauth_revoke_subject(:'alice') > 0;
SELECT pg_temp.call(:'id', :'secret', :'credentials');
SELECT active FROM oauth_verify_token(:'answer'::jsonb ->> 'access_token');
