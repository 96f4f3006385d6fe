/*
 * logout_uri.c
 *		Where a browser may go after a logout: post_logout_redirect_uris (OpenID Connect
 *		RP-Initiated Logout 1.0, section 3.1).
 *
 * The rules are those of redirect URIs.  The specification allows http where the server does; this
 * one does on the loopback interface.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/member.h"
#include "http/http.h"
#include "store/client.h"

#define NAME "post_logout_redirect_uris"

/* The answer adds a state, and nobody can tell which of two is meant. */
static OAuthFault *
check_query(const char *uri)
{
	const char *query = strchr(uri, '?');
	OAuthParams params;

	if (query == NULL)
		return NULL;
	if (oauth_params_parse(query + 1, strlen(query + 1), &params) != NULL)
		return oauth_bad_member(NAME, "addresses with a query that can be read");
	return oauth_params_all(&params, "state") == NIL ? NULL :
		oauth_bad_member(NAME, "addresses without state in the query: the answer has it");
}

static OAuthFault *
check_uri(const char *uri)
{
	OAuthFault *fault = oauth2_redirect_uri_check(uri);

	if (fault == NULL)
		return check_query(uri);
	fault = oauth2_redirect_uri_refused(fault, uri);
	return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
					   psprintf(NAME ": %s", fault->description));
}

OAuthFault *
oauth_logout_uris_check(const OAuthClient *client)
{
	OAuthFault *fault = NULL;
	ListCell   *cell;

	if (list_length(client->post_logout_redirect_uris) > OAUTH_MAX_REDIRECT_URIS)
		return oauth_bad_member(NAME, "an array of at most 50 strings");
	foreach(cell, client->post_logout_redirect_uris)
		if ((fault = check_uri(lfirst(cell))) != NULL)
			return fault;
	return NULL;
}
