#!/usr/bin/perl
# 036_oauth2_clients.pl: other people's OAuth 2 clients, from discovery to a protected call.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(skip_tests slurp without_npm);

my $clients = "$FindBin::Bin/clients";
my $t = ShimTest->new(extension => 1, conf => "oauth.bcrypt_cost = 4\noauth.device_interval = 1\noauth.registration = open");
$t->sql(q{SELECT oauth_create_user('alice', 'wonderland')});
my $grants = '{authorization_code,refresh_token,client_credentials,password}';
my ($id, $secret) = split /\|/, $t->sql(qq{SELECT client_id, client_secret FROM oauth_register_client('Album',
	redirect_uris => '{http://127.0.0.1/back}', grant_types => '$grants')});
my $public = $t->sql(q{SELECT client_id FROM oauth_register_client('Pocket album', redirect_uris => '{http://127.0.0.1/back}',
	grant_types => '{authorization_code,refresh_token}', client_type => 'public')});
my $device = $t->sql(q{SELECT client_id FROM oauth_register_client('Television', client_type => 'public',
	grant_types => '{urn:ietf:params:oauth:grant-type:device_code,refresh_token}')});
my $subject = $t->sql(q{SELECT subject FROM oauth.user WHERE username = 'alice'});
my $port = PostgreSQL::Test::Cluster::get_free_port();
$t->{last_port} = $port;
$t->sql(qq{ALTER DATABASE postgres SET oauth.issuer = 'http://127.0.0.1:$port'});
$t->start('--same-port');

my %environment = (OAUTH_URL => "http://127.0.0.1:$port", CLIENT_ID => $id, CLIENT_SECRET => $secret, LOGIN => 'alice',
	PASSWORD => 'wonderland', PYTHONDONTWRITEBYTECODE => 1, AUTHLIB_INSECURE_TRANSPORT => 1, NODE_NO_WARNINGS => 1);

# A client that prints what /api/ says of it.
sub calls_for_alice
{
	my ($name, $more, @command) = @_;
	local %ENV = (%ENV, %environment, %$more);
	my $errors = $t->dir . '/client.err';
	open(my $pipe, '-|', 'sh', '-c', 'exec "$@" 2>"$0"', $errors, @command) or die "$command[0]: $!";
	my $out = do { local $/; <$pipe> } // '';
	close $pipe;
	my $answer = eval { JSON::PP->new->decode($out) } // {};
	is_deeply([ @$answer{qw(subject username scope auth)} ], [ $subject, 'alice', 'read', 'bearer' ], $name) or diag($out . slurp($errors));
	is($?, 0, '... to its end') or diag(slurp($errors));
	return;
}

# Debian 12 has Node.js 18, where the Web Crypto that these libraries use is behind an option.
sub by_node { return ('node', '--experimental-global-webcrypto', "$clients/$_[0].mjs") }

my @as_public = (CLIENT_ID => $public, CLIENT_SECRET => '', AUTH_METHOD => 'none');
calls_for_alice('authlib, with PKCE', {}, 'python3', "$clients/authlib_oauth2_client.py");
calls_for_alice('authlib, as a public client', {@as_public}, 'python3', "$clients/authlib_oauth2_client.py");
calls_for_alice('requests_oauthlib, without PKCE', {}, 'python3', "$clients/requests_oauthlib_oauth2_client.py");
SKIP:
{
	my $why = without_npm(qw(openid-client oauth4webapi simple-oauth2 passport-oauth2 @modelcontextprotocol/sdk));
	skip_tests(15, $why) if $why;
	calls_for_alice('openid-client, through discovery', {}, by_node('openid_client'));
	calls_for_alice('openid-client, which registers itself', { REGISTER => 1 }, by_node('openid_client'));
	calls_for_alice('oauth4webapi, through discovery', {}, by_node('oauth4webapi'));
	calls_for_alice('simple-oauth2', {}, by_node('simple_oauth2'));
	calls_for_alice('passport-oauth2, with state and PKCE', {}, by_node('passport_oauth2'));
	calls_for_alice('the Model Context Protocol SDK, with nothing but the address', {}, by_node('mcp_client'));
	calls_for_alice('openid-client, as a device', { CLIENT_ID => $device, CLIENT_SECRET => '' }, by_node('openid_client_device'));
	is($t->sql(q{SELECT count(*) FROM oauth.client WHERE registration_token_hash IS NOT NULL}), 2, 'two clients registered themselves');
}
$t->finish;
done_testing();
