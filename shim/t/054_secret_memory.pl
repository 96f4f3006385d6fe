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
use InnerModule qw(inner_module);
use ShimTest;

my $t = ShimTest->new(extension => 1);
my $module = inner_module($t->dir, 'secret_memory', ['oauth_secret_alloc'], <<'C');
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(look_after_error);
PGDLLEXPORT Datum look_after_error(PG_FUNCTION_ARGS);
typedef void *(*Allocate) (size_t length);

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
		bytes = is_secret ? ((Allocate) INNER(oauth_secret_alloc)) (sizeof(SECRET)) : palloc0(sizeof(SECRET));
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
ok($module, 'a module is built')
  or BAIL_OUT('gcc is needed');

$t->sql("CREATE FUNCTION look_after_error(boolean) RETURNS boolean LANGUAGE c AS '$module'");

my $look = 'SELECT look_after_error';
is($t->sql("$look(false)"), 't', 'common memory still has the secret after an error');
is($t->sql("$look(true)"), 'f', 'memory for secrets has been wiped');
$t->finish;
done_testing();
