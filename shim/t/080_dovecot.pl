#!/usr/bin/perl
# 080_dovecot.pl
# docs/dovecot.md with Debian's Dovecot: mail is read with a token, by OAUTHBEARER and XOAUTH2.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use DovecotTest;
use ShimTest qw(guide_blocks skip_file);
use PostgreSQL::Test::Utils;
use Test::More;

my $dovecot = DovecotTest->new or skip_file('35 or so', 'Dovecot is not installed');
my ($is_new, $port) = @{$dovecot}{qw(is_new port)};

my $t = ShimTest->new(extension => 1, conf => 'oauth.bcrypt_cost = 4');
my $dir = $t->dir;
$t->sql(q{SELECT oauth_create_user('alice', 'wonderland'), oauth_create_user('bob', 'sesame street')});
$t->start;
my $url = 'http://127.0.0.1:' . $t->port;
$t->sql("ALTER DATABASE postgres SET oauth.issuer = '$url'");
my ($mail, $introspector) = (split /\n/, $t->sql((guide_blocks('dovecot.md', 'sql'))[0]))[ -2, -1 ];
my ($id, $secret) = split /\|/, $introspector;

# The guide's files for this version, with their names replaced.
sub files_of_the_guide
{
	my %file = map { m{\A# /etc/dovecot/(\S+)\n} ? ($1 => $_) : die $_ } guide_blocks('dovecot.md', 'ini');
	my $group = $) + 0;

	for (values %file)
	{
		s{https://CLIENT_ID:CLIENT_SECRET\@auth\.example\.org}{http://$id:$secret\@127.0.0.1:@{[ $t->port ]}};
		s{https://auth\.example\.org}{$url};
		s{/etc/dovecot/dovecot-oauth2}{$dir/dovecot-oauth2};
		s{/var/mail/}{$dir/mail/};
		s/\b(uid ?= ?)vmail/$1$>/;
		s/\b(gid ?= ?)vmail/$1$group/;
	}
	return $file{'conf.d/10-oauth2-2.4.conf'} if $is_new;
	append_to_file("$dir/dovecot-oauth2.conf.ext", $file{'dovecot-oauth2.conf.ext'});
	return $file{'conf.d/10-oauth2.conf'};
}

sub token
{
	my ($name, $scope) = @_;
	my $subject = $name ? "(SELECT subject FROM oauth.user WHERE username = '$name')" : 'NULL';
	return $t->sql("SELECT access_token FROM oauth_issue_token('$mail', $subject, '$scope')");
}

# What Dovecot says in the challenge, by version and mechanism; 2.4 has none for a token of somebody else's.
my %invalid = (OAUTHBEARER => 'invalid_token', XOAUTH2 => '401');
my %scope = $is_new ? (OAUTHBEARER => 'insufficient_scope', XOAUTH2 => '403') : %invalid;

sub refused
{
	my ($name, $said, $status) = @_;

	like($said->{login}, qr/^NO \[AUTHENTICATIONFAILED\]/, $name) or diag(explain($said), $dovecot->log);
	is(ref $said->{challenge} && $said->{challenge}{status}, $status, "... and the mail program hears $status") if $status;
	return $said;
}

$dovecot->start($t, files_of_the_guide());
$t->sql(qq[SELECT oauth_update_client('$mail', '{"scope": "imap read"}')]);
my $token = token('alice', 'imap');

for my $mechanism (qw(OAUTHBEARER XOAUTH2))
{
	my $said = $dovecot->login($mechanism, 'alice', $token, 'STATUS INBOX (MESSAGES)');
	like($said->{login}, qr/^OK/, "$mechanism: Alice's token opens a mailbox") or diag(explain($said), $dovecot->log);
	ok(scalar(grep { /^\* STATUS INBOX \(MESSAGES \d+\)/ } @{ $said->{lines} }), '... which can be read') or diag(explain($said));

	$said = refused("$mechanism: R140: an unknown token", $dovecot->login($mechanism, 'alice', 'oat_' . 'A' x 54), $invalid{$mechanism});
	is($said->{challenge}{'openid-configuration'}, "$url/.well-known/oauth-authorization-server", '... and whom to ask for another');
	refused("$mechanism: a token of somebody else's", $dovecot->login($mechanism, 'alice', token('bob', 'imap')), !$is_new && $invalid{$mechanism});
	refused("$mechanism: R141: a token without the scope", $dovecot->login($mechanism, 'alice', token('alice', 'read')), $scope{$mechanism});
	like($dovecot->login($mechanism, 'alice', $_->[1])->{login}, qr/^NO /, "$mechanism: $_->[0] opens nothing")
	  for [ 'a token that a client has for itself', token(undef, 'imap') ], [ 'no token', '' ];
}

unlike($dovecot->imap('LOGIN alice wonderland')->{login}, qr/^OK/, 'a password opens nothing');
my $curl = `curl -sS --max-time 20 imap://127.0.0.1:$port/ --user alice: --oauth2-bearer $token -X 'STATUS INBOX (MESSAGES)' 2>&1`;
like($curl, qr/STATUS INBOX \(MESSAGES 0\)/, 'curl reads mail with --oauth2-bearer');

$t->sql("SELECT oauth_revoke_token('$token')");
refused('R160: once it is revoked it is refused', $dovecot->login('OAUTHBEARER', 'alice', $token), 'invalid_token');
my $old = token('alice', 'imap');
$t->sql("UPDATE oauth.access_token SET expires_at = now() - interval '1 s' WHERE token_hash = sha256(convert_to('$old', 'UTF8'))");
refused('R140: once it has expired it is refused', $dovecot->login('OAUTHBEARER', 'alice', $old), 'invalid_token');
my $new = token('alice', 'imap');
like($dovecot->login('OAUTHBEARER', 'alice', $new)->{login}, qr/^OK/, 'another opens it again');
unlike($dovecot->log, qr/oat_|\Q$secret\E/, "Dovecot's log has no token and no secret");

$t->stop;
like($dovecot->login('OAUTHBEARER', 'alice', $new)->{login}, qr/^NO /, 'while the provider cannot answer nobody gets in');
$t->finish;
done_testing();
