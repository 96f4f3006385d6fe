#!/usr/bin/perl
# 038_cors.pl: what a browser sees of each endpoint when the script of a page calls it (sql/cors.sql has each case).
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(header json);

my $app = 'https://app.example';
my $evil = 'https://evil.example';
my $t = ShimTest->new(extension => 1, conf => "oauth.issuer = 'https://auth.example.com'\noauth.registration = open");
my $id = $t->sql(qq{SELECT client_id FROM oauth_register_client('App', '{$app/cb}', '{authorization_code,refresh_token,urn:ietf:params:oauth:grant-type:device_code}',
	client_type => 'public', cors_origins => '{$app}')});
my ($access, $refresh) = split /\|/, $t->sql(qq{SELECT access_token, refresh_token FROM oauth_issue_token('$id', '42', refresh => true)});
$t->start;

# What a browser asks first, and whether it then sends what the script wants to send.
sub preflight
{
	my ($path, $origin, $method, @headers) = @_;
	return $t->request('OPTIONS', $path, undef, Origin => $origin, 'Access-Control-Request-Method' => $method,
		@headers ? ('Access-Control-Request-Headers' => join(',', @headers)) : ());
}

sub goes_on
{
	my ($path, $origin, $method, @headers) = @_;
	my $answer = preflight($path, $origin, $method, @headers);
	my $allowed = header($answer, 'Access-Control-Allow-Origin') // '';
	my %methods = map { $_ => 1 } 'GET', 'HEAD', 'POST', split(/, /, header($answer, 'Access-Control-Allow-Methods') // '');
	my %names = map { lc $_ => 1 } split(/, /, header($answer, 'Access-Control-Allow-Headers') // '');
	my $names_fit = !grep { !$names{$_} && !($names{'*'} && $_ ne 'authorization') } @headers;

	return $answer->{status} =~ /^2/ && ($allowed eq '*' || $allowed eq $origin) && $methods{$method} && $names_fit ? 1 : 0;
}

# Whether the script may read the answer.
sub may_read
{
	my ($answer, $origin) = @_;
	my @allowed = header($answer, 'Access-Control-Allow-Origin');

	return @allowed == 1 && ($allowed[0] eq '*' || $allowed[0] eq $origin) ? 1 : 0;
}

my %cases = (
	'/oauth2/revoke' => sub { $t->post('/oauth2/revoke', "client_id=$id&token=x", Origin => $_[0]) },
	'/oauth2/device_authorization' => sub { $t->post('/oauth2/device_authorization', "client_id=$id", Origin => $_[0]) },
	'/api/' => sub { $t->get('/api/', Origin => $_[0], Authorization => "Bearer $access") },
	'/api/nothing' => sub { $t->request('DELETE', '/api/nothing', undef, Origin => $_[0], Authorization => "Bearer $access") });
for my $path (sort keys %cases)
{
	my $method = $path eq '/api/nothing' ? 'DELETE' : $path eq '/api/' ? 'GET' : 'POST';

	is(goes_on($path, $app, $method, 'authorization', 'content-type'), 1, "R26: $path: a page of the client may ask");
	is(goes_on($path, $evil, $method, 'authorization', 'content-type'), 0, "R26: $path: another may not");
	is(goes_on($path, $app, $method, 'traceparent', 'x-other'), 1, "R26: $path: with the fields that its libraries add");
	is(goes_on($path, $evil, $method, 'traceparent', 'x-other'), 0, "R26: $path: which is for nobody else either");
	is(goes_on($path, $app, $method, 'x:other'), 0, "R26: $path: nor for what is no name");
	is(may_read($cases{$path}->($app), $app), 1, "R26: $path: a page of the client may read");
	is(may_read($cases{$path}->($evil), $evil), 0, "R26: $path: another may not");
	unlike($cases{$path}->($app)->{raw}, qr/Access-Control-Allow-Credentials/i, "R26: $path: cookies never count");
}
is(may_read($t->get('/api/', Origin => $app, Authorization => 'Bearer oat_expired'), $app), 1, 'the script sees that its token has expired');
like(header($t->get('/api/', Origin => $app, Authorization => 'Bearer oat_expired'), 'Access-Control-Expose-Headers'), qr/WWW-Authenticate/, 'and why');
is(scalar(grep { /^(Vary|Access-Control)/i } @{ $t->get('/api/', Authorization => "Bearer $access")->{headers} }), 0, 'who sends no Origin gets nothing of it');

# the endpoints that scripts of OpenID Connect call are for every page: what they answer takes a code, a token or a secret
my %of_everybody = (
	'/oauth2/token' => sub { $t->post('/oauth2/token', "grant_type=refresh_token&client_id=$id&refresh_token=$refresh", Origin => $_[0]) },
	'/oauth2/access_token' => sub { $t->post('/oauth2/access_token', "grant_type=refresh_token&client_id=$id&refresh_token=x", Origin => $_[0]) },
	'/oauth2/userinfo' => sub { $t->get('/oauth2/userinfo', Origin => $_[0], Authorization => "Bearer $access") });
for my $path (sort keys %of_everybody)
{
	is(goes_on($path, $_, 'POST', 'authorization', 'content-type', 'dpop', 'traceparent'), 1, "$path: a page of $_ may ask") for $app, $evil, 'null';
	is(goes_on($path, $evil, 'POST', 'x:other'), 0, "$path: not with what is no name");
	is(may_read($of_everybody{$path}->($_), $_), 1, "$path: and read, from $_") for $app, $evil;
	like(header($of_everybody{$path}->($evil), 'Access-Control-Expose-Headers'), qr/\bDPoP-Nonce\b/, "$path: the nonce of DPoP too");
	unlike($of_everybody{$path}->($app)->{raw}, qr/Access-Control-Allow-Credentials/i, "R26: $path: cookies never count");
}

# metadata and registration are for everybody
for my $path ('/.well-known/oauth-authorization-server', '/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/api')
{
	is(goes_on($path, $evil, 'GET', 'mcp-protocol-version'), 1, "$path: every page may ask");
	is(may_read($t->get($path, Origin => $evil), $evil), 1, "$path: and read");
}
is(goes_on('/oauth2/register', 'http://localhost:6274', 'POST', 'content-type'), 1, 'every page may register where that is open');
my $answer = $t->request('POST', '/oauth2/register', '{"redirect_uris": ["http://localhost:6274/oauth/callback"], "token_endpoint_auth_method": "none"}',
	Origin => 'http://localhost:6274', 'Content-Type' => 'application/json');
is(may_read($answer, 'http://localhost:6274'), 1, 'and reads who it is now');
my $new = json($answer);
is_deeply($new->{cors_origins}, ['http://localhost:6274'], 'its own origin is remembered');
is(goes_on('/oauth2/revoke', 'http://localhost:6274', 'POST'), 1, 'so it may end its tokens');
is(goes_on("/oauth2/register/$new->{client_id}", 'http://localhost:6274', 'DELETE', 'authorization'), 1, 'and manage itself');
$answer = $t->request('DELETE', "/oauth2/register/$new->{client_id}", undef, Origin => 'http://localhost:6274', Authorization => "Bearer $new->{registration_access_token}");
is("$answer->{status} " . may_read($answer, 'http://localhost:6274'), '204 1', 'until it ends itself');
is(goes_on('/oauth2/revoke', 'http://localhost:6274', 'POST'), 0, 'and with it its origin');

# and what is for people or servers is for no page
for my $path ('/oauth2/authorize', '/oauth2/authorize/confirm', '/login', '/logout', '/account', '/oauth2/device', '/oauth2/introspect', '/auth', '/healthz', '/metrics')
{
	is(goes_on($path, $app, 'POST'), 0, "R26: $path: no page may ask");
	unlike($t->post($path, "client_id=$id&token=x", Origin => $app)->{raw}, qr/Access-Control/i, "R26: $path: nor read");
	unlike($t->get("$path?client_id=$id", Origin => $app)->{raw}, qr/Access-Control/i, "R26: $path: however it asks");
}
is($t->request('OPTIONS', '/oauth2/token', undef)->{status}, 204, 'OPTIONS that is no preflight is answered');
is(header($t->request('OPTIONS', '/oauth2/token', undef), 'Allow'), 'POST, OPTIONS', 'with what there is');

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
