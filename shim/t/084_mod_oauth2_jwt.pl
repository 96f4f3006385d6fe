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
use JSON::PP;
use MIME::Base64 qw(decode_base64url encode_base64url);
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

# Tampered with, each in one place.
my ($header, $payload, $signature) = split /\./, $read;
my $claims = decode_base64url($payload);
my ($exp) = $claims =~ /"exp": ?(\d+)/;
sub with_claims { my ($from, $to) = @_; my $new = $claims =~ s/$from/$to/r; die if $new eq $claims; return "$header." . encode_base64url($new) . ".$signature" }
my ($kid) = decode_base64url($header) =~ /"kid": ?"([^"]+)"/;
my $public = $t->sql("SELECT public_key FROM oauth.signing_key WHERE kid = '$kid'");
my $forged = encode_base64url(qq({"alg": "HS256", "typ": "at+jwt", "kid": "$kid"})) . ".$payload";
my $mac = $t->sql("SELECT translate(replace(encode(hmac('$forged', \$k\$$public\$k\$, 'sha256'), 'base64'), '=', ''), '+/', '-_')");
for ([ 'another signature', "$header.$payload." . ($signature =~ /^A/ ? 'B' : 'A') . substr($signature, 1) ], [ 'no signature', "$header.$payload." ],
	[ 'more scope than was signed', with_claims(qr/"scope": ?"read"/, '"scope": "read write"') ], [ 'a later end', with_claims(qr/\b$exp\b/, $exp + 1) ],
	[ 'alg none', encode_base64url('{"alg": "none", "typ": "at+jwt"}') . ".$payload." ], [ 'the public key as a secret', "$forged.$mac" ], [ 'an opaque token', 'oat_' . 'A' x 54 ])
{
	my ($name, $bad) = @$_;
	$apache->refuses("$name opens nothing", 401, qr/error="invalid_token"/, '/mountains.txt', $bad);
}

# Signed well, and nevertheless not for this.
sub signed
{
	my ($typ, %more) = @_;
	my %inside = (iss => $url, sub => '42', aud => $url, client_id => 'x', scope => 'read', iat => time, exp => time + 300, %more);
	delete @inside{ grep { !defined $inside{$_} } keys %inside };
	return $t->sql('SELECT oauth_sign_jwt($j$' . encode_json(\%inside) . "\$j\$, 'ES256', '$typ')");
}
$apache->gets('a JWT as the provider makes it', 200, undef, '/mountains.txt', signed('at+jwt'));
$apache->gets('one that has expired', 401, undef, '/mountains.txt', signed('at+jwt', iat => time - 7200, exp => time - 60));
# an ID token has no scope
$apache->gets('an ID token', 403, undef, '/mountains.txt', signed('JWT', aud => $apache->{client}, client_id => undef, scope => undef));

# All keys are replaced at once: the module meets a kid that it does not know, and asks for the set.
$t->sql('SELECT oauth_rotate_signing_keys(at_once => true)');
$apache->gets('a JWT of a new key', 200, undef, '/mountains.txt', $apache->token('read'));
$apache->gets('one of the key before', 200, undef, '/mountains.txt', $read);

# What the guide says of the price.
$t->sql("SELECT oauth_revoke_token('$read')");
$apache->gets('one that was revoked, until it expires', 200, undef, '/mountains.txt', $read);
$t->stop;
$apache->gets('one while the provider cannot answer', 200, undef, '/mountains.txt', $write);
$t->finish;
done_testing();
