-- import_django_oauth_plus.sql: moving in from django-oauth-plus, by oauth_import_django_oauth_plus().
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

-- The tables as the migrations of 2.2.9 make them.
CREATE SCHEMA import_plus;
SET search_path = import_plus;
CREATE TABLE auth_user (id serial PRIMARY KEY, username varchar(30) NOT NULL UNIQUE, is_active boolean NOT NULL);
CREATE TABLE oauth_provider_consumer (id serial PRIMARY KEY, name varchar(255) NOT NULL, description text NOT NULL,
	key varchar(256) NOT NULL, secret varchar(16) NOT NULL, status smallint NOT NULL, xauth_allowed boolean NOT NULL,
	user_id integer REFERENCES auth_user DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE oauth_provider_scope (id serial PRIMARY KEY, name varchar(255) NOT NULL, url text NOT NULL,
	is_readonly boolean NOT NULL);
CREATE TABLE oauth_provider_token (id serial PRIMARY KEY, key varchar(32), secret varchar(16), token_type smallint NOT NULL,
	"timestamp" integer NOT NULL, is_approved boolean NOT NULL, verifier varchar(10) NOT NULL, callback varchar(2083),
	callback_confirmed boolean NOT NULL, consumer_id integer NOT NULL REFERENCES oauth_provider_consumer DEFERRABLE INITIALLY DEFERRED,
	scope_id integer REFERENCES oauth_provider_scope DEFERRABLE INITIALLY DEFERRED, user_id integer REFERENCES auth_user DEFERRABLE INITIALLY DEFERRED);
INSERT INTO auth_user VALUES (1, 'alice', true), (2, 'gone', false);
INSERT INTO oauth_provider_consumer VALUES
	(1, 'Accepted', 'Prints', 'consumer-key', 'consumer-secret', 2, true, 1), (2, 'Pending', '', 'pending-key', 'pending-secret', 1, false, NULL),
	(3, 'Canceled', '', 'canceled-key', 'canceled-secret', 3, false, NULL), (4, 'Rejected', '', 'rejected-key', 'rejected-secret', 4, false, NULL),
	(5, 'Strange', '', 'strange-key', 'strange-secret', 9, false, NULL), (6, 'Blank', '', 'blank-key', '', 2, false, NULL),
	(7, 'Old copy', '', 'copied-key', 'old', 2, false, NULL), (8, 'New copy', '', 'copied-key', 'new&secret %ü', 2, false, NULL);
INSERT INTO oauth_provider_scope VALUES (1, 'plus:photos', 'photos/', true), (2, 'plus:upload', '/upload/', false), (3, 'two words', '/', false), (4, '', '/', false);
INSERT INTO oauth_provider_token VALUES
	(1, 'token-readonly', 'secret-1', 2, 1500000000, true, '', NULL, false, 1, 1, 1), (2, 'token-noscope', 'secret-2', 2, 1500000000, true, '', NULL, false, 1, NULL, 1),
	(3, 'token-pending', 'secret-3', 2, 1500000001, true, '', NULL, false, 2, 2, 1), (4, 'token-rejected', 'secret-4', 2, 1500000001, true, '', NULL, false, 4, 1, 1),
	(5, 'token-inactive', 'secret-5', 2, 1500000001, true, '', NULL, false, 1, 1, 2), (6, 'token-nobody', 'secret-6', 2, 1500000001, true, '', NULL, false, 1, 1, NULL),
	(7, NULL, NULL, 2, 1500000001, true, '', NULL, false, 1, 1, 1), (8, 'token-request', 'secret-8', 1, 1500000001, true, '0123456789', 'https://a.example/', true, 1, 1, 1),
	(9, 'token-twice', 'secret-old', 2, 1500000002, true, '', NULL, false, 1, 1, 1), (10, 'token-twice', 'secret-new', 2, 1500000003, true, '', NULL, false, 1, 2, 1),
	(11, 'token-words', NULL, 2, 0, true, '', NULL, false, 8, 3, 1), (12, 'token-future', 'secret-12', 2, 2147483647, true, '', NULL, false, 1, 1, 1);
CREATE TABLE oauth_provider_nonce (id serial PRIMARY KEY, token_key varchar(32) NOT NULL, consumer_key varchar(256) NOT NULL, key varchar(255) NOT NULL, "timestamp" integer NOT NULL);
SELECT extract(epoch FROM now())::integer - 100 AS recently \gset
INSERT INTO oauth_provider_nonce (token_key, consumer_key, key, "timestamp") VALUES ('token-noscope', 'consumer-key', 'old nonce', :recently), ('token-noscope', 'consumer-key', 'older nonce', :recently - 500),
	('', 'consumer-key', 'of no token', :recently), ('token-rejected', 'rejected-key', 'of a client that was skipped', :recently), ('token-noscope', 'consumer-key', '', :recently), ('token-noscope', 'consumer-key', 'old nonce', :recently);
RESET search_path;

\echo -- a dry run seals nothing, and reports the same
SELECT count(*) AS keys FROM oauth.master_key \gset
CREATE TEMPORARY TABLE dry AS SELECT * FROM oauth_import_django_oauth_plus('import_plus', dry_run => true);
SELECT count(*) FROM oauth.client WHERE imported_from = 'django-oauth-plus';
SELECT count(*) = :keys FROM oauth.master_key;
CREATE TEMPORARY TABLE report AS SELECT * FROM oauth_import_django_oauth_plus('import_plus');
SELECT * FROM report ORDER BY kind, action DESC, reason COLLATE "C";
SELECT count(*) FROM ((TABLE dry EXCEPT TABLE report) UNION ALL (TABLE report EXCEPT TABLE dry)) d WHERE kind <> 'nonce';
SELECT sum(n) FILTER (WHERE kind = 'client') = (SELECT count(*) FROM import_plus.oauth_provider_consumer),
	sum(n) FILTER (WHERE kind = 'oauth1_token') = (SELECT count(*) FROM import_plus.oauth_provider_token) FROM report;
\echo -- clients: their secrets are sealed, and nothing is in the clear
SELECT client_id, client_name, client_type, grant_types, redirect_uris, scope, secret_sealed IS NOT NULL, secret_hash IS NOT NULL
FROM oauth.client WHERE imported_from = 'django-oauth-plus' ORDER BY client_id;
SELECT count(*) FROM oauth.client c WHERE c::text LIKE '%consumer-secret%' OR encode(secret_sealed, 'escape') LIKE '%secret%';
SELECT count(*) FROM oauth.oauth1_token t WHERE t::text LIKE '%token-%' OR encode(secret_sealed, 'escape') LIKE '%secret%';
SELECT scope, description, is_default FROM oauth.scope WHERE scope LIKE 'plus:%' ORDER BY scope;
\echo -- handles are of the time of issue, where that is believable
SELECT left(encode(token_hash, 'hex'), 8), to_timestamp(946684800 + (handle >> 11) / 1000000) AT TIME ZONE 'UTC', expires_at FROM oauth.oauth1_token
WHERE handle >> 11 < extract(epoch FROM timestamptz '2018-01-01') * 1000000 - 946684800000000 ORDER BY handle;

-- A signed call: status and body.
CREATE FUNCTION pg_temp.call(key text, secret text, token text, token_secret text, nonce text DEFAULT md5(random()::text), ts bigint DEFAULT extract(epoch FROM now())) RETURNS text LANGUAGE sql AS $$
	WITH header AS (SELECT format('OAuth oauth_consumer_key="%s", oauth_token="%s", oauth_signature_method="HMAC-SHA1", oauth_timestamp="%s", oauth_nonce="%s"',
		key, token, ts, replace(nonce, ' ', '%20')) AS h),
	signed AS (SELECT h || format(', oauth_signature="%s"', replace(replace(replace(oauth_signature('HMAC-SHA1',
		oauth_signature_base_string('GET', 'http://localhost/api/', h), secret, token_secret), '+', '%2B'), '/', '%2F'), '=', '%3D')) AS h FROM header)
	SELECT concat_ws(' ', r.status, convert_from(r.body, 'UTF8')) FROM signed, oauth.resource(ROW('GET', '/api/', ARRAY['Host: localhost', 'Authorization: ' || h], NULL, 'http', '127.0.0.1')::oauth.http_request) r $$;
\echo -- old tokens sign calls; a wrong secret, the token of another client and a replay do not
SELECT pg_temp.call('consumer-key', 'consumer-secret', 'token-readonly', 'secret-1');
SELECT pg_temp.call('consumer-key', 'consumer-secret', 'token-noscope', 'secret-2');
SELECT pg_temp.call('consumer-key', 'consumer-secret', 'token-twice', 'secret-new');
SELECT pg_temp.call('copied-key', 'new&secret %ü', 'token-words', '');
SELECT left(pg_temp.call(key, secret, token, token_secret), 3), token FROM (VALUES
	('consumer-key', 'wrong', 'token-readonly', 'secret-1'), ('consumer-key', 'consumer-secret', 'token-readonly', 'secret-2'),
	('consumer-key', 'consumer-secret', 'token-twice', 'secret-old'), ('consumer-key', 'consumer-secret', 'token-request', 'secret-8'),
	('consumer-key', 'consumer-secret', 'token-nobody', 'secret-6'), ('consumer-key', 'consumer-secret', 'token-inactive', 'secret-5'),
	('copied-key', 'new&secret %ü', 'token-readonly', 'secret-1'), ('rejected-key', 'rejected-secret', 'token-rejected', 'secret-4'),
	('pending-key', 'pending-secret', 'token-pending', 'secret-3')) v (key, secret, token, token_secret);
SELECT left(pg_temp.call('consumer-key', 'consumer-secret', 'token-readonly', 'secret-1', 'one nonce'), 3), left(pg_temp.call('consumer-key', 'consumer-secret', 'token-readonly', 'secret-1', 'one nonce'), 3);
\echo -- a request that was recorded before is a replay
SELECT pg_temp.call('consumer-key', 'consumer-secret', 'token-noscope', 'secret-2', 'old nonce', :recently);
SELECT left(pg_temp.call('consumer-key', 'consumer-secret', 'token-noscope', 'secret-2', 'another nonce', :recently), 3);
\echo -- the name of a token is no bearer token
SELECT active FROM oauth_verify_token('token-readonly');
SELECT oauth_introspect_token('token-readonly');
\echo -- it can be exchanged, and revoked, and is not taken again
SELECT scope FROM oauth_exchange_token('token-readonly');
SELECT oauth_revoke_token('token-readonly'), left(pg_temp.call('consumer-key', 'consumer-secret', 'token-readonly', 'secret-1'), 3);
SELECT * FROM oauth_import_django_oauth_plus('import_plus') WHERE action = 'taken' OR reason = 'already here' ORDER BY 1;
SELECT left(pg_temp.call('consumer-key', 'consumer-secret', 'token-readonly', 'secret-1'), 3);
\echo -- consumers that nobody accepted, on request
SELECT * FROM oauth_import_django_oauth_plus('import_plus', pending_as_accepted => true, read_write => true) WHERE action = 'taken' ORDER BY 1;
SELECT pg_temp.call('pending-key', 'pending-secret', 'token-pending', 'secret-3');
\echo -- their secrets are sealed anew with a new master key
SELECT oauth_rotate_master_key() >= 8, left(pg_temp.call('consumer-key', 'consumer-secret', 'token-noscope', 'secret-2'), 3);
\echo -- disabling the client, or the subject, ends them
SELECT oauth_disable_client('pending-key'), left(pg_temp.call('pending-key', 'pending-secret', 'token-pending', 'secret-3'), 3);
SELECT oauth_revoke_subject('1') > 0, left(pg_temp.call('consumer-key', 'consumer-secret', 'token-noscope', 'secret-2'), 3);
\echo -- before 2.2: resources, and columns that are not there yet
ALTER TABLE import_plus.oauth_provider_scope RENAME TO oauth_provider_resource;
ALTER TABLE import_plus.oauth_provider_token RENAME scope_id TO resource_id;
ALTER TABLE import_plus.oauth_provider_consumer DROP xauth_allowed;
UPDATE import_plus.oauth_provider_consumer SET key = 'before-' || key;
UPDATE import_plus.oauth_provider_token SET key = 'before-' || key;
SELECT * FROM oauth_import_django_oauth_plus('import_plus') WHERE action = 'taken' ORDER BY 1;
SELECT pg_temp.call('before-consumer-key', 'consumer-secret', 'before-token-readonly', 'secret-1');
SELECT pg_temp.try($$SELECT oauth_import_django_oauth_plus(NULL)$$);
SELECT pg_temp.try($$SELECT oauth_import_django_oauth_plus('public')$$);
ALTER TABLE import_plus.oauth_provider_token DROP "timestamp";
SELECT pg_temp.try($$SELECT oauth_import_django_oauth_plus('import_plus')$$);
SELECT pg_temp.try($$SELECT oauth_import_django_oauth_plus('import_plus', dry_run => true)$$);

DELETE FROM oauth.imported_token;
SET client_min_messages = warning;
DROP SCHEMA import_plus CASCADE;
DELETE FROM oauth.scope WHERE scope LIKE 'plus:%';
