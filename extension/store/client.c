/*
 * client.c
 *		SQL of oauth.client.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/client.h"
#include "store/statement.h"

#include "utils/fmgroids.h"

/* What a column is to C. */
typedef enum FieldKind
{
	FIELD_TEXT,					/* char *; NULL is null */
	FIELD_TYPE,					/* is_public */
	FIELD_LIST,					/* List * of char * */
	FIELD_LIST_OR_NULL,			/* the same; NIL is null */
	FIELD_SECONDS,				/* int; 0 is null */
	FIELD_AGE,					/* int; OAUTH_NO_MAX_AGE is null */
	FIELD_FLAG,					/* bool */
	FIELD_JSON					/* Jsonb *; NULL is null */
} FieldKind;

/*
 * The columns that registration writes, in the order of the arguments of insert_client and
 * update_client.
 */
static const struct
{
	size_t		offset;
	FieldKind	kind;
}			fields[] =
{
	{offsetof(OAuthClient, client_id), FIELD_TEXT},
	{offsetof(OAuthClient, client_name), FIELD_TEXT},
	{offsetof(OAuthClient, is_public), FIELD_TYPE},
	{offsetof(OAuthClient, token_endpoint_auth_method), FIELD_TEXT},
	{offsetof(OAuthClient, grant_types), FIELD_LIST},
	{offsetof(OAuthClient, redirect_uris), FIELD_LIST},
	{offsetof(OAuthClient, scope), FIELD_TEXT},
	{offsetof(OAuthClient, access_token_lifetime), FIELD_SECONDS},
	{offsetof(OAuthClient, refresh_token_lifetime), FIELD_SECONDS},
	{offsetof(OAuthClient, metadata), FIELD_JSON},
	{offsetof(OAuthClient, rsa_public_key), FIELD_TEXT},
	{offsetof(OAuthClient, signature_methods), FIELD_LIST_OR_NULL},
	{offsetof(OAuthClient, require_pkce), FIELD_FLAG},
	{offsetof(OAuthClient, application_type), FIELD_TEXT},
	{offsetof(OAuthClient, subject_type), FIELD_TEXT},
	{offsetof(OAuthClient, sector_identifier_uri), FIELD_TEXT},
	{offsetof(OAuthClient, sector_identifier), FIELD_TEXT},
	{offsetof(OAuthClient, jwks), FIELD_JSON},
	{offsetof(OAuthClient, jwks_uri), FIELD_TEXT},
	{offsetof(OAuthClient, id_token_signed_response_alg), FIELD_TEXT},
	{offsetof(OAuthClient, userinfo_signed_response_alg), FIELD_TEXT},
	{offsetof(OAuthClient, request_object_signing_alg), FIELD_TEXT},
	{offsetof(OAuthClient, token_endpoint_auth_signing_alg), FIELD_TEXT},
	{offsetof(OAuthClient, id_token_lifetime), FIELD_SECONDS},
	{offsetof(OAuthClient, claims_in_id_token), FIELD_FLAG},
	{offsetof(OAuthClient, access_token_format), FIELD_TEXT},
	{offsetof(OAuthClient, default_max_age), FIELD_AGE},
	{offsetof(OAuthClient, require_auth_time), FIELD_FLAG},
	{offsetof(OAuthClient, default_acr_values), FIELD_LIST_OR_NULL},
	{offsetof(OAuthClient, initiate_login_uri), FIELD_TEXT},
	{offsetof(OAuthClient, post_logout_redirect_uris), FIELD_LIST_OR_NULL},
	{offsetof(OAuthClient, backchannel_logout_uri), FIELD_TEXT},
	{offsetof(OAuthClient, backchannel_logout_session_required), FIELD_FLAG},
	{offsetof(OAuthClient, dpop_bound_access_tokens), FIELD_FLAG},
	{offsetof(OAuthClient, tls_client_certificate_bound_access_tokens), FIELD_FLAG},
	{offsetof(OAuthClient, tls_client_auth_subject_dn), FIELD_TEXT},
	{offsetof(OAuthClient, tls_client_auth_san_dns), FIELD_TEXT},
	{offsetof(OAuthClient, tls_client_auth_san_uri), FIELD_TEXT},
	{offsetof(OAuthClient, tls_client_auth_san_ip), FIELD_TEXT},
	{offsetof(OAuthClient, tls_client_auth_san_email), FIELD_TEXT},
	{offsetof(OAuthClient, require_pushed_authorization_requests), FIELD_FLAG},
	{offsetof(OAuthClient, require_signed_request_object), FIELD_FLAG},
	{offsetof(OAuthClient, authorization_signed_response_alg), FIELD_TEXT},
	{offsetof(OAuthClient, introspection_signed_response_alg), FIELD_TEXT},
	{offsetof(OAuthClient, authorization_details_types), FIELD_LIST_OR_NULL},
	{offsetof(OAuthClient, profile), FIELD_TEXT},
	{offsetof(OAuthClient, is_document), FIELD_FLAG},
	{offsetof(OAuthClient, omit_issue_events), FIELD_FLAG},
};

/* The columns that follow those of fields[]. */
enum
{
	CLIENT_CREATED_AT = lengthof(fields),
	CLIENT_DISABLED_AT,
	CLIENT_DELETED_AT,
	CLIENT_SECRET_HASH,
	CLIENT_OLD_SECRET_HASH,
	CLIENT_OLD_SECRET_EXPIRES_AT,
	CLIENT_SECRET_SEALED,
	CLIENT_OLD_SECRET_SEALED,
	CLIENT_IMPORTED_SECRET_HASH,
	CLIENT_REGISTRATION_TOKEN_HASH,
	CLIENT_DOCUMENT_FETCHED_AT
};

static OAuthTable client_table = {
	.name = "client", .equals = F_TEXTEQ, .places = &oauth_store_client_places,
	.columns = {"client_id", "client_name", "client_type", "token_endpoint_auth_method",
		"grant_types", "redirect_uris", "scope", "access_token_lifetime", "refresh_token_lifetime",
		"metadata", "rsa_public_key", "signature_methods", "require_pkce", "application_type",
		"subject_type", "sector_identifier_uri", "sector_identifier", "jwks", "jwks_uri",
		"id_token_signed_response_alg", "userinfo_signed_response_alg",
		"request_object_signing_alg", "token_endpoint_auth_signing_alg", "id_token_lifetime",
		"claims_in_id_token", "access_token_format", "default_max_age", "require_auth_time",
		"default_acr_values", "initiate_login_uri", "post_logout_redirect_uris",
		"backchannel_logout_uri", "backchannel_logout_session_required",
		"dpop_bound_access_tokens", "tls_client_certificate_bound_access_tokens",
		"tls_client_auth_subject_dn", "tls_client_auth_san_dns", "tls_client_auth_san_uri",
		"tls_client_auth_san_ip", "tls_client_auth_san_email",
		"require_pushed_authorization_requests", "require_signed_request_object",
		"authorization_signed_response_alg", "introspection_signed_response_alg",
		"authorization_details_types", "profile", "is_document", "omit_issue_events",
		"created_at", "disabled_at", "deleted_at", "secret_hash", "old_secret_hash",
		"old_secret_expires_at", "secret_sealed", "old_secret_sealed", "imported_secret_hash",
	"registration_token_hash", "document_fetched_at"}
};

/* The types of the arguments that insert_client and update_client share. */
#define FIELD_TYPES \
	TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTOID, INT4OID, INT4OID, \
	JSONBOID, TEXTOID, TEXTARRAYOID, BOOLOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, JSONBOID, \
	TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, INT4OID, BOOLOID, TEXTOID, INT4OID, BOOLOID, \
	TEXTARRAYOID, TEXTOID, TEXTARRAYOID, TEXTOID, BOOLOID, BOOLOID, BOOLOID, TEXTOID, TEXTOID, \
	TEXTOID, TEXTOID, TEXTOID, BOOLOID, BOOLOID, TEXTOID, TEXTOID, TEXTARRAYOID, TEXTOID, BOOLOID, \
	BOOLOID

static OAuthStatement find_by_name = {.sql = "SELECT client_id FROM oauth.client WHERE client_name "
	"= $1 AND deleted_at IS NULL LIMIT 2",
	.only_reads = true,
	.n_arguments = 1,
.argument_types = {TEXTOID}};

static OAuthStatement insert_client =
{.sql = "INSERT INTO oauth.client (client_id, client_name, client_type, "
	"token_endpoint_auth_method, grant_types, redirect_uris, scope, access_token_lifetime,"
	" refresh_token_lifetime, metadata, rsa_public_key, signature_methods, require_pkce,"
	" application_type, subject_type, sector_identifier_uri, sector_identifier, jwks, jwks_uri,"
	" id_token_signed_response_alg, userinfo_signed_response_alg, request_object_signing_alg,"
	" token_endpoint_auth_signing_alg, id_token_lifetime, claims_in_id_token,"
	" access_token_format, default_max_age, require_auth_time, default_acr_values,"
	" initiate_login_uri, post_logout_redirect_uris, backchannel_logout_uri,"
	" backchannel_logout_session_required, dpop_bound_access_tokens,"
	" tls_client_certificate_bound_access_tokens, tls_client_auth_subject_dn,"
	" tls_client_auth_san_dns, tls_client_auth_san_uri, tls_client_auth_san_ip,"
	" tls_client_auth_san_email, require_pushed_authorization_requests,"
	" require_signed_request_object, authorization_signed_response_alg,"
	" introspection_signed_response_alg, authorization_details_types, profile, is_document,"
	" omit_issue_events, secret_hash, secret_sealed, imported_from, imported_secret_hash)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
	" coalesce($15, 'public'), $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,"
	" coalesce($26, 'opaque'), $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39,"
	" $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51, $52)",
	.n_arguments = lengthof(fields) + 4,
.argument_types = {FIELD_TYPES, BYTEAOID, BYTEAOID, TEXTOID, TEXTOID}};

static OAuthStatement update_client =
{.sql = "UPDATE oauth.client SET client_name = $2, client_type = $3, "
	"token_endpoint_auth_method = $4,"
	" grant_types = $5, redirect_uris = $6, scope = $7, access_token_lifetime = $8, "
	"refresh_token_lifetime = $9,"
	" metadata = $10, rsa_public_key = $11, signature_methods = $12, require_pkce = $13,"
	" application_type = $14, subject_type = coalesce($15, 'public'),"
	" sector_identifier_uri = $16, sector_identifier = $17, jwks = $18, jwks_uri = $19,"
	" id_token_signed_response_alg = $20, userinfo_signed_response_alg = $21,"
	" request_object_signing_alg = $22, token_endpoint_auth_signing_alg = $23,"
	" id_token_lifetime = $24, claims_in_id_token = $25,"
	" access_token_format = coalesce($26, 'opaque'), default_max_age = $27,"
	" require_auth_time = $28, default_acr_values = $29, initiate_login_uri = $30,"
	" post_logout_redirect_uris = $31, backchannel_logout_uri = $32,"
	" backchannel_logout_session_required = $33, dpop_bound_access_tokens = $34,"
	" tls_client_certificate_bound_access_tokens = $35, tls_client_auth_subject_dn = $36,"
	" tls_client_auth_san_dns = $37, tls_client_auth_san_uri = $38,"
	" tls_client_auth_san_ip = $39, tls_client_auth_san_email = $40,"
	" require_pushed_authorization_requests = $41, require_signed_request_object = $42,"
	" authorization_signed_response_alg = $43, introspection_signed_response_alg = $44,"
	" authorization_details_types = $45, profile = $46, is_document = $47,"
	" omit_issue_events = $48, updated_at = now(),"
	" secret_sealed = CASE WHEN $49 THEN secret_sealed END,"
	" old_secret_sealed = CASE WHEN $49 THEN old_secret_sealed END WHERE client_id = $1",
	.n_arguments = lengthof(fields) + 1,
.argument_types = {FIELD_TYPES, BOOLOID}};

static OAuthStatement hold_client = {
	.sql = "SELECT FROM oauth.client WHERE client_id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/* A client, and how its secrets are recognized. */
typedef struct FoundClient
{
	OAuthClient client;
	bytea	   *secret_hash;	/* NULL: none */
	bytea	   *old_secret_hash;
	TimestampTz old_secret_expires_at;
	bool		is_missing;		/* in a batch that is kept too */
	bool		has_stand_in;	/* oauth_store_note_stand_in() */
} FoundClient;

static bool
is_hash(const bytea *stored, const uint8 *hash)
{
	return stored != NULL && VARSIZE(stored) == VARHDRSZ + OAUTH_HASH_LENGTH &&
		timingsafe_bcmp(VARDATA(stored), hash, OAUTH_HASH_LENGTH) == 0;
}

/* Whether this is the digest of the secret, or of the previous one while it still works. */
static bool
secret_matches(const FoundClient *found, const uint8 *secret_hash)
{
	bool		is_new = is_hash(found->secret_hash, secret_hash);
	bool		is_old = is_hash(found->old_secret_hash, secret_hash);

	return is_new || (is_old && found->old_secret_expires_at > GetCurrentTimestamp());
}

/* Reads a column of the row into the field of the struct. */
static void
read_field(const OAuthRow *row, int column, OAuthClient *client)
{
	void	   *field = (char *) client + fields[column].offset;
	bool		is_null = oauth_store_row_is_null(row, column);

	switch (fields[column].kind)
	{
		case FIELD_TEXT:
			*(char **) field = oauth_store_row_string(row, column);
			break;
		case FIELD_TYPE:
			*(bool *) field = strcmp(oauth_store_row_string(row, column), "public") == 0;
			break;
		case FIELD_LIST:
		case FIELD_LIST_OR_NULL:
			*(List **) field = oauth_store_row_strings(row, column);
			break;
		case FIELD_SECONDS:
			*(int *) field = oauth_store_row_int32(row, column);
			break;
		case FIELD_AGE:
			*(int *) field = is_null ? OAUTH_NO_MAX_AGE : oauth_store_row_int32(row, column);
			break;
		case FIELD_FLAG:
			*(bool *) field = DatumGetBool(oauth_store_row_value(row, column));
			break;
		case FIELD_JSON:
			*(Jsonb **) field = is_null ? NULL :
				DatumGetJsonbPCopy(oauth_store_row_value(row, column));
			break;
	}
}

static void
read_client(const OAuthRow *row, OAuthClient *client)
{
	for (size_t i = 0; i < lengthof(fields); i++)
		read_field(row, i, client);
	client->secret_sealed = oauth_store_row_bytea(row, CLIENT_SECRET_SEALED);
	if (oauth_store_row_int64(row, CLIENT_OLD_SECRET_EXPIRES_AT) > GetCurrentTimestamp())
		client->old_secret_sealed = oauth_store_row_bytea(row, CLIENT_OLD_SECRET_SEALED);
	client->imported_secret_hash = oauth_store_row_string(row, CLIENT_IMPORTED_SECRET_HASH);
	client->created_at = oauth_store_row_int64(row, CLIENT_CREATED_AT);
	client->is_self_registered = !oauth_store_row_is_null(row, CLIENT_REGISTRATION_TOKEN_HASH);
	client->document_fetched_at = oauth_store_row_int64(row, CLIENT_DOCUMENT_FETCHED_AT);
	client->is_disabled = !oauth_store_row_is_null(row, CLIENT_DISABLED_AT);
}

/* NULL if there is none, or it was deleted. */
static FoundClient *
read_found_client(const char *client_id)
{
	FoundClient *found = NULL;
	OAuthRow	row;

	oauth_store_begin_latest();
	if (oauth_store_open_row(&row, &client_table, CStringGetTextDatum(client_id)) &&
		oauth_store_row_is_null(&row, CLIENT_DELETED_AT))
	{
		found = palloc0(sizeof(FoundClient));
		found->client.client_id = pstrdup(client_id);
		read_client(&row, &found->client);
		found->secret_hash = oauth_store_row_bytea(&row, CLIENT_SECRET_HASH);
		found->old_secret_hash = oauth_store_row_bytea(&row, CLIENT_OLD_SECRET_HASH);
		found->old_secret_expires_at = oauth_store_row_int64(&row, CLIENT_OLD_SECRET_EXPIRES_AT);
	}
	oauth_store_close_row(&row);
	oauth_store_end_latest();
	return found;
}

static FoundClient *
missing_client(const char *client_id)
{
	FoundClient *missing = palloc0(sizeof(FoundClient));

	missing->client.client_id = pstrdup(client_id);
	missing->is_missing = true;
	return missing;
}

/*
 * The same, read once for all requests of a batch, also where there is none: who asks for many sees
 * no difference in time.
 */
static FoundClient *
find_in_batch(List **kept, const char *client_id)
{
	FoundClient *found;
	MemoryContext old;
	ListCell   *cell;

	foreach(cell, *kept)
	{
		found = lfirst(cell);
		if (strcmp(found->client.client_id, client_id) == 0)
			return found;
	}
	old = MemoryContextSwitchTo(oauth_store_batch());
	if ((found = read_found_client(client_id)) == NULL)
		found = missing_client(client_id);
	found->client.opened = palloc0(OAUTH_CLIENT_SECRETS * sizeof(char *));
	*kept = lappend(*kept, found);
	MemoryContextSwitchTo(old);
	return found;
}

/*
 * The client, disabled or not, or NULL.  secret_hash, unless it is NULL, is compared with the
 * secrets that work.
 */
OAuthClient *
oauth_store_find_client(const char *client_id, const uint8 *secret_hash)
{
	void	  **kept = oauth_store_shared(OAUTH_SHARED_CLIENTS);
	FoundClient *found = kept ? find_in_batch((List **) kept, client_id) :
		read_found_client(client_id);
	OAuthClient *client;

	if (found == NULL || found->is_missing)
		return NULL;
	client = palloc(sizeof(OAuthClient));
	*client = found->client;
	client->secret_matches = secret_hash != NULL && secret_matches(found, secret_hash);
	return client;
}

/*
 * Notes that a request of the batch opens what stands in for a secret of that client; returns
 * whether one had done so before, false without a batch.
 */
bool
oauth_store_note_stand_in(const char *client_id)
{
	void	  **kept = oauth_store_shared(OAUTH_SHARED_CLIENTS);
	FoundClient *found = kept ? find_in_batch((List **) kept, client_id) : NULL;
	bool		has = found != NULL && found->has_stand_in;

	if (found != NULL)
		found->has_stand_in = true;
	return has;
}

/*
 * Locks the client against changes until the transaction ends, for reading it and writing it back.
 */
void
oauth_store_hold_client(const char *client_id)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, client_id);
	oauth_store_count(&hold_client, &arguments);
}

/* A number; the number that stands for null is written as null. */
static void
add_number(OAuthArguments *arguments, int number, int null)
{
	if (number == null)
		oauth_add_null(arguments);
	else
		oauth_add_int32(arguments, number);
}

static void
add_list(OAuthArguments *arguments, List *list, bool is_null)
{
	oauth_add_pointer(arguments, is_null ? NULL : DatumGetPointer(oauth_array_from_list(list)));
}

static void
add_field(OAuthArguments *arguments, size_t number, const OAuthClient *client)
{
	const void *field = (const char *) client + fields[number].offset;

	switch (fields[number].kind)
	{
		case FIELD_TEXT:
			oauth_add_text(arguments, *(char *const *) field);
			break;
		case FIELD_TYPE:
			oauth_add_text(arguments, *(const bool *) field ? "public" : "confidential");
			break;
		case FIELD_LIST:
			add_list(arguments, *(List *const *) field, false);
			break;
		case FIELD_LIST_OR_NULL:
			add_list(arguments, *(List *const *) field, *(List *const *) field == NIL);
			break;
		case FIELD_SECONDS:
			add_number(arguments, *(const int *) field, 0);
			break;
		case FIELD_AGE:
			add_number(arguments, *(const int *) field, OAUTH_NO_MAX_AGE);
			break;
		case FIELD_FLAG:
			oauth_add_bool(arguments, *(const bool *) field);
			break;
		case FIELD_JSON:
			oauth_add_pointer(arguments, *(Jsonb *const *) field);
			break;
	}
}

/* The arguments that insert_client and update_client share. */
static void
add_client(OAuthArguments *arguments, const OAuthClient *client)
{
	for (size_t i = 0; i < lengthof(fields); i++)
		add_field(arguments, i, client);
}

/*
 * secret is NULL for a client that has none; if it must be recoverable, client->secret_sealed
 * contains it too.
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
	oauth_store_count(&insert_client, &arguments);
	if (client->cors_origins != NIL)
		oauth_store_set_origins(client->client_id, client->cors_origins);
}

/*
 * The client_id of the only client with that name, or NULL.  There is an index on ids, none on
 * names.
 */
char *
oauth_store_find_client_of_name(const char *name)
{
	OAuthArguments arguments = {0};
	char	   *client_id = NULL;

	oauth_add_text(&arguments, name);
	if (oauth_store_run(&find_by_name, &arguments) == 1)
		client_id = oauth_store_string(0, 1);
	oauth_store_end();
	return client_id;
}

/*
 * keep_sealed: whether the recoverable secret stays.  Read the client's origins before calling
 * this.
 */
void
oauth_store_update_client(const OAuthClient *client, bool keep_sealed)
{
	OAuthArguments arguments = {0};

	add_client(&arguments, client);
	oauth_add_bool(&arguments, keep_sealed);
	oauth_store_count(&update_client, &arguments);
	oauth_store_set_origins(client->client_id, client->cors_origins);
}
