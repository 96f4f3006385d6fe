#!/usr/bin/perl
# 023_signature_oracle.pl: thousands of random requests, with the base strings and signatures that oauthlib makes of them
# (RFC 5849, section 3.4), and what is left of them after a change.
#
# ORACLE_SEED=N makes others.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Test::More;
use lib $FindBin::Bin;
use ShimTest;

my $count = 4000;
my $seed = $ENV{ORACLE_SEED} // 5849;
my $t = ShimTest->new(extension => 1);
my $file = $t->dir . '/requests.json';

note "ORACLE_SEED=$seed";
is(system("exec python3 -B '$FindBin::Bin/clients/signature_oracle.py' $count $seed > '$file'"), 0, "oauthlib signs $count requests");
$t->sql('CREATE TABLE line (number serial, request json)');
$t->sql(sprintf q{COPY line (request) FROM PROGRAM 'cat %s' (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')}, $file);
$t->sql(q{CREATE TABLE request AS SELECT number, r.* FROM line, json_to_record(request) AS r (http_method text, uri text,
	"authorization" text, body text, base_string text, signature_method text, signature text, sign_with text, verify_with text,
	token_secret text, by_client boolean)});
is($t->sql('SELECT count(*) FROM request'), $count, 'all of them arrive');

# Requests for which that is not so; none is what a test wants.
sub none
{
	my ($but, $name) = @_;
	is($t->sql("SELECT * FROM request WHERE ($but) IS NOT FALSE ORDER BY length(uri) LIMIT 3"), '', $name);
	return;
}

# Requests with a change that must not go unnoticed.
sub noticed
{
	my ($change, $name) = @_;
	is($t->sql("SELECT * FROM request r, LATERAL $change LIMIT 3"), '', $name);
	return;
}

my $base_string = 'oauth_signature_base_string(http_method, uri, "authorization", body)';
none("$base_string <> base_string", 'the base strings are the same');
none('oauth_signature(signature_method, base_string, sign_with, token_secret) <> signature', 'the signatures are the same');
none("NOT oauth_verify_signature(signature_method, $base_string, signature, verify_with, token_secret)", 'the signatures hold');
for my $place (q{"authorization" LIKE '%oauth_signature=%'}, q{uri LIKE '%oauth_signature=%'}, q{body LIKE '%oauth_signature=%'})
{
	cmp_ok($t->sql("SELECT count(*) FROM request WHERE by_client AND $place"), '>', $count / 20, "clients signed where $place");
}

# One character becomes another, at a place that differs from request to request.
my $altered = q{overlay(%1$s PLACING CASE substr(%1$s, 1 + number %% length(%1$s), 1) WHEN 'A' THEN 'B' ELSE 'A' END
	FROM 1 + number %% length(%1$s) FOR 1)};
my $holds = 'SELECT 1 WHERE oauth_verify_signature(signature_method, %s, %s, verify_with, %s)';
noticed('(' . sprintf($holds, sprintf($altered, 'base_string'), 'signature', 'token_secret') . q{ AND signature_method <> 'PLAINTEXT') x},
	'a base string with another character is not what was signed');
noticed('(' . sprintf($holds, 'base_string', sprintf($altered, 'signature'), 'token_secret') . ') x',
	'a signature with another character does not hold');
noticed('(' . sprintf($holds, 'base_string', 'signature', q{token_secret || 'x'}) . q{ AND signature_method NOT LIKE 'RSA-%') x},
	'nor one with the secret of another token');
noticed(q{(SELECT 1 FROM unnest(ARRAY['HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512', 'PLAINTEXT']) m
	WHERE m <> signature_method AND oauth_verify_signature(m, base_string, signature, verify_with, token_secret)) x},
	'nor as one of another method');

my $changed = "(SELECT 1 WHERE oauth_signature_base_string(%s) = $base_string) x";
noticed(sprintf($changed, q{http_method || 'S', uri, "authorization", body}), 'another method is another request');
noticed(sprintf($changed, q{http_method, regexp_replace(uri, '^http(s?)', CASE WHEN uri ~* '^https' THEN 'http' ELSE 'https' END, 'i'),
	"authorization", body}), 'another scheme');
noticed(sprintf($changed, q{http_method, regexp_replace(uri, '^([^:]+://)([^/?#]+)', '\1x\2'), "authorization", body})
	  =~ s/WHERE/WHERE uri !~ '\\[' AND/r, 'another host');
noticed(sprintf($changed, q{http_method, regexp_replace(uri, '^([^:]+://[^/?#]+)', '\1/x'), "authorization", body}), 'another path');
noticed(sprintf($changed, q{http_method, regexp_replace(uri, '^([^?#]*)([?]?)', '\1?x=1&'), "authorization", body}),
	'another parameter in the query');
noticed(sprintf($changed, q{http_method, uri, "authorization", 'x&' || coalesce(body, '')}), 'another parameter in the body');
noticed(sprintf($changed, q{http_method, uri, "authorization" || ',x="1"', body}) =~ s/WHERE/WHERE "authorization" IS NOT NULL AND/r,
	'another parameter in the header');
is($t->sql(sprintf q{SELECT count(*) FROM request WHERE "authorization" IS NOT NULL AND %s <> %s}, $base_string,
		$base_string =~ s/"authorization"/"authorization" || ', realm="another"'/r), 0, 'another realm is the same request');

$t->finish;
done_testing();
