/*
 * pace.c
 *		How fast an import goes: as fast as it can, and where others want its processor too, with
 *		rests in between.
 *
 * An import takes a processor for a minute or two.  The system gives it its share of them, for so
 * long in one go that requests which take a millisecond wait for twenty.  So once an import has to
 * wait for a processor itself, it works in small batches, and rests after each.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "import/import.h"

#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/wait_event.h"

#include <sys/resource.h>
#include <time.h>

#define ROWS_ALONE		1000
#define ROWS_SHARED		30		/* two milliseconds or so */
#define WINDOW			100000	/* microseconds of the processor between looks who else wants it */
#define TIMES_DISPLACED	5		/* in a window, or it was not for the processor that it waited */
#define LONGEST_REST	20		/* ms */

static int64
microseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* How many rows the next batch has. */
long
oauth_import_rows_a_batch(const OAuthImport *import)
{
	return import->pace.is_shared ? ROWS_SHARED : ROWS_ALONE;
}

/* How often the system has given the processor to another program. */
static long
times_displaced(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_nivcsw : 0;
}

/*
 * The time that a batch took, in all and of the processor, in microseconds.  Who waits for the disk
 * takes longer than he computes as well.
 */
static void
look_back(OAuthImportPace *pace, int64 taken, int64 used)
{
	long		displaced;

	pace->taken += taken;
	pace->used += used;
	if (pace->used < WINDOW)
		return;
	displaced = times_displaced();
	pace->is_shared = pace->taken > pace->used + pace->used / 10 &&
		displaced - pace->displaced >= TIMES_DISPLACED;
	pace->taken = pace->used = 0;
	pace->displaced = displaced;
}

static void
rest(long ms)
{
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, ms,
					 WAIT_EVENT_PG_SLEEP);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}

/*
 * A batch is done, or all that comes before the first.  Where others want the processor, rests half
 * as long as the batch had it.
 */
void
oauth_import_pace(OAuthImport *import)
{
	OAuthImportPace *pace = &import->pace;
	int64		used = microseconds(CLOCK_PROCESS_CPUTIME_ID) - pace->processor;

	if (pace->clock != 0)
		look_back(pace, microseconds(CLOCK_MONOTONIC) - pace->clock, used);
	else
		pace->displaced = times_displaced();
	if (pace->is_shared)
		rest(Min(Max(used / 2000, 1), LONGEST_REST));
	pace->clock = microseconds(CLOCK_MONOTONIC);
	pace->processor = microseconds(CLOCK_PROCESS_CPUTIME_ID);
}
