# 044_nginx_static_site.pl
# docs/nginx.md with Debian's nginx: a static site whose files need tokens, and an application that is told who calls.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(certificate curl guide_blocks header skip_file slurp);
use SignedRequest qw(authorization);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($nginx) = grep { -x } map { "$_/nginx" } split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/local/sbin';
skip_file('75 or so', 'nginx is not installed') unless $nginx;

my $t = ShimTest->new(extension => 1);
my $dir = $t->dir;
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $application = PostgreSQL::Test::Cluster::get_free_port();
$t->start('--trusted-proxy=127.0.0.1');

mkdir "$dir/album$_" or die for '', '/drafts', '/public', '/2026';
append_to_file("$dir/album$_", "file $_\n") for qw(/index.html /2026/mountains.txt /drafts/index.html /drafts/sea.txt /public/welcome.txt);
ok(certificate($dir), 'there is a certificate');
my $conf = guide_blocks('nginx.md', 'nginx');
$conf =~ s{/var/www/album}{$dir/album};
my $file = $t->nginx_configuration($conf, $port, $application, '$request_method $request_uri $content_length subject=$http_x_oauth_subject'
	. ' client=$http_x_oauth_client scope=$http_x_oauth_scope token=$http_authorization');
$t->run_program($port, $nginx, '-c', $file, '-p', $dir, '-e', "$dir/nginx.log");

my ($client, $secret) = split /\|/, $t->sql(q{SELECT client_id, client_secret FROM oauth_register_client('Album',
	grant_types => '{client_credentials,refresh_token,oauth1_two_legged}', scope => 'read write')});
sub token { my ($scope) = @_; return $t->sql("SELECT access_token FROM oauth_issue_token('$client', '42', '$scope')") }
my ($read, $write) = map { token($_) } 'read', 'read write';

sub ask
{
	my ($path, $token, @arguments) = @_;
	my @authorization = $token ? ('-H', 'Authorization: ' . ($token =~ / / ? $token : "Bearer $token")) : ();

	return curl('--connect-to', "album.example.org:443:127.0.0.1:$port", @authorization, @arguments, "https://album.example.org$path");
}

sub gets
{
	my ($name, $status, $body, @question) = @_;
	my $answer = ask(@question);

	is($answer->{status}, $status, $name) or diag($answer->{raw}, slurp("$dir/nginx.log"));
	like($answer->{body}, $body, '... and what is there') if $body;
	return $answer;
}

sub challenge_of { return join '; ', header($_[0], 'WWW-Authenticate') }

# What is there
gets('a public file needs no token', 200, qr/^file .public.welcome/, '/public/welcome.txt');
gets('a file, with a token', 200, qr/^file .2026.mountains/, '/2026/mountains.txt', $read);
gets('the index of a directory', 200, qr/^file .index/, '/', $read);
gets('a draft, with the scope for it', 200, qr/^file .drafts.sea/, '/drafts/sea.txt', $write);
gets('the index of the drafts', 200, qr/^file .drafts.index/, '/drafts/', $write);
gets('a part of a file', 206, qr/\Afile\z/, '/2026/mountains.txt', $read, '-r', '0-3');
gets('a file that is not there', 404, undef, '/2026/none.txt', $read);

# Who may not
my $none = gets('R139: no token', 401, undef, '/2026/mountains.txt');
like(challenge_of($none), qr/^Bearer realm="[^"]*"[^;]*\z/, '... with one challenge');
unlike(challenge_of($none), qr/error=/, '... without an error (RFC 6750, section 3.1)');
like(challenge_of(gets('a file that is not there is not told from one that is', 401, undef, '/2026/none.txt')), qr/^Bearer/, '... to whom has no token');
my $lacking = gets('R141: a token without the scope', 403, undef, '/drafts/sea.txt', $read);
like(challenge_of($lacking), qr/^Bearer .*error="insufficient_scope".*scope="write"/, '... with the challenge that names it');
is(header($lacking, 'Cache-Control'), 'no-store', '... to be kept by nobody');
gets('R142: two tokens', 400, undef, '/2026/mountains.txt', $read, '-H', "Authorization: Bearer $read");
like(challenge_of(gets('a malformed one', 400, undef, '/', 'Bearer a b')), qr/invalid_request/, '... with its challenge');
gets('R143: a token in the address is none', 401, undef, "/2026/mountains.txt?access_token=$read");
for my $bad ('oat_' . 'A' x 54, 'x', $t->sql("SELECT refresh_token FROM oauth_issue_token('$client', '42', 'read', refresh => true)"))
{
	like(challenge_of(gets('R140, R147: what is not an access token', 401, undef, '/', $bad)), qr/error="invalid_token"/, '... is invalid');
}

# No other spelling reaches a draft
for my $path (qw(/public/../drafts/sea.txt /public/..%2fdrafts/sea.txt /./drafts/sea.txt //drafts/sea.txt /drafts//sea.txt /%64rafts/sea.txt /2026/%2e%2e/drafts/sea.txt))
{
	isnt(ask($path)->{status}, 200, "$path without a token");
	unlike(ask($path, $read)->{body}, qr/^file/, '... and with one that lacks the scope');
}
gets('/drafts is not the index of the drafts', 404, undef, '/drafts', $read);
gets("the question is nginx's own", 404, undef, $_, $read) for qw(/_oauth/read /_oauth/write /_oauth/);

# Nothing is kept
gets('a token', 200, undef, '/2026/mountains.txt', my $brief = token('read'));
$t->sql("SELECT oauth_revoke_token('$brief')");
like(challenge_of(gets('R160: once it is revoked', 401, undef, '/2026/mountains.txt', $brief)), qr/invalid_token/, '... is refused at once');
gets('another', 200, undef, '/2026/mountains.txt', my $old = token('read'));
$t->sql("UPDATE oauth.access_token SET expires_at = now() - interval '1 s' WHERE token_hash = sha256(convert_to('$old', 'UTF8'))");
gets('R140: once it has expired', 401, undef, '/2026/mountains.txt', $old);

# The application
is(ask('/app/x?y=%2F', $read, '-H', 'X-OAuth-Subject: 43', '-H', 'X-OAuth-Scope: admin', '-H', 'X-Original-URI: /public/')->{body},
	"GET /app/x?y=%2F  subject=42 client=$client scope=read token=\n", 'the application is told who calls, not the token');
is(ask('/app/', $t->sql("SELECT access_token FROM oauth_issue_token('$client', scope => 'read')"), '-H', 'X-OAuth-Subject: 42')->{body},
	"GET /app/  subject= client=$client scope=read token=\n", 'a client that calls for itself has no subject, whatever it says');
is(ask('/app/', $read, '-d', 'title=Sea')->{body}, "POST /app/ 9 subject=42 client=$client scope=read token=\n", 'it gets the body');
is(ask('/app/', undef, '-d', 'title=Sea')->{status}, 401, '... of who has a token');

# OAuth 1.0a
sub signed
{
	my ($method, $path, @more) = @_;
	return authorization(client_id => $client, client_secret => $secret, method => $method, uri => "https://album.example.org$path", @more);
}
gets('a signed request', 200, qr/^file/, '/2026/mountains.txt?size=1%20x&size=0', my $signed = signed('GET', '/2026/mountains.txt?size=1%20x&size=0'));
my $before = $t->metric('oauth_shim_requests_total{route="/auth",status="200"}');
gets('a signed request for a directory', 200, qr/^file .index/, '/', signed('GET', '/'));
is($t->metric('oauth_shim_requests_total{route="/auth",status="200"}'), $before + 1, '... is one question');
like(challenge_of(gets('R58: the same signature again', 401, undef, '/2026/mountains.txt?size=1%20x&size=0', $signed)), qr/^OAuth/, '... is refused');
gets('a signature of another path', 401, undef, '/drafts/sea.txt', signed('GET', '/2026/mountains.txt'));
gets('of another method', 401, undef, '/app/', signed('GET', '/app/'), '-X', 'POST');
gets('over JSON', 200, undef, '/app/', signed('POST', '/app/'), '-d', '{}', '-H', 'Content-Type: application/json');
gets('over a form, which nobody sees', 401, undef, '/app/', signed('POST', '/app/?title=Sea'), '-d', 'title=Sea');

$t->stop;
gets('while there is no shim', 503, undef, '/2026/mountains.txt', $read);
gets('what is public is served', 200, undef, '/public/welcome.txt');
$t->finish;
done_testing();
