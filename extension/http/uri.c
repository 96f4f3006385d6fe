/*
 * uri.c
 *		Comparing URIs (RFC 3986, sections 6.2.2 and 6.2.3): case of scheme and host,
 *		percent-encoding, dot segments, an empty path, the default port.
 *
 * Redirect URIs are compared by "simple string comparison" instead (RFC 9700, section 4.1.3).  A
 * URI is shown as it was written; only comparisons use the normal form.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"
#include "setting.h"

#define ALPHABET	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS		"0123456789"
#define HEX			DIGITS "abcdefABCDEF"

static const struct
{
	const char *scheme;
	int			port;
}			default_ports[] =
{
	{"http", 80}, {"https", 443}, {"ws", 80}, {"wss", 443}
};

/* scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )  (section 3.1); its length, or 0. */
size_t
oauth_uri_scheme_length(const char *uri)
{
	size_t		length = strspn(uri, ALPHABET DIGITS "+-.");

	return uri[length] == ':' && isalpha((unsigned char) uri[0]) ? length : 0;
}

/* port = *DIGIT (section 3.2.3); 0 for an empty port, -1 unless it is a number from 1 to 65535. */
int
oauth_uri_port(const char *digits, size_t length)
{
	int			port = 0;

	for (size_t i = 0; i < length; i++)
	{
		if (digits[i] < '0' || digits[i] > '9')
			return -1;
		port = Min(port * 10 + digits[i] - '0', 65536);
	}
	return length == 0 || (port > 0 && port <= 65535) ? port : -1;
}

/* The length of the host at the beginning of host and port.  An IPv6 address has brackets. */
size_t
oauth_uri_host_length(const char *host, size_t length)
{
	bool		is_address = length > 0 && host[0] == '[';
	const char *end = memchr(host, is_address ? ']' : ':', length);

	return end ? (size_t) (end - host) + is_address : length;
}

static bool
is_unreserved(int c)
{
	return c > 0 && strchr(ALPHABET DIGITS "-._~", c) != NULL;
}

/* Section 6.2.2.2: %7e becomes ~, and %c3 becomes %C3.  lower also lowers letters. */
static void
append_decoded(StringInfo normal, const char *text, size_t length, bool lower)
{
	for (size_t i = 0; i < length; i++)
	{
		int			c = (unsigned char) text[i];
		bool		is_encoded = c == '%' && i + 2 < length && strchr(HEX, text[i + 1]) &&
			strchr(HEX, text[i + 2]);

		if (is_encoded)
		{
			c = (int) strtol(pnstrdup(text +i + 1, 2), NULL, 16);
			i += 2;
		}
		if (is_encoded && !is_unreserved(c))
			appendStringInfo(normal, "%%%02X", c);
		else
			appendStringInfoChar(normal, lower ? pg_ascii_tolower(c) : c);
	}
}

/* Removes the last segment written so far. */
static void
remove_segment(StringInfo normal, int since)
{
	while (normal->len > since && normal->data[normal->len - 1] != '/')
		normal->len--;
	if (normal->len > since)
		normal->len--;
	normal->data[normal->len] = '\0';
}

/*
 * Section 5.2.4; the path is empty or begins with a slash, and an empty one is "/" (section 6.2.3).
 */
static void
append_path(StringInfo normal, const char *path)
{
	int			since = normal->len;

	for (const char *segment = path; *segment == '/';)
	{
		size_t		length = strcspn(segment + 1, "/");
		const char *next = segment + 1 + length;
		bool		is_dot = length == 1 && segment[1] == '.';
		bool		is_dots = length == 2 && segment[1] == '.' && segment[2] == '.';

		if (is_dots)
			remove_segment(normal, since);
		else if (!is_dot)
			appendBinaryStringInfo(normal, segment, length + 1);
		if ((is_dot || is_dots) && *next == '\0')
			appendStringInfoChar(normal, '/');
		segment = next;
	}
	if (normal->len == since)
		appendStringInfoChar(normal, '/');
}

/* Writes userinfo, host and port, without the scheme's default port. */
static void
append_authority(StringInfo normal, const char *scheme, const char *authority, size_t length)
{
	const char *at = memchr(authority, '@', length);
	const char *host = at ? at + 1 : authority;
	size_t		rest = authority + length - host;
	size_t		host_length = oauth_uri_host_length(host, rest);
	int			port = 0;

	if (host_length < rest)
		port = oauth_uri_port(host + host_length + 1, rest - host_length - 1);
	append_decoded(normal, authority, host - authority, false);
	append_decoded(normal, host, host_length, true);
	for (size_t i = 0; i < lengthof(default_ports); i++)
		if (port == default_ports[i].port && strcmp(scheme, default_ports[i].scheme) == 0)
			return;
	if (port > 0)
		appendStringInfo(normal, ":%d", port);
	else if (port < 0)
		appendBinaryStringInfo(normal, host + host_length, rest - host_length);
}

/* The normal form of a URI; anything but an absolute URI is returned as it is. */
char *
oauth_uri_normal(const char *uri)
{
	size_t		length = oauth_uri_scheme_length(uri);
	const char *rest = uri + length + 1;
	StringInfoData normal;
	StringInfoData path;
	char	   *scheme;

	if (length == 0)
		return pstrdup(uri);
	initStringInfo(&normal);
	append_decoded(&normal, uri, length, true);
	scheme = pstrdup(normal.data);
	appendStringInfoChar(&normal, ':');
	if (strncmp(rest, "//", 2) == 0)
	{
		size_t		authority = strcspn(rest + 2, "/?#");

		appendStringInfoString(&normal, "//");
		append_authority(&normal, scheme, rest + 2, authority);
		rest += 2 + authority;
		initStringInfo(&path);
		append_decoded(&path, rest, strcspn(rest, "?#"), false);
		append_path(&normal, path.data);
		rest += strcspn(rest, "?#");
	}
	append_decoded(&normal, rest, strlen(rest), false);
	return normal.data;
}

/* Whether two URIs are the same. */
bool
oauth_uri_equals(const char *one, const char *other)
{
	return strcmp(one, other) == 0 || strcmp(oauth_uri_normal(one), oauth_uri_normal(other)) == 0;
}

/* Whether list contains every one of the space-separated uris, in any spelling. */
bool
oauth_uris_include(const char *list, const char *uris)
{
	for (const char *c = uris + strspn(uris, " "); *c; c += strspn(c, " "))
	{
		size_t		length = strcspn(c, " ");
		char	   *uri = pnstrdup(c, length);
		bool		is_there = false;

		for (const char *l = list + strspn(list, " "); *l && !is_there; l += strspn(l, " "))
		{
			size_t		here = strcspn(l, " ");

			is_there = oauth_uri_equals(uri, pnstrdup(l, here));
			l += here;
		}
		if (!is_there)
			return false;
		c += length;
	}
	return true;
}

/*
 * The scheme and host of a URI, for people to read: "https://app.example", or "com.example.app:"
 * for a private-use scheme.
 */
char *
oauth_origin(const char *uri)
{
	const char *authority = strstr(uri, "://");

	if (authority == NULL || strncmp(uri, "http", 4) != 0)
		return pnstrdup(uri, strcspn(uri, ":") + 1);
	return pnstrdup(uri, authority + 3 - uri + strcspn(authority + 3, "/?#"));
}

/* The setting oauth.issuer; raises an error if it is needed and missing. */
const char *
oauth_issuer(void)
{
	if (oauth_setting_issuer == NULL || oauth_setting_issuer[0] == '\0')
		ereport(ERROR, (errcode(ERRCODE_CONFIG_FILE_ERROR), errmsg("oauth.issuer is not set"),
						errhint("ALTER DATABASE ... SET oauth.issuer = 'https://auth.example.com'; "
								"new connections have it.")));
	return oauth_setting_issuer;
}
