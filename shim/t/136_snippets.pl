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
use MIME::Base64 qw(decode_base64url encode_base64url);
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

# Rust has no programs of one file: a package of Debian's crates, which takes minutes to build and is kept.
my @crates = qw(jsonwebtoken openssl reqwest serde_json);
my $without_rust = lacks('/usr/bin/cargo', map { "/usr/share/cargo/registry/$_-[0-9]*" } @crates);

sub spew { my ($name, $text) = @_; open(my $file, '>', $name) or die "$name: $!"; print $file $text; close $file; return }

sub build_rust
{
	my $dir = "$kept/snippet_rust";

	system('mkdir', '-p', "$dir/.cargo");
	spew("$dir/Cargo.toml", qq{[package]\nname = "client"\nversion = "0.0.0"\nedition = "2021"\n[[bin]]\nname = "client"\npath = "$here/client.rs"\n}
		  . qq{[profile.dev]\ndebug = false\n[dependencies]\njsonwebtoken = "*"\nopenssl = "*"\nreqwest = { version = "*", features = ["blocking", "json"] }\nserde_json = "*"\n});
	spew("$dir/.cargo/config.toml", qq{[source.crates-io]\nreplace-with = "debian"\n[source.debian]\ndirectory = "/usr/share/cargo/registry"\n});
	my $said = `cd $dir && CARGO_HOME=$dir/home PATH=/usr/bin:/bin timeout 1200 /usr/bin/cargo build --offline --quiet 2>&1`;
	is($?, 0, 'client.rs: it is built without a warning') or diag($said);
	is($said, '', '... of which nothing is said');
	return;
}
build_rust() unless $without_rust;

my @mono = map { "/usr/lib/mono/4.5/System.$_.dll" } qw(Net.Http Runtime.Serialization Web Xml.Linq);
my $mcs = 'mcs ' . join(' ', map { "-r:System.$_" } qw(Net.Http Runtime.Serialization Web Xml.Linq)) . ' -warnaserror "-out:$0" "$1" && exec mono "$0"';
my @snippets = (
	[ 'client.sh', ['sh'], lacks('/usr/bin/curl') ],
	[ 'client.mjs', ['node'], lacks('/usr/bin/node') ],
	[ 'client.py', ['/usr/bin/python3'], lacks('/usr/lib/python3/dist-packages/jwt/__init__.py') ],
	[ 'client.go', [ 'sh', '-c', 'mkdir -p "$GOCACHE" && /usr/bin/go build -o "$0" "$1" && exec "$0"', $t->dir . '/snippet_go' ],
		lacks('/usr/bin/go', '/usr/share/gocode/src/golang.org/x/oauth2/oauth2.go', '/usr/share/gocode/src/github.com/coreos/go-oidc/oidc.go') ],
	[ 'Client.java', [ 'java', '-cp', '/usr/share/java/gson.jar' ], lacks('/usr/bin/java', '/usr/share/java/gson.jar') ],
	[ 'client.rb', ['/usr/bin/ruby'], lacks('/usr/bin/ruby', '/usr/{lib/ruby/vendor_ruby,share/rubygems-integration/all/gems/jwt-*/lib}/jwt.rb') ],
	[ 'client.pl', ['/usr/bin/perl'], lacks(map { "/usr/lib/*/perl5/5.*/Crypt/OpenSSL/$_.pm" } qw(RSA Bignum)) ],
	[ 'client.php', ['/usr/bin/php'], lacks('/usr/bin/php') ],
	[ 'client.rs', [ 'sh', '-c', 'exec "$0"', "$kept/snippet_rust/target/debug/client" ], $without_rust ],
	[ 'Client.cs', [ 'sh', '-c', $mcs, $t->dir . '/Client.exe' ], lacks('/usr/bin/mcs', '/usr/bin/mono', @mono) ]);

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

# As long as this one, in base64url, and odd, too.
sub another_modulus
{
	my $bytes = decode_base64url($_[0]);

	return encode_base64url(substr($bytes, 0, 1) . reverse(substr($bytes, 1, -1)) . substr($bytes, -1));
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
	$_->{n} = another_modulus($_->{n}) for grep { $_->{n} } @{ $keys->{keys} };
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
	my $words = join ' ', map { "'$_'" } @$command, "$here/$file";
	my $said = `cd $FindBin::RealBin/clients && timeout 120 /usr/bin/perl with_browser.pl $words 2>&1 </dev/null`;
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
