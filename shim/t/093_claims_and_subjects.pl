#!/usr/bin/perl
# 093_claims_and_subjects.pl: claims in ID tokens take the lane of the application, and a failure there uses nothing up; a
# pairwise subject is the same on a standby, after a restart, after a new master key, and in a restored dump.  R199, R201, R203.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use File::Copy qw(copy);
use FindBin;
use PostgreSQL::Test::Cluster;
use Test::More;
use lib $FindBin::Bin;
use LoggedIn qw(form);
use ShimTest qw(header json post_bytes);

my $t = ShimTest->new(extension => 1, loud => 1, conf => "oauth.bcrypt_cost = 4\nwal_level = replica\nmax_wal_senders = 2\nhot_standby = on\n");
my $primary = $t->node;
$primary->append_conf('pg_hba.conf', 'local replication all trust');
$primary->reload;
my $alice = $t->sql(q{SELECT oauth_create_user('alice', 'wonderland')});
my %rp;
for my $name (qw(plain claims near far))
{
	my $host = $name eq 'far' ? 'far' : 'near';
	@{ $rp{$name} }{qw(id secret)} = split /\|/, $t->sql(sprintf q{SELECT m ->> 'client_id', m ->> 'client_secret' FROM oauth_register_client_metadata('{"client_name": "RP %s",
		"redirect_uris": ["https://%s.example/cb"], "grant_types": ["authorization_code", "refresh_token"], "token_endpoint_auth_method": "client_secret_post",
		"scope": "openid email read", "id_token_signed_response_alg": "ES256", "subject_type": "%s", "claims_in_id_token": %s}') m}, $name, $host,
		$name =~ /near|far/ ? 'pairwise' : 'public', $name eq 'claims' ? 'true' : 'false');
}
my $port = PostgreSQL::Test::Cluster::get_free_port();
$t->{last_port} = $port;
$t->sql(qq{ALTER DATABASE postgres SET oauth.issuer = 'http://127.0.0.1:$port'});
$t->sql(<<'SQL');
CREATE ROLE app;
CREATE SCHEMA app AUTHORIZATION app;
SET ROLE app;
CREATE FUNCTION app.claims(subject text, client_id text, scope text) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('email', 'alice@example.com', 'roles', ARRAY['a'], 'caller', coalesce(public.oauth_subject(), 'nobody')) $$;
CREATE FUNCTION app.slow(subject text, client_id text, scope text) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_sleep(0.3); RETURN '{"roles": ["slow"]}'; END $$;
CREATE FUNCTION app.broken(subject text, client_id text, scope text) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN RAISE 'secret of the application' USING ERRCODE = 'P0042'; END $$;
RESET ROLE;
SET client_min_messages = error;
SELECT oauth_set_claims_function('app.claims');
SQL
$t->start('--same-port', '--application-connections=2');
my $browser = LoggedIn->new($t, 'alice', 'wonderland');

sub code { my ($rp, %more) = @_; return $browser->code($rp{$rp}{id}, 'openid email read', %more) }

sub of
{
	my ($rp, %fields) = @_;
	return form(client_id => $rp{$rp}{id}, client_secret => $rp{$rp}{secret}, redirect_uri => 'https://' . ($rp eq 'far' ? 'far' : 'near') . '.example/cb', %fields);
}

sub exchange { return $t->post('/oauth2/token', of($_[0], grant_type => 'authorization_code', code => $_[1])) }
sub lane { return $t->metric(qq(oauth_shim_batch_requests_sum{lane="$_[0]"})) // 0 }
sub use_function { $t->sql("SET client_min_messages = error; SELECT oauth_set_claims_function('app.$_[0]')"); return }

# The claims of an ID token that the published keys verify.
sub claims
{
	my ($tokens) = @_;
	return JSON::PP->new->decode($t->sql("SELECT coalesce(claims, to_jsonb(problem)) FROM oauth_verify_jwt('$tokens->{id_token}', oauth_jwks(), '{ES256}', 'JWT')"));
}

# OpenID Connect Core, section 5.4 and 5.5: claims are in the ID token where the client, or the request, wants them there
my $before = lane('application');
my $tokens = json(exchange('plain', code('plain')));
is(claims($tokens)->{email}, undef, 'claims of scopes are at userinfo');
is(lane('application'), $before, 'so nothing of the application runs for an ID token without');
is(json($t->get('/oauth2/userinfo', Authorization => "Bearer $tokens->{access_token}"))->{email}, 'alice@example.com', 'where they are');
$tokens = json(exchange('claims', code('claims')));
is_deeply([ @{ claims($tokens) }{qw(email roles caller sub)} ], [ 'alice@example.com', ['a'], 'nobody', $alice ], 'and in the ID token of a client that wants them there');
my $asked = json(exchange('plain', code('plain', claims => '{"id_token": {"roles": null}}')));
is_deeply([ @{ claims($asked) }{qw(email roles)} ], [ undef, ['a'] ], 'or of one that asks for them');
$asked = json($t->post('/oauth2/token', of('plain', grant_type => 'refresh_token', refresh_token => $asked->{refresh_token})));
is_deeply([ @{ claims($asked) }{qw(email roles)} ], [ undef, ['a'] ], 'also at a refresh');
cmp_ok(lane('application') - $before, '>=', 3, 'which runs on the lane of the application');

# many at once, with a slow function: everybody gets an ID token, each code is used once
use_function('slow');
my @codes = map { code('claims') } 1 .. 6;
my @answers = $t->together(map { post_bytes('/oauth2/token', of('claims', grant_type => 'authorization_code', code => $_)) } (@codes) x 2);
my @won = grep { $_->{status} == 200 } @answers;
is(scalar @won, 6, 'six codes that come twice at once are used once each');
is_deeply([ map { claims(json($_))->{roles}[0] } @won ], [ ('slow') x 6 ], 'and each ID token has its claims');

# a failure of the application uses nothing up
use_function('broken');
my $code = code('claims');
my $refused = exchange('claims', $code);
is($refused->{status}, 500, 'where the claims function fails there is no answer');
unlike($refused->{raw}, qr/secret of the application|P0042/, 'and nothing about it for the client');
use_function('claims');
is(claims(json(exchange('claims', $code)))->{email}, 'alice@example.com', 'but the code is still good');

# ---- pairwise subjects (Core, section 8.1) ----

my %sub;
my %token;
for my $name (qw(near far))
{
	my $got = json(exchange($name, code($name)));
	$sub{$name} = claims($got)->{sub};
	$token{$name} = $got->{access_token};
	is(json($t->get('/oauth2/userinfo', Authorization => "Bearer $token{$name}"))->{sub}, $sub{$name}, "$name: userinfo has the sub of the ID token (Core, section 5.3.2)");
}
is(scalar(grep { $_ eq $alice } values %sub), 0, 'neither sector sees the subject');
isnt($sub{near}, $sub{far}, 'nor what the other sees (section 8.1)');
is(header($t->get('/auth', Authorization => "Bearer $token{near}"), 'X-OAuth-Subject'), $alice, 'the application behind the proxy sees the subject itself');
is($t->sql("SELECT count(*) FROM oauth.event WHERE subject IN ('$sub{near}', '$sub{far}')"), 0, 'and so does the audit log');

sub same
{
	my ($name, $sql) = @_;
	for my $sector (qw(near far))
	{
		my $sub = $sql->("SELECT convert_from(body, 'UTF8')::jsonb ->> 'sub' FROM oauth.userinfo(ROW('GET', '/oauth2/userinfo', ARRAY['Authorization: Bearer $token{$sector}'], NULL, 'https', NULL))");
		is($sub, $sub{$sector}, "$name: $sector");
	}
	return;
}

$t->stop;
$t->start('--same-port');
same('after a restart', sub { $t->sql($_[0]) });
$t->sql('SELECT oauth_rotate_master_key()');
same('after a new master key', sub { $t->sql($_[0]) });
$primary->backup('base', backup_options => ['--no-sync']);
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
chmod 0600, $standby->data_dir . '/oauth.key';
$standby->start;
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('write'));
same('on a standby', sub { $standby->safe_psql('postgres', $_[0]) });
$standby->stop;
$t->sql('SET client_min_messages = error; SELECT oauth_set_claims_function(NULL)');
my $dump = $t->dir . '/dump.sql';
$primary->command_ok([ 'pg_dump', '--file', $dump, 'postgres' ], 'the database is dumped');
my $second = PostgreSQL::Test::Cluster->new('second');
$second->init;
$second->start;
$second->safe_psql('postgres', 'CREATE ROLE app; CREATE ROLE oauth_shim LOGIN');
copy($primary->data_dir . '/oauth.key', $second->data_dir . '/oauth.key') or die $!;
chmod 0600, $second->data_dir . '/oauth.key';
$second->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $dump, 'postgres' ], 'and restored with the key file');
same('in the restored dump', sub { $second->safe_psql('postgres', "LOAD 'oauth'; SET oauth.issuer = 'https://id.example.com'; $_[0]") });
$second->stop;

is($t->metric('oauth_shim_batch_fallbacks_total') > 0 ? 'some' : 'none', 'none', 'no request spoiled its batch since the restart');
$t->finish;
done_testing();
