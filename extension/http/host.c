/*
 * host.c
 *		The address of a request as its client knows it: what the client signs.
 *
 * Scheme and host are those of the request; where a trusted proxy stands in front, the shim has put
 * there what the proxy says.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "http/http.h"
#include "setting.h"

/*
 * Whether this server answers for that host.  What was signed for another host is not for us:
 * that host could send it on.
 */
bool
oauth_host_is_allowed(const char *host)
{
	const char *allowed = oauth_setting_allowed_hosts;
	size_t		length = strlen(host);

	if (allowed == NULL || allowed[strspn(allowed, " ")] == '\0')
		return true;
	for (const char *c = allowed + strspn(allowed, " "); *c; c += strspn(c, " "))
	{
		size_t		here = strcspn(c, " ");

		if (here == length && pg_strncasecmp(c, host, length) == 0)
			return true;
		c += here;
	}
	return false;
}

/* The URI without its query; NULL if the request names no host, or one that is not ours. */
char *
oauth_request_uri(const OAuthRequest *request)
{
	char	   *host;

	if (oauth_request_header(request, "Host", &host) != 1 || !oauth_host_is_allowed(host))
		return NULL;
	return psprintf("%s://%s%s%.*s", request->scheme, host, request->target[0] == '/' ? "" : "/",
					(int) strcspn(request->target, "?#"), request->target);
}

/*
 * The same by oauth.issuer, which counts whatever a proxy in front has made of the host; NULL for
 * the request of an application that a proxy asks about, and without an issuer.
 */
char *
oauth_request_uri_by_issuer(const OAuthRequest *request)
{
	const char *issuer = oauth_setting_issuer;
	size_t		length = issuer ? strlen(issuer) : 0;

	if (length == 0 || request->is_original)
		return NULL;
	if (issuer[length - 1] == '/')
		length--;
	return psprintf("%.*s%.*s", (int) length, issuer, (int) strcspn(request->target, "?#"),
					request->target);
}
