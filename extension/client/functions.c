/*
 * functions.c
 *		The SQL functions that administer clients.
 *
 * oauth_register_client() and RFC 7591 metadata lead to the same OAuthClient, the same checks and
 * the same insert.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "client/client.h"
#include "crypto/crypto.h"
#include "secret/secret.h"
#include "store/client.h"
#include "store/event.h"
#include "store/scope.h"
#include "store/token.h"
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

/* The client of that id, locked until the transaction ends; raises 42704 if there is none. */
static OAuthClient *
held_client(const char *client_id)
{
	oauth_store_hold_client(client_id);
	return oauth_client_required(client_id);
}

static void
note_registration(const OAuthClient *client)
{
	OAuthEvent	event = {.event = "register", .client_id = client->client_id};

	oauth_event_note(NULL, &event);
}

/* A hint for a client that was refused. */
static const char *
hint_for(const OAuthClient *client, const OAuthFault *fault)
{
	List	   *words;
	List	   *unknown;
	const char *hint;

	if (fault->code == OAUTH_INVALID_REDIRECT_URI &&
		list_length(client->redirect_uris) <= OAUTH_MAX_REDIRECT_URIS)
		return "For example https://app.example.com/back, http://127.0.0.1/back or "
			"com.example.app:/back.";
	if (!oauth_is_plain(client->client_name, OAUTH_MAX_CLIENT_NAME))
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

/* fault: what reading the client brought; before: as it was, NULL for a new one. */
static void
check_or_raise(OAuthClient *client, OAuthFault *fault, const OAuthClient *before)
{
	if (fault == NULL)
		fault = oauth_client_check(client);
	if (fault == NULL)
		fault = oauth_client_check_sector_document(client, before);
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
	client->default_max_age = OAUTH_NO_MAX_AGE;
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
	check_or_raise(&client, NULL, NULL);
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
	check_or_raise(&client, oauth_client_metadata_read(metadata, &client), NULL);
	oauth_client_notice_members(metadata);
	oauth_client_notice_schemes(&client, NIL);
	oauth_client_notice_wildcards(&client, NIL);
	oauth_client_notice_openid(&client);
	if (oauth_client_may(&client, OAUTH_GRANT_AUTHORIZATION_CODE) && client.redirect_uris == NIL)
		oauth_fault_raise(oauth_fault(OAUTH_INVALID_REDIRECT_URI,
									  "The grant authorization_code needs redirect_uris."),
						  "Give redirect_uris, or grant_types without authorization_code.");
	secret = oauth_client_create(&client);
	note_registration(&client);
	return oauth_client_metadata_write(&client, secret);
}

/* A secret of which only a digest is kept cannot sign. */
static void
check_signing_change(const OAuthClient *client)
{
	if (oauth_client_has_sealed_secret(client) && client->secret_sealed == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the client's secret is a digest, which cannot verify signatures"),
				 errhint("Register a new client with client_secret_jwt, or with the grants of "
						 "OAuth 1.0a.")));
}

/* A client that goes over from its key to a secret has none yet. */
static void
notice_secret(const OAuthClient *client, const OAuthClient *before)
{
	if (oauth_client_needs_secret(client) && !oauth_client_needs_secret(before))
		ereport(NOTICE,
				(errmsg("the client authenticates with a secret from now on"),
				 errhint("SELECT oauth_rotate_client_secret(%s) makes one and shows it once.",
						 quote_literal_cstr(client->client_id))));
}

/* A client cannot be both what an administrator says and what its document says. */
static void
adopt(OAuthClient *client)
{
	if (client->scope == NULL)
		client->scope = pstrdup(oauth_client_scope(client));
	client->is_document = false;
	oauth_store_adopt_document_client(client->client_id);
	ereport(NOTICE,
			(errmsg("client \"%s\" is no longer what the document at its URL says",
					client->client_id),
			 errhint("It is registered now, as it is; oauth_delete_client() takes that back.")));
}

/* oauth_update_client(client_id text, metadata jsonb) RETURNS jsonb */
Datum
oauth_update_client(PG_FUNCTION_ARGS)
{
	OAuthClient *client = held_client(oauth_argument(fcinfo, 0, "client_id"));
	OAuthClient before = *client;
	Jsonb	   *metadata = oauth_jsonb_argument(fcinfo, 1, "metadata");

	client->cors_origins = oauth_store_origins(client->client_id);
	check_or_raise(client, oauth_client_metadata_read(metadata, client), &before);
	oauth_client_notice_members(metadata);
	oauth_client_notice_schemes(client, before.redirect_uris);
	oauth_client_notice_wildcards(client, before.redirect_uris);
	oauth_client_notice_openid(client);
	if (client->is_public != before.is_public)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a client cannot change between public and confidential"),
				 errhint("Register a new client.")));
	check_signing_change(client);
	notice_secret(client, &before);
	if (client->is_document)
		adopt(client);
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
	if (!oauth_client_needs_secret(client))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("client \"%s\" has no secret: it proves itself with a key or certificate",
						client->client_id),
				 errhint("SELECT oauth_update_client('%s', '{\"jwks\": ...}') gives it another "
						 "key.",
						 client->client_id)));
	if (!oauth_argument_is_null(fcinfo, 1))
		old_until = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval,
															TimestampTzGetDatum(old_until),
															PG_GETARG_DATUM(1)));
	if (old_until <= GetCurrentTransactionStartTimestamp())
		ereport(NOTICE, (errmsg("the previous secret of the client has stopped working"),
						 errhint("overlap => '1 day' keeps it working until the client has the "
								 "new one.")));
	oauth_store_rotate_secret(client->client_id, secret, oauth_client_seal_secret(client, secret),
							  old_until);
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
