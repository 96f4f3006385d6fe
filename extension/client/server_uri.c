/*
 * server_uri.c
 *		Addresses that this server itself calls: key sets, sector documents, receivers of logout
 *		tokens.
 *
 * Their owner decides where this server connects to (server-side request forgery).  So they must be
 * https on the ports of https, and the shim checks the resolved address once more.  If the issuer
 * is on loopback, as with make start, other services of this machine may be called too.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/member.h"
#include "http/http.h"
#include "text/text.h"

/* host and port of an http or https URI */
static const char *
authority_of(const char *uri)
{
	return strstr(uri, "://") + 3;
}

static size_t
authority_length(const char *authority)
{
	return strcspn(authority, "/?#");
}

static bool
is_loopback(const char *uri)
{
	const char *authority = authority_of(uri);

	return oauth2_host_is_loopback(authority,
								   oauth_uri_host_length(authority, authority_length(authority)));
}

/* Whether this server serves only its own machine. */
static bool
issuer_is_loopback(void)
{
	return oauth_setting_issuer != NULL && strncmp(oauth_setting_issuer, "http://", 7) == 0 &&
		is_loopback(oauth_setting_issuer);
}

static bool
has_port_of_https(const char *uri)
{
	const char *authority = authority_of(uri);
	size_t		length = authority_length(authority);
	size_t		host = oauth_uri_host_length(authority, length);
	int			port = host < length ?
		oauth_uri_port(authority + host + 1, length - host - 1) : 443;

	return port == 0 || port == 443 || port == 8443;
}

/* name: the member that the address is the value of. */
OAuthFault *
oauth_server_uri_check(const char *name, const char *uri)
{
	bool		is_https = strncmp(uri, "https://", 8) == 0;

	if (!is_https && (strncmp(uri, "http://", 7) != 0 || !is_loopback(uri)))
		return oauth_bad_member(name, "an address that begins with https://");
	if (oauth2_redirect_uri_check(uri) != NULL)
		return oauth_bad_member(name, "an address of printable ASCII, without a user and without "
								"a fragment");
	if (is_loopback(uri))
		return issuer_is_loopback() ? NULL :
			oauth_bad_member(name, "an address that this server reaches, not of this machine");
	return has_port_of_https(uri) ? NULL :
		oauth_bad_member(name, "an address with port 443 or 8443");
}
