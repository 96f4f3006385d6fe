/*
 * registration.c
 *		SQL of clients that register themselves.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "setting.h"
#include "store/client.h"
#include "store/statement.h"

static OAuthStatement insert_initial_token = {.sql = "INSERT INTO oauth.initial_access_token "
	"(handle, token_hash, uses_left, expires_at) "
	"VALUES ($1, $2, $3, $4)",
	.n_arguments = 4,
	.argument_types = {INT8OID, BYTEAOID, INT4OID,
TIMESTAMPTZOID}};

static OAuthStatement find_initial_token = {.sql = "SELECT FROM oauth.initial_access_token WHERE "
	"handle = $1 AND token_hash = $2 AND uses_left "
	"> 0"
	" AND expires_at > clock_timestamp()",
	.n_arguments = 2,
.argument_types = {INT8OID, BYTEAOID}};

/* Only as many sessions win as the token has uses left. */
static OAuthStatement use_initial_token = {.sql = "UPDATE oauth.initial_access_token SET uses_left "
	"= uses_left - 1 WHERE handle = $1 AND uses_left "
	"> 0"
	" AND expires_at > clock_timestamp()",
	.n_arguments = 1,
.argument_types = {INT8OID}};

static OAuthStatement set_registration_token = {.sql = "UPDATE oauth.client SET "
	"registration_token_hash = $2, vouched_at = "
	"CASE WHEN $3 THEN now() END"
	" WHERE client_id = $1",
	.n_arguments = 3,
.argument_types = {TEXTOID, BYTEAOID, BOOLOID}};

static OAuthStatement hold_registration = {.sql = "SELECT FROM oauth.client WHERE client_id = $1 "
	"AND registration_token_hash = $2 AND "
	"disabled_at IS NULL"
	" FOR NO KEY UPDATE",
	.n_arguments = 2,
.argument_types = {TEXTOID, BYTEAOID}};

/* A client this recent may have its first user on the consent page. */
#define IS_OLD(updated_at) updated_at " < now() - interval '10 minutes'"

/*
 * Clients that registered themselves, or come from a metadata document, and have no grant, except
 * for the newest ones, and for those with an initial access token, of which a stranger cannot make
 * more.  Recent clients are removed only if all are recent.  A client that is locked, or has its
 * first grant under way, is left for next time, so that two sessions do not wait for each other.
 */
static OAuthStatement hold_oldest = {
	.sql = "SELECT l.client_id FROM oauth.client l WHERE l.client_id = ANY"
	" (ARRAY(SELECT client_id FROM (SELECT client_id, updated_at, min(updated_at) OVER () AS oldest"
	" FROM (SELECT c.client_id, c.updated_at FROM oauth.client c"
	" WHERE (c.registration_token_hash IS NOT NULL OR c.is_document AND c.disabled_at IS NULL)"
	" AND c.deleted_at IS NULL AND c.vouched_at IS NULL"
	" AND NOT EXISTS (SELECT FROM oauth.grant g WHERE g.client_id = c.client_id)"
	" ORDER BY c.updated_at DESC, c.created_at DESC OFFSET $1) too_many) o"
	" WHERE " IS_OLD("updated_at") " OR NOT " IS_OLD("oldest")
	" ORDER BY updated_at LIMIT $2)) FOR UPDATE SKIP LOCKED",
	.n_arguments = 2, .argument_types = {INT8OID, INT4OID}
};

static OAuthStatement delete_oldest = {
	.sql = "UPDATE oauth.client SET deleted_at = now(), disabled_at = coalesce(disabled_at, now())"
	" WHERE client_id = ANY ($1)",
	.n_arguments = 1, .argument_types = {TEXTARRAYOID}
};

/*
 * Keeps at most limit clients that registered without an initial access token and have no grant (0:
 * any number).  Looking at all of them at each registration would be slow, so this happens once for
 * every hundredth part of the limit, or after a while.
 */
void
oauth_store_make_room(int limit, bool is_time)
{
	static int	since = 0;
	OAuthArguments most = {0};
	OAuthArguments oldest = {0};
	List	   *idle = NIL;
	ListCell   *cell;

	oauth_add_int64(&most, limit);
	oauth_add_int32(&most, oauth_setting_purge_batch);
	if (limit == 0 || (++since < limit / 100 && !is_time))
		return;
	since = 0;
	foreach(cell, oauth_store_list(&hold_oldest, &most, oauth_store_first_string))
		if (!oauth_store_has_grants_under_way(&oauth_store_clients, lfirst(cell)))
			idle = lappend(idle, lfirst(cell));
	oauth_add_value(&oldest, oauth_array_from_list(idle));
	if (idle != NIL)
		oauth_store_count(&delete_oldest, &oldest);
}

void
oauth_store_insert_initial_token(int64 handle, const char *token, int uses, TimestampTz expires_at)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	oauth_add_digest(&arguments, token);
	oauth_add_int32(&arguments, uses);
	oauth_add_timestamp(&arguments, expires_at);
	oauth_store_count(&insert_initial_token, &arguments);
}

bool
oauth_store_initial_token_is_good(const OAuthTokenString *token)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, token->handle);
	oauth_add_bytes(&arguments, token->hash, OAUTH_HASH_LENGTH);
	return oauth_store_count(&find_initial_token, &arguments) > 0;
}

bool
oauth_store_use_initial_token(int64 handle)
{
	OAuthArguments arguments = {0};

	oauth_add_int64(&arguments, handle);
	return oauth_store_count(&use_initial_token, &arguments) > 0;
}

/* is_vouched: it registered with an initial access token. */
void
oauth_store_set_registration_token(const char *client_id, const char *token, bool is_vouched)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, client_id);
	oauth_add_digest(&arguments, token);
	oauth_add_bool(&arguments, is_vouched);
	oauth_store_count(&set_registration_token, &arguments);
}

/*
 * Whether this is the registration token of the client; locks the client until the transaction
 * ends.
 */
bool
oauth_store_hold_registration(const char *client_id, const uint8 *token_hash)
{
	OAuthArguments arguments = {0};

	oauth_add_text(&arguments, client_id);
	oauth_add_bytes(&arguments, token_hash, OAUTH_HASH_LENGTH);
	return oauth_store_count(&hold_registration, &arguments) > 0;
}
