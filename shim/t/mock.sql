-- mock.sql
-- Functions with the signatures of the oauth extension that do what a test of the
-- transport needs: the last part of the path says what.
-- SPDX-License-Identifier: PostgreSQL

CREATE SCHEMA oauth;
CREATE TYPE oauth.http_request AS (method text, target text, headers text[], body bytea, scheme text, peer inet);
CREATE TYPE oauth.http_response AS (status integer, headers text[], body bytea);

CREATE TABLE oauth.written (target text, body bytea);
CREATE TABLE oauth.locked (id integer PRIMARY KEY);
INSERT INTO oauth.locked VALUES (1), (2);

CREATE FUNCTION oauth._lane() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT coalesce(current_setting('oauth.lane', true), '') $$;

CREATE FUNCTION oauth._text(status integer, body text) RETURNS oauth.http_response LANGUAGE sql IMMUTABLE AS
$$ SELECT ROW(status, ARRAY['Content-Type: text/plain'], convert_to(body, 'UTF8'))::oauth.http_response $$;

CREATE FUNCTION oauth._hop(lane text) RETURNS oauth.http_response LANGUAGE sql IMMUTABLE AS
$$ SELECT ROW(0, ARRAY['Lane: ' || lane], NULL)::oauth.http_response $$;

-- the whole request value, as JSON
CREATE FUNCTION oauth._echo(r oauth.http_request) RETURNS oauth.http_response LANGUAGE sql STABLE AS
$$
	SELECT ROW(200, ARRAY['Content-Type: application/json', 'Cache-Control: private', 'X-Mock: yes'],
		convert_to(json_build_object('method', r.method, 'target', r.target, 'headers', r.headers,
			'body', encode(r.body, 'hex'), 'scheme', r.scheme, 'peer', host(r.peer), 'lane', oauth._lane(),
			'xact', txid_current_if_assigned(), 'now', extract(epoch FROM now()), 'pid', pg_backend_pid())::text,
			'UTF8'))::oauth.http_response
$$;

CREATE FUNCTION oauth._do(r oauth.http_request) RETURNS oauth.http_response LANGUAGE plpgsql AS
$$
DECLARE
	what text := substring(split_part(r.target, '?', 1) from '[^/]+$');
	argument text := substring(r.target from '\?(.*)$');
BEGIN
	CASE what
		WHEN 'sleep' THEN
			PERFORM pg_sleep(argument::float);
			RETURN oauth._text(200, 'slept');
		WHEN 'slow', 'write', 'sign' THEN
			IF oauth._lane() NOT IN ('', CASE what WHEN 'slow' THEN 'slow' WHEN 'sign' THEN 'signing' ELSE 'writing' END) THEN
				RETURN oauth._hop(CASE what WHEN 'slow' THEN 'slow' WHEN 'sign' THEN 'signing' ELSE 'writing' END);
			END IF;
			INSERT INTO oauth.written VALUES (r.target, r.body);
			IF argument IS NOT NULL THEN
				PERFORM pg_sleep(argument::float);
			END IF;
			RETURN oauth._echo(r);
		WHEN 'prove' THEN
			IF oauth._lane() NOT IN ('', 'signing') THEN
				RETURN ROW(0, ARRAY['Lane: signing', 'Kind: scheme'], NULL)::oauth.http_response;
			END IF;
			RETURN oauth._echo(r);
		WHEN 'hop' THEN RETURN oauth._hop(argument);
		WHEN 'readonly' THEN
			INSERT INTO oauth.written VALUES (r.target, r.body);
			RETURN oauth._text(200, 'written');
		WHEN 'raise' THEN
			RAISE EXCEPTION 'mock-secret-in-message' USING ERRCODE = argument, DETAIL = 'mock-secret-in-detail';
		WHEN 'lock' THEN
			PERFORM FROM oauth.locked WHERE id = split_part(argument, ',', 1)::integer FOR UPDATE;
			PERFORM pg_sleep(0.3);
			PERFORM FROM oauth.locked WHERE id = split_part(argument, ',', 2)::integer FOR UPDATE;
			RETURN oauth._text(200, 'locked');
		WHEN 'status' THEN
			RETURN oauth._text(argument::integer, 'status');
		WHEN 'split' THEN
			RETURN ROW(200, ARRAY[E'X-One: 1\r\nX-Two: 2'], NULL)::oauth.http_response;
		WHEN 'fields' THEN
			RETURN ROW(200, ARRAY['Content-Length: 999', 'Server: mock', 'Connection: upgrade', 'Set-Cookie: a=b',
				'Set-Cookie: c=d'], convert_to('fields', 'UTF8'))::oauth.http_response;
		WHEN 'shared', 'shared-404' THEN
			RETURN ROW(CASE what WHEN 'shared' THEN 200 ELSE 404 END, ARRAY['Shared: ' || split_part(argument, '&', 1), 'X-Mock: yes'],
				convert_to(clock_timestamp()::text, 'UTF8'))::oauth.http_response;
		WHEN 'shared-slow' THEN
			PERFORM pg_sleep(0.2);
			RETURN ROW(200, ARRAY['Shared: 1000'], convert_to(clock_timestamp()::text, 'UTF8'))::oauth.http_response;
		WHEN 'shared-application' THEN
			IF oauth._lane() <> 'application' THEN
				RETURN oauth._hop('application');
			END IF;
			RETURN ROW(200, ARRAY['Shared: ' || split_part(argument, '&', 1)], convert_to(clock_timestamp()::text, 'UTF8'))::oauth.http_response;
		WHEN 'shared-large' THEN
			RETURN ROW(200, ARRAY['Shared: 1000'], convert_to(clock_timestamp() || repeat('x', argument::integer), 'UTF8'))::oauth.http_response;
		WHEN 'null' THEN
			RETURN ROW(200, NULL, NULL)::oauth.http_response;
		WHEN 'large' THEN
			RETURN oauth._text(200, repeat('x', argument::integer));
		ELSE
			RETURN oauth._echo(r);
	END CASE;
END
$$;

-- a body do:what?argument says what to do
CREATE FUNCTION oauth.token(r oauth.http_request) RETURNS oauth.http_response LANGUAGE plpgsql SECURITY DEFINER AS
$$
BEGIN
	INSERT INTO oauth.written VALUES (r.target, r.body);
	IF substring(r.body FOR 3) = 'do:' THEN
		r.target := '/' || convert_from(substring(r.body FROM 4), 'UTF8');
	END IF;
	RETURN oauth._do(r);
END
$$;

CREATE FUNCTION oauth.resource(r oauth.http_request) RETURNS oauth.http_response LANGUAGE sql SECURITY DEFINER AS
$$ SELECT * FROM oauth._do(r) $$;

-- as many rows as the query says, 1 unless told
CREATE FUNCTION oauth.forward_auth(r oauth.http_request) RETURNS SETOF oauth.http_response LANGUAGE plpgsql SECURITY DEFINER AS
$$
DECLARE
	rows integer := substring(r.target from '\?rows=(.*)$')::integer;
	bearer boolean := 'Authorization: Bearer good' = ANY (r.headers);
	wrong boolean := 'Authorization: Bearer wrong' = ANY (r.headers);
BEGIN
	IF bearer THEN
		RETURN NEXT ROW(200, ARRAY['X-OAuth-Subject: 42', 'X-OAuth-Client: mock', 'X-OAuth-Scope: read'], NULL)::oauth.http_response;
		RETURN;
	ELSIF wrong THEN
		RETURN NEXT ROW(400, ARRAY['WWW-Authenticate: Bearer realm="mock", error="invalid_request"'], NULL)::oauth.http_response;
		RETURN;
	ELSIF rows IS NULL THEN
		RETURN NEXT ROW(401, ARRAY['WWW-Authenticate: Bearer realm="mock"'], convert_to(r.headers::text, 'UTF8'));
		RETURN;
	END IF;
	FOR i IN 1 .. rows LOOP
		RETURN NEXT oauth._text(200, 'row');
	END LOOP;
END
$$;

-- Documents: what is asked for is noted, and fetched once.
CREATE TABLE oauth.document (url text PRIMARY KEY, claims integer NOT NULL DEFAULT 0, status integer, headers text[], body bytea,
	problem text);
CREATE FUNCTION oauth.claim_document(url text) RETURNS text LANGUAGE sql SECURITY DEFINER AS
$$ UPDATE oauth.document d SET claims = claims + 1 WHERE d.url = $1 RETURNING 'fetch' $$;
CREATE FUNCTION oauth.keep_document(url text, status integer, headers text[], body bytea, problem text) RETURNS boolean
	LANGUAGE sql SECURITY DEFINER AS
$$ UPDATE oauth.document d SET status = $2, headers = $3, body = $4, problem = $5 WHERE d.url = $1 RETURNING true $$;

-- Messages: none.
CREATE FUNCTION oauth.take_deliveries(max integer) RETURNS TABLE (handle bigint, attempt integer, url text, body text)
	LANGUAGE sql AS $$ SELECT 1, 1, '', '' WHERE false $$;
CREATE FUNCTION oauth.end_delivery(handle bigint, attempt integer, status integer, problem text) RETURNS boolean
	LANGUAGE sql AS $$ SELECT true $$;
CREATE FUNCTION oauth.waiting_deliveries(OUT waiting bigint, OUT oldest_seconds bigint) LANGUAGE sql AS $$ SELECT 0, 0 $$;

-- What the shim asks of the provider as such.
CREATE FUNCTION oauth.ready() RETURNS text LANGUAGE sql AS $$ SELECT NULL::text $$;
CREATE FUNCTION oauth.purge() RETURNS bigint LANGUAGE sql AS $$ SELECT 0::bigint $$;

-- The other endpoints are there, and say so; ShimTest.pm puts in what shim/routes.c names.
DO $$
DECLARE
	stem text;
BEGIN
	FOREACH stem IN ARRAY '{@stems@}'::text[] LOOP
		CONTINUE WHEN EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'oauth'::regnamespace AND proname = stem);
		EXECUTE format('CREATE FUNCTION oauth.%I(r oauth.http_request) RETURNS oauth.http_response LANGUAGE sql SECURITY DEFINER AS
			$f$ SELECT * FROM oauth._do(r) $f$', stem);
	END LOOP;
END $$;
