/*
 * addresses.c
 *	  Says of each line of standard input whether the shim takes it for a public address.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

#include <stdio.h>
#include <string.h>

int
main(void)
{
	char		line[128];

	while (fgets(line, sizeof(line), stdin) != NULL)
	{
		struct in6_addr address;

		line[strcspn(line, "\n")] = '\0';
		if (!shim_address_parse(line, &address))
			printf("%s no address\n", line);
		else
			printf("%s %s%s\n", line, shim_address_is_public(&address) ? "public" : "special",
				   shim_address_is_loopback(&address) ? " loopback" : "");
	}
	return 0;
}
