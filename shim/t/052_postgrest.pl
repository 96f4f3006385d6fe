# 052_postgrest.pl
# docs/postgrest.md, driven by the statements that PostgREST sends: a pre-request function authenticates the transaction.
#
# PostgREST is not in Debian. What it does for a request is, by its documentation (Transactions, Errors) and source: one
# transaction, READ ONLY for GET and HEAD; set_config() of search_path, role and request.*, all local; the pre-request
# function; one statement that makes the answer; COMMIT. An error with SQLSTATE PGRST is an answer, with status and
# headers from its DETAIL.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use JSON::PP;
use ShimTest qw(curl guide_blocks skip_tests);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PsqlSession;
use Test::More;

my $t = ShimTest->new(extension => 1);
my ($tables, $policies) = guide_blocks('policies.md', 'sql');
my ($grants) = grep { /GRANT/ } guide_blocks('postgrest.md', 'text');
$t->sql(join '', $tables, $policies, scalar guide_blocks('postgrest.md', 'sql'), $grants);
my $client = $t->sql("SELECT client_id FROM oauth_register_client('Album', grant_types => '{client_credentials,refresh_token}', scope => 'read write')");
sub token { my ($subject, $scope) = @_; return $t->sql("SELECT access_token FROM oauth_issue_token('$client', '$subject', '$scope')") }
my ($ann, $ben) = (token(1001, 'read write'), token(1002, 'read'));
$t->sql(q{INSERT INTO album.photo (owner, title) VALUES ('1001', 'Mountains'), ('1002', 'Sea'), ('1003', 'Moor');
	INSERT INTO album.share SELECT id, owner, '1002' FROM album.photo WHERE title = 'Mountains';
	CREATE FUNCTION album.settings() RETURNS json STABLE LANGUAGE sql AS $$ SELECT json_build_object('headers', current_setting('request.headers')::json, 'subject', public.oauth_subject()) $$;
	GRANT EXECUTE ON FUNCTION album.settings() TO album});

# One connection for everybody, as in a pool
my $session = PsqlSession->new($t->node->connstr('postgres') . ' user=authenticator', VERBOSITY => 'verbose');

sub literal { return "'" . $_[0] =~ s/'/''/gr . "'" }

# What the proxy passes on: lower-case names, and no Authorization
sub settings_of
{
	my ($method, $path, $authorization) = @_;
	my %headers = (host => 'api.example.org', accept => '*/*', defined $authorization ? ('x-oauth-authorization' => $authorization) : ());
	my %settings = ('request.method' => $method, 'request.path' => $path, 'request.headers' => JSON::PP->new->canonical->encode(\%headers),
		'request.cookies' => '{}', 'request.jwt.claims' => '{"role":"album"}');

	return join ', ', q{set_config('search_path', '"album", "public"', true)}, q{set_config('role', 'album', true)},
	  map { "set_config('$_', " . literal($settings{$_}) . ', true)' } sort keys %settings;
}

# Status, challenge and body of the answer
sub request
{
	my ($method, $path, $authorization, $source) = @_;
	my $mode = $method =~ /GET|HEAD/ ? 'READ ONLY' : 'READ WRITE';
	my @statements = ("BEGIN ISOLATION LEVEL READ COMMITTED $mode", 'select ' . settings_of($method, $path, $authorization),
		'select "gate"."pre_request"()',
		"WITH pgrst_source AS ($source) SELECT null::bigint AS total_result_set, pg_catalog.count(_postgrest_t) AS page_total,
		 coalesce(json_agg(_postgrest_t), '[]') AS body, nullif(current_setting('response.headers', true), '') AS response_headers
		 FROM (SELECT * FROM pgrst_source) _postgrest_t");
	my $rows = '';

	for my $statement (@statements)
	{
		$rows = $session->query($statement);
		next unless $rows =~ /^ERROR (\w+)/;
		my ($sqlstate, $messages) = ($1, $session->messages);
		$session->query('ROLLBACK');
		return { sqlstate => $sqlstate, messages => $messages, %{ answer_of($messages) } };
	}
	$session->query('COMMIT');
	return { status => 200, body => decode_json((split /\|/, $rows)[2]) };
}

sub answer_of
{
	my ($messages) = @_;
	my ($message) = $messages =~ /ERROR: +PGRST: (.*)/ or return {};
	my ($detail) = map { decode_json($_) } $messages =~ /^DETAIL: +(.*)/m;

	return { status => $detail->{status}, challenge => $detail->{headers}{'WWW-Authenticate'}, body => decode_json($message) };
}

my $photos = 'SELECT "album"."photo".* FROM "album"."photo"';
sub get { my ($token) = @_; return request('GET', '/photo', $token && "Bearer $token", $photos) }
sub titles { return join ' ', sort map { $_->{title} } @{ $_[0]{body} } }

sub refused
{
	my ($name, $answer, $status, $challenge) = @_;

	is($answer->{status}, $status, "$name: $status") or diag($answer->{messages});
	is($answer->{challenge}, 'Bearer realm="album"' . ($challenge ? ", $challenge" : ''), '... with a challenge');
	ok($answer->{body}{message} && $answer->{body}{code} eq 'OAUTH', '... and a body that says why');
	unlike($answer->{messages}, qr/oat_|ort_/, '... without the token');
	return;
}

# Who sees what
is(titles(get($ann)), 'Mountains', 'Ann sees her photo');
is(titles(get($ben)), 'Mountains Sea', 'Ben sees his, and what was shared with him');
my $settings = request('POST', '/rpc/settings', "Bearer $ann", 'SELECT pgrst_call.pgrst_scalar FROM (SELECT "album"."settings"() AS pgrst_scalar) pgrst_call')->{body}[0]{pgrst_scalar};
is($settings->{subject}, '1001', 'a function knows who calls');
is_deeply($settings->{headers}, { host => 'api.example.org', accept => '*/*' }, '... and finds the headers without the token');

# Who may not
refused('R139: no token', get(), 401);
refused($_, request('GET', '/photo', $_, $photos), 401, 'error="invalid_token"')
  for 'Bearer oat_' . 'A' x 54, '', 'Bearer', 'Bearer a b', $ann, "Basic $ann", "Bearer $ann x", "Bearer \xc3\xa4", q{Bearer ' OR true --}, 'Bearer "}', 'x' x 9000;
refused('R147: a refresh token', get($t->sql("SELECT refresh_token FROM oauth_issue_token('$client', '1001', 'read', refresh => true)")), 401, 'error="invalid_token"');
my $brief = token(1001, 'read');
is(get($brief)->{status}, 200, 'a token');
$t->sql("SELECT oauth_revoke_token('$brief')");
refused('R160: once it is revoked', get($brief), 401, 'error="invalid_token"');
my $old = token(1001, 'read');
$t->sql("UPDATE oauth.access_token SET expires_at = now() - interval '1 s' WHERE token_hash = sha256(convert_to('$old', 'UTF8'))");
refused('R140: an expired token', get($old), 401, 'error="invalid_token"');
refused('one for writing only, to read', get(token(1001, 'write')), 403, 'error="insufficient_scope", scope="read"');

# Writing
sub insert { my ($token, $values) = @_; return request('POST', '/photo', "Bearer $token", qq{INSERT INTO "album"."photo"("title") VALUES ('$values') RETURNING "album"."photo".*}) }
refused('R141: one for reading only, to add', insert($ben, 'Lake'), 403, 'error="insufficient_scope", scope="write"');
is($t->sql('SELECT count(*) FROM album.photo'), 3, '... and nothing is added');
my $added = insert($ann, 'Lake');
is($added->{body}[0]{owner}, '1001', 'what Ann adds is hers');
is(request('DELETE', '/photo', "Bearer $ann", 'DELETE FROM "album"."photo" WHERE "title" <> $$Mountains$$ RETURNING "title"')->{body}[0]{title}, 'Lake', 'she deletes only what is hers');
is(request('PATCH', '/photo', "Bearer $ann", 'UPDATE "album"."photo" SET "owner" = $$1002$$ RETURNING "title"')->{sqlstate}, '42501', 'she cannot give a photo away');
is($t->sql(q{SELECT string_agg(owner || title, ' ' ORDER BY title) FROM album.photo}), '1003Moor 1001Mountains 1002Sea', 'all else is as it was');
is(request('GET', '/photo', "Bearer $ann", 'SELECT 1/0')->{sqlstate}, '22012', 'a statement that fails');

# The next transaction of the connection
is($session->query(q{SELECT current_user, oauth_subject(), current_setting('request.headers', true)}), 'authenticator||', 'between requests nobody is calling, and no header is left');
refused('and then no token', get(), 401);
is($session->query('SET ROLE album; SELECT count(*) FROM album.photo'), 0, 'without the function nobody sees anything');
$session->hang_up;

# What the proxy passes on
SKIP:
{
	my ($nginx) = grep { -x } map { "$_/nginx" } split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/local/sbin';
	skip_tests(3, 'nginx is not installed') unless $nginx;
	my ($dir, $port, $behind) = ($t->dir, map { PostgreSQL::Test::Cluster::get_free_port() } 1, 2);
	my $location = guide_blocks('postgrest.md', 'nginx') =~ s/127\.0\.0\.1:3000/127.0.0.1:$behind/r;

	append_to_file("$dir/nginx.conf", "pid $dir/nginx.pid; daemon off; worker_processes 1; events { worker_connections 64; } http { access_log off; "
		  . join(' ', map { "${_}_temp_path $dir/$_;" } qw(client_body proxy fastcgi uwsgi scgi))
		  . " server { listen 127.0.0.1:$port; $location } server { listen 127.0.0.1:$behind; location / {
		  return 200 '\$request_uri <\$http_authorization> <\$http_x_oauth_authorization>'; } } }");
	$t->run_program($port, $nginx, '-c', "$dir/nginx.conf", '-p', $dir, '-e', "$dir/nginx.log");
	my $url = "http://127.0.0.1:$port/album/photo?select=title";
	is(curl('-H', 'Authorization: Bearer a', $url)->{body}, '/photo?select=title <> <Bearer a>', 'PostgREST gets the token under the other name');
	is(curl('-H', 'X-OAuth-Authorization: Bearer b', '-H', 'Authorization: Bearer a', $url)->{body}, '/photo?select=title <> <Bearer a>', '... and not what a client calls so');
	is(curl('-H', 'X-OAuth-Authorization: Bearer b', $url)->{body}, '/photo?select=title <> <>', '... also without a token');
}
$t->finish;
done_testing();
