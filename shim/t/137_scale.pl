#!/usr/bin/perl
# 137_scale.pl
# What docs/scale.md says: a shim on a replica answers /auth and introspection as the primary does, several shims share a
# database, pgbouncer may stand between, several connections write.  Everything is compared by processor time a request,
# of the sessions in the server and of the shim, which other programs on the machine do not change much; the figures are
# notes, and no test depends on them.  SCALE_REQUESTS=20000 for figures that mean something.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use List::Util qw(sum0);
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(header json read_answer request_bytes slurp wait_for);
use PostgreSQL::Test::Cluster;

my $requests = $ENV{SCALE_REQUESTS} // 800;
my $clients = 16;
my $t = ShimTest->new(extension => 1, conf => "wal_level = replica\nmax_wal_senders = 2\nhot_standby = on\nmax_connections = 100\ndeadlock_timeout = 50ms");
my $primary = $t->node;
$primary->append_conf('pg_hba.conf', 'local replication all trust');
$primary->reload;

my ($client, $secret) = split /\|/, $t->sql("SELECT client_id, client_secret FROM oauth_register_client('scale', grant_types => '{refresh_token,client_credentials}')");
my $auth = "client_id=$client&client_secret=$secret";
my @tokens = split /\n/, $t->sql("SELECT access_token FROM generate_series(1, 100) i, oauth_issue_token('$client', 'person' || i)");
my $revoked = pop @tokens;
$primary->backup('base', backup_options => ['--no-sync']);
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
chmod 0600, glob $standby->data_dir . '/oauth.key';
$standby->start;

# Nanoseconds that all threads of these processes have run.
sub processor_time { return sum0(map { my ($ns) = split / /, slurp($_); $ns // 0 } map { glob "/proc/$_/task/*/schedstat" } @_) }
sub sessions { my ($node) = @_; return split /\n/, $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE usename = 'oauth_shim'") }

# Sends requests over so many connections to these ports: how many were answered with each status.
sub load
{
	my ($ports, $bytes) = @_;
	my $share = int($requests / $clients);
	my @pipes;

	for my $n (0 .. $clients - 1)
	{
		pipe(my $from, my $to) or die "pipe: $!";
		my $pid = fork() // die "fork: $!";
		push @pipes, [ $pid, $from ] and next if $pid;
		my $socket = $t->connect(port => $ports->[ $n % @$ports ]);
		my %answers;
		for my $i (1 .. $share)
		{
			syswrite($socket, $bytes->($n * $share + $i));
			$answers{ read_answer($socket)->{status} // 'none' }++;
		}
		syswrite($to, join ' ', %answers);
		POSIX::_exit(0);
	}
	my %all;
	for my $pipe (@pipes)
	{
		my %answers = split / /, do { local $/; readline $pipe->[1] } // '';
		$all{$_} += $answers{$_} for keys %answers;
		waitpid $pipe->[0], 0;
	}
	return \%all;
}

# All requests are answered with that status; says what they cost.
sub measured
{
	my ($what, $node, $ports, $bytes, $more) = @_;
	my @backends = sessions($node);
	my @shims = map { $_->{pid} } grep { my $port = $_->{port}; grep { $_ == $port } @$ports } @{ $t->{shims} };
	my @before = map { processor_time(@$_) } \@backends, \@shims, $more // [];
	my $answers = load($ports, $bytes);
	my @after = map { processor_time(@$_) } \@backends, \@shims, $more // [];
	my $number = int($requests / $clients) * $clients;

	is_deeply($answers, { 200 => $number }, "$what: every request is answered");
	my @us = map { ($after[$_] - $before[$_]) / 1000 / $number } 0 .. 2;
	note(sprintf '%s: %.1f us in the server, %.1f us in the shim%s a request', $what, @us[ 0, 1 ], $more ? sprintf(', %.1f us between', $us[2]) : '');
	cmp_ok($us[0], '>', 0, '... by the sessions that were counted');
	return;
}

my $auth_bytes = sub { return request_bytes('GET', '/auth', undef, Authorization => "Bearer $tokens[ $_[0] % @tokens ]") };
my @form = ('Content-Type' => 'application/x-www-form-urlencoded');
my $introspection_bytes = sub { return request_bytes('POST', '/oauth2/introspect', "$auth&token=$tokens[ $_[0] % @tokens ]", @form) };
my $token_bytes = sub { return request_bytes('POST', '/oauth2/token', "grant_type=client_credentials&$auth", @form) };
sub issued { return $primary->safe_psql('postgres', 'SELECT count(*) FROM oauth.access_token') }

# ---- one shim on the primary ----

$t->start('--purge-interval=0');
my $first = $t->port;
measured('primary, /auth', $primary, [$first], $auth_bytes);
measured('primary, /oauth2/introspect', $primary, [$first], $introspection_bytes);
measured('primary, /oauth2/token', $primary, [$first], $token_bytes);

# ---- several shims ----

$t->start('--purge-interval=0');
my $second = $t->port;
measured('two shims, /auth', $primary, [ $first, $second ], $auth_bytes);
my $before = issued();
measured('two shims, /oauth2/token', $primary, [ $first, $second ], $token_bytes);
is(issued() - $before, int($requests / $clients) * $clients, '... and each has a token');

# ---- several connections that write ----

for my $n (2, 4)
{
	$t->start('--purge-interval=0', "--writing-connections=$n");
	measured("$n writing connections, /oauth2/token", $primary, [ $t->port ], $token_bytes);
	is($t->metric('oauth_shim_batch_fallbacks_total'), 0, '... without a deadlock');
}

# ---- a replica ----

$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));
$t->{node} = $standby;
$t->start('--purge-interval=0');
my $reader = $t->port;
measured('replica, /auth', $standby, [$reader], $auth_bytes);
measured('replica, /oauth2/introspect', $standby, [$reader], $introspection_bytes);
my $answer = $t->post('/oauth2/token', "grant_type=client_credentials&$auth");
is($answer->{status}, 503, 'a replica: what has to write is 503');
is($t->get('/auth', Authorization => "Bearer $revoked")->{status}, 200, '... a token that was not revoked is good');
$primary->safe_psql('postgres', "SET synchronous_commit = remote_apply; SELECT oauth_revoke_token('$revoked')");
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));
is($t->get('/auth', Authorization => "Bearer $revoked")->{status}, 401, '... and not from the moment that the revocation has arrived');
$t->{node} = $primary;

# ---- pgbouncer ----

SKIP:
{
	my ($pgbouncer) = grep { -x } map { "$_/pgbouncer" } split(/:/, $ENV{PATH}), '/usr/sbin';
	ShimTest::skip_tests(4, 'pgbouncer is not installed') unless $pgbouncer;
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	my $dir = $t->dir;
	PostgreSQL::Test::Utils::append_to_file("$dir/users", "\"oauth_shim\" \"\"\n");
	PostgreSQL::Test::Utils::append_to_file("$dir/pgbouncer.ini", sprintf <<'END', $primary->host, $primary->port, $port, "$dir/users", $dir);
[databases]
postgres = host=%s port=%s dbname=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %s
auth_type = trust
auth_file = %s
unix_socket_dir = %s
pool_mode = session
default_pool_size = 20
END
	$t->run_program($port, $pgbouncer, "$dir/pgbouncer.ini");
	my $pid = $t->{programs}{$port};
	no warnings 'redefine';
	local *ShimTest::database = sub { return "host=127.0.0.1 port=$port dbname=postgres user=oauth_shim" };
	$t->start('--purge-interval=0');
	measured('pgbouncer in between, /auth', $primary, [ $t->port ], $auth_bytes, [$pid]);
	measured('pgbouncer in between, /oauth2/token', $primary, [ $t->port ], $token_bytes, [$pid]);
}

$standby->stop('fast');
$t->finish;
done_testing();
