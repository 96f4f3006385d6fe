/*
 * django_oauth_toolkit.c
 *		Moving in from django-oauth-toolkit, 1.x to 3.x.
 *
 * Tokens are stored in the clear there, and in 1.x the secrets of clients as well.  Later versions
 * hash secrets as Django hashes passwords, unless hash_client_secret is off; such a hash is kept
 * until the client uses its secret here.
 *
 * An application has one grant.  Whether it may refresh, and which scopes it may ask for, are
 * settings of the Django project, so here a client may have the scopes that its tokens have.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "import/import.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_import_django_oauth_toolkit);

/* The password hashers of Django, by the text before the first dollar sign. */
static OAuthKept
secret_kept(const char *stored)
{
	static const char *const hashers[] = {
		"pbkdf2_sha256$", "pbkdf2_sha1$", "argon2$", "bcrypt_sha256$", "bcrypt$", "scrypt$", "md5$",
		"sha1$"
	};

	for (size_t i = 0; i < lengthof(hashers); i++)
		if (strncmp(stored, hashers[i], strlen(hashers[i])) == 0)
			return OAUTH_KEPT_HASHED;
	return OAUTH_KEPT_CLEAR;
}

/* The grant types here for the one grant of an application. */
static const char *
grant_types(const char *grant, const char *type)
{
	return psprintf("CASE %s WHEN 'authorization-code' THEN 'authorization_code refresh_token'"
					" WHEN 'openid-hybrid' THEN 'authorization_code refresh_token' WHEN 'password'"
					" THEN 'password refresh_token'"
					" WHEN 'client-credentials' THEN CASE %s WHEN 'confidential' THEN"
					" 'client_credentials' END"
					" WHEN '" OAUTH_GRANT_DEVICE_CODE "' THEN '" OAUTH_GRANT_DEVICE_CODE
					" " OAUTH_GRANT_REFRESH_TOKEN "' END", grant, type);
}

static const char *
client_note(OAuthImport *import, const char *grant, const char *type)
{
	const char *skips = oauth_import_optional(import, "oauth2_provider_application", "c",
											  "skip_authorization", "false");

	return psprintf("nullif(concat_ws('; ', CASE WHEN %s = 'implicit' THEN"
					" 'implicit: its tokens go on, and it needs another grant' END,"
					" CASE WHEN %s = 'public' THEN 'public: new codes need PKCE (RFC 7636)' END,"
					" CASE WHEN %s THEN 'skip_authorization: users are asked' END),"
					" '')", grant, type, skips);
}

static void
import_applications(OAuthImport *import)
{
	const char *table = "oauth2_provider_application";
	const char *grant = oauth_import_column(import, table, "c", "authorization_grant_type");
	const char *type = oauth_import_column(import, table, "c", "client_type");
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql,
					 "SELECT %s, %s, %s, %s, %s, %s, s.words, NULL::text, NULL::text, %s FROM %s c",
					 oauth_import_column(import, table, "c", "client_id"),
					 oauth_import_column(import, table, "c", "client_secret"),
					 oauth_import_column(import, table, "c", "name"), type,
					 grant_types(grant, type),
					 oauth_import_column(import, table, "c", "redirect_uris"),
					 client_note(import, grant, type), oauth_import_name(import, table));
	appendStringInfo(&sql,
					 " LEFT JOIN (SELECT d.id, string_agg(d.scope, ' ') AS words FROM (SELECT "
					 "DISTINCT"
					 " t.application_id::text AS id, t.scope::text AS scope FROM %s t) d GROUP BY "
					 "d.id) s ON s.id = c.id::text"
					 " ORDER BY c.id DESC",
					 oauth_import_name(import, "oauth2_provider_accesstoken"));
	oauth_import_clients(import, sql.data, secret_kept);
}

static void
import_tokens(OAuthImport *import)
{
	const char *access = "oauth2_provider_accesstoken";
	const char *refresh = "oauth2_provider_refreshtoken";
	const char *issued_at = oauth_import_optional(import, access, "a", "created", NULL);
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql,
					 "SELECT %s, %s, %s, %s, %s, %s, %s, NULL::text, %s, NULL::timestamptz,"
					 " CASE WHEN %s IS NOT NULL THEN 'revoked' WHEN a.id IS NULL THEN"
					 " 'its access token was removed, and its scope with that' END, NULL::text, "
					 "NULL::text",
					 oauth_import_column(import, "oauth2_provider_application", "c", "client_id"),
					 import->subject, oauth_import_column(import, access, "a", "scope"),
					 issued_at ? issued_at : "NULL::timestamptz", import->user_refusal,
					 oauth_import_column(import, access, "a", "token"),
					 oauth_import_column(import, access, "a", "expires"),
					 oauth_import_column(import, refresh, "r", "token"),
					 oauth_import_optional(import, refresh, "r", "revoked", "NULL::timestamptz"));
	appendStringInfo(&sql,
					 " FROM %s a FULL JOIN %s r ON %s = a.id::text"
					 " LEFT JOIN %s c ON c.id::text = coalesce(%s, %s)%s ORDER BY %s",
					 oauth_import_name(import, access), oauth_import_name(import, refresh),
					 oauth_import_column(import, refresh, "r", "access_token_id"),
					 oauth_import_name(import, "oauth2_provider_application"),
					 oauth_import_column(import, access, "a", "application_id"),
					 oauth_import_column(import, refresh, "r", "application_id"),
					 import->users_join,
					 issued_at ? psprintf("%s, a.id, r.id", issued_at) : "a.id DESC, r.id DESC");
	oauth_import_tokens(import, "access tokens with their refresh tokens", sql.data, access,
						oauth_kept_clear);
}

static void
import_all(FunctionCallInfo fcinfo, OAuthImport *import)
{
	import->time_zone = oauth_argument(fcinfo, 4, "time_zone");
	oauth_import_table(import, "oauth2_provider_application", true);
	oauth_import_table(import, "oauth2_provider_accesstoken", true);
	oauth_import_table(import, "oauth2_provider_refreshtoken", true);
	oauth_import_users(import, "oauth2_provider_accesstoken", "a", "user_id",
					   oauth_optional_argument(fcinfo, 1), oauth_optional_argument(fcinfo, 2),
					   oauth_optional_argument(fcinfo, 3));
	import_applications(import);
	import_tokens(import);
}

/*
 * oauth_import_django_oauth_toolkit(schema text, users text, user_key text, subject text, time_zone
 * text, dry_run boolean)
 *		RETURNS TABLE (kind text, action text, reason text, n bigint)
 */
Datum
oauth_import_django_oauth_toolkit(PG_FUNCTION_ARGS)
{
	return oauth_import_run(fcinfo, "django-oauth-toolkit", 5, import_all);
}
