# 004_outages.pl
# Stops, kills and outages: SECURITY requirements R28 to R30.
#
# Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(header json read_answer wait_for);
use Test::More;
use Time::HiRes qw(time usleep);

my $t = ShimTest->new(conf => "restart_after_crash = on\nwal_level = replica");

sub post_bytes { return ShimTest::request_bytes('POST', $_[0], $_[1]) }

# Send a request and wait until its function sleeps in the database.
sub begin_sleeper
{
	my ($bytes, $n) = @_;
	my $socket = $t->connect;

	syswrite($socket, $bytes);
	wait_for(sub { $t->sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") >= ($n // 1) })
	  or die 'nothing sleeps';
	return $socket;
}

sub unavailable
{
	my ($answer, $name, $seconds) = @_;

	subtest $name => sub {
		is($answer->{status}, 503, 'status 503');
		is(header($answer, 'Retry-After'), 1, 'Retry-After');
		is(json($answer)->{error}, 'temporarily_unavailable', 'error');
		cmp_ok($answer->{seconds}, '<', $seconds // 4, 'in time');
	};
	return;
}

# R28
for my $signal ('TERM', 'INT')
{
	$t->start;
	my $idle = $t->connect;
	my $kept = $t->connect;
	syswrite($kept, "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
	read_answer($kept);
	my @running = (begin_sleeper(post_bytes('/oauth2/token', 'do:sleep?4')), begin_sleeper(post_bytes('/api/slow?4', ''), 2));
	kill($signal, $t->pid);
	wait_for(sub { $t->get('/healthz')->{status} == 503 });
	my $late = $t->post('/oauth2/token', '');
	is($late->{status}, 503, "R28: after SIG$signal a new request is 503");
	is(header($late, 'Connection'), 'close', 'R28: and its connection ends');
	syswrite($kept, "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
	is(read_answer($kept)->{status}, 503, 'R28: also on a connection that was there before');
	is_deeply([map { read_answer($_)->{status} } @running], [200, 200], 'R28: requests under way are answered');
	my ($status, $seconds) = $t->stop($signal);
	is($status, 0, 'R28: the shim ends with status 0');
	cmp_ok($seconds, '<', 10, 'R28: within 10 seconds');
	is($t->sql("SELECT count(*) FROM oauth.written WHERE body = 'do:sleep?4'"), 1, 'R28: what it answered is written');
	$t->sql('TRUNCATE oauth.written');
}
{
	$t->start('--stop-timeout=500');
	my $socket = begin_sleeper(post_bytes('/api/slow?5', ''));
	my ($status, $seconds) = $t->stop;
	cmp_ok($seconds, '<', 3, 'R28: a request that does not end does not keep the shim');
	like($t->error_log, qr/stopping with 1 requests unanswered/, 'R28: and the log says so');
	unlike(ShimTest::slurp($t->node->logfile), qr/unexpected EOF on client connection with an open transaction.*\n.*unexpected EOF/, 'the server lost no more than that connection');
}
{
	$t->sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'oauth_shim'");
	$t->sql('TRUNCATE oauth.written');
}

# R29
{
	$t->start;
	my $acknowledged = 0;
	for my $n (1 .. 50)
	{
		$acknowledged++ if $t->post('/oauth2/token', "n=$n")->{status} == 200;
	}
	my @unanswered = map { my $s = $t->connect; syswrite($s, post_bytes('/oauth2/token', 'do:sleep?0.1')); $s } 1 .. 10;
	$t->stop('KILL');
	is($t->sql("SELECT count(*) FROM oauth.written WHERE body LIKE 'n=%'"), $acknowledged, 'R29: after kill -9 all that was answered is there');
	$t->start('--same-port');
	is($t->post('/oauth2/token', 'again')->{status}, 200, 'R29: a restart needs no cleanup');
}

# R30: the server stops and comes back
{
	$t->node->stop('fast');
	unavailable($t->get('/api/x'), 'R30: without database, reading');
	unavailable($t->post('/oauth2/token', 'x'), 'R30: without database, writing');
	my @answers = $t->together(map { ShimTest::request_bytes('GET', "/api/$_", undef) } 1 .. 20);
	is((grep { $_->{status} == 503 && $_->{seconds} < 2.5 } @answers), 20, 'R30: many at a time wait no longer');
	is($t->get('/healthz')->{status}, 200, 'R30: the process says it lives');
	unavailable($t->get('/readyz'), 'R30: and that it is not ready');
	$t->node->start;
	ok(wait_for(sub { $t->get('/readyz')->{status} == 200 }, 10), 'R30: when the database is back it gets ready by itself');
	is($t->get('/api/x')->{status}, 200, 'R30: and serves');
	cmp_ok($t->metric('oauth_shim_database_reconnects_total'), '>=', 4, 'R30: on new connections');
	# it finds its connections lost with the request in its hand
	kill('STOP', $t->pid);
	$t->node->restart;
	kill('CONT', $t->pid);
	is($t->post('/oauth2/token', 'x')->{status}, 200, 'R30: a restart between two requests costs none');
}

# R30: connections that break
{
	$t->sql('TRUNCATE oauth.written');
	my $socket = begin_sleeper(post_bytes('/oauth2/token', 'do:sleep?4'));
	$t->sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
	unavailable(read_answer($socket), 'R30: a request whose connection is lost');
	is($t->post('/oauth2/token', 'next')->{status}, 200, 'R30: the next one is served');
	is($t->sql('SELECT count(*) FROM oauth.written'), 1, 'R30: the lost one was not run again');
	like($t->error_log, qr/connection lost, 1 requests for token have an unknown outcome/, 'R30: the log says so');

	$socket = begin_sleeper(post_bytes('/oauth2/token', 'do:sleep?4'));
	$t->kill_backend($t->sql("SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"));
	unavailable(read_answer($socket), 'R30: a crash of the server');
	ok($t->is_back, 'R30: is survived');
	is($t->get('/api/x')->{status}, 200, 'R30: requests are served again');
}

# R30: a server that cannot write
{
	$t->node->stop('fast');
	$t->node->set_standby_mode;
	$t->node->start;
	ok(wait_for(sub { $t->get('/readyz')->{status} == 200 && $t->get('/api/x')->{status} == 200 }, 10), 'R30: from a read-only server the shim reads');
	unavailable($t->post('/oauth2/token', 'x'), 'R30: what writes is told to come again');
	$t->node->promote;
	ok(wait_for(sub { $t->post('/oauth2/token', 'x')->{status} == 200 }, 10), 'R30: and served when the server writes again');
}
$t->stop;

# R30: a server that hangs
{
	$t->start('--statement-timeout=500', '--reading-connections=1', '--queue-timeout=1000');
	my $pid = json($t->get('/api/x'))->{pid};
	kill('STOP', $pid);
	my $answer = $t->get('/api/x');
	unavailable($answer, 'R30: a backend that hangs is given up', 4);
	is($t->post('/oauth2/token', 'x')->{status}, 200, 'R30: other lanes do not notice');
	ok(wait_for(sub { $t->get('/api/x')->{status} == 200 }, 5), 'R30: on a new connection its lane goes on');
	kill('CONT', $pid);
	$t->stop;
}

# R30: more than the connections can take
{
	$t->start('--writing-queue=3', '--slow-queue-timeout=400', '--slow-connections=1');
	my $busy = begin_sleeper(post_bytes('/oauth2/token', 'do:sleep?4'));
	my @answers = $t->together(map { post_bytes('/oauth2/token', $_) } 1 .. 8);
	my @refused = grep { $_->{status} == 503 } @answers;
	is(scalar @refused, 5, 'R30: what does not fit into the queue is refused');
	unavailable($refused[0], 'R30: a full queue', 1);
	is((grep { $_->{status} == 200 } @answers), 3, 'R30: what fits is served');
	read_answer($busy);

	$busy = begin_sleeper(post_bytes('/api/slow?4', ''));
	unavailable($t->get('/api/slow'), 'R30: a wait in the queue that is too long');
	is(read_answer($busy)->{status}, 200, 'R30: the request before it is served');
	is($t->sql("SELECT count(*) FROM oauth.written WHERE target = '/api/slow'"), 0, 'R30: a withdrawn request does not run later');
	$t->stop;
}

# A database that is not there when the shim starts
{
	$t->node->stop('fast');
	$t->start('--not-ready');
	unavailable($t->get('/api/x'), 'R30: started without database');
	$t->node->start;
	ok(wait_for(sub { $t->get('/readyz')->{status} == 200 }, 10), 'R30: it finds the database when that comes');
}
$t->finish;
done_testing();
