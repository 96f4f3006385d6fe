-- maintenance.sql: what administrators do to the tables while sessions use them (R223).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
\set main :DBNAME
CREATE DATABASE regress_oauth_maintenance TEMPLATE template0 ENCODING 'UTF8';
\c regress_oauth_maintenance
SET client_min_messages = warning;
CREATE EXTENSION oauth CASCADE;
SET oauth.bcrypt_cost = 4;
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('app', grant_types => '{password,client_credentials}') \gset
SELECT oauth_create_user('alice', 'wonderland') AS alice \gset
SELECT access_token AS token FROM oauth_issue_token(:'id', :'alice', 'read') \gset
CREATE FUNCTION pg_temp.who(token text) RETURNS text LANGUAGE sql AS $$
	SELECT convert_from(r.body, 'UTF8')::json ->> 'username' FROM oauth.resource(ROW('GET', '/api/', ARRAY['Authorization: Bearer ' || token], '', 'http', NULL)) r $$;
CREATE FUNCTION pg_temp.ask(form text) RETURNS integer LANGUAGE sql AS $$
	SELECT r.status FROM oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'], convert_to(form, 'UTF8'), 'http', '192.0.2.1')) r $$;
SELECT format('client_id=%s&client_secret=%s&grant_type=client_credentials', :'id', :'secret') AS form \gset

\echo -- indexes that are made anew are found by sessions that used the ones before
SELECT pg_temp.who(:'token'), pg_temp.ask(:'form'), (SELECT active FROM oauth_verify_token(:'token'));
REINDEX TABLE CONCURRENTLY oauth.user;
REINDEX TABLE CONCURRENTLY oauth.grant;
REINDEX TABLE CONCURRENTLY oauth.access_token;
SELECT pg_temp.who(:'token'), pg_temp.ask(:'form'), (SELECT active FROM oauth_verify_token(:'token'));
REINDEX SCHEMA oauth;
SELECT pg_temp.who(:'token'), pg_temp.ask(:'form'), (SELECT active FROM oauth_verify_token(:'token'));

\echo -- a column that takes the place of another is found where it is now
BEGIN;
ALTER TABLE oauth.user RENAME COLUMN username TO was;
ALTER TABLE oauth.user ADD COLUMN username text;
UPDATE oauth.user SET username = 'someone else';
SELECT pg_temp.who(:'token');
ROLLBACK;
SELECT pg_temp.who(:'token');

\echo -- nonces with columns and unique indexes of the administrator: on an expression, on what may be null, on some of the rows
SELECT client_id AS signer, client_secret AS signer_secret FROM oauth_register_client('signer', grant_types => '{oauth1_two_legged}') \gset
SELECT extract(epoch FROM now())::bigint AS at \gset
CREATE FUNCTION pg_temp.signed(nonce text, id text, secret text, at text) RETURNS oauth.http_request LANGUAGE sql AS $$
	SELECT ROW('GET', '/auth', ARRAY['Host: h.example', format('Authorization: OAuth oauth_consumer_key="%s", oauth_nonce="%s", '
		'oauth_signature_method="HMAC-SHA1", oauth_timestamp="%s", oauth_signature="%s"', id, nonce, at,
		replace(replace(replace(oauth_signature('HMAC-SHA1', 'GET&http%3A%2F%2Fh.example%2Fauth&oauth_consumer_key%3D' || id
		|| '%26oauth_nonce%3D' || nonce || '%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D' || at, secret),
		'+', '%2B'), '/', '%2F'), '=', '%3D'))], '', 'http', '127.0.0.1')::oauth.http_request $$;
DO $$
BEGIN
	FOR i IN 0 .. 7 LOOP
		EXECUTE format('ALTER TABLE oauth.nonce_%s ADD COLUMN note text UNIQUE', i);
		EXECUTE format('CREATE UNIQUE INDEX ON oauth.nonce_%s (lower(nonce::text))', i);
		EXECUTE format('CREATE UNIQUE INDEX ON oauth.nonce_%s (left(nonce::text, 11)) WHERE note IS NOT NULL', i);
	END LOOP;
END $$;
SELECT string_agg(f.status::text, ' ') FROM unnest('{a,b,a}'::text[]) n, LATERAL oauth.forward_auth(pg_temp.signed(n, :'signer', :'signer_secret', :'at')) f;
SELECT string_agg(status::text, ' ') FROM oauth.forward_auth_batch((SELECT array_agg(pg_temp.signed(n, :'signer', :'signer_secret', :'at')) FROM unnest('{c,d,c,a}'::text[]) n));
SELECT string_agg(status::text, ' ') FROM oauth.forward_auth_batch((SELECT array_agg(pg_temp.signed(n, :'signer', :'signer_secret', :'at')) FROM unnest('{e,d,c,a}'::text[]) n));

\echo -- the extension made anew, and that undone
BEGIN;
DROP EXTENSION oauth CASCADE;
CREATE EXTENSION oauth;
SELECT active FROM oauth_verify_token(:'token');
ROLLBACK;
SELECT pg_temp.who(:'token');

\echo -- the audit log with a column, indexes and constraints of the administrator
DO $$
BEGIN
	FOR i IN 0 .. 7 LOOP
		EXECUTE format('ALTER TABLE oauth.event_%s ADD COLUMN note text, ADD COLUMN amount numeric', i);
		EXECUTE format('CREATE INDEX ON oauth.event_%s (upper(event), note)', i);
		EXECUTE format('CREATE INDEX ON oauth.event_%s (subject) WHERE event = ''login''', i);
	END LOOP;
END $$;
TRUNCATE oauth.event_0, oauth.event_1, oauth.event_2, oauth.event_3, oauth.event_4, oauth.event_5, oauth.event_6, oauth.event_7;
SELECT pg_temp.ask(:'form');
BEGIN;
SELECT count(*) FROM generate_series(1, 600) n, LATERAL oauth_issue_token(:'id', :'alice' || left(n::text, 0));
COMMIT;
SELECT pg_temp.ask(:'form' || '&grant_type=password'), pg_temp.ask(replace(:'form', 'grant_type=client_credentials', 'grant_type=password') || '&username=alice&password=wonderland');
CREATE FUNCTION pg_temp.rows(condition text) RETURNS TABLE (event text, n bigint, notes bigint) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT event, count(*), count(note) FROM (%s) e WHERE %s GROUP BY 1 ORDER BY 1',
		(SELECT string_agg(format('SELECT * FROM oauth.event_%s', i), ' UNION ALL ') FROM generate_series(0, 7) i), condition);
END $$;
SELECT * FROM pg_temp.rows('true');
SET enable_seqscan = off;
SELECT * FROM pg_temp.rows(format('upper(event) = %L', 'LOGIN'));
SELECT * FROM pg_temp.rows(format($$event = 'login' AND subject = %L$$, :'alice'));
RESET enable_seqscan;

\echo -- what a savepoint did is written when there are many of them, and not kept until the end
DO $$
BEGIN
	FOR i IN 1 .. 3000 LOOP
		BEGIN
			PERFORM oauth_register_scope('s' || i, 'A scope');
		EXCEPTION WHEN division_by_zero THEN
			NULL;
		END;
		IF i % 3 = 0 THEN
			BEGIN
				PERFORM oauth_register_scope('undone' || i, 'A scope'), 1 / (i - i);
			EXCEPTION WHEN division_by_zero THEN
				NULL;
			END;
		END IF;
	END LOOP;
	RAISE WARNING 'little memory: %', (SELECT total_bytes < 500000 FROM pg_backend_memory_contexts WHERE name = 'TopTransactionContext');
END $$;
SELECT * FROM pg_temp.rows($$event = 'configure' AND detail ~ 'scope'$$);

\echo -- tables of that name that are no audit log are not written to, and what should have been noted is undone
BEGIN;
SELECT token_type FROM oauth_issue_token(:'id', :'alice');
DROP EXTENSION oauth CASCADE;
DROP SCHEMA IF EXISTS oauth;
CREATE SCHEMA oauth;
SELECT format('CREATE TABLE oauth.event_%s (handle bigint)', i) FROM generate_series(0, 7) i \gexec
\set VERBOSITY sqlstate
COMMIT;
\set VERBOSITY default
SELECT pg_temp.who(:'token');
BEGIN;
SELECT token_type FROM oauth_issue_token(:'id', :'alice');
DROP EXTENSION oauth CASCADE;
COMMIT;

\c :main
DROP DATABASE regress_oauth_maintenance;
