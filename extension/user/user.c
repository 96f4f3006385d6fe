/*
 * user.c
 *		Built-in users: the SQL functions that administer them.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "audit/audit.h"
#include "crypto/crypto.h"
#include "password/password.h"
#include "store/session.h"
#include "store/token.h"
#include "store/user.h"
#include "text/text.h"
#include "user/user.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(oauth_create_user);
PG_FUNCTION_INFO_V1(oauth_set_password);
PG_FUNCTION_INFO_V1(oauth_disable_user);
PG_FUNCTION_INFO_V1(oauth_enable_user);
PG_FUNCTION_INFO_V1(oauth_delete_user);

#define MAX_USERNAME	255
#define MIN_PASSWORD	8		/* characters */

/*
 * Why this cannot be a password, here and on the page; NULL if it can: it is too short, longer than
 * bcrypt reads, or looks like a hash, which other programs would take for one.
 */
const char *
oauth_password_problem(const char *password)
{
	const char *composed = oauth_password_composed(password);

	if (strncmp(composed, "$2", 2) == 0)
		return "begins with $2, as a bcrypt hash does, but is none";
	if (pg_mbstrlen(composed) < MIN_PASSWORD)
		return "has fewer than 8 characters";
	return strlen(composed) > OAUTH_MAX_BCRYPT_PASSWORD ?
		"has more than " CppAsString2(OAUTH_MAX_BCRYPT_PASSWORD) " bytes" :
		NULL;
}

/*
 * What to store for the password.  A hash that was made elsewhere is stored as it is; raises 22023
 * for an unusable password.
 */
static char *
hash_of(const char *password)
{
	bool		is_ready = oauth_password_is_ready_hash(password);
	const char *problem = is_ready ? NULL : oauth_password_problem(password);

	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the password %s", problem),
				 errhint("A password has at least %d characters, and at most %d bytes. A ready "
						 "hash begins with $2a$, $2b$ or "
						 "$2y$ and has 60 characters.",
						 MIN_PASSWORD, OAUTH_MAX_BCRYPT_PASSWORD)));
	return oauth_password_hash(is_ready ? password : oauth_password_composed(password));
}

/* The user.  Raises 42704 if there is none, 55000 if users are the application's own. */
OAuthUser *
oauth_required_user(const char *username)
{
	OAuthUser  *user;

	oauth_users_must_be_built_in();
	user = oauth_store_find_user(username);
	if (user == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("user \"%s\" does not exist", username),
				 errhint("SELECT username FROM oauth.user lists the built-in users; case does not "
						 "matter.")));
	return user;
}

static void
check_username(const char *username)
{
	char	   *problem = oauth_why_not_plain(username, MAX_USERNAME);

	if (problem == NULL)
		problem = oauth_why_no_username(username);
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the username %s", problem),
				 errhint("Give 1 to %d bytes that can all be seen: plain letters, and single "
						 "spaces at most.",
						 MAX_USERNAME)));
}

/* Raises the error that the name is taken, perhaps in another spelling. */
static void
refuse_second(const char *username)
{
	OAuthUser  *user = oauth_store_find_user(username);
	bool		is_other = user != NULL && strcmp(user->username, username) != 0;

	ereport(ERROR,
			(errcode(ERRCODE_DUPLICATE_OBJECT), errmsg("user \"%s\" already exists", username),
			 is_other ? errdetail("The user is \"%s\": names that differ only in case, width or "
								  "composition of letters are one name.",
								  user->username) :
			 0,
			 errhint("SELECT oauth_set_password(...) gives the user another password.")));
}

/* oauth_create_user(username text, password text) RETURNS text */
Datum
oauth_create_user(PG_FUNCTION_ARGS)
{
	char	   *username = oauth_argument(fcinfo, 0, "username");
	char	   *password = oauth_argument(fcinfo, 1, "password");
	char	   *subject = oauth_random_id();

	oauth_users_must_be_built_in();
	username = oauth_username_stored(username);
	check_username(username);
	if (!oauth_store_insert_user(username, subject, hash_of(password)))
		refuse_second(username);
	oauth_event_configured(NULL, subject, "user was created");
	PG_RETURN_TEXT_P(cstring_to_text(subject));
}

/*
 * Sets the password and ends the tokens and sessions of somebody who knew the old one.  False if
 * the application's table refused it.
 */
bool
oauth_user_set_password(const OAuthUser *user, const char *password)
{
	if (oauth_store_users_are_external())
		return oauth_application_user_set_password(user, password);
	oauth_store_set_password(user->username, hash_of(password));
	oauth_store_end_grants_of_subject(user->subject, "password was changed");
	oauth_store_end_sessions(user->subject);
	return true;
}

/* oauth_set_password(username text, password text) */
Datum
oauth_set_password(PG_FUNCTION_ARGS)
{
	char	   *username = oauth_argument(fcinfo, 0, "username");
	char	   *password = oauth_argument(fcinfo, 1, "password");

	OAuthUser  *user = oauth_required_user(username);

	oauth_user_set_password(user, password);
	oauth_event_configured(NULL, user->subject, "password was set");
	PG_RETURN_VOID();
}

/* oauth_disable_user(username text) RETURNS boolean */
Datum
oauth_disable_user(PG_FUNCTION_ARGS)
{
	OAuthUser  *user = oauth_required_user(oauth_argument(fcinfo, 0, "username"));

	bool		was_enabled = oauth_store_disable_subject(user->subject);

	if (was_enabled)
		oauth_event_configured(NULL, user->subject, "user was disabled");
	PG_RETURN_BOOL(was_enabled);
}

/* oauth_enable_user(username text) RETURNS boolean */
Datum
oauth_enable_user(PG_FUNCTION_ARGS)
{
	OAuthUser  *user = oauth_required_user(oauth_argument(fcinfo, 0, "username"));
	bool		was_disabled = oauth_store_enable_subject(user->subject);

	if (was_disabled)
	{
		oauth_store_end_grants_of_subject(user->subject, "user was disabled");
		oauth_store_end_dead_sessions(user->subject);
		oauth_event_configured(NULL, user->subject, "user was enabled");
	}
	PG_RETURN_BOOL(was_disabled);
}

/* oauth_delete_user(username text) RETURNS boolean */
Datum
oauth_delete_user(PG_FUNCTION_ARGS)
{
	OAuthUser  *user = oauth_required_user(oauth_argument(fcinfo, 0, "username"));

	oauth_store_delete_user(user->username, user->subject);
	oauth_event_configured(NULL, user->subject, "user was deleted");
	PG_RETURN_BOOL(true);
}
