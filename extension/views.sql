-- views.sql: what an administrator looks at.
-- SPDX-License-Identifier: PostgreSQL
--
-- A view reads the tables with the rights of its owner: a role with SELECT on it may look, and sees neither digests nor
-- sealed values, which no view has.  None hides a row from who may look, so there is nothing for a security_barrier to
-- keep, and conditions reach the indexes of the tables.  Sort by handle for the newest first: a handle's high bits are the time it was made.

-- The names of the application's users (oauth_use_users), which stay in the application's table and are read there.  A
-- foreign table, because a view reads tables with the rights of its owner and calls functions with those of who asks.
CREATE FUNCTION @extschema@._oauth_own_username_handler() RETURNS fdw_handler
	AS 'MODULE_PATHNAME', 'oauth_own_username_handler' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION @extschema@._oauth_own_username_handler() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@._oauth_own_username_handler() IS 'For the foreign table oauth.own_username';
CREATE FOREIGN DATA WRAPPER oauth_own_username HANDLER @extschema@._oauth_own_username_handler;
COMMENT ON FOREIGN DATA WRAPPER oauth_own_username IS 'The names of the application''s users, for the views of extension oauth';
CREATE SERVER oauth_own_username FOREIGN DATA WRAPPER oauth_own_username;
COMMENT ON SERVER oauth_own_username IS 'This database';
CREATE FOREIGN TABLE oauth.own_username (
	subject text COLLATE "C",
	username text
) SERVER oauth_own_username;
COMMENT ON FOREIGN TABLE oauth.own_username IS 'Names of the application''s users, as oauth_use_users() says; read by subject';
COMMENT ON COLUMN oauth.own_username.username IS 'As the application''s table or view has it, read with the rights of its owner';

-- A row a client, with what it has living.  Each join is left out where its columns are not asked for, and reads the rows
-- of one client where one is.
CREATE VIEW oauth.client_overview AS
	SELECT c.client_id, c.client_name, c.client_type, c.grant_types, c.scope,
		CASE WHEN c.deleted_at IS NOT NULL THEN 'deleted' WHEN c.disabled_at IS NOT NULL THEN 'disabled' ELSE 'enabled' END
			AS state,
		CASE WHEN c.disabled_at IS NULL THEN coalesce(t.living, 0) ELSE 0 END AS living_tokens,
		CASE WHEN c.disabled_at IS NULL THEN coalesce(n.subjects, 0) ELSE 0 END AS subjects,
		c.created_at, timestamptz '2000-01-01 00:00:00+00' + (t.last >> 11) * interval '1 microsecond' AS last_token_at
	FROM oauth.client c
	LEFT JOIN (
		SELECT g.client_id, max(t.handle) AS last, count(*) FILTER (WHERE g.ended_at IS NULL AND s.disabled_at IS NULL
			AND t.revoked_at IS NULL AND coalesce(t.expires_at > now(), true)) AS living
		FROM oauth.grant g
		JOIN (SELECT handle, grant_handle, expires_at, revoked_at FROM oauth.access_token
			UNION ALL SELECT handle, grant_handle, expires_at, revoked_at FROM oauth.oauth1_token) t ON t.grant_handle = g.handle
		LEFT JOIN oauth.subject s ON s.subject = g.subject
		GROUP BY g.client_id
	) t ON t.client_id = c.client_id
	LEFT JOIN (
		SELECT g.client_id, count(DISTINCT g.subject) AS subjects
		FROM oauth.grant g JOIN oauth.subject s ON s.subject = g.subject
		WHERE g.ended_at IS NULL AND s.disabled_at IS NULL
		GROUP BY g.client_id
	) n ON n.client_id = c.client_id;
COMMENT ON VIEW oauth.client_overview IS 'Clients, one a row, with what they hold that has not ended';
COMMENT ON COLUMN oauth.client_overview.state IS 'enabled, disabled, or deleted and waiting for oauth_purge_expired()';
COMMENT ON COLUMN oauth.client_overview.living_tokens IS 'Access tokens and OAuth 1.0a tokens that work now';
COMMENT ON COLUMN oauth.client_overview.subjects IS 'How many subjects have a grant for it that has not ended';
COMMENT ON COLUMN oauth.client_overview.last_token_at IS 'When its newest token was issued, among those not purged yet';

-- A row a token.  The tables come first and alone, so that ORDER BY handle reads their primary keys.
CREATE VIEW oauth.token_overview AS
	SELECT t.handle, t.kind, g.client_id, c.client_name, g.subject,
		coalesce(u.username, (SELECT o.username FROM oauth.own_username o WHERE o.subject = g.subject)) AS username,
		coalesce(t.scope, g.scope) AS scope,
		timestamptz '2000-01-01 00:00:00+00' + (t.handle >> 11) * interval '1 microsecond' AS issued_at, t.expires_at,
		CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked'
			WHEN t.used_at IS NOT NULL THEN 'used'
			WHEN g.ended_at < coalesce(t.expires_at, 'infinity') THEN 'ended'
			WHEN t.expires_at <= now() THEN 'expired'
			WHEN c.disabled_at IS NOT NULL OR s.disabled_at IS NOT NULL THEN 'ended'
			ELSE 'living' END AS state,
		CASE WHEN t.revoked_at IS NOT NULL OR t.used_at IS NOT NULL THEN NULL
			WHEN g.ended_at < coalesce(t.expires_at, 'infinity') THEN g.ended_reason
			WHEN t.expires_at <= now() THEN NULL
			WHEN c.deleted_at IS NOT NULL THEN 'client was deleted'
			WHEN c.disabled_at IS NOT NULL THEN 'client is disabled'
			WHEN s.deleted_at IS NOT NULL THEN 'subject was deleted'
			WHEN s.disabled_at IS NOT NULL THEN 'subject is disabled' END AS ended_reason,
		coalesce(t.revoked_at, t.used_at, CASE WHEN g.ended_at < coalesce(t.expires_at, 'infinity') THEN g.ended_at
			WHEN t.expires_at <= now() THEN t.expires_at ELSE least(c.disabled_at, s.disabled_at) END) AS ended_at
	FROM (
		SELECT handle, 'access' AS kind, grant_handle, scope, expires_at, revoked_at, NULL::timestamptz AS used_at
			FROM oauth.access_token
		UNION ALL
		SELECT handle, 'refresh', grant_handle, NULL, expires_at, NULL, used_at FROM oauth.refresh_token
		UNION ALL
		SELECT handle, 'oauth1', grant_handle, NULL, expires_at, revoked_at, NULL FROM oauth.oauth1_token
	) t
	JOIN oauth.grant g ON g.handle = t.grant_handle
	JOIN oauth.client c ON c.client_id = g.client_id
	LEFT JOIN oauth.subject s ON s.subject = g.subject
	LEFT JOIN oauth.user u ON u.subject = g.subject;
COMMENT ON VIEW oauth.token_overview IS 'Access tokens, refresh tokens and OAuth 1.0a tokens, one a row, until they are purged';
COMMENT ON COLUMN oauth.token_overview.handle IS 'Ascends with the time of issue: ORDER BY handle DESC for the newest';
COMMENT ON COLUMN oauth.token_overview.kind IS 'access, refresh or oauth1';
COMMENT ON COLUMN oauth.token_overview.subject IS 'NULL: the client itself';
COMMENT ON COLUMN oauth.token_overview.username IS 'The name of the built-in user, or from the application''s table '
	'(oauth_use_users)';
COMMENT ON COLUMN oauth.token_overview.state IS 'living, expired, revoked (the token alone), ended (with its grant, client or '
	'subject), or used (a refresh token that has been rotated)';
COMMENT ON COLUMN oauth.token_overview.ended_reason IS 'Why it ended';
COMMENT ON COLUMN oauth.token_overview.ended_at IS 'When it stopped living';

-- A row a resource that is registered.
CREATE VIEW oauth.resource_overview AS
	SELECT resource, scope, access_token_format, access_token_lifetime * interval '1 second' AS access_token_lifetime,
		CASE access_token_format WHEN 'jwt' THEN coalesce(signing_alg, 'ES256') END AS signing_alg, created_at
	FROM oauth.registered_resource;
COMMENT ON VIEW oauth.resource_overview IS 'Resources and how access tokens for them are made (oauth_register_resource)';
COMMENT ON COLUMN oauth.resource_overview.scope IS 'Words that the tokens can have; NULL: any';
COMMENT ON COLUMN oauth.resource_overview.access_token_format IS 'opaque, or jwt (RFC 9068)';
COMMENT ON COLUMN oauth.resource_overview.access_token_lifetime IS 'At most; NULL: as the client, or the setting, says';
COMMENT ON COLUMN oauth.resource_overview.signing_alg IS 'Of JWTs; NULL: the tokens are not signed';

-- A row an issuer that is trusted.
CREATE VIEW oauth.trusted_issuer_overview AS
	SELECT i.issuer, i.audience, coalesce(i.jwks_uri, 'jwks') AS keys_from,
		CASE WHEN i.function_name IS NOT NULL THEN format('%I.%I', i.function_schema, i.function_name) END AS subject_function,
		d.fetched_at, d.problem, i.created_at
	FROM oauth.trusted_issuer i
	LEFT JOIN oauth.document d ON d.url = i.jwks_uri;
COMMENT ON VIEW oauth.trusted_issuer_overview IS 'Issuers whose JWTs clients exchange for tokens (oauth_trust_issuer)';
COMMENT ON COLUMN oauth.trusted_issuer_overview.audience IS 'What its JWTs call this provider in aud; NULL: by oauth.issuer';
COMMENT ON COLUMN oauth.trusted_issuer_overview.keys_from IS 'jwks: they were given; else the URL that they are fetched from';
COMMENT ON COLUMN oauth.trusted_issuer_overview.subject_function IS 'The function that says who somebody is here; NULL: the '
	'subject is the issuer, a vertical bar and the sub';
COMMENT ON COLUMN oauth.trusted_issuer_overview.fetched_at IS 'When its keys were last fetched; NULL: not yet, or they were given';
COMMENT ON COLUMN oauth.trusted_issuer_overview.problem IS 'Why the last fetch failed; NULL: it did not';

-- A row a type of authorization details.
CREATE VIEW oauth.authorization_details_type_overview AS
	SELECT t.type, t.description, CASE WHEN t.function_name IS NOT NULL THEN format('%I.%I', t.function_schema, t.function_name) END
			AS check_function,
		(SELECT count(*) FROM oauth.client c WHERE c.disabled_at IS NULL AND t.type = ANY (c.authorization_details_types)) AS clients,
		t.created_at
	FROM oauth.authorization_details_type t;
COMMENT ON VIEW oauth.authorization_details_type_overview IS 'Types of authorization details (RFC 9396), one a row '
	'(oauth_register_authorization_details_type)';
COMMENT ON COLUMN oauth.authorization_details_type_overview.description IS 'What the consent page says of an object of that type; '
	'NULL: its name';
COMMENT ON COLUMN oauth.authorization_details_type_overview.check_function IS 'The function of the application that looks at each '
	'object; NULL: none does';
COMMENT ON COLUMN oauth.authorization_details_type_overview.clients IS 'How many clients may ask for it';

-- A row a signing key.  A key that another one has superseded is retired, though no purge has written that down yet.
CREATE VIEW oauth.signing_key_overview AS
	SELECT k.kid, k.alg, CASE k.public_key ->> 'kty' WHEN 'RSA' THEN length(k.public_key ->> 'n') * 3 / 4 * 8
			ELSE length(k.public_key ->> 'x') * 3 / 4 * 8 END AS bits,
		CASE WHEN k.unpublished_at IS NOT NULL THEN 'gone'
			WHEN r.retired_at IS NOT NULL THEN 'retired'
			WHEN k.used_from > clock_timestamp() THEN 'published'
			ELSE 'used' END AS state,
		clock_timestamp() - k.created_at AS age, k.created_at, k.used_from, r.retired_at,
		CASE WHEN k.unpublished_at IS NOT NULL THEN k.unpublished_at
			WHEN r.retired_at <= k.used_from THEN r.retired_at
			ELSE greatest(r.retired_at + interval '25 hours', (SELECT max(s.expires_at) + interval '1 hour'
				FROM oauth.lasting_signature s WHERE s.kid = k.kid AND r.retired_at IS NOT NULL)) END AS published_until
	FROM oauth.signing_key k
	CROSS JOIN LATERAL (SELECT coalesce(k.retired_at, (SELECT min(n.used_from) FROM oauth.signing_key n WHERE n.alg = k.alg
		AND n.used_from > k.used_from AND n.used_from <= clock_timestamp()
		AND (n.retired_at IS NULL OR n.retired_at > n.used_from))) AS retired_at) r;
COMMENT ON VIEW oauth.signing_key_overview IS 'Keys that sign ID tokens and JWT access tokens, one a row, without their private parts';
COMMENT ON COLUMN oauth.signing_key_overview.kid IS 'The thumbprint of the public key (RFC 7638), as the header of what it signs has it';
COMMENT ON COLUMN oauth.signing_key_overview.bits IS 'How long the key is';
COMMENT ON COLUMN oauth.signing_key_overview.state IS 'published (it is in the key set, and signs from used_from on), used (it '
	'signs), retired (it signs no more, and stays in the key set until published_until), or gone (from the key set)';
COMMENT ON COLUMN oauth.signing_key_overview.retired_at IS 'When it was retired, or another key of its algorithm came into use';
COMMENT ON COLUMN oauth.signing_key_overview.published_until IS 'Of a key that is retired: when what it signed has expired, and the '
	'next purge takes it out of the key set';

-- A row a client that is not disabled; the index client_algs has the same expression.
CREATE VIEW oauth.client_signing_algs AS
	SELECT client_id, array_remove(ARRAY[
		CASE WHEN 'openid' = ANY (string_to_array(scope, ' ')) OR scope IS NULL AND (registration_token_hash IS NOT NULL
			OR is_document OR id_token_signed_response_alg IS NOT NULL) THEN coalesce(id_token_signed_response_alg, 'RS256') END,
		userinfo_signed_response_alg, authorization_signed_response_alg, introspection_signed_response_alg,
		CASE WHEN access_token_format = 'jwt' OR profile IS NOT NULL THEN 'ES256' END], NULL) AS algs
	FROM oauth.client
	WHERE disabled_at IS NULL;
COMMENT ON VIEW oauth.client_signing_algs IS 'The algorithms by which clients ask for signatures';
COMMENT ON COLUMN oauth.client_signing_algs.algs IS 'Of ID tokens, userinfo, answers of the authorization endpoint, introspection and access '
	'tokens, as far as the client is registered for them';

-- A row an algorithm that clients or resources ask for.
CREATE VIEW oauth.wanted_signing_alg AS
	SELECT a.alg, count(*) AS askers, EXISTS (SELECT FROM oauth.signing_key_overview k WHERE k.alg = a.alg
		AND k.state IN ('published', 'used')) AS has_key
	FROM (
		SELECT unnest(algs) AS alg FROM oauth.client_signing_algs
		UNION ALL
		SELECT coalesce(signing_alg, 'ES256') FROM oauth.registered_resource WHERE access_token_format = 'jwt' OR signing_alg IS NOT NULL
		UNION ALL
		SELECT 'RS256' FROM oauth.scope WHERE scope = 'openid' AND is_default
	) a
	WHERE a.alg ~ '^([REP]S|Ed)'
	GROUP BY a.alg;
COMMENT ON VIEW oauth.wanted_signing_alg IS 'Algorithms that clients and resources ask for, one a row; a key for those that have '
	'none is made when somebody asks for the key set, or by the next purge';
COMMENT ON COLUMN oauth.wanted_signing_alg.askers IS 'How many clients and resources; openid as a default scope is one more';
COMMENT ON COLUMN oauth.wanted_signing_alg.has_key IS 'Whether a key signs with it, or will';

-- A row a login in a browser.
CREATE VIEW oauth.session_overview AS
	SELECT n.handle, n.subject,
		coalesce(u.username, (SELECT o.username FROM oauth.own_username o WHERE o.subject = n.subject)) AS username,
		timestamptz '2000-01-01 00:00:00+00' + (n.handle >> 11) * interval '1 microsecond' AS started_at, n.expires_at,
		CASE WHEN n.ended_at < n.expires_at THEN 'ended'
			WHEN n.expires_at <= now() THEN 'expired'
			WHEN s.disabled_at IS NOT NULL THEN 'ended'
			ELSE 'living' END AS state,
		n.acr, n.amr, n.sid
	FROM oauth.session n
	JOIN oauth.subject s ON s.subject = n.subject
	LEFT JOIN oauth.user u ON u.subject = n.subject;
COMMENT ON VIEW oauth.session_overview IS 'Logins on the pages, living and ended, one a row, until they are purged';
COMMENT ON COLUMN oauth.session_overview.handle IS 'Ascends with the time of login: ORDER BY handle DESC for the newest';
COMMENT ON COLUMN oauth.session_overview.username IS 'The name of the built-in user, or from the application''s table '
	'(oauth_use_users)';
COMMENT ON COLUMN oauth.session_overview.acr IS 'How strongly the subject logged in; NULL: nobody said';
COMMENT ON COLUMN oauth.session_overview.amr IS 'By which methods, space-separated; NULL: nobody said';
COMMENT ON COLUMN oauth.session_overview.sid IS 'What clients call the session, but for those with pairwise subjects, which each see another sid; oauth_end_session(sid => ...) takes either';
COMMENT ON COLUMN oauth.session_overview.state IS 'living, expired, or ended (a logout, or the subject is disabled)';

-- They are in shared memory.  Who may look at the view needs this function too.
CREATE FUNCTION @extschema@._oauth_database_sessions()
	RETURNS TABLE (pid integer, backend_start timestamptz, role oid, token_handle bigint, grant_handle bigint)
	AS 'MODULE_PATHNAME', 'oauth_database_sessions' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED ROWS 10
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@._oauth_database_sessions() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@._oauth_database_sessions() IS 'For the view oauth.database_session';

-- A row a session of PostgreSQL.
CREATE VIEW oauth.database_session AS
	SELECT d.pid, d.backend_start, r.rolname AS role, g.subject,
		coalesce(u.username, (SELECT o.username FROM oauth.own_username o WHERE o.subject = g.subject)) AS username,
		c.client_name, g.client_id, t.scope, t.expires_at,
		CASE WHEN t.revoked_at IS NOT NULL OR g.ended_at IS NOT NULL OR s.disabled_at IS NOT NULL
			OR c.disabled_at IS NOT NULL OR t.handle IS NULL THEN 'ended'
			WHEN t.expires_at <= now() THEN 'expired'
			ELSE 'living' END AS state,
		d.token_handle, d.grant_handle
	FROM @extschema@._oauth_database_sessions() d
	LEFT JOIN pg_catalog.pg_roles r ON r.oid = d.role
	LEFT JOIN oauth.access_token t ON t.handle = d.token_handle
	LEFT JOIN oauth.grant g ON g.handle = d.grant_handle
	LEFT JOIN oauth.client c ON c.client_id = g.client_id
	LEFT JOIN oauth.subject s ON s.subject = g.subject
	LEFT JOIN oauth.user u ON u.subject = g.subject;
COMMENT ON VIEW oauth.database_session IS 'Sessions of PostgreSQL (from 18 on) that somebody logged in to with a token of this '
	'database, one a row, while they live';
COMMENT ON COLUMN oauth.database_session.pid IS 'The server process, as in pg_stat_activity';
COMMENT ON COLUMN oauth.database_session.backend_start IS 'When the connection was made, as in pg_stat_activity';
COMMENT ON COLUMN oauth.database_session.role IS 'The role that was logged in as';
COMMENT ON COLUMN oauth.database_session.username IS 'The name of the built-in user, or from the application''s table '
	'(oauth_use_users)';
COMMENT ON COLUMN oauth.database_session.state IS 'Of the token: living, expired, or ended (revoked, or its client or subject is '
	'disabled); where it does not live, oauth_subject() is NULL in the session';

-- A row a message for another server.
CREATE VIEW oauth.delivery_overview AS
	SELECT d.handle, d.kind, c.client_name, d.client_id, d.url, d.subject, d.sid,
		timestamptz '2000-01-01 00:00:00+00' + (d.handle >> 11) * interval '1 microsecond' AS created_at,
		CASE WHEN d.delivered_at IS NOT NULL THEN 'delivered'
			WHEN d.failed_at IS NOT NULL THEN 'failed'
			WHEN d.taken_until > now() THEN 'being sent'
			WHEN d.due_at <= now() AND h.is_full THEN 'held back'
			ELSE 'waiting' END AS state,
		d.attempts, coalesce(d.delivered_at, d.failed_at) AS ended_at,
		CASE WHEN d.delivered_at IS NULL AND d.failed_at IS NULL THEN d.due_at END AS next_attempt_at, d.status, d.problem,
		d.host, d.attempted_at
	FROM oauth.delivery d
	JOIN oauth.client c ON c.client_id = d.client_id
	CROSS JOIN LATERAL (SELECT c.registration_token_hash IS NOT NULL AND c.vouched_at IS NULL AS is_stranger,
		coalesce(nullif(current_setting('oauth.delivery_rate', true), '')::integer, 60) AS rate) s
	LEFT JOIN LATERAL (SELECT count(*) FILTER (WHERE t.taken_until > now()) >= CASE WHEN s.is_stranger THEN 2 ELSE 8 END
			OR (s.is_stranger AND s.rate > 0 AND count(*) >= s.rate) AS is_full
		FROM oauth.delivery t
		JOIN oauth.client o ON o.client_id = t.client_id
		WHERE t.host = d.host AND t.attempted_at > now() - interval '1 minute'
			AND (o.registration_token_hash IS NOT NULL AND o.vouched_at IS NULL) = s.is_stranger) h
		ON d.delivered_at IS NULL AND d.failed_at IS NULL AND d.due_at <= now();
COMMENT ON VIEW oauth.delivery_overview IS 'Messages for other servers (logout tokens), one a row, until they are purged: a '
	'day after they arrived, a week after they failed';
COMMENT ON COLUMN oauth.delivery_overview.handle IS 'Ascends with time: ORDER BY handle DESC for the newest';
COMMENT ON COLUMN oauth.delivery_overview.state IS 'waiting; held back: so many others are sent to the same host; '
	'being sent, delivered, or failed';
COMMENT ON COLUMN oauth.delivery_overview.host IS 'It is sent 8 messages at a time, and for clients that registered themselves, '
	'without an initial access token, 2, and oauth.delivery_rate of these a minute';
COMMENT ON COLUMN oauth.delivery_overview.attempted_at IS 'When the last attempt began; NULL: there was none';
COMMENT ON COLUMN oauth.delivery_overview.status IS 'HTTP status of the last answer; NULL: there was none';
COMMENT ON COLUMN oauth.delivery_overview.problem IS 'Why the last attempt failed';

-- A row an event of a day.  The condition is on the handle, which the block range indexes of the log are over.
CREATE VIEW oauth.recent_event AS
	SELECT e.occurred_at, e.event, e.outcome, c.client_name,
		coalesce(u.username, (SELECT o.username FROM oauth.own_username o WHERE o.subject = e.subject)) AS username,
		e.peer, e.role, e.detail, e.client_id, e.subject, e.request_id,
		e.handle
	FROM oauth.event e
	LEFT JOIN oauth.client c ON c.client_id = e.client_id
	LEFT JOIN oauth.user u ON u.subject = e.subject
	WHERE e.handle > (extract(epoch FROM now() - interval '1 day' - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint << 11
	ORDER BY e.handle DESC;
COMMENT ON VIEW oauth.recent_event IS 'The audit log (oauth.event) of the last day, the newest first, with names';
COMMENT ON COLUMN oauth.recent_event.outcome IS 'NULL: it was done; otherwise the error code of the refusal';
COMMENT ON COLUMN oauth.recent_event.username IS 'The name of the built-in user, or from the application''s table '
	'(oauth_use_users)';
COMMENT ON COLUMN oauth.recent_event.peer IS 'Address of the HTTP client, or of the session; NULL: unknown, or a local '
	'socket';
COMMENT ON COLUMN oauth.recent_event.role IS 'The role of the session, if it was done in SQL; NULL: by an HTTP client';
COMMENT ON COLUMN oauth.recent_event.detail IS 'What exactly was done, or why it was refused';
COMMENT ON COLUMN oauth.recent_event.request_id IS 'Id of the HTTP request, as in the shim''s logs and its answer '
	'(X-Request-Id)';


