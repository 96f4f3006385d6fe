/*
 * clock.c
 *	  Deadlines on the clock that never steps, and the time of day as text.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t
shim_clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
shim_clock_ms(void)
{
	return shim_clock_us() / 1000;
}

/* Milliseconds until a deadline, in the form poll() wants; 0 when it has passed. */
int
shim_clock_left(int64_t deadline_ms)
{
	int64_t		left = deadline_ms - shim_clock_ms();

	return left > 0 ? (int) left : 0;
}

/*
 * The Date field of RFC 9110, section 6.6.1, until the next call. Formatting it once
 * a second and not once a request saves more than it costs to remember.
 */
const char *
shim_clock_http_date(void)
{
	static _Thread_local char cached[40];
	static _Thread_local time_t cached_at;
	time_t		now = time(NULL);
	struct tm	tm;

	if (now != cached_at)
	{
		static const char days[] = "SunMonTueWedThuFriSat";
		static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

		/* not strftime: the names are English whatever the locale */
		gmtime_r(&now, &tm);
		snprintf(cached, sizeof(cached), "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
				 days + 3 * tm.tm_wday, tm.tm_mday % 100, months + 3 * tm.tm_mon,
				 (tm.tm_year + 1900) % 10000, tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100);
		cached_at = now;
	}
	return cached;
}

static char
digit(int number)
{
	return (char) ('0' + number % 10);
}

/* RFC 3339, UTC, with milliseconds, until the next call. */
const char *
shim_clock_log_time(void)
{
	static _Thread_local char cached[48];
	static _Thread_local time_t cached_at;
	static _Thread_local size_t len;
	struct timespec now;
	int			ms;
	struct tm	tm;

	clock_gettime(CLOCK_REALTIME, &now);
	if (now.tv_sec != cached_at)
	{
		gmtime_r(&now.tv_sec, &tm);
		len = strftime(cached, sizeof(cached), "%Y-%m-%dT%H:%M:%S", &tm);
		cached_at = now.tv_sec;
	}
	/* not snprintf: this is for each line of the access log */
	ms = (int) (now.tv_nsec / 1000000);
	memcpy(cached + len, (char[]) {'.', digit(ms / 100), digit(ms / 10), digit(ms), 'Z', '\0'}, 6);
	return cached;
}
