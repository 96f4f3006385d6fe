-- jarm.sql: answers to authorization requests that are signed (JWT Secured Authorization Response Mode for OAuth 2.0, JARM).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://auth.example.com';

SELECT oauth_create_user('jarm alice', 'wonderland') AS alice \gset
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('jarm app', redirect_uris => '{https://app.example/back,https://app.example/back?x=1}', grant_types => '{authorization_code}', scope => 'read') \gset

CREATE FUNCTION pg_temp.cookie(session text) RETURNS text[] LANGUAGE sql AS $$ SELECT ARRAY['Cookie: oauth_browser=00000000000000000000000000000000; oauth_session=' || session] $$;
CREATE FUNCTION pg_temp.go(query text, session text DEFAULT '') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.authorize(ROW('GET', '/oauth2/authorize?' || query, pg_temp.cookie(session), NULL, 'http', '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.log_in(name text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT substring(h FROM 'oauth_session=(oas_[-_A-Za-z0-9]+)') FROM (SELECT oauth.login(ROW('GET', '/login', pg_temp.cookie(''), NULL, 'http', '127.0.0.1')) AS page) p,
	LATERAL (SELECT (oauth.login(ROW('POST', '/login', pg_temp.cookie('') || 'Content-Type: application/x-www-form-urlencoded'::text,
		convert_to('token=' || substring(convert_from((page).body, 'UTF8') FROM 'name="token" value="([^"]*)') || '&username=' || name || '&password=wonderland', 'UTF8'), 'http', '127.0.0.1'))).headers) l,
	unnest(l.headers) h WHERE h LIKE 'Set-Cookie: oauth_session%' $$;
-- The answer: where it goes and how, and what the signed response says, with codes and the expiry by their shape.
CREATE FUNCTION pg_temp.answer(r oauth.http_response) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT r.status || ' ' || regexp_replace(regexp_replace(coalesce(location, 'form: ' || names, lane, ''), 'response=.*', 'response=<jwt>'), 'oac_[-_A-Za-z0-9]{54}', '<code>') || coalesce(' ' || (SELECT concat_ws(' ', v.valid, v.header ->> 'alg', v.header ->> 'typ', replace(regexp_replace((v.claims - 'exp')::text, 'oac_[-_A-Za-z0-9]{54}', '<code>'), v.claims ->> 'aud', '<client>'), 'within ' || ((v.claims ->> 'exp')::numeric - extract(epoch FROM clock_timestamp()) BETWEEN 500 AND 601)::text) FROM oauth_verify_jwt(jwt, oauth_jwks(), '{RS256,ES256,EdDSA,Ed25519,PS256}') v WHERE jwt IS NOT NULL), '')
	FROM (SELECT (SELECT substr(h, 11) FROM unnest(r.headers) h WHERE h LIKE 'Location:%') AS location, (SELECT h FROM unnest(r.headers) h WHERE h LIKE 'Lane:%') AS lane,
		(SELECT string_agg(m[1], ' ') FROM regexp_matches(convert_from(r.body, 'UTF8'), 'type="hidden" name="([^"]*)"', 'g') m) AS names, substring(convert_from(r.body, 'UTF8') FROM 'name="response" value="([^"]*)"') AS posted) a,
		LATERAL (SELECT coalesce(substring(location FROM 'response=([^&]*)'), posted) AS jwt) j $$;
CREATE FUNCTION pg_temp.ask(query text, session text DEFAULT '') RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT pg_temp.answer(pg_temp.go(query, session)) $$;
CREATE FUNCTION pg_temp.decide(page text, session text, decision text) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.authorize(ROW('POST', '/oauth2/authorize/confirm', pg_temp.cookie(session) || 'Content-Type: application/x-www-form-urlencoded'::text,
		convert_to(format('request=%s&token=%s&decision=%s', replace(replace(replace(replace(substring(page FROM 'name="request" value="([^"]*)'), '&amp;', '&'), '%', '%25'), '&', '%26'), '=', '%3D'),
			substring(page FROM 'name="token" value="([^"]*)'), decision), 'UTF8'), 'http', '127.0.0.1')) $$;
SELECT pg_temp.log_in('jarm+alice') AS session \gset
SELECT 'client_id=' || :'id' || '&redirect_uri=https%3A%2F%2Fapp.example%2Fback&response_type=code&state=s' AS ask \gset

\echo -- JARM, section 2.1; JARM, section 2.2: iss, aud and exp, and the parameters of the answer; errors too
SELECT pg_temp.ask(:'ask' || '&response_mode=jwt&prompt=none');
SELECT convert_from((pg_temp.go(:'ask' || '&response_mode=jwt', :'session')).body, 'UTF8') AS page \gset
SELECT pg_temp.answer(pg_temp.decide(:'page', :'session', 'deny'));
SELECT pg_temp.answer(pg_temp.decide(:'page', :'session', 'approve'));
\echo -- each mode (JARM, section 2.3; JARM, section 2.3.1; JARM, section 2.3.2; JARM, section 2.3.3; JARM, section 2.3.4): jwt is query.jwt for a code; a fragment is not for codes, and that is told by query
SELECT mode, pg_temp.ask(:'ask' || '&response_mode=' || mode, :'session') FROM unnest('{jwt,query.jwt,form_post.jwt,fragment.jwt,jwt.query,JWT,query,form_post,"",jwt&response_mode=jwt}'::text[]) mode;
SELECT pg_temp.ask(replace(:'ask', 'back', 'back%3Fx%3D1') || '&response_mode=query.jwt', :'session');
\echo -- JARM, section 2.1: what is wrong with the request is signed as well
SELECT more, pg_temp.ask(:'ask' || '&response_mode=jwt' || more, :'session') FROM unnest(ARRAY['&response_type=code', '&scope=admin', '&prompt=none+login', '&state=t', '&code_challenge=x', '&request_uri=https%3A%2F%2Fapp.example%2F', '&request=x']) more;
SELECT pg_temp.ask(replace(:'ask', 'response_type=code', 'response_type=token') || '&response_mode=jwt', :'session');
\echo -- where the answer may not go anywhere, there is a page
SELECT left(pg_temp.ask(replace(:'ask', 'app.example', 'evil.example') || '&response_mode=jwt', :'session'), 4);
\echo -- state and the like, with characters that JSON escapes
SELECT pg_temp.ask(replace(:'ask', 'state=s', 'state=' || state) || '&response_mode=jwt', :'session') FROM unnest(ARRAY['%22%5C%0A%01%C3%BC%E2%82%AC', '%3Cscript%3E', '']) state;

\echo -- authorization_signed_response_alg (JARM, section 3): RS256 unless the client says otherwise; never none, never a secret
SELECT alg, FROM_UPDATE.j ->> 'authorization_signed_response_alg', pg_temp.ask(:'ask' || '&response_mode=jwt', :'session') FROM unnest('{ES256,PS256,EdDSA,Ed25519}'::text[]) alg, LATERAL oauth_update_client(:'id', jsonb_build_object('authorization_signed_response_alg', alg)) FROM_UPDATE (j);
BEGIN;
SELECT FROM oauth_update_client(:'id', '{"authorization_signed_response_alg": "ES384"}');
SELECT askers > 0, has_key FROM oauth.wanted_signing_alg WHERE alg = 'ES384';
ROLLBACK;
SELECT FROM oauth_update_client(:'id', '{"authorization_signed_response_alg": "none"}');
\echo :SQLSTATE
SELECT FROM oauth_update_client(:'id', '{"authorization_signed_response_alg": "HS256"}');
\echo :SQLSTATE
SELECT FROM oauth_update_client(:'id', '{"authorization_encrypted_response_alg": "RSA-OAEP"}');
\echo :SQLSTATE
\echo -- registered, but not asked for: as it is asked
SELECT pg_temp.ask(:'ask', :'session') LIKE '303 https://app.example/back?code=%';

\echo -- a slow signature is made on the lane for that, and nothing is done before
SET oauth.lane = 'writing';
SELECT pg_temp.ask(:'ask' || '&response_mode=jwt', :'session') LIKE '303 %';
SELECT FROM oauth_update_client(:'id', '{"authorization_signed_response_alg": "RS256"}');
SELECT count(*) AS codes FROM oauth.authorization_code \gset
SELECT pg_temp.ask(:'ask' || '&response_mode=jwt', :'session'), pg_temp.ask(:'ask' || '&response_mode=jwt&scope=admin', :'session'), pg_temp.ask(:'ask' || '&response_mode=query', :'session') LIKE '303 %';
SELECT pg_temp.answer(pg_temp.decide(:'page', :'session', 'approve'));
SELECT count(*) - :codes FROM oauth.authorization_code;
\echo -- also of a request that was pushed, which is not used up by moving
SELECT convert_from((oauth.par(ROW('POST', '/oauth2/par', '{Content-Type: application/x-www-form-urlencoded}', convert_to(:'ask' || '&response_mode=jwt&client_secret=' || :'secret', 'UTF8'), 'https', '192.0.2.1'))).body, 'UTF8')::jsonb ->> 'request_uri' AS uri \gset
SELECT pg_temp.ask('client_id=' || :'id' || '&request_uri=' || :'uri', :'session');
SET oauth.lane = 'signing';
SELECT pg_temp.ask('client_id=' || :'id' || '&request_uri=' || :'uri', :'session');
\echo -- and of a decision of the application: its verifier is not used up either
SET oauth.lane = 'any';
SET oauth.consent_url = 'https://app.example/consent';
SELECT substring(h FROM 'request=([^&]*)') AS handle FROM unnest((pg_temp.go(:'ask' || '&response_mode=jwt&prompt=consent', :'session')).headers) h WHERE h LIKE 'Location:%' \gset
SELECT oauth_accept_consent(:'handle') AS go_back \gset
SET oauth.lane = 'writing';
SELECT pg_temp.answer(oauth.login(ROW('GET', substr(:'go_back', 25), pg_temp.cookie(:'session'), NULL, 'http', '127.0.0.1')));
SET oauth.lane = 'signing';
SELECT pg_temp.answer(oauth.login(ROW('GET', substr(:'go_back', 25), pg_temp.cookie(:'session'), NULL, 'http', '127.0.0.1')));
RESET oauth.lane;
RESET oauth.consent_url;

\echo -- a signed answer is nothing else: neither an ID token that hints at somebody, nor a request
SELECT substring(h FROM 'response=([^&]*)') AS jwt FROM unnest((pg_temp.go(:'ask' || '&response_mode=jwt', :'session')).headers) h WHERE h LIKE 'Location:%' \gset
SELECT left(pg_temp.ask(:'ask' || '&id_token_hint=' || :'jwt', :'session'), 140);
SELECT left(pg_temp.ask(:'ask' || '&request=' || :'jwt', :'session'), 60);

\echo -- metadata (JARM, section 4)
SELECT j -> 'response_modes_supported', j -> 'authorization_signing_alg_values_supported' FROM (SELECT convert_from((oauth.metadata(ROW('GET', '/.well-known/openid-configuration', '{}', NULL, 'https', NULL))).body, 'UTF8')::jsonb AS j) m;
