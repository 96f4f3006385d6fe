/*
 * login.c
 *		Whose are this name and this password?
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

/*
 * Setting a password ends the tokens issued under the old one.  Hashing takes a while, in which that may have happened;
 * from here on it waits until these tokens are there to be ended.
 */
static bool
still_holds(const OAuthUser *user, const char *username)
{
	const OAuthUser *held = oauth_store_hold_user(username);

	return held != NULL && !held->is_disabled && strcmp(held->password_hash, user->password_hash) == 0;
}

/* The user; NULL, after one and the same time, for unknown users, wrong passwords and disabled users. */
OAuthUser *
oauth_login(const char *username, const char *password)
{
	OAuthUser  *user = oauth_store_find_user(username);
	bool		matches = false;

	if (user == NULL)
		oauth_password_burn(password);
	else
		matches = oauth_password_matches(password, user->password_hash);
	return matches && still_holds(user, username) ? user : NULL;
}
