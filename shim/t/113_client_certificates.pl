# 113_client_certificates.pl
# Clients that show a certificate (RFC 8705): nginx with nginx.conf in front, a certificate authority made by openssl, and
# curl as the client.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(certificate curl header json skip_file slurp);
use MIME::Base64 qw(decode_base64 encode_base64url);
use Digest::SHA qw(sha256);
use PostgreSQL::Test::Cluster;
use Test::More;

my ($nginx) = grep { -x } map { "$_/nginx" } split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/local/sbin';
skip_file('40 or so', 'nginx is not installed') unless $nginx;

my $t = ShimTest->new(extension => 1);
my $dir = $t->dir;
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $application = PostgreSQL::Test::Cluster::get_free_port();
$t->sql("ALTER DATABASE postgres SET oauth.issuer = 'https://auth.example.org'");
$t->sql("ALTER DATABASE postgres SET oauth.mtls_issuer = 'https://mtls.auth.example.org'");
$t->start('--trusted-proxy=127.0.0.1');

# ---- an authority, clients of it, and clients of nobody ----
sub openssl { return system("cd $dir && openssl @_ 2>/dev/null") == 0 }
sub issue
{
	my ($name, $subject, $names) = @_;

	open(my $file, '>', "$dir/$name.ext") or die;
	print $file "subjectAltName=$names\n" if $names;
	close $file;
	return openssl("req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $name.key -out $name.csr -subj '$subject'")
	  && openssl("x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile $name.ext -out $name.pem");
}
sub make
{
	my ($name, $subject) = @_;
	return openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '$subject' -keyout $name.key -out $name.pem");
}
ok(certificate($dir), 'there is a certificate of the server');
ok(make('ca', '/CN=Clients'), 'there is an authority');
ok(issue('printer', '/C=DE/O=Example\, Inc./CN=Printer', 'DNS:printer.example.org,URI:https://printer.example.org/'), 'a client of it');
ok(issue('scanner', '/C=DE/O=Example\, Inc./CN=Scanner', 'DNS:scanner.example.org'), 'another');
ok(make('own', '/CN=Own'), 'a client with a certificate of its own');
ok(make('forger', '/C=DE/O=Example\, Inc./CN=Printer'), 'and one that says what another says');

sub der { my ($name) = @_; return decode_base64(slurp("$dir/$name.pem") =~ s/-----.*?-----//gr) }
sub base64 { my ($name) = @_; return join '', grep { !/-----/ } split /\n/, slurp("$dir/$name.pem") }
sub pem { my ($name) = @_; return slurp("$dir/$name.pem") =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/gre }
sub thumbprint { my ($name) = @_; return encode_base64url(sha256(der($name))) }

# ---- nginx with nginx.conf ----
my $file = $t->nginx_configuration(slurp("$FindBin::RealBin/../nginx.conf"), $port, $application, 'reached');
my $conf = slurp($file) =~ s{(ssl_client_certificate) \S+}{$1 $dir/ca.pem;}r;
open(my $out, '>', $file) or die;
print $out $conf;
close $out;
$t->run_program($port, $nginx, '-c', $file, '-p', $dir, '-e', "$dir/nginx.log");

sub ask
{
	my ($name, $path, @arguments) = @_;
	my $host = $path =~ s{\A//([^/]+)}{} ? $1 : 'mtls.auth.example.org';
	my @certificate = $name ? ('--cert', "$dir/$name.pem", '--key', "$dir/$name.key") : ();

	return curl('--http1.1', '--connect-to', "$host:443:127.0.0.1:$port", @certificate, @arguments, "https://$host$path");
}

# ---- clients ----
sub register { my ($json) = @_; return $t->sql("SELECT oauth_register_client_metadata('{\"client_name\":\"x\",\"grant_types\":[\"client_credentials\",\"introspection\"]}'::jsonb || \$json\$$json\$json\$::jsonb) ->> 'client_id'") }
my $by_dn = register('{"token_endpoint_auth_method":"tls_client_auth","tls_client_auth_subject_dn":"CN=Printer,O=Example\\\\, Inc.,C=DE","tls_client_certificate_bound_access_tokens":true}');
my $by_name = register('{"token_endpoint_auth_method":"tls_client_auth","tls_client_auth_san_dns":"scanner.example.org"}');
my $own = register('{"token_endpoint_auth_method":"self_signed_tls_client_auth","jwks":{"keys":[' . key_of('own') . ']},"tls_client_certificate_bound_access_tokens":true}');

# The key as JSON, and its certificate.
sub key_of
{
	my ($name) = @_;
	my $text = `openssl pkey -in $dir/$name.key -pubout -outform DER 2>/dev/null`;
	my ($x, $y) = (substr($text, -64, 32), substr($text, -32));

	return sprintf '{"kty":"EC","crv":"P-256","x":"%s","y":"%s","x5c":["%s"]}', encode_base64url($x), encode_base64url($y), base64($name);
}

sub token
{
	my ($name, $client, @arguments) = @_;
	return ask($name, '/oauth2/token', '-d', "grant_type=client_credentials&client_id=$client", @arguments);
}
sub refused { my ($what, $answer) = @_; is($answer->{status} . ' ' . (json($answer)->{error} // ''), '401 invalid_client', $what) or diag($answer->{raw}) }
sub good { my ($what, $answer) = @_; is($answer->{status}, 200, $what) or diag($answer->{raw}, slurp("$dir/nginx.log")); return json($answer)->{access_token} }

# RFC 8705, section 2.1: "the PKI method"
my $bound = good('tls_client_auth by the subject of the certificate', token('printer', $by_dn));
good('tls_client_auth by a name of the certificate', token('scanner', $by_name));
refused('another certificate of the same authority', token('scanner', $by_dn));
refused('... the other way round', token('printer', $by_name));
refused('a certificate with the same subject that the authority has not issued', token('forger', $by_dn));
refused('no certificate', token(undef, $by_dn));
# RFC 8705, section 2.2: "the Self-Signed Certificate method"
my $own_token = good('self_signed_tls_client_auth', token('own', $own));
refused('... with another certificate', token('printer', $own));
refused('... with none', token(undef, $own));

# ---- RFC 8705, section 3: "using the same certificate" ----
sub call { my ($name, $token, $path, @arguments) = @_; return ask($name, $path // '/api/', '-H', "Authorization: Bearer $token", @arguments) }
is(call('printer', $bound)->{status}, 200, 'a token is good with the certificate that it is bound to');
for my $other ('scanner', 'forger', undef)
{
	my $answer = call($other, $bound);
	is($answer->{status}, 401, 'not with ' . ($other ? "that of the $other" : 'none'));
	like(header($answer, 'WWW-Authenticate'), qr/error="invalid_token"/, '... which is invalid_token');
}
is(call('own', $own_token)->{status}, 200, 'likewise one of a client with a certificate of its own');
is(call('printer', $own_token)->{status}, 401, '... which no other can use');
my $seen = json(ask('printer', '/oauth2/introspect', '-d', "token=$bound&client_id=$by_dn"));
is($seen->{cnf}{'x5t#S256'}, thumbprint('printer'), 'introspection says which certificate it is (RFC 8705, section 3.2)');
is($seen->{token_type}, 'Bearer', 'and that it is a bearer token all the same');

# ---- RFC 8705, section 2; RFC 8705, section 3: the certificate is that of the TLS connection, whatever a client writes under the names of the proxy ----
my @forged = ([ 'Client-Cert', ':' . base64('printer') . ':' ], [ 'X-SSL-Client-Cert', pem('printer') ]);
for my $field (@forged)
{
	my @headers = ('-H', "$field->[0]: $field->[1]", '-H', 'X-SSL-Client-Verify: SUCCESS');
	refused("$field->[0] through nginx is overwritten", token(undef, $by_dn, @headers));
	refused('... also beside a certificate of another client', token('scanner', $by_dn, @headers));
	refused('... also where nobody is asked for a certificate', ask(undef, '//auth.example.org/oauth2/token', '-d', "grant_type=client_credentials&client_id=$by_dn", @headers));
	is(call(undef, $bound, '/api/', @headers)->{status}, 401, '... and makes no bound token good');
}
# behind the proxy the shim believes it: a test of the test
my $direct = sub { my ($client, @headers) = @_; return $t->post('/oauth2/token', "grant_type=client_credentials&client_id=$client", @headers) };
is($direct->($by_dn, 'Client-Cert' => $forged[0][1], 'X-SSL-Client-Verify' => 'SUCCESS')->{status}, 200, 'a trusted proxy is believed (RFC 9440)');
is($direct->($by_dn, 'X-SSL-Client-Cert' => $forged[1][1], 'X-SSL-Client-Verify' => 'SUCCESS')->{status}, 200, '... as nginx writes it');
refused("... which did not verify: $_", $direct->($by_dn, 'X-SSL-Client-Cert' => $forged[1][1], 'X-SSL-Client-Verify' => $_)) for 'FAILED:unable to verify the first certificate', 'NONE', '';
refused('... which says nothing of it', $direct->($by_dn, 'Client-Cert' => $forged[0][1]));
is($direct->($own, 'X-SSL-Client-Cert' => pem('own'), 'X-SSL-Client-Verify' => 'FAILED:self-signed certificate')->{status}, 200, '... where it need not be verified');
$t->start('--trusted-proxy=192.0.2.1');
refused("a stranger without the proxy is not: $_->[0]", $direct->($by_dn, @$_, 'X-SSL-Client-Verify' => 'SUCCESS')) for @forged;
is($t->get('/api/', Authorization => "Bearer $bound", 'Client-Cert' => $forged[0][1])->{status}, 401, '... nor with a bound token');
$t->stop;

# ---- RFC 8705, section 5: "mtls_endpoint_aliases" ----
my $told = ask(undef, '//auth.example.org/.well-known/oauth-authorization-server');
is($told->{status}, 200, 'there is metadata') or diag($told->{raw}, $t->error_log);
my $metadata = json($told);
is($metadata->{mtls_endpoint_aliases}{token_endpoint}, 'https://mtls.auth.example.org/oauth2/token', 'metadata says where to show a certificate');
ok($metadata->{tls_client_certificate_bound_access_tokens}, '... and that tokens are bound to it');
is_deeply([ grep { /tls/ } @{ $metadata->{token_endpoint_auth_methods_supported} } ], [ 'tls_client_auth', 'self_signed_tls_client_auth' ], '... and the methods');
$t->end_program($port);
$t->finish;
done_testing();
