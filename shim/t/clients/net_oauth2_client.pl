#!/usr/bin/perl
# net_oauth2_client.pl: Net::OAuth2: a person's token, and its refreshing.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Browse qw(browse);
use Net::OAuth2::Profile::WebServer;

my $profile = Net::OAuth2::Profile::WebServer->new(
	client_id => $ENV{CLIENT_ID},
	client_secret => $ENV{CLIENT_SECRET},
	site => $ENV{OAUTH_URL},
	authorize_path => '/oauth2/authorize',
	access_token_path => '/oauth2/token',
	refresh_token_path => '/oauth2/token',
	redirect_uri => $ENV{REDIRECT_URI},
	scope => 'read',
	state => 'xyz');
my %back = browse($profile->authorize);
die "another state\n" unless $back{state} eq 'xyz';
my $token = $profile->get_access_token($back{code});
printf "code %s\n", $token->get('/api/')->content;
$token->refresh;
printf "refresh %s\n", $token->get('/api/')->content;
