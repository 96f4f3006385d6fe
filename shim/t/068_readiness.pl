# 068_readiness.pl
# /readyz says whether requests can be answered and why not, the log says what helps, and nothing is restarted when it is
# mended. A lock that somebody holds keeps only those waiting who need it. What has expired is removed without cron.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PsqlSession;
use ShimTest qw(header json read_answer request_bytes slurp wait_for);
use Test::More;
use Time::HiRes qw(time usleep);

my $t = ShimTest->new(extension => 1, conf => "oauth.bcrypt_cost = 4\noauth.issuer = 'http://localhost:8000'");
my $node = $t->node;
my $admin = PsqlSession->new($node->connstr('postgres'));

sub why { my $answer = $t->get('/readyz'); return $answer->{status} == 200 ? 'ready' : json($answer)->{error_description} }

# Wait until the shim says so, and return the statements that its log gives.
sub becomes
{
	my ($why, $name) = @_;

	ok(wait_for(sub { why() =~ $why }), $name) or diag(why());
	my ($last) = reverse $t->error_log =~ /not ready: ([^\n]*)/g;
	return $last // '';
}

# The statements in what the log says.
sub grants { return $_[0] =~ s/\A.*?: //r }

# ---- no extension, no rights, an old extension ----
{
	my $other = "host=@{[ $node->host ]} port=@{[ $node->port ]} dbname=empty";
	$t->sql('CREATE DATABASE empty');
	my $pid = $t->start('--not-ready', "--database=$other user=oauth_shim");
	my $said = becomes(qr/^the extension is not in this database$/, 'a database without the extension is not ready');
	my ($statement) = $said =~ /(CREATE EXTENSION [^;]*;)/;
	like($said, qr/in database empty/, 'the log says which');
	$node->safe_psql('empty', $statement);
	$said = becomes(qr/^the role may not execute the functions of the extension$/, 'what the log said helps, and then a GRANT is missing');
	is($t->get('/.well-known/oauth-authorization-server')->{status}, 500, 'as requests show');
	$node->safe_psql('empty', grants($said));
	becomes(qr/^ready$/, 'when it is given the shim is ready, without a restart');
	is($t->get('/.well-known/oauth-authorization-server')->{status}, 200, 'and serves');

	$node->safe_psql('empty', 'REVOKE EXECUTE ON FUNCTION oauth.introspect FROM oauth_shim');
	$said = becomes(qr/^the role may not execute/, 'a right that is taken from one function');
	is(grants($said), 'GRANT EXECUTE ON FUNCTION oauth.introspect(oauth.http_request) TO oauth_shim;', 'is named, and no other');
	$node->safe_psql('empty', 'GRANT EXECUTE ON FUNCTION oauth.introspect TO oauth_shim');
	becomes(qr/^ready$/, 'and given back');

	$node->safe_psql('empty', 'ALTER FUNCTION oauth.userinfo RENAME TO not_there_yet');
	$said = becomes(qr/^the extension is older than the shim needs$/, 'an extension without a function that the shim calls');
	like($said, qr/no function oauth\.userinfo\..*ALTER EXTENSION oauth UPDATE; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oauth TO oauth_shim;/, 'the log says what helps');
	$node->safe_psql('empty', 'ALTER FUNCTION oauth.not_there_yet RENAME TO userinfo');
	becomes(qr/^ready$/, 'and with it');

	$node->safe_psql('empty', 'DROP EXTENSION oauth CASCADE; CREATE EXTENSION oauth');
	becomes(qr/^the role may not execute/, 'an extension that was made anew has lost its grants');
	$node->safe_psql('empty', 'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oauth TO oauth_shim');
	becomes(qr/^ready$/, 'and is ready with them');
	is($t->get('/.well-known/oauth-authorization-server')->{status}, 200, 'and serves');
	$node->safe_psql('empty', 'REVOKE USAGE ON SCHEMA oauth FROM PUBLIC; REVOKE EXECUTE ON FUNCTION oauth.token FROM oauth_shim');
	$said = becomes(qr/^the role may not execute/, 'a role that may not even use the schema');
	is(grants($said), 'GRANT USAGE ON SCHEMA oauth TO oauth_shim; GRANT EXECUTE ON FUNCTION oauth.token(oauth.http_request) TO oauth_shim;', 'is told all that it needs');
	$node->safe_psql('empty', grants($said));
	becomes(qr/^ready$/, 'and is ready with that');
	cmp_ok(scalar(() = $t->error_log =~ /^.*not ready: /mg), '<=', 8, 'the log says each thing once');

	$t->sql('ALTER ROLE oauth_shim SET session_replication_role = replica');
	$t->stop;
	$t->start('--not-ready', "--database=$other user=oauth_shim");
	like(becomes(qr/^the tables of the extension cannot be written to$/, 'a session without triggers and foreign keys is not ready'), qr/session_replication_role/, 'and the log names the setting');
	$t->sql('ALTER ROLE oauth_shim RESET session_replication_role');
	$t->stop;
}

# ---- a lock that somebody holds ----
my ($id, $secret) = split /\|/, $t->sql("SELECT client_id, client_secret FROM oauth_register_client('lock', grant_types => '{client_credentials}', scope => 'read')");
my $token = $t->sql("SELECT access_token FROM oauth_issue_token('$id', 'somebody', 'read')");
my @bearer = (Authorization => "Bearer $token");

sub issue { return ShimTest::post_bytes('/oauth2/token', "grant_type=client_credentials&client_id=$id&client_secret=$secret") }
sub metadata { my $begun = time; my $answer = $t->get('/.well-known/oauth-authorization-server'); return $answer->{status} == 200 ? time - $begun : 99 }

for my $connections (1, 2)
{
	$t->start("--reading-connections=$connections");
	is($t->get('/api/', @bearer)->{status}, 200, "with $connections reading connections");
	$admin->query('BEGIN; LOCK TABLE oauth.client');
	my $begun = time;
	my @sockets = $t->send_together((map { request_bytes('GET', '/api/', undef, @bearer) } 1 .. 40), (map { issue() } 1 .. 20));
	my $slowest = 0;
	for (1 .. 10)
	{
		my $seconds = metadata();
		$slowest = $seconds if $seconds > $slowest;
	}
	cmp_ok($slowest, '<', 3, 'metadata, which needs no table that is locked, is answered beside requests that wait for the lock');
	my @answers = map { read_answer($_) } @sockets;
	is((grep { $_->{status} == 503 && header($_, 'Retry-After') } @answers), 60, 'those are told to come again');
	cmp_ok(time - $begun, '<', 8, '... soon, and all together');
	@answers = $t->together(map { request_bytes('GET', '/api/', undef, @bearer) } 1 .. 20);
	is((grep { $_->{status} == 503 } @answers), 20, 'so are those that come later');
	cmp_ok($_, '<', 2, '... sooner') for sort { $b <=> $a } map { $_->{seconds} } $answers[0];
	is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no batch is run again one by one');
	like(becomes(qr/^the tables of the extension cannot be written to$/, '/readyz says so'), qr/locked table oauth\.client/, 'and the log which table');
	is($t->get('/healthz')->{status}, 200, 'the shim lives');
	$admin->query('COMMIT');
	becomes(qr/^ready$/, 'when the lock is gone the shim is ready');
	ok(wait_for(sub { $t->get('/api/', @bearer)->{status} == 200 }, 5), 'and serves');
	is($t->request('POST', '/oauth2/token', "grant_type=client_credentials&client_id=$id&client_secret=$secret", 'Content-Type' => 'application/x-www-form-urlencoded')->{status}, 200, '... all lanes');
	is($t->sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'oauth-shim' AND state <> 'idle' AND wait_event_type = 'Lock'"), 0, 'nobody waits for it');
	$t->stop;
}
{
	$t->start;
	$admin->query('BEGIN; LOCK TABLE oauth.access_token IN SHARE MODE');
	like(becomes(qr/cannot be written to/, 'a table that can be read but not written to (an index is made)'), qr/oauth\.access_token/, 'is named as well');
	is($t->get('/api/', @bearer)->{status}, 200, 'what only reads is served');
	$admin->query('COMMIT');
	becomes(qr/^ready$/, 'and it ends');
	$admin->query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'oauth-shim'");
	becomes(qr/^ready$/, 'connections that are lost come back');
	$t->stop;
}

# ---- what has expired ----
sub expired { return $t->sql('SELECT expired_rows FROM oauth_status()') }
sub make_expired { $t->sql("SELECT count(*) FROM generate_series(1, $_[0]) i, oauth_issue_token('$id', scope => CASE WHEN i > 0 THEN 'read' END); UPDATE oauth.access_token SET expires_at = now() - interval '2 hours' WHERE handle NOT IN (SELECT max(handle) FROM oauth.access_token)"); return }

{
	$t->sql('DELETE FROM oauth.sweep');
	make_expired(30);
	is($t->sql('SELECT purged_at IS NULL FROM oauth_status()'), 't', 'nothing has been removed yet');
	$t->start('--purge-interval=0');
	usleep(2_500_000);
	cmp_ok(expired(), '>=', 29, 'with --purge-interval=0 the shim removes nothing');
	$t->stop;
	$t->sql('ALTER DATABASE postgres SET oauth.purge_batch = 4');
	$t->start('--purge-interval=1');
	ok(wait_for(sub { expired() == 0 }), 'the shim removes what has expired, in batches');
	is($t->sql("SELECT now() - purged_at < interval '1 minute' FROM oauth_status()"), 't', 'oauth_status() says when');
	my $last = $t->sql('SELECT purged_at FROM oauth_status()');
	ok(wait_for(sub { $t->sql('SELECT purged_at FROM oauth_status()') ne $last }), 'again and again');
	$admin->query('BEGIN; SELECT FROM oauth.sweep FOR UPDATE');
	make_expired(30);
	usleep(2_500_000);
	cmp_ok(expired(), '>=', 29, 'while somebody else is at it the shim is not');
	$admin->query('COMMIT');
	ok(wait_for(sub { expired() == 0 }), '... and then goes on');
	is($t->get('/healthz')->{status}, 200, 'nothing is wrong with it');
	unlike($t->error_log, qr/purge/, 'and the log has nothing to say');
	$t->stop;
	is($t->sql("SELECT has_function_privilege('public', 'oauth.purge()', 'EXECUTE') OR has_function_privilege('public', 'oauth.ready()', 'EXECUTE')"), 'f', 'PUBLIC can do neither');
	is($t->sql("SELECT has_function_privilege('oauth_shim', 'oauth_purge_expired()', 'EXECUTE')"), 'f', 'and the role of the shim no more than it needs');
}
{
	my $check = q(SELECT finding FROM oauth_check() WHERE subject = 'oauth_purge_expired()' AND finding LIKE 'nothing%');

	is($t->sql($check), '', 'oauth_check() is content');
	$t->sql("UPDATE oauth.sweep SET swept_at = now() - interval '2 days'");
	like($t->sql($check), qr/^nothing that has ended was removed since /, 'until nobody has purged for long');
	$t->sql("DELETE FROM oauth.sweep");
	is($t->sql($check), '', 'where a client is new nothing had to be removed yet');
	$t->sql("UPDATE oauth.client SET created_at = now() - interval '2 days'");
	like($t->sql($check), qr/^nothing that has ended was ever removed/, 'where it is not, something had');
	my ($unit) = slurp("$FindBin::RealBin/../oauth-purge.service") =~ /^ExecStart=(.*)$/m;
	make_expired(10);
	local $ENV{OAUTH_SHIM_DATABASE} = $t->database;
	my ($script) = $unit =~ /-c '(.*)'\z/;
	is(system('sh', '-c', $script =~ s/\$\$/\$/gr =~ s/%%/%/gr), 0, 'the unit for those without a shim runs as its role');
	is(expired(), 0, '... and removes what has expired, batch after batch');
	is($t->sql($check), '', 'which is what was asked');
}
$admin->hang_up;
$t->finish;
done_testing();
