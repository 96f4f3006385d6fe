/*
 * django_oauth2_provider.c
 *		Moving in from django-oauth2-provider: the original, edX's, and the later versions whose
 *		scopes are rows.
 *
 * Everything is stored in the clear there.  A scope is a set of bits, named by the setting
 * OAUTH_SCOPES of the Django project.  "client_id" is text in oauth2_client, and the number of a
 * row of oauth2_client in every other table.
 *
 * Public clients had a secret there and sent it, so they may send it here as well; like all public
 * clients, they get codes with PKCE only.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "import/import.h"

#include "utils/builtins.h"
#include "utils/numeric.h"

PG_FUNCTION_INFO_V1(oauth_import_django_oauth2_provider);

#define MAX_BITS_NAMES 64

/* A name, and the bits that it stands for. */
typedef struct ScopeBits
{
	int			n;
	struct
	{
		int64		bits;
		char	   *words;
	}			names[MAX_BITS_NAMES];
} ScopeBits;

static void
bad_scopes(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("argument \"scopes\" is an object of at most %d numbers and their scopes",
					MAX_BITS_NAMES),
			 errhint("As the setting OAUTH_SCOPES of the Django project has them: {\"2\": "
					 "\"read\", \"4\": \"write\"}")));
}

static int64
parse_bits(const char *number)
{
	char	   *end;
	int64		bits;

	errno = 0;
	bits = strtoll(number, &end, 10);
	if (errno != 0 || end == number || *end != '\0' || bits < 0)
		bad_scopes();
	return bits;
}

static ScopeBits *
read_scopes(Jsonb *scopes)
{
	ScopeBits  *map = palloc0(sizeof(ScopeBits));
	JsonbIterator *iterator = JsonbIteratorInit(&scopes->root);
	JsonbValue	value;
	JsonbIteratorToken token;

	if (!JB_ROOT_IS_OBJECT(scopes))
		bad_scopes();
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY && map->n == MAX_BITS_NAMES)
			bad_scopes();
		else if (token == WJB_KEY)
			map->names[map->n].bits =
				parse_bits(pnstrdup(value.val.string.val, value.val.string.len));
		else if (token == WJB_VALUE && value.type == jbvString)
			map->names[map->n++].words = pnstrdup(value.val.string.val, value.val.string.len);
		else if (token == WJB_VALUE)
			bad_scopes();
	}
	return map;
}

/* The names of a set of bits: every name whose bits are all in the set. */
static const char *
scope_of_bits(OAuthImport *import, const char *scope)
{
	const ScopeBits *map = import->scope_map;
	int64		bits = strtoll(scope, NULL, 10);
	int64		known = 0;
	StringInfoData words;

	initStringInfo(&words);
	for (int i = 0; i < map->n; i++)
	{
		known |= map->names[i].bits;
		if (map->names[i].bits != 0 && (bits & map->names[i].bits) == map->names[i].bits)
			appendStringInfo(&words, "%s ", map->names[i].words);
	}
	for (int i = 0; i < 63; i++)
		if ((bits & ~known & (INT64CONST(1) << i)) != 0)
			oauth_import_count(import, "scope", "skipped",
							   psprintf("bit " INT64_FORMAT
										" has no name in the argument \"scopes\"",
										INT64CONST(1) << i),
							   1);
	return words.data;
}

/* Whether this version stores scopes as rows. */
static bool
has_scope_rows(OAuthImport *import)
{
	return oauth_import_has(import, "oauth2_accesstoken_scope", "scope_id");
}

static char *
all_words(const ScopeBits *map)
{
	StringInfoData words;

	initStringInfo(&words);
	for (int i = 0; i < map->n; i++)
		appendStringInfo(&words, "%s ", map->names[i].words);
	return words.data;
}

/* What is not taken of a client. */
static const char *
client_note(OAuthImport *import, const char *type)
{
	const char *automatic = oauth_import_optional(import, "oauth2_client", "c", "auto_authorize",
												  "false");

	if (oauth_import_has(import, "oauth2_provider_trustedclient", "client_id"))
		automatic = psprintf("EXISTS (SELECT FROM %s k WHERE k.client_id::text = c.id::text)",
							 oauth_import_name(import, "oauth2_provider_trustedclient"));
	return psprintf("nullif(concat_ws('; ', CASE WHEN %s <> '0' THEN 'public: new codes need PKCE "
					"(RFC 7636)' END,"
					" CASE WHEN %s THEN 'trusted: users are asked' END), '')",
					type, automatic);
}

/*
 * The hashed secrets of a client that has several: a client has one secret here, the one in its own
 * row.
 */
static void
count_more_secrets(OAuthImport *import)
{
	if (oauth_import_has(import, "oauth2_clientsecret", "secret_hash"))
		oauth_import_count(import, "client_secret", "skipped",
						   "it is one more, beside the secret of the client itself",
						   oauth_import_rows(import, "oauth2_clientsecret"));
}

/* There, every client could ask for every scope. */
static void
import_clients(OAuthImport *import)
{
	const char *type = oauth_import_column(import, "oauth2_client", "c", "client_type");
	const char *scope = quote_literal_cstr(all_words(import->scope_map));
	StringInfoData sql;

	if (has_scope_rows(import))
	{
		oauth_import_scopes(import, psprintf("SELECT s.name::text, %s FROM %s s ORDER BY s.name",
											 oauth_import_column(import, "oauth2_scope", "s",
																 "description"),
											 oauth_import_name(import, "oauth2_scope")));
		scope = psprintf("(SELECT string_agg(s.name::text, ' ') FILTER (WHERE s.name::text !~ ' ') "
						 "FROM %s s)",
						 oauth_import_name(import, "oauth2_scope"));
	}
	initStringInfo(&sql);
	appendStringInfo(&sql,
					 "SELECT %s, %s, %s, CASE %s WHEN '0' THEN 'confidential' ELSE 'public' END,"
					 " 'authorization_code refresh_token password', %s, ",
					 oauth_import_column(import, "oauth2_client", "c", "client_id"),
					 oauth_import_column(import, "oauth2_client", "c", "client_secret"),
					 oauth_import_optional(import, "oauth2_client", "c", "name", "NULL::text"),
					 type, oauth_import_column(import, "oauth2_client", "c", "redirect_uri"));
	/* The query has turned the bits into words already. */
	appendStringInfo(&sql,
					 "%s, json_strip_nulls(json_build_object('client_uri', substring(%s FROM "
					 "'^https?://.*')))::text,"
					 " NULL::text, %s FROM %s c ORDER BY c.id DESC",
					 scope,
					 oauth_import_optional(import, "oauth2_client", "c", "url", "NULL::text"),
					 client_note(import, type), oauth_import_name(import, "oauth2_client"));
	oauth_import_clients(import, sql.data, oauth_kept_clear);
}

static OAuthKept
token_kept(const char *stored)
{
	return strchr(stored, '$') ? OAUTH_KEPT_HASHED : OAUTH_KEPT_CLEAR;
}

static void
import_tokens(OAuthImport *import)
{
	bool		has_rows = has_scope_rows(import);
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql,
					 "SELECT %s, %s, %s, NULL::timestamptz, %s, %s, %s, NULL::text, %s, "
					 "NULL::timestamptz,"
					 " CASE WHEN %s THEN 'used before' END, NULL::text, NULL::text",
					 oauth_import_column(import, "oauth2_client", "c", "client_id"),
					 import->subject,
					 has_rows ? "s.words" :
					 oauth_import_column(import, "oauth2_accesstoken", "a", "scope"),
					 import->user_refusal,
					 oauth_import_column(import, "oauth2_accesstoken", "a", "token"),
					 oauth_import_column(import, "oauth2_accesstoken", "a", "expires"),
					 oauth_import_column(import, "oauth2_refreshtoken", "r", "token"),
					 oauth_import_column(import, "oauth2_refreshtoken", "r", "expired"));
	appendStringInfo(&sql,
					 " FROM %s a LEFT JOIN %s c ON c.id::text = %s LEFT JOIN %s r ON %s = "
					 "a.id::text%s",
					 oauth_import_name(import, "oauth2_accesstoken"),
					 oauth_import_name(import, "oauth2_client"),
					 oauth_import_column(import, "oauth2_accesstoken", "a", "client_id"),
					 oauth_import_name(import, "oauth2_refreshtoken"),
					 oauth_import_column(import, "oauth2_refreshtoken", "r", "access_token_id"),
					 import->users_join);
	if (has_rows)
		appendStringInfo(&sql,
						 " LEFT JOIN (SELECT accesstoken_id::text AS id, "
						 "string_agg(scope_id::text, ' ')"
						 " FILTER (WHERE scope_id::text !~ ' ') AS words FROM %s GROUP BY 1) s ON "
						 "s.id = a.id::text",
						 oauth_import_name(import, "oauth2_accesstoken_scope"));
	appendStringInfoString(&sql, " ORDER BY a.id DESC");
	oauth_import_tokens(import, "access tokens with their refresh tokens", sql.data,
						"oauth2_accesstoken", token_kept);
}

static void
import_all(FunctionCallInfo fcinfo, OAuthImport *import)
{
	import->time_zone = oauth_argument(fcinfo, 5, "time_zone");
	import->scope_map = read_scopes(oauth_jsonb_argument(fcinfo, 1, "scopes"));
	oauth_import_table(import, "oauth2_client", true);
	oauth_import_table(import, "oauth2_accesstoken", true);
	oauth_import_table(import, "oauth2_refreshtoken", true);
	oauth_import_users(import, "oauth2_accesstoken", "a", "user_id",
					   oauth_optional_argument(fcinfo, 2), oauth_optional_argument(fcinfo, 3),
					   oauth_optional_argument(fcinfo, 4));
	import_clients(import);
	count_more_secrets(import);
	if (!has_scope_rows(import))
		import->scope_of = scope_of_bits;
	import_tokens(import);
}

/*
 * oauth_import_django_oauth2_provider(schema text, scopes jsonb, users text, user_key text, subject
 * text, time_zone text,
 *		dry_run boolean) RETURNS TABLE (kind text, action text, reason text, n bigint)
 */
Datum
oauth_import_django_oauth2_provider(PG_FUNCTION_ARGS)
{
	return oauth_import_run(fcinfo, "django-oauth2-provider", 6, import_all);
}
