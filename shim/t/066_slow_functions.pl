# 066_slow_functions.pl
# Functions of the application that take long keep nobody else waiting: not who logs in, not who calls with another token,
# not who asks whether the shim lives.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(header json post_bytes read_answer request_bytes wait_for);
use SignedRequest qw(authorization);
use Test::More;
use Time::HiRes qw(time);

my $t = ShimTest->new(extension => 1, conf => 'oauth.bcrypt_cost = 4');
my ($id, $secret) = split /\|/, $t->sql("SELECT client_id, client_secret FROM oauth_register_client('slow', grant_types => '{password,refresh_token}', scope => 'read')");
my $other = $t->sql("SELECT client_id FROM oauth_register_client('other', scope => 'read')");
$t->sql("SELECT oauth_create_user('alice', 'correct horse battery')");

sub token_of { return $t->sql("SELECT access_token FROM oauth_issue_token('$_[0]', '$_[1]', 'read')") }
my $greedy = token_of($id, 'greedy');
my $greedy_too = token_of($id, 'greedy');
my $greedy_elsewhere = token_of($other, 'greedy');
my $modest = token_of($id, 'modest');

$t->sql(<<'SQL');
CREATE ROLE app;
CREATE SCHEMA app AUTHORIZATION app;
SET ROLE app;
CREATE FUNCTION app.slow(oauth.http_request) RETURNS jsonb LANGUAGE sql AS $$
	SELECT to_jsonb(public.oauth_subject()) FROM pg_sleep(1) $$;
CREATE FUNCTION app.slow_claims(subject text, client_id text, scope text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('email', subject || '@example.com') FROM pg_sleep(1) $$;
CREATE TABLE app.person (id text PRIMARY KEY, name text, password text);
INSERT INTO app.person SELECT 'p' || i, 'p' || i, public.crypt('correct horse battery', public.gen_salt('bf', 4)) FROM generate_series(1, 3) i;
RESET ROLE;
SELECT oauth_protect('/api/slow', 'app.slow');
SQL

sub calls { my ($n, $token) = @_; return map { request_bytes('GET', '/api/slow', undef, Authorization => "Bearer $token") } 1 .. $n }
sub sleepers { return $t->sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") }
sub log_in { return $t->post('/oauth2/token', "grant_type=password&client_id=$id&client_secret=$secret&username=alice&password=correct+horse+battery") }

sub own_paths
{
	my ($name) = @_;

	for my $path ('/healthz', '/metrics', '/readyz')
	{
		my $begun = time;
		is($t->get($path)->{status}, 200, "$path answers $name");
		cmp_ok(time - $begun, '<', 3, '... soon');
	}
	return;
}

# ---- one token, a hundred calls ----
{
	$t->start;
	my @sockets = $t->send_together(calls(60, $greedy), calls(20, $greedy_too), calls(20, $greedy_elsewhere));
	ok(wait_for(sub { sleepers() >= 3 }), 'a hundred calls of a function that takes a second');
	my $begun = time;
	my $answer = log_in();
	is($answer->{status}, 200, 'meanwhile a password is checked');
	cmp_ok(time - $begun, '<', 5, '... soon');
	# between two calls a connection does not sleep
	my ($most) = sort { $b <=> $a } map { sleepers() } 1 .. 10;
	is($most, 3, 'one user, with however many tokens of however many clients, gets all connections of the lane but one');
	$begun = time;
	$answer = $t->get('/api/slow', Authorization => "Bearer $modest");
	is($answer->{body}, '"modest"', 'a caller with another token is served');
	cmp_ok(time - $begun, '<', 6, '... before those that came first');
	is($t->get('/api/', Authorization => "Bearer $modest")->{status}, 200, 'what runs no function of the application does not wait');
	own_paths('beside them');
	ok(wait_for(sub { $t->metric('oauth_shim_database_connections{lane="application"}') == 4 }), 'functions of the application have connections of their own');
	$_->close for @sockets;
	is($t->stop('KILL') & 127, 9, 'the calls are given up');
}

# ---- signed calls, of which it is not known whose they are until they are verified where they run ----
{
	$t->sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'oauth_shim'");
	my @signers = map { my ($key, $shared) = split /\|/, $t->sql("SELECT client_id, client_secret FROM oauth_register_client('signer $_', grant_types => '{oauth1,oauth1_two_legged}', scope => 'read')");
		{ client_id => $key, client_secret => $shared } } 1 .. 2;
	my $signed = sub { my ($signer) = @_; return request_bytes('GET', '/api/slow', undef, Authorization => authorization(%$signer, method => 'GET', uri => 'http://shim.example/api/slow')) };
	$t->start;
	my @sockets = $t->send_together(map { $signed->($signers[0]) } 1 .. 60);
	ok(wait_for(sub { sleepers() >= 3 }), 'sixty signed calls of one client');
	my $begun = time;
	is(($t->together($signed->($signers[1])))[0]{status}, 204, 'another that comes from the same address is served');
	cmp_ok(time - $begun, '<', 6, '... before those that came first');
	$_->close for @sockets;
	$t->stop('KILL');
}

# ---- more calls than there are workers ----
{
	$t->sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'oauth_shim'");
	$t->start;
	# each as soon as it is connected, for where all workers are taken a connection that says nothing is soon closed (shim/crowd.c)
	my @sockets = map { $t->send_together($_) } calls(400, $greedy);
	ok(wait_for(sub { sleepers() >= 3 }), 'four hundred calls');
	own_paths('beside them');
	my $begun = time;
	is(log_in()->{status}, 200, 'a password is checked');
	is($t->get('/api/slow', Authorization => "Bearer $modest")->{body}, '"modest"', 'another caller finds a place, where one of the many gives way');
	cmp_ok(time - $begun, '<', 10, '... soon');
	# on a busy machine some of those answers are still on their way
	my (@refused, %answered);
	wait_for(sub {
		for my $socket (grep { !$answered{$_} } @sockets)
		{
			my $answer = read_answer($socket, seconds => 0.01);
			$answered{$socket} = defined $answer->{status} or next;
			push @refused, $answer if $answer->{status} == 503;
		}
		return @refused > 200;
	}, 10);
	cmp_ok(scalar @refused, '>', 200, 'most of the many calls are refused at once');
	is((grep { header($_, 'Retry-After') && header($_, 'Connection') eq 'close' } @refused), @refused, '... told to come again, and on no connection that holds a worker');
	$_->close for @sockets;
	$t->stop('KILL');
}

# ---- code of the application that runs elsewhere than at its path ----
{
	$t->sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'oauth_shim'");
	$t->sql("SET client_min_messages = error; SELECT oauth_set_claims_function('app.slow_claims')");
	$t->start;
	my @sockets = $t->send_together(map { post_bytes('/oauth2/introspect', "client_id=$id&client_secret=$secret&token=$greedy") } 1 .. 20);
	ok(wait_for(sub { sleepers() >= 3 }), 'claims that take a second');
	my $begun = time;
	is(log_in()->{status}, 200, 'a password is checked beside them');
	cmp_ok(time - $begun, '<', 5, '... soon');
	$_->close for @sockets;
	$t->stop('KILL');
	$t->sql("SELECT oauth_set_claims_function(NULL)");
}
{
	$t->sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'oauth_shim'");
	$t->sql(<<'SQL');
SET ROLE app;
CREATE VIEW app.people AS SELECT id, name, password FROM app.person WHERE id <> 'p3' OR pg_sleep(2) IS NOT NULL;
RESET ROLE;
SET client_min_messages = error;
SELECT oauth_use_users('app.people', id => 'id', username => 'name', password => 'password', scheme => 'bcrypt');
SQL
	my $quick_person = token_of($other, 'p2');
	$t->start;
	my @refresh = split /\n/, $t->sql("SELECT t.refresh_token FROM generate_series(1, 12) i, oauth_issue_token('$id', CASE WHEN i > 0 THEN 'p3' END, 'read', refresh => true) t");
	my @sockets = $t->send_together(
		(map { post_bytes('/oauth2/token', "grant_type=refresh_token&client_id=$id&client_secret=$secret&refresh_token=$_") } @refresh),
		(map { request_bytes('GET', '/auth', undef, Authorization => "Bearer $_") } map { token_of($_ % 2 ? $id : $other, 'p3') } 1 .. 20));
	ok(wait_for(sub { sleepers() >= 3 }), 'users of a view that takes two seconds for one of them, who refreshes and is asked about');
	my $begun = time;
	is($t->get('/auth', Authorization => "Bearer $quick_person")->{status}, 200, 'another is asked about beside that, who has not as many tokens');
	is($t->get('/auth', Authorization => 'Bearer oat_invented')->{status}, 401, 'a token that there is not takes nobody a place');
	cmp_ok(time - $begun, '<', 8, '... soon');
	is($t->post('/oauth2/token', "grant_type=password&client_id=$id&client_secret=$secret&username=p1&password=correct+horse+battery")->{status}, 200, 'another logs in beside that');
	cmp_ok(time - $begun, '<', 14, '... soon');
	$_->close for @sockets;
	$t->stop('KILL');
}

# ---- one stranger with many addresses ----
{
	$t->sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'oauth_shim'");
	$t->sql(<<'SQL');
INSERT INTO app.person SELECT 's' || i, 's' || i, password FROM app.person, generate_series(1, 30) i WHERE id = 'p1';
SET ROLE app;
CREATE FUNCTION app.checks(username text, password text) RETURNS text LANGUAGE sql AS $$
	SELECT username FROM pg_sleep(CASE WHEN username LIKE 's%' THEN 2 ELSE 0 END) $$;
RESET ROLE;
SET client_min_messages = error;
SELECT oauth_use_users('app.person', id => 'id', username => 'name', password_function => 'app.checks');
SQL
	$t->start('--trusted-proxy=127.0.0.1');
	my $form = "grant_type=password&client_id=$id&client_secret=$secret&password=correct+horse+battery&username";
	my @sockets = $t->send_together(map { post_bytes('/oauth2/token', "$form=s$_", 'X-Forwarded-For' => "2001:db8::$_") } 1 .. 30);
	ok(wait_for(sub { sleepers() >= 2 }), 'thirty logins that take two seconds, from one network of IPv6');
	my $begun = time;
	is($t->post('/oauth2/token', "$form=p1", 'X-Forwarded-For' => '2001:db8:0:1::1')->{status}, 200, 'another network logs in beside them');
	cmp_ok(time - $begun, '<', 6, '... before those that came first');
	$_->close for @sockets;
	$t->stop('KILL');
}
$t->finish;
done_testing();
