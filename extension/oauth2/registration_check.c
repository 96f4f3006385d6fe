/*
 * registration_check.c
 *		Whether a client that registers itself, or changes itself, can be as it says (RFC 7591,
 *		section 2).
 *
 * - it has no lifetimes and no signature methods of its own choice
 * - it has no redirect URI whose scheme any program can claim, unless an administrator gave it one
 * - with the grant authorization_code it has redirect_uris
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "http/http.h"
#include "oauth2/registration.h"
#include "store/client.h"
#include "text/text.h"

/*
 * The origin of the page that registers the client, if the browser will return to the same site:
 * such a client is a script, which will call again.  So clients that do not know cors_origins need
 * not send it.  Where no request registers it, the sites that the browser returns to are its
 * origins.
 */
static List *
own_origins(const OAuthRequest *request, const OAuthClient *client)
{
	char	   *origin = request ? oauth_cors_origin(request) : NULL;
	List	   *origins = NIL;
	ListCell   *cell;

	foreach(cell, client->redirect_uris)
		if (request == NULL)
			origins = lappend(origins, oauth_origin(lfirst(cell)));
	if (origins != NIL)
		return origins;

	foreach(cell, client->redirect_uris)
		if (origin != NULL && strcmp(oauth_origin(lfirst(cell)), origin) == 0)
			return list_make1(origin);
	return NIL;
}

/*
 * Schemes that any program can claim are refused, except those that an administrator gave the
 * client before.
 */
static OAuthFault *
check_schemes(const List *uris, const List *before)
{
	ListCell   *cell;

	foreach(cell, uris)
	{
		OAuthFault *fault = oauth2_redirect_uri_check_strange(lfirst(cell));

		if (fault != NULL && !oauth_list_has(before, lfirst(cell)))
			return oauth2_redirect_uri_refused(fault, lfirst(cell));
	}
	return NULL;
}

static OAuthFault *
check_logout_schemes(const List *uris, const List *before)
{
	OAuthFault *fault = check_schemes(uris, before);

	return fault == NULL ? NULL :
		oauth2_bad_metadata(psprintf("post_logout_redirect_uris: %s", fault->description));
}

/*
 * Members that only administrators set, and rules for clients that nobody has reviewed.  seen:
 * the client as it was; NULL: it is new.  request NULL: the client is described by a document, and
 * is as the document says, but for how it sees its users, which is settled once.
 */
OAuthFault *
oauth2_registration_check(const OAuthRequest *request, OAuthClient *client, Jsonb *metadata,
						  const OAuthClient *seen, bool is_trusted)
{
	const OAuthClient *before = request ? seen : NULL;
	List	   *response_types = NIL;
	OAuthFault *fault = oauth_client_metadata_read_own(metadata, client, &response_types);

	client->access_token_lifetime = before ? before->access_token_lifetime : 0;
	client->refresh_token_lifetime = before ? before->refresh_token_lifetime : 0;
	client->signature_methods = before ? before->signature_methods : NIL;
	if (getKeyJsonValueFromContainer(&metadata->root, "cors_origins", strlen("cors_origins"),
									 NULL) == NULL)
		client->cors_origins = own_origins(request, client);
	oauth2_registration_keep_subjects(client, metadata, seen);
	if (fault != NULL ||
		(fault = oauth2_narrow_client(client, response_types, before, is_trusted)) != NULL ||
		(fault = oauth_client_check(client)) != NULL ||
		(fault = oauth2_registration_check_sector(client, seen)) != NULL ||
		(fault = check_schemes(client->redirect_uris,
							   before ? before->redirect_uris : NIL)) != NULL ||
		(fault = check_logout_schemes(client->post_logout_redirect_uris,
									  before ? before->post_logout_redirect_uris : NIL)) != NULL)
		return fault;
	if (oauth_client_may(client, OAUTH_GRANT_AUTHORIZATION_CODE) && client->redirect_uris == NIL)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI,
						   "The grant authorization_code needs redirect_uris.");
	return NULL;
}
