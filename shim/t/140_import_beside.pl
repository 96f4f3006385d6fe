# 140_import_beside.pl
# An import that has to share the processors rests after each batch; all of it arrives.  extension/import/pace.c.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use POSIX ();
use ShimTest qw(wait_for);
use Test::More;

my $tokens = 30_000;
my $t = ShimTest->new(extension => 1, conf => "fsync = off\n");

$t->sql(<<"SQL");
CREATE SCHEMA old;
SET search_path = old;
CREATE TABLE oauth2_provider_application (id int PRIMARY KEY, client_id text, client_secret text, name text, client_type text,
	authorization_grant_type text, redirect_uris text);
CREATE TABLE oauth2_provider_accesstoken (id bigint PRIMARY KEY, token text, expires timestamptz, scope text, application_id int,
	user_id bigint, created timestamptz);
CREATE TABLE oauth2_provider_refreshtoken (id bigint PRIMARY KEY, token text, application_id int, access_token_id bigint, revoked timestamptz);
INSERT INTO oauth2_provider_application VALUES (1, 'old', 'its old secret', 'Old', 'confidential', 'authorization-code', 'https://old.example/');
INSERT INTO oauth2_provider_accesstoken
	SELECT n, md5(n::text), now() + interval '1 day', 'read', 1, n % 1000, now() - interval '1 day' + n * interval '1 millisecond'
	FROM generate_series(1, $tokens) n;
SQL

# Each in a session of its own, as programs of other users are: the system shares its processors out among sessions.
my $processors = () = ShimTest::slurp('/proc/cpuinfo') =~ /^processor\s*:/mg;
my @others;
for (1 .. 3 * $processors)
{
	push @others, fork // die "fork: $!";
	next if $others[-1];
	POSIX::setsid();
	my $parent = getppid;
	while (getppid == $parent) { }
	POSIX::_exit(0);
}
my $import = $t->node->background_psql('postgres');
$import->query("SET application_name = 'import'");
$import->query_until(qr/^\s*$/m, "SELECT count(*) FROM oauth_import_django_oauth_toolkit('old');\n");
ok(wait_for(sub { $t->sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'import' AND wait_event = 'PgSleep'") > 0 }),
	'where others want the processors, an import rests');
kill 'KILL', @others;
waitpid($_, 0) for @others;
ok(wait_for(sub { $t->sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'import' AND state = 'idle'") > 0 }),
	'it comes to its end');
$import->quit;
is($t->sql('SELECT count(*) FROM oauth.access_token'), $tokens, 'and all tokens are here');
$t->finish;
done_testing();
