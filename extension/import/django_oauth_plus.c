/*
 * django_oauth_plus.c
 *		Moving in from django-oauth-plus: consumers and tokens of OAuth 1.0a.
 *
 * Secrets are stored in the clear there and must be recoverable, for signatures: here they are
 * sealed.  Tokens never expire.  A token has one scope or none.
 *
 * A consumer has a status, which only Django REST framework read: where nothing but
 * django-oauth-plus itself protected the resources, consumers also worked before anybody had
 * accepted them (pending_as_accepted).
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "import/import.h"
#include "oauth1/oauth1.h"
#include "setting.h"
#include "store/oauth1.h"
#include "store/token.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_import_django_oauth_plus);

#define MAX_NONCE		255

/* Before version 2.2, a scope was called a resource. */
static const char *
scope_table(OAuthImport *import)
{
	return oauth_import_has(import, "oauth_provider_scope", "name") ? "oauth_provider_scope" :
		"oauth_provider_resource";
}

/* Scope names with spaces cannot be scopes here and are skipped. */
#define ONE_WORD	"CASE WHEN s.name::text !~ E'\\\\s' THEN s.name::text END"

static void
import_scopes(OAuthImport *import)
{
	const char *table = scope_table(import);

	oauth_import_table(import, table, true);
	oauth_import_scopes(import, psprintf("SELECT %s, %s FROM %s s ORDER BY s.id",
										 oauth_import_column(import, table, "s", "name"),
										 oauth_import_column(import, table, "s", "url"),
										 oauth_import_name(import, table)));
}

static void
import_consumers(OAuthImport *import, bool pending_as_accepted, bool read_write)
{
	const char *scopes = psprintf("(SELECT string_agg(" ONE_WORD ", ' ' ORDER BY s.id) FROM %s s)",
								  oauth_import_name(import, scope_table(import)));
	const char *xauth = oauth_import_optional(import, "oauth_provider_consumer", "c",
											  "xauth_allowed", "false");
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql,
					 "SELECT %s, %s, %s, 'confidential', 'oauth1' || CASE WHEN %s THEN ' "
					 "oauth1_xauth' ELSE '' END,"
					 " NULL::text, concat_ws(' ', %s, %s), NULL::text,",
					 oauth_import_column(import, "oauth_provider_consumer", "c", "key"),
					 oauth_import_column(import, "oauth_provider_consumer", "c", "secret"),
					 oauth_import_column(import, "oauth_provider_consumer", "c", "name"), xauth,
					 scopes, read_write ? "'read write'" : "NULL");
	appendStringInfo(&sql,
					 " CASE %s WHEN '2' THEN NULL WHEN '1' THEN %s WHEN '3' THEN 'its status is "
					 "canceled'"
					 " WHEN '4' THEN 'its status is rejected' ELSE 'its status is unknown' END, "
					 "NULL::text FROM %s c"
					 " ORDER BY c.id DESC",
					 oauth_import_column(import, "oauth_provider_consumer", "c", "status"),
					 pending_as_accepted ? "NULL" :
					 "'its status is pending (pending_as_accepted takes it)'",
					 oauth_import_name(import, "oauth_provider_consumer"));
	oauth_import_clients(import, sql.data, oauth_kept_clear);
}

/*
 * The scope of a token as SQL: its name, and the words that TokenHasReadWriteScope of Django REST
 * framework derived from it.
 */
static const char *
scope_of_token(bool read_write)
{
	return read_write ? "concat_ws(' ', " ONE_WORD
		", 'read', CASE WHEN NOT s.is_readonly THEN 'write' END)" :
		ONE_WORD;
}

static void
import_tokens(OAuthImport *import, bool read_write)
{
	const char *table = "oauth_provider_token";
	const char *scope = strcmp(scope_table(import), "oauth_provider_scope") == 0 ? "scope_id" :
		"resource_id";
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql,
					 "SELECT %s, %s, %s, to_timestamp(t.\"timestamp\"), CASE WHEN %s <> '2'"
					 " THEN 'a request token, which is good for minutes only' WHEN row_number() "
					 "OVER (PARTITION BY t.key,"
					 " t.token_type ORDER BY t.id DESC) > 1 THEN 'an older one with the same name "
					 "in the source' ELSE %s END,",
					 oauth_import_column(import, "oauth_provider_consumer", "c", "key"),
					 import->subject, scope_of_token(read_write),
					 oauth_import_column(import, table, "t", "token_type"), import->user_refusal);
	appendStringInfo(&sql,
					 " NULL::text, NULL::timestamptz, NULL::text, NULL::text, NULL::timestamptz, "
					 "NULL::text,"
					 " coalesce(%s, ''), %s FROM %s t LEFT JOIN %s c ON c.id::text = %s LEFT JOIN "
					 "%s s ON s.id::text = %s%s"
					 " ORDER BY t.\"timestamp\", t.id",
					 oauth_import_column(import, table, "t", "key"),
					 oauth_import_column(import, table, "t", "secret"),
					 oauth_import_name(import, table),
					 oauth_import_name(import, "oauth_provider_consumer"),
					 oauth_import_column(import, table, "t", "consumer_id"),
					 oauth_import_name(import, scope_table(import)),
					 oauth_import_column(import, table, "t", scope), import->users_join);
	oauth_import_tokens(import, "OAuth 1.0a tokens", sql.data, table, oauth_kept_clear);
}

/*
 * Takes over a nonce of a token that is here now: client_id, token, nonce, timestamp.  Returns the
 * reason if it is of no use.
 */
static const char *
use_nonce(OAuthImport *import, OAuthSourceReader *source, uint64 row)
{
	char	   *client_id = oauth_store_source_string(source, row, 1);
	char	   *token = oauth_store_source_string(source, row, 2);
	char	   *nonce = oauth_store_source_string(source, row, 3);
	char	   *timestamp = oauth_store_source_string(source, row, 4);
	OAuthImportedClient *client = oauth_import_client(import, client_id);
	uint8		hash[OAUTH_HASH_LENGTH];
	int64		handle;

	if (client == NULL || client->refusal != NULL || token == NULL || nonce == NULL ||
		nonce[0] == '\0' || strlen(nonce) > MAX_NONCE)
		return "it is of no token that is here";
	oauth_sha256(token, strlen(token), hash);
	if ((handle = oauth_store_imported_handle_now(hash)) == 0)
		return "it is of no token that is here";
	if (import->is_dry)
		return NULL;
	switch (oauth1_nonce_use(client_id, handle, strtoll(timestamp, NULL, 10), nonce))
	{
		case OAUTH_NONCE_NEW:
			return NULL;
		case OAUTH_NONCE_USED:
			return "already here";
		case OAUTH_NONCE_STALE:
			break;
	}
	return "its request would be refused for its age";
}

static void
import_nonce(OAuthImport *import, OAuthSourceReader *source, uint64 row, const void *unused)
{
	const char *refusal = use_nonce(import, source, row);

	oauth_import_count(import, "nonce", refusal ? "skipped" : "taken", refusal, 1);
}

/*
 * Takes over nonces, so that requests recorded before the switch cannot be replayed after it.
 * Before version 2.1, nonces had no time.
 */
static void
import_nonces(OAuthImport *import)
{
	char	   *sql;

	if (!oauth_import_has(import, "oauth_provider_nonce", "timestamp"))
		return;
	sql = psprintf("SELECT %s, %s, %s, n.\"timestamp\"::text FROM %s n WHERE n.\"timestamp\""
				   " >= extract(epoch FROM statement_timestamp()) - %d ORDER BY n.id",
				   oauth_import_column(import, "oauth_provider_nonce", "n", "consumer_key"),
				   oauth_import_column(import, "oauth_provider_nonce", "n", "token_key"),
				   oauth_import_column(import, "oauth_provider_nonce", "n", "key"),
				   oauth_import_name(import, "oauth_provider_nonce"),
				   oauth_setting_timestamp_window);
	oauth_import_each(import, "nonces", sql, import_nonce, NULL);
}

static void
import_all(FunctionCallInfo fcinfo, OAuthImport *import)
{
	bool		pending_as_accepted = oauth_flag_argument(fcinfo, 1);
	bool		read_write = oauth_flag_argument(fcinfo, 2);

	oauth_import_table(import, "oauth_provider_consumer", true);
	oauth_import_table(import, "oauth_provider_token", true);
	oauth_import_column(import, "oauth_provider_token", "t", "timestamp");
	import_scopes(import);
	oauth_import_users(import, "oauth_provider_token", "t", "user_id",
					   oauth_optional_argument(fcinfo, 3), oauth_optional_argument(fcinfo, 4),
					   oauth_optional_argument(fcinfo, 5));
	import_consumers(import, pending_as_accepted, read_write);
	import_tokens(import, read_write);
	import_nonces(import);
}

/*
 * oauth_import_django_oauth_plus(schema text, pending_as_accepted boolean, read_write boolean,
 * users text, user_key text,
 *		subject text, dry_run boolean) RETURNS TABLE (kind text, action text, reason text, n bigint)
 */
Datum
oauth_import_django_oauth_plus(PG_FUNCTION_ARGS)
{
	return oauth_import_run(fcinfo, "django-oauth-plus", 6, import_all);
}
