#!/usr/bin/perl
# 041_browser_apps.pl: the single-page app of docs/browser-apps.md in Debian's Chromium, which keeps to CORS (R26).
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use File::Temp;
use FindBin;
use JSON::PP;
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(skip_file slurp without_npm);

my $why = without_npm('playwright-core');
skip_file('25 or so', $why) if $why;

my $t = ShimTest->new(extension => 1, conf => "oauth.bcrypt_cost = 4\noauth.registration = open");
my ($port, $app_port) = map { PostgreSQL::Test::Cluster::get_free_port() } 1, 2;
$t->sql(q{SELECT oauth_create_user('alice', 'wonderland')});
my $client = $t->sql(qq{SELECT client_id FROM oauth_register_client('Notes', client_type => 'public',
	redirect_uris => '{http://127.0.0.1:$app_port/back}', cors_origins => '{http://127.0.0.1:$app_port}')});
$t->{last_port} = $port;
$t->sql(qq{ALTER DATABASE postgres SET oauth.issuer = 'http://localhost:$port'});
$t->start('--same-port');

# Chromium wants a home, and this user may have none.
my $home = File::Temp->newdir();
my ($script) = slurp("$FindBin::Bin/../../docs/browser-apps.md") =~ /^```js\n(.*?)^```$/ms or die 'the guide has no script';
open(my $file, '>', "$home/app.mjs") or die "$home/app.mjs: $!";
print $file $script;
close $file;
local %ENV = (%ENV, OAUTH_URL => "http://localhost:$port", CLIENT_ID => $client, APP_PORT => $app_port, HOME => "$home", TMPDIR => "$home",
	XDG_CONFIG_HOME => "$home", XDG_CACHE_HOME => "$home", NODE_NO_WARNINGS => 1);

my $errors = $t->dir . '/browser.err';
open(my $pipe, '-|', 'sh', '-c', 'exec "$@" 2>"$0"', $errors, 'node', "$FindBin::Bin/clients/browser_app.mjs", "$home/app.mjs") or die "node: $!";
while (my $line = <$pipe>)
{
	my $seen = eval { decode_json($line) } or do { diag($line); next };
	ok($seen->{ok}, $seen->{name}) or diag(JSON::PP->new->canonical->pretty->encode($seen->{detail}));
}
close $pipe;
is($?, 0, 'the browser comes to its end') or diag(slurp($errors));

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
