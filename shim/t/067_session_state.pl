# 067_session_state.pl
# What code of the application leaves in a session is gone with the request, an error in it is no reason to run it again,
# and no lock that any role can take keeps a wrong guess from being counted.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use PsqlSession;
use ShimTest qw(json read_answer request_bytes);
use Test::More;
use Time::HiRes qw(time);

my $t = ShimTest->new(extension => 1, conf => 'oauth.bcrypt_cost = 4');
my ($id, $secret) = split /\|/, $t->sql("SELECT client_id, client_secret FROM oauth_register_client('state', grant_types => '{password}', scope => 'read')");
my $token = $t->sql("SELECT access_token FROM oauth_issue_token('$id', 'somebody', 'read')");

# Each function is published at its name; ran counts its calls, whatever becomes of their transactions.
$t->sql(<<'SQL');
CREATE ROLE app;
CREATE SCHEMA app AUTHORIZATION app;
CREATE SEQUENCE app.ran;
CREATE SEQUENCE app.number;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA app TO app;
SET ROLE app;
CREATE FUNCTION app.does(r oauth.http_request) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	PERFORM nextval('app.ran');
	EXECUTE convert_from(r.body, 'UTF8') INTO result;
	RETURN to_jsonb(result);
END $$;
CREATE FUNCTION app.raises(r oauth.http_request) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	PERFORM nextval('app.ran');
	RAISE EXCEPTION 'raised' USING ERRCODE = convert_from(r.body, 'UTF8');
END $$;
CREATE FUNCTION app.locking_claims(subject text, client_id text, scope text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT '{}'::jsonb FROM pg_advisory_lock(43) $$;
CREATE FUNCTION app.checks(username text, password text) RETURNS text LANGUAGE sql AS $$
	SELECT '1' FROM pg_advisory_lock(44) WHERE password = 'right' $$;
CREATE TABLE app.person (id text PRIMARY KEY, name text);
INSERT INTO app.person VALUES ('1', 'ann');
RESET ROLE;
SELECT oauth_protect('/api/' || name, 'app.' || name, methods => '{POST}') FROM unnest('{does,raises}'::text[]) name;
SQL

sub call { return $t->request('POST', "/api/$_[0]", $_[1], Authorization => "Bearer $token") }
sub runs { my $answer = call('does', $_[0]); return $answer->{status} == 200 ? json($answer) : $answer->{status} }
sub ran { return $t->sql("SELECT last_value - 1 FROM app.ran") }
sub locks { return $t->sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") }

BEGIN { no warnings 'redefine'; *json = sub { return JSON::PP->new->allow_nonref->decode($_[0]{body}) } }

$t->start('--application-connections=2', '--slow-connections=1');

# ---- locks ----
for my $lock ('pg_advisory_lock(42)', 'pg_advisory_lock_shared(42)', 'pg_advisory_lock(4, 2)')
{
	is(runs("SELECT $lock"), '', "$lock in a function");
	is(locks(), 0, 'is not held when the client has its answer');
}
my $begun = time;
is(runs('SELECT pg_advisory_lock(42)'), '', 'the next call gets it') for 1 .. 4;
cmp_ok(time - $begun, '<', 8, '... at once, on any connection');
is(runs('SELECT pg_advisory_lock(42), 1/0'), 500, 'a function that fails after taking a lock');
is(locks(), 0, 'holds none either');

# ---- settings ----
is(runs("SELECT set_config('app.who', 'ann', false)"), 'ann', 'a setting of its own');
is(runs("SELECT coalesce(current_setting('app.who', true), '')"), '', '... is gone at the next request') for 1 .. 3;
is(runs("SELECT set_config('$_->[0]', '$_->[1]', false)"), $_->[1], "$_->[0] is set") for [ 'work_mem', '123kB' ], [ 'DateStyle', 'SQL, DMY' ], [ 'TimeZone', 'Asia/Tokyo' ], [ 'lock_timeout', '7ms' ];
is(runs("SELECT concat_ws('|', current_setting('work_mem'), current_setting('DateStyle'), current_setting('TimeZone'), current_setting('lock_timeout'))"),
	'4MB|ISO, MDY|UTC|3s', '... and all are as they were') for 1 .. 3;
is(runs('SELECT 1 FROM setseed(0.5)'), 1, 'a seed');
isnt(runs('SELECT random()'), $t->sql('SELECT random() FROM setseed(0.5)'), '... tells nobody what comes');

# ---- what the server keeps for a session ----
is(runs("SELECT nextval('app.number')"), 1, 'a number of a sequence');
is(runs(q(SELECT currval('app.number'))), 500, '... is nobody else\'s last one') for 1 .. 2;
my %leaves = (
	'PREPARE left_behind AS SELECT 1' => 'SELECT count(*) FROM pg_prepared_statements',
	'DECLARE left_behind CURSOR WITH HOLD FOR SELECT 1' => q(SELECT count(*) FROM pg_cursors WHERE name = 'left_behind'),
	'LISTEN left_behind' => 'SELECT count(*) FROM pg_listening_channels()',
	'CREATE TEMPORARY TABLE left_behind ()' => q(SELECT count(*) FROM pg_class WHERE relname = 'left_behind'));
for my $statement (sort keys %leaves)
{
	runs("$statement");
	is(runs($leaves{$statement}), 0, "$statement leaves nothing behind") for 1 .. 2;
}

# ---- errors ----
for my $sqlstate (qw(26000 0A000 XX000 40001 40P01 42P01 53200 55P03 57014 P0001))
{
	my $before = ran();
	my $status = call('raises', $sqlstate)->{status};
	ok($status == 500 || $status == 503, "a function that raises $sqlstate fails");
	is(ran() - $before, 1, '... and ran once');
}
for my $statement ('EXECUTE no_such_statement', 'DEALLOCATE no_such_statement')
{
	my $before = ran();
	is(runs($statement), 500, "a function that comes upon the same error itself ($statement)");
	is(ran() - $before, 1, '... ran once');
}
is(runs('SELECT 1'), 1, 'the lane goes on');
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'nothing was run again');
is($t->metric('oauth_shim_database_reconnects_total'), 0, 'on the same connections');

# ---- code of the application elsewhere ----
$t->sql("SET client_min_messages = error; SELECT oauth_set_claims_function('app.locking_claims')");
$begun = time;
is($t->get('/api/', Authorization => "Bearer $token")->{status}, 200, 'a claims function that locks') for 1 .. 4;
is(locks(), 0, '... holds nothing');
$t->sql('SELECT oauth_set_claims_function(NULL)');
$t->sql("SET client_min_messages = error; SELECT oauth_use_users('app.person', id => 'id', username => 'name', password_function => 'app.checks')");
is($t->post('/oauth2/token', "grant_type=password&client_id=$id&client_secret=$secret&username=ann&password=right")->{status}, 200, 'a password function that locks');
is(locks(), 0, '... holds nothing');
cmp_ok(time - $begun, '<', 10, '... and keeps nobody waiting');
$t->sql('SELECT oauth_use_builtin_users()');

# ---- counting wrong guesses ----
$t->sql('CREATE ROLE mallory LOGIN');
my $mallory = PsqlSession->new($t->node->connstr('postgres') . ' user=mallory');
for my $about ("here\nclient\n127.0.0.1\nknown\n$id", "anywhere\nclient\n\nknown\n$id", "address\nclient\n127.0.0.1\nknown\n")
{
	my ($key) = unpack 'q', pack 'H16', $t->sql("SELECT encode(substr(sha256(convert_to('$about', 'UTF8')), 1, 8), 'hex')");
	$mallory->query("SELECT pg_advisory_lock($key)");
}
my @statuses = map { $t->post('/oauth2/token', "grant_type=password&client_id=$id&client_secret=wrong&username=a&password=b")->{status} } 1 .. 15;
is($statuses[-1], 429, 'wrong client secrets are counted, whatever advisory locks a role without rights holds');
is($mallory->query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"), 0, 'for the provider takes none');
my $guess = PsqlSession->new($t->node->connstr('postgres'));
$guess->query("BEGIN; SELECT oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'],
	convert_to('grant_type=password&client_id=$id&client_secret=wrong', 'UTF8'), 'http', '10.1.2.3'))");
is($mallory->query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"), 0, '... also not while it counts');
$_->hang_up for $guess, $mallory;
$t->finish;
done_testing();
