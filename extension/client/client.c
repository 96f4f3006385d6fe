/*
 * client.c
 *		Clients: the rules of registration, and the SQL functions that administer them.
 *
 * oauth_register_client() and RFC 7591 metadata come down to the same OAuthClient, the same check
 * and the same insert.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "secret/secret.h"
#include "store/store.h"
#include "text/text.h"

#include "access/xact.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_register_client);
PG_FUNCTION_INFO_V1(oauth_register_client_metadata);
PG_FUNCTION_INFO_V1(oauth_update_client);
PG_FUNCTION_INFO_V1(oauth_rotate_client_secret);
PG_FUNCTION_INFO_V1(oauth_disable_client);
PG_FUNCTION_INFO_V1(oauth_enable_client);
PG_FUNCTION_INFO_V1(oauth_delete_client);

#define MAX_NAME			255
#define MAX_REDIRECT_URIS	50
#define MAX_NAMED_GRANT		64

/* Every grant a client can be given. */
static const struct
{
	const char *grant_type;
	bool		signs;			/* OAuth 1.0a: needs a recoverable secret */
	bool		needs_secret;
}			known_grants[] =
{
	{"authorization_code", false, false},
	{"refresh_token", false, false},
	{"password", false, false},
	{"client_credentials", false, true},
	{"urn:ietf:params:oauth:grant-type:device_code", false, false},
	{"introspection", false, true},
	{"urn:ietf:params:oauth:grant-type:token-exchange", false, true},
	{"oauth1", true, true},
	{"oauth1_two_legged", true, true},
	{"oauth1_xauth", true, true},
};

/* Whether the client is registered for that grant. */
bool
oauth_client_may(const OAuthClient *client, const char *grant_type)
{
	return oauth_list_has(client->grant_types, grant_type);
}

/*
 * All that the client may ask for.  One that registered itself and said nothing may ask for what
 * metadata lists, as that is what it goes by; an administrator who says nothing means the defaults.
 */
const char *
oauth_client_scope(const OAuthClient *client)
{
	if (client->scope != NULL)
		return client->scope;
	return client->is_self_registered ? oauth_store_advertised_scopes() :
		oauth_store_default_scope();
}

/* Whether it makes OAuth 1.0a signatures. */
bool
oauth_client_signs(const OAuthClient *client)
{
	for (size_t i = 0; i < lengthof(known_grants); i++)
		if (known_grants[i].signs && oauth_client_may(client, known_grants[i].grant_type))
			return true;
	return false;
}

/*
 * The methods of OAuth 1.0a (RFC 5849, section 3.4), and whose secret the provider must be able to
 * recover for them.
 */
static const struct
{
	const char *name;
	bool		needs_secret;
}			signature_methods[] =
{
	{"HMAC-SHA1", true},
	{"HMAC-SHA256", true},
	{"HMAC-SHA512", true},
	{"PLAINTEXT", true},
	{"RSA-SHA1", false},
	{"RSA-SHA256", false},
	{"RSA-SHA512", false},
};

/*
 * Whether the client may sign with that method.
 *
 * Unless it was registered with methods of its own, a client with a public key signs with that key
 * and with nothing else: that it could also be impersonated with a shared secret would be a way
 * around the key.
 */
bool
oauth_client_signs_with(const OAuthClient *client, const char *signature_method)
{
	if (client->signature_methods != NIL)
		return oauth_list_has(client->signature_methods, signature_method);
	for (size_t i = 0; i < lengthof(signature_methods); i++)
		if (strcmp(signature_methods[i].name, signature_method) == 0)
			return signature_methods[i].needs_secret == (client->rsa_public_key == NULL);
	return false;
}

/* Whether the provider keeps the client's secret so that it can be recovered. */
bool
oauth_client_has_sealed_secret(const OAuthClient *client)
{
	if (!oauth_client_signs(client))
		return false;
	for (size_t i = 0; i < lengthof(signature_methods); i++)
		if (signature_methods[i].needs_secret &&
			oauth_client_signs_with(client, signature_methods[i].name))
			return true;
	return false;
}

/*
 * Whether there is anything that it would need a secret for: a client that only ever signs with its
 * key has none.
 */
static bool
needs_secret(const OAuthClient *client)
{
	ListCell   *cell;

	if (client->is_public)
		return false;
	if (client->rsa_public_key == NULL || oauth_client_has_sealed_secret(client))
		return true;
	foreach(cell, client->grant_types)
		if (strncmp(lfirst(cell), "oauth1", 6) != 0)
			return true;
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
		size_t		i = 0;

		while (i < lengthof(signature_methods) &&
			   strcmp(signature_methods[i].name, lfirst(cell)) != 0)
			i++;
		if (i == lengthof(signature_methods))
			return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
							   "signature_methods are HMAC-SHA1, HMAC-SHA256, HMAC-SHA512, "
							   "RSA-SHA1, RSA-SHA256, "
							   "RSA-SHA512 and PLAINTEXT.");
		if (!signature_methods[i].needs_secret && client->rsa_public_key == NULL)
			return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
							   "RSA signatures need an rsa_public_key.");
	}
	return NULL;
}

/*
 * Named where it is short, and made of what an error_description may have (RFC 6749, section 5.2).
 */
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
	for (size_t i = 0; i < lengthof(known_grants); i++)
	{
		if (strcmp(known_grants[i].grant_type, grant_type) != 0)
			continue;
		if (known_grants[i].needs_secret && client->is_public)
			return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
							   psprintf("A public client cannot have the grant type %s.",
										grant_type));
		return NULL;
	}
	return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
					   psprintf("%s: there are authorization_code, refresh_token, "
								"password, client_credentials, "
								"urn:ietf:params:oauth:grant-type:device_code, "
								"urn:ietf:params:oauth:grant-type:token-exchange, introspection, "
								"oauth1, oauth1_two_legged and "
								"oauth1_xauth.", unknown_grant(grant_type)));
}

/* Every grant must be a known one; each is kept once. */
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

	if (list_length(client->redirect_uris) > MAX_REDIRECT_URIS)
		return oauth_fault(OAUTH_INVALID_REDIRECT_URI, "A client can have 50 redirect URIs.");
	foreach(cell, client->redirect_uris)
	{
		OAuthFault *fault = oauth_client_may(client, "authorization_code") ?
			oauth2_redirect_uri_check_for_code(lfirst(cell)) :
			oauth2_redirect_uri_check(lfirst(cell));

		if (fault != NULL)
			return oauth2_redirect_uri_refused(fault, lfirst(cell));
	}
	return NULL;
}

/*
 * An administrator may trust a scheme that any program can claim, and is told so.  before: what the
 * client had.
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

/* The scope, each word of which must exist; brought to its plain form. */
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

/* "none" and public are two words for one thing (RFC 7591, section 2). */
static OAuthFault *
check_method(OAuthClient *client)
{
	const char *method = client->token_endpoint_auth_method;

	if (client->is_public && method == NULL)
		client->token_endpoint_auth_method = "none";
	else if (client->is_public && strcmp(method, "none") != 0)
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
						   "A public client has token_endpoint_auth_method none.");
	else if (!client->is_public && method != NULL && strcmp(method, "client_secret_basic") != 0 &&
			 strcmp(method, "client_secret_post") != 0)
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA,
						   "token_endpoint_auth_method is none, client_secret_basic or "
						   "client_secret_post.");
	return NULL;
}

/* What RFC 7591, section 2 and RFC 6749, section 2 ask of a client, however it was described. */
OAuthFault *
oauth_client_check(OAuthClient *client)
{
	OAuthFault *fault;
	char	   *problem;

	client->client_name = oauth_single_spaced(client->client_name);
	problem = oauth_why_not_plain(client->client_name, MAX_NAME);
	if (problem != NULL)
		return oauth_fault(OAUTH_INVALID_CLIENT_METADATA, psprintf("client_name %s.", problem));
	oauth_store_seed_scopes();
	client->cors_origins = oauth_cors_plain_origins(client->cors_origins);
	if ((fault = check_method(client)) != NULL || (fault = check_grants(client)) != NULL ||
		(fault = check_redirect_uris(client)) != NULL || (fault = check_scope(client)) != NULL ||
		(fault = check_signature_methods(client)) != NULL)
		return fault;
	return oauth_cors_check_origins(client->cors_origins);
}

/* The client of that id; 42704 if there is none. */
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

/* The same, and as it stays until the transaction ends. */
static OAuthClient *
held_client(const char *client_id)
{
	oauth_store_hold_client(client_id);
	return oauth_client_required(client_id);
}

/*
 * The secret in a form that can be recovered, for a client whose signatures need that; NULL for any
 * other.
 */
static bytea *
sealed_secret(const OAuthClient *client, const char *secret)
{
	return oauth_client_has_sealed_secret(client) ? oauth_seal(secret, client->client_id) : NULL;
}

/* Names the client and writes it down; returns its secret, NULL for one that has none. */
char *
oauth_client_create(OAuthClient *client)
{
	char	   *secret = needs_secret(client) ? oauth_client_secret_string() : NULL;

	client->client_id = oauth_random_id();
	client->created_at = GetCurrentTransactionStartTimestamp();
	client->secret_sealed = sealed_secret(client, secret);
	oauth_store_insert_client(client, secret);
	return secret;
}

static void
note_registration(const OAuthClient *client)
{
	OAuthEvent	event = {.event = "register", .client_id = client->client_id};

	oauth_event_note(NULL, &event);
}

/* What to do about a client that is refused. */
static const char *
hint_for(const OAuthClient *client, const OAuthFault *fault)
{
	List	   *words;
	List	   *unknown;
	const char *hint;

	if (fault->code == OAUTH_INVALID_REDIRECT_URI &&
		list_length(client->redirect_uris) <= MAX_REDIRECT_URIS)
		return "For example https://app.example.com/back, http://127.0.0.1/back or "
			"com.example.app:/back.";
	if (!oauth_is_plain(client->client_name, MAX_NAME))
		return "It is what people read when they are asked for consent: give 1 to 255 bytes that "
			"can all be seen.";
	if (client->scope == NULL || oauth2_scope_parse(client->scope, &words) != NULL ||
		(unknown = oauth_store_unknown_scopes(words)) == NIL)
		return NULL;
	if ((hint = oauth2_scope_hint(client->scope)) != NULL)
		return hint;
	return psprintf("SELECT oauth_register_scope(%s, '...') adds one, with words for the user who "
					"is asked for consent.",
					quote_literal_cstr(linitial(unknown)));
}

static void
check_or_raise(OAuthClient *client, OAuthFault *fault)
{
	if (fault == NULL)
		fault = oauth_client_check(client);
	if (fault != NULL)
		oauth_fault_raise(fault, hint_for(client, fault));
}

static void
read_arguments(FunctionCallInfo fcinfo, OAuthClient *client)
{
	const char *client_type = oauth_argument(fcinfo, 4, "client_type");

	if (strcmp(client_type, "public") != 0 && strcmp(client_type, "confidential") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("client_type \"%s\" does not exist", client_type),
				 errhint("RFC 6749, section 2.1 knows confidential and public.")));
	client->client_name = oauth_argument(fcinfo, 0, "client_name");
	client->redirect_uris = oauth_list_argument(fcinfo, 1, "redirect_uris");
	client->grant_types = oauth_list_argument(fcinfo, 2, "grant_types");
	client->scope = oauth_optional_argument(fcinfo, 3);
	client->is_public = strcmp(client_type, "public") == 0;
	client->token_endpoint_auth_method = oauth_optional_argument(fcinfo, 5);
	client->access_token_lifetime = oauth_seconds_argument(fcinfo, 6, "access_token_lifetime");
	client->refresh_token_lifetime = oauth_seconds_argument(fcinfo, 7, "refresh_token_lifetime");
	client->rsa_public_key = oauth_optional_argument(fcinfo, 8);
	if (!oauth_argument_is_null(fcinfo, 9))
		client->signature_methods = oauth_list_argument(fcinfo, 9, "signature_methods");
	if (!oauth_argument_is_null(fcinfo, 10))
		client->cors_origins = oauth_list_argument(fcinfo, 10, "cors_origins");
	client->require_pkce = oauth_flag_argument(fcinfo, 11);
	client->metadata = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum("{}")));
}

/*
 * oauth_register_client(client_name text, redirect_uris text[], grant_types text[], scope text,
 * client_type text,
 *		token_endpoint_auth_method text, access_token_lifetime interval, refresh_token_lifetime
 *		interval, rsa_public_key text, signature_methods text[], cors_origins text[], require_pkce
 *		boolean) RETURNS TABLE (client_id text, client_secret text)
 */
Datum
oauth_register_client(PG_FUNCTION_ARGS)
{
	OAuthClient client = {0};
	char	   *secret;
	OAuthResult row = {0};

	read_arguments(fcinfo, &client);
	check_or_raise(&client, NULL);
	oauth_client_notice_schemes(&client, NIL);
	oauth_client_notice_wildcards(&client, NIL);
	oauth_client_notice_uses(&client);
	secret = oauth_client_create(&client);
	note_registration(&client);
	oauth_row_text(&row, client.client_id);
	oauth_row_text(&row, secret);
	return oauth_row_return(fcinfo, &row);
}

/* oauth_register_client_metadata(metadata jsonb) RETURNS jsonb */
Datum
oauth_register_client_metadata(PG_FUNCTION_ARGS)
{
	OAuthClient client = {0};
	Jsonb	   *metadata = oauth_jsonb_argument(fcinfo, 0, "metadata");
	char	   *secret;

	oauth_client_metadata_defaults(&client);
	check_or_raise(&client, oauth_client_metadata_read(metadata, &client));
	oauth_client_notice_members(metadata);
	oauth_client_notice_schemes(&client, NIL);
	oauth_client_notice_wildcards(&client, NIL);
	if (oauth_client_may(&client, "authorization_code") && client.redirect_uris == NIL)
		oauth_fault_raise(oauth_fault(OAUTH_INVALID_REDIRECT_URI,
									  "The grant authorization_code needs redirect_uris."),
						  "Give redirect_uris, or grant_types without authorization_code.");
	secret = oauth_client_create(&client);
	note_registration(&client);
	return oauth_client_metadata_write(&client, secret);
}

/* A secret that nobody can recover cannot sign. */
static void
check_signing_change(const OAuthClient *client)
{
	if (oauth_client_has_sealed_secret(client) && client->secret_sealed == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the client's secret is a digest, which OAuth 1.0a cannot use"),
				 errhint("Register a client of its own with the oauth1 grants.")));
}

/* oauth_update_client(client_id text, metadata jsonb) RETURNS jsonb */
Datum
oauth_update_client(PG_FUNCTION_ARGS)
{
	OAuthClient *client = held_client(oauth_argument(fcinfo, 0, "client_id"));
	bool		was_public = client->is_public;
	List	   *redirect_uris = client->redirect_uris;
	Jsonb	   *metadata = oauth_jsonb_argument(fcinfo, 1, "metadata");

	client->cors_origins = oauth_store_origins(client->client_id);
	check_or_raise(client, oauth_client_metadata_read(metadata, client));
	oauth_client_notice_members(metadata);
	oauth_client_notice_schemes(client, redirect_uris);
	oauth_client_notice_wildcards(client, redirect_uris);
	if (client->is_public != was_public)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a client cannot change between public and confidential"),
				 errhint("Register a new client.")));
	check_signing_change(client);
	oauth_store_update_client(client, oauth_client_has_sealed_secret(client));
	oauth_event_configured(client->client_id, NULL, "client was updated");
	return oauth_client_metadata_write(client, NULL);
}

/* oauth_rotate_client_secret(client_id text, overlap interval) RETURNS text */
Datum
oauth_rotate_client_secret(PG_FUNCTION_ARGS)
{
	OAuthClient *client = held_client(oauth_argument(fcinfo, 0, "client_id"));
	TimestampTz old_until = GetCurrentTransactionStartTimestamp();
	char	   *secret = oauth_client_secret_string();

	if (client->is_public)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("client \"%s\" is public and has no secret", client->client_id),
						errhint("It proves itself with PKCE. Register a confidential client for "
								"one that can keep a secret.")));
	if (!needs_secret(client))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("client \"%s\" signs with its key and has no secret", client->client_id),
				 errhint("SELECT oauth_update_client('%s', '{\"jwks\": ...}') gives it another "
						 "key.",
						 client->client_id)));
	if (!oauth_argument_is_null(fcinfo, 1))
		old_until = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval,
															TimestampTzGetDatum(old_until),
															PG_GETARG_DATUM(1)));
	if (old_until <= GetCurrentTransactionStartTimestamp())
		ereport(NOTICE, (errmsg("the secret that the client had has ended"),
						 errhint("overlap => '1 day' lets it go on until the client has been given "
								 "the new one.")));
	oauth_store_rotate_secret(client->client_id, secret, sealed_secret(client, secret), old_until);
	oauth_event_configured(client->client_id, NULL, "client secret was rotated");
	PG_RETURN_TEXT_P(cstring_to_text(secret));
}

/* oauth_disable_client(client_id text) RETURNS boolean */
Datum
oauth_disable_client(PG_FUNCTION_ARGS)
{
	OAuthClient *client = oauth_client_required(oauth_argument(fcinfo, 0, "client_id"));

	bool		was_enabled = oauth_store_disable_client(client->client_id);

	if (was_enabled)
		oauth_event_configured(client->client_id, NULL, "client was disabled");
	PG_RETURN_BOOL(was_enabled);
}

/* oauth_enable_client(client_id text) RETURNS boolean */
Datum
oauth_enable_client(PG_FUNCTION_ARGS)
{
	OAuthClient *client = oauth_client_required(oauth_argument(fcinfo, 0, "client_id"));
	bool		was_disabled = oauth_store_enable_client(client->client_id);

	if (was_disabled)
	{
		oauth_store_end_grants_of_client(client->client_id, "client was disabled");
		oauth_event_configured(client->client_id, NULL, "client was enabled");
	}
	PG_RETURN_BOOL(was_disabled);
}

/* oauth_delete_client(client_id text) RETURNS boolean */
Datum
oauth_delete_client(PG_FUNCTION_ARGS)
{
	OAuthClient *client = oauth_client_required(oauth_argument(fcinfo, 0, "client_id"));

	bool		was_there = oauth_store_delete_client(client->client_id);

	if (was_there)
		oauth_event_configured(client->client_id, NULL, "client was deleted");
	PG_RETURN_BOOL(was_there);
}
