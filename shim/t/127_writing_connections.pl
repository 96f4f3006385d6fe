# 127_writing_connections.pl
# Two and four writing connections: requests that concern the same tokens and grants at the same time are all answered rightly.
# Two batches can still want the same rows in opposite order (docs/scale.md): then one of them is run again, request by request.  Refreshes, each sent twice, exchanges, revocations and client_credentials, mixed.
#
# OAUTH_WRITES=1000000 makes it a long one.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(json);
use List::Util qw(shuffle);
use Test::More;

my $writes = $ENV{OAUTH_WRITES} // 1600;
my $families = 10;    # a round
my $t = ShimTest->new(extension => 1, conf => "deadlock_timeout = 100ms\nautovacuum = off");
my ($id, $secret) = split /\|/, $t->sql("SELECT client_id, client_secret FROM oauth_register_client('many writers',
	grant_types => '{client_credentials,refresh_token,authorization_code}', redirect_uris => '{https://app.example/cb}', scope => 'read')");
my $client = "client_id=$id&client_secret=$secret";
my $string = q{'oac_' || rtrim(translate(encode(int8send(handle) || decode(repeat('cc', 32), 'hex'), 'base64'), E'+/\n', '-_'), '=')};

sub token_request { return ShimTest::post_bytes('/oauth2/token', "$client&$_[0]") }
sub revocation { return ShimTest::post_bytes('/oauth2/revoke', "$client&token=$_[0]") }

# Grants with an access token, a refresh token and a code that is not exchanged yet.
sub families
{
	my ($who) = @_;
	my @families = map { [ split /\|/ ] } split /\n/, $t->sql(<<"SQL");
SELECT k.access_token, k.refresh_token FROM generate_series(1, $families) i,
	LATERAL oauth_issue_token('$id', '$who-' || i, scope => 'read', refresh => true) k
SQL
	for (@families)
	{
		my $code = $t->sql("WITH h AS (SELECT handle + 1 AS handle, grant_handle FROM oauth.access_token WHERE token_hash = sha256(convert_to('$_->[0]', 'UTF8')))
			INSERT INTO oauth.authorization_code (handle, grant_handle, expires_at, code_hash, redirect_uri)
			SELECT handle, grant_handle, now() + interval '1 minute', sha256(convert_to($string, 'UTF8')), 'https://app.example/cb' FROM h RETURNING $string");
		push @$_, $code;
	}
	return @families;
}

# What is asked for the families of a round, in any order; the last two of ten are revoked meanwhile.
sub requests_for
{
	my (@families) = @_;
	my @requests;
	for my $n (0 .. $#families)
	{
		my ($access, $refresh, $code) = @{ $families[$n] };
		push @requests, map { [ refresh => $n, token_request("grant_type=refresh_token&refresh_token=$refresh") ] } 1 .. 2;
		push @requests, [ code => $n, token_request("grant_type=authorization_code&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&code=$code") ];
		push @requests, [ own => $n, token_request('grant_type=client_credentials') ];
		push @requests, map { [ revoke => $n, revocation($_) ] } $access, $refresh if $n >= @families - 2;
	}
	return shuffle @requests;
}

for my $connections (2, 4)
{
	$t->start("--writing-connections=$connections", '--threads=64', '--batch=8');
	my ($sent, $round, @wrong, %good) = (0, 0);
	while ($sent < $writes / 2)
	{
		my @families = families("c$connections-" . $round++);
		my @requests = requests_for(@families);
		my @answers = $t->together(map { $_->[2] } @requests);
		my %refreshed;
		for my $i (0 .. $#requests)
		{
			my ($kind, $n) = @{ $requests[$i] };
			my $status = $answers[$i]{status};
			my $is_revoked = $n >= @families - 2;
			push @wrong, "$kind: $status" if $status != 200 && !($is_revoked && $status == 400);
			$good{$kind}++ if $status == 200;
			$refreshed{$n}{ json($answers[$i])->{refresh_token} } = 1 if $kind eq 'refresh' && $status == 200;
		}
		push @wrong, "family $_ has several successors" for grep { keys %{ $refreshed{$_} } > 1 } keys %refreshed;
		$sent += @requests;
	}
	is_deeply(\@wrong, [], "$connections writing connections: all $sent answers are what was asked for, and a token has one successor");
	cmp_ok($good{$_}, '>=', 10, "... of which $good{$_} $_") for qw(refresh code own revoke);
	$t->stop;
}
is($t->sql('SELECT count(*) FROM oauth.access_token a WHERE NOT EXISTS (SELECT FROM oauth.grant g WHERE g.handle = a.grant_handle)'), 0, 'every token has its grant');

done_testing();
