-- grant_token_exchange.sql: tokens for tokens (RFC 8693): access tokens, ID tokens, JWTs of trusted issuers; who acts for whom.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://here.example';

\set exchange 'urn:ietf:params:oauth:grant-type:token-exchange'
SELECT oauth_create_user('exchange alice 2', 'wonderland') AS alice \gset
CREATE TEMP TABLE rp (name text PRIMARY KEY, id text, secret text);
INSERT INTO rp SELECT n, r.* FROM unnest('{own,other}'::text[]) n, oauth_register_client('exchange ' || n, redirect_uris => '{https://rp.example/cb}',
	grant_types => ARRAY['authorization_code', 'refresh_token', 'client_credentials', :'exchange'], scope => 'openid profile read write') r;
INSERT INTO rp SELECT 'without', r.* FROM oauth_register_client('exchange without', grant_types => '{client_credentials}', scope => 'read write') r;
SELECT id AS own FROM rp WHERE name = 'own' \gset
SELECT id AS other FROM rp WHERE name = 'other' \gset
SELECT oauth_create_signing_key('ES256') AS kid \gset
SELECT oauth_jwks() AS keys \gset
SELECT oauth_trust_issuer('https://idp.example', :'keys');

CREATE FUNCTION pg_temp.go(path text, cookies text DEFAULT '', form text DEFAULT NULL) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT CASE WHEN path LIKE '/login%' THEN oauth.login(r) WHEN path LIKE '/oauth2/device%' THEN oauth.device(r) ELSE oauth.authorize(r) END
	FROM (SELECT ROW(CASE WHEN form IS NULL THEN 'GET' ELSE 'POST' END, path, ARRAY['Content-Type: application/x-www-form-urlencoded', 'Cookie: __Host-oauth_browser=00000000000000000000000000000001; ' || cookies], convert_to(form, 'UTF8'), 'https', '127.0.0.1')::oauth.http_request) x (r) $$;
CREATE FUNCTION pg_temp.field(r oauth.http_response, name text) RETURNS text LANGUAGE sql AS $$ SELECT replace(substring(convert_from(r.body, 'UTF8') FROM 'name="' || name || '" value="([^"]*)"'), '&amp;', '&') $$;
CREATE FUNCTION pg_temp.location(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT substr(h, 11) FROM unnest(r.headers) h WHERE h LIKE 'Location: %' $$;
CREATE FUNCTION pg_temp.login() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT '__Host-oauth_session=' || substring(h FROM '=(oas_[^;]*)') FROM unnest((pg_temp.go('/login', '', 'username=exchange+alice+2&password=wonderland&token=' || pg_temp.field(pg_temp.go('/login'), 'token'))).headers) h WHERE h LIKE 'Set-Cookie: __Host-oauth_session=oas_%' $$;
CREATE FUNCTION pg_temp.esc(t text) RETURNS text LANGUAGE sql AS $$ SELECT replace(replace(replace(replace(replace($1, '%', '%25'), '&', '%26'), '"', '%22'), ' ', '%20'), '#', '%23') $$;
CREATE FUNCTION pg_temp.code(who text, scope text, session text, more text DEFAULT '') RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	page oauth.http_response;
BEGIN
	page := pg_temp.go(format('/oauth2/authorize?client_id=%s&response_type=code&scope=%s%s', (SELECT id FROM rp WHERE name = who), replace(scope, ' ', '%20'), more), session);
	IF page.status = 200 THEN
		page := pg_temp.go('/oauth2/authorize/confirm', session, format('request=%s&token=%s&decision=approve', pg_temp.esc(pg_temp.field(page, 'request')), pg_temp.field(page, 'token')));
	END IF;
	RETURN coalesce(substring(pg_temp.location(page) FROM 'code=([^&]*)'), page.status || ' ' || pg_temp.location(page));
END $$;
CREATE FUNCTION pg_temp.post(who text, form text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT convert_from(body, 'UTF8')::jsonb || jsonb_build_object('status', status) FROM rp, LATERAL oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}',
		convert_to(format('client_id=%s&client_secret=%s&%s', id, secret, form), 'UTF8'), 'https', '127.0.0.1')) WHERE name = who $$;
-- An exchange by that client; types by their last word.
CREATE FUNCTION pg_temp.exchange(token text, more text DEFAULT '', type text DEFAULT 'access_token', who text DEFAULT 'own') RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.post(who, format('grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token=%s&subject_token_type=urn:ietf:params:oauth:token-type:%s%s', token, type, more)) $$;
CREATE FUNCTION pg_temp.acting(token text, type text DEFAULT 'access_token') RETURNS text LANGUAGE sql AS $$ SELECT format('&actor_token=%s&actor_token_type=urn:ietf:params:oauth:token-type:%s', token, type) $$;
CREATE FUNCTION pg_temp.said(answer jsonb) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT replace(replace(replace(concat_ws(' ', answer ->> 'status', answer ->> 'error', answer ->> 'error_description', regexp_replace(answer ->> 'issued_token_type', '.*:', ''), i ->> 'sub', i ->> 'scope', i ->> 'aud', i -> 'act', answer ->> 'refresh_token'),
	(SELECT id FROM rp WHERE name = 'own'), '(own)'), (SELECT id FROM rp WHERE name = 'other'), '(other)'), (SELECT subject FROM oauth.user WHERE username = 'exchange alice 2'), '(alice)') FROM oauth_introspect_token(answer ->> 'access_token') i $$;
CREATE FUNCTION pg_temp.try(token text, more text DEFAULT '', type text DEFAULT 'access_token', who text DEFAULT 'own') RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT pg_temp.said(pg_temp.exchange(token, more, type, who)) $$;
CREATE FUNCTION pg_temp.jwt(change jsonb DEFAULT '{}', typ text DEFAULT 'JWT') RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT oauth_sign_jwt(jsonb_build_object('iss', 'https://idp.example', 'sub', 'a-1', 'aud', 'https://here.example', 'exp', floor(extract(epoch FROM now())) + 120) || change, 'ES256', typ) $$;

\echo -- impersonation: the same subject, as much scope or less, no refresh token, "issued_token_type REQUIRED" (RFC 8693, section 2.2.1)
SELECT access_token AS token FROM oauth_issue_token(:'own', :'alice', 'read write') \gset
SELECT pg_temp.exchange(:'token') AS answer \gset
SELECT :'answer'::jsonb - '{access_token,expires_in}'::text[];
SELECT more, pg_temp.try(:'token', more) FROM unnest('{"",&scope=read,&scope=read+admin,&scope=openid,"&scope=a%22"}'::text[]) more;
\echo -- under the grant of the token: what ends the one ends the other
SELECT count(*), count(DISTINCT grant_handle) FROM oauth.access_token a JOIN oauth.grant g ON g.handle = a.grant_handle WHERE client_id = :'own';
SELECT access_token AS short, pg_temp.exchange(access_token) ->> 'access_token' AS short_too FROM oauth_issue_token(:'own', :'alice', 'read', lifetime => '100 s') \gset
SELECT expires_at = (SELECT expires_at FROM oauth_verify_token(:'short')) FROM oauth_verify_token(:'short_too');
SELECT pg_temp.post('own', 'grant_type=client_credentials')  ->> 'access_token' AS service \gset
\echo -- a token of the client itself
SELECT pg_temp.try(:'service', '&scope=read');
BEGIN;
SELECT oauth_revoke_subject(:'alice') > 0;
SELECT active FROM oauth_verify_token(:'short_too');
SELECT pg_temp.try(:'token');
ROLLBACK;
BEGIN;
SELECT oauth_disable_user('exchange alice 2');
SELECT active FROM oauth_verify_token(:'short_too');
SELECT pg_temp.try(:'token');
ROLLBACK;

\echo -- RFC 8693, section 2.1: "subject_token REQUIRED", "subject_token_type REQUIRED", "actor_token_type REQUIRED when the actor_token parameter is present [...] MUST NOT be included otherwise"; each once
SELECT n, pg_temp.said(pg_temp.post('own', 'grant_type=' || :'exchange' || form)) FROM (VALUES (1, ''), (2, '&subject_token=' || :'token'), (3, '&subject_token_type=urn:ietf:params:oauth:token-type:access_token'), (4, '&subject_token=' || :'token' || '&subject_token_type=x'), (5, '&subject_token=&subject_token_type=urn:ietf:params:oauth:token-type:access_token')) v (n, form) ORDER BY n;
SELECT more, pg_temp.try(:'token', more) FROM unnest('{&actor_token=x,&actor_token_type=urn:ietf:params:oauth:token-type:access_token,&actor_token=x&actor_token_type=y,&subject_token=x,&scope=read&scope=write}'::text[]) more;
\echo -- RFC 8693, section 2.1; RFC 8693, section 3: requested_token_type: an access token; a JWT where access tokens are JWTs; nothing else, no refresh token either
SELECT type, pg_temp.try(:'token', '&requested_token_type=urn:ietf:params:oauth:token-type:' || type) FROM unnest('{access_token,jwt,refresh_token,id_token,saml2,id-jag}'::text[]) type;
SELECT oauth_register_resource('https://jwt.example/', access_token_format => 'jwt');
SELECT pg_temp.exchange(:'token', '&requested_token_type=urn:ietf:params:oauth:token-type:jwt&resource=https://jwt.example/') AS answer \gset
SELECT pg_temp.said(:'answer');
SELECT claims - '{exp,iat,jti,client_id,sub}'::text[] FROM oauth_verify_jwt(:'answer'::jsonb ->> 'access_token', :'keys', '{ES256}', 'at+jwt');
\echo -- a JWT access token of here is one under both types
SELECT type, pg_temp.try(:'answer'::jsonb ->> 'access_token', '', type) FROM unnest('{access_token,jwt,id_token}'::text[]) type;

\echo -- RFC 8693, section 2.1; RFC 8693, section 2.2.2: resource and audience set aud; audience is a URI or the client_id of a client; within what was granted
SELECT more, pg_temp.try(:'token', replace(more, '(other)', :'other')) FROM unnest('{&resource=https://a.example/,&audience=https://a.example/,&resource=https://a.example/&audience=https://b.example/&audience=(other),&audience=(other),&audience=nobody,&audience=a+b,&resource=a,&resource=https://a.example/%23x,&audience=https://a.example/%23x}'::text[]) more;
SELECT access_token AS narrow FROM oauth_issue_token(:'own', :'alice', 'read', resource => 'https://a.example/') \gset
SELECT more, pg_temp.try(:'narrow', replace(more, '(other)', :'other')) FROM unnest('{"",&resource=https://a.example/,&resource=https://b.example/,&audience=https://b.example/,&audience=(other)}'::text[]) more;
SET oauth.require_registered_resource = on;
SELECT more, pg_temp.try(:'token', more) FROM unnest('{&resource=https://jwt.example/,&audience=https://jwt.example/,&audience=https://a.example/}'::text[]) more;
RESET oauth.require_registered_resource;
\echo -- a token for a client is none for here
SELECT status FROM oauth.resource(ROW('GET', '/api/', ARRAY['Authorization: Bearer ' || (pg_temp.exchange(:'token', '&audience=' || :'other') ->> 'access_token')], NULL, 'https', NULL));

\echo -- RFC 8693, section 2.2.2; RFC 8693, section 2.1: "if the subject_token is invalid for any reason [...] the invalid_request error code": one of another client, a refresh token, an expired one, nonsense
SELECT pg_temp.try(:'token', '', 'access_token', 'other');
SELECT pg_temp.try(:'token', '', 'access_token', 'without');
SELECT refresh_token AS refresh FROM oauth_issue_token(:'own', :'alice', 'read', refresh => true) \gset
SELECT type, left(token, 4), pg_temp.try(token, '', type) FROM unnest('{access_token,id_token,jwt,refresh_token}'::text[]) type, (VALUES (1, 'x'), (2, :'refresh'), (3, 'a.b.c'), (4, 'oat_' || repeat('A', 54))) v (n, token) ORDER BY n, type;
UPDATE oauth.access_token SET expires_at = now() - interval '1 s' WHERE token_hash = sha256(convert_to(:'short', 'UTF8'));
SELECT pg_temp.try(:'short');
\echo -- one that is bound to a key is not made into one that needs none
UPDATE oauth.access_token SET cnf = 'jkt:0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' WHERE token_hash = sha256(convert_to(:'narrow', 'UTF8'));
SELECT pg_temp.try(:'narrow'), pg_temp.try(:'token', pg_temp.acting(:'narrow'));

\echo -- delegation: "act [...] identifies the current actor"; an actor who acts no longer is nested in it (RFC 8693, section 4.1)
SELECT pg_temp.exchange(:'token', pg_temp.acting(:'service')) AS answer \gset
SELECT pg_temp.said(:'answer');
SELECT pg_temp.exchange(:'answer'::jsonb ->> 'access_token', pg_temp.acting(pg_temp.jwt('{"sub": "second"}'), 'jwt') || '&resource=https://jwt.example/') AS answer_2 \gset
SELECT pg_temp.said(:'answer_2');
SELECT replace((claims -> 'act')::text, :'own', '(own)') FROM oauth_verify_jwt(:'answer_2'::jsonb ->> 'access_token', :'keys', '{ES256}', 'at+jwt');
\echo -- without an actor, who acted stays
SELECT pg_temp.try(:'answer_2'::jsonb ->> 'access_token', '&scope=read');
\echo -- not more than ten; not an actor for whom another acts; not with a token of another client
SELECT :'answer'::jsonb ->> 'access_token' AS chain \gset
CREATE FUNCTION pg_temp.longer(token text, actor text, n integer) RETURNS text LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1 .. n LOOP token := pg_temp.exchange(token, pg_temp.acting(actor)) ->> 'access_token'; END LOOP; RETURN token; END $$;
SELECT pg_temp.longer(:'chain', :'service', 9) AS ten \gset
SELECT pg_temp.try(:'ten', pg_temp.acting(:'service'));
SELECT pg_temp.try(:'token', pg_temp.acting(:'chain'));
SELECT pg_temp.try(:'token', pg_temp.acting((SELECT access_token FROM oauth_issue_token(:'other'))));
SELECT pg_temp.try(:'token', pg_temp.acting(:'token'));

\echo -- may_act: "who is authorized to act on behalf of" the subject; the actor, or the client where there is none (RFC 8693, section 4.4)
SELECT may_act, pg_temp.try(pg_temp.jwt(jsonb_build_object('may_act', replace(may_act, '(own)', :'own')::jsonb)), '', 'jwt'), pg_temp.try(pg_temp.jwt(jsonb_build_object('may_act', replace(may_act, '(own)', :'own')::jsonb)), pg_temp.acting(pg_temp.jwt('{"sub": "bot"}'), 'jwt'), 'jwt')
FROM unnest(ARRAY['{"sub": "(own)"}', '{"client_id": "(own)"}', '{"iss": "https://here.example", "sub": "(own)"}', '{"sub": "bot"}', '{"iss": "https://idp.example", "sub": "bot"}', '{"iss": "https://there.example", "sub": "bot"}', '{"iss": "https://idp.example"}', '{}', '[]', '"bot"', 'null', '{"sub": 1}', '{"email": "x"}']) may_act;
\echo -- what the application says of a subject counts for access tokens
CREATE SCHEMA regress_exchange;
CREATE FUNCTION regress_exchange.claims(subject text, client_id text, scope text) RETURNS jsonb LANGUAGE sql AS $$ SELECT '{"may_act": {"sub": "nobody"}, "act": {"sub": "me"}}'::jsonb $$;
SET client_min_messages = error;
SELECT oauth_set_claims_function('regress_exchange.claims');
SELECT pg_temp.try(:'token'), oauth_introspect_token(:'token') -> 'act', oauth_introspect_token(:'chain') -> 'act' ->> 'sub' = :'own';
SET oauth.lane = 'writing';
SELECT status, headers[1] FROM rp, oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to(format('client_id=%s&client_secret=%s&grant_type=%s&subject_token=%s&subject_token_type=urn:ietf:params:oauth:token-type:access_token', id, secret, :'exchange', :'token'), 'UTF8'), 'https', NULL)) WHERE name = 'own';
RESET oauth.lane;
SET client_min_messages = warning;
SELECT oauth_set_claims_function(NULL);
DROP SCHEMA regress_exchange CASCADE;

\echo -- RFC 8693, section 2.1; RFC 8693, section 3: JWTs of a trusted issuer: under the type that they are of
SELECT type, typ, pg_temp.try(pg_temp.jwt(typ => typ), '', type) FROM unnest('{jwt,id_token,access_token}'::text[]) type, unnest('{JWT,at+jwt,oauth-id-jag+jwt,logout+jwt}'::text[]) typ ORDER BY 1, 2;
SELECT type, change, pg_temp.try(pg_temp.jwt(change::jsonb), '', type) FROM unnest('{jwt,id_token}'::text[]) type, unnest(ARRAY['{"nonce": "x"}', '{"events": {}}', '{"aud": "x"}', '{"iss": "https://nobody.example"}', '{"exp": 1}', '{"exp": 4000000000}', '{"sub": ""}', '{"azp": "x"}', '{"client_id": "x"}', '{"scope": "write"}', '{"resource": "https://a.example/"}', '{"act": {"sub": "bot"}}', '{"act": 1}', '{"cnf": {"jkt": "x"}}']) change ORDER BY 1 DESC;
\echo -- a jti is no reason to refuse it a second time: an exchange uses nothing up
SELECT pg_temp.jwt() AS again \gset
SELECT pg_temp.try(:'again', '', 'jwt'), pg_temp.try(:'again', '', 'jwt');
SELECT pg_temp.exchange(:'again', '', 'jwt') ->> 'access_token' AS from_jwt \gset
SELECT expires_at < now() + interval '3 minutes' FROM oauth_verify_token(:'from_jwt');
\echo -- what was signed here and is no access token
SELECT pg_temp.try(oauth_sign_jwt(jsonb_build_object('sub', :'alice', 'aud', 'https://here.example', 'exp', floor(extract(epoch FROM now())) + 120), 'ES256'), '', type) FROM unnest('{jwt,id_token,access_token}'::text[]) type;

\echo -- RFC 8693, section 2.1: ID tokens of here: aud is the client
SELECT pg_temp.login() AS session \gset
SELECT pg_temp.post('own', 'grant_type=authorization_code&redirect_uri=https://rp.example/cb&code=' || pg_temp.code('own', 'openid read', :'session', '&redirect_uri=https://rp.example/cb')) AS answer \gset
SELECT :'answer'::jsonb ->> 'id_token' AS id_token \gset
SELECT more, pg_temp.try(:'id_token', more, 'id_token') FROM unnest('{"",&scope=read,&scope=read+write}'::text[]) more;
SELECT pg_temp.try(:'id_token', '', 'id_token', 'other'), pg_temp.try(:'id_token', '', 'jwt'), pg_temp.try(:'id_token', '', 'access_token');
SELECT pg_temp.exchange(:'id_token', '', 'id_token') ->> 'access_token' AS from_id \gset
SELECT expires_at <= to_timestamp((claims ->> 'exp')::bigint) FROM oauth_verify_token(:'from_id'), oauth_verify_jwt(:'id_token', oauth_jwks(), '{RS256}');
\echo -- as an actor
SELECT pg_temp.try(:'token', pg_temp.acting(:'id_token', 'id_token'));
\echo -- one that has expired, that somebody made here for the client, or that has another claim
CREATE FUNCTION pg_temp.again(token text, change jsonb, typ text DEFAULT 'JWT') RETURNS text LANGUAGE sql AS $$ SELECT oauth_sign_jwt(claims || change, 'RS256', typ) FROM oauth_verify_jwt(token, oauth_jwks(), '{RS256}') $$;
SELECT change, pg_temp.try(pg_temp.again(:'id_token', replace(change, '(other)', :'other')::jsonb), '', 'id_token') FROM unnest(ARRAY['{}', '{"exp": 1}', '{"at_hash": null}', '{"sub": "x"}', '{"sub": null}', '{"aud": "(other)"}', '{"sid": "x"}', '{"nbf": 4000000000}']) change;
SELECT pg_temp.try(pg_temp.again(:'id_token', '{}', 'logout+jwt'), '', 'id_token');
\echo -- its grant, its session and its user must live
SELECT pg_temp.exchange(:'id_token', '', 'id_token') ->> 'access_token' AS from_id \gset
BEGIN;
SELECT oauth_revoke_subject(:'alice') > 0;
SELECT active FROM oauth_verify_token(:'from_id');
SELECT pg_temp.try(:'id_token', '', 'id_token');
ROLLBACK;
BEGIN;
SELECT oauth_end_session(subject => :'alice');
SELECT pg_temp.try(:'id_token', '', 'id_token');
ROLLBACK;
BEGIN;
SELECT oauth_disable_user('exchange alice 2');
SELECT pg_temp.try(:'id_token', '', 'id_token');
ROLLBACK;
\echo -- pairwise subjects: the client sees its own
SELECT oauth_update_client(:'own', '{"subject_type": "pairwise"}') ->> 'subject_type';
SELECT pg_temp.try(:'id_token', '', 'id_token');
SELECT pg_temp.post('own', 'grant_type=authorization_code&redirect_uri=https://rp.example/cb&code=' || pg_temp.code('own', 'openid read', :'session', '&redirect_uri=https://rp.example/cb')) ->> 'id_token' AS id_token \gset
SELECT pg_temp.exchange(:'id_token', '', 'id_token') AS answer \gset
SELECT pg_temp.said(:'answer'), subject = :'alice' FROM oauth_verify_token(:'answer'::jsonb ->> 'access_token');
\echo -- and the subject of an actor is not told either
SELECT pg_temp.exchange(:'token', pg_temp.acting(:'id_token', 'id_token')) ->> 'access_token' AS acted \gset
SELECT oauth_introspect_token(:'acted') -> 'act' ->> 'sub' IN (:'alice', :'own');

\echo -- what was done
SELECT DISTINCT grant_type FROM oauth.grant WHERE client_id = :'own' ORDER BY 1;
\echo -- who distrusts an issuer ends the tokens of its people, those that were exchanged on, and those with which its people act for others
SELECT access_token AS token FROM oauth_issue_token(:'own', :'alice', 'read write') \gset
SELECT pg_temp.exchange(pg_temp.jwt(), type => 'jwt') ->> 'access_token' AS theirs \gset
SELECT pg_temp.exchange(:'theirs') ->> 'access_token' AS onward, pg_temp.exchange(:'token', pg_temp.acting(pg_temp.jwt('{"sub": "helper"}'), 'jwt')) ->> 'access_token' AS helped \gset
SELECT pg_temp.exchange(:'helped') ->> 'access_token' AS helped_onward \gset
SELECT n, v.active FROM unnest(ARRAY[:'token', :'theirs', :'onward', :'helped', :'helped_onward']) WITH ORDINALITY t (token, n), oauth_verify_token(token) v ORDER BY n;
BEGIN;
SELECT oauth_distrust_issuer('https://idp.example');
SELECT n, v.active FROM unnest(ARRAY[:'token', :'theirs', :'onward', :'helped', :'helped_onward']) WITH ORDINALITY t (token, n), oauth_verify_token(token) v ORDER BY n;
ROLLBACK;
SELECT oauth_unregister_resource('https://jwt.example/'), oauth_distrust_issuer('https://idp.example'), oauth_retire_signing_key(:'kid');
