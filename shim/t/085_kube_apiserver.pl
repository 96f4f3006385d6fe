# 085_kube_apiserver.pl
# The keys at /oauth2/jwks for who verifies by himself, as docs/openid.md has it for kubectl: coreos/go-oidc, by which kube-apiserver
# verifies, keeps them and asks again when a kid is new.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ConformanceTest;
use ShimTest qw(skip_file);
use IPC::Open2;
use JSON::PP;
use MIME::Base64 qw(decode_base64url encode_base64url);
use Test::More;

my $gocode = '/usr/share/gocode/src/github.com/coreos/go-oidc/oidc.go';
for ([ '/usr/bin/go', 'golang-go' ], [ $gocode, 'golang-github-coreos-go-oidc-dev' ])
{
	skip_file('25 or so', "Debian's $_->[1] is not installed") if !-e $_->[0];
}
my $c = ConformanceTest->new;
my ($t, $url, $subject) = @{$c}{qw(t issuer subject)};
my $kept = $ENV{top_builddir} // $t->dir;
my %go = (GO111MODULE => 'off', GOPATH => '/usr/share/gocode', GOFLAGS => '', GOTOOLCHAIN => 'local', GOCACHE => "$kept/go-cache");
my $program = $t->dir . '/verifier';
{
	local %ENV = (%ENV, %go);
	is(system('/usr/bin/go', 'build', '-o', $program, "$FindBin::RealBin/clients/go_oidc_verifier.go"), 0, 'the verifier is built');
}

my $client = $c->client;
# This verifier keeps a set for as long as Cache-Control allows, and asks again before only in the last half minute of that: so a set may be
# kept for a second here, a 24th of the lead.
$t->sql("ALTER DATABASE postgres SET oauth.signing_key_lead = '24 s'");
$t->stop;
$t->start('--same-port');
my $other = $c->client;
local $ENV{no_proxy} = '*';
my $pid = open2(my $said, my $ask, $program, $url, $client->{client_id});

sub verdict
{
	my ($token) = @_;
	print $ask "$token\n";
	local $SIG{ALRM} = sub { die "the verifier does not answer\n" };
	alarm 60;
	my $line = <$said> // 'no answer';
	alarm 0;
	chomp $line;
	return $line;
}

sub taken { my ($name, $token) = @_; is(verdict($token), "sub $subject", "$name is taken"); return }
sub refused { my ($name, $token, $why) = @_; like(verdict($token), $why // qr/^no /, "$name is refused"); return }

my $login = $c->log_in($client);
my $token = $login->{answer}{id_token};
taken('an ID token', $token);
refused('one for another client', $c->log_in($other)->{answer}{id_token}, qr/^no .*audience/);
my ($header, $payload, $signature) = split /\./, $token;
my $claims = decode_base64url($payload);
my $changed = encode_base64url($claims =~ s/\Q$subject\E/somebody/r);
refused('one whose signature is another', "$header.$payload." . ($signature =~ /^A/ ? 'B' : 'A') . substr($signature, 1));
refused('one that says of somebody else', "$header.$changed.$signature");
refused('one without a signature', "$header.$payload.");
refused('alg none', encode_base64url('{"alg": "none"}') . ".$payload.");

# Signed well, and nevertheless not for it.
sub signed
{
	my ($alg, $typ, %more) = @_;
	my %inside = (iss => $url, sub => $subject, aud => $client->{client_id}, iat => time, exp => time + 300, %more);
	return $t->sql('SELECT oauth_sign_jwt($j$' . encode_json(\%inside) . "\$j\$, '$alg', '$typ')");
}
# A key that was made in psql is told to the shim by NOTIFY, some milliseconds after the commit: until then it may have kept a set for those
# who ask by this name.
my @by_name = (Host => $url =~ s{http://}{}r);
my $by_new_key = signed('ES256', 'JWT');
ok(ShimTest::wait_for(sub { $t->get('/oauth2/jwks', @by_name)->{body} =~ /"ES256"/ }), 'a key that was made this moment is published');
taken('one signed with it, by ES256,', $by_new_key);
refused('one that has expired', signed('RS256', 'JWT', iat => time - 7200, exp => time - 600), qr/^no .*expired/);
refused('one of another issuer', signed('RS256', 'JWT', iss => 'https://other.example'), qr/^no .*issue/);
refused('one signed with an algorithm that it does not take', signed('PS256', 'JWT'), qr/^no .*(?:algorithm|alg)/);

# Keys are replaced at once, time after time: the token that comes next has a kid that the verifier does not know, and the set that it asks for
# has the key, though others asked for the set a moment ago.
for my $round (1 .. 5)
{
	$t->get('/oauth2/jwks', @by_name) for 1 .. 3;
	$t->sql('SELECT oauth_rotate_signing_keys(at_once => true)');
	taken("round $round: an ID token of the new key", $c->log_in($client)->{answer}{id_token});
}
taken('one of the first key', $token);
cmp_ok($t->metric('oauth_shim_shared_answers_total'), '>', 0, 'some had the set without the database');

# A set that may be kept for an hour, as it is by default, is: a key that is used before that is over is not known there.  So a successor is published
# a day before it is used.
$t->sql('ALTER DATABASE postgres RESET oauth.signing_key_lead');
$t->stop;
$t->start('--same-port');
$t->sql('SELECT oauth_rotate_signing_keys(at_once => true)');
my $last = $c->log_in($client)->{answer}{id_token};
taken('one of a new key', $last);
$t->sql('SELECT oauth_rotate_signing_keys(at_once => true)');
note('while the set is kept, one of a key that replaced all at once: ', verdict($c->log_in($client)->{answer}{id_token}));	# newer ones ask again

# The provider is away: what is known verifies.
$t->stop;
taken('while nobody answers, one whose key is known', $last);
close $ask;
waitpid($pid, 0);
$c->finish;
done_testing();
