#!/usr/bin/perl
# 109_clients_with_certificates.pl: other people's clients that show a certificate (RFC 8705): openid-client of npm over undici and
# over Node's own https, with nginx.conf in front and an authority of the test's own. 113 does the same with curl, and more hostilely.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Digest::SHA qw(sha256);
use JSON::PP;
use MIME::Base64 qw(decode_base64 encode_base64url);
use Test::More;
use lib $FindBin::Bin;
use RelyingPartyTest;
use ShimTest qw(skip_file slurp without_npm);

my ($nginx) = grep { -x } map { "$_/nginx" } split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/local/sbin';
skip_file('130 or so', 'nginx is not installed') unless $nginx;
my $why = without_npm(qw(openid-client undici));
skip_file('130 or so', $why) if $why;

my $clients = RelyingPartyTest->serve('--trusted-proxy=127.0.0.1');
my $t = $clients->{t};
my $dir = $t->dir;

# ---- an authority, the server's certificate and those of clients ----
sub openssl { return system("cd $dir && openssl @_ 2>/dev/null") == 0 }
sub issue
{
	my ($name, $subject, $names) = @_;

	open(my $file, '>', "$dir/$name.ext") or die;
	print $file "subjectAltName=$names\n";
	close $file;
	return openssl("req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $name.key -out $name.csr -subj '$subject'")
	  && openssl("x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile $name.ext -out $name.pem");
}
sub make { my ($name, $subject) = @_; return openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '$subject' -keyout $name.key -out $name.pem") }
ok(make('ca', '/CN=Authority') && issue('cert', '/CN=localhost', 'DNS:localhost'), 'there is an authority, and a certificate of the server');
rename("$dir/cert.key", "$dir/key.pem") or die;
ok(issue($_, "/O=Example/CN=$_", "DNS:$_.example.org"), "... and of the $_") for qw(printer scanner);
ok(make($_, "/CN=$_"), "$_ has one of its own") for qw(own forger);

sub der { my ($name) = @_; return decode_base64(slurp("$dir/$name.pem") =~ s/-----.*?-----//gr) }
sub jwk
{
	my ($name) = @_;
	my $point = `openssl pkey -in $dir/$name.key -pubout -outform DER 2>/dev/null`;
	my $der = slurp("$dir/$name.pem") =~ s/-----.*?-----|\n//gr;

	return { kty => 'EC', crv => 'P-256', x => encode_base64url(substr($point, -64, 32)), y => encode_base64url(substr($point, -32)), x5c => [$der] };
}

# ---- nginx with nginx.conf: the provider and where certificates are shown, each at a port of localhost ----
my ($port, $mtls, $application) = map { PostgreSQL::Test::Cluster::get_free_port() } 1 .. 3;
my ($issuer, $shown_at) = map { "https://localhost:$_" } $port, $mtls;
my $file = $t->nginx_configuration(slurp("$FindBin::Bin/../nginx.conf"), $port, $application, 'reached');
my $conf = slurp($file) =~ s{(ssl_client_certificate) \S+}{$1 $dir/ca.pem;}r;
$conf =~ s/listen 127.0.0.1:$port( ssl http2;\s+server_name) mtls\S+/listen 127.0.0.1:$mtls$1 localhost;/ or die;
$conf =~ s/server_name auth\S+/server_name localhost;/ or die;
open(my $out, '>', $file) or die;
print $out $conf;
close $out;
$t->run_program($port, $nginx, '-c', $file, '-p', $dir, '-e', "$dir/nginx.log");
$t->sql("ALTER DATABASE postgres SET oauth.issuer = '$issuer'; ALTER DATABASE postgres SET oauth.mtls_issuer = '$shown_at'");
$t->stop;
$t->start('--same-port', '--trusted-proxy=127.0.0.1');

# ---- the clients ----
RelyingPartyTest->step(stolen => sub {
	my ($self, $client, $got) = @_;
	# RFC 8705, section 3: "HTTP 401 status code and the "invalid_token" error code"
	is($got->{error}, 'invalid_token', '... with the certificate of another the token is refused');
});
RelyingPartyTest->step(imposter => sub {
	my ($self, $client, $got) = @_;
	# RFC 8705, section 4: "refresh tokens are also bound [...] for public clients"; others are recognized by their certificate
	my @errors = $client->{environment}{METHOD} eq 'none' ? qw(invalid_grant invalid_request) : qw(invalid_client invalid_client);
	is_deeply($got->{errors}, \@errors, "... and so is the refresh token, likewise without a certificate: @errors");
});
RelyingPartyTest->step(introspection => sub {
	my ($self, $client, $got) = @_;
	# RFC 8705, section 3.2: "x5t#S256"
	my ($name) = $client->{environment}{CERTIFICATES} =~ m{/(\w+) };
	is($got->{'x5t#S256'}, encode_base64url(sha256(der($name))), '... introspection says to which certificate it is bound');
});

my @tokens = (tls_client_certificate_bound_access_tokens => JSON::PP::true);
my @steps = qw(code id_token stolen bearer imposter refresh userinfo);
my @ways = (
	{ name => 'tls_client_auth by the subject', certificates => 'printer scanner', steps => [ @steps, 'introspection' ],
		metadata => { token_endpoint_auth_method => 'tls_client_auth', tls_client_auth_subject_dn => 'CN=printer,O=Example', @tokens } },
	{ name => 'tls_client_auth by a name', certificates => 'scanner printer', steps => [ @steps, 'introspection' ],
		metadata => { token_endpoint_auth_method => 'tls_client_auth', tls_client_auth_san_dns => 'scanner.example.org', @tokens } },
	{ name => 'self_signed_tls_client_auth', certificates => 'own forger', steps => [ @steps, 'introspection' ],
		metadata => { token_endpoint_auth_method => 'self_signed_tls_client_auth', jwks => { keys => [ jwk('own') ] }, @tokens } },
	# section 4: "Public Clients and Certificate-Bound Tokens"
	{ name => 'public', certificates => 'own forger', steps => \@steps, metadata => { token_endpoint_auth_method => 'none', @tokens } },
	# FAPI 2.0 Security Profile, section 5.3.2.1: mTLS for who the client is and for its tokens
	{ name => 'FAPI 2.0', certificates => 'printer scanner', steps => [ @steps, 'introspection' ], profile => 'fapi2',
		metadata => { profile => 'fapi2', token_endpoint_auth_method => 'tls_client_auth', tls_client_auth_subject_dn => 'CN=printer,O=Example', application_type => 'native',
			id_token_signed_response_alg => 'ES256', @tokens } });
my $its = $clients->{environment};
@$its{qw(OAUTH_URL RESOURCE_URL CA)} = ($issuer, "$shown_at/api/", "$dir/ca.pem");
for my $way (@ways)
{
	for my $transport (qw(undici https))
	{
		my $certificates = join ' ', map { "$dir/$_" } split / /, $way->{certificates};
		$clients->start({
			%$way, name => "openid-client 6 over $transport, $way->{name}", events => 'issue authorization_code, refresh',
			environment => { METHOD => $way->{metadata}{token_endpoint_auth_method}, PROFILE => $way->{profile} // '', TRANSPORT => $transport, CERTIFICATES => $certificates },
			command => [ 'node', '--experimental-global-webcrypto', 'certificate_openid_client.mjs' ] });
	}
}
$clients->check_all;
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->end_program($port);
$t->finish;
done_testing();
