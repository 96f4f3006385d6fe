#!/usr/bin/perl
# 123_fapi.pl: clients with the FAPI 2.0 Security Profile (Final) and with Message Signing, run by other people's libraries.
#
# docs/conformance.md has the table of requirements; sql/fapi.sql has what is refused.
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
my %ec = (kty => 'EC', crv => 'P-256', x => 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y => 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0');
my $private = JSON::PP->new->encode({ %ec, d => 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI', alg => 'ES256', use => 'sig' });

sub metadata
{
	my ($profile) = @_;
	return {
		profile => $profile, jwks => { keys => [ { %ec, use => 'sig', alg => 'ES256' } ] }, token_endpoint_auth_method => 'private_key_jwt', application_type => 'native',
		map { $_ => 'ES256' } qw(id_token_signed_response_alg authorization_signed_response_alg request_object_signing_alg token_endpoint_auth_signing_alg) };
}

my $clients = RelyingPartyTest->serve;
my $t = $clients->{t};

# Section 5.3.2.1: "shall issue authorization codes with a maximum lifetime of 60 seconds", whatever the setting says.
$t->node->append_conf('postgresql.conf', "oauth.code_lifetime = '10 min'");
$t->node->reload;

RelyingPartyTest->step(address => sub {
	my ($self, $client, $got) = @_;
	# RFC 9126, section 4
	is_deeply($got->{parameters}, [qw(client_id request_uri)], '... what it asks for is not in the address');
});
RelyingPartyTest->step(answer => sub {
	my ($self, $client, $got) = @_;
	# RFC 9207, section 2: iss; FAPI 2.0 Message Signing, section 5.4: the answer is signed
	is_deeply($got->{parameters}, $client->{answer}, "... the answer is @{ $client->{answer} }");
});
RelyingPartyTest->step(unbound => sub {
	my ($self, $client, $got) = @_;
	is($got->{status}, 400, '... without a DPoP proof there is no token, and the code stays good');
});
RelyingPartyTest->step(rotated => sub {
	my ($self, $client, $got) = @_;
	ok(!$got->{rotated}, '... a refresh token stays, and is good twice');
});

my @steps = qw(address answer unbound code id_token refresh rotated bearer);
my @profiles = (
	{ name => 'the Security Profile', metadata => metadata('fapi2'), answer => [qw(code iss state)], environment => { SIGN => '' } },
	{ name => 'Message Signing', metadata => metadata('fapi2_message_signing'), answer => ['response'], environment => { SIGN => 1 } });
my @libraries = (
	{ name => 'oauth4webapi', package => 'oauth4webapi', program => 'fapi_oauth4webapi.mjs' },
	{ name => 'openid-client 6', package => 'openid-client', program => 'fapi_openid_client.mjs' });
for my $library (@libraries)
{
	$clients->start({
		%$_, name => "$library->{name}, FAPI 2.0, $_->{name}", steps => \@steps, missing => without_npm($library->{package}), has_proofs => 1,
		events => 'issue authorization_code, refresh, refresh',
		environment => { %{ $_->{environment} }, KEY => $private, ALG => 'ES256' },
		command => [ 'node', '--experimental-global-webcrypto', $library->{program} ] }) for @profiles;
}
$clients->check_all;
SKIP:
{
	my $n = @profiles * grep { !without_npm($_->{package}) } @libraries;
	skip 'no client of npm was there', 1 unless $n;
	is($t->sql(q{SELECT count(*), bool_and(expires_at - (timestamptz '2000-01-01 00:00:00+00' + (handle >> 11) * interval '1 microsecond') < interval '61 s') FROM oauth.authorization_code}), "$n|t",
		'codes are good for a minute at most');
}
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
