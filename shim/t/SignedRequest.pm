# SignedRequest.pm
# Signs requests of OAuth 1.0a with HMAC-SHA1 (RFC 5849, sections 3.4 and 3.5.1).
#
#     my %credentials = (client_id => '...', client_secret => '...');    # and token, token_secret, callback, verifier
#     my $header = authorization(%credentials, method => 'GET', uri => 'http://host/path?query');
#
# timestamp and nonce are now and random unless given.
#
# SPDX-License-Identifier: PostgreSQL
package SignedRequest;

use strict;
use warnings;

use Digest::SHA qw(hmac_sha1_base64);
use Exporter 'import';

our @EXPORT_OK = qw(authorization);

sub _encode { return $_[0] =~ s/([^A-Za-z0-9\-._~])/sprintf '%%%02X', ord $1/ger }

sub _decode { return $_[0] =~ tr/+/ /r =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger }

sub _query_pairs
{
	my ($query) = @_;
	return map { [ map { _decode($_) } (split(/=/, $_, 2), '')[ 0, 1 ] ] } grep { length } split /&/, $query // '';
}

# 3.4.1: sorted by encoded name, then by encoded value.
sub _base_string
{
	my ($method, $uri, $parameters) = @_;
	my ($base_uri, $query) = split /\?/, $uri, 2;
	my @encoded = map { [ map { _encode($_) } @$_ ] } _query_pairs($query), map { [ $_, $parameters->{$_} ] } keys %$parameters;
	my @sorted = sort { $a->[0] cmp $b->[0] || $a->[1] cmp $b->[1] } @encoded;
	return join '&', $method, map { _encode($_) } $base_uri, join '&', map { "$_->[0]=$_->[1]" } @sorted;
}

# The value of the Authorization header.
sub authorization
{
	my (%request) = @_;
	my %parameters = (
		oauth_consumer_key => $request{client_id},
		oauth_nonce => $request{nonce} // join('', map { sprintf '%08x', rand 2**32 } 1 .. 4),
		oauth_signature_method => 'HMAC-SHA1',
		oauth_timestamp => $request{timestamp} // time,
	);
	for my $name (qw(token callback verifier))
	{
		$parameters{"oauth_$name"} = $request{$name} if defined $request{$name};
	}
	my $key = join '&', map { _encode($_ // '') } @request{qw(client_secret token_secret)};
	my $base_string = _base_string($request{method}, $request{uri}, \%parameters);
	$parameters{oauth_signature} = hmac_sha1_base64($base_string, $key) . '=';
	return 'OAuth ' . join ', ', map { sprintf '%s="%s"', $_, _encode($parameters{$_}) } sort keys %parameters;
}

1;
