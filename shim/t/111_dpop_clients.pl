#!/usr/bin/perl
# 111_dpop_clients.pl: other people's clients with DPoP (RFC 9449): openid-client and oauth4webapi of npm, confidential and public,
# with several algorithms, and where the server wants a nonce.
#
# The code is for the client's key (dpop_jkt), the ID token is signed with RS256 by the lane of signatures, and each proof is good once.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;
use lib $FindBin::Bin;
use RelyingPartyTest;
use ShimTest qw(without_npm);

my $clients = RelyingPartyTest->serve;
my $t = $clients->{t};
my @steps = qw(code id_token refresh userinfo bearer);
my %always = (dpop_bound_access_tokens => JSON::PP::true);
my %public = (token_endpoint_auth_method => 'none');

sub by_node { return [ 'node', '--experimental-global-webcrypto', "$_[0].mjs" ] }

sub openid_client
{
	my ($name, %metadata) = @_;
	return { name => "openid-client 6, $name", steps => \@steps, has_proofs => 1, missing => without_npm('openid-client'), command => by_node('dpop_openid_client'), metadata => \%metadata };
}

sub oauth4webapi
{
	my ($name, $alg, $demanded, %metadata) = @_;
	return {
		name => "oauth4webapi, $name", steps => [ @steps, 'demanded' ], has_proofs => 1, missing => without_npm('oauth4webapi'), command => by_node('dpop_oauth4webapi'),
		metadata => { token_endpoint_auth_method => 'client_secret_post', %metadata }, demanded => $demanded, environment => { DPOP_ALG => $alg }
	};
}

$clients->start($_) for openid_client('confidential', %always), openid_client('public', %always, %public), oauth4webapi('ES256', 'ES256', 0), oauth4webapi('public, PS256', 'PS256', 0, %public);
$clients->check_all;

# Nonces: the first request is refused, and those after it have what the answer before them brought.
$t->sql('ALTER DATABASE postgres SET oauth.dpop_nonce = on');
$t->stop;
$t->start('--same-port');
@{ $clients->{clients} } = ();
$clients->start($_) for openid_client('with nonces', %always), oauth4webapi('with nonces, ES384', 'ES384', 1), oauth4webapi('public, with nonces, RS256', 'RS256', 1, %public);
$clients->check_all;

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
