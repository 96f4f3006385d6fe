# 008_nginx.pl
# nginx.conf, with Debian's nginx: TLS, who the client is, and auth_request.
#
# Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(certificate curl header json skip_file slurp);
use PostgreSQL::Test::Cluster;
use Test::More;
use Time::HiRes qw(time usleep);

my ($nginx) = grep { -x } map { "$_/nginx" } split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/local/sbin';
skip_file('30 or so', 'nginx is not installed') unless $nginx;
skip_file('30 or so', 'curl is not installed') if system('curl --version >/dev/null 2>&1') != 0;

my $t = ShimTest->new;
my $dir = $t->dir;
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $application = PostgreSQL::Test::Cluster::get_free_port();
$t->start('--trusted-proxy=127.0.0.1');

# The shipped file, with the example's names replaced and nothing else, and an application that shows what it gets
ok(certificate($dir), 'there is a certificate');
my $file = $t->nginx_configuration(slurp("$FindBin::RealBin/../nginx.conf"), $port, $application,
	'app $request_uri subject=$http_x_oauth_subject client=$http_x_oauth_client scope=$http_x_oauth_scope');
$t->run_program($port, $nginx, '-c', $file, '-p', $dir, '-e', "$dir/nginx.log");

# Ask over TLS, which is the proxy's: Core, section 3.1.2; Core, section 3.1.3; Core, section 5.3; Core, section 16.3;
# Core, section 16.17; Discovery 1.0, section 7.1; Dynamic Registration 1.0, section 3; Dynamic Registration 1.0, section 9.3
sub ask
{
	my ($host, $path, @arguments) = @_;
	return curl('--http1.1', '--connect-to', "$host:443:127.0.0.1:$port", @arguments, "https://$host$path");
}
is(ask('auth.example.org', '/healthz')->{status}, 200, 'nginx with nginx.conf serves') or diag($t->program_log($port), slurp("$dir/nginx.log"));

# the provider
{
	my $seen = json(ask('auth.example.org', '/api/x?a=%2f', '-d', 'x=y', '-H', 'X-Forwarded-For: 203.0.113.7', '-H', 'X-Forwarded-Host: evil.example',
			'-H', 'X-Forwarded-Proto: http', '-H', 'X-Original-URI: /evil', '-H', 'X-Original-Method: PUT', '-H', 'X-Forwarded-Uri: /evil', '-H', 'Forwarded: for=203.0.113.7', '-H', 'X-Harmless: stays'));
	is($seen->{scheme}, 'https', 'the scheme is that of the client');
	is($seen->{peer}, '127.0.0.1', 'so is the address, whatever it says');
	is($seen->{target}, '/api/x?a=%2f', 'the target goes on as it came');
	is($seen->{headers}[0], 'Host: auth.example.org', 'the host too');
	ok(!(grep { /evil/ } @{ $seen->{headers} }), 'nothing that the client claims gets through');
	ok((grep { $_ eq 'X-Harmless: stays' } @{ $seen->{headers} }), 'what is harmless does');
	my $named = ask('auth.example.org', '/api/x', '-H', 'X-Request-Id: forged');
	my ($id) = map { /\AX-Request-Id: (.*)/ ? $1 : () } @{ json($named)->{headers} };
	like($id, qr/\A[0-9a-f]{32}\z/, 'the request has the id that nginx gave it');
	is(header($named, 'X-Request-Id'), $id, 'and the client is told');
	like($t->access_log, qr/ $id$/m, 'as the log is');
	is(json(ask('auth.example.org', '/api//a/../b/%2E%2E/'))->{target}, '/api//a/../b/%2E%2E/', 'no path is normalized');
	is(ask('auth.example.org', '/oauth2/token', '-d', 'grant_type=x')->{status}, 200, 'POST');
	is(ask('auth.example.org', "/$_")->{status}, 404, "/$_ is not for clients") for qw(auth auth/ metrics metrics/ readyz);
	is(ask('auth.example.org', '/oauth2/token', '-d', 'x' x 70000)->{status}, 413, 'a body of more than 64 KiB is 413');
	is(ask('auth.example.org', '/api/x', '-H', 'Transfer-Encoding: chunked', '-d', 'x=y')->{status}, 200, 'a chunked body is made one with a length');
	is(ask('auth.example.org', '/api/x', '--http2')->{status}, 200, 'HTTP/2 is spoken');
}

# an application behind auth_request
{
	my $good = ask('app.example.org', '/page?q=1', '-H', 'Authorization: Bearer good', '-H', 'X-OAuth-Subject: forged');
	is($good->{status}, 200, 'with a token the application is reached');
	is($good->{body}, "app /page?q=1 subject=42 client=mock scope=read\n", 'and knows who is calling');

	my $none = ask('app.example.org', '/page', '-H', 'X-Original-URI: /forged', '-H', 'X-Original-Method: PUT');
	is($none->{status}, 401, 'without a token it is not');
	is_deeply([header($none, 'WWW-Authenticate')], ['Bearer realm="mock"'], 'and the challenge is there, once');

	my $wrong = ask('app.example.org', '/page', '-H', 'Authorization: Bearer wrong');
	is($wrong->{status}, 400, 'a malformed request is 400, not 500');
	is_deeply([header($wrong, 'WWW-Authenticate')], ['Bearer realm="mock", error="invalid_request"'], 'with its challenge');

	is(ask('app.example.org', '/_oauth')->{status}, 404, 'the question to the shim is internal');
	$t->sql('CREATE OR REPLACE FUNCTION oauth.forward_auth(r oauth.http_request) RETURNS SETOF oauth.http_response LANGUAGE sql SECURITY DEFINER AS
		$$ SELECT * FROM oauth._do(ROW(r.method, \'/raise?40001\', r.headers, r.body, r.scheme, r.peer)) $$');
	is(ask('app.example.org', '/page', '-H', 'Authorization: Bearer good')->{status}, 503, 'where the shim cannot say, nobody gets in');
	$t->sql('CREATE OR REPLACE FUNCTION oauth.forward_auth(r oauth.http_request) RETURNS SETOF oauth.http_response LANGUAGE sql SECURITY DEFINER AS
		$$ SELECT 200, r.headers[2:], r.body WHERE r.headers @> ARRAY[\'X-Original-Method: POST\', \'X-Original-URI: /page?q=%2F\'] AND r.scheme = \'https\' AND octet_length(r.body) = 0 $$');
	is(ask('app.example.org', '/page?q=%2F', '-d', 'body=is+not+sent')->{status}, 200, 'the shim is told the original method and target, and gets no body');
}

# slow clients are nginx's: while they drip, the shim has nothing to do
{
	my @slow = map {
		my $s = $t->connect(port => $port);
		syswrite($s, "\x16\x03\x01");
		$s
	} 1 .. 50;
	my $begun = time;
	is(ask('auth.example.org', '/healthz')->{status}, 200, 'R21: beside 50 slow clients a new one is served');
	cmp_ok(time - $begun, '<', 5, 'R21: soon');
}
$t->finish;
done_testing();
