/*
 * defaults.c
 *	  The settings of the shim, as they are before options.c reads any; lanes have theirs in lane.c.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "options.h"

ShimOptions shim_options = {
	.threads = 256,
	.head_limit = 16 * 1024,
	.body_limit = 64 * 1024,
	.head_timeout = 5000,
	.body_timeout = 5000,
	.idle_timeout = 5000,
	.stop_timeout = 8000,
	.fetch = true,
	.connect_timeout = 2000,
	.batch = 64,
	.purge_interval = 60,
	.access_log = "-",
};
