# 013_dump_and_standby.pl
# What clients notice when the provider moves: to another server by a dump and the key file, or to its standby.
#
# 021_dump_restore.pl and 025_standby.pl have the same in SQL; here all is asked through the shim (R134, R222).
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(header json slurp wait_for);
use SignedRequest qw(authorization);
use File::Copy qw(copy);
use PostgreSQL::Test::Cluster;
use Test::More;

my $t = ShimTest->new(extension => 1, loud => 1, conf => "wal_level = replica\nmax_wal_senders = 2\nhot_standby = on");
my $first = $t->node;
my $key = $first->data_dir . '/oauth.key';
$first->append_conf('pg_hba.conf', 'local replication all trust');
# a dump and a backup may take longer than the seconds that a retry usually has
$first->append_conf('postgresql.conf', 'oauth.refresh_grace = 300');
$first->reload;

my ($client, $secret) = split /\|/, $t->sql("SELECT * FROM oauth_register_client('moves',
	grant_types => '{password,client_credentials,refresh_token,oauth1_two_legged}')");
my $auth = "client_id=$client&client_secret=$secret";
$t->remember($secret, 'wonderland');
my $alice = $t->sql("SELECT oauth_create_user('alice', 'wonderland')");
$t->sql(<<'SQL');
CREATE ROLE app;
CREATE SCHEMA app AUTHORIZATION app;
SET ROLE app;
CREATE TABLE app.photo (title text, owner text);
ALTER TABLE app.photo ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON app.photo USING (owner = public.oauth_subject());
CREATE FUNCTION app.photos(oauth.http_request) RETURNS jsonb LANGUAGE sql STABLE AS 'SELECT jsonb_agg(title) FROM app.photo';
RESET ROLE;
SELECT oauth_protect('/api/photos', 'app.photos', 'read');
SQL
$t->sql("INSERT INTO app.photo VALUES ('hers', '$alice'), ('not hers', 'another')");

sub bearer { return (Authorization => "Bearer $_[0]") }
sub new_pair { return split /\|/, $t->sql("SELECT access_token, refresh_token FROM oauth_issue_token('$client', '$alice', refresh => true)") }
sub refresh { return $t->post('/oauth2/token', "grant_type=refresh_token&$auth&refresh_token=$_[0]") }
sub client_credentials { return $t->post('/oauth2/token', "grant_type=client_credentials&$auth") }

sub signed
{
	return $t->get('/auth', Authorization => authorization(client_id => $client, client_secret => $secret, method => 'GET', uri => 'http://shim.example/auth'));
}

# Reading and writing, as a client of before does it.
sub works
{
	my ($where, $access) = @_;

	is(header($t->get('/auth', bearer($access)), 'X-OAuth-Subject'), $alice, "$where: /auth knows the token");
	is(json($t->get('/api/', bearer($access)))->{username}, 'alice', "$where: /api/ says whose it is");
	is($t->get('/api/photos', bearer($access))->{body}, '["hers"]', "$where: the policy holds");
	is($t->post('/oauth2/token', "grant_type=password&$auth&username=alice&password=wonderland")->{status}, 200, "$where: the password is taken");
	is(client_credentials()->{status}, 200, "$where: the client secret is taken");
	return;
}

# A refresh token, rotated here and lost on the way; the client that asks again elsewhere gets the same answer.
sub same_pair
{
	my ($where, $old, $pair) = @_;

	is(json(refresh($old))->{refresh_token}, $pair->{refresh_token}, "$where: a retry gets the pair of the first server");
	is(refresh($pair->{refresh_token})->{status}, 200, "$where: which refreshes");
	is(refresh($old)->{status}, 400, "R134: $where: the old refresh token is then reuse");
	is($t->get('/api/', bearer($pair->{access_token}))->{status}, 401, "R134: $where: and the family has ended");
	return;
}

# ---- a dump, and the key file ----

$t->start;
works('before', (new_pair())[0]);
my ($access, $old) = new_pair();
my $pair = json(refresh($old));
my (undef, $stays) = new_pair();
is(signed()->{status}, 200, 'before: a signature is good');
$t->stop;

my $second = PostgreSQL::Test::Cluster->new('second');
$second->init;
$second->append_conf('postgresql.conf', "log_statement = none\noauth.refresh_grace = 300");
$second->start;
$second->safe_psql('postgres', 'CREATE ROLE app');
$t->{node} = $second;
$t->create_role;
is(system('pg_dump ' . "'" . $first->connstr('postgres') . "' | psql -X -q -v ON_ERROR_STOP=1 '" . $second->connstr('postgres') . "' >/dev/null"), 0, 'R222: pg_dump | psql');
my $second_key = $second->data_dir . '/oauth.key';

# Without the key: what needs none works, what needs it is the machine's fault, and says so to the administrator only.
{
	$t->start;
	is($t->get('/auth', bearer($access))->{status}, 200, 'without the key file: /auth works');
	is($t->get('/api/photos', bearer($access))->{body}, '["hers"]', 'without the key file: so does a function');
	is(client_credentials()->{status}, 200, 'without the key file: and what is not derived is issued');
	for ([ 'a refresh', refresh($stays) ], [ 'a signature', signed() ])
	{
		my ($name, $answer) = @$_;
		cmp_ok($answer->{status}, '>=', 500, "without the key file: $name is the machine's fault");
		unlike($answer->{raw}, qr/key|HINT|oauth\.|SQL/i, "without the key file: $name: of which the client learns nothing");
	}
	my $log = slurp($second->logfile);
	like($log, qr/ERROR:  F0000: missing master key file "oauth.key"/, 'without the key file: the log says what is wrong');
	like($log, qr/HINT:  Restore it from its backup/, 'without the key file: and what to do');
	is_deeply([ glob "$second_key*" ], [], 'without the key file: none is made');
	copy($key, $second_key) or die "copy: $!";
	chmod 0600, $second_key or die "chmod: $!";
	is(refresh($stays)->{status}, 200, 'with the key file: the refresh token that was refused is still good, at once');
}
works('restored', $access);
like(header(signed(), 'WWW-Authenticate'), qr/timestamp_refused/, 'restored: the sealed secret opens; a good signature waits until no nonce of before the dump can come again');
$t->sql('UPDATE oauth.nonce_floor SET floor = 0');
is(signed()->{status}, 200, 'restored: and is served when that time is over');
same_pair('restored', $old, $pair);
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'restored: no batch failed');
$t->no_secret_in_logs;	# R217
$t->stop;
$second->stop;

# ---- a standby ----

$t->{node} = $first;
$first->backup('base', backup_options => ['--no-sync']);
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($first, 'base', has_streaming => 1);
chmod 0600, $standby->data_dir . '/oauth.key' or die "chmod: $!";	# the copy of the tests has lost it
$standby->start;

$t->start;
($access, $old) = new_pair();
$pair = json(refresh($old));
my ($used_access, $used) = new_pair();
my $successor = json(refresh($used));
refresh($successor->{refresh_token});
is(signed()->{status}, 200, 'primary: a signature is good');
$first->wait_for_catchup($standby, 'replay', $first->lsn('write'));
$t->stop;

$t->{node} = $standby;
$t->start;
is(header($t->get('/auth', bearer($access)), 'X-OAuth-Subject'), $alice, 'standby: /auth knows the token');
is(json($t->get('/api/', bearer($access)))->{username}, 'alice', 'standby: /api/ says whose it is');
is($t->get('/api/photos', bearer($access))->{body}, '["hers"]', 'standby: the policy holds');
is($t->get('/api/', bearer("${access}A"))->{status}, 401, 'standby: a bad token is refused');
is(json(refresh($old))->{refresh_token}, $pair->{refresh_token}, 'standby: a retry of a refresh needs no writing, and is answered');
for ([ 'a refresh', refresh($pair->{refresh_token}) ], [ 'client credentials', client_credentials() ],
	[ 'a password', $t->post('/oauth2/token', "grant_type=password&$auth&username=alice&password=wonderland") ], [ 'a signature, whose nonce is to be kept,', signed() ])
{
	my ($name, $answer) = @$_;
	is("$answer->{status} " . json($answer)->{error}, '503 temporarily_unavailable', "standby: $name is told to come again");
	ok(header($answer, 'Retry-After'), "standby: $name: with Retry-After");
}

# The primary is gone; the shim in front of the standby has run all the time.
$first->stop('immediate');
$standby->promote;
ok(wait_for(sub { client_credentials()->{status} == 200 }), 'promoted: the shim issues, without a restart');
works('promoted', $access);
same_pair('promoted', $old, $pair);
is(refresh($used)->{status}, 400, 'R134: promoted: what was reuse before is reuse now');
is($t->get('/api/', bearer($used_access))->{status}, 401, 'R134: promoted: and ends its family');
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'promoted: no batch failed');
$t->no_secret_in_logs;	# R217
$t->finish;
done_testing();
