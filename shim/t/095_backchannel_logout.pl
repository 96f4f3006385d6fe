#!/usr/bin/perl
# 095_backchannel_logout.pl: the relying parties of a session are told when it ends (OpenID Connect Back-Channel Logout 1.0):
# from a login to the logout token that arrives. R203, R206.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use MIME::Base64 qw(decode_base64url);
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(header json wait_for);
use WebServer qw(own_address);

my $t = ShimTest->new(extension => 1, conf => 'oauth.bcrypt_cost = 4');
my $web = WebServer->new(dir => $t->dir);
my $address = own_address(1);
$web->certificate('good', 'ca', "IP:$address");
$web->listen($address, 8443, tls => 'good');
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $issuer = "http://127.0.0.1:$port";
$t->{last_port} = $port;
$t->sql("ALTER DATABASE postgres SET oauth.issuer = '$issuer'");
$t->sql("SELECT oauth_create_user('alice', 'wonderland'), oauth_create_user('bob', 'wonderland')");
my $alice = $t->sql("SELECT subject FROM oauth.user WHERE username = 'alice'");
$t->start('--same-port', '--fetch-ca=' . $web->authority, "--fetch-allow=$address");

# A relying party each, and what it knows.
sub party
{
	my ($name, %more) = @_;
	my $json = $t->sql("SELECT oauth_register_client_metadata('" . encode_json({
				client_name => $name, redirect_uris => ["https://$name.example/cb"], scope => 'openid read', id_token_signed_response_alg => 'ES256',
				grant_types => [qw(authorization_code refresh_token)], token_endpoint_auth_method => 'client_secret_post', backchannel_logout_uri => "https://$address:8443/receive/200/$name", %more }) . "')");
	my $client = decode_json($json);
	return { name => $name, id => $client->{client_id}, secret => $client->{client_secret} };
}
my $album = party('album');
my $wiki = party('wiki', id_token_signed_response_alg => 'RS256', backchannel_logout_session_required => JSON::PP::true);
my $pair = party('pair', subject_type => 'pairwise');
my $deaf = party('deaf', backchannel_logout_uri => undef);

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
sub part { my ($jwt, $n) = @_; return decode_json(decode_base64url((split /\./, $jwt)[$n])) }

sub log_in
{
	my ($username) = @_;
	my $page = see('/login?again=1');
	return send_form('/login', token => field($page, 'token'), username => $username, password => 'wonderland');
}

# The ID token that the relying party gets of who is logged in; its claims.
sub visit
{
	my ($party) = @_;
	my %where = (client_id => $party->{id}, redirect_uri => "https://$party->{name}.example/cb");
	my $page = see('/oauth2/authorize?' . form(%where, response_type => 'code', scope => 'openid', nonce => 'n', code_challenge => 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method => 'S256'));
	$page = send_form('/oauth2/authorize/confirm', request => field($page, 'request'), token => field($page, 'token'), decision => 'approve') if $page->{status} == 200;
	my ($code) = (header($page, 'Location') // '') =~ /[?&]code=([^&]+)/ or die "no code: $page->{raw}";
	my $answer = json($t->post('/oauth2/token', form(grant_type => 'authorization_code', code => $code, %where, client_secret => $party->{secret}, code_verifier => 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')));
	$party->{id_token} = $answer->{id_token} or die encode_json($answer);
	$party->{claims} = part($answer->{id_token}, 1);
	return $party->{claims};
}

# What each was told, by its name; waits until as many messages have arrived.
sub told
{
	my ($n) = @_;
	wait_for(sub { $web->requests >= $n && $t->sql('SELECT count(*) FROM oauth.delivery WHERE delivered_at IS NULL') == 0 });
	my %told;
	for ($web->requests) { push @{ $told{ (split m{/}, $_->{path})[-1] } }, $_ }
	$web->forget;
	return \%told;
}
sub token_of { my ($message) = @_; return $message->{body} =~ /\Alogout_token=([^&]+)\z/ ? $1 : '' }

log_in('alice');
# Back-Channel Logout 1.0, section 2.1
my @parties = ($album, $wiki, $pair, $deaf);
visit($_) for @parties;
is($_->{claims}{sid}, $album->{claims}{sid}, "$_->{name}: the ID token names the session") for grep { $_ != $pair } @parties;
# Two clients with the same sid would know that they have the same user, whatever their sub says.
like($pair->{claims}{sid}, qr/\A[-\w]{64}\z/, 'pair: by a name of its own, where subjects are pairwise');

# ---- what is told ----
# RP-Initiated Logout 1.0, section 2
my $answer = see('/oauth2/end_session?' . form(id_token_hint => $album->{id_token}));
is($answer->{status}, 200, 'alice logs out, sent by one of them');
my $told = told(3);
# Back-Channel Logout 1.0, section 2.3
is_deeply([ sort keys %$told ], [qw(album pair wiki)], 'each that has a backchannel_logout_uri is told');
is(scalar @{ $told->{$_} }, 1, "$_: once") for sort keys %$told;
for my $party ($album, $wiki, $pair)
{
	my $message = $told->{ $party->{name} }[0];
	my $token = token_of($message);
	my $claims = part($token, 1);
	my $alg = $party == $wiki ? 'RS256' : 'ES256';

	# Back-Channel Logout 1.0, section 2.5: "The OP uses an HTTP POST [...] The POST body uses the application/x-www-form-urlencoded encoding and must include a logout_token parameter"
	is("$message->{method} $message->{fields}{'content-type'}", 'POST application/x-www-form-urlencoded', "$party->{name}: a form is posted");
	# Back-Channel Logout 1.0, section 2.4: "Logout Tokens [...] MUST be signed"; "it is RECOMMENDED that [...] the typ header [be] logout+jwt"
	is($t->sql("SELECT valid, problem FROM oauth_verify_jwt('$token', oauth_jwks(), '{$alg}', 'logout+jwt')"), 't|', '... with a token that the published keys verify, signed as its ID tokens are');
	is($claims->{iss}, $issuer, '... iss: REQUIRED');
	is($claims->{aud}, $party->{id}, '... aud: REQUIRED');
	cmp_ok(abs($claims->{iat} - time), '<', 60, '... iat: REQUIRED');
	cmp_ok($claims->{exp} - $claims->{iat}, '<=', 600, '... exp: REQUIRED, ten minutes at most');
	like($claims->{jti}, qr/\S/, '... jti: REQUIRED');
	# "events: REQUIRED. Claim whose value is a JSON object containing the member name http://schemas.openid.net/event/backchannel-logout"
	is_deeply($claims->{events}, { 'http://schemas.openid.net/event/backchannel-logout' => {} }, '... events: REQUIRED');
	is($claims->{sub}, $party->{claims}{sub}, '... sub is that of its ID token');
	is($claims->{sid}, $party->{claims}{sid}, '... and so is sid');
	# "The following Claim MUST NOT be used within the Logout Token: nonce"
	ok(!exists $claims->{nonce}, '... and no nonce');
}
isnt($pair->{claims}{sub}, $alice, 'a client with pairwise subjects does not learn the one of others');
my %jti = map { part(token_of($told->{$_}[0]), 1)->{jti} => 1 } keys %$told;
is(scalar keys %jti, 3, 'jti is another one in each');

# ---- when ----
log_in('alice');
visit($album);
$t->sql("BEGIN; SELECT oauth_end_session('$alice'); SELECT oauth_disable_user('alice'); ROLLBACK");
$t->sql("SELECT pg_notify('oauth_delivery', '')");
is($t->sql('SELECT count(*) FROM oauth.delivery WHERE delivered_at IS NULL'), 0, 'what is rolled back is never sent');
is(see('/account')->{status}, 200, '... and nobody is logged out');
my $old = $album->{claims}{sid};
log_in('alice');
is(visit($album)->{sid}, $old, 'who logs in again goes on with the session');
is($t->sql('SELECT count(*) FROM oauth.delivery WHERE delivered_at IS NULL'), 0, '... and no client is told anything');
log_in('bob');
is(part(token_of(told(1)->{album}[0]), 1)->{sid}, $old, 'when somebody else logs in, the session has ended');

# The account page: every browser.
log_in('alice');
visit($album);
my $page = see('/account');
send_form('/account', token => field($page, 'token'), action => 'logout');
my $message = told(1)->{album}[0];
is(part(token_of($message), 1)->{sub}, $alice, 'logged out everywhere on the account page');
is(part(token_of($message), 1)->{sid}, $album->{claims}{sid}, '... in the session that was living');
# A session that has expired here may go on at the client: it is told of the subject, and so of all its sessions.
log_in('alice');
visit($album);
$t->sql("UPDATE oauth.session SET expires_at = now() - interval '1 second' WHERE sid = '$album->{claims}{sid}'; SELECT oauth_end_session('$alice')");
ok(!exists part(token_of(told(1)->{album}[0]), 1)->{sid}, 'a session that has expired is told of without a sid: all sessions of that subject');
log_in('alice');
visit($wiki);
$t->sql("SELECT oauth_set_password('alice', 'wonderland')");
# Back-Channel Logout 1.0, section 2.2: "backchannel_logout_session_required: [...] whether the RP requires that a sid Claim be included in the Logout Token"
is(part(token_of(told(1)->{wiki}[0]), 1)->{sid}, $wiki->{claims}{sid}, 'another password; who needs a sid gets it');
log_in('alice');
visit($album);
# The row is written before the keys change, and sent after: so it is signed when it is sent.
$t->stop;
$t->sql("SELECT oauth_disable_user('alice')");
$t->sql("SELECT oauth_rotate_signing_keys(at_once => true)");
$t->start('--same-port', '--fetch-ca=' . $web->authority, "--fetch-allow=$address");
my $late = token_of(told(1)->{album}[0]);
is($t->sql("SELECT valid FROM oauth_verify_jwt('$late', oauth_jwks(), '{ES256}', 'logout+jwt')"), 't', 'a message that waits while keys change is signed with the new one');
isnt(part($late, 0)->{kid}, part($album->{id_token}, 0)->{kid}, '... not with the key of the ID token');

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$web->stop;
$t->finish;
done_testing();
