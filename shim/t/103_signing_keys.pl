# 103_signing_keys.pl
# Signing keys of a server: over HTTP, without the file of the master key, after a crash in the middle of a first key, on a standby, and in a dump.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(header json wait_for);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PsqlSession;
use Test::More;

my $t = ShimTest->new(extension => 1, conf => "wal_level = replica\nmax_wal_senders = 4\nhot_standby = on\nrestart_after_crash = on\n");
my $primary = $t->node;
$primary->append_conf('pg_hba.conf', 'local replication all trust');
$primary->reload;
$t->sql("ALTER DATABASE postgres SET oauth.issuer = 'https://id.example.com'");
my ($client, $secret) = split /\|/, $t->sql("SELECT * FROM oauth_register_client('signed', grant_types => '{client_credentials}')");
my $ask = "grant_type=client_credentials&client_id=$client&client_secret=$secret";

sub verifies
{
	my ($node, $token) = @_;
	return $node->safe_psql('postgres', "SELECT valid FROM oauth_verify_jwt('$token', oauth_jwks(), '{ES256,RS256}')");
}

# ---- the key set over HTTP ----

$t->start('--purge-interval=0');
my $answer = $t->get('/oauth2/jwks');
is($answer->{status} . ' ' . $answer->{body}, '200 {"keys": []}', 'where nobody asks for signatures the key set is empty');
is(header($answer, 'Cache-Control'), 'no-cache', 'and nobody is to keep it');
$t->sql("SELECT oauth_update_client('$client', '{\"access_token_format\": \"jwt\"}')");
my $kept = $t->get('/oauth2/jwks')->{body};
$answer = $t->post('/oauth2/token', $ask);
my $token = json($answer)->{access_token};
like($token, qr/\AeyJ/, 'a client is given a JWT');
$answer = $t->get('/oauth2/jwks', Origin => 'https://anywhere.example');
is(header($answer, 'Content-Type'), 'application/jwk-set+json', 'RFC 7517, section 8.5: application/jwk-set+json');
is(header($answer, 'Cache-Control'), 'public, max-age=3600', 'kept for a fraction of the lead');
is(header($answer, 'Access-Control-Allow-Origin'), '*', 'by pages of any origin, too');
is(scalar(@{ json($answer)->{keys} }), 1, 'it has one key');
is($answer->{body}, $kept, 'which was in it before it signed');
my $head = $t->request('HEAD', '/oauth2/jwks');
is($head->{status}, 200, 'HEAD is answered');
is(header($head, 'Content-Length'), length($answer->{body}), 'with the length');
is($t->post('/oauth2/jwks', '')->{status}, 405, 'POST is not');
is($t->get('/oauth2/jwks/')->{status}, 200, 'a slash at the end does not matter');
is(verifies($primary, $token), 't', 'the token verifies');
is($t->get('/auth', Authorization => "Bearer $token")->{status}, 200, 'and is good at /auth');
is($t->get('/auth', Authorization => 'Bearer ' . $token =~ s{(.)(?=.{9}\z)}{$1 eq 'A' ? 'B' : 'A'}er)->{status}, 401, 'with another signature it is not');
my $long = 'A' x 7000;
is($t->get('/auth', Authorization => "Bearer $token$long")->{status}, 401, 'however long it is');

# ---- a first key that was not finished ----

my $holder = PsqlSession->new($primary->connstr('postgres'));
is($holder->query("BEGIN; SELECT oauth_sign_jwt('{}', 'RS256') IS NOT NULL"), 't', 'a session makes the first key of an algorithm');
$t->sql("SELECT oauth_register_resource('https://rsa.example/', access_token_format => 'jwt', signing_alg => 'RS256')");
my $waiting = fork() // die "fork: $!";
if ($waiting == 0)
{
	my $late = json($t->post('/oauth2/token', "$ask&resource=https://rsa.example/"))->{access_token};
	POSIX::_exit(defined $late && $late =~ /\AeyJ/ ? 0 : 1);
}
ok(wait_for(sub { $t->sql("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'object'") eq '1' }), 'who needs the same first key waits for it');
$holder->query('ROLLBACK');
waitpid($waiting, 0);
is($?, 0, 'and makes it, where the other did not');
is($t->sql("SELECT count(*) FROM oauth.signing_key WHERE alg = 'RS256'"), 1, 'one key');
$holder->hang_up;

# kill -9 of the server while a session has made a key, and not committed
my $crasher = PsqlSession->new($primary->connstr('postgres'));
is($crasher->query("BEGIN; SELECT oauth_sign_jwt('{}', 'PS256') IS NOT NULL"), 't', 'a session has made another one');
my $victim = $t->sql("SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction'");
$t->kill_backend($victim);
$crasher->hang_up;
ok($t->is_back, 'the server is there again after a backend was killed');
is($t->sql("SELECT count(*) FROM oauth.signing_key WHERE alg = 'PS256'"), 0, 'the key that was not committed is none');
like($t->sql("SELECT oauth_sign_jwt('{}', 'PS256')"), qr/\AeyJ/, 'and another one is made');
is($t->sql("SELECT count(*) FROM oauth.signing_key WHERE alg = 'PS256'"), 1, 'once');
is(verifies($primary, $token), 't', 'what was signed before verifies');

# ---- a dump and the key file ----

my $dump = $t->dir . '/keys.sql';
$primary->command_ok([ 'pg_dump', '--file', $dump, 'postgres' ], 'the database is dumped');
unlike(ShimTest::slurp($dump), qr/PRIVATE KEY/, 'no private key is in the dump');
$primary->safe_psql('postgres', "CREATE DATABASE restored TEMPLATE template0 ENCODING 'UTF8'");
$primary->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', 'restored', '-f', $dump ], 'and restored');
is($primary->safe_psql('restored', "SELECT valid FROM oauth_verify_jwt('$token', oauth_jwks(), '{ES256}')"), 't', 'tokens of before verify there');
is($primary->safe_psql('restored', "SELECT active FROM oauth_verify_token('$token')"), 't', 'and live');
is($primary->safe_psql('restored', "SELECT split_part(oauth_sign_jwt('{\"iss\": \"me\"}', 'ES256', 'at+jwt'), '.', 1) = split_part('$token', '.', 1)"), 't',
	'and the same key goes on signing');
is($primary->safe_psql('restored', 'SELECT count(*) FROM oauth.registered_resource'), 1, 'resources came along');

# ---- a standby ----

$t->stop;
$primary->backup('base', backup_options => ['--no-sync']);
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
chmod 0600, $standby->data_dir . '/oauth.key' or die $!;
$standby->start;
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));
is(verifies($standby, $token), 't', 'a standby publishes the keys, and verifies');
my (undef, undef, $error) = $standby->psql('postgres', "\\set VERBOSITY verbose\nSELECT oauth_sign_jwt('{\"iss\": \"me\"}', 'ES256')");
like($error, qr/ERROR:  25006: a standby signs nothing\nHINT:  Ask the primary/, 'it signs nothing, and says whom to ask');
(undef, undef, $error) = $standby->psql('postgres', "\\set VERBOSITY verbose\nSELECT oauth_rotate_signing_keys(true)");
like($error, qr/ERROR:  25006/, 'nor does it rotate');
{
	local $t->{node} = $standby;
	$t->start;
	is(scalar(@{ json($t->get('/oauth2/jwks'))->{keys} }), 3, 'its shim answers the key set');
	is($t->get('/auth', Authorization => "Bearer $token")->{status}, 200, 'and knows the token');
	$answer = $t->post('/oauth2/token', $ask);
	is($answer->{status}, 503, 'who wants a token is told to come again');
	ok(header($answer, 'Retry-After'), 'with Retry-After');
	$t->stop;
}
$primary->safe_psql('postgres', "SELECT oauth_rotate_signing_keys(at_once => true)");
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));
is($standby->safe_psql('postgres', "SELECT jsonb_array_length(oauth_jwks() -> 'keys')"), 6, 'new keys reach it');
$standby->stop;

# ---- without the file of the master key ----

my $key = $primary->data_dir . '/oauth.key';
$t->start('--purge-interval=0');
is($t->post('/oauth2/token', $ask)->{status}, 200, 'a session reads the file when it first signs');
rename $key, "$key.away" or die $!;
is($t->post('/oauth2/token', $ask)->{status}, 200, 'and goes on without it until it ends');
$t->stop;
$t->start('--purge-interval=0');
(undef, undef, $error) = $primary->psql('postgres', "\\set VERBOSITY verbose\nSELECT oauth_sign_jwt('{\"iss\": \"me\"}', 'ES256')");
like($error, qr/ERROR:  F0000: missing master key file "oauth.key"\nHINT:  Restore it/, 'without the file nothing is signed, and the error says what is missing');
(undef, undef, $error) = $primary->psql('postgres', "SELECT oauth_create_signing_key('ES384')");
like($error, qr/missing master key file/, 'and no key is made');
is($t->post('/oauth2/token', $ask)->{status}, 500, 'who asks over HTTP is told so in general words');
is(scalar(@{ json($t->get('/oauth2/jwks'))->{keys} }), 6, 'the key set is published all the same');
is($t->get('/auth', Authorization => "Bearer $token")->{status}, 200, 'and tokens are verified');
ok($t->sql("SELECT count(*) FROM oauth_check() WHERE subject = 'master key file' AND severity = 'high'"), 'the check knows');
$t->sql("UPDATE oauth.signing_key SET created_at = created_at - interval '90 days', used_from = used_from - interval '90 days'");
my ($rc, $out, $warning) = $primary->psql('postgres', 'SELECT oauth_purge_expired() >= 0');
is($out, 't', 'a purge goes on');
like($warning, qr/WARNING:  a signing key is due, and cannot be made: missing master key file/, 'and says that a successor is due');
open(my $other, '>', $key) or die $!;
print $other '00' x 32, "\n";
close $other;
chmod 0600, $key;
(undef, undef, $error) = $primary->psql('postgres', "SELECT oauth_sign_jwt('{\"iss\": \"me\"}', 'ES256')");
like($error, qr/the key that this database was sealed with is not in master key file/, 'with the file of another database nothing is signed, either');
(undef, undef, $error) = $primary->psql('postgres', "SELECT oauth_create_signing_key('ES384')");
like($error, qr/is not in master key file.*HINT:  Restore the file that belongs/s, 'nor is a key made, and the error says what to do');

# Over HTTP, by sessions that have found no file before and by new ones, from many connections at once: nobody gets a token, and no row is left.
my $rows_are = "SELECT (SELECT count(*) FROM oauth.access_token) || ' ' || (SELECT count(*) FROM oauth.signing_key)";
my $rows = $t->sql($rows_are);
for my $sessions ('sessions that found no file', 'new sessions')
{
	my @refused = grep { $_->{status} == 500 && $_->{body} !~ /eyJ/ } $t->together((ShimTest::post_bytes('/oauth2/token', $ask)) x 32);
	is(scalar @refused, 32, "with another file: $sessions sign nothing");
	$t->stop;
	$t->start('--purge-interval=0');
}
is($t->sql($rows_are), $rows, 'and no token and no key was written');
like(ShimTest::slurp($primary->logfile), qr/ERROR:  the key that this database was sealed with is not in master key file/, "the server's log says why");

unlink $key;
rename "$key.away", $key or die $!;
like($t->sql("SELECT oauth_sign_jwt('{\"iss\": \"me\"}', 'ES256')"), qr/\AeyJ/, 'with its own again all is well');
is($t->post('/oauth2/token', $ask)->{status}, 200, 'over HTTP too, and nothing had to be restarted');
$t->sql('SELECT oauth_purge_expired()');
is($t->sql("SELECT count(*) FROM oauth.signing_key_overview WHERE state = 'published'"), 3, 'and the successors are made');

$t->finish;
done_testing();
