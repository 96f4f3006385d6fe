/*
 * scope.c
 *		SQL of oauth.scope.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/scope.h"
#include "store/statement.h"

/*
 * The scopes that exist from the start: two of no particular meaning, and those of OpenID Connect
 * Core, sections 3.1.2.1, 5.4 and 11.  The script may insert no row, so the first registration of
 * anything does; until then they are these.
 */
#define FIRST_SCOPES \
	" FROM (VALUES ('read', 'Read your data', true), ('write', 'Change your data', false)," \
	" ('openid', 'Know who you are', false), ('profile', 'Know your name and profile', false)," \
	" ('email', 'Know your email address', false), ('address', 'Know your postal address'," \
	" false)," \
	" ('phone', 'Know your phone number', false), ('offline_access', 'Go on while you are away'," \
	" false))" \
	" v (scope, description, is_default) WHERE NOT EXISTS (SELECT FROM oauth.scope)"

static OAuthStatement seed_scopes = {
	.sql = "INSERT INTO oauth.scope (scope, description, is_default) SELECT v.scope, "
"v.description, v.is_default" FIRST_SCOPES " ON CONFLICT DO NOTHING"};

static OAuthStatement register_scope = {.sql = "INSERT INTO oauth.scope (scope, description, "
	"is_default, is_advertised) VALUES ($1, $2, $3, $4)"
	" ON CONFLICT (scope) DO UPDATE SET description = "
	"excluded.description, is_default = "
	"excluded.is_default,"
	" is_advertised = excluded.is_advertised",
	.n_arguments = 4,
.argument_types = {TEXTOID, TEXTOID, BOOLOID, BOOLOID}};

static OAuthStatement add_scope = {
	.sql = "INSERT INTO oauth.scope (scope, description) VALUES ($1, $2) ON CONFLICT DO NOTHING",
	.n_arguments = 2, .argument_types = {TEXTOID, TEXTOID}
};

static OAuthStatement unknown_scopes = {
	.sql = "SELECT w.word FROM unnest($1) WITH ORDINALITY w (word, n)"
	" WHERE NOT EXISTS (SELECT FROM oauth.scope s WHERE s.scope = w.word) ORDER BY w.n",
	.n_arguments = 1, .argument_types = {TEXTARRAYOID}
};

static OAuthStatement all_scopes = {
	.sql = "SELECT scope FROM oauth.scope ORDER BY scope",
	.only_reads = true
};

static OAuthStatement advertised_scopes = {.sql = "SELECT scope FROM oauth.scope WHERE "
	"is_advertised UNION ALL SELECT v.scope COLLATE "
	"\"C\"" FIRST_SCOPES " ORDER BY scope",
.only_reads = true};

static OAuthStatement withheld_scope = {
	.sql = "SELECT FROM oauth.scope WHERE scope = $1 AND NOT is_advertised",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement scope_descriptions =
{.sql = "SELECT coalesce(s.description, w.word) FROM unnest(string_to_array($1, ' ')) WITH "
	"ORDINALITY w (word, n)"
	" LEFT JOIN oauth.scope s ON s.scope = w.word ORDER BY w.n",
	.only_reads = true,
	.n_arguments = 1,
.argument_types = {TEXTOID}};

/* In the order of the key, which the index has already. */
static OAuthStatement client_with_scope = {.sql = "SELECT FROM oauth.client WHERE deleted_at IS "
	"NULL AND $1 = ANY (string_to_array(scope, ' ')) "
	"LIMIT 1",
	.n_arguments = 1,
.argument_types = {TEXTOID}};

static OAuthStatement client_without_scope = {
	.sql = "SELECT FROM oauth.client WHERE deleted_at IS NULL AND scope IS NULL LIMIT 1"
};

static OAuthStatement default_scopes = {
	.sql = "SELECT scope FROM oauth.scope WHERE is_default ORDER BY scope"
};

void
oauth_store_seed_scopes(void)
{
	oauth_store_count(&seed_scopes, NULL);
}

void
oauth_store_register_scope(const char *scope, const char *description, bool is_default,
						   bool is_advertised)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, scope);
	oauth_add_text(&arguments, description);
	oauth_add_bool(&arguments, is_default);
	oauth_add_bool(&arguments, is_advertised);
	oauth_store_count(&register_scope, &arguments);
}

/* False if the scope existed already; it is not changed then. */
bool
oauth_store_add_scope(const char *scope, const char *description)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, scope);
	oauth_add_text(&arguments, description);
	return oauth_store_count(&add_scope, &arguments) > 0;
}

/* The words that are not registered scopes. */
List *
oauth_store_unknown_scopes(List *words)
{
	OAuthArguments arguments = {0};

	oauth_add_value(&arguments, oauth_array_from_list(words));
	return oauth_store_list(&unknown_scopes, &arguments, oauth_store_first_string);
}

/* The scopes that a statement returns, space-separated. */
static char *
joined(OAuthStatement *statement)
{
	StringInfoData scope;
	uint64		n;

	initStringInfo(&scope);
	n = oauth_store_run(statement, NULL);
	for (uint64 row = 0; row < n; row++)
		appendStringInfo(&scope, "%s%s", row > 0 ? " " : "", oauth_store_string(row, 1));
	oauth_store_end();
	return scope.data;
}

/* Whether that scope is listed for some client, which may then ask for it. */
bool
oauth_store_scope_is_given(const char *scope)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, scope);
	return oauth_store_count(&client_with_scope, &arguments) > 0;
}

/* Whether some client has no scopes of its own, and so gets the default ones. */
bool
oauth_store_default_is_used(void)
{
	return oauth_store_count(&client_without_scope, NULL) > 0;
}

/* The scopes of a client that asks for none; empty if there are none. */
char *
oauth_store_default_scope(void)
{
	void	  **kept = oauth_store_shared(OAUTH_SHARED_DEFAULT_SCOPE);
	char	   *scope = kept ? *kept : NULL;

	if (scope != NULL)
		return pstrdup(scope);
	scope = joined(&default_scopes);
	if (kept != NULL)
		*kept = MemoryContextStrdup(oauth_store_batch(), scope);
	return scope;
}

char *
oauth_store_all_scopes(void)
{
	return joined(&all_scopes);
}

/* The scopes that metadata lists, and that a client which registers itself may have. */
char *
oauth_store_advertised_scopes(void)
{
	return joined(&advertised_scopes);
}

/* Whether the scope exists and is not advertised. */
bool
oauth_store_scope_is_withheld(const char *scope)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, scope);
	return oauth_store_count(&withheld_scope, &arguments) > 0;
}

/* The descriptions of the words of a scope, in their order. */
List *
oauth_store_scope_descriptions(const char *scope)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, scope);
	return oauth_store_list(&scope_descriptions, &arguments, oauth_store_first_string);
}
