/*
 * store_client.c
 *		SQL of oauth.client.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store.h"

static OAuthStatement find_client = {
	.sql = "SELECT c.client_name, c.client_type = 'public', c.token_endpoint_auth_method, c.grant_types, c.redirect_uris,"
	" c.scope, c.access_token_lifetime, c.refresh_token_lifetime, c.metadata, c.created_at, c.disabled_at IS NOT NULL,"
	" c.secret_hash = $2 OR c.old_secret_hash = $2 AND c.old_secret_expires_at > $3,"
	" (SELECT string_agg(s.scope, ' ' ORDER BY s.scope) FROM oauth.scope s WHERE s.is_default)"
	" FROM oauth.client c WHERE c.client_id = $1 AND c.deleted_at IS NULL",
	.n_arguments = 3, .argument_types = {TEXTOID, BYTEAOID, TIMESTAMPTZOID}
};

static OAuthStatement insert_client = {
	.sql = "INSERT INTO oauth.client (client_id, client_name, client_type, token_endpoint_auth_method, grant_types,"
	" redirect_uris, scope, access_token_lifetime, refresh_token_lifetime, metadata, secret_hash, secret_sealed)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
	.n_arguments = 12, .argument_types = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTOID,
	INT4OID, INT4OID, JSONBOID, BYTEAOID, BYTEAOID}
};

static OAuthStatement update_client = {
	.sql = "UPDATE oauth.client SET client_name = $2, client_type = $3, token_endpoint_auth_method = $4,"
	" grant_types = $5, redirect_uris = $6, scope = $7, access_token_lifetime = $8, refresh_token_lifetime = $9,"
	" metadata = $10, updated_at = now(),"
	" secret_sealed = CASE WHEN $11 THEN secret_sealed END,"
	" old_secret_sealed = CASE WHEN $11 THEN old_secret_sealed END WHERE client_id = $1",
	.n_arguments = 11, .argument_types = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTOID,
	INT4OID, INT4OID, JSONBOID, BOOLOID}
};

static OAuthStatement rotate_secret = {
	.sql = "UPDATE oauth.client SET secret_hash = $2, secret_sealed = $3, updated_at = now(),"
	" old_secret_hash = CASE WHEN $4 > now() THEN secret_hash END,"
	" old_secret_sealed = CASE WHEN $4 > now() THEN secret_sealed END,"
	" old_secret_expires_at = CASE WHEN $4 > now() THEN $4 END"
	" WHERE client_id = $1 AND deleted_at IS NULL",
	.n_arguments = 4, .argument_types = {TEXTOID, BYTEAOID, BYTEAOID, TIMESTAMPTZOID}
};

static OAuthStatement disable_client = {
	.sql = "UPDATE oauth.client SET disabled_at = now(), updated_at = now() WHERE client_id = $1 AND disabled_at IS NULL",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement enable_client = {
	.sql = "UPDATE oauth.client SET disabled_at = NULL, updated_at = now()"
	" WHERE client_id = $1 AND disabled_at IS NOT NULL AND deleted_at IS NULL",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement delete_client = {
	.sql = "UPDATE oauth.client SET deleted_at = now(), disabled_at = coalesce(disabled_at, now())"
	" WHERE client_id = $1 AND deleted_at IS NULL",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static Jsonb *
copy_metadata(uint64 row, int column)
{
	bool		is_null;
	Datum		value = oauth_store_column(row, column, &is_null);
	Jsonb	   *metadata = DatumGetJsonbP(value);
	Jsonb	   *copy = SPI_palloc(VARSIZE(metadata));

	memcpy(copy, metadata, VARSIZE(metadata));
	return copy;
}

static void
read_client(OAuthClient *client, MemoryContext caller)
{
	client->client_name = oauth_store_string(0, 1);
	client->is_public = oauth_store_bool(0, 2);
	client->token_endpoint_auth_method = oauth_store_string(0, 3);
	client->grant_types = oauth_store_strings(0, 4, caller);
	client->redirect_uris = oauth_store_strings(0, 5, caller);
	client->scope = oauth_store_string(0, 6);
	client->access_token_lifetime = oauth_store_int32(0, 7);
	client->refresh_token_lifetime = oauth_store_int32(0, 8);
	client->metadata = copy_metadata(0, 9);
	client->created_at = oauth_store_int64(0, 10);
	client->is_disabled = oauth_store_bool(0, 11);
	client->secret_matches = oauth_store_bool(0, 12);
	client->default_scope = oauth_store_string(0, 13);
}

/* The client, also a disabled one, or NULL.  secret_hash (or NULL) is compared with the living secrets. */
OAuthClient *
oauth_store_find_client(const char *client_id, const uint8 *secret_hash)
{
	MemoryContext caller = CurrentMemoryContext;
	char	   *id = pstrdup(client_id);
	Datum		arguments[] = {
		CStringGetTextDatum(client_id),
		secret_hash ? HASH_DATUM(secret_hash) : (Datum) 0,
		TimestampTzGetDatum(GetCurrentTimestamp())
	};
	OAuthClient *client = NULL;

	if (oauth_store_run(&find_client, arguments, secret_hash ? "   " : " n ") > 0)
	{
		client = SPI_palloc(sizeof(OAuthClient));
		client->client_id = id;
		read_client(client, caller);
	}
	oauth_store_end();
	return client;
}

/* The arguments that insert and update share: the first ten columns. */
static void
client_arguments(const OAuthClient *client, Datum *arguments, char *nulls)
{
	const char *method = client->token_endpoint_auth_method;

	arguments[0] = CStringGetTextDatum(client->client_id);
	arguments[1] = CStringGetTextDatum(client->client_name);
	arguments[2] = CStringGetTextDatum(client->is_public ? "public" : "confidential");
	arguments[3] = method ? CStringGetTextDatum(method) : (Datum) 0;
	arguments[4] = oauth_array_from_list(client->grant_types);
	arguments[5] = oauth_array_from_list(client->redirect_uris);
	arguments[6] = client->scope ? CStringGetTextDatum(client->scope) : (Datum) 0;
	arguments[7] = Int32GetDatum(client->access_token_lifetime);
	arguments[8] = Int32GetDatum(client->refresh_token_lifetime);
	arguments[9] = JsonbPGetDatum(client->metadata);
	memset(nulls, ' ', OAUTH_MAX_ARGUMENTS);
	nulls[3] = method ? ' ' : 'n';
	nulls[6] = client->scope ? ' ' : 'n';
	nulls[7] = client->access_token_lifetime ? ' ' : 'n';
	nulls[8] = client->refresh_token_lifetime ? ' ' : 'n';
}

static Datum
secret_digest(const char *secret)
{
	uint8		hash[OAUTH_HASH_LENGTH];

	oauth_sha256(secret, strlen(secret), hash);
	return HASH_DATUM(hash);
}

/* secret is NULL for a public client. */
void
oauth_store_insert_client(const OAuthClient *client, const char *secret)
{
	Datum		arguments[OAUTH_MAX_ARGUMENTS] = {0};
	char		nulls[OAUTH_MAX_ARGUMENTS];
	bool		is_sealed = oauth_client_signs(client);

	client_arguments(client, arguments, nulls);
	nulls[10] = secret ? ' ' : 'n';
	nulls[11] = is_sealed ? ' ' : 'n';
	if (secret != NULL)
		arguments[10] = secret_digest(secret);
	if (is_sealed)
		arguments[11] = PointerGetDatum(oauth_seal(secret, client->client_id));
	oauth_store_count(&insert_client, arguments, nulls);
}

/* A client that no longer signs loses its recoverable secret. */
void
oauth_store_update_client(const OAuthClient *client)
{
	Datum		arguments[OAUTH_MAX_ARGUMENTS] = {0};
	char		nulls[OAUTH_MAX_ARGUMENTS];

	client_arguments(client, arguments, nulls);
	arguments[10] = BoolGetDatum(oauth_client_signs(client));
	oauth_store_count(&update_client, arguments, nulls);
}

/* The secret before this one goes on until old_until, if that is still to come. */
bool
oauth_store_rotate_secret(const char *client_id, const char *secret, bool is_sealed, TimestampTz old_until)
{
	Datum		arguments[] = {
		CStringGetTextDatum(client_id),
		secret_digest(secret),
		is_sealed ? PointerGetDatum(oauth_seal(secret, client_id)) : (Datum) 0,
		TimestampTzGetDatum(old_until)
	};

	return oauth_store_count(&rotate_secret, arguments, is_sealed ? "    " : "  n ") > 0;
}

bool
oauth_store_disable_client(const char *client_id)
{
	Datum		arguments[] = {CStringGetTextDatum(client_id)};

	return oauth_store_count(&disable_client, arguments, NULL) > 0;
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

	return oauth_store_count(&delete_client, arguments, NULL) > 0;
}
