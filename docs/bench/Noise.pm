# Noise.pm: what else the machine did while it was measured: stolen time, and how unevenly an empty loop runs.
# SPDX-License-Identifier: PostgreSQL
package Noise;

use strict;
use warnings;
use Time::HiRes qw(clock_gettime sleep CLOCK_MONOTONIC);

my $turns = 20_000;    # about half a millisecond
my $loops = 40;

sub new
{
	my ($class) = @_;
	return bless { processors => [ _processor_time() ], loops => [] }, $class;
}

# All time of all processors, and what the host took of it, in ticks.
sub _processor_time
{
	open my $stat, '<', '/proc/stat' or return (0, 0);
	my (undef, @ticks) = split ' ', <$stat>;
	my $all = 0;
	$all += $_ for grep { defined } @ticks[ 0 .. 7 ];
	return ($all, $ticks[7] // 0);
}

# Waits, at most so many seconds, until the processors have next to nothing to do: who was measured last may still be at work for
# clients that have gone.
sub wait_for_quiet
{
	my ($self, $seconds) = @_;
	my $until = clock_gettime(CLOCK_MONOTONIC) + $seconds;
	while (clock_gettime(CLOCK_MONOTONIC) < $until)
	{
		my @before = _idle_time();
		sleep 0.3;
		my @after = _idle_time();
		return if $after[0] - $before[0] > 0.85 * ($after[1] - $before[1]);
	}
}

# Ticks in which all processors had nothing to do, and all ticks.
sub _idle_time
{
	open my $stat, '<', '/proc/stat' or return (0, 0);
	my (undef, @ticks) = split ' ', <$stat>;
	my $all = 0;
	$all += $_ for grep { defined } @ticks[ 0 .. 7 ];
	return ($ticks[3] + $ticks[4], $all);
}

# To be called when nothing is measured, and often: between any two loads.
sub look
{
	my ($self) = @_;
	for (1 .. $loops)
	{
		my $begun = clock_gettime(CLOCK_MONOTONIC);
		for (my $i = 0; $i < $turns; $i++) { }
		push @{ $self->{loops} }, clock_gettime(CLOCK_MONOTONIC) - $begun;
	}
}

# A sentence.
sub describe
{
	my ($self) = @_;
	my ($all, $stolen) = _processor_time();
	my $ticks = $all - $self->{processors}[0];
	my $steal = $ticks ? 100 * ($stolen - $self->{processors}[1]) / $ticks : 0;
	my @sorted = sort { $a <=> $b } @{ $self->{loops} };
	return sprintf '%.1f %% of the processors stolen by the host', $steal unless @sorted;
	my ($median, $most) = map { $sorted[ $_ * $#sorted ] / $sorted[0] } 0.5, 0.99;
	return sprintf '%.1f %% of the processors stolen by the host; between the loads an empty loop took %.2f times its best in the'
		. ' median and %.2f times at 99 of 100, where a quiet machine has less than 1.1 and 1.5', $steal, $median, $most;
}

1;
