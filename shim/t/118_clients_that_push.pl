#!/usr/bin/perl
# 118_clients_that_push.pl: other people's clients that sign what they ask for (RFC 9101), push it (RFC 9126), and want a signed
# answer (JARM).
#
# R180, R182: each is held to it: the server takes nothing else from that client.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;
use lib $FindBin::Bin;
use RelyingPartyTest;
use ShimTest qw(without_npm);

# the key of RFC 7515, appendix A.3
my %public = (kty => 'EC', crv => 'P-256', x => 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y => 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0');
my $private = JSON::PP->new->encode({ %public, d => 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI', alg => 'ES256', use => 'sig' });
my @held = qw(require_pushed_authorization_requests require_signed_request_object);

# What is registered: keys, an algorithm of signed answers, and what the client must do.
sub metadata
{
	my ($alg, @must) = @_;
	return {
		jwks => { keys => [ { %public, use => 'sig', alg => 'ES256' } ] }, request_object_signing_alg => 'ES256', token_endpoint_auth_method => 'client_secret_basic',
		authorization_signed_response_alg => $alg, map { $_ => JSON::PP::true } @must };
}

my $clients = RelyingPartyTest->serve;
my $t = $clients->{t};

RelyingPartyTest->step(address => sub {
	my ($self, $client, $got) = @_;
	# RFC 9126, section 4: "client_id and request_uri"; RFC 9101, section 5: client_id and request
	is_deeply($got->{parameters}, [ 'client_id', $client->{address} // 'request_uri' ], '... what it asks for is not in the address');
});
RelyingPartyTest->step(answer => sub {
	my ($self, $client, $got) = @_;
	is_deeply($got->{parameters}, ['response'], '... the answer is one parameter, signed');
});

my @whole = qw(address answer code id_token refresh);
sub by_node { return [ 'node', '--experimental-global-webcrypto', "$_[0].mjs" ] }
for my $alg (qw(ES256 RS256 PS256 EdDSA Ed25519))
{
	my @registered = (metadata => metadata($alg, @held), environment => { KEY => $private, ALG => $alg, SIGN => 1, PUSH => 1 });
	$clients->start($_) for (
		{ name => "openid-client 6, answers by $alg", steps => \@whole, missing => without_npm('openid-client'), command => by_node('par_openid_client'), @registered },
		{ name => "oauth4webapi, answers by $alg", steps => \@whole, missing => without_npm('oauth4webapi'), command => by_node('par_oauth4webapi'), @registered },
		# which is of before RFC 9864
		$alg eq 'Ed25519' ? () : { name => "openid-client 5, answers by $alg", steps => \@whole, missing => without_npm('openid-client-5'), command => by_node('par_openid_client_5'), @registered });
}
$clients->start($_) for (
	{
		name => 'openid-client 6, signed and not pushed', address => 'request', steps => \@whole, missing => without_npm('openid-client'), command => by_node('par_openid_client'),
		metadata => metadata('ES256', 'require_signed_request_object'), environment => { KEY => $private, SIGN => 1, PUSH => '' }
	},
	{
		name => 'openid-client 6, pushed and not signed', steps => \@whole, missing => without_npm('openid-client'), command => by_node('par_openid_client'),
		metadata => metadata('ES256', 'require_pushed_authorization_requests'), environment => { KEY => $private, SIGN => '', PUSH => 1 }
	});
$clients->check_all;
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
