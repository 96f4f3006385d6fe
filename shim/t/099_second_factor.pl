#!/usr/bin/perl
# 099_second_factor.pl
# A second factor over HTTP: one code sixteen times at once, through two shims; what a dump has of it, and that codes go on
# after a restore with the key file; a hot standby; nothing of it in a log.  R213.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use File::Copy;
use FindBin;
use IPC::Run ();
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(header request_bytes slurp);

my $t = ShimTest->new(extension => 1, conf => "oauth.bcrypt_cost = 4\noauth.failed_attempts = 0\nlog_statement = all\nwal_level = replica\nmax_wal_senders = 3");
my $node = $t->node;
$t->sql($_) for q{SELECT oauth_create_user('alice', 'wonderland')}, q{SELECT oauth_require_second_factor('alice')};
$t->start('--batch=4');
my $first = $t->port;
$t->start('--batch=4');
my @ports = ($first, $t->port);

my $browser = '0' x 31 . '1';
sub field { my ($page, $name) = @_; return $page->{body} =~ /name="$name" value="([^"]*)"/ ? $1 : '' }
sub post
{
	my ($form) = @_;
	return $t->post('/login', $form, 'Content-Type' => 'application/x-www-form-urlencoded', Cookie => "oauth_browser=$browser");
}
sub password { return post('username=alice&password=wonderland&token=' . field($t->get('/login', Cookie => "oauth_browser=$browser"), 'token')) }
sub answer { my ($page, $code) = @_; return sprintf 'about=%s&token=%s&code=%s', field($page, 'about'), field($page, 'token'), $code }
sub code { my ($secret, $on) = @_; return ($on // $node)->safe_psql('postgres', "SELECT _oauth_totp('$secret', now())") }

# ---- set up at the login ----

my $page = password();
is($page->{status}, 200, 'who must have a second factor and has none');
my ($secret) = $page->{body} =~ /<bdi>([A-Z2-7 ]+)</;
$secret =~ tr/ //d;
is(length $secret, 32, 'is shown a secret of 160 bits');
is(scalar(grep { /^Set-Cookie: oauth_session/ } @{ $page->{headers} }), 0, 'and is not logged in yet');

# The picture, a module a character, as the program of the library draws what an application has to read.
my ($path) = $page->{body} =~ /<path fill="#000" d="([^"]*)"/;
my ($size) = $page->{body} =~ /viewBox="-4 -4 (\d+) \1"/;
my @rows = map { '  ' x ($size - 8) } 1 .. $size - 8;
substr($rows[$2], 2 * $1, 2) = '##' while $path =~ /\GM(\d+) (\d+)h1v1h-1z/g;
IPC::Run::run([ qw(qrencode -8 -l M -m 0 -t ASCII), "otpauth://totp/OAuth:alice?secret=$secret&issuer=OAuth" ], '>', \my $drawn) or die 'qrencode';
is(join("\n", @rows, ''), $drawn, 'the QR code says the issuer, the user and that secret');

my $done = post(answer($page, code($secret)));
my @codes = $done->{body} =~ m{<code>([^<]*)</code>}g;
is(scalar @codes, 10, 'the first code brings ten recovery codes');
like(header($done, 'Set-Cookie'), qr/^oauth_session=oas_/, 'and the session');

# ---- sixteen at once ----

for ([ code => sub { $t->sql('UPDATE oauth.second_factor SET last_step = 0'); code($secret) } ], [ 'recovery code' => sub { $codes[0] } ])
{
	my ($what, $make) = @$_;
	$page = password();
	my $form = answer($page, $make->());
	my @requests = map { [ $ports[ $_ % 2 ], request_bytes('POST', '/login', $form, 'Content-Type' => 'application/x-www-form-urlencoded', Cookie => "oauth_browser=$browser") ] } 1 .. 16;
	my %statuses;
	$statuses{ $_->{status} }++ for $t->together(@requests);
	is_deeply(\%statuses, { 303 => 1, 400 => 15 }, "one $what sixteen times at once, through two shims: one login");
}

# ---- a dump, a restore, a standby ----

my $dir = $t->dir;
$node->command_ok([ 'pg_dump', '--format', 'custom', '--file', "$dir/whole.dump", 'postgres' ], 'the database is dumped');
$node->command_ok([ 'pg_dump', '--file', "$dir/whole.sql", 'postgres' ], 'and as SQL');
my $dump = slurp("$dir/whole.sql");
is_deeply([ grep { index($dump, $_) >= 0 } $secret, @codes, map { tr/-//dr } @codes ], [], 'no secret and no recovery code is in it');
$node->safe_psql('postgres', 'CREATE DATABASE restored TEMPLATE template0');
$node->command_ok([ 'pg_restore', '--exit-on-error', '--dbname', 'restored', "$dir/whole.dump" ], 'it is restored beside the key');
is($node->safe_psql('restored', q{SELECT (SELECT count(*) FROM oauth.recovery_code), (SELECT count(*) FROM oauth.second_factor WHERE confirmed_at IS NOT NULL)}), '9|1',
	'with the second factor and the codes that are left');
my $log_in = sub {
	my ($database) = @_;
	return $node->safe_psql($database, <<"SQL");
		SET oauth.bcrypt_cost = 4;
		UPDATE oauth.second_factor SET last_step = 0;
		CREATE FUNCTION pg_temp.go(form text) RETURNS oauth.http_response LANGUAGE sql AS \$\$
			SELECT oauth.login(ROW(CASE WHEN form IS NULL THEN 'GET' ELSE 'POST' END, '/login', ARRAY['Content-Type: application/x-www-form-urlencoded', 'Cookie: oauth_browser=$browser'], convert_to(form, 'UTF8'), 'http', '127.0.0.1')) \$\$;
		CREATE FUNCTION pg_temp.field(r oauth.http_response, name text) RETURNS text LANGUAGE sql AS \$\$ SELECT substring(convert_from(r.body, 'UTF8') FROM 'name="' || name || '" value="([^"]*)"') \$\$;
		SELECT (pg_temp.go(format('about=%s&token=%s&code=%s', pg_temp.field(p, 'about'), pg_temp.field(p, 'token'), _oauth_totp('$secret', now())))).status
		FROM pg_temp.go('username=alice&password=wonderland&token=' || pg_temp.field(pg_temp.go(NULL), 'token')) p;
SQL
};
is($log_in->('restored'), 303, 'and its codes go on');

$node->backup('second_factor');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'second_factor', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
like($standby->safe_psql('postgres', q{SELECT count(*) FROM oauth_check()}), qr/\A\d+\z/, 'a hot standby looks at second factors too');
is($standby->safe_psql('postgres', 'SELECT count(*) FROM oauth.recovery_code'), 9, 'and has them');
$standby->stop;

# ---- logs ----

my $logs = slurp($node->logfile) . $t->error_log . $t->access_log;
is_deeply([ grep { index($logs, $_) >= 0 } @codes, map { tr/-//dr } @codes ], [], 'no recovery code is in a log');
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
