# 047_express.pl
# docs/express.md with Express and pg: one statement authenticates a request's transaction.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(curl guide_blocks header json read_answer request_bytes skip_file slurp without_npm);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $why = without_npm('express', 'pg');
skip_file('70 or so', $why) if $why;

my $t = ShimTest->new(extension => 1, conf => 'log_statement = none');
my $dir = $t->dir;
my $port = PostgreSQL::Test::Cluster::get_free_port();

# The album of docs/policies.md, without its hundred thousand photos
$t->sql(join '', (guide_blocks('policies.md', 'sql'))[ 0, 1 ]);
$t->sql(q{ALTER ROLE album SET log_statement = 'all'; ALTER ROLE album SET log_min_duration_statement = 0});
my $client = $t->sql("SELECT client_id FROM oauth_register_client('Album', grant_types => '{client_credentials,refresh_token}', scope => 'read write')");
sub token { my ($subject, $scope) = @_; return $t->sql("SELECT access_token FROM oauth_issue_token('$client', '$subject', '$scope')") }
my ($ann, $ben) = (token(1001, 'read write'), token(1002, 'read'));
$t->sql(q{INSERT INTO album.photo (owner, title) VALUES ('1001', 'Mountains'), ('1002', 'Sea'), ('1003', 'Moor');
	INSERT INTO album.share SELECT id, owner, '1002' FROM album.photo WHERE title = 'Mountains'});
my %number = map { split /\|/ } split /\n/, $t->sql('SELECT title, id FROM album.photo');

# The guide's files, with one connection for everybody and three more routes
for my $block (guide_blocks('express.md', 'js'))
{
	my ($file) = $block =~ m{\A// (\w+\.mjs)$}m or die $block;

	$block =~ s/max: 20/max: 1/;
	$block =~ s/^app\.listen/await import('.\/more.mjs').then((more) => more.default(app));\n$&/m;
	append_to_file("$dir/$file", $block);
}
append_to_file("$dir/more.mjs", <<'END');
import { route } from './oauth.mjs';
const look = 'SELECT pg_backend_pid() AS pid, count(*) AS photos, oauth_subject() AS subject FROM album.photo';
export default function (app) {
    app.get('/look', route('read', async (db) => (await db.query(look)).rows[0]));
    app.get('/broken', route('read', async (db) => { await db.query(look); throw new Error('broken'); }));
    app.get('/gone', route('read', (db) => db.query('SELECT pg_terminate_backend(pg_backend_pid())')));
    app.get('/ended', route('read', async (db) => { await db.query('COMMIT'); return (await db.query(look)).rows[0]; }));
}
END
symlink("$FindBin::RealBin/clients/node_modules", "$dir/node_modules") or die;
$t->run_program($port, 'env', "PORT=$port", 'NODE_ENV=production', 'PGHOST=' . $t->node->host, 'PGPORT=' . $t->node->port,
	'PGDATABASE=postgres', 'PGUSER=album', 'node', "$dir/app.mjs");

sub ask
{
	my ($path, $token, @arguments) = @_;
	return curl(defined $token ? ('-H', "Authorization: Bearer $token") : (), @arguments, "http://127.0.0.1:$port/$path");
}

sub add { my ($token, $json) = @_; return ask('photos', $token, '-H', 'Content-Type: application/json', '-d', $json) }

sub refused
{
	my ($name, $answer, $status, $challenge) = @_;

	is($answer->{status}, $status, "$name: $status") or diag($answer->{raw}, $t->program_log($port));
	is(header($answer, 'WWW-Authenticate'), 'Bearer realm="album"' . ($challenge ? ", $challenge" : ''), '... with a challenge');
	unlike($answer->{raw}, qr/oauth\.mjs|SELECT/, '... and nothing of the program');
	return;
}

sub titles { return join ' ', sort map { $_->{title} } @{ json($_[0]) } }

# Who sees what
is(titles(ask('photos', $ann)), 'Mountains', 'Ann sees her photo') or diag($t->program_log($port));
is(titles(ask('photos', $ben)), 'Mountains Sea', 'Ben sees his, and what was shared with him');
is(json(ask('look', $ben))->{subject}, '1002', 'a route knows who calls');
is(json(ask('look', $t->sql("SELECT access_token FROM oauth_issue_token('$client', scope => 'read')")))->{subject}, undef, '... or that a client calls for itself');

# Who may not
refused('R139: no token', ask('photos'), 401);
refused($_, ask('photos', undef, '-H', "Authorization: $_"), 401, 'error="invalid_token"')
  for 'Bearer oat_' . 'A' x 54, 'Bearer', 'Bearer a b', "Basic $ann", $ann, "Bearer $ann x", "Bearer \xc3\xa4", q{Bearer ' OR true --};
refused('R147: a refresh token', ask('photos', $t->sql("SELECT refresh_token FROM oauth_issue_token('$client', '1001', 'read', refresh => true)")), 401, 'error="invalid_token"');
my $brief = token(1001, 'read');
is(ask('photos', $brief)->{status}, 200, 'a token');
$t->sql("SELECT oauth_revoke_token('$brief')");
refused('R160: once it is revoked', ask('photos', $brief), 401, 'error="invalid_token"');
my $old = token(1001, 'read');
$t->sql("UPDATE oauth.access_token SET expires_at = now() - interval '1 s' WHERE token_hash = sha256(convert_to('$old', 'UTF8'))");
refused('R140: an expired token', ask('photos', $old), 401, 'error="invalid_token"');
refused('R141: one for reading only, to add', add($ben, '{"title": "Lake"}'), 403, 'error="insufficient_scope", scope="write"');
refused('... to delete', ask("photos/$number{Sea}", $ben, '-X', 'DELETE'), 403, 'error="insufficient_scope", scope="write"');

# Writing
my $added = add($ann, '{"title": "Lake", "owner": "1002"}');
is($added->{status}, 200, 'Ann adds a photo') or diag($t->program_log($port));
is($t->sql(q{SELECT owner FROM album.photo WHERE title = 'Lake'}), '1001', '... which is hers, whatever she says');
is(ask("photos/$_", $ann, '-X', 'DELETE')->{status}, 404, "she cannot delete $_, which is not hers") for $number{Sea}, $number{Moor}, 'x', '1e99';
is(ask('photos/' . json($added)->{id}, $ann, '-X', 'DELETE')->{status}, 200, 'she deletes what is hers');
is($t->sql(q{SELECT string_agg(title, ' ' ORDER BY title) FROM album.photo}), 'Moor Mountains Sea', 'and all else is as it was');

# What goes wrong leaves nobody behind
is(ask('broken', $ann)->{status}, 500, 'a route that fails');
is(add($ann, '{"title": null}')->{status}, 500, 'a statement that fails');
is(json(ask('ended', $ann))->{subject}, undef, 'a route that ends the transaction is called by nobody from there on');
is(json(ask('ended', $ann))->{photos}, 0, '... and sees nothing');
refused('and after all of them no token', ask('photos'), 401);
my $backend = json(ask('look', $ben))->{pid};
is(ask('gone', $ann)->{status}, 500, 'a connection that is lost');
isnt(json(ask('look', $ben))->{pid}, $backend, '... is replaced');

# All at once on one connection
{
	my @tokens = ($ann, $ben, $ben, $ann, 'x') x 6;
	my %seen;
	my @sockets = $t->send_together(map { [ $port, request_bytes('GET', '/look', undef, Authorization => "Bearer $_") ] } @tokens);
	for my $answer (map { read_answer($_) } @sockets)
	{
		my $body = $answer->{status} == 200 ? json($answer) : {};
		$seen{ join ' ', $answer->{status}, map { $_ // '-' } @$body{qw(subject photos)} }++;
	}
	is_deeply(\%seen, { '200 1001 1' => 12, '200 1002 2' => 12, '401 - -' => 6 }, 'thirty requests at once: each sees his own');
}
is($t->sql(q{SELECT count(*) FROM pg_stat_activity WHERE usename = 'album'}), 1, '... on one connection');
$t->finish;

my $log = slurp($t->node->logfile);
ok($log =~ /execute <unnamed>: SELECT good,.*oauth_authenticate\(\$1\)/s, 'the log has the statement with the token');
is(scalar(() = $log =~ /\boat_/g), 0, '... and no token, for it is a parameter');
done_testing();
