# DPoPProof.pm
# Keys of DPoP clients and their proofs (RFC 9449), signed with ES256 by the openssl program.
#
#     my $key = DPoPProof->new($dir);
#     my $proof = $key->proof(method => 'GET', uri => 'http://shim.example/auth', token => $token);
#
# SPDX-License-Identifier: PostgreSQL
package DPoPProof;

use strict;
use warnings;

use Digest::SHA qw(sha256);
use IPC::Run ();
use JSON::PP ();
use MIME::Base64 qw(encode_base64url);

my $keys = 0;

# A new key, whose file lies in that directory.
sub new
{
	my ($class, $dir) = @_;
	my $self = bless { file => "$dir/dpop." . $keys++ . '.pem', proofs => 0 }, $class;

	IPC::Run::run([ qw(openssl ecparam -name prime256v1 -genkey -noout -out), $self->{file} ]) or die 'openssl ecparam';
	my ($der, $said);
	IPC::Run::run([ qw(openssl ec -pubout -outform DER -in), $self->{file} ], '>', \$der, '2>', \$said) or die "openssl ec: $said";
	# the end of the DER is the point: x and y
	my ($x, $y) = map { encode_base64url($_) } substr($der, -64, 32), substr($der, -32);
	@$self{qw(jwk jkt)} = ({ kty => 'EC', crv => 'P-256', x => $x, y => $y },
		encode_base64url(sha256(qq({"crv":"P-256","kty":"EC","x":"$x","y":"$y"}))));
	return $self;
}

sub jkt { return $_[0]{jkt} }

sub jwk { return $_[0]{jwk} }

# From DER to r and s, 32 bytes each (RFC 7518, section 3.4).
sub _numbers
{
	my ($der) = @_;
	my (undef, $r, $s) = unpack 'n xC/a xC/a', $der;
	return join '', map { substr(("\0" x 32) . $_, -32) } $r, $s;
}

# A proof: method, uri, token (NULL for none), and claims of one's own.
sub proof
{
	my ($self, %args) = @_;
	my %claims = (jti => $$ . '-' . $self->{jkt} . '-' . $self->{proofs}++, htm => $args{method}, htu => $args{uri}, iat => int time, %{ $args{claims} // {} });

	$claims{ath} //= encode_base64url(sha256($args{token})) if defined $args{token};
	return $self->sign({ typ => 'dpop+jwt', alg => 'ES256', jwk => $self->{jwk} }, \%claims);
}

# A JWT of that header and those claims.
sub sign
{
	my ($self, $header, $claims) = @_;
	my $json = JSON::PP->new->canonical;
	my $input = join '.', map { encode_base64url($json->encode($_)) } $header, $claims;
	IPC::Run::run([ qw(openssl dgst -sha256 -sign), $self->{file} ], '<', \$input, '>', \my $der) or die 'openssl dgst';
	return "$input." . encode_base64url(_numbers($der));
}

1;
