-- install.sql: CREATE EXTENSION where others have been before, and under settings that change how SQL is read (R223).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\set main :DBNAME
SELECT string_agg(conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid), E'\n' ORDER BY conrelid::regclass::text, conname) AS constraints
	FROM pg_constraint WHERE connamespace = 'oauth'::regnamespace \gset

\echo -- settings change nothing about what is made
CREATE DATABASE regress_oauth_install TEMPLATE template0 ENCODING 'UTF8';
ALTER DATABASE regress_oauth_install SET standard_conforming_strings = off;
ALTER DATABASE regress_oauth_install SET escape_string_warning = off;
ALTER DATABASE regress_oauth_install SET quote_all_identifiers = on;
ALTER DATABASE regress_oauth_install SET transform_null_equals = on;
ALTER DATABASE regress_oauth_install SET check_function_bodies = off;
\c regress_oauth_install
SET client_min_messages = warning;
CREATE EXTENSION oauth CASCADE;
SET quote_all_identifiers = off;
SET standard_conforming_strings = on;
SELECT string_agg(conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid), E'\n' ORDER BY conrelid::regclass::text, conname) = :'constraints'
	FROM pg_constraint WHERE connamespace = 'oauth'::regnamespace;
SET oauth.bcrypt_cost = 4;
SET standard_conforming_strings = off;
SELECT oauth_create_user('install', 'wonderland') IS NOT NULL;
SELECT active FROM (SELECT client_id FROM oauth_register_client('install', grant_types => '{password}')) c, oauth_verify_token('x');
DROP EXTENSION oauth;

\echo -- in a schema of its own, in which nobody else creates
CREATE SCHEMA regress_api;
CREATE EXTENSION oauth SCHEMA regress_api;
SELECT count(*) > 20, count(*) FILTER (WHERE pronamespace NOT IN ('regress_api'::regnamespace, 'oauth'::regnamespace)) FROM pg_proc WHERE proname LIKE 'oauth\_%' AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'c');
SELECT regress_api.oauth_subject() IS NULL, active FROM regress_api.oauth_verify_token('x');
DROP EXTENSION oauth;
DROP SCHEMA regress_api;

\echo -- not where others may create functions that callers would run
CREATE ROLE regress_oauth_stranger;
GRANT CREATE ON SCHEMA public TO PUBLIC;
CREATE EXTENSION oauth;
\echo :SQLSTATE
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO regress_oauth_stranger;
CREATE EXTENSION oauth;
\echo :SQLSTATE
REVOKE CREATE ON SCHEMA public FROM regress_oauth_stranger;
\echo -- nor over what somebody else has made
GRANT CREATE ON DATABASE regress_oauth_install TO regress_oauth_stranger;
SET ROLE regress_oauth_stranger;
CREATE SCHEMA oauth;
CREATE FUNCTION oauth.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN RAISE 'hostile code ran'; END $$;
RESET ROLE;
CREATE EXTENSION oauth;
\echo :SQLSTATE
DROP SCHEMA oauth CASCADE;
CREATE FUNCTION public.oauth_subject() RETURNS text LANGUAGE sql AS 'SELECT ''forged''';
CREATE EXTENSION oauth;
\echo :SQLSTATE
DROP FUNCTION public.oauth_subject();
\echo -- nor with code of somebody in the search path
CREATE SCHEMA regress_hostile AUTHORIZATION regress_oauth_stranger;
SET ROLE regress_oauth_stranger;
CREATE FUNCTION regress_hostile.current_setting(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'hostile code ran'; END $$;
CREATE FUNCTION regress_hostile.octet_length(bytea) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RAISE 'hostile code ran'; END $$;
CREATE FUNCTION regress_hostile.length(text) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RAISE 'hostile code ran'; END $$;
CREATE FUNCTION regress_hostile.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN RAISE 'hostile code ran'; END $$;
CREATE FUNCTION regress_hostile.format(text, integer) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'hostile code ran'; END $$;
CREATE FUNCTION regress_hostile.tilde(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'hostile code ran'; END $$;
CREATE OPERATOR regress_hostile.~ (LEFTARG = text, RIGHTARG = text, FUNCTION = regress_hostile.tilde);
CREATE OPERATOR regress_hostile.= (LEFTARG = text, RIGHTARG = text, FUNCTION = regress_hostile.tilde);
CREATE OPERATOR regress_hostile.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = regress_hostile.tilde);
CREATE DOMAIN regress_hostile.text AS pg_catalog.text CHECK (regress_hostile.tilde(VALUE, VALUE));
RESET ROLE;
SET search_path = regress_hostile, pg_catalog, public;
CREATE EXTENSION oauth SCHEMA public;
SET oauth.bcrypt_cost = 4;
SELECT public.oauth_create_user('install', 'wonderland') IS NOT NULL;
SELECT count(*) FROM public.oauth_register_client('install', grant_types => '{client_credentials}') c, LATERAL public.oauth_issue_token(c.client_id, scope => 'read') t;
SELECT active FROM public.oauth_verify_token('x');
SELECT public.oauth_purge_expired();
\echo -- nor what the caller made in pg_temp
SET search_path = pg_temp, public;
CREATE TABLE pg_temp.client AS SELECT 'forged' AS client_id;
CREATE TABLE pg_temp."user" AS SELECT 'forged' AS username;
CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN RAISE 'hostile code ran'; END $$;
SELECT count(*) FROM public.oauth_register_client('install', grant_types => '{client_credentials}');
SELECT clients FROM public.oauth_status();
RESET search_path;

\c :main
SET client_min_messages = warning;
DROP DATABASE regress_oauth_install;
\echo -- only in databases of UTF8
CREATE DATABASE regress_oauth_latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C';
\c regress_oauth_latin
SET client_min_messages = warning;
CREATE EXTENSION oauth CASCADE;
\echo :SQLSTATE
\c :main
DROP DATABASE regress_oauth_latin;
DROP ROLE regress_oauth_stranger;
