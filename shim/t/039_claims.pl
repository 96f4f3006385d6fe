#!/usr/bin/perl
# 039_claims.pl: /oauth2/userinfo over HTTP, and what a claims function of the application can do to the shim: nothing.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Test::More;
use lib $FindBin::Bin;
use ShimTest qw(header json post_bytes request_bytes);
use SignedRequest qw(authorization);

my $t = ShimTest->new(extension => 1, loud => 1);
$t->sql(q{SELECT oauth_register_scope('openid', 'Who you are')});
my ($id, $secret) = split /\|/, $t->sql(q{SELECT client_id, client_secret FROM oauth_register_client('App', grant_types => '{password,introspection}',
	scope => 'openid email read', cors_origins => '{https://app.example}')});
my %signer;
@signer{qw(client_id client_secret)} = split /\|/, $t->sql(q{SELECT * FROM oauth_register_client('Signer', grant_types => '{oauth1_two_legged}')});
my %token = map { split /\|/ } split /\n/, $t->sql("SELECT i, t.access_token FROM generate_series(1, 20) i, oauth_issue_token('$id', 'person' || i, 'openid email') t");
my $openid = $t->sql("SELECT access_token FROM oauth_issue_token('$id', 'person1', 'openid')");
my $narrow = $t->sql("SELECT access_token FROM oauth_issue_token('$id', 'person1', 'read')");
$t->sql(<<'SQL');
CREATE ROLE app;
CREATE SCHEMA app AUTHORIZATION app;
SET ROLE app;
CREATE TABLE app.person (subject text, email text);
INSERT INTO app.person SELECT 'person' || i, i || '@example.com' FROM generate_series(1, 20) i;
CREATE FUNCTION app.claims(subject text, client_id text, scope text) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('email', p.email) FROM person p WHERE p.subject = $1 $$;
CREATE FUNCTION app.hostile(subject text, client_id text, scope text) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	CASE subject
		WHEN 'person1' THEN RAISE 'secret of the application' USING ERRCODE = 'P0042';
		WHEN 'person2' THEN RETURN '"no object"';
		WHEN 'person3' THEN RETURN '{"active": false, "sub": "person4", "client_id": "other", "exp": 1}';
		WHEN 'person4' THEN PERFORM set_config('search_path', 'app', false); PERFORM set_config('statement_timeout', '1', false); RETURN NULL;
		WHEN 'person5' THEN EXECUTE 'RESET ROLE'; RETURN NULL;
		WHEN 'person6' THEN RETURN (SELECT to_jsonb(c) FROM oauth.client c LIMIT 1);
		WHEN 'person7' THEN PERFORM pg_sleep(1.5); RETURN '{}';
		WHEN 'person8' THEN RETURN jsonb_build_object('long', repeat('x', 1000000));
		WHEN 'person9' THEN RETURN jsonb_build_object(E'"\r\nSet-Cookie: a=b', E'</script>\u2028');
		ELSE RETURN jsonb_build_object('caller', coalesce(public.oauth_subject(), 'nobody'), 'as', current_user);
	END CASE;
END $$;
RESET ROLE;
SQL
$t->start('--application-connections=1', '--slow-connections=1', '--reading-connections=1', '--application-queue-timeout=60000');

sub bearer { return (Authorization => "Bearer $_[0]") }
sub userinfo { return $t->get('/oauth2/userinfo', bearer($token{ $_[0] })) }
sub introspection { return "client_id=$id&client_secret=$secret&token=$token{$_[0]}" }
sub introspect { return $t->post('/oauth2/introspect', introspection($_[0])) }
sub use_function { $t->sql('SET client_min_messages = error; SELECT oauth_set_claims_function(' . ($_[0] ? "'app.$_[0]'" : 'NULL') . ')'); return }
sub lane { return $t->metric(qq(oauth_shim_batch_requests_sum{lane="$_[0]"})) }

# without a claims function
is_deeply(json(userinfo(1)), { sub => 'person1' }, 'R201: userinfo says who the user is');
is_deeply(json($t->post('/oauth2/userinfo', "access_token=$token{1}")), { sub => 'person1' }, 'also to a form');
is($t->get('/oauth2/userinfo')->{status}, 401, 'to nobody without a token');
like(header($t->get('/oauth2/userinfo', bearer($narrow)), 'WWW-Authenticate'), qr/error="insufficient_scope".* scope="openid"/, 'nor to a token without scope openid');
is($t->request('DELETE', '/oauth2/userinfo', undef, bearer($token{1}))->{status}, 405, 'it takes GET and POST');
is(header($t->get('/oauth2/userinfo', bearer($token{1}), Origin => 'https://app.example'), 'Access-Control-Allow-Origin'), '*', 'a page of the client may read it');
is(header($t->get('/oauth2/userinfo', bearer($token{1}), Origin => 'https://evil.example'), 'Access-Control-Allow-Origin'), '*', 'and any other that has the token');
ok(!exists json(introspect(1))->{email}, 'introspection says what it always did');
is(lane('application'), 0, 'and nothing of it was for the lane of the application');

# with one
use_function('claims');
is_deeply(json(userinfo(1)), { sub => 'person1', email => '1@example.com' }, 'userinfo has the claims of the application');
is_deeply(json($t->get('/oauth2/userinfo', bearer($openid))), { sub => 'person1' }, 'as far as the scope asks for them (OpenID Connect Core, section 5.4)');
is(json(introspect(2))->{email}, '2@example.com', 'introspection too');
is(json($t->get('/api/', bearer($token{3})))->{claims}{email}, '3@example.com', 'and /api/');
my $before = lane('application');
cmp_ok($before, '>=', 3, 'code of the application runs on a lane of its own');
is(lane('slow'), 0, 'and not where people wait to log in');
is($t->get('/oauth2/userinfo', bearer($narrow))->{status}, 403, 'what is refused');
is(json($t->post('/oauth2/introspect', "client_id=$id&client_secret=$secret&token=x"))->{active}, JSON::PP::false, 'or not active');
is(lane('application'), $before, 'never gets there');
my @asked = map { $_ % 20 + 1 } 1 .. 60;
my @answers = $t->together(map { request_bytes('GET', '/oauth2/userinfo', undef, bearer($token{$_})) } @asked);
is(scalar(grep { json($answers[$_])->{email} ne "$asked[$_]\@example.com" } 0 .. $#asked), 0, 'many at once: everybody gets his own');
my $signed = authorization(%signer, method => 'GET', uri => 'http://shim.example/api/');
is_deeply([ @{ json($t->get('/api/', Authorization => $signed)) }{qw(client_id auth)} ], [ $signer{client_id}, 'oauth1' ], 'a signed request is asked about in the lane where its nonce is used up');
is($t->get('/api/', Authorization => $signed)->{status}, 401, 'which it then is');

# a hostile one
use_function('hostile');
for my $case ([ 1, 500, 'fails' ], [ 2, 500, 'returns no object' ], [ 5, 500, 'wants the role of the session' ], [ 6, 500, 'reads the clients' ])
{
	my ($who, $status, $name) = @$case;
	for my $answer (userinfo($who), introspect($who), $t->get('/api/', bearer($token{$who})))
	{
		is($answer->{status}, $status, "a claims function that $name: $status");
		unlike($answer->{raw}, qr/secret of the application|app\.|oauth\.client|P0042/, 'and nothing about it for the client');
	}
}
is_deeply([ @{ json(introspect(3)) }{qw(active sub client_id)} ], [ JSON::PP::true, 'person3', $id ], 'one that lies about the token changes nothing');
cmp_ok(json(introspect(3))->{exp}, '>', time, 'nor when it ends');
is(json(userinfo(3))->{sub}, 'person3', 'nor who it is of');
is(userinfo(4)->{status}, 200, 'one that leaves settings behind');
is(json(userinfo(10))->{as}, 'app', 'leaves none');
is(json(userinfo(10))->{caller}, 'nobody', 'in it nobody calls');
is(length json(userinfo(8))->{long}, 1000000, 'a long one is answered in full');
my $answer = userinfo(9);
is(scalar(grep { /Set-Cookie/ } @{ $answer->{headers} }), 0, 'what it says stays inside the JSON');
is_deeply([ sort keys %{ json($answer) } ], [ "\"\r\nSet-Cookie: a=b", 'sub' ], 'where it is a name like another');
my @sockets = $t->send_together(map { request_bytes('GET', '/oauth2/userinfo', undef, bearer($token{7})) } 1 .. 2);
my $begun = time;
is($t->get('/auth', bearer($token{11}))->{status}, 200, 'while a slow one runs, others are served');
is($t->post('/oauth2/token', 'grant_type=x')->{status}, 400, 'readers and writers');
cmp_ok(time - $begun, '<', 1.5, 'at once');
is(ShimTest::read_answer($_)->{status}, 200, 'and it ends in its own time') for @sockets;

use_function(undef);
is_deeply(json(userinfo(1)), { sub => 'person1' }, 'taken away, all is as before, on the same connections');
is($t->get('/healthz')->{status}, 200, 'and the shim is well');
is($t->metric('oauth_shim_database_reconnects_total'), 0, 'no connection was lost');
$t->no_secret_in_logs;	# R217
$t->finish;
done_testing();
