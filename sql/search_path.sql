-- search_path.sql: whatever search_path a session has, the statements of the extension mean what they say.  SECURITY.md R220.
-- oauth_verify_token() is called so often that it leaves the search_path of its caller in place; its statements pin their own.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never

SELECT client_id AS id FROM oauth_register_client('any search_path', scope => 'read') \gset
CREATE ROLE regress_oauth_reader;
CREATE ROLE regress_oauth_app;
CREATE SCHEMA app AUTHORIZATION regress_oauth_app;
CREATE SCHEMA mine AUTHORIZATION regress_oauth_reader;
CREATE TABLE app.users (id bigint PRIMARY KEY, email text UNIQUE, password_hash text, is_active boolean);
ALTER TABLE app.users OWNER TO regress_oauth_app;
INSERT INTO app.users VALUES (901, 'ann@example.com', '!', true), (902, 'bob@example.com', '!', true);
SELECT access_token AS builtin FROM oauth_issue_token(:'id', 'before', 'read') \gset
SELECT oauth_use_users('app.users', username => 'email', password => 'password_hash', active => 'is_active');
SELECT access_token AS ann FROM oauth_issue_token(:'id', '901', 'read') \gset
SELECT access_token AS bob FROM oauth_issue_token(:'id', '902', 'read') \gset
UPDATE app.users SET is_active = false WHERE id = 902;
GRANT USAGE ON SCHEMA public TO regress_oauth_reader;
GRANT EXECUTE ON FUNCTION oauth_verify_token(text, text, text) TO regress_oauth_reader;

-- Operators and a function of its own for everything that a statement may say, in a schema that comes first: each says who calls it.
SET ROLE regress_oauth_reader;
DO $$
DECLARE
	type text;
	operator text;
BEGIN
	FOREACH type IN ARRAY '{text,bigint,integer,bytea,boolean,oid,timestamptz,uuid,name,"\"char\""}'::text[] LOOP
		EXECUTE format('CREATE FUNCTION mine.says(%s, %1$s) RETURNS boolean LANGUAGE plpgsql AS $f$
			BEGIN RAISE WARNING ''an operator of the session runs as %%'', current_user; RETURN true; END $f$', type);
		FOREACH operator IN ARRAY '{=,<>,<,>,<=,>=,~}'::text[] LOOP
			EXECUTE format('CREATE OPERATOR mine.%s (LEFTARG = %s, RIGHTARG = %2$s, FUNCTION = mine.says)', operator, type);
		END LOOP;
	END LOOP;
	FOREACH operator IN ARRAY '{lower,upper,quote_ident,count,max}'::text[] LOOP
		EXECUTE format('CREATE FUNCTION mine.%s(text) RETURNS text LANGUAGE plpgsql AS $f$
			BEGIN RAISE WARNING ''a function of the session runs as %%'', current_user; RETURN $1; END $f$', operator);
	END LOOP;
END
$$;
RESET ROLE;

-- In sessions of their own, which have no statement prepared.
\c -
SET ROLE regress_oauth_reader;
SET search_path = mine, pg_catalog, public;
\echo -- the operators of the session are in the way
SELECT 'a'::text = 'b'::text;
\echo -- and not in that of a token
SELECT active, subject FROM public.oauth_verify_token(:'builtin');
SELECT active, subject FROM public.oauth_verify_token(:'ann');
SELECT active, subject FROM public.oauth_verify_token(:'bob');
SELECT active, subject FROM public.oauth_verify_token('oat_no');
SHOW search_path;
\echo -- nor in a savepoint
\c -
SET ROLE regress_oauth_reader;
SET search_path = mine, pg_catalog, public;
BEGIN;
SAVEPOINT one;
SELECT active FROM public.oauth_verify_token(:'ann');
ROLLBACK TO one;
SHOW search_path;
SELECT active FROM public.oauth_verify_token(:'ann');
COMMIT;
\echo -- where the tables of the application cannot be read
\c -
ALTER TABLE app.users RENAME TO others;
SET ROLE regress_oauth_reader;
SET search_path = mine, pg_catalog, public;
\set VERBOSITY sqlstate
SELECT active FROM public.oauth_verify_token(:'ann');
\set VERBOSITY default
SHOW search_path;
RESET ROLE;
ALTER TABLE app.others RENAME TO users;

\echo -- code of an administrator that a statement runs sees the path of the statement, and the session has its own afterwards
\c -
CREATE ROLE regress_oauth_owner;
GRANT USAGE ON SCHEMA oauth, app TO regress_oauth_owner;
GRANT SELECT ON ALL TABLES IN SCHEMA oauth TO regress_oauth_owner;
CREATE FUNCTION app.sees() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	RAISE WARNING 'as %, with %', current_user, current_setting('search_path');
	RETURN false;
END $$;
CREATE POLICY seen ON oauth.imported_key USING (app.sees());
ALTER TABLE oauth.imported_key ENABLE ROW LEVEL SECURITY;
INSERT INTO oauth.imported_key (key_hash, key_sealed) VALUES (sha256('none'), 'none');
ALTER FUNCTION oauth_verify_token(text, text, text) OWNER TO regress_oauth_owner;
SET ROLE regress_oauth_reader;
SET search_path = mine, pg_catalog, public;
SELECT active FROM public.oauth_verify_token(concat('ory_at_', repeat('A', 43), '.', repeat('A', 43)));
SHOW search_path;
RESET ROLE;
RESET search_path;
ALTER FUNCTION oauth_verify_token(text, text, text) OWNER TO CURRENT_USER;
ALTER TABLE oauth.imported_key DISABLE ROW LEVEL SECURITY;
DROP POLICY seen ON oauth.imported_key;
DELETE FROM oauth.imported_key;
DROP OWNED BY regress_oauth_owner;
DROP ROLE regress_oauth_owner;

SET client_min_messages = warning;
SELECT oauth_use_builtin_users();
DELETE FROM oauth.event WHERE subject IN ('901', '902');
DROP SCHEMA app, mine CASCADE;
REVOKE ALL ON FUNCTION oauth_verify_token(text, text, text) FROM regress_oauth_reader;
REVOKE ALL ON SCHEMA public FROM regress_oauth_reader;
DROP ROLE regress_oauth_app, regress_oauth_reader;
