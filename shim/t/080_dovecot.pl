#!/usr/bin/perl
# 080_dovecot.pl
# docs/dovecot.md with Debian's Dovecot: mail is read with a token, by OAUTHBEARER and XOAUTH2.
#
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use ShimTest qw(guide_blocks skip_file slurp);
use JSON::PP;
use MIME::Base64;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($dovecot) = grep { -x } map { "$_/dovecot" } split(/:/, $ENV{PATH}), '/usr/sbin';
skip_file('35 or so', 'Dovecot is not installed') unless $dovecot;
my $files = $dovecot =~ s{/usr/sbin/dovecot\z}{}r;
my %libraries = (LD_LIBRARY_PATH => join(':', map({ "$files/usr/lib/dovecot$_" } '', '/modules/old-stats'), $ENV{LD_LIBRARY_PATH} // ()));
my ($version) = do { local %ENV = (%ENV, %libraries); `$dovecot --version` } =~ /^(\d+\.\d+\.\d+)/ or die "$dovecot does not run";
my $is_new = $version !~ /^2\.3\./;

my $t = ShimTest->new(extension => 1, conf => 'oauth.bcrypt_cost = 4');
my $dir = $t->dir;
my $user = getpwuid($>);
my $port = PostgreSQL::Test::Cluster::get_free_port();
$t->sql(q{SELECT oauth_create_user('alice', 'wonderland'), oauth_create_user('bob', 'sesame street')});
$t->start;
my $url = 'http://127.0.0.1:' . $t->port;
$t->sql("ALTER DATABASE postgres SET oauth.issuer = '$url'");
my ($mail, $introspector) = (split /\n/, $t->sql(scalar guide_blocks('dovecot.md', 'sql')))[ -2, -1 ];
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

# What a Dovecot needs that runs without root, and may lie where Debian does not install it.
sub write_configuration
{
	my @kept = qw(LD_LIBRARY_PATH LD_PRELOAD ELSEWHERE);
	my $group = getgrgid($) + 0);
	my $of_this_version = $is_new
	  ? "dovecot_config_version = $version\ndovecot_storage_version = $version\nauth_allow_cleartext = yes\n"
	  . join('', "import_environment {\n", map({ "  $_ = %{env:$_}\n" } @kept), "}\n")
	  : "disable_plaintext_auth = no\nimport_environment = \$import_environment @kept\n";

	append_to_file("$dir/dovecot.conf", <<"END");
$of_this_version
protocols = imap
base_dir = $dir/dovecot
state_dir = $dir/dovecot.state
libexec_dir = $files/usr/lib/dovecot
default_internal_user = $user
default_internal_group = $group
default_login_user = $user
first_valid_uid = 1
log_path = /dev/stderr
ssl = no
auth_failure_delay = 0
listen = 127.0.0.1
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $port
  }
  inet_listener imaps {
    port = 0
  }
}
@{[ files_of_the_guide() ]}
END
	return;
}

sub start_dovecot
{
	local %ENV = (%ENV, %libraries);
	if ($files ne '')
	{
		my @command = ('cc', '-shared', '-fPIC', '-o', "$dir/elsewhere.so", "$FindBin::RealBin/clients/elsewhere.c", '-ldl');
		is(system(@command), 0, 'Dovecot can be run where it lies');
		@ENV{qw(LD_PRELOAD ELSEWHERE)} = ("$dir/elsewhere.so", $files);
	}
	$t->run_program($port, $dovecot, '-F', '-c', "$dir/dovecot.conf");
	return;
}

# The lines that Dovecot says to a login and what follows; {challenge} is what it says of a token that it refuses.
sub imap
{
	my ($first, @commands) = @_;
	my $socket = $t->connect(port => $port);
	my %said = (lines => []);
	my $hear = sub {
		while (defined(my $line = <$socket>))
		{
			$line =~ s/\r?\n\z//;
			push @{ $said{lines} }, $line;
			return $line if $line =~ /^$_[0]/;
		}
		return '';
	};
	local $SIG{ALRM} = sub { die "Dovecot does not answer\n" };
	alarm 60;
	$hear->('\* OK');
	print $socket "a $first\r\n";
	my $line = $hear->('(?:a |\+ )');
	if ($line =~ /^\+ (.+)/)
	{
		$said{challenge} = eval { decode_json(decode_base64($1)) } // $1;
		print $socket "AQ==\r\n";
		$line = $hear->('a ');
	}
	$said{login} = $line =~ s/^a //r;
	for (@commands)
	{
		print $socket "b $_\r\n";
		$hear->('b ');
	}
	print $socket "z LOGOUT\r\n";
	alarm 0;
	return \%said;
}

my %said_by = (
	OAUTHBEARER => sub { my ($name, $token) = @_; return "n,a=$name,\x01host=127.0.0.1\x01port=$port\x01auth=Bearer $token\x01\x01" },
	XOAUTH2 => sub { my ($name, $token) = @_; return "user=$name\x01auth=Bearer $token\x01\x01" });

sub login
{
	my ($mechanism, $name, $token, @commands) = @_;
	return imap("AUTHENTICATE $mechanism " . encode_base64($said_by{$mechanism}->($name, $token), ''), @commands);
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

	like($said->{login}, qr/^NO \[AUTHENTICATIONFAILED\]/, $name) or diag(explain($said), $t->program_log($port));
	is(ref $said->{challenge} && $said->{challenge}{status}, $status, "... and the mail program hears $status") if $status;
	return $said;
}

write_configuration();
start_dovecot();
$t->sql(qq[SELECT oauth_update_client('$mail', '{"scope": "imap read"}')]);
my $token = token('alice', 'imap');

for my $mechanism (sort keys %said_by)
{
	my $said = login($mechanism, 'alice', $token, 'STATUS INBOX (MESSAGES)');
	like($said->{login}, qr/^OK/, "$mechanism: Alice's token opens a mailbox") or diag(explain($said), $t->program_log($port));
	ok(scalar(grep { /^\* STATUS INBOX \(MESSAGES \d+\)/ } @{ $said->{lines} }), '... which can be read') or diag(explain($said));

	$said = refused("$mechanism: R140: an unknown token", login($mechanism, 'alice', 'oat_' . 'A' x 54), $invalid{$mechanism});
	is($said->{challenge}{'openid-configuration'}, "$url/.well-known/oauth-authorization-server", '... and whom to ask for another');
	refused("$mechanism: a token of somebody else's", login($mechanism, 'alice', token('bob', 'imap')), !$is_new && $invalid{$mechanism});
	refused("$mechanism: R141: a token without the scope", login($mechanism, 'alice', token('alice', 'read')), $scope{$mechanism});
	like(login($mechanism, 'alice', $_->[1])->{login}, qr/^NO /, "$mechanism: $_->[0] opens nothing")
	  for [ 'a token that a client has for itself', token(undef, 'imap') ], [ 'no token', '' ];
}

unlike(imap('LOGIN alice wonderland')->{login}, qr/^OK/, 'a password opens nothing');
my $curl = `curl -sS --max-time 20 imap://127.0.0.1:$port/ --user alice: --oauth2-bearer $token -X 'STATUS INBOX (MESSAGES)' 2>&1`;
like($curl, qr/STATUS INBOX \(MESSAGES 0\)/, 'curl reads mail with --oauth2-bearer');

$t->sql("SELECT oauth_revoke_token('$token')");
refused('R160: once it is revoked it is refused', login('OAUTHBEARER', 'alice', $token), 'invalid_token');
my $old = token('alice', 'imap');
$t->sql("UPDATE oauth.access_token SET expires_at = now() - interval '1 s' WHERE token_hash = sha256(convert_to('$old', 'UTF8'))");
refused('R140: once it has expired it is refused', login('OAUTHBEARER', 'alice', $old), 'invalid_token');
my $new = token('alice', 'imap');
like(login('OAUTHBEARER', 'alice', $new)->{login}, qr/^OK/, 'another opens it again');
unlike($t->program_log($port), qr/oat_|\Q$secret\E/, "Dovecot's log has no token and no secret");

$t->stop;
like(login('OAUTHBEARER', 'alice', $new)->{login}, qr/^NO /, 'while the provider cannot answer nobody gets in');
$t->finish;
done_testing();
