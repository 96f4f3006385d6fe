# 143_keys_before_signatures.pl
# Who asks for the key set (/oauth2/jwks) gets the keys that will be needed, also those that nothing was signed with yet: a verifier that kept the
# set a moment ago does not ask again (openid-client 5 not within a minute), and would refuse what a key signs that was made since.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use JSON::PP;
use MIME::Base64 qw(decode_base64url);
use PsqlSession;
use ShimTest qw(header json);
use Test::More;
use Time::HiRes qw(time);

my $t = ShimTest->new(extension => 1, conf => 'oauth.bcrypt_cost = 4');
$t->sql("ALTER DATABASE postgres SET oauth.issuer = 'https://id.example.com'; ALTER DATABASE postgres SET oauth.registration = 'open'");
$t->start('--purge-interval=0');

# What the set has, by algorithm.  With a query, for which nobody is given what another one was told within a tenth of a second.
my $asked = 0;
sub set
{
	my $answer = $t->get('/oauth2/jwks?' . ++$asked);
	return ($answer->{status} == 200 or diag($answer->{body})) ? { map { $_->{alg} => $_->{kid} } @{ json($answer)->{keys} } } : {};
}
sub algs { my ($set) = @_; return join ' ', sort keys %$set }

my $n = 0;
# A client with that metadata; its id and secret.
sub client
{
	my ($scope, $metadata) = @_;
	$scope = $scope eq '' ? 'NULL' : "'$scope'";
	my ($id, $secret) = split /\|/, $t->sql(qq{SELECT client_id, client_secret FROM oauth_register_client('client ' || } . ++$n . qq{,
		grant_types => '{authorization_code,refresh_token,client_credentials}', redirect_uris => '{https://app.example/cb}', scope => $scope)});
	$t->sql(qq{SELECT oauth_update_client('$id', '} . JSON::PP->new->encode($metadata) . q{')}) if %$metadata;
	return ($id, $secret);
}
sub header_of { return decode_json(decode_base64url((split /\./, $_[0] // '')[0] // '') || '{}') }

my ($id, $secret) = client('read', {});
is(algs(set()), '', 'where nobody asks for signatures, the set is empty');
is(header($t->get('/oauth2/jwks'), 'Cache-Control'), 'no-cache', '... and nobody is to keep it');

# ---- each way to ask ----

my ($openid, $openid_secret) = client('openid read', {});
my $kept = set();
is(algs($kept), 'RS256', 'a client of OpenID Connect: RS256, unless it says otherwise');
is($t->sql("SELECT count(*) FROM oauth.event WHERE detail ~ 'signing key .* was made, the first'"), 1, '... the audit log knows of it');
my $refresh = $t->sql("SELECT refresh_token FROM oauth_issue_token('$openid', 'alice', scope => 'openid', refresh => true)");
$t->sql("UPDATE oauth.grant SET grant_type = 'authorization_code' WHERE client_id = '$openid'");
my $answer = json($t->post('/oauth2/token', "client_id=$openid&client_secret=$openid_secret&grant_type=refresh_token&refresh_token=$refresh"));
is(header_of($answer->{id_token})->{kid}, $kept->{RS256}, '... whose first ID token is signed with the key that it could see before');

my @ways = (
	[ 'an ID token', 'PS256', sub { client('openid', { id_token_signed_response_alg => 'PS256' }) } ],
	[ 'userinfo', 'ES256', sub { client('read', { userinfo_signed_response_alg => 'ES256' }) } ],
	[ 'answers of the authorization endpoint', 'ES384', sub { client('read', { authorization_signed_response_alg => 'ES384' }) } ],
	[ 'introspection', 'EdDSA', sub { client('read', { introspection_signed_response_alg => 'EdDSA' }) } ],
	[ 'ID tokens of a client without scopes of its own', 'RS384', sub { client('', { id_token_signed_response_alg => 'RS384' }) } ],
	[ 'access tokens for a resource', 'Ed25519', sub { $t->sql("SELECT oauth_register_resource('https://api.example/', access_token_format => 'jwt', signing_alg => 'Ed25519')") } ],
	[ 'ID tokens of a client that registers itself', 'PS384', sub { $t->post('/oauth2/register', '{"redirect_uris": ["https://rp.example/cb"], "id_token_signed_response_alg": "PS384"}', 'Content-Type' => 'application/json')->{status} == 201 or die } ]);
my @have = 'RS256';
for my $way (@ways)
{
	my ($what, $alg, $ask) = @$way;
	$ask->();
	push @have, $alg;
	is(algs(set()), join(' ', sort @have), "$what by $alg: the set has a key of it");
}
$t->sql("DELETE FROM oauth.signing_key WHERE alg = 'ES256'; UPDATE oauth.client SET userinfo_signed_response_alg = NULL");
is(algs(set()), join(' ', sort grep { $_ ne 'ES256' } @have), 'where nobody asks any more, none is made');
$t->sql("SELECT oauth_update_client('$id', '{\"access_token_format\": \"jwt\"}')");
$kept = set();
is(algs($kept), join(' ', sort @have), 'access tokens of a client that are JWTs: ES256');
$answer = json($t->post('/oauth2/token', "client_id=$id&client_secret=$secret&grant_type=client_credentials"));
is(header_of($answer->{access_token})->{kid}, $kept->{ES256}, '... and the first is signed with the key of the set');

# ---- a key for a later time is in the set, and stays for that time ----

client('openid', { id_token_signed_response_alg => 'PS512' });
my $kid = $t->sql("SELECT oauth_create_signing_key('PS512', now() + interval '1 day')");
is(set()->{PS512}, $kid, 'an administrator has made the key: it is the one of the set');
is($t->sql("SELECT count(*), max(state) FROM oauth.signing_key_overview WHERE alg = 'PS512'"), '1|published', '... and not used before its time for that');

# ---- a client that is disabled asks for nothing ----

my ($gone) = client('openid', { id_token_signed_response_alg => 'RS512' });
$t->sql("SELECT oauth_disable_client('$gone')");
ok(!set()->{RS512}, 'a client that is disabled asks for nothing');
$t->sql("SELECT oauth_enable_client('$gone')");

# ---- all at once ----

my @answers = $t->together(map { "GET /oauth2/jwks?$_ HTTP/1.1\r\nHost: x\r\n\r\n" } 1 .. 12);
is(join(' ', map { scalar grep { $_->{alg} eq 'RS512' } @{ json($_)->{keys} } } @answers), join(' ', (1) x 12), 'twelve who ask at once see the key, one');
is($t->sql("SELECT count(*) FROM oauth.signing_key WHERE alg = 'RS512'"), 1, '... which was made once');

# ---- the set is there, whatever happens to a key ----

$t->sql("DELETE FROM oauth.signing_key WHERE alg = 'PS512'");
my $before = algs(set()) =~ s/ PS512//r;
$t->sql("DELETE FROM oauth.signing_key WHERE alg IN ('PS512', 'ES384', 'RS512')");
my $holder = PsqlSession->new($t->node->connstr('postgres'));
is($holder->query("BEGIN; SELECT oauth_sign_jwt('{}', 'PS512') IS NOT NULL"), 't', 'a session has made a first key, and does not commit');
is(algs(set()), $before, '... the others are published meanwhile, also those that are new');
my $begun = time;
is(algs(set()), $before, '... and again');
is(header($t->get('/oauth2/jwks'), 'Cache-Control'), 'no-cache', '... and nobody is to keep that set');
cmp_ok(time - $begun, '<', 2.5, '... without another wait for that session');
$holder->query('COMMIT');
$holder->hang_up;
like(algs(set()), qr/PS512/, '... and that key as soon as it is there');

my $file = $t->node->data_dir . '/oauth.key';
sub set_of_new_sessions
{
	$t->stop;
	$t->start('--purge-interval=0');
	return algs(set());
}
$t->sql("DELETE FROM oauth.signing_key WHERE alg = 'PS512'");
rename $file, "$file.away" or die $!;
is(set_of_new_sessions(), $before, 'without the file of the master key no key is made, and the others are published');
rename "$file.away", $file or die $!;
$t->sql("SELECT status FROM oauth.jwks(ROW('GET', '/oauth2/jwks', '{}', NULL, 'https', NULL))");
is($t->sql("SELECT count(*) FROM oauth.signing_key WHERE alg = 'PS512'"), 0, 'nor is one made in SQL, although it could be');
like(algs(set()), qr/PS512/, '... but where the shim asks');

# A database that has no master key yet, and where none can be made.
$t->sql('DELETE FROM oauth.signing_key; DELETE FROM oauth.master_key');
$t->node->append_conf('postgresql.conf', "oauth.master_key_file = 'none/oauth.key'");
$t->node->reload;
is(set_of_new_sessions(), '', 'without a directory for the master key there are no keys, and that is said');
my ($status, $out, $warnings) = $t->node->psql('postgres', 'SELECT oauth_purge_expired() >= 0');
is($out, 't', '... a purge goes on');
like($warnings, qr/WARNING:  a signing key is due, and cannot be made: .*none\/oauth.key/, '... and says what is missing');

is($t->sql("SELECT status FROM oauth.jwks(ROW('GET', '/oauth2/jwks', '{}', NULL, 'https', NULL))"), 200, 'in SQL the set is answered as well');
$t->finish;
done_testing();
