#!/usr/bin/perl
# 107_server_side_request_forgery.pl: what a client registers does not lead the shim into this machine or the networks
# behind it, and a server that answers badly costs next to nothing (R166).
# Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Test::More;
use Time::HiRes qw(time);
use lib $FindBin::Bin;
use ShimTest qw(read_answer request_bytes slurp);
use WebServer qw(asking_endpoint own_address);

my $t = ShimTest->new(extension => 1);
my $dir = $t->dir;
my $clients = "$FindBin::RealBin/clients";
chomp(my $include = `pg_config --includedir`);

# ---- which addresses are public: one or more of each row of IANA's registries, with the neighbours of some ----
my %special = (
	'"this network"' => '0.0.0.0 0.0.0.1 0.255.255.255', 'private use' => '10.0.0.0 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 192.168.255.255',
	'shared by carriers' => '100.64.0.0 100.127.255.255', loopback => '127.0.0.1 127.0.0.2 127.255.255.255', 'link-local' => '169.254.0.1 169.254.169.254',
	'protocol assignments' => '192.0.0.0 192.0.0.8 192.0.0.170 192.0.0.255', documentation => '192.0.2.1 198.51.100.255 203.0.113.7',
	'relays of 6to4' => '192.88.99.1', benchmarks => '198.18.0.1 198.19.255.255', multicast => '224.0.0.1 239.255.255.255', reserved => '240.0.0.1 255.255.255.254',
	'limited broadcast' => '255.255.255.255', 'IPv4-mapped' => '::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0.0.0.0 ::ffff:a9fe:a9fe', 'unspecified and loopback' => ':: ::1',
	'IPv4-compatible' => '::127.0.0.1 ::8.8.8.8 ::10.0.0.1', 'IPv4-translated' => '::ffff:0:127.0.0.1 ::ffff:0:8.8.8.8',
	'behind NAT64' => '64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::', 'local NAT64' => '64:ff9b:1::8.8.8.8', discard => '100::1 100:0:0:1::1',
	Teredo => '2001::1 2001:0:7f00:1::', 'protocol assignments of IPv6' => '2001:1::1 2001:2::1 2001:10::1 2001:20::1 2001:1ff:ffff::1', 'documentation of IPv6' => '2001:db8::1 3fff::1 3fff:fff::1',
	'6to4' => '2002:7f00:1:: 2002:808:808::1', 'SRv6' => '5f00::1', 'unique local' => 'fc00::1 fd00::1 fdff:ffff::1', 'link-local of IPv6' => 'fe80::1 febf::1',
	'site-local' => 'fec0::1', 'multicast of IPv6' => 'ff02::1 ff0e::1', 'not assigned' => '4000::1 8000::1 e000::1 1::1');
my $public = '1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 '
  . '192.88.98.255 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255 203.0.114.0 223.255.255.255 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2001:200::1 2001:4860:4860::8888 2001:db7::1 2003::1 2606:4700::1111 3ffe::1 3fff:1000::1';
is(system('cc', '-std=gnu11', "-I$clients/../..", "-I$include", '-o', "$dir/addresses", "$clients/addresses.c", map { "$clients/../../$_.c" } qw(address cidr)),
	0, 'the table of addresses is built');

sub sorted
{
	my (@addresses) = @_;
	open(my $list, '>', "$dir/addresses.in") or die;
	print $list "$_\n" for @addresses;
	close $list;
	return map { [ split / / ] } split /\n/, `$dir/addresses <$dir/addresses.in`;
}

for my $kind (sort keys %special)
{
	is_deeply([ map { $_->[0] } grep { $_->[1] ne 'special' } sorted(split / /, $special{$kind}) ], [], "not public: $kind");
}
is_deeply([ map { $_->[0] } grep { $_->[1] ne 'public' } sorted(split / /, $public) ], [], 'public: all others');
is_deeply([ map { $_->[0] } grep { $_->[2] } sorted(split(/ /, $public), map { split / / } values %special) ],
	[ map { $_->[0] } grep { $_->[0] =~ /^(127\.|::ffff:127\.|::1$)/ } sorted(map { split / / } values %special) ], 'this machine is 127.0.0.0/8 and ::1');

# ---- a shim, a server that it may ask, and one beside it that it may not ----
my ($allowed, $private, $stranger) = map { own_address($_) } 1 .. 3;
my $web = WebServer->new(dir => $dir);
$web->certificate('good', 'ca', 'DNS:good.test,DNS:flip.test,DNS:flop.test,DNS:both.test,DNS:slow.test,DNS:localhost', "IP:$allowed,IP:$private");
$web->certificate('strange', 'stranger', 'DNS:stranger.test');
$web->listen($allowed, 8443, tls => 'good');
$web->listen($private, 8443, tls => 'good');
$web->listen($stranger, 8443, tls => 'strange');
my ($itself, $expired) = map { own_address($_) } 4, 5;
$web->certificate($_->[0], 'ca', "DNS:$_->[0].test") for [ 'itself' ], [ 'expired' ];
$web->certificate_by_itself('itself');
$web->certificate_until_now('expired', 'ca');
$web->listen($itself, 8443, tls => 'itself');
$web->listen($expired, 8443, tls => 'expired');
my $other_port = $web->listen($allowed, 0);
my $proxy = $web->listen($private, 0);
$web->listen('127.0.0.1', 0);

open(my $hosts, '>', "$dir/hosts") or die;
print $hosts <<"END";
good.test $allowed
flip.test $allowed $private
flop.test $private $allowed
both.test $private,$allowed
stranger.test $stranger
named.test $allowed
itself.test $itself
expired.test $expired
slow.test slow
localhost.test 127.0.0.1
mapped.test ::ffff:$private
compatible.test ::$private
nat64.test 64:ff9b::$private
sixtofour.test 2002:7f00:1::
loop.test ::1
zero.test 0.0.0.0
metadata.test 169.254.169.254
inside.test 10.0.0.1
many.test 10.0.0.1,192.168.0.1,$private,::1
localhost 127.0.0.1
localhost. 127.0.0.1
END
close $hosts;
is(system('cc', '-shared', '-fPIC', '-o', "$dir/resolver.so", "$clients/resolver.c", '-ldl'), 0, 'a resolver that lies is built');
$t->sql(asking_endpoint());
{
	local $ENV{LD_PRELOAD} = "$dir/resolver.so";
	local $ENV{FAKE_HOSTS} = "$dir/hosts";
	local $ENV{ASAN_OPTIONS} = join ':', grep { $_ } $ENV{ASAN_OPTIONS}, 'verify_asan_link_order=0';
	local @ENV{qw(http_proxy https_proxy HTTPS_PROXY ALL_PROXY)} = ("http://$private:$proxy") x 4;
	$t->start("--fetch-ca=" . $web->authority, "--fetch-allow=$allowed,$stranger,$itself,$expired");
}

sub document
{
	my $answer = $t->post('/oauth2/introspect', $_[0]);
	return $answer->{status} == 200 ? "here: $answer->{body}" : $answer->{status} == 502 ? $answer->{body} : "status $answer->{status}";
}

sub again { $t->sql("UPDATE oauth.document SET fresh_until = now(), wanted_at = NULL WHERE url = '$_[0]'"); return document($_[0]) }

sub connections_to
{
	my ($address) = @_;
	return scalar grep { $_->{connected} eq $address } $web->connections;
}

# ---- names ----
my $not_public = 'the address is not public';
is(document('https://good.test:8443/json/a'), 'here: {"at":"a"}', 'a name leads to the server');
is(document('https://flip.test:8443/json/b'), 'here: {"at":"b"}', 'a name that has the right address first');
is(again('https://flip.test:8443/json/b'), $not_public, 'and another later is not asked there');
is(document('https://flop.test:8443/json/c'), $not_public, 'nor one the other way round');
is(document('https://both.test:8443/json/d'), 'here: {"at":"d"}', 'of several addresses the right one is used');
is(document("https://$_.test:8443/json/e"), $not_public, "$_.test is not asked")
  for qw(localhost mapped compatible nat64 sixtofour loop zero metadata inside many);
is(document('https://unknown.test:8443/'), 'the host was not found', 'a name that there is not');
is(document('https://stranger.test:8443/'), 'the TLS certificate is not one of that host that can be trusted', 'a certificate by a stranger');
is(document('https://named.test:8443/'), 'the TLS certificate is not one of that host that can be trusted', 'a certificate of another name');
is(document("https://$_.test:8443/"), 'the TLS certificate is not one of that host that can be trusted', "a certificate that is $_") for qw(itself expired);
is(scalar(grep { $_->{address} =~ /\A(?:\Q$stranger\E|\Q$itself\E|\Q$expired\E)\z/ } $web->requests), 0, 'there nothing was asked');
like(document("https://$_:8443/json/f"), qr/^(?:the URL .*|the host was not found|.*URL using bad.*)$/, "https://$_:8443/ is no host") for "g\x{f6}\x{f6}d.test" =~ s/([^\x00-\x7f])/sprintf '%%%02X', ord $1/ger, 'good.test%2e', 'good.test%00.inside.test', 'good..test', '.good.test', 'xn--gd-fka.test', 'good.test%E3%80%82inside';

# ---- spellings: the database looks at them first, and this is what the shim says to those that get past it ----
for my $host ('127.0.0.1', '127.1', '127.0.1', '0x7f000001', '0x7f.1', '2130706433', '0177.0.0.1', '017700000001', '0', '0.0.0.0', '[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]',
	'[::127.0.0.1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', 'localhost', 'localhost.', '127.0.0.1.', '%6cocalhost', '127%2e0.0.1', '[fe80::1%25lo]', $private)
{
	my $why = document("https://$host:8443/json/f");
	like($why, qr/^(?:\Q$not_public\E|the host was not found|the URL .*|.*URL using bad.*)$/, "https://$host:8443/ is not asked: $why");
}
my %urls = (
	'http://good.test:8443/' => 'does not begin with https://', 'http://good.test/' => 'does not begin with https://', 'ftp://good.test/' => 'URL', 'file:///etc/passwd' => 'URL', 'gopher://good.test:8443/' => 'URL',
	'dict://good.test:8443/' => 'URL', 'ldap://good.test:8443/' => 'URL', 'smb://good.test/x' => 'URL', 'javascript:alert(1)' => 'URL', 'good.test:8443/json/x' => 'URL', '//good.test:8443/' => 'URL', '/json' => 'URL', 'https:///json' => 'URL|not found',
	'https://good.test:22/' => 'another port', 'https://good.test:80/' => 'another port', "https://good.test:$other_port/" => 'another port', 'https://good.test:0/' => 'URL|port', 'https://good.test:65536/' => 'URL|port',
	'https://user@good.test:8443/' => 'user name', 'https://user:pw@good.test:8443/' => 'user name', 'https://:pw@good.test:8443/' => 'user name|password', "https://good.test:8443\@$private:8443/" => 'user name', "https://good.test:8443#\@$private:8443/" => 'here|URL',
	"https://$private:8443\\\@good.test:8443/" => 'URL|user name|not found');
like(document($_), qr/$urls{$_}/, "$_: $urls{$_}") for sort keys %urls;

# ---- answers ----
my $base = 'https://good.test:8443';
is(document("$base/to/https://$private:8443/json/x"), 'the answer had status 302', 'a redirect is not followed');
is(document("$base/to/http://$private:8443/json/x"), 'the answer had status 302', 'nor one to http');
is(document("$base/status/$_"), "the answer had status $_", "status $_") for qw(201 204 206 304 307 401 500);
is(document("$base/large/65536"), 'here: "' . 'x' x 65534 . '"', '64 KiB are taken');
is(document("$base/large/65537"), 'the answer is larger than 64 KiB', 'and not a byte more');
is(document("$base/chunked/65536"), 'here: "' . 'x' x 65534 . '"', 'in chunks too');
is(document("$base/chunked/65537"), 'the answer is larger than 64 KiB', 'likewise');
is(document("$base/endless/x"), 'the answer is larger than 64 KiB', 'a body without an end');
like(document("$base/head/x"), qr/^the head of the answer is larger than 16 KiB$/, 'a head without an end');
like(document("$base/interim/x"), qr/^(?:the head of the answer is larger than 16 KiB)$/, 'interim answers without an end');
is(document("$base/gzip/x"), 'the answer is compressed, and that was not asked for', 'what is compressed is not unpacked');
unlike(document("$base/transfer/x"), qr/^here/, 'nor on the way');
unlike(document("$base/old/x"), qr/^here/, 'an answer without a head is none');
unlike(document("$base/$_"), qr/^here/, $_) for 'cut/x', 'chunks/2%0D%0A{}%0D%0A', 'chunks/ffffffffffffffff%0D%0A{}%0D%0A0%0D%0A%0D%0A', 'chunks/-2%0D%0A{}%0D%0A0%0D%0A%0D%0A', 'chunks/2{}%0D%0A0%0D%0A%0D%0A',
	'chunks/0x2%0D%0A{}%0D%0A0%0D%0A%0D%0A', 'version/HTTP', 'version/ICY', 'version/HTTP/9.9';
like(document("$base/chunks/2;a=b%0D%0A{}%0D%0A0%0D%0AX-Trailer: 1%0D%0A%0D%0A" =~ s/ /%20/gr), qr/^here: \{\}/, 'chunks as they may be');
is(document("$base/type/$_"), 'the answer is not application/json', "type $_") for qw(text/html text/plain application/javascript image/png application/octet-stream);
is(document("$base/untyped/x"), 'the answer is not application/json', 'an answer that does not say what it is');
like(document("$base/type/application/jwk-set+json"), qr/^here/, 'a type that is JSON is');
is(document("$base/fields/Set-Cookie:%20a=b"), 'here: {}', 'a cookie');
document("$base/json/after-cookie");
is((grep { exists $_->{fields}{cookie} } $web->requests), 0, 'is not sent back');
# RFC 3986, section 6.2.2.1: %2e and %2E are the same; newer versions of curl write the latter
like(document("$base/json/a/../b%2e/./c?x=%41"), qr{^here: \{"at":"a/\.\./b%2[eE]/\./c"\}$}, 'the path is sent as it is written');

# ---- a name server that does not answer holds up nobody ----
my $begun = time;
my @slow = $t->send_together(map { request_bytes('POST', '/oauth2/introspect', "https://slow.test:8443/json/$_") } 1 .. 3);
is(document("$base/json/meanwhile"), 'here: {"at":"meanwhile"}', 'while a name is looked up');
cmp_ok(time - $begun, '<', 4.5, 'other documents are fetched at once');
is(read_answer($slow[0], seconds => 20)->{body}, 'there was no whole answer in 5 seconds', 'and the look-up is given up');
cmp_ok(time - $begun, '<', 9.5, 'in time');
is(document("$base/json/thereafter"), 'here: {"at":"thereafter"}', 'which holds up nobody either');

# ---- all in all ----
is(connections_to($private), 0, 'nobody was connected to who may not be, neither as a server nor as a proxy');
is(connections_to('127.0.0.1'), 0, 'nor this machine');
my $metrics = $t->get('/metrics')->{body};
my ($forbidden) = $metrics =~ /^oauth_shim_fetches_total\{outcome="forbidden"\} (\d+)$/m;
cmp_ok($forbidden, '>', 30, 'what is not asked is counted');
like($t->error_log, qr/a document of inside\.test:8443 was not fetched: \Q$not_public\E/, 'and in the log');
is($t->stop, 0, 'the shim ends with status 0');

# ---- this machine, for trying things out ----
$t->start('--fetch-loopback');
my $plain = $web->listen('127.0.0.1', 0);
is(document("http://127.0.0.1:$plain/json/loop"), 'here: {"at":"loop"}', 'with --fetch-loopback this machine is asked, in the clear');
is(document("http://localhost:$plain/json/name"), 'here: {"at":"name"}', 'by name');
is(document("http://$_/json/x"), $not_public, "but not $_") for '10.0.0.1', '169.254.169.254', '192.168.0.1:8443', '[fd00::1]';
is(document('http://1.1.1.1/json/x'), $not_public, 'nor other servers in the clear');
is(document('https://1.1.1.1:9999/json/x'), $not_public, 'or on other ports');

$t->finish;
done_testing();
