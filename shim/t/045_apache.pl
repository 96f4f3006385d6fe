# 045_apache.pl
# docs/apache.md with Debian's Apache: TLS for the provider, and mod_auth_openidc, which asks it about tokens,
# or verifies JWTs by the published keys.
# R139, R140, R141, R143, R147, R160.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ApacheTest;
use ShimTest qw(guide_blocks json slurp);
use SignedRequest qw(authorization);
use Test::More;

my $apache = ApacheTest->new('mod_auth_openidc', guide => 'apache.md', tests => 95, options => ['--trusted-proxy=127.0.0.1'],
	extra => "# the certificate of this test is its own\nOIDCOAuthSSLValidateServer Off");
my ($client, $secret) = @$apache{qw(client secret)};
$apache->start(qr{https://auth\.example\.org/} => "https://auth.localhost:$apache->{port}/");
my ($read, $write) = map { $apache->token($_) } 'read', 'read write';
sub ask { return $apache->ask('auth.example.org', @_) }

# The provider, behind Apache
is(ask('/healthz')->{status}, 200, 'the provider is there') or diag($apache->{t}->program_log($apache->{port}), slurp("$apache->{dir}/httpd.log"));
is(ask("/$_")->{status}, 403, "/$_ is not for clients") for qw(auth auth/ metrics metrics/ readyz);
my $granted = json(ask('/oauth2/token', '-u', "$client:$secret", '-d', 'grant_type=client_credentials'));
like($granted->{access_token}, qr/^oat_/, 'it gives tokens');
sub signed { return 'Authorization: ' . authorization(client_id => $client, client_secret => $secret, method => 'GET', uri => "https://auth.example.org$_[0]") }
is(json(ask('/api/', '-H', signed('/api/')))->{auth}, 'oauth1', 'it knows the scheme and host that a client signs');
is(ask('/api/a%2Fb?c=%2f', '-H', signed('/api/a%2Fb?c=%2f'))->{status}, 404, '... and the path as it came');
is(ask('/api/', '-H', signed('/api/'), '-H', 'X-Forwarded-Proto: http', '-H', 'X-Forwarded-Host: evil.example', '-H', 'Forwarded: host=evil.example')->{status}, 200, 'R27: ... whatever the client says');
is(ask('/api/', '-H', signed('/api/'), '-d', 'x' x 70_000)->{status}, 413, 'a body of more than 64 KiB is 413');

$apache->check_files($read, $write, qr/^/);
$apache->check_application($read, $granted->{access_token}, 'OIDC_CLAIM_sub', 'OIDC-CLAIM-sub');

# While the provider cannot answer
my $t = $apache->{t};
$t->stop;
$apache->gets('while there is no shim', 401, undef, '/mountains.txt', $read);
$apache->gets('what is public is served', 200, undef, '/public/welcome.txt');
$t->start('--same-port', '--trusted-proxy=127.0.0.1');

# Without asking: JWTs (RFC 9068), verified by the published keys (RFC 7517)
my $url = 'http://127.0.0.1:' . $t->port;
$t->sql("ALTER DATABASE postgres SET oauth.issuer = '$url'");
# for every client, where the guide names one
$t->sql((guide_blocks('apache.md', 'sql'))[1] =~ s/ WHERE client_name = 'Album app'//r);
my ($line) = map { /^(OIDCOAuthVerifyJwksUri .*)$/m } guide_blocks('apache.md', 'text');
$line =~ s{https://auth\.example\.org/}{https://auth.localhost:$apache->{port}/} or die;
$apache->restart(qr/^OIDCOAuthIntrospectionEndpoint.*?^OIDCOAuthTokenIntrospectionInterval.*?$/ms => $line);
($read, $write) = map { $apache->token($_) } 'read', 'read write';
like($read, qr/^[\w-]+\.[\w-]+\.[\w-]+$/, 'the tokens are JWTs');
$apache->gets('a file, with a JWT', 200, qr/^file .mountains/, '/mountains.txt', $read);
$apache->gets('a draft, with the scope for it', 200, qr/^file .drafts/, '/drafts/sea.txt', $write);
$apache->refuses('R139: no token', 401, qr/^Bearer/, '/mountains.txt');
$apache->gets('R141: a JWT without the scope', 403, undef, '/drafts/sea.txt', $read);
my $own = $t->sql("SELECT access_token FROM oauth_issue_token('$client', scope => 'read')");
$apache->check_application($read, $own, 'OIDC_CLAIM_sub', 'OIDC-CLAIM-sub');
$apache->check_jwts($url, $read);
$t->sql("SELECT oauth_revoke_token('$read')");
$apache->gets('one that was revoked, until it expires', 200, undef, '/mountains.txt', $read);

# What the guide says of the audience
my $elsewhere = $apache->signed($url, 'at+jwt', aud => 'https://elsewhere.example/');
$apache->gets('one for another resource, where nobody asks for the audience', 200, undef, '/mountains.txt', $elsewhere);
my ($all) = grep { /RequireAll/ } guide_blocks('apache.md', 'text');
$all =~ s{https://auth\.example\.org}{$url} or die;
$apache->restart(qr/^\t\tRequire claim "scope~\(\^\| \)read\(.*?$/m => $all);
$apache->gets('... and where the audience is asked for', 403, undef, '/mountains.txt', $elsewhere);
$apache->gets('one for here', 200, undef, '/mountains.txt', $write);

# Nobody gets in with a token of which it has to ask
$t->stop;
$apache->gets('while there is no shim, and the keys are known', 200, undef, '/mountains.txt', $write);
$apache->gets('a JWT of a key that it cannot ask for', 401, undef, '/mountains.txt', $write =~ s/^[^.]+/eyJhbGciOiJFUzI1NiIsImtpZCI6IngifQ/r);
$t->finish;
done_testing();
