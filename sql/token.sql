-- token.sql: the token endpoint (RFC 6749, sections 2.3, 3.2, 3.3, 4.3, 4.4, 5 and 6).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;

SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('token', grant_types => '{password,client_credentials,refresh_token}', scope => 'read write') \gset
SELECT client_id AS other, client_secret AS other_secret FROM oauth_register_client('token other', grant_types => '{password,refresh_token}') \gset
SELECT client_id AS public FROM oauth_register_client('token public', grant_types => '{password,refresh_token}', client_type => 'public') \gset
SELECT client_id AS basic, client_secret AS basic_secret FROM oauth_register_client('token basic', grant_types => '{client_credentials}', token_endpoint_auth_method => 'client_secret_basic') \gset
SELECT client_id AS narrow, client_secret AS narrow_secret FROM oauth_register_client('token narrow', grant_types => '{client_credentials}', scope => 'write') \gset
SELECT oauth_create_user('token alice', 'wonderland') AS alice \gset

-- What is sent, and what comes back without its random values.
CREATE FUNCTION pg_temp.send(form text, headers text[] DEFAULT '{}', target text DEFAULT '/oauth2/token') RETURNS oauth.http_response
LANGUAGE sql AS $$ SELECT oauth.token(ROW('POST', target, ARRAY['Content-Type: application/x-www-form-urlencoded'] || headers, convert_to(form, 'UTF8'), 'http', '127.0.0.1')) $$;
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT r.status || ' ' || regexp_replace(convert_from(r.body, 'UTF8'), '(o[ar]t_)[-_A-Za-z0-9]{54}"', '\1..."', 'g')
	|| coalesce(' ' || (SELECT h FROM unnest(r.headers) h WHERE h LIKE 'WWW-%'), '') $$;
CREATE FUNCTION pg_temp.post(form text, headers text[] DEFAULT '{}', target text DEFAULT '/oauth2/token') RETURNS text
LANGUAGE sql AS $$ SELECT pg_temp.show(pg_temp.send(form, headers, target)) $$;
CREATE FUNCTION pg_temp.basic(pair text) RETURNS text[] LANGUAGE sql AS $$
	SELECT ARRAY['Authorization: Basic ' || replace(encode(convert_to(pair, 'UTF8'), 'base64'), E'\n', '')] $$;
CREATE FUNCTION pg_temp.member(r oauth.http_response, name text) RETURNS text LANGUAGE sql AS $$ SELECT convert_from(r.body, 'UTF8')::jsonb ->> name $$;
CREATE FUNCTION pg_temp.rows() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT concat_ws(' ', (SELECT count(*) FROM oauth.grant), (SELECT count(*) FROM oauth.access_token), (SELECT count(*) FROM oauth.refresh_token)) $$;
SELECT 'client_id=' || :'id' || '&client_secret=' || :'secret' AS auth \gset
SELECT :'auth' || '&grant_type=password&username=token+alice&password=wonderland' AS login \gset

\echo -- Core, section 3.1.3.3; R107: a success, with its headers (section 5.1)
SELECT pg_temp.post(:'auth' || '&grant_type=client_credentials');
SELECT pg_temp.post(:'login');
SELECT (pg_temp.send(:'login')).headers;

SELECT pg_temp.rows() AS before \gset

\echo -- R105: nothing in the query is used, and secrets there are refused (section 2.3.1)
SELECT pg_temp.post('grant_type=client_credentials', target => '/oauth2/token?' || :'auth');
SELECT pg_temp.post('', target => '/oauth2/token?grant_type=client_credentials&client_id=' || :'id');
\echo -- R25: content type and encoding
SELECT pg_temp.show(oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: ' || type], convert_to(:'login', 'UTF8'), 'http', NULL)))
	FROM (VALUES ('application/json'), ('multipart/form-data'), ('application/x-www-form-urlencodedx'), ('')) v (type);
SELECT pg_temp.show(oauth.token(ROW('POST', '/oauth2/token', NULL, NULL, NULL, NULL)));
SELECT form, pg_temp.post(form) FROM (VALUES ('a=%'), ('a=%4'), ('a=%zz'), ('a=%00'), ('%00'), ('a=%ff'), ('a=%c0%80'), ('a=%ed%a0%80'),
	('grant_type'), ('grant_type='), ('&&&'), ('='), ('grant_type=a;b=2')) v (form);
SELECT pg_temp.show(oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'], '\x613d00'::bytea, 'http', NULL)));
SELECT pg_temp.post(repeat('a=1&', 1001));
\echo -- Core, section 3.1.3.4; R106: parameters sent twice, without a value, or not at all (sections 3.2 and 5.2)
SELECT pg_temp.post(:'auth' || '&grant_type=client_credentials&grant_type=client_credentials');
SELECT pg_temp.post(:'auth' || '&client_id=x&grant_type=client_credentials');
SELECT pg_temp.post(:'auth' || '&grant_type=client_credentials&scope=read&scope=read');
SELECT pg_temp.post(:'auth');
SELECT pg_temp.post(:'auth' || '&grant_type=');
SELECT pg_temp.post(:'auth' || '&grant_type=' || v.grant) FROM (VALUES ('implicit'), ('Password'), ('authorization_code'), ('password%20')) v ("grant");
SELECT pg_temp.post('client_id=' || :'other' || '&client_secret=' || :'other_secret' || '&grant_type=client_credentials');
\echo -- Core, section 3.1.3.2; R108: wrong secrets and unknown clients get one answer (section 5.2)
SELECT pg_temp.post('grant_type=client_credentials&client_id=' || :'id' || '&client_secret=x');
SELECT pg_temp.post('grant_type=client_credentials&client_id=nobody&client_secret=x');
SELECT pg_temp.post('grant_type=client_credentials', pg_temp.basic(:'id' || ':x'));
SELECT pg_temp.post('grant_type=client_credentials', pg_temp.basic('nobody:x'));
\echo -- R109: one method only (section 2.3)
SELECT pg_temp.post(:'auth' || '&grant_type=client_credentials', pg_temp.basic(:'id' || ':' || :'secret'));
SELECT pg_temp.post('grant_type=client_credentials&client_id=' || :'other', pg_temp.basic(:'id' || ':' || :'secret'));
SELECT pg_temp.post('grant_type=client_credentials', pg_temp.basic(:'id' || ':' || :'secret') || pg_temp.basic(:'id' || ':' || :'secret'));
\echo -- R110: garbage in Basic (section 2.3.1)
SELECT header, pg_temp.post('grant_type=client_credentials', ARRAY['Authorization: ' || header]) FROM (VALUES ('Basic'), ('Basic '),
	('Basic !'), ('Basic YQ'), ('Basic YQ=='), ('Basic Og=='), ('Basic JTo='), ('Basic AAAA'), ('Digest x'), ('Bearer x'), ('')) v (header);
\echo -- R111: the registered method, and never an empty secret
SELECT pg_temp.post('grant_type=client_credentials&client_id=' || :'id');
SELECT pg_temp.post('grant_type=client_credentials&client_secret=&client_id=' || :'id');
SELECT pg_temp.post('grant_type=client_credentials', pg_temp.basic(:'id' || ':'));
SELECT pg_temp.post('grant_type=client_credentials&client_id=' || :'basic' || '&client_secret=' || :'basic_secret');
SELECT pg_temp.post('grant_type=client_credentials');
\echo -- R119: scopes of others, and of nobody (section 3.3)
SELECT scope, pg_temp.post(:'auth' || '&grant_type=client_credentials&scope=' || scope) FROM (VALUES ('admin'), ('read+admin'), ('rea'), ('READ'), ('"'), ('%5C'), ('%0A'), ('%C3%A9'), ('+')) v (scope);
SELECT pg_temp.post('grant_type=client_credentials&client_id=' || :'narrow' || '&client_secret=' || :'narrow_secret');
\echo -- section 4.3: the password grant
SELECT pg_temp.post(:'auth' || '&grant_type=password&username=token+alice');
SELECT pg_temp.post(:'auth' || '&grant_type=password&password=wonderland');
SELECT pg_temp.post(:'auth' || '&grant_type=password&username=token+alice&password=x');
SELECT pg_temp.post(:'auth' || '&grant_type=password&username=nobody&password=wonderland');
SELECT pg_temp.post(:'auth' || '&grant_type=password&username=token+alicia&password=wonderland');
SELECT pg_temp.post(:'auth' || '&grant_type=password&username=token+alice&password=' || repeat('x', 100));
\echo -- R117: refresh tokens that are none
SELECT refresh_token AS refresh, access_token AS access FROM oauth_issue_token(:'id', :'alice', refresh => true) \gset
SELECT pg_temp.rows() AS before \gset
SELECT pg_temp.post(:'auth' || '&grant_type=refresh_token');
SELECT pg_temp.post(:'auth' || '&grant_type=refresh_token&refresh_token=' || token) FROM (VALUES ('x'), ('ort_'), (:'access'), (left(:'refresh', 57)),
	(:'refresh' || 'A'), ('ORT' || substr(:'refresh', 4)), (replace(:'access', 'oat_', 'ort_')), ('ort_' || repeat('A', 54)), ('ort_' || repeat('_', 54))) v (token);
\echo -- none of these wrote a row
SELECT pg_temp.rows() = :'before';

\echo -- credentials in the header are form-encoded, then base64 (section 2.3.1), and the scheme is case-insensitive
SELECT pg_temp.post('grant_type=client_credentials', pg_temp.basic(replace(:'id', 'a', '%61') || ':' || replace(:'secret', '_', '%5F')));
SELECT pg_temp.post('grant_type=client_credentials', ARRAY[replace((pg_temp.basic(:'id' || ':' || :'secret'))[1], 'Basic', 'bAsIc')]);
SELECT pg_temp.post('grant_type=client_credentials&unknown=1&unknown=2&client_id=' || :'id', pg_temp.basic(:'id' || ':' || :'secret'));
\echo -- scopes: a subset, in the order asked, each once; the default; no refresh token for a client itself (R137, section 4.4.3)
SELECT pg_temp.post(:'auth' || '&grant_type=client_credentials&scope=write++read+write');
SELECT pg_temp.post(:'auth' || '&grant_type=client_credentials&scope=');
SELECT pg_temp.post('grant_type=client_credentials&scope=write&client_id=' || :'narrow' || '&client_secret=' || :'narrow_secret');
\echo -- a public client sends its client_id
SELECT pg_temp.post('grant_type=password&username=token+alice&password=wonderland&client_id=' || :'public');
SELECT pg_temp.post('grant_type=password&username=token+alice&password=wonderland&client_secret=&client_id=' || :'public');
SELECT pg_temp.post('grant_type=password&username=token+alice&password=wonderland&client_secret=x&client_id=' || :'public');

\echo -- Core, section 12.1; R130: a refresh token is bound to its client, and another client changes nothing (section 6)
SELECT pg_temp.post('grant_type=refresh_token&refresh_token=' || :'refresh' || '&client_id=' || :'other' || '&client_secret=' || :'other_secret');
SELECT pg_temp.post('grant_type=refresh_token&refresh_token=' || :'refresh' || '&client_id=' || :'id');
\echo -- R131: no more than was granted; less narrows the access token only
SELECT pg_temp.post(:'auth' || '&grant_type=refresh_token&scope=read+write&refresh_token=' || :'refresh');
SELECT pg_temp.member(pg_temp.send(:'login' || '&scope=read+write'), 'refresh_token') AS wide \gset
SELECT pg_temp.member(r, 'scope') AS scope, pg_temp.member(r, 'refresh_token') AS next FROM pg_temp.send(:'auth' || '&grant_type=refresh_token&scope=write&refresh_token=' || :'wide') r \gset
\echo :scope
SELECT pg_temp.post(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'next');
\echo -- R132: rotation; the same answer within the grace, until the successor is used; then reuse ends the family
SELECT convert_from(r.body, 'UTF8') AS first, pg_temp.member(r, 'refresh_token') AS next, pg_temp.member(r, 'access_token') AS next_access FROM pg_temp.send(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh') r \gset
SELECT pg_temp.member(r, 'refresh_token') = :'next', pg_temp.member(r, 'access_token') = :'next_access' FROM pg_temp.send(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh') r;
SELECT pg_temp.member(r, 'refresh_token') AS third FROM pg_temp.send(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'next') r \gset
SELECT :'third' <> :'next', active FROM oauth_verify_token(:'next_access');
SELECT pg_temp.post(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh');
SELECT active FROM oauth_verify_token(:'next_access');
SELECT pg_temp.post(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'third');
\echo -- the same when the grace has passed (R134: it is in the row, so no restart forgets it)
SELECT refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', refresh => true) \gset
SELECT pg_temp.member(pg_temp.send(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh'), 'refresh_token') AS next \gset
UPDATE oauth.refresh_token SET used_at = used_at - interval '11 seconds' WHERE token_hash = sha256(convert_to(:'refresh', 'UTF8'));
SELECT pg_temp.post(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh');
SELECT pg_temp.post(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'next');
\echo -- the salt is gone once the successor is used, so old tokens derive nothing
SELECT count(*) FROM oauth.refresh_token WHERE used_at IS NOT NULL AND rotation_salt IS NOT NULL;
\echo -- R135, R136: nothing refreshes once the user is disabled, the password changed, the client disabled, or time is over
SELECT refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', refresh => true) \gset
SELECT oauth_disable_user('token alice');
SELECT pg_temp.post(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh');
SELECT pg_temp.post(:'login');
SELECT oauth_enable_user('token alice');
SELECT pg_temp.post(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh');
SELECT refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', refresh => true) \gset
SELECT oauth_set_password('token alice', 'wonderland');
SELECT pg_temp.post(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh');
SELECT refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', refresh => true) \gset
UPDATE oauth.refresh_token SET expires_at = now() WHERE token_hash = sha256(convert_to(:'refresh', 'UTF8'));
SELECT pg_temp.post(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh');
SELECT refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', refresh => true) \gset
WITH old AS (INSERT INTO oauth.grant (handle, client_id, subject, grant_type, scope)
	SELECT g.handle - 3600::bigint * 1000000 * 2048, g.client_id, g.subject, g.grant_type, g.scope FROM oauth.grant g
	JOIN oauth.refresh_token r ON r.grant_handle = g.handle WHERE r.token_hash = sha256(convert_to(:'refresh', 'UTF8')) RETURNING handle)
UPDATE oauth.refresh_token SET grant_handle = old.handle FROM old WHERE token_hash = sha256(convert_to(:'refresh', 'UTF8'));
SET oauth.grant_lifetime = '1h';
SELECT pg_temp.post(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh');
RESET oauth.grant_lifetime;
SELECT refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', refresh => true) \gset
SELECT oauth_disable_client(:'id');
SELECT pg_temp.post(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh');
SELECT oauth_enable_client(:'id');
SELECT pg_temp.post(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh');
\echo -- R138: a refreshed token is for the same subject
SELECT refresh_token AS refresh FROM oauth_issue_token(:'id', :'alice', refresh => true) \gset
SELECT pg_temp.member(pg_temp.send(:'auth' || '&grant_type=refresh_token&refresh_token=' || :'refresh'), 'access_token') AS access \gset
SELECT active, subject = :'alice', client_id = :'id' FROM oauth_verify_token(:'access');
\echo -- a connection of another lane does not hash passwords, and has written nothing
SET oauth.lane = 'writing';
SELECT pg_temp.rows() AS before \gset
SELECT status, headers FROM pg_temp.send(:'login');
SELECT pg_temp.rows() = :'before';
\echo -- nor does one that signs; it does what the writing lane does, and the one that hashes does all three
SET oauth.lane = 'signing';
SELECT status, headers FROM pg_temp.send(:'login');
SELECT (pg_temp.send(:'auth' || '&grant_type=client_credentials&scope=x')).status;
SET oauth.lane = 'reading';
SELECT (pg_temp.send(:'auth' || '&grant_type=client_credentials&scope=x')).headers;
SET oauth.lane = 'slow';
SELECT (pg_temp.send(:'login')).status, (pg_temp.send(:'auth' || '&grant_type=client_credentials&scope=x')).status;
RESET oauth.lane;
