#!/usr/bin/perl
# 092_id_tokens.pl: ID tokens over HTTP, of every algorithm, by code and by refresh, verified with libraries of other people
# (authlib of Debian, jose of npm) and with oauth_verify_jwt(); and what many exchanges at once do to them.  R199.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;
use lib $FindBin::Bin;
use LoggedIn qw(form);
use ShimTest qw(json post_bytes without_npm);

my $t = ShimTest->new(extension => 1, conf => 'oauth.bcrypt_cost = 4');
my $clients = "$FindBin::Bin/clients";
my $alice = $t->sql(q{SELECT oauth_create_user('alice', 'wonderland')});
my @algs = qw(RS256 PS384 RS512 ES256 ES384 EdDSA);
my %rp;
for my $alg (@algs, 'other')
{
	@{ $rp{$alg} }{qw(id secret)} = split /\|/, $t->sql(qq{SELECT client_id, client_secret FROM oauth_register_client('RP $alg', redirect_uris => '{https://rp.example/cb}',
		grant_types => '{authorization_code,refresh_token}', scope => 'openid profile email read')});
	$t->sql(qq{SELECT oauth_update_client('$rp{$alg}{id}', '{"id_token_signed_response_alg": "$alg"}')}) if $alg ne 'other';
}
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $issuer = "http://127.0.0.1:$port";
$t->{last_port} = $port;
$t->sql(qq{ALTER DATABASE postgres SET oauth.issuer = '$issuer'});
$t->start('--same-port');

my $alice_browses = LoggedIn->new($t, 'alice', 'wonderland');

sub code
{
	my ($rp, %more) = @_;
	return $alice_browses->code($rp{$rp}{id}, 'openid profile read', %more);
}

sub of
{
	my ($rp, %fields) = @_;
	return form(client_id => $rp{$rp}{id}, client_secret => $rp{$rp}{secret}, %fields);
}

sub exchange { return json($t->post('/oauth2/token', of($_[0], grant_type => 'authorization_code', redirect_uri => 'https://rp.example/cb', code => $_[1]))) }
sub refresh { return json($t->post('/oauth2/token', of($_[0], grant_type => 'refresh_token', refresh_token => $_[1]))) }
sub lane { return $t->metric(qq(oauth_shim_batch_requests_sum{lane="$_[0]"})) // 0 }

# What there is to verify: a token of each algorithm, from a code and from a refresh; and some that must be refused.
my (@whole, @wrong);
for my $alg (@algs)
{
	my %before = map { $_ => lane($_) } qw(signing slow);
	my $first = exchange($alg, code($alg, nonce => "nonce-of-$alg"));
	my $second = refresh($alg, $first->{refresh_token});

	# the key is made by a request that comes again, and signs where it is
	is_deeply([ map { lane($_) - $before{$_} } qw(signing slow) ], $alg =~ /^[RP]S/ ? [ 1, 2 ] : [ 0, 0 ],
		"$alg: " . ($alg =~ /^[RP]S/ ? 'its key is made where requests may take long, and its signatures on the lane of slow ones' : 'its signatures hold nobody up'));
	push @whole, { alg => $alg, nonce => "nonce-of-$alg", tokens => $first }, { alg => $alg, nonce => undef, tokens => $second };
}
my $jwks = json($t->get('/oauth2/jwks'));

sub question
{
	my ($case, %but) = @_;
	return { alg => $case->{alg}, nonce => $case->{nonce}, issuer => $issuer, client_id => $rp{ $case->{alg} }{id}, jwks => $jwks,
		id_token => $case->{tokens}{id_token}, access_token => $case->{tokens}{access_token}, %but };
}

for my $case (@whole)
{
	my ($head, $body, $signature) = split /\./, $case->{tokens}{id_token};
	push @wrong, question($case, id_token => "$head.$body." . reverse $signature), question($case, client_id => $rp{other}{id}),
		question($case, issuer => 'https://elsewhere.example'), question($case, access_token => $whole[0]{tokens}{access_token} . 'x');
}
my @questions = ((map { question($_) } @whole), @wrong);

# The answers of a program of somebody else's, one for each question.
sub ask
{
	my ($command, $name) = @_;
	my $file = $t->dir . "/$name";
	open(my $out, '>', $file) or die "$file: $!";
	print $out map { encode_json($_) . "\n" } @questions;
	close $out;
	return map { decode_json($_) } split /\n/, `$command < '$file'`;
}

my %verifiers = (
	authlib => [ undef, "python3 -B '$clients/id_token.py'" ],
	jose => [ without_npm('jose'), "node --experimental-global-webcrypto '$clients/id_token.mjs'" ]);
for my $name (sort keys %verifiers)
{
	my ($missing, $command) = @{ $verifiers{$name} };
  SKIP:
	{
		skip($missing, @whole + 2) if $missing;
		my @answers = ask($command, $name);

		is(scalar @answers, scalar @questions, "$name answers each question");
		for my $n (0 .. $#whole)
		{
			my $what = "$name: $whole[$n]{alg}, " . ($whole[$n]{nonce} ? 'from a code' : 'from a refresh');
			is_deeply([ @{ $answers[$n]{claims} // {} }{qw(iss sub aud nonce)}, $answers[$n]{problem} ],
				[ $issuer, $alice, $rp{ $whole[$n]{alg} }{id}, $whole[$n]{nonce}, undef ], "$what: OpenID Connect Core, section 3.1.3.7: all that a client MUST validate holds");
		}
		# authlib has no hash for EdDSA, and so looks at no at_hash there
		my @taken = grep { $answers[ @whole + $_ ]{claims} && !($name eq 'authlib' && $wrong[$_]{alg} eq 'EdDSA' && $_ % 4 == 3) } 0 .. $#wrong;
		is("@taken", '', "$name refuses them with another signature, for another client, of another issuer, beside another access token");
	}
}
# RFC 7519, section 7.1
for my $case (@whole)
{
	my ($valid, $sub, $nonce) = split /\|/, $t->sql(qq{SELECT v.valid, v.claims ->> 'sub', v.claims ->> 'nonce' FROM oauth_verify_jwt('$case->{tokens}{id_token}', oauth_jwks(), '{$case->{alg}}', 'JWT') v});
	is_deeply([ $valid, $sub, $nonce ], [ 't', $alice, $case->{nonce} // '' ], "oauth_verify_jwt() agrees: $case->{alg}");
}

# Core, section 3.1.3.2: "If possible, verify that the Authorization Code has not been previously used": one of many wins
for my $alg ('RS256', 'ES256')
{
	my $code = code($alg);
	my @answers = $t->together(map { post_bytes('/oauth2/token', of($alg, grant_type => 'authorization_code', redirect_uri => 'https://rp.example/cb', code => $code)) } 1 .. 16);
	my @won = grep { $_->{status} == 200 } @answers;

	is(scalar @won, 1, "$alg: a code that comes sixteen times is used once");
	is(scalar(grep { $_->{status} == 400 && json($_)->{error} eq 'invalid_grant' } @answers), 15, 'and the others are refused');
	is($t->get('/api/', Authorization => 'Bearer ' . json($won[0])->{access_token})->{status}, 401, 'which ends what the one got');
}
# section 12.2: so does a refresh token, but a client that lost the answer gets it again, with an ID token
my $tokens = exchange('RS256', code('RS256'));
my @answers = map { json($_) } $t->together(map { post_bytes('/oauth2/token', of('RS256', grant_type => 'refresh_token', refresh_token => $tokens->{refresh_token})) } 1 .. 16);
my %same = map { ($_->{access_token} // 'none') => 1 } @answers;
is(scalar keys %same, 1, 'a refresh token that comes sixteen times is rotated once');
is($t->sql(sprintf q{SELECT count(*) FROM unnest('{%s}'::text[]) id_token, oauth_verify_jwt(id_token, oauth_jwks(), '{RS256}', 'JWT') v WHERE v.valid AND NOT v.claims ? 'nonce'}, join(',', map { $_->{id_token} // '' } @answers)),
	16, 'and each answer has an ID token');
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
