# InnerModule.pm
# A module in C for a test that looks inside the extension's library.
#
#     my $module = inner_module($t->dir, 'unset_hook', [qw(oauth_store_user_is_active_hook)], <<'C');
#     ... *(Hook *) INNER(oauth_store_user_is_active_hook) = NULL; ...
#     C
#
# From PostgreSQL 16 on modules keep their symbols to themselves, so an address is found by its distance from a function that
# the server calls, as nm says.
#
# SPDX-License-Identifier: PostgreSQL
package InnerModule;

use strict;
use warnings;

use Exporter 'import';

our @EXPORT_OK = qw(inner_module);

my $known = 'oauth_verify_token';
my $preamble = <<"C";
#include "postgres.h"
#include "fmgr.h"

#define INNER(name) inner(OFFSET_##name)

PG_MODULE_MAGIC;

static inline void *
inner(long offset)
{
	return (char *) load_external_function("\$libdir/oauth", "$known", true, NULL) + offset;
}
C

# The module's file; it has no name if it could not be built.
sub inner_module
{
	my ($dir, $name, $symbols, $source) = @_;
	chomp(my ($include, $libdir) = map { scalar `pg_config --$_` } qw(includedir-server pkglibdir));
	my %address = map { /^([0-9a-f]+) \w (\w+)$/ ? ($2 => hex $1) : () } `nm $libdir/oauth.so`;
	my @absent = grep { !defined $address{$_} } $known, @$symbols;

	die "$libdir/oauth.so has no @absent" if @absent;
	open(my $file, '>', "$dir/$name.c") or die "$dir/$name.c: $!";
	print $file $preamble, $source;
	close $file;
	my @offsets = map { "-DOFFSET_$_=" . ($address{$_} - $address{$known}) } @$symbols;
	return system('gcc', '-shared', '-fPIC', "-I$include", @offsets, '-o', "$dir/$name.so", "$dir/$name.c") == 0 ? "$dir/$name" : '';
}

1;
