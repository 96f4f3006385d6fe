# Browse.pm: what the person does, by user_agent.py: the query of the address that the browser is sent back to.
# SPDX-License-Identifier: PostgreSQL
package Browse;
use strict;
use warnings;
use Exporter 'import';
use URI;

our @EXPORT_OK = qw(browse);

sub browse
{
	my ($url) = @_;
	open(my $person, '-|', 'python3', $ENV{USER_AGENT}, "$url", $ENV{LOGIN}, $ENV{PASSWORD}) or die "python3: $!";
	chomp(my $back = <$person> // '');
	close $person or die "the pages lead nowhere\n";
	return URI->new($back)->query_form;
}

1;
