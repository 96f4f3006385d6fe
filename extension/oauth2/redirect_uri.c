/*
 * redirect_uri.c
 *		Which redirect URIs a client may register (RFC 6749, section 3.1.2; RFC 8252, section 7; RFC 9700, section 4.1).
 *
 * A redirect URI is compared as a string when it is used, so what matters here is that none is registered that a browser
 * would run, or read as another address than it looks like.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

#define MAX_URI 2000

/* "The endpoint URI MUST be an absolute URI [...] and MUST NOT include a fragment component." */
static OAuthFault *
check_characters(const char *uri)
{
	size_t		length = strlen(uri);

	if (length == 0 || length > MAX_URI)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI, "A redirect URI has 1 to 2000 characters.");
	for (const char *c = uri; *c; c++)
		if ((unsigned char) *c <= ' ' || (unsigned char) *c >= 0x7F || strchr("\"<>\\^`{|}", *c) != NULL)
			return oauth_fault(OAUTH_INVALID_REDIRECT_URI, "A redirect URI has a character that URIs cannot have.");
	if (strchr(uri, '#') != NULL)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI, "A redirect URI cannot have a fragment.");
	return NULL;
}

/* scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )  (RFC 3986, section 3.1); its length, or 0. */
static size_t
scheme_length(const char *uri)
{
	size_t		length = strspn(uri, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

	return uri[length] == ':' && isalpha((unsigned char) uri[0]) ? length : 0;
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

/* What may follow a host: nothing, or a port (RFC 3986, section 3.2.3). */
static bool
is_port(const char *rest, size_t length)
{
	return length == 0 || (rest[0] == ':' && strspn(rest + 1, "0123456789") >= length - 1);
}

/* http or https: an authority without user information, and TLS unless it stays on this machine. */
static OAuthFault *
check_web(const char *authority, bool is_https)
{
	size_t		length = strcspn(authority, "/?");
	size_t		host_length = authority[0] == '[' ? strcspn(authority, "]/?") + 1 : strcspn(authority, ":/?");

	if (memchr(authority, '@', length) != NULL)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI, "A redirect URI cannot have user information before its host.");
	if (length == 0 || host_length == 0 || host_length > length)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI, "A redirect URI needs a host.");
	if (!is_port(authority + host_length, length - host_length))
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI, "A redirect URI has only a port after its host.");
	if (!is_https && !oauth2_host_is_loopback(authority, host_length))
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI, "A redirect URI must use https, except on the loopback interface.");
	return NULL;
}

/* One redirect URI. */
OAuthFault *
oauth2_redirect_uri_check(const char *uri)
{
	size_t		scheme = scheme_length(uri);
	OAuthFault *fault = check_characters(uri);

	if (fault != NULL)
		return fault;
	if (scheme == 0)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI, "A redirect URI must be absolute.");
	if (strncmp(uri, "https://", 8) == 0)
		return check_web(uri + 8, true);
	if (strncmp(uri, "http://", 7) == 0)
		return check_web(uri + 7, false);
	/* A private-use scheme is a domain name reversed (RFC 8252, section 7.1); javascript: and data: are none. */
	if (memchr(uri, '.', scheme) == NULL)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI,
						   "A redirect URI uses https, http on loopback, or a private-use scheme with a dot in it.");
	return NULL;
}

/*
 * Whether it can be answered with a code: its query must not have a parameter that the answer has, for the client would
 * get two and might believe the wrong one.
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
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI, "A redirect URI has a query that cannot be read.");
	for (int i = 0; i < params.n; i++)
		for (size_t j = 0; j < lengthof(answered); j++)
			if (strcmp(params.items[i].name, answered[j]) == 0)
				return oauth_fault(OAUTH_INVALID_REDIRECT_URI,
								   "A redirect URI cannot have code, state, iss or error in its query: the answer has.");
	return NULL;
}

/* Where the port of a redirect URI to a literal loopback address stands; NULL for any other URI. */
static const char *
loopback_port(const char *uri)
{
	static const char *const prefixes[] = {"http://127.0.0.1", "http://[::1]"};

	for (size_t i = 0; i < lengthof(prefixes); i++)
	{
		size_t		length = strlen(prefixes[i]);

		if (strncmp(uri, prefixes[i], length) == 0 && strchr(":/?", uri[length]) != NULL)
			return uri + length;
	}
	return NULL;
}

/* "The authorization server MUST allow any port to be specified at the time of the request for loopback IP redirect
 * URIs"  (RFC 8252, section 7.3); everything else is the same, character by character. */
static bool
differs_in_port_only(const char *registered, const char *uri)
{
	const char *registered_port = loopback_port(registered);
	const char *port = loopback_port(uri);

	if (registered_port == NULL || port == NULL || registered_port - registered != port - uri ||
		strncmp(registered, uri, port - uri) != 0 || oauth2_redirect_uri_check(uri) != NULL)
		return false;
	return strcmp(registered_port + strcspn(registered_port, "/?"), port + strcspn(port, "/?")) == 0;
}

/*
 * The redirect URI of an authorization request: "simple string comparison" with those that are registered (RFC 9700,
 * section 4.1.3).  uri NULL is the only one there is.  NULL if the client has none like that.
 */
const char *
oauth2_redirect_uri_of(const OAuthClient *client, const char *uri)
{
	ListCell   *cell;

	if (uri == NULL)
		return list_length(client->redirect_uris) == 1 ? linitial(client->redirect_uris) : NULL;
	foreach(cell, client->redirect_uris)
		if (strcmp(lfirst(cell), uri) == 0 || differs_in_port_only(lfirst(cell), uri))
			return uri;
	return NULL;
}

/* Whether nobody but the owner of a host can be behind it: "claimed" https (RFC 8252, section 8.6). */
bool
oauth2_redirect_uri_is_claimed(const char *uri)
{
	return strncmp(uri, "https://", 8) == 0;
}
