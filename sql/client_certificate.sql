-- client_certificate.sql: client certificates (RFC 8705), as the shim hands them on.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET oauth.issuer = 'https://auth.example.com';

-- photo: emailAddress=print@example.com,CN=Photo Printer,UID=7+OU=Photos,O=Example\, Inc.,C=DE, with subject alternative names;
-- again: another certificate of its key; same: its CN and nothing else; utf8: CN=Zoë,DC=example,DC=com
\set photo 'MIIC3DCCAoKgAwIBAgIUTiZmkfK9UoHXJ71Awhme4wQ7EOIwCgYIKoZIzj0EAwIwgYExCzAJBgNVBAYTAkRFMRYwFAYDVQQKDA1FeGFtcGxlLCBJbmMuMSAwDQYDVQQLDAZQaG90b3MwDwYKCZImiZPyLGQBAQwBNzEWMBQGA1UEAwwNUGhvdG8gUHJpbnRlcjEgMB4GCSqGSIb3DQEJARYRcHJpbnRAZXhhbXBsZS5jb20wIBcNMjYxMTI4MjIyNjM2WhgPMjA4MTA4MzEyMjI2MzZaMIGBMQswCQYDVQQGEwJERTEWMBQGA1UECgwNRXhhbXBsZSwgSW5jLjEgMA0GA1UECwwGUGhvdG9zMA8GCgmSJomT8ixkAQEMATcxFjAUBgNVBAMMDVBob3RvIFByaW50ZXIxIDAeBgkqhkiG9w0BCQEWEXByaW50QGV4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8qSHRPx0R8CH/cuXQbvdYdZ1aRmJ5f6lDN0nhOids41yC5aG1kut1y3o+VaYgQmdJE9zsFMR37+uF/SECqZ48qOB0zCB0DAdBgNVHQ4EFgQUO36qAuj57ixpNHjEURNeI5WkdUcwHwYDVR0jBBgwFoAUO36qAuj57ixpNHjEURNeI5WkdUcwDwYDVR0TAQH/BAUwAwEB/zB9BgNVHREEdjB0ghFwaG90by5leGFtcGxlLmNvbYISKi53aWxkLmV4YW1wbGUuY29thiBodHRwczovL3Bob3RvLmV4YW1wbGUuY29tL2NsaWVudIcEwAACB4cQIAENuAAAAAAAAAAAAAAAB4ERcHJpbnRAZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDSAAwRQIgAlMdGslgG0wey7bwvm5shoNUynWLI7oou9PQdDjffd8CIQCNadbd037GiM4wCXeoZFIOzeiV2QD6K6DFJORtFoSlaQ=='
\set again 'MIIBeDCCAR2gAwIBAgIUNSI6KIwSC2E6qJFi1VmTAq+PQxowCgYIKoZIzj0EAwIwEDEOMAwGA1UEAwwFYWdhaW4wIBcNMjYxMTI4MjIyNjM4WhgPMjA4MTA4MzEyMjI2MzhaMBAxDjAMBgNVBAMMBWFnYWluMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8qSHRPx0R8CH/cuXQbvdYdZ1aRmJ5f6lDN0nhOids41yC5aG1kut1y3o+VaYgQmdJE9zsFMR37+uF/SECqZ48qNTMFEwHQYDVR0OBBYEFDt+qgLo+e4saTR4xFETXiOVpHVHMB8GA1UdIwQYMBaAFDt+qgLo+e4saTR4xFETXiOVpHVHMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAI7Is/pW6EfqKvSwXVAbm+Ix83RHBahGkyQ5d1nQ+SYVAiEAnUG/Ij7jKP8X/NDPPZmXjVpuOvDPQSn/mmw5YSp+ucs='
\set other 'MIIB3zCCAYWgAwIBAgIUTBo1EwWW0aI2Q630uvGtabvazhcwCgYIKoZIzj0EAwIwNTELMAkGA1UEBhMCREUxFjAUBgNVBAoMDUV4YW1wbGUsIEluYy4xDjAMBgNVBAMMBU90aGVyMCAXDTI2MTEyODIyMjYzNloYDzIwODEwODMxMjIyNjM2WjA1MQswCQYDVQQGEwJERTEWMBQGA1UECgwNRXhhbXBsZSwgSW5jLjEOMAwGA1UEAwwFT3RoZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATadjLNuYTtvTwt1Oia87aehDU91n/cmbvR9dnoKFgWKEnnGiYOrk5uDCd5SEErkfUvInDvP2HSTMr31TWEF+Jro3EwbzAdBgNVHQ4EFgQUq3URm3c1q6wzDBQ1bQz08RS7ZxkwHwYDVR0jBBgwFoAUq3URm3c1q6wzDBQ1bQz08RS7ZxkwDwYDVR0TAQH/BAUwAwEB/zAcBgNVHREEFTATghFvdGhlci5leGFtcGxlLmNvbTAKBggqhkjOPQQDAgNIADBFAiAztVGHR7u55LJSKSSc2gF+tP9N3vZc4bnWCO8EpMMF4wIhAL4NdrEbOeLxXZ2JDE4fMJC2ES/otxE8IBg1M09mEC6I'
\set same 'MIIBhzCCAS2gAwIBAgIUCZpdk1F/webHyP5Unhc9cb80mCUwCgYIKoZIzj0EAwIwGDEWMBQGA1UEAwwNUGhvdG8gUHJpbnRlcjAgFw0yNjExMjgyMjI2MzZaGA8yMDgxMDgzMTIyMjYzNlowGDEWMBQGA1UEAwwNUGhvdG8gUHJpbnRlcjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABM/ioXCK2k+vr+qBBt4JskhO84TYyOwgyRxpseSLfoJLa7Jk+B187qNNKKWu/2zP044l4EwMky4X2GYYtfZ6g5KjUzBRMB0GA1UdDgQWBBTCOTtzonpu4gVR+bvH3LXQHhkXIDAfBgNVHSMEGDAWgBTCOTtzonpu4gVR+bvH3LXQHhkXIDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQDM1gAtFexruhih3IaToZluIh/KE11mmdnOdFIyzQLEKgIgI51YqFLFufpR+y1mdhp08xhm0MZceP6w+tpRtrjQaOg='
\set utf8 'MIIB0DCCAXegAwIBAgIUEsCAbY2S0XUx7VQth+Pvo0F4COowCgYIKoZIzj0EAwIwPTETMBEGCgmSJomT8ixkARkWA2NvbTEXMBUGCgmSJomT8ixkARkWB2V4YW1wbGUxDTALBgNVBAMMBFpvw6swIBcNMjYxMTI4MjIyNjM3WhgPMjA4MTA4MzEyMjI2MzdaMD0xEzARBgoJkiaJk/IsZAEZFgNjb20xFzAVBgoJkiaJk/IsZAEZFgdleGFtcGxlMQ0wCwYDVQQDDARab8OrMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQAcBLwfrP2U4i1ac6seVZV4nYoki/rXt9CMGpUgFNMVX2QfvSL9lmYmjtuNWZwHoeP+t4+EDSJAPixkeNwh8S6NTMFEwHQYDVR0OBBYEFFQtQVjPIMWpQ4mrgHWzQcEnFyCxMB8GA1UdIwQYMBaAFFQtQVjPIMWpQ4mrgHWzQcEnFyCxMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgfTZPAJHCNjC5X2sTTV2G7g5tPim0YupkY1zG93znMkECIBRMHpftrKWXdJT592FjM1vnVU1Re9i5jdCLbzIDPDr7'
\set jwk '{"kty": "EC", "crv": "P-256", "x": "8qSHRPx0R8CH_cuXQbvdYdZ1aRmJ5f6lDN0nhOids40", "y": "cguWhtZLrdct6PlWmIEJnSRPc7BTEd-_rhf0hAqmePI"}'

CREATE FUNCTION pg_temp.registered(client jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN oauth_register_client_metadata('{"client_name":"certificate","grant_types":["client_credentials","introspection"]}' || client) ->> 'client_id';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE FUNCTION pg_temp.send(form text, headers text[], path text DEFAULT '/oauth2/token') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	request oauth.http_request := ROW('POST', path, headers || '{Content-Type: application/x-www-form-urlencoded}'::text[], convert_to(form, 'UTF8'), 'https', '192.0.2.1');
	r oauth.http_response := CASE path WHEN '/oauth2/introspect' THEN oauth.introspect(request) WHEN '/oauth2/revoke' THEN oauth.revoke(request) ELSE oauth.token(request) END;
BEGIN
	RETURN r.status || CASE WHEN r.status = 0 THEN ' ' || array_to_string(r.headers, ' ') WHEN r.status < 400 THEN '' ELSE ' ' || (convert_from(r.body, 'UTF8')::jsonb ->> 'error') END;
END $$;
CREATE FUNCTION pg_temp.ask(client_id text, certificate text, verify text DEFAULT 'SUCCESS') RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.send('grant_type=client_credentials&client_id=' || client_id, array_remove(ARRAY['Client-Cert: :' || certificate || ':', 'X-SSL-Client-Verify: ' || verify], NULL)) $$;
SELECT pg_temp.registered('{"token_endpoint_auth_method":"tls_client_auth","tls_client_auth_subject_dn":"emailAddress=print@example.com,CN=Photo Printer,OU=Photos+UID=7,O=Example\\, Inc.,C=DE"}') AS by_dn,
	pg_temp.registered('{"token_endpoint_auth_method":"tls_client_auth","tls_client_auth_san_dns":"photo.example.com"}') AS by_dns,
	pg_temp.registered(jsonb_build_object('token_endpoint_auth_method', 'self_signed_tls_client_auth', 'jwks', jsonb_build_object('keys', jsonb_build_array(:'jwk'::jsonb)))) AS self,
	pg_temp.registered(jsonb_build_object('token_endpoint_auth_method', 'self_signed_tls_client_auth', 'jwks', jsonb_build_object('keys', jsonb_build_array(:'jwk'::jsonb || jsonb_build_object('x5c', jsonb_build_array(:'photo')))))) AS x5c \gset

\echo -- RFC 8705, section 2.1: "the certificate [...] has the subject information configured or registered"; no secret, and none is made
SELECT pg_temp.ask(:'by_dn', :'photo'), pg_temp.ask(:'by_dns', :'photo'), (SELECT bool_or(secret_hash IS NOT NULL) FROM oauth.client WHERE client_name = 'certificate');
SELECT pg_temp.ask(:'by_dn', certificate), pg_temp.ask(:'by_dns', certificate) FROM unnest(ARRAY[:'other', :'same', :'again', :'utf8']) certificate;
\echo -- RFC 8705, section 2: each endpoint; client_id is needed ("the client MUST include the "client_id" parameter")
SELECT path, pg_temp.send('token=x&client_id=' || :'by_dn', ARRAY['Client-Cert: :' || :'photo' || ':', 'X-SSL-Client-Verify: SUCCESS'], path), pg_temp.send('token=x', ARRAY['Client-Cert: :' || :'photo' || ':', 'X-SSL-Client-Verify: SUCCESS'], path), pg_temp.send('token=x&client_id=' || :'by_dn', '{}', path) FROM unnest('{/oauth2/introspect,/oauth2/revoke}'::text[]) path;
\echo -- RFC 8705, section 2.1: "The PKI method [...] relies on a validated certificate chain": nothing but SUCCESS says so
SELECT verify, pg_temp.ask(:'by_dn', :'photo', verify), pg_temp.ask(:'by_dns', :'photo', verify) FROM unnest('{"FAILED:unable to verify the first certificate",FAILED,NONE,success,SUCCESS ,"SUCCESS, SUCCESS","",NULL}'::text[]) verify;
SELECT pg_temp.send('grant_type=client_credentials&client_id=' || :'by_dn', headers) FROM (VALUES (ARRAY['X-SSL-Client-Verify: SUCCESS']), (ARRAY['Client-Cert: :' || :'photo' || ':', 'X-SSL-Client-Verify: SUCCESS', 'X-SSL-Client-Verify: FAILED']), (ARRAY['Client-Cert: :' || :'photo' || ':', 'Client-Cert: :' || :'photo' || ':', 'X-SSL-Client-Verify: SUCCESS'])) t (headers);
\echo -- what is no certificate, and no row less
SELECT left(field, 20), pg_temp.send('grant_type=client_credentials&client_id=' || :'by_dn', ARRAY['Client-Cert: ' || field, 'X-SSL-Client-Verify: SUCCESS']) FROM (VALUES (''), (':'), ('::'), (':AAAA:'), (:'photo'), (':' || :'photo'), (':' || :'photo' || ':;a=b'), (':' || left(:'photo', -4) || ':'), (':' || :'photo' || 'AAAA:'), (':' || translate(:'photo', '+/', '-_') || ':'), (':' || :'photo' || ':, :' || :'photo' || ':'), ('-----BEGIN CERTIFICATE-----'), (repeat('A', 60000))) t (field);

\echo -- RFC 8705, section 2.1.2: names: as RFC 4514 writes them, compared as RFC 5280 says in section 7.1
CREATE FUNCTION pg_temp.matches(member text, name text, certificate text) RETURNS text LANGUAGE sql AS $$
	SELECT CASE WHEN id ~ '^22023' THEN id ELSE pg_temp.ask(id, certificate) END FROM pg_temp.registered(jsonb_build_object('token_endpoint_auth_method', 'tls_client_auth', 'tls_client_auth_' || member, name)) id $$;
SELECT name, pg_temp.matches('subject_dn', name, :'photo') FROM (VALUES
	('emailAddress=print@example.com,CN=Photo Printer,UID=7+OU=Photos,O=Example\, Inc.,C=DE'), ('1.2.840.113549.1.9.1=print@example.com, cn=photo  printer, ou=photos + 0.9.2342.19200300.100.1.1=7, O = Example\2C Inc., c=de'), ('E=print@example.com,CN=Photo\20Printer,OU=Photos+UID=#130137,O=Example\, Inc.,C=DE'),
	('C=DE,O=Example\, Inc.,OU=Photos+UID=7,CN=Photo Printer,emailAddress=print@example.com'), ('CN=Photo Printer,UID=7+OU=Photos,O=Example\, Inc.,C=DE'), ('emailAddress=print@example.com,CN=Photo Printer,UID=7,OU=Photos,O=Example\, Inc.,C=DE'), ('CN=Photo Printer'),
	(''), ('CN'), ('CN='), ('=x'), ('CN=x,'), (',CN=x'), ('CN=x,,C=DE'), ('CN=x+'), ('CN=x;C=DE'), ('CN="x"'), ('CN=x\'), ('CN=x\0'), ('CN=x\00'), ('CN=x\zz'), ('CN=#'), ('CN=#13'), ('CN=#1301'), ('CN=#0500'), ('CN=#zz'), ('NOSUCH=x'), ('1.2.3.999999999999999999999=x'), ('C=DEU'), ('/C=DE/CN=x'), ('CN=' || repeat('x', 70)), (repeat('CN=x,', 500) || 'C=DE')) t (name);
SELECT name, pg_temp.matches('subject_dn', name, :'utf8') FROM (VALUES ('CN=Zoë,DC=example,DC=com'), ('CN=Zo\C3\AB,DC=example,DC=com'), ('CN=Zo\EB,DC=example,DC=com'), ('CN=Zoe,DC=example,DC=com')) t (name);
SELECT member, name, pg_temp.matches(member, name, :'photo') FROM (VALUES
	('san_dns', 'PHOTO.example.com'), ('san_dns', 'a.wild.example.com'), ('san_dns', '*.wild.example.com'), ('san_dns', 'photo.example.com.'), ('san_dns', 'hoto.example.com'), ('san_dns', 'photo.example.co'), ('san_dns', 'Photo Printer'), ('san_dns', ''),
	('san_uri', 'https://photo.example.com/client'), ('san_uri', 'https://photo.example.com/Client'), ('san_uri', 'https://photo.example.com/'), ('san_ip', '192.0.2.7'), ('san_ip', '2001:DB8:0::7'), ('san_ip', '::ffff:192.0.2.7'), ('san_ip', '192.0.2.8'), ('san_ip', '192.0.2.07'), ('san_ip', '192.0.2.0/24'), ('san_ip', 'photo.example.com'),
	('san_email', 'print@example.com'), ('san_email', 'PRINT@example.com'), ('san_email', 'photo.example.com')) t (member, name);

\echo -- RFC 8705, section 2.1.2: "MUST use exactly one of the below metadata parameters"
SELECT client, pg_temp.registered(client::jsonb) FROM (VALUES ('{"token_endpoint_auth_method":"tls_client_auth"}'), ('{"token_endpoint_auth_method":"tls_client_auth","tls_client_auth_san_dns":"a","tls_client_auth_san_uri":"b"}'), ('{"token_endpoint_auth_method":"client_secret_basic","tls_client_auth_san_dns":"a"}'), ('{"token_endpoint_auth_method":"self_signed_tls_client_auth"}')) t (client);

\echo -- RFC 8705, section 2.2; RFC 8705, section 2: "the certificate that it presented [...] matches one of the certificates configured or registered"; "the certificate chain is not validated"
SELECT verify, pg_temp.ask(:'self', :'photo', verify), pg_temp.ask(:'x5c', :'photo', verify) FROM unnest('{SUCCESS,"FAILED:self-signed certificate",NULL}'::text[]) verify;
\echo -- RFC 8705, section 2.2.2: any certificate of the key, unless the key came with one
SELECT pg_temp.ask(:'self', certificate), pg_temp.ask(:'x5c', certificate) FROM unnest(ARRAY[:'again', :'other', :'same']) certificate;
SELECT pg_temp.registered(jsonb_build_object('token_endpoint_auth_method', 'self_signed_tls_client_auth', 'jwks', jsonb_build_object('keys', jsonb_build_array(:'jwk'::jsonb || jsonb_build_object('x5c', x5c::jsonb))))) FROM unnest('{[],null,1,"[1]","[\"!\"]"}'::text[]) x5c;
\echo -- "The key in the first certificate MUST match the public key represented by other members of the JWK" (RFC 7517, section 4.7)
SELECT pg_temp.registered(jsonb_build_object('token_endpoint_auth_method', 'self_signed_tls_client_auth', 'jwks', jsonb_build_object('keys', jsonb_build_array(:'jwk'::jsonb || jsonb_build_object('x5c', jsonb_build_array(certificate)))))) FROM unnest(ARRAY[:'other', 'AAAA']) certificate;
\echo -- RFC 8705, section 2.2.2: a certificate that the document at jwks_uri lacks may be new there
SELECT pg_temp.registered('{"token_endpoint_auth_method":"self_signed_tls_client_auth","jwks_uri":"https://certificate.example/jwks"}') AS by_uri \gset
SELECT pg_temp.ask(:'by_uri', :'photo');
SELECT oauth_keep_document('https://certificate.example/jwks', jsonb_build_object('keys', jsonb_build_array(:'jwk'::jsonb))::text);
SELECT pg_temp.ask(:'by_uri', :'photo'), pg_temp.ask(:'by_uri', :'other');
UPDATE oauth.document SET is_by_hand = false, fetched_at = now() - interval '2 minutes';
SELECT pg_temp.ask(:'by_uri', :'photo'), pg_temp.ask(:'by_uri', :'other');

\echo -- R109: a certificate is no second method, and none for a client of another method
SELECT client_id AS plain, client_secret AS plain_secret FROM oauth_register_client('certificate plain', grant_types => '{client_credentials}') \gset
SELECT pg_temp.send('grant_type=client_credentials&client_id=' || :'plain' || '&client_secret=' || :'plain_secret', ARRAY['Client-Cert: :' || :'photo' || ':', 'X-SSL-Client-Verify: SUCCESS']), pg_temp.ask(:'plain', :'photo'), pg_temp.send('client_secret=x&grant_type=client_credentials&client_id=' || :'by_dn', ARRAY['Client-Cert: :' || :'photo' || ':', 'X-SSL-Client-Verify: SUCCESS']), pg_temp.ask('unknown', :'photo');

\echo -- RFC 8705, section 3; RFC 8705, section 3.2: tokens that are bound to the certificate: 401 invalid_token with another one, or with none
SELECT oauth_update_client(:'by_dn', '{"tls_client_certificate_bound_access_tokens":true}') ->> 'tls_client_certificate_bound_access_tokens';
CREATE FUNCTION pg_temp.json(form text, certificate text, path text DEFAULT '/oauth2/token', verify text DEFAULT 'SUCCESS') RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	request oauth.http_request := ROW('POST', path, ARRAY['Client-Cert: :' || certificate || ':', 'X-SSL-Client-Verify: ' || verify, 'Content-Type: application/x-www-form-urlencoded'], convert_to(form, 'UTF8'), 'https', '192.0.2.1');
	r oauth.http_response := CASE path WHEN '/oauth2/introspect' THEN oauth.introspect(request) ELSE oauth.token(request) END;
BEGIN
	RETURN convert_from(r.body, 'UTF8');
END $$;
SELECT j ->> 'access_token' AS bound, j ->> 'token_type' AS type FROM pg_temp.json('grant_type=client_credentials&client_id=' || :'by_dn', :'photo') j \gset
SELECT :'type', cnf = 'x5t#S256:' || translate(encode(sha256(decode(:'photo', 'base64')), 'base64'), '+/=', '-_') FROM oauth.access_token WHERE cnf IS NOT NULL AND grant_handle IN (SELECT handle FROM oauth.grant WHERE client_id = :'by_dn');
SELECT pg_temp.json('token=' || :'bound' || '&client_id=' || :'by_dn', :'photo', '/oauth2/introspect') -> 'cnf' ->> 'x5t#S256' = translate(encode(sha256(decode(:'photo', 'base64')), 'base64'), '+/=', '-_');
CREATE FUNCTION pg_temp.call(path text, headers text[], scheme text DEFAULT 'Bearer') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	request oauth.http_request := ROW('GET', path, headers, NULL, 'https', '192.0.2.1');
	r oauth.http_response := CASE path WHEN '/auth' THEN oauth.forward_auth(request) WHEN '/oauth2/userinfo' THEN oauth.userinfo(request) ELSE oauth.resource(request) END;
BEGIN
	RETURN r.status || coalesce(' ' || (SELECT regexp_replace(h, 'WWW-Authenticate: ', '') FROM unnest(r.headers) h WHERE h LIKE 'WWW-%' LIMIT 1), '');
END $$;
SELECT path, pg_temp.call(path, array_remove(ARRAY['Authorization: ' || scheme || ' ' || :'bound', 'Client-Cert: :' || certificate || ':', 'X-SSL-Client-Verify: SUCCESS'], NULL)) FROM unnest('{/api/,/auth,/oauth2/userinfo}'::text[]) path, (VALUES (1, 'Bearer', :'photo'), (2, 'Bearer', :'again'), (3, 'Bearer', :'other'), (4, 'Bearer', NULL), (5, 'DPoP', :'photo')) t (n, scheme, certificate) ORDER BY path, n;
BEGIN;
SELECT oauth_authenticate_request(ROW('GET', '/', array_remove(ARRAY['Authorization: Bearer ' || :'bound', 'Client-Cert: :' || certificate || ':'], NULL), NULL, 'https', NULL)::oauth.http_request) FROM unnest(ARRAY[:'photo', :'other', NULL]) certificate;
SELECT oauth_authenticate('Bearer ' || :'bound');
COMMIT;
\echo -- oauth_explain_request() says which one is wanted, also where a function of the application would run; digests as <digest>
SELECT path, coalesce(length(certificate) > 0, false), regexp_replace(concat_ws('|', e."check", e.ok, e.detail, e.remedy), 'x5t#S256:[-_A-Za-z0-9]{43}', '<digest>', 'g')
FROM unnest('{/api/,/oauth2/userinfo}'::text[]) path, unnest(ARRAY[:'photo', :'other', NULL]) certificate,
	oauth_explain_request(ROW('GET', path, array_remove(ARRAY['Authorization: Bearer ' || :'bound', 'Client-Cert: :' || certificate || ':'], NULL), NULL, 'https', NULL)) e WHERE e."check" IN ('certificate', 'answer');
\echo -- RFC 8705, section 3.4: without a certificate such a client gets no token, however it authenticates
SELECT pg_temp.registered('{"token_endpoint_auth_method":"none","redirect_uris":["https://app.example/"],"grant_types":["authorization_code","refresh_token"],"tls_client_certificate_bound_access_tokens":true}') AS public \gset
SELECT oauth_create_user('certificate alice', 'wonderland') AS alice \gset
SELECT refresh_token AS refresh FROM oauth_issue_token(:'public', :'alice', refresh => true) \gset
SELECT pg_temp.send('grant_type=refresh_token&client_id=' || :'public' || '&refresh_token=' || :'refresh', '{}');
\echo -- RFC 8705, section 4: refresh tokens of public clients are bound to the certificate
SELECT pg_temp.json('grant_type=refresh_token&client_id=' || :'public' || '&refresh_token=' || :'refresh', :'photo') ->> 'refresh_token' AS refresh \gset
SELECT pg_temp.json('grant_type=refresh_token&client_id=' || :'public' || '&refresh_token=' || :'refresh', :'other') ->> 'error', pg_temp.json('grant_type=refresh_token&client_id=' || :'public' || '&refresh_token=' || :'refresh', :'photo', verify => 'FAILED:self-signed certificate') ? 'access_token';
\echo -- and JWTs say so (RFC 8705, section 3.1), without padding
SELECT oauth_update_client(:'by_dn', '{"access_token_format":"jwt"}') ->> 'access_token_format';
SELECT pg_temp.json('grant_type=client_credentials&client_id=' || :'by_dn', :'photo') ->> 'access_token' AS jwt \gset
SELECT claims -> 'cnf' ->> 'x5t#S256' = translate(encode(sha256(decode(:'photo', 'base64')), 'base64'), '+/=', '-_') FROM oauth_verify_jwt(:'jwt', oauth_jwks(), '{ES256}');

\echo -- oauth_explain_request() says why; ids as <id>
CREATE FUNCTION pg_temp.explain(client_id text, headers text[] DEFAULT '{}') RETURNS TABLE (shown text) LANGUAGE sql AS $$
	SELECT regexp_replace(concat_ws('|', "check", ok, detail, remedy), '[0-9a-f]{32}', '<id>', 'g') FROM oauth_explain_request(ROW('POST', '/oauth2/token', headers || '{Content-Type: application/x-www-form-urlencoded}'::text[], convert_to('grant_type=client_credentials&client_id=' || client_id, 'UTF8'), 'https', NULL)::oauth.http_request) OFFSET 2 $$;
SELECT * FROM pg_temp.explain(:'by_dn', ARRAY['Client-Cert: :' || :'photo' || ':', 'X-SSL-Client-Verify: SUCCESS']);
SELECT * FROM pg_temp.explain(:'by_dn', ARRAY['Client-Cert: :' || :'other' || ':', 'X-SSL-Client-Verify: SUCCESS']);
SELECT * FROM pg_temp.explain(:'by_dn', ARRAY['Client-Cert: :' || :'photo' || ':', 'X-SSL-Client-Verify: FAILED:x']);
SELECT * FROM pg_temp.explain(:'by_dn');
SELECT * FROM pg_temp.explain(:'by_dn', ARRAY['X-SSL-Client-Cert: x', 'X-SSL-Client-Verify: SUCCESS']);
SELECT * FROM pg_temp.explain(:'self', ARRAY['Client-Cert: :' || :'other' || ':']);

\echo -- RFC 8705, section 5: "mtls_endpoint_aliases"
SELECT convert_from(body, 'UTF8')::jsonb -> 'mtls_endpoint_aliases' FROM oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL, 'https', NULL));
SET oauth.mtls_issuer = 'https://mtls.example.com';
SELECT jsonb_pretty(convert_from(body, 'UTF8')::jsonb -> 'mtls_endpoint_aliases') FROM oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL, 'https', NULL));
RESET oauth.mtls_issuer;
DELETE FROM oauth.document;
DELETE FROM oauth.throttle;
