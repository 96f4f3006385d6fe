/*
 * cidr.c
 *	  Addresses and networks, IPv4 and IPv6 in one form.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* IPv4 becomes ::ffff:a.b.c.d, so that one comparison serves both families. */
bool
shim_address_parse(const char *text, struct in6_addr *address)
{
	static const unsigned char mapped[12] = {[10] = 0xff,[11] = 0xff};
	struct in_addr four;

	if (inet_pton(AF_INET6, text, address) == 1)
		return true;
	if (inet_pton(AF_INET, text, &four) != 1)
		return false;
	memcpy(address->s6_addr, mapped, sizeof(mapped));
	memcpy(address->s6_addr + sizeof(mapped), &four, sizeof(four));
	return true;
}

/* text has room for INET6_ADDRSTRLEN bytes. */
void
shim_address_print(const struct in6_addr *address, char *text)
{
	if (IN6_IS_ADDR_V4MAPPED(address))
		inet_ntop(AF_INET, address->s6_addr + 12, text, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, address, text, INET6_ADDRSTRLEN);
}

/* An address, or address/bits. Bits set beyond the mask are an error: they are a typing slip. */
bool
shim_network_parse(const char *text, ShimNetwork *network)
{
	char		address[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t		len = slash ? (size_t) (slash - text) : strlen(text);
	int			width;
	int			bits;

	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	if (!shim_address_parse(address, &network->address))
		return false;
	width = strchr(address, ':') ? 128 : 32;
	bits = width;
	if (slash != NULL)
	{
		char	   *end;

		if (slash[1] < '0' || slash[1] > '9')
			return false;
		bits = (int) strtol(slash + 1, &end, 10);
		if (*end != '\0' || end - slash > 4 || bits > width)
			return false;
	}
	network->bits = 128 - width + bits;
	for (int i = network->bits; i < 128; i++)
		if (network->address.s6_addr[i / 8] & (0x80 >> i % 8))
			return false;
	return true;
}

bool
shim_network_has(const ShimNetwork *network, const struct in6_addr *address)
{
	int			whole = network->bits / 8;
	int			rest = network->bits % 8;
	unsigned char mask = (unsigned char) (0xff00 >> rest);

	if (memcmp(network->address.s6_addr, address->s6_addr, (size_t) whole) != 0)
		return false;
	return rest == 0 ||
		(address->s6_addr[whole] & mask) == (network->address.s6_addr[whole] & mask);
}
