-- prompt.sql: which pages an authorization request shows, and what the login must be: prompt, max_age, acr_values, offline_access
-- (Core, section 3.1.2.1; Core, section 11; Core, section 15.1).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://auth.example.com';

SELECT oauth_create_user('prompt alice', 'wonderland') AS alice \gset
SELECT oauth_create_user('prompt bob', 'wonderland') AS bob \gset
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('prompt', redirect_uris => '{https://app.example/back}', grant_types => '{authorization_code,refresh_token}', scope => 'openid read offline_access') \gset
SELECT client_id AS native FROM oauth_register_client('prompt native', redirect_uris => '{http://127.0.0.1/back}', grant_types => '{authorization_code}', client_type => 'public', scope => 'read') \gset
INSERT INTO oauth.consent (subject, client_id, scope, claims) SELECT s, c, 'openid read', '{email,http://x/ü}' FROM unnest(ARRAY[:'alice', :'bob']) s, unnest(ARRAY[:'id', :'native']) c;
CREATE FUNCTION pg_temp.go(path text, session text DEFAULT '', form text DEFAULT NULL) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT CASE WHEN path LIKE '/login%' THEN oauth.login(r) ELSE oauth.authorize(r) END
	FROM (SELECT ROW(CASE WHEN form IS NULL THEN 'GET' ELSE 'POST' END, path, ARRAY['Content-Type: application/x-www-form-urlencoded', 'Cookie: __Host-oauth_browser=00000000000000000000000000000001; __Host-oauth_visit=00000000000000000000000000000002; ' || session], convert_to(form, 'UTF8'), 'https', '127.0.0.1')::oauth.http_request) x (r) $$;
CREATE FUNCTION pg_temp.header(r oauth.http_response, pattern text) RETURNS text LANGUAGE sql AS $$ SELECT substring(h FROM pattern) FROM unnest(r.headers) h WHERE h ~ pattern $$;
CREATE FUNCTION pg_temp.location(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.header(r, '^Location: (.*)$') $$;
CREATE FUNCTION pg_temp.decoded(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
	RETURN (SELECT string_agg(CASE WHEN m[1] LIKE '%\%%' THEN convert_from(decode(replace(m[1], '%', ''), 'hex'), 'UTF8') ELSE m[1] END, '') FROM regexp_matches($1, '((?:%[0-9A-F]{2})+|[^%]+)', 'g') m); END $$;
-- What happens: a page, where the client is told, or the login, with what the address back has of a proof.
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || regexp_replace(regexp_replace(coalesce(pg_temp.location(r), (SELECT string_agg(m[1], ' / ') FROM regexp_matches(convert_from(r.body, 'UTF8'), '<(?:h1|p|a|button)[^>]*>([^\n]*?)</(?:h1|p|a|button)>', 'g') m)),
		'oac_[-_A-Za-z0-9]{54}|Not you[?].*$', '<...>'), '^/login\?(again=1&)?return=.*?(login_since)?.*$', '/login \1\2') $$;
CREATE FUNCTION pg_temp.back(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.decoded(substring(pg_temp.location(r) FROM 'return=([^&]*)')) $$;
-- Logs in at that login page; the session, and where it goes on.
CREATE FUNCTION pg_temp.login(page text DEFAULT '/login', who text DEFAULT 'prompt alice', session text DEFAULT '', OUT session text, OUT next text) LANGUAGE sql VOLATILE AS $$
	SELECT '__Host-oauth_session=' || pg_temp.header(r, '__Host-oauth_session=(oas_[^;]*)'), pg_temp.location(r) FROM (SELECT convert_from((pg_temp.go(page, session)).body, 'UTF8') AS html) p,
	LATERAL (SELECT pg_temp.go('/login', session, format('username=%s&password=wonderland&token=%s&return=%s', replace(who, ' ', '+'), substring(html FROM 'name="token" value="([^"]*)"'),
		replace(replace(replace(substring(html FROM 'name="return" value="([^"]*)"'), '&amp;', '&'), '%', '%25'), '&', '%26'))) AS r) l $$;
SELECT '/oauth2/authorize?client_id=' || :'id' || '&response_type=code&state=s&scope=openid+read' AS ask \gset
SELECT session FROM pg_temp.login() \gset
CREATE TEMP VIEW newest AS SELECT * FROM oauth.grant ORDER BY handle DESC LIMIT 1;

\echo -- Core, section 3.1.2.1; Core, section 3.1.2.3; R195: "login: The Authorization Server SHOULD prompt the End-User for reauthentication."
SELECT pg_temp.show(pg_temp.go(:'ask', :'session')), pg_temp.show(pg_temp.go(:'ask' || '&prompt=login', :'session'));
SELECT pg_temp.back(r) AS back, pg_temp.location(r) AS page FROM pg_temp.go(:'ask' || '&prompt=login', :'session') r \gset
\echo -- a browser that comes back without a login is sent there again: with the proof, without it, with another one, with that of another request
SELECT way, pg_temp.show(pg_temp.go(path, :'session')) FROM (VALUES ('as it was', :'back'), ('no proof', regexp_replace(:'back', '&login_since=.*', '')), ('earlier', regexp_replace(:'back', 'login_since=[0-9]+', 'login_since=1')), ('no MAC', regexp_replace(:'back', 'login_since=([0-9]+).*', 'login_since=\1')), ('other MAC', :'back' || 'A'),
	('twice', :'back' || '&login_since=' || substring(:'back' FROM 'login_since=(.*)')), ('other request', replace(:'back', 'state=s', 'state=t')), ('huge', regexp_replace(:'back', 'login_since=[0-9]+', 'login_since=' || repeat('9', 40)))) v (way, path);
SELECT pg_temp.show(pg_temp.go(replace(:'page', 'again=1&', ''), :'session')) LIKE '303 /oauth2/authorize%';
\echo -- who has goes on, once and for all of this request; the time is that of the new login
SELECT session AS anew, next FROM pg_temp.login(:'page', session => :'session') \gset
\echo -- but in this browser only: a proof of somebody else says nothing of this one, which has a cookie of its own that no login replaces, or gets one
CREATE FUNCTION pg_temp.visit(path text, session text, visit text) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$ SELECT oauth.authorize(ROW('GET', path, ARRAY['Cookie: ' || concat_ws('; ', visit, session)], NULL, 'https', '127.0.0.1')) $$;
SELECT visit, pg_temp.show(r), (SELECT regexp_replace(h, '[0-9a-f]{32}', '<id>') FROM unnest(r.headers) h WHERE h ~ '^Set-Cookie: .*visit') FROM unnest(ARRAY[NULL, '__Host-oauth_visit=00000000000000000000000000000003', '__Host-oauth_visit=', '__Host-oauth_visit=0000000000000000000000000000000', '__Host-oauth_visit=0000000000000000000000000000000G', '__Host-oauth_browser=00000000000000000000000000000002', 'oauth_visit=00000000000000000000000000000002', '__Host-oauth_visit=00000000000000000000000000000002']) visit, pg_temp.visit(:'next', :'anew', visit) r;
SELECT visit, pg_temp.show(pg_temp.visit(replace(:'ask', 'state=s', 'state=t') || '&prompt=select_account', :'anew', visit)) LIKE '200 Log in%', pg_temp.show(pg_temp.visit(chosen, :'anew', visit)) FROM (SELECT replace(substring(convert_from((pg_temp.go(:'ask' || '&prompt=select_account', :'anew')).body, 'UTF8') FROM 'href="(/oauth2/[^"]*chosen[^"]*)"'), '&amp;', '&') AS chosen) c,
	unnest(ARRAY['__Host-oauth_visit=00000000000000000000000000000003', '__Host-oauth_visit=00000000000000000000000000000002']) visit;
SELECT :'next' = :'back', pg_temp.show(pg_temp.go(:'next', :'anew'));
\echo -- but not for another request, nor with a time that nobody proved, though both are before that login
SELECT pg_temp.show(pg_temp.go(replace(:'next', 'state=s', 'state=t'), :'anew')), (SELECT pg_temp.show(pg_temp.go(regexp_replace(:'next', 'login_since=[0-9]+', 'login_since=' || ((max(handle) >> 11) - 1)), :'anew')) FROM oauth.session WHERE subject = :'alice');
SELECT g.auth_time = s.authenticated_at, s.authenticated_at > (SELECT min(authenticated_at) FROM oauth.session WHERE subject = :'alice') FROM newest g JOIN oauth.session s USING (sid);
\echo -- the next request asks anew
SELECT pg_temp.show(pg_temp.go(replace(:'ask', 'state=s', 'state=next') || '&prompt=login', :'anew'));
\echo -- Core, section 3.1.2.1; RFC 9470, section 4; R196: "max_age: If the elapsed time is greater than this value, the OP MUST attempt to actively re-authenticate the End-User."
BEGIN;
UPDATE oauth.session SET authenticated_at = authenticated_at - interval '100 seconds' WHERE subject = :'alice';
SELECT age, pg_temp.show(pg_temp.go(:'ask' || '&max_age=' || age, :'anew')) FROM unnest('{0,99,200,999999999}'::text[]) age;
SELECT session AS anew, next FROM pg_temp.login(pg_temp.location(pg_temp.go(:'ask' || '&max_age=0', :'anew')), session => :'anew') \gset
SELECT pg_temp.show(pg_temp.go(:'next', :'anew'));
\echo -- and prompt=none cannot
SELECT pg_temp.show(pg_temp.go(:'ask' || '&prompt=none&max_age=' || age, :'anew')) FROM unnest('{0,99}'::text[]) age;
SELECT pg_temp.show(pg_temp.go(:'ask' || '&max_age=' || age, :'anew')) FROM unnest(ARRAY['-1', '1.5', '', 'x', '+1', '0x1', repeat('9', 10), '1&max_age=1']) age;
ROLLBACK;
SELECT session FROM pg_temp.login() \gset
\echo -- default_max_age is that of requests that say none (Dynamic Registration 1.0, section 2)
BEGIN;
UPDATE oauth.session SET authenticated_at = authenticated_at - interval '100 seconds' WHERE subject = :'alice';
UPDATE oauth.client SET default_max_age = 50 WHERE client_id = :'id';
SELECT pg_temp.show(pg_temp.go(:'ask', :'session')), pg_temp.show(pg_temp.go(:'ask' || '&max_age=200', :'session')), pg_temp.show(pg_temp.go(:'ask' || '&prompt=none', :'session'));
ROLLBACK;

\echo -- Core, section 3.1.2.1; R195: "select_account: The Authorization Server SHOULD prompt the End-User to select a user account."
SELECT pg_temp.go(:'ask' || '&prompt=select_account', :'session') AS page \gset
SELECT pg_temp.show(:'page');
SELECT replace(m[1], '&amp;', '&') AS go_on, replace(m[2], '&amp;', '&') AS other FROM regexp_matches(convert_from((:'page'::oauth.http_response).body, 'UTF8'), 'href="([^"]*)">Continue.*href="([^"]*)"') m \gset
SELECT pg_temp.show(pg_temp.go(:'go_on', :'session'));
\echo -- the choice is that of this session and this request only
SELECT session AS bobs FROM pg_temp.login(who => 'prompt bob') \gset
SELECT pg_temp.show(pg_temp.go(:'go_on', :'bobs')), pg_temp.show(pg_temp.go(replace(:'go_on', 'state=s', 'state=t'), :'session')), pg_temp.show(pg_temp.go(regexp_replace(:'go_on', 'chosen=[0-9]+', 'chosen=1'), :'session'));
\echo -- somebody else
SELECT session AS bobs, next FROM pg_temp.login(:'other', 'prompt bob', :'session') \gset
SELECT pg_temp.show(pg_temp.go(:'next', :'bobs'));
SELECT subject = :'bob' FROM newest;
SELECT pg_temp.show(pg_temp.go(:'ask' || '&prompt=login%20select_account', :'bobs')), pg_temp.show(pg_temp.go(:'ask' || '&prompt=select_account', ''));
SELECT session FROM pg_temp.login() \gset

\echo -- Core, section 3.1.2.1; Core, section 3.1.2.3; Core, section 3.1.2.6; R195: "none: The Authorization Server MUST NOT display any authentication or consent user interface pages."
SELECT query, pg_temp.show(pg_temp.go(:'ask' || query, who)) FROM (VALUES ('&prompt=none', ''), ('&prompt=none', :'session'), ('&prompt=none%20login', :'session'), ('&prompt=none%20none', :'session'), ('&prompt=create', :'session'), ('&prompt=Login', :'session'), ('&prompt=', :'session'), ('&prompt=none&prompt=none', :'session')) v (query, who);
BEGIN;
DELETE FROM oauth.consent WHERE client_id = :'id';
SELECT pg_temp.show(pg_temp.go(:'ask' || '&prompt=none', :'session'));
ROLLBACK;
\echo -- interaction_required: of the user of a native application, who has allowed it, another one could get the code without a page (RFC 8252, section 8.6)
SELECT pg_temp.show(pg_temp.go('/oauth2/authorize?client_id=' || :'native' || '&response_type=code&state=s&prompt=none&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256', :'session'));
\echo -- Core, section 3.1.2.1; R195: "consent: The Authorization Server SHOULD prompt the End-User for consent before returning information to the Client."
SELECT pg_temp.show(pg_temp.go(:'ask' || '&prompt=consent', :'session'));

\echo -- acr_values: "requested as a Voluntary Claim by this parameter". What there is does; what there could be is tried
SELECT acr, pg_temp.show(pg_temp.go(:'ask' || '&acr_values=' || acr, :'session')) FROM unnest('{urn:oauth:acr:pwd,urn:oauth:acr:mfa+urn:oauth:acr:pwd,unknown,0,urn:oauth:acr:mfa,"unknown+urn:oauth:acr:mfa",%22}'::text[]) acr;
\echo -- who must have a second factor is not logged in by a password alone, also in a session of before there were any
SELECT session AS anew FROM pg_temp.login() \gset
BEGIN;
SELECT oauth_require_second_factor('prompt alice');
SELECT acr, pg_temp.show(pg_temp.go(:'ask' || '&acr_values=' || acr, :'anew')) FROM unnest('{urn:oauth:acr:mfa,"unknown+urn:oauth:acr:mfa",urn:oauth:acr:pwd,unknown}'::text[]) acr;
SELECT pg_temp.show(pg_temp.go(:'ask' || '&prompt=none&acr_values=urn:oauth:acr:mfa', :'anew'));
UPDATE oauth.session SET acr = NULL WHERE subject = :'alice';
SELECT pg_temp.show(pg_temp.go(:'ask' || '&acr_values=urn:oauth:acr:pwd', :'anew'));
ROLLBACK;
SELECT (SELECT acr FROM newest), pg_temp.show(pg_temp.go(:'ask' || '&prompt=none&acr_values=urn:oauth:acr:mfa', :'anew'));
BEGIN;
UPDATE oauth.session SET acr = 'urn:oauth:acr:mfa' WHERE subject = :'alice';
SELECT pg_temp.show(pg_temp.go(:'ask' || '&acr_values=' || acr, :'anew')) FROM unnest('{urn:oauth:acr:mfa,urn:oauth:acr:pwd}'::text[]) acr;
ROLLBACK;
\echo -- default_acr_values are those of requests that say none (Dynamic Registration 1.0, section 2)
BEGIN;
UPDATE oauth.client SET default_acr_values = '{urn:oauth:acr:mfa}' WHERE client_id = :'id';
SELECT oauth_require_second_factor('prompt alice');
SELECT pg_temp.show(pg_temp.go(:'ask', :'anew')), pg_temp.show(pg_temp.go(:'ask' || '&acr_values=urn:oauth:acr:pwd', :'anew'));
ROLLBACK;

\echo -- Core, section 11: offline_access is ignored without prompt=consent, and asked for with it
SELECT session FROM pg_temp.login() \gset
SELECT pg_temp.show(pg_temp.go(replace(:'ask', 'openid+read', 'openid+offline_access'), :'session'));
SELECT scope FROM newest;
SELECT pg_temp.show(pg_temp.go(replace(:'ask', 'openid+read', 'openid+offline_access') || '&prompt=consent', :'session'));
SELECT pg_temp.show(pg_temp.go(replace(:'ask', 'openid+read', 'offline_access'), :'session'));
SELECT pg_temp.go(replace(:'ask', 'openid+read', 'openid+offline_access') || '&prompt=consent', :'session') AS page \gset
SELECT pg_temp.location(pg_temp.go('/oauth2/authorize/confirm', :'session', format('request=%s&token=%s&decision=approve', replace(replace(replace(substring(html FROM 'name="request" value="([^"]*)"'), '&amp;', '&'), '%', '%25'), '&', '%26'), substring(html FROM 'name="token" value="([^"]*)"')))) AS back
	FROM convert_from((:'page'::oauth.http_response).body, 'UTF8') html \gset
SELECT j ->> 'scope', j ->> 'refresh_token' LIKE 'ort%' FROM (SELECT convert_from((oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to(format('grant_type=authorization_code&client_id=%s&client_secret=%s&code=%s', :'id', :'secret', substring(:'back' FROM 'code=([^&]*)')), 'UTF8'), 'https', NULL))).body, 'UTF8')::jsonb AS j) t;
\echo -- of a native application the person is asked anyway
BEGIN;
DELETE FROM oauth.consent WHERE client_id = :'id';
UPDATE oauth.client SET application_type = 'native' WHERE client_id = :'id';
SELECT pg_temp.show(pg_temp.go(replace(:'ask', 'openid+read', 'openid+offline_access'), :'session'));
\echo -- of a client that gets no refresh tokens it is not, for nothing would come of it
UPDATE oauth.client SET grant_types = '{authorization_code}' WHERE client_id = :'id';
SELECT pg_temp.show(pg_temp.go(replace(:'ask', 'openid+read', 'openid+offline_access') || '&prompt=consent', :'session'));
ROLLBACK;

\echo -- Core, section 3.1.2.6; Core, section 6.2: what is not here has an error of its own
SELECT query, pg_temp.show(pg_temp.go(:'ask' || query, :'session')) FROM unnest(ARRAY['&request=x', '&request_uri=https://app.example/r', '&registration={}', '&request=', '&registration=']) query;
\echo -- Core, section 3.1.2.1; Core, section 3.1.2.2; R91: RFC 9700, section 2.1.2: nor are the implicit grant and the hybrid flow
SELECT type, pg_temp.show(pg_temp.go(replace(:'ask', 'response_type=code', 'response_type=' || type), :'session')) FROM unnest('{token,id_token,"id_token token","code id_token","code token","code id_token token",none,"code code",CODE}'::text[]) type;
\echo -- Core, section 15.1; R198: display, ui_locales, claims_locales, login_hint and what is unknown are no failure
SELECT query, pg_temp.show(pg_temp.go(:'ask' || query, :'session')) FROM unnest('{&display=popup,&display=x,&ui_locales=xx,&claims_locales=de,&login_hint=nobody,&whatever=1}'::text[]) query;

\echo -- Core, section 3.1.2.1; R197: id_token_hint: "If the End-User identified by the ID Token is already logged in [...] the Authorization Server returns a positive response; otherwise, it MUST return an error, such as login_required."
SELECT session FROM pg_temp.login() \gset
CREATE FUNCTION pg_temp.hint(sub text, aud text, change jsonb DEFAULT '{}', typ text DEFAULT 'JWT') RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT '&id_token_hint=' || oauth_sign_jwt(jsonb_strip_nulls(jsonb_build_object('iss', 'https://auth.example.com', 'sub', sub, 'aud', aud, 'iat', 1000000000, 'exp', 1000003600) || change), typ => typ) $$;
SELECT pg_temp.hint(:'alice', :'id') AS hers, pg_temp.hint(:'bob', :'id') AS his \gset
SELECT whose, pg_temp.show(pg_temp.go(:'ask' || hint || prompt, :'session')) FROM (VALUES ('hers, expired', :'hers'), ('his', :'his')) v (whose, hint), unnest('{"",&prompt=none}'::text[]) prompt ORDER BY whose, prompt;
\echo -- somebody else may log in, once
SELECT pg_temp.location(pg_temp.go(:'ask' || :'his', :'session')) AS page \gset
SELECT session AS bobs, next FROM pg_temp.login(:'page', 'prompt bob', :'session') \gset
SELECT pg_temp.show(pg_temp.go(:'next', :'bobs'));
SELECT session AS again, next FROM pg_temp.login(:'page', 'prompt alice', :'session') \gset
SELECT pg_temp.show(pg_temp.go(:'next', :'again'));
\echo -- Core, section 3.1.2.2; RFC 7519, section 4.1.1: one that is unverifiable is refused
SELECT what, pg_temp.show(pg_temp.go(:'ask' || hint, :'again')) FROM (VALUES ('garbage', '&id_token_hint=x'), ('of another client', pg_temp.hint(:'alice', :'native')), ('of another issuer', pg_temp.hint(:'alice', :'id', '{"iss": "https://evil.example"}')), ('without sub', pg_temp.hint(:'alice', :'id', '{"sub": null}')), ('no ID token', pg_temp.hint(:'alice', :'id', typ => 'at+jwt')),
	('changed', replace(:'hers', substr(:'hers', length(:'hers') - 20, 10), 'AAAAAAAAAA')), ('alg none', '&id_token_hint=' || translate(encode('{"alg":"none","typ":"JWT"}', 'base64'), '+/=' || chr(10), '-_') || '.' || split_part(:'hers', '.', 2) || '.'), ('twice', :'hers' || :'hers')) v (what, hint);
\echo -- no other JWT of ours is one (RFC 8725, section 3.12): an answer of userinfo has no exp, a logout token has events
SELECT what, pg_temp.show(pg_temp.go(:'ask' || hint, :'again')) FROM (VALUES ('userinfo', pg_temp.hint(:'alice', :'id', '{"exp": null}')), ('logout token', pg_temp.hint(:'alice', :'id', '{"events": {}}', 'logout+jwt')), ('without its typ', pg_temp.hint(:'alice', :'id', '{"events": {}}')), ('no aud', pg_temp.hint(:'alice', NULL))) v (what, hint);
\echo -- the ID token goes into no address, whichever method brought it: a reference stands for it
SELECT how, pg_temp.show(r), strpos(pg_temp.location(r), split_part(:'his', '.', 2)), pg_temp.decoded(pg_temp.location(r)) ~ 'id_token_hint=\d+\.[\w-]{43}\.\.[\w-]{43}(&|$)'
	FROM (VALUES ('GET', pg_temp.go(:'ask' || :'his', :'again')), ('POST', pg_temp.go('/oauth2/authorize', :'again', split_part(:'ask', '?', 2) || :'his')), ('nobody is logged in', pg_temp.go('/oauth2/authorize', form => split_part(:'ask', '?', 2) || :'his'))) v (how, r);
\echo -- it is worth nothing to another client, nor for another person; and says the same to the claims parameter
SELECT pg_temp.back(pg_temp.go(:'ask' || :'his', :'again')) AS back \gset
SELECT substring(:'back' FROM '&id_token_hint=[^&]*') AS reference \gset
SELECT pg_temp.show(pg_temp.go(:'ask' || :'reference' || '&prompt=none', session)) FROM unnest(ARRAY[:'again', :'bobs']) session;
SELECT pg_temp.show(pg_temp.go('/oauth2/authorize?client_id=' || :'native' || '&response_type=code&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' || :'reference', :'bobs'));
SELECT pg_temp.show(pg_temp.go(:'ask' || :'reference' || '&prompt=none&claims=%7B%22id_token%22%3A%7B%22sub%22%3A%7B%22value%22%3A%22' || who || '%22%7D%7D%7D', :'bobs')) FROM unnest(ARRAY[:'alice', :'bob']) who;

\echo -- R202: Core, section 5.5; Core, section 5.5.1: the claims parameter is parsed strictly, and kept with the grant
CREATE FUNCTION pg_temp.encoded(text) RETURNS text LANGUAGE sql AS $$ SELECT string_agg('%' || upper(substr(hex, i, 2)), '') FROM (SELECT encode(convert_to($1, 'UTF8'), 'hex') AS hex) h, generate_series(1, length(hex), 2) i $$;
SELECT claims, pg_temp.show(pg_temp.go(:'ask' || '&claims=' || pg_temp.encoded(claims), :'again')) FROM unnest(ARRAY['{', 'null', '[]', '"x"', '{}', '{"userinfo": null}', '{"id_token": []}', '{"userinfo": {"email": true}}', '{"userinfo": {"email": "x"}}', '{"userinfo": {"email": {"essential": "yes"}}}', '{"userinfo": {"email": {"values": "x"}}}',
	'{"userinfo": {}, "userinfo": {}}', '{"userinfo": {"email": null, "email": {}}}', '{"userinfo": {"email": {"essential": true, "essential": false}}}', '{"other": 1, "userinfo": {"email": {"purpose": "x", "other": []}}}', '{"id_token": {"sub": {"value": 1}}}', '{"id_token": {"acr": {"essential": true, "value": 1}}}', '{"id_token": {"acr": {"essential": true, "values": [null]}}}', '{} x', repeat('{"a":', 40) || '1' || repeat('}', 40), '{"userinfo": {"a\u0000": null}}']) claims;
SELECT pg_temp.show(pg_temp.go(:'ask' || '&claims=' || pg_temp.encoded('{"userinfo": {"email": {"essential": true}, "http://x/ü": null}, "id_token": {"auth_time": null, "acr": {"values": ["urn:oauth:acr:pwd"]}}}'), :'again'));
SELECT claims FROM newest;
\echo -- R202: Core, section 5.5.1.1; RFC 9470, section 5: "If this is an Essential Claim and the requirement cannot be met, then the Authorization Server MUST treat that outcome as a failed authentication attempt."
SELECT acr, pg_temp.show(pg_temp.go(:'ask' || '&claims=' || pg_temp.encoded(format('{"id_token": {"acr": %s}}', acr)) || prompt, :'again')) FROM unnest(ARRAY['{"essential": true, "value": "urn:oauth:acr:pwd"}', '{"essential": true, "values": ["x", "urn:oauth:acr:pwd"]}', '{"essential": true, "values": ["urn:oauth:acr:mfa"]}', '{"essential": true, "value": "x"}', '{"value": "x"}', '{"essential": true}', 'null']) acr, unnest('{"",&prompt=none}'::text[]) prompt;
SELECT session AS anew, next FROM pg_temp.login(pg_temp.location(pg_temp.go(:'ask' || '&claims=' || pg_temp.encoded('{"id_token": {"acr": {"essential": true, "value": "urn:oauth:acr:mfa"}}}'), :'again')), session => :'again') \gset
SELECT pg_temp.show(pg_temp.go(:'next', :'anew'));
\echo -- Core, section 3.1.2.2: sub in the claims parameter is a user that it must be
SELECT sub, pg_temp.show(pg_temp.go(:'ask' || '&claims=' || pg_temp.encoded(format('{"id_token": {"sub": {"value": "%s"}}}', who)) || prompt, :'anew')) FROM (VALUES ('hers', :'alice'), ('his', :'bob')) v (sub, who), unnest('{"",&prompt=none}'::text[]) prompt ORDER BY 1, prompt;
SELECT pg_temp.show(pg_temp.go(:'ask' || :'his' || '&claims=' || pg_temp.encoded(format('{"id_token": {"sub": {"value": "%s"}}}', :'alice')), :'anew'));
