/*
 * check_client.c
 *		Check of an authorization request: the client.
 *
 * - client_id is there, once, and names a client that is registered and not disabled (RFC 6749,
 *   section 4.1.1), or is the URL of a document that describes one (client_document.c)
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth2/authorization.h"
#include "oauth2/client_document.h"
#include "store/client.h"

OAuthFault *
oauth2_check_client(OAuth2Authorization *request)
{
	const char *client_id;
	OAuthFault *fault = oauth_params_get(&request->sent, "client_id", &client_id);

	if (fault != NULL ||
		(request->http != NULL &&
		 (fault = oauth2_client_document_read(request->http, client_id)) != NULL))
		return fault;
	/* one that pushes has authenticated */
	if (client_id != NULL && request->client == NULL)
		request->client = oauth_store_find_client(client_id, NULL);
	if (request->client == NULL || request->client->is_disabled)
		return oauth_fault(OAUTH_INVALID_CLIENT, "The client is unknown.");
	return NULL;
}
