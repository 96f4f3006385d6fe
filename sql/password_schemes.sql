-- password_schemes.sql: password hashes that other programs have made.
-- SPDX-License-Identifier: PostgreSQL
\pset format unaligned
\pset tuples_only on
\set QUIET on
\set SHOW_CONTEXT never
SET oauth.bcrypt_cost = 4;

-- What is said of a hash, and whether the password, another one, and one that is longer by a letter match it.
CREATE FUNCTION pg_temp.say(hash text, password text, allow_legacy boolean DEFAULT true) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', coalesce(r.scheme, '-'), CASE WHEN r.usable THEN concat_ws(',', r.matches, w.matches, l.matches) END,
		CASE WHEN r.weak THEN 'weak' END, '(' || r.reason || ')')
	FROM oauth_check_password_hash(hash, password, allow_legacy => allow_legacy) r,
		oauth_check_password_hash(hash, upper(password) || '!', allow_legacy => allow_legacy) w,
		oauth_check_password_hash(hash, password || 'x', allow_legacy => allow_legacy) l $$;

\echo -- RFC 7914, section 12 (scrypt; N, r, p of 16384, 8, 1 and 1024, 8, 16)
SELECT pg_temp.say('$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw', 'pleaseletmein');
SELECT pg_temp.say('$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA', 'password');
\echo -- RFC 7914, section 11 (PBKDF2 with HMAC-SHA-256) and RFC 6070 (with HMAC-SHA-1), and SHA-512 after hashlib
SELECT pg_temp.say('$pbkdf2-sha256$i=1,l=64$c2FsdA$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLxJypzM8Xm2RZkWZLOdd+8xfHG4RbHjC9UJESBB06GXgw', 'passwd');
SELECT pg_temp.say('$pbkdf2$4096$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE', 'password');
SELECT pg_temp.say('$pbkdf2-sha512$4096$c2FsdA$0Zexsz2wFD4BixLz0dFHnmzevcyXxcD4f2kC4HL0V7UUPzBgJkGz1VzTNZiMs2uEN2Bg7NUy4Dm3QqI5Q0ry1Q', 'password');
\echo -- passlib, whose base64 has a dot for the plus
SELECT pg_temp.say('$pbkdf2-sha256$6400$....//vvvv/7777/..../w$VzlKusT/jzEe4pmfuNLpbPYMX60zszsLy.WFCQbVmpQ', 'password');
SELECT pg_temp.say('$pbkdf2$4096$c2FsdA$SwB5AbdlSJq.rUnZJvch0GWkKcE', 'password');
\echo -- Argon2: tests of the reference implementation, versions 19 and 16, and the three variants after its program
SELECT pg_temp.say('$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc', 'password');
SELECT pg_temp.say('$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ', 'password');
SELECT pg_temp.say('$argon2id$v=19$m=1024,t=2,p=2$c29tZXNhbHQ$rsdPpJd1Ph2R4MHKc7s0nIkLzWBxwboicMHwL2kJc8I', 'pässwörd');
SELECT pg_temp.say('$argon2i$v=19$m=1024,t=2,p=2$c29tZXNhbHQ$gZy/q/+JCP5Z2nzmE0HzqKUVO/6ilR8fIqxzwzWyNk0', 'pässwörd');
SELECT pg_temp.say('$argon2d$v=19$m=1024,t=2,p=2$c29tZXNhbHQ$TlC2ZLz6WjoPOBX3sQ+ZaAcC3yXWfpfbKtdP6xOweng', 'pässwörd');
\echo -- RFC 7677 (SCRAM-SHA-256), as PostgreSQL stores it; the password is normalized
SELECT pg_temp.say('SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=', 'pencil');
SELECT matches FROM oauth_check_password_hash('SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=', U&'pen\00ADcil');
CREATE ROLE regress_oauth_scram PASSWORD 'pässwörd ₂';
SELECT pg_temp.say(rolpassword, 'pässwörd ₂') FROM pg_authid WHERE rolname = 'regress_oauth_scram';
DROP ROLE regress_oauth_scram;

\echo -- Django: PBKDF2
SELECT pg_temp.say(hash, password) FROM (VALUES
	(1, 'test', 'pbkdf2_sha256$1000$seasalt12345$CEEeXvTf1xcVhH3fP9+sDd8KTv2vjelKJKhk6kjnQTA='),
	(2, 'test', 'pbkdf2_sha1$1000$seasalt12345$a2TlpinUoEEklcaI2+16v2ZWfIg='),
	(3, 'pässwörd', 'pbkdf2_sha256$10$NaClNaCl$/3L8dXT6Q5sLW8gSyJG+Xw2DpL10wHBOohHcde3a2pg='),
	(4, '', 'pbkdf2_sha256$10$saltsalt$2fPlk7xS7DBnXcIlKWqX8o/0g5o0RXaUB/ARXtFJvoQ='),
	(5, 'test', 'pbkdf2_sha256$600000$X9VBl26TIACb4rC7RYDXVa$/MgXp49qusu4+nPJ6BAMf0ti8iR3dLt4DnAchmA5FUo=')) v (n, password, hash) ORDER BY n;
\echo -- Django: scrypt, Argon2, bcrypt
SELECT pg_temp.say('scrypt$16384$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/Pw==', 'lètmein');
SELECT pg_temp.say('scrypt$16384$seasalt$8$5$wNhpbXRpqxZHdZAbQ2ymLmYrwMC1UfZ9vDyWh6rpiZSNlTo/WLnbFVzo9nk0yEEdNLVAJXxtVSowRLQcr99nCA==', 'pässwörd');
SELECT pg_temp.say('argon2$argon2id$v=19$m=102400,t=2,p=8$c2Vhc2FsdHNlYXNhbHQ$dAmR6ZRggnIx2AfZjao6E5jvN/xRs61DZovl0yMI9Us', 'test');
SELECT pg_temp.say('argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q', 'secret');
SELECT pg_temp.say('bcrypt$$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U');
SELECT pg_temp.say('bcrypt_sha256$$2b$04$' || substr(crypt(encode(sha256(convert_to(password, 'UTF8')), 'hex'), '$2a$04$CCCCCCCCCCCCCCCCCCCCC.'), 8), password)
FROM (VALUES ('lètmein'), (repeat('long', 30))) v (password);
\echo -- Django: the legacy ones, allowed and not
SELECT pg_temp.say(hash, password), pg_temp.say(hash, password, false) FROM (VALUES
	(1, 'test', 'sha1$da29e$498b9faab2d002183bc1d874689634b0e15ad6d7'), (2, 'test', 'sha1$0cf1b$d66589690edd96b410170fcae5cc2bdfb68821e7'),
	(3, 'test', 'md5$seasalt$9f100988a31ab894ced1f4882fa410b8'), (4, 'test', '098f6bcd4621d373cade4e832627b4f6'),
	(5, 'test', 'sha1$$a94a8fe5ccb19ba61c4c0873d391e987982fbbd3'), (6, 'lètmei', 'crypt$$ab1Hv2Lg7ltQo'), (7, 'test', 'md5$$098f6bcd4621d373cade4e832627b4f6'),
	(8, 'lètmein', 'sha1$seasalt$cff36ea83f5706ce9aa7454e63e431fc726b2dc8')) v (n, password, hash) ORDER BY n;
\echo -- DES looks at eight bytes, which is one more reason to refuse it
SELECT matches FROM oauth_check_password_hash('crypt$$abgOeLfPimXQo', 'x', allow_legacy => true);
SELECT matches FROM oauth_check_password_hash('crypt$$' || crypt('12345678', 'ab'), '12345678 and more', allow_legacy => true);

\echo -- Spring Security: of its documentation, and of version 6.3
SELECT left(hash, 40), pg_temp.say(hash, 'password') FROM (VALUES
	(1, '{bcrypt}$2a$10$dXJ3SW6G7P50lGmMkkmwe.20cQQubK3.HZWzG3YB1tlRy.fqvM/BG'),
	(2, '{pbkdf2}5d923b44a6d129f3ddf3e3c8d29412723dcbde72445e8ef6bf3b508fbf17fa4ed4d6b99ca763d8dc'),
	(3, '{scrypt}$e0801$8bWJaSu2IKSn9Z9kM+TPXfOc/9bdYSrN1oD9qfVThWEwdRTnO7re7Ei+fUZRJ68k9lTyuTeUp4of4g24hHnazw==$OAOec05+bXxvuu/1qZ6NUR+xQYvYv7BeL1QxwRpY5Pc=')) v (n, hash) ORDER BY n;
SELECT left(hash, 40), pg_temp.say(hash, 'pässwörd') FROM (VALUES
	(1, '{pbkdf2@SpringSecurity_v5_8}fc1af397e9f32ba1951ad2d6a6a2a4fbdd69681967fa4325730f771c1b0eeadc771896e267b78f134da8a0fe3c51e575'),
	(2, '{scrypt@SpringSecurity_v5_8}$100801$B/poN3oO7sPyuB7rUUEbXg==$+R8+nWyPECI2k8gqfbDlQz3P8S71TIVdktiXAl14mLk='),
	(3, '{argon2@SpringSecurity_v5_8}$argon2id$v=19$m=16384,t=2,p=1$RwQocUc+HPbdjSqDbENLgw$rQEDF2ocZ2QGWnawzG+2RnQ9MkOmRBU1rUvIGE5W3lw')) v (n, hash) ORDER BY n;
\echo -- and its older encoders, allowed and not
SELECT left(hash, 20), pg_temp.say(hash, password), pg_temp.say(hash, password, false) FROM (VALUES
	(1, 'password', '{sha256}97cde38028ad898ebc02e690819fa220e88c62e0699403e94fff291cfffaf8410849f27605abcbc0'),
	(2, 'pässwörd', '{sha256}a7d2c332984aa6384afae958d7cbed4f65a5ec6cd1f18883c3488d2678558d3bd49ad87f68396719'),
	(3, 'pässwörd', '{MD5}{1w5iGcjr2eAGxqZw4Syv+dX3EcfeCXvLLUl0AwdyKrE=}31a21766a7bb6e3df2e8819330a5711c'),
	(4, 'pässwörd', '{SHA-1}{WJngjQKM5UBqCpuFdTWlFc3r7HEK0tE615vat00JF+s=}04a8c61ef0825945163bad23f2f7b17bb3e4494d'),
	(5, 'pässwörd', '{SHA-256}{OnvCZOrVx3KeDMpn85czpuQmduKj2IzthpNO9IGftXk=}547f88100b348a897d4b7ac318abec8162fcca701180b6ba1e9ab4efbaf163b1'),
	(6, 'password', '{MD5}' || md5('password'))) v (n, password, hash) ORDER BY n;
\echo -- what keeps the password itself is no hash
SELECT pg_temp.say(hash, 'password') FROM (VALUES ('{noop}password'), ('{bcrypt}password'), ('{ldap}{SSHA}x'), ('{}x'), ('{unknown}$2a$10$dXJ3SW6G7P50lGmMkkmwe.20cQQubK3.HZWzG3YB1tlRy.fqvM/BG')) v (hash);
\echo -- Werkzeug 3
SELECT split_part(hash, '$', 1), pg_temp.say(hash, 'pässwörd') FROM (VALUES
	(1, 'pbkdf2:sha256:1000$XKwU82CBKGk83PDn$1dccf65d4404fefbd8860097577bd3f0edbd730027eefb4def2f84b2cf5c3ba6'),
	(2, 'pbkdf2:sha512:1000$hjdYIs37hnaJjN9a$13ff58195a0408ae7410ca5e1d79e86b232cba256171361cdde00575df30ac2c50210909aa5a650c985f2d3b6dc04ded4b7cc33bf4787a1007dbb6017089c1ab'),
	(3, 'pbkdf2:sha1:1000$PHKR2nZba1cDQY1A$f5e8d7ff6543b5ec81735d2fb9255674ec35e128'),
	(4, 'scrypt:32768:8:1$mRKWNj4XWySwywxo$f390e068d12c707ed3214a0a9373cabeef3f4eaec58fa20c952c3fc1bac2004f93c87d987663f63529df304e7139a700ba900725a79bbc20fc8ec0d1683dfb7c'),
	(5, 'scrypt:1024:8:2$R7PwgOWxbghn9GaG$9a2edb0fcadfd8811665b3002ce645ae6878ba803e4d07578b0ce08ff43eaf524a21ec809aabc9352f8232fe872a4156b1de3af6a4f72c74a75be87d6c5d0433')) v (n, hash) ORDER BY n;
\echo -- ASP.NET Core Identity: the tests of its own hasher, version 3 with each digest, version 2
SELECT pg_temp.say(hash, 'my password') FROM (VALUES
	(1, 'AQAAAAAAAAD6AAAAEAhftMyfTJylOlZT+eEotFXd1elee8ih5WsjXaR3PA9M'),
	(2, 'AQAAAAEAA9CQAAAAIESkQuj2Du8Y+kbc5lcN/W/3NiAZFEm11P27nrSN5/tId+bR1SwV8CO1Jd72r4C08OLvplNlCDc3oQZ8efcW+jQ='),
	(3, 'AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw'),
	(4, 'AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggHIVY0sdEUfdyeM+E1LtH1uJg==')) v (n, hash) ORDER BY n;
\echo -- WordPress: 6.8, where white space around the password does not count, and phpass of several programs
SELECT pg_temp.say('$wp$2y$04$MN48R/xnAhN1eU73yKaI3eXNj0SD4ZPTBD9PQTQAus3Zh9leuAgVa', password) FROM unnest(ARRAY['pässwörd', E' pässwörd\t\n', 'p ässwörd', '']) password;
SELECT pg_temp.say('$P$984478476IagS59wHZvyQMArzfx58u.', 'hashcat');
SELECT pg_temp.say(hash, 'pässwörd') FROM unnest('{$P$6w96fkErS1.xEjvnsxGWCa82aGVA/g.,$H$8ajplC0p5uZck9/KTgqHKxqrxHqLvk0}'::text[]) hash;
\echo -- better-auth 1; the password is normalized
SELECT pg_temp.say('a3ce785cbfcb26b5efedae7a01748bae:fe643345008e13a26b320e468f6ea7881baa704707a4b3f5e5e2c47c29b80222dbf0e051d2ee441d5ec2e3ee80e7671b91c67aa387ad3da6f4a99609cfb4c191', 'pässwörd');
SELECT matches FROM unnest(ARRAY['ﬁancé ①', 'fiancé 1', U&'fiance\0301 1', 'fiance 1']) password,
	oauth_check_password_hash('a83baefb0c15d8836bb6ee2e95be6891:1c9825694233dabdb8cfa7d9f54e2801799af15ed04a233bfd0f9d64e06927b761091e293ee7fa844c550c71f8cf5e01cf19898d88112a792f4ba5719a23cf48', password);
\echo -- glibc, and passlib
SELECT pg_temp.say(hash, password) FROM (VALUES
	(1, 'Hello world!', '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'),
	(2, 'Hello world!', '$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA'),
	(3, 'Hello world!', '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1'),
	(4, 'pässwörd', '$5$rounds=1000$6EoIWBh.3kgG.FfC$6/CSxfY5GIUNagUg.Coq8YQ4wTxYESMqAJO9YRrqRa/'), (5, 'pässwörd', '$5$kYarAdwx0Hu0sLWo$woF4L8ETb0qh0B2t0uTEArCXAy/GqijlTkyWhhtCUU8'),
	(6, 'pässwörd', '$6$rounds=1000$kE1289TVYgbPyvGR$tosZ3k0BHjQsd6BauKqOV.KxrSUBcEjMRm0k9BCv.soB4fZikLu4UMFoaNN/8OUsaMP8RNLMpzCrPZWuK04FU.'),
	(7, 'pässwörd', '$6$K7o//lHnNIr.ID5E$0mWZxgL/fVtm36VP2Q5aOXPjMdiZ.fzF1Jcc2g3RE1TE5zRDwj0UBejf00DkZ7n95kB/zjrIZxXtwUL/2ghkM/')) v (n, password, hash) ORDER BY n;
\echo -- the price of hostile ones of these is not paid either
SELECT left(hash, 60), pg_temp.say(hash, 'x') FROM (VALUES
	('$5$rounds=1000001$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8'), ('$6$rounds=999999999$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1'),
	('$P$H84478476IagS59wHZvyQMArzfx58u.'), ('$P$S84478476IagS59wHZvyQMArzfx58u.'), ('$wp$2y$15$MN48R/xnAhN1eU73yKaI3eXNj0SD4ZPTBD9PQTQAus3Zh9leuAgVa'), ('{bcrypt}$2a$31$dXJ3SW6G7P50lGmMkkmwe.20cQQubK3.HZWzG3YB1tlRy.fqvM/BG'),
	('pbkdf2:sha256:10000001$XKwU82CBKGk83PDn$1dccf65d4404fefbd8860097577bd3f0edbd730027eefb4def2f84b2cf5c3ba6'), ('scrypt:1048576:8:1$mRKWNj4XWySwywxo$f390e068d12c707ed3214a0a9373cabeef3f4eaec58fa20c952c3fc1bac2004f93c87d987663f63529df304e7139a700ba900725a79bbc20fc8ec0d1683dfb7c'),
	('{scrypt}$1e0801$8bWJaSu2IKSn9Z9kM+TPXfOc/9bdYSrN1oD9qfVThWEwdRTnO7re7Ei+fUZRJ68k9lTyuTeUp4of4g24hHnazw==$OAOec05+bXxvuu/1qZ6NUR+xQYvYv7BeL1QxwRpY5Pc='), ('{scrypt}$0effff$8bWJaSu2IKSn9Z9kM+TPXfOc/9bdYSrN1oD9qfVThWEwdRTnO7re7Ei+fUZRJ68k9lTyuTeUp4of4g24hHnazw==$OAOec05+bXxvuu/1qZ6NUR+xQYvYv7BeL1QxwRpY5Pc='),
	('AQAAAAF/////AAAAEESkQuj2Du8Y+kbc5lcN/W/3NiAZFEm11P27nrSN5/tI'), ('AQAAAAH/////AAAAEESkQuj2Du8Y+kbc5lcN/W/3NiAZFEm11P27nrSN5/tI')) v (hash);
\echo -- a password as long as a body can be is not hashed over and over
SELECT matches FROM (VALUES ('$5$rounds=100000$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8'), ('$P$E84478476IagS59wHZvyQMArzfx58u.')) v (hash), oauth_check_password_hash(hash, repeat('x', 65000));
SELECT length(p), matches FROM unnest(ARRAY[511, 512]) n, repeat('x', n) p, oauth_check_password_hash('$5$rounds=1000$6EoIWBh.3kgG.FfC$6/CSxfY5GIUNagUg.Coq8YQ4wTxYESMqAJO9YRrqRa/', p);
\echo -- each has one spelling
SELECT left(hash, 60), pg_temp.say(hash, 'x') FROM (VALUES
	('$5$rounds=999$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8'), ('$5$rounds=$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8'), ('$5$rounds=05000$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8'), ('$5$saltstringsaltstri$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8'),
	('$5$salt:ring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8'), ('$5$saltstring'), ('$5$'), ('$6$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8'), ('$P$'), ('$P$!84478476IagS59wHZvyQMArzfx58u.'), ('$P$684478476IagS59wHZvyQMArzfx58u'), ('$P$.84478476IagS59wHZvyQMArzfx58u.'),
	('$wp$P$984478476IagS59wHZvyQMArzfx58u.'), ('$wp'), ('pbkdf2:sha256$salt$00'), ('pbkdf2:sha256:1000$$1dccf65d4404fefbd8860097577bd3f0edbd730027eefb4def2f84b2cf5c3ba6'), ('pbkdf2:sha224:1000$salt$00'), ('pbkdf2:sha256:1000$salt$1DCC'), ('scrypt:32768:8$salt$00'), ('scrypt:3:8:1$salt$00'), ('scrypt:'),
	('AQAAAA'), ('AQAAAAMAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw'), ('AQAAAAIAAAAAAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw'), ('AQAAAAIAAAAy/////+Mwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw'), ('AQAAAAIAAAAyAAAAIOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw'), ('AQAAAAIAAAAyAAAAAOMwvh3+FZxqkdMBz2ekgGhwQ4B6pZWND6zgESBuWiHw'),
	('{pbkdf2}5d923b44'), ('{pbkdf2}5D923b44a6d129f3ddf3e3c8d29412723dcbde72445e8ef6bf3b508fbf17fa4ed4d6b99ca763d8dc'), ('{scrypt}$e08$8bWJ$OAOec05+bXxvuu/1qZ6NUR+xQYvYv7BeL1QxwRpY5Pc='), ('{scrypt}$e0001$8bWJaSu2IKSn9Z9kM+TPXfOc/9bdYSrN1oD9qfVThWE=$OAOec05+bXxvuu/1qZ6NUR+xQYvYv7BeL1QxwRpY5Pc='), ('{MD5}{salt'), ('{MD5}'),
	('A3ce785cbfcb26b5efedae7a01748bae:' || repeat('0', 128)), ('a3ce785cbfcb26b5efedae7a01748bae:' || repeat('g', 128)), (repeat('a', 161)), (repeat('A', 68)), (repeat('A', 67) || '=')) v (hash);

\echo -- bcrypt in all spellings; $2x$ is that of a known flaw, and has its own hashes
SELECT spelling, pg_temp.say('$2' || spelling || '$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U') FROM unnest('{a,b,x,y}'::text[]) spelling;
SELECT crypt('£££', '$2x$04$CCCCCCCCCCCCCCCCCCCCC.') AS flawed \gset
SELECT pg_temp.say(:'flawed', '£££'), pg_temp.say('$2a' || substr(:'flawed', 4), '£££');
\echo -- what pgcrypto makes of $2b$: not bcrypt
SELECT length(crypt('U*U', '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'));
\echo -- a salt whose last character has bits that bcrypt does not look at
SELECT pg_temp.say('$2y$05$CCCCCCCCCCCCCCCCCCCCC/E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U');
\echo -- weak is less than oauth.bcrypt_cost
SET oauth.bcrypt_cost = 6;
SELECT weak FROM oauth_check_password_hash('$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW');
SET oauth.bcrypt_cost = 4;

\echo -- no password at all
SELECT pg_temp.say(hash, '') FROM (VALUES (NULL), (''), ('!'), ('!qPTsGpdwz3bIpBIMQpSZmZDoKpVaaOyyqd0zm2cs')) v (hash);
\echo -- the price of hostile hashes is not paid: each would take minutes, or gigabytes
SELECT hash, pg_temp.say(hash, 'x') FROM (VALUES
	('$2b$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'), ('$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'), ('$2b$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'),
	('bcrypt_sha256$$2b$20$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'),
	('pbkdf2_sha256$10000001$seasalt12345$CEEeXvTf1xcVhH3fP9+sDd8KTv2vjelKJKhk6kjnQTA='), ('pbkdf2_sha1$999999999$seasalt12345$a2TlpinUoEEklcaI2+16v2ZWfIg='),
	('$pbkdf2-sha256$i=5000001,l=64$c2FsdA$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLxJypzM8Xm2RZkWZLOdd+8xfHG4RbHjC9UJESBB06GXgw'),
	('$scrypt$ln=30,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI'), ('$scrypt$ln=18,r=9,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI'),
	('$scrypt$ln=1,r=999999999,p=999999999$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI'), ('$scrypt$ln=1,r=1,p=2097153$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI'),
	('scrypt$1048576$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/Pw=='),
	('$argon2id$v=19$m=262145,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'), ('$argon2id$v=19$m=65536,t=17,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'),
	('$argon2id$v=19$m=999999999,t=999999999,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'),
	('SCRAM-SHA-256$10000001:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=')) v (hash);
\echo -- what is within the limits can be computed: the most memory, and lanes without threads
SELECT usable, matches FROM oauth_check_password_hash('$argon2id$v=19$m=262144,t=1,p=64$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc', 'x');
SELECT usable, matches FROM oauth_check_password_hash('$scrypt$ln=1,r=1,p=1000000$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI', 'x');

\echo -- each has one spelling: numbers
SELECT n, pg_temp.say('pbkdf2_sha256$' || n || '$seasalt12345$CEEeXvTf1xcVhH3fP9+sDd8KTv2vjelKJKhk6kjnQTA=', 'test')
FROM unnest('{1000,01000,+1000,-1000," 1000","1000 ",0,"",1e3,0x3e8,1000.0,1000000000000000000000,١٠٠٠}'::text[]) n;
\echo -- base64: padding, white space, stray bits, other alphabets, lengths
SELECT left(key, 50), pg_temp.say('pbkdf2_sha256$1000$seasalt12345$' || key, 'test') FROM (VALUES ('CEEeXvTf1xcVhH3fP9+sDd8KTv2vjelKJKhk6kjnQTA'), ('CEEeXvTf1xcVhH3fP9+sDd8KTv2vjelKJKhk6kjnQTB='), ('CEEeXvTf1xcVhH3fP9-sDd8KTv2vjelKJKhk6kjnQTA='),
	('CEEeXvTf1xcVhH3fP9.sDd8KTv2vjelKJKhk6kjnQTA='), (' CEEeXvTf1xcVhH3fP9+sDd8KTv2vjelKJKhk6kjnQTA='), (E'CEEeXvTf1xcVhH3fP9+sDd8KTv2vjelKJKhk6kjn\nQTA='), ('CEEeXvTf1xcVhH3fP9+sDd8KTv2vjelKJKhk6kjnQTA=$'), ('CEEe'), (''), ('===='),
	('CEEeXvTf1xcVhH3fP9+sDd8KTv2vjelKJKhk6kjnQTA=='), (repeat('AAAA', 90)), (repeat('AAAA', 1000))) v (key);
\echo -- fields that are missing, too many, in another order, or empty
SELECT left(hash, 130), pg_temp.say(hash, 'test') FROM (VALUES ('pbkdf2_sha256'), ('pbkdf2_sha256$'), ('pbkdf2_sha256$1000'), ('pbkdf2_sha256$1000$salt'), ('pbkdf2_sha256$1000$$CEEeXvTf1xcVhH3fP9+sDd8KTv2vjelKJKhk6kjnQTA='),
	('pbkdf2_sha512$1000$salt$CEEeXvTf1xcVhH3fP9+sDd8KTv2vjelKJKhk6kjnQTA='), ('PBKDF2_SHA256$1000$seasalt12345$CEEeXvTf1xcVhH3fP9+sDd8KTv2vjelKJKhk6kjnQTA='), ('pbkdf2_sha256$1000$sea$salt$CEEeXvTf1xcVhH3fP9+sDd8KTv2vjelKJKhk6kjnQTA='),
	('$pbkdf2-sha256$i=1,l=32$c2FsdA$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLxJypzM8Xm2RZkWZLOdd+8xfHG4RbHjC9UJESBB06GXgw'), ('$pbkdf2-sha256$l=64,i=1$c2FsdA$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLxJypzM8Xm2RZkWZLOdd+8xfHG4RbHjC9UJESBB06GXgw'),
	('$pbkdf2-md5$1$c2FsdA$VawEblbjCJ/sFpHCJUS2Bf'), ('$scrypt$ln=31,r=8,p=1$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI'), ('$scrypt$r=8,ln=10,p=1$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI'), ('scrypt$16383$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/Pw=='),
	('scrypt$1$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/Pw=='), ('$argon2ix$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'), ('$argon2id$v=18$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'),
	('$argon2id$v=19$m=7,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'), ('$argon2id$v=19$m=64,t=2,p=9$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'), ('$argon2id$v=19$m=64,t=2,p=1,data=x$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'),
	('$argon2id$v=19$m=64,t=2,p=1$c2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'), ('$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1a'), ('$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ$'), ('$argon2id$'),
	('$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe'), ('$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe!'), ('$2$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'), ('$2z$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'), ('$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'),
	('SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY='), ('SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6'), ('SCRAM-SHA-1$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU='),
	('sha1$salt$498b9faab2d002183bc1d874689634b0e15ad6'), ('sha1$salt$498B9FAAB2D002183BC1D874689634B0E15AD6D7'), ('sha1$498b9faab2d002183bc1d874689634b0e15ad6d7'), ('md5$salt'), ('098F6BCD4621D373CADE4E832627B4F6'), ('098f6bcd4621d373cade4e832627b4f'), ('crypt$ab$abgOeLfPimXQo'), ('crypt$$_bgOeLfPimXQo'), ('crypt$$$1$OeLfPimXQo'),
	('$1$salt$qJH7.N4xYta3aEG/dfqo/0'), ('$6$salt$x'), ('test'), (' '), ('☃'), (repeat('$', 999)), (repeat('x', 1001))) v (hash);

\echo -- one scheme and no other; a scheme that does not exist
SELECT scheme, usable, reason FROM oauth_check_password_hash('$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', scheme => 'bcrypt');
SELECT scheme, usable, reason FROM oauth_check_password_hash('$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', scheme => 'argon2');
SELECT scheme, usable, reason FROM oauth_check_password_hash('098f6bcd4621d373cade4e832627b4f6', scheme => 'md5');
SELECT oauth_check_password_hash('x', scheme => 'rot13');
SELECT oauth_check_password_hash('x', scheme => NULL);
SELECT matches FROM oauth_check_password_hash('$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', NULL);
\echo -- a password that is too long for bcrypt: its first 72 bytes count, as where the hash was made
SELECT repeat('x', 72) AS long \gset
SELECT crypt(:'long', '$2a$04$CCCCCCCCCCCCCCCCCCCCC.') AS hash \gset
SELECT length(p), matches FROM unnest(ARRAY[:'long', :'long' || 'y', left(:'long', 71)]) p, oauth_check_password_hash(:'hash', p);
