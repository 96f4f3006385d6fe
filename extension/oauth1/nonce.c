/*
 * nonce.c
 *		Timestamp and nonce of a signed request (RFC 5849, section 3.3).
 *
 * "The nonce value MUST be unique across all requests with the same timestamp, client credentials,
 * and token combinations."  Call this once the signature holds, so that a stranger can neither use
 * up a nonce nor fill the tables.  Timestamps need not rise from request to request, as OAuth Core
 * 1.0 demanded: RFC 5849 dropped that.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "oauth1/oauth1.h"
#include "store/store.h"

#include "datatype/timestamp.h"
#include "libpq/pqformat.h"

static OAuthNonceWindow
current_window(void)
{
	int64		now = GetCurrentTimestamp() / USECS_PER_SEC +
		(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (int64) SECS_PER_DAY;
	OAuthNonceWindow window = {
		.earliest = now - oauth_setting_timestamp_window,
		.latest = now + oauth_setting_timestamp_window,
		.seconds = oauth_setting_timestamp_window
	};

	return window;
}

/*
 * A digest of everything that a nonce must be unique among; each part has a fixed length, or is
 * preceded by it.
 */
static void
hash_nonce(const char *client_id, int64 token_handle, const char *nonce, uint8 *hash)
{
	StringInfoData parts;

	initStringInfo(&parts);
	pq_sendint64(&parts, token_handle);
	pq_sendint32(&parts, strlen(client_id));
	appendStringInfoString(&parts, client_id);
	appendStringInfoString(&parts, nonce);
	oauth_sha256(parts.data, parts.len, hash);
	pfree(parts.data);
}

/*
 * Uses up the nonce of a request whose signature held.  token_handle is 0 without a token;
 * timestamp counts from 1970.
 *
 * "To avoid the need to retain an infinite number of nonce values for future checks, servers MAY
 * choose to restrict the time period after which a request with an old timestamp is rejected."
 * Future timestamps are refused too: their nonces would have to be kept until then.
 */
OAuthNonceResult
oauth1_nonce_use(const char *client_id, int64 token_handle, int64 timestamp, const char *nonce)
{
	OAuthNonceWindow window = current_window();
	uint8		hash[OAUTH_HASH_LENGTH];

	if (timestamp < window.earliest || timestamp > window.latest)
		return OAUTH1_NONCE_STALE;
	hash_nonce(client_id, token_handle, nonce, hash);
	return oauth_store_use_nonce(timestamp, hash, &window);
}

/* Removes the nonces that are too old to be replayed. */
void
oauth1_nonce_purge(void)
{
	OAuthNonceWindow window = current_window();

	oauth_store_purge_nonces(&window);
}
