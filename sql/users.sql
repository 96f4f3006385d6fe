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
SELECT oauth_create_user('users cost', 'wonderland') IS NOT NULL;
RESET oauth.bcrypt_cost;
SELECT left(password_hash, 7) FROM oauth.user WHERE username = 'users cost';
SET oauth.bcrypt_cost = 4;
SELECT pg_temp.login(:'auth', 'users+alice', 'wonderland'), pg_temp.login(:'auth', 'users+alice', 'Wonderland');
\echo -- names are anything that can be written in a line
SELECT username, pg_temp.try(format('SELECT ''created'' FROM oauth_create_user(%L, ''wonderland'')', username)) FROM (VALUES ('users alice', 1), ('Users Alicia', 2), ('users ünïcödé ☃', 3), ('users ''"\;--%s', 4), (repeat('x', 255), 5),
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
SELECT label, pg_temp.try(format('SELECT ''created'' FROM oauth_create_user(%L, %L)', 'users ' || label, password)) FROM (VALUES ('72', repeat('x', 72)), ('73', repeat('x', 73)), ('36 of two', repeat('é', 36)), ('37 of two', repeat('é', 37)), ('none', ''), ('space', ' '), ('7', '1234567'), ('7 of two', repeat('é', 7)), ('7 composed', repeat(U&'e\0301', 7)), ('8 composed', repeat(U&'e\0301', 8)), ('dollars', '$2 dollars and more')) v (label, password) ORDER BY 1;
SELECT pg_temp.login(:'auth', 'users+72', repeat('x', 72)), pg_temp.login(:'auth', 'users+72', repeat('x', 71)), pg_temp.login(:'auth', 'users+72', repeat('x', 73)), pg_temp.login(:'auth', 'users+72', repeat('x', 71) || 'y'), pg_temp.login(:'auth', 'users+none', '');

\echo -- a new password ends the tokens that were issued under the old one, and no others
SELECT access_token AS token, refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', refresh => true) \gset
SELECT access_token AS other FROM oauth_issue_token(:'id', 'users-app') \gset
SELECT oauth_set_password('users alice', 'looking glass');
SELECT a.active, b.active, oauth_introspect_token(:'refresh'), pg_temp.login(:'auth', 'users+alice', 'wonderland'), pg_temp.login(:'auth', 'users+alice', 'looking+glass') FROM oauth_verify_token(:'token') a, oauth_verify_token(:'other') b;
SELECT DISTINCT ended_reason FROM oauth.grant WHERE subject = :'alice' AND ended_at IS NOT NULL;
SELECT pg_temp.try(format('SELECT oauth_set_password(%L, %L)', username, password)) FROM (VALUES ('nobody', 'x', 1), ('users alice', '', 2), ('users alice', repeat('x', 73), 3), ('users alice', '1234567', 4), ('users alice', '$2a$10$', 5)) v (username, password, n) ORDER BY n;
SELECT oauth_set_password('users alice', '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW');
SELECT pg_temp.login(:'auth', 'users+alice', 'U*U');
\echo -- rolled back, the old password and the tokens are as they were
SELECT access_token AS token FROM oauth_issue_token(:'id', :'alice') \gset
BEGIN;
SELECT oauth_set_password('users alice', 'looking-glass');
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

\echo -- deleting frees the name and not the subject, which is "never reassigned" (Core, section 2; RFC 7519, section 4.1.2)
SELECT access_token AS token FROM oauth_issue_token(:'id', :'alice') \gset
SELECT oauth_delete_user('users alice');
SELECT active, pg_temp.login(:'auth', 'users+alice', 'U*U') FROM oauth_verify_token(:'token');
SELECT replace(pg_temp.try(format('SELECT oauth_issue_token(%L, %L)', :'id', :'alice')), :'alice', 'SUBJECT');
SELECT oauth_create_user('users alice', 'wonderland') AS another \gset
SELECT :'another' <> :'alice', active FROM oauth_verify_token(:'token');
SELECT access_token AS token FROM oauth_issue_token(:'id', :'another') \gset
SELECT oauth_introspect_token(:'token') ->> 'username';

\echo -- a name is one name, however it is typed; it is kept as it was given (RFC 8265, UsernameCaseMapped)
CREATE FUNCTION pg_temp.who(name text, password text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer oauth.http_response;
BEGIN
	DELETE FROM oauth.throttle;
	answer := oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'], convert_to(format('grant_type=password&client_id=%s&username=%s&password=%s',
		(SELECT client_id FROM oauth.client WHERE client_name = 'users typing'), pg_temp.encode(name), pg_temp.encode(password)), 'UTF8'), 'http', '127.0.0.1'));
	RETURN coalesce((SELECT u.username FROM oauth_verify_token(convert_from(answer.body, 'UTF8')::jsonb ->> 'access_token') v JOIN oauth.user u USING (subject)), convert_from(answer.body, 'UTF8')::jsonb ->> 'error');
END $$;
CREATE FUNCTION pg_temp.encode(text) RETURNS text LANGUAGE sql AS $$ SELECT string_agg('%' || upper(substr(encode(convert_to($1, 'UTF8'), 'hex'), 2 * i - 1, 2)), '' ORDER BY i) FROM generate_series(1, octet_length($1)) i $$;
SELECT count(*) FROM oauth_register_client('users typing', grant_types => '{password}', client_type => 'public');
SELECT count(oauth_create_user(name, 'wonderland')) FROM unnest(ARRAY['Alice@Example.COM', U&'  Zo\00EB Mu\0308ller ', U&'\039F\0394\03A5\03A3\03A3\0395\03A5\03A3', U&'\0130stanbul', U&'\30AC\30B9', U&'Stra\1E9Ee', U&'\FF21\FF22']) name;
SELECT username, username IS NFC NORMALIZED AS composed FROM oauth.user WHERE created_at = (SELECT max(created_at) FROM oauth.user) ORDER BY username COLLATE "C";
SELECT left(typed::bytea::text, 60), pg_temp.who(typed, 'wonderland') FROM unnest(ARRAY['Alice@Example.COM', 'alice@example.com', 'ALICE@EXAMPLE.COM ', '  alice@example.com', U&'alice@example.com\00A0', U&'\3000alice@example.com', U&'\FF41lice\FF20example.com',
	U&'zo\00EB m\00FCller', U&'ZOE\0308 MU\0308LLER', U&'zo\00EB\00A0m\00FCller', U&'\03BF\03B4\03C5\03C3\03C3\03B5\03C5\03C2', U&'\03BF\03B4\03C5\03C3\03C3\03B5\03C5\03C3', U&'\0130STANBUL', U&'i\0307stanbul', U&'\FF76\FF9E\FF7D', U&'STRA\1E9EE', U&'stra\00DFe', 'ab',
	'alice', 'strasse', '', ' ', repeat('x', 5000), repeat(U&'\0308', 5000)]) WITH ORDINALITY t (typed, n) ORDER BY n;
\echo -- so no second one has it
\echo -- compatibility characters are in no new name, nor blanks that are not the space, nor two of those
SELECT name::bytea, pg_temp.try(format('SELECT ''created'' FROM oauth_create_user(%L, ''wonderland'')', name)) FROM unnest(ARRAY[U&'\FB01x', U&'o\FB03ce', U&'\017Ferver', U&'x\00B2', U&'\2460', U&'\2168', U&'\212A', U&'\+01D400da', U&'\FF46\FF49x', U&'a\00A0b', U&'a\2800b', U&'a\2003b', U&'a\3000b', 'a  b', U&' a\0020b\2003']) name;
SELECT oauth_delete_user('a b'), oauth_delete_user('fix'), oauth_delete_user('k');
SELECT pg_temp.try(format('SELECT oauth_create_user(%L, ''wonderland'')', name)) FROM unnest(ARRAY['Alice@Example.COM', 'alice@example.com', ' ALICE@EXAMPLE.COM', U&'ZOE\0308 M\00DCLLER', U&'\FF21b']) name;
\set VERBOSITY terse
INSERT INTO oauth.user (username, subject, password_hash) SELECT 'ALICE@EXAMPLE.COM', s.subject, u.password_hash FROM oauth.user u, oauth.subject s WHERE u.username = 'Alice@Example.COM' AND s.subject NOT IN (SELECT subject FROM oauth.user) LIMIT 1;
\echo -- and administration finds it
SELECT oauth_set_password('ALICE@example.com ', 'looking-glass'), pg_temp.who('alice@example.com', 'looking-glass'), oauth_disable_user('ALICE@example.com'), pg_temp.who('alice@example.com', 'looking-glass'), oauth_enable_user(' Alice@example.com'), oauth_delete_user('aLICE@example.com'), pg_temp.who('alice@example.com', 'looking-glass');
SELECT regexp_replace(pg_temp.try(format('SELECT oauth_issue_token(%L, subject => %L)', client_id, U&'zoe\0308 m\00FCller')), '[0-9a-f]{32}', 'SUBJECT') FROM oauth.client WHERE client_name = 'users typing';
\echo -- attempts at a name that nobody has are counted as one, however it is typed
DELETE FROM oauth.throttle;
SELECT count(convert_from((oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'], convert_to(format('grant_type=password&client_id=%s&username=%s&password=x', (SELECT client_id FROM oauth.client WHERE client_name = 'users typing'), pg_temp.encode(name)), 'UTF8'), 'http', '127.0.0.1'))).body, 'UTF8'))
	FROM unnest(ARRAY[U&'n\00F6body', U&'NO\0308BODY', U&' N\00D6body ']) name;
SELECT max(failures) FROM oauth.throttle;
\echo -- passwords are composed, whatever they were typed on; a hash of before still holds
SELECT count(oauth_create_user(name, password)) FROM (VALUES ('users composed', U&'Stra\00DFencaf\00E9'), ('users apart', U&'Stra\00DFencafe\0301'), ('users spaces', U&'caf\00E9\00A0au\3000lait')) v (name, password);
SELECT oauth_create_user('users before', crypt(U&'Stra\00DFencafe\0301', gen_salt('bf', 4))) IS NOT NULL;
SELECT name, pg_temp.who(name, U&'Stra\00DFencaf\00E9'), pg_temp.who(name, U&'Stra\00DFencafe\0301'), pg_temp.who(name, U&'stra\00DFencaf\00E9'), pg_temp.who(name, U&'Stra\00DFencafe') FROM unnest(ARRAY['users composed', 'users apart', 'users before']) name;
SELECT pg_temp.who('users spaces', U&'caf\00E9\00A0au\3000lait'), pg_temp.who('users spaces', U&'cafe\0301 au lait'), pg_temp.who('users spaces', U&'caf\00E9au lait'), pg_temp.who('users spaces', U&'caf\00E9 au lait ');
SELECT oauth_set_password('users before', U&'nai\0308vete\0301!'), pg_temp.who('users before', U&'na\00EFvet\00E9!'), pg_temp.who('users before', U&'nai\0308vete\0301!');
SELECT oauth_set_password('users before', repeat(U&'e\0301', 36)), pg_temp.who('users before', repeat(U&'\00E9', 36)), pg_temp.who('users before', repeat(U&'e\0301', 36)), pg_temp.who('users before', repeat(U&'e\0301', 2000));
