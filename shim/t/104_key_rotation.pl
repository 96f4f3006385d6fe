# 104_key_rotation.pl
# While 64 connections are given JWTs, signing keys are published, used, superseded and retired: every token verifies with the key set that is
# published at that moment, and with the one that a verifier kept from before the key came into use.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(json wait_for);
use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use Test::More;
use Time::HiRes qw(time usleep);

my $workers = 8;
my $connections = 8;	# of each worker
my $rotations = 3;

my $t = ShimTest->new(extension => 1);
$t->sql("ALTER DATABASE postgres SET oauth.issuer = 'https://id.example.com'");
my ($client, $secret) = split /\|/, $t->sql("SELECT * FROM oauth_register_client('busy', grant_types => '{client_credentials}')");
$t->sql("SELECT oauth_register_resource('https://ec.example/', access_token_format => 'jwt');
	SELECT oauth_register_resource('https://rsa.example/', access_token_format => 'jwt', signing_alg => 'RS256')");
$t->start('--purge-interval=0');

# One request after the other on each of the connections, until the parent says stop; a line "time token" for each answer.
sub work
{
	my ($file, $resource) = @_;
	my $form = "grant_type=client_credentials&client_id=$client&client_secret=$secret&resource=$resource";
	my $request = join("\r\n", 'POST /oauth2/token HTTP/1.1', 'Host: localhost', 'Content-Type: application/x-www-form-urlencoded',
		'Content-Length: ' . length($form), '', $form);
	my (%read, $stop);
	local $SIG{TERM} = sub { $stop = 1 };
	open(my $out, '>', $file) or die "$file: $!";
	my $select = IO::Select->new(
		map { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $t->port) or die "connect: $!" } 1 .. $connections);
	syswrite($_, $request) for $select->handles;
	while (!$stop)
	{
		for my $socket ($select->can_read(0.2))
		{
			sysread($socket, $read{$socket}, 16384, length($read{$socket} // '')) or die 'the shim closed a connection';
			my ($head, $body) = split /\r\n\r\n/, $read{$socket}, 2;
			my ($length) = $head =~ /^Content-Length: (\d+)/mi;
			next if !defined $body || length($body) < $length;
			my ($token) = $body =~ /"access_token": "([^"]+)"/;
			printf $out "%.6f %s\n", time, $token // "REFUSED $head";
			$read{$socket} = '';
			syswrite($socket, $request);
		}
	}
	close $out;
	POSIX::_exit(0);
}

my @files = map { $t->dir . "/tokens.$_" } 1 .. $workers;
my @pids;
for my $n (0 .. $workers - 1)
{
	my $pid = fork() // die "fork: $!";
	work($files[$n], $n % 2 ? 'https://rsa.example/' : 'https://ec.example/') if $pid == 0;
	push @pids, $pid;
}

# Each set that was seen, with the time when it had been read.
my @sets;

sub look
{
	my $set = $t->get('/oauth2/jwks')->{body};
	push @sets, [ time, $set ];
	return $set;
}

sub look_for
{
	my ($seconds) = @_;
	my $until = time + $seconds;
	while (time < $until)
	{
		look();
		usleep(20_000);
	}
	return;
}

# A rotation takes a day and more, so rows are moved in time: published now, used a second later.
my @uses;		# [when a key came into use, the set that was kept before that]
ok(wait_for(sub { @{ decode_json(look())->{keys} } == 2 }), 'the first keys are made by those who ask at once, one of each algorithm');
push @uses, [@{ $sets[-1] }];	# nobody can know a first key before it is used, so what was signed until here does not count
look_for(1);
for my $n (1 .. $rotations)
{
	$t->sql("UPDATE oauth.signing_key SET created_at = created_at - interval '89 days 1 minute',
		used_from = used_from - interval '89 days 1 minute' WHERE used_from <= now()");
	$t->sql('SELECT oauth_purge_expired()');
	my $kept = look();
	is(@{ decode_json($kept)->{keys} }, 2 * ($n + 1), "rotation $n: successors are published");
	look_for(0.5);
	push @uses, [ time, $kept ];
	$t->sql("UPDATE oauth.signing_key SET used_from = clock_timestamp() WHERE used_from > clock_timestamp()");
	look_for(0.5);
	$t->sql('SELECT oauth_purge_expired()');
	look_for(0.5);
}
is($t->sql("SELECT string_agg(alg || ' ' || state || ' ' || n, ', ' ORDER BY 1) FROM (SELECT alg, state, count(*) AS n
	FROM oauth.signing_key_overview GROUP BY alg, state) v (alg, state, n)"),
	"ES256 retired $rotations, ES256 used 1, RS256 retired $rotations, RS256 used 1", 'one key of each algorithm signs, those before are retired');
$t->sql('SELECT oauth_rotate_signing_keys(at_once => true)');
look_for(0.5);
kill 'TERM', @pids;
waitpid($_, 0) for @pids;

# What each token has to verify with: the set of that moment, and the one that was kept.
my @lines = map { split /\n/, ShimTest::slurp($_) } @files;
is(scalar(grep { / REFUSED / } @lines), 0, 'nobody was refused') or diag((grep { / REFUSED / } @lines)[0]);
my $at_once = $sets[-1][1];
my (%tries, $n_tokens);
for my $line (@lines)
{
	my ($when, $token) = split / /, $line;
	my ($of_then) = grep { $_->[0] <= $when } reverse @sets;
	my ($use) = grep { $_->[0] <= $when } reverse @uses;
	next if !$use;
	$n_tokens++;
	$tries{ $of_then->[1] }{$token} = 1;
	$tries{ $use->[1] }{$token} = 1;
	$tries{$at_once}{$token} = 1;
}
cmp_ok($n_tokens, '>', 64 * 4, "$n_tokens tokens were issued meanwhile");

# All tokens of a set in one statement; how many it does not verify, but for those of the keys made at once.
sub unverified
{
	my ($set, @tokens) = @_;
	my $file = $t->dir . '/set.sql';
	open(my $sql, '>', $file) or die "$file: $!";
	print $sql "CREATE TEMPORARY TABLE t (token text);\nCOPY t FROM stdin;\n", map({"$_\n"} @tokens), "\\.\n",
	  "SELECT 'UNVERIFIED ' || count(*) FROM t, LATERAL oauth_verify_jwt(token, '$set'::jsonb, '{ES256,RS256}', 'at+jwt') v WHERE NOT v.valid\n",
	  "AND NOT coalesce(v.header ->> 'kid' IN (SELECT k.kid FROM oauth.signing_key k WHERE k.retired_at IS NULL), false)\n",
	  "AND NOT (SELECT v.header IS NULL AND convert_from(decode(rpad(translate(p, '-_', '+/'), (length(p) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::jsonb ->> 'kid'\n",
	  "	IN (SELECT kid FROM oauth.signing_key WHERE retired_at IS NULL) FROM split_part(token, '.', 1) p);\n";
	close $sql;
	my $said = `psql -XAtq -h @{[ $t->node->host ]} -p @{[ $t->node->port ]} -d postgres -f $file 2>&1`;
	return $said =~ /UNVERIFIED (\d+)/ ? $1 : die $said;
}

my $unverified = 0;
$unverified += unverified($_, keys %{ $tries{$_} }) for grep { $_ ne $at_once } keys %tries;
is($unverified, 0, 'every token verifies with the set of that moment, and with the one that was kept from before its key was used');
is(unverified($at_once, keys %{ $tries{$at_once} }), 0, 'and with the one of the end, after all keys were replaced at once');
is($t->sql("SELECT count(DISTINCT kid) FROM oauth.signing_key"), 2 * ($rotations + 2), 'no key was made that was not due');
$t->finish;
done_testing();
