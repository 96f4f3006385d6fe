# 063_chunked.pl
# R5: bodies in chunks (RFC 9112, section 7.1): however they are cut they arrive whole, and what follows is the next request.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(chunked header json read_answer slurp);
use SignedRequest qw(authorization);
use Test::More;
use Time::HiRes qw(usleep);

my $t = ShimTest->new;
$t->start('--threads=8');

my $head = "POST /api/echo HTTP/1.1\r\nHost: h\r\n";
my $coding = "Transfer-Encoding: chunked\r\n";

sub body_of { return pack('H*', json($_[0])->{body} // '') }

sub arrives
{
	my ($chunks, $body, $name) = @_;
	my $answer = $t->raw("$head$coding\r\n$chunks");

	is($answer->{status}, 200, "$name: served") or return diag($answer->{raw});
	is(body_of($answer), $body, "$name: the body is whole");
	ok(!$answer->{closed}, "$name: the connection goes on");
	return;
}

arrives("0\r\n\r\n", '', 'the last chunk alone');
arrives("3\r\nabc\r\n0\r\n\r\n", 'abc', 'one chunk');
arrives("3\r\nabc\r\n3\r\ndef\r\n1\r\ng\r\n0\r\n\r\n", 'abcdefg', 'three chunks');
arrives("00003\r\nabc\r\n000\r\n\r\n", 'abc', 'zeros in front of a size');
arrives('0' x 20 . "3\r\nabc\r\n" . '0' x 20 . "\r\n\r\n", 'abc', 'twenty zeros in front of a size, and a last chunk of twenty');
arrives('0' x 4000 . "3\r\nabc\r\n" . '0' x 16 . ";name\r\n\r\n", 'abc', 'four thousand');
arrives(join('', map { '0' x 20 . "1\r\n$_\r\n" } 'a' .. 'z') . "0\r\n\r\n", join('', 'a' .. 'z'), 'zeros in front of each size');
arrives("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", '0123456789' x 2, 'a size in upper and in lower case');
arrives("3;name\r\nabc\r\n0;name=value;other=\"a;b \\\" c\"\r\n\r\n", 'abc', 'extensions');
arrives("3; a = b\xfc\r\nabc\r\n0\r\n\r\n", 'abc', 'white space and other bytes within an extension');
arrives("3 \t;name ; other\r\nabc\r\n0 ;name\r\n\r\n", 'abc', 'white space before an extension');
arrives("5\r\n\r\n0\r\n\r\n3\r\n\0\r\n\r\n0\r\n\r\n", "\r\n0\r\n\0\r\n", 'data that look like chunks');
arrives(chunked('x' x 65536, 65536), 'x' x 65536, 'one chunk as large as a body may be');
arrives(chunked('x' x 3000, 1), 'x' x 3000, 'three thousand chunks of a byte');
{
	my $body = join '', map { chr(rand 256) } 1 .. 20000;
	arrives(chunked($body, $_), $body, "20,000 bytes in chunks of $_") for 7, 1000, 1024, 2048, 4096, 19999;
}

# What trailer fields say does not count, and SQL does not see how the body came.
{
	my $answer = $t->raw("$head${coding}X-Mine: first\r\nTrailer: X-Mine\r\n\r\n3\r\nabc\r\n0\r\nX-Mine: second\r\nAuthorization: Bearer x\r\nContent-Length: 9\r\nX-Empty:\r\nX-Bytes: \xfc\r\n\r\n");
	is_deeply([ grep { !/\AX-Request-Id/ } @{ json($answer)->{headers} } ], ['Host: h', 'X-Mine: first'], 'trailer fields are dropped, and the coding is not told to SQL');
	is(json($t->raw("$head" . "tRANSFER-eNCODING:\tCHUNKED \r\n\r\n0\r\n\r\n"))->{method}, 'POST', 'names of fields and codings are in any case');
	is(json($t->raw("PUT /api/echo HTTP/1.1\r\nHost: h\r\n$coding\r\n1\r\na\r\n0\r\n\r\n"))->{body}, '61', 'PUT takes chunks');
	is(json($t->raw("GET /api/echo HTTP/1.1\r\nHost: h\r\n$coding\r\n1\r\na\r\n0\r\n\r\n"))->{body}, '61', 'any method does');
	is($t->raw("GET /healthz HTTP/1.1\r\nHost: h\r\n$coding\r\n1\r\na\r\n0\r\n\r\n")->{status}, 200, "also at the shim's own paths");
}

# Byte by byte, with another request right behind it
for my $size (1, 5, 700)
{
	my $socket = $t->connect;
	my $bytes = "$head$coding\r\n" . chunked('abcdefghij' x 7, $size) . "GET /api/next HTTP/1.1\r\nHost: h\r\n\r\n";
	for my $byte (split //, $bytes)
	{
		syswrite($socket, $byte);
		usleep(100);
	}
	is(body_of(read_answer($socket)), 'abcdefghij' x 7, "byte by byte, in chunks of $size");
	is(json(read_answer($socket))->{target}, '/api/next', 'and the next request is served');
}

# Cut anywhere: two pieces, and the next request in the second
{
	my $bytes = "$head$coding\r\n" . chunked('abcdefgh', 3) . "POST /api/next HTTP/1.1\r\nHost: h\r\n$coding\r\n2\r\nok\r\n0\r\nA: b\r\n\r\n";
	my $wrong = 0;
	for my $cut (length("$head$coding\r\n") - 2 .. length($bytes) - 1)
	{
		my $socket = $t->connect;
		syswrite($socket, substr($bytes, 0, $cut));
		usleep(2000);
		syswrite($socket, substr($bytes, $cut));
		my @answers = map { read_answer($socket) } 1 .. 2;
		$wrong++ unless body_of($answers[0]) eq 'abcdefgh' && body_of($answers[1]) eq 'ok' && json($answers[1])->{target} eq '/api/next';
	}
	is($wrong, 0, 'wherever two requests are cut in two, both arrive');
}

# Pipelined, and heads so large that little room is left beside them
for my $fill (0, 900, 1500, 1900, 2000, 2040, 4000, 15000)
{
	my $socket = $t->connect;
	my $one = "$head$coding" . "X: " . ('x' x $fill) . "\r\n\r\n" . chunked('z' x 5000, 999);
	syswrite($socket, $one x 3 . "GET /api/last HTTP/1.1\r\nHost: h\r\n\r\n");
	my @answers = map { read_answer($socket, seconds => 5) } 1 .. 4;
	is_deeply([map { length body_of($_) } @answers[0 .. 2]], [5000, 5000, 5000], "three pipelined requests with heads of $fill bytes and more");
	is(json($answers[3])->{target}, '/api/last', 'and the one behind them');
}

# Expect, and what is too large
{
	my $socket = $t->connect;
	syswrite($socket, "$head${coding}Expect: 100-continue\r\n\r\n");
	ok(IO::Select->new($socket)->can_read(3), '100 Continue comes before the chunks');
	sysread($socket, my $interim, 1000);
	is($interim, "HTTP/1.1 100 Continue\r\n\r\n", 'and is just that');
	syswrite($socket, "3\r\nabc\r\n0\r\n\r\n");
	is(body_of(read_answer($socket)), 'abc', 'then the chunks are taken');
	is($t->raw("$head${coding}Expect: 100-continue\r\n\r\n3\r\nabc\r\n0\r\n\r\n")->{interim}, 0, 'none is sent when they are there already');
	is($t->raw("POST /nope HTTP/1.1\r\nHost: h\r\n${coding}Expect: 100-continue\r\n\r\n")->{status}, 404, 'nor where nothing takes them');

	my $before = $t->sql('SELECT count(*) FROM oauth.written');
	for (["10001\r\n", 'a chunk of 64 KiB and a byte'], ["fffffffffffffff\r\n", 'a chunk beyond all bounds'],
		["8000\r\n" . ('x' x 0x8000) . "\r\n8000\r\n" . ('x' x 0x8000) . "\r\n1\r\n", 'a byte more in a chunk of its own'])
	{
		my $answer = $t->raw("POST /oauth2/token HTTP/1.1\r\nHost: h\r\n$coding\r\n$_->[0]");
		is($answer->{status}, 413, "$_->[1] is 413");
		cmp_ok($answer->{seconds}, '<', 2, 'at once, without reading on');
		is(header($answer, 'Connection'), 'close', 'and the connection ends');
	}
	is($t->sql('SELECT count(*) FROM oauth.written'), $before, 'nothing of it came to the database');
}
{
	my $answer = $t->raw("PATCH /healthz HTTP/1.1\r\nHost: h\r\n$coding\r\n3\r\nabc\r\n0\r\n\r\nGET /api/smuggled HTTP/1.1\r\nHost: h\r\n\r\n", patience => 20);
	is($answer->{status}, 405, 'chunks of a request that is refused are not read');
	is(header($answer, 'Connection'), 'close', 'so the connection ends');
	ok($answer->{closed}, 'and what is behind them is not answered');
}

# Other people's programs
{
	my $url = 'http://127.0.0.1:' . $t->port;
	my $file = $t->dir . '/body';
	my $body = join '', map { chr(rand 256) } 1 .. 50000;
	open(my $out, '>:raw', $file) or die;
	print $out $body;
	close $out;
	my $answer = ShimTest::curl('-H', 'Transfer-Encoding: chunked', '--data-binary', "\@$file", "$url/api/echo");
	is(body_of($answer), $body, 'curl sends 50,000 bytes in chunks') or diag($answer->{raw});

	open(my $script, '>', $t->dir . '/stream.mjs') or die;
	print $script <<'END';
const url = process.argv[2];
const stream = new ReadableStream({
	async start(controller)
	{
		for (const part of ["grant_type=", "client_credentials", "&scope=read"])
		{
			controller.enqueue(new TextEncoder().encode(part));
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
		controller.close();
	}
});
const answer = await fetch(url + "/api/echo", { method: "POST", body: stream, duplex: "half" });
process.stdout.write(Buffer.from((await answer.json()).body, "hex").toString());
END
	close $script;
	SKIP:
	{
		skip 'node is not there', 1 if system('node --version > /dev/null 2>&1') != 0 && !$ENV{CI};
		is(scalar qx{node '@{[ $t->dir ]}/stream.mjs' $url 2>&1}, 'grant_type=client_credentials&scope=read', "node's fetch sends a stream");
	}
}
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no such request has spoiled a batch');
$t->finish;

# The real thing: a token, and a form that is signed with OAuth 1.0a.
my $real = ShimTest->new(extension => 1, name => 'real', conf => 'oauth.bcrypt_cost = 4');
my ($id, $secret) = split /\|/, $real->sql(q{SELECT client_id, client_secret FROM oauth_register_client('Chunky',
	grant_types => '{client_credentials,oauth1_two_legged}', scope => 'read')});
$real->start;
{
	my $form = "grant_type=client_credentials&client_id=$id&client_secret=$secret";
	my $type = "Host: h\r\nContent-Type: application/x-www-form-urlencoded\r\n$coding";
	my $answer = $real->raw("POST /oauth2/token HTTP/1.1\r\n$type\r\n" . chunked($form, 11));
	is(json($answer)->{token_type}, 'Bearer', 'a token request in chunks is answered');

	my %signed = (client_id => $id, client_secret => $secret, method => 'POST');
	my $authorization = authorization(%signed, uri => 'http://h/api/?c=d%20e&a=b');
	for my $cut (1, 4, 100)
	{
		$authorization = authorization(%signed, uri => 'http://h/api/?c=d%20e&a=b');
		$answer = $real->raw("POST /api/ HTTP/1.1\r\n${type}Authorization: $authorization\r\n\r\n" . chunked('a=b&c=d+e', $cut));
		is(json($answer)->{auth}, 'oauth1', "OAuth 1.0a: a signature over a form in chunks of $cut holds") or diag($answer->{raw});
	}
	$authorization = authorization(%signed, uri => 'http://h/api/?c=d%20e&a=b');
	is($real->raw("POST /api/ HTTP/1.1\r\n${type}Authorization: $authorization\r\n\r\n" . chunked('a=b&c=d+f', 4))->{status}, 401, 'and not over another form');
}
$real->finish;
done_testing();
