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
use Test::More;

my $t = ShimTest->new;
my @claims = (
	'X-Forwarded-For' => '203.0.113.7', 'X-Forwarded-Proto' => 'https', 'X-Forwarded-Host' => 'evil.example', 'X-Forwarded-Port' => '444',
	'X-Forwarded-Method' => 'PUT', 'X-Forwarded-Uri' => '/evil', 'X-Original-Method' => 'DELETE', 'X-Original-URI' => '/evil',
	'Forwarded' => 'for=203.0.113.7;proto=https;host=evil.example', 'X-SSL-Client-Verify' => 'SUCCESS', 'x-forwarded-FOR' => '203.0.113.8');

sub seen { return json($t->get('/api/x', Host => 'shim.example', @_)) }

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
like($t->access_log, qr{ 203\.0\.113\.7 GET /api/x 200}, 'the log has the client, not the proxy');
$t->finish;
done_testing();
