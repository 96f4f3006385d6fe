/*
 * options.h
 *	  Settings of the shim, from the command line and the environment.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef SHIM_OPTIONS_H
#define SHIM_OPTIONS_H

#include "shim.h"

#define SHIM_MAX_PROXIES 32

typedef struct ShimOptions
{
	/* HTTP */
	char		listen[256];	/* for CivetWeb: address:port, comma-separated */
	bool		allow_non_loopback;
	int			threads;
	size_t		head_limit;		/* bytes */
	size_t		body_limit;
	int			head_timeout;	/* ms, as all times here */
	int			body_timeout;
	int			idle_timeout;
	int			stop_timeout;
	ShimNetwork proxies[SHIM_MAX_PROXIES];
	int			nproxies;

	/* other servers */
	bool		fetch;			/* whether they are asked at all */
	bool		fetch_loopback;
	const char *fetch_ca;		/* a file; NULL: those that libcurl trusts */
	ShimNetwork fetch_allow[SHIM_MAX_PROXIES];
	int			nfetch_allow;

	/* database */
	const char *database;
	int			connect_timeout;
	int			batch;
	int			purge_interval; /* s, 0: never */

	/* log */
	const char *access_log;		/* "-" is stdout, "none" is none */
	bool		json;
} ShimOptions;

extern ShimOptions shim_options;

/* Exits with status 2 and a message when an option is wrong, with 0 after --help. */
extern void shim_options_read(int argc, char **argv);

#endif							/* SHIM_OPTIONS_H */
