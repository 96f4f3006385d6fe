#!/usr/bin/perl
# 053_fail_closed.pl: without the hook that asks the application about its users, no token of theirs is taken for living.
#
# A module of this test takes the hook away, as a module that meddles could.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Test::More;
use lib $FindBin::Bin;
use InnerModule qw(inner_module);
use ShimTest;

my $t = ShimTest->new(extension => 1);
my $module = inner_module($t->dir, 'unset_hook', ['oauth_store_user_is_active_hook'], <<'C');
PG_FUNCTION_INFO_V1(unset_hook);
PGDLLEXPORT Datum unset_hook(PG_FUNCTION_ARGS);
typedef bool (*Hook) (const char *subject);

Datum
unset_hook(PG_FUNCTION_ARGS)
{
	*(Hook *) INNER(oauth_store_user_is_active_hook) = NULL;
	PG_RETURN_VOID();
}
C
ok($module, 'a module is built')
  or BAIL_OUT('gcc is needed');

$t->sql(<<"SQL");
CREATE ROLE app;
CREATE SCHEMA app AUTHORIZATION app;
SET ROLE app;
CREATE VIEW app.people AS SELECT 1 AS id, 'alice' AS username, NULL::text AS password_hash, true AS is_active;
RESET ROLE;
SELECT oauth_use_users('app.people', active => 'is_active');
CREATE FUNCTION unset_hook() RETURNS void LANGUAGE c AS '$module';
SQL
my $client = $t->sql(q{SELECT client_id FROM oauth_register_client('hook', grant_types => '{password}')});
my $token = $t->sql(qq{SELECT access_token FROM oauth_issue_token('$client', subject => '1')});

is($t->sql(qq{SELECT active FROM oauth_verify_token('$token')}), 't', 'the token of a user of the application lives');
my ($status, $out, $error) = $t->{node}->psql('postgres', qq{SELECT active FROM oauth_verify_token('$token');
	SELECT unset_hook(); SELECT active FROM oauth_verify_token('$token')});
like($error, qr/ERROR:  nothing asks the application whether its users are active/, 'without the hook it is an error');
is($out, "t\n", 'and no answer');
is($t->sql(qq{SELECT active FROM oauth_verify_token('$token')}), 't', 'another session has the hook');
$t->finish;
done_testing();
