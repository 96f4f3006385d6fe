#!/usr/bin/perl
# 054_secret_memory.pl: an error between the opening of a secret and its wiping leaves no secret in memory.
#
# A module of this test puts a secret into a memory context over a block that outlives it, raises, and looks.
# SPDX-License-Identifier: PostgreSQL
use strict;
use warnings;

use FindBin;
use Test::More;
use lib $FindBin::Bin;
use ShimTest;

my $t = ShimTest->new(extension => 1);
my $module = "$t->{dir}/secret_memory";

open(my $source, '>', "$module.c") or die $!;
print $source <<'C';
#include "postgres.h"
#include "fmgr.h"
#include "utils/memutils.h"

PG_MODULE_MAGIC;
PG_FUNCTION_INFO_V1(look_after_error);
PGDLLEXPORT Datum look_after_error(PG_FUNCTION_ARGS);
extern void *oauth_secret_alloc(size_t length);

#define SECRET "a secret that nobody may find"

static char *bytes;
static int	n_before;
static char seen[sizeof(SECRET)];

/* Runs when the context is reset, after the callback of the secret, which was registered later: the bytes are still there. */
static void
look(void *argument)
{
	memcpy(seen, bytes, sizeof(seen));
	n_before++;
}

Datum
look_after_error(PG_FUNCTION_ARGS)
{
	bool		is_secret = PG_GETARG_BOOL(0);
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "secret test", ALLOCSET_DEFAULT_SIZES);
	MemoryContextCallback *callback = MemoryContextAllocZero(caller, sizeof(MemoryContextCallback));

	n_before = 0;
	callback->func = look;
	MemoryContextRegisterResetCallback(context, callback);
	PG_TRY();
	{
		MemoryContextSwitchTo(context);
		bytes = is_secret ? oauth_secret_alloc(sizeof(SECRET)) : palloc0(sizeof(SECRET));
		strcpy(bytes, SECRET);
		elog(ERROR, "an error comes before the secret is wiped");
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(caller);
		FlushErrorState();
	}
	PG_END_TRY();
	MemoryContextDelete(context);
	if (n_before != 1)
		elog(ERROR, "nobody looked");
	PG_RETURN_BOOL(memcmp(seen, SECRET, sizeof(SECRET)) == 0);
}
C
close $source;
chomp(my $include = `pg_config --includedir-server`);
is(system('gcc', '-shared', '-fPIC', "-I$include", '-o', "$module.so", "$module.c"), 0, 'a module is built')
  or BAIL_OUT('gcc is needed');

# the module finds the function in the library of the extension, which must have been loaded
$t->sql("SELECT count(*) FROM oauth_settings(); CREATE FUNCTION look_after_error(boolean) RETURNS boolean LANGUAGE c AS '$module'");

my $load = 'SELECT count(*) FROM oauth_settings(); SELECT look_after_error';
like($t->sql("$load(false)"), qr/^t$/m, 'common memory still has the secret after an error');
like($t->sql("$load(true)"), qr/^f$/m, 'memory for secrets has been wiped');
$t->finish;
done_testing();
