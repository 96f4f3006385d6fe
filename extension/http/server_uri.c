/*
 * server_uri.c
 *		Which URLs this provider asks, or sends something to: https, on the ports of https.
 *
 * The client that registers such a URL decides where the provider connects to (server-side request
 * forgery).  Here only its form is looked at, before it is stored and before it is asked for; the
 * shim looks at the address that it is about to connect to.
 *
 * A host that ends in a number is an address, and has one spelling only: what is meant by 0177.1,
 * by 2130706433 or by 0x7f.1 depends on who reads it.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"
#include "setting.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define HOST_CHARACTERS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"

static bool
is_printable(const char *uri)
{
	for (const char *c = uri; *c; c++)
		if ((unsigned char) *c <= ' ' || (unsigned char) *c >= 0x7F ||
			strchr("\"'\\<>^`{|}", *c) != NULL)
			return false;
	return true;
}

/* The last label of a host without its dot at the end. */
static const char *
last_label(char *host)
{
	size_t		length = strlen(host);
	const char *dot;

	if (length > 1 && host[length - 1] == '.')
		host[length - 1] = '\0';
	dot = strrchr(host, '.');
	return dot ? dot + 1 : host;
}

/* "ends in a number" of the WHATWG URL standard: decimal, octal or hexadecimal */
static bool
ends_in_number(const char *host)
{
	const char *last = last_label(pstrdup(host));

	if (last[0] == '0' && (last[1] == 'x' || last[1] == 'X'))
		return strspn(last + 2, "0123456789abcdefABCDEF") == strlen(last + 2);
	return strspn(last, "0123456789") == strlen(last);
}

/* IPv4 in four decimal numbers, IPv6 in brackets and without a zone, or a name. */
static bool
is_host(const char *host)
{
	size_t		length = strlen(host);
	unsigned char address[16];

	if (length == 0 || length > 255)
		return false;
	if (host[0] == '[')
		return host[length - 1] == ']' &&
			inet_pton(AF_INET6, pnstrdup(host + 1, length - 2), address) == 1;
	if (strspn(host, HOST_CHARACTERS) != length || host[0] == '.' || strstr(host, "..") != NULL)
		return false;
	return !ends_in_number(host) || inet_pton(AF_INET, host, address) == 1;
}

/* An address of this machine: 127.0.0.0/8, ::1, or the first in a form of IPv6. */
static bool
is_loopback_address(const char *host)
{
	static const uint8 mapped[12] = {[10] = 0xFF,[11] = 0xFF};
	size_t		length = strlen(host);
	struct in6_addr six;
	uint8		four[4];

	if (inet_pton(AF_INET, host, four) == 1)
		return four[0] == 127;
	if (host[0] != '[' || inet_pton(AF_INET6, pnstrdup(host + 1, length - 2), &six) != 1)
		return false;
	return IN6_IS_ADDR_LOOPBACK(&six) ||
		(memcmp(six.s6_addr, mapped, sizeof(mapped)) == 0 && six.s6_addr[12] == 127);
}

/* This machine, by its addresses and the names of them (RFC 6761, section 6.3). */
static bool
is_loopback(const char *host)
{
	return is_loopback_address(host) || pg_strcasecmp(last_label(pstrdup(host)), "localhost") == 0;
}

/* Whether this provider is one for trying things out, which serves its own machine only. */
static bool
issuer_is_loopback(void)
{
	const char *host = oauth_setting_issuer ? oauth_setting_issuer : "";

	if (strncmp(host, "http://", 7) != 0)
		return false;
	host += 7;
	return is_loopback(pnstrdup(host, oauth_uri_host_length(host, strcspn(host, "/?#"))));
}

/*
 * Why such a URL is neither asked nor sent anything, in words that follow its name; NULL: it may
 * be.
 */
const char *
oauth_server_uri_why_not(const char *uri)
{
	bool		is_https = strncmp(uri, "https://", 8) == 0;
	const char *authority;
	size_t		length;
	size_t		host_length;
	char	   *host;
	int			port = 0;

	if (strlen(uri) > OAUTH_MAX_SERVER_URI)
		return "is longer than 2000 characters";
	if (!is_https && strncmp(uri, "http://", 7) != 0)
		return "does not begin with https://";
	authority = uri + (is_https ? 8 : 7);
	length = strcspn(authority, "/?#");
	host_length = oauth_uri_host_length(authority, length);
	if (!is_printable(uri) || strchr(uri, '#') != NULL)
		return "is not printable ASCII without spaces, quotes, brackets and fragment";
	if (memchr(authority, '@', length) != NULL)
		return "has a user name";
	host = pnstrdup(authority, host_length);
	if (!is_host(host))
		return "has a host that is neither a name nor an address in its usual form";
	if (host_length < length)
		port = authority[host_length] == ':' ?
			oauth_uri_port(authority + host_length + 1, length - host_length - 1) : -1;
	if (port < 0)
		return "has a port that is not a number from 1 to 65535";
	if (is_loopback(host))
		return issuer_is_loopback() ? NULL : "is an address of this machine";
	if (!is_https)
		return "does not begin with https://";
	return port == 0 || port == 443 || port == 8443 ? NULL : "has another port than 443 and 8443";
}
