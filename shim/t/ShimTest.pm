# ShimTest.pm
# A PostgreSQL server, a shim in front of it, and an HTTP client that can misbehave.
#
#     my $t = ShimTest->new(extension => 1);       # or the mock of mock.sql
#     $t->start('--batch=8');                      # a shim on a free port
#     my $answer = $t->post('/oauth2/token', 'grant_type=...', Authorization => '...');
#     is($answer->{status}, 400);
#     $t->finish;
#
# An answer is a hash of status, version, headers (lines), body, raw, closed, and seconds;
# header($answer, 'Name') gives a field's value. The shim is the program that the
# environment variable OAUTH_SHIM names, ../oauth-shim unless set.
#
# SPDX-License-Identifier: PostgreSQL
package ShimTest;

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use File::Temp;
use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use POSIX qw(:sys_wait_h);
use Test::More;
use Time::HiRes qw(time usleep);

our @EXPORT_OK = qw(certificate chunked curl guide_blocks header json post_bytes read_answer request_bytes shim_program
	skip_file skip_tests slurp wait_for without_npm);

my $here = dirname(abs_path(__FILE__));

BEGIN
{
	# Outside of make, find PostgreSQL's test driver where pgxs keeps it.
	chomp(my $pgxs = `pg_config --pgxs`);
	my $pgxs_dir = dirname(dirname(dirname($pgxs)));
	$ENV{PG_REGRESS} //= "$pgxs_dir/src/test/regress/pg_regress";
	$ENV{PG_REGRESS} = "$pgxs_dir/src/test/regress/pg_regress" unless -x $ENV{PG_REGRESS};
	push @INC, "$pgxs_dir/src/test/perl";
	chomp(my $bindir = `pg_config --bindir`);
	$ENV{PATH} = "$bindir:$ENV{PATH}";
	# PostgreSQL's driver takes LC_ALL away, and the extension wants UTF8
	$ENV{LANG} = 'C.UTF-8';
}

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;

my $longest_wait = 20 * ($ENV{PG_TEST_TIMEOUT_DEFAULT} ? $ENV{PG_TEST_TIMEOUT_DEFAULT} / 180 : 1);

sub shim_program
{
	return $ENV{OAUTH_SHIM} ? abs_path($ENV{OAUTH_SHIM}) : "$here/../oauth-shim";
}

# Wait until the code is true; false after $seconds.
sub wait_for
{
	my ($code, $seconds) = @_;
	my $until = time + ($seconds // $longest_wait);

	while (time < $until)
	{
		return 1 if $code->();
		usleep(10_000);
	}
	return 0;
}

sub slurp
{
	my ($file) = @_;

	open(my $fh, '<:raw', $file) or return '';
	local $/;
	return <$fh> // '';
}

# Where this machine lacks what so many tests need: in a block SKIP, one line that says how many and why. Where CI=true
# nothing may be lacking, and the line is a failure.
sub skip_tests
{
	my ($tests, $why) = @_;
	my $line = "$tests tests: $why";
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	_may_skip() ? Test::More->builder->skip($line) : fail("not skipped where CI=true: $line");
	no warnings 'exiting';
	last SKIP;
}

# The same for a file whose tests all need it. Call it before the first test.
sub skip_file
{
	my ($tests, $why) = @_;
	my $line = "$tests tests: $why";
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	plan(skip_all => $line) if _may_skip();
	fail("not skipped where CI=true: $line");
	done_testing();
	exit 1;
}

sub _may_skip { return ($ENV{CI} // '') ne 'true' }

# Why these packages of npm's are not here; nothing if they are. clients/package.json lists them.
sub without_npm
{
	my @absent = grep { !-e "$here/clients/node_modules/$_/package.json" } @_;

	return @absent ? "npm did not install @absent; can it reach its registry?" : undef;
}

# The fenced blocks of a guide in docs/ that are marked with this language, so that a test runs what the guide shows.
sub guide_blocks
{
	my ($guide, $language) = @_;
	my @blocks = slurp("$here/../../docs/$guide") =~ /^```$language\n(.*?)^```$/msg;

	die "docs/$guide has no block of $language" unless @blocks;
	return wantarray ? @blocks : join '', @blocks;
}

# extension: create the extension and its role, else the mock. start_node: 0 leaves the
# server to the test. conf: lines for postgresql.conf. loud: the server logs all it can
# of the shim's sessions, for no_secret_in_logs(). install_path: of another server than
# pg_config's.
sub new
{
	my ($class, %args) = @_;
	my $self = bless {
		name => $args{name} // 'main',
		extension => $args{extension} // 0,
		dir => File::Temp->newdir(),
		shims => [],
		loud => $args{loud} // 0,
		secrets => {}
	}, $class;

	$self->{node} = PostgreSQL::Test::Cluster->new($self->{name}, install_path => $args{install_path});
	$self->{node}->init;
	$self->{node}->append_conf('postgresql.conf', $args{conf}) if $args{conf};
	$self->{node}->append_conf('postgresql.conf', 'log_statement = none') if $self->{loud};
	# the C library overwrites what the server frees, so that who looks at it afterwards is seen
	local $ENV{MALLOC_PERTURB_} = 165;
	$self->{node}->start;
	$self->_create_schema;
	return $self;
}

# The mock, with a function for each route of the shim.
sub mock
{
	my $stems = join ',', slurp("$here/../routes.c") =~ /"(\w+)",\s+SHIM_(?:READING|WRITING)\b/g;
	return slurp("$here/mock.sql") =~ s/\@stems\@/$stems/r;
}

sub _create_schema
{
	my ($self) = @_;
	my $node = $self->{node};

	$self->create_role;
	if ($self->{extension})
	{
		$node->safe_psql('postgres', 'CREATE EXTENSION oauth CASCADE');
		$node->safe_psql('postgres', 'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA oauth TO oauth_shim');
	}
	else
	{
		$node->safe_psql('postgres', mock());
	}
	$node->safe_psql('postgres', 'GRANT USAGE ON SCHEMA oauth TO oauth_shim');
	return;
}

# The role of the shim, which no dump of a database has.
sub create_role
{
	my ($self) = @_;

	$self->sql('CREATE ROLE oauth_shim LOGIN; ALTER ROLE oauth_shim SET log_parameter_max_length = 0;
		ALTER ROLE oauth_shim SET log_parameter_max_length_on_error = 0');
	$self->_log_everything if $self->{loud};
	return;
}

# In the sessions of the shim; a test's own statements, which name secrets, are not logged.
sub _log_everything
{
	my ($self) = @_;
	my %settings = (
		log_statement => 'all', log_duration => 'on', log_min_duration_statement => 0, log_min_messages => 'debug5',
		log_min_error_statement => 'debug5', log_error_verbosity => 'verbose', session_preload_libraries => 'auto_explain',
		'auto_explain.log_min_duration' => 0, 'auto_explain.log_nested_statements' => 'on', 'auto_explain.log_analyze' => 'on',
		'auto_explain.log_verbose' => 'on', 'auto_explain.log_triggers' => 'on');

	$settings{'auto_explain.log_parameter_max_length'} = 0 if $self->{node}->pg_version >= 16;
	$self->sql(join ';', map { "ALTER ROLE oauth_shim SET $_ = '$settings{$_}'" } sort keys %settings);
	return;
}

# What no log may show. Tokens and client secrets that a test sees are remembered by themselves.
sub remember
{
	my ($self, @secrets) = @_;

	$self->{secrets}{$_} = 1 for @secrets;
	return;
}

sub _remember_tokens
{
	my ($self, $text) = @_;

	$self->remember($text =~ /\b((?:oa[cst]|ort|ocs|o1[rst]|ol[rv]|odc|ora|oia)_[-_A-Za-z0-9]{40,})/g);
	return;
}

# With log_statement, log_min_duration_statement and auto_explain at their loudest (R217). Call it before finish.
sub no_secret_in_logs
{
	my ($self) = @_;
	my $server = slurp($self->{node}->logfile);
	my $shims = join '', map { slurp($_) } glob "$self->{dir}/{access,error}.*";
	my @secrets = keys %{ $self->{secrets} };
	my $any = join '|', map { quotemeta } @secrets;

	ok($server =~ /Query Text: (?!SELECT \(t\)\.status).*oauth\.\w+/, "R217: the server's log has the statements inside the functions");
	is(scalar(() = $server =~ /$any/g), 0, 'R217: and none of the ' . @secrets . ' tokens, secrets and passwords that were sent');
	is(scalar(() = $shims =~ /$any/g), 0, 'R217: nor has a log of the shim');
	return;
}

sub node { return $_[0]{node} }

# The database has moved to this server.
sub move_to { $_[0]{node} = $_[1]; return }
sub port { return $_[0]{shims}[-1]{port} }
sub pid { return $_[0]{shims}[-1]{pid} }
sub dir { return "$_[0]{dir}" }

sub database { return $_[0]{node}->connstr('postgres') . ' user=oauth_shim' }

sub sql
{
	my ($self, $sql) = @_;
	my $result = $self->{node}->safe_psql('postgres', $sql);

	$self->_remember_tokens($result);
	return $result;
}

# Kill a backend as the kernel does where memory is short: the server ends all others, and recovers. Until it has noticed, everything goes
# on as before; is_back() is when it has, and sessions can be had again.
sub kill_backend
{
	my ($self, $pid) = @_;

	die "no backend to kill\n" if !$pid;
	$self->{crashes}{ $self->{node}->logfile }++;
	kill('KILL', $pid);
	return;
}

sub is_back
{
	my ($self) = @_;
	my $log = $self->{node}->logfile;
	my $noticed = wait_for(sub { (() = slurp($log) =~ /all server processes terminated; reinitializing/g) >= $self->{crashes}{$log} });

	return $noticed && $self->{node}->poll_query_until('postgres', 'SELECT true') &&
	  (!@{ $self->{shims} } || wait_for(sub { $self->_answers('/readyz') }));
}

# Start a shim with these options and wait until it serves. It becomes the current one.
# Two options are ours and not the shim's: with --not-ready a database is not waited for,
# with --same-port it takes the port of the last one that was stopped.
sub start
{
	my ($self, @options) = @_;
	my $wait = !grep { $_ eq '--not-ready' } @options;
	my $port = grep({ $_ eq '--same-port' } @options) ? $self->{last_port} : PostgreSQL::Test::Cluster::get_free_port();
	my $n = @{ $self->{shims} };
	my $shim = { port => $port, out => "$self->{dir}/access.$n", err => "$self->{dir}/error.$n" };
	my $database = $self->database;
	my @command = (shim_program(), "--listen=127.0.0.1:$port", "--database=$database",
		grep { !/\A--(not-ready|same-port)\z/ } @options);

	$shim->{pid} = fork() // die "fork: $!";
	if ($shim->{pid} == 0)
	{
		open(STDOUT, '>', $shim->{out}) or die;
		open(STDERR, '>', $shim->{err}) or die;
		exec(@command) or POSIX::_exit(127);
	}
	push @{ $self->{shims} }, $shim;
	wait_for(sub { $self->_answers($wait ? '/readyz' : '/healthz') })
	  or die "the shim does not serve: " . slurp($shim->{err});
	return $self;
}

sub _answers
{
	my ($self, $path) = @_;
	my $shim = $self->{shims}[-1];

	die "the shim has ended: " . slurp($shim->{err}) if waitpid($shim->{pid}, WNOHANG) > 0;
	my $socket = $self->connect(quiet => 1) or return 0;
	print $socket "GET $path HTTP/1.0\r\n\r\n";
	return (read_answer($socket)->{status} // 0) == 200;
}

# Send the current shim a signal and wait for its end: exit status as of wait, and seconds.
sub stop
{
	my ($self, $signal) = @_;
	my $shim = pop @{ $self->{shims} };
	my $begun = time;

	kill($signal // 'TERM', $shim->{pid});
	$self->{last_error_log} = $shim->{err};
	$self->{last_port} = $shim->{port};
	waitpid($shim->{pid}, 0);
	my $status = $?;
	unlike(slurp($shim->{err}), qr/Sanitizer|runtime error/, 'no sanitizer has anything to report');
	return wantarray ? ($status, time - $begun) : $status;
}

sub finish
{
	my ($self) = @_;

	while (@{ $self->{shims} })
	{
		is($self->stop, 0, 'the shim ends with status 0');
	}
	$self->end_program($_) for keys %{ $self->{programs} };
	$self->{node}->stop;
	return;
}

# Start somebody else's program, which stays in the foreground, and wait until it listens on that port. Its log is
# program_log($port); it ends with end_program($port) or finish.
sub run_program
{
	my ($self, $port, @command) = @_;
	my $pid = fork() // die "fork: $!";

	if ($pid == 0)
	{
		open(STDIN, '<', '/dev/null');
		open(STDOUT, '>>', "$self->{dir}/program.$port") or die;
		open(STDERR, '>&', \*STDOUT) or die;
		exec(@command) or POSIX::_exit(127);
	}
	$self->{programs}{$port} = $pid;
	wait_for(sub { waitpid($pid, WNOHANG) > 0 || $self->connect(port => $port, quiet => 1) });
	die "$command[0] does not serve: " . $self->program_log($port) unless kill(0, $pid);
	return;
}

sub end_program
{
	my ($self, $port) = @_;
	my $pid = delete $self->{programs}{$port} // return;
	local $?;

	kill('TERM', $pid);
	return if wait_for(sub { waitpid($pid, WNOHANG) > 0 }, 5);
	kill('KILL', $pid);
	waitpid($pid, 0);
	return;
}

sub program_log { return slurp("$_[0]{dir}/program.$_[1]") }

sub DESTROY
{
	my ($self) = @_;
	local $?;

	$self->end_program($_) for keys %{ $self->{programs} };
	for my $shim (@{ $self->{shims} })
	{
		kill('KILL', $shim->{pid});
		waitpid($shim->{pid}, 0);
	}
	return;
}

sub access_log { usleep(250_000); return slurp($_[0]{shims}[-1]{out}) }
sub error_log { return slurp(@{ $_[0]{shims} } ? $_[0]{shims}[-1]{err} : $_[0]{last_error_log}) }

sub connect
{
	my ($self, %args) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $args{port} // $self->port, Proto => 'tcp');

	die "connect: $!" unless $socket || $args{quiet};
	$socket->autoflush(1) if $socket;
	return $socket;
}

# Read one answer off the socket. Interim answers (1xx) are counted in {interim}.
sub read_answer
{
	my ($socket, %args) = @_;
	my $until = time + ($args{seconds} // $longest_wait);
	my $begun = time;
	my $head_only = $args{head_only};
	my $answer = { raw => '', interim => 0, closed => 0 };

	local $SIG{PIPE} = 'IGNORE';
	${*$socket}{rest} //= '';
	for (;;)
	{
		my $done = _parse_answer($answer, \${*$socket}{rest}, $head_only);
		last if $done;
		last unless _read_more($socket, $until, $answer);
	}
	$answer->{seconds} = time - $begun;
	return $answer;
}

sub _read_more
{
	my ($socket, $until, $answer) = @_;
	my $left = $until - time;

	return 0 if $left <= 0 || !IO::Select->new($socket)->can_read($left);
	my $n = sysread($socket, ${*$socket}{rest}, 65536, length ${*$socket}{rest});
	$answer->{closed} = 1 unless $n;
	$answer->{raw} .= ${*$socket}{rest} if !$n;
	return $n;
}

sub _parse_answer
{
	my ($answer, $bytes, $head_only) = @_;

	while ($$bytes =~ /\A(.*?\r\n)\r\n/s)
	{
		my $head = $1;
		my ($first, @lines) = split /\r\n/, $head;
		my ($version, $status) = $first =~ m{\AHTTP/(1\.1) (\d{3}) } or die "no answer: $first";
		my ($length) = $head =~ /^Content-Length: (\d+)\r$/mi;
		my $after = length($head) + 2;

		$length = 0 if $head_only || $status < 200 || $status == 204 || $status == 304;
		die "an answer without length: $head" unless defined $length;
		return 0 if length($$bytes) < $after + $length;
		my $whole = substr($$bytes, 0, $after + $length, '');
		if ($status < 200)
		{
			$answer->{interim}++;
			next;
		}
		@$answer{qw(status version headers body)} = ($status, $version, \@lines, substr($whole, $after));
		$answer->{raw} = $whole;
		return 1;
	}
	return 0;
}

sub header
{
	my ($answer, $name) = @_;
	my @values = map { /\A\Q$name\E:\s*(.*)\z/i ? $1 : () } @{ $answer->{headers} // [] };
	return wantarray ? @values : $values[0];
}

# What curl gets, from any server. Its own complaints are in {raw}.
sub curl
{
	my (@arguments) = @_;
	my ($out, $err) = ('', '');

	IPC::Run::run([ 'curl', '-sSik', '--max-time', '10', '--path-as-is', @arguments ], '>', \$out, '2>', \$err);
	my ($head, $body) = split /\r\n\r\n/, $out =~ s/\AHTTP\S+ 100 .*?\r\n\r\n//sr, 2;
	my ($first, @lines) = split /\r\n/, $head // '';
	my ($status) = ($first // '') =~ m{\AHTTP/\S+ (\d+)};
	return { status => $status // 0, headers => \@lines, body => $body // '', raw => $err . $out };
}

# A certificate for localhost: the files key.pem and cert.pem in that directory.
sub certificate
{
	my ($dir) = @_;

	return system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout $dir/key.pem -out $dir/cert.pem 2>/dev/null") == 0;
}

# A file for nginx: a configuration of ours for a server at $port with its example's names replaced, and at a port of its
# own an application that answers with what is in $says.
sub nginx_configuration
{
	my ($self, $conf, $port, $application, $says) = @_;
	my $dir = $self->dir;
	my $shim = $self->port;
	my $temporary = join "\n\t", map { "${_}_temp_path $dir/$_;" } qw(client_body proxy fastcgi uwsgi scgi);

	$conf =~ s/listen 443 ssl/listen 127.0.0.1:$port ssl/g;
	$conf =~ s{/etc/ssl/certs/\S+\.pem}{$dir/cert.pem}g;
	$conf =~ s{/etc/ssl/private/\S+\.key}{$dir/key.pem}g;
	$conf =~ s/127\.0\.0\.1:8000/127.0.0.1:$shim/;
	$conf =~ s/127\.0\.0\.1:8080/127.0.0.1:$application/;
	open(my $file, '>', "$dir/nginx.conf") or die "$dir/nginx.conf: $!";
	print $file <<"END";
pid $dir/nginx.pid;
error_log $dir/nginx.log warn;
daemon off;
worker_processes 1;
events { worker_connections 256; }
http
{
	access_log off;
	$temporary
	server
	{
		listen 127.0.0.1:$application;
		location / { return 200 "$says\\n"; }
	}
	$conf
}
END
	close $file;
	return "$dir/nginx.conf";
}

sub json { return JSON::PP->new->decode($_[0]{body}) }

# Send exact bytes on a new connection and read one answer; {closed} says whether the
# server then closes the connection. With end the client says that nothing follows.
sub raw
{
	my ($self, $bytes, %args) = @_;
	my $socket = $self->connect(%args);

	local $SIG{PIPE} = 'IGNORE';
	syswrite($socket, $bytes);
	shutdown($socket, 1) if $args{end};
	my $answer = read_answer($socket, %args);
	$answer->{closed} = is_closed($socket, $args{patience} // 0.3);
	return $answer;
}

# Does the server close this connection within so many seconds, and send nothing more?
sub is_closed
{
	my ($socket, $seconds) = @_;

	return 0 if length(${*$socket}{rest} // '');
	return 0 unless IO::Select->new($socket)->can_read($seconds);
	return !sysread($socket, my $byte, 1);
}

# A body in chunks of so many bytes (RFC 9112, section 7.1).
sub chunked
{
	my ($body, $size) = @_;
	return join('', map { sprintf("%x\r\n%s\r\n", length, $_) } unpack("(a$size)*", $body)) . "0\r\n\r\n";
}

sub request_bytes
{
	my ($method, $path, $body, @fields) = @_;
	my $bytes = "$method $path HTTP/1.1\r\n";
	my $host = 0;

	while (my ($name, $value) = splice(@fields, 0, 2))
	{
		$host = 1 if lc $name eq 'host';
		$bytes .= "$name: $value\r\n";
	}
	$bytes .= "Host: shim.example\r\n" unless $host;
	$bytes .= 'Content-Length: ' . length($body) . "\r\n" if defined $body;
	return $bytes . "\r\n" . ($body // '');
}

sub request
{
	my ($self, $method, $path, $body, @fields) = @_;
	my $socket = $self->connect;

	local $SIG{PIPE} = 'IGNORE';
	syswrite($socket, request_bytes($method, $path, $body, @fields));
	my $answer = read_answer($socket, head_only => $method eq 'HEAD');
	$self->_remember_tokens($answer->{raw});
	return $answer;
}

sub get
{
	my ($self, $path, @fields) = @_;
	return $self->request('GET', $path, undef, @fields);
}

sub _form_fields
{
	my (@fields) = @_;
	push @fields, 'Content-Type', 'application/x-www-form-urlencoded'
	  unless grep { lc eq 'content-type' } @fields;
	return @fields;
}

# The bytes of a POST of a form.
sub post_bytes
{
	my ($path, $body, @fields) = @_;
	return request_bytes('POST', $path, $body, _form_fields(@fields));
}

sub post
{
	my ($self, $path, $body, @fields) = @_;
	return $self->request('POST', $path, $body, _form_fields(@fields));
}

# Send requests on so many connections at once: the sockets. A request is its bytes, or
# [ port, bytes ] when it is for a shim that is not the current one.
sub send_together
{
	my ($self, @requests) = @_;
	my @sent = map { ref $_ ? $_ : [ $self->port, $_ ] } @requests;
	my @sockets = map { $self->connect(port => $_->[0]) } @sent;

	local $SIG{PIPE} = 'IGNORE';
	syswrite($sockets[$_], $sent[$_][1]) for 0 .. $#sent;
	return @sockets;
}

# The same, and all answers.
sub together
{
	my ($self, @requests) = @_;
	my @answers = map { read_answer($_) } $self->send_together(@requests);

	$self->_remember_tokens($_->{raw}) for @answers;
	return @answers;
}

# The value of a metric, such as oauth_shim_requests_total{route="/api",status="200"}; 0 when absent.
sub metric
{
	my ($self, $name) = @_;
	return $self->get('/metrics')->{body} =~ /^\Q$name\E (\S+)$/m ? $1 : 0;
}

1;
