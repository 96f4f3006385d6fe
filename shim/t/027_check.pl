# 027_check.pl
# oauth_check() about the server, the file of the master key and the shim: what it finds goes when its remedy is run.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(slurp);
use File::Temp;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $t = ShimTest->new(extension => 1, conf => <<'CONF');
fsync = off
full_page_writes = off
listen_addresses = '127.0.0.2'
shared_preload_libraries = 'pg_stat_statements'
CONF
my $node = $t->node;
my $keys = File::Temp->newdir();

sub finding { return $node->safe_psql('postgres', "SELECT severity FROM oauth_check() WHERE subject = '$_[0]'") }

# Pasted into psql, as they stand.
sub remedy
{
	my ($subject) = @_;
	my $remedy = $node->safe_psql('postgres', "SELECT remedy FROM oauth_check() WHERE subject = '$subject'");

	return $node->safe_psql('postgres', $remedy);
}

# A finding that SQL takes away.
sub remedied
{
	my ($subject, $severity, $name) = @_;

	is(finding($subject), $severity, "$name is found");
	remedy($subject);
	ok($node->poll_query_until('postgres', "SELECT count(*) = 0 FROM oauth_check() WHERE subject = '$subject'"),
		"$name: and goes with its remedy");
	return;
}

remedied('fsync', 'high', 'fsync = off');
remedied('full_page_writes', 'high', 'full_page_writes = off');
remedied('pg_stat_statements.track_utility', 'low', 'a pg_stat_statements that keeps utility statements');
remedied('oauth.issuer', 'high', 'a missing issuer');
remedied('log_statement', 'medium', 'log_statement = all');

# the key
my $file = "$keys/oauth.key";
like($node->safe_psql('postgres', q(SELECT finding || ': ' || remedy FROM oauth_check() WHERE subject = 'master key file')),
	qr{in the data directory.*: LOAD 'oauth'; ALTER SYSTEM SET .*install -d -o \w+ -m 700 /etc/oauth$}, 'a key in the data directory is found, though it does not exist yet');
$node->safe_psql('postgres', q(SELECT oauth_register_client('signs', grant_types => '{oauth1}', signature_methods => '{HMAC-SHA256}')));
like($node->safe_psql('postgres', q(SELECT remedy FROM oauth_check() WHERE subject = 'master key file')),
	qr{&& mv \S+/oauth\.key /etc/oauth/oauth\.key$}, 'one that exists has to be moved');
rename($node->data_dir . '/oauth.key', $file) or die $!;
is(finding('master key file'), "high\nmedium", 'a key that is sorely missed is found');
$node->safe_psql('postgres', "LOAD 'oauth'; ALTER SYSTEM SET oauth.master_key_file = '$file'");
$node->reload;
ok($node->poll_query_until('postgres', q(SELECT count(*) = 0 FROM oauth_check() WHERE subject = 'master key file')),
	'outside, and private: no finding');

# where it is, before the library is loaded
$node->safe_psql('postgres', 'CREATE ROLE curious LOGIN');
my @curious = (extra_params => [ '--username', 'curious' ]);
is($node->safe_psql('postgres', 'SHOW oauth.master_key_file', @curious), $file, 'anybody sees where it is, while the library is not loaded');
remedied('session_preload_libraries', 'low', 'a library that is loaded late');
my (undef, undef, $refused) = $node->psql('postgres', 'SHOW oauth.master_key_file', @curious);
like($refused, qr/must be superuser or have privileges|permission denied/, 'with the library loaded at once nobody does');
$node->safe_psql('postgres', q(ALTER SYSTEM SET session_preload_libraries = 'auto_explain', 'pg_stat_statements'; SELECT pg_reload_conf()));
$node->poll_query_until('postgres', q(SELECT current_setting('session_preload_libraries') ~ 'explain'));
is(remedy_text('session_preload_libraries'), q(ALTER SYSTEM SET session_preload_libraries = 'auto_explain', 'pg_stat_statements', 'oauth'; SELECT pg_reload_conf();),
	'others that are loaded stay');
remedied('session_preload_libraries', 'low', 'a library that is not among others');
chmod(0644, $file);
is(finding('master key file'), 'high', 'a key that others may read is found');
chmod(0600, $file);
my $key = slurp($file);
sub write_key
{
	my ($content) = @_;
	open(my $out, '>', $file) or die "$file: $!";
	print {$out} $content;
	close $out or die "$file: $!";
	return;
}
for ([ "not a key\n", qr/^malformed master key file .*: -- It has one key a line/ ], [ '0' x 64 . "\n", qr/^the key that this database was sealed with is not in master key file .*: -- Restore the file/ ])
{
	my ($content, $says) = @$_;
	write_key($content);
	like($node->safe_psql('postgres', q(SELECT severity || ' ' || finding || ': ' || remedy FROM oauth_check() WHERE subject = 'master key file')) =~ s/^high //r, $says,
		'a file that has not the key of this database is found');
}
write_key($key);
# a session that has read the right one goes on, also after it has asked; the form of the page is signed with a key that it derives then
my (undef, $said, $complaint) = $node->psql('postgres', "SELECT count(*) FROM oauth_register_client('reads the key', grant_types => '{oauth1}', signature_methods => '{HMAC-SHA256}');\n"
	  . "\\! echo no key > $file\nSELECT count(*) FROM oauth_check() WHERE subject = 'master key file';\n"
	  . "SELECT status FROM oauth.login(ROW('GET', '/login', '{}', NULL, 'http', '127.0.0.1'));", on_error_stop => 0);
is("$said$complaint", "1\n1\n200", 'and a session that has read its own goes on');
write_key($key);
is(finding('master key file'), '', 'its own again: no finding');
chmod(0777, "$keys");
is(finding('master key file'), 'high', 'a directory that others may write to is found');
my $command = $node->safe_psql('postgres', q(SELECT remedy FROM oauth_check() WHERE subject = 'master key file'));
$command =~ s/^-- as root: //;
is(system($command), 0, 'its remedy is a command');
is(finding('master key file'), '', 'and helps');

# the server
is(finding('ssl'), 'medium', 'connections from elsewhere without TLS are found');
like(remedy_text('ssl'), qr/^ALTER SYSTEM SET ssl = on; SELECT pg_reload_conf\(\);/, 'with what to do');
$node->append_conf('postgresql.conf', "listen_addresses = ''");
$node->restart;
is(finding('ssl'), '', 'where there are none, there is nothing to find');

sub remedy_text { return $node->safe_psql('postgres', "SELECT remedy FROM oauth_check() WHERE subject = '$_[0]'") }

# the shim, first as somebody who may do everything
my $superuser = $node->safe_psql('postgres', 'SELECT current_user');
is(finding("role $superuser"), '', 'a superuser alone is no finding');
{
	local $ENV{PGAPPNAME} = 'oauth-shim';
	is(finding("role $superuser"), 'high', 'a shim that is connected as one is');
}
$t->start;
is(finding("role $superuser"), '', 'a shim with a role of its own is not');
$node->safe_psql('postgres', 'ALTER ROLE oauth_shim RESET ALL');
is(finding('role oauth_shim'), 'medium', 'whose parameters would be logged is found');
remedy('role oauth_shim');
is(finding('role oauth_shim'), '', 'and goes with its remedy');
remedied('oauth.allowed_hosts', 'low', 'signatures for any host');

# but what the server's minor version has, where the system offers no newer one
my $findings = q{SELECT * FROM oauth_check() WHERE subject !~ '^PostgreSQL '};
is($node->safe_psql('postgres', $findings), '', 'nothing is found on a server that is well kept');
$node->safe_psql('postgres', 'CREATE ROLE auditor; GRANT EXECUTE ON FUNCTION oauth_check TO auditor');
is($node->safe_psql('postgres', "SET ROLE auditor; $findings"), '', 'nor by who may only look');

$t->finish;
done_testing();
