# 128_pg_upgrade.pl
# pg_upgrade from one major version of PostgreSQL to the next, with what people and clients hold: over HTTP before and after.
#
# It needs two or more servers with the extension beside that of pg_config; .ci/check-upgrade makes a system that has three.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use Cwd qw(getcwd);
use File::Basename qw(dirname);
use FindBin;
use lib $FindBin::RealBin;
use BearerSession;
use Catalog qw(catalog_difference);
use DPoPProof;
use JSON::PP ();
use LoggedIn qw(form);
use MIME::Base64 qw(decode_base64url);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use ShimTest qw(header json slurp);
use SignedRequest qw(authorization);
use Test::More;

chomp(my $bindir = `pg_config --bindir`);
my $beside = dirname(dirname($bindir));
my @majors = sort { $a <=> $b } grep { -e "$beside/$_/lib/oauth.so" || -e "$beside/$_/lib/postgresql/oauth.so" } map { m{/(\d+)/bin/pg_upgrade\z} } glob "$beside/*/bin/pg_upgrade";
plan(skip_all => "89 tests: pg_upgrade needs two major versions with the extension in $beside, and there is '@majors'; .ci/check-upgrade makes a system with three")
  if @majors < 2;
note("PostgreSQL @majors");

my $issuer = 'http://shim.example';
my $conf = "oauth.bcrypt_cost = 4\noauth.code_lifetime = 600\noauth.request_uri_lifetime = 600\noauth.device_interval = 1\n";

# Since 18 initdb turns checksums on, which the two servers must agree about.
sub initdb { return $_[0] >= 18 ? [ extra => ['--no-data-checksums'] ] : [] }

# From these on a server keeps a number with each column, as the option pg_attver, which those before do not know: they take over
# no table with it. For them the table is made as 17.11 would have made it.
my %numbering = (15 => '15.20', 16 => '16.16', 17 => '17.12', 18 => '18.7');
sub first_that_numbers { return $numbering{ $_[0]->pg_version->major } // $_[0]->pg_version }
sub numbers { return $_[0]->pg_version >= first_that_numbers($_[0]) }

sub forget_numbers
{
	my ($old, $new) = @_;

	return if !numbers($old) || numbers($new);
	diag('PostgreSQL ' . $new->pg_version . ' does not take over from ' . $old->pg_version . ': tried as from a minor before that one. Install '
		  . first_that_numbers($new) . '.');
	$old->safe_psql('postgres', q{UPDATE pg_attribute SET attoptions = (SELECT array_agg(o) FROM unnest(attoptions) o WHERE o !~ '^pg_attver=')
		WHERE attrelid >= 16384 AND array_to_string(attoptions, ' ') ~ 'pg_attver='});
	return;
}

# Everything that was in the server, which is stopped, in a new one of another version; the shim's database is there.
sub upgrade
{
	my ($t, $major, $mode) = @_;
	my $old = $t->node;
	my $new = PostgreSQL::Test::Cluster->new($old->name . "_$major", install_path => "$beside/$major");
	$new->init(@{ initdb($major) });
	$new->append_conf('postgresql.conf', "${conf}oauth.master_key_file = '" . $t->dir . "/oauth.key'");
	forget_numbers($old, $new);
	$old->stop;
	my $where = getcwd();
	chdir $t->dir or die;
	$new->command_ok([ 'pg_upgrade', '-b', $old->config_data('--bindir'), '-B', $new->config_data('--bindir'), '-d', $old->data_dir, '-D', $new->data_dir,
			'-s', $new->host, '-p', $old->port, '-P', $new->port, $mode ], "pg_upgrade $mode to $major");
	chdir $where or die;
	$new->start;
	$t->move_to($new);
	return;
}

# ---- what people and clients hold on the oldest server ----

my $first = shift @majors;
my $t = ShimTest->new(name => 'kept', extension => 1, install_path => "$beside/$first");
my $dir = $t->dir;
$t->node->append_conf('postgresql.conf', "${conf}oauth.master_key_file = '$dir/oauth.key'");
$t->node->restart;
$t->sql($_) for "ALTER DATABASE postgres SET oauth.issuer = '$issuer'", q{SELECT oauth_create_user('alice', 'wonderland')},
  q{SELECT oauth_create_user('bob', 'the builder')}, q{SELECT oauth_register_scope('db', 'Log in to the database')},
  q{CREATE ROLE app; CREATE SCHEMA app AUTHORIZATION app; SET ROLE app; CREATE TABLE app.photo (title text, owner text);
	INSERT INTO app.photo VALUES ('Mountains', 'ann'), ('Sea', 'ben'); ALTER TABLE app.photo ENABLE ROW LEVEL SECURITY;
	ALTER TABLE app.photo FORCE ROW LEVEL SECURITY; CREATE POLICY own ON app.photo USING (owner = public.oauth_subject());
	CREATE FUNCTION app.photos(oauth.http_request) RETURNS jsonb STABLE RETURN (SELECT jsonb_agg(title) FROM app.photo);
	RESET ROLE; SELECT oauth_protect('/api/photos', 'app.photos', required_scope => 'read')};
my ($id, $secret) = split /\|/, $t->sql(q{SELECT * FROM oauth_register_client('web', redirect_uris => '{https://rp.example/cb}', scope => 'openid read db',
	grant_types => '{authorization_code,refresh_token,client_credentials,password,oauth1_two_legged}')});
my $device = $t->sql(q{SELECT client_id FROM oauth_register_client('tv', client_type => 'public', scope => 'read',
	grant_types => '{urn:ietf:params:oauth:grant-type:device_code}')});
my $system = $t->sql('SELECT system_identifier FROM pg_control_system()');
$t->start;

sub token { return $t->post('/oauth2/token', form(client_id => $id, client_secret => $secret, @_)) }
sub tokens { return json(token(@_)) }
sub api { my ($path, $token) = @_; return $t->get($path, Authorization => "Bearer $token") }
sub verified { return $t->sql("SELECT valid FROM oauth_verify_jwt('$_[0]', oauth_jwks(), '{RS256,ES256}')") }
sub kid { return JSON::PP::decode_json(decode_base64url((split /\./, $_[0])[0]))->{kid} }
sub signed { return $t->get('/api/', Host => 'shim.example', Authorization => $_[0])->{status} }
sub signature { return authorization(client_id => $id, client_secret => $secret, method => 'GET', uri => "$issuer/api/") }
sub dpop { my ($token, $proof) = @_; return $t->get('/auth', Authorization => "DPoP $token", DPoP => $proof)->{status} }
sub field { my ($page, $name) = @_; return $page->{body} =~ /name="$name" value="([^"]*)"/ ? $1 : '' }

my $browser = 'oauth_browser=' . '0' x 31 . '1';
sub log_in { return $t->post('/login', form(@_), Cookie => $browser) }
sub password { return log_in(username => 'bob', password => 'the builder', token => field($t->get('/login', Cookie => $browser), 'token')) }
sub answer { my ($page, $code) = @_; return log_in(about => field($page, 'about'), token => field($page, 'token'), code => $code) }

my $alice = LoggedIn->new($t, 'alice', 'wonderland');
my $first_answer = tokens(grant_type => 'authorization_code', redirect_uri => 'https://rp.example/cb', code => $alice->code($id, 'openid read', nonce => 'n'));
my $id_token = $first_answer->{id_token};
is(verified($id_token), 't', 'an ID token is signed');
my $second = tokens(grant_type => 'refresh_token', refresh_token => $first_answer->{refresh_token});
like($second->{access_token}, qr/\Aoat_/, 'a refresh token is used');
my $login_token = tokens(grant_type => 'password', username => 'alice', password => 'wonderland', scope => 'read db')->{access_token};
my $anns = $t->sql("SELECT access_token FROM oauth_issue_token('$id', subject => 'ann', scope => 'read')");
is(api('/api/photos', $anns)->{body}, '["Mountains"]', 'a policy shows what is hers');
my $revoked = tokens(grant_type => 'client_credentials')->{access_token};
is($t->post('/oauth2/revoke', form(client_id => $id, client_secret => $secret, token => $revoked))->{status}, 200, 'a token is revoked');

my $second_factor = do
{
	$t->sql(q{SELECT oauth_require_second_factor('bob')});
	my $page = password();
	my ($shown) = $page->{body} =~ /<bdi>([A-Z2-7 ]+)</;
	my $totp = $shown =~ tr/ //dr;
	my $code = $t->sql("SELECT _oauth_totp('$totp', now())");
	{ totp => $totp, used => $code, recovery => [ answer($page, $code)->{body} =~ m{<code>([^<]*)</code>}g ] };
};
is(scalar @{ $second_factor->{recovery} }, 10, 'a second factor is set up');
is(answer(password(), $second_factor->{recovery}[0])->{status}, 303, 'a recovery code is used');

my $used_signature = signature();
is(signed($used_signature), 200, 'a signed request is answered');
my $key = DPoPProof->new($dir);
my $bound = json($t->post('/oauth2/token', form(client_id => $id, client_secret => $secret, grant_type => 'client_credentials'),
		DPoP => $key->proof(method => 'POST', uri => "$issuer/oauth2/token")))->{access_token};
my $used_proof = $key->proof(method => 'GET', uri => "$issuer/auth", token => $bound);
is(dpop($bound, $used_proof), 200, 'a proof of DPoP is used');

# what is on its way: each is finished on another server than it began on
my %pending = map { $_ => {
		code => $alice->code($id, 'openid read'),
		device => json($t->post('/oauth2/device_authorization', form(client_id => $device, scope => 'read'))),
		pushed => json($t->post('/oauth2/par', form(client_id => $id, client_secret => $secret, response_type => 'code', redirect_uri => 'https://rp.example/cb', scope => 'read'))),
	} } @majors;
my $events = $t->sql(q{SELECT count(*) FROM oauth.event});

# ---- on each newer one ----

my $refresh = $second->{refresh_token};
for my $major (@majors)
{
	$t->stop;
	upgrade($t, $major, $major >= 18 ? '--swap' : '--link');
	$t->start;
	my $on = "$major:";
	my $pending = $pending{$major};

	isnt($t->sql('SELECT system_identifier FROM pg_control_system()'), $system, "$on another server, to the nonces");
	is($t->sql('SHOW oauth.issuer'), $issuer, "$on the settings of the database came along");
	is($t->sql(q{SELECT count(*) FROM oauth_check() WHERE subject = 'master key file' OR finding ~ 'restored'}), 0, "$on nothing is missing");
	is($t->sql('SELECT count(*) FROM oauth.event') >= $events, 1, "$on the audit log came along");

	is(json(api('/api/', $second->{access_token}))->{client_id}, $id, "$on a token of before is good");
	is(api('/api/', $revoked)->{status}, 401, "$on one that was revoked is not");
	is(api('/api/photos', $anns)->{body}, '["Mountains"]', "$on a policy and a published function go on");
	my $answer = tokens(grant_type => 'refresh_token', refresh_token => $refresh);
	like($answer->{refresh_token}, qr/\Aort_/, "$on a refresh token of before is good") or diag(explain($answer));
	is(api('/api/', $answer->{access_token})->{status}, 200, "$on and what it brings");
	is(verified($id_token), 't', "$on an ID token of before verifies");
	is(verified($answer->{id_token}), 't', "$on so does one of now");
	is(kid($answer->{id_token}), kid($id_token), "$on by the same key");
	$refresh = $answer->{refresh_token};

	is($t->get('/account', Cookie => $alice->cookies)->{status}, 200, "$on alice is still logged in");
	like($alice->code($id, 'openid read'), qr/\Aoac_/, "$on and allows what she did, without a password");
	is(ref(LoggedIn->new($t, 'alice', 'wonderland')), 'LoggedIn', "$on her password is hers");
	my $page = password();
	is(answer($page, $second_factor->{used})->{status}, 400, "$on a code of the second factor that was used is not good again");
	$t->sql('UPDATE oauth.second_factor SET last_step = 0');
	my $code = $t->sql("SELECT _oauth_totp('$second_factor->{totp}', now())");
	is(answer(password(), $code)->{status}, 303, "$on a new one is");
	is(answer(password(), $second_factor->{recovery}[0])->{status}, 400, "$on a recovery code that was used is not");
	is(answer(password(), $second_factor->{recovery}[ $major - 10 ])->{status}, 303, "$on another one is");

	$answer = tokens(grant_type => 'authorization_code', redirect_uri => 'https://rp.example/cb', code => $pending->{code});
	like($answer->{access_token}, qr/\Aoat_/, "$on a code of before is good");
	is(tokens(grant_type => 'authorization_code', redirect_uri => 'https://rp.example/cb', code => $pending->{code})->{error}, 'invalid_grant', "$on once");
	is($t->get('/oauth2/authorize?' . form(client_id => $id, request_uri => $pending->{pushed}{request_uri}), Cookie => $alice->cookies)->{status} < 400, 1,
		"$on a pushed request of before is taken");
	is(json($t->post('/oauth2/token', form(grant_type => 'urn:ietf:params:oauth:grant-type:device_code', client_id => $device, device_code => $pending->{device}{device_code})))->{error},
		'authorization_pending', "$on a device of before waits");

	is(signed($used_signature), 401, "$on a signature that was used is refused");
	is(signed(signature()), 401, "$on so are others, for the server does not know that no nonce was lost");
	is(dpop($bound, $used_proof), 401, "$on a proof that was used is refused");
	my ($floor) = map { /^(UPDATE oauth\.nonce_floor SET floor = least.*;)$/m ? $1 : () } ShimTest::guide_blocks('operations.md', 'sql');
	$t->sql($floor);
	is(signed(signature()), 200, "$on until somebody who knows says so");
	is(signed($used_signature), 401, "$on and then still not the one of before");
	is(dpop($bound, $key->proof(method => 'GET', uri => "$issuer/auth", token => $bound, claims => { iat => time + 2 })), 200, "$on a new proof is good");
	is(dpop($bound, $used_proof), 401, "$on the one of before is not");
	$used_signature = signature();
	is(signed($used_signature), 200, "$on another signature is used");

	$t->sql('CREATE DATABASE fresh TEMPLATE template0');
	$t->node->safe_psql('fresh', 'CREATE EXTENSION oauth CASCADE');
	$t->node->safe_psql('fresh', 'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oauth TO oauth_shim; GRANT USAGE ON SCHEMA oauth TO oauth_shim');
	is(catalog_difference($t->node, 'fresh', $t->node, 'postgres', upgraded => 1), '', "$on the catalog is that of a new installation");
	$t->sql('DROP DATABASE fresh');
	like($t->sql('SELECT oauth_rotate_master_key()'), qr/\A[1-9]/, "$on what is sealed opens");
	$t->node->command_ok([ 'pg_dump', '--file', "$dir/$major.sql", 'postgres' ], "$on it can be dumped");
	$system = $t->sql('SELECT system_identifier FROM pg_control_system()');
}

# ---- a token of the oldest server logs in to PostgreSQL 18 ----

SKIP:
{
	skip('1 test: logging in with a token came with PostgreSQL 18') if $t->node->pg_version < 18;
	my $node = $t->node;
	$t->sql(q{CREATE ROLE oauth_validator LOGIN; GRANT pg_use_reserved_connections TO oauth_validator;
		GRANT EXECUTE ON FUNCTION oauth.validate_login TO oauth_validator; GRANT USAGE ON SCHEMA oauth TO oauth_validator; CREATE ROLE alice LOGIN});
	$node->append_conf('postgresql.conf', "oauth_validator_libraries = 'oauth'\noauth.validator_conninfo = 'host=" . $node->host . ' port=' . $node->port
			. " dbname=postgres user=oauth_validator'\n");
	open(my $hba, '>', $node->data_dir . '/pg_hba.conf') or die;
	print $hba 'local all ' . getpwuid($<) . qq{,oauth_shim,oauth_validator trust\nlocal all all oauth issuer="$issuer" scope="db" validator=oauth map=people\n};
	close $hba;
	open(my $map, '>', $node->data_dir . '/pg_ident.conf') or die;
	print $map 'people /^(.*)$ alice';
	close $map;
	$node->restart;
	my $session = BearerSession->new($node, user => 'alice', token => $login_token);
	is($session->refused, undef, "a token of $first logs in to " . $node->pg_version);
	is($session->query("SELECT public.oauth_subject() = (SELECT subject FROM oauth.user WHERE username = 'alice')") , 'ERROR 42501', 'as somebody who reads no table of ours');
	is($session->query('SELECT public.oauth_subject()'), $t->sql(q{SELECT subject FROM oauth.user WHERE username = 'alice'}), 'as who she is');
	$session->hang_up;
}
$t->finish;

# ---- the script of 0.1, past a version or two, and the update after it ----

{
	my $old = ShimTest->new(name => 'first', install_path => "$beside/$first");
	$old->sql(q{DROP SCHEMA oauth CASCADE; CREATE EXTENSION oauth VERSION '0.1' CASCADE});
	$old->node->append_conf('postgresql.conf', "oauth.master_key_file = '" . $old->dir . "/oauth.key'");
	$old->node->restart;
	$old->sql(q{INSERT INTO oauth.client (client_id, client_name, client_type, grant_types, redirect_uris, secret_hash, scope)
			VALUES ('kept', 'Kept', 'confidential', '{refresh_token,authorization_code}', '{https://rp.example/cb}', sha256('secret'), 'read');
		INSERT INTO oauth.subject (subject) VALUES ('42');
		INSERT INTO oauth.grant (handle, client_id, subject, grant_type, scope) VALUES (1000, 'kept', '42', 'authorization_code', 'read')});
	my $string = q{SELECT 'oat_' || rtrim(translate(encode(int8send(1001) || decode(repeat('aa', 32), 'hex'), 'base64'), E'+/\n', '-_'), '=')};
	my $kept = $old->sql($string);
	$old->sql("INSERT INTO oauth.access_token (handle, grant_handle, expires_at, token_hash, scope) VALUES (1001, 1000, now() + interval '1 day', sha256('$kept'), 'read')");
	upgrade($old, $majors[-1], '--copy');
	is($old->sql(q{SELECT extversion FROM pg_extension WHERE extname = 'oauth'}), '0.1', 'pg_upgrade leaves the version of the script');
	$old->sql('ALTER EXTENSION oauth UPDATE');
	is($old->sql("SELECT active, subject FROM oauth_verify_token('$kept')"), 't|42', 'which is updated there, and a token of 0.1 is good');
	$old->sql('CREATE DATABASE fresh TEMPLATE template0');
	$old->node->safe_psql('fresh', 'CREATE EXTENSION oauth CASCADE');
	is(catalog_difference($old->node, 'fresh', $old->node, 'postgres', upgraded => 1), '', 'the catalog is that of a new installation');
	$old->node->stop;
}
done_testing();
