-- revoke.sql: revocation (RFC 7009).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never

SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('revoke', grant_types => '{password,refresh_token}') \gset
SELECT client_id AS other, client_secret AS other_secret FROM oauth_register_client('revoke other', grant_types => '{password,refresh_token}') \gset
SELECT client_id AS public FROM oauth_register_client('revoke public', grant_types => '{refresh_token}', client_type => 'public') \gset
CREATE FUNCTION pg_temp.send(form text, type text DEFAULT 'application/x-www-form-urlencoded', target text DEFAULT '/oauth2/revoke') RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || convert_from(r.body, 'UTF8') || coalesce(' ' || (SELECT h FROM unnest(r.headers) h WHERE h LIKE 'WWW-%'), '')
	FROM oauth.revoke(ROW('POST', target, ARRAY['Content-Type: ' || type], convert_to(form, 'UTF8'), 'http', '127.0.0.1')) r $$;
SELECT 'client_id=' || :'id' || '&client_secret=' || :'secret' AS auth \gset
SELECT 'client_id=' || :'other' || '&client_secret=' || :'other_secret' AS other_auth \gset

\echo -- an access token ends alone (R151), a second time is no error
SELECT access_token AS access, refresh_token AS refresh FROM oauth_issue_token(:'id', 'revoke-1', refresh => true) \gset
SELECT pg_temp.send(:'auth' || '&token=' || :'access');
SELECT pg_temp.send(:'auth' || '&token=' || :'access');
SELECT active FROM oauth_verify_token(:'access');
SELECT oauth_introspect_token(:'refresh') -> 'active';
\echo -- a refresh token takes its grant along, whatever the hint says (R151, R152)
SELECT access_token AS access, refresh_token AS refresh FROM oauth_issue_token(:'id', 'revoke-1', refresh => true) \gset
SELECT pg_temp.send(:'auth' || '&token_type_hint=access_token&token=' || :'refresh');
SELECT active FROM oauth_verify_token(:'access');
SELECT oauth_introspect_token(:'refresh');
SELECT access_token AS access FROM oauth_issue_token(:'id', 'revoke-1') \gset
SELECT pg_temp.send(:'auth' || '&token_type_hint=nonsense&token=' || :'access');
SELECT active FROM oauth_verify_token(:'access');
\echo -- R149: another client's tokens stay
SELECT access_token AS access, refresh_token AS refresh FROM oauth_issue_token(:'id', 'revoke-1', refresh => true) \gset
SELECT pg_temp.send(:'other_auth' || '&token=' || :'access');
SELECT pg_temp.send(:'other_auth' || '&token=' || :'refresh');
SELECT active FROM oauth_verify_token(:'access');
SELECT oauth_introspect_token(:'refresh') -> 'active';
\echo -- R148: what is no token at all
SELECT token, pg_temp.send(:'auth' || '&token=' || token) FROM (VALUES ('x'), ('oat_'), (repeat('A', 5000)), ('%C3%A9')) v (token) WHERE length(token) < 100;
SELECT pg_temp.send(:'auth' || '&token=' || repeat('A', 5000));
\echo -- R150: a caller that is not authenticated as a client revokes nothing
SELECT pg_temp.send('token=' || :'access');
SELECT pg_temp.send('client_id=' || :'id' || '&token=' || :'access');
SELECT pg_temp.send('client_id=' || :'id' || '&client_secret=x&token=' || :'access');
SELECT pg_temp.send('client_id=nobody&client_secret=x&token=' || :'access');
SELECT active FROM oauth_verify_token(:'access');
SELECT access_token AS mine FROM oauth_issue_token(:'public', 'revoke-1') \gset
SELECT pg_temp.send('client_id=' || :'public' || '&token=' || :'mine');
SELECT active FROM oauth_verify_token(:'mine');
\echo -- malformed
SELECT pg_temp.send(:'auth');
SELECT pg_temp.send(:'auth' || '&token=');
SELECT pg_temp.send(:'auth' || '&token=a&token=b');
SELECT pg_temp.send(:'auth' || '&token=%00');
SELECT pg_temp.send('{"token": "x"}', 'application/json');
SELECT pg_temp.send(:'auth', target => '/oauth2/revoke?token=' || :'access');
SELECT active FROM oauth_verify_token(:'access');
\echo -- what a rollback revokes, it does not
BEGIN;
SELECT pg_temp.send(:'auth' || '&token=' || :'access');
SELECT active FROM oauth_verify_token(:'access');
ROLLBACK;
SELECT active FROM oauth_verify_token(:'access');
