-- openapi.sql: GET /openapi.json, the description of every path and method (OpenAPI 3.1.0).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
BEGIN;
CREATE FUNCTION pg_temp.ask(method text DEFAULT 'GET', target text DEFAULT '/openapi.json', headers text[] DEFAULT '{}') RETURNS oauth.http_response LANGUAGE sql AS $$
	SELECT oauth.openapi(ROW(method, target, headers, NULL, 'https', '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.document() RETURNS jsonb LANGUAGE sql AS $$ SELECT convert_from(body, 'UTF8')::jsonb FROM pg_temp.ask() $$;
CREATE TEMP TABLE operation AS SELECT path, method, o FROM jsonb_each(pg_temp.document() -> 'paths') p (path, item), jsonb_each(item) m (method, o);

\echo -- JSON that every page may read and keep for a while; HEAD is GET; nothing else is taken
SELECT status, headers FROM pg_temp.ask();
SELECT headers @> '{Access-Control-Allow-Origin: *}' FROM pg_temp.ask(headers => '{Origin: https://anywhere.example}');
SELECT status FROM unnest('{HEAD,POST,PUT,DELETE}'::text[]) method, pg_temp.ask(method) ORDER BY method;
SELECT status FROM pg_temp.ask('OPTIONS', headers => '{Origin: https://anywhere.example,Access-Control-Request-Method: GET}');
SELECT status, body = (pg_temp.ask()).body FROM pg_temp.ask(target => '/openapi.json/?x=1');
SELECT d ->> 'openapi', d -> 'servers', d -> 'info' -> 'version' = to_jsonb((SELECT extversion FROM pg_extension WHERE extname = 'oauth')) FROM pg_temp.document() d;

\echo -- what oauth.routes() has, and the document has not; nothing
SELECT r.path, taken.method FROM oauth.routes() r, unnest(coalesce(string_to_array(lower(methods), ', '), '{get,head,post,put,patch,delete,options}')) taken (method)
	WHERE NOT EXISTS (SELECT FROM operation o WHERE o.method = taken.method AND regexp_replace(o.path, '(?<=.){.*}$', '') = r.path
		OR o.method = taken.method AND r.path ~ '^\*' AND '*' || regexp_replace(o.path, '^/{\w+}', '') = r.path) LIMIT 5;
\echo -- and the other way round: what the shim answers by itself
SELECT path, string_agg(method, ' ' ORDER BY method) FROM operation o WHERE NOT EXISTS (SELECT FROM oauth.routes() r WHERE o.o -> 'tags' ->> 0 = r.function) GROUP BY path ORDER BY path COLLATE "C";

\echo -- nothing is without words: operations, their parameters, the members of forms, the tags
SELECT path, method FROM operation WHERE o ->> 'summary' IS NULL OR NOT o -> 'responses' ?| '{200,201,204,302,303}';
SELECT DISTINCT p ->> 'name' FROM operation, jsonb_array_elements(o -> 'parameters') p WHERE p ->> 'description' IS NULL;
SELECT DISTINCT name FROM operation, jsonb_each(o -> 'requestBody' -> 'content') c (type, content), jsonb_each(content -> 'schema' -> 'properties') f (name, schema) WHERE schema ->> 'description' IS NULL;
SELECT t FROM jsonb_array_elements(pg_temp.document() -> 'tags') t WHERE t ->> 'description' IS NULL;
\echo -- each is named once
SELECT o ->> 'operationId', count(*) FROM operation GROUP BY 1 HAVING count(*) > 1;

\echo -- it is the same whatever is set, and tells nothing of what is here: where registration is closed, it says so
SELECT o ->> 'x-when' FROM operation WHERE path = '/oauth2/register' AND method = 'post';
SELECT pg_temp.document() AS before \gset
SET LOCAL oauth.registration = open;
SET LOCAL oauth.issuer = 'https://inside.example';
SELECT oauth_register_scope('internal:payroll', 'Something that nobody is told of') IS NOT NULL;
SELECT pg_temp.document() = :'before', pg_temp.document()::text ~ 'inside.example|payroll';
\echo -- without another privilege than EXECUTE on this function
CREATE ROLE regress_oauth_reader;
GRANT USAGE ON SCHEMA oauth TO regress_oauth_reader;
GRANT EXECUTE ON FUNCTION oauth.openapi(oauth.http_request) TO regress_oauth_reader;
SET LOCAL ROLE regress_oauth_reader;
SELECT convert_from(body, 'UTF8')::jsonb = :'before' FROM oauth.openapi(ROW('GET', '/openapi.json', NULL, NULL, 'https', '127.0.0.1'));
RESET ROLE;
\echo -- its first lane, and what is explained
SELECT * FROM oauth.routes() WHERE path = '/openapi.json';
SELECT step, "check", ok FROM oauth_explain_request('GET', '/openapi.json');
ROLLBACK;
