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
