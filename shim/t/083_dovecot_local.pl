# 083_dovecot_local.pl
# docs/dovecot.md without asking: Debian's Dovecot verifies ID tokens by the published keys, also after they were replaced.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ConformanceTest;
use DovecotTest;
use ShimTest qw(guide_blocks skip_file slurp);
use JSON::PP;
use MIME::Base64 qw(decode_base64url encode_base64url);
use PostgreSQL::Test::Utils;
use Test::More;

my $dovecot = DovecotTest->new or skip_file('25 or so', 'Dovecot is not installed');
plan(skip_all => 'Dovecot 2.4 says otherwise where the keys are; the guide shows 2.3') if $dovecot->{is_new};
skip_file('25 or so', "Debian's python3-authlib is not installed") if !-e '/usr/lib/python3/dist-packages/authlib/__init__.py';

my $c = ConformanceTest->new;
my ($t, $url, $subject) = @{$c}{qw(t issuer subject)};
my $dir = $t->dir;
my $client = $c->client(client_name => 'Mail program', id_token_signed_response_alg => 'RS256');
my $other = $c->client(id_token_signed_response_alg => 'ES256');
$t->sql("UPDATE oauth.client SET client_name = 'Mail program' WHERE client_id = '$client->{client_id}'");
$t->sql("SELECT oauth_register_scope('imap', 'Read, write and file your mail')");
$t->sql((guide_blocks('dovecot.md', 'sql'))[1]);
$client->{id_token_signed_response_alg} = 'ES256';

# The guide's files, with their names replaced.
sub here
{
	my ($text) = @_;
	my $group = $) + 0;

	$text =~ s{https://auth\.example\.org}{$url}g;
	$text =~ s{/etc/dovecot/dovecot-oauth2\.conf}{$dir/dovecot-oauth2-local.conf};
	$text =~ s{/etc/dovecot/oauth2-keys}{$dir/oauth2-keys}g;
	$text =~ s{/var/mail/}{$dir/mail/};
	$text =~ s{MAIL_CLIENT_ID}{$client->{client_id}};
	$text =~ s/\b(uid ?= ?)vmail/$1$>/;
	$text =~ s/\b(gid ?= ?)vmail/$1$group/;
	return $text;
}

my %file = map { m{\A# /etc/dovecot/(\S+)\n} ? ($1 => here($_)) : die $_ } guide_blocks('dovecot.md', 'ini');
append_to_file("$dir/dovecot-oauth2-local.conf.ext", $file{'dovecot-oauth2-local.conf.ext'});
append_to_file("$dir/fetch-oauth2-keys", here(scalar guide_blocks('dovecot.md', 'python')));

sub fetch_keys
{
	local $ENV{no_proxy} = '*';
	is(system('/usr/bin/python3', "$dir/fetch-oauth2-keys"), 0, 'the program of the guide fetches the keys');
	my @files = sort map { s{.*/(\w+/)}{$1}r } glob "$dir/oauth2-keys/default/*/*";
	return @files;
}

sub published
{
	my @keys = sort split /\n/, $t->sql("SELECT alg || '/' || kid FROM oauth.signing_key WHERE unpublished_at IS NULL");
	return @keys;
}

sub token { return $c->log_in($_[0])->{answer}{id_token} }

sub opens
{
	my ($name, $token) = @_;
	my $said = $dovecot->login('OAUTHBEARER', $subject, $token);

	like($said->{login}, qr/^OK/, "$name opens the mailbox") or diag(explain($said), $dovecot->log);
	return;
}

# OAUTHBEARER: RFC 7628, section 3.2.2: "the server sends an error result"
sub refused
{
	my ($name, $token, $login) = @_;
	my $said = $dovecot->login('OAUTHBEARER', $login // $subject, $token);

	like($said->{login}, qr/^NO /, "$name opens nothing") or diag(explain($said), $dovecot->log);
	return;
}

my $token = token($client);
is_deeply([ fetch_keys() ], [ published() ], 'each published key is a file');
$dovecot->start($t, $file{'conf.d/10-oauth2.conf'});

for my $mechanism (qw(OAUTHBEARER XOAUTH2))
{
	my $said = $dovecot->login($mechanism, $subject, $token, 'STATUS INBOX (MESSAGES)');
	like($said->{login}, qr/^OK/, "$mechanism: an ID token opens a mailbox") or diag(explain($said), $dovecot->log);
	ok(scalar(grep { /^\* STATUS INBOX \(MESSAGES \d+\)/ } @{ $said->{lines} }), '... which can be read') or diag(explain($said));
}
refused('a token of somebody else', $token, 'bob');
refused('the ID token of another client', token($other));

# Tampered with, each in one place.
my ($header, $payload, $signature) = split /\./, $token;
my $claims = decode_base64url($payload);
sub changed { my ($from, $to) = @_; my $new = $claims =~ s/$from/$to/r; die if $new eq $claims; return "$header." . encode_base64url($new) . ".$signature" }
my ($exp) = $claims =~ /"exp": ?(\d+)/;
refused('one whose signature is another', "$header.$payload." . ($signature =~ /^A/ ? 'B' : 'A') . substr($signature, 1));
refused('one without a signature', "$header.$payload.");
refused('one that says of somebody else', changed(qr/\Q$subject\E/, 'bob'), 'bob');
refused('one that ends later than was signed', changed(qr/\b$exp\b/, $exp + 1));
refused('alg none', encode_base64url('{"alg": "none", "typ": "JWT"}') . ".$payload.");
my ($kid) = decode_base64url($header) =~ /"kid": ?"([^"]+)"/;
my $public = slurp("$dir/oauth2-keys/default/ES256/$kid");
my $forged = encode_base64url(qq({"alg": "HS256", "typ": "JWT", "kid": "$kid"})) . ".$payload";
my $mac = $t->sql("SELECT translate(replace(encode(hmac('$forged', \$k\$$public\$k\$, 'sha256'), 'base64'), '=', ''), '+/', '-_')");
refused('one that is signed with the public key, as if it were a secret', "$forged.$mac");
refused('one whose kid leads to another file', encode_base64url('{"alg": "ES256", "typ": "JWT", "kid": "../../dovecot.conf"}') . ".$payload.$signature");

# Signed well, and nevertheless not for this.
sub signed
{
	my ($typ, %more) = @_;
	my %claims = (iss => $url, sub => $subject, aud => $client->{client_id}, iat => time, exp => time + 300, %more);
	return $t->sql('SELECT oauth_sign_jwt($j$' . encode_json(\%claims) . "\$j\$, 'ES256', '$typ')");
}
opens('a JWT as an ID token is made', signed('JWT'));
refused('one that has expired', signed('JWT', iat => time - 7200, exp => time - 60));
refused('one of another issuer', signed('JWT', iss => 'https://other.example'));
refused('one for another client', signed('JWT', aud => 'another'));
refused('an access token (RFC 9068, at+jwt)', signed('at+jwt', scope => 'imap', aud => $url));

# The keys are replaced: what was signed before still opens, what is signed now does once the file is there.
$t->sql('SELECT oauth_rotate_signing_keys(at_once => true)');
my $new = token($client);
refused('a token of a key that Dovecot has not', $new);
is_deeply([ fetch_keys() ], [ published() ], 'the new keys are beside the old ones');
opens('a token of the new key', $new);
opens('one of the old key', $token);
$t->sql("UPDATE oauth.signing_key SET unpublished_at = now() WHERE kid = '$kid'");
is_deeply([ fetch_keys() ], [ published() ], 'a key that is no longer published is removed');
opens('a token of it, as Dovecot remembers keys,', $token);
$dovecot->restart;
refused('a token of it, once Dovecot was restarted,', $token);
opens('a token of the new key still', $new);
$t->stop;
opens('while the provider cannot answer a token', $new);
unlike($dovecot->log, qr/\Q$payload\E|\Q$signature\E/, "Dovecot's log has no token");
$c->finish;
done_testing();
