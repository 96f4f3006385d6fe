/*
 * client_id_uri.c
 *		Which URLs can be a client_id (draft-ietf-oauth-client-id-metadata-document, section 3).
 *
 * - "MUST have an "https" scheme, MUST contain a path component, MUST NOT contain single-dot or
 *   double-dot path segments, MUST NOT contain a fragment component and MUST NOT contain a username
 *   or password"
 * - it is a URL that this server asks (http/server_uri.c), of a host that it takes clients from
 *   (oauth.client_id_metadata_hosts)
 *
 * A path that is only a slash is none, as for the clients that look at their own URL.  A host has
 * one spelling, in small letters and without a dot at its end, for people who read it and for the
 * setting.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth2/client_document.h"
#include "setting.h"

bool
oauth2_is_client_id_uri(const char *client_id)
{
	return strncmp(client_id, "https://", 8) == 0 || strncmp(client_id, "http://", 7) == 0;
}

/* What follows the scheme of such a URL. */
static const char *
authority_of(const char *uri)
{
	return strstr(uri, "://") + 3;
}

/* The host, in lower case, for comparing it and for people. */
char *
oauth2_client_id_host(const char *client_id)
{
	const char *authority = authority_of(client_id);
	size_t		length = strcspn(authority, "/?#");
	char	   *host = pnstrdup(authority, oauth_uri_host_length(authority, length));

	for (char *c = host; *c; c++)
		*c = pg_ascii_tolower(*c);
	return host;
}

/* Whether a word of oauth.client_id_metadata_hosts means the host: its name, or *.example.com. */
static bool
is_meant(const char *word, size_t length, const char *host)
{
	size_t		host_length = strlen(host);

	if (word[0] != '*')
		return length == host_length && pg_strncasecmp(word, host, length) == 0;
	word++;
	length--;
	return host_length > length && pg_strncasecmp(host + host_length - length, word, length) == 0;
}

/*
 * Whether clients of the host are taken: those that the setting names, or all if it names none; and
 * none that it names after an exclamation mark.
 */
static bool
is_taken(const char *host)
{
	const char *words = oauth_setting_client_id_metadata_hosts;
	bool		is_named = false;
	bool		names_any = false;

	for (const char *c = words + strspn(words, " "); *c; c += strspn(c, " "))
	{
		size_t		length = strcspn(c, " ");
		bool		is_refused = *c == '!';

		if (is_refused && is_meant(c + 1, length - 1, host))
			return false;
		names_any |= !is_refused;
		is_named |= !is_refused && is_meant(c, length, host);
		c += length;
	}
	return is_named || !names_any;
}

/* The length of a dot at the beginning, which may be percent-encoded; 0: there is none. */
static size_t
dot_length(const char *c)
{
	return *c == '.' ? 1 : pg_strncasecmp(c, "%2e", 3) == 0 ? 3 : 0;
}

/* Whether the path has a segment that is one dot or two (RFC 3986, section 3.3). */
static bool
has_dot_segment(const char *path)
{
	for (const char *c = path; *c == '/'; c += 1 + strcspn(c + 1, "/?"))
	{
		const char *end = c + 1 + dot_length(c + 1);

		if (end == c + 1)
			continue;
		end += dot_length(end);
		if (strchr("/?", *end) != NULL)
			return true;
	}
	return false;
}

/* Why the URL cannot be a client_id here, in words that follow its name; NULL: it can. */
const char *
oauth2_client_id_uri_why_not(const char *client_id)
{
	const char *authority = authority_of(client_id);
	const char *path = authority + strcspn(authority, "/?#");
	const char *why_not = oauth_server_uri_why_not(client_id);
	const char *host = oauth2_client_id_host(client_id);

	if (why_not != NULL)
		return why_not;
	if (path[0] != '/' || path[1] == '\0' || path[1] == '?')
		return "has no path";
	if (has_dot_segment(path))
		return "has a dot segment in its path";
	if (host[strlen(host) - 1] == '.' || strncmp(authority, host, strlen(host)) != 0)
		return "has a host with capital letters, or with a dot at its end";
	return is_taken(host) ? NULL : "is of a host from which this server takes no clients";
}
