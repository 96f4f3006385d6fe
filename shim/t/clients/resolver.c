/*
 * resolver.c
 *	  getaddrinfo() for a shim under test (LD_PRELOAD): names have the addresses that a file says,
 *	  and may have others when they are looked up again.
 *
 * The file that FAKE_HOSTS names has a line a name: the name, and what each look-up finds, the last
 * one from then on. Addresses of one look-up are separated by commas; "slow" waits ten seconds.
 * Each look-up is noted in FAKE_HOSTS with ".log" behind it. Newer versions of curl look up a name's
 * IPv4 and IPv6 addresses apart: each of the two has a first look-up. Other names are not found:
 * nothing of a test leaves this machine.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

typedef int (*Lookup) (const char *, const char *, const struct addrinfo *, struct addrinfo **);

/* How often that name has been looked up before, for this family. */
static int
count_before(const char *name, int family)
{
	char		file[512];
	char		line[256];
	char		wanted[256];
	int			n = 0;
	FILE	   *log;

	snprintf(file, sizeof(file), "%s.log", getenv("FAKE_HOSTS"));
	snprintf(wanted, sizeof(wanted), "%s %d", name, family);
	pthread_mutex_lock(&lock);
	log = fopen(file, "a+");
	rewind(log);
	while (fgets(line, sizeof(line), log) != NULL)
		n += strcmp(strtok(line, "\n"), wanted) == 0;
	fprintf(log, "%s\n", wanted);
	fclose(log);
	pthread_mutex_unlock(&lock);
	return n;
}

/* What that look-up finds; false for a name that is not in the file. */
static int
find_addresses(const char *name, int family, char *addresses, size_t size)
{
	char		line[512];
	int			found = 0;
	FILE	   *hosts = fopen(getenv("FAKE_HOSTS"), "r");

	while (!found && fgets(line, sizeof(line), hosts) != NULL)
	{
		char	   *rest = line;
		char	   *word = strsep(&rest, " \n");
		int			n;

		if (strcmp(word, name) != 0)
			continue;
		found = 1;
		for (n = count_before(name, family); n >= 0 && rest != NULL && *rest != '\0'; n--)
			snprintf(addresses, size, "%s", strsep(&rest, " \n"));
	}
	fclose(hosts);
	return found;
}

int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
			struct addrinfo **result)
{
	Lookup		real = (Lookup) dlsym(RTLD_NEXT, "getaddrinfo");
	char		addresses[256] = "";
	unsigned char raw[16];
	char	   *rest = addresses;
	char	   *address;
	struct addrinfo **last = result;
	struct addrinfo numeric = hints ? *hints : (struct addrinfo) {0};
	int			family = numeric.ai_family;

	if (getenv("FAKE_HOSTS") == NULL || node == NULL)
		return real(node, service, hints, result);
	numeric.ai_flags |= AI_NUMERICHOST;
	if (!find_addresses(node, family, addresses, sizeof(addresses)))
		return real(node, service, &numeric, result);
	*result = NULL;
	if (strcmp(addresses, "slow") == 0)
		sleep(10);
	while ((address = strsep(&rest, ",")) != NULL)
	{
		numeric.ai_family = strchr(address, ':') ? AF_INET6 : AF_INET;
		if (family != AF_UNSPEC && family != numeric.ai_family)
			continue;
		if (inet_pton(numeric.ai_family, address, raw) == 1 &&
			real(address, service, &numeric, last) == 0)
			while (*last != NULL)
				last = &(*last)->ai_next;
	}
	return *result != NULL ? 0 : EAI_NONAME;
}
