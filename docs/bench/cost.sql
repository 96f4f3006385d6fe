-- cost.sql: batches as the shim sends them, in SQL, for a server that callgrind runs alone.
-- SPDX-License-Identifier: PostgreSQL
-- psql variable `service` is the Authorization header of the client that introspects and issues.
CREATE TABLE bench.batch (load text PRIMARY KEY, requests oauth.http_request[] NOT NULL);

WITH sample AS (SELECT token FROM bench.sample LIMIT 32),
	form AS (SELECT ARRAY['Content-Type: application/x-www-form-urlencoded', 'Authorization: ' || :'service'] AS headers)
INSERT INTO bench.batch
	SELECT 'auth', array_agg(ROW('GET', '/auth', ARRAY['Authorization: Bearer ' || token], NULL, 'http', '127.0.0.1')::oauth.http_request)
		FROM sample
	UNION ALL
	SELECT 'introspect', array_agg(ROW('POST', '/oauth2/introspect', headers, convert_to('token=' || token, 'UTF8'), 'http',
		'127.0.0.1')::oauth.http_request) FROM sample, form
	UNION ALL
	SELECT 'client_credentials', array_agg(ROW('POST', '/oauth2/token', headers, convert_to('grant_type=client_credentials', 'UTF8'),
		'http', '127.0.0.1')::oauth.http_request) FROM form, generate_series(1, 32);

-- bench.run_LOAD(times); the statement is the one of shim/connection.c for a function that takes a batch.
SELECT format($format$
CREATE FUNCTION bench.run_%1$s(times integer) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
	batch oauth.http_request[] := (SELECT requests FROM bench.batch WHERE load = %1$L);
	good bigint := (SELECT count(*) FROM oauth.%2$I(batch) WHERE status = 200);
BEGIN
	IF good <> 32 THEN
		RAISE 'of 32 requests %% are answered', good;
	END IF;
	FOR i IN 1 .. times LOOP
		PERFORM status, headers, body FROM oauth.%2$I(batch);
	END LOOP;
END
$$$format$, load, CASE load WHEN 'auth' THEN 'forward_auth_batch' WHEN 'client_credentials' THEN 'token_batch' ELSE load || '_batch' END) FROM bench.batch \gexec
