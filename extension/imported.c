/*
 * imported.c
 *		Strings that another provider issued, and that go on working here.
 *
 * A token that is made here has its handle in it.  One that was imported has a name in oauth.imported_token, by its hash,
 * which is looked at only when a string is no token of ours: that costs those nothing, and a string of nobody's one probe
 * of an index.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

/* Hashes a string that may be a token, and finds its handle; 0 if it is none of that kind. */
void
oauth_token_locate(const char *token, int length, OAuthTokenKind kind, OAuthTokenString *located)
{
	oauth_token_parse(token, length, kind, located);
	if (located->handle == 0 && kind != OAUTH1_REQUEST_TOKEN && !oauth_token_is_ours(token, length))
		located->handle = oauth_store_imported_handle(located->hash);
}
