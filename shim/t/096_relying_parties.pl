#!/usr/bin/perl
# 096_relying_parties.pl: other people's relying parties of OpenID Connect, which know the issuer, a client_id and a secret.
#
# A person logs in with each: it finds the endpoints by discovery, verifies the ID token with the published keys, refreshes,
# asks userinfo, and logs the person out where it knows how.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;
use lib $FindBin::Bin;
use BrowserTest qw(browser_tests);
use RelyingPartyTest;
use ShimTest qw(skip_tests slurp without_npm);

my $clients = RelyingPartyTest->serve;
my $t = $clients->{t};
my $gocode = '/usr/share/gocode/src/github.com/coreos/go-oidc/oidc.go';
my $python = '/usr/lib/python3/dist-packages';
# that of Debian 12 takes python3-jose, later ones PyJWT
my $wants_jose = slurp("$python/social_core/backends/open_id_connect.py") =~ /^from jose /m;
my $kept = $ENV{top_builddir} // $t->dir;
my %go = (GO111MODULE => 'off', GOPATH => '/usr/share/gocode', GOFLAGS => '', GOTOOLCHAIN => 'local', GOCACHE => "$kept/go-cache");

sub by_node { return [ 'node', '--experimental-global-webcrypto', "$_[0].mjs" ] }
sub lacks { my ($file, $package) = @_; return -e $file ? undef : "Debian's $package is not installed" }
my @whole = qw(code id_token refresh userinfo logout silent);
# some send their secret in the body, whatever discovery offers
my %post = (token_endpoint_auth_method => 'client_secret_post');

# The names of tests say what Debian's and npm's packages are called.
$clients->start($_) for (
	{ name => 'openid-client 6', steps => \@whole, missing => without_npm('openid-client'), command => by_node('oidc_openid_client'), metadata => \%post },
	{ name => 'openid-client 5', steps => \@whole, missing => without_npm('openid-client-5'), command => by_node('oidc_openid_client_5') },
	{ name => 'oauth4webapi', steps => \@whole, missing => without_npm('oauth4webapi'), command => by_node('oidc_oauth4webapi') },
	{
		name => 'Auth.js, by the issuer alone', steps => [qw(code id_token)], missing => without_npm('@auth/core'), command => by_node('auth_js'),
		paths => ['auth/callback/album'], environment => { OIDC => 1 }, metadata => { claims_in_id_token => JSON::PP::true }
	},
	{ name => 'passport-openidconnect', steps => [qw(code id_token userinfo)], missing => without_npm('passport-openidconnect'), command => by_node('passport_openidconnect'), metadata => \%post },
	{
		name => 'authlib', steps => [qw(code id_token refresh userinfo logout)], command => [ '/usr/bin/python3', 'oidc_authlib.py' ],
		missing => lacks("$python/authlib/__init__.py", 'python3-authlib') // lacks("$python/django/__init__.py", 'python3-django')
	},
	{
		name => 'social-core', steps => [qw(code id_token refresh userinfo)], command => [ '/usr/bin/python3', 'oidc_social_core.py' ], metadata => \%post,
		missing => lacks("$python/social_core/backends/open_id_connect.py", 'python3-social-auth-core') // ($wants_jose ? lacks("$python/jose/__init__.py", 'python3-jose') : undef)
	},
	{
		name => 'coreos/go-oidc, by which kube-apiserver verifies', steps => [qw(code id_token refresh userinfo)], environment => \%go,
		missing => lacks('/usr/bin/go', 'golang-go') // lacks($gocode, 'golang-github-coreos-go-oidc-dev'),
		command => [ 'sh', '-c', 'mkdir -p "$GOCACHE" && /usr/bin/go build -o "$0" go_oidc.go go_client.go && exec "$0"', $t->dir . '/go_oidc' ]
	});
$clients->check_all;

# oidc-client-ts, in an app of a page in Debian's Chromium
SKIP:
{
	my $why = without_npm('playwright-core', 'oidc-client-ts');
	skip_tests(10, $why) if $why;
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	my $app = "http://127.0.0.1:$port";
	my $client = $t->sql(qq[SELECT oauth_register_client_metadata('{"client_name": "Notes", "token_endpoint_auth_method": "none",
		"redirect_uris": ["$app/back"], "post_logout_redirect_uris": ["$app/bye"], "cors_origins": ["$app"],
		"grant_types": ["authorization_code", "refresh_token"], "scope": "openid profile email read"}') ->> 'client_id']);
	browser_tests($t, { OAUTH_URL => $clients->{environment}{OAUTH_URL}, CLIENT_ID => $client, APP_PORT => $port, SUBJECT => $clients->{subject} }, 'browser_oidc.mjs');
}

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
