#!/usr/bin/perl
# 110_dpop.pl: DPoP (RFC 9449) over HTTP: a proof is good once, in a race, on any shim, and after a crash of the server.
#
# R183 to R188.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Test::More;
use lib $FindBin::Bin;
use DPoPProof;
use PostgreSQL::Test::Cluster;
use ShimTest qw(header json wait_for);

my $t = ShimTest->new(extension => 1, loud => 1, conf => "restart_after_crash = on\nwal_level = replica\nmax_wal_senders = 2\nhot_standby = on\noauth.bcrypt_cost = 4");
$t->sql(q{ALTER DATABASE postgres SET oauth.issuer = 'http://shim.example'});
my ($id, $secret) = split /\|/, $t->sql(q{SELECT * FROM oauth_register_client('service', grant_types => '{client_credentials,refresh_token,password}', scope => 'openid read')});
my $public = $t->sql(q{SELECT client_id FROM oauth_register_client('app', client_type => 'public', grant_types => '{password,refresh_token}', scope => 'openid read')});
$t->sql(q{SELECT oauth_create_user('alice', 'wonderland')});
my ($key, $other) = map { DPoPProof->new($t->dir) } 1 .. 2;
my $credentials = "client_id=$id&client_secret=$secret";
my $alice = 'grant_type=password&username=alice&password=wonderland&scope=openid%20read';
$t->start;
$t->start;
my @ports = map { $_->{port} } @{ $t->{shims} };

sub of { my ($method, $path, %more) = @_; return ($more{key} // $key)->proof(method => $method, uri => "http://shim.example$path", %more) }
sub token { my ($form, @proof) = @_; return $t->post('/oauth2/token', $form, map { (DPoP => $_) } @proof) }
sub ask { my ($path, $token, @proof) = @_; return $t->get($path, Authorization => "DPoP $token", map { (DPoP => $_) } @proof) }
sub with_proof { my ($path, $token, %more) = @_; return ask($path, $token, of('GET', $path, token => $token, %more)) }
sub error { return json($_[0])->{error} // '' }
sub challenge { return header($_[0], 'WWW-Authenticate') // '' }
sub bound_token { return json(token("grant_type=client_credentials&$credentials", of('POST', '/oauth2/token')))->{access_token} }

# One request, so many times at once, half of them over each shim; how many of each status there were.
sub race
{
	my ($times, $request) = @_;
	my %count;

	$count{ $_->{status} }++ for $t->together(map { [ $ports[ $_ % 2 ], $request ] } 1 .. $times);
	return \%count;
}

# R185: RFC 9449, section 5: "A token_type of DPoP MUST be included in the access token response"
my $answer = token("grant_type=client_credentials&$credentials", of('POST', '/oauth2/token'));
is(json($answer)->{token_type}, 'DPoP', 'R185: with a proof the tokens are bound');
my $token = json($answer)->{access_token};
is(with_proof($_, $token)->{status}, 200, "R185: $_ takes the token with a proof") for '/auth', '/api/';
is(json(with_proof('/api/', $token))->{auth}, 'dpop', '... and says so');
is($t->get('/auth', Authorization => "Bearer $token")->{status}, 401, 'R185: the token alone is refused');
like(challenge($t->get('/auth', Authorization => "Bearer $token")), qr/\ADPoP .*error="invalid_token".*algs="[^"]*\bES256\b/, '... with a challenge that asks for a proof');
my $bearer = json(token("grant_type=client_credentials&$credentials"))->{access_token};
is(with_proof('/auth', $bearer)->{status}, 401, 'R185: a bearer token is none of DPoP');
is(with_proof('/auth', $token, key => $other)->{status}, 401, 'R185: the proof of another key is refused');
is(ask('/auth', $token)->{status}, 401, 'R183: so is a request without a proof');

# R183: RFC 9449, section 4.3: "There is not more than one DPoP HTTP request header field"
my $twice = ask('/auth', $token, map { of('GET', '/auth', token => $token) } 1 .. 2);
is($twice->{status}, 401, 'R183: two proofs are refused');
is(error(token("grant_type=client_credentials&$credentials", map { of('POST', '/oauth2/token') } 1 .. 2)), 'invalid_dpop_proof', 'R183: at the token endpoint, too');

# R183: RFC 9449, section 11.1: jti: once, of 64 requests at once over two shims
{
	my $proof = of('GET', '/auth', token => $token);
	is_deeply(race(64, ShimTest::request_bytes('GET', '/auth', undef, Authorization => "DPoP $token", DPoP => $proof)), { 200 => 1, 401 => 63 },
		'R183: of 64 requests with one proof at once over two shims one is served');
	$proof = of('POST', '/oauth2/token');
	is_deeply(race(64, ShimTest::post_bytes('/oauth2/token', "grant_type=client_credentials&$credentials", DPoP => $proof)), { 200 => 1, 400 => 63 },
		'R183: at the token endpoint one gets a token');
	my @requests = map { ShimTest::request_bytes('GET', '/auth', undef, Authorization => "DPoP $token", DPoP => of('GET', '/auth', token => $token)) } 1 .. 32;
	my @answers = $t->together(map({ [ $ports[0], $_ ] } @requests), map({ [ $ports[1], $_ ] } reverse @requests));
	is(scalar(grep { $_->{status} == 200 } @answers), 32, 'R183: of 32 proofs that come to two shims in opposite orders each is good once');
	is(scalar(grep { $_->{status} == 401 } @answers), 32, '... and nothing fails');
}

# What is wrong uses nothing up: not where the token is unknown, nor where the proof is not good
{
	my $rows = join ' + ', map { "(SELECT count(*) FROM oauth.nonce_$_)" } 0 .. 7;
	my $before = $t->sql("SELECT $rows");
	ask('/auth', 'oat_x', of('GET', '/auth', token => 'oat_x')) for 1 .. 5;
	with_proof('/auth', $token, key => $other) for 1 .. 5;
	with_proof('/auth', $token, claims => { htm => 'PUT' }) for 1 .. 5;
	is($t->sql("SELECT $rows"), $before, 'R183: a stranger fills no table');
}

# A password is looked at on the slow lane, and the proof used up there alone; 111_dpop_clients.pl has that of signatures.
{
	my $got = json(token("$alice&$credentials", of('POST', '/oauth2/token')));
	is($got->{token_type}, 'DPoP', 'a request that moves from lane to lane has a proof that is good once');
	is($t->get('/oauth2/userinfo', Authorization => "DPoP $got->{access_token}", DPoP => of('GET', '/oauth2/userinfo', token => $got->{access_token}))->{status}, 200, '... and userinfo takes its token');
	my $refreshed = json(token("grant_type=refresh_token&$credentials&refresh_token=$got->{refresh_token}", of('POST', '/oauth2/token', key => $other)));
	is($refreshed->{token_type}, 'DPoP', 'a confidential client refreshes with another key');
	is(with_proof('/auth', $refreshed->{access_token}, key => $other)->{status}, 200, '... which its new token is bound to');
}

# R187: RFC 9449, section 5: "the refresh token MUST be bound to the respective public key", also where 64 race for it
{
	my $got = json(token("$alice&client_id=$public", of('POST', '/oauth2/token')));
	my $form = "grant_type=refresh_token&client_id=$public&refresh_token=$got->{refresh_token}";
	is(error(token($form)), 'invalid_grant', 'R187: a refresh token of a public client needs a proof');
	is(error(token($form, of('POST', '/oauth2/token', key => $other))), 'invalid_grant', 'R187: of its key');
	my @answers = $t->together(map { [ $ports[ $_ % 2 ], ShimTest::post_bytes('/oauth2/token', $form, DPoP => of('POST', '/oauth2/token', key => $_ % 4 ? $key : $other)) ] } 1 .. 64);
	my %tokens = map { json($_)->{access_token} => 1 } grep { $_->{status} == 200 } @answers;
	is(scalar(grep { $_->{status} == 200 } @answers), 48, 'R187: those with the key get an answer');
	is(scalar(keys %tokens), 1, '... the same one');
	is(with_proof('/auth', (keys %tokens)[0])->{status}, 200, '... that is good');

	# a family without a key: the first key takes it, in a race too
	my $free = json(token("$alice&client_id=$public"))->{refresh_token};
	@answers = $t->together(map { [ $ports[ $_ % 2 ], ShimTest::post_bytes('/oauth2/token', "grant_type=refresh_token&client_id=$public&refresh_token=$free", DPoP => of('POST', '/oauth2/token', key => $_ % 2 ? $key : $other)) ] } 1 .. 16);
	%tokens = map { json($_)->{access_token} => 1 } grep { $_->{status} == 200 } @answers;
	is(scalar(keys %tokens), 1, 'R187: of two keys that race for a refresh token without one, one gets it');
	is(scalar(grep { $_->{status} == 200 } @answers), 8, '... and no other');
}

# R184: RFC 9449, section 8; RFC 9449, section 9: nonces of one shim are good at the other
{
	$t->sql('ALTER DATABASE postgres SET oauth.dpop_nonce = on');
	$t->stop for 1 .. 2;
	$t->start for 1 .. 2;
	@ports = map { $_->{port} } @{ $t->{shims} };
	my $first = token("grant_type=client_credentials&$credentials", of('POST', '/oauth2/token'));
	is($first->{status}, 400, 'R184: without a nonce: 400');
	is(error($first), 'use_dpop_nonce', '... use_dpop_nonce');
	my $nonce = header($first, 'DPoP-Nonce');
	my ($again) = $t->together([ $ports[0], ShimTest::post_bytes('/oauth2/token', "grant_type=client_credentials&$credentials", DPoP => of('POST', '/oauth2/token', claims => { nonce => $nonce })) ]);
	is($again->{status}, 200, 'R184: with the nonce of one shim the other takes the proof');
	is(scalar(my @new = header($again, 'DPoP-Nonce')), 1, '... and gives one for the next');
	my $refused = with_proof('/auth', $token, claims => { nonce => 'made up' });
	is($refused->{status}, 401, 'R184: a made-up nonce at a resource: 401');
	like(challenge($refused), qr/\ADPoP .*error="use_dpop_nonce"/, '... use_dpop_nonce');
	is(with_proof('/auth', $token, claims => { nonce => header($refused, 'DPoP-Nonce') })->{status}, 200, '... and with the one that came it works');
	my $proof = of('GET', '/auth', token => $token, claims => { nonce => $new[0], iat => 1 });
	is_deeply(race(32, ShimTest::request_bytes('GET', '/auth', undef, Authorization => "DPoP $token", DPoP => $proof)), { 200 => 1, 401 => 31 },
		'R184: a proof with a nonce is good once as well');
	$t->sql('ALTER DATABASE postgres RESET oauth.dpop_nonce');
	$t->stop for 1 .. 2;
	$t->start for 1 .. 2;
	@ports = map { $_->{port} } @{ $t->{shims} };
}

# CORS: a page may send the header, and read what comes back
{
	my $preflight = $t->request('OPTIONS', '/oauth2/token', undef, Origin => 'https://app.example', 'Access-Control-Request-Method' => 'POST', 'Access-Control-Request-Headers' => 'dpop');
	like(header($preflight, 'Access-Control-Allow-Headers'), qr/\bDPoP\b/, 'a script may send a proof');
	my $read = $t->post('/oauth2/token', "grant_type=client_credentials&$credentials", Origin => 'https://app.example', DPoP => 'x');
	like(header($read, 'Access-Control-Expose-Headers'), qr/(?=.*\bDPoP-Nonce\b).*\bWWW-Authenticate\b/, '... and read the nonce and the challenge');
}

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');

# R183: after a crash
{
	my $proof = of('GET', '/auth', token => $token);
	is(ask('/auth', $token, $proof)->{status}, 200, 'R183: a proof is taken');
	my ($backend) = split /\n/, $t->sql("SELECT pid FROM pg_stat_activity WHERE usename = 'oauth_shim'");
	$t->kill_backend($backend);
	ok($t->is_back, 'R183: a backend is killed, and the server is back');
	is(ask('/auth', $token, $proof)->{status}, 401, 'R183: ... where it is not taken again');
	is(with_proof('/auth', $token)->{status}, 200, '... and another is');
	$proof = of('GET', '/auth', token => $token);
	is(ask('/auth', $token, $proof)->{status}, 200, 'R183: a proof is taken');
	$t->node->stop('immediate');
	$t->node->start;
	wait_for(sub { $t->get('/readyz')->{status} == 200 });
	is(ask('/auth', $token, $proof)->{status}, 401, 'R183: after the whole server was killed it is not taken again');
}

# R183: where a dump is restored nobody knows what was used after it was made
{
	my $dump = $t->dir . '/dump.sql';
	my $uri = 'http://shim.example/auth';
	my $as_sql = sub {
		my ($database, $proof) = @_;
		return $t->node->safe_psql($database, qq{SELECT oauth_authenticate_request(ROW('GET', '/auth', ARRAY['Host: shim.example', 'Authorization: DPoP $token', 'DPoP: $proof'], '', 'http', '127.0.0.1'))});
	};
	$t->node->command_ok(['pg_dump', '-f', $dump, $t->node->connstr('postgres')], 'a dump is made');
	my $proof = of('GET', '/auth', token => $token);
	is(ask('/auth', $token, $proof)->{status}, 200, 'R183: a proof is taken that the dump does not know');
	$t->sql('CREATE DATABASE restored');
	$t->node->command_ok(['psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', $dump, $t->node->connstr('restored')], 'and restored');
	is($as_sql->('restored', $proof), 'f', 'R183: where it is restored the proof is refused');
	ok(wait_for(sub { $as_sql->('restored', of('GET', '/auth', token => $token)) eq 't' }, 60), '... and soon new ones are taken');
}

# A standby cannot note what was used: as for signed requests of OAuth 1.0a, 503
{
	my $standby = PostgreSQL::Test::Cluster->new('standby');
	$t->node->backup('base');
	$standby->init_from_backup($t->node, 'base', has_streaming => 1);
	chmod(0600, $standby->data_dir . '/oauth.key');
	$standby->start;
	my $used = of('GET', '/auth', token => $token);
	is(ask('/auth', $token, $used)->{status}, 200, 'R183: a proof is used up before a failover');
	$t->node->wait_for_catchup($standby);
	my $primary = $t->{node};
	$t->{node} = $standby;
	$t->start('--not-ready');
	wait_for(sub { $t->get('/auth', Authorization => "Bearer $bearer")->{status} == 200 });
	is($t->get('/auth', Authorization => "Bearer $bearer")->{status}, 200, 'a standby answers for a bearer token');
	is($t->get('/auth', Authorization => "Bearer $token")->{status}, 401, '... and refuses a bound token without a proof');
	is(with_proof('/auth', $token)->{status}, 503, '... and says 503 to a proof');
	# R183: what the primary noted last may not have come over, so the new one takes no proof of before
	$primary->stop('immediate');
	$standby->promote;
	is(ask('/auth', $token, $used)->{status}, 401, 'R183: the standby takes over, and refuses it');
	my $answer;
	ok(wait_for(sub { $answer = with_proof('/auth', $token); $answer->{status} == 200 }, 60), '... and soon takes new ones') or diag $answer->{body};
	is(ask('/auth', $token, $used)->{status}, 401, '... but not that one');
	$t->stop;
	$standby->stop;
	$t->{node} = $primary;
	$primary->start;
}

# R217
$t->no_secret_in_logs;
$t->finish;
done_testing();
