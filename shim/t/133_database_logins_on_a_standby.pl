# 133_database_logins_on_a_standby.pl
# People log in to a standby of PostgreSQL 18 with a token, and its sessions end there by hand; a promotion changes nothing.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use BearerSession;
use DatabaseLogin;
use ShimTest qw(slurp wait_for);
use PostgreSQL::Test::Cluster;
use Test::More;

my $login = DatabaseLogin->new(15, conf => "wal_level = replica\nmax_wal_senders = 5\nhot_standby = on\n");
my $node = $login->node;
my $me = getpwuid($<);

# the copy is made over a connection of its own
open(my $hba, '>>', $node->data_dir . '/pg_hba.conf') or die;
print $hba "local replication $me trust\n";
close $hba;
$node->reload;
$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
my $conf = slurp($standby->data_dir . '/validator.conf');
my ($from, $to) = map { 'host=' . $_->host . ' port=' . $_->port } $node, $standby;
$conf =~ s/\Q$from\E/$to/;
open(my $file, '>', $standby->data_dir . '/validator.conf') or die;
print $file $conf;
close $file;
$standby->start;

my $token = $login->token(subject => '42', scope => 'db');
$node->wait_for_catchup($standby);
sub there { return BearerSession->new($standby, user => 'alice', token => $token, @_) }

my $alice = there();
is($alice->refused, undef, 'a token logs in to a standby, which asks itself') or diag(slurp($standby->logfile));
is($alice->query('SELECT oauth_subject(), pg_is_in_recovery()'), '42|t', 'and the session is that of its holder');
is($standby->safe_psql('postgres', 'SELECT subject, state FROM oauth.database_session'), '42|living', 'the standby knows its sessions');
is($login->sql('SELECT count(*) FROM oauth.database_session'), '0', 'the primary has none');
is($standby->safe_psql('postgres', "SELECT oauth_terminate_sessions(subject => '42')"), '1', 'they are ended there by hand');
is($alice->query('SELECT 1'), 'ERROR 57P01', 'at once');

$alice = there();
$login->sql("SELECT oauth_revoke_token('$token')");
$node->wait_for_catchup($standby);
is($alice->query('SELECT oauth_subject()'), '', 'what the primary revokes is nobody\'s there');
like(there()->refused, qr/\A28000/, 'and logs in no more');
is($standby->safe_psql('postgres', 'SELECT state FROM oauth.database_session'), 'ended', 'the list says so');

$token = $login->token(subject => '43', scope => 'db');
$node->wait_for_catchup($standby);
$alice = there();
$standby->promote;
is($alice->query('SELECT oauth_subject(), pg_is_in_recovery()'), '43|f', 'a promotion ends no session, and nobody is forgotten');
$standby->safe_psql('postgres', "ALTER DATABASE postgres SET oauth.terminate_sessions = on");
$standby->safe_psql('postgres', "SELECT oauth_revoke_subject('43')");
is($alice->query('SELECT 1'), 'ERROR 57P01', 'from then on a revocation ends them');

# ---- a server that asks another one: the identity is of the database that verified ----

$login->configure;
$token = $login->token(subject => '44', scope => 'db');
my $other = PostgreSQL::Test::Cluster->new('other');
$other->init;
$other->append_conf('postgresql.conf', "oauth_validator_libraries = 'oauth'\noauth.validator_conninfo = '$from dbname=postgres user=oauth_validator'\n");
unlink $other->data_dir . '/pg_hba.conf';
$other->append_conf('pg_hba.conf', "local all $me trust\nlocal all all oauth issuer=\"http://localhost:8000\" scope=\"db\" validator=oauth map=people");
$other->append_conf('pg_ident.conf', 'people /^(.*)$ alice');
$other->start;
$other->safe_psql('postgres', 'CREATE ROLE alice LOGIN; CREATE EXTENSION oauth CASCADE');
$alice = BearerSession->new($other, user => 'alice', token => $token);
is($alice->refused, undef, 'a token logs in to a server that asks another one');
is($alice->query('SELECT system_user'), 'oauth:44', 'which says who it is');
is($alice->query('SELECT oauth_subject()'), '', 'but the database there has other users: oauth_subject() is nobody');
is($other->safe_psql('postgres', 'SELECT count(*) FROM oauth.database_session'), '0', 'and no session of its own tokens');

$other->stop;
$standby->stop;
$login->finish;
done_testing();
