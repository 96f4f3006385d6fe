#!/usr/bin/perl
# 042_moving_in.pl: what other providers issued goes on working over HTTP once it has been imported.  R135, R149, R217, R222.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Digest::SHA qw(hmac_sha512256 sha256 sha384_hex);
use MIME::Base64 qw(encode_base64 encode_base64url);
use ShimTest qw(json slurp);
use SignedRequest qw(authorization);
use Test::More;

my $t = ShimTest->new(extension => 1, loud => 1);
my $node = $t->node;

# The tables of four providers, of a role that may do nothing else.
my @secrets = qw(old-provider-secret old-plus-secret old-plus-token-secret old-toolkit-secret-of-some-length old-door-secret
  old-provider-access old-provider-refresh old-plus-token old-toolkit-access old-toolkit-refresh old-door-access old-door-refresh);
$t->remember(@secrets);
$t->sql(<<'SQL');
CREATE ROLE old_site;
CREATE ROLE migrator LOGIN;
CREATE SCHEMA old_site AUTHORIZATION old_site;
SET ROLE old_site;
SET search_path = old_site;
CREATE TABLE auth_user (id integer PRIMARY KEY, username text, is_active boolean);
INSERT INTO auth_user VALUES (42, 'alice', true), (43, 'gone', false);

CREATE TABLE oauth2_client (id integer PRIMARY KEY, user_id integer, name text, url text, redirect_uri text, client_id text, client_secret text, client_type integer);
CREATE TABLE oauth2_accesstoken (id integer PRIMARY KEY, user_id integer REFERENCES auth_user, token text, client_id integer, expires timestamptz, scope integer);
CREATE TABLE oauth2_refreshtoken (id integer PRIMARY KEY, user_id integer, token text, access_token_id integer, client_id integer, expired boolean);
INSERT INTO oauth2_client VALUES (1, 42, 'Old client', '', 'https://old.example/', 'old-provider', 'old-provider-secret', 0);
INSERT INTO oauth2_accesstoken VALUES (1, 42, 'old-provider-access', 1, now() + interval '1 year', 2), (2, 42, 'old-provider-access-2', 1, now() + interval '1 year', 6),
	(3, 43, 'old-provider-access-3', 1, now() + interval '1 year', 6);
INSERT INTO oauth2_refreshtoken VALUES (1, 42, 'old-provider-refresh', 1, 1, false), (2, 42, 'old-provider-refresh-2', 2, 1, false);

CREATE TABLE oauth_provider_consumer (id integer PRIMARY KEY, name text, description text, key text, secret text, status smallint, xauth_allowed boolean, user_id integer);
CREATE TABLE oauth_provider_scope (id integer PRIMARY KEY, name text, url text, is_readonly boolean);
CREATE TABLE oauth_provider_token (id integer PRIMARY KEY, key text, secret text, token_type smallint, "timestamp" integer, consumer_id integer, scope_id integer, user_id integer REFERENCES auth_user);
INSERT INTO oauth_provider_consumer VALUES (1, 'Old consumer', '', 'old-plus', 'old-plus-secret', 2, false, 42);
INSERT INTO oauth_provider_scope VALUES (1, 'photos', '/photos/', true);
INSERT INTO oauth_provider_token VALUES (1, 'old-plus-token', 'old-plus-token-secret', 2, 1400000000, 1, 1, 42);

CREATE TABLE oauth2_provider_application (id integer PRIMARY KEY, client_id text, redirect_uris text, client_type text, authorization_grant_type text, client_secret text, name text);
CREATE TABLE oauth2_provider_accesstoken (id integer PRIMARY KEY, token text, expires timestamptz, scope text, application_id integer, user_id integer REFERENCES auth_user, created timestamptz);
CREATE TABLE oauth2_provider_refreshtoken (id integer PRIMARY KEY, token text, access_token_id integer, application_id integer, user_id integer, revoked timestamptz);
INSERT INTO oauth2_provider_application VALUES (1, 'old-toolkit', 'https://old.example/', 'confidential', 'authorization-code', 'bcrypt$' || public.crypt('old-toolkit-secret-of-some-length', public.gen_salt('bf', 6)), 'Old application');
INSERT INTO oauth2_provider_accesstoken VALUES (1, 'old-toolkit-access', now() + interval '1 day', 'read write', 1, 42, now() - interval '1 day');
INSERT INTO oauth2_provider_refreshtoken VALUES (1, 'old-toolkit-refresh', 1, 1, 42, NULL);

CREATE TABLE oauth_applications (id integer PRIMARY KEY, name text, uid text, secret text, redirect_uri text, scopes text, confidential boolean);
CREATE TABLE oauth_access_tokens (id integer PRIMARY KEY, resource_owner_id integer, application_id integer, token text, refresh_token text, expires_in integer, scopes text, created_at timestamp, revoked_at timestamp);
INSERT INTO oauth_applications VALUES (1, 'Old Rails', 'old-door', encode(sha256('old-door-secret'), 'hex'), 'https://old.example/', 'read', true);
INSERT INTO oauth_access_tokens VALUES (1, 42, 1, encode(sha256('old-door-access'), 'hex'), encode(sha256('old-door-refresh'), 'hex'), 7200, 'read', now() AT TIME ZONE 'UTC', NULL);

CREATE TABLE hydra_client (id text, client_name text, client_secret text, scope text, token_endpoint_auth_method text, redirect_uris jsonb, grant_types jsonb);
CREATE TABLE hydra_oauth2_access (signature text, request_id text, requested_at timestamp, client_id text, granted_scope text, session_data text, subject text, active boolean, challenge_id text, expires_at timestamp);
CREATE TABLE hydra_oauth2_refresh (LIKE hydra_oauth2_access);
INSERT INTO hydra_client VALUES ('old-hydra', 'Old Hydra', public.crypt('old-hydra-secret-of-some-length', public.gen_salt('bf', 4)), 'read', '', '[]', '["authorization_code", "refresh_token"]');
SQL

# A token of Ory Hydra, and the signature that it keeps.
sub hydra_token
{
	my ($prefix, $random) = @_;
	my $signature = encode_base64url(hmac_sha512256($random, sha256('the system secret of the old hydra')));
	return ($prefix . encode_base64url($random) . ".$signature", $signature);
}
my ($hydra_access, $access_signature) = hydra_token('ory_at_', sha256('access'));
my ($hydra_refresh, $refresh_signature) = hydra_token('ory_rt_', sha256('refresh'));
push @secrets, 'the system secret of the old hydra', 'old-hydra-secret-of-some-length', $hydra_access, $hydra_refresh, $access_signature, $refresh_signature;
$t->remember(@secrets);
$t->sql(sprintf q{INSERT INTO old_site.hydra_oauth2_access VALUES ('%s', 'r1', now() AT TIME ZONE 'UTC', 'old-hydra', 'read', '{}', '42', true, 'c1', now() AT TIME ZONE 'UTC' + interval '1 hour')}, sha384_hex($access_signature));
$t->sql("INSERT INTO old_site.hydra_oauth2_refresh VALUES ('$refresh_signature', 'r1', now() AT TIME ZONE 'UTC', 'old-hydra', 'read', '{}', '42', true, 'c1', NULL)");
$t->start;

sub bearer { return 'Bearer ' . shift }
sub basic { my ($id, $secret) = @_; return 'Basic ' . encode_base64("$id:$secret", '') }
sub whoami { my ($authorization) = @_; return $t->get('/api/', Authorization => $authorization) }

sub is_alice
{
	my ($answer, $client, $name) = @_;
	is($answer->{status}, 200, $name) or return diag($answer->{raw});
	is_deeply([ @{ json($answer) }{qw(subject client_id)} ], [ '42', $client ], "$name: for the same user and client");
	return;
}

is(whoami(bearer('old-provider-access'))->{status}, 401, 'before the import nobody knows an old token');

subtest 'a role that was given the function imports, and need not be superuser' => sub {
	my ($result, $out, $err) = $node->psql('postgres', q{SELECT oauth_import_django_oauth2_provider('old_site')}, connstr => $node->connstr('postgres') . ' user=migrator');
	isnt($result, 0, 'without it, it may not');
	like($err, qr/permission denied/, 'and is told so');
	$t->sql('GRANT EXECUTE ON FUNCTION oauth_import_django_oauth2_provider TO migrator');
	($result, $out) = $node->psql('postgres', q{SELECT kind, n FROM oauth_import_django_oauth2_provider('old_site') WHERE action = 'taken' ORDER BY 1},
		connstr => $node->connstr('postgres') . ' user=migrator');
	is($out, "access_token|2\nclient|1\nrefresh_token|2", 'with it, it may');
	($result, $out, $err) = $node->psql('postgres', q{SELECT oauth_import_django_oauth2_provider('old_site', users => 'auth_user', subject => 'username')},
		connstr => $node->connstr('postgres') . ' user=migrator');
	like($err, qr/permission denied for table auth_user/, 'but see nobody through it whom it may not read about');
};
$t->sql(qq{SELECT oauth_import_$_}) for q{django_oauth_plus('old_site')}, q{django_oauth_toolkit('old_site')}, q{doorkeeper('old_site', hashed_tokens => true, hashed_secrets => true)},
  q{ory_hydra('old_site', '{the system secret of the old hydra}')};

subtest 'old bearer tokens' => sub {
	is_alice(whoami(bearer('old-provider-access')), 'old-provider', 'of django-oauth2-provider');
	is_alice(whoami(bearer('old-toolkit-access')), 'old-toolkit', 'of django-oauth-toolkit');
	is_alice(whoami(bearer('old-door-access')), 'old-door', 'of doorkeeper, which kept a digest');
	is_alice($t->post('/api/', 'access_token=old-provider-access'), 'old-provider', 'in a form as well');
	is($t->get('/auth', Authorization => bearer('old-provider-access'))->{status}, 200, 'and for the proxy that asks');
	is(whoami(bearer($_))->{status}, 401, "$_ is none") for 'old-provider-access-3', 'old-provider-refresh', 'old-plus-token', 'OLD-PROVIDER-ACCESS', 'x' x 4000;
};

subtest 'old tokens of Ory Hydra, which kept no more than signatures' => sub {
	is_alice(whoami(bearer($hydra_access)), 'old-hydra', 'an access token');
	is(whoami(bearer($_))->{status}, 401, 'but not what its tables have') for $access_signature, sha384_hex($access_signature), encode_base64url(sha256('other')) . ".$access_signature";
	is($t->post('/oauth2/token', "grant_type=refresh_token&refresh_token=$hydra_refresh", Authorization => basic(qw(old-hydra old-hydra-secret-of-some-length)))->{status}, 200,
		'a refresh token, with a secret that bcrypt hashed');
	is($t->post('/oauth2/revoke', "token=$hydra_refresh", Authorization => basic(qw(old-hydra old-hydra-secret-of-some-length)))->{status}, 200, 'it can be revoked');
	is(whoami(bearer($hydra_access))->{status}, 401, 'with all that came of the same request');
};

subtest 'an old OAuth 1.0a token signs calls' => sub {
	my %old = (client_id => 'old-plus', client_secret => 'old-plus-secret', token => 'old-plus-token', token_secret => 'old-plus-token-secret');
	my $uri = 'http://127.0.0.1:' . $t->port . '/api/';
	my $signed = sub { return $t->get('/api/', Host => '127.0.0.1:' . $t->port, Authorization => authorization(%old, method => 'GET', uri => $uri, @_)) };
	is_alice($signed->(), 'old-plus', 'a signed call');
	is(json($signed->())->{scope}, 'photos', 'with its scope');
	is($signed->(token_secret => 'wrong')->{status}, 401, 'another secret does not');
	my @once = (nonce => 'once', timestamp => time);
	is_deeply([ map { $signed->(@once)->{status} } 1, 2 ], [ 200, 401 ], 'and a nonce is good once');
	$t->sql(q{SELECT oauth_revoke_token('old-plus-token')});
	is($signed->()->{status}, 401, 'revoked, it signs nothing');
};

subtest 'old refresh tokens and client secrets' => sub {
	my $answer = $t->post('/oauth2/access_token/', 'grant_type=refresh_token&refresh_token=old-provider-refresh&client_id=old-provider&client_secret=old-provider-secret');
	is($answer->{status}, 200, 'the secret in the body') or diag($answer->{raw});
	my $next = json($answer);
	is_alice(whoami(bearer($next->{access_token})), 'old-provider', 'the new access token');
	is(json($t->post('/oauth2/access_token/', 'grant_type=refresh_token&refresh_token=old-provider-refresh', Authorization => basic(qw(old-provider old-provider-secret))))->{access_token},
		$next->{access_token}, 'a retry, with the secret in the header, gets the same answer');
	is($t->post('/oauth2/token', "grant_type=refresh_token&refresh_token=$next->{refresh_token}", Authorization => basic(qw(old-provider old-provider-secret)))->{status}, 200,
		'and from there on the tokens are of our own');
	is($t->post('/oauth2/token', 'grant_type=refresh_token&refresh_token=old-provider-refresh', Authorization => basic(qw(old-provider old-provider-secret)))->{status}, 400,
		'the old one once more ends the grant');
	is(whoami(bearer('old-provider-access'))->{status}, 401, 'and all its tokens');
	is($t->post('/oauth2/token', 'grant_type=refresh_token&refresh_token=old-provider-refresh-2', Authorization => basic(qw(old-provider wrong)))->{status}, 401, 'a wrong secret is refused');
};

subtest 'a secret that is hashed with bcrypt is verified slowly once' => sub {
	my $hash = q{SELECT imported_secret_hash IS NOT NULL, secret_hash IS NOT NULL FROM oauth.client WHERE client_id = 'old-toolkit'};
	my $refresh = sub { return $t->post('/oauth2/token', "grant_type=refresh_token&refresh_token=$_[0]", Authorization => basic('old-toolkit', $_[1])) };
	is($t->sql($hash), 't|f', 'it is stored as it came');
	is($refresh->('old-toolkit-refresh', 'wrong')->{status}, 401, 'a wrong secret is refused');
	my $answer = $refresh->('old-toolkit-refresh', 'old-toolkit-secret-of-some-length');
	is($answer->{status}, 200, 'the right one is taken') or diag($answer->{raw});
	is($t->sql($hash), 'f|t', 'and stored as all others are');
	is($refresh->(json($answer)->{refresh_token}, 'old-toolkit-secret-of-some-length')->{status}, 200, 'it goes on');
	is($refresh->('old-toolkit-refresh', 'wrong')->{status}, 401, 'and wrong ones do not');
};

subtest 'introspection and revocation of old tokens' => sub {
	my $ask = sub { return json($t->post('/oauth2/introspect', "token=$_[0]", Authorization => basic(qw(old-door old-door-secret)))) };
	my $answer = $ask->('old-door-access');
	is_deeply([ @$answer{qw(active sub client_id scope token_type)} ], [ JSON::PP::true, '42', 'old-door', 'read', 'Bearer' ], 'introspection describes it');
	is_deeply($ask->('old-provider-access-2'), { active => JSON::PP::false }, 'but not to another client');
	is($t->post('/oauth2/revoke', 'token=old-provider-access-2', Authorization => basic(qw(old-door old-door-secret)))->{status}, 200, 'who may not revoke it');
	is_alice(whoami(bearer('old-provider-access-2')), 'old-provider', 'so that it goes on');
	is($t->post('/oauth2/revoke', 'token=old-door-refresh', Authorization => basic(qw(old-door old-door-secret)))->{status}, 200, 'the client itself revokes its refresh token');
	is_deeply($ask->('old-door-access'), { active => JSON::PP::false }, 'and the access token has ended with it');
};

subtest 'what ends clients and subjects ends old tokens' => sub {
	$t->sql(q{SELECT oauth_disable_client('old-provider')});
	is(whoami(bearer('old-provider-access-2'))->{status}, 401, 'a disabled client');
	$t->sql(q{UPDATE oauth.client SET disabled_at = NULL WHERE client_id = 'old-provider'});
	is(whoami(bearer('old-provider-access-2'))->{status}, 200, 'that is not');
	$t->sql(q{SELECT oauth_revoke_subject('42')});
	is(whoami(bearer($_))->{status}, 401, "$_ of a subject that was revoked") for 'old-provider-access-2', 'old-toolkit-access';
	is($t->sql(q{SELECT count(*) FROM oauth_import_django_oauth2_provider('old_site') WHERE action = 'taken'}), 0, 'a second import takes nothing');
	is(whoami(bearer('old-provider-access-2'))->{status}, 401, 'and brings nothing back');
};

subtest 'a long import says how far it is, and one that is cancelled leaves nothing' => sub {
	$t->sql(<<'SQL');
CREATE SCHEMA slow_site AUTHORIZATION old_site;
SET ROLE old_site;
CREATE VIEW slow_site.oauth2_client AS SELECT id, user_id, name, url, redirect_uri, 'slow' AS client_id, client_secret, client_type FROM old_site.oauth2_client;
CREATE VIEW slow_site.oauth2_refreshtoken AS SELECT * FROM old_site.oauth2_refreshtoken;
CREATE VIEW slow_site.oauth2_accesstoken AS SELECT id, 42 AS user_id, 'slow-' || id AS token, 1 AS client_id, now() + interval '1 day' AS expires, 2 AS scope
	FROM generate_series(1, 3) id WHERE id > 1 OR pg_sleep(5.5) IS NOT NULL;
SQL
	my ($result, $out, $err) = $node->psql('postgres', q{SET statement_timeout = '2s'; SELECT oauth_import_django_oauth2_provider('slow_site')});
	like($err, qr/canceling statement due to statement timeout/, 'it can be cancelled');
	is($t->sql(q{SELECT count(*) FROM oauth.client WHERE client_id = 'slow'}), 0, 'and then there is nothing of it');
	($result, $out, $err) = $node->psql('postgres', q{SELECT kind, n FROM oauth_import_django_oauth2_provider('slow_site', dry_run => true) WHERE action = 'taken'});
	like($err, qr/NOTICE:  read 3 of 3 access tokens/, 'it gives notice');
	is($t->sql(q{SELECT count(*) FROM oauth.client WHERE client_id = 'slow'}), 0, 'a dry run leaves nothing either');
};

subtest 'nothing of it is in the clear' => sub {
	my $dump = $t->dir . '/dump.sql';
	$node->command_ok([ 'pg_dump', '--exclude-schema', 'old_site', '--exclude-schema', 'slow_site', '--file', $dump, 'postgres' ], 'the database is dumped without the old tables');
	my $text = slurp($dump);
	like($text, qr/COPY oauth\.imported_token/, 'with the names of imported tokens');
	is_deeply([ grep { index($text, $_) >= 0 } @secrets ], [], 'and without a secret or a token');
	$t->no_secret_in_logs;
};

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoilt its batch');
$t->finish;
done_testing();
