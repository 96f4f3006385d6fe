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
#include "audit/audit.h"
#include "crypto/crypto.h"
#include "oauth1/oauth1.h"
#include "setting.h"
#include "store/oauth1.h"

#include "libpq/pqformat.h"

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
	uint8		hash[OAUTH_HASH_LENGTH];

	if (llabs(timestamp - oauth_unix_now()) > oauth_setting_timestamp_window)
		return OAUTH_NONCE_STALE;
	hash_nonce(client_id, token_handle, nonce, hash);
	return oauth_replay_use(timestamp, hash);
}
