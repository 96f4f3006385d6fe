-- protect.sql: publishing functions of the application below /api/, and calling them as their owners.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never

-- What came of it: the answer, or SQLSTATE, message, detail and hint in one line.
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	message text;
	detail text;
	hint text;
BEGIN
	EXECUTE statement INTO answer;
	RETURN answer;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE, message, nullif(detail, ''), nullif(hint, ''));
END $$;
SELECT client_id AS id FROM oauth_register_client('protect', grant_types => '{password}', scope => 'read write') \gset
SELECT access_token AS token FROM oauth_issue_token(:'id', 'protect-1') \gset
SELECT access_token AS wide FROM oauth_issue_token(:'id', 'protect-1', 'read write') \gset
CREATE FUNCTION pg_temp.call(token text, target text, method text DEFAULT 'GET') RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', r.status, nullif(convert_from(r.body, 'UTF8'), ''), (SELECT h FROM unnest(r.headers) h WHERE h ~ '^(Allow|WWW-|X-)'))
	FROM oauth.resource(ROW(method, target, ARRAY['Authorization: Bearer ' || token], NULL, 'http', NULL)) r $$;

CREATE ROLE regress_oauth_owner;
CREATE ROLE regress_oauth_stranger;
CREATE SCHEMA regress_protect AUTHORIZATION regress_oauth_owner;
SET ROLE regress_oauth_owner;
CREATE TABLE regress_protect.photo (title text, owner text);
INSERT INTO regress_protect.photo VALUES ('mine', 'protect-1'), ('not mine', 'protect-2');
ALTER TABLE regress_protect.photo ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON regress_protect.photo USING (owner = oauth_subject());
CREATE FUNCTION regress_protect.photos(oauth.http_request) RETURNS jsonb LANGUAGE sql STABLE AS 'SELECT jsonb_agg(title) FROM regress_protect.photo';
CREATE FUNCTION regress_protect.who(oauth.http_request) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('user', current_user, 'path', current_setting('search_path'), 'subject', oauth_subject(), 'scope', oauth_scope(), 'target', $1.target) $$;
CREATE FUNCTION regress_protect.teapot(oauth.http_request) RETURNS oauth.http_response LANGUAGE sql AS $$
	SELECT 418, ARRAY['X-Pot: tea'], convert_to('short and stout', 'UTF8') $$;
CREATE FUNCTION regress_protect.nothing(oauth.http_request) RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb';
RESET ROLE;

\echo -- nothing is there until it is registered, and by its owner
SELECT pg_temp.call(:'token', '/api/photos');
SET ROLE regress_oauth_stranger;
SELECT oauth_protect('/api/photos', 'regress_protect.photos');
\echo :SQLSTATE
RESET ROLE;
GRANT EXECUTE ON FUNCTION oauth_protect, oauth_unprotect TO regress_oauth_stranger, regress_oauth_owner;
SET ROLE regress_oauth_stranger;
SELECT oauth_protect('/api/photos', 'regress_protect.photos');
\echo :SQLSTATE
SET ROLE regress_oauth_owner;
SELECT oauth_protect('/api/photos', 'regress_protect.photos', required_scope => 'read');
RESET ROLE;
SELECT pg_temp.call(:'token', '/api/photos');
\echo -- it runs as its owner, with its schema first; a superuser who calls changes nothing
SELECT oauth_protect('/api/who', 'regress_protect.who');
SELECT pg_temp.call(:'token', '/api/who?a=b'), current_user = session_user, oauth_subject() IS NULL;

\echo -- the longest path wins, at the borders of segments; a slash at the end does not matter
SELECT oauth_protect('/api/photos/teapot/', 'regress_protect.teapot');
SELECT target, pg_temp.call(:'token', target) FROM (VALUES ('/api/photos', 1), ('/api/photos/', 2), ('/api/photos/1/2', 3), ('/api/photos/teapot', 4), ('/api/photos/teapot/x', 5), ('/api/photos/teapotx', 6), ('/api/photosx', 7), ('/api/Photos', 8), ('/api/photo', 9), ('/api/photos%2fteapot', 10), ('/apix', 11)) v (target, n) ORDER BY n;
\echo -- methods: what is not listed is 405, HEAD comes with GET; scopes: 403, and the method is looked at first
SELECT oauth_protect('/api/edit', 'regress_protect.photos', 'write', '{POST,PUT}');
SELECT method, pg_temp.call(:'wide', '/api/edit', method), pg_temp.call(:'wide', '/api/photos', method) FROM unnest(ARRAY['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'post', '']) method;
SELECT pg_temp.call(:'token', '/api/edit', 'POST');
SELECT pg_temp.call(:'token', '/api/edit', 'GET');
SELECT pg_temp.call('oat_x', '/api/edit', 'POST');
\echo -- HEAD: the function is shown a GET unless it is registered for HEAD, and what it writes is undone
CREATE TABLE regress_protect.seen (method text);
ALTER TABLE regress_protect.seen OWNER TO regress_oauth_owner;
CREATE FUNCTION regress_protect.sees(r oauth.http_request) RETURNS jsonb LANGUAGE sql AS
	$$ INSERT INTO regress_protect.seen VALUES (r.method); SELECT to_jsonb(string_agg(method || ' of ' || oauth_subject(), ',')) FROM regress_protect.seen $$;
ALTER FUNCTION regress_protect.sees OWNER TO regress_oauth_owner;
SELECT oauth_protect('/api/sees', 'regress_protect.sees'), oauth_protect('/api/sees/head', 'regress_protect.sees', NULL, '{GET,HEAD}');
SELECT target, method, pg_temp.call(:'token', target, method), oauth_subject() IS NULL FROM (VALUES ('/api/sees', 'HEAD', 1), ('/api/sees/head', 'HEAD', 2), ('/api/sees', 'GET', 3), ('/api/sees', 'HEAD', 4), ('/api/sees', 'POST', 5)) v (target, method, n) ORDER BY n;
TABLE regress_protect.seen;
DROP TABLE regress_protect.seen;
DROP FUNCTION regress_protect.sees;
SELECT oauth_unprotect('/api/sees'), oauth_unprotect('/api/sees/head');
\echo -- null is 204
SELECT oauth_protect('/api/nothing', 'regress_protect.nothing(oauth.http_request)');
SELECT pg_temp.call(:'token', '/api/nothing');

\echo -- registering a path again replaces what was there
SELECT oauth_protect('/api/nothing', 'regress_protect.teapot', 'read', '{GET,DELETE}');
SELECT function_schema, function_name, required_scope, methods FROM oauth.protected_function WHERE path = '/api/nothing';
\echo -- the function is found by name at each call: replaced, dropped, another owner
CREATE OR REPLACE FUNCTION regress_protect.photos(oauth.http_request) RETURNS jsonb LANGUAGE sql STABLE AS 'SELECT jsonb_agg(upper(title)) FROM regress_protect.photo';
SELECT pg_temp.call(:'token', '/api/photos');
DROP FUNCTION regress_protect.photos(oauth.http_request);
SELECT pg_temp.try(format('SELECT pg_temp.call(%L, ''/api/photos'')', :'token'));
SET ROLE regress_oauth_owner;
CREATE FUNCTION regress_protect.photos(oauth.http_request) RETURNS jsonb LANGUAGE sql STABLE AS 'SELECT to_jsonb(''new''::text)';
RESET ROLE;
SELECT pg_temp.call(:'token', '/api/photos');
ALTER FUNCTION regress_protect.who OWNER TO regress_oauth_stranger;
GRANT USAGE ON SCHEMA regress_protect TO regress_oauth_stranger;
SELECT pg_temp.call(:'token', '/api/who');
\echo -- what fails in it goes to the caller, and leaves no identity, user or setting behind
CREATE FUNCTION regress_protect.fails(oauth.http_request) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('work_mem', '64kB', false); RAISE 'no' USING ERRCODE = 'P0042'; END $$;
CREATE FUNCTION regress_protect.sets(oauth.http_request) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('work_mem', '64kB', false); RETURN to_jsonb(current_setting('work_mem')); END $$;
ALTER FUNCTION regress_protect.fails OWNER TO regress_oauth_owner;
ALTER FUNCTION regress_protect.sets OWNER TO regress_oauth_owner;
SELECT oauth_protect('/api/fails', 'regress_protect.fails'), oauth_protect('/api/sets', 'regress_protect.sets');
BEGIN;
SAVEPOINT a;
SELECT pg_temp.call(:'token', '/api/fails');
\echo :SQLSTATE
ROLLBACK TO a;
SELECT current_user = session_user, oauth_subject() IS NULL, current_setting('work_mem') = '64kB';
SELECT pg_temp.call(:'token', '/api/sets');
SELECT current_user = session_user, oauth_subject() IS NULL, current_setting('work_mem') = '64kB';
COMMIT;
\echo -- it cannot leave its user, or put anything under a name the session will use later
CREATE FUNCTION regress_protect.escapes(r oauth.http_request) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE substr(r.target, 14);
	RETURN to_jsonb(current_user::text);
EXCEPTION WHEN OTHERS THEN
	RETURN to_jsonb(SQLSTATE);
END $$;
ALTER FUNCTION regress_protect.escapes OWNER TO regress_oauth_owner;
SELECT oauth_protect('/api/escapes', 'regress_protect.escapes');
SELECT target, pg_temp.call(:'token', '/api/escapes?' || target) FROM (VALUES ('RESET ROLE', 1), ('RESET SESSION AUTHORIZATION', 2), ('SET ROLE postgres', 3), ('SET LOCAL SESSION AUTHORIZATION DEFAULT', 4), ('SELECT * FROM oauth.client', 5), ('CREATE TEMPORARY TABLE client (x text)', 6),
	('PREPARE x AS SELECT 1', 7), ('DECLARE x CURSOR WITH HOLD FOR SELECT 1', 8), ('LISTEN x', 9), ('COMMIT', 10), ('CREATE FUNCTION pg_temp.x() RETURNS int RETURN 1', 11), ('SELECT public.oauth_issue_token(''x'')', 12), ('SELECT 1', 13)) v (target, n) ORDER BY n;
SELECT current_user = session_user, oauth_subject() IS NULL;

\echo -- what proves who calls is not passed on: a function could use it elsewhere (RFC 9700, section 4.9)
CREATE FUNCTION regress_protect.echo(r oauth.http_request) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_array(r.method, r.target, r.headers, encode(r.body, 'escape'), r.scheme, r.peer) $$;
ALTER FUNCTION regress_protect.echo OWNER TO regress_oauth_owner;
SELECT oauth_protect('/api/echo', 'regress_protect.echo', methods => '{GET,POST,PUT}');
CREATE FUNCTION pg_temp.echo(method text, target text, headers text[], body text) RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || convert_from(r.body, 'UTF8') FROM oauth.resource(ROW(method, '/api/echo' || target, headers, convert_to(body, 'UTF8'), 'https', '192.0.2.1')) r $$;
SELECT pg_temp.echo('GET', '?a=b', ARRAY['Host: h', 'authorization: Bearer ' || :'token', 'Proxy-Authorization: x', 'X: 1'], NULL);
SELECT pg_temp.echo('GET', '', ARRAY['Authorization: Bearer ' || :'token', 'Cookie: __Host-oauth_session=s; theme=dark; oauth_browser=b; lang=de; ', 'cookie: oauth_session=s'], '');
SELECT pg_temp.echo('POST', '?oauth_token=t&a=1&o%61uth_signature=s&', ARRAY['Content-Type: application/x-www-form-urlencoded', 'X: 2'], 'a=%20&access_tok%65n=' || :'token' || '&&b&access_token_x=c');
SELECT pg_temp.echo('POST', '', ARRAY['Content-Type: application/x-www-form-urlencoded'], 'access_token=' || :'token');
SELECT pg_temp.echo('PUT', '?', ARRAY['Content-Type: application/json', 'Authorization: Bearer ' || :'token'], '{"a&access_token=": 1}');
\echo -- nor can it log its caller in as somebody else
CREATE FUNCTION regress_protect.sets_cookie(r oauth.http_request) RETURNS oauth.http_response LANGUAGE sql AS $$ SELECT 200, ARRAY['Set-Cookie: ' || convert_from(r.body, 'UTF8')], ''::bytea $$;
ALTER FUNCTION regress_protect.sets_cookie OWNER TO regress_oauth_owner;
SELECT oauth_protect('/api/cookie', 'regress_protect.sets_cookie', methods => '{POST}');
SELECT cookie, pg_temp.try(format('SELECT status FROM oauth.resource(ROW(''POST'', ''/api/cookie'', ARRAY[''Authorization: Bearer '' || %L], %L::bytea, ''https'', NULL))', :'token', cookie))
	FROM (VALUES ('theme=dark', 1), ('my_oauth_session=x', 2), ('oauth_session=x', 3), ('__Host-oauth_session=x; Path=/; Secure', 4), ('  oauth_browser=x', 5), ('=oauth_session=x', 6)) v (cookie, n) ORDER BY n;

\echo -- a function of a superuser is a warning
CREATE FUNCTION regress_protect.root(oauth.http_request) RETURNS jsonb LANGUAGE sql AS 'SELECT to_jsonb(1)';
SELECT oauth_protect('/api/root', 'regress_protect.root');
\echo -- what cannot answer a request, and names that are none
CREATE FUNCTION regress_protect.wrong_type(oauth.http_request) RETURNS text LANGUAGE sql AS 'SELECT ''x''';
CREATE FUNCTION regress_protect.many(oauth.http_request) RETURNS SETOF jsonb LANGUAGE sql AS 'SELECT to_jsonb(1)';
CREATE FUNCTION regress_protect.wrong_argument(jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION regress_protect.two(oauth.http_request, integer DEFAULT 1) RETURNS jsonb LANGUAGE sql AS 'SELECT to_jsonb($2)';
CREATE PROCEDURE regress_protect.procedure(oauth.http_request) LANGUAGE sql AS 'SELECT 1';
SELECT function, pg_temp.try(format('SELECT oauth_protect(''/api/x'', %L)', function)) FROM (VALUES ('regress_protect.wrong_type', 1), ('regress_protect.many', 2), ('regress_protect.wrong_argument', 3), ('regress_protect.two', 4), ('regress_protect.procedure', 5),
	('regress_protect.none', 6), ('none.photos', 7), ('photos', 8), ('a.b.c', 9), ('', 10), ('.', 11), ('regress_protect.', 12), ('regress_protect.photos()', 13), ('regress_protect.photos; DROP TABLE photo', 14), ('pg_catalog.now', 15)) v (function, n) ORDER BY n;
\echo -- paths, methods and scopes that are none
SELECT path, pg_temp.try(format('SELECT oauth_protect(%L, ''regress_protect.teapot'')', path)) FROM (VALUES ('', 1), ('/', 2), ('/api', 3), ('/api/', 4), ('/API/x', 5), ('api/x', 6), ('/oauth2/token', 7), ('/api/a//b', 8), ('/api/a//', 9), ('/api//', 10), ('/api/a?b', 11), ('/api/a#b', 12), ('/api/%61', 13), ('/api/a b', 14), ('/api/é', 15), (E'/api/a\n', 16)) v (path, n) ORDER BY n;
SELECT pg_temp.try(format('SELECT oauth_protect(%L, ''regress_protect.teapot'')', '/api/' || repeat('x', 995))), pg_temp.try(format('SELECT oauth_protect(%L, ''regress_protect.teapot'')', '/api/' || repeat('x', 996))) LIKE '22023 |%';
SELECT methods, pg_temp.try(format('SELECT oauth_protect(''/api/x'', ''regress_protect.teapot'', methods => %L)', methods)) FROM (VALUES ('{}', 1), ('{get}', 2), ('{GET,""}', 3), ('{"GET, POST"}', 4), ('{AVERYLONGMETHODNAMEXX}', 5)) v (methods, n) ORDER BY n;
SELECT scope, pg_temp.try(format('SELECT oauth_protect(''/api/x'', ''regress_protect.teapot'', %L)', scope)) FROM (VALUES ('', 1), ('read none_such', 2), ('"', 3)) v (scope, n) ORDER BY n;

\echo -- a path belongs to who owns what answers there, and so does all below it
CREATE SCHEMA regress_other AUTHORIZATION regress_oauth_stranger;
CREATE FUNCTION regress_other.trap(oauth.http_request) RETURNS jsonb LANGUAGE sql AS 'SELECT to_jsonb(current_user::text)';
ALTER FUNCTION regress_other.trap OWNER TO regress_oauth_stranger;
SET ROLE regress_oauth_stranger;
SELECT path, pg_temp.try(format('SELECT oauth_protect(%L, ''regress_other.trap'')', path)) FROM (VALUES ('/api/photos', 1), ('/api/photos/', 2), ('/api/photos/private', 3), ('/api/photos/teapot/x', 4), ('/api/photosx', 5), ('/api/root', 6)) v (path, n) ORDER BY n;
SELECT path, pg_temp.try(format('SELECT oauth_unprotect(%L)', path)) FROM (VALUES ('/api/photos', 1), ('/api/photos/private', 2), ('/api/photosx', 3), ('/api/root', 4)) v (path, n) ORDER BY n;
\echo -- its owner may change it, and so may who is a member of the owner
RESET ROLE;
CREATE ROLE regress_oauth_team;
GRANT regress_oauth_owner TO regress_oauth_team;
GRANT EXECUTE ON FUNCTION oauth_protect TO regress_oauth_team;
SET ROLE regress_oauth_team;
SELECT pg_temp.try('SELECT oauth_protect(''/api/photos/private'', ''regress_protect.photos'')'), pg_temp.try('SELECT oauth_protect(''/api/photosx'', ''regress_protect.photos'')');
\echo -- a function that is gone leaves its path to the owner of its schema; gone with the schema, to anybody
RESET ROLE;
CREATE SCHEMA regress_gone AUTHORIZATION regress_oauth_owner;
CREATE FUNCTION regress_gone.f(oauth.http_request) RETURNS jsonb LANGUAGE sql AS 'SELECT to_jsonb(1)';
ALTER FUNCTION regress_gone.f OWNER TO regress_oauth_owner;
SELECT oauth_protect('/api/gone', 'regress_gone.f');
DROP FUNCTION regress_gone.f;
SET ROLE regress_oauth_stranger;
SELECT pg_temp.try('SELECT oauth_protect(''/api/gone'', ''regress_other.trap'')'), pg_temp.try('SELECT oauth_unprotect(''/api/gone'')');
RESET ROLE;
DROP SCHEMA regress_gone;
SET ROLE regress_oauth_stranger;
SELECT pg_temp.try('SELECT oauth_protect(''/api/gone'', ''regress_other.trap'')'), pg_temp.try('SELECT oauth_unprotect(''/api/gone'')');
\echo -- what runs while a superuser maintains a table publishes nothing in that name
CREATE TABLE regress_other.bait (x text);
INSERT INTO regress_other.bait VALUES ('/api/photos');
CREATE FUNCTION regress_other.innocent(path text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM public.oauth_protect(path, 'regress_protect.root'); RETURN path; EXCEPTION WHEN OTHERS THEN RAISE NOTICE '% %', SQLSTATE, SQLERRM; RETURN path; END $$;
CREATE FUNCTION regress_other.harmless(path text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT path';
CREATE INDEX bait_x ON regress_other.bait (regress_other.harmless(x));
CREATE OR REPLACE FUNCTION regress_other.harmless(path text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN regress_other.innocent(path); END $$;
RESET ROLE;
REINDEX INDEX regress_other.bait_x;
SELECT function_name FROM oauth.protected_function WHERE path = '/api/photos';
SET client_min_messages = warning;
DROP SCHEMA regress_other CASCADE;
RESET client_min_messages;
DROP OWNED BY regress_oauth_team;
DROP ROLE regress_oauth_team;

\echo -- withdrawing
SELECT oauth_unprotect('/api/photos/'), oauth_unprotect('/api/photos'), pg_temp.call(:'token', '/api/photos'), pg_temp.call(:'token', '/api/photos/teapot');
BEGIN;
SELECT oauth_unprotect('/api/who');
ROLLBACK;
SELECT left(pg_temp.call(:'token', '/api/who'), 3);

DELETE FROM oauth.protected_function;
SET client_min_messages = warning;
DROP SCHEMA regress_protect CASCADE;
DROP OWNED BY regress_oauth_owner, regress_oauth_stranger;
DROP ROLE regress_oauth_owner, regress_oauth_stranger;
