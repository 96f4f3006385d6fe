# .ci/Source.pm - files as text, for the scripts beside this module.
# SPDX-License-Identifier: PostgreSQL
package Source;

use strict;
use warnings;
use Exporter qw(import);

our @EXPORT_OK = qw(slurp spew code);

sub slurp
{
	my ($name) = @_;
	local $/;
	open my $file, '<', $name or die "$name: $!\n";
	return scalar(<$file>) // '';
}

sub spew
{
	my ($name, $text, $mode) = @_;
	open my $file, '>', $name or die "$name: $!\n";
	print $file $text;
	close $file or die "$name: $!\n";
	chmod $mode, $name or die "$name: $!\n" if $mode;
	return;
}

# C without what comments and strings say, line for line.
sub code
{
	my ($text) = @_;
	$text =~ s{(/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+')}{ my $t = $1; $t =~ tr/\n//cd; $t }gse;
	return $text;
}

1;
