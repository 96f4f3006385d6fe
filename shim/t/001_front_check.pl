# 001_front_check.pl
# What may not pass: SECURITY requirements R1 to R18 and R22 to R26, as far as they are HTTP.
#
# Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(header json read_answer);
use Digest::SHA qw(sha256_base64);
use Test::More;
use Time::HiRes qw(usleep);

my $t = ShimTest->new;
$t->start('--threads=4');

my $post = "POST /oauth2/token HTTP/1.1\r\nHost: h\r\n";

# The answer is the shim's refusal: JSON that names the fault, not cached, and the connection ends.
sub refused
{
	my ($bytes, $status, $name, %args) = @_;
	my $answer = $t->raw($bytes, patience => $args{open} ? 0 : 20, %args);	# end: nothing follows
	my $expected = ref $status ? $status : qr/\A$status\z/;

	subtest $name => sub {
		like($answer->{status} // 'none', $expected, 'status');
		like($answer->{body} // '', qr/\A\{"error": "\w+", "error_description": "[^"]+"\}\n\z/, 'body');
		is(header($answer, 'Content-Type'), 'application/json', 'type');
		is(header($answer, 'Cache-Control'), 'no-store', 'not cached');
		is(header($answer, 'X-Content-Type-Options'), 'nosniff', 'not sniffed');
		ok($answer->{closed} || $args{open}, 'the connection ends');
	};
	return $answer;
}

sub accepted
{
	my ($bytes, $name) = @_;
	my $answer = $t->raw($bytes);
	is($answer->{status}, 200, $name);
	return $answer;
}

# A line that is no field, where a request before had one: what that was is not known any more, though the worker is the same.
for my $line ('Broken line', ' folded: x', ': x', 'Na me: x', "Name: \x01", '')
{
	my $status = $line eq '' ? 404 : 400;
	for (1 .. 8)
	{
		$t->raw("GET /nowhere HTTP/1.1\r\nHost: h\r\nX-Pad: " . ('a' x 9000) . "\r\nAccept: text/html\r\nConnection: close\r\n\r\n");
		my $answer = $t->raw("GET /nowhere HTTP/1.1\r\nHost: h\r\nB: c\r\n" . ($line eq '' ? '' : "$line\r\n") . "Connection: close\r\n\r\n");
		is(($answer->{status} // 'none') . ' ' . (header($answer, 'Content-Type') // ''), "$status application/json", "a line '" . ($line =~ s/\x01/^A/r) . "' where an Accept was") or last;
	}
}

# R1, both forms of the attack, on every one of a few worker threads. The first requests
# leave their bytes in each thread's buffer; no later one may see them.
{
	my $victim = "Authorization: Bearer VICTIM\r\n";
	my $secret = 'grant_type=password&client_secret=S3CR3T-OF-VICTIM';
	my $fill = "POST /api/echo HTTP/1.1\r\nHost: h\r\n${victim}Content-Length: " . (600 + length $secret) . "\r\n\r\n" . ('a' x 600) . $secret;
	my $pipelined = "GET /api/echo HTTP/1.1\r\nHost: h\r\n${victim}\r\n";
	# form A: white space over the first request, so that the pipelined one comes next;
	# form B: a request without end, which goes on in the victim's body
	my @attacks = (
		(' ' x (length($fill) - 2)) . "\n\n", ("\r\n" x (length($fill) / 2)) . "\r\n",
		"\n\n", "\r\n\r\n", "\n\n\n\n", "   \n\n", " \t\r\n\r\n", "\n\nGET /api/echo?leak=" . ('A' x 100),
		"\r\n\r\nGET /api/echo?leak=" . ('A' x 300), "\n\nGET /x HTTP/1.1\r\nHost: h\r\n\r\n",
		"\r\n\r\nGET /x HTTP/1.1\r\nHost: h\r\n\r\n", "\0\n\nGET /x");
	my $leaked = 0;
	my $not_refused = 0;

	for my $round (1 .. 3)
	{
		my @victims = map { $t->connect } 1 .. 3;
		syswrite($_, $fill . $pipelined) for @victims;
		read_answer($_) for @victims;
		read_answer($_) for @victims;
		close $_ for @victims;
		for my $attack (@attacks)
		{
			my $answer = $t->raw($attack, seconds => 3, patience => 20);
			$leaked++ if $answer->{raw} =~ /VICTIM|aaaa|S3CR3T/;
			$not_refused++ if ($answer->{status} // 0) != 400 || !$answer->{closed};
		}
	}
	is($leaked, 0, 'R1: no byte of an earlier request shows, in forms A and B, on any worker');
	is($not_refused, 0, 'R1: a request after blank lines or spaces is 400 and the connection ends');
	unlike($t->access_log . $t->error_log, qr/VICTIM|S3CR3T/, 'R1: nor does the log show it');
}

# R2 to R7: one way to say where a request ends
refused($post . "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc", 400, 'R2: Content-Length together with Transfer-Encoding');
refused($post . "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc", 400, 'R2: likewise the other way round');
refused($post . "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400, 'R3: Content-Length twice and equal');
refused($post . "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400, 'R3: Content-Length twice and different');
refused($post . "Content-Length: $_\r\n\r\nabcde", 400, "R3: Content-Length \"$_\"")
  for '5, 5', '+5', '-1', '0x5', '5abc', '12345678901234567890', '', ' ', '5 5', "5\t5", '5.0', '1e1';
refused($post . "Transfer-Encoding: $_\r\n\r\n0\r\n\r\n", qr/\A(400|501)\z/, "R4: Transfer-Encoding \"$_\"")
  for 'identity', 'gzip, chunked', 'chunked, gzip', 'gzip', 'xchunked', 'chunked, chunked', 'chunked, identity', 'chunked;q=1', '"chunked"', 'chunked,',
  ',chunked', "chunked\t,", "chunked\x0b", "chunked\xa0", '';
refused($post . "Transfer-Encoding: $_->[0]\r\nTransfer-Encoding: $_->[1]\r\n\r\n0\r\n\r\n", qr/\A(400|501)\z/, "R4: Transfer-Encoding twice: $_->[0], $_->[1]")
  for ['chunked', 'chunked'], ['chunked', 'identity'], ['identity', 'chunked'], ['gzip', 'chunked'], ['chunked', 'gzip'];
refused($post . "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400, 'R4: white space before the colon');
refused("POST /oauth2/token HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, 'R4: Transfer-Encoding with HTTP/1.0');
{
	my $before = $t->sql('SELECT count(*) FROM oauth.written');
	refused($post . "Transfer-Encoding: chunked\r\n\r\n$_->[0]", 400, "R5: chunked body with $_->[1]", end => 1)
	  for ["ffffffffffffffff\r\nabc", 'a size of 64 bits'], ["10000000000000003\r\nabc\r\n0\r\n\r\n", 'a size that is 3 in 64 bits'],
	  ['0' x 20 . "10000000000000003\r\nabc\r\n0\r\n\r\n", 'that size behind zeros'], ["1000000000000000\r\nabc\r\n0\r\n\r\n", 'a size of too many digits'],
	  ['0' x 5000 . "3\r\nabc\r\n0\r\n\r\n", 'too many zeros in front of a size'], ["3\r\nabc\r\n" . '0' x 5000 . "\r\n\r\n", 'a last chunk of too many zeros'],
	  ["3\nabc\n0\n\n", 'bare LF'], ["3\nabc\r\n0\r\n\r\n", 'bare LF after a size'], ["3\r\nabc\n0\r\n\r\n", 'bare LF after data'],
	  ["3;a\nabc\r\n0\r\n\r\n", 'bare LF in an extension'], ["3\rabc\r\n0\r\n\r\n", 'bare CR'], ["3;a\rb\r\nabc\r\n0\r\n\r\n", 'bare CR in an extension'],
	  ["3\r\nabc\r\n0\n\n", 'bare LF after the last chunk'], ["3\r\nabc\r\n0\r\n\n", 'bare LF at the end'], ["3\r\nabc\r\n0\r\nA: b\n\r\n", 'bare LF after a trailer field'],
	  ["3\r\nabc\r\n", 'no last chunk'], ["3\r\nabc", 'no CRLF after its data'], ["3\r\nab", 'less data than its size says'],
	  ["3\r\nabc\r\n0\r\n", 'no end'], ['', 'nothing in it'], ["\r\n", 'no size'], [";a\r\nabc\r\n0\r\n\r\n", 'an extension without a size'],
	  ["3\r\nabcd\r\n0\r\n\r\n", 'more data than its size says'], ["2\r\nabc\r\n0\r\n\r\n", 'CRLF in the wrong place'],
	  (map { ["$_\r\nabc\r\n0\r\n\r\n", "the size \"$_\""] } '0x3', '+3', '-3', ' 3', '3 ', "3\t", '3,', '3g', '3.0', '%33', '3h', "3\x{b}", '"3"', '3 3'),
	  ["3\0\r\nabc\r\n0\r\n\r\n", 'NUL in the size'], ["3;a\0\r\nabc\r\n0\r\n\r\n", 'NUL in an extension'], ["3;a\x1b\r\nabc\r\n0\r\n\r\n", 'a control character in an extension'],
	  ["0\r\n folded\r\n\r\n", 'a folded trailer line'], ["0\r\nA: b\r\n c\r\n\r\n", 'a folded trailer field'], ["0\r\nA b: c\r\n\r\n", 'a space in the name of a trailer field'],
	  ["0\r\n: c\r\n\r\n", 'a trailer field without name'], ["0\r\nA\r\n\r\n", 'a trailer line without colon'], ["0\r\nA: \0\r\n\r\n", 'NUL in a trailer field'],
	  ["0\r\nGET /api/smuggled HTTP/1.1\r\nHost: h\r\n\r\n", 'a request in the place of its trailer'],
	  ["3;" . ('x' x 5000) . "\r\nabc\r\n0\r\n\r\n", 'a long extension'], ["1;xxxxxxxxx\r\na\r\n" x 500 . "0\r\n\r\n", 'many extensions'],
	  ["0\r\nA: " . ('x' x 5000) . "\r\n\r\n", 'a long trailer field'], ["0\r\n" . "A: b\r\n" x 2000 . "\r\n", 'many trailer fields'];
	is($t->sql('SELECT count(*) FROM oauth.written'), $before, 'R5: no such body was accepted');
}
refused($post . "Content-Length : 5\r\n\r\nabcde", 400, 'R6: white space before the colon');
refused($post . "X\t: 5\r\n\r\n", 400, 'R6: a tab before the colon');
refused($post . "X-Folded: a\r\n b\r\nContent-Length: 0\r\n\r\n", 400, 'R7: a folded line');
refused($post . "X-Folded: a\r\n\tb\r\nContent-Length: 0\r\n\r\n", 400, 'R7: a line folded with a tab');
refused("POST /oauth2/token HTTP/1.1\r\n Host: h\r\n\r\n", 400, 'R7: a folded first line');

# R8, R9: limits
{
	my $fields = sub { join '', map { "X-$_: v\r\n" } 1 .. $_[0] };
	refused("GET /api/echo HTTP/1.1\r\nHost: h\r\n" . $fields->(64) . "\r\n", 431, 'R8: 65 header fields');
	my $answer = accepted("GET /api/echo HTTP/1.1\r\n" . $fields->(63) . "Host: h\r\n\r\n", 'R8: 64 header fields are served');
	is(scalar @{ json($answer)->{headers} }, 65, 'R8: and each of them reaches SQL, beside the id of the request');
}
refused("GET /api/echo HTTP/1.1\r\nHost: h\r\nX: " . ('v' x 16384) . "\r\n\r\n", 431, 'R9: header fields of 16 KiB');
refused("GET /api/echo HTTP/1.1\r\nHost: h\r\n" . ("X: " . ('v' x 1000) . "\r\n") x 17 . "\r\n", 431, 'R9: likewise in pieces');
refused('GET /' . ('x' x 20000), 414, 'R9: a request target of 20,000 bytes');
accepted("GET /api/echo HTTP/1.1\r\nHost: h\r\nX: " . ('v' x 15000) . "\r\n\r\n", 'R9: header fields of 15,000 bytes are served');

# R10: bytes that do not belong
refused("GET /api/a\0b HTTP/1.1\r\nHost: h\r\n\r\n", 400, 'R10: NUL in the target');
refused("GET /api HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n", 400, 'R10: NUL in a value');
refused("GET /api HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", 400, 'R10: bare CR');
refused("GET /api HTTP/1.1\r\nHost: h\r\nX: a\nb: c\r\n\r\n", 400, 'R10: bare LF');
refused("GET /api HTTP/1.1\nHost: h\n\n", 400, 'R10: LF line ends');
refused("GET /api HTTP/1.1\r\nHost: h\r\nX: a\x01b\r\n\r\n", 400, 'R10: a control character in a value');
refused("GET /api HTTP/1.1\r\nHost: h\r\nX: a\x7fb\r\n\r\n", 400, 'R10: DEL in a value');
refused("GET /api\x01 HTTP/1.1\r\nHost: h\r\n\r\n", 400, 'R10: a control character in the target');
refused("GET /api/\xc3\xa4 HTTP/1.1\r\nHost: h\r\n\r\n", 400, 'R10: bytes above 0x7e in the target');
refused("GET /api#x HTTP/1.1\r\nHost: h\r\n\r\n", 400, 'R10: a fragment in the target');
refused("GET  /api HTTP/1.1\r\nHost: h\r\n\r\n", 400, 'R10: two spaces in the request line');
refused("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400, 'R10: a space in the target');
refused("G\"T /api HTTP/1.1\r\nHost: h\r\n\r\n", 400, 'R10: a method that is no token');
refused("GET /api HTTP/1.1\r\nHost: h\r\nX y: a\r\n\r\n", 400, 'R10: a header name that is no token');
refused("GET /api HTTP/1.1\r\nHost: h\r\n: a\r\n\r\n", 400, 'R10: a header without name');
refused("GET /api HTTP/1.1\r\nHost: h\r\nnonsense\r\n\r\n", 400, 'R10: a header without colon');
is(json(accepted("GET /api HTTP/1.1\r\nHost: h\r\nX: a$_->[0]z\r\n\r\n", "R10: $_->[2] in a value is served"))->{headers}[1],
	'X: a' . "\xef\xbf\xbd" x $_->[1] . 'z', 'and is marked in what reaches SQL')
  for ["\xff", 1, 'Latin-1'], ["\xc0\xaf", 2, 'overlong UTF-8'], ["\xed\xa0\x80", 3, 'a surrogate'], ["\xf4\x90\x80\x80", 4, 'more than U+10FFFF'], ["\xe2\x82", 1, 'cut-off UTF-8'],
  ["\xf0\x9f\x98", 1, 'UTF-8 that is cut off later'], ["\xe2\x82\xe2\x82", 2, 'cut-off UTF-8 twice'], ["\x80\xbf", 2, 'UTF-8 without its beginning'], ["\xf8\x88\x80\x80\x80", 5, 'five bytes for a character'];
is(json(accepted("GET /api HTTP/1.1\r\nHost: h\r\nX: \xfc\r\nY: \xe2\x82\r\nZ: \xf0\r\n\r\n", 'R10: at the end of a value too'))->{headers}[$_->[0]], $_->[1], "and nothing behind it is taken for its rest")
  for [1, "X: \xef\xbf\xbd"], [2, "Y: \xef\xbf\xbd"], [3, "Z: \xef\xbf\xbd"];
refused("GET /api HTTP/1.1\r\nHost: h\r\nX-\xfc: a\r\n\r\n", 400, 'R10: bytes above 0x7f in a header name');
refused("GET /api HTTP/1.1\r\nHost: h\xfc\r\n\r\n", 400, 'R10: and in Host');
is(json(accepted("GET /api HTTP/1.1\r\nHost: h\r\nX: \xe2\x82\xac \xf0\x9f\x98\x80\tz\r\n\r\n", 'UTF-8 in a value is served'))->{headers}[1],
	"X: \xe2\x82\xac \xf0\x9f\x98\x80\tz", 'and reaches SQL as it is');
refused("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, 'a TLS greeting is answered in clear and at once');

refused($_->[0], 400, "R10: what can never become a request is refused at once: $_->[1]")
  for ["\r\n", 'a blank line'], [' ', 'a space'], ["GET /\0", 'NUL'], ["GET /\r\r", 'bare CR'], ["GET /\n", 'bare LF'];

# R11 to R13: the host
refused("GET /api HTTP/1.1\r\n\r\n", 400, 'R11: no Host');
refused("GET /api HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", 400, 'R11: two Hosts');
refused("GET /api HTTP/1.1\r\nHost: $_\r\n\r\n", 400, "R11: Host \"$_\"")
  for '', 'a b', 'a/b', 'user@h', 'h:', 'h:x', 'h:123456', '[::1', '[zz]', 'h<x>', 'h"', "h'", 'a,b', '[::1]x', 'h:80:80', 'x' x 256;
is(json(accepted("GET /api HTTP/1.1\r\nHost: $_\r\n\r\n", "R11: Host \"$_\" is served"))->{headers}[0], "Host: $_", 'and reaches SQL')
  for 'h', 'H.example:8080', '127.0.0.1:80', '[::1]:8080', '[::1]', 'a-b.c_d';
accepted("GET /api HTTP/1.0\r\n\r\n", 'R11: HTTP/1.0 needs no Host');
{
	my $answer = accepted("GET http://Other.example:81/api/x?a=b HTTP/1.1\r\nHost: h\r\n\r\n", 'R12: absolute form is served');
	is(json($answer)->{target}, '/api/x?a=b', 'R12: with path and query');
	is_deeply([grep { /^Host/ } @{ json($answer)->{headers} }], ['Host: Other.example:81'], 'R12: and its authority is the Host (RFC 9112, 3.2.2)');
}
refused("GET http://u\@h/api HTTP/1.1\r\nHost: h\r\n\r\n", 400, 'R12: absolute form with user information');
refused("GET http:///api HTTP/1.1\r\nHost: h\r\n\r\n", 400, 'R12: absolute form without authority');
refused("GET ftp://h/api HTTP/1.1\r\nHost: h\r\n\r\n", 400, 'R12: absolute form of another scheme');
refused("GET api HTTP/1.1\r\nHost: h\r\n\r\n", 400, 'R12: a target without slash');
{
	my $answer = $t->raw("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
	is($answer->{status}, 204, 'R13: OPTIONS * is answered');
	like(header($answer, 'Allow'), qr/GET, HEAD, POST/, 'R13: with Allow');
}
refused("GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400, 'R13: the asterisk with another method');

# R14: methods
for (['TRACE', 405], ['PROPFIND', 405], ['GET', 405], ['post', 405], ['PUT', 405])
{
	my ($method, $status) = @$_;
	my $answer = refused("$method /oauth2/token HTTP/1.1\r\nHost: h\r\n\r\n", $status, "R14: $method at the token endpoint", open => 1);
	is(header($answer, 'Allow'), 'POST, OPTIONS', 'R14: says what is allowed');
}
like(header(refused("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", 501, 'R14: CONNECT'), 'Allow'), qr/GET/, 'R14: with Allow');
like(header(refused("BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n", 501, 'R14: an unknown method at an unknown path', open => 1), 'Allow'), qr/GET/, 'R14: with Allow');
is($t->request('HEAD', '/healthz')->{status}, 200, 'R14: HEAD is served where GET is');

# R15: versions
refused("GET /api HTTP/$_->[0]\r\nHost: h\r\n\r\n", $_->[1], "R15: HTTP/$_->[0]")
  for ['2.0', 505], ['1.2', 505], ['0.9', 505], ['1.10', 400], ['1', 400], ['1.1 ', 400], ['1.x', 400];
refused("GET /api\r\n\r\n", 400, 'R15: no version');
refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, 'R15: the preface of HTTP/2');

# R16: pipelining
{
	my $socket = $t->connect;
	syswrite($socket, "GET /api/1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /api/2 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /api/3 HTTP/1.1\r\nHost: h\r\n\r\n");
	my @targets = map { json(read_answer($socket))->{target} } 1 .. 3;
	is_deeply(\@targets, [qw(/api/1 /api/2 /api/3)], 'R16: pipelined requests are answered in order');
	syswrite($socket, "GET /api/4 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\nGET /api/5 HTTP/1.1\r\nHost: h\r\n\r\n");
	is(json(read_answer($socket))->{target}, '/api/4', 'R16: after Connection: close one more is answered');
	ok(ShimTest::is_closed($socket, 3), 'R16: and what is behind it is not');
}
ok($t->raw("GET /api HTTP/1.0\r\n\r\n", patience => 20)->{closed}, 'HTTP/1.0 closes');
is(header($t->raw("GET /api HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), 'Connection'), 'keep-alive', 'unless it asks to be kept');

# R17: Expect
{
	my $socket = $t->connect;
	syswrite($socket, "POST /api/x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
	ok(IO::Select->new($socket)->can_read(3), 'R17: 100 Continue comes before the body is sent');
	sysread($socket, my $interim, 1000);
	is($interim, "HTTP/1.1 100 Continue\r\n\r\n", 'R17: and is just that');
	syswrite($socket, 'abcde');
	is(json(read_answer($socket))->{body}, unpack('H*', 'abcde'), 'R17: then the body is taken');
}
is($t->raw("POST /api/x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nabcde")->{interim}, 0, 'R17: none is sent when the body is there already');
refused($post . "Content-Length: 5\r\nExpect: 200-ok\r\n\r\nabcde", 417, 'R17: another expectation');
refused($post . "Content-Length: 70000\r\nExpect: 100-continue\r\n\r\n", 413, 'R17: too large a body gets no 100');

# R18: the size of bodies
{
	my $before = $t->sql('SELECT count(*) FROM oauth.written');
	my $answer = refused($post . "Content-Length: 65537\r\n\r\n", 413, 'R18: a body of 64 KiB and a byte');
	cmp_ok($answer->{seconds}, '<', 4, 'R18: without waiting for it, as for one that may come');
	refused($post . "Content-Length: 999999999999999\r\n\r\n" . 'x' x 100000, 413, 'R18: a huge body that is being sent');
	my $late = $t->connect;
	syswrite($late, $post . "Content-Length: 999999\r\n\r\n");
	is(read_answer($late)->{status}, 413, 'R18: a huge body that is sent later');
	local $SIG{PIPE} = 'IGNORE';
	my $written = grep { usleep(50_000); syswrite($late, 'x' x 1000) } 1 .. 5;
	is($written, 5, 'R18: is not met by a reset, which could overtake the answer');
	my $socket = $t->connect;
	syswrite($socket, $post . "Content-Length: 100\r\n\r\nonly this");
	shutdown($socket, 1);
	is(read_answer($socket)->{status}, 400, 'R18: a body shorter than Content-Length');
	is($t->sql('SELECT count(*) FROM oauth.written'), $before, 'R18: nothing of that came to the database');
	my $body = join '', map { chr(rand 256) } 1 .. 65536;
	$answer = $t->post('/oauth2/token', $body);
	is(json($answer)->{body}, unpack('H*', $body), 'R18: 64 KiB of any bytes arrive as they are');
}

# R22: paths are compared as they come
for my $path ('/oauth2/%2e%2e/token', '//oauth2/token', '/oauth2//token', '/oauth2/token%00', '/OAUTH2/TOKEN', '/oauth2/%74oken',
	'/oauth2/token/x', '/oauth2/token//', '/./oauth2/token', '/oauth2/../oauth2/token', '/oauth2/token;x', '//', '/apix', '/oauth2', '/healthz/x', '/index.html')
{
	is($t->post($path, 'a=b')->{status}, 404, "R22: $path is not routed");
}
is($t->post("$_", 'a=b')->{status}, 200, "a trailing slash does not matter: $_") for '/oauth2/token', '/oauth2/token/', '/oauth2/access_token', '/oauth2/access_token/?x=y';
is(json($t->get($_))->{target}, $_, "$_ goes to SQL as it is") for '/api', '/api/', '/api/../auth', '/api/%2e%2e/x?a=%00', '/api/a//b/?q=1?2', q(/api/x?a="b\\\\c"&{d,e}('f')$$);

# R23, R24: answers
{
	my $answer = $t->get('/api/fields');
	is_deeply([header($answer, 'Set-Cookie')], ['a=b', 'c=d'], "SQL's header lines are sent, also repeated ones");
	is(header($answer, 'Content-Length'), 6, 'but not those that are ours to write');
	is(scalar(() = header($answer, 'Connection')), 0, 'such as Connection');
	is(header($answer, 'Server'), undef, 'R23: no Server');
	is(header($answer, 'X-Content-Type-Options'), 'nosniff', 'R23: nosniff');
	is(header($answer, 'Cache-Control'), 'no-store', 'R23: no-store where SQL says nothing');
	is(header($t->get('/api/echo'), 'Cache-Control'), 'private', 'R23: what SQL says holds');
	like(header($answer, 'Date'), qr/\A(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\z/, 'the date is in the form of RFC 9110');
	$answer = $t->get('/api/raise?22012');
	is($answer->{status}, 500, 'an error of the database is 500');
	unlike($answer->{raw}, qr/mock-secret|22012|SQL|SELECT|PL\/pgSQL/i, 'R23: and shows no text of the server');
	is($t->get('/api/split')->{status}, 500, 'a header line that would be two is not sent');
	is($t->get("/api/status?$_")->{status}, 500, "nor is the status $_") for 99, 100, 600, -1;
	is($t->get('/api/status?204')->{body}, '', 'an answer 204 has no body');
	is(header($t->get('/api/status?204'), 'Content-Length'), undef, 'and no length');
	is($t->get('/api/null')->{body}, '', 'NULL headers and body are none');
	my $head = $t->request('HEAD', '/api/echo');
	is($head->{body}, '', 'HEAD has no body');
	cmp_ok(header($head, 'Content-Length'), '>', 100, 'but the length of it');
	is(length $t->get('/api/large?1000000')->{body}, 1000000, 'an answer of a megabyte arrives');
}
{
	my $xss = '<script>alert(1)</script>';
	my @answers = (
		$t->get("/$xss"), $t->get('/nope', 'X' => $xss), $t->get('/nope?' . $xss), $t->post('/healthz', $xss),
		$t->raw("$xss /api HTTP/1.1\r\nHost: h\r\n\r\n"), $t->raw("GET /api HTTP/1.1\r\nHost: $xss\r\n\r\n"),
		$t->raw("GET /api HTTP/$xss\r\n\r\n"), $t->raw("GET /api HTTP/1.1\r\nHost: h\r\n$xss: x\r\n\r\n"));
	is((grep { $_->{raw} =~ /<script|alert/ } @answers), 0, 'R24: no answer of the shim repeats what was sent');
}
refused("GET /api HTTP/1.1\r\nHost: h\r\n$_: a\r\n$_: b\r\n\r\n", 400, "$_ twice is ambiguous") for 'Authorization', 'Content-Type', 'content-type';

# People with a browser are led to a page, and read pages; programs read JSON.
{
	my $browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';
	for my $method ('GET', 'HEAD')
	{
		my $door = $t->request($method, '/', undef, Accept => $browser);
		is_deeply([ $door->{status}, header($door, 'Location') ], [ 303, '/account' ], "$method / leads a browser to the account");
		my $change = $t->request($method, '/.well-known/change-password');
		is_deeply([ $change->{status}, header($change, 'Location') ], [ 303, '/account' ], "$method /.well-known/change-password leads there too");
		is($t->request($method, '/favicon.ico')->{status}, 204, "$method /favicon.ico: there is none");
	}
	is($t->get('/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200/')->{status}, 404, 'what should not exist is not there');
	is($t->get('/')->{status}, 404, 'for a program there is nothing at /');
	is(json($t->get('/'))->{error}, 'not_found', 'which JSON says');
	is($t->request('POST', '/', 'a=b')->{status}, 405, 'and nothing to post to');

	my %faults = ('GET /nope' => [ 404, 'Not Found', 'There is nothing at this path.' ], 'DELETE /account' => [ 405, 'Method Not Allowed', 'This path does not take that method.' ],
		'GET /api/raise?22012' => [ 500, 'Internal Server Error', 'The request failed in the database.' ], 'GET /api/raise?40001' => [ 503, 'Service Unavailable', 'The database cannot answer now.' ],
		'BREW /pot' => [ 501, 'Not Implemented', 'This method is not known.' ]);
	for my $request (sort keys %faults)
	{
		my ($status, $reason, $why) = @{ $faults{$request} };
		my $page = $t->request(split(/ /, $request), undef, Accept => $browser);
		is($page->{status}, $status, "$request is $status for a browser");
		is(header($page, 'Content-Type'), 'text/html; charset=utf-8', 'and a page');
		like($page->{body}, qr{<title>$reason</title>.*<h1>$reason</h1>\n<p>\Q$why\E</p>}s, 'that says why');
		like($page->{body}, qr{<a href="/account">}, 'and where to go on');
		my ($style) = $page->{body} =~ m{<style>(.*?)</style>}s;
		my ($digest) = header($page, 'Content-Security-Policy') =~ m{\Adefault-src 'none'; style-src 'sha256-(.*?)'; base-uri 'none'; frame-ancestors 'none'\z};
		is($digest, sha256_base64($style) . '=', 'its stylesheet is all that may be loaded');
		is(header($page, $_->[0]), $_->[1], "$_->[0] is $_->[1]") for [ 'Cache-Control', 'no-store' ], [ 'X-Frame-Options', 'DENY' ], [ 'Referrer-Policy', 'no-referrer' ];
		my $program = $t->request(split(/ /, $request));
		is($program->{status}, $status, 'likewise for a program');
		is(lc(json($program)->{error_description} =~ s/\.\z//r), lc($why =~ s/\.\z//r), 'which gets the same in JSON');
	}
	is(header($t->request('DELETE', '/account', undef, Accept => $browser), 'Allow'), 'GET, HEAD, POST', 'a page of 405 has Allow');
	is(json($t->request('DELETE', '/account'))->{error}, 'method_not_allowed', 'its error has one name everywhere');

	my %accepted = ('text/html' => 1, 'TEXT/HTML;q=0.1' => 1, 'text/html; charset=utf-8; q=0.5, */*' => 1, 'text/html, application/json' => 1, 'application/json;q=0.9, text/html' => 1,
		'application/json' => 0, '*/*' => 0, 'text/*' => 0, '' => 0, 'text/html;q=0' => 0, 'text/html;q=0.000' => 0, 'application/json, text/html' => 0, 'application/json, text/html;q=0.9' => 0,
		'text/html;q=0.5, application/json' => 0, 'text/html;q=x' => 0, 'text/html;q=0.1234' => 0, 'text/html;q=2' => 0, 'text/html;q=' => 0, 'text/htmlx' => 0, 'text/htm' => 0, ',,;;' => 0,
		'application/json, text/plain, */*' => 0, "text/html;q=\xff" => 0, 'text/html;level=1' => 1, 'text/html ; q=0.3' => 1);
	my @wrong = grep { (header($t->get('/nope', Accept => $_), 'Content-Type') =~ /html/ ? 1 : 0) != $accepted{$_} } sort keys %accepted;
	is_deeply(\@wrong, [], 'who is a browser, its Accept says');
	like(header($t->get('/nope', Accept => 'image/png', Accept => 'text/html'), 'Content-Type'), qr/html/, 'in any of its lines');
	like(header($t->raw("GET /nope HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\nContent-Length: 70000\r\n\r\n"), 'Content-Type'), qr/html/, 'also where the request is refused before it is routed');
	is($t->raw("GET /<script> HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\n\r\n")->{body} =~ /script/, '', 'R24: a page repeats nothing that was sent');
}

# R26: nothing of CivetWeb's own is reachable
{
	my $answer = $t->request('OPTIONS', '/oauth2/authorize', undef, Origin => 'https://evil.example', 'Access-Control-Request-Method' => 'POST');
	is($answer->{status}, 405, 'R26: a CORS preflight is no exception');
	unlike($answer->{raw}, qr/Access-Control/i, 'R26: and nobody is let in');
	is(json($t->request('OPTIONS', '/api/x', undef, Origin => 'https://a.example', 'Access-Control-Request-Method' => 'PUT'))->{method}, 'OPTIONS', 'R26: where OPTIONS is routed, SQL decides');
	is(json($t->get('/api/x', Connection => 'Upgrade', Upgrade => 'websocket', 'Sec-WebSocket-Key' => 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version' => '13'))->{method}, 'GET', 'an upgrade to websocket is ignored');
	is($t->get('/api/x', Connection => 'Upgrade, HTTP2-Settings', Upgrade => 'h2c')->{status}, 200, 'so is one to HTTP/2');
}

is($t->get('/healthz')->{status}, 200, 'after all that the shim lives');
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'and no request has spoiled a batch');
$t->finish;
done_testing();
