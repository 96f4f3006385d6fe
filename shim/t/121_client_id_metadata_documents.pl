#!/usr/bin/perl
# 121_client_id_metadata_documents.pl: clients that nobody registered, known by the document at their client_id
# (draft-ietf-oauth-client-id-metadata-document), over HTTP.
# Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;
use Time::HiRes qw(time);
use lib $FindBin::Bin;
use LoggedIn qw(form);
use ShimTest qw(header read_answer request_bytes wait_for);
use WebServer qw(own_address);

my $t = ShimTest->new(extension => 1, conf => 'oauth.bcrypt_cost = 4');
my $dir = $t->dir;
my $address = own_address(1);
my $web = WebServer->new(dir => $dir);
$web->certificate('good', 'ca', 'DNS:client.test,DNS:other.test');
$web->listen($address, 8443, tls => 'good');

open(my $hosts, '>', "$dir/hosts") or die;
print $hosts "client.test $address\nother.test $address\ninside.test 10.0.0.1\n";
close $hosts;
is(system('cc', '-shared', '-fPIC', '-o', "$dir/resolver.so", "$FindBin::RealBin/clients/resolver.c", '-ldl'), 0, 'a resolver that knows the names of the test is built');

$t->sql("ALTER DATABASE postgres SET oauth.issuer = 'https://auth.example'");
$t->sql('ALTER DATABASE postgres SET oauth.client_id_metadata_documents = on');
$t->sql('ALTER DATABASE postgres SET oauth.registration_rate = 1000');
$t->sql(q{SELECT oauth_create_user('alice', 'wonderland')});

sub start
{
	local $ENV{LD_PRELOAD} = "$dir/resolver.so";
	local $ENV{FAKE_HOSTS} = "$dir/hosts";
	local $ENV{ASAN_OPTIONS} = join ':', grep { $_ } $ENV{ASAN_OPTIONS}, 'verify_asan_link_order=0';
	return $t->start("--fetch-ca=" . $web->authority, "--fetch-allow=$address", @_);
}

start();
my $base = 'https://client.test:8443/file';
my @pkce = (code_challenge => 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method => 'S256');
my $verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

sub put
{
	my ($name, %members) = @_;
	$web->put($name, encode_json({ client_id => "$base/$name", client_name => 'Notes', redirect_uris => ['https://client.test/cb'],
		grant_types => [qw(authorization_code refresh_token)], token_endpoint_auth_method => 'none', %members }));
	return "$base/$name";
}

sub authorize_bytes
{
	my ($client_id, %more) = @_;
	return request_bytes('GET', '/oauth2/authorize?' . form(response_type => 'code', client_id => $client_id, redirect_uri => 'https://client.test/cb', state => 's', @pkce, %more));
}

sub authorize { my ($answer) = $t->together(authorize_bytes(@_)); return $answer }

sub shown
{
	my ($answer) = @_;
	my ($why) = $answer->{body} =~ m{<p class="who" lang="en">(.*?)</p>};
	return join ' ', $answer->{status}, $why // (header($answer, 'Location') // '') =~ s/\?.*//r;
}

sub grown_old { $t->sql("UPDATE oauth.document SET fresh_until = now(), fetched_at = fetched_at - interval '2 minutes' WHERE body IS NOT NULL"); return }

sub token { return decode_json($t->post('/oauth2/token', form(@_))->{body}) }

# ---- from nothing to a token ----
my $notes = put('notes');
is($t->post('/oauth2/token', form(grant_type => 'authorization_code', client_id => $notes, code => 'x'))->{status}, 401, 'a client that nobody knows is nobody at the token endpoint');
is($t->post('/oauth2/revoke', form(token => 'x', client_id => $notes))->{status}, 401, 'or elsewhere');
is(scalar $web->connections, 0, 'and a guess there makes nobody fetch anything');
is(shown(authorize($notes)), '303 /login', 'at the authorization endpoint its document is fetched, and the person logs in');
my ($asked) = $web->requests;
is("$asked->{method} $asked->{path}", 'GET /file/notes', 'the document at its client_id');
my $alice = LoggedIn->new($t, 'alice', 'wonderland');
my $code = $alice->code($notes, 'read', redirect_uri => 'https://client.test/cb', @pkce);
my $tokens = token(grant_type => 'authorization_code', client_id => $notes, code => $code, redirect_uri => 'https://client.test/cb', code_verifier => $verifier);
like($tokens->{access_token}, qr/\Aoat_/, 'who consents, gives it a token');
is(decode_json($t->get('/api/', Authorization => "Bearer $tokens->{access_token}")->{body})->{client_id}, $notes, 'which is of that client');
like(token(grant_type => 'refresh_token', client_id => $notes, refresh_token => $tokens->{refresh_token})->{access_token}, qr/\Aoat_/, 'and can be refreshed');
is(scalar $web->requests, 1, 'all with one fetch');
like($t->get('/.well-known/oauth-authorization-server')->{body}, qr/"client_id_metadata_document_supported": true/, 'metadata says so');

# ---- documents that do not come, or are none ----
# "The authorization server MUST NOT automatically follow HTTP redirects"
my $cannot = '400 The metadata document of the client cannot be read.';
for my $path ('status/404', 'status/201', 'status/204', "to/$notes", 'type/text/html', 'untyped/x', 'large/65537', 'endless/x', 'gzip/x', 'old/x', 'head/x')
{
	is(shown(authorize("https://client.test:8443/$path")), $cannot, "/$path");
}
is(shown(authorize('https://inside.test:8443/file/notes')), $cannot, 'one in the network behind is not asked for');
is(shown(authorize('https://unknown.test:8443/file/notes')), $cannot, 'nor one of nowhere, with the same words');
like($t->error_log, qr/a document of inside\.test:8443 was not fetched/, 'the log knows why');
my $refused = '400 The metadata document of the client was refused:';
like(shown(authorize('https://client.test:8443/json/x')), qr/\A$refused its client_id is not its URL/, 'a document of something else');
like(shown(authorize($notes =~ s/client/other/r)), qr/\A$refused its client_id is not its URL/, 'the document at another URL');
like(shown(authorize(put('secret', client_secret => 'x'))), qr/\A$refused it has a client_secret/, 'one with a secret');
is($t->sql('SELECT count(*) FROM oauth.client'), 1, 'leave no client behind');
is(shown(authorize($notes)), '303 /login', 'and the one that there is stays');

# ---- many at once: one fetch, one client ----
$web->forget;
my $one = $t->port;
start();
my $two = $t->port;
my $popular = put('popular');
my @many = $t->together(map { [ $_ % 2 ? $one : $two, authorize_bytes($popular) ] } 1 .. 64);
is(scalar(grep { shown($_) eq '303 /login' } @many), 64, 'sixty-four requests over two shims are answered');
is(scalar $web->requests, 1, 'by one fetch');
is($t->sql("SELECT count(*) FROM oauth.client WHERE client_id = '$popular'"), 1, 'and there is one client');
is($t->sql("SELECT count(*) FROM oauth.event e WHERE event = 'register' AND client_id = '$popular'"), 1, 'which was noted once');

# ---- a document that changes: always one of the two, whole ----
my ($mixed, $failed) = (0, 0);
for my $round (1 .. 6)
{
	my $n = $round % 2;
	put('popular', client_name => "Name $n", redirect_uris => [ 'https://client.test/cb', "https://client.test/$n" ], tos_uri => "https://client.test/tos$n");
	grown_old();
	my @answers = $t->together(map { [ $_ % 2 ? $one : $two, authorize_bytes($popular) ] } 1 .. 32);
	$failed += grep { shown($_) ne '303 /login' } @answers;
	$mixed += $t->sql("SELECT NOT (client_name = 'Name $n' AND redirect_uris[2] = 'https://client.test/$n' AND metadata ->> 'tos_uri' = 'https://client.test/tos$n') FROM oauth.client WHERE client_id = '$popular'") eq 't';
}
is($failed, 0, 'while a document changes, all requests are answered');
is($mixed, 0, 'and the client is what the newest says, never parts of two');
is($t->metric('oauth_shim_batch_fallbacks_total') // 0, 0, 'no batch failed over it');

# ---- a page that was open while the redirect URI went ----
my $page = $t->get('/oauth2/authorize?' . form(response_type => 'code', client_id => $popular, redirect_uri => 'https://client.test/0', state => 's', @pkce), Cookie => $alice->cookies);
is($page->{status}, 200, 'the page asks');
like($page->{body}, qr{https://client\.test:8443</bdi>}, 'and says where the client comes from');
put('popular');
grown_old();
my $answer = $t->post('/oauth2/authorize/confirm', form(request => LoggedIn::_field($page, 'request'), token => LoggedIn::_field($page, 'token'), decision => 'approve'), Cookie => $alice->cookies);
is(shown($answer), '400 The redirect_uri is not one that the client registered.', 'what was taken out of the document meanwhile gets no code');

# ---- the server of the document is slow, or gone ----
$t->sql("UPDATE oauth.document SET fresh_until = now() WHERE url = '$notes'");
$web->stop;
is(shown(authorize($notes)), '303 /login', 'without the server of its document a client goes on');
is(shown(authorize("$base/new")), $cannot, 'a new one does not begin');
is(token(grant_type => 'refresh_token', client_id => $notes, refresh_token => 'x')->{error}, 'invalid_grant', 'at the token endpoint it is who it is');
$t->sql("UPDATE oauth.client SET document_fetched_at = document_fetched_at - interval '3 days'");
is(shown(authorize($notes)), $cannot, 'after two days no longer');
$web->listen($address, 8443, tls => 'good');
$t->sql("UPDATE oauth.document SET failed_at = failed_at - interval '61 s' WHERE problem IS NOT NULL");
is(shown(authorize($notes)), '303 /login', 'until the server is there again');
my @slow = $t->send_together(map { authorize_bytes("https://client.test:8443/slow/$_") } 1 .. 8);
my $begun = time;
is(shown(authorize($notes)), '303 /login', 'while documents are slow, other clients go on');
is($t->post('/oauth2/token', 'grant_type=x')->{status}, 400, 'and other requests');
cmp_ok(time - $begun, '<', 4, 'at once');
my @took;
for my $n (1 .. 100)
{
	my $since = time;
	$n % 2 ? authorize($notes) : $t->get('/auth');
	push @took, time - $since;
}
cmp_ok((sort { $a <=> $b } @took)[98], '<', 2, 'of a hundred others ninety-nine have their answer soon');
is(scalar(grep { (read_answer($_, seconds => 40)->{status} // 0) >= 400 } @slow), 8, 'theirs are refused in the end');

# ---- strangers who make us fetch ----
$t->sql('ALTER DATABASE postgres SET oauth.registration_rate = 3');
$t->sql("DELETE FROM oauth.throttle WHERE kind = 'registration'");
$t->stop;
$t->stop;
start();
$web->forget;
my %statuses;
$statuses{ authorize("$base/many$_")->{status} }++ for 1 .. 8;
is($statuses{429}, 5, 'one address makes us fetch so many documents, and then waits');
cmp_ok(scalar(grep { $_->{path} =~ m{^/file/many} } $web->requests), '<=', 3, 'no more are fetched');
like(header(authorize("$base/many9"), 'Retry-After') // '', qr/\A\d+\z/, 'it is told for how long');
is(shown(authorize($notes)), '303 /login', 'clients that are known go on');

# ---- after kill -9, and a restore ----
kill('KILL', $t->pid);
waitpid($t->pid, 0);
pop @{ $t->{shims} };
$t->sql('ALTER DATABASE postgres SET oauth.registration_rate = 1000');
start();
is(shown(authorize($notes)), '303 /login', 'after the shim was killed it is as before');
$t->node->stop('immediate');
$t->node->start;
ok(wait_for(sub { $t->get('/readyz')->{status} == 200 }), 'the database was killed, and is back');
is(shown(authorize($notes)), '303 /login', 'and the client is there');
is(decode_json($t->get('/api/', Authorization => "Bearer $tokens->{access_token}")->{body})->{client_id}, $notes, 'with its tokens');

$t->finish;
done_testing();
