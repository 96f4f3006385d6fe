# Cost.pm: what a request costs processes: instructions, system calls, context switches, processor time.
# SPDX-License-Identifier: PostgreSQL
#
# Counts are repeatable where rates are not.  The kernel says of each thread how often it was switched and how long it ran.
# perf counts the rest where this user may ask it and the processor has counters; else strace counts system calls, and
# callgrind instructions, both by slowing the process down.  A process that is slow gathers its work in larger batches, so
# counts of different programs are not to be compared with each other.
package Cost;

use strict;
use warnings;
use IPC::Open3 qw(open3);
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

my $patience = 60;    # seconds for a program that counts to begin, or to end

sub has_program
{
	my ($name) = @_;
	return scalar grep { -x "$_/$name" } split /:/, $ENV{PATH};
}

sub _read
{
	my ($path) = @_;
	open my $file, '<', $path or return '';
	local $/;
	return <$file> // '';
}

sub _threads
{
	return map { glob "/proc/$_/task/*" } @_;
}

# How often the threads of these processes gave up a processor, or lost it, so far.
sub context_switches
{
	my $switches = 0;
	for (_threads(@_))
	{
		$switches += $_ for _read("$_/status") =~ /^(?:non)?voluntary_ctxt_switches:\s+(\d+)/mg;
	}
	return $switches;
}

# How many microseconds they have run so far.
sub processor_time
{
	my $nanoseconds = 0;
	for (_threads(@_))
	{
		my ($ran) = _read("$_/schedstat") =~ /^(\d+)/;
		$nanoseconds += $ran // 0;
	}
	return $nanoseconds / 1000;
}

sub _start
{
	my ($log, @command) = @_;
	my $pid = fork // die "fork: $!\n";
	if (!$pid)
	{
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', $log;
		open STDERR, '>&', \*STDOUT;
		exec @command or POSIX::_exit(127);
	}
	return $pid;
}

sub _end
{
	my ($signal, $pid) = @_;
	my $until = time + $patience;
	kill $signal, $pid;
	while (waitpid($pid, WNOHANG) == 0)
	{
		kill 'KILL', $pid if time > $until;
		sleep 0.05;
	}
}

# Which of these events perf can count for us here.
sub perf_events
{
	my (@events) = @_;
	return () unless has_program('perf');
	return grep {
		my $pid = open3(my $in, my $out, undef, 'perf', 'stat', '-x', ',', '-e', $_, 'true');
		my $said = join '', <$out>;
		waitpid $pid, 0;
		$? == 0 && $said =~ /^\d+,/m;
	} @events;
}

# Counts of perf's events, by name, in these processes while the code runs; and what the code returned.
sub count_by_perf
{
	my ($file, $events, $pids, $code) = @_;
	my $perf = _start("$file.log", 'perf', 'stat', '-x', ',', '-o', $file, '-e', join(',', @$events), '-p', join(',', @$pids));
	sleep 1;    # it does not say when it has begun
	my $result = $code->();
	_end('INT', $perf);
	my %count = reverse _read($file) =~ /^(\d+),[^,]*,([^,]+),/mg;
	return (\%count, $result);
}

sub _is_traced
{
	return !grep { !/^TracerPid:\s+[1-9]/m } map { _read("$_/status") } _threads(@_);
}

# System calls of these processes while the code runs, as strace counts them: undef where it may not; what the code
# returned; and how many of the calls were waits for locks, which are more the slower strace makes the process.
sub count_by_strace
{
	my ($file, $pids, $code) = @_;
	my $strace = _start("$file.log", 'strace', '-qq', '-c', '-f', '-o', $file, map { ('-p', $_) } @$pids);
	my $until = time + $patience;
	sleep 0.05 while !_is_traced(@$pids) && time < $until && waitpid($strace, WNOHANG) == 0;
	my $result = $code->();
	_end('INT', $strace);
	my ($waits) = _read($file) =~ /\s(\d+)(?:\s+\d+)?\s+futex$/m;
	my ($calls) = _read($file) =~ /^\s*100\.00\s+\S+\s+(?:\S+\s+)?(\d+)(?:\s+\d+)?\s+total$/m;
	return ($calls, $result, $waits // 0);
}

# The system calls of these processes while the code runs, by the one program or the other; and what the code returned.
sub count_system_calls
{
	my ($file, $pids, $code) = @_;
	my ($event) = perf_events('raw_syscalls:sys_enter');
	return count_by_strace($file, $pids, $code) unless $event;
	my ($count, $result) = count_by_perf($file, [$event], $pids, $code);
	return ($count->{$event}, $result);
}

# What to put before a command so that callgrind counts its instructions; the process stays what it is to those outside.
sub callgrind
{
	my ($file, %options) = @_;
	return ('valgrind', '-q', '--tool=callgrind', "--callgrind-out-file=$file", map { "--$_=$options{$_}" } sort keys %options);
}

sub _control
{
	my ($what, $pid) = @_;
	my $control = open3(my $in, my $out, undef, 'callgrind_control', $what, $pid);
	my $said = join '', <$out>;
	waitpid $control, 0;
	return $? == 0 && $said =~ /OK/;
}

# Instructions of a process that callgrind runs while the code runs, undef where it does not say; and what the code
# returned.
sub count_by_callgrind
{
	my ($file, $pid, $code) = @_;
	my $has_begun = _control('-z', $pid);
	my $result = $code->();
	return (undef, $result) unless $has_begun && _control('-d', $pid);
	my ($newest) = sort { -M $a <=> -M $b } glob "$file.*";
	return (instructions_in($newest), $result);
}

# Instructions of a server of that cluster, which does not run, from its start to its end, with one statement in between.
sub count_single_user
{
	my ($cluster, $file, $statement) = @_;
	my @command = (callgrind($file), "$cluster->{bindir}/postgres", '--single', '-D', $cluster->{data}, $cluster->{database} // 'bench');
	my $pid = open3(my $in, my $out, undef, @command);
	print $in "$statement\n";
	close $in;
	my $said = join '', <$out>;
	waitpid $pid, 0;
	return $? == 0 && $said !~ /ERROR|FATAL/ ? instructions_in($file) : undef;
}

# What the table of costs says of itself.
sub how
{
	my @calls = perf_events('raw_syscalls:sys_enter') ? 'perf' : has_program('strace') ? 'strace' : ();
	my $instructions = perf_events('instructions:u') ? 'the counters of the processor, in user mode'
		: has_program('valgrind') ? 'callgrind, in user mode'
		: 'nobody: there are no counters here and no valgrind';
	return 'System calls are counted by ' . ($calls[0] // 'nobody: there is no perf and no strace')
		. ", instructions by $instructions, the rest by the kernel.";
}

# What a file of callgrind's says in all.
sub instructions_in
{
	my ($file) = @_;
	my ($instructions) = _read($file) =~ /^(?:summary|totals): (\d+)/m;
	return $instructions;
}

1;
