-- account.sql: the account page: what has access, and an end to it; another password.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;

SELECT oauth_create_user('account alice', 'wonderland') AS alice \gset
SELECT oauth_create_user('account <b>bob', 'wonderland') AS bob \gset
SELECT client_id AS album FROM oauth_register_client('<script>alert("1")</script> & ''album''', redirect_uris => '{https://album.example/}') \gset
SELECT client_id AS printer FROM oauth_register_client('Printer', redirect_uris => '{https://printer.example/}') \gset
CREATE FUNCTION pg_temp.html(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT convert_from(r.body, 'UTF8') $$;
CREATE FUNCTION pg_temp.token(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT substring(pg_temp.html(r) FROM 'name="token" value="([^"]*)"') $$;
CREATE FUNCTION pg_temp.headers(session text, more text[] DEFAULT '{"Content-Type: application/x-www-form-urlencoded"}') RETURNS text[] LANGUAGE sql AS $$
	SELECT more || concat('Cookie: oauth_browser=00000000000000000000000000000000', '; oauth_session=' || session) $$;
-- A page's status and words, or where it sends to; and the cookies that it sets.
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(replace(concat_ws(' ', r.status, (SELECT substr(h, 11) FROM unnest(r.headers) h WHERE h LIKE 'Location: %'),
		(SELECT string_agg(m[1], ' / ') FROM regexp_matches(pg_temp.html(r), '<(?:h1|h2|p|strong|bdi|em|time|label|button|li|a)(?: [^>]*)?>([^<]+)', 'g') m),
		(SELECT string_agg('[' || substr(h, 13) || ']', ' ') FROM unnest(r.headers) h WHERE h LIKE 'Set-Cookie: %')), to_char(now(), 'YYYY-MM-DD'), '<today>'), '(<today>|' || to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD') || ') \d\d:\d\d UTC', '<now>', 'g') $$;
CREATE FUNCTION pg_temp.log_in(who text, password text DEFAULT 'wonderland') RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT substring(h FROM 'oauth_session=(oas_[^;]*)') FROM pg_temp.token(oauth.login(ROW('GET', '/login', pg_temp.headers(NULL), NULL, 'http', '127.0.0.1'))) token,
		LATERAL unnest((oauth.login(ROW('POST', '/login', pg_temp.headers(NULL), convert_to(format('username=%s&password=%s&token=%s', replace(who, ' ', '+'), password, token), 'UTF8'), 'http', '127.0.0.1'))).headers) h WHERE h LIKE 'Set-Cookie: oauth_session=%' $$;
CREATE FUNCTION pg_temp.see(session text, query text DEFAULT '') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$ SELECT oauth.account(ROW('GET', '/account' || query, pg_temp.headers(session), NULL, 'http', '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.post(session text, form text, more text[] DEFAULT '{"Content-Type: application/x-www-form-urlencoded"}') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.account(ROW('POST', '/account', pg_temp.headers(session, more), convert_to(form, 'UTF8'), 'http', '127.0.0.1')) $$;
SELECT pg_temp.log_in('account alice') AS session, pg_temp.log_in('account <b>bob') AS bobs \gset
SELECT access_token AS one FROM oauth_issue_token(:'album', subject => :'alice') \gset
SELECT access_token AS two FROM oauth_issue_token(:'printer', subject => :'alice') \gset
SELECT access_token AS bobs_one FROM oauth_issue_token(:'album', subject => :'bob') \gset
CREATE FUNCTION pg_temp.living(VARIADIC tokens text[]) RETURNS boolean[] LANGUAGE sql VOLATILE AS $$ SELECT array_agg(v.active ORDER BY n) FROM unnest(tokens) WITH ORDINALITY t (token, n), LATERAL oauth_verify_token(token) v $$;

\echo -- for who is logged in; the others log in first
SELECT pg_temp.show(pg_temp.see(session)), pg_temp.show(pg_temp.post(session, 'action=password')) FROM unnest(ARRAY[NULL, 'x', 'oas_' || repeat('A', 54)]) session;
\echo -- R165: what has access, by its name, escaped; and who it is
SELECT pg_temp.show(pg_temp.see(:'session'));
SELECT pg_temp.show(pg_temp.see(:'bobs'));
SELECT regexp_matches(pg_temp.html(pg_temp.see(:'session')), '<script|<b>', 'g');
SELECT m[1] FROM regexp_matches(pg_temp.html(pg_temp.see(:'session')), 'aria-label="([^"]*)"', 'g') m;
\echo -- R98, R99
SELECT regexp_replace(h, 'sha256-[^'']*', 'sha256-...') FROM unnest((pg_temp.see(:'session')).headers) h;
SELECT pg_temp.show(pg_temp.see(:'session', '?ui_locales=fr'));

\echo -- R100: the form of this session and browser
SELECT pg_temp.token(pg_temp.see(:'session')) AS token \gset
SELECT name, pg_temp.show(pg_temp.post(:'session', form, more)) FROM (VALUES
	('no token', 'action=revoke&client_id=' || :'album', '{"Content-Type: application/x-www-form-urlencoded"}'::text[]), ('that of another session', 'action=revoke&client_id=' || :'album' || '&token=' || pg_temp.token(pg_temp.see(:'bobs')), '{"Content-Type: application/x-www-form-urlencoded"}'),
	('that of another form', 'action=revoke&client_id=' || :'album' || '&token=' || pg_temp.token(oauth.logout(ROW('GET', '/logout', pg_temp.headers(:'session'), NULL, 'http', '127.0.0.1'))), '{"Content-Type: application/x-www-form-urlencoded"}'),
	('another site', 'action=revoke&client_id=' || :'album' || '&token=' || :'token', '{"Content-Type: application/x-www-form-urlencoded","Sec-Fetch-Site: cross-site"}'), ('a sister site', 'action=revoke&client_id=' || :'album' || '&token=' || :'token', '{"Content-Type: application/x-www-form-urlencoded","Sec-Fetch-Site: same-site"}'),
	('no form', 'action=revoke&client_id=' || :'album' || '&token=' || :'token', '{}'), ('JSON', '{}', '{"Content-Type: application/json"}'), ('a malformed one', 'action=revoke&client_id=%zz&token=' || :'token', '{"Content-Type: application/x-www-form-urlencoded"}')) v (name, form, more);
SELECT (oauth.account(ROW('POST', '/account', ARRAY['Content-Type: application/x-www-form-urlencoded', 'Cookie: oauth_session=' || :'session'], convert_to('action=revoke&client_id=' || :'album' || '&token=' || :'token', 'UTF8'), 'http', '127.0.0.1'))).status;
\echo -- with it, but nothing that can be done, or to something that has no access
SELECT left(form, 32), (pg_temp.post(:'session', form || '&token=' || :'token')).status FROM unnest(ARRAY['', 'action=', 'action=delete', 'action=revoke&action=revoke&client_id=' || :'album', 'action=revoke', 'action=revoke&client_id=nobody', 'action=revoke&client_id=' || repeat('x', 5000)]) form;
SELECT pg_temp.living(:'one', :'two', :'bobs_one');
\echo -- an end to one access: its tokens and its consent, of this person, and of nobody else
INSERT INTO oauth.consent SELECT subject, client_id, 'read' FROM unnest(ARRAY[:'alice', :'bob']) subject, unnest(ARRAY[:'album', :'printer']) client_id;
SELECT pg_temp.show(pg_temp.post(:'session', 'action=revoke&client_id=' || :'album' || '&token=' || :'token'));
SELECT pg_temp.living(:'one', :'two', :'bobs_one'), (SELECT count(*) FROM oauth.consent WHERE subject IN (:'alice', :'bob'));
SELECT ended_reason FROM oauth.grant WHERE subject = :'alice' AND client_id = :'album';
SELECT pg_temp.show(pg_temp.post(:'session', 'action=revoke&client_id=' || :'printer' || '&token=' || :'token'));

\echo -- another password: not without the old one, nor one that is too short, too long, or would be taken for a hash
CREATE FUNCTION pg_temp.change(session text, old text, new text) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.post(session, format('action=password&token=%s&password=%s&new_password=%s', pg_temp.token(pg_temp.see(session)), old, new)) $$;
SELECT left(new, 30), pg_temp.show(pg_temp.change(:'session', old, new)) FROM (VALUES ('wonderland', ''), ('wonderland', '1234567'), ('wonderland', '%C3%A4%C3%B6%C3%BC%C3%A4%C3%B6'), ('wonderland', repeat('x', 73)), ('wonderland', '%242a%2404%24abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234'), ('wonderland', 'looking-glass&new_password=x'), ('', 'looking-glass'), ('wrong', 'looking-glass')) v (old, new);
SELECT pg_temp.log_in('account alice') IS NOT NULL, pg_temp.log_in('account alice', 'looking-glass') IS NULL;
\echo -- it ends every session and token of this person, in this browser too
SELECT access_token AS one FROM oauth_issue_token(:'album', subject => :'alice') \gset
SELECT pg_temp.log_in('account alice') AS elsewhere \gset
SELECT pg_temp.show(pg_temp.change(:'session', 'wonderland', 'looking-glass'));
SELECT (pg_temp.see(:'session')).status, (pg_temp.see(:'elsewhere')).status, (pg_temp.see(:'bobs')).status, pg_temp.living(:'one', :'bobs_one');
SELECT pg_temp.log_in('account alice') IS NULL, pg_temp.log_in('account alice', 'looking-glass') IS NOT NULL;
SELECT pg_temp.show(pg_temp.change(pg_temp.log_in('account alice', 'looking-glass'), 'looking-glass', repeat('x', 72)));
SELECT pg_temp.show(pg_temp.change(pg_temp.log_in('account alice', repeat('x', 72)), repeat('x', 72), '%C3%A4%C3%B6%C3%BC%C3%A4%C3%B6%C3%BC%C3%A4%C3%B6'));
SELECT pg_temp.log_in('account alice', '%C3%A4%C3%B6%C3%BC%C3%A4%C3%B6%C3%BC%C3%A4%C3%B6') IS NOT NULL;
\echo -- R207: a session that has ended, or whose user has, does nothing
BEGIN;
SELECT oauth_disable_user('account <b>bob');
SELECT pg_temp.show(pg_temp.post(:'bobs', 'action=revoke&client_id=' || :'album' || '&token=x'));
ROLLBACK;
BEGIN;
UPDATE oauth.session SET expires_at = now() - interval '1 second';
SELECT pg_temp.show(pg_temp.see(:'bobs'));
ROLLBACK;
\echo -- somebody who is no user of ours has applications, and no password to change
INSERT INTO oauth.subject (subject) VALUES ('account 42');
UPDATE oauth.session SET subject = 'account 42' WHERE token_hash = sha256(convert_to(:'bobs', 'UTF8'));
SELECT pg_temp.show(pg_temp.see(:'bobs'));
SELECT pg_temp.show(pg_temp.change(:'bobs', 'wonderland', 'looking-glass'));

\echo -- what each application may do, in words: of all its grants, each scope once
SELECT oauth_create_user('account carol', 'wonderland') AS carol \gset
SELECT oauth_register_scope('account.see', 'Look at <i>pictures</i>');
SELECT client_id AS viewer FROM oauth_register_client('Viewer', redirect_uris => '{https://viewer.example/}', scope => 'read write account.see') \gset
SELECT count(*) FROM (SELECT oauth_issue_token(:'viewer', subject => :'carol', scope => s) FROM unnest('{account.see read,read}'::text[]) s) t;
SELECT pg_temp.log_in('account carol') AS carols \gset
SELECT m[1] FROM regexp_matches(pg_temp.html(pg_temp.see(:'carols')), '<li><bdi>(.*?)</bdi></li>', 'g') m;
\echo -- where one is logged in: this browser first, what it is, from where, since when; nothing of what the browser said
CREATE FUNCTION pg_temp.log_in_from(agent text, peer inet) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT substring(h FROM 'oauth_session=(oas_[^;]*)') FROM pg_temp.token(oauth.login(ROW('GET', '/login', pg_temp.headers(NULL), NULL, 'http', '127.0.0.1'))) token,
		LATERAL unnest((oauth.login(ROW('POST', '/login', pg_temp.headers(NULL) || coalesce('User-Agent: ' || agent, 'X: y'), convert_to('username=account+carol&password=wonderland&token=' || token, 'UTF8'), 'http', peer))).headers) h WHERE h LIKE 'Set-Cookie: oauth_session=%' $$;
SELECT count(pg_temp.log_in_from(agent, peer)) FROM (VALUES
	('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '192.0.2.1'::inet), ('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36', '2001:db8::1'),
	('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0', NULL), ('Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1', '192.0.2.2'),
	('Mozilla/5.0 (Linux; Android 15; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36', '192.0.2.3'), ('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15', '192.0.2.4'),
	('<script>alert(1)</script>', '192.0.2.5'), ('', '192.0.2.6'), (NULL, '192.0.2.7')) v (agent, peer);
SELECT replace(replace(m[1], to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD'), '<today>'), E'\n', ' ') ~ 'time datetime="<today> \d\d:\d\dZ"><bdi><today> \d\d:\d\d UTC</bdi></time>', regexp_replace(m[1], '<[^>]*>|\s*\d{4}-\d\d-\d\d.*?UTC|\n', '', 'g')
	FROM regexp_matches(substring(pg_temp.html(pg_temp.see(:'carols')) FROM '<ul class="logins">(.*?)</ul>'), '<li>.*?</li>', 'g') m;
SELECT pg_temp.html(pg_temp.see(:'carols')) ~ 'alert|Mozilla';
\echo -- not those of others, nor what is over
UPDATE oauth.session SET ended_at = now() WHERE browser = 'Edge, Windows';
UPDATE oauth.session SET expires_at = now() - interval '1 second' WHERE browser = 'Safari, iPhone';
SELECT count(*) FROM regexp_matches(pg_temp.html(pg_temp.see(:'carols')), '<span class="when">Logged in', 'g');
\echo -- out of every browser, not out of the applications
SELECT pg_temp.log_in_from('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL) AS elsewhere, pg_temp.log_in('account <b>bob') AS bobs \gset
SELECT (pg_temp.post(:'carols', 'action=logout&token=x')).status, (pg_temp.see(:'elsewhere')).status;
SELECT pg_temp.show(pg_temp.post(:'carols', 'action=logout&token=' || pg_temp.token(pg_temp.see(:'carols'))));
SELECT (pg_temp.see(:'carols')).status, (pg_temp.see(:'elsewhere')).status, (pg_temp.see(:'bobs')).status;
SELECT count(*) FROM oauth.grant WHERE subject = :'carol' AND ended_at IS NULL;
SELECT event, detail FROM oauth.event WHERE subject = :'carol' AND event = 'logout';
DELETE FROM oauth.scope WHERE scope = 'account.see';
SELECT oauth_delete_user('account carol'), oauth_delete_client(:'viewer');
