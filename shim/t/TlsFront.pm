# TlsFront.pm
# TLS in front of a server that has none: it passes on what comes, as a proxy does that knows nothing of HTTP.
#
#     my $front = TlsFront->new($t->port, "$dir/issuer.pem", "$dir/issuer.key");
#     'https://localhost:' . $front->port
#
# SPDX-License-Identifier: PostgreSQL
package TlsFront;

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use IO::Socket::SSL;
use POSIX ();

sub new
{
	my ($class, $behind, $certificate, $key) = @_;
	my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 16) or die "no port: $!";
	my $self = bless { port => $listener->sockport, pid => fork() // die "fork: $!" }, $class;

	return $self if $self->{pid};
	local @SIG{qw(TERM CHLD PIPE)} = qw(DEFAULT IGNORE IGNORE);
	while (1)
	{
		my $client = $listener->accept or next;
		next if fork();
		if (IO::Socket::SSL->start_SSL($client, SSL_server => 1, SSL_cert_file => $certificate, SSL_key_file => $key))
		{
			my $server = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$behind");
			_pass($client, $server) if $server;
		}
		POSIX::_exit(0);
	}
	return;
}

# What each says to the other, until one of them has said all.
sub _pass
{
	my ($client, $server) = @_;
	my $both = IO::Select->new($client, $server);

	while (1)
	{
		for my $from ($client->pending ? $client : $both->can_read(30))
		{
			my $to = $from == $client ? $server : $client;
			$from->sysread(my $bytes, 16384) or return;
			while (length $bytes)
			{
				my $n = $to->syswrite($bytes) or return;
				substr($bytes, 0, $n) = '';
			}
		}
	}
	return;
}

sub port { return $_[0]{port} }

sub DESTROY { my ($self) = @_; local $?; kill 'TERM', $self->{pid} and waitpid $self->{pid}, 0 if $self->{pid}; return }

1;
