# 104_key_rotation.pl
# While 64 connections are given JWTs, by client credentials or as ID tokens for authorization codes, signing keys are published, used, superseded and retired: every token verifies with the key set that is
# published at that moment, and with the one that a verifier kept from before the key came into use.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use LoggedIn qw(form);
use ShimTest qw(request_bytes wait_for);
use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use Test::More;
use Time::HiRes qw(time usleep);

my $workers = 8;
my $connections = 8;	# of each worker
my $rotations = 3;
my $t;

# What a connection sends next, and the token that the last answer brought, if it did: one way for each kind of token.  Each is a function of a
# connection's own hash and the answer, which is undef at first.
sub by_client_credentials
{
	my ($client, $secret, $resource) = @_;
	my $request = ShimTest::post_bytes('/oauth2/token', form(grant_type => 'client_credentials', client_id => $client, client_secret => $secret, resource => $resource));
	return sub { my (undef, $answer) = @_; return ($request, $answer && ($answer =~ /"access_token": "([^"]+)"/ ? $1 : "REFUSED $answer")) };
}

# A person who is logged in and has consented: a code, then the ID token for it, and again.
sub by_code
{
	my ($client, $secret, $cookies) = @_;
	my %redirect = (redirect_uri => 'https://rp.example/back');
	my $authorize = request_bytes('GET', '/oauth2/authorize?' . form(response_type => 'code', client_id => $client, scope => 'openid', nonce => 'n', %redirect), undef,
		Cookie => $cookies);
	return sub {
		my ($own, $answer) = @_;
		return ($authorize, undef) if !defined $answer;
		return ($authorize, $answer =~ /"id_token": "([^"]+)"/ ? $1 : "REFUSED $answer") if delete $own->{has_code};
		my ($code) = $answer =~ /^Location: .*[?&]code=([^&\s]+)/m or return ($authorize, "REFUSED $answer");
		$own->{has_code} = 1;
		return (ShimTest::post_bytes('/oauth2/token', form(grant_type => 'authorization_code', client_id => $client, client_secret => $secret, code => $code, %redirect)), undef);
	};
}

# One request after the other on each of the connections, until the parent says stop; a line "time token" for each token.
sub work
{
	my ($file, $next) = @_;
	my (%read, %own, $stop);
	local $SIG{TERM} = sub { $stop = 1 };
	open(my $out, '>', $file) or die "$file: $!";
	my $select = IO::Select->new(
		map { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $t->port) or die "connect: $!" } 1 .. $connections);
	syswrite($_, ($next->($own{$_} = {}, undef))[0]) for $select->handles;
	while (!$stop)
	{
		for my $socket ($select->can_read(0.2))
		{
			sysread($socket, $read{$socket}, 16384, length($read{$socket} // '')) or die 'the shim closed a connection';
			my ($head, $body) = split /\r\n\r\n/, $read{$socket}, 2;
			my ($length) = $head =~ /^Content-Length: (\d+)/mi;
			next if !defined $body || length($body) < $length;
			my ($request, $token) = $next->($own{$socket}, $read{$socket});
			printf $out "%.6f %s\n", time, $token =~ s/\s*\n\s*/ /gr if defined $token;
			$read{$socket} = '';
			syswrite($socket, $request);
		}
	}
	close $out;
	POSIX::_exit(0);
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

# All tokens of a set in one statement; how many it does not verify, but for those of the keys made at once.
sub unverified
{
	my ($typ, $set, @tokens) = @_;
	my $file = $t->dir . '/set.sql';
	open(my $sql, '>', $file) or die "$file: $!";
	print $sql "CREATE TEMPORARY TABLE t (token text);\nCOPY t FROM stdin;\n", map({"$_\n"} @tokens), "\\.\n",
	  "SELECT 'UNVERIFIED ' || count(*) FROM t, LATERAL oauth_verify_jwt(token, '$set'::jsonb, '{ES256,RS256}', '$typ') v WHERE NOT v.valid\n",
	  "AND NOT coalesce(v.header ->> 'kid' IN (SELECT k.kid FROM oauth.signing_key k WHERE k.retired_at IS NULL), false)\n",
	  "AND NOT (SELECT v.header IS NULL AND convert_from(decode(rpad(translate(p, '-_', '+/'), (length(p) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::jsonb ->> 'kid'\n",
	  "	IN (SELECT kid FROM oauth.signing_key WHERE retired_at IS NULL) FROM split_part(token, '.', 1) p);\n";
	close $sql;
	my $said = `psql -XAtq -h @{[ $t->node->host ]} -p @{[ $t->node->port ]} -d postgres -f $file 2>&1`;
	return $said =~ /UNVERIFIED (\d+)/ ? $1 : die $said;
}

# Keys are published, used, superseded and replaced while 64 connections are given tokens.  ways: of getting an ES256 token, and an RS256 one.
sub rotate_meanwhile
{
	my ($name, $typ, $ways) = @_;
	@sets = ();
	my @files = map { $t->dir . "/tokens.$_" } 1 .. $workers;
	my @pids;
	for my $n (0 .. $workers - 1)
	{
		my $pid = fork() // die "fork: $!";
		# by the signal alone: PostgreSQL's driver has a handler, at whose end the shims would be ended too
		$SIG{TERM} = 'DEFAULT', work($files[$n], $ways->[$n % 2]) if $pid == 0;
		push @pids, $pid;
	}

	# A rotation takes a day and more, so rows are moved in time: published now, used a second later.
	my @uses;		# [when a key came into use, the set that was kept before that]
	ok(wait_for(sub { @{ decode_json(look())->{keys} } == 2 }), "$name: the first keys are made by those who ask at once, one of each algorithm");
	push @uses, [@{ $sets[-1] }];	# nobody can know a first key before it is used, so what was signed until here does not count
	look_for(1);
	for my $n (1 .. $rotations)
	{
		$t->sql("UPDATE oauth.signing_key SET created_at = created_at - interval '89 days 1 minute',
			used_from = used_from - interval '89 days 1 minute' WHERE used_from <= now()");
		$t->sql('SELECT oauth_purge_expired()');
		my $kept;
		wait_for(sub { $kept = look(); @{ decode_json($kept)->{keys} } == 2 * ($n + 1) }, 1);
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
		"ES256 retired $rotations, ES256 used 1, RS256 retired $rotations, RS256 used 1", "$name: one key of each algorithm signs, those before are retired");
	$t->sql('SELECT oauth_rotate_signing_keys(at_once => true)');
	look_for(0.5);
	kill 'TERM', @pids;
	waitpid($_, 0) for @pids;

	# What each token has to verify with: the set of that moment, and the one that was kept.
	my @lines = map { split /\n/, ShimTest::slurp($_) } @files;
	is(scalar(grep { / REFUSED / } @lines), 0, "$name: nobody was refused") or diag((grep { / REFUSED / } @lines)[0]);
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
	cmp_ok($n_tokens, '>', 64 * 4, "$name: $n_tokens were issued meanwhile");

	my $unverified = 0;
	$unverified += unverified($typ, $_, keys %{ $tries{$_} }) for grep { $_ ne $at_once } keys %tries;
	is($unverified, 0, "$name: every token verifies with the set of that moment, and with the one that was kept from before its key was used");
	is(unverified($typ, $at_once, keys %{ $tries{$at_once} }), 0, "$name: and with the one of the end, after all keys were replaced at once");
	is($t->sql("SELECT count(DISTINCT kid) FROM oauth.signing_key"), 2 * ($rotations + 2), "$name: no key was made that was not due");
	return;
}

sub start
{
	my ($name) = @_;
	$t = ShimTest->new(extension => 1, name => $name, conf => 'oauth.bcrypt_cost = 4');
	$t->sql("ALTER DATABASE postgres SET oauth.issuer = 'https://id.example.com'");
	$t->start('--purge-interval=0');
	return;
}

# ---- access tokens that are JWTs ----

start('access');
my @client = split /\|/, $t->sql("SELECT * FROM oauth_register_client('busy', grant_types => '{client_credentials}')");
$t->sql("SELECT oauth_register_resource('https://ec.example/', access_token_format => 'jwt');
	SELECT oauth_register_resource('https://rsa.example/', access_token_format => 'jwt', signing_alg => 'RS256')");
rotate_meanwhile('access tokens', 'at+jwt', [ map { by_client_credentials(@client, "https://$_.example/") } qw(ec rsa) ]);
$t->finish;

# ---- authorization codes that are exchanged for ID tokens ----

start('id');
$t->sql(q{SELECT oauth_create_user('alice', 'wonderland')});
my $alice = LoggedIn->new($t, 'alice', 'wonderland');
my @ways;
for my $alg (qw(ES256 RS256))
{
	my $of_client = decode_json($t->sql(qq[SELECT oauth_register_client_metadata('{"client_name": "$alg", "redirect_uris": ["https://rp.example/back"],
		"token_endpoint_auth_method": "client_secret_post", "scope": "openid", "id_token_signed_response_alg": "$alg"}')]));
	ok($alice->code($of_client->{client_id}, 'openid', redirect_uri => 'https://rp.example/back'), "$alg: the person consents");
	push @ways, by_code(@{$of_client}{qw(client_id client_secret)}, $alice->cookies);
}
rotate_meanwhile('ID tokens', 'JWT', \@ways);
$t->finish;
done_testing();
