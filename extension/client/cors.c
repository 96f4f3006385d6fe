/*
 * cors.c
 *		Which scripts of web pages may read an answer (the Fetch standard, section 3.2; RFC 9700,
 *		section 2.6).
 *
 * A browser shows an answer to a script on a page of another origin only if the answer allows it.
 * Discovery, key set, token and userinfo endpoint allow it for every origin: what they answer, they
 * answer to every page that has the credentials.  Other endpoints allow it for the
 * origins that the request's client is registered with (cors_origins).  Answers never send
 * Access-Control-Allow-Credentials, because nothing that scripts may call reads cookies.  The
 * authorization endpoint and the pages allow nothing: "The authorization endpoint [...] MUST NOT
 * support CORS".
 *
 * A request without Origin, which is every request that no browser sent, costs only the search for
 * that field.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "http/http.h"
#include "store/client.h"

#define MAX_ORIGINS 20
#define MAX_ORIGIN	255
#define MAX_NAMES	40			/* of the header field names that a script may ask for */
#define MAX_NAME	100

/* token = 1*tchar  (RFC 9110, section 5.6.2) */
#define TOKEN_CHARACTERS \
	"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/*
 * Header fields that requests to this provider use; scripts of tracing libraries add some of their
 * own.
 */
static const char *const usual_names[] = {
	"Authorization", "Content-Type", "DPoP", "If-Match", "If-None-Match"
};

static OAuthFault *
bad_origin(const char *description)
{
	return oauth_fault(OAUTH_INVALID_CLIENT_METADATA, description);
}

/* The host, without its port, as browsers write it: a name in lower case or an address. */
static size_t
host_length(const char *host)
{
	size_t		length;

	if (host[0] != '[')
		return strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-");
	length = 1 + strspn(host + 1, "0123456789abcdef:.");
	return length > 1 && host[length] == ']' ? length + 1 : 0;
}

/* A port, unless it is the default port, which browsers omit. */
static bool
is_port(const char *port, const char *left_out)
{
	size_t		length = strspn(port, "0123456789");

	return port[0] != '0' && length > 0 && length <= 5 && port[length] == '\0' &&
		strtol(port, NULL, 10) <= 65535 && strcmp(port, left_out) != 0;
}

/*
 * An origin is compared as a string with what browsers send, so it must be written as they write it
 * (RFC 6454, section 6.2).  "null" is the origin of every page that hides its own, and "*" stands
 * for all origins.
 */
static OAuthFault *
check_origin(const char *origin)
{
	bool		is_https = strncmp(origin, "https://", 8) == 0;
	const char *host = origin + (is_https ? 8 : 7);
	size_t		length;

	if (strlen(origin) > MAX_ORIGIN || (!is_https && strncmp(origin, "http://", 7) != 0))
		return bad_origin("One of cors_origins is no origin: https://app.example.com, without "
						  "path, slash at the end or *.");
	length = host_length(host);
	if (length == 0 || (host[length] != '\0' && host[length] != ':'))
		return bad_origin("One of cors_origins is not scheme, host and port in lower case, without "
						  "anything after them.");
	if (host[length] == ':' && !is_port(host + length + 1, is_https ? "443" : "80"))
		return bad_origin(
						  "One of cors_origins has an invalid port, or the default port, "
						  "which browsers omit.");
	if (!is_https && !oauth2_host_is_loopback(host, length))
		return bad_origin("One of cors_origins must use https, except on the loopback interface.");
	return NULL;
}

/* Checks the origins that a client is registered with. */
OAuthFault *
oauth_cors_check_origins(const List *origins)
{
	ListCell   *cell;

	if (list_length(origins) > MAX_ORIGINS)
		return bad_origin("A client can have 20 cors_origins.");
	foreach(cell, origins)
	{
		OAuthFault *fault = check_origin(lfirst(cell));

		if (fault != NULL)
			return fault;
	}
	return NULL;
}

/*
 * The origins in the spelling of browsers, if they are written in another one (RFC 3986, section
 * 6.2).
 */
List *
oauth_cors_plain_origins(const List *origins)
{
	List	   *plain = NIL;
	ListCell   *cell;

	foreach(cell, origins)
	{
		char	   *origin = oauth_uri_normal(lfirst(cell));
		char	   *authority = strstr(origin, "://");
		size_t		length = authority ? strcspn(authority + 3, "/") : 0;

		if (length > 0 && strcmp(authority + 3 + length, "/") == 0)
			authority[3 + length] = '\0';
		plain = lappend(plain, origin);
	}
	return plain;
}

/*
 * The origin of the page whose script sent the request; NULL if there is none, or if it could not
 * be registered.
 */
char *
oauth_cors_origin(const OAuthRequest *request)
{
	char	   *origin;

	return oauth_request_header(request, "Origin", &origin) == 1 && check_origin(origin) == NULL ?
		origin :
		NULL;
}

/* Lets scripts read these fields too. */
static void
expose_headers(OAuthResponse *response)
{
	oauth_response_header(response, "Access-Control-Expose-Headers",
						  "WWW-Authenticate, DPoP-Nonce, Retry-After");
}

/* Lets every page read the answer. */
OAuthResponse *
oauth_cors_allow_all(const OAuthRequest *request, OAuthResponse *response)
{
	char	   *origin;

	oauth_response_header(response, "Access-Control-Allow-Origin", "*");
	if (oauth_request_header(request, "Origin", &origin) > 0)
		expose_headers(response);
	return response;
}

static bool
has_header(const OAuthResponse *response, const char *name)
{
	size_t		length = strlen(name);
	ListCell   *cell;

	foreach(cell, response->headers)
	{
		const char *line = lfirst(cell);

		if (pg_strncasecmp(line, name, length) == 0 && line[length] == ':')
			return true;
	}
	return false;
}

/*
 * Lets pages of the client's origins read the answer.  client_id NULL: the request was refused
 * before its client was known; then pages of every client may read the answer, because a script
 * must see that its token has expired, and such an answer reveals nothing about any client.
 *
 * The answer of an application's function that sets these fields itself is left alone, and so is
 * status 0, which is no answer.
 */
OAuthResponse *
oauth_cors_allow(const OAuthRequest *request, const char *client_id, OAuthResponse *response)
{
	char	   *origin;

	if (response->status == 0 || oauth_request_header(request, "Origin", &origin) == 0 ||
		has_header(response, "Access-Control-Allow-Origin"))
		return response;
	oauth_response_header(response, "Vary", "Origin");
	origin = oauth_cors_origin(request);
	if (origin == NULL || !(client_id ? oauth_store_client_has_origin(client_id, origin) :
							oauth_store_has_origin(origin)))
		return response;
	oauth_response_header(response, "Access-Control-Allow-Origin", origin);
	expose_headers(response);
	return response;
}

/* Whether a browser asks in advance whether a script may send its request. */
bool
oauth_cors_is_preflight(const OAuthRequest *request)
{
	char	   *value;

	return strcmp(request->method, "OPTIONS") == 0 &&
		oauth_request_header(request, "Origin", &value) == 1 &&
		oauth_request_header(request, "Access-Control-Request-Method", &value) == 1;
}

/* Whether the list of names contains this one, in any case. */
static bool
has_name(const List *names, const char *name)
{
	ListCell   *cell;

	foreach(cell, names)
		if (pg_strcasecmp(lfirst(cell), name) == 0)
			return true;
	return false;
}

/*
 * The usual fields, and the requested ones that are valid names: what they say decides nothing
 * here.
 */
static char *
allowed_headers(const OAuthRequest *request)
{
	List	   *names = NIL;
	StringInfoData joined;
	ListCell   *cell;
	char	   *asked;

	for (size_t i = 0; i < lengthof(usual_names); i++)
		names = lappend(names, pstrdup(usual_names[i]));
	if (oauth_request_header(request, "Access-Control-Request-Headers", &asked) != 1)
		asked = pstrdup("");
	for (char *word; list_length(names) < MAX_NAMES && (word = strsep(&asked, ",")) != NULL;)
	{
		char	   *name = word + strspn(word, " \t");
		size_t		length = strspn(name, TOKEN_CHARACTERS);
		bool		is_name = length > 0 && length <= MAX_NAME &&
			name[length + strspn(name + length, " \t")] == '\0';

		name[is_name ? length : 0] = '\0';
		if (is_name && strcmp(name, "*") != 0 && !has_name(names, name))
			names = lappend(names, name);
	}
	initStringInfo(&joined);
	foreach(cell, names)
		appendStringInfo(&joined, "%s%s", joined.len > 0 ? ", " : "", (char *) lfirst(cell));
	return joined.data;
}

/*
 * The answer to OPTIONS.  A preflight has no credentials, so it is not known which client will
 * call: pages of all clients get a yes, and the request itself is decided later.  for_all: every
 * page may read the answers.
 */
OAuthResponse *
oauth_cors_options(const OAuthRequest *request, const char *methods, bool for_all)
{
	OAuthResponse *response = oauth_response(204);
	char	   *origin;

	if (!oauth_cors_is_preflight(request))
	{
		oauth_response_header(response, "Allow", psprintf("%s, OPTIONS", methods));
		return response;
	}
	oauth_response_header(response, "Vary", for_all ? "Access-Control-Request-Headers" :
						  "Origin, Access-Control-Request-Headers");
	origin = for_all ? "*" : oauth_cors_origin(request);
	if (origin == NULL || (!for_all && !oauth_store_has_origin(origin)))
		return response;
	oauth_response_header(response, "Access-Control-Allow-Origin", origin);
	oauth_response_header(response, "Access-Control-Allow-Methods", methods);
	oauth_response_header(response, "Access-Control-Allow-Headers", allowed_headers(request));
	oauth_response_header(response, "Access-Control-Max-Age", "600");
	return response;
}
