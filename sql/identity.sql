-- identity.sql: oauth_authenticate() and oauth_subject(): in policies, and against those who would forge them.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never

SELECT client_id FROM oauth_register_client(client_name => 'identity', grant_types => '{password}', scope => 'read write') \gset
SELECT access_token AS alice FROM oauth_issue_token(:'client_id', subject => 'id-alice') \gset
SELECT access_token AS bob FROM oauth_issue_token(:'client_id', subject => 'id-bob', scope => 'read write') \gset
SELECT access_token AS machine FROM oauth_issue_token(:'client_id') \gset

CREATE ROLE regress_oauth_app;
CREATE TABLE photo (id integer, owner text);
INSERT INTO photo VALUES (1, 'id-alice'), (2, 'id-bob'), (3, 'id-bob');
CREATE INDEX ON photo (owner);
ALTER TABLE photo ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON photo USING (owner = oauth_subject());
CREATE POLICY change ON photo FOR UPDATE USING (owner = oauth_subject() AND oauth_has_scope('write'));
GRANT SELECT, UPDATE ON photo TO regress_oauth_app;
SET ROLE regress_oauth_app;

\echo -- nobody sees nothing
SELECT count(*) FROM photo;
SELECT oauth_subject() IS NULL, oauth_client() IS NULL, oauth_scope() IS NULL, oauth_has_scope('read');

\echo -- alice sees hers, for this transaction
BEGIN;
SELECT oauth_authenticate('Bearer ' || :'alice');
SELECT id FROM photo;
SELECT oauth_subject(), oauth_client() = :'client_id', oauth_scope(), oauth_has_scope('read'), oauth_has_scope('write');
\echo -- no word of a scope is a part of another, all words count, and none is what nobody has
SELECT oauth_has_scope('rea'), oauth_has_scope('read write'), oauth_has_scope(''), oauth_has_scope(' '), oauth_has_scope(NULL);
COMMIT;
SELECT count(*), oauth_subject() IS NULL FROM photo;

\echo -- the scheme of the header is case-insensitive; another token replaces the identity, a bad one drops it
BEGIN;
SELECT oauth_authenticate('bearer ' || :'alice'), oauth_subject();
SELECT oauth_authenticate('Bearer ' || :'bob', 'write'), oauth_subject();
SELECT oauth_authenticate('Bearer ' || :'alice', 'write'), oauth_subject() IS NULL;
SELECT oauth_authenticate('Bearer ' || :'alice'), oauth_subject();
SELECT oauth_authenticate(NULL), oauth_subject() IS NULL;
SELECT oauth_authenticate('Bearer ' || :'machine'), oauth_subject() IS NULL, oauth_client() = :'client_id';
SELECT oauth_authenticate('Basic ' || :'alice'), oauth_client() IS NULL;
COMMIT;

\echo -- garbage
BEGIN;
SELECT header, oauth_authenticate(header) FROM (VALUES (''), ('Bearer'), ('Bearer '), ('Bearer x'), ('Bearer oat_'),
	('Bearer oat_' || repeat('_', 54)), ('Bearer oat_' || repeat('A', 54)), ('Bearer oat_' || repeat('=', 54))) v (header);
SELECT oauth_authenticate('Bearer ' || left(:'alice', 57)), oauth_authenticate('Bearer ' || :'alice' || 'A'),
	oauth_authenticate('Bearer ' || :'alice' || ' x'), oauth_authenticate('Bearer ' || upper(:'alice'));
COMMIT;

\echo -- savepoints
BEGIN;
SELECT oauth_authenticate('Bearer ' || :'alice');
SAVEPOINT a;
SELECT oauth_authenticate('Bearer ' || :'bob');
SAVEPOINT b;
SELECT oauth_authenticate('Bearer x');
SELECT oauth_subject() IS NULL;
ROLLBACK TO b;
SELECT oauth_subject();
RELEASE b;
ROLLBACK TO a;
SELECT oauth_subject();
SAVEPOINT c;
SELECT oauth_authenticate('Bearer ' || :'bob');
RELEASE c;
SELECT oauth_subject();
ROLLBACK;
SELECT oauth_subject() IS NULL;

\echo -- an exception block is a savepoint
BEGIN;
SELECT oauth_authenticate('Bearer ' || :'alice');
DO $$ BEGIN PERFORM set_config('x.bob', 'x', true); PERFORM oauth_authenticate('Bearer x'); RAISE 'stop'; EXCEPTION WHEN raise_exception THEN NULL; END $$;
SELECT oauth_subject();
COMMIT;

\echo -- no setting, role or statement forges it
BEGIN;
SELECT oauth_authenticate('Bearer ' || :'alice');
SET LOCAL oauth.subject = 'id-bob';
ROLLBACK;
BEGIN;
SELECT oauth_authenticate('Bearer ' || :'alice');
SELECT set_config('oauth.lane', 'slow', true);
RESET ALL;
SELECT oauth_subject();
DISCARD PLANS;
SELECT oauth_subject();
RESET ROLE;
SELECT oauth_subject();
SET LOCAL ROLE regress_oauth_app;
SELECT oauth_subject();
COMMIT;

\echo -- a worker of a parallel query does not know who is calling, and does not say nobody
CREATE FUNCTION regress_who() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS 'BEGIN RETURN oauth_subject(); END';
CREATE FUNCTION regress_which() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS 'BEGIN RETURN oauth_client(); END';
CREATE FUNCTION regress_what() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS 'BEGIN RETURN oauth_scope(); END';
CREATE FUNCTION regress_whether() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS 'BEGIN RETURN oauth_has_scope(''read''); END';
BEGIN;
SELECT oauth_authenticate('Bearer ' || :'alice');
SELECT regress_who() = oauth_subject(), regress_which() = oauth_client(), regress_what() = oauth_scope(), regress_whether();
SELECT set_config(name, 'on', true) IS NOT NULL FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SELECT oauth_subject() IS NOT NULL, oauth_has_scope('read');
SAVEPOINT s;
SELECT regress_who();
ROLLBACK TO s;
SELECT regress_which();
ROLLBACK TO s;
SELECT regress_what();
ROLLBACK TO s;
SELECT regress_whether();
ROLLBACK;
\echo -- nor where nobody is
SELECT set_config(name, 'on', false) IS NOT NULL FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SELECT regress_who();
SELECT oauth_subject() IS NULL;
SELECT set_config(name, 'off', false) IS NOT NULL FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SELECT regress_who() IS NULL;
DROP FUNCTION regress_who, regress_which, regress_what, regress_whether;

\echo -- outside a transaction block there is a warning, as for SET LOCAL
SELECT oauth_authenticate('Bearer ' || :'alice');
SELECT oauth_subject() IS NULL;

RESET ROLE;

\echo -- the policy uses the index
SET ROLE regress_oauth_app;
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM photo;
RESET enable_seqscan;

\echo -- a whole request: the header, or the form body (RFC 6750, sections 2.1 and 2.2)
BEGIN;
SELECT oauth_authenticate_request(ROW('GET', '/', ARRAY['authorization:   Bearer ' || :'alice'], NULL, 'http', NULL)), oauth_subject();
SELECT oauth_authenticate_request(ROW('POST', '/', ARRAY['Content-Type: application/x-www-form-urlencoded; charset=utf-8'],
	convert_to('a=b&access_token=' || :'bob', 'UTF8'), 'http', NULL)), oauth_subject();
SELECT oauth_authenticate_request(NULL), oauth_subject() IS NULL;
COMMIT;

RESET ROLE;

\echo -- every endpoint forgets who called, before its request and after it, with every method
SELECT client_id AS web FROM oauth_register_client('identity of the web', grant_types => '{password}', scope => 'read') \gset
SELECT access_token AS carol FROM oauth_issue_token(:'web', subject => 'id-carol') \gset
CREATE FUNCTION regress_identity(request oauth.http_request) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	IF (request).method = 'DELETE' THEN
		RAISE 'stop';
	END IF;
	RETURN to_jsonb(coalesce(oauth_subject(), 'nobody'));
END $$;
SELECT oauth_protect('/api/identity', 'public.regress_identity', methods => '{GET,POST,OPTIONS,PURGE,DELETE}');
CREATE FUNCTION pg_temp.after(endpoint name, method text, path text, alice text, carol text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	response oauth.http_response;
BEGIN
	IF NOT oauth_authenticate('Bearer ' || alice) THEN
		RETURN 'alice cannot log in';
	END IF;
	EXECUTE format('SELECT * FROM oauth.%I(ROW($1, $2, $3, NULL, ''https'', NULL))', endpoint) INTO response
		USING method, path, ARRAY['Authorization: Bearer ' || carol, 'Host: auth.example.com'];
	RETURN coalesce(oauth_subject(), oauth_client(), oauth_scope(), 'nobody')
		|| CASE WHEN path LIKE '/api/_%' THEN ', ' || response.status || ' ' || convert_from(response.body, 'UTF8') ELSE '' END;
END $$;
SET oauth.issuer = 'https://auth.example.com';
BEGIN;
SELECT count(DISTINCT proname) >= 18, string_agg(DISTINCT proname || ': ' || identity, ', ') FILTER (WHERE identity <> 'nobody')
	FROM (SELECT proname, pg_temp.after(proname, method, path, :'alice', :'carol') FROM pg_proc,
		unnest('{GET,HEAD,POST,PUT,DELETE,OPTIONS,PURGE,""}'::text[]) method, unnest('{/,/api,/oauth2/register/x}'::text[]) path
		WHERE pronamespace = 'oauth'::regnamespace AND proargtypes[0] = 'oauth.http_request'::regtype AND pronargs = 1) called (proname, identity);
SELECT method, pg_temp.after('resource', method, '/api/identity', :'alice', :'carol') FROM unnest('{GET,HEAD,POST,OPTIONS,PURGE,PUT}'::text[]) method;
\echo -- an error takes everything back to the savepoint, who called too
SELECT oauth_authenticate('Bearer ' || :'alice');
SAVEPOINT before;
SELECT (oauth.resource(ROW('DELETE', '/api/identity', ARRAY['Authorization: Bearer ' || :'carol'], NULL, 'https', NULL))).status;
ROLLBACK TO before;
SELECT oauth_subject();
COMMIT;
RESET oauth.issuer;
SELECT oauth_unprotect('/api/identity');
DROP FUNCTION regress_identity;
DROP TABLE photo;
DROP ROLE regress_oauth_app;
