-- par.sql: pushed authorization requests (RFC 9126), R176 to R181.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://auth.example.com';

SELECT oauth_create_user('par alice', 'wonderland') AS alice \gset
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('par app', redirect_uris => '{https://app.example/back}', grant_types => '{authorization_code,refresh_token}', scope => 'openid read write') \gset
SELECT client_id AS other, client_secret AS other_secret FROM oauth_register_client('par other', redirect_uris => '{https://other.example/back}', grant_types => '{authorization_code}', scope => 'read') \gset
SELECT client_id AS public FROM oauth_register_client('par public', redirect_uris => '{https://public.example/back}', grant_types => '{authorization_code}', scope => 'read', client_type => 'public') \gset
\set pkce '&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256'

-- What is random or depends on the clock, by its shape.
CREATE FUNCTION pg_temp.shape(t text) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(regexp_replace(regexp_replace(regexp_replace(t, 'opr_[-_A-Za-z0-9]{54}', '<opr>', 'g'), 'oac_[-_A-Za-z0-9]{54}', '<code>', 'g'),
		'(opened|login_since|chosen)(%3D|=)[0-9]+[.][-_A-Za-z0-9]{43}', '\1\2<proof>', 'g'), '[0-9a-f]{32}', '<id>', 'g') $$;
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.shape(r.status || ' ' || coalesce((SELECT substr(h, 11) FROM unnest(r.headers) h WHERE h LIKE 'Location:%'),
		CASE WHEN (SELECT bool_or(h LIKE '%json') FROM unnest(r.headers) h) THEN convert_from(r.body, 'UTF8') END,
		(SELECT string_agg(m[1], ' / ') FROM regexp_matches(convert_from(r.body, 'UTF8'), '<(?:h1|p|li|button)[^>]*>([^\n]*?)</(?:h1|p|li|button)>', 'g') m))) $$;
CREATE FUNCTION pg_temp.basic(id text, secret text) RETURNS text LANGUAGE sql AS $$ SELECT 'Authorization: Basic ' || encode(convert_to(id || ':' || secret, 'UTF8'), 'base64') $$;
CREATE FUNCTION pg_temp.par(form text, header text DEFAULT NULL, method text DEFAULT 'POST', target text DEFAULT '/oauth2/par') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.par(ROW(method, target, array_remove(ARRAY['Content-Type: application/x-www-form-urlencoded', translate(header, E'\n', '')], NULL), convert_to(form, 'UTF8'), 'https', '192.0.2.1')) $$;
-- The request_uri, encoded.
CREATE FUNCTION pg_temp.push(form text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT replace(convert_from((pg_temp.par(form)).body, 'UTF8')::jsonb ->> 'request_uri', ':', '%3A') $$;
CREATE FUNCTION pg_temp.cookie(session text) RETURNS text[] LANGUAGE sql AS $$ SELECT ARRAY['Cookie: oauth_browser=00000000000000000000000000000000; oauth_visit=00000000000000000000000000000002; oauth_session=' || session] $$;
CREATE FUNCTION pg_temp.go(target text, cookies text[]) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.authorize(ROW('GET', target, cookies, NULL, 'http', '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.ask(query text, session text DEFAULT '') RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.show(pg_temp.go('/oauth2/authorize?' || query, pg_temp.cookie(session))) $$;
CREATE FUNCTION pg_temp.log_in(name text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT substring(h FROM 'oauth_session=(oas_[-_A-Za-z0-9]+)') FROM (SELECT oauth.login(ROW('GET', '/login', pg_temp.cookie(''), NULL, 'http', '127.0.0.1')) AS page) p,
	LATERAL (SELECT (oauth.login(ROW('POST', '/login', pg_temp.cookie('') || 'Content-Type: application/x-www-form-urlencoded'::text,
		convert_to('token=' || substring(convert_from((page).body, 'UTF8') FROM 'name="token" value="([^"]*)') || '&username=' || name || '&password=wonderland', 'UTF8'), 'http', '127.0.0.1'))).headers) l,
	unnest(l.headers) h WHERE h LIKE 'Set-Cookie: oauth_session%' $$;
-- The answer to the consent page of that query.
CREATE FUNCTION pg_temp.consent(query text, session text) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT convert_from((pg_temp.go('/oauth2/authorize?' || query, pg_temp.cookie(session))).body, 'UTF8') $$;
CREATE FUNCTION pg_temp.decide(page text, session text, decision text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.show(oauth.authorize(ROW('POST', '/oauth2/authorize/confirm', pg_temp.cookie(session) || 'Content-Type: application/x-www-form-urlencoded'::text,
		convert_to(format('request=%s&token=%s&decision=%s', replace(replace(replace(replace(substring(page FROM 'name="request" value="([^"]*)'), '&amp;', '&'), '%', '%25'), '&', '%26'), '=', '%3D'),
			substring(page FROM 'name="token" value="([^"]*)'), decision), 'UTF8'), 'http', '127.0.0.1'))) $$;

SELECT 'client_id=' || :'id' || '&client_secret=' || :'secret' AS auth, 'redirect_uri=https%3A%2F%2Fapp.example%2Fback&response_type=code&scope=read&state=s' AS asked \gset
SELECT pg_temp.basic(:'id', :'secret') AS basic, 'client_id=' || :'id' || '&request_uri=' AS address \gset

\echo -- R176: RFC 9126, section 2.2: "The status code MUST be 201"; request_uri and expires_in; not cached
SELECT pg_temp.show(r), r.headers FROM pg_temp.par(:'auth' || '&' || :'asked') r;
\echo -- RFC 9126, section 7.1: nobody guesses one: 54 characters of 64 kinds, and no two are alike
SELECT count(DISTINCT uri), bool_and(uri ~ '^urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Aopr_[-_A-Za-z0-9]{54}$') FROM generate_series(1, 20) n, pg_temp.push(:'auth' || '&' || :'asked' || '&nonce=' || n) uri;
\echo -- with the client in the header, whether the form names it or not
SELECT pg_temp.show(pg_temp.par(:'asked', :'basic')), pg_temp.show(pg_temp.par('client_id=' || :'id' || '&' || :'asked', :'basic')), pg_temp.show(pg_temp.par('client_id=' || :'other' || '&' || :'asked', :'basic'));
\echo -- a public client says who it is
SELECT pg_temp.show(pg_temp.par('client_id=' || :'public' || '&redirect_uri=https%3A%2F%2Fpublic.example%2Fback&response_type=code' || :'pkce'));
\echo -- who is not who it says: 401, as at the token endpoint (RFC 9126, section 2.1)
SELECT pg_temp.show(r), (SELECT h FROM unnest(r.headers) h WHERE h LIKE 'WWW%') FROM unnest(ARRAY['client_id=' || :'id' || '&' || :'asked', 'client_id=' || :'id' || '&client_secret=x&' || :'asked', 'client_id=nobody&' || :'asked', :'asked', '']) form, pg_temp.par(form) r;
\echo -- RFC 9126, section 2.1: "The request_uri authorization request parameter [...] MUST NOT be provided": "Reject the request"
SELECT pg_temp.show(pg_temp.par(:'auth' || '&' || :'asked' || '&request_uri=' || uri)) FROM unnest(ARRAY['https%3A%2F%2Fapp.example%2Fr', 'urn:ietf:params:oauth:request_uri:x']) uri;
\echo -- RFC 9126, section 2; RFC 9126, section 2.3: other methods are 405; and the body is a form
SELECT pg_temp.show(r), (SELECT h FROM unnest(r.headers) h WHERE h LIKE 'Allow%') FROM unnest('{GET,PUT,DELETE,HEAD}'::text[]) m, pg_temp.par(:'auth' || '&' || :'asked', method => m) r;
SELECT pg_temp.show(oauth.par(ROW('POST', '/oauth2/par', '{Content-Type: application/json}', convert_to('{}', 'UTF8'), 'https', NULL)));
SELECT pg_temp.show(pg_temp.par(:'asked', :'basic', target => '/oauth2/par?client_secret=x'));
\echo -- RFC 9126, section 2: "MUST accept its issuer identifier, token endpoint URL, or pushed authorization request endpoint URL" as aud of a client assertion
SELECT c ->> 'client_id' AS asserting, c ->> 'client_secret' AS asserting_secret FROM oauth_register_client_metadata('{"client_name": "par asserting", "redirect_uris": ["https://asserting.example/back"], "grant_types": ["authorization_code"], "token_endpoint_auth_method": "client_secret_jwt"}') c \gset
CREATE FUNCTION pg_temp.b64(bytes bytea) RETURNS text LANGUAGE sql AS $$ SELECT translate(encode(bytes, 'base64'), E'+/=\n', '-_') $$;
CREATE FUNCTION pg_temp.asserted(id text, secret text, aud text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT 'client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=' || i || '.' || pg_temp.b64(hmac(i::bytea, secret::bytea, 'sha256')) FROM (SELECT pg_temp.b64('{"alg":"HS256"}') || '.'
		|| pg_temp.b64(convert_to(jsonb_build_object('iss', id, 'sub', id, 'aud', aud, 'jti', gen_random_uuid(), 'exp', floor(extract(epoch FROM clock_timestamp())) + 60)::text, 'UTF8'))) x (i) $$;
SELECT aud, left(pg_temp.show(pg_temp.par(pg_temp.asserted(:'asserting', :'asserting_secret', aud) || '&redirect_uri=https%3A%2F%2Fasserting.example%2Fback&response_type=code')), 28)
FROM unnest(ARRAY['https://auth.example.com', 'https://auth.example.com/oauth2/token', 'https://auth.example.com/oauth2/par', 'https://auth.example.com/oauth2/introspect', 'https://other.example', 'https://auth.example.com/oauth2/par/']) aud;

\echo -- R177: RFC 9126, section 2.1; RFC 9126, section 7.2: "The authorization server MUST process the request as follows [...] Validate the pushed request as it would an authorization request"
SELECT query, pg_temp.show(pg_temp.par(:'auth' || query)) FROM (VALUES (''), ('&redirect_uri=https%3A%2F%2Fevil.example%2F&response_type=code'), ('&response_type=token'), ('&response_type=code&response_type=code'), ('&response_type=code&scope=admin'), ('&response_type=code&scope=%22'),
	('&response_type=code&scope=read&scope=write'), ('&response_type=code&resource=x'), ('&response_type=code&response_mode=fragment'), ('&response_type=code&code_challenge=abc&code_challenge_method=S256'), ('&response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'),
	('&response_type=code&prompt=none%20login'), ('&response_type=code&max_age=x'), ('&response_type=code&registration=%7B%7D'), ('&response_type=code&id_token_hint=x'), ('&response_type=code&claims=x'), ('&response_type=code&state=%00'), ('&response_type=code&state=a&state=b'), ('&response_type=code&client_id=x')) v (query);
SELECT pg_temp.show(pg_temp.par('client_id=' || :'public' || '&response_type=code'));
SELECT left(pg_temp.show(pg_temp.par(:'auth' || '&response_type=code&state=' || repeat('x', n))), 100) FROM unnest(ARRAY[60000, 70000]) n;
\echo -- what is stored: the request, without the secret, and a digest of the request_uri
SELECT pg_temp.push(:'auth' || '&' || :'asked' || '&nonce=n%26%C3%BC') AS uri \gset
SELECT replace(parameters, :'id', '<client>'), is_signed, used_at, request_uri_hash = sha256(convert_to(substring(:'uri' FROM 'opr_.*'), 'UTF8')), expires_at - now() BETWEEN '59 seconds' AND '61 seconds', open_until = expires_at FROM oauth.pushed_request ORDER BY handle DESC LIMIT 1;
SELECT count(*) FROM oauth.pushed_request p WHERE p::text LIKE '%' || :'secret' || '%' OR p::text LIKE '%opr\_%';
SET oauth.request_uri_lifetime = 5;
SELECT pg_temp.show(pg_temp.par(:'auth' || '&' || :'asked'));
RESET oauth.request_uri_lifetime;

\echo -- R181: nobody is logged in: the way to the login and back carries the request_uri, and nothing of the request
SELECT pg_temp.push(:'auth' || '&' || :'asked' || '&nonce=the-nonce&login_hint=the-hint&ui_locales=de&claims=%7B%22userinfo%22%3A%7B%22email%22%3Anull%7D%7D') AS uri \gset
SELECT pg_temp.ask(:'address' || :'uri') AS asked_login \gset
\echo :asked_login
\echo -- a reload, and others that are sent beside it do not count (R179; RFC 9126, section 4; RFC 9101, section 5)
SELECT pg_temp.ask(:'address' || :'uri') = :'asked_login', pg_temp.ask(:'address' || :'uri' || '&redirect_uri=https%3A%2F%2Fevil.example%2F&response_type=token&state=other&scope=admin&prompt=none') = :'asked_login';
SELECT substring(h FROM 'return=(.*)') AS return FROM unnest((pg_temp.go('/oauth2/authorize?' || :'address' || :'uri', pg_temp.cookie(''))).headers) h WHERE h LIKE 'Location:%' \gset
\echo -- the login page has the name and the language of the request all the same
SELECT convert_from(r.body, 'UTF8') ~ 'value="the-hint"', convert_from(r.body, 'UTF8') ~ '<html lang="de"', convert_from(r.body, 'UTF8') || r.headers::text ~ 'the-nonce|app.example|state' FROM oauth.login(ROW('GET', '/login?return=' || :'return', pg_temp.cookie(''), NULL, 'http', '127.0.0.1')) r;
\echo -- R178: RFC 9126, section 2.2: of another client: a page; the same for what is unknown, and for what is none
SELECT pg_temp.ask('client_id=' || :'other' || '&request_uri=' || :'uri');
SELECT pg_temp.ask('client_id=' || :'id' || '&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A' || uri) FROM unnest(ARRAY['', 'x', 'opr_' || repeat('A', 54), substring(:'uri' FROM 'opr_.*') || 'A', left(substring(:'uri' FROM 'opr_.*'), -1) || '_']) uri;
SELECT pg_temp.ask('request_uri=' || :'uri'), pg_temp.ask(:'address' || :'uri' || '&request_uri=' || :'uri'), pg_temp.ask(:'address' || :'uri' || '&request=x');
\echo -- a request_uri of others is not fetched
SELECT pg_temp.ask('client_id=' || :'id' || '&redirect_uri=https%3A%2F%2Fapp.example%2Fback&response_type=code&state=s&request_uri=' || uri) FROM unnest(ARRAY['https%3A%2F%2Fapp.example%2Frequest', 'urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri', 'URN%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Ax']) uri;

\echo -- after the login: the consent page, which carries no more
SELECT pg_temp.log_in('par+alice') AS session \gset
SELECT pg_temp.consent(:'address' || :'uri', :'session') AS page \gset
SELECT :'page' ~ 'the-nonce|the-hint|state', :'page' ~ '<html lang="de"', pg_temp.shape(replace(substring(:'page' FROM 'name="request" value="([^"]*)'), :'id', '<client>'));
\echo -- R178: RFC 9126, section 4; RFC 9126, section 7.3: good for one answer: a form that is sent twice is answered twice with the same code; another page, and a reload, are not
SELECT pg_temp.consent(:'address' || :'uri', :'session') AS second \gset
SELECT pg_temp.decide(:'page', :'session', 'approve');
SELECT pg_temp.decide(:'page', :'session', 'approve');
SELECT pg_temp.decide(:'page', :'session', 'deny');
SELECT pg_temp.decide(:'second', :'session', 'approve');
SELECT pg_temp.decide(:'second', :'session', 'deny');
SELECT pg_temp.ask(:'address' || :'uri', :'session');
SELECT count(*) FROM oauth.grant WHERE subject = :'alice';
\echo -- the code is the one that was asked for
SELECT c.nonce, c.redirect_uri, g.scope, g.claims FROM oauth.authorization_code c JOIN oauth.grant g ON g.handle = c.grant_handle WHERE g.subject = :'alice';
\echo -- a denial, twice
SELECT pg_temp.push(:'auth' || '&' || :'asked' || '&prompt=consent') AS uri \gset
SELECT pg_temp.consent(:'address' || :'uri', :'session') AS page \gset
SELECT pg_temp.decide(:'page', :'session', 'deny');
SELECT pg_temp.decide(:'page', :'session', 'deny');
SELECT pg_temp.decide(:'page', :'session', 'approve');
\echo -- what was allowed before is answered at once, and once
SELECT pg_temp.push(:'auth' || '&' || :'asked') AS uri \gset
SELECT pg_temp.ask(:'address' || :'uri', :'session');
SELECT pg_temp.ask(:'address' || :'uri', :'session');
\echo -- an error to the client is an answer too; HEAD is none
SELECT pg_temp.push(:'auth' || '&' || :'asked' || '&prompt=none') AS uri \gset
SELECT (oauth.authorize(ROW('HEAD', '/oauth2/authorize?' || :'address' || :'uri', pg_temp.cookie(:'session'), NULL, 'http', '127.0.0.1'))).status;
SELECT pg_temp.ask(:'address' || :'uri');
SELECT pg_temp.ask(:'address' || :'uri', :'session');

\echo -- R178: RFC 9126, section 4: "An expired request_uri MUST be rejected as invalid"
SELECT pg_temp.push(:'auth' || '&' || :'asked' || '&prompt=consent') AS uri \gset
UPDATE oauth.pushed_request SET open_until = now(), expires_at = now() WHERE used_at IS NULL;
SELECT pg_temp.ask(:'address' || :'uri', :'session');
\echo -- one that was opened in time lives on in that browser, for the login and the decision, and for no other
SELECT pg_temp.push(:'auth' || '&' || :'asked' || '&prompt=login+consent') AS uri \gset
SELECT substring(h FROM 'return=(.*)') AS return FROM unnest((pg_temp.go('/oauth2/authorize?' || :'address' || :'uri', '{"Cookie: oauth_visit=00000000000000000000000000000002"}')).headers) h WHERE h LIKE 'Location:%' \gset
SELECT expires_at - now() BETWEEN '14 minutes' AND '16 minutes', open_until - now() < '1 minute 1 second', browser_hash FROM oauth.pushed_request ORDER BY handle DESC LIMIT 1;
UPDATE oauth.pushed_request SET open_until = now() WHERE used_at IS NULL;
SELECT pg_temp.ask(:'address' || :'uri');
SELECT replace(replace(replace(substring(:'return' FROM '%3F(.*)'), '%26', '&'), '%3D', '='), '%25', '%') AS back \gset
SELECT left(pg_temp.ask(:'back', :'session'), 10);
SELECT pg_temp.log_in('par+alice') AS session \gset
SELECT pg_temp.consent(:'back', :'session') AS page \gset
SELECT pg_temp.decide(:'page', :'session', 'approve');
\echo -- nor does the proof of one address open another
SELECT pg_temp.push(:'auth' || '&' || :'asked' || '&prompt=consent') AS uri \gset
UPDATE oauth.pushed_request SET open_until = now() WHERE used_at IS NULL;
SELECT pg_temp.ask(:'address' || :'uri' || '&' || substring(:'back' FROM 'opened=[^&]*'), :'session');
\echo -- a page that was open for a while can be loaded again where it was
SELECT pg_temp.push(:'auth' || '&' || :'asked' || '&prompt=consent') AS uri \gset
SELECT left(pg_temp.ask(:'address' || :'uri', :'session'), 3);
UPDATE oauth.pushed_request SET open_until = now() WHERE used_at IS NULL;
SELECT left(pg_temp.ask(:'address' || :'uri', :'session'), 3), left(pg_temp.show(pg_temp.go('/oauth2/authorize?' || :'address' || :'uri', ARRAY['Cookie: oauth_browser=11111111111111111111111111111111; oauth_session=' || :'session'])), 3);
UPDATE oauth.pushed_request SET expires_at = now() WHERE used_at IS NULL;
SELECT left(pg_temp.ask(:'address' || :'uri', :'session'), 3);

\echo -- RFC 9126, section 4: what the client may have has become less since it pushed: the checks are made again
SELECT pg_temp.push(:'auth' || '&' || :'asked' || '&scope=') AS dummy \gset
SELECT pg_temp.push(:'auth' || '&' || replace(:'asked', 'scope=read', 'scope=write')) AS uri \gset
BEGIN;
SELECT FROM oauth_update_client(:'id', '{"scope": "openid read"}');
SELECT pg_temp.ask(:'address' || :'uri', :'session');
ROLLBACK;
BEGIN;
SELECT FROM oauth_update_client(:'id', '{"redirect_uris": ["https://app.example/new"]}');
SELECT pg_temp.ask(:'address' || :'uri', :'session');
ROLLBACK;
BEGIN;
SELECT FROM oauth_disable_client(:'id');
SELECT pg_temp.ask(:'address' || :'uri', :'session');
ROLLBACK;

\echo -- R180: RFC 9126, section 6: a client that has to push: "the authorization server MUST reject" others
BEGIN;
SELECT FROM oauth_update_client(:'id', '{"require_pushed_authorization_requests": true}');
SELECT pg_temp.ask('client_id=' || :'id' || '&' || :'asked', :'session');
SELECT left(pg_temp.ask(:'address' || pg_temp.push(:'auth' || '&' || :'asked'), :'session'), 35);
ROLLBACK;
\echo -- RFC 9126, section 5: or every client
SET oauth.require_pushed_authorization_requests = on;
SELECT pg_temp.ask('client_id=' || :'id' || '&' || :'asked', :'session');
SELECT left(pg_temp.ask(:'address' || pg_temp.push(:'auth' || '&' || :'asked'), :'session'), 35);
SELECT j -> 'require_pushed_authorization_requests', j -> 'pushed_authorization_request_endpoint' FROM (SELECT convert_from((oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL, 'https', NULL))).body, 'UTF8')::jsonb AS j) m;
RESET oauth.require_pushed_authorization_requests;
SELECT j -> 'require_pushed_authorization_requests' FROM (SELECT convert_from((oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL, 'https', NULL))).body, 'UTF8')::jsonb AS j) m;

\echo -- the login of the application: it learns what the client asks for, the browser carries the request_uri
SET oauth.login_url = 'https://app.example/login';
SET oauth.consent_url = 'https://app.example/consent';
SELECT pg_temp.push(:'auth' || '&' || :'asked' || '&login_hint=the-hint&ui_locales=de&prompt=consent&claims=%7B%22userinfo%22%3A%7B%22email%22%3Anull%7D%7D') AS uri \gset
SELECT substring(h FROM 'request=([^&]*)') AS handle FROM unnest((pg_temp.go('/oauth2/authorize?' || :'address' || :'uri', pg_temp.cookie(''))).headers) h WHERE h LIKE 'Location:%' \gset
SELECT scope, login_hint, ui_locales, prompt, claims FROM oauth_login_request(:'handle');
SELECT pg_temp.shape(replace(address, :'id', '<client>')) FROM oauth.login_request ORDER BY handle DESC LIMIT 1;
UPDATE oauth.pushed_request SET open_until = now() WHERE used_at IS NULL;
SELECT oauth_accept_login(:'handle', :'alice') \gset
SELECT oauth_accept_consent(:'handle') AS go_back \gset
SELECT pg_temp.show(oauth.login(ROW('GET', substr(:'go_back', 25), pg_temp.cookie(''), NULL, 'http', '127.0.0.1')));
SELECT pg_temp.show(oauth.login(ROW('GET', substr(:'go_back', 25), pg_temp.cookie(''), NULL, 'http', '127.0.0.1'))) LIKE '403 %';
SELECT pg_temp.ask(:'address' || :'uri', '');
RESET oauth.login_url;
RESET oauth.consent_url;

\echo -- what has expired is removed an hour later; a client that is gone takes its requests along
UPDATE oauth.pushed_request SET expires_at = now() - interval '30 minutes', open_until = now() - interval '1 day';
SELECT count(*) > 0 FROM oauth_purge_expired(), oauth.pushed_request;
UPDATE oauth.pushed_request SET expires_at = now() - interval '2 hours';
SELECT oauth_purge_expired() > 10;
SELECT count(*) FROM oauth.pushed_request;

\echo -- R213: RFC 9126, section 2.3: of those that anybody can send, one address gets so many kept in an hour; clients with a secret may push any number
SET oauth.pushed_request_rate = 3;
SELECT n, left(pg_temp.show(pg_temp.par('client_id=' || :'public' || '&response_type=code' || :'pkce')), 50) FROM generate_series(1, 5) n;
SELECT h LIKE 'Retry-After: %' FROM pg_temp.par('client_id=' || :'public' || '&response_type=code' || :'pkce') r, unnest(r.headers) h WHERE h LIKE 'Retry%';
SELECT DISTINCT left(pg_temp.show(pg_temp.par(:'auth' || '&' || :'asked')), 3) FROM generate_series(1, 5);
UPDATE oauth.throttle SET last_at = last_at - interval '1 hour' WHERE kind = 'pushed_request';
SELECT left(pg_temp.show(pg_temp.par('client_id=' || :'public' || '&response_type=code' || :'pkce')), 3);
RESET oauth.pushed_request_rate;

\echo -- a browser application may push from its own pages only
SELECT FROM oauth_update_client(:'public', '{"cors_origins": ["https://public.example"]}');
SELECT origin, (SELECT string_agg(h, ' | ') FROM unnest(r.headers) h WHERE h LIKE 'Access-%') FROM unnest(ARRAY['https://public.example', 'https://evil.example']) origin,
	pg_temp.par('client_id=' || :'public' || '&response_type=code' || :'pkce', 'Origin: ' || origin) r;
