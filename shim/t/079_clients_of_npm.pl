#!/usr/bin/perl
# 079_clients_of_npm.pl: what people log in with to applications of JavaScript: Auth.js, better-auth, arctic.
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

# Debian 12 has Node.js 18, where Web Crypto is behind an option.
sub by_node { return [ 'node', '--experimental-global-webcrypto', "$_[0].mjs" ] }
my $login = 'openid profile read';

$clients->start($_) for (
	{
		name => 'Auth.js', grants => ['code'], pkce => 1, scope => $login, paths => ['auth/callback/album'],
		missing => without_npm('@auth/core'), command => by_node('auth_js')
	},
	{
		name => 'better-auth', grants => [qw(code refresh)], pkce => 1, scope => $login, paths => ['api/auth/callback/album'],
		missing => without_npm('better-auth'), command => by_node('better_auth')
	},
	{
		name => 'arctic', grants => [qw(code refresh)], pkce => 1,
		missing => without_npm('arctic'), command => by_node('arctic')
	});
$clients->check_all;

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
