#!/usr/bin/perl
# 115_identity_assertions.pl: two providers: what the one signs, the other takes as a grant (RFC 7523, ID-JAG) and exchanges
# (RFC 8693), with keys that it fetches. Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use JSON::PP;
use Test::More;
use lib $FindBin::Bin;
use ShimTest;

my $bearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
my $exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
my $types = 'urn:ietf:params:oauth:token-type';

# A provider at the address of its shim; new connections have its name.
sub provider
{
	my ($name) = @_;
	my $t = ShimTest->new(name => $name, extension => 1);

	$t->start('--fetch-loopback');
	my $issuer = 'http://127.0.0.1:' . $t->port;
	$t->sql("ALTER DATABASE postgres SET oauth.issuer = '$issuer'");
	$t->stop;
	$t->start('--same-port', '--fetch-loopback');
	return ($t, $issuer);
}

# Domain A knows the people; the resource is in domain B.
my ($idp, $there) = provider('idp');
my ($t, $here) = provider('resource');
$idp->sql("SELECT oauth_create_signing_key('ES256')");

my ($id, $secret) = split /\|/, $t->sql("SELECT client_id, client_secret FROM oauth_register_client('agent', scope => 'read write',
	grant_types => ARRAY['$bearer', '$exchange', 'client_credentials'])");
$t->sql(<<'END');
CREATE ROLE app;
CREATE SCHEMA app AUTHORIZATION app;
SET ROLE app;
CREATE TABLE app.person (email text PRIMARY KEY, id text);
INSERT INTO app.person VALUES ('alice@example.com', 'user-1'), ('slow@example.com', 'user-2');
CREATE FUNCTION app.who(issuer text, claims jsonb) RETURNS text LANGUAGE sql STABLE AS
	$$ SELECT id FROM person WHERE email = claims ->> 'email' $$;
END
$t->sql("SELECT oauth_trust_issuer('$there', jwks_uri => '$there/oauth2/jwks', subject_function => 'app.who')");

# What domain A signs: an identity assertion for the agent, with these claims more.
my $n = 0;

sub signed
{
	my (%args) = @_;
	my %claims = (sub => 'a-1', aud => $here, client_id => $id, email => 'alice@example.com', jti => 'jti-' . ++$n, %{ $args{claims} // {} });
	my $json = JSON::PP->new->canonical->encode(\%claims);
	my $typ = $args{typ} // 'oauth-id-jag+jwt';

	return $idp->sql("SELECT oauth_sign_jwt('$json'::jsonb || jsonb_build_object('exp', extract(epoch FROM now())::bigint + 120), 'ES256', '$typ')");
}

sub form { return "client_id=$id&client_secret=$secret&$_[0]" }
sub granted { return $t->post('/oauth2/token', form("grant_type=$bearer&assertion=$_[0]" . ($_[1] // ''))) }
sub status_of { return $_[0]{status} . ' ' . (ShimTest::json($_[0])->{error} // '') }

# ---- the way of an identity assertion ----
my $answer = granted(signed(claims => { scope => 'read', resource => 'https://api.example/' }));
is($answer->{status}, 200, 'an identity assertion that domain A signed brings a token in domain B, whose keys are fetched first');
my $token = ShimTest::json($answer);
is("$token->{token_type} $token->{scope} " . ($token->{refresh_token} // 'no refresh token'), 'Bearer read no refresh token', 'with the scope of the assertion');
is($t->sql("SELECT subject || ' ' || scope FROM oauth_verify_token('$token->{access_token}', resource => 'https://api.example/')"),
	'user-1 read', 'for whom the function of the application says it is');
is($t->sql("SELECT count(*) FROM oauth.document WHERE url = '$there/oauth2/jwks' AND fetched_at IS NOT NULL"), 1, 'the keys are a row');
is($t->metric('oauth_shim_fetches_total{outcome="good"}'), 1, 'and were fetched once');
is(status_of(granted(signed())), '200 ', 'the next one needs no fetch');
is($t->metric('oauth_shim_fetches_total{outcome="good"}'), 1, 'as the counter says');
is(status_of(granted(signed(claims => { email => 'nobody@example.com' }))), '400 invalid_grant', 'of somebody whom the application does not know it is refused');
is(status_of(granted(signed(claims => { client_id => 'another' }))), '400 invalid_grant', 'and one for another client');
is(status_of(granted(signed(claims => { aud => $there }))), '400 invalid_grant', 'or another provider');
is(status_of(granted(signed(typ => $_))), '400 invalid_grant', "or of typ $_") for qw(at+jwt logout+jwt);
is(status_of($idp->post('/oauth2/token', "grant_type=$bearer&assertion=x")), '401 invalid_client', 'nobody without a client gets that far');

# ---- once ----
# "MUST be unique": 64 at once, through two shims.
my $one = $t->port;
$t->start('--fetch-loopback');
my $two = $t->port;
my $once = signed();
my @same = $t->together(map { [ $_ % 2 ? $one : $two, ShimTest::request_bytes('POST', '/oauth2/token', form("grant_type=$bearer&assertion=$once"),
	'Content-Type' => 'application/x-www-form-urlencoded') ] } 1 .. 64);
is(scalar(grep { $_->{status} == 200 } @same), 1, 'of 64 requests with one assertion through two shims one gets a token');
is(scalar(grep { status_of($_) eq '400 invalid_grant' } @same), 63, 'the others are refused');
my $crash = signed();
is(status_of(granted($crash)), '200 ', 'an assertion is used');
$t->stop;
$t->stop;
$t->node->stop('immediate');
$t->node->start;
$t->{last_port} = $one;
$t->start('--same-port', '--fetch-loopback');
is(status_of(granted($crash)), '400 invalid_grant', 'and is used after a crash of the server');
is(status_of(granted(signed())), '200 ', 'another one is not');

# ---- a new key there ----
$idp->sql('SELECT oauth_rotate_signing_keys(true)');
my $new = signed();
is(status_of(granted($new)), '400 invalid_grant', 'a key that is unknown is not fetched again within a minute');
$t->sql("UPDATE oauth.document SET fetched_at = fetched_at - interval '61 s'");
is(status_of(granted($new)), '200 ', 'after that it is, and the assertion was not used up');
my $fetched = $t->metric('oauth_shim_fetches_total{outcome="good"}');
granted(signed() =~ s/\A[^.]+/eyJhbGciOiJFUzI1NiIsImtpZCI6IngifQ/r) for 1 .. 5;
is($t->metric('oauth_shim_fetches_total{outcome="good"}'), $fetched, 'kids that somebody makes up bring no fetch');

# ---- exchange ----
sub exchanged { return $t->post('/oauth2/token', form("grant_type=$exchange&subject_token=$_[0]&subject_token_type=$types:$_[1]" . ($_[2] // ''))) }
my $subject = signed(typ => 'JWT', claims => { scope => 'read' });
$answer = exchanged($subject, 'jwt');
is(status_of($answer), '200 ', 'a JWT of domain A is exchanged');
is(ShimTest::json($answer)->{issued_token_type}, "$types:access_token", 'for an access token');
my $service = ShimTest::json($t->post('/oauth2/token', form('grant_type=client_credentials')))->{access_token};
$answer = exchanged(ShimTest::json($answer)->{access_token}, 'access_token', "&actor_token=$service&actor_token_type=$types:access_token&resource=https://next.example/");
my $acting = ShimTest::json($t->post('/oauth2/introspect', form('token=' . ShimTest::json($answer)->{access_token})));
is_deeply([ @$acting{qw(active sub act aud)} ], [ JSON::PP::true, 'user-1', { sub => $id }, ['https://next.example/'] ], 'with which the client acts for the person, elsewhere');
is(status_of(exchanged(signed(), 'jwt')), '400 invalid_request', 'an identity assertion is no subject_token');

# Many exchanges of one token at once have one grant, and end with it.
@same = $t->together(map { ShimTest::post_bytes('/oauth2/token', form("grant_type=$exchange&subject_token=$service&subject_token_type=$types:access_token")) } 1 .. 64);
is(scalar(grep { $_->{status} == 200 } @same), 64, 'a token is exchanged 64 times at once');
$t->sql("SELECT oauth_revoke_client('$id')");
is($t->sql("SELECT count(*) FROM oauth_verify_token('" . ShimTest::json($same[0])->{access_token} . "') WHERE active"), 0, 'what ends the grant ends all of them');

# ---- the issuer goes ----
$idp->stop;
$t->sql("UPDATE oauth.document SET fresh_until = now()");
is(status_of(granted(signed())), '400 invalid_grant', 'keys that cannot be fetched verify nothing');
$t->sql("SELECT oauth_distrust_issuer('$there')");
is(status_of(granted(signed())), '400 invalid_grant', 'an issuer that is trusted no longer signs no grant');
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');

$t->finish;
$idp->node->stop;
done_testing();
