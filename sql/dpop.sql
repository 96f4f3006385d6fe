-- dpop.sql: tokens that are bound to a key, and the proofs of it: RFC 9449.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET oauth.issuer = 'https://auth.example';
SET oauth.bcrypt_cost = 4;

-- ---- V11: the examples of RFC 9449, at their time ----

CREATE TEMP TABLE v11 AS SELECT
	'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg' AS token_proof,
	'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA' AS resource_proof,
	'https://server.example.com/token' AS token_uri,
	'https://resource.example.org/protectedresource' AS resource_uri,
	'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU' AS access_token,
	to_timestamp(1562262616) AS made_at;

\echo -- RFC 9449, section 4.1; RFC 9449, section 6.1: figure 2, a token request: the thumbprint of figure 9
SELECT v.* FROM v11, oauth_verify_dpop_proof(token_proof, 'POST', token_uri, verified_at => made_at) v;
\echo -- RFC 9449, section 4.2; RFC 9449, section 7: figure 13, a request for a resource, with the ath of figure 14
SELECT v.* FROM v11, oauth_verify_dpop_proof(resource_proof, 'GET', resource_uri, access_token, made_at) v;
SELECT translate(encode(sha256(convert_to(access_token, 'UTF8')), 'base64'), '+/=', '-_') FROM v11;
\echo -- now they are too old; null is no proof
SELECT v.* FROM v11, oauth_verify_dpop_proof(token_proof, 'POST', token_uri) v;
SELECT * FROM oauth_verify_dpop_proof(NULL, 'GET', 'https://a.example/');

\echo -- R183: RFC 9449, section 4.3; RFC 9449, section 11.1: "within an acceptable window": five minutes old, and ten seconds ahead
SELECT seconds, v.valid, v.problem FROM v11, unnest('{-60,-11,-10,0,10,299,300,301,3600}'::integer[]) seconds,
	oauth_verify_dpop_proof(token_proof, 'POST', token_uri, verified_at => made_at + seconds * interval '1 second') v ORDER BY seconds;
\echo -- RFC 9449, section 4.3: "The htm claim matches the HTTP method of the current request"
SELECT method, v.valid, v.problem FROM v11, unnest('{POST,post,GET,PUT,"POST ",""}'::text[]) method, oauth_verify_dpop_proof(token_proof, method, token_uri, verified_at => made_at) v;
\echo -- RFC 9449, section 4.3: "The htu claim matches the HTTP URI value [...], ignoring any query and fragment parts", after normalization
SELECT uri, v.valid FROM v11, unnest(ARRAY['https://server.example.com/token?a=b', 'https://server.example.com/token#x', 'https://server.example.com/token?a#b',
	'HTTPS://SERVER.example.COM/token', 'https://server.example.com:443/token', 'https://server.example.com:/token', 'https://server.example.com/%74oken', 'https://server.example.com/a/../token', 'https://server.example.com/./token',
	'http://server.example.com/token', 'http://server.example.com:443/token', 'https://server.example.com:8443/token', 'https://server.example.com/Token', 'https://server.example.com/token/', 'https://server.example.com/token/x',
	'https://server.example.com//token', 'https://server.example.com/', 'https://server.example.com', 'https://server.example.com.evil.example/token', 'https://user@server.example.com/token', 'https://server.example.com%2Ftoken', 'https://server.example.com/%2Ftoken',
	'//server.example.com/token', '/token', 'server.example.com/token', '']) uri,
	oauth_verify_dpop_proof(token_proof, 'POST', uri, verified_at => made_at) v;
\echo -- RFC 9449, section 4.3; RFC 9449, section 7: "ensure that the value of the ath claim equals the hash of that access token"
SELECT token, v.valid, v.problem FROM v11, unnest(ARRAY[access_token, access_token || 'x', upper(access_token), '']) token, oauth_verify_dpop_proof(resource_proof, 'GET', resource_uri, token, made_at) v;
SELECT v.valid, v.problem FROM v11, oauth_verify_dpop_proof(token_proof, 'POST', token_uri, access_token, made_at) v;

-- ---- the hostile: signed with keys of ours, or not at all ----

CREATE FUNCTION pg_temp.base64url(bytes bytea) RETURNS text LANGUAGE sql AS $$ SELECT translate(encode(bytes, 'base64'), E'+/=\n', '-_') $$;
CREATE FUNCTION pg_temp.decoded(text text) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(rpad(translate(text, '-_', '+/'), (length(text) + 3) / 4 * 4, '='), 'base64') $$;
-- Two keys that exist for this test alone.
CREATE TEMP TABLE rsa (name text PRIMARY KEY, pem text, jwk text);
INSERT INTO rsa VALUES
	('one', E'-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCsfPI98SKfE+7Z\n8MF/Ih4A9HYy7bKMU7uPtxOi7GlZZdsXS78HPI/FxX5vIK9YnByU39IO1YFUcu5R\ntPNGjWqfSalgwxMPpsbW9dLAStsNqxusnerFimTZrzd+gvYPXiWyHJTuRLMsivpp\nVHenu6i9fGaE+3SHkmLb7Vw/oRkcLZA+DoKU3JzqtT4m4BRyaBSqRqbcjmqzbL1u\ng4vBBix0w5Wqa1C0oVZBObl2FhXfR8HYWgQOe9VY0BgkjqEUJaGR7bZlwsOOy3sO\nxACVaiferurj5oewZS/Y6ipiRxAef+A3z8VDY0yHRfho/F4bg978Clmd7z/VmCNP\nxqY2HCrRAgMBAAECggEALrYXlBa9XX80a+j7PcargW6yo9AjTkVOwfi+ZJzJWuBu\nmLx2mysXdGOrfcTIN6LvSpHifQns4EXPrGjoiO67NS/por6xZseviX9A97pN4EG6\nWODbN2vnK9x7ltM4d6jzZGzBGFWagDGS5vts/AuiAs6xpMnEIQLPqud41/J0rmBm\nfTAlHCVJdmkFXGtp38SBa0wdbzePthpMs9HuPVdJmE2WvVXB3zEqF3188IAgsrzz\nBT7w2hbasvWq2OAYjMbNYSqoPPTNIqH45kNjbmeb/e45anX7TIujL5HrRmMR03jy\nm+AGL4EXtiQVAh+bgloyft18u9I2h5+Q6RMoFt/c0QKBgQDdH+ToFOI5b+E6mk64\nEb5tWJXLdtWv1wtE5cMdN0sS20B/PhiHQCDLOgi2cCn0gE3GAWDxZby7ayJzmehT\nMBH+9Bif1k4GYMSHg4mjgQG3puwGeAnFXzKhkMIWxps7AwVKx/9gAdYDMmBQLqB5\nASDS8/5HrOZePAlZj1DwuiCtJwKBgQDHsU8D9xZKYtkm9DzNXAM9RoiEOjQ3WKFb\ntoZb+F75S6IkZrg6pGd79bcmela8iJwWAJoEKZZbKDwvYXgvIEN+CY0th3qYCASX\nr/oB5KYjodVdV/c3Z6glOksdeET0zcd2nWoDECyKXeaXseXEMA5kz62C1cJmVVSB\nvLVjpCPTRwKBgQCP/Lu+0BJ7WjnsQhyuSYeZhkyMX8ZHqR0CcSa7OI0fKzv1X0bz\nkzOHgjO4MJNxTbbXD4DDz/60f8/APOEGgk/Fl8cNFaxbBNoUb/fJSzEGGKCqmbGr\nHxFGGY/46rycEZx5lH/bUXa9QCltLN97y9tG4nCa1aBwjmF8OxF2n4y1kwKBgHig\n5i9qAkAbKDw8y8Ht9FL+mZbupf5M/uQtBUrnZU/I3YCJwH5EM/MQwntu6ZhoGYm9\nAUzEZnxYeMrSYUxue/bWBD9dmLPgHA4Zkre0DJx3tTD243LHni4m4ZtCvLz41aYU\nfyasjYtkH9jA8SArO3awcYsYX597qlnYyeYQEEgfAoGABRPscq5BUqAhn/NUoUJH\nid10UgWOus8hq26XVb+cBPmIWUBAnhfAUK2HXBZap+oVu7KSfW4K2vFC8Ft0Ymr4\ngApsUefBAUTBkF/Ib43d4BxKHk3Y5FPn4rCWbnIQFZBORZOJN8yg7fuRml4fHvaO\nReEUQ90cNzmqNWIaMRkgZpo=\n-----END PRIVATE KEY-----\n', '{"kty":"RSA","e":"AQAB","n":"rHzyPfEinxPu2fDBfyIeAPR2Mu2yjFO7j7cTouxpWWXbF0u_BzyPxcV-byCvWJwclN_SDtWBVHLuUbTzRo1qn0mpYMMTD6bG1vXSwErbDasbrJ3qxYpk2a83foL2D14lshyU7kSzLIr6aVR3p7uovXxmhPt0h5Ji2-1cP6EZHC2QPg6ClNyc6rU-JuAUcmgUqkam3I5qs2y9boOLwQYsdMOVqmtQtKFWQTm5dhYV30fB2FoEDnvVWNAYJI6hFCWhke22ZcLDjst7DsQAlWon3q7q4-aHsGUv2OoqYkcQHn_gN8_FQ2NMh0X4aPxeG4Pe_ApZne8_1ZgjT8amNhwq0Q"}'),
	('other', E'-----BEGIN PRIVATE KEY-----\nMIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCoRBTXweAGklEe\n+X6QtmLM7UMbqLjc19RpfvDCIcB9DVPdDll0WGrZGeE0hP3izFnOGziVqXJm0wE0\nbhevKOp9LTqnjitsG1Y1o1ET7N7yUloZDq8xGrmyMNfhodwM4oE/1pG35mtMgPjL\nW0f2Dg7zQWS4uTmF64tSP/SN2F/VuUazzUZeXr1nfmYn0Ip4Hs1qiOMhdFJGNb4p\n1yfXOvL+KysH0dS7FOxH6gSQxtwXktfv6NOUYUHED4DUVseS5diy3umQwh3pze99\n5sdyvCyeuFp4YmPXV7y6nu7zcgtq0OFa5ye1x43DRuJtK+ai9ljb2y6byxzg2Rbj\nR752s2mFAgMBAAECggEAMElxTcVGO7yLaP8iEfc0/SftRSey/TU2sJuMDbnP2lMT\nyPEQPLIO34Rsuzya+xW3g80N/OzmdpmA1AHv7AUq3Yc4ONM0pM5ne/cFElm8VP/K\n+TvcjJPlzDv2B7sCQfRSMParVIHcMtUkEH9+dB7urWILvHLzDfpdPdo6nOYGAne0\nWA905ACcW3vKRTS12CnPLssREOR4GTo0yJqR0b6r/o9N1S6H9E9dqrrvSKiPBLoq\nxHABSCacKSvBeNhKUEx1OH3YuRbnmy/ZUhCb2Vo5Rlf5pLEUkUGtXSHonlHNzirz\n2oiNhy1r3FXTcUtCsApCJ7IdMNORnQ8D+tFUMhwR1QKBgQDgKOtmf0Tmf4xHpeLH\nMKUi/JdldB5Vgl95fCDURaMOXSKbcXM5DPnmmW81ycdjRpIgVr6cnYQdiOIzWYLI\nqS/4qt3BmKCCxOEsnTNPfbCs8iP34CmYHMQA2jf+nb/rZErYcHLBpGym5IZLPRcQ\nVs+kUmGISFwh6iPv6rGnx3eUbwKBgQDAKrP2SLyJywSz7Q4ap/KoXaj35j18aI0T\nn6jtMF69c1/4tLSlvdKwR2NhoO1tSH/miaZ+40ObqljPsnodJpKV+6Fdq1Zzp5tl\nS/bV1uE9Gp2BXLbTSt/DBoMJin2mOeKAIuXd+qombXpXock8j1qozdukyd/YOydQ\nripghfxjSwKBgQCL27wT9XBNyGMECRJXaZh/Hc5wNGUAwRlEuRfamaBExANlrQFR\nJTF+mVjz3HOVE2D04GqJWRYnP1Ky6zRYcodFxYYa1lm/fYtoxKRRAoELRwD+FVSe\nXcRFK+In8NDf03GHXZGcFDTeZFMN+o27Wg6v3d6Qo2Uom+fUN0ClCCUp7QKBgQCT\ntj9u6KpEINIUm/tjcgWMdbIUG97XamZG10s6RxwL9EupGP5jCG6TIcy6lsDqZ/go\ndVaN4pNtbJuny0EidyvmLe3z2mgxrnw8eQ/bf7jTB0pazbGa6MrnVnITO2kqBQSe\nCjU3VB7GOxD3m1zcODUv3E0hdiuiQpYN5lKcr2E50QKBgF8E7YS/KXBkw0MKztaa\nas8IqmNg2PA5wJrQzCrJ135lVSEokGSqWWKKO+jWllGXHRSyHgKmLoEI5/Tr090K\nKMgi0KWi7QxFuwpNbyOoNhG69TgTnJpTikRUwkCYWSesHOcsJ3trzM+D50hyUoF1\nGs98B4ybP8PtsvxJxlB9wGdN\n-----END PRIVATE KEY-----\n', '{"kty":"RSA","e":"AQAB","n":"qEQU18HgBpJRHvl-kLZizO1DG6i43NfUaX7wwiHAfQ1T3Q5ZdFhq2RnhNIT94sxZzhs4lalyZtMBNG4XryjqfS06p44rbBtWNaNRE-ze8lJaGQ6vMRq5sjDX4aHcDOKBP9aRt-ZrTID4y1tH9g4O80FkuLk5heuLUj_0jdhf1blGs81GXl69Z35mJ9CKeB7NaojjIXRSRjW-Kdcn1zry_isrB9HUuxTsR-oEkMbcF5LX7-jTlGFBxA-A1FbHkuXYst7pkMId6c3vfebHcrwsnrhaeGJj11e8up7u83ILatDhWucntceNw0bibSvmovZY29sum8sc4NkW40e-drNphQ"}');
CREATE FUNCTION pg_temp.jkt(name text) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.base64url(sha256(convert_to(format('{"e":"%s","kty":"RSA","n":"%s"}', jwk::jsonb ->> 'e', jwk::jsonb ->> 'n'), 'UTF8'))) FROM rsa WHERE rsa.name = jkt.name $$;
-- A JWT of any header and claims, signed with RS256.
CREATE FUNCTION pg_temp.jwt(header text, claims text, name text DEFAULT 'one') RETURNS text LANGUAGE sql AS $$
	SELECT input || '.' || translate(oauth_signature('RSA-SHA256', input, pem), '+/=', '-_')
	FROM rsa, (SELECT pg_temp.base64url(convert_to(header, 'UTF8')) || '.' || pg_temp.base64url(convert_to(claims, 'UTF8')) AS input) i WHERE rsa.name = jwt.name $$;
CREATE FUNCTION pg_temp.header(name text DEFAULT 'one') RETURNS text LANGUAGE sql AS $$ SELECT format('{"typ":"dpop+jwt","alg":"RS256","jwk":%s}', jwk) FROM rsa WHERE rsa.name = header.name $$;
CREATE FUNCTION pg_temp.at() RETURNS timestamptz LANGUAGE sql AS $$ SELECT to_timestamp(1562262616) $$;
CREATE FUNCTION pg_temp.held(jwt text) RETURNS text LANGUAGE sql AS $$
	SELECT CASE WHEN valid THEN 'holds' ELSE problem END FROM oauth_verify_dpop_proof(jwt, 'POST', 'https://server.example.com/token', verified_at => pg_temp.at()) $$;
\set claims '{"jti":"1","htm":"POST","htu":"https://server.example.com/token","iat":1562262616}'

\echo -- R183: RFC 9449, section 4.3; RFC 9449, section 11.5; RFC 9449, section 11.6: one that holds; with a key, a typ and an alg that may be, and not with others
SELECT pg_temp.held(pg_temp.jwt(pg_temp.header(), :'claims'));
SELECT typ, pg_temp.held(pg_temp.jwt(replace(pg_temp.header(), '"typ":"dpop+jwt",', typ), :'claims'))
FROM unnest(ARRAY['"typ":"application/dpop+jwt",', '"typ":"DPOP+JWT",', '', '"typ":"JWT",', '"typ":"at+jwt",', '"typ":"dpop",', '"typ":1,', '"typ":null,', '"typ":"dpop+jwt","typ":"dpop+jwt",']) typ;
SELECT alg, pg_temp.held(pg_temp.jwt(replace(pg_temp.header(), '"alg":"RS256",', alg), :'claims'))
FROM unnest(ARRAY['"alg":"none",', '"alg":"nOnE",', '"alg":"HS256",', '"alg":"ES256",', '"alg":"PS256",', '"alg":"RS384",', '"alg":"rs256",', '"alg":"RS1",', '', '"alg":["RS256"],', '"alg":"RS256","alg":"RS256",']) alg;
\echo -- proofs of the key of RFC 8037, appendix A.1, as EdDSA and by the name of RFC 9864, and with the key of RSA
SELECT name, pg_temp.held(proof) FROM (VALUES ('EdDSA', 'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVkRFNBIiwiandrIjp7Imt0eSI6Ik9LUCIsImNydiI6IkVkMjU1MTkiLCJ4IjoiMTFxWUFZS3hDcmZWU183VHlXUUhPZzdoY3ZQYXBpTWxyd0lhYVBjSFVSbyJ9fQ.eyJqdGkiOiIxIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.c9OLIztm_U2N73zjkL-DCJMoaTDfQYj_ViNTcpQb0cDMwmjhiN6e8qilV_wYkuyRSWP-mR9-D79NR5TIsLlJCw'),
	('Ed25519', 'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVkMjU1MTkiLCJqd2siOnsia3R5IjoiT0tQIiwiY3J2IjoiRWQyNTUxOSIsIngiOiIxMXFZQVlLeENyZlZTXzdUeVdRSE9nN2hjdlBhcGlNbHJ3SWFhUGNIVVJvIn19.eyJqdGkiOiIxIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.A-dhO9rzCT2z6uek_Gi82DhGApRHXZ1mugwviu8B8V5Tae5_lHXR4SLnWD-lLRHfF8cyzdm2H0-AvMSDJTNHBg'),
	('RSA', pg_temp.jwt(replace(pg_temp.header(), '"alg":"RS256"', '"alg":"Ed25519"'), :'claims'))) p (name, proof);
\echo -- RFC 9449, section 4.2; RFC 9449, section 4.3: "It MUST NOT contain a private key", and keys come from nowhere else
SELECT member, pg_temp.held(pg_temp.jwt(replace(pg_temp.header(), '"kty":"RSA"', '"kty":"RSA",' || member), :'claims'))
FROM unnest(ARRAY['"d":"AQAB"', '"p":"AQAB"', '"dp":""', '"oth":[]', '"k":"AQAB"', '"use":"enc"', '"use":"sig"', '"key_ops":["sign"]', '"key_ops":["verify"]', '"alg":"PS256"', '"alg":"RS256"', '"kid":"x"', '"e":"AQAB"']) member;
SELECT member, pg_temp.held(pg_temp.jwt(regexp_replace(pg_temp.header(), '}$', ',' || member || '}'), :'claims'))
FROM unnest(ARRAY['"kid":"x"', '"crit":["jwk"]', '"b64":false', '"x5c":["AA"]', '"jku":"https://evil.example/"', '"x5u":"https://evil.example/"', '"jwk":{}', '"other":1']) member;
SELECT key, pg_temp.held(pg_temp.jwt(format('{"typ":"dpop+jwt","alg":"RS256","jwk":%s}', key), :'claims'))
FROM unnest(ARRAY['{}', '[]', 'null', '"x"', '{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}', '{"kty":"RSA","n":"AQAB","e":"AQAB"}', '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}']) key;
\echo -- a kty that is not that of the numbers, once the key is known
SELECT kty, pg_temp.held(pg_temp.jwt(replace(pg_temp.header(), '"kty":"RSA"', kty), :'claims')) FROM unnest(ARRAY['"kty":"rsa"', '"kty":"oct"', '"kty":"OKP","crv":"Ed25519"', '"kty":"EC","crv":"P-256"', '"kty":1', '"KTY":"RSA"']) kty;
\echo -- RFC 9449, section 4.3: and the signature of another key
SELECT pg_temp.held(pg_temp.jwt(pg_temp.header(), :'claims', 'other')), pg_temp.held(pg_temp.jwt(pg_temp.header('other'), :'claims', 'other')), pg_temp.held(pg_temp.jwt(pg_temp.header('other'), :'claims'));
SELECT pg_temp.held(regexp_replace(pg_temp.jwt(pg_temp.header(), :'claims'), '[.][^.]*$', '.' || forged)) FROM unnest(ARRAY['', 'AAAA', repeat('A', 342)]) forged;

\echo -- RFC 9449, section 4.2; RFC 9449, section 4.3: "All required claims per Section 4.2 are contained in the JWT", and once
SELECT claims, pg_temp.held(pg_temp.jwt(pg_temp.header(), claims)) FROM unnest(ARRAY[
	replace(:'claims', '"jti":"1",', ''), replace(:'claims', '"jti":"1"', '"jti":""'), replace(:'claims', '"jti":"1"', '"jti":1'), replace(:'claims', '"jti":"1"', '"jti":"1","jti":"2"'),
	replace(:'claims', '"htm":"POST",', ''), replace(:'claims', '"POST"', '["POST"]'), replace(:'claims', '"POST"', '"post"'), replace(:'claims', '"htm"', '"htm":"GET","htm"'),
	replace(:'claims', '"htu":"https://server.example.com/token",', ''), replace(:'claims', '"https://server.example.com/token"', '["https://server.example.com/token"]'),
	replace(:'claims', '"htu"', '"htu":"https://evil.example/","htu"'),
	replace(:'claims', ',"iat":1562262616', ''), replace(:'claims', '1562262616', '"1562262616"'), replace(:'claims', '1562262616', '1562262616.9'), replace(:'claims', '1562262616', '1.562262616e9'),
	replace(:'claims', '1562262616', '1e400'), replace(:'claims', '1562262616', '0e99999999999'), replace(:'claims', '1562262616', '-1'), replace(:'claims', '1562262616', 'null'), replace(:'claims', '1562262616', '1562262616,"exp":1562262000'), replace(:'claims', '1562262616', '1562262616,"nbf":1562263000'),
	replace(:'claims', '1562262616', '1562262616,"exp":"x"'), replace(:'claims', '1562262616', '1562262616,"nonce":"of nobody","ath":"x","other":{}'),
	'[]', 'null', '', '{}', :'claims' || :'claims', replace(:'claims', '"1"', '"\u0000"')]) claims;
\echo -- RFC 9449, section 4.3: htu as others spell it
SELECT htu, pg_temp.held(pg_temp.jwt(pg_temp.header(), replace(:'claims', 'https://server.example.com/token', htu))) FROM unnest(ARRAY['https://server.example.com/token?a=b', 'https://server.example.com/token#f', 'HTTPS://Server.Example.com:443/%74oken',
	'https://server.example.com:8443/token', 'http://server.example.com/token', 'https://server.example.com/token/', 'https://server.example.com/TOKEN', 'https://server.example.com@evil.example/token', 'https://evil.example/https://server.example.com/token', 'token', '*']) htu;
\echo -- RFC 9449, section 4.3: "a single and well-formed JWT"
SELECT left(proof, 20), pg_temp.held(proof) FROM unnest(ARRAY['', ' ', 'x', '..', 'a.b', 'a.b.c', pg_temp.jwt(pg_temp.header(), :'claims') || '.x', pg_temp.jwt(pg_temp.header(), :'claims') || '=', ' ' || pg_temp.jwt(pg_temp.header(), :'claims'),
	pg_temp.jwt(pg_temp.header(), :'claims') || ', ' || pg_temp.jwt(pg_temp.header(), :'claims'), pg_temp.jwt(pg_temp.header(), :'claims') || ',' , replace(pg_temp.jwt(pg_temp.header(), :'claims'), 'eyJ', 'eyJ='), repeat('x', 20000), '{"payload":""}',
	pg_temp.jwt(pg_temp.header(), replace(:'claims', '"1"', format('"%s"', repeat('x', 13000))))]) proof;
SELECT pg_temp.held(pg_temp.jwt(pg_temp.header(), replace(:'claims', '"1"', format('"%s"', repeat('x', 5000)))));

\echo -- R188: "the octet sequence is 64 octets": DER, zeros (CVE-2022-21449) and other lengths
SELECT form, pg_temp.held(regexp_replace(token_proof, '[.][^.]*$', '.' || signature)) FROM v11, (VALUES
	('DER', 'MEYCIQDb4bEDpPyU_i9-uDy_4V1Y_QDTN2uPyKCIwu-pExS_CQIhANCDg-0Utt0teI5KxfTHs1Vj4U3IkrvSd9tXfvFFlPcu'),
	('zeros', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'),
	('r of 0', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg'),
	('s of 0', '2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwkAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'),
	('the order', '_____wAAAAD__________7zm-q2nF56E87nKwvxjJVH_____AAAAAP__________vOb6racXnoTzucrC_GMlUQ'),
	('65 bytes', '2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3LgA'),
	('63 bytes', '2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3'),
	('96 bytes', '2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3LtvhsQOk_JT-L364PL_hXVj9ANM3a4_IoIjC76kTFL8J'),
	('empty', ''),
	('swapped', '0IOD7RS23S14jkrF9MezVWPhTciSu9J321d-8UWU9y7b4bEDpPyU_i9-uDy_4V1Y_QDTN2uPyKCIwu-pExS_CQ')) s (form, signature);
\echo -- a point that is not on the curve, of another curve, and with short coordinates
SELECT change, pg_temp.held(pg_temp.base64url(convert_to(regexp_replace(convert_from(pg_temp.decoded(split_part(token_proof, '.', 1)), 'UTF8'), found, change), 'UTF8')) || '.' || split_part(token_proof, '.', 2) || '.' || split_part(token_proof, '.', 3))
FROM v11, (VALUES ('9VE4jf', '9VE4jg'), ('l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'), ('"P-256"', '"P-384"'), ('"P-256"', '"secp256k1"'), ('BFs"', 'BA"'), ('"kty":"EC"', '"kty":"OKP"'), ('P-256"', 'P-256","d":"AA"')) c (found, change);

-- ---- the token endpoint ----

-- A proof of now.
CREATE FUNCTION pg_temp.proof(method text, uri text, token text DEFAULT NULL, name text DEFAULT 'one', more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.jwt(pg_temp.header(name), (jsonb_strip_nulls(jsonb_build_object('jti', gen_random_uuid(), 'htm', method, 'htu', uri, 'iat', floor(extract(epoch FROM clock_timestamp())),
		'ath', pg_temp.base64url(sha256(convert_to(token, 'UTF8'))))) || more)::text, name) $$;
CREATE FUNCTION pg_temp.shown(r oauth.http_response) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(r.status || ' ' || convert_from(r.body, 'UTF8'), '(o[ar]t_)[-_A-Za-z0-9]+', '\1', 'g') || coalesce((SELECT string_agg(E'\n\t' || h, '' ORDER BY n) FROM unnest(r.headers) WITH ORDINALITY l (h, n) WHERE h ~ '^(WWW|DPoP|Lane|X-OAuth-Client)'), '') $$;
CREATE FUNCTION pg_temp.token(body text, VARIADIC proofs text[] DEFAULT '{}') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.token(ROW('POST', '/oauth2/token', ARRAY['Host: auth.example', 'Content-Type: application/x-www-form-urlencoded'] || (SELECT array_agg('DPoP: ' || p) FROM unnest(proofs) p WHERE p IS NOT NULL), convert_to(body, 'UTF8'), 'https', NULL)) $$;
CREATE FUNCTION pg_temp.json(r oauth.http_response) RETURNS jsonb LANGUAGE sql AS $$ SELECT convert_from(r.body, 'UTF8')::jsonb $$;
\set uri https://auth.example/oauth2/token

SELECT client_id AS id, client_secret AS secret FROM oauth_register_client('dpop service', grant_types => '{client_credentials,refresh_token,password,introspection}', scope => 'openid read') \gset
SELECT client_id AS public FROM oauth_register_client('dpop app', '{https://app.example/cb}', client_type => 'public', scope => 'openid read') \gset
SELECT client_id AS bound, client_secret AS bound_secret FROM oauth_register_client('dpop always', grant_types => '{client_credentials}') \gset
SELECT oauth_update_client(:'bound', '{"dpop_bound_access_tokens": true}') ->> 'dpop_bound_access_tokens';
\set grant 'grant_type=client_credentials&client_id=' :id '&client_secret=' :secret

\echo -- RFC 9449, section 5: "A token_type of DPoP MUST be included in the access token response"; and without a proof it is Bearer
SELECT pg_temp.json(pg_temp.token(:'grant')) ->> 'token_type', pg_temp.json(pg_temp.token(:'grant', pg_temp.proof('POST', :'uri'))) ->> 'token_type';
\echo -- RFC 9449, section 5: "If the DPoP proof is invalid, the authorization server issues an error response [...] with invalid_dpop_proof"
SELECT what, pg_temp.shown(pg_temp.token(:'grant', proof)) FROM (VALUES
	(1, 'another method', pg_temp.proof('GET', :'uri')), (2, 'another URI', pg_temp.proof('POST', 'https://auth.example/oauth2/userinfo')), (3, 'another host', pg_temp.proof('POST', 'https://evil.example/oauth2/token')),
	(4, 'old', pg_temp.proof('POST', :'uri', more => jsonb_build_object('iat', floor(extract(epoch FROM clock_timestamp())) - 310))), (5, 'of the future', pg_temp.proof('POST', :'uri', more => jsonb_build_object('iat', floor(extract(epoch FROM clock_timestamp())) + 60))),
	(6, 'nothing', ''), (7, 'a word', 'x')) p (n, what, proof) ORDER BY n;
SELECT what, (pg_temp.token(:'grant', proof)).status FROM (VALUES ('ahead by ten seconds', pg_temp.proof('POST', :'uri', more => jsonb_build_object('iat', floor(extract(epoch FROM clock_timestamp())) + 10))),
	('old by four minutes and a half', pg_temp.proof('POST', :'uri', more => jsonb_build_object('iat', floor(extract(epoch FROM clock_timestamp())) - 270))), ('by the issuer', pg_temp.proof('POST', 'https://AUTH.example:443/oauth2/token?x')), ('with an ath, which nobody needs', pg_temp.proof('POST', :'uri', 'x'))) p (what, proof) ORDER BY what;
\echo -- RFC 9449, section 4.3: "There is not more than one DPoP HTTP request header field"
SELECT pg_temp.shown(pg_temp.token(:'grant', pg_temp.proof('POST', :'uri'), pg_temp.proof('POST', :'uri')));
\echo -- RFC 9449, section 11.1: once; with another key or at another time the same jti is another proof
SELECT pg_temp.proof('POST', :'uri', more => '{"jti": "the same"}') AS proof \gset
SELECT n, (pg_temp.token(:'grant', :'proof')).status FROM generate_series(1, 3) n;
SELECT pg_temp.shown(pg_temp.token(:'grant', :'proof'));
SELECT (pg_temp.token(:'grant', pg_temp.proof('POST', :'uri', name => 'other', more => '{"jti": "the same"}'))).status;
SELECT (pg_temp.token(:'grant', pg_temp.proof('POST', :'uri', more => jsonb_build_object('jti', 'the same', 'iat', floor(extract(epoch FROM clock_timestamp())) - 5)))).status;
\echo -- a wrong secret uses nothing up
SELECT pg_temp.proof('POST', :'uri') AS proof \gset
SELECT (pg_temp.token(:'grant' || 'x', :'proof')).status, (pg_temp.token(:'grant', :'proof')).status, (pg_temp.token(:'grant', :'proof')).status;
\echo -- RFC 9449, section 5.2: "the authorization server MUST reject token requests from the client that do not contain the DPoP header"
SELECT pg_temp.shown(pg_temp.token(format('grant_type=client_credentials&client_id=%s&client_secret=%s', :'bound', :'bound_secret')));
SELECT pg_temp.json(pg_temp.token(format('grant_type=client_credentials&client_id=%s&client_secret=%s', :'bound', :'bound_secret'), pg_temp.proof('POST', :'uri'))) ->> 'token_type';

\echo -- RFC 9449, section 6; RFC 9449, section 6.1; RFC 9449, section 6.2: cnf in introspection and in a JWT; "If the token_type member is included in the introspection response, it MUST contain the value DPoP"
SELECT pg_temp.json(pg_temp.token(:'grant', pg_temp.proof('POST', :'uri'))) ->> 'access_token' AS token, pg_temp.json(pg_temp.token(:'grant')) ->> 'access_token' AS bearer \gset
SELECT i ->> 'token_type', i -> 'cnf' = jsonb_build_object('jkt', pg_temp.jkt('one')) FROM oauth_introspect_token(:'token') i;
SELECT i ->> 'token_type', i -> 'cnf' FROM oauth_introspect_token(:'bearer') i;
SELECT i ->> 'token_type', i -> 'cnf' = jsonb_build_object('jkt', pg_temp.jkt('one')) FROM pg_temp.json(oauth.introspect(ROW('POST', '/oauth2/introspect', ARRAY['Content-Type: application/x-www-form-urlencoded'], convert_to(format('token=%s&client_id=%s&client_secret=%s', :'token', :'id', :'secret'), 'UTF8'), 'https', NULL))) i;
SELECT oauth_update_client(:'bound', '{"access_token_format": "jwt"}') ->> 'access_token_format';
SELECT pg_temp.json(pg_temp.token(format('grant_type=client_credentials&client_id=%s&client_secret=%s', :'bound', :'bound_secret'), pg_temp.proof('POST', :'uri', name => 'other'))) ->> 'access_token' AS jwt \gset
SELECT v.valid, v.claims -> 'cnf' = jsonb_build_object('jkt', pg_temp.jkt('other')) FROM oauth_verify_jwt(:'jwt', oauth_jwks(), '{ES256}', 'at+jwt') v;

-- ---- refresh tokens ----

SELECT oauth_create_user('dpop alice', 'wonderland') AS alice \gset
\set password 'grant_type=password&scope=openid%20read&username=dpop%20alice&password=wonderland&client_id=' :id '&client_secret=' :secret
\echo -- RFC 9449, section 5: "Refresh tokens issued to confidential clients [...] are not bound to the DPoP proof public key": each refresh has the key it comes with
SELECT t ->> 'refresh_token' AS refresh, t ->> 'token_type' AS type FROM pg_temp.json(pg_temp.token(:'password', pg_temp.proof('POST', :'uri'))) t \gset
SELECT t ->> 'refresh_token' AS second, t ->> 'access_token' AS access FROM pg_temp.json(pg_temp.token(format('grant_type=refresh_token&refresh_token=%s&client_id=%s&client_secret=%s', :'refresh', :'id', :'secret'), pg_temp.proof('POST', :'uri', name => 'other'))) t \gset
SELECT oauth_introspect_token(:'access') -> 'cnf' ->> 'jkt' = pg_temp.jkt('other'), oauth_introspect_token(:'second') -> 'cnf';
\echo -- the answer of a refresh comes again, for the same key only
SELECT t ->> 'access_token' = :'access', t ->> 'refresh_token' = :'second', t ->> 'token_type' FROM pg_temp.json(pg_temp.token(format('grant_type=refresh_token&refresh_token=%s&client_id=%s&client_secret=%s', :'refresh', :'id', :'secret'), pg_temp.proof('POST', :'uri', name => 'other'))) t;
SELECT pg_temp.shown(pg_temp.token(format('grant_type=refresh_token&refresh_token=%s&client_id=%s&client_secret=%s', :'refresh', :'id', :'secret'), pg_temp.proof('POST', :'uri')));
SELECT oauth_introspect_token(:'second'), oauth_introspect_token(:'access');

\echo -- R187: RFC 9449, section 5: "the refresh token MUST be bound to the respective public key" of a public client, "The binding MUST be validated when the refresh token is later presented"
CREATE FUNCTION pg_temp.go(target text, cookie text DEFAULT '', body text DEFAULT NULL) RETURNS oauth.http_response LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	request oauth.http_request := ROW(CASE WHEN body IS NULL THEN 'GET' ELSE 'POST' END, target, ARRAY['Host: auth.example', 'Cookie: __Host-oauth_browser=00000000000000000000000000000001; ' || cookie, 'Content-Type: application/x-www-form-urlencoded'], convert_to(body, 'UTF8'), 'https', '127.0.0.1');
BEGIN
	RETURN CASE WHEN target ~ '^/login' THEN oauth.login(request) ELSE oauth.authorize(request) END;
END $$;
CREATE FUNCTION pg_temp.field(page oauth.http_response, name text) RETURNS text LANGUAGE sql AS $$
	SELECT replace(substring(convert_from(page.body, 'UTF8') FROM 'name="' || name || '" value="([^"]*)'), '&amp;', '&') $$;
CREATE FUNCTION pg_temp.esc(plain text) RETURNS text LANGUAGE sql AS $$ SELECT replace(replace(replace(plain, '%', '%25'), '&', '%26'), '=', '%3D') $$;
SELECT '__Host-oauth_session=' || substring(h FROM '=(oas_[^;]*)') AS session FROM unnest((pg_temp.go('/login', '', 'username=dpop+alice&password=wonderland&token=' || pg_temp.field(pg_temp.go('/login'), 'token'))).headers) h WHERE h LIKE 'Set-Cookie: __Host-oauth_session=oas_%' \gset
-- A code of the public client, by the consent page; RFC 7636, appendix B.
CREATE FUNCTION pg_temp.code(client text, session text, more text DEFAULT '') RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	page oauth.http_response := pg_temp.go(format('/oauth2/authorize?client_id=%s&response_type=code&redirect_uri=https://app.example/cb&scope=openid%%20read&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256%s', client, more), session);
BEGIN
	IF page.status = 200 THEN
		page := pg_temp.go('/oauth2/authorize/confirm', session, format('request=%s&token=%s&decision=approve', pg_temp.esc(pg_temp.field(page, 'request')), pg_temp.field(page, 'token')));
	END IF;
	RETURN coalesce((SELECT substring(h FROM '[?&]code=([^&]*)') FROM unnest(page.headers) h WHERE h ~ '^Location'), (SELECT substring(h FROM 'error.*') FROM unnest(page.headers) h WHERE h ~ '^Location'));
END $$;
CREATE FUNCTION pg_temp.exchange(client text, code text, VARIADIC proofs text[]) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.token(format('grant_type=authorization_code&client_id=%s&code=%s&redirect_uri=https://app.example/cb&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk', client, code), VARIADIC proofs) $$;
CREATE FUNCTION pg_temp.refresh(client text, token text, VARIADIC proofs text[]) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.token(format('grant_type=refresh_token&client_id=%s&refresh_token=%s', client, token), VARIADIC proofs) $$;
SELECT t ->> 'refresh_token' AS refresh, t ->> 'access_token' AS access, t ->> 'token_type' AS type FROM pg_temp.json(pg_temp.exchange(:'public', pg_temp.code(:'public', :'session'), pg_temp.proof('POST', :'uri'))) t \gset
SELECT :'type', oauth_introspect_token(:'refresh') -> 'cnf' ->> 'jkt' = pg_temp.jkt('one');
\echo -- neither without a proof nor with another key, which end nothing
SELECT pg_temp.shown(pg_temp.refresh(:'public', :'refresh', NULL));
SELECT pg_temp.shown(pg_temp.refresh(:'public', :'refresh', pg_temp.proof('POST', :'uri', name => 'other')));
SELECT t ->> 'refresh_token' AS second, t ->> 'access_token' AS access, t ->> 'token_type' AS type FROM pg_temp.json(pg_temp.refresh(:'public', :'refresh', pg_temp.proof('POST', :'uri'))) t \gset
SELECT :'type';
\echo -- nor does the answer come again to them
SELECT pg_temp.shown(pg_temp.refresh(:'public', :'refresh', NULL)), pg_temp.shown(pg_temp.refresh(:'public', :'refresh', pg_temp.proof('POST', :'uri', name => 'other')));
SELECT t ->> 'access_token' = :'access', t ->> 'refresh_token' = :'second' FROM pg_temp.json(pg_temp.refresh(:'public', :'refresh', pg_temp.proof('POST', :'uri'))) t;
\echo -- one that began without a proof is bound by the first that comes with it
SELECT t ->> 'refresh_token' AS refresh, t ->> 'token_type' AS type FROM pg_temp.json(pg_temp.exchange(:'public', pg_temp.code(:'public', :'session'), NULL)) t \gset
SELECT :'type', oauth_introspect_token(:'refresh') -> 'cnf';
SELECT t ->> 'refresh_token' AS second, t ->> 'token_type' AS type FROM pg_temp.json(pg_temp.refresh(:'public', :'refresh', pg_temp.proof('POST', :'uri'))) t \gset
SELECT :'type', oauth_introspect_token(:'second') -> 'cnf' ->> 'jkt' = pg_temp.jkt('one');
SELECT (pg_temp.refresh(:'public', :'second', pg_temp.proof('POST', :'uri', name => 'other'))).status, (pg_temp.refresh(:'public', :'second', NULL)).status, (pg_temp.refresh(:'public', :'second', pg_temp.proof('POST', :'uri'))).status;

\echo -- R186: RFC 9449, section 10: "If they do not match, it MUST reject the request", and the code is not used up
SELECT pg_temp.code(:'public', :'session', '&dpop_jkt=' || pg_temp.jkt('one')) AS code \gset
SELECT pg_temp.shown(pg_temp.exchange(:'public', :'code', NULL));
SELECT pg_temp.shown(pg_temp.exchange(:'public', :'code', pg_temp.proof('POST', :'uri', name => 'other')));
SELECT pg_temp.json(pg_temp.exchange(:'public', :'code', pg_temp.proof('POST', :'uri'))) ->> 'token_type';
\echo -- dpop_jkt that is no thumbprint, or comes twice
SELECT jkt, pg_temp.code(:'public', :'session', '&dpop_jkt=' || jkt) FROM unnest(ARRAY['x', repeat('A', 42), repeat('A', 44), repeat('A', 42) || 'B', repeat('A', 42) || '%2B', repeat('A', 43) || '%3D', repeat('A', 43) || '&dpop_jkt=' || repeat('A', 43)]) jkt;

\echo -- R186: RFC 9449, section 10.1: pushed requests: the proof binds the code as dpop_jkt does, and "MUST reject the request if the JWK Thumbprint in dpop_jkt does not match"
CREATE FUNCTION pg_temp.push(client text, more text, VARIADIC proofs text[]) RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT oauth.par(ROW('POST', '/oauth2/par', ARRAY['Host: auth.example', 'Content-Type: application/x-www-form-urlencoded'] || (SELECT array_agg('DPoP: ' || p) FROM unnest(proofs) p WHERE p IS NOT NULL),
		convert_to(format('client_id=%s&response_type=code&redirect_uri=https://app.example/cb&scope=openid%%20read&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256%s', client, more), 'UTF8'), 'https', NULL)) $$;
\set par https://auth.example/oauth2/par
SELECT jkt, regexp_replace(pg_temp.shown(pg_temp.push(:'public', jkt, pg_temp.proof('POST', :'par'))), 'opr_[-_A-Za-z0-9]+', '<opr>') FROM unnest(ARRAY['', '&dpop_jkt=' || pg_temp.jkt('one'), '&dpop_jkt=' || pg_temp.jkt('other'), '&dpop_jkt=']) jkt;
SELECT pg_temp.json(pg_temp.push(:'public', extra, pg_temp.proof('POST', :'par'))) ->> 'request_uri' AS request_uri, pg_temp.jkt('one') AS jkt FROM unnest(ARRAY['&dpop_jkt=']) extra \gset
SELECT substring(parameters FROM 'dpop_jkt=.*') = 'dpop_jkt=' || :'jkt' FROM oauth.pushed_request ORDER BY handle DESC LIMIT 1;
SELECT substring(h FROM '[?&]code=([^&]*)') AS code FROM unnest((pg_temp.go('/oauth2/authorize?client_id=' || :'public' || '&request_uri=' || replace(:'request_uri', ':', '%3A'), :'session')).headers) h WHERE h ~ '^Location' \gset
SELECT pg_temp.shown(pg_temp.exchange(:'public', :'code', NULL));
SELECT pg_temp.shown(pg_temp.exchange(:'public', :'code', pg_temp.proof('POST', :'uri', name => 'other')));
SELECT pg_temp.json(pg_temp.exchange(:'public', :'code', pg_temp.proof('POST', :'uri'))) ->> 'token_type';
\echo -- RFC 9449, section 10.1: a proof that is bad, for another address, of before, or one of two; and a nonce where one is demanded
SELECT pg_temp.shown(pg_temp.push(:'public', '', 'x')), pg_temp.shown(pg_temp.push(:'public', '', pg_temp.proof('POST', :'uri')));
SELECT pg_temp.proof('POST', :'par') AS proof \gset
SELECT (pg_temp.push(:'public', '', :'proof')).status, pg_temp.shown(pg_temp.push(:'public', '', :'proof')), pg_temp.shown(pg_temp.push(:'public', '', pg_temp.proof('POST', :'par'), pg_temp.proof('POST', :'par')));
SET oauth.dpop_nonce = on;
SELECT regexp_replace(pg_temp.shown(r), 'Nonce: \S+', 'Nonce: ...') FROM pg_temp.push(:'public', '', pg_temp.proof('POST', :'par')) r;
SELECT substring(r.headers::text FROM 'DPoP-Nonce: ([-_A-Za-z0-9]+)') AS nonce FROM pg_temp.push(:'public', '', pg_temp.proof('POST', :'par')) r \gset
SELECT r.status, r.headers::text LIKE '%DPoP-Nonce%' FROM pg_temp.push(:'public', '', pg_temp.proof('POST', :'par', more => jsonb_build_object('nonce', :'nonce'))) r;
RESET oauth.dpop_nonce;

-- ---- protected resources ----

CREATE FUNCTION pg_temp.ask(path text, VARIADIC headers text[] DEFAULT '{}') RETURNS oauth.http_response LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	request oauth.http_request := ROW('GET', path, ARRAY['Host: auth.example'] || headers, NULL, 'https', NULL);
BEGIN
	RETURN CASE WHEN path ~ '^/oauth2' THEN oauth.userinfo(request) WHEN path ~ '^/auth' THEN oauth.forward_auth(request) ELSE oauth.resource(request) END;
END $$;
CREATE FUNCTION pg_temp.proofed(path text, token text, uri text DEFAULT NULL, name text DEFAULT 'one', more jsonb DEFAULT '{}') RETURNS oauth.http_response LANGUAGE sql VOLATILE AS $$
	SELECT pg_temp.ask(path, 'Authorization: DPoP ' || token, 'DPoP: ' || pg_temp.proof('GET', coalesce(uri, 'https://auth.example' || path), token, name, more)) $$;
SELECT pg_temp.json(pg_temp.token(:'password', pg_temp.proof('POST', :'uri'))) ->> 'access_token' AS token, pg_temp.json(pg_temp.token(:'password')) ->> 'access_token' AS bearer \gset
CREATE FUNCTION pg_temp.bare(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace(regexp_replace(regexp_replace(pg_temp.shown(r), '"(subject|sub|client_id)": "[^"]*"', '"\1"', 'g'), 'X-OAuth-Client: .*', 'X-OAuth-Client'), ' algs="RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 EdDSA Ed25519"', ' algs') $$;

\echo -- RFC 9449, section 7.1: with a proof; the answer of each place that knows who calls
SELECT pg_temp.bare(pg_temp.proofed(path, :'token')) FROM unnest(ARRAY['/api/', '/auth', '/oauth2/userinfo']) path;
\echo -- RFC 9449, section 7.2: without credentials no error, and both schemes
SELECT pg_temp.shown(pg_temp.ask('/api/'));
\echo -- R185: RFC 9449, section 7.2: "such a protected resource MUST reject a DPoP-bound access token received as a bearer token"
SELECT pg_temp.bare(pg_temp.ask(path, 'Authorization: Bearer ' || :'token')) FROM unnest(ARRAY['/api/', '/auth', '/oauth2/userinfo']) path;
SELECT pg_temp.bare(pg_temp.ask('/api/', 'Authorization: Bearer ' || :'token', 'DPoP: ' || pg_temp.proof('GET', 'https://auth.example/api/', :'token')));
\echo -- a token that is bound to nothing is a bearer token, and no other
SELECT pg_temp.bare(pg_temp.proofed('/api/', :'bearer'));
SELECT (pg_temp.ask('/api/', 'Authorization: Bearer ' || :'bearer')).status, (pg_temp.ask('/api/', 'Authorization: Bearer ' || :'bearer', 'DPoP: x')).status;
\echo -- RFC 9449, section 7.1; RFC 9449, section 4.1: "a resource server MUST check that a DPoP proof was also received"; the scheme in any case, the refusals one by one
SELECT pg_temp.bare(pg_temp.ask('/api/', 'Authorization: DPoP ' || :'token'));
SELECT (pg_temp.ask('/api/', 'Authorization: dpop  ' || :'token', 'dpop: ' || pg_temp.proof('GET', 'https://auth.example/api/', :'token'))).status;
SELECT pg_temp.bare(pg_temp.ask('/api/', 'Authorization: DPoP ' || :'token', 'DPoP: ' || pg_temp.proof('GET', 'https://auth.example/api/', :'token'), 'DPoP: x'));
SELECT pg_temp.bare(pg_temp.proofed('/api/', :'token', name => 'other'));
SELECT pg_temp.bare(pg_temp.proofed('/api/', :'token', 'https://auth.example/api/photos'));
SELECT pg_temp.bare(pg_temp.proofed('/api/', :'token', more => '{"htm": "POST"}'));
SELECT pg_temp.bare(pg_temp.proofed('/api/', :'token', more => jsonb_build_object('ath', pg_temp.base64url(sha256(convert_to(:'bearer', 'UTF8'))))));
SELECT pg_temp.bare(pg_temp.ask('/api/', 'Authorization: DPoP ' || :'token', 'DPoP: ' || pg_temp.proof('GET', 'https://auth.example/api/')));
SELECT pg_temp.bare(pg_temp.proofed('/api/', :'token', more => '{"iat": 1}'));
SELECT pg_temp.bare(pg_temp.proofed('/api/', 'oat_unknown'));
SELECT pg_temp.bare(pg_temp.ask('/api/', 'Authorization: DPoP a b'));
SELECT pg_temp.bare(pg_temp.ask('/api/', 'Authorization: DPoP'));
\echo -- RFC 9449, section 7.1: "MUST NOT be used with the Proxy-Authenticate or Proxy-Authorization header fields"
SELECT r.status, r.headers::text ~* 'proxy-auth' FROM unnest('{/api/,/auth,/oauth2/userinfo}'::text[]) path, pg_temp.ask(path, 'Proxy-Authorization: DPoP ' || :'token', 'DPoP: ' || pg_temp.proof('GET', 'https://auth.example' || path, :'token')) r;
SELECT pg_temp.proof('GET', 'https://auth.example/api/', :'token') AS proof \gset
SELECT (pg_temp.ask('/api/', 'Authorization: DPoP ' || :'token', 'DPoP: ' || :'proof')).status, pg_temp.bare(pg_temp.ask('/api/', 'Authorization: DPoP ' || :'token', 'DPoP: ' || :'proof'));
\echo -- a token in the body is a bearer token
SELECT (oauth.userinfo(ROW('POST', '/oauth2/userinfo', ARRAY['Host: auth.example', 'Content-Type: application/x-www-form-urlencoded', 'DPoP: ' || pg_temp.proof('POST', 'https://auth.example/oauth2/userinfo', :'token')], convert_to('access_token=' || :'token', 'UTF8'), 'https', NULL))).status;
\echo -- a scope that is missing is said in the scheme that was used
SELECT pg_temp.bare(pg_temp.proofed('/auth?scope=write', :'token'));
\echo -- for a request that a proxy asks about, the proof is for that one
SELECT (pg_temp.ask('/auth', 'X-Original-Method: PUT', 'X-Original-URI: /photos/1?x=y', 'Authorization: DPoP ' || :'token', 'DPoP: ' || pg_temp.proof(method, uri, :'token'))).status
FROM (VALUES ('PUT', 'https://auth.example/photos/1'), ('GET', 'https://auth.example/photos/1'), ('PUT', 'https://auth.example/auth'), ('GET', 'https://auth.example/auth')) p (method, uri);
\echo -- another host: the one in front says which, and the issuer is good for what is here
SELECT (oauth.forward_auth(ROW('GET', '/auth', ARRAY['Host: api.example:8443', 'X-Forwarded-Method: GET', 'X-Forwarded-Uri: /photos', 'Authorization: DPoP ' || :'token', 'DPoP: ' || pg_temp.proof('GET', uri, :'token')], NULL, 'https', NULL))).status
FROM unnest(ARRAY['https://api.example:8443/photos', 'https://api.example/photos', 'https://auth.example/photos']) uri;
SELECT (oauth.resource(ROW('GET', '/api/', ARRAY['Host: inside:8000', 'Authorization: DPoP ' || :'token', 'DPoP: ' || pg_temp.proof('GET', uri, :'token')], NULL, 'http', NULL))).status
FROM unnest(ARRAY['http://inside:8000/api/', 'https://auth.example/api/', 'https://inside:8000/api/']) uri;
SET oauth.allowed_hosts = 'api.example';
SELECT (oauth.resource(ROW('GET', '/api/', ARRAY['Host: ' || host, 'Authorization: DPoP ' || :'token', 'DPoP: ' || pg_temp.proof('GET', format('https://%s/api/', host), :'token')], NULL, 'https', NULL))).status
FROM unnest(ARRAY['api.example', 'evil.example', 'auth.example']) host;
RESET oauth.allowed_hosts;

\echo -- in SQL: a header alone proves nothing, a request does, once
BEGIN;
SELECT oauth_authenticate('Bearer ' || :'token'), oauth_authenticate('DPoP ' || :'token'), oauth_authenticate('Bearer ' || :'bearer');
SELECT oauth_authenticate_request(ROW('GET', '/photos', ARRAY['Host: app.example', 'Authorization: DPoP ' || :'token', 'DPoP: ' || p], NULL, 'https', NULL)), oauth_authenticate_request(ROW('GET', '/photos', ARRAY['Host: app.example', 'Authorization: DPoP ' || :'token', 'DPoP: ' || p], NULL, 'https', NULL))
FROM pg_temp.proof('GET', 'https://app.example/photos', :'token') p;
SELECT oauth_subject() IS NULL;
COMMIT;

\echo -- functions of the application see no proof
CREATE ROLE regress_dpop_app;
CREATE SCHEMA dpop_app AUTHORIZATION regress_dpop_app;
CREATE FUNCTION dpop_app.headers(r oauth.http_request) RETURNS jsonb LANGUAGE sql AS $$ SELECT to_jsonb(r.headers) $$;
ALTER FUNCTION dpop_app.headers OWNER TO regress_dpop_app;
SELECT oauth_protect('/api/dpop', 'dpop_app.headers');
SELECT pg_temp.bare(pg_temp.proofed('/api/dpop', :'token'));
SELECT oauth_unprotect('/api/dpop');
DROP SCHEMA dpop_app CASCADE;
DROP ROLE regress_dpop_app;

-- ---- nonces: sections 8 and 9 ----

SET oauth.dpop_nonce = on;
\echo -- R184: RFC 9449, section 8; RFC 9449, section 8.1; RFC 9449, section 9; RFC 9449, section 11.3: "use_dpop_nonce" and DPoP-Nonce; with it the request works, and the answer brings another
CREATE FUNCTION pg_temp.nonce(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(substring(h FROM 'DPoP-Nonce: (.*)'), ',') FROM unnest(r.headers) h $$;
CREATE FUNCTION pg_temp.blank(r oauth.http_response) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace(pg_temp.bare(r), 'DPoP-Nonce: [-_A-Za-z0-9]{32}$', 'DPoP-Nonce: ...', 'gn') $$;
SELECT pg_temp.blank(pg_temp.token(:'grant', pg_temp.proof('POST', :'uri')));
SELECT pg_temp.nonce(pg_temp.token(:'grant', pg_temp.proof('POST', :'uri'))) AS nonce \gset
SELECT regexp_replace(pg_temp.blank(pg_temp.token(:'grant', pg_temp.proof('POST', :'uri', more => jsonb_build_object('nonce', :'nonce')))), '[{].*[}]', '');
SELECT pg_temp.blank(pg_temp.proofed('/api/', :'token'));
SELECT pg_temp.blank(pg_temp.proofed('/api/', :'token', more => jsonb_build_object('nonce', :'nonce'))) FROM generate_series(1, 2);
SELECT (pg_temp.proofed(path, :'token', more => jsonb_build_object('nonce', :'nonce'))).status FROM unnest(ARRAY['/auth', '/oauth2/userinfo']) path;
\echo -- RFC 9449, section 8; RFC 9449, section 4.3: "If the nonce claim in the DPoP proof does not exactly match a nonce recently supplied [...], the authorization server MUST reject the request"
SELECT nonce, pg_temp.json(pg_temp.token(:'grant', pg_temp.proof('POST', :'uri', more => jsonb_build_object('nonce', nonce)))) ->> 'error' FROM unnest(ARRAY['', 'x', repeat('A', 32), repeat('A', 43), 'a nonce', '%00']) nonce;
SELECT pg_temp.json(pg_temp.token(:'grant', pg_temp.proof('POST', :'uri', more => jsonb_build_object('nonce', nonce)))) ->> 'error' FROM unnest(ARRAY[:'nonce' || 'A', '=' || :'nonce', left(:'nonce', 31), overlay(:'nonce' PLACING CASE substr(:'nonce', 10, 1) WHEN 'Z' THEN 'Y' ELSE 'Z' END FROM 10)]) nonce;
SELECT pg_temp.json(pg_temp.token(:'grant', pg_temp.proof('POST', :'uri', more => jsonb_build_object('nonce', jsonb_build_array(:'nonce'))))) ->> 'error';
\echo -- the time is that of the nonce, whatever the clock of the client says
SELECT (pg_temp.token(:'grant', pg_temp.proof('POST', :'uri', more => jsonb_build_object('nonce', :'nonce', 'iat', iat)))).status FROM unnest(ARRAY[1, 4102444800]) iat;
\echo -- and a proof with one is good once
SELECT pg_temp.proof('POST', :'uri', more => jsonb_build_object('nonce', :'nonce')) AS proof \gset
SELECT (pg_temp.token(:'grant', :'proof')).status, pg_temp.json(pg_temp.token(:'grant', :'proof')) ->> 'error';
\echo -- who needs no proof needs no nonce
SELECT (pg_temp.token(:'grant')).status, pg_temp.nonce(pg_temp.token(:'grant'));
RESET oauth.dpop_nonce;
\echo -- without them, one of before does no harm
SELECT (pg_temp.token(:'grant', pg_temp.proof('POST', :'uri', more => jsonb_build_object('nonce', 'of before')))).status, pg_temp.nonce(pg_temp.token(:'grant', pg_temp.proof('POST', :'uri')));

-- ---- lanes: what is used up is used up where it can be written, and where the answer is made ----

\echo -- a bound token moves to the lane that writes; an unbound or unknown one does not
SET oauth.lane = 'reading';
SELECT pg_temp.bare(pg_temp.proofed(path, :'token')) FROM unnest(ARRAY['/api/', '/auth', '/oauth2/userinfo']) path;
SELECT (pg_temp.proofed('/auth', :'bearer')).status, (pg_temp.proofed('/auth', 'oat_x')).status, (pg_temp.ask('/auth', 'Authorization: Bearer ' || :'token')).status;
SET oauth.lane = 'writing';
\echo -- a request that moves to the lane of signatures keeps its proof for there
SELECT pg_temp.code(:'public', :'session') AS code, pg_temp.proof('POST', :'uri') AS proof \gset
SELECT pg_temp.shown(pg_temp.exchange(:'public', :'code', :'proof'));
SET oauth.lane = 'signing';
SELECT pg_temp.json(pg_temp.exchange(:'public', :'code', :'proof')) ->> 'token_type';
SET oauth.lane = 'writing';
SELECT pg_temp.proof('POST', :'uri') AS proof \gset
SELECT pg_temp.shown(pg_temp.token(:'password', :'proof'));
SET oauth.lane = 'slow';
SELECT pg_temp.json(pg_temp.token(:'password', :'proof')) ->> 'token_type';
RESET oauth.lane;

\echo -- oauth_explain_request: why a proof would be refused, without using it up
CREATE FUNCTION pg_temp.explained(request oauth.http_request) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT regexp_replace(regexp_replace(concat_ws(' | ', e."check", e.ok, e.detail, e.remedy), 'iat -?[0-9]+ s ago', 'iat ...', 'g'), '[-_A-Za-z0-9]{43}', '...', 'g') FROM oauth_explain_request(request) e WHERE e."check" ~ 'DPoP|scheme|answer' $$;
SELECT pg_temp.explained(ROW('GET', '/api/', ARRAY['Host: auth.example', 'Authorization: DPoP ' || :'token', 'DPoP: ' || pg_temp.proof(method, uri, :'token', name)], NULL, 'https', NULL))
FROM (VALUES ('GET', 'https://auth.example/api/', 'one'), ('PUT', 'http://auth.example/api/', 'one'), ('GET', 'https://auth.example/api/', 'other')) p (method, uri, name);
SELECT pg_temp.explained(ROW('GET', '/api/', ARRAY['Host: auth.example', 'Authorization: DPoP ' || :'token'], NULL, 'https', NULL));
SELECT pg_temp.explained(ROW('GET', '/api/', ARRAY['Host: auth.example', 'Authorization: Bearer ' || :'token'], NULL, 'https', NULL));
SELECT pg_temp.explained(ROW('GET', '/api/', ARRAY['Host: auth.example', 'Authorization: DPoP ' || :'bearer', 'DPoP: x'], NULL, 'https', NULL));
SELECT pg_temp.explained(ROW('GET', '/auth', ARRAY['Host: auth.example', 'X-Original-URI: /photos', 'Authorization: DPoP ' || :'token', 'DPoP: ' || pg_temp.proof('GET', 'https://auth.example/auth', :'token')], NULL, 'https', NULL));
SELECT pg_temp.explained(ROW('POST', '/oauth2/token', ARRAY['Host: inside', 'Content-Type: application/x-www-form-urlencoded'], convert_to(format('grant_type=client_credentials&client_id=%s&client_secret=%s', :'bound', :'bound_secret'), 'UTF8'), 'https', NULL));
SELECT pg_temp.explained(ROW('POST', '/oauth2/token', ARRAY['Host: inside', 'Content-Type: application/x-www-form-urlencoded', 'DPoP: x'], convert_to(:'grant', 'UTF8'), 'https', NULL));
SELECT pg_temp.explained(ROW('POST', '/oauth2/token', ARRAY['Host: auth.example', 'Content-Type: application/x-www-form-urlencoded', 'DPoP: ' || pg_temp.proof('POST', :'uri', name => 'other')], convert_to(format('grant_type=refresh_token&client_id=%s&refresh_token=%s', :'public', :'second'), 'UTF8'), 'https', NULL));
\echo -- of a pushed request: none is demanded; one for another address, of before, of another key than dpop_jkt
SELECT what, pg_temp.explained(ROW('POST', '/oauth2/par', ARRAY['Host: auth.example', 'Content-Type: application/x-www-form-urlencoded'] || CASE WHEN jwt IS NULL THEN '{}' ELSE ARRAY['DPoP: ' || jwt] END,
	convert_to(format('client_id=%s&response_type=code&redirect_uri=https://app.example/cb&scope=openid%%20read&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&dpop_jkt=%s', :'public', jkt), 'UTF8'), 'https', NULL))
FROM (VALUES ('none', '', NULL), ('none, and dpop_jkt', pg_temp.jkt('one'), NULL), ('good', pg_temp.jkt('one'), pg_temp.proof('POST', :'par')), ('another address', '', pg_temp.proof('POST', :'uri')),
	('another key', pg_temp.jkt('other'), pg_temp.proof('POST', :'par')), ('no proof', '', 'x')) v (what, jkt, jwt);
\echo -- who has clients that prove keys should say for which hosts (oauth_check)
SELECT subject, finding FROM oauth_check() WHERE subject = 'oauth.allowed_hosts';

\echo -- metadata (RFC 9449, section 5.1; RFC 9728, section 2)
SELECT pg_temp.json(oauth.metadata(ROW('GET', '/.well-known/oauth-authorization-server', NULL, NULL, 'https', NULL))) -> 'dpop_signing_alg_values_supported', pg_temp.json(oauth.protected_resource_metadata(ROW('GET', '/.well-known/oauth-protected-resource', NULL, NULL, 'https', NULL))) -> 'dpop_signing_alg_values_supported';

\echo -- FAPI 2.0 Security Profile, section 5.4.1: proofs too are signed with PS256, ES256 or EdDSA, wherever they come
SET oauth.issuer = 'https://auth.example';
SELECT count(oauth_create_signing_key('ES256')) >= 0 WHERE NOT EXISTS (SELECT FROM oauth.signing_key_overview WHERE alg = 'ES256' AND state = 'used');
SELECT c ->> 'client_id' AS fapi FROM oauth_register_client_metadata(jsonb_build_object('client_name', 'dpop fapi', 'profile', 'fapi2', 'token_endpoint_auth_method', 'private_key_jwt', 'redirect_uris', '{https://app.example/cb}'::text[], 'grant_types', '{authorization_code,client_credentials}'::text[], 'jwks', oauth_jwks())) c \gset
CREATE FUNCTION pg_temp.fapi(client_id text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT 'client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=' || oauth_sign_jwt(jsonb_build_object('iss', client_id, 'sub', client_id,
		'aud', 'https://auth.example', 'exp', floor(extract(epoch FROM clock_timestamp())) + 60, 'jti', gen_random_uuid()), 'ES256') $$;
SELECT pg_temp.shown(pg_temp.token('grant_type=client_credentials&' || pg_temp.fapi(:'fapi'), pg_temp.proof('POST', :'uri')));
SELECT pg_temp.shown(oauth.par(ROW('POST', '/oauth2/par', ARRAY['Host: auth.example', 'Content-Type: application/x-www-form-urlencoded', 'DPoP: ' || pg_temp.proof('POST', 'https://auth.example/oauth2/par')],
	convert_to(pg_temp.fapi(:'fapi') || '&response_type=code&scope=read&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256', 'UTF8'), 'https', NULL)));
SELECT pg_temp.explained(ROW('POST', '/oauth2/par', ARRAY['Host: auth.example', 'Content-Type: application/x-www-form-urlencoded', 'DPoP: ' || pg_temp.proof('POST', 'https://auth.example/oauth2/par')],
	convert_to(pg_temp.fapi(:'fapi') || '&response_type=code&scope=read&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256', 'UTF8'), 'https', NULL));
\echo -- at protected resources too: a token that the client got by such a proof before it had the profile; the proof is not used up, and explain names the algorithm
SELECT oauth_update_client(:'fapi', '{"profile": null}') ->> 'profile' IS NULL;
SELECT pg_temp.json(pg_temp.token('grant_type=client_credentials&' || pg_temp.fapi(:'fapi'), pg_temp.proof('POST', :'uri'))) ->> 'access_token' AS token \gset
SELECT pg_temp.bare(pg_temp.proofed('/api/', :'token'));
SELECT oauth_update_client(:'fapi', '{"profile": "fapi2"}') ->> 'profile';
SELECT pg_temp.bare(pg_temp.proofed(path, :'token')) FROM unnest(ARRAY['/api/', '/auth', '/oauth2/userinfo']) path;
BEGIN;
SELECT oauth_authenticate_request(ROW('GET', '/photos', ARRAY['Host: app.example', 'Authorization: DPoP ' || :'token', 'DPoP: ' || pg_temp.proof('GET', 'https://app.example/photos', :'token')], NULL, 'https', NULL));
SELECT pg_temp.bare(oauth_challenge());
COMMIT;
SELECT pg_temp.explained(ROW('GET', '/api/', ARRAY['Host: auth.example', 'Authorization: DPoP ' || :'token', 'DPoP: ' || pg_temp.proof('GET', 'https://auth.example/api/', :'token')], NULL, 'https', NULL));


\echo -- the audit log has the proofs that were refused, at the token endpoint, where requests are pushed, and at resources; as often as wrong secrets, and a nonce that is given is no refusal
DELETE FROM oauth.throttle;
SELECT max(handle) AS before FROM oauth.event \gset
CREATE FUNCTION pg_temp.noted(before bigint) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT concat_ws(' | ', e.event, e.outcome, c.client_name, e.detail) FROM oauth.event e JOIN oauth.client c USING (client_id) WHERE e.handle > before AND e.outcome IS NOT NULL ORDER BY e.handle $$;
SELECT pg_temp.json(pg_temp.token(:'grant', pg_temp.proof('POST', 'https://other.example/'))) ->> 'error';
SELECT (pg_temp.push(:'public', '', 'x')).status;
SELECT pg_temp.json(pg_temp.token(:'password', pg_temp.proof('POST', :'uri'))) ->> 'access_token' AS token \gset
SELECT (pg_temp.proofed(path, :'token', name => 'other')).status FROM unnest(ARRAY['/api/', '/auth', '/oauth2/userinfo']) path;
SELECT (pg_temp.ask('/api/', 'Authorization: DPoP ' || :'token')).status;
SET oauth.dpop_nonce = on;
SELECT pg_temp.json(pg_temp.token(:'grant', pg_temp.proof('POST', :'uri'))) ->> 'error', (pg_temp.proofed('/api/', :'token')).status;
RESET oauth.dpop_nonce;
SELECT pg_temp.noted(:before);
SELECT max(handle) AS before FROM oauth.event \gset
SELECT (pg_temp.proofed('/api/', :'token', name => 'other')).status, count(*) FROM generate_series(1, 40) GROUP BY 1;
SELECT (pg_temp.push(:'public', '', 'x')).status, count(*) FROM generate_series(1, 40) GROUP BY 1;
SELECT count(*) BETWEEN 1 AND 20 FROM oauth.event WHERE handle > :before;
SELECT (pg_temp.proofed('/api/', :'token')).status;
DELETE FROM oauth.throttle;

\echo -- oauth.require_dpop: "A boolean value specifying whether the protected resource always requires the use of DPoP-bound access tokens" (RFC 9728, section 2)
SET oauth.require_dpop = on;
SELECT pg_temp.json(pg_temp.token(:'password')) ->> 'access_token' AS bearer \gset
SELECT pg_temp.bare(pg_temp.ask(path, 'Authorization: Bearer ' || :'bearer')) FROM unnest(ARRAY['/api/', '/auth', '/oauth2/userinfo']) path;
SELECT pg_temp.bare(pg_temp.ask('/api/')), pg_temp.bare(pg_temp.ask('/api/', 'Authorization: Bearer oat_x')), pg_temp.bare(pg_temp.proofed('/api/', :'bearer'));
SELECT (pg_temp.proofed(path, :'token')).status FROM unnest(ARRAY['/api/', '/auth']) path;
BEGIN;
SELECT oauth_authenticate('Bearer ' || :'bearer'), oauth_authenticate_request(ROW('GET', '/photos', ARRAY['Host: app.example', 'Authorization: Bearer ' || :'bearer'], NULL, 'https', NULL));
SELECT pg_temp.bare(oauth_challenge());
COMMIT;
SELECT m -> 'dpop_bound_access_tokens_required', m -> 'bearer_methods_supported' FROM pg_temp.json(oauth.protected_resource_metadata(ROW('GET', '/.well-known/oauth-protected-resource', NULL, NULL, 'https', NULL))) m;
SELECT pg_temp.explained(ROW('GET', '/api/', ARRAY['Host: auth.example', 'Authorization: Bearer ' || :'bearer'], NULL, 'https', NULL));
RESET oauth.require_dpop;
SELECT (pg_temp.ask('/api/', 'Authorization: Bearer ' || :'bearer')).status;
