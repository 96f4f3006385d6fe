# 060_privileges.pl
# Who may execute what: the grants of the guides are no finding of oauth_check(), and a restore into a database with
# default privileges gives nobody more than was granted.  R220, R221.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(slurp);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $t = ShimTest->new(extension => 1);
my $node = $t->node;
my $guides = join "\n", map { slurp($_) } glob "$FindBin::RealBin/../../{README.md,docs/*.md,docs/*/*.md}";
my @blocks = $guides =~ /^```sql\n(.*?)^```$/msg;
my @grants = grep { /\A[^;]* ON [^;]*(?:oauth_|SCHEMA oauth|oauth\.)[^;]* TO / } map { /^(GRANT (?:EXECUTE|SELECT|USAGE)\b[^;]*;)/mg } @blocks;
my %roles = map { /TO (\w+)\s*;/ ? ($1 => 1) : () } @grants;
my $findings = q{SELECT subject, finding FROM oauth_check() WHERE finding ~ 'may (let others )?(execute|SELECT)' OR subject ~ '^(role|type) '
	AND finding !~ 'go to the log'};
# Each right of somebody else, by names: oids differ between databases.
my $rights = q{SELECT string_agg(p.proname || ' ' || a.grantee::regrole, ', ' ORDER BY p.proname COLLATE "C", a.grantee::regrole::text COLLATE "C")
	FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
	JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'oauth', aclexplode(p.proacl) a WHERE a.grantee NOT IN (0, p.proowner)};

$node->safe_psql('postgres', 'CREATE DATABASE app TEMPLATE template0');
$node->safe_psql('app', 'CREATE EXTENSION oauth CASCADE');
$node->safe_psql('app', "SELECT 'CREATE ROLE $_ LOGIN' WHERE to_regrole('$_') IS NULL \\gexec") for sort keys %roles;
$node->safe_psql('app', $_) for @grants;
cmp_ok(scalar @grants, '>=', 15, 'the guides grant rights');
is($node->safe_psql('app', $findings), '', 'R221: and none of them is a finding');
$node->safe_psql('app', 'GRANT EXECUTE ON FUNCTION oauth_set_password TO shop');
like($node->safe_psql('app', $findings), qr/\Arole shop\|may execute oauth_set_password, /, 'one that no guide gives is a finding');
$node->safe_psql('app', 'REVOKE EXECUTE ON FUNCTION oauth_set_password FROM shop');

my $dump = $t->dir . '/app.sql';
$node->command_ok([ 'pg_dump', '--dbname', $node->connstr('app'), '--file', $dump ], 'a dump');
$node->safe_psql('postgres', 'CREATE ROLE anon; CREATE DATABASE restored TEMPLATE template0');
$node->safe_psql('restored', 'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON FUNCTIONS TO anon;
	ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO anon WITH GRANT OPTION; ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO anon');
$node->command_ok([ 'psql', '--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--dbname', $node->connstr('restored'), '--file', $dump ],
	'a restore where default privileges give everything away');
is($node->safe_psql('restored', $rights), $node->safe_psql('app', $rights), 'R221: has the rights that were granted, and no other');
is($node->safe_psql('restored', q{SELECT count(*) FROM pg_class c, aclexplode(c.relacl) a
	WHERE c.relnamespace = 'oauth'::regnamespace AND a.grantee = 'anon'::regrole}), 0, 'also on tables');
$t->finish;
done_testing();
