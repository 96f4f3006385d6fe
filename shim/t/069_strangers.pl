#!/usr/bin/perl
# 069_strangers.pl: clients that nobody has looked at: what they send when they register and ask, as they send it, and how many
# of them there can be (sql/register.sql, sql/device.sql and sql/cors.sql have each case).
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use MIME::Base64 qw(encode_base64);
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(header json);

my $t = ShimTest->new(extension => 1, conf => "oauth.issuer = 'https://auth.example.com'\noauth.registration = open\n"
	  . "oauth.registration_rate = 12\noauth.device_rate = 20");
$t->sql(q{SELECT oauth_register_scope('files', 'See your files'), oauth_register_scope('admin', 'Do it all', is_advertised => false)});
$t->start;

sub register
{
	my ($metadata, @headers) = @_;
	return $t->request('POST', '/oauth2/register', encode_json($metadata), 'Content-Type' => 'application/json', @headers);
}

my $challenge = 'code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256';

# Where the browser is sent that begins this authorization request.
sub authorize
{
	my ($client, $redirect_uri, $scope) = @_;
	return header($t->get("/oauth2/authorize?response_type=code&client_id=$client&redirect_uri=$redirect_uri&$challenge"
			  . (defined $scope ? "&scope=$scope" : '')), 'Location') // '';
}

# a registration of Claude: one grant that is not here
my $answer = register({
	client_name => 'Claude', redirect_uris => ['https://claude.example/api/mcp/auth_callback'], response_types => ['code'],
	grant_types => [qw(authorization_code refresh_token urn:ietf:params:oauth:grant-type:jwt-bearer)], scope => 'files claudeai',
	token_endpoint_auth_method => 'none', logo_uri => 'data:image/png;base64,AAAA', software_id => 7, software_version => ['x']
});
is($answer->{status}, 201, 'a registration that asks for more than there is gets what there is');
is_deeply(json($answer)->{grant_types}, [qw(authorization_code refresh_token)], 'the grants that are here');
is(json($answer)->{scope}, 'files', 'and the scopes');
ok(!exists json($answer)->{logo_uri}, 'without what is no page');
is(register({ redirect_uris => ['https://a.example/'], grant_types => ['password', 'client_credentials'] })->{status}, 400,
	'one that shares no grant is refused');

# go-sdk, the AI SDK, Claude Code: no scope when they register, then all that the metadata lists
my $metadata = json($t->get('/.well-known/oauth-authorization-server'));
my $listed = join '+', @{ $metadata->{scopes_supported} };
is($listed, 'address+email+files+offline_access+openid+phone+profile+read+write', 'the metadata lists what is advertised');
my $code = json(register({ client_name => 'Claude Code', redirect_uris => ['http://localhost/callback'], token_endpoint_auth_method => 'none' }))->{client_id};
like(authorize($code, 'http://localhost:41234/callback', $listed), qr{^/login\?}, 'a client that named no scope may ask for all of it, on any port of localhost');
like(authorize($code, 'http://localhost:41234/callback', 'read+admin'), qr{error=invalid_scope&error_description=[^&]*admin},
	'not for one that is not listed, and is told which word that was');
is(authorize($code, 'http://localhost:65536/callback', 'read'), '', 'nor on a port that there is not');

# Cursor
$answer = register({ redirect_uris => [qw(http://127.0.0.1/cb cursor://anysphere.cursor-mcp/oauth/callback http://[::1]/cb)] });
is($answer->{status}, 400, 'a scheme that any program may claim is refused');
like(json($answer)->{error_description}, qr{Refused: cursor://anysphere\.cursor-mcp/oauth/callback$}, 'and named');

# openid-client posts its secret after it registered
my $client = json(register({ redirect_uris => ['https://a.example/'] }));
my $basic = encode_base64("$client->{client_id}:$client->{client_secret}", '');
is($t->post('/oauth2/revoke', 'token=x', Authorization => "Basic $basic")->{status}, 200, 'a client that named no method uses Basic');
is($t->post('/oauth2/revoke', "token=x&client_id=$client->{client_id}&client_secret=$client->{client_secret}")->{status}, 200, 'or the body');
my $held = json(register({ redirect_uris => ['https://a.example/'], token_endpoint_auth_method => 'client_secret_basic' }));
is($t->post('/oauth2/revoke', "token=x&client_id=$held->{client_id}&client_secret=$held->{client_secret}")->{status}, 401,
	'one that named a method is held to it');

# tracing libraries
$t->sql(qq{SELECT oauth_update_client('$code', '{"cors_origins": ["HTTPS://App.Example:443/"], "grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"]}')});
for my $path (qw(/oauth2/token /oauth2/revoke /oauth2/device_authorization /oauth2/userinfo), "/oauth2/register/$code", '/api/', '/api/files')
{
	my $preflight = $t->request('OPTIONS', $path, undef, Origin => 'https://app.example', 'Access-Control-Request-Method' => 'POST',
		'Access-Control-Request-Headers' => 'authorization,baggage,sentry-trace,traceparent,x-requested-with');
	my %allowed = map { lc $_ => 1 } split /, /, header($preflight, 'Access-Control-Allow-Headers') // '';
	is(join(' ', grep { !$allowed{$_} } qw(authorization baggage sentry-trace traceparent x-requested-with)), '', "$path lets a script of the client send its fields");
	like(header($preflight, 'Vary'), qr/Access-Control-Request-Headers/, 'and caches keep the answer apart');
}

# many
my %statuses;
my $refused;
for (1 .. 20)
{
	my $try = register({ redirect_uris => ['https://a.example/'] });
	$statuses{ $try->{status} }++;
	$refused = $try if $try->{status} == 429;
}
ok($statuses{201} && $statuses{429} && !grep({ !/^(201|429)$/ } keys %statuses), 'R213: an address registers some clients, and then waits');
like(header($refused, 'Retry-After'), qr/^\d+$/, 'it is told how long');
is(json($refused)->{error}, 'temporarily_unavailable', 'and why');
cmp_ok($t->sql('SELECT count(*) FROM oauth.client WHERE registration_token_hash IS NOT NULL'), '<=', 14, 'no more are written');
my $token = $t->sql('SELECT oauth_create_initial_access_token()');
is(register({ redirect_uris => ['https://a.example/'] }, Authorization => "Bearer $token")->{status}, 201, 'an initial access token opens the door all the same');
my @codes = map { $t->post('/oauth2/device_authorization', "client_id=$code")->{status} } 1 .. 30;
is(scalar(grep { $_ == 200 } @codes), 20, 'device codes likewise');
is(scalar(grep { $_ == 429 } @codes), 10, 'with 429 for the others');

$t->stop;
done_testing();
