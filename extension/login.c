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

/* The user; NULL, after one and the same time, for unknown users, wrong passwords and disabled users. */
static OAuthUser *
check(OAuthUser *user, const char *username, const char *password)
{
	if (oauth_store_users_are_mapped())
		return oauth_own_user_login(user, username, password);
	if (user != NULL)
		return oauth_password_matches(password, user->password_hash) && still_holds(user, username) ? user : NULL;
	oauth_password_burn(password);
	return NULL;
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
	OAuthUser  *found = oauth_find_user(username);
	OAuthThrottle *throttle = throttle_of(request, found, username);
	OAuthFault *fault = oauth_throttle_attempt(throttle);
	OAuthEvent	event = {.event = "login", .subject = found ? found->subject : NULL};

	if (fault != NULL)
		return fault;
	*user = check(found, username, password);
	oauth_throttle_result(throttle, *user != NULL);
	if (*user != NULL)
		event.subject = (*user)->subject;
	else
		event.fault = fault = oauth_fault(OAUTH_INVALID_GRANT, "The username or the password is wrong.");
	oauth_event_note(request, &event);
	if (fault != NULL)
		fault->is_noted = true;
	return fault;
}
