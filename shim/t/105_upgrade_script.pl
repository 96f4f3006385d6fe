# 105_upgrade_script.pl
# ALTER EXTENSION oauth UPDATE brings a database of 0.1, with its rows and what administrators granted, to the catalog of a new installation.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Catalog qw(catalog_difference);
use ShimTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $t = ShimTest->new(extension => 1);
my $node = $t->node;

sub on
{
	my ($database, $sql) = @_;
	return $node->safe_psql($database, $sql);
}

sub difference
{
	my ($one, $other) = @_;
	return catalog_difference($node, $one, $node, $other);
}

sub create
{
	my ($database, $version) = @_;
	on('postgres', "CREATE DATABASE $database TEMPLATE template0 ENCODING 'UTF8'");
	on($database, "CREATE EXTENSION oauth VERSION '$version' CASCADE");
	return;
}

my $version = $t->sql("SELECT default_version FROM pg_available_extensions WHERE name = 'oauth'");
is($t->sql("SELECT path FROM pg_extension_update_paths('oauth') WHERE source = '0.1' AND target = '$version'"), "0.1--$version",
	'a script leads from 0.1 to the version of today');
create('fresh', $version);
create('before', '0.1');
isnt(difference('fresh', 'before'), '', 'the two catalogs are not the same before');

# ---- rows of 0.1, and rights ----

my $string = "'%s_' || rtrim(translate(encode(int8send(handle) || decode(repeat('%s', 32), 'hex'), 'base64'), E'+/\\n', '-_'), '=')";
my %token = map { my ($prefix, $byte) = @$_; ($prefix => on('before', sprintf "SELECT $string FROM (VALUES (%d::bigint)) v (handle)", @$_)) }
  [ 'oat', 'aa', 1001 ], [ 'ort', 'bb', 1002 ], [ 'oas', 'cc', 1003 ];
on('before', <<"SQL");
INSERT INTO oauth.scope (scope, description, is_default) VALUES ('read', 'Read', true), ('openid', 'Who you are', false);
INSERT INTO oauth.client (client_id, client_name, client_type, grant_types, redirect_uris, secret_hash, scope, metadata)
	VALUES ('kept', 'Kept', 'confidential', '{refresh_token,authorization_code,client_credentials}', '{https://app.example/cb}', sha256('secret'), 'read openid',
	'{"client_uri": "https://app.example/"}');
INSERT INTO oauth.subject (subject) VALUES ('42');
INSERT INTO oauth.grant (handle, client_id, subject, grant_type, scope) VALUES (1000, 'kept', '42', 'authorization_code', 'read');
INSERT INTO oauth.access_token (handle, grant_handle, expires_at, token_hash, scope) VALUES (1001, 1000, now() + interval '1 day', sha256('$token{oat}'), 'read');
INSERT INTO oauth.refresh_token (handle, grant_handle, expires_at, access_token, token_hash)
	VALUES (1002, 1000, now() + interval '1 day', 1001, sha256('$token{ort}'));
INSERT INTO oauth.session (handle, subject, expires_at, token_hash) VALUES (1003, '42', now() + interval '1 hour', sha256('$token{oas}'));
INSERT INTO oauth.device_code (handle, client_id, expires_at, interval_seconds, code_hash, user_code_hash, scope)
	VALUES (1004, 'kept', now() + interval '10 min', 5, sha256('x'), sha256('y'), 'read');
INSERT INTO oauth.login_request (handle, expires_at, token_hash, browser_hash, address, is_login)
	VALUES (1005, now() + interval '10 min', sha256('x'), sha256('y'), '/account', true);
INSERT INTO oauth.authorization_code (handle, grant_handle, expires_at, code_hash) VALUES (1006, 1000, now() + interval '1 min', sha256('z'));
INSERT INTO oauth.protected_function (path, function_schema, function_name, methods) VALUES ('/api/x', 'app', 'x', '{GET}');
INSERT INTO oauth.consent (subject, client_id, scope) VALUES ('42', 'kept', 'read');
INSERT INTO oauth.nonce_3 VALUES (1764000001, '00112233-4455-6677-8899-aabbccddeeff');
CREATE TABLE oauth.of_somebody_else (n integer);
CREATE ROLE shop; CREATE ROLE "Look at" ; CREATE ROLE defaults;
GRANT EXECUTE ON FUNCTION oauth_issue_token, oauth_verify_token, oauth_accept_login TO shop;
GRANT EXECUTE ON FUNCTION oauth_status TO "Look at" WITH GRANT OPTION;
GRANT SELECT ON oauth.session_overview TO "Look at";
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO defaults;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO defaults;
SQL

# ---- the new library, before the script was run ----

my (undef, undef, $error) = $node->psql('before', "SELECT oauth_register_client('new')");
like($error, qr/ERROR:  .*\nHINT:  ALTER EXTENSION oauth UPDATE/s, 'until then a function says what to do');
(undef, undef, $error) = $node->psql('before', "SELECT * FROM oauth_verify_token('$token{oat}')");
like($error, qr/HINT:  ALTER EXTENSION oauth UPDATE/, 'or another one');

# ---- the upgrade ----

my $rows = q{SELECT string_agg(format('%s %s', relname, (xpath('//c/text()', query_to_xml(format('SELECT count(*) AS c FROM %s', oid::regclass), false, true, '')))[1]),
	', ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'oauth'::regnamespace AND relkind = 'r'
	AND relname IN ('scope', 'client', 'subject', 'grant', 'access_token', 'refresh_token', 'session', 'device_code', 'login_request', 'consent')};
my $counted = on('before', $rows);
on('before', 'ALTER EXTENSION oauth UPDATE');
is(on('before', $rows), $counted, 'no row is lost');
my $granted = on('before', q{SELECT string_agg(format('%s %s%s', p.proname, a.grantee::regrole, CASE WHEN a.is_grantable THEN '*' ELSE '' END), ', ' ORDER BY p.proname)
	FROM pg_proc p, aclexplode(p.proacl) a WHERE a.grantee::regrole::text IN ('shop', '"Look at"', 'defaults')});
is($granted, 'oauth_accept_login shop, oauth_issue_token shop, oauth_status "Look at"*, oauth_verify_token shop',
	'functions that were made anew keep what was granted, and default privileges give nothing');
is(on('before', q{SELECT has_table_privilege('Look at', 'oauth.session_overview', 'SELECT'), has_table_privilege('defaults', 'oauth.signing_key', 'SELECT')}), 't|f',
	'views, too; and tables are nobody\'s');
is(on('before', "SELECT active, subject FROM oauth_verify_token('$token{oat}')"), 't|42', 'an access token of before is good');
my $answer = on('before', "SELECT convert_from(body, 'UTF8') FROM oauth.token(ROW('POST', '/oauth2/token', ARRAY['Content-Type: application/x-www-form-urlencoded'],
	convert_to('grant_type=refresh_token&client_id=kept&client_secret=secret&refresh_token=$token{ort}', 'UTF8'), 'http', NULL))");
like($answer, qr/"access_token": "oat_/, 'a refresh token of before brings new ones') or diag($answer);
like(on('before', "LOAD 'oauth'; SET oauth.issuer = 'https://id.example.com'; SELECT oauth_update_client('kept', '{\"access_token_format\": \"jwt\"}') ->> 'access_token_format';
	SELECT access_token FROM oauth_issue_token('kept', '42')"), qr/\Ajwt\neyJ/, 'and a JWT can be had');
is(on('before', "SELECT state FROM oauth.session_overview"), 'living', 'a session of before goes on');
is(on('before', "SELECT nonce FROM oauth.nonce_3"), '00692481-0100-1122-3344-5566778899aa', 'a nonce is its timestamp, and then its digest');
is(on('before', "SELECT reloptions FROM pg_class WHERE oid = 'oauth.of_somebody_else'::regclass"), '', 'what others have in the schema stays what it is');
is(on('before', 'SELECT oauth_purge_expired() >= 0'), 't', 'a purge is possible');
my (undef, undef, $refused) = $node->psql('before', "SELECT _oauth_grant_again('{GRANT SELECT ON oauth.signing_key TO PUBLIC}')");
like($refused, qr/only an upgrade script calls/, 'what the script grants with is of no use later');

# ---- a dump of it ----

my $dump = $t->dir . '/upgraded.sql';
$node->command_ok([ 'pg_dump', '--file', $dump, 'before' ], 'what was upgraded is dumped');
like(ShimTest::slurp($dump), qr/GRANT ALL ON FUNCTION public\.oauth_issue_token\([^)]*\) TO shop/, 'with the rights');
on('postgres', "CREATE DATABASE again TEMPLATE template0 ENCODING 'UTF8'");
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', 'again', '-f', $dump ], 'and restored');
is(on('again', "SELECT active FROM oauth_verify_token('$token{oat}')"), 't', 'with the tokens');

# ---- the catalog ----

create('plain', '0.1');
on('plain', 'ALTER EXTENSION oauth UPDATE');
is(difference('fresh', 'plain'), '', 'the catalog is that of a new installation');
on('postgres', "CREATE DATABASE elsewhere TEMPLATE template0 ENCODING 'UTF8'");
on('elsewhere', "CREATE SCHEMA api; CREATE EXTENSION oauth SCHEMA api VERSION '0.1' CASCADE; ALTER EXTENSION oauth UPDATE");
on('postgres', "CREATE DATABASE anew TEMPLATE template0 ENCODING 'UTF8'");
on('anew', "CREATE SCHEMA api; CREATE EXTENSION oauth SCHEMA api CASCADE");
is(difference('anew', 'elsewhere'), '', 'in a schema of its own, too');

# ---- settings that change what SQL means, or how it is written ----

my $odd = 'SET standard_conforming_strings = off; SET quote_all_identifiers = on; SET bytea_output = escape; SET default_toast_compression = pglz;';
on('postgres', "CREATE DATABASE odd TEMPLATE template0 ENCODING 'UTF8'");
on('odd', "$odd CREATE EXTENSION oauth CASCADE");
is(difference('fresh', 'odd'), '', 'whatever the settings are, an installation is the same');
create('oddly', '0.1');
on('oddly', "$odd ALTER EXTENSION oauth UPDATE");
is(difference('fresh', 'oddly'), '', 'and so is an upgrade');
$t->finish;
done_testing();
