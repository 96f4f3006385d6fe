# 003_batches.pl
# Batches and lanes: requests share statements, and no request suffers from another.
#
# Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use IO::Select;
use lib $FindBin::RealBin;
use POSIX ();
use ShimTest qw(header json read_answer wait_for);
use Test::More;
use Time::HiRes qw(time usleep);

my $t = ShimTest->new(conf => "deadlock_timeout = 100ms\nlog_statement = all\nlog_min_messages = warning");
$t->start('--reading-connections=1', '--writing-connections=1', '--signing-connections=1', '--slow-connections=2', '--statement-timeout=4000');

sub get_bytes { return ShimTest::request_bytes('GET', $_[0], undef) }
sub post_bytes { return ShimTest::request_bytes('POST', $_[0], $_[1]) }

# Keep the one reading (or writing) connection busy until all requests have gathered, and read all answers.
sub gathered
{
	my ($busy, @requests) = @_;
	my $socket = $t->connect;

	syswrite($socket, $busy->{request});
	wait_for(sub { $t->sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") > 0 });
	my @sockets = $t->send_together(@requests);
	wait_for(sub { $t->metric(qq(oauth_shim_queue_depth{lane="$busy->{lane}"})) == @requests });
	$t->sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
	my @answers = map { read_answer($_) } @sockets;
	read_answer($socket);
	return @answers;
}
my $busy_reading = { lane => 'reading', request => get_bytes('/api/sleep?3.5') };
my $busy_signing = { lane => 'signing', request => post_bytes('/api/sign?3.5', '') };
my $busy_writing = { lane => 'writing', request => post_bytes('/oauth2/token', 'do:sleep?3.5') };

# One by one
is(json($t->get('/api/x'))->{lane}, 'reading', '/api starts in the reading lane');
is(json($t->post('/oauth2/token', ''))->{lane}, 'writing', 'the token endpoint in the writing lane');
is(json($t->get('/api/write'))->{lane}, 'writing', 'a function moves its request to the writing lane');
is(json($t->get('/api/slow'))->{lane}, 'slow', 'or to the slow lane');
is(json($t->get('/api/sign'))->{lane}, 'signing', 'or to the signing lane');
is($t->sql("SELECT count(*) FROM oauth.written WHERE target IN ('/api/write', '/api/slow', '/api/sign')"), 3, 'where each ran once');
is($t->get("/api/hop?$_")->{status}, 500, "a lane \"$_\" that cannot be is 500") for 'reading', 'nirvana', '';
is($t->get('/api/readonly')->{status}, 503, 'the reading lane cannot write');
is(header($t->get('/api/readonly'), 'Retry-After'), 1, 'which is worth a retry, as on a standby');

# Together
{
	my $before = $t->metric('oauth_shim_batch_requests_count{lane="reading"}');
	my @answers = gathered($busy_reading, map { get_bytes("/api/echo?$_") } 1 .. 40);
	is_deeply([map { json($_)->{target} } @answers], [map { "/api/echo?$_" } 1 .. 40], 'each of 40 requests gets its own answer');
	my %moments = map { json($_)->{now} => 1 } @answers;
	is(scalar keys %moments, 1, 'from one statement');
	is($t->metric('oauth_shim_batch_requests_count{lane="reading"}') - $before, 2, 'which the metrics count');
}
{
	my @answers = gathered($busy_writing, map { post_bytes('/oauth2/token', "n=$_") } 1 .. 20);
	is_deeply([map { pack 'H*', json($_)->{body} } @answers], [map { "n=$_" } 1 .. 20], '20 writing requests get their own answers');
	my %transactions = map { json($_)->{xact} => 1 } @answers;
	is(scalar keys %transactions, 1, 'from one transaction');
}
{
	my @answers = $t->together(map { post_bytes('/api/slow', $_) } 1 .. 6);
	my %transactions = map { json($_)->{xact} => 1 } @answers;
	is(scalar keys %transactions, 6, 'in the slow lane each has a transaction of its own');
}
{
	my @answers = gathered($busy_signing, map { post_bytes('/api/sign', $_) } 1 .. 40);
	is_deeply([map { pack 'H*', json($_)->{body} } @answers], [1 .. 40], '40 signing requests get their own answers');
	my %batch;
	$batch{ json($_)->{xact} }++ for @answers;
	cmp_ok((sort { $b <=> $a } values %batch)[0], '<=', 16, 'from batches that are small');
	cmp_ok(scalar(keys %batch), '<', 40, 'but not from a transaction each');
}
{
	my @answers = gathered($busy_reading, map { get_bytes($_) } ('/auth', '/api/a', '/auth', '/api/b', '/auth'));
	is_deeply([map { $_->{status} } @answers], [401, 200, 401, 200, 401], 'requests of two functions do not mix');
}
# Who waits
{
	my @sockets = map { $t->connect } 1 .. 4;

	syswrite($sockets[0], get_bytes('/api/sleep?3.5'));
	wait_for(sub { $t->sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") > 0 });
	syswrite($sockets[$_], get_bytes("/api/echo?$_")) for 1 .. 3;
	ok(wait_for(sub { $t->metric('oauth_shim_queue_depth{lane="reading"}') == 3 }), 'who waits for a connection is counted');
	ok(wait_for(sub { $t->metric('oauth_shim_queue_oldest_seconds{lane="reading"}') > 0.1 }), 'and for how long the first has');
	ok(wait_for(sub { $t->metric('oauth_shim_requests_in_flight') == 5 }), 'all of them are under way');
	$t->sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
	read_answer($_) for @sockets;
	is($t->metric('oauth_shim_queue_depth{lane="reading"}'), 0, 'and then nobody does');
	is($t->metric('oauth_shim_queue_oldest_seconds{lane="reading"}'), 0, 'any more');
}
# All of syntax, together
{
	my @odd = map { "X: $_" } ('"', '\\', '\\"', '\\\\\\"', '{}', '{"a","b"}', '(,)', '")', '"",""', 'NULL', "'", '$1', '%s', "\xc3\xa4", ' ', "a\tb", ',', '\\x00', '"\\', '}', '\\\\');
	my @answers = gathered($busy_reading, map { "GET /api/x?$_ HTTP/1.1\r\nHost: h\r\n$_\r\n\r\n" =~ s{/api/x\?X: [^ ]* HTTP}{/api/x HTTP}r } grep { !/X:  / } @odd);
	is_deeply([map { json($_)->{headers}[1] } @answers], [grep { !/X:  / } @odd], 'whatever stands in a header reaches SQL unchanged');
	my @targets = map { "/api/x?$_" } ('"', '\\', '\\"', '\\\\\\"', '{}', '(,)', '")', '"",""', 'NULL', "'", '$1', '%00', '\\x00', '"\\', '}');
	@answers = gathered($busy_reading, map { get_bytes($_) } @targets);
	is_deeply([map { json($_)->{target} } @answers], \@targets, 'likewise in a target');
	is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'and spoils no batch');
}

# Where the last of its kind ended up
{
	my $writes = sub { $t->metric('oauth_shim_batch_requests_sum{lane="writing"}') };
	my $before = $writes->();
	my $socket = $t->connect;
	my $lane_of = sub {
		my ($credentials, $body) = @_;
		syswrite($socket, ShimTest::request_bytes('POST', '/oauth2/token', $body, $credentials ? (Authorization => $credentials) : ()));
		return json(read_answer($socket))->{lane};
	};

	is_deeply([map { $lane_of->('Basic b25l', 'do:sign') } 1 .. 3], [('signing') x 3], 'three requests are signed');
	is($writes->() - $before, 1, 'one of them by way of the writing lane');
	is($lane_of->('Basic dHdv', 'do:echo'), 'writing', 'what brings other credentials begins where its route says');
	is($lane_of->(undef, 'do:sign'), 'signing', 'what brings none is signed as well');
	is($lane_of->(undef, 'do:echo'), 'writing', 'and tells nothing of the next');
	is($lane_of->('Basic b25l', 'do:echo'), 'signing', 'what brings the same is answered there, signed or not');
	$socket = $t->connect;
	is($lane_of->('Basic b25l', 'do:echo'), 'writing', 'on another connection nothing is known of it');
}
{
	my $reads = sub { $t->metric('oauth_shim_batch_requests_sum{lane="reading"}') };
	my $before = $reads->();
	my $socket = $t->connect;
	my $lane_of = sub {
		my ($target, $credentials) = @_;
		syswrite($socket, ShimTest::request_bytes('GET', $target, undef, Authorization => $credentials));
		return json(read_answer($socket))->{lane};
	};

	is_deeply([map { $lane_of->('/api/prove', "DPoP $_") } 1 .. 3], [('signing') x 3], 'what the reading lane sends on, because of its scheme');
	is($reads->() - $before, 1, 'begins there next, whatever token the scheme brings');
	is($lane_of->('/api/echo', 'Bearer 4'), 'reading', 'another scheme does not');
	is($lane_of->('/api/sign', 'Bearer 4'), 'signing', 'what is sent on because of its client');
	is($lane_of->('/api/echo', 'Bearer 5'), 'reading', 'tells nothing of other clients behind the same proxy');
}

# With two connections
{
	my $two = ShimTest->new(name => 'two');
	my $late = 0;

	$two->start('--reading-connections=2');
	for (1 .. 10)
	{
		my ($slow, $quick) = $two->send_together(get_bytes('/api/sleep?0.3'), get_bytes('/auth'));
		is(read_answer($quick)->{status}, 401, 'what arrives while a batch takes long is answered');
		$late++ if IO::Select->new($slow)->can_read(0);
		read_answer($slow);
	}
	cmp_ok($late, '<=', 5, '... by the other connection, before it ends');

	# which leaves the processor to it now and then, because it may be that it only waits for that
	my ($slow) = $two->send_together(get_bytes('/api/sleep?0.5'));
	my $answers = 0;
	usleep(100_000);    # its batch has begun
	until (IO::Select->new($slow)->can_read(0))
	{
		$two->get('/auth');
		$answers++;
	}
	note("$answers answers");
	cmp_ok($answers, '<=', 260, 'with a pause of two milliseconds between its batches');
	cmp_ok($answers, '>=', 2, 'and no more');
	read_answer($slow);
}

# On one processor, what computes for long takes both connections while nobody else waits, and one of them while others do
{
	my $one = ShimTest->new(name => 'one');
	my ($processors) = `taskset -cp $$` =~ /: *(\S+)$/m or die 'no taskset';
	my ($first) = $processors =~ /^(\d+)/;
	my $rounds = 16;

	system("taskset -cp $first $$ > /dev/null") == 0 or die 'taskset';
	$one->start('--trusted-proxy=127.0.0.1', map { "--$_-connections=" . ($_ eq 'reading' ? 1 : 2) } qw(reading signing slow));
	system("taskset -cp $processors $$ > /dev/null") == 0 or die 'taskset';

	# in how many rounds one of two requests, which take 20 ms, begins when the other is over
	my $one_by_one = sub {
		my (@requests) = @_;
		my $n = grep { abs($_->[0] - $_->[1]) >= 0.018 } map { [ map { json($_)->{now} } $one->together(@requests) ] } 1 .. $rounds;
		note("$n of $rounds");
		return $n;
	};
	my @signatures = map { post_bytes('/api/sign?0.02', $_) } 1 .. 2;
	my @passwords = map { post_bytes('/api/slow?0.02', $_) } 1 .. 2;
	my @of_two = ($passwords[0], ShimTest::request_bytes('POST', '/api/slow?0.02', '2', 'X-Forwarded-For' => '192.0.2.7'));

	my @alone = map { $one_by_one->(@$_) } \@signatures, \@passwords;
	my @crowds;
	for (1 .. 2)
	{
		push @crowds, fork // die "fork: $!";
		next if $crowds[-1];
		my $parent = getppid;
		my @sockets = map { $one->connect } 1 .. 8;
		while (getppid == $parent)
		{
			syswrite($_, get_bytes('/auth')) for @sockets;
			read_answer($_) for @sockets;
		}
		POSIX::_exit(0);
	}
	wait_for(sub { $one->metric('oauth_shim_batch_requests_sum{lane="reading"}') > 30 });
	my @beside = map { $one_by_one->(@$_) } \@signatures, \@passwords, \@of_two;
	kill 'KILL', @crowds;
	waitpid($_, 0) for @crowds;
	my @afterwards = map { $one_by_one->(@$_) } \@signatures, \@passwords;
	my @what = ('signatures', 'passwords from one address');

	# on a busy machine a crowd has gaps, and two that are sent together do not arrive together
	cmp_ok($beside[$_], '>', $alone[$_] + 2, "two $what[$_] have a connection each, but one while others wait") for 0, 1;
	cmp_ok($beside[2], '<', $beside[1], 'passwords from two addresses have one each');
	cmp_ok($afterwards[$_], '<', $beside[$_], "and so have two $what[$_] when the others have gone") for 0, 1;
}

# One of them fails
{
	my @answers = gathered($busy_reading, map { get_bytes($_) } ('/api/a', '/api/raise?22012', '/api/b', '/api/raise?40001', '/api/raise?XX000', '/api/c'));
	is_deeply([map { $_->{status} } @answers], [200, 500, 200, 503, 500, 200], 'a request that fails does not take its batch along');
	is($t->metric('oauth_shim_batch_fallbacks_total'), 1, 'the batch was run one by one');
	is(header($answers[3], 'Retry-After'), 1, 'a passing failure says when to come again');
	is(json($answers[3])->{error}, 'temporarily_unavailable', 'and that it is one');
	unlike(join('', map { $_->{raw} } @answers), qr/mock-secret/, 'the text of the server is shown to nobody');
	unlike($t->error_log, qr/mock-secret/, 'nor logged');
	like($t->error_log, qr/reading lane: resource failed with SQLSTATE 22012 for 1 requests/, 'the SQLSTATE is');
}
{
	$t->sql('TRUNCATE oauth.written');
	my @answers = gathered($busy_writing, map { post_bytes('/oauth2/token', $_) } 'one', 'do:raise?40P01', 'two', 'three');
	is_deeply([map { $_->{status} } @answers], [200, 503, 200, 200], 'also after a deadlock was detected');
	is($t->sql("SELECT string_agg(convert_from(body, 'UTF8'), ' ' ORDER BY body) FROM oauth.written WHERE body NOT LIKE 'do:%'"),
		'one three two', 'and what the others write is written once');
}
is($t->get("/api/raise?$_->[0]")->{status}, $_->[1], "SQLSTATE $_->[0] is $_->[1]")
  for ['08006', 503], ['53100', 503], ['57014', 503], ['25006', 503], ['40P01', 503], ['40001', 503], ['55P03', 503], ['22000', 500], ['42501', 500], ['P0001', 500];

# Wrong number of rows
is($t->get("/auth?rows=$_")->{status}, 500, "$_ rows for a request is 500") for 0, 2;
{
	my @answers = gathered($busy_reading, map { get_bytes($_) } ('/auth', '/auth?rows=0', '/auth'));
	is_deeply([map { $_->{status} } @answers], [401, 500, 401], 'too few rows: every other request gets its own answer');
	@answers = gathered($busy_reading, map { get_bytes($_) } ('/auth', '/auth?rows=2', '/auth'));
	is_deeply([map { $_->{status} } @answers], [401, 500, 401], 'too many rows: likewise');
}

# Statement timeout; the wait of others for it is bounded
is($t->get('/api/sleep?20')->{status}, 503, 'a request that takes too long is cancelled');
is($t->get('/api/x')->{status}, 200, 'and the lane goes on');

# The slow lane stops nobody
{
	my @slow = map { my $s = $t->connect; syswrite($s, get_bytes('/api/slow?1')); $s } 1 .. 4;
	wait_for(sub { $t->sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == 2 });
	my $begun = time;
	is($t->get('/api/x')->{status}, 200, 'beside slow requests others are served');
	is($t->post('/oauth2/token', '')->{status}, 200, 'also writing ones');
	cmp_ok(time - $begun, '<', 0.8, 'at once');
	is_deeply([map { read_answer($_)->{status} } @slow], [200, 200, 200, 200], 'and the slow ones too, in the end');
}

# Statements that are gone, or another extension
{
	$t->get('/api/x') for 1 .. 3;
	my $pid = json($t->get('/api/x'))->{pid};
	$t->sql('DROP SCHEMA oauth CASCADE');
	is($t->get('/api/x')->{status}, 500, 'without the extension there are errors');
	$t->sql(ShimTest::mock());
	$t->sql('GRANT USAGE ON SCHEMA oauth TO oauth_shim');
	is($t->get('/api/x')->{status}, 200, 'after it was created anew there are none');
	is($t->post('/oauth2/token', '')->{status}, 200, 'on all connections');
}
$t->stop;

# Two shims that lock the same rows in opposite orders
{
	$t->start;
	my $first = $t->port;
	$t->start;
	my $second = $t->port;
	my @sockets = map {
		my ($port, $order) = @$_;
		my $socket = $t->connect(port => $port);
		syswrite($socket, post_bytes('/oauth2/token', "do:lock?$order"));
		$socket
	} ([$first, '1,2'], [$second, '2,1']);
	my @statuses = sort map { read_answer($_)->{status} } @sockets;
	is_deeply(\@statuses, [200, 503], 'of two shims in a deadlock one succeeds and the other is told to come again');
}
$t->finish;
done_testing();
