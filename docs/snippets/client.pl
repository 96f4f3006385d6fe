#!/usr/bin/perl
# client.pl: Perl, what comes with it, and Crypt::OpenSSL::RSA for the ID token (Debian: libcrypt-openssl-rsa-perl,
# libcrypt-openssl-bignum-perl).
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use Crypt::OpenSSL::Bignum;
use Crypt::OpenSSL::RSA;
use Digest::SHA qw(sha256);
use HTTP::Tiny;
use JSON::PP qw(decode_json);
use MIME::Base64 qw(encode_base64 decode_base64url encode_base64url);

my ($url, $id, $secret, $redirect_uri) = @ENV{qw(OAUTH_URL CLIENT_ID CLIENT_SECRET REDIRECT_URI)};
my $http = HTTP::Tiny->new;
my $config = decode_json(body($http->get("$url/.well-known/openid-configuration")));

sub body { my ($answer) = @_; return $answer->{success} ? $answer->{content} : die "$answer->{status} $answer->{content}\n" }
sub encode { return $_[0] =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger }

sub token
{
	my ($form) = @_;
	my $basic = encode_base64(encode($id) . ':' . encode($secret), '');
	return decode_json(body($http->post_form($config->{token_endpoint}, $form, { headers => { Authorization => "Basic $basic" } })));
}

sub call { my ($token) = @_; return body($http->get("$url/api/", { headers => { Authorization => "Bearer $token" } })) }

sub random
{
	open my $urandom, '<:raw', '/dev/urandom' or die "/dev/urandom: $!\n";
	read($urandom, my $bytes, 32) == 32 or die "/dev/urandom: $!\n";
	return encode_base64url($bytes);
}

# The claims of an ID token; dies if it is not good.
sub claims_of
{
	my ($jwt, $nonce) = @_;
	my ($head, $payload, $signature) = split /\./, $jwt;
	my $header = decode_json(decode_base64url($head));
	my ($key) = grep { $_->{kid} eq $header->{kid} } @{ decode_json(body($http->get($config->{jwks_uri})))->{keys} };
	my $rsa = Crypt::OpenSSL::RSA->new_key_from_parameters(map { Crypt::OpenSSL::Bignum->new_from_bin(decode_base64url($_)) } @$key{qw(n e)});
	# Crypt::OpenSSL::RSA 0.35 dies here, and verifies RS256 without it; newer versions need it.
	eval { $rsa->use_pkcs1_padding; 1 } or $rsa->use_sha256_hash;
	$rsa->use_sha256_hash;
	die "the signature does not hold\n" if $header->{alg} ne 'RS256' || !$rsa->verify("$head.$payload", decode_base64url($signature));
	my $claims = decode_json(decode_base64url($payload));
	die "the token is not for us, or not for now\n"
	  if $claims->{iss} ne $config->{issuer} || $claims->{aud} ne $id || $claims->{nonce} ne $nonce || $claims->{exp} < time;
	return $claims;
}

local $| = 1;
# A token of the program's own.
print 'client_credentials ', call(token({ grant_type => 'client_credentials', scope => 'read' })->{access_token}), "\n";

# A person's: the browser goes to this address, and comes back with a code.
my ($state, $nonce, $verifier) = map { random() } 1 .. 3;
print "Open $config->{authorization_endpoint}?", $http->www_form_urlencode({ response_type => 'code', client_id => $id,
	redirect_uri => $redirect_uri, scope => 'openid profile read', state => $state, nonce => $nonce,
	code_challenge => encode_base64url(sha256($verifier)), code_challenge_method => 'S256' }), "\n";
chomp(my $address = <STDIN>);
my %back = map { s/\+/ /gr =~ s/%(..)/chr hex $1/ger } map { split /=/, $_, 2 } split /&/, $address =~ s/^[^?]*\?//r;
die "an answer to another question\n" if $back{state} ne $state || $back{iss} ne $config->{issuer};
my $tokens = token({ grant_type => 'authorization_code', code => $back{code}, redirect_uri => $redirect_uri, code_verifier => $verifier });
print "id_token ", claims_of($tokens->{id_token}, $nonce)->{sub}, "\n";
print 'code ', call($tokens->{access_token}), "\n";
