# 050_hardening.pl
# What docs/hardening.md tells to do, done as it stands there: what the roles can still do (R220), and who gets in.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use IPC::Run ();
use lib $FindBin::RealBin;
use ShimTest qw(slurp);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $t = ShimTest->new(extension => 1);
my $node = $t->node;
my $guide = slurp("$FindBin::RealBin/../../docs/hardening.md");
my @sql = $guide =~ /^```sql\n(.*?)^```$/msg;
my ($hba) = $guide =~ /^```text\n(# TYPE.*?)^```$/ms;

$node->safe_psql('postgres', 'CREATE DATABASE app TEMPLATE template0');
$node->safe_psql('app', 'CREATE EXTENSION oauth CASCADE');
$node->safe_psql('app', $_) for @sql;
cmp_ok(scalar @sql, '>=', 4, 'the blocks of the guide run');

# The SQLSTATE that a statement ends with, or ''.
sub sqlstate
{
	my ($role, $statement) = @_;
	my (undef, undef, $error) = $node->psql('app', "\\set VERBOSITY sqlstate\n$statement", connstr => $node->connstr('app') . " user=$role");
	return $error =~ /ERROR:\s+(\w{5})/ ? $1 : $error;
}

# ---- what the shim's role can do ----

my $ask = 'SELECT status FROM oauth.forward_auth(ROW($$GET$$, $$/auth$$, $${}$$, $$$$, $$http$$, NULL))';
my @relations = split /\n/, $node->safe_psql('app', q{SELECT oid::regclass FROM pg_class
	WHERE relnamespace = 'oauth'::regnamespace AND relkind IN ('r', 'v')});
is_deeply([ grep { sqlstate('oauth_shim', "SELECT FROM $_") ne '42501' } @relations ], [], 'R220: no table can be read');
is_deeply([ grep { sqlstate('oauth_shim', "BEGIN; LOCK TABLE $_ IN ROW EXCLUSIVE MODE") ne '42501' } @relations ], [], 'R220: or written');
is(sqlstate('oauth_shim', $_->[0]), '42501', "R220: $_->[1]")
  for [ 'SELECT oauth_create_user($$x$$, $$y$$)', 'no user can be made' ],
  [ 'SELECT oauth_issue_token($$x$$)', 'no token can be issued past a client' ],
  [ 'SELECT oauth_verify_token($$x$$)', 'none can be asked about' ],
  [ 'CREATE TABLE mine ()', 'nothing can be made in public' ],
  [ 'CREATE TABLE oauth.mine ()', 'or in oauth' ],
  [ 'CREATE SCHEMA mine', 'no schema' ],
  [ 'CREATE TEMPORARY TABLE mine ()', 'no temporary table' ],
  [ 'SET ROLE storefront', 'no other role can be taken' ],
  [ 'SELECT pg_read_file($$oauth.key$$)', 'no file can be read' ],
  [ "$ask; SET oauth.issuer = 'https://evil.example'", 'no setting can be changed' ],
  [ 'ALTER ROLE oauth_shim SUPERUSER', 'no right can be had' ],
  [ 'SELECT subconninfo FROM pg_subscription', 'nor passwords of others' ];
# Before the library is loaded PostgreSQL takes any setting; what this role may not set is dropped when it is.
my (undef, $issuer) = $node->psql('app', "SET oauth.issuer = 'https://evil.example'; $ask; SHOW oauth.issuer",
	connstr => $node->connstr('app') . ' user=oauth_shim');
unlike($issuer, qr/evil/, 'R220: also not before the library is loaded');
is(sqlstate('oauth_shim', $ask), '', 'but the endpoints answer');

# ---- and an application's ----

is(sqlstate('storefront', 'SELECT active FROM oauth_verify_token($$x$$)'), '', 'an application verifies tokens');
is(sqlstate('storefront', $_), '42501', "and does not: $_")
  for 'SELECT oauth_issue_token($$x$$)', 'SELECT FROM oauth.grant', $ask,
  'ALTER TABLE storefront.purchase NO FORCE ROW LEVEL SECURITY', 'SET ROLE storefront_owner';
is($node->safe_psql('app', q{SET ROLE storefront; SELECT count(*) FROM storefront.purchase}), 0, 'its policy holds');
is(sqlstate('storefront', q{INSERT INTO storefront.purchase (buyer, item) VALUES ('42', 'book')}), '42501', 'also for what is written');

# ---- who gets in ----

my $me = $node->safe_psql('postgres', 'SELECT current_user');
$node->safe_psql('postgres', q{SET password_encryption = 'scram-sha-256'; ALTER ROLE storefront PASSWORD 'only here'; CREATE ROLE stranger LOGIN});
open my $file, '>', $node->data_dir . '/pg_hba.conf' or die "pg_hba.conf: $!";
print $file "local postgres $me trust\n$hba";
close $file;
$node->reload;
my @wrong = grep { !/SSL is (?:disabled|not supported)/ }
  split /\n/, $node->safe_psql('postgres', 'SELECT line_number, error FROM pg_hba_file_rules WHERE error IS NOT NULL');
is_deeply(\@wrong, [], 'the lines for pg_hba.conf are understood');

sub connects
{
	my ($database, $role, $password) = @_;
	local $ENV{PGPASSWORD} = $password // '';
	# nothing is written to a psql that may have ended
	my $connects = IPC::Run::run([ 'psql', '-XAt', '-d', $node->connstr($database) . " user=$role", '-c', 'SELECT 1' ], '<', \undef, '>', \my $out, '2>', \my $error);
	return $connects ? 'yes' : $error;
}
is(connects('app', 'storefront', 'only here'), 'yes', 'an application gets in with its password');
like(connects('app', 'storefront', 'guessed'), qr/password authentication failed/, 'and not with another one');
like(connects('postgres', 'storefront', 'only here'), qr/rejects connection/, 'nor to another database');
like(connects('app', 'stranger'), qr/rejects connection/, 'others do not');
like(connects('app', 'oauth_shim'), qr/Peer authentication failed/, 'only the user of the shim is the role of the shim');

$node->stop;
done_testing();
