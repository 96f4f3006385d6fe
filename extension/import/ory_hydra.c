/*
 * ory_hydra.c
 *		Moving in from Ory Hydra, 1.x and 2.x, where its tables are in the same database.
 *
 * Client secrets are hashed there with bcrypt or PBKDF2.  What Hydra stores of its tokens is not
 * enough to recognize one (imported_hydra.c), so tokens can be taken only with the system secrets
 * of Hydra's configuration.
 *
 * Tokens of one authorization request, refreshed ones included, have one grant here.  A consent
 * that Hydra remembers without end is remembered here; one that it remembers for a limited time is
 * not, because consent here has no end.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "client/client.h"
#include "crypto/crypto.h"
#include "import/import.h"
#include "store/consent.h"
#include "store/token.h"
#include "token/token.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_import_ory_hydra);

#define MIN_SYSTEM_SECRET 16
#define GRANTS "'" OAUTH_GRANT_AUTHORIZATION_CODE "', '" OAUTH_GRANT_REFRESH_TOKEN "'," \
	" '" OAUTH_GRANT_CLIENT_CREDENTIALS "', '" OAUTH_GRANT_PASSWORD "'," \
	" '" OAUTH_GRANT_DEVICE_CODE "'"

static OAuthKept
secret_kept(const char *stored)
{
	return OAUTH_KEPT_HASHED;
}

static OAuthKept
token_kept(const char *stored)
{
	return OAUTH_KEPT_SIGNATURE;
}

/* A list as rows of x: an array in JSON, in 1.x words separated by bars. */
static const char *
list_of(OAuthImport *import, const char *column)
{
	Oid			table = oauth_import_table(import, "hydra_client", true);
	Oid			type = oauth_store_source_column(table, column);
	const char *value = oauth_import_column(import, "hydra_client", "c", column);

	return type == JSONBOID ? psprintf("jsonb_array_elements_text(%s::jsonb) x", value) :
		psprintf("unnest(string_to_array(nullif(%s, ''), '|')) x", value);
}

/* Limits a query to one network if Hydra has several. */
static const char *
network(OAuthImport *import, const char *table, const char *alias, const char *nid)
{
	const char *column = oauth_import_optional(import, table, alias, "nid", NULL);

	return column == NULL || nid == NULL ? "true" :
		psprintf("%s = %s", column, quote_literal_cstr(nid));
}

static void
check_network(OAuthImport *import, const char *nid)
{
	const char *column = oauth_import_optional(import, "hydra_client", "c", "nid", NULL);

	if (column == NULL || nid != NULL ||
		!oauth_import_any(import, psprintf("SELECT FROM %s c HAVING count(DISTINCT %s) > 1",
										   oauth_import_name(import, "hydra_client"), column)))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("the clients belong to several networks, in which client ids can be the same"),
			 errhint("Give network => '...', a nid of %s.",
					 oauth_import_name(import, "hydra_client"))));
}

/* Why a client cannot be taken, and what is left out of it. */
static void
append_refusal_and_note(OAuthImport *import, StringInfo sql, const char *method)
{
	const char *ends = oauth_import_optional(import, "hydra_client", "c",
											 "client_secret_expires_at", "'0'");
	const char *skips = oauth_import_optional(import, "hydra_client", "c", "skip_consent", "false");

	appendStringInfo(sql,
					 " CASE WHEN %s IN ('private_key_jwt', 'client_secret_jwt') THEN 'it "
					 "authenticates with ' || %s"
					 " WHEN %s::bigint > 0 AND to_timestamp(%s::bigint) <= now() THEN 'its secret "
					 "has expired' END,",
					 method, method, ends, ends);
	appendStringInfo(sql,
					 " nullif(concat_ws('; ', CASE WHEN EXISTS (SELECT FROM %s WHERE x NOT IN "
					 "(" GRANTS "))"
					 " THEN 'without grants that do not exist here' END, CASE WHEN %s = 'none' THEN"
					 " 'public: new codes need PKCE (RFC 7636)' END, CASE WHEN %s THEN "
					 "'skip_consent: users are asked' END), '')",
					 list_of(import, "grant_types"), method, skips);
}

static void
import_clients(OAuthImport *import, const char *nid)
{
	const char *method = oauth_import_column(import, "hydra_client", "c",
											 "token_endpoint_auth_method");
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql,
					 "SELECT %s, %s, %s, CASE WHEN %s = 'none' THEN 'public' ELSE 'confidential' "
					 "END,"
					 " coalesce((SELECT string_agg(x, ' ') FROM %s WHERE x IN (" GRANTS ")"
					 " AND (%s <> 'none' OR x <> 'client_credentials')), CASE WHEN NOT EXISTS "
					 "(SELECT FROM %s) THEN"
					 " 'authorization_code' END),",
					 oauth_import_column(import, "hydra_client", "c", "id"),
					 oauth_import_column(import, "hydra_client", "c", "client_secret"),
					 oauth_import_column(import, "hydra_client", "c", "client_name"), method,
					 list_of(import, "grant_types"), method, list_of(import, "grant_types"));
	appendStringInfo(&sql, " (SELECT string_agg(x, ' ') FROM %s), %s, NULL::text,",
					 list_of(import, "redirect_uris"),
					 oauth_import_column(import, "hydra_client", "c", "scope"));
	append_refusal_and_note(import, &sql, method);
	appendStringInfo(&sql, " FROM %s c WHERE %s ORDER BY c.id",
					 oauth_import_name(import, "hydra_client"),
					 network(import, "hydra_client", "c", nid));
	oauth_import_clients(import, sql.data, secret_kept);
}

/*
 * When a token ends: in recent versions a column, otherwise part of the session unless that is
 * encrypted.
 */
static const char *
end_of(OAuthImport *import, const char *table, const char *kind, const char *otherwise)
{
	return psprintf("coalesce(%s, substring(t.session_data::text FROM "
					"E'\"expires_at\":\\\\{[^}]*\"%s\":\""
					"(\\\\d{4}-\\\\d\\\\d-\\\\d\\\\dT\\\\d\\\\d:\\\\d\\\\d:\\\\d\\\\d[.\\\\d]*"
					"(?:Z|[+-]\\\\d\\\\d:\\\\d\\\\d))\"'):"
					":timestamptz, %s)",
					oauth_import_optional(import, table, "t", "expires_at", "NULL::timestamptz"),
					kind, otherwise);
}

/*
 * The tokens of a table in the columns of a source, without the tokens themselves.  A client's own
 * token names the client as its subject and has no consent.  For access tokens stored before
 * signatures were hashed, the hash is computed here.
 */
static char *
tokens_of(OAuthImport *import, const char *table, const char *refusal, const char *nid,
		  const char *columns)
{
	return psprintf("SELECT t.client_id::text AS client_id, CASE WHEN t.subject::text <> "
					"t.client_id::text OR"
					" t.challenge_id IS NOT NULL THEN nullif(t.subject::text, '') END AS subject,"
					" replace(t.granted_scope::text, '|', ' ') AS scope, %s AS issued_at, "
					"coalesce(%s, CASE WHEN NOT t.active"
					" THEN 'revoked or used before' END) AS refusal, %s, t.request_id::text AS "
					"family FROM %s t WHERE %s",
					oauth_import_column(import, table, "t", "requested_at"), refusal, columns,
					oauth_import_name(import, table), network(import, table, "t", nid));
}

#define DIGEST "CASE WHEN t.signature::text ~ '^[0-9a-f]{96}$' THEN t.signature::text" \
	" ELSE encode(sha384(convert_to(t.signature::text, 'UTF8')), 'hex') END"

static void
import_tokens(OAuthImport *import, bool has_keys, const char *nid)
{
	const char *access = "hydra_oauth2_access";
	const char *refresh = "hydra_oauth2_refresh";
	const char *refusal = "NULL";
	char	   *requested = psprintf("%s + interval '1 hour'",
									 oauth_import_column(import, access, "t", "requested_at"));
	char	   *access_columns = psprintf(DIGEST " AS access_token, %s AS access_ends,"
										  " NULL::text AS refresh_token,"
										  " NULL::timestamptz AS refresh_ends",
										  end_of(import, access, "access_token", requested));
	char	   *refresh_columns = psprintf("NULL::text, NULL::timestamptz, " DIGEST ", %s",
										   end_of(import, refresh, "refresh_token", "NULL"));
	StringInfoData sql;

	if (!has_keys)
		refusal = "'system_secrets were not given, without which no token can be known'";
	initStringInfo(&sql);
	appendStringInfo(&sql,
					 "SELECT q.client_id, q.subject, q.scope, q.issued_at, q.refusal, "
					 "q.access_token, q.access_ends,"
					 " NULL::text, q.refresh_token, q.refresh_ends, NULL::text, NULL::text, "
					 "NULL::text, q.family FROM (%s UNION ALL %s) q"
					 " ORDER BY min(q.issued_at) OVER (PARTITION BY q.family), q.family, "
					 "q.issued_at",
					 tokens_of(import, access, refusal, nid, access_columns),
					 tokens_of(import, refresh, refusal, nid, refresh_columns));
	import->are_signatures = true;
	oauth_import_tokens(import, "tokens", sql.data, access, token_kept);
}

/* One row of client_id, subject, scope, and the name that prevents taking it twice. */
static void
import_consent(OAuthImport *import, OAuthSourceReader *source, uint64 row, const void *unused)
{
	char	   *client_id = oauth_store_source_string(source, row, 1);
	char	   *subject = oauth_store_source_string(source, row, 2);
	char	   *name = psprintf("consent %s", oauth_store_source_string(source, row, 4));
	const char *refusal = oauth_store_source_string(source, row, 5);
	OAuthImportedGrant grant = {.client_id = client_id, .subject = subject};
	OAuthImportedToken token = {.handle = 0};
	OAuthImportedToken *tokens[] = {&token};

	refusal = oauth_import_refusal(import, &grant, refusal);
	if (refusal == NULL && oauth_store_import_subjects(list_make1(subject)) != NIL)
		refusal = "its subject has been disabled or deleted here";
	if (refusal == NULL)
	{
		oauth_sha256(name, strlen(name), token.hash);
		oauth_store_name_tokens(tokens, 1, import->started, true);
		if (token.state != OAUTH_IMPORT_TAKEN)
			refusal = "already here";
	}
	if (refusal == NULL)
	{
		OAuthKeptConsent kept = {
			.scope = oauth_import_scope(import, oauth_store_source_string(source, row, 3))
		};

		oauth_store_keep_consent(subject, client_id, &kept);
	}
	oauth_import_count(import, "consent", refusal ? "skipped" : "taken", refusal, 1);
}

/* The consents that Hydra itself would reuse: the newest of each subject and client. */
static void
import_consents(OAuthImport *import, const char *nid)
{
	char	   *sql;

	if (!OidIsValid(oauth_import_table(import, "hydra_oauth2_flow", false)))
		return;
	sql = psprintf("SELECT DISTINCT ON (t.subject::text, t.client_id::text) t.client_id::text,"
				   " t.subject::text, (SELECT string_agg(x, ' ') FROM"
				   " jsonb_array_elements_text(t.granted_scope::jsonb) x),"
				   " t.login_challenge::text, CASE WHEN t.consent_remember_for > 0 THEN 'it was"
				   " remembered for a time only' END"
				   " FROM %s t WHERE (t.state = 6 OR t.state IS NULL) AND NOT t.consent_skip AND"
				   " t.consent_remember"
				   " AND t.subject::text <> '' AND %s ORDER BY t.subject::text, t.client_id::text,"
				   " t.requested_at DESC",
				   oauth_import_name(import, "hydra_oauth2_flow"),
				   network(import, "hydra_oauth2_flow", "t", nid));
	oauth_import_each(import, "consents", sql, import_consent, NULL);
}

/*
 * Stores the keys that verify the tokens.  A dry run takes no token for good and does not use the
 * master key.
 */
static bool
add_keys(FunctionCallInfo fcinfo, OAuthImport *import)
{
	List	   *secrets = PG_ARGISNULL(1) ? NIL : oauth_list_argument(fcinfo, 1, "system_secrets");
	ListCell   *cell;

	foreach(cell, secrets)
	{
		if (strlen(lfirst(cell)) < MIN_SYSTEM_SECRET)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("a system secret of Ory Hydra has at least %d characters",
								   MIN_SYSTEM_SECRET),
							errhint("Give the whole list secrets.system of its configuration, or "
									"SECRETS_SYSTEM.")));
		if (!import->is_dry)
			oauth_hydra_add_key(lfirst(cell));
	}
	return secrets != NIL || oauth_store_imported_keys() != NIL;
}

static void
import_all(FunctionCallInfo fcinfo, OAuthImport *import)
{
	const char *nid = oauth_optional_argument(fcinfo, 2);
	bool		has_keys;

	oauth_import_table(import, "hydra_client", true);
	oauth_import_table(import, "hydra_oauth2_access", true);
	oauth_import_table(import, "hydra_oauth2_refresh", true);
	check_network(import, nid);
	has_keys = add_keys(fcinfo, import);
	import_clients(import, nid);
	import_tokens(import, has_keys, nid);
	import_consents(import, nid);
}

/*
 * oauth_import_ory_hydra(schema text, system_secrets text[], network text, dry_run boolean)
 *		RETURNS TABLE (kind text, action text, reason text, n bigint)
 */
Datum
oauth_import_ory_hydra(PG_FUNCTION_ARGS)
{
	return oauth_import_run(fcinfo, "ory-hydra", 3, import_all);
}
