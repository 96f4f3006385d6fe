# 065_head.pl
# R14: HEAD (RFC 9110, sections 9.1 and 9.3.2): whatever answers GET answers it the same without a body, and nothing changes.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Pages qw(cookies encode field remember);
use ShimTest qw(header json read_answer request_bytes);
use SignedRequest qw(authorization);
use Test::More;

my $t = ShimTest->new(extension => 1, conf => "oauth.bcrypt_cost = 4\noauth.registration = open");
$t->sql(q{SELECT oauth_create_user('alice', 'wonderland')});
my ($id, $secret) = split /\|/, $t->sql(q{SELECT client_id, client_secret FROM oauth_register_client('Header',
	redirect_uris => '{http://127.0.0.1:9/back}', grant_types => '{authorization_code,oauth1,oauth1_two_legged,oauth1_xauth}', scope => 'read openid')});
my $subject = $t->sql(q{SELECT subject FROM oauth.user WHERE username = 'alice'});
my $token = $t->sql("SELECT access_token FROM oauth_issue_token('$id', subject => '$subject', scope => 'read openid')");
my $port = PostgreSQL::Test::Cluster::get_free_port();
$t->{last_port} = $port;
$t->sql(qq{ALTER DATABASE postgres SET oauth.issuer = 'http://127.0.0.1:$port'});
$t->sql(q{
	CREATE ROLE app;
	CREATE SCHEMA app AUTHORIZATION app;
	SET ROLE app;
	CREATE TABLE app.visit (method text);
	CREATE FUNCTION app.count(r oauth.http_request) RETURNS jsonb LANGUAGE sql AS
		$$ INSERT INTO app.visit VALUES (r.method); SELECT jsonb_build_object('method', r.method, 'visits', (SELECT count(*) FROM app.visit)) $$;
	CREATE FUNCTION app.refuse(r oauth.http_request) RETURNS oauth.http_response LANGUAGE sql AS
		$$ INSERT INTO app.visit VALUES (r.method); SELECT ROW(403, ARRAY['X-Method: ' || r.method], convert_to('no', 'UTF8'))::oauth.http_response $$;
	RESET ROLE;
	SELECT oauth_protect('/api/count', 'app.count'), oauth_protect('/api/refuse', 'app.refuse', NULL, '{HEAD,GET}'), oauth_protect('/api/post', 'app.count', NULL, '{POST}');
});
$t->start('--same-port', '--purge-interval=0');

# All that the database holds, as one value; without the nonces, which signed requests use up.
sub contents
{
	return $t->sql(q{SELECT md5(string_agg(query_to_xml(format('SELECT * FROM %s t ORDER BY t::text', oid::regclass), true, false, '')::text, '' ORDER BY oid))
		FROM pg_class WHERE relnamespace IN ('oauth'::regnamespace, 'app'::regnamespace) AND relkind = 'r' AND relname !~ '^nonce'});
}


# What is random, or says when
sub comparable
{
	my ($answer) = @_;
	return [ $answer->{status}, map { s/\A(Set-Cookie: \w+=)[^;]*/$1/ir =~ s/\b(code|request)=[^&]*/$1=/r } grep { !/\A(?:Date|X-Request-Id):/ } @{ $answer->{headers} } ];
}

# First HEAD, which changes nothing, then GET, which answers the same.
sub same
{
	my ($path, $name, %fields) = @_;
	my $before = contents();
	my $head = $t->request('HEAD', $path, undef, %fields);
	my $after = contents();
	my $get = $t->get($path, %fields);

	subtest "$name: HEAD" => sub {
		is($after, $before, 'changes nothing');
		is_deeply(comparable($head), comparable($get), 'answers like GET');
		is($head->{body}, '', 'without a body');
		is(header($head, 'Content-Length'), length $get->{body}, 'of that length') if $get->{status} != 204;
		cmp_ok($head->{status}, '<', 500, 'and not with a failure');
	};
	return $get;
}

my $verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
my $authorize = "/oauth2/authorize?client_id=$id&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fback&response_type=code&scope=read&state=s"
  . '&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256';

# What everybody may see
same($_, "$_, nobody is logged in") for '/login', '/logout', '/account', '/oauth2/device', '/oauth2/device?user_code=ABCD-EFGH', $authorize, '/oauth2/authorize?client_id=nobody',
  '/oauth/authorize?oauth_token=x', '/.well-known/oauth-authorization-server', '/.well-known/oauth-protected-resource', '/oauth2/userinfo', '/api/', '/api/count', '/auth',
  '/oauth/request_token', '/oauth/access_token', '/oauth2/register/x', '/oauth2/register', '/healthz', '/readyz', '/nope', '/oauth2/token', '/oauth2/introspect';

# What somebody who is logged in sees; a code only by GET
{
	my $page = remember($t->get('/login'));
	is(remember($t->post('/login', 'username=alice&password=wonderland&token=' . field($page, 'token'), Cookie => cookies()))->{status}, 303, 'alice logs in');
	same($_, "$_, alice is logged in", Cookie => cookies()) for '/login', '/login?again=1', '/logout', '/account', '/oauth2/device', '/oauth2/device?user_code=ABCD-EFGH';
	my $consent = same($authorize, 'the consent page', Cookie => cookies());
	$t->post('/oauth2/authorize/confirm', join('&', 'decision=approve', map { "$_=" . encode(field($consent, $_)) } qw(request token)), Cookie => cookies());
	my $head = $t->request('HEAD', $authorize, undef, Cookie => cookies());
	is($head->{status}, 303, 'HEAD where consent is remembered is answered at once');
	my ($code) = (header($head, 'Location') // '') =~ /code=([^&]*)/;
	is($t->post('/oauth2/token', "grant_type=authorization_code&client_id=$id&client_secret=$secret&code_verifier=$verifier&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fback&code=" . ($code // 'x'))->{status},
		400, 'and the code in it buys nothing');
	my $get = same($authorize, 'consent that is remembered', Cookie => cookies());
	($code) = header($get, 'Location') =~ /code=([^&]*)/;
	is($t->post('/oauth2/token', "grant_type=authorization_code&client_id=$id&client_secret=$secret&code_verifier=$verifier&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fback&code=$code")->{status},
		200, 'while that of GET does');
	like($t->get('/account', Cookie => cookies())->{body}, qr/alice/, 'after all that she is logged in');
}

# What a token opens
{
	my @bearer = (Authorization => "Bearer $token");
	same($_, "$_ with a token", @bearer) for '/api/', '/oauth2/userinfo', '/auth', '/auth?scope=write', '/api/nothing';
	my $get = same('/api/count', 'a published function that writes', @bearer);
	is_deeply(json($get), { method => 'GET', visits => 1 }, 'GET is its first visit');
	my $refused = $t->request('HEAD', '/api/refuse', undef, @bearer);
	is($refused->{status}, 403, 'a function that refuses');
	is(header($refused, 'X-Method'), 'HEAD', 'and is registered for HEAD sees that');
	is($t->sql(q{SELECT string_agg(method, ',') FROM app.visit}), 'GET', 'leaves nothing by HEAD either');
	my $post = $t->request('HEAD', '/api/post', undef, @bearer);
	is($post->{status}, 405, 'a function for POST does not take HEAD');
	is(header($post, 'Allow'), 'POST', 'and says so');
	is(header($t->request('DELETE', '/api/count', undef, @bearer), 'Allow'), 'GET, HEAD', 'one for GET takes it');

	my $registered = json($t->post('/oauth2/register', '{"redirect_uris": ["https://app.example/cb"]}', 'Content-Type' => 'application/json'));
	same("/oauth2/register/$registered->{client_id}", 'what a client registered', Authorization => "Bearer $registered->{registration_access_token}");
}

# OAuth 1.0a: signed over HEAD; the nonce is used up, and nothing else
sub signed
{
	my ($method, $path, %more) = @_;
	return authorization(client_id => $id, client_secret => $secret, method => $method, uri => "http://h$path", %more);
}
sub signed_head
{
	my ($path, $authorization) = @_;
	return $t->request('HEAD', $path, undef, Host => 'h', Authorization => $authorization);
}
{
	my $authorization = signed('HEAD', '/api/');
	is(signed_head('/api/', $authorization)->{status}, 200, 'a signature over HEAD holds');
	is(signed_head('/api/', $authorization)->{status}, 401, 'once');
	is(signed_head('/api/', signed('GET', '/api/'))->{status}, 401, 'one over GET does not');
	is($t->get('/api/', Host => 'h', Authorization => signed('HEAD', '/api/'))->{status}, 401, 'nor one over HEAD for GET');
	is(signed_head('/auth', signed('HEAD', '/auth'))->{status}, 200, '/auth takes one over HEAD');

	my $callback = '/oauth/request_token';
	my $before = contents();
	$authorization = signed('HEAD', $callback, callback => 'oob');
	my $head = signed_head($callback, $authorization);
	is($head->{status}, 200, 'temporary credentials by HEAD: 200');
	is(header($head, 'Content-Type'), 'application/x-www-form-urlencoded', 'and the fields of GET');
	is(contents(), $before, 'and none are made');
	is(signed_head($callback, $authorization)->{status}, 401, 'once');

	my $answer = $t->get($callback, Host => 'h', Authorization => signed('GET', $callback, callback => 'oob'));
	my %temporary = map { split /=/ } split /&/, $answer->{body};
	my $asked = $t->get("/oauth/authorize?oauth_token=$temporary{oauth_token}", Cookie => cookies());
	my $told = $t->post('/oauth/authorize', join('&', 'decision=approve', map { "$_=" . encode(field($asked, $_)) } qw(request token)), Cookie => cookies());
	my ($code) = $told->{body} =~ /\b([A-Z2-9]{4}-[A-Z2-9]{4})\b/;
	ok($code, 'alice gets a verifier') or diag($told->{body});
	my %with = (token => $temporary{oauth_token}, token_secret => $temporary{oauth_token_secret});
	my $exchange = '/oauth/access_token';
	$before = contents();
	is(signed_head($exchange, signed('HEAD', $exchange, %with, verifier => $code))->{status}, 200, 'the exchange by HEAD: 200') for 1 .. 2;
	is(contents(), $before, 'and nothing is exchanged');
	is(signed_head($exchange, signed('HEAD', $exchange, %with, verifier => 'ABCD-EFGH'))->{status}, 401, 'a wrong verifier by HEAD') for 1 .. 5;
	is($t->get($exchange, Host => 'h', Authorization => signed('GET', $exchange, %with, verifier => $code))->{status}, 401, 'counts: after five the right one is none any more');

	my $guess = sub { my $path = "/oauth/access_token?x_auth_mode=client_auth&x_auth_username=alice&x_auth_password=$_[0]"; return signed_head($path, signed('HEAD', $path))->{status} };
	$before = contents();
	is($guess->('wonderland'), 200, 'a password by HEAD: 200');
	is(contents(), $before, 'and nobody has logged in');
	my @statuses = map { $guess->("guess$_") } 1 .. 12;
	is($statuses[0], 401, 'a wrong one');
	is($statuses[-1], 429, 'is counted: guessing by HEAD ends as well');
}

# Without a body also where the connection goes on, and where the shim itself answers
{
	my $socket = $t->connect;
	syswrite($socket, join '', map { request_bytes($_->[0], $_->[1], undef, Host => 'h') } ['HEAD', '/login'], ['HEAD', '/nope'], ['HEAD', '/oauth2/token'], ['HEAD', '/metrics'], ['GET', '/healthz']);
	is(read_answer($socket, head_only => 1)->{status}, $_, "pipelined: $_") for 200, 404, 405, 200;
	is(read_answer($socket)->{body}, "ok\n", 'and what follows is whole');
	is(header($t->request('DELETE', $_), 'Allow'), 'GET, HEAD, POST', "$_ says that it takes HEAD") for '/login', '/oauth2/authorize', '/oauth/request_token', '/account';
	is(header($t->request('HEAD', '/oauth2/token'), 'Allow'), 'POST, OPTIONS', 'the token endpoint does not');
}

# Claims are made by a function of the application.
{
	$t->sql(q{
		SET ROLE app;
		CREATE FUNCTION app.claims(subject text, client_id text, scope text) RETURNS jsonb LANGUAGE sql AS
			$$ INSERT INTO app.visit VALUES ('claims'); SELECT jsonb_build_object('visits', (SELECT count(*) FROM app.visit)) $$;
		RESET ROLE;
		SELECT oauth_set_claims_function('app.claims')});
	same($_, "$_ with claims that are counted", Authorization => "Bearer $token") for '/api/', '/oauth2/userinfo';
}
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no HEAD has spoiled a batch');
unlike($t->error_log, qr/SQLSTATE/, 'nor made an error of the database');
$t->finish;
done_testing();
