-- many.sql: :tokens access tokens, and :expired before them, ten of each grant, made by SQL and not by the provider, which would take an hour.
-- SPDX-License-Identifier: PostgreSQL
-- Handles are microseconds times 2048, as the provider's; the secrets are the same for all, which the digests do not show.
CREATE FUNCTION bench.handle(n bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT (700000000000000 + n * 100) * 2048 $$;
CREATE FUNCTION bench.token(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT 'oat_' || rtrim(translate(encode(int8send(bench.handle(n)) || decode(repeat('5a', 32), 'hex'), 'base64'), E'+/\n', '-_'), '=')
$$;

-- What a foreign key refers to is there, and not looked for with each row.
SET session_replication_role = replica;
INSERT INTO oauth.subject (subject) SELECT i::text FROM generate_series(0, 99999) i;
INSERT INTO oauth.grant (handle, client_id, subject, grant_type, scope)
	SELECT bench.handle(i * 10) + 1, :'client', (i % 100000)::text, 'password', 'read' FROM generate_series(0, (:tokens + :expired) / 10) i;
INSERT INTO oauth.access_token (handle, grant_handle, expires_at, token_hash, scope)
	SELECT bench.handle(n), bench.handle(n / 10 * 10) + 1, now() + CASE WHEN n > :expired THEN interval '30 days' ELSE '-2 hours' END,
		sha256(convert_to(bench.token(n), 'UTF8')), 'read'
	FROM generate_series(1, :tokens + :expired) n;
RESET session_replication_role;

-- The shim's role: the endpoint functions and nothing else.
GRANT USAGE ON SCHEMA oauth TO oauth_shim;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oauth TO oauth_shim;
