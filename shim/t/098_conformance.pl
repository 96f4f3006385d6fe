#!/usr/bin/perl
# 098_conformance.pl: what the test modules of the OpenID conformance suite ask of a provider, module by module.
#
# The names are those of the suite (docs/conformance.md); what is checked is written in our own words, and cites the rule.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;
use lib $FindBin::Bin;
use ConformanceTest;
use ShimTest qw(header wait_for);
use WebServer;

my $c = ConformanceTest->new('--fetch-loopback');
my $t = $c->{t};
my $client = $c->client;
my $other = $c->client;

sub same_person
{
	my ($name, $first, $second) = @_;
	is_deeply([ @{ $second->{claims} }{qw(sub auth_time)} ], [ @{ $first->{claims} }{qw(sub auth_time)} ], "$name: the same person, who logged in at the same time");
	return;
}

# No redirect: a page says what is wrong.
sub stays
{
	my ($name, $went) = @_;
	ok(!$went->{address} && $went->{page} =~ /\w/, "$name: nobody is sent away") or diag(explain($went));
	note("$name: $went->{page}");
	return;
}

# ---- Basic OP, and Form Post OP: the same modules by OAuth 2.0 Form Post Response Mode ----

# Each name begins with the plan, which is "" for Basic OP.
sub basic_op
{
	my ($plan) = @_;
	$c->another_browser;

	my $login = $c->log_in($client, scope => 'openid');
	# Core, section 3.1.2.5; Core, section 3.1.3.3
	is_deeply([ @{ $login->{back} }{qw(state iss)} ], [ 'a state', $c->{issuer} ], "${plan}oidcc-server: the code comes with the state, and who gives it");
	is(lc $login->{answer}{token_type}, 'bearer', "${plan}oidcc-server: a token for bearers");
	# OpenID Connect Core, section 2: the claims of an ID token
	is_deeply([ @{ $login->{claims} }{qw(iss sub aud nonce)} ], [ $c->{issuer}, $c->{subject}, $client->{client_id}, 'a nonce' ], "${plan}oidcc-server: the ID token is of this issuer, for this client, with its nonce") or diag(explain($login));
	ok($login->{claims}{exp} > time && abs($login->{claims}{iat} - time) < 60, "${plan}oidcc-server: and of now");
	is($c->userinfo($login)->{sub}, $c->{subject}, "${plan}oidcc-server: userinfo speaks of the same person");

	like($c->visit($c->authorization($client, response_type => undef))->{back}{error} // 'page', qr/^(?:invalid_request|unsupported_response_type|page)$/, "${plan}oidcc-response-type-missing: is an error");

	# Core, section 10.1; Core, section 15.1; Core, section 3.1.3.7: "The alg value SHOULD be the default of RS256"
	is($login->{header}{alg}, 'RS256', "${plan}oidcc-idtoken-signature: RS256 where nothing else was said");
	ok($login->{header}{kid}, "${plan}oidcc-idtoken-signature: with the kid of a published key") or diag($login->{problem});
	my $unsigned = $c->register(id_token_signed_response_alg => 'none');
	is($unsigned->{json}{error}, 'invalid_client_metadata', "${plan}oidcc-idtoken-unsigned: no client gets ID tokens without a signature") or diag($unsigned->{raw});

	# Core, section 5.3; Core, section 15.2
	my @header = ('-H', "Authorization: Bearer $login->{answer}{access_token}");
	is($c->userinfo($login, @header)->{sub}, $c->{subject}, "${plan}oidcc-userinfo-get: a GET with a token");
	is($c->userinfo($login, @header, '-X', 'POST')->{sub}, $c->{subject}, "${plan}oidcc-userinfo-post-header: a POST with the token in the header");
	is($c->userinfo($login, '-d', "access_token=$login->{answer}{access_token}")->{sub}, $c->{subject}, "${plan}oidcc-userinfo-post-body: a POST with the token in the body");

	my $without = $c->log_in($client, nonce => undef);
	ok($without->{claims} && !exists $without->{claims}{nonce}, "${plan}oidcc-ensure-request-without-nonce-succeeds-for-code-flow: an ID token, without a nonce");

	# Core, section 5.1; Core, section 5.1.1; Core, section 5.4
	my %scope = (profile => [qw(birthdate family_name gender given_name locale name nickname picture preferred_username profile updated_at website zoneinfo)],
		email => [qw(email email_verified)], address => ['address'], phone => [qw(phone_number phone_number_verified)]);
	for my $module (qw(oidcc-scope-profile oidcc-scope-email oidcc-scope-address oidcc-scope-phone))
	{
		my $scope = $module =~ s/.*-//r;
		my $said = $c->userinfo($c->log_in($client, scope => "openid $scope"));
		is_deeply([ sort grep { $_ ne 'sub' } keys %$said ], $scope{$scope}, "${plan}$module: userinfo says these claims and no other");
	}
	my $all = $c->userinfo($c->log_in($client, scope => 'openid profile email address phone'));
	is_deeply([ sort grep { $_ ne 'sub' } keys %$all ], [ sort map { @$_ } values %scope ], "${plan}oidcc-scope-all: userinfo says all of them");
	is(ref $all->{address}, 'HASH', "${plan}oidcc-scope-all: an address is an object");

	ok($c->log_in($client, scope => 'phone email openid', state => 'b', zzz => 1)->{claims}, "${plan}oidcc-alternate-happy-flow: in another order");

	for my $module (qw(oidcc-display-page oidcc-display-popup))
	{
		$c->another_browser;
		my $shown = $c->log_in($client, display => $module =~ s/.*-//r);
		ok($shown->{claims} && $shown->{seen} =~ /^login/, "${plan}$module: a login page as ever");
	}

	# Core, section 15.1: prompt, max_age, and what is never an error: display, ui_locales, claims_locales, acr_values
	my $first = $c->log_in($client);
	sleep 1;
	my $again = $c->log_in($client, prompt => 'login');
	like($again->{seen}, qr/^login/, "${plan}oidcc-prompt-login: the person is asked again");
	cmp_ok($again->{claims}{auth_time}, '>', $first->{claims}{auth_time}, "${plan}oidcc-prompt-login: and was there later");

	$c->another_browser;
	# Core, section 3.1.2.6
	is($c->visit($c->authorization($client, prompt => 'none'))->{back}{error}, 'login_required', "${plan}oidcc-prompt-none-not-logged-in: is told so, without a page");

	$first = $c->log_in($client);
	my $silent = $c->log_in($client, prompt => 'none');
	is($silent->{seen}, '', "${plan}oidcc-prompt-none-logged-in: nobody is asked");
	same_person("${plan}oidcc-prompt-none-logged-in", $first, $silent);

	# Core, section 3.1.2.1: "If the elapsed time is greater than this value, the OP MUST attempt to actively re-authenticate"
	$t->sql("UPDATE oauth.session SET authenticated_at = authenticated_at - interval '10 s'");
	my $newer = $c->log_in($client, max_age => 1);
	like($newer->{seen}, qr/^login/, "${plan}oidcc-max-age-1: who was there too long ago is asked again");
	cmp_ok($newer->{claims}{auth_time} // 0, '>', $first->{claims}{auth_time} - 10, "${plan}oidcc-max-age-1: and the ID token says when that was");

	$first = $c->log_in($client, max_age => 15000);
	my $soon = $c->log_in($client, max_age => 10000);
	ok($first->{claims}{auth_time}, "${plan}oidcc-max-age-10000: the ID token says when the person was there");
	is($soon->{seen}, '', "${plan}oidcc-max-age-10000: nobody is asked");
	same_person("${plan}oidcc-max-age-10000", $first, $soon);

	ok($c->log_in($client, extra => 'foobar')->{claims}, "${plan}oidcc-ensure-request-with-unknown-parameter-succeeds: what nobody knows is ignored");

	my $hinted = $c->log_in($client, prompt => 'none', id_token_hint => $first->{answer}{id_token});
	same_person("${plan}oidcc-id-token-hint", $first, $hinted);
	for ([ 'oidcc-login-hint', login_hint => 'buffy@example.org' ], [ 'oidcc-ui-locales', ui_locales => 'se' ], [ 'oidcc-claims-locales', claims_locales => 'se' ])
	{
		my ($module, %hint) = @$_;
		$c->another_browser;
		ok($c->log_in($client, %hint)->{claims}, "${plan}$module: is no error");
	}

	my @acr = @{ $c->{server}{acr_values_supported} };
	my $strong = $c->log_in($client, acr_values => join ' ', @acr);
	ok(scalar(grep { $_ eq ($strong->{claims}{acr} // '') } @acr), "${plan}oidcc-ensure-request-with-acr-values-succeeds: and the ID token has one of them") or diag(explain($strong));

	# Core, section 3.1.3.2
	my $used = $c->log_in($client);
	is($c->redeem($client, $used->{back}{code})->{json}{error}, 'invalid_grant', "${plan}oidcc-codereuse: a code is good once");
	is($c->userinfo($used)->{sub}, undef, "${plan}oidcc-codereuse-30seconds: what it brought has ended");

	stays("${plan}oidcc-ensure-registered-redirect-uri", $c->visit($c->authorization($client, redirect_uri => 'https://rp.example/elsewhere')));

	$c->another_browser;
	my $posted = $c->visit($c->authorization($client), POST => 1);
	ok($posted->{back}{code}, "${plan}oidcc-ensure-post-request-succeeds: a request by POST brings a code") or diag(explain($posted));

	my $by_post = $c->client(token_endpoint_auth_method => 'client_secret_post');
	ok($c->log_in($by_post)->{claims}, "${plan}oidcc-server-client-secret-post: the secret may come in the body");

	# Core, section 6.2
	is($c->visit($c->authorization($client, request_uri => 'https://rp.example/request.jwt'))->{back}{error}, 'request_uri_not_supported',
		"${plan}oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported: is rejected");
	# Core, section 6.1
	my $object = 'eyJhbGciOiJub25lIn0.eyJyZXNwb25zZV90eXBlIjoiY29kZSJ9.';
	# RFC 9101, section 10.5, where objects are signed: "The none algorithm [...] MUST NOT be used"
	is($c->visit($c->authorization($client, request => $object))->{back}{error}, 'invalid_request_object',
		"${plan}oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported: is rejected");
	ok(!(grep { $_ eq 'none' } @{ $c->{server}{request_object_signing_alg_values_supported} }), '... and discovery says so');
	my $two = $c->visit($c->authorization($client, request => $object, redirect_uri => 'https://rp.example/elsewhere'));
	stays("${plan}oidcc-ensure-request-object-with-redirect-uri: of one that is not signed", $two);

	my $essential = $c->userinfo($c->log_in($client, claims => '{"userinfo": {"name": {"essential": true}}}'));
	is($essential->{name}, 'Alice Liddell', "${plan}oidcc-claims-essential: the claim that was asked for");
	is($essential->{email}, undef, "${plan}oidcc-claims-essential: and no other");

	# Core, section 12.1; Core, section 12.2: iss, sub, aud and auth_time of the first ID token
	my $old = $c->log_in($client, scope => 'openid offline_access', prompt => 'consent');
	is($c->ask('token_endpoint', $other, grant_type => 'refresh_token', refresh_token => $old->{answer}{refresh_token})->{json}{error}, 'invalid_grant', "${plan}oidcc-refresh-token: is good for its client only");
	my $new = $c->ask('token_endpoint', $client, grant_type => 'refresh_token', refresh_token => $old->{answer}{refresh_token})->{json};
	my $fresh = $c->verified($new->{id_token} // '');
	is_deeply([ @{ $fresh->{claims} }{qw(iss sub aud auth_time)} ], [ @{ $old->{claims} }{qw(iss sub aud auth_time)} ], "${plan}oidcc-refresh-token: a new ID token says the same of the login") or diag(explain($fresh));
	is($c->userinfo({ answer => $new })->{sub}, $c->{subject}, "${plan}oidcc-refresh-token: the new access token works");

	# RFC 7636, appendix B
	my $pkce = $c->visit($c->authorization($client, code_challenge => 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method => 'S256'));
	is($c->redeem($client, $pkce->{back}{code}, code_verifier => 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')->{status}, 200, "${plan}oidcc-ensure-request-with-valid-pkce-succeeds: with the verifier the code is good");
	return;
}

basic_op('');
my $answers = $c->{ways}{redirect};
is_deeply($c->{ways}, { redirect => $answers }, 'Basic OP: every answer came by a redirect');

# Form Post Response Mode, section 2: "Authorization Response parameters are encoded as HTML form values that are
# auto-submitted in the User Agent, and thus are transmitted via the HTTP POST method to the Client"
@{$c}{qw(response_mode ways)} = ('form_post', {});
basic_op('Form Post OP: ');
is_deeply($c->{ways}, { form => $answers }, 'Form Post OP: the same number of answers came, every one by a form, errors too');
delete $c->{response_mode};

# Request objects that are signed; the keys of this client are those of the server, which signs here for it.
$c->{t}->sql("SELECT oauth_create_signing_key('ES256')");
my $signing = $c->client(request_object_signing_alg => 'ES256', jwks => decode_json($c->{t}->sql('SELECT oauth_jwks()')));
sub signed
{
	my (%claims) = @_;
	my $json = encode_json({ iss => $signing->{client_id}, aud => $c->{issuer}, client_id => $signing->{client_id}, response_type => 'code', scope => 'openid',
		redirect_uri => 'https://rp.example/back', %claims });
	return $c->{t}->sql("SELECT oauth_sign_jwt('$json', 'ES256', 'oauth-authz-req+jwt')");
}

$c->another_browser;
# OpenID Connect Core, section 6.1: "parameters [in] the Request Object [...] supersede those passed using the OAuth 2.0 request syntax"
my $inside = $c->visit($c->authorization($signing, request => signed(state => 'inside'), redirect_uri => 'https://rp.example/elsewhere'));
ok($inside->{back}{code}, 'oidcc-ensure-request-object-with-redirect-uri: the address in the object counts, whatever is beside it') or diag(explain($inside));
is($inside->{back}{state}, 'inside', '... and the state');
is($c->visit($c->authorization($signing, request => signed(aud => 'https://elsewhere.example')))->{back}{error}, 'invalid_request_object',
	'... and an object for another server is refused');

# ---- Config OP ----

# Discovery 1.0, section 3
my $server = $c->{server};
is($server->{issuer}, $c->{issuer}, 'oidcc-discovery-endpoint-verification: the issuer is the one that was asked');
my @lacking = grep { !defined $server->{$_} } qw(authorization_endpoint token_endpoint userinfo_endpoint jwks_uri registration_endpoint scopes_supported
	response_types_supported subject_types_supported id_token_signing_alg_values_supported claims_supported end_session_endpoint);
is("@lacking", '', 'oidcc-discovery-endpoint-verification: no member is lacking');
for ([ response_types_supported => 'code' ], [ scopes_supported => 'openid' ], [ id_token_signing_alg_values_supported => 'RS256' ], [ subject_types_supported => 'public' ])
{
	my ($member, $value) = @$_;
	ok(scalar(grep { $_ eq $value } @{ $server->{$member} }), "oidcc-discovery-endpoint-verification: $member has $value");
}
is_deeply([ grep { !$_->{kid} || !$_->{use} || exists $_->{d} } @{ $c->get($server->{jwks_uri})->{json}{keys} } ], [], 'oidcc-discovery-endpoint-verification: the keys have names, a use, and nothing secret');

# ---- Dynamic OP (Dynamic Registration 1.0, section 2) ----

is($c->log_in($c->client(id_token_signed_response_alg => 'RS256'))->{header}{alg}, 'RS256', 'oidcc-idtoken-rs256: as the client wants');
# Core, section 5.3.2
my $signing = $c->client(userinfo_signed_response_alg => 'RS256');
my $of_signing = $c->log_in($signing, scope => 'openid email');
my $signed = $c->get($server->{userinfo_endpoint}, '-H', "Authorization: Bearer $of_signing->{answer}{access_token}");
like(header($signed, 'Content-Type') // '', qr{^application/jwt}, 'oidcc-userinfo-rs256: a JWT');
my $inside = $c->verified($signed->{body});
is_deeply([ @{ $inside->{claims} }{qw(iss aud sub email)} ], [ $c->{issuer}, $signing->{client_id}, $c->{subject}, 'alice@example.org' ], 'oidcc-userinfo-rs256: which says the same, signed') or diag(explain($inside));

# Core, section 3.1.2.2
my $two_uris = $c->client(redirect_uris => [ map { "https://rp.example/$_" } 'back', 'another' ]);
stays('oidcc-ensure-redirect-uri-in-authorization-request', $c->visit($c->authorization($two_uris, redirect_uri => undef)));
my $query = 'https://rp.example/back?foo=bar';
my $with_query = $c->client(redirect_uris => [$query]);
is($c->log_in($with_query, redirect_uri => $query)->{back}{foo}, 'bar', 'oidcc-redirect-uri-query-OK: the query comes back beside the code');
stays('oidcc-redirect-uri-query-mismatch', $c->visit($c->authorization($with_query, redirect_uri => 'https://rp.example/back?foo=baz')));
stays('oidcc-redirect-uri-query-added', $c->visit($c->authorization($client, redirect_uri => $query)));
is($c->register(redirect_uris => ['https://rp.example/back#part'])->{json}{error}, 'invalid_redirect_uri', 'oidcc-redirect-uri-regfrag: is refused');

my $presented = $c->client(policy_uri => 'https://rp.example/policy', tos_uri => 'https://rp.example/terms', logo_uri => 'https://rp.example/logo.png');
$c->another_browser;
my $consent = $c->visit($c->authorization($presented), DECISION => 'look');
$c->log_in($client);
$consent = $c->visit($c->authorization($presented, prompt => 'consent'), DECISION => 'look');
like($consent->{page}, qr/Privacy/i, 'oidcc-registration-policy-uri: the page links the policy') or diag(explain($consent));
like($consent->{page}, qr/Terms/i, 'oidcc-registration-tos-uri: the page links the terms');

my $web = WebServer->new(dir => $t->dir);
my $base = 'http://127.0.0.1:' . $web->listen('127.0.0.1', 0);
sub document { my ($json) = @_; return "$base/body/" . $json =~ s/(\W)/sprintf '%%%02X', ord $1/ger }
ok($c->log_in($c->client(jwks_uri => document('{"keys": []}')))->{claims}, 'oidcc-registration-jwks-uri: a client may say where its keys are');
my $pairwise = $c->register(sector_identifier_uri => document('["https://rp.example/back"]'), subject_type => 'pairwise');
is($pairwise->{status}, 201, 'oidcc-registration-sector-uri: a sector that lists the redirect URIs is taken') or diag($pairwise->{raw});
is($c->register(sector_identifier_uri => document('["https://rp.example/elsewhere"]'), subject_type => 'pairwise')->{json}{error}, 'invalid_client_metadata', 'oidcc-registration-sector-bad: one that does not is refused');

my $before = $c->log_in($client);
my %published = map { $_->{kid} => 1 } @{ $c->get($server->{jwks_uri})->{json}{keys} };
$t->sql('SELECT oauth_rotate_signing_keys(at_once => true)');
my @now = map { $_->{kid} } @{ $c->get($server->{jwks_uri})->{json}{keys} };
ok(scalar(grep { !$published{$_} } @now), 'oidcc-server-rotate-keys: there is a new key');
ok(scalar(grep { $_ eq $before->{header}{kid} } @now), 'oidcc-server-rotate-keys: beside the old one');
isnt($c->log_in($client)->{header}{kid}, $before->{header}{kid}, 'oidcc-server-rotate-keys: which signs now');
ok($c->verified($before->{answer}{id_token})->{claims}, 'oidcc-server-rotate-keys: and ID tokens of before verify');

# ---- Form Post OP once more: an error that comes by a form ----

my $form = $c->visit($c->authorization($client, response_mode => 'form_post'));
is($form->{back}{state}, 'a state', 'Form Post OP: a form brings code and state') or diag(explain($form));
ok($c->redeem($client, $form->{back}{code})->{json}{id_token}, 'Form Post OP: the code is as good');
is($c->visit($c->authorization($client, response_mode => 'form_post', prompt => 'none', scope => 'openid nonsense'))->{back}{state}, 'a state', 'Form Post OP: an error comes by a form too');

# ---- RP-Initiated Logout OP ----

# Who is logged in here, and what an end_session request with such parameters comes to.
sub leave
{
	my ($decision, %parameters) = @_;
	$c->another_browser;
	my $here = $c->log_in($client);
	my $hint = $here->{answer}{id_token};
	my $went = $c->visit($c->url('end_session_endpoint', map { $_ => $parameters{$_} && $parameters{$_} =~ /^hint(.*)/s ? $hint . $1 : $parameters{$_} } keys %parameters),
		DECISION => $decision);
	return ($went, $c->visit($c->authorization($client, prompt => 'none'))->{back}{error} // '', $here);
}

my %leave = (id_token_hint => 'hint', post_logout_redirect_uri => 'https://rp.example/bye', state => 'bye');
# RP-Initiated Logout 1.0, section 2; RP-Initiated Logout 1.0, section 2.1
ok($server->{end_session_endpoint}, 'oidcc-rp-initiated-logout-discovery-endpoint-verification: discovery says where');
my ($went, $after) = leave('none', %leave);
is("$went->{address} $went->{back}{state}", 'https://rp.example/bye bye', 'oidcc-rp-initiated-logout: a person with an ID token is sent back, with the state') or diag(explain($went));
is($after, 'login_required', 'oidcc-rp-initiated-logout: and is logged out');
($went, $after) = leave('none', %leave, state => undef);
is_deeply($went->{back}, {}, 'oidcc-rp-initiated-logout-no-state: back without one');
is($after, 'login_required', 'oidcc-rp-initiated-logout-no-state: and logged out');
# RP-Initiated Logout 1.0, section 3: "the OP MUST NOT perform post-logout redirection"
stays('oidcc-rp-initiated-logout-bad-post-logout-redirect-uri', (leave('none', %leave, post_logout_redirect_uri => 'https://rp.example/elsewhere'))[0]);
stays('oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri', (leave('none', %leave, post_logout_redirect_uri => 'https://rp.example/bye?foo=bar'))[0]);
stays('oidcc-rp-initiated-logout-no-id-token-hint', (leave('none', %leave, id_token_hint => undef))[0]);
$c->another_browser;
my @parts = split /\./, $c->log_in($client)->{answer}{id_token};
stays('oidcc-rp-initiated-logout-modified-id-token-hint', (leave('none', %leave, id_token_hint => "eyJhbGciOiJub25lIn0.$parts[1]."))[0]);
stays('oidcc-rp-initiated-logout-bad-id-token-hint', (leave('none', %leave, id_token_hint => "$parts[0].$parts[1]." . 'A' x 342))[0]);
for ([ 'oidcc-rp-initiated-logout-no-params', {} ], [ 'oidcc-rp-initiated-logout-only-state', { state => 'bye' } ],
	[ 'oidcc-rp-initiated-logout-no-post-logout-redirect-uri', { id_token_hint => 'hint' } ])
{
	my ($module, $parameters) = @$_;
	($went, $after) = leave('logout', %$parameters);
	stays($module, $went);
	is($after, 'login_required', "$module: the person is logged out, after being asked where no ID token says who");
}

# ---- Back-Channel Logout OP ----

# Back-Channel Logout 1.0, section 2.1
ok($server->{backchannel_logout_supported} && $server->{backchannel_logout_session_supported}, 'oidcc-backchannel-logout-discovery-endpoint-verification: discovery says that it does');
my $listening = $c->client(backchannel_logout_uri => "$base/receive/200", backchannel_logout_session_required => JSON::PP::true);
$c->another_browser;
my $heard = $c->log_in($listening);
$c->visit($c->url('end_session_endpoint', id_token_hint => $heard->{answer}{id_token}));
wait_for(sub { scalar $web->requests('/receive/200') });
my ($told) = $web->requests('/receive/200');
my ($token) = ($told->{body} // '') =~ /^logout_token=([^&]+)$/;
my $logout = $c->verified($token // '');
# Back-Channel Logout 1.0, section 2.4
is_deeply([ @{ $logout->{claims} }{qw(iss aud sub sid)} ], [ $c->{issuer}, $listening->{client_id}, @{ $heard->{claims} }{qw(sub sid)} ], 'oidcc-backchannel-rp-initiated-logout: the client hears who has left which session') or diag(explain($told, $logout));
is(ref $logout->{claims}{events}{'http://schemas.openid.net/event/backchannel-logout'}, 'HASH', 'oidcc-backchannel-rp-initiated-logout: as the event that it is');
ok($logout->{claims}{jti} && !exists $logout->{claims}{nonce}, 'oidcc-backchannel-rp-initiated-logout: with a name, and without a nonce');
is($c->visit($c->authorization($listening, prompt => 'none'))->{back}{error}, 'login_required', 'oidcc-backchannel-rp-initiated-logout: and nobody is logged in');

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$web->stop;
$c->finish;
done_testing();
