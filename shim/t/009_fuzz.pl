# 009_fuzz.pl
# Mutated requests by the thousand: the shim lives, answers properly or closes, and leaks nothing.
# The seed is shown, and OAUTH_SHIM_FUZZ_SEED repeats it; OAUTH_SHIM_FUZZ_SECONDS is how long.
#
# Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(chunked header json read_answer);
use IO::Select;
use Test::More;
use Time::HiRes qw(time);

my $seconds = $ENV{OAUTH_SHIM_FUZZ_SECONDS} // 6;
my $seed = $ENV{OAUTH_SHIM_FUZZ_SEED} // time ^ $$;
srand($seed);
diag("seed $seed");

my $t = ShimTest->new;
$t->start('--threads=16', '--head-timeout=500', '--body-timeout=500', '--idle-timeout=500');

my @corpus = (
	"GET /api/x?a=b HTTP/1.1\r\nHost: shim.example\r\nAuthorization: Bearer abc\r\n\r\n",
	"POST /oauth2/token HTTP/1.1\r\nHost: shim.example:80\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 29\r\n\r\ngrant_type=client_credentials",
	"POST /oauth2/token HTTP/1.0\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\na=bGET /auth HTTP/1.1\r\nHost: h\r\n\r\n",
	"GET http://shim.example/api/ HTTP/1.1\r\nHost: shim.example\r\nX-Forwarded-For: 1.2.3.4, [::1]:80\r\nForwarded: for=x\r\n\r\n",
	"OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nExpect: 100-continue\r\n\r\n",
	"PUT /api/y HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nX: \"\\{}(),\xc3\xa4\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
	"POST /oauth2/token HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n00A;x=\"y;z\"\r\n=b&c=d&e=f\r\n0;q\r\nTrailer: t\r\n\r\nGET /api/z HTTP/1.1\r\nHost: h\r\n\r\n",
	"POST /api/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" . chunked('0123456789' x 300, 7),
	"POST /api/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" . chunked('0123456789' x 300, 2000),
	"\r\n\r\nGET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
my @morsels = ("\r\n", "\n", "\r", "\0", ' ', "\t", ':', ': ', ',', '"', '\\', '{', '}', "\xff", "\xc3", '%00', '%', '/', '..', '?', '#', '0', '99999999999999999999', '-1', '+1', 'HTTP/2.0',
	"0\r\n\r\n", "ffff\r\n", "7fffffffffffffff\r\n", "1\r\n", ";x=y", "0\r\nA: b\r\n", "\r\n0\r\n",
	"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Host: x\r\n", " folded\r\n", "X: " . ('x' x 3000) . "\r\n", "A: b\r\n" x 70, 'A' x 20000);

sub mutate
{
	my ($bytes) = @_;

	for (1 .. 1 + int rand 4)
	{
		my $at = int rand(1 + length $bytes);
		my $kind = int rand 6;
		if ($kind == 0) { substr($bytes, $at, 0) = $morsels[rand @morsels] }
		elsif ($kind == 1) { substr($bytes, $at, 1 + int rand 8) = '' }
		elsif ($kind == 2) { substr($bytes, $at, 1) = chr int rand 256 if $at < length $bytes }
		elsif ($kind == 3) { substr($bytes, $at, 0) = substr($bytes, int rand(1 + length $bytes), int rand 40) }
		elsif ($kind == 4) { $bytes .= $corpus[rand @corpus] }
		elsif ($kind == 5) { substr($bytes, $at) = $morsels[rand @morsels] if rand() < 0.3 }
	}
	return $bytes;
}

# Everything the server says to these bytes until it closes or falls silent
sub exchange
{
	my ($bytes) = @_;
	my $socket = $t->connect;
	my $answers = '';
	my $cut = rand() < 0.2 ? int rand length $bytes : 0;

	local $SIG{PIPE} = 'IGNORE';
	syswrite($socket, substr($bytes, 0, $cut)) if $cut;
	syswrite($socket, substr($bytes, $cut));
	shutdown($socket, 1);
	while (IO::Select->new($socket)->can_read(5))
	{
		my $n = sysread($socket, $answers, 65536, length $answers);
		return $answers unless $n;
	}
	return;
}

my ($sent, $hung, $odd, $leaked) = (0, 0, 0, 0);
my $until = time + $seconds;
my $canary = 'C4N4RY-' x 4;
while (time < $until)
{
	# a request with a secret on the way, then the mutants
	$t->post('/api/x', $canary, Authorization => "Bearer $canary") if $sent % 20 == 0;
	my $bytes = mutate($corpus[rand @corpus]);
	my $answers = exchange($bytes);
	$sent++;
	if (!defined $answers) { $hung++; diag('no end: ' . $bytes =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ger); next }
	$leaked++ if index($answers, 'C4N4RY') >= 0;
	my $rest = $answers;
	while ($rest =~ s{\AHTTP/1\.1 (\d{3}) [ -~]*\r\n((?:[A-Za-z-]+: [^\r\n\0]*\r\n)+)?\r\n}{})
	{
		my ($status, $fields) = ($1, $2 // '');
		my $length = $fields =~ /^Content-Length: (\d+)\r$/m ? $1 : 0;
		$odd++ if $status >= 500 && $status !~ /\A50[15]\z/;
		$length = 0 if $bytes =~ /HEAD/;
		substr($rest, 0, $length > length $rest ? length $rest : $length) = '';
	}
	if ($rest ne '') { $odd++; diag("odd answer: $rest") }
}
diag("$sent mutated requests");
cmp_ok($sent, '>', 100, 'mutated requests were sent');
is($hung, 0, 'each of them came to an end');
is($odd, 0, 'each was answered in proper HTTP, and none with a failure of ours');
is($leaked, 0, 'none was shown bytes of another request');
is($t->get('/api/x')->{status}, 200, 'the shim lives');
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request that passed the front check has spoiled a batch');
$t->finish;
done_testing();
