/*
 * notice.c
 *		Notices to administrators about a registration that is valid, but perhaps not what they
 *		mean.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "store/client.h"
#include "text/text.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/varlena.h"

#define SHORTEST_PART 4			/* letters a member must share with the name to be suggested */
#define MAX_SHOWN 64
#define NEAR 3					/* letters by which a misspelled name may differ from the member */

/* Members of answers, which people edit and send back. */
static const char *const answered[] = {
	"client_id", "client_secret", "client_id_issued_at", "client_secret_expires_at",
	"registration_access_token", "registration_client_uri"
};

static bool
is_answered(const char *name)
{
	for (size_t i = 0; i < lengthof(answered); i++)
		if (strcmp(answered[i], name) == 0)
			return true;
	return false;
}

static bool
is_read(const char *name)
{
	const char *member;

	for (size_t i = 0; (member = oauth_client_metadata_member(i)) != NULL; i++)
		if (strcmp(member, name) == 0)
			return true;
	return false;
}

/* The member that the name resembles most, or NULL. */
static const char *
nearest(const char *name)
{
	const char *best = NULL;
	const char *member;
	int			least = NEAR + 1;

	if (strlen(name) > NAMEDATALEN)
		return NULL;
	for (size_t i = 0; (member = oauth_client_metadata_member(i)) != NULL; i++)
	{
		int			distance = varstr_levenshtein(name, strlen(name), member, strlen(member), 1, 1,
												  1, true);

		if (strlen(name) >= SHORTEST_PART && strstr(member, name) != NULL)
			return member;
		if (distance < least && distance <= (int) strlen(member) / 2)
		{
			best = member;
			least = distance;
		}
	}
	return best;
}

static char *
list_of_members(void)
{
	StringInfoData list;
	const char *member;

	initStringInfo(&list);
	for (size_t i = 0; (member = oauth_client_metadata_member(i)) != NULL; i++)
		appendStringInfo(&list, "%s%s", i == 0 ? "" : ", ", member);
	return list.data;
}

/* A member that nothing reads is not an error (RFC 7591, section 2), but may be a misspelling. */
void
oauth_client_notice_members(Jsonb *metadata)
{
	JsonbIterator *iterator = JsonbIteratorInit(&metadata->root);
	JsonbIteratorToken token;
	JsonbValue	value;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		char	   *name;
		const char *meant;

		if (token != WJB_KEY)
			continue;
		name = pnstrdup(value.val.string.val, value.val.string.len);
		if (is_read(name) || is_answered(name) || strchr(name, '#') != NULL)
			continue;
		meant = nearest(name);
		name[pg_mbcliplen(name, strlen(name), MAX_SHOWN)] = '\0';
		ereport(NOTICE, (errmsg("nothing reads the member \"%s\" of the metadata", name),
						 meant ? errhint("There is \"%s\".", meant) :
						 errhint("There are %s.", list_of_members())));
	}
}

/* before: the client before the update. */
void
oauth_client_notice_wildcards(const OAuthClient *client, const List *before)
{
	ListCell   *cell;

	foreach(cell, client->redirect_uris)
	{
		const char *uri = lfirst(cell);

		if (strchr(uri, '*') != NULL && !oauth_list_has(before, uri))
			ereport(NOTICE, (errmsg("the * in redirect URI \"%s\" stands for itself", uri),
							 errhint("Redirect URIs are compared character by character (RFC 9700, "
									 "section 2.1): register each.")));
	}
}

/*
 * An administrator may accept a scheme that any program can claim, but gets a notice.  before: the
 * client before the update.
 */
void
oauth_client_notice_schemes(const OAuthClient *client, const List *before)
{
	ListCell   *cell;

	foreach(cell, client->redirect_uris)
	{
		const char *uri = lfirst(cell);

		if (!oauth2_redirect_scheme_is_known(uri) && !oauth_list_has(before, uri))
			ereport(NOTICE,
					(errmsg("any program may claim the scheme of redirect URI \"%s\"", uri),
					 errhint("One with a dot says whose it is (com.example.app:/back), and "
							 "http://127.0.0.1/back is this "
							 "machine's; oauth.redirect_schemes lists schemes that you trust.")));
	}
}

/* Whether the client is for devices and nothing else. */
static bool
is_for_devices(const OAuthClient *client)
{
	ListCell   *cell;

	foreach(cell, client->grant_types)
		if (strcmp(lfirst(cell), OAUTH_GRANT_DEVICE_CODE) != 0 &&
			strcmp(lfirst(cell), OAUTH_GRANT_REFRESH_TOKEN) != 0)
			return false;
	return oauth_client_may(client, OAUTH_GRANT_DEVICE_CODE);
}

/* What the client cannot do yet. */
void
oauth_client_notice_uses(const OAuthClient *client)
{
	if (oauth_client_may(client, OAUTH_GRANT_AUTHORIZATION_CODE) && client->redirect_uris == NIL)
		ereport(NOTICE,
				(errmsg("the client has no redirect_uri yet, so it cannot use authorization_code"),
				 errhint("Pass redirect_uris => '{https://...}', or other grant_types.")));
	if (!client->is_public && is_for_devices(client))
		ereport(NOTICE, (errmsg("the client has a secret, which each of its devices must send"),
						 errhint("What is in many devices is no secret: client_type => 'public' "
								 "(RFC 8628, section 5.6).")));
	if (client->grant_types == NIL)
		ereport(NOTICE, (errmsg("the client has no grant_types, so it can ask for no token"),
						 errhint("SELECT oauth_issue_token(...) issues one for it all the same; "
								 "grant_types => "
								 "'{client_credentials}' lets it ask.")));
}

/* Whether it was registered for what only OpenID Connect has. */
static bool
is_for_openid(const OAuthClient *client)
{
	return client->backchannel_logout_uri != NULL || client->post_logout_redirect_uris != NIL ||
		client->id_token_signed_response_alg != NULL || client->sector_identifier != NULL;
}

/* Members of OpenID Connect that come to nothing as the client is. */
void
oauth_client_notice_openid(const OAuthClient *client)
{
	if (is_for_openid(client) && !oauth_client_uses_openid(client))
		ereport(NOTICE, (errmsg("the client cannot ask for an ID token, so it logs nobody in"),
						 errhint("That needs openid in its scope, and the grant type "
								 "authorization_code.")));
	if (client->backchannel_logout_session_required && client->backchannel_logout_uri == NULL)
		ereport(NOTICE, (errmsg("the client has no backchannel_logout_uri, so it is told of no "
								"logout"),
						 errhint("backchannel_logout_session_required says what such a message "
								 "has to have.")));
}
