# 142_few_buffers.pl
# A server with hardly any buffers: the page of a row is never again in the buffer where a session found it, which has another
# one by then. Each token is still its own, alone and in a batch, while its rows move and others come and go.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest;
use Test::More;

my $t = ShimTest->new(extension => 1, conf => "shared_buffers = 256kB\nmax_connections = 20\nautovacuum = off");

$t->sql(<<'SQL');
CREATE TABLE few (n int, subject text, token text);
INSERT INTO few SELECT n, 'few-' || n, t.access_token
	FROM (SELECT client_id FROM oauth_register_client('few', grant_types => '{client_credentials}', scope => 'read')) c,
		generate_series(1, 6000) n, LATERAL oauth_issue_token(client_id, 'few-' || n, scope => 'read') t;
-- tokens that are not taken for what they are, asked one by one and in batches of 50
CREATE FUNCTION few_wrong(turn int) RETURNS bigint LANGUAGE sql AS $$
	SELECT (SELECT count(*) FROM few CROSS JOIN LATERAL oauth_verify_token(token) v
			WHERE n % 7 = turn % 7 AND (v.active, v.subject) IS DISTINCT FROM (true, few.subject))
		+ (SELECT count(*) FROM (SELECT array_agg(subject ORDER BY r) AS subjects,
				array_agg(ROW('GET', '/auth', ARRAY['Authorization: Bearer ' || token], NULL, 'http', NULL)::oauth.http_request ORDER BY r) AS requests
				FROM (SELECT *, row_number() OVER (ORDER BY hashint4(n + turn)) AS r FROM few) f GROUP BY r / 50) b,
			LATERAL oauth.forward_auth_batch(requests) WITH ORDINALITY a (status, headers, body, i)
			WHERE status IS DISTINCT FROM 200 OR 'X-OAuth-Subject: ' || subjects[i] <> ALL (headers)) $$;
SQL

cmp_ok($t->sql("SELECT pg_table_size('oauth.access_token') / 8192"), '>',
	2 * $t->sql("SELECT setting FROM pg_settings WHERE name = 'shared_buffers'"), 'the tokens alone have twice as many pages as there are buffers');
is($t->sql(<<'SQL'), "0\n0\n0\n0\n0\n0", 'in one session, while rows move and others come: each token is its own');
SELECT few_wrong(1);
SELECT few_wrong(2);
UPDATE oauth.access_token SET act = jsonb_build_object('sub', repeat('x', 500)) WHERE handle % 3 = 0;
SELECT few_wrong(3);
UPDATE oauth.access_token SET act = NULL WHERE handle % 3 = 0;
VACUUM oauth.access_token;
DO $$ BEGIN PERFORM oauth_issue_token(client_id, 'new-' || n) FROM oauth.client, generate_series(1, 300) n WHERE client_name = 'few'; END $$;
SELECT few_wrong(4);
VACUUM FULL oauth.access_token;
VACUUM FULL oauth.grant;
SELECT few_wrong(5);
DELETE FROM oauth.access_token WHERE token_hash IN (SELECT sha256(convert_to(token, 'UTF8')) FROM few WHERE n % 2 = 0);
DELETE FROM few WHERE n % 2 = 0;
SELECT few_wrong(6);
SQL

# With room for all: a page that is read from where it was counts as used nevertheless, of each table, or the server would displace it.
$t->sql(q{ALTER SYSTEM SET shared_buffers = '16MB'});
$t->sql('CREATE EXTENSION pg_buffercache');
$t->node->restart;
is($t->sql(<<'SQL'), "100\naccess_token|5\ngrant|5", 'pages of both tables are used as often as a token of theirs is asked for');
SELECT count(*) FROM generate_series(1, 100) i, LATERAL oauth_verify_token((SELECT min(token) FROM few WHERE i > 0)) WHERE active;
SELECT relname, (SELECT max(usagecount) FROM pg_buffercache b WHERE b.relfilenode = pg_relation_filenode(c.oid) AND b.relforknumber = 0)
	FROM pg_class c WHERE oid IN ('oauth.access_token'::regclass, 'oauth.grant'::regclass) ORDER BY 1;
SQL
is($t->sql(q{SELECT bool_and(heap_blks_hit > 90) FROM pg_statio_all_tables WHERE relid IN ('oauth.access_token'::regclass, 'oauth.grant'::regclass)}), 't',
	'and the statistics say so');

$t->finish;
done_testing();
