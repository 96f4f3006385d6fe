/*
 * application_type.c
 *		Which redirect URIs applications of the web, and native ones, may have (OpenID Connect
 *		Dynamic Client Registration 1.0, section 2).
 *
 * "The Authorization Server MUST verify that all the registered redirect_uris conform to these
 * constraints.  This prevents sharing a Client ID across different types of Clients."
 *
 * RFC 7591 does not know the member, so a client that does not name a type is held to neither; it
 * is told the type that its URIs are of.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/member.h"
#include "http/http.h"
#include "store/client.h"

static bool
is_http(const char *uri)
{
	return strncmp(uri, "http://", 7) == 0;
}

static bool
is_https(const char *uri)
{
	return strncmp(uri, "https://", 8) == 0;
}

/*
 * The application_type that the client named, or the one that its redirect URIs suggest: "The
 * default, if omitted, is web", unless all of them have schemes that only a native application can
 * use.
 */
const char *
oauth_application_type(const OAuthClient *client)
{
	ListCell   *cell;

	if (client->application_type != NULL || client->redirect_uris == NIL)
		return client->application_type ? client->application_type : "web";
	foreach(cell, client->redirect_uris)
		if (is_http(lfirst(cell)) || is_https(lfirst(cell)))
			return "web";
	return "native";
}

/*
 * "Native Clients MUST only register redirect_uris using custom URI schemes or loopback URLs using
 * the http scheme".  (That http is on loopback is looked at in redirect_uri.c, for all clients.)
 */
static OAuthFault *
check_native(const char *uri)
{
	return !is_https(uri) ? NULL :
		oauth_fault(OAUTH_INVALID_REDIRECT_URI,
					"application_type native has redirect URIs with a scheme of the application's "
					"own, or http on the loopback interface; one with https needs "
					"application_type web.");
}

/* What a browser is sent on with is no scheme of another program. */
static OAuthFault *
check_web(const char *uri)
{
	return is_http(uri) || is_https(uri) ? NULL :
		oauth_fault(OAUTH_INVALID_REDIRECT_URI,
					"application_type web has redirect URIs with https; one with a scheme of the "
					"application's own needs application_type native.");
}

/* For a client that names its type. */
OAuthFault *
oauth_application_type_check(const OAuthClient *client)
{
	ListCell   *cell;

	if (client->application_type == NULL)
		return NULL;
	foreach(cell, client->redirect_uris)
	{
		OAuthFault *fault = strcmp(client->application_type, "native") == 0 ?
			check_native(lfirst(cell)) : check_web(lfirst(cell));

		if (fault != NULL)
			return oauth2_redirect_uri_refused(fault, lfirst(cell));
	}
	return NULL;
}
