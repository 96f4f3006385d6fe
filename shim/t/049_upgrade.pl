# 049_upgrade.pl
# docs/upgrade.md: pg_upgrade takes tokens, rights and the master key along, if its file is outside the data directory.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest;
use SignedRequest qw(authorization);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# pg_upgrade wants clusters that were made alike.
my $t = ShimTest->new(extension => 1);
my $old = $t->node;
my $dir = $t->dir;
my $bindir = $old->config_data('--bindir');

sub on
{
	my ($node, $sql) = @_;
	return $node->safe_psql('postgres', $sql);
}

# oauth.token() with a refresh token: the answer's member, or the error.
sub refresh
{
	my ($node, $client, $secret, $token, $member) = @_;
	return on($node, "SELECT convert_from(body, 'UTF8')::jsonb ->> '$member' FROM oauth.token(ROW('POST', '/oauth2/token',
		ARRAY['Content-Type: application/x-www-form-urlencoded'],
		convert_to('grant_type=refresh_token&client_id=$client&client_secret=$secret&refresh_token=$token', 'UTF8'), 'http', NULL))");
}

# Whether a signed request is accepted.
sub authenticates
{
	my ($node, $header) = @_;
	return on($node, "SELECT oauth_authenticate_request(ROW('GET', '/api/', ARRAY['Host: id.example.com', 'Authorization: $header'],
		'', 'https', NULL))");
}

# A new cluster of the same kind, with everything that was in the node, which is stopped.
sub upgraded
{
	my ($node, $name, $conf) = @_;
	my $new = PostgreSQL::Test::Cluster->new($name);
	$new->init;
	$new->append_conf('postgresql.conf', $conf);
	$node->stop;
	local $ENV{PWD} = $dir;
	command_ok([ 'sh', '-c', "cd $dir && exec pg_upgrade \"\$@\"", 'sh', '-b', $bindir, '-B', $bindir, '-d', $node->data_dir,
			'-D', $new->data_dir, '-s', $new->host, '-p', $node->port, '-P', $new->port ], "pg_upgrade to $name");
	$new->start;
	return $new;
}

my $conf = "oauth.master_key_file = '$dir/oauth.key'";
$old->append_conf('postgresql.conf', $conf);
$old->restart;
on($old, q{CREATE ROLE shop; GRANT EXECUTE ON FUNCTION oauth_verify_token TO shop;
	ALTER DATABASE postgres SET oauth.issuer = 'https://id.example.com'});
my ($client, $secret) = split /\|/,
  on($old, q{SELECT * FROM oauth_register_client('kept', grant_types => '{refresh_token,oauth1_two_legged}', scope => 'read')});
my ($access, $first) = split /\|/,
  on($old, "SELECT access_token, refresh_token FROM oauth_issue_token('$client', '42', refresh => true)");
my $second = refresh($old, $client, $secret, $first, 'refresh_token');
my %signing = (client_id => $client, client_secret => $secret, method => 'GET', uri => 'https://id.example.com/api/');
my $signed = authorization(%signing);
is(authenticates($old, $signed), 't', 'a signed request is accepted');

my $new = upgraded($old, 'new', $conf);
is(on($new, "SELECT active, subject FROM oauth_verify_token('$access')"), 't|42', 'a token of before is good');
is(on($new, "SET ROLE shop; SELECT active FROM oauth_verify_token('$access')"), 't', 'for the roles that may ask');
is(on($new, 'SHOW oauth.issuer'), 'https://id.example.com', 'the settings of the database came along');
is(on($new, q{SELECT rolname FROM pg_roles WHERE rolname = 'oauth_shim' AND has_function_privilege(oid,
	'oauth.token(oauth.http_request)', 'EXECUTE')}), 'oauth_shim', 'and the role of the shim');
my $third = refresh($new, $client, $secret, $second, 'refresh_token');
like($third, qr/\Aort_/, 'a refresh token of before is good');
is(refresh($new, $client, $secret, $first, 'error'), 'invalid_grant', 'one that was used is not');
is(authenticates($new, $signed), 'f', 'the signed request is not accepted again');
is(authenticates($new, authorization(%signing)), 'f', 'nor is another one, as the server does not know that none was lost');
on($new, q{UPDATE oauth.nonce_floor SET floor = least(floor, floor(extract(epoch FROM now())))});
is(authenticates($new, authorization(%signing)), 't', 'until somebody who knows says so');
is(authenticates($new, $signed), 'f', 'and then still not the one of before');
like(on($new, 'SELECT oauth_rotate_master_key()'), qr/\A[1-9]/, 'what was sealed opens');
is(on($new, q{SELECT count(*) FROM oauth_check() WHERE subject = 'master key file' AND severity = 'high'}), 0,
	'and the check has nothing to say of the key');
is(on($new, q{SELECT count(*) FROM pg_trigger WHERE tgname = 'before_load' AND tgenabled = 'O'}),
	on($new, q{SELECT count(DISTINCT conrelid) FROM pg_constraint WHERE contype = 'f' AND connamespace = 'oauth'::regnamespace}),
	'a dump of it can be loaded in any order, too');
like(on($new, q{SELECT extcondition::text FROM pg_extension WHERE extname = 'oauth'}), qr/UNION ALL SELECT/,
	'and says which tables had rows');

# Where the key is in the data directory, as it is unless told otherwise, it stays behind.
my $careless = ShimTest->new(extension => 1, name => 'careless');
my ($signer) = on($careless->node, q{SELECT client_id FROM oauth_register_client('signs', grant_types => '{oauth1}')});
my $token = on($careless->node, "SELECT access_token FROM oauth_issue_token('$signer', '42')");
my $newer = upgraded($careless->node, 'newer', '');
is(on($newer, "SELECT active FROM oauth_verify_token('$token')"), 't', 'without its key a database verifies tokens');
my ($status, undef, $error) =
  $newer->psql('postgres', q{SELECT oauth_register_client('other', grant_types => '{oauth1}')});
isnt($status, 0, 'but seals nothing');
like($error, qr/missing master key file "oauth.key".*HINT:  Restore it/s, 'and says what is missing');

$_->stop for $new, $newer;
done_testing();
