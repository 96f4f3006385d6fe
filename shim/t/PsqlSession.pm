# PsqlSession.pm
# A psql that stays open, so that a test can interleave several.
#
#     my $ann = PsqlSession->new('host=127.0.0.1 port=6432 dbname=postgres user=album');
#     is($ann->query('SELECT 1'), '1');         # or 'ERROR 42501': the first error's SQLSTATE, if there is one
#     $ann->hang_up;
#
# Further pairs for new are psql's variables: VERBOSITY => 'verbose' for messages that say more than the SQLSTATE.
#
# SPDX-License-Identifier: PostgreSQL
package PsqlSession;

use strict;
use warnings;

use IPC::Run;

sub new
{
	my ($class, $database, %variables) = @_;
	my $self = bless { in => '', out => '', err => '' }, $class;
	my %set = (VERBOSITY => 'sqlstate', %variables);

	$self->{timeout} = IPC::Run::timeout(30);
	$self->{run} = IPC::Run::start([ 'psql', '-XAtq', (map { ('-v', "$_=$set{$_}") } keys %set), '-d', $database, '-f', '-' ],
		'<', \$self->{in}, '>', \$self->{out}, '2>', \$self->{err}, $self->{timeout});
	return $self;
}

# Run statements; their rows, without empty lines.
sub query
{
	my ($self, $sql) = @_;

	@$self{qw(out err)} = ('', '');
	$self->{timeout}->start(30);
	$self->{in} .= "$sql;\n\\echo -end-\n\\warn -end-\n";
	$self->{run}->pump until $self->{out} =~ /^-end-\n/m && $self->{err} =~ /^-end-\n/m;
	return "ERROR $1" if $self->{err} =~ /ERROR: +(\w{5})/;
	return $self->{out} =~ s/^-end-\n//mr =~ s/\n+/\n/gr =~ s/\A\n|\n\z//gr;
}

# What psql had to say beside rows, of the last query.
sub messages { return $_[0]{err} }

# Go away without a word, as a client does that is killed.
sub hang_up
{
	my ($self) = @_;

	$self->{run}->kill_kill(grace => 0) if $self->{run};
	delete $self->{run};
	return;
}

sub DESTROY { local $?; $_[0]->hang_up; return }

1;
