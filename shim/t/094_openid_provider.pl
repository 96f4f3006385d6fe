#!/usr/bin/perl
# 094_openid_provider.pl: what relying parties of OpenID Connect rely on over HTTP: Discovery 1.0, Dynamic Client Registration
# 1.0, RP-Initiated Logout 1.0. R203, R206.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(header json);
use WebServer qw(own_address);

my $t = ShimTest->new(extension => 1, conf => 'oauth.bcrypt_cost = 4');
my $web = WebServer->new(dir => $t->dir);
my $address = own_address(1);
$web->certificate('good', 'ca', "IP:$address");
$web->listen($address, 8443, tls => 'good');
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $issuer = "http://127.0.0.1:$port";
$t->{last_port} = $port;
$t->sql("ALTER DATABASE postgres SET oauth.issuer = '$issuer'; ALTER DATABASE postgres SET oauth.registration = 'open'");
$t->start('--same-port', '--fetch-ca=' . $web->authority, "--fetch-allow=$address");
my $well_known = '/.well-known/openid-configuration';

# ---- Discovery 1.0 ----
# Core, section 15.2; Discovery 1.0, section 4; Discovery 1.0, section 4.2: "A successful response MUST use the 200 OK HTTP status code and return a JSON object using the application/json content type"
my $answer = $t->get($well_known, Origin => 'https://anywhere.example');
is($answer->{status}, 200, 'the configuration is there');
like(header($answer, 'Content-Type'), qr{\Aapplication/json\b}, '... as JSON');
is(header($answer, 'Access-Control-Allow-Origin'), '*', '... for a page of any origin');
like(header($answer, 'Cache-Control'), qr/\bmax-age=[1-9]/, '... and may be kept');
my $configuration = json($answer);
# Discovery 1.0, section 4.3: "The issuer value returned MUST be identical to the Issuer URL that was directly used to retrieve the configuration information"
is($configuration->{issuer}, $issuer, 'it is that of the issuer');
is($t->get("$well_known/")->{status}, 200, 'a slash at the end does not matter');
is_deeply(json($t->get('/.well-known/oauth-authorization-server')), $configuration, 'RFC 8414 has the same document');
for my $name (grep { /(?:_endpoint|_uri)\z/ } sort keys %$configuration)
{
	like($configuration->{$name}, qr{\A\Q$issuer\E/}, "$name is here");
	isnt($t->get(substr $configuration->{$name}, length $issuer)->{status}, 404, '... and is answered');
}
# Discovery 1.0, section 3: "id_token_signing_alg_values_supported: [...] The algorithm RS256 MUST be included."
is(scalar(grep { $_ eq 'RS256' } @{ $configuration->{id_token_signing_alg_values_supported} }), 1, 'RS256 is among the algorithms');
# Discovery 1.0, section 3: "request_uri_parameter_supported: [...] If omitted, the default value is true."
ok(defined $configuration->{request_uri_parameter_supported}, 'what would be true by default is said');
# Discovery 1.0, section 4: "the path formed by concatenating the string /.well-known/openid-configuration to the Issuer"
is($t->get("/tenant$well_known")->{status}, 404, 'no other issuer is here');
$t->sql("ALTER DATABASE postgres SET oauth.issuer = '$issuer/tenant'");
$t->stop;
$t->start('--same-port', '--fetch-ca=' . $web->authority, "--fetch-allow=$address");
is($t->get($_)->{status}, 200, "an issuer with a path: $_") for "/tenant$well_known", "$well_known/tenant", '/.well-known/oauth-authorization-server/tenant';
is($t->get($_)->{status}, 404, "... and not $_") for "/tenan$well_known", "$well_known/tenan", "/tenant/x$well_known", "/x/tenant$well_known";
is($t->get("/api$well_known")->{status}, 401, 'what is below /api stays there');
$t->sql("ALTER DATABASE postgres SET oauth.issuer = '$issuer'");
$t->stop;
$t->start('--same-port', '--fetch-ca=' . $web->authority, "--fetch-allow=$address");

# ---- Dynamic Client Registration 1.0 ----
sub register { return $t->request('POST', '/oauth2/register', encode_json({ redirect_uris => ['https://app.example/cb'], @_ }), 'Content-Type' => 'application/json') }
sub listed { return "https://$address:8443/body/" . encode_json(\@_) =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger }

# Core, section 15.2; Dynamic Registration 1.0, section 3.2: "The server returns 201 Created [...] all registered metadata about this Client, including any fields provisioned by the Authorization Server itself"
$answer = register(application_type => 'web', post_logout_redirect_uris => ['https://app.example/bye'], 'client_name#fr' => 'Exemple', default_max_age => 0);
is($answer->{status}, 201, 'a client registers');
my $registered = json($answer);
is($registered->{$_->[0]}, $_->[1], "... and reads what is in force: $_->[0]") for [ application_type => 'web' ], [ subject_type => 'public' ], [ id_token_signed_response_alg => 'RS256' ], [ 'client_name#fr' => 'Exemple' ], [ default_max_age => 0 ];
# Dynamic Registration 1.0, section 2; Dynamic Registration 1.0, section 3.3; Dynamic Registration 1.0, section 5: "The values of the registered redirect_uris MUST be included in the elements of the array, or registration MUST fail."
my @two = ('https://app.example/cb', 'https://www.app.example/cb');
my $document = listed(@two, 'https://more.example/');
$answer = register(subject_type => 'pairwise', redirect_uris => \@two, sector_identifier_uri => $document);
is($answer->{status}, 201, 'the document of a sector is fetched') or diag($answer->{raw});
is(scalar $web->requests, 1, '... once');
is($t->sql("SELECT sector_identifier FROM oauth.client WHERE sector_identifier_uri IS NOT NULL"), $address, '... and its host is the sector');
$answer = register(subject_type => 'pairwise', redirect_uris => \@two, sector_identifier_uri => listed($two[0]));
is("$answer->{status} " . json($answer)->{error}, '400 invalid_client_metadata', 'a document without one of the addresses is not enough');
$answer = register(subject_type => 'pairwise', redirect_uris => \@two, sector_identifier_uri => "https://$address:8443/status/404");
is("$answer->{status} " . json($answer)->{error}, '400 invalid_client_metadata', 'nor is none');
unlike($answer->{body}, qr/404|status|refused/, '... and nobody is told what the server found there');
$answer = register(subject_type => 'pairwise', redirect_uris => \@two);
is("$answer->{status} " . json($answer)->{error}, '400 invalid_client_metadata', 'Core, section 8.1: two hosts need a sector_identifier_uri');

# ---- RP-Initiated Logout 1.0 ----
$t->sql("SELECT oauth_create_user('alice', 'wonderland')");
my $alice = $t->sql("SELECT subject FROM oauth.user");
my $id = $registered->{client_id};
my %cookies;

sub remember
{
	my ($answer) = @_;
	for (header($answer, 'Set-Cookie')) { $cookies{$1} = $2 if /\A([^=]+)=([^;]*)/ }
	return $answer;
}
sub cookies { return join('; ', map { "$_=$cookies{$_}" } sort keys %cookies) }
sub see { return remember($t->get($_[0], Cookie => cookies())) }
sub field { return $_[0]{body} =~ /name="$_[1]" value="([^"]*)"/ ? $1 =~ s/&amp;/&/gr : '' }
sub encode { return $_[0] =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger }
sub form { my (%fields) = @_; return join '&', map { "$_=" . encode($fields{$_}) } sort keys %fields }
sub send_form { my ($path, %fields) = @_; return remember($t->post($path, form(%fields), Cookie => cookies())) }
sub log_in { my $page = see('/login'); return send_form('/login', token => field($page, 'token'), username => 'alice', password => 'wonderland') }
sub is_in { return see('/account')->{status} == 200 }
sub hint { return $t->sql("SELECT oauth_sign_jwt('" . encode_json({ sub => $alice, aud => $id, exp => 1000, @_ }) . "', 'ES256')") }

my %where = (client_id => $id, post_logout_redirect_uri => 'https://app.example/bye', state => 'a&b');
log_in();
ok(is_in(), 'alice is logged in');
# RP-Initiated Logout 1.0, section 2: "the OP MUST ask the End-User this question if an id_token_hint was not provided"
$answer = see('/oauth2/end_session?' . form(%where));
is($answer->{status}, 200, 'without a hint she is asked');
ok(is_in(), '... and stays logged in');
my $asked = $answer;
# RP-Initiated Logout 1.0, section 3: "The OP MUST NOT perform post-logout redirection if the post_logout_redirect_uri value supplied does not exactly match"
for my $uri ('https://app.example/bye/', 'https://evil.example/', 'https://app.example/cb', 'https://app.example@evil.example/bye')
{
	$answer = see('/oauth2/end_session?' . form(%where, post_logout_redirect_uri => $uri));
	is($answer->{status}, 400, "not to $uri");
	is(header($answer, 'Location'), undef, '... by no redirect');
}
$answer = send_form('/oauth2/end_session', %where, token => 'x');
is($answer->{status}, 403, 'a form of another site is asked again');
ok(is_in(), '... and she stays logged in');
$answer = send_form('/oauth2/end_session', map { $_ => field($asked, $_) } qw(token client_id post_logout_redirect_uri state));
is($answer->{status}, 303, 'with the form of the page she is logged out');
# RP-Initiated Logout 1.0, section 2: "If included in the logout request, the OP passes this value back to the RP using the state query parameter"
is(header($answer, 'Location'), 'https://app.example/bye?state=a%26b', '... and goes where the client says, with its state');
ok(!is_in(), '... and is logged out');
log_in();
# RP-Initiated Logout 1.0, section 2: "OPs [...] SHOULD accept ID Tokens [...] even when the exp time has passed"
$answer = see('/oauth2/end_session?' . form(id_token_hint => hint(), post_logout_redirect_uri => 'https://app.example/bye'));
is(header($answer, 'Location'), 'https://app.example/bye', 'with her ID token, though it has expired, nobody is asked');
ok(!is_in(), '... and she is logged out');
log_in();
# RP-Initiated Logout 1.0, section 2: "The OP MUST validate that it was the issuer of the ID Token"
is(see('/oauth2/end_session?' . form(id_token_hint => $_))->{status}, 400, 'another ID token is refused') for 'x', hint(iss => 'https://evil.example'), substr(hint(), 0, -8) . 'AAAAAAAA';
# RP-Initiated Logout 1.0, section 2: "or if the supplied ID Token does not belong to the current OP session with the RP and/or currently logged in End-User"
is(see('/oauth2/end_session?' . form(id_token_hint => $_))->{status}, 200, 'that of another session, or person: she is asked') for hint(sid => 'x'), hint(sub => 'somebody');
ok(is_in(), '... and stays logged in');
# RP-Initiated Logout 1.0, section 2: "OpenID Providers MUST support the use of the HTTP GET and POST methods"
my $hint = hint();
$answer = $t->post('/oauth2/end_session', form(id_token_hint => $hint), Cookie => '', 'Sec-Fetch-Site' => 'cross-site');
is($answer->{status}, 303, 'a form of the client comes without cookies (SameSite=Lax), and the browser is sent on by GET');
like(header($answer, 'Location'), qr{\A/oauth2/end_session\?client_id=\Q$id\E&id_token_hint=\d+\.}, '... with what was asked');
unlike(header($answer, 'Location'), qr/\Q@{[ (split m{\.}, $hint)[2] ]}/, '... but for the ID token, which goes into no address');
is(see(header($answer, 'Location'))->{status}, 200, '... which brings them');
ok(!is_in(), '... so she is logged out');

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$web->stop;
$t->finish;
done_testing();
