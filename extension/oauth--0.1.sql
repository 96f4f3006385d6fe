-- tables.sql: what the provider remembers.
-- SPDX-License-Identifier: PostgreSQL
--
-- A token is a public, time-ordered handle (the primary key) and 256 random bits, of which only the SHA-256 of the
-- whole token string is stored.  Ending something is one row: a token lives while it, its grant, the grant's client
-- and the grant's subject all do.  The script inserts no row into any table, because a dump would bring it twice.
-- Strings with a backslash are E'' strings, which standard_conforming_strings does not change.

\echo Use "CREATE EXTENSION oauth CASCADE" to load this file. \quit

SET LOCAL search_path TO pg_catalog, pg_temp;

-- Refuse what would not work, or would not be safe, before anything exists.
DO $check$
BEGIN
	IF pg_catalog.current_setting('server_encoding') <> 'UTF8' THEN
		RAISE EXCEPTION USING
			ERRCODE = 'feature_not_supported',
			MESSAGE = 'extension oauth needs a database with encoding UTF8',
			HINT = 'CREATE DATABASE ... ENCODING ''UTF8'' TEMPLATE template0';
	END IF;

	-- Who may create objects in the schema of the API can put functions there that its callers would run.
	IF EXISTS (
		SELECT FROM pg_catalog.pg_namespace n
		CROSS JOIN LATERAL pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) a
		LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
		WHERE n.oid = '@extschema@'::pg_catalog.regnamespace
		AND a.privilege_type = 'CREATE'
		AND NOT coalesce(r.rolsuper, false)
		AND coalesce(r.rolname, '') <> 'pg_database_owner'
		AND a.grantee <> (SELECT d.datdba FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
	) THEN
		RAISE EXCEPTION USING
			ERRCODE = 'insufficient_privilege',
			MESSAGE = 'others may create objects in schema @extschema@',
			HINT = 'REVOKE CREATE ON SCHEMA @extschema@ FROM PUBLIC (and from every other role that has it), '
				'or CREATE EXTENSION oauth SCHEMA some_schema_of_its_own CASCADE';
	END IF;
END
$check$;

-- Tables and endpoint functions.  USAGE is for the types of the endpoint functions; no table has a grant.
CREATE SCHEMA oauth;
REVOKE ALL ON SCHEMA oauth FROM PUBLIC;
GRANT USAGE ON SCHEMA oauth TO PUBLIC;
COMMENT ON SCHEMA oauth IS 'OAuth provider: tables, types and HTTP endpoint functions';

-- What is stored of a secret.  A domain and no CHECK of each table, because a CHECK is parsed anew for every statement
-- that writes a row: with the domain a refresh costs a sixth less.
CREATE DOMAIN oauth.sha256 AS bytea CHECK (octet_length(VALUE) = 32);
COMMENT ON DOMAIN oauth.sha256 IS 'A SHA-256 digest: 32 bytes';

-- Which master keys have sealed something here.  The keys themselves are in a file (oauth.master_key_file).
CREATE TABLE oauth.master_key (
	key_id bytea PRIMARY KEY CHECK (octet_length(key_id) = 8),
	created_at timestamptz NOT NULL DEFAULT now(),
	retired_at timestamptz
);
CREATE UNIQUE INDEX master_key_current ON oauth.master_key ((true)) WHERE retired_at IS NULL;
COMMENT ON TABLE oauth.master_key IS 'Fingerprints of master keys; the one that is not retired seals';
COMMENT ON COLUMN oauth.master_key.key_id IS 'First 8 bytes of a labelled SHA-256 of the key';

-- What a client may ask for, in words for the consent page (RFC 6749, section 3.3).
CREATE TABLE oauth.scope (
	scope text COLLATE "C" PRIMARY KEY CHECK (scope ~ E'^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,128}$'),
	description text NOT NULL,
	is_default boolean NOT NULL DEFAULT false,
	is_advertised boolean NOT NULL DEFAULT true,
	created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE oauth.scope IS 'Scopes that exist; the default ones are given when a client asks for none';
COMMENT ON COLUMN oauth.scope.is_advertised IS 'Whether metadata lists it (scopes_supported), and clients that register '
	'themselves may have it';
COMMENT ON COLUMN oauth.scope.description IS 'Words for the consent page';

-- Clients (RFC 6749, section 2), also the consumers of OAuth 1.0a: the consumer key is the client_id.
CREATE TABLE oauth.client (
	client_id text COLLATE "C" PRIMARY KEY CHECK (client_id ~ E'^[\\x21-\\x7E]{1,255}$'),
	client_name text NOT NULL,
	client_type text NOT NULL CHECK (client_type IN ('confidential', 'public')),
	token_endpoint_auth_method text CHECK (token_endpoint_auth_method IN ('none', 'client_secret_basic', 'client_secret_post')),
	grant_types text[] NOT NULL,
	redirect_uris text[] NOT NULL,
	scope text,
	access_token_lifetime integer CHECK (access_token_lifetime > 0),
	refresh_token_lifetime integer CHECK (refresh_token_lifetime > 0),
	require_pkce boolean NOT NULL DEFAULT false,
	metadata jsonb NOT NULL DEFAULT '{}',
	rsa_public_key text,
	signature_methods text[],
	secret_hash oauth.sha256,
	secret_sealed bytea,
	old_secret_hash oauth.sha256,
	old_secret_sealed bytea,
	old_secret_expires_at timestamptz,
	secret_set_at timestamptz NOT NULL DEFAULT now(),
	registration_token_hash oauth.sha256,
	vouched_at timestamptz,
	imported_from text,
	imported_secret_hash text,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	disabled_at timestamptz,
	deleted_at timestamptz,
	CONSTRAINT public_clients_have_no_secret
		CHECK (client_type = 'confidential' OR secret_hash IS NULL OR imported_from IS NOT NULL),
	CONSTRAINT confidential_clients_can_prove_who_they_are
		CHECK (client_type = 'public' OR secret_hash IS NOT NULL OR rsa_public_key IS NOT NULL
			OR imported_secret_hash IS NOT NULL),
	CONSTRAINT only_imported_clients_have_imported_secrets CHECK (imported_from IS NOT NULL OR imported_secret_hash IS NULL),
	CONSTRAINT public_clients_use_no_authentication
		CHECK ((client_type = 'public') = (token_endpoint_auth_method IS NOT DISTINCT FROM 'none')),
	CONSTRAINT client_credentials_need_credentials
		CHECK (client_type = 'confidential' OR NOT grant_types @> '{client_credentials}'),
	CONSTRAINT only_oauth1_secrets_are_recoverable
		CHECK (secret_sealed IS NULL OR grant_types && '{oauth1,oauth1_two_legged,oauth1_xauth}'),
	CONSTRAINT oauth1_clients_can_sign
		CHECK (NOT grant_types && '{oauth1,oauth1_two_legged,oauth1_xauth}' OR secret_sealed IS NOT NULL
			OR rsa_public_key IS NOT NULL),
	CONSTRAINT old_secrets_end CHECK ((old_secret_hash IS NULL) = (old_secret_expires_at IS NULL)),
	CONSTRAINT deleted_clients_are_disabled CHECK (deleted_at IS NULL OR disabled_at IS NOT NULL)
);
ALTER TABLE oauth.client ALTER COLUMN secret_hash SET STATISTICS 0;
ALTER TABLE oauth.client ALTER COLUMN secret_sealed SET STATISTICS 0;
ALTER TABLE oauth.client ALTER COLUMN old_secret_hash SET STATISTICS 0;
ALTER TABLE oauth.client ALTER COLUMN old_secret_sealed SET STATISTICS 0;
ALTER TABLE oauth.client ALTER COLUMN registration_token_hash SET STATISTICS 0;
ALTER TABLE oauth.client ALTER COLUMN imported_secret_hash SET STATISTICS 0;
CREATE INDEX client_self_registered ON oauth.client (updated_at) WHERE registration_token_hash IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX client_disabled ON oauth.client (client_id) WHERE disabled_at IS NOT NULL;
CREATE INDEX client_deleted ON oauth.client (client_id) WHERE deleted_at IS NOT NULL;
COMMENT ON TABLE oauth.client IS 'Clients of OAuth 2 and consumers of OAuth 1.0a';
COMMENT ON COLUMN oauth.client.client_id IS 'Also the consumer key of OAuth 1.0a';
COMMENT ON COLUMN oauth.client.client_type IS 'confidential: it can keep a secret; public: it cannot, and has none';
COMMENT ON COLUMN oauth.client.redirect_uris IS 'Compared character by character, but for the port of a '
	'loopback address, or of localhost';
COMMENT ON COLUMN oauth.client.old_secret_sealed IS 'Likewise, where the secret is kept sealed';
COMMENT ON COLUMN oauth.client.token_endpoint_auth_method IS 'NULL: client_secret_basic or client_secret_post, as it likes';
COMMENT ON COLUMN oauth.client.grant_types IS 'All that the client may do; OAuth 1.0a is oauth1, oauth1_two_legged, oauth1_xauth';
COMMENT ON COLUMN oauth.client.scope IS 'What the client may ask for, space-separated; NULL: the default scopes, and '
	'for a client that registered itself those that are advertised';
COMMENT ON COLUMN oauth.client.access_token_lifetime IS 'Seconds; NULL: setting oauth.access_token_lifetime';
COMMENT ON COLUMN oauth.client.refresh_token_lifetime IS 'Seconds; NULL: setting oauth.refresh_token_lifetime';
COMMENT ON COLUMN oauth.client.require_pkce IS 'Whether it must use PKCE though it is confidential; public clients must anyway';
COMMENT ON COLUMN oauth.client.metadata IS 'Members of RFC 7591 that are shown and not acted upon';
COMMENT ON COLUMN oauth.client.rsa_public_key IS 'PEM; verifies RSA signatures of OAuth 1.0a';
COMMENT ON COLUMN oauth.client.signature_methods IS 'Of OAuth 1.0a; NULL: RSA-* with an rsa_public_key, else HMAC-* and '
	'PLAINTEXT';
COMMENT ON COLUMN oauth.client.secret_hash IS 'SHA-256 of the client secret';
COMMENT ON COLUMN oauth.client.secret_sealed IS 'The client secret under the master key, for OAuth 1.0a signatures only';
COMMENT ON COLUMN oauth.client.registration_token_hash IS 'Of a client that registered itself: SHA-256 of its '
	'registration_access_token (RFC 7592)';
COMMENT ON COLUMN oauth.client.vouched_at IS 'Of a client that registered itself with an initial access token: when. '
	'oauth.registration_limit does not count it';
COMMENT ON COLUMN oauth.client.imported_from IS 'The provider that it was imported from; NULL: registered here';
COMMENT ON COLUMN oauth.client.imported_secret_hash IS 'The hash that the other provider kept of the secret, until it is '
	'used for the first time here; then there is a secret_hash instead';
COMMENT ON COLUMN oauth.client.old_secret_hash IS 'The secret before the last rotation, good until old_secret_expires_at';

-- Pages whose scripts may read what the client's requests are answered with (CORS).
CREATE TABLE oauth.client_origin (
	client_id text COLLATE "C" NOT NULL REFERENCES oauth.client ON DELETE CASCADE,
	origin text COLLATE "C" NOT NULL CHECK (origin ~ '^https?://[][a-z0-9.:-]+$' AND length(origin) <= 255),
	PRIMARY KEY (client_id, origin)
);
CREATE INDEX client_origin_origin ON oauth.client_origin (origin, client_id);
COMMENT ON TABLE oauth.client_origin IS 'Origins of web pages that act as a client: cors_origins of its registration';

-- What lets a client register itself where oauth.registration is token (RFC 7591, section 3).
CREATE TABLE oauth.initial_access_token (
	handle bigint PRIMARY KEY,
	expires_at timestamptz NOT NULL,
	uses_left integer NOT NULL CHECK (uses_left >= 0),
	token_hash oauth.sha256 NOT NULL
);
CREATE INDEX initial_access_token_expires_at ON oauth.initial_access_token (expires_at);
ALTER TABLE oauth.initial_access_token ALTER COLUMN token_hash SET STATISTICS 0;
COMMENT ON TABLE oauth.initial_access_token IS 'Initial access tokens: who holds one may register clients, so many';
COMMENT ON COLUMN oauth.initial_access_token.token_hash IS 'SHA-256 of the whole token string';

-- Resource owners, by the text that names them: a built-in user's generated subject or the application's own id.
CREATE TABLE oauth.subject (
	subject text COLLATE "C" PRIMARY KEY CHECK (length(subject) BETWEEN 1 AND 255 AND subject !~ E'[\\x01-\\x1F\\x7F]|^ | $'),
	created_at timestamptz NOT NULL DEFAULT now(),
	disabled_at timestamptz,
	deleted_at timestamptz,
	CONSTRAINT deleted_subjects_are_disabled CHECK (deleted_at IS NULL OR disabled_at IS NOT NULL)
);
CREATE INDEX subject_disabled ON oauth.subject (subject) WHERE disabled_at IS NOT NULL;
CREATE INDEX subject_deleted ON oauth.subject (subject) WHERE deleted_at IS NOT NULL;
COMMENT ON TABLE oauth.subject IS 'Resource owners that tokens were issued for';
COMMENT ON COLUMN oauth.subject.subject IS 'Generated for a built-in user, or the application''s own id';

-- What a name of a built-in user is found by.  No two users have the same: who would be who, if "Alice" and "alice" were two?
CREATE FUNCTION @extschema@._oauth_username_key(username text) RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_username_key_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
REVOKE ALL ON FUNCTION @extschema@._oauth_username_key(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@._oauth_username_key(text) IS 'A username as it is compared (RFC 8265, UsernameCaseMapped): in '
	'lower case, composed, narrow, without spaces around it';

-- The built-in users.  Only bcrypt as pgcrypto computes it: a hash it would read as DES cannot be written down.
CREATE TABLE oauth.user (
	username text COLLATE "C" PRIMARY KEY CHECK (length(username) BETWEEN 1 AND 255),
	username_key text COLLATE "C" NOT NULL UNIQUE GENERATED ALWAYS AS (@extschema@._oauth_username_key(username)) STORED,
	subject text COLLATE "C" NOT NULL UNIQUE REFERENCES oauth.subject,
	password_hash text NOT NULL CHECK (password_hash ~ E'^\\$2a\\$(0[4-9]|1[0-4])\\$[./A-Za-z0-9]{53}$'),
	created_at timestamptz NOT NULL DEFAULT now(),
	password_set_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE oauth.user ALTER COLUMN password_hash SET STATISTICS 0;
COMMENT ON TABLE oauth.user IS 'Built-in users, who log in with a name and a password';
COMMENT ON COLUMN oauth.user.username IS 'As it was given. May change hands; the subject does not';
COMMENT ON COLUMN oauth.user.username_key IS 'What the name is found by: case, width, spaces around it and how letters are '
	'composed make no other name';
COMMENT ON COLUMN oauth.user.password_hash IS 'bcrypt, as pgcrypto computes it';

-- Where users are, if not in oauth.user: at most one row.  Text, because a regclass column would stop pg_upgrade.
CREATE TABLE oauth.user_source (
	is_it boolean PRIMARY KEY DEFAULT true CHECK (is_it),
	relation_schema text NOT NULL,
	relation_name text NOT NULL,
	id_column text NOT NULL,
	username_column text NOT NULL,
	password_column text,
	active_column text,
	scheme text NOT NULL,
	function_schema text,
	function_name text,
	allow_legacy boolean NOT NULL,
	upgrade boolean NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT passwords_are_checked_in_one_way CHECK (password_column IS NULL OR function_name IS NULL),
	CONSTRAINT functions_have_a_schema CHECK ((function_name IS NULL) = (function_schema IS NULL)),
	CONSTRAINT what_is_upgraded_is_a_column CHECK (NOT upgrade OR password_column IS NOT NULL)
);
COMMENT ON TABLE oauth.user_source IS 'The application''s own table or view of users (oauth_use_users); no row: oauth.user';
COMMENT ON COLUMN oauth.user_source.scheme IS 'Of the hashes in password_column: auto, or the only one that is accepted';
COMMENT ON COLUMN oauth.user_source.allow_legacy IS 'Whether unsalted and plain digests are accepted too';
COMMENT ON COLUMN oauth.user_source.active_column IS 'A boolean that is true, or a time that is null, for users who may '
	'log in; NULL: all may';
COMMENT ON COLUMN oauth.user_source.function_name IS 'f(username text, password text) RETURNS text, the id or null';

-- What a subject granted a client.  A client acting for itself has one standing grant without a subject.
CREATE TABLE oauth.grant (
	handle bigint PRIMARY KEY,
	client_id text COLLATE "C" NOT NULL REFERENCES oauth.client,
	subject text COLLATE "C" REFERENCES oauth.subject,
	grant_type text NOT NULL,
	scope text,
	resource text,
	ended_at timestamptz,
	ended_reason text,
	emptied_at timestamptz,
	CONSTRAINT clients_act_for_themselves_by_client_credentials
		CHECK ((subject IS NULL) = (grant_type = 'client_credentials')),
	CONSTRAINT grants_of_subjects_have_a_scope CHECK ((subject IS NULL) = (scope IS NULL)),
	CONSTRAINT ends_have_a_reason CHECK ((ended_at IS NULL) = (ended_reason IS NULL)),
	CONSTRAINT only_ended_grants_are_emptied CHECK (emptied_at IS NULL OR ended_at IS NOT NULL)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE UNIQUE INDEX grant_standing ON oauth.grant (client_id) WHERE subject IS NULL AND ended_at IS NULL;
CREATE INDEX grant_client_id ON oauth.grant (client_id);
CREATE INDEX grant_subject ON oauth.grant (subject) WHERE subject IS NOT NULL;
CREATE INDEX grant_ended ON oauth.grant (ended_at) WHERE ended_at IS NOT NULL AND emptied_at IS NULL;
CREATE INDEX grant_emptied ON oauth.grant (emptied_at) WHERE emptied_at IS NOT NULL;
COMMENT ON TABLE oauth.grant IS 'Authorizations: one row ends every token that came of it';
COMMENT ON COLUMN oauth.grant.grant_type IS 'How it was made: a grant_type of the token endpoint, one of OAuth 1.0a, '
	'or the name of the SQL function';
COMMENT ON COLUMN oauth.grant.ended_reason IS 'Words for whoever looks';
COMMENT ON COLUMN oauth.grant.handle IS 'Microseconds since 2000-01-01 times 2048, plus the backend''s number';
COMMENT ON COLUMN oauth.grant.emptied_at IS 'When the last of its tokens was purged; the row stays while events may name it';
COMMENT ON COLUMN oauth.grant.resource IS 'URIs of the resources it is for, space-separated (RFC 8707); NULL: any';
COMMENT ON COLUMN oauth.grant.scope IS 'What was granted; NULL for a client itself, whose tokens each say their own';

-- Bearer tokens (RFC 6750).
CREATE TABLE oauth.access_token (
	handle bigint PRIMARY KEY,
	grant_handle bigint NOT NULL REFERENCES oauth.grant,
	expires_at timestamptz NOT NULL,
	revoked_at timestamptz,
	token_hash oauth.sha256 NOT NULL,
	scope text NOT NULL,
	resource text
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05,
	autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX access_token_grant ON oauth.access_token (grant_handle);
CREATE INDEX access_token_expires_at ON oauth.access_token (expires_at);
ALTER TABLE oauth.access_token ALTER COLUMN token_hash SET STATISTICS 0;
COMMENT ON TABLE oauth.access_token IS 'Access tokens; rows stay until oauth_purge_expired() removes them';
COMMENT ON COLUMN oauth.access_token.scope IS 'Within that of the grant';
COMMENT ON COLUMN oauth.access_token.token_hash IS 'SHA-256 of the whole token string';
COMMENT ON COLUMN oauth.access_token.resource IS 'URIs of the resources it is for, space-separated (RFC 8707); NULL: any';

-- Authorization codes (RFC 6749, section 4.1), each good once.  The grant was made when the subject approved; a used row
-- stays, so that a second use is seen and ends it.  Pages are half filled, so that each row finds room beside it for
-- being used: an update that goes elsewhere writes to every index.
CREATE TABLE oauth.authorization_code (
	handle bigint PRIMARY KEY,
	grant_handle bigint NOT NULL REFERENCES oauth.grant,
	expires_at timestamptz NOT NULL,
	used_at timestamptz,
	code_hash oauth.sha256 NOT NULL,
	redirect_uri text,
	code_challenge text,
	answer_id uuid
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX authorization_code_grant ON oauth.authorization_code (grant_handle);
CREATE INDEX authorization_code_expires_at ON oauth.authorization_code (expires_at);
CREATE UNIQUE INDEX authorization_code_answer ON oauth.authorization_code (answer_id) WHERE answer_id IS NOT NULL;
ALTER TABLE oauth.authorization_code ALTER COLUMN code_hash SET STATISTICS 0;
COMMENT ON TABLE oauth.authorization_code IS 'Authorization codes';
COMMENT ON COLUMN oauth.authorization_code.code_hash IS 'SHA-256 of the whole code';
COMMENT ON COLUMN oauth.authorization_code.redirect_uri IS 'As the authorization request sent it; NULL if it sent none';
COMMENT ON COLUMN oauth.authorization_code.answer_id IS 'Of the consent form that it answers: half the SHA-256 of its token; '
	'NULL: there was none';
COMMENT ON COLUMN oauth.authorization_code.code_challenge IS 'Of PKCE, method S256 (RFC 7636)';

-- Refresh tokens (RFC 6749, section 6), each good once.  A used row stays, so that a second use is seen.  Pages are half
-- filled, as those of codes.
CREATE TABLE oauth.refresh_token (
	handle bigint PRIMARY KEY,
	grant_handle bigint NOT NULL REFERENCES oauth.grant,
	expires_at timestamptz NOT NULL,
	used_at timestamptz,
	successor bigint,
	access_token bigint NOT NULL,
	token_hash oauth.sha256 NOT NULL,
	rotation_salt bytea,
	CONSTRAINT used_tokens_have_a_successor CHECK ((used_at IS NULL) = (successor IS NULL))
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX refresh_token_grant ON oauth.refresh_token (grant_handle);
CREATE INDEX refresh_token_expires_at ON oauth.refresh_token (expires_at);
ALTER TABLE oauth.refresh_token ALTER COLUMN token_hash SET STATISTICS 0;
ALTER TABLE oauth.refresh_token ALTER COLUMN rotation_salt SET STATISTICS 0;
COMMENT ON TABLE oauth.refresh_token IS 'Refresh tokens; the family of a token is its grant';
COMMENT ON COLUMN oauth.refresh_token.successor IS 'Handle of the refresh token that took its place';
COMMENT ON COLUMN oauth.refresh_token.token_hash IS 'SHA-256 of the whole token string';
COMMENT ON COLUMN oauth.refresh_token.access_token IS 'Handle of the access token issued with this one';
COMMENT ON COLUMN oauth.refresh_token.rotation_salt IS 'Key id and salt that this token was derived with from its '
	'predecessor; erased when it is used or the grace has ended';

-- Nonces of OAuth 1.0a (RFC 5849, section 3.3): a ring of tables by oauth_timestamp, which oauth_purge_expired() empties
-- with TRUNCATE.  Rows are only ever added, so there is nothing for autovacuum to do but stand in the way of that.  A
-- uuid is 16 bytes of fixed length; a dump leaves the rows out, for where it is restored the floor rises above them.
DO $nonces$
BEGIN
	FOR i IN 0 .. 7 LOOP
		EXECUTE format('CREATE TABLE oauth.nonce_%s (oauth_timestamp bigint, digest uuid, '
			'PRIMARY KEY (oauth_timestamp, digest)) WITH (autovacuum_enabled = false)', i);
		EXECUTE format('COMMENT ON TABLE oauth.nonce_%s IS ''Used nonces of signed requests''', i);
		EXECUTE format('COMMENT ON COLUMN oauth.nonce_%s.digest IS '
			'''First half of the SHA-256 of token handle, client_id and nonce''', i);
		PERFORM pg_extension_config_dump(format('oauth.nonce_%s', i), 'WHERE false');
	END LOOP;
END
$nonces$;

-- Below the floor every timestamp is refused, for its nonces may have been removed or lost.
CREATE TABLE oauth.nonce_floor (
	is_only_row boolean PRIMARY KEY CHECK (is_only_row),
	system_identifier bigint NOT NULL,
	timeline bigint NOT NULL,
	relation oid NOT NULL,
	floor bigint NOT NULL,
	seconds_a_table bigint NOT NULL CHECK (seconds_a_table > 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE oauth.nonce_floor IS 'Lowest oauth_timestamp that can be accepted, and where that was found out: on '
	'another server, timeline or table, nonces may be missing and the floor rises above all that were';
COMMENT ON COLUMN oauth.nonce_floor.system_identifier IS 'Of the server where this was found out; with timeline and '
	'relation: is it still that one?';
COMMENT ON COLUMN oauth.nonce_floor.relation IS 'Of this table';
COMMENT ON COLUMN oauth.nonce_floor.floor IS 'In seconds since 1970; earlier timestamps are refused';
COMMENT ON COLUMN oauth.nonce_floor.seconds_a_table IS 'How many seconds of timestamps go into one table of the ring';

-- Temporary credentials of OAuth 1.0a (RFC 5849, section 2.1).  The verifier exists once the subject has approved.
CREATE TABLE oauth.request_token (
	handle bigint PRIMARY KEY,
	client_id text COLLATE "C" NOT NULL REFERENCES oauth.client,
	expires_at timestamptz NOT NULL,
	token_hash oauth.sha256 NOT NULL,
	secret_sealed bytea NOT NULL,
	callback text NOT NULL,
	scope text NOT NULL,
	subject text COLLATE "C" REFERENCES oauth.subject,
	verifier_hash oauth.sha256,
	failed_attempts integer NOT NULL DEFAULT 0,
	denied_at timestamptz,
	used_at timestamptz,
	CONSTRAINT approval_is_by_a_subject CHECK ((subject IS NULL) = (verifier_hash IS NULL)),
	CONSTRAINT denied_or_approved CHECK (denied_at IS NULL OR subject IS NULL),
	CONSTRAINT used_tokens_were_approved CHECK (used_at IS NULL OR subject IS NOT NULL)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX request_token_client_id ON oauth.request_token (client_id);
CREATE INDEX request_token_subject ON oauth.request_token (subject) WHERE subject IS NOT NULL;
CREATE INDEX request_token_expires_at ON oauth.request_token (expires_at);
ALTER TABLE oauth.request_token ALTER COLUMN token_hash SET STATISTICS 0;
ALTER TABLE oauth.request_token ALTER COLUMN secret_sealed SET STATISTICS 0;
ALTER TABLE oauth.request_token ALTER COLUMN verifier_hash SET STATISTICS 0;
COMMENT ON TABLE oauth.request_token IS 'Temporary credentials of OAuth 1.0a, waiting for approval and good once';
COMMENT ON COLUMN oauth.request_token.token_hash IS 'SHA-256 of the token string';
COMMENT ON COLUMN oauth.request_token.secret_sealed IS 'The shared secret under the master key: signatures need it';
COMMENT ON COLUMN oauth.request_token.subject IS 'Who approved; NULL until somebody has';
COMMENT ON COLUMN oauth.request_token.verifier_hash IS 'SHA-256 of the oauth_verifier; NULL until somebody has approved';
COMMENT ON COLUMN oauth.request_token.callback IS 'Where the verifier goes: the URI of the request, or oob for a person''s hands';
COMMENT ON COLUMN oauth.request_token.failed_attempts IS 'Wrong verifiers so far; a few end the token';

-- Token credentials of OAuth 1.0a (RFC 5849, section 2.3).  The grant says whose and for what.
CREATE TABLE oauth.oauth1_token (
	handle bigint PRIMARY KEY,
	grant_handle bigint NOT NULL REFERENCES oauth.grant,
	expires_at timestamptz,
	revoked_at timestamptz,
	token_hash oauth.sha256 NOT NULL,
	secret_sealed bytea NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05,
	autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX oauth1_token_grant ON oauth.oauth1_token (grant_handle);
CREATE INDEX oauth1_token_expires_at ON oauth.oauth1_token (expires_at) WHERE expires_at IS NOT NULL;
ALTER TABLE oauth.oauth1_token ALTER COLUMN token_hash SET STATISTICS 0;
ALTER TABLE oauth.oauth1_token ALTER COLUMN secret_sealed SET STATISTICS 0;
COMMENT ON TABLE oauth.oauth1_token IS 'Token credentials of OAuth 1.0a';
COMMENT ON COLUMN oauth.oauth1_token.token_hash IS 'SHA-256 of the token string';
COMMENT ON COLUMN oauth.oauth1_token.expires_at IS 'NULL: until it is revoked';
COMMENT ON COLUMN oauth.oauth1_token.secret_sealed IS 'The shared secret under the master key: signatures need it';

-- The names that other providers gave to tokens that were imported: their strings have no handle in them.  Half of a
-- SHA-256 finds the row of the token, where the whole of it is compared.  A row outlives the token, so that importing a
-- second time does not bring back what has ended here.
CREATE TABLE oauth.imported_token (
	digest uuid PRIMARY KEY,
	handle bigint NOT NULL,
	expires_at timestamptz,
	imported_at timestamptz NOT NULL,
	is_signature boolean NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX imported_token_expires_at ON oauth.imported_token (expires_at) WHERE expires_at IS NOT NULL;
ALTER TABLE oauth.imported_token ALTER COLUMN digest SET STATISTICS 0;
COMMENT ON TABLE oauth.imported_token IS 'Tokens that other providers issued, and the handles they have here';
COMMENT ON COLUMN oauth.imported_token.digest IS 'First half of the SHA-256 of the token string';
COMMENT ON COLUMN oauth.imported_token.handle IS 'Of a row of access_token, refresh_token or oauth1_token; 0: of a consent';
COMMENT ON COLUMN oauth.imported_token.is_signature IS 'Of a token of Ory Hydra there is only a digest of its signature, which '
	'does not do without the key that made it (oauth.imported_key)';
COMMENT ON COLUMN oauth.imported_token.expires_at IS 'When it ended where it came from; NULL: it does not';

-- The keys with which Ory Hydra signed the tokens that were imported from it.
CREATE TABLE oauth.imported_key (
	key_hash oauth.sha256 PRIMARY KEY,
	key_sealed bytea NOT NULL
);
ALTER TABLE oauth.imported_key ALTER COLUMN key_hash SET STATISTICS 0;
ALTER TABLE oauth.imported_key ALTER COLUMN key_sealed SET STATISTICS 0;
COMMENT ON TABLE oauth.imported_key IS 'Keys of Ory Hydra, without which the digests it kept of its tokens open nothing';
COMMENT ON COLUMN oauth.imported_key.key_hash IS 'SHA-256 of the key';
COMMENT ON COLUMN oauth.imported_key.key_sealed IS 'The key under the master key';

-- What a subject has allowed a client for good, so that it is not asked again.
CREATE TABLE oauth.consent (
	subject text COLLATE "C" NOT NULL REFERENCES oauth.subject,
	client_id text COLLATE "C" NOT NULL REFERENCES oauth.client,
	scope text NOT NULL,
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (subject, client_id)
);
CREATE INDEX consent_client_id ON oauth.consent (client_id);
COMMENT ON TABLE oauth.consent IS 'Consent that is remembered; ends when access is removed on the account page';
COMMENT ON COLUMN oauth.consent.scope IS 'All that was allowed so far, space-separated';

-- Who is logged in on the pages.
CREATE TABLE oauth.session (
	handle bigint PRIMARY KEY,
	subject text COLLATE "C" NOT NULL REFERENCES oauth.subject,
	expires_at timestamptz NOT NULL,
	ended_at timestamptz,
	token_hash oauth.sha256 NOT NULL,
	peer inet,
	browser text
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX session_subject ON oauth.session (subject);
CREATE INDEX session_expires_at ON oauth.session (expires_at);
ALTER TABLE oauth.session ALTER COLUMN token_hash SET STATISTICS 0;
COMMENT ON TABLE oauth.session IS 'Logins in browsers; the cookie is stored as a digest';
COMMENT ON COLUMN oauth.session.token_hash IS 'SHA-256 of the cookie';
COMMENT ON COLUMN oauth.session.peer IS 'Address that logged in; NULL: unknown';
COMMENT ON COLUMN oauth.session.browser IS 'Which browser it was, for people: Firefox, Linux; NULL: unknown';

-- Logins and decisions that the application takes over (oauth.login_url), each good once, in the browser that began.
CREATE TABLE oauth.login_request (
	handle bigint PRIMARY KEY,
	expires_at timestamptz NOT NULL,
	used_at timestamptz,
	denied_at timestamptz,
	token_hash oauth.sha256 NOT NULL,
	browser_hash oauth.sha256 NOT NULL,
	verifier_hash oauth.sha256,
	address text NOT NULL,
	is_login boolean NOT NULL,
	client_id text COLLATE "C" REFERENCES oauth.client,
	scope text,
	subject text COLLATE "C" REFERENCES oauth.subject,
	accepted_scope text,
	CONSTRAINT denied_or_accepted CHECK (denied_at IS NULL OR accepted_scope IS NULL),
	CONSTRAINT consent_is_by_a_subject CHECK (accepted_scope IS NULL OR (subject IS NOT NULL AND scope IS NOT NULL)),
	CONSTRAINT used_requests_were_decided CHECK (used_at IS NULL OR subject IS NOT NULL OR denied_at IS NOT NULL)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX login_request_expires_at ON oauth.login_request (expires_at);
CREATE INDEX login_request_client_id ON oauth.login_request (client_id) WHERE client_id IS NOT NULL;
CREATE INDEX login_request_subject ON oauth.login_request (subject) WHERE subject IS NOT NULL;
ALTER TABLE oauth.login_request ALTER COLUMN token_hash SET STATISTICS 0;
ALTER TABLE oauth.login_request ALTER COLUMN verifier_hash SET STATISTICS 0;
ALTER TABLE oauth.login_request ALTER COLUMN browser_hash SET STATISTICS 0;
COMMENT ON TABLE oauth.login_request IS 'Browsers that are at the application to log in, or to decide';
COMMENT ON COLUMN oauth.login_request.token_hash IS 'SHA-256 of the handle that the application gets';
COMMENT ON COLUMN oauth.login_request.address IS 'The page to come back to, with its query';
COMMENT ON COLUMN oauth.login_request.is_login IS 'False: somebody is logged in, and only the decision is open';
COMMENT ON COLUMN oauth.login_request.verifier_hash IS 'SHA-256 of what the browser must bring back, new at each decision';
COMMENT ON COLUMN oauth.login_request.browser_hash IS 'SHA-256 of the cookie of the browser that began';
COMMENT ON COLUMN oauth.login_request.accepted_scope IS 'What the application says is allowed; NULL: the page here asks';

-- Devices that wait for somebody to allow them (RFC 8628).
CREATE TABLE oauth.device_code (
	handle bigint PRIMARY KEY,
	client_id text COLLATE "C" NOT NULL REFERENCES oauth.client,
	expires_at timestamptz NOT NULL,
	polled_at timestamptz,
	used_at timestamptz,
	denied_at timestamptz,
	interval_seconds integer NOT NULL,
	code_hash oauth.sha256 NOT NULL,
	user_code_hash oauth.sha256 NOT NULL UNIQUE,
	scope text NOT NULL,
	resource text,
	subject text COLLATE "C" REFERENCES oauth.subject,
	CONSTRAINT denied_or_approved CHECK (denied_at IS NULL OR subject IS NULL),
	CONSTRAINT used_codes_were_approved CHECK (used_at IS NULL OR subject IS NOT NULL)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX device_code_client_id ON oauth.device_code (client_id);
CREATE INDEX device_code_subject ON oauth.device_code (subject) WHERE subject IS NOT NULL;
CREATE INDEX device_code_expires_at ON oauth.device_code (expires_at);
ALTER TABLE oauth.device_code ALTER COLUMN code_hash SET STATISTICS 0;
ALTER TABLE oauth.device_code ALTER COLUMN user_code_hash SET STATISTICS 0;
COMMENT ON TABLE oauth.device_code IS 'Device codes: waiting for approval, and good once';
COMMENT ON COLUMN oauth.device_code.code_hash IS 'SHA-256 of what the device asks with';
COMMENT ON COLUMN oauth.device_code.scope IS 'What the device gets when it is allowed';
COMMENT ON COLUMN oauth.device_code.resource IS 'URIs of the resources it is for, space-separated (RFC 8707); NULL: any';
COMMENT ON COLUMN oauth.device_code.polled_at IS 'When the device last asked';
COMMENT ON COLUMN oauth.device_code.interval_seconds IS 'How long it waits between two questions; grows when it does not';
COMMENT ON COLUMN oauth.device_code.user_code_hash IS 'SHA-256 of the eight letters that a person types';
COMMENT ON COLUMN oauth.device_code.subject IS 'Who allowed it; NULL until somebody has';

-- The application's own words and stylesheet for the pages.
CREATE TABLE oauth.page (
	language text COLLATE "C",
	name text COLLATE "C",
	body text NOT NULL,
	PRIMARY KEY (language, name)
);
COMMENT ON TABLE oauth.page IS 'Texts of the pages that take the place of the original ones (oauth_set_page)';
COMMENT ON COLUMN oauth.page.name IS 'Which text, or the stylesheet';
COMMENT ON COLUMN oauth.page.language IS 'Primary tag, such as en; empty for every language';

-- Functions of the application behind /api/, as text: a regprocedure column would stop pg_upgrade.
CREATE TABLE oauth.protected_function (
	path text COLLATE "C" PRIMARY KEY CHECK (path ~ E'^/api/[\\x21-\\x7E]*[^/]$'),
	function_schema text NOT NULL,
	function_name text NOT NULL,
	required_scope text,
	methods text[] NOT NULL CHECK (cardinality(methods) > 0),
	created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE oauth.protected_function IS 'Which SQL function answers below /api/; the longest path wins';
COMMENT ON COLUMN oauth.protected_function.path IS 'It and all below it, unless another path is longer';
COMMENT ON COLUMN oauth.protected_function.required_scope IS 'Words that the token must all hold; NULL: any token will do';

-- Failed attempts at passwords, secrets and codes.  The key is a digest, for what was typed as a name may be a password.
CREATE TABLE oauth.throttle (
	key uuid PRIMARY KEY,
	last_at timestamptz NOT NULL,
	failures integer NOT NULL CHECK (failures >= 0),
	allowance integer NOT NULL CHECK (allowance > 0),
	kind text NOT NULL,
	account text COLLATE "C",
	address inet
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX throttle_last_at ON oauth.throttle (last_at);
CREATE INDEX throttle_account ON oauth.throttle (account) WHERE account IS NOT NULL;
COMMENT ON TABLE oauth.throttle IS 'Failed attempts, and requests of strangers, that slow down the next ones';
COMMENT ON COLUMN oauth.throttle.key IS 'Half of the SHA-256 of kind, account and address';
COMMENT ON COLUMN oauth.throttle.failures IS 'Since the last success, or since an hour without a failure';
COMMENT ON COLUMN oauth.throttle.allowance IS 'How many of them are free; from then on each waits twice as long as the one before, '
	'up to 15 minutes';
COMMENT ON COLUMN oauth.throttle.kind IS 'password, client_secret or user_code; registration or device_authorization, of which an '
	'address has so many an hour';
COMMENT ON COLUMN oauth.throttle.account IS 'Subject or client_id, if there is such a one';
COMMENT ON COLUMN oauth.throttle.address IS 'An address of IPv4, a network of IPv6 of 64 or 48 bits; NULL: from anywhere, unknown, or a browser '
	'that the account was logged in from before';

-- Where accounts have been logged in from: what is known is not kept out by strangers.  The key is a digest, so that no list of
-- who was where comes to be.
CREATE TABLE oauth.known_address (
	key uuid PRIMARY KEY,
	last_at timestamptz NOT NULL
);
CREATE INDEX known_address_last_at ON oauth.known_address (last_at);
COMMENT ON TABLE oauth.known_address IS 'Addresses that accounts have been logged in from, for which the count of wrong passwords from '
	'anywhere does not hold';
COMMENT ON COLUMN oauth.known_address.key IS 'Half of the SHA-256 of subject, address and the hash of the password';
COMMENT ON COLUMN oauth.known_address.last_at IS 'Of a login, to a day; after 90 days it is forgotten';

-- The audit log: a ring of tables by time, which oauth_purge_expired() empties with TRUNCATE.  Rows are only ever added,
-- so a block range index is all they need, and nothing is left for autovacuum but to note what is frozen.  An event of a
-- grant leaves client and subject to the grant.
DO $events$
BEGIN
	FOR i IN 0 .. 7 LOOP
		EXECUTE format('CREATE TABLE oauth.event_%s (handle bigint NOT NULL, grant_handle bigint, peer inet, '
			'event text NOT NULL, outcome text, client_id text COLLATE "C", subject text COLLATE "C", role text, '
			'detail text, request_id text COLLATE "C")', i);
		EXECUTE format('CREATE INDEX event_%s_handle ON oauth.event_%s USING brin (handle) '
			'WITH (pages_per_range = 32, autosummarize = on)', i, i);
		EXECUTE format('COMMENT ON TABLE oauth.event_%s IS ''Events; read the view oauth.event''', i);
		PERFORM pg_extension_config_dump(format('oauth.event_%s', i), '');
	END LOOP;
END
$events$;

CREATE VIEW oauth.event AS
	SELECT timestamptz '2000-01-01 00:00:00+00' + (e.handle >> 11) * interval '1 microsecond' AS occurred_at,
		e.event, e.outcome, coalesce(e.client_id, g.client_id) AS client_id, coalesce(e.subject, g.subject) AS subject,
		e.peer, e.role, CASE WHEN e.event = 'issue' THEN coalesce(e.detail, g.grant_type) ELSE e.detail END AS detail,
		e.request_id, e.grant_handle, e.handle
	FROM (
		SELECT * FROM oauth.event_0 UNION ALL SELECT * FROM oauth.event_1
		UNION ALL SELECT * FROM oauth.event_2 UNION ALL SELECT * FROM oauth.event_3
		UNION ALL SELECT * FROM oauth.event_4 UNION ALL SELECT * FROM oauth.event_5
		UNION ALL SELECT * FROM oauth.event_6 UNION ALL SELECT * FROM oauth.event_7
	) e LEFT JOIN oauth.grant g ON g.handle = e.grant_handle;
COMMENT ON VIEW oauth.event IS 'The audit log: who did what from where, and how it ended; kept for oauth.event_retention';
COMMENT ON COLUMN oauth.event.event IS 'issue, refresh, revoke, login, logout, authenticate, consent, register, configure';
COMMENT ON COLUMN oauth.event.outcome IS 'NULL: it was done; else the error code that it was refused with';
COMMENT ON COLUMN oauth.event.peer IS 'Address of the client of HTTP, or of the session; NULL: unknown, or a local socket';
COMMENT ON COLUMN oauth.event.role IS 'The session''s role, where SQL did it; NULL: a client of HTTP';
COMMENT ON COLUMN oauth.event.detail IS 'What exactly, or why not';
COMMENT ON COLUMN oauth.event.request_id IS 'Of the HTTP request, as the shim''s logs and its answer have it (X-Request-Id)';
COMMENT ON COLUMN oauth.event.handle IS 'Microseconds since 2000-01-01 times 2048: the events after a time are those with '
	'a handle above it';

-- The function of the application that says more of a subject, as text like those above.
CREATE TABLE oauth.claims_function (
	is_only_row boolean PRIMARY KEY CHECK (is_only_row),
	function_schema text NOT NULL,
	function_name text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE oauth.claims_function IS 'Which SQL function adds claims to what is said of a token (oauth_set_claims_function)';

-- How far a sweep of oauth_purge_expired() has come; its row is the lock of the purge.
CREATE TABLE oauth.sweep (
	sweep text PRIMARY KEY,
	position bigint NOT NULL,
	swept_at timestamptz
);
COMMENT ON TABLE oauth.sweep IS 'Positions of housekeeping';
COMMENT ON COLUMN oauth.sweep.swept_at IS 'When what has ended was removed last';
COMMENT ON COLUMN oauth.sweep.position IS 'Handle of the refresh token up to which rotation salts were erased';

-- Which tables had rows in a dump that was restored here.  The condition makes its rows while pg_dump reads it, so that
-- oauth_check() knows a table that came without them; oauth_purge_expired() forgets those that came with them.
CREATE TABLE oauth.dumped (
	relation text COLLATE "C" PRIMARY KEY,
	rows bigint NOT NULL
);
COMMENT ON TABLE oauth.dumped IS 'Tables whose rows a dump brought here, until oauth_purge_expired() has seen them';
COMMENT ON COLUMN oauth.dumped.rows IS 'How many rows the table had when it was dumped';
SELECT pg_catalog.pg_extension_config_dump('oauth.dumped', 'WHERE false UNION ALL SELECT * FROM (' || string_agg(
	format('SELECT %L::text COLLATE "C" AS relation, count(*) AS rows FROM oauth.%I', name, name), ' UNION ALL ')
	|| ') d WHERE d.rows > 0')
FROM unnest(ARRAY['access_token', 'claims_function', 'client', 'client_origin', 'consent', 'grant', 'imported_key',
	'imported_token', 'master_key', 'oauth1_token', 'page', 'protected_function', 'refresh_token', 'scope', 'session',
	'subject', 'user', 'user_source']) name;

-- Without these pg_dump would keep the tables of an extension and lose their rows.
SELECT pg_catalog.pg_extension_config_dump('oauth.master_key', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.scope', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.client', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.client_origin', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.initial_access_token', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.subject', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.user', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.user_source', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.grant', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.access_token', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.authorization_code', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.refresh_token', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.nonce_floor', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.request_token', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.oauth1_token', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.imported_token', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.imported_key', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.consent', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.session', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.device_code', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.throttle', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.known_address', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.login_request', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.page', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.protected_function', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.claims_function', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.sweep', '');
-- views.sql: what an administrator looks at.
-- SPDX-License-Identifier: PostgreSQL
--
-- A view reads the tables with the rights of its owner: whoever may SELECT from it may look, and sees neither digests nor
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
COMMENT ON VIEW oauth.client_overview IS 'Clients, one a row, with what they have living';
COMMENT ON COLUMN oauth.client_overview.state IS 'enabled, disabled, or deleted and waiting for oauth_purge_expired()';
COMMENT ON COLUMN oauth.client_overview.living_tokens IS 'Access tokens and OAuth 1.0a tokens that are good now';
COMMENT ON COLUMN oauth.client_overview.subjects IS 'How many subjects have granted it something that has not ended';
COMMENT ON COLUMN oauth.client_overview.last_token_at IS 'When its newest token was issued, of those that are still in the tables';

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
COMMENT ON COLUMN oauth.token_overview.username IS 'Of a built-in user, or as the application''s table says (oauth_use_users)';
COMMENT ON COLUMN oauth.token_overview.state IS 'living, expired, revoked (the token alone), ended (with its grant, client or '
	'subject), or used (a refresh token that has been rotated)';
COMMENT ON COLUMN oauth.token_overview.ended_reason IS 'Why it is ended';
COMMENT ON COLUMN oauth.token_overview.ended_at IS 'Since when it is no longer living';

-- A row a login in a browser.
CREATE VIEW oauth.session_overview AS
	SELECT n.handle, n.subject,
		coalesce(u.username, (SELECT o.username FROM oauth.own_username o WHERE o.subject = n.subject)) AS username,
		timestamptz '2000-01-01 00:00:00+00' + (n.handle >> 11) * interval '1 microsecond' AS started_at, n.expires_at,
		CASE WHEN n.ended_at < n.expires_at THEN 'ended'
			WHEN n.expires_at <= now() THEN 'expired'
			WHEN s.disabled_at IS NOT NULL THEN 'ended'
			ELSE 'living' END AS state
	FROM oauth.session n
	JOIN oauth.subject s ON s.subject = n.subject
	LEFT JOIN oauth.user u ON u.subject = n.subject;
COMMENT ON VIEW oauth.session_overview IS 'Who is, or was, logged in on the pages, one login a row, until it is purged';
COMMENT ON COLUMN oauth.session_overview.handle IS 'Ascends with the time of login: ORDER BY handle DESC for the newest';
COMMENT ON COLUMN oauth.session_overview.username IS 'Of a built-in user, or as the application''s table says (oauth_use_users)';
COMMENT ON COLUMN oauth.session_overview.state IS 'living, expired, or ended (a logout, or the subject is disabled)';

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
COMMENT ON COLUMN oauth.recent_event.outcome IS 'NULL: it was done; else the error code that it was refused with';
COMMENT ON COLUMN oauth.recent_event.username IS 'Of a built-in user, or as the application''s table says (oauth_use_users)';
COMMENT ON COLUMN oauth.recent_event.peer IS 'Address of the client of HTTP, or of the session; NULL: unknown, or a local socket';
COMMENT ON COLUMN oauth.recent_event.role IS 'The session''s role, where SQL did it; NULL: a client of HTTP';
COMMENT ON COLUMN oauth.recent_event.detail IS 'What exactly, or why not';
COMMENT ON COLUMN oauth.recent_event.request_id IS 'Of the HTTP request, as the shim''s logs and its answer have it (X-Request-Id)';


-- functions.sql: the types and functions people and the shim call.  Every body is C.
-- SPDX-License-Identifier: PostgreSQL
--
-- Endpoint functions live in schema oauth, the API (oauth_*) in the schema the extension was created in.  Functions
-- that touch a table are SECURITY DEFINER with a pinned search_path.  PUBLIC may execute only what asks who is calling.

-- An HTTP request as it came: target is path and query, headers are lines 'Name: value'.
CREATE TYPE oauth.http_request AS (method text, target text, headers text[], body bytea, scheme text, peer inet);
COMMENT ON TYPE oauth.http_request IS 'An HTTP request: method, path and query as received, header lines, body, '
	'http or https, address of the client';

-- An HTTP response.  Status 0 is for the shim: nothing was done, the header line names the lane it must run on.
CREATE TYPE oauth.http_response AS (status integer, headers text[], body bytea);
COMMENT ON TYPE oauth.http_response IS 'An HTTP response: status code, header lines, body';


-- Endpoints: what the shim may execute.

-- POST /oauth2/token
CREATE FUNCTION oauth.token(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_token' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.token(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.token(oauth.http_request) IS 'Token endpoint (RFC 6749, section 3.2): grants '
	'authorization_code, refresh_token, client_credentials, password, device_code (RFC 8628) and token-exchange (RFC 8693)';

-- GET or POST /oauth2/authorize, and the answer of its page to /oauth2/authorize/confirm
CREATE FUNCTION oauth.authorize(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_authorize' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.authorize(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.authorize(oauth.http_request) IS 'Authorization endpoint (RFC 6749, section 3.1) with PKCE '
	'(RFC 7636), resource (RFC 8707) and iss (RFC 9207): asks the user; needs oauth.issuer';

-- POST /oauth2/revoke
CREATE FUNCTION oauth.revoke(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_revoke' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.revoke(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.revoke(oauth.http_request) IS 'Revocation (RFC 7009): ends an access token, or with a refresh '
	'token its whole grant, of the client that asks';

-- POST /oauth2/device_authorization
CREATE FUNCTION oauth.device_authorization(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_device_authorization' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.device_authorization(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.device_authorization(oauth.http_request) IS 'Device authorization (RFC 8628, section 3.1): a code '
	'for the device and one for a person';

-- GET POST /oauth2/device
CREATE FUNCTION oauth.device(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_device' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.device(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.device(oauth.http_request) IS 'The page where a person types a device''s code and allows it '
	'(RFC 8628, section 3.3)';

-- POST /oauth2/register; GET, PUT, DELETE /oauth2/register/{client_id}
CREATE FUNCTION oauth.register(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_register' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.register(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.register(oauth.http_request) IS 'Dynamic client registration and its management (RFC 7591, '
	'RFC 7592), as the setting oauth.registration allows';

-- POST /oauth2/introspect
CREATE FUNCTION oauth.introspect(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_introspect' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.introspect(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.introspect(oauth.http_request) IS 'Introspection (RFC 7662): a client learns of its own tokens, '
	'one registered for introspection of every access token. Writes nothing';

-- GET or POST /oauth2/userinfo
CREATE FUNCTION oauth.userinfo(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_userinfo' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.userinfo(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.userinfo(oauth.http_request) IS 'Who the user is whose token with scope openid this is (OpenID '
	'Connect Core, section 5.3): sub, preferred_username with scope profile, and the claims of the application';

-- GET /.well-known/oauth-authorization-server
CREATE FUNCTION oauth.metadata(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_metadata' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.metadata(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.metadata(oauth.http_request) IS 'Authorization server metadata (RFC 8414); needs oauth.issuer';

-- GET /.well-known/oauth-protected-resource
CREATE FUNCTION oauth.protected_resource_metadata(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_protected_resource_metadata' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.protected_resource_metadata(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.protected_resource_metadata(oauth.http_request) IS 'Protected resource metadata (RFC 9728); the '
	'path behind the well-known one is the resource''s; needs oauth.issuer';

-- GET or POST /oauth/request_token
CREATE FUNCTION oauth.oauth1_request_token(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_oauth1_request_token' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.oauth1_request_token(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.oauth1_request_token(oauth.http_request) IS 'Temporary credentials (RFC 5849, section 2.1)';

-- GET or POST /oauth/authorize
CREATE FUNCTION oauth.oauth1_authorize(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_oauth1_authorize' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.oauth1_authorize(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.oauth1_authorize(oauth.http_request) IS 'Resource owner authorization (RFC 5849, section 2.2): asks the user';

-- GET or POST /oauth/access_token
CREATE FUNCTION oauth.oauth1_access_token(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_oauth1_access_token' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.oauth1_access_token(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.oauth1_access_token(oauth.http_request) IS 'Token credentials (RFC 5849, section 2.3), also for '
	'a username and a password (xAuth)';

-- GET or POST /login
CREATE FUNCTION oauth.login(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_login' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.login(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.login(oauth.http_request) IS 'Page: a session for a name and a password';

-- GET or POST /logout
CREATE FUNCTION oauth.logout(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_logout' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.logout(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.logout(oauth.http_request) IS 'Page: ends the session';

-- GET or POST /account
CREATE FUNCTION oauth.account(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_account' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.account(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.account(oauth.http_request) IS 'Page: connected applications, password, logout';

-- /api/...
CREATE FUNCTION oauth.resource(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_resource' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.resource(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.resource(oauth.http_request) IS 'Protected resource (RFC 6750): /api/ says who is calling, '
	'paths below it run the functions that oauth_protect() registered';

-- /auth
CREATE FUNCTION oauth.forward_auth(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_forward_auth' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.forward_auth(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.forward_auth(oauth.http_request) IS 'For nginx auth_request and the like: 200 with '
	'X-OAuth-Subject, X-OAuth-Client and X-OAuth-Scope, or 401 or 403; ?scope= and ?resource= name what is required';


-- Clients.

-- Registers a client; the secret is shown once.
CREATE FUNCTION @extschema@.oauth_register_client(client_name text, redirect_uris text[] DEFAULT '{}',
		grant_types text[] DEFAULT '{authorization_code,refresh_token}', scope text DEFAULT NULL,
		client_type text DEFAULT 'confidential', token_endpoint_auth_method text DEFAULT NULL,
		access_token_lifetime interval DEFAULT NULL, refresh_token_lifetime interval DEFAULT NULL,
		rsa_public_key text DEFAULT NULL, signature_methods text[] DEFAULT NULL, cors_origins text[] DEFAULT NULL,
		require_pkce boolean DEFAULT false)
	RETURNS TABLE (client_id text, client_secret text)
	AS 'MODULE_PATHNAME', 'oauth_register_client' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 1
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_register_client(text, text[], text[], text, text, text, interval, interval,
	text, text[], text[], boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_register_client(text, text[], text[], text, text, text, interval, interval, text,
	text[], text[], boolean) IS
	'Registers a client and shows its secret, once (NULL for one that has none). grant_types: all it may do; scope: what it '
	'may ask for, NULL for the default scopes; client_type: confidential or public; lifetimes: NULL for the settings; '
	'rsa_public_key: PEM, for RSA signatures of OAuth 1.0a; signature_methods: NULL for those of its credentials; '
	'require_pkce: though it is confidential; cors_origins: of the web pages whose scripts are the client, https://app.example.com. '
	'22023 for values that RFC 7591, section 2 does not allow';

-- Registers a client from RFC 7591 metadata.
CREATE FUNCTION @extschema@.oauth_register_client_metadata(metadata jsonb) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'oauth_register_client_metadata' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_register_client_metadata(jsonb) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_register_client_metadata(jsonb) IS 'Registers a client from the metadata of '
	'RFC 7591, section 2 and answers as its section 3.2.1 says; unknown members are ignored. 22023 for bad metadata';

-- Lets somebody register clients over HTTP.
CREATE FUNCTION @extschema@.oauth_create_initial_access_token(lifetime interval DEFAULT '1 day', uses integer DEFAULT 1)
	RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_create_initial_access_token' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_create_initial_access_token(interval, integer) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_create_initial_access_token(interval, integer) IS 'A token that lets its holder '
	'register clients at /oauth2/register (RFC 7591, section 3), so many within that time; it is shown once. 22023 for '
	'less than one use';

-- Changes the members that are given; null takes one back to its default.
CREATE FUNCTION @extschema@.oauth_update_client(client_id text, metadata jsonb) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'oauth_update_client' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_update_client(text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_update_client(text, jsonb) IS 'Changes the given members of a client''s metadata '
	'(RFC 7591, section 2, and access_token_lifetime, refresh_token_lifetime in seconds), null for the default, and '
	'returns what it is now. 42704 for an unknown client, 22023 for bad metadata';

-- Gives a client a new secret.
CREATE FUNCTION @extschema@.oauth_rotate_client_secret(client_id text, overlap interval DEFAULT '0') RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_rotate_client_secret' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_rotate_client_secret(text, interval) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_rotate_client_secret(text, interval) IS 'Gives a confidential client a new secret, '
	'shown once; the one before goes on working for overlap. 42704 for an unknown client, 22023 for a public one';

-- Ends a client's tokens until it is enabled again, when they stay ended.
CREATE FUNCTION @extschema@.oauth_disable_client(client_id text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_disable_client' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_disable_client(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_disable_client(text) IS 'Refuses a client and ends its tokens, in the commit of the '
	'caller; true if it was enabled. 42704 for an unknown client';

-- The way back.
CREATE FUNCTION @extschema@.oauth_enable_client(client_id text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_enable_client' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_enable_client(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_enable_client(text) IS 'Lets a disabled client in again; tokens of before stay '
	'ended. True if it was disabled. 42704 for an unknown client';

-- Deletes a client; oauth_purge_expired() removes its rows.
CREATE FUNCTION @extschema@.oauth_delete_client(client_id text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_delete_client' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_delete_client(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_delete_client(text) IS 'Ends a client and its tokens for good, in the commit of the '
	'caller; true. 42704 for an unknown client';


-- Users: the built-in store.

-- Creates a user.
CREATE FUNCTION @extschema@.oauth_create_user(username text, password text) RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_create_user' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_create_user(text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_create_user(text, text) IS 'Creates a built-in user and returns the subject. '
	'password: 8 characters to 72 bytes, or a ready bcrypt hash ($2a$, $2b$ or $2y$, cost 4 to 14). 42710 if the name is '
	'taken, in whatever case';

-- Sets a password.
CREATE FUNCTION @extschema@.oauth_set_password(username text, password text) RETURNS void
	AS 'MODULE_PATHNAME', 'oauth_set_password' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_set_password(text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_set_password(text, text) IS 'Sets a built-in user''s password and ends the tokens '
	'that were issued under the old one. password as in oauth_create_user. 42704 for an unknown user';

-- Refuses a user.
CREATE FUNCTION @extschema@.oauth_disable_user(username text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_disable_user' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_disable_user(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_disable_user(text) IS 'Refuses a built-in user and ends the user''s tokens, in the '
	'commit of the caller; true if the user was enabled. 42704 for an unknown user';

-- The way back.
CREATE FUNCTION @extschema@.oauth_enable_user(username text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_enable_user' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_enable_user(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_enable_user(text) IS 'Lets a disabled built-in user in again; tokens of before stay '
	'ended. True if the user was disabled. 42704 for an unknown user';

-- Deletes a user.
CREATE FUNCTION @extschema@.oauth_delete_user(username text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_delete_user' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_delete_user(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_delete_user(text) IS 'Removes a built-in user and ends the user''s tokens, in the '
	'commit of the caller; the name is free again, the subject is not. True. 42704 for an unknown user';

-- Users of the application's own.
CREATE FUNCTION @extschema@.oauth_use_users(relation text, id text DEFAULT 'id', username text DEFAULT 'username',
		password text DEFAULT NULL, active text DEFAULT NULL, scheme text DEFAULT 'auto', password_function text DEFAULT NULL,
		allow_legacy boolean DEFAULT false, upgrade boolean DEFAULT false) RETURNS void
	AS 'MODULE_PATHNAME', 'oauth_use_users' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_use_users(text, text, text, text, text, text, text, boolean, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_use_users(text, text, text, text, text, text, text, boolean, boolean) IS 'Takes users '
	'from relation (schema.name), a table or view that is the caller''s, instead of the built-in ones; nothing is copied. id, '
	'username, password, active: its columns; id as text is the subject, active a boolean that is true or a time that is '
	'null. scheme of the hashes in password: auto, or the only one to accept; password_function: schema.name of (username '
	'text, password text) returning text, the id or null, instead of hashes; allow_legacy: plain digests too; upgrade: '
	'weak hashes are replaced when somebody logs in. A table gets triggers that end the tokens of who goes';

-- The way back.
CREATE FUNCTION @extschema@.oauth_use_builtin_users() RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_use_builtin_users' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_use_builtin_users() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_use_builtin_users() IS 'Lets users be the built-in ones again, and removes the triggers '
	'of oauth_use_users; true if they were not. What was issued stays until it ends';

-- What the triggers on the application's table call.
CREATE FUNCTION @extschema@._oauth_users_changed() RETURNS trigger
	AS 'MODULE_PATHNAME', 'oauth_users_changed' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@._oauth_users_changed() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@._oauth_users_changed() IS 'For the triggers that oauth_use_users() creates: ends the tokens of users who '
	'are deleted or deactivated, and of whose id or password changes, in the commit of whoever does that';

-- What can be said of a password hash.
CREATE FUNCTION @extschema@.oauth_check_password_hash(hash text, password text DEFAULT NULL, scheme text DEFAULT 'auto',
		allow_legacy boolean DEFAULT false)
	RETURNS TABLE (scheme text, usable boolean, weak boolean, matches boolean, reason text)
	AS 'MODULE_PATHNAME', 'oauth_check_password_hash' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED ROWS 1
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_check_password_hash(text, text, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_check_password_hash(text, text, text, boolean) IS 'What can be said of a password hash '
	'that another program has stored: its scheme, whether it can be used here and if not why, whether it is weak, and '
	'whether a password is the one. scheme: auto, or the only one to accept; allow_legacy: unsalted and plain digests too';

-- Lets somebody try again at once.
CREATE FUNCTION @extschema@.oauth_unlock(account text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_unlock' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_unlock(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_unlock(text) IS 'Forgets the failed attempts at a user (by name or subject) or a '
	'client (by client_id), so that the next one need not wait; true if there were any. Those of an address stay. '
	'oauth.throttle shows who waits';


-- Scopes.

-- Adds a scope, or changes one.
CREATE FUNCTION @extschema@.oauth_register_scope(scope text, description text, is_default boolean DEFAULT false,
	is_advertised boolean DEFAULT true)
	RETURNS void
	AS 'MODULE_PATHNAME', 'oauth_register_scope' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_register_scope(text, text, boolean, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_register_scope(text, text, boolean, boolean) IS 'Adds a scope (RFC 6749, section '
	'3.3), or changes it. description: words for the user who is asked for consent. is_default: clients without a scope of '
	'their own have it, and it is given when none is asked for. is_advertised: metadata lists it, and clients that register '
	'themselves may ask for it';


-- Tokens.

-- Issues tokens in the transaction of the caller.
CREATE FUNCTION @extschema@.oauth_issue_token(client_id text, subject text DEFAULT NULL, scope text DEFAULT NULL,
		lifetime interval DEFAULT NULL, refresh boolean DEFAULT false)
	RETURNS TABLE (access_token text, token_type text, expires_in integer, refresh_token text, scope text)
	AS 'MODULE_PATHNAME', 'oauth_issue_token' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 1
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_issue_token(text, text, text, interval, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_issue_token(text, text, text, interval, boolean) IS 'Issues an access token, and a '
	'refresh token if asked, that live once the caller commits. subject: whom for, NULL for the client itself; scope: within '
	'the client''s, NULL for the defaults; lifetime of the access token. expires_in in seconds. 42704 for an unknown client, '
	'22023 for a scope it may not have, 55000 if client or subject is disabled';

-- An OAuth 1.0a token for OAuth 2.
CREATE FUNCTION @extschema@.oauth_exchange_token(oauth_token text, refresh boolean DEFAULT true)
	RETURNS TABLE (access_token text, token_type text, expires_in integer, refresh_token text, scope text)
	AS 'MODULE_PATHNAME', 'oauth_exchange_token' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 1
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_exchange_token(text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_exchange_token(text, boolean) IS 'Issues tokens of OAuth 2 with the client, subject '
	'and scope of a living OAuth 1.0a token, which goes on; over HTTP that is the grant of RFC 8693. 42704 for an unknown or '
	'ended token';

-- Says whether a bearer token is good.
CREATE FUNCTION @extschema@.oauth_verify_token(token text, required_scope text DEFAULT NULL, resource text DEFAULT NULL)
	RETURNS TABLE (active boolean, client_id text, subject text, scope text, expires_at timestamptz)
	AS 'MODULE_PATHNAME', 'oauth_verify_token' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED ROWS 1
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_verify_token(text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_verify_token(text, text, text) IS 'Always one row: active with client, subject, scope '
	'and end of an access token that holds every word of required_scope and is good at that resource (a URI, RFC 8707; NULL: '
	'this provider and what is behind it, as at /api/), or active false and nothing else. Writes nothing';

-- RFC 7662 members.  PARALLEL UNSAFE, for the claims function may be.
CREATE FUNCTION @extschema@.oauth_introspect_token(token text) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'oauth_introspect_token' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_introspect_token(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_introspect_token(text) IS 'What RFC 7662, section 2.2 says of an access or refresh '
	'token: {"active": false}, or active, scope, client_id, username, token_type, exp, iat, sub, iss, aud, and of an access '
	'token the claims of the application (oauth_set_claims_function). Writes nothing';

-- Ends a token.
CREATE FUNCTION @extschema@.oauth_revoke_token(token text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_revoke_token' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_revoke_token(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_revoke_token(text) IS 'Ends an access token, or with a refresh token its whole '
	'grant; true if something living ended';

-- Ends all grants of a subject.
CREATE FUNCTION @extschema@.oauth_revoke_subject(subject text) RETURNS bigint
	AS 'MODULE_PATHNAME', 'oauth_revoke_subject' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_revoke_subject(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_revoke_subject(text) IS 'Ends every grant of a subject, and so its tokens; returns '
	'how many grants. 22023 for the name of a user, with the subject in the hint';

-- Ends all grants of a client.
CREATE FUNCTION @extschema@.oauth_revoke_client(client_id text) RETURNS bigint
	AS 'MODULE_PATHNAME', 'oauth_revoke_client' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_revoke_client(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_revoke_client(text) IS 'Ends every grant of a client, and so its tokens; returns how '
	'many grants. 42704 for an unknown client';


-- Who is calling: for views, policies and functions of the application.  PUBLIC may execute these.

-- Takes an Authorization header.
CREATE FUNCTION @extschema@.oauth_authenticate("authorization" text, required_scope text DEFAULT NULL, resource text DEFAULT NULL)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_authenticate' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION @extschema@.oauth_authenticate(text, text, text) IS 'Takes the value of an Authorization header (Bearer, '
	'RFC 6750) and makes its token the identity of this transaction; false, and no identity, if it is not good, lacks '
	'required_scope, or is for another resource (a URI, RFC 8707; NULL: this provider and what is behind it)';

-- Takes a whole request.
CREATE FUNCTION @extschema@.oauth_authenticate_request(request oauth.http_request, required_scope text DEFAULT NULL,
		resource text DEFAULT NULL)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_authenticate_request' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION @extschema@.oauth_authenticate_request(oauth.http_request, text, text) IS 'As oauth_authenticate, for a '
	'whole HTTP request: the token in the header or in the form body';

-- Whose token it is.
CREATE FUNCTION @extschema@.oauth_subject() RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_subject' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION @extschema@.oauth_subject() IS 'The subject of this transaction''s identity; NULL if there is none, '
	'or the client acts for itself';

-- Which client uses it.
CREATE FUNCTION @extschema@.oauth_client() RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_client' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION @extschema@.oauth_client() IS 'The client_id of this transaction''s identity; NULL if there is none';

-- What it may do.
CREATE FUNCTION @extschema@.oauth_scope() RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_scope' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION @extschema@.oauth_scope() IS 'The scope of this transaction''s identity, space-separated; NULL if '
	'there is none';

-- Whether it may do that.
CREATE FUNCTION @extschema@.oauth_has_scope(scope text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_has_scope' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED;
COMMENT ON FUNCTION @extschema@.oauth_has_scope(text) IS 'Whether this transaction''s identity holds every word of scope; '
	'false if there is none';


-- OAuth 1.0a: pure functions that read no table.  PUBLIC may execute these.

-- What is signed.
CREATE FUNCTION @extschema@.oauth_signature_base_string(method text, uri text, "authorization" text DEFAULT NULL,
		body text DEFAULT NULL) RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_signature_base_string' LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.oauth_signature_base_string(text, text, text, text) IS 'Signature base string (RFC 5849, '
	'section 3.4.1) of a method, an absolute URI, the Authorization header and the form body, each as it is on the wire; '
	'the header also as it is printed, on several lines. 22023 for malformed ones';

-- Signs.
CREATE FUNCTION @extschema@.oauth_signature(signature_method text, base_string text, secret_or_key text,
		token_secret text DEFAULT '') RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_signature' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.oauth_signature(text, text, text, text) IS 'Signature (RFC 5849, section 3.4): '
	'HMAC-SHA1, -SHA256, -SHA512 and PLAINTEXT with the secrets of client and token, RSA-SHA1, -SHA256, -SHA512 with a '
	'private key in PEM. 22023 for an unknown method or key';

-- Verifies.
CREATE FUNCTION @extschema@.oauth_verify_signature(signature_method text, base_string text, signature text,
		secret_or_key text, token_secret text DEFAULT '') RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_verify_signature' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.oauth_verify_signature(text, text, text, text, text) IS 'Whether a signature (RFC 5849, '
	'section 3.4) holds, in constant time; RSA methods verify with a public key in PEM. 22023 for an unknown method or key';


-- Functions behind /api/.

-- Publishes a function.
CREATE FUNCTION @extschema@.oauth_protect(path text, function text, required_scope text DEFAULT NULL,
		methods text[] DEFAULT '{GET}') RETURNS void
	AS 'MODULE_PATHNAME', 'oauth_protect' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_protect(text, text, text, text[]) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_protect(text, text, text, text[]) IS 'Puts function (schema.name, of one argument '
	'oauth.http_request, returning jsonb or oauth.http_response) behind path and all below it; the longest path wins. It '
	'runs as its owner, with its schema as search_path, once the token holds required_scope; who calls, oauth_subject() '
	'says, for the request comes without Authorization, oauth_ parameters and oauth_ cookies';

-- Withdraws it.
CREATE FUNCTION @extschema@.oauth_unprotect(path text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_unprotect' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_unprotect(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_unprotect(text) IS 'Takes the function away from path, which then answers 404; true '
	'if there was one';


-- Moving in from other providers, whose tables are in this database.

-- From django-oauth2-provider.
CREATE FUNCTION @extschema@.oauth_import_django_oauth2_provider(schema text,
		scopes jsonb DEFAULT '{"2": "read", "4": "write", "6": "read write"}', users text DEFAULT NULL,
		user_key text DEFAULT NULL, subject text DEFAULT NULL, time_zone text DEFAULT 'UTC', dry_run boolean DEFAULT false)
	RETURNS TABLE (kind text, action text, reason text, n bigint)
	AS 'MODULE_PATHNAME', 'oauth_import_django_oauth2_provider' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_import_django_oauth2_provider(text, jsonb, text, text, text, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_import_django_oauth2_provider(text, jsonb, text, text, text, text, boolean) IS
	'Takes over clients, live tokens and scopes of a django-oauth2-provider whose tables are in schema, and reports what was '
	'taken, what was skipped and why; what is here already is not taken again. scopes: names of the bits; users, user_key, '
	'subject: a table of users, its key and the column that is the subject, NULL for what the foreign key says and the key '
	'itself; time_zone: of times without one; dry_run: report only. 3F000, 42P01, 42703 for tables it does not know';

-- From django-oauth-plus.
CREATE FUNCTION @extschema@.oauth_import_django_oauth_plus(schema text, pending_as_accepted boolean DEFAULT false,
		read_write boolean DEFAULT false, users text DEFAULT NULL, user_key text DEFAULT NULL, subject text DEFAULT NULL,
		dry_run boolean DEFAULT false)
	RETURNS TABLE (kind text, action text, reason text, n bigint)
	AS 'MODULE_PATHNAME', 'oauth_import_django_oauth_plus' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_import_django_oauth_plus(text, boolean, boolean, text, text, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_import_django_oauth_plus(text, boolean, boolean, text, text, text, boolean) IS
	'Takes over consumers, tokens and scopes of OAuth 1.0a of a django-oauth-plus whose tables are in schema, and reports what '
	'was taken, what was skipped and why. pending_as_accepted: consumers too that nobody accepted; read_write: tokens get the '
	'scope read as well, and write unless theirs is read-only; the rest as in oauth_import_django_oauth2_provider';

-- From django-oauth-toolkit.
CREATE FUNCTION @extschema@.oauth_import_django_oauth_toolkit(schema text, users text DEFAULT NULL,
		user_key text DEFAULT NULL, subject text DEFAULT NULL, time_zone text DEFAULT 'UTC', dry_run boolean DEFAULT false)
	RETURNS TABLE (kind text, action text, reason text, n bigint)
	AS 'MODULE_PATHNAME', 'oauth_import_django_oauth_toolkit' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_import_django_oauth_toolkit(text, text, text, text, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_import_django_oauth_toolkit(text, text, text, text, text, boolean) IS
	'Takes over applications, live tokens and scopes of a django-oauth-toolkit whose tables are in schema, and reports what '
	'was taken, what was skipped and why; arguments as in oauth_import_django_oauth2_provider';

-- From doorkeeper.
CREATE FUNCTION @extschema@.oauth_import_doorkeeper(schema text,
		grant_types text[] DEFAULT '{authorization_code,refresh_token,client_credentials}',
		hashed_tokens boolean DEFAULT NULL, hashed_secrets boolean DEFAULT NULL, resource_owner_type text DEFAULT NULL,
		users text DEFAULT NULL, user_key text DEFAULT NULL, subject text DEFAULT NULL, dry_run boolean DEFAULT false)
	RETURNS TABLE (kind text, action text, reason text, n bigint)
	AS 'MODULE_PATHNAME', 'oauth_import_doorkeeper' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_import_doorkeeper(text, text[], boolean, boolean, text, text, text, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_import_doorkeeper(text, text[], boolean, boolean, text, text, text, text, boolean) IS
	'Takes over applications, live tokens and scopes of a doorkeeper whose tables are in schema, and reports what was taken, '
	'what was skipped and why. grant_types: those of its configuration; hashed_tokens, hashed_secrets: whether it has '
	'hash_token_secrets, hash_application_secrets (NULL: what can be seen, 22023 if nothing can); resource_owner_type: whose '
	'tokens, where owners have types; the rest as in oauth_import_django_oauth2_provider';

-- From Ory Hydra.
CREATE FUNCTION @extschema@.oauth_import_ory_hydra(schema text, system_secrets text[] DEFAULT NULL, network text DEFAULT NULL,
		dry_run boolean DEFAULT false)
	RETURNS TABLE (kind text, action text, reason text, n bigint)
	AS 'MODULE_PATHNAME', 'oauth_import_ory_hydra' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	ROWS 10 SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_import_ory_hydra(text, text[], text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_import_ory_hydra(text, text[], text, boolean) IS
	'Takes over clients, live opaque tokens, scopes and consents of an Ory Hydra whose tables are in schema, and reports what was '
	'taken, what was skipped and why. system_secrets: secrets.system of its configuration, without which tokens cannot be '
	'taken; they are sealed here, and should be sent as a parameter; network: of several, the nid';


-- Claims: what the application says of a subject.

-- Says more of a subject.
CREATE FUNCTION @extschema@.oauth_set_claims_function(function text) RETURNS void
	AS 'MODULE_PATHNAME', 'oauth_set_claims_function' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_set_claims_function(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_set_claims_function(text) IS 'Lets function (schema.name, of subject text, client_id '
	'text, scope text, returning a jsonb object) add members to what introspection, userinfo and /api/ say; null takes it '
	'away. It runs as its owner, with its schema as search_path; subject is null for a client''s own token; what only the '
	'provider says (active, sub, exp and the like) it cannot change. 42883 if there is none, 42809 if it returns something else';


-- Sessions keep the row of the table; whoever changes it tells them.
CREATE FUNCTION @extschema@._oauth_claims_changed() RETURNS trigger
	AS 'MODULE_PATHNAME', 'oauth_claims_changed' LANGUAGE C VOLATILE PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@._oauth_claims_changed() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@._oauth_claims_changed() IS 'Tells every session to read oauth.claims_function again';
CREATE TRIGGER claims_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON oauth.claims_function
	FOR EACH STATEMENT EXECUTE FUNCTION @extschema@._oauth_claims_changed();
ALTER TABLE oauth.claims_function ENABLE ALWAYS TRIGGER claims_changed;
COMMENT ON TRIGGER claims_changed ON oauth.claims_function IS 'Sessions keep the row until this tells them';


-- Logging in, and deciding, at the application (oauth.login_url, oauth.consent_url).

-- What the browser came for.
CREATE FUNCTION @extschema@.oauth_login_request(handle text)
	RETURNS TABLE (client_id text, client_name text, scope text, subject text, login_hint text, ui_locales text,
		expires_at timestamptz)
	AS 'MODULE_PATHNAME', 'oauth_login_request' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED ROWS 1
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_login_request(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_login_request(text) IS 'What the browser came to oauth.login_url or oauth.consent_url '
	'for, by the parameter request of the address: which client asks for which scope (NULL: none does), who is logged in '
	'already, what the client expects. 42704 for an unknown handle, 55000 if it was decided or has expired';

-- Who it is.
CREATE FUNCTION @extschema@.oauth_accept_login(handle text, subject text) RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_accept_login' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_accept_login(text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_accept_login(text, text) IS 'Says who has logged in, once the caller commits, and '
	'returns the address to send the browser to. 42704 for an unknown handle, 55000 if it was decided or has expired, or '
	'if the subject is disabled';

-- What the client may.
CREATE FUNCTION @extschema@.oauth_accept_consent(handle text, scope text DEFAULT NULL, remember boolean DEFAULT false)
	RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_accept_consent' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_accept_consent(text, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_accept_consent(text, text, boolean) IS 'Says that who has logged in allows the client '
	'that scope, NULL for all that it asked for, and returns the address to send the browser to; remember: it need not be '
	'asked again. 22023 for more than it asked for, 55000 before oauth_accept_login';

-- That it may not.
CREATE FUNCTION @extschema@.oauth_deny(handle text) RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_deny' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_deny(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_deny(text) IS 'Refuses, for whoever it is, and returns the address to send the browser '
	'to, from where the client is told access_denied. 42704 for an unknown handle, 55000 if it was decided or has expired';


-- The pages.

-- Words and stylesheet of the application.
CREATE FUNCTION @extschema@.oauth_set_page(name text, body text, language text DEFAULT '') RETURNS void
	AS 'MODULE_PATHNAME', 'oauth_set_page' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_set_page(text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_set_page(text, text, text) IS 'Puts a text, or the stylesheet, in the place of the one '
	'that the pages come with; null brings that back. language: en, de, fr, any other that the pages should have, or empty '
	'for every one. Texts are text, not markup. '
	'22023 for a name that the pages do not have (the hint lists them)';


-- Housekeeping.

-- Removes rows that no longer matter.
CREATE FUNCTION @extschema@.oauth_purge_expired() RETURNS bigint
	AS 'MODULE_PATHNAME', 'oauth_purge_expired' LANGUAGE C VOLATILE PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_purge_expired() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_purge_expired() IS 'Removes a batch of ended rows and returns how many; call it '
	'every minute, and again at once while it returns more than 0. A second session returns 0 at once. Also empties the '
	'tables of old nonces, which are not counted';

-- The same, for the shim.
CREATE FUNCTION oauth.purge() RETURNS bigint
	AS 'MODULE_PATHNAME', 'oauth_purge_expired' LANGUAGE C VOLATILE PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.purge() FROM PUBLIC;
COMMENT ON FUNCTION oauth.purge() IS 'What oauth_purge_expired() does, for the role of the shim, which calls it every '
	'--purge-interval seconds';

-- Whether requests can be answered.
CREATE FUNCTION oauth.ready() RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_ready' LANGUAGE C VOLATILE PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.ready() FROM PUBLIC;
COMMENT ON FUNCTION oauth.ready() IS 'What keeps requests from being answered now, null for nothing: a table of the provider '
	'that another session has locked, or triggers that session_replication_role has switched off. Waits for nothing';

-- Seals everything anew.
CREATE FUNCTION @extschema@.oauth_rotate_master_key() RETURNS bigint
	AS 'MODULE_PATHNAME', 'oauth_rotate_master_key' LANGUAGE C VOLATILE PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_rotate_master_key() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_rotate_master_key() IS 'Appends a new key to oauth.master_key_file, seals every '
	'sealed value with it and returns how many; copy the file to replicas and backups before relying on it';

-- One row that says how it is.
CREATE FUNCTION @extschema@.oauth_status(OUT clients bigint, OUT users bigint, OUT subjects bigint, OUT grants bigint,
		OUT access_tokens bigint, OUT refresh_tokens bigint, OUT oauth1_tokens bigint, OUT expired_rows bigint,
		OUT access_token_lifetime interval, OUT refresh_token_lifetime interval, OUT master_key_created_at timestamptz,
		OUT master_key_file text, OUT purged_at timestamptz)
	AS 'MODULE_PATHNAME', 'oauth_status' LANGUAGE C STABLE PARALLEL RESTRICTED
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_status() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_status() IS 'Counts of clients, users, subjects and grants that have not ended, '
	'of tokens that have not expired, of rows that wait for oauth_purge_expired(); lifetimes, the age of the master key '
	'(NULL: none was needed yet), and when ended rows were removed last (NULL: never)';

-- Why a request would be refused.
CREATE FUNCTION @extschema@.oauth_explain_request(request oauth.http_request)
	RETURNS TABLE (step integer, "check" text, ok boolean, detail text, remedy text)
	AS 'MODULE_PATHNAME', 'oauth_explain_request' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 10
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_explain_request(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_explain_request(oauth.http_request) IS 'Why an HTTP request would be refused: what is '
	'looked at, step by step, with what the answer leaves out (ok null: it depends), and the answer last. Changes nothing, '
	'shows no secret, tries no password, calls no function of the application';

-- The same, from what a log or curl -v shows.
CREATE FUNCTION @extschema@.oauth_explain_request(method text, target text, headers text[] DEFAULT '{}', body text DEFAULT NULL,
		scheme text DEFAULT 'https')
	RETURNS TABLE (step integer, "check" text, ok boolean, detail text, remedy text)
	AS 'MODULE_PATHNAME', 'oauth_explain_http' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 10
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_explain_request(text, text, text[], text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_explain_request(text, text, text[], text, text) IS 'The same for a request in pieces: '
	'POST, /oauth2/token, lines ''Name: value'', and the body';

-- What to change.
CREATE FUNCTION @extschema@.oauth_check()
	RETURNS TABLE (severity text, subject text, finding text, remedy text)
	AS 'MODULE_PATHNAME', 'oauth_check' LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_check() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_check() IS 'What a careful operator would change, the gravest first (high, medium, '
	'low), with the SQL or the command that changes it; no row where all is well. Settings are those of the session that '
	'asks, and what ALTER DATABASE has made of them since';

-- The settings.
CREATE FUNCTION @extschema@.oauth_settings()
	RETURNS TABLE (name text, value text, "default" text, unit text, meaning text)
	AS 'MODULE_PATHNAME', 'oauth_settings' LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10
	SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_settings() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_settings() IS 'The settings: what they are, were to begin with, and mean';

-- What stands before INSERT and COPY of every table with a foreign key.  It has no search_path of its own: it looks at the
-- statement of the session, and at nothing else.
CREATE FUNCTION @extschema@._oauth_before_load() RETURNS trigger
	AS 'MODULE_PATHNAME', 'oauth_before_load' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION @extschema@._oauth_before_load() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@._oauth_before_load() IS 'For the triggers that CREATE EXTENSION makes: lets a superuser load a '
	'dump in any order, as pg_restore --jobs does';
DO $triggers$
DECLARE
	name regclass;
BEGIN
	FOR name IN SELECT DISTINCT conrelid::regclass FROM pg_constraint
		WHERE contype = 'f' AND connamespace = 'oauth'::regnamespace ORDER BY 1
	LOOP
		EXECUTE format('CREATE TRIGGER before_load BEFORE INSERT ON %s '
			'EXECUTE FUNCTION @extschema@._oauth_before_load()', name);
	END LOOP;
END
$triggers$;

-- The last statement of each script.
CREATE FUNCTION @extschema@._oauth_revoke_default_privileges() RETURNS bigint
	AS 'MODULE_PATHNAME', 'oauth_revoke_default_privileges' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@._oauth_revoke_default_privileges() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@._oauth_revoke_default_privileges() IS 'For the end of the scripts: of the objects that this '
	'transaction has made the extension''s, takes back what default privileges gave to others than the owner, and gives '
	'PUBLIC what is meant for it; how many privileges that were. Objects that were there before keep what was granted';
-- privileges.sql: the end of the install script, and of every upgrade script.
-- SPDX-License-Identifier: PostgreSQL
--
-- Default privileges of whoever runs the script, global ones or of a schema, have given rights on what it created.

SELECT @extschema@._oauth_revoke_default_privileges();
