/*
 * imported.c
 *		Strings that another provider issued and that work here.
 *
 * A token that is issued here contains its handle.  An imported one has a name in
 * oauth.imported_token, by its hash, which is looked up only if a string is not a token of ours:
 * that costs our tokens nothing, and an unknown string one probe of an index.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "store/token.h"
#include "token/token.h"

/*
 * Hashes a string that may be a token, and finds its handle; false, and handle 0, if it is not a
 * token of that kind.  The hash is that of its row: of the string, or for a token of Ory Hydra of
 * the digest that Hydra stored.
 */
bool
oauth_token_locate(const char *token, int length, OAuthTokenKind kind, OAuthTokenString *located)
{
	uint8		hash[OAUTH_HASH_LENGTH];

	if (oauth_token_parse(token, length, kind, located) || kind == OAUTH1_REQUEST_TOKEN ||
		oauth_token_is_ours(token, length))
		return located->handle > 0;
	located->handle = oauth_store_imported_handle(located->hash, false);
	if (located->handle == 0 && oauth_hydra_signature_hash(token, length, hash))
	{
		memcpy(located->hash, hash, OAUTH_HASH_LENGTH);
		located->handle = oauth_store_imported_handle(hash, true);
	}
	return located->handle > 0;
}
