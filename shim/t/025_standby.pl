# 025_standby.pl
# Reading writes nothing: a hot standby verifies tokens and says who is calling. And transactions in two phases.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(header json);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $t = ShimTest->new(extension => 1,
	conf => "wal_level = replica\nmax_wal_senders = 2\nhot_standby = on\nmax_prepared_transactions = 2\n");
my $primary = $t->node;
$primary->append_conf('pg_hba.conf', 'local replication all trust');
$primary->reload;

my ($client, $secret) = split /\|/,
  $t->sql("SELECT * FROM oauth_register_client('standby', grant_types => '{refresh_token,client_credentials,oauth1}')");
my ($access, $refresh) = split /\|/, $t->sql("SELECT access_token, refresh_token FROM oauth_issue_token('$client', 'somebody', refresh => true)");

# ---- two phases ----

my $prepared = $t->sql("BEGIN; SELECT access_token FROM oauth_issue_token('$client', 'somebody'); PREPARE TRANSACTION 'one'");
my $verify = "SELECT active FROM oauth_verify_token('%s')";
is($t->sql(sprintf $verify, $prepared), 'f', 'a token of a prepared transaction is nobody\'s yet');
is($t->sql("COMMIT PREPARED 'one'; " . sprintf $verify, $prepared), 't', 'and good when that commits');
$prepared = $t->sql("BEGIN; SELECT access_token FROM oauth_issue_token('$client', 'somebody'); PREPARE TRANSACTION 'two'");
is($t->sql("ROLLBACK PREPARED 'two'; " . sprintf $verify, $prepared), 'f', 'never if it rolls back');
is($t->sql("BEGIN; SELECT oauth_authenticate('Bearer $access'); PREPARE TRANSACTION 'three'; SELECT oauth_subject() IS NULL"), "t\nt",
	'PREPARE TRANSACTION ends the identity');
$t->sql("ROLLBACK PREPARED 'three'");

# ---- a standby ----

$primary->backup('base', backup_options => ['--no-sync']);
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
my $key = $standby->data_dir . '/oauth.key';
ok(-f $key, 'a key in the data directory comes along with pg_basebackup');
chmod 0600, $key or die "$key: $!";		# the copy of the tests has lost it
$standby->start;
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));

is($standby->safe_psql('postgres', "SELECT active, subject, scope FROM oauth_verify_token('$access')"), 't|somebody|read', 'it verifies');
is($standby->safe_psql('postgres', "SELECT oauth_introspect_token('$_') ->> 'sub'"), 'somebody', 'it introspects') for $access, $refresh;
is($standby->safe_psql('postgres', "BEGIN; SELECT oauth_authenticate('Bearer $access'), oauth_subject(); COMMIT"), 't|somebody',
	'it knows who is calling');
is($standby->safe_psql('postgres', 'SELECT clients, access_tokens > 0 FROM oauth_status()'), '1|t', 'it counts');
isnt($standby->safe_psql('postgres', 'SELECT count(*) FROM oauth_settings()'), 0, 'it shows its settings');
for my $write (
	"oauth_issue_token('$client')", "oauth_revoke_token('$access')", "oauth_register_client('x', grant_types => '{}')", "oauth_create_user('x', 'wonderland')",
	'oauth_purge_expired()', 'oauth_rotate_master_key()', "oauth_disable_client('$client')", "oauth_register_scope('x', 'x')")
{
	my ($rc, $out, $err) = $standby->psql('postgres', "\\set VERBOSITY sqlstate\nSELECT $write");
	like($err, qr/ERROR:  (25006|55000)/, "$write is refused with its SQLSTATE");
}
is($standby->safe_psql('postgres', sprintf $verify, $access), 't', 'nothing was changed');

# ---- the shim in front of it ----

$t->{node} = $standby;
$t->start;
my $answer = $t->get('/api/', Authorization => "Bearer $access");
is($answer->{status}, 200, '/api/ answers');
is(json($answer)->{subject}, 'somebody', 'with who is calling');
$answer = $t->get('/auth', Authorization => "Bearer $access");
is($answer->{status}, 200, '/auth answers');
is(header($answer, 'X-OAuth-Subject'), 'somebody', 'with the subject');
is($t->get('/api/', Authorization => "Bearer ${access}x")->{status}, 401, 'a bad token is 401');
$answer = $t->post('/oauth2/token', "grant_type=client_credentials&client_id=$client&client_secret=$secret");
is($answer->{status}, 503, 'what has to write is 503');
ok(header($answer, 'Retry-After'), 'with Retry-After');
unlike($t->error_log, qr/network/, 'a standby has no messages to send');
unlike(slurp_file($standby->logfile), qr/ERROR.*\n.*STATEMENT:.*(?:LISTEN|deliver)/, 'and is not asked for any');

# ---- revoked on the primary, refused on the standby; promoted, it issues ----

$primary->safe_psql('postgres', "SELECT oauth_revoke_token('$access')");
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));
is($t->get('/api/', Authorization => "Bearer $access")->{status}, 401, 'a revocation reaches the standby');

# as docs/operations.md has it for those who cannot wait
my @tokens = split /\n/, $primary->safe_psql('postgres', "SELECT access_token FROM generate_series(1, 10) i, oauth_issue_token('$client', 'person' || i)");
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));
$primary->safe_psql('postgres', "ALTER SYSTEM SET synchronous_standby_names = 'standby'");
$primary->reload;
$primary->poll_query_until('postgres', "SELECT sync_state = 'sync' FROM pg_stat_replication") or die 'the standby is not synchronous';
my @seen;
for my $token (@tokens)
{
	my $before = $t->get('/api/', Authorization => "Bearer $token")->{status};
	$primary->safe_psql('postgres', "SET synchronous_commit = remote_apply; SELECT oauth_revoke_token('$token')");
	push @seen, "$before " . $t->get('/api/', Authorization => "Bearer $token")->{status};
}
is(join(', ', @seen), join(', ', ('200 401') x @tokens), 'R154: with remote_apply, a revocation that was acknowledged holds there');
$standby->promote;
$answer = $t->post('/oauth2/token', "grant_type=refresh_token&client_id=$client&client_secret=$secret&refresh_token=$refresh");
is($answer->{status}, 200, 'once promoted it refreshes') or diag($answer->{raw});
is($standby->safe_psql('postgres', 'SELECT oauth_rotate_master_key()'), 1, 'and opens what was sealed');

$t->finish;
$primary->stop;
done_testing();
