/*
 * redirect_uri.c
 *		Which redirect URIs a client may register (RFC 6749, section 3.1.2; RFC 8252, section 7; RFC
 *		9700, section 4.1).
 *
 * A redirect URI is compared as a string when it is used.  What matters at registration is that no
 * URI is accepted that a browser would run, or that is another address than it seems to be.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "http/http.h"
#include "setting.h"
#include "store/client.h"
#include "text/text.h"


#define MAX_SHOWN	200

/*
 * Schemes that browsers run, read or answer themselves, or that belong to servers or other
 * programs: nobody may have a code sent there.  http and https are not in this list; they have
 * rules of their own.
 */
static const char *const never[] = {
	"javascript", "data", "file", "blob", "about", "vbscript", "view-source", "filesystem", "jar",
	"intent", "ws", "wss", "ftp", "ftps", "sftp", "livescript", "mocha", "jscript", "wyciwyg",
	"feed", "mhtml", "mk", "ms-its", "ms-msdt", "its", "search-ms", "search", "res", "resource",
	"chrome", "chrome-extension", "moz-extension", "safari-web-extension", "opera", "edge",
	"content", "cid", "mid", "urn", "tag", "mailto", "tel", "sms", "smsto", "callto", "sip",
	"sips", "geo", "ldap", "ldaps", "gopher", "telnet", "ssh", "smb", "nfs", "news", "nntp",
	"imap", "pop", "xmpp", "irc", "magnet", "rtsp", "android-app", "ios-app", "market",
	"microsoft-edge", "googlechrome", "googlechromes", "firefox", "git", "unix", "shell", "help",
	"hcp", "x-javascript", "text", "null", "localhost"
};

/* "The endpoint URI MUST be an absolute URI [...] and MUST NOT include a fragment component." */
static OAuthFault *
check_characters(const char *uri)
{
	size_t		length = strlen(uri);

	if (length == 0 || length > OAUTH_MAX_URI)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI,
						   "A redirect URI must have 1 to " CppAsString2(OAUTH_MAX_URI)
						   " characters.");
	for (const char *c = uri; *c; c++)
		if ((unsigned char) *c <= ' ' || (unsigned char) *c >= 0x7F ||
			strchr("\"<>\\^`{|}", *c) != NULL)
			return oauth_fault(OAUTH_INVALID_REDIRECT_URI,
							   "A redirect URI contains a character that URIs cannot contain.");
	if (strchr(uri, '#') != NULL)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI, "A redirect URI cannot have a fragment.");
	return NULL;
}

/* A literal loopback address, or localhost (RFC 8252, sections 7.3 and 8.3). */
bool
oauth2_host_is_loopback(const char *host, size_t length)
{
	static const char *const names[] = {"127.0.0.1", "[::1]", "localhost"};

	for (size_t i = 0; i < lengthof(names); i++)
		if (strlen(names[i]) == length && memcmp(names[i], host, length) == 0)
			return true;
	return false;
}

/* Checks what follows a host: nothing, or a port from 1 to 65535 (RFC 3986, section 3.2.3). */
static bool
is_port(const char *rest, size_t length)
{
	return length == 0 || (rest[0] == ':' && oauth_uri_port(rest + 1, length - 1) >= 0);
}

/*
 * Checks http or https: an authority without user information, and TLS unless it stays on this
 * machine.
 */
static OAuthFault *
check_web(const char *authority, bool is_https)
{
	size_t		length = strcspn(authority, "/?");
	size_t		host_length = authority[0] == '[' ? strcspn(authority, "]/?") + 1 :
		strcspn(authority, ":/?");

	if (memchr(authority, '@', length) != NULL)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI,
						   "A redirect URI cannot have user information before its host.");
	if (length == 0 || host_length == 0 || host_length > length)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI, "A redirect URI needs a host.");
	if (!is_port(authority + host_length, length - host_length))
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI,
						   "A redirect URI has only a port from 1 to 65535 after its host.");
	if (!is_https && !oauth2_host_is_loopback(authority, host_length))
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI,
						   "A redirect URI must use https, except on the loopback interface.");
	return NULL;
}

/* Whether a redirect URI can have that scheme at all; http and https are checked elsewhere. */
bool
oauth2_redirect_scheme_is_possible(const char *scheme)
{
	char	   *as_uri = psprintf("%s:", scheme);

	if (oauth_uri_scheme_length(as_uri) != strlen(scheme) || pg_strcasecmp(scheme, "http") == 0 ||
		pg_strcasecmp(scheme, "https") == 0)
		return false;
	for (size_t i = 0; i < lengthof(never); i++)
		if (pg_strcasecmp(scheme, never[i]) == 0)
			return false;
	return true;
}

/*
 * Whether the scheme says who owns it: http and https do, and so does a reversed domain name (RFC
 * 8252, section 7.1).  "Any program may claim" another scheme (section 8.4), so others are accepted
 * only if oauth.redirect_schemes lists them.
 */
bool
oauth2_redirect_scheme_is_known(const char *uri)
{
	size_t		length = oauth_uri_scheme_length(uri);
	const char *known = oauth_setting_redirect_schemes;

	if (memchr(uri, '.', length) != NULL || strncmp(uri, "https://", 8) == 0 ||
		strncmp(uri, "http://", 7) == 0)
		return true;
	for (const char *c = known + strspn(known, " "); *c; c += strspn(c, " "))
	{
		size_t		here = strcspn(c, " ");

		if (here == length && pg_strncasecmp(c, uri, length) == 0)
			return true;
		c += here;
	}
	return false;
}

/* The fault with the URI that it is about, if that can be shown. */
OAuthFault *
oauth2_redirect_uri_refused(const OAuthFault *fault, const char *uri)
{
	char	   *shown = pnstrdup(uri, Min(strlen(uri), MAX_SHOWN));

	char	   *authority = strstr(shown, "://");
	char	   *at = authority ? memchr(authority + 3, '@', strcspn(authority + 3, "/?#")) : NULL;

	/* user information can contain a password */
	for (char *c = authority; at != NULL && c < at; c++)
		if (c >= authority + 3)
			*c = '*';
	for (char *c = shown; *c; c++)
		if ((unsigned char) *c <= ' ' || (unsigned char) *c >= 0x7F || *c == '"' || *c == '\\')
			*c = '?';
	return oauth_fault(fault->code, psprintf("%s Refused: %s%s", fault->description,
											 shown[0] ? shown : "(an empty one)",
											 strlen(uri) > MAX_SHOWN ? "..." : ""));
}

/*
 * Checks one redirect URI, from anybody; oauth2_redirect_scheme_is_known() is for those that nobody
 * vouches for.
 */
OAuthFault *
oauth2_redirect_uri_check(const char *uri)
{
	size_t		scheme = oauth_uri_scheme_length(uri);
	OAuthFault *fault = check_characters(uri);

	if (fault != NULL)
		return fault;
	if (scheme == 0)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI, "A redirect URI must be absolute.");
	if (strncmp(uri, "https://", 8) == 0)
		return check_web(uri + 8, true);
	if (strncmp(uri, "http://", 7) == 0)
		return check_web(uri + 7, false);
	if (pg_strncasecmp(uri, "https:", 6) == 0 || pg_strncasecmp(uri, "http:", 5) == 0)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI,
						   "A redirect URI of the web begins with https:// or http://, in small "
						   "letters.");
	if (!oauth2_redirect_scheme_is_possible(pnstrdup(uri, scheme)))
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI,
						   "A redirect URI uses https, http on loopback, or a private-use scheme "
						   "with a dot in it.");
	return NULL;
}

/* The same for a URI that comes over HTTP. */
OAuthFault *
oauth2_redirect_uri_check_strange(const char *uri)
{
	OAuthFault *fault = oauth2_redirect_uri_check(uri);

	if (fault == NULL && !oauth2_redirect_scheme_is_known(uri))
		fault = oauth_fault(OAUTH_INVALID_REDIRECT_URI,
							"A redirect URI uses https, http on loopback, a private-use scheme "
							"with a dot in it, or one of "
							"oauth.redirect_schemes.");
	return fault;
}

/*
 * Whether the URI can be answered with a code: its query must not contain a parameter of the
 * answer, because the client would get two and could believe the wrong one.
 */
OAuthFault *
oauth2_redirect_uri_check_for_code(const char *uri)
{
	static const char *const answered[] = {"code", "state", "iss", "error"};
	const char *query = strchr(uri, '?');
	OAuthParams params;
	OAuthFault *fault = oauth2_redirect_uri_check(uri);

	if (fault != NULL || query == NULL)
		return fault;
	if (oauth_params_parse(query + 1, strlen(query + 1), &params) != NULL)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI,
						   "The query of a redirect URI is malformed.");
	for (int i = 0; i < params.n; i++)
		if (OAUTH_FIND_NAMED(answered, params.items[i].name) != NULL)
			return oauth_fault(OAUTH_INVALID_REDIRECT_URI,
							   "A redirect URI cannot have code, state, iss or error in its "
							   "query: the answer has.");
	return NULL;
}

/*
 * Where the port of a redirect URI on this machine is; NULL for any other URI.  RFC 8252 speaks of
 * the literal addresses (section 8.3 excludes localhost), but programs that register localhost
 * listen on any port too.
 */
static const char *
loopback_port(const char *uri)
{
	static const char *const prefixes[] = {"http://127.0.0.1", "http://[::1]", "http://localhost"};

	for (size_t i = 0; i < lengthof(prefixes); i++)
	{
		size_t		length = strlen(prefixes[i]);

		if (strncmp(uri, prefixes[i], length) == 0 && strchr(":/?", uri[length]) != NULL)
			return uri + length;
	}
	return NULL;
}

/* Whether whatever runs on the person's own device receives it. */
bool
oauth2_redirect_uri_is_loopback(const char *uri)
{
	return loopback_port(uri) != NULL;
}

/*
 * "The authorization server MUST allow any port to be specified at the time of the request for
 * loopback IP redirect URIs"  (RFC 8252, section 7.3); everything else is the same, character by
 * character.
 */
static bool
differs_in_port_only(const char *registered, const char *uri)
{
	const char *registered_port = loopback_port(registered);
	const char *port = loopback_port(uri);

	if (registered_port == NULL || port == NULL || registered_port - registered != port - uri ||
		strncmp(registered, uri, port - uri) != 0 || oauth2_redirect_uri_check(uri) != NULL)
		return false;
	return strcmp(registered_port + strcspn(registered_port, "/?"), port + strcspn(port, "/?")) ==
		0;
}

/* Whether its port is impossible, even if it was registered before ports were checked. */
static bool
has_no_port(const char *uri)
{
	const char *authority = strstr(uri, "://");
	size_t		length = authority ? strcspn(authority + 3, "/?#") : 0;
	size_t		host = authority ? oauth_uri_host_length(authority + 3, length) : 0;

	if (strncmp(uri, "http", 4) != 0 || host >= length)
		return false;
	return oauth_uri_port(authority + 3 + host + 1, length - host - 1) < 0;
}

/*
 * The redirect URI of an authorization request: "simple string comparison" with the registered ones
 * (RFC 9700, section 4.1.3).  uri NULL stands for the only one.  NULL if the client has no such
 * URI.
 */
const char *
oauth2_redirect_uri_of(const OAuthClient *client, const char *uri)
{
	ListCell   *cell;

	if (uri == NULL)
		return list_length(client->redirect_uris) == 1 ? linitial(client->redirect_uris) : NULL;
	if (has_no_port(uri))
		return NULL;
	foreach(cell, client->redirect_uris)
		if (strcmp(lfirst(cell), uri) == 0 || differs_in_port_only(lfirst(cell), uri))
			return uri;
	return NULL;
}

/* Whether only the owner of a host can receive it: "claimed" https (RFC 8252, section 8.6). */
bool
oauth2_redirect_uri_is_claimed(const char *uri)
{
	return strncmp(uri, "https://", 8) == 0;
}

/* Checks a list of schemes: none that a browser runs, opens itself or sends elsewhere. */
bool
oauth2_redirect_schemes_check(char **value, void **extra, GucSource source)
{
	for (const char *c = *value + strspn(*value, " "); *c; c += strspn(c, " "))
	{
		size_t		length = strcspn(c, " ");

		if (!oauth2_redirect_scheme_is_possible(pnstrdup(c, length)))
		{
			GUC_check_errdetail("\"%.*s\" cannot be the scheme of a redirect URI.",
								(int) length, c);
			GUC_check_errhint("Schemes are separated by spaces, and have no colon: cursor vscode.");
			return false;
		}
		c += length;
	}
	return true;
}
