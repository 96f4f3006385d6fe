/*
 * application_user.c
 *		Users of the application's own table or view (oauth_use_users): logging in, and their names.
 *
 * Nothing is copied: each login reads the application's row.  Its id, as text, is the subject of
 * the tokens.
 *
 * SPDX-License-Identifier: PostgreSQL
 */
#include "application/application.h"
#include "http/http.h"
#include "password/password.h"
#include "store/function.h"
#include "store/store.h"
#include "store/user.h"
#include "text/text.h"
#include "user/user.h"

#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#define N_STAND_INS 256
#define KEPT_FOR_MS 60000

/* Reject an id that a built-in user already has: those tokens stay valid and must not be shared. */
static OAuthUser *
unless_built_in(OAuthUser *user)
{
	return user != NULL && oauth_store_find_username(user->subject) == NULL ? user : NULL;
}

/*
 * The user with that name; NULL if there is none, or more than one.  The application's column
 * decides which names are equal; spaces around a typed name are ignored.
 */
OAuthUser *
oauth_find_user(const char *username)
{
	const OAuthUserSource *source;
	OAuthUser  *user;
	char	   *trimmed;

	if (!oauth_store_users_are_external())
		return oauth_store_find_user(username);
	user = oauth_application_user_by_name(source = oauth_store_user_source(), username);
	trimmed = oauth_username_trimmed(username);
	if (user == NULL && strcmp(trimmed, username) != 0)
		user = oauth_application_user_by_name(source, trimmed);
	return unless_built_in(user);
}

/* The username of the subject; NULL if it is unknown. */
char *
oauth_username(const char *subject)
{
	char	   *username = oauth_store_find_username(subject);
	OAuthUser  *user;

	if (username != NULL || !oauth_store_users_are_external())
		return username;
	user = oauth_application_user_by_id(oauth_store_user_source(), subject, true);
	return user ? user->username : NULL;
}

/* Whether the application says that a subject is active.  It is not asked about built-in users. */
bool
oauth_application_user_is_active(const char *subject)
{
	OAuthUserSource *source;
	OAuthUser  *user;

	if (oauth_store_find_username(subject) != NULL || (source = oauth_store_user_source()) == NULL)
		return true;
	user = oauth_application_user_by_id(source, subject, true);
	return user != NULL && !user->is_disabled;
}

/*
 * Raises 55000 while users are the application's own: the functions that administer built-in users
 * do not administer others.
 */
void
oauth_users_must_be_built_in(void)
{
	OAuthUserSource *source = oauth_store_users_are_external() ? oauth_store_user_source() : NULL;

	if (source != NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("users are in %s.%s", source->schema, source->name),
						errhint("Change the users there; SELECT oauth_use_builtin_users() brings "
								"the built-in ones back.")));
}

/*
 * Whether looking up a user runs code of the application, which can take any time, on a connection
 * that others wait for.
 */
bool
oauth_users_need_application_lane(void)
{
	return oauth_store_must_check_user() && oauth_response_is_other_lane(OAUTH_LANE_APPLICATION);
}

/*
 * The answer that names the lane where the application is asked; NULL: here.  A login goes to the
 * lane where passwords are checked, so that it waits only for other logins.
 */
OAuthResponse *
oauth_users_elsewhere(bool is_login)
{
	if (!is_login)
		return oauth_users_need_application_lane() ? oauth_response_lane(OAUTH_LANE_APPLICATION) :
			NULL;
	return oauth_store_must_check_user() && oauth_response_is_other_lane(OAUTH_LANE_SLOW) ?
		oauth_response_lane(OAUTH_LANE_SLOW) : NULL;
}

/*
 * The first time, locks the user's row: a session that deletes the row waits, and then finds the
 * subject that was created here and ends it.  Later the subject exists already, and the
 * application's rows are not locked.
 */
static OAuthUser *
find_active(const OAuthUserSource *source, const char *subject)
{
	bool		is_first = !oauth_store_has_subject(subject) &&
		oauth_store_user_source_can_tell(source->relation);
	OAuthUser  *user = is_first ? oauth_application_user_lock(source, subject) :
		oauth_application_user_by_id(source, subject, false);

	return user != NULL && !user->is_disabled ? unless_built_in(user) : NULL;
}

/*
 * The user with that id, for whom tokens can be issued in this transaction; NULL if there is no
 * active one.
 *
 * The user is looked up again once the subject is locked.  A session that deactivates the user
 * meanwhile ends the subject; one that changes the password waits for this transaction, or this
 * transaction has waited for it.
 */
OAuthUser *
oauth_application_user_hold(const char *subject)
{
	const OAuthUserSource *source = oauth_store_user_source();
	OAuthUser  *user;

	if (find_active(source, subject) == NULL)
		return NULL;
	if (oauth_store_use_subject(subject))
		oauth_store_revive_subject(subject);
	if (oauth_store_hold_subject(subject))
		return NULL;
	user = oauth_application_user_by_id(source, subject, false);
	return user != NULL && !user->is_disabled ? user : NULL;
}

/*
 * Sample hashes, sorted by cost, in which each cost is as frequent as among the users.  They are
 * kept for a minute, because reading a thousand rows takes as long as some hashes.
 */
typedef struct StandIns
{
	MemoryContext memory;
	char	   *of;				/* the relation and the columns that they came from */
	TimestampTz looked_at;
	int			n;
	char	   *hashes[N_STAND_INS];
} StandIns;

static StandIns kept;

static void
keep_stand_ins(const char *of, const List *hashes)
{
	MemoryContext old;

	if (kept.memory == NULL)
		kept.memory = AllocSetContextCreate(TopMemoryContext, "oauth stand-ins",
											ALLOCSET_SMALL_SIZES);
	kept.n = 0;
	kept.of = NULL;
	MemoryContextReset(kept.memory);
	old = MemoryContextSwitchTo(kept.memory);
	for (int i = 0; hashes != NIL && i < N_STAND_INS; i++)
	{
		int			n = (2 * i + 1) * list_length(hashes) / (2 * N_STAND_INS);

		kept.hashes[kept.n++] = pstrdup(list_nth(hashes, n));
	}
	kept.of = pstrdup(of);
	kept.looked_at = GetCurrentTimestamp();
	MemoryContextSwitchTo(old);
}

/* The hash that the password for a name without one is compared with; NULL if there is none. */
static char *
stand_in(const OAuthUserSource *source, const uint8 *place)
{
	char	   *of = psprintf("%s.%s %s %s %d", quote_identifier(source->schema),
							  quote_identifier(source->name),
							  source->password ? quote_identifier(source->password) : "",
							  source->scheme, source->allow_legacy);

	if (kept.of == NULL || strcmp(kept.of, of) != 0 ||
		TimestampDifferenceExceeds(kept.looked_at, GetCurrentTimestamp(), KEPT_FOR_MS))
		keep_stand_ins(of, oauth_password_by_cost(oauth_application_user_hashes(source),
												  source->scheme, source->allow_legacy));
	return kept.n > 0 ? kept.hashes[place[0] * kept.n / 256] : NULL;
}

/* Takes the time of a comparison. */
static void
burn(const OAuthUserSource *source, const char *password, const char *like)
{
	if (like == NULL || oauth_password_verify(password, like, source->scheme,
											  source->allow_legacy) == OAUTH_PASSWORD_UNUSABLE)
		oauth_password_dummy_check(password, NULL);
}

/*
 * Compares the password with the user's hash.  user is NULL if there is none; like is the hash to
 * compare with then.  An empty password is never right, whatever the hash is of.
 */
static bool
is_right(const OAuthUserSource *source, const OAuthUser *user, const char *password,
		 const char *like)
{
	OAuthPasswordVerdict verdict = OAUTH_PASSWORD_UNUSABLE;

	if (user != NULL)
		verdict = oauth_password_verify(password, user->password_hash, source->scheme,
										source->allow_legacy);
	if (verdict == OAUTH_PASSWORD_UNUSABLE)
		burn(source, password, like);
	return verdict == OAUTH_PASSWORD_MATCHES && password[0] != '\0';
}

/*
 * Replaces a weak hash by a sound hash of the same password, if that is wanted and possible.  This
 * happens before the subject is locked: a session that changes the row takes these locks in the
 * same order.
 */
static void
upgrade(const OAuthUserSource *source, OAuthUser *user, const char *password)
{
	OAuthPasswordInspection look;
	char	   *hash;

	oauth_password_inspect(user->password_hash, source->scheme, source->allow_legacy, &look);
	if (source->upgrade && look.is_weak &&
		(hash = oauth_password_renew(password, user->password_hash)) != NULL &&
		oauth_application_user_replace_hash(source, user, hash))
		user->password_hash = hash;
}

/*
 * Whether the password is still that of the user, who was looked up again: another login may have
 * replaced the hash.
 */
static bool
still_holds(const OAuthUserSource *source, const OAuthUser *held, const OAuthUser *user,
			const char *password)
{
	if (held == NULL || held->password_hash == NULL)
		return false;
	return strcmp(held->password_hash, user->password_hash) == 0 ||
		is_right(source, held, password, NULL);
}

/*
 * The user for whom the application's function accepts name and password, or NULL.  A function that
 * raises an error for a wrong password must not undo the count of the attempt: otherwise nothing
 * would slow down guessing.
 */
static OAuthUser *
ask_function(const OAuthUserSource *source, const char *username, const char *password)
{
	OAuthApplicationFunction function = {.schema = source->function_schema,
		.name = source->function_name,
		.api_schema = oauth_store_api_schema()};
	NullableDatum arguments[] = {
		{.value = CStringGetTextDatum(username)}, {.value = CStringGetTextDatum(password)}
	};
	OAuthIdentity hidden;
	NullableDatum id;
	bool		has_answered;

	oauth_users_find_function(&function);
	hidden = oauth_identity_hide();
	has_answered = oauth_application_try(&function, lengthof(arguments), arguments, &id);
	oauth_identity_restore(&hidden);
	return has_answered && !id.isnull ? oauth_application_user_hold(TextDatumGetCString(id.value)) :
		NULL;
}

/* Whether a function of the application checks passwords. */
bool
oauth_own_users_have_function(void)
{
	return oauth_store_users_are_external() && oauth_store_user_source()->function_name != NULL;
}

/*
 * The user with that name and password.  NULL, after the same time in each case, for unknown users,
 * wrong passwords and inactive users.  place: of the name (stand_in.c).
 */
OAuthUser *
oauth_application_user_login(OAuthUser *user, const char *username, const char *password,
							 const uint8 *place)
{
	const OAuthUserSource *source = oauth_store_user_source();
	OAuthUser  *held;

	if (source->function_name != NULL)
		return password[0] != '\0' ?
			ask_function(source, oauth_username_trimmed(username), password) :
			NULL;
	if (!is_right(source, user, password, stand_in(source, place)) || user->is_disabled)
		return NULL;
	upgrade(source, user, password);
	held = oauth_application_user_hold(user->subject);
	return still_holds(source, held, user, password) ? held : NULL;
}

/*
 * Whether the account page can change the password: if hashes may be written, in a form that can be
 * made here.
 */
bool
oauth_user_may_change_password(const char *subject)
{
	OAuthUserSource *source;
	OAuthUser  *user;

	if (!oauth_store_users_are_external())
		return oauth_store_find_username(subject) != NULL;
	source = oauth_store_user_source();
	if (!source->upgrade)
		return false;
	user = unless_built_in(oauth_application_user_by_id(source, subject, true));
	return user != NULL && oauth_password_can_be_renewed(user->password_hash);
}

/*
 * Sets the password of a user who has just logged in, and ends everything that was issued under the
 * old one.  False if it could not be written.
 */
bool
oauth_application_user_set_password(const OAuthUser *user, const char *password)
{
	char	   *hash = oauth_password_renew(password, user->password_hash);

	if (hash == NULL || !oauth_application_user_replace_hash(oauth_store_user_source(), user, hash))
		return false;
	oauth_store_end_access(user->subject, "password was changed");
	return true;
}
