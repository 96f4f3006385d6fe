# 007_proxies.pl
# Who is believed about the client: SECURITY requirement R27.
#
# Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(header json read_answer);
use MIME::Base64 qw(encode_base64);
use Test::More;

my $t = ShimTest->new;
my @claims = (
	'X-Forwarded-For' => '203.0.113.7', 'X-Forwarded-Proto' => 'https', 'X-Forwarded-Host' => 'evil.example', 'X-Forwarded-Port' => '444',
	'X-Forwarded-Method' => 'PUT', 'X-Forwarded-Uri' => '/evil', 'X-Original-Method' => 'DELETE', 'X-Original-URI' => '/evil',
	'Forwarded' => 'for=203.0.113.7;proto=https;host=evil.example', 'X-SSL-Client-Verify' => 'SUCCESS', 'X-SSL-Client-Cert' => 'forged', 'Client-Cert' => ':AAAA:', 'Client-Cert-Chain' => ':AAAA:', 'client-CERT' => ':BBBB:', 'x-forwarded-FOR' => '203.0.113.8');

# What SQL sees; the id of the request, which is another each time, apart.
my ($id, $answered);
sub seen
{
	my $answer = $t->get('/api/x', Host => 'shim.example', @_);
	my $seen = json($answer);
	my @ids = map { /\AX-Request-Id: (.*)\z/i ? $1 : () } @{ $seen->{headers} };

	is(scalar @ids, 1, 'SQL sees one id of the request') unless @ids == 1;
	($id, $answered) = ($ids[0], join ',', header($answer, 'X-Request-Id'));
	$seen->{headers} = [ grep { !/\AX-Request-Id:/i } @{ $seen->{headers} } ];
	return $seen;
}

# nobody is trusted unless told
{
	$t->start;
	my $seen = seen(@claims, 'X-Harmless' => 'stays');
	is($seen->{peer}, '127.0.0.1', 'R27: from an untrusted peer X-Forwarded-For is ignored');
	is($seen->{scheme}, 'http', 'R27: X-Forwarded-Proto too');
	is_deeply($seen->{headers}, ['Host: shim.example', 'X-Harmless: stays'], 'R27: and none of the fields that claim something reaches SQL');
	unlike($t->access_log, qr/203\.0\.113|evil/, 'R27: nor the log');
	$t->stop;
	$t->start('--trusted-proxy=10.0.0.0/8,192.0.2.1', '--trusted-proxy=::1');
	is(seen(@claims)->{peer}, '127.0.0.1', 'R27: likewise where others are trusted');
	seen('X-Request-Id' => 'forged', 'x-request-ID' => 'forged-too');
	like($id, qr/\A[0-9a-v]{16}\z/, 'R27: what they say is the id of the request is not believed');
	is($answered, $id, 'the one that was made goes to SQL and comes back');
	unlike($t->access_log, qr/forged/, 'and into the log');
	like($t->access_log, qr/ $id$/m, 'where it is the last word of the line');
	$t->stop;
}

$t->start('--trusted-proxy=127.0.0.1,10.0.0.0/8', '--trusted-proxy=2001:db8::/32');
sub peer_of { return seen(map { ('X-Forwarded-For', $_) } @_)->{peer} }
is(peer_of(), '127.0.0.1', 'a trusted proxy that says nothing is the peer');
is(peer_of('203.0.113.7'), '203.0.113.7', 'what a trusted proxy says is believed');
is(peer_of('198.51.100.1, 203.0.113.7'), '203.0.113.7', 'the right-most address counts: the client may have written the others');
is(peer_of('198.51.100.1, 203.0.113.7, 10.1.2.3, 2001:db8::5'), '203.0.113.7', 'but trusted proxies are passed over');
is(peer_of('198.51.100.1, 203.0.113.7', '10.1.2.3'), '203.0.113.7', 'also over several fields');
is(peer_of('10.1.1.1, 10.2.2.2'), '10.1.1.1', 'if all are trusted it is the first');
is(peer_of('203.0.113.7:4711'), '203.0.113.7', 'a port is cut off');
is(peer_of('[2001:db9::1]:4711'), '2001:db9::1', 'also from IPv6');
is(peer_of('2001:db9::1'), '2001:db9::1', 'IPv6 as it is');
is(peer_of($_->[0]), $_->[1], "X-Forwarded-For \"$_->[0]\"")
  for ['unknown', '127.0.0.1'], ['', '127.0.0.1'], ['198.51.100.1, unknown, 10.0.0.1', '10.0.0.1'], ['203.0.113.7,', '127.0.0.1'], ['1.2.3.4.5', '127.0.0.1'], ['x' x 500, '127.0.0.1'], ['[::1', '::1'];
is(seen('X-Forwarded-Proto', $_->[0])->{scheme}, $_->[1], "X-Forwarded-Proto \"$_->[0]\"") for ['https', 'https'], ['http', 'http'], ['HTTPS', 'https'], ['http, https', 'https'];
is($t->get('/api/x', 'X-Forwarded-Proto' => $_)->{status}, 400, "X-Forwarded-Proto \"$_\" is 400") for 'ftp', '', 'https,';
is(seen('X-Forwarded-Host' => 'public.example:8443')->{headers}[0], 'Host: public.example:8443', 'X-Forwarded-Host takes the place of Host');
is((grep { /^Host:/i } @{ seen('X-Forwarded-Host' => 'public.example')->{headers} }), 1, 'so that there is one');
is($t->get('/api/x', 'X-Forwarded-Host' => $_)->{status}, 400, "X-Forwarded-Host \"$_\" is 400") for 'a b', '', 'h/x', 'u@h';
{
	my @originals = ('X-Original-Method' => 'PUT', 'X-Original-URI' => '/x?y=z', 'X-Forwarded-Method' => 'PUT', 'X-Forwarded-Uri' => '/x?y=z');
	is_deeply([@{ seen(@originals)->{headers} }[1 .. 4]], ['X-Original-Method: PUT', 'X-Original-URI: /x?y=z', 'X-Forwarded-Method: PUT', 'X-Forwarded-Uri: /x?y=z'], 'the original request is passed on');
	is($t->get('/api/x', 'X-Original-URI' => '/a', 'x-original-uri' => '/b')->{status}, 400, 'but not an ambiguous one');
}
# certificates: RFC 9440, section 2.2, and nginx's $ssl_client_escaped_cert; SQL gets one form
sub certificate_of { return [ grep { /\A(?:Client-Cert|X-SSL)/i } @{ seen(@_)->{headers} } ] }
sub escaped { return $_[0] =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/gre }
my $der = join '', map { chr($_ % 251) } 1 .. 400;
my $base64 = encode_base64($der, '');
my $pem = "-----BEGIN CERTIFICATE-----\n" . encode_base64($der) . "-----END CERTIFICATE-----\n";
is_deeply(certificate_of(@{ $_->[1] }), $_->[2], "a certificate: $_->[0]")
  for ['RFC 9440', [ 'Client-Cert' => ":$base64:" ], ["Client-Cert: :$base64:"]], ['RFC 9440, verified', [ 'Client-Cert' => ":$base64:", 'X-SSL-Client-Verify' => 'SUCCESS' ], [ "Client-Cert: :$base64:", 'X-SSL-Client-Verify: SUCCESS' ]],
  ['nginx', [ 'X-SSL-Client-Cert' => escaped($pem), 'X-SSL-Client-Verify' => 'SUCCESS' ], [ "Client-Cert: :$base64:", 'X-SSL-Client-Verify: SUCCESS' ]], ['nginx, not verified', [ 'X-SSL-Client-Cert' => escaped($pem), 'X-SSL-Client-Verify' => 'FAILED:self-signed certificate' ], [ "Client-Cert: :$base64:", 'X-SSL-Client-Verify: FAILED:self-signed certificate' ]],
  ['nginx, CR LF', [ 'X-SSL-Client-Cert' => escaped($pem =~ s/\n/\r\n/gr) ], ["Client-Cert: :$base64:"]], ['none', [ 'X-SSL-Client-Verify' => 'NONE' ], []], ['NONE takes what a client has sent away', [ 'Client-Cert' => ":$base64:", 'X-SSL-Client-Verify' => 'NONE' ], []],
  ['an empty one', [ 'X-SSL-Client-Cert' => '', 'X-SSL-Client-Verify' => 'SUCCESS' ], []], ['the chain is for nobody', [ 'Client-Cert-Chain' => ":$base64:" ], []], ['a word about none', [ 'X-SSL-Client-Verify' => 'SUCCESS' ], []];
is($t->get('/api/x', @{ $_->[1] })->{status}, 400, "no certificate: $_->[0]")
  for ['both fields', [ 'Client-Cert' => ":$base64:", 'X-SSL-Client-Cert' => escaped($pem) ]], ['twice', [ 'Client-Cert' => ":$base64:", 'client-cert' => ":$base64:" ]], ['nginx twice', [ 'X-SSL-Client-Cert' => escaped($pem), 'X-SSL-Client-Cert' => escaped($pem) ]],
  ['two words', [ 'X-SSL-Client-Verify' => 'FAILED', 'X-SSL-Client-Verify' => 'SUCCESS' ]], ['without colons', [ 'Client-Cert' => $base64 ]], (map { [ "Client-Cert $_", [ 'Client-Cert' => $_ ] ] } '', ':', '::', ':A:', ':AAA:', ':AA=A:', ':====:', ':AA-_:', ':AA A:', ':AAAA', ':AAAA:;a', ':AAAA:, :AAAA:', ':' . 'A' x 10928 . ':'),
  (map { [ 'escaped ' . substr($_, 0, 40), [ 'X-SSL-Client-Cert' => $_ ] ] } $base64, $pem =~ tr/\n/ /r, escaped($pem) . escaped($pem), escaped($pem) =~ s/%0A\z/%0/r, escaped($pem) =~ s/BEGIN/BEGIN%20TRUSTED/r, escaped($pem) =~ s/-----END.*//r, escaped("x$pem"), escaped("$pem\0"), '%', '%zz', '-----BEGIN%20CERTIFICATE----------END%20CERTIFICATE-----', '-----BEGIN%20CERTIFICATE-----', escaped($pem =~ s/\n/\t/gr));
for my $given ('1f0c2b5e-9f5a-4c8e-8f0e-000000000001', 'Root=1-67891233-abcdef012345678912345678', 'a', 'x' x 128, 'kong#12', 'a/b:c.d_e~f+g@h')
{
	seen('X-Request-Id' => $given);
	is($id, $given, "a trusted proxy's id is taken: " . substr($given, 0, 40));
	is($answered, $given, 'and comes back');
}
like($t->access_log, qr{ kong#12$}m, 'and is in the log');
for my $given ('', ' ', 'x' x 129, 'a b', 'a"b', 'a\\b', 'a,b', 'a;b', '<a>', "a\tb", "\xfc", "a\xc3\xa4", "a'b", 'a%0ab', '{}', '$x', 'a&b')
{
	seen('X-Request-Id' => $given);
	like($id, qr/\A[0-9a-v]{16}\z/, 'one that is not well-formed is not: ' . unpack('H*', substr($given, 0, 10)));
	is($answered, $id, 'the one that was made comes back');
}
seen('X-Request-Id' => 'one', 'X-Request-Id' => 'two');
like($id, qr/\A[0-9a-v]{16}\z/, 'nor one of two');
is(header($t->get('/nope', 'X-Request-Id' => 'lost-1'), 'X-Request-Id'), 'lost-1', 'answers of the shim itself have it');
is(header($t->get('/healthz', 'X-Request-Id' => 'lost-2'), 'X-Request-Id'), 'lost-2', 'all of them');
is(header($t->post('/oauth2/token', 'x' x 70000, 'X-Request-Id' => 'lost-3'), 'X-Request-Id'), 'lost-3', 'also a refusal');
like(header($t->raw("GET /api HTTP/1.1\r\nX-Request-Id: lost-4\r\n\r\n"), 'X-Request-Id'), qr/\A[0-9a-v]{16}\z/, 'an id that is malformed is replaced by a new one');
$t->get('/api/raise?22012', 'X-Request-Id' => 'broken-1');
like($t->error_log, qr/SQLSTATE 22012 for 1 requests, request broken-1$/m, 'an error is told with the id');
like($t->access_log, qr{ 203\.0\.113\.7 GET /api/x 200}, 'the log has the client, not the proxy');
$t->finish;
done_testing();
