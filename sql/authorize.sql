-- authorize.sql: the authorization endpoint (RFC 6749, sections 3.1 and 4.1; RFC 7636, 8252, 8707, 9207, 9700).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://auth.example.com';

SELECT oauth_create_user('authorize alice', 'wonderland') AS alice \gset
SELECT client_id AS id FROM oauth_register_client('authorize <b>', redirect_uris => '{https://app.example/back,https://app.example/back?x=1,com.example.app:/back}', grant_types => '{authorization_code,refresh_token}', scope => 'read write') \gset
SELECT client_id AS one FROM oauth_register_client('one', redirect_uris => '{https://one.example/back}', grant_types => '{authorization_code}') \gset
SELECT client_id AS native FROM oauth_register_client('native', redirect_uris => '{http://127.0.0.1/back,http://[::1]:80/back,http://localhost/back,https://app.example/native}', grant_types => '{authorization_code}', client_type => 'public') \gset
SELECT client_id AS none FROM oauth_register_client('none', grant_types => '{client_credentials}', redirect_uris => '{https://none.example/}') \gset
\set pkce '&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256'

-- A page's title and text, or where it sends to; ids and codes by their shape.
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || regexp_replace(regexp_replace(regexp_replace(coalesce((SELECT substr(h, 11) FROM unnest(r.headers) h WHERE h LIKE 'Location:%'),
		(SELECT string_agg(m[1], ' / ') FROM regexp_matches(convert_from(r.body, 'UTF8'), '<(?:h1|p|li|button)[^>]*>([^\n]*?)</(?:h1|p|li|button)>', 'g') m)),
		'[0-9a-f]{32}', '<id>', 'g'), 'oac_[-_A-Za-z0-9]{54}', '<code>'), 'login_since(%3D|=)[0-9]+[.][-_A-Za-z0-9]{43}', 'login_since\1<proof>') $$;
CREATE FUNCTION pg_temp.cookie(session text) RETURNS text[] LANGUAGE sql AS $$ SELECT ARRAY['Cookie: oauth_browser=00000000000000000000000000000000; oauth_session=' || session] $$;
CREATE FUNCTION pg_temp.ask(query text, session text DEFAULT '') RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.show(oauth.authorize(ROW('GET', '/oauth2/authorize?' || query, pg_temp.cookie(session), NULL, 'http', '127.0.0.1'))) $$;
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text; BEGIN EXECUTE statement INTO result; RETURN result; EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM; END $$;
CREATE FUNCTION pg_temp.rows() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT concat_ws(' ', (SELECT count(*) FROM oauth.grant), (SELECT count(*) FROM oauth.authorization_code), (SELECT count(*) FROM oauth.consent)) $$;
SELECT 'client_id=' || :'id' || '&redirect_uri=https%3A%2F%2Fapp.example%2Fback&response_type=code&state=s' AS ask \gset
SELECT pg_temp.rows() AS before \gset

\echo -- Core, section 3.1.2.2; Core, section 3.1.2.6; R83: nothing goes to a redirect URI before client and URI are known to be good
SELECT query, pg_temp.ask(query) FROM (VALUES (''), ('response_type=code'), ('client_id=nobody&redirect_uri=https%3A%2F%2Fapp.example%2Fback&response_type=code'), ('client_id=%zz'), ('client_id=a&client_id=b')) v (query);
SELECT pg_temp.ask('client_id=' || :'id' || '&response_type=code');
SELECT pg_temp.ask(:'ask' || '&redirect_uri=https%3A%2F%2Fapp.example%2Fback');
BEGIN;
SELECT oauth_disable_client(:'id');
SELECT pg_temp.ask(:'ask');
ROLLBACK;
\echo -- R103: nor a refusal that the attacker knows to bring about, whatever way answers go
SELECT extra, left(pg_temp.ask('client_id=' || client || '&redirect_uri=https%3A%2F%2Fevil.example%2F&response_type=code' || extra), 3) FROM unnest(ARRAY['&prompt=none', '&scope=nonsense', '&response_type=code', '&response_mode=form_post', '&request_uri=https%3A%2F%2Fevil.example', '&state=x&state=y']) extra, unnest(ARRAY['nobody', :'id', :'one']) client
	ORDER BY extra COLLATE "C", client = :'id', client = :'one';
\echo -- R84: compared as strings (Core, section 3.1.2.1; Dynamic Registration 1.0, section 2; Dynamic Registration 1.0, section 6)
SELECT uri, pg_temp.ask('client_id=' || :'id' || '&response_type=code&redirect_uri=' || uri) FROM (VALUES ('https%3A%2F%2Fapp.example%2Fback%2F'), ('https%3A%2F%2Fapp.example%2FBack'), ('https%3A%2F%2FAPP.example%2Fback'), ('https%3A%2F%2Fapp.example%2Fback%3Fy'), ('https%3A%2F%2Fapp.example%2Fback%23'),
	('https%3A%2F%2Fapp.example%2Fb%2561ck'), ('https%3A%2F%2Fapp.example%3A443%2Fback'), ('https%3A%2F%2Fu%40app.example%2Fback'), ('https%3A%2F%2Fapp.example%40evil.example%2Fback'), ('https%3A%2F%2Fapp.example.evil.example%2Fback'), ('https%3A%2F%2Fapp.example%2Fback%2F..%2Fother'), ('%2F%2Fapp.example%2Fback'), ('https%3A%5C%5Capp.example%2Fback'), ('javascript%3Aalert(1)'), ('https%3A%2F%2Fapp.example%2Fback%09')) v (uri);
\echo -- R85: any port of a literal loopback address, and nothing else
SELECT uri, left(pg_temp.ask('client_id=' || :'native' || '&response_type=code' || :'pkce' || '&redirect_uri=' || uri), 3) FROM (VALUES ('http%3A%2F%2F127.0.0.1%3A5000%2Fback'), ('http%3A%2F%2F127.0.0.1%2Fback'), ('http%3A%2F%2F%5B%3A%3A1%5D%3A5000%2Fback'), ('http%3A%2F%2F127.0.0.1%3A5000%2Fother'), ('http%3A%2F%2F127.0.0.1%3A5000%2Fback%3Fx'), ('http%3A%2F%2F127.0.0.1.evil.example%2Fback'), ('http%3A%2F%2F127.0.0.1%3A5000%40evil.example%2Fback'), ('http%3A%2F%2F127.0.0.1%3Ax%2Fback'), ('http%3A%2F%2F127.0.0.2%3A5000%2Fback'), ('http%3A%2F%2Flocalhost%3A5000%2Fback'), ('http%3A%2F%2Flocalhost%2Fback'), ('https%3A%2F%2F127.0.0.1%3A5000%2Fback')) v (uri);
\echo -- R87: what a browser would run, or read over the shoulder, is no place for an answer, however it was registered
SELECT uri, pg_temp.try(format('SELECT 1 FROM oauth_register_client(''x'', ARRAY[%L])', uri)) FROM unnest(ARRAY['http://app.example/back', 'javascript:alert(1)', 'data:text/html,x', 'file:///x', 'blob:https://app.example/x', 'vbscript:x', 'about:blank', 'app:/back']) uri;
BEGIN;
UPDATE oauth.client SET redirect_uris = '{http://app.example/back,javascript:alert(1),"data:text/html,x",file:///x,blob:https://app.example/x,app:/back}' WHERE client_id = :'id';
SELECT uri, pg_temp.ask('client_id=' || :'id' || '&response_type=code&redirect_uri=' || uri) FROM unnest(ARRAY['http%3A%2F%2Fapp.example%2Fback', 'javascript%3Aalert(1)', 'data%3Atext%2Fhtml%2Cx', 'file%3A%2F%2F%2Fx', 'blob%3Ahttps%3A%2F%2Fapp.example%2Fx', 'app%3A%2Fback']) uri;
ROLLBACK;
\echo -- R86: the only one there is
SELECT pg_temp.ask('client_id=' || :'one' || '&response_type=code&state=s');

\echo -- RFC 9207, section 2; Core, section 3.1.2.2; Core, section 3.1.2.6: from here on the client is told, with state and iss (R88, R91, R92, R93, R121, R122, R123, R128)
SELECT query, pg_temp.ask('client_id=' || :'id' || '&redirect_uri=https%3A%2F%2Fapp.example%2Fback&state=s' || query) FROM (VALUES (''), ('&response_type='), ('&response_type=token'), ('&response_type=code%20token'), ('&response_type=code&response_type=code'), ('&response_type=code&response_mode=fragment'),
	('&response_type=code&scope=admin'), ('&response_type=code&scope=%22'), ('&response_type=code&scope=read&scope=write'), ('&response_type=code&resource=x'), ('&response_type=code&resource=https%3A%2F%2Fa%2F%23b'), ('&response_type=code&request=x'), ('&response_type=code&request_uri=x'),
	('&response_type=code&code_challenge=abc&code_challenge_method=S256'), ('&response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'), ('&response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=plain'), ('&response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM&code_challenge_method=S256'),
	('&response_type=code&prompt=none%20login'), ('&response_type=code&prompt=whatever'), ('&response_type=code&max_age=-1'), ('&response_type=code&max_age=x'), ('&response_type=code&prompt=none')) v (query);
SELECT pg_temp.ask('client_id=' || :'id' || '&redirect_uri=https%3A%2F%2Fapp.example%2Fback&response_type=token&state=' || state) FROM (VALUES ('a%20b%2B%26%25%23%C3%BC'), ('x&state=y'), ('%26code%3Devil')) v (state);
SELECT pg_temp.ask('client_id=' || :'none' || '&response_type=code');
SELECT pg_temp.ask('client_id=' || :'native' || '&redirect_uri=https%3A%2F%2Fapp.example%2Fnative&response_type=code');
SELECT pg_temp.ask('client_id=' || :'native' || '&redirect_uri=https%3A%2F%2Fapp.example%2Fnative&response_type=code&code_challenge=');
SET oauth.require_pkce = on;
SELECT pg_temp.ask(:'ask');
RESET oauth.require_pkce;
\echo -- R121: of a confidential client that says so itself
SELECT client_id AS strict FROM oauth_register_client('strict', redirect_uris => '{https://strict.example/back}', grant_types => '{authorization_code}', require_pkce => true) \gset
SELECT pg_temp.ask('client_id=' || :'strict' || '&response_type=code&state=s');
SELECT oauth_update_client(:'strict', '{"client_name": "Strict"}') -> 'require_pkce', oauth_update_client(:'strict', '{"require_pkce": false}') -> 'require_pkce', oauth_update_client(:'strict', '{"require_pkce": true}') -> 'require_pkce';
SELECT oauth_update_client(:'strict', '{"require_pkce": "yes"}');
\echo :SQLSTATE
\echo -- R88: what is unknown does not matter
SELECT pg_temp.ask(:'ask' || '&prompt=none&unknown=a&unknown=b&code=x&iss=x&error=x');
\echo -- RFC 9207, section 2; RFC 9207, section 2.3: iss is the issuer of the metadata, character by character, once, and the metadata says that it comes
SELECT array_agg(i[1]), j ->> 'issuer', j -> 'authorization_response_iss_parameter_supported' FROM (SELECT convert_from((oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL, 'https', NULL))).body, 'UTF8')::jsonb) m (j),
	regexp_matches(pg_temp.ask(:'ask' || '&prompt=none'), '[?&]iss=([^&]*)', 'g') i GROUP BY j;
\echo -- RFC 9207, section 2: "a URL [...] without any query or fragment components"
SET oauth.issuer = 'https://auth.example.com?x';
SET oauth.issuer = 'https://auth.example.com#x';
SHOW oauth.issuer;
\echo -- R89: state comes back byte for byte: everything a byte can be but NUL, in UTF-8, and long
SELECT state, replace(substring(pg_temp.ask('client_id=' || :'one' || '&response_type=token&state=' || state) FROM 'state=([^&]*)'), '&', '') = coalesce(back, state) FROM (VALUES ('%01%09%0A%0D%1B%7F', NULL), ('%22%3E%3Cscript%3E', NULL), ('%2B+%2F%3D%3F%23%25', '%2B%20%2F%3D%3F%23%25'), ('%E2%82%AC%F0%9F%98%80', NULL), ('a=b', 'a%3Db'), ('~-._', NULL)) v (state, back);
SELECT substring(pg_temp.ask('client_id=' || :'one' || '&response_type=token&state=' || repeat('x%2B', 8192)) FROM 'state=([^&]*)') = repeat('x%2B', 8192);
\echo -- a login in between brings the whole request back, or the client is told
SELECT n, replace(pg_temp.ask('client_id=' || :'one' || '&response_type=code&state=' || repeat('x', n)), repeat('x', n), '<state>') FROM unnest(ARRAY[7000, 8000]) n;
SELECT string_agg(left(pg_temp.ask('client_id=' || :'one' || '&response_type=token' || query), 3), ' ') FROM (VALUES ('&state=%00'), ('&state=a%00b'), ('&state=%FF'), ('&state=%C0%80'), ('&state=%ED%A0%80'), ('&state=%'), ('&scope=%00'), ('&x%00y=z')) v (query);
SELECT pg_temp.ask('client_id=' || :'one' || '&response_type=code&state=s&' || name || '=' || value) FROM unnest(ARRAY['scope', 'code_challenge', 'response_mode', 'resource', 'prompt']) name, unnest(ARRAY[repeat('x', 20000), '%01']) value;
\echo -- R97: a URI that answers before it was asked
SELECT uri, pg_temp.try(format('SELECT 1 FROM oauth_register_client(''x'', ARRAY[%L])', uri)) FROM unnest(ARRAY['https://app.example/?code=x', 'https://app.example/?a&state=', 'https://app.example/?iss=x', 'https://app.example/?%63ode=x', 'https://app.example/?error=x', 'https://app.example/?a=%', 'https://app.example/?barcode=x', 'https://app.example/?Code=x']) uri;
SELECT pg_temp.try('SELECT 1 FROM oauth_register_client(''x'', ''{https://app.example/?state=x}'', ''{oauth1}'')');
BEGIN;
UPDATE oauth.client SET redirect_uris = '{https://one.example/back?code=x}' WHERE client_id = :'one';
SELECT pg_temp.ask('client_id=' || :'one' || '&response_type=code');
ROLLBACK;
\echo -- R96, R97: what the URI has of a query stays
SELECT pg_temp.ask('client_id=' || :'id' || '&redirect_uri=https%3A%2F%2Fapp.example%2Fback%3Fx%3D1&response_type=token');

\echo -- Core, section 3.1.2.3: nobody is logged in, and nothing has been written
SELECT pg_temp.ask(:'ask');
SELECT pg_temp.rows() = :'before';

\echo -- Core, section 3.1.2.4: somebody is, who is asked first
SELECT substring(h FROM 'oauth_session=(oas_[-_A-Za-z0-9]+)') AS session FROM (
	SELECT oauth.login(ROW('GET', '/login', pg_temp.cookie(''), NULL, 'http', '127.0.0.1')) AS page) p,
	LATERAL (SELECT (oauth.login(ROW('POST', '/login', pg_temp.cookie('') || 'Content-Type: application/x-www-form-urlencoded'::text,
		convert_to('token=' || substring(convert_from((page).body, 'UTF8') FROM 'name="token" value="([^"]*)') || '&username=authorize+alice&password=wonderland', 'UTF8'), 'http', '127.0.0.1'))).headers) l,
	unnest(l.headers) h WHERE h LIKE 'Set-Cookie: oauth_session%' \gset
SELECT pg_temp.ask(:'ask' || '&scope=read+write' || :'pkce', :'session');
SELECT pg_temp.ask(:'ask' || '&prompt=none', :'session');
SELECT pg_temp.ask(:'ask' || '&prompt=login&max_age=5', :'session');
SELECT pg_temp.ask(:'ask' || '&max_age=100', :'session') LIKE '200 %';
SELECT pg_temp.ask(:'ask' || '&max_age=0', :'session');
\echo -- R165: Dynamic Registration 1.0, section 2: what the client says of itself, as links that lead nowhere but to web pages (RFC 7591, section 2)
CREATE FUNCTION pg_temp.links(query text, session text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT substring(convert_from((oauth.authorize(ROW('GET', '/oauth2/authorize?' || query, pg_temp.cookie(session), NULL, 'http', '127.0.0.1'))).body, 'UTF8') FROM '<p class="who links">(.*?)</p>') $$;
SELECT pg_temp.links(:'ask', :'session') IS NULL;
BEGIN;
SELECT FROM oauth_update_client(:'id', '{"client_uri": "https://app.example/?a=1&b=2", "policy_uri": "http://app.example/privacy", "tos_uri": "https://app.example/terms", "logo_uri": "https://app.example/logo.png"}');
SELECT pg_temp.links(:'ask', :'session');
SELECT pg_temp.links(:'ask' || '&ui_locales=de', :'session');
SELECT FROM oauth_update_client(:'id', '{"client_uri": null, "policy_uri": null}');
SELECT pg_temp.links(:'ask', :'session');
UPDATE oauth.client SET metadata = metadata || '{"tos_uri": "javascript:alert(1)"}' WHERE client_id = :'id';
SELECT pg_temp.links(:'ask', :'session') IS NULL;
UPDATE oauth.client SET metadata = metadata || '{"tos_uri": 1, "client_uri": "https://a/\" onclick=\"alert(1)", "policy_uri": ""}' WHERE client_id = :'id';
SELECT pg_temp.links(:'ask', :'session') IS NULL;
ROLLBACK;
\echo -- a client that has a name in the language of the reader is called by that (Dynamic Registration 1.0, section 2.1)
SELECT oauth_update_client(:'id', '{"client_name#fr-CA": "Autoris\u00e9 <b>", "client_name#de": "Erlaubt", "policy_uri": "https://app.example/policy", "policy_uri#fr": "https://app.example/fr"}') ? 'client_name#de';
SELECT locale, (SELECT string_agg(coalesce(m[1], m[2]), ' ') FROM regexp_matches(convert_from((oauth.authorize(ROW('GET', '/oauth2/authorize?' || :'ask' || '&ui_locales=' || locale, ARRAY['Cookie: oauth_session=' || :'session'], NULL, 'http', '127.0.0.1'))).body, 'UTF8'), '<bdi>([^<]*)</bdi></strong> |<a href="(https://app[^"]*)"', 'g') m) FROM unnest(ARRAY['fr', 'de', 'en', 'zh']) locale;
SELECT oauth_update_client(:'id', '{"client_name#fr-CA": null, "client_name#de": null, "policy_uri": null, "policy_uri#fr": null}') ? 'client_name#de';
\echo -- RFC 9207, section 2: a code comes with iss; consent that is remembered brings a code at once (Core, section 3.1.2.4; Core, section 3.1.2.5): for its scope, and never for a public client whose redirect others could take over (R101)
INSERT INTO oauth.consent SELECT :'alice', client_id, 'read' FROM oauth.client WHERE client_name IN ('authorize <b>', 'native');
SELECT pg_temp.ask(:'ask' || :'pkce', :'session');
SELECT left(pg_temp.ask(:'ask' || '&scope=read+write', :'session'), 3);
SELECT left(pg_temp.ask(:'ask' || '&prompt=consent', :'session'), 3);
\echo -- who has to log in first is asked all the same, and once
SELECT query, substring(pg_temp.ask(:'ask' || query) FROM 'state%3Ds(.*)$') FROM unnest(ARRAY['&prompt=consent', '&prompt=login%20consent&max_age=0', '&prompt=login']) query;
SELECT pg_temp.ask('client_id=' || :'native' || '&redirect_uri=https%3A%2F%2Fapp.example%2Fnative&response_type=code' || :'pkce', :'session');
SELECT left(pg_temp.ask('client_id=' || :'native' || '&redirect_uri=http%3A%2F%2F127.0.0.1%3A5000%2Fback&response_type=code' || :'pkce', :'session'), 3);
\echo -- a form for who wants one
SELECT regexp_replace(convert_from(body, 'UTF8'), '^.*(<form.*</form>).*$', '\1') ~ '^<form method="post" action="https://app.example/back">\n<input type="hidden" name="code" value="oac_[-_A-Za-z0-9]{54}">\n<input type="hidden" name="state" value="s&quot;&gt;">\n<input type="hidden" name="iss" value="https://auth.example.com">\n<button>Continue</button>\n</form>$'
	FROM oauth.authorize(ROW('GET', '/oauth2/authorize?' || :'ask' || '%22%3E&response_mode=form_post', pg_temp.cookie(:'session'), NULL, 'http', '127.0.0.1'));
\echo -- R90: the request by POST (OpenID Connect Core, section 3.1.2.1)
SELECT pg_temp.show(oauth.authorize(ROW('POST', '/oauth2/authorize', pg_temp.cookie(:'session') || 'Content-Type: application/x-www-form-urlencoded'::text, convert_to(:'ask', 'UTF8'), 'http', '127.0.0.1')));
SELECT pg_temp.show(oauth.authorize(ROW('POST', '/oauth2/authorize', pg_temp.cookie(:'session'), convert_to(:'ask', 'UTF8'), 'http', '127.0.0.1')));
\echo -- without an issuer
RESET oauth.issuer;
SELECT pg_temp.ask(:'ask', :'session');
SET oauth.issuer = 'https://auth.example.com';

\echo -- Core, section 3.1.3.2: the token endpoint: R113, R114, R115, R116, R117, R124, R125, R126, R127
SELECT client_secret AS secret FROM (SELECT oauth_rotate_client_secret(:'id') AS client_secret) s \gset
SELECT client_secret AS one_secret FROM (SELECT oauth_rotate_client_secret(:'one') AS client_secret) s \gset
CREATE FUNCTION pg_temp.code(query text, session text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT substring(h FROM 'code=(oac_[-_A-Za-z0-9]+)') FROM unnest((oauth.authorize(ROW('GET', '/oauth2/authorize?' || query, pg_temp.cookie(session), NULL, 'http', '127.0.0.1'))).headers) h WHERE h LIKE 'Location:%' $$;
CREATE FUNCTION pg_temp.redeem(form text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT r.status || ' ' || regexp_replace(convert_from(r.body, 'UTF8'), '(o[ar]t_)[-_A-Za-z0-9]{54}', '\1...', 'g')
	FROM oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to('grant_type=authorization_code&' || form, 'UTF8'), 'http', NULL)) r $$;
SELECT 'client_id=' || :'id' || '&client_secret=' || :'secret' AS auth \gset
\set verifier dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk
\set back '&redirect_uri=https%3A%2F%2Fapp.example%2Fback'
SELECT pg_temp.code(:'ask' || :'pkce', :'session') AS code \gset
\echo -- R104: 256 random bits, of which the digest is kept; a minute, ten at the most; whose, for what, sent where, proven how
SELECT length(:'code') - length('oac_'), expires_at - now() BETWEEN interval '55 seconds' AND interval '60 seconds', used_at IS NULL, redirect_uri, code_challenge, g.client_id = :'id', g.subject = :'alice', g.scope
	FROM oauth.authorization_code c JOIN oauth.grant g ON g.handle = c.grant_handle WHERE code_hash = sha256(convert_to(:'code', 'UTF8'));
SELECT count(*) FROM oauth.authorization_code c WHERE c::text LIKE '%' || substr(:'code', 20) || '%';
\set VERBOSITY sqlstate
SET oauth.code_lifetime = 601;
\set VERBOSITY default
SELECT pg_temp.redeem(form) FROM (VALUES (''), (:'auth'), (:'auth' || '&code='), (:'auth' || '&code=x'), (:'auth' || '&code=' || left(:'code', 57)), (:'auth' || '&code=' || :'code' || 'A'), (:'auth' || '&code=' || :'code' || '&code=' || :'code'),
	(:'auth' || '&code=' || :'code' || :'back'), (:'auth' || '&code=' || :'code' || :'back' || '&code_verifier='), (:'auth' || '&code=' || :'code' || :'back' || '&code_verifier=short'), (:'auth' || '&code=' || :'code' || :'back' || '&code_verifier=' || repeat('a', 129)), (:'auth' || '&code=' || :'code' || :'back' || '&code_verifier=' || repeat('%C3%BC', 30)),
	(:'auth' || '&code=' || :'code' || :'back' || '&code_verifier=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'), (:'auth' || '&code=' || :'code' || '%2F' || '&code_verifier=' || :'verifier'), (:'auth' || '&code=' || :'code' || :'back' || '%2F&code_verifier=' || :'verifier'),
	('client_id=' || :'one' || '&client_secret=' || :'one_secret' || '&code=' || :'code' || :'back' || '&code_verifier=' || :'verifier')) v (form);
\echo -- none of which has used it up
SELECT pg_temp.redeem(:'auth' || '&code=' || :'code' || :'back' || '&code_verifier=' || :'verifier');
\echo -- R113: a public client cannot use the code of another, which stays good for its own
SELECT client_id AS public FROM oauth_register_client('public', redirect_uris => '{https://app.example/native}', grant_types => '{authorization_code}', client_type => 'public') \gset
INSERT INTO oauth.consent SELECT :'alice', client_id, 'read write' FROM oauth.client WHERE client_name = 'public';
SELECT 'client_id=' || :'public' || '&redirect_uri=https%3A%2F%2Fapp.example%2Fnative&response_type=code' || :'pkce' AS ask_public \gset
\set back_public '&redirect_uri=https%3A%2F%2Fapp.example%2Fnative'
SELECT pg_temp.code(:'ask_public', :'session') AS its_code \gset
SELECT pg_temp.redeem('client_id=' || :'native' || '&code=' || :'its_code' || :'back_public' || '&code_verifier=' || :'verifier');
SELECT pg_temp.redeem(:'auth' || '&code=' || :'its_code' || :'back_public' || '&code_verifier=' || :'verifier');
SELECT pg_temp.redeem('client_id=' || :'public' || '&client_secret=x&code=' || :'its_code' || :'back_public' || '&code_verifier=' || :'verifier');
\echo -- R129: the code of another request, brought into a request of the attacker, with the verifier of that
SELECT rtrim(translate(encode(sha256(convert_to(repeat('attacker', 6), 'UTF8')), 'base64'), '+/', '-_'), '=') AS challenge \gset
SELECT pg_temp.code('client_id=' || :'public' || '&redirect_uri=https%3A%2F%2Fapp.example%2Fnative&response_type=code&code_challenge=' || :'challenge' || '&code_challenge_method=S256', :'session') AS attacker_code \gset
SELECT pg_temp.redeem('client_id=' || :'public' || '&code=' || :'its_code' || :'back_public' || '&code_verifier=' || repeat('attacker', 6));
SELECT pg_temp.redeem('client_id=' || :'public' || '&code=' || :'attacker_code' || :'back_public' || '&code_verifier=' || :'verifier');
\echo -- each is still good in its own
SELECT left(pg_temp.redeem('client_id=' || :'public' || '&code=' || :'attacker_code' || :'back_public' || '&code_verifier=' || repeat('attacker', 6)), 3);
SELECT left(pg_temp.redeem('client_id=' || :'public' || '&code=' || :'its_code' || :'back_public' || '&code_verifier=' || :'verifier'), 3);
\echo -- a second time ends the grant (R116)
SELECT pg_temp.redeem(:'auth' || '&code=' || :'code' || :'back' || '&code_verifier=' || :'verifier');
SELECT ended_reason FROM oauth.grant WHERE handle = (SELECT grant_handle FROM oauth.authorization_code WHERE code_hash = sha256(convert_to(:'code', 'UTF8')));
\echo -- R115
SELECT pg_temp.code(:'ask', :'session') AS code \gset
BEGIN;
UPDATE oauth.authorization_code SET expires_at = now() - interval '1 second' WHERE code_hash = sha256(convert_to(:'code', 'UTF8'));
SELECT pg_temp.redeem(:'auth' || '&code=' || :'code' || :'back');
ROLLBACK;
\echo -- R126: a verifier for a request that had no challenge; R114: redirect_uri is repeated where PKCE is not used
SELECT pg_temp.redeem(:'auth' || '&code=' || :'code' || :'back' || '&code_verifier=' || :'verifier');
SELECT pg_temp.redeem(:'auth' || '&code=' || :'code');
SELECT pg_temp.redeem(:'auth' || '&code=' || :'code' || :'back');
\echo -- a user who is disabled in between
SELECT pg_temp.code(:'ask', :'session') AS code \gset
BEGIN;
SELECT oauth_disable_user('authorize alice');
SELECT pg_temp.redeem(:'auth' || '&code=' || :'code' || :'back');
SELECT left(pg_temp.ask(:'ask', :'session'), 11);
ROLLBACK;
\echo -- resource (RFC 8707, section 2.1; RFC 8707, section 2.2): of the token no more than of the request
SELECT pg_temp.code(:'ask' || '&resource=https%3A%2F%2Fa.example%2F&resource=https%3A%2F%2Fb.example%2Fx', :'session') AS code \gset
SELECT pg_temp.redeem(:'auth' || '&code=' || :'code' || :'back' || '&resource=https%3A%2F%2Fc.example%2F');
SELECT resource FROM oauth.grant WHERE handle = (SELECT grant_handle FROM oauth.authorization_code WHERE code_hash = sha256(convert_to(:'code', 'UTF8')));
SELECT pg_temp.redeem(:'auth' || '&code=' || :'code' || :'back' || '&resource=https%3A%2F%2Fb.example%2Fx');
SELECT t.resource FROM oauth.access_token t JOIN oauth.authorization_code c USING (grant_handle) WHERE c.code_hash = sha256(convert_to(:'code', 'UTF8'));
SELECT r.access AS bound FROM (SELECT convert_from((oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to('grant_type=authorization_code&' || :'auth' || :'back' || '&code='
	|| pg_temp.code(:'ask' || '&resource=https%3A%2F%2Fa.example%2F', :'session'), 'UTF8'), 'http', NULL))).body, 'UTF8')::jsonb ->> 'access_token' AS access) r \gset
SELECT oauth_introspect_token(:'bound') -> 'aud';
\echo -- RFC 8707, section 2: such a token is good there, not here
SELECT query, r.status, r.headers::text LIKE '%for another resource%' FROM (VALUES (''), ('?resource=https%3A%2F%2Fa.example%2F'), ('?resource=https%3A%2F%2Fa.example'), ('?resource=https%3A%2F%2Fb.example%2F')) v (query),
	LATERAL oauth.forward_auth(ROW('GET', '/auth' || query, ARRAY['Authorization: Bearer ' || :'bound'], NULL, 'http', '127.0.0.1')) r;
\echo -- and SQL says the same: /api/, oauth_verify_token, oauth_authenticate, oauth_authenticate_request; then /auth?resource=, and the same with resource
CREATE FUNCTION pg_temp.verdicts(token text, at text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', (SELECT active FROM oauth_verify_token(token, resource => at)), (SELECT active FROM oauth_verify_token(token, 'read', at)), oauth_authenticate('Bearer ' || token, resource => at),
		oauth_authenticate_request(ROW('GET', '/x', ARRAY['Authorization: Bearer ' || token], NULL, 'http', NULL), 'read', at)) $$;
BEGIN;
SELECT (oauth.resource(ROW('GET', '/api/', ARRAY['Authorization: Bearer ' || :'bound'], NULL, 'http', NULL))).status, pg_temp.verdicts(:'bound', NULL);
SELECT uri, (oauth.forward_auth(ROW('GET', '/auth?resource=' || uri, ARRAY['Authorization: Bearer ' || :'bound'], NULL, 'http', NULL))).status, pg_temp.verdicts(:'bound', uri)
	FROM unnest(ARRAY['https://a.example/', 'HTTPS://A.example:443', 'https://b.example/', 'https://a.example/x']) uri;
SET oauth.issuer = 'https://a.example/tenant';
SELECT (oauth.resource(ROW('GET', '/api/', ARRAY['Authorization: Bearer ' || :'bound'], NULL, 'http', NULL))).status, pg_temp.verdicts(:'bound', NULL);
RESET oauth.issuer;
\echo -- a token that is bound to nothing is good everywhere, garbage nowhere
SELECT access_token AS unbound FROM oauth_issue_token(:'one', 'somebody', 'read') \gset
SELECT pg_temp.verdicts(:'unbound', NULL), pg_temp.verdicts(:'unbound', 'https://b.example/'), pg_temp.verdicts('oat_x', 'https://b.example/'), pg_temp.verdicts('oat_x', NULL);
COMMIT;
\echo -- what is no URI is the mistake of who asks
SELECT * FROM oauth_verify_token(:'unbound', resource => 'a.example');
SELECT oauth_authenticate('Bearer ' || :'unbound', resource => 'https://a.example/#b');
SELECT oauth_authenticate_request(NULL, resource => '');
SELECT status, convert_from(body, 'UTF8') FROM oauth.forward_auth(ROW('GET', '/auth?resource=a.example', ARRAY['Authorization: Bearer ' || :'unbound'], NULL, 'http', NULL));
\echo -- in whatever spelling the URI has there (RFC 3986, section 6.2.2 and 6.2.3), and no other URI
SELECT uri, r.status FROM (VALUES ('HTTPS://A.Example/'), ('https://a.example:443'), ('https://a.example:0443/'), ('https://a.example:/'), ('https://%61.example'), ('https://a.example/.'), ('https://a.example/x/..'), ('https://a.example/x/../'),
	('http://a.example/'), ('https://a.example:444/'), ('https://a.example:80/'), ('https://a.example/x'), ('https://a.example/%2F'), ('https://a.example//'), ('https://a.example/?'), ('https://a.example.'), ('https://u@a.example/'), ('https://a.example:65536443/'), ('https://a.example/A')) v (uri),
	LATERAL oauth.forward_auth(ROW('GET', '/auth?resource=' || replace(replace(uri, '%', '%25'), '?', '%3F'), ARRAY['Authorization: Bearer ' || :'bound'], NULL, 'http', '127.0.0.1')) r;
UPDATE oauth.access_token SET resource = 'https://[2001:DB8::1]:8443/A%7ec%c3%A9/?q=%41 urn:Example:%7e' WHERE token_hash = sha256(convert_to(:'bound', 'UTF8'));
SELECT uri, r.status FROM (VALUES ('https://[2001:db8::1]:8443/A~c%C3%a9/?q=A'), ('URN:Example:~'), ('https://[2001:db8::1]:8443/A~c%C3%a9/'), ('https://[2001:db8::1]:8443/a~c%C3%a9/?q=A'), ('https://[2001:db8::2]:8443/A~c%C3%a9/?q=A'), ('urn:example:~')) v (uri),
	LATERAL oauth.forward_auth(ROW('GET', '/auth?resource=' || replace(replace(uri, '%', '%25'), '?', '%3F'), ARRAY['Authorization: Bearer ' || :'bound'], NULL, 'http', '127.0.0.1')) r;
UPDATE oauth.access_token SET resource = 'https://A.example:443' WHERE token_hash = sha256(convert_to(:'bound', 'UTF8'));
SET oauth.issuer = 'https://a.EXAMPLE/tenant';
SELECT (oauth.resource(ROW('GET', '/api/', ARRAY['Authorization: Bearer ' || :'bound'], NULL, 'http', '127.0.0.1'))).status;
UPDATE oauth.access_token SET resource = 'https://a.example/' WHERE token_hash = sha256(convert_to(:'bound', 'UTF8'));
SET oauth.issuer = 'https://a.example/tenant';
SELECT (oauth.resource(ROW('GET', '/api/', ARRAY['Authorization: Bearer ' || :'bound'], NULL, 'http', '127.0.0.1'))).status;
SET oauth.issuer = 'https://a.example.evil';
SELECT (oauth.resource(ROW('GET', '/api/', ARRAY['Authorization: Bearer ' || :'bound'], NULL, 'http', '127.0.0.1'))).status;
RESET oauth.issuer;
SELECT (oauth.resource(ROW('GET', '/api/', ARRAY['Authorization: Bearer ' || :'bound'], NULL, 'http', '127.0.0.1'))).status;

\echo -- a refresh asks for some of the resources, and the next for all again (RFC 8707, section 2.2)
SET oauth.issuer = 'https://auth.example.com';
SELECT convert_from((oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to('grant_type=authorization_code&' || :'auth' || :'back' || '&code='
	|| pg_temp.code(:'ask' || '&resource=https%3A%2F%2Fa.example%2F&resource=https%3A%2F%2Fb.example%2Fx', :'session'), 'UTF8'), 'http', NULL))).body, 'UTF8')::jsonb ->> 'refresh_token' AS refresh \gset
CREATE FUNCTION pg_temp.refresh(auth text, token text, more text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT convert_from((oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to('grant_type=refresh_token&' || auth || '&refresh_token=' || token || more, 'UTF8'), 'http', NULL))).body, 'UTF8')::jsonb $$;
SELECT pg_temp.refresh(:'auth', :'refresh', '&resource=https%3A%2F%2Fc.example%2F') ->> 'error', pg_temp.refresh(:'auth', :'refresh', '&resource=x') ->> 'error';
SELECT pg_temp.refresh(:'auth', :'refresh', '&resource=https%3A%2F%2FA.example%3A443&resource=https%3A%2F%2Fa.example%2F') AS answer \gset
SELECT resource FROM oauth.access_token WHERE token_hash = sha256(convert_to(:'answer'::jsonb ->> 'access_token', 'UTF8'));
SELECT pg_temp.refresh(:'auth', :'answer'::jsonb ->> 'refresh_token', '') AS answer \gset
SELECT resource FROM oauth.access_token WHERE token_hash = sha256(convert_to(:'answer'::jsonb ->> 'access_token', 'UTF8'));
