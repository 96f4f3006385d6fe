/*
 * find.c
 *		Finding tokens by their strings, issued here or imported.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "crypto/crypto.h"
#include "store/oauth1.h"
#include "store/token.h"
#include "token/token.h"

/* The living access token with that string, or NULL. */
OAuthToken *
oauth_find_access_token(const char *token, int length)
{
	OAuthTokenString string;

	return oauth_token_locate(token, length, OAUTH_ACCESS_TOKEN, &string) ?
		oauth_store_find_access_token(&string) : NULL;
}

/*
 * The refresh token with that string, in whatever state, or NULL.  read_only: for functions that
 * write nothing.
 */
OAuthRefreshToken *
oauth_find_refresh_token(const char *token, int length, bool read_only)
{
	OAuthTokenString string;

	return oauth_token_locate(token, length, OAUTH_REFRESH_TOKEN, &string) ?
		oauth_store_find_refresh_token(string.handle, string.hash, read_only) : NULL;
}

/* The OAuth 1.0a token of that name, in whatever state, or NULL. */
OAuth1Token *
oauth_find_oauth1_token(const char *token, int length)
{
	OAuthTokenString string;

	return oauth_token_locate(token, length, OAUTH1_TOKEN, &string) ?
		oauth_store_find_oauth1_token(&string) : NULL;
}
