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
my $device = $t->sql("SELECT client_id FROM oauth_register_client('device', client_type => 'public',
	grant_types => '{urn:ietf:params:oauth:grant-type:device_code}', cors_origins => '{https://app.example.com}')");
my $post = "SELECT convert_from(body, 'UTF8')::jsonb ->> 'refresh_token' FROM oauth.token(ROW('POST', '/oauth2/token',
	ARRAY['Content-Type: application/x-www-form-urlencoded'],
	convert_to('grant_type=refresh_token&client_id=$client&client_secret=$secret&refresh_token=%s', 'UTF8'), 'http', NULL))";
my $next = $t->sql(sprintf $post, $refresh);
my $answer = $t->sql("LOAD 'oauth'; SET oauth.issuer = 'https://id.example.com'; SELECT status FROM oauth.device_authorization(ROW('POST', '/oauth2/device_authorization',
	ARRAY['Content-Type: application/x-www-form-urlencoded'], convert_to('client_id=$device', 'UTF8'), 'http', NULL))");
is($answer, 200, 'a device asks');
$t->sql("INSERT INTO oauth.consent SELECT subject, '$client', 'read' FROM oauth.user;
	INSERT INTO oauth.session SELECT 1, subject, now() + interval '1 day', NULL, sha256('x') FROM oauth.user");
$t->sql(q{SELECT oauth_create_signing_key('ES256'); SELECT oauth_trust_issuer('https://idp.example.com', oauth_jwks());
	SELECT oauth_register_authorization_details_type('payment', 'Pay once'); LOAD 'oauth'; SET oauth.issuer = 'https://id.example.com'; SET oauth.client_id_metadata_documents = on;
	SELECT oauth_keep_document('https://app.example.com/client', '{"client_id": "https://app.example.com/client", "redirect_uris": ["https://app.example.com/cb"]}')});
my $begin = q{SELECT status FROM oauth.authorize(ROW('GET', '/oauth2/authorize?response_type=code&client_id=https://app.example.com/client&redirect_uri=https://app.example.com/cb'
	'&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256', '{}', NULL, 'https', NULL))};
my $as_shim = q{LOAD 'oauth'; SET oauth.issuer = 'https://id.example.com'; SET oauth.client_id_metadata_documents = on; };
is($t->sql("$as_shim$begin"), 303, 'a client of a document begins');
my $exchanger = $t->sql(q{SELECT client_id || '&client_secret=' || client_secret FROM oauth_register_client('exchanger', grant_types => '{urn:ietf:params:oauth:grant-type:jwt-bearer}', scope => 'read')});
my $exchange = qq{SELECT r.status FROM oauth_sign_jwt('{"iss": "https://idp.example.com", "sub": "bob", "aud": "https://id.example.com", "jti": "%s"}'::jsonb
	|| jsonb_build_object('exp', extract(epoch FROM now())::bigint + 240, 'iat', extract(epoch FROM now())::bigint), 'ES256') jwt, LATERAL oauth.token(ROW('POST', '/oauth2/token', '{Content-Type: application/x-www-form-urlencoded}',
	convert_to('grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&client_id=$exchanger&assertion=' || jwt, 'UTF8'), 'https', NULL)) r};
is($t->sql($as_shim . sprintf($exchange, 'one')), 200, 'a JWT of a trusted issuer is a grant');
# What was used is in no dump: the floor of a restored database is above it.
$t->sql("DELETE FROM oauth.nonce_$_") for 0 .. 7;
my $counts = q{SELECT string_agg(format('%s %s', relname, (xpath('//c/text()',
	query_to_xml(format('SELECT count(*) AS c FROM %s', oid::regclass), false, true, '')))[1]), ', ' ORDER BY relname)
	FROM pg_class WHERE relnamespace = 'oauth'::regnamespace AND relkind = 'r' AND relname <> 'dumped'};
my $rows = $t->sql($counts);

$node->command_ok([ 'pg_dump', '--file', "$dir/whole.sql", 'postgres' ], 'the database is dumped');
$node->command_ok([ 'pg_dump', '--schema-only', '--file', "$dir/schema.sql", 'postgres' ], 'and its schema alone');
$node->command_ok([ 'pg_dump', '--format', 'custom', '--file', "$dir/custom.dump", 'postgres' ], 'and in the custom format');

$node->command_ok([ 'pg_dump', '--format', 'directory', '--jobs', '4', '--file', "$dir/directory.dump", 'postgres' ], 'and by four at once');
$node->command_ok([ 'pg_dump', '--format', 'custom', '--inserts', '--file', "$dir/inserts.dump", 'postgres' ], 'and as INSERT statements');
$node->command_ok([ 'pg_dump', '--data-only', '--format', 'custom', '--file', "$dir/data.dump", 'postgres' ], 'and its rows alone');

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
	is($second->safe_psql($database, 'SELECT scope, is_default FROM oauth.scope ORDER BY 1'), "address|f\nemail|f\noffline_access|f\nopenid|f\nphone|f\nphotos|f\nprofile|f\nread|t\nwrite|f",
		"$database: so are the scopes");
	is($second->safe_psql($database, "$as_shim$begin"), 303, "$database: the client of the document begins");
	is($second->safe_psql($database, "SELECT (SELECT issuer FROM oauth.trusted_issuer_overview), (SELECT type FROM oauth.authorization_details_type_overview), (SELECT issuer FROM oauth.grant WHERE issuer IS NOT NULL)"),
		'https://idp.example.com|payment|https://idp.example.com', "$database: so are trusted issuers, their grants and types of details");
	is($second->safe_psql($database, $as_shim . sprintf($exchange, 'one')), 400, "$database: what may have been used before the dump is refused");
	$second->safe_psql($database, q{SELECT oauth_distrust_issuer('https://idp.example.com')});
	is($second->safe_psql($database, 'SELECT count(*) FROM oauth.grant WHERE issuer IS NOT NULL AND ended_at IS NULL'), 0, "$database: and the trust ends with its grants");
	my $newest = $second->safe_psql($database, sprintf $post, $next);
	like($newest, qr/\Aort_/, "$database: the refresh token is answered");
	is($second->safe_psql($database, sprintf $post, $next), $newest, "$database: and answered again within the grace");
	is($second->safe_psql($database, 'SELECT oauth_rotate_master_key()'), 2, "$database: the sealed secret opens");
}

# ---- side by side: pg_restore knows no order of the rows of an extension ----

# Foreign keys that have rows and those rows have nothing to refer to.
my $found = q{SELECT subject, finding FROM oauth_check() WHERE subject ~ '^oauth\\.' AND finding ~ 'restored' ORDER BY subject};

for ([ 'two', 2, 'custom' ], [ 'four', 4, 'custom' ], [ 'eight', 8, 'custom' ], [ 'directory', 4, 'directory' ], [ 'inserts', 4, 'inserts' ])
{
	my ($name, $jobs, $kind) = @$_;
	delete local $ENV{PGAPPNAME};    # pg_restore names itself, but for the driver's own
	restore("jobs_$name", 'pg_restore', '--exit-on-error', '--jobs', $jobs, "$dir/$kind.dump");
	is($second->safe_psql("jobs_$name", $counts), $rows, "jobs_$name: every row is there");
	is($second->safe_psql("jobs_$name", $found), '', "jobs_$name: nothing is missing");
}

# The rows into tables that exist, the children first on purpose, as a tool that copies tables side by side may do.
$second->safe_psql('postgres', "CREATE DATABASE rows TEMPLATE template0 ENCODING 'UTF8'");
$second->safe_psql('rows', 'CREATE EXTENSION oauth CASCADE; CREATE SCHEMA app; CREATE TABLE app.photo (owner text)');
$second->command_ok([ 'pg_restore', '--exit-on-error', '--jobs', 4, '--dbname', $second->connstr('rows'), "$dir/data.dump" ],
	'rows alone are restored side by side');
is($second->safe_psql('rows', $counts), $rows, 'rows: every row is there');

$second->safe_psql('postgres', "CREATE DATABASE copied TEMPLATE template0 ENCODING 'UTF8'");
$second->safe_psql('copied', 'CREATE EXTENSION oauth CASCADE');
my @tables = reverse split /\n/, $node->safe_psql('postgres', q{SELECT c.relname, (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)
	FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''), x.condition FROM pg_extension e,
	unnest(e.extconfig, e.extcondition) WITH ORDINALITY x (oid, condition, ordinality)
	JOIN pg_class c ON c.oid = x.oid WHERE e.extname = 'oauth' ORDER BY x.ordinality});
for (@tables)
{
	my ($table, $columns, $condition) = split /\|/, $_, 3;
	$node->safe_psql('postgres', "COPY (SELECT $columns FROM oauth.$table $condition) TO '$dir/$table.rows'");
	$second->safe_psql('copied', "COPY oauth.$table ($columns) FROM '$dir/$table.rows'");
}
is($second->safe_psql('copied', $counts), $rows, 'tables that are copied in the opposite order have every row');

# ---- the whole server ----

$node->safe_psql('postgres', q{ALTER DATABASE postgres SET oauth.issuer = 'https://id.example.com'});
$node->command_ok([ 'pg_dumpall', '--clean', '--if-exists', '--file', "$dir/server.sql" ], 'the server is dumped');
my $third = PostgreSQL::Test::Cluster->new('third');
$third->init;
$third->start;
copy($node->data_dir . '/oauth.key', $third->data_dir . '/oauth.key') or die "copy: $!";
chmod 0600, $third->data_dir . '/oauth.key';
$third->command_ok([ 'psql', '-X', '-q', '-f', "$dir/server.sql", '-d', $third->connstr('template1') ], 'and restored');
is($third->safe_psql('postgres', $counts), $rows, 'pg_dumpall brings every row');
is($third->safe_psql('postgres', "SELECT active FROM oauth_verify_token('$access'); SHOW oauth.issuer"), "t\nhttps://id.example.com",
	'and the settings');
is($third->safe_psql('postgres', $found), '', 'and nothing is missing');
$third->stop;

# ---- what a load in any order does not do ----

my ($status, $stdout, $stderr) = $second->psql('copied', "INSERT INTO oauth.consent VALUES ('nobody', 'nothing', 'read')");
like($stderr, qr/violates foreign key constraint/, 'an INSERT is held to its foreign keys');
$second->safe_psql('copied', "CREATE ROLE loader; GRANT USAGE ON SCHEMA oauth TO loader; GRANT INSERT ON oauth.consent TO loader");
($status, $stdout, $stderr) = $second->psql('copied', "SET ROLE loader;\nCOPY oauth.consent (subject, client_id, scope, updated_at) FROM stdin;\nnobody\tnothing\tread\tnow\n\\.\n");
like($stderr, qr/violates foreign key constraint/, 'and so is a COPY of somebody who is no superuser');
{
	local $ENV{PGAPPNAME} = 'pg_restore';
	($status, $stdout, $stderr) = $second->psql('copied', "SELECT oauth_issue_token('$client', subject => subject) FROM oauth.user;
		DO \$\$ BEGIN INSERT INTO oauth.consent VALUES ('nobody', 'nothing', 'read'); END \$\$");
	like($stderr, qr/violates foreign key constraint/, 'and so is what a function does');
}
($status, $stdout, $stderr) = $second->psql('copied', <<'SQL');
BEGIN;
COPY oauth.consent (subject, client_id, scope, updated_at) FROM stdin;
nobody	nothing	read	now
\.
SHOW session_replication_role;
INSERT INTO oauth.consent VALUES ('nobody', 'something', 'read');
SQL
like($stdout, qr/^origin$/m, 'after a COPY the session is as before');
like($stderr, qr/violates foreign key constraint/, 'and its next statement is held to the foreign keys');
($status, $stdout, $stderr) = $second->psql('copied', <<'SQL', on_error_stop => 0);
COPY oauth.consent (subject, client_id, scope, updated_at) FROM stdin;
nobody	nothing	read	never
\.
SHOW session_replication_role;
INSERT INTO oauth.consent VALUES ('nobody', 'something', 'read');
SQL
like($stdout, qr/^origin$/m, 'after a COPY that fails, too');
like($stderr, qr/violates foreign key constraint/, 'and the next statement is held to them');

# ---- half a restore ----

is($second->safe_psql('jobs_two', 'SELECT count(*) > 5 FROM oauth.dumped'), 't', 'a dump says which tables had rows');
$second->safe_psql('jobs_two', 'SELECT oauth_purge_expired()');
is($second->safe_psql('jobs_two', 'SELECT count(*) FROM oauth.dumped'), 0, 'until a purge has seen that they have them here');
for my $table ('grant', 'user', 'client')
{
	my ($toc) = run_command([ 'pg_restore', '--list', "$dir/custom.dump" ]);
	append_to_file("$dir/without_$table", join "\n", (grep { !/TABLE DATA oauth $table / } split /\n/, $toc), '');
	restore("without_$table", 'pg_restore', '--exit-on-error', '--jobs', 2, '--use-list', "$dir/without_$table", "$dir/custom.dump");
	$second->safe_psql("without_$table", 'SELECT oauth_purge_expired()');
	like($second->safe_psql("without_$table", $found), qr/^oauth\."?$table"?\|had rows in the dump that was restored here \(\d+\), and has none$/m,
		"oauth_check() finds that the rows of $table are missing");
}
like($second->safe_psql('without_grant', $found), qr/^oauth.access_token\|some rows have a grant_handle that is not in oauth.grant: it was restored in part$/m,
	'and rows that refer to them');
$second->safe_psql('without_user', "DELETE FROM oauth.dumped WHERE relation = 'user'");
is($second->safe_psql('without_user', $found), '', 'who says that they are gone for good hears no more of it');

# Every foreign key is looked at: the source names each.
my $source = slurp("$FindBin::RealBin/../../extension/checks.sql");
my @looked_at;
push @looked_at, "$1.$2" while $source =~ /'oauth\.(\w+)',\s*'some rows have a (\w+) that is not in/g;
@looked_at = sort @looked_at;
is("@looked_at", $second->safe_psql('whole', q{SELECT string_agg(format('%s.%s', c.relname, a.attname), ' ' ORDER BY format('%s.%s', c.relname, a.attname) COLLATE "C")
	FROM (SELECT conrelid, conkey[1] AS key FROM pg_constraint WHERE contype = 'f' AND connamespace = 'oauth'::regnamespace) k
	JOIN pg_class c ON c.oid = k.conrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.key}),
	'oauth_check() looks at every foreign key');

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
