-- consent.sql: the consent page names what is released, in the person's language (OpenID Connect Core, sections 5.4 and 5.5).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://auth.example.com';

SELECT oauth_create_user('consent alice', 'wonderland') AS alice \gset
SELECT client_id AS id FROM oauth_register_client('consent', redirect_uris => '{https://app.example/back}', grant_types => '{authorization_code,refresh_token}', scope => 'openid profile email address phone offline_access read') \gset
CREATE FUNCTION pg_temp.go(path text, session text DEFAULT '', form text DEFAULT NULL, language text DEFAULT 'en') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT CASE WHEN path LIKE '/login%' THEN oauth.login(r) WHEN path LIKE '/account%' THEN oauth.account(r) ELSE oauth.authorize(r) END
	FROM (SELECT ROW(CASE WHEN form IS NULL THEN 'GET' ELSE 'POST' END, path, ARRAY['Content-Type: application/x-www-form-urlencoded', 'Accept-Language: ' || language, 'Cookie: __Host-oauth_browser=00000000000000000000000000000001; ' || session], convert_to(form, 'UTF8'), 'https', '127.0.0.1')::oauth.http_request) x (r) $$;
CREATE FUNCTION pg_temp.html(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT convert_from(r.body, 'UTF8') $$;
CREATE FUNCTION pg_temp.field(r oauth.http_response, name text) RETURNS text LANGUAGE sql AS $$ SELECT replace(substring(pg_temp.html(r) FROM 'name="' || name || '" value="([^"]*)"'), '&amp;', '&') $$;
SELECT '__Host-oauth_session=' || substring(h FROM '=(oas_[^;]*)') AS session FROM unnest((pg_temp.go('/login', '', 'username=consent+alice&password=wonderland&token=' || pg_temp.field(pg_temp.go('/login'), 'token'))).headers) h WHERE h LIKE 'Set-Cookie: __Host-oauth_session=oas_%' \gset
CREATE FUNCTION pg_temp.encoded(text) RETURNS text LANGUAGE sql AS $$ SELECT string_agg('%' || upper(substr(hex, i, 2)), '') FROM (SELECT encode(convert_to($1, 'UTF8'), 'hex') AS hex) h, generate_series(1, length(hex), 2) i $$;
SELECT '/oauth2/authorize?client_id=' || :'id' || '&response_type=code&state=s' AS ask \gset
-- The list of the page, or where it sends to.
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT coalesce(m[1], left(substring(h FROM '^Location: (.*)'), 33)) FROM (SELECT 1) x LEFT JOIN regexp_matches(pg_temp.html(r), '<li>(.*?)</li>', 'g') m ON true LEFT JOIN unnest(r.headers) h ON m IS NULL AND h LIKE 'Location:%' $$;
CREATE FUNCTION pg_temp.approve(page oauth.http_response, session text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT (pg_temp.go('/oauth2/authorize/confirm', session, format('request=%s&token=%s&decision=approve', replace(replace(pg_temp.field(page, 'request'), '%', '%25'), '&', '%26'), pg_temp.field(page, 'token')))).status::text $$;

\echo -- Core, section 3.1.2.4; Core, section 5.4: scopes stand for claims, and the page says for which
SELECT pg_temp.show(pg_temp.go(:'ask' || '&prompt=consent&scope=openid+profile+email+address+phone+offline_access+read', :'session'));
\echo -- in every language
SELECT language, string_agg(line, ' / ') FROM unnest('{ar,de,en,es,fr,it,ja,nl,pl,pt,zh,zh-Hant}'::text[]) language, pg_temp.show(pg_temp.go(:'ask' || '&prompt=consent&scope=openid+profile+email+address+phone+offline_access&claims=%7B%22userinfo%22%3A%7B%22x%22%3Anull%7D%7D', :'session', language => language)) line GROUP BY language ORDER BY language;
\echo -- the words of an administrator count, for a scope and for a page
BEGIN;
SELECT oauth_register_scope('email', 'Write to you');
SELECT oauth_set_page('scope_phone', 'Call you', 'de');
SELECT pg_temp.show(pg_temp.go(:'ask' || '&scope=email+phone', :'session', language => 'de'));
ROLLBACK;

\echo -- section 5.5: claims that are asked for one by one, each kind once, and none that the scope stands for already
SELECT claims, string_agg(line, ' / ') FROM unnest(ARRAY['{"userinfo": {"given_name": {"essential": true}, "family_name": null, "name#ja-Kana-JP": null, "birthdate": null}}', '{"userinfo": {"email": null, "email_verified": null, "phone_number": null}, "id_token": {"phone_number": null, "picture": null}}', '{"id_token": {"auth_time": {"essential": true}, "acr": null, "sub": null, "amr": null}}',
	'{"userinfo": {"http://app.example/role": null, "<b>bold</b>": null, "two words": null, "given_name family_name": null, "": null, "#x": null}}', '{}']) claims, pg_temp.show(pg_temp.go(:'ask' || '&scope=openid+email&claims=' || pg_temp.encoded(claims), :'session')) line GROUP BY claims ORDER BY claims;

\echo -- a consent of before will do for the claims that it was given for, and for no others
SELECT pg_temp.approve(pg_temp.go(:'ask' || '&scope=openid+email&claims=' || pg_temp.encoded('{"userinfo": {"birthdate": null}, "id_token": {"http://app.example/role": null, "auth_time": null}}'), :'session'), :'session');
SELECT scope, claims FROM oauth.consent WHERE subject = :'alice';
SELECT scope, claims, string_agg(line, ' / ') FROM (VALUES ('openid+email', '{}'), ('openid+email', '{"userinfo": {"birthdate": null}}'), ('openid', '{"id_token": {"http://app.example/role": null}, "userinfo": {"email": null}}'), ('openid', '{"userinfo": {"birthdate": null, "gender": null}}'), ('openid', '{"id_token": {"name": null}}'), ('openid+profile', '{}')) v (scope, claims),
	pg_temp.show(pg_temp.go(:'ask' || '&scope=' || scope || '&claims=' || pg_temp.encoded(claims), :'session')) line GROUP BY scope, claims ORDER BY scope, claims;
SELECT pg_temp.show(pg_temp.go(:'ask' || '&prompt=none&scope=openid&claims=' || pg_temp.encoded('{"userinfo": {"gender": null}}'), :'session'));
SELECT pg_temp.approve(pg_temp.go(:'ask' || '&scope=openid+profile&claims=' || pg_temp.encoded('{"userinfo": {"phone_number": null, "birthdate": null}}'), :'session'), :'session');
SELECT array(SELECT unnest(string_to_array(scope, ' ')) ORDER BY 1), claims FROM oauth.consent WHERE subject = :'alice';
\echo -- the account page says it as well
SELECT pg_temp.show(pg_temp.go('/account', :'session', language => 'fr')) LIMIT 2;

\echo -- the application that asks for consent learns of them, and what it lets be remembered is no more than that
SET oauth.consent_url = 'https://app.example/consent';
SELECT substring(h FROM 'request=(olr_.*)') AS handle FROM unnest((pg_temp.go(:'ask' || '&scope=openid&claims=' || pg_temp.encoded('{"userinfo": {"address": null}}'), :'session')).headers) h WHERE h LIKE 'Location:%' \gset
SELECT claims FROM oauth_login_request(:'handle');
SELECT oauth_accept_consent(:'handle', remember => true) IS NOT NULL;
SELECT pg_temp.show(pg_temp.go(:'ask' || '&scope=openid&claims=' || pg_temp.encoded('{"userinfo": {"address": null}}'), :'session'));
\echo -- an application that allows less than was asked for does not allow the same by another parameter; what is about the login stays
CREATE FUNCTION pg_temp.allow(asked text, claims text, allowed text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE handle text; address text; line text; BEGIN
	DELETE FROM oauth.consent;
	SELECT substring(h FROM 'request=(olr_.*)') INTO handle FROM unnest((pg_temp.go((SELECT ask FROM asking) || '&scope=' || replace(asked, ' ', '+') || '&claims=' || pg_temp.encoded(claims), (SELECT session FROM asking))).headers) h WHERE h LIKE 'Location:%';
	address := oauth_accept_consent(handle, allowed, remember => true);
	SELECT string_agg(h, ' ') INTO line FROM unnest((pg_temp.go(substring(address FROM '/login.*'), (SELECT session FROM asking))).headers) h WHERE h LIKE 'Location: https://app.example/%code=%';
	RETURN concat_ws(' | ', line IS NOT NULL, (SELECT g.scope || ' ' || coalesce(g.claims::text, '-') FROM oauth.grant g ORDER BY g.handle DESC LIMIT 1), (SELECT c.scope || ' ' || c.claims::text FROM oauth.consent c));
END $$;
CREATE TEMP TABLE asking AS SELECT :'ask' AS ask, :'session' AS session;
\set wanted '{"userinfo": {"email": {"essential": true}, "email#de": null, "birthdate": null, "name": null, "http://app.example/role": null}, "id_token": {"email": null, "auth_time": {"essential": true}, "acr": null, "sub": null}}'
SELECT allowed, pg_temp.allow('openid profile email', :'wanted', allowed) FROM unnest(ARRAY[NULL, 'openid profile email', 'openid profile', 'openid email', 'openid']) allowed;
SELECT claims, pg_temp.allow('openid profile email', claims, 'openid') FROM unnest(ARRAY['{}', '{"userinfo": {"email": null}}', '{"userinfo": {"a,b": null, "{c}": null, "\"": null}}']) claims;
DELETE FROM oauth.consent;
RESET oauth.consent_url;

\echo -- these scopes exist from the start, and a client that registers itself may ask for them
SET oauth.registration = 'open';
SET oauth.registration_rate = 0;
SELECT convert_from(r.body, 'UTF8')::jsonb ->> 'scope' FROM oauth.register(ROW('POST', '/oauth2/register', '{Content-Type: application/json}', convert_to('{"redirect_uris": ["https://rp.example/back"], "scope": "openid profile email address phone offline_access"}', 'UTF8'), 'https', '127.0.0.1')) r;
