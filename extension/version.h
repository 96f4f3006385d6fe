/*
 * version.h
 *		Which minor versions of PostgreSQL will do.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef OAUTH_VERSION_H
#define OAUTH_VERSION_H

/*
 * What PostgreSQL released with the fixes of CVE-2026-6460 and of others that concern extensions.
 */
#define OAUTH_SOUND_VERSIONS "15.20, 16.16, 17.12 or 18.7, or a newer minor of these"

/* Whether a server of this version (PG_VERSION_NUM, server_version_num) has such a hole. */
#define OAUTH_HAS_HOLES(version) \
	((version) < 150020 || \
	 ((version) >= 160000 && (version) < 160016) || \
	 ((version) >= 170000 && (version) < 170012) || \
	 ((version) >= 180000 && (version) < 180007))

/* There are systems that offer no newer one than this: it is built for, with a warning. */
#define OAUTH_IS_TOLERATED(version) ((version) == 180006)

#if OAUTH_HAS_HOLES(PG_VERSION_NUM) && !OAUTH_IS_TOLERATED(PG_VERSION_NUM)
#error "PostgreSQL 15.20, 16.16, 17.12 or 18.7, or a newer minor of these, is required"
#endif

#endif							/* OAUTH_VERSION_H */
