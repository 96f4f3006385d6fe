-- clients.sql: registering, changing and ending clients (RFC 6749, section 2; RFC 7591, sections 2 and 3.2.1).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never

-- What came of it: the answer, or SQLSTATE, message, detail and hint in one line.
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	message text;
	detail text;
	hint text;
BEGIN
	EXECUTE statement INTO answer;
	RETURN answer;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE, message, nullif(detail, ''), nullif(hint, ''));
END $$;
-- The metadata of a client without what is different each time.
CREATE FUNCTION pg_temp.shape(metadata jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_object_agg(key, CASE WHEN key IN ('client_id', 'client_id_issued_at', 'client_secret') THEN to_jsonb('...'::text) ELSE value END) FROM jsonb_each(metadata) $$;
CREATE FUNCTION pg_temp.register(metadata text) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.try(format('SELECT (pg_temp.shape(oauth_register_client_metadata(%L)) - ''client_id'' - ''client_id_issued_at'' - ''client_secret'' - ''client_secret_expires_at'')::text', metadata)) $$;
-- Whether the client may in with that secret, by the token endpoint.
CREATE FUNCTION pg_temp.login(client_id text, secret text) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(convert_from(body, 'UTF8')::jsonb ->> 'error', 'in') FROM oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'],
		convert_to(format('grant_type=client_credentials&client_id=%s&client_secret=%s', client_id, secret), 'UTF8'), 'http', NULL)) $$;

\echo -- Core, section 16.19; Dynamic Registration 1.0, section 3.2; RFC 8725, section 3.5: a client: its id is 128 random bits, its secret 256, and only a digest of the secret is kept (R210)
SELECT client_id ~ '^[0-9a-f]{32}$', client_secret ~ '^ocs_[-_A-Za-z0-9]{43}$' FROM oauth_register_client('Photo printer', grant_types => '{client_credentials}');
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('Photo printer', grant_types => '{client_credentials}', access_token_lifetime => '1 hour', refresh_token_lifetime => '1 day') \gset
SELECT client_name, client_type, token_endpoint_auth_method, grant_types, redirect_uris, scope, access_token_lifetime, refresh_token_lifetime, metadata,
	secret_hash = sha256(convert_to(:'secret', 'UTF8')), secret_sealed IS NULL, old_secret_hash IS NULL, disabled_at IS NULL FROM oauth.client WHERE client_id = :'id';
SET client_min_messages = warning;
SELECT count(*), count(DISTINCT client_id), count(DISTINCT client_secret) FROM generate_series(1, 500) n, oauth_register_client('many ' || n, grant_types => '{}');
RESET client_min_messages;
\echo -- a public client has no secret and the method none
SELECT client_id AS public, client_secret IS NULL AS none FROM oauth_register_client('Phone', grant_types => '{refresh_token}', client_type => 'public') \gset
\echo :none
SELECT token_endpoint_auth_method, secret_hash IS NULL FROM oauth.client WHERE client_id = :'public';
\echo -- one that signs has a secret that is sealed too
SELECT client_id AS signer, client_secret AS signer_secret FROM oauth_register_client('Signer', grant_types => '{oauth1}') \gset
SELECT secret_hash IS NOT NULL, octet_length(secret_sealed) - octet_length(:'signer_secret'), strpos(encode(secret_sealed, 'escape'), :'signer_secret') FROM oauth.client WHERE client_id = :'signer';
\echo -- grants are kept once, scopes in their plain form
SELECT client_id AS twice FROM oauth_register_client('twice', grant_types => '{password,refresh_token,password}', scope => '  write   read write ') \gset
SELECT grant_types, '[' || scope || ']' FROM oauth.client WHERE client_id = :'twice';
\echo -- what RFC 6749 wants and is not there yet is a notice
SELECT client_secret IS NOT NULL FROM oauth_register_client('no redirect_uri');

\echo -- each fault once
SELECT pg_temp.try('SELECT oauth_register_client(' || arguments || ')') FROM (VALUES
	('client_name => ''''', 1),
	('client_name => E''a\tb''', 2),
	('client_name => repeat(''x'', 256)', 3),
	('''x'', client_type => ''Public''', 4),
	('''x'', grant_types => ''{implicit}''', 5),
	('''x'', grant_types => ''{Password}''', 6),
	('''x'', grant_types => ''{client_credentials}'', client_type => ''public''', 7),
	('''x'', grant_types => ''{oauth1}'', client_type => ''public''', 8),
	('''x'', grant_types => ''{}'', client_type => ''public'', token_endpoint_auth_method => ''client_secret_basic''', 9),
	('''x'', grant_types => ''{}'', token_endpoint_auth_method => ''none''', 10),
	('''x'', grant_types => ''{}'', token_endpoint_auth_method => ''private_key_jwt''', 11),
	('''x'', grant_types => ''{}'', scope => ''''', 12),
	('''x'', grant_types => ''{}'', scope => ''read "write"''', 13),
	('''x'', grant_types => ''{}'', scope => ''read nothing no_such''', 14),
	('''x'', grant_types => ''{}'', access_token_lifetime => ''0.5 seconds''', 15),
	('''x'', grant_types => ''{}'', refresh_token_lifetime => ''70 years''', 16)) v (arguments, n) ORDER BY n;

\echo -- R163: redirect URIs that are none (RFC 6749, section 3.1.2; RFC 8252, section 8.4)
SELECT uri, pg_temp.try(format('SELECT 1 FROM oauth_register_client(''x'', ARRAY[%L])', uri)) FROM (VALUES ('', 1), ('/callback', 2), ('https:', 3), ('https://', 4),
	('https:///callback', 5), ('https://?x', 6), ('http://example.com/', 7), ('http://127.0.0.1.example.com/', 8), ('http://localhost.example.com/', 9), ('http://localhost@example.com/', 10),
	('https://user:secret@example.com/', 11), ('https://example.com/#', 12), ('https://example.com/a b', 13), (E'https://example.com/\r\nX: y', 14), ('https://example.com\.evil.example/', 15),
	('https://ex\u0430mple.com/', 16), ('https://exämple.com/', 17), ('javascript:alert(1)', 18), ('JavaScript:alert(1)//.', 19), ('data:text/html,x', 20), ('file:///etc/passwd', 21), ('//example.com/', 22),
	('HTTP://example.com/', 23), ('HTTPS://@/', 24), ('http://[::1', 25), ('http://[::1]evil.example/', 26), ('http://127.0.0.1:8000@evil.example/', 27), ('1https://example.com/', 28), ('com.example.app', 29),
	('https://example.com/{x}', 30), ('https://example.com/|', 31), ('http://127.0.0.1:80evil.example/', 32), ('https://:443/', 33), ('http:example.com', 34), ('https:/example.com', 35)) v (uri, n) ORDER BY n;
SELECT uri, pg_temp.try(format('SELECT 1 FROM oauth_register_client(''x'', ARRAY[%L])', uri)) FROM unnest(ARRAY['https://example.com:65536/', 'https://example.com:0/', 'http://127.0.0.1:99999/cb', 'https://example.com:99999999999999999999/', 'blob:x', 'about:blank', 'vbscript:x', 'VBScript:x', 'view-source:https://example.com/', 'ws://example.com/', 'wss://example.com/', 'ftp://example.com/', 'jar:x', 'intent://x', 'filesystem:x',
	'mailto:a@example.com', 'chrome-extension://abc/cb', 'HtTp:x', 'localhost:3000/cb']) uri;
\echo -- a scheme that any program may claim (RFC 8252, section 8.4): with a notice, unless the setting names it; some never
SELECT uri, pg_temp.try(format('SELECT ''registered'' FROM oauth_register_client(''x'', ARRAY[%L])', uri)) FROM unnest(ARRAY['cursor://anysphere.cursor-mcp/oauth/callback', 'vscode:/x', 'Cursor://x']) uri;
SELECT oauth_register_client_metadata('{"redirect_uris": ["http://127.0.0.1/cb", "my-app:/cb"]}') ->> 'client_id' AS mine \gset
SELECT oauth_update_client(:'mine', '{"client_name": "Mine"}') -> 'redirect_uris', oauth_update_client(:'mine', '{"redirect_uris": ["my-app:/cb", "my-app2:/cb"]}') -> 'redirect_uris';
SET oauth.redirect_schemes = ' cursor  vscode ';
SELECT uri, pg_temp.try(format('SELECT ''registered'' FROM oauth_register_client(''x'', ARRAY[%L])', uri)) FROM unnest(ARRAY['cursor://anysphere.cursor-mcp/oauth/callback', 'vscode:/x', 'Cursor://x', 'curso:x', 'cursors:x']) uri;
SELECT schemes, pg_temp.try(format('SET oauth.redirect_schemes = %L', schemes)) FROM unnest(ARRAY['javascript', 'x JavaScript', 'https', 'HTTP', 'data', 'file', 'blob', 'about', 'vbscript', 'a,b', 'a:', '1a', 'x/y', '*', 'é']) schemes;
RESET oauth.redirect_schemes;
\echo -- and those that are
SELECT uri, pg_temp.try(format('SELECT ''registered'' FROM oauth_register_client(''x'', ARRAY[%L])', uri)) FROM (VALUES ('https://example.com', 1), ('https://example.com:8443/callback?a=b&c=%20', 2), ('http://localhost:9/', 3),
	('http://127.0.0.1/callback', 4), ('http://[::1]:9/x', 5), ('com.example.app:/callback', 6), ('https://example.com/~x/;y=(z)*!$''', 7)) v (uri, n) ORDER BY n;
SELECT pg_temp.try('SELECT 1 FROM oauth_register_client(''x'', array_fill(''https://example.com/''::text, ARRAY[51]))');

\echo -- R162: metadata in, client information out (RFC 7591, sections 2 and 3.2.1)
SELECT jsonb_pretty(pg_temp.shape(oauth_register_client_metadata('{"client_name": "Nähmaschine", "redirect_uris": ["https://example.com/callback"], "scope": "read write",
	"grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"], "token_endpoint_auth_method": "client_secret_post", "access_token_lifetime": 60,
	"client_uri": "https://example.com/", "contacts": ["a@example.com"], "software_id": "x", "software_version": "1", "unknown": 1, "client_id": "mine", "client_secret": "mine"}')));
\echo -- what is not said has its default (section 2), and what is null too
SELECT pg_temp.register('{"redirect_uris": ["https://example.com/"]}');
SELECT pg_temp.register('{"redirect_uris": ["https://example.com/"], "client_name": null, "grant_types": null, "token_endpoint_auth_method": null, "scope": null, "access_token_lifetime": null, "logo_uri": null}');
SELECT pg_temp.register('{"token_endpoint_auth_method": "none", "grant_types": []}');
\echo -- R164, R169: metadata that is malformed, or contradicts itself
SELECT metadata, pg_temp.register(metadata) FROM (VALUES ('[]', 1), ('"x"', 2), ('null', 3), ('{}', 4), ('{"grant_types": "password"}', 5), ('{"grant_types": [1]}', 6), ('{"grant_types": {"a": 1}}', 7),
	('{"grant_types": [["password"]]}', 8), ('{"grant_types": ["x"]}', 9), ('{"client_name": 1}', 10), ('{"client_name": ""}', 11), ('{"scope": ["read"]}', 12), ('{"scope": "none_such"}', 13),
	('{"redirect_uris": "https://example.com/"}', 14), ('{"redirect_uris": []}', 15), ('{"redirect_uris": ["javascript:alert(1)"]}', 16), ('{"token_endpoint_auth_method": "x"}', 17),
	('{"token_endpoint_auth_method": "none", "grant_types": ["client_credentials"]}', 18), ('{"response_types": ["token"]}', 19), ('{"response_types": ["code"], "grant_types": ["password"]}', 20),
	('{"grant_types": [], "access_token_lifetime": 0}', 21), ('{"grant_types": [], "access_token_lifetime": "1"}', 22), ('{"grant_types": [], "access_token_lifetime": 1e400}', 23), ('{"grant_types": [], "refresh_token_lifetime": -1}', 24),
	('{"grant_types": [], "client_uri": "javascript:alert(1)"}', 25), ('{"grant_types": [], "logo_uri": "https://example.com/\"onload=\""}', 26), ('{"grant_types": [], "tos_uri": {}}', 27), ('{"grant_types": [], "policy_uri": "x"}', 28),
	('{"grant_types": [], "contacts": "a@example.com"}', 29), ('{"grant_types": [], "contacts": [""]}', 30), ('{"grant_types": [], "software_id": "a\u0007"}', 31), ('{"grant_types": [], "software_version": 1}', 32)) v (metadata, n) ORDER BY n;
SELECT pg_temp.register(jsonb_build_object('grant_types', '[]'::jsonb, 'contacts', (SELECT jsonb_agg(n::text) FROM generate_series(1, 51) n))::text);
SELECT pg_temp.register('{"a": ' || repeat('[', 1000) || repeat(']', 1000) || ', "grant_types": []}');

\echo -- an update changes what it names, null brings the default back, and no answer shows a secret
SELECT pg_temp.shape(oauth_update_client(:'id', '{"client_name": "Photo press", "scope": "write", "access_token_lifetime": null, "tos_uri": "https://example.com/tos"}'));
SELECT pg_temp.shape(oauth_update_client(:'id', '{"scope": null, "tos_uri": null, "logo_uri": "https://example.com/logo", "client_id": "mine", "client_secret": "mine"}'));
SELECT pg_temp.shape(oauth_update_client(:'id', '{}'));
SELECT updated_at = now(), created_at < updated_at FROM oauth.client WHERE client_id = :'id';
SELECT pg_temp.login(:'id', :'secret');
\echo -- what an update cannot do; it then changes nothing
SELECT pg_temp.try(format('SELECT oauth_update_client(%L, %L)', CASE WHEN n = 1 THEN 'nobody' ELSE :'id' END, metadata)) FROM (VALUES ('{}', 1), ('[]', 2), ('{"client_name": "x", "grant_types": ["x"]}', 3),
	('{"client_name": "x", "token_endpoint_auth_method": "none", "grant_types": []}', 4), ('{"client_name": "x", "grant_types": ["oauth1"]}', 5), ('{"client_name": "x", "redirect_uris": ["x"]}', 6)) v (metadata, n) ORDER BY n;
SELECT pg_temp.try(format('SELECT oauth_update_client(%L, %L)', :'public', '{"token_endpoint_auth_method": "client_secret_basic"}'));
SELECT client_name, grant_types FROM oauth.client WHERE client_id = :'id';
\echo -- a client that no longer signs loses its sealed secret
SELECT oauth_update_client(:'signer', '{"grant_types": ["client_credentials"]}') -> 'grant_types';
SELECT secret_sealed IS NULL, secret_hash IS NOT NULL FROM oauth.client WHERE client_id = :'signer';
SELECT pg_temp.login(:'signer', :'signer_secret');

\echo -- rotating the secret: the old one ends at once, or after the overlap
SELECT oauth_rotate_client_secret(:'id') AS second \gset
SELECT :'second' ~ '^ocs_[-_A-Za-z0-9]{43}$', :'second' <> :'secret', pg_temp.login(:'id', :'secret'), pg_temp.login(:'id', :'second');
SELECT oauth_rotate_client_secret(:'id', overlap => '1 day') AS third \gset
SELECT pg_temp.login(:'id', :'secret'), pg_temp.login(:'id', :'second'), pg_temp.login(:'id', :'third');
UPDATE oauth.client SET old_secret_expires_at = now() WHERE client_id = :'id';
SELECT pg_temp.login(:'id', :'second'), pg_temp.login(:'id', :'third');
\echo -- the overlap is that of the last rotation
SELECT oauth_rotate_client_secret(:'id', '1 day') AS fourth \gset
SELECT oauth_rotate_client_secret(:'id', '1 day') AS fifth \gset
SELECT pg_temp.login(:'id', :'third'), pg_temp.login(:'id', :'fourth'), pg_temp.login(:'id', :'fifth');
SELECT oauth_rotate_client_secret(:'id', '-1 day') AS sixth \gset
SELECT pg_temp.login(:'id', :'fifth'), pg_temp.login(:'id', :'sixth'), old_secret_hash IS NULL FROM oauth.client WHERE client_id = :'id';
SELECT pg_temp.try(format('SELECT oauth_rotate_client_secret(%L)', :'public')) LIKE format('22023 | client "%s" is public and has no secret | %%', :'public');
SELECT pg_temp.try('SELECT oauth_rotate_client_secret(''nobody'')');
SELECT client_id AS signer FROM oauth_register_client('signer again', grant_types => '{oauth1}') \gset
SELECT secret_sealed AS before FROM oauth.client WHERE client_id = :'signer' \gset
SELECT oauth_rotate_client_secret(:'signer', '1 hour') IS NOT NULL;
SELECT old_secret_sealed = :'before', secret_sealed <> :'before' FROM oauth.client WHERE client_id = :'signer';

\echo -- disabling refuses the client and ends its tokens; enabling lets the client in again, and the tokens stay ended
SELECT access_token AS token FROM oauth_issue_token(:'id', 'clients-1') \gset
SELECT access_token AS own FROM oauth_issue_token(:'id') \gset
SELECT oauth_disable_client(:'id'), oauth_disable_client(:'id');
SELECT a.active, b.active, pg_temp.login(:'id', :'sixth') FROM oauth_verify_token(:'token') a, oauth_verify_token(:'own') b;
SELECT oauth_enable_client(:'id'), oauth_enable_client(:'id');
SELECT a.active, b.active, pg_temp.login(:'id', :'sixth') FROM oauth_verify_token(:'token') a, oauth_verify_token(:'own') b;
SELECT access_token AS own FROM oauth_issue_token(:'id') \gset
SELECT active FROM oauth_verify_token(:'own');
\echo -- in the transaction of the caller
BEGIN;
SELECT access_token AS token FROM oauth_issue_token(:'id', 'clients-1') \gset
SAVEPOINT before;
SELECT oauth_disable_client(:'id');
SELECT active FROM oauth_verify_token(:'token');
ROLLBACK TO before;
SELECT active FROM oauth_verify_token(:'token');
COMMIT;
\echo -- deleting is for good
SELECT oauth_delete_client(:'id');
SELECT active, pg_temp.login(:'id', :'sixth') FROM oauth_verify_token(:'token');
SELECT replace(pg_temp.try(format('SELECT %s(%L)', name, :'id')), :'id', 'ID') FROM unnest(ARRAY['oauth_delete_client', 'oauth_disable_client', 'oauth_enable_client', 'oauth_rotate_client_secret', 'oauth_issue_token', 'oauth_revoke_client']) name;
SELECT pg_temp.try(format('SELECT oauth_update_client(%L, ''{}'')', :'id')) LIKE '42704 |%';
