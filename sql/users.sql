-- users.sql: the built-in users: passwords, and what ends with them.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;

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
-- Whether the user may in with that password, by the token endpoint.
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('users', grant_types => '{password,refresh_token}') \gset
SELECT format('grant_type=password&client_id=%s&client_secret=%s', :'id', :'secret') AS auth \gset
CREATE FUNCTION pg_temp.login(auth text, username text, password text) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(convert_from(body, 'UTF8')::jsonb ->> 'error', 'in') FROM oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'],
		convert_to(concat(auth, '&username=', username, '&password=', password), 'UTF8'), 'http', NULL)) $$;

\echo -- a user: a subject that is generated and not the name, a bcrypt hash of the set cost
SELECT oauth_create_user('users alice', 'wonderland') AS alice \gset
SELECT :'alice' ~ '^[0-9a-f]{32}$', subject = :'alice', left(password_hash, 7), length(password_hash) FROM oauth.user WHERE username = 'users alice';
SET oauth.bcrypt_cost = 5;
SELECT oauth_create_user('users cost', 'x') IS NOT NULL;
RESET oauth.bcrypt_cost;
SELECT left(password_hash, 7) FROM oauth.user WHERE username = 'users cost';
SET oauth.bcrypt_cost = 4;
SELECT pg_temp.login(:'auth', 'users+alice', 'wonderland'), pg_temp.login(:'auth', 'users+alice', 'Wonderland');
\echo -- names are case-sensitive, and anything that can be written in a line
SELECT username, pg_temp.try(format('SELECT ''created'' FROM oauth_create_user(%L, ''x'')', username)) FROM (VALUES ('users alice', 1), ('Users Alice', 2), ('users ünïcödé ☃', 3), ('users ''"\;--%s', 4), (repeat('x', 255), 5),
	('', 6), (repeat('x', 256), 7), (repeat('é', 128), 8), (E'users\n', 9), (E'users\x7f', 10)) v (username, n) ORDER BY n;

\echo -- ready hashes in the spellings of other libraries, of one password
SET oauth.bcrypt_cost = 5;
SELECT username, pg_temp.try(format('SELECT ''created'' FROM oauth_create_user(%L, %L)', username, hash)), pg_temp.login(:'auth', username, 'U*U') FROM (VALUES
	('users-a', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'), ('users-b', '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'), ('users-y', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW')) v (username, hash) ORDER BY 1;
SELECT DISTINCT password_hash FROM oauth.user WHERE username ~ '^users-[aby]$';
SET oauth.bcrypt_cost = 4;
\echo -- a hash is no password: who has read it is not in
SELECT pg_temp.login(:'auth', 'users-a', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW');
\echo -- costs, and hashes that are damaged or of another kind
SELECT hash, pg_temp.try(format('SELECT ''created'' FROM oauth_create_user(%L, %L)', 'users-' || n, hash)) FROM (VALUES
	('$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 1), ('$2b$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 2), ('$2b$14$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 3),
	('$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe', 4), ('$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeWW', 5), ('$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 6),
	('$2$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 7), ('$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe!', 8), ('$2b$5$dollars are fine in a password', 9)) v (hash, n) ORDER BY n;
\echo -- passwords: 72 bytes, all of which count
SELECT label, pg_temp.try(format('SELECT ''created'' FROM oauth_create_user(%L, %L)', 'users ' || label, password)) FROM (VALUES ('72', repeat('x', 72)), ('73', repeat('x', 73)), ('36 of two', repeat('é', 36)), ('37 of two', repeat('é', 37)), ('none', ''), ('space', ' ')) v (label, password) ORDER BY 1;
SELECT pg_temp.login(:'auth', 'users+72', repeat('x', 72)), pg_temp.login(:'auth', 'users+72', repeat('x', 71)), pg_temp.login(:'auth', 'users+72', repeat('x', 73)), pg_temp.login(:'auth', 'users+72', repeat('x', 71) || 'y'), pg_temp.login(:'auth', 'users+none', '');

\echo -- a new password ends the tokens that were issued under the old one, and no others
SELECT access_token AS token, refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', refresh => true) \gset
SELECT access_token AS other FROM oauth_issue_token(:'id', 'users-app') \gset
SELECT oauth_set_password('users alice', 'looking glass');
SELECT a.active, b.active, oauth_introspect_token(:'refresh'), pg_temp.login(:'auth', 'users+alice', 'wonderland'), pg_temp.login(:'auth', 'users+alice', 'looking+glass') FROM oauth_verify_token(:'token') a, oauth_verify_token(:'other') b;
SELECT DISTINCT ended_reason FROM oauth.grant WHERE subject = :'alice' AND ended_at IS NOT NULL;
SELECT pg_temp.try(format('SELECT oauth_set_password(%L, %L)', username, password)) FROM (VALUES ('nobody', 'x', 1), ('users alice', '', 2), ('users alice', repeat('x', 73), 3)) v (username, password, n) ORDER BY n;
SELECT oauth_set_password('users alice', '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW');
SELECT pg_temp.login(:'auth', 'users+alice', 'U*U');
\echo -- rolled back, the old password and the tokens are as they were
SELECT access_token AS token FROM oauth_issue_token(:'id', :'alice') \gset
BEGIN;
SELECT oauth_set_password('users alice', 'x');
SELECT active FROM oauth_verify_token(:'token');
ROLLBACK;
SELECT active, pg_temp.login(:'auth', 'users+alice', 'U*U') FROM oauth_verify_token(:'token');

\echo -- disabling
SELECT oauth_disable_user('users alice'), oauth_disable_user('users alice');
SELECT active, pg_temp.login(:'auth', 'users+alice', 'U*U') FROM oauth_verify_token(:'token');
SELECT replace(pg_temp.try(format('SELECT oauth_issue_token(%L, %L)', :'id', :'alice')), :'alice', 'SUBJECT');
SELECT oauth_enable_user('users alice'), oauth_enable_user('users alice');
SELECT active, pg_temp.login(:'auth', 'users+alice', 'U*U') FROM oauth_verify_token(:'token');
SELECT pg_temp.try(format('SELECT %s(%L)', name, 'nobody')) FROM unnest(ARRAY['oauth_disable_user', 'oauth_enable_user', 'oauth_delete_user']) name;

\echo -- a name where a subject belongs: the hint has the subject
SELECT replace(pg_temp.try(call), :'alice', 'SUBJECT') FROM (VALUES (format('SELECT oauth_issue_token(%L, %L)', :'id', 'users alice')), ('SELECT oauth_revoke_subject(''users alice'')')) v (call);

\echo -- deleting frees the name and not the subject
SELECT access_token AS token FROM oauth_issue_token(:'id', :'alice') \gset
SELECT oauth_delete_user('users alice');
SELECT active, pg_temp.login(:'auth', 'users+alice', 'U*U') FROM oauth_verify_token(:'token');
SELECT replace(pg_temp.try(format('SELECT oauth_issue_token(%L, %L)', :'id', :'alice')), :'alice', 'SUBJECT');
SELECT oauth_create_user('users alice', 'wonderland') AS another \gset
SELECT :'another' <> :'alice', active FROM oauth_verify_token(:'token');
SELECT access_token AS token FROM oauth_issue_token(:'id', :'another') \gset
SELECT oauth_introspect_token(:'token') ->> 'username';
