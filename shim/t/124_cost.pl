# 124_cost.pl
# What a request costs, as counts that hold on any machine: system calls, context switches and instructions of the shim
# and of the backends. The bounds are loose; docs/bench says what the counts are.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin, "$FindBin::RealBin/../../docs/bench";
use Cost;
use Digest::SHA qw(sha256_base64);
use IO::Select;
use LoggedIn;
use MIME::Base64 qw(encode_base64);
use ShimTest qw(request_bytes shim_program skip_tests wait_for);
use Test::More;

my $connections = 64;
my $t = ShimTest->new(extension => 1);
my ($id, $secret) = split /\|/, $t->sql("SELECT client_id, client_secret FROM oauth_register_client(client_name => 'Service',
	grant_types => '{client_credentials,introspection}', scope => 'read')");
my @tokens = split /\n/, $t->sql("SELECT (oauth_issue_token('$id', scope => 'read')).access_token FROM generate_series(1, 500)");
my @form = ('Content-Type' => 'application/x-www-form-urlencoded', Authorization => 'Basic ' . encode_base64("$id:$secret", ''));

# What is asked, and how much of everything it may cost at most. The shim receives and sends; a third call is too many.
my @loads = (
	{ name => '/auth', request => sub { request_bytes('GET', '/auth', undef, Authorization => "Bearer $tokens[ $_[0] % @tokens ]") },
		shim => { calls => 3.5, switches => 4, instructions => 50_000 }, backend => { calls => 1.5, switches => 1.5 } },
	{ name => 'introspection', request => sub { request_bytes('POST', '/oauth2/introspect', "token=$tokens[ $_[0] % @tokens ]", @form) },
		shim => { calls => 3.5, switches => 4, instructions => 65_000 }, backend => { calls => 1.5, switches => 1.5 } },
	{ name => 'client_credentials', request => sub { request_bytes('POST', '/oauth2/token', 'grant_type=client_credentials', @form) },
		shim => { calls => 3.5, switches => 4, instructions => 65_000 }, backend => { calls => 5, switches => 2.5 } },
);

# Ask so often, over connections that stay, each with one request under way. An answer that is not 200 would cost less.
sub ask
{
	my ($load, $requests) = @_;
	my ($sent, $answered) = (0, 0);
	my $select = IO::Select->new;
	my %received;

	for (1 .. $connections)
	{
		my $socket = $t->connect;
		$select->add($socket);
		syswrite($socket, $load->{request}->($sent++));
	}
	while ($answered < $requests && (my @ready = $select->can_read(60)))
	{
		for my $socket (@ready)
		{
			my $bytes = \($received{$socket} //= '');
			sysread($socket, $$bytes, 65536, length $$bytes) or die 'a connection has ended';
			next unless $$bytes =~ /\AHTTP\/1\.1 (\d+).*?^Content-Length: (\d+)\r\n(?:.*?\r\n)?\r\n/ms && length($$bytes) >= $+[0] + $2;
			die "$load->{name} answers $$bytes" if $1 != 200;
			$answered++;
			$$bytes = '';
			syswrite($socket, $load->{request}->($sent++)) if $sent < $requests;
		}
	}
	die "only $answered of $requests requests were answered" if $answered < $requests;
	close $_ for $select->handles;
	return;
}

sub backends { return split /\n/, $t->sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'oauth-shim'") }

sub file { return $t->dir . "/$_[0]" }

sub costs_at_most
{
	my ($what, $count, $requests, $bound) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	cmp_ok($count / $requests, '<=', $bound, sprintf '%s a request: %.*f, at most %s', $what, $bound < 100 ? 2 : 0, $count / $requests, $bound);
	return;
}

# What the code counts, or less, if it counts more than that a request: where others have the processors, batches are smaller.
sub least
{
	my ($code, $requests, $bound) = @_;
	my $least;

	for (1 .. 3)
	{
		my $count = $code->() // return 'nan';
		$least = $count if !defined $least || $count < $least;
		last if $least <= $bound * $requests;
	}
	return $least;
}

# The shim as it is, with strace or without.
{
	my $requests = 3000;

	$t->start;
	my %pids = (shim => [ $t->pid ], backend => [ backends() ]);
	for my $load (@loads)
	{
		ask($load, $connections);
		for my $who (sort keys %pids)
		{
			my $switches = sub {
				my $before = Cost::context_switches(@{ $pids{$who} });
				ask($load, $requests);
				return Cost::context_switches(@{ $pids{$who} }) - $before;
			};
			costs_at_most("$load->{name}: context switches of the $who", least($switches, $requests, $load->{$who}{switches}),
				$requests, $load->{$who}{switches});
		}
	}
	SKIP:
	{
		my ($calls) = Cost::has_program('strace') ? Cost::count_by_strace(file('calls'), $pids{shim}, sub { ask($loads[0], 100) }) : ();
		skip_tests(2 * @loads, 'strace is not installed, or may not look at the shim') unless defined $calls;
		for my $load (@loads)
		{
			for my $who (sort keys %pids)
			{
				my $made = sub {
					my ($all, undef, $waits) = Cost::count_by_strace(file("calls.$who"), $pids{$who}, sub { ask($load, $requests) });
					return defined $all ? $all - $waits : undef;
				};
				costs_at_most("$load->{name}: system calls of the $who, without waits for locks", least($made, $requests, $load->{$who}{calls}),
					$requests, $load->{$who}{calls});
			}
		}
	}
	is($t->stop, 0, 'the shim ends with status 0');
}

# The shim in callgrind, which counts the instructions of its threads.
SKIP:
{
	my $requests = 1000;

	skip_tests(scalar(@loads), 'valgrind is not installed, or the shim has sanitizers')
	  if !Cost::has_program('valgrind') || shim_program() =~ /asan/;
	my $program = file('shim-in-callgrind');
	open my $script, '>', $program or die "$program: $!";
	print $script "#!/bin/sh\nexec ", join(' ', Cost::callgrind(file('instructions'))), ' ', shim_program(), " \"\$@\"\n";
	close $script;
	chmod 0755, $program;
	local $ENV{OAUTH_SHIM} = $program;
	local $ENV{HOME} = $t->dir;
	$t->start('--not-ready');
	ok(wait_for(sub { $t->get('/readyz')->{status} == 200 }, 120), 'the shim runs in callgrind');
	for my $load (@loads)
	{
		ask($load, $connections);
		my ($instructions) = Cost::count_by_callgrind(file('instructions'), $t->pid, sub { ask($load, $requests) });
		costs_at_most("$load->{name}: instructions of the shim", $instructions // 'nan', $requests, $load->{shim}{instructions});
	}
	is($t->stop, 0, 'it ends with status 0');
}

# Batches in a server that callgrind runs alone, by docs/bench/cost.sql, as the benchmark counts them.
SKIP:
{
	my %bound = (auth => 42_000, introspect => 80_000, client_credentials => 130_000, refresh => 460_000, exchange => 360_000);
	my ($few, $many) = (1, 3);    # batches, and one before each to see that it is answered

	skip_tests(scalar(keys %bound), 'valgrind is not installed') unless Cost::has_program('valgrind');
	local $ENV{HOME} = $t->dir;
	my $verifier = 'v' x 43;
	my $redirect_uri = 'https://bench.example/back';
	$t->sql("ALTER DATABASE postgres SET oauth.issuer = 'https://bench.example'; ALTER DATABASE postgres SET oauth.code_lifetime = 600; ALTER DATABASE postgres SET oauth.bcrypt_cost = 4");
	$t->sql("SELECT oauth_create_user('alice', 'wonderland')");
	my %client = (service => [ $id, $secret ],
		app => [ split /\|/, $t->sql("SELECT client_id, client_secret FROM oauth_register_client('App', grant_types => '{password,refresh_token}', scope => 'read')") ],
		web => [ split /\|/, $t->sql("SELECT client_id, client_secret FROM oauth_register_client('Web', grant_types => '{authorization_code,refresh_token}', scope => 'read', redirect_uris => '{$redirect_uri}')") ]);
	$t->start;
	my $alice = LoggedIn->new($t, 'alice', 'wonderland');
	my @codes = map { $alice->code($client{web}[0], 'read', redirect_uri => $redirect_uri, code_challenge => sha256_base64($verifier) =~ tr{+/}{-_}r, code_challenge_method => 'S256') } 1 .. 32 * ($few + $many + 2);
	is($t->stop, 0, 'the shim ends with status 0');
	$t->sql("CREATE SCHEMA bench; CREATE TABLE bench.sample AS SELECT unnest('{" . join(',', @tokens) . "}'::text[]) AS token");
	my %variables = (app_id => $client{app}[0], codes => '{' . join(',', @codes) . '}', verifier => $verifier,
		map { $_ => 'Basic ' . encode_base64(join(':', @{ $client{$_} }), '') } keys %client);
	$t->node->safe_psql('postgres', ShimTest::slurp("$FindBin::RealBin/../../docs/bench/cost.sql"), extra_params => [ map { ('-v', "$_=$variables{$_}") } keys %variables ]);
	my %cluster = (bindir => $t->node->config_data('--bindir'), data => $t->node->data_dir, database => 'postgres');
	$t->node->stop;
	for my $load (sort keys %bound)
	{
		my @counts = map { Cost::count_single_user(\%cluster, file("instructions.$load.$_->[1]"), "SELECT bench.run_$load($_->[0], $_->[1])") // 'nan' } [ 0, $few ], [ $few + 1, $many ];
		costs_at_most("$load: instructions of the backend", $counts[1] - $counts[0], 32 * ($many - $few), $bound{$load});
	}
	$t->node->start;
}

$t->finish;
done_testing();
