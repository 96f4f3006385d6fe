# 022_nonces.pl
# A signed request works once (RFC 5849, section 3.3): SECURITY requirements R58, R59, R61 and R62.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use IPC::Run qw(start finish);
use PostgreSQL::Test::Cluster;
use ShimTest qw(header read_answer wait_for);
use SignedRequest qw(authorization);
use Test::More;
use Time::HiRes qw(time usleep);

my $t = ShimTest->new(extension => 1, conf => <<'END');
restart_after_crash = on
wal_level = replica
max_wal_senders = 2
hot_standby = on
END
my $tables = join ' + ', map { "(SELECT count(*) FROM oauth.nonce_$_)" } 0 .. 7;
my $size = join ' + ', map { "pg_total_relation_size('oauth.nonce_$_')" } 0 .. 7;
my %credentials;

@credentials{qw(client_id client_secret)} = split /\|/,
  $t->sql(q{SELECT * FROM oauth_register_client('Signer', grant_types => '{oauth1_two_legged}')});
$t->start;

sub signed { return authorization(%credentials, method => 'GET', uri => 'http://shim.example/auth', @_) }
sub ask { return $t->get('/auth', Authorization => $_[0]) }
sub count_nonces { return $t->sql("SELECT $tables") }

sub refused
{
	my ($answer, $problem, $name) = @_;
	is($answer->{status}, 401, "$name: 401");
	like(header($answer, 'WWW-Authenticate') // '', qr/\boauth_problem="?$problem\b/, "$name: $problem");
	return;
}

# R61
{
	my $request = ShimTest::request_bytes('GET', '/auth', undef, Authorization => signed());
	my @answers = $t->together(($request) x 64);
	my $good = grep { $_->{status} == 200 } @answers;

	is($good, 1, 'R61: of 64 identical requests at once exactly one is served');
	is(scalar(grep { $_->{status} == 401 } @answers), 63, 'R61: and 63 are refused');
	is(count_nonces(), 1, 'R61: by one row');
}

# The reading lane sends a signed request on to the writing one; the connection remembers.
{
	my $reads = sub { $t->metric('oauth_shim_batch_requests_sum{lane="reading"}') };
	my $before = $reads->();
	my $socket = $t->connect;
	my $send = sub {
		syswrite($socket, ShimTest::request_bytes('GET', '/auth', undef, Authorization => $_[0]));
		return read_answer($socket)->{status};
	};

	is_deeply([map { $send->(signed()) } 1 .. 3], [200, 200, 200], 'three signed requests on one connection are served');
	is($reads->() - $before, 1, 'one of them by way of the reading lane');
	is($send->('Bearer x'), 401, 'a bearer token on that connection');
	is($reads->() - $before, 2, 'is looked at on the reading lane');
	is(ask(signed())->{status}, 200, 'a signed request on another connection');
	is($reads->() - $before, 3, 'begins there too');
}

# R58
{
	my $now = int time;
	my %same = (timestamp => $now, nonce => 'the-same');
	my %other;

	@other{qw(client_id client_secret)} = split /\|/,
	  $t->sql(q{SELECT * FROM oauth_register_client('Other', grant_types => '{oauth1_two_legged}')});
	is(ask(signed(%same))->{status}, 200, 'R58: a nonce is served');
	refused(ask(signed(%same)), 'nonce_used', 'R58: the nonce again');
	is(ask(signed(%same, timestamp => $now - 1))->{status}, 200, 'R58: the nonce with an earlier timestamp is served');
	is(ask(signed(%same, %other))->{status}, 200, 'R58: the nonce of another client is served');
}

# R59
{
	my $before = count_nonces();
	my $wrong = signed(client_secret => 'not the secret', nonce => 'not-burnt');
	my $bytes = $t->sql("SELECT $size");

	$t->together(map { ShimTest::request_bytes('GET', '/auth', undef, Authorization => signed(client_secret => 'no')) } 1 .. 50)
	  for 1 .. 10;
	refused(ask($wrong), 'signature_invalid', 'R59: a request with a wrong signature');
	is(count_nonces(), $before, 'R59: wrong signatures leave no row');
	is($t->sql("SELECT $size"), $bytes, 'R59: and no table grows');
	is(ask(signed(nonce => 'not-burnt'))->{status}, 200, 'R59: nor do they burn the nonce');
}

# R62
{
	my $request = signed();

	is(ask($request)->{status}, 200, 'R62: a request is served');
	$t->node->restart;
	wait_for(sub { $t->get('/readyz')->{status} == 200 });
	refused(ask($request), 'nonce_used', 'R62: after a restart of the server the request again');

	$request = signed();
	is(ask($request)->{status}, 200, 'R62: another is served');
	my ($backend) = split /\n/, $t->sql("SELECT pid FROM pg_stat_activity WHERE usename = 'oauth_shim'");
	my $started = $t->sql('SELECT pg_postmaster_start_time()');
	$t->kill_backend($backend);
	ok($t->is_back, 'R62: a backend is killed, and the server is back');
	is($t->sql('SELECT pg_postmaster_start_time()'), $started, 'R62: ... by itself');
	refused(ask($request), 'nonce_used', 'R62: and the request is refused');
}

# Make all nonces so much older that their table has left the window and is not in reach again, for half a minute at least. Returns their
# timestamp.
sub age_nonces
{
	return $t->sql(<<'SQL');
CREATE TEMP TABLE aged AS SELECT extract(epoch FROM now())::bigint - 4 * seconds_a_table AS at, seconds_a_table FROM oauth.nonce_floor;
CREATE TEMP TABLE moved (nonce uuid);
DO $$
BEGIN
	FOR i IN 0 .. 7 LOOP
		EXECUTE format('INSERT INTO moved SELECT * FROM oauth.nonce_%s', i);
		EXECUTE format('TRUNCATE oauth.nonce_%s', i);
	END LOOP;
	EXECUTE (SELECT format('INSERT INTO oauth.nonce_%s SELECT DISTINCT (lpad(to_hex(%s::bigint), 10, ''0'') || substr(replace(nonce::text, ''-'', ''''), 11))::uuid '
		'FROM moved', at / seconds_a_table % 8, at) FROM aged);
END $$;
SELECT at FROM aged;
SQL
}

# A purge empties what has left the window, whatever the window is later.
{
	$t->together(map { ShimTest::request_bytes('GET', '/auth', undef, Authorization => signed()) } 1 .. 50) for 1 .. 40;
	cmp_ok(count_nonces(), '>', 2000, 'two thousand requests leave two thousand rows');
	$t->sql('SELECT oauth_purge_expired()');
	cmp_ok(count_nonces(), '>', 2000, 'which a purge does not touch while they are in the window');
	my $old = signed(timestamp => age_nonces());
	# a table that autovacuum has is left to a later purge
	ok(wait_for(sub { $t->sql('SELECT oauth_purge_expired()'); count_nonces() == 0 }), 'when they have left the window a purge removes them');
	cmp_ok($t->sql("SELECT $size"), '<=', 8 * 16384, 'and gives the space back');
	$t->sql('ALTER DATABASE postgres SET oauth.timestamp_window = 3600');
	$t->stop;
	$t->start;
	refused(ask($old), 'timestamp_refused', 'R62: a wider window does not let the removed ones in again');
	is(ask(signed())->{status}, 200, 'and others are served');
}

# Purges while requests come in: the window is changed back and forth, which cuts the tables anew, all at once.
{
	my @windows = map { "SET oauth.timestamp_window = $_; SELECT oauth_purge_expired(), pg_sleep(0.02);" } 400, 300;
	my $fallbacks = $t->metric('oauth_shim_batch_fallbacks_total');
	my $floor = $t->sql('SELECT floor FROM oauth.nonce_floor');
	my $purge = start(
		['psql', '-XqAtd', $t->node->connstr('postgres'), '-f', '-'],
		'<', \("@windows" x 75), '>', \my $out, '2>', \my $err);
	my ($slowest, %status) = (0);
	my $until = time + 3;

	while (time < $until)
	{
		my @answers = $t->together(map { ShimTest::request_bytes('GET', '/auth', undef, Authorization => signed()) } 1 .. 16);
		$status{ $_->{status} }++ for @answers;
		($slowest) = sort { $b <=> $a } $slowest, map { $_->{seconds} } @answers;
	}
	finish($purge);
	is($err, '', 'no purge fails while requests come in');
	is_deeply([grep { !/\A(200|401)\z/ } keys %status], [], 'no request fails for a purge');
	cmp_ok($slowest, '<', 2.5, 'or waits for one as long as for a lock');
	is($t->metric('oauth_shim_batch_fallbacks_total'), $fallbacks, 'no batch fell back');
	cmp_ok($t->sql('SELECT floor FROM oauth.nonce_floor'), '>', $floor, 'and the floor went along');
}
{
	$t->sql('ALTER DATABASE postgres SET oauth.timestamp_window = 300');
	$t->stop;
	$t->sql('SELECT oauth_purge_expired()');
	$t->start;
	ok(wait_for(sub { ask(signed())->{status} == 200 }), 'soon after the window was changed requests are served again');
}

# R62: a standby takes over, a dump is restored.
{
	$t->node->backup('base');
	my $standby = PostgreSQL::Test::Cluster->new('standby');
	$standby->init_from_backup($t->node, 'base', has_streaming => 1);
	chmod(0600, $standby->data_dir . '/oauth.key');
	$standby->start;
	$t->node->wait_for_catchup($standby);
	$standby->safe_psql('postgres', 'SELECT pg_wal_replay_pause()');
	my $request = signed();
	is(ask($request)->{status}, 200, 'R62: a request is served that the standby has not heard of');
	$t->stop;
	$t->node->stop('immediate');
	$standby->promote;
	$t->{node} = $standby;
	$t->start;
	refused(ask($request), 'timestamp_refused', 'R62: when the standby has taken over the request');
	cmp_ok($t->sql('SELECT floor - extract(epoch FROM now()) FROM oauth.nonce_floor'), '>', 290,
		'R62: nothing is accepted that the lost server may have accepted');

	$t->sql("UPDATE oauth.nonce_floor SET floor = 0");
	$request = signed();
	is(ask($request)->{status}, 200, 'R62: a request is served');
	my $dump = $t->dir . '/dump.sql';
	$t->node->command_ok(['pg_dump', '-f', $dump, $t->node->connstr('postgres')], 'a dump is made');
	$t->sql('CREATE DATABASE restored');
	$t->node->command_ok(['psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', $dump, $t->node->connstr('restored')], 'and restored');
	is($t->node->safe_psql('restored', qq{SELECT oauth_authenticate_request(ROW('GET', '/auth',
		ARRAY['Host: shim.example', \$\$Authorization: $request\$\$], '', 'http', '127.0.0.1'))}), 'f',
		'R62: where it is restored the request is refused');
}

$t->finish;
done_testing();
