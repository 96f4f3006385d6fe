# DovecotTest.pm
# Debian's Dovecot without root, also where it lies elsewhere than Debian installs it, and what a mail program says to it.
#
#     my $dovecot = DovecotTest->new or skip_file(35, 'Dovecot is not installed');
#     $dovecot->start($t, <<'END');      # the lines of dovecot.conf that the guide has
#     $dovecot->login('OAUTHBEARER', 'alice', $token, 'STATUS INBOX (MESSAGES)');
#
# SPDX-License-Identifier: PostgreSQL
package DovecotTest;

use strict;
use warnings;

use FindBin;
use JSON::PP;
use MIME::Base64;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# Nothing where there is none.
sub new
{
	my ($class) = @_;
	my ($program) = grep { -x } map { "$_/dovecot" } split(/:/, $ENV{PATH}), '/usr/sbin';
	return if !$program;
	my $files = $program =~ s{/usr/sbin/dovecot\z}{}r;
	my $self = bless { program => $program, files => $files,
		libraries => join(':', map({ "$files/usr/lib/dovecot$_" } '', '/modules', '/modules/old-stats'), $ENV{LD_LIBRARY_PATH} // ()) }, $class;

	local $ENV{LD_LIBRARY_PATH} = $self->{libraries};
	($self->{version}) = `$program --version` =~ /^(\d+\.\d+\.\d+)/ or die "$program does not run";
	$self->{is_new} = $self->{version} !~ /^2\.3\./;
	$self->{port} = PostgreSQL::Test::Cluster::get_free_port();
	return $self;
}

# What a Dovecot needs that runs without root.
sub _write_configuration
{
	my ($self, $dir, $lines) = @_;
	my @kept = qw(LD_LIBRARY_PATH LD_PRELOAD ELSEWHERE);
	my ($user, $group) = (scalar getpwuid($>), scalar getgrgid($) + 0));
	my $of_this_version = $self->{is_new}
	  ? "dovecot_config_version = $self->{version}\ndovecot_storage_version = $self->{version}\nauth_allow_cleartext = yes\n"
	  . join('', "import_environment {\n", map({ "  $_ = %{env:$_}\n" } @kept), "}\n")
	  : "disable_plaintext_auth = no\nimport_environment = \$import_environment @kept\n";

	append_to_file("$dir/dovecot.conf", <<"END");
$of_this_version
protocols = imap
base_dir = $dir/dovecot
state_dir = $dir/dovecot.state
libexec_dir = $self->{files}/usr/lib/dovecot
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
    port = $self->{port}
  }
  inet_listener imaps {
    port = 0
  }
}
$lines
END
	return;
}

sub start
{
	my ($self, $t, $lines) = @_;
	my $dir = $t->dir;

	$self->{t} = $t;
	$self->_write_configuration($dir, $lines);
	if ($self->{files} ne '')
	{
		my @command = ('cc', '-shared', '-fPIC', '-o', "$dir/elsewhere.so", "$FindBin::RealBin/clients/elsewhere.c", '-ldl');
		is(system(@command), 0, 'Dovecot can be run where it lies');
	}
	$self->_run;
	return;
}

sub _run
{
	my ($self) = @_;
	my $dir = $self->{t}->dir;

	local %ENV = (%ENV, LD_LIBRARY_PATH => $self->{libraries}, $self->{files} ne '' ? (LD_PRELOAD => "$dir/elsewhere.so", ELSEWHERE => $self->{files}) : ());
	$self->{t}->run_program($self->{port}, $self->{program}, '-F', '-c', "$dir/dovecot.conf");
	return;
}

sub restart
{
	my ($self) = @_;

	$self->{t}->end_program($self->{port});
	$self->_run;
	return;
}

sub log { my ($self) = @_; return $self->{t}->program_log($self->{port}) }

# The lines that Dovecot says to a login and what follows; {challenge} is what it says of a token that it refuses.
sub imap
{
	my ($self, $first, @commands) = @_;
	my $socket = $self->{t}->connect(port => $self->{port});
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

sub _said_by
{
	my ($self, $mechanism, $name, $token) = @_;

	return "user=$name\x01auth=Bearer $token\x01\x01" if $mechanism eq 'XOAUTH2';
	return "n,a=$name,\x01host=127.0.0.1\x01port=$self->{port}\x01auth=Bearer $token\x01\x01";
}

# By OAUTHBEARER or XOAUTH2, and what follows.
sub login
{
	my ($self, $mechanism, $name, $token, @commands) = @_;
	return $self->imap("AUTHENTICATE $mechanism " . encode_base64($self->_said_by($mechanism, $name, $token), ''), @commands);
}

1;
