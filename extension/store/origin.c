/*
 * origin.c
 *		SQL of oauth.client_origin.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/client.h"
#include "store/statement.h"

static OAuthStatement find_origins = {
	.sql = "SELECT array_agg(origin ORDER BY origin) FROM oauth.client_origin WHERE client_id = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement remove_origins = {
	.sql = "DELETE FROM oauth.client_origin WHERE client_id = $1 AND origin <> ALL ($2)",
	.n_arguments = 2, .argument_types = {TEXTOID, TEXTARRAYOID}
};

static OAuthStatement add_origins = {.sql = "INSERT INTO oauth.client_origin (client_id, origin) "
	"SELECT $1, unnest($2) ON CONFLICT DO NOTHING",
	.n_arguments = 2,
.argument_types = {TEXTOID, TEXTARRAYOID}};

static OAuthStatement client_has_origin = {
	.sql = "SELECT FROM oauth.client_origin WHERE client_id = $1 AND origin = $2",
	.only_reads = true,
	.n_arguments = 2, .argument_types = {TEXTOID, TEXTOID}
};

static OAuthStatement has_origin = {
	.sql = "SELECT FROM oauth.client_origin o JOIN oauth.client c ON c.client_id = o.client_id"
	" WHERE o.origin = $1 AND c.disabled_at IS NULL LIMIT 1",
	.only_reads = true,
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/* The origins of a client, as a list of strings. */
List *
oauth_store_origins(const char *client_id)
{
	MemoryContext caller = CurrentMemoryContext;
	OAuthArguments arguments = {0};
	List	   *origins;

	oauth_add_text(&arguments, client_id);
	oauth_store_run(&find_origins, &arguments);
	origins = oauth_store_strings(0, 1, caller);
	oauth_store_end();
	return origins;
}

/* Stores exactly these origins. */
void
oauth_store_set_origins(const char *client_id, List *origins)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, client_id);
	oauth_add_value(&arguments, oauth_array_from_list(origins));
	oauth_store_count(&remove_origins, &arguments);
	if (origins != NIL)
		oauth_store_count(&add_origins, &arguments);
}

bool
oauth_store_client_has_origin(const char *client_id, const char *origin)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, client_id);
	oauth_add_text(&arguments, origin);
	return oauth_store_count(&client_has_origin, &arguments) > 0;
}

/* Whether an enabled client has that origin. */
bool
oauth_store_has_origin(const char *origin)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, origin);
	return oauth_store_count(&has_origin, &arguments) > 0;
}
