#!/usr/bin/perl
# 041_browser_apps.pl: the single-page app of docs/browser-apps.md in Debian's Chromium, which keeps to CORS (R26).
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Test::More;
use lib $FindBin::Bin;
use BrowserTest qw(browser_tests);
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

my ($script) = slurp("$FindBin::Bin/../../docs/browser-apps.md") =~ /^```js\n(.*?)^```$/ms or die 'the guide has no script';
my $app = $t->dir . '/app.mjs';
open(my $file, '>', $app) or die "$app: $!";
print $file $script;
close $file;
browser_tests($t, { OAUTH_URL => "http://localhost:$port", CLIENT_ID => $client, APP_PORT => $app_port }, 'browser_app.mjs', $app);

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
