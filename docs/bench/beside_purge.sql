-- beside_purge.sql: access tokens of our own that expired yesterday, number :from to :to.
-- SPDX-License-Identifier: PostgreSQL
-- Ten of each grant.  Handles are microseconds times 2048, as the provider's, of years ago.
INSERT INTO oauth.subject (subject) SELECT i::text FROM generate_series(0, 99999) i ON CONFLICT DO NOTHING;
INSERT INTO oauth.grant (handle, client_id, subject, grant_type, scope)
	SELECT (500000000000000 + n) * 2048, :'client', (n / 10 % 100000)::text, 'password', 'read'
	FROM generate_series(:from, :to, 10) n;
INSERT INTO oauth.access_token (handle, grant_handle, expires_at, token_hash, scope)
	SELECT (500000000000000 + n) * 2048 + 1, (500000000000000 + n - (n - :from) % 10) * 2048, now() - interval '1 day',
		sha256(int8send(n)), 'read'
	FROM generate_series(:from, :to) n;
