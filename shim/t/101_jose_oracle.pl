#!/usr/bin/perl
# 101_jose_oracle.pl: thousands of random JSON Web Tokens, whole and damaged, and what two libraries of other people make of
# them (jose of npm, authlib of Debian), beside what oauth_verify_jwt() does.
#
# ORACLE_SEED=N makes others.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(without_npm);

my $count = 3000;
my $seed = $ENV{ORACLE_SEED} // 7515;
my $t = ShimTest->new(extension => 1);
my $clients = "$FindBin::Bin/clients";
note "ORACLE_SEED=$seed";
$t->sql('CREATE TABLE line (library text, number serial, said json)');

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
	}
}

$t->finish;
done_testing();
