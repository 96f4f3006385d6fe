/*
 * sector.c
 *		The sector of a client: clients of one sector see the same pairwise subjects (OpenID Connect
 *		Core, section 8.1; Dynamic Client Registration 1.0, section 5).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/member.h"
#include "http/http.h"
#include "text/text.h"

/* The host of a URI, in lower case; NULL if it has none. */
static char *
host_of(const char *uri)
{
	const char *authority = strstr(uri, "://");
	size_t		length = authority ? strcspn(authority + 3, "/?#") : 0;
	size_t		host = authority ? oauth_uri_host_length(authority + 3, length) : 0;
	char	   *name = host > 0 ? pnstrdup(authority + 3, host) : NULL;

	for (char *c = name; c != NULL && *c; c++)
		*c = pg_ascii_tolower(*c);
	return name;
}

/*
 * "If there are multiple hostnames in the registered redirect_uris, the Client MUST register a
 * sector_identifier_uri" (Core, section 8.1): the one host there is; NULL for several, or for none.
 */
static char *
only_host(const List *uris)
{
	char	   *only = NULL;
	ListCell   *cell;

	foreach(cell, uris)
	{
		char	   *host = host_of(lfirst(cell));

		if (host == NULL || (only != NULL && strcmp(only, host) != 0))
			return NULL;
		only = host;
	}
	return only;
}

/* Sets the sector, once the redirect URIs are known to be valid. */
OAuthFault *
oauth_sector_check(OAuthClient *client)
{
	bool		is_pairwise = client->subject_type != NULL &&
		strcmp(client->subject_type, "pairwise") == 0;

	client->sector_identifier = NULL;
	if (client->sector_identifier_uri != NULL)
	{
		client->sector_identifier = host_of(client->sector_identifier_uri);
		return NULL;
	}
	if (!is_pairwise)
		return NULL;
	client->sector_identifier = only_host(client->redirect_uris);
	return client->sector_identifier != NULL ? NULL :
		oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
					"subject_type pairwise needs a sector_identifier_uri, unless all redirect URIs "
					"have the same host.");
}
