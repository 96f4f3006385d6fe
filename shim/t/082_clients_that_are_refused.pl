#!/usr/bin/perl
# 082_clients_that_are_refused.pl: what other people's clients make of it when the server says no.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Test::More;
use lib $FindBin::Bin;
use ClientTest;
use ShimTest qw(without_npm);

my $clients = ClientTest->serve;
my $t = $clients->{t};

my %library = (
	'the gem oauth2' => { command => [ '/usr/bin/ruby', 'ruby_oauth2.rb' ], pkce => 1, file => '{/usr/lib/ruby/vendor_ruby/oauth2.rb,/usr/share/rubygems-integration/*/gems/oauth2-*}' },
	'omniauth-oauth2' => { command => [ '/usr/bin/ruby', 'omniauth_oauth2.rb' ], pkce => 1, file => '{/usr/lib/ruby/vendor_ruby/omniauth-oauth2.rb,/usr/share/rubygems-integration/*/gems/omniauth-oauth2-*}' },
	'LWP::Authen::OAuth2' => { command => [ '/usr/bin/perl', 'lwp_authen_oauth2.pl' ], file => '/usr/share/perl5/LWP/Authen/OAuth2.pm' },
	'Net::OAuth2' => { command => [ '/usr/bin/perl', 'net_oauth2_client.pl' ], file => '/usr/share/perl5/Net/OAuth2.pm' },
	'social-core' => { command => [ '/usr/bin/python3', 'social_core_client.py' ], file => '/usr/lib/python3/dist-packages/social_core/backends/oauth.py' },
	'better-auth' => { command => [ 'node', '--experimental-global-webcrypto', 'better_auth.mjs' ], pkce => 1, paths => ['api/auth/callback/album'], npm => 'better-auth' },
	'arctic' => { command => [ 'node', '--experimental-global-webcrypto', 'arctic.mjs' ], pkce => 1, npm => 'arctic' });

# Start a library's client in a plight, and say what it is to complain of.
sub refused
{
	my ($name, $plight, $complaint, %more) = @_;
	my %client = %{ $library{$name} };
	my ($file, $npm) = delete @client{qw(file npm)};
	my @found = $file ? grep { -e } glob $file : ();
	my $missing = $npm ? without_npm($npm) : @found ? undef : "Debian's package of it is not installed";

	$clients->start({ %client, name => "$name, $plight", complaint => $complaint, missing => $missing, %more });
	return;
}

my @wrong = (environment => { CLIENT_SECRET => 'ocs_' . 'A' x 43 });
refused($_, 'with a wrong secret', qr/invalid_client/, @wrong) for 'the gem oauth2', 'omniauth-oauth2', 'LWP::Authen::OAuth2', 'Net::OAuth2', 'arctic';
my @denied = (environment => { DECISION => 'deny' });
refused('omniauth-oauth2', 'whose person says no', qr/access_denied \| The user refused/, @denied);
refused('social-core', 'whose person says no', qr/AuthCanceled: .*The user refused/, @denied);
refused('better-auth', 'whose person says no', qr/error=access_denied&error_description=The\+user\+refused/, @denied);
refused('omniauth-oauth2', 'which may not have the scope', qr/invalid_scope \| /, lacks_scope => 1);
refused('social-core', 'which may not have the scope', qr/AuthFailed: .*scope/, lacks_scope => 1);
$clients->check_all;

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
