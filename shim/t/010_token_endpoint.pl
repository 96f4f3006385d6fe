# 010_token_endpoint.pl
# The token endpoint and bearer tokens over HTTP (RFC 6749, RFC 6750, RFC 9700): every grant, many refreshes at once,
# reuse, guessing, and what clients should not have sent.
#
# sql/token.sql and sql/bearer.sql have each rule in all its cases; here each is seen once from outside.
#
# Runs with the sanitizers too.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(header json post_bytes request_bytes);
use IO::Select;
use MIME::Base64 qw(encode_base64);
use Test::More;

my $password = 'wonder land&100%';
my $form_password = 'wonder+land%26100%25';
my $t = ShimTest->new(extension => 1, loud => 1, conf => 'oauth.refresh_grace = 300');
$t->remember($password, $form_password, 'wonder land', 'wrong-password');
my ($id, $secret) = split /\|/, $t->sql("SELECT * FROM oauth_register_client('token',
	grant_types => '{password,client_credentials,refresh_token}', scope => 'read write')");
my ($other, $other_secret) = split /\|/, $t->sql("SELECT * FROM oauth_register_client('other', grant_types => '{password,refresh_token}')");
my ($basic, $basic_secret) = split /\|/, $t->sql("SELECT * FROM oauth_register_client('basic', grant_types => '{client_credentials}',
	token_endpoint_auth_method => 'client_secret_basic')");
my $public = $t->sql("SELECT client_id FROM oauth_register_client('public', grant_types => '{password,refresh_token}', client_type => 'public')");
my $alice = $t->sql("SELECT oauth_create_user('alice', '$password')");
my $auth = "client_id=$id&client_secret=$secret";
my $other_auth = "client_id=$other&client_secret=$other_secret";
my $login = "grant_type=password&username=alice&password=$form_password";
$t->start('--purge-interval=0', '--slow-queue-timeout=60000');

sub basic { return (Authorization => 'Basic ' . encode_base64("$_[0]:$_[1]", '')) }
sub bearer { return (Authorization => "Bearer $_[0]") }
sub token { return $t->post('/oauth2/token', @_) }
sub api_status { return $t->get('/api/', bearer($_[0]))->{status} }
sub refresh_body { return "grant_type=refresh_token&$auth&refresh_token=$_[0]" }
sub refresh { return token(refresh_body($_[0])) }
sub new_pair { return split /\|/, $t->sql("SELECT access_token, refresh_token FROM oauth_issue_token('$id', '$alice', refresh => true)") }

# Everything in every table, xmin included: whatever writes changes it.
sub contents
{
	my @tables = split /\n/, $t->sql("SELECT oid::regclass FROM pg_class WHERE relnamespace = 'oauth'::regnamespace AND relkind = 'r'
		AND relname !~ '^(event_|throttle)' ORDER BY 1");
	return $t->sql(join(' UNION ALL ', map { "SELECT '$_', md5(string_agg(concat(t.xmin, t.xmax, t.ctid, t::text), ' ' ORDER BY t.ctid)) FROM $_ t" } @tables) . ' ORDER BY 1');
}

# A refusal in the form of RFC 6749, section 5.2.
sub refused
{
	my ($answer, $status, $error, $name) = @_;
	my $body = eval { json($answer) } // {};

	is("$answer->{status} " . ($body->{error} // ''), "$status $error", $name) or diag($answer->{raw});
	ok(length($body->{error_description} // '') > 10 && header($answer, 'Cache-Control') eq 'no-store', "$name: and says what was wrong, not to be stored");
	return;
}

# ---- every grant at both paths (R107, RFC 6749, section 5.1) ----

for my $path ('/oauth2/token', '/oauth2/access_token', '/oauth2/token/', '/oauth2/access_token/')
{
	my $answer = $t->post($path, "$auth&$login");
	my $body = json($answer);

	is($answer->{status}, 200, "R107: $path answers a password");
	is(join('; ', map { header($answer, $_) } qw(Content-Type Cache-Control Pragma)), 'application/json; no-store; no-cache', "R107: $path: JSON that is not stored");
	like($answer->{body}, qr/"token_type": "Bearer", "expires_in": 86\d{3},/, "R107: $path: token_type and a number of seconds");
	is($body->{scope}, 'read', "R107: $path: the scope is stated");
	is_deeply(json($t->get('/api/', bearer($body->{access_token}))),
		{ subject => $alice, username => 'alice', client_id => $id, scope => 'read', auth => 'bearer' }, "$path: the token says who is calling");

	$answer = $t->post($path, refresh_body($body->{refresh_token}));
	is($answer->{status}, 200, "R107: $path answers a refresh token");
	is(json($t->get('/api/', bearer(json($answer)->{access_token})))->{subject}, $alice, "R138: $path: a refresh keeps the subject");

	$answer = $t->post($path, 'grant_type=client_credentials&scope=write', basic($id, $secret));
	is_deeply([ sort keys %{ json($answer) } ], [qw(access_token expires_in scope token_type)], "R119, R137: $path answers client credentials without a refresh token");
	is_deeply(json($t->get('/api/', bearer(json($answer)->{access_token}))), { client_id => $id, scope => 'write', auth => 'bearer' },
		"R119: $path: such a token has no subject");
}
is(token("$login&client_id=$public")->{status}, 200, 'a public client has no secret to send');
is(token('grant_type=client_credentials', basic($id =~ s/^(.)/sprintf '%%%02x', ord $1/er, $secret =~ s/_/%5F/r))->{status}, 200,
	'R110: id and secret in Basic are form-encoded (RFC 6749, section 2.3.1)');

# ---- what is refused, once each ----

my ($access, $refresh) = new_pair();
my $before = contents();
my $form = 'application/x-www-form-urlencoded';

for (
	[ 400, 'invalid_request', 'R105: credentials in the query', "/oauth2/token?$auth", 'grant_type=client_credentials' ],
	[ 400, 'invalid_request', 'R106: a parameter twice', undef, "$auth&grant_type=client_credentials&grant_type=client_credentials" ],
	[ 400, 'invalid_request', 'R106: no grant_type', undef, $auth ],
	[ 400, 'invalid_request', 'R106: an empty grant_type is none', undef, "$auth&grant_type=" ],
	[ 400, 'unsupported_grant_type', 'R106: a grant type nobody knows', undef, "$auth&grant_type=implicit" ],
	[ 400, 'unauthorized_client', 'R106: a grant type the client does not have', undef, "$other_auth&grant_type=client_credentials" ],
	[ 401, 'invalid_client', 'R108: a wrong secret in the body', undef, "client_id=$id&client_secret=x&grant_type=client_credentials" ],
	[ 401, 'invalid_client', 'R108: a wrong secret in the header', undef, 'grant_type=client_credentials', basic($id, 'x') ],
	[ 401, 'invalid_client', 'R108: an unknown client', undef, 'grant_type=client_credentials', basic('nobody', 'x') ],
	[ 400, 'invalid_request', 'R109: credentials in the header and in the body', undef, "$auth&grant_type=client_credentials", basic($id, $secret) ],
	[ 400, 'invalid_request', 'R109: two client_ids', undef, "client_id=$other&grant_type=client_credentials", basic($id, $secret) ],
	[ 401, 'invalid_client', 'R110: Basic with nothing', undef, 'grant_type=client_credentials', Authorization => 'Basic' ],
	[ 401, 'invalid_client', 'R110: Basic that is not base64', undef, 'grant_type=client_credentials', Authorization => 'Basic !!!!' ],
	[ 401, 'invalid_client', 'R110: Basic without a colon', undef, 'grant_type=client_credentials', Authorization => 'Basic YWJj' ],
	[ 401, 'invalid_client', 'R110: Basic with NUL bytes', undef, 'grant_type=client_credentials', Authorization => 'Basic ' . encode_base64("\0:\0", '') ],
	[ 401, 'invalid_client', 'R110: Basic that is not UTF-8', undef, 'grant_type=client_credentials', basic("\xff", "\xfe") ],
	[ 401, 'invalid_client', 'R110: Basic with half a percent-encoding', undef, 'grant_type=client_credentials', basic('%', '%4') ],
	[ 401, 'invalid_client', 'R110: a very long Basic', undef, 'grant_type=client_credentials', basic('x' x 5000, 'y') ],
	[ 401, 'invalid_client', 'R111: a confidential client without its secret', undef, "client_id=$id&grant_type=client_credentials" ],
	[ 401, 'invalid_client', 'R111: an empty secret', undef, "client_id=$id&client_secret=&grant_type=client_credentials" ],
	[ 401, 'invalid_client', 'R111: another method than the registered one', undef, "client_id=$basic&client_secret=$basic_secret&grant_type=client_credentials" ],
	[ 400, 'invalid_grant', 'RFC 6749, section 4.3: a wrong password', undef, "$auth&grant_type=password&username=alice&password=wrong-password" ],
	[ 400, 'invalid_grant', 'R212: an unknown user is answered like a wrong password', undef, "$auth&grant_type=password&username=nobody&password=wrong-password" ],
	[ 400, 'invalid_grant', 'R117: no refresh token at all', undef, refresh_body('x') ],
	[ 400, 'invalid_grant', 'R117: a truncated refresh token', undef, refresh_body(substr $refresh, 0, -1) ],
	[ 400, 'invalid_grant', 'R117: a longer one', undef, refresh_body("${refresh}A") ],
	[ 400, 'invalid_grant', 'R117: one in other case', undef, refresh_body(uc $refresh) ],
	[ 400, 'invalid_grant', 'R117: an access token in its place', undef, refresh_body($access) ],
	[ 400, 'invalid_grant', 'R130: the refresh token of another client', undef, "$other_auth&grant_type=refresh_token&refresh_token=$refresh" ],
	[ 401, 'invalid_client', 'R130: a refresh without the secret', undef, "client_id=$id&grant_type=refresh_token&refresh_token=$refresh" ],
	[ 400, 'invalid_scope', 'R131: more than was granted', undef, refresh_body($refresh) . '&scope=read+write' ],
	[ 400, 'invalid_scope', 'R119: a scope the client may not ask for', undef, "$auth&grant_type=client_credentials&scope=admin" ],
	[ 400, 'invalid_scope', 'R214: a malformed scope (RFC 6749, section 3.3)', undef, "$auth&grant_type=client_credentials&scope=%22" ],
	[ 400, 'invalid_request', 'R25: half a percent-encoding', undef, "$auth&grant_type=%7" ],
	[ 400, 'invalid_request', 'R25: a malformed percent-encoding', undef, "$auth&grant_type=%zz" ],
	[ 400, 'invalid_request', 'R25: an encoded NUL', undef, "$auth&grant_type=client_credentials%00" ],
	[ 400, 'invalid_request', 'R25: a NUL byte', undef, "$auth&grant_type=client_credentials\0" ],
	[ 400, 'invalid_request', 'R25: encoded bytes that are not UTF-8', undef, "$auth&grant_type=client_credentials&scope=%ff" ],
	[ 400, 'invalid_request', 'R25: bytes that are not UTF-8', undef, "$auth&grant_type=client_credentials&scope=\xc3" ],
	[ 400, 'invalid_request', 'R25: an overlong NUL', undef, "$auth&grant_type=client_credentials&scope=%c0%80" ],
	[ 400, 'invalid_request', 'R25: half a surrogate pair', undef, "$auth&grant_type=client_credentials&scope=%ed%a0%80" ],
	[ 400, 'invalid_request', 'R25: too many parameters', undef, "$auth&grant_type=client_credentials" . '&a=1' x 1000 ],
	[ 400, 'invalid_request', 'R25: JSON', undef, '{}', 'Content-Type' => 'application/json' ],
	[ 400, 'invalid_request', 'R25: a form of another type', undef, "$auth&grant_type=client_credentials", 'Content-Type' => 'text/plain' ],
	[ 400, 'invalid_request', 'R25: multipart', undef, '--x', 'Content-Type' => 'multipart/form-data; boundary=x' ],
	[ 400, 'invalid_request', 'R25: nothing', undef, '' ],
	[ 413, 'invalid_request', 'R18: a body that is too long', undef, "$auth&grant_type=client_credentials&a=" . 'x' x 65536 ],
	[ 401, 'invalid_client', 'R10: an Authorization header that is not UTF-8', undef, 'grant_type=client_credentials', Authorization => "Basic \xff" ])
{
	my ($status, $error, $name, $target, $body, @fields) = @$_;
	my $answer = $t->post($target // '/oauth2/token', $body, @fields);

	refused($answer, $status, $error, $name);
	like(header($answer, 'WWW-Authenticate') // '', $status == 401 ? qr/\ABasic realm="/ : qr/\A\z/, "$name: a challenge with 401 only (RFC 6749, section 5.2)");
}
for my $method (qw(GET PUT HEAD DELETE))
{
	my $answer = $t->request($method, '/oauth2/token', undef);
	is("$answer->{status} " . header($answer, 'Allow'), '405 POST, OPTIONS', "R105: $method is not for this endpoint");
	for ([ 'R153', 'revoke', 'POST, OPTIONS' ], [ 'R159', 'introspect', 'POST' ])
	{
		my ($rule, $endpoint, $allowed) = @$_;
		$answer = $t->request($method, "/oauth2/$endpoint?$auth&token=$access&callback=f", undef, basic($id, $secret));
		is("$answer->{status} " . header($answer, 'Allow'), "405 $allowed", "$rule: $method is not for $endpoint, and there is no JSONP");
	}
}
is(api_status($access), 200, 'R153: none of which has revoked anything');
is($t->post('/oauth2/token', "$auth&grant_type=client_credentials", 'X-Long' => 'x' x 20000)->{status}, 431, 'R9: a header that is too long');
my @same = map { token('grant_type=client_credentials', basic(@$_)) } [ $id, 'x' ], [ 'nobody', 'x' ];
is($same[0]{body}, $same[1]{body}, 'R108, R212: a wrong secret and an unknown client get one answer');

# ---- bearer tokens ----

for (
	[ 401, qr/\ABearer realm="api", DPoP algs="[A-Za-z0-9 ]+"\z/, 'R139: no token: a challenge without an error (RFC 6750, section 3.1)' ],
	[ 401, qr/error="invalid_token"/, 'R140: an unknown token', bearer('oat_' . 'A' x 54) ],
	[ 401, qr/error="invalid_token"/, 'R147: a refresh token', bearer($refresh) ],
	[ 401, qr/error="invalid_token"/, 'R117: a longer token', bearer("${access}A") ],
	[ 400, qr/\A\z/, 'R142: two headers, which the shim refuses', bearer($access), bearer($access) ],
	[ 400, qr/error="invalid_request"/, 'R145: two tokens', bearer("$access $access") ],
	[ 400, qr/error="invalid_request"/, 'R145: no token after the scheme', Authorization => 'Bearer' ],
	[ 400, qr/error="invalid_request"/, 'R146: a quote in the token', bearer('x", error="none') ],
	[ 200, qr/\A\z/, 'R145: the scheme in any case', Authorization => "bEaReR  $access" ])
{
	my ($status, $challenge, $name, @fields) = @$_;
	for my $path ('/api/', '/auth')
	{
		my $answer = $t->get($path, @fields);
		is($answer->{status}, $status, "$name: $path answers $status");
		like(header($answer, 'WWW-Authenticate') // '', $challenge, "$name: $path with the challenge for it");
	}
}
my $answer = $t->get('/auth?scope=write', bearer($access));
is($answer->{status}, 403, 'R141: a scope that is missing is 403');
like(header($answer, 'WWW-Authenticate'), qr/error="insufficient_scope".*, scope="write"\z/, 'R141: the challenge names it');
is($t->get("/api/?access_token=$access")->{status}, 400, 'R143: a token in the query is refused');
is($t->post('/api/', "access_token=$access")->{status}, 200, 'R144: in the body of a POST with a form it is taken (RFC 6750, section 2.2)');
is($t->post('/api/', "access_token=$access", bearer($access))->{status}, 400, 'R142: there and in the header it is refused');
is($t->request('PUT', '/api/', "access_token=$access", 'Content-Type' => $form)->{status}, 401, 'R144: in the body of a PUT it is not seen');
is($t->post('/api/', "access_token=$access", 'Content-Type' => 'text/plain')->{status}, 401, 'R144: nor in another type');

is(contents(), $before, 'nothing of this wrote, or locked, a row, but to count and note what failed');
is($t->metric('oauth_shim_database_reconnects_total'), 0, 'and no connection to the database was lost by it');
is(api_status($access), 200, 'the token that was misspelt is still good');

# ---- 64 refreshes at once with one refresh token (R118, R133, RFC 9700, section 4.14) ----

sub living { return $t->sql("SELECT count(*) FROM oauth.refresh_token r JOIN oauth.grant g ON g.handle = r.grant_handle
	WHERE r.used_at IS NULL AND g.ended_at IS NULL AND g.handle = (SELECT grant_handle FROM oauth.refresh_token
		WHERE token_hash = sha256(convert_to('$_[0]', 'UTF8')))") }

{
	my @answers = $t->together((post_bytes('/oauth2/token', refresh_body($refresh))) x 64);
	my %pairs = map { (json($_)->{access_token} // '') . ' ' . (json($_)->{refresh_token} // '') => 1 } @answers;
	my ($next_access, $next) = split / /, (keys %pairs)[0];

	is((grep { $_->{status} != 200 } @answers), 0, 'R133: 64 refreshes at once with one token are all answered');
	is(keys %pairs, 1, 'R133: with one and the same pair');
	isnt($next, $refresh, 'R132: a new one');
	is(living($refresh), 1, 'R133: and there is exactly one living refresh token');
	is(api_status($next_access), 200, 'R133: the new access token is good');
	is(json(refresh($refresh))->{refresh_token}, $next, 'R132: the old token brings the same pair for a while');

	my $third = json(refresh($next));
	is(api_status($_), 200, 'R132: until the successor was used, all is good') for $next_access, $third->{access_token};
	refused(refresh($refresh), 400, 'invalid_grant', 'R132: once the successor was used, the old token is reuse');
	is(api_status($_), 401, 'R132, R140: which ends every access token of the family') for $access, $next_access, $third->{access_token};
	refused(refresh($third->{refresh_token}), 400, 'invalid_grant', 'R132: and the newest refresh token');
	is(living($refresh), 0, 'R132: no refresh token of the family lives');
}

# Outside the grace; and many at once, when it is reuse for all of them.
{
	my ($first_access, $first) = new_pair();
	my $second = json(refresh($first));

	$t->sql("UPDATE oauth.refresh_token SET used_at = used_at - interval '301 seconds' WHERE token_hash = sha256(convert_to('$first', 'UTF8'))");
	my @answers = $t->together((post_bytes('/oauth2/token', refresh_body($first))) x 16);
	is((grep { $_->{status} != 400 } @answers), 0, 'R132: when the grace has passed, reuse is refused');
	is(api_status($_), 401, 'R132: and the family has ended') for $first_access, $second->{access_token};
	refused(refresh($second->{refresh_token}), 400, 'invalid_grant', 'R134: for the one who has the newest token, too');
}

# A user, a client that are gone (R135)
{
	my ($first_access, $first) = new_pair();

	$t->sql("SELECT oauth_disable_user('alice')");
	is(api_status($first_access), 401, 'R135: the token of a disabled user is refused');
	refused(refresh($first), 400, 'invalid_grant', 'R135: so is the refresh');
	refused(token("$auth&$login"), 400, 'invalid_grant', 'R135: and the password');
	$t->sql("SELECT oauth_enable_user('alice')");
	($first_access, $first) = new_pair();
	$t->sql("SELECT oauth_disable_client('$id')");
	is(api_status($first_access), 401, 'R135: the token of a disabled client is refused');
	refused(refresh($first), 401, 'invalid_client', 'R135: so is the client');
	$t->sql("SELECT oauth_enable_client('$id')");
}

# ---- wrong passwords at full blast (R112) ----

{
	my ($good) = new_pair();
	my @guesses = map { post_bytes('/oauth2/token', "$auth&grant_type=password&username=alice$_&password=wrong-password") } 1 .. 64;
	my @sockets = $t->send_together(@guesses);
	my @statuses = map { ($t->get('/auth', bearer($good))->{status}, token("$auth&grant_type=client_credentials")->{status}) } 1 .. 20;
	my $waiting = @sockets - IO::Select->new(@sockets)->can_read(0);

	cmp_ok($waiting, '>', 0, 'R112: while wrong passwords wait for their hashes');
	is_deeply(\@statuses, [ (200) x 40 ], 'R112: /auth and client credentials are answered');
	is((grep { ShimTest::read_answer($_)->{status} != 400 } @sockets), 0, 'R112: and every wrong password is refused in its time');
}

# ---- parts of requests, and a reader that leaves ----

{
	my ($good) = new_pair();
	my $socket = $t->connect;
	syswrite($socket, post_bytes('/oauth2/token', "$auth&grant_type=client_credentials") =~ s/.{10}\z//sr);
	close $socket;
	is($t->get('/healthz')->{status}, 200, 'R18: the process lives when a client stops in the middle');
	is(api_status($good), 200, 'R18: and serves');
}
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request of all these made a batch fail');
$t->no_secret_in_logs;	# R217
$t->finish;
done_testing();
