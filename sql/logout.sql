-- logout.sql: the logout page: a button that no other site can press, and what ends a session besides.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;

SELECT oauth_create_user('logout <alice>', 'wonderland') AS alice \gset
\set browser 00000000000000000000000000000000
CREATE FUNCTION pg_temp.html(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT convert_from(r.body, 'UTF8') $$;
CREATE FUNCTION pg_temp.token(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT substring(pg_temp.html(r) FROM 'name="token" value="([^"]*)"') $$;
CREATE FUNCTION pg_temp.headers(session text, more text[] DEFAULT '{"Content-Type: application/x-www-form-urlencoded"}') RETURNS text[] LANGUAGE sql AS $$
	SELECT more || concat('Cookie: oauth_browser=00000000000000000000000000000000', '; oauth_session=' || session) $$;
-- A page's status and words, or where it sends to; and the cookies that it sets.
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', r.status, (SELECT substr(h, 11) FROM unnest(r.headers) h WHERE h LIKE 'Location: %'),
		(SELECT string_agg(m[1], ' / ') FROM regexp_matches(pg_temp.html(r), '<(?:h1|p|button|a)[^>]*>([^\n]*?)</(?:h1|p|button|a)>', 'g') m),
		(SELECT string_agg('[' || substr(h, 13) || ']', ' ') FROM unnest(r.headers) h WHERE h LIKE 'Set-Cookie: %')) $$;
CREATE FUNCTION pg_temp.log_in() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT substring(h FROM 'oauth_session=(oas_[^;]*)') FROM pg_temp.token(oauth.login(ROW('GET', '/login', pg_temp.headers(NULL), NULL, 'http', '127.0.0.1'))) token,
		LATERAL unnest((oauth.login(ROW('POST', '/login', pg_temp.headers(NULL), convert_to('username=logout+%3Calice%3E&password=wonderland&token=' || token, 'UTF8'), 'http', '127.0.0.1'))).headers) h WHERE h LIKE 'Set-Cookie: oauth_session=%' $$;
CREATE FUNCTION pg_temp.see(session text) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$ SELECT oauth.logout(ROW('GET', '/logout', pg_temp.headers(session), NULL, 'http', '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.post(session text, form text, more text[] DEFAULT '{"Content-Type: application/x-www-form-urlencoded"}') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.logout(ROW('POST', '/logout', pg_temp.headers(session, more), convert_to(form, 'UTF8'), 'http', '127.0.0.1')) $$;
-- Whether somebody is logged in.
CREATE FUNCTION pg_temp.is_in(session text) RETURNS boolean LANGUAGE sql VOLATILE AS $$ SELECT (oauth.account(ROW('GET', '/account', pg_temp.headers(session), NULL, 'http', '127.0.0.1'))).status = 200 $$;

\echo -- a browser that is not logged in is told so; so is one with something else for a session
SELECT pg_temp.show(pg_temp.see(session)) FROM unnest(ARRAY[NULL, '', 'x', 'oas_' || repeat('A', 54), repeat('x', 5000), 'oat_' || repeat('A', 54)]) session;
\echo -- who is gets a button (R165: the name is escaped), and stays logged in until it is pressed
SELECT pg_temp.log_in() AS session \gset
SELECT pg_temp.show(pg_temp.see(:'session'));
SELECT regexp_replace(h, 'sha256-[^'']*', 'sha256-...') FROM unnest((pg_temp.see(:'session')).headers) h;
SELECT pg_temp.is_in(:'session');
\echo -- R100: not without the token of its form, from another session, browser, site or kind of form
SELECT pg_temp.log_in() AS other \gset
SELECT pg_temp.token(pg_temp.see(:'session')) AS token \gset
SELECT name, pg_temp.show(pg_temp.post(:'session', form, more)) FROM (VALUES
	('no token', '', '{"Content-Type: application/x-www-form-urlencoded"}'::text[]), ('an empty one', 'token=', '{"Content-Type: application/x-www-form-urlencoded"}'), ('another', 'token=x', '{"Content-Type: application/x-www-form-urlencoded"}'), ('two', 'token=' || :'token' || '&token=' || :'token', '{"Content-Type: application/x-www-form-urlencoded"}'),
	('that of another session', 'token=' || pg_temp.token(pg_temp.see(:'other')), '{"Content-Type: application/x-www-form-urlencoded"}'),
	('that of another form', 'token=' || pg_temp.token(oauth.account(ROW('GET', '/account', pg_temp.headers(:'session'), NULL, 'http', '127.0.0.1'))), '{"Content-Type: application/x-www-form-urlencoded"}'),
	('another site', 'token=' || :'token', '{"Content-Type: application/x-www-form-urlencoded","Sec-Fetch-Site: cross-site"}'), ('a sister site', 'token=' || :'token', '{"Content-Type: application/x-www-form-urlencoded","Sec-Fetch-Site: same-site"}'),
	('no form', 'token=' || :'token', '{}'), ('JSON', '{"token":"' || :'token' || '"}', '{"Content-Type: application/json"}'), ('a malformed one', 'token=' || :'token' || '&%', '{"Content-Type: application/x-www-form-urlencoded"}')) v (name, form, more);
SELECT (oauth.logout(ROW('POST', '/logout', ARRAY['Content-Type: application/x-www-form-urlencoded', 'Cookie: oauth_session=' || :'session'], convert_to('token=' || :'token', 'UTF8'), 'http', '127.0.0.1'))).status;
SELECT pg_temp.is_in(:'session');
\echo -- a form of another site comes without the session (SameSite=Lax), and must not take its cookie away
SELECT pg_temp.show(pg_temp.post(NULL, 'token=x'));
\echo -- with it: the session ends, the cookie goes, other sessions stay
SELECT pg_temp.show(pg_temp.post(:'session', 'token=' || :'token'));
SELECT pg_temp.is_in(:'session'), pg_temp.is_in(:'other');
SELECT pg_temp.show(pg_temp.post(:'session', 'token=' || :'token'));
\echo -- over TLS the cookie goes by its other name
SELECT h FROM unnest((oauth.logout(ROW('POST', '/logout', ARRAY['Content-Type: application/x-www-form-urlencoded', 'Cookie: __Host-oauth_browser=' || :'browser' || '; __Host-oauth_session=' || :'other'],
	convert_to('token=' || pg_temp.token(oauth.logout(ROW('GET', '/logout', ARRAY['Cookie: __Host-oauth_browser=' || :'browser' || '; __Host-oauth_session=' || :'other'], NULL, 'https', '127.0.0.1'))), 'UTF8'), 'https', '127.0.0.1'))).headers) h WHERE h LIKE 'Set-Cookie%';
SELECT pg_temp.is_in(:'other');

\echo -- R207: what ends a session besides: its time, another password, the end of the user; and each for good
SELECT pg_temp.log_in() AS session \gset
SELECT pg_temp.is_in(:'session');
BEGIN;
UPDATE oauth.session SET expires_at = now() - interval '1 second';
SELECT pg_temp.is_in(:'session');
ROLLBACK;
BEGIN;
SELECT oauth_set_password('logout <alice>', 'looking-glass');
SELECT pg_temp.is_in(:'session');
ROLLBACK;
BEGIN;
SELECT oauth_disable_user('logout <alice>');
SELECT pg_temp.is_in(:'session');
SELECT oauth_enable_user('logout <alice>');
SELECT pg_temp.is_in(:'session');
ROLLBACK;
BEGIN;
SELECT oauth_delete_user('logout <alice>');
SELECT pg_temp.is_in(:'session');
ROLLBACK;
SELECT pg_temp.is_in(:'session');
\echo -- a session that has ended, or expired, is removed in time
UPDATE oauth.session SET expires_at = now() - interval '40 days' WHERE subject = :'alice';
SELECT oauth_purge_expired() > 0;
SELECT count(*) FROM oauth.session WHERE subject = :'alice';
