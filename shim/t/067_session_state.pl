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
use SignedRequest qw(authorization);
use Test::More;
use Time::HiRes qw(time);

my $t = ShimTest->new(extension => 1, conf => 'oauth.bcrypt_cost = 4');
my $node = $t->node;
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

# ---- the session as it comes: no setting of a database or a role changes an answer ----
$t->sql(<<'SQL');
SET ROLE app;
CREATE TABLE app.row (owner text);
INSERT INTO app.row VALUES ('somebody'), ('another');
ALTER TABLE app.row ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON app.row USING (owner = public.oauth_subject());
CREATE FUNCTION app.formats(oauth.http_request) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	nothing text;
	first text;
BEGIN
	SELECT owner INTO first FROM app.row;
	RETURN jsonb_build_object('time', '2026-02-03 04:05:06+00'::timestamptz::text, 'json', to_jsonb('2026-02-03 04:05:06+00'::timestamptz),
		'date', '1/2/2026'::date::text, 'interval', interval '1 day 2 hours'::text, 'float', (0.1::float8 + 0.2::float8)::text,
		'bytes', '\x00ff5c'::bytea::text, 'quoted', 'a\\b', 'identifier', format('%I', 'plain'), 'null', nothing = NULL,
		'array', '{NULL,a}'::text[] IS DISTINCT FROM ARRAY[NULL, 'a'], 'rows', (SELECT count(*) FROM app.row),
		'isolation', current_setting('transaction_isolation'), 'read_only', current_setting('transaction_read_only'),
		'deferrable', current_setting('transaction_deferrable'), 'xml', xmlserialize(DOCUMENT '<a/>' AS text));
END $$;
CREATE FUNCTION app.claims(subject text, client_id text, scope text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('updated', '2026-02-03 04:05:06+00'::timestamptz, 'birthday', '2001-02-03'::date::text) $$;
RESET ROLE;
CREATE SCHEMA trap;
CREATE FUNCTION trap.unnest(anyarray) RETURNS SETOF anyelement LANGUAGE sql AS $$ SELECT $1[1] LIMIT 0 $$;
CREATE FUNCTION trap.count(text) RETURNS bigint LANGUAGE sql AS $$ SELECT 0::bigint $$;
GRANT USAGE ON SCHEMA trap TO PUBLIC;
SELECT oauth_protect('/api/formats', 'app.formats');
SELECT oauth_create_user('alice', 'correct horse battery');
SET client_min_messages = error;
SELECT oauth_set_claims_function('app.claims');
SQL
my %signer = do {
	my @keys = qw(client_id client_secret);
	my %client;
	@client{@keys} = split /\|/, $t->sql("SELECT * FROM oauth_register_client('signed', grant_types => '{oauth1,oauth1_two_legged}')");
	%client;
};
my $confidential = "client_id=$id&client_secret=$secret";
$t->sql("SELECT oauth_update_client('$id', '{\"grant_types\": [\"password\", \"refresh_token\"], \"scope\": \"read openid\"}')");

# Everything that is new each time looks alike.
sub masked
{
	my ($answer) = @_;
	my $body = join "\n", $answer->{status}, sort(grep { !/^(Date|Content-Length|X-Request-Id):/ } @{ $answer->{headers} }), $answer->{body};

	$body =~ s/[-_A-Za-z0-9]{24,}/.../g;
	$body =~ s/\b1?\d{9}\b|\b8639\d\b|\b86400\b/0/g;
	return $body;
}

sub answers
{
	my $issued = $t->post('/oauth2/token', "grant_type=password&$confidential&username=alice&password=correct+horse+battery&scope=openid");
	my $new = ($issued->{body} =~ /"access_token": ?"([^"]+)"/)[0] // 'none';
	my ($refresh) = $issued->{body} =~ /"refresh_token": ?"([^"]+)"/;

	return join "\n", map { masked($_) } $issued, $t->post('/oauth2/token', "grant_type=refresh_token&$confidential&refresh_token=" . ($refresh // '')),
		$t->post('/oauth2/introspect', "$confidential&token=$token"), $t->get('/oauth2/userinfo', Authorization => "Bearer $new"),
		$t->get('/api/', Authorization => "Bearer $token"), $t->get('/api/formats', Authorization => "Bearer $token"),
		$t->get('/auth', Authorization => "Bearer $token"), $t->get('/api/', Authorization => 'Bearer wrong'),
		$t->get('/api/', Authorization => authorization(%signer, method => 'GET', uri => 'http://shim.example/api/')),
		$t->get('/login'), $t->get("/oauth2/authorize?response_type=code&client_id=$id"), $t->post('/oauth2/revoke', "$confidential&token=$new"),
		$t->get('/.well-known/oauth-authorization-server'), $t->get('/.well-known/oauth-protected-resource');
}

# Words and times; for the rest the table says what there is.
my %odd = (
	DateStyle => [ 'SQL, DMY', 'German', 'Postgres, YMD' ], TimeZone => [ 'Asia/Tokyo', 'America/St_Johns' ], search_path => [ 'trap, pg_catalog', '' ],
	client_encoding => [ 'LATIN1', 'SQL_ASCII', 'EUC_JP' ], application_name => ['x'], lc_messages => ['C'], lc_monetary => ['C'], lc_numeric => ['C'],
	lc_time => ['C'], default_text_search_config => ['pg_catalog.german'], timezone_abbreviations => ['India'], statement_timeout => ['50ms'],
	lock_timeout => ['1ms'], idle_in_transaction_session_timeout => ['1ms'], idle_session_timeout => ['300ms'], transaction_timeout => ['50ms'],
	restrict_nonsystem_relation_kind => ['view, foreign-table'], plpgsql_extra => [], createrole_self_grant => ['set, inherit'],
	client_connection_check_interval => ['1s'], 'plpgsql.extra_errors' => ['all'], 'plpgsql.extra_warnings' => ['all']);
# What is not of the session's answers: files and devices of the server, its developers' instruments, and session_replication_role,
# for which the shim is not ready (068_readiness.pl).
my $not_tried = qr/^(oauth\.|pre_auth|post_auth|session_replication_role$|.*preload_libraries|dynamic_library|.*tablespace|log_|debug_print|trace_|jit_provider|backtrace|ignore_system|max_stack|temp_file|wal_|session_authorization$|role$|transaction_(isolation|read_only|deferrable)$|.*table_access_method)/;

my @settings = map { [ split /\|/, $_, -1 ] } split /\n/, $t->sql(q{SELECT concat_ws('|', name, vartype, setting, min_val, max_val, array_to_string(enumvals, ','))
	FROM (SELECT name, vartype, setting, coalesce(min_val, '') AS min_val, coalesce(max_val, '') AS max_val, enumvals FROM pg_settings
		WHERE context IN ('user', 'superuser', 'backend', 'superuser-backend') ORDER BY name) s});
my %tried;
for (@settings)
{
	my ($name, $type, $setting, $min, $max, $values) = @$_;

	next if $name =~ $not_tried;
	$tried{$name} = $odd{$name} // ($type eq 'bool' ? [ $setting eq 'on' ? 'off' : 'on' ] :
		  $type eq 'enum' ? [ grep { $_ ne $setting } split /,/, $values // '' ] : $type eq 'string' ? [] : [ grep { $_ ne $setting } $min, $max ]);
}
$tried{'plpgsql.extra_errors'} = ['all'];
# A few values the server refuses: for two settings at once, or on this system.
sub value_of { my ($name, $value) = @_; return $name =~ /^(search_path|DateStyle)$/ && $value ne '' ? $value =~ s/(\w+)/"$1"/gr : "'$value'" }
$t->sql('CREATE ROLE probe');
for my $name (keys %tried)
{
	$tried{$name} = [ grep { $node->psql('postgres', "ALTER ROLE probe SET $name = " . value_of($name, $_)) == 0 } @{ $tried{$name} } ];
	delete $tried{$name} unless @{ $tried{$name} };
}
cmp_ok(scalar keys %tried, '>', 120, scalar(keys %tried) . ' settings that a user can have');

# From a session elsewhere, which does not have them.
sub alter { return $node->safe_psql('template1', join ';', @_) }

sub with_settings
{
	my ($where, %settings) = @_;

	alter(map { "ALTER $where SET $_ = " . value_of($_, $settings{$_}) } sort keys %settings);
	$t->start;
	my $answers = answers();
	$t->stop;
	alter("ALTER $where RESET ALL", 'ALTER DATABASE postgres SET oauth.issuer = $$https://id.example.com$$',
		map { "ALTER ROLE oauth_shim SET $_ = 0" } qw(log_parameter_max_length log_parameter_max_length_on_error));
	return $answers;
}

$t->stop;
$t->sql('ALTER DATABASE postgres SET oauth.issuer = $$https://id.example.com$$');
my $expected = with_settings('ROLE oauth_shim');
like($expected, qr/"rows": 1\D.*"time": "2026-02-03 04:05:06\+00"/, 'the answers that there should be');
my @alone = qw(DateStyle IntervalStyle TimeZone extra_float_digits bytea_output standard_conforming_strings backslash_quote array_nulls
	transform_null_equals quote_all_identifiers xmlbinary xmloption row_security search_path default_transaction_isolation default_transaction_read_only
	default_transaction_deferrable exit_on_error statement_timeout lock_timeout idle_session_timeout idle_in_transaction_session_timeout client_encoding
	plan_cache_mode force_parallel_mode debug_parallel_query restrict_nonsystem_relation_kind check_function_bodies gin_fuzzy_search_limit
	jit_above_cost plpgsql.extra_errors);
for my $name (grep { $tried{$_} } @alone)
{
	is(with_settings('ROLE oauth_shim', $name => $_), $expected, "$name = '$_' changes no answer") for @{ $tried{$name} };
}
for my $where ('ROLE oauth_shim', 'DATABASE postgres')
{
	for my $round (0 .. 4)
	{
		my %settings = map { defined $tried{$_}[$round] ? ($_ => $tried{$_}[$round]) : () } keys %tried;
		next unless %settings;
		is(with_settings($where, %settings), $expected, scalar(keys %settings) . " settings of $where at once, round $round, change no answer");
	}
}

# The same functions, called in SQL
sub sql_answers
{
	my (%settings) = @_;
	my $form = "ARRAY['Content-Type: application/x-www-form-urlencoded', 'Host: shim.example']";
	my @calls = (
		"token', ROW('POST', '/oauth2/token', $form, convert_to('grant_type=password&$confidential&username=alice&password=correct+horse+battery&scope=openid', 'UTF8')",
		"introspect', ROW('POST', '/oauth2/introspect', $form, convert_to('$confidential&token=$token', 'UTF8')",
		"resource', ROW('GET', '/api/', ARRAY['Authorization: Bearer $token'], NULL", "metadata', ROW('GET', '/.well-known/oauth-authorization-server', '{}', NULL",
		"login', ROW('GET', '/login', '{}', NULL", "authorize', ROW('GET', '/oauth2/authorize?response_type=code&client_id=$id', '{}', NULL",
		"revoke', ROW('POST', '/oauth2/revoke', $form, convert_to('$confidential&token=unknown', 'UTF8')");
	my $sql = join ' UNION ALL ', map { my ($stem, $row) = /(\w+)', (.*)/s; "SELECT '$stem', (r).status, array_to_string((r).headers, '|'), encode((r).body, 'escape') FROM (SELECT oauth.$stem($row, 'http', '127.0.0.1')::oauth.http_request) AS r OFFSET 0) q" } @calls;

	alter(map { "ALTER ROLE caller SET $_ = " . value_of($_, $settings{$_}) } sort keys %settings);
	my ($out, $err) = ('', '');
	$node->psql('postgres', $sql, connstr => $node->connstr('postgres') . ' user=caller', stdout => \$out, stderr => \$err);
	alter('ALTER ROLE caller RESET ALL');
	$err =~ s/^\S*(NOTICE|WARNING|HINT|DETAIL|DEBUG|LOG|CONTEXT|LOCATION|QUERY|STATEMENT|INFO).*\n//gm;
	return masked({ status => 'rows', headers => [], body => $out }) . ($err =~ /ERROR.*/ ? $& : '');
}

alter('CREATE ROLE caller LOGIN SUPERUSER');
$t->sql('SELECT oauth_set_claims_function(NULL)');
$expected = sql_answers();
is(scalar(() = $expected =~ /^\w+\|200\|/mg), 6, 'in SQL the functions answer') or diag($expected);
for my $round (0 .. 4)
{
	my %settings = map { defined $tried{$_}[$round] ? ($_ => $tried{$_}[$round]) : () } grep { !/timeout$|^exit_on_error$|^default_transaction_read_only$/ } keys %tried;
	is(sql_answers(%settings), $expected, scalar(keys %settings) . " settings of who calls them, round $round, change no answer") if %settings;
}
$t->start;

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
