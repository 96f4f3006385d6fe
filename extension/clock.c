/*
 * clock.c
 *		Durations in seconds, and points in time.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

/* The whole seconds until then, rounded down, never negative. */
int
oauth_seconds_left(TimestampTz until)
{
	return (int) Min(Max((until - GetCurrentTimestamp()) / USECS_PER_SEC, 0), PG_INT32_MAX);
}

TimestampTz
oauth_seconds_from_now(int seconds)
{
	return GetCurrentTimestamp() + seconds * USECS_PER_SEC;
}
