/*
 * sector.c
 *		The sector of a client: clients of one sector see the same pairwise subjects (OpenID Connect
 *		Core, section 8.1; Dynamic Client Registration 1.0, section 5).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/member.h"
#include "http/http.h"
#include "jose/jose.h"
#include "store/client.h"
#include "store/document.h"
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
	client->sector_identifier = NULL;
	if (client->sector_identifier_uri != NULL)
	{
		client->sector_identifier = host_of(client->sector_identifier_uri);
		return NULL;
	}
	if (!oauth_client_is_pairwise(client))
		return NULL;
	client->sector_identifier = only_host(client->redirect_uris);
	return client->sector_identifier != NULL ? NULL :
		oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
					"subject_type pairwise needs a sector_identifier_uri, unless all redirect URIs "
					"have the same host.");
}

/* The document is an array of strings, the uri among them. */
static bool
lists_uri(Jsonb *document, const char *uri)
{
	JsonbValue	wanted = {.type = jbvString};

	wanted.val.string.val = unconstify(char *, uri);
	wanted.val.string.len = strlen(uri);
	return JB_ROOT_IS_ARRAY(document) && !JB_ROOT_IS_SCALAR(document) &&
		findJsonbValueFromContainer(&document->root, JB_FARRAY, &wanted) != NULL;
}

static OAuthFault *
bad_document(const char *problem)
{
	return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
					   psprintf("The document at the sector_identifier_uri %s.", problem));
}

static OAuthFault *
compare_document(const OAuthClient *client, const OAuthDocument *document)
{
	const char *problem = NULL;
	Jsonb	   *json = document->body ?
		oauth_json_read(document->body, strlen(document->body), &problem) : NULL;
	ListCell   *cell;

	/* why not is in oauth.document: it would tell strangers what is in our network */
	if (document->body == NULL)
		return bad_document("cannot be read");
	if (json == NULL)
		return bad_document("is not JSON");
	foreach(cell, client->redirect_uris)
		if (!lists_uri(json, lfirst(cell)))
			return bad_document("is not an array of strings with all redirect_uris");
	return NULL;
}

static bool
is_subset(const List *uris, const List *of)
{
	ListCell   *cell;

	foreach(cell, uris)
		if (!oauth_list_has(of, lfirst(cell)))
			return false;
	return true;
}

/*
 * Whether the document of the sector has to be read.  before: the client as it was, whose document
 * need not be read again; NULL for a new one.
 */
bool
oauth_client_needs_sector_document(const OAuthClient *client, const OAuthClient *before)
{
	const char *uri = client->sector_identifier_uri;

	return uri != NULL &&
		(before == NULL || before->sector_identifier_uri == NULL ||
		 strcmp(before->sector_identifier_uri, uri) != 0 ||
		 !is_subset(client->redirect_uris, before->redirect_uris));
}

/*
 * "The values of the registered redirect_uris MUST be included in the elements of the array"
 * (Registration, section 5).
 */
OAuthFault *
oauth_client_check_sector_document(const OAuthClient *client, const OAuthClient *before)
{
	OAuthDocument *document;
	OAuthFault *fault;

	if (!oauth_client_needs_sector_document(client, before))
		return NULL;
	fault = oauth_document_get(client->sector_identifier_uri, &document);
	return fault ? fault : compare_document(client, document);
}
