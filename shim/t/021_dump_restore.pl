# 021_dump_restore.pl
# A dump and the key file are everything: pg_dump into a second server, tokens still verify (R222).
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(slurp);
use File::Copy qw(copy);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $t = ShimTest->new(extension => 1);
my $node = $t->node;
my $dir = $t->dir;

# Everything that can be in the tables.
$node->safe_psql('postgres', <<'SQL');
CREATE ROLE app;
CREATE SCHEMA app AUTHORIZATION app;
SET ROLE app;
CREATE FUNCTION app.hello(oauth.http_request) RETURNS jsonb LANGUAGE sql AS 'SELECT to_jsonb(public.oauth_subject())';
CREATE TABLE app.photo (owner text);
CREATE POLICY own ON app.photo USING (owner = public.oauth_subject());
RESET ROLE;
SELECT oauth_protect('/api/hello', 'app.hello', 'read');
SELECT oauth_register_scope('photos', 'See your photos');
SELECT oauth_create_user('alice', 'wonderland');
SELECT oauth_purge_expired();
SQL
my ($client, $secret) = split /\|/,
  $t->sql("SELECT * FROM oauth_register_client('dumped', grant_types => '{refresh_token,oauth1}', scope => 'read photos')");
my ($access, $refresh) = split /\|/, $t->sql("SELECT t.access_token, t.refresh_token FROM oauth.user u,
	oauth_issue_token('$client', u.subject, refresh => true) t");
my $post = "SELECT convert_from(body, 'UTF8')::jsonb ->> 'refresh_token' FROM oauth.token(ROW('POST', '/oauth2/token',
	ARRAY['Content-Type: application/x-www-form-urlencoded'],
	convert_to('grant_type=refresh_token&client_id=$client&client_secret=$secret&refresh_token=%s', 'UTF8'), 'http', NULL))";
my $next = $t->sql(sprintf $post, $refresh);
my $counts = q{SELECT string_agg(format('%s %s', relname, (xpath('//c/text()',
	query_to_xml(format('SELECT count(*) AS c FROM %s', oid::regclass), false, true, '')))[1]), ', ' ORDER BY relname)
	FROM pg_class WHERE relnamespace = 'oauth'::regnamespace AND relkind = 'r'};
my $rows = $t->sql($counts);

$node->command_ok([ 'pg_dump', '--file', "$dir/whole.sql", 'postgres' ], 'the database is dumped');
$node->command_ok([ 'pg_dump', '--schema-only', '--file', "$dir/schema.sql", 'postgres' ], 'and its schema alone');
$node->command_ok([ 'pg_dump', '--format', 'custom', '--file', "$dir/custom.dump", 'postgres' ], 'and in the custom format');

my $dump = slurp("$dir/whole.sql");
for ([ $secret, 'client secret' ], [ $access, 'access token' ], [ $refresh, 'refresh token' ], [ $next, 'newest refresh token' ],
	[ 'wonderland', 'password' ], [ substr(slurp($node->data_dir . '/oauth.key'), 0, 64), 'master key' ])
{
	my ($value, $name) = @$_;
	ok(index($dump, $value) < 0, "no $name is in the dump");
}

# ---- a second server with the same key ----

my $second = PostgreSQL::Test::Cluster->new('second');
$second->init;
$second->start;
copy($node->data_dir . '/oauth.key', $second->data_dir . '/oauth.key') or die "copy: $!";
chmod 0600, $second->data_dir . '/oauth.key';
$second->safe_psql('postgres', 'CREATE ROLE app; CREATE ROLE oauth_shim');

sub restore
{
	my ($database, @command) = @_;

	$second->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE template0 ENCODING 'UTF8'");
	return $second->command_ok([ @command, '--dbname', $second->connstr($database) ], "$database is restored without an error");
}

for (
	[ 'whole', 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/whole.sql" ],
	[ 'custom', 'pg_restore', '--exit-on-error', "$dir/custom.dump" ])
{
	my ($database, @command) = @$_;
	restore($database, @command);
	is($second->safe_psql($database, $counts), $rows, "$database: every row is there, once");
	is($second->safe_psql($database, "SELECT active, scope FROM oauth_verify_token('$access')"), 't|read', "$database: the token verifies");
	is($second->safe_psql($database, "SELECT oauth_introspect_token('$next') ->> 'username'"), 'alice', "$database: the refresh token is alice's");
	is($second->safe_psql($database, "SELECT convert_from(body, 'UTF8') = to_jsonb(subject)::text FROM oauth.user, oauth.resource(ROW('GET', '/api/hello',
		ARRAY['Authorization: Bearer $access'], NULL, 'http', NULL))"), 't', "$database: the published function answers");
	is($second->safe_psql($database, "SELECT has_function_privilege('oauth_shim', 'oauth.token(oauth.http_request)', 'EXECUTE'),
		has_function_privilege('public', 'oauth.token(oauth.http_request)', 'EXECUTE')"), 't|f', "$database: privileges are as they were");
	is($second->safe_psql($database, 'SELECT scope, is_default FROM oauth.scope ORDER BY 1'), "photos|f\nread|t\nwrite|f", "$database: so are the scopes");
	my $newest = $second->safe_psql($database, sprintf $post, $next);
	like($newest, qr/\Aort_/, "$database: the refresh token is answered");
	is($second->safe_psql($database, sprintf $post, $next), $newest, "$database: and answered again within the grace");
	is($second->safe_psql($database, 'SELECT oauth_rotate_master_key()'), 1, "$database: the sealed secret opens");
}

# ---- the schema alone ----

restore('bare', 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/schema.sql");
is($second->safe_psql('bare', 'SELECT count(*) FROM oauth.client'), 0, 'the schema alone brings no row');
is($second->safe_psql('bare', "SELECT oauth_register_client_metadata('{\"grant_types\": []}') ->> 'scope'"), 'read', 'and works');
is($second->safe_psql('bare', "SELECT active FROM oauth_verify_token('$access')"), 'f', 'without what was issued elsewhere');

# ---- with another key ----

unlink $second->data_dir . '/oauth.key';
my ($rc, $out, $err) = $second->psql('custom', "SELECT oauth_register_client('signs', grant_types => '{oauth1}')");
like($err, qr/missing master key file.*HINT:  Restore it from its backup/s, 'without its key a restored database says so');
ok(!-e $second->data_dir . '/oauth.key', 'and makes none');

# ---- dropping ----

($rc, $out, $err) = $second->psql('bare', 'DROP EXTENSION pgcrypto');
like($err, qr/cannot drop extension pgcrypto because other objects depend on it/, 'pgcrypto cannot be dropped away');
($rc, $out, $err) = $second->psql('bare', 'DROP EXTENSION oauth');
like($err, qr/policy own on table app.photo depends on function oauth_subject\(\)/, 'nor the extension, from under a policy');
$second->safe_psql('bare', 'DROP SCHEMA app CASCADE; DROP EXTENSION oauth');
is($second->safe_psql('bare', "SELECT count(*) FROM pg_namespace WHERE nspname = 'oauth'"), 0, 'then it goes, and leaves no schema');
is($second->safe_psql('bare', "CREATE EXTENSION oauth; SELECT count(*) FROM oauth.client"), 0, 'and can be created again');

$second->stop;
$t->finish;
done_testing();
