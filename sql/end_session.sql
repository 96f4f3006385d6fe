-- end_session.sql: a client sends a person to log out (OpenID Connect RP-Initiated Logout 1.0).  R206.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://auth.example.com';
SET client_min_messages = warning;

SELECT oauth_create_user('end <alice>', 'wonderland') AS alice \gset
SELECT oauth_create_user('end bob', 'wonderland') AS bob \gset
SELECT m ->> 'client_id' AS id FROM oauth_register_client_metadata('{"client_name": "Photos <b>", "redirect_uris": ["https://app.example/cb"], "scope": "openid", "post_logout_redirect_uris": ["https://app.example/bye", "https://app.example/bye?from=op", "com.example.app:/bye"]}') m \gset
SELECT m ->> 'client_id' AS other FROM oauth_register_client_metadata('{"client_name": "Other", "redirect_uris": ["https://other.example/cb"], "scope": "openid", "post_logout_redirect_uris": ["https://other.example/bye"]}') m \gset
CREATE FUNCTION pg_temp.html(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT convert_from(r.body, 'UTF8') $$;
CREATE FUNCTION pg_temp.token(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT substring(pg_temp.html(r) FROM 'name="token" value="([^"]*)"') $$;
CREATE FUNCTION pg_temp.headers(session text, more text[] DEFAULT '{"Content-Type: application/x-www-form-urlencoded"}') RETURNS text[] LANGUAGE sql AS $$
	SELECT more || ('Cookie: oauth_browser=00000000000000000000000000000000' || coalesce('; oauth_session=' || session, '')) $$;
-- A page's status and words, or where it sends to; and the cookies that it sets.
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', r.status, (SELECT substr(h, 11) FROM unnest(r.headers) h WHERE h LIKE 'Location: %'),
		(SELECT string_agg(m[1], ' / ') FROM regexp_matches(pg_temp.html(r), '<(?:h1|p|button|a)[^>]*>([^\n]*?)</(?:h1|p|button|a)>', 'g') m),
		(SELECT string_agg('[' || substr(h, 13) || ']', ' ') FROM unnest(r.headers) h WHERE h LIKE 'Set-Cookie: %')) $$;
CREATE FUNCTION pg_temp.log_in(username text DEFAULT 'end+%3Calice%3E') RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT substring(h FROM 'oauth_session=(oas_[^;]*)') FROM pg_temp.token(oauth.login(ROW('GET', '/login', pg_temp.headers(NULL), NULL, 'http', '127.0.0.1'))) token,
		LATERAL unnest((oauth.login(ROW('POST', '/login', pg_temp.headers(NULL), convert_to('username=' || username || '&password=wonderland&token=' || token, 'UTF8'), 'http', '127.0.0.1'))).headers) h WHERE h LIKE 'Set-Cookie: oauth_session=%' $$;
CREATE FUNCTION pg_temp.get(session text, query text, method text DEFAULT 'GET') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.end_session(ROW(method, '/oauth2/end_session' || coalesce('?' || query, ''), pg_temp.headers(session), NULL, 'http', '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.post(session text, form text, more text[] DEFAULT '{"Content-Type: application/x-www-form-urlencoded"}') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.end_session(ROW('POST', '/oauth2/end_session', pg_temp.headers(session, more), convert_to(form, 'UTF8'), 'http', '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.is_in(session text) RETURNS boolean LANGUAGE sql VOLATILE AS $$ SELECT (oauth.account(ROW('GET', '/account', pg_temp.headers(session), NULL, 'http', '127.0.0.1'))).status = 200 $$;
CREATE FUNCTION pg_temp.sid(cookie text) RETURNS text LANGUAGE sql AS $$ SELECT s.sid FROM oauth.session s WHERE s.token_hash = sha256(convert_to(cookie, 'UTF8')) $$;
CREATE FUNCTION pg_temp.hint(claims jsonb, typ text DEFAULT 'JWT') RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT oauth_sign_jwt('{"exp": 1000}' || claims, 'ES256', typ) $$;

\echo -- nobody is logged in: there is nobody to log out
SELECT pg_temp.show(pg_temp.get(NULL, NULL));
\echo -- RP-Initiated Logout 1.0, section 3; RFC 9700, section 4.11.2: "The authorization server MUST only automatically redirect the user agent if it trusts the redirect URI": anybody registers an address, so a link says where it leads
SELECT pg_temp.get(NULL, 'client_id=' || :'id' || '&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye&state=a%26b%20%E2%82%AC') AS r \gset
SELECT pg_temp.show(:'r'), pg_temp.html(:'r') ~ 'href="https://app.example/bye\?state=a%26b%20%E2%82%AC"', (SELECT count(*) FROM unnest((:'r'::oauth.http_response).headers) h WHERE h ~* '^(location|refresh)');
SELECT pg_temp.show(pg_temp.get(NULL, 'client_id=' || :'id' || '&post_logout_redirect_uri=com.example.app:/bye')), pg_temp.show(pg_temp.get('oas_gone', 'client_id=' || :'id' || '&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye')),
	pg_temp.show(pg_temp.get(NULL, 'client_id=' || :'id' || '&id_token_hint=&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye'));
\echo -- with an ID token of the client the browser goes on: its session may have ended here
SELECT pg_temp.show(pg_temp.get(NULL, 'id_token_hint=' || pg_temp.hint(jsonb_build_object('sub', 'gone', 'aud', :'id')) || '&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye&state=a%26b%20%E2%82%AC'));

\echo -- RP-Initiated Logout 1.0, section 2; RP-Initiated Logout 1.0, section 6: "The OP MUST ask the End-User this question if an id_token_hint was not provided"
SELECT pg_temp.log_in() AS session \gset
SELECT query, pg_temp.show(pg_temp.get(:'session', replace(query, '<id>', :'id'))) FROM unnest(ARRAY[NULL, 'client_id=<id>', 'client_id=<id>&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye&state=1', 'state=1', 'ui_locales=de', 'id_token_hint=', 'logout_hint=x']) query;
SELECT pg_temp.is_in(:'session');
\echo -- the page has the headers of every page, and leads on where the client says
SELECT regexp_replace(h, 'sha256-[^'']*', 'sha256-...') FROM unnest((pg_temp.get(:'session', 'client_id=' || :'id')).headers) h;
SELECT DISTINCT h ~ 'form-action' FROM unnest((pg_temp.get(:'session', 'client_id=' || :'id' || '&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye')).headers) h WHERE h ~ '^Content-Security';
\echo -- RP-Initiated Logout 1.0, section 2; RP-Initiated Logout 1.0, section 3: "The OP MUST NOT perform post-logout redirection if the post_logout_redirect_uri value supplied does not exactly match"
SELECT uri, pg_temp.show(pg_temp.get(:'session', 'client_id=' || :'id' || '&post_logout_redirect_uri=' || uri)), pg_temp.show(pg_temp.get(NULL, 'client_id=' || :'id' || '&post_logout_redirect_uri=' || uri))
	FROM unnest(ARRAY['https%3A%2F%2Fapp.example%2Fbye%2F', 'https%3A%2F%2Fapp.example%2Fbye%3F', 'https%3A%2F%2FAPP.example%2Fbye', 'https%3A%2F%2Fapp.example%2Fby', 'https%3A%2F%2Fapp.example%2Fcb', 'https%3A%2F%2Fother.example%2Fbye', 'https%3A%2F%2Fapp.example%2Fbye%23a', '%2Fbye', '', 'javascript%3Aalert(1)']) uri;
\echo -- nor without a client, with one that there is not, or with a parameter twice
SELECT query, pg_temp.show(pg_temp.get(:'session', replace(query, '<id>', :'id'))) FROM unnest(ARRAY['post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye', 'client_id=nobody', 'client_id=<id>&client_id=<id>', 'client_id=<id>&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye&post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F',
	'client_id=<id>&state=1&state=2', '%', 'id_token_hint=a&id_token_hint=b', 'client_id=']) query;
SELECT oauth_disable_client(:'other');
SELECT pg_temp.show(pg_temp.get(:'session', 'client_id=' || :'other' || '&post_logout_redirect_uri=https%3A%2F%2Fother.example%2Fbye'));
SELECT oauth_enable_client(:'other');
SELECT pg_temp.is_in(:'session');

\echo -- R100: the answer to the question is a form of ours: of this session, browser, client and address
SELECT 'client_id=' || :'id' || '&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye&state=xyz' AS query \gset
SELECT pg_temp.token(pg_temp.get(:'session', :'query')) AS token \gset
SELECT pg_temp.log_in() AS second \gset
SELECT name, pg_temp.show(pg_temp.post(:'session', form, more)) FROM (VALUES
	('another', :'query' || '&token=x', '{"Content-Type: application/x-www-form-urlencoded"}'::text[]), ('for another state', replace(:'query', 'xyz', 'x') || '&token=' || :'token', '{"Content-Type: application/x-www-form-urlencoded"}'),
	('for another address', replace(:'query', 'bye', 'bye%3Ffrom%3Dop') || '&token=' || :'token', '{"Content-Type: application/x-www-form-urlencoded"}'), ('for no address', 'client_id=' || :'id' || '&token=' || :'token', '{"Content-Type: application/x-www-form-urlencoded"}'),
	('of another session', :'query' || '&token=' || pg_temp.token(pg_temp.get(:'second', :'query')), '{"Content-Type: application/x-www-form-urlencoded"}'), ('of the logout page', :'query' || '&token=' || pg_temp.token(oauth.logout(ROW('GET', '/logout', pg_temp.headers(:'session'), NULL, 'http', '127.0.0.1'))), '{"Content-Type: application/x-www-form-urlencoded"}'),
	('of another site', :'query' || '&token=' || :'token', '{"Content-Type: application/x-www-form-urlencoded","Sec-Fetch-Site: cross-site"}'), ('two', :'query' || '&token=x&token=' || :'token', '{"Content-Type: application/x-www-form-urlencoded"}'), ('none', :'query', '{"Content-Type: application/x-www-form-urlencoded"}'),
	('no form', '{}', '{"Content-Type: application/json"}')) v (name, form, more);
SELECT pg_temp.show(pg_temp.get(:'session', :'query' || '&token=' || :'token'));
SELECT pg_temp.is_in(:'session');
\echo -- RP-Initiated Logout 1.0, section 2: with it: the session ends, others stay, and the browser goes to the client with its state
SELECT pg_temp.show(pg_temp.post(:'session', :'query' || '&token=' || :'token'));
SELECT pg_temp.is_in(:'session'), pg_temp.is_in(:'second');
SELECT event, outcome, subject = :'alice', client_id = :'id' FROM oauth.event WHERE event = 'logout' ORDER BY occurred_at DESC LIMIT 1;

\echo -- the hint of this session: nobody is asked, also when it has expired
SELECT pg_temp.log_in() AS session \gset
SELECT pg_temp.hint(jsonb_build_object('sub', :'alice', 'aud', :'id', 'exp', 1000, 'iat', 900)) AS hint \gset
SELECT pg_temp.show(pg_temp.get(:'session', 'id_token_hint=' || :'hint', 'HEAD'));
SELECT pg_temp.is_in(:'session');
SELECT pg_temp.show(pg_temp.get(:'session', 'id_token_hint=' || :'hint' || '&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye%3Ffrom%3Dop&state=xyz'));
SELECT pg_temp.is_in(:'session');
SELECT pg_temp.log_in() AS session \gset
SELECT pg_temp.show(pg_temp.post(:'session', 'id_token_hint=' || pg_temp.hint(jsonb_build_object('sub', :'alice', 'aud', jsonb_build_array(:'id', 'x'), 'azp', :'id', 'sid', pg_temp.sid(:'session'))) || '&client_id=' || :'id'));
SELECT pg_temp.is_in(:'session');
\echo -- a client with pairwise subjects knows the person by another name
SELECT m ->> 'client_id' AS pair FROM oauth_register_client_metadata('{"redirect_uris": ["https://pair.example/cb"], "scope": "openid", "subject_type": "pairwise"}') m \gset
SELECT pg_temp.log_in() AS session \gset
SELECT pg_temp.show(pg_temp.get(:'session', 'id_token_hint=' || pg_temp.hint(jsonb_build_object('sub', :'alice', 'aud', :'pair'))));
SELECT access_token AS known FROM oauth_issue_token(:'pair', :'alice', 'openid') \gset
SELECT pg_temp.show(pg_temp.get(:'session', 'id_token_hint=' || pg_temp.hint(jsonb_build_object('sub', (convert_from((oauth.userinfo(ROW('GET', '/oauth2/userinfo', ARRAY['Authorization: Bearer ' || :'known'], NULL, 'http', NULL))).body, 'UTF8')::jsonb ->> 'sub'), 'aud', :'pair'))));
SELECT pg_temp.is_in(:'session');
\echo -- RP-Initiated Logout 1.0, section 2: "or if the supplied ID Token does not belong to the current OP session with the RP and/or currently logged in End-User": asked
SELECT pg_temp.log_in() AS session \gset
SELECT claims - 'sub', pg_temp.show(pg_temp.get(:'session', 'id_token_hint=' || pg_temp.hint(claims || jsonb_build_object('aud', :'id')))) FROM (VALUES (jsonb_build_object('sub', 'nobody')), (jsonb_build_object('sub', :'alice'::text, 'sid', 'x')), ('{"sub": "", "sid": ""}')) v (claims);
SELECT pg_temp.show(pg_temp.get(:'session', 'id_token_hint=' || pg_temp.hint(jsonb_build_object('sub', :'bob', 'aud', :'id'))));
\echo -- RP-Initiated Logout 1.0, section 2; RP-Initiated Logout 1.0, section 4: "The OP MUST validate that it was the issuer of the ID Token"; "the OP MUST verify that the Client Identifier matches the one used when issuing the ID Token"
SELECT name, pg_temp.show(pg_temp.get(:'session', 'id_token_hint=' || hint)) FROM (VALUES ('none', 'x'), ('another issuer', pg_temp.hint(jsonb_build_object('iss', 'https://evil.example', 'sub', :'alice', 'aud', :'id'))), ('another typ', pg_temp.hint(jsonb_build_object('sub', :'alice', 'aud', :'id'), 'at+jwt')),
	('a broken signature', overlay(:'hint' placing CASE WHEN right(:'hint', 10) LIKE 'A%' THEN 'B' ELSE 'A' END from length(:'hint') - 9 for 1)), ('alg none', 'eyJhbGciOiJub25lIn0.' || split_part(:'hint', '.', 2) || '.'), ('another client', :'hint' || '&client_id=' || :'other'),
	('no sub', pg_temp.hint(jsonb_build_object('aud', :'id'))), ('no aud', pg_temp.hint(jsonb_build_object('sub', :'alice'))), ('a client that is gone', pg_temp.hint(jsonb_build_object('sub', :'alice', 'aud', 'gone'))),
	('the address of another client', :'hint' || '&post_logout_redirect_uri=https%3A%2F%2Fother.example%2Fbye')) v (name, hint);
SELECT pg_temp.is_in(:'session');
\echo -- Back-Channel Logout 1.0, section 4.1; RFC 8725, section 3.12: "the validation rules for those JWTs MUST be written such that they are mutually exclusive": no other JWT of ours is a hint
SELECT oauth_update_client(:'id', '{"userinfo_signed_response_alg": "ES256"}') ? 'userinfo_signed_response_alg';
SELECT access_token AS hers FROM oauth_issue_token(:'id', :'alice', 'openid') \gset
SELECT convert_from((oauth.userinfo(ROW('GET', '/oauth2/userinfo', ARRAY['Authorization: Bearer ' || :'hers'], NULL, 'http', NULL))).body, 'UTF8') AS userinfo \gset
SELECT convert_from(decode(translate(split_part(:'userinfo', '.', 2), '-_', '+/') || repeat('=', (4 - length(split_part(:'userinfo', '.', 2)) % 4) % 4), 'base64'), 'UTF8')::jsonb ->> 'sub' = :'alice';
SELECT name, pg_temp.show(pg_temp.get(:'session', 'id_token_hint=' || hint)), pg_temp.show(pg_temp.get(NULL, 'id_token_hint=' || hint || '&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye')) FROM (VALUES ('an answer of userinfo', :'userinfo'),
	('a logout token', pg_temp.hint(jsonb_build_object('sub', :'alice', 'aud', :'id', 'events', '{"http://schemas.openid.net/event/backchannel-logout": {}}'::jsonb), 'logout+jwt')), ('one without its typ', pg_temp.hint(jsonb_build_object('sub', :'alice', 'aud', :'id', 'events', '{"http://schemas.openid.net/event/backchannel-logout": {}}'::jsonb))),
	('an access token', pg_temp.hint(jsonb_build_object('sub', :'alice', 'aud', :'id', 'client_id', :'id'), 'at+jwt')), ('an introspection', pg_temp.hint(jsonb_build_object('sub', :'alice', 'aud', :'id'), 'token-introspection+jwt')), ('without exp', oauth_sign_jwt(jsonb_build_object('sub', :'alice', 'aud', :'id'), 'ES256'))) v (name, hint);
SELECT pg_temp.is_in(:'session');
\echo -- what a stolen key signed is void once its row is gone (docs/operations.md)
SELECT pg_temp.hint(jsonb_build_object('sub', :'alice', 'aud', :'id', 'sid', 'x')) AS old \gset
BEGIN;
SELECT oauth_rotate_signing_keys(at_once => true) > 0;
SELECT pg_temp.show(pg_temp.get(:'session', 'id_token_hint=' || :'old'));
DELETE FROM oauth.signing_key WHERE retired_at IS NOT NULL;
SELECT pg_temp.show(pg_temp.get(:'session', 'id_token_hint=' || :'old'));
ROLLBACK;
\echo -- a form of another site comes without the session (SameSite=Lax): the browser is sent on by GET, which brings it
SELECT replace(pg_temp.show(pg_temp.post(NULL, 'client_id=' || :'id' || '&state=a%26b&ui_locales=fr')), :'id', '<id>');
SELECT pg_temp.show(pg_temp.get(:'session', 'client_id=' || :'id' || '&state=a%26b&ui_locales=fr'));
\echo -- the ID token of that form is in no address: a reference stands for it, which is good for this client, person and session, for a day
SELECT pg_temp.hint(jsonb_build_object('sub', :'alice', 'aud', :'id', 'sid', pg_temp.sid(:'session'))) AS hint \gset
CREATE FUNCTION pg_temp.location(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT substr(h, 11) FROM unnest(r.headers) h WHERE h LIKE 'Location: %' $$;
SELECT pg_temp.location(pg_temp.post(NULL, 'id_token_hint=' || :'hint' || '&logout_hint=alice&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye&state=1')) AS location \gset
SELECT regexp_replace(replace(:'location', :'id', '<id>'), 'hint=\d+\.[\w-]{43}\.[\w-]{43}\.[\w-]{43}&', 'hint=<reference>&'), strpos(:'location', split_part(:'hint', '.', 2)), strpos(:'location', :'alice');
SELECT split_part(:'location', '?', 2) AS query, pg_temp.log_in() AS hers, pg_temp.log_in('end+bob') AS his \gset
SELECT substring(:'query' FROM 'id_token_hint=([^&]*)') AS reference \gset
\echo -- asked, or refused: another session of hers, that of somebody else, another client, a changed one, one of yesterday
SELECT pg_temp.show(pg_temp.get(:'hers', :'query')), pg_temp.show(pg_temp.get(:'his', :'query')), pg_temp.show(pg_temp.get(:'session', 'client_id=' || :'other' || '&id_token_hint=' || :'reference')), pg_temp.show(pg_temp.get(:'session', 'id_token_hint=' || :'reference'));
SELECT pg_temp.show(pg_temp.get(:'session', 'client_id=' || :'id' || '&id_token_hint=' || changed)) FROM unnest(ARRAY[regexp_replace(:'reference', '^\d+', '1000'), '1.', '1..', '1...', '99999999999999999999.' || split_part(:'reference', '.', 2), regexp_replace(:'reference', '\.[^.]*\.([^.]*)$', '..\1'), :'reference' || 'x', split_part(:'reference', '.', 1) || '.' || split_part(:'reference', '.', 3) || '.' || split_part(:'reference', '.', 2) || '.' || split_part(:'reference', '.', 4)]) changed;
SELECT pg_temp.is_in(:'session'), pg_temp.is_in(:'hers'), pg_temp.is_in(:'his');
SELECT pg_temp.show(pg_temp.get(NULL, :'query'));
SELECT pg_temp.show(pg_temp.get(:'session', :'query'));
SELECT pg_temp.is_in(:'session');
SELECT pg_temp.log_in() AS session \gset
\echo -- who logs in again goes on with the session that clients know; somebody else ends it, and the clients are told
CREATE FUNCTION pg_temp.log_in_again(cookie text, username text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT substring(h FROM 'oauth_session=(oas_[^;]*)') FROM pg_temp.token(oauth.login(ROW('GET', '/login?again=1', pg_temp.headers(cookie), NULL, 'http', '127.0.0.1'))) token,
		LATERAL unnest((oauth.login(ROW('POST', '/login', pg_temp.headers(cookie), convert_to('username=' || username || '&password=wonderland&token=' || token, 'UTF8'), 'http', '127.0.0.1'))).headers) h WHERE h LIKE 'Set-Cookie: oauth_session=oas_%' $$;
SELECT oauth_update_client(:'id', '{"backchannel_logout_uri": "https://app.example/logout"}') ? 'backchannel_logout_uri';
SELECT pg_temp.sid(:'session') AS sid \gset
SELECT access_token IS NOT NULL FROM oauth_issue_token(:'id', :'alice', 'openid');
UPDATE oauth.grant SET sid = :'sid' WHERE handle = (SELECT max(handle) FROM oauth.grant);
SELECT pg_temp.log_in_again(:'session', 'end+%3Calice%3E') AS again \gset
SELECT pg_temp.sid(:'again') = :'sid', pg_temp.is_in(:'session'), pg_temp.is_in(:'again'), (SELECT count(*) FROM oauth.delivery);
SELECT pg_temp.log_in_again(:'again', 'end+bob') AS bobs \gset
SELECT pg_temp.sid(:'bobs') <> :'sid', pg_temp.is_in(:'again'), pg_temp.is_in(:'bobs');
SELECT kind, client_id = :'id', url, subject = :'alice', sid = :'sid' FROM oauth.delivery;
DELETE FROM oauth.delivery;
\echo -- RP-Initiated Logout 1.0, section 2: methods, and no script of another origin
SELECT method, (oauth.end_session(ROW(method, '/oauth2/end_session', '{Origin: https://app.example}', NULL, 'http', NULL))).status FROM unnest(ARRAY['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']) method;
SELECT count(*) FROM unnest((oauth.end_session(ROW('GET', '/oauth2/end_session', '{Origin: https://app.example}', NULL, 'http', NULL))).headers) h WHERE h ILIKE 'access-control%';
