# Load.pm: one run of wrk or pgbench, as a hash: rate, p50 and p99 in milliseconds, errors.
# SPDX-License-Identifier: PostgreSQL
package Load;

use strict;
use warnings;
use List::Util qw(sum);

# More threads of wrk than this would only take the server's processors.
sub threads
{
	my ($connections) = @_;
	return $connections > 1 ? 2 : 1;
}

# Starts wrk and returns a handle for finish_wrk; `run` is script, port, path, connections, seconds, environment.
sub start_wrk
{
	my (%run) = @_;
	my $threads = threads($run{connections});
	local @ENV{ keys %{ $run{environment} } } = values %{ $run{environment} };
	local $ENV{BENCH_THREADS} = $threads;
	local $ENV{LUA_PATH} = ($run{script} =~ s{[^/]*$}{?.lua}r);
	open my $wrk, '-|', 'wrk', '-t', $threads, '-c', $run{connections}, '-d', "$run{seconds}s", '--timeout', '20s',
		'-s', $run{script}, "http://127.0.0.1:$run{port}$run{path}"
		or die "wrk: $!\n";
	return $wrk;
}

# Only answers that were wanted count in the rate, the others are errors.  Which are wanted says the script where it looks at
# each answer, else the status.  `is_dry`: the script found nothing left to send, so that the rate means nothing.
sub finish_wrk
{
	my ($wrk) = @_;
	my @lines = <$wrk>;
	close $wrk;
	my ($line) = grep { /^load / } @lines or die "wrk said:\n", @lines;
	my %said = $line =~ /(\w+)=(-?\d+)/g;
	my $good = $said{checked} ? $said{good} : $said{requests} - $said{status};
	return {
		rate => $good / ($said{microseconds} / 1e6),
		requests => $said{requests},
		p50 => $said{p50} / 1000,
		p99 => $said{p99} / 1000,
		errors => $said{requests} - $good + $said{failed},
		is_dry => $said{dry},
	};
}

sub wrk
{
	return finish_wrk(start_wrk(@_));
}

# `run` is bindir, conninfo, script, statements (in the script), connections, seconds, settling (seconds before those
# that count, in which the sessions load what they need), variables.
sub pgbench
{
	my (%run) = @_;
	my @define = map { ('-D', "$_=$run{variables}{$_}") } sort keys %{ $run{variables} };
	my @said = _lines_of("$run{bindir}/pgbench", '-n', '-M', 'prepared', '-P', 1, '-c', $run{connections},
		'-j', threads($run{connections}), '-T', $run{settling} + $run{seconds}, '-f', $run{script}, @define, $run{conninfo});
	my ($failed) = map { /^number of failed transactions: (\d+)/ } @said;
	my @scripts = map { /^progress: ([\d.]+) s, ([\d.]+) tps/ && $1 > $run{settling} + 0.5 ? $2 : () } @said;
	die "pgbench said:\n@said" unless @scripts;
	return { rate => sum(@scripts) / @scripts * $run{statements}, errors => $failed // 0 };
}

# What a program prints, its progress too.
sub _lines_of
{
	my @command = @_;
	open my $program, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @command or die "$command[0]: $!\n";
	my @lines = <$program>;
	close $program or die "$command[0] said:\n@lines";
	return @lines;
}

1;
