-- arguments.sql: every function of the API with null, nothing, a megabyte and garbage for each of its arguments (R220).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = error;
SET oauth.bcrypt_cost = 4;

SELECT client_id AS id FROM oauth_register_client('arguments', grant_types => '{password}') \gset
SELECT oauth_create_user('arguments', 'wonderland') AS subject \gset
SELECT access_token AS token FROM oauth_issue_token(:'id', :'subject') \gset
CREATE ROLE regress_oauth_arguments;
CREATE FUNCTION answer(oauth.http_request) RETURNS jsonb LANGUAGE sql RETURN '{}'::jsonb;
ALTER FUNCTION answer OWNER TO regress_oauth_arguments;

-- Arguments with which each function works.
CREATE TEMPORARY TABLE good (name text PRIMARY KEY, arguments text[]);
INSERT INTO good VALUES
	('oauth_authenticate', ARRAY[quote_literal('Bearer ' || :'token'), quote_literal('read'), quote_literal('https://api.example/')]),
	('oauth_authenticate_request', ARRAY[format('ROW(%L, %L, ARRAY[%L], NULL, %L, NULL)::oauth.http_request', 'GET', '/', 'Authorization: Bearer ' || :'token', 'http'), quote_literal('read'), quote_literal('https://api.example/')]),
	('oauth_create_user', ARRAY[quote_literal('somebody'), quote_literal('wonderland')]),
	('oauth_delete_client', ARRAY[quote_literal(:'id')]),
	('oauth_delete_user', ARRAY[quote_literal('arguments')]),
	('oauth_disable_client', ARRAY[quote_literal(:'id')]),
	('oauth_disable_user', ARRAY[quote_literal('arguments')]),
	('oauth_enable_client', ARRAY[quote_literal(:'id')]),
	('oauth_enable_user', ARRAY[quote_literal('arguments')]),
	('oauth_has_scope', ARRAY[quote_literal('read')]),
	('oauth_introspect_token', ARRAY[quote_literal(:'token')]),
	('oauth_issue_token', ARRAY[quote_literal(:'id'), quote_literal(:'subject'), quote_literal('read'), 'interval ''1 hour''', 'true', quote_literal('https://api.example/')]),
	('oauth_create_signing_key', ARRAY[quote_literal('ES256'), 'now()']),
	('oauth_sign_jwt', ARRAY['''{"iss": "me"}''::jsonb', quote_literal('ES256'), quote_literal('JWT')]),
	('oauth_register_resource', ARRAY[quote_literal('https://api.example/'), quote_literal('read'), quote_literal('opaque'), 'interval ''1 hour''', quote_literal('ES256')]),
	('oauth_unregister_resource', ARRAY[quote_literal('https://api.example/')]),
	('oauth_rotate_signing_keys', ARRAY['false']),
	('oauth_protect', ARRAY[quote_literal('/api/arguments'), quote_literal('public.answer'), quote_literal('read'), '''{GET}''::text[]']),
	('oauth_register_client', ARRAY[quote_literal('name'), '''{}''::text[]', '''{password}''::text[]', quote_literal('read'), quote_literal('confidential'), quote_literal('client_secret_basic'), 'interval ''1 hour''', 'interval ''1 day''', 'NULL::text', '''{}''::text[]']),
	('oauth_register_client_metadata', ARRAY['''{"grant_types": ["password"]}''::jsonb']),
	('oauth_register_scope', ARRAY[quote_literal('argue'), quote_literal('Argue for you'), 'false', 'true']),
	('oauth_revoke_client', ARRAY[quote_literal(:'id')]),
	('oauth_revoke_subject', ARRAY[quote_literal(:'subject')]),
	('oauth_revoke_token', ARRAY[quote_literal(:'token')]),
	('oauth_rotate_client_secret', ARRAY[quote_literal(:'id'), 'interval ''1 hour''']),
	('oauth_set_password', ARRAY[quote_literal('arguments'), quote_literal('wonderland')]),
	('oauth_unprotect', ARRAY[quote_literal('/api/arguments')]),
	('oauth_update_client', ARRAY[quote_literal(:'id'), '''{}''::jsonb']),
	('token', ARRAY['NULL::oauth.http_request']), ('resource', ARRAY['NULL::oauth.http_request']), ('forward_auth', ARRAY['NULL::oauth.http_request']),
	('oauth_verify_token', ARRAY[quote_literal(:'token'), quote_literal('read'), quote_literal('https://api.example/')]);

-- Every function of the extension that has arguments; those that are not listed above get some text for the good ones.
CREATE TEMPORARY VIEW function AS
SELECT p.oid::regproc::text AS name, p.pronargs AS n, p.proargnames AS names, p.proargtypes AS types, g.arguments IS NOT NULL AS is_listed,
	ARRAY(SELECT coalesce(g.arguments[a.n], CASE a.type WHEN 'text'::regtype THEN '''x''' ELSE 'NULL::' || a.type::regtype END)
		FROM unnest(p.proargtypes) WITH ORDINALITY a (type, n) ORDER BY a.n) AS arguments
FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'oauth'
LEFT JOIN good g ON g.name = p.proname
WHERE p.pronargs > 0;

-- What is put in the place of a good argument, by its type.  A type that is not here gets null.
CREATE TEMPORARY TABLE probe (type regtype, label text, value text);
INSERT INTO probe VALUES
	('text', '1 MB', 'repeat(''x'', 1048576)'), ('text', 'empty', ''''''), ('text', 'invalid', 'E''\x01\u00e9''''; --'''),
	('text[]', '1 MB', 'ARRAY[repeat(''x'', 1048576)]'), ('text[]', '100,000 words', 'array_fill(''x''::text, ARRAY[100000])'), ('text[]', 'empty', '''{""}''::text[]'), ('text[]', 'invalid', '''{NULL}''::text[]'), ('text[]', 'matrix', '''{{GET,GET},{GET,GET}}''::text[]'),
	('jsonb', '1 MB', 'jsonb_build_object(''client_name'', repeat(''x'', 1048576))'), ('jsonb', 'deep', '(repeat(''['', 1000) || repeat('']'', 1000))::jsonb'), ('jsonb', 'empty', '''[]''::jsonb'), ('jsonb', 'invalid', '''"x"''::jsonb'),
	('interval', 'zero', 'interval ''0'''), ('interval', 'past', 'interval ''-1 hour'''), ('interval', 'long', 'interval ''178000000 years'''),
	('oauth.http_request', '1 MB', 'ROW(''GET'', repeat(''x'', 1048576), ARRAY[repeat(''x'', 1048576)], convert_to(repeat(''x'', 1048576), ''UTF8''), ''http'', NULL)::oauth.http_request'),
	('oauth.http_request', 'empty', 'ROW('''', '''', ''{}'', '''', '''', NULL)::oauth.http_request'),
	('oauth.http_request', 'nulls', 'ROW(NULL, NULL, NULL, NULL, NULL, NULL)::oauth.http_request'),
	('oauth.http_request', 'invalid', 'ROW(''GET'', ''?%'', ARRAY[NULL, '':'', ''Authorization''], ''\x00ff''::bytea, NULL, NULL)::oauth.http_request');
INSERT INTO probe SELECT type, 'null', 'NULL::' || type FROM (SELECT DISTINCT type FROM probe UNION SELECT 'boolean'::regtype) t;

-- Calls, takes everything back, and says what came of it.
CREATE FUNCTION pg_temp.try(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	message text;
	hint text;
BEGIN
	EXECUTE 'SELECT * FROM ' || call || ' answer' INTO answer;
	RAISE SQLSTATE 'OK000';
EXCEPTION
	WHEN SQLSTATE 'OK000' THEN
		RETURN 'ok';
	WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
		RETURN concat_ws(' | ', SQLSTATE, CASE WHEN length(message) < 1000 THEN message ELSE left(message, 30) || '...' END, nullif(hint, ''));
END $$;
CREATE TEMPORARY TABLE result AS
SELECT f.name AS function, f.is_listed, a.n, f.names[a.n] AS argument, b.label, pg_temp.try(format('%s(%s)', f.name,
	(SELECT string_agg(CASE WHEN o.n = a.n THEN b.value ELSE f.arguments[o.n] END, ', ' ORDER BY o.n) FROM generate_series(1, f.n) o (n)))) AS answer
FROM function f CROSS JOIN LATERAL generate_series(1, f.n) a (n) JOIN probe b ON b.type = f.types[a.n - 1];

\echo -- the arguments that are called good are
SELECT name, answer FROM function, pg_temp.try(format('%s(%s)', name, array_to_string(arguments, ', '))) answer WHERE is_listed AND answer <> 'ok';
\echo -- answers that show an inside: internal errors, constraints, limits of the system
SELECT function, argument, label, answer FROM result WHERE answer ~ '^(XX|23|53|54|58)';
\echo -- arguments that are taken
SELECT function, argument, string_agg(label, ', ' ORDER BY label COLLATE "C") FROM result WHERE answer = 'ok' AND is_listed GROUP BY function, n, argument ORDER BY function COLLATE "C", n;
\echo -- and those that are refused
SELECT function, argument, label, replace(answer, :'id', 'ID') FROM result WHERE answer <> 'ok' AND is_listed ORDER BY function COLLATE "C", n, label COLLATE "C";

\echo -- a function of an older version may have fewer arguments than the library knows: those are null
CREATE FUNCTION older_register_client(client_name text, redirect_uris text[], grant_types text[], scope text, client_type text)
	RETURNS TABLE (client_id text, client_secret text) AS '$libdir/oauth', 'oauth_register_client' LANGUAGE C;
CREATE FUNCTION older_register_client(client_name text) RETURNS TABLE (client_id text, client_secret text)
	AS '$libdir/oauth', 'oauth_register_client' LANGUAGE C;
CREATE FUNCTION older_issue_token(client_id text) RETURNS TABLE (access_token text, token_type text, expires_in integer, refresh_token text, scope text)
	AS '$libdir/oauth', 'oauth_issue_token' LANGUAGE C;
SELECT client_id IS NOT NULL FROM older_register_client('older', '{}', '{password}', 'read', 'confidential');
SELECT * FROM older_register_client('older');
SELECT access_token LIKE 'oat\_%', scope FROM older_issue_token(:'id');
DROP FUNCTION older_register_client(text, text[], text[], text, text), older_register_client(text), older_issue_token;

DROP FUNCTION answer;
DROP ROLE regress_oauth_arguments;
