-- resources.sql: resource servers with tokens of a form, lifetime and scope of their own (RFC 8707, RFC 9068).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\set main :DBNAME
CREATE DATABASE regress_oauth_resources TEMPLATE template0 ENCODING 'UTF8';
\c regress_oauth_resources
SET client_min_messages = warning;
CREATE EXTENSION oauth CASCADE;
SET oauth.issuer = 'https://auth.example.com';
CREATE FUNCTION pg_temp.decoded(token text, n integer) RETURNS jsonb LANGUAGE sql AS $$
	SELECT convert_from(decode(rpad(translate(part, '-_', '+/'), (length(part) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::jsonb FROM split_part(token, '.', n) part $$;
CREATE FUNCTION pg_temp.ask(form text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('status', r.status) || convert_from(r.body, 'UTF8')::jsonb FROM oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'], convert_to(form, 'UTF8'), 'https', '127.0.0.1')) r $$;
-- What a token is like: its form, algorithm, audience, scope and lifetime.
CREATE FUNCTION pg_temp.look(answer jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT CASE WHEN answer ? 'error' THEN answer ->> 'error' || ': ' || (answer ->> 'error_description') ELSE concat_ws(' | ', CASE WHEN answer ->> 'access_token' ~ '^eyJ' THEN pg_temp.decoded(answer ->> 'access_token', 1) ->> 'alg' ELSE 'opaque' END,
		CASE WHEN answer ->> 'access_token' ~ '^eyJ' THEN pg_temp.decoded(answer ->> 'access_token', 2) ->> 'aud' END, answer ->> 'scope', answer ->> 'expires_in') END $$;
SELECT oauth_register_scope('photos', 'See your photos'), oauth_register_scope('music', 'Hear your music');
SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('app', grant_types => '{client_credentials,refresh_token,authorization_code,password}', redirect_uris => '{https://app.example/cb}', scope => 'read write photos music openid') \gset
SELECT format('client_id=%s&client_secret=%s&grant_type=client_credentials', :'id', :'secret') AS form \gset

\echo -- RFC 8707, section 2; RFC 8707, section 2.2: any absolute URI may be asked for, registered or not
SELECT pg_temp.look(pg_temp.ask(:'form' || '&resource=https://any.example/'));
SELECT pg_temp.look(pg_temp.ask(:'form' || '&resource=photos'));
SELECT pg_temp.look(pg_temp.ask(:'form' || '&resource=' || uri)) FROM unnest(ARRAY['https://any.example/%23fragment', 'https://any.example/%23', '//any.example/', 'any.example', '/any', '', 'https://any.example/?q=1', 'urn:example:any']) uri;
\echo -- RFC 9068, section 2.2; RFC 9068, section 3: a resource says: JWT, what algorithm, how long at most, with which scope
SELECT oauth_register_resource('https://photos.example/api', access_token_format => 'jwt');
SELECT oauth_register_resource('https://Music.example', 'music read', 'jwt', '10 minutes', 'EdDSA');
SELECT oauth_register_resource('https://old.example/', access_token_lifetime => '1 hour');
SELECT resource, scope, access_token_format, access_token_lifetime, signing_alg FROM oauth.resource_overview ORDER BY resource;
SELECT pg_temp.look(pg_temp.ask(:'form' || '&resource=https://photos.example/api'));
SELECT pg_temp.look(pg_temp.ask(:'form' || '&scope=read%20write%20music&resource=https://music.example/'));
SELECT pg_temp.look(pg_temp.ask(:'form' || '&resource=https://old.example/'));
SELECT pg_temp.look(pg_temp.ask(:'form'));
\echo -- however a client spells it (RFC 3986, section 6), aud is what was registered
SELECT pg_temp.look(pg_temp.ask(:'form' || '&resource=HTTPS://Photos.Example:443/api')), pg_temp.look(pg_temp.ask(:'form' || '&resource=https://music.example'));
\echo -- several: the shortest time, the scopes of any, a JWT if one wants it
SELECT pg_temp.look(pg_temp.ask(:'form' || '&scope=read%20music&resource=https://old.example/&resource=https://music.example/'));
SELECT pg_temp.look(pg_temp.ask(:'form' || '&scope=read%20write%20photos&resource=https://music.example/&resource=https://any.example/'));
\echo -- RFC 9068, section 2.2.3: a scope of which the resource knows no word
SELECT pg_temp.look(pg_temp.ask(:'form' || '&scope=photos%20write&resource=https://music.example/'));
SELECT oauth_issue_token(:'id', scope => 'photos', resource => 'https://music.example/');
\echo -- the lifetime of the client, if that is shorter; nobody gets a longer one than the resource says
SELECT oauth_update_client(:'id', '{"access_token_lifetime": 300}') -> 'access_token_lifetime';
SELECT pg_temp.look(pg_temp.ask(:'form' || '&resource=https://music.example/&scope=music'));
SELECT expires_in FROM oauth_issue_token(:'id', scope => 'music', lifetime => '2 hours', resource => 'https://music.example/');
SELECT oauth_update_client(:'id', '{"access_token_lifetime": null}') -> 'access_token_lifetime';
\echo -- RFC 9068, section 3: what the resource says goes before what the client says; without a resource, aud is this server
SELECT oauth_update_client(:'id', '{"access_token_format": "jwt"}') -> 'access_token_format';
SELECT pg_temp.look(pg_temp.ask(:'form' || '&resource=https://old.example/')), pg_temp.look(pg_temp.ask(:'form' || '&resource=https://any.example/')), pg_temp.look(pg_temp.ask(:'form'));
SELECT oauth_update_client(:'id', '{"access_token_format": null}') -> 'access_token_format';

\echo -- a grant for several resources, with tokens for one after the other (RFC 8707, section 2.2)
SELECT access_token AS a, refresh_token AS refresh FROM oauth_issue_token(:'id', 'alice', 'read write music', refresh => true) \gset
SELECT pg_temp.ask(format('client_id=%s&client_secret=%s&grant_type=refresh_token&refresh_token=%s&resource=https://music.example/', :'id', :'secret', :'refresh')) AS answer \gset
SELECT pg_temp.look(:'answer');
SELECT pg_temp.ask(format('client_id=%s&client_secret=%s&grant_type=refresh_token&refresh_token=%s&resource=https://photos.example/api', :'id', :'secret', :'answer'::jsonb ->> 'refresh_token')) AS answer \gset
SELECT pg_temp.look(:'answer');
\echo -- RFC 8707, section 2; RFC 9068, section 4; RFC 9068, section 5: a JWT for one resource is not good at another, nor here
SELECT active FROM oauth_verify_token(:'answer'::jsonb ->> 'access_token', resource => 'https://photos.example/api');
SELECT active FROM oauth_verify_token(:'answer'::jsonb ->> 'access_token', resource => 'https://music.example/');
SELECT active FROM oauth_verify_token(:'answer'::jsonb ->> 'access_token');
SELECT oauth_introspect_token(:'answer'::jsonb ->> 'access_token') -> 'aud';

\echo -- RS256 (RFC 9068, section 2.1): a slow signature is made on the lane for that, and nothing is written before
SELECT oauth_register_resource('https://slow.example/', access_token_format => 'jwt', signing_alg => 'RS256');
SELECT oauth_create_signing_key('RS256') IS NOT NULL;
SET oauth.lane = 'writing';
SELECT status, headers, (SELECT count(*) FROM oauth.access_token WHERE resource = 'https://slow.example/') FROM oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to(:'form' || '&resource=https://slow.example/', 'UTF8'), 'https', NULL));
SELECT refresh_token AS refresh FROM oauth_issue_token(:'id', 'alice', 'read', refresh => true) \gset
SELECT status, headers FROM oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to(format('client_id=%s&client_secret=%s&grant_type=refresh_token&refresh_token=%s&resource=https://slow.example/', :'id', :'secret', :'refresh'), 'UTF8'), 'https', NULL));
SET oauth.lane = 'signing';
SELECT pg_temp.look(pg_temp.ask(:'form' || '&resource=https://slow.example/'));
SELECT pg_temp.look(pg_temp.ask(format('client_id=%s&client_secret=%s&grant_type=refresh_token&refresh_token=%s&resource=https://slow.example/', :'id', :'secret', :'refresh')));
RESET oauth.lane;
SELECT pg_temp.look(pg_temp.ask(:'form' || '&resource=https://music.example/'));
\echo -- the resource knows nothing of openid, and the client gets its ID token all the same
SELECT oauth_issue_token(:'id', 'alice', 'openid music', resource => 'https://music.example/', refresh => true) \gset
SELECT (string_to_array(btrim(:'oauth_issue_token', '()'), ','))[4] AS refresh \gset
UPDATE oauth.grant SET grant_type = 'authorization_code' WHERE grant_type = 'oauth_issue_token';
SELECT pg_temp.ask(format('client_id=%s&client_secret=%s&grant_type=refresh_token&refresh_token=%s', :'id', :'secret', :'refresh')) AS answer \gset
SELECT pg_temp.look(:'answer'), :'answer'::jsonb ? 'id_token';
\echo -- a pairwise subject is the same in both (OpenID Connect Core, section 8.1)
UPDATE oauth.client SET subject_type = 'pairwise', sector_identifier = 'app.example' WHERE client_id = :'id';
SELECT pg_temp.ask(format('client_id=%s&client_secret=%s&grant_type=refresh_token&refresh_token=%s', :'id', :'secret', :'answer'::jsonb ->> 'refresh_token')) AS answer \gset
SELECT pg_temp.decoded(:'answer'::jsonb ->> 'access_token', 2) ->> 'sub' = pg_temp.decoded(:'answer'::jsonb ->> 'id_token', 2) ->> 'sub', pg_temp.decoded(:'answer'::jsonb ->> 'access_token', 2) ->> 'sub' <> 'alice';
SELECT subject FROM oauth_verify_token(:'answer'::jsonb ->> 'access_token', resource => 'https://music.example/');
UPDATE oauth.client SET subject_type = 'public' WHERE client_id = :'id';

\echo -- RFC 8707, section 2.2: only what is registered
SET oauth.require_registered_resource = on;
SELECT pg_temp.look(pg_temp.ask(:'form' || '&resource=https://any.example/'));
SELECT pg_temp.look(pg_temp.ask(:'form' || '&resource=https://old.example/'));
SELECT pg_temp.look(pg_temp.ask(:'form'));
SELECT oauth_issue_token(:'id', resource => 'https://any.example/');
\echo -- RFC 8707, section 2.1: at the authorization endpoint, too
SELECT substring(array_to_string(headers, ' ') FROM 'error=\w+') FROM oauth.authorize(ROW('GET', format('/oauth2/authorize?response_type=code&client_id=%s&redirect_uri=https://app.example/cb&code_challenge=%s&code_challenge_method=S256&resource=https://any.example/', :'id', repeat('a', 43)), '{}', NULL, 'https', '127.0.0.1'));
RESET oauth.require_registered_resource;
SELECT substring(array_to_string(headers, ' ') FROM 'error=\w+') FROM oauth.authorize(ROW('GET', format('/oauth2/authorize?response_type=code&client_id=%s&redirect_uri=https://app.example/cb&code_challenge=%s&code_challenge_method=S256&scope=photos&resource=https://music.example/', :'id', repeat('a', 43)), '{}', NULL, 'https', '127.0.0.1'));

\echo -- registering again changes what was said; unregistering takes it back
SELECT oauth_register_resource('https://music.example', signing_alg => 'ES384', access_token_format => 'jwt');
SELECT pg_temp.look(pg_temp.ask(:'form' || '&scope=photos&resource=https://music.example/'));
SELECT oauth_unregister_resource('https://MUSIC.example/'), oauth_unregister_resource('https://music.example/');
SELECT pg_temp.look(pg_temp.ask(:'form' || '&resource=https://music.example/'));
SELECT detail FROM oauth.event WHERE event = 'configure' AND detail ~ '^resource' ORDER BY handle;
\echo -- what cannot be registered (RFC 8707, section 2; RFC 9728, section 1.2; RFC 9728, section 6)
SELECT oauth_register_resource('photos');
SELECT oauth_register_resource(NULL);
SELECT oauth_register_resource('https://a.example/#fragment');
SELECT oauth_register_resource('https://a.example/é');
SELECT oauth_register_resource('https://a.example/', scope => 'nothing');
SELECT oauth_register_resource('https://a.example/', scope => '');
SELECT oauth_register_resource('https://a.example/', scope => E'a\tb');
SELECT oauth_register_resource('https://a.example/', access_token_format => 'jwe');
SELECT oauth_register_resource('https://a.example/', access_token_format => NULL);
SELECT oauth_register_resource('https://a.example/', access_token_lifetime => '0');
SELECT oauth_register_resource('https://a.example/', signing_alg => 'HS256');
SELECT oauth_register_resource('https://' || repeat('a', 3000));
SELECT oauth_unregister_resource(NULL);
SELECT count(*) FROM oauth.registered_resource;
\c :main
DROP DATABASE regress_oauth_resources;
