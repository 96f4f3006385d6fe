-- second_factor.sql: codes of an application beside the password (RFC 6238), and recovery codes.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;
SET oauth.issuer = 'https://auth.example.com';

\echo -- RFC 6238, appendix B: the vectors of SHA-1, of which applications show the last six digits
SELECT seconds, _oauth_totp('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', to_timestamp(seconds)) AS code, right(rfc, 6) FROM (VALUES (59, '94287082'), (1111111109, '07081804'), (1111111111, '14050471'), (1234567890, '89005924'), (2000000000, '69279037'), (20000000000, '65353130')) v (seconds, rfc);
\echo -- RFC 4648, section 6: what is no base32
\set VERBOSITY terse
SELECT _oauth_totp('', now());
SELECT _oauth_totp('gezdgnbvgy3tqojqgezdgnbvgy3tqojq', now());
SELECT _oauth_totp('0189', now());
SELECT _oauth_totp('GEZDGNBV=', now());
SELECT _oauth_totp(repeat('A', 1000), now());

SELECT oauth_create_user('factor alice', 'wonderland') AS alice \gset
SELECT oauth_create_user('factor bob', 'wonderland') AS bob \gset
CREATE FUNCTION pg_temp.html(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT convert_from(r.body, 'UTF8') $$;
CREATE FUNCTION pg_temp.field(r oauth.http_response, name text) RETURNS text LANGUAGE sql AS $$ SELECT replace(substring(pg_temp.html(r) FROM 'name="' || name || '" value="([^"]*)"'), '&amp;', '&') $$;
CREATE FUNCTION pg_temp.go(path text, session text DEFAULT NULL, form text DEFAULT NULL, browser text DEFAULT '00000000000000000000000000000001') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT CASE WHEN path LIKE '/login%' THEN oauth.login(r) WHEN path LIKE '/account%' THEN oauth.account(r) ELSE oauth.authorize(r) END
	FROM (SELECT ROW(CASE WHEN form IS NULL THEN 'GET' ELSE 'POST' END, path, ARRAY['Content-Type: application/x-www-form-urlencoded', concat('Cookie: __Host-oauth_browser=' || browser, '; __Host-oauth_session=' || session)], convert_to(form, 'UTF8'), 'https', '127.0.0.1')::oauth.http_request) x (r) $$;
CREATE FUNCTION pg_temp.session(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT substring(h FROM '=(oas_[^;]*)') FROM unnest(r.headers) h WHERE h LIKE 'Set-Cookie: __Host-oauth_session=oas_%' $$;
CREATE FUNCTION pg_temp.location(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT substr(h, 11) FROM unnest(r.headers) h WHERE h LIKE 'Location: %' $$;
-- A page's status and words, or where it sends to; and whether it logs in.
CREATE FUNCTION pg_temp.show(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', r.status, coalesce(pg_temp.location(r), (SELECT string_agg(m[1], ' / ') FROM regexp_matches(pg_temp.html(r), '<(?:h1|p|label|button)[^>]*>([^<\n]+)</(?:h1|p|label|button)>', 'g') m)),
		CASE WHEN pg_temp.session(r) IS NOT NULL THEN '[logged in]' END) $$;
CREATE FUNCTION pg_temp.password(who text, password text DEFAULT 'wonderland', return text DEFAULT '/account') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.go('/login', NULL, format('username=%s&password=%s&return=%s&token=%s', replace(who, ' ', '+'), password, replace(replace(return, '%', '%25'), '&', '%26'), pg_temp.field(pg_temp.go('/login'), 'token'))) $$;
CREATE FUNCTION pg_temp.answer(page oauth.http_response, code text, browser text DEFAULT '00000000000000000000000000000001', session text DEFAULT NULL) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.go('/login', session, format('about=%s&return=%s&code=%s&token=%s', pg_temp.field(page, 'about'), replace(replace(pg_temp.field(page, 'return'), '%', '%25'), '&', '%26'), code, pg_temp.field(page, 'token')), browser) $$;
CREATE FUNCTION pg_temp.secret(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT replace(substring(pg_temp.html(r) FROM 'class="key" dir="ltr"><bdi>([A-Z2-7 ]+)<'), ' ', '') $$;
CREATE FUNCTION pg_temp.codes(r oauth.http_response) RETURNS text[] LANGUAGE sql AS $$ SELECT array_agg(m[1]) FROM regexp_matches(pg_temp.html(r), '<code>([^<]*)</code>', 'g') m $$;
CREATE FUNCTION pg_temp.act(session text, form text) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.go('/account', session, form || '&token=' || pg_temp.field(pg_temp.go('/account', session), 'token')) $$;

\echo -- nobody is asked for what he does not have
SELECT pg_temp.show(pg_temp.password('factor alice'));
SELECT pg_temp.session(pg_temp.password('factor alice')) AS session \gset

\echo -- setting it up on the account page: for who knows the password
SELECT pg_temp.show(pg_temp.go('/account', :'session'));
SELECT pg_temp.show(pg_temp.act(:'session', 'action=factor_begin' || password)) FROM unnest(ARRAY['', '&password=', '&password=wrong']) password;
SELECT count(*) FROM oauth.second_factor WHERE subject = :'alice';
SELECT pg_temp.act(:'session', 'action=factor_begin&password=wonderland') AS page \gset
SELECT pg_temp.secret(:'page') AS secret \gset
SELECT regexp_replace(pg_temp.show(:'page'), '[A-Z2-7]{4}( [A-Z2-7]{4}){7}', '<key>'), length(:'secret');
\echo -- the picture is in the page, dark on light, and for eyes only; the headers allow no more than on other pages
SELECT regexp_replace(regexp_replace(substring(pg_temp.html(:'page') FROM '<svg.*</svg>'), 'd="[^"]*"', 'd="..."'), '\d+', 'n', 'g');
SELECT (SELECT array_agg(h ORDER BY h) FROM unnest((:'page'::oauth.http_response).headers) h) = (SELECT array_agg(h ORDER BY h) FROM unnest((pg_temp.go('/account', :'session')).headers) h);
SELECT pg_temp.html(:'page') ~ '<script|style=';
\echo -- the secret is sealed, and counts for nothing yet
SELECT position(convert_to(:'secret', 'UTF8') IN secret_sealed), confirmed_at FROM oauth.second_factor WHERE subject = :'alice';
SELECT pg_temp.show(pg_temp.password('factor alice'));
\echo -- a wrong code; then the first right one: ten recovery codes, shown once, of which the digests are kept
SELECT pg_temp.show(pg_temp.act(:'session', 'action=factor_confirm&code=' || code)) ~ 'wrong, or was used' FROM unnest(ARRAY['', '000', '1234567', 'abcdef', lpad(((_oauth_totp(:'secret', now())::int + 1) % 1000000)::text, 6, '0')]) code;
\echo -- a session without the password is never shown the secret
SELECT pg_temp.secret(pg_temp.act(:'session', 'action=factor_confirm&code=000000')) IS NULL;
SELECT pg_temp.session(pg_temp.password('factor alice')) AS laptop \gset
SELECT client_id AS told FROM oauth_register_client('factor told', redirect_uris => '{https://told.example/back}', scope => 'openid') \gset
SELECT oauth_update_client(:'told', '{"backchannel_logout_uri": "https://told.example/logout"}') IS NOT NULL, access_token IS NOT NULL FROM oauth_issue_token(:'told', :'alice', 'openid');
UPDATE oauth.grant SET sid = (SELECT sid FROM oauth.session WHERE token_hash = sha256(convert_to(:'laptop', 'UTF8'))) WHERE client_id = :'told';
SELECT pg_temp.act(:'session', 'action=factor_confirm&code=' || _oauth_totp(:'secret', now())) AS page \gset
SELECT pg_temp.show(:'page');
\echo -- this session has shown both, and goes on under another value; those by password alone end, in other browsers, and their clients are told: a stolen password may have begun them
SELECT pg_temp.show(pg_temp.go('/account', :'session')), pg_temp.show(pg_temp.go('/account', :'laptop'));
SELECT pg_temp.session(:'page') AS session \gset
SELECT acr, amr, ended_at IS NOT NULL AS ended, count(*) FROM oauth.session WHERE subject = :'alice' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SELECT url, subject = :'alice', sid = (SELECT sid FROM oauth.session WHERE token_hash = sha256(convert_to(:'laptop', 'UTF8'))) FROM oauth.delivery WHERE client_id = :'told';
SELECT count(*) AS living_tokens FROM oauth.grant WHERE client_id = :'told' AND ended_at IS NULL;
SELECT oauth_delete_client(:'told');
SELECT pg_temp.codes(:'page') AS codes \gset
SELECT cardinality(:'codes'::text[]), (SELECT count(DISTINCT c) FROM unnest(:'codes'::text[]) c WHERE c ~ '^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$');
SELECT count(*) FROM oauth.recovery_code WHERE subject = :'alice' AND code_hash IN (SELECT sha256(convert_to(replace(c, '-', ''), 'UTF8')) FROM unnest(:'codes'::text[]) c);
SELECT pg_temp.show(pg_temp.go('/account', :'session'));
\echo -- the secret is not shown again, and cannot be replaced
SELECT pg_temp.secret(pg_temp.act(:'session', 'action=factor_begin&password=wonderland')), pg_temp.secret(pg_temp.act(:'session', 'action=factor_confirm&code=000000'));

\echo -- a right password is followed by the question for the code; a wrong one by what it was followed by before
SELECT pg_temp.show(pg_temp.password('factor alice'));
SELECT pg_temp.show(pg_temp.password('factor alice', 'wrong'));
\echo -- RFC 6238, section 5.2: the code of the confirmation "MUST NOT" be accepted again; that of the next step is, once
SELECT pg_temp.show(pg_temp.answer(pg_temp.password('factor alice'), _oauth_totp(:'secret', (SELECT to_timestamp(30 * last_step) FROM oauth.second_factor WHERE subject = :'alice'))));
SELECT pg_temp.show(pg_temp.answer(pg_temp.password('factor alice'), code)), pg_temp.show(pg_temp.answer(pg_temp.password('factor alice'), code)) FROM (SELECT _oauth_totp(:'secret', (SELECT to_timestamp(30 * last_step + 30) FROM oauth.second_factor WHERE subject = :'alice')) AS code) c;
\echo -- one step of drift either way, and no more
CREATE FUNCTION pg_temp.fresh() RETURNS void LANGUAGE sql VOLATILE AS $$ UPDATE oauth.second_factor SET last_step = 0; DELETE FROM oauth.throttle $$;
SELECT steps, pg_temp.fresh(), pg_temp.session(pg_temp.answer(pg_temp.password('factor alice'), _oauth_totp(:'secret', clock_timestamp() + steps * interval '29 s'))) IS NOT NULL FROM unnest(ARRAY[-3, -1, 0, 3]) steps;
\echo -- it says so: acr, amr, the audit log
SELECT acr, amr, count(*) FROM oauth.session WHERE subject = :'alice' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT event, outcome, detail, count(*) FROM oauth.recent_event WHERE subject = :'alice' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

\echo -- a recovery code is good once, in any spelling
SELECT pg_temp.fresh();
SELECT pg_temp.show(pg_temp.answer(pg_temp.password('factor alice'), code)), pg_temp.show(pg_temp.answer(pg_temp.password('factor alice'), code)) FROM (SELECT lower(replace((:'codes'::text[])[1], '-', '+')) AS code) c;
SELECT pg_temp.html(pg_temp.go('/account', :'session')) ~ 'Recovery codes left: 9';
\echo -- that of somebody else is not
SELECT pg_temp.session(pg_temp.password('factor bob')) AS bobs \gset
SELECT pg_temp.act(:'bobs', 'action=factor_begin&password=wonderland') AS page \gset
SELECT pg_temp.secret(:'page') AS bobs_secret \gset
SELECT pg_temp.codes(pg_temp.act(:'bobs', 'action=factor_confirm&code=' || _oauth_totp(:'bobs_secret', now()))) AS bobs_codes \gset
SELECT pg_temp.show(pg_temp.answer(pg_temp.password('factor alice'), (:'bobs_codes'::text[])[1]));

\echo -- the form is for one login, in one browser, and for a while
SELECT pg_temp.password('factor alice') AS page \gset
SELECT pg_temp.fresh();
SELECT pg_temp.show(pg_temp.answer(:'page', _oauth_totp(:'secret', now()), '00000000000000000000000000000002'));
SELECT what, (pg_temp.go('/login', NULL, format('about=%s&return=/account&code=%s&token=%s', about, _oauth_totp(:'secret', now()), pg_temp.field(:'page', 'token')))).status
	FROM (VALUES ('of somebody else', regexp_replace(pg_temp.field(:'page', 'about'), '[^.]*$', :'bob')), ('for longer', regexp_replace(pg_temp.field(:'page', 'about'), '\.\d+\.', '.99999999999.')), ('over', regexp_replace(pg_temp.field(:'page', 'about'), '\.\d+\.', '.1.')),
		('of a session', regexp_replace(pg_temp.field(:'page', 'about'), '^p', 's')), ('x', 'x'), ('p.', 'p.'), ('p..', 'p..'), ('a number', 'p.99999999999999999999999999999.' || :'alice')) v (what, about);
\echo -- and not after the password was changed, or the user disabled
SELECT oauth_set_password('factor alice', 'wonderland');
SELECT pg_temp.show(pg_temp.answer(:'page', _oauth_totp(:'secret', now())));
SELECT pg_temp.password('factor alice') AS page \gset
SELECT oauth_disable_user('factor alice');
SELECT pg_temp.show(pg_temp.answer(:'page', _oauth_totp(:'secret', now())));
SELECT oauth_enable_user('factor alice');
SELECT pg_temp.session(pg_temp.answer(:'page', _oauth_totp(:'secret', now()))) IS NOT NULL;

\echo -- R213: wrong codes are counted for the account, like passwords, and the right one must wait then
SET oauth.failed_attempts = 3;
SELECT pg_temp.fresh();
SELECT i, (pg_temp.answer(:'page', '000000')).status FROM generate_series(1, 5) i;
SELECT pg_temp.show(pg_temp.answer(:'page', _oauth_totp(:'secret', now())));
SELECT DISTINCT kind, account = :'alice' FROM oauth.throttle WHERE account IS NOT NULL;
SELECT (pg_temp.password('factor alice')).status;
SELECT oauth_unlock('factor alice');
SELECT pg_temp.session(pg_temp.answer(:'page', _oauth_totp(:'secret', now()))) IS NOT NULL;
RESET oauth.failed_attempts;
SELECT pg_temp.fresh();

\echo -- where no page can ask, the password alone is refused
SELECT client_id AS id, client_secret AS secret_of_client FROM oauth_register_client('factor', grant_types => '{password,oauth1_xauth}', scope => 'read') \gset
SELECT (r).status, convert_from((r).body, 'UTF8')::jsonb - 'scope' FROM (SELECT oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to(format('grant_type=password&client_id=%s&client_secret=%s&username=factor+alice&password=%s', :'id', :'secret_of_client', password), 'UTF8'), 'https', '127.0.0.1')) FROM unnest(ARRAY['wonderland', 'wrong']) password) t (r);

SELECT (r).status, convert_from((r).body, 'UTF8') FROM (SELECT oauth.oauth1_access_token(ROW('POST', '/oauth/access_token', '{Content-Type: application/x-www-form-urlencoded,Host: auth.example.com}', convert_to(format('oauth_consumer_key=%s&oauth_signature_method=PLAINTEXT&oauth_signature=%s%%26&x_auth_mode=client_auth&x_auth_username=%s&x_auth_password=wonderland', :'id', :'secret_of_client', who), 'UTF8'), 'https', '127.0.0.1')) FROM unnest(ARRAY['factor+alice']) who) t (r);

\echo -- who must set one up gets a new secret at each login: somebody else may have seen the one before
SELECT oauth_create_user('factor eve', 'wonderland') IS NOT NULL;
SELECT oauth_require_second_factor('factor eve');
SELECT pg_temp.secret(pg_temp.password('factor eve')) AS one \gset
SELECT length(:'one'), pg_temp.secret(pg_temp.password('factor eve')) <> :'one';
SELECT oauth_delete_user('factor eve');
\echo -- a request that asks for two factors: a session by password is asked for the code alone
SELECT client_id AS app FROM oauth_register_client('factor app', redirect_uris => '{https://app.example/back}', scope => 'read') \gset
SET oauth.second_factor = off;
SELECT pg_temp.session(pg_temp.password('factor alice')) AS session \gset
RESET oauth.second_factor;
SELECT '/oauth2/authorize?client_id=' || :'app' || '&response_type=code&state=s&acr_values=urn:oauth:acr:mfa' AS ask \gset
SELECT pg_temp.location(pg_temp.go(:'ask', :'session')) AS login \gset
SELECT pg_temp.go(:'login', :'session') AS page \gset
SELECT pg_temp.show(:'page');
SELECT authenticated_at AS at, sid FROM oauth.session WHERE subject = :'alice' AND ended_at IS NULL ORDER BY handle DESC LIMIT 1 \gset
\echo -- without the session, or in another one, the form is nothing
SELECT (pg_temp.answer(:'page', _oauth_totp(:'secret', now()))).status, (pg_temp.answer(:'page', _oauth_totp(:'secret', now()), session => :'bobs')).status;
SELECT pg_temp.answer(:'page', _oauth_totp(:'secret', now()), session => :'session') AS done \gset
SELECT pg_temp.location(:'done') ~ '^/oauth2/authorize', pg_temp.session(:'done') <> :'session';
\echo -- it is the same session by another value: when the password was typed stays
SELECT acr, amr, authenticated_at = :'at', sid = :'sid' FROM oauth.session WHERE subject = :'alice' AND ended_at IS NULL ORDER BY handle DESC LIMIT 1;
SELECT pg_temp.location(pg_temp.go('/account', :'session'));
SELECT pg_temp.session(:'done') AS session \gset
SELECT (pg_temp.go(pg_temp.location(:'done'), :'session')).status;
SELECT (pg_temp.go(:'ask', :'session')).status;
\echo -- a new login begins with the password; a person without a second factor has nothing more to show, and is asked for consent
SELECT pg_temp.fresh();
SET oauth.second_factor = off;
SELECT pg_temp.session(pg_temp.password('factor alice')) AS session \gset
RESET oauth.second_factor;
SELECT pg_temp.html(pg_temp.go(pg_temp.location(pg_temp.go(:'ask' || more, :'session')), :'session')) ~ 'name="password"' FROM unnest(ARRAY['', '&prompt=login', '&max_age=0']) more;
SELECT pg_temp.html(pg_temp.go('/login?again=whole&return=' || replace(:'ask', '&', '%26'), :'session')) ~ 'name="password"';
SELECT oauth_remove_second_factor('factor bob');
SELECT pg_temp.session(pg_temp.password('factor bob')) AS bobs \gset
SELECT pg_temp.html(pg_temp.go(:'ask', :'bobs')) ~ 'name="decision"';
\echo -- who must have one, by word or by setting, is not logged in without it, whenever the session began; when that is over, the session goes on
SELECT oauth_require_second_factor('factor bob');
SELECT left(pg_temp.location(pg_temp.go('/account', :'bobs')), 14);
SELECT left(pg_temp.location(pg_temp.go(:'ask', :'bobs')), 14), pg_temp.location(pg_temp.go(:'ask' || '&prompt=none', :'bobs')) ~ 'error=login_required', pg_temp.html(pg_temp.go('/login?return=%2Faccount', :'bobs')) ~ 'name="password"';
SELECT "check", detail FROM oauth_explain_request(ROW('GET', :'ask', ARRAY['Cookie: __Host-oauth_session=' || :'bobs'], NULL, 'https', '127.0.0.1')) WHERE "check" = 'login';
SELECT oauth_require_second_factor('factor bob', false), (pg_temp.go('/account', :'bobs')).status;
SET oauth.second_factor = required;
SELECT left(pg_temp.location(pg_temp.go('/account', :'bobs')), 14), (pg_temp.go('/account', pg_temp.session(pg_temp.answer(pg_temp.password('factor alice'), _oauth_totp(:'secret', now()))))).status;
SELECT pg_temp.fresh();
\echo -- such a session can be logged out
SELECT is_logged_out FROM (SELECT array_to_string((oauth.end_session(ROW('POST', '/oauth2/end_session', ARRAY['Content-Type: application/x-www-form-urlencoded', 'Cookie: __Host-oauth_browser=00000000000000000000000000000001; __Host-oauth_session=' || :'bobs'], convert_to('token=' || substring(convert_from((oauth.end_session(ROW('GET', '/oauth2/end_session', ARRAY['Cookie: __Host-oauth_browser=00000000000000000000000000000001; __Host-oauth_session=' || :'bobs'], NULL, 'https', '127.0.0.1'))).body, 'UTF8') FROM 'name="token" value="([^"]*)"'), 'UTF8'), 'https', '127.0.0.1'))).headers, ' ') ~ 'oauth_session=;' AS is_logged_out) x;
RESET oauth.second_factor;
SELECT ended_at IS NOT NULL FROM oauth.session WHERE token_hash = sha256(convert_to(:'bobs', 'UTF8'));
\echo -- without second factors nobody can reach it, and metadata says so
SELECT setting, convert_from((oauth.metadata(ROW('GET', '/.well-known/openid-configuration', '{}', NULL, 'https', '127.0.0.1'))).body, 'UTF8')::jsonb -> 'acr_values_supported' FROM unnest(ARRAY['optional', 'off']) setting, LATERAL set_config('oauth.second_factor', setting, false);
RESET oauth.second_factor;

\echo -- new recovery codes, and an end to it: for a code
SELECT pg_temp.session(pg_temp.answer(pg_temp.password('factor alice'), _oauth_totp(:'secret', now()))) AS session \gset
SELECT pg_temp.fresh();
SELECT (pg_temp.act(:'session', 'action=factor&do=' || what || '&code=000000')).status, (SELECT count(*) FROM oauth.recovery_code WHERE subject = :'alice') FROM unnest(ARRAY['codes', 'remove', 'nothing', '']) what;
SELECT cardinality(pg_temp.codes(pg_temp.act(:'session', 'action=factor&do=codes&code=' || (:'codes'::text[])[2]))), (SELECT count(*) FROM oauth.recovery_code WHERE subject = :'alice');
SELECT (pg_temp.act(:'session', 'action=factor&do=codes&code=' || (:'codes'::text[])[3])).status;
SELECT html ~ 'was removed', html ~ 'value="factor_begin"', html ~ 'value="remove"' FROM pg_temp.html(pg_temp.act(:'session', 'action=factor&do=remove&code=' || _oauth_totp(:'secret', now()))) html;
SELECT secret_sealed, confirmed_at, (SELECT count(*) FROM oauth.recovery_code r WHERE r.subject = f.subject) FROM oauth.second_factor f WHERE subject = :'alice';
SELECT pg_temp.show(pg_temp.password('factor alice'));

\echo -- an administrator says who must have one; a login without one sets it up, and is over before
SELECT oauth_require_second_factor('factor bob'), oauth_require_second_factor('Factor Bob'), oauth_require_second_factor('factor alice', false);
SELECT finding FROM oauth_check() WHERE subject = 'second factor';
SELECT pg_temp.fresh();
SELECT pg_temp.password('factor bob') AS page \gset
SELECT regexp_replace(pg_temp.show(:'page'), '[A-Z2-7]{4}( [A-Z2-7]{4}){7}', '<key>');
SELECT pg_temp.secret(pg_temp.answer(:'page', '000000')) = pg_temp.secret(:'page');
SELECT pg_temp.answer(:'page', _oauth_totp(pg_temp.secret(:'page'), now())) AS done \gset
SELECT pg_temp.show(:'done');
SELECT acr, amr FROM oauth.session WHERE subject = :'bob' ORDER BY handle DESC LIMIT 1;
SELECT count(*) FROM oauth_check() WHERE subject = 'second factor';
\echo -- and cannot be rid of it
SELECT pg_temp.session(:'done') AS session \gset
SELECT pg_temp.html(pg_temp.go('/account', :'session')) ~ 'value="remove"', (pg_temp.act(:'session', 'action=factor&do=remove&code=' || (pg_temp.codes(:'done'))[1])).status, (SELECT count(*) FROM oauth.recovery_code WHERE subject = :'bob');
SELECT oauth_remove_second_factor('factor bob'), oauth_remove_second_factor('factor bob');
SELECT regexp_replace(pg_temp.show(pg_temp.password('factor bob')), '[A-Z2-7]{4}( [A-Z2-7]{4}){7}', '<key>');
\echo -- without an issuer the application shows another name
RESET oauth.issuer;
SELECT (pg_temp.password('factor bob')).status;
SET oauth.issuer = 'https://auth.example.com';
\echo -- everybody must, or nobody
SET oauth.second_factor = required;
SELECT pg_temp.show(pg_temp.password('factor alice')) ~ 'needs two-step verification';
SET oauth.second_factor = off;
SELECT pg_temp.show(pg_temp.password('factor bob'));
SELECT pg_temp.html(pg_temp.go('/account', pg_temp.session(pg_temp.password('factor bob')))) ~ 'factor_begin';
SELECT finding FROM oauth_check() WHERE subject = 'second factor';
RESET oauth.second_factor;

\echo -- unknown users, and those of the application
SELECT oauth_require_second_factor('factor nobody');
\echo :SQLSTATE
SELECT oauth_require_second_factor('factor bob', NULL);
\echo :SQLSTATE
SELECT oauth_remove_second_factor('factor nobody');
\echo :SQLSTATE
SELECT oauth_require_second_factor(NULL);
\echo :SQLSTATE

\echo -- the secret is sealed anew with the others, and goes with its user
SELECT pg_temp.fresh();
SELECT pg_temp.password('factor bob') AS page \gset
SELECT secret_sealed AS before FROM oauth.second_factor WHERE subject = :'bob' \gset
SELECT oauth_rotate_master_key() IS NOT NULL;
SELECT secret_sealed <> :'before' FROM oauth.second_factor WHERE subject = :'bob';
SELECT pg_temp.password('factor bob') AS page \gset
SELECT cardinality(pg_temp.codes(pg_temp.answer(:'page', _oauth_totp(pg_temp.secret(:'page'), now()))));
SELECT oauth_delete_user('factor alice'), oauth_delete_user('factor bob');
SELECT count(*) FROM oauth.second_factor WHERE subject IN (:'alice', :'bob');
SELECT count(*) FROM oauth.recovery_code WHERE subject IN (:'alice', :'bob');
