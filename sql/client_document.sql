-- client_document.sql: clients whose client_id is the URL of a document that describes them.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\set main :DBNAME
CREATE DATABASE regress_oauth_client_document TEMPLATE template0 ENCODING 'UTF8';
\c regress_oauth_client_document
SET client_min_messages = warning;
CREATE EXTENSION oauth CASCADE;
SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://auth.example';
SET oauth.registration_rate = 0;
SELECT oauth_create_user('alice', 'wonderland') AS alice \gset

CREATE FUNCTION pg_temp.encoded(text) RETURNS text LANGUAGE sql AS $$ SELECT string_agg('%' || upper(substr(hex, i, 2)), '') FROM (SELECT encode(convert_to($1, 'UTF8'), 'hex') AS hex) h, generate_series(1, length(hex), 2) i $$;
CREATE FUNCTION pg_temp.go(path text, session text DEFAULT '', form text DEFAULT NULL, peer inet DEFAULT '192.0.2.1', method text DEFAULT NULL) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT CASE WHEN path LIKE '/login%' THEN oauth.login(r) WHEN path LIKE '%token' THEN oauth.token(r) WHEN path LIKE '%/par' THEN oauth.par(r) WHEN path LIKE '%revoke' THEN oauth.revoke(r) WHEN path LIKE '%device_authorization' THEN oauth.device_authorization(r) ELSE oauth.authorize(r) END
	FROM (SELECT ROW(coalesce(method, CASE WHEN form IS NULL THEN 'GET' ELSE 'POST' END), path, ARRAY['Content-Type: application/x-www-form-urlencoded', 'Cookie: __Host-oauth_browser=00000000000000000000000000000001; ' || session], convert_to(form, 'UTF8'), 'https', peer)::oauth.http_request AS r) x $$;
CREATE FUNCTION pg_temp.html(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT convert_from(r.body, 'UTF8') $$;
CREATE FUNCTION pg_temp.field(r oauth.http_response, name text) RETURNS text LANGUAGE sql AS $$ SELECT replace(substring(pg_temp.html(r) FROM 'name="' || name || '" value="([^"]*)"'), '&amp;', '&') $$;
SELECT '__Host-oauth_session=' || substring(h FROM '=(oas_[^;]*)') AS session FROM unnest((pg_temp.go('/login', '', 'username=alice&password=wonderland&token=' || pg_temp.field(pg_temp.go('/login'), 'token'))).headers) h WHERE h LIKE 'Set-Cookie: __Host-oauth_session%' \gset
-- What a request for a code comes to: what is to be fetched, where it leads, or what the page says to the person.
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', r.status, coalesce((SELECT string_agg(regexp_replace(regexp_replace(h, 'Location: ([^?]*)\?.*', 'to \1'), 'Retry-After: \d+', 'Retry-After: n'), ' ') FROM unnest(r.headers) h WHERE h ~ '^(Fetch|Lane|Location|Retry-After):'),
		substring(pg_temp.html(r) FROM '<p class="who" lang="en">(.*?)</p>'), substring(pg_temp.html(r) FROM '"error_description": "(.*)"'), substring(pg_temp.html(r) FROM '<h1>(.*?)</h1>'))) $$;
CREATE FUNCTION pg_temp.address(id text, redirect_uri text DEFAULT 'https://app.example/cb', more text DEFAULT '') RETURNS text LANGUAGE sql AS $$
	SELECT '/oauth2/authorize?response_type=code&state=s&client_id=' || pg_temp.encoded(id) || '&redirect_uri=' || pg_temp.encoded(redirect_uri) || '&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256' || more $$;
CREATE FUNCTION pg_temp.ask(id text, redirect_uri text DEFAULT 'https://app.example/cb', session text DEFAULT '', more text DEFAULT '', peer inet DEFAULT '192.0.2.1') RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.show(pg_temp.go(pg_temp.address(id, redirect_uri, more), session, peer => peer)) $$;
CREATE FUNCTION pg_temp.post(path text, form text) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT pg_temp.show(pg_temp.go('/oauth2/' || path, '', form)) $$;
-- A document at that URL, with its client_id and these members.
CREATE FUNCTION pg_temp.put(url text, members jsonb DEFAULT '{}') RETURNS void LANGUAGE sql VOLATILE AS $$
	SELECT oauth_keep_document(url, (jsonb_build_object('client_id', url, 'redirect_uris', ARRAY['https://app.example/cb']) || members)::text) $$;
CREATE FUNCTION pg_temp.refused(members jsonb) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.put('https://app.example/refused', members); SELECT pg_temp.ask('https://app.example/refused') $$;
\set url https://app.example/client.json

\echo -- off: nobody is asked for anything
SELECT pg_temp.ask(:'url'), pg_temp.post('device_authorization', 'client_id=' || :'url');
SELECT count(*) FROM oauth.document;
SELECT convert_from((oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL, 'https', NULL))).body, 'UTF8')::jsonb ? 'client_id_metadata_document_supported';
SET oauth.client_id_metadata_documents = on;
\echo -- "MUST include the following property to signal support": client_id_metadata_document_supported
SELECT path, convert_from((oauth.metadata(ROW('GET', path, '{}', NULL, 'https', NULL))).body, 'UTF8')::jsonb -> 'client_id_metadata_document_supported' FROM unnest(ARRAY['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']) path;

\echo -- on: the document is asked for where something begins, and nowhere else
SELECT path, pg_temp.post(path, form || '&client_id=' || :'url') FROM (VALUES ('token', 'grant_type=authorization_code&code=x'), ('token', 'grant_type=refresh_token&refresh_token=x'), ('revoke', 'token=x')) v (path, form);
SELECT count(*) FROM oauth.document;
SELECT pg_temp.ask(:'url'), pg_temp.show(pg_temp.go(pg_temp.address(:'url'), method => 'HEAD')), pg_temp.post('device_authorization', 'client_id=' || :'url');
SELECT url, wanted_at IS NOT NULL FROM oauth.document;
SELECT count(*) FROM oauth.client;

\echo -- section 3: what URL can be a client_id
SELECT uri, pg_temp.ask(uri) FROM unnest(ARRAY['http://app.example/client.json', 'https://app.example', 'https://app.example/', 'https://app.example?x', 'https://app.example/?x', 'https://app.example/a/../b', 'https://app.example/./b', 'https://app.example/a/..',
	'https://app.example/a/%2e%2E/b', 'https://app.example/a/.%2e', 'https://app.example/a/%2e?x', 'https://app.example/a#b', 'https://user@app.example/a', 'https://user:pw@app.example/a', 'https://@app.example/a', 'https://app.example:8080/a', 'https://app.example:x/a', 'https://App.example/a',
	'https://app.example./a', 'https:///a', 'https://localhost/a', 'https://127.0.0.1/a', 'https://2130706433/a', 'https://[::1]/a', 'https://app.example/a b', 'https://app.example/a\b', 'https://app.example/"', 'https://аpp.example/a', 'https://app.example/' || repeat('a', 236),
	'HTTPS://app.example/a', 'ftp://app.example/a', 'https:/app.example/a', '//app.example/a', 'app.example/a', 'javascript:alert(1)//', 'urn:app']) uri;
SELECT uri, pg_temp.ask(uri) FROM unnest(ARRAY['https://app.example/a..b', 'https://app.example/...', 'https://app.example/.well-known/client', 'https://app.example/a?x=/../', 'https://app.example:8443/a', 'https://app.example/' || repeat('a', 235), 'https://xn--pp-zkc.example/a']) uri;
DELETE FROM oauth.document;

\echo -- section 4.1: "MUST contain a client_id property whose value MUST match the URL of the document using simple string comparison"
SELECT id, pg_temp.refused(jsonb_build_object('client_id', id)) FROM unnest(ARRAY['"https://app.example/Refused"', '"https://app.example/refused/"', '"https://app.example:443/refused"', '"https://app.example/refuse%64"', '"HTTPS://app.example/refused"', '"https://app.example/refused?"', 'null', '1', '["https://app.example/refused"]', '""']::jsonb[]) id;
\echo -- nothing of a document of something else is told
SELECT oauth_keep_document('https://app.example/refused', body) IS NULL, pg_temp.ask('https://app.example/refused') FROM unnest(ARRAY['[]', '"x"', '{}', '{"secret": "s3cr3t"}', '{"redirect_uris": ["javascript:s3cr3t"]}', '{"client_id": "x", "client_id": "https://app.example/refused"}']) body;
\echo -- "the client_secret and client_secret_expires_at properties MUST NOT be used"
SELECT m, pg_temp.refused(m) FROM unnest(ARRAY['{"client_secret": "x"}', '{"client_secret": null}', '{"client_secret_expires_at": 0}']::jsonb[]) m;
\echo -- "MUST NOT include client_secret_post, client_secret_basic, client_secret_jwt, or any other method based around a shared symmetric secret"
SELECT m, pg_temp.refused(jsonb_build_object('token_endpoint_auth_method', m)) FROM unnest(ARRAY['"client_secret_basic"', '"client_secret_post"', '"client_secret_jwt"', '"tls_client_auth"', '"private_key_jwt"', '"None"', '"none "', '["none"]', '1']::jsonb[]) m;
\echo -- redirect URIs, as those of a client that registers itself
SELECT m, pg_temp.refused(jsonb_build_object('redirect_uris', m)) FROM unnest(ARRAY['[]', 'null', '"https://app.example/cb"', '["javascript:alert(1)"]', '["http://app.example/cb"]', '["https://u@app.example/cb"]', '["https://app.example/cb#x"]', '["cursor://x/cb"]', '["data:text/html,x"]', '[1]']::jsonb[]) m;
\echo -- what else is wrong
SELECT m, pg_temp.refused(m) FROM unnest(ARRAY['{"client_name": "a\u202eb"}', '{"grant_types": ["client_credentials"]}', '{"response_types": ["token"]}', '{"scope": 1}', '{"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}', '{"jwks_uri": "http://app.example/keys"}', '{"jwks_uri": "https://10.0.0.1:22/keys"}', '{"id_token_encrypted_response_alg": "RSA-OAEP"}']::jsonb[]) m;
SELECT count(*) FROM oauth.client;

\echo -- a document that will do: the client is a row, public, and may have what a client that registers itself may have
SELECT pg_temp.put(:'url', '{"client_name": "Notes", "grant_types": ["authorization_code", "refresh_token", "password", "client_credentials"], "access_token_lifetime": 999999999, "signature_methods": ["PLAINTEXT"], "logo_uri": "https://app.example/logo.png", "unknown": {"a": 1}}');
SELECT pg_temp.ask(:'url'), pg_temp.ask(:'url', 'https://evil.example/cb'), pg_temp.ask(:'url', 'https://app.example/cb/');
SELECT client_id, client_name, client_type, token_endpoint_auth_method, grant_types, redirect_uris, scope, require_pkce, access_token_lifetime, signature_methods, metadata, is_document, secret_hash, registration_token_hash, document_fetched_at = (SELECT fetched_at FROM oauth.document WHERE url = client_id) FROM oauth.client;
SELECT detail FROM oauth.event WHERE event = 'register';
SELECT origin FROM oauth.client_origin WHERE client_id = :'url';
\echo -- one without a name is called by its host
SELECT pg_temp.put('https://other.example/c'), pg_temp.ask('https://other.example/c');
SELECT client_name, grant_types FROM oauth.client WHERE client_id = 'https://other.example/c';
\echo -- PKCE is required
SELECT (SELECT substring(h FROM 'error_description=[^&]*') FROM unnest((pg_temp.go(regexp_replace(pg_temp.address(:'url'), '&code_challenge.*', ''), :'session')).headers) h WHERE h ~ '^Location');
\echo -- scopes that are not advertised are not for it
SELECT oauth_register_scope('notes:admin', 'Do it all', is_advertised => false);
SELECT (SELECT substring(h FROM 'error=[^&]*') FROM unnest((pg_temp.go(pg_temp.address(:'url', more => '&scope=' || scope), :'session')).headers) h WHERE h ~ '^Location') FROM unnest(ARRAY['notes:admin', 'read+notes:admin', 'read+openid']) scope;

\echo -- the page says where the client comes from, where the answer goes, and what listens there
CREATE FUNCTION pg_temp.who(id text, redirect_uri text, session text) RETURNS SETOF text LANGUAGE sql VOLATILE AS $$
	SELECT m[1] FROM regexp_matches(pg_temp.html(pg_temp.go(pg_temp.address(id, redirect_uri), session)), '<p(?: class="who")?>([^\n]*?)</p>', 'g') m $$;
SELECT pg_temp.who(:'url', 'https://app.example/cb', :'session');
SELECT pg_temp.put('https://xn--pp-zkc.example/a', '{"client_name": "Bank <b>", "redirect_uris": ["http://127.0.0.1/cb", "http://localhost:1/cb", "com.example.app:/cb", "https://elsewhere.example/cb"]}');
SELECT uri, pg_temp.who('https://xn--pp-zkc.example/a', uri, :'session') FROM unnest(ARRAY['http://127.0.0.1:5000/cb', 'http://localhost:2/cb', 'com.example.app:/cb', 'https://elsewhere.example/cb']) uri;
\echo -- in every language
SELECT language, string_agg(m[1], ' ') FROM unnest('{ar,de,en,es,fr,it,ja,nl,pl,pt,zh,zh-Hant}'::text[]) language,
	regexp_matches(pg_temp.html(pg_temp.go(pg_temp.address('https://xn--pp-zkc.example/a', 'http://127.0.0.1:5000/cb', '&ui_locales=' || language), :'session')), '<p class="who">(?:<strong>)?([^<]*) ?<(?!a)', 'g') m GROUP BY language ORDER BY language;
\echo -- a client that an administrator registered comes from nowhere else
SELECT client_id AS registered FROM oauth_register_client('Registered', '{https://app.example/cb}', client_type => 'public') \gset
SELECT pg_temp.who(:'registered', 'https://app.example/cb', :'session');

\echo -- from consent to tokens
CREATE FUNCTION pg_temp.code(id text, redirect_uri text, session text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT substring(h FROM 'code=(oac_[-_A-Za-z0-9]*)') FROM pg_temp.go(pg_temp.address(id, redirect_uri), session) page,
		pg_temp.go('/oauth2/authorize/confirm', session, format('request=%s&token=%s&decision=approve', pg_temp.encoded(pg_temp.field(page, 'request')), pg_temp.field(page, 'token'))) answer, unnest(answer.headers) h WHERE h ~ '^Location' $$;
CREATE FUNCTION pg_temp.json(r oauth.http_response) RETURNS jsonb LANGUAGE sql AS $$ SELECT pg_temp.html(r)::jsonb $$;
SELECT pg_temp.code(:'url', 'https://app.example/cb', :'session') AS code \gset
SELECT j ->> 'scope' AS scope, j ->> 'refresh_token' AS refresh_token, j ->> 'access_token' AS access_token FROM pg_temp.json(pg_temp.go('/oauth2/token', '', 'grant_type=authorization_code&redirect_uri=https://app.example/cb&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk&client_id=' || :'url' || '&code=' || :'code')) j \gset
SELECT :'scope', active, client_id FROM oauth_verify_token(:'access_token');
SELECT pg_temp.json(pg_temp.go('/oauth2/token', '', 'grant_type=refresh_token&client_id=' || :'url' || '&refresh_token=' || :'refresh_token')) ->> 'access_token' LIKE 'oat_%';
\echo -- remembered, as for any client whose redirect is its own
SELECT pg_temp.ask(:'url', session => :'session');

\echo -- a document that was fetched anew: the client is what it says, whole, and people are asked again where it answers elsewhere
SELECT pg_temp.put(:'url', '{"client_name": "Notes 2", "redirect_uris": ["https://app.example/cb"], "tos_uri": "https://app.example/tos"}');
SELECT pg_temp.ask(:'url', session => :'session');
SELECT client_name, grant_types, metadata FROM oauth.client WHERE client_id = :'url';
SELECT pg_temp.put(:'url', '{"client_name": "Notes 3", "redirect_uris": ["https://app.example/cb", "https://app.example/new"]}');
SELECT pg_temp.ask(:'url', session => :'session');
SELECT client_name, grant_types, redirect_uris, metadata FROM oauth.client WHERE client_id = :'url';
SELECT count(*) FROM oauth.consent;
\echo -- a page that was open meanwhile is answered by what the client is now
SELECT pg_temp.field(page, 'request') AS request, pg_temp.field(page, 'token') AS token FROM pg_temp.go(pg_temp.address(:'url', 'https://app.example/new'), :'session') page \gset
SELECT pg_temp.put(:'url', '{"client_name": "Notes 4"}');
SELECT pg_temp.show(pg_temp.go('/oauth2/authorize/confirm', :'session', format('request=%s&token=%s&decision=approve', pg_temp.encoded(:'request'), :'token')));

\echo -- a document that does not come: the client of before will do, for two days
UPDATE oauth.document SET fresh_until = now(), failed_at = clock_timestamp(), problem = 'there was no answer', is_by_hand = false WHERE url IN (:'url', 'https://app.example/refused');
SELECT pg_temp.ask(:'url'), pg_temp.ask('https://app.example/refused');
UPDATE oauth.client SET document_fetched_at = now() - interval '47 hours' WHERE client_id = :'url';
SELECT pg_temp.ask(:'url');
UPDATE oauth.client SET document_fetched_at = now() - interval '49 hours' WHERE client_id = :'url';
SELECT pg_temp.ask(:'url');
\echo -- a minute later it is asked for again
UPDATE oauth.document SET failed_at = clock_timestamp() - interval '61 s' WHERE url = :'url';
SELECT pg_temp.ask(:'url');
\echo -- a document that will not do any more is refused at once, and asked for again a minute later
SELECT pg_temp.put(:'url', '{"client_secret": "x"}');
SELECT pg_temp.ask(:'url');
UPDATE oauth.document SET is_by_hand = false WHERE url = :'url';
SELECT pg_temp.ask(:'url');
UPDATE oauth.document SET fetched_at = clock_timestamp() - interval '61 s', fresh_until = clock_timestamp() + interval '1 hour' WHERE url = :'url';
SELECT pg_temp.ask(:'url');
\echo -- tokens that it has go on
SELECT active FROM oauth_verify_token(:'access_token');

\echo -- an administrator refuses one
SELECT pg_temp.put(:'url'), pg_temp.ask(:'url');
SELECT oauth_disable_client(:'url');
SELECT pg_temp.put(:'url', '{"client_name": "Back again"}');
SELECT pg_temp.ask(:'url'), client_name, (SELECT active FROM oauth_verify_token(:'access_token')) FROM oauth.client WHERE client_id = :'url';
\echo -- which lasts: it is not idle
SELECT oauth_disable_client('https://other.example/c');
UPDATE oauth.client SET updated_at = now() - interval '31 days' WHERE is_document;
SELECT oauth_purge_expired() >= 0;
SELECT client_id, deleted_at IS NOT NULL FROM oauth.client WHERE is_document ORDER BY client_id COLLATE "C";
SELECT oauth_enable_client(:'url'), pg_temp.ask(:'url');
SELECT active FROM oauth_verify_token(:'access_token');
\echo -- one that went is new when it comes back: what it was granted before stays ended
SELECT access_token AS before FROM oauth_issue_token(:'url', :'alice') \gset
INSERT INTO oauth.consent SELECT :'alice', :'url', 'read';
SELECT oauth_delete_client(:'url');
SELECT active FROM oauth_verify_token(:'before');
SELECT pg_temp.ask(:'url'), (SELECT active FROM oauth_verify_token(:'before'));
SELECT deleted_at, disabled_at, (SELECT count(*) FROM oauth.consent WHERE client_id = :'url') FROM oauth.client WHERE client_id = :'url';
SELECT access_token AS after FROM oauth_issue_token(:'url', :'alice') \gset
SELECT active FROM oauth_verify_token(:'after');

\echo -- an administrator takes one over, and its document is read no more
SET client_min_messages = notice;
SELECT oauth_update_client(:'url', '{"client_name": "Ours", "scope": "read notes:admin"}') ->> 'client_name';
SET client_min_messages = warning;
SELECT pg_temp.put(:'url', '{"client_name": "Theirs", "redirect_uris": ["https://evil.example/cb"]}');
SELECT pg_temp.ask(:'url'), pg_temp.ask(:'url', 'https://evil.example/cb'), client_name, scope, is_document, document_fetched_at FROM oauth.client WHERE client_id = :'url';
SELECT pg_temp.who(:'url', 'https://app.example/cb', :'session');

\echo -- hosts from which clients are taken
CREATE FUNCTION pg_temp.hosts(hosts text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('oauth.client_id_metadata_hosts', hosts, false);
	RETURN (SELECT string_agg(CASE WHEN pg_temp.ask('https://' || h || '/x') ~ '^0 Fetch' THEN h END, ' ' ORDER BY n) FROM unnest('{a.example,b.example,x.b.example,y.x.b.example,evilb.example,[2606:4700::1111]}'::text[]) WITH ORDINALITY v (h, n));
EXCEPTION WHEN invalid_parameter_value THEN RETURN SQLERRM;
END $$;
SELECT hosts, pg_temp.hosts(hosts) FROM unnest(ARRAY['', 'a.example', 'A.Example', '*.b.example', 'a.example *.b.example', '!b.example', '!*.b.example', '*.b.example !x.b.example', 'none.example', '[2606:4700::1111]', ' a.example  b.example ',
	'https://a.example', 'a.example/x', 'a.example.', '*', '!', 'a,b', '*example', '!!a.example', 'ä.example']) hosts;
RESET oauth.client_id_metadata_hosts;

\echo -- what is to be fetched counts for its address as a registration does; a client that is known goes on
SET oauth.registration_rate = 2;
SELECT n, pg_temp.ask('https://many.example/' || n, peer => '198.51.100.1') FROM generate_series(1, 4) n;
SELECT pg_temp.ask('https://many.example/5', peer => '198.51.100.2'), pg_temp.ask('https://many.example/1', peer => '198.51.100.1');
SELECT pg_temp.put('https://known.example/c'), pg_temp.ask('https://known.example/c', peer => '198.51.100.1');
UPDATE oauth.document SET fresh_until = now(), is_by_hand = false WHERE url = 'https://known.example/c';
SELECT pg_temp.ask('https://known.example/c', peer => '198.51.100.1'), pg_temp.ask('https://known.example/c', peer => '198.51.100.3');
SELECT pg_temp.post('device_authorization', 'client_id=https://many.example/9') FROM generate_series(1, 4);
SET oauth.registration_rate = 0;
\echo -- and clients that nobody has granted anything are so many at most
SET oauth.registration_limit = 3;
SELECT format('SELECT pg_temp.put(''https://flood.example/%s''), pg_temp.ask(''https://flood.example/%s'')', n, n) FROM generate_series(1, 6) n \gexec
SELECT count(*) FROM oauth.client c WHERE is_document AND deleted_at IS NULL AND NOT EXISTS (SELECT FROM oauth.grant g WHERE g.client_id = c.client_id);
RESET oauth.registration_limit;

\echo -- OpenID Connect Core, section 8.1, and Registration, section 5: how it sees its users is held to what clients that register themselves are held to
SELECT n, pg_temp.put('https://app.example/sector', m || '{"subject_type": "pairwise"}'), pg_temp.ask('https://app.example/sector') FROM (VALUES (1, jsonb '{"grant_types": ["urn:ietf:params:oauth:grant-type:device_code"]}'), (2, '{"redirect_uris": ["http://127.0.0.1/cb"], "application_type": "native"}'), (3, '{"redirect_uris": ["https://a.example/cb", "https://b.example/cb"]}'),
	(4, '{"sector_identifier_uri": "http://sector.example/s"}'), (5, '{"sector_identifier_uri": "https://sector.example/s"}')) v (n, m) ORDER BY n;
SELECT oauth_keep_document('https://sector.example/s', '["https://other.example/cb"]');
SELECT pg_temp.ask('https://app.example/sector');
SELECT oauth_keep_document('https://sector.example/s', '["https://other.example/cb", "https://app.example/cb"]');
SELECT pg_temp.put('https://app.example/pair', '{"subject_type": "pairwise", "sector_identifier_uri": "https://sector.example/s"}'), pg_temp.ask('https://app.example/pair');
SELECT pg_temp.put('https://app.example/open'), pg_temp.ask('https://app.example/open');
\echo -- and settled once: what it does not mention stays, what it says otherwise is refused
SELECT n, pg_temp.put(url, m), pg_temp.ask(url), (SELECT (subject_type, sector_identifier) FROM oauth.client WHERE client_id = url) FROM (VALUES (1, 'https://app.example/pair', jsonb '{"client_name": "Pair"}'), (2, 'https://app.example/pair', '{"subject_type": "public"}'),
	(3, 'https://app.example/pair', '{"subject_type": "pairwise", "sector_identifier_uri": "https://third.example/s"}'), (4, 'https://app.example/pair', '{"redirect_uris": ["https://app.example/cb", "https://new.example/cb"]}'),
	(5, 'https://app.example/open', '{"subject_type": "pairwise"}')) v (n, url, m) ORDER BY n;
SELECT oauth_keep_document('https://third.example/s', '["https://app.example/cb"]');
SELECT pg_temp.ask('https://app.example/pair'), client_name FROM oauth.client WHERE client_id = 'https://app.example/pair';
SELECT pg_temp.put('https://app.example/pair', '{"subject_type": "pairwise", "sector_identifier_uri": "https://third.example/s"}'), pg_temp.ask('https://app.example/pair');

\echo -- devices
SELECT pg_temp.put('https://tv.example/c', '{"client_name": "TV", "grant_types": ["urn:ietf:params:oauth:grant-type:device_code"], "redirect_uris": ["https://tv.example/"]}');
SELECT pg_temp.post('device_authorization', 'client_id=https://tv.example/c'), pg_temp.post('device_authorization', 'client_id=https://flood.example/1');

\echo -- pushed requests (RFC 9126)
SELECT pg_temp.put('https://app.example/par'), pg_temp.post('par', 'response_type=code&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&redirect_uri=https://app.example/cb&client_id=https://app.example/par'),
	pg_temp.post('par', 'response_type=code&client_id=https://nobody.example/par');
\echo -- "by using authentication methods that use public/private key pairs, by publishing the public key in their metadata document"
SELECT oauth_create_signing_key('ES256') IS NOT NULL;
CREATE FUNCTION pg_temp.proven(id text, alg text DEFAULT 'ES256') RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT 'client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=' || oauth_sign_jwt(jsonb_build_object('iss', id, 'sub', id, 'aud', 'https://auth.example', 'exp', extract(epoch FROM now())::bigint + 60), alg) $$;
\set keyed https://app.example/keyed
SELECT pg_temp.put(:'keyed', jsonb_build_object('token_endpoint_auth_method', 'private_key_jwt', 'jwks', oauth_jwks(), 'grant_types', ARRAY['authorization_code', 'client_credentials']));
SELECT pg_temp.ask(:'keyed');
SELECT client_type, token_endpoint_auth_method, grant_types, require_pkce, jwks IS NOT NULL FROM oauth.client WHERE client_id = :'keyed';
SELECT pg_temp.post('par', 'response_type=code&redirect_uri=https://app.example/cb' || more) FROM unnest(ARRAY['&client_id=' || :'keyed', '&client_id=' || :'keyed' || '&client_secret=x', '&' || pg_temp.proven(:'keyed'), '&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&' || pg_temp.proven(:'keyed')]) more;
SELECT pg_temp.post('token', 'grant_type=client_credentials&' || pg_temp.proven(:'keyed'));
SELECT pg_temp.post('par', 'response_type=code&' || pg_temp.proven('https://keyed.example/new'));
\echo -- a client whose keys are gone: what it was granted with them ends
SELECT access_token AS token FROM oauth_issue_token(:'keyed', :'alice', 'read') \gset
SELECT pg_temp.put(:'keyed', jsonb_build_object('token_endpoint_auth_method', 'private_key_jwt', 'jwks', oauth_jwks(), 'client_name', 'Keyed')), pg_temp.ask(:'keyed');
SELECT v.active FROM oauth_verify_token(:'token') v;
SELECT pg_temp.put(:'keyed'), pg_temp.ask(:'keyed');
SELECT c.client_type, v.active FROM oauth.client c, oauth_verify_token(:'token') v WHERE c.client_id = :'keyed';
SELECT pg_temp.put('https://app.example/fetched', '{"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://app.example/keys"}'), pg_temp.ask('https://app.example/fetched');
SELECT token_endpoint_auth_method, jwks_uri FROM oauth.client WHERE client_id = 'https://app.example/fetched';
\echo -- why not, step by step
CREATE FUNCTION pg_temp.explain(id text, more text DEFAULT '') RETURNS SETOF text LANGUAGE sql VOLATILE AS $$
	SELECT format('%s: %s | %s', CASE ok WHEN true THEN 'ok' WHEN false THEN 'NO' ELSE '??' END, concat_ws(' ', "check", detail), remedy) FROM oauth_explain_request(ROW('GET', pg_temp.address(id, 'https://tv.example/', more), '{}', NULL, 'https', NULL)) WHERE step BETWEEN 2 AND 4 OR "check" = 'answer' $$;
SELECT count(*) AS clients FROM oauth.client \gset
SELECT pg_temp.explain(uri) FROM unnest(ARRAY['https://tv.example/c', 'https://nowhere.example/c', 'https://tv.example/../c', 'https://app.example/refused']) uri;
SELECT pg_temp.put('https://tv.example/new', '{"client_name": "New", "redirect_uris": ["https://tv.example/"]}');
SELECT pg_temp.explain('https://tv.example/new', '&scope=notes:admin');
SELECT pg_temp.put('https://tv.example/new', '{"client_secret": "s3cr3t"}');
SELECT pg_temp.explain('https://tv.example/new');
UPDATE oauth.document SET fresh_until = now(), failed_at = clock_timestamp(), problem = 'there was no answer', is_by_hand = false WHERE url LIKE 'https://tv.example/%';
SELECT pg_temp.explain(uri) FROM unnest(ARRAY['https://tv.example/c', 'https://tv.example/new']) uri;
SELECT "check", detail, remedy FROM oauth_explain_request(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', 'grant_type=refresh_token&client_id=https://tv.example/new', 'https', NULL)) WHERE ok IS false;
SELECT "check", ok, detail FROM oauth_explain_request(ROW('POST', '/oauth2/device_authorization', '{Content-Type: application/x-www-form-urlencoded}', 'client_id=https://tv.example/c', 'https', NULL));
SELECT id, "check", ok, detail FROM unnest(ARRAY['https://nobody.example/c', 'https://tv.example/c', 'https://tv.example/new']) id, oauth_explain_request(ROW('POST', '/oauth2/par', '{Content-Type: application/x-www-form-urlencoded}', convert_to('client_id=' || id, 'UTF8'), 'https', NULL)) WHERE step > 2 AND "check" ~ 'client|document';
SELECT count(*) = :clients FROM oauth.client;
\echo -- off again: nothing begins any more, and what was granted goes on
SET oauth.client_id_metadata_documents = off;
SELECT pg_temp.ask('https://tv.example/c', 'https://tv.example/'), pg_temp.ask('https://new.example/c');
SELECT pg_temp.explain('https://tv.example/c');

\c :main
SET client_min_messages = warning;
DROP DATABASE regress_oauth_client_document;
