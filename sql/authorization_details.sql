-- authorization_details.sql: what a client asks for object by object (RFC 9396).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://auth.example.com';

SELECT oauth_create_user('details alice', 'wonderland') AS alice \gset
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('details', redirect_uris => '{https://app.example/back}', grant_types => '{authorization_code,refresh_token,client_credentials,password,introspection}', scope => 'read write') \gset
SELECT client_id AS tv FROM oauth_register_client('details tv', grant_types => '{urn:ietf:params:oauth:grant-type:device_code}', client_type => 'public') \gset
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text; message text; hint text; BEGIN EXECUTE statement INTO answer; RETURN answer; EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT; RETURN concat_ws(' | ', SQLSTATE, message, left(nullif(hint, ''), 120)); END $$;
CREATE FUNCTION pg_temp.encoded(text) RETURNS text LANGUAGE sql AS $$ SELECT string_agg('%' || upper(substr(hex, i, 2)), '') FROM (SELECT encode(convert_to($1, 'UTF8'), 'hex') AS hex) h, generate_series(1, length(hex), 2) i $$;
CREATE FUNCTION pg_temp.go(path text, session text DEFAULT '', form text DEFAULT NULL, language text DEFAULT 'en') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT CASE WHEN path LIKE '/login%' THEN oauth.login(r) WHEN path LIKE '/oauth2/device%' THEN oauth.device(r) ELSE oauth.authorize(r) END
	FROM (SELECT ROW(CASE WHEN form IS NULL THEN 'GET' ELSE 'POST' END, path, ARRAY['Content-Type: application/x-www-form-urlencoded', 'Accept-Language: ' || language, 'Cookie: __Host-oauth_browser=00000000000000000000000000000001; ' || session], convert_to(form, 'UTF8'), 'https', '127.0.0.1')::oauth.http_request) x (r) $$;
CREATE FUNCTION pg_temp.html(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT convert_from(r.body, 'UTF8') $$;
CREATE FUNCTION pg_temp.field(r oauth.http_response, name text) RETURNS text LANGUAGE sql AS $$ SELECT replace(substring(pg_temp.html(r) FROM 'name="' || name || '" value="([^"]*)"'), '&amp;', '&') $$;
-- Where it sends to, or the sections of the page, or its title.
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || regexp_replace(coalesce((SELECT substr(h, 11) FROM unnest(r.headers) h WHERE h LIKE 'Location:%'), (SELECT substr(h, 7) FROM unnest(r.headers) h WHERE h LIKE 'Lane:%'),
		(SELECT string_agg(m[1], E'\n') FROM regexp_matches(pg_temp.html(r), '<section class="detail">(.*?)</section>', 'g') m), substring(pg_temp.html(r) FROM '<h1>(.*?)</h1>')), 'o(ac|lr)_[-_A-Za-z0-9]{54}', '<\1>', 'g') $$;
CREATE FUNCTION pg_temp.answer(page oauth.http_response, session text, decision text DEFAULT 'approve', details text DEFAULT NULL, path text DEFAULT '/oauth2/authorize/confirm') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.go(path, session, format('request=%s&token=%s&decision=%s', replace(replace(pg_temp.field(page, 'request'), '%', '%25'), '&', '%26'), pg_temp.field(page, 'token'), decision) || coalesce('&details=' || coalesce(details, pg_temp.field(page, 'details')), '')) $$;
CREATE FUNCTION pg_temp.code(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT substring(h FROM 'code=(oac_[-_A-Za-z0-9]{54})') FROM unnest(r.headers) h WHERE h LIKE 'Location:%' $$;
SELECT 'client_id=' || :'id' || '&client_secret=' || :'secret' AS auth \gset
CREATE FUNCTION pg_temp.token(form text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT convert_from((oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to(form, 'UTF8'), 'https', '127.0.0.1'))).body, 'UTF8')::jsonb $$;
CREATE FUNCTION pg_temp.said(answer jsonb) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(answer ->> 'error' || ': ' || (answer ->> 'error_description'), answer ->> 'authorization_details', 'a token without') $$;
SELECT '__Host-oauth_session=' || substring(h FROM '=(oas_[^;]*)') AS session FROM unnest((pg_temp.go('/login', '', 'username=details+alice&password=wonderland&token=' || pg_temp.field(pg_temp.go('/login'), 'token'))).headers) h WHERE h LIKE 'Set-Cookie: __Host-oauth_session=oas_%' \gset
SELECT '/oauth2/authorize?client_id=' || :'id' || '&response_type=code&state=s&authorization_details=' AS ask \gset
CREATE ROLE regress_details;
CREATE ROLE regress_details_stranger;
CREATE SCHEMA regress_details AUTHORIZATION regress_details;
SET ROLE regress_details;
CREATE TABLE regress_details.rate (fee text);
INSERT INTO regress_details.rate VALUES ('1.00');
CREATE FUNCTION regress_details.payment(details jsonb, client_id text, subject text) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN details ->> 'amount' = 'null' THEN NULL
		WHEN (details ->> 'amount')::numeric > 1000 THEN to_jsonb('More than 1000 "EUR" is too much, '::text || coalesce(oauth_subject(), 'nobody calls') || chr(10) || 'è')
		ELSE details || jsonb_build_object('fee', (SELECT fee FROM rate), 'payer', subject) END $$;
CREATE FUNCTION regress_details.wrong(jsonb, text, text) RETURNS jsonb LANGUAGE sql AS $$ SELECT $1 || '{"type": "photo"}' $$;
CREATE FUNCTION regress_details.text(jsonb, text, text) RETURNS text LANGUAGE sql AS $$ SELECT '' $$;
RESET ROLE;

\echo -- RFC 9396, section 2: registering types: one meaning for one name
SELECT oauth_register_authorization_details_type('photo', 'Print  photos'), oauth_register_authorization_details_type('https://bank.example/account');
SELECT pg_temp.try('SELECT 1 FROM oauth_register_authorization_details_type(' || arguments || ')') FROM unnest(ARRAY['NULL', '''''', '''a b''', '''"''', '''é''', 'repeat(''x'', 256)', '''x'', ''''', '''x'', E''a\u202Eb''', '''x'', repeat(''x'', 1001)', '''x'', NULL, ''regress_details.none''', '''x'', NULL, ''payment''', '''x'', NULL, ''regress_details.text''']) arguments;
GRANT EXECUTE ON FUNCTION oauth_register_authorization_details_type, oauth_unregister_authorization_details_type TO regress_details, regress_details_stranger;
SET ROLE regress_details_stranger;
SELECT pg_temp.try('SELECT 1 FROM oauth_register_authorization_details_type(''payment'', ''Pay'', ''regress_details.payment'')');
SET ROLE regress_details;
SELECT oauth_register_authorization_details_type('payment', 'Pay for you', 'regress_details.payment(jsonb, text, text)');
SET ROLE regress_details_stranger;
SELECT pg_temp.try('SELECT 1 FROM oauth_register_authorization_details_type(''payment'', ''Pay'')'), pg_temp.try('SELECT oauth_unregister_authorization_details_type(''payment'')');
RESET ROLE;
SELECT oauth_update_client(:'id', '{"authorization_details_types": ["photo", "payment", "https://bank.example/account", "gone"]}') -> 'authorization_details_types';
SELECT oauth_update_client(:'tv', '{"authorization_details_types": ["photo", "payment"]}') -> 'authorization_details_types';
SELECT type, description, check_function, clients FROM oauth.authorization_details_type_overview ORDER BY type;
\echo -- section 10: "authorization_details_types_supported", of the server and of the resource (RFC 9728, section 2)
SELECT convert_from(m.body, 'UTF8')::jsonb -> 'authorization_details_types_supported', convert_from(p.body, 'UTF8')::jsonb -> 'authorization_details_types_supported' FROM oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL, 'https', NULL)) m, oauth.protected_resource_metadata(ROW('GET', '/.well-known/oauth-protected-resource', '{}', NULL, 'https', NULL)) p;

\echo -- RFC 9396, section 2; RFC 9396, section 5: "The AS MUST refuse to process any unknown authorization details type or authorization details not conforming to the respective type definition"
CREATE TABLE pg_temp.hostile (n serial, details text);
INSERT INTO pg_temp.hostile (details) VALUES ('x'), ('{}'), ('[]'), ('null'), ('"photo"'), ('[1]'), ('["photo"]'), ('[[]]'), ('[null]'), ('[{}]'), ('[{"type": null}]'), ('[{"type": 1}]'), ('[{"type": ""}]'), ('[{"type": ["photo"]}]'),
	('[{"type": "unknown"}]'), ('[{"type": "gone"}]'), ('[{"type": "Photo"}]'), ('[{"type": "photo "}]'), ('[{"type": "photo\u0000"}]'), ('[{"type": "photo"}, {"type": "unknown"}]'), ('[{"type": "photo"}, 1]'),
	('[{"type": "photo", "type": "payment"}]'), ('[{"type": "photo", "a": {"b": 1, "b": 2}}]'), ('[{"type": "photo"}'), ('[{"type": "photo"}]]'), ('[{"type": "photo"},]'), ('[{type: "photo"}]'), ('[{"type": "photo", "n": 1e999}]'), ('[{"type": "photo", "n": 0e99999999999}]'), ('[{"type": "photo", "n": -0.0e-99999}]'), ('[{"type": "photo", "n": NaN}]'),
	('[{"type": "photo", "locations": "https://a/"}]'), ('[{"type": "photo", "locations": [1]}]'), ('[{"type": "photo", "actions": {}}]'), ('[{"type": "photo", "actions": [["read"]]}]'), ('[{"type": "photo", "datatypes": null}]'), ('[{"type": "photo", "privileges": [null]}]'), ('[{"type": "photo", "identifier": 1}]'), ('[{"type": "photo", "identifier": ["a"]}]'),
	('[{"type": "photo", "x": ' || repeat('[', 40) || repeat(']', 40) || '}]'), ('[{"type": "photo", "x": "' || repeat('x', 16384) || '"}]'), ('[' || repeat('{"type": "photo"}, ', 20) || '{"type": "photo"}]'), ('[{"type": "photo", "x": "\ud800"}]');
SELECT n, left(details, 60), replace(replace(substring(pg_temp.show(pg_temp.go(:'ask' || pg_temp.encoded(details), :'session')) FROM 'error=(.*?)&state'), '%20', ' '), '&error_description=', ': ') FROM pg_temp.hostile ORDER BY n;
\echo -- RFC 9396, section 8: the token endpoint says the same
SELECT count(*), count(*) FILTER (WHERE pg_temp.token(:'auth' || '&grant_type=client_credentials&authorization_details=' || pg_temp.encoded(details)) ->> 'error' = 'invalid_authorization_details') FROM pg_temp.hostile;
SELECT pg_temp.show(pg_temp.go(:'ask' || pg_temp.encoded('[{"type": "photo"}]') || '&authorization_details=x', :'session'));
\echo -- a type that the client may not ask for
SELECT oauth_update_client(:'id', '{"authorization_details_types": ["payment"]}') -> 'authorization_details_types';
SELECT pg_temp.show(pg_temp.go(:'ask' || pg_temp.encoded('[{"type": "photo"}]'), :'session'));
SELECT oauth_update_client(:'id', '{"authorization_details_types": ["photo", "payment", "https://bank.example/account"]}') -> 'authorization_details_types';

\echo -- RFC 9396, section 3.1: the consent page shows each object whole, under what its type means
SELECT '[{"type": "photo", "album": "Sea & <b>sun</b>", "actions": ["print", "list"], "count": 3, "glossy": true, "frame": null, "sizes": [{"width": 10.50, "unit": "cm"}, [1, []]], "print_run": {"from": {"page": 1}}, "type2": "x"}, {"type": "https://bank.example/account", "locations": ["https://bank.example/"]}]' AS photo \gset
SELECT pg_temp.show(pg_temp.go(:'ask' || pg_temp.encoded(:'photo'), :'session'));
\echo -- RFC 9396, section 12: hostile content: markup, controls of direction, nothing to see, very long, and it is all there
SELECT '[{"type": "photo", "<script>alert(1)</script>": "\"><img src=x onerror=alert(1)>", "\u202eesrever": "a\u202eb\u0000"}]' AS bad \gset
SELECT pg_temp.show(pg_temp.go(:'ask' || pg_temp.encoded(replace(:'bad', '\u0000', '\u200b\u2066\t\n&#x202e;')), :'session'));
SELECT position(repeat('x', 12000) IN pg_temp.html(pg_temp.go(:'ask' || pg_temp.encoded('[{"type": "photo", "x": "' || repeat('x', 12000) || '"}]'), :'session'))) > 0;
\echo -- RFC 9396, section 3.1: "the AS MUST present the merged set of requirements": of scope and details; and the token has both
SELECT pg_temp.go(:'ask' || pg_temp.encoded('[{"type": "photo", "album": "Sea"}]') || '&scope=read&prompt=consent', :'session') AS page \gset
SELECT pg_temp.show(:'page'::oauth.http_response), substring(pg_temp.html(:'page'::oauth.http_response) FROM '<li[^>]*>[^\n]*</li>');
SELECT r ->> 'scope', r ->> 'authorization_details' FROM pg_temp.token(:'auth' || '&grant_type=authorization_code&code=' || pg_temp.code(pg_temp.answer(:'page'::oauth.http_response, :'session'))) r;
DELETE FROM oauth.consent WHERE client_id = :'id';
\echo -- RFC 9396, section 13: what is asked for does not leak: no page keeps it or tells others whence its reader comes
SELECT h FROM unnest((:'page'::oauth.http_response).headers) h WHERE h ~ '^(Referrer-Policy|Cache-Control)' ORDER BY h;
\echo -- in the words of the application, and the language of the reader
BEGIN;
SELECT pg_temp.try('SELECT 1 FROM oauth_set_page(' || quote_literal(name) || ', ''x'')') FROM unnest(ARRAY['authorization_details', 'authorization_details ', 'authorization_details a  b', 'authorization_details é', 'authorization_details photo ', 'Authorization_details photo']) name;
ROLLBACK;
BEGIN;
SELECT oauth_set_page('authorization_details photo', 'Fotos drucken', 'de'), oauth_set_page('authorization_details photo album', 'Album <1>', 'de'), oauth_set_page('authorization_details photo album', 'The album'), oauth_set_page('authorization_details photo type2', 'Two');
SELECT language, pg_temp.show(pg_temp.go(:'ask' || pg_temp.encoded('[{"type": "photo", "album": "Sea", "type2": "x", "nested": {"album": 1}}]'), :'session', language => language)) FROM unnest('{de,en}'::text[]) language;
ROLLBACK;

\echo -- RFC 9396, section 7: "the AS MUST also return the authorization_details as granted by the resource owner and assigned to the respective access token"
SELECT pg_temp.answer(pg_temp.go(:'ask' || pg_temp.encoded(:'photo'), :'session'), :'session') AS back \gset
SELECT pg_temp.show(:'back'::oauth.http_response);
SELECT pg_temp.token(:'auth' || '&grant_type=authorization_code&code=' || pg_temp.code(:'back'::oauth.http_response)) AS tokens \gset
SELECT pg_temp.said(:'tokens'), :'tokens'::jsonb -> 'authorization_details' = :'photo'::jsonb;
SELECT g.authorization_details = t.authorization_details, g.authorization_details = :'photo'::jsonb FROM oauth.access_token t JOIN oauth.grant g ON g.handle = t.grant_handle WHERE t.token_hash = sha256(convert_to(:'tokens'::jsonb ->> 'access_token', 'UTF8'));
\echo -- RFC 9396, section 9.2; RFC 9396, section 9: introspection; the refresh token has those of its grant
SELECT oauth_introspect_token(:'tokens'::jsonb ->> 'access_token') -> 'authorization_details' = :'photo'::jsonb, oauth_introspect_token(:'tokens'::jsonb ->> 'refresh_token') -> 'authorization_details' = :'photo'::jsonb;
SELECT convert_from((oauth.introspect(ROW('POST', '/oauth2/introspect', '{Content-Type: application/x-www-form-urlencoded}', convert_to(:'auth' || '&token=' || (:'tokens'::jsonb ->> 'access_token'), 'UTF8'), 'https', '127.0.0.1'))).body, 'UTF8')::jsonb -> 'authorization_details' = :'photo'::jsonb;
\echo -- SQL, /api/ and /auth
SELECT oauth_authorization_details();
BEGIN;
SELECT oauth_authenticate('Bearer ' || (:'tokens'::jsonb ->> 'access_token')), oauth_authorization_details() = :'photo'::jsonb;
SAVEPOINT s;
SELECT oauth_authenticate('Bearer x'), oauth_authorization_details();
ROLLBACK TO s;
SELECT oauth_authorization_details() -> 0 ->> 'album';
COMMIT;
SELECT oauth_authorization_details();
SELECT convert_from(r.body, 'UTF8')::jsonb -> 'authorization_details' = :'photo'::jsonb FROM oauth.resource(ROW('GET', '/api/', ARRAY['Authorization: Bearer ' || (:'tokens'::jsonb ->> 'access_token')], NULL, 'https', NULL)) r;
SELECT substr(h, 32)::jsonb = :'photo'::jsonb FROM oauth.forward_auth(ROW('GET', '/auth', ARRAY['Authorization: Bearer ' || (:'tokens'::jsonb ->> 'access_token')], NULL, 'https', NULL)) r, unnest(r.headers) h WHERE h LIKE 'X-OAuth-Authorization-Details: %';

\echo -- RFC 9396, section 6: narrowing, whole objects only: "Otherwise, the AS refuses the request with the error code invalid_authorization_details"
SELECT :'tokens'::jsonb ->> 'refresh_token' AS refresh \gset
SELECT details, pg_temp.said(pg_temp.token(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh' || '&authorization_details=' || pg_temp.encoded(details))) FROM unnest(ARRAY['[{"type": "photo"}]', '[{"type": "photo", "album": "Sea & <b>sun</b>"}]', '[{"type": "https://bank.example/account", "locations": ["https://bank.example/"], "more": 1}]', '[{"type": "https://bank.example/account", "locations": []}]', '[]', 'x', '[1]', '{}', '[{"type": "payment", "amount": "1"}]',
	'[{"type": "https://bank.example/account", "locations": ["https://bank.example/"]}, {"type": "photo"}]']) details;
SELECT pg_temp.token(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh' || '&authorization_details=' || pg_temp.encoded('[{"locations" : ["https:\/\/bank.example/"], "type": "https://bank.example/account"}]')) AS narrow \gset
SELECT pg_temp.said(:'narrow'), oauth_introspect_token(:'narrow'::jsonb ->> 'access_token') -> 'authorization_details';
\echo -- the same answer once more, to a client that lost it; and the refresh token still has everything
SELECT pg_temp.said(pg_temp.token(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh'));
SELECT pg_temp.token(:'auth' || '&grant_type=refresh_token&refresh_token=' || (:'narrow'::jsonb ->> 'refresh_token')) -> 'authorization_details' = :'photo'::jsonb;
\echo -- RFC 9396, section 12: "All strings MUST be compared using the exact byte representation": what looks alike is another string
SELECT refresh_token AS alike FROM oauth_issue_token(:'id', 'zoe', 'read', refresh => true) \gset
UPDATE oauth.grant SET authorization_details = jsonb_build_array(jsonb_build_object('type', 'photo', 'album', E'Zo\u00eb')) WHERE subject = 'zoe';
SELECT n, pg_temp.said(pg_temp.token(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'alike' || '&authorization_details=' || pg_temp.encoded(jsonb_build_array(jsonb_build_object('type', 'photo', 'album', album))::text)))
FROM unnest(ARRAY[E'Zoe\u0308', E'ZO\u00cb', E'Zo\u00eb ', E'Zo\u00eb']) WITH ORDINALITY v (album, n) ORDER BY n;
\echo -- with the code
SELECT pg_temp.code(pg_temp.go(:'ask' || pg_temp.encoded(:'photo'), :'session')) AS code \gset
SELECT pg_temp.said(pg_temp.token(:'auth' || '&grant_type=authorization_code&code=' || :'code' || '&authorization_details=' || pg_temp.encoded('[{"type": "photo"}]')));
SELECT pg_temp.said(pg_temp.token(:'auth' || '&grant_type=authorization_code&code=' || :'code' || '&authorization_details=' || pg_temp.encoded('[{"type": "https://bank.example/account", "locations": ["https://bank.example/"]}]')));
\echo -- a grant without any gives none
SELECT pg_temp.code(pg_temp.answer(pg_temp.go('/oauth2/authorize?client_id=' || :'id' || '&response_type=code&prompt=consent', :'session'), :'session')) AS code \gset
SELECT pg_temp.said(pg_temp.token(:'auth' || '&grant_type=authorization_code&code=' || :'code' || '&authorization_details=' || pg_temp.encoded('[{"type": "photo"}]'))), pg_temp.said(pg_temp.token(:'auth' || '&grant_type=authorization_code&code=' || :'code'));
\echo -- grants with which none can be asked for say so
SELECT grant_type, pg_temp.said(pg_temp.token(:'auth' || '&username=x&password=x&grant_type=' || grant_type || '&authorization_details=%5B%5D')) FROM unnest(ARRAY['password']) grant_type;

\echo -- why not, step by step
CREATE FUNCTION pg_temp.explain(form text) RETURNS SETOF text LANGUAGE sql VOLATILE AS $$
	SELECT concat_ws(' | ', "check", ok, detail, remedy) FROM oauth_explain_request(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to(form, 'UTF8'), 'https', '127.0.0.1')) WHERE "check" IN ('authorization_details', 'answer') $$;
SELECT pg_temp.explain(:'auth' || '&grant_type=refresh_token&refresh_token=' || (:'tokens'::jsonb ->> 'refresh_token') || '&authorization_details=' || pg_temp.encoded('[{"type": "photo"}]'));
SELECT pg_temp.explain(:'auth' || '&grant_type=client_credentials&authorization_details=' || pg_temp.encoded(details)) FROM unnest(ARRAY['[{"type": "payment", "amount": "5000"}]', '[{"type": "nothing"}]', '[{"type": "photo"}]', 'x']) details;

\echo -- pushed (RFC 9396, section 13; RFC 9126): refused at once, and looked at again when the person comes
CREATE FUNCTION pg_temp.push(form text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT convert_from((oauth.par(ROW('POST', '/oauth2/par', '{Content-Type: application/x-www-form-urlencoded}', convert_to(form, 'UTF8'), 'https', '127.0.0.1'))).body, 'UTF8')::jsonb $$;
SELECT pg_temp.said(pg_temp.push(:'auth' || '&response_type=code&authorization_details=' || pg_temp.encoded('[{"type": "unknown"}]')));
SELECT pg_temp.push(:'auth' || '&response_type=code&state=s&authorization_details=' || pg_temp.encoded('[{"type": "payment", "amount": "3"}]')) ->> 'request_uri' AS pushed \gset
SELECT pg_temp.go('/oauth2/authorize?client_id=' || :'id' || '&request_uri=' || :'pushed', :'session') AS page \gset
SELECT replace(pg_temp.show(:'page'::oauth.http_response), :'alice', '<alice>');
SELECT replace(pg_temp.said(pg_temp.token(:'auth' || '&grant_type=authorization_code&code=' || pg_temp.code(pg_temp.answer(:'page'::oauth.http_response, :'session')))), :'alice', '<alice>');
\echo -- more than fits into an address, pushed
SELECT pg_temp.push(:'auth' || '&response_type=code&state=s&authorization_details=' || pg_temp.encoded('[{"type": "photo", "x": "' || repeat('x', 15000) || '"}]')) ->> 'request_uri' AS pushed \gset
SELECT pg_temp.go('/oauth2/authorize?client_id=' || :'id' || '&request_uri=' || :'pushed', :'session') AS page \gset
SELECT length(pg_temp.token(:'auth' || '&grant_type=authorization_code&code=' || pg_temp.code(pg_temp.answer(:'page'::oauth.http_response, :'session'))) -> 'authorization_details' -> 0 ->> 'x');

\echo -- section 10: a client that registers itself has those of its authorization_details_types that exist
SET oauth.registration = 'open';
SET oauth.registration_rate = 0;
SELECT convert_from(r.body, 'UTF8')::jsonb -> 'authorization_details_types' FROM unnest(ARRAY['["photo", "unknown", "photo"]', '["unknown"]', '[]']) types, oauth.register(ROW('POST', '/oauth2/register', '{Content-Type: application/json}', convert_to('{"redirect_uris": ["https://rp.example/back"], "authorization_details_types": ' || types || '}', 'UTF8'), 'https', '127.0.0.1')) r;
RESET oauth.registration;
DELETE FROM oauth.consent WHERE client_id = :'id';
SELECT (pg_temp.answer(pg_temp.go(:'ask' || pg_temp.encoded(:'photo'), :'session'), :'session')).status;

\echo -- a consent of before will do for exactly the same details, in whatever order and spelling, and for no others
SELECT pg_temp.show(pg_temp.go(:'ask' || pg_temp.encoded(details), :'session')) LIKE '303 https://app.example/back?code=<ac>%', left(details, 40) FROM unnest(ARRAY[:'photo', (SELECT jsonb_build_array(:'photo'::jsonb -> 1, :'photo'::jsonb -> 0)::text), (:'photo'::jsonb - 1)::text, (:'photo'::jsonb || '[{"type": "photo"}]')::text, replace(:'photo', '"count": 3', '"count": 4'), replace(:'photo', '"count": 3', '"count": 3.0')]) details;
SELECT pg_temp.show(pg_temp.go('/oauth2/authorize?client_id=' || :'id' || '&response_type=code&state=s', :'session'));
SELECT pg_temp.show(pg_temp.go(:'ask' || pg_temp.encoded('[{"type": "photo"}]') || '&prompt=none', :'session'));
SELECT pg_temp.show(pg_temp.answer(pg_temp.go(:'ask' || pg_temp.encoded('[{"type": "photo"}]'), :'session'), :'session', 'deny'));

\echo -- RFC 9396, section 7.1; RFC 9396, section 5: the application refuses, or says what is granted; the subject is known, and in its function nobody calls
SELECT replace(pg_temp.show(pg_temp.go(:'ask' || pg_temp.encoded('[{"type": "payment", "amount": "' || amount || '"}]'), :'session')), :'alice', '<alice>') FROM unnest(ARRAY['10', '2000', 'null']) amount;
SELECT pg_temp.go(:'ask' || pg_temp.encoded('[{"type": "payment", "amount": "10"}]'), :'session') AS page \gset
\echo -- what is granted is what was shown: not after a change, and not with the digest of another page
UPDATE regress_details.rate SET fee = '99.00';
SELECT pg_temp.show(pg_temp.answer(:'page'::oauth.http_response, :'session'));
UPDATE regress_details.rate SET fee = '1.00';
SELECT left(pg_temp.show(pg_temp.answer(:'page'::oauth.http_response, :'session', details => details)), 30) FROM unnest(ARRAY['', 'x', pg_temp.field(pg_temp.go(:'ask' || pg_temp.encoded('[{"type": "payment", "amount": "11"}]'), :'session'), 'details')]) details;
SELECT pg_temp.answer(:'page'::oauth.http_response, :'session') AS back \gset
SELECT replace(pg_temp.said(pg_temp.token(:'auth' || '&grant_type=authorization_code&code=' || pg_temp.code(:'back'::oauth.http_response))), :'alice', '<alice>');
\echo -- a consent that is remembered is one for what was granted
SELECT left(pg_temp.show(pg_temp.go(:'ask' || pg_temp.encoded('[{"type": "payment", "amount": "10"}]'), :'session')), 40);
UPDATE regress_details.rate SET fee = '2.00';
SELECT replace(pg_temp.show(pg_temp.go(:'ask' || pg_temp.encoded('[{"type": "payment", "amount": "10"}]'), :'session')), :'alice', '<alice>');
\echo -- it runs on the lane of the application
SET oauth.lane = 'writing';
SELECT pg_temp.show(pg_temp.go(:'ask' || pg_temp.encoded('[{"type": "payment", "amount": "10"}]'), :'session')), pg_temp.show(pg_temp.go(:'ask' || pg_temp.encoded('[{"type": "payment", "amount": "10"}]'))) ~ '^303 /login';
SELECT r.status, r.headers[1] FROM oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to(:'auth' || '&grant_type=client_credentials&authorization_details=' || pg_temp.encoded('[{"type": "payment", "amount": "1"}]'), 'UTF8'), 'https', '127.0.0.1')) r;
RESET oauth.lane;
\echo -- client_credentials: for the client itself, without a subject
SELECT pg_temp.said(pg_temp.token(:'auth' || '&grant_type=client_credentials&authorization_details=' || pg_temp.encoded(details))) FROM unnest(ARRAY['[{"type": "payment", "amount": "1"}]', '[{"type": "payment", "amount": "1001"}]', '[{"type": "photo", "actions": ["list"]}]']) details;
SELECT count(*) FROM oauth.grant WHERE client_id = :'id' AND subject IS NULL AND authorization_details IS NOT NULL;
\echo -- a function that returns something else, or is gone, is a fault of the application
SET ROLE regress_details;
SELECT oauth_register_authorization_details_type('payment', NULL, 'regress_details.wrong');
RESET ROLE;
SELECT pg_temp.try(format('SELECT pg_temp.go(%L, %L)', :'ask' || pg_temp.encoded('[{"type": "payment"}]'), :'session'));
ALTER FUNCTION regress_details.wrong RENAME TO other;
SELECT pg_temp.try(format('SELECT pg_temp.go(%L, %L)', :'ask' || pg_temp.encoded('[{"type": "payment"}]'), :'session'));
SELECT severity, subject, finding, remedy FROM oauth_check() WHERE subject ~ 'authorization details';
SET ROLE regress_details;
SELECT oauth_register_authorization_details_type('payment', 'Pay for you', 'regress_details.payment');
RESET ROLE;
SELECT oauth_update_client(:'tv', '{"authorization_details_types": ["photo", "payment", "nothing"]}') -> 'authorization_details_types';
SELECT severity, subject, finding, remedy FROM oauth_check() WHERE subject ~ 'authorization details';

\echo -- in JWTs (RFC 9396, section 9.1)
SELECT oauth_update_client(:'id', '{"access_token_format": "jwt"}') ->> 'access_token_format';
SELECT pg_temp.token(:'auth' || '&grant_type=client_credentials&authorization_details=' || pg_temp.encoded('[{"type": "photo", "actions": ["list"]}]')) ->> 'access_token' AS jwt \gset
SELECT valid, claims -> 'authorization_details' FROM oauth_verify_jwt(:'jwt', oauth_jwks(), '{ES256}', 'at+jwt');
SELECT oauth_update_client(:'id', '{"access_token_format": "opaque"}') ->> 'access_token_format' IS NULL;

\echo -- a device asks, a person sees
SELECT convert_from((oauth.device_authorization(ROW('POST', '/oauth2/device_authorization', '{Content-Type: application/x-www-form-urlencoded}', convert_to('client_id=' || :'tv' || '&authorization_details=' || pg_temp.encoded('[{"type": "nothing"}]'), 'UTF8'), 'https', '192.0.2.1'))).body, 'UTF8');
CREATE FUNCTION pg_temp.device(tv text, details text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT convert_from((oauth.device_authorization(ROW('POST', '/oauth2/device_authorization', '{Content-Type: application/x-www-form-urlencoded}', convert_to('client_id=' || tv || '&authorization_details=' || pg_temp.encoded(details), 'UTF8'), 'https', '192.0.2.1'))).body, 'UTF8')::jsonb $$;
SELECT pg_temp.device(:'tv', '[{"type": "payment", "amount": "5"}, {"type": "photo"}]') AS device \gset
SELECT pg_temp.go('/oauth2/device', :'session', 'token=' || pg_temp.field(pg_temp.go('/oauth2/device', :'session'), 'token') || '&user_code=' || (:'device'::jsonb ->> 'user_code')) AS page \gset
SELECT replace(pg_temp.show(:'page'::oauth.http_response), :'alice', '<alice>');
SELECT pg_temp.show(pg_temp.answer(:'page'::oauth.http_response, :'session', details => 'x', path => '/oauth2/device')), pg_temp.show(pg_temp.answer(:'page'::oauth.http_response, :'session', path => '/oauth2/device'));
SELECT replace(pg_temp.said(pg_temp.token('client_id=' || :'tv' || '&grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=' || (:'device'::jsonb ->> 'device_code') || details)), :'alice', '<alice>') FROM unnest(ARRAY['&authorization_details=%5B%7B%7D%5D', '&authorization_details=' || pg_temp.encoded('[{"type": "photo"}]')]) details;
SELECT pg_temp.device(:'tv', '[{"type": "payment", "amount": "5000"}]') AS device \gset
SELECT pg_temp.show(pg_temp.go('/oauth2/device', :'session', 'token=' || pg_temp.field(pg_temp.go('/oauth2/device', :'session'), 'token') || '&user_code=' || (:'device'::jsonb ->> 'user_code')));
SELECT pg_temp.said(pg_temp.token('client_id=' || :'tv' || '&grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=' || (:'device'::jsonb ->> 'device_code')));

\echo -- the application decides by itself (oauth.consent_url, oauth.login_url), and narrows
SET oauth.consent_url = 'https://app.example/consent';
CREATE FUNCTION pg_temp.handle(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT substring(h FROM 'request=(olr_[-_A-Za-z0-9]{54})') FROM unnest(r.headers) h WHERE h LIKE 'Location:%' $$;
SELECT '[{"type": "payment", "amount": "7"}, {"type": "photo", "n": 1}]' AS both \gset
SELECT pg_temp.handle(pg_temp.go(:'ask' || pg_temp.encoded(:'both'), :'session')) AS handle \gset
SELECT replace(authorization_details::text, :'alice', '<alice>') FROM oauth_login_request(:'handle');
SELECT pg_temp.try(format('SELECT oauth_accept_consent(%L, authorization_details => %L)', :'handle', details)) FROM unnest(ARRAY['[{"type": "photo"}]', '{}', '1', '[{"type": "payment", "amount": "7"}]', '[{"type": "photo", "n": 1}, {"type": "photo", "n": 2}]']) details;
SELECT replace(oauth_accept_consent(:'handle', remember => true, authorization_details => '[{"n": 1, "type": "photo"}]'), 'https://auth.example.com', '') AS address \gset
SELECT pg_temp.said(pg_temp.token(:'auth' || '&grant_type=authorization_code&code=' || pg_temp.code(pg_temp.go(:'address', :'session'))));
SELECT authorization_details FROM oauth.consent WHERE subject = :'alice' AND client_id = :'id';
\echo -- none of them: [] ; all of them: NULL
SELECT pg_temp.handle(pg_temp.go(:'ask' || pg_temp.encoded(:'both'), :'session')) AS handle \gset
SELECT replace(oauth_accept_consent(:'handle', authorization_details => '[]'), 'https://auth.example.com', '') AS address \gset
SELECT pg_temp.said(pg_temp.token(:'auth' || '&grant_type=authorization_code&code=' || pg_temp.code(pg_temp.go(:'address', :'session'))));
SELECT pg_temp.handle(pg_temp.go(:'ask' || pg_temp.encoded(:'both'), :'session')) AS handle \gset
SELECT replace(oauth_accept_consent(:'handle'), 'https://auth.example.com', '') AS address \gset
SELECT replace(pg_temp.said(pg_temp.token(:'auth' || '&grant_type=authorization_code&code=' || pg_temp.code(pg_temp.go(:'address', :'session')))), :'alice', '<alice>');
RESET oauth.consent_url;
\echo -- where the login comes with the decision, the functions are asked there
SET oauth.login_url = 'https://app.example/login';
SELECT pg_temp.handle(pg_temp.go(:'ask' || pg_temp.encoded(:'both'))) AS handle \gset
SELECT authorization_details FROM oauth_login_request(:'handle');
SELECT oauth_accept_login(:'handle', :'alice') IS NOT NULL;
SELECT replace(oauth_accept_consent(:'handle', authorization_details => '[{"type": "payment", "amount": "7"}]'), 'https://auth.example.com', '') AS address \gset
SELECT replace(pg_temp.said(pg_temp.token(:'auth' || '&grant_type=authorization_code&code=' || pg_temp.code(pg_temp.go(:'address')))), :'alice', '<alice>');
SELECT pg_temp.handle(pg_temp.go(:'ask' || pg_temp.encoded('[{"type": "payment", "amount": "7000"}]'))) AS handle \gset
SELECT oauth_accept_login(:'handle', :'alice') IS NOT NULL;
SELECT pg_temp.try(format('SELECT oauth_accept_consent(%L)', :'handle'));
RESET oauth.login_url;

\echo -- what a claims function says of them is left out, and a type that is gone is unknown
SELECT oauth_unregister_authorization_details_type('photo'), oauth_unregister_authorization_details_type('photo');
SELECT pg_temp.show(pg_temp.go(:'ask' || pg_temp.encoded('[{"type": "photo"}]'), :'session'));
SELECT oauth_unregister_authorization_details_type(type) FROM oauth.authorization_details_type ORDER BY type;
SELECT convert_from(m.body, 'UTF8')::jsonb ? 'authorization_details_types_supported' FROM oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL, 'https', NULL)) m;
DROP SCHEMA regress_details CASCADE;
REVOKE EXECUTE ON FUNCTION oauth_register_authorization_details_type, oauth_unregister_authorization_details_type FROM regress_details, regress_details_stranger;
DROP ROLE regress_details, regress_details_stranger;
