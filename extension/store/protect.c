/*
 * protect.c
 *		SQL of oauth.protected_function.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/function.h"
#include "store/statement.h"

#define FIND_PROTECTED \
	"SELECT path, function_schema, function_name, required_scope, methods, acr_values, max_age," \
	" (SELECT n.nspname::text FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON" \
	" n.oid = e.extnamespace" \
	" WHERE e.extname = 'oauth') FROM oauth.protected_function" \
	" WHERE $1 = path OR starts_with($1, path || '/') ORDER BY length(path) DESC LIMIT 1"

static OAuthStatement find_protected = {
	.sql = FIND_PROTECTED,
	.only_reads = true,
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/* The same with a snapshot of its own, which sees what another session has just committed. */
static OAuthStatement find_held_protected = {
	.sql = FIND_PROTECTED,
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/* Locks the table: entries affect each other's paths, so there is no single row to lock. */
static OAuthStatement hold_protected = {
	.sql = "LOCK TABLE oauth.protected_function IN SHARE ROW EXCLUSIVE MODE"
};

static OAuthStatement protect = {
	.sql = "INSERT INTO oauth.protected_function (path, function_schema, function_name,"
	" required_scope, methods, acr_values, max_age) VALUES ($1, $2, $3, $4, $5, $6, nullif($7, 0))"
	" ON CONFLICT (path) DO UPDATE SET function_schema = excluded.function_schema,"
	" function_name = excluded.function_name, required_scope = excluded.required_scope,"
	" methods = excluded.methods, acr_values = excluded.acr_values, max_age = excluded.max_age",
	.n_arguments = 7,
	.argument_types = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID, TEXTOID, INT4OID}
};

static OAuthStatement unprotect = {
	.sql = "DELETE FROM oauth.protected_function WHERE path = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthProtectedFunction *
read_protected(OAuthStatement *statement, const char *path)
{
	MemoryContext caller = CurrentMemoryContext;
	OAuthArguments arguments = {0};
	OAuthProtectedFunction *entry = NULL;

	oauth_add_text(&arguments, path);
	if (oauth_store_run(statement, &arguments) > 0)
	{
		entry = SPI_palloc(sizeof(OAuthProtectedFunction));
		entry->path = oauth_store_string(0, 1);
		entry->function.schema = oauth_store_string(0, 2);
		entry->function.name = oauth_store_string(0, 3);
		entry->required_scope = oauth_store_string(0, 4);
		entry->methods = oauth_store_strings(0, 5, caller);
		entry->login.acr_values = oauth_store_string(0, 6);
		entry->login.max_age = oauth_store_int32(0, 7);
		entry->function.api_schema = oauth_store_string(0, 8);
	}
	oauth_store_end();
	return entry;
}

/* The entry with the longest path that equals the given one or lies above it, or NULL. */
OAuthProtectedFunction *
oauth_store_find_protected(const char *path)
{
	return read_protected(&find_protected, path);
}

/* The same, with all entries locked against changes until the transaction ends. */
OAuthProtectedFunction *
oauth_store_hold_protected(const char *path)
{
	oauth_store_count(&hold_protected, NULL);
	return read_protected(&find_held_protected, path);
}

void
oauth_store_protect(const OAuthProtectedFunction *entry)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, entry->path);
	oauth_add_text(&arguments, entry->function.schema);
	oauth_add_text(&arguments, entry->function.name);
	oauth_add_text(&arguments, entry->required_scope);
	oauth_add_pointer(&arguments, DatumGetPointer(oauth_array_from_list(entry->methods)));
	oauth_add_text(&arguments, entry->login.acr_values);
	oauth_add_int32(&arguments, entry->login.max_age);
	oauth_store_count(&protect, &arguments);
}

bool
oauth_store_unprotect(const char *path)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, path);
	return oauth_store_count(&unprotect, &arguments) > 0;
}
