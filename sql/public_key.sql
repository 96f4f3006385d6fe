-- public_key.sql: RSA keys of clients of OAuth 1.0a, as PEM and as JSON Web Keys (RFC 7517).
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
\set key 'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyQXTR6qcSa7oeN8KbrKwIcxzt9CCwhaWvfnN9XvUkvdi6F6atcazy5RBGnkPTdpCTjE3x5MatVD9tLkrCMBoC6O9W5dke1OP+ED015gQoCzIR1NOGrBKF/z/dsTZCZCVekC+BCfIpASzfjTWcT3dw9fo91BAg8k+cK9U1CEsc8d193N8SLDLYtZIDx4IcTujb0yCJ3t0drtyjXetBFJ2n/PdkMTe+JRJJ0comy1ZLgjGNd+5C4V3lc1iACYZGOm/CJBJSmnVR4cKGhT1HDzrV+FTP/JHn0pcr+K+ff5TIrlcUaPKnxXxPCoiOBxt2R9uiEex6LoNWRJh+WkbtCDDMQIDAQAB'
\set short 'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDN57vG8RNmH0x4EdYXHDlFfwgeto9YEwQ3Cb9qJb9oNgokesdHTcnlzCdNy7klVwzCszZxmDYMbFQPuzI81akDsH0QnkXj61X/HX7DrZaJVCzpxF6W9jOvPXABUMic1d4Bqmgd+TYg2fQJ2+DwQm+g0Q1KQNxTi6DJG0w6vprqBQIDAQAB'
\set private 'MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBALRiMLAh9iimur8VA7qVvdqxevEuUkW4K+2KdMXmnQbG9Aa7k7eBjK1S+0LYmVjPKlJGNXHDGuy5Fw/d7rjVJ0BLB+ubPK8iA/Tw3hLQgXMRRGRXXCn8ikfuQfjUS1uZSatdLB81mydBETlJhI6GH4twrbDJCR2Bwy/XWXgqgGRzAgMBAAECgYBYWVtleUzavkbrPjy0T5FMou8HX9u2AC2ry8vD/l7cqedtwMPp9k7TubgNFo+NGvKsl2ynyprOZR1xjQ7WgrgVB+mmuScOM/5HVceFuGRDhYTCObE+y1kxRloNYXnx3ei1zbeYLPCHdhxRYW7T0qcynNmwrn05/KO2RLjgQNalsQJBANeA3Q4Nugqy4QBUCEC09SqylT2K9FrrItqL2QKc9v0ZzO2uwllCbg0dwpVuYPYXYvikNHHg+aCWF+VXsb9rpPsCQQDWR9TT4ORdzoj+NccnqkMsDmzt0EfNaAOwHOmVJ2RVBspPcxt5iN4HI7HNeG6U5YsFBb+/GZbgfBT3kpNGWPTpAkBI+gFhjfJvRw38n3g/+UeAkwMI2TJQS4n8+hid0uus3/zOjDySH3XHCUnocn1xOJAyZODBo47E+67R4jV1/gzbAkEAklJaspRPXP877NssM5nAZMU0/O/NGCZ+3jPgDUno6WbJn5cqm8MqWhW1xGkImgRk+fkDBquiq4gPiT898jusgQJAd5Zrr6Q8AO/0isr/3aa6O6NLQxISLKcPDk2NOccAfS/xOtfOz4sJYM3+Bs4Io9+dZGSDCA54Lw03eHTNQghS0A=='
\set modulus 'yQXTR6qcSa7oeN8KbrKwIcxzt9CCwhaWvfnN9XvUkvdi6F6atcazy5RBGnkPTdpCTjE3x5MatVD9tLkrCMBoC6O9W5dke1OP-ED015gQoCzIR1NOGrBKF_z_dsTZCZCVekC-BCfIpASzfjTWcT3dw9fo91BAg8k-cK9U1CEsc8d193N8SLDLYtZIDx4IcTujb0yCJ3t0drtyjXetBFJ2n_PdkMTe-JRJJ0comy1ZLgjGNd-5C4V3lc1iACYZGOm_CJBJSmnVR4cKGhT1HDzrV-FTP_JHn0pcr-K-ff5TIrlcUaPKnxXxPCoiOBxt2R9uiEex6LoNWRJh-WkbtCDDMQ'
CREATE FUNCTION pg_temp.pem(body text, label text DEFAULT 'PUBLIC KEY') RETURNS text LANGUAGE sql AS $$
SELECT format(E'-----BEGIN %2$s-----\n%1$s\n-----END %2$s-----\n', body, label) $$;
CREATE FUNCTION pg_temp.try(pem text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text;
BEGIN RETURN (SELECT client_secret IS NULL FROM oauth_register_client('signs', grant_types => '{oauth1}', rsa_public_key => pem));
EXCEPTION WHEN others THEN GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT; RETURN state || ' ' || message; END $$;
CREATE FUNCTION pg_temp.try_keys(keys text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text;
BEGIN RETURN oauth_register_client_metadata(format('{"grant_types": ["oauth1"], "jwks": %s}', keys)::jsonb) -> 'jwks';
EXCEPTION WHEN others THEN GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT; RETURN state || ' ' || message; END $$;
\echo -- R65: which keys are taken
SELECT what, pg_temp.try(pem) FROM (VALUES
	('2048 bits', pg_temp.pem(:'key')),
	('as PKCS #1', pg_temp.pem('MIIBCgKCAQEAyQXTR6qcSa7oeN8KbrKwIcxzt9CCwhaWvfnN9XvUkvdi6F6atcazy5RBGnkPTdpCTjE3x5MatVD9tLkrCMBoC6O9W5dke1OP+ED015gQoCzIR1NOGrBKF/z/dsTZCZCVekC+BCfIpASzfjTWcT3dw9fo91BAg8k+cK9U1CEsc8d193N8SLDLYtZIDx4IcTujb0yCJ3t0drtyjXetBFJ2n/PdkMTe+JRJJ0comy1ZLgjGNd+5C4V3lc1iACYZGOm/CJBJSmnVR4cKGhT1HDzrV+FTP/JHn0pcr+K+ff5TIrlcUaPKnxXxPCoiOBxt2R9uiEex6LoNWRJh+WkbtCDDMQIDAQAB', 'RSA PUBLIC KEY')),
	('words before it', E'the key:\n' || pg_temp.pem(:'key')),
	('1024 bits', pg_temp.pem(:'short')),
	('exponent 1', pg_temp.pem('MIIBIDANBgkqhkiG9w0BAQEFAAOCAQ0AMIIBCAKCAQEAyQXTR6qcSa7oeN8KbrKwIcxzt9CCwhaWvfnN9XvUkvdi6F6atcazy5RBGnkPTdpCTjE3x5MatVD9tLkrCMBoC6O9W5dke1OP+ED015gQoCzIR1NOGrBKF/z/dsTZCZCVekC+BCfIpASzfjTWcT3dw9fo91BAg8k+cK9U1CEsc8d193N8SLDLYtZIDx4IcTujb0yCJ3t0drtyjXetBFJ2n/PdkMTe+JRJJ0comy1ZLgjGNd+5C4V3lc1iACYZGOm/CJBJSmnVR4cKGhT1HDzrV+FTP/JHn0pcr+K+ff5TIrlcUaPKnxXxPCoiOBxt2R9uiEex6LoNWRJh+WkbtCDDMQIBAQ==')),
	('exponent 2', pg_temp.pem('MIIBIDANBgkqhkiG9w0BAQEFAAOCAQ0AMIIBCAKCAQEAyQXTR6qcSa7oeN8KbrKwIcxzt9CCwhaWvfnN9XvUkvdi6F6atcazy5RBGnkPTdpCTjE3x5MatVD9tLkrCMBoC6O9W5dke1OP+ED015gQoCzIR1NOGrBKF/z/dsTZCZCVekC+BCfIpASzfjTWcT3dw9fo91BAg8k+cK9U1CEsc8d193N8SLDLYtZIDx4IcTujb0yCJ3t0drtyjXetBFJ2n/PdkMTe+JRJJ0comy1ZLgjGNd+5C4V3lc1iACYZGOm/CJBJSmnVR4cKGhT1HDzrV+FTP/JHn0pcr+K+ff5TIrlcUaPKnxXxPCoiOBxt2R9uiEex6LoNWRJh+WkbtCDDMQIBAg==')),
	('exponent of 65 bits', pg_temp.pem('MIIBKDANBgkqhkiG9w0BAQEFAAOCARUAMIIBEAKCAQEAyQXTR6qcSa7oeN8KbrKwIcxzt9CCwhaWvfnN9XvUkvdi6F6atcazy5RBGnkPTdpCTjE3x5MatVD9tLkrCMBoC6O9W5dke1OP+ED015gQoCzIR1NOGrBKF/z/dsTZCZCVekC+BCfIpASzfjTWcT3dw9fo91BAg8k+cK9U1CEsc8d193N8SLDLYtZIDx4IcTujb0yCJ3t0drtyjXetBFJ2n/PdkMTe+JRJJ0comy1ZLgjGNd+5C4V3lc1iACYZGOm/CJBJSmnVR4cKGhT1HDzrV+FTP/JHn0pcr+K+ff5TIrlcUaPKnxXxPCoiOBxt2R9uiEex6LoNWRJh+WkbtCDDMQIJAQAAAAAAAAAB')),
	('an elliptic curve', pg_temp.pem('MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIF51qFpM0D80WDTK8k+EFueAVjsk0r6wJMQa3n5is2mGEsMpT9NpFrVEqVIcWEu+l6oHZ7/2UJOBvcNmhvQoHg==')),
	('a key of RSASSA-PSS', pg_temp.pem('MIGdMAsGCSqGSIb3DQEBCgOBjQAwgYkCgYEAqg4e+RnHCoXEao7daItyOHCzBd9SETCPlmf5+GQmEtLE9gNDa4IRUWKvUJLBMpelxHXq6RE3+ZyfNs110nzVfmdOuGuaVa0jISaP8RJPVf+R90L7UINPdl5mtvEzsTErUvMX6VtcxM+tf68BEf8r4eDRABmYfUw+QPLaTb+k78kCAwEAAQ==')),
	('a private key', pg_temp.pem(:'private', 'PRIVATE KEY')),
	('a private key beside it', pg_temp.pem(:'private', 'PRIVATE KEY') || pg_temp.pem(:'key')),
	('two keys', pg_temp.pem(:'key') || pg_temp.pem(:'key')),
	('one that asks for a passphrase', pg_temp.pem(E'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n' || :'key')),
	('base64 without its end', left(pg_temp.pem(:'key'), 300)),
	('damaged', pg_temp.pem(overlay(:'key' PLACING 'AAAA' FROM 20))),
	('nothing in it', pg_temp.pem('')),
	('empty', ''),
	('words', 'no key'),
	('16 kilobytes before it', repeat('x', 16384) || pg_temp.pem(:'key')),
	('1 megabyte', repeat('-----BEGIN PUBLIC KEY-----', 40000))) v (what, pem);
SET oauth.rsa_min_bits = 1024;
SELECT pg_temp.try(pg_temp.pem(:'short'));
RESET oauth.rsa_min_bits;
\echo -- what is stored holds no private key
SELECT count(*) FROM oauth.client WHERE rsa_public_key LIKE '%PRIVATE%';
\echo -- JSON Web Keys: the first RSA key of the set, and never its private members
SELECT keys, pg_temp.try_keys(replace(keys, 'MODULUS', :'modulus')) FROM (VALUES
	('{"keys": [{"kty": "RSA", "n": "MODULUS", "e": "AQAB"}]}'),
	('{"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, {"kty": "RSA", "n": "MODULUS", "e": "AQAB", "d": "AQAB", "kid": "1"}]}'),
	('{"keys": [{"kty": "RSA", "n": "MODULUS", "e": "AQ"}]}'),
	('{"keys": [{"kty": "RSA", "n": "MODULUS", "e": "AQAAAAAAAAAB"}]}'),
	('{"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}'),
	('{"keys": [{"kty": "RSA", "n": "", "e": "AQAB"}]}'),
	('{"keys": [{"kty": "RSA", "n": "!", "e": "AQAB"}]}'),
	('{"keys": [{"kty": "RSA", "n": "MODULUS"}]}'),
	('{"keys": [{"kty": "RSA", "n": 1, "e": 1}]}'),
	('{"keys": []}'),
	('{"keys": {}}'),
	('{"keys": [1]}'),
	('[]'),
	('{}'),
	('"x"')) v (keys);
\echo -- the same key, given as the one and shown as the other
SELECT client_id AS id FROM oauth_register_client('signs', grant_types => '{oauth1}', rsa_public_key => pg_temp.pem(:'key')) \gset
SELECT oauth_update_client(:'id', '{}') -> 'jwks';
SELECT client ->> 'client_id' AS id FROM oauth_register_client_metadata(replace('{"grant_types": ["oauth1"], "jwks": {"keys": [{"kty": "RSA", "n": "MODULUS", "e": "AQAB"}]}}', 'MODULUS', :'modulus')::jsonb) client \gset
SELECT replace(rsa_public_key, E'\n', '') = replace(pg_temp.pem(:'key'), E'\n', '') FROM oauth.client WHERE client_id = :'id';
