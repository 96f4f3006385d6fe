/*
 * doorkeeper.c
 *		Moving in from doorkeeper, the provider of Ruby on Rails.
 *
 * A row of oauth_access_tokens is an access token with its refresh token.  They are stored in the
 * clear or, with hash_token_secrets, as the SHA-256 in hexadecimal, which is what is stored here as
 * well.  A token in the clear can itself be 64 hexadecimal digits, so where all tokens look like
 * that, the administrator must say which it is: taken for a token, the digest itself would grant
 * access.
 *
 * Which grants exist is configured for all applications together.  Times are UTC without a time
 * zone.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "import/import.h"
#include "text/text.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_import_doorkeeper);

#define IS_DIGEST	" ~ '^[0-9a-f]{64}$'"

static bool
is_bcrypt(const char *stored)
{
	return strncmp(stored, "$2a$", 4) == 0 || strncmp(stored, "$2b$", 4) == 0 ||
		strncmp(stored, "$2y$", 4) == 0;
}

static OAuthKept
secret_kept(const char *stored)
{
	return is_bcrypt(stored) ? OAUTH_KEPT_HASHED : OAUTH_KEPT_CLEAR;
}

/* Where secrets are hashed, older ones can still be in the clear until they are used. */
static OAuthKept
hashed_secret_kept(const char *stored)
{
	uint8		hash[OAUTH_HASH_LENGTH];

	return oauth_import_sha256(stored, hash) ? OAUTH_KEPT_SHA256 : secret_kept(stored);
}

static OAuthKept
hashed_token_kept(const char *stored)
{
	uint8		hash[OAUTH_HASH_LENGTH];

	return oauth_import_sha256(stored, hash) ? OAUTH_KEPT_SHA256 : OAUTH_KEPT_CLEAR;
}

/* Whether the values of a column are digests; raises 22023 if that cannot be told. */
static bool
is_hashed(OAuthImport *import, FunctionCallInfo fcinfo, int argument, const char *name,
		  const char *table, const char *column)
{
	const char *value = oauth_import_column(import, table, "t", column);

	if (!PG_ARGISNULL(argument))
		return PG_GETARG_BOOL(argument);
	if (!oauth_import_any(import, psprintf("SELECT FROM %s t WHERE %s" IS_DIGEST,
										   oauth_import_name(import, table), value)) ||
		oauth_import_any(import, psprintf("SELECT FROM %s t WHERE NOT %s" IS_DIGEST,
										  oauth_import_name(import, table), value)))
		return false;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("every %s.%s is 64 hexadecimal digits: a digest, or a secret in the clear",
					table, column),
			 errhint("Give %s => true if doorkeeper's configuration has %s, else false.", name,
					 strcmp(column, "token") == 0 ? "hash_token_secrets" :
					 "hash_application_secrets")));
}

/* Owner ids are unique only within one owner type. */
static const char *
owner_refusal(OAuthImport *import, const char *owner_type)
{
	const char *type = oauth_import_optional(import, "oauth_access_tokens", "t",
											 "resource_owner_type", NULL);

	if (type == NULL)
		return "NULL";
	if (owner_type != NULL)
		return psprintf("CASE WHEN t.resource_owner_id IS NOT NULL AND %s IS DISTINCT FROM %s"
						" THEN 'its owner is of another type'"
						" END", type, quote_literal_cstr(owner_type));
	if (oauth_import_any(import, psprintf("SELECT FROM %s t HAVING count(DISTINCT %s) > 1",
										  oauth_import_name(import, "oauth_access_tokens"), type)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("tokens belong to owners of several types, whose ids can be the same"),
				 errhint("Give resource_owner_type => 'User' or the like, whose tokens are to be "
						 "taken.")));
	return "NULL";
}

static void
import_applications(OAuthImport *import, const char *grants, OAuthKeptHow kept_how)
{
	const char *table = "oauth_applications";
	const char *is_confidential = oauth_import_optional(import, table, "c", "confidential", "true");
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql,
					 "SELECT %s, %s, %s, CASE WHEN %s THEN 'confidential' ELSE 'public' END,"
					 " CASE WHEN %s THEN g.types ELSE replace(g.types, 'client_credentials', '') "
					 "END, %s,"
					 " concat_ws(' ', %s, s.words),"
					 " NULL::text, NULL::text, CASE WHEN NOT %s THEN 'public: new codes need PKCE "
					 "(RFC 7636)' END FROM %s c",
					 oauth_import_column(import, table, "c", "uid"),
					 oauth_import_column(import, table, "c", "secret"),
					 oauth_import_column(import, table, "c", "name"), is_confidential,
					 is_confidential, oauth_import_column(import, table, "c", "redirect_uri"),
					 oauth_import_optional(import, table, "c", "scopes", "NULL::text"),
					 is_confidential, oauth_import_name(import, table));
	appendStringInfo(&sql,
					 " CROSS JOIN (SELECT %s AS types) g LEFT JOIN (SELECT d.id, "
					 "string_agg(d.scope, ' ') AS words"
					 " FROM (SELECT DISTINCT t.application_id::text AS id, t.scopes::text AS scope "
					 "FROM %s t) d GROUP BY d.id) s"
					 " ON s.id = c.id::text ORDER BY c.id DESC",
					 quote_literal_cstr(grants), oauth_import_name(import, "oauth_access_tokens"));
	oauth_import_clients(import, sql.data, kept_how);
}

static void
import_tokens(OAuthImport *import, const char *refusal, OAuthKeptHow kept_how)
{
	const char *table = "oauth_access_tokens";
	const char *created = oauth_import_column(import, table, "t", "created_at");
	const char *revoked = oauth_import_column(import, table, "t", "revoked_at");
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql,
					 "SELECT %s, %s, %s, %s,"
					 " coalesce(CASE WHEN %s <= statement_timestamp() THEN 'revoked' END, %s, %s), "
					 "%s,"
					 " least(%s + %s::double precision * interval '1 second', %s), NULL::text, %s, "
					 "%s, NULL::text, NULL::text, NULL::text",
					 oauth_import_column(import, "oauth_applications", "c", "uid"), import->subject,
					 oauth_import_column(import, table, "t", "scopes"), created, revoked, refusal,
					 import->user_refusal, oauth_import_column(import, table, "t", "token"),
					 created, oauth_import_column(import, table, "t", "expires_in"), revoked,
					 oauth_import_column(import, table, "t", "refresh_token"), revoked);
	appendStringInfo(&sql, " FROM %s t LEFT JOIN %s c ON c.id::text = %s%s ORDER BY %s, t.id",
					 oauth_import_name(import, table),
					 oauth_import_name(import, "oauth_applications"),
					 oauth_import_column(import, table, "t", "application_id"), import->users_join,
					 created);
	oauth_import_tokens(import, "access tokens with their refresh tokens", sql.data, table,
						kept_how);
}

static void
import_all(FunctionCallInfo fcinfo, OAuthImport *import)
{
	char	   *grants = oauth_words_join(oauth_list_argument(fcinfo, 1, "grant_types"));
	bool		hashes_tokens;
	bool		hashes_secrets;
	const char *refusal;

	oauth_import_table(import, "oauth_applications", true);
	oauth_import_table(import, "oauth_access_tokens", true);
	hashes_tokens = is_hashed(import, fcinfo, 2, "hashed_tokens", "oauth_access_tokens", "token");
	hashes_secrets = is_hashed(import, fcinfo, 3, "hashed_secrets", "oauth_applications", "secret");
	oauth_import_users(import, "oauth_access_tokens", "t", "resource_owner_id",
					   oauth_optional_argument(fcinfo, 5), oauth_optional_argument(fcinfo, 6),
					   oauth_optional_argument(fcinfo, 7));
	refusal = owner_refusal(import, oauth_optional_argument(fcinfo, 4));
	import_applications(import, grants, hashes_secrets ? hashed_secret_kept : secret_kept);
	import_tokens(import, refusal, hashes_tokens ? hashed_token_kept : oauth_kept_clear);
}

/*
 * oauth_import_doorkeeper(schema text, grant_types text[], hashed_tokens boolean, hashed_secrets
 * boolean,
 *		resource_owner_type text, users text, user_key text, subject text, dry_run boolean)
 *		RETURNS TABLE (kind text, action text, reason text, n bigint)
 */
Datum
oauth_import_doorkeeper(PG_FUNCTION_ARGS)
{
	return oauth_import_run(fcinfo, "doorkeeper", 8, import_all);
}
