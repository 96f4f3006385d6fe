#!/usr/bin/perl
# lwp_authen_oauth2.pl: LWP::Authen::OAuth2: a person's token, and a call that first refreshes one that is about to expire.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Browse qw(browse);
use LWP::Authen::OAuth2;

my @saved;
my $client = LWP::Authen::OAuth2->new(
	client_id => $ENV{CLIENT_ID},
	client_secret => $ENV{CLIENT_SECRET},
	redirect_uri => $ENV{REDIRECT_URI},
	scope => 'read',
	authorization_endpoint => "$ENV{OAUTH_URL}/oauth2/authorize",
	token_endpoint => "$ENV{OAUTH_URL}/oauth2/token",
	save_tokens => sub { push @saved, $_[0] },
	is_strict => 0);
my %back = browse($client->authorization_url(state => 'xyz'));
die "another state\n" unless $back{state} eq 'xyz';
$client->request_tokens(code => $back{code});
printf "code %s\n", $client->get("$ENV{OAUTH_URL}/api/")->content;
$client->{access_token}{create_time} -= $client->{access_token}{expires_in} + 60;
printf "refresh %s\n", $client->get("$ENV{OAUTH_URL}/api/")->content;
die "it was not refreshed\n" unless @saved == 2;
