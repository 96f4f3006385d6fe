# 132_psql_device_flow.pl
# docs/database-logins.md is followed word for word, and psql logs in by its own device flow, over TLS, as public and as
# confidential clients.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use DatabaseLogin;
use IPC::Run;
use ShimTest qw(guide_blocks json slurp wait_for);
use TlsFront;
use PostgreSQL::Test::Utils;
use Test::More;

my $login = DatabaseLogin->new(24, tls => 1);
my ($t, $node) = ($login->t, $login->node);
my $socket = $node->host;
$t->start;
$login->certificate('issuer', 'DNS:localhost');
my $front = TlsFront->new($t->port, map { $t->dir . "/issuer.$_" } qw(pem key));
my $issuer = 'https://localhost:' . $front->port;
$t->sql("ALTER DATABASE postgres SET oauth.issuer = '$issuer'; ALTER DATABASE postgres SET oauth.device_interval = 1;
	DROP OWNED BY oauth_validator; DROP ROLE oauth_validator; DROP OWNED BY bob; DROP ROLE bob;
	CREATE ROLE reader LOGIN; SELECT oauth_create_user('alice', 'wonderland')");

# ---- the guide, on this machine instead of id.example.com ----

sub here
{
	my ($text) = @_;
	my $me = getpwuid($<);

	$text =~ s{https://id\.example\.com}{$issuer}g;
	$text =~ s{/var/run/postgresql}{$socket port=${\ $node->port}}g;
	$text =~ s{\bdbname=app\b}{dbname=postgres}g;
	$text =~ s{^local   app}{local   postgres}m;
	$text =~ s{^validator  postgres}{validator  $me}m;
	$text =~ s{DATABASE app}{DATABASE postgres};
	return $text;
}

my ($roles, $client, $session, $ending) = map { here($_) } guide_blocks('database-logins.md', 'postgresql');
my %file = map { my $block = here($_); $block =~ /^# (\S+)\n/ ? ($1 => $block) : () } guide_blocks('database-logins.md', 'ini');
$t->sql($roles);
$t->sql('DELETE FROM oauth.scope WHERE scope = \'db\'');
my ($client_id) = $t->sql($client) =~ /^(\S+)$/m;
for my $name (sort keys %file)
{
	my $before = $name eq 'pg_hba.conf' ? 'local all ' . getpwuid($<) . ",oauth_shim trust\n" : '';
	my $path = $node->data_dir . "/$name";
	my $kept = $name eq 'postgresql.conf' ? slurp($path) =~ s/^include 'validator.conf'$//mr : '';
	open(my $out, '>', $path) or die;
	print $out $kept, $before, $file{$name};
	close $out;
}
$node->restart;
is($t->sql('SELECT count(*) FROM pg_hba_file_rules WHERE error IS NOT NULL') . $t->sql('SELECT count(*) FROM pg_ident_file_mappings WHERE error IS NOT NULL'), '00',
	'the server takes what the guide says');
is($t->sql('SELECT string_agg(auth_method, \' \' ORDER BY rule_number) FROM pg_hba_file_rules'), 'trust peer oauth', 'in its order');

# ---- psql ----

my ($psql) = map { here($_) } guide_blocks('database-logins.md', 'console');

# Runs psql and, as soon as it shows a code, does what a person does; its output and its messages.
sub device_flow
{
	my ($command, $sql, %args) = @_;
	my ($out, $err) = ('', '');
	# libpq 18 trusts an authority of a test's own only where it is told to be unsafe
	local @ENV{qw(PGOAUTHDEBUG PGOAUTHCAFILE CURL_CA_BUNDLE)} = ('UNSAFE', ($login->authority) x 2);
	local $ENV{PGPORT} = $node->port;
	# db.example.com is here, and the system trusts the test's authority
	local $ENV{PGHOSTADDR} = $args{hostaddr} // '127.0.0.1';
	local $ENV{SSL_CERT_FILE} = $args{trusts} // $login->authority;
	my $timeout = IPC::Run::timeout(60);
	my $run = IPC::Run::start([ 'sh', '-c', "$command -XAt -c \"$sql\"" ], '<', \'', '>', \$out, '2>', \$err, $timeout);

	$run->pump until $err =~ /enter the code: (\S+)/ || !$run->pumpable;
	if ($err =~ /Visit (\S+) and enter the code: (\S+)/)
	{
		my ($uri, $code) = ($1, $2);
		is($uri, "$issuer/oauth2/device", 'psql shows the address') if $args{look};
		my $page = `$FindBin::RealBin/../../docs/examples/browser '$uri?user_code=$code' alice wonderland 2>&1`;
		like($page, qr/connected/, 'the person allows it') if $args{look};
	}
	$run->finish;
	return ($out =~ s/\n\z//r, $err);
}

my $command = $psql =~ s/\$CLIENT_ID/$client_id/r =~ s/\n\z//r;
my $subject = $t->sql("SELECT subject FROM oauth.user WHERE username = 'alice'");
my ($out, $err) = device_flow($command, $session, look => 1);
is($out, "$subject|$client_id|t", 'a public client: psql logs in by its own device flow, and the session is the person\'s') or diag($err, slurp($node->logfile));
unlike(slurp($node->logfile), qr/\boat_/, 'the log has no token');
($out, $err) = device_flow($command, 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
is($out, 't', 'over TLS, as the line of pg_hba.conf demands');
($out, $err) = device_flow($command =~ s/sslmode=verify-full sslrootcert=system/sslmode=disable/r, $session);
like($err, qr/no pg_hba\.conf entry .*no encryption/, 'and not otherwise');
($out, $err) = device_flow($command, $session, trusts => $login->t->dir . '/stranger.pem');
like($err, qr/certificate verify failed/, 'a server that nobody knows gets no token');
unlike($err, qr/enter the code/, 'for which psql does not even ask');
($out, $err) = device_flow($command =~ s/db\.example\.com/another.example.com/r, $session);
like($err, qr/does not match host name "another\.example\.com"/, 'nor does one that is not who it says');

my ($id, $secret) = split /\|/, $t->sql(q{SELECT client_id, client_secret FROM oauth_register_client('A tool', scope => 'db', grant_types => '{urn:ietf:params:oauth:grant-type:device_code}')});
($out, $err) = device_flow($command =~ s/\Q$client_id\E/$id oauth_client_secret=$secret/r, $session);
is($out, "$subject|$id|t", 'a confidential client, with its secret') or diag($err);
($out, $err) = device_flow($command =~ s/\Q$client_id\E/$id oauth_client_secret=wrong/r, $session);
is($out, '', 'and not with another');
like($err, qr/invalid_client/, 'which it is told');
($out, $err) = device_flow($command =~ s/\Q$client_id\E/$client_id oauth_scope=read/r, $session);
is($out, '', 'nor with a scope that it may not have');

($out, $err) = device_flow($command =~ s/user=reader/user=chief/r, 'SELECT 1');
like($err, qr/OAuth bearer authentication failed for user "chief"/, 'the map of the guide leads to one role');
($out, $err) = device_flow($command =~ s/\Q$issuer\E/http:\/\/127.0.0.1:1/r, 'SELECT 1');
isnt($err, '', 'another issuer than the server\'s is not asked');

# ---- the end ----

my $lives = $t->sql($ending);
is($lives, '0', 'the guide\'s statements about ending sessions run: nobody is logged in, so none is ended');
($out, $err) = device_flow($command, 'SELECT 1');
is($out, '1', 'and with oauth.terminate_sessions people go on logging in');

$login->finish;
done_testing();
