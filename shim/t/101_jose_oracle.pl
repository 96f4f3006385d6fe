#!/usr/bin/perl
# 101_jose_oracle.pl: thousands of random JSON Web Tokens, whole and damaged, and what two libraries of other people make of
# them (jose of npm, authlib of Debian), beside what oauth_verify_jwt() does; and what they make of those of oauth_sign_jwt().
#
# ORACLE_SEED=N makes others.  R120.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(json without_npm);

my $count = 3000;
my $seed = $ENV{ORACLE_SEED} // 7515;
my $t = ShimTest->new(extension => 1);
my $clients = "$FindBin::Bin/clients";
note "ORACLE_SEED=$seed";
$t->sql('CREATE TABLE line (library text, number serial, said json)');

# Tokens that are signed here, whole and damaged, with their verdict; those of PSS with the salt of RFC 7518, section 3.5.  EdDSA, RSA and ECDSA have different shapes.
$t->sql(q{ALTER DATABASE postgres SET oauth.issuer = 'https://id.example.com'});
$t->sql(qq{CREATE TABLE signed AS SELECT n, alg, claims, oauth_sign_jwt(claims, alg, 'JWT') AS token
	FROM generate_series(1, $count / 3) n, LATERAL (SELECT (ARRAY['RS256', 'ES256', 'EdDSA', 'PS256', 'ES384', 'RS512', 'PS384', 'RS384', 'PS512'])[1 + n % 9]) a (alg),
		LATERAL (SELECT jsonb_build_object('sub', md5(n::text), 'aud', 'x', 'n', n / 8.0, 'text', (ARRAY['', 'é', '😀', '"', E'\\n', '</script>', chr(8232)])[1 + n % 7],
			'list', jsonb_build_array(n, NULL, true, jsonb_build_object('a', n)), 'exp', extract(epoch FROM now())::int + 3600)) c (claims)});
$t->sql(q{UPDATE signed SET token = overlay(token PLACING CASE substr(token, at, 1) WHEN 'A' THEN 'B' ELSE 'A' END FROM at FOR 1), claims = NULL
	FROM (SELECT n, 1 + (n * 31) % (length(token) - 1) AS at FROM signed) a WHERE a.n = signed.n AND a.n % 5 = 0 AND substr(token, at, 1) <> '.'});
my $asked = $t->dir . '/asked.json';
$t->{node}->safe_psql('postgres', sprintf q{COPY (SELECT json_build_object('token', token, 'jwks', oauth_jwks(), 'algorithms', ARRAY[alg]) FROM signed ORDER BY n)
	TO PROGRAM 'cat > %s' (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')}, $asked);
is($t->sql(q{SELECT count(*) FROM signed s, oauth_verify_jwt(token, oauth_jwks(), ARRAY[alg], 'JWT') v
	WHERE v.valid = (s.claims IS NULL) OR v.valid AND NOT v.claims @> s.claims}), 0, 'what is signed here is verified here, and nothing else');

my @libraries = (
	[ 'authlib', undef, "python3 -B '$clients/jose_oracle.py'" ],
	[ 'jose', without_npm('jose'), "node --experimental-global-webcrypto '$clients/jose_oracle.mjs'" ]);

# Rows for which that is not so; none is what a test wants.
sub none
{
	my ($but, $name) = @_;
	is($t->sql("SELECT kind, algorithms, token, problem FROM verdict WHERE $but LIMIT 3"), '', $name);
	return;
}

for (@libraries)
{
	my ($library, $missing, $command) = @$_;
  SKIP:
	{
		skip($missing, 1) if $missing;
		my $file = $t->dir . "/$library.json";
		is(system("exec $command $count $seed > '$file'"), 0, "$library makes $count tokens and judges them");
		$t->sql(sprintf q{COPY line (said) FROM PROGRAM 'cat %s' (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')}, $file);
		$t->sql("UPDATE line SET library = '$library' WHERE library IS NULL");
		is($t->sql("SELECT count(*) FROM line WHERE library = '$library'"), $count, 'all of them arrive');
		$t->sql(qq{DROP TABLE IF EXISTS verdict; CREATE TABLE verdict AS SELECT l.number, l.said->>'kind' AS kind, l.said->>'token' AS token,
			l.said->>'algorithms' AS algorithms, (l.said->>'valid')::boolean AS theirs, l.said->'claims' AS their_claims,
			v.valid AS ours, v.claims AS our_claims, v.problem
			FROM line l, oauth_verify_jwt(said->>'token', (said->'jwks')::jsonb, ARRAY(SELECT json_array_elements_text(said->'algorithms')),
				said->>'typ') v WHERE library = '$library'});
		none('ours AND NOT theirs', "what $library refuses is refused");
		none("theirs AND NOT ours AND kind NOT LIKE '%!'", 'what it takes is taken');
		none("kind LIKE '%!' AND ours", 'but for what is refused here on purpose') if $library eq 'authlib';
		none("kind IN ('a member twice !', 'padded !', 'white space !', 'a place for a key !', 'a key in the header !') AND ours",
			'duplicate members, padding, white space and keys in the header among that');
		none('ours AND their_claims::jsonb <> our_claims', 'the claims are the same');
		none('ours IS NULL OR ours = (problem IS NOT NULL)', 'each has a verdict, and each no a reason');
		cmp_ok($t->sql('SELECT count(*) FROM verdict WHERE ours'), '>', $count / 4, 'many are good');
		cmp_ok($t->sql('SELECT count(*) FROM verdict WHERE NOT ours'), '>', $count / 4, 'many are not');
		is($t->sql(q{SELECT string_agg(DISTINCT split_part(convert_from(decode(rpad(translate(split_part(token, '.', 1), '-_', '+/'),
			(length(split_part(token, '.', 1)) + 3) / 4 * 4, '='), 'base64'), 'UTF8'), '"', 4), ' ') ~ 'ES256 .*HS256.*PS256.*RS256' FROM verdict WHERE ours}),
			't', 'with algorithms of each kind');

		my $verdicts = $t->dir . "/$library.verdicts";
		is(system("exec $command verify < '$asked' > '$verdicts'"), 0, "$library reads the tokens that are signed here");
		$t->sql('DROP TABLE IF EXISTS answer; CREATE TABLE answer (n serial, said jsonb)');
		$t->sql(sprintf q{COPY answer (said) FROM PROGRAM 'cat %s' (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')}, $verdicts);
		is($t->sql('SELECT count(*) FROM answer JOIN signed USING (n)'), int($count / 3), 'and answers each');
		is($t->sql(q{SELECT n, alg, token FROM answer JOIN signed USING (n) WHERE claims IS NOT NULL AND NOT coalesce(said->'claims' @> claims, false) LIMIT 3}),
			'', 'each that is whole holds, with the same claims');
		is($t->sql(q{SELECT n, alg, token FROM answer a JOIN signed USING (n), oauth_verify_jwt(token, oauth_jwks(), ARRAY[alg]) v
			WHERE signed.claims IS NULL AND NOT (said->>'valid')::boolean AND v.valid LIMIT 3}), '', 'and no damaged one holds here that does not hold there');
	}
}

# Over HTTP: RSA signatures are made on the lane that is for them, others where the request is.
for my $alg (qw(RS256 PS256 ES256 EdDSA))
{
	$t->sql("SELECT oauth_register_resource('https://rs.example/$alg', access_token_format => 'jwt', signing_alg => '$alg')");
}
my ($id, $secret) = split /\|/, $t->sql(q{SELECT * FROM oauth_register_client('signing', grant_types => '{client_credentials}', scope => 'read')});
$t->start;
sub signed_so_far { return $t->metric('oauth_shim_batch_requests_sum{lane="signing"}') }
for my $alg (qw(RS256 PS256 ES256 EdDSA))
{
	my $before = signed_so_far();
	my $form = "grant_type=client_credentials&client_id=$id&client_secret=$secret&resource=https%3A%2F%2Frs.example%2F$alg";
	my @answers = $t->together(map { ShimTest::post_bytes('/oauth2/token', $form) } 1 .. 30);
	is((grep { $_->{status} == 200 } @answers), 30, "30 clients get access tokens that are signed with $alg");
	is(signed_so_far() - $before, $alg =~ /^[RP]S/ ? 30 : 0, $alg =~ /^[RP]S/ ? 'on the signing lane' : 'where they are');
	my $tokens = join ',', map { "'" . json($_)->{access_token} . "'" } @answers;
	is($t->sql("SELECT count(DISTINCT v.claims->>'jti') FROM unnest(ARRAY[$tokens]) token, oauth_verify_jwt(token, oauth_jwks(), '{$alg}', 'at+jwt') v
		WHERE v.valid AND v.claims->>'aud' = 'https://rs.example/$alg'"), 30, 'each holds');
}
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');

$t->finish;
done_testing();
