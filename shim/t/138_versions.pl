# 138_versions.pl
# A library and a script of different versions: every function gives a right answer or a clear error, and the server lives.
# docs/versions.md and docs/upgrade.md say what to expect.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(slurp);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use HTTP::Tiny;
use Test::More;
use Time::HiRes qw(time usleep);

my $t = ShimTest->new(extension => 1);
my $node = $t->node;
my $version = $t->sql("SELECT default_version FROM pg_available_extensions WHERE name = 'oauth'");
my $begun = $t->sql('SELECT pg_postmaster_start_time()');

sub on
{
	my ($database, $sql) = @_;
	return $node->safe_psql($database, $sql);
}

sub create
{
	my ($database, $of) = @_;
	on('postgres', "CREATE DATABASE $database TEMPLATE template0 ENCODING 'UTF8'");
	on($database, "CREATE EXTENSION oauth VERSION '$of' CASCADE; ALTER DATABASE $database SET oauth.issuer = 'https://id.example.com'");
	return;
}

# What a call does, with all that it did undone: its SQLSTATE, or 00000.
my $try = <<'SQL';
CREATE FUNCTION pg_temp.try(call text, OUT code text, OUT message text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
	BEGIN
		EXECUTE call;
		RAISE EXCEPTION USING ERRCODE = 'ZZ000', MESSAGE = 'undo';
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
		code = CASE code WHEN 'ZZ000' THEN '00000' ELSE code END;
	END;
END $$;
SQL

# Each function in C of the extension is called with nulls, with values of its types, and with those that name what is there.
# A row each: the call, the SQLSTATE, and what it said.
sub call_all
{
	my ($database) = @_;
	my $rows = on($database, $try . <<'SQL');
WITH value (type, one, other) AS (VALUES
	('text', '''kept''', '''https://rp.example/x y'''), ('jsonb', '''{}''', '''[{"type": "x"}]'''), ('bytea', '''\x00ff''', ''''''),
	('interval', '''1 hour''', '''-1 day'''), ('boolean', 'true', 'false'), ('text[]', '''{kept}''', '''{}'''), ('bigint', '1', '-1'),
	('integer', '1', '-1'), ('timestamp with time zone', 'now()', '''infinity'''), ('regclass', '''pg_class''', '0'), ('uuid', 'gen_random_uuid()', 'NULL'),
	('oauth.http_request', 'ROW(''POST'', ''/oauth2/token/'', ARRAY[''Content-Type: application/x-www-form-urlencoded'', ''Host: id.example.com''],
		convert_to(''grant_type=client_credentials&client_id=kept&client_secret=secret'', ''UTF8''), ''https'', ''127.0.0.1'')::oauth.http_request',
		'ROW(''GET'', ''/'', ''{}'', NULL, NULL, NULL)::oauth.http_request'),
	('oauth.http_request[]', 'ARRAY[ROW(''GET'', ''/api/'', ''{}'', '''', ''http'', NULL)::oauth.http_request]', '''{}''')
), function AS (
	SELECT p.oid, p.oid::regprocedure::text AS name, n.nspname, p.proname, p.pronargs FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
	JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'x')
	JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND e.extname = 'oauth'
	JOIN pg_language l ON l.oid = p.prolang AND l.lanname = 'c' WHERE p.prorettype NOT IN ('trigger'::regtype, 'fdw_handler'::regtype)
), call AS (
	SELECT f.name || ' ' || way AS name, format('SELECT * FROM %I.%I(%s)', f.nspname, f.proname, (SELECT string_agg(CASE way WHEN 'nulls' THEN 'NULL'
			WHEN 'values' THEN coalesce(v.one, 'NULL') ELSE coalesce(v.other, 'NULL') END || '::' || format_type(a.type, NULL), ', ' ORDER BY a.n)
		FROM (SELECT proargtypes::oid[] AS types FROM pg_proc WHERE oid = f.oid) p, unnest(p.types) WITH ORDINALITY a (type, n)
		LEFT JOIN value v ON v.type = format_type(a.type, NULL))) AS call
	FROM function f, unnest(ARRAY['nulls', 'values', 'others']) way
)
SELECT name || E'\t' || coalesce(r.code, '') || E'\t' || replace(coalesce(r.message, ''), E'\n', ' ') || E'\t' || replace(coalesce(r.hint, ''), E'\n', ' ')
FROM call, pg_temp.try(call) r ORDER BY name
SQL
	return map { [ split /\t/ ] } split /\n/, $rows;
}

# Internal errors say nothing to who reads them, and a crash says even less.
sub lives_ok
{
	my ($database, $name) = @_;
	my @calls = call_all($database);
	cmp_ok(scalar @calls, '>', 150, "$name: all functions are called");
	is(join("\n", map { "$_->[0]: $_->[1] $_->[2]" } grep { $_->[1] =~ /^(?:XX|57|58|08)/ || $_->[1] eq '' } @calls), '',
		"$name: no call ends in an internal error");
	is($t->sql('SELECT pg_postmaster_start_time()'), $begun, "$name: the server did not start again");
	unlike(slurp($node->logfile), qr/was terminated by signal|Failed assertion/, "$name: no session has crashed");
	return @calls;
}

my $client = q{INSERT INTO oauth.client (client_id, client_name, client_type, grant_types, redirect_uris, secret_hash, scope)
	VALUES ('kept', 'Kept', 'confidential', '{client_credentials,refresh_token}', '{}', sha256('secret'), 'read')};

# ---- the same version ----

create('same', $version);
on('same', $client);
my @same = lives_ok('same', 'library and script of one version');
is(scalar(grep { /ALTER EXTENSION/ } map { $_->[3] // '' } @same), 0, 'nothing hints at an update there');

# ---- a new library, an old script ----

create('older', '0.1');
on('older', $client);
my @older = lives_ok('older', 'a new library under the script of 0.1');
my @undefined = grep { $_->[1] =~ /^42(?:703|P01|804)/ } @older;
cmp_ok(scalar @undefined, '>', 10, 'what is not there yet is missed');
is(join("\n", map { "$_->[0]: $_->[2]" } grep { ($_->[3] // '') !~ /ALTER EXTENSION oauth UPDATE/ } @undefined), '', 'and each error says to update');
# ---- an old library, a new script ----

# The script of tomorrow has functions with more arguments and more columns, one that today's library lacks, and a type with one more attribute.
create('newer', $version);
on('newer', $client);
my (undef, undef, $error) = $node->psql('newer', q{CREATE FUNCTION oauth.of_tomorrow() RETURNS text AS '$libdir/oauth', 'oauth_of_tomorrow' LANGUAGE C});
like($error, qr/could not find function "oauth_of_tomorrow"/, 'a script with a new function is not run with an old library, and all of it is undone');
on('newer', <<'SQL');
DO $$
DECLARE
	f record;
	arguments text;
BEGIN
	FOR f IN SELECT p.*, p.oid::regprocedure AS name, n.nspname, p.prosrc AS symbol FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
		JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
		JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND e.extname = 'oauth'
		JOIN pg_language l ON l.oid = p.prolang AND l.lanname = 'c' WHERE p.prorettype NOT IN ('trigger'::regtype, 'fdw_handler'::regtype) AND p.provariadic = 0
	LOOP
		arguments := (SELECT string_agg(format_type(t, NULL), ', ' ORDER BY n) FROM unnest(f.proargtypes::oid[]) WITH ORDINALITY a (t, n));
		arguments := concat_ws(', ', arguments, 'of_tomorrow text');
		EXECUTE format('CREATE FUNCTION %I.%I(%s%s) RETURNS %s AS %L, %L LANGUAGE C %s', f.nspname, left(f.proname, 50) || '_tomorrow', arguments,
			(SELECT ', ' || string_agg(format('OUT %I %s', x.name, format_type(x.type, NULL)), ', ' ORDER BY x.n) || ', OUT tomorrow text'
			 FROM unnest(f.proargnames, f.proallargtypes, f.proargmodes) WITH ORDINALITY x (name, type, mode, n) WHERE x.mode IN ('o', 't')),
			CASE WHEN f.proretset THEN 'SETOF ' ELSE '' END || CASE WHEN f.prorettype = 'record'::regtype THEN 'record' ELSE format_type(f.prorettype, NULL) END,
			'$libdir/oauth', f.symbol, CASE WHEN f.proisstrict THEN 'STRICT' ELSE '' END);
		EXECUTE format('ALTER EXTENSION oauth ADD FUNCTION %I.%I(%s)', f.nspname, left(f.proname, 50) || '_tomorrow', arguments);
	END LOOP;
END $$;
SQL
my @newer = lives_ok('newer', 'functions with an argument and a column more');
cmp_ok(scalar(grep { $_->[0] =~ /_tomorrow/ } @newer), '>', 150, 'all of them were made');
my ($columns) = grep { $_->[0] =~ /^oauth_status_tomorrow/ } @newer;
is($columns->[1], '42804', 'a result with a column that the library does not know is refused');
like($columns->[3], qr/^Install the library of the version/, 'and says what to do');
on('newer', 'ALTER TYPE oauth.http_request ADD ATTRIBUTE tomorrow text');
lives_ok('newer', 'a request with an attribute more');
(undef, undef, $error) = $node->psql('newer', q{SELECT oauth.token(jsonb_populate_record(NULL::oauth.http_request, '{"method": "POST", "target": "/"}'))});
like($error, qr/oauth\.http_request is not the one this library was built for/, 'it is refused');
(undef, undef, $error) = $node->psql('newer', q{SELECT * FROM oauth_explain_request('GET', 'https://id.example.com/auth')});
like($error, qr/oauth\.http_request is not the one this library was built for/, '... and none is made');
on('newer', "UPDATE pg_extension SET extversion = '99.0' WHERE extname = 'oauth'");
is(on('newer', "LOAD 'oauth'; SELECT severity, remedy FROM oauth.check_version"), 'high|-- install version 99.0 of the library again',
	'a library that is older than the script is a finding');

# ---- back ----

(undef, undef, $error) = $node->psql('same', "ALTER EXTENSION oauth UPDATE TO '0.1'");
like($error, qr/cannot go back from version \Q$version\E to 0\.1.*HINT:  Restore the backup/s, 'there is no way back but the backup');
is(on('same', "SELECT extversion FROM pg_extension WHERE extname = 'oauth'"), $version, 'and nothing has changed');

# ---- under load ----

# Children that ask for tokens until told to stop; they write down each answer.
sub clients
{
	my ($n, $port) = @_;
	my @pids;
	for my $i (1 .. $n)
	{
		my $pid = fork() // die "fork: $!";
		push @pids, $pid and next if $pid;
		my $http = HTTP::Tiny->new(timeout => 30);
		open my $out, '>', $t->dir . "/answers.$i" or POSIX::_exit(1);
		for (1 .. 100_000)
		{
			last if -e $t->dir . '/enough';
			my $answer = $http->post_form("http://127.0.0.1:$port/oauth2/token/", { grant_type => 'client_credentials', client_id => 'kept', client_secret => 'secret' });
			print $out time . " $answer->{status}\n";
		}
		close $out;
		POSIX::_exit(0);
	}
	return @pids;
}

create('loaded', '0.1');
on('loaded', "$client; INSERT INTO oauth.scope (scope, description, is_default) VALUES ('read', 'Read', true);
	GRANT USAGE ON SCHEMA oauth TO oauth_shim; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oauth TO oauth_shim");
$t->start('--not-ready', '--database=' . $node->connstr('loaded') . ' user=oauth_shim');
my @pids = clients(4, $t->port);
usleep(500_000);
my ($tries, $status) = (0, 1);
while ($status && $tries++ < 10)
{
	($status, undef, $error) = $node->psql('loaded', "SET lock_timeout = '5s'; ALTER EXTENSION oauth UPDATE; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oauth TO oauth_shim",
		on_error_stop => 1);
	like($error, qr/ERROR:  (?:deadlock detected|canceling statement due to lock timeout)/, 'an update that fails says why, and nothing is done') if $status;
}
is($status, 0, 'the extension is updated while clients ask for tokens') or diag($error);
my $updated = time;
ok(ShimTest::wait_for(sub { $t->post('/oauth2/token/', 'grant_type=client_credentials&client_id=kept&client_secret=secret')->{status} == 200 }),
	'and then they get them, without a new start of the shim');
my $well = time;
usleep(1_000_000);
append_to_file($t->dir . '/enough', '');
waitpid $_, 0 for @pids;
my @answers = map { [ split ' ' ] } map { split /\n/, slurp($t->dir . "/answers.$_") } 1 .. 4;
cmp_ok(scalar @answers, '>', 20, 'they had many answers');
is(join(' ', sort grep { !/^(?:200|500|503)$/ } map { $_->[1] } @answers), '', 'each was a token or said that there is none now');
is(scalar(grep { $_->[0] > $well + 0.5 && $_->[1] != 200 } @answers), 0, 'after the update each was a token');
unlike(slurp($node->logfile), qr/was terminated by signal|Failed assertion/, 'no session has crashed');
$t->finish;
done_testing();
