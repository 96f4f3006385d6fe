-- names.sql: names that deceive: what cannot be seen, or turns what can, is refused, cleaned, and isolated on the pages.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.registration_rate = 0;
\set VERBOSITY terse
SET oauth.bcrypt_cost = 4;
SET oauth.registration = open;
SET oauth.issuer = 'https://auth.example';
SET client_min_messages = warning;

CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate || ' ' || sqlerrm;
END $$;
CREATE FUNCTION pg_temp.register(metadata jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT status || ' ' || concat_ws(': ', convert_from(body, 'UTF8')::jsonb ->> 'error', convert_from(body, 'UTF8')::jsonb ->> 'error_description', (SELECT string_agg(key, ' ' ORDER BY key) FROM jsonb_object_keys(convert_from(body, 'UTF8')::jsonb) key WHERE key IN ('software_id', 'software_version', 'contacts', 'client_uri')))
	FROM oauth.register(ROW('POST', '/oauth2/register', '{"Content-Type: application/json"}', convert_to(metadata::text, 'UTF8'), 'http', '127.0.0.1')) $$;
-- Every place where somebody may put a name: how many took it.
CREATE FUNCTION pg_temp.takers(name text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(place, ' ' ORDER BY place) FROM (VALUES
		('client', pg_temp.try(format('SELECT oauth_register_client(%L, redirect_uris => ''{https://names.example/}'')', name))),
		('metadata', pg_temp.try(format('SELECT oauth_register_client_metadata(%L)', jsonb_build_object('client_name', name, 'redirect_uris', '["https://names.example/"]'::jsonb)))),
		('http', CASE WHEN pg_temp.register(jsonb_build_object('client_name', name, 'redirect_uris', '["https://names.example/"]'::jsonb)) LIKE '201%' THEN 'taken' END),
		('software', CASE WHEN pg_temp.register(jsonb_build_object('software_id', name, 'redirect_uris', '["https://names.example/"]'::jsonb)) LIKE '201%software_id%' THEN 'taken' END),
		('contacts', CASE WHEN pg_temp.register(jsonb_build_object('contacts', jsonb_build_array(name), 'redirect_uris', '["https://names.example/"]'::jsonb)) LIKE '201%contacts%' THEN 'taken' END),
		('scope', pg_temp.try(format('SELECT oauth_register_scope(''names'', %L)', name))),
		('user', pg_temp.try(format('SELECT oauth_create_user(%L, ''wonderland'')', name))),
		('page', pg_temp.try(format('SELECT oauth_set_page(''brand'', %L, ''xx'')', name)))) v (place, answer)
	WHERE answer = 'taken' $$;

\echo -- what no name has, whatever it is the name of, at its end, within, and alone
SELECT to_hex(code), pg_temp.takers('Photo' || chr(code)), pg_temp.takers('Pho' || chr(code) || 'to'), pg_temp.takers(chr(code)) FROM (
	SELECT generate_series(1, 31) UNION SELECT generate_series(127, 159) UNION SELECT generate_series(x'200B'::int, x'200F'::int)
	UNION SELECT generate_series(x'2028'::int, x'202E'::int) UNION SELECT generate_series(x'2060'::int, x'206F'::int)
	UNION SELECT generate_series(x'FE00'::int, x'FE0F'::int) UNION SELECT generate_series(x'180B'::int, x'180F'::int)
	UNION SELECT generate_series(x'FFF0'::int, x'FFFC'::int) UNION SELECT generate_series(x'E0000'::int, x'E007F'::int, 7)
	UNION SELECT ('x' || lpad(hex, 8, '0'))::bit(32)::int FROM unnest('{AD,34F,61C,70F,2D7F,1107F,115F,1160,17B4,17B5,3164,E000,F8FF,FDD0,FDEF,FEFF,FFA0,FFFE,FFFF,16FE4,1BCA0,1D159,1D173,1FFFE,1FFFF,40000,E007F,E0080,E0100,E01EF,F0000,10FFFD,10FFFF}'::text[]) hex) v (code)
WHERE coalesce(pg_temp.takers('Photo' || chr(code)), pg_temp.takers('Pho' || chr(code) || 'to'), pg_temp.takers(chr(code))) IS NOT NULL ORDER BY code;
\echo -- nor is one blank to the eye
SELECT name::bytea FROM unnest(ARRAY['', ' ', '   ', U&'\00A0', U&'\2003\2009', U&'\3000', U&'\2800', U&'\2800 \2800', U&'\1680', U&'\202F', U&'\205F', U&' \0301', U&'\0301', U&'\200D']) name WHERE replace(pg_temp.takers(name), 'page', '') <> '';
\echo -- or covers what stands around it
SELECT n, pg_temp.takers('Zalgo' || repeat(U&'\0335', n)) FROM unnest(ARRAY[8, 9, 80]) n ORDER BY n;
SELECT pg_temp.takers(U&'\0301Photo'), pg_temp.takers(U&'Photo \0301');
\echo -- names of all the world are taken; joiners where they do something
SELECT name FROM unnest(ARRAY['Fotoalbum für Müller', U&'Fotoalben fu\0308r Mu\0308ller', 'Фотоальбом', 'ألبوم الصور', 'אלבום תמונות', '写真アルバム', '相册', '사진첩', U&'\1112\1161\11AB', 'फ़ोटो एल्बम', 'อัลบั้มรูป', 'Photo 📷 album',
	U&'\0645\06CC\200C\062E\0648\0627\0647\0645', U&'\0915\094D\200D\0937', U&'\0DC1\0DCA\200D\0DBB\0DD3', U&'\09B0\200D\09CD\09AF', U&'\+01F468\200D\+01F469\200D\+01F467', U&'\2764\FE0F\200D\+01F525', U&'1\FE0F\20E3', U&'\845B\+0E0100', '<b>']) name
	WHERE pg_temp.takers(name) IS DISTINCT FROM 'client contacts http metadata page scope software user';
\echo -- and nowhere else: between other letters, twice, at an end, beside one that joins nothing
SELECT name::bytea FROM unnest(ARRAY[U&'pay\200Cpal', U&'pay\200Dpal', U&'\0645\06CC\200C\200C\062E', U&'\0645\200C', U&'\200C\0645', U&'\0627\200C\0645', U&'\0645\200D\0645', U&'\+01F468\200D', U&'\+01F468\200Da', U&'\0915\094D\200D\200D\0937', U&'a\FE0F',
	U&'1\FE0F', U&'\FE0F', U&'\4E00\+0E0100\+0E0101', U&'\1820\180B\180B']) name WHERE pg_temp.takers(name) IS NOT NULL;

\echo -- the error names the character, and where it is
SELECT pg_temp.try(format('SELECT oauth_register_client(%L)', name)), pg_temp.register(jsonb_build_object('client_name', name, 'redirect_uris', '["https://names.example/"]'::jsonb)) FROM unnest(ARRAY[U&'Photo \202Emubla', U&'Pho\200Dto', U&'Photo\FE0F', U&'\3000', '']) name;
SELECT pg_temp.try(format('SELECT oauth_create_user(%L, ''wonderland'')', U&'al\00ADice')), pg_temp.try(format('SELECT oauth_register_scope(''names'', %L)', U&'Look \2066at')), pg_temp.try(format('SELECT oauth_set_page(''brand'', %L, ''en'')', U&'Photo\200Falbum')),
	pg_temp.register(jsonb_build_object('software_version', U&'1\200B0', 'redirect_uris', '["https://names.example/"]'::jsonb)), pg_temp.register(jsonb_build_object('client_uri', U&'https://names.example/\202E', 'redirect_uris', '["https://names.example/"]'::jsonb));
SELECT oauth_update_client(client_id, jsonb_build_object('client_name', U&'Photo\202E')) FROM oauth_register_client('Names that change', redirect_uris => '{https://names.example/}');
\set VERBOSITY default
SELECT oauth_register_client(U&'Photo\202E');
\echo -- blanks of any kind and number are one space, and none around a name
CREATE TEMPORARY TABLE spaced AS SELECT n, r.client_id, j ->> 'client_name' AS told FROM (VALUES (1, ' Google'), (2, U&'Google\00A0\00A0'), (3, U&'\2003Google\2003Mail\3000'), (4, U&'Goo\2800gle'), (5, 'Google  Mail'), (6, U&'Google \2002\00A0\2800 Mail'), (7, 'Google Mail')) v (n, name),
	LATERAL oauth_register_client(name, redirect_uris => '{https://names.example/}') r, LATERAL oauth_register_client_metadata(jsonb_build_object('client_name', name, 'redirect_uris', '["https://names.example/"]'::jsonb)) j;
SELECT n, replace(client_name, ' ', '_'), replace(told, ' ', '_') FROM spaced JOIN oauth.client USING (client_id) ORDER BY n;
SELECT oauth_update_client(client_id, jsonb_build_object('client_name', U&' Names\2003changed ')) ->> 'client_name' FROM oauth_register_client('Names that get blanks', redirect_uris => '{https://names.example/}');
SELECT oauth_register_scope('names.blank', U&' Look\2800at\00A0 pictures ');
SELECT '[' || description || ']' FROM oauth.scope WHERE scope = 'names.blank';
DELETE FROM oauth.scope WHERE scope = 'names.blank';
SELECT oauth_create_user(U&'alice\200B', 'wonderland');
SELECT oauth_register_scope('names', U&'\3164');
SELECT oauth_set_page('brand', U&'a\061C', 'en');

\echo -- a text of the pages may have lines
SELECT oauth_set_page('brand', E'One\nTwo', 'xx');
SELECT oauth_set_page('brand', '', 'xx');
DELETE FROM oauth.page WHERE language = 'xx';

\echo -- what came in before, or from a table of the application, is shown without what cannot be seen, and by itself
CREATE FUNCTION pg_temp.html(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT convert_from(r.body, 'UTF8') $$;
CREATE FUNCTION pg_temp.headers(session text) RETURNS text[] LANGUAGE sql AS $$ SELECT ARRAY['Content-Type: application/x-www-form-urlencoded', concat('Cookie: oauth_browser=00000000000000000000000000000000', '; oauth_session=' || session)] $$;
SELECT oauth_create_user('names <b>alice', 'wonderland') AS alice \gset
SELECT client_id AS album FROM oauth_register_client('Album', redirect_uris => '{https://names.example/}') \gset
SELECT client_id AS blank FROM oauth_register_client('Blank', redirect_uris => '{https://blank.example/}') \gset
UPDATE oauth.client SET client_name = U&'\202E<b>mubla\202C \+0E0041Photo\FEFF' WHERE client_id = :'album';
UPDATE oauth.client SET client_name = U&'\3164\200B' WHERE client_id = :'blank';
SELECT oauth_register_scope('names.see', 'Look at <i>pictures</i>');
UPDATE oauth.scope SET description = U&'Look \202Eat \200B<i>pictures</i>' WHERE scope = 'names.see';
UPDATE oauth.client SET scope = 'names.see' WHERE client_id IN (:'album', :'blank');
SELECT substring(h FROM 'oauth_session=(oas_[^;]*)') AS session FROM (SELECT substring(pg_temp.html(oauth.login(ROW('GET', '/login', pg_temp.headers(NULL), NULL, 'http', '127.0.0.1'))) FROM 'name="token" value="([^"]*)"') AS token OFFSET 0) f,
	LATERAL unnest((oauth.login(ROW('POST', '/login', pg_temp.headers(NULL), convert_to('username=names+<b>alice&password=wonderland&token=' || token, 'UTF8'), 'http', '127.0.0.1'))).headers) h WHERE h LIKE 'Set-Cookie: oauth_session=%' \gset
CREATE FUNCTION pg_temp.shown(page text, r oauth.http_response) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT page || ': ' || regexp_replace(regexp_replace(m[1], '[0-9a-f]{32}', '<client_id>'), '"true">[0-9a-f]$', '"true"><first letter>') FROM regexp_matches(pg_temp.html(r), '(<(?:strong|li|span class="mark" aria-hidden="true")>(?:[^<]|</?bdi>)+|aria-label="[^"]*")', 'g') m $$;
SELECT pg_temp.shown('consent', oauth.authorize(ROW('GET', format('/oauth2/authorize?response_type=code&scope=names.see&client_id=%s&redirect_uri=https%%3A%%2F%%2F%s.example%%2F', client, host), pg_temp.headers(:'session'), NULL, 'http', '127.0.0.1')))
	FROM (VALUES (:'album', 'names'), (:'blank', 'blank')) v (client, host);
SELECT count(*) FROM (SELECT oauth_issue_token(client, subject => :'alice', scope => 'names.see') FROM unnest(ARRAY[:'album', :'blank']) client) t;
SELECT pg_temp.shown('account', oauth.account(ROW('GET', '/account', pg_temp.headers(:'session'), NULL, 'http', '127.0.0.1')));
SELECT pg_temp.shown('logout', oauth.logout(ROW('GET', '/logout', pg_temp.headers(:'session'), NULL, 'http', '127.0.0.1')));
UPDATE oauth.user SET username = U&'\202Eecila\200B' WHERE subject = :'alice';
SELECT pg_temp.shown('logout', oauth.logout(ROW('GET', '/logout', pg_temp.headers(:'session'), NULL, 'http', '127.0.0.1')));
UPDATE oauth.user SET username = U&'\3164' WHERE subject = :'alice';
SELECT pg_temp.shown('logout', oauth.logout(ROW('GET', '/logout', pg_temp.headers(:'session'), NULL, 'http', '127.0.0.1')));
UPDATE oauth.user SET username = 'names alice' WHERE subject = :'alice';
SELECT pg_temp.html(page) ~ U&'[\202A-\202E\2066-\2069\200B-\200F\FEFF\3164]' FROM (VALUES (oauth.account(ROW('GET', '/account', pg_temp.headers(:'session'), NULL, 'http', '127.0.0.1'))),
	(oauth.authorize(ROW('GET', format('/oauth2/authorize?response_type=code&scope=names.see&client_id=%s&redirect_uri=https%%3A%%2F%%2Fnames.example%%2F', :'album'), pg_temp.headers(:'session'), NULL, 'http', '127.0.0.1')))) v (page);
\echo -- a hint that deceives is none
SELECT substring(pg_temp.html(oauth.login(ROW('GET', '/login?login_hint=' || hint, '{}', NULL, 'http', '127.0.0.1'))) FROM 'id="username" name="username" value="([^"]*)"') FROM unnest(ARRAY['alice', 'al%E2%80%AEice', 'alice%E2%80%8B', '%E3%85%A4']) hint;

DELETE FROM oauth.scope WHERE scope LIKE 'names%';
SELECT count(oauth_delete_user(username)) FROM oauth.user u WHERE subject = :'alice' OR username !~ '^[ -~]+$';
SELECT count(oauth_delete_client(client_id)) > 100 FROM oauth.client WHERE redirect_uris <@ '{https://names.example/,https://blank.example/}' AND cardinality(redirect_uris) > 0;
