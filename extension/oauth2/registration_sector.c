/*
 * registration_sector.c
 *		What a client that registers itself may say of its subjects and its sector (OpenID Connect
 *		Core, section 8.1; Dynamic Client Registration 1.0, section 5).
 *
 * Clients of one sector see the same pairwise subjects, so a client that joins a sector can compare
 * notes with the others.
 *
 * - a client is of a sector because codes go to its hosts only: it has redirect URIs there, and no
 *   grant that brings tokens of users another way
 * - what a client sees of its users is settled once: in two sectors, or with the subjects
 *   themselves, it could tell which users of one are users of the other
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "oauth2/registration.h"
#include "setting.h"
#include "store/client.h"
#include "store/document.h"
#include "text/text.h"

/* Grants that are not on this list bring tokens of users without a redirect. */
static const char *const proving_grants[] = {
	OAUTH_GRANT_AUTHORIZATION_CODE, OAUTH_GRANT_REFRESH_TOKEN, OAUTH_GRANT_CLIENT_CREDENTIALS
};

static bool
is_missing(Jsonb *metadata, const char *name)
{
	JsonbValue *found = getKeyJsonValueFromContainer(&metadata->root, name, strlen(name), NULL);

	return found == NULL || found->type == jbvNull;
}

/* What a client with pairwise subjects does not mention when it changes itself stays. */
void
oauth2_registration_keep_subjects(OAuthClient *client, Jsonb *metadata, const OAuthClient *before)
{
	if (before == NULL || !oauth_client_is_pairwise(before))
		return;
	if (is_missing(metadata, "subject_type"))
		client->subject_type = before->subject_type;
	if (is_missing(metadata, "sector_identifier_uri"))
		client->sector_identifier_uri = before->sector_identifier_uri;
}

static OAuthFault *
check_grants(const OAuthClient *client, const OAuthClient *before)
{
	ListCell   *cell;

	foreach(cell, client->grant_types)
		if (OAUTH_FIND_NAMED(proving_grants, lfirst(cell)) == NULL &&
			(before == NULL || !oauth_client_may(before, lfirst(cell))))
			return oauth2_bad_metadata(psprintf("A client with subject_type pairwise, or with a "
												"sector_identifier_uri, proves its sector by where "
												"codes go: it cannot have the grant %s.",
												(char *) lfirst(cell)));
	return NULL;
}

/* A program on any device can have an address of its own scheme, or of the device itself. */
static OAuthFault *
check_redirect_uris(const OAuthClient *client)
{
	ListCell   *cell;

	if (client->redirect_uris == NIL)
		return oauth2_bad_metadata("A sector_identifier_uri needs redirect_uris, which its "
								   "document lists.");
	if (client->sector_identifier_uri != NULL)
		return NULL;
	foreach(cell, client->redirect_uris)
		if (strncmp(lfirst(cell), "https://", 8) != 0)
			return oauth2_bad_metadata("subject_type pairwise needs a sector_identifier_uri, "
									   "unless all redirect URIs begin with https://.");
	return NULL;
}

static OAuthFault *
check_same(const OAuthClient *client, const OAuthClient *before)
{
	if (oauth_client_is_pairwise(client) != oauth_client_is_pairwise(before))
		return oauth2_bad_metadata(psprintf("A client cannot change its subject_type, which is %s: "
											"register another client.", before->subject_type));
	if (oauth_client_is_pairwise(before) &&
		strcmp(client->sector_identifier, before->sector_identifier) != 0)
		return oauth2_bad_metadata(psprintf("A client with subject_type pairwise cannot leave its "
											"sector, %s: register another client.",
											before->sector_identifier));
	return NULL;
}

/* The client is as it will be; before: as it was, NULL for a new one. */
OAuthFault *
oauth2_registration_check_sector(const OAuthClient *client, const OAuthClient *before)
{
	OAuthFault *fault = before ? check_same(client, before) : NULL;

	if (fault != NULL ||
		(!oauth_client_is_pairwise(client) && client->sector_identifier_uri == NULL))
		return fault;
	fault = check_grants(client, before);
	return fault ? fault : check_redirect_uris(client);
}

/*
 * The same for the document of the sector.  The fetch is counted for the address of the request,
 * also where an initial access token vouches for the client; is_counted: the request is, already.
 */
OAuthFault *
oauth2_registration_check_sector_document(const OAuthRequest *request, const OAuthClient *client,
										  const OAuthClient *before, bool is_counted)
{
	OAuthFault *limit = NULL;

	if (!is_counted && oauth_client_needs_sector_document(client, before) &&
		oauth_store_find_document(client->sector_identifier_uri) == NULL)
		limit = oauth_throttle_visit(request, "registration", oauth_setting_registration_rate);
	return limit ? limit : oauth_client_check_sector_document(client, before);
}
