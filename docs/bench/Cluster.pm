# Cluster.pm: a private PostgreSQL cluster that syncs its commits, for the benchmark alone.
# SPDX-License-Identifier: PostgreSQL
package Cluster;

use strict;
use warnings;
use File::Temp qw(tempdir);

# Sizes that keep checkpoints and cache misses of a small machine out of the comparison; all else is as shipped.
our %settings = (
	fsync => 'on',
	synchronous_commit => 'on',
	shared_buffers => '512MB',
	max_wal_size => '8GB',
	checkpoint_timeout => '1h',
	max_connections => '250',
);

sub new
{
	my ($class, %self) = @_;    # bindir, directory
	my $self = bless {%self}, $class;

	# A socket's path may have 107 bytes, and the data directory's may be longer.
	$self->{host} = tempdir('oauth-bench-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	$self->{data} = "$self->{directory}/data";
	$self->{log} = "$self->{directory}/postgresql.log";
	return $self;
}

sub start
{
	my ($self) = @_;
	$self->_program('initdb', '--no-sync', '-k', '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8',
		'-D', $self->{data});
	open my $conf, '>>', "$self->{data}/postgresql.conf" or die "postgresql.conf: $!\n";
	print $conf "$_ = '$settings{$_}'\n" for sort keys %settings;
	print $conf "listen_addresses = ''\nunix_socket_directories = '$self->{host}'\nunix_socket_permissions = 0700\n";
	print $conf "oauth.master_key_file = '$self->{directory}/oauth.key'\n";
	close $conf or die "postgresql.conf: $!\n";
	$self->_program('pg_ctl', '-w', '-D', $self->{data}, '-l', $self->{log}, 'start');
	$self->{started} = 1;
}

sub stop
{
	my ($self) = @_;
	return unless delete $self->{started};
	$self->_program('pg_ctl', '-w', '-m', 'fast', '-D', $self->{data}, 'stop');
}

# Runs one of PostgreSQL's programs; what it prints goes to a file that is shown when it fails.
sub _program
{
	my ($self, $name, @arguments) = @_;
	my $output = "$self->{directory}/$name.out";
	my $pid = fork // die "fork: $!\n";
	if (!$pid)
	{
		open STDOUT, '>', $output;
		open STDERR, '>&', \*STDOUT;
		exec "$self->{bindir}/$name", @arguments or exit 127;
	}
	waitpid $pid, 0;
	return if $? == 0;
	open my $lines, '<', $output;
	die "$name failed:\n", <$lines>;
}

sub conninfo
{
	my ($self, $database, $user) = @_;
	return "host=$self->{host} dbname=$database user=$user";
}

# Runs SQL that comes from a file, so that no argument list shows it; returns what it printed, unaligned.
sub sql
{
	my ($self, $database, $sql, %variables) = @_;
	my @lines = $self->sql_at_once($database, [ $sql, %variables ]);
	return wantarray ? @lines : $lines[0];
}

# Runs several scripts at the same time, each with its variables; returns what all of them printed.
sub sql_at_once
{
	my ($self, $database, @scripts) = @_;
	my @running = map { $self->_start_psql($database, $_, @{ $scripts[$_] }) } 0 .. $#scripts;
	return map { _finish_psql(@{ $running[$_] }) } 0 .. $#running;
}

# A file with that SQL.
sub _script
{
	my ($self, $name, $sql) = @_;
	my $script = "$self->{directory}/script-$name.sql";
	open my $file, '>', $script or die "$script: $!\n";
	print $file $sql;
	close $file or die "$script: $!\n";
	return $script;
}

sub _start_psql
{
	my ($self, $database, $number, $sql, %variables) = @_;
	my $script = $self->_script("at-once-$number", $sql);
	local $ENV{PGOPTIONS} = '-c client_min_messages=warning';
	my @set = map { ('-v', "$_=$variables{$_}") } sort keys %variables;
	open my $psql, '-|', "$self->{bindir}/psql", '-XqAt', '-v', 'ON_ERROR_STOP=1', @set,
		'-d', $self->conninfo($database, 'postgres'), '-f', $script
		or die "psql: $!\n";
	return [ $psql, $sql ];
}

sub _finish_psql
{
	my ($psql, $sql) = @_;
	my @lines = <$psql>;
	close $psql or die "psql failed at: $sql\n";
	chomp @lines;
	return @lines;
}

# Runs SQL in a session of its own while other things are done; `end_sql` stops it.  Returns its `name`, by which
# pg_stat_activity knows it.
sub start_sql
{
	my ($self, $database, $sql) = @_;
	my $name = 'bench beside ' . ++$self->{sessions};
	my $script = $self->_script($self->{sessions}, $sql);
	open my $output, '>', "$script.out" or die "$script.out: $!\n";
	my $pid = fork // die "fork: $!\n";
	if (!$pid)
	{
		$ENV{PGAPPNAME} = $name;
		open STDOUT, '>&', $output;
		open STDERR, '>&', \*STDOUT;
		exec "$self->{bindir}/psql", '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $self->conninfo($database, 'postgres'), '-f', $script
			or exit 127;
	}
	return { pid => $pid, name => $name, database => $database };
}

# Stops the session, and undoes what it has not committed.
sub end_sql
{
	my ($self, $session) = @_;
	$self->sql($session->{database}, 'SELECT pg_terminate_backend(pid, 20000) FROM pg_stat_activity WHERE application_name = :\'name\'',
		name => $session->{name});
	waitpid $session->{pid}, 0;
}

# What pg_test_fsync says of fdatasync, the default: 8 kB writes a second that reach the disk.
sub fsyncs_a_second
{
	my ($self) = @_;
	my $pid = open my $lines, '-|', "$self->{bindir}/pg_test_fsync", '-s', '1', '-f', "$self->{directory}/fsync.test"
		or die "pg_test_fsync: $!\n";
	my $rate = 0;
	while (my $line = <$lines>)
	{
		($rate) = $line =~ /^\s+fdatasync\s+([\d.]+) ops/ and last;
	}
	kill 'TERM', $pid;    # the first table has it; the others take half a minute more
	close $lines;
	return int $rate;
}

1;
