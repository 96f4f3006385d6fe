/*
 * resource_indicator.c
 *		Which resources a token is for (RFC 8707).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "http/http.h"
#include "setting.h"
#include "store/token.h"
#include "text/text.h"

#define MAX_RESOURCES	10

/*
 * "Its value MUST be an absolute URI [...]. The URI MUST NOT include a fragment component."
 * (section 2)
 */
static bool
is_resource(const char *uri)
{
	size_t		scheme = oauth_uri_scheme_length(uri);

	if (scheme == 0 || uri[scheme + 1] == '\0' || strlen(uri) > OAUTH_MAX_URI)
		return false;
	for (const char *c = uri; *c; c++)
		if ((unsigned char) *c <= ' ' || (unsigned char) *c >= 0x7F ||
			strchr("#\"\\<>", *c) != NULL)
			return false;
	return true;
}

/* The name of a resource server; NULL stands for this provider. */
OAuthFault *
oauth2_resource_check(const char *resource)
{
	if (resource == NULL || is_resource(resource))
		return NULL;
	return oauth_fault(OAUTH_INVALID_TARGET, "resource must be an absolute URI without fragment.");
}

/* The same for a SQL caller. */
const char *
oauth2_resource_argument(FunctionCallInfo fcinfo, int n)
{
	const char *resource = oauth_optional_argument(fcinfo, n);

	if (oauth2_resource_check(resource) != NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("resource must be an absolute URI without fragment"),
						errhint("It is what a client names to get a token for one address: "
								"resource => 'https://api.example.com/'; "
								"NULL stands for this provider.")));
	return resource;
}

/* The resources that a request names, each once, space-separated; NULL if it names none. */
OAuthFault *
oauth2_resource_read(const OAuthParams *params, const char **resource)
{
	List	   *uris = NIL;
	ListCell   *cell;

	*resource = NULL;
	foreach(cell, oauth_params_all(params, "resource"))
	{
		char	   *uri = lfirst(cell);

		OAuthFault *fault;

		if ((fault = oauth2_resource_check(uri)) != NULL ||
			(fault = oauth2_resource_check_registered(uri)) != NULL)
			return fault;
		if (*resource == NULL || !oauth_uris_include(*resource, uri))
			uris = lappend(uris, uri);
		if (list_length(uris) > MAX_RESOURCES)
			return oauth_fault(OAUTH_INVALID_TARGET, "A request can name 10 resources.");
		*resource = oauth_words_join(uris);
	}
	return NULL;
}

/* Whether the URI belongs to this provider: its issuer's origin, or an address there. */
static bool
is_ours(const char *uri)
{
	const char *issuer = oauth_setting_issuer;
	char	   *origin;

	if (issuer == NULL || issuer[0] == '\0')
		return false;
	/* the normal form of an origin ends with a slash, which is the path */
	origin = oauth_uri_normal(oauth_origin(issuer));
	return strncmp(oauth_uri_normal(uri), origin, strlen(origin)) == 0;
}

/*
 * Whether a token that is bound to these resources (NULL: to none) is good at the required one;
 * required NULL stands for this provider and what is behind it.
 */
bool
oauth2_resource_admits(const char *bound, const char *required)
{
	if (bound == NULL)
		return true;
	if (required != NULL)
		return oauth_uris_include(bound, required);
	for (const char *c = bound; *c; c += strspn(c, " "))
	{
		size_t		length = strcspn(c, " ");

		if (is_ours(pnstrdup(c, length)))
			return true;
		c += length;
	}
	return false;
}

/*
 * What a token is asked for, of what was granted; all of it if nothing is asked for.  "the
 * requested resource [...] MUST be [among those] of the original grant"  (RFC 8707, section 2.2)
 */
OAuthFault *
oauth2_resource_narrow(const OAuthGrant *grant, const char **resource)
{
	if (*resource == NULL)
		*resource = grant->resource;
	else if (grant->resource != NULL && !oauth_uris_include(grant->resource, *resource))
		return oauth_fault(OAUTH_INVALID_TARGET, "resource goes beyond what was granted.");
	return NULL;
}
