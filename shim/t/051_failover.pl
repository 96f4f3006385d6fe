# 051_failover.pl
# docs/operations.md: a shim that knows both servers follows the one that writes.
#
# Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(json wait_for);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $t = ShimTest->new(extension => 1, conf => "wal_level = replica\nmax_wal_senders = 5\nsynchronous_commit = on");
my $primary = $t->node;
$primary->append_conf('pg_hba.conf', 'local replication all trust');
my ($client, $secret) = split /\|/, $t->sql(q{SELECT * FROM oauth_register_client('follows', grant_types => '{client_credentials,refresh_token}')});
my $revoked = $t->sql("SELECT access_token FROM oauth_issue_token('$client', '42')");

$primary->backup('base', backup_options => ['--no-sync']);
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
chmod 0600, glob($standby->data_dir . '/oauth.key');
$standby->append_conf('postgresql.conf', q{primary_conninfo = '} . $primary->connstr . q{ application_name=standby'});
$standby->start;
$primary->append_conf('postgresql.conf', q{synchronous_standby_names = 'standby'});
$primary->reload;
$primary->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'})
  or die 'the standby does not follow';

my $both = sprintf 'host=%s,%s port=%s,%s', $standby->host, $primary->host, $standby->port, $primary->port;
sub begin { return $t->start("--database=$both dbname=postgres user=oauth_shim target_session_attrs=$_[0]", @_[ 1 .. $#_ ]) }
sub issue { return $t->post('/oauth2/token', "grant_type=client_credentials&client_id=$client&client_secret=$secret") }
sub status { return $t->get('/auth', Authorization => "Bearer $_[0]")->{status} }

begin('primary');
my $answer = issue();
is($answer->{status}, 200, 'of two servers, the standby first, the shim finds the one that writes');
my $token = json($answer)->{access_token};
$t->post('/oauth2/revoke', "token=$revoked&client_id=$client&client_secret=$secret");
is(status($revoked), 401, 'a token is revoked');
is($standby->safe_psql('postgres', 'SELECT clients FROM oauth_status()'), 1, 'the standby says how it is');
like($standby->safe_psql('postgres', 'SELECT count(*) FROM oauth_check()'), qr/\A\d+\z/, 'and what to change');

$primary->stop('immediate');
is(issue()->{status}, 503, 'while there is none that writes, it says so');
$standby->promote;
ok(wait_for(sub { issue()->{status} == 200 }), 'after the failover it issues, without a restart');
ok(wait_for(sub { status($token) == 200 }), 'what was issued before is good: the standby was synchronous');
is(status($revoked), 401, 'and what was revoked is not');
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no batch failed');
$t->stop;

begin('read-write');
is($t->get('/readyz')->{status}, 200, 'read-write finds it as well');
is(issue()->{status}, 200, 'and issues');
$t->stop;
$standby->stop;
done_testing();
