/*
 * login.c
 *		Whose are this name and this password?
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "oauth.h"

#include "catalog/pg_collation.h"
#include "utils/formatting.h"

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

/* After one and the same time for unknown users, wrong passwords and disabled users. */
static bool
is_right(const OAuthUser *user, const char *username, const char *password)
{
	if (user != NULL)
		return oauth_password_matches(password, user->password_hash) && still_holds(user, username);
	oauth_password_burn(password);
	return false;
}

/* Attempts at a name that nobody has are counted as well, in whatever case it is typed. */
static OAuthThrottle *
throttle_of(const OAuthRequest *request, const OAuthUser *user, const char *username)
{
	const char *account = user ? user->subject : str_tolower(username, strlen(username), DEFAULT_COLLATION_OID);

	return oauth_throttle(request, "password", account, user != NULL, oauth_setting_failed_attempts);
}

/* Finds the user.  A fault for unknown users, wrong passwords and disabled users, and for attempts that come too early. */
OAuthFault *
oauth_login(const OAuthRequest *request, const char *username, const char *password, OAuthUser **user)
{
	OAuthUser  *found = oauth_store_find_user(username);
	OAuthThrottle *throttle = throttle_of(request, found, username);
	OAuthFault *fault = oauth_throttle_attempt(throttle);
	OAuthEvent	event = {.event = "login", .subject = found ? found->subject : NULL};
	bool		was_right;

	if (fault != NULL)
		return fault;
	was_right = is_right(found, username, password);
	oauth_throttle_result(throttle, was_right);
	if (was_right)
		*user = found;
	else
		event.fault = fault = oauth_fault(OAUTH_INVALID_GRANT, "The username or the password is wrong.");
	oauth_event_note(request, &event);
	if (fault != NULL)
		fault->is_noted = true;
	return fault;
}
