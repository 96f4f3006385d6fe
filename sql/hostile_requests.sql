-- hostile_requests.sql: no request of a client raises an error, whatever is in it: requests that are nearly right, with bytes
-- changed, taken out, put in and doubled, sent to every endpoint.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
\set main :DBNAME
CREATE DATABASE regress_oauth_hostile TEMPLATE template0 ENCODING 'UTF8';
\c regress_oauth_hostile
SET client_min_messages = error;
CREATE EXTENSION oauth CASCADE;
SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://auth.example.com';
SET oauth.registration = open;
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('hostile', redirect_uris => '{https://app.example/back}', scope => 'read write',
	grant_types => '{authorization_code,refresh_token,password,client_credentials,oauth1,oauth1_two_legged,oauth1_xauth,urn:ietf:params:oauth:grant-type:device_code,urn:ietf:params:oauth:grant-type:token-exchange}') \gset
SELECT oauth_create_user('alice', 'wonderland') AS alice \gset
SELECT access_token AS token, refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', 'read', refresh => true) \gset

-- What is nearly right.
CREATE TABLE request (endpoint text, method text, target text, headers text[], body text);
SELECT '{Content-Type: application/x-www-form-urlencoded,"Cookie: oauth_browser=00000000000000000000000000000001; oauth_session=oas_x",Host: auth.example.com,"Origin: https://app.example"}' AS form,
	format('client_id=%s&client_secret=%s', :'id', :'secret') AS auth \gset
INSERT INTO request SELECT 'token', 'POST', '/oauth2/token', :'form', :'auth' || '&grant_type=' || g || '&username=alice&password=wonderland&scope=read&code=oac_x&device_code=odc_x&code_verifier=x&redirect_uri=https://app.example/back&refresh_token='
	|| :'refresh' || '&subject_token=' || :'token' || '&subject_token_type=urn:ietf:params:oauth:token-type:access_token'
	FROM unnest('{password,refresh_token,client_credentials,authorization_code,urn:ietf:params:oauth:grant-type:device_code,urn:ietf:params:oauth:grant-type:token-exchange}'::text[]) g;
INSERT INTO request VALUES
	('introspect', 'POST', '/oauth2/introspect', :'form', :'auth' || '&token=' || :'token'),
	('introspect', 'POST', '/oauth2/introspect', :'form'::text[] || ('Authorization: Basic ' || translate(encode(convert_to(:'id' || ':' || :'secret', 'UTF8'), 'base64'), E'\n', '')), 'token=x'),
	('revoke', 'POST', '/oauth2/revoke', :'form', :'auth' || '&token=x&token_type_hint=access_token'),
	('device_authorization', 'POST', '/oauth2/device_authorization', :'form', :'auth' || '&scope=read'),
	('authorize', 'GET', '/oauth2/authorize?response_type=code&client_id=' || :'id' || '&redirect_uri=https%3A%2F%2Fapp.example%2Fback&state=x&prompt=login%20consent&max_age=10&resource=https%3A%2F%2Fx.example&ui_locales=de%20fr&login_hint=x', :'form', NULL),
	('authorize', 'POST', '/oauth2/authorize/confirm', :'form', 'request=a%3Db&token=x.y&decision=approve'),
	('login', 'GET', '/login?return=%2Faccount&verifier=olv_' || repeat('A', 54), :'form'::text[] || 'Accept-Language: de;q=0.5, fr, *;q=0.1'::text, NULL),
	('login', 'POST', '/login', :'form'::text[] || 'Sec-Fetch-Site: same-origin'::text, 'token=x&username=alice&password=wonderland&return=/account'),
	('logout', 'GET', '/logout?post_logout_redirect_uri=https%3A%2F%2Fapp.example%2F&client_id=' || :'id' || '&state=s&id_token_hint=a.b.c', :'form', NULL),
	('account', 'POST', '/account', :'form', 'token=x&action=revoke&client_id=x'),
	('device', 'GET', '/oauth2/device?user_code=BCDF-GHJK', :'form', NULL),
	('register', 'POST', '/oauth2/register', '{Content-Type: application/json}', '{"client_name": "x", "redirect_uris": ["https://x.example/back"], "grant_types": ["authorization_code"], "scope": "read", "jwks": {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}, "cors_origins": ["https://x.example"], "contacts": ["x"]}'),
	('register', 'PUT', '/oauth2/register/' || :'id', '{Content-Type: application/json,Authorization: Bearer orr_x}', '{"client_id": "x", "client_name": "y"}'),
	('metadata', 'GET', '/.well-known/oauth-authorization-server/x', :'form', NULL),
	('protected_resource_metadata', 'GET', '/.well-known/oauth-protected-resource/api/x', :'form', NULL),
	('userinfo', 'GET', '/oauth2/userinfo', :'form'::text[] || ('Authorization: Bearer ' || :'token'), NULL),
	('resource', 'GET', '/api/', :'form'::text[] || ('Authorization: Bearer ' || :'token'), NULL),
	('resource', 'POST', '/api/x?a=b', :'form'::text[] || ('Authorization: OAuth realm="x",oauth_consumer_key="' || :'id' || '",oauth_signature_method="HMAC-SHA1",oauth_timestamp="' || floor(extract(epoch FROM now())) || '",oauth_nonce="n",oauth_version="1.0",oauth_signature="x%3D"'), 'a=b&c'),
	('forward_auth', 'GET', '/auth', :'form'::text[] || ('Authorization: Bearer ' || :'token') || '{X-Original-URI: /a?b=c,X-Original-Method: GET}'::text[], NULL),
	('oauth1_request_token', 'POST', '/oauth/request_token', :'form'::text[] || ('Authorization: OAuth oauth_consumer_key="' || :'id' || '",oauth_signature_method="PLAINTEXT",oauth_callback="oob",oauth_signature="' || :'secret' || '%26"'), NULL),
	('oauth1_access_token', 'POST', '/oauth/access_token', :'form'::text[] || ('Authorization: OAuth oauth_consumer_key="' || :'id' || '",oauth_signature_method="PLAINTEXT",oauth_signature="' || :'secret' || '%26"'), 'x_auth_username=alice&x_auth_password=wonderland&x_auth_mode=client_auth'),
	('oauth1_authorize', 'GET', '/oauth/authorize?oauth_token=x&oauth_callback=y', :'form', NULL);

CREATE FUNCTION pg_temp.below(n integer) RETURNS integer LANGUAGE sql VOLATILE AS $$ SELECT floor(random() * n)::integer $$;
CREATE FUNCTION pg_temp.one_of(words text[]) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT words[1 + pg_temp.below(cardinality(words))] $$;
CREATE FUNCTION pg_temp.spoiled(bytes bytea) RETURNS bytea LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	place integer;
BEGIN
	FOR i IN 1 .. pg_temp.below(4) LOOP
		place := pg_temp.below(length(bytes) + 1);
		bytes := CASE pg_temp.below(4)
			WHEN 0 THEN CASE WHEN place < length(bytes) THEN set_byte(bytes, place, pg_temp.below(256)) ELSE bytes END
			WHEN 1 THEN substr(bytes, 1, place) || substr(bytes, place + 1 + pg_temp.below(6))
			WHEN 2 THEN substr(bytes, 1, place) || substr(bytes, greatest(1, place - pg_temp.below(20)))
			ELSE substr(bytes, 1, place) || convert_to(pg_temp.one_of('{%00,%,%zz,=,&,"\"","\\\\",%ff,%C3,ü,+,<b>,'',%0d%0a,"\,",99999999999999999999,-1,"\{","\}",[,],"null",OAuth ,Bearer ,Basic ,oat_,ort_,oauth_token=,::,%E2%80%AE,..,//,?,#}'), 'UTF8') || substr(bytes, place + 1)
		END;
	END LOOP;
	RETURN bytes;
END $$;
-- The shim lets no text through that is not UTF-8.
CREATE FUNCTION pg_temp.spoiled(word text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	RETURN convert_from(pg_temp.spoiled(convert_to(word, 'UTF8')), 'UTF8');
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
	RETURN word;
END $$;

CREATE TABLE answer (endpoint text, status integer, steps bigint);
SELECT setseed(0.5);
DO $$
DECLARE
	r record;
	spoiled oauth.http_request;
	status integer;
	n bigint;
BEGIN
	FOR r IN SELECT request.* FROM request, generate_series(1, 120) LOOP
		spoiled := ROW(CASE WHEN pg_temp.below(20) = 0 THEN pg_temp.one_of('{GET,POST,PUT,DELETE,OPTIONS,HEAD,x,""}') ELSE r.method END, pg_temp.spoiled(r.target),
			ARRAY(SELECT CASE WHEN pg_temp.below(3) = 0 THEN pg_temp.spoiled(h) ELSE h END FROM unnest(r.headers) h), pg_temp.spoiled(convert_to(r.body, 'UTF8')), pg_temp.one_of('{http,https}'),
			format('10.0.%s.%s', pg_temp.below(256), pg_temp.below(256))::inet);
		BEGIN
			EXECUTE format('SELECT (oauth.%I($1)).status', r.endpoint) INTO status USING spoiled;
			SELECT count(*) INTO n FROM oauth_explain_request(spoiled);
			INSERT INTO answer VALUES (r.endpoint, status, n);
		EXCEPTION WHEN OTHERS THEN
			RAISE INFO '% (%): %', SQLERRM, SQLSTATE, spoiled;
		END;
	END LOOP;
END $$;
SELECT endpoint, count(*), bool_and(status BETWEEN 200 AND 499), min(steps) > 0 FROM answer GROUP BY 1 ORDER BY 1;

\echo -- and none that lacks something, also where it is explained: each of these, without headers, without a body, with little in either
SELECT count(*), bool_and(n > 0) FROM (SELECT DISTINCT method, target FROM request) r,
	(VALUES ('{}'::text[]), (ARRAY['Content-Type: application/x-www-form-urlencoded']), (ARRAY['Content-Type: application/json']), (ARRAY['Authorization: OAuth']),
		(ARRAY['Authorization: OAuth oauth_token=""']), (ARRAY['Authorization: Bearer']), (ARRAY['Authorization: Basic']), (ARRAY['Cookie:']), (ARRAY[':']), (ARRAY[''])) h (h),
	unnest('{NULL,"",=,&,token=,oauth_token=,a,"{}","[]",null}'::text[]) b,
	LATERAL (SELECT count(*) AS n FROM oauth_explain_request(r.method, r.target, h.h, b)) e;
SELECT count(*), bool_and(n > 0) FROM unnest('{GET,POST,"",x}'::text[]) m, unnest('{/oauth/request_token,/oauth/access_token,/oauth/authorize,/oauth2/token,/oauth2/authorize,/oauth2/authorize?,/oauth2/authorize?=,/oauth2/revoke,/oauth2/introspect,/oauth2/register,/oauth2/device_authorization,/oauth2/userinfo,/api/,/auth,/,?,"",https://}'::text[]) t,
	LATERAL (SELECT count(*) AS n FROM oauth_explain_request(m, t)) e;

\c :main
DROP DATABASE regress_oauth_hostile;
