/*
 * narrow.c
 *		What a client that registers itself gets of what it asks for (RFC 7591, sections 2 and
 *		3.2.1).
 *
 * "The authorization server MAY reject or replace any of the client's requested metadata values
 * submitted during the registration and substitute them with suitable values."  Clients send the
 * same registration to every server, so it lists grants, methods and scopes that this server does
 * not have.  These are left out, and the answer says what the client got.  Nothing is added that it
 * did not ask for, and a client that has no grant in common with this server is refused.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "oauth2/oauth2.h"
#include "store/authorization_details.h"
#include "store/client.h"
#include "store/scope.h"
#include "text/text.h"

#define MAX_ORIGINS 20

/*
 * An unknown method is left out: then the client has a secret, and may send it in either way.
 * Names of a certificate are of no use with another method than theirs.
 */
static void
narrow_method(OAuthClient *client)
{
	if (oauth_auth_method(client->token_endpoint_auth_method) == NULL)
		client->token_endpoint_auth_method = NULL;
	if (oauth_client_authenticates_by(client, "tls_client_auth"))
		return;
	client->tls_client_auth_subject_dn = NULL;
	client->tls_client_auth_san_dns = NULL;
	client->tls_client_auth_san_uri = NULL;
	client->tls_client_auth_san_ip = NULL;
	client->tls_client_auth_san_email = NULL;
}

/*
 * Whether the client gets that grant: it keeps grants that it had before.
 */
static bool
is_given(const OAuthClient *client, const char *grant_type, const OAuthClient *before,
		 bool is_trusted)
{
	const OAuthGrantType *known = oauth_grant_type(grant_type);

	if (before != NULL && oauth_client_may(before, grant_type))
		return true;
	if (known == NULL || (known->needs_secret && client->is_public))
		return false;
	return known->given_by == OAUTH_GIVEN_BY_ITSELF ||
		(is_trusted && known->given_by == OAUTH_GIVEN_BY_TOKEN);
}

/*
 * The grants that remain, each once.  Without the response type code, authorization_code is of no
 * use (the table of section 2.1), and neither is refresh_token without a grant that gives the first
 * token.
 */
static OAuthFault *
narrow_grants(OAuthClient *client, const List *response_types, const OAuthClient *before,
			  bool is_trusted)
{
	bool		may_redirect = response_types == NIL || oauth_list_has(response_types, "code");
	bool		has_first = false;
	List	   *given = NIL;
	ListCell   *cell;

	foreach(cell, client->grant_types)
	{
		char	   *grant_type = lfirst(cell);

		if (oauth_list_has(given, grant_type) ||
			!is_given(client, grant_type, before, is_trusted) ||
			(!may_redirect && strcmp(grant_type, OAUTH_GRANT_AUTHORIZATION_CODE) == 0))
			continue;
		given = lappend(given, grant_type);
		has_first = has_first || strcmp(grant_type, OAUTH_GRANT_REFRESH_TOKEN) != 0;
	}
	client->grant_types = given;
	return has_first ? NULL :
		oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
					"None of grant_types and response_types is there for a client that registers "
					"itself: it can have "
					OAUTH_GRANT_AUTHORIZATION_CODE " (response type code) and "
					OAUTH_GRANT_DEVICE_CODE ", with " OAUTH_GRANT_REFRESH_TOKEN ".");
}

/* The words of scope that are available, each once. */
static List *
words_of(const char *scope, const char *to_be_had)
{
	List	   *words = NIL;

	for (const char *c = scope + strspn(scope, " "); *c; c += strspn(c, " "))
	{
		size_t		length = strcspn(c, " ");
		char	   *word = pnstrdup(c, length);

		if (oauth_words_include(to_be_had, word) && !oauth_list_has(words, word))
			words = lappend(words, word);
		c += length;
	}
	return words;
}

/* The request does not mention scope, which stays what it was. */
static OAuthFault *
keep_scope(OAuthClient *client, const OAuthClient *before)
{
	client->scope = before ? before->scope : NULL;
	return NULL;
}

/*
 * The scope that remains: of the advertised scopes or, with an initial access token, of all scopes.
 * A client that names only unavailable scopes gets the default ones, as a request without scope
 * does.
 */
static OAuthFault *
narrow_scope(OAuthClient *client, const OAuthClient *before, bool is_trusted)
{
	const char *to_be_had;
	List	   *words;

	if (client->scope == NULL || client->scope[strspn(client->scope, " ")] == '\0')
		return keep_scope(client, before);
	oauth_store_seed_scopes();
	to_be_had = before ? oauth_client_scope(before) :
		is_trusted ? oauth_store_all_scopes() : oauth_store_advertised_scopes();
	words = words_of(client->scope, to_be_had);
	if (words == NIL && before != NULL)
		return keep_scope(client, before);
	if (words == NIL)
		words = words_of(oauth_store_default_scope(), to_be_had);
	if (words == NIL)
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
						   "scope has no word that the client can have: see scopes_supported.");
	client->scope = oauth_words_join(words);
	return NULL;
}

/* Origins as browsers write them, up to the limit of a client. */
static void
narrow_origins(OAuthClient *client)
{
	List	   *origins = NIL;
	ListCell   *cell;

	foreach(cell, oauth_cors_plain_origins(client->cors_origins))
		if (oauth_cors_check_origins(list_make1(lfirst(cell))) == NULL &&
			!oauth_list_has(origins, lfirst(cell)) && list_length(origins) < MAX_ORIGINS)
			origins = lappend(origins, lfirst(cell));
	client->cors_origins = origins;
}

/* The types of authorization details that exist (RFC 9396, section 10). */
static void
narrow_details_types(OAuthClient *client)
{
	List	   *types = NIL;
	ListCell   *cell;

	foreach(cell, client->authorization_details_types)
		if (oauth_store_find_details_type(lfirst(cell)) != NULL &&
			!oauth_list_has(types, lfirst(cell)))
			types = lappend(types, lfirst(cell));
	client->authorization_details_types = types;
}

/* Removes from the client what it cannot have.  before: the client that it replaces, or NULL. */
OAuthFault *
oauth2_narrow_client(OAuthClient *client, const List *response_types, const OAuthClient *before,
					 bool is_trusted)
{
	OAuthFault *fault;

	if (client->rsa_public_key != NULL && oauth_public_key_check(client->rsa_public_key) != NULL)
		client->rsa_public_key = NULL;
	narrow_method(client);
	narrow_origins(client);
	narrow_details_types(client);
	if ((fault = narrow_grants(client, response_types, before, is_trusted)) != NULL)
		return fault;
	return narrow_scope(client, before, is_trusted);
}
