# 002_slow_clients.pl
# Clients that send slowly, or nothing: SECURITY requirements R18 to R21.
#
# Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(read_answer wait_for);
use Test::More;
use Time::HiRes qw(time usleep);

my $t = ShimTest->new;
my $threads = 8;
$t->start("--threads=$threads", '--head-timeout=1500', '--body-timeout=1500', '--idle-timeout=1500');

# Send the bytes one by one on each of several connections until the server closes
# them: the seconds that took for the last one, 999 for never.
sub drip
{
	my ($first, $bytes, $n) = @_;
	my @sockets = map { $t->connect } 1 .. $n;
	my $begun = time;
	my $last = 0;
	my $round = 0;

	local $SIG{PIPE} = 'IGNORE';
	syswrite($_, $first) for @sockets;
	while (@sockets && time < $begun + 8)
	{
		my @open;
		for my $socket (@sockets)
		{
			if (IO::Select->new($socket)->can_read(0))
			{
				my $n_read = sysread($socket, my $answer, 1000);
				$last = $n_read && $answer =~ m{\AHTTP/1\.1 408 } ? time - $begun : 999;
				next;
			}
			syswrite($socket, substr($bytes, $round % length $bytes, 1));
			push @open, $socket;
		}
		@sockets = @open;
		$round++;
		usleep(100_000);
	}
	return @sockets ? 999 : $last;
}

# R19, R20: every byte comes in time, the whole does not.
{
	my $seconds = drip("GET /api/x HTTP/1.1\r\nHost: h\r\nX: ", 'abcdefgh', 3);
	cmp_ok($seconds, '<', 4, 'R19: slow header fields are given up at the deadline for the whole head');
	cmp_ok($seconds, '>', 1, 'R19: and not before');

	my $before = $t->sql('SELECT count(*) FROM oauth.written');
	$seconds = drip("POST /oauth2/token HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n", 'abcdefgh', 3);
	cmp_ok($seconds, '<', 4, 'R20: a slow body is given up at the deadline for the whole body');
	cmp_ok($seconds, '>', 1, 'R20: and not before');
	my %drips = ('in a chunk' => ["3E8\r\n", 'abcdefgh'], 'in chunks of a byte' => ['', "1\r\na\r\n"],
		'in an extension' => ['3;', 'x'], 'in a trailer field' => ["0\r\nA: ", 'x']);
	for my $where (sort keys %drips)
	{
		my ($first, $bytes) = @{ $drips{$where} };
		$seconds = drip("POST /oauth2/token HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n$first", $bytes, 3);
		cmp_ok($seconds, '<', 4, "R20: likewise a slow body $where");
		cmp_ok($seconds, '>', 1, 'R20: and not before');
	}
	is($t->sql('SELECT count(*) FROM oauth.written'), $before, 'R18: nothing of it came to the database');
}

# The same where nothing more comes, and the client is told.
{
	my $socket = $t->connect;
	syswrite($socket, "GET /api/x HTT");
	is(read_answer($socket, seconds => 4)->{status}, 408, 'R19: a head that stops is answered 408');
	$socket = $t->connect;
	syswrite($socket, "POST /oauth2/token HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
	is(read_answer($socket, seconds => 4)->{status}, 408, 'R20: a body that stops is answered 408');
	$socket = $t->connect;
	syswrite($socket, "POST /oauth2/token HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
	is(read_answer($socket, seconds => 4)->{status}, 408, 'R20: chunks that stop are answered 408');
	$socket = $t->connect;
	ok(ShimTest::is_closed($socket, 4), 'a connection that sends nothing is closed');
	$socket = $t->connect;
	syswrite($socket, "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
	is(read_answer($socket)->{status}, 200, 'a connection that is kept alive');
	ok(ShimTest::is_closed($socket, 4), 'is closed when no further request comes');
}

# A head and a body that come in small pieces, in time
{
	my $socket = $t->connect;
	for my $piece ("PO", "ST /oauth2/tok", "en HTTP/1.1\r", "\nHost: h\r\nContent-Len", "gth: 6\r\n\r", "\nab", "c", "def")
	{
		syswrite($socket, $piece);
		usleep(20_000);
	}
	is(read_answer($socket)->{status}, 200, 'a request in pieces is served');
}
$t->stop;

# R21: with as many idle connections as there are workers, and more, a new client is served.
$t->start("--threads=$threads", '--head-timeout=20000', '--body-timeout=20000', '--idle-timeout=20000');
for my $kind (['silent', ''], ['kept alive', "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"])
{
	my ($name, $first) = @$kind;
	my @idle;
	my $served = 0;

	for (1 .. 3 * $threads)
	{
		my $socket = $t->connect;
		push @idle, $socket;
		next if $first eq '';
		syswrite($socket, $first);
		$served++ if (read_answer($socket, seconds => 5)->{status} // 0) == 200;
	}
	is($served, 3 * $threads, "R21: each of them was served when it came ($name)") if $first ne '';
	my $begun = time;
	is($t->get('/healthz')->{status}, 200, "R21: a new client beside @{[ 3 * $threads ]} $name connections is served");
	cmp_ok(time - $begun, '<', 5, 'R21: soon');
}

# Connections that never end their head lose their workers too, though a little later.
{
	my @slow = map { my $s = $t->connect; syswrite($s, "GET /api/x HTTP/1.1\r\nX: "); $s } 1 .. $threads;
	usleep(1_200_000);
	my $begun = time;
	my $answers = grep { ($t->get('/healthz')->{status} // 0) == 200 } 1 .. 3;
	is($answers, 3, 'R21: a new client beside unfinished heads is served');
	cmp_ok(time - $begun, '<', 2, 'R21: soon');
}

# So do those that never end their body, by its length or in chunks.
for my $framing ("Content-Length: 1000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3e8\r\n")
{
	my @slow = map { my $s = $t->connect; syswrite($s, "POST /api/x HTTP/1.1\r\nHost: h\r\n${framing}a"); $s } 1 .. 3 * $threads;
	my $begun = time;
	my $answers = grep { ($t->get('/healthz')->{status} // 0) == 200 } 1 .. 3;
	is($answers, 3, 'R21: a new client beside three times as many unfinished bodies as there are workers is served');
	cmp_ok(time - $begun, '<', 10, 'R21: long before those would be given up');
}

# A connection that is being served is not taken away.
{
	my @busy = map { my $s = $t->connect; syswrite($s, "POST /api/slow?1 HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"); $s } 1 .. 2;
	my @idle = map { $t->connect } 1 .. 2 * $threads;
	$t->get('/healthz');
	is_deeply([map { read_answer($_)->{status} } @busy], [200, 200], 'R21: requests under way keep their connections');
}

# Nor is one whose request is here, and which no worker has come to read: each round the whole program waits for a processor.
{
	my ($asked, $answered) = (0, 0);
	for my $round (1 .. 10)
	{
		# those of the round before are gone
		wait_for(sub { $t->metric('oauth_shim_http_connections') == 1 });
		my @kept = map { my $s = $t->connect; syswrite($s, "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"); read_answer($s); $s } 1 .. $threads - 1;
		usleep(100_000);
		kill('STOP', $t->pid);
		wait_for(sub { !grep { ShimTest::slurp($_) !~ /^\d+ \(.*\) T/ } glob "/proc/@{[ $t->pid ]}/task/*/stat" });
		my @new = map { $t->connect } 1 .. 2 * $threads;
		syswrite($_, "GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n") for @kept, @new;
		usleep(100_000);
		kill('CONT', $t->pid);
		$asked += @kept + @new;
		$answered += grep { (read_answer($_, seconds => 5)->{status} // 0) == 200 } @kept, @new;
	}
	is($answered, $asked, 'R21: requests that have arrived are answered');
}
$t->finish;
done_testing();
