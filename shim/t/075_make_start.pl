# 075_make_start.pl
# `make start` starts whatever has been done in the database since the last start, and prints what works then.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(json slurp);
use Cwd qw(abs_path);
use File::Temp;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = abs_path("$FindBin::RealBin/../..");
chomp(my $bindir = `pg_config --bindir`);
my $state = File::Temp->newdir();
my $port = PostgreSQL::Test::Cluster::get_free_port();
local @ENV{qw(STATE PORT PACKAGES PG_CONFIG)} = ("$state", $port, 'no', "$bindir/pg_config");
delete local @ENV{qw(MAKEFLAGS MAKELEVEL PGAPPNAME PGHOST PGPORT PGUSER PGDATABASE)};

# Output and success of a shell command.
sub run_line
{
	my ($command) = @_;
	my $output = qx(exec 2>&1 </dev/null; $command);
	return ($output, $? == 0);
}

# The cluster is private: its socket is in STATE, or where STATE is too long for one.
sub sql
{
	my ($sql) = @_;
	my ($sockets) = do { local (@ARGV, $/) = "$state/env"; <> } =~ /PGHOST=(.*)/;
	my ($out) = run_command([ "$bindir/psql", '-XAtq', '-h', $sockets, '-p', '5432', '-U', 'postgres', '-d', 'oauth', '-c', $sql ]);
	return $out;
}

# Stops, if anything runs, and starts: what the two or fewer curl lines that it prints answer.
sub start
{
	my ($name) = @_;
	run_line("$top/.ci/stop");
	my ($output, $done) = run_line("$top/.ci/start");
	ok($done, "$name: make start succeeds") or diag($output);
	my @lines = grep { /^curl / && !/PASSWORD/ } split /\n/, $output;
	return ($output, map { (run_line("$_ -sS --noproxy '*'"))[0] } @lines);
}

my ($output, $token, $api) = start('the first time');
like($token, qr/"access_token": *"oat_/, 'the first line gets a token');
like($api, qr/"username": *"demo"/, 'the second line says that it is the demo user\'s');
unlike($output, qr/Users are|got no token/, 'and nothing is amiss');
my ($login, $discovery) = $output =~ m{^A person logs in at (http://\S+/login) as demo with password \w+\.\nOpenID Connect: (http://\S+/\.well-known/openid-configuration) }m;
like((run_line("curl -sS --noproxy '*' $login"))[0], qr/<form/, 'it says where a person logs in');
my $document = json({ body => (run_line("curl -sS --noproxy '*' $discovery"))[0] });
is($document->{issuer} . '/.well-known/openid-configuration', $discovery, 'and where relying parties find everything');
like((run_line("curl -sS --noproxy '*' $document->{jwks_uri}"))[0], qr/"RS256"/, 'a key for their ID tokens is published');

# as in docs/users.md
sql(q{CREATE ROLE app; CREATE SCHEMA app AUTHORIZATION app; SET ROLE app;
	CREATE TABLE app.person (id integer PRIMARY KEY, email text UNIQUE, password text); RESET ROLE;
	INSERT INTO app.person VALUES (7, 'ann@example.com', crypt('secret of ann', gen_salt('bf', 4)));
	SELECT oauth_use_users('app.person', id => 'id', username => 'email', password => 'password')});
($output, $token, $api) = start('with users of the application');
like($token, qr/"access_token": *"oat_/, 'the first line gets a token');
like($api, qr/"client_id"/, 'the second line is answered');
like($output, qr/^Users are those of app\.person/m, 'it says where the users are');
my ($line) = grep { /PASSWORD/ } split /\n/, $output;
$line =~ s/=NAME/=ann\@example.com/;
$line =~ s/=PASSWORD/=secret%20of%20ann/;
like((run_line("$line -sS --noproxy '*'"))[0], qr/"access_token": *"oat_/, 'and its line for one of them gets a token');

sql(q{SELECT oauth_use_builtin_users(); SELECT oauth_set_password('demo', 'something else entirely')});
($output, $token, $api) = start('with another password of the demo user');
like($token, qr/"access_token": *"oat_/, 'the first line gets a token');
like($output, qr/^The demo user got no token/m, 'it says why it is not the demo user\'s');

sql(q{SELECT oauth_delete_user('demo')});
($output, $token) = start('without the demo user');
like($token, qr/"access_token": *"oat_/, 'the first line gets a token');

sql(q{SELECT oauth_disable_client(client_id) FROM oauth.client WHERE client_name = 'Demo'});
($output, $token) = start('with the demo client disabled');
is($token, undef, 'no line is printed that would not work');
like($output, qr/^Ready\.  The demo client can get no token/m, 'it says why');
my ($statement) = $output =~ /^(SELECT .*;)$/m;
like(sql($statement), qr/\A[0-9a-f]+\|\S+\Z/, 'and the statement that it prints makes another client');

# a database of an older version
sql(q{DROP EXTENSION oauth CASCADE; CREATE EXTENSION oauth VERSION '0.1' CASCADE});
unlink "$state/demo";
my $version = sql(q{SELECT default_version FROM pg_available_extensions WHERE name = 'oauth'});
($output, $token, $api) = start('with a database of 0.1');
like($output, qr/^Updating the database in \S+ from version 0\.1 of the extension to \Q$version\E$/m, 'it says that it updates the database');
unlike($output, qr/may not work any more/, 'and has no doubts about it then');
like($token, qr/"access_token": *"oat_/, 'the first line gets a token');
like($api, qr/"username": *"demo"/, 'the second line is answered');
is(sql(q{SELECT extversion FROM pg_extension WHERE extname = 'oauth'}), $version, 'the version is that of the checkout');

# one of a newer version, which this checkout cannot have made
sql(q{UPDATE pg_extension SET extversion = '99.0' WHERE extname = 'oauth'});
run_line("$top/.ci/stop");
($output, my $done) = run_line("$top/.ci/start");
ok(!$done, 'with a database of a newer version it does not start');
like($output, qr/stays at version 99\.0 of the extension: check out that version/, 'and says what to do');

# a cluster of another major version of the server
run_line("$top/.ci/stop");
append_to_file("$state/data/PG_VERSION.kept", slurp("$state/data/PG_VERSION"));
append_to_file("$state/data/PG_VERSION.other", "9\n");
rename "$state/data/PG_VERSION.other", "$state/data/PG_VERSION";
($output, $done) = run_line("$top/.ci/start");
ok(!$done, 'with a cluster of another version of PostgreSQL it does not start');
like($output, qr/is of PostgreSQL 9, and \S+pg_config is of \d+\..*pg_upgrade/s, 'and says which, and what to do');
rename "$state/data/PG_VERSION.kept", "$state/data/PG_VERSION";

run_line("$top/.ci/stop");
done_testing();
