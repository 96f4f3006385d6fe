# 025_standby.pl
# Reading writes nothing: a hot standby verifies tokens and says who is calling. And transactions in two phases.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use JSON::PP;
use LoggedIn qw(form);
use ShimTest qw(header json);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $t = ShimTest->new(extension => 1,
	conf => "wal_level = replica\nmax_wal_senders = 2\nhot_standby = on\nmax_prepared_transactions = 2\noauth.code_lifetime = 600\n");
my $primary = $t->node;
$primary->append_conf('pg_hba.conf', 'local replication all trust');
$primary->reload;

my ($client, $secret) = split /\|/,
  $t->sql("SELECT * FROM oauth_register_client('standby', grant_types => '{refresh_token,client_credentials,oauth1}')");
$t->sql("SELECT access_token FROM oauth_issue_token('$client')");
my ($access, $refresh) = split /\|/, $t->sql("SELECT access_token, refresh_token FROM oauth_issue_token('$client', 'somebody', refresh => true)");

# Somebody who logged in with an ID token, and a client whose access tokens are JWTs.
$t->sql(q{ALTER DATABASE postgres SET oauth.issuer = 'https://id.example.com';
	SELECT oauth_create_user('alice', 'wonderland')});
$t->sql(q{CREATE FUNCTION public.claims(subject text, client_id text, scope text) RETURNS jsonb STABLE LANGUAGE sql
	AS $$ SELECT '{"email": "alice@example.org"}'::jsonb $$; SELECT oauth_set_claims_function('public.claims')});
my %rp = %{ decode_json($t->sql(q{SELECT oauth_register_client_metadata('{"client_name": "RP", "redirect_uris": ["https://rp.example/back"],
	"token_endpoint_auth_method": "client_secret_post", "scope": "openid email read", "id_token_signed_response_alg": "ES256",
	"grant_types": ["authorization_code", "refresh_token"]}')})) };
my @as_rp = map { ($_ => $rp{$_}) } qw(client_id client_secret);
$t->start('--purge-interval=0');
my $alice = LoggedIn->new($t, 'alice', 'wonderland');
my %by_code = (grant_type => 'authorization_code', redirect_uri => 'https://rp.example/back');
my $code = sub { $alice->code($rp{client_id}, 'openid email', redirect_uri => 'https://rp.example/back') };
my $of_alice = json($t->post('/oauth2/token', form(%by_code, code => $code->(), @as_rp)));
my $unused = $code->();
$t->sql("SELECT oauth_update_client('$rp{client_id}', '{\"access_token_format\": \"jwt\"}')");
my $jwt = json($t->post('/oauth2/token', form(%by_code, code => $code->(), @as_rp)))->{access_token};
like($jwt, qr/\AeyJ/, 'a client has an access token that is a JWT');
my ($introspector, $introspector_secret) = split /\|/, $t->sql("SELECT client_id, client_secret FROM oauth_register_client('RS', grant_types => '{introspection}')");
my %document = map { $_ => $t->get($_)->{body} } '/oauth2/jwks', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server',
  '/.well-known/oauth-protected-resource';

# A trusted issuer, a client that proves itself with assertions, one of a metadata document, and a type of authorization details.
$t->sql(q{SELECT oauth_create_signing_key('ES256') WHERE NOT EXISTS (SELECT FROM oauth.signing_key WHERE alg = 'ES256');
	SELECT oauth_trust_issuer('https://idp.example.com', oauth_jwks()); SELECT oauth_register_authorization_details_type('payment', 'Pay once');
	ALTER DATABASE postgres SET oauth.client_id_metadata_documents = on;
	SELECT oauth_keep_document('https://app.example.com/client', '{"client_id": "https://app.example.com/client", "redirect_uris": ["https://app.example.com/cb"]}')});
$t->stop;
$t->start('--purge-interval=0');
my $of_document = '/oauth2/authorize?' . form(response_type => 'code', client_id => 'https://app.example.com/client', redirect_uri => 'https://app.example.com/cb',
	code_challenge => 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method => 'S256');
is($t->get($of_document)->{status}, 303, 'a client of a document begins');
my $signs = $t->sql(q{SELECT oauth_register_client_metadata(jsonb_build_object('client_name', 'signs', 'token_endpoint_auth_method', 'private_key_jwt', 'jwks', oauth_jwks(),
	'grant_types', '{client_credentials,urn:ietf:params:oauth:grant-type:jwt-bearer}'::text[], 'scope', 'read')) ->> 'client_id'});
sub signed
{
	my ($more) = @_;
	return $t->sql("SELECT oauth_sign_jwt(jsonb_build_object('aud', 'https://id.example.com', 'exp', extract(epoch FROM now())::bigint + 240, 'jti', gen_random_uuid()) || '$more', 'ES256', 'JWT')");
}
my %assertion = (client_assertion_type => 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion => signed(qq({"iss": "$signs", "sub": "$signs"})));
my %theirs = (grant_type => 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion => signed('{"iss": "https://idp.example.com", "sub": "bob"}'));
my $bob = json($t->post('/oauth2/token', form(%theirs, %assertion)))->{access_token};
ok($bob, 'a JWT of the trusted issuer is a token');
$document{$_} = $t->get($_)->{body} for keys %document;
$_->{ $_ == \%theirs ? 'assertion' : 'client_assertion' } = signed($_ == \%theirs ? '{"iss": "https://idp.example.com", "sub": "bob"}' : qq({"iss": "$signs", "sub": "$signs"})) for \%theirs, \%assertion;
$t->stop;

# ---- two phases ----

my $prepared = $t->sql("BEGIN; SELECT access_token FROM oauth_issue_token('$client', 'somebody'); PREPARE TRANSACTION 'one'");
my $verify = "SELECT active FROM oauth_verify_token('%s')";
is($t->sql(sprintf $verify, $prepared), 'f', 'a token of a prepared transaction is nobody\'s yet');
is($t->sql("COMMIT PREPARED 'one'; " . sprintf $verify, $prepared), 't', 'and good when that commits');
$prepared = $t->sql("BEGIN; SELECT access_token FROM oauth_issue_token('$client', 'somebody'); PREPARE TRANSACTION 'two'");
is($t->sql("ROLLBACK PREPARED 'two'; " . sprintf $verify, $prepared), 'f', 'never if it rolls back');
is($t->sql("BEGIN; SELECT oauth_authenticate('Bearer $access'); PREPARE TRANSACTION 'three'; SELECT oauth_subject() IS NULL"), "t\nt",
	'PREPARE TRANSACTION ends the identity');
$t->sql("ROLLBACK PREPARED 'three'");

# ---- a standby ----

$primary->backup('base', backup_options => ['--no-sync']);
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
my $key = $standby->data_dir . '/oauth.key';
ok(-f $key, 'a key in the data directory comes along with pg_basebackup');
chmod 0600, $key or die "$key: $!";		# the copy of the tests has lost it
$standby->start;
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));

is($standby->safe_psql('postgres', "SELECT active, subject, scope FROM oauth_verify_token('$access')"), 't|somebody|read', 'it verifies');
is($standby->safe_psql('postgres', "SELECT oauth_introspect_token('$_') ->> 'sub'"), 'somebody', 'it introspects') for $access, $refresh;
is($standby->safe_psql('postgres', "BEGIN; SELECT oauth_authenticate('Bearer $access'), oauth_subject(); COMMIT"), 't|somebody',
	'it knows who is calling');
is($standby->safe_psql('postgres', 'SELECT clients, access_tokens > 0 FROM oauth_status()'), '5|t', 'it counts');
isnt($standby->safe_psql('postgres', 'SELECT count(*) FROM oauth_settings()'), 0, 'it shows its settings');
for my $write (
	"oauth_issue_token('$client')", "oauth_issue_token('$client', 'somebody')", "oauth_revoke_token('$access')", "oauth_register_client('x', grant_types => '{}')", "oauth_create_user('x', 'wonderland')",
	'oauth_purge_expired()', 'oauth_rotate_master_key()', "oauth_disable_client('$client')", "oauth_register_scope('x', 'x')")
{
	my ($rc, $out, $err) = $standby->psql('postgres', "\\set VERBOSITY sqlstate\nSELECT $write");
	like($err, qr/ERROR:  (25006|55000)/, "$write is refused with its SQLSTATE");
}
is($standby->safe_psql('postgres', sprintf $verify, $access), 't', 'nothing was changed');

# ---- the shim in front of it ----

$t->{node} = $standby;
$t->start;
my $answer = $t->get('/api/', Authorization => "Bearer $access");
is($answer->{status}, 200, '/api/ answers');
is(json($answer)->{subject}, 'somebody', 'with who is calling');
$answer = $t->get('/auth', Authorization => "Bearer $access");
is($answer->{status}, 200, '/auth answers');
is(header($answer, 'X-OAuth-Subject'), 'somebody', 'with the subject');
is($t->get('/api/', Authorization => "Bearer ${access}x")->{status}, 401, 'a bad token is 401');
$answer = $t->post('/oauth2/token', "grant_type=client_credentials&client_id=$client&client_secret=$secret");
is($answer->{status}, 503, 'what has to write is 503');
ok(header($answer, 'Retry-After'), 'with Retry-After');

# Trusted issuers, clients of documents and types of details are the primary's: their tokens are known, and what uses up a proof, or is
# to be kept, belongs to the server that writes, which the answer says.
is(header($t->get('/auth', Authorization => "Bearer $bob"), 'X-OAuth-Subject'), 'https://idp.example.com|bob', 'who came by a JWT of the trusted issuer is known');
is($standby->safe_psql('postgres', q{SELECT (SELECT issuer FROM oauth.trusted_issuer_overview), (SELECT type FROM oauth.authorization_details_type_overview),
	(SELECT client_id FROM oauth.client WHERE is_document)}), 'https://idp.example.com|payment|https://app.example.com/client', 'issuer, type and client are there');
my $elsewhere = 'this server only reads: ask the one that writes';
for ([ 'a client assertion', form(grant_type => 'client_credentials', %assertion) ], [ 'a JWT of the trusted issuer', form(%theirs, %assertion) ])
{
	my ($name, $body) = @$_;
	$answer = $t->post('/oauth2/token', $body);
	is(join(' ', $answer->{status}, @{ json($answer) }{qw(error error_description)}), "503 temporarily_unavailable $elsewhere", "$name is for another server");
	ok(header($answer, 'Retry-After'), '... which may be this one, later');
}
$answer = $t->get($of_document);
like($answer->{status}, qr/^(?:200|303|503)$/, 'a client of a document has an answer');
unlike($answer->{body} . header($answer, 'Location'), qr/[?&]code=/, '... and no code');
for ([ 'oauth_trust_issuer($$https://b.example$$, oauth_jwks())', '25006' ], [ 'oauth_distrust_issuer($$https://idp.example.com$$)', '25006' ],
	[ 'oauth_register_authorization_details_type($$x$$, $$x$$)', '25006' ], [ 'oauth_keep_document($$https://app.example.com/client$$, $${}$$)', '25006' ])
{
	my ($write, $sqlstate) = @$_;
	my ($rc, $out, $err) = $standby->psql('postgres', "\\set VERBOSITY sqlstate\nSELECT $write");
	like($err, qr/ERROR:  $sqlstate/, "$write is refused with its SQLSTATE");
}
{
	my $request = sprintf q{oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}', convert_to('%s', 'UTF8'), 'https', NULL))}, form(grant_type => 'client_credentials', %assertion);
	my ($rc, $out, $err) = $standby->psql('postgres', "SET oauth.lane = writing;\nSELECT status FROM $request");
	like($err, qr/which cannot be noted on a standby.*HINT:  Ask the server that writes/s, 'in SQL the error says whom to ask');
}

# OpenID Connect: what only reads answers as the primary does.
is($t->get($_)->{body}, $document{$_}, "$_ is the primary's") for sort keys %document;
for ([ opaque => $of_alice->{access_token} ], [ JWT => $jwt ])
{
	my ($kind, $of_her) = @$_;
	$answer = $t->get('/auth', Authorization => "Bearer $of_her");
	is($answer->{status} . ' ' . header($answer, 'X-OAuth-Client'), "200 $rp{client_id}", "$kind: /auth knows the token");
	is(json($t->get('/oauth2/userinfo', Authorization => "Bearer $of_her"))->{email}, 'alice@example.org', "$kind: userinfo says her claims");
	is(json($t->post('/oauth2/userinfo', "access_token=$of_her"))->{email}, 'alice@example.org', "$kind: by POST too");
	is(json($t->post('/oauth2/introspect', form(token => $of_her, client_id => $introspector, client_secret => $introspector_secret)))->{client_id},
		$rp{client_id}, "$kind: introspection knows it");
	is($t->get('/auth', Authorization => "Bearer ${of_her}A")->{status}, 401, "$kind: with a letter more nobody does");
}
my $set = $t->get('/oauth2/jwks')->{body};
for ([ $of_alice->{id_token}, 'JWT', 'her ID token' ], [ $jwt, 'at+jwt', 'her JWT' ])
{
	my ($signed, $typ, $name) = @$_;
	is($standby->safe_psql('postgres', "SELECT valid FROM oauth_verify_jwt('$signed', '$set', '{ES256,RS256}', '$typ')"), 't', "$name verifies with the set of the standby");
}

# What has to write says so: it is to be tried again, and was not done.  To a browser a page says it.
for ([ 'a code', '/oauth2/token', form(%by_code, code => $unused, @as_rp) ],
	[ 'a refresh token', '/oauth2/token', form(grant_type => 'refresh_token', refresh_token => $of_alice->{refresh_token} // $refresh, @as_rp) ],
	[ 'a revocation', '/oauth2/revoke', form(token => $jwt, @as_rp) ], [ 'a registration', '/oauth2/register', '{"redirect_uris": ["https://rp.example/"]}' ])
{
	my ($name, $path, $body) = @$_;
	$answer = $t->post($path, $body, $path eq '/oauth2/register' ? ('Content-Type' => 'application/json') : ());
	next if $name eq 'a registration' && is($answer->{status}, 403, 'a registration is closed, on a standby too');
	is($answer->{status} . ' ' . (json($answer)->{error} // ''), '503 temporarily_unavailable', "$name is to be tried again");
	ok(header($answer, 'Retry-After'), '... and when');
}
for my $page ('/login', '/account', "/oauth2/authorize?" . form(response_type => 'code', client_id => $rp{client_id}, scope => 'openid', redirect_uri => 'https://rp.example/back'))
{
	$answer = $t->get($page, Accept => 'text/html', Cookie => $alice->cookies);
	note("$page: $answer->{status}");
	like($answer->{status}, qr/^(?:200|303|503)$/, ($page =~ s/\?.*//r) . ': an answer');
	like($answer->{body}, qr/try again/i, '... that says what to do') if $answer->{status} == 503;
	unlike($answer->{body} . header($answer, 'Location'), qr/[?&]code=/, '... and no code');
}
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');

unlike($t->error_log, qr/network/, 'a standby has no messages to send');
unlike(slurp_file($standby->logfile), qr/ERROR.*\n.*STATEMENT:.*(?:LISTEN|deliver)/, 'and is not asked for any');

# ---- revoked on the primary, refused on the standby; promoted, it issues ----

$primary->safe_psql('postgres', "SELECT oauth_revoke_token('$access')");
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));
is($t->get('/api/', Authorization => "Bearer $access")->{status}, 401, 'a revocation reaches the standby');

# as docs/operations.md has it for those who cannot wait
my @tokens = split /\n/, $primary->safe_psql('postgres', "SELECT access_token FROM generate_series(1, 10) i, oauth_issue_token('$client', 'person' || i)");
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));
$primary->safe_psql('postgres', "ALTER SYSTEM SET synchronous_standby_names = 'standby'");
$primary->reload;
$primary->poll_query_until('postgres', "SELECT sync_state = 'sync' FROM pg_stat_replication") or die 'the standby is not synchronous';
my @seen;
for my $token (@tokens)
{
	my $before = $t->get('/api/', Authorization => "Bearer $token")->{status};
	$primary->safe_psql('postgres', "SET synchronous_commit = remote_apply; SELECT oauth_revoke_token('$token')");
	push @seen, "$before " . $t->get('/api/', Authorization => "Bearer $token")->{status};
}
is(join(', ', @seen), join(', ', ('200 401') x @tokens), 'R154: with remote_apply, a revocation that was acknowledged holds there');
$standby->promote;
$answer = $t->post('/oauth2/token', "grant_type=refresh_token&client_id=$client&client_secret=$secret&refresh_token=$refresh");
is($answer->{status}, 200, 'once promoted it refreshes') or diag($answer->{raw});
is($standby->safe_psql('postgres', 'SELECT oauth_rotate_master_key() > 0'), 't', 'and opens what was sealed');
$answer = $t->post('/oauth2/token', form(grant_type => 'client_credentials', %assertion));
note("$answer->{status} $answer->{body}");
is(json($answer)->{error}, 'invalid_client', 'an assertion of before the promotion is refused there: nobody knows whether it was used');
$answer = $t->post('/oauth2/token', form(%by_code, code => $unused, @as_rp));
is($answer->{status}, 200, 'the code that was refused is good there') or diag($answer->{raw});
is($standby->safe_psql('postgres', "SELECT valid FROM oauth_verify_jwt('@{[ json($answer)->{id_token} ]}', '$set', '{ES256}')"), 't',
	'and its ID token verifies with the set that the standby published before');

$t->finish;
$primary->stop;
done_testing();
