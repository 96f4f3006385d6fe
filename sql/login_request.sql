-- login_request.sql: logging in and deciding at the application (oauth.login_url, oauth.consent_url).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.issuer = 'https://auth.example.com';
SET oauth.login_url = 'https://app.example/login?via=oauth';

SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('login request', redirect_uris => '{https://app.example/back}', grant_types => '{authorization_code}', scope => 'read write') \gset
SELECT client_id AS tv FROM oauth_register_client('login request tv', grant_types => '{urn:ietf:params:oauth:grant-type:device_code}', client_type => 'public') \gset
\set browser 00000000000000000000000000000001
CREATE FUNCTION pg_temp.go(path text, cookies text, method text DEFAULT 'GET') RETURNS oauth.http_response LANGUAGE sql AS $$
	SELECT CASE WHEN path LIKE '/login%' THEN oauth.login(r) WHEN path LIKE '/account%' THEN oauth.account(r) WHEN path LIKE '/oauth2/device%' THEN oauth.device(r) ELSE oauth.authorize(r) END
	FROM (SELECT ROW(method, path, ARRAY['Cookie: ' || cookies || '; __Host-oauth_visit=00000000000000000000000000000002'], NULL, 'https', '127.0.0.1')::oauth.http_request) x (r) $$;
-- Where it sends to, or the title of the page; ids and codes by their shape.
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || regexp_replace(regexp_replace(coalesce((SELECT substr(h, 11) FROM unnest(r.headers) h WHERE h LIKE 'Location:%'),
		(SELECT string_agg(m[1], ' / ') FROM regexp_matches(convert_from(r.body, 'UTF8'), '<(?:h1|p)[^>]*>([^\n]*?)</(?:h1|p)>', 'g') m)), 'o(lr|lv|ac)_[-_A-Za-z0-9]{54}', '<\1>', 'g'), '[0-9a-f]{32}', '<id>', 'g') $$;
CREATE FUNCTION pg_temp.handle(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT substring(h FROM 'request=(olr_[-_A-Za-z0-9]{54})') FROM unnest(r.headers) h WHERE h LIKE 'Location:%' $$;
CREATE FUNCTION pg_temp.cookie(r oauth.http_response, name text) RETURNS text LANGUAGE sql AS $$
	SELECT substring(h FROM '=([^;]*)') FROM unnest(r.headers) h WHERE h LIKE 'Set-Cookie: __Host-oauth_' || name || '=%' $$;
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text; BEGIN EXECUTE statement INTO result; RETURN result; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM; END $$;
CREATE FUNCTION pg_temp.path(address text) RETURNS text LANGUAGE sql AS $$ SELECT replace(address, 'https://auth.example.com', '') $$;
SELECT '/oauth2/authorize?client_id=' || :'id' || '&response_type=code&state=s' AS ask, '__Host-oauth_browser=' || :'browser' AS cookies \gset

\echo -- the browser is sent there with a handle, and with what the login must be
SELECT pg_temp.show(pg_temp.go(:'ask', :'cookies')), pg_temp.show(pg_temp.go('/account', :'cookies'));
SELECT pg_temp.show(pg_temp.go('/login?return=%2Foauth2%2Fdevice', :'cookies')), pg_temp.show(pg_temp.go('/oauth2/device?user_code=WDJB-MJHT', :'cookies'));
\echo -- a browser without a cookie gets one, which the handle is bound to
SELECT pg_temp.cookie(pg_temp.go(:'ask', ''), 'browser') ~ '^[0-9a-f]{32}$';
\echo -- prompt=none cannot go anywhere
SELECT pg_temp.show(pg_temp.go(:'ask' || '&prompt=none', :'cookies'));

\echo -- what the application can learn of it
SELECT pg_temp.handle(pg_temp.go(:'ask' || '&login_hint=ann%40example.org&ui_locales=fr&scope=write', :'cookies')) AS handle \gset
SELECT client_id = :'id', client_name, scope, subject, login_hint, ui_locales, expires_at BETWEEN now() + interval '14 minutes' AND now() + interval '16 minutes' FROM oauth_login_request(:'handle');
SELECT * FROM oauth_login_request('olr_' || repeat('A', 54));
\echo :SQLSTATE
SELECT * FROM oauth_login_request(NULL);
\echo :SQLSTATE

\echo -- logged in there, asked here
SELECT oauth_accept_consent(:'handle');
\echo :SQLSTATE
SELECT oauth_accept_login(:'handle', 'ann 7') AS address \gset
SELECT regexp_replace(:'address', 'olv_.*', '<olv>');
SELECT oauth_accept_login(:'handle', 'somebody else');
\echo :SQLSTATE
\echo -- R50, R207: an attacker who began, and sent somebody else to the application with the handle, has no verifier
SELECT pg_temp.show(pg_temp.go('/login?verifier=' || :'handle', :'cookies')), pg_temp.show(pg_temp.go('/login?verifier=' || replace(:'handle', 'olr_', 'olv_'), :'cookies')), pg_temp.show(pg_temp.go('/login?verifier=olv_' || substr(:'handle', 5, 10) || repeat('A', 44), :'cookies'));
\echo -- R207: not in another browser: nobody can log somebody else in as himself
SELECT pg_temp.show(pg_temp.go(pg_temp.path(:'address'), '__Host-oauth_browser=00000000000000000000000000000002')), pg_temp.show(pg_temp.go(pg_temp.path(:'address'), ''));
\echo -- HEAD, as programs send that look at links, uses nothing up: it is told the way, and gets no cookie without a session
SELECT pg_temp.show(r), (SELECT count(*) FROM unnest((r).headers) h WHERE h LIKE 'Set-Cookie:%') FROM pg_temp.go(pg_temp.path(:'address'), :'cookies', 'HEAD') r;
SELECT pg_temp.handle(pg_temp.go(:'ask', :'cookies', 'HEAD')) AS undone \gset
SELECT * FROM oauth_login_request(:'undone');
\echo :SQLSTATE
SELECT pg_temp.go(pg_temp.path(:'address'), :'cookies') AS back \gset
SELECT pg_temp.show(:'back'::oauth.http_response), pg_temp.cookie(:'back'::oauth.http_response, 'session') ~ '^oas_', pg_temp.cookie(:'back'::oauth.http_response, 'browser') ~ '^[0-9a-f]{32}$';
\echo -- once
SELECT pg_temp.show(pg_temp.go(pg_temp.path(:'address'), :'cookies'));
SELECT * FROM oauth_login_request(:'handle');
\echo :SQLSTATE
SELECT '__Host-oauth_browser=' || pg_temp.cookie(:'back'::oauth.http_response, 'browser') || '; __Host-oauth_session=' || pg_temp.cookie(:'back'::oauth.http_response, 'session') AS logged_in \gset
SELECT pg_temp.show(pg_temp.go(:'ask', :'logged_in'));
SELECT event, subject, detail FROM oauth.event WHERE subject = 'ann 7';

\echo -- both there, in one transaction, for less than was asked; it is not asked again where the application says so
SELECT pg_temp.handle(pg_temp.go(:'ask' || '&scope=read%20write', :'cookies')) AS handle \gset
BEGIN;
SELECT oauth_accept_login(:'handle', 'ben') IS NOT NULL;
SELECT oauth_accept_consent(:'handle', 'read admin');
\echo :SQLSTATE
ROLLBACK;
SELECT oauth_accept_consent(:'handle');
\echo :SQLSTATE
BEGIN;
SELECT oauth_accept_login(:'handle', 'ben') AS first \gset
SELECT oauth_accept_consent(:'handle', 'read', remember => true) AS address \gset
COMMIT;
SELECT oauth_accept_consent(:'handle', 'read write');
\echo :SQLSTATE
\echo -- the last address counts
SELECT pg_temp.show(pg_temp.go(pg_temp.path(:'first'), :'cookies'));
SELECT pg_temp.go(pg_temp.path(:'address'), :'cookies') AS back \gset
SELECT pg_temp.show(:'back'::oauth.http_response), pg_temp.cookie(:'back'::oauth.http_response, 'session') ~ '^oas_';
SELECT g.subject, g.scope FROM oauth.grant g WHERE g.subject = 'ben';
SELECT '__Host-oauth_browser=' || pg_temp.cookie(:'back'::oauth.http_response, 'browser') || '; __Host-oauth_session=' || pg_temp.cookie(:'back'::oauth.http_response, 'session') AS ben \gset
SELECT pg_temp.show(pg_temp.go(:'ask' || '&scope=read', :'ben'));

\echo -- refused: the client is told, and nobody is logged in
SELECT pg_temp.handle(pg_temp.go(:'ask', :'cookies')) AS handle \gset
SELECT oauth_deny(:'handle') AS address \gset
SELECT oauth_accept_login(:'handle', 'ann 7');
\echo :SQLSTATE
SELECT pg_temp.go(pg_temp.path(:'address'), :'cookies') AS back \gset
SELECT pg_temp.show(:'back'::oauth.http_response), pg_temp.cookie(:'back'::oauth.http_response, 'session');
\echo -- also where no client asks
SELECT pg_temp.handle(pg_temp.go('/account', :'cookies')) AS handle \gset
SELECT oauth_accept_login(:'handle', 'ann 7') IS NOT NULL;
SELECT oauth_accept_consent(:'handle');
\echo :SQLSTATE
SELECT oauth_deny(:'handle') AS address \gset
SELECT pg_temp.show(pg_temp.go(pg_temp.path(:'address'), :'cookies'));

\echo -- what the request says is checked anew when the browser is back
SELECT pg_temp.handle(pg_temp.go(:'ask', :'cookies')) AS handle \gset
SELECT oauth_accept_login(:'handle', 'cat') IS NOT NULL;
SELECT oauth_accept_consent(:'handle') AS address \gset
BEGIN;
SELECT oauth_disable_client(:'id');
SELECT pg_temp.show(pg_temp.go(pg_temp.path(:'address'), :'cookies'));
ROLLBACK;
BEGIN;
SELECT oauth_register_scope('write', 'Write', is_default => true);
SELECT pg_temp.handle(pg_temp.go(:'ask', :'cookies')) AS more \gset
SELECT oauth_accept_login(:'more', 'cat') IS NOT NULL;
SELECT oauth_accept_consent(:'more') AS more \gset
SELECT oauth_register_scope('write', 'Write', is_default => false);
SELECT pg_temp.show(pg_temp.go(pg_temp.path(:'more'), :'cookies'));
ROLLBACK;
UPDATE oauth.subject SET disabled_at = now() WHERE subject = 'cat';
SELECT pg_temp.show(pg_temp.go(pg_temp.path(:'address'), :'cookies'));
SELECT oauth_accept_login(pg_temp.handle(pg_temp.go(:'ask', :'cookies')), 'cat');
\echo :SQLSTATE
\echo -- expired
SELECT pg_temp.handle(pg_temp.go(:'ask', :'cookies')) AS handle \gset
SELECT oauth_accept_login(:'handle', 'ann 7') AS address \gset
UPDATE oauth.login_request SET expires_at = now() - interval '1 second' WHERE used_at IS NULL;
SELECT pg_temp.show(pg_temp.go(pg_temp.path(:'address'), :'cookies'));
SELECT oauth_deny(:'handle');
\echo :SQLSTATE
UPDATE oauth.login_request SET expires_at = now() - interval '2 hours';
SELECT oauth_purge_expired() > 0;
SELECT count(*) FROM oauth.login_request;

\echo -- a login that is too old is made anew: the application is told, and so is what consent was asked for
SELECT pg_temp.show(pg_temp.go(:'ask' || '&prompt=login%20consent', :'ben'));
SELECT address FROM (SELECT regexp_replace(regexp_replace(address, 'client_id=[0-9a-f]+', 'client_id=...'), 'login_since(%3D|=)[0-9]+[.][-_A-Za-z0-9]{43}', 'login_since\1<proof>') FROM oauth.login_request ORDER BY handle DESC LIMIT 1) x (address);

\echo -- a name and a password are of no use here
SELECT pg_temp.show(pg_temp.go('/login', :'cookies', 'POST'));

\echo -- who is logged in is asked at the application, too, where that has a page for it
SET oauth.consent_url = '/consent';
SELECT pg_temp.show(pg_temp.go(:'ask' || '&scope=write', :'ben'));
SELECT pg_temp.handle(pg_temp.go(:'ask' || '&scope=write', :'ben')) AS handle \gset
SELECT subject, scope FROM oauth_login_request(:'handle');
SELECT oauth_accept_login(:'handle', 'somebody else');
\echo :SQLSTATE
SELECT oauth_accept_consent(:'handle') AS address \gset
SELECT pg_temp.go(pg_temp.path(:'address'), :'ben') AS back \gset
SELECT pg_temp.show(:'back'::oauth.http_response), pg_temp.cookie(:'back'::oauth.http_response, 'session');

\echo -- addresses that are none
SET oauth.login_url = 'javascript:alert(1)';
SET oauth.login_url = '//evil.example/';
SET oauth.login_url = 'https://app.example/#x';
SET oauth.consent_url = 'app.example/login';
SET oauth.login_url = E'https://app.example/\r\nX: y';
\echo -- hostile handles
SELECT pg_temp.show(pg_temp.go('/login?verifier=' || h, :'cookies')) FROM unnest(ARRAY['x', 'olv_', 'olv_' || repeat('%00', 54), repeat('x', 3000)]) h;

\echo -- when and how: acr, amr, auth_time and session_lifetime
RESET oauth.consent_url;
SET oauth.login_url = 'https://app.example/login?via=oauth';
SELECT pg_temp.handle(pg_temp.go(:'ask', :'cookies')) AS handle \gset
SELECT pg_temp.try(format('SELECT oauth_accept_login(%L, ''dan'', %s)', :'handle', said)) FROM unnest(ARRAY['acr => ''two words''', 'acr => ''''', 'acr => ''a"b''', 'acr => E''a\nb''', 'acr => repeat(''x'', 200)', 'amr => ''{pwd,"two words"}''', 'amr => ''{pwd,NULL}''', 'amr => ''{""}''', 'amr => array_fill(''x''::text, ''{21}'')', 'auth_time => now() + interval ''1 minute''', 'auth_time => ''infinity''', 'auth_time => ''-infinity''',
	'auth_time => ''1969-01-01''', 'session_lifetime => ''0''', 'session_lifetime => ''-1 hour''', 'session_lifetime => ''1000 years''']) said;
SELECT oauth_accept_login(:'handle', 'dan', acr => 'urn:app:passkey', amr => '{hwk,user}', auth_time => now() - interval '10 minutes', session_lifetime => '1 hour') AS address \gset
SELECT pg_temp.go(pg_temp.path(:'address'), :'cookies') AS back \gset
SELECT authenticated_at = (SELECT auth_time FROM oauth.login_request WHERE subject = 'dan'), now() - authenticated_at BETWEEN interval '10 minutes' AND interval '11 minutes', acr, amr, sid ~ '^[0-9a-f]{32}$', expires_at - now() BETWEEN interval '59 minutes' AND interval '1 hour' FROM oauth.session WHERE subject = 'dan';
SELECT '__Host-oauth_browser=' || pg_temp.cookie(:'back'::oauth.http_response, 'browser') || '; __Host-oauth_session=' || pg_temp.cookie(:'back'::oauth.http_response, 'session') AS dan \gset
\echo -- nothing is said: now, for as long as the setting says, and nobody knows how; also where the application says NULL
SELECT oauth_accept_login(pg_temp.handle(pg_temp.go(:'ask', :'cookies')), 'eve', NULL, '{}', NULL, NULL) AS address \gset
SELECT pg_temp.cookie(pg_temp.go(pg_temp.path(:'address'), :'cookies'), 'session') ~ '^oas_';
SELECT now() - authenticated_at < interval '1 minute', acr, amr, expires_at - now() > interval '1 hour' FROM oauth.session WHERE subject = 'eve';
\echo -- the grant says it too, where login and consent come in one
SELECT pg_temp.handle(pg_temp.go(:'ask' || '&nonce=n1', :'cookies')) AS handle \gset
BEGIN;
SELECT oauth_accept_login(:'handle', 'eve', acr => '2', amr => '{pwd,otp}', auth_time => now() - interval '1 minute') IS NOT NULL;
SELECT oauth_accept_consent(:'handle', 'read') AS address \gset
COMMIT;
SELECT pg_temp.show(pg_temp.go(pg_temp.path(:'address'), :'cookies'));
SELECT g.auth_time = s.authenticated_at, now() - g.auth_time > interval '1 minute', g.acr, g.amr, g.sid = s.sid FROM oauth.grant g JOIN oauth.session s USING (sid) WHERE g.subject = 'eve' ORDER BY g.handle DESC LIMIT 1;
\echo -- the application learns what the login must be
SELECT pg_temp.handle(pg_temp.go(:'ask' || '&max_age=300&acr_values=urn:app:passkey+2&prompt=login', :'cookies')) AS handle \gset
SELECT acr_values, max_age, prompt FROM oauth_login_request(:'handle');
SELECT acr_values, max_age, prompt FROM oauth_login_request(pg_temp.handle(pg_temp.go(:'ask', :'cookies')));
SELECT acr_values, max_age, prompt FROM oauth_login_request(pg_temp.handle(pg_temp.go('/login?return=' || replace(replace(replace(:'ask', '=', '%3D'), '&', '%26'), '?', '%3F') || '%26max_age%3D5%26acr_values%3D2', :'cookies')));
\echo -- R195, R196, R202: one that is older or weaker than the request allows is no answer, and no reason to ask for ever: the client is told
CREATE FUNCTION pg_temp.round(ask text, cookies text, at interval, accepts boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE handle text := pg_temp.handle(pg_temp.go(ask, cookies)); address text; back oauth.http_response;
BEGIN
	IF handle IS NULL THEN RETURN 'no login'; END IF;
	address := oauth_accept_login(handle, 'dan', auth_time => CASE WHEN at IS NULL THEN date_trunc('second', clock_timestamp()) ELSE clock_timestamp() - at END, acr => '1');
	IF accepts THEN
		RETURN pg_temp.show(pg_temp.go(pg_temp.path(oauth_accept_consent(handle, 'read')), cookies));
	END IF;
	back := pg_temp.go(pg_temp.path(address), cookies);
	RETURN pg_temp.show(pg_temp.go((SELECT substr(h, 11) FROM unnest(back.headers) h WHERE h LIKE 'Location:%'), '__Host-oauth_browser=' || pg_temp.cookie(back, 'browser') || '; __Host-oauth_session=' || pg_temp.cookie(back, 'session')));
END $$;
INSERT INTO oauth.consent SELECT 'dan', :'id', 'read';
SELECT what, accepts, pg_temp.round(:'ask' || query, :'dan', at, accepts)
	FROM (VALUES (1, 'nothing is asked', '', interval '0'), (2, 'prompt=login, of before', '&prompt=login', interval '1 minute'), (3, 'prompt=login, now', '&prompt=login', interval '0'), (4, 'prompt=login, to the second', '&prompt=login', NULL), (5, 'too old', '&max_age=300', '301 seconds'), (6, 'young enough', '&max_age=300', '100 seconds'),
	(7, 'too weak', '&claims=%7B%22id_token%22:%7B%22acr%22:%7B%22essential%22:true,%22value%22:%222%22%7D%7D%7D', '0'), (8, 'weaker than wished', '&acr_values=2', '0'), (9, 'somebody else', '&claims=%7B%22id_token%22:%7B%22sub%22:%7B%22value%22:%22eve%22%7D%7D%7D', '0')) v (n, what, query, at), unnest('{f,t}'::boolean[]) accepts ORDER BY n, accepts;
\echo -- R207: a decision that was open for somebody who has logged out meanwhile is of no use
SET oauth.consent_url = '/consent';
SELECT pg_temp.handle(pg_temp.go(:'ask' || '&scope=write', :'ben')) AS handle \gset
SELECT oauth_accept_consent(:'handle') AS address \gset
SELECT pg_temp.show(pg_temp.go(pg_temp.path(:'address'), split_part(:'ben', ';', 1)));

\echo -- who logs in again in the same browser goes on with the sid that clients know, also where consent comes with the login; somebody else begins anew
RESET oauth.consent_url;
SELECT pg_temp.go(pg_temp.path(oauth_accept_login(pg_temp.handle(pg_temp.go('/account', :'cookies')), 'fay')), :'cookies') AS back \gset
SELECT '__Host-oauth_browser=' || pg_temp.cookie(:'back'::oauth.http_response, 'browser') || '; __Host-oauth_session=' || pg_temp.cookie(:'back'::oauth.http_response, 'session') AS fay, sid FROM oauth.session WHERE subject = 'fay' \gset
SELECT pg_temp.handle(pg_temp.go(:'ask' || '&prompt=login', :'fay')) AS handle \gset
BEGIN;
SELECT oauth_accept_login(:'handle', 'fay') IS NOT NULL;
SELECT oauth_accept_consent(:'handle', 'read') AS address \gset
COMMIT;
SELECT pg_temp.go(pg_temp.path(:'address'), :'fay') AS back \gset
SELECT pg_temp.show(:'back');
SELECT (SELECT sid FROM oauth.session WHERE subject = 'fay' AND ended_at IS NULL) = :'sid', (SELECT sid FROM oauth.grant WHERE subject = 'fay') = :'sid';
SELECT '__Host-oauth_browser=' || pg_temp.cookie(:'back'::oauth.http_response, 'browser') || '; __Host-oauth_session=' || pg_temp.cookie(:'back'::oauth.http_response, 'session') AS fay \gset
SELECT pg_temp.show(pg_temp.go(pg_temp.path(oauth_accept_login(pg_temp.handle(pg_temp.go(:'ask' || '&prompt=login', :'fay')), 'gus')), :'fay')) LIKE '303 /oauth2/authorize%';
SELECT sid <> :'sid' FROM oauth.session WHERE subject = 'gus';

\echo -- an application that says no acr is not asked for a stronger login again and again
INSERT INTO oauth.consent SELECT 'fay', :'id', 'read' ON CONFLICT DO NOTHING;
SELECT pg_temp.go(pg_temp.path(oauth_accept_login(pg_temp.handle(pg_temp.go('/account', :'cookies')), 'fay')), :'cookies') AS back \gset
SELECT '__Host-oauth_browser=' || pg_temp.cookie(:'back'::oauth.http_response, 'browser') || '; __Host-oauth_session=' || pg_temp.cookie(:'back'::oauth.http_response, 'session') AS fay \gset
SELECT pg_temp.show(pg_temp.go(:'ask' || '&acr_values=2', :'fay'));
