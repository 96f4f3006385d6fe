-- signature.sql: base strings and signatures of OAuth 1.0a (RFC 5849, section 3.4), with every published vector.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never

\echo -- RFC 5849, section 1.2
SELECT oauth_signature_base_string('POST', 'https://photos.example.net/initiate', 'OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131200", oauth_nonce="wIjqoS", oauth_callback="http%3A%2F%2Fprinter.example.com%2Fready", oauth_signature="74KNZJeDHnMBp0EMJ9ZHt%2FXKycU%3D"') AS base \gset
\echo :base
SELECT oauth_signature('HMAC-SHA1', :'base', 'kd94hf93k423kf44'), oauth_verify_signature('HMAC-SHA1', :'base', '74KNZJeDHnMBp0EMJ9ZHt/XKycU=', 'kd94hf93k423kf44');
SELECT oauth_signature_base_string('POST', 'https://photos.example.net/token', 'OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="hh5s93j4hdidpola", oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131201", oauth_nonce="walatlh", oauth_verifier="hfdp7dh39dks9884", oauth_signature="gKgrFCywp7rO0OXSjdot%2FIHF7IU%3D"') AS base \gset
\echo :base
SELECT oauth_signature('HMAC-SHA1', :'base', 'kd94hf93k423kf44', 'hdhd0244k9j7ao03');
SELECT oauth_signature_base_string('GET', 'http://photos.example.net/photos?file=vacation.jpg&size=original', 'OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk", oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131202", oauth_nonce="chapoH", oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"') AS base \gset
\echo :base
SELECT oauth_signature('HMAC-SHA1', :'base', 'kd94hf93k423kf44', 'pfkkdhi9sl3r4s00');
\echo -- RFC 5849, sections 3.1 and 3.4.1.1; the signature it prints is an erratum, nobody can compute it
SELECT oauth_signature_base_string('POST', 'http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b', 'OAuth realm="Example", oauth_consumer_key="9djdj82h48djs9d2", oauth_token="kkk9d7dh3k39sjv7", oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131201", oauth_nonce="7d8f3e4a", oauth_signature="bYT5CMsGcbgUdFHObYMEfcx6bsw%3D"', 'c2&a3=2+q') AS base \gset
\echo :base
SELECT oauth_signature('HMAC-SHA1', :'base', 'j49sk3j29djd', 'dh893hdasih9');
SELECT oauth_verify_signature('HMAC-SHA1', :'base', 'bYT5CMsGcbgUdFHObYMEfcx6bsw=', 'j49sk3j29djd', 'dh893hdasih9');
\echo -- the same as the RFC prints it, pasted: white space and folded lines between the parameters
SELECT oauth_signature_base_string('POST', 'http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b', '     Authorization: OAuth realm="Example",
                    oauth_consumer_key="9djdj82h48djs9d2",
                    oauth_token="kkk9d7dh3k39sjv7",
                    oauth_signature_method="HMAC-SHA1",
                    oauth_timestamp="137131201",
                    oauth_nonce="7d8f3e4a",
                    oauth_signature="bYT5CMsGcbgUdFHObYMEfcx6bsw%3D"
', 'c2&a3=2+q') = :'base';
SELECT convert_to(header, 'UTF8'), oauth_signature_base_string('GET', 'http://a/', header) FROM (VALUES (E'OAuth\n  oauth_nonce="1",\n\toauth_token="2"'), (E'OAuth oauth_nonce="1"\r\n\t ,\r\n oauth_token="2"\r\n'), (E'\n\nauthorization:OAuth\toauth_nonce="1",oauth_token="2"\f\x0b'), (E'OAuth realm="a\\" ,", oauth_nonce="1",\n\n\noauth_token="2"')) v (header);
\echo -- RFC 5849, section 3.4.1.2; R68, R69, R71
SELECT uri, oauth_signature_base_string('GET', uri) FROM (VALUES ('http://EXAMPLE.COM:80/r%20v/X?id=123'), ('https://www.example.net:8080/?q=1'), ('HTTPS://example.com:443'), ('https://example.com:80/'), ('http://example.com:443/'), ('http://[::1]:8080/a%2Fb/%7e'), ('http://[2001:DB8::A]:80/'), ('http://example.com/a#b'), ('http://example.com?a=b#c'), ('http://example.com/#a?b=c'), ('http://example.com/?#a')) v (uri);
SELECT oauth_signature_base_string('m-Search', 'http://a/'), oauth_signature_base_string('!~', 'http://a/');
\echo -- RFC 5849, sections 2.1 and 2.3: PLAINTEXT
SELECT oauth_signature('PLAINTEXT', 'whatever', 'ja893SD9'), oauth_signature('PLAINTEXT', 'whatever', 'ja893SD9', 'xyz4992k83j47x0b'), oauth_signature('PLAINTEXT', '', '', '');
SELECT oauth_verify_signature('PLAINTEXT', '', 'ja893SD9&', 'ja893SD9'), oauth_verify_signature('PLAINTEXT', '', 'ja893SD9', 'ja893SD9');
\echo -- OAuth Core 1.0a, appendix A
SELECT oauth_signature_base_string('GET', 'http://photos.example.net/photos?file=vacation.jpg&size=original', 'OAuth realm="http://photos.example.net/", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk", oauth_signature_method="HMAC-SHA1", oauth_signature="tR3%2BTy81lMeYAr%2FFid0kMTYa%2FWM%3D", oauth_timestamp="1191242096", oauth_nonce="kllo9940pd9333jh", oauth_version="1.0"') AS base \gset
\echo :base
SELECT oauth_signature('HMAC-SHA1', :'base', 'kd94hf93k423kf44', 'pfkkdhi9sl3r4s00'), oauth_signature('PLAINTEXT', '', 'kd94hf93k423kf44');
SELECT oauth_signature_base_string('POST', 'https://photos.example.net/request_token', 'OAuth oauth_version="1.0", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_timestamp="1191242090", oauth_nonce="hsu94j3884jdopsl", oauth_signature_method="PLAINTEXT", oauth_signature="ignored"');
\echo -- the test cases of the OAuth wiki: encoding, normalizing, concatenating; R73, R74, R75, R76, R77, R78, R82
SELECT plain, split_part(oauth_signature('PLAINTEXT', '', plain), '&', 1) FROM (VALUES ('abcABC123'), ('-._~'), ('%'), ('+'), ('&=*'), (E'\n'), (' '), (E'\x7f'), (U&'\0080'), (U&'\3001'), ('!''()*')) v (plain);
SELECT query, split_part(oauth_signature_base_string('GET', 'http://a/?' || query), '&', 3) FROM (VALUES ('name'), ('a=b'), ('a=b&c=d'), ('a=x!y&a=x+y'), ('x!y=a&x=a'), ('a=1&a1=2'), ('a1=2&a=1'), ('B=1&a=2&A=3'), ('a=2&a=1&a=1'), ('c2&c2='), ('=v'), ('&&a=1&&'), ('realm=x'), ('oauth_foo=1'), ('oauth_body_hash=x%3D'), ('oauth_signature=x&oauth_Signature=x'), ('a=%2b+%20')) v (query);
SELECT oauth_signature_base_string('GET', 'http://example.com/?n=v');
SELECT oauth_signature('HMAC-SHA1', 'bs', 'cs'), oauth_signature('HMAC-SHA1', 'bs', 'cs', 'ts');
\echo -- the worked example of a large provider, in both of its editions
SELECT oauth_signature_base_string('post', 'https://api.twitter.com/1.1/statuses/update.json?include_entities=true', 'OAuth oauth_consumer_key="xvz1evFS4wEEPTGEFPHBog", oauth_nonce="kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", oauth_signature_method="HMAC-SHA1", oauth_timestamp="1318622958", oauth_token="370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", oauth_version="1.0"', 'status=Hello%20Ladies%20%2b%20Gentlemen%2c%20a%20signed%20OAuth%20request%21') AS base \gset
\echo :base
SELECT oauth_signature('HMAC-SHA1', :'base', 'kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw', 'LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE');
SELECT oauth_signature('HMAC-SHA1', replace(:'base', '%2F1.1%2F', '%2F1%2F'), 'kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw', 'LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE');
\echo -- RSA-SHA1 with the 1024-bit key of the wiki; R65, R66
SELECT E'-----BEGIN PRIVATE KEY-----\n' || 'MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBALRiMLAh9iimur8VA7qVvdqxevEuUkW4K+2KdMXmnQbG9Aa7k7eBjK1S+0LYmVjPKlJGNXHDGuy5Fw/d7rjVJ0BLB+ubPK8iA/Tw3hLQgXMRRGRXXCn8ikfuQfjUS1uZSatdLB81mydBETlJhI6GH4twrbDJCR2Bwy/XWXgqgGRzAgMBAAECgYBYWVtleUzavkbrPjy0T5FMou8HX9u2AC2ry8vD/l7cqedtwMPp9k7TubgNFo+NGvKsl2ynyprOZR1xjQ7WgrgVB+mmuScOM/5HVceFuGRDhYTCObE+y1kxRloNYXnx3ei1zbeYLPCHdhxRYW7T0qcynNmwrn05/KO2RLjgQNalsQJBANeA3Q4Nugqy4QBUCEC09SqylT2K9FrrItqL2QKc9v0ZzO2uwllCbg0dwpVuYPYXYvikNHHg+aCWF+VXsb9rpPsCQQDWR9TT4ORdzoj+NccnqkMsDmzt0EfNaAOwHOmVJ2RVBspPcxt5iN4HI7HNeG6U5YsFBb+/GZbgfBT3kpNGWPTpAkBI+gFhjfJvRw38n3g/+UeAkwMI2TJQS4n8+hid0uus3/zOjDySH3XHCUnocn1xOJAyZODBo47E+67R4jV1/gzbAkEAklJaspRPXP877NssM5nAZMU0/O/NGCZ+3jPgDUno6WbJn5cqm8MqWhW1xGkImgRk+fkDBquiq4gPiT898jusgQJAd5Zrr6Q8AO/0isr/3aa6O6NLQxISLKcPDk2NOccAfS/xOtfOz4sJYM3+Bs4Io9+dZGSDCA54Lw03eHTNQghS0A==' || E'\n-----END PRIVATE KEY-----\n' AS private_key, E'-----BEGIN PUBLIC KEY-----\n' || 'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC0YjCwIfYoprq/FQO6lb3asXrxLlJFuCvtinTF5p0GxvQGu5O3gYytUvtC2JlYzypSRjVxwxrsuRcP3e641SdASwfrmzyvIgP08N4S0IFzEURkV1wp/IpH7kH41EtbmUmrXSwfNZsnQRE5SYSOhh+LcK2wyQkdgcMv11l4KoBkcwIDAQAB' || E'\n-----END PUBLIC KEY-----\n' AS public_key \gset
SELECT oauth_signature_base_string('GET', 'http://photos.example.net/photos?file=vacaction.jpg&size=original', 'OAuth oauth_consumer_key="dpf43f3p2l4k3l03", oauth_nonce="13917289812797014437", oauth_signature_method="RSA-SHA1", oauth_timestamp="1196666512", oauth_version="1.0"') AS base \gset
SELECT oauth_signature('RSA-SHA1', :'base', :'private_key') AS sig \gset
\echo :sig
SELECT oauth_verify_signature('RSA-SHA1', :'base', :'sig', :'public_key'), oauth_verify_signature('RSA-SHA256', :'base', :'sig', :'public_key'), oauth_verify_signature('RSA-SHA1', :'base' || 'x', :'sig', :'public_key');
SELECT method, oauth_verify_signature(method, :'base', oauth_signature(method, :'base', :'private_key'), :'public_key', 'the token secret is not used') FROM (VALUES ('RSA-SHA1'), ('RSA-SHA256'), ('RSA-SHA512')) v (method);
SELECT sig, oauth_verify_signature('RSA-SHA1', :'base', sig, :'public_key') FROM (VALUES (''), ('AAAA'), (repeat('A', 172)), ('!!!!')) v (sig);
SELECT oauth_verify_signature('RSA-SHA1', :'base', sig, :'public_key') FROM (VALUES (:'sig' || 'AAAA'), (replace(:'sig', '=', '')), (:'sig' || E'\n'), (' ' || :'sig'), (left(:'sig', -2) || 'F='), (oauth_signature('HMAC-SHA1', :'base', :'public_key'))) v (sig);
\echo -- R65: a key with the exponent 3, and signatures that are nearly right (RFC 8017, section 8.2.2)
SELECT E'-----BEGIN PUBLIC KEY-----\n' || 'MIIBIDANBgkqhkiG9w0BAQEFAAOCAQ0AMIIBCAKCAQEAxMbyMeWOHUKzke/4QiJG02z8u+UkqB9gFN5FHqNIvsqc1kZAIhkLMNw8O50LFx9q2VCB1l/cOXMUuQzQJgVVGerRDBKEXXq9BPHBkN4P1MHxmIxDhitB3FRr5MjQbGoN9MSJvemS59NGnecDhJM01tG5dPsnuRD5RPiqXZ9D70UL4hFca0tWN5KnIP9Qp3h1YHMpKAxo7C2iSIoeQQfRBCAYEilz4EtuhaceUgLseOBLzmXXso7FdGirYX/s5YZiRmZb1TAbBS9UP1fUQ1Xm4DpRuHfwIo5oOsPYFjPiUfo4LJs1P4mFp03NCwo+aHFinmBaJ95nkdN9jvFQSOJcBQIBAw==' || E'\n-----END PUBLIC KEY-----\n' AS cubic_key \gset
SELECT what, oauth_verify_signature('RSA-SHA1', 'base string', sig, :'cubic_key') FROM (VALUES
	('what was signed', 'OKz1xhgOl+Da7lMplEqFUtn169L5pELkLYTzrUORssYLg/ynMFoqaW1ysQq676zECzqG0+rzrIRovr3ENDQXUT+3FSPUcuvbXM9Tj9nNYsI5+Ug/anL9IrbDRwP3lEcLyONqKx9+qZqlPOF2NDlX56gPu1J3pAg51iVQftRI4RZLUK3Jvrrqp/Q9sERm8BwDqvQji/8Zs/wVERFb8WcHmEHKg5RwkIOUxgBfQE0/ht6SPvX1LgEodIayjLPpruBOlr8XnFmCknU2R5ZTAzkdayxZ4pwiaMxutiR/jTbu459WGNaJSPPt6Aj22kAcINGBaquUeOTE+pfe+sH4HI+tgA=='),
	('no parameters of the digest', 'kbTyEsLN7gXkF20a9eUI4TiqNTvU9Ck1Dv68m6Ti7/W4XBHuIE3Fb2d3xJMmeTxMJQIA2FBmGw2GxbZuaulF1XxSeCy7gh1zIRfAP7oO8GKEEv3aVhY0c+/v4anb3Gd2NEDVA4lFKoFukclKiLLvotuh0bFBvinIGOv+mxL/wlXefaxvOI6duwx8gycrZMirsPT/FqwL1gKWJbmQ9yo9yWjAos9QTdTKTHQSYH5C/proFJX7t2q43HSJrgIM5vGuu6jIKq1MTIH9+aUHi05M7maFIh6dwe4IiCLp7Td3Bu7RYyC/lY4ZQgl7MszmEREwAUVQJNmCzptSbg/Dg6SFBA=='),
	('a length in its long form', 'YcynYDxrVVya4aV4G4cPtcOY7v4ryYAJc4NhQnJHAio06jRklAy7eVwCrWKBjZN42+WLzGkSkSFG07dQB7ONOhwpWvhcux2xRDQHBYxuUCztkoX9NV+6XHG0f1EDVyFpcBUjHm4jKeO4QhHl4VD1UZ9tqxE3R43SULH+het9BhsGA0xyJItAlXymhilEv43fmnsdu40paTrgIjx0vJ43x/i4SqGUKjOoaCK+eaBfDYYWqMi+A39fXusS1U5R8YCIV+oMcNlL06CFLZergm8LVN/rQoHaCNSV9ztdoS2LWf3rBTrIuwv3f3YMyCB5i7vuRTMP4fry9q3ntx+RNswa/w=='),
	('bytes in the parameters of the digest', 'GkJdOobsGyb6Nf4mePjFNgYfqojj6l3sCApjyRTM6qqBwqwA43L3XUkiyMnt39XoMQBh5il6GVgfnqxnIzC4qViXdR/21O1ZSVYUw4IgqFL5Mw+lHspACJePFFIqfxqVKcoOotw7fkjrYbGnpWTz/6KSZ2iSwVdN9DQ6WoqrLePQZc4Qq4Uptdgqd6IezrG7cqCP9hAmkqym4/Py043v4N8UeolTUL916UDlbvQ1pRq5G8wg27JKzHWfiudAQbul3k4oMxhc51M3ZMygvUQjRkzmakNk0Cd/aFM1oM12PWuvCIXzSoal2SCUgmRbTvshL9lsd7L7lfcr0lKRQGKOoA=='),
	('the digest alone', 'DOHRX+0psUFKsWYFHvctYlR9o6x3Lqb4BkN7EBzt8YNix2LkTr0i236/89fWpzP6Y8Z1J5egYKGZgbWui1+cTRMhK+bvUzMvHdj28LI0vBxhlC4EASZd4x+hyLanUNV8cpyNL6spXMt8d395jGysXlUrfObODE4KAVcj2rUNQG3dDgx0ZpqWeQI5B/YXMrag3JFFAY3cj1vDAQOmjQsJQP5GWiVxmZj2HRXuTo5hFMDLh5V3YaRvyP5ToIntiV4eDbss30aYTq3WcZgh7hgFShqraJq7V2ta0gHV9o/cdYR9tmuZAKYotAZnErVOSM41tRL4IlGgXB62nLDnsDcjFg=='),
	('the name of another digest', 'BOMtMEuGH0fkRtTS46FQa39CTfkfHZC9tw2r69lIO/ItqwsF/+dGD2HQ7E4gP4ebsuyrPLZRezRiPcR97NIeVUqZtFTjnBYRfjLdWZwyDZSDvPWrt4iTaMANy8PT61TIT4W1cDHiCKFF1PdpupdQC7wjKs6ruB/eycnZa3lHARrkfK8NWZpwmJ4gzrpssjq+cX+pRKuDtK29sysL2Pso/E94gIkcAbcM7SeL2WRTgh0swILjCctAV+Sr7itYQS3uzxqJBUS+1kTT1QiuQU7XD5cr2poR7QoSick9vT5+RuDTOXOehQTEx8rhUTFD82qYW7OSxTV87Hln0oCyvEVE2g=='),
	('another byte in the padding', 'UJC2jzTSe9U3StxDmojLsPWTiN2bBkkEgqYQKuLS5NdlwHMvnFn3SaPhWoAUxbOr2BWLrvZp7sF9LNNO2d9UY97LBvbB3IKTS+diOkGFDWK3ByPylVaMZSH62tUhs+oPimsfi5z68iSOuHBNF0AErcenr/bZokVl1Caa6B12F7UHlWpZR7KAYTdK9IdT8tdTbVpyBt2WlUFBley76br4pizrFhLcoFNkkjmvHMR2t+6tU1UjY96VDBBcNyYqvpQcPp4GW0fLlrn3RjXqWjcrztyYSTQqnwvgVBHi3jL1rxiF0GN1wmD+edtvG4DyXKArdUG/g86yXb+OvyIKChZnIQ=='),
	('padding of encryption', 'XuchRc9V0HODJyz10mI9l7HUOJHUmOf28HcMX7LTcCE/Axo8fefiCWL4GIWyPYyXfCvPLbllTb1FswA0c4AJBrZoLGBiYw4kWLUpIlyom0q/8RVariul9pbTvtCZ6NYkePltKPQpMydqXxgHYZlS+v70lCOlpgyyETJ1ArD0S/0STb6QkpH9C317bI4RiPvT3THHxsd1nlWT/fdkH8oH+YMs8znn8qNci7phpmZNP6GMOnYgTARPtxuG8C5/geRLvzO5okJaEjlnrEh9c0lDWEMHGhXZLdB9g/W5AErFdSm3xA34HxPgq8pWssN6qsLODMDEuFbFtixWzo5Sk2blXw=='),
	('bytes after the digest', 'Jo+4BDv+TCWS/YkrOSCV+xGJE4QOTq6LerhDgWpBcYP/6W7hXp3YYm6TTuuw/LVOS9O/HaE+0AlkLweH5DngtUd8tUrRc9GOq1I1qb8Q4xx4ietTekXKy9DZLYN5M/BmalWwZippHu6+QGPri5GrzUyUk6DYd27t5TpLsJSVyHPD5ncocYjnuDfMQUyaZsP+uULwNGQplJoG6lHezGUJBArdRAIxSV9Hq64691h/l4WX1fF7nHbP3PUtsvv9uOZuWMew6detQqgJYsWmZ9mN1FkLKvJ4y64Onggxf0NHM9anccAc86TIzYrYUDefPoqJUxgY05Lu3utmgQdb6FqfqA=='),
	('a byte after the digest', 'L9XpaGQBhgjmR0MIpMMgemNXy1tRKQrv4Oz6n9kuLyWymsnRFkX7arj/GdoXPwPYvFyzvoqFt8RyeMCuBjlfMDFBrtZQmgRPDVSuxpfxf5IzJhImZPydwJmbNr833LhgNwAp9eRHUSRAKMoZgvxmtkZuz3tQJHt1kKVqMFxPtIcL66KW07AfCX090BHLtXUGWO3gorv5rVjz4TLGPhKzL+rf0c1TFuV1n/7d1OMcTyfYLb7jfnXBLKWdV62mY55plPdeagzJuWD4sfn8cI0W1fcN+JsBJjO+iPIOXYbp848Vams6MAXRHLHTVJIN7lsrcGNiiJe4dh7lkSqpy3wUMA=='),
	('a cube root, by nobody who has the key', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAMsv9SnrceQVYPXXtq4Uc1wClLlecc2iBmuhvsX3fkw+FVx4iTtsJLNRWop9pRNcX25zpNiGX6g37rQrQTJUXPGnZ1JJ7tDST2IKPSvFA1r4jDz2P2g=='),
	('the same number and the modulus', '/XPn9/2ctSOOgEMh1mzMJkbyp7geTGJEQmM4y+bacZCoWkLnUnM1mkmu7KfGBswu5IsIqkrP5fd9d8qUWjlsayqIITZY0GaYYcEVILfdN4QrkdSC8J4+/wsvK8zIALEZvafz6QkRkW3r2sh5uMyMvnnJME2fXRkzGx363HOM0FtXMr8mKgZA34bk0UO3l5R5C2dMtAuCoCm3WZt6Mm7YnGHilb3kcM8DS6d9klAr/77eDVvM4I/t6O9d7jPWlGaw3SVzcYmdl6SKhu4nRo8ES2armxQSi1rW8OhXo2rRNZmORXG+iH1zj1bD5UpaiULkCQvuoMMsjGtcibNIZXIJhQ=='),
	('a zero before', 'ADis9cYYDpfg2u5TKZRKhVLZ9evS+aRC5C2E861DkbLGC4P8pzBaKmltcrEKuu+sxAs6htPq86yEaL69xDQ0F1E/txUj1HLr21zPU4/ZzWLCOflIP2py/SK2w0cD95RHC8jjaisffqmapTzhdjQ5V+eoD7tSd6QIOdYlUH7USOEWS1Ctyb666qf0PbBEZvAcA6r0I4v/GbP8FRERW/FnB5hByoOUcJCDlMYAX0BNP4bekj719S4BKHSGsoyz6a7gTpa/F5xZgpJ1NkeWUwM5HWssWeKcImjMbrYkf4027uOfVhjWiUjz7egI9tpAHCDRgWqrlHjkxPqX3vrB+ByPrYA='),
	('zero', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=='),
	('one', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQ=='),
	('PSS', 'rkNIGzBdFvtI+86Bdopv+N7z90QFBbeXJ6uJUkQJh3z6wzRenQBntAMeUV/WRuqWtVOQiMXHye4cO9AePMaFQG28H7SxxmKVD9pcoVzejPuVmwJs26YFp7pN00YWU+ZR3bgEB0iGCeT2J47IU1Bz+0bjiPiIN1rDghmJWndmWaMyDmg5ZhbZSOxxtznaMFwegv2qXFNYlkfnNQcZkT/bSudzROW6JPitWN1atI/DJvB9HP4+RzXpZ7HEhGEhZtwN1FQBFMjWUGgl/n++3t8Pu2/8dELKUtbfhoyPP6u+ScxvlXB51PKHtYPMtcxsYWntiBMXm1Q7LU8VVcfrs9lmVg==')) v (what, sig);
\echo -- R67: no other spelling of a signature
SELECT oauth_verify_signature('HMAC-SHA1', 'bs', sig, 'cs') FROM (VALUES ('egQqG5AJep5sJ7anhXju1unge2I='), ('egQqG5AJep5sJ7anhXju1unge2J='), ('egQqG5AJep5sJ7anhXju1unge2I'), ('egQqG5AJep5sJ7anhXju1unge2I=='), (' egQqG5AJep5sJ7anhXju1unge2I='), (''), ('EGQqG5AJep5sJ7anhXju1unge2I=')) v (sig);
\echo -- HMAC, beside that of pgcrypto; R64
SELECT oauth_signature('HMAC-SHA256', 'bs', 'cs', 'ts'), oauth_signature('HMAC-SHA512', 'bs', 'cs', 'ts');
SELECT method, length(secret), oauth_signature(method, base, secret, token) = translate(encode(hmac(base, key, digest), 'base64'), E'\n', '')
	FROM (VALUES ('HMAC-SHA1', 'sha1'), ('HMAC-SHA256', 'sha256'), ('HMAC-SHA512', 'sha512')) m (method, digest),
	(VALUES ('bs', 'cs', 'ts', 'cs&ts'), ('', '', '', '&'), (repeat('b', 100000), 'a&b %ü', '=', 'a%26b%20%25%C3%BC&%3D'), ('bs', repeat('k', 200), '', repeat('k', 200) || '&')) v (base, secret, token, key);
\echo -- what is malformed; R53, R54, R79, R80
CREATE FUNCTION pg_temp.try(authorization_ text, uri text DEFAULT 'http://a/', body text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text;
BEGIN RETURN oauth_signature_base_string('GET', uri, authorization_, body);
EXCEPTION WHEN others THEN GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT; RETURN state || ' ' || message; END $$;
SELECT a, pg_temp.try(a) FROM (VALUES ('OAuth'), ('OAuth '), ('Bearer x'), ('oauth oauth_nonce="1"'), ('OAUTH oauth_nonce="1"  ,	oauth_token=""'), ('OAuth oauth_nonce=1'), ('OAuth oauth_nonce="1'), ('OAuth oauth_nonce="1" oauth_token="2"'), ('OAuth oauth_nonce="1",'), ('OAuth ,oauth_nonce="1"'), ('OAuth oauth_nonce = "1"'), ('OAuth ="1"'), ('OAuth oauth_nonce'), ('OAuth oauth_nonce="%"'), ('OAuth oauth_nonce="%zz"'), ('OAuth oauth_nonce="%00"'), ('OAuth oauth_nonce="%ff"'), ('OAuth oauth_nonce="a\"b"'), ('OAuth oauth_nonce="a+b"'), ('OAuth oauth_nonce="a%2Bb"'),
	('OAuth oauth_nonce="1",oauth_nonce="1"'), ('OAuth oauth_foo="1",oauth_foo="1"'), ('OAuth REALM="a, b=\"c\"", oauth_nonce="1"'), ('OAuth oauth_nonce="1", realm=""'), ('OAuth realm="a\"'), (E'OAuth oauth_nonce="a\x01"'), ('OAuth oauth%5Fnonce="1"'), ('OAuth oauth_signature="x",oauth_nonce="1"')) v (a);
\echo -- no line ends within a value or a name; nor, over HTTP, between the parameters
SELECT convert_to(a, 'UTF8'), pg_temp.try(a) FROM (VALUES (E'OAuth oauth_nonce="a\nb"'), (E'OAuth realm="a\r\n b", oauth_nonce="1"'), (E'OAuth oauth_\nnonce="1"'), (E'OAuth oauth_nonce\n="1"'), (E'OAuth oauth_nonce="1"\noauth_token="2"'), (E'OAuth oauth_nonce="1",\n'), (E'OA\nuth oauth_nonce="1"'), ('Authorization: Authorization: OAuth oauth_nonce="1"'), ('X: OAuth oauth_nonce="1"'), (E'OAuth oauth_nonce="a\\'), (E' \n ')) v (a);
SELECT r.status, r.headers FROM unnest(ARRAY[E'Authorization: OAuth oauth_consumer_key="k",\n oauth_nonce="1"', E'Authorization: OAuth oauth_consumer_key="k",\r\n oauth_nonce="1"']) h, oauth.resource(ROW('GET', '/api/', ARRAY['Host: a', h], NULL, 'https', NULL)) r;
SELECT pg_temp.try('OAuth oauth_nonce="1"', 'http://a/?oauth_nonce=1');
SELECT pg_temp.try('OAuth oauth_nonce="1"', 'http://a/?oauth_token=1');
SELECT pg_temp.try('OAuth oauth_nonce="1"', 'http://a/', 'oauth_token=1');
SELECT pg_temp.try('OAuth oauth_nonce="1"', 'http://a/?oauth_foo=1');
SELECT pg_temp.try(NULL, 'http://a/?oauth_token=1', 'a=1&oauth_token_secret=2');
SELECT pg_temp.try('OAuth oauth_nonce="1"', 'http://a/?x_auth_mode=1&Oauth_nonce=2', 'x_auth_mode=1&realm=3');
SELECT pg_temp.try(NULL, 'http://a/?a=%'), pg_temp.try(NULL, 'http://a/', 'a=%f');
SELECT uri, pg_temp.try(NULL, uri) FROM (VALUES (''), ('a'), ('/a'), ('ftp://a/'), ('http://'), ('http:///a'), ('http://u@a/'), ('http://a:/'), ('http://a:b/'), ('http://[::1/'), ('http://[x]/'), ('http://a b/'), ('http://a"/')) v (uri);
SELECT pg_temp.try(NULL, 'http://a/?' || repeat('a=1&', 1001));
SELECT oauth_signature_base_string(NULL, 'http://a/');
SELECT oauth_signature('HMAC-MD5', 'a', 'b');
SELECT oauth_signature('hmac-sha1', 'a', 'b');
SELECT oauth_signature('RSA-SHA1', 'a', 'b');
SELECT oauth_signature('RSA-SHA1', 'a', :'public_key');
SELECT oauth_verify_signature('RSA-SHA1', 'a', 'b', :'private_key');
SELECT oauth_verify_signature('RSA-SHA1', 'a', 'b', '');
SELECT oauth_verify_signature('RSA-SHA1', 'a', 'b', E'-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIF51qFpM0D80WDTK8k+EFueAVjsk0r6wJMQa3n5is2mGEsMpT9NpFrVEqVIcWEu+l6oHZ7/2UJOBvcNmhvQoHg==\n-----END PUBLIC KEY-----\n');
SELECT oauth_verify_signature('HMAC-SHA1', 'a', 'b', NULL) IS NULL;

\echo -- a key that comes again, a longer one, and others in between: as pgcrypto computes them
SELECT method, count(*), count(*) FILTER (WHERE oauth_signature(method, 'text ' || i, secret) =
		translate(encode(hmac('text ' || i, secret || '&', lower(substring(method FROM 6))), 'base64'), E'\n', '')) AS alike
	FROM unnest(ARRAY['HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512']) method, LATERAL (SELECT i, repeat(chr(97 + i / 3 % 26), 1 + i / 30 * 7 % 300) AS secret FROM generate_series(1, 1800) i) keys
	GROUP BY method ORDER BY method;
