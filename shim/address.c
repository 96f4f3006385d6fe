/*
 * address.c
 *	  Which addresses are those of the public Internet.
 *
 * What a client registers decides where the shim connects to. So it connects to addresses only that
 * anybody could reach: not to this machine, not to the networks behind it, and to none that stands
 * for one of those in another form (the special-purpose registries of IANA, RFC 6890).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "shim.h"

#include <string.h>

static const char *const special[] = {
	"0.0.0.0/8",				/* "this network" (RFC 791); Linux takes it for this machine */
	"10.0.0.0/8",				/* private use (RFC 1918) */
	"100.64.0.0/10",			/* shared, behind a carrier's NAT (RFC 6598) */
	"127.0.0.0/8",				/* loopback (RFC 1122) */
	"169.254.0.0/16",			/* link-local (RFC 3927), where clouds keep credentials */
	"172.16.0.0/12",			/* private use (RFC 1918) */
	"192.0.0.0/24",				/* protocol assignments (RFC 6890) */
	"192.0.2.0/24",				/* documentation (RFC 5737) */
	"192.88.99.0/24",			/* relays of 6to4 (RFC 7526) */
	"192.168.0.0/16",			/* private use (RFC 1918) */
	"198.18.0.0/15",			/* benchmarks (RFC 2544) */
	"198.51.100.0/24",			/* documentation (RFC 5737) */
	"203.0.113.0/24",			/* documentation (RFC 5737) */
	"224.0.0.0/4",				/* multicast (RFC 5771) */
	"240.0.0.0/4",				/* reserved (RFC 1112), and limited broadcast */
	"2001::/23",				/* protocol assignments (RFC 2928): Teredo, benchmarks, ORCHID */
	"2001:db8::/32",			/* documentation (RFC 3849) */
	"2002::/16",				/* 6to4 (RFC 3056): any IPv4 address */
	"3fff::/20",				/* documentation (RFC 9637) */
};

static bool
is_in(const char *text, const struct in6_addr *address)
{
	ShimNetwork network;

	return shim_network_parse(text, &network) && shim_network_has(&network, address);
}

/* Of IPv6, what is global unicast (RFC 4291): loopback, link-local, unique local, IPv4-compatible
 * and translated addresses are not. */
static bool
is_global(const struct in6_addr *address)
{
	return IN6_IS_ADDR_V4MAPPED(address) || is_in("2000::/3", address);
}

/* The IPv4 address that a gateway makes of 64:ff9b::/96 (RFC 6052). */
static struct in6_addr
untranslated(const struct in6_addr *address)
{
	struct in6_addr four = {.s6_addr = {[10] = 0xff,[11] = 0xff}};

	if (!is_in("64:ff9b::/96", address))
		return *address;
	memcpy(four.s6_addr + 12, address->s6_addr + 12, 4);
	return four;
}

/* IPv4 as ::ffff:a.b.c.d. */
bool
shim_address_is_public(const struct in6_addr *address)
{
	struct in6_addr meant = untranslated(address);

	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (is_in(special[i], &meant))
			return false;
	return is_global(&meant);
}

/* This machine. */
bool
shim_address_is_loopback(const struct in6_addr *address)
{
	return is_in("127.0.0.0/8", address) || is_in("::1", address);
}
