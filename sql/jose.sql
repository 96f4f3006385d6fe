-- jose.sql: JSON Web Signatures, Keys and Tokens (RFC 7515, 7517, 7518, 7519, 7520, 7638, 8037, 8725), with the published vectors.
-- R120.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never

CREATE TEMP TABLE vector (name text, algorithms text[], jwk jsonb, token text);
INSERT INTO vector VALUES
	('RFC 7515, A.1', '{HS256}', '{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}', 'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'),
	('RFC 7515, A.2', '{RS256}', '{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}', 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw'),
	('RFC 7515, A.3', '{ES256}', '{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}', 'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q'),
	('RFC 7515, A.5', '{RS256,ES256,HS256}', '{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}', 'eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.'),
	('RFC 7520, 4.1', '{RS256}', '{"kty":"RSA","kid":"bilbo.baggins@hobbiton.example","use":"sig","n":"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw","e":"AQAB"}', 'eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg'),
	('RFC 7520, 4.2', '{PS384}', '{"kty":"RSA","kid":"bilbo.baggins@hobbiton.example","use":"sig","n":"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw","e":"AQAB"}', 'eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw'),
	('RFC 7520, 4.3: P-521 is not ours', '{ES256,ES384}', '{"kty":"EC","kid":"bilbo.baggins@hobbiton.example","use":"sig","crv":"P-521","x":"AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt","y":"AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1"}', 'eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2'),
	('RFC 7520, 4.4', '{HS256}', '{"kty":"oct","kid":"018c0ae5-4d9b-471b-bfd6-eef314bc7037","use":"sig","alg":"HS256","k":"hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg"}', 'eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0'),
	('RFC 8037, A.4', '{EdDSA}', '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}', 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg');

\echo -- the vectors (RFC 7518, section 3.1; RFC 7518, section 3.5; RFC 7519, section 8): that one has expired, or is no JWT, is only said of one whose signature holds
SELECT name, valid, problem FROM vector, oauth_verify_jwt(token, jsonb_build_object('keys', jsonb_build_array(jwk)), algorithms) ORDER BY name;
\echo -- RFC 7515, section 5.2; RFC 8725, section 3.3: with another byte in the signature, at its beginning, or in the payload, none does
SELECT name, problem FROM vector, LATERAL (VALUES (regexp_replace(token, '[.](.)([^.]*)$', CASE WHEN token ~ '[.]A[^.]*$' THEN '.B\2' ELSE '.A\2' END)), (overlay(token PLACING 'Q' FROM position('.' IN token) + 12))) c (changed),
	oauth_verify_jwt(changed, jsonb_build_object('keys', jsonb_build_array(jwk)), algorithms)
WHERE changed = token OR valid OR problem !~ 'signature does not hold' ORDER BY name;

-- Tokens of this test: any header, any payload, signed with HS256 by the secret of RFC 7515, A.1.
CREATE FUNCTION pg_temp.b64(data bytea) RETURNS text LANGUAGE sql AS $$SELECT translate(encode(data, 'base64'), E'+/=\n', '-_')$$;
CREATE FUNCTION pg_temp.signed(header bytea, payload bytea) RETURNS text LANGUAGE sql AS
	$$SELECT input || '.' || pg_temp.b64(hmac(input::bytea, decode('032335' || '4b2b0fa5bc837e0665777ba68f5ab328e6f054c928a90f84b2d2502ebfd3fb5a92d20647ef968ab4c377623d223d2e2172052e4f08c0cd9af567d080a3', 'hex'), 'sha256')) FROM (SELECT pg_temp.b64(header) || '.' || pg_temp.b64(payload)) i (input)$$;
CREATE FUNCTION pg_temp.token(header text DEFAULT '{"alg":"HS256"}', payload text DEFAULT '{"sub":"a"}') RETURNS text LANGUAGE sql AS
	$$SELECT pg_temp.signed(convert_to(header, 'UTF8'), convert_to(payload, 'UTF8'))$$;
SELECT jsonb_build_object('keys', jsonb_build_array(jwk)) AS secret FROM vector WHERE name = 'RFC 7515, A.1' \gset
SELECT jsonb_build_object('keys', jsonb_build_array(jwk)) AS rsa FROM vector WHERE name = 'RFC 7515, A.2' \gset
SELECT jsonb_build_object('keys', jsonb_build_array(jwk)) AS ec, token AS ec_token FROM vector WHERE name = 'RFC 7515, A.3' \gset
SELECT jsonb_build_object('keys', jsonb_build_array(jwk)) AS okp FROM vector WHERE name = 'RFC 8037, A.4' \gset

\echo -- one that is good, with claims that nobody knows (RFC 7519, section 4)
SELECT * FROM oauth_verify_jwt(pg_temp.token('{"alg":"HS256","typ":"JWT"}', '{"iss":"https://a","aud":["b"],"n":1.50,"ü":null}'), :'secret', '{HS256}');
\echo -- RFC 7515, section 7.1; RFC 7519, section 7.2: what is no token, and no row less
SELECT coalesce(left(token, 20), 'NULL'), v.* FROM (VALUES (NULL), (''), ('.'), ('..'), ('...'), ('a.b.c'), ('e30.e30.'), ('e30.e30.AA'), ('W10.e30.AA'), ('MQ.e30.AA'), ('bnVsbA.e30.AA'), (repeat('a', 16385)), (repeat('.', 16384)), (E'\n'), ('{"payload":"","signatures":[]}'), (' ' || pg_temp.token()), (pg_temp.token() || E'\n'), (pg_temp.token() || '.'), ('.' || pg_temp.token()), (replace(pg_temp.token(), '.', '. '))) t (token), oauth_verify_jwt(token, :'secret', '{HS256}') v;

\echo -- RFC 7515, section 2: base64url "with all trailing '=' characters omitted ... and without the inclusion of any line breaks, whitespace, or other additional characters"
SELECT name, problem FROM (VALUES
	('padded signature', pg_temp.token() || '='),
	('padded header', replace(pg_temp.token('{"alg":"HS256" }'), '.', '=.')),
	('other alphabet', 'eyJhbGciOiJIUzI1NiJ9.e30.' || repeat('+/', 21) || 'A'),
	('line break', overlay(pg_temp.token() PLACING E'\n' FROM 30 FOR 0)),
	('blank', overlay(pg_temp.token() PLACING ' ' FROM 30 FOR 0)),
	('percent', replace(pg_temp.token(), '.', '%2E')),
	('bits left over', regexp_replace(pg_temp.token(), '.$', 'x')),
	('one character too many', pg_temp.token() || 'AA')) t (name, token), oauth_verify_jwt(token, :'secret', '{HS256}');
\echo -- each spelling of the same bytes but one is refused
SELECT count(*) FILTER (WHERE valid), count(*) FROM regexp_split_to_table('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', '') c, oauth_verify_jwt(regexp_replace(pg_temp.token(), '.$', c), :'secret', '{HS256}');

\echo -- RFC 7515, section 4: "The Header Parameter names within the JOSE Header MUST be unique; JWS parsers MUST either reject JWSs with duplicate Header Parameter names or use a JSON parser that returns only the lexically last duplicate member name"
\echo -- RFC 7519, section 4: the same of claims; alg is there (RFC 7515, section 4.1.1), and nothing behind the JSON (RFC 7515, section 10.12)
SELECT json, problem FROM (VALUES ('{"alg":"HS256","alg":"HS256"}'), ('{"alg":"none","alg":"HS256"}'), ('{"alg":"HS256","\u0061lg":"none"}'), ('{"alg":"HS256","x":{"y":1,"z":2,"y":3}}'), ('{"alg":"HS256","x":[{"":1,"":1}]}'), ('{"alg":"HS256",}'), ('{"alg":"HS256"}{}'), ('{"alg":"HS256"} x'), ('["HS256"]'), ('{"alg":["HS256"]}'), ('{"alg":null}'), ('{"alg":1}'), ('{}'), ('{"ALG":"HS256"}'), ('{"alg":"hs256"}'), ('{"alg":"HS256 "}'), ('{"alg":"HS256\u0000"}'), ('{"alg":"HS256","kid":1}'), ('{"alg":"HS256","typ":{}}'), ('{''alg'':''HS256''}'), ('{alg:"HS256"}'), ('{"alg":"HS256","x":1e999}'), ('{"alg":"HS256","x":0e99999999999}'), ('{"alg":"HS256","x":"\ud800"}'), ('/**/{"alg":"HS256"}')) t (json), oauth_verify_jwt(pg_temp.token(json), :'secret', '{HS256}');
SELECT left(payload, 50), problem FROM (VALUES ('{"sub":"a","sub":"a"}'), ('{"sub":"a","\u0073ub":"b"}'), ('{"a":{"b":[{"c":1,"c":1}]}}'), ('{"a":[{"c":1},{"c":1}],"c":{"c":{"c":1}}}'), ('[]'), ('"a"'), ('1'), ('null'), (''), (' '), ('{'), ('{"a":1]'), ('[1}'), ('}'), (']'), ('{"a"}'), ('{"a":1,"b"}'), ('{"a":01}'), ('{"a":1e400}'), ('{"a":-1e400}'), ('{"a":1e-400}'), ('{"a":1e131071}'), ('{"a":0e99999999999}'), ('{"a":-0.0E-99999}'), ('{"a":0e+2147483648}'), ('{"a":0e-9223372036854775809}'), ('{"a":0e400}'), ('{"a":0e401}'), ('{"a":' || repeat('9', 65) || '}'), ('{"a":' || repeat('9', 64) || '}'), ('{"a":NaN}'), ('{"a":Infinity}'), ('{"a":"' || repeat('\\', 50) || '"}'), ('{"a":"\x"}'), ('{"a":"\u12"}'), ('{"a":"\ud83d\ude00"}'), ('{"a":"\udc00"}'), (E'{"a":"\t"}'), (E'\ufeff{"a":1}'), (repeat('[', 5000)), (repeat('{"a":', 2000)), ('{"a":' || repeat('[', 31) || repeat(']', 31) || '}'), ('{"a":' || repeat('[', 32) || repeat(']', 32) || '}'), (E' \r\n\t{ "a" : 1 } \n')) t (payload), oauth_verify_jwt(pg_temp.token(payload => payload), :'secret', '{HS256}');
\echo -- RFC 7519, section 7.2; RFC 8725, section 3.7: bytes that are not UTF-8, and NUL
SELECT payload, problem FROM (VALUES ('\x7b2261223a22ff227d'::bytea), ('\x7b2261223a22c0af227d'), ('\x7b2261223a22eda080227d'), ('\x7b2261223a22f4908080227d'), ('\x7b2261223a2200227d'), ('\x7b7d00'), ('\x007b7d')) t (payload), oauth_verify_jwt(pg_temp.signed('{"alg":"HS256"}', payload), :'secret', '{HS256}');

\echo -- RFC 8725, section 3.1; RFC 8725, section 3.2; RFC 7515, section 4.1.1; RFC 7518, section 3.6; RFC 7519, section 6: the caller says which algorithms, and "none" is not among them; RFC 8725, section 2.1: an RSA key is no secret of HS256; RFC 7517, section 4.2; RFC 7517, section 4.3; RFC 7517, section 4.4; RFC 7517, section 4.5; RFC 7515, section 4.1.4: what the key says of itself, and its name
SELECT alg, v.valid, problem FROM unnest('{none,None,NONE,nOnE,RS256,HS256,HS384,ES256,EdDSA,RSA1_5,dir}'::text[]) alg, oauth_verify_jwt(pg_temp.token(format('{"alg":"%s"}', alg)), :'rsa', '{RS256,PS256,ES256,EdDSA}') v;
SELECT name, v.valid, problem FROM (VALUES
	('the modulus as a secret', pg_temp.token(), :'rsa'::jsonb, '{RS256,HS256}'::text[]),
	('a secret where HS256 is not accepted', pg_temp.token(), :'secret', '{RS256}'),
	('an EC key for RS256', regexp_replace(:'ec_token', '^[^.]*', pg_temp.b64('{"alg":"RS256"}')), :'ec', '{RS256,ES256}'),
	('a P-256 key for ES384', regexp_replace(:'ec_token', '^[^.]*', pg_temp.b64('{"alg":"ES384"}')), :'ec', '{ES384,ES256}'),
	('an Ed25519 key for ES256', :'ec_token', :'okp', '{ES256,EdDSA}'),
	('a key with another alg', pg_temp.token(), jsonb_set(:'secret', '{keys,0,alg}', '"HS512"'), '{HS256}'),
	('a key for encryption', pg_temp.token(), jsonb_set(:'secret', '{keys,0,use}', '"enc"'), '{HS256}'),
	('a key that only signs', pg_temp.token(), jsonb_set(:'secret', '{keys,0,key_ops}', '["sign"]'), '{HS256}'),
	('a key that verifies', pg_temp.token(), jsonb_set(:'secret', '{keys,0,key_ops}', '["sign","verify"]'), '{HS256}'),
	('the kid of another key', pg_temp.token('{"alg":"HS256","kid":"a"}'), jsonb_set(:'secret', '{keys,0,kid}', '"b"'), '{HS256}'),
	('a kid that is SQL', pg_temp.token('{"alg":"HS256","kid":"x'' OR ''1''=''1"}'), jsonb_set(:'secret', '{keys,0,kid}', '"b"'), '{HS256}'),
	('the kid of the key', pg_temp.token('{"alg":"HS256","kid":"a"}'), jsonb_set(:'secret', '{keys,0,kid}', '"a"'), '{HS256}'),
	('a kid, and a key without', pg_temp.token('{"alg":"HS256","kid":"a"}'), :'secret', '{HS256}'),
	('no key', pg_temp.token(), '{"keys":[]}', '{HS256}'),
	('five keys and no kid', pg_temp.token(), (SELECT jsonb_build_object('keys', jsonb_agg(jsonb_set(:'secret'::jsonb #> '{keys,0}', '{kid}', to_jsonb(n::text)))) FROM generate_series(1, 5) n), '{HS256}'),
	('five keys and a kid', pg_temp.token('{"alg":"HS256","kid":"4"}'), (SELECT jsonb_build_object('keys', jsonb_agg(jsonb_set(:'secret'::jsonb #> '{keys,0}', '{kid}', to_jsonb(n::text)))) FROM generate_series(1, 5) n), '{HS256}')
	) t (name, token, jwks, algorithms), oauth_verify_jwt(token, jwks, algorithms) v;
\echo -- RFC 7517, section 4; RFC 7517, section 5: members that nobody knows are ignored, in a key and in a set; RFC 7515, section 10.13; RFC 7519, section 7.3: names are compared by code point
SELECT name, v.valid, problem FROM (VALUES
	('a key with another member', pg_temp.token(), jsonb_set(:'secret', '{keys,0,no_such}', '{"a": [1]}')),
	('a set with another member', pg_temp.token(), :'secret'::jsonb || '{"no_such": [1]}'),
	('the letter of the kid', pg_temp.token('{"alg":"HS256","kid":"\u00e9"}'), jsonb_set(:'secret', '{keys,0,kid}', '"\u00e9"')),
	('the same, decomposed', pg_temp.token('{"alg":"HS256","kid":"e\u0301"}'), jsonb_set(:'secret', '{keys,0,kid}', '"\u00e9"')),
	('the same in upper case', pg_temp.token('{"alg":"HS256","kid":"\u00c9"}'), jsonb_set(:'secret', '{keys,0,kid}', '"\u00e9"'))
	) t (name, token, jwks), oauth_verify_jwt(token, jwks, '{HS256}') v;

\echo -- RFC 7515, section 4; RFC 7515, section 4.1.11; RFC 8725, section 3.10; RFC 7797: "If any of the listed extension Header Parameters are not understood and supported by the recipient, then the JWS is invalid"
SELECT json, v.valid, problem FROM (VALUES ('"crit":["exp"]'), ('"crit":[]'), ('"crit":["b64"],"b64":false'), ('"b64":true'), ('"jwk":{"kty":"oct"}'), ('"jwk":null'), ('"jku":"https://a/"'), ('"x5u":"https://a/"'), ('"x5c":[]'), ('"x5t":"a","x5t#S256":"b","cty":"x","zip":"DEF","foo":1')) t (member), format('{"alg":"HS256",%s}', member) json, oauth_verify_jwt(pg_temp.token(json), :'secret', '{HS256}') v;

\echo -- RFC 7515, section 4.1.9; RFC 8725, section 3.11: typ is a media type, "application/" may be left out, case does not count
SELECT typ, expected, v.valid, problem FROM (VALUES ('"at+jwt"', 'at+jwt'), ('"AT+JWT"', 'at+jwt'), ('"application/at+jwt"', 'at+jwt'), ('"Application/AT+jwt"', 'at+jwt'), ('"at+jwt"', 'application/at+jwt'), ('"application/at+jwt/x"', 'at+jwt/x'), ('"JWT"', 'at+jwt'), ('"at+jwt "', 'at+jwt'), ('"text/at+jwt"', 'at+jwt'), ('""', 'at+jwt'), ('"logout+jwt"', NULL)) t (typ, expected), oauth_verify_jwt(pg_temp.token(format('{"alg":"HS256","typ":%s}', typ)), :'secret', '{HS256}', expected) v;
SELECT v.valid, problem FROM oauth_verify_jwt(pg_temp.token(), :'secret', '{HS256}', 'JWT') v;

\echo -- RFC 7519, section 2; RFC 7519, section 4.1.4; RFC 7519, section 4.1.5; RFC 7519, section 4.1.6: numbers, fractions allowed
SELECT json, v.valid, problem FROM (VALUES ('{"exp":%s}', 60), ('{"exp":%s.5}', 60), ('{"exp":%s}', -1), ('{"exp":%s}', 0), ('{"exp":"%s"}', 60), ('{"exp":null}', 0), ('{"exp":true}', 0), ('{"exp":[%s]}', 60), ('{"exp":1e300}', 0), ('{"exp":-1e300}', 0), ('{"exp":0}', 0), ('{"nbf":%s}', -1), ('{"nbf":%s}', 60), ('{"nbf":"%s"}', -1), ('{"nbf":%s.25}', -2), ('{"nbf":1e300}', 0), ('{"iat":%s}', 60), ('{"iat":"%s"}', 0), ('{"iat":{}}', 0), ('{"exp":%s,"nbf":%1$s}', 60)) t (json, seconds), oauth_verify_jwt(pg_temp.token(payload => format(json, floor(extract(epoch FROM now()))::bigint + seconds)), :'secret', '{HS256}') v;

\echo -- RFC 7518, section 3.4: "The JWS Signature value MUST be a 64-octet sequence"; r and s from 1 to n - 1
CREATE FUNCTION pg_temp.es256(r text, s text) RETURNS text LANGUAGE sql AS $$SELECT 'eyJhbGciOiJFUzI1NiJ9.e30.' || pg_temp.b64(decode(r || s, 'hex'))$$;
SELECT r, s, v.valid, problem FROM (VALUES (repeat('00', 32), repeat('00', 32)), (repeat('00', 32), repeat('11', 32)), (repeat('11', 32), repeat('00', 32)), ('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'), (repeat('ff', 32), repeat('ff', 32)), (repeat('11', 31), repeat('11', 32)), (repeat('11', 33), repeat('11', 33)), ('', ''), (repeat('11', 32), ''), ('30440220' || repeat('11', 32), '0220' || repeat('11', 32))) t (r, s), oauth_verify_jwt(pg_temp.es256(r, s), :'ec', '{ES256}') v;
\echo -- RFC 8017, sections 8.1.2 and 8.2.2: "If the length of the signature S is not k octets"
SELECT alg, length, v.valid, problem FROM unnest('{RS256,PS256}'::text[]) alg, unnest('{0,1,255,256,257,512}'::int[]) length, oauth_verify_jwt(pg_temp.b64(format('{"alg":"%s"}', alg)::bytea) || '.e30.' || pg_temp.b64(decode(repeat('01', length), 'hex')), :'rsa', '{RS256,PS256}') v;

\echo -- RFC 7517, section 4.1; RFC 7517, section 5; RFC 7518, section 2; RFC 7518, section 3.3; RFC 7518, section 6.2.1; RFC 7518, section 6.3.1; RFC 8725, section 3.4: keys "missing required members, or for which values are out of the supported ranges" are passed over; so are points off their curve, exponents of 1, small keys, numbers with zeros before them
SELECT name, problem FROM (VALUES
	('no object', '1'), ('empty', '{}'), ('kty of a number', '{"kty":1}'), ('unknown kty', '{"kty":"rsa"}'),
	('RSA without n', '{"kty":"RSA","e":"AQAB"}'),
	('RSA of 1024 bits', jsonb_build_object('kty', 'RSA', 'e', 'AQAB', 'n', pg_temp.b64(decode(repeat('ff', 128), 'hex')))::text),
	('RSA of 16384 bits', jsonb_build_object('kty', 'RSA', 'e', 'AQAB', 'n', pg_temp.b64(decode(repeat('ff', 2048), 'hex')))::text),
	('RSA with an even modulus', jsonb_build_object('kty', 'RSA', 'e', 'AQAB', 'n', pg_temp.b64(decode(repeat('fe', 256), 'hex')))::text),
	('RSA with e of 1', jsonb_set(:'rsa'::jsonb #> '{keys,0}', '{e}', '"AQ"')::text),
	('RSA with e of 0', jsonb_set(:'rsa'::jsonb #> '{keys,0}', '{e}', '"AA"')::text),
	('RSA with an even e', jsonb_set(:'rsa'::jsonb #> '{keys,0}', '{e}', '"AQAA"')::text),
	('RSA with a long e', jsonb_set(:'rsa'::jsonb #> '{keys,0}', '{e}', '"AQAAAAAAAAAB"')::text),
	('RSA with a zero before e', jsonb_set(:'rsa'::jsonb #> '{keys,0}', '{e}', '"AAEAAQ"')::text),
	('RSA with padding', jsonb_set(:'rsa'::jsonb #> '{keys,0}', '{n}', to_jsonb((:'rsa'::jsonb #>> '{keys,0,n}') || '=='))::text),
	('RSA with kid of a number', jsonb_set(:'rsa'::jsonb #> '{keys,0}', '{kid}', '1')::text),
	('RSA with a long kid', jsonb_set(:'rsa'::jsonb #> '{keys,0}', '{kid}', to_jsonb(repeat('k', 256)))::text),
	('RSA with key_ops of text', jsonb_set(:'rsa'::jsonb #> '{keys,0}', '{key_ops}', '"verify"')::text),
	('RSA', :'rsa'::jsonb #>> '{keys,0}')) t (name, jwk), oauth_verify_jwt((SELECT token FROM vector v WHERE v.name = 'RFC 7515, A.2'), jsonb_build_object('keys', jsonb_build_array(jwk::jsonb)), '{RS256}');
SELECT name, problem FROM (VALUES
	('EC without y', jsonb_build_object('y', NULL)), ('another y', '{"y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4"}'), ('zeros', '{"x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}'), ('a short x', '{"x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVA"}'), ('a long x', '{"x":"AH_NzidwZ8RdQYPL7m_bS3tYBzM1e-nvE7rPbjx70VRF"}'), ('above the prime', jsonb_build_object('x', pg_temp.b64(decode(repeat('ff', 32), 'hex')))),
	('another curve', '{"crv":"P-384"}'), ('no curve', '{"crv":null}'), ('secp256k1', '{"crv":"secp256k1"}'), ('in lower case', '{"crv":"p-256"}'), ('another kty', '{"kty":"OKP"}'), ('EC', '{}')) t (name, change), oauth_verify_jwt(:'ec_token', jsonb_build_object('keys', jsonb_build_array((:'ec'::jsonb #> '{keys,0}') || change)), '{ES256,ES384,EdDSA}');
\echo -- RFC 8037, section 5: Ed25519: with a point of small order as the key, R = that point and S = 0 fit every message
SELECT x, v.valid, problem FROM (VALUES (repeat('00', 32)), ('01' || repeat('00', 31)), ('01' || repeat('00', 30) || '80'), ('ec' || repeat('ff', 30) || '7f'), ('ec' || repeat('ff', 31)), ('ed' || repeat('ff', 30) || '7f'), ('ee' || repeat('ff', 30) || '7f'), ('ff' || repeat('ff', 31)), ('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'), ('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'), (repeat('22', 31)), (repeat('22', 33)), ('')) t (x),
	oauth_verify_jwt('eyJhbGciOiJFZERTQSJ9.e30.' || pg_temp.b64(decode('01' || repeat('00', 63), 'hex')), jsonb_build_object('keys', jsonb_build_array(jsonb_build_object('kty', 'OKP', 'crv', 'Ed25519', 'x', pg_temp.b64(decode(x, 'hex'))))), '{EdDSA}') v;
\echo -- RFC 8037, section 3.1; RFC 8032, section 5.1.7: S is below the order
SELECT v.valid, problem FROM oauth_verify_jwt('eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.' || pg_temp.b64(decode('860c98d2297f3060a33f42739672d61b53cf3adefed3d3c672f320dc021b411e' || '8a2daebfa726643a1f5583cc2488ed55855b0fb7d83bb15be902bfccb8cd0a12', 'hex')), :'okp', '{EdDSA}') v;
\echo -- RFC 7518, section 3.2; RFC 8725, section 3.5: a secret has 32 bytes or more (Core, section 16.19)
SELECT bytes, v.valid, problem FROM unnest('{0,31,32}'::int[]) bytes, oauth_verify_jwt(pg_temp.token(), jsonb_build_object('keys', jsonb_build_array(jsonb_build_object('kty', 'oct', 'k', pg_temp.b64(decode(repeat('00', bytes), 'hex'))))), '{HS256}') v;

\echo -- RFC 7638, section 3; RFC 7638, section 3.1; RFC 7638, section 3.2.1, with the private half of RFC 7517, appendix A.2; RFC 8037, appendix A.3: the thumbprint
CREATE FUNCTION pg_temp.pem(body text) RETURNS text LANGUAGE sql AS $$SELECT E'-----BEGIN PRIVATE KEY-----\n' || body || E'\n-----END PRIVATE KEY-----\n'$$;
SELECT oauth_import_signing_key(pg_temp.pem('MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDS/HtqCh5sZxBK64+Isldmm032ed2tCZtcSmzZqIAVtaEzvwuFbHhxtt8AC1VPzrPC7VErto8UXG6ENHUvq1Khz8EkQI95tYpFeMFkKIVXifeiSeOEyy2fri1n/Zb7kmwZjgdzmf3IFcCvCX3eWq3v9E3nDoJ/SHhDJDm/7rlgaNBHT8UNbZC/OpjfrxBAyJwC1pKrOzwolmCdhv1zt3TOB0BkfO7qoxC9EvmFqOufWf3UJs6lshIPTyo0vKt2S35sVNaEAji8xAWHpZ5m7R8ziUV3Y1xHCvdc+Swg0dpD4b/EGeIipvDQuzWMXjj5ywUK6v6QSBTxrBqknMqeoMqDAgMBAAECggEAX4cTteJY/gn4FYPsXB8rdXix5vwsg1FLN5E3EaG6RJoVH+HLLKD9M7dx5oo7GURknchnrRweUkC7hT5fJLM0WbFAKNLWY2vv7B6NqXSzUvxT0/YSfqijwp3RTzlBaCxWp4doFk5N2o8Gy/nHNKroADIkJ46pRUohsXywbReAdYaMwFs9tv8d/cPVY3i07a3t8MN6TNwm0dSawm9v47UiCl3Sk5ZiG7xojPLu4sbg1U2jx4IBTNBznbJSzFHK66jT8bgkuqsk0GjskDJk19Z4qwjwbsnn4j2WBii3RL+Us2lGVkY8fkFzme1z0HbIkfz0Y6mqnOYtqc0X4jfcKoAC8QKBgQDzeL7si8wZegxcKyS/vdMqvzrfsWI7tnbvO/yiPqltZRDIs9AFDG09WfAPbRH7rR5MOYPa6Ocy3k+ioyubxF+Y2FVYO2OMyYIyM6lJeJwUePtc65UhhDKpVaVYSHp03foZVliT3c3wFz29jjXHLwH1HPM4ZVDNe80S+fs7SdVt+wKBgQDd185H1y5ir7RL6aQUvOAi2AwR8XMHareFZ6Ey4bSgK6qdve+hsvK6aqNVlA7V0it3CBOcJ2ljMFw59bmvfvQAVeOJZ+380YSKi+ieLOEqmj1VVLvxPMWDGQh2t5xF7Oxn7WRh3+zWoNvG2QMSB8AhMAb0tScAO6fi8hxvrJ6XGQKBgBuLD15HOmGvcvKCVvfyC4+MbqabtJc4vx+1U5EvMY+UnV93KBNKIpmMMSItnpkwLntFDmuXaYBRsgSeHPLUNlReNNl0boCg0z/GpGIRaObQAO+0HvzZrbmGXNwt5tyNuBthr0ebEg8VMgDds6vC35/RFJrOq2Nzm/GHoipE4gY9AoGBALPZQB/X4IAbKBUfDmnNkfxNoMNvNq09pBjgIbyJZRExNXn6wOoblFLzHwXDKZ/Janlur8852GOUkkBe6THQv2oCN5xvCG6dQVG9CVIq2kTalHy4XEG/3fRheA4e3u+Fm0bKG0aJ7o02DdcQmj+kzutY71q1/i9fLcV8OPeEP3IJAoGAGyM/p6JrXySiz1toFgKbWV+JdI3jQ4ypu9rbMWx3rQJBfmt0FoYzgUIZEVFEcOqwemRN81zoDAaa+Bk0KWNGDjJHZDdDmFhW3AN7lI+puxk/mHZGJ11rxyR8O55XLSe3SPmRfKwZI6yU24ZxvQKFYItdldUKGzO6Ia6zTKhAVRU='));
SELECT oauth_import_signing_key(pg_temp.pem('MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g'));
\echo -- and what they sign is verified by what is published
SET oauth.issuer = 'https://id.example.com';
SELECT alg, v.valid, v.header, v.claims - 'iat' - 'jti' FROM unnest('{RS256,EdDSA}'::text[]) alg, oauth_verify_jwt(oauth_sign_jwt('{"sub":"a"}', alg), oauth_jwks(), '{RS256,EdDSA}', 'JWT') v;

\echo -- RFC 9864, section 2.2; RFC 8037, section 2; RFC 8037, section 3.1: Ed25519 beside EdDSA; a key, a policy or a signature that says one does not mean the other
SELECT length(oauth_create_signing_key('Ed25519')) > 0;
SELECT jsonb_agg(k) FILTER (WHERE k ->> 'alg' = 'Ed25519') AS full, jsonb_agg(k - 'alg') FILTER (WHERE k ->> 'alg' = 'Ed25519') AS bare, jsonb_agg(k || '{"alg": "EdDSA"}') FILTER (WHERE k ->> 'alg' = 'Ed25519') AS poly FROM jsonb_array_elements(oauth_jwks() -> 'keys') k \gset
SELECT v.valid, v.header ->> 'alg', v.claims ->> 'sub' FROM oauth_verify_jwt(oauth_sign_jwt('{"sub":"a"}', 'Ed25519'), oauth_jwks(), '{Ed25519}', 'JWT') v;
SELECT key, algorithms, v.valid, v.problem FROM (SELECT oauth_sign_jwt('{"sub":"a"}', 'Ed25519')) t (token), (VALUES (1, 'full', :'full'::jsonb), (2, 'bare', :'bare'), (3, 'poly', :'poly')) k (n, key, keys), unnest(ARRAY['Ed25519', 'EdDSA', 'Ed25519 EdDSA']) algorithms,
	oauth_verify_jwt(token, jsonb_build_object('keys', keys), string_to_array(algorithms, ' ')) v ORDER BY n, 2;
SELECT name, v.problem FROM (SELECT oauth_sign_jwt('{"sub":"a"}', 'Ed25519')) t (token), (VALUES ('Ed448', jsonb '{"kty": "OKP", "crv": "Ed448"}'), ('X25519', '{"kty": "OKP", "crv": "X25519"}'), ('EC', '{"kty": "EC", "crv": "P-256"}'), ('no crv', '{"crv": null}'), ('no kty', '{"kty": null}'), ('no x', '{"x": null}')) k (name, change),
	oauth_verify_jwt(token, jsonb_build_object('keys', jsonb_build_array(:'bare'::jsonb -> 0 || change)), '{Ed25519}') v ORDER BY name;
SELECT oauth_sign_jwt('{"sub":"a"}', 'ed25519');

\echo -- arguments that are wrong are errors with a hint
SELECT * FROM oauth_verify_jwt('', '{"keys":[]}', '{}');
SELECT * FROM oauth_verify_jwt('', '{"keys":[]}', NULL);
SELECT * FROM oauth_verify_jwt('', '{"keys":[]}', '{none}');
SELECT * FROM oauth_verify_jwt('', '{"keys":[]}', '{RS256,NULL}');
SELECT * FROM oauth_verify_jwt('', NULL, '{RS256}');
SELECT * FROM oauth_verify_jwt('', '[]', '{RS256}');
SELECT * FROM oauth_verify_jwt('', '{"keys":{}}', '{RS256}');
SELECT * FROM oauth_verify_jwt('', '1', '{RS256}');
SELECT problem FROM oauth_verify_jwt('', jsonb_build_object('keys', (SELECT jsonb_agg(n) FROM generate_series(1, 65) n)), '{RS256}');

\echo -- a hundred thousand bad tokens leave nothing behind in the backend, neither in PostgreSQL's memory nor in OpenSSL's
CREATE FUNCTION pg_temp.bad(n int) RETURNS text LANGUAGE sql AS
	$$SELECT CASE n % 4 WHEN 0 THEN 'e30.e30.' || n WHEN 1 THEN token WHEN 2 THEN regexp_replace(token, '.{86}$', repeat('A', 86)) ELSE pg_temp.b64('{"alg":"ES256","jwk":{}}') || '.e30.AA' END FROM vector WHERE name = 'RFC 7515, A.3'$$;
CREATE FUNCTION pg_temp.kilobytes() RETURNS int LANGUAGE sql AS $$SELECT (regexp_match(pg_read_file('/proc/self/status', 0, 4000), 'VmRSS:\s+(\d+)'))[1]::int$$;
SELECT count(*) FILTER (WHERE valid) FROM generate_series(1, 10000) n, oauth_verify_jwt(pg_temp.bad(n), :'ec', '{ES256}');
SELECT pg_temp.kilobytes() AS before \gset
SELECT count(*), count(*) FILTER (WHERE valid) FROM generate_series(1, 100000) n, oauth_verify_jwt(pg_temp.bad(n), :'ec', '{ES256}');
SELECT pg_temp.kilobytes() - :before < 5000 AS is_free;
