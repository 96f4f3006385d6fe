/*
 * client_document.c
 *		Clients that nobody registered: the client_id is the URL of a document that describes the
 *		client (draft-ietf-oauth-client-id-metadata-document; setting
 *		oauth.client_id_metadata_documents).
 *
 * Where a person or a device begins something (authorization, pushed requests, device codes) the
 * document is read before the client is looked up, and the client is a row like others from then
 * on.  Elsewhere nobody is asked for a document: who guesses client_ids at the token endpoint finds
 * rows, or none.
 *
 * The row is written whole, from one document, and again when the shim has fetched the document
 * anew.  While the server of the document does not answer, the row of before is used, for two days
 * at most.  A document that is no longer a client's is refused at once, and is asked for again a
 * minute later.
 *
 * A client that an administrator registered, or disabled, is what the administrator says, whatever
 * is at its URL.
 *
 * Strangers make this server fetch documents, so a fetch counts for their address as a registration
 * does, and oauth.registration_limit holds for clients that nobody has granted anything.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "oauth2/client_document.h"
#include "oauth2/registration.h"
#include "setting.h"
#include "store/client.h"
#include "store/document.h"
#include "store/token.h"
#include "text/text.h"

#define LASTS (2 * SECS_PER_DAY * USECS_PER_SEC)

static OAuthFault *
refuse(const char *description)
{
	return oauth_fault(OAUTH_INVALID_CLIENT, description);
}

/* Whether the client is still what its document said, though the document cannot be read now. */
bool
oauth2_client_document_has_lasted(const OAuthClient *client)
{
	TimestampTz now = GetCurrentTimestamp();

	return client->document_fetched_at > now - LASTS && client->document_fetched_at <= now;
}

/* Whether a document of the client says the same as one of before about who it is. */
static bool
is_same_client(const OAuthClient *before, const OAuthClient *client)
{
	ListCell   *cell;

	foreach(cell, client->redirect_uris)
		if (!oauth_list_has(before->redirect_uris, lfirst(cell)))
			return false;
	return before->is_public == client->is_public;
}

/*
 * Writes the client.  Where its redirect URIs became others, people are asked again: they allowed
 * something else.  Where it has no keys any more, its refresh tokens would be anybody's who found
 * them: they end.
 */
static void
keep(const OAuthRequest *http, const OAuthClient *client, const OAuthClient *before,
	 const OAuthDocument *document)
{
	if (!oauth_store_begin_document_client(client->client_id, document->fetched_at))
		return;
	if (before != NULL && !is_same_client(before, client))
		oauth_store_forget_consents(client->client_id);
	if (before != NULL && client->is_public && !before->is_public)
		(void) oauth_store_end_grants_of_client(client->client_id, "client has no keys any more");
	oauth_store_update_client(client, false);
	if (before != NULL)
		return;
	oauth_store_make_room(oauth_setting_registration_limit, false);
	oauth2_registration_note(http, client, "by its metadata document");
}

/* What is about to be fetched is counted for the address; anything else is passed on. */
static OAuthFault *
counted(const OAuthRequest *http, OAuthFault *fault)
{
	OAuthFault *limit = fault != NULL && fault->code == OAUTH_FETCH ?
		oauth_throttle_visit(http, "registration", oauth_setting_registration_rate) : NULL;

	return limit ? limit : fault;
}

/* Takes the client from a document that is here. */
static OAuthFault *
take(const OAuthRequest *http, const char *client_id, const OAuthClient *known,
	 const OAuthDocument *document)
{
	OAuthClient client = {0};
	OAuthFault *fault;
	OAuthFault *fetch;

	if (known != NULL && known->document_fetched_at == document->fetched_at)
		return NULL;
	fault = oauth2_client_document_check(client_id, document->body, known, &client);
	if (fault != NULL && fault->code == OAUTH_FETCH)
		return counted(http, fault);
	if (fault == NULL)
	{
		keep(http, &client, known, document);
		return NULL;
	}
	fetch = counted(http, oauth_document_get_newer(client_id, document));
	return fetch && fetch->code == OAUTH_FETCH ? fetch :
		refuse(psprintf("The metadata document of the client was refused: %s", fault->description));
}

/*
 * Brings the client of that client_id up to date with its document, if it has one.  A fault: the
 * request ends with it; the shim may have to fetch the document first.
 */
OAuthFault *
oauth2_client_document_read(const OAuthRequest *http, const char *client_id)
{
	OAuthClient *known;
	OAuthDocument *document;
	const char *why_not;
	OAuthFault *fault;

	if (client_id == NULL || !oauth2_is_client_id_uri(client_id) ||
		strlen(client_id) > OAUTH_MAX_CLIENT_ID)
		return NULL;
	known = oauth_store_find_client(client_id, NULL);
	if (known != NULL && (!known->is_document || known->is_disabled))
		return NULL;
	if (!oauth_setting_client_id_metadata_documents)
		return known ? refuse("Clients with a metadata document are not taken here.") : NULL;
	if ((why_not = oauth2_client_id_uri_why_not(client_id)) != NULL)
		return refuse(psprintf("The client_id is a URL that %s.", why_not));
	if ((fault = counted(http, oauth_document_get(client_id, &document))) != NULL)
		return fault->code == OAUTH_TOO_MANY_ATTEMPTS && known != NULL &&
			oauth2_client_document_has_lasted(known) ? NULL : fault;
	if (document->body != NULL)
		return take(http, client_id, known, document);
	/* why not is in oauth.document: it would tell strangers what is in our network */
	return known != NULL && oauth2_client_document_has_lasted(known) ? NULL :
		refuse("The metadata document of the client cannot be read.");
}
