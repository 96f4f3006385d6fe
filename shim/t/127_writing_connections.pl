# 127_writing_connections.pl
# Two and four writing connections: requests that concern the same tokens and grants at the same time are all answered rightly,
# and wait for each other, but never in a circle (extension/store/key_lock.c).  Refreshes, each sent twice, exchanges,
# revocations and client_credentials, mixed.
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
use Time::HiRes qw(usleep);

my $writes = $ENV{OAUTH_WRITES} // 1600;
my $families = $writes > 100_000 ? 40 : 10;    # a round
my $t = ShimTest->new(extension => 1, conf => "deadlock_timeout = 100ms\nautovacuum = off");
my ($id, $secret) = split /\|/, $t->sql("SELECT client_id, client_secret FROM oauth_register_client('many writers',
	grant_types => '{client_credentials,refresh_token,authorization_code}', redirect_uris => '{https://app.example/cb}', scope => 'read')");
my $client = "client_id=$id&client_secret=$secret";
my $string = q{'oac_' || rtrim(translate(encode(int8send(handle) || decode(repeat('cc', 32), 'hex'), 'base64'), E'+/\n', '-_'), '=')};

sub token_request { return ShimTest::post_bytes('/oauth2/token', "$client&$_[0]") }
sub revocation { return ShimTest::post_bytes('/oauth2/revoke', "$client&token=$_[0]") }

# Grants with an access token and a refresh token.
sub families
{
	my ($who) = @_;

	return map { [ split /\|/ ] } split /\n/, $t->sql(<<"SQL");
SELECT k.access_token, k.refresh_token FROM generate_series(1, $families) i,
	LATERAL oauth_issue_token('$id', '$who-' || i, scope => 'read', refresh => true) k
SQL
}

# The same, and a code each, with the handle after that of the access token, which its string begins with.
sub families_with_codes
{
	my @families = families(@_);
	my $tokens = join ',', map { "'$_->[0]'" } @families;
	my %code = map { split /\|/ } split /\n/, $t->sql(<<"SQL");
WITH token AS (SELECT t.token, a.handle + 1 AS handle, a.grant_handle FROM unnest(ARRAY[$tokens]) t(token)
	JOIN oauth.access_token a ON a.handle =
		('x' || encode(substr(decode(translate(substr(t.token, 5, 12), '-_', '+/'), 'base64'), 1, 8), 'hex'))::bit(64)::bigint),
code AS (INSERT INTO oauth.authorization_code (handle, grant_handle, expires_at, code_hash, redirect_uri)
	SELECT handle, grant_handle, now() + interval '1 minute', sha256(convert_to($string, 'UTF8')), 'https://app.example/cb' FROM token)
SELECT token, $string FROM token
SQL
	return map { [ @$_[ 0, 1 ], $code{ $_->[0] } ] } @families;
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
		push @requests, map { [ revoke => $n, revocation($_) ] } $access, $refresh if $n % 10 >= 8;
	}
	return shuffle @requests;
}

for my $connections (2, 4)
{
	$t->start("--writing-connections=$connections", '--threads=64', '--batch=8');
	my ($sent, $round, @wrong, %good) = (0, 0);
	while ($sent < $writes / 2)
	{
		my @families = families_with_codes("c$connections-" . $round++);
		my @requests = requests_for(@families);
		my @answers = map { ShimTest::read_answer($_) } $t->send_together(map { $_->[2] } @requests);
		my %refreshed;
		for my $i (0 .. $#requests)
		{
			my ($kind, $n) = @{ $requests[$i] };
			my $status = $answers[$i]{status};
			my $is_revoked = $n % 10 >= 8;
			push @wrong, "$kind: $status" if $status != 200 && !($is_revoked && $status == 400);
			$good{$kind}++ if $status == 200;
			$refreshed{$n}{ json($answers[$i])->{refresh_token} } = 1 if $kind eq 'refresh' && $status == 200;
		}
		push @wrong, "family $_ has several successors" for grep { keys %{ $refreshed{$_} } > 1 } keys %refreshed;
		$sent += @requests;
	}
	is_deeply(\@wrong, [], "$connections writing connections: all $sent answers are what was asked for, and a token has one successor");
	cmp_ok($good{$_}, '>=', 10, "... of which $good{$_} $_") for qw(refresh code own revoke);
	is($t->metric('oauth_shim_batch_fallbacks_total'), 0, '... and no batch failed');
	$t->stop;
}

# Who asks alone gets the session that worked last, or the one before while that one sends its answer: what those know of tables, plans
# and clients is in the caches of the processor.  On a busy machine a third one may come in.
{
	$t->start('--writing-connections=4');
	ok(ShimTest::wait_for(sub { $t->metric('oauth_shim_database_connections{lane="writing"}') == 4 }), 'four writing connections are up');
	my $begun = $t->sql('SELECT clock_timestamp()');
	for (1 .. 60)
	{
		is($t->post('/oauth2/token', "$client&grant_type=client_credentials")->{status}, 200, "request $_");
		usleep(2000);
	}
	like($t->sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%token_batch%' AND query_start > '$begun' AND pid <> pg_backend_pid()"),
		qr/^[123]$/, 'of four sessions that are free not all are used in turn');
	$t->stop;
}

is($t->sql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), 0, 'nobody waited in a circle');
is($t->sql('SELECT count(*) FROM oauth.access_token a WHERE NOT EXISTS (SELECT FROM oauth.grant g WHERE g.handle = a.grant_handle)'), 0, 'every token has its grant');

done_testing();
