#!/usr/bin/perl
# 098_oidc_client_ts.pl: an app of a page that logs people in with oidc-client-ts, in Debian's Chromium.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Test::More;
use lib $FindBin::Bin;
use BrowserTest qw(browser_tests);
use RelyingPartyTest;
use ShimTest qw(skip_file without_npm);

my $why = without_npm('playwright-core', 'oidc-client-ts');
skip_file('10 or so', $why) if $why;

my $party = RelyingPartyTest->serve;
my $t = $party->{t};
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $app = "http://127.0.0.1:$port";
my $client = $t->sql(qq[SELECT oauth_register_client_metadata('{"client_name": "Notes", "token_endpoint_auth_method": "none",
	"redirect_uris": ["$app/back"], "post_logout_redirect_uris": ["$app/bye"], "cors_origins": ["$app"],
	"grant_types": ["authorization_code", "refresh_token"], "scope": "openid profile email read"}') ->> 'client_id']);

browser_tests($t, { OAUTH_URL => $party->{environment}{OAUTH_URL}, CLIENT_ID => $client, APP_PORT => $port, SUBJECT => $party->{subject} }, 'browser_oidc.mjs');
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
