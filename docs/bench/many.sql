-- many.sql: :tokens access tokens, ten of each grant, made by SQL and not by the provider, which would take an hour.
-- SPDX-License-Identifier: PostgreSQL
-- Handles are microseconds times 2048, as the provider's; the secrets are the same for all, which the digests do not show.
CREATE FUNCTION bench.handle(n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT (700000000000000 + n * 100) * 2048 $$;
CREATE FUNCTION bench.token(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT 'oat_' || rtrim(translate(encode(int8send(bench.handle(n)) || decode(repeat('5a', 32), 'hex'), 'base64'), E'+/\n', '-_'), '=')
$$;
INSERT INTO oauth.subject (subject) SELECT i::text FROM generate_series(0, 99999) i;
INSERT INTO oauth.grant (handle, client_id, subject, grant_type, scope)
	SELECT bench.handle(i * 10) + 1, :'client', (i % 100000)::text, 'password', 'read' FROM generate_series(0, :tokens / 10) i;
INSERT INTO oauth.access_token (handle, grant_handle, expires_at, token_hash, scope)
	SELECT bench.handle(n), bench.handle(n / 10 * 10) + 1, now() + :'lifetime', sha256(convert_to(bench.token(n), 'UTF8')), 'read'
	FROM generate_series(1, :tokens) n;

-- Requests for /auth: :batches batches of 32, of tokens number 1 to :hot or of all of them.
CREATE TABLE bench.batch (kind text, i int, requests oauth.http_request[], PRIMARY KEY (kind, i));
CREATE FUNCTION bench.add_batches(which text, first bigint, last bigint, batches int) RETURNS void LANGUAGE sql AS $$
	INSERT INTO bench.batch
	SELECT which, i / 32, array_agg(ROW('GET', '/auth', ARRAY['Host: localhost', 'Authorization: Bearer '
		|| bench.token(first + (random() * (last - first))::bigint)], NULL, 'http', '127.0.0.1')::oauth.http_request)
	FROM generate_series(0, batches * 32 - 1) i GROUP BY 2
$$;

-- What batches cost: microseconds of the backend's processor, pages found and pages read, for each request, and how many were refused.
CREATE FUNCTION bench.cost(which text, OUT us numeric, OUT hit numeric, OUT read numeric, OUT refused bigint) LANGUAGE plpgsql AS $$
DECLARE
	batch oauth.http_request[];
	before numeric[];
	n bigint := 0;
	bad bigint;
BEGIN
	refused := 0;
	before := bench.counters();
	FOR batch IN SELECT requests FROM bench.batch WHERE kind = which LOOP
		SELECT count(*) FILTER (WHERE status <> 200) INTO bad FROM oauth.forward_auth_batch(batch);
		refused := refused + bad;
		n := n + array_length(batch, 1);
	END LOOP;
	SELECT round((c[1] - before[1]) / 1000 / n, 2), round((c[2] - before[2]) / n, 2), round((c[3] - before[3]) / n, 2)
		INTO us, hit, read FROM bench.counters() c;
END
$$;
CREATE FUNCTION bench.counters() RETURNS numeric[] LANGUAGE sql VOLATILE AS $$
	SELECT ARRAY[split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::numeric, sum(pg_stat_get_xact_blocks_hit(c.oid)),
		sum(pg_stat_get_xact_blocks_fetched(c.oid) - pg_stat_get_xact_blocks_hit(c.oid))]
	FROM pg_class c WHERE relnamespace = 'oauth'::regnamespace
$$;
