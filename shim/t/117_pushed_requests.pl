#!/usr/bin/perl
# 117_pushed_requests.pl: pushed and signed authorization requests over HTTP (RFC 9126, 9101; JARM), R176 to R182: what a browser
# sees of them, many browsers at once through two shims, after a crash, and in a database that was restored.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use File::Copy qw(copy);
use FindBin;
use JSON::PP;
use List::Util qw(uniq);
use MIME::Base64 qw(decode_base64url encode_base64);
use PostgreSQL::Test::Cluster;
use Test::More;
use lib $FindBin::Bin;
use LoggedIn qw(form);
use ShimTest qw(header json post_bytes request_bytes slurp wait_for);
use WebServer qw(own_address);

my $t = ShimTest->new(extension => 1, conf => 'restart_after_crash = on');
my $issuer = 'http://localhost:8000';		# so that this machine may be asked for keys
$t->sql("ALTER DATABASE postgres SET oauth.issuer = '$issuer'; ALTER DATABASE postgres SET oauth.bcrypt_cost = 4");
$t->sql("SELECT oauth_create_user('alice', 'wonderland'), oauth_create_signing_key('ES256')");
my $jwks = $t->sql('SELECT oauth_jwks()');
my ($id, $secret) = split /\|/, $t->sql(qq{SELECT r ->> 'client_id', r ->> 'client_secret' FROM oauth_register_client_metadata('{"client_name": "pushing", "redirect_uris": ["https://rp.example/cb"],
	"grant_types": ["authorization_code"], "token_endpoint_auth_method": "client_secret_post", "scope": "openid read", "jwks": $jwks}') r});
$t->start;
my $one = $t->port;
$t->start;
my $two = $t->port;

sub push_request
{
	my (%more) = @_;
	return $t->post('/oauth2/par', form(client_id => $id, client_secret => $secret, redirect_uri => 'https://rp.example/cb', response_type => 'code', scope => 'read', state => 'the-state', nonce => 'the-nonce', %more));
}

sub address { return '/oauth2/authorize?' . form(client_id => $id, request_uri => json($_[0])->{request_uri}) }
sub location { return header($_[0], 'Location') // '' }
sub codes { return $t->sql('SELECT count(*) FROM oauth.authorization_code') }
sub browser { return LoggedIn->new($t, 'alice', 'wonderland') }

# ---- the way of a browser (R181) ----

{
	my $pushed = push_request(login_hint => 'alice', ui_locales => 'fr');
	is($pushed->{status}, 201, 'R176: a request is pushed: 201');
	like(json($pushed)->{request_uri}, qr/\Aurn:ietf:params:oauth:request_uri:\S{40,}\z/, 'R176: and has a request_uri of more than 128 bits');
	cmp_ok(json($pushed)->{expires_in}, '==', 60, 'R176: for a minute');
	like(header($pushed, 'Cache-Control'), qr/no-store/, 'R176: RFC 9126, section 2.2: "MUST NOT be cached"');
	is($t->get('/oauth2/par')->{status}, 405, 'R176: RFC 9126, section 2.3: GET is refused');
	is($t->post('/oauth2/par', 'x' x 70000)->{status}, 413, 'R176: RFC 9126, section 2.3: too long a request is refused');

	my $seen = '';
	my $see = sub { $seen .= $_[0]{raw} =~ s/<title>.*?<style>.*?<\/style>//sr; return $_[0] };
	my $to_login = $see->($t->get(address($pushed)));
	is($to_login->{status}, 303, 'nobody is logged in');
	my $login = $see->($t->get(location($to_login), Cookie => 'oauth_browser=' . '0' x 32));
	like($login->{body}, qr/lang="fr".*value="alice"/s, 'the login page knows the name and the language that the request asks for');
	my ($token) = $login->{body} =~ /name="token" value="([^"]*)"/;
	my ($return) = $login->{body} =~ /name="return" value="([^"]*)"/;
	$return =~ s/&amp;/&/g;
	my $back = $see->($t->post('/login', form(token => $token, return => $return, username => 'alice', password => 'wonderland'), Cookie => 'oauth_browser=' . '0' x 32));
	my $cookies = join '; ', map { /\A([^;]*)/ } header($back, 'Set-Cookie');
	$t->sql('UPDATE oauth.pushed_request SET open_until = now()');
	my $consent = $see->($t->get(location($back), Cookie => $cookies));
	is($consent->{status}, 200, 'a login may take longer than a minute');
	like($consent->{body}, qr/lang="fr"/, 'the consent page is in that language, too');
	unlike($seen, qr/the-state|the-nonce|login_hint|rp\.example%2F|redirect_uri|scope=/, 'R181: neither address, cookie nor page had anything of the request in it');
	my %fields = map { $_ => $consent->{body} =~ /name="$_" value="([^"]*)"/ ? $1 =~ s/&amp;/&/gr : '' } qw(request token);
	my $answer = $t->post('/oauth2/authorize/confirm', form(%fields, decision => 'approve'), Cookie => $cookies);
	like(location($answer), qr{\Ahttps://rp\.example/cb\?code=\S+&state=the-state&iss=}, 'the answer goes to the client, with the state');
	my $logs = sub { join '', map { slurp($_) } glob $t->dir . '/{access,error}.*' };
	ok(wait_for(sub { $logs->() =~ m{POST /oauth2/authorize/confirm} }), 'the log of the shim says that somebody decided');
	unlike($logs->(), qr/the-state|the-nonce/, 'R181: and not what was asked');
}

# ---- one answer, however many ask: RFC 9126, section 4; RFC 9126, section 7.3 ----

my $alice = browser();
my $cookie = $alice->cookies;
{
	my $pushed = push_request();
	my $before = codes();
	my @answers = $t->together(map { [ $_ % 2 ? $one : $two, request_bytes('GET', address($pushed), undef, Cookie => $cookie) ] } 1 .. 64);
	is((grep { location($_) =~ /[?&]code=/ } @answers), 1, 'R178: of 64 browsers at once at two shims one gets a code');
	is((grep { $_->{status} == 400 && $_->{body} =~ /answered before/ } @answers), 63, 'R178: the others are told that it was answered');
	is(codes() - $before, 1, 'R178: and there is one code');

	$pushed = push_request(prompt => 'consent');
	$before = codes();
	my @pages = $t->together(map { [ $_ % 2 ? $one : $two, request_bytes('GET', address($pushed), undef, Cookie => $cookie) ] } 1 .. 16);
	is((grep { $_->{status} == 200 } @pages), 16, 'R178: a page can be loaded as often as one likes');
	my @forms = map { my $page = $_; form(decision => 'approve', map { $_ => $page->{body} =~ /name="$_" value="([^"]*)"/ ? $1 =~ s/&amp;/&/gr : '' } qw(request token)) } @pages;
	@answers = $t->together(map { [ $_ % 2 ? $one : $two, post_bytes('/oauth2/authorize/confirm', $forms[ $_ % 16 ], Cookie => $cookie) ] } 1 .. 64);
	my @codes = uniq map { location($_) =~ /[?&]code=([^&]+)/ ? $1 : () } @answers;
	is(@codes, 1, 'R178: of 16 forms, each sent four times at once, one is answered');
	is(codes() - $before, 1, 'R178: with one code');
	is((grep { $_->{status} != 303 && $_->{status} != 400 } @answers), 0, 'R178: nothing breaks');
}

# ---- an outage between the push and the browser ----

{
	my $pushed = push_request();
	is($t->stop('KILL'), 9, 'a shim is killed');
	like(location($t->get(address($pushed), Cookie => $cookie)), qr/code=/, 'and the other one answers what was pushed there');
	$t->start('--same-port');

	$pushed = push_request();
	my $used = push_request();
	like(location($t->get(address($used), Cookie => $cookie)), qr/code=/, 'one is answered');
	$t->node->stop('immediate');
	$t->node->start;
	ok(wait_for(sub { $t->get('/readyz')->{status} == 200 }), 'the server is killed, and recovers');
	is($t->get(address($used), Cookie => $cookie)->{status}, 400, 'R178: what was answered before is answered');
	like(location($t->get(address($pushed), Cookie => $cookie)), qr/code=/, 'and what was pushed before it is there');
}

# ---- a dump has none: what is answered later would be open again ----

{
	my $pushed = push_request();
	$t->node->command_ok([ 'pg_dump', '--format', 'custom', '--file', $t->dir . '/dump', 'postgres' ], 'the database is dumped');
	like(location($t->get(address($pushed), Cookie => $cookie)), qr/code=/, 'then a request is answered');
	my $second = PostgreSQL::Test::Cluster->new('second');
	$second->init;
	$second->start;
	copy($t->node->data_dir . '/oauth.key', $second->data_dir . '/oauth.key') or die "copy: $!";
	chmod 0600, $second->data_dir . '/oauth.key';
	$second->safe_psql('postgres', 'CREATE ROLE oauth_shim');
	$second->command_ok([ 'pg_restore', '--dbname', $second->connstr('postgres'), $t->dir . '/dump' ], 'the dump is restored');
	is($second->safe_psql('postgres', 'SELECT count(*) FROM oauth.pushed_request'), 0, 'there it is unknown');
	is($second->safe_psql('postgres', "LOAD 'oauth'; SET oauth.issuer = '$issuer'; SELECT status FROM oauth.authorize(ROW('GET', '" . address($pushed) . "', ARRAY['Cookie: $cookie'], NULL, 'https', '127.0.0.1'))"), 400, 'R178: and answered no second time');
	$second->stop;
}

# ---- a request object whose keys are elsewhere ----

my $address = own_address(1);
my $web = WebServer->new(dir => $t->dir);
$web->certificate('good', 'ca', "IP:$address");
$web->listen($address, 8443, tls => 'good');

sub object
{
	my ($client_id, $claims) = @_;
	return $t->sql("SELECT oauth_sign_jwt('{\"iss\": \"$client_id\", \"aud\": \"$issuer\", \"client_id\": \"$client_id\", \"response_type\": \"code\", \"redirect_uri\": \"https://rp.example/cb\", \"scope\": \"read\", \"state\": \"inside\"}'::jsonb || '$claims', 'ES256', 'oauth-authz-req+jwt')");
}

{
	my ($fetched, $fetched_secret) = split /\|/, $t->sql(qq{SELECT r ->> 'client_id', r ->> 'client_secret' FROM oauth_register_client_metadata('{"client_name": "fetched", "redirect_uris": ["https://rp.example/cb"],
		"grant_types": ["authorization_code"], "token_endpoint_auth_method": "client_secret_post", "scope": "read", "jwks_uri": "https://$address:8443/json/keys"}') r});
	$t->stop;
	$t->start('--same-port', '--fetch-ca=' . $web->authority, "--fetch-allow=$address");
	my $answer = $t->post('/oauth2/par', form(client_id => $fetched, client_secret => $fetched_secret, request => object($fetched, '{}')));
	is("$answer->{status} " . json($answer)->{error}, '400 invalid_request_object', 'R182: keys that are no keys verify nothing');
	like(json($answer)->{error_description}, qr/\AThe keys at the jwks_uri of the client cannot be had/, 'R182: and that is said');
	is(scalar $web->requests('/json/keys'), 1, 'R182: they are fetched once');
	$t->sql("SELECT oauth_keep_document('https://$address:8443/json/keys', oauth_jwks()::text)");
	$answer = $t->post('/oauth2/par', form(client_id => $fetched, client_secret => $fetched_secret, request => object($fetched, '{}')));
	is($answer->{status}, 201, 'R182: with the right ones the object is good');
	$answer = $t->get('/oauth2/authorize?' . form(client_id => $fetched, request => object($fetched, '{"prompt": "none"}')), Cookie => $cookie);
	like(location($answer), qr{\Ahttps://rp\.example/cb\?error=consent_required&.*state=inside}, 'R182: at the authorization endpoint as well');
	# a request that a person waits for asks for keys, too
	$t->sql("SELECT oauth_forget_document('https://$address:8443/json/keys')");
	$web->forget;
	$answer = $t->get('/oauth2/authorize?' . form(client_id => $fetched, request => object($fetched, '{}')), Cookie => $cookie);
	is($answer->{status}, 303, 'R182: which fetches them, before it tells the client');
	is(scalar $web->requests('/json/keys'), 1, 'R182: once');
	is(scalar $web->requests, 1, 'R182: and nothing else');
	$t->get('/oauth2/authorize?' . form(client_id => $id, redirect_uri => 'https://rp.example/cb', response_type => 'code', request_uri => "https://$address:8443/json/request"), Cookie => $cookie);
	is(scalar $web->requests, 1, 'R182: a request_uri of others is never fetched');
}

# ---- signed answers: RSA on its lane, from the page and from the application's decision ----

sub signed
{
	my ($answer) = @_;
	my ($jwt) = (location($answer) || $answer->{body}) =~ /response(?:=|" value=")([-_.A-Za-z0-9]+)/ or return {};
	return $t->sql("SELECT valid FROM oauth_verify_jwt('$jwt', oauth_jwks(), '{RS256}')") eq 't' ? decode_json(decode_base64url((split /\./, $jwt)[1])) : {};
}

{
	my $claims = signed($t->get(address(push_request(response_mode => 'jwt')), Cookie => $cookie));
	ok($claims->{code}, 'a code in a signed answer');
	is("$claims->{iss} $claims->{aud} $claims->{state}", "$issuer $id the-state", 'JARM, section 2.1: with iss, aud and state');
	$claims = signed($t->get(address(push_request(response_mode => 'form_post.jwt', prompt => 'none', max_age => 0)), Cookie => $cookie));
	is($claims->{error}, 'login_required', 'an error, by a form');
	my $page = $t->get(address(push_request(response_mode => 'query.jwt', prompt => 'consent')), Cookie => $cookie);
	my $form = form(decision => 'deny', map { $_ => $page->{body} =~ /name="$_" value="([^"]*)"/ ? $1 =~ s/&amp;/&/gr : '' } qw(request token));
	is(signed($t->post('/oauth2/authorize/confirm', $form, Cookie => $cookie))->{error}, 'access_denied', 'a refusal, from the page');
	is(signed($t->post('/oauth2/authorize/confirm', $form, Cookie => $cookie))->{error}, 'access_denied', 'and the same once more, for a form that is sent twice');
}

$t->finish;
done_testing();
