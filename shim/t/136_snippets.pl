#!/usr/bin/perl
# 136_snippets.pl: the programs of docs/snippets: each gets a token of its own, logs a person in with PKCE, verifies the ID
# token by the published keys, and calls with both tokens.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use File::Basename qw(basename);
use FindBin;
use IO::Socket::INET;
use JSON::PP;
use Test::More;
use lib $FindBin::Bin;
use ClientTest;
use ShimTest qw(slurp);

my $clients = ClientTest->serve;
my $t = $clients->{t};
my $here = "$FindBin::RealBin/../../docs/snippets";
$t->sql(q{SELECT oauth_create_signing_key('RS256')});

# Why it cannot run here: one of these files is missing.
sub lacks { my @missing = grep { my @found = glob; !@found } @_; return @missing ? "there is no @missing" : undef }

my $kept = $ENV{top_builddir} // $t->dir;
my %go = (GO111MODULE => 'off', GOPATH => '/usr/share/gocode', GOFLAGS => '', GOTOOLCHAIN => 'local', GOCACHE => "$kept/go-cache");
my @snippets = (
	[ 'client.sh', ['sh'], lacks('/usr/bin/curl') ],
	[ 'client.mjs', ['node'], lacks('/usr/bin/node') ],
	[ 'client.py', ['/usr/bin/python3'], lacks('/usr/lib/python3/dist-packages/jwt/__init__.py') ],
	[ 'client.go', [ 'sh', '-c', 'mkdir -p "$GOCACHE" && /usr/bin/go build -o "$0" "$1" && exec "$0"', $t->dir . '/snippet_go' ],
		lacks('/usr/bin/go', '/usr/share/gocode/src/golang.org/x/oauth2/oauth2.go', '/usr/share/gocode/src/github.com/coreos/go-oidc/oidc.go') ],
	[ 'Client.java', [ 'java', '-cp', '/usr/share/java/gson.jar' ], lacks('/usr/bin/java', '/usr/share/java/gson.jar') ],
	[ 'client.rb', ['/usr/bin/ruby'], lacks('/usr/bin/ruby', '/usr/{lib/ruby/vendor_ruby,share/rubygems-integration/all/gems/jwt-*/lib}/jwt.rb') ],
	[ 'client.pl', ['/usr/bin/perl'], lacks(map { "/usr/lib/*/perl5/5.*/Crypt/OpenSSL/$_.pm" } qw(RSA Bignum)) ],
	[ 'client.php', ['/usr/bin/php'], lacks('/usr/bin/php') ]);

for my $snippet (@snippets)
{
	my ($file, $command, $missing) = @$snippet;
	$clients->start({
		name => $file, grants => [qw(client_credentials code)], pkce => 1, scope => 'openid profile read', missing => $missing,
		environment => { %go }, command => [ '/usr/bin/perl', 'with_browser.pl', @$command, "$here/$file" ]
	});
}
$clients->check_all;
for my $client (grep { !$_->{missing} } @{ $clients->{clients} })
{
	like(slurp($client->{out}), qr/^id_token \Q$clients->{subject}\E$/m, "$client->{name}: it knows who the person is");
}

# An impostor, who has the same discovery document but for the address of the keys, and keys that are not those that sign. Only a
# program that verifies notices. (go-oidc compares the issuer before, and client.sh asks the provider instead.)
sub serve_impostor
{
	my $server = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die "no free port: $!";
	my $url = 'http://127.0.0.1:' . $server->sockport;
	my $config = JSON::PP->new->decode($t->get('/.well-known/openid-configuration')->{body});
	my $keys = JSON::PP->new->decode($t->get('/oauth2/jwks')->{body});
	$config->{jwks_uri} = "$url/keys";
	$_->{n} = reverse $_->{n} for grep { $_->{n} } @{ $keys->{keys} };
	my %pages = ('/.well-known/openid-configuration' => $config, '/keys' => $keys, '/api/' => {});
	my $pid = fork() // die "fork: $!";
	return ($url, $pid) if $pid;
	# by the signal alone: PostgreSQL's driver has a handler, at whose end the shim would be ended too
	local $SIG{TERM} = 'DEFAULT';
	while (my $socket = $server->accept)
	{
		my ($path) = (readline $socket) =~ /^GET (\S+)/;
		while ((readline $socket) =~ /\S/) { }
		my $body = JSON::PP->new->encode($pages{ $path // '' } // {});
		print $socket "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ", length $body, "\r\n\r\n$body";
	}
	POSIX::_exit(0);
}

my ($impostor, $pid) = serve_impostor();
for my $snippet (grep { $_->[0] !~ /\.(?:go|sh)$/ && !$_->[2] } @snippets)
{
	my ($file, $command) = @$snippet;
	my ($id, $secret) = $clients->_register({ name => "deceived $file", pkce => 1 });
	local %ENV = (%ENV, %{ $clients->{environment} }, CLIENT_ID => $id, CLIENT_SECRET => $secret, OAUTH_URL => $impostor);
	delete @ENV{ grep { /_proxy\z/i } keys %ENV };
	my $said = `cd $FindBin::RealBin/clients && timeout 120 /usr/bin/perl with_browser.pl @$command $here/$file 2>&1 </dev/null`;
	isnt($?, 0, "$file: with keys that did not sign, it ends in failure");
	like($said, qr/signature|verif|padding|modulus/i, '... and says why');
	unlike($said, qr/^id_token/m, '... and does not believe the ID token');
	like($said, qr/^client_credentials/m, '... which was not the first thing it did');
}
kill 'TERM', $pid;
waitpid $pid, 0;

# Each file is run here, or says that it is not tested; the guide has all of them.
my %tested = map { $_->[0] => 1 } @snippets;
my $guide = slurp("$here/README.md");
for my $file (map { basename($_) } grep { !/README/ } glob "$here/*")
{
	like($guide, qr/\(\Q$file\E\)/, "$file is in the guide");
	is(slurp("$here/$file") =~ /Untested/ ? 'untested' : 'tested', $tested{$file} ? 'tested' : 'untested', '... which says truly whether it is tested');
	like($guide, qr/\(\Q$file\E\).*\| (?:not tested|`136`) \|/, '... as the table does');
}
is($t->metric('oauth_shim_batch_fallbacks_total'), 0, 'no request spoiled its batch');
$t->finish;
done_testing();
