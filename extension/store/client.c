/*
 * client.c
 *		SQL of oauth.client.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/statement.h"

#include "utils/fmgroids.h"

enum
{
	CLIENT_ID,
	CLIENT_NAME,
	CLIENT_TYPE,
	CLIENT_AUTH_METHOD,
	CLIENT_GRANT_TYPES,
	CLIENT_REDIRECT_URIS,
	CLIENT_SCOPE,
	CLIENT_ACCESS_LIFETIME,
	CLIENT_REFRESH_LIFETIME,
	CLIENT_METADATA,
	CLIENT_CREATED_AT,
	CLIENT_DISABLED_AT,
	CLIENT_DELETED_AT,
	CLIENT_SECRET_HASH,
	CLIENT_OLD_SECRET_HASH,
	CLIENT_OLD_SECRET_EXPIRES_AT,
	CLIENT_RSA_PUBLIC_KEY,
	CLIENT_SIGNATURE_METHODS,
	CLIENT_SECRET_SEALED,
	CLIENT_OLD_SECRET_SEALED,
	CLIENT_IMPORTED_SECRET_HASH,
	CLIENT_REQUIRE_PKCE,
	CLIENT_REGISTRATION_TOKEN_HASH
};
static OAuthTable client_table = {
	.name = "client", .equals = F_TEXTEQ,
	.columns = {"client_id", "client_name", "client_type", "token_endpoint_auth_method", "grant_types",
		"redirect_uris", "scope", "access_token_lifetime", "refresh_token_lifetime", "metadata", "created_at",
		"disabled_at", "deleted_at", "secret_hash", "old_secret_hash", "old_secret_expires_at", "rsa_public_key",
		"signature_methods", "secret_sealed", "old_secret_sealed", "imported_secret_hash", "require_pkce",
	"registration_token_hash"}
};

static OAuthStatement find_by_name = {.sql = "SELECT client_id FROM oauth.client WHERE client_name "
	"= $1 AND deleted_at IS NULL LIMIT 2",
	.only_reads = true,
	.n_arguments = 1,
.argument_types = {TEXTOID}};

static OAuthStatement insert_client =
{.sql = "INSERT INTO oauth.client (client_id, client_name, client_type, "
	"token_endpoint_auth_method, grant_types,"
	" redirect_uris, scope, access_token_lifetime, refresh_token_lifetime, metadata, "
	"rsa_public_key, signature_methods,"
	" secret_hash, secret_sealed, imported_from, imported_secret_hash, require_pkce)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
	.n_arguments = 17,
	.argument_types = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTOID,
		INT4OID, INT4OID, JSONBOID, TEXTOID, TEXTARRAYOID, BYTEAOID, BYTEAOID,
TEXTOID, TEXTOID, BOOLOID}};

static OAuthStatement update_client =
{.sql = "UPDATE oauth.client SET client_name = $2, client_type = $3, "
	"token_endpoint_auth_method = $4,"
	" grant_types = $5, redirect_uris = $6, scope = $7, access_token_lifetime = $8, "
	"refresh_token_lifetime = $9,"
	" metadata = $10, rsa_public_key = $11, signature_methods = $12, require_pkce = $14, "
	"updated_at = now(),"
	" secret_sealed = CASE WHEN $13 THEN secret_sealed END,"
	" old_secret_sealed = CASE WHEN $13 THEN old_secret_sealed END WHERE client_id = $1",
	.n_arguments = 14,
	.argument_types = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTOID,
INT4OID, INT4OID, JSONBOID, TEXTOID, TEXTARRAYOID, BOOLOID, BOOLOID}};

static OAuthStatement hold_client = {
	.sql = "SELECT FROM oauth.client WHERE client_id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/* A secret that was imported hashed and has not been used here has no digest that could overlap. */
static OAuthStatement rotate_secret =
{.sql = "UPDATE oauth.client SET secret_hash = $2, secret_sealed = $3, secret_set_at = now(), "
	"updated_at = now(),"
	" imported_secret_hash = NULL,"
	" old_secret_hash = CASE WHEN $4 > now() THEN secret_hash END,"
	" old_secret_sealed = CASE WHEN $4 > now() THEN secret_sealed END,"
	" old_secret_expires_at = CASE WHEN $4 > now() AND secret_hash IS NOT NULL THEN $4 END"
	" WHERE client_id = $1 AND deleted_at IS NULL",
	.n_arguments = 4,
.argument_types = {TEXTOID, BYTEAOID, BYTEAOID, TIMESTAMPTZOID}};

static OAuthStatement disable_client = {.sql = "UPDATE oauth.client SET disabled_at = now(), "
	"updated_at = now() WHERE client_id = $1 AND "
	"disabled_at IS NULL",
	.n_arguments = 1,
.argument_types = {TEXTOID}};

/*
 * A new grant holds its client by the foreign key.  FOR UPDATE waits for those that were under way
 * when the client was disabled, so that they are seen and ended; disabling itself waits for nobody.
 */
static OAuthStatement enable_client = {
	.sql = "UPDATE oauth.client SET disabled_at = NULL, updated_at = now()"
	" WHERE client_id = (SELECT c.client_id FROM oauth.client c WHERE c.client_id = $1 FOR UPDATE)"
	" AND disabled_at IS NOT NULL AND deleted_at IS NULL",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement delete_client = {
	.sql = "UPDATE oauth.client SET deleted_at = now(), disabled_at = coalesce(disabled_at, now())"
	" WHERE client_id = $1 AND deleted_at IS NULL",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/* Whether that is the digest of the secret, or of the one before while it may still be used. */
static bool
secret_matches(const OAuthRow *row, const uint8 *secret_hash)
{
	bool		is_new = oauth_store_row_has_hash(row, CLIENT_SECRET_HASH, secret_hash);
	bool		is_old = oauth_store_row_has_hash(row, CLIENT_OLD_SECRET_HASH, secret_hash);

	return is_new || (is_old && oauth_store_row_int64(row, CLIENT_OLD_SECRET_EXPIRES_AT) >
					  GetCurrentTimestamp());
}

static void
read_client(const OAuthRow *row, OAuthClient *client)
{
	client->client_name = oauth_store_row_string(row, CLIENT_NAME);
	client->is_public = strcmp(oauth_store_row_string(row, CLIENT_TYPE), "public") == 0;
	client->token_endpoint_auth_method = oauth_store_row_string(row, CLIENT_AUTH_METHOD);
	client->grant_types = oauth_store_row_strings(row, CLIENT_GRANT_TYPES);
	client->redirect_uris = oauth_store_row_strings(row, CLIENT_REDIRECT_URIS);
	client->scope = oauth_store_row_string(row, CLIENT_SCOPE);
	client->access_token_lifetime = oauth_store_row_int32(row, CLIENT_ACCESS_LIFETIME);
	client->refresh_token_lifetime = oauth_store_row_int32(row, CLIENT_REFRESH_LIFETIME);
	client->require_pkce = DatumGetBool(oauth_store_row_value(row, CLIENT_REQUIRE_PKCE));
	client->metadata = DatumGetJsonbPCopy(oauth_store_row_value(row, CLIENT_METADATA));
	client->rsa_public_key = oauth_store_row_string(row, CLIENT_RSA_PUBLIC_KEY);
	client->signature_methods = oauth_store_row_strings(row, CLIENT_SIGNATURE_METHODS);
	client->secret_sealed = oauth_store_row_bytea(row, CLIENT_SECRET_SEALED);
	if (oauth_store_row_int64(row, CLIENT_OLD_SECRET_EXPIRES_AT) > GetCurrentTimestamp())
		client->old_secret_sealed = oauth_store_row_bytea(row, CLIENT_OLD_SECRET_SEALED);
	client->imported_secret_hash = oauth_store_row_string(row, CLIENT_IMPORTED_SECRET_HASH);
	client->created_at = oauth_store_row_int64(row, CLIENT_CREATED_AT);
	client->is_self_registered = !oauth_store_row_is_null(row, CLIENT_REGISTRATION_TOKEN_HASH);
	client->is_disabled = !oauth_store_row_is_null(row, CLIENT_DISABLED_AT);
}

/*
 * The client, also a disabled one, or NULL.  secret_hash (or NULL) is compared with the living
 * secrets.
 */
OAuthClient *
oauth_store_find_client(const char *client_id, const uint8 *secret_hash)
{
	OAuthClient *client = NULL;
	OAuthRow	row;

	oauth_store_begin_latest();
	if (oauth_store_open_row(&row, &client_table, CStringGetTextDatum(client_id)) &&
		oauth_store_row_is_null(&row, CLIENT_DELETED_AT))
	{
		client = palloc0(sizeof(OAuthClient));
		client->client_id = pstrdup(client_id);
		read_client(&row, client);
		client->secret_matches = secret_hash != NULL && secret_matches(&row, secret_hash);
	}
	oauth_store_close_row(&row);
	oauth_store_end_latest();
	return client;
}

/*
 * Nobody else changes the client until the transaction ends: for reading it, and writing what came
 * of that.
 */
void
oauth_store_hold_client(const char *client_id)
{
	Datum		arguments[] = {CStringGetTextDatum(client_id)};

	oauth_store_count(&hold_client, arguments, NULL);
}

static void
add_list(OAuthArguments *arguments, List *list)
{
	oauth_add_pointer(arguments, DatumGetPointer(oauth_array_from_list(list)));
}

/* 0 is written as null: the client has what the setting says. */
static void
add_lifetime(OAuthArguments *arguments, int seconds)
{
	if (seconds != 0)
		oauth_add_int32(arguments, seconds);
	else
		oauth_add_null(arguments);
}

/* The arguments that insert and update share: the first twelve columns. */
static void
add_client(OAuthArguments *arguments, const OAuthClient *client)
{
	oauth_add_text(arguments, client->client_id);
	oauth_add_text(arguments, client->client_name);
	oauth_add_text(arguments, client->is_public ? "public" : "confidential");
	oauth_add_text(arguments, client->token_endpoint_auth_method);
	add_list(arguments, client->grant_types);
	add_list(arguments, client->redirect_uris);
	oauth_add_text(arguments, client->scope);
	add_lifetime(arguments, client->access_token_lifetime);
	add_lifetime(arguments, client->refresh_token_lifetime);
	oauth_add_pointer(arguments, client->metadata);
	oauth_add_text(arguments, client->rsa_public_key);
	if (client->signature_methods != NIL)
		add_list(arguments, client->signature_methods);
	else
		oauth_add_null(arguments);
}

/*
 * secret is NULL for a client that has none; where it is to be recovered, client->secret_sealed has
 * it too.
 */
void
oauth_store_insert_client(const OAuthClient *client, const char *secret)
{
	OAuthArguments arguments = {0};

	add_client(&arguments, client);
	if (secret != NULL)
		oauth_add_digest(&arguments, secret);
	else
		oauth_add_bytes(&arguments, client->secret_hash, OAUTH_HASH_LENGTH);
	oauth_add_pointer(&arguments, client->secret_sealed);
	oauth_add_text(&arguments, client->imported_from);
	oauth_add_text(&arguments, client->imported_secret_hash);
	oauth_add_bool(&arguments, client->require_pkce);
	oauth_store_count_with(&insert_client, &arguments);
	if (client->cors_origins != NIL)
		oauth_store_set_origins(client->client_id, client->cors_origins);
}

/*
 * The client_id of the one client that has the name, or NULL: there is an index for ids, not for
 * names.
 */
char *
oauth_store_find_client_of_name(const char *name)
{
	Datum		arguments[] = {CStringGetTextDatum(name)};
	char	   *client_id = NULL;

	if (oauth_store_run(&find_by_name, arguments, NULL) == 1)
		client_id = oauth_store_string(0, 1);
	oauth_store_end();
	return client_id;
}

/*
 * keep_sealed: whether the recoverable secret stays.  The origins of the client must have been
 * read.
 */
void
oauth_store_update_client(const OAuthClient *client, bool keep_sealed)
{
	OAuthArguments arguments = {0};

	add_client(&arguments, client);
	oauth_add_bool(&arguments, keep_sealed);
	oauth_add_bool(&arguments, client->require_pkce);
	oauth_store_count_with(&update_client, &arguments);
	oauth_store_set_origins(client->client_id, client->cors_origins);
}

/*
 * secret_sealed: NULL unless it is to be recovered.  The secret before this one goes on until
 * old_until, if that is still to come.
 */
bool
oauth_store_rotate_secret(const char *client_id, const char *secret, bytea *secret_sealed,
						  TimestampTz old_until)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, client_id);
	oauth_add_digest(&arguments, secret);
	oauth_add_pointer(&arguments, secret_sealed);
	oauth_add_timestamp(&arguments, old_until);
	return oauth_store_count_with(&rotate_secret, &arguments) > 0;
}

/* Its tokens are as many as they may be. */
static bool
ended(uint64 n)
{
	if (n > 0)
		oauth_store_notify_revocation();
	return n > 0;
}

bool
oauth_store_disable_client(const char *client_id)
{
	Datum		arguments[] = {CStringGetTextDatum(client_id)};

	return ended(oauth_store_count(&disable_client, arguments, NULL));
}

bool
oauth_store_enable_client(const char *client_id)
{
	Datum		arguments[] = {CStringGetTextDatum(client_id)};

	return oauth_store_count(&enable_client, arguments, NULL) > 0;
}

bool
oauth_store_delete_client(const char *client_id)
{
	Datum		arguments[] = {CStringGetTextDatum(client_id)};

	return ended(oauth_store_count(&delete_client, arguments, NULL));
}
