-- cost.sql: batches as the shim sends them, in SQL, for a server that callgrind runs alone.
-- SPDX-License-Identifier: PostgreSQL
-- psql variables: service, app and web are the Authorization headers of the clients that introspect and issue, refresh and
-- exchange; app_id is the id of the one that refreshes; codes is an array of codes, verifier what they are exchanged with.
-- What is good once has as many batches as are run, the others have one.
CREATE TABLE bench.batch (load text, n integer, requests oauth.http_request[] NOT NULL, PRIMARY KEY (load, n));
SELECT cardinality(:'codes'::text[]) AS enough \gset

CREATE FUNCTION pg_temp.post(path text, authorization_header text, form text) RETURNS oauth.http_request LANGUAGE sql
RETURN ROW('POST', path, ARRAY['Content-Type: application/x-www-form-urlencoded', 'Authorization: ' || authorization_header],
	convert_to(form, 'UTF8'), 'http', '127.0.0.1')::oauth.http_request;

INSERT INTO bench.batch
	SELECT load, (i - 1) / 32, array_agg(request)
	FROM (
		SELECT 'auth', row_number() OVER (), ROW('GET', '/auth', ARRAY['Authorization: Bearer ' || token], NULL, 'http', '127.0.0.1')::oauth.http_request
			FROM (SELECT token FROM bench.sample LIMIT 32) sample
		UNION ALL
		SELECT 'introspect', row_number() OVER (), pg_temp.post('/oauth2/introspect', :'service', 'token=' || token)
			FROM (SELECT token FROM bench.sample LIMIT 32) sample
		UNION ALL
		SELECT 'client_credentials', i, pg_temp.post('/oauth2/token', :'service', 'grant_type=client_credentials') FROM generate_series(1, 32) i
		UNION ALL
		SELECT 'refresh', i, pg_temp.post('/oauth2/token', :'app', 'grant_type=refresh_token&refresh_token=' || t.refresh_token)
			FROM generate_series(1, :enough) i, LATERAL oauth_issue_token(:'app_id', subject => i::text, scope => 'read', refresh => true) t
		UNION ALL
		SELECT 'exchange', i, pg_temp.post('/oauth2/token', :'web', 'grant_type=authorization_code&redirect_uri=https%3A%2F%2Fbench.example%2Fback'
				'&code_verifier=' || :'verifier' || '&code=' || code)
			FROM unnest(:'codes'::text[]) WITH ORDINALITY c (code, i)
	) r (load, i, request)
	GROUP BY load, (i - 1) / 32;

-- bench.run_LOAD(first, times) runs a batch to see that it is answered, and then so many; the statement is the one of shim/connection.c
-- for a function that takes a batch.
SELECT format($format$
CREATE FUNCTION bench.run_%1$s(first integer, times integer) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
	batch oauth.http_request[] := (SELECT requests FROM bench.batch WHERE load = %1$L AND n = %3$s);
	good bigint := (SELECT count(*) FROM oauth.%2$I(batch) WHERE status = 200);
BEGIN
	IF good <> 32 THEN
		RAISE 'of 32 requests %% are answered', good;
	END IF;
	FOR i IN 1 .. times LOOP
		%4$s
		PERFORM status, headers, body FROM oauth.%2$I(batch);
	END LOOP;
END
$$$format$, load, CASE load WHEN 'auth' THEN 'forward_auth_batch' WHEN 'introspect' THEN 'introspect_batch' ELSE 'token_batch' END, CASE WHEN count(*) = 1 THEN '0' ELSE 'first' END,
	CASE WHEN count(*) = 1 THEN '' ELSE format('batch := (SELECT requests FROM bench.batch WHERE load = %L AND n = first + i);', load) END)
FROM bench.batch GROUP BY load \gexec
