# 125_cold_start.pl
# From the start to the first answer, and the first request on a new connection to the database: nothing is prepared then
# that could have been prepared before. The bounds of the times are loose; docs/bench has the times of a quiet machine.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(slurp wait_for);
use Test::More;
use Time::HiRes qw(time usleep);

my $t = ShimTest->new(extension => 1, conf => "log_min_duration_statement = 0\nlog_line_prefix = '%p '");
my ($client) = $t->sql("SELECT client_id FROM oauth_register_client(client_name => 'Service', grant_types => '{client_credentials}')");
my $token = $t->sql("SELECT access_token FROM oauth_issue_token('$client')");
my @bearer = (Authorization => "Bearer $token");
my $slack = 3;    # seconds; what is asked for is a tenth of one

sub server_log { return slurp($t->node->logfile) }

sub prepared { return server_log() =~ /(?:parse \w*: SELECT \(t\)|statement: SELECT 'oauth\.http_request'::regtype)/g }

# What the sessions of the shim prepare while the code runs.
sub prepared_while
{
	my ($code) = @_;
	my $before = () = prepared();

	$code->();
	my @now = prepared();
	return join ' ', @now[ $before .. $#now ];
}

# Whether more than so many statements have been prepared, and no more are.
sub is_warm
{
	my ($more_than) = @_;
	my $before = () = prepared();

	usleep(500_000);
	return $before > $more_than && $before == (() = prepared());
}

my $begun = time;
$t->start;
cmp_ok(time - $begun, '<', $slack, 'the shim is ready soon after its start');
is($t->get('/auth', @bearer)->{status}, 200, 'and answers');
cmp_ok(time - $begun, '<', $slack, 'at once');
is($t->stop, 0, 'the shim ends with status 0');

my $before = () = prepared();
$t->start('--reading-connections=1', '--writing-connections=1');
ok(wait_for(sub { is_warm($before) }), 'a session is warmed up before it is asked for anything');
is(prepared_while(sub { is($t->get('/auth', @bearer)->{status}, 200, 'the first request is answered') }), '',
	'and needs nothing that had to be prepared');
is(prepared_while(sub { is($t->post('/oauth2/token', 'grant_type=none')->{status}, 400, 'likewise the first in the writing lane') }), '',
	'which needs nothing either');

# A connection that comes in the place of one that was lost
{
	$before = () = prepared();
	$t->sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'oauth-shim'
		AND query LIKE '%oauth.forward_auth%'");
	ok(wait_for(sub { $t->metric('oauth_shim_database_reconnects_total') > 0 && is_warm($before) }), 'a new connection is warmed up too');
	my $took;
	is(prepared_while(sub { my $asked = time; is($t->get('/auth', @bearer)->{status}, 200, 'its first request is answered'); $took = time - $asked }), '',
		'and needs nothing that had to be prepared');
	cmp_ok($took, '<', $slack, 'soon');
	is($t->stop, 0, 'the shim ends with status 0');
}

# Who asks when the shim says that it is ready waits for nothing that could have been prepared before
{
	$t->start(map { "--$_-connections=1" } qw(reading writing signing slow application));
	is(prepared_while(sub { is($t->get('/auth', @bearer)->{status}, 200, 'the first request after /readyz is answered') }), '',
		'and needs nothing that had to be prepared');
	is($t->stop, 0, 'the shim ends with status 0');
}

# At the start the first connection of each lane goes before the others, whose sessions take the processors as well
{
	my $before = length server_log();
	my @asked = map { "--$_-connections=6" } qw(reading writing signing slow application);
	my $began = time;
	$t->start(@asked);
	my $took = time - $began;
	my $sessions = sub { return substr(server_log(), $before) =~ /SET oauth\.lane = '(?!any)(\w+)'/g };
	ok(wait_for(sub { (() = $sessions->()) >= 30 }), 'all lanes get their connections');
	my @first = ($sessions->())[ 0 .. 4 ];
	SKIP:
	{
		skip "the start took $took seconds, and the others wait for one at most", 1 if $took > 0.8;
		is(join(' ', sort @first), 'application reading signing slow writing', 'each lane one of the first');
	}
	is($t->stop, 0, 'the shim ends with status 0');
}

# Where a lane cannot have its connection the others are not kept waiting
{
	$t->sql('ALTER ROLE oauth_shim CONNECTION LIMIT 4');
	$t->start('--not-ready');
	my $count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'oauth-shim'";
	ok(wait_for(sub { $t->sql($count) == 4 }), 'with too few connections for all lanes, those that there are are taken');
	is($t->get('/readyz')->{status}, 503, 'and the shim is not ready');
	$t->sql('ALTER ROLE oauth_shim CONNECTION LIMIT -1');
	ok(wait_for(sub { $t->get('/readyz')->{status} == 200 }), 'until there are enough');
	ok(wait_for(sub { $t->sql($count) > 7 }), 'of which those that are not the first have theirs, too');
	is($t->stop, 0, 'the shim ends with status 0');
}

# A server that has loaded the library when it started
{
	my $preloaded = ShimTest->new(name => 'preloaded', extension => 1, conf => "shared_preload_libraries = 'oauth'\n");
	is($preloaded->sql('SHOW oauth.code_lifetime'), '1min', 'with shared_preload_libraries a session knows the settings when it begins');
	my ($service) = $preloaded->sql("SELECT client_id FROM oauth_register_client(client_name => 'Service', grant_types => '{client_credentials}')");
	my $bearer = $preloaded->sql("SELECT access_token FROM oauth_issue_token('$service')");
	$preloaded->start;
	is($preloaded->get('/auth', Authorization => "Bearer $bearer")->{status}, 200, 'and the shim answers as ever');
	is($preloaded->stop, 0, 'the shim ends with status 0');
	$preloaded->finish;
}

# What cannot be warmed up is left to the requests
{
	$t->sql('ALTER FUNCTION oauth.userinfo RENAME TO elsewhere');
	$t->start('--not-ready');
	ok(wait_for(sub { $t->get('/auth', @bearer)->{status} == 200 }), 'where a function is missing, the others answer');
	is($t->get('/oauth2/userinfo', @bearer)->{status}, 500, 'and only the one that is missing does not');
	$t->sql('ALTER FUNCTION oauth.elsewhere RENAME TO userinfo');
	is($t->get('/oauth2/userinfo', @bearer)->{status}, 403, 'until it is there');
	is($t->stop, 0, 'the shim ends with status 0');
}

$t->finish;
done_testing();
