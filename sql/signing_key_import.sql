-- signing_key_import.sql: private keys that were made elsewhere, and what is not taken.
-- SPDX-License-Identifier: PostgreSQL
-- The keys were made for this test by openssl genpkey, and are nobody's.
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
BEGIN;
DELETE FROM oauth.signing_key;
SET LOCAL oauth.issuer = 'https://auth.example.com';
\set rsa '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDJLF7iUTvNqbNP\nm2Ozm2VseaQHE7DRHTylu9GvEX+0O+GoespGSrUXtr3kzYBqYjqwERyAusyjxxCu\nqp8gMTIUH++rQvtgI80qyGe17WObz6axit5IsNNVAhLzvD9y5K/9OU07q1MTq1RM\nEMs3j3OuG4TqG/s1CBEQ+joxPmKrBab4KLO8uMtvpZT/GdHQT5yqe7fqupAd6LyW\n5Qvt+fBC86NvxJmeZO87ZcEnYxhwZr1kuXRr7nZKtQZZvl1cWmKQB8TXWt6xgLF0\nY8tl7+5+ocR89kw7AUxVmgkPz6k1ak9Oz0lYGJZvsbLesYWuD8HVm6T/I+HY3zO9\njEWOmlG1AgMBAAECggEAD4HnWuBNW8b0BCleYpBnyC3J87le77ERMABoretg0f1X\nYY6nluANkiNQ2OPw0nfkfhaE69/FGcSPrWXd0tQ1VUukmhSAKVLRLwtYQp6m8fJB\nmggyUYhUnhtaZ9ClfnSQ+WmS9yF3i7mxC5UJfpdaYOaM/3lCiyhmR7irnDNVf/PS\nWH0Iuppkf0IZtF+yibO7s6BSeuR0v/AQ2u3SMv1gArRq7lsKYXSVb2DR5HiDT7H+\nONCba6PGBStpkC16e+QWK6O6L7wsKnnLTPiXbFW3L4L9wAIzxR5oHPxp8Zu0HmfW\npEyggHcvaz36wvJGNjlS66VX8YtMsNEBs/DplZxG2QKBgQDnG73IlN72ucF1HqfH\n/qOmlyNgLZX1CXcKYkKexEmBAuKn/P8zEl6oV7Ah1K3jzpUAsL9kZJg6gb/8i9Sl\nmGLpfHvC6z7tdp+ZSc9nckXb+YuS7LEHLphebfd7KeIYgzsv/p1NY9m/zHIGfwW1\nwY+uRSZt9f3bZlSpNob9y6zlbQKBgQDe1z4KRES/Y+rBmFvDYzKNNX5rMfZLnJ0z\nn2Qe48oRK5Syn+bc5m/YMcWylM/7Gj9DraWi8vxWp0iaw9S7DaFVMBTaQl8h4/aH\nMSJ8OEldUMuFWTltb6dx4b87FVSCofqjgpXQM3ObwRAQqTbF4LmrGglgZCrkASPY\na4QKJSYYaQKBgQC+hCX9lov/hL4wWKcjvY0XJfzpqmq2Z6kUjFAzJckaa1CB/5Q5\ne+lAiZkPKo52/7Phr9L3Zd4ATToBbRxNrsPLiu1TkC59/44uBaTOuGtSnfMrmaeO\nLiE5pxmfFLXoUzaVqCXwyGGXNWjCZjBE114k4ah+eY1eMouUOvkpe5/6OQKBgD9V\nKTq9wFQsz5GJ/bqAPOPJKk7I+lju//al/EyTLODIZBCIRZLOo0bsjmV8ycdx5D0V\n4xd2u6TdElN6CMHI0+tkKOkHKAZ3xZ8SpdxsGt28krspaprhutMw96qRG12tL5C9\nElsD5H2F100E6p4+ikZIthWBInd+o3Nkyzge6r7RAoGAeqGVsVY4nYdGmVABat9x\n06EjrD9y5rC5h4jyMlYOI/d02tRRnguBCiYF/Nsxuq2kN9GUxIUbARFyp5dFh7Cm\n3HtQ5H7sRckxD+2XUYwndUJ5gnLG2tA9gEBo2kmmn7neIdyNE9Q1NMh5gFx186JS\nAtrvPoHvDAtz3xUl+mWjz7I=\n-----END PRIVATE KEY-----\n'
\set p256 '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgvJ9X+vXuCmpeSKgd\nMIf8yQetRBtke8X4XtAPUm6JycqhRANCAARh711PB0ZSlUEiYz8jFnYDLZf2cNFK\nrRJO8tRigxl23fAG6hRGLZeddwpyOwDP1W8+4ACfx6uNxkCOYvxlhfaP\n-----END PRIVATE KEY-----\n'
\set p384 '-----BEGIN PRIVATE KEY-----\nMIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDDd9bIvyItHHCQdu1JV\nET54OMpXrL8qxpF8q0lh914P9R6Mlg73ucTmQN8pljM//mOhZANiAAQL4Flsr+FU\na6rCghi1BU414VYE4L7dJyNOGepEUQr5zcdLh2dSGvdExsLEa03UX2LfgSGBFvfZ\nyYHPK5mg0Egpyb/nwDQ/bFHaYbwO9SqA3tZjXYAXOZlqCEseAdERPxQ=\n-----END PRIVATE KEY-----\n'
\set ed '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIKXxIWnfOATvSM2ZG3l3vsbrsonuhD6Jbr0AhlElrUV0\n-----END PRIVATE KEY-----\n'
\set rsa1 '-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAySxe4lE7zamzT5tjs5tlbHmkBxOw0R08pbvRrxF/tDvhqHrK\nRkq1F7a95M2AamI6sBEcgLrMo8cQrqqfIDEyFB/vq0L7YCPNKshnte1jm8+msYre\nSLDTVQIS87w/cuSv/TlNO6tTE6tUTBDLN49zrhuE6hv7NQgREPo6MT5iqwWm+Ciz\nvLjLb6WU/xnR0E+cqnu36rqQHei8luUL7fnwQvOjb8SZnmTvO2XBJ2MYcGa9ZLl0\na+52SrUGWb5dXFpikAfE11resYCxdGPLZe/ufqHEfPZMOwFMVZoJD8+pNWpPTs9J\nWBiWb7Gy3rGFrg/B1Zuk/yPh2N8zvYxFjppRtQIDAQABAoIBAA+B51rgTVvG9AQp\nXmKQZ8gtyfO5Xu+xETAAaK3rYNH9V2GOp5bgDZIjUNjj8NJ35H4WhOvfxRnEj61l\n3dLUNVVLpJoUgClS0S8LWEKepvHyQZoIMlGIVJ4bWmfQpX50kPlpkvchd4u5sQuV\nCX6XWmDmjP95QosoZke4q5wzVX/z0lh9CLqaZH9CGbRfsomzu7OgUnrkdL/wENrt\n0jL9YAK0au5bCmF0lW9g0eR4g0+x/jjQm2ujxgUraZAtenvkFiujui+8LCp5y0z4\nl2xVty+C/cACM8UeaBz8afGbtB5n1qRMoIB3L2s9+sLyRjY5UuulV/GLTLDRAbPw\n6ZWcRtkCgYEA5xu9yJTe9rnBdR6nx/6jppcjYC2V9Ql3CmJCnsRJgQLip/z/MxJe\nqFewIdSt486VALC/ZGSYOoG//IvUpZhi6Xx7wus+7XafmUnPZ3JF2/mLkuyxBy6Y\nXm33eyniGIM7L/6dTWPZv8xyBn8FtcGPrkUmbfX922ZUqTaG/cus5W0CgYEA3tc+\nCkREv2PqwZhbw2MyjTV+azH2S5ydM59kHuPKESuUsp/m3OZv2DHFspTP+xo/Q62l\novL8VqdImsPUuw2hVTAU2kJfIeP2hzEifDhJXVDLhVk5bW+nceG/OxVUgqH6o4KV\n0DNzm8EQEKk2xeC5qxoJYGQq5AEj2GuECiUmGGkCgYEAvoQl/ZaL/4S+MFinI72N\nFyX86apqtmepFIxQMyXJGmtQgf+UOXvpQImZDyqOdv+z4a/S92XeAE06AW0cTa7D\ny4rtU5Auff+OLgWkzrhrUp3zK5mnji4hOacZnxS16FM2lagl8MhhlzVowmYwRNde\nJOGofnmNXjKLlDr5KXuf+jkCgYA/VSk6vcBULM+Rif26gDzjySpOyPpY7v/2pfxM\nkyzgyGQQiEWSzqNG7I5lfMnHceQ9FeMXdruk3RJTegjByNPrZCjpBygGd8WfEqXc\nbBrdvJK7KWqa4brTMPeqkRtdrS+QvRJbA+R9hddNBOqePopGSLYVgSJ3fqNzZMs4\nHuq+0QKBgHqhlbFWOJ2HRplQAWrfcdOhI6w/cuawuYeI8jJWDiP3dNrUUZ4LgQom\nBfzbMbqtpDfRlMSFGwERcqeXRYewptx7UOR+7EXJMQ/tl1GMJ3VCeYJyxtrQPYBA\naNpJpp+53iHcjRPUNTTIeYBcdfOiUgLa7z6B7wwLc98VJfplo8+y\n-----END RSA PRIVATE KEY-----\n'
\set short '-----BEGIN PRIVATE KEY-----\nMIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAJY/VrYMVhqhNbpS\nCzwOB+xfCdnGBWrRpJqb7ZEaBYSPS0svqlEZ4t0Knp7aWV3NxXgGUCvOUe+xLBST\nuQ/OKMraM05229LLTWIJKzbLym/SqN6uxaLv4L7AqhJEgqqlQnRIwefqQTTW1mGf\noFvVYsWbzsdkPsbcDnmdfPcj/0MhAgMBAAECgYB358h9tM6qpelI7t0EanYsT5R+\n9aexHentcW9gk5G/vtPqBvo3ix8gJK9+OueDEwr6xJ8KtrdxQMXbDiFs2ax3Li8a\n1zzDXdxAh9UcxvNGIw+w2x5Xzp9/bNX4F9tskNmxO0ze9/v5VGsOyAvgyiESX+hw\nBzqpm+NSKG7vvHzfoQJBAMSsCxeB70O+1lmMAq4q0c6wq0mjWmY/AyYelPp3NOxw\nTsP5Gy7ljku/jt7AyRXDaX37p+/RRkaRIez7ce+6bcUCQQDDkinXHYjoK1bGQanw\nfpy4v9gbGfK4Sn2HMcQTltj+cO25f880Ud1Xhuone0cbR8hDjvhWoC/q24jzUAPX\nZRGtAkAzSfaei8kc7rCxq5yrVQlgEJyq2Injrj0g/Mq3Qs0vd95ipx0arszcHjmh\nB7+pCEwDidRy6y2bi4/AYJaHASRNAkEAseq1v6px020h+yjflhdJMlXtHvKjOn8h\n5a0jiQKxlABedGROt3VGXQsy2AoxrSLHkJZvXDdMgGeKFngTlo+u3QJAVwmNdYnP\nLW05fFYao/iSe//hewoKON4ZxxcnC/0s/0cy3f6iEvlAXLMrRbEYEaq+/KaapthP\nJobTbSuTcqUSHQ==\n-----END PRIVATE KEY-----\n'
\set k1 '-----BEGIN PRIVATE KEY-----\nMIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQg+K/7jIp1I/8r7xchS2FC\nOc+dlaBiZ1DRErrIjCkJ29ehRANCAARearnJR3cynSdjRyZ8lA5qFJlmPR2IBOV+\niwKVC4uDlfiio7e9H3Mx0dHyjZhUfTyUcZlE2Ts3ubnVG5JW5np4\n-----END PRIVATE KEY-----\n'
\set x '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VuBCIEIHCFB/C7UCamkQkIldf29XVBxDMZUiQmOiXPWIvQnZVy\n-----END PRIVATE KEY-----\n'
\set enc '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAipt2e+RdjhigICCAAw\nDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEII/A0PpQhWFPhRkqoJBxHIEgZCj\nz/L5tZqE68FRUgaiqkqFBVACq0JWBYRIdbu8bEc969m1D1sgmy/XpT3krQxhvAcS\n+YfSWZeYf67OL+JQc7HjdJHO7zTtxtwUS3Ah/vLNDNRHA+4grv9LfPPlacffVJ7V\nT7VspQfAFT9Nw1mKvFcnhNqh9O9nGw7DsGdLMhZ7gujdbFjWat2o4i5Xqad9PMA=\n-----END ENCRYPTED PRIVATE KEY-----\n'
\set pub '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYe9dTwdGUpVBImM/IxZ2Ay2X9nDR\nSq0STvLUYoMZdt3wBuoURi2XnXcKcjsAz9VvPuAAn8erjcZAjmL8ZYX2jw==\n-----END PUBLIC KEY-----\n'
\set pss '-----BEGIN PRIVATE KEY-----\nMIIEvAIBADALBgkqhkiG9w0BAQoEggSoMIIEpAIBAAKCAQEApQUqtan5wa74wYRz\nawMHb/NJKjbAd8BToIVN4fiNLLXmjcqjvINr4J+6lnN95PmVMPbITyGroF6SGyia\n8AL78BZQYD4E3Ot9AdnOXBqSZHjRg9bi9XUcPKDQJac0Ok+UCgzjMcSSYGM6EkgB\nNuFkgLhbhaIaMivO2IeBeyBOJhB167A7vxZuF5D2d4gf9bEG9bh4mH0IdPRjIUBY\nQ6CHa4J36w+DeIBCz0DthuVMKA3aKjD2UBtnMnFDG5oIGoTXwAsYTv4x/gvQtwjW\n0vfxJyLQtsii3t85QaO1w+Q3Cx9839vD1leu5VaSnitFl7sSfaF+Wx/H7GPRUf7u\nRdrNqQIDAQABAoIBABFOvYwkZdg3M2qri0Xw4UOv/O9fIvhkXPkH5jNiQ99JvELI\nmzv7PjIm2pVrS0vb0/aY2Yk4JzWomZMc4wQzkew8UOWJN64aikfKifLdzBca12Go\nJPF43RNsS+x5ERihDk4wDBelDfOrUJTIhc0VXnrEK0A0sGHs95K9Aprw+FVURyMr\nNXxn5/KLLejBFVDn+Y/jAKljh35LPakmNWLfVS5fPXCQ720hsX5+oCPIlVxeZ7bO\nBTn88hXS8AagIn8S+4fpgnwALCSqlLLXGP6v6QJKol96MlgXB5duTEOlfX3Ycv1s\n6oAZf8j7up9PzCD3IJKAP5T1cG71OnRb2LlGhTECgYEA3qtRujBpZyd3xQp1vYIU\nnbgHzWX88932qlVxc/AjdEnSgmXxZAYzwriJxl0X7/a4nb+4dTleGarrvFNsn25P\nTQOCs1gttCEQAg/5FuJVnBHcYmil4Qj4z228KLk53gze/ZwxsmRzas3ig0rrPdHi\nfNQgAEDzku80efRDioRhTlkCgYEAvbi80f2JPvRW6GcZX95DA17OiCVEWbPJKvnM\nwiSBtHbTMa49T2Zp4YtMTze93uIN40KnK2ntKb8k9XkNM9DhkTPCDmsdySvrDqUh\n5ygK34LGocWidXmdVZLAJPYUKCUMWRNQ6MKVxjetlDk70JFWMVAu5+/Q/dlFbhwL\nxJ9Tr9ECgYEAxIEUQufuXOZrwCwW9AMUBowd9poGvYAo6vE0ikhmQX3UlNc6TDdc\n/n60t6X4NgDZs/0539mcvbIlD7HfrmM/AIwUkAlFbC2xXuCRxiw/uNfaUc5gdVPh\nn80LvDSaaOea8t0gznnvkVXYjF1VdN0Ar4DULOUlD4qiGO4DnP5ukSECgYBkG5ee\nok6KJnm5NbWg7XGk1KDcG/X98yzh/V96zbKXG+ACpfL584tJFKyWXE5WzicP1LrK\n4KDg11hUIqTBw6VSbeImo4TbAs6MMrw58doS6DmRYOyBWkOXxNCYcDRgnnPuiI+3\n0f0f039G6BBU1GuLp8ioX9WCLORC3o+jF4McEQKBgQCrdMOnv7eTpRJKsaazFoiF\nFPCUApSHcm6RTzp27UPYcRM6Hx1JKtg3t4vAwRORh7WfIVh+BvOsIMq31RQSNyfk\nBxq+fpJ1Re7SAx0O044FkdEAgH6I+bBPPulrZqWx1kozc07J97wNkWWa17fWN1BD\nDT+FeDSylWzSxJJCa1zTtQ==\n-----END PRIVATE KEY-----\n'

\echo -- RSA, EC (after the parameters of its curve, as openssl ecparam writes them) and Ed25519; the algorithm is that of the key, or one that fits
SELECT oauth_import_signing_key(:'rsa') AS rsa_kid \gset
SELECT oauth_import_signing_key(E'-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n' || :'p256', used_from => now() + interval '1 day') AS p256_kid \gset
SELECT oauth_import_signing_key(:'p384', 'ES384') AS p384_kid \gset
SELECT oauth_import_signing_key(:'ed') AS ed_kid \gset
SELECT alg, state, bits, kid IN (:'rsa_kid', :'p256_kid', :'p384_kid', :'ed_kid') FROM oauth.signing_key_overview ORDER BY alg;
\echo -- the kid is the thumbprint that others compute (RFC 7638, section 3.2.1)
SELECT :'rsa_kid' = 'IIPmw9hE7Vvvpgg7JqDw7_RXqqFTPXvOusqpFOWnPFQ';
\echo -- and what it signs verifies
SELECT oauth_sign_jwt('{"sub": "moved"}') AS token \gset
SELECT valid, header ->> 'kid' = :'rsa_kid' FROM oauth_verify_jwt(:'token', oauth_jwks(), '{RS256}');
SELECT oauth_sign_jwt('{"sub": "moved"}', 'EdDSA') AS token \gset
SELECT valid, header ->> 'kid' = :'ed_kid' FROM oauth_verify_jwt(:'token', oauth_jwks(), '{EdDSA}');
\echo -- nothing of the private key is in the table
SELECT count(*) FROM oauth.signing_key WHERE row_to_json(signing_key)::text LIKE '%PRIVATE%';
CREATE FUNCTION pg_temp.import(key text, alg text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hint text;
BEGIN
	RETURN oauth_import_signing_key(key, alg);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN SQLSTATE || ' ' || SQLERRM || ' | ' || hint;
END $$;
\echo -- a key is here once, in whatever form it comes, and for one algorithm; one that was retired does not come back
SELECT pg_temp.import(:'rsa'), pg_temp.import(:'rsa', 'PS256') = pg_temp.import(:'rsa1');
SELECT oauth_retire_signing_key(:'rsa_kid');
SELECT pg_temp.import(:'rsa');
\echo -- PKCS #1 is read too
DELETE FROM oauth.signing_key WHERE kid = :'rsa_kid';
SELECT pg_temp.import(:'rsa1', 'PS512') = :'rsa_kid', (SELECT alg FROM oauth.signing_key WHERE kid = :'rsa_kid');
SELECT oauth_jwks() -> 'keys' -> 0 ->> 'alg';
\echo -- RFC 7518, section 3.3: "A key of size 2048 bits or larger MUST be used"
SELECT pg_temp.import(:'short');
\echo -- no other curve, no key agreement, no passphrase, no public key, no RSASSA-PSS key, no algorithm that does not fit
SELECT pg_temp.import(:'k1');
SELECT pg_temp.import(:'x');
SELECT pg_temp.import(:'enc');
SELECT pg_temp.import(:'pub');
SELECT pg_temp.import(:'pss');
DELETE FROM oauth.signing_key;
\echo -- of several keys in one text, nobody knows which was meant
SELECT pg_temp.import(:'ed' || :'p256');
SELECT pg_temp.import(:'rsa1' || :'rsa');
SELECT pg_temp.import(:'p256', 'ES384');
SELECT pg_temp.import(:'p256', 'RS256');
SELECT pg_temp.import(:'rsa', 'ES256');
SELECT pg_temp.import(:'rsa', 'HS256');
SELECT pg_temp.import(:'ed', 'none');
SELECT pg_temp.import('');
SELECT pg_temp.import('-----BEGIN PRIVATE KEY-----');
SELECT pg_temp.import(repeat('x', 100000));
SELECT pg_temp.import(NULL);
SELECT count(*) FROM oauth.signing_key;
ROLLBACK;
