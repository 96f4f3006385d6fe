-- import_ory_hydra.sql: moving in from Ory Hydra, by oauth_import_ory_hydra().
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

-- Random bytes and signatures as Hydra makes them under 'the system secret of this hydra', the third under 'an older system
-- secret of it'; a client's secret, 'a hydra secret that is long'.
\set key1 'gXQJloeiZiH04s3XzAOz2s7bP7liJVsar9Azyr6DFTA'
\set sig1 'fZH5TsjDEoUT2jSNes38fR306O-gb3NEVzMsba6o4eQ'
\set key2 'sQJTdkyLIz-zdULiNAHHtFDlpvl1HztaAU9vZ-i8mZ0'
\set sig2 '1eaeUcwQiszG6WBe0QPEhlN4YAVWlwco8MvJhTHptOk'
\set key3 '9XYQTuvqsJZR2DrP_HfIuMbqpLdnrqsk19qA-D9R2GU'
\set sig3 'FZs2HBBNeq7zUjx1ElHYkHdLOS8ZLBnQ7Xs16j7expE'
\set key4 'pLNQTCdp_OlUf23aMQ3YsJTWMKBE1l9TJNSzcxCqtxQ'
\set sig4 'A4NGQ-CJqVSCgnygKFZG4CUb4k_6avGUdnI_VOd6sJo'
\set key5 'B-c5TgcCNA2f0dd3-7rSgEpRiNHdB_9YD0c712Rf8gU'
\set sig5 '-oNQzWPfgNC24b_BjWN0T3Lo15PYgdgu9_UFuMyPyGg'
\set key6 'jfrQUv7lxilX0-vhdSIZoC9FY0ssMqasQIsm_87ft9o'
\set sig6 'L1cpBYYDaf3j36tuQRUCNehdlaT7QlaO3fjwztewsvU'
\set key7 'Hj-S0PZ464Owv5OFXZBpnYrl37SuAjvfNSvY2T8gYLE'
\set sig7 'jnu8ZAF8107SCNolzv5ltQke5N9mIeq5n_LTtPIEDSw'
\set key8 'W9p6nA-55RAkETQvm-32PzfYg17m6QPpXdMFD9Fa-Bw'
\set sig8 'B0LwwXCwz2W-uzjCv4Rv0tVPCTPqZ7gvH5DvSw80XiA'
\set key9 '3Z1uAmbQo_mt83SLqXNBmzc9M0NPZJJ2VJoZYxZOfkk'
\set sig9 'CERkT1YvWpFiU6AjjIE8M7wFsK92erwgeksb47sO0NA'
\set pbkdf2 '$pbkdf2-sha256$i=2500,l=32$c2FsdHNhbHRzYWx0c2FsdA$GAC94zhZQCu0KuLp6OP96bv1AkXNTCsrck32j90Gdgo'

-- The tables as the migrations of 2.3 make them, without the columns that nothing here looks at.
CREATE SCHEMA import_hydra;
SET search_path = import_hydra;
CREATE TABLE hydra_client (id varchar(255) NOT NULL, client_name text NOT NULL, client_secret text NOT NULL, scope text NOT NULL,
	client_secret_expires_at integer NOT NULL DEFAULT 0, token_endpoint_auth_method varchar(25) NOT NULL DEFAULT '',
	nid uuid NOT NULL, redirect_uris jsonb NOT NULL, grant_types jsonb NOT NULL, skip_consent boolean NOT NULL DEFAULT false, PRIMARY KEY (id, nid));
CREATE TABLE hydra_oauth2_access (signature varchar(255) NOT NULL PRIMARY KEY, request_id varchar(40) NOT NULL, requested_at timestamp NOT NULL,
	client_id varchar(255) NOT NULL, scope text NOT NULL DEFAULT '', granted_scope text NOT NULL, form_data text NOT NULL DEFAULT '', session_data text NOT NULL,
	subject varchar(255) NOT NULL DEFAULT '', active boolean NOT NULL DEFAULT true, challenge_id varchar(40), nid uuid NOT NULL, expires_at timestamp);
CREATE TABLE hydra_oauth2_refresh (LIKE hydra_oauth2_access INCLUDING ALL, first_used_at timestamp, access_token_signature varchar(255), used_times integer);
CREATE TABLE hydra_oauth2_flow (login_challenge varchar(40) NOT NULL PRIMARY KEY, subject varchar(255), client_id varchar(255), requested_at timestamp NOT NULL DEFAULT now(),
	state integer, consent_skip boolean, consent_remember boolean, consent_remember_for integer, granted_scope jsonb, nid uuid NOT NULL);
\set nid '''6ba7b810-9dad-11d1-80b4-00c04fd430c8'''
INSERT INTO hydra_client VALUES
	('hydra-web', 'Web', public.crypt('a web secret that is long', public.gen_salt('bf', 4)), 'openid offline hydra:photos', 0, 'client_secret_basic', :nid, '["https://web.example/a", "https://web.example/b"]', '["authorization_code", "refresh_token", "implicit"]', true),
	('hydra-machine', 'Machine', :'pbkdf2', 'hydra:photos', 0, 'client_secret_post', :nid, '[]', '["client_credentials"]', false),
	('hydra-spa', 'SPA', '', 'openid', 0, 'none', :nid, '["https://spa.example/"]', '["authorization_code", "client_credentials"]', false),
	('hydra-jwt', 'JWT', '', 'openid', 0, 'private_key_jwt', :nid, '[]', '[]', false),
	('hydra-expired', 'Expired', public.crypt('x', public.gen_salt('bf', 4)), '', 1500000000, '', :nid, '[]', '[]', false);
-- of access tokens the SHA-384 of the signature is kept, of old ones and of refresh tokens the signature
INSERT INTO hydra_oauth2_access (signature, request_id, requested_at, client_id, granted_scope, session_data, subject, active, challenge_id, nid, expires_at) VALUES
	(encode(sha384(:'sig1'), 'hex'), 'request-1', now() AT TIME ZONE 'UTC' - interval '10 minutes', 'hydra-web', 'openid|offline|hydra:photos', '{}', 'alice', true, 'challenge-1', :nid, now() AT TIME ZONE 'UTC' + interval '50 minutes'),
	(:'sig3', 'request-3', now() AT TIME ZONE 'UTC' - interval '20 minutes', 'hydra-web', 'openid', format('{"id_token":{"expires_at":{"access_token":"%s","refresh_token":"2999-01-01T00:00:00Z"},"subject":"alice"}}', to_char(now() AT TIME ZONE 'UTC' + interval '30 minutes', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')), 'alice', true, 'challenge-3', :nid, NULL),
	(encode(sha384(:'sig4'), 'hex'), 'request-4', now() AT TIME ZONE 'UTC' - interval '20 minutes', 'hydra-machine', 'hydra:photos', 'encrypted', 'hydra-machine', true, NULL, :nid, NULL),
	(encode(sha384(:'sig5'), 'hex'), 'request-5', now() AT TIME ZONE 'UTC' - interval '20 minutes', 'hydra-web', 'openid', '{}', 'alice', false, 'challenge-5', :nid, NULL),
	(encode(sha384(:'sig6'), 'hex'), 'request-6', now() AT TIME ZONE 'UTC' - interval '2 hours', 'hydra-web', 'openid', '{}', 'alice', true, 'challenge-6', :nid, NULL),
	(encode(sha384(:'sig7'), 'hex'), 'request-1', now() AT TIME ZONE 'UTC' - interval '5 minutes', 'hydra-web', 'openid|offline|hydra:photos', '{}', 'alice', true, 'challenge-1', :nid, now() AT TIME ZONE 'UTC' + interval '50 minutes');
INSERT INTO hydra_oauth2_refresh (signature, request_id, requested_at, client_id, granted_scope, session_data, subject, active, challenge_id, nid, expires_at) VALUES
	(:'sig2', 'request-1', now() AT TIME ZONE 'UTC' - interval '10 minutes', 'hydra-web', 'openid|offline|hydra:photos', '{}', 'alice', true, 'challenge-1', :nid, now() AT TIME ZONE 'UTC' + interval '10 days'),
	(:'sig8', 'request-1', now() AT TIME ZONE 'UTC' - interval '30 minutes', 'hydra-web', 'openid|offline|hydra:photos', '{}', 'alice', false, 'challenge-1', :nid, now() AT TIME ZONE 'UTC' + interval '10 days');
INSERT INTO hydra_oauth2_flow VALUES
	('login-1', 'alice', 'hydra-web', now() - interval '1 day', 6, false, true, 0, '["openid", "hydra:photos"]', :nid), ('login-2', 'alice', 'hydra-web', now() - interval '2 days', 6, false, true, 0, '["older"]', :nid),
	('login-3', 'bob', 'hydra-web', now(), 6, false, true, 3600, '["openid"]', :nid), ('login-4', 'carol', 'hydra-web', now(), 129, false, true, 0, '[]', :nid),
	('login-5', 'dave', 'hydra-web', now(), 6, true, true, 0, '["openid"]', :nid), ('login-6', 'erin', 'hydra-web', now(), 6, false, false, 0, '["openid"]', :nid),
	('login-7', 'alice', 'hydra-jwt', now(), NULL, false, true, 0, '["openid"]', :nid), ('login-8', 'frank', 'hydra-spa', now(), NULL, false, true, 0, '["openid"]', :nid);
RESET search_path;

\echo -- without the system secrets, no token can be known
SELECT * FROM oauth_import_ory_hydra('import_hydra', dry_run => true) WHERE kind LIKE '%token' ORDER BY kind, reason COLLATE "C";
CREATE TEMPORARY TABLE dry AS SELECT * FROM oauth_import_ory_hydra('import_hydra', '{the system secret of this hydra,an older system secret of it}', dry_run => true);
SELECT count(*), (SELECT count(*) FROM oauth.imported_key), (SELECT count(*) FROM oauth.consent WHERE client_id LIKE 'hydra-%') FROM oauth.client WHERE imported_from = 'ory-hydra';
CREATE TEMPORARY TABLE report AS SELECT * FROM oauth_import_ory_hydra('import_hydra', '{the system secret of this hydra,an older system secret of it}');
SELECT * FROM report ORDER BY kind, action DESC, reason COLLATE "C";
SELECT count(*) FROM ((TABLE dry EXCEPT TABLE report) UNION ALL (TABLE report EXCEPT TABLE dry)) d;
SELECT client_id, client_type, grant_types, redirect_uris, scope, left(imported_secret_hash, 7) FROM oauth.client WHERE imported_from = 'ory-hydra' ORDER BY client_id;
SELECT client_id, subject, scope FROM oauth.consent WHERE client_id LIKE 'hydra-%' ORDER BY 1, 2;
\echo -- tokens, with the prefix and without
SELECT n, v.client_id, v.subject, v.scope, round(extract(epoch FROM v.expires_at - now()) / 60) FROM (VALUES (1, 'ory_at_' || :'key1' || '.' || :'sig1'), (1, :'key1' || '.' || :'sig1'), (3, :'key3' || '.' || :'sig3'), (4, 'ory_at_' || :'key4' || '.' || :'sig4'),
	(5, 'ory_at_' || :'key5' || '.' || :'sig5'), (6, 'ory_at_' || :'key6' || '.' || :'sig6'), (7, 'ory_at_' || :'key7' || '.' || :'sig7'), (9, 'ory_at_' || :'key9' || '.' || :'sig9')) t (n, token), oauth_verify_token(token) v;
SELECT oauth_introspect_token('ory_rt_' || :'key2' || '.' || :'sig2') - '{exp,iat,iss}'::text[], oauth_introspect_token('ory_rt_' || :'key8' || '.' || :'sig8');
\echo -- what can be read in the tables opens nothing: not the digest, not the signature, not with other random bytes
SELECT active FROM (VALUES (encode(sha384(:'sig1'), 'hex')), (:'sig1'), ('.' || :'sig1'), (:'key2' || '.' || :'sig1'), ('ory_at_' || :'key2' || '.' || :'sig1'), (:'key1' || '.' || :'sig1' || '.'), (:'key1' || '.'), ('.'), ('ory_at_'), ('ory_at_.'),
	(:'key1' || '.' || left(:'sig1', 42)), (:'key1' || 'A.' || :'sig1'), (:'key1' || '=.' || :'sig1')) t (token), oauth_verify_token(token);
SELECT oauth_introspect_token(:'sig2'), oauth_introspect_token(:'key1' || '.' || :'sig2'), active FROM oauth_verify_token('consent login-1');
\echo -- verifying writes nothing
BEGIN READ ONLY;
SELECT active FROM oauth_verify_token('ory_at_' || :'key1' || '.' || :'sig1');
SELECT oauth_introspect_token('ory_rt_' || :'key2' || '.' || :'sig2') ->> 'active';
COMMIT;
\echo -- tokens of a request have one grant
SELECT count(DISTINCT grant_handle) FROM (SELECT grant_handle FROM oauth.access_token JOIN oauth.grant g ON g.handle = grant_handle WHERE g.client_id = 'hydra-web' AND g.scope LIKE '%offline%'
	UNION ALL SELECT grant_handle FROM oauth.refresh_token JOIN oauth.grant g ON g.handle = grant_handle WHERE g.client_id = 'hydra-web') t;
\echo -- secrets and refresh tokens work, and the keys are sealed anew with the master key
CREATE FUNCTION pg_temp.token(form text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', t.status, convert_from(t.body, 'UTF8')::jsonb - '{access_token,refresh_token,error_description}'::text[]) FROM oauth.token(ROW('POST', '/oauth2/token',
	ARRAY['Content-Type: application/x-www-form-urlencoded'], convert_to(form, 'UTF8'), 'http', '127.0.0.1')::oauth.http_request) t $$;
SELECT oauth_rotate_master_key() >= 2;
SELECT pg_temp.token('grant_type=client_credentials&client_id=hydra-machine&client_secret=wrong');
SELECT pg_temp.token('grant_type=client_credentials&scope=hydra:photos&client_id=hydra-machine&client_secret=a+hydra+secret+that+is+long');
SELECT pg_temp.token('grant_type=refresh_token&client_id=hydra-web&client_secret=a+web+secret+that+is+long&refresh_token=ory_rt_' || :'key1' || '.' || :'sig2');
SELECT pg_temp.token('grant_type=refresh_token&client_id=hydra-web&client_secret=a+web+secret+that+is+long&refresh_token=ory_rt_' || :'key2' || '.' || :'sig2');
SELECT client_id, imported_secret_hash IS NULL FROM oauth.client WHERE imported_from = 'ory-hydra' AND secret_hash IS NOT NULL ORDER BY 1;
\echo -- revoked, they have ended: the refresh token with all of its request
SELECT oauth_revoke_token('ory_at_' || :'key3' || '.' || :'sig3'), oauth_revoke_token('ory_rt_' || :'key2' || '.' || :'sig2');
SELECT active FROM (VALUES (:'key1' || '.' || :'sig1'), (:'key3' || '.' || :'sig3'), (:'key7' || '.' || :'sig7')) t (token), oauth_verify_token(token);
\echo -- a second time takes what is new; a consent that was withdrawn here stays so
DELETE FROM oauth.consent WHERE client_id = 'hydra-web';
INSERT INTO import_hydra.hydra_oauth2_refresh (signature, request_id, requested_at, client_id, granted_scope, session_data, subject, nid) VALUES (:'sig9', 'request-3', now() AT TIME ZONE 'UTC', 'hydra-web', 'openid', '{}', 'alice', :nid);
SELECT * FROM oauth_import_ory_hydra('import_hydra') WHERE action = 'taken' OR reason = 'already here' ORDER BY kind, action;
SELECT count(*) FROM oauth.consent WHERE client_id = 'hydra-web';
SELECT a.grant_handle = r.grant_handle FROM oauth.access_token a, oauth.refresh_token r WHERE a.token_hash = sha256(convert_to(encode(sha384(:'sig3'), 'hex'), 'UTF8')) AND r.token_hash = sha256(convert_to(encode(sha384(:'sig9'), 'hex'), 'UTF8'));
\echo -- nothing of it is in the clear
SELECT count(*) FROM oauth.imported_key k WHERE position(sha256('the system secret of this hydra') IN key_sealed) > 0 OR encode(key_sealed, 'escape') LIKE '%system%';

\echo -- several networks; 1.x; what it does not know
INSERT INTO import_hydra.hydra_client SELECT id, client_name, client_secret, scope, 0, '', md5('other')::uuid, redirect_uris, grant_types FROM import_hydra.hydra_client WHERE id = 'hydra-web';
SELECT pg_temp.try($$SELECT oauth_import_ory_hydra('import_hydra')$$);
SELECT n FROM oauth_import_ory_hydra('import_hydra', network => md5('other')::uuid::text);
SELECT pg_temp.try($$SELECT oauth_import_ory_hydra('import_hydra', network => ''' OR true --')$$);
SELECT pg_temp.try($$SELECT oauth_import_ory_hydra('public')$$);
SET search_path = import_hydra;
DELETE FROM hydra_client WHERE nid = md5('other')::uuid;
DROP TABLE hydra_oauth2_flow;
SELECT pg_temp.try($$SELECT public.oauth_import_ory_hydra('import_hydra', '{short}')$$);
SELECT pg_temp.try($$SELECT public.oauth_import_ory_hydra('import_hydra', ARRAY[NULL])$$);
ALTER TABLE hydra_client DROP nid, DROP skip_consent, ALTER redirect_uris TYPE text USING 'https://one.example/|https://one.example/2', ALTER grant_types TYPE text USING 'authorization_code|refresh_token';
ALTER TABLE hydra_oauth2_access DROP nid, DROP expires_at;
ALTER TABLE hydra_oauth2_refresh DROP nid, DROP expires_at;
UPDATE hydra_client SET id = 'one-' || id;
RESET search_path;
SELECT * FROM oauth_import_ory_hydra('import_hydra') WHERE action = 'taken' ORDER BY kind;
SELECT grant_types, redirect_uris FROM oauth.client WHERE client_id = 'one-hydra-web';

DELETE FROM oauth.imported_token;
DELETE FROM oauth.imported_key;
DELETE FROM oauth.consent WHERE client_id LIKE 'hydra-%';
SET client_min_messages = warning;
DROP SCHEMA import_hydra CASCADE;
DELETE FROM oauth.scope WHERE scope IN ('offline', 'hydra:photos', 'older');
