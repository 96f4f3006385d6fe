-- userinfo.sql: who the user is (OpenID Connect Core, section 5.3), and the claims of the application.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;

SET oauth.bcrypt_cost = 4;
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
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || convert_from(r.body, 'UTF8') || coalesce(' ' || (SELECT string_agg(h, ' ') FROM unnest(r.headers) h WHERE h ~ '^(WWW|Lane|Allow)'), '') $$;
CREATE FUNCTION pg_temp.get(token text) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.show(oauth.userinfo(ROW('GET', '/oauth2/userinfo', ARRAY['Authorization: Bearer ' || token], NULL, 'https', NULL))) $$;
CREATE FUNCTION pg_temp.post(body text, headers text[] DEFAULT '{}', target text DEFAULT '/oauth2/userinfo') RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.show(oauth.userinfo(ROW('POST', target, ARRAY['Content-Type: application/x-www-form-urlencoded'] || headers, convert_to(body, 'UTF8'), 'https', NULL))) $$;

\echo -- its scopes exist from the start
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('userinfo', grant_types => '{password,refresh_token,client_credentials}', scope => 'openid profile read') \gset
SELECT oauth_create_user('userinfo alice', 'wonderland') AS alice \gset
SELECT access_token AS openid FROM oauth_issue_token(:'id', 'user-1', 'openid') \gset
SELECT access_token AS profile, refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', 'openid profile', refresh => true) \gset
SELECT access_token AS narrow FROM oauth_issue_token(:'id', 'user-1', 'profile read') \gset
SELECT access_token AS own FROM oauth_issue_token(:'id', scope => 'openid') \gset

\echo -- Core, section 5.3.2; R201: sub, and with scope profile the name of a built-in user
SELECT pg_temp.get(:'openid');
SELECT replace(pg_temp.get(:'profile'), :'alice', '<alice>');
SELECT pg_temp.post('access_token=' || :'openid');
SELECT (oauth.userinfo(ROW('GET', '/oauth2/userinfo', ARRAY['Authorization: Bearer ' || :'openid'], NULL, 'https', NULL))).headers;
\echo -- Core, section 5.3.3: a token without scope openid, of a client, or none
SELECT pg_temp.get(:'narrow');
SELECT pg_temp.get(:'own');
SELECT pg_temp.get(token) FROM (VALUES ('x'), ('oat_' || repeat('A', 54)), (:'refresh'), (:'openid' || 'A')) v (token);
SELECT pg_temp.show(oauth.userinfo(ROW('GET', '/oauth2/userinfo', headers, NULL, 'https', NULL))) FROM (VALUES (NULL::text[]), ('{Authorization: Basic eDp5}'), (ARRAY['Authorization: OAuth oauth_token="x"']), ('{Authorization: Bearer a b}')) v (headers);
SELECT pg_temp.post('access_token=' || :'openid', ARRAY['Authorization: Bearer ' || :'openid']);
SELECT pg_temp.post('', target => '/oauth2/userinfo?access_token=' || :'openid');
BEGIN;
SELECT oauth_disable_user('userinfo alice');
SELECT pg_temp.get(:'profile');
ROLLBACK;
\echo -- one that is bound to another resource
UPDATE oauth.access_token SET resource = 'https://other.example/' WHERE token_hash = sha256(convert_to(:'narrow', 'UTF8'));
SELECT pg_temp.get(:'narrow');
UPDATE oauth.access_token SET resource = NULL WHERE token_hash = sha256(convert_to(:'narrow', 'UTF8'));

\echo -- claims: nobody but the owner of a function registers it
CREATE ROLE regress_claims;
CREATE ROLE regress_stranger;
CREATE SCHEMA regress_claims AUTHORIZATION regress_claims;
GRANT EXECUTE ON FUNCTION oauth_set_claims_function TO regress_claims, regress_stranger;
SET ROLE regress_claims;
CREATE TABLE regress_claims.person (subject text, email text);
INSERT INTO regress_claims.person VALUES ('user-1', 'one@example.com');
CREATE FUNCTION regress_claims.about(subject text, client_id text, scope text) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('email', (SELECT p.email FROM person p WHERE upper(p.subject) = upper($1)), 'roles', ARRAY['a', 'b'], 'deep', '{"x": {"y": [1, null]}}'::jsonb, 'n', 1.50, 'no', NULL, '"\', E'"\n', 'scope_was', $3, 'as', current_user, 'nobody', public.oauth_subject() IS NULL AND public.oauth_client() IS NULL) $$;
RESET ROLE;
SET ROLE regress_stranger;
SELECT pg_temp.try('SELECT 1 FROM oauth_set_claims_function(''regress_claims.about'')');
RESET ROLE;
SET ROLE regress_claims;
SELECT oauth_set_claims_function('regress_claims.about');
RESET ROLE;
SELECT function_schema, function_name FROM oauth.claims_function;
\echo -- it is not for another to replace or to take away; of one that is gone, for the owner of its schema
SET ROLE regress_stranger;
CREATE FUNCTION pg_temp.mine(text, text, text) RETURNS jsonb LANGUAGE sql AS 'SELECT ''{"admin": true}''::jsonb';
SELECT pg_temp.try(format('SELECT 1 FROM oauth_set_claims_function(%L)', function)) FROM (VALUES (NULL, 1), ((SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()) || '.mine', 2)) v (function, n) ORDER BY n;
RESET ROLE;
SELECT function_name FROM oauth.claims_function;
\echo -- userinfo, introspection, /api/: the same
CREATE FUNCTION pg_temp.introspect(token text, id text, secret text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT convert_from(body, 'UTF8')::jsonb FROM oauth.introspect(ROW('POST', '/oauth2/introspect', '{Content-Type: application/x-www-form-urlencoded}', convert_to(format('client_id=%s&client_secret=%s&token=%s', id, secret, token), 'UTF8'), 'https', NULL)) $$;
SELECT pg_temp.get(:'openid');
SELECT oauth_introspect_token(:'openid') - '{client_id,exp,iat}'::text[];
SELECT pg_temp.introspect(:'openid', :'id', :'secret') = oauth_introspect_token(:'openid');
SELECT convert_from(body, 'UTF8')::jsonb - 'client_id' FROM oauth.resource(ROW('GET', '/api/', ARRAY['Authorization: Bearer ' || :'openid'], NULL, 'https', NULL));
\echo -- not where there is nothing to say: other tokens, of a subject it does not know, of a client
SELECT oauth_introspect_token(:'refresh') ? 'email', oauth_introspect_token('x'), oauth_introspect_token(NULL);
SELECT oauth_introspect_token(:'own') -> 'email', oauth_introspect_token(:'own') ->> 'scope_was';
\echo -- in it nobody calls, whatever the caller before and after
BEGIN;
SELECT oauth_authenticate('Bearer ' || :'profile');
SELECT oauth_introspect_token(:'openid') -> 'nobody', oauth_subject() = :'alice';
SELECT convert_from(body, 'UTF8')::jsonb -> 'nobody' FROM oauth.userinfo(ROW('GET', '/oauth2/userinfo', ARRAY['Authorization: Bearer ' || :'openid'], NULL, 'https', NULL));
COMMIT;
\echo -- it is asked each time
UPDATE regress_claims.person SET email = 'new@example.com';
SELECT oauth_introspect_token(:'openid') ->> 'email';
BEGIN;
SELECT oauth_set_claims_function(NULL);
SELECT oauth_introspect_token(:'openid') ? 'email', pg_temp.get(:'openid');
ROLLBACK;
SELECT oauth_introspect_token(:'openid') ->> 'email';
DO $$ BEGIN PERFORM oauth_set_claims_function(NULL); RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END $$;
SELECT oauth_introspect_token(:'openid') ->> 'email';

\echo -- what only the provider says stays what it was, and is never there twice
CREATE FUNCTION regress_claims.lies(text, text, text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT '{"active": false, "sub": "admin", "client_id": "x", "scope": "all", "exp": 99999999999, "iat": 0, "iss": "https://evil.example", "aud": "x", "token_type": "x", "username": "root", "nbf": 1, "jti": "x", "cnf": {}, "preferred_username": "alice in her own words", "Active": "fine", "subject": "other"}'::jsonb $$;
ALTER FUNCTION regress_claims.lies OWNER TO regress_claims;
SELECT oauth_set_claims_function('regress_claims.lies(text, text, text)');
SELECT pg_temp.get(:'openid');
SELECT regexp_replace(pg_temp.get(:'profile'), '"sub": "[^"]*"', '"sub": <alice>');
SELECT (j ->> 'active') = 'true' AND j ->> 'sub' = 'user-1' AND j ->> 'scope' = 'openid' AND j ->> 'client_id' = :'id' AND (j ->> 'exp')::bigint < 99999999999 AND j ->> 'token_type' = 'Bearer', j ?| '{iss,aud,username,nbf,jti,cnf}', j -> 'Active' FROM oauth_introspect_token(:'openid') j;
SELECT convert_from(body, 'UTF8')::json ->> 'subject', convert_from(body, 'UTF8')::json -> 'claims' ->> 'sub' FROM oauth.resource(ROW('GET', '/api/', ARRAY['Authorization: Bearer ' || :'openid'], NULL, 'https', NULL));
\echo -- null is no claims; a strict function is not called with a null
CREATE FUNCTION regress_claims.nothing(text, text, text) RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb';
CREATE FUNCTION regress_claims.strictly(text, text, text) RETURNS jsonb LANGUAGE sql STRICT AS 'SELECT jsonb_build_object(''called'', $1)';
CREATE FUNCTION regress_claims.empty(text, text, text) RETURNS jsonb LANGUAGE sql AS 'SELECT ''{}''::jsonb';
ALTER FUNCTION regress_claims.nothing OWNER TO regress_claims;
ALTER FUNCTION regress_claims.strictly OWNER TO regress_claims;
ALTER FUNCTION regress_claims.empty OWNER TO regress_claims;
SELECT oauth_set_claims_function('regress_claims.nothing');
SELECT pg_temp.get(:'openid');
SELECT oauth_set_claims_function('regress_claims.strictly');
SELECT oauth_introspect_token(:'openid') -> 'called', oauth_introspect_token(:'own') ? 'called';
SELECT oauth_set_claims_function('regress_claims.empty');
SELECT pg_temp.get(:'openid');
\echo -- what is no object, or fails, is an error of the application
CREATE FUNCTION regress_claims.wrong(text, text, text) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN IF $3 = 'openid' THEN RETURN '[{"active": true}]'; ELSE RAISE 'no' USING ERRCODE = 'P0042'; END IF; END $$;
ALTER FUNCTION regress_claims.wrong OWNER TO regress_claims;
SELECT oauth_set_claims_function('regress_claims.wrong');
SELECT pg_temp.try(format('SELECT pg_temp.get(%L)', token)) FROM (VALUES (:'openid'), (:'profile')) v (token);
SELECT pg_temp.try(format('SELECT oauth_introspect_token(%L)', :'openid'));
SELECT oauth_introspect_token('x');
BEGIN;
SELECT oauth_authenticate('Bearer ' || :'profile');
SELECT left(pg_temp.try(format('SELECT oauth_introspect_token(%L)', :'openid')), 5), oauth_subject() = :'alice', current_user = session_user;
COMMIT;
DROP FUNCTION regress_claims.wrong;
SELECT pg_temp.try(format('SELECT oauth_introspect_token(%L)', :'openid'));
SET ROLE regress_stranger;
SELECT pg_temp.try('SELECT 1 FROM oauth_set_claims_function(NULL)');
RESET ROLE;
\echo -- names and functions that are none
CREATE FUNCTION regress_claims.text(text, text, text) RETURNS text LANGUAGE sql AS 'SELECT ''{}''';
CREATE FUNCTION regress_claims.many(text, text, text) RETURNS SETOF jsonb LANGUAGE sql AS 'SELECT ''{}''::jsonb';
CREATE FUNCTION regress_claims.two(text, text) RETURNS jsonb LANGUAGE sql AS 'SELECT ''{}''::jsonb';
CREATE FUNCTION regress_claims.any(anyelement, text, text) RETURNS jsonb LANGUAGE sql AS 'SELECT ''{}''::jsonb';
CREATE PROCEDURE regress_claims.procedure(text, text, text) LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION regress_claims.root(text, text, text) RETURNS jsonb LANGUAGE sql AS 'SELECT ''{}''::jsonb';
SELECT function, pg_temp.try(format('SELECT 1 FROM oauth_set_claims_function(%L)', function)) FROM (VALUES ('regress_claims.text', 1), ('regress_claims.many', 2), ('regress_claims.two', 3), ('regress_claims.any', 4), ('regress_claims.procedure', 5), ('regress_claims.none', 6), ('none.about', 7), ('about', 8), ('', 9), ('regress_claims.about(text)', 10)) v (function, n) ORDER BY n;
SELECT function_name FROM oauth.claims_function;
SELECT oauth_set_claims_function('regress_claims.root');

\echo -- a hostile owner gains nothing, and leaves nothing behind
CREATE FUNCTION regress_claims.hostile(s text, c text, scope text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	result jsonb := '[]';
	statement text;
BEGIN
	PERFORM set_config('work_mem', '64kB', false);
	PERFORM public.oauth_authenticate('Bearer ' || scope);
	FOREACH statement IN ARRAY ARRAY['RESET ROLE', 'SET SESSION AUTHORIZATION DEFAULT', 'SELECT * FROM oauth.client', 'CREATE TEMPORARY TABLE client (x text)', 'PREPARE x AS SELECT 1', 'COMMIT', 'SELECT public.oauth_issue_token(''' || c || ''')', 'SELECT public.oauth_introspect_token(''x'')', 'SELECT public.oauth_set_claims_function(''regress_claims.root'')'] LOOP
		BEGIN
			EXECUTE statement;
			result := result || '"done"';
		EXCEPTION WHEN OTHERS THEN
			result := result || to_jsonb(SQLSTATE);
		END;
	END LOOP;
	RETURN jsonb_build_object('result', result, 'user', current_user, 'caller', public.oauth_subject());
END $$;
ALTER FUNCTION regress_claims.hostile OWNER TO regress_claims;
SELECT oauth_set_claims_function('regress_claims.hostile');
BEGIN;
SELECT oauth_authenticate('Bearer ' || :'profile');
SELECT oauth_introspect_token(:'openid') - '{exp,iat,client_id}'::text[];
SELECT oauth_subject() = :'alice', oauth_scope(), current_user = session_user, current_setting('work_mem') = '64kB';
SAVEPOINT a;
SELECT oauth_introspect_token(:'openid') ->> 'caller', oauth_subject() = :'alice';
ROLLBACK TO a;
SELECT oauth_subject() = :'alice';
COMMIT;
SELECT pg_temp.get(:'openid');
SELECT oauth_subject() IS NULL;

\echo -- on a connection for other work it is not run: nothing was done, and the lane is named
SET oauth.lane = 'reading';
SELECT pg_temp.get(:'openid');
SELECT pg_temp.get(:'narrow');
SELECT (oauth.introspect(ROW('POST', '/oauth2/introspect', '{Content-Type: application/x-www-form-urlencoded}', convert_to(format('client_id=%s&client_secret=%s&token=%s', :'id', :'secret', token), 'UTF8'), 'https', NULL))).* FROM (VALUES (:'openid'), ('x')) v (token);
SELECT pg_temp.show(oauth.resource(ROW('GET', '/api/', ARRAY['Authorization: Bearer ' || :'openid'], NULL, 'https', NULL)));
SET oauth.lane = 'application';
SELECT left(pg_temp.get(:'openid'), 3);
RESET oauth.lane;
\echo -- taken away
SELECT oauth_set_claims_function(NULL), oauth_set_claims_function(NULL);
SELECT pg_temp.get(:'openid');
SET oauth.lane = 'reading';
SELECT pg_temp.get(:'openid');
RESET oauth.lane;
SELECT count(*) FROM oauth.claims_function;
\echo -- discovery
SET oauth.issuer = 'https://auth.example.com';
SELECT (convert_from(body, 'UTF8')::jsonb) ->> 'userinfo_endpoint' FROM oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL, 'https', NULL));

SET client_min_messages = warning;
\set VERBOSITY terse
DROP OWNED BY regress_claims, regress_stranger CASCADE;
DROP SCHEMA IF EXISTS regress_claims CASCADE;
DROP ROLE regress_claims, regress_stranger;
