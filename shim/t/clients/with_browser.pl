#!/usr/bin/perl
# with_browser.pl: runs a program, and is the person at it: what it says to open is opened (user_agent.py), and it is told
# where the browser ended.  usage: with_browser.pl COMMAND...
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use IPC::Open2;

local $| = 1;
my $pid = open2(my $said, my $told, @ARGV);
$told->autoflush(1);
while (my $line = <$said>)
{
	print $line and next if $line !~ /^Open (\S+)$/;
	open my $browser, '-|', 'python3', @ENV{qw(USER_AGENT)}, $1, @ENV{qw(LOGIN PASSWORD)} or die "python3: $!\n";
	my $back = do { local $/; <$browser> };
	close $browser or die "the browser failed: $back\n";
	print $told $back;
}
waitpid $pid, 0;
exit($? ? 1 : 0);
