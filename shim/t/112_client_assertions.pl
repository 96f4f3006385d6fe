#!/usr/bin/perl
# 112_client_assertions.pl: client assertions over HTTP: one is good once, over two shims, after a crash and after a restore;
# keys at a jwks_uri are fetched once, and again for a key that may be new (R120).
# Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Test::More;
use Time::HiRes qw(time);
use lib $FindBin::Bin;
use ShimTest qw(json post_bytes read_answer);
use WebServer qw(own_address);

my $t = ShimTest->new(extension => 1, conf => 'restart_after_crash = on');
my $web = WebServer->new(dir => $t->dir);
my $address = own_address(1);
$web->certificate('good', 'ca', "IP:$address");
$web->listen($address, 8443, tls => 'good');
my $base = "https://$address:8443";
my $issuer = 'http://localhost:8000';

$t->sql("ALTER DATABASE postgres SET oauth.issuer = '$issuer'");		# so that this machine may be asked
my @options = ('--fetch-ca=' . $web->authority, "--fetch-allow=$address");
$t->start(@options);
my $one = $t->port;
$t->start(@options);
my $two = $t->port;

# ---- clients, whose keys are those of this server: it can sign ----
my $old = $t->sql("SELECT oauth_create_signing_key('ES256')");
sub register
{
	my ($members, $method) = @_;
	$method //= 'private_key_jwt';
	return $t->sql("SELECT oauth_register_client_metadata(jsonb_build_object('client_name', 'x', 'grant_types', '{client_credentials,introspection}'::text[], 'token_endpoint_auth_method', '$method') || $members) ->> 'client_id'");
}

# So many forms with an assertion each.
sub forms
{
	my ($client, $n, $alg) = @_;
	$alg //= 'ES256';
	return map { 'client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=' . $_ } split /\n/, $t->sql(
		"SELECT oauth_sign_jwt(jsonb_build_object('iss', '$client', 'sub', '$client', 'aud', '$issuer', 'jti', gen_random_uuid(), 'exp', extract(epoch FROM now())::int + 240), '$alg') FROM generate_series(1, $n)");
}
sub token_bytes { return post_bytes('/oauth2/token', "grant_type=client_credentials&$_[0]") }
sub asks { return $t->post('/oauth2/token', "grant_type=client_credentials&$_[0]") }
sub count_of { my ($status, @answers) = @_; return scalar grep { $_->{status} == $status } @answers }

my $client = register("jsonb_build_object('jwks', oauth_jwks())");
my ($first, @others) = forms($client, 65);

# ---- RFC 7523, section 3: a jti is good once; aud is the issuer: oidcc-ensure-client-assertion-with-iss-aud-succeeds ----
my @same = $t->together(map { [ $_ % 2 ? $one : $two, token_bytes($first) ] } 1 .. 64);
is(count_of(200, @same), 1, 'one assertion 64 times over two shims: one succeeds');
is(scalar(grep { $_->{status} == 401 && json($_)->{error} eq 'invalid_client' } @same), 63, '... and the others are invalid_client') or diag(map { $_->{raw} } grep { $_->{status} !~ /200|401/ } @same);
is($t->sql("SELECT count(*) FROM oauth.access_token a JOIN oauth.grant g ON g.handle = a.grant_handle WHERE g.client_id = '$client'"), 1, '... and there is one token');
is(count_of(200, $t->together(map { [ $_ % 2 ? $one : $two, token_bytes($others[ $_ - 1 ]) ] } 1 .. 64)), 64, '64 assertions at once all succeed');
my ($mixed) = forms($client, 1);
@same = $t->together(map { [ $_ % 2 ? $one : $two, $_ % 4 < 2 ? token_bytes($mixed) : post_bytes('/oauth2/introspect', "token=x&$mixed") ] } 1 .. 64);
is(count_of(200, @same), 1, 'one assertion at two endpoints, which begin on different lanes: one succeeds');
is(count_of(401, @same), 63, '... and no other');

# ---- after a crash ----
my ($used, $fresh, $later) = forms($client, 3);
is(asks($used)->{status}, 200, 'an assertion is used');
my $backend = $t->sql("SELECT pid FROM pg_stat_activity WHERE usename = 'oauth_shim' LIMIT 1");
$t->kill_backend($backend);
ok($t->is_back, 'a backend is killed, and the server comes back');
is(asks($used)->{status}, 401, 'it is used still');
is(asks($fresh)->{status}, 200, 'and another is good');
$t->node->stop('immediate');
$t->node->start;
ok(ShimTest::wait_for(sub { $t->get('/readyz')->{status} == 200 }), 'the whole server is killed, and comes back');
is(asks($_)->{status}, 401, 'what was used is used still') for $used, $fresh;
is(asks($later)->{status}, 200, 'and another is good');

# ---- after a restore: the dump has no jti, and so nothing that was made before it is good ----
my ($unused) = forms($client, 1);
my $dump = $t->dir . '/dump';
$t->node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $t->node->connstr('postgres') ], 'the database is dumped');
$t->sql('CREATE DATABASE restored');
$t->node->command_ok([ 'pg_restore', '-d', $t->node->connstr('restored'), $dump ], '... and restored');
for my $form ($used, $later, $unused)
{
	my $status = $t->node->safe_psql('restored', "SET oauth.issuer = '$issuer'; SELECT status FROM oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to('grant_type=client_credentials&$form', 'UTF8'), 'https', NULL))");
	is($status, 401, 'an assertion that was made before is not good there');
}

# ---- keys at a jwks_uri ----
$web->put('keys', $t->sql('SELECT oauth_jwks()'));
my $fetched = register("jsonb_build_object('jwks_uri', '$base/file/keys')");
my @forms = forms($fetched, 20);
is(count_of(200, $t->together(map { [ $_ % 2 ? $one : $two, token_bytes($forms[ $_ - 1 ]) ] } 1 .. 20)), 20, 'twenty first requests of a client with a jwks_uri succeed');
is(scalar $web->requests('/file/keys'), 1, '... after one fetch');
is(asks((forms($fetched, 1))[0])->{status}, 200, 'the next');
is(scalar $web->requests('/file/keys'), 1, '... needs none');

# rotation: another key, which the document gets now: oidcc-refresh-token-rp-key-rotation
$t->sql("SELECT oauth_create_signing_key('EdDSA')");
$web->put('keys', $t->sql('SELECT oauth_jwks()'));
my @new = forms($fetched, 12, 'EdDSA');
is(count_of(401, map { asks($_) } @new[ 0 .. 3 ]), 4, 'a kid that is unknown has the keys fetched again, but not within a minute');
is(scalar $web->requests('/file/keys'), 1, '... so nobody makes us fetch all the time');
$t->sql("UPDATE oauth.document SET fetched_at = now() - interval '2 minutes'");
is(count_of(200, $t->together(map { token_bytes($new[$_]) } 4 .. 11)), 8, 'a minute later they are');
is(scalar $web->requests('/file/keys'), 2, '... once, however many ask');

# a document that does not come
my $lost = register("jsonb_build_object('jwks_uri', '$base/status/404')");
my @lost = map { asks($_) } forms($lost, 3);
is(count_of(401, @lost), 3, 'without keys nobody is authenticated');
is(json($lost[0])->{error_description}, 'The client is unknown, or its credentials are wrong or missing.', '... and strangers do not learn why');
is(scalar $web->requests('/status/404'), 1, '... after one fetch a minute');

# one that is slow: it holds up nobody else
my $slow = register("jsonb_build_object('jwks_uri', '$base/hang/20')");
my @waiting = $t->send_together(map { token_bytes($_) } forms($slow, 8));
my $began = time;
my @meanwhile = map { asks($_) } forms($client, 20);
my $took = time - $began;
is(count_of(200, @meanwhile), 20, 'while the keys of one client are slow, others get their tokens');
ok(!grep({ my $bits = ''; vec($bits, fileno $_, 1) = 1; select($bits, undef, undef, 0) } @waiting) || $took > 4, '... before it gets its answer');
is(count_of(401, map { read_answer($_) } @waiting), 8, '... which is no, after five seconds');
$t->finish;
done_testing();
