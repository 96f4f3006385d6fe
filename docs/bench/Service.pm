# Service.pm: an HTTP server under test, the shim or the baseline: started, asked, measured, stopped.
# SPDX-License-Identifier: PostgreSQL
package Service;

use strict;
use warnings;
use IO::Socket::INET;
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

# Starts `command`, in which PORT stands for a free port, and returns when the port answers; `ready_after` is how many
# milliseconds that took.
sub start
{
	my ($class, %self) = @_;    # command, log, environment
	my $self = bless {%self}, $class;
	$self->{port} = _free_port();
	my $begun = time;
	my @command = map { s/\bPORT\b/$self->{port}/r } @{ $self->{command} };
	$self->{pid} = fork // die "fork: $!\n";
	if (!$self->{pid})
	{
		open STDOUT, '>', $self->{log};
		open STDERR, '>&', \*STDOUT;
		exec @command or exit 127;
	}
	$self->_wait_until_it_answers;
	$self->{ready_after} = 1000 * (time - $begun);
	return $self;
}

sub stop
{
	my ($self) = @_;
	my $pid = delete $self->{pid} or return;
	kill 'TERM', $pid;
	waitpid $pid, 0;
}

sub _free_port
{
	my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', ReuseAddr => 1) or die "no port: $!\n";
	return $socket->sockport;
}

sub _wait_until_it_answers
{
	my ($self) = @_;
	for (1 .. 5000)
	{
		return if eval { $self->ask('GET', '/readyz')->{status} == 200 };
		last if waitpid($self->{pid}, WNOHANG) == $self->{pid};
		sleep 0.002;
	}
	delete $self->{pid};
	open my $lines, '<', $self->{log};
	die "$self->{command}[0] does not answer:\n", <$lines>;
}

# One request, by hand; returns status, head, body and the length of the answer in all.
sub ask
{
	my ($self, $method, $path, $headers, $body) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}) or die "connect: $!\n";
	my $lines = join '', map { "$_\r\n" } @{ $headers // [] };
	$lines .= 'Content-Length: ' . length($body) . "\r\n" if defined $body;
	print $socket "$method $path HTTP/1.1\r\nHost: 127.0.0.1:$self->{port}\r\n$lines\r\n", $body // '';

	my $answer = '';
	while (sysread $socket, $answer, 65536, length $answer)
	{
		my ($head, $rest) = split /\r\n\r\n/, $answer, 2;
		next unless defined $rest;
		my ($length) = $head =~ /^Content-Length: *(\d+)/mi;
		last if defined $length && length $rest >= $length;
	}
	my ($status) = $answer =~ m{^HTTP/1\.1 (\d+)} or die "no answer to $method $path\n";
	my ($head, $text) = split /\r\n\r\n/, $answer, 2;
	return { status => $status, head => $head, body => $text, bytes => length $answer };
}

# The most memory the process ever had resident, in MB.
sub peak_memory
{
	my ($self) = @_;
	open my $lines, '<', "/proc/$self->{pid}/status" or die "/proc/$self->{pid}/status: $!\n";
	my ($kilobytes) = map { /^VmHWM:\s+(\d+) kB/ } <$lines>;
	return $kilobytes / 1024;
}

1;
