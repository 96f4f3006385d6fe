-- backchannel_logout.sql: which clients are told that a session has ended (OpenID Connect Back-Channel Logout 1.0).  R203, R206.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET client_min_messages = warning;
\set main :DBNAME
CREATE DATABASE regress_oauth_logout TEMPLATE template0 ENCODING 'UTF8';
ALTER DATABASE regress_oauth_logout SET oauth.issuer = 'https://auth.example.com';
ALTER DATABASE regress_oauth_logout SET oauth.bcrypt_cost = 4;
\c regress_oauth_logout
SET client_min_messages = warning;
CREATE EXTENSION oauth CASCADE;

CREATE FUNCTION pg_temp.client(name text, more jsonb) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT oauth_register_client_metadata(jsonb_build_object('client_name', name, 'redirect_uris', jsonb_build_array('https://' || name || '.example/cb'), 'scope', 'openid read') || more) ->> 'client_id' $$;
SELECT pg_temp.client('plain', '{}') AS plain, pg_temp.client('told', '{"backchannel_logout_uri": "https://told.example/logout"}') AS told,
	pg_temp.client('by-sid', '{"backchannel_logout_uri": "https://by-sid.example/logout", "backchannel_logout_session_required": true}') AS by_sid \gset
SELECT oauth_create_user('alice', 'wonderland') AS alice, oauth_create_user('bob', 'wonderland') AS bob \gset
-- A session of that sid, in which each of the clients was given an ID token.
CREATE FUNCTION pg_temp.session(whose text, new_sid text, scope text DEFAULT 'openid') RETURNS void LANGUAGE plpgsql AS $$
DECLARE id text;
BEGIN
	FOR id IN SELECT client_id FROM oauth.client LOOP
		PERFORM oauth_issue_token(id, whose, scope);
		UPDATE oauth.grant SET sid = new_sid WHERE handle = (SELECT max(handle) FROM oauth.grant);
	END LOOP;
	INSERT INTO oauth.session (handle, subject, expires_at, token_hash, sid) SELECT coalesce(max(handle), 0) + 1, whose, now() + interval '1 hour', sha256(convert_to(new_sid, 'UTF8')), new_sid FROM oauth.session;
END $$;
-- What is written, once.
CREATE FUNCTION pg_temp.told() RETURNS text LANGUAGE sql VOLATILE AS $$
	WITH d AS (DELETE FROM oauth.delivery RETURNING *)
	SELECT string_agg(concat_ws(' ', c.client_name, d.url, (SELECT u.username FROM oauth.user u WHERE u.subject = d.subject), d.sid), E'\n' ORDER BY c.client_name, d.sid COLLATE "C") FROM d JOIN oauth.client c USING (client_id) $$;
CREATE FUNCTION pg_temp.ended(of_sid text) RETURNS boolean LANGUAGE sql AS $$ SELECT ended_at IS NOT NULL FROM oauth.session WHERE sid = of_sid $$;

\echo -- Back-Channel Logout 1.0, section 2.3: a session ends: each client that was given an ID token in it and can be told, with sub and sid
SELECT pg_temp.session(:'alice', 'a1'), pg_temp.session(:'alice', 'a2'), pg_temp.session(:'bob', 'b1'), pg_temp.session(:'alice', 'none', 'read');
SELECT oauth_end_session(sid => 'a1');
SELECT pg_temp.told();
SELECT pg_temp.ended('a1'), pg_temp.ended('a2');
SELECT event, subject = :'alice', detail FROM oauth.event ORDER BY occurred_at DESC LIMIT 1;
\echo -- once; not where it is somebody else's, or nobody's; and no client without openid
SELECT oauth_end_session(sid => 'a1'), oauth_end_session(:'alice', 'b1'), oauth_end_session(sid => 'x'), oauth_end_session('nobody'), oauth_end_session(:'alice', 'none');
SELECT pg_temp.told();
SELECT oauth_end_session();
SELECT oauth_end_session(NULL, NULL);
\echo -- rolled back, never sent
BEGIN;
SELECT oauth_end_session(:'bob');
SELECT count(*) FROM oauth.delivery;
ROLLBACK;
SELECT count(*) FROM oauth.delivery;
SELECT pg_temp.ended('b1');
\echo -- Back-Channel Logout 1.0, section 2.2: all sessions of a subject end: one message to each client, which names the subject; a sid for each session where the client needs that
SELECT pg_temp.session(:'alice', 'a3');
SELECT oauth_end_session(:'alice');
SELECT pg_temp.told();
SELECT oauth_end_session(:'alice'), pg_temp.told();
\echo -- a client that is disabled, or has no address any more, is told nothing
SELECT pg_temp.session(:'alice', 'a4');
SELECT oauth_disable_client(:'told');
SELECT oauth_update_client(:'by_sid', '{"backchannel_logout_uri": null}') ? 'backchannel_logout_uri';
SELECT oauth_end_session(:'alice');
SELECT pg_temp.told();
SELECT oauth_enable_client(:'told'), oauth_update_client(:'by_sid', '{"backchannel_logout_uri": "https://by-sid.example/logout"}') ? 'backchannel_logout_uri';
\echo -- another password
SELECT pg_temp.session(:'alice', 'a5');
SELECT oauth_set_password('alice', 'through the glass');
SELECT pg_temp.told();
\echo -- disabled, once; enabled again, nobody is told anything
SELECT pg_temp.session(:'alice', 'a6');
SELECT oauth_disable_user('alice');
SELECT pg_temp.told();
SELECT oauth_disable_user('alice');
SELECT oauth_enable_user('alice');
SELECT pg_temp.told();
SELECT pg_temp.ended('a6');
\echo -- deleted
SELECT pg_temp.session(:'alice', 'a7');
SELECT oauth_delete_user('alice');
SELECT url, subject = :'alice', sid FROM oauth.delivery ORDER BY url;
DELETE FROM oauth.delivery;
\echo -- a user of the application
CREATE TABLE member (id int PRIMARY KEY, name text UNIQUE, password text, active boolean DEFAULT true);
INSERT INTO member VALUES (1, 'carol', 'x'), (2, 'dave', 'x'), (3, 'erin', 'x');
SELECT oauth_use_users('public.member', username => 'name', password => 'password', active => 'active') IS NULL;
SELECT pg_temp.session(id::text, 'm' || id) FROM member ORDER BY id;
UPDATE member SET password = 'y' WHERE id = 1;
SELECT url, subject, sid FROM oauth.delivery ORDER BY url; DELETE FROM oauth.delivery;
UPDATE member SET active = false WHERE id = 2;
SELECT url, subject, sid FROM oauth.delivery ORDER BY url; DELETE FROM oauth.delivery;
DELETE FROM member WHERE id IN (2, 3);
SELECT url, subject, sid FROM oauth.delivery ORDER BY url; DELETE FROM oauth.delivery;
INSERT INTO member VALUES (4, 'frank', 'x');
SELECT pg_temp.session('4', 'm4');
TRUNCATE member;
SELECT url, subject, sid FROM oauth.delivery ORDER BY url; DELETE FROM oauth.delivery;
SELECT oauth_use_builtin_users();

\echo -- Back-Channel Logout 1.0, section 2.4; Back-Channel Logout 1.0, section 4.1: the logout token has iss, sub, aud, iat, exp, jti, events and sid, and "A Logout Token MUST NOT contain a nonce Claim"; it is signed when it is sent
SELECT pg_temp.session(:'bob', 'b2');
SELECT oauth_end_session(sid => 'b2');
SELECT count(*) FROM oauth.signing_key;
CREATE FUNCTION pg_temp.part(token text, n int) RETURNS jsonb LANGUAGE sql AS $$ SELECT convert_from(decode(rpad(translate(split_part(token, '.', n), '-_', '+/'), (length(split_part(token, '.', n)) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::jsonb $$;
CREATE TABLE sent AS SELECT url, substr(body, 14) AS token FROM oauth.take_deliveries(10);
SELECT url, pg_temp.part(token, 1) - 'kid', (SELECT string_agg(key, ' ' ORDER BY key) FROM jsonb_object_keys(pg_temp.part(token, 2)) key), pg_temp.part(token, 2) ->> 'sub' = :'bob', pg_temp.part(token, 2) ->> 'sid', pg_temp.part(token, 2) -> 'events' FROM sent ORDER BY url;
SELECT url, v.valid, v.problem FROM sent, oauth_verify_jwt(token, oauth_jwks(), '{RS256}', 'logout+jwt') v ORDER BY url;
\echo -- sub is what the client knows: that of a pairwise client is another one
SELECT pg_temp.client('pair', '{"backchannel_logout_uri": "https://pair.example/logout", "subject_type": "pairwise"}') AS pair \gset
SELECT access_token FROM oauth_issue_token(:'pair', :'bob', 'openid') \gset
UPDATE oauth.grant SET sid = 'b3' WHERE handle = (SELECT max(handle) FROM oauth.grant);
INSERT INTO oauth.session (handle, subject, expires_at, token_hash, sid) VALUES (1000, :'bob', now() + interval '1 hour', sha256('b3'), 'b3');
SELECT convert_from((oauth.userinfo(ROW('GET', '/oauth2/userinfo', ARRAY['Authorization: Bearer ' || :'access_token'], NULL, 'http', NULL))).body, 'UTF8')::jsonb ->> 'sub' AS known \gset
SELECT oauth_end_session(sid => 'b3');
SELECT url, pg_temp.part(substr(body, 14), 2) ->> 'sid' ~ '^[A-Za-z0-9_-]{24}$' AS sid_is_another, pg_temp.part(substr(body, 14), 2) ->> 'sub' = :'known',
	pg_temp.part(substr(body, 14), 2) ->> 'sub' <> :'bob' FROM oauth.take_deliveries(10);
\echo -- section 2.7: "Refresh tokens issued without the offline_access property to a session being logged out SHOULD be revoked.  Refresh tokens issued with the offline_access property normally SHOULD NOT be revoked."
SELECT client_id AS app, client_secret AS secret FROM oauth_register_client('app', redirect_uris => '{https://app.example/cb}', grant_types => '{authorization_code,refresh_token}', scope => 'openid read offline_access') \gset
CREATE TABLE issued (what text, access_token text, refresh_token text);
CREATE FUNCTION pg_temp.issue(client text, whose text, new_sid text, asked text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO issued SELECT concat_ws(' ', new_sid, asked), access_token, refresh_token FROM oauth_issue_token(client, whose, asked, refresh => true);
	UPDATE oauth.grant SET sid = new_sid WHERE handle = (SELECT max(handle) FROM oauth.grant);
END $$;
SELECT pg_temp.session(:'bob', 'b4'), pg_temp.session(:'bob', 'b5');
SELECT pg_temp.issue(:'app', :'bob', sid, asked) FROM unnest('{b4,b5,NULL}'::text[]) sid, unnest('{read,openid read,openid read offline_access}'::text[]) asked;
CREATE FUNCTION pg_temp.refreshed(client text, secret text) RETURNS TABLE (what text, active boolean, refresh text) LANGUAGE sql AS $$
	SELECT i.what, (oauth_verify_token(i.access_token)).active, coalesce(a.body ->> 'error', 'refreshed') FROM issued i,
		LATERAL (SELECT convert_from((oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'],
			convert_to(format('grant_type=refresh_token&client_id=%s&client_secret=%s&refresh_token=%s', client, secret, i.refresh_token), 'UTF8'), 'http', NULL)::oauth.http_request)).body, 'UTF8')::jsonb AS body) a ORDER BY i.what COLLATE "C" $$;
\echo -- what was granted without openid knows of no session
BEGIN;
SELECT oauth_end_session(sid => 'b4');
SELECT * FROM pg_temp.refreshed(:'app', :'secret');
ROLLBACK;
\echo -- rolled back, nothing has ended; with all sessions, the grants of each end
BEGIN;
SELECT * FROM pg_temp.refreshed(:'app', :'secret');
ROLLBACK;
SELECT oauth_end_session(:'bob');
SELECT * FROM pg_temp.refreshed(:'app', :'secret');
SELECT DISTINCT ended_reason FROM oauth.grant WHERE client_id = :'app' AND ended_at IS NOT NULL;
\c :main
DROP DATABASE regress_oauth_logout;
