-- login.sql: the login page, its words, its form, and where it sends people.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;

SELECT oauth_create_user('login alice', 'wonderland') AS alice \gset
SELECT oauth_create_user('login <b>"''&', 'wonderland') AS bob \gset
\set browser 00000000000000000000000000000000

CREATE FUNCTION pg_temp.html(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT convert_from(r.body, 'UTF8') $$;
CREATE FUNCTION pg_temp.field(r oauth.http_response, name text) RETURNS text LANGUAGE sql AS $$ SELECT substring(pg_temp.html(r) FROM 'name="' || name || '"[^>]* value="([^"]*)"') $$;
CREATE FUNCTION pg_temp.header(r oauth.http_response, name text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT substr(h, length(name) + 3) FROM unnest(r.headers) h WHERE h LIKE name || ': %' $$;
-- A page's status and words, or where it sends to.
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || coalesce((SELECT * FROM pg_temp.header(r, 'Location')),
		(SELECT string_agg(m[1], ' / ') FROM regexp_matches(pg_temp.html(r), '<(?:h1|p|label|button|a)[^>]*>([^\n]*?)</(?:h1|p|label|button|a)>', 'g') m)) $$;
CREATE FUNCTION pg_temp.see(query text DEFAULT '', headers text[] DEFAULT '{}', scheme text DEFAULT 'http') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.login(ROW('GET', '/login' || query, headers || ARRAY['Cookie: oauth_browser=00000000000000000000000000000000; __Host-oauth_browser=00000000000000000000000000000000'], NULL, scheme, '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.post(form text, headers text[] DEFAULT '{"Content-Type: application/x-www-form-urlencoded"}', cookies text DEFAULT 'oauth_browser=00000000000000000000000000000000', scheme text DEFAULT 'http', query text DEFAULT '') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.login(ROW('POST', '/login' || query, headers || ('Cookie: ' || cookies), convert_to(form, 'UTF8'), scheme, '127.0.0.1')) $$;
SELECT pg_temp.field(pg_temp.see(), 'token') AS token \gset
\set right 'username=login+alice&password=wonderland&token=' :token
CREATE FUNCTION pg_temp.sessions() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT count(*) FROM oauth.session $$;
SELECT pg_temp.sessions() AS before \gset

\echo -- the page, whole but for its stylesheet
SELECT regexp_replace(replace(pg_temp.html(pg_temp.see()), :'token', '<token>'), '<style>.*</style>', '<style>...</style>');
\echo -- Core, section 3.1.2.3; R98, R99, R23: it cannot be framed, loads nothing, runs nothing, is not kept; and none of it is a script
SELECT regexp_replace(h, 'sha256-[^'']*', 'sha256-...') FROM unnest((pg_temp.see()).headers) h;
SELECT pg_temp.html(pg_temp.see()) ~* '<script|javascript:|<link|<img|<iframe|@import|url\(|\son\w+=|\sstyle=';
\echo -- the digest in the policy is that of the stylesheet
SELECT (SELECT * FROM pg_temp.header(page, 'Content-Security-Policy')) LIKE '%''sha256-' || encode(sha256(convert_to(substring(pg_temp.html(page) FROM '<style>(.*)</style>'), 'UTF8')), 'base64') || '''%' FROM pg_temp.see() page;
\echo -- R100, R215: cookies. The browser gets one with its first page; over TLS they are Secure, and tied to the host
SELECT regexp_replace(pg_temp.header(oauth.login(ROW('GET', '/login', '{}', NULL, scheme, '127.0.0.1')), 'Set-Cookie'), '[0-9a-f]{32}', '<random>') FROM unnest('{http,https}'::text[]) scheme;
SELECT count(*) FROM pg_temp.header(pg_temp.see(), 'Set-Cookie');
SELECT cookie, count(c) FROM unnest(ARRAY['oauth_browser=', 'oauth_browser=0000', 'oauth_browser=0000000000000000000000000000000G', 'x=1; oauth_browser=00000000000000000000000000000000', 'oauth_browser=00000000000000000000000000000000<script>', 'xoauth_browser=00000000000000000000000000000000']) cookie
	LEFT JOIN LATERAL pg_temp.header(oauth.login(ROW('GET', '/login', ARRAY['Cookie: ' || cookie], NULL, 'http', '127.0.0.1')), 'Set-Cookie') c ON true GROUP BY cookie ORDER BY cookie COLLATE "C";

\echo -- R100: the form works from its page, in its browser, and not otherwise
SELECT name, left(pg_temp.show(pg_temp.post(form, headers, cookies)), 80) FROM (VALUES
	('no token', 'username=login+alice&password=wonderland', '{"Content-Type: application/x-www-form-urlencoded"}'::text[], 'oauth_browser=' || :'browser'),
	('an empty one', 'username=login+alice&password=wonderland&token=', '{"Content-Type: application/x-www-form-urlencoded"}', 'oauth_browser=' || :'browser'),
	('two', :'right' || '&token=' || :'token', '{"Content-Type: application/x-www-form-urlencoded"}', 'oauth_browser=' || :'browser'),
	('one that is longer', :'right' || 'x', '{"Content-Type: application/x-www-form-urlencoded"}', 'oauth_browser=' || :'browser'),
	('another browser''s', :'right', '{"Content-Type: application/x-www-form-urlencoded"}', 'oauth_browser=00000000000000000000000000000001'),
	('no cookie', :'right', '{"Content-Type: application/x-www-form-urlencoded"}', ''),
	('a cookie of another name', :'right', '{"Content-Type: application/x-www-form-urlencoded"}', '__Host-oauth_browser=' || :'browser'),
	('another site', :'right', '{"Content-Type: application/x-www-form-urlencoded","Sec-Fetch-Site: cross-site"}', 'oauth_browser=' || :'browser'),
	('a sister site', :'right', '{"Content-Type: application/x-www-form-urlencoded","Sec-Fetch-Site: same-site"}', 'oauth_browser=' || :'browser'),
	('no form', :'right', '{}', 'oauth_browser=' || :'browser'),
	('JSON', '{"username": "login alice"}', '{"Content-Type: application/json"}', 'oauth_browser=' || :'browser'),
	('text that looks like one', :'right', '{"Content-Type: text/plain"}', 'oauth_browser=' || :'browser'),
	('a malformed one', :'right' || '&%zz', '{"Content-Type: application/x-www-form-urlencoded"}', 'oauth_browser=' || :'browser'),
	('nothing', '', '{"Content-Type: application/x-www-form-urlencoded"}', 'oauth_browser=' || :'browser')) v (name, form, headers, cookies);
SELECT (oauth.login(ROW('POST', '/login', '{"Content-Type: application/x-www-form-urlencoded"}', NULL, 'http', '127.0.0.1'))).status;
SELECT (oauth.login(ROW('POST', '/login', ARRAY['Content-Type: application/x-www-form-urlencoded', 'Cookie: oauth_browser=' || :'browser'], '\xff00fe', 'http', '127.0.0.1'))).status;
\echo -- a person who logged in meanwhile in another tab gets a form that is good, with what was typed; another site changes no cookie
SELECT pg_temp.field(page, 'token') = :'token', pg_temp.field(page, 'username'), pg_temp.field(page, 'return'), (SELECT count(*) FROM pg_temp.header(page, 'Set-Cookie')) FROM pg_temp.post('username=login+alice&password=wonderland&return=%2Foauth2%2Fdevice&token=old') page;
SELECT (SELECT count(*) FROM pg_temp.header(pg_temp.post(:'right', cookies => ''), 'Set-Cookie')), (SELECT count(*) FROM unnest((oauth.logout(ROW('POST', '/logout', '{"Content-Type: application/x-www-form-urlencoded"}', NULL, 'http', '127.0.0.1'))).headers) h WHERE h LIKE 'Set-Cookie%');
\echo -- the name and the password: one answer for whatever is wrong, and the name is still there, escaped
SELECT left(form, 80), pg_temp.show(pg_temp.post('token=' || :'token' || form)), pg_temp.field(pg_temp.post('token=' || :'token' || form), 'username') FROM (VALUES (''), ('&username=login+alice'), ('&username=login+alice&password=Wonderland'), ('&username=LOGIN+ALICIA&password=wonderland'), ('&username=nobody&password=wonderland'),
	('&username=login+alice&username=login+alice&password=wonderland'), ('&username=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&password=x'), ('&username=login+alice%00&password=wonderland'), ('&username=login+alice&password=' || repeat('x', 100))) v (form);
SELECT length(pg_temp.field(pg_temp.post('token=' || :'token' || '&password=x&username=' || repeat('x', 60000)), 'username'));
BEGIN;
SELECT oauth_disable_user('login alice');
SELECT (pg_temp.post(:'right')).status;
ROLLBACK;
\echo -- in all this nobody logged in
SELECT pg_temp.sessions() = :before;

\echo -- a browser that has both is in
SELECT pg_temp.post(:'right') AS answer \gset
SELECT regexp_replace(regexp_replace(h, 'oas_[-_A-Za-z0-9]{54}', '<session>'), '[0-9a-f]{32}|(?<=known=)[-_A-Za-z0-9]{75}', '<random>') FROM unnest((:'answer'::oauth.http_response).headers) h;
SELECT regexp_replace(regexp_replace(pg_temp.header(pg_temp.post('username=login+alice&password=wonderland&token=' || pg_temp.field(pg_temp.see(scheme => 'https'), 'token'), cookies => '__Host-oauth_browser=' || :'browser', scheme => 'https'), 'Set-Cookie'), 'oas_[-_A-Za-z0-9]{54}', '<session>'), '[0-9a-f]{32}|(?<=known=)[-_A-Za-z0-9]{75}', '<random>');
SELECT (pg_temp.post(:'right', headers => ARRAY['Content-Type: application/x-www-form-urlencoded', 'Sec-Fetch-Site: ' || site])).status FROM unnest('{same-origin,none}'::text[]) site;
SELECT substring(h FROM '=(oas_[^;]*)') AS session FROM pg_temp.header(:'answer'::oauth.http_response, 'Set-Cookie') h WHERE h LIKE 'oauth_session%' \gset
SELECT expires_at - now() BETWEEN interval '11 hours' AND interval '13 hours', ended_at FROM oauth.session WHERE token_hash = sha256(convert_to(:'session', 'UTF8'));
\echo -- who is logged in is sent on, unless another login is wanted
SELECT pg_temp.show(pg_temp.see(query, ARRAY['Cookie: oauth_session=' || :'session'])) FROM (VALUES (''), ('?return=%2Foauth2%2Fdevice'), ('?again=1'), ('?again=1&return=%2Foauth2%2Fdevice')) v (query);

\echo -- R100: fixation. A session that was planted, or was there, is not the one after the login, and does not live on
SELECT h LIKE 'oauth_session=oas_%', h NOT LIKE '%' || :'session' || '%' FROM pg_temp.header(pg_temp.post(:'right', cookies => 'oauth_browser=' || :'browser' || '; oauth_session=' || :'session'), 'Set-Cookie') h WHERE h LIKE 'oauth_session%';
SELECT ended_at IS NOT NULL FROM oauth.session WHERE token_hash = sha256(convert_to(:'session', 'UTF8'));
SELECT h LIKE 'oauth_session=oas_%' FROM unnest(ARRAY['oas_' || repeat('A', 54), 'x', '', repeat('x', 5000)]) cookie, pg_temp.header(pg_temp.post(:'right', cookies => 'oauth_session=' || cookie || '; oauth_browser=' || :'browser'), 'Set-Cookie') h WHERE h LIKE 'oauth_session%';
\echo -- and what the browser had is another: a form from before the login does not work after it
SELECT h ~ '^oauth_browser=[0-9a-f]{32};', h NOT LIKE '%' || :'browser' || '%' FROM pg_temp.header(pg_temp.post(:'right'), 'Set-Cookie') h WHERE h LIKE 'oauth_browser%';

\echo -- R103: to a page of ours, or to the account; never elsewhere
CREATE FUNCTION pg_temp.encode(plain text) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(string_agg('%' || upper(encode(substr(bytes, i, 1), 'hex')), '' ORDER BY i), '') FROM (SELECT convert_to(plain, 'UTF8') AS bytes) b, generate_series(1, length(bytes)) i $$;
SELECT left(address, 40) AS address, pg_temp.show(pg_temp.post(:'right' || '&return=' || pg_temp.encode(address))) = '303 /account' AND pg_temp.field(pg_temp.see('?return=' || pg_temp.encode(address)), 'return') = '/account' AS to_the_account FROM unnest(ARRAY[
	'//evil.example', '///evil.example', 'https://evil.example/', 'HTTPS://evil.example', 'https:/oauth2/authorize', '/\evil.example', '\\evil.example', '/\/evil.example', '%2f%2fevil.example', '/%2f/evil.example', '/%5cevil.example', 'javascript:alert(1)', 'data:text/html,x', '//evil.example/oauth2/authorize', '@evil.example/account', ' /account', '/account/', '/accountx', '/account#x',
	'/account.evil.example', '/account@evil.example', '/oauth2/authorize/../../evil', '/oauth2/token', '/login', '/logout', '/', '', '?', '.evil.example', E'/account?\n', E'/account?\r\nSet-Cookie: x=y', E'/account?\t', E'/acc\tount', E'/account?\u00e9', E'/account?\x7f', '/account?' || repeat('x', 8000)]) address;
SELECT address, pg_temp.show(pg_temp.post(:'right' || '&return=' || pg_temp.encode(address))) = '303 ' || address FROM unnest(ARRAY['/account', '/account?x', '/oauth2/authorize?client_id=x&state=%0d%0a', '/oauth2/device', '/oauth/authorize?oauth_token=//evil.example']) address;
SELECT pg_temp.show(pg_temp.post(:'right' || '&return=%2Foauth2%2Fdevice&return=%2Foauth2%2Fdevice'));
SELECT pg_temp.field(pg_temp.see('?return=' || pg_temp.encode('/oauth2/authorize?"><script>')), 'return');

\echo -- R198: login_hint fills in the name, escaped, and is never a failure; nor is whether there is such a name to be seen
SELECT left(hint, 60), left(pg_temp.field(page, 'username'), 60), (page).status, pg_temp.html(page) ~ 'name="password"[^>]* autofocus' AS at_the_password FROM unnest(ARRAY['login+alice', 'nobody', '%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E', '%C3%A9', '', '%00', '%0Ax', '%ff', '%zz', 'a&login_hint=b', repeat('x', 255), repeat('x', 256)]) hint, LATERAL pg_temp.see('?login_hint=' || hint) page;
SELECT client_id AS id FROM oauth_register_client('login', redirect_uris => '{https://app.example/}') \gset
SET oauth.issuer = 'https://auth.example.com';
CREATE FUNCTION pg_temp.ask(query text, headers text[] DEFAULT '{}') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$ SELECT oauth.authorize(ROW('GET', '/oauth2/authorize?response_type=code&client_id=' || query, headers, NULL, 'http', '127.0.0.1')) $$;
SELECT left(hint, 60), regexp_replace(replace(pg_temp.show(pg_temp.ask(:'id' || '&' || hint)), :'id', '<id>'), 'login_since(%3D|=)[0-9]+[.][-_A-Za-z0-9]{43}', 'login_since\1<proof>') FROM unnest(ARRAY['login_hint=login+alice', 'login_hint=%26return%3D%2F%2Fevil.example', 'login_hint=' || repeat('x', 256), 'login_hint=a&login_hint=b', 'login_hint=', 'login_hint=%0A',
	'display=popup&claims_locales=x&acr_values=y&ui_locales=fr+de&login_hint=me', 'display=nonsense&ui_locales=' || repeat('x', 256)]) hint;

\echo -- ui_locales: the first that is known, before what the browser accepts; forms and links keep it
SELECT left(locales, 20), accepted, substring(pg_temp.html(pg_temp.see('?ui_locales=' || locales, ARRAY['Accept-Language: ' || accepted])) FROM 'lang="(\w*)"') AS language, substring(pg_temp.html(pg_temp.see('?ui_locales=' || locales, ARRAY['Accept-Language: ' || accepted])) FROM 'action="([^"]*)"') FROM (VALUES
	('fr', 'de'), ('fr-CA', 'de'), ('FR', 'de'), ('ko+fr+en', 'de'), ('+++fr', 'de'), ('frr', 'de'), ('fr_FR', 'de'), ('', 'de'), ('x', 'de'), ('%22%3E', 'de'), ('%ff', 'de'), ('fr&ui_locales=en', 'de'), ('-', 'de'), (repeat('x+', 1000) || 'fr', 'de')) v (locales, accepted);
SELECT substring(pg_temp.html(pg_temp.post('token=' || :'token' || '&username=x&password=x', query => '?ui_locales=de')) FROM '<p class="bad[^>]*>([^<]*)');
SELECT substring(pg_temp.html(page) FROM 'lang="(\w*)"'), substring(pg_temp.html(page) FROM 'action="([^"]*)"'), replace(substring(pg_temp.html(page) FROM 'href="([^"]*)"'), :'id', '<id>') FROM (SELECT substring(h FROM '=(oas_[^;]*)') AS session FROM pg_temp.header(pg_temp.post(:'right'), 'Set-Cookie') h WHERE h LIKE 'oauth_session%') s,
	LATERAL pg_temp.ask(:'id' || '&ui_locales=fr', ARRAY['Cookie: oauth_session=' || session]) page;
\echo -- Accept-Language, and garbage in its place
SELECT left(accepted, 60), substring(pg_temp.html(pg_temp.see(headers => ARRAY['Accept-Language: ' || accepted])) FROM 'lang="([^"]*)"') FROM unnest(ARRAY['de', 'fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5', 'en;q=0.1,de;q=0.2', 'de;q=0', 'de;q=1.0,fr;q=1', 'DE-at', 'ko', 'ko,fr;q=0.001', '', ',', ',,,;;;===', 'de;q=', 'de;q=x', 'de;q=-1', 'fr;q=0.5;x=y', 'en-', '*', '"><script>', 'd', 'deu', E'de\u00e9', repeat(',', 10000), repeat('de-', 5000)]) accepted;
SELECT substring(pg_temp.html(pg_temp.see(headers => '{Accept-Language: fr,Accept-Language: de}')) FROM 'lang="([^"]*)"');
SELECT pg_temp.show(pg_temp.see(headers => ARRAY['Accept-Language: ' || language])) FROM unnest('{en,de,fr}'::text[]) language;

\echo -- oauth_set_page: other words, in one language or every one, and others
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	message text;
	hint text;
BEGIN
	EXECUTE statement INTO answer;
	RETURN answer;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE, message, nullif(left(hint, 80), ''));
END $$;
BEGIN;
SELECT oauth_set_page('login', 'Hello <b>you</b> & "me" ''%s'), oauth_set_page('login', 'Guten Tag', 'de'), oauth_set_page('brand', 'Acme <1>'), oauth_set_page('username', 'Utilizador', 'pt');
SELECT language, pg_temp.show(page), substring(pg_temp.html(page) FROM '<title>(.*)</title>'), substring(pg_temp.html(page) FROM 'lang="(\w*)"') FROM unnest('{en,de,fr,pt-BR,es,sv}'::text[]) language, LATERAL pg_temp.see(headers => ARRAY['Accept-Language: ' || language]) page;
SELECT oauth_set_page('login', NULL), oauth_set_page('login', NULL, 'de'), oauth_set_page('brand', NULL), oauth_set_page('username', NULL, 'pt'), oauth_set_page('username', NULL, 'pt');
SELECT pg_temp.show(pg_temp.see()), count(*) FROM oauth.page;
\echo -- a stylesheet of the application: its digest, and pictures that are in it
SELECT oauth_set_page('stylesheet', 'main::before{content:url(data:image/svg+xml,%3Csvg/%3E)}');
SELECT (SELECT * FROM pg_temp.header(page, 'Content-Security-Policy')) = 'default-src ''none''; style-src ''sha256-' || encode(sha256(convert_to(css, 'UTF8')), 'base64') || '''; img-src data:; base-uri ''none''; frame-ancestors ''none''', css FROM pg_temp.see() page, substring(pg_temp.html(page) FROM '<style>(.*)</style>') css;
ROLLBACK;
SELECT left(arguments, 60), pg_temp.try('SELECT oauth_set_page(' || arguments || ')') FROM (VALUES ('''stylesheet'', ''</style><script>'''), ('''stylesheet'', ''a<b'''), ('''stylesheet'', repeat(''x'', 65537)'), ('''login'', repeat(''x'', 65537)'), ('''nothing'', ''x'''), ('NULL, ''x'''), ('''login'', ''x'', NULL'),
	('''login'', ''x'', ''de-AT'''), ('''login'', ''x'', ''DE'''), ('''login'', ''x'', ''"><'''), ('''login'', ''x'', ''abcdefghi'''), (''''', ''x''')) v (arguments);
SELECT count(*) FROM oauth.page;
\echo -- R165: a name that is markup
SELECT h LIKE 'oauth_session=oas_%' FROM pg_temp.header(pg_temp.post('username=login+%3Cb%3E%22%27%26&password=wonderland&token=' || :'token'), 'Set-Cookie') h WHERE h LIKE 'oauth_session%';
SELECT pg_temp.field(pg_temp.post('username=login+%3Cb%3E%22%27%26&password=x&token=' || :'token'), 'username');
