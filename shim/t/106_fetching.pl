#!/usr/bin/perl
# 106_fetching.pl: documents of other servers: asked for with Fetch:, fetched once, stored, used while they are fresh.
# Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use IO::Select;
use JSON::PP;
use Test::More;
use Time::HiRes qw(time usleep);
use lib $FindBin::Bin;
use ShimTest qw(header read_answer request_bytes wait_for);
use WebServer qw(asking_endpoint own_address);

my $t = ShimTest->new(extension => 1);
my $web = WebServer->new(dir => $t->dir);
my $address = own_address(1);
$web->certificate('good', 'ca', "IP:$address");
$web->listen($address, 8443, tls => 'good');
my $base = "https://$address:8443";

$t->sql(asking_endpoint());
$t->sql('ALTER DATABASE postgres SET oauth.registration = open');
$t->sql("ALTER DATABASE postgres SET oauth.issuer = 'http://localhost:8000'");		# so that this machine may be asked
$t->start("--fetch-ca=" . $web->authority, "--fetch-allow=$address," . own_address(2));

sub document { return $t->post('/oauth2/introspect', $_[0]) }

# ---- one document ----
my $first = document("$base/json/one");
is($first->{status}, 200, 'a document is fetched, and the function asked again');
is($first->{body}, '{"at":"one"}', 'which has it then');
is($t->sql("SELECT media_type, problem, is_by_hand, wanted_at, claimed_by FROM oauth.document"), 'application/json||f||', 'it is a row');
my ($asked) = $web->requests;
is("$asked->{method} $asked->{path}", 'GET /json/one', 'the server was asked with GET');
is($asked->{fields}{host}, "$address:8443", 'by its name');
is($asked->{fields}{accept}, 'application/json', 'for JSON');
like($asked->{fields}{'user-agent'}, qr{\Aoauth-shim/\d}, 'by the shim');
is_deeply([ grep { exists $asked->{fields}{$_} } qw(cookie authorization accept-encoding te range referer origin) ], [], 'and told nothing else');
is(document("$base/json/one")->{body}, '{"at":"one"}', 'a second request uses the row');
is(scalar $web->requests, 1, 'without another fetch');
is($t->sql('SELECT count(*) FROM public.asked'), 1, 'or another question');
is($t->metric('oauth_shim_fetches_total{outcome="good"}'), 1, 'the fetch is counted');

# ---- an endpoint of the provider that needs one: registration with a sector_identifier_uri ----
sub registered
{
	my ($uri) = @_;
	my $answer = $t->request('POST', '/oauth2/register', encode_json({ redirect_uris => ['https://app.example/cb'], sector_identifier_uri => $uri }),
		'Content-Type' => 'application/json');
	return $answer->{status} . ' ' . (decode_json($answer->{body})->{error} // '');
}

is(registered("$base/list/cb,other"), '201 ', 'a client is registered whose redirect URI the document lists');
is(registered("$base/list/other"), '400 invalid_client_metadata', 'one whose URI it does not list is refused');
is(registered("$base/status/404?sector"), '400 invalid_client_metadata', 'and one whose document does not come');
is_deeply([ map { scalar $web->requests($_) } '/list/cb,other', '/list/other', '/status/404?sector' ], [ 1, 1, 1 ], 'each is fetched once');
is(registered("$base/list/cb,other"), '201 ', 'the next client of the sector');
is(scalar $web->requests('/list/cb,other'), 1, 'needs no fetch');
is($t->sql("SELECT count(*) FROM oauth.client WHERE sector_identifier = '$address'"), 2, 'and nothing was done twice');

# ---- many requests, one fetch ----
$web->forget;
my @same = $t->together(map { request_bytes('POST', '/oauth2/introspect', "$base/hang/1") } 1 .. 20);
is(scalar(grep { $_->{status} == 200 } @same), 20, 'twenty requests at once are answered');
is(scalar $web->requests, 1, 'by one fetch');

# Two shims have one fetch too.
$web->forget;
my $one = $t->port;
$t->start("--fetch-ca=" . $web->authority, "--fetch-allow=$address");
my $two = $t->port;
@same = $t->together(map { [ $_ % 2 ? $one : $two, request_bytes('POST', '/oauth2/introspect', "$base/hang/2") ] } 1 .. 20);
is(scalar(grep { $_->{status} == 200 } @same), 20, 'twenty requests to two shims are answered');
is(scalar $web->requests, 1, 'by one fetch');

# A shim that dies while it fetches: its claim dies with it.
$web->forget;
my @dying = $t->send_together([ $two, request_bytes('POST', '/oauth2/introspect', "$base/hang/3") ]);
ok(wait_for(sub { $t->sql("SELECT count(*) FROM oauth.document WHERE claimed_by IS NOT NULL") == 1 }), 'a shim has claimed a document');
kill('KILL', $t->pid);
waitpid($t->pid, 0);
pop @{ $t->{shims} };
my $begun = time;
is(document("$base/hang/3")->{status}, 200, 'when it dies, another one fetches it');
cmp_ok(time - $begun, '<', 12, 'before the time of the claim is over');

# ---- nobody waits for what another needs ----
$web->forget;
my @slow = $t->send_together(map { request_bytes('POST', '/oauth2/introspect', "$base/slow/$_") } 1 .. 40);
ok(wait_for(sub { $t->sql("SELECT count(*) FROM oauth.document WHERE claimed_by IS NOT NULL") == 4 }), 'of one host four documents are fetched at a time');
$begun = time;
is($t->get('/auth')->{status}, 401, 'meanwhile other requests are answered');
is($t->post('/oauth2/token', 'grant_type=x')->{status}, 400, 'those that write, too');
cmp_ok(time - $begun, '<', 4, 'at once');
is($t->sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'oauth_shim' AND state <> 'idle'"), 0, 'no connection to the database is held');
is($t->metric('oauth_shim_fetches_waiting'), 40, 'and those that wait are counted');
my @answers = map { read_answer($_, seconds => 30)->{status} } @slow;
cmp_ok(scalar(grep { $_ == 502 } @answers), '>=', 4, 'what takes longer than five seconds is not waited for');
is(scalar(grep { $_ == 502 || $_ == 503 } @answers), 40, 'and all have an answer in the end');
is($t->sql("SELECT DISTINCT problem FROM oauth.document WHERE url LIKE '%/slow/%' AND failed_at IS NOT NULL"), 'there was no whole answer in 5 seconds', 'the row says why');

# Nor do many requests for it: those go that wait for the host that most wait for.
my $other = own_address(2);
$web->certificate('other', 'ca', "IP:$other");
$web->listen($other, 8443, tls => 'other');
my @many = $t->send_together(map { request_bytes('POST', '/oauth2/introspect', "$base/hang/3?many" . $_ % 8) } 1 .. 140);
ok(wait_for(sub { $t->metric('oauth_shim_fetches_waiting') == 64 }), 'many requests wait for a slow server, a quarter of the workers');
ok(wait_for(sub { (() = IO::Select->new(@many)->can_read(0)) >= 76 }), '... and no more');
is(document("https://$other:8443/json/other")->{status}, 200, 'a document of another one is fetched');
my %many;
$many{ read_answer($_, seconds => 30)->{status} }++ for @many;
cmp_ok($many{503}, '>=', 70, 'those that are too many are told to come again');
cmp_ok($many{200}, '>=', 30, 'the others have their document');

# ---- failures ----
$web->forget;
my $bad = document("$base/status/404");
is("$bad->{status} $bad->{body}", '502 the answer had status 404', 'a failure is an answer');
document("$base/status/404") for 1 .. 3;
is(scalar $web->requests('/status/404'), 1, 'and for a minute nobody asks again');
$t->sql("UPDATE oauth.document SET failed_at = failed_at - interval '61 s' WHERE problem IS NOT NULL");
document("$base/status/404");
is(scalar $web->requests('/status/404'), 2, 'then somebody does');
is($t->metric('oauth_shim_fetches_total{outcome="failed"}') >= 2, 1, 'failures are counted');
like($t->error_log, qr/a document of \Q$address\E:8443 was not fetched: the answer had status 404/, 'the log says so');
unlike($t->error_log, qr{/status/404}, 'and names the host alone');

# ---- stale, and changed ----
$web->forget;
my $before = document("$base/time/x")->{body};
is(document("$base/time/x")->{body}, $before, 'a document that is fresh is the same');
$t->sql("UPDATE oauth.document SET fresh_until = now() WHERE url LIKE '%/time/x'");
isnt(document("$base/time/x")->{body}, $before, 'one that is not is fetched again, whatever it says then');
is(scalar $web->requests('/time/x'), 2, 'once');
document("$base/fields/Cache-Control:%20max-age=7200");
is($t->sql("SELECT round(extract(epoch FROM fresh_until - fetched_at) / 60) FROM oauth.document WHERE url LIKE '%7200'"), 120, 'fresh for what Cache-Control says');

# ---- by hand ----
$web->forget;
$t->sql(qq(SELECT oauth_keep_document('$base/json/by-hand', '{"by": "hand"}')));
is(document("$base/json/by-hand")->{body}, '{"by": "hand"}', 'a document may be put there by hand');
is(scalar $web->requests('/json/by-hand'), 0, 'and is not fetched');

# ---- what may not ask ----
# A function that asks for ever, and one that asks for nothing.
$t->sql(<<"END");
CREATE OR REPLACE FUNCTION oauth.revoke(request oauth.http_request) RETURNS oauth.http_response LANGUAGE sql SECURITY DEFINER AS
	\$\$ SELECT ROW(0, ARRAY['Fetch: ' || convert_from(request.body, 'UTF8')], NULL)::oauth.http_response \$\$;
END
is($t->post('/oauth2/revoke', "$base/json/never")->{status}, 500, 'what asks again and again is given up');
is($t->post('/oauth2/revoke', '')->{status}, 500, 'and what asks for nothing');
is($t->post('/oauth2/revoke', 'x' x 20000)->{status}, 500, 'or for what is no URL');
is(scalar $web->requests('/json/never'), 0, 'nothing is fetched that the database does not want');
like($t->error_log, qr/revoke asked for more documents than it can have/, 'the log says so');

# The lane where a request is means that it queues there again; a function that never has enough of that is given up.
$t->sql('CREATE SEQUENCE public.turn');
$t->sql(<<"END");
CREATE OR REPLACE FUNCTION oauth.revoke(request oauth.http_request) RETURNS oauth.http_response LANGUAGE sql SECURITY DEFINER AS
	\$\$ SELECT ROW(CASE WHEN is_last THEN 200 ELSE 0 END, CASE WHEN NOT is_last THEN ARRAY['Lane: writing'] END, convert_to('done', 'UTF8'))::oauth.http_response
		FROM (SELECT nextval('public.turn') >= convert_from(request.body, 'UTF8')::integer AS is_last OFFSET 0) t \$\$;
END
is($t->post('/oauth2/revoke', '20')->{body}, 'done', 'a request may queue again where it was');
is($t->sql('SELECT last_value FROM public.turn'), 20, '... and is run as often as it asks for that');
is($t->post('/oauth2/revoke', '1000')->{status}, 500, '... but not for ever');
like($t->error_log, qr/revoke asked for a lane that it cannot have/, 'the log says so');

# What a function of the application answers is never read as Fetch: or Lane:.
$t->sql(<<"END");
CREATE FUNCTION public.asks(r oauth.http_request) RETURNS oauth.http_response LANGUAGE sql AS
	\$\$ SELECT ROW(substr(r.target, 11)::integer, ARRAY['Fetch: $base/json/app', 'Lane: slow', 'Share: x'], convert_to('app', 'UTF8'))::oauth.http_response \$\$;
SELECT oauth_protect('/api/asks', 'public.asks');
END
my ($client, $secret) = split /\|/, $t->sql("SELECT client_id, client_secret FROM oauth_register_client('c', grant_types => '{client_credentials}')");
my $token = decode_json($t->post('/oauth2/token', "grant_type=client_credentials&client_id=$client&client_secret=$secret")->{body})->{access_token};
my $app = $t->get('/api/asks/200', Authorization => "Bearer $token");
is("$app->{status} $app->{body}", '200 app', 'an answer of the application with these lines is an answer');
is($t->get('/api/asks/0', Authorization => "Bearer $token")->{status}, 500, 'and one with status 0 is an error');
is(scalar $web->requests('/json/app'), 0, 'nothing is fetched for it');

# ---- while the database is away ----
$web->forget;
my @away = $t->send_together(request_bytes('POST', '/oauth2/introspect', "$base/hang/3?away"));
ok(wait_for(sub { $t->sql("SELECT count(*) FROM oauth.document WHERE claimed_by IS NOT NULL AND claimed_until > now()") == 1 }), 'a document is being fetched');
$t->sql("SELECT pg_terminate_backend(claimed_by) FROM oauth.document WHERE claimed_by IS NOT NULL AND claimed_until > now()");
is(read_answer($away[0], seconds => 30)->{status}, 200, 'a connection that is lost meanwhile costs another fetch');
is($t->get('/readyz')->{status}, 200, 'and readiness does not depend on it');
is($t->stop, 0, 'the shim ends with status 0');

# ---- switched off ----
$web->forget;
$t->start('--fetch=off');
my $off = document("$base/json/off");
is("$off->{status} $off->{body}", '502 fetching is switched off (--fetch=off)', 'with --fetch=off nothing is fetched');
is(document("$base/json/one")->{status}, 200, 'what is here is used');
is(scalar $web->connections, 0, 'and nobody is connected to');

$t->finish;
done_testing();
