#!/usr/bin/perl
# net_oauth_client.pl: the three-legged flow of OAuth 1.0a out of band, and a call.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use HTTP::Tiny;
use Net::OAuth;

$Net::OAuth::PROTOCOL_VERSION = Net::OAuth::PROTOCOL_VERSION_1_0A;
my $nonce = 0;
my $http = HTTP::Tiny->new(proxy => undef, http_proxy => undef);

sub signed
{
	my ($kind, $method, $path, %more) = @_;
	my $request = Net::OAuth->request($kind)->new(
		consumer_key => $ENV{CLIENT_ID},
		consumer_secret => $ENV{CLIENT_SECRET},
		request_url => "$ENV{OAUTH_URL}$path",
		request_method => $method,
		signature_method => 'HMAC-SHA1',
		timestamp => time,
		nonce => $$ . '-' . ++$nonce,
		%more);
	$request->sign;
	return $http->request($method, $request->request_url, { headers => { Authorization => $request->to_authorization_header } });
}

sub credentials
{
	my ($kind, $answer) = @_;
	die "$answer->{status} $answer->{content}\n" unless $answer->{success};
	return Net::OAuth->response($kind)->from_post_body($answer->{content});
}

my $temporary = credentials('request token', signed('request token', 'POST', '/oauth/request_token', callback => 'oob'));
my $page = qx{python3 "$FindBin::Bin/user_agent.py" "$ENV{OAUTH_URL}/oauth/authorize?oauth_token=@{[$temporary->token]}" "$ENV{LOGIN}" "$ENV{PASSWORD}"};
my ($verifier) = $page =~ /\b([A-Z2-9]{4}-?[A-Z2-9]{4})\b/ or die "no verifier on the page: $page\n";
my $token = credentials('access token', signed('access token', 'POST', '/oauth/access_token',
		token => $temporary->token, token_secret => $temporary->token_secret, verifier => $verifier));
my $answer = signed('protected resource', 'GET', '/api/?size=original&file=a%20b', token => $token->token,
	token_secret => $token->token_secret);
print "$answer->{content}\n";
