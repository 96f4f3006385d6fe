# 100_shared_answers.pl
# What is the same for everybody is asked of the database once in a moment: key set and discovery, by the line Shared: of the answer.  The
# answer is never another request's, never older than was said, and forgotten at once when keys change.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(header json read_answer request_bytes wait_for);
use JSON::PP;
use Test::More;
use Time::HiRes qw(time usleep);

# ---- the shim alone: whose answer is given to whom ----

my $t = ShimTest->new(name => 'mock');
$t->start;

sub hits { return $t->metric('oauth_shim_shared_answers_total') }

# Are the answers to these two requests one?  Each is path and fields.  Anew if the second came too late to share.
sub share
{
	my ($one, $other) = @_;
	my ($first, $second, $begun);
	for (1 .. 5)
	{
		$begun = time;
		$first = $t->get(@$one);
		$second = $t->get(@$other);
		last if time - $begun < 0.45;
	}
	return ($first->{body} // '') eq ($second->{body} // '') ? 1 : 0;
}

my $n = 0;
sub path { return '/api/shared?1000&' . ++$n }	# the mock takes the number in front

for my $case (
	[ 1, 'two that ask the same share an answer', sub { my $p = path(); [$p], [$p] } ],
	[ 1, 'also if other fields differ', sub { my $p = path(); [ $p, 'User-Agent' => 'one' ], [ $p, 'User-Agent' => 'other' ] } ],
	[ 0, 'another query is another question', sub { [ path() ], [ path() ] } ],
	[ 0, 'so is another host', sub { my $p = path(); [ $p, Host => 'a.example' ], [ $p, Host => 'b.example' ] } ],
	[ 0, 'another page that asks', sub { my $p = path(); [ $p, Origin => 'https://a.example' ], [ $p, Origin => 'https://b.example' ] } ],
	[ 0, 'a page and none', sub { my $p = path(); [ $p, Origin => 'https://a.example' ], [$p] } ],
	[ 0, 'who has a token gets an answer of his own', sub { my $p = path(); [$p], [ $p, Authorization => 'Bearer x' ] } ],
	[ 0, 'which nobody else gets', sub { my $p = path(); [ $p, Authorization => 'Bearer x' ], [$p] } ],
	[ 0, 'so does who has a cookie', sub { my $p = path(); [$p], [ $p, Cookie => 'a=b' ] } ],
	[ 0, 'which nobody else gets', sub { my $p = path(); [ $p, Cookie => 'a=b' ], [$p] } ],
	[ 0, 'a refusal is nobody else\'s', sub { ([ '/api/shared-404?1000' ]) x 2 } ],
	[ 0, 'what a function of the application says of itself does not count', sub { ([ '/api/shared-application?1000' ]) x 2 } ],
	[ 0, 'a large answer is not kept', sub { ([ '/api/shared-large?20000' ]) x 2 } ],
	[ 1, 'one of 16 KiB at most is', sub { ([ '/api/shared-large?15000' ]) x 2 } ],
	[ 0, 'no time is none', sub { ([ '/api/shared?0' ]) x 2 } ],
	map({ my $time = $_; [ 0, "\"$time\" is no time", sub { ([ "/api/shared?$time" ]) x 2 } ] } '-1', '1s', '0x7fff'))
{
	my ($expected, $name, $requests) = @$case;
	is(share($requests->()), $expected, $name);
}

my $path = path();
is(share([ $path, Host => 'a.example', 'X-Forwarded-Host' => 'b.example' ], [ $path, Host => 'a.example', 'X-Forwarded-Host' => 'c.example' ]), 1,
	'what a stranger says of a proxy is not believed');
$t->stop;
$t->start('--trusted-proxy=127.0.0.1');
$path = path();
is(share([ $path, 'X-Forwarded-Host' => 'b.example' ], [ $path, 'X-Forwarded-Host' => 'c.example' ]), 0, 'the host is the one that a trusted proxy names');
is(share([ $path, 'X-Forwarded-Proto' => 'http' ], [ $path, 'X-Forwarded-Proto' => 'https' ]), 0, 'and the scheme');
is(share([ $path, 'X-Forwarded-For' => '192.0.2.1' ], [ $path, 'X-Forwarded-For' => '192.0.2.2' ]), 1, 'the client\'s address does not matter');

$path = path();
my $answer = $t->get($path);
my $again = $t->get($path);
is(header($again, 'Shared'), undef, 'the line for the shim is not sent');
is(header($again, 'X-Mock'), 'yes', 'the other fields are those of the function');
is(header($again, 'Cache-Control'), 'no-store', 'with what the shim adds');
is(header($again, 'Content-Length'), length $again->{body}, 'and the length');
isnt(header($again, 'X-Request-Id'), header($answer, 'X-Request-Id'), 'but the id is the request\'s own');
my $head = $t->request('HEAD', $path);
is($head->{status} . header($head, 'Content-Length') . $head->{body}, '200' . length $again->{body}, 'HEAD has the fields of GET, and no body');
is($t->request($_, $path, '')->{body} eq $again->{body} ? 1 : 0, 0, "$_ is asked of the database") for qw(POST PUT DELETE OPTIONS);
is($t->request('GET', $path, 'x=y')->{body} eq $again->{body} ? 1 : 0, 0, 'so is GET with a body');
like($t->access_log, qr/GET \/api\/shared 200 \d+ [\d.]+ - /, 'the access log says that no lane answered');

# "Shared: 100000" is a second at most
$path = '/api/shared?100000';
my $begun = time;
$answer = $t->get($path);
my $is_other = wait_for(sub { $t->get($path)->{body} ne $answer->{body} }, 10);
ok($is_other, 'no answer is kept for longer than a second, whatever the function says') or diag(time - $begun);

# When half of the time is over one of many asks the database, and nobody waits for what he hears.  How many of eight who ask in the
# second half got the old answer, and of eight who come when its time is over the answer of that one; tried again where the machine was slow.
sub renewed
{
	my ($old, $new);
	for (1 .. 5)
	{
		my $question = '/api/shared-slow?' . ++$n;
		my $begun = time;
		my $first = $t->get($question)->{body};
		usleep(1e6 * ($begun + 0.55 - time)) if time < $begun + 0.55;
		my @bodies = map { $_->{body} } $t->together((request_bytes('GET', $question)) x 8);
		my ($next) = grep { $_ ne $first } @bodies;
		$old = grep { $_ eq $first } @bodies;
		my $was_late = time > $begun + 0.9;
		usleep(1e6 * ($begun + 1.02 - time)) if time < $begun + 1.02;
		$new = grep { $_->{body} eq ($next // '') } $t->together((request_bytes('GET', $question)) x 8);
		last unless $was_late || time > $begun + 1.2;
	}
	return ($old, $new);
}

is_deeply([ renewed() ], [ 7, 8 ], 'one of many asks the database when half of the time is over, and nobody waits for it');

# Is an answer forgotten before half of its second is over, when somebody asks anyway?  Tried again where the machine was slow.
sub is_forgotten
{
	my ($sql) = @_;
	my $is_forgotten = 0;
	for (1 .. 5)
	{
		my $question = path();
		my $begun = time;
		my $answer = $t->get($question);
		$t->sql($sql);
		$is_forgotten = wait_for(sub { $t->get($question)->{body} ne $answer->{body} }, $begun + 0.45 - time);
		last if $is_forgotten || time - $begun < 0.45;
	}
	return $is_forgotten;
}

is(is_forgotten('NOTIFY oauth_other'), 0, 'what concerns nobody here is not listened to');
is(is_forgotten('NOTIFY oauth_changed'), 1, 'NOTIFY oauth_changed: all is forgotten');

# many keys, from one peer: memory stays as it is
my $hits = hits();
$t->get("/api/shared?1000&$_", Host => "h$_.example") for 1 .. 300;
my $rss = sub { ShimTest::slurp("/proc/@{[ $t->pid ]}/status") =~ /VmRSS:\s+(\d+)/ ? $1 : 0 };
my $before = $rss->();
$t->get("/api/shared-large?15000", Host => "h$_.example") for 1 .. 600;
# a sanitizer gives memory back late
my $most = ShimTest::shim_program() =~ /asan/ ? 256 * 1024 : 4096;
cmp_ok($rss->() - $before, '<', $most, 'who asks under many names fills 1 MiB at most');
my $long = '/api/shared?1000&' . 'x' x 600;
is(share([$long], [$long]), 0, 'what is too long to be kept is answered all the same');

# a database that is gone is not hidden for longer than was said
$answer = $t->get($path = '/api/shared?1000');
$t->node->stop('immediate');
$begun = time;
my $last = 0;
wait_for(sub { my $a = $t->get($path); $last = time if $a->{status} == 200; $a->{status} == 503 }, 20);
cmp_ok($last - $begun, '<', 1.2, 'for a second at most the shim answers without a database');
usleep(1e6 * ($begun + 1.2 - time)) if time < $begun + 1.2;
is($t->get($path)->{status}, 503, 'then it says that there is none');
$t->node->start;
$t->finish;

# ---- the extension: key set and documents ----

my $e = $t = ShimTest->new(extension => 1);
$t->sql("ALTER DATABASE postgres SET oauth.issuer = 'https://id.example.com'");
my ($client, $secret) = split /\|/, $t->sql("SELECT * FROM oauth_register_client('busy', grant_types => '{client_credentials}')");
$t->start('--purge-interval=0');
my $first_port = $t->port;

# So many requests on one connection; their answers.
sub burst
{
	my ($path, $many, $port) = @_;
	my $socket = $t->connect(port => $port // $t->port);
	return map { syswrite($socket, request_bytes('GET', $path)); read_answer($socket) } 1 .. $many;
}

sub kids { return join ' ', sort map { $_->{kid} } @{ json($_[0])->{keys} } }

is($t->get('/oauth2/jwks')->{body}, '{"keys": []}', 'as long as nobody asks for a key, the set is empty');
$hits = hits();
burst('/oauth2/jwks', 50);
is(hits(), $hits, 'and given to nobody else: the first key signs at once');

# What is signed with a key that has just been made verifies with the set that is asked for next, also on this connection.  It is a signature for
# which nobody is registered: the others have their key from who asked for the set.
my $ask = "client_id=$client&client_secret=$secret";
my $token = json($t->post('/oauth2/token', "$ask&grant_type=client_credentials"))->{access_token};
my $wrong = 0;
for my $round (1 .. 10)
{
	$t->sql('TRUNCATE oauth.signing_key CASCADE');
	$t->sql("SELECT oauth_create_signing_key('ES256')");
	burst('/oauth2/jwks', 5);
	my $signed = $t->post('/oauth2/introspect', "$ask&token=$token", Accept => 'application/token-introspection+jwt')->{body};
	my $set = $t->get('/oauth2/jwks')->{body};
	$wrong++ if $t->sql("SELECT valid FROM oauth_verify_jwt('$signed', '$set', '{RS256}', 'token-introspection+jwt')") ne 't';
}
is($wrong, 0, 'a key that is made when it is first needed is in the set before what it signed is out');

for my $document ('/oauth2/jwks', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server', '/.well-known/oauth-protected-resource')
{
	$hits = hits();
	my %bodies = map { $_->{body} => 1 } burst($document, 200);
	is(scalar keys %bodies, 1, "$document: all who ask get the same");
	cmp_ok(hits() - $hits, '>', 100, 'most of them without the database');
	$hits = hits();
	burst("$document?x=$_", 2) for 1 .. 20;
	is(hits(), $hits, 'with a query each is asked for by itself');
	$answer = (burst($document, 20))[-1];
	is(header($answer, 'Access-Control-Allow-Origin'), '*', 'pages of every origin may read it');
}

# Replaced at once: from the commit on, both shims give the new set.
$t->start('--purge-interval=0');
my $second_port = $t->port;
my %stale;
for (1 .. 5)
{
	burst('/oauth2/jwks', 5, $_) for $first_port, $second_port;
	my $said = $t->sql("LISTEN oauth_changed; SELECT oauth_rotate_signing_keys(at_once => true)");
	like($said, qr/notification "oauth_changed"/, 'a change of keys is told to the shims');
	my $new = $t->sql("SELECT string_agg(kid, ' ' ORDER BY kid COLLATE \"C\") FROM oauth.signing_key WHERE unpublished_at IS NULL");
	for my $port ($first_port, $second_port)
	{
		wait_for(sub { kids((burst('/oauth2/jwks', 1, $port))[0]) eq $new }) or $stale{$port}++;
	}
}
is(scalar keys %stale, 0, 'keys that are replaced at once are in the set of each shim') or diag(explain \%stale);

# A transaction that is rolled back changes nothing for anybody.
my $set = kids((burst('/oauth2/jwks', 1))[0]);
$t->sql('BEGIN; SELECT oauth_rotate_signing_keys(at_once => true); ROLLBACK');
is(kids((burst('/oauth2/jwks', 1))[0]), $set, 'a rotation that is rolled back never was');
# Without NOTIFY, where transactions are prepared, it is the time alone.
$t->sql("BEGIN; SET LOCAL oauth.notify_revocation = off; SELECT oauth_rotate_signing_keys(at_once => true); COMMIT");
usleep(150_000);
isnt(kids((burst('/oauth2/jwks', 1))[0]), $set, 'without NOTIFY the old set is gone after a tenth of a second');
$t->finish;
done_testing();
