/*
 * elsewhere.c
 *		Lets a program that was only unpacked, not installed, find what came with it.
 *
 * The dynamic linker loads this before Dovecot's libraries.  Of a path such as
 * /usr/lib/dovecot/modules, what lies below the directory that ELSEWHERE names
 * is used where there is such a thing.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *
elsewhere(const char *path, char *place, size_t size)
{
	const char *below = getenv("ELSEWHERE");

	if (path == NULL || below == NULL || strncmp(path, "/usr/", 5) != 0)
		return path;
	snprintf(place, size, "%s%s", below, path);
	return access(place, F_OK) == 0 ? place : path;
}

DIR *
opendir(const char *path)
{
	char		place[4096];
	DIR		   *(*next) (const char *) = (DIR *(*) (const char *)) dlsym(RTLD_NEXT, "opendir");

	return next(elsewhere(path, place, sizeof(place)));
}

void *
dlopen(const char *path, int flags)
{
	char		place[4096];
	void	   *(*next) (const char *, int) = (void *(*) (const char *, int)) dlsym(RTLD_NEXT, "dlopen");

	return next(elsewhere(path, place, sizeof(place)), flags);
}

int
execv(const char *path, char *const arguments[])
{
	char		place[4096];
	int			(*next) (const char *,
						 char *const[]) = (int (*) (const char *, char *const[])) dlsym(RTLD_NEXT, "execv");

	return next(elsewhere(path, place, sizeof(place)), arguments);
}
