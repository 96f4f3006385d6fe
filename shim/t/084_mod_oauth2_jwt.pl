#!/usr/bin/perl
# 084_mod_oauth2_jwt.pl
# docs/apache-mod-oauth2.md without asking: Debian's mod_oauth2 verifies access tokens that are JWTs (RFC 9068) by the published keys.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ApacheTest;
use ShimTest qw(guide_blocks);
use Test::More;

my $apache = ApacheTest->new('mod_oauth2', guide => 'apache-mod-oauth2.md', tests => 40);
my $t = $apache->{t};
my $url = 'http://127.0.0.1:' . $t->port;
$t->sql("ALTER DATABASE postgres SET oauth.issuer = '$url'");
# for every client, where the guide names one
$t->sql((guide_blocks('apache-mod-oauth2.md', 'sql'))[1] =~ s/ WHERE client_name = 'Album app'//r);
my ($line) = map { /^(OAuth2TokenVerify jwks_uri .*)$/m } guide_blocks('apache-mod-oauth2.md', 'text');
$line =~ s{https://auth\.example\.org}{$url};
$apache->start(qr/^OAuth2TokenVerify introspect .*$/m => $line);

my ($read, $write) = map { $apache->token($_) } 'read', 'read write';
my $own = $t->sql("SELECT access_token FROM oauth_issue_token('$apache->{client}', scope => 'read')");
like($read, qr/^[\w-]+\.[\w-]+\.[\w-]+$/, 'the tokens are JWTs');
$apache->gets('a public file needs no token', 200, qr/^file .public/, '/public/welcome.txt');
$apache->gets('a file, with a JWT', 200, qr/^file .mountains/, '/mountains.txt', $read);
$apache->gets('a draft, with the scope for it', 200, qr/^file .drafts/, '/drafts/sea.txt', $write);
$apache->refuses('R139: no token', 401, qr/^Bearer/, '/mountains.txt');
$apache->refuses('R141: a JWT without the scope', 403, qr/error="insufficient_scope"/, '/drafts/sea.txt', $read);
$apache->check_application($read, $own, 'OAUTH2_CLAIM_sub', 'OAUTH2-CLAIM-sub');

$apache->check_jwts($url, $read);

# What the guide says of the price.
$t->sql("SELECT oauth_revoke_token('$read')");
$apache->gets('one that was revoked, until it expires', 200, undef, '/mountains.txt', $read);
$t->stop;
$apache->gets('one while the provider cannot answer', 200, undef, '/mountains.txt', $write);
$t->finish;
done_testing();
