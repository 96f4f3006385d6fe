# BrowserTest.pm
# A program in clients/ that drives Chromium and prints a line of JSON for each thing that it looked at.
#
# SPDX-License-Identifier: PostgreSQL
package BrowserTest;

use strict;
use warnings;

use Exporter 'import';
use File::Temp;
use FindBin;
use JSON::PP;
use Test::More;
use ShimTest qw(slurp);

our @EXPORT_OK = qw(browser_tests);

# Run a program with arguments in an environment, and count what it says as tests.
sub browser_tests
{
	my ($t, $environment, $program, @arguments) = @_;
	# Chromium wants a home, and this user may have none.
	my $home = File::Temp->newdir();
	local %ENV = (%ENV, %$environment, HOME => "$home", TMPDIR => "$home", XDG_CONFIG_HOME => "$home", XDG_CACHE_HOME => "$home", NODE_NO_WARNINGS => 1);
	my $errors = $t->dir . '/browser.err';

	open(my $pipe, '-|', 'sh', '-c', 'exec "$@" 2>"$0"', $errors, 'node', "$FindBin::Bin/clients/$program", @arguments) or die "node: $!";
	while (my $line = <$pipe>)
	{
		my $seen = eval { decode_json($line) } or do { diag($line); next };
		ok($seen->{ok}, $seen->{name}) or diag(ref $seen->{detail} ? JSON::PP->new->canonical->pretty->encode($seen->{detail}) : $seen->{detail});
	}
	close $pipe;
	is($?, 0, 'the browser comes to its end') or diag(slurp($errors));
	return;
}

1;
