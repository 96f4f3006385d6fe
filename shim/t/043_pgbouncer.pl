# 043_pgbouncer.pl
# docs/policies.md in a pgbouncer that pools transactions: the identity of a transaction never reaches another, whatever
# its client does, and the policies use their indexes.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(guide_blocks skip_file);
use PostgreSQL::Test::Cluster;
use PsqlSession;
use Test::More;

my ($pgbouncer) = grep { -x } map { "$_/pgbouncer" } split(/:/, $ENV{PATH}), '/usr/sbin';
skip_file('150 or so', 'pgbouncer is not installed') unless $pgbouncer;

my $t = ShimTest->new(extension => 1, conf => "max_prepared_transactions = 2\njit = off");
my $node = $t->node;
my $port = PostgreSQL::Test::Cluster::get_free_port();

# The guide, as psql runs it
sub run_guide
{
	my ($script, $out, $err) = (scalar guide_blocks('policies.md', 'sql') . '\echo ann=:ann ben=:ben photo=:id', '', '');
	my $done = IPC::Run::run([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), '-f', '-' ], '<', \$script, '>', \$out, '2>', \$err);

	ok($done, 'the guide runs') or diag($err);
	return $out;
}

my $shown = run_guide();
my ($ann, $ben, $photo) = $shown =~ /^ann=(\S+) ben=(\S+) photo=(\d+)$/m;
like($shown, qr/^t\n100\nt\nMountains\n0\n/m, 'Ann sees her photos, Ben the one that was shared, and nobody none');
like($shown, qr/Index Cond: \(id = ANY .*Index Cond: \(\(owner = .* AND \(taken_at >= /s, 'EXPLAIN shows an index for each policy, narrowed by the query');
unlike($shown, qr/Seq Scan on photo/, 'and no scan of the whole table');

# pgbouncer with the guide's settings, and one connection to the server for everybody
sub start_pgbouncer
{
	my ($file, @more) = @_;
	my $conf = guide_blocks('policies.md', 'ini');
	my $socket = $node->host;
	my $server = $node->port;

	$conf =~ s{^app = .*}{postgres = host=$socket port=$server dbname=postgres}m or die;
	$conf =~ s{6432}{$port} or die;
	$conf =~ s{/etc/pgbouncer/userlist.txt}{$file.users} or die;
	$conf =~ s{scram-sha-256}{trust} or die;
	$conf =~ s{default_pool_size = \d+}{default_pool_size = 1} or die;
	PostgreSQL::Test::Utils::append_to_file("$file.users", qq("album" ""\n));
	PostgreSQL::Test::Utils::append_to_file($file, join "\n", $conf, 'unix_socket_dir =', @more, '');
	$t->run_program($port, $pgbouncer, $file);
	return;
}

start_pgbouncer($t->dir . '/pgbouncer.ini');

sub client { return PsqlSession->new("host=127.0.0.1 port=$port dbname=postgres user=album") }
my %client = (ann => client(), ben => client(), mallory => client());
my $who = q{SELECT concat_ws(' ', oauth_subject(), oauth_client(), oauth_scope(), oauth_has_scope('read')) || ' ' || (SELECT count(*) FROM album.photo)};
my $nobody = 'f 0';

# Begin a transaction as the owner of a token
sub begin_as
{
	my ($name) = @_;
	my %token = (ann => $ann, ben => $ben);

	is($client{$name}->query("BEGIN; SELECT oauth_authenticate('Bearer $token{$name}'), oauth_subject()"), $name eq 'ann' ? 't|1001' : 't|1002', "$name is known within the transaction");
	return;
}

my $backend = $client{ann}->query('SELECT pg_backend_pid()');
is($client{$_}->query('SELECT pg_backend_pid()'), $backend, "$_ has the same connection to the server as ann") for qw(ben mallory);

# Each way a transaction can end, with Ann in it and Mallory after her
for (
	[ 'COMMIT', 'COMMIT' ],
	[ 'ROLLBACK', 'ROLLBACK' ],
	[ 'an error in the middle', 'SELECT 1/0', 'ROLLBACK' ],
	[ 'an error at COMMIT', 'CREATE TEMP TABLE c (x int UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO c VALUES (1), (1)', 'COMMIT' ],
	[ 'a savepoint', qq{SAVEPOINT a; SELECT oauth_authenticate('Bearer $ben'); SAVEPOINT b; SELECT oauth_authenticate('Bearer $ann'); RELEASE a}, 'COMMIT' ],
	[ 'a savepoint that is rolled back', "SAVEPOINT a; SELECT oauth_authenticate('Bearer $ben'); ROLLBACK TO a", 'ROLLBACK' ],
	[ 'PREPARE TRANSACTION', "PREPARE TRANSACTION 'ann'" ],
	[ 'COMMIT AND CHAIN', 'COMMIT AND CHAIN; ROLLBACK' ],
	[ 'a statement_timeout', q{SET LOCAL statement_timeout = 10; SELECT pg_sleep(1)}, 'ROLLBACK' ],
	[ 'a long scope of settings', q{SELECT set_config('role', 'none', false), set_config('session_authorization', 'default', false); RESET ALL}, 'COMMIT' ])
{
	my ($name, @statements) = @$_;

	begin_as('ann');
	$client{ann}->query($_) for @statements;
	is($client{mallory}->query($who), $nobody, "after $name the next client is nobody");
	is($client{ann}->query($who), $nobody, '... and so is she herself');
	is($client{mallory}->query('SELECT pg_backend_pid()'), $backend, '... on the same connection');
}
is($client{mallory}->query("COMMIT PREPARED 'ann'; $who"), $nobody, 'who commits what she prepared is nobody');
is($client{ann}->query("BEGIN; SELECT oauth_authenticate('Bearer $ann'); COMMIT AND CHAIN; $who; ROLLBACK"), "t\n$nobody", 'a chained transaction begins as nobody');
is($client{ann}->query("SELECT oauth_authenticate('Bearer $ann')"), 't', 'without a transaction the token is good');
like($client{ann}->messages, qr/WARNING/, '... with a warning');
is($client{mallory}->query($who), $nobody, '... and the next statement is by nobody');
is($client{ann}->query("SELECT oauth_authenticate('Bearer $ann')\\; SELECT oauth_subject(), count(*) FROM album.photo"), "t\n1001|101", 'statements sent at once are one transaction');
is($client{mallory}->query($who), $nobody, '... and then nobody');

# Two in turns, forty times: each sees their own, and nothing of the one before
{
	my %wrong = map { $_ => 0 } qw(ann ben mallory);
	for my $round (1 .. 40)
	{
		for my $name (qw(ann ben mallory))
		{
			my $token = { ann => $ann, ben => $ben, mallory => 'oat_' . 'A' x 54 }->{$name};
			my $end = (qw(COMMIT ROLLBACK), 'SELECT 1/0; ROLLBACK')[ $round % 3 ];
			my $seen = $client{$name}->query("BEGIN; SELECT oauth_authenticate('Bearer $token'); SELECT oauth_subject(), string_agg(DISTINCT owner, ' ') FROM album.photo; COMMIT");
			$wrong{$name}++ if $seen ne { ann => "t\n1001|1001", ben => "t\n1002|1001 1002", mallory => "f\n|" }->{$name};
			$client{$name}->query("BEGIN; SELECT oauth_authenticate('Bearer $token'); $end");
		}
	}
	is_deeply(\%wrong, { ann => 0, ben => 0, mallory => 0 }, 'three clients in turns are always who they are');
}

# Nothing but a token makes one somebody. The tables are there to be read, so each attempt is followed by a look.
for (
	[ '42602', q{SET oauth.subject = '1001'} ],
	[ '42602', q{SELECT set_config('oauth.subject', '1001', false)} ],
	[ '42602', q{SET LOCAL oauth.identity = '1001'} ],
	[ '', q{SELECT set_config('request.jwt.claims', '{"sub": "1001"}', true)} ],
	[ '42501', q{SET ROLE album_owner} ],
	[ '42501', q{SET SESSION AUTHORIZATION album_owner} ],
	[ '', q{RESET ROLE; RESET SESSION AUTHORIZATION; RESET ALL} ],
	[ '42501', q{SET row_security = off; SELECT 1 FROM album.photo} ],
	[ '42501', q{ALTER TABLE album.photo NO FORCE ROW LEVEL SECURITY} ],
	[ '42501', q{ALTER POLICY see_mine ON album.photo USING (true)} ],
	[ '42501', q{CREATE OR REPLACE FUNCTION public.oauth_subject() RETURNS text LANGUAGE sql AS $$SELECT '1001'$$} ],
	[ '42501', q{ALTER FUNCTION oauth_subject() RENAME TO was} ],
	[ '', q{CREATE FUNCTION pg_temp.oauth_subject() RETURNS text LANGUAGE sql AS $$SELECT '1001'$$; SET LOCAL search_path = pg_temp, public} ],
	[ '42501', q{SELECT access_token FROM oauth_issue_token('x', '1001')} ],
	[ '42501', q{SELECT count(*) FROM oauth.access_token} ],
	[ '42501', q{TRUNCATE album.share} ],
	[ '42501', q{COPY album.photo TO PROGRAM 'cat'} ],
	[ '', q{SELECT oauth_authenticate('Bearer 1001'), oauth_authenticate('1001'), oauth_authenticate('Basic MTAwMTo=')} ])
{
	my ($sqlstate, $sql) = @$_;
	my $answer = $client{mallory}->query("BEGIN; SAVEPOINT a; $sql");

	is($answer =~ /^ERROR (\S+)/ ? $1 : '', $sqlstate, "$sql: " . ($sqlstate || 'is allowed'));
	$client{mallory}->query('ROLLBACK TO a') if $sqlstate;
	is($client{mallory}->query($who), $nobody, '... and helps nobody');
	$client{mallory}->query('ROLLBACK; DISCARD ALL');
	is($client{mallory}->query("SELECT count(*) FROM album.photo"), 0, '... nor later');
}
begin_as('ben');
$client{ben}->query(q{SET LOCAL search_path = public; RESET ALL; SELECT set_config('role', 'none', true); DISCARD PLANS; DISCARD SEQUENCES});
is($client{ben}->query('SELECT oauth_subject()'), '1002', 'what one does in a transaction does not change who one is');
is($client{ben}->query("INSERT INTO album.photo (title) VALUES ('mine')"), 'ERROR 42501', 'Ben has a token for reading only: he cannot add a photo');
$client{ben}->query('ROLLBACK');
for (
	[ 'DELETE', 'DELETE FROM album.photo', 'SELECT count(*) FROM album.photo', 101 ],
	[ 'UPDATE', "UPDATE album.photo SET owner = '1002'", "SELECT count(*) FROM album.photo WHERE owner = '1002'", 100 ])
{
	my ($name, $sql, $look, $count) = @$_;

	begin_as('ben');
	is($client{ben}->query("$sql RETURNING id"), '', "nor $name one, of his own or what was shared with him");
	is($client{ben}->query("$look; COMMIT"), $count, '... and all are there');
}
begin_as('ann');
is($client{ann}->query("INSERT INTO album.photo (title, owner) VALUES ('x', '1002')"), 'ERROR 42501', 'Ann cannot give a photo to somebody');
$client{ann}->query('ROLLBACK');
begin_as('ann');
is($client{ann}->query("INSERT INTO album.share (photo, reader) SELECT id + 1, '1001' FROM album.photo WHERE owner = '1001' LIMIT 1"), 'ERROR 23503', 'nor share one that is not hers');
$client{ann}->query('ROLLBACK');

# A client that goes away in the middle
{
	my $gone = client();
	is($gone->query("BEGIN; SELECT oauth_authenticate('Bearer $ann'), oauth_subject()"), 't|1001', 'a client is known within its transaction');
	$gone->hang_up;
	is($client{mallory}->query($who), $nobody, 'and goes away in the middle of it: the next one is nobody');
	isnt($client{mallory}->query('SELECT pg_backend_pid()'), $backend, '... on a connection of its own, for pgbouncer ended that one');
}

# Plans that were made for one caller
for my $mode (qw(force_generic_plan force_custom_plan auto))
{
	$client{ann}->query("DEALLOCATE ALL; SET plan_cache_mode = $mode; PREPARE mine AS SELECT string_agg(DISTINCT owner, ' ') FROM album.photo WHERE owner <> '1000'");
	my %seen;
	for my $round (1 .. 8)
	{
		for my $name (qw(ann ben mallory))
		{
			my $token = { ann => $ann, ben => $ben, mallory => '' }->{$name};
			my $owners = $client{$name}->query("BEGIN; SELECT oauth_authenticate('Bearer $token'); EXECUTE mine; COMMIT");
			$seen{"$name $owners"}++;
		}
	}
	is_deeply(\%seen, { "ann t\n1001" => 8, "ben t\n1001 1002" => 8, "mallory f" => 8 }, "$mode: a statement that one client prepared shows each caller his own");
}
begin_as('ann');
is($client{ann}->query("EXECUTE mine; SAVEPOINT a; SELECT oauth_authenticate('Bearer $ben'); EXECUTE mine"), "1001\nt\n1001 1002", 'also when who is calling changes within a transaction');
is($client{ann}->query('ROLLBACK TO a; EXECUTE mine; COMMIT'), '1001', '... and back');

# What else the guide says of policies
is($t->sql('SET ROLE album_owner; SELECT count(*) FROM album.photo'), 0, 'FORCE: the owner of the table sees nothing without a token');
is($t->sql('SELECT count(*) > 100000 FROM album.photo'), 't', '... and a superuser all, whom no policy binds');
$t->sql('CREATE POLICY by_in ON album.photo FOR SELECT USING (id IN (SELECT photo FROM album.share WHERE reader = (SELECT oauth_subject())))');
like($client{mallory}->query('EXPLAIN (COSTS OFF) SELECT title FROM album.photo'), qr/Seq Scan on photo/, 'IN (SELECT ...) beside other policies reads the whole table');
$t->sql('DROP POLICY by_in ON album.photo; CREATE POLICY circle ON album.share FOR SELECT USING (EXISTS (SELECT FROM album.photo WHERE id = photo))');
is($client{mallory}->query('SELECT title FROM album.photo'), 'ERROR 42P17', 'policies that ask each other are an error');
$t->sql('DROP POLICY circle ON album.share');

# Workers of a parallel plan do not know who is calling, so they never ask
my $parallel = 'SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0;
	SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_indexonlyscan = off';
begin_as('ann');
my $plan = $client{ann}->query("$parallel; EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT count(*) FROM album.photo");
like($plan, qr/Gather.*Workers Launched: [1-9].*Parallel Seq Scan on photo/s, 'a parallel plan');
is($client{ann}->query('SELECT count(*) FROM album.photo; COMMIT'), 101, '... shows the caller his own');
is($client{mallory}->query("BEGIN; $parallel; SELECT count(*) FROM album.photo; COMMIT"), 0, '... and nobody nothing');

$t->sql('ALTER POLICY see_mine ON album.photo USING (owner = oauth_subject() AND oauth_has_scope($$read$$));
	ALTER POLICY change_mine ON album.photo USING (owner = oauth_subject() AND oauth_has_scope($$write$$)); DROP POLICY see_shared ON album.photo');
begin_as('ann');
like($client{ann}->query('EXPLAIN (COSTS OFF) SELECT title FROM album.photo'), qr/Index (Only )?Scan.*Index Cond: \(owner = .*oauth_subject\(\)/s, 'without SELECT around it the index is used as well');
unlike($client{ann}->query("$parallel; EXPLAIN (COSTS OFF) SELECT count(*) FROM album.photo"), qr/Parallel/, '... but no parallel plan');
is($client{ann}->query('SELECT count(*) FROM album.photo; COMMIT'), 101, '... and the caller sees his own');

# What the guide says of operators
$t->sql('CREATE INDEX by_title ON album.photo (title text_pattern_ops); CREATE INDEX by_time ON album.photo (taken_at)');
begin_as('ann');
my $like = $client{ann}->query(q{EXPLAIN (COSTS OFF) SELECT 1 FROM album.photo WHERE title LIKE 'photo 7%'});
like($like, qr/Filter: .*title ~~/, 'LIKE is asked after the policy');
unlike($like, qr/by_title/, '... so that its index is not used');
$client{ann}->query('COMMIT');

# What the server keeps for a session
my $left = q{CREATE TEMP TABLE leak AS SELECT title FROM album.photo; DECLARE kept CURSOR WITH HOLD FOR SELECT title FROM album.photo};
begin_as('ann');
$client{ann}->query("$left; COMMIT");
is($client{mallory}->query('FETCH ALL FROM kept') =~ tr/\n// + 1, 101, 'rows that a client leaves in a cursor WITH HOLD are there for the next, as the guide warns');
$_->hang_up for values %client;
$t->end_program($port);
start_pgbouncer($t->dir . '/careful.ini', grep { /server_reset_query/ } map { split /\n/ } guide_blocks('policies.md', 'text'));
%client = map { $_ => client() } qw(ann mallory);
begin_as('ann');
$client{ann}->query("$left; COMMIT");
is($client{mallory}->query('FETCH ALL FROM kept'), 'ERROR 34000', 'with the reset that the guide gives they are gone');
is($client{mallory}->query('SELECT * FROM leak'), 'ERROR 42P01', '... and so are temporary tables');
is($client{mallory}->query($who), $nobody, '... and the next client is nobody');

$_->hang_up for values %client;
$t->end_program($port);

# The shim through pgbouncer, with the settings of its guide
$t->sql("ALTER DATABASE postgres SET oauth.issuer = 'https://id.example.com'");
my ($id, $secret) = split /\|/, $t->sql("SELECT client_id, client_secret FROM oauth_register_client('pooled', grant_types => '{client_credentials}', scope => 'read')");

sub start_pooled
{
	my ($file, $mode, @options) = @_;
	my $conf = guide_blocks('operations.md', 'ini');
	my ($socket, $server) = ($node->host, $node->port);

	$conf =~ s{^app = .*}{postgres = host=$socket port=$server dbname=postgres}m or die;
	$conf =~ s{6432}{$port} or die;
	$conf =~ s{/etc/pgbouncer/userlist.txt}{$file.users} or die;
	$conf =~ s{scram-sha-256}{trust} or die;
	$conf =~ s{pool_mode = session}{pool_mode = $mode} or die;
	PostgreSQL::Test::Utils::append_to_file("$file.users", qq("oauth_shim" ""\n));
	PostgreSQL::Test::Utils::append_to_file($file, "$conf\nunix_socket_dir =\n");
	$t->run_program($port, $pgbouncer, $file);
	$t->start(@options, "--database=host=127.0.0.1 port=$port dbname=postgres user=oauth_shim");
	return;
}

start_pooled($t->dir . '/session.ini', 'session');
is($t->get('/readyz')->{status}, 200, 'through pgbouncer in session mode the shim is ready');
my $issued = $t->post('/oauth2/token', "grant_type=client_credentials&client_id=$id&client_secret=$secret");
is($issued->{status}, 200, '... issues');
my ($token) = $issued->{body} =~ /"access_token": "([^"]+)"/;
is((grep { $_->{status} == 200 } $t->together(map { ShimTest::request_bytes('GET', '/api/', undef, Authorization => "Bearer $token") } 1 .. 40)), 40, '... and verifies, many at once');
$t->end_program($port);
ok(ShimTest::wait_for(sub { $t->get('/readyz')->{status} == 503 }), 'without pgbouncer it is not ready');
$t->run_program($port, $pgbouncer, $t->dir . '/session.ini');
ok(ShimTest::wait_for(sub { $t->get('/readyz')->{status} == 200 }), 'and connects again by itself');
is($t->get('/api/', Authorization => "Bearer $token")->{status}, 200, '... and serves');
$t->stop;
$t->end_program($port);

for my $mode (qw(transaction statement))
{
	start_pooled($t->dir . "/$mode.ini", $mode, '--not-ready');
	ok(ShimTest::wait_for(sub { $t->get('/readyz')->{body} =~ /a pooler gives each transaction another session/ }), "in $mode mode /readyz says why it does not work") or diag($t->get('/readyz')->{body}, $t->error_log);
	like($t->error_log, qr/pool_mode = session/, '... and the log what does');
	$t->stop;
	$t->end_program($port);
}
$t->finish;
done_testing();
