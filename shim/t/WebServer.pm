# WebServer.pm
# Another server, for the shim to ask: over TLS with a certificate of a test's own authority, or in the clear; it answers as
# the path says, and often badly.
#
#     my $web = WebServer->new(dir => $t->dir);
#     $web->listen($address, 8443, tls => 'good');   # a certificate of TestAuthority's certificate(); in the clear without tls
#     [ $web->requests ];                            # hashes of address, method, path, fields, body, began, ended (when
#                                                    # the first bytes of the answer went)
#
# SPDX-License-Identifier: PostgreSQL
package WebServer;

use strict;
use warnings;

use parent 'TestAuthority';

use Exporter 'import';
use IO::Socket::INET;
use IO::Socket::SSL;
use JSON::PP;
use POSIX ();
use Socket qw(SOL_SOCKET SO_REUSEADDR);
use Test::More;
use Time::HiRes qw(time usleep);

our @EXPORT_OK = qw(asking_endpoint own_address);

# Where /file/NAME finds what put() has put there.
my $folder;

# An address of this machine that no other test has: 127.a.b.n.
sub own_address
{
	my ($n) = @_;

	return sprintf '127.%d.%d.%d', 16 + ($$ >> 8) % 200, $$ & 255, $n;
}

# SQL that makes of /oauth2/introspect an endpoint that needs the document whose URL is its body, and answers with it, or with
# why there is none.
sub asking_endpoint
{
	return <<'END';
CREATE TABLE public.asked (at timestamptz DEFAULT clock_timestamp(), lane text, url text);
CREATE OR REPLACE FUNCTION oauth.introspect(request oauth.http_request) RETURNS oauth.http_response LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
	wanted text := convert_from(request.body, 'UTF8');
	d oauth.document;
BEGIN
	SELECT * INTO d FROM oauth.document WHERE url = wanted;
	IF d.fresh_until > clock_timestamp() THEN
		RETURN ROW(200, ARRAY['Content-Type: application/json'], convert_to(d.body, 'UTF8'));
	ELSIF d.failed_at > clock_timestamp() - interval '1 minute' THEN
		RETURN ROW(502, ARRAY['Content-Type: text/plain'], convert_to(d.problem, 'UTF8'));
	ELSIF current_setting('oauth.lane') = 'reading' THEN
		RETURN ROW(0, ARRAY['Lane: writing'], NULL::bytea);
	END IF;
	INSERT INTO public.asked (lane, url) VALUES (current_setting('oauth.lane'), wanted);
	INSERT INTO oauth.document (url, wanted_at) VALUES (wanted, clock_timestamp())
		ON CONFLICT (url) DO UPDATE SET wanted_at = excluded.wanted_at WHERE oauth.document.wanted_at IS NULL;
	RETURN ROW(0, ARRAY['Fetch: ' || wanted], NULL::bytea);
END $$;
END
}

sub new
{
	my ($class, %args) = @_;
	my $self = $class->SUPER::new(%args);

	$self->{pids} = [];
	$folder = $args{dir};
	return $self;
}

# From now on /file/NAME is answered with that.
sub put
{
	my ($self, $name, $body) = @_;

	open(my $file, '>', "$folder/file.$name.new") or die;
	print $file $body;
	close $file;
	rename("$folder/file.$name.new", "$folder/file.$name") or die;
	return;
}

# A process listens there, and one more serves each connection.
sub listen
{
	my ($self, $address, $port, %args) = @_;
	my $socket = IO::Socket::INET->new(LocalAddr => $address, LocalPort => $port, Listen => 256, ReuseAddr => 1, Proto => 'tcp')
	  or die "$address:$port: $!";
	my $pid = fork() // die "fork: $!";

	$self->{port} = $socket->sockport;
	if ($pid == 0)
	{
		local $SIG{CHLD} = 'IGNORE';
		$SIG{PIPE} = 'IGNORE';
		while (1)
		{
			my $client = $socket->accept or next;
			my $child = fork() // next;
			if ($child == 0)
			{
				close $socket;
				eval { $self->_serve($client, $address, $args{tls}); 1 };
				POSIX::_exit(0);
			}
			close $client;
		}
	}
	close $socket;
	push @{ $self->{pids} }, $pid;
	return $self->{port};
}

sub _note
{
	my ($self, %what) = @_;

	open(my $log, '>>', "$self->{dir}/requests") or die;
	syswrite($log, encode_json(\%what) . "\n");
	close $log;
	return;
}

sub _lines
{
	my ($self) = @_;

	open(my $log, '<', "$self->{dir}/requests") or return;
	return map { decode_json($_) } <$log>;
}

sub connections { return grep { $_->{connected} } $_[0]->_lines }

sub requests
{
	my ($self, $path) = @_;

	return grep { $_->{method} && (!defined $path || $_->{path} eq $path) } $self->_lines;
}

sub forget { unlink "$_[0]{dir}/requests"; return }

# The request that this process serves, until it is noted. That is before the first bytes of the answer go: the client that has them
# may ask at once what was noted.
my $unnoted;

sub _serve
{
	my ($self, $client, $address, $tls) = @_;
	my %request = (address => $address, began => time);
	my $head = '';

	$self->_note(connected => $address);
	if ($tls)
	{
		my $file = "$self->{dir}/$tls";
		$client = IO::Socket::SSL->start_SSL($client, SSL_server => 1, SSL_cert_file => "$file.pem", SSL_key_file => "$file.key")
		  or return;
	}
	while ($head !~ /\r\n\r\n/)
	{
		$client->sysread($head, 65536, length $head) or return;
	}
	($head, my $body) = split /\r\n\r\n/, $head, 2;
	(my $line, my @fields) = split /\r\n/, $head;
	@request{qw(method path)} = split / /, $line;
	$request{fields} = { map { /^([^:]+): *(.*)/ ? (lc $1 => $2) : () } @fields };
	while (length $body < ($request{fields}{'content-length'} // 0))
	{
		$client->sysread($body, 65536, length $body) or return;
	}
	$request{body} = $body;
	$unnoted = sub { $self->_note(%request, ended => time) };
	my $answered = eval { _answer($client, \%request); 1 };
	_note_request();
	return;
}

sub _note_request
{
	$unnoted->() if $unnoted;
	$unnoted = undef;
	return;
}

sub _send
{
	my ($client, $bytes) = @_;

	_note_request();
	while (length $bytes)
	{
		my $n = $client->syswrite($bytes) or die 'closed';
		substr($bytes, 0, $n) = '';
	}
	return;
}

sub _json
{
	my ($client, $body, @fields) = @_;
	@fields = ('Content-Type: application/json') if !@fields;

	_send($client, join("\r\n", 'HTTP/1.1 200 OK', @fields, 'Content-Length: ' . length $body, 'Connection: close', '', $body));
	return;
}

# What the first part of the path says.
my %answers = (
	json => sub { my ($c, $rest) = @_; _json($c, encode_json({ at => $rest })) },
	body => sub { my ($c, $rest) = @_; _json($c, $rest =~ s/%([0-9A-F]{2})/chr hex $1/ger) },
	file => sub { my ($c, $rest) = @_; open(my $file, '<', "$folder/file.$rest") or die; _json($c, do { local $/; <$file> }) },
	list => sub { my ($c, $rest) = @_; _json($c, encode_json([ map { "https://app.example/$_" } split /,/, $rest ])) },
	time => sub { my ($c) = @_; _json($c, encode_json({ time => time })) },
	type => sub { my ($c, $rest) = @_; _json($c, '{}', "Content-Type: $rest") },
	untyped => sub { my ($c) = @_; _json($c, '{}', 'X-Other: 1') },
	fields => sub { my ($c, $rest) = @_; _json($c, '{}', 'Content-Type: application/json', $rest =~ s/%20/ /gr) },
	status => sub { my ($c, $rest) = @_; _send($c, "HTTP/1.1 $rest X\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}") },
	to => sub { my ($c, $rest) = @_; _send($c, "HTTP/1.1 302 Found\r\nLocation: $rest\r\nContent-Length: 0\r\n\r\n") },
	large => sub { my ($c, $rest) = @_; _json($c, '"' . 'x' x ($rest - 2) . '"') },
	chunked => sub {
		my ($c, $rest) = @_;
		_send($c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
			  . sprintf("%x\r\n\"%s\"\r\n0\r\n\r\n", $rest, 'x' x ($rest - 2)));
	},
	endless => sub {
		my ($c) = @_;
		_send($c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n\"");
		_send($c, 'x' x 65536) for 1 .. 10_000;
	},
	head => sub {
		my ($c) = @_;
		_send($c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n");
		_send($c, 'X-Field: ' . 'x' x 1000 . "\r\n") for 1 .. 10_000;
	},
	interim => sub { my ($c) = @_; _send($c, "HTTP/1.1 103 Early Hints\r\nX-A: 1\r\n\r\n") for 1 .. 100_000 },
	cut => sub { my ($c) = @_; _send($c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{}") },
	chunks => sub { my ($c, $rest) = @_; _send($c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" . $rest =~ s/%([0-9A-F]{2})/chr hex $1/ger) },
	version => sub { my ($c, $rest) = @_; _send($c, "$rest 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}") },
	gzip => sub { my ($c) = @_; _json($c, _gzip('"' . 'x' x 1_000_000 . '"'), 'Content-Type: application/json', 'Content-Encoding: gzip') },
	transfer => sub {
		my ($c) = @_;
		my $zipped = _gzip('"' . 'x' x 10_000_000 . '"');
		_send($c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
			  . sprintf("%x\r\n%s\r\n0\r\n\r\n", length $zipped, $zipped));
	},
	slow => sub {
		my ($c) = @_;
		_send($c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n");
		for (1 .. 100) { _send($c, ' '); usleep(200_000) }
	},
	hang => sub { my ($c, $rest) = @_; usleep(1e6 * ($rest || 20)); _json($c, '{}') },
	old => sub { my ($c) = @_; _send($c, '{"http": "0.9"}') },
	receive => sub { my ($c, $rest) = @_; _send($c, "HTTP/1.1 $rest X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") },
	late => sub { my ($c, $rest) = @_; usleep(1e6 * $rest); _send($c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") },
	chatty => sub { my ($c) = @_; _send($c, "HTTP/1.1 200 OK\r\n\r\n"); _send($c, 'x' x 65536) for 1 .. 10_000 });

sub _gzip
{
	my ($plain) = @_;
	require IO::Compress::Gzip;

	IO::Compress::Gzip::gzip(\$plain, \my $zipped);
	return $zipped;
}

sub _answer
{
	my ($client, $request) = @_;
	my (undef, $what, $rest) = split m{/}, $request->{path}, 3;

	($answers{$what} // $answers{json})->($client, ($rest // '') =~ s/\?.*//r);
	return;
}

sub stop
{
	my ($self) = @_;
	local $?;

	for my $pid (splice @{ $self->{pids} })
	{
		kill('KILL', $pid);
		waitpid($pid, 0);
	}
	return;
}

sub DESTROY { $_[0]->stop; return }

1;
