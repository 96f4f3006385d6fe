/*
 * client.c
 *		What a client is and may, and the rules of registration.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "client/member.h"
#include "crypto/crypto.h"
#include "secret/secret.h"
#include "store/client.h"
#include "store/scope.h"
#include "text/text.h"

#include "access/xact.h"
#include "utils/memutils.h"

#define MAX_NAMED_GRANT		64

/*
 * The scope that the client may ask for.  A client that registered itself, or is described by a
 * document, and named none may ask for everything in the metadata, which is what it goes by; for an
 * administrator who names none, the default scopes apply.
 */
const char *
oauth_client_scope(const OAuthClient *client)
{
	if (client->scope != NULL)
		return client->scope;
	return client->is_self_registered || client->is_document ? oauth_store_advertised_scopes() :
		oauth_store_default_scope();
}

/* Whether it can ask for ID tokens. */
bool
oauth_client_uses_openid(const OAuthClient *client)
{
	return oauth_words_include(oauth_client_scope(client), "openid") &&
		(oauth_client_may(client, OAUTH_GRANT_AUTHORIZATION_CODE) ||
		 oauth_client_may(client, OAUTH_GRANT_DEVICE_CODE));
}

/*
 * Whether the client may sign with that method.
 *
 * Unless it was registered with methods of its own, a client with a public key signs with that key
 * and with nothing else: that it could also be impersonated with a shared secret would be a way
 * around the key.
 */
bool
oauth_client_signs_with(const OAuthClient *client, const OAuth1SignatureMethod *method)
{
	if (client->signature_methods != NIL)
		return oauth_list_has(client->signature_methods, method->name);
	return oauth1_signature_method_is_symmetric(method) == (client->rsa_public_key == NULL);
}

/*
 * Whether the provider keeps the client's secret recoverable: it verifies signatures of OAuth 1.0a,
 * or client assertions.
 */
bool
oauth_client_has_sealed_secret(const OAuthClient *client)
{
	ListCell   *cell;

	if (oauth_client_authenticates_by(client, "client_secret_jwt"))
		return true;
	if (!oauth_client_signs(client))
		return false;
	if (client->signature_methods == NIL)
		return client->rsa_public_key == NULL;
	foreach(cell, client->signature_methods)
	{
		const OAuth1SignatureMethod *method = oauth1_signature_method(lfirst(cell));

		if (method != NULL && oauth1_signature_method_is_symmetric(method))
			return true;
	}
	return false;
}

/*
 * Whether the client needs a secret at all: one that only ever signs with its key, or shows a
 * certificate, does not.
 */
bool
oauth_client_needs_secret(const OAuthClient *client)
{
	const OAuthAuthMethod *method = oauth_auth_method(client->token_endpoint_auth_method);
	ListCell   *cell;

	if (oauth_client_has_sealed_secret(client))
		return true;
	if (client->is_public || (method != NULL && !method->has_secret))
		return false;
	if (client->rsa_public_key == NULL)
		return true;
	foreach(cell, client->grant_types)
	{
		const OAuthGrantType *grant_type = oauth_grant_type(lfirst(cell));

		if (grant_type == NULL || !grant_type->signs)
			return true;
	}
	return false;
}

static OAuthFault *
check_signature_methods(const OAuthClient *client)
{
	ListCell   *cell;

	if (client->rsa_public_key != NULL)
	{
		OAuthFault *fault = oauth_public_key_check(client->rsa_public_key);

		if (fault != NULL)
			return fault;
	}
	foreach(cell, client->signature_methods)
	{
		const OAuth1SignatureMethod *method = oauth1_signature_method(lfirst(cell));

		if (method == NULL)
			return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
							   psprintf("signature_methods are %s.", oauth1_signature_methods()));
		if (!oauth1_signature_method_is_symmetric(method) && client->rsa_public_key == NULL)
			return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
							   "RSA signatures need an rsa_public_key.");
	}
	return NULL;
}

/* Quotes a short word, made of what an error_description may contain (RFC 6749, section 5.2). */
static const char *
unknown_grant(const char *grant_type)
{
	size_t		length = strlen(grant_type);

	for (const char *c = grant_type; *c; c++)
		if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\')
			length = 0;
	return length > 0 && length <= MAX_NAMED_GRANT ?
		psprintf("grant_types has %s, which this server does not know", grant_type) :
		"grant_types has one that this server does not know";
}

static OAuthFault *
check_grant(const OAuthClient *client, const char *grant_type)
{
	const OAuthGrantType *known = oauth_grant_type(grant_type);

	if (known == NULL)
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
						   psprintf("%s: there are %s.", unknown_grant(grant_type),
									oauth_grant_types()));
	if (known->needs_secret && client->is_public)
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
						   psprintf("A public client cannot have the grant type %s.", grant_type));
	return NULL;
}

/* Every grant type must be known; each is kept once. */
static OAuthFault *
check_grants(OAuthClient *client)
{
	List	   *once = NIL;
	ListCell   *cell;

	foreach(cell, client->grant_types)
	{
		OAuthFault *fault = check_grant(client, lfirst(cell));

		if (fault != NULL)
			return fault;
		if (!oauth_list_has(once, lfirst(cell)))
			once = lappend(once, lfirst(cell));
	}
	client->grant_types = once;
	return NULL;
}

static OAuthFault *
check_redirect_uris(const OAuthClient *client)
{
	ListCell   *cell;

	if (list_length(client->redirect_uris) > OAUTH_MAX_REDIRECT_URIS)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI, OAUTH_TOO_MANY_REDIRECT_URIS);
	foreach(cell, client->redirect_uris)
	{
		OAuthFault *fault = oauth_client_may(client, OAUTH_GRANT_AUTHORIZATION_CODE) ?
			oauth2_redirect_uri_check_for_code(lfirst(cell)) :
			oauth2_redirect_uri_check(lfirst(cell));

		if (fault != NULL)
			return oauth2_redirect_uri_refused(fault, lfirst(cell));
	}
	return NULL;
}

/* The scope, each word of which must exist, in its canonical form. */
static OAuthFault *
check_scope(OAuthClient *client)
{
	List	   *words;
	OAuthFault *fault;

	if (client->scope == NULL)
		return NULL;
	if ((fault = oauth2_scope_parse(client->scope, &words)) != NULL)
		return fault;
	if (oauth_store_unknown_scopes(words) != NIL)
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
						   psprintf("scope has words that are not registered: %s",
									oauth_words_join(oauth_store_unknown_scopes(words))));
	client->scope = oauth_words_join(words);
	return NULL;
}

/*
 * Checks what RFC 7591, section 2 and RFC 6749, section 2 require of a client, however it was
 * described.
 */
OAuthFault *
oauth_client_check(OAuthClient *client)
{
	OAuthFault *fault;
	char	   *problem;

	client->client_name = oauth_single_spaced(client->client_name);
	problem = oauth_why_not_plain(client->client_name, OAUTH_MAX_CLIENT_NAME);
	if (problem != NULL)
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA, psprintf("client_name %s.", problem));
	oauth_store_seed_scopes();
	client->cors_origins = oauth_cors_plain_origins(client->cors_origins);
	if ((fault = oauth_auth_method_check(client)) != NULL ||
		(fault = check_grants(client)) != NULL ||
		(fault = check_redirect_uris(client)) != NULL || (fault = check_scope(client)) != NULL ||
		(fault = check_signature_methods(client)) != NULL ||
		(fault = oauth_application_type_check(client)) != NULL ||
		(fault = oauth_profile_check(client)) != NULL ||
		(fault = oauth_sector_check(client)) != NULL ||
		(fault = oauth_logout_uris_check(client)) != NULL)
		return fault;
	if (oauth_client_is_pairwise(client))
		oauth_pairwise_key_make();
	return oauth_cors_check_origins(client->cors_origins);
}

/* The client of that id; raises 42704 if there is none. */
OAuthClient *
oauth_client_required(const char *client_id)
{
	OAuthClient *client = oauth_store_find_client(client_id, NULL);
	char	   *meant;

	if (client != NULL)
		return client;
	meant = oauth_store_find_client_of_name(client_id);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("client \"%s\" does not exist", client_id),
			 meant ? errhint("The client of that name has the client_id %s.", meant) :
			 errhint("SELECT client_id, client_name FROM oauth.client lists the clients.")));
}

/* The secret, sealed, for a client whose signatures need it; NULL for any other. */
bytea *
oauth_client_seal_secret(const OAuthClient *client, const char *secret)
{
	return oauth_client_has_sealed_secret(client) ? oauth_seal(secret, client->client_id) : NULL;
}

/*
 * One of its secrets, as it was before it was sealed; NULL if there is none that works.  The
 * requests of a batch open it once, in the memory of the batch, which is wiped with it.
 */
char *
oauth_client_open_secret(const OAuthClient *client, int which)
{
	bytea	   *sealed = which == OAUTH_CURRENT_SECRET ? client->secret_sealed :
		client->old_secret_sealed;
	MemoryContext old;

	if (sealed == NULL)
		return NULL;
	if (client->opened == NULL)
		return oauth_unseal(sealed, client->client_id);
	if (client->opened[which] == NULL)
	{
		old = MemoryContextSwitchTo(GetMemoryChunkContext(client->opened));
		client->opened[which] = oauth_unseal(sealed, client->client_id);
		MemoryContextSwitchTo(old);
	}
	return client->opened[which];
}

/*
 * What a signature is verified with where the client has no secret that works, or is unknown; it
 * takes as long to open as a secret, and is opened as seldom.
 */
const char *
oauth_client_open_stand_in(const char *client_id)
{
	static char *stand_in = NULL;

	if (stand_in == NULL)
		stand_in = MemoryContextStrdup(TopMemoryContext, oauth_shared_secret_string());
	if (!oauth_store_note_stand_in(client_id))
		oauth_unseal_dummy();
	return stand_in;
}

/* Gives the client an id and stores it; returns its secret, NULL for a client without one. */
char *
oauth_client_create(OAuthClient *client)
{
	char	   *secret = oauth_client_needs_secret(client) ? oauth_client_secret_string() : NULL;

	client->client_id = oauth_random_id();
	client->created_at = GetCurrentTransactionStartTimestamp();
	client->secret_sealed = oauth_client_seal_secret(client, secret);
	oauth_store_insert_client(client, secret);
	return secret;
}
