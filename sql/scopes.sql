-- scopes.sql: registering scopes, the default ones, and what a client may ask for (RFC 6749, section 3.3).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;

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

\echo -- R214: a scope is one word of the characters of section 3.3
SELECT scope, pg_temp.try(format('SELECT ''registered'' FROM oauth_register_scope(%L, ''x'')', scope)) FROM (VALUES ('scopes:read', 1), ('https://example.com/scopes.write', 2), ('!', 3), ('#[]~', 4), (repeat('x', 128), 5),
	('', 6), (' ', 7), ('a b', 8), (' a', 9), ('a ', 10), ('a"', 11), ('a\b', 12), (E'a\n', 13), (E'a\x7f', 14), ('é', 15), (repeat('x', 129), 16)) v (scope, n) ORDER BY n;
SELECT description, pg_temp.try(format('SELECT ''registered'' FROM oauth_register_scope(''scopes:read'', %L)', description)) FROM (VALUES ('Read «everything» & <all>', 1), ('', 2), (E'a\r\nb', 3)) v (description, n) ORDER BY n;
SELECT pg_temp.try('SELECT oauth_register_scope(''scopes:read'', repeat(''x'', 1001))');
\echo -- read and write exist from the start; registering one again changes it
SELECT scope, description, is_default FROM oauth.scope WHERE scope IN ('read', 'write', 'scopes:read') ORDER BY scope;
SELECT oauth_register_scope('scopes:read', 'See it all', true);
SELECT scope, description, is_default FROM oauth.scope WHERE scope = 'scopes:read';

\echo -- a client without a scope of its own may have the default ones
SELECT client_id AS id FROM oauth_register_client('scopes', grant_types => '{password}') \gset
SELECT client_id AS wide FROM oauth_register_client('scopes wide', grant_types => '{password}', scope => 'write scopes:read read') \gset
SELECT client_id AS narrow FROM oauth_register_client('scopes narrow', grant_types => '{password}', scope => 'write') \gset
SELECT scope FROM oauth_issue_token(:'id');
SELECT scope FROM oauth_issue_token(:'id', scope => 'scopes:read');
\echo -- none asked for: the default ones it may have, in its order; asked for: these, in the order asked, each once
SELECT scope FROM oauth_issue_token(:'wide');
SELECT '[' || scope || ']' FROM oauth_issue_token(:'wide', scope => '  read  write read ');
\echo -- R214: no part of a word, no other case, no more than it may have
SELECT scope, replace(pg_temp.try(format('SELECT t.scope FROM oauth_issue_token(%L, scope => %L) t', :'id', scope)), :'id', 'ID') FROM (VALUES ('write', 1), ('read write', 2), ('rea', 3), ('reads', 4), ('Read', 5), ('', 6), ('  ', 7), (E'read\twrite', 8), ('read"', 9), ('none_such', 10)) v (scope, n) ORDER BY n;
SELECT replace(pg_temp.try(format('SELECT t.scope FROM oauth_issue_token(%L) t', :'narrow')), :'narrow', 'ID');
SELECT replace(pg_temp.try(format('SELECT t.scope FROM oauth_issue_token(%L, scope => (SELECT string_agg(''s'' || n, '' '') FROM generate_series(1, 101) n)) t', :'id')), :'id', 'ID');
\echo -- R214: a token for one scope never passes for another
SELECT access_token AS token FROM oauth_issue_token(:'wide', scope => 'read scopes:read') \gset
SELECT required, active FROM (VALUES (NULL, 1), ('read', 2), ('scopes:read', 3), ('scopes:read read', 4), ('read read', 5), (' read ', 6), ('write', 7), ('read write', 8), ('scopes', 9), (':read', 10), ('READ', 11), ('', 12), (' ', 13)) v (required, n), oauth_verify_token(:'token', required) ORDER BY n;
\echo -- what has not been asked for at all says nothing more
SELECT * FROM oauth_verify_token(:'token', 'write');
\echo -- a scope that is a default no longer
SELECT oauth_register_scope('scopes:read', 'See it all');
SELECT scope FROM oauth_issue_token(:'wide');
