# BearerSession.pm
# A client of PostgreSQL 18 that logs in with a token (RFC 7628), byte by byte, so that a test can misbehave.
#
#     my $alice = BearerSession->new($node, user => 'alice', token => 'oat_...');
#     is($alice->query('SELECT oauth_subject()'), '42');     # or 'ERROR 42501'
#     is($alice->refused, undef);                           # or what the server answered instead of letting in
#     $alice->hang_up;
#
# Further arguments: dbname, auth (the whole value instead of 'Bearer ' and the token), wait => 0 (new returns once the token
# is sent; wait_for_login goes on), tls => { host => 'db.example.com', authority => FILE } (to 127.0.0.1, whose certificate is
# looked at; else through the socket).
#
# SPDX-License-Identifier: PostgreSQL
package BearerSession;

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;

my $longest = 30;

sub new
{
	my ($class, $node, %args) = @_;
	my $socket = $args{tls} ? _tls($node->port, $args{tls}) : IO::Socket::UNIX->new(Peer => $node->host . '/.s.PGSQL.' . $node->port)
	  // die "no socket: $!";
	my $self = bless { socket => $socket, buffer => '', role => $args{user} }, $class;
	my %startup = (user => $args{user}, database => $args{dbname} // 'postgres', application_name => 'bearer', %{ $args{options} // {} });

	$self->_send('', pack('N', 196608) . join('', map { "$_\0$startup{$_}\0" } sort keys %startup) . "\0");
	$self->{auth} = $args{auth} // "Bearer $args{token}";
	my ($type, $body) = $self->_receive;
	# a line of pg_hba.conf that asks for nothing
	return $self->wait_for_login if $type eq 'R' && unpack('N', $body) == 0;
	return $self->_end($type, $body) if $type ne 'R' || unpack('N', $body) != 10;
	my $response = "n,,\x01auth=$self->{auth}\x01\x01";
	$self->_send('p', "OAUTHBEARER\0" . pack('N', length $response) . $response);
	$self->wait_for_login unless defined $args{wait} && !$args{wait};
	return $self;
}

# A connection over TLS to a server that is who it says.
sub _tls
{
	my ($port, $tls) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") // die "no connection: $!";

	require IO::Socket::SSL;
	# SSLRequest
	$socket->syswrite(pack('NN', 8, 80877103));
	$socket->sysread(my $answer, 1);
	die "the server has no TLS: $answer" if $answer ne 'S';
	IO::Socket::SSL->start_SSL($socket, SSL_verify_mode => 1, SSL_ca_file => $tls->{authority}, SSL_verifycn_name => $tls->{host},
		SSL_verifycn_scheme => 'http', SSL_hostname => $tls->{host})
	  or die "no TLS: $IO::Socket::SSL::SSL_ERROR";
	return $socket;
}

# Reads until the server is ready, or has refused.
sub wait_for_login
{
	my ($self) = @_;

	while (1)
	{
		my ($type, $body) = $self->_receive;
		return $self if $type eq 'Z';
		return $self->_end($type, $body) if $type eq 'E' || $type eq '';
		$self->{pid} = unpack('N', $body) if $type eq 'K';
		next if $type ne 'R' || unpack('N', $body) != 11;
		# the challenge of a refusal, which ends with the client's consent
		$self->{challenge} = substr($body, 4);
		$self->_send('p', "\x01");
	}
	return;
}

sub _end
{
	my ($self, $type, $body) = @_;
	my %field = map { substr($_, 0, 1) => substr($_, 1) } split /\0/, $body;

	$self->{refused} = $type eq 'E' ? "$field{C} $field{M}" : 'the connection was closed';
	$self->{socket}->close;
	return $self;
}

sub refused { return $_[0]{refused} }
sub challenge { return $_[0]{challenge} }
sub pid { return $_[0]{pid} }

sub _send
{
	my ($self, $type, $body) = @_;
	local $SIG{PIPE} = 'IGNORE';

	$self->{socket}->syswrite($type . pack('N', 4 + length $body) . $body);
	return;
}

sub _fill
{
	my ($self, $n) = @_;

	while (length $self->{buffer} < $n)
	{
		my $socket = $self->{socket};
		($socket->can('pending') && $socket->pending) || IO::Select->new($socket)->can_read($longest) || die "the server says nothing";
		$socket->sysread($self->{buffer}, 65536, length $self->{buffer}) or return 0;
	}
	return 1;
}

# The next message: its type and body; ('', '') when the server has closed.
sub _receive
{
	my ($self) = @_;

	$self->_fill(5) or return ('', '');
	my ($type, $length) = unpack('aN', $self->{buffer});
	$self->_fill(1 + $length) or return ('', '');
	my $body = substr($self->{buffer}, 5, $length - 4);
	substr($self->{buffer}, 0, 1 + $length) = '';
	return ($type, $body);
}

# The rows of all statements, as psql -At shows them; 'ERROR' and the SQLSTATE of the first error; 'closed'.
sub query
{
	my ($self, $sql) = @_;
	my @rows;
	my $error;

	$self->_send('Q', "$sql\0");
	while (1)
	{
		my ($type, $body) = $self->_receive;
		return $error // 'closed' if $type eq '';
		last if $type eq 'Z';
		$error //= 'ERROR ' . ($body =~ /(?:^|\0)C(\w{5})/ ? $1 : '?') if $type eq 'E';
		push @rows, _row($body) if $type eq 'D';
	}
	return $error // join "\n", @rows;
}

sub _row
{
	my ($body) = @_;
	my ($n, $at) = (unpack('n', $body), 2);
	my @values;

	for (1 .. $n)
	{
		my $length = unpack('l>', substr($body, $at, 4));
		push @values, $length < 0 ? '' : substr($body, $at + 4, $length);
		$at += 4 + ($length < 0 ? 0 : $length);
	}
	return join '|', @values;
}

sub hang_up { $_[0]{socket}->close; return }

1;
