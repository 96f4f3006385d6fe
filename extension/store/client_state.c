/*
 * client_state.c
 *		SQL of what becomes of a client: another secret, disabled, enabled, deleted.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "store/client.h"
#include "store/statement.h"
#include "store/token.h"

/*
 * A secret that was imported as a hash of another provider, and not used here yet, has no digest
 * that could overlap.
 */
static OAuthStatement rotate_secret =
{.sql = "UPDATE oauth.client SET secret_hash = $2, secret_sealed = $3, secret_set_at = now(), "
	"updated_at = now(),"
	" imported_secret_hash = NULL,"
	" old_secret_hash = CASE WHEN $4 > now() THEN secret_hash END,"
	" old_secret_sealed = CASE WHEN $4 > now() THEN secret_sealed END,"
	" old_secret_expires_at = CASE WHEN $4 > now() AND secret_hash IS NOT NULL THEN $4 END"
	" WHERE client_id = $1 AND deleted_at IS NULL",
	.n_arguments = 4,
.argument_types = {TEXTOID, BYTEAOID, BYTEAOID, TIMESTAMPTZOID}};

static OAuthStatement disable_client = {.sql = "UPDATE oauth.client SET disabled_at = now(), "
	"updated_at = now() WHERE client_id = $1 AND "
	"disabled_at IS NULL",
	.n_arguments = 1,
.argument_types = {TEXTOID}};

/*
 * A new grant holds its client.  Grants that were under way when the client was disabled are waited
 * for (oauth_store_await_grants(), and FOR UPDATE for those that lock its row), so that they are
 * seen and ended; disabling itself waits for nobody.
 */
static OAuthStatement enable_client = {
	.sql = "UPDATE oauth.client SET disabled_at = NULL, updated_at = now()"
	" WHERE client_id = (SELECT c.client_id FROM oauth.client c WHERE c.client_id = $1 FOR UPDATE)"
	" AND disabled_at IS NOT NULL AND deleted_at IS NULL",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

static OAuthStatement delete_client = {
	.sql = "UPDATE oauth.client SET deleted_at = now(), disabled_at = coalesce(disabled_at, now())"
	" WHERE client_id = $1 AND deleted_at IS NULL",
	.n_arguments = 1, .argument_types = {TEXTOID}
};

/*
 * secret_sealed: NULL unless the secret must be recoverable.  The previous secret works until
 * old_until, if that is in the future.
 */
bool
oauth_store_rotate_secret(const char *client_id, const char *secret, bytea *secret_sealed,
						  TimestampTz old_until)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, client_id);
	oauth_add_digest(&arguments, secret);
	oauth_add_pointer(&arguments, secret_sealed);
	oauth_add_timestamp(&arguments, old_until);
	return oauth_store_count(&rotate_secret, &arguments) > 0;
}

/* Notify listeners if the client was ended; it may have had any number of tokens. */
static bool
ended(const char *client_id, uint64 n)
{
	if (n == 0)
		return false;
	oauth_store_tell_ended(OAUTH_CLIENT_ENDED, 0, client_id);
	oauth_store_notify_revocation();
	return true;
}

bool
oauth_store_disable_client(const char *client_id)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, client_id);
	return ended(client_id, oauth_store_count(&disable_client, &arguments));
}

bool
oauth_store_enable_client(const char *client_id)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, client_id);
	oauth_store_await_grants(&oauth_store_clients, client_id);
	if (oauth_store_count(&enable_client, &arguments) == 0)
		return false;
	oauth_store_await_grants(&oauth_store_clients, client_id);
	return true;
}

bool
oauth_store_delete_client(const char *client_id)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, client_id);
	return ended(client_id, oauth_store_count(&delete_client, &arguments));
}
