# 012_policies.pl
# Row-level security behind the shim: nobody sees another's rows, whatever shares a statement, and the owner of a
# hostile function, trigger, view, operator or cast gains nothing by it (RFC 6750, section 5; RFC 9700, section 4.9).
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(header json post_bytes request_bytes);
use Test::More;

my $people = 24;
my $t = ShimTest->new(extension => 1, loud => 1, conf => 'max_prepared_transactions = 2');
my $client = $t->sql("SELECT client_id FROM oauth_register_client('policies', grant_types => '{password}', scope => 'read write')");
my %token = map { split /\|/ } split /\n/, $t->sql("SELECT 'person' || i, t.access_token
	FROM generate_series(1, $people) i, oauth_issue_token('$client', 'person' || i, 'read') t");
my @people = sort keys %token;

# An application whose table everybody shares, and one whose owner is hostile.
$t->sql(<<'SQL');
CREATE ROLE photo_app;
CREATE ROLE mallory;
CREATE SCHEMA photo_app AUTHORIZATION photo_app;
CREATE SCHEMA mallory AUTHORIZATION mallory;
SET ROLE photo_app;
CREATE TABLE photo_app.photo (title text, owner text DEFAULT public.oauth_subject());
INSERT INTO photo_app.photo SELECT 'photo of person' || i, 'person' || i FROM generate_series(1, 24) i;
CREATE INDEX ON photo_app.photo (owner);
ALTER TABLE photo_app.photo ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON photo_app.photo USING (owner = public.oauth_subject());
CREATE FUNCTION photo_app.photos(oauth.http_request) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT coalesce(jsonb_agg(title), '[]') FROM photo_app.photo $$;
CREATE FUNCTION photo_app.plpgsql(oauth.http_request) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
	BEGIN RETURN (SELECT coalesce(jsonb_agg(title), '[]') FROM photo_app.photo); END $$;
CREATE FUNCTION photo_app.add(r oauth.http_request) RETURNS jsonb LANGUAGE sql AS $$
	INSERT INTO photo_app.photo (title) VALUES (convert_from(r.body, 'UTF8')) RETURNING to_jsonb(owner) $$;
CREATE FUNCTION photo_app.fails(oauth.http_request) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
GRANT USAGE ON SCHEMA photo_app TO mallory;
GRANT SELECT ON photo_app.photo TO mallory;
RESET ROLE;
SELECT oauth_protect('/api/' || name, 'photo_app.' || name, methods => '{GET,POST}') FROM unnest('{photos,plpgsql,add,fails}'::text[]) name;
SQL
$t->start('--application-connections=1', '--slow-connections=1', '--reading-connections=1', '--application-queue-timeout=60000');

sub bearer { return (Authorization => "Bearer $_[0]") }
sub get_bytes { return request_bytes('GET', $_[0], undef, bearer($_[1])) }
sub call { return $t->get("/api/$_[0]", bearer($token{ $_[1] // 'person1' })) }
sub photos_of { return json(call('photos', $_[0])) }

# ---- many at once ----

for my $round (1 .. 3)
{
	my @asked = ((@people) x 3)[ map { ($_ * 7 + $round) % (3 * @people) } 0 .. 3 * @people - 1 ];
	my @answers = $t->together(map { get_bytes('/api/', $token{$_}), get_bytes('/api/?', 'oat_' . 'A' x 54) } @asked);
	my @wrong = grep { json($answers[ 2 * $_ ])->{subject} ne $asked[$_] || $answers[ 2 * $_ + 1 ]{status} != 401 } 0 .. $#asked;
	is(@wrong, 0, "round $round: with strangers in between, /api/ tells everybody who he is");

	@answers = $t->together(map { get_bytes('/auth', $token{$_}) } @asked);
	@wrong = grep { header($answers[$_], 'X-OAuth-Subject') ne $asked[$_] } 0 .. $#asked;
	is(@wrong, 0, "round $round: so does /auth");

	my @paths = map { $_ % 2 ? 'photos' : 'plpgsql' } 0 .. $#asked;
	@answers = $t->together(map { get_bytes("/api/$paths[$_]", $token{ $asked[$_] }), get_bytes('/api/fails', $token{ $asked[$_] }) } 0 .. $#asked);
	@wrong = grep { $answers[ 2 * $_ ]{body} ne qq(["photo of $asked[$_]"]) || $answers[ 2 * $_ + 1 ]{status} != 500 } 0 .. $#asked;
	is(@wrong, 0, "round $round: everybody sees his own rows, beside functions that fail");
}
cmp_ok($t->metric('oauth_shim_batch_requests_sum{lane="reading"}'), '>', 2 * $t->metric('oauth_shim_batch_requests_count{lane="reading"}'),
	'these requests did share statements');

# The same in one statement of the most dangerous kind: a superuser's, on no lane, with all of them.
my $array = join ', ', map { "ROW('GET', '/api/photos', ARRAY['Authorization: Bearer $token{$_}'], NULL, 'http', NULL)::oauth.http_request" } @people;
is($t->sql("SELECT string_agg(convert_from(t.body, 'UTF8'), '') FROM unnest(ARRAY[$array]) r, LATERAL oauth.resource(r) t"),
	join('', map { qq(["photo of $_"]) } @people), 'in one statement everybody sees his own rows');
is($t->sql("SELECT string_agg(convert_from(t.body, 'UTF8'), '') || coalesce(oauth_subject(), ' and then nobody calls')
	FROM unnest(ARRAY[$array]) r, LATERAL oauth.resource(r) t GROUP BY oauth_subject()") =~ s/.*\]//r, ' and then nobody calls', 'after each call nobody calls');
is(json($t->post('/api/add', 'new', bearer($token{person2}))), 'person2', 'a default that asks who calls writes whose row it is');
is_deeply([ sort @{ photos_of('person2') } ], [ 'new', 'photo of person2' ], 'whose it then is');
is_deeply(photos_of('person1'), ['photo of person1'], 'and nobody else\'s');

# ---- transactions and savepoints, in a session of the application ----

my $as_app = "SET ROLE photo_app; SET search_path = public; BEGIN; SELECT FROM oauth_authenticate('Bearer %s')";
my $titles = 'SELECT count(*), min(title) FROM photo_app.photo';
is($t->sql(sprintf("$as_app; SAVEPOINT a; SELECT FROM oauth_authenticate('Bearer %s'); $titles; ROLLBACK TO a; $titles; COMMIT; $titles",
			$token{person3}, $token{person4})) =~ s/^\n+//r =~ s/\n+/\n/gr,
	"1|photo of person4\n1|photo of person3\n0|", 'a policy sees what held at the savepoint, and nothing after COMMIT');
is($t->sql(sprintf("$as_app; PREPARE TRANSACTION 'one'; $titles; ROLLBACK PREPARED 'one'", $token{person3})) =~ s/\n+//gr, '0|',
	'PREPARE TRANSACTION ends the identity');

# ---- a hostile owner ----

# What he can put into his own schema: a view, triggers, an operator and casts that try, and a function that runs anything.
$t->sql(<<'SQL');
SET ROLE mallory;
CREATE FUNCTION mallory.oauth_subject() RETURNS text LANGUAGE sql AS $$ SELECT 'person9' $$;
CREATE FUNCTION mallory.run(r oauth.http_request) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE convert_from(r.body, 'UTF8') INTO result;
	RETURN jsonb_build_array(result, current_user);
EXCEPTION WHEN OTHERS THEN
	RETURN to_jsonb(SQLSTATE);
END $$;
CREATE FUNCTION mallory.keep(r oauth.http_request) RETURNS jsonb LANGUAGE sql AS $$ SELECT to_jsonb(r.*) $$;
CREATE VIEW mallory.clients AS SELECT client_id, secret_hash FROM oauth.client;
CREATE TABLE mallory.loot (what text);
CREATE FUNCTION mallory.steal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO mallory.loot SELECT token_hash::text FROM oauth.access_token;
	RETURN NEW;
END $$;
CREATE TABLE mallory.at_once (x int);
CREATE TRIGGER steal BEFORE INSERT ON mallory.at_once FOR EACH ROW EXECUTE FUNCTION mallory.steal();
CREATE TABLE mallory.later (x int);
CREATE CONSTRAINT TRIGGER steal AFTER INSERT ON mallory.later DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION mallory.steal();
CREATE FUNCTION mallory.leaks(title text, other text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$
BEGIN
	INSERT INTO mallory.loot VALUES (title);
	RETURN true;
END $$;
CREATE OPERATOR mallory.= (LEFTARG = text, RIGHTARG = text, FUNCTION = mallory.leaks);
CREATE DOMAIN mallory.name AS text CHECK (mallory.leaks(VALUE, ''));
CREATE TYPE mallory.box AS (content text);
CREATE FUNCTION mallory.unbox(mallory.box) RETURNS text LANGUAGE sql AS $$ SELECT client_id FROM oauth.client LIMIT 1 $$;
CREATE CAST (mallory.box AS text) WITH FUNCTION mallory.unbox(mallory.box) AS IMPLICIT;
RESET ROLE;
SELECT oauth_protect('/api/run', 'mallory.run', methods => '{POST}'), oauth_protect('/api/keep', 'mallory.keep', methods => '{GET,POST}');
SQL

sub run { return $t->post('/api/run', $_[0], bearer($token{person1}), 'Content-Type' => 'text/plain')->{body} }

is(run('SELECT oauth_subject()'), '["person9", "mallory"]', 'his function runs as he, and may lie to itself');
is(run('SELECT public.oauth_subject()'), '["person1", "mallory"]', 'who really calls is told by the real one');

my $victim = $token{person2};
for (
	[ '42501', 'read the tables', 'SELECT secret_hash FROM oauth.client' ],
	[ '42501', 'read them through a view of his', 'SELECT client_id FROM mallory.clients' ],
	[ '42501', 'read them in a trigger', 'INSERT INTO mallory.at_once VALUES (1)' ],
	[ '42501', 'read them when the transaction ends, with the rights of the session', 'INSERT INTO mallory.later VALUES (1)' ],
	[ '42501', 'read them in a cast', "SELECT ROW('x')::mallory.box::text" ],
	[ '42501', 'read them in an index', 'CREATE INDEX ON oauth.client (mallory.leaks(client_id, client_id))' ],
	[ '42501', 'read statistics of them', 'SELECT stavalues1::text FROM pg_statistic' ],
	[ '42501', 'write them', "UPDATE oauth.grant SET subject = 'person2'" ],
	[ '42501', 'issue a token', "SELECT access_token FROM public.oauth_issue_token('$client', 'person2')" ],
	[ '42501', 'register a client', "SELECT client_id FROM public.oauth_register_client('mine')" ],
	[ '42501', 'set a password', "SELECT public.oauth_set_password('alice', 'x')" ],
	[ '42501', 'publish a function', "SELECT public.oauth_protect('/api/photos', 'mallory.run')" ],
	[ '42501', 'call an endpoint', "SELECT status FROM oauth.token(ROW('POST', '/oauth2/token', NULL, NULL, NULL, NULL))" ],
	[ '42501', 'call his own function as somebody else', "SELECT status FROM oauth.resource(ROW('GET', '/api/photos', NULL, NULL, NULL, NULL))" ],
	[ '42501', 'become a superuser', "SELECT set_config('role', (SELECT rolname FROM pg_roles WHERE rolsuper LIMIT 1), false)" ],
	[ '42501', 'become the shim', 'SET ROLE oauth_shim' ],
	[ '42501', 'go back to the session', 'RESET ROLE' ],
	[ '42501', 'be the session', 'SET SESSION AUTHORIZATION DEFAULT' ],
	[ '42501', 'be the session with set_config', "SELECT set_config('session_authorization', 'oauth_shim', false)" ],
	[ '42501', 'make a temporary table that others would meet', 'CREATE TEMPORARY TABLE client (client_id text)' ],
	[ '42501', 'leave a cursor behind', 'DECLARE c CURSOR WITH HOLD FOR SELECT 1' ],
	[ '42501', 'leave a statement behind', 'PREPARE s AS SELECT 1' ],
	[ '42501', 'replace oauth_subject()', "CREATE OR REPLACE FUNCTION public.oauth_subject() RETURNS text LANGUAGE sql AS 'SELECT ''person2'''" ],
	[ '42501', 'put another before it', "CREATE FUNCTION pg_catalog.oauth_subject() RETURNS text LANGUAGE sql AS 'SELECT ''person2'''" ],
	[ '42501', 'change the policy', 'ALTER POLICY own ON photo_app.photo USING (true)' ],
	[ '42501', 'drop row-level security', 'ALTER TABLE photo_app.photo NO FORCE ROW LEVEL SECURITY' ],
	[ '42501', 'put a trigger on a table of others', 'CREATE TRIGGER steal BEFORE INSERT ON photo_app.photo FOR EACH ROW EXECUTE FUNCTION mallory.steal()' ],
	[ '42501', 'make a cast between types of others', 'CREATE CAST (oauth.http_response AS text) WITH INOUT AS IMPLICIT' ],
	[ '42501', 'see rows that policies hide', 'SET row_security = off; SELECT title FROM photo_app.photo' ],
	[ '42501', 'read the key file', "SELECT pg_read_file('oauth.key')" ],
	[ '42501', 'run a program', "COPY mallory.loot FROM PROGRAM 'id'" ],
	[ '42501', 'end sessions of others', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'oauth_shim'" ],
	[ '42501', 'set a setting of the provider', "SELECT set_config('oauth.refresh_grace', '300', false)" ],
	[ '42602', 'invent a setting of the provider', "SELECT set_config('oauth.subject', 'person2', false)" ],
	[ '0A000', 'end the transaction', 'COMMIT' ],
	[ '42501', 'load a library', "LOAD '/tmp/x'" ])
{
	my ($sqlstate, $name, $sql) = @$_;
	is(run($sql), qq("$sqlstate"), "he cannot $name");
}
is($t->sql('SELECT count(*) FROM mallory.loot'), 0, 'none of it brought him anything');

# What he may do, and what it does not do to others.
is(run("SELECT query FROM pg_stat_activity WHERE usename = 'oauth_shim' LIMIT 1"), '["<insufficient privilege>", "mallory"]', 'he does not see what the shim runs');
is(run("SELECT count(*) FROM photo_app.photo WHERE title OPERATOR(mallory.=) 'x'"), '["1", "mallory"]', 'an operator that tells what it compares');
is($t->sql('SELECT string_agg(what, $$,$$) FROM mallory.loot'), 'photo of person1', 'is shown only the rows of who calls him');
run("SELECT set_config('$_->[0]', '$_->[1]', false)")
  for [ 'search_path', 'mallory, pg_catalog' ], [ 'row_security', 'off' ], [ 'statement_timeout', '1' ], [ 'default_transaction_read_only', 'on' ], [ 'oauth.lane', 'any' ];
run("SELECT public.oauth_authenticate('Bearer x')");
is_deeply(photos_of('person2'), [ 'photo of person2', 'new' ], 'settings he leaves behind, an identity he drops: the next caller meets none of it');
is($t->post('/api/add', 'newer', bearer($token{person3}))->{body}, '"person3"', 'and writes under his own name');
is(run("SELECT coalesce(public.oauth_subject(), 'nobody') FROM public.oauth_authenticate('Bearer x')"), '["nobody", "mallory"]', 'a token he does not have makes him nobody');

# What he is given
my $kept = call('keep', 'person2')->{body} . $t->post('/api/keep', "a=1&access_token=$victim")->{body} . $t->get('/api/keep', bearer($victim),
	Cookie => "oauth_session=oas_$victim; theme=dark")->{body};
like($kept, qr/theme=dark/, 'he gets the request');
unlike($kept, qr/\Q$victim\E/, 'without the token or the session of the caller, so that he cannot be the caller elsewhere');

is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request of all these made a batch fail');
is($t->metric('oauth_shim_database_reconnects_total'), 0, 'or cost a connection');
$t->no_secret_in_logs;	# R217
$t->finish;
done_testing();
