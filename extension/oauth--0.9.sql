-- tables.sql: what the provider remembers.
-- SPDX-License-Identifier: PostgreSQL
--
-- A token is a public, time-ordered handle (the primary key) and 256 random bits, of which only the SHA-256 of the
-- whole token string is stored.  Ending something is one row: a token lives while it, its grant, the grant's client
-- and the grant's subject all do.  The script inserts no row into any table, because a dump would bring it twice.
-- Strings with a backslash are E'' strings, which standard_conforming_strings does not change.

\echo Use "CREATE EXTENSION oauth CASCADE" to load this file. \quit

-- What is kept of a function's settings is written as these say.
SET LOCAL quote_all_identifiers = off;
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

CREATE DOMAIN oauth.cnf AS text COLLATE "C" CHECK (VALUE ~ '^(jkt|x5t#S256):[A-Za-z0-9_-]{43}$');
COMMENT ON DOMAIN oauth.cnf IS 'What the holder of a token must prove to have (RFC 7800, section 3.1): jkt: and the thumbprint '
	'of a key (RFC 9449), or x5t#S256: and that of a certificate (RFC 8705)';

-- Which master keys have sealed something here.  The keys themselves are in a file (oauth.master_key_file).
CREATE TABLE oauth.master_key (
	key_id bytea PRIMARY KEY CHECK (octet_length(key_id) = 8),
	created_at timestamptz NOT NULL DEFAULT now(),
	retired_at timestamptz
);
CREATE UNIQUE INDEX master_key_current ON oauth.master_key ((true)) WHERE retired_at IS NULL;
COMMENT ON TABLE oauth.master_key IS 'Fingerprints of master keys; the one that is not retired seals';
COMMENT ON COLUMN oauth.master_key.key_id IS 'First 8 bytes of a labelled SHA-256 of the key';

-- What signs ID tokens and JWT access tokens (RFC 7517): of an algorithm the key that was used last, as long as it is not
-- retired.  A key is published before it is used, and after that until what it signed has expired; then its row stays for a
-- while, so that an old ID token still tells whose it was.
CREATE TABLE oauth.signing_key (
	kid text COLLATE "C" PRIMARY KEY CHECK (kid ~ '^[A-Za-z0-9_-]{43}$'),
	alg text COLLATE "C" NOT NULL
		CHECK (alg IN ('RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA', 'Ed25519')),
	public_key jsonb NOT NULL CHECK (NOT public_key ?| '{d,p,q,dp,dq,qi,oth,k}'),
	private_key_sealed bytea,
	created_at timestamptz NOT NULL,
	used_from timestamptz NOT NULL,
	retired_at timestamptz,
	unpublished_at timestamptz,
	CONSTRAINT keys_that_sign_have_a_private_key CHECK (private_key_sealed IS NOT NULL OR retired_at IS NOT NULL),
	CONSTRAINT only_retired_keys_are_unpublished CHECK (unpublished_at IS NULL OR retired_at IS NOT NULL)
);
CREATE INDEX signing_key_used ON oauth.signing_key (alg, used_from DESC, kid);
ALTER TABLE oauth.signing_key ALTER COLUMN private_key_sealed SET STATISTICS 0;
COMMENT ON TABLE oauth.signing_key IS 'Keys that sign ID tokens and JWT access tokens; read the view oauth.signing_key_overview';
COMMENT ON COLUMN oauth.signing_key.kid IS 'The thumbprint of the public key (RFC 7638)';
COMMENT ON COLUMN oauth.signing_key.alg IS 'The one algorithm that the key signs with (RFC 7518, section 3.1)';
COMMENT ON COLUMN oauth.signing_key.public_key IS 'A JWK, as /oauth2/jwks shows it';
COMMENT ON COLUMN oauth.signing_key.private_key_sealed IS 'PEM under the master key; erased once the key is retired';
COMMENT ON COLUMN oauth.signing_key.used_from IS 'From then on it signs, until another key of its algorithm does';
COMMENT ON COLUMN oauth.signing_key.retired_at IS 'Since when it signs nothing any more';
COMMENT ON COLUMN oauth.signing_key.unpublished_at IS 'Since when /oauth2/jwks leaves it out: what it signed has expired';

-- What was signed for longer than a day.  Rows are only ever added, and removed with the key: nobody waits for another.
CREATE TABLE oauth.lasting_signature (
	kid text COLLATE "C" NOT NULL,
	expires_at timestamptz NOT NULL
);
CREATE INDEX lasting_signature_kid ON oauth.lasting_signature (kid, expires_at);
COMMENT ON TABLE oauth.lasting_signature IS 'Until when keys must stay published for what they signed for longer than a day';
COMMENT ON COLUMN oauth.lasting_signature.expires_at IS 'Not before the expiry of what was signed; later, so that a row '
	'serves what is signed next, too';

-- The key of pairwise subjects (OpenID Connect Core, section 8.1): one row, made when it is first needed and kept for good.
CREATE TABLE oauth.pairwise_key (
	is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row),
	key_sealed bytea NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE oauth.pairwise_key ALTER COLUMN key_sealed SET STATISTICS 0;
COMMENT ON TABLE oauth.pairwise_key IS 'What pairwise subjects are computed with; without it clients no longer know their users';
COMMENT ON COLUMN oauth.pairwise_key.key_sealed IS '256 random bits under the master key';

-- What a client may ask for, in words for the consent page (RFC 6749, section 3.3).
CREATE TABLE oauth.scope (
	scope text COLLATE "C" PRIMARY KEY CHECK (scope ~ E'^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,128}$'),
	description text NOT NULL,
	is_default boolean NOT NULL DEFAULT false,
	is_advertised boolean NOT NULL DEFAULT true,
	created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE oauth.scope IS 'Scopes that exist; the default ones are given when a client asks for none';
COMMENT ON COLUMN oauth.scope.is_advertised IS 'Whether metadata lists the scope (scopes_supported), and clients that '
	'register themselves may have it';
COMMENT ON COLUMN oauth.scope.description IS 'What the consent page says of the scope';

-- Clients (RFC 6749, section 2), also the consumers of OAuth 1.0a: the consumer key is the client_id.
CREATE TABLE oauth.client (
	client_id text COLLATE "C" PRIMARY KEY CHECK (client_id ~ E'^[\\x21-\\x7E]{1,255}$'),
	client_name text NOT NULL,
	client_type text NOT NULL CHECK (client_type IN ('confidential', 'public')),
	token_endpoint_auth_method text CHECK (token_endpoint_auth_method IN ('none', 'client_secret_basic',
		'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth')),
	grant_types text[] NOT NULL,
	redirect_uris text[] NOT NULL,
	scope text,
	access_token_lifetime integer CHECK (access_token_lifetime > 0),
	refresh_token_lifetime integer CHECK (refresh_token_lifetime > 0),
	require_pkce boolean NOT NULL DEFAULT false,
	metadata jsonb NOT NULL DEFAULT '{}',
	application_type text CHECK (application_type IN ('web', 'native')),
	subject_type text NOT NULL DEFAULT 'public' CHECK (subject_type IN ('public', 'pairwise')),
	sector_identifier_uri text,
	sector_identifier text,
	jwks jsonb,
	jwks_uri text,
	id_token_signed_response_alg text,
	userinfo_signed_response_alg text,
	request_object_signing_alg text,
	token_endpoint_auth_signing_alg text,
	id_token_lifetime integer CHECK (id_token_lifetime BETWEEN 1 AND 86400),
	claims_in_id_token boolean NOT NULL DEFAULT false,
	access_token_format text NOT NULL DEFAULT 'opaque' CHECK (access_token_format IN ('opaque', 'jwt')),
	default_max_age integer CHECK (default_max_age >= 0),
	require_auth_time boolean NOT NULL DEFAULT false,
	default_acr_values text[],
	initiate_login_uri text,
	post_logout_redirect_uris text[],
	backchannel_logout_uri text,
	backchannel_logout_session_required boolean NOT NULL DEFAULT false,
	dpop_bound_access_tokens boolean NOT NULL DEFAULT false,
	tls_client_certificate_bound_access_tokens boolean NOT NULL DEFAULT false,
	tls_client_auth_subject_dn text,
	tls_client_auth_san_dns text,
	tls_client_auth_san_uri text,
	tls_client_auth_san_ip text,
	tls_client_auth_san_email text,
	require_pushed_authorization_requests boolean NOT NULL DEFAULT false,
	require_signed_request_object boolean NOT NULL DEFAULT false,
	authorization_signed_response_alg text,
	introspection_signed_response_alg text,
	authorization_details_types text[],
	profile text CHECK (profile IN ('fapi2', 'fapi2_message_signing')),
	is_document boolean NOT NULL DEFAULT false,
	omit_issue_events boolean NOT NULL DEFAULT false,
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
	document_fetched_at timestamptz,
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
			OR imported_secret_hash IS NOT NULL OR jwks IS NOT NULL OR jwks_uri IS NOT NULL
			OR token_endpoint_auth_method IS NOT DISTINCT FROM 'tls_client_auth'),
	CONSTRAINT certificates_have_one_name CHECK ((token_endpoint_auth_method IS NOT DISTINCT FROM 'tls_client_auth')
		= (num_nonnulls(tls_client_auth_subject_dn, tls_client_auth_san_dns, tls_client_auth_san_uri, tls_client_auth_san_ip,
			tls_client_auth_san_email) = 1)),
	CONSTRAINT keys_are_given_or_fetched CHECK (jwks IS NULL OR jwks_uri IS NULL),
	CONSTRAINT pairwise_subjects_are_of_a_sector CHECK (subject_type = 'public' OR sector_identifier IS NOT NULL),
	CONSTRAINT only_imported_clients_have_imported_secrets CHECK (imported_from IS NOT NULL OR imported_secret_hash IS NULL),
	CONSTRAINT keys_authenticate_those_who_have_some
		CHECK (NOT coalesce(token_endpoint_auth_method IN ('private_key_jwt', 'self_signed_tls_client_auth'), false)
			OR jwks IS NOT NULL OR jwks_uri IS NOT NULL OR rsa_public_key IS NOT NULL),
	CONSTRAINT secrets_that_sign_are_recoverable
		CHECK (token_endpoint_auth_method IS DISTINCT FROM 'client_secret_jwt' OR secret_sealed IS NOT NULL),
	CONSTRAINT public_clients_use_no_authentication
		CHECK ((client_type = 'public') = (token_endpoint_auth_method IS NOT DISTINCT FROM 'none')),
	CONSTRAINT client_credentials_need_credentials
		CHECK (client_type = 'confidential' OR NOT grant_types @> '{client_credentials}'),
	CONSTRAINT only_secrets_that_sign_are_recoverable
		CHECK (secret_sealed IS NULL OR grant_types && '{oauth1,oauth1_two_legged,oauth1_xauth}'
			OR token_endpoint_auth_method IS NOT DISTINCT FROM 'client_secret_jwt'),
	CONSTRAINT oauth1_clients_can_sign
		CHECK (NOT grant_types && '{oauth1,oauth1_two_legged,oauth1_xauth}' OR secret_sealed IS NOT NULL
			OR rsa_public_key IS NOT NULL),
	CONSTRAINT old_secrets_end CHECK ((old_secret_hash IS NULL) = (old_secret_expires_at IS NULL)),
	CONSTRAINT only_documents_are_fetched CHECK (is_document OR document_fetched_at IS NULL),
	CONSTRAINT deleted_clients_are_disabled CHECK (deleted_at IS NULL OR disabled_at IS NOT NULL)
);
ALTER TABLE oauth.client ALTER COLUMN secret_hash SET STATISTICS 0;
ALTER TABLE oauth.client ALTER COLUMN secret_sealed SET STATISTICS 0;
ALTER TABLE oauth.client ALTER COLUMN old_secret_hash SET STATISTICS 0;
ALTER TABLE oauth.client ALTER COLUMN old_secret_sealed SET STATISTICS 0;
ALTER TABLE oauth.client ALTER COLUMN registration_token_hash SET STATISTICS 0;
ALTER TABLE oauth.client ALTER COLUMN imported_secret_hash SET STATISTICS 0;
CREATE INDEX client_self_registered ON oauth.client (updated_at)
	WHERE (registration_token_hash IS NOT NULL OR is_document) AND deleted_at IS NULL;
CREATE INDEX client_disabled ON oauth.client (client_id) WHERE disabled_at IS NOT NULL;
CREATE INDEX client_pairwise ON oauth.client (client_id) WHERE subject_type = 'pairwise';
CREATE INDEX client_deleted ON oauth.client (client_id) WHERE deleted_at IS NOT NULL;
CREATE INDEX client_algs ON oauth.client USING gin ((array_remove(ARRAY[
	CASE WHEN 'openid' = ANY (string_to_array(scope, ' ')) OR scope IS NULL AND (registration_token_hash IS NOT NULL
		OR is_document OR id_token_signed_response_alg IS NOT NULL) THEN coalesce(id_token_signed_response_alg, 'RS256') END,
	userinfo_signed_response_alg, authorization_signed_response_alg, introspection_signed_response_alg,
	CASE WHEN access_token_format = 'jwt' OR profile IS NOT NULL THEN 'ES256' END], NULL))) WITH (fastupdate = off)
	WHERE disabled_at IS NULL;
COMMENT ON TABLE oauth.client IS 'Clients of OAuth 2 and consumers of OAuth 1.0a';
COMMENT ON COLUMN oauth.client.client_id IS 'Also the consumer key of OAuth 1.0a';
COMMENT ON COLUMN oauth.client.client_type IS 'confidential: it can keep a secret; public: it cannot, and has none';
COMMENT ON COLUMN oauth.client.redirect_uris IS 'Compared character by character, except for the port of a loopback '
	'address or of localhost';
COMMENT ON COLUMN oauth.client.old_secret_sealed IS 'The previous secret under the master key, if it must be '
	'recoverable';
COMMENT ON COLUMN oauth.client.token_endpoint_auth_method IS 'NULL: client_secret_basic or client_secret_post, as the '
	'client chooses';
COMMENT ON COLUMN oauth.client.grant_types IS 'Everything that the client may do; the grants of OAuth 1.0a are oauth1, '
	'oauth1_two_legged, oauth1_xauth';
COMMENT ON COLUMN oauth.client.scope IS 'What the client may ask for, space-separated; NULL: the default scopes, and '
	'for a client that registered itself those that are advertised';
COMMENT ON COLUMN oauth.client.access_token_lifetime IS 'Seconds; NULL: setting oauth.access_token_lifetime';
COMMENT ON COLUMN oauth.client.refresh_token_lifetime IS 'Seconds; NULL: setting oauth.refresh_token_lifetime';
COMMENT ON COLUMN oauth.client.require_pkce IS 'Whether a confidential client must use PKCE; public clients must in '
	'any case';
COMMENT ON COLUMN oauth.client.metadata IS 'Members of RFC 7591 that are stored and shown, but have no effect here';
COMMENT ON COLUMN oauth.client.application_type IS 'Which redirect URIs it may have: web or native (OpenID Connect '
	'Dynamic Client Registration 1.0, section 2); NULL: it did not say';
COMMENT ON COLUMN oauth.client.subject_type IS 'public: it sees the subject; pairwise: a digest of it that others do not see';
COMMENT ON COLUMN oauth.client.sector_identifier_uri IS 'A document that lists the redirect URIs of its sector; NULL: none';
COMMENT ON COLUMN oauth.client.sector_identifier IS 'The host whose clients see the same pairwise subjects';
COMMENT ON COLUMN oauth.client.jwks IS 'Its public keys (RFC 7517)';
COMMENT ON COLUMN oauth.client.jwks_uri IS 'Where its public keys are, instead of jwks';
COMMENT ON COLUMN oauth.client.id_token_signed_response_alg IS 'NULL: RS256';
COMMENT ON COLUMN oauth.client.userinfo_signed_response_alg IS 'NULL: userinfo is answered as plain JSON';
COMMENT ON COLUMN oauth.client.request_object_signing_alg IS 'The only algorithm of its request objects; NULL: any that the '
	'server knows';
COMMENT ON COLUMN oauth.client.token_endpoint_auth_signing_alg IS 'The only algorithm of its client assertions; NULL: any '
	'that the server knows';
COMMENT ON COLUMN oauth.client.id_token_lifetime IS 'Seconds; NULL: setting oauth.id_token_lifetime';
COMMENT ON COLUMN oauth.client.claims_in_id_token IS 'Whether the claims of its scopes are in the ID token too';
COMMENT ON COLUMN oauth.client.access_token_format IS 'opaque, or jwt (RFC 9068)';
COMMENT ON COLUMN oauth.client.default_max_age IS 'Seconds since the login that it accepts, unless a request says; NULL: any';
COMMENT ON COLUMN oauth.client.require_auth_time IS 'Whether each of its ID tokens has auth_time';
COMMENT ON COLUMN oauth.client.default_acr_values IS 'What it asks for unless a request says, the best first';
COMMENT ON COLUMN oauth.client.initiate_login_uri IS 'Where others may send a person to begin a login';
COMMENT ON COLUMN oauth.client.post_logout_redirect_uris IS 'Where a logout may lead back to, compared character by character';
COMMENT ON COLUMN oauth.client.backchannel_logout_uri IS 'Where it is told that a session has ended';
COMMENT ON COLUMN oauth.client.backchannel_logout_session_required IS 'Whether a logout token for it must have the sid';
COMMENT ON COLUMN oauth.client.dpop_bound_access_tokens IS 'Whether each of its tokens is bound to a key (RFC 9449, section 5.2)';
COMMENT ON COLUMN oauth.client.tls_client_certificate_bound_access_tokens IS 'Whether its tokens are bound to its certificate '
	'(RFC 8705, section 3.4)';
COMMENT ON COLUMN oauth.client.tls_client_auth_subject_dn IS 'The subject of its certificate (RFC 4514)';
COMMENT ON COLUMN oauth.client.tls_client_auth_san_dns IS 'Or a host name in its certificate';
COMMENT ON COLUMN oauth.client.tls_client_auth_san_uri IS 'Or a URI in its certificate';
COMMENT ON COLUMN oauth.client.tls_client_auth_san_ip IS 'Or an address in its certificate';
COMMENT ON COLUMN oauth.client.tls_client_auth_san_email IS 'Or a mail address in its certificate';
COMMENT ON COLUMN oauth.client.require_pushed_authorization_requests IS 'Whether it has to push what it asks for (RFC 9126)';
COMMENT ON COLUMN oauth.client.require_signed_request_object IS 'Whether it has to sign what it asks for (RFC 9101)';
COMMENT ON COLUMN oauth.client.authorization_signed_response_alg IS 'NULL: RS256, where it asks for signed answers (JARM)';
COMMENT ON COLUMN oauth.client.introspection_signed_response_alg IS 'NULL: RS256, where it asks for signed answers (RFC 9701)';
COMMENT ON COLUMN oauth.client.authorization_details_types IS 'Types of authorization_details that it may ask for (RFC 9396)';
COMMENT ON COLUMN oauth.client.profile IS 'fapi2 or fapi2_message_signing: the profile that every request of it is held to; NULL: none';
COMMENT ON COLUMN oauth.client.is_document IS 'Whether it is known by its client ID metadata document alone';
COMMENT ON COLUMN oauth.client.omit_issue_events IS 'Whether tokens that it gets are left out of the audit log; what is refused '
	'or ended is in it';
COMMENT ON COLUMN oauth.client.document_fetched_at IS 'When the document was fetched that it is described by; NULL: it has none';
COMMENT ON COLUMN oauth.client.rsa_public_key IS 'PEM; verifies RSA signatures of OAuth 1.0a';
COMMENT ON COLUMN oauth.client.signature_methods IS 'Signature methods of OAuth 1.0a; NULL: RSA-* with an '
	'rsa_public_key, otherwise HMAC-* and PLAINTEXT';
COMMENT ON COLUMN oauth.client.secret_hash IS 'SHA-256 of the client secret';
COMMENT ON COLUMN oauth.client.secret_sealed IS 'The client secret under the master key, for OAuth 1.0a signatures and for '
	'client_secret_jwt only';
COMMENT ON COLUMN oauth.client.registration_token_hash IS 'SHA-256 of the registration_access_token (RFC 7592); NULL: '
	'the client did not register itself';
COMMENT ON COLUMN oauth.client.vouched_at IS 'When the client registered itself with an initial access token; '
	'oauth.registration_limit does not count such clients';
COMMENT ON COLUMN oauth.client.imported_from IS 'The provider that the client was imported from; NULL: registered here';
COMMENT ON COLUMN oauth.client.imported_secret_hash IS 'The hash of the secret that the other provider stored; '
	'replaced by secret_hash when the client first uses its secret here';
COMMENT ON COLUMN oauth.client.old_secret_hash IS 'SHA-256 of the previous secret, which works until '
	'old_secret_expires_at';

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
COMMENT ON TABLE oauth.initial_access_token IS 'Initial access tokens, each of which lets its holder register a number '
	'of clients';
COMMENT ON COLUMN oauth.initial_access_token.token_hash IS 'SHA-256 of the whole token string';

-- Resource servers that tokens are made for in their own way (RFC 8707).
CREATE TABLE oauth.registered_resource (
	normal_uri text COLLATE "C" PRIMARY KEY CHECK (normal_uri ~ E'^[a-z][a-z0-9+.-]*:[\\x21\\x22\\x24-\\x7E]+$'),
	resource text COLLATE "C" NOT NULL CHECK (resource ~ E'^[A-Za-z][A-Za-z0-9+.-]*:[\\x21\\x22\\x24-\\x7E]+$'),
	scope text,
	access_token_format text NOT NULL CHECK (access_token_format IN ('opaque', 'jwt')),
	access_token_lifetime integer CHECK (access_token_lifetime > 0),
	signing_alg text COLLATE "C"
		CHECK (signing_alg IN ('RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA', 'Ed25519')),
	created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE oauth.registered_resource IS 'Resources with tokens of a form, lifetime or scope of their own (oauth_register_resource)';
COMMENT ON COLUMN oauth.registered_resource.normal_uri IS 'The URI in its normal form (RFC 3986, section 6), by which it is found';
COMMENT ON COLUMN oauth.registered_resource.resource IS 'The URI as it was registered: the aud of its JWTs, however a client spells it';
COMMENT ON COLUMN oauth.registered_resource.scope IS 'Words that tokens for it can have, space-separated; NULL: any';
COMMENT ON COLUMN oauth.registered_resource.access_token_format IS 'opaque, or jwt (RFC 9068)';
COMMENT ON COLUMN oauth.registered_resource.access_token_lifetime IS 'Seconds at most; NULL: as the client, or the setting, says';
COMMENT ON COLUMN oauth.registered_resource.signing_alg IS 'Of its JWTs; NULL: ES256';

-- Issuers whose JWTs are grants here (RFC 7523), and what they call somebody becomes a subject of ours.
CREATE TABLE oauth.trusted_issuer (
	issuer text COLLATE "C" PRIMARY KEY CHECK (issuer ~ E'^[\\x21\\x23-\\x5B\\x5D-\\x7B\\x7D-\\x7E]{1,200}$'),
	jwks jsonb,
	jwks_uri text CHECK (octet_length(jwks_uri) <= 2000),
	function_schema text,
	function_name text,
	audience text COLLATE "C",
	created_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT keys_are_in_one_place CHECK ((jwks IS NULL) <> (jwks_uri IS NULL)),
	CONSTRAINT subject_functions_have_a_schema CHECK ((function_name IS NULL) = (function_schema IS NULL))
);
COMMENT ON TABLE oauth.trusted_issuer IS 'Issuers whose JWTs clients exchange for tokens (oauth_trust_issuer); read the view '
	'oauth.trusted_issuer_overview';
COMMENT ON COLUMN oauth.trusted_issuer.issuer IS 'The iss of its JWTs; no vertical bar, which stands between it and the sub in a '
	'subject';
COMMENT ON COLUMN oauth.trusted_issuer.jwks IS 'Its public keys; NULL: they are at jwks_uri';
COMMENT ON COLUMN oauth.trusted_issuer.jwks_uri IS 'Where its public keys are, which the shim fetches';
COMMENT ON COLUMN oauth.trusted_issuer.function_name IS 'The function that says who somebody is here, f(issuer text, claims '
	'jsonb) RETURNS text: the subject, or null; NULL: the subject is the issuer, a vertical bar and the sub';
COMMENT ON COLUMN oauth.trusted_issuer.audience IS 'What its JWTs call this provider in aud; NULL: by oauth.issuer';

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
COMMENT ON TABLE oauth.subject IS 'Resource owners for whom tokens were issued';
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
COMMENT ON COLUMN oauth.user.username IS 'As it was given. A name can be given to another user; a subject cannot';
COMMENT ON COLUMN oauth.user.username_key IS 'The key by which the name is found: names that differ only in case, '
	'width, spaces around them or composition of letters are one name';
COMMENT ON COLUMN oauth.user.password_hash IS 'bcrypt, as pgcrypto computes it';

-- The second factor of a built-in user: codes that an application computes from a shared secret (RFC 6238).
CREATE TABLE oauth.second_factor (
	subject text COLLATE "C" PRIMARY KEY REFERENCES oauth.user (subject) ON DELETE CASCADE,
	is_required boolean NOT NULL DEFAULT false,
	secret_sealed bytea,
	confirmed_at timestamptz,
	last_step bigint NOT NULL DEFAULT 0,
	CONSTRAINT what_is_confirmed_is_a_secret CHECK (confirmed_at IS NULL OR secret_sealed IS NOT NULL)
);
ALTER TABLE oauth.second_factor ALTER COLUMN secret_sealed SET STATISTICS 0;
COMMENT ON TABLE oauth.second_factor IS 'Second factors of built-in users, and who must have one';
COMMENT ON COLUMN oauth.second_factor.is_required IS 'The user cannot log in without one (oauth_require_second_factor)';
COMMENT ON COLUMN oauth.second_factor.secret_sealed IS 'The secret under the master key; NULL: none is set up';
COMMENT ON COLUMN oauth.second_factor.confirmed_at IS 'When a first code was right; NULL: the secret does not count yet';
COMMENT ON COLUMN oauth.second_factor.last_step IS 'The time step of the last code that was used; earlier ones are used up';

-- Codes for who has lost the application.
CREATE TABLE oauth.recovery_code (
	subject text COLLATE "C" REFERENCES oauth.user (subject) ON DELETE CASCADE,
	code_hash oauth.sha256,
	PRIMARY KEY (subject, code_hash)
);
ALTER TABLE oauth.recovery_code ALTER COLUMN code_hash SET STATISTICS 0;
COMMENT ON TABLE oauth.recovery_code IS 'Recovery codes that have not been used';
COMMENT ON COLUMN oauth.recovery_code.code_hash IS 'SHA-256 of the code, without hyphens';

-- Where users are, if not in oauth.user: at most one row.  Text, because a regclass column would stop pg_upgrade.
CREATE TABLE oauth.user_source (
	is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row),
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
COMMENT ON COLUMN oauth.user_source.scheme IS 'The scheme of the hashes in password_column: auto, or the only one that '
	'is accepted';
COMMENT ON COLUMN oauth.user_source.allow_legacy IS 'Whether unsalted and plain digests are accepted too';
COMMENT ON COLUMN oauth.user_source.active_column IS 'A boolean that is true, or a time that is null, for users who '
	'may log in; NULL: all users may';
COMMENT ON COLUMN oauth.user_source.function_name IS 'The function that checks passwords, f(username text, password '
	'text) RETURNS text: the id, or null';

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
	auth_time timestamptz,
	acr text,
	amr text,
	sid text COLLATE "C",
	claims jsonb,
	cnf oauth.cnf,
	authorization_details jsonb,
	issuer text COLLATE "C",
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
CREATE INDEX grant_sid ON oauth.grant (sid) WHERE sid IS NOT NULL;
CREATE INDEX grant_issuer ON oauth.grant (issuer) WHERE issuer IS NOT NULL AND ended_at IS NULL;
COMMENT ON TABLE oauth.grant IS 'Authorizations: one row ends every token that came of it';
COMMENT ON COLUMN oauth.grant.grant_type IS 'How it was made: a grant_type of the token endpoint, one of OAuth 1.0a, '
	'or the name of the SQL function';
COMMENT ON COLUMN oauth.grant.issuer IS 'The trusted issuer whose JWT it was made by; NULL: nobody else''s. '
	'oauth_distrust_issuer() ends it';
COMMENT ON COLUMN oauth.grant.ended_reason IS 'Why it ended, in words for administrators';
COMMENT ON COLUMN oauth.grant.handle IS 'Microseconds since 2000-01-01 times 2048, plus the backend''s number';
COMMENT ON COLUMN oauth.grant.emptied_at IS 'When the last of its tokens was purged; the row stays while events refer '
	'to it';
COMMENT ON COLUMN oauth.grant.resource IS 'URIs of the resources that the tokens are for, space-separated (RFC 8707); '
	'NULL: any';
COMMENT ON COLUMN oauth.grant.auth_time IS 'When the subject had logged in (OpenID Connect Core, section 2); NULL: unknown, no '
	'browser was there';
COMMENT ON COLUMN oauth.grant.acr IS 'How strongly the subject had logged in: the Authentication Context Class Reference';
COMMENT ON COLUMN oauth.grant.amr IS 'By which methods the subject had logged in, space-separated (RFC 8176)';
COMMENT ON COLUMN oauth.grant.sid IS 'The sid of the session that the subject had then';
COMMENT ON COLUMN oauth.grant.claims IS 'The claims parameter of the authorization request (OpenID Connect Core, section 5.5)';
COMMENT ON COLUMN oauth.grant.cnf IS 'What its refresh tokens are bound to; NULL: nothing but the client';
COMMENT ON COLUMN oauth.grant.authorization_details IS 'What was granted beside scope, an array of objects (RFC 9396)';
COMMENT ON COLUMN oauth.grant.scope IS 'What was granted; NULL for a client that acts for itself, whose tokens each '
	'have a scope of their own';

-- Bearer tokens (RFC 6750).  Each index costs a token 64 bytes of write-ahead log, so there is none of expires_at:
-- oauth_purge_expired() looks through the pages instead, a stretch in each call.
CREATE TABLE oauth.access_token (
	handle bigint PRIMARY KEY,
	grant_handle bigint NOT NULL REFERENCES oauth.grant,
	expires_at timestamptz NOT NULL,
	revoked_at timestamptz,
	token_hash oauth.sha256 NOT NULL,
	scope text NOT NULL,
	resource text,
	cnf oauth.cnf,
	authorization_details jsonb,
	act jsonb
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05,
	autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX access_token_grant ON oauth.access_token (grant_handle);
ALTER TABLE oauth.access_token ALTER COLUMN token_hash SET STATISTICS 0;
COMMENT ON TABLE oauth.access_token IS 'Access tokens; rows stay until oauth_purge_expired() removes them';
COMMENT ON COLUMN oauth.access_token.scope IS 'Part of the scope of the grant';
COMMENT ON COLUMN oauth.access_token.cnf IS 'What it is bound to; NULL: nothing, every bearer may use it';
COMMENT ON COLUMN oauth.access_token.authorization_details IS 'Part of the authorization_details of the grant';
COMMENT ON COLUMN oauth.access_token.act IS 'Who acts for the subject (RFC 8693, section 4.1); NULL: nobody';
COMMENT ON COLUMN oauth.access_token.token_hash IS 'SHA-256 of the whole token string';
COMMENT ON COLUMN oauth.access_token.resource IS 'URIs of the resources that the token is for, space-separated (RFC '
	'8707); NULL: any';

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
	answer_id uuid,
	nonce text,
	dpop_jkt text COLLATE "C"
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX authorization_code_grant ON oauth.authorization_code (grant_handle);
CREATE INDEX authorization_code_expires_at ON oauth.authorization_code (expires_at);
CREATE UNIQUE INDEX authorization_code_answer ON oauth.authorization_code (answer_id) WHERE answer_id IS NOT NULL;
ALTER TABLE oauth.authorization_code ALTER COLUMN code_hash SET STATISTICS 0;
COMMENT ON TABLE oauth.authorization_code IS 'Authorization codes';
COMMENT ON COLUMN oauth.authorization_code.code_hash IS 'SHA-256 of the whole code';
COMMENT ON COLUMN oauth.authorization_code.redirect_uri IS 'As it was in the authorization request; NULL: the request '
	'had none';
COMMENT ON COLUMN oauth.authorization_code.nonce IS 'As the authorization request sent it, for the ID token (OpenID Connect '
	'Core, section 3.1.2.1); NULL if it sent none';
COMMENT ON COLUMN oauth.authorization_code.dpop_jkt IS 'Thumbprint of the key that may exchange it (RFC 9449, section 10); NULL: any';
COMMENT ON COLUMN oauth.authorization_code.answer_id IS 'The consent form that led to the code, as half the SHA-256 of '
	'its token; NULL: there was no form';
COMMENT ON COLUMN oauth.authorization_code.code_challenge IS 'The code_challenge of PKCE, method S256 (RFC 7636)';

-- Authorization requests that are kept under a request_uri (RFC 9126), each good for one answer.  A dump has none: what was
-- answered since would be open again where it is restored.
CREATE TABLE oauth.pushed_request (
	handle bigint PRIMARY KEY,
	client_id text COLLATE "C" NOT NULL REFERENCES oauth.client,
	open_until timestamptz NOT NULL,
	expires_at timestamptz NOT NULL,
	used_at timestamptz,
	is_signed boolean NOT NULL,
	request_uri_hash oauth.sha256 NOT NULL,
	parameters text NOT NULL,
	browser_hash oauth.sha256,
	answer_hash oauth.sha256,
	CONSTRAINT answers_use_requests_up CHECK (answer_hash IS NULL OR used_at IS NOT NULL)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX pushed_request_expires_at ON oauth.pushed_request (expires_at);
CREATE INDEX pushed_request_client_id ON oauth.pushed_request (client_id);
ALTER TABLE oauth.pushed_request ALTER COLUMN request_uri_hash SET STATISTICS 0;
ALTER TABLE oauth.pushed_request ALTER COLUMN parameters SET STATISTICS 0;
ALTER TABLE oauth.pushed_request ALTER COLUMN browser_hash SET STATISTICS 0;
ALTER TABLE oauth.pushed_request ALTER COLUMN answer_hash SET STATISTICS 0;
COMMENT ON TABLE oauth.pushed_request IS 'Authorization requests that clients have pushed, or signed, until they are answered';
COMMENT ON COLUMN oauth.pushed_request.request_uri_hash IS 'SHA-256 of what the request_uri ends in';
COMMENT ON COLUMN oauth.pushed_request.open_until IS 'When it is too late to open the request, in any browser';
COMMENT ON COLUMN oauth.pushed_request.expires_at IS 'When it is too late for a browser that has opened it, too';
COMMENT ON COLUMN oauth.pushed_request.used_at IS 'When it was answered, with a code or an error';
COMMENT ON COLUMN oauth.pushed_request.is_signed IS 'Whether the client had signed it (RFC 9101)';
COMMENT ON COLUMN oauth.pushed_request.parameters IS 'The request as a form, without what authenticated the client';
COMMENT ON COLUMN oauth.pushed_request.browser_hash IS 'SHA-256 of the cookie of the browser that opened it last';
COMMENT ON COLUMN oauth.pushed_request.answer_hash IS 'SHA-256 of the form that answered it; the same form is answered again';

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
COMMENT ON COLUMN oauth.refresh_token.successor IS 'Handle of the refresh token that replaced it';
COMMENT ON COLUMN oauth.refresh_token.token_hash IS 'SHA-256 of the whole token string';
COMMENT ON COLUMN oauth.refresh_token.access_token IS 'Handle of the access token issued with this one';
COMMENT ON COLUMN oauth.refresh_token.rotation_salt IS 'Key id and salt from which this token was derived; erased when '
	'the token is used, or when the grace of its predecessor has ended';

-- Nonces of OAuth 1.0a (RFC 5849, section 3.3): a ring of tables by oauth_timestamp, which oauth_purge_expired() empties
-- with TRUNCATE.  Rows are only ever added, so there is nothing for autovacuum to do but stand in the way of that.  One
-- column of fixed length is compared faster than two.  No row is told to subscribers, who need none; a dump leaves the rows
-- out, for where it is restored the floor rises above them.
DO $nonces$
BEGIN
	FOR i IN 0 .. 7 LOOP
		EXECUTE format('CREATE TABLE oauth.nonce_%s (nonce uuid PRIMARY KEY) WITH (autovacuum_enabled = false)', i);
		EXECUTE format('ALTER TABLE oauth.nonce_%s REPLICA IDENTITY NOTHING', i);
		EXECUTE format('COMMENT ON TABLE oauth.nonce_%s IS ''Used nonces of signed requests''', i);
		EXECUTE format('COMMENT ON COLUMN oauth.nonce_%s.nonce IS ''oauth_timestamp in five bytes, then the first eleven of the '
			'SHA-256 of token handle, client_id and nonce''', i);
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
COMMENT ON TABLE oauth.nonce_floor IS 'The lowest oauth_timestamp that is accepted, and for which server it was '
	'determined: on another server, timeline or table, nonces may be missing, and the floor rises above all of them';
COMMENT ON COLUMN oauth.nonce_floor.system_identifier IS 'The server for which the floor was determined, together with '
	'timeline and relation';
COMMENT ON COLUMN oauth.nonce_floor.relation IS 'This table, at that time';
COMMENT ON COLUMN oauth.nonce_floor.floor IS 'Seconds since 1970; earlier timestamps are refused';
COMMENT ON COLUMN oauth.nonce_floor.seconds_a_table IS 'How many seconds of timestamps each table of the ring holds';

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
COMMENT ON TABLE oauth.request_token IS 'Temporary credentials of OAuth 1.0a, which wait for approval and work once';
COMMENT ON COLUMN oauth.request_token.token_hash IS 'SHA-256 of the token string';
COMMENT ON COLUMN oauth.request_token.secret_sealed IS 'The shared secret under the master key, needed to verify '
	'signatures';
COMMENT ON COLUMN oauth.request_token.subject IS 'The subject who approved; NULL until then';
COMMENT ON COLUMN oauth.request_token.verifier_hash IS 'SHA-256 of the oauth_verifier; NULL until a subject has '
	'approved';
COMMENT ON COLUMN oauth.request_token.callback IS 'Where the verifier goes: the URI of the request, or oob to show it '
	'to the user';
COMMENT ON COLUMN oauth.request_token.failed_attempts IS 'Wrong verifiers so far; after a few, the token ends';

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
COMMENT ON COLUMN oauth.oauth1_token.expires_at IS 'NULL: it lives until it is revoked';
COMMENT ON COLUMN oauth.oauth1_token.secret_sealed IS 'The shared secret under the master key, needed to verify '
	'signatures';

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
COMMENT ON TABLE oauth.imported_token IS 'Tokens that other providers issued, with their handles here';
COMMENT ON COLUMN oauth.imported_token.digest IS 'First half of the SHA-256 of the token string';
COMMENT ON COLUMN oauth.imported_token.handle IS 'Handle of a row of access_token, refresh_token or oauth1_token; 0 '
	'for a consent';
COMMENT ON COLUMN oauth.imported_token.is_signature IS 'Whether only a digest of the token''s signature is stored, as '
	'Ory Hydra does; verifying it needs the key that made it (oauth.imported_key)';
COMMENT ON COLUMN oauth.imported_token.expires_at IS 'When the token expired at the other provider; NULL: never';

-- The keys with which Ory Hydra signed the tokens that were imported from it.
CREATE TABLE oauth.imported_key (
	key_hash oauth.sha256 PRIMARY KEY,
	key_sealed bytea NOT NULL
);
ALTER TABLE oauth.imported_key ALTER COLUMN key_hash SET STATISTICS 0;
ALTER TABLE oauth.imported_key ALTER COLUMN key_sealed SET STATISTICS 0;
COMMENT ON TABLE oauth.imported_key IS 'Keys of Ory Hydra, without which its tokens cannot be verified';
COMMENT ON COLUMN oauth.imported_key.key_hash IS 'SHA-256 of the key';
COMMENT ON COLUMN oauth.imported_key.key_sealed IS 'The key under the master key';

-- What a subject has allowed a client for good, so that it is not asked again.
CREATE TABLE oauth.consent (
	subject text COLLATE "C" NOT NULL REFERENCES oauth.subject,
	client_id text COLLATE "C" NOT NULL REFERENCES oauth.client,
	scope text NOT NULL,
	updated_at timestamptz NOT NULL DEFAULT now(),
	claims text[] NOT NULL DEFAULT '{}',
	authorization_details jsonb,
	PRIMARY KEY (subject, client_id)
);
CREATE INDEX consent_client_id ON oauth.consent (client_id);
COMMENT ON TABLE oauth.consent IS 'Remembered consent, until the user removes the client''s access on the account page';
COMMENT ON COLUMN oauth.consent.claims IS 'Claims that were allowed besides those of the scope (OpenID Connect Core, section '
	'5.5)';
COMMENT ON COLUMN oauth.consent.authorization_details IS 'Those that were allowed last (RFC 9396): only the same ones are not '
	'asked about again';
COMMENT ON COLUMN oauth.consent.scope IS 'Everything that was allowed so far, space-separated';

-- Who is logged in on the pages.
CREATE TABLE oauth.session (
	handle bigint PRIMARY KEY,
	subject text COLLATE "C" NOT NULL REFERENCES oauth.subject,
	expires_at timestamptz NOT NULL,
	ended_at timestamptz,
	token_hash oauth.sha256 NOT NULL,
	peer inet,
	browser text,
	authenticated_at timestamptz,
	acr text,
	amr text,
	sid text COLLATE "C" UNIQUE
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX session_subject ON oauth.session (subject);
CREATE INDEX session_expires_at ON oauth.session (expires_at);
ALTER TABLE oauth.session ALTER COLUMN token_hash SET STATISTICS 0;
COMMENT ON TABLE oauth.session IS 'Logins in browsers; the cookie is stored as a digest';
COMMENT ON COLUMN oauth.session.token_hash IS 'SHA-256 of the cookie';
COMMENT ON COLUMN oauth.session.authenticated_at IS 'When the subject proved who it is; NULL: when the session began';
COMMENT ON COLUMN oauth.session.acr IS 'How strongly: the Authentication Context Class Reference (OpenID Connect Core, section '
	'2); NULL: nobody said';
COMMENT ON COLUMN oauth.session.amr IS 'By which methods, space-separated (RFC 8176); NULL: nobody said';
COMMENT ON COLUMN oauth.session.sid IS 'A public name of the session, which clients learn (OpenID Connect Back-Channel Logout, '
	'section 2.1); NULL: the session began before there were any';
COMMENT ON COLUMN oauth.session.peer IS 'Address from which the user logged in; NULL: unknown';
COMMENT ON COLUMN oauth.session.browser IS 'Name of the browser for people, such as Firefox, Linux; NULL: unknown';

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
	acr_values text,
	max_age integer CHECK (max_age >= 0),
	prompt text,
	auth_time timestamptz,
	acr text,
	amr text,
	sid text COLLATE "C",
	session_lifetime integer CHECK (session_lifetime > 0),
	authorization_details jsonb,
	accepted_authorization_details jsonb,
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
COMMENT ON TABLE oauth.login_request IS 'Browsers that were sent to the application to log in, or to decide';
COMMENT ON COLUMN oauth.login_request.token_hash IS 'SHA-256 of the handle that the application gets';
COMMENT ON COLUMN oauth.login_request.address IS 'The page to return to, with its query';
COMMENT ON COLUMN oauth.login_request.is_login IS 'False: the user is logged in already, and only the decision is open';
COMMENT ON COLUMN oauth.login_request.verifier_hash IS 'SHA-256 of the verifier that the browser must bring back; each '
	'decision makes a new one';
COMMENT ON COLUMN oauth.login_request.browser_hash IS 'SHA-256 of the cookie of the browser that began the request';
COMMENT ON COLUMN oauth.login_request.acr_values IS 'How strong a login the client asks for, best first, space-separated';
COMMENT ON COLUMN oauth.login_request.authorization_details IS 'What the client asks for beside the scope (RFC 9396)';
COMMENT ON COLUMN oauth.login_request.accepted_authorization_details IS 'What of that the application has accepted, and its '
	'functions grant';
COMMENT ON COLUMN oauth.login_request.max_age IS 'How old a login the client accepts, in seconds; NULL: any';
COMMENT ON COLUMN oauth.login_request.prompt IS 'What the client wants to happen: login, consent, select_account';
COMMENT ON COLUMN oauth.login_request.auth_time IS 'When the subject logged in: the application says it, or the session that '
	'was there';
COMMENT ON COLUMN oauth.login_request.acr IS 'How strongly, likewise';
COMMENT ON COLUMN oauth.login_request.amr IS 'By which methods, likewise, space-separated';
COMMENT ON COLUMN oauth.login_request.sid IS 'Of the session that was there; NULL: the login begins one';
COMMENT ON COLUMN oauth.login_request.session_lifetime IS 'Of the session that the login begins, in seconds; NULL: setting '
	'oauth.session_lifetime';
COMMENT ON COLUMN oauth.login_request.accepted_scope IS 'The scope that the application accepted; NULL: the consent '
	'page here asks';

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
	auth_time timestamptz,
	acr text,
	amr text,
	sid text COLLATE "C",
	authorization_details jsonb,
	CONSTRAINT denied_or_approved CHECK (denied_at IS NULL OR subject IS NULL),
	CONSTRAINT used_codes_were_approved CHECK (used_at IS NULL OR subject IS NOT NULL)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX device_code_client_id ON oauth.device_code (client_id);
CREATE INDEX device_code_subject ON oauth.device_code (subject) WHERE subject IS NOT NULL;
CREATE INDEX device_code_expires_at ON oauth.device_code (expires_at);
ALTER TABLE oauth.device_code ALTER COLUMN code_hash SET STATISTICS 0;
ALTER TABLE oauth.device_code ALTER COLUMN user_code_hash SET STATISTICS 0;
COMMENT ON TABLE oauth.device_code IS 'Device codes, which wait for approval and work once';
COMMENT ON COLUMN oauth.device_code.code_hash IS 'SHA-256 of the code that the device polls with';
COMMENT ON COLUMN oauth.device_code.scope IS 'The scope that the device gets if it is allowed';
COMMENT ON COLUMN oauth.device_code.resource IS 'URIs of the resources that the tokens are for, space-separated (RFC '
	'8707); NULL: any';
COMMENT ON COLUMN oauth.device_code.polled_at IS 'When the device last polled';
COMMENT ON COLUMN oauth.device_code.interval_seconds IS 'How long the device must wait between polls; grows if it does '
	'not wait';
COMMENT ON COLUMN oauth.device_code.user_code_hash IS 'SHA-256 of the eight letters that a person types';
COMMENT ON COLUMN oauth.device_code.subject IS 'The subject who allowed the device; NULL until then';
COMMENT ON COLUMN oauth.device_code.auth_time IS 'When the subject had logged in';
COMMENT ON COLUMN oauth.device_code.acr IS 'How strongly the subject had logged in';
COMMENT ON COLUMN oauth.device_code.amr IS 'By which methods the subject had logged in, space-separated';
COMMENT ON COLUMN oauth.device_code.authorization_details IS 'What the device asked for beside the scope (RFC 9396), then what '
	'was granted';
COMMENT ON COLUMN oauth.device_code.sid IS 'The sid of the session that allowed it';

-- The application's own words and stylesheet for the pages.
CREATE TABLE oauth.page (
	language text COLLATE "C",
	name text COLLATE "C",
	body text NOT NULL,
	PRIMARY KEY (language, name)
);
COMMENT ON TABLE oauth.page IS 'Texts of the pages that replace the original ones (oauth_set_page)';
COMMENT ON COLUMN oauth.page.name IS 'Name of the text, or stylesheet';
COMMENT ON COLUMN oauth.page.language IS 'Primary tag, such as en; empty for every language';

-- Functions of the application behind /api/, as text: a regprocedure column would stop pg_upgrade.
CREATE TABLE oauth.protected_function (
	path text COLLATE "C" PRIMARY KEY CHECK (path ~ E'^/api/[\\x21-\\x7E]*[^/]$'),
	function_schema text NOT NULL,
	function_name text NOT NULL,
	required_scope text,
	methods text[] NOT NULL CHECK (cardinality(methods) > 0),
	created_at timestamptz NOT NULL DEFAULT now(),
	acr_values text,
	max_age integer CHECK (max_age > 0)
);
COMMENT ON TABLE oauth.protected_function IS 'Which SQL function answers below /api/; the longest path wins';
COMMENT ON COLUMN oauth.protected_function.path IS 'The function answers this path and all paths below it, unless a '
	'longer one matches';
COMMENT ON COLUMN oauth.protected_function.acr_values IS 'How strong the login behind the token must be: one of these, '
	'space-separated (RFC 9470); NULL: any';
COMMENT ON COLUMN oauth.protected_function.max_age IS 'How old the login behind the token may be, in seconds; NULL: any';
COMMENT ON COLUMN oauth.protected_function.required_scope IS 'Words that the token''s scope must all contain; NULL: '
	'any token will do';

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
COMMENT ON TABLE oauth.throttle IS 'Counts of failed attempts, and of requests from strangers, that delay further ones';
COMMENT ON COLUMN oauth.throttle.key IS 'Half of the SHA-256 of kind, account and address';
COMMENT ON COLUMN oauth.throttle.failures IS 'Failures since the last success, or since an hour without a failure';
COMMENT ON COLUMN oauth.throttle.allowance IS 'How many failures are free; after those, each wait is twice as long as '
	'the one before, up to 15 minutes';
COMMENT ON COLUMN oauth.throttle.kind IS 'password, second_factor, client_secret or user_code; registration, device_authorization '
	'or pushed_request, which are limited for each address and hour';
COMMENT ON COLUMN oauth.throttle.account IS 'Subject or client_id, if it exists';
COMMENT ON COLUMN oauth.throttle.address IS 'An IPv4 address, or an IPv6 network of 64 or 48 bits; NULL: from '
	'anywhere, unknown, or a browser that the account was logged in from';

-- Where accounts have been logged in from: what is known is not kept out by strangers.  The key is a digest, so that no list of
-- who was where comes to be.
CREATE TABLE oauth.known_address (
	key uuid PRIMARY KEY,
	last_at timestamptz NOT NULL
);
CREATE INDEX known_address_last_at ON oauth.known_address (last_at);
COMMENT ON TABLE oauth.known_address IS 'Addresses that accounts were logged in from, to which the count of wrong '
	'passwords from anywhere does not apply';
COMMENT ON COLUMN oauth.known_address.key IS 'Half of the SHA-256 of subject, address and the hash of the password';
COMMENT ON COLUMN oauth.known_address.last_at IS 'When the account was last logged in from there, to the day; '
	'forgotten after 90 days';

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
COMMENT ON VIEW oauth.event IS 'The audit log: who did what from where, and the outcome; kept for '
	'oauth.event_retention';
COMMENT ON COLUMN oauth.event.event IS 'issue, refresh, revoke, login, logout, authenticate, consent, register, configure';
COMMENT ON COLUMN oauth.event.outcome IS 'NULL: it was done; otherwise the error code of the refusal';
COMMENT ON COLUMN oauth.event.peer IS 'Address of the HTTP client, or of the session; NULL: unknown, or a local socket';
COMMENT ON COLUMN oauth.event.role IS 'The role of the session, if it was done in SQL; NULL: by an HTTP client';
COMMENT ON COLUMN oauth.event.detail IS 'What exactly was done, or why it was refused';
COMMENT ON COLUMN oauth.event.request_id IS 'Id of the HTTP request, as in the shim''s logs and its answer '
	'(X-Request-Id)';
COMMENT ON COLUMN oauth.event.handle IS 'Microseconds since 2000-01-01 times 2048: the events after a time are those with '
	'a handle above it';

-- The function of the application that says more of a subject, as text like those above.
CREATE TABLE oauth.claims_function (
	is_only_row boolean PRIMARY KEY CHECK (is_only_row),
	function_schema text NOT NULL,
	function_name text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE oauth.claims_function IS 'The SQL function that adds claims about a token''s subject '
	'(oauth_set_claims_function)';

-- Types of authorization details (RFC 9396), which the application defines; the function as text, as below /api/.
CREATE TABLE oauth.authorization_details_type (
	type text COLLATE "C" PRIMARY KEY CHECK (type ~ E'^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,255}$'),
	description text,
	function_schema text,
	function_name text,
	created_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT functions_have_a_schema CHECK ((function_schema IS NULL) = (function_name IS NULL))
);
COMMENT ON TABLE oauth.authorization_details_type IS 'Types of authorization details that clients may be allowed to ask for '
	'(oauth_register_authorization_details_type)';
COMMENT ON COLUMN oauth.authorization_details_type.description IS 'What the consent page says of an object of that type; NULL: '
	'its name';
COMMENT ON COLUMN oauth.authorization_details_type.function_name IS 'Of the function that looks at each object; NULL: any object '
	'of a right form will do';

-- What the shim has fetched for us, by URL: key sets of clients and the like.  A row is made when a document is wanted, and
-- whichever shim claims it fetches it.
CREATE TABLE oauth.document (
	url text COLLATE "C" PRIMARY KEY CHECK (octet_length(url) <= 2000),
	body text CHECK (octet_length(body) <= 65536),
	media_type text,
	fetched_at timestamptz,
	fresh_until timestamptz,
	failed_at timestamptz,
	problem text,
	wanted_at timestamptz,
	claimed_by integer,
	claimed_until timestamptz,
	is_by_hand boolean NOT NULL DEFAULT false,
	CONSTRAINT documents_have_a_body_and_times CHECK ((body IS NULL) = (fetched_at IS NULL)
		AND (body IS NULL) = (fresh_until IS NULL)),
	CONSTRAINT failures_have_a_reason CHECK ((problem IS NULL) = (failed_at IS NULL)),
	CONSTRAINT claims_end CHECK ((claimed_by IS NULL) = (claimed_until IS NULL))
);
COMMENT ON TABLE oauth.document IS 'Documents of other servers, which the shim fetches; oauth_keep_document() puts one '
	'here by hand';
COMMENT ON COLUMN oauth.document.body IS 'JSON as it came; NULL: it was not fetched yet, or never could be';
COMMENT ON COLUMN oauth.document.fresh_until IS 'Until when it is used without another fetch';
COMMENT ON COLUMN oauth.document.failed_at IS 'When the last fetch failed; the next is a minute later at the earliest';
COMMENT ON COLUMN oauth.document.problem IS 'Why the last fetch failed; NULL: it did not';
COMMENT ON COLUMN oauth.document.wanted_at IS 'Since when a fetch is wanted; NULL: none is';
COMMENT ON COLUMN oauth.document.claimed_by IS 'Server process of the shim that is fetching it';
COMMENT ON COLUMN oauth.document.claimed_until IS 'When another shim may fetch it, if that one has not come back';
COMMENT ON COLUMN oauth.document.is_by_hand IS 'Whether an administrator put it here; then it is not fetched while fresh';

-- What the shim has to send to others, an outbox: a row is written in the transaction whose outcome it tells of, so what is
-- rolled back is never sent.  What is sent is made when the shim takes the row.
CREATE TABLE oauth.delivery (
	handle bigint PRIMARY KEY,
	kind text NOT NULL CHECK (kind IN ('backchannel_logout')),
	client_id text COLLATE "C" NOT NULL REFERENCES oauth.client ON DELETE CASCADE,
	url text NOT NULL CHECK (octet_length(url) <= 2000),
	subject text COLLATE "C",
	sid text,
	due_at timestamptz NOT NULL,
	attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
	taken_by integer,
	taken_until timestamptz,
	status integer,
	problem text,
	delivered_at timestamptz,
	failed_at timestamptz,
	host text NOT NULL GENERATED ALWAYS AS
		(rtrim(lower(substring(url FROM E'^[^:]*://(\\[[^]]*\\]|[^/?#:]*)')), '.')) STORED,
	attempted_at timestamptz,
	CONSTRAINT deliveries_tell_of_somebody CHECK (subject IS NOT NULL OR sid IS NOT NULL),
	CONSTRAINT deliveries_end_once CHECK (delivered_at IS NULL OR failed_at IS NULL),
	CONSTRAINT deliveries_are_taken_for_a_time CHECK ((taken_by IS NULL) = (taken_until IS NULL))
);
CREATE INDEX delivery_waiting ON oauth.delivery (client_id, due_at, handle)
	WHERE delivered_at IS NULL AND failed_at IS NULL;
CREATE INDEX delivery_taken ON oauth.delivery (client_id)
	WHERE taken_by IS NOT NULL AND delivered_at IS NULL AND failed_at IS NULL;
CREATE INDEX delivery_client_id ON oauth.delivery (client_id);
CREATE INDEX delivery_host ON oauth.delivery (host, attempted_at) WHERE attempted_at IS NOT NULL;
COMMENT ON TABLE oauth.delivery IS 'Messages for other servers, which the shim sends; read the view oauth.delivery_overview';
COMMENT ON COLUMN oauth.delivery.handle IS 'Its high bits are the time when the row was made';
COMMENT ON COLUMN oauth.delivery.kind IS 'backchannel_logout: a logout token (OpenID Connect Back-Channel Logout 1.0)';
COMMENT ON COLUMN oauth.delivery.subject IS 'Who was logged out; NULL: only the session is named';
COMMENT ON COLUMN oauth.delivery.sid IS 'The session that ended; NULL: all of the subject';
COMMENT ON COLUMN oauth.delivery.due_at IS 'When it is to be sent, or sent again';
COMMENT ON COLUMN oauth.delivery.taken_by IS 'Server process of the shim that is sending it';
COMMENT ON COLUMN oauth.delivery.taken_until IS 'When another shim may send it, if that one has not come back';
COMMENT ON COLUMN oauth.delivery.status IS 'HTTP status of the last answer; NULL: there was none';
COMMENT ON COLUMN oauth.delivery.problem IS 'Why the last attempt failed';
COMMENT ON COLUMN oauth.delivery.host IS 'The host of the url: only so many are sent there at a time';
COMMENT ON COLUMN oauth.delivery.attempted_at IS 'When the last attempt began';
COMMENT ON COLUMN oauth.delivery.failed_at IS 'When it was given up';

-- How far a sweep of oauth_purge_expired() has come; its row is the lock of the purge.
CREATE TABLE oauth.sweep (
	sweep text PRIMARY KEY,
	position bigint NOT NULL,
	swept_at timestamptz
);
COMMENT ON TABLE oauth.sweep IS 'How far housekeeping has come';
COMMENT ON COLUMN oauth.sweep.swept_at IS 'When ended rows were last removed';
COMMENT ON COLUMN oauth.sweep.position IS 'Handle of the refresh token up to which rotation salts were erased; page of the '
	'access tokens where the next look for expired ones begins';

-- Which tables had rows in a dump that was restored here.  The condition makes its rows while pg_dump reads it, so that
-- oauth_check() knows a table that came without them; oauth_purge_expired() forgets those that came with them.
CREATE TABLE oauth.dumped (
	relation text COLLATE "C" PRIMARY KEY,
	rows bigint NOT NULL
);
COMMENT ON TABLE oauth.dumped IS 'Tables whose rows a dump restored, until oauth_purge_expired() has seen them';
COMMENT ON COLUMN oauth.dumped.rows IS 'How many rows the table had when it was dumped';
SELECT pg_catalog.pg_extension_config_dump('oauth.dumped', 'WHERE false UNION ALL SELECT * FROM (' || string_agg(
	format('SELECT %L::text COLLATE "C" AS relation, count(*) AS rows FROM oauth.%I', name, name), ' UNION ALL ')
	|| ') d WHERE d.rows > 0')
FROM unnest(ARRAY['access_token', 'authorization_details_type', 'claims_function', 'client', 'client_origin', 'consent', 'grant', 'imported_key',
	'imported_token', 'master_key', 'oauth1_token', 'page', 'pairwise_key', 'protected_function', 'recovery_code',
	'refresh_token', 'registered_resource', 'scope', 'second_factor', 'session', 'signing_key', 'subject',
	'trusted_issuer', 'user', 'user_source']) name;

-- To give the empty end of a table back to the system, VACUUM locks it against everybody, and again and again while somebody
-- waits: requests would stand still whenever many expired tokens had been removed, and on replicas too.  New rows take that room.
DO $tables$
DECLARE
	name regclass;
BEGIN
	FOR name IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'oauth'::regnamespace ORDER BY 1
	LOOP
		EXECUTE format('ALTER TABLE %s SET (vacuum_truncate = off, toast.vacuum_truncate = off)', name);
	END LOOP;
END
$tables$;

-- Without these pg_dump would keep the tables of an extension and lose their rows.
SELECT pg_catalog.pg_extension_config_dump('oauth.master_key', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.signing_key', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.lasting_signature', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.pairwise_key', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.scope', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.client', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.client_origin', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.initial_access_token', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.registered_resource', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.trusted_issuer', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.subject', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.user', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.second_factor', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.recovery_code', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.user_source', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.grant', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.access_token', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.authorization_code', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.pushed_request', 'WHERE false');
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
SELECT pg_catalog.pg_extension_config_dump('oauth.authorization_details_type', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.document', 'WHERE is_by_hand');
SELECT pg_catalog.pg_extension_config_dump('oauth.delivery', '');
SELECT pg_catalog.pg_extension_config_dump('oauth.sweep', '');
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


-- functions.sql: the types and functions people and the shim call.  Every body is C.
-- SPDX-License-Identifier: PostgreSQL
--
-- Endpoint functions live in schema oauth, the API (oauth_*) in the schema the extension was created in.  Functions
-- that touch a table are SECURITY DEFINER with a pinned search_path.  PUBLIC may execute only what asks who is calling.

-- An HTTP request as it came: target is path and query, headers are lines 'Name: value'.
CREATE TYPE oauth.http_request AS (method text, target text, headers text[], body bytea, scheme text, peer inet);
COMMENT ON TYPE oauth.http_request IS 'An HTTP request: method, path and query as received, header lines, body, http '
	'or https, address of the HTTP client';

-- An HTTP response.  Status 0 is for the shim: nothing was done, the header line names the lane it must run on, or the
-- document that it needs.
CREATE TYPE oauth.http_response AS (status integer, headers text[], body bytea);
COMMENT ON TYPE oauth.http_response IS 'An HTTP response: status code, header lines, body';


-- Endpoints: what the shim may execute.

-- POST /oauth2/token
CREATE FUNCTION oauth.token(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_token' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.token(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.token(oauth.http_request) IS 'Token endpoint (RFC 6749, section 3.2): grants '
	'authorization_code, refresh_token, client_credentials, password, device_code (RFC 8628), token-exchange (RFC 8693) and '
	'jwt-bearer (RFC 7523)';

-- GET or POST /oauth2/authorize, and the answer of its page to /oauth2/authorize/confirm
CREATE FUNCTION oauth.authorize(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_authorize' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.authorize(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.authorize(oauth.http_request) IS 'Authorization endpoint (RFC 6749, section 3.1) with PKCE '
	'(RFC 7636), resource (RFC 8707) and iss (RFC 9207): asks the user; needs oauth.issuer';

-- POST /oauth2/par
CREATE FUNCTION oauth.par(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_par' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.par(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.par(oauth.http_request) IS 'Pushed authorization requests (RFC 9126): keeps what a client asks for, '
	'and answers with the request_uri that a browser brings to the authorization endpoint';

-- POST /oauth2/revoke
CREATE FUNCTION oauth.revoke(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_revoke' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.revoke(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.revoke(oauth.http_request) IS 'Revocation (RFC 7009): ends an access token of the client '
	'that asks, or, given a refresh token, its whole grant';

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
COMMENT ON FUNCTION oauth.introspect(oauth.http_request) IS 'Introspection (RFC 7662): a client may ask about its own '
	'tokens, one registered for introspection about every access token. Writes nothing';

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

-- GET /oauth2/jwks
CREATE FUNCTION oauth.jwks(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_jwks' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.jwks(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.jwks(oauth.http_request) IS 'The public keys that verify what is signed here (RFC 7517, section 5), '
	'to be kept for a fraction of oauth.signing_key_lead. Where the shim asks, those that clients and resources will need are made before';

-- GET /openapi.json
CREATE FUNCTION oauth.openapi(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_openapi' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.openapi(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.openapi(oauth.http_request) IS 'The description of every path and method (OpenAPI 3.1), the same for '
	'everybody and every setting';

-- GET /.well-known/oauth-protected-resource
CREATE FUNCTION oauth.protected_resource_metadata(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_protected_resource_metadata' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.protected_resource_metadata(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.protected_resource_metadata(oauth.http_request) IS 'Protected resource metadata (RFC 9728); '
	'the rest of the path after the well-known part is the resource''s; needs oauth.issuer';

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

-- GET or POST /oauth2/end_session
CREATE FUNCTION oauth.end_session(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_end_session' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.end_session(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.end_session(oauth.http_request) IS 'Page to which a client sends a person to log out (OpenID Connect '
	'RP-Initiated Logout 1.0)';

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
COMMENT ON FUNCTION oauth.resource(oauth.http_request) IS 'Protected resource (RFC 6750): /api/ says who is calling; '
	'paths below it run the functions that oauth_protect() registered';

-- /auth
CREATE FUNCTION oauth.forward_auth(request oauth.http_request) RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_forward_auth' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.forward_auth(oauth.http_request) FROM PUBLIC;
COMMENT ON FUNCTION oauth.forward_auth(oauth.http_request) IS 'For nginx auth_request and the like: 200 with '
	'X-OAuth-Subject, X-OAuth-Client and X-OAuth-Scope, or 401 or 403; ?scope= and ?resource= say what is required';

-- A batch of requests for oauth.token(), in one call
CREATE FUNCTION oauth.token_batch(requests oauth.http_request[]) RETURNS SETOF oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_token_batch' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.token_batch(oauth.http_request[]) FROM PUBLIC;
COMMENT ON FUNCTION oauth.token_batch(oauth.http_request[]) IS 'The answers of oauth.token() to many requests, in their order. An '
	'error of one undoes all: then ask one by one';

-- A batch of requests for oauth.introspect(), in one call
CREATE FUNCTION oauth.introspect_batch(requests oauth.http_request[]) RETURNS SETOF oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_introspect_batch' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.introspect_batch(oauth.http_request[]) FROM PUBLIC;
COMMENT ON FUNCTION oauth.introspect_batch(oauth.http_request[]) IS 'The answers of oauth.introspect() to many requests, in their order. An '
	'error of one undoes all: then ask one by one';

-- A batch of requests for oauth.par(), in one call
CREATE FUNCTION oauth.par_batch(requests oauth.http_request[]) RETURNS SETOF oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_par_batch' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.par_batch(oauth.http_request[]) FROM PUBLIC;
COMMENT ON FUNCTION oauth.par_batch(oauth.http_request[]) IS 'The answers of oauth.par() to many requests, in their order. An '
	'error of one undoes all: then ask one by one';

-- A batch of requests for oauth.authorize(), in one call
CREATE FUNCTION oauth.authorize_batch(requests oauth.http_request[]) RETURNS SETOF oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_authorize_batch' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.authorize_batch(oauth.http_request[]) FROM PUBLIC;
COMMENT ON FUNCTION oauth.authorize_batch(oauth.http_request[]) IS 'The answers of oauth.authorize() to many requests, in their order. An '
	'error of one undoes all: then ask one by one';

-- A batch of requests for oauth.userinfo(), in one call
CREATE FUNCTION oauth.userinfo_batch(requests oauth.http_request[]) RETURNS SETOF oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_userinfo_batch' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.userinfo_batch(oauth.http_request[]) FROM PUBLIC;
COMMENT ON FUNCTION oauth.userinfo_batch(oauth.http_request[]) IS 'The answers of oauth.userinfo() to many requests, in their order. An '
	'error of one undoes all: then ask one by one';

-- A batch of requests for oauth.forward_auth(), in one call
CREATE FUNCTION oauth.forward_auth_batch(requests oauth.http_request[]) RETURNS SETOF oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_endpoint_forward_auth_batch' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.forward_auth_batch(oauth.http_request[]) FROM PUBLIC;
COMMENT ON FUNCTION oauth.forward_auth_batch(oauth.http_request[]) IS 'The answers of oauth.forward_auth() to many requests, in their order. An '
	'error of one undoes all: then ask one by one';


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
COMMENT ON FUNCTION @extschema@.oauth_register_client_metadata(jsonb) IS 'Registers a client from the metadata of RFC '
	'7591, section 2 and returns what section 3.2.1 says; unknown members are ignored. 22023 for bad metadata';

-- Lets somebody register clients over HTTP.
CREATE FUNCTION @extschema@.oauth_create_initial_access_token(lifetime interval DEFAULT '1 day', uses integer DEFAULT 1)
	RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_create_initial_access_token' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_create_initial_access_token(interval, integer) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_create_initial_access_token(interval, integer) IS 'Returns a token that lets its '
	'holder register this many clients at /oauth2/register (RFC 7591, section 3) within this time; the token is shown '
	'once. 22023 for less than one use';

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
COMMENT ON FUNCTION @extschema@.oauth_rotate_client_secret(text, interval) IS 'Gives a confidential client a new '
	'secret, shown once; the previous one works for overlap. 42704 for an unknown client, 22023 for a public one';

-- Ends a client's tokens until it is enabled again, when they stay ended.
CREATE FUNCTION @extschema@.oauth_disable_client(client_id text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_disable_client' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_disable_client(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_disable_client(text) IS 'Refuses a client from now on and ends its tokens, when '
	'the caller commits; true if it was enabled. 42704 for an unknown client';

-- The way back.
CREATE FUNCTION @extschema@.oauth_enable_client(client_id text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_enable_client' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_enable_client(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_enable_client(text) IS 'Enables a disabled client; its earlier tokens stay '
	'ended. True if it was disabled. 42704 for an unknown client';

-- Deletes a client; oauth_purge_expired() removes its rows.
CREATE FUNCTION @extschema@.oauth_delete_client(client_id text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_delete_client' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_delete_client(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_delete_client(text) IS 'Deletes a client and ends its tokens, when the caller '
	'commits; returns true. 42704 for an unknown client';


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
COMMENT ON FUNCTION @extschema@.oauth_disable_user(text) IS 'Refuses a built-in user from now on and ends the user''s '
	'tokens, when the caller commits; true if the user was enabled. 42704 for an unknown user';

-- The way back.
CREATE FUNCTION @extschema@.oauth_enable_user(username text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_enable_user' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_enable_user(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_enable_user(text) IS 'Enables a disabled built-in user; earlier tokens stay '
	'ended. True if the user was disabled. 42704 for an unknown user';

-- Deletes a user.
CREATE FUNCTION @extschema@.oauth_delete_user(username text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_delete_user' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_delete_user(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_delete_user(text) IS 'Deletes a built-in user and ends the user''s tokens, when '
	'the caller commits; the name can be used again, the subject cannot. Returns true. 42704 for an unknown user';

-- Says who must have a second factor.
CREATE FUNCTION @extschema@.oauth_require_second_factor(username text, required boolean DEFAULT true) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_require_second_factor' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_require_second_factor(text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_require_second_factor(text, boolean) IS 'Says whether a built-in user must log in with '
	'a second factor; who has none sets one up at the next login. Sessions and tokens from before stay. True if that is new. '
	'42704 for an unknown user';

-- For somebody who has lost everything.
CREATE FUNCTION @extschema@.oauth_remove_second_factor(username text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_remove_second_factor' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_remove_second_factor(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_remove_second_factor(text) IS 'Removes the second factor and the recovery codes of a '
	'built-in user who has lost them; the password alone is enough then, or, where a second factor is required, the next '
	'login sets up a new one. True if there was one. 42704 for an unknown user';

-- The code that an application shows.
CREATE FUNCTION @extschema@._oauth_totp(secret text, at timestamptz) RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_totp_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
REVOKE ALL ON FUNCTION @extschema@._oauth_totp(text, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@._oauth_totp(text, timestamptz) IS 'The code of RFC 6238 (SHA-1, six digits, 30 seconds) of a '
	'secret in base32 at a time, for tests';

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
COMMENT ON FUNCTION @extschema@.oauth_use_builtin_users() IS 'Uses the built-in users again, and removes the triggers '
	'of oauth_use_users; true if the application''s users were in use. Tokens stay until they end';

-- What the triggers on the application's table call.
CREATE FUNCTION @extschema@._oauth_users_changed() RETURNS trigger
	AS 'MODULE_PATHNAME', 'oauth_users_changed' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@._oauth_users_changed() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@._oauth_users_changed() IS 'For the triggers that oauth_use_users() creates: ends the '
	'tokens of users who are deleted or deactivated, or whose id or password changes, in the same transaction';

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
	'client (by client_id), so that the next attempt need not wait; true if there were any. Counts of addresses stay. '
	'oauth.throttle shows who must wait';


-- Scopes.

-- Adds a scope, or changes one.
CREATE FUNCTION @extschema@.oauth_register_scope(scope text, description text, is_default boolean DEFAULT false,
	is_advertised boolean DEFAULT true)
	RETURNS void
	AS 'MODULE_PATHNAME', 'oauth_register_scope' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_register_scope(text, text, boolean, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_register_scope(text, text, boolean, boolean) IS 'Adds or changes a scope (RFC '
	'6749, section 3.3). description: what the consent page says of it. is_default: clients without a scope of their '
	'own have it, and it is granted when none is asked for. is_advertised: metadata lists it, and clients that '
	'register themselves may ask for it';


-- Resources.

-- Registers a resource server.
CREATE FUNCTION @extschema@.oauth_register_resource(resource text, scope text DEFAULT NULL, access_token_format text DEFAULT 'opaque',
		access_token_lifetime interval DEFAULT NULL, signing_alg text DEFAULT NULL) RETURNS void
	AS 'MODULE_PATHNAME', 'oauth_register_resource' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_register_resource(text, text, text, interval, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_register_resource(text, text, text, interval, text) IS 'Says how access tokens for a '
	'resource (RFC 8707) are made, or changes that. scope: words that they can have, NULL for any; access_token_format: opaque, '
	'or jwt, which the resource verifies with /oauth2/jwks (RFC 9068); access_token_lifetime: at most, NULL for that of the '
	'client; signing_alg: of JWTs, NULL for ES256. 22023 for a URI that is not absolute or values that do not exist, 42704 '
	'for an unknown scope';

-- Forgets one.
CREATE FUNCTION @extschema@.oauth_unregister_resource(resource text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_unregister_resource' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_unregister_resource(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_unregister_resource(text) IS 'Forgets what was registered for a resource; tokens that there '
	'are go on. False if nothing was';

-- Registers a type of authorization details.
CREATE FUNCTION @extschema@.oauth_register_authorization_details_type(type text, description text DEFAULT NULL,
		check_function text DEFAULT NULL) RETURNS void
	AS 'MODULE_PATHNAME', 'oauth_register_authorization_details_type' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_register_authorization_details_type(text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_register_authorization_details_type(text, text, text) IS 'Lets clients that have the type '
	'among their authorization_details_types ask for such objects (RFC 9396), or changes the type. description: what the consent '
	'page says, NULL for the type; check_function: schema.name of details jsonb, client_id text, subject text, returning jsonb: '
	'the object that is granted, a string that says why it is refused, or null. It runs as its owner; subject is null for the '
	'client itself. 22023 for a type or description that cannot be, 42883 if there is no such function, 42809 if it returns '
	'something else, 42501 if you do not own it';

-- Forgets one.
CREATE FUNCTION @extschema@.oauth_unregister_authorization_details_type(type text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_unregister_authorization_details_type' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_unregister_authorization_details_type(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_unregister_authorization_details_type(text) IS 'Forgets a type: nobody can ask for it any '
	'more, and tokens that have such objects keep them. False if it was not registered';


-- Issuers whose JWTs are grants.

-- Trusts an issuer.
CREATE FUNCTION @extschema@.oauth_trust_issuer(issuer text, jwks jsonb DEFAULT NULL, jwks_uri text DEFAULT NULL,
		subject_function text DEFAULT NULL, audience text DEFAULT NULL) RETURNS void
	AS 'MODULE_PATHNAME', 'oauth_trust_issuer' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_trust_issuer(text, jsonb, text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_trust_issuer(text, jsonb, text, text, text) IS 'Lets clients that have the grant exchange JWTs '
	'of that issuer for tokens (RFC 7523, RFC 8693), or changes how. Its public keys are jwks, or are fetched from jwks_uri. '
	'subject_function (schema.name, of issuer text and claims jsonb, returning text) says who somebody is here, null: nobody; '
	'it runs as its owner. Without it the subject is the issuer, a vertical bar and the sub, so that no JWT speaks for a user '
	'of here. audience: what aud must name, NULL for oauth.issuer. 22023 for what cannot be, 42883 if there is no such function, '
	'42501 if it is not yours';

-- Trusts one no longer.
CREATE FUNCTION @extschema@.oauth_distrust_issuer(issuer text, end_tokens boolean DEFAULT true) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_distrust_issuer' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_distrust_issuer(text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_distrust_issuer(text, boolean) IS 'Takes no further JWT of that issuer, and ends the '
	'tokens that clients got for one, also those with which somebody of that issuer acts. end_tokens => false: they go on until '
	'they expire; calling it once more ends them. False if it was not trusted';


-- Tokens.

-- Issues tokens in the transaction of the caller.
CREATE FUNCTION @extschema@.oauth_issue_token(client_id text, subject text DEFAULT NULL, scope text DEFAULT NULL,
		lifetime interval DEFAULT NULL, refresh boolean DEFAULT false, resource text DEFAULT NULL)
	RETURNS TABLE (access_token text, token_type text, expires_in integer, refresh_token text, scope text)
	AS 'MODULE_PATHNAME', 'oauth_issue_token' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 1
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_issue_token(text, text, text, interval, boolean, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_issue_token(text, text, text, interval, boolean, text) IS 'Issues an access token, and a '
	'refresh token if asked, that live once the caller commits. subject: whom for, NULL for the client itself; scope: within '
	'the client''s, NULL for the defaults; lifetime of the access token; resource: the URI that it is for. expires_in in '
	'seconds. Where the client or the resource says jwt, the access token is one (RFC 9068). 42704 for an unknown client, '
	'22023 for a scope it may not have or the resource does not know, 55000 if client or subject is disabled';

-- An OAuth 1.0a token for OAuth 2.
CREATE FUNCTION @extschema@.oauth_exchange_token(oauth_token text, refresh boolean DEFAULT true)
	RETURNS TABLE (access_token text, token_type text, expires_in integer, refresh_token text, scope text)
	AS 'MODULE_PATHNAME', 'oauth_exchange_token' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 1
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_exchange_token(text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_exchange_token(text, boolean) IS 'Issues OAuth 2 tokens with the client, subject '
	'and scope of a living OAuth 1.0a token, which stays alive; over HTTP this is the grant of RFC 8693. 42704 for an '
	'unknown or ended token';

-- Says whether a bearer token is good.
-- The one definer function without a search_path: it is called for each request of an application, and its statements, if it needs
-- any, pin their own (store/store.c).
CREATE FUNCTION @extschema@.oauth_verify_token(token text, required_scope text DEFAULT NULL, resource text DEFAULT NULL)
	RETURNS TABLE (active boolean, client_id text, subject text, scope text, expires_at timestamptz)
	AS 'MODULE_PATHNAME', 'oauth_verify_access_token' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED ROWS 1
	SECURITY DEFINER;
REVOKE ALL ON FUNCTION @extschema@.oauth_verify_token(text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_verify_token(text, text, text) IS 'Always one row: active with client, subject, scope '
	'and end of an access token that holds every word of required_scope and is good at that resource (a URI, RFC 8707; NULL: '
	'this provider and what is behind it, as at /api/), or active false and nothing else. A token that is bound to a key or a '
	'certificate is active here too, and alone is good for nothing: oauth_introspect_token() says its cnf, and '
	'oauth_authenticate_request() checks the proof. Writes nothing';

-- For the validator of PostgreSQL 18, over a connection of its own: see docs/database-logins.md.
CREATE FUNCTION oauth.validate_login(handle bigint, token_hash bytea, required_scope text)
	RETURNS TABLE (refusal text, subject text, username text, client_id text, grant_handle bigint, database oid,
	system_identifier text)
	AS 'MODULE_PATHNAME', 'oauth_validate_login' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED ROWS 1
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.validate_login(bigint, bytea, text) FROM PUBLIC;
COMMENT ON FUNCTION oauth.validate_login(bigint, bytea, text) IS 'Whether somebody may log in to PostgreSQL with the access token '
	'of that handle and SHA-256: refusal says why not, or is NULL and the others say who it is. For the role of the validator';

-- Ends sessions of PostgreSQL.
CREATE FUNCTION @extschema@.oauth_terminate_sessions(subject text DEFAULT NULL, client_id text DEFAULT NULL) RETURNS bigint
	AS 'MODULE_PATHNAME', 'oauth_terminate_sessions' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_terminate_sessions(text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_terminate_sessions(text, text) IS 'Ends the sessions of PostgreSQL (18 or newer) that '
	'somebody logged in to with a token of that subject and client (NULL: any), at once; returns how many. The tokens stay: '
	'revoke them first. 22004 without both';

-- RFC 7662 members.  PARALLEL UNSAFE, for the claims function may be.
CREATE FUNCTION @extschema@.oauth_introspect_token(token text) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'oauth_introspect_token' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_introspect_token(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_introspect_token(text) IS 'What RFC 7662, section 2.2 says of an access or refresh '
	'token: {"active": false}, or active, scope, client_id, username, token_type, exp, iat, sub, iss, aud, cnf where '
	'it is bound to a key or a certificate (then the caller must check the proof, as oauth_verify_dpop_proof() does), and of an access '
	'token the claims of the application (oauth_set_claims_function). Writes nothing';

-- Logs out.
CREATE FUNCTION @extschema@.oauth_end_session(subject text DEFAULT NULL, sid text DEFAULT NULL) RETURNS bigint
	AS 'MODULE_PATHNAME', 'oauth_end_session' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_end_session(text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_end_session(text, text) IS 'Ends the session of that sid, which may be the one that a client knows, or all sessions of the subject; '
	'returns how many. Clients with a backchannel_logout_uri are told (OpenID Connect Back-Channel Logout 1.0) when the '
	'transaction has committed; grants of the session end, those with offline_access go on. 22004 without both';

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
CREATE FUNCTION @extschema@.oauth_authenticate("authorization" text, required_scope text DEFAULT NULL, resource text DEFAULT NULL,
	acr_values text DEFAULT NULL, max_age interval DEFAULT NULL) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_authenticate' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION @extschema@.oauth_authenticate(text, text, text, text, interval) IS 'Takes the value of an Authorization '
	'header (Bearer, RFC 6750) and makes its token the identity of this transaction; false, and no identity, if the token is '
	'not good, lacks required_scope, is for another resource (a URI, RFC 8707; NULL: this provider and what is behind it), or '
	'if its user has not logged in with one of acr_values, or longer ago than max_age (RFC 9470)';

-- Takes a whole request.
CREATE FUNCTION @extschema@.oauth_authenticate_request(request oauth.http_request, required_scope text DEFAULT NULL,
		resource text DEFAULT NULL, acr_values text DEFAULT NULL, max_age interval DEFAULT NULL)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_authenticate_request' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION @extschema@.oauth_authenticate_request(oauth.http_request, text, text, text, interval) IS 'As '
	'oauth_authenticate, for a whole HTTP request: the token in the header or in the form body';

-- The answer to a caller who may not.
CREATE FUNCTION @extschema@.oauth_challenge() RETURNS oauth.http_response
	AS 'MODULE_PATHNAME', 'oauth_challenge' LANGUAGE C VOLATILE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION @extschema@.oauth_challenge() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_challenge() IS 'The answer for a caller that the last oauth_authenticate or '
	'oauth_authenticate_request of this transaction refused: 401 or 403 with WWW-Authenticate, which names the scope to ask '
	'for (RFC 6750, section 3) and the metadata of the resource (RFC 9728). NULL if nobody was refused';

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

-- What it may do in detail.
CREATE FUNCTION @extschema@.oauth_authorization_details() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'oauth_authorization_details' LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION @extschema@.oauth_authorization_details() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_authorization_details() IS 'The authorization_details of the token of this transaction''s '
	'identity (RFC 9396), an array of objects; NULL if there are none';


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


-- JSON Web Tokens: a function that reads no table.

-- Verifies a token of any signer.
CREATE FUNCTION @extschema@.oauth_verify_jwt(token text, jwks jsonb, algorithms text[], typ text DEFAULT NULL)
	RETURNS TABLE (valid boolean, header jsonb, claims jsonb, problem text)
	AS 'MODULE_PATHNAME', 'oauth_verify_jwt' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE ROWS 1;
REVOKE ALL ON FUNCTION @extschema@.oauth_verify_jwt(text, jsonb, text[], text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_verify_jwt(text, jsonb, text[], text) IS 'Always one row: whether a JSON Web Token (RFC '
	'7519, compact) is signed by a key of the set jwks (RFC 7517) with one of algorithms, has that typ in its header (NULL: '
	'any or none), and holds now by exp and nbf; claims are those of a valid token, problem says what keeps it from being '
	'valid. iss, aud and sub are yours to compare. 22023 for a jwks that is no set of keys, or an unknown algorithm';

-- The checks of a DPoP proof that need no table.
CREATE FUNCTION @extschema@.oauth_verify_dpop_proof(proof text, method text, uri text, access_token text DEFAULT NULL,
		verified_at timestamptz DEFAULT now())
	RETURNS TABLE (valid boolean, jkt text, jti text, problem text)
	AS 'MODULE_PATHNAME', 'oauth_verify_dpop_proof' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL SAFE ROWS 1;
REVOKE ALL ON FUNCTION @extschema@.oauth_verify_dpop_proof(text, text, text, text, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_verify_dpop_proof(text, text, text, text, timestamptz) IS 'Always one row: whether a DPoP '
	'proof (RFC 9449, section 4.3) holds for a request with that method and URI, for that access token (NULL: for none) and at '
	'that time. jkt is the thumbprint of its key, which must be the cnf.jkt of the token; jti must not have been seen before: '
	'both are yours to compare, as is a nonce. For requests to this provider use oauth_authenticate_request()';


-- Functions behind /api/.

-- Publishes a function.
CREATE FUNCTION @extschema@.oauth_protect(path text, function text, required_scope text DEFAULT NULL,
		methods text[] DEFAULT '{GET}', acr_values text DEFAULT NULL, max_age interval DEFAULT NULL) RETURNS void
	AS 'MODULE_PATHNAME', 'oauth_protect' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_protect(text, text, text, text[], text, interval) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_protect(text, text, text, text[], text, interval) IS 'Makes function (schema.name, of '
	'one argument oauth.http_request, returning jsonb or oauth.http_response) answer path and all paths below it; the '
	'longest path wins. It runs as its owner, with its schema as search_path, if the token holds required_scope and its user '
	'has logged in with one of acr_values, no longer ago than max_age; else the client is told to have the user log in so '
	'(RFC 9470). oauth_subject() says who calls; the request comes without Authorization, oauth_ parameters and oauth_ cookies';

-- Withdraws it.
CREATE FUNCTION @extschema@.oauth_unprotect(path text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_unprotect' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_unprotect(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_unprotect(text) IS 'Removes the function from path, which then answers 404; true '
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


-- Sessions keep the row of the table; a trigger tells them of every change.
CREATE FUNCTION @extschema@._oauth_claims_changed() RETURNS trigger
	AS 'MODULE_PATHNAME', 'oauth_claims_changed' LANGUAGE C VOLATILE PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@._oauth_claims_changed() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@._oauth_claims_changed() IS 'Tells every session to read oauth.claims_function again';
CREATE TRIGGER claims_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON oauth.claims_function
	FOR EACH STATEMENT EXECUTE FUNCTION @extschema@._oauth_claims_changed();
ALTER TABLE oauth.claims_function ENABLE ALWAYS TRIGGER claims_changed;
COMMENT ON TRIGGER claims_changed ON oauth.claims_function IS 'Tells sessions, which keep the row, to read it again';


-- Logging in, and deciding, at the application (oauth.login_url, oauth.consent_url).

-- What the browser came for.
CREATE FUNCTION @extschema@.oauth_login_request(handle text)
	RETURNS TABLE (client_id text, client_name text, scope text, subject text, login_hint text, ui_locales text,
		expires_at timestamptz, acr_values text, max_age integer, prompt text, claims jsonb, authorization_details jsonb)
	AS 'MODULE_PATHNAME', 'oauth_login_request' LANGUAGE C STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED ROWS 1
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_login_request(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_login_request(text) IS 'Why the browser came to oauth.login_url or '
	'oauth.consent_url, by the parameter request of the address: which client asks for which scope (NULL: none does), '
	'who is logged in already, what the client expects of the user and of the login (acr_values, the best first; max_age in '
	'seconds; prompt), which claims it asks for (the claims parameter of OpenID Connect), and which authorization_details '
	'(RFC 9396). 42704 for an unknown handle, 55000 if it was decided or has expired';

-- Who it is.
CREATE FUNCTION @extschema@.oauth_accept_login(handle text, subject text, acr text DEFAULT NULL, amr text[] DEFAULT NULL,
	auth_time timestamptz DEFAULT now(), session_lifetime interval DEFAULT NULL) RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_accept_login' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_accept_login(text, text, text, text[], timestamptz, interval) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_accept_login(text, text, text, text[], timestamptz, interval) IS 'Says who '
	'has logged in, once the caller commits, and returns the address to send the browser to; acr: how strongly, one word; amr: '
	'by which methods (RFC 8176); auth_time: when; session_lifetime: of the session here, NULL: setting '
	'oauth.session_lifetime. 22023 for an acr or amr that is not plain words, 22008 for an auth_time to come, 42704 for an '
	'unknown handle, 55000 if it was decided or has expired, or if the subject is disabled';

-- What the client may.
CREATE FUNCTION @extschema@.oauth_accept_consent(handle text, scope text DEFAULT NULL, remember boolean DEFAULT false,
		authorization_details jsonb DEFAULT NULL) RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_accept_consent' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_accept_consent(text, text, boolean, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_accept_consent(text, text, boolean, jsonb) IS 'Says that the user allows the client '
	'that scope and these authorization_details, NULL for all that it asked for, and returns the address to send the browser '
	'to; remember: do not ask again. authorization_details are some of the objects that it asked for, [] for none; functions of '
	'their types are asked. With less scope than it asked for, nothing is released that its claims parameter asks for beyond that '
	'scope. 22023 for more than it asked for, 55000 before oauth_accept_login';

-- That it may not.
CREATE FUNCTION @extschema@.oauth_deny(handle text) RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_deny' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_deny(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_deny(text) IS 'Refuses for any user, and returns the address to send '
	'the browser to, which tells the client access_denied. 42704 for an unknown handle, 55000 if it was decided or has '
	'expired';


-- The pages.

-- Words and stylesheet of the application.
CREATE FUNCTION @extschema@.oauth_set_page(name text, body text, language text DEFAULT '') RETURNS void
	AS 'MODULE_PATHNAME', 'oauth_set_page' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_set_page(text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_set_page(text, text, text) IS 'Replaces a text or the stylesheet of the pages; '
	'null restores the original. language: en, de, fr, any other that the pages should have, or empty for every one. '
	'Texts are plain text, not markup. 22023 for a name that the pages do not have (the hint lists them)';


-- Signing keys.

-- Makes a key.
CREATE FUNCTION @extschema@.oauth_create_signing_key(alg text DEFAULT 'RS256', used_from timestamptz DEFAULT now()) RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_create_signing_key' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_create_signing_key(text, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_create_signing_key(text, timestamptz) IS 'Makes a key that signs with that algorithm '
	'from that time on, in the place of the one before, and returns its kid, the thumbprint of RFC 7638. It is published at '
	'once, with the commit; a verifier that keeps an older set learns of it later, so give it oauth.signing_key_lead '
	'where there is a key of that algorithm. 22023 for an algorithm that signing keys cannot have';

-- Takes a key from elsewhere.
CREATE FUNCTION @extschema@.oauth_import_signing_key(private_key text, alg text DEFAULT NULL,
		used_from timestamptz DEFAULT now()) RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_import_signing_key' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_import_signing_key(text, text, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_import_signing_key(text, text, timestamptz) IS 'Takes a private key that was made '
	'elsewhere (PEM without a passphrase; send it as a parameter), as oauth_create_signing_key() makes one; alg: NULL for '
	'RS256, ES256, ES384 or EdDSA, as the key is. 22023 for a key that cannot be used, 42710 for one that is here or was';

-- Lets a key sign no more.
CREATE FUNCTION @extschema@.oauth_retire_signing_key(kid text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_retire_signing_key' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_retire_signing_key(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_retire_signing_key(text) IS 'Lets a key sign no more, for good: its private part is '
	'erased. It stays published until what it signed has expired. False if it was retired before; 42704 for an unknown key';

-- Makes successors.
CREATE FUNCTION @extschema@.oauth_rotate_signing_keys(at_once boolean DEFAULT false) RETURNS bigint
	AS 'MODULE_PATHNAME', 'oauth_rotate_signing_keys' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_rotate_signing_keys(boolean) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_rotate_signing_keys(boolean) IS 'Makes successors for the keys that have been used for '
	'oauth.signing_key_lifetime (where that is 0, for all that have none), published now and used after oauth.signing_key_lead, '
	'and returns how many. at_once, for keys that somebody may have stolen: for all, used now; the others are retired, and who '
	'keeps the key set from before cannot verify until it asks again';

-- What is published.
CREATE FUNCTION @extschema@.oauth_jwks() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'oauth_jwks_sql' LANGUAGE C STABLE PARALLEL RESTRICTED
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_jwks() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_jwks() IS 'The public keys that verify what is signed here, as a JWK set (RFC 7517): what '
	'/oauth2/jwks answers';

-- Signs claims.
CREATE FUNCTION @extschema@.oauth_sign_jwt(claims jsonb, alg text DEFAULT NULL, typ text DEFAULT 'JWT') RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_sign_jwt_sql' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_sign_jwt(jsonb, text, text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_sign_jwt(jsonb, text, text) IS 'Signs claims as a JWT (RFC 7519) with a key of the '
	'provider, made if there is none for alg (NULL: RS256); adds iss, iat and jti unless given. The key stays published until '
	'exp; for claims without exp, as for a day. A role that may execute it can sign in the name of every user. 22023 for claims '
	'that are no object, 25006 on a standby';
-- The network: what the shim fetches and sends.  No backend opens a connection.

-- Whether the shim is to fetch a document.
CREATE FUNCTION oauth.claim_document(url text) RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_claim_document' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.claim_document(text) FROM PUBLIC;
COMMENT ON FUNCTION oauth.claim_document(text) IS 'Asked by the shim before it fetches what a request has answered with '
	'Fetch: fetch (the session has 15 seconds for it), wait (another session is fetching it), or ask (it is here, or nobody '
	'wants it: the request can be asked again)';

-- What a fetch has brought.
CREATE FUNCTION oauth.keep_document(url text, status integer, headers text[], body bytea, problem text DEFAULT NULL)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_keep_fetched_document' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.keep_document(text, integer, text[], bytea, text) FROM PUBLIC;
COMMENT ON FUNCTION oauth.keep_document(text, integer, text[], bytea, text) IS 'Stores what the shim has fetched: JSON of at '
	'most 64 KiB from an answer with status 200, for an hour to a day as its Cache-Control says; anything else is a failure, for '
	'a minute. False and nothing stored unless this session has claimed the document';

-- The same by hand.
CREATE FUNCTION @extschema@.oauth_keep_document(url text, body text, media_type text DEFAULT 'application/json',
		fresh_until timestamptz DEFAULT NULL) RETURNS void
	AS 'MODULE_PATHNAME', 'oauth_keep_document' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_keep_document(text, text, text, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_keep_document(text, text, text, timestamptz) IS 'Stores a document by hand, as if the '
	'server at that URL had answered it: where the shim reaches no other servers, or to answer a request in psql that needs it. '
	'It is not fetched before fresh_until (NULL: never)';

-- And its end.
CREATE FUNCTION @extschema@.oauth_forget_document(url text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_forget_document' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_forget_document(text) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_forget_document(text) IS 'Removes a document; it is fetched when it is needed again. '
	'False if there is none at that URL';

-- What is to be sent.
CREATE FUNCTION oauth.take_deliveries(max integer)
	RETURNS TABLE (handle bigint, attempt integer, url text, body text)
	AS 'MODULE_PATHNAME', 'oauth_take_deliveries' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE ROWS 10
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.take_deliveries(integer) FROM PUBLIC;
COMMENT ON FUNCTION oauth.take_deliveries(integer) IS 'Takes messages that are due, at most one for each client; this '
	'session has 30 seconds to send each as a form. The body is made, and signed, at this moment. NOTIFY oauth_delivery says '
	'that there are new ones';

-- And what came of it.
CREATE FUNCTION oauth.end_delivery(handle bigint, attempt integer, status integer, problem text DEFAULT NULL) RETURNS boolean
	AS 'MODULE_PATHNAME', 'oauth_end_delivery' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.end_delivery(bigint, integer, integer, text) FROM PUBLIC;
COMMENT ON FUNCTION oauth.end_delivery(bigint, integer, integer, text) IS 'Notes the answer to a message: 200 and 204 are a '
	'delivery, 400 a failure, anything else is tried again for an hour. Status 0: there was no answer. False if it is over, or '
	'another attempt has begun';

-- How many wait.
CREATE FUNCTION oauth.waiting_deliveries(OUT waiting bigint, OUT oldest_seconds bigint)
	AS 'MODULE_PATHNAME', 'oauth_waiting_deliveries' LANGUAGE C STABLE PARALLEL RESTRICTED
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.waiting_deliveries() FROM PUBLIC;
COMMENT ON FUNCTION oauth.waiting_deliveries() IS 'For the metrics of the shim: how many messages have neither arrived nor '
	'failed, and how old the oldest is (0: none)';


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
COMMENT ON FUNCTION oauth.purge() IS 'Does what oauth_purge_expired() does, for the role of the shim, which calls it '
	'every --purge-interval seconds';

-- Whether requests can be answered.
CREATE FUNCTION oauth.ready() RETURNS text
	AS 'MODULE_PATHNAME', 'oauth_ready' LANGUAGE C VOLATILE PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION oauth.ready() FROM PUBLIC;
COMMENT ON FUNCTION oauth.ready() IS 'Why requests cannot be answered now, null if they can: another session has '
	'locked a table of the provider, or session_replication_role has switched off triggers. Never waits';

-- Which paths there are.
CREATE FUNCTION oauth.routes() RETURNS TABLE (path text, methods text, function text, lane text)
	AS 'MODULE_PATHNAME', 'oauth_routes' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 30;
REVOKE ALL ON FUNCTION oauth.routes() FROM PUBLIC;
COMMENT ON FUNCTION oauth.routes() IS 'The paths of all endpoints (one that ends in a slash stands for all below it, an asterisk for '
	'whatever comes before), the '
	'methods they answer (NULL: any), the function in schema oauth that answers, and the lane where the shim asks it first';

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
		OUT master_key_file text, OUT purged_at timestamptz, OUT signing_keys bigint, OUT signing_key_used_from timestamptz)
	AS 'MODULE_PATHNAME', 'oauth_status' LANGUAGE C STABLE PARALLEL RESTRICTED
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_status() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_status() IS 'Counts of clients, users, subjects and grants that have not ended, '
	'of tokens that have not expired, of rows that wait for oauth_purge_expired(); lifetimes, the age of the master key '
	'(NULL: none was needed yet), when ended rows were removed last (NULL: never), how many signing keys are published, and '
	'since when the oldest of those that sign does';

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
COMMENT ON FUNCTION @extschema@.oauth_check() IS 'What a careful operator would change, the gravest first (high, '
	'medium, low), with the SQL or the command that changes it; no row if all is well. Settings are those of the '
	'session that asks, and what ALTER DATABASE has made of them since';

-- The settings.
CREATE FUNCTION @extschema@.oauth_settings()
	RETURNS TABLE (name text, value text, "default" text, unit text, meaning text)
	AS 'MODULE_PATHNAME', 'oauth_settings' LANGUAGE C STABLE PARALLEL RESTRICTED ROWS 10
	SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@.oauth_settings() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.oauth_settings() IS 'The settings: value, default, unit and meaning';

-- What stands before INSERT and COPY of every table with a foreign key.  It has no search_path of its own: it looks at the
-- statement of the session, and at nothing else.
CREATE FUNCTION @extschema@._oauth_before_load() RETURNS trigger
	AS 'MODULE_PATHNAME', 'oauth_before_load' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION @extschema@._oauth_before_load() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@._oauth_before_load() IS 'For the triggers that CREATE EXTENSION makes: lets a '
	'superuser load a dump in any order, as pg_restore --jobs does';
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

-- What stands before a client or a subject is removed.  It has no search_path of its own: it takes a lock, and looks at nothing.
CREATE FUNCTION @extschema@._oauth_before_removal() RETURNS trigger
	AS 'MODULE_PATHNAME', 'oauth_before_removal' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION @extschema@._oauth_before_removal() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@._oauth_before_removal() IS 'For the triggers that CREATE EXTENSION makes: waits for '
	'transactions that issue tokens for the row, and keeps off others';
CREATE TRIGGER before_removal BEFORE DELETE OR UPDATE OF client_id ON oauth.client
	FOR EACH ROW EXECUTE FUNCTION @extschema@._oauth_before_removal('client_id');
COMMENT ON TRIGGER before_removal ON oauth.client IS 'Lets tokens be issued without a lock of the client''s row';
CREATE TRIGGER before_removal BEFORE DELETE OR UPDATE OF subject ON oauth.subject
	FOR EACH ROW EXECUTE FUNCTION @extschema@._oauth_before_removal('subject');
COMMENT ON TRIGGER before_removal ON oauth.subject IS 'Lets tokens be issued without a lock of the subject''s row';

-- What stands before the last statement of an upgrade script.
CREATE FUNCTION @extschema@._oauth_grant_again(statements text[]) RETURNS bigint
	AS 'MODULE_PATHNAME', 'oauth_grant_again' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@._oauth_grant_again(text[]) FROM PUBLIC;
COMMENT ON FUNCTION @extschema@._oauth_grant_again(text[]) IS 'For upgrade scripts: gives functions that were made anew the rights '
	'that administrators had given to those before, as GRANT statements; 55000 for everybody else';

-- The last statement of each script.
CREATE FUNCTION @extschema@._oauth_revoke_default_privileges() RETURNS bigint
	AS 'MODULE_PATHNAME', 'oauth_revoke_default_privileges' LANGUAGE C VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
REVOKE ALL ON FUNCTION @extschema@._oauth_revoke_default_privileges() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@._oauth_revoke_default_privileges() IS 'For the end of the scripts: from the objects '
	'that this transaction added to the extension, revokes what default privileges gave to roles other than the owner, '
	'and grants PUBLIC what is meant for it; returns how many privileges that were. Objects that existed before keep '
	'what was granted';
-- checks.sql: what a careful operator would change; oauth_check() puts the findings together.
-- SPDX-License-Identifier: PostgreSQL
--
-- Each view is one kind of finding, and has no row if there is nothing to change.  A remedy is one statement to paste,
-- or says in a comment what only people can know.  Names are qualified and quoted by the casts to regclass and
-- regprocedure where search_path is pinned, as it is in oauth_check().  The views are for the owner of the extension
-- alone.  Calling oauth_settings() loads the library, without which its settings do not exist.

-- Who runs the endpoint functions: the shim, and an application that does without one.
CREATE VIEW oauth.shim_role AS
	SELECT r.oid, r.rolname, r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolbypassrls, r.rolreplication
	FROM pg_catalog.pg_roles r
	WHERE r.rolcanlogin
		AND EXISTS (SELECT FROM pg_catalog.pg_proc p, aclexplode(p.proacl) a
		WHERE p.oid = 'oauth.token(oauth.http_request)'::regprocedure AND a.grantee <> 0
		AND a.grantee <> p.proowner
		AND (a.grantee = r.oid OR NOT r.rolsuper AND pg_has_role(r.oid, a.grantee, 'USAGE')));
REVOKE ALL ON oauth.shim_role FROM PUBLIC;
COMMENT ON VIEW oauth.shim_role IS 'Roles that may run the endpoint functions, as the shim does';

-- The functions that PUBLIC may execute: they read and write no table of ours, or only what belongs to who calls
-- them.  The library has the same list (store/statement.h), for the end of each script; sql/privileges.sql compares.
CREATE VIEW oauth.public_function (name) AS
	VALUES ('oauth_authenticate'), ('oauth_authenticate_request'), ('oauth_subject'), ('oauth_client'),
		('oauth_scope'), ('oauth_has_scope'), ('oauth_signature_base_string'), ('oauth_signature'),
		('oauth_verify_signature');
REVOKE ALL ON oauth.public_function FROM PUBLIC;
COMMENT ON VIEW oauth.public_function IS 'Functions that everybody may execute';

-- Who else may execute a function that is not for PUBLIC.  Delegated are those that a guide hands out to roles of
-- applications and administrators (docs/administration.md, install.md, login.md, monitoring/README.md, tokens.md;
-- 060_privileges.pl runs what the guides say).  A role is reached if a user who is not a superuser can log in and
-- use it.
CREATE VIEW oauth.function_grant AS
	SELECT r.rolname, r.rolsuper, a.grantor, a.is_grantable, p.proowner AS owner, p.oid AS function, p.proname,
		p.pronamespace <> 'oauth'::regnamespace AS is_api,
		p.proname IN ('oauth_issue_token', 'oauth_exchange_token', 'oauth_verify_token',
		'oauth_introspect_token', 'oauth_revoke_token', 'oauth_revoke_subject', 'oauth_revoke_client',
			'oauth_end_session', 'oauth_terminate_sessions', '_oauth_database_sessions',
			'oauth_register_client', 'oauth_register_client_metadata', 'oauth_update_client',
			'oauth_rotate_client_secret', 'oauth_disable_client', 'oauth_enable_client', 'oauth_delete_client',
			'oauth_authorization_details', 'oauth_challenge', 'oauth_explain_request', 'oauth_login_request', 'oauth_accept_login', 'oauth_accept_consent',
			'oauth_deny', 'oauth_status', 'oauth_settings', 'oauth_check',
			'oauth_purge_expired') AS is_delegated, EXISTS (SELECT
		FROM oauth.shim_role s
		WHERE s.oid = r.oid) AS is_shim, EXISTS (SELECT
		FROM oauth.shim_role s
		WHERE pg_has_role(s.oid, r.oid, 'USAGE')) AS is_shims, EXISTS (SELECT
		FROM pg_catalog.pg_roles l
		WHERE l.rolcanlogin AND NOT l.rolsuper AND pg_has_role(l.oid, r.oid, 'MEMBER')) AS is_reached
	FROM pg_catalog.pg_extension e
	JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
		AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
	JOIN pg_catalog.pg_proc p ON p.oid = d.objid
	CROSS JOIN LATERAL aclexplode(p.proacl) a
	JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
	WHERE e.extname = 'oauth' AND a.grantee <> p.proowner
		AND NOT p.proname IN (SELECT f.name FROM oauth.public_function f);
REVOKE ALL ON oauth.function_grant FROM PUBLIC;
COMMENT ON VIEW oauth.function_grant IS 'Rights on functions of the extension that somebody granted';

-- oauth.issuer is missing or not https.
CREATE VIEW oauth.check_issuer (severity, subject, finding, remedy) AS
	SELECT CASE WHEN i.issuer ~ E'^http://(localhost|127\\.0\\.0\\.1|\\[::1\\])(:|/|$)' THEN 'low' ELSE 'high'
		END,
		'oauth.issuer', CASE WHEN i.issuer = '' THEN 'not set: no metadata, no logins at /oauth2/authorize'
		ELSE 'not https: ' || i.issuer END,
		format('ALTER DATABASE %I SET oauth.issuer = %L;  -- the URL that clients know',
		current_database(), CASE WHEN i.issuer = '' THEN 'https://id.example.com'
		ELSE regexp_replace(i.issuer, '^http:', 'https:') END)
	FROM (SELECT coalesce(current_setting('oauth.issuer', true), '') AS issuer) i
	WHERE EXISTS (SELECT FROM @extschema@.oauth_settings())
		AND i.issuer !~ '^https://';
REVOKE ALL ON oauth.check_issuer FROM PUBLIC;
COMMENT ON VIEW oauth.check_issuer IS 'oauth.issuer is missing or not https';

-- Settings that weaken the provider or the server.
CREATE VIEW oauth.check_setting (severity, subject, finding, remedy) AS
	SELECT v.severity, s.name, v.finding || ' (' || current_setting(s.name)
		|| ')', CASE
		WHEN s.context IN ('postmaster',
		'sighup') THEN format('ALTER SYSTEM SET %s = %L; SELECT pg_reload_conf();', s.name, v.safe)
		WHEN s.source IN ('session', 'client') THEN format('SET %s = %L;', s.name, v.safe)
		WHEN s.source = 'user' THEN format('ALTER ROLE %I RESET %s;', session_user, s.name)
		WHEN s.source = 'database user' THEN format('ALTER ROLE %I IN DATABASE %I RESET %s;', session_user,
		current_database(), s.name)
		ELSE format('ALTER DATABASE %I SET %s = %L;', current_database(), s.name, v.safe) END
	FROM pg_catalog.pg_settings s
	JOIN (VALUES
		('high', 'fsync', 'off', 0, 0, 'on', 'a crash of the machine can damage the database'),
		('high', 'full_page_writes', 'off', 0, 0, 'on', 'a crash of the machine can damage the database'),
		('medium', 'synchronous_commit', 'off', 0, 0, 'on', 'a crash can undo a revocation that was answered'),
		('medium', 'oauth.registration', 'open', 0, 0, 'token', 'anybody may register clients'),
		('medium', 'oauth.access_token_lifetime', NULL, 0, 86400, '1 d', 'longer than a day'),
		('low', 'oauth.refresh_token_lifetime', NULL, 0, 90 * 86400, '30 d', 'longer than 90 days'),
		('medium', 'oauth.signing_key_lead', NULL, 3600, 2147483647, '1 d',
			'a new key signs before who keeps the key set has it'),
		('low', 'oauth.signing_key_lifetime', NULL, 0, 366 * 86400, '90 d',
			'a key signs for longer than a year'),
		('low', 'oauth.session_lifetime', NULL, 0, 30 * 86400, '12 h', 'longer than 30 days'),
		('low', 'oauth.refresh_grace', NULL, 0, 60, '10 s',
			'a stolen refresh token works beside the real one for long'),
		('low', 'oauth.timestamp_window', NULL, 0, 600, '300 s', 'signed requests stay good for long'),
		('medium', 'oauth.failed_attempts', NULL, 1, 10000, '10',
			'passwords and secrets can be guessed without waiting'),
		('low', 'oauth.registration_rate', NULL, 1, 1000000, '100',
			'one address may register any number of clients'),
		('low', 'oauth.registration_limit', NULL, 1, 2147483647, '10000',
			'clients that nobody uses are kept in any number'),
		('low', 'oauth.device_rate', NULL, 1, 1000000, '600',
			'one address may ask for any number of device codes'),
		('low', 'oauth.pushed_request_rate', NULL, 1, 1000000, '3600',
			'one address may have any number of requests kept'),
		('low', 'oauth.delivery_rate', NULL, 1, 600, '60',
			'strangers may have one host sent many messages, by clients that they register'),
		('low', 'oauth.event_retention', NULL, 1, 2147483647, '90 d', 'no audit log is kept'),
		('medium', 'oauth.bcrypt_cost', NULL, 10, 14, '10', 'too little work for who guesses passwords'),
		('medium', 'oauth.rsa_min_bits', NULL, 2048, 16384, '2048', 'short RSA keys are taken'),
		('medium', 'log_statement', 'all', 0, 0, 'none',
			'what is written into statements, passwords too, goes to the log'),
		('medium', 'log_min_duration_statement', NULL, 1000, 2147483647, '-1',
			'what is written into statements, passwords too, goes to the log'),
		('medium', 'log_min_duration_sample', NULL, 1000, 2147483647, '-1',
			'what is written into statements, passwords too, goes to the log'),
		('medium', 'log_transaction_sample_rate', NULL, 0, 0, '0',
			'what is written into statements, passwords too, goes to the log'),
		('medium', 'auto_explain.log_min_duration', NULL, 1000, 2147483647, '-1',
			'what is written into statements, passwords too, goes to the log'),
		('medium', 'debug_print_parse', 'on', 0, 0, 'off',
			'what is written into statements, passwords too, goes to the log'),
		('medium', 'debug_print_rewritten', 'on', 0, 0, 'off',
			'what is written into statements, passwords too, goes to the log'),
		('medium', 'debug_print_plan', 'on', 0, 0, 'off',
			'what is written into statements, passwords too, goes to the log'),
		('low', 'pg_stat_statements.track_utility', 'on', 0, 0, 'off',
			'keeps utility statements with the passwords in them')
	) v (severity, name, bad, lowest, highest, safe, finding) ON v.name = s.name
	WHERE EXISTS (SELECT FROM @extschema@.oauth_settings())
		AND CASE WHEN v.bad IS NOT NULL THEN s.setting = v.bad ELSE s.setting::float8 <> -1
		AND s.setting::float8 NOT BETWEEN v.lowest AND v.highest END;
REVOKE ALL ON oauth.check_setting FROM PUBLIC;
COMMENT ON VIEW oauth.check_setting IS 'Settings that weaken the provider or the server';

-- The path of the master key file can be seen before the library is loaded.
CREATE VIEW oauth.check_key_file_shown (severity, subject, finding, remedy) AS
	SELECT 'low', 'session_preload_libraries',
		'anybody may see where the master key file is: SHOW oauth.master_key_file in a session that has not '
		'loaded the library yet',
		format('ALTER SYSTEM SET session_preload_libraries = %s; SELECT pg_reload_conf();',
		(SELECT string_agg(quote_literal(l), ', ' ORDER BY n)
		FROM (SELECT trim(BOTH ' "' FROM l),
			n
			FROM regexp_split_to_table(current_setting('session_preload_libraries'), ',') WITH ORDINALITY v (l,
				n)
			UNION ALL SELECT 'oauth', 1000000) v (l, n)
		WHERE l <> '')) FROM pg_catalog.pg_settings s
	WHERE EXISTS (SELECT FROM @extschema@.oauth_settings())
		AND s.name = 'oauth.master_key_file' AND s.setting <> s.boot_val
		AND NOT EXISTS (SELECT
		FROM regexp_split_to_table(current_setting('session_preload_libraries') || ','
			|| current_setting('shared_preload_libraries'), ',') l
		WHERE trim(BOTH ' "' FROM l) ~ '^([$]libdir/)?oauth$');
REVOKE ALL ON oauth.check_key_file_shown FROM PUBLIC;
COMMENT ON VIEW oauth.check_key_file_shown IS 'The path of the master key file can be seen before the library is '
	'loaded';

-- The server listens on the network without TLS.
CREATE VIEW oauth.check_tls (severity, subject, finding, remedy) AS
	SELECT 'medium', 'ssl', 'the server listens on ' || current_setting('listen_addresses') || ' without TLS',
		'ALTER SYSTEM SET ssl = on; SELECT pg_reload_conf();  -- with server.crt and server.key in place'
	WHERE current_setting('ssl') = 'off'
		AND EXISTS (SELECT FROM regexp_split_to_table(current_setting('listen_addresses'), ' *, *') h
		WHERE h NOT IN ('', 'localhost', '127.0.0.1', '::1'));
REVOKE ALL ON oauth.check_tls FROM PUBLIC;
COMMENT ON VIEW oauth.check_tls IS 'The server listens on the network without TLS';

-- The library is newer or older than the extension.
CREATE VIEW oauth.check_version (severity, subject, finding, remedy) AS
	SELECT CASE WHEN v.is_older THEN 'high' ELSE 'medium' END, 'extension oauth',
		format('is %s, and %s is installed', e.extversion, a.default_version),
		CASE WHEN v.is_older THEN '-- install version ' || e.extversion || ' of the library again'
			ELSE 'ALTER EXTENSION oauth UPDATE;' END
	FROM pg_catalog.pg_extension e
	JOIN pg_catalog.pg_available_extensions a ON a.name = e.extname
	CROSS JOIN LATERAL (SELECT pg_catalog.string_to_array(a.default_version, '.')::integer[]
		< pg_catalog.string_to_array(e.extversion, '.')::integer[] AS is_older) v
	WHERE e.extname = 'oauth' AND a.default_version <> e.extversion;
REVOKE ALL ON oauth.check_version FROM PUBLIC;
COMMENT ON VIEW oauth.check_version IS 'The library is newer or older than the extension';

-- Functions that PUBLIC may execute and should not.
CREATE VIEW oauth.check_public_function (severity, subject, finding, remedy) AS
	SELECT 'high', p.oid::regproc::text, 'everybody may execute it',
		format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC;', p.oid::regprocedure)
	FROM pg_catalog.pg_extension e
	JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
		AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
	JOIN pg_catalog.pg_proc p ON p.oid = d.objid
	CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
	WHERE e.extname = 'oauth' AND a.grantee = 0
		AND NOT p.proname IN (SELECT f.name FROM oauth.public_function f)
	ORDER BY p.proname;
REVOKE ALL ON oauth.check_public_function FROM PUBLIC;
COMMENT ON VIEW oauth.check_public_function IS 'Functions that PUBLIC may execute and should not';

-- Privileges on tables and views of the extension.
CREATE VIEW oauth.check_table_privilege (severity, subject, finding, remedy) AS
	SELECT CASE WHEN bool_and(a.privilege_type = 'SELECT') AND a.grantee <> 0 THEN 'medium' ELSE 'high' END,
		c.oid::regclass::text, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee))
		END || ' may ' || string_agg(DISTINCT a.privilege_type, ', '),
		format('REVOKE ALL ON %s FROM %s%s;',
		c.oid::regclass, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee))
		END, CASE WHEN bool_or(a.is_grantable) THEN ' CASCADE' END)
	FROM pg_catalog.pg_class c
	CROSS JOIN LATERAL (SELECT * FROM aclexplode(c.relacl) UNION ALL SELECT x.* FROM pg_catalog.pg_attribute t,
		aclexplode(t.attacl) x WHERE t.attrelid = c.oid) a
	WHERE c.relnamespace = 'oauth'::regnamespace AND a.grantee <> c.relowner
		AND NOT (c.relkind = 'v' AND a.privilege_type = 'SELECT' AND a.grantee <> 0 AND NOT a.is_grantable)
	GROUP BY c.oid, a.grantee
	ORDER BY c.oid::regclass::text, a.grantee;
REVOKE ALL ON oauth.check_table_privilege FROM PUBLIC;
COMMENT ON VIEW oauth.check_table_privilege IS 'Privileges on tables and views of the extension';

-- Roles that may put objects beside those of the extension.
CREATE VIEW oauth.check_schema_privilege (severity, subject, finding, remedy) AS
	SELECT 'high', 'schema '
		|| n.nspname, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
		|| ' may create objects there',
		format('REVOKE CREATE ON SCHEMA %I FROM %s;',
		n.nspname, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
	FROM pg_catalog.pg_namespace n
	CROSS JOIN LATERAL aclexplode(n.nspacl) a
	LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
	WHERE (n.nspname = 'oauth'
		OR n.oid = (SELECT extnamespace FROM pg_catalog.pg_extension WHERE extname = 'oauth'))
			AND a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner AND NOT coalesce(r.rolsuper, false)
			AND coalesce(r.rolname, '') <> 'pg_database_owner' AND a.grantee <> (SELECT d.datdba
		FROM pg_catalog.pg_database d
		WHERE d.datname = current_database());
REVOKE ALL ON oauth.check_schema_privilege FROM PUBLIC;
COMMENT ON VIEW oauth.check_schema_privilege IS 'Roles that may put objects beside those of the extension';

-- Roles that reach the key file or the tables through a predefined role.
CREATE VIEW oauth.check_predefined_role (severity, subject, finding, remedy) AS
	SELECT 'medium', 'role ' || m.member::regrole, v.finding,
		format('REVOKE %s FROM %s;', v.role, m.member::regrole)
	FROM (VALUES
		('pg_write_all_data', 'may write tokens'),
		('pg_read_server_files', 'may read the master key file'),
		('pg_write_server_files', 'may replace the master key file'),
		('pg_execute_server_program', 'may read the master key file')
	) v (role, finding)
	JOIN pg_catalog.pg_roles g ON g.rolname = v.role
	JOIN pg_catalog.pg_auth_members m ON m.roleid = g.oid
	JOIN pg_catalog.pg_roles r ON r.oid = m.member
	WHERE NOT r.rolsuper
	GROUP BY m.member, r.rolname, v.role, v.finding
	ORDER BY r.rolname, v.role;
REVOKE ALL ON oauth.check_predefined_role FROM PUBLIC;
COMMENT ON VIEW oauth.check_predefined_role IS 'Roles that reach the key file or the tables through a predefined role';

-- Attributes of the shim's role that it does not need.
CREATE VIEW oauth.check_shim_role (severity, subject, finding, remedy) AS
	SELECT 'high', 'role ' || quote_ident(r.rolname), 'runs the endpoints and is '
		|| array_to_string(k.kinds, ', '),
		format('ALTER ROLE %I NO%s;', r.rolname, array_to_string(k.kinds, ' NO'))
	FROM oauth.shim_role r
	CROSS JOIN LATERAL (SELECT array_remove(ARRAY[CASE WHEN r.rolsuper THEN 'SUPERUSER'
		END, CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END, CASE WHEN r.rolcreatedb THEN 'CREATEDB'
		END, CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END, CASE WHEN r.rolreplication THEN 'REPLICATION' END],
		NULL) AS kinds) k WHERE k.kinds <> '{}' ORDER BY r.rolname;
REVOKE ALL ON oauth.check_shim_role FROM PUBLIC;
COMMENT ON VIEW oauth.check_shim_role IS 'Attributes of the shim''s role that it does not need';

-- Roles that may execute functions which no guide gives them.
CREATE VIEW oauth.check_function_privilege (severity, subject, finding, remedy) AS
	SELECT CASE WHEN f.is_shim OR f.is_reached THEN 'high' ELSE 'medium' END, 'role '
		|| quote_ident(f.rolname), CASE WHEN f.is_shim THEN 'runs the endpoints and ' ELSE '' END
		|| 'may execute '
		|| array_to_string((array_agg(f.proname ORDER BY NOT f.is_shim
		AND (f.is_delegated OR NOT f.is_api OR starts_with(f.proname, '_')), f.proname))[:8], ', ')
		|| CASE WHEN count(*) > 8 THEN format(' and %s others', count(*) - 8) ELSE ''
		END, CASE WHEN f.grantor <> f.owner THEN format('SET ROLE %I; ', pg_get_userbyid(f.grantor)) ELSE '' END
		|| format('REVOKE EXECUTE ON FUNCTION %s FROM %I%s;',
		string_agg(f.function::regprocedure::text, ', ' ORDER BY f.proname),
		f.rolname, CASE WHEN bool_or(f.is_grantable) THEN ' CASCADE' ELSE '' END)
		|| CASE WHEN f.grantor <> f.owner THEN ' RESET ROLE;' ELSE '' END
	FROM oauth.function_grant f
	WHERE (f.is_shim OR NOT f.rolsuper) AND (f.is_api OR NOT f.is_shims)
	GROUP BY f.rolname, f.grantor, f.owner, f.is_shim, f.is_reached
	HAVING bool_or(f.is_api AND (f.is_shim OR NOT f.is_delegated))
	ORDER BY f.rolname;
REVOKE ALL ON oauth.check_function_privilege FROM PUBLIC;
COMMENT ON VIEW oauth.check_function_privilege IS 'Roles that may execute functions which no guide gives them';

-- Rights on functions that can be passed on.
CREATE VIEW oauth.check_grant_option (severity, subject, finding, remedy) AS
	SELECT 'medium', 'role ' || quote_ident(f.rolname), 'may let others execute '
		|| array_to_string((array_agg(f.proname ORDER BY NOT f.is_shim
		AND (f.is_delegated OR NOT f.is_api OR starts_with(f.proname, '_')), f.proname))[:8], ', ')
		|| CASE WHEN count(*) > 8 THEN format(' and %s others', count(*) - 8) ELSE ''
		END, CASE WHEN f.grantor <> f.owner THEN format('SET ROLE %I; ', pg_get_userbyid(f.grantor)) ELSE '' END
		|| format('REVOKE GRANT OPTION FOR EXECUTE ON FUNCTION %s FROM %I%s;',
		string_agg(f.function::regprocedure::text, ', ' ORDER BY f.proname),
		f.rolname, CASE WHEN bool_or(f.is_grantable) THEN ' CASCADE' ELSE '' END)
		|| CASE WHEN f.grantor <> f.owner THEN ' RESET ROLE;' ELSE '' END
	FROM oauth.function_grant f
	WHERE f.is_grantable AND NOT f.rolsuper
	GROUP BY f.rolname, f.grantor, f.owner
	ORDER BY f.rolname;
REVOKE ALL ON oauth.check_grant_option FROM PUBLIC;
COMMENT ON VIEW oauth.check_grant_option IS 'Rights on functions that can be passed on';

-- Privileges on types, which PUBLIC has anyway.
CREATE VIEW oauth.check_type_privilege (severity, subject, finding, remedy) AS
	SELECT 'low', 'type '
		|| t.oid::regtype, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
		|| ' has a right of its own that PUBLIC has as well',
		format('REVOKE ALL ON TYPE %s FROM %s CASCADE;',
		t.oid::regtype, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
	FROM pg_catalog.pg_extension e
	JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
		AND d.classid = 'pg_type'::regclass AND d.deptype = 'e'
	JOIN pg_catalog.pg_type t ON t.oid = d.objid
	CROSS JOIN LATERAL aclexplode(t.typacl) a
	WHERE e.extname = 'oauth' AND a.grantee NOT IN (0, t.typowner)
	ORDER BY t.oid::regtype::text, a.grantee;
REVOKE ALL ON oauth.check_type_privilege FROM PUBLIC;
COMMENT ON VIEW oauth.check_type_privilege IS 'Privileges on types, which PUBLIC has anyway';

-- Settings that put requests into the log.
CREATE VIEW oauth.check_logged_parameter (severity, subject, finding, remedy) AS
	SELECT 'medium', 'role ' || quote_ident(r.rolname),
		format('what clients send can go to the log (%s)', v.name),
		format('ALTER ROLE %I%s SET %s = 0;',
		r.rolname, CASE
		WHEN EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s
		JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) c
		WHERE s.setrole = r.oid AND d.datname = current_database()
			AND starts_with(c, v.name || '=')) THEN format(' IN DATABASE %I', current_database()) END, v.name)
	FROM oauth.shim_role r
	CROSS JOIN (VALUES ('log_parameter_max_length'), ('log_parameter_max_length_on_error')) v (name)
	WHERE EXISTS (SELECT FROM @extschema@.oauth_settings())
		AND coalesce((SELECT substr(c, strpos(c, '=') + 1) FROM pg_catalog.pg_db_role_setting s,
		unnest(s.setconfig) c
		WHERE s.setrole IN (0, r.oid)
			AND s.setdatabase IN (0,
			(SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
			AND starts_with(c, v.name || '=')
		ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC LIMIT 1), (SELECT f.setting
		FROM pg_catalog.pg_file_settings f
		WHERE f.name = v.name AND f.applied LIMIT 1), (SELECT g.boot_val
		FROM pg_catalog.pg_settings g
		WHERE g.name = v.name)) <> '0'
	ORDER BY r.rolname, v.name;
REVOKE ALL ON oauth.check_logged_parameter FROM PUBLIC;
COMMENT ON VIEW oauth.check_logged_parameter IS 'Settings that put requests into the log';

-- A shim that is connected as a superuser.
CREATE VIEW oauth.check_shim_superuser (severity, subject, finding, remedy) AS
	SELECT DISTINCT 'high', 'role ' || quote_ident(a.usename), 'a superuser, and a shim is connected as it',
		'-- give the shim a role of its own: docs/install.md'
	FROM pg_catalog.pg_stat_activity a
	JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid AND r.rolsuper
	WHERE a.datname = current_database() AND a.application_name = 'oauth-shim';
REVOKE ALL ON oauth.check_shim_superuser FROM PUBLIC;
COMMENT ON VIEW oauth.check_shim_superuser IS 'A shim that is connected as a superuser';

-- Logging in to PostgreSQL 18 with a token: lines of pg_hba.conf and maps of pg_ident.conf that let in whom they should not, or
-- nobody.  Before 18 there are no such lines.
CREATE VIEW oauth.check_database_login (severity, subject, finding, remedy) AS
	WITH RECURSIVE member (role, member) AS (
		SELECT r.oid, r.oid FROM pg_catalog.pg_roles r
		UNION SELECT m.role, a.member FROM member m JOIN pg_catalog.pg_auth_members a ON a.roleid = m.member
	), powerful AS (
		SELECT r.oid, r.rolname, r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolcanlogin
			AND EXISTS (SELECT FROM member m JOIN pg_catalog.pg_roles o ON o.oid = m.role WHERE m.member = r.oid AND (o.rolsuper
				OR o.rolname IN ('pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files')))
	), line AS (
		SELECT h.line_number, h.type, h.user_name, substr(s.o, 7) AS scope, substr(m.o, 5) AS map,
			EXISTS (SELECT FROM unnest(h.options) o WHERE o IN ('delegate_ident_mapping=true', 'delegate_ident_mapping=1')) AS delegates
		FROM pg_catalog.pg_hba_file_rules h
		LEFT JOIN LATERAL (SELECT o FROM unnest(h.options) o WHERE starts_with(o, 'scope=')) s ON true
		LEFT JOIN LATERAL (SELECT o FROM unnest(h.options) o WHERE starts_with(o, 'map=')) m ON true
		WHERE h.auth_method = 'oauth' AND h.error IS NULL AND h.options @> ARRAY['validator=oauth']
	), setting AS (
		SELECT coalesce(current_setting('oauth.validator_conninfo', true), '') AS conninfo,
			coalesce(current_setting('oauth.validator_delegation', true), 'off') = 'on' AS delegation,
			coalesce(current_setting('oauth.validator_superuser', true), 'off') = 'on' AS superuser,
			coalesce(current_setting('reserved_connections', true), '0') = '0' AS is_unreserved
	), asked AS (
		SELECT h.host FROM setting s
		CROSS JOIN regexp_matches(s.conninfo, CASE WHEN s.conninfo ~ E'\\mhostaddr\\s*=' THEN E'\\mhostaddr' ELSE E'\\mhost' END
			|| E'\\s*=\\s*(?:''([^'']*)''|([^\\s&]+))|^postgres(?:ql)?://(?:[^/@]*@)?(\\[[^]]*\\]|[^/:?]+)', 'g') m
		CROSS JOIN unnest(string_to_array(coalesce(m[1], m[2], m[3]), ',')) h (host)
		WHERE h.host !~ E'^(|[/@].*|%2F.*|localhost|127\\..*|\\[?::1\\]?)$'
	)
	SELECT 'high', format('pg_hba.conf, line %s', l.line_number), 'tokens cross the network readable',
		format('-- write hostssl for %s in line %s', l.type, l.line_number)
	FROM line l WHERE l.type IN ('host', 'hostnossl')
	UNION ALL SELECT 'high', format('pg_hba.conf, line %s', l.line_number),
		format('scope "%s" is not for this alone: nobody is let in', l.scope),
		'SELECT oauth_register_scope(''db'', ''Log in to the database'');  -- and scope="db" in the line'
	FROM line l WHERE NOT EXISTS (SELECT FROM unnest(string_to_array(coalesce(l.scope, ''), ' ')) w
		WHERE w NOT IN ('', 'openid', 'profile', 'email', 'address', 'phone', 'offline_access')
			AND w NOT IN (SELECT c.scope FROM oauth.scope c WHERE c.is_default))
	UNION ALL SELECT CASE WHEN s.delegation THEN 'high' ELSE 'medium' END, format('pg_hba.conf, line %s', l.line_number),
		'delegate_ident_mapping=1: ' || CASE WHEN s.delegation THEN 'every token with the scope logs in as any role of the line'
			ELSE 'nobody is let in' END, format('-- write map=... in line %s instead, or name the roles in it', l.line_number)
	FROM line l, setting s WHERE l.delegates AND NOT (s.delegation AND NOT 'all' = ANY (l.user_name))
	UNION ALL SELECT DISTINCT CASE WHEN s.superuser THEN 'high' ELSE 'medium' END,
		format('pg_ident.conf, line %s', i.line_number),
		format('map %s can lead to %s, ', quote_ident(i.map_name), quote_ident(r.rolname))
			|| CASE WHEN r.rolsuper THEN 'a superuser' ELSE 'as good as a superuser' END || CASE WHEN s.superuser THEN ''
			ELSE ': refused' END, format('-- let line %s of pg_ident.conf name ordinary roles', i.line_number)
	FROM line l
	JOIN pg_catalog.pg_ident_file_mappings i ON i.map_name = l.map AND i.error IS NULL
	JOIN powerful r ON i.pg_username IN (r.rolname, 'all') OR i.pg_username ~ E'\\\\1' OR starts_with(i.pg_username, '/')
		OR starts_with(i.pg_username, '+')
		AND EXISTS (SELECT FROM member m WHERE m.member = r.oid AND m.role = to_regrole(quote_ident(substr(i.pg_username, 2))))
	CROSS JOIN setting s
	UNION ALL SELECT 'medium', format('pg_hba.conf, line %s', l.line_number),
		'no map: a person with the name of a role logs in as that role', format('-- write map=... in line %s', l.line_number)
	FROM line l WHERE l.map IS NULL AND NOT l.delegates AND current_setting('oauth.validator_identity', true) = 'username'
	UNION ALL SELECT 'high', 'oauth.validator_conninfo', 'not set: nobody logs in with a token',
		'ALTER SYSTEM SET oauth.validator_conninfo = ''host=/var/run/postgresql dbname=' || current_database()
			|| ' user=oauth_validator''; SELECT pg_reload_conf();'
	FROM setting s WHERE s.conninfo = '' AND EXISTS (SELECT FROM line)
	UNION ALL SELECT 'high', 'oauth.validator_conninfo', 'another machine is believed without a look at its certificate',
		'-- write sslmode=verify-full and sslrootcert=... into oauth.validator_conninfo'
	FROM setting s WHERE EXISTS (SELECT FROM line) AND EXISTS (SELECT FROM asked)
		AND s.conninfo !~ E'\\msslmode\\s*=\\s*''?verify-(full|ca)\\M' AND s.conninfo !~ E'\\msslrootcert\\s*=\\s*''?system\\M'
	UNION ALL SELECT 'medium', 'reserved_connections', 'none: where all connections are taken, nobody logs in with a token',
		'ALTER SYSTEM SET reserved_connections = 8;  -- and restart; the role of the validator needs pg_use_reserved_connections'
	FROM setting s WHERE s.is_unreserved AND EXISTS (SELECT FROM line);
REVOKE ALL ON oauth.check_database_login FROM PUBLIC;
COMMENT ON VIEW oauth.check_database_login IS 'Lines of pg_hba.conf and pg_ident.conf about logging in to PostgreSQL with a token '
	'(docs/database-logins.md)';

-- Functions that oauth_protect() published.
CREATE VIEW oauth.check_published_function (severity, subject, finding, remedy) AS
	SELECT CASE WHEN f.oid IS NULL OR o.rolname IS NOT NULL THEN 'medium' ELSE 'low' END,
		p.path, CASE WHEN f.oid IS NULL THEN format('%I.%I is gone', p.function_schema, p.function_name)
		WHEN o.rolname IS NOT NULL THEN format('%s belongs to %I, to whom policies do not apply',
		f.oid::regprocedure, o.rolname) ELSE 'any token will do: no required_scope'
		END, CASE WHEN f.oid IS NULL THEN format('SELECT oauth_unprotect(%L);', p.path)
		WHEN o.rolname IS NOT NULL THEN format('ALTER FUNCTION %s OWNER TO some_role;  -- one that may do no '
		'more than it must', f.oid::regprocedure)
		ELSE format('SELECT oauth_protect(%L, %L, required_scope => %L, methods => %L);', p.path,
		format('%I.%I', p.function_schema, p.function_name), coalesce((SELECT string_agg(scope,
		' ' ORDER BY scope) FROM oauth.scope WHERE is_default), 'read'), p.methods)
		END
	FROM oauth.protected_function p
	LEFT JOIN pg_catalog.pg_proc f ON f.oid = to_regprocedure(format('%I.%I(oauth.http_request)',
		p.function_schema, p.function_name))
	LEFT JOIN pg_catalog.pg_roles o ON o.oid = f.proowner AND (o.rolsuper OR o.rolbypassrls)
	WHERE f.oid IS NULL OR o.rolname IS NOT NULL OR p.required_scope IS NULL
	ORDER BY p.path;
REVOKE ALL ON oauth.check_published_function FROM PUBLIC;
COMMENT ON VIEW oauth.check_published_function IS 'Functions that oauth_protect() published';

-- The claims function and the password function.
CREATE VIEW oauth.check_application_function (severity, subject, finding, remedy) AS
	SELECT 'medium',
		v.name, CASE WHEN f.oid IS NULL THEN format('%I.%I is gone', v.function_schema, v.function_name)
		ELSE format('%s belongs to %I, to whom policies do not apply', f.oid::regprocedure, o.rolname)
		END, CASE WHEN f.oid IS NULL THEN v.remedy
		ELSE format('ALTER FUNCTION %s OWNER TO some_role;  -- one that may do no more than it must',
		f.oid::regprocedure) END
	FROM (SELECT 'claims function', function_schema, function_name, '(text, text, text)',
		'SELECT oauth_set_claims_function(NULL);'
		FROM oauth.claims_function
		UNION ALL SELECT format('authorization details type %s', type), function_schema, function_name,
			'(jsonb, text, text)', format('SELECT oauth_register_authorization_details_type(%L, %L);', type, description)
		FROM oauth.authorization_details_type
		WHERE function_name IS NOT NULL
		UNION ALL SELECT 'login function', function_schema, function_name, '(text, text)',
			'-- create it again: nobody can log in'
		FROM oauth.user_source
		WHERE function_name IS NOT NULL) v (name, function_schema, function_name, arguments, remedy)
	LEFT JOIN pg_catalog.pg_proc f ON f.oid = to_regprocedure(format('%I.%I%s', v.function_schema,
		v.function_name, v.arguments))
	LEFT JOIN pg_catalog.pg_roles o ON o.oid = f.proowner AND (o.rolsuper OR o.rolbypassrls)
	WHERE f.oid IS NULL OR o.rolname IS NOT NULL;
REVOKE ALL ON oauth.check_application_function FROM PUBLIC;
COMMENT ON VIEW oauth.check_application_function IS 'The claims function, the password function, and those that check '
	'authorization details';

-- Types that clients name and nobody registered: a client that asks for one is refused.
CREATE VIEW oauth.check_authorization_details_type (severity, subject, finding, remedy) AS
	SELECT 'low', format('authorization details type %s', t.type),
		format('%s may ask for it, and it is not registered', CASE count(*) WHEN 1 THEN 'a client' ELSE format('%s clients',
		count(*)) END), format('SELECT oauth_register_authorization_details_type(%L, ''...'');', t.type)
	FROM oauth.client c CROSS JOIN LATERAL unnest(c.authorization_details_types) t (type)
	WHERE c.disabled_at IS NULL
		AND NOT EXISTS (SELECT FROM oauth.authorization_details_type r WHERE r.type = t.type)
	GROUP BY t.type
	ORDER BY t.type;
REVOKE ALL ON oauth.check_authorization_details_type FROM PUBLIC;
COMMENT ON VIEW oauth.check_authorization_details_type IS 'Types of authorization details that do not exist';

-- Issuers whose JWTs are grants.
CREATE VIEW oauth.check_trusted_issuer (severity, subject, finding, remedy) AS
	SELECT 'medium', 'issuer ' || i.issuer, format('its keys could not be fetched from %s: %s', i.jwks_uri, d.problem),
		format('-- ask who runs it, or give its keys: SELECT oauth_trust_issuer(%L, jwks => ''...'');', i.issuer)
	FROM oauth.trusted_issuer i JOIN oauth.document d ON d.url = i.jwks_uri AND d.problem IS NOT NULL
	UNION ALL SELECT CASE WHEN f.oid IS NULL THEN 'high' ELSE 'medium' END, 'issuer ' || i.issuer,
		CASE WHEN f.oid IS NULL THEN format('%I.%I, which says who its subjects are, is gone: its JWTs bring errors',
		i.function_schema, i.function_name)
		ELSE format('%s belongs to %I, to whom policies do not apply', f.oid::regprocedure, o.rolname) END,
		CASE WHEN f.oid IS NULL THEN format('SELECT oauth_distrust_issuer(%L);', i.issuer)
		ELSE format('ALTER FUNCTION %s OWNER TO some_role;  -- one that may do no more than it must',
		f.oid::regprocedure) END
	FROM oauth.trusted_issuer i
	LEFT JOIN pg_catalog.pg_proc f ON f.oid = to_regprocedure(format('%I.%I(text, jsonb)', i.function_schema,
		i.function_name))
	LEFT JOIN pg_catalog.pg_roles o ON o.oid = f.proowner AND (o.rolsuper OR o.rolbypassrls)
	WHERE i.function_name IS NOT NULL AND (f.oid IS NULL OR o.rolname IS NOT NULL)
	UNION ALL SELECT 'medium', 'issuer ' || i.issuer,
		'the users are the application''s, and no function says which of them its subjects are: all are refused',
		format('-- SELECT oauth_trust_issuer(%L, ..., subject_function => ''schema.function'');', i.issuer)
	FROM oauth.trusted_issuer i WHERE i.function_name IS NULL AND EXISTS (SELECT FROM oauth.user_source)
	UNION ALL SELECT 'low', 'issuer ' || i.issuer,
		'no client has a grant that takes its JWTs',
		'-- SELECT oauth_update_client(client_id, ''{"grant_types": '
		'["urn:ietf:params:oauth:grant-type:jwt-bearer", ...]}'');'
	FROM oauth.trusted_issuer i WHERE NOT EXISTS (SELECT FROM oauth.client c WHERE c.disabled_at IS NULL
		AND c.grant_types && '{urn:ietf:params:oauth:grant-type:jwt-bearer,urn:ietf:params:oauth:grant-type:token-exchange}');
REVOKE ALL ON oauth.check_trusted_issuer FROM PUBLIC;
COMMENT ON VIEW oauth.check_trusted_issuer IS 'Issuers whose keys, or whose subjects, cannot be found';

-- Policies that do not apply.
CREATE VIEW oauth.check_policy (severity, subject, finding, remedy) AS
	SELECT 'high', 'table '
		|| c.oid::regclass, CASE
		WHEN c.relrowsecurity THEN format('its policies do not hold for %I, who owns it and functions that '
		'are published', pg_get_userbyid(c.relowner))
		ELSE 'it has policies that ask who is calling, and row-level security is off' END,
		format('ALTER TABLE %s %s ROW LEVEL SECURITY;',
		c.oid::regclass, CASE WHEN c.relrowsecurity THEN 'FORCE' ELSE 'ENABLE' END)
	FROM pg_catalog.pg_class c
	WHERE (NOT c.relrowsecurity OR NOT c.relforcerowsecurity
		AND EXISTS (SELECT FROM oauth.protected_function p JOIN pg_catalog.pg_proc f ON f.proowner = c.relowner
			AND f.oid = to_regprocedure(format('%I.%I(oauth.http_request)', p.function_schema,
			p.function_name)))) AND c.oid IN (SELECT p.polrelid
		FROM pg_catalog.pg_policy p
		JOIN pg_catalog.pg_depend d ON d.objid = p.oid AND d.classid = 'pg_policy'::regclass
			AND d.refclassid = 'pg_proc'::regclass
		JOIN pg_catalog.pg_depend e ON e.classid = 'pg_proc'::regclass AND e.objid = d.refobjid
			AND e.deptype = 'e'
			AND e.refobjid = (SELECT oid FROM pg_catalog.pg_extension WHERE extname = 'oauth'))
	ORDER BY c.oid::regclass::text;
REVOKE ALL ON oauth.check_policy FROM PUBLIC;
COMMENT ON VIEW oauth.check_policy IS 'Policies that do not apply';

-- Users who must have a second factor, and have none.
CREATE VIEW oauth.check_second_factor (severity, subject, finding, remedy) AS
	SELECT 'low', 'second factor', format('%s of those who must have one have none yet', count(*)),
		'-- each sets one up at the next login: docs/users.md'
	FROM oauth.user u
	JOIN oauth.subject s ON s.subject = u.subject AND s.disabled_at IS NULL
	LEFT JOIN oauth.second_factor f ON f.subject = u.subject
	WHERE (SELECT count(*) FROM @extschema@.oauth_settings()) > 0 AND f.confirmed_at IS NULL
		AND (f.is_required AND current_setting('oauth.second_factor') <> 'off'
		OR current_setting('oauth.second_factor') = 'required')
	HAVING count(*) > 0;
REVOKE ALL ON oauth.check_second_factor FROM PUBLIC;
COMMENT ON VIEW oauth.check_second_factor IS 'Users who must have a second factor and have none';

-- The application's table or view of users.
CREATE VIEW oauth.check_user_source (severity, subject, finding, remedy) AS
	SELECT CASE WHEN c.oid IS NULL THEN 'high' ELSE 'medium' END,
		'users', CASE
		WHEN c.oid IS NULL THEN format('are looked for in %I.%I, which is gone', s.relation_schema,
		s.relation_name)
		WHEN o.rolname IS NOT NULL THEN format('%s belongs to %I, with whose rights it is read',
		c.oid::regclass, o.rolname)
		ELSE format('%s has lost triggers, and is asked at each verification', c.oid::regclass)
		END, CASE
		WHEN c.oid IS NULL THEN 'SELECT oauth_use_builtin_users();  -- or oauth_use_users(...) with what '
		'there is' WHEN o.rolname IS NOT NULL THEN format('ALTER TABLE %s OWNER TO some_role;  -- one that '
		'may do no more than it must', c.oid::regclass)
		ELSE format('SELECT oauth_use_users(%L, id => %L, username => %L, password => %L, active => %L, '
		'scheme => %L, password_function => %L, allow_legacy => %L, upgrade => %L);', format('%I.%I',
		s.relation_schema, s.relation_name), s.id_column, s.username_column, s.password_column,
		s.active_column, s.scheme, quote_ident(s.function_schema) || '.' || quote_ident(s.function_name),
		s.allow_legacy, s.upgrade)
		END
	FROM oauth.user_source s
	LEFT JOIN pg_catalog.pg_class c ON c.oid = to_regclass(format('%I.%I', s.relation_schema, s.relation_name))
	LEFT JOIN pg_catalog.pg_roles o ON o.oid = c.relowner AND o.rolsuper
	WHERE c.oid IS NULL OR o.rolname IS NOT NULL OR c.relkind = 'r'
		AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE c.oid IN (i.inhparent, i.inhrelid))
		AND (SELECT count(*) FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
		WHERE t.tgrelid = c.oid AND p.proname = '_oauth_users_changed' AND t.tgenabled IN ('O', 'A')) < 3;
REVOKE ALL ON oauth.check_user_source FROM PUBLIC;
COMMENT ON VIEW oauth.check_user_source IS 'The application''s table or view of users';

-- Clients that ask users for their passwords.
CREATE VIEW oauth.check_password_grant (severity, subject, finding, remedy) AS
	SELECT 'medium', 'client ' || c.client_id, c.client_name
		|| ' asks users for their passwords', CASE
		WHEN g.others = '{}' THEN format('SELECT oauth_disable_client(%L);', c.client_id)
		ELSE format('SELECT oauth_update_client(%L, %L);', c.client_id,
		jsonb_build_object('grant_types', g.others)) END
	FROM oauth.client c
	CROSS JOIN LATERAL (SELECT array_remove(array_remove(c.grant_types, 'password'),
		'oauth1_xauth') AS others) g
	WHERE c.disabled_at IS NULL AND g.others <> c.grant_types
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_password_grant FROM PUBLIC;
COMMENT ON VIEW oauth.check_password_grant IS 'Clients that ask users for their passwords';

-- Clients of OAuth 1.0a that may sign with PLAINTEXT.
CREATE VIEW oauth.check_plaintext_signature (severity, subject, finding, remedy) AS
	SELECT 'low', 'client ' || c.client_id, c.client_name || ' may sign with PLAINTEXT, which is no signature',
		format('SELECT oauth_update_client(%L, %L);', c.client_id,
		jsonb_build_object('signature_methods', CASE
		WHEN array_remove(c.signature_methods, 'PLAINTEXT') <> '{}' THEN array_remove(c.signature_methods,
		'PLAINTEXT') ELSE '{HMAC-SHA1,HMAC-SHA256,HMAC-SHA512}' END))
	FROM oauth.client c
	WHERE c.disabled_at IS NULL AND c.grant_types && '{oauth1,oauth1_two_legged,oauth1_xauth}'
		AND coalesce('PLAINTEXT' = ANY (c.signature_methods), c.rsa_public_key IS NULL)
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_plaintext_signature FROM PUBLIC;
COMMENT ON VIEW oauth.check_plaintext_signature IS 'Clients of OAuth 1.0a that may sign with PLAINTEXT';

-- Signed requests for other hosts are accepted.
CREATE VIEW oauth.check_signed_host (severity, subject, finding, remedy) AS
	SELECT 'low', 'oauth.allowed_hosts', 'a request that was signed for another host is taken',
		format('ALTER DATABASE %I SET oauth.allowed_hosts = %L;  -- the hosts that clients know',
		current_database(),
		coalesce(substring(current_setting('oauth.issuer', true) FROM '//([^/]+)'), 'id.example.com'))
	WHERE EXISTS (SELECT FROM @extschema@.oauth_settings())
		AND trim(current_setting('oauth.allowed_hosts', true)) = ''
		AND EXISTS (SELECT FROM oauth.client WHERE disabled_at IS NULL
		AND (dpop_bound_access_tokens OR grant_types && '{oauth1,oauth1_two_legged,oauth1_xauth}'));
REVOKE ALL ON oauth.check_signed_host FROM PUBLIC;
COMMENT ON VIEW oauth.check_signed_host IS 'Signed requests for other hosts are accepted';

-- Clients whose tokens live long.
CREATE VIEW oauth.check_client_lifetime (severity, subject, finding, remedy) AS
	SELECT 'low', 'client ' || c.client_id,
		format('%s: %s is %s days', c.client_name, v.name, v.seconds / 86400),
		format('SELECT oauth_update_client(%L, %L);', c.client_id, jsonb_build_object(v.name, NULL))
	FROM oauth.client c
	CROSS JOIN LATERAL (VALUES
		('access_token_lifetime', c.access_token_lifetime, 86400),
		('refresh_token_lifetime', c.refresh_token_lifetime, 90 * 86400)
	) v (name, seconds, highest)
	WHERE c.disabled_at IS NULL AND v.seconds > v.highest
	ORDER BY c.client_id, v.name;
REVOKE ALL ON oauth.check_client_lifetime FROM PUBLIC;
COMMENT ON VIEW oauth.check_client_lifetime IS 'Clients whose tokens live long';

-- Redirect URIs on localhost, a name that can lead elsewhere (RFC 8252, section 8.3).
CREATE VIEW oauth.check_localhost_redirect (severity, subject, finding, remedy) AS
	SELECT 'low', 'client ' || c.client_id, c.client_name
		|| ' has redirect URIs on localhost, a name that may lead elsewhere',
		format('SELECT oauth_update_client(%L, %L);', c.client_id,
		jsonb_build_object('redirect_uris',
		(SELECT array_agg(DISTINCT regexp_replace(u, '^http://localhost([:/?]|$)', E'http://127.0.0.1\\1'))
		FROM unnest(c.redirect_uris) u)))
	FROM oauth.client c
	WHERE c.disabled_at IS NULL
		AND EXISTS (SELECT FROM unnest(c.redirect_uris) u WHERE u ~ '^http://localhost([:/?]|$)')
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_localhost_redirect FROM PUBLIC;
COMMENT ON VIEW oauth.check_localhost_redirect IS 'Redirect URIs on localhost, a name that can lead elsewhere (RFC '
	'8252, section 8.3)';

-- Clients with many redirect URIs.
CREATE VIEW oauth.check_redirect_count (severity, subject, finding, remedy) AS
	SELECT 'low', 'client ' || c.client_id,
		format('%s has %s redirect URIs', c.client_name, cardinality(c.redirect_uris)),
		format('SELECT oauth_update_client(%L, %L);', c.client_id,
		jsonb_build_object('redirect_uris',
		(SELECT array_agg(DISTINCT regexp_replace(u, '^http://localhost([:/?]|$)', E'http://127.0.0.1\\1'))
		FROM unnest(c.redirect_uris) u))) || '  -- without those that it does not need'
	FROM oauth.client c
	WHERE c.disabled_at IS NULL AND cardinality(c.redirect_uris) > 10
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_redirect_count FROM PUBLIC;
COMMENT ON VIEW oauth.check_redirect_count IS 'Clients with many redirect URIs';

-- Clients that were not told of logouts.
CREATE VIEW oauth.check_untold_client (severity, subject, finding, remedy) AS
	SELECT 'medium', 'client ' || c.client_id,
		format('%s was not told of %s logouts in the last week: %s', c.client_name, d.n, d.problem),
		format('SELECT oauth_update_client(%L, %L);  -- or the address that it has now', c.client_id,
		'{"backchannel_logout_uri": null}')
	FROM oauth.client c
	CROSS JOIN LATERAL (SELECT count(*) AS n, (array_agg(coalesce(f.problem, 'status ' || f.status) ORDER BY f.handle DESC))[1] AS problem
		FROM oauth.delivery f
		WHERE f.client_id = c.client_id AND f.failed_at IS NOT NULL) d
	WHERE c.disabled_at IS NULL AND c.backchannel_logout_uri IS NOT NULL AND d.n > 0
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_untold_client FROM PUBLIC;
COMMENT ON VIEW oauth.check_untold_client IS 'Clients that were not told of logouts';

-- Clients none of whose assertions or certificates can be looked up.
CREATE VIEW oauth.check_client_keys (severity, subject, finding, remedy) AS
	SELECT 'medium', 'client ' || c.client_id, format('%s cannot prove who it is: its keys could not be fetched from %s: %s', c.client_name,
		c.jwks_uri, d.problem),
		format('SELECT oauth_update_client(%L, %L);  -- or ask who runs it', c.client_id, '{"jwks": {"keys": [...]}}')
	FROM oauth.client c
	JOIN oauth.document d ON d.url = c.jwks_uri AND d.problem IS NOT NULL AND coalesce(d.fresh_until < clock_timestamp(), true)
	WHERE c.disabled_at IS NULL AND c.token_endpoint_auth_method IN ('private_key_jwt', 'self_signed_tls_client_auth')
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_client_keys FROM PUBLIC;
COMMENT ON VIEW oauth.check_client_keys IS 'Clients whose keys cannot be fetched, which have nothing else to prove who they are';

-- Clients none of whose authorization requests can be answered.
CREATE VIEW oauth.check_unsigned_request (severity, subject, finding, remedy) AS
	SELECT 'medium', 'client ' || c.client_id,
		c.client_name || ' must sign its requests, and has registered no key',
		format('SELECT oauth_update_client(%L, %L);  -- or give it jwks or jwks_uri', c.client_id,
		'{"require_signed_request_object": false}')
	FROM oauth.client c
	WHERE c.disabled_at IS NULL AND c.require_signed_request_object AND c.jwks IS NULL
		AND c.jwks_uri IS NULL AND c.rsa_public_key IS NULL
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_unsigned_request FROM PUBLIC;
COMMENT ON VIEW oauth.check_unsigned_request IS 'Clients that must sign their requests, and have no key';

-- Clients that are registered for OpenID Connect, and cannot ask for an ID token.
CREATE VIEW oauth.check_openid_scope (severity, subject, finding, remedy) AS
	SELECT 'low', 'client ' || c.client_id,
		c.client_name || ' is registered for OpenID Connect, but its scope has no openid',
		format('SELECT oauth_update_client(%L, %L);', c.client_id,
		jsonb_build_object('scope', concat_ws(' ', 'openid', nullif(c.scope, ''))))
	FROM oauth.client c
	WHERE c.disabled_at IS NULL AND c.scope IS NOT NULL
		AND NOT 'openid' = ANY (string_to_array(c.scope, ' '))
		AND (c.backchannel_logout_uri IS NOT NULL OR c.post_logout_redirect_uris IS NOT NULL
		OR c.id_token_signed_response_alg IS NOT NULL OR c.subject_type = 'pairwise')
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_openid_scope FROM PUBLIC;
COMMENT ON VIEW oauth.check_openid_scope IS 'Clients that are registered for OpenID Connect, and cannot ask for an ID token';

-- Client secrets that are older than a year.
CREATE VIEW oauth.check_secret_age (severity, subject, finding, remedy) AS
	SELECT 'low', 'client ' || c.client_id,
		format('%s has had its secret since %s', c.client_name, to_char(c.secret_set_at, 'YYYY-MM-DD')),
		format('SELECT oauth_rotate_client_secret(%L, overlap => %L);', c.client_id, '7 days')
	FROM oauth.client c
	WHERE c.disabled_at IS NULL AND c.secret_hash IS NOT NULL AND c.secret_set_at < now() - interval '1 year'
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_secret_age FROM PUBLIC;
COMMENT ON VIEW oauth.check_secret_age IS 'Client secrets that are older than a year';

-- Clients that registered themselves and have many users.
CREATE VIEW oauth.check_registered_client (severity, subject, finding, remedy) AS
	SELECT 'low', 'client ' || c.client_id,
		format('%s %s, and more than 100 users granted it access', c.client_name, CASE WHEN c.is_document
		THEN 'is described by a document of its own' ELSE 'registered itself' END),
		CASE WHEN c.is_document THEN format('SELECT oauth_update_client(%L, %L);  -- if it is to stay as it is; its '
		'document is not read any more then', c.client_id, '{}') ELSE format('UPDATE oauth.client SET registration_token_hash = NULL%s WHERE client_id = %L;  -- if it is '
		'to stay; it no longer changes itself then', CASE
		WHEN c.scope IS NULL THEN (SELECT format(', scope = %L', string_agg(s.scope, ' ' ORDER BY s.scope))
		FROM oauth.scope s WHERE s.is_advertised) END,
		c.client_id) END
	FROM oauth.client c
	WHERE c.disabled_at IS NULL AND (c.registration_token_hash IS NOT NULL OR c.is_document)
		AND (SELECT count(DISTINCT s.subject)
		FROM (SELECT g.subject FROM oauth.grant g WHERE g.client_id = c.client_id AND g.subject IS NOT NULL
		AND g.ended_at IS NULL LIMIT 10000) s) > 100
	ORDER BY c.client_id;
REVOKE ALL ON oauth.check_registered_client FROM PUBLIC;
COMMENT ON VIEW oauth.check_registered_client IS 'Clients that registered themselves and have many users';

-- Scopes that clients which register themselves may ask for.
CREATE VIEW oauth.check_advertised_scope (severity, subject, finding, remedy) AS
	SELECT 'low', CASE WHEN current_setting('oauth.registration', true) = 'open' THEN 'oauth.registration'
		ELSE 'oauth.client_id_metadata_documents' END, CASE WHEN current_setting('oauth.registration', true) = 'open'
		THEN 'clients that register themselves' ELSE 'clients that nobody registered' END || ' may ask users for '
		|| string_agg(scope, ' ' ORDER BY scope),
		format('SELECT oauth_register_scope(scope, description, is_default, is_advertised => false) FROM '
		'oauth.scope WHERE scope = ANY (%L);  -- those that you give to clients yourself',
		array_agg(scope ORDER BY scope) FILTER (WHERE NOT is_default
		AND scope NOT IN ('openid', 'profile', 'email', 'address', 'phone', 'offline_access')))
	FROM oauth.scope
	WHERE EXISTS (SELECT FROM @extschema@.oauth_settings())
		AND is_advertised AND (current_setting('oauth.registration', true) = 'open'
		OR current_setting('oauth.client_id_metadata_documents', true) = 'on')
	HAVING bool_or(NOT is_default
		AND scope NOT IN ('openid', 'profile', 'email', 'address', 'phone', 'offline_access'));
REVOKE ALL ON oauth.check_advertised_scope FROM PUBLIC;
COMMENT ON VIEW oauth.check_advertised_scope IS 'Scopes that clients which register themselves may ask for';

-- Documents of other servers that a shim was told not to fetch.
CREATE VIEW oauth.check_fetching (severity, subject, finding, remedy) AS
	SELECT 'medium', 'oauth.document', format('%s documents of other servers were wanted since yesterday, and a shim '
		'runs with --fetch=off', count(*)),
		'start the shims without --fetch=off, or put the documents there: SELECT oauth_keep_document(url, body);'
	FROM oauth.document
	WHERE problem LIKE 'fetching is switched off%' AND failed_at > now() - interval '1 day'
	HAVING count(*) > 0;
REVOKE ALL ON oauth.check_fetching FROM PUBLIC;
COMMENT ON VIEW oauth.check_fetching IS 'Documents of other servers that a shim was told not to fetch';

-- A master key that is older than a year.
CREATE VIEW oauth.check_master_key_age (severity, subject, finding, remedy) AS
	SELECT 'low', 'master key', 'in use since ' || to_char(created_at, 'YYYY-MM-DD'),
		'SELECT oauth_rotate_master_key();  -- then copy the file to replicas and backups'
	FROM oauth.master_key
	WHERE retired_at IS NULL AND created_at < now() - interval '1 year';
REVOKE ALL ON oauth.check_master_key_age FROM PUBLIC;
COMMENT ON VIEW oauth.check_master_key_age IS 'A master key that is older than a year';

-- Signing keys that are short, old, or used before verifiers know them.
CREATE VIEW oauth.check_signing_key (severity, subject, finding, remedy) AS
	SELECT v.severity, 'signing key ' || k.kid, k.alg || ': ' || v.finding, v.remedy
	FROM oauth.signing_key_overview k
	CROSS JOIN LATERAL (SELECT * FROM (VALUES
		('high', k.alg ~ '^[RP]S' AND k.bits < 2048, format('%s bits are too short', k.bits),
			format('SELECT oauth_retire_signing_key(%L);', k.kid)),
		('high',
			k.used_from < k.created_at + current_setting('oauth.signing_key_lead',
			true)::interval - interval '1 minute'
				AND k.created_at > now() - current_setting('oauth.signing_key_lead', true)::interval
				AND EXISTS (SELECT
			FROM oauth.signing_key_overview o
			WHERE o.alg = k.alg AND o.created_at < k.created_at AND o.used_from < k.used_from), CASE k.state
				WHEN 'used' THEN 'used before it was published for '
				ELSE 'will be used before it has been published for ' END
				|| current_setting('oauth.signing_key_lead', true)
				|| ', so that who keeps the key set cannot verify', CASE k.state
				WHEN 'used' THEN '-- restart those that verify, so that they ask for /oauth2/jwks again'
				ELSE format('UPDATE oauth.signing_key SET used_from = %L WHERE kid = %L;',
				k.created_at + current_setting('oauth.signing_key_lead', true)::interval, k.kid) END),
		('medium', k.state = 'used'
			AND k.used_from < now() - CASE current_setting('oauth.signing_key_lifetime', true)
			WHEN '0' THEN interval '1 year'
			ELSE current_setting('oauth.signing_key_lifetime', true)::interval + interval '1 day' END
			AND NOT EXISTS (SELECT FROM oauth.signing_key_overview n WHERE n.alg = k.alg
			AND n.state = 'published'
			AND n.used_from < now() + current_setting('oauth.signing_key_lead', true)::interval + interval '1 day'), 'signs since ' || to_char(k.used_from, 'YYYY-MM-DD'),
			'SELECT oauth_rotate_signing_keys();')
	) v (severity, is_so, finding, remedy) WHERE is_so ORDER BY severity LIMIT 1) v
	WHERE EXISTS (SELECT FROM @extschema@.oauth_settings())
		AND k.state IN ('published', 'used')
	ORDER BY k.created_at, k.kid;
REVOKE ALL ON oauth.check_signing_key FROM PUBLIC;
COMMENT ON VIEW oauth.check_signing_key IS 'Signing keys that are short, old, or used before verifiers know them';

-- Algorithms that clients ask for, without a key.
CREATE VIEW oauth.check_missing_signing_key (severity, subject, finding, remedy) AS
	SELECT 'low', 'signing key', format('there is none for %s, which clients or resources ask for (%s): the first '
		'signature makes it, before anybody can have seen it', alg, askers),
		format('SELECT oauth_create_signing_key(%L);', alg)
	FROM oauth.wanted_signing_alg
	WHERE NOT has_key
	ORDER BY alg;
REVOKE ALL ON oauth.check_missing_signing_key FROM PUBLIC;
COMMENT ON VIEW oauth.check_missing_signing_key IS 'Algorithms that clients and resources ask for, and that have no signing key';

-- Expired rows that were not removed.
CREATE VIEW oauth.check_expired_row (severity, subject, finding, remedy) AS
	SELECT 'low', 'oauth_purge_expired()', 'rows that expired on ' || to_char(min(oldest), 'YYYY-MM-DD')
		|| ' are still there',
		'SELECT oauth_purge_expired();  -- every minute, and again while it returns more than 0'
	FROM (SELECT min(a.expires_at) FROM (SELECT expires_at FROM oauth.access_token
			ORDER BY handle LIMIT 1000) a
		UNION ALL SELECT min(expires_at)
		FROM oauth.refresh_token
		UNION ALL SELECT min(expires_at)
		FROM oauth.authorization_code
		UNION ALL SELECT min(expires_at)
		FROM oauth.session
		UNION ALL SELECT min(expires_at)
		FROM oauth.device_code
		UNION ALL SELECT min(expires_at)
		FROM oauth.request_token) e (oldest)
	HAVING min(oldest) < now() - interval '1 day';
REVOKE ALL ON oauth.check_expired_row FROM PUBLIC;
COMMENT ON VIEW oauth.check_expired_row IS 'Expired rows that were not removed';

-- Nobody removes ended rows.
CREATE VIEW oauth.check_purge (severity, subject, finding, remedy) AS
	SELECT 'medium',
		'oauth_purge_expired()', CASE WHEN s.last IS NULL THEN 'nothing that has ended was ever removed'
		ELSE 'nothing that has ended was removed since ' || to_char(s.last, 'YYYY-MM-DD HH24:MI') END,
		'-- start the shim without --purge-interval=0, or, as root: systemctl enable --now oauth-purge.timer'
	FROM (SELECT max(swept_at) AS last FROM oauth.sweep) s
	WHERE coalesce(s.last, (SELECT min(created_at) FROM oauth.client)) < now() - interval '1 day';
REVOKE ALL ON oauth.check_purge FROM PUBLIC;
COMMENT ON VIEW oauth.check_purge IS 'Nobody removes ended rows';

-- Rows that refer to rows which a restore did not bring.
CREATE VIEW oauth.check_restored_reference (severity, subject, finding, remedy) AS
	SELECT 'high', 'oauth.client_origin',
		'some rows have a client_id that is not in oauth.client: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.client_origin c WHERE c.client_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.client p WHERE p.client_id = c.client_id))
	UNION ALL SELECT 'high', 'oauth.user',
		'some rows have a subject that is not in oauth.subject: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.user c WHERE c.subject IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.subject p WHERE p.subject = c.subject))
	UNION ALL SELECT 'high', 'oauth.grant',
		'some rows have a client_id that is not in oauth.client: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.grant c WHERE c.client_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.client p WHERE p.client_id = c.client_id))
	UNION ALL SELECT 'high', 'oauth.grant',
		'some rows have a subject that is not in oauth.subject: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.grant c WHERE c.subject IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.subject p WHERE p.subject = c.subject))
	UNION ALL SELECT 'high', 'oauth.access_token',
		'some rows have a grant_handle that is not in oauth.grant: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.access_token c WHERE c.grant_handle IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.grant p WHERE p.handle = c.grant_handle))
	UNION ALL SELECT 'high', 'oauth.refresh_token',
		'some rows have a grant_handle that is not in oauth.grant: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.refresh_token c WHERE c.grant_handle IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.grant p WHERE p.handle = c.grant_handle))
	UNION ALL SELECT 'high', 'oauth.authorization_code',
		'some rows have a grant_handle that is not in oauth.grant: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.authorization_code c WHERE c.grant_handle IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.grant p WHERE p.handle = c.grant_handle))
	UNION ALL SELECT 'high', 'oauth.oauth1_token',
		'some rows have a grant_handle that is not in oauth.grant: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.oauth1_token c WHERE c.grant_handle IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.grant p WHERE p.handle = c.grant_handle))
	UNION ALL SELECT 'high', 'oauth.request_token',
		'some rows have a client_id that is not in oauth.client: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.request_token c WHERE c.client_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.client p WHERE p.client_id = c.client_id))
	UNION ALL SELECT 'high', 'oauth.request_token',
		'some rows have a subject that is not in oauth.subject: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.request_token c WHERE c.subject IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.subject p WHERE p.subject = c.subject))
	UNION ALL SELECT 'high', 'oauth.consent',
		'some rows have a subject that is not in oauth.subject: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.consent c WHERE c.subject IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.subject p WHERE p.subject = c.subject))
	UNION ALL SELECT 'high', 'oauth.consent',
		'some rows have a client_id that is not in oauth.client: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.consent c WHERE c.client_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.client p WHERE p.client_id = c.client_id))
	UNION ALL SELECT 'high', 'oauth.session',
		'some rows have a subject that is not in oauth.subject: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.session c WHERE c.subject IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.subject p WHERE p.subject = c.subject))
	UNION ALL SELECT 'high', 'oauth.login_request',
		'some rows have a client_id that is not in oauth.client: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.login_request c WHERE c.client_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.client p WHERE p.client_id = c.client_id))
	UNION ALL SELECT 'high', 'oauth.login_request',
		'some rows have a subject that is not in oauth.subject: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.login_request c WHERE c.subject IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.subject p WHERE p.subject = c.subject))
	UNION ALL SELECT 'high', 'oauth.pushed_request',
		'some rows have a client_id that is not in oauth.client: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.pushed_request c WHERE c.client_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.client p WHERE p.client_id = c.client_id))
	UNION ALL SELECT 'high', 'oauth.device_code',
		'some rows have a client_id that is not in oauth.client: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.device_code c WHERE c.client_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.client p WHERE p.client_id = c.client_id))
	UNION ALL SELECT 'high', 'oauth.device_code',
		'some rows have a subject that is not in oauth.subject: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.device_code c WHERE c.subject IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.subject p WHERE p.subject = c.subject))
	UNION ALL SELECT 'high', 'oauth.delivery',
		'some rows have a client_id that is not in oauth.client: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.delivery c WHERE c.client_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM oauth.client p WHERE p.client_id = c.client_id))
	UNION ALL SELECT 'high', 'oauth.second_factor',
		'some rows have a subject that is not in oauth.user: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.second_factor c
		WHERE NOT EXISTS (SELECT FROM oauth.user p WHERE p.subject = c.subject))
	UNION ALL SELECT 'high', 'oauth.recovery_code',
		'some rows have a subject that is not in oauth.user: it was restored in part',
		'-- restore the dump again, into an empty database: docs/operations.md'
	WHERE EXISTS (SELECT FROM oauth.recovery_code c
		WHERE NOT EXISTS (SELECT FROM oauth.user p WHERE p.subject = c.subject));
REVOKE ALL ON oauth.check_restored_reference FROM PUBLIC;
COMMENT ON VIEW oauth.check_restored_reference IS 'Rows that refer to rows which a restore did not bring';

-- Tables that had rows in the dump, and have none here.
CREATE VIEW oauth.check_restored_table (severity, subject, finding, remedy) AS
	SELECT 'high', format('oauth.%I', d.relation),
		format('had rows in the dump that was restored here (%s), and has none', d.rows),
		format('-- restore the dump again: docs/operations.md.  If they are gone for good: DELETE FROM '
		'oauth.dumped WHERE relation = %L;',
		d.relation)
	FROM oauth.dumped d
	WHERE NOT CASE d.relation WHEN 'access_token' THEN EXISTS (SELECT FROM oauth.access_token)
		WHEN 'authorization_details_type' THEN EXISTS (SELECT FROM oauth.authorization_details_type)
		WHEN 'claims_function' THEN EXISTS (SELECT FROM oauth.claims_function)
		WHEN 'client' THEN EXISTS (SELECT FROM oauth.client)
		WHEN 'client_origin' THEN EXISTS (SELECT FROM oauth.client_origin)
		WHEN 'consent' THEN EXISTS (SELECT FROM oauth.consent)
		WHEN 'grant' THEN EXISTS (SELECT FROM oauth.grant)
		WHEN 'imported_key' THEN EXISTS (SELECT FROM oauth.imported_key)
		WHEN 'imported_token' THEN EXISTS (SELECT FROM oauth.imported_token)
		WHEN 'master_key' THEN EXISTS (SELECT FROM oauth.master_key)
		WHEN 'oauth1_token' THEN EXISTS (SELECT FROM oauth.oauth1_token)
		WHEN 'page' THEN EXISTS (SELECT FROM oauth.page)
		WHEN 'pairwise_key' THEN EXISTS (SELECT FROM oauth.pairwise_key)
		WHEN 'protected_function' THEN EXISTS (SELECT FROM oauth.protected_function)
		WHEN 'recovery_code' THEN EXISTS (SELECT FROM oauth.recovery_code)
		WHEN 'refresh_token' THEN EXISTS (SELECT FROM oauth.refresh_token)
		WHEN 'registered_resource' THEN EXISTS (SELECT FROM oauth.registered_resource)
		WHEN 'scope' THEN EXISTS (SELECT FROM oauth.scope)
		WHEN 'second_factor' THEN EXISTS (SELECT FROM oauth.second_factor)
		WHEN 'session' THEN EXISTS (SELECT FROM oauth.session)
		WHEN 'signing_key' THEN EXISTS (SELECT FROM oauth.signing_key)
		WHEN 'subject' THEN EXISTS (SELECT FROM oauth.subject)
		WHEN 'trusted_issuer' THEN EXISTS (SELECT FROM oauth.trusted_issuer) WHEN 'user' THEN EXISTS (SELECT FROM oauth.user)
		WHEN 'user_source' THEN EXISTS (SELECT FROM oauth.user_source) ELSE true END
	ORDER BY d.relation;
REVOKE ALL ON oauth.check_restored_table FROM PUBLIC;
COMMENT ON VIEW oauth.check_restored_table IS 'Tables that had rows in the dump, and have none here';

-- All of them.
CREATE VIEW oauth.finding AS
	SELECT * FROM oauth.check_issuer
	UNION ALL SELECT * FROM oauth.check_setting
	UNION ALL SELECT * FROM oauth.check_key_file_shown
	UNION ALL SELECT * FROM oauth.check_tls
	UNION ALL SELECT * FROM oauth.check_version
	UNION ALL SELECT * FROM oauth.check_public_function
	UNION ALL SELECT * FROM oauth.check_table_privilege
	UNION ALL SELECT * FROM oauth.check_schema_privilege
	UNION ALL SELECT * FROM oauth.check_predefined_role
	UNION ALL SELECT * FROM oauth.check_shim_role
	UNION ALL SELECT * FROM oauth.check_function_privilege
	UNION ALL SELECT * FROM oauth.check_grant_option
	UNION ALL SELECT * FROM oauth.check_type_privilege
	UNION ALL SELECT * FROM oauth.check_logged_parameter
	UNION ALL SELECT * FROM oauth.check_shim_superuser
	UNION ALL SELECT * FROM oauth.check_database_login
	UNION ALL SELECT * FROM oauth.check_published_function
	UNION ALL SELECT * FROM oauth.check_application_function
	UNION ALL SELECT * FROM oauth.check_trusted_issuer
	UNION ALL SELECT * FROM oauth.check_authorization_details_type
	UNION ALL SELECT * FROM oauth.check_policy
	UNION ALL SELECT * FROM oauth.check_user_source
	UNION ALL SELECT * FROM oauth.check_second_factor
	UNION ALL SELECT * FROM oauth.check_password_grant
	UNION ALL SELECT * FROM oauth.check_plaintext_signature
	UNION ALL SELECT * FROM oauth.check_signed_host
	UNION ALL SELECT * FROM oauth.check_client_lifetime
	UNION ALL SELECT * FROM oauth.check_localhost_redirect
	UNION ALL SELECT * FROM oauth.check_redirect_count
	UNION ALL SELECT * FROM oauth.check_untold_client
	UNION ALL SELECT * FROM oauth.check_unsigned_request
	UNION ALL SELECT * FROM oauth.check_client_keys
	UNION ALL SELECT * FROM oauth.check_openid_scope
	UNION ALL SELECT * FROM oauth.check_secret_age
	UNION ALL SELECT * FROM oauth.check_registered_client
	UNION ALL SELECT * FROM oauth.check_advertised_scope
	UNION ALL SELECT * FROM oauth.check_fetching
	UNION ALL SELECT * FROM oauth.check_master_key_age
	UNION ALL SELECT * FROM oauth.check_signing_key
	UNION ALL SELECT * FROM oauth.check_missing_signing_key
	UNION ALL SELECT * FROM oauth.check_expired_row
	UNION ALL SELECT * FROM oauth.check_purge
	UNION ALL SELECT * FROM oauth.check_restored_reference
	UNION ALL SELECT * FROM oauth.check_restored_table;
REVOKE ALL ON oauth.finding FROM PUBLIC;
COMMENT ON VIEW oauth.finding IS 'What the views check_* find; oauth_check() adds what only the server''s process '
	'knows';
-- privileges.sql: the end of the install script, and of every upgrade script.
-- SPDX-License-Identifier: PostgreSQL
--
-- Revokes what default privileges of the role that runs the script, global ones or of a schema, gave on its objects.

SELECT @extschema@._oauth_revoke_default_privileges();
