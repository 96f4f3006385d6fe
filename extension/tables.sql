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
