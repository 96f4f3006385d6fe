/*
 * login.c
 *		Check a username and password.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "http/http.h"
#include "password/password.h"
#include "setting.h"
#include "store/event.h"
#include "store/throttle.h"
#include "store/user.h"
#include "text/text.h"
#include "user/user.h"

PG_FUNCTION_INFO_V1(oauth_unlock);

/*
 * Locks the user, and checks the password once more if it was set meanwhile: hashing takes a while.
 * Setting a password ends the tokens issued under the old one, so from here on a session that sets
 * it waits until the new tokens exist and can be ended.  Another login may have stored a new hash
 * of the same password.
 */
static bool
still_holds(const OAuthUser *user, const char *password)
{
	const OAuthUser *held = oauth_store_hold_user(user->username);

	if (held == NULL || held->is_disabled)
		return false;
	return strcmp(held->password_hash, user->password_hash) == 0 ||
		oauth_password_matches(password, held->password_hash);
}

/*
 * If oauth.bcrypt_cost has changed, stores a new hash.  Nothing ends by it, because the password is
 * the same.
 */
static void
follow_cost(OAuthUser *user, const char *password)
{
	char	   *hash = oauth_password_with_cost_set(password, user->password_hash);

	if (hash != NULL && oauth_store_replace_hash(user, hash))
		user->password_hash = hash;
}

/*
 * The user; NULL, after the same time in each case, for unknown users, wrong passwords and disabled
 * users.
 */
static OAuthUser *
check_built_in(OAuthUser *user, const char *password, const uint8 *place)
{
	char	   *stand_in = oauth_store_hash_at(place);

	if (user == NULL)
	{
		oauth_password_dummy_check(password, stand_in);
		return NULL;
	}
	if (!oauth_password_matches(password, user->password_hash) || user->is_disabled)
		return NULL;
	follow_cost(user, password);
	return still_holds(user, password) ? user : NULL;
}

static OAuthUser *
check_password(OAuthUser *user, const char *username, const char *password)
{
	uint8		place[OAUTH_HASH_LENGTH];

	oauth_stand_in(oauth_username_key(username), place);
	if (oauth_store_users_are_external())
		return oauth_application_user_login(user, username, password, place);
	return check_built_in(user, password, place);
}

/*
 * Tries the password as it was typed, and then composed (RFC 8265, section 4.2): a hash may be
 * older than that rule, or the application's.  The number of comparisons depends on what was typed,
 * and on nothing that is stored.  A function of the application is called once, with what was
 * typed.
 */
static OAuthUser *
check_as_typed(OAuthUser *user, const char *username, const char *password)
{
	char	   *composed = oauth_password_composed(password);
	OAuthUser  *result = check_password(user, username, password);

	if (result == NULL && strcmp(composed, password) != 0 && !oauth_own_users_have_function())
		result = check_password(user, username, composed);
	return result;
}

/*
 * The name that attempts are counted under; attempts at an unknown name are counted as well, in one
 * spelling.
 */
static OAuthThrottle *
throttle_of(const OAuthRequest *request, const OAuthUser *user, const char *username)
{
	return oauth_throttle(request, "password", user ? user->subject : oauth_username_key(username),
						  user != NULL, oauth_setting_failed_attempts);
}

/*
 * Counts the attempt under a known browser or address, and otherwise in general.  A fault if it
 * comes too early.
 */
static OAuthFault *
count_attempt(const OAuthRequest *request, const OAuthUser *user, OAuthThrottle **throttle)
{
	char	   *browser = user ? oauth_known_browser(request, user) : NULL;
	OAuthThrottle *own;

	if (browser != NULL)
	{
		own = oauth_throttle_of_browser(*throttle, user->subject, browser);
		if (oauth_throttle_lets_in(own))
		{
			*throttle = own;
			return NULL;
		}
	}
	if (oauth_known_address(*throttle, user))
		*throttle = oauth_throttle_at_known_address(*throttle, user->subject);
	return oauth_throttle_attempt(*throttle);
}

/* Says in the audit log that nobody was logged in. */
static OAuthFault *
note_refusal(const OAuthRequest *request, const OAuthUser *user, const char *description)
{
	OAuthFault *fault = oauth_fault(OAUTH_INVALID_GRANT, description);
	OAuthEvent	event = {
		.event = "login", .subject = user ? user->subject : NULL, .fault = fault
	};

	oauth_event_note(request, &event);
	fault->is_noted = true;
	return fault;
}

/*
 * The first step of a login on the pages: finds the user.  A fault for unknown users, wrong
 * passwords and disabled users, and for attempts that come too early.  The caller asks for the
 * second factor, and then calls oauth_login_complete().
 */
OAuthFault *
oauth_login_password(const OAuthRequest *request, const char *username, const char *password,
					 OAuthUser **user)
{
	OAuthUser  *found = oauth_find_user(username);
	OAuthThrottle *throttle = throttle_of(request, found, username);
	OAuthFault *fault = count_attempt(request, found, &throttle);

	if (fault != NULL)
		return fault;
	*user = check_as_typed(found, username, password);
	oauth_throttle_result(throttle, *user != NULL);
	if (*user == NULL)
		return note_refusal(request, found, "The username or the password is wrong.");
	return NULL;
}

/*
 * Notes that the subject is logged in.  user: who typed the password, NULL if nobody did, so that
 * the address is not learned.
 */
void
oauth_login_complete(const OAuthRequest *request, const char *subject, const OAuthUser *user,
					 const char *detail)
{
	OAuthEvent	event = {.event = "login", .subject = subject, .detail = detail};

	if (user != NULL)
		oauth_remember_address(throttle_of(request, user, user->username), user);
	oauth_event_note(request, &event);
}

/*
 * A login by the password alone, where no page can ask for more.  The same faults, and one for
 * users who have, or must have, a second factor.
 */
OAuthFault *
oauth_login(const OAuthRequest *request, const char *username, const char *password,
			OAuthUser **user)
{
	OAuthFault *fault = oauth_login_password(request, username, password, user);
	OAuthSecondFactor factor;

	if (fault != NULL)
		return fault;
	factor = oauth_second_factor((*user)->subject);
	if (factor == OAUTH_FACTOR_CONFIRMED || factor == OAUTH_FACTOR_MISSING)
		return note_refusal(request, *user, "The user logs in with a second factor, for which "
							"only the login page asks.");
	oauth_login_complete(request, (*user)->subject, *user, NULL);
	return NULL;
}

/* oauth_unlock(account text) RETURNS boolean */
Datum
oauth_unlock(PG_FUNCTION_ARGS)
{
	char	   *account = oauth_argument(fcinfo, 0, "account");
	OAuthUser  *user = oauth_find_user(account);
	bool		was_counted = oauth_store_forget_account(user ? user->subject : account) > 0;

	if (was_counted)
		oauth_event_configured(NULL, NULL,
							   psprintf("failed attempts of %s were forgotten",
										user ? user->subject : account));
	PG_RETURN_BOOL(was_counted);
}
