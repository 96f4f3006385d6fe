# 006_logs.pl
# The access log, the error log and the metrics.
#
# Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(header json read_answer slurp wait_for);
use JSON::PP;
use Test::More;

my $t = ShimTest->new(conf => "log_statement = all\nlog_min_duration_statement = 0\nlog_min_error_statement = debug1");
my $secret = 'S3CR3T-of-a-client';
my $time = qr/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/;

# One of each kind, with a secret wherever one can be
sub make_traffic
{
	my $socket = $t->connect;

	$t->post('/oauth2/token', "client_secret=$secret", Authorization => "Basic $secret");
	$t->get("/api/x?access_token=$secret", Authorization => "Bearer $secret");
	$t->get("/nope?$secret", Cookie => "session=$secret");
	$t->get('/api/slow', Authorization => "Bearer $secret");
	$t->get('/api/raise?22012', Authorization => "Bearer $secret");
	$t->get('/api/raise?40001', Authorization => "Bearer $secret");
	$t->get('/auth?rows=0', Authorization => "Bearer $secret");
	$t->raw("GET /api HTTP/1.1\r\nHost: $secret $secret\r\n\r\n");
	$t->raw("$secret\n\n");
	$t->get('/api/a"b\\c%0a%1b[31m');
	syswrite($socket, "POST /oauth2/token HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\nclient_secret=$secret");
	close $socket;
	return;
}

# text
{
	$t->start('--log-format=text');
	make_traffic();
	my $log = $t->access_log;
	my @lines = split /\n/, $log;

	is((grep { !/\A$time 127\.0\.0\.1 \S+ \S+ \d{3} \d+ \d+\.\d{3} (reading|writing|signing|slow|application|-) [0-9a-v]{16}\z/ } @lines), 0, 'each line is time, peer, method, path, status, bytes, milliseconds, lane, id');
	my %ids = map { /(\S+)\z/ ? ($1 => 1) : () } @lines;
	is(scalar keys %ids, scalar @lines, 'and no two have the same id');
	like($log, qr{127\.0\.0\.1 POST /oauth2/token 200 \d+ \S+ writing \w+$}m, 'a request');
	like($log, qr{GET /api/x 200 \d+ \S+ reading \w+$}m, 'the path has no query');
	like($log, qr{GET /nope 404 \d+ \S+ - \w+$}m, 'an unknown path');
	like($log, qr{GET /api/slow 200 \d+ \S+ slow \w+$}m, 'the lane that answered');
	like($log, qr{- - 400 \d+ \S+ - \w+$}m, 'what is no request has no method and no path');
	like($log, qr{GET /api/a\\x22b\\x5cc%0a%1b\[31m 200}, 'quotes and backslashes are escaped');
	unlike($log, qr/\Q$secret\E/, 'no secret is in the access log');
	unlike($log, qr/[^\n\x20-\x7e]/, 'and no control character');
	unlike($t->error_log, qr/\Q$secret\E/, 'no secret is in the error log');
	unlike($t->error_log, qr/may log what clients send/, 'R217: which has nothing to say of a role with its settings');
	like($t->error_log, qr/^$time oauth-shim: \w+ lane: resource failed with SQLSTATE 22012 for 1 requests, request [0-9a-v]{16}$/m, 'which has the SQLSTATE of a failure');
	my ($failed) = $t->error_log =~ /SQLSTATE 22012 for 1 requests, request (\w+)$/m;
	like($log, qr{GET /api/raise 500 \d+ \S+ \w+ $failed$}m, 'and which request it was');
	my $server_log = slurp($t->node->logfile);
	like($server_log, qr/SELECT \(t\)\.status/, "the server's log has the statements");
	unlike($server_log, qr/\Q$secret\E/, 'and no secret either, since they are bound parameters that it does not log');
	$t->stop;
}

# JSON
{
	$t->start('--log-format=json');
	make_traffic();
	my @lines = map { JSON::PP->new->decode($_) } split /\n/, $t->access_log;
	is_deeply([sort keys %{ $lines[0] }], [sort qw(time peer method path status bytes ms lane request_id)], 'each line is an object');
	ok((grep { $_->{path} eq '/api/a"b\\c%0a%1b[31m' } @lines), 'from which the path comes back as it was');
	unlike($t->access_log, qr/\Q$secret\E/, 'no secret is in it');
	$t->get('/api/split');
	my @errors = map { eval { JSON::PP->new->decode($_) } // fail("JSON: $_") } split /\n/, $t->error_log;
	is((grep { $_->{time} !~ /\A$time\z/ } @errors), 0, 'each line of the error log is one too, with a time');
	is_deeply([ map { $_->{level} } grep { $_->{message} =~ /serves on 127/ } @errors ], ['info'], 'from the first on');
	my ($failed) = grep { $_->{message} =~ /SQLSTATE 22012/ } @errors;
	is((grep { $_->{request_id} eq $failed->{request_id} && $_->{path} eq '/api/raise' } @lines), 1, 'a failure has the id of the request');
	is((grep { $_->{message} =~ /not HTTP/ && $_->{request_id} } @errors), 1, 'so has an answer that could not be made');
	$t->stop;
}

# R217: a role without its settings, as on a server where only the database was restored
for my $setting (qw(log_parameter_max_length log_parameter_max_length_on_error))
{
	$t->sql("ALTER ROLE oauth_shim SET $setting = -1");
	$t->start;
	my @warnings = $t->error_log =~ /^$time oauth-shim: the server may log what clients send: .*\b$setting = 0/mg;
	is(@warnings, 1, "R217: with another $setting the shim warns once that the server may log what clients send");
	$t->stop;
	$t->sql("ALTER ROLE oauth_shim SET $setting = 0");
}

# to a file, which is moved away; and none
{
	my $file = $t->dir . '/access.log';
	$t->start("--access-log=$file");
	$t->get('/api/before');
	ok(wait_for(sub { slurp($file) =~ m{/api/before} }), 'the log is written a moment later');
	rename($file, "$file.1");
	kill('HUP', $t->pid);
	ok(wait_for(sub { -e $file }), 'SIGHUP opens the file anew');
	$t->get('/api/after');
	ok(wait_for(sub { slurp($file) =~ m{/api/after} }), 'and what follows is written there');
	unlike(slurp("$file.1"), qr{/api/after}, 'only');
	$t->get('/api/last');
	$t->stop;
	like(slurp($file), qr{/api/last}, 'nothing is lost at the end');

	$t->start('--access-log=none');
	$t->get('/api/x');
	is($t->access_log, '', 'with none there is none');
	$t->stop;
}

# metrics
{
	$t->start;
	$t->get('/api/x') for 1 .. 3;
	$t->get("/nope/$_") for 1 .. 5;
	$t->raw("GET /api HTTP/1.1\r\n\r\n");
	my $page = $t->get('/metrics');
	my @lines = split /\n/, $page->{body};

	is(header($page, 'Content-Type'), 'text/plain; version=0.0.4; charset=utf-8', 'the page of metrics has its type');
	is((grep { !/\A(# (HELP|TYPE) oauth_shim_\w+ .*|oauth_shim_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?[0-9.]+)\z/ } @lines), 0, 'and form');
	is($t->metric('oauth_shim_requests_total{route="/api",status="200"}'), 3, 'requests are counted by route and status');
	is($t->metric('oauth_shim_requests_total{route="none",status="404"}'), 5, 'unknown paths together');
	unlike($page->{body}, qr{/nope}, 'so that nobody can add labels');
	is($t->metric('oauth_shim_refused_total'), 1, 'what the front check refused');
	ok(wait_for(sub { $t->metric('oauth_shim_database_connections{lane="reading"}') == 2 }), 'database connections');
	is($t->metric('oauth_shim_queue_depth{lane="writing"}'), 0, 'the depth of queues');
	is($t->metric('oauth_shim_database_connections_configured{lane="slow"}'), 2, 'and how many there should be');
	is($t->metric('oauth_shim_queue_limit{lane="writing"}'), 1024, 'how deep they may be');
	is($t->metric('oauth_shim_queue_oldest_seconds{lane="writing"}'), 0, 'that nobody waits there');
	# the one before may still be on its way out
ok(wait_for(sub { $t->metric('oauth_shim_requests_in_flight') == 1 }), 'the requests under way: the one that asks');
	is($t->metric('oauth_shim_http_connections_limit'), 256, 'how many connections are served');
	cmp_ok(abs($t->metric('oauth_shim_start_time_seconds') - time), '<', 60, 'when the shim began');
	is($t->metric('oauth_shim_batch_requests_sum{lane="reading"}'), 3, 'requests in batches');
	is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'batches that failed');
	my ($infinite) = $page->{body} =~ /_bucket\{le="\+Inf"\} (\d+)/;
	my ($count) = $page->{body} =~ /_seconds_count (\d+)/;
	is($infinite, $count, 'the histogram is complete');
	cmp_ok($count, '>=', 9, 'and has all requests');
}
$t->finish;
done_testing();
