/*
 * known.c
 *		SQL of the addresses that accounts have been logged in from.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "setting.h"
#include "store/statement.h"
#include "store/user.h"

static OAuthStatement find_address = {.sql = "SELECT FROM oauth.known_address WHERE key = $1 AND "
	"last_at > now() - interval '90 days'",
	.only_reads = true,
	.n_arguments = 1,
.argument_types = {UUIDOID}};

/* Writing once a day is enough to show that the address is still in use. */
static OAuthStatement remember_address = {
	.sql = "INSERT INTO oauth.known_address AS a (key, last_at) VALUES ($1, now())"
	" ON CONFLICT (key) DO UPDATE SET last_at = excluded.last_at WHERE a.last_at <"
	" excluded.last_at - interval '1 day'",
	.n_arguments = 1, .argument_types = {UUIDOID}
};

static OAuthStatement remove_forgotten = {.sql = "DELETE FROM oauth.known_address WHERE key = ANY "
	"(ARRAY(SELECT key FROM oauth.known_address"
	" WHERE last_at < now() - interval '90 days' "
	"ORDER BY last_at LIMIT $1 FOR UPDATE SKIP "
	"LOCKED))",
	.n_arguments = 1,
.argument_types = {INT4OID}};

bool
oauth_store_knows_address(const uint8 *key)
{
	OAuthArguments arguments = {0};

	oauth_add_pointer(&arguments, key);
	return oauth_store_count(&find_address, &arguments) > 0;
}

void
oauth_store_remember_address(const uint8 *key)
{
	OAuthArguments arguments = {0};

	oauth_add_pointer(&arguments, key);
	oauth_store_count(&remember_address, &arguments);
}

int64
oauth_store_purge_known(void)
{
	OAuthArguments batch = {0};

	oauth_add_int32(&batch, oauth_setting_purge_batch);
	return (int64) oauth_store_count(&remove_forgotten, &batch);
}
