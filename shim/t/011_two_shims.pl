# 011_two_shims.pl
# Two shims on one database: the same refresh tokens through both in opposite orders, and one of them, or a backend,
# killed in the middle (R29, R118, R133; RFC 9700, section 4.14).
#
# Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(json post_bytes read_answer request_bytes slurp wait_for);
use List::Util qw(uniq);
use Test::More;

my $families = 20;
my $t = ShimTest->new(extension => 1, loud => 1, conf => "restart_after_crash = on\ndeadlock_timeout = 50ms\noauth.refresh_grace = 300");
my ($client, $secret) = split /\|/, $t->sql("SELECT * FROM oauth_register_client('two', grant_types => '{password,client_credentials,refresh_token}')");
my $auth = "client_id=$client&client_secret=$secret";

$t->start;
my ($one, $first_log) = ($t->port, $t->{shims}[-1]{err});
$t->start;
my $two = $t->port;

sub new_tokens { return split /\n/, $t->sql("SELECT refresh_token FROM generate_series(1, $families) i, oauth_issue_token('$client', 'person' || i, refresh => true)") }
sub refresh_bytes { return post_bytes('/oauth2/token', "grant_type=refresh_token&$auth&refresh_token=$_[0]") }
sub client_credentials { return post_bytes('/oauth2/token', "grant_type=client_credentials&$auth") }
sub good { return $t->sql("SELECT active FROM oauth_verify_token('$_[0]')") eq 't' }
sub issued { return $t->sql('SELECT count(*) FROM oauth.access_token') }

# Refresh tokens that could still be used, of the families of this round.
sub living { return $t->sql('SELECT count(*) FROM oauth.refresh_token r JOIN oauth.grant g ON g.handle = r.grant_handle WHERE r.used_at IS NULL AND g.ended_at IS NULL') }
sub forget_all { return $t->sql("UPDATE oauth.grant SET ended_at = now(), ended_reason = 'end of the round' WHERE ended_at IS NULL AND subject IS NOT NULL") }

sub both_ready
{
	return wait_for(sub { !grep { $_->{status} != 200 } $t->together(map { [ $_, request_bytes('GET', '/readyz', undef) ] } $one, $two) });
}

# A session that makes every batch that issues a token wait, so that the middle can be met.
sub hold
{
	my $session = $t->node->background_psql('postgres');

	$session->query_safe('BEGIN; LOCK TABLE oauth.access_token IN SHARE ROW EXCLUSIVE MODE');
	return $session;
}

sub batches_wait
{
	my ($how_many) = @_;
	return wait_for(sub { $t->sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'oauth_shim' AND wait_event_type = 'Lock'") >= $how_many });
}

# ---- the same tokens in opposite orders ----

{
	my @tokens = new_tokens();

	for my $round (1 .. 4)
	{
		# While the first of each waits, the others gather; then two batches meet.
		my $hold = hold();
		my @sockets = $t->send_together((map { [ $one, refresh_bytes($_) ] } @tokens), map { [ $two, refresh_bytes($_) ] } reverse @tokens);
		batches_wait(2);
		$hold->quit;
		my @answers = map { read_answer($_) } @sockets;
		my @there = @answers[ 0 .. $families - 1 ];
		my @back = reverse @answers[ $families .. 2 * $families - 1 ];

		is(join(' ', uniq map { $_->{status} } @answers), '200', "R118: round $round: every refresh is answered, by both shims");
		is((grep { $there[$_]{body} !~ /"refresh_token": "(\S+)"/ || $back[$_]{body} !~ /"refresh_token": "\Q$1\E"/ } 0 .. $#there), 0,
			"R133: round $round: with one pair for each token");
		is(living(), $families, "R133: round $round: no family is lost, and each has one living refresh token");
		@tokens = map { json($_)->{refresh_token} } @there;
	}
	is((grep { !good(json($_)->{access_token}) } $t->together(map { refresh_bytes($_) } @tokens)), 0, 'and the last access tokens are good');
}

# ---- R154: what one shim has revoked, the other knows at once ----

{
	my @lost;

	for (1 .. 50)
	{
		my ($access, $refresh) = split /\|/, $t->sql("SELECT access_token, refresh_token FROM oauth_issue_token('$client', 'person1', refresh => true)");
		my ($first, $second) = $_ % 2 ? ($one, $two) : ($two, $one);
		my ($before) = $t->together([ $second, request_bytes('GET', '/auth', undef, Authorization => "Bearer $access") ]);
		my ($revoked) = $t->together([ $first, post_bytes('/oauth2/revoke', "$auth&token=" . ($_ % 3 ? $access : $refresh)) ]);
		my ($after) = $t->together([ $second, request_bytes('GET', '/auth', undef, Authorization => "Bearer $access") ]);
		push @lost, $_ if "$before->{status} $revoked->{status} $after->{status}" ne '200 200 401';
	}
	is("@lost", '', 'R154: a revocation that was answered holds at the other shim from then on');
}

# What two batches can do to each other is a deadlock, which the server resolves; nothing else may make a batch fail.
{
	my $log = slurp($first_log) . $t->error_log;
	my @states = uniq $log =~ /failed with SQLSTATE (\S+)/g;
	is_deeply([ grep { $_ ne '40P01' } @states ], [], 'a batch failed for no other reason than a deadlock');
	note(scalar(() = $log =~ /SQLSTATE 40P01/g), ' deadlocks');
}

# ---- good and bad requests at once: what was refused left nothing ----

{
	forget_all();
	my @tokens = new_tokens();
	my $before = issued();
	my @requests = map { (refresh_bytes($_), refresh_bytes("${_}x"), client_credentials(), post_bytes('/oauth2/token', "grant_type=client_credentials&client_id=$client&client_secret=x")) } @tokens;
	my @answers = $t->together(map { [ $_ % 2 ? $one : $two, $requests[$_] ] } 0 .. $#requests);
	my @granted = grep { $_->{status} == 200 } @answers;

	is(@granted, 2 * $families, 'of good and bad requests in the same batches the good ones are answered');
	is(issued() - $before, @granted, 'and as many tokens exist as were handed out');
	is((grep { !good(json($_)->{access_token}) } @granted), 0, 'which are all good');
	is(living(), $families, 'what was refused ended no family');
}

# ---- kill -9 of a shim in the middle (R29) ----

{
	forget_all();
	my @tokens = new_tokens();
	my @early = $t->together(map { refresh_bytes($_) } @tokens[ 0 .. 4 ]);
	my $hold = hold();
	my @sockets = $t->send_together(map { refresh_bytes($_) } @tokens[ 5 .. $#tokens ]);

	ok(batches_wait(1), 'R29: while requests are under way');
	is($t->stop('KILL'), 9, 'R29: a shim is killed');
	is((grep { defined read_answer($_)->{status} } @sockets), 0, 'R29: nobody gets an answer of it');
	$hold->quit;
	is($t->port, $one, 'R29: clients that ask again meet the other shim');
	my @late = $t->together(map { refresh_bytes($_) } @tokens[ 5 .. $#tokens ]);
	is(join(' ', uniq map { $_->{status} } @late), '200', 'R29: which answers them, whatever became of their first request');
	is((grep { !good(json($_)->{access_token}) } @early, @late), 0, 'R29: all that was acknowledged is good');
	is(living(), $families, 'R29: and no family is lost');
	is((grep { $_->{status} != 200 } $t->together(map { refresh_bytes(json($_)->{refresh_token}) } @early, @late)), 0, 'R29: the next refresh of each is answered, too');

	$t->start('--same-port');
	is($t->port, $two, 'R29: the killed shim starts again without cleaning');
	is((read_answer($t->send_together(client_credentials())))->{status}, 200, 'R29: and serves');
}

# ---- the backend ----

# Terminated, and killed with a restart of all the server: the transaction never was. Who waited behind it is served.
for my $kill ("SELECT pg_terminate_backend(%d)", undef)
{
	my $how = $kill ? 'terminated' : 'killed, and the server with it';
	forget_all();
	my @tokens = new_tokens();
	my @early = $t->together(map { ([ $one, client_credentials() ], [ $two, client_credentials() ]) } 1 .. 5);
	my $before = issued();
	my $hold = hold();
	my @sockets = $t->send_together((map { [ $one, refresh_bytes($_) ] } @tokens), map { [ $two, client_credentials() ] } 1 .. 10);

	ok(batches_wait(2), 'R30: while batches of two shims are under way');
	my @pids = split /\n/, $t->sql("SELECT pid FROM pg_stat_activity WHERE usename = 'oauth_shim' AND wait_event_type = 'Lock'");
	$kill ? $t->sql(sprintf $kill, $_) : $t->kill_backend($_) for $kill ? @pids : $pids[0];
	$hold->{run}->kill_kill;
	my @answers = map { read_answer($_) } @sockets;
	my @granted = grep { $_->{status} == 200 } @answers;
	is((grep { $_->{status} != 503 && $_->{status} != 200 } @answers), 0, "R30: the backend is $how: who was in its batch is told to come again");
	# where all of the server goes, the lock that the other batch waits for may be gone first, and that batch commits
	cmp_ok(@answers - @granted, '>=', $kill ? 2 : 1, 'R30: some of both shims were, of the killed one at least');
	ok(($kill || $t->is_back) && both_ready(), 'R30: both shims find the server again');
	# the end of all of the server can also come between the commit of that batch and its answer, which then nobody gets
	my $issued = issued() - $before;
	$kill ? is($issued, @granted, "R30: $how: no token lives whose answer was a fault") :
	  cmp_ok($issued, '>=', scalar @granted, "R30: $how: what was acknowledged is there");
	is(living(), $families, 'R30: and no family is lost');
	push @early, @granted;
	is((grep { !good(json($_)->{access_token}) } @early), 0, 'R29: all that was acknowledged is good');
	is((grep { $_->{status} != 200 } $t->together(map { refresh_bytes($_) } @tokens)), 0, 'R30: those who come again are answered');
}

# Under load, at moments nobody chose: every token that was handed out is there.
{
	my @granted;

	for my $round (1 .. 5)
	{
		my @sockets = $t->send_together(map { [ $_ % 2 ? $one : $two, client_credentials() ] } 1 .. 60);
		my @some = map { read_answer($sockets[$_]) } 0 .. $round * 8;
		$t->sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'oauth_shim'");
		push @granted, grep { ($_->{status} // 0) == 200 } @some, map { read_answer($_) } @sockets[ $round * 8 + 1 .. $#sockets ];
		both_ready();
	}
	my @tokens = map { json($_)->{access_token} } @granted;
	$t->remember(@tokens);
	cmp_ok(scalar @tokens, '>', 100, 'R29: of what is asked while connections break');
	is($t->sql('SELECT count(*) FROM unnest($$' . '{' . join(',', @tokens) . '}$$::text[]) token, oauth_verify_token(token) WHERE active'), scalar @tokens,
		'R29: all that was acknowledged is good');
}

$t->no_secret_in_logs;	# R217
$t->finish;
done_testing();
