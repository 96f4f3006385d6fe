#!/usr/bin/perl
# 031_authorization_code.pl: the authorization code flow over HTTP, by hand (036 has other people's clients).
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;
use lib $FindBin::Bin;
use Pages qw(%cookies cookies encode field remember);
use ShimTest qw(header json slurp);

my $t = ShimTest->new(extension => 1, conf => 'oauth.bcrypt_cost = 4');
$t->sql(q{SELECT oauth_create_user('alice', 'wonderland')});
my ($id, $secret) = split /\|/, $t->sql(q{SELECT client_id, client_secret FROM oauth_register_client('Album',
	redirect_uris => '{http://127.0.0.1/back}', grant_types => '{authorization_code,refresh_token}')});
my $public = $t->sql(q{SELECT client_id FROM oauth_register_client('Pocket album', redirect_uris => '{http://127.0.0.1/back}',
	grant_types => '{authorization_code,refresh_token}', client_type => 'public')});
my $subject = $t->sql(q{SELECT subject FROM oauth.user WHERE username = 'alice'});
my $port = PostgreSQL::Test::Cluster::get_free_port();
$t->{last_port} = $port;
$t->sql(qq{ALTER DATABASE postgres SET oauth.issuer = 'http://127.0.0.1:$port'});
$t->start('--same-port');

my $verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
my $challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
my $back = 'http%3A%2F%2F127.0.0.1%3A7777%2Fback';
sub see { return remember($t->get($_[0], Cookie => cookies())) }

sub send_form
{
	my ($path, %fields) = @_;
	return remember($t->post($path, join('&', map { "$_=" . encode($fields{$_}) } sort keys %fields), Cookie => cookies()));
}

sub authorize { return see("/oauth2/authorize?client_id=$id&redirect_uri=$back&response_type=code&state=s%26t&code_challenge=$challenge&code_challenge_method=S256$_[0]") }

sub allow
{
	my ($page) = @_;
	return send_form('/oauth2/authorize/confirm', request => field($page, 'request'), token => field($page, 'token'), decision => 'approve');
}

sub redeem { return $t->post('/oauth2/token', "grant_type=authorization_code&client_id=$id&client_secret=$secret&code_verifier=$verifier&redirect_uri=$back&code=$_[0]") }

$t->sql('DELETE FROM oauth.consent');
my $answer = authorize('');
is($answer->{status}, 303, 'who is not logged in');
like(header($answer, 'Location'), qr{\A/login\?return=%2Foauth2%2Fauthorize%3F}, 'is sent to the login page, on this server');
my $login = see(header($answer, 'Location'));
$answer = send_form('/login', token => field($login, 'token'), return => field($login, 'return'), username => 'alice', password => 'wonderland');
is($answer->{status}, 303, 'and from there');
my $page = see(header($answer, 'Location'));
is($page->{status}, 200, 'to the page that asks') or diag($page->{body});
like($page->{body}, qr{<strong><bdi>Album</bdi></strong>.*Read your data.*http://127\.0\.0\.1:7777}s, 'who asks, for what, and where it goes');
# Core, section 3.1.2.3: "appropriate measures against Cross-Site Request Forgery and Clickjacking"
like(header($page, 'Content-Security-Policy'), qr{\Adefault-src 'none'; style-src 'sha256-[^']{44}'; base-uri 'none'; frame-ancestors 'none'\z}, 'R98, R99: its policy');

my $allowed = allow($page);
$answer = allow($page);
is(header($answer, 'Location'), header($allowed, 'Location'), 'R100: a form that is sent twice, by a double click, is answered once');
is($t->sql("SELECT count(*) FROM oauth.grant WHERE subject = '$subject' AND ended_at IS NULL"), 1, 'by one grant');
is($answer->{status}, 303, 'R94: back with 303');
my ($code) = header($answer, 'Location') =~ m{\Ahttp://127\.0\.0\.1:7777/back\?code=(oac_[-_A-Za-z0-9]{54})&state=s%26t&iss=http%3A%2F%2F127\.0\.0\.1%3A$port\z};
ok($code, 'R85, R93, R104: to any port of the loopback address, with code, state and iss') or diag(header($answer, 'Location'));
is(header($answer, 'Referrer-Policy'), 'no-referrer', 'R95');
is(header($answer, 'Cache-Control'), 'no-store', 'R95');

# R118, R116
my @answers = $t->together(map { ShimTest::request_bytes('POST', '/oauth2/token',
			"grant_type=authorization_code&client_id=$id&client_secret=$secret&code_verifier=$verifier&redirect_uri=$back&code=$code",
			'Content-Type' => 'application/x-www-form-urlencoded') } 1 .. 16);
my @good = grep { $_->{status} == 200 } @answers;
is(scalar @good, 1, 'R118: of 16 exchanges at once one succeeds');
is((grep { $_->{status} == 400 && json($_)->{error} eq 'invalid_grant' } @answers), 15, 'and the others are refused');
is($t->get('/api/', Authorization => 'Bearer ' . json($good[0])->{access_token})->{status}, 401, 'R116: a code that was used twice ends what it brought');

is(allow($page)->{status}, 403, 'R100: once the code was used, the form is of no use any more');

# remembered consent, and prompt
$answer = authorize('');
like(header($answer, 'Location'), qr{/back\?code=}, 'who has consented is not asked again');
my $again = json(redeem(header($answer, 'Location') =~ /code=([^&]+)/));
is($t->get('/api/', Authorization => "Bearer $again->{access_token}")->{status}, 200, 'that code is good');
is(authorize('&prompt=consent')->{status}, 200, 'unless the client wants it');
like(header(authorize('&prompt=none'), 'Location'), qr{/back\?code=}, 'prompt=none');
$answer = authorize('&prompt=login');
like(header($answer, 'Location'), qr{\A/login\?again=1&return=}, 'prompt=login');
$login = see(header($answer, 'Location'));
$answer = send_form('/login', token => field($login, 'token'), return => field($login, 'return'), username => 'alice', password => 'wonderland');
like(header(see(header($answer, 'Location')), 'Location'), qr{/back\?code=}, 'but only once');

# the consent page's form
$page = authorize('&prompt=consent');
for my $case (
	[ 'R100: another form token', token => 'x' ],
	[ 'R102: another scope', request => field($page, 'request') . '&scope=write' ],
	[ 'R102: another client', request => field($page, 'request') =~ s/\Q$id\E/$public/r ],
	[ 'no decision', decision => 'perhaps' ])
{
	my ($name, @change) = @$case;
	my %form = (request => field($page, 'request'), token => field($page, 'token'), decision => 'approve', @change);
	is(send_form('/oauth2/authorize/confirm', %form)->{status}, 403, $name);
}
{
	my %mine = %cookies;
	%cookies = (oauth_session => $mine{oauth_session});
	is(allow($page)->{status}, 403, 'R100: another browser');
	%cookies = %mine;
}
# Core, section 3.1.2.1: who cannot obtain consent returns an error
$answer = send_form('/oauth2/authorize/confirm', request => field($page, 'request'), token => field($page, 'token'), decision => 'deny');
like(header($answer, 'Location'), qr{/back\?error=access_denied&error_description=[^&]+&state=s%26t&iss=}, 'who refuses is sent back with access_denied');

# R170: discovery
my $metadata = json($t->get('/.well-known/oauth-authorization-server'));
for my $endpoint (sort grep { /_endpoint$/ } keys %$metadata)
{
	my ($path) = $metadata->{$endpoint} =~ m{\A\Qhttp://127.0.0.1:$port\E(/.*)\z};
	isnt($t->get($path)->{status}, 404, "R170: $endpoint is there");
}

# access removed
my $account = see('/account');
like($account->{body}, qr{<strong><bdi>Album</bdi></strong>}, 'the account page shows who has access');
send_form('/account', token => field($account, 'token'), action => 'revoke', client_id => $id);
is($t->get('/api/', Authorization => "Bearer $again->{access_token}")->{status}, 401, 'removing access ends the tokens');
is(authorize('')->{status}, 200, 'and the consent');

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
