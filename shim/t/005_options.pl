# 005_options.pl
# Options, from the command line and from the environment.
#
# Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(header json read_answer shim_program slurp wait_for);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use JSON::PP;
use Test::More;

my $program = shim_program();

sub run_shim
{
	my (@arguments) = @_;
	my ($out, $err) = ('', '');

	IPC::Run::run([$program, @arguments], '<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout(20));
	return ($? >> 8, $out, $err);
}

sub fails
{
	my ($arguments, $message, $name) = @_;
	my ($status, $out, $err) = run_shim(@$arguments);

	is($status, 2, "$name: exit status 2");
	like($err, $message, "$name: the message says what is wrong");
	like($err, qr/^Try "oauth-shim --help"\.$/m, "$name: and where to look");
	is($out, '', "$name: with nothing on standard output");
	return;
}

# What the documents say of options, they have.
for my $file ('docs/install.md', 'docs/hardening.md', 'docs/operations.md', 'docs/api.md', 'docs/troubleshooting.md',
	'docs/monitoring/README.md', 'shim/oauth-shim.service')
{
	my ($status, $help) = run_shim('--help');
	my $text = slurp("$FindBin::RealBin/../../$file");
	my %named = map { lc($_) =~ tr/_/-/r => 1 } $text =~ /\bOAUTH_SHIM_(\w+)=/g, $text =~ /`--([\w-]+)/g;
	is_deeply([ grep { $help !~ /^  --\Q$_\E[ =]/m } sort keys %named ], [], "$file names options that there are");
}

{
	my ($status, $out, $err) = run_shim('--help');
	is($status, 0, '--help succeeds');
	is($err, '', 'with nothing on standard error');
	like($out, qr/^  --\Q$_\E[ =].*\S/m, "--help explains --$_")
	  for qw(listen allow-non-loopback database trusted-proxy threads reading-connections writing-connections signing-connections slow-connections application-connections batch purge-interval
	  reading-queue queue-timeout statement-timeout connect-timeout head-limit body-limit head-timeout body-timeout idle-timeout
	  stop-timeout fetch fetch-allow fetch-ca fetch-loopback access-log log-format version help);
	like($out, qr/^  --body-limit=BYTES .*\[65536\]$/m, 'with the defaults');
	like($out, qr/OAUTH_SHIM_/, 'and the environment');
	is((grep { length > 110 } split /\n/, $out), 0, 'in lines that fit a terminal');
	like((run_shim('--version'))[1], qr/\Aoauth-shim \d+\.\d+/, '--version');
}

fails(['--nonsense'], qr/\Aoauth-shim: unknown option "--nonsense"$/m, 'an unknown option');
fails(['--nonsense=5', '--threads=8'], qr/unknown option "--nonsense=5"/, 'one with an argument');
fails(['-x'], qr/unknown option "-x"/, 'a letter');
fails(['-xyz'], qr/unknown option "-x"/, 'letters');
fails(['-h'], qr/unknown option "-h"/, 'the letter that other programs have for help');
fails(['--t'], qr/unknown option "--t"/, 'what could be several options');
fails(['--help=me'], qr/--help takes no argument/, 'an argument for an option that takes none');
fails(['--allow-non-loopback=1'], qr/--allow-non-loopback takes no argument/, 'likewise for a flag');
fails(['x' x 2000], qr/unexpected argument "xxx/, 'a long argument');
fails(['--' . 'x' x 2000], qr/unknown option "--xxx/, 'a long option');
for my $words ([ '--log-format=json', '--nonsense' ], [ '--nonsense', '--log-format', 'json' ], [ '--threads=0', '--log-format=json' ], [ '--log-format=json', 'a"b\\' ])
{
	my ($status, $out, $err) = run_shim(@$words);
	is($status, 2, "@$words");
	my @lines = map { JSON::PP->new->utf8->decode($_) } split /\n/, $err;
	is(scalar @lines, 1, 'is told in one line of JSON');
	like($lines[0]{message}, qr/Try "oauth-shim --help"/, 'that says where to look');
}
fails(['stray'], qr/unexpected argument "stray"/, 'a stray argument');
fails(["--threads=$_"], qr/--threads "\Q$_\E": expected a number from 2 to 10000/, "--threads $_") for '0', '1', '-5', 'many', '10x', '', '99999999999999999999';
fails(['--body-limit=17000000'], qr/expected a number from 0 to/, 'too large a body limit');
fails(["--listen=$_"], qr/expected ADDRESS:PORT/, "--listen $_") for '8000', '127.0.0.1', '127.0.0.1:', '127.0.0.1:0', '127.0.0.1:65536', '127.0.0.1:80x', '127.0.0.1:+80';
fails(["--listen=$_"], qr/without IPv6/, "--listen $_") for '[::1]:8000', '::1:8000';
fails(["--listen=$_"], qr/no IPv4 address/, "--listen $_") for 'example.org:80', '1.2.3:80', ':80', '127.0.0.1s:80';
fails(["--listen=$_"], qr/not a loopback address.*--allow-non-loopback/, "--listen $_") for '0.0.0.0:8000', '192.0.2.1:8000', '127.0.0.1:8000,10.0.0.1:8000', '128.0.0.1:80';
fails(["--trusted-proxy=$_"], qr/expected an address or a network/, "--trusted-proxy $_") for 'proxy', '10.0.0.0/33', '10.0.0.1/8', '10.0.0.0/', '10.0.0.0/x', '::1/129', '10.0.0.0/8/8';
fails(["--fetch=$_"], qr/expected on or off/, "--fetch $_") for 'yes', '1', '', 'OFF';
fails(["--fetch-allow=$_"], qr/expected an address or a network/, "--fetch-allow $_") for 'intranet', '10.0.0.1/8', '10.0.0.0/33';
fails(['--fetch-ca=/nonexistent/ca.pem'], qr/the file cannot be read/, 'certificates that cannot be read');
fails(['--fetch-loopback=1'], qr/--fetch-loopback takes no argument/, 'a flag takes no argument');
fails(['--log-format=xml'], qr/expected text or json/, 'an unknown log format');
fails(['--threads'], qr/requires an argument/, 'a missing argument');
{
	local $ENV{OAUTH_SHIM_THREADS} = 'x';
	fails([], qr/--threads "x"/, 'the environment is checked like the command line');
	local $ENV{OAUTH_SHIM_THREADS} = 4;
	local $ENV{OAUTH_SHIM_LISTEN} = '0.0.0.0:8000';
	fails([], qr/not a loopback address/, 'also for addresses');
	local $ENV{OAUTH_SHIM_ALLOW_NON_LOOPBACK} = 'yes';
	fails([], qr/expected 1 or 0/, 'a flag in the environment is 1 or 0');
}
{
	my ($status, $out, $err) = run_shim('--access-log=/nonexistent/log', '--listen=127.0.0.1:1');
	is($status, 1, 'a log that cannot be opened ends the shim');
	like($err, qr{cannot open /nonexistent/log: No such file}, 'with a message');
}

my $t = ShimTest->new;

# what is in the environment holds, and the command line comes first
{
	local $ENV{OAUTH_SHIM_BODY_LIMIT} = 10;
	local $ENV{OAUTH_SHIM_HEAD_LIMIT} = 1024;
	local $ENV{OAUTH_SHIM_LISTEN} = '127.0.0.1:1';
	$t->start('--head-limit=2048');
	is($t->post('/oauth2/token', '12345678901')->{status}, 413, 'OAUTH_SHIM_BODY_LIMIT is the body limit');
	is($t->get('/api/x', X => 'x' x 1500)->{status}, 200, '--head-limit comes before OAUTH_SHIM_HEAD_LIMIT');
	is($t->get('/api/x', X => 'x' x 2500)->{status}, 431, 'and is the limit');
	my ($status, $out, $err) = run_shim('--listen=127.0.0.1:' . $t->port, '--database=' . $t->database);
	is($status, 1, 'a port that is taken ends a second shim');
	like($err, qr/cannot serve on 127\.0\.0\.1:\d+/, 'with a message');
	$t->stop;
}

# several addresses; libpq's own environment
{
	my $second = PostgreSQL::Test::Cluster::get_free_port();
	{
		local $ENV{PGOPTIONS} = '-c oauth.user_option=kept';
		$t->start("--listen=localhost:$second,127.0.0.2:$second", '--threads=8');
	}
	is($t->raw("GET /healthz HTTP/1.0\r\n\r\n", port => $second)->{status}, 200, 'several addresses are served');
	my $processors = () = PostgreSQL::Test::Utils::slurp_file('/proc/cpuinfo') =~ /^processor\s*:/mg;
	my $signing = $processors < 2 ? 2 : $processors > 4 ? 4 : $processors;
	# the first of each lane are there when the shim is ready, the others a moment later
	my $sessions = sub { $t->sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'oauth-shim'") };
	wait_for(sub { $sessions->() == 11 + $signing });
	is($sessions->(), 11 + $signing, 'its sessions are named');
	is($t->metric('oauth_shim_database_connections_configured{lane="signing"}'), $signing, 'one a processor signs, from two to four');
	$t->sql('CREATE OR REPLACE FUNCTION oauth.resource(r oauth.http_request) RETURNS oauth.http_response LANGUAGE sql AS
		$$ SELECT oauth._text(200, concat_ws(\'|\', current_setting(\'oauth.user_option\'), current_setting(\'oauth.lane\'),
			current_setting(\'statement_timeout\'), current_setting(\'lock_timeout\'), current_setting(\'client_encoding\'),
			current_setting(\'default_transaction_read_only\'), current_setting(\'idle_in_transaction_session_timeout\'))) $$');
	is($t->get('/api')->{body}, 'kept|reading|5s|1s|UTF8|on|10s', "sessions have the settings of their lane, and the user's options");
}
$t->finish;
done_testing();
