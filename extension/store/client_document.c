/*
 * client_document.c
 *		SQL of clients that come from a metadata document.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/client.h"
#include "store/statement.h"
#include "store/token.h"

/* A row to be filled in: oauth_store_update_client() follows. */
static OAuthStatement add = {
	.sql = "INSERT INTO oauth.client (client_id, client_name, client_type,"
	" token_endpoint_auth_method, grant_types, redirect_uris, is_document)"
	" VALUES ($1, $1, 'public', 'none', '{}', '{}', true) ON CONFLICT (client_id) DO NOTHING",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/* Grants that were under way when the client was deleted are waited for as in client_state.c. */
static OAuthStatement hold = {
	.sql = "SELECT is_document, deleted_at IS NOT NULL,"
	" coalesce(document_fetched_at >= $2 AND document_fetched_at <= clock_timestamp(), false)"
	" FROM oauth.client WHERE client_id = $1 FOR UPDATE",
	.n_arguments = 2, .argument_types = {TEXTOID, TIMESTAMPTZOID}
};

static OAuthStatement revive = {
	.sql = "UPDATE oauth.client SET deleted_at = NULL, disabled_at = NULL, created_at = now()"
	" WHERE client_id = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement note = {
	.sql = "UPDATE oauth.client SET document_fetched_at = $2 WHERE client_id = $1",
	.n_arguments = 2, .argument_types = {TEXTOID, TIMESTAMPTZOID}
};

static OAuthStatement adopt = {
	.sql = "UPDATE oauth.client SET is_document = false, document_fetched_at = NULL"
	" WHERE client_id = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement forget_consents = {
	.sql = "DELETE FROM oauth.consent WHERE client_id = $1",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static void
run_for_client(OAuthStatement *statement, const char *client_id)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, client_id);
	oauth_store_count(statement, &arguments);
}

/* People will be asked again whether the client may. */
void
oauth_store_forget_consents(const char *client_id)
{
	run_for_client(&forget_consents, client_id);
}

/* From now on the client is what the administrator says. */
void
oauth_store_adopt_document_client(const char *client_id)
{
	run_for_client(&adopt, client_id);
}

/* The client of before has ended, with all that it was granted. */
static void
begin_anew(const char *client_id)
{
	oauth_store_await_grants(&oauth_store_clients, client_id);
	oauth_store_end_grants_of_client(client_id, "client was deleted");
	oauth_store_forget_consents(client_id);
	run_for_client(&revive, client_id);
}

/* Whether the row that is there is to be written; holds it. */
static bool
hold_known(OAuthArguments *arguments, const char *client_id)
{
	bool		is_found = oauth_store_run(&hold, arguments) > 0;
	bool		is_to_be_written = is_found && oauth_store_bool(0, 1) && !oauth_store_bool(0, 3);
	bool		is_deleted = is_found && oauth_store_bool(0, 1) && oauth_store_bool(0, 2);

	oauth_store_end();
	if (is_deleted)
		begin_anew(client_id);
	return is_to_be_written || is_deleted;
}

/*
 * Holds the row of the client, which may be new, for the document of that time.  False if there is
 * nothing to be written: another session has read the document meanwhile, or an administrator has
 * registered the client.
 */
bool
oauth_store_begin_document_client(const char *client_id, TimestampTz fetched_at)
{
	OAuthArguments one = {0};
	OAuthArguments both = {0};

	oauth_add_text(&one, client_id);
	oauth_add_text(&both, client_id);
	oauth_add_timestamp(&both, fetched_at);
	if (oauth_store_count(&add, &one) == 0)
	{
		oauth_store_await_grants(&oauth_store_clients, client_id);
		if (!hold_known(&both, client_id))
			return false;
	}
	oauth_store_count(&note, &both);
	return true;
}
